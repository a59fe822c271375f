"""An article as it is stored: its fields, its zones and sentences, its text, in one run of bytes.

    id 1f path 1f title 1f date 1f date source 1f source 1f author 1f further 1f n 1f marks text

A field that is None is empty; a path equal to the id is `SAME`; a title that stands in the text is empty, its zone says
where; `further` is JSON, if there is any. `n` is the number of bytes of marks. The separator and the escape character
are escaped inside a field.

Marks divide the text into units, front to back, so that none needs an offset. A byte below `LONGEST` is the length in
characters of a sentence, with the white space behind it; `LONGEST` adds that many to the next; one above begins a
zone: `LONGEST` + 1 + its number in `KINDS`. A zone without sentences (all but body and deck) is one unit.
"""

import json
from typing import Any, NamedTuple

from search.model import Article, Zone
from search.text.sentences import sentence_ends
from search.text.stream import SHOWN

# On disk: never renumber. `blank` is white space before the first zone.
KINDS: tuple[str, ...] = (
    *("blank", "title", "deck", "date", "dateline", "body", "subheading", "caption", "reference", "source", "author"),
)
LONGEST = 224
_NUMBER = {kind: LONGEST + 1 + number for number, kind in enumerate(KINDS)}
_BODY = _NUMBER["body"]

SEPARATOR = b"\x1f"
_FIELDS = 9  # before the text, the marks counted in
SAME = b"\x1e2"
_ESCAPES = ((b"\x1e", b"\x1e0"), (b"\x1f", b"\x1e1"))


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
    """The parts of a stored article, still bytes."""

    id: bytes
    path: bytes
    title: bytes
    date: bytes
    date_source: bytes
    source: bytes
    author: bytes
    further: bytes
    marks: bytes
    text: bytes


def _length(length: int) -> bytes:
    return bytes([LONGEST]) * (length // LONGEST) + bytes([length % LONGEST])


def _marks(text: str, zones: tuple[Zone, ...]) -> bytes:
    parts = []
    first = zones[0].start if zones else len(text)
    if first:
        parts.append(bytes([_NUMBER["blank"]]) + _length(first))
    for at, zone in enumerate(zones):
        end = zones[at + 1].start if at + 1 < len(zones) else len(text)
        parts.append(bytes([_NUMBER[zone.kind]]))
        before = zone.start
        if zone.kind in SHOWN:
            for stop in sentence_ends(text[zone.start : zone.end])[:-1]:
                parts.append(_length(zone.start + stop - before))
                before = zone.start + stop
        parts.append(_length(end - before))
    return b"".join(parts)


def encode(article: Article, zones: tuple[Zone, ...]) -> bytes:
    """Return the bytes of an article and its zones."""
    title = next((zone for zone in zones if zone.kind == "title"), None)
    in_text = title is not None and article.body[title.start : title.end] == article.title
    further: dict[str, object] = {"url": article.url, "encoding": article.encoding, "meta": dict(article.meta)}
    further = {name: value for name, value in further.items() if value}
    if title is not None and not in_text:
        further["untitled"] = True
    fields = (
        article.id,
        article.path,
        article.title if not in_text else "",
        article.iso_date,
        article.date_source,
        article.source,
        article.author,
        json.dumps(further, ensure_ascii=False, sort_keys=True) if further else "",
    )
    marks = _marks(article.body, zones)
    head = [(field or "").encode("utf-8", "surrogatepass") for field in fields]
    for plain, escaped in _ESCAPES:
        head = [field.replace(plain, escaped) if plain in field else field for field in head]
    if article.path == article.id:
        head[1] = SAME
    return SEPARATOR.join([*head, str(len(marks)).encode(), marks + article.body.encode("utf-8", "surrogatepass")])


def split(data: bytes) -> Record:
    """Return the parts of a stored article."""
    *head, n, tail = data.split(SEPARATOR, _FIELDS)
    if len(head) != _FIELDS - 1:
        raise ValueError(f"expected {_FIELDS - 1} fields, found {len(head)}")
    length = int(n)
    if head[1] == SAME:
        head[1] = head[0]
    if b"\x1e" in data[: len(data) - len(tail)]:
        for plain, escaped in reversed(_ESCAPES):
            head = [field.replace(escaped, plain) for field in head]
    return Record._make([*head, tail[:length], tail[length:]])


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


def _further(record: Record) -> dict[str, Any]:
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


def title_of(record: Record, text: str, units: Units) -> tuple[str | None, int]:
    """Return an article's title, and where it stands in its text; -1 if it does not."""
    zones = []
    if "title" in units.kinds:
        starts = [(units.start(unit), end) for unit, end in enumerate(units.ends) if units.kinds[unit] == "title"]
        zones = [(text[start:end].rstrip(), start) for start, end in starts]
    if record.title:
        title = record.title.decode("utf-8", "surrogatepass")
        return title, next((start for words, start in zones if words == title), -1)
    if not zones or "untitled" in _further(record):
        return None, -1
    return zones[0]


def decode(data: bytes) -> Article:
    """Return the article, with its zones, as it was given to `encode`."""
    record = split(data)
    text = record.text.decode("utf-8", "surrogatepass")
    layout = units(record.marks)
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
    further = _further(record)
    article_id, path, _, date, date_source, source, author = (
        field.decode("utf-8", "surrogatepass") or None for field in record[:7]
    )
    title, _ = title_of(record, text, layout)
    return Article(
        id=article_id or "",
        body=text,
        title=title,
        date=date,
        source=source,
        author=author,
        path=path,
        url=further.get("url"),
        meta=further.get("meta", {}),
        zones=tuple(zones),
        date_source=date_source,
        encoding=further.get("encoding"),
    )
