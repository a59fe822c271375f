"""One immutable segment: articles, newest first, and the postings of their terms, in one file of sections.

Numbers. An article's number in a segment is its rank by date (newest first, undated last), then by id: the order in
which equal scores are listed. A term's number is its place in the vocabulary; in a segment of more than 65,536 articles
terms stand by falling df. A posting is a term in an article; a place is one occurrence. All of a term's postings stand
together, by article number; all places of a posting, by position.

    articles     frames      each article's record (`record.py`), one zstd frame
                 frame_ends  where its frame ends
                 dictionary  number of the dictionary it was compressed with, narrow; 0 is none
                 zdict       the dictionaries, one after the other
                 when        seconds since 1970, narrow, newest is 1 + the largest; 0 is undated
                 zone        quarter hours ahead of UTC, narrow
                 extent_F    positions that field F takes, narrow, one section a field
                 id_buckets, id_slots    CRC-32 of the id → article
    vocabulary   words       per term: its stem, then its surface forms, blanks between; `~` stands for the stem
                 word_ends   where its entry ends
                 buckets, slots          CRC-32 of the stem → term
                 lexicon     where each surface form begins in `words`, by form
    postings     posting_ends, place_ends   where a term's postings and places end
                 low16       article number, modulo 65,536
                 steps       per frequent term and 65,536 articles after the first: postings before them
                 wide        article number, whole, of the terms that are not frequent; empty in small segments
                 counts      frequencies in the fields, a code of `counts.py`
                 other_at, other   posting and frequencies of those that have no code
                 bounded, bounds   terms with long lists, and what bounds their weight (see `bounds`)
    places       low8        position, modulo 256
                 high, high_ends       the rest of the position, as `Planes`
                 shapes, shapes_ends   which of its term's surface forms stands there, as `Planes`
"""

import threading
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import zstandard
from numpy.typing import NDArray

from search.engine import counts
from search.engine.sections import Column, Sections, SectionWriter
from search.engine.storage import Folder
from search.text.stream import Field

FREQUENT = 63  # postings from which a term of a large segment keeps 16-bit numbers and a table of steps
SLOT = 24  # binary digits of a number in a hash table, and so the limit of articles and of terms in a segment
PLANE_BLOCK = 12  # binary digits of the number of places in a block of planes
BOUNDED = 256  # postings from which a term's weight is bounded by what its postings hold, not by saturation alone
# Lower edges, in tokens, of the classes of body length within which the largest frequency is kept.
LENGTHS = np.array([0, 12, 24, 34, 48, 68, 96, 136, 192, 272, 384, 544, 768, 1088, 1536, 3072], np.uint32)

Bytes = NDArray[np.uint8]
Ints = NDArray[np.integer[Any]]
Docs = NDArray[np.int32]
Times = NDArray[np.int64]

UNDATED = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Inverted:
    """Postings and places in memory, on their way to disk.

    Args:
        words: Per term its stem and surface forms, blanks between, in UTF-8.
        posting_ends: int64 (terms,). End of each term's postings.
        docs: uint32 (postings,). Article numbers, ascending within a term.
        codes: uint8 (postings,), `counts.encode`.
        other_at: int64. The postings whose code is `OTHER`, ascending.
        other: uint32 (len(other_at), fields). Their frequencies.
        positions: uint32 (places,). Ascending within a posting.
        shapes: uint16 (places,). Number of the surface form in the term's entry of `words`.
    """

    words: Sequence[bytes]
    posting_ends: NDArray[np.int64]
    docs: NDArray[np.uint32]
    codes: Bytes
    other_at: NDArray[np.int64]
    other: NDArray[np.uint32]
    positions: NDArray[np.uint32]
    shapes: NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Stored:
    """Articles on their way to disk, by article number.

    Args:
        ids: UTF-8.
        frames: Compressed records.
        frame_sizes: int64 (articles,), bytes.
        dictionary: (articles,): 0, or 1 + number in `dictionaries`.
        dictionaries: Zstandard dictionaries.
        when: int64 (articles,), seconds since 1970, descending; `UNDATED` last.
        zone: int8 (articles,), quarter hours ahead of UTC.
        extents: uint32 (articles, fields), positions taken.
    """

    ids: Sequence[bytes]
    frames: Iterable[bytes]
    frame_sizes: NDArray[np.int64]
    dictionary: Ints
    dictionaries: Sequence[bytes]
    when: Times
    zone: NDArray[np.int8]
    extents: NDArray[np.uint32]


