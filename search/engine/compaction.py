"""Which segments become one: so that each is at least as large as all smaller ones together, as far as memory allows.

A small one is `AHEAD` times as large. Their number stays logarithmic, and so does the number of times an article is
rewritten.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.engine import merge
from search.engine.commit import FileEntry, SegmentEntry
from search.engine.layout import SLOT
from search.engine.segment import Segment
from search.engine.storage import Folder

MOSTLY_DELETED = 0.3  # share of deleted articles from which a segment is rewritten
# A small segment takes a query nearly as long as a large one, and merging it hardly longer than a commit takes anyway.
SMALL = 4_000_000  # bytes up to which it has
AHEAD = 4  # times as many of them as all smaller ones together
MAX_MERGED = (1 << SLOT) - 1  # terms and articles in a merged segment


class Part(NamedTuple):
    """A segment of a commit to be.

    `entry` names its file and how many articles it has, `dead` are the numbers of all that are deleted, ascending.
    """

    entry: SegmentEntry
    segment: Segment
    dead: NDArray[np.int64]

    @property
    def n_living(self) -> int:
        """How many of its articles live."""
        return self.entry.n_docs - len(self.dead)

    @property
    def size(self) -> int:
        """How many bytes its living articles take, about."""
        return self.entry.file.size * self.n_living // self.entry.n_docs

    def packed(self) -> list[Any]:
        """Return it as JSON can hold it."""
        return [self.entry.file.name, self.entry.file.size, self.entry.n_docs, self.dead.tolist()]

    @classmethod
    def opened(cls, folder: Folder, name: str, size: int, n_docs: int, dead: Sequence[int] = ()) -> "Part":
        """Return what `packed` packed."""
        entry = SegmentEntry(FileEntry(name, size), n_docs)
        return cls(entry, Segment(folder, name, size), np.array(dead, np.int64))


def pending(parts: Sequence[Part], memory: int, *, compact: bool, beside: bool) -> list[Part]:
    """Return the parts to merge next, or one to rewrite without its deleted articles; none if all is well.

    Args:
        parts: Of a commit to be.
        memory: Bytes that merging may take, about.
        compact: Whether everything is to be one segment, whatever memory that takes.
        beside: Whether other work goes on beside it: then large segments are to be as far ahead as small ones.
    """
    parts = sorted((part for part in parts if part.n_living), key=lambda part: part.size)
    if compact and _can_be_one(parts):
        return parts if len(parts) > 1 or any(len(part.dead) for part in parts) else []
    smaller = [0, *accumulate(part.size for part in parts)]
    for at in range(len(parts) - 1, 0, -1):
        some = parts[: at + 1]
        ahead = AHEAD if beside or some[-1].size < SMALL else 1
        if some[-1].size < ahead * smaller[at] and _can_be_one(some) and _cost(some) <= memory:
            return some
    return [part for part in parts if part.n_living < (1 - MOSTLY_DELETED) * part.entry.n_docs][:1]


def compacted(
    folder: Folder,
    parts: Sequence[Part],
    memory: int,
    name: Callable[[], str],
    tell: Callable[[str], None],
    *,
    compact: bool = False,
    beside: bool = False,
) -> list[Part]:
    """Return parts, those without articles left out and as many merged as there are to be.

    Args:
        folder: Of the index.
        parts: Of the commit to be.
        memory, compact, beside: As of `pending`.
        name: Gives a name for a new file.
        tell: Called with what is being done.
    """
    parts = [part for part in parts if part.n_living]
    while some := pending(parts, memory, compact=compact, beside=beside):
        tell(f"merging {len(some)} segments")
        names = {part.entry.file.name for part in some}
        sources = [(part.segment, part.dead) for part in parts if part.entry.file.name in names]
        new = name()
        size = merge.merge(folder, new, sources)
        parts = [part for part in parts if part.entry.file.name not in names]
        parts.append(Part.opened(folder, new, size, sum(part.n_living for part in some)))
    return parts


def _can_be_one(parts: Sequence[Part]) -> bool:
    """Return whether some segments have no more terms and articles than one can have."""
    n_terms = sum(part.segment.n_terms for part in parts)
    return n_terms <= MAX_MERGED and sum(part.n_living for part in parts) <= MAX_MERGED


def _cost(parts: Sequence[Part]) -> int:
    return merge.cost([part.segment for part in parts])
