"""Articles in, a segment out: their chunks are numbered (`chunks`), and inverted by sorting packed keys.

Inverting packs term, article and position into one 64-bit number, the only thing that numpy sorts fast (120-150 million
a second; a stable argsort does 10).
"""

from array import array
from collections.abc import Sequence

import numpy as np
import zstandard
from numpy.typing import NDArray

from search import runs
from search.engine import bodies, counts, layout, record
from search.engine.chunks import Vocabulary, expand, raw_chunks
from search.engine.incoming import BATCH, MAX_BATCH
from search.engine.layout import NEVER, Inverted, Places, Stored
from search.engine.sketches import Sketched, renumbered
from search.engine.spool import Aside
from search.engine.storage import Folder
from search.model import Article, Zone
from search.stories.bodies import COMPARED, Bodies, quotations
from search.text.analysis import Analyzer
from search.text.moments import moment
from search.text.stream import (
    Field,
    pieces,
)

RUN_ARTICLES = 1 << 16
RUN_SHARE = 16  # of the memory for indexing, the records of a run; tokens, sorting and vocabulary take the rest
CHUNK_BYTES = 1024  # of memory for each distinct chunk that is remembered from one segment to the next; it takes 600
LEVEL = 12  # of compression; 3 takes a fifth of the time, is 8-16 % larger, and read at half the speed
DICTIONARY_BYTES = 112_000
SAMPLES = 3000  # records that a dictionary is trained on, of which
SAMPLE_BYTES = 4096  # the beginning
MIN_FOR_DICTIONARY = 1_000_000  # bytes of records that pay for one

Uint32 = NDArray[np.uint32]


