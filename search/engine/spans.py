"""Places and spans of an article's stream, and what can be said of them without asking what stands there.

A place is `article << 32 | position`, so that neighbours are one apart and a sort or search sees both at once. All
operators on positions come down to this: spans that follow each other (`prolonged`), the nearest span of another kind
(`following`, `preceding`), and how many borders lie before a place (`cells`): what lies between the same borders is in
the same sentence, or paragraph.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search import runs

Places = NDArray[np.int64]
Marks = NDArray[np.bool_]

HIGH = 32
POSITION = (1 << HIGH) - 1
NONE: Places = np.zeros(0, np.int64)
FAR: np.int64 = np.int64(1 << 62)  # behind all places


class Spans(NamedTuple):
    """Where something stands: first and last place, ascending by the first."""

    starts: Places
    ends: Places

    def only(self, kept: NDArray[Any]) -> "Spans":
        """Return some of the spans: bool (spans,), or numbers of spans, ascending."""
        return Spans(self.starts[kept], self.ends[kept])


def articles(places: Places) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the articles of places, each as often as it comes anew, and of each place which of these is its own."""
    docs = places >> HIGH
    first = runs.begins(docs)
    return docs[first], np.arange(len(first)).repeat(runs.sizes(first, len(docs)))


def join(spans: list[Spans]) -> Spans:
    """Return spans of several kinds as one, each once."""
    if len(spans) == 1:
        return spans[0]
    starts = np.concatenate([NONE, *(each.starts for each in spans)])
    ends = np.concatenate([NONE, *(each.ends for each in spans)])
    return distinct(starts, ends)


def distinct(starts: Places, ends: Places) -> Spans:
    """Return spans in order, each once."""
    order = np.lexsort((ends, starts))
    starts, ends = starts[order], ends[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (starts[1:] != starts[:-1]) | (ends[1:] != ends[:-1])
    return Spans(starts[new], ends[new])


def prolonged(spans: Spans, places: Places, slop: int) -> Spans:
    """Return each span with each place, as its new end, that stands at most `slop` positions behind the old one."""
    low = np.searchsorted(places, spans.ends + 1)
    n = np.searchsorted(places, spans.ends + slop, side="right") - low
    which = np.repeat(np.arange(len(n)), n)
    return Spans(spans.starts[which], places[np.arange(len(which)) - (np.cumsum(n) - n)[which] + low[which]])


def following(spans: Spans, others: Spans) -> Places:
    """Return, for each span, the first start of another behind its end; `FAR` if there is none."""
    return np.append(others.starts, FAR)[np.searchsorted(others.starts, spans.ends + 1)]


def preceding(spans: Spans, others: Spans) -> Places:
    """Return, for each span, the last end of another before its start; `-FAR` if there is none."""
    ends = np.sort(others.ends)
    return np.append(-FAR, ends)[np.searchsorted(ends, spans.starts)]


def cells(places: Places, borders: Places) -> NDArray[np.int64]:
    """Return how many of some borders, ascending, lie before each place; one at the place itself lies behind it."""
    return np.searchsorted(borders, places)


def counted(places: Places) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the articles in which some places are, ascending, and how many; each place counts once."""
    return np.unique(runs.distinct(places) >> HIGH, return_counts=True)
