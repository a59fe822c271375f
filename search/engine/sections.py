"""A file of named sections, written once, every byte under a checksum, read through one view that verifies.

    magic            8 bytes
    section ...      each begins at a multiple of 64, zeros between
    checksums        u32 CRC-32 of each 64 KiB block of all that stands before
    contents         JSON: {"sections": {name: [offset, bytes, dtype]}, "meta": {...}}
    end              u64 offset of the checksums, u32 bytes of contents, u32 CRC-32 of checksums, contents and this
    magic            8 bytes

All numbers are little endian. A block is verified when a byte of it is first asked for, so that opening costs the same
whatever the size; a file that is not what was written is found before its bytes are used.
"""

import json
import struct
import zlib
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from search.engine.storage import Folder, Sink
from search.errors import CorruptionError

MAGIC = b"NewsIdx\x01"
BLOCK = 16  # binary digits of the size of a checksummed block: 64 KiB cost 15 µs to verify
ALIGN = 64
AT_ONCE = 1 << 21  # numbers copied in one go
_END = struct.Struct("<QII")

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
        """Write what ties the sections together and make the file durable. Return its size in bytes."""
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


class Column:
    """One section as numbers. Whatever is handed out has been verified, is read-only, and must not outlive the file."""

    __slots__ = ("_at", "_data", "_file", "_numbers", "_width")

    def __init__(self, file: "Sections", at: int, data: Ints) -> None:
        self._file = file
        self._at = at
        self._data = data
        self._width = data.itemsize
        self._numbers = data.data

    def __len__(self) -> int:
        return len(self._data)

    def __getitem__(self, index: int) -> int:
        at = self._at + index * self._width
        self._file.touch(at, at + self._width)
        number: int = self._numbers[index]
        return number

    def bounds(self, index: int) -> tuple[int, int]:
        """Return where item `index` begins and ends, if the elements are the ends of items that follow each other."""
        if not index:
            return 0, self[0]
        at = self._at + index * self._width
        self._file.touch(at - self._width, at + self._width)
        numbers = self._numbers
        return numbers[index - 1], numbers[index]

    def span(self, start: int, stop: int) -> Ints:
        """Return elements `start` up to `stop`, in order."""
        self._file.touch(self._at + start * self._width, self._at + stop * self._width)
        return self._data[start:stop]

    def list(self, start: int, stop: int) -> list[int]:
        """Return a few elements, `start` up to `stop`, as Python numbers."""
        self._file.touch(self._at + start * self._width, self._at + stop * self._width)
        return self._numbers[start:stop].tolist()

    def numbers(self) -> memoryview:
        """Return all elements as Python numbers, for looking something up among them."""
        self._file.touch(self._at, self._at + len(self._data) * self._width)
        return self._numbers

    def bytes(self, start: int, stop: int) -> bytes:
        """Return a copy of elements `start` up to `stop` as bytes; of a section of bytes."""
        self._file.touch(self._at + start, self._at + stop)
        return self._numbers[start:stop].tobytes()

    def meets(self, start: int, stop: int) -> bool:
        """Return whether some of the section lies within bytes `start` up to `stop` of the file."""
        return self._at < stop and start < self._at + len(self._data) * self._width

    def all(self) -> Ints:
        """Return all elements."""
        return self.span(0, len(self._data))


class Sections:
    """A file of sections, mapped.

    Args:
        folder, name: Where it is.
        size: What the commit file says its size is, in bytes.

    Raises:
        CorruptionError: Size, ends or contents are not what was written.
        FileNotFoundError: It is not there.
    """

    def __init__(self, folder: Folder, name: str, size: int) -> None:
        self.name = str(folder.path / name)
        self.size = size
        self._map = folder.map(name)
        data = memoryview(self._map)
        ends = _END.size + len(MAGIC)
        if len(data) != size or size < len(MAGIC) + ends:
            raise self._damage("size", f"{size} bytes", f"{len(data)}")
        if data[:8] != MAGIC or data[-8:] != MAGIC:
            raise self._damage("ends", MAGIC.hex(), f"{data[:8].hex()} and {data[-8:].hex()}")
        end, length, crc = _END.unpack(data[-ends:-8])
        blocks = end + (1 << BLOCK) - 1 >> BLOCK
        if end + 4 * blocks + length + ends != size:
            raise self._damage("end", f"{size} bytes in all", f"{end + 4 * blocks + length + ends}")
        if (found := zlib.crc32(data[end : size - 12])) != crc:
            raise self._damage("contents", f"checksum {crc:08x}", f"{found:08x}")
        contents = json.loads(bytes(data[end + 4 * blocks : size - ends]))
        self.meta: dict[str, Any] = contents["meta"]
        self.parts: dict[str, int] = {}
        self._end = end
        self._checksums = data[end : end + 4 * blocks].cast("B")
        self._pending = bytearray(b"\1" * blocks)
        self._columns: dict[str, Column] = {}
        for part, (offset, n_bytes, dtype) in contents["sections"].items():
            kind = np.dtype(dtype)
            if offset % ALIGN or offset + n_bytes > end or n_bytes % kind.itemsize:
                raise self._damage(part, f"a section inside {end} bytes", f"{offset} + {n_bytes}")
            self.parts[part] = n_bytes
            self._columns[part] = Column(self, offset, np.frombuffer(data, kind, n_bytes // kind.itemsize, offset))

    def __getitem__(self, name: str) -> Column:
        try:
            return self._columns[name]
        except KeyError:
            raise self._damage("contents", f"a section {name}", "none") from None

    def touch(self, start: int, stop: int) -> None:
        """Verify the blocks of bytes `start` up to `stop`, those that nobody has verified yet."""
        first, last = start >> BLOCK, stop - 1 >> BLOCK
        if first == last:
            if self._pending[first]:
                self._verify(first)
        elif self._pending.find(1, first, last + 1) >= 0:
            for block in range(first, last + 1):
                if self._pending[block]:
                    self._verify(block)

    def verify(self) -> list[str]:
        """Verify every block again; return a line for each that is damaged."""
        problems = []
        for block in range(len(self._pending)):
            try:
                self._verify(block)
            except CorruptionError as error:
                problems.append(str(error))
        return problems

    def _verify(self, block: int) -> None:
        at = block << BLOCK
        found = zlib.crc32(memoryview(self._map)[at : min(at + (1 << BLOCK), self._end)])
        (expected,) = struct.unpack_from("<I", self._checksums, 4 * block)
        if found != expected:
            inside = [part for part, column in self._columns.items() if column.meets(at, at + (1 << BLOCK))]
            raise self._damage(
                f"{' '.join(inside) or 'padding'}, bytes {at} to {at + (1 << BLOCK)}",
                f"checksum {expected:08x}",
                f"{found:08x}",
            )
        self._pending[block] = 0

    def _damage(self, part: str, expected: str, found: str) -> CorruptionError:
        return CorruptionError(
            f"{self.name}: {part}: expected {expected}, found {found}; restore the index from a backup or index again"
        )

    def close(self) -> None:
        """Forget the mapping; it goes when the last array handed out has gone."""
        self._columns.clear()

    def __enter__(self) -> Self:
        return self
