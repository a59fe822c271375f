"""One field of an index as an index of its own: its terms in order, where each stands, how long the field is.

That is how other search libraries see an index. Here a field is a range of one stream (`text.stream`), so what belongs
to it is picked out of the postings of all fields when it is asked for. Terms are bytes: UTF-8, in which lone surrogates
may stand.
"""

import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.engine import counts
from search.engine.layout import UNDATED
from search.engine.segment import Segment, Term
from search.engine.snapshot import Part, Snapshot
from search.text.edits import within
from search.text.stream import Field

Docs = NDArray[np.int64]

PORTION = 1 << 18  # postings looked at in one go
GAP = 1000  # positions put between the ranges where they are one field, that nothing near crosses from one to the next
_SHAPE = 24  # binary digits of the number of a form
_MICRO = 1_000_000


def encoded(term: str) -> bytes:
    """Return a term as bytes."""
    return term.encode("utf-8", "surrogatepass")


def decoded(term: bytes) -> str:
    """Return the term that some bytes are; what is no UTF-8 becomes no term there is."""
    try:
        return term.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return term.decode("utf-8", "replace")


class _Piece(NamedTuple):
    """Postings of a term of one part: their ordinals, their articles, and the forms that count, None for all."""

    part: Part
    term: Term
    chosen: NDArray[np.int64]
    docs: Docs
    shapes: frozenset[int] | None


class Listing:
    """The living articles in which a term stands in a field.

    Args:
        docs: int64 (n,), ascending.
        weights: How often it stands in each, int64 (n,).
        lengths: How long the field is in each, int32 (n,).
        positions: Of the articles from one ordinal up to another, ascending, counted from where the field begins.
    """

    def __init__(
        self,
        docs: Docs,
        weights: NDArray[np.int64],
        lengths: NDArray[np.int32],
        positions: Callable[[int, int], list[list[int]]],
    ) -> None:
        self.docs, self.weights, self.lengths, self.positions = docs, weights, lengths, positions

    def __len__(self) -> int:
        return len(self.docs)

    def blocks(self, size: int) -> tuple[list[int], list[int], list[int]]:
        """Return, for each `size` articles, the largest weight, the smallest and the largest length."""
        starts = np.arange(0, len(self.docs), size)
        lengths = self.lengths
        return (
            np.maximum.reduceat(self.weights, starts).tolist(),
            np.minimum.reduceat(lengths, starts).tolist(),
            np.maximum.reduceat(lengths, starts).tolist(),
        )


