"""A disk in memory, behind the door of the storage: it remembers every call, fails at any, and shows what may be left.

The model is POSIX at its weakest, so that what passes here passes on any file system that keeps its word.

- A write is in the system's memory until `sync` of its file has returned. Of the writes not yet synced a power cut
  keeps any set, in any order: each is kept, lost, torn at any byte, or lost with its length kept (zeros).
  A call writes at most `SECTOR` bytes, so that a long write may be lost in the middle.
- A name (made, created, linked, renamed, removed) is in memory until `sync_folder` of its folder has returned. A power
  cut shows each name, whatever the others are, as it was at the last sync or at any time since. Syncing a file does not
  make its name durable, nor syncing a folder what is in its files. A rename is atomic only in that its new name is
  never without a file.
- What was synced stays. A process that is killed loses nothing of what it wrote; locks end with it.
"""

import io
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from search.engine.storage import Lock, System

SECTOR = 512
ROOT = Path("/disk")
FOLDER = 0  # number of what is no file

Picture = dict[Path, bytes | None]  # name → content; None is a folder


@dataclass(frozen=True, slots=True)
class Call:
    """One call that changes something. `file` is the number of a file, never used twice."""

    kind: str  # make create write sync sync_folder rename link remove; mark is of the test, not of the system
    path: Path = ROOT
    new: Path = ROOT
    file: int = FOLDER
    at: int = 0
    data: bytes = b""


class Disk(System):
    """A file system with one folder, `ROOT`, in which names and contents begin as the calls in `log` leave them.

    `refuse` is asked before each call, with its kind and path, and returns the error to raise, if any.
    """

    def __init__(self, log: Sequence[Call] = ()) -> None:
        self.log: list[Call] = []
        self.names_: dict[Path, int] = {ROOT: FOLDER}
        self.contents: dict[int, bytearray] = {}
        self.locks: set[Path] = set()
        self.n_calls = 0
        self.refuse: Callable[[str, Path], OSError | None] = lambda kind, path: None
        for call in log:
            self._do(call)

    @classmethod
    def showing(cls, picture: Picture) -> "Disk":
        """Return a disk with some files, all durable."""
        disk = cls()
        for path, content in sorted(picture.items()):
            if content is None:
                disk._do(Call("make", path))
            else:
                number = len(disk.contents) + 1
                disk._do(Call("create", path, file=number))
                disk._do(Call("write", path, file=number, data=content))
                disk._do(Call("sync", path, file=number))
        for folder in [path for path, number in disk.names_.items() if number == FOLDER]:
            disk._do(Call("sync_folder", folder))
        return disk

    def mark(self) -> None:
        """Note in the log that something was acknowledged."""
        self.log.append(Call("mark"))

    def content(self, path: Path) -> bytes:
        """Return what is in a file."""
        return bytes(self.contents[self._number(path)])

    def _do(self, call: Call) -> None:
        """Change names and contents as a call says."""
        self.log.append(call)
        match call.kind:
            case "make" | "create":
                self.names_[call.path] = call.file
                if call.file:
                    self.contents[call.file] = bytearray()
            case "write":
                self.contents[call.file][call.at : call.at + len(call.data)] = call.data
            case "rename":
                self.names_[call.new] = self.names_.pop(call.path)
            case "link":
                self.names_[call.new] = self.names_[call.path]
            case "remove":
                del self.names_[call.path]

    def _ask(self, kind: str, path: Path) -> None:
        self.n_calls += 1
        error = self.refuse(kind, path)
        if error:
            raise error

    def _new(self, path: Path) -> Path:
        if path in self.names_:
            raise FileExistsError(17, "File exists", str(path))
        if path.parent not in self.names_ and path.parent != path:
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return path

    def _number(self, path: Path) -> int:
        if path not in self.names_:
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return self.names_[path]

    # The calls of `System`

    def make(self, path: Path) -> None:
        self._ask("make", path)
        self._do(Call("make", self._new(path)))

    def names(self, path: Path) -> list[str]:
        self._ask("names", path)
        self._number(path)
        return [name.name for name in self.names_ if name.parent == path and name != path]

    def create(self, path: Path, mode: int = 0o644) -> io.RawIOBase:
        self._ask("create", path)
        number = max(self.contents, default=0) + 1
        self._do(Call("create", self._new(path), file=number))
        return _Handle(self, path, number, writing=True)

    def open(self, path: Path) -> io.RawIOBase:
        self._ask("open", path)
        return _Handle(self, path, self._number(path), writing=False)

    def sync(self, file: io.RawIOBase) -> None:
        assert isinstance(file, _Handle)
        self._ask("sync", file.path)
        self._do(Call("sync", file.path, file=file.number))

    def sync_folder(self, path: Path) -> None:
        self._ask("sync_folder", path)
        self._do(Call("sync_folder", path))

    def rename(self, old: Path, new: Path) -> None:
        self._ask("rename", old)
        self._do(Call("rename", old, new, self._number(old)))

    def link(self, old: Path, new: Path) -> None:
        self._ask("link", old)
        self._do(Call("link", old, self._new(new), self._number(old)))

    def remove(self, path: Path) -> None:
        self._ask("remove", path)
        self._number(path)
        self._do(Call("remove", path))

    def map(self, file: io.RawIOBase) -> bytes:
        assert isinstance(file, _Handle)
        self._ask("map", file.path)
        content = bytes(self.contents[file.number])
        if not content:
            raise ValueError("cannot map an empty file")
        return content

    def lock(self, path: Path) -> Lock:
        self._ask("lock", path)
        if path in self.locks:
            raise BlockingIOError(11, "Resource temporarily unavailable", str(path))
        if path not in self.names_:
            self.create(path).close()
        self.locks.add(path)
        return Lock(lambda: self.locks.discard(path), None)


