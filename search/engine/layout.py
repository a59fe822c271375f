"""The layout of a segment on disk: articles, newest first, and the postings of their terms, in one file of sections.

Numbers. An article's number in a segment is its rank by date (newest first, undated last), then by id: the order in
which equal scores are listed. A term's number is its place in the vocabulary; in a segment of more than 65,536 articles
terms stand by falling df. A posting is a term in an article; a place is one occurrence. All of a term's postings stand
together, by article number; all places of a posting, by position.

    articles     frames      each article's record (`record.py`), one zstd frame
                 frame_ends  where its frame ends, as `Ends`
                 dictionary  number of the dictionary it was compressed with, narrow; 0 is none
                 zdict       the dictionaries, one after the other
                 when        seconds since 1970, narrow, newest is 1 + the largest; 0 is undated
                 zone        quarter hours ahead of UTC, narrow
                 precision   characters of the ISO 8601 date that are known: 4, 7 or 10; narrow
                 extent_F    positions that field F takes, narrow, one section a field
                 id_buckets, id_slots    CRC-32 of the id → article
    vocabulary   words       per term: its stem, then its surface forms, blanks between; `~` stands for the stem
                 word_ends   where its entry ends, as `Ends`
                 buckets, slots          CRC-32 of the stem → term
                 lexicon     where each surface form begins in `words`, by form
    postings     posting_ends, place_ends   where a term's postings and places end, as `Ends`
                 low16       article number, modulo 65,536
                 steps       per frequent term and 65,536 articles after the first: postings before them
                 wide        article number, whole, of the terms that are not frequent; empty in small segments
                 counts      frequencies in the fields, a code of `counts.py`
                 other_at, other, other_ends   posting and frequencies of those that have no code, as `Planes`
                 bounded, bounds   terms with long lists, and what bounds their weight (see `bounds`)
    places       low8        position, modulo 256
                 high, high_ends       the rest of the position, as `Planes`
                 shapes, shapes_ends   which of its term's surface forms stands there, as `Planes`
    sketches     see `sketches.py`
"""

import zlib
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.engine import counts
from search.engine.ends import Ends, ends_of
from search.engine.planes import Planes, PlanesWriter
from search.engine.sections import SectionWriter, writing
from search.engine.sketches import Prints, Sketched, holders_of, prints_of
from search.engine.spool import Aside
from search.engine.storage import Folder
from search.text.moments import DAY, Moment
from search.text.stream import Field

FREQUENT = 63  # postings from which a term of a large segment keeps 16-bit numbers and a table of steps
SLOT = 24  # binary digits of a number in a hash table, and so the limit of articles and of terms in a segment
BOUNDED = 256  # postings from which a term's weight is bounded by what its postings hold, not by saturation alone
# Lower edges, in tokens, of the classes of body length within which the largest frequency is kept.
LENGTHS = np.array([0, 12, 24, 34, 48, 68, 96, 136, 192, 272, 384, 544, 768, 1088, 1536, 3072], np.uint32)

UNBOUNDED = 255  # in `bounds`: this, or more

Bytes = NDArray[np.uint8]
Ints = NDArray[np.integer[Any]]
Times = NDArray[np.int64]

AT_ONCE = 1 << 20  # postings looked at in one go
_FRAMES_AT_ONCE = 256  # frames written in one go

UNDATED = np.iinfo(np.int64).min
NEVER = Moment(UNDATED, 0, DAY)  # of an undated article


class Inverted(NamedTuple):
    """Postings and places in memory, on their way to disk.

    Args:
        words: Per term its entry: its stem and surface forms, `~` for the stem, a blank behind each, in UTF-8.
        posting_ends: int64 (terms,). End of each term's postings.
        docs: uint32 (postings,). Article numbers, ascending within a term.
        codes: uint8 (postings,), `counts.encode`.
        other_at: int64. The postings whose code is `OTHER`, ascending.
        other: uint32 (len(other_at), fields). Their frequencies.
        places: Of all postings, one behind the other.
    """

    words: Sequence[bytes]
    posting_ends: NDArray[np.int64]
    docs: NDArray[np.uint32]
    codes: Ints
    other_at: NDArray[np.int64]
    other: Ints
    places: "Places"


class Places:
    """Places on their way to disk.

    Args:
        aside: Where they are until then.
    """

    def __init__(self, aside: Aside) -> None:
        self._low = aside.spool("low")
        self._high, self._shapes = PlanesWriter(aside.spool("high")), PlanesWriter(aside.spool("shapes"))

    def add(self, positions: Ints, shapes: Ints) -> None:
        """Take the places of the next postings.

        Args:
            positions: Unsigned (places,). Ascending within a posting.
            shapes: Unsigned (places,). Number of the surface form in the term's entry of `words`.
        """
        self._low.add(positions.astype(np.uint8))
        self._high.add(positions >> 8)
        self._shapes.add(shapes)

    def write(self, writer: SectionWriter) -> None:
        """Write the sections."""
        writer.add("low8", self._low.all(np.uint8))
        self._high.write(writer, "high")
        self._shapes.write(writer, "shapes")


