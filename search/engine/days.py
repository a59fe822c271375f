"""The days on which articles appeared, by the clock of their outlets."""

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.engine.layout import UNDATED
from search.engine.segment import Segment
from search.stories.membership import ALWAYS, GONE
from search.text.moments import MONTH, SECONDS_A_DAY

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def _spans(local: Ints, precision: NDArray[np.int8]) -> Ints:
    """Return the first and the last day on which each article may have appeared, as of `membership.Days`.

    Those are all days of a month or year of which no more is known. int64 (articles, 2).

    Args:
        local: int64 (articles,), seconds since 1970 or `UNDATED`.
        precision: int8 (articles,); as of `Moment`.
    """
    first = local // SECONDS_A_DAY
    last = first.copy()
    units: tuple[tuple[Literal["M", "Y"], Bools], ...] = (("M", precision == MONTH), ("Y", precision < MONTH))
    for unit, which in units:
        if which.any():
            period: Any = first[which].astype("datetime64[D]").astype(f"datetime64[{unit}]")
            following: Any = (period + np.timedelta64(1, unit)).astype("datetime64[D]")
            last[which] = following.astype(np.int64) - 1
    found = np.stack([first, last], axis=1)
    found[local == UNDATED] = ALWAYS
    return found


def days_of(texts: Ints, sources: Iterable[tuple[Segment, Ints]]) -> Ints:
    """Return when texts appeared, as of `Days`: int64 (texts, 2).

    Args:
        texts: int64 (texts,).
        sources: Segments, with the numbers of their deleted articles, ascending.
    """
    found = np.tile(GONE, (len(texts), 1))
    for segment, dead in sources:
        which, docs = segment.sketches.find(texts)
        alive = ~runs.are_among(docs, dead)
        which, docs = which[alive], docs[alive]
        if not len(docs):
            continue
        first, last = _spans(segment.local(docs), segment.precision(docs)).T
        np.minimum.at(found[:, 0], which, first)
        np.maximum.at(found[:, 1], which, last)
    return found