class _Handle(io.RawIOBase):
    """An open file."""

    def __init__(self, disk: Disk, path: Path, number: int, *, writing: bool) -> None:
        super().__init__()
        self.path = path
        self.number = number
        self._disk = disk
        self._writing = writing
        self._at = 0

    def readable(self) -> bool:
        return not self._writing

    def writable(self) -> bool:
        return self._writing

    def readinto(self, buffer: Any) -> int:
        content = self._disk.contents[self.number][self._at : self._at + len(buffer)]
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)

    def write(self, data: Any) -> int:
        part = bytes(data[:SECTOR])
        self._disk._ask("write", self.path)
        self._disk._do(Call("write", self.path, file=self.number, at=self._at, data=part))
        self._at += len(part)
        return len(part)


class Remains:
    """What a power cut after some calls may leave.

    Args:
        log: The calls.
    """

    def __init__(self, log: Sequence[Call]) -> None:
        self._names: dict[Path, list[int | None]] = {}  # what each name may be; the last is what it is
        self._synced: dict[int, bytes] = {}
        self._unsynced: dict[int, list[Call]] = {}
        for call in log:
            self._take(call)

    def _take(self, call: Call) -> None:
        match call.kind:
            case "make" | "create":
                self._name(call.path, call.file)
                self._synced.setdefault(call.file, b"")
            case "write":
                self._unsynced.setdefault(call.file, []).append(call)
            case "sync":
                writes = self._unsynced.pop(call.file, [])
                self._synced[call.file] = _written(self._synced[call.file], [(w, len(w.data), True) for w in writes])
            case "rename":
                self._name(call.new, call.file)
                self._name(call.path, None)
            case "link":
                self._name(call.new, call.file)
            case "remove":
                self._name(call.path, None)
            case "sync_folder":
                for path, values in self._names.items():
                    if path.parent == call.path:
                        del values[:-1]

    def _name(self, path: Path, file: int | None) -> None:
        values = self._names.setdefault(path, [None])
        if file in values:
            values.remove(file)
        values.append(file)

    def _fates(self, write: Call) -> Iterator[tuple[Call, int, bool]]:
        """Yield how a write may end: how many bytes of it are there, and whether its length is."""
        for n in range(len(write.data) + 1):
            yield write, n, False
        yield write, 0, True

    @property
    def n(self) -> int:
        """How many pictures there are, some of them alike."""
        n = 1
        for values in self._names.values():
            n *= len(values)
        for writes in self._unsynced.values():
            for write in writes:
                n *= len(write.data) + 2
        return n

    def pictures(self, most: int, rng: random.Random) -> Iterator[Picture]:
        """Yield every picture, or, if there are more than `most`, that many of them at random."""
        paths = list(self._names)
        writes = [write for of_file in self._unsynced.values() for write in of_file]
        if self.n <= most:
            for values in itertools.product(*self._names.values()):
                for fates in itertools.product(*map(self._fates, writes)):
                    yield self._picture(dict(zip(paths, values, strict=True)), fates)
            return
        for _ in range(most):
            kept = rng.choice((0.0, 1.0, 0.5, rng.random()))  # how much is lost differs from picture to picture
            names = {
                path: values[-1] if rng.random() < kept else rng.choice(values[:-1] or values)
                for path, values in self._names.items()
            }
            fates = tuple(
                (write, len(write.data), True)
                if rng.random() < kept
                else (write, rng.choice((0, rng.randrange(len(write.data)))), rng.random() < 0.3)
                for write in writes
            )
            yield self._picture(names, fates)

    def _picture(self, names: dict[Path, int | None], fates: Sequence[tuple[Call, int, bool]]) -> Picture:
        picture: Picture = {}
        for path, file in sorted(names.items()):
            if file is None or not (path.parent == ROOT or path.parent in picture):
                continue
            if file == FOLDER:
                picture[path] = None
            else:
                picture[path] = _written(self._synced[file], [fate for fate in fates if fate[0].file == file])
        return picture


def _written(content: bytes, fates: Sequence[tuple[Call, int, bool]]) -> bytes:
    """Return a content after writes of which some bytes arrived, and perhaps the whole length."""
    data = bytearray(content)
    for write, n, long in fates:
        end = write.at + (len(write.data) if long else n)
        if (n or long) and len(data) < end:
            data.extend(bytes(end - len(data)))
        data[write.at : write.at + n] = write.data[:n]
    return bytes(data)