class Stems:
    """The stems of a segment in order; four bytes a term, kept."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        stems = [entry[: entry.index(b" ")] for entry in segment.lexicon.entries()]
        self._order = np.array(sorted(range(len(stems)), key=stems.__getitem__), np.uint32)

    def since(self, first: str) -> Iterator[tuple[str, int]]:
        """Yield stems from `first` on with the numbers of their terms, in order."""
        order, stem = self._order.data, self._segment.stem
        for at in range(bisect_left(order, encoded(first), key=lambda number: encoded(stem(number))), len(order)):
            yield stem(order[at]), order[at]


class Fieldwise:
    """The fields of a snapshot, each as it is asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._stems: dict[int, Stems] = {}

    def stems(self, part: Part) -> Stems:
        """Return the stems of a part in order."""
        if part.base not in self._stems:
            self._stems[part.base] = Stems(part.segment)
        return self._stems[part.base]

    def words(self, field: Field | None, *, exact: bool) -> "Words":
        """Return a range of the stream, or all of what a bare word is looked for in.

        Args:
            field: The range; None for all but `Field.NAMED`.
            exact: Whether its terms are surface forms; else they are stems.
        """
        return Words(self, field, exact=exact)

    def named(self, name: str, *, exact: bool) -> "Named":
        """Return the field whose terms begin with `name`, such as `path`."""
        return Named(self, f"{name}:", exact=exact)

    def has(self, name: str) -> bool:
        """Return whether some article has a field of this name."""
        return any(next(part.segment.lexicon.beginning(f"{name}:"), None) for part in self.snapshot.parts)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all fields that articles name themselves, `path` among them; looks through the vocabulary."""
        forms = (form for part in self.snapshot.parts for form, _ in part.segment.lexicon.having(":"))
        return frozenset(form.partition(":")[0] for form in forms if ":" in form) - {""}


class Words:
    """A range of the stream.

    Args:
        fields: Of the index.
        field: The range; None for all of them that belong to no name.
        exact: Whether its terms are surface forms.
    """

    prefix = ""

    def __init__(self, fields: Fieldwise, field: Field | None, *, exact: bool) -> None:
        self._fields = fields
        self._snapshot = fields.snapshot
        self._ranges = [each for each in Field if each is not Field.NAMED] if field is None else [field]
        self._field = field
        self.exact = exact
        self._present: dict[int, NDArray[np.int64]] = {}

    def holds(self, field: Field, term: str) -> bool:
        """Return whether a token of a range of the stream belongs to it."""
        return field in self._ranges and ":" not in term

    def offset(self, field: Field, first: int) -> int:
        """Return what is added to a position in the stream to have that in it.

        Args:
            field: The range in which it is.
            first: Where its first token in the article stands.
        """
        return GAP * field if self._field is None else -first

    # Length

    @cached_property
    def lengths(self) -> NDArray[np.int32]:
        """How many positions it takes in each article. int32 (articles,)."""
        found: NDArray[np.int32] = self._snapshot.lengths(self._ranges[0])
        for field in self._ranges[1:]:
            found = found + self._snapshot.lengths(field)
        return found

    @cached_property
    def extent(self) -> tuple[int, int, int]:
        """Return how long it is in all living articles together, in the shortest that has it and in the longest."""
        live = self._snapshot.live
        own = self.lengths if live is None else self.lengths[live]
        own = own[own > 0]
        return (int(own.sum(dtype=np.int64)), int(own.min()), int(own.max())) if len(own) else (0, 0, 0)

    def _own(self, docs: Docs, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the positions in it of places in the stream."""
        starts = counts.field_starts(self._snapshot.extents(docs))
        if self._field is not None:
            return positions - starts[:, self._field]
        return positions + GAP * counts.fields_at(positions, starts)

    # Terms

    def terms(self, first: bytes = b"") -> Iterator[bytes]:
        """Yield its terms from `first` on, in order."""
        start = self.prefix + decoded(first)
        rows = [self._terms(part, start) for part in self._snapshot.parts]
        for term, _ in groupby(heapq.merge(*rows)):
            own = term.removeprefix(self.prefix.encode())
            if own >= first:
                yield own

    def _terms(self, part: Part, start: str) -> Iterator[bytes]:
        """Yield its terms of one part, by their full names."""
        segment = part.segment
        since = segment.lexicon.since if self.exact else self._fields.stems(part).since
        some = self._field is not None or part.deleted is not None
        standing = self._standing(part).data if some else None
        for word, number in since(start):
            if self.prefix:
                if not word.startswith(self.prefix):
                    break
            elif ":" in word:
                continue
            forms = segment.term(number).forms if self.exact else ()
            shape = forms.index(word) if self.exact else 0
            if standing is not None:
                at = bisect_left(standing, number << _SHAPE | shape)
                if at == len(standing) or standing[at] != number << _SHAPE | shape:
                    continue
            elif len(forms) > 1 and shape not in segment.shapes(number):
                continue  # the articles it stood in have been merged away
            yield encoded(word)

    def _standing(self, part: Part) -> NDArray[np.int64]:
        """Return which terms of a part stand in it, or which forms of which, in a living article; ascending, kept."""
        known = self._present.get(part.base)
        if known is None:
            portions = runs.portions(part.segment.df(), PORTION)
            found = [self._standing_of(part, np.arange(first, last)) for first, last in portions]
            known = self._present[part.base] = np.concatenate([np.zeros(0, np.int64), *found])
        return known

    def _standing_of(self, part: Part, terms: NDArray[np.int64]) -> NDArray[np.int64]:
        segment = part.segment
        postings = segment.postings(terms)
        docs = postings.docs.astype(np.int64) + part.base
        stands = counts.totals(frozenset(self._ranges))[postings.codes] > 0
        stands[postings.odd] = postings.rows[:, self._ranges].any(axis=1)
        stands &= self._living(part, docs)
        number = np.repeat(terms, postings.sizes)
        if not self.exact:
            return np.unique(number[stands]) << _SHAPE
        sizes = postings.occurrences()
        here = np.repeat(stands, sizes).nonzero()[0]
        positions, shapes = (each[here] for each in segment.places_of(terms))
        owner = np.repeat(np.arange(len(docs)), sizes)[here]
        inside = self._inside(docs[owner], positions)
        return np.unique(number[owner[inside]] << _SHAPE | shapes[inside])

    def near(self, term: str, distance: int, prefix: str) -> Iterator[str]:
        """Yield the terms within an edit distance, a swap of neighbours counting once, that begin with `prefix`."""
        if self.exact and term:
            rows = [part.segment.lexicon.near(self.prefix + term, distance) for part in self._snapshot.parts]
            words = {word for row in rows for word, _ in row if word.startswith(self.prefix)}
            some: Iterator[str] = (word[len(self.prefix) :] for word in words)
        else:
            some = map(decoded, self.terms(encoded(prefix)))
        for word in some:
            if not word.startswith(prefix):
                if self.exact:
                    continue
                break
            if ":" not in word and within(word, term, distance) and self.find(encoded(word)):
                yield word

    # Postings

    def find(self, term: bytes) -> Listing | None:
        """Return where a term stands, or None."""
        word = decoded(term)
        if ":" in word or not word:
            return None
        pieces = [piece for part in self._snapshot.parts for piece in self._pieces(part, self.prefix + word)]
        if not pieces:
            return None
        docs = np.concatenate([piece.docs for piece, _ in pieces])
        weights = np.concatenate([weights for _, weights in pieces])
        if len(docs) > 1 and not (docs[1:] > docs[:-1]).all():  # a form of several terms
            docs, at = np.unique(docs, return_inverse=True)
            weights = np.bincount(at, weights).astype(np.int64)
        parts = [piece for piece, _ in pieces]
        return Listing(docs, weights, self.lengths[docs], lambda first, last: self._positions(parts, docs[first:last]))

    def _pieces(self, part: Part, word: str) -> Iterator[tuple[_Piece, NDArray[np.int64]]]:
        """Yield the postings of a word in a part, and how often it stands there."""
        segment = part.segment
        if not self.exact:
            term = segment.find(encoded(word))
            if term is None:
                return
            docs = segment.docs(term) + part.base
            rows = counts.COUNTS[segment.codes(term)]
            at, others = segment.others(term)
            rows[at] = others
            weights = rows[:, self._ranges].sum(axis=1, dtype=np.int64)
            kept = self._living(part, docs) & (weights > 0)
            chosen = np.flatnonzero(kept)
            if len(chosen):
                yield _Piece(part, term, chosen, docs[chosen], None), weights[chosen]
            return
        for form, number in segment.lexicon.since(word):
            if form != word:
                break
            term = segment.term(number)
            shapes = frozenset([term.forms.index(word)])
            docs = segment.docs(term) + part.base
            posting, position = segment.places(term, np.arange(len(docs)), shapes)
            posting = posting[self._inside(docs[posting], position)]
            weights = np.bincount(posting, minlength=len(docs))
            chosen = np.flatnonzero((weights > 0) & self._living(part, docs))
            if len(chosen):
                yield _Piece(part, term, chosen, docs[chosen], shapes), weights[chosen]

    def _living(self, part: Part, docs: Docs) -> NDArray[np.bool_]:
        live = self._snapshot.live if part.deleted else None
        return np.ones(len(docs), np.bool_) if live is None else live[docs]

    def _inside(self, docs: Docs, positions: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return whether each place is in it."""
        if self._field is None:
            return np.ones(len(docs), np.bool_)
        starts = counts.field_starts(self._snapshot.extents(docs))
        found: NDArray[np.bool_] = counts.fields_at(positions, starts) == self._field
        return found

    def _positions(self, pieces: Sequence[_Piece], docs: Docs) -> list[list[int]]:
        """Return the positions of a term in some articles, all of which have it."""
        found: list[list[int]] = [[] for _ in docs]
        for piece in pieces:
            first, last = np.searchsorted(piece.docs, docs[0]), np.searchsorted(piece.docs, docs[-1], side="right")
            if first == last:
                continue
            own = piece.docs[first:last]
            row, position = piece.part.segment.places(piece.term, piece.chosen[first:last], piece.shapes)
            inside = self._inside(own[row], position)
            row, position = row[inside], self._own(own[row[inside]], position[inside])
            at = np.searchsorted(docs, own)[row]
            for ordinal, where in zip(at.tolist(), position.tolist(), strict=True):
                found[ordinal].append(where)
        if len(pieces) > len({piece.part.base for piece in pieces}):
            for places in found:
                places.sort()
        return found


class Named(Words):
    """A field with terms of its own, such as `path`."""

    def __init__(self, fields: Fieldwise, prefix: str, *, exact: bool) -> None:
        super().__init__(fields, None, exact=exact)
        self.prefix = prefix
        self._ranges = [Field.NAMED]

    def holds(self, field: Field, term: str) -> bool:
        """Return whether a token of a range of the stream belongs to it."""
        return field is Field.NAMED and term.startswith(self.prefix)

    def offset(self, field: Field, first: int) -> int:  # noqa: ARG002  # as of every field
        """Return what is added to a position in the stream to have that in it."""
        return -first

    @cached_property
    def _range(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Where it begins in each article, and how many positions it takes; int32 (articles,) each."""
        n = self._snapshot.n_all
        first, last = np.full(n, np.iinfo(np.int32).max, np.int32), np.full(n, -1, np.int32)
        for part in self._snapshot.parts:
            numbers = np.unique(np.array([n for _, n in part.segment.lexicon.beginning(self.prefix)], np.int64))
            for some in np.array_split(numbers, len(numbers) // 1024 + 1):
                if not len(some):
                    continue
                postings = part.segment.postings(some)
                docs = np.repeat(postings.docs.astype(np.int64) + part.base, postings.occurrences())
                positions, _ = part.segment.places_of(some)
                np.minimum.at(first, docs, positions.astype(np.int32))
                np.maximum.at(last, docs, positions.astype(np.int32))
        has = last >= 0
        return np.where(has, first, 0), np.where(has, last - first + 1, 0)

    @cached_property
    def lengths(self) -> NDArray[np.int32]:
        """How many positions it takes in each article. int32 (articles,)."""
        return self._range[1]

    def _own(self, docs: Docs, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        return positions - self._range[0][docs]


class Moments:
    """When articles were published, by the clock of their outlet, in microseconds since the year 1."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    _YEAR_ONE = 62_135_596_800  # seconds from the year 1 to 1970

    @cached_property
    def _docs(self) -> Docs:
        """Living articles with a date, the oldest first."""
        dated = self._snapshot.local != UNDATED
        if self._snapshot.live is not None:
            dated &= self._snapshot.live
        docs = np.flatnonzero(dated)
        return docs[np.argsort(self._snapshot.local[docs], kind="stable")]

    @cached_property
    def _seconds(self) -> NDArray[np.int64]:
        return self._snapshot.local[self._docs]

    def of(self, doc: int) -> int | None:
        """Return when an article was published; None if that is not known."""
        seconds = int(self._snapshot.local[doc])
        return None if seconds == UNDATED else (seconds + self._YEAR_ONE) * _MICRO

    def _at(self, least: int) -> int:
        """Return how many are before some time."""
        seconds = -(-least // _MICRO) - self._YEAR_ONE
        return int(np.searchsorted(self._seconds, np.int64(max(min(seconds, 1 << 62), -(1 << 62)))))

    def between(self, least: int, end: int) -> Docs:
        """Return the articles published from `least` up to, not including, `end`, ascending."""
        return np.sort(self._docs[self._at(least) : self._at(end)])

    def since(self, least: int, step: int) -> Iterator[int]:
        """Yield the times from `least` on at which articles were published, as numbers of steps since the year 1."""
        at = self._at(least)
        while at < len(self._docs):
            n = (int(self._seconds[at]) + self._YEAR_ONE) * _MICRO // step
            yield n
            at = self._at((n + 1) * step)

    def listing(self, least: int, end: int) -> Listing | None:
        """Return the articles published from `least` up to, not including, `end`; None if there are none."""
        docs = self.between(least, end)
        return listing_of(docs) if len(docs) else None


def listing_of(docs: Docs) -> Listing:
    """Return articles as the listing of a term without positions."""
    n: Any = len(docs)
    return Listing(docs, np.ones(n, np.int64), np.ones(n, np.int32), lambda first, last: [[0]] * (last - first))


def listing_of_one(doc: int) -> Listing:
    """Return one article as the listing of a term without positions."""
    return listing_of(np.array([doc], np.int64))
