"""Which files there are below a path, and what each is called.

The name of a file is its path made normal: relative to the working directory where it lies below it, absolute
elsewhere, with slashes, without `.` and `..`. Links are not resolved: a name is where the user sees the file.
"""

import os
import re
import stat
from collections.abc import Collection, Iterator
from typing import NamedTuple

from search.errors import ReadError

_MARKS_OF_INDEX = frozenset({"lock", "commit.json"})
_FILE_OF_INDEX = re.compile(r"lock|commit\.json(\.new|\.damaged)?|\d+(w\d+)?\.[a-z]+(\.damaged)?")


class Found(NamedTuple):
    """A regular file: the path that opens it and the name it goes by."""

    path: str
    name: str


def name_of(path: str | os.PathLike[str]) -> str:
    """Return the name that the file at `path` goes by; bytes that are no text are written in hexadecimal."""
    path = os.path.abspath(path)
    here = os.path.join(os.getcwd(), "")  # a path that cannot be encoded stays as it is
    name = os.fsencode(path.removeprefix(here)).decode("utf-8", "backslashreplace")
    return name if os.sep == "/" else name.replace(os.sep, "/")


def find_files(path: str | os.PathLike[str]) -> Iterator[Found | ReadError]:
    """Yield the file at `path`, or the files below the folder there, in the order of their names.

    Below a folder, entries whose names begin with a full stop are skipped. What cannot be read (a missing path, a link
    to nothing, a folder without permission, a pipe, a device) is yielded as an error in its place. The folder of an
    index is left out.
    """
    entered: set[tuple[int, int]] = set()
    todo = [os.fspath(path)]
    while todo:
        at = todo.pop()
        try:
            status = os.stat(at)
            if stat.S_ISDIR(status.st_mode):
                if (status.st_dev, status.st_ino) not in entered:
                    entered.add((status.st_dev, status.st_ino))
                    entries = sorted(os.listdir(at), reverse=True)  # the first is popped first
                    if _is_index(entries):
                        if at == os.fspath(path):
                            yield ReadError(name_of(at), "is an index: name the articles it is to be made of")
                        continue
                    todo += [os.path.join(at, entry) for entry in entries if not entry.startswith(".")]
            elif stat.S_ISREG(status.st_mode):
                yield Found(at, name_of(at))
            else:
                yield ReadError(name_of(at), f"is {_kind(status.st_mode)}, not a file or folder: leave it out")
        except OSError as error:
            yield ReadError(name_of(at), _why(error, at))
        except ValueError:  # a NUL in the path
            yield ReadError(repr(at), "cannot be a path: it contains a NUL")


def _is_index(entries: Collection[str]) -> bool:
    """Return whether a folder of these entries is that of an index, perhaps of one that has just begun."""
    return not _MARKS_OF_INDEX.isdisjoint(entries) and all(map(_FILE_OF_INDEX.fullmatch, entries))


def _kind(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "a pipe"
    if stat.S_ISSOCK(mode):
        return "a socket"
    return "a device"


def _why(error: OSError, path: str) -> str:
    if isinstance(error, FileNotFoundError):
        return "is a link to nothing: mend or remove it" if os.path.islink(path) else "does not exist: check the path"
    return (error.strerror or str(error)).lower()
