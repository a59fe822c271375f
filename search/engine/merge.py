"""Several segments into one, without their deleted articles: terms and articles are numbered anew, frames are copied.

Postings of one segment keep their order when articles are renumbered (both orders are by date, then id), so sorting the
packed (term, article) numbers of all segments merges them: what comes from one segment comes out in its own order.
"""

from array import array
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.engine import builder, counts, layout, record
from search.engine.docsets import Docs
from search.engine.layout import Inverted, Places, Stored
from search.engine.segment import Segment
from search.engine.sketches import Sketched, together
from search.engine.spool import FEW, Aside
from search.engine.storage import Folder
from search.text.stream import Field

PORTION_BYTES = 110_000_000  # what one portion takes
AT_ONCE = 1 << 19  # places sorted in one go

Ints = NDArray[np.integer[Any]]
Source = tuple[Segment, NDArray[np.int64]]  # with its deleted articles, ascending


def cost(segments: Sequence[Segment]) -> int:
    """Return about how many bytes of memory it takes to merge segments."""
    held = sum(300 * s.n_docs + 180 * s.n_terms for s in segments)
    largest = max(s.n_terms for s in segments)  # words of one stand in others, too
    return PORTION_BYTES + held + 120 * largest + 5 * FEW


def merge(folder: Folder, name: str, sources: Sequence[Source]) -> int:
    """Write the living articles of some segments as the new segment `name`. Return its size in bytes.

    REQUIRES: at least one article lives.
    """
    which, docs, id_sums = _order(sources)
    ranks = [np.full(s.n_docs, -1, np.int64) for s, _ in sources]
    for number, rank in enumerate(ranks):
        own = (which == number).nonzero()[0]
        rank[docs[own]] = own
    sketches = [s.sketches for s, _ in sources]
    columns = ((each.columns(), rank) for each, rank in zip(sketches, ranks, strict=True))
    with Aside(folder, name) as aside:
        inverted = _postings([s for s, _ in sources], ranks, aside)
        entries = together([*zip(sketches, ranks, strict=True)])
        sketched = Sketched.merged(columns, len(docs), entries)
        return layout.write(folder, name, inverted, _stored(sources, which, docs, id_sums), sketched)


def _order(sources: Sequence[Source]) -> tuple[Docs, Docs, NDArray[np.uint32]]:
    """Return source, number and CRC-32 of the id of each living article, in the order of the new segment."""
    living = [runs.without(np.arange(s.n_docs), deleted) for s, deleted in sources]
    which = np.arange(len(sources)).repeat([len(own) for own in living])
    docs = np.concatenate(living)
    when = np.concatenate([s.when(own) for (s, _), own in zip(sources, living, strict=True)])
    ids = [record.id_of(s.record(doc)) for (s, _), own in zip(sources, living, strict=True) for doc in own.tolist()]
    by_id = np.array(sorted(range(len(ids)), key=ids.__getitem__))
    order = by_id[np.argsort(~when[by_id], kind="stable")]  # the newest first
    return which[order], docs[order], layout.id_sums(ids)[order]


