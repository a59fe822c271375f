"""All that makes bytes durable: one folder, files written once, one file replaced by renaming, one lock.

Nothing else in the package opens, maps, renames, syncs or removes a file of an index. `Folder` says what an index asks
of its files; `System` has the few calls of the operating system that this comes to, so that a test can put another one
behind it and stop, forget or tear at any call.
"""

import contextlib
import errno
import io
import mmap
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from search.errors import CorruptionError, IndexMissingError, LockedError, StorageError

try:
    import fcntl
except ImportError:  # Windows: the lock is the exclusive creation of its file
    fcntl = None  # type: ignore[assignment]  # a module elsewhere

LOCK = "lock"

Mapped = mmap.mmap | bytes  # a file's bytes

_CURES = {
    errno.ENOSPC: "the disk is full: free some space and run the command again",
    errno.EDQUOT: "the disk quota is used up: free some space and run the command again",
    errno.EFBIG: "no file may grow so large here: raise the limit (ulimit -f) or choose another folder",
    errno.EROFS: "the file system is read-only: mount it writable or choose another folder",
    errno.EACCES: "no permission: change the owner or mode, or choose another folder",
    errno.EPERM: "not permitted: change the owner or mode, or choose another folder",
    errno.EMFILE: "too many open files: raise the limit (ulimit -n) or close other indexes",
    errno.ENFILE: "too many open files on this machine: close other programs",
    errno.ENOMEM: "out of memory: close other programs",
    errno.EIO: "the disk fails: copy what is on it to another one",
    errno.ELOOP: "a symbolic link stands where a file of the index belongs: remove it",
    errno.EXDEV: "the folder lies on two file systems: keep an index on one",
    errno.EEXIST: "a file left by a writer that died is in the way: remove it",
    errno.EISDIR: "a folder stands where a file of the index belongs: move it away",
    errno.EBUSY: "something holds it, such as a mount: unmount it, or end the program that uses it",
    errno.ENOTDIR: "a file stands where the folder belongs: choose another folder",
    errno.ENOENT: "it was removed meanwhile: leave the folder of an index alone and run the command again",
}
_NO_SYNC = {errno.EACCES, errno.EPERM, errno.EINVAL, errno.EROFS}  # of a folder above that is not ours
_BUFFER = 1 << 20  # bytes handed to the system in one call
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)


@contextlib.contextmanager
def _named(path: Path, passed: type[OSError] | tuple[()] = ()) -> Iterator[None]:
    """Turn an operating system's refusal into a `StorageError` that says what to do, except those `passed`."""
    try:
        yield
    except passed:
        raise
    except OSError as error:
        cure = _CURES.get(error.errno or 0, "check the file system and run the command again")
        raise StorageError(f"{path}: {error.strerror or error}; {cure}") from error


