"""The days on which articles appeared, by the clock of their outlets."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from search.engine.layout import UNDATED
from search.stories.membership import ALWAYS
from search.text.moments import MONTH, SECONDS_A_DAY

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def day_spans(local: Ints, precision: NDArray[np.int8]) -> Ints:
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
