"""Which segments become one: so that each is at least as large as all smaller ones together, as far as memory allows.

Their number stays logarithmic, and so does the number of times an article is rewritten.
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


def chosen(parts: Sequence[Part], memory: int, *, compact: bool) -> list[int]:
    """Return which parts to merge, ascending, or one to rewrite without its deleted articles; none if all is well.

    Args:
        parts: Each with articles that live.
        memory: Bytes that merging may take, about.
        compact: Whether everything is to be one segment, whatever memory that takes.
    """
    order = sorted(range(len(parts)), key=lambda number: parts[number].size)
    some: list[int] = []
    if compact and _can_be_one(parts):
        some = order if len(order) > 1 or any(len(part.dead) for part in parts) else []
    else:
        smaller = [0, *accumulate(parts[number].size for number in order)]
        for at in range(len(order) - 1, 0, -1):
            group = [parts[number] for number in order[: at + 1]]
            if group[-1].size < smaller[at] and _can_be_one(group) and _cost(group) <= memory:
                some = order[: at + 1]
                break
        else:
            mostly = (n for n in order if parts[n].n_living < (1 - MOSTLY_DELETED) * parts[n].entry.n_docs)
            some = [*mostly][:1]
    return sorted(some)


def compacted(
    folder: Folder,
    parts: Sequence[Part],
    memory: int,
    name: Callable[[], str],
    tell: Callable[[str], None],
    *,
    compact: bool = False,
) -> list[Part]:
    """Return parts, those without articles left out and as many merged as there are to be.

    Args:
        folder: Of the index.
        parts: Of the commit to be.
        memory, compact: As of `chosen`.
        name: Gives a name for a new file.
        tell: Called with what is being done.
    """
    parts = [part for part in parts if part.n_living]
    while numbers := chosen(parts, memory, compact=compact):
        tell(f"merging {len(numbers)} segments")
        some = [parts[number] for number in numbers]
        new = name()
        size = merge.merge(folder, new, [(part.segment, part.dead) for part in some])
        parts = [part for number, part in enumerate(parts) if number not in numbers]
        parts.append(Part.opened(folder, new, size, sum(part.n_living for part in some)))
    return parts


def _can_be_one(parts: Sequence[Part]) -> bool:
    """Return whether some segments have no more terms and articles than one can have."""
    n_terms = sum(part.segment.n_terms for part in parts)
    return n_terms <= MAX_MERGED and sum(part.n_living for part in parts) <= MAX_MERGED


def _cost(parts: Sequence[Part]) -> int:
    return merge.cost([part.segment for part in parts])
