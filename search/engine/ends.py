"""Where items end that follow each other in a section, two bytes an item for most.

F          where each of the first items ends: up to the last one in a block that does not go with two bytes,
F_bases    where each further block of 64 items begins,
F_steps    and where in its block each further item ends
"""

from bisect import bisect_right
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.engine.sections import Sections, SectionWriter

DIGITS = 6  # binary digits of the number of items in a block
_SIZE = 1 << DIGITS
_STEPS = 1 << 16  # values of a step

Ints = NDArray[np.integer[Any]]


def ends_of(sizes: Ints) -> Ints:
    """Return running sums, in 32 bits if they fit."""
    ends = np.cumsum(sizes, dtype=np.uint64)
    return ends.astype(np.uint32) if not len(ends) or ends[-1] < 1 << 32 else ends


class Ends:
    """The ends of items, which rise.

    Args:
        file: That has the sections.
        name: Of the first of them.
        total: How many items there are.
    """

    def __init__(self, file: Sections, name: str, total: int) -> None:
        self._whole, self._bases, self._steps = (file[f"{name}{part}"] for part in ("", "_bases", "_steps"))
        self._n_whole, n = len(self._whole), len(self._steps)
        file.expect(name, f"{total} numbers", self._n_whole + n == total, self._n_whole + n)
        file.expect(
            f"{name}_bases", f"{-(-n >> DIGITS)} numbers", len(self._bases) == -(-n >> DIGITS), len(self._bases)
        )

    @staticmethod
    def write(writer: SectionWriter, name: str, sizes: Ints) -> None:
        """Write the ends of items of some sizes."""
        ends = ends_of(sizes)
        begins = (ends - sizes.astype(ends.dtype))[::_SIZE]
        far = (ends[np.minimum(np.arange(len(begins)) * _SIZE + _SIZE, len(ends)) - 1] - begins >= _STEPS).nonzero()[0]
        n_blocks = int(far[-1]) + 1 if len(far) else 0
        writer.add(name, ends[: n_blocks * _SIZE])
        writer.add(f"{name}_bases", begins[n_blocks:])
        further = ends[n_blocks * _SIZE :]
        writer.add(f"{name}_steps", (further - begins[n_blocks:].repeat(_SIZE)[: len(further)]).astype(np.uint16))

    def __len__(self) -> int:
        return self._n_whole + len(self._steps)

    def __getitem__(self, number: int) -> int:
        """Return where an item ends."""
        at = number - self._n_whole
        return self._bases[at >> DIGITS] + self._steps[at] if at >= 0 else self._whole[number]

    def bounds(self, number: int) -> tuple[int, int]:
        """Return where an item begins and ends."""
        at = number - self._n_whole
        if at < 0:
            return self._whole.bounds(number)
        base = self._bases[at >> DIGITS]
        before, end = self._steps.bounds(at)
        return base + before if at % _SIZE else base, base + end

    def find(self, place: int) -> int:
        """Return the number of the item that a place is in."""
        block = bisect_right(self._bases.numbers(), place) - 1
        if block < 0:
            return bisect_right(self._whole.numbers(), place)
        first = block << DIGITS
        steps = self._steps.list(first, min(first + _SIZE, len(self._steps)))
        return self._n_whole + first + bisect_right(steps, place - self._bases[block])

    def all(self) -> NDArray[np.int64]:
        """Return where each item ends. int64 (items,)."""
        steps = self._steps.all().astype(np.int64)
        steps += self._bases.all().astype(np.int64).repeat(_SIZE)[: len(steps)]
        return np.concatenate([self._whole.all().astype(np.int64), steps])
