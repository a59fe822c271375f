"""The commit file: which files are the index. Replacing it is the commit.

    {"format": 6, "readable_from": 6, "generation": 7, "next": 12, "analysis": "news-4/english", "settings": {...},
     "segments": [{"name": "11.segment", "bytes": 4096, "articles": 12,
                   "deleted": {"name": "10.deleted", "bytes": 512, "articles": 1} or null}],
     "relations": [{"name": "12.relations", "bytes": 512}], "crc32": ...}

The checksum is over the rest, written as JSON with sorted keys and no blanks. `next` is the number of the next new
file; numbers are never used twice. Before the first segment of an index is written, generation 0 says that there is
none yet: where segments are and no commit file, it was lost.
"""

import json
import re
import zlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from search.engine.storage import Folder
from search.errors import CorruptionError, IndexMissingError

NAME = "commit.json"
FORMAT = 6  # written
READABLE_FROM = 6  # oldest that is read


class FileEntry(NamedTuple):
    """A file that belongs to the index, with its size in bytes."""

    name: str
    size: int


class SegmentEntry(NamedTuple):
    """A segment with the number of its articles (deleted ones included) and the file of the deleted, if any."""

    file: FileEntry
    n_docs: int
    deleted: FileEntry | None = None
    n_deleted: int = 0


class Commit(NamedTuple):
    """What an index is at one moment; of generation 0, none yet.

    `analysis` is None before the first article. `relations` begin with the oldest.
    """

    generation: int = 0
    next_number: int = 1
    analysis: str | None = None
    settings: Mapping[str, float] = MappingProxyType({})
    segments: tuple[SegmentEntry, ...] = ()
    relations: tuple[FileEntry, ...] = ()

    def names(self) -> set[str]:
        """Return the names of all files it needs, its own among them."""
        entries = [entry for s in self.segments for entry in (s.file, s.deleted) if entry]
        return {NAME} | {entry.name for entry in [*entries, *self.relations]}


def number_of(name: str) -> int:
    """Return the number that the name of a file begins with; what was written later has a higher one. 0 if none."""
    match = re.match(r"\d+", name)
    return int(match[0]) if match else 0


def _canonical(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _written(content: dict[str, Any]) -> bytes:
    return json.dumps(content, indent=1, sort_keys=True).encode() + b"\n"


def write(folder: Folder, commit: Commit) -> None:
    """Make `commit` the current one, durably."""
    content: dict[str, Any] = {
        "format": FORMAT,
        "readable_from": READABLE_FROM,
        "generation": commit.generation,
        "next": commit.next_number,
        "analysis": commit.analysis,
        "settings": dict(commit.settings),
        "segments": [
            {
                "name": s.file.name,
                "bytes": s.file.size,
                "articles": s.n_docs,
                "deleted": s.deleted and {"name": s.deleted.name, "bytes": s.deleted.size, "articles": s.n_deleted},
            }
            for s in commit.segments
        ],
        "relations": [{"name": file.name, "bytes": file.size} for file in commit.relations],
    }
    content["crc32"] = zlib.crc32(_canonical(content))
    if commit.generation <= 1:
        folder.settle()
    folder.replace(NAME, _written(content))


def read(folder: Folder) -> Commit | None:
    """Return the current commit; None if there is none yet.

    Raises:
        CorruptionError: The file is not what was written, or of a format this version cannot read, or was lost.
    """
    data = _content(folder)
    if data is None:
        return None
    where = folder.path / NAME
    try:
        content = json.loads(data)
        crc = content.pop("crc32")
        found = zlib.crc32(_canonical(content))
        if found != crc:
            raise CorruptionError.at(where, f"expected checksum {crc}, found {found}")
        if not content["readable_from"] <= FORMAT or content["format"] < READABLE_FROM:
            raise CorruptionError(
                f"{where}: format {content['format']} cannot be read by this version (format {FORMAT}); "
                "update the program or index again"
            )
        if data != _written(content | {"crc32": crc}):  # a blank that is another one is damage, too
            raise CorruptionError.at(where, "expected a commit as it is written, found other blanks")
        return Commit(
            generation=_number(content["generation"]),
            next_number=_number(content["next"]),
            analysis=content["analysis"] and str(content["analysis"]),
            settings={str(name): _setting(value) for name, value in content["settings"].items()},
            segments=tuple(_segment(entry) for entry in content["segments"]),
            relations=tuple(_file(entry) for entry in content["relations"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise CorruptionError.at(where, f"expected a commit, found {data[:20]!r}") from error


def _content(folder: Folder) -> bytes | None:
    """Return what is in the commit file; None if there is no index."""
    for _ in range(2):  # a writer may begin the index while it is looked at; then the second look finds its file
        try:
            return folder.read(NAME)
        except FileNotFoundError:
            pass
        try:
            names = folder.names()
        except IndexMissingError:
            return None
        if not any(name.endswith(".segment") for name in names):
            return None
    raise CorruptionError.at(folder.path / NAME, "expected a commit file beside the segments, found none")


def _number(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value < 1 << 62:
        raise ValueError(value)
    return value


def _setting(value: object) -> float:
    if not isinstance(value, float) or not 0 <= value < 1 << 62:
        raise ValueError(value)
    return value


def _file(entry: dict[str, Any]) -> FileEntry:
    if not entry["name"].replace(".", "").isalnum():  # never a path that leads elsewhere
        raise ValueError(entry["name"])
    return FileEntry(entry["name"], _number(entry["bytes"]))


def _segment(entry: dict[str, Any]) -> SegmentEntry:
    deleted = entry["deleted"]
    if not _number(entry["articles"]):
        raise ValueError(entry)
    return SegmentEntry(
        _file(entry),
        entry["articles"],
        _file(deleted) if deleted else None,
        _number(deleted["articles"]) if deleted else 0,
    )
