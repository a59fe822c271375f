"""Numbers that are mostly zero, in byte planes under zstd; and the decompressors all of a segment shares."""

import threading
from array import array
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from search import runs
from search.engine.ends import ends_of
from search.engine.sections import Sections, SectionWriter
from search.engine.spool import Spool

Ints = NDArray[np.integer[Any]]

PLANE_BLOCK = 12  # binary digits of the number of places in a block of planes
LEVEL = 7  # of compression; 12 is 2 % smaller and takes three times as long, 3 is 20 % larger and slower to read
LARGEST = 1 << 30  # bytes that a frame may say it has; more is a lie


class Inflater(threading.local):
    """Zstandard frames to bytes. Its decompressors may not be shared: each thread has its own."""

    def __init__(self) -> None:
        self._known: dict[int, Callable[[bytes], bytes]] = {}

    def inflate(self, frame: bytes, number: int = 0, dictionary: Callable[[int], bytes] | None = None) -> bytes:
        """Return the content of a frame made with dictionary `number`, which `dictionary` gives; 0 is none.

        Raises:
            ValueError: It is no frame, or is larger than any is.
        """
        known = self._known.get(number)
        if known is None:
            data = zstandard.ZstdCompressionDict(dictionary(number - 1)) if dictionary and number else None
            known = self._known[number] = zstandard.ZstdDecompressor(dict_data=data).decompress
        try:
            if not 0 <= zstandard.frame_content_size(frame) <= LARGEST:
                raise ValueError("expected a frame with its size, found another one")
            return known(frame)
        except zstandard.ZstdError as error:
            raise ValueError(f"expected a frame, found {error}") from error


class PlanesWriter:
    """Numbers on their way to such a section, some at a time.

    Args:
        blocks: For their blocks.
    """

    def __init__(self, blocks: Spool) -> None:
        self._compress = zstandard.ZstdCompressor(level=LEVEL).compress
        self._blocks = blocks
        self._sizes = array("I")
        self._rest: Ints = np.zeros(0, np.uint8)

    def add(self, values: Ints) -> None:
        """Take the next numbers."""
        values = np.concatenate([self._rest, values]) if len(self._rest) else values
        whole = len(values) >> PLANE_BLOCK << PLANE_BLOCK
        for start in range(0, whole, 1 << PLANE_BLOCK):
            self._pack(values[start : start + (1 << PLANE_BLOCK)])
        self._rest = values[whole:].copy()

    def write(self, writer: SectionWriter, name: str) -> None:
        """Write all of them as sections `name` and `name_ends`."""
        if len(self._rest):
            self._pack(self._rest)
        writer.add(name, self._blocks.all(np.uint8))
        writer.add(f"{name}_ends", ends_of(np.array(self._sizes, np.int64)))

    def _pack(self, block: Ints) -> None:
        planes = []
        while block.any():
            planes.append(block.astype(np.uint8).tobytes())
            block = block >> 8
        packed = self._compress(b"".join(planes)) if planes else b""
        self._blocks.add(np.frombuffer(packed, np.uint8))  # a copy: what is packed keeps the room it might have taken
        self._sizes.append(len(packed))


class Planes:
    """A section of numbers that are mostly small: byte planes in zstd blocks, lowest first, as many as the block needs.

    Args:
        file: That has the sections `name` and `name_ends`.
        name: Of the section.
        total: How many numbers there are.
    """

    def __init__(self, file: Sections, name: str, total: int) -> None:
        self._blocks, self._ends = file[name], file[f"{name}_ends"]
        self._total = total
        n = -(-total >> PLANE_BLOCK)
        file.expect(f"{name}_ends", f"{n} numbers", len(self._ends) == n, len(self._ends))
        self._inflater = Inflater()

    @staticmethod
    def write(writer: SectionWriter, name: str, values: Ints) -> None:
        """Write `values` as sections `name` and `name_ends`."""
        planes = PlanesWriter(Spool())
        planes.add(values)
        planes.write(writer, name)

    def all(self, dtype: type[Any]) -> NDArray[Any]:
        """Return all numbers, as a type that holds them."""
        return self.span(0, self._total, dtype)

    def span(self, first: int, last: int, dtype: type[Any]) -> NDArray[Any]:
        """Return the numbers `first` up to `last`, as a type that holds them."""
        found = np.zeros(last - first, dtype)
        for number in range(first >> PLANE_BLOCK, -(-last >> PLANE_BLOCK)):
            begin = number << PLANE_BLOCK
            start, stop = max(first - begin, 0), min(last - begin, 1 << PLANE_BLOCK)
            part = found[begin + start - first : begin + stop - first]
            for plane, digits in enumerate(self._block(number)):
                part |= digits[start:stop].astype(dtype, copy=False) << dtype(8 * plane)
        return found

    def at(self, where: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the numbers at `where`, ascending."""
        found = np.zeros(len(where), np.int64)
        block = where >> PLANE_BLOCK
        edges = [*runs.begins(block).tolist(), len(where)]
        for first, last in pairwise(edges):
            number = int(block[first])
            inside = where[first:last] - (number << PLANE_BLOCK)
            for plane, digits in enumerate(self._block(number)):
                found[first:last] |= digits[inside].astype(np.int64) << 8 * plane
        return found

    def _block(self, number: int) -> NDArray[np.uint8]:
        """Return the planes of a block, lowest first: uint8 (planes, numbers)."""
        start, end = self._ends.bounds(number)
        size = min(1 << PLANE_BLOCK, self._total - (number << PLANE_BLOCK))
        if start == end:
            return np.zeros((0, size), np.uint8)
        return np.frombuffer(self._inflater.inflate(self._blocks.bytes(start, end)), np.uint8).reshape(-1, size)
