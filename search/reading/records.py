"""JSON: an article is an object, one a line, or in a list that is the whole file.

    {"id": "4", "title": "…", "date": "2021-08-10", "body": "…", "url": "…", "source": "…", "author": "…"}

`text` is another name of `body`. Without an `id` the article is called `PATH#LINE`, or `PATH#N` in a list. What the
record does not say is taken from its body's zones. Every further key goes to `meta`: a list of texts with commas
between, other values as JSON.

A record that has `zones` itself was exported, and is taken as it is, date and surrogates included; its `meta` has the
further keys that are called as others here.

A date that cannot be read does not cost the article: it is undated, and the words stand in `meta["date"]`.
"""

import codecs
import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, get_args

from search.errors import ReadError
from search.model import Article, Zone, ZoneKind
from search.reading.dates import parse_date
from search.reading.encoding import wide_encoding
from search.reading.layout import MAX_CHARACTERS
from search.reading.opening import Stream, lines
from search.reading.zones import Stated, find_zones, stated
from search.text.moments import moment

MAX_BYTES = 32 << 20  # of one line, or of a file that is one list; escapes and further keys included
MAX_FIELD = 20_000  # characters of what is not the body
_NESTED = "is nested too deeply: make it flat"
ENDINGS = (".jsonl", ".ndjson", ".json")

_TEXTS = frozenset({"title", "date", "body", "text", "url", "source", "author", "date_source", "encoding", "path"})
_KNOWN = _TEXTS | {"id", "zones"}
_KINDS: dict[str, ZoneKind] = {kind: kind for kind in get_args(ZoneKind)}
_SURROGATE = re.compile("[\ud800-\udfff]")
# How a file begins that is one list, or one object over several lines.
_WHOLE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[|\{\s*\n)")


def claims(name: str, head: bytes) -> bool:
    """By the name's ending, or by a first line that is a whole record; a file called `.txt` is what it is called."""
    if name.endswith(ENDINGS):
        return True
    line, newline, _ = head.lstrip().partition(b"\n")
    if name.endswith(".txt") or not newline or not line.startswith(b"{"):
        return False
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return "body" in record or "text" in record


def articles(stream: Stream, path: str) -> Iterator[Article | ReadError]:
    """Yield one article for each object, or an error that names its line, or its number in a list."""
    is_whole = stream.without_ending(path).endswith(".json") and _WHOLE.match(stream.peek())
    parts = _utf8(stream)
    for number, item in enumerate(_listed(parts) if is_whole else lines(parts, MAX_BYTES), 1):
        if not (isinstance(item, bytes) and item.isspace()):
            place = f"{path}#{number}"
            try:
                yield _article(_record(item), path, place)
            except ValueError as error:
                yield ReadError(place, str(error))
            except RecursionError:
                yield ReadError(place, _NESTED)


def _utf8(stream: Stream) -> Iterator[bytes]:
    head = stream.peek()
    parts = stream.parts()
    if wide := wide_encoding(head):
        parts = (text.encode("utf-8", "replace") for text in codecs.iterdecode(parts, wide, "replace"))
    elif head.startswith(codecs.BOM_UTF8):
        parts = chain((next(parts).removeprefix(codecs.BOM_UTF8),), parts)
    return parts


def _listed(parts: Iterator[bytes]) -> Iterator[object]:
    """Yield what a list has; a single object as the only one."""
    data = bytearray()
    for part in parts:
        data += part
        if len(data) > MAX_BYTES:
            raise ValueError(f"is longer than {MAX_BYTES >> 20} MiB: write one object a line")
    try:
        whole = _loaded(bytes(data))
    except RecursionError as error:
        raise ValueError(_NESTED) from error
    yield from whole if isinstance(whole, list) else [whole]


def _record(item: object) -> dict[str, Any]:
    """Return an object that is written on a line, or stands in a list."""
    if isinstance(item, bytes) and len(item) > MAX_BYTES:
        raise ValueError(f"is longer than {MAX_BYTES >> 20} MiB: split it into articles")
    record = _loaded(item) if isinstance(item, bytes) else item
    if not isinstance(record, dict):
        raise ValueError("is no JSON object: write one object a line")
    if (not isinstance(item, bytes) or b"\\u" in item) and not _is_exported(record):
        plain = json.dumps(record, ensure_ascii=False)
        if _SURROGATE.search(plain):
            return dict(json.loads(_SURROGATE.sub("\ufffd", plain)))
    return record


def _loaded(data: bytes) -> object:
    try:
        found: object = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 (byte {error.start + 1}): convert the file") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON ({error.msg}, column {error.colno}): write one object a line") from error
    except ValueError as error:  # the interpreter's limit of digits
        raise ValueError("has a number that is too long: write it as text") from error
    return found


