"""All that makes bytes durable: one folder, files written once, one file replaced by renaming, one lock.

Nothing else in the package opens, maps, renames, syncs or removes a file of an index, so that a test can put another
storage behind it and stop, forget or tear at any step.
"""

import contextlib
import errno
import mmap
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from search.errors import IndexMissingError, LockedError, StorageError

try:
    import fcntl
except ImportError:  # Windows: the lock is the exclusive creation of its file
    fcntl = None  # type: ignore[assignment]

_CURES = {
    errno.ENOSPC: "the disk is full: free some space and run the command again",
    errno.EDQUOT: "the disk quota is used up: free some space and run the command again",
    errno.EROFS: "the file system is read-only: mount it writable or choose another --index",
    errno.EACCES: "no permission: change the owner or mode, or choose another --index",
    errno.EPERM: "not permitted: change the owner or mode, or choose another --index",
    errno.EMFILE: "too many open files: raise the limit (ulimit -n) or close other indexes",
    errno.ENFILE: "too many open files on this machine: close other programs",
    errno.ELOOP: "a symbolic link stands where a file of the index belongs: remove it",
    errno.EXDEV: "the folder lies on two file systems: keep an index on one",
}


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    """Turn an operating system's refusal into a `StorageError` that says what to do. A missing file is not one."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        cure = _CURES.get(error.errno or 0, "check the file system and run the command again")
        raise StorageError(f"{path}: {error.strerror or error}; {cure}") from error


class Sink(Protocol):
    """A new file being written, front to back."""

    def write(self, data: bytes | memoryview) -> int:
        """Append `data`."""
        ...

    def finish(self) -> None:
        """Make all that was written durable and close the file."""
        ...

    def discard(self) -> None:
        """Close and remove the file."""
        ...


class _FileSink:
    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = file

    def write(self, data: bytes | memoryview) -> int:
        with _named(self._path):
            return self._file.write(data)

    def finish(self) -> None:
        with _named(self._path), self._file:
            self._file.flush()
            os.fsync(self._file.fileno())

    def discard(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        self._path.unlink(missing_ok=True)


class Lock:
    """The right to write, held by one process; the file names its process id. Freed by `release` or by its death."""

    def __init__(self, file: int, path: Path, left_by: int | None) -> None:
        self._file = file
        self._path = path
        self.left_by = left_by

    def release(self) -> None:
        """Give the right back."""
        if self._file >= 0:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = -1
            if fcntl is None:
                self._path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class Folder:
    """A folder on a local disk.

    Raises (all methods):
        StorageError: The file system refuses; the message names the file and the cure.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def make(self) -> None:
        """Create the folder and its parents, if it is not there."""
        with _named(self.path):
            try:
                self.path.mkdir(parents=True, exist_ok=True)
            except FileExistsError as error:
                raise StorageError(f"{self.path}: is a file, not a folder; choose another --index") from error

    def names(self) -> list[str]:
        """Return the names of the files in the folder, sorted.

        Raises:
            IndexMissingError: The folder is not there.
        """
        try:
            with _named(self.path):
                return sorted(path.name for path in self.path.iterdir())
        except FileNotFoundError as error:
            raise IndexMissingError(f"{self.path}: no index here; make one with: search index PATH") from error

    def create(self, name: str) -> Sink:
        """Begin a new file. It must not exist."""
        path = self.path / name
        with _named(path):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
            return _FileSink(path, os.fdopen(os.open(path, flags, 0o644), "wb", buffering=1 << 20))

    def replace(self, name: str, data: bytes) -> None:
        """Make `name` contain `data`: whole, or, whatever happens meanwhile, what it contained before."""
        beside = self.path / f"{name}.new"
        with _named(beside):
            beside.unlink(missing_ok=True)
        sink = self.create(beside.name)
        try:
            sink.write(data)
            sink.finish()
            with _named(beside):
                beside.replace(self.path / name)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        self.sync()

    def sync(self) -> None:
        """Make the folder's own entries (names of new files, renames) durable."""
        if os.name == "nt":
            return
        with _named(self.path):
            handle = os.open(self.path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def read(self, name: str) -> bytes:
        """Return the content of a small file.

        Raises:
            FileNotFoundError: It is not there.
        """
        with _named(self.path / name), self._open(name) as file:
            return file.read()

    def map(self, name: str) -> mmap.mmap:
        """Return a file as read-only memory. It stays readable when the name is removed.

        Raises:
            FileNotFoundError: It is not there.
            StorageError: It is empty, or cannot be mapped.
        """
        with _named(self.path / name), self._open(name) as file:
            if not os.fstat(file.fileno()).st_size:
                raise StorageError(f"{self.path / name}: is empty; run: search check")
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def _open(self, name: str) -> BinaryIO:
        path = self.path / name
        handle = os.open(
            path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise StorageError(f"{path}: is not a regular file; remove it")
        return os.fdopen(handle, "rb")

    def remove(self, name: str) -> None:
        """Remove a file, if it is there. Whoever has mapped it keeps it."""
        path = self.path / name
        try:
            with _named(path):
                path.unlink(missing_ok=True)
        except StorageError:
            if os.name != "nt":  # there, a mapped file cannot be removed yet: a later writer will
                raise

    def lock(self) -> Lock:
        """Take the right to write.

        Raises:
            LockedError: Another writer, named by its process id, has it.
        """
        path = self.path / "lock"
        with _named(path):
            exclusive = os.O_EXCL if fcntl is None else 0
            handle = -1
            try:
                handle = os.open(path, os.O_RDWR | os.O_CREAT | exclusive | getattr(os, "O_NOFOLLOW", 0), 0o644)
                if fcntl is not None:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, FileExistsError) as error:
                if handle >= 0:
                    os.close(handle)
                holder = path.read_text(encoding="ascii", errors="replace").strip() or "unknown"
                raise LockedError(
                    f"{self.path}: another writer (process {holder}) holds the index; wait until it ends"
                ) from error
            before = os.read(handle, 32).decode("ascii", "replace").strip()
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
            return Lock(handle, path, int(before) if before.isdigit() else None)
