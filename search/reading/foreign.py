"""Files that are text, but not that of an article: each is refused by name, with what to do.

Indexed as they are, their markup would be found and shown as if an outlet had written it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from search.errors import ReadError
from search.model import Article
from search.reading.opening import Stream

LOOKED_AT = 4096  # bytes


class Kind(NamedTuple):
    """What a file is, the endings of its name, how it begins, and what to do with it."""

    what: str
    endings: tuple[str, ...]
    begins: str
    cure: str


KINDS = (
    Kind("an HTML page", (".html", ".htm"), r"(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", "save its text"),
    Kind("XML", (".xml", ".xhtml", ".rss", ".atom"), r"<(?:\?xml|rss|feed)\b", "write its articles as JSON lines"),
    Kind("a web archive", (".warc",), r"WARC/\d", "write its pages as text or JSON lines"),
    Kind("rich text", (".rtf",), r"\{\\rtf", "save it as plain text"),
    Kind("a mail", (".eml", ".mbox"), r"(?!)", "save its text"),
    Kind("a table", (".csv", ".tsv"), r"(?!)", "write its rows as JSON lines"),
)
_MARK = r"(?:\xef\xbb\xbf)?\s*"
_BEGINS = [re.compile((_MARK + kind.begins).encode("latin-1"), re.IGNORECASE | re.DOTALL) for kind in KINDS]


def claims(name: str, head: bytes) -> bool:
    """By the name's ending, or by how the file begins."""
    return _kind(name, head) is not None


def articles(stream: Stream, path: str) -> Iterator[Article | ReadError]:
    """Yield what the file is, as an error."""
    kind = _kind(stream.without_ending(path), stream.peek())
    if kind:
        yield ReadError(path, f"is {kind.what}: {kind.cure}, or leave it out")


def _kind(name: str, head: bytes) -> Kind | None:
    named = (kind for kind in KINDS if name.endswith(kind.endings))
    begun = (kind for kind, begins in zip(KINDS, _BEGINS, strict=True) if begins.match(head[:LOOKED_AT]))
    return next(named, None) or next(begun, None)