class Lock:
    """The right to write, held by one process; the file names its process id. Freed by `release` or by its death.

    Args:
        release: Frees it.
        left_by: The process that had it before, if that died with it.
    """

    def __init__(self, release: Callable[[], None], left_by: int | None) -> None:
        self._release: Callable[[], None] | None = release
        self.left_by = left_by

    def release(self) -> None:
        """Give the right back."""
        release, self._release = self._release, None
        if release:
            release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class System:
    """The calls of an operating system that an index needs. They raise its own errors, `OSError`."""

    def make(self, path: Path) -> None:
        """Create a folder."""
        path.mkdir()

    def names(self, path: Path) -> list[str]:
        """Return the names in a folder."""
        return [entry.name for entry in path.iterdir()]

    def create(self, path: Path, mode: int) -> io.RawIOBase:
        """Create a file, which must not exist, for writing; who may use it is said by `mode` and the process."""
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK | _BINARY, mode), "wb", 0)

    def sync(self, file: io.RawIOBase) -> None:
        """Make what was written to a file durable; not its name."""
        os.fsync(file.fileno())

    def sync_folder(self, path: Path) -> None:
        """Make the names in a folder durable: that they are there, what they name, and that others are gone."""
        if os.name == "nt":
            return
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def rename(self, old: Path, new: Path) -> None:
        """Give a file another name, taking it from the file that has it."""
        old.replace(new)

    def link(self, old: Path, new: Path) -> None:
        """Give a file a second name."""
        new.hardlink_to(old)

    def remove(self, path: Path) -> None:
        """Remove a name. Whoever has mapped the file keeps it."""
        path.unlink()

    def open(self, path: Path) -> io.RawIOBase:
        """Open a file for reading; follow no link, wait for no pipe."""
        handle = os.open(path, os.O_RDONLY | _NO_LINK | getattr(os, "O_NONBLOCK", 0) | _BINARY)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise StorageError(f"{path}: is not a regular file; remove it")
        return os.fdopen(handle, "rb", 0)

    def map(self, file: io.RawIOBase) -> Mapped:
        """Return the bytes of an open file, none of them read yet.

        Raises:
            ValueError: There are none.
        """
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def lock(self, path: Path) -> Lock:
        """Take the lock of a file, which is created if need be.

        Raises:
            BlockingIOError, FileExistsError: Another process has it.
        """
        handle = os.open(path, os.O_RDWR | os.O_CREAT | (0 if fcntl else os.O_EXCL) | _NO_LINK, 0o644)
        try:
            if fcntl is not None:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            before = os.read(handle, 32).decode("ascii", "replace").strip()
            os.ftruncate(handle, 0)
            os.lseek(handle, 0, os.SEEK_SET)
            os.write(handle, str(os.getpid()).encode())
        except BaseException:
            os.close(handle)
            raise

        holder = os.getpid()

        def release() -> None:
            if os.getpid() == holder:  # a process that was forked meanwhile has the handle too, but not the right
                with contextlib.suppress(OSError):  # the process id stays: the next one says that we died
                    os.ftruncate(handle, 0)
                if fcntl is not None:
                    fcntl.flock(handle, fcntl.LOCK_UN)  # closing frees it only when the last copy is closed
            os.close(handle)
            if fcntl is None:
                path.unlink(missing_ok=True)

        return Lock(release, int(before) if before.isdigit() else None)


SYSTEM = System()


class Sink(Protocol):
    """A new file being written, front to back."""

    def write(self, data: bytes | memoryview) -> int:
        """Append `data`."""
        ...

    def finish(self) -> None:
        """Close the file; make all that was written durable, unless it is scratch."""
        ...

    def discard(self) -> None:
        """Close and remove the file, as far as that is possible."""
        ...


class _FileSink:
    def __init__(self, path: Path, system: System, *, scratch: bool) -> None:
        self._path = path
        self._system = system
        self._is_scratch = scratch
        self._raw = system.create(path, 0o600 if scratch else 0o644)
        self._file = io.BufferedWriter(self._raw, _BUFFER)

    def write(self, data: bytes | memoryview) -> int:
        with _named(self._path):
            return self._file.write(data)

    def finish(self) -> None:
        with _named(self._path), self._file:
            self._file.flush()
            if not self._is_scratch:
                self._system.sync(self._raw)

    def discard(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):  # what stays is removed by the next writer
            self._system.remove(self._path)


