"""An article as one stream of tokens: the order in which its parts take their positions.

    date words | title | deck | body | low zones | source | author | path and further fields

The body is body, sub-headings and dateline as they stand; what is taken out between them (captions, cross-references)
leaves no hole. Captions, cross-references, source and author lines follow, one by one. Between two fields, and between
two low zones, one position stays empty, so that no phrase crosses. A field without tokens takes no position.

Where a sentence ends, the term `BOUNDARY` stands beside its last word, and takes no position: in its form `SENTENCE`,
or `PARAGRAPH` where a paragraph ends with it. So it is in deck and body, and at the end of each low zone; every other
field is one sentence. A dateline belongs to the sentence behind it.

Words of the path and of further fields are terms of their own (`path:news`), which only a query for that field names.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import NamedTuple

from search.model import Article, Zone
from search.text.analysis import Analyzer, Token, fold, kinds


class Field(IntEnum):
    """The ranges of the stream, in order. On disk: never renumber."""

    DATE = 0
    TITLE = 1
    DECK = 2
    BODY = 3
    LOW = 4
    SOURCE = 5
    AUTHOR = 6
    NAMED = 7


FIELD_OF_ZONE = {
    "title": Field.LOW,  # of a zone that is not the article's title
    "deck": Field.DECK,
    "dateline": Field.BODY,
    "body": Field.BODY,
    "subheading": Field.BODY,
    "caption": Field.LOW,
    "reference": Field.LOW,
    "source": Field.LOW,
    "author": Field.LOW,
}
SHOWN = frozenset({"body", "deck"})  # zones whose sentences may be a passage
WRITTEN = frozenset({Field.TITLE, Field.DECK, Field.BODY})  # what the author wrote of the subject
BOUNDED = frozenset({Field.DECK, Field.BODY, Field.LOW})  # fields of several sentences or paragraphs

BOUNDARY = ":"  # no word has a colon
SENTENCE, PARAGRAPH = ":s", ":p"

Stop = tuple[int, str]  # where a sentence ends, and `SENTENCE` or `PARAGRAPH`
Stops = tuple[list[int], list[str]]  # those of a text, in order

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NOT_A_NAME = re.compile(r"\W")
_DATE_WORD = re.compile(r"\S+")
_ISO_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


class Piece(NamedTuple):
    """A stretch of text analysed as a whole.

    `start` is its offset in the article's text, or -1 if it does not stand there. `prefix` stands before its terms and
    forms, and is empty outside `Field.NAMED`.
    """

    field: Field
    text: str
    start: int = -1
    prefix: str = ""


class Place(NamedTuple):
    """A token at its place in the stream.

    `start` and `end` are offsets in the article's text if `in_text`, else in the value analysed; `piece` is the number
    of the piece it belongs to.
    """

    term: str
    form: str
    position: int
    field: Field
    start: int
    end: int
    in_text: bool
    piece: int


def date_words(iso: str) -> list[str]:
    """Return the words under which a publication date is found.

    `2021-08-10` gives `2021-08-10 2021-08 august 10 august 2021`, so that `10 August 2021`, `August 10` and
    `August 2021` are phrases.

    Raises:
        ValueError: `iso` does not begin with a year.
    """
    match = _ISO_DATE.match(iso)
    if not match:
        raise ValueError(f"{iso!r} is no ISO 8601 date")
    year, month, day = match.groups()
    if not month:
        return [year]
    name = _MONTHS[int(month) - 1]
    if not day:
        return [f"{year}-{month}", name, year]
    return [match.group(), f"{year}-{month}", name, str(int(day)), name, year]


def pieces(article: Article, zones: tuple[Zone, ...]) -> list[Piece]:
    """Return the pieces of an article's stream, in order. Date words stand as they are, blanks between.

    Args:
        article: Its own `zones` are not looked at.
        zones: Of its text, in order.
    """
    text = article.body
    found = [Piece(Field.DATE, " ".join(date_words(article.iso_date)))] if article.iso_date else []
    parts: dict[Field, list[Piece]] = {field: [] for field in Field}
    run = -1  # where a run of body zones began
    for at, (kind, start, end) in enumerate(zones):
        if kind == "title" and not parts[Field.TITLE] and text[start:end] == article.title:
            parts[Field.TITLE].append(Piece(Field.TITLE, article.title, start))
            continue
        field = FIELD_OF_ZONE.get(kind)
        if field is None:
            continue
        if field is Field.BODY:
            run = start if run < 0 else run
            if at + 1 < len(zones) and FIELD_OF_ZONE.get(zones[at + 1].kind) is Field.BODY:
                continue
            start, run = run, -1
        parts[field].append(Piece(field, text[start:end], start))
    if article.title and not parts[Field.TITLE]:
        parts[Field.TITLE].append(Piece(Field.TITLE, article.title))
    if article.source:
        parts[Field.SOURCE].append(Piece(Field.SOURCE, article.source))
    if article.author:
        parts[Field.AUTHOR].append(Piece(Field.AUTHOR, article.author))
    if article.path:
        parts[Field.NAMED].append(Piece(Field.NAMED, article.path, prefix="path:"))
    for name, value in sorted(article.meta.items()):
        parts[Field.NAMED].append(Piece(Field.NAMED, value, prefix=f"{_NOT_A_NAME.sub('_', fold(name))}:"))
    return found + [piece for field in Field for piece in parts[field]]


def date_term(word: str, analyzer: Analyzer) -> str:
    """Return the term of a word of `date_words`: of the name of a month its stem, as a query asks for it."""
    return analyzer.term(word, word) if word.isalpha() else word


def piece_tokens(piece: Piece, analyzer: Analyzer) -> list[Token]:
    """Return the tokens of one piece; offsets count in its text."""
    if piece.field is Field.DATE:
        return [Token(date_term(m.group(), analyzer), m.group(), *m.span(), 1) for m in _DATE_WORD.finditer(piece.text)]
    if not piece.prefix:
        return analyzer.tokens(piece.text)
    prefix = piece.prefix
    return [t._replace(term=prefix + t.term, form=prefix + t.form) for t in analyzer.words(piece.text)]


def stops(text: str, zones: Sequence[Zone]) -> Stops:
    """Return where the sentences of a text end, white space behind them included; none in the midst of a chunk."""
    from search.text.sentences import sentence_ends  # its patterns take long to load, and a search needs none

    found = []
    for number, zone in enumerate(zones):
        if zone.kind in SHOWN:
            ends = sentence_ends(text[zone.start : zone.end])[:-1]
            found += [(zone.start + end, SENTENCE) for end in ends]
        end = zones[number + 1].start if number + 1 < len(zones) else len(text)
        if zone.kind != "dateline" and parts_chunks(text[end - 1]):
            found.append((end, PARAGRAPH))
    return [end for end, _ in found], [form for _, form in found]


def parts_chunks(char: str) -> bool:
    """Return whether what stands before and behind a character belongs to different chunks."""
    return char.isspace() or kinds(char) == " "


def stops_in(piece: Piece, stops: Stops) -> list[Stop]:
    """Return the stops of a piece, offsets counted in it. The last is its end."""
    start = piece.start
    if start < 0 or piece.field not in BOUNDED:
        return []
    offsets, forms = stops
    first, last = bisect_right(offsets, start), bisect_left(offsets, start + len(piece.text))
    found = [(offsets[at] - start, forms[at]) for at in range(first, last)]
    found.append((len(piece.text), PARAGRAPH))
    return found


def separated(field: Field, before: Field | None) -> bool:
    """Return whether a position stays empty between a piece of `field` and the one with tokens before it, if any."""
    return before is not None and (field is not before or field is Field.LOW or field is Field.NAMED)


def as_written(article: Article, zones: tuple[Zone, ...]) -> Callable[[Place], str]:
    """Return what tells how the token at a place stands in its article."""
    text, parts = article.body, pieces(article, zones)
    return lambda place: (text if place.in_text else parts[place.piece].text)[place.start : place.end]


def stream(article: Article, zones: tuple[Zone, ...], analyzer: Analyzer, known: Stops | None = None) -> list[Place]:
    """Return every token and boundary of an article at its place: the plain form of what the index holds.

    Args:
        article: Its own `zones` are not looked at.
        zones: Of its text.
        analyzer: Of the index.
        known: `stops` of the text, if they are known.
    """
    known = stops(article.body, zones) if known is None else known
    places: list[Place] = []
    position = -1
    before: Field | None = None
    for number, piece in enumerate(pieces(article, zones)):
        tokens = piece_tokens(piece, analyzer)
        if tokens and separated(piece.field, before):
            position += 1
        offset = max(piece.start, 0)
        last = -1
        ends = stops_in(piece, known)
        done = 0
        for token in [*tokens, None]:
            while done < len(ends) and (token is None or ends[done][0] <= token.start):
                if last >= 0:
                    form = ends[done][1]
                    places.append(Place(BOUNDARY, form, position, piece.field, last, last, piece.start >= 0, number))
                done += 1
            if token is None:
                break
            position += token.step
            start, end = offset + token.start, offset + token.end
            places.append(Place(token.term, token.form, position, piece.field, start, end, piece.start >= 0, number))
            before = piece.field
            last = end
    return places