class Builder:
    """Collects articles and writes them as one segment.

    Args:
        analyzer: The chain of the index.
        memory: Bytes that it may take, about.
    """

    def __init__(self, analyzer: Analyzer, memory: int) -> None:
        self._analyzer = analyzer
        self._memory = memory
        self.vocabulary = Vocabulary(analyzer)
        self._clear()

    def _clear(self) -> None:
        if len(self.vocabulary) * CHUNK_BYTES > self._memory:
            self.vocabulary = Vocabulary(self._analyzer)
        self._chunks = array("I")
        self._piece_articles = array("I")
        self._piece_fields = array("B")
        self._piece_chunks = array("I")  # how many each has
        self._turn_pieces = array("I")
        self._turns = array("I")  # words of a piece before which a quotation begins or ends
        self._records: list[bytes] = []
        self._ids: list[str] = []
        self._when: list[int] = []
        self._zone: list[int] = []
        self._precision: list[int] = []
        self._sources: list[str | None] = []
        self._dropped: set[int] = set()
        self.n_bytes = 0
        self._waiting: list[tuple[int, Article, tuple[Zone, ...], bytes]] = []  # taken in, not tokenized yet
        self._n_waiting = 0  # bytes

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def n_live(self) -> int:
        """How many articles it would write."""
        return len(self) - len(self._dropped)

    def record(self, doc: int) -> bytes:
        """Return the record of the article taken in as number `doc`."""
        return self._records[doc]

    def drop(self, doc: int) -> None:
        """Forget the article taken in as number `doc`."""
        self._dropped.add(doc)

    def has_room(self, n: int) -> bool:
        """Return whether a record of `n` bytes can be added to what it holds, or it holds none yet."""
        return not self or (self.n_bytes + n) * RUN_SHARE <= 2 * self._memory

    @property
    def is_full(self) -> bool:
        """Whether what it holds is worth a segment; it must then be written before more is added."""
        return self.n_bytes * RUN_SHARE >= self._memory or len(self) >= RUN_ARTICLES

    def add(self, article: Article, zones: tuple[Zone, ...], record_: bytes) -> None:
        """Take an article in.

        Args:
            article: Its date, if any, is ISO 8601.
            zones: Of its text.
            record_: What `record.encode` made of both.

        Raises:
            ValueError: The date is not one.
        """
        iso = article.iso_date
        when, zone, precision = moment(iso) if iso else NEVER
        self._waiting.append((len(self._ids), article, zones, record_))
        self._n_waiting += len(record_)
        self._ids.append(article.id)
        self._records.append(record_)
        self._when.append(when)
        self._zone.append(zone)
        self._precision.append(precision)
        self._sources.append(article.source)
        self.n_bytes += len(record_)
        if len(self._waiting) == MAX_BATCH or self._n_waiting >= BATCH:
            self._tokenize()

    def _tokenize(self) -> None:
        """Tokenize the articles that wait, step by step all of them: that is faster than one after the other."""
        stops = [record.stops(record.units(record.marks_of(stored)), a.body) for _, a, _, stored in self._waiting]
        found = [
            (doc, piece, own)
            for (doc, article, zones, _), own in zip(self._waiting, stops, strict=True)
            for piece in pieces(article, zones)
        ]
        self._waiting.clear()
        self._n_waiting = 0
        divided = [raw_chunks(piece, own) for _, piece, own in found]
        lookup = self.vocabulary.__getitem__
        for (doc, piece, _), chunks in zip(found, divided, strict=True):
            begin = len(self._chunks)
            self._chunks.extend(map(lookup, chunks))
            if piece.field in COMPARED and (spans := quotations(piece.text)):
                turns = self.vocabulary.turns(piece, spans, self._chunks[begin:])
                self._turn_pieces.extend([len(self._piece_chunks)] * len(turns))
                self._turns.extend(turns)
            self._piece_articles.append(doc)
            self._piece_fields.append(piece.field)
            self._piece_chunks.append(len(chunks))

    def write(self, folder: Folder, name: str) -> tuple[int, bodies.Numbered]:
        """Write what was taken in as the new segment `name`, and forget it.

        Returns:
            The segment's size in bytes, and the bodies of all that was taken in, with no text of those dropped since.
        """
        self._tokenize()
        order = sorted(set(range(len(self))) - self._dropped, key=lambda doc: (-self._when[doc], self._ids[doc]))
        rank = np.full(len(self), -1, np.int64)
        rank[order] = np.arange(len(order))
        inverted, extents, read = self._invert(rank, order)
        records = [self._records[doc] for doc in order]
        frames, dictionary = compress(records)
        stored = Stored(
            id_sums=layout.id_sums(self._ids[doc] for doc in order),
            frames=frames,
            frame_sizes=np.fromiter(map(len, frames), np.int64, len(frames)),
            dictionary=np.full(len(frames), bool(dictionary), np.uint8),
            dictionaries=[dictionary] if dictionary else [],
            when=np.array(self._when, np.int64)[order],
            zone=np.array(self._zone, np.int8)[order],
            precision=np.array(self._precision, np.int8)[order],
            extents=extents,
        )
        sketched = bodies.sketched(read, self._sources)
        numbered = np.where(rank < 0, 0, sketched.texts), read
        entries = (renumbered([(some, rank)]) for some in sketched.portions)
        sketched = Sketched.merged([(sketched[:4], rank)], len(order), entries)
        self._clear()
        return layout.write(folder, name, inverted, stored, sketched), numbered

    def _invert(self, rank: NDArray[np.int64], order: list[int]) -> tuple[Inverted, Uint32, Bodies]:
        """Return postings and places of the articles in `order`, numbered by it, their extents, and all bodies."""
        forms, positions, article, extents, read = self._places(len(rank))
        extents = extents[order]
        if self._dropped:
            kept = rank[article] >= 0
            forms, positions, article = forms[kept], positions[kept], article[kept]
        vocabulary = self.vocabulary
        shapes = np.frombuffer(vocabulary.shapes, np.uint16)
        shape_digits = int(shapes.max(initial=0)).bit_length()
        place_digits = shape_digits + int(positions.max(initial=0)).bit_length()
        doc_digits = (len(rank) - 1).bit_length()
        key = np.frombuffer(vocabulary.terms, np.uint32)[forms].astype(np.uint64) << np.uint64(
            doc_digits + place_digits
        )
        key |= rank[article].astype(np.uint64) << np.uint64(place_digits)
        key |= positions.astype(np.uint64) << np.uint64(shape_digits) | shapes[forms].astype(np.uint64)
        key.sort()
        found = (key & np.uint64((1 << shape_digits) - 1)).astype(np.uint16)
        position = (key >> np.uint64(shape_digits) & np.uint64((1 << place_digits - shape_digits) - 1)).astype(
            np.uint32
        )
        key >>= np.uint64(place_digits)
        first = runs.begins(key)
        posting = key[first]
        sizes = runs.sizes(first, len(key))
        docs = (posting & np.uint64((1 << doc_digits) - 1)).astype(np.uint32)
        codes, other_at, other = _code(position, docs, sizes, extents)
        n_postings = np.bincount((posting >> np.uint64(doc_digits)).astype(np.int64), minlength=len(vocabulary.words))
        used = np.flatnonzero(n_postings)
        words = [vocabulary.words[term].encode("utf-8", "surrogatepass") for term in used.tolist()]
        places = Places(Aside())
        places.add(position, found)
        return Inverted(words, np.cumsum(n_postings[used]), docs, codes, other_at, other, places), extents, read

    def _places(self, n_articles: int) -> tuple[Uint32, NDArray[np.int64], Uint32, Uint32, Bodies]:
        """Return form, position and article of each place, extents (articles, fields), and bodies, as they arrived."""
        ids = np.frombuffer(self._chunks, np.uint32) if self._chunks else np.zeros(0, np.uint32)
        n_chunks = np.frombuffer(self._piece_chunks, np.uint32).astype(np.int64)
        ends = np.cumsum(n_chunks)
        forms, steps, ends = expand(ids, ends, self.vocabulary)
        walked = np.cumsum(steps, dtype=np.int64)
        last = np.concatenate([[0], walked])[ends]
        lengths = np.diff(last, prepend=0)  # positions that each piece takes
        article = np.frombuffer(self._piece_articles, np.uint32)
        field = np.frombuffer(self._piece_fields, np.uint8)
        base = np.zeros(len(lengths), np.int64)  # position of each piece's first token
        some = np.flatnonzero(lengths)
        if len(some):
            a, f, n = article[some], field[some], lengths[some]
            begins = np.append(True, a[1:] != a[:-1])  # an article
            gap = ~begins & (np.append(True, f[1:] != f[:-1]) | (f == Field.LOW) | (f == Field.NAMED))
            upto = np.cumsum(n + gap)
            start = upto - n
            base[some] = start - (start - gap)[begins][np.cumsum(begins) - 1]
        extents = np.zeros((n_articles, counts.N_FIELDS), np.uint32)
        if len(some):
            # From a field's first position to the end of its last piece, gaps between its pieces included.
            slot = a.astype(np.int64) * counts.N_FIELDS + f
            opens = np.append(True, slot[1:] != slot[:-1])
            at = np.flatnonzero(opens)
            until = np.append(at[1:], len(slot)) - 1
            extents.reshape(-1)[slot[at]] = base[some][until] + n[until] - base[some][at]
        n_tokens = np.diff(ends, prepend=0)
        # Of what is compared; a step is 0 or 1, so that a piece has as many words as it takes positions.
        compared = np.isin(field, list(COMPARED))
        inside = np.repeat(compared, n_tokens)
        n_words = np.where(compared, lengths, 0)
        body_ends = np.cumsum(np.bincount(article, n_words, minlength=n_articles).astype(np.int64))
        first_word = np.cumsum(n_words) - n_words
        turns = first_word[np.frombuffer(self._turn_pieces, np.uint32)] + np.frombuffer(self._turns, np.uint32)
        keys, hashes = self.vocabulary.compared(forms[inside], steps[inside])
        read = Bodies(keys, bodies.quoted(turns, len(keys)), hashes, body_ends)
        positions = walked - 1 - np.repeat(last - lengths, n_tokens)
        early = positions < 0  # stops before the first word of a piece
        positions += np.repeat(base, n_tokens)
        articles = np.repeat(article, n_tokens)
        if early.any():
            kept = ~early
            forms, positions, articles = forms[kept], positions[kept], articles[kept]
        return forms, positions, articles, extents, read


