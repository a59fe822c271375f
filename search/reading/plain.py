"""Plain text: one file, one article."""

from collections.abc import Iterator

from search.errors import ReadError
from search.model import Article
from search.reading.encoding import decode, is_binary
from search.reading.opening import Stream
from search.reading.zones import find_zones, stated

MAX_BYTES = 16 << 20  # of a file: four for each character that an article may have


def claims(name: str, head: bytes) -> bool:  # noqa: ARG001  # what is nothing else is text, whatever it holds
    """Any file may be plain text."""
    return True


def articles(stream: Stream, path: str) -> Iterator[Article | ReadError]:
    """Yield the file's article: its id is its path, its title, date, source and author are what its zones say."""
    if is_binary(stream.peek()):
        yield ReadError(path, "is not text: convert it, or leave it out")
        return
    data = bytearray()
    for part in stream.parts():
        data += part
        if len(data) > MAX_BYTES:
            yield ReadError(path, f"is longer than {MAX_BYTES >> 20} MiB: split it into articles")
            return
    text, encoding = decode(bytes(data))
    zones = find_zones(text)
    said = stated(text, zones)
    yield Article(
        id=path,
        body=text,
        title=said.title,
        date=said.date,
        source=said.source,
        author=said.author,
        path=path,
        zones=zones,
        date_source="stated: prefix" if said.date else None,
        encoding=encoding,
    )
