"""A file of named sections, written once, every byte under a checksum, read through one view that verifies.

    magic            8 bytes
    section ...      each begins at a multiple of 64, zeros between
    checksums        u32 CRC-32 of each 16 KiB block of all that stands before
    contents         JSON: {"sections": {name: [offset, bytes, dtype]}, "meta": {...}}
    end              u64 offset of the checksums, u32 bytes of contents, u32 CRC-32 of checksums, contents and this
    magic            8 bytes

All numbers are little endian. A block is verified when a byte of it is first asked for, so that opening costs the same
whatever the size; a file that is not what was written is found before its bytes are used.
"""

import json
import struct
import zlib
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.engine.storage import Folder, Mapped, Sink
from search.errors import CorruptionError

MAGIC = b"NewsIdx\x01"
BLOCK = 14  # binary digits of the size of a checksummed block: 16 KiB cost 5 µs to verify
ALIGN = 64
FEW = 1 << 12  # numbers whose blocks are looked at one by one
AT_ONCE = 1 << 21  # numbers copied in one go
_END = struct.Struct("<QII")
_WIDTHS = {"|u1": 1, "<u2": 2, "<u4": 4, "<u8": 8}  # bytes of what a section may hold

Ints = NDArray[np.integer[Any]]


class SectionWriter:
    """Writes the sections of one file, front to back."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._at = 0
        self._crc = 0
        self._checksums: list[int] = []
        self._sections: dict[str, tuple[int, int, str]] = {}
        self._emit(MAGIC)

    def add(self, name: str, array: Ints) -> None:
        """Write an array as a section."""
        little = array.dtype.newbyteorder("<")
        self.begin(name, little)
        for start in range(0, len(array), AT_ONCE):
            self.append(array[start : start + AT_ONCE].astype(little, copy=False).tobytes())

    def begin(self, name: str, dtype: np.dtype[Any]) -> None:
        """Begin a section, which `append` fills."""
        self._emit(bytes(-self._at % ALIGN))
        self._sections[name] = (self._at, 0, dtype.str)

    def append(self, data: bytes | memoryview) -> None:
        """Append bytes to the section begun last."""
        name, (offset, size, dtype) = next(reversed(self._sections.items()))
        self._sections[name] = (offset, size + len(data), dtype)
        self._emit(data)

    def finish(self, meta: dict[str, Any]) -> int:
        """Write what ties the sections together and finish the file as `Sink` does. Return its size in bytes."""
        if self._at % (1 << BLOCK):
            self._checksums.append(self._crc)
        end = self._at
        checksums = np.array(self._checksums, "<u4").tobytes()
        contents = json.dumps({"sections": self._sections, "meta": meta}, sort_keys=True).encode()
        tail = checksums + contents + struct.pack("<QI", end, len(contents))
        tail += struct.pack("<I", zlib.crc32(tail)) + MAGIC
        self._sink.write(tail)
        self._sink.finish()
        return end + len(tail)

    def _emit(self, data: bytes | memoryview) -> None:
        self._sink.write(data)
        view = memoryview(data)
        while len(view):
            room = (1 << BLOCK) - self._at % (1 << BLOCK)
            part = view[:room]
            self._crc = zlib.crc32(part, self._crc)
            self._at += len(part)
            if self._at % (1 << BLOCK) == 0:
                self._checksums.append(self._crc)
                self._crc = 0
            view = view[room:]


@contextmanager
def writing(folder: Folder, name: str, *, scratch: bool = False) -> Iterator[SectionWriter]:
    """Write the new file `name` of sections, as `Folder.create` does; it is removed if an error ends that."""
    sink = folder.create(name, scratch=scratch)
    try:
        yield SectionWriter(sink)
    except BaseException:
        sink.discard()
        raise


# What numbers lead to that match their checksums and contradict each other, when they are used.
CONTRADICTIONS = (ArithmeticError, LookupError, MemoryError, ValueError)


class Blocks:
    """The checksummed blocks of a file, each verified when it is first touched.

    Columns hold on to it, and it to no column: what is not used any more is unmapped at once.

    Args:
        name: Of the file.
        data: The file.
        end: Where the blocks end and their checksums begin.
        parts: Where each section begins and ends.

    `pending` tells of each block whether it has not been verified yet; who looks there first saves a call.
    """

    def __init__(self, name: str, data: memoryview, end: int, parts: dict[str, tuple[int, int]]) -> None:
        self._name = name
        self._data = data
        self._end = end
        self._parts = parts
        self.pending = bytearray(b"\1" * (end + (1 << BLOCK) - 1 >> BLOCK))

    def touch(self, start: int, stop: int) -> None:
        """Verify the blocks of bytes `start` up to `stop`, those that nobody has verified yet."""
        first, last = start >> BLOCK, stop - 1 >> BLOCK
        if first == last:
            if self.pending[first]:
                self._verify(first)
        elif self.pending.find(1, first, last + 1) >= 0:
            for block in range(first, last + 1):
                if self.pending[block]:
                    self._verify(block)

    def trust(self) -> None:
        """Verify no block that is touched."""
        self.pending[:] = bytes(len(self.pending))

    def damaged(self) -> list[str]:
        """Verify every block again; return a line for each that is damaged."""
        problems = []
        for block in range(len(self.pending)):
            try:
                self._verify(block)
            except CorruptionError as error:
                problems.append(str(error))
        return problems

    def _verify(self, block: int) -> None:
        start = block << BLOCK
        stop = min(start + (1 << BLOCK), self._end)
        found = zlib.crc32(self._data[start:stop])
        (expected,) = struct.unpack_from("<I", self._data, self._end + 4 * block)
        if found != expected:
            inside = [part for part, (begin, end) in self._parts.items() if begin < stop and start < end]
            raise CorruptionError.at(
                self._name,
                f"{' '.join(inside) or 'padding'}, bytes {start} to {stop}: "
                f"expected checksum {expected:08x}, found {found:08x}",
            )
        self.pending[block] = 0


class Column:
    """One section as numbers. Whatever is handed out has been verified, is read-only, and must not outlive the file."""

    __slots__ = ("_at", "_blocks", "_data", "_file", "_numbers", "_pending", "_width")

    def __init__(self, blocks: Blocks, file: Mapped, at: int, data: Ints) -> None:
        self._blocks = blocks
        self._pending = blocks.pending
        self._file = file
        self._at = at
        self._data = data
        self._width = data.itemsize
        self._numbers = data.data

    def __len__(self) -> int:
        return len(self._data)

    def __getitem__(self, index: int) -> int:
        at = self._at + index * self._width
        if self._pending[at >> BLOCK]:  # sections are aligned, so that no number is in two blocks
            self._blocks.touch(at, at + self._width)
        number: int = self._numbers[index]
        return number

    def find(self, number: int) -> int | None:
        """Return the place of a number among elements that ascend, None if it is not there; few blocks are touched."""
        first, last = self._at >> BLOCK, self._at + len(self._data) * self._width >> BLOCK
        is_verified = self._pending.find(1, first, last + 1) < 0
        numbers = self._numbers if is_verified else self  # which takes ten times as long
        at = bisect_left(numbers, number)
        return at if at < len(numbers) and numbers[at] == number else None

    def bounds(self, index: int) -> tuple[int, int]:
        """Return where item `index` begins and ends, if the elements are the ends of items that follow each other."""
        if not index:
            return 0, self[0]
        at = self._at + index * self._width
        if self._pending[at - 1 >> BLOCK] or self._pending[at >> BLOCK]:
            self._blocks.touch(at - self._width, at + self._width)
        numbers = self._numbers
        return numbers[index - 1], numbers[index]

    def span(self, start: int, stop: int) -> Ints:
        """Return elements `start` up to `stop`, in order."""
        self._blocks.touch(self._at + start * self._width, self._at + stop * self._width)
        return self._data[start:stop]

    def list(self, start: int, stop: int) -> list[int]:
        """Return a few elements, `start` up to `stop`, as Python numbers."""
        self._blocks.touch(self._at + start * self._width, self._at + stop * self._width)
        return self._numbers[start:stop].tolist()

    def numbers(self) -> memoryview:
        """Return all elements as Python numbers, for looking something up among them."""
        self._blocks.touch(self._at, self._at + len(self._data) * self._width)
        return self._numbers

    def bytes(self, start: int, stop: int) -> bytes:
        """Return a copy of elements `start` up to `stop` as bytes; of a section of bytes."""
        begin, end = self._at + start, self._at + min(stop, len(self._data))
        if begin < end and (self._pending[begin >> BLOCK] or begin >> BLOCK != end - 1 >> BLOCK):
            self._blocks.touch(begin, end)
        return self._file[begin:end]

    def all(self) -> Ints:
        """Return all elements."""
        return self.span(0, len(self._data))

    def at(self, places: Ints | None) -> Ints:
        """Return the elements at some places, (places,); all if that is None."""
        if places is None:
            return self.all()
        if len(places) > FEW:
            return self.all()[places]
        self._touch(places)
        return self._data[places]

    def rising(self, places: Ints) -> Ints:
        """Return the elements at some places that ascend, (places,)."""
        if len(places):
            first, last = (self._at + int(places[at]) * self._width for at in (0, -1))
            if len(places) > FEW:
                self._blocks.touch(first, last + self._width)
            elif self._pending.find(1, first >> BLOCK, (last >> BLOCK) + 1) >= 0:
                self._touch(places)
        return self._data[places]

    def _touch(self, places: Ints) -> None:
        """Verify the blocks of some places."""
        blocks = self._at + places.astype(np.int64, copy=False) * self._width >> BLOCK
        pending = np.frombuffer(self._pending, np.bool_)[blocks]
        for block in set(blocks[pending].tolist()):
            self._blocks.touch(block << BLOCK, (block << BLOCK) + 1)

    def wide(self, base: int, n: int, places: NDArray[np.int64] | None, dtype: type[Any]) -> NDArray[Any]:
        """Return those of `n` numbers that `layout.narrow` made narrow, with `base`; `places` as of `at`."""
        if not len(self):
            return np.full(n if places is None else len(places), base, dtype)
        values = self.at(places).astype(dtype)
        if base:
            values += base
        return values


class Sections:
    """A file of sections, mapped.

    Args:
        folder, name: Where it is.
        size: What the commit file says its size is, in bytes.
        verify: Whether a block is verified when it is touched.

    Raises:
        CorruptionError: Size, ends or contents are not what was written.
        FileNotFoundError: It is not there.
    """

    def __init__(self, folder: Folder, name: str, size: int, *, verify: bool = True) -> None:
        self.name = str(folder.path / name)
        self.short_name = name
        self.size = size
        file = folder.map(name)
        self.data = data = memoryview(file)
        ends = _END.size + len(MAGIC)
        self.expect("size", f"{size} bytes", len(data) == size >= len(MAGIC) + ends, f"{len(data)}")
        self.expect("ends", MAGIC.hex(), data[:8] == data[-8:] == MAGIC, f"{data[:8].hex()} and {data[-8:].hex()}")
        end, length, crc = _END.unpack(data[-ends:-8])
        n_blocks = end + (1 << BLOCK) - 1 >> BLOCK
        whole = end + 4 * n_blocks + length + ends
        self.expect("end", f"{size} bytes in all", whole == size, f"{whole}")
        found = zlib.crc32(data[end : size - 12])
        self.expect("contents", f"checksum {crc:08x}", found == crc, f"{found:08x}")
        try:
            contents = json.loads(bytes(data[end + 4 * n_blocks : size - ends]))
            self.meta: dict[str, Any] = contents["meta"]
            extents = {part: (offset, offset + n, kind) for part, (offset, n, kind) in contents["sections"].items()}
            self.parts: dict[str, int] = {part: stop - start for part, (start, stop, _) in extents.items()}
            for part, (start, stop, kind) in extents.items():
                inside = len(MAGIC) <= start <= stop <= end and not (start % ALIGN or (stop - start) % _WIDTHS[kind])
                self.expect(part, f"a section inside {end} bytes", inside, f"{start} to {stop} of {kind}")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise CorruptionError.at(self.name, f"contents: expected sections, found {error!r}") from error
        self._blocks = Blocks(self.name, data, end, {part: extent[:2] for part, extent in extents.items()})
        if not verify:
            self._blocks.trust()
        self._columns = {
            part: Column(self._blocks, file, start, np.frombuffer(data, kind, (stop - start) // _WIDTHS[kind], start))
            for part, (start, stop, kind) in extents.items()
        }

    def expect(self, part: str, expected: str, holds: object, found: object) -> None:
        """Raise `CorruptionError` unless something holds."""
        if not holds:
            raise CorruptionError.at(self.name, f"{part}: expected {expected}, found {found}")

    def __getitem__(self, name: str) -> Column:
        try:
            return self._columns[name]
        except KeyError:
            raise CorruptionError.at(self.name, f"contents: expected a section {name}, found none") from None

    def verify(self) -> list[str]:
        """Verify every block again; return a line for each that is damaged."""
        return self._blocks.damaged()
