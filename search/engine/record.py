"""An article as it is stored: its zones and sentences, its fields, its text, in one run of bytes.

    n marks id 1f path 1f title 1f date 1f date source 1f source 1f author 1f further 1f text

`n` is the number of bytes of marks: one byte, or `MANY` and four, little endian. All behind the marks is UTF-8, decoded
in one go. A field that is None is empty; a path equal to the id is `SAME`; a title that stands in the text is empty,
its zone says where; `further` is JSON, if there is any. Separator and escape character are escaped inside a field.

Marks divide the text into units, front to back, so that none needs an offset. A byte below `LONGEST` is the length in
characters of a sentence, with the white space behind it; `LONGEST` adds that many to the next; one above begins a
zone: `LONGEST` + 1 + its number in `KINDS`. A zone without sentences (all but body and deck) is one unit.
"""

import json
from operator import sub
from typing import Any, NamedTuple

from search.model import Article, Zone
from search.text.stream import PARAGRAPH, SENTENCE, SHOWN, Stops, parts_chunks

# On disk: never renumber. `blank` is white space before the first zone.
KINDS: tuple[str, ...] = (
    *("blank", "title", "deck", "date", "dateline", "body", "subheading", "caption", "reference", "source", "author"),
)
LONGEST = 224
_KEPT = 1 << 12  # characters of a sentence; few are longer
_NUMBER = {kind: LONGEST + 1 + number for number, kind in enumerate(KINDS)}
_DATE = _NUMBER["date"]
_RUNNING = bytes([*range(LONGEST + 1), *(_NUMBER[kind] for kind in ("blank", "dateline", "body", "subheading"))])

_GOING_ON = frozenset({"blank", "dateline"})  # what stands behind belongs to the same sentence

MANY = 255  # marks: their number follows
SEPARATOR = "\x1f"
_FIELDS = 8  # before the text
_ESCAPE = "\x1e"
SAME = _ESCAPE + "2"
_ESCAPES = ((_ESCAPE, _ESCAPE + "0"), (SEPARATOR, _ESCAPE + "1"))


class Units(NamedTuple):
    """The stretches a text is divided into, in order, column by column. Of body and deck each is one sentence.

    `ends` are offsets in characters, `kinds` those of the zones, `zones` their numbers.
    """

    ends: list[int]
    kinds: list[str]
    zones: list[int]

    def start(self, unit: int) -> int:
        """Return where a unit begins."""
        return self.ends[unit - 1] if unit else 0


class Record(NamedTuple):
    """The parts of a stored article; a field that is None is empty."""

    id: str
    path: str
    title: str
    date: str
    date_source: str
    source: str
    author: str
    further: str
    text: str
    marks: bytes