def _code(
    positions: Uint32, docs: Uint32, sizes: NDArray[np.int64], extents: Uint32
) -> tuple[NDArray[np.uint8], NDArray[np.int64], Uint32]:
    """Return the codes of postings, and which have none with their frequencies; all by number of posting."""
    starts = counts.field_starts(extents)
    ends = np.cumsum(sizes)
    codes = (np.minimum(sizes, counts.BODY_ONLY) - 1).astype(np.uint8)
    odd = sizes > counts.BODY_ONLY
    odd |= positions[ends - sizes] < starts[:, Field.BODY].astype(np.uint32)[docs]
    odd |= positions[ends - 1] >= starts[:, Field.BODY + 1].astype(np.uint32)[docs]
    which = np.flatnonzero(odd)
    size = sizes[which]
    row = np.repeat(np.arange(len(which)), size)
    place = runs.numbers(ends[which] - size, size)
    field = np.zeros(len(row), np.int64)
    for each in range(1, counts.N_FIELDS):
        field += positions[place] >= starts[:, each].astype(np.uint32)[docs[which]][row]
    found = np.bincount(row * counts.N_FIELDS + field, minlength=len(which) * counts.N_FIELDS)
    frequency = found.reshape(-1, counts.N_FIELDS).astype(np.uint32)
    codes[which] = counts.encode(frequency)
    other = np.flatnonzero(codes[which] == counts.OTHER)
    return codes, which[other], frequency[other]


def compress(records: Sequence[bytes]) -> tuple[list[bytes], bytes]:
    """Return each record as a zstd frame of its own, and the dictionary they need (none for few records).

    A frame has a checksum of its own (4 bytes), so that one damaged article does not cost its neighbours in the file.
    A frame an article with a trained dictionary is as small as blocks of 64 kB and reached 40 times faster. Training
    with fixed parameters gives the same size as the default search for them, in a sixth of the time.
    """
    dictionary = b""
    trained = None
    if sum(map(len, records)) >= MIN_FOR_DICTIONARY:
        samples: list[bytes | bytearray | memoryview[int]] = [
            r[:SAMPLE_BYTES] for r in records[:: max(1, len(records) // SAMPLES)]
        ]
        try:
            trained = zstandard.train_dictionary(DICTIONARY_BYTES, samples, k=200, d=8, f=20, accel=2)
        except zstandard.ZstdError:  # too few samples, or too alike
            pass
        else:
            trained.precompute_compress(level=LEVEL)
            dictionary = trained.as_bytes()
    compressor = zstandard.ZstdCompressor(level=LEVEL, dict_data=trained, write_dict_id=False, write_checksum=True)
    return list(map(compressor.compress, records)), dictionary