class Stored(NamedTuple):
    """Articles on their way to disk, by article number.

    Args:
        id_sums: uint32 (articles,). CRC-32 of each id.
        frames: Compressed records.
        frame_sizes: int64 (articles,), bytes.
        dictionary: (articles,): 0, or 1 + number in `dictionaries`.
        dictionaries: Zstandard dictionaries.
        when: int64 (articles,), seconds since 1970, descending; `UNDATED` last.
        zone: int8 (articles,), quarter hours ahead of UTC.
        precision: int8 (articles,), as of `Moment`.
        extents: uint32 (articles, fields), positions taken.
    """

    id_sums: NDArray[np.uint32]
    frames: Iterable[bytes]
    frame_sizes: NDArray[np.int64]
    dictionary: Ints
    dictionaries: Sequence[bytes]
    when: Times
    zone: NDArray[np.int8]
    precision: NDArray[np.int8]
    extents: NDArray[np.uint32]


def narrow(values: Ints) -> tuple[Ints, int]:
    """Return `values` less their minimum in as few bytes as hold them (none if all are equal), and the minimum."""
    base = int(values.min()) if len(values) else 0
    top = int(values.max()) - base if len(values) else 0
    if not top:
        return np.zeros(0, np.uint8), base
    kind = next(kind for kind in (np.uint8, np.uint16, np.uint32, np.uint64) if top <= np.iinfo(kind).max)
    return (values - base).astype(kind), base


def sums(keys: Iterable[bytes]) -> NDArray[np.uint32]:
    """Return the CRC-32 of each key."""
    return np.fromiter(map(zlib.crc32, keys), np.uint32)


def id_sums(ids: Iterable[str]) -> NDArray[np.uint32]:
    """Return the CRC-32 of each id, as of `Stored`."""
    return sums(each.encode("utf-8", "surrogatepass") for each in ids)