def _stored(sources: Sequence[Source], which: Docs, docs: Docs, id_sums: NDArray[np.uint32]) -> Stored:
    """Return the articles in their new order; without a common dictionary they are compressed anew, if that pays."""

    def gather(columns: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
        found = np.empty(len(docs), np.int64)
        for w, column in enumerate(columns):
            here = which == w
            found[here] = column[docs[here]]
        return found

    def places() -> Iterator[tuple[int, Segment, int]]:
        """Yield each article: its new number, its segment, its number there."""
        step = max(AT_ONCE >> 3, 1)
        for start in range(0, len(docs), step):
            some = which[start : start + step].tolist(), docs[start : start + step].tolist()
            yield from ((start + at, segments[w], d) for at, (w, d) in enumerate(zip(*some, strict=True)))

    segments = [s for s, _ in sources]
    extents = np.empty((len(docs), counts.N_FIELDS), np.uint32)
    for field in Field:
        extents[:, field] = gather([s.extent(field) for s in segments])
    when, zone = gather([s.when() for s in segments]), gather([s.zone() for s in segments]).astype(np.int8)
    precision = gather([s.precision() for s in segments]).astype(np.int8)
    bare = [(doc, s, d) for doc, s, d in places() if not s.dictionary_of(d)]
    anew = {}
    new: list[bytes] = []
    if bare:
        frames, trained = builder.compress([s.record(d) for _, s, d in bare])
        if trained:
            anew = {doc: frame for (doc, _, _), frame in zip(bare, frames, strict=True)}
            new = [trained]
    dictionaries: list[bytes] = []
    first: dict[Segment, int] = {}  # number of the first dictionary of each
    for s in segments:
        first[s] = len(dictionaries)
        dictionaries += [s.dictionary(n) for n in range(s.n_dictionaries)]
    dictionaries += new
    number = np.zeros(len(docs), np.int64)
    sizes = np.zeros(len(docs), np.int64)
    for doc, s, d in places():
        own = s.dictionary_of(d)
        number[doc] = len(dictionaries) if doc in anew else first[s] + own if own else 0
        sizes[doc] = len(anew[doc]) if doc in anew else len(s.frame(d))

    def frames_in_order() -> Iterator[bytes]:
        for doc, s, d in places():
            yield anew[doc] if doc in anew else s.frame(d)

    return Stored(id_sums, frames_in_order(), sizes, number, dictionaries, when, zone, precision, extents)


def _postings(segments: Sequence[Segment], ranks: Sequence[NDArray[np.int64]], aside: Aside) -> Inverted:
    """Return the postings of the living articles, made a portion of the terms at a time.

    What is held is what has no code, and for one portion what sorting takes.
    """
    words, maps = _vocabulary(segments)
    df = np.zeros(len(words), np.int64)
    n_places = np.zeros(len(words), np.int64)
    for which, s in enumerate(segments):
        if (ranks[which] >= 0).all():
            np.add.at(df, maps[which].terms, s.df())
            np.add.at(n_places, maps[which].terms, np.diff(s.place_ends.all(), prepend=0))
            continue
        for first, last in runs.portions(s.df(), AT_ONCE):
            some = s.postings(np.arange(first, last))
            term = np.repeat(maps[which].terms[first:last], some.sizes)
            alive = ranks[which][some.docs] >= 0
            df += np.bincount(term[alive], minlength=len(words))
            n_places += np.bincount(term[alive], some.occurrences()[alive], minlength=len(words)).astype(np.int64)
    by_df = np.argsort(-df, kind="stable")
    by_df = by_df[df[by_df] > 0]
    rank = np.full(len(words), -1, np.int64)
    rank[by_df] = np.arange(len(by_df))
    ends = np.cumsum(df[by_df])
    others: list[tuple[NDArray[np.int64], Ints]] = [(np.zeros(0, np.int64), counts.COUNTS[:0])]
    docs, codes, places = aside.spool("docs"), aside.spool("codes"), Places(aside)
    at = 0
    n_docs = sum(int((own >= 0).sum()) for own in ranks)
    for terms, articles in _portions(np.maximum(df[by_df], n_places[by_df]), n_docs):
        found = _portion(segments, maps, ranks, rank, terms, articles, places)
        docs.add(found.docs)
        codes.add(found.codes)
        others.append((found.other_at + at, found.other))
        at += len(found.docs)
    other_at, other = (np.concatenate(each) for each in zip(*others, strict=True))
    spooled = docs.all(np.uint32), codes.all(np.uint8)
    return Inverted([words[term] for term in by_df.tolist()], ends, *spooled, other_at, other, places)


def _portions(sizes: NDArray[np.int64], n_docs: int) -> Iterator[tuple[range, range]]:
    """Yield terms and articles whose places are sorted together: of many places those of a term in some articles."""
    for first, last in runs.portions(sizes, AT_ONCE):
        step = max(1, n_docs * AT_ONCE // max(int(sizes[first]), AT_ONCE) if last == first + 1 else n_docs)
        for begin in range(0, n_docs, step):
            yield range(first, last), range(begin, min(begin + step, n_docs))


def _portion(
    segments: Sequence[Segment],
    maps: Sequence["Renumbered"],
    ranks: Sequence[NDArray[np.int64]],
    rank: NDArray[np.int64],
    new_terms: range,
    new_docs: range,
    places: Places,
) -> Inverted:
    """Return the postings of the terms and articles that come out with some numbers, counted from the first term.

    Their places are added to `places`.
    """
    keys, codes, sizes, positions, shapes = [], [], [], [], []
    odd, rows = [], []
    n = 0
    doc_digits = 32
    for which, s in enumerate(segments):
        renamed = rank[maps[which].terms]
        terms = np.flatnonzero((renamed >= new_terms.start) & (renamed < new_terms.stop))
        some = s.postings(terms)
        new = ranks[which][some.docs]
        inside = (new >= new_docs.start) & (new < new_docs.stop)
        size = some.occurrences()
        term = np.repeat(terms, some.sizes)
        where = s.numbers_of(terms)
        if inside.all():
            odd.append(some.odd + n)
            rows.append(some.rows)
        else:
            kept = inside[some.odd]
            odd.append((np.cumsum(inside) - 1)[some.odd[kept]] + n)
            rows.append(some.rows[kept])
            where = where[np.repeat(inside, size)]
            term, new, size = term[inside], new[inside], size[inside]
        position, shape = s.positions(where), s.shapes_at(where)
        shape = maps[which].shapes[np.repeat(maps[which].first_shape[term], size) + shape]
        keys.append(renamed[term] - new_terms.start << doc_digits | new)
        codes.append(some.codes[inside])
        sizes.append(size)
        positions.append(position)
        shapes.append(shape)
        n += len(new)
    key, size = np.concatenate(keys), np.concatenate(sizes)
    order = np.argsort(key, kind="stable")
    moved = runs.numbers((np.cumsum(size) - size)[order], size[order])
    place = np.empty(n, np.int64)
    place[order] = np.arange(n)
    other_at = place[np.concatenate(odd)]
    by_place = np.argsort(other_at)
    places.add(np.concatenate(positions)[moved], np.concatenate(shapes)[moved])
    return Inverted(
        words=[],
        posting_ends=np.zeros(0, np.int64),
        docs=(key[order] & (1 << doc_digits) - 1).astype(np.uint32),
        codes=np.concatenate(codes)[order],
        other_at=other_at[by_place],
        other=np.concatenate(rows)[by_place],
        places=places,
    )


class Renumbered(NamedTuple):
    """What the terms and forms of a segment are in the merged one.

    `terms` are numbers by old number. The forms of term t are `shapes[first_shape[t] + shape]`.
    """

    terms: NDArray[np.int64]
    first_shape: NDArray[np.int64]
    shapes: NDArray[np.int64]


def _vocabulary(segments: Sequence[Segment]) -> tuple[list[bytes], list[Renumbered]]:
    """Return the entries of all terms, and what each segment's terms and forms are among them."""
    numbers: dict[bytes, int] = {}
    words: list[bytes] = []
    maps = []
    for s in segments:
        terms = array("I")
        first = array("I")
        shapes = array("H")
        for entry in s.lexicon.entries():
            stem, _, own = entry.partition(b" ")
            number = numbers.setdefault(stem, len(words))
            terms.append(number)
            first.append(len(shapes))
            if number == len(words):
                words.append(entry)
            if words[number] == entry:
                shapes.extend(range(own.count(b" ")))
                continue
            known = words[number].split(b" ")[1:-1]
            for form in own.split(b" ")[:-1]:
                if form not in known:
                    known.append(form)
                shapes.append(known.index(form))
            words[number] = b" ".join([stem, *known, b""])
        maps.append(Renumbered(*(np.array(each, np.int64) for each in (terms, first, shapes))))
    return words, maps