def _article(record: dict[str, Any], path: str, place: str) -> Article:
    meta = {key: _plain(value) for key, value in record.items() if key not in _KNOWN and value is not None}
    if _is_exported(record) and isinstance(record.get("meta"), dict):
        del meta["meta"]
        meta |= {key: value for key, value in record["meta"].items() if isinstance(value, str)}
    body = _body(record)
    title = _text(record, "title")
    if not _is_exported(record):
        zones = find_zones(body, title=title)
        said = stated(body, zones)
    else:
        zones, said = _zones(record["zones"], body), Stated()
    written = _text(record, "date")
    date, date_source = said.date, "stated: prefix" if said.date else None
    if written:
        date = written if _is_exported(record) and _is_iso(written) else parse_date(written)
        date_source = (_text(record, "date_source") or "stated: field") if date else None
        if not date:
            meta["date"] = written
    return Article(
        id=_id(record) or place,
        body=body,
        title=title or said.title,
        date=date,
        source=_text(record, "source") or said.source,
        author=_text({"author": _joined(record.get("author"))}, "author") or said.author,
        path=_text(record, "path") if "path" in record else path,
        url=_text(record, "url"),
        meta=meta,
        zones=zones,
        date_source=date_source,
        encoding=_text(record, "encoding"),
    )


def _is_exported(record: object) -> bool:
    return isinstance(record, dict) and record.get("zones") is not None


def _is_iso(date: str) -> bool:
    try:
        moment(date)
    except ValueError:
        return False
    return True


def _text(record: dict[str, Any], key: str) -> str | None:
    value = record.get(key)
    if value is None or isinstance(value, str):
        if value and len(value) > MAX_FIELD and key not in ("body", "text"):
            raise ValueError(f"`{key}` is longer than {MAX_FIELD:,} characters: shorten it")
        return value or None
    raise ValueError(f"`{key}` is {_name(value)}: make it text")


def _id(record: dict[str, Any]) -> str | None:
    value = record.get("id")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(record, "id")


def _body(record: dict[str, Any]) -> str:
    body, text = record.get("body"), record.get("text")
    if body is None and text is None and (not record.get("title") or record.keys().isdisjoint(("body", "text"))):
        keys = f" (it has {', '.join(repr(key[:40]) for key in [*record][:9])})" if record else ""
        raise ValueError(f"has no `body` and no `text`: give it one{keys}")
    if body is not None and text is not None and body != text:
        raise ValueError("has a `body` and another `text`: give it one of them")
    found = _text(record, "text" if body is None else "body") or ""
    if len(found) > MAX_CHARACTERS:  # zones that are given are taken as they are
        raise ValueError(f"is longer than {MAX_CHARACTERS >> 20} million characters: split it into articles")
    return found


def _joined(value: object) -> object:
    """Return a list of texts as one, with commas between; anything else as it is."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return value


def _plain(value: object) -> str:
    joined = _joined(value)
    return joined if isinstance(joined, str) else json.dumps(joined, ensure_ascii=False)


def _zones(value: object, body: str) -> tuple[Zone, ...]:
    """Return zones that were written as `[[kind, start, end], …]`, if they are what `Article.zones` has to be."""
    zones = []
    at = 0
    for item in value if isinstance(value, list) else [None]:
        match item:
            case [str() as kind, int() as start, int() as end] if kind in _KINDS and at <= start < end <= len(body):
                part = body[start:end]
                if part == part.strip() and not body[at:start].strip():
                    zones.append(Zone(_KINDS[kind], start, end))
                    at = end
                    continue
        raise ValueError(f"`zones` has {item!r}: write [kind, start, end] in order, leaving out white space alone")
    if body[at:].strip():
        raise ValueError("`zones` end before the text: leave out white space alone")
    return tuple(zones)


def _name(value: object) -> str:
    return {bool: "true or false", int: "a number", float: "a number", list: "a list"}.get(type(value), "an object")