class _Lengths(dict[int, bytes]):
    """The marks of a length, each made once."""

    def __missing__(self, length: int) -> bytes:
        marks = bytes([LONGEST]) * (length // LONGEST) + bytes([length % LONGEST])
        if length < _KEPT:
            self[length] = marks
        return marks


_length = _Lengths().__getitem__


def _marks(text: str, zones: tuple[Zone, ...]) -> bytes:
    from search.text.sentences import sentence_ends  # a search needs none of it

    parts = []
    first = zones[0].start if zones else len(text)
    if first:
        parts.append(bytes([_NUMBER["blank"]]) + _length(first))
    for at, zone in enumerate(zones):
        end = zones[at + 1].start if at + 1 < len(zones) else len(text)
        parts.append(bytes([_NUMBER[zone.kind]]))
        stops = sentence_ends(text[zone.start : zone.end])[:-1] if zone.kind in SHOWN else []
        parts += map(_length, map(sub, [*stops, end - zone.start], [0, *stops]))
    return b"".join(parts)


def encode(article: Article, zones: tuple[Zone, ...]) -> bytes:
    """Return the bytes of an article and its zones."""
    title = next((zone for zone in zones if zone.kind == "title"), None)
    in_text = title is not None and article.body[title.start : title.end] == article.title
    further: dict[str, object] = {"url": article.url, "encoding": article.encoding, "meta": dict(article.meta)}
    further = {name: value for name, value in further.items() if value}
    if title is not None and not in_text:
        further["untitled"] = True
    head = [
        field or ""
        for field in (
            article.id,
            article.path,
            article.title if not in_text else "",
            article.iso_date,
            article.date_source,
            article.source,
            article.author,
            json.dumps(further, ensure_ascii=False, sort_keys=True) if further else "",
        )
    ]
    for plain, escaped in _ESCAPES:
        head = [field.replace(plain, escaped) if plain in field else field for field in head]
    if article.path == article.id:
        head[1] = SAME
    marks = _marks(article.body, zones)
    n = bytes([len(marks)]) if len(marks) < MANY else bytes([MANY]) + len(marks).to_bytes(4, "little")
    return n + marks + SEPARATOR.join([*head, article.body]).encode("utf-8", "surrogatepass")


def _marked(data: bytes) -> tuple[int, int]:
    """Return where the marks of a record begin and end."""
    return (1, 1 + data[0]) if data[0] < MANY else (5, 5 + int.from_bytes(data[1:5], "little"))


def marks_of(data: bytes) -> bytes:
    """Return the marks of a stored article."""
    start, end = _marked(data)
    return data[start:end]


def is_running(marks: bytes) -> bool:
    """Return whether a text is body throughout, so that its words stand in the stream in the order of the text."""
    return not marks.translate(None, _RUNNING)


def has_date(marks: bytes) -> bool:
    """Return whether a date stands in a text, which is no part of the stream."""
    return _DATE in marks


def split(data: bytes, errors: str = "surrogatepass") -> Record:
    """Return the parts of a stored article.

    Args:
        data: The record.
        errors: What becomes of bytes that are no text, as `bytes.decode` says.

    Raises:
        ValueError, IndexError: It is none.
    """
    start, end = _marked(data)
    rest = data[end:].decode("utf-8", errors)
    article_id, path, *further, text = head = rest.split(SEPARATOR, _FIELDS)
    if len(head) != _FIELDS + 1:
        raise ValueError(f"expected {_FIELDS} fields, found {len(head) - 1}")
    is_same = path == SAME
    if rest.count(_ESCAPE, 0, len(rest) - len(text)) > is_same:
        article_id, path, *further = map(_unescaped, (article_id, path, *further))
    return Record._make((article_id, article_id if is_same else path, *further, text, data[start:end]))


def id_of(data: bytes) -> str:
    """Return the id of a stored article."""
    _, begin = _marked(data)
    end = data.find(SEPARATOR.encode(), begin)
    return _unescaped(data[begin:end].decode("utf-8", "surrogatepass"))


def _unescaped(field: str) -> str:
    for plain, escaped in reversed(_ESCAPES):
        field = field.replace(escaped, plain)
    return field


def head(data: bytes) -> Record:
    """Return the parts of a stored article, its text left out, which is most of the work of `split`."""
    _, end = _marked(data)
    fields = data[end:].split(SEPARATOR.encode(), _FIELDS)
    return split(data[:end] + b"".join(field + SEPARATOR.encode() for field in fields[:_FIELDS]))


def has_title(data: bytes) -> bool:
    """Return whether some part of a stored article's text is a title, perhaps not its own."""
    return _NUMBER["title"] in marks_of(data)


def units(marks: bytes) -> Units:
    """Return the units of a text; they cover it all."""
    ends: list[int] = []
    kinds: list[str] = []
    zones: list[int] = []
    kind = "blank"
    zone = at = 0
    for mark in marks:
        if mark < LONGEST:
            at += mark
            ends.append(at)
            kinds.append(kind)
            zones.append(zone)
        elif mark == LONGEST:
            at += LONGEST
        else:
            kind = KINDS[mark - LONGEST - 1]
            zone += 1
    return Units(ends, kinds, zones)


def stops(units: Units, text: str) -> Stops:
    """Return where the sentences of a text end, as `text.stream.stops` does."""
    offsets, forms = [], []
    ends, kinds, zones = units
    last = len(ends) - 1
    for unit, end in enumerate(ends):
        if unit < last and zones[unit] == zones[unit + 1]:
            offsets.append(end)
            forms.append(SENTENCE)
        elif kinds[unit] not in _GOING_ON and end and parts_chunks(text[end - 1]):
            offsets.append(end)
            forms.append(PARAGRAPH)
    return offsets, forms


def further_of(record: Record) -> dict[str, Any]:
    """Return what stands in `further`: `url`, `encoding`, `meta` and `untitled`, as far as they are there.

    Raises:
        ValueError: It is something else.
    """
    if not record.further:
        return {}
    try:
        further = json.loads(record.further)
    except RecursionError as error:
        raise ValueError("expected an object, found one of endless depth") from error
    kinds = {"url": str, "encoding": str, "meta": dict, "untitled": bool}
    if not isinstance(further, dict) or not all(isinstance(further[key], kinds.get(key, str)) for key in further):
        raise ValueError(f"expected an object of {', '.join(kinds)}, found {further!r}")
    return further


def title_of(record: Record, units: Units) -> tuple[str | None, int]:
    """Return an article's title, and where it stands in its text; -1 if it does not."""
    zones = []
    if "title" in units.kinds:
        starts = [(units.start(unit), end) for unit, end in enumerate(units.ends) if units.kinds[unit] == "title"]
        zones = [(record.text[start:end].rstrip(), start) for start, end in starts]
    if record.title:
        return record.title, next((start for words, start in zones if words == record.title), -1)
    if not zones or "untitled" in further_of(record):
        return None, -1
    return zones[0]


def decode(data: bytes) -> Article:
    """Return the article, with its zones, as it was given to `encode`."""
    record = split(data)
    return article(record, units(record.marks))


def article(record: Record, layout: Units) -> Article:
    """Return the article whose parts these are."""
    text = record.text
    zones: list[Zone] = []
    begun = -1
    for unit, (end, kind, zone) in enumerate(zip(*layout, strict=True)):
        if kind == "blank":
            continue
        if zone != begun:
            zones.append(Zone(kind, layout.start(unit), end))  # type: ignore[arg-type]  # one of KINDS
            begun = zone
        else:
            zones[-1] = zones[-1]._replace(end=end)
    zones = [zone._replace(end=zone.start + len(text[zone.start : zone.end].rstrip())) for zone in zones]
    further = further_of(record)
    title, _ = title_of(record, layout)
    return Article(
        id=record.id,
        body=text,
        title=title,
        date=record.date or None,
        source=record.source or None,
        author=record.author or None,
        path=record.path or None,
        url=further.get("url"),
        meta=further.get("meta", {}),
        zones=tuple(zones),
        date_source=record.date_source or None,
        encoding=further.get("encoding"),
    )
