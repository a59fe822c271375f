"""One immutable segment, opened: articles by number or id, terms by stem or form, postings, places. See `layout`."""

import zlib
from bisect import bisect_left
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np
import zstandard
from numpy.typing import NDArray

from search import runs
from search.engine import counts
from search.engine.ends import Ends
from search.engine.layout import BOUNDED, LENGTHS, SLOT, UNDATED
from search.engine.lexicon import Lexicon
from search.engine.planes import Inflater, Planes
from search.engine.sections import Column, Sections
from search.engine.sketches import Sketches
from search.engine.storage import Folder
from search.errors import CorruptionError
from search.text.stream import Field

Bytes = NDArray[np.uint8]
Docs = NDArray[np.int64]
Times = NDArray[np.int64]
Ints = NDArray[np.integer[Any]]

QUARTER = 900  # seconds of a quarter of an hour, in which zones are counted
SPARSE = 10  # times as many postings as are looked at, so that summing between those pays
_HAS_CHECKSUM = 1 << 2  # in the fifth byte of a zstd frame; RFC 8878, 3.1.1.1.1
_NO_OTHERS = np.zeros(0, np.int64), np.zeros((0, counts.N_FIELDS), np.uint32)


class Term(NamedTuple):
    """A term of one segment: its number, where its postings begin and end, its surface forms, and its stem."""

    number: int
    start: int
    end: int
    forms: tuple[str, ...]
    stem: str


class Some(NamedTuple):
    """The postings of some terms: how many each term has, int64; then of each posting the article, int32, and the code.

    `odd` are those whose code is `OTHER`, and `rows` their frequencies.
    """

    sizes: NDArray[np.int64]
    docs: NDArray[np.int32]
    codes: Ints
    odd: NDArray[np.int64]
    rows: Ints

    def occurrences(self) -> NDArray[np.int64]:
        """Return how many places each posting has."""
        found = counts.OCCURRENCES[self.codes]
        found[self.odd] = self.rows.sum(axis=1)
        return found


