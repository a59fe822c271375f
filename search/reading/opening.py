"""The bytes of a file, decompressed as they are read, within bounds that a hostile file cannot move.

Compression is recognised by content: gzip, xz (and lzma's older form), zstd, each also in several members one after the
other.
"""

import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import BinaryIO, NamedTuple, Protocol, Self

import zstandard

from search.errors import ReadError
from search.model import Article

# Text of articles compresses by 3 to 10, boilerplate by 50. What grows more was made to fill memory.
MAX_RATIO = 200
FREE_OUTPUT = 1 << 20  # bytes that may come out whatever the ratio
# Compressed bytes fed in one step; zstd can turn 4 bytes into 128 KiB, so one step stays below 64 MiB.
STEP = 2 << 10
XZ_MEMORY = 512 << 20  # bytes; xz -9 needs 65 MiB
ZSTD_WINDOW = 128 << 20  # bytes; zstd --long=27
PEEK = 64 << 10


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


class Compression(NamedTuple):
    """A way to compress: the endings of its files' names, how they begin, and what undoes it."""

    endings: tuple[str, ...]
    magic: bytes
    start: Callable[[], _Decompressor]


def _start_zstd() -> _Decompressor:
    return zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).decompressobj()


COMPRESSIONS = (
    Compression((".gz",), b"\x1f\x8b\x08", lambda: zlib.decompressobj(wbits=31)),
    Compression((".xz",), b"\xfd7zXZ\x00", lambda: lzma.LZMADecompressor(memlimit=XZ_MEMORY)),
    Compression((".lzma",), b"\x5d\x00\x00", lambda: lzma.LZMADecompressor(memlimit=XZ_MEMORY)),
    Compression((".zst", ".zstd"), b"\x28\xb5\x2f\xfd", _start_zstd),
)


class Stream:
    """Bytes to be read once, from front to end, with a look ahead.

    While they are read, ValueError says that they cannot be decompressed or grow beyond all measure.

    Args:
        raw: The bytes as they are stored.
    """

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        head = raw.read(PEEK)
        stored = filter(None, chain((head,), iter(lambda: raw.read(PEEK), b"")))
        self._compression = next((c for c in COMPRESSIONS if head.startswith(c.magic)), None)
        self._parts = _decompressed(stored, self._compression.start) if self._compression else stored
        self._ahead = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._raw.close()

    def without_ending(self, name: str) -> str:
        """Return a file's name in small letters without the ending that its compression gave it."""
        name = name.lower()
        for ending in self._compression.endings if self._compression else ():
            name = name.removesuffix(ending)
        return name

    def peek(self) -> bytes:
        """Return the first bytes, at least 64 KiB if there are as many, without consuming them."""
        while len(self._ahead) < PEEK and (part := next(self._parts, b"")):
            self._ahead += part
        return self._ahead

    def parts(self) -> Iterator[bytes]:
        """Yield what has not been read, in parts that are not empty."""
        if self._ahead:
            ahead, self._ahead = self._ahead, b""
            yield ahead
        yield from self._parts


def lines(parts: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Yield the lines of bytes that come in parts, each with its newline, cut to `limit` + 1 bytes."""
    begun: list[bytes] = []  # pieces of a line whose end has not come yet
    size = 0
    for part in parts:
        *whole, last = part.split(b"\n")
        for piece in whole:
            yield (b"".join((*begun, piece, b"\n")) if begun else piece + b"\n")[: limit + 1]
            begun, size = [], 0
        if last:
            if size <= limit:
                begun.append(last)
            size += len(last)
    if begun:
        yield b"".join(begun)[: limit + 1]


def _decompressed(stored: Iterator[bytes], start: Callable[[], _Decompressor]) -> Iterator[bytes]:
    consumed = produced = 0
    member = start()
    steps = ((part[at : at + STEP], 0 if at else len(part)) for part in stored for at in range(0, len(part), STEP))
    for data, more in steps:
        consumed += more  # what is at hand: a stretch that repeats itself at the front is no bomb
        while data:
            if member.eof:
                data = data.lstrip(b"\0")  # padding between members
                if not data:
                    break
                member = start()
            try:
                part = member.decompress(data)
            except (zlib.error, lzma.LZMAError, zstandard.ZstdError) as error:
                raise ValueError(f"the compressed data are damaged ({error})") from error
            data = member.unused_data if member.eof else b""
            produced += len(part)
            if produced > max(FREE_OUTPUT, MAX_RATIO * consumed):
                raise ValueError(f"grows more than {MAX_RATIO} times when decompressed: decompress it yourself")
            if part:
                yield part
    if not member.eof:
        raise ValueError("the compressed data are cut off: fetch the file again")


def open_file(path: str) -> Stream:
    """Open a file; OSError if that fails."""
    return Stream(open(path, "rb"))


def refusals(name: str, outcomes: Callable[[], Iterator[Article | ReadError]]) -> Iterator[Article | ReadError]:
    """Yield `outcomes`; OSError (the file refuses) and ValueError (it is not what it should be) end them as errors."""
    try:
        yield from outcomes()
    except OSError as error:
        yield ReadError(name, (error.strerror or str(error)).lower())
    except ValueError as error:
        yield ReadError(name, str(error))