class Folder:
    """A folder on a local disk.

    Args:
        path: Of the folder.
        system: That holds it.

    Raises (all methods):
        StorageError: The file system refuses, or would; the message names the file and the cure.
    """

    def __init__(self, path: str | os.PathLike[str], system: System = SYSTEM) -> None:
        self.path = Path(path)
        try:
            is_name = b"\0" not in os.fsencode(path)
        except UnicodeEncodeError:
            is_name = False
        if not is_name:
            raise StorageError(f"{str(path)!r}: no folder can have this name; give another")
        self._system = system

    def beside(self, path: str | os.PathLike[str]) -> "Folder":
        """Return another folder of the same system."""
        return Folder(path, self._system)

    def make(self) -> None:
        """Create the folder and its parents, if it is not there; `settle` makes that durable."""
        with _named(self.path):
            missing = [self.path]
            tried: set[Path] = set()
            while missing:
                try:
                    self._system.make(missing[-1])
                except FileNotFoundError:
                    if missing[-1] in tried:  # it has a parent now: it is below a link to nowhere, or in /proc
                        raise
                    tried.add(missing[-1])
                    missing.append(missing[-1].parent)
                    continue
                except FileExistsError:
                    pass
                missing.pop()
        self.names()

    def settle(self) -> None:
        """Make the names of the folder and of those above durable, whoever created them."""
        for parent in self.path.resolve().parents:
            with _named(parent):
                try:
                    self._system.sync_folder(parent)
                except OSError as error:
                    if error.errno not in _NO_SYNC:
                        raise

    def names(self) -> list[str]:
        """Return the names of the files in the folder, sorted.

        Raises:
            IndexMissingError: The folder is not there.
        """
        try:
            with _named(self.path, FileNotFoundError):
                return sorted(self._system.names(self.path))
        except FileNotFoundError as error:
            raise IndexMissingError(f"{self.path}: no index here; make one with: search index PATH") from error

    def create(self, name: str, *, scratch: bool = False) -> Sink:
        """Begin a new file, which must not exist; `scratch` is for the processes of one transaction, nobody else."""
        path = self.path / name
        with _named(path):
            return _FileSink(path, self._system, scratch=scratch)

    def replace(self, name: str, data: bytes) -> None:
        """Make `name` contain `data`: whole, or, whatever happens meanwhile, what it contained before.

        Whether it does is uncertain only after an error in making the folder durable.
        """
        beside = f"{name}.new"
        self.remove(beside)
        sink = self.create(beside)
        try:
            sink.write(data)
            sink.finish()
            with _named(self.path / beside):
                self._system.rename(self.path / beside, self.path / name)
        except BaseException:
            sink.discard()
            raise
        self.sync()

    def sync(self) -> None:
        """Make the folder's own entries (names of new files, renames) durable."""
        with _named(self.path):
            self._system.sync_folder(self.path)

    def read(self, name: str) -> bytes:
        """Return the content of a small file.

        Raises:
            FileNotFoundError: It is not there.
        """
        path = self.path / name
        with _named(path, FileNotFoundError), self._system.open(path) as file:
            return file.readall()

    def map(self, name: str) -> Mapped:
        """Return a file as read-only memory. It stays readable when the name is removed.

        Raises:
            FileNotFoundError: It is not there.
            CorruptionError: It is empty.
        """
        path = self.path / name
        with _named(path, FileNotFoundError), self._system.open(path) as file:
            try:
                return self._system.map(file)
            except ValueError as error:
                raise CorruptionError.at(path, "size: expected some bytes, found none") from error

    def remove(self, name: str) -> None:
        """Remove a file, if it is there. Whoever has mapped it keeps it."""
        path = self.path / name
        with _named(path):
            try:
                self._system.remove(path)
            except FileNotFoundError:
                pass
            except PermissionError:
                if os.name != "nt":  # there, a mapped file cannot be removed yet: a later writer will
                    raise

    def set_aside(self, name: str, other: str) -> bool:
        """Give a file another name, durably; return whether it was there."""
        path = self.path / name
        with _named(path):
            try:
                self._system.rename(path, self.path / other)
            except FileNotFoundError:
                return False
        self.sync()
        return True

    def link(self, name: str, other: "Folder") -> bool:
        """Let another folder share a file that is never written again; return whether that is possible."""
        try:
            self._system.link(self.path / name, other.path / name)
        except OSError:
            return False
        return True

    def lock(self) -> Lock:
        """Take the right to write.

        Raises:
            LockedError: Another writer, named by its process id, has it.
        """
        path = self.path / LOCK
        with _named(path):
            try:
                return self._system.lock(path)
            except (BlockingIOError, FileExistsError) as error:
                holder = self.read(LOCK)[:32].decode("ascii", "replace").strip()
                raise LockedError(
                    f"{self.path}: another writer (process {holder or 'unknown'}) holds the index; wait until it ends"
                ) from error