def hashed(sums: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return a table of keys, by their `sums`: the end of each bucket, and its slots.

    A key is in the bucket that the first digits of its CRC-32 name; there are about half as many buckets as keys, a
    power of two. A slot is the number of the key and, above `SLOT` digits, the last digits of its CRC-32.
    """
    n = len(sums)
    digits = (n - 1).bit_length() - 1 if n > 2 else 0
    order = np.sort(sums.astype(np.uint64) << np.uint64(32) | np.arange(n, dtype=np.uint64))
    bucket = order >> np.uint64(64 - digits) if digits else np.zeros(n, np.uint64)
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
        field, the largest frequency in it; `UNBOUNDED` is that and more.
    """
    rows = np.zeros((len(terms), len(LENGTHS) + counts.N_FIELDS), np.uint8)
    ends = inverted.posting_ends
    sizes = np.diff(ends, prepend=0)[terms]
    starts = ends[terms] - sizes
    length_class = (np.searchsorted(LENGTHS, body, side="right") - 1).astype(np.uint8)
    most = np.minimum(counts.COUNTS, UNBOUNDED).astype(np.uint8)
    for first, last in runs.portions(sizes, AT_ONCE):
        posting = runs.numbers(starts[first:last], sizes[first:last])
        row = np.repeat(np.arange(first, last), sizes[first:last])
        codes = inverted.codes[posting]
        others = np.flatnonzero(codes == counts.OTHER)
        other = inverted.other[np.searchsorted(inverted.other_at, posting[others])]
        np.maximum.at(rows, (row, length_class[inverted.docs[posting]]), most[codes, Field.BODY])
        # Each code that a term has is looked at once, however many postings have it.
        codes_of = np.zeros((last - first, 256), np.bool_)
        codes_of[row - first, codes] = True
        term, code = np.nonzero(codes_of)
        np.maximum.at(rows[first:last, len(LENGTHS) :], term, most[code])
        clipped = np.minimum(other, UNBOUNDED).astype(np.uint8)
        np.maximum.at(rows, (row[others], length_class[inverted.docs[posting[others]]]), clipped[:, Field.BODY])
        np.maximum.at(rows[:, len(LENGTHS) :], row[others], clipped)
    return rows


def lexicon(entries: Sequence[bytes]) -> NDArray[np.uint32]:
    """Return where each surface form begins in the entries of all terms, by form."""
    forms: list[tuple[bytes, int]] = []
    at = 0
    for entry in entries:
        stem, *own = entry.split(b" ")
        at += len(stem) + 1
        for form in own[:-1]:
            forms.append((stem + form[1:] if form[:1] == b"~" else form, at))
            at += len(form) + 1
    forms.sort()
    return np.array([start for _, start in forms], np.uint32)


def write(folder: Folder, name: str, inverted: Inverted, stored: Stored, sketched: Sketched) -> int:
    """Write a segment as the new file `name`. Return its size in bytes."""
    with writing(folder, name) as writer:
        meta: dict[str, Any] = {"articles": len(stored.when), "terms": len(inverted.words)}
        _write_articles(writer, stored, meta)
        _write_vocabulary(writer, inverted)
        _write_postings(writer, inverted, stored, meta)
        inverted.places.write(writer)
        with Aside(folder, name) as aside:
            _write_sketches(writer, sketched, aside, meta)
        return writer.finish(meta)


def _write_articles(writer: SectionWriter, stored: Stored, meta: dict[str, Any]) -> None:
    writer.begin("frames", np.dtype(np.uint8))
    frames = iter(stored.frames)
    while some := b"".join(islice(frames, _FRAMES_AT_ONCE)):
        writer.append(some)
    Ends.write(writer, "frame_ends", stored.frame_sizes)
    writer.add("zdict", np.frombuffer(b"".join(stored.dictionaries), np.uint8))
    meta["dictionaries"] = [len(d) for d in stored.dictionaries]
    dated = stored.when != UNDATED
    oldest = int(stored.when[dated].min()) if dated.any() else 0
    meta["oldest"] = oldest
    columns: dict[str, Ints] = {
        "dictionary": stored.dictionary,
        "when": np.where(dated, stored.when - oldest + 1, 0),
        "zone": stored.zone,
        "precision": stored.precision,
    }
    columns |= {f"extent_{field.name.lower()}": stored.extents[:, field] for field in Field}
    totals = stored.extents.sum(axis=0, dtype=np.int64).tolist()
    meta["having"] = list(zip(np.count_nonzero(stored.extents, axis=0).tolist(), totals, strict=True))
    meta["base"] = {}
    for name, values in columns.items():
        column, meta["base"][name] = narrow(values.astype(np.int64))
        writer.add(name, column)
    id_buckets, id_slots = hashed(stored.id_sums)
    writer.add("id_buckets", id_buckets)
    writer.add("id_slots", id_slots)


def _write_vocabulary(writer: SectionWriter, inverted: Inverted) -> None:
    entries = inverted.words
    writer.add("words", np.frombuffer(b"".join(entries), np.uint8))
    Ends.write(writer, "word_ends", np.fromiter(map(len, entries), np.int64, len(entries)))
    buckets, slots = hashed(sums(entry[: entry.index(b" ")] for entry in entries))
    writer.add("buckets", buckets)
    writer.add("slots", slots)
    writer.add("lexicon", lexicon(entries))


def _write_postings(writer: SectionWriter, inverted: Inverted, stored: Stored, meta: dict[str, Any]) -> None:
    ends = inverted.posting_ends
    df = np.diff(ends, prepend=0)
    n_places = np.zeros(len(df), np.int64)
    for first, last in runs.portions(df, AT_ONCE):
        start = int(ends[first - 1]) if first else 0
        some = counts.OCCURRENCES[inverted.codes[start : int(ends[last - 1])]]
        n_places[first:last] = np.add.reduceat(some, ends[first:last] - df[first:last] - start, dtype=np.int64)
    np.add.at(n_places, np.searchsorted(ends, inverted.other_at, side="right"), inverted.other.sum(axis=1))
    Ends.write(writer, "posting_ends", df)
    Ends.write(writer, "place_ends", n_places)
    large = len(stored.when) > 1 << 16
    frequent = int(np.searchsorted(-df, -FREQUENT, side="right")) if large else len(df)  # REQUIRES: df falls, if large
    meta["frequent"] = frequent
    split = int(ends[frequent - 1]) if frequent else 0
    writer.begin("low16", np.dtype("<u2"))
    for start in range(0, split, AT_ONCE):
        writer.append(inverted.docs[start : min(start + AT_ONCE, split)].astype("<u2").tobytes())
    writer.add("wide", inverted.docs[split:])
    if large:
        edges = np.arange(1, (len(stored.when) - 1 >> 16) + 1) << 16
        starts = (ends - df)[:frequent].tolist()
        steps = [
            np.searchsorted(inverted.docs[start:end], edges)
            for start, end in zip(starts, ends[:frequent].tolist(), strict=True)
        ]
        writer.add("steps", np.array(steps, np.uint32).ravel())
    writer.add("counts", inverted.codes)
    writer.add("other_at", ends_of(np.diff(inverted.other_at, prepend=0)))
    Planes.write(writer, "other", inverted.other.ravel())
    long = np.flatnonzero(df >= BOUNDED)
    writer.add("bounded", long.astype(np.uint32))
    writer.add("bounds", bounds(inverted, long, stored.extents[:, Field.BODY]).ravel())


def _write_sketches(writer: SectionWriter, sketched: Sketched, aside: Aside, meta: dict[str, Any]) -> None:
    columns = {"text": sketched.texts, "outlet": sketched.outlets, "sketched": sketched.sizes, "least": sketched.leasts}
    columns |= {"by_text": np.argsort(sketched.texts, kind="stable")}
    for name, values in columns.items():
        column, meta["base"][name] = narrow(values)
        writer.add(name, column)
    prints, holders = aside.spool("prints"), PlanesWriter(aside.spool("holders"))
    for entries in sketched.portions:
        prints.add(prints_of(entries))
        holders.add(holders_of(entries))
    Prints.write(writer, prints.all(np.uint32))
    holders.write(writer, "holders")
