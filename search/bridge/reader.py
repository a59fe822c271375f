"""An index as a Whoosh reader: `whoosh.searching.Searcher(reader)` searches it."""

import datetime
from collections import OrderedDict
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from whoosh import formats
from whoosh.columns import TranslatingColumnReader
from whoosh.matching.mcore import ListMatcher
from whoosh.reading import IndexReader, ReaderClosed, TermInfo, TermNotFound
from whoosh.spelling import ReaderCorrector

from search.bridge.columns import Values
from search.bridge.matcher import Postings
from search.bridge.schema import EXACT, NAMES, RANGES, Schema
from search.engine import record
from search.engine.fieldwise import Fieldwise, Listing, Moments, Words, encoded, listing_of_one
from search.engine.snapshot import Snapshot
from search.model import Article
from search.text.analysis import Analyzer
from search.text.stream import BOUNDARY, pieces, stream

KEPT = 32  # listings of terms met lately: Whoosh asks for a term four times a query

_YEAR_ONE = datetime.datetime(1, 1, 1)  # noqa: DTZ001  # the outlets' clocks, whatever they are


class Reader(IndexReader):
    """The articles of one commit; one reader for all its segments. Not for several threads.

    Args:
        snapshot: Of the index.
        analyzer: Of the index.
        generation: Of the commit.
    """

    def __init__(self, snapshot: Snapshot, analyzer: Analyzer, generation: int) -> None:
        self._snapshot = snapshot
        self._analyzer = analyzer
        self._generation = generation
        self._fields = Fieldwise(snapshot)
        self._known: dict[str, Any] = {}
        self._listings: OrderedDict[tuple[str, bytes], Listing | None] = OrderedDict()
        self.schema = Schema(analyzer, self._fields.has)
        self.is_closed = False

    def close(self) -> None:
        """Let go of what was remembered; the index keeps its files."""
        self.is_closed = True
        self._known.clear()
        self._listings.clear()

    def generation(self) -> int:
        """Return the number of the commit."""
        return self._generation

    # Fields and terms

    def _field(self, fieldname: str) -> "Words | Ids | Times":
        """Return a field by its name.

        Raises:
            TermNotFound: There is none.
            ReaderClosed: The reader was closed.
        """
        if self.is_closed:
            raise ReaderClosed
        known = self._known.get(fieldname)
        if known is None:
            if fieldname not in self.schema:
                raise TermNotFound(f"No field {fieldname!r}")
            known = self._known[fieldname] = self._made(fieldname)
        return known

    def _made(self, fieldname: str) -> "Words | Ids | Times":
        if fieldname == "id":
            return Ids(self._snapshot)
        if fieldname == "date":
            return Times(self._moments)
        exact = fieldname.startswith(EXACT) and not self._fields.has(fieldname)
        name = fieldname.removeprefix(EXACT) if exact else fieldname
        if name in RANGES:
            return self._fields.words(RANGES[name], exact=exact)
        return self._fields.named(name, exact=exact)

    def _listing(self, fieldname: str, text: Any) -> Listing | None:
        """Return where a term stands, or None."""
        field = self._field(fieldname)
        key = fieldname, self._text_to_bytes(fieldname, text)
        if key in self._listings:
            self._listings.move_to_end(key)
        else:
            if len(self._listings) >= KEPT:
                self._listings.popitem(last=False)
            self._listings[key] = field.find(key[1])
        return self._listings[key]

    def __contains__(self, term: tuple[str, Any]) -> bool:
        fieldname, text = term
        return fieldname in self.schema and self._listing(fieldname, text) is not None

    def indexed_field_names(self) -> list[str]:
        """Return the names of all fields with terms; looks through the vocabulary."""
        names = {"id", "date", *RANGES, *self._fields.names}
        return sorted(names | {EXACT + name for name in names - {"id", "date"}})

    def all_terms(self) -> Iterator[tuple[str, bytes]]:
        """Yield field and bytes of every term, in order."""
        return ((name, text) for name in self.indexed_field_names() for text in self.lexicon(name))

    def terms_from(self, fieldname: str, prefix: Any) -> Iterator[tuple[str, bytes]]:
        """Yield field and bytes of every term of a field from one on, in order, and then those of the fields behind."""
        yield from ((fieldname, text) for text in self.terms_since(fieldname, prefix))
        for name in self.indexed_field_names():
            if name > fieldname:
                yield from ((name, text) for text in self.lexicon(name))

    def lexicon(self, fieldname: str) -> Iterator[bytes]:
        """Yield the terms of a field, in order."""
        return self._field(fieldname).terms()

    def terms_since(self, fieldname: str, first: Any) -> Iterator[bytes]:
        """Yield the terms of one field from `first` on, in order."""
        return self._field(fieldname).terms(self._text_to_bytes(fieldname, first))

    def expand_prefix(self, fieldname: str, prefix: Any) -> Iterator[bytes]:
        """Yield the terms of a field that begin with `prefix`, in order."""
        start = self._text_to_bytes(fieldname, prefix)
        for text in self.terms_since(fieldname, start):
            if not text.startswith(start):
                break
            yield text

    def iter_field(self, fieldname: str, prefix: Any = "") -> Iterator[tuple[bytes, TermInfo]]:
        """Yield the terms of a field from `prefix` on, with their statistics."""
        for text in self.terms_since(fieldname, prefix):
            yield text, self.term_info(fieldname, text)

    def terms_within(self, fieldname: str, text: str, maxdist: int, prefix: int = 0) -> Iterator[str]:
        """Yield the terms of a field within an edit distance, in no order; a swap of neighbours counts once."""
        field = self._field(fieldname)
        return field.near(text, maxdist, text[:prefix]) if isinstance(field, Words) else iter(())

    def cursor(self, fieldname: str) -> "Cursor":
        """Return what goes through the terms of a field."""
        return Cursor(self, fieldname)

    def corrector(self, fieldname: str) -> ReaderCorrector:
        """Return what suggests other spellings: words as they are written in the articles."""
        name = self.schema[fieldname].spelling_fieldname(fieldname)
        return ReaderCorrector(self, name, self.schema[name])

    # Statistics

    def term_info(self, fieldname: str, text: Any) -> TermInfo:
        """Return the statistics of a term.

        Raises:
            TermNotFound: There is none.
        """
        listing = self._listing(fieldname, text)
        if listing is None:
            raise TermNotFound(f"{fieldname}:{text!r}")
        weights, lengths = listing.weights, listing.lengths
        return TermInfo(
            *(float(weights.sum()), len(listing), int(lengths.min()), int(lengths.max()), float(weights.max())),
            *(int(listing.docs[0]), int(listing.docs[-1])),
        )

    def frequency(self, fieldname: str, text: Any) -> float:
        """Return how often a term stands in a field, in all living articles."""
        listing = self._listing(fieldname, text)
        return float(listing.weights.sum()) if listing else 0

    def doc_frequency(self, fieldname: str, text: Any) -> int:
        """Return in how many living articles a term stands in a field."""
        return len(self._listing(fieldname, text) or ())

    def postings(self, fieldname: str, text: Any, scorer: Any = None) -> Postings:
        """Return the living articles in which a term stands in a field.

        Raises:
            TermNotFound: In none.
        """
        listing = self._listing(fieldname, text)
        if listing is None:
            raise TermNotFound(f"{fieldname}:{text!r}")
        key = fieldname, self._text_to_bytes(fieldname, text)
        return Postings(listing, key, self.schema[fieldname].format, scorer)

    def field_length(self, fieldname: str) -> int:
        """Return how many positions a field takes in all living articles."""
        return self._field(fieldname).extent[0]

    def min_field_length(self, fieldname: str) -> int:
        """Return how many positions a field takes in the shortest living article that has it."""
        return self._field(fieldname).extent[1]

    def max_field_length(self, fieldname: str) -> int:
        """Return how many positions a field takes in the longest living article."""
        return self._field(fieldname).extent[2]

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Return how many positions a field takes in an article, `default` if it has none."""
        field = self._field(fieldname)
        return int(field.lengths[docnum]) or default if isinstance(field, Words) else default

    # Articles

    def doc_count_all(self) -> int:
        """Return how many articles there are, those that are deleted and not yet merged away among them."""
        if self.is_closed:
            raise ReaderClosed
        return self._snapshot.n_all

    def doc_count(self) -> int:
        """Return how many living articles there are."""
        if self.is_closed:
            raise ReaderClosed
        return self._snapshot.n_docs

    def has_deletions(self) -> bool:
        """Return whether articles are deleted and not yet merged away."""
        return self.doc_count() < self.doc_count_all()

    def is_deleted(self, docnum: int) -> bool:
        """Return whether an article is deleted."""
        if self.is_closed:
            raise ReaderClosed
        return not self._snapshot.is_live(docnum)

    def _article(self, docnum: int) -> Article:
        if self.is_closed:
            raise ReaderClosed
        return record.decode(self._snapshot.record(docnum))

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """Return what an article holds, by field; `text` is all of its text, the other parts what stands in them."""
        article = self._article(docnum)
        found: dict[str, Any] = {"id": article.id, "text": article.body}
        moment = self._moments.of(docnum)
        if moment is not None:
            found["date"] = _YEAR_ONE + datetime.timedelta(microseconds=moment)
        for piece in pieces(article, article.zones or ()):
            name = piece.prefix.rstrip(":") or NAMES.get(piece.field)
            if name in found and piece.field in NAMES:
                found[name] += f"\n{piece.text}"
            elif name and name not in found:
                found[name] = piece.text
        return found

    def has_vector(self, docnum: int, fieldname: str) -> bool:
        """Return whether an article has words in a field."""
        return bool(self.schema[fieldname].vector) and self.doc_field_length(docnum, fieldname) > 0

    def vector(self, docnum: int, fieldname: str, format_: Any = None) -> ListMatcher:
        """Return the terms of an article in a field, in order, as if they were postings; made of its text.

        Raises:
            KeyError: It has none.
        """
        field = self._field(fieldname)
        found: dict[str, list[int]] = {}
        for term, position in self._tokens(docnum, field):
            found.setdefault(term, []).append(position)
        if not found:
            raise KeyError(f"No vector found for document {docnum} field {fieldname!r}")
        terms = sorted(found)
        format_ = format_ or self.schema[fieldname].vector
        weights = [float(len(found[term])) for term in terms]
        places = isinstance(format_, formats.Positions)
        values = [format_.encode(found[term]) if places else formats.pack_uint(len(found[term])) for term in terms]
        return ListMatcher(terms, weights, values, format_)

    def _tokens(self, docnum: int, field: "Words | Ids | Times") -> Iterator[tuple[str, int]]:
        """Yield the terms of an article in a field with their positions there."""
        if not isinstance(field, Words):
            return
        article = self._article(docnum)
        first = None
        for place in stream(article, article.zones or (), self._analyzer):
            term = place.form if field.exact else place.term
            if place.term == BOUNDARY or not field.holds(place.field, term):
                continue
            first = place.position if first is None else first
            yield term.removeprefix(field.prefix), place.position + field.offset(place.field, first)

    # Columns

    @cached_property
    def _moments(self) -> Moments:
        return Moments(self._snapshot)

    def has_column(self, fieldname: str) -> bool:
        """Return whether articles can be sorted by a field."""
        return fieldname in self.schema and self.schema[fieldname].column_type is not None

    def column_reader(
        self,
        fieldname: str,
        column: Any = None,
        reverse: bool = False,  # noqa: FBT001, FBT002  # Whoosh's own signature
        translate: bool = True,  # noqa: FBT001, FBT002  # Whoosh's own signature
    ) -> Any:
        """Return what articles are sorted by: their times, or what stands in a field, as bytes."""
        if not self.has_column(fieldname):
            raise TermNotFound(f"No column for field {fieldname!r}")
        field = self.schema[fieldname]
        default = (column or field.column_type).default_value()
        values = Values(self.doc_count_all(), lambda docnum: self._column_value(docnum, fieldname), default)
        if reverse:
            values.set_reverse()
        return TranslatingColumnReader(values, field.from_column_value) if translate else values

    def _column_value(self, docnum: int, fieldname: str) -> Any:
        """Return what an article has in a column, or None."""
        if fieldname == "date":
            return self._moments.of(docnum)
        value = self.stored_fields(docnum).get(fieldname)
        return None if value is None else encoded(value)


class Cursor:
    """Goes through the terms of a field, in order; stands at the first. At the end there is no term."""

    def __init__(self, reader: Reader, fieldname: str) -> None:
        self._reader, self._fieldname = reader, fieldname
        self._decoded = reader.schema[fieldname].from_bytes
        self.first()

    def _go(self, start: Any) -> str | None:
        self._terms = self._reader.terms_since(self._fieldname, start)
        return self.next()

    def first(self) -> str | None:
        """Go to the first term; return it."""
        return self._go(b"")

    def find(self, term: Any) -> str | None:
        """Go to the first term from this one on; return it."""
        return self._go(term)

    def next(self) -> str | None:
        """Go to the next term; return it."""
        self._text = next(self._terms, None)
        return self.text()

    def text(self) -> str | None:
        """Return the term it stands at."""
        return None if self._text is None else self._decoded(self._text)

    def term(self) -> tuple[str, bytes] | None:
        """Return field and bytes of the term it stands at."""
        return None if self._text is None else (self._fieldname, self._text)

    def is_valid(self) -> bool:
        """Return whether it stands at a term."""
        return self._text is not None

    def term_info(self) -> TermInfo:
        """Return the statistics of the term it stands at."""
        return self._reader.term_info(self._fieldname, self._text)


class Ids:
    """The field of ids."""

    extent = 0, 0, 0

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def find(self, term: bytes) -> Listing | None:
        """Return the article with an id, or None."""
        doc = self._snapshot.find(term.decode("utf-8", "replace"))
        return None if doc is None else listing_of_one(doc)

    def terms(self, first: bytes = b"") -> Iterator[bytes]:
        """Yield the ids from `first` on, in order; reads every article."""
        ids = (encoded(self._snapshot.id(doc)) for doc in self._snapshot)
        return iter(sorted(own for own in ids if own >= first))


class Times:
    """The field of times. Whoosh has each time as eight terms, the less precise ones for ranges."""

    extent = 0, 0, 0

    _offset = 1 << 63  # of numbers with a sign, as bytes

    def __init__(self, moments: Moments) -> None:
        self._moments = moments

    def find(self, term: bytes) -> Listing | None:
        """Return the articles of a term, or None."""
        if len(term) != 9:
            return None
        shift, number = term[0], int.from_bytes(term[1:], "big")
        least = (number << shift) - self._offset
        return self._moments.listing(least, least + (1 << shift))

    def terms(self, first: bytes = b"") -> Iterator[bytes]:
        """Yield the terms from `first` on, in order."""
        for shift in range(first[0] if first else 0, 64, 8):
            number = int.from_bytes(first[1:9].ljust(8, b"\0"), "big") if first and shift == first[0] else 0
            for each in self._moments.since((number << shift) - self._offset, 1 << shift):
                yield bytes([shift]) + (each + (self._offset >> shift)).to_bytes(8, "big")