class Segment:
    """A segment on disk, opened.

    Raises (all methods):
        CorruptionError: Bytes are not what was written.
    """

    def __init__(self, folder: Folder, name: str, size: int, *, verify: bool = True) -> None:
        self.file = file = Sections(folder, name, size, verify=verify)
        self.name = name
        try:
            self._read(file.meta)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise CorruptionError.at(file.name, f"contents: expected a segment, found {error!r}") from error
        self._chunks = self.n_docs - 1 >> 16
        self._frames, self.frame_ends = file["frames"], Ends(file, "frame_ends", self.n_docs)
        self._dictionary = file["dictionary"]
        self._first_dictionary, self._has_several = self._base["dictionary"], len(self._dictionary) > 0
        self._inflater = Inflater()
        self.lexicon = Lexicon(file, self.n_terms)
        self._buckets, self._slots = file["buckets"], file["slots"]
        self._id_buckets, self._id_slots = file["id_buckets"], file["id_slots"]
        self.posting_ends, self.place_ends = (Ends(file, f"{name}_ends", self.n_terms) for name in ("posting", "place"))
        self._low16, self._wide = file["low16"], file["wide"]
        self._split = len(self._low16)
        self.counts = file["counts"]
        self._other_at = file["other_at"]
        self._other = Planes(file, "other", len(self._other_at) * counts.N_FIELDS)
        self._low8 = file["low8"]
        self._high, self._shapes = Planes(file, "high", len(self._low8)), Planes(file, "shapes", len(self._low8))
        self._fit()
        self.sketches = Sketches(file, self.n_docs, self._base)

    def _read(self, meta: dict[str, Any]) -> None:
        """Take over what stands beside the sections."""

        def number(value: object) -> int:
            if not isinstance(value, int) or abs(value) >= 1 << 62:
                raise ValueError(value)
            return value

        self.n_docs, self.n_terms = number(meta["articles"]), number(meta["terms"])
        self._base = {key: number(value) for key, value in meta["base"].items()}
        self._oldest = number(meta["oldest"])
        self._frequent = number(meta["frequent"])
        self._having = [(number(n), number(total)) for n, total in meta["having"]]
        self._dictionaries = [0, *accumulate(map(number, meta["dictionaries"]))]

    def _fit(self) -> None:
        """Hold the lengths of the sections to each other, that nothing is asked for that is not there."""
        file = self.file
        lengths = {
            "id_slots": self.n_docs,
            "slots": self.n_terms,
            "counts": self._split + len(self._wide),
            "bounds": len(file["bounded"]) * (len(LENGTHS) + counts.N_FIELDS),
        }
        if self._chunks:
            lengths["steps"] = self._frequent * self._chunks
        for name, n in lengths.items():
            file.expect(name, f"{n} numbers", len(file[name]) == n, len(file[name]))
        for name in self._base:
            file.expect(name, f"{self.n_docs} numbers or none", len(file[name]) in (0, self.n_docs), len(file[name]))
        file.expect("contents", f"{counts.N_FIELDS} fields", len(self._having) == counts.N_FIELDS, len(self._having))

    # Articles

    def frame(self, doc: int) -> bytes:
        """Return an article's record, compressed."""
        return self._frames.bytes(*self.frame_ends.bounds(doc))

    def dictionary_of(self, doc: int) -> int:
        """Return 0, or 1 + the number of the dictionary its frame needs."""
        return self._first_dictionary + (self._dictionary[doc] if self._has_several else 0)

    def dictionary(self, number: int) -> bytes:
        """Return dictionary `number`, from 0."""
        return self.file["zdict"].bytes(self._dictionaries[number], self._dictionaries[number + 1])

    @property
    def n_dictionaries(self) -> int:
        """How many dictionaries it holds."""
        return len(self._dictionaries) - 1

    def record(self, doc: int) -> bytes:
        """Return an article's record."""
        frame = self.frame(doc)
        try:
            return self._inflater.inflate(frame, self.dictionary_of(doc), self.dictionary)
        except (ValueError, LookupError) as error:
            raise CorruptionError.at(self.file.name, f"frames: article {doc}: {error}") from error

    def glimpse(self, doc: int) -> bytes:
        """Return what an article's record may have been, whatever its checksum says.

        Raises:
            ValueError, LookupError: There is not even that.
        """
        frame = self.frame(doc)
        if zstandard.get_frame_parameters(frame).has_checksum:
            frame = frame[:4] + bytes([frame[4] & ~_HAS_CHECKSUM]) + frame[5:-4]
        return self._inflater.inflate(frame, self.dictionary_of(doc), self.dictionary)

    def candidates(self, article_id: str) -> list[int]:
        """Return the articles that may have this id; the caller compares."""
        return self._bucket(self._id_buckets, self._id_slots, article_id.encode("utf-8", "surrogatepass"))

    def _column(self, name: str, dtype: type[Any] = np.int64, docs: Docs | None = None) -> NDArray[Any]:
        return self.file[name].wide(self._base[name], self.n_docs, docs, dtype)

    # What follows is of some articles, or of all.

    def when(self, docs: Docs | None = None) -> Times:
        """Return seconds since 1970, `UNDATED` where unknown; of all descending. int64 (articles,)."""
        stored = self._column("when", docs=docs)
        return np.where(stored > 0, stored - 1 + self._oldest, UNDATED)

    def zone(self, docs: Docs | None = None) -> NDArray[np.int64]:
        """Return the quarter hours ahead of UTC. int64 (articles,)."""
        return self._column("zone", docs=docs)

    def local(self, docs: Docs | None = None) -> Times:
        """Return seconds as of `when` by the clock of the outlets, as if that were UTC. int64 (articles,)."""
        when = self.when(docs)
        return when if self.is_utc else np.where(when == UNDATED, UNDATED, when + self.zone(docs) * QUARTER)

    def precision(self, docs: Docs | None = None) -> NDArray[np.int8]:
        """Return how many characters of the date are known, as of `Moment`. int8 (articles,)."""
        return self._column("precision", np.int8, docs)

    @property
    def is_utc(self) -> bool:
        """Whether no article was dated by another clock."""
        return not len(self.file["zone"]) and not self._base["zone"]

    def extent(self, field: Field) -> NDArray[np.int32]:
        """Return how many positions `field` takes in every article. int32 (articles,)."""
        return self._column(f"extent_{field.name.lower()}", np.int32)

    def room(self) -> NDArray[np.int32]:
        """Return how many positions every article takes, without the gaps between its fields. int32 (articles,)."""
        found: NDArray[np.int32] = np.sum([self.extent(field) for field in Field], axis=0, dtype=np.int32)
        return found

    def length_of(self, field: Field) -> tuple[int, int]:
        """Return how many articles have `field`, and how many positions it takes in all of them."""
        having, total = self._having[field]
        return having, total

    # Vocabulary

    @staticmethod
    def _bucket(buckets: Column, slots: Column, key: bytes) -> list[int]:
        crc = zlib.crc32(key)
        found = slots.list(*buckets.bounds(crc >> 33 - len(buckets).bit_length()))
        mark = crc & (1 << 32 - SLOT) - 1
        return [slot & (1 << SLOT) - 1 for slot in found if slot >> SLOT == mark]

    def find(self, stem: bytes) -> Term | None:
        """Return the term with this stem, or None."""
        for number in self._bucket(self._buckets, self._slots, stem):
            entry = self.lexicon.entry(number)
            if entry.startswith(stem) and entry[len(stem)] == 32:
                return self._term(number, entry)
        return None

    def _term(self, number: int, entry: bytes) -> Term:
        stem, *forms = entry.decode("utf-8", "surrogatepass").split(" ")
        return Term(
            number,
            *self.posting_ends.bounds(number),
            tuple([stem + form[1:] if form[0] == "~" else form for form in forms[:-1]]),
            stem,
        )

    def term(self, number: int) -> Term:
        """Return a term by its number."""
        return self._term(number, self.lexicon.entry(number))

    def stem(self, number: int) -> str:
        """Return the stem of a term."""
        return self.lexicon.entry(number).split(b" ", 1)[0].decode("utf-8", "surrogatepass")

    # Postings

    def docs(self, term: Term) -> Docs:
        """Return the articles of a term, ascending. int64 (postings,)."""
        if term.start >= self._split:
            return self._wide.span(term.start - self._split, term.end - self._split).astype(np.int64)
        docs = self._low16.span(term.start, term.end).astype(np.int64)
        if self._chunks:
            steps = self.file["steps"].list(term.number * self._chunks, (term.number + 1) * self._chunks)
            for chunk, (first, last) in enumerate(pairwise([*steps, len(docs)]), 1):
                docs[first:last] += chunk << 16
        return docs

    def codes(self, term: Term) -> Bytes:
        """Return the frequencies of a term's postings as codes. uint8 (postings,)."""
        return self.counts.span(term.start, term.end)  # type: ignore[return-value]  # the section's type

    def others(self, term: Term) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        """Return the postings (counted from the term's first) whose code is `OTHER`, and their frequencies."""
        numbers = self._other_at.numbers()
        first = bisect_left(numbers, term.start)
        if first == len(numbers) or numbers[first] >= term.end:
            return _NO_OTHERS
        last = bisect_left(numbers, term.end, first)
        rows = self._other.span(first * counts.N_FIELDS, last * counts.N_FIELDS, np.uint32)
        return self._other_at.span(first, last).astype(np.int64) - term.start, rows.reshape(-1, counts.N_FIELDS)

    def bound(self, term: Term) -> Bytes | None:
        """Return the row of `bounds` of a term; None if its list is short."""
        if term.end - term.start < BOUNDED:
            return None
        row = bisect_left(self.file["bounded"], term.number, 0, len(self.file["bounded"]))
        width = len(LENGTHS) + counts.N_FIELDS
        return self.file["bounds"].span(row * width, (row + 1) * width)  # type: ignore[return-value]  # the section's type

    def df(self) -> NDArray[np.int64]:
        """Return the number of postings of each term. int64 (terms,)."""
        ends = self.posting_ends.all()
        return np.concatenate([ends[:1], ends[1:] - ends[:-1]])

    def postings(self, terms: NDArray[np.int64]) -> "Some":
        """Return all postings of some terms (numbers, ascending), one term after the other."""
        ends = self.posting_ends.all()
        starts = np.concatenate([[0], ends])[terms]
        sizes = ends[terms] - starts
        at = runs.numbers(starts, sizes)
        n_frequent = int(np.searchsorted(terms, self._frequent))
        split = int(sizes[:n_frequent].sum())
        docs = np.empty(len(at), np.int32)
        docs[:split] = self._low16.all()[at[:split]]
        docs[split:] = self._wide.all()[at[split:] - self._split]
        if self._chunks and n_frequent:
            steps = self.file["steps"].all().reshape(self._frequent, self._chunks)[terms[:n_frequent]]
            size = sizes[:n_frequent]
            first = np.cumsum(size) - size
            inside = steps < size[:, None]
            jumps = np.zeros(split, np.int32)
            np.add.at(jumps, (first[:, None] + steps)[inside], 1)
            jumps[first[1:]] -= inside.sum(axis=1)[:-1]
            docs[:split] += np.cumsum(jumps, dtype=np.int32) << 16
        codes = self.counts.all()[at]
        odd = np.flatnonzero(codes == counts.OTHER)
        return Some(sizes, docs, codes, odd, self._rows(np.searchsorted(self._other_at.all(), at[odd])))

    def _rows(self, numbers: NDArray[np.int64]) -> NDArray[np.uint32]:
        """Return rows of frequencies, given by their ascending numbers. uint32 (rows, fields)."""
        where = numbers[:, np.newaxis] * counts.N_FIELDS + np.arange(counts.N_FIELDS)
        return self._other.at(where.ravel()).astype(np.uint32).reshape(-1, counts.N_FIELDS)

    # Places

    def numbers_of(self, terms: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the numbers of all places of some terms (numbers, ascending), by posting. int64 (places,)."""
        ends = self.place_ends.all()
        starts = np.concatenate([[0], ends])[terms]
        return runs.numbers(starts, ends[terms] - starts)

    def places_of(self, terms: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return position and shape of all places of some terms (numbers, ascending), by posting. int64 (places,)."""
        where = self.numbers_of(terms)
        return self.positions(where), self.shapes_at(where)

    def shapes_at(self, where: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which of its term's forms stands at each of some places, given by their ascending numbers."""
        return self._shapes.at(where)

    def numbered(
        self, term: Term, chosen: NDArray[np.int64], shapes: frozenset[int] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return, for each place of some of a term's postings, its posting's ordinal in `chosen`, and its number.

        Args:
            term: Of this segment.
            chosen: Ascending ordinals of postings, counted from the term's first.
            shapes: Only places where one of these forms (numbers in `term.forms`) stands; None for all.

        Returns:
            Ordinals, ascending, and the numbers of the places, ascending: they are numbered through, over all terms.
        """
        starts, sizes = self.extents(term, chosen)
        posting = np.repeat(np.arange(len(chosen)), sizes)
        where = np.arange(len(posting)) + (starts - sizes.cumsum() + sizes).repeat(sizes)
        if shapes is None:
            return posting, where
        fits = np.zeros(len(term.forms), np.bool_)
        fits[list(shapes)] = True
        kept = fits[self._shapes.at(where)].nonzero()[0]
        return posting[kept], where[kept]

    def extents(self, term: Term, chosen: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the number of the first place, and how many there are, of some of a term's postings.

        Args:
            term: Of this segment.
            chosen: Ascending ordinals of postings, counted from the term's first.
        """
        if not len(chosen):
            return chosen, chosen
        sizes = counts.OCCURRENCES.take(self.codes(term)[: int(chosen[-1]) + 1])
        at, rows = self.others(term)
        if len(at):
            inside = at < len(sizes)
            sizes[at[inside]] = rows[inside].sum(axis=1)
        own = sizes[chosen]
        if len(chosen) * SPARSE < len(sizes):
            between = np.add.reduceat(sizes, chosen)  # from each up to the next
            starts = between.cumsum() - between + sizes[: chosen[0]].sum()
        else:
            starts = sizes.cumsum()[chosen] - own
        starts += self.place_ends[term.number - 1] if term.number else 0
        if starts[-1] + own[-1] > len(self._low8):
            raise CorruptionError.at(self.file.name, f"counts: expected {len(self._low8)} places, found more")
        return starts, own

    def low(self, where: NDArray[np.int64]) -> Bytes:
        """Return the last eight digits of the positions of places, given by their ascending numbers."""
        return self._low8.rising(where)  # type: ignore[return-value]  # the section's type

    def high(self, where: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the other digits."""
        return self._high.at(where)

    def places(
        self, term: Term, chosen: NDArray[np.int64], shapes: frozenset[int] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the places of some of a term's postings.

        Args:
            term: Of this segment.
            chosen, shapes: As of `numbered`.

        Returns:
            For each place, its posting's ordinal in `chosen`, ascending, and its position, ascending in each posting.
        """
        posting, where = self.numbered(term, chosen, shapes)
        return posting, self.positions(where)

    def positions(self, where: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the positions of places, given by their ascending numbers."""
        return self.low(where).astype(np.int64) | self.high(where) << 8

    def shapes(self, number: int) -> NDArray[np.int64]:
        """Return which of its forms stands at each place of a term, given by its number."""
        return self.shapes_at(np.arange(*self.place_ends.bounds(number)))
