"""From files to articles: the files of a folder, one reader per format, zones of plain text, publication dates.

    walking    which files there are, and what each is called
    opening    their bytes, decompressed
    plain      one text file, one article        encoding   bytes to text
    records    one JSON object, one article      zones      text to its parts (layout, cues, head)
    foreign    what is refused                   dates      written dates to ISO 8601

A format is a module with two functions: `claims`, by name or by the first bytes, and `articles`, which yields articles
and errors in the order of the file. The first format that claims a file reads it.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, NamedTuple

from search.errors import ReadError
from search.model import Article
from search.reading import foreign, plain, records
from search.reading.opening import Stream, open_file, refusals
from search.reading.walking import find_files
from search.reading.zones import find_zones

__all__ = ["find_zones", "read", "read_records"]

Outcome = Article | ReadError


class Format(NamedTuple):
    """How a kind of file is recognised and read.

    `claims(name, head)`: the name without the ending that a compression gave it, and the first bytes.
    `articles(stream, path)`: the bytes, and what the file is called in ids and errors.
    """

    claims: Callable[[str, bytes], bool]
    articles: Callable[[Stream, str], Iterator[Outcome]]


FORMATS = (
    Format(records.claims, records.articles),
    Format(foreign.claims, foreign.articles),
    Format(plain.claims, plain.articles),  # takes whatever is left
)


def read(
    paths: Iterable[str | os.PathLike[str]], *, errors: Callable[[ReadError], None] | None = None
) -> Iterator[Article]:
    """Read the articles of files and folders, in the order given; folders in the order of names, all the way down.

    Hidden files and folders are skipped unless they are named in `paths`. Links are followed; a folder is entered once.
    Files may be compressed (gzip, xz, zstd).

    Args:
        paths: Files and folders.
        errors: Called with each file or record that cannot be read; reading goes on with the next.

    Raises:
        ReadError: The first failure, if there is no `errors`. Reading cannot go on after it.
    """
    if isinstance(paths, (str, bytes, os.PathLike)):
        raise TypeError(f"paths is an iterable of paths, not one path: read([{paths!r}])")
    return _checked((outcome for path in paths for outcome in _outcomes(path)), errors)


def read_records(
    stream: BinaryIO, name: str, *, errors: Callable[[ReadError], None] | None = None
) -> Iterator[Article]:
    """Read the articles of a stream of JSON lines, such as standard input; it may be compressed.

    Args:
        stream: Is read as articles are asked for, and left open.
        name: Stands for the path in ids and errors.
        errors: As in `read`.
    """
    if isinstance(stream.read(0), str):
        raise TypeError("the stream gives text, not bytes: give sys.stdin.buffer, or a file opened with 'rb'")
    return _checked(refusals(name, lambda: records.articles(Stream(stream), name)), errors)


def _checked(outcomes: Iterable[Outcome], errors: Callable[[ReadError], None] | None) -> Iterator[Article]:
    for outcome in outcomes:
        if isinstance(outcome, Article):
            yield outcome
        elif errors is None:
            raise outcome
        else:
            errors(outcome)


def _outcomes(path: str | os.PathLike[str]) -> Iterator[Outcome]:
    for found in find_files(path):
        if isinstance(found, ReadError):
            yield found
        else:
            yield from refusals(found.name, lambda file=found: _file(file.path, file.name))  # type: ignore[misc]  # mypy reads no type into the default of a lambda


def _file(path: str, name: str) -> Iterator[Outcome]:
    with open_file(path) as stream:
        head = stream.peek()
        bare = stream.without_ending(name)
        for form in FORMATS:
            if form.claims(bare, head):
                yield from form.articles(stream, name)
                return