def narrow(values: Ints) -> tuple[Ints, int]:
    """Return `values` less their minimum in as few bytes as hold them (none if all are equal), and the minimum."""
    base = int(values.min()) if len(values) else 0
    top = int(values.max()) - base if len(values) else 0
    if not top:
        return np.zeros(0, np.uint8), base
    kind = next(kind for kind in (np.uint8, np.uint16, np.uint32, np.uint64) if top <= np.iinfo(kind).max)
    return (values - base).astype(kind), base


def ends_of(sizes: Ints) -> Ints:
    """Return running sums, in 32 bits if they fit."""
    ends = np.cumsum(sizes, dtype=np.uint64)
    return ends.astype(np.uint32) if not len(ends) or ends[-1] < 1 << 32 else ends


def hashed(keys: Sequence[bytes]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return a table of keys: the end of each bucket, and its slots.

    A key is in the bucket that the first digits of its CRC-32 name; there are about half as many buckets as keys, a
    power of two. A slot is the number of the key and, above `SLOT` digits, the last digits of its CRC-32.
    """
    digits = (len(keys) - 1).bit_length() - 1 if len(keys) > 2 else 0
    crc = np.fromiter(map(zlib.crc32, keys), np.uint64, len(keys))
    order = np.sort(crc << np.uint64(32) | np.arange(len(keys), dtype=np.uint64))
    bucket = order >> np.uint64(64 - digits) if digits else np.zeros(len(keys), np.uint64)
    ends = np.searchsorted(bucket, np.arange(1 << digits, dtype=np.uint64), side="right")
    return ends.astype(np.uint32), (order >> np.uint64(32) << np.uint64(SLOT) | order).astype(np.uint32)


def bounds(inverted: Inverted, terms: Ints, body: Ints) -> Bytes:
    """Return what bounds the weight of each of `terms`, whatever k1, b, weights and average lengths will be.

    Args:
        inverted: Postings.
        terms: Term numbers, ascending.
        body: Length of the body of each article, in tokens.

    Returns:
        uint8 (terms, len(LENGTHS) + fields): per class of body length the largest frequency in the body; then, per
        field, the largest frequency in it. 255 stands for 255 and more.
    """
    rows = np.zeros((len(terms), len(LENGTHS) + counts.N_FIELDS), np.uint8)
    if not len(terms):
        return rows
    ends = inverted.posting_ends
    starts = ends - np.diff(ends, prepend=0)
    size = ends[terms] - starts[terms]
    row = np.repeat(np.arange(len(terms)), size)
    posting = np.arange(len(row)) + np.repeat(starts[terms] - (np.cumsum(size) - size), size)
    frequency = counts.COUNTS[inverted.codes[posting]]
    others = np.flatnonzero(inverted.codes[posting] == counts.OTHER)
    frequency[others] = inverted.other[np.searchsorted(inverted.other_at, posting[others])]
    clipped = np.minimum(frequency, 255).astype(np.uint8)
    length_class = np.searchsorted(LENGTHS, body[inverted.docs[posting]], side="right") - 1
    np.maximum.at(rows, (row, length_class), clipped[:, Field.BODY])
    for field in Field:
        np.maximum.at(rows[:, len(LENGTHS) + field], row, clipped[:, field])
    return rows


def lexicon(words: Sequence[bytes]) -> tuple[list[bytes], NDArray[np.uint32]]:
    """Return each term's entry with `~` for its stem, and where each surface form begins in them, by form."""
    entries = []
    forms: list[tuple[bytes, int]] = []
    at = 0
    for word in words:
        stem, *own = word.split(b" ")
        start = at + len(stem) + 1
        short = []
        for form in own:
            forms.append((form, start))
            short.append(b"~" + form[len(stem) :] if form.startswith(stem) else form)
            start += len(short[-1]) + 1
        entries.append(b" ".join([stem, *short, b""]))
        at += len(entries[-1])
    forms.sort()
    return entries, np.array([start for _, start in forms], np.uint32)


def write(folder: Folder, name: str, inverted: Inverted, stored: Stored) -> int:
    """Write a segment as the new file `name`. Return its size in bytes."""
    sink = folder.create(name)
    try:
        writer = SectionWriter(sink)
        meta: dict[str, Any] = {"articles": len(stored.ids), "terms": len(inverted.words)}
        _write_articles(writer, stored, meta)
        _write_vocabulary(writer, inverted)
        _write_postings(writer, inverted, stored, meta)
        _write_places(writer, inverted)
        return writer.finish(meta)
    except BaseException:
        sink.discard()
        raise


def _write_articles(writer: SectionWriter, stored: Stored, meta: dict[str, Any]) -> None:
    writer.begin("frames", np.dtype(np.uint8))
    for frame in stored.frames:
        writer.append(frame)
    writer.add("frame_ends", ends_of(stored.frame_sizes))
    writer.add("zdict", np.frombuffer(b"".join(stored.dictionaries), np.uint8))
    meta["dictionaries"] = [len(d) for d in stored.dictionaries]
    dated = stored.when != UNDATED
    oldest = int(stored.when[dated].min()) if dated.any() else 0
    meta["oldest"] = oldest
    columns = {
        "dictionary": stored.dictionary,
        "when": np.where(dated, stored.when - oldest + 1, 0),
        "zone": stored.zone.astype(np.int64),
    }
    columns |= {f"extent_{field.name.lower()}": stored.extents[:, field].astype(np.int64) for field in Field}
    meta["base"] = {}
    for name, values in columns.items():
        column, meta["base"][name] = narrow(values)
        writer.add(name, column)
    id_buckets, id_slots = hashed(stored.ids)
    writer.add("id_buckets", id_buckets)
    writer.add("id_slots", id_slots)


def _write_vocabulary(writer: SectionWriter, inverted: Inverted) -> None:
    entries, order = lexicon(inverted.words)
    writer.add("words", np.frombuffer(b"".join(entries), np.uint8))
    writer.add("word_ends", ends_of(np.fromiter(map(len, entries), np.int64, len(entries))))
    buckets, slots = hashed([word[: word.index(b" ")] for word in inverted.words])
    writer.add("buckets", buckets)
    writer.add("slots", slots)
    writer.add("lexicon", order)


def _write_postings(writer: SectionWriter, inverted: Inverted, stored: Stored, meta: dict[str, Any]) -> None:
    ends = inverted.posting_ends
    df = np.diff(ends, prepend=0)
    occurrences = counts.OCCURRENCES[inverted.codes].astype(np.int64)
    occurrences[inverted.other_at] = inverted.other.sum(axis=1)
    places = np.concatenate([[0], np.cumsum(occurrences)])
    writer.add("posting_ends", ends_of(df))
    writer.add("place_ends", ends_of(np.diff(places[ends], prepend=0)))
    large = len(stored.ids) > 1 << 16
    frequent = int(np.searchsorted(-df, -FREQUENT, side="right")) if large else len(df)  # REQUIRES: df falls, if large
    meta["frequent"] = frequent
    split = int(ends[frequent - 1]) if frequent else 0
    writer.add("low16", inverted.docs[:split].astype(np.uint16))
    writer.add("wide", inverted.docs[split:])
    if large:
        chunks = np.arange(1, (len(stored.ids) - 1 >> 16) + 1)
        key = np.repeat(np.arange(frequent), df[:frequent]) << 32 | inverted.docs[:split].astype(np.int64)
        edges = (np.arange(frequent)[:, None] << 32) + (chunks << 16)
        starts = np.concatenate([[0], ends[:frequent]])[:-1]
        steps = np.searchsorted(key, edges.ravel()).reshape(edges.shape) - starts[:, None]
        writer.add("steps", steps.astype(np.uint32).ravel())
    writer.add("counts", inverted.codes)
    writer.add("other_at", ends_of(np.diff(inverted.other_at, prepend=0)))
    writer.add("other", inverted.other.ravel())
    long = np.flatnonzero(df >= BOUNDED)
    writer.add("bounded", long.astype(np.uint32))
    writer.add("bounds", bounds(inverted, long, stored.extents[:, Field.BODY]).ravel())


def _write_places(writer: SectionWriter, inverted: Inverted) -> None:
    writer.add("low8", inverted.positions.astype(np.uint8))
    Planes.write(writer, "high", inverted.positions >> 8, 3)
    Planes.write(writer, "shapes", inverted.shapes, 2)


class Inflater(threading.local):
    """Zstandard frames to bytes. Its decompressors may not be shared: each thread has its own."""

    def __init__(self) -> None:
        self._known: dict[int, Callable[[bytes], bytes]] = {}

    def inflate(self, frame: bytes, number: int = 0, dictionary: Callable[[int], bytes] | None = None) -> bytes:
        """Return the content of a frame made with dictionary `number`, which `dictionary` gives; 0 is none."""
        known = self._known.get(number)
        if known is None:
            data = zstandard.ZstdCompressionDict(dictionary(number - 1)) if dictionary and number else None
            known = self._known[number] = zstandard.ZstdDecompressor(dict_data=data).decompress
        return known(frame)


class Planes:
    """A section of numbers that are mostly zero: byte planes in zstd blocks, nothing where a block has only zeros."""

    def __init__(self, file: Sections, name: str, planes: int) -> None:
        self._blocks, self._ends = file[name], file[f"{name}_ends"]
        self._planes = planes
        self._inflater = Inflater()

    @staticmethod
    def write(writer: SectionWriter, name: str, values: Ints, planes: int) -> None:
        """Write `values` as sections `name` and `name_ends`."""
        compress = zstandard.ZstdCompressor(level=3).compress
        blocks = []
        for start in range(0, len(values), 1 << PLANE_BLOCK):
            block = values[start : start + (1 << PLANE_BLOCK)]
            if block.any():
                blocks.append(compress(b"".join((block >> 8 * k).astype(np.uint8).tobytes() for k in range(planes))))
            else:
                blocks.append(b"")
        writer.add(name, np.frombuffer(b"".join(blocks), np.uint8))
        writer.add(f"{name}_ends", ends_of(np.fromiter(map(len, blocks), np.int64, len(blocks))))

    def at(self, where: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the numbers at `where`."""
        block = where >> PLANE_BLOCK
        found = np.zeros(len(where), np.int64)
        for number in np.unique(block).tolist():
            start = self._ends[number - 1] if number else 0
            end = self._ends[number]
            if start == end:
                continue
            planes = np.frombuffer(self._inflater.inflate(self._blocks.bytes(start, end)), np.uint8).reshape(
                self._planes, -1
            )
            here = np.flatnonzero(block == number)
            inside = where[here] - (number << PLANE_BLOCK)
            found[here] = sum(planes[k][inside].astype(np.int64) << 8 * k for k in range(self._planes))
        return found


class Term(NamedTuple):
    """A term of one segment: its number, where its postings begin and end, and its surface forms."""

    number: int
    start: int
    end: int
    forms: tuple[str, ...]


class Segment:
    """A segment on disk, opened.

    Raises (all methods):
        CorruptionError: Bytes are not what was written.
    """

    def __init__(self, folder: Folder, name: str, size: int) -> None:
        self.file = file = Sections(folder, name, size)
        meta = file.meta
        self.name = name
        self.n_docs: int = meta["articles"]
        self.n_terms: int = meta["terms"]
        self._base: dict[str, int] = meta["base"]
        self._oldest: int = meta["oldest"]
        self._frequent: int = meta["frequent"]
        self._chunks = self.n_docs - 1 >> 16
        self._frames, self._frame_ends = file["frames"], file["frame_ends"]
        self._dictionary = file["dictionary"]
        self._dictionaries = [0, *np.cumsum(meta["dictionaries"]).tolist()]
        self._inflater = Inflater()
        self._words, self._word_ends = file["words"], file["word_ends"]
        self._buckets, self._slots = file["buckets"], file["slots"]
        self._id_buckets, self._id_slots = file["id_buckets"], file["id_slots"]
        self.posting_ends, self.place_ends = file["posting_ends"], file["place_ends"]
        self._low16, self._wide = file["low16"], file["wide"]
        self._split = len(self._low16)
        self.counts = file["counts"]
        self._other_at, self._other = file["other_at"], file["other"]
        self._low8, self._high, self._shapes = file["low8"], Planes(file, "high", 3), Planes(file, "shapes", 2)

    # Articles

    def frame(self, doc: int) -> bytes:
        """Return an article's record, compressed."""
        return self._frames.bytes(self._frame_ends[doc - 1] if doc else 0, self._frame_ends[doc])

    def dictionary_of(self, doc: int) -> int:
        """Return 0, or 1 + the number of the dictionary its frame needs."""
        return self._base["dictionary"] + (self._dictionary[doc] if len(self._dictionary) else 0)

    def dictionary(self, number: int) -> bytes:
        """Return dictionary `number`, from 0."""
        return self.file["zdict"].bytes(self._dictionaries[number], self._dictionaries[number + 1])

    @property
    def n_dictionaries(self) -> int:
        """How many dictionaries it holds."""
        return len(self._dictionaries) - 1

    def record(self, doc: int) -> bytes:
        """Return an article's record."""
        return self._inflater.inflate(self.frame(doc), self.dictionary_of(doc), self.dictionary)

    def candidates(self, article_id: bytes) -> Iterator[int]:
        """Yield the articles that may have this id; the caller compares."""
        yield from self._bucket(self._id_buckets, self._id_slots, article_id)

    def _column(self, name: str) -> NDArray[np.int64]:
        column = self.file[name]
        if not len(column):
            return np.full(self.n_docs, self._base[name], np.int64)
        return column.all().astype(np.int64) + self._base[name]

    def when(self) -> Times:
        """Return seconds since 1970 of every article, descending, `UNDATED` last. int64 (articles,)."""
        stored = self._column("when")
        return np.where(stored > 0, stored - 1 + self._oldest, UNDATED)

    def zone(self) -> NDArray[np.int64]:
        """Return the quarter hours ahead of UTC of every article. int64 (articles,)."""
        return self._column("zone")

    def extent(self, field: Field) -> NDArray[np.int64]:
        """Return how many positions `field` takes in every article. int64 (articles,)."""
        return self._column(f"extent_{field.name.lower()}")

    # Vocabulary

    @staticmethod
    def _bucket(buckets: Column, slots: Column, key: bytes) -> list[int]:
        n = len(buckets)
        crc = zlib.crc32(key)
        bucket = crc >> 33 - n.bit_length()
        mark = crc & (1 << 32 - SLOT) - 1
        found: list[int] = slots.span(buckets[bucket - 1] if bucket else 0, buckets[bucket]).tolist()
        return [slot & (1 << SLOT) - 1 for slot in found if slot >> SLOT == mark]

    def entry(self, term: int) -> bytes:
        """Return stem and forms of a term as written."""
        return self._words.bytes(self._word_ends[term - 1] if term else 0, self._word_ends[term])

    def find(self, stem: bytes) -> Term | None:
        """Return the term with this stem, or None."""
        for number in self._bucket(self._buckets, self._slots, stem):
            entry = self.entry(number)
            if entry.startswith(stem) and entry[len(stem)] == 32:
                return self._term(number, entry)
        return None

    def _term(self, number: int, entry: bytes) -> Term:
        stem, *forms = entry.decode().split(" ")
        start = self.posting_ends[number - 1] if number else 0
        return Term(
            number,
            start,
            self.posting_ends[number],
            tuple([stem + form[1:] if form[0] == "~" else form for form in forms[:-1]]),
        )

    def term(self, number: int) -> Term:
        """Return a term by its number."""
        return self._term(number, self.entry(number))

    def stem(self, number: int) -> str:
        """Return the stem of a term."""
        return self.entry(number).split(b" ", 1)[0].decode()

    def forms_from(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Yield (surface form, term) by form, from the first that does not stand before `prefix`."""
        order = self.file["lexicon"]
        key = prefix.encode()
        low, high = 0, len(order)
        while low < high:
            middle = (low + high) // 2
            if self._form(order[middle])[0] < key:
                low = middle + 1
            else:
                high = middle
        for at in range(low, len(order)):
            form, term = self._form(order[at])
            yield form.decode(), term

    def _form(self, start: int) -> tuple[bytes, int]:
        term = bisect_right(self._word_ends, start, 0, len(self._word_ends))
        begin = self._word_ends[term - 1] if term else 0
        entry = self._words.bytes(begin, self._word_ends[term])
        form = entry[start - begin : entry.index(b" ", start - begin)]
        return (entry[: entry.index(b" ")] + form[1:] if form.startswith(b"~") else form), term

    # Postings

    def docs(self, term: Term) -> Docs:
        """Return the articles of a term, ascending. int32 (postings,)."""
        if term.start >= self._split:
            return self._wide.span(term.start - self._split, term.end - self._split).astype(np.int32)
        docs = self._low16.span(term.start, term.end).astype(np.int32)
        if self._chunks:
            steps = self.file["steps"].span(term.number * self._chunks, (term.number + 1) * self._chunks)
            for step in steps.tolist():
                docs[step:] += 1 << 16
        return docs

    def codes(self, term: Term) -> Bytes:
        """Return the frequencies of a term's postings as codes. uint8 (postings,)."""
        return self.counts.span(term.start, term.end)  # type: ignore[return-value]

    def others(self, term: Term) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        """Return the postings (counted from the term's first) whose code is `OTHER`, and their frequencies."""
        first = bisect_left(self._other_at, term.start, 0, len(self._other_at))
        last = bisect_left(self._other_at, term.end, first, len(self._other_at))
        rows = self._other.span(first * counts.N_FIELDS, last * counts.N_FIELDS).reshape(-1, counts.N_FIELDS)
        return self._other_at.span(first, last).astype(np.int64) - term.start, rows  # type: ignore[return-value]

    def bound(self, term: Term) -> Bytes | None:
        """Return the row of `bounds` of a term; None if its list is short."""
        if term.end - term.start < BOUNDED:
            return None
        row = bisect_left(self.file["bounded"], term.number, 0, len(self.file["bounded"]))
        width = len(LENGTHS) + counts.N_FIELDS
        return self.file["bounds"].span(row * width, (row + 1) * width)  # type: ignore[return-value]

    def df(self) -> NDArray[np.int64]:
        """Return the number of postings of each term. int64 (terms,)."""
        ends = self.posting_ends.all().astype(np.int64)
        return np.concatenate([ends[:1], ends[1:] - ends[:-1]])

    def everything(self) -> tuple[Docs, Bytes, NDArray[np.int64], NDArray[np.uint32]]:
        """Return all postings by term: articles, codes, and of those with code `OTHER` number and frequencies."""
        docs = np.concatenate([self._low16.all().astype(np.int32), self._wide.all().astype(np.int32)])
        if self._chunks:
            starts = np.concatenate([[0], self.posting_ends.all()[: self._frequent]])[:-1].astype(np.int64)
            steps = self.file["steps"].all().reshape(self._frequent, self._chunks)
            jumps = np.zeros(self._split + 1, np.int32)
            np.add.at(jumps, (starts[:, None] + steps).ravel(), 1)
            np.add.at(jumps, starts[1:], -np.count_nonzero(steps < np.diff(starts, append=0)[:, None], axis=1)[:-1])
            docs[: self._split] += np.cumsum(jumps[:-1]) << 16
        rows = self._other.all().reshape(-1, counts.N_FIELDS)
        return docs, self.counts.all(), self._other_at.all().astype(np.int64), rows  # type: ignore[return-value]

    # Places

    def all_places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return position and shape of all places, by posting. int64 (places,)."""
        where = np.arange(len(self._low8))
        return self._low8.all().astype(np.int64) | self._high.at(where) << 8, self._shapes.at(where)

    def places(
        self, term: Term, chosen: NDArray[np.int64], shapes: frozenset[int] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the places of some of a term's postings.

        Args:
            term: Of this segment.
            chosen: Ascending ordinals of postings, counted from the term's first.
            shapes: Only places where one of these forms (numbers in `term.forms`) stands; None for all.

        Returns:
            For each place, its posting's ordinal in `chosen`, ascending, and its position, ascending in each posting.
        """
        sizes = counts.OCCURRENCES[self.codes(term)].astype(np.int64)
        at, rows = self.others(term)
        if len(at):
            sizes[at] = rows.sum(axis=1)
        starts = np.cumsum(sizes)[chosen] - sizes[chosen]
        sizes = sizes[chosen]
        posting = np.repeat(np.arange(len(chosen)), sizes)
        where = np.arange(len(posting)) + (starts - (np.cumsum(sizes) - sizes))[posting]
        first = self.place_ends[term.number - 1] if term.number else 0
        if shapes is not None:
            kept = np.isin(self._shapes.at(where + first), list(shapes))
            posting, where = posting[kept], where[kept]
        low = self._low8.span(first, self.place_ends[term.number])[where].astype(np.int64)
        return posting, low | self._high.at(where + first) << 8

    def everywhere(self, term: Term) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return, for each place of a term, its posting's ordinal, its position and its shape."""
        chosen = np.arange(term.end - term.start)
        posting, position = self.places(term, chosen)
        first = self.place_ends[term.number - 1] if term.number else 0
        return posting, position, self._shapes.at(np.arange(first, first + len(posting)))

    def close(self) -> None:
        """Let go of the file."""
        self.file.close()
