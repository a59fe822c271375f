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
from search.engine.layout import Inverted, Places, Stored
from search.engine.segment import Segment
from search.engine.sketches import Sketched
from search.engine.storage import Folder
from search.text.stream import Field

PORTION_BYTES = 100_000_000  # what one portion takes
AT_ONCE = 1 << 19  # places sorted in one go

Ints = NDArray[np.integer[Any]]
Source = tuple[Segment, NDArray[np.int64]]  # with its deleted articles, ascending


def cost(segments: Sequence[Segment]) -> int:
    """Return about how many bytes of memory it takes to merge segments."""
    held = sum(5 * len(s.counts) + 2 * len(s.file["low8"]) + 340 * (s.n_docs + s.n_terms) for s in segments)
    return held + max(PORTION_BYTES, sum(24 * len(s.sketches) for s in segments))


def merge(folder: Folder, name: str, sources: Sequence[Source]) -> int:
    """Write the living articles of some segments as the new segment `name`. Return its size in bytes.

    REQUIRES: at least one article lives.
    """
    order, ids = _order(sources)
    ranks = [np.full(s.n_docs, -1, np.int64) for s, _ in sources]
    for new, (which, doc) in enumerate(order):
        ranks[which][doc] = new
    inverted = _postings([s for s, _ in sources], ranks)
    sketched = Sketched.merged(
        ((s.sketches.all(), rank) for (s, _), rank in zip(sources, ranks, strict=True)), len(order)
    )
    return layout.write(folder, name, inverted, _stored(sources, order, ids), sketched)


def _order(sources: Sequence[Source]) -> tuple[list[tuple[int, int]], list[str]]:
    """Return (source, article) of each living article in the order of the new segment, and their ids."""
    found = []
    for which, (s, deleted) in enumerate(sources):
        dead = set(deleted.tolist())
        when = s.when().tolist()
        for doc in range(s.n_docs):
            if doc not in dead:
                found.append((-when[doc], record.id_of(s.record(doc)), which, doc))
    found.sort()
    return [(which, doc) for _, _, which, doc in found], [key for _, key, _, _ in found]


def _stored(sources: Sequence[Source], order: Sequence[tuple[int, int]], ids: list[str]) -> Stored:
    """Return the articles in their new order; without a common dictionary they are compressed anew, if that pays."""
    which = np.array([w for w, _ in order])
    docs = np.array([d for _, d in order])

    def gather(columns: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
        found = np.empty(len(order), np.int64)
        for w, column in enumerate(columns):
            here = which == w
            found[here] = column[docs[here]]
        return found

    segments = [s for s, _ in sources]
    extents = np.stack([gather([s.extent(f) for s in segments]) for f in Field], axis=1).astype(np.uint32)
    when, zone = gather([s.when() for s in segments]), gather([s.zone() for s in segments]).astype(np.int8)
    precision = gather([s.precision() for s in segments]).astype(np.int8)
    bare = [doc for doc, (w, d) in enumerate(order) if not segments[w].dictionary_of(d)]
    anew = {}
    new: list[bytes] = []
    if bare:
        records = [segments[order[doc][0]].record(order[doc][1]) for doc in bare]
        frames, trained = builder.compress(records)
        if trained:
            anew = dict(zip(bare, frames, strict=True))
            new = [trained]
    first = [0]  # number of the first dictionary of each source
    for s in segments:
        first.append(first[-1] + s.n_dictionaries)
    dictionaries = [s.dictionary(n) for s in segments for n in range(s.n_dictionaries)] + new
    number = np.zeros(len(order), np.int64)
    sizes = np.zeros(len(order), np.int64)
    for doc, (w, d) in enumerate(order):
        own = segments[w].dictionary_of(d)
        number[doc] = len(dictionaries) if doc in anew else first[w] + own if own else 0
        sizes[doc] = len(anew[doc]) if doc in anew else len(segments[w].frame(d))

    def frames_in_order() -> Iterator[bytes]:
        for doc, (w, d) in enumerate(order):
            yield anew[doc] if doc in anew else segments[w].frame(d)

    return Stored(ids, frames_in_order(), sizes, number, dictionaries, when, zone, precision, extents)


def _postings(segments: Sequence[Segment], ranks: Sequence[NDArray[np.int64]]) -> Inverted:
    """Return the postings of the living articles, made a portion of the terms at a time.

    What is held is the result, a few bytes a posting and place, and for one portion what sorting takes.
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
    total = int(ends[-1]) if len(ends) else 0
    docs, codes = np.empty(total, np.uint32), np.empty(total, np.uint8)
    others: list[tuple[NDArray[np.int64], Ints]] = [(np.zeros(0, np.int64), counts.COUNTS[:0])]
    places = Places()
    at = 0
    for first, last in runs.portions(np.maximum(df[by_df], n_places[by_df]), AT_ONCE):
        found = _portion(segments, maps, ranks, rank, first, last, places)
        upto = at + len(found.docs)
        docs[at:upto], codes[at:upto] = found.docs, found.codes
        others.append((found.other_at + at, found.other))
        at = upto
    other_at, other = (np.concatenate(each) for each in zip(*others, strict=True))
    return Inverted([words[term] for term in by_df.tolist()], ends, docs, codes, other_at, other, places)


def _portion(
    segments: Sequence[Segment],
    maps: Sequence["Renumbered"],
    ranks: Sequence[NDArray[np.int64]],
    rank: NDArray[np.int64],
    first: int,
    last: int,
    places: Places,
) -> Inverted:
    """Return the postings of the terms that come out as number `first` up to `last`, counted from them.

    Their places are added to `places`.
    """
    keys, codes, sizes, positions, shapes = [], [], [], [], []
    odd, rows = [], []
    n = 0
    doc_digits = 32
    for which, s in enumerate(segments):
        new_terms = rank[maps[which].terms]
        terms = np.flatnonzero((new_terms >= first) & (new_terms < last))
        some = s.postings(terms)
        new = ranks[which][some.docs]
        alive = new >= 0
        size = some.occurrences()
        term = np.repeat(terms, some.sizes)
        position, shape = s.places_of(terms)
        shape = maps[which].shapes[np.repeat(maps[which].first_shape[term], size) + shape]
        if alive.all():
            odd.append(some.odd + n)
            rows.append(some.rows)
        else:
            kept = alive[some.odd]
            odd.append((np.cumsum(alive) - 1)[some.odd[kept]] + n)
            rows.append(some.rows[kept])
            kept = np.repeat(alive, size)
            term, new, size, position, shape = term[alive], new[alive], size[alive], position[kept], shape[kept]
        keys.append(new_terms[term] - first << doc_digits | new)
        codes.append(some.codes[alive])
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
