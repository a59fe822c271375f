"""Places and spans of an article's stream, and what can be said of them without asking what stands there.

A place is `article << 32 | position`, so that neighbours are one apart and a sort or search sees both at once.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]

HIGH = 32
POSITION = (1 << HIGH) - 1
NONE: Places = np.zeros(0, np.int64)


class Spans(NamedTuple):
    """Where something stands: first and last place, ascending by the first."""

    starts: Places
    ends: Places


def join(spans: list[Spans]) -> Spans:
    """Return spans of several kinds as one, each once."""
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
