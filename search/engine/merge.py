"""Several segments into one, without their deleted articles: terms and articles are numbered anew, frames are copied.

Postings of one segment keep their order when articles are renumbered (both orders are by date, then id), so sorting the
packed (term, article) numbers of all segments merges them: what comes from one segment comes out in its own order.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.engine import builder, counts, layout, record
from search.engine.layout import Inverted, Stored
from search.engine.segment import Segment
from search.engine.storage import Folder
from search.text.stream import Field

Source = tuple[Segment, NDArray[np.int64]]  # with its deleted articles, ascending


def merge(folder: Folder, name: str, sources: Sequence[Source]) -> int:
    """Write the living articles of some segments as the new segment `name`. Return its size in bytes.

    REQUIRES: at least one article lives.
    """
    order, ids = _order(sources)
    ranks = [np.full(s.n_docs, -1, np.int64) for s, _ in sources]
    for new, (which, doc) in enumerate(order):
        ranks[which][doc] = new
    inverted = _postings(sources, ranks, len(order))
    return layout.write(folder, name, inverted, _stored(sources, order, ids))


def _order(sources: Sequence[Source]) -> tuple[list[tuple[int, int]], list[bytes]]:
    """Return (source, article) of each living article in the order of the new segment, and their ids."""
    found = []
    for which, (s, deleted) in enumerate(sources):
        dead = set(deleted.tolist())
        when = s.when().tolist()
        for doc in range(s.n_docs):
            if doc not in dead:
                found.append((-when[doc], record.split(s.record(doc)).id, which, doc))
    found.sort()
    return [(which, doc) for _, _, which, doc in found], [key for _, key, _, _ in found]


def _stored(sources: Sequence[Source], order: Sequence[tuple[int, int]], ids: list[bytes]) -> Stored:
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

    return Stored(ids, frames_in_order(), sizes, number, dictionaries, when, zone, extents)


def _postings(sources: Sequence[Source], ranks: Sequence[NDArray[np.int64]], n_docs: int) -> Inverted:
    words, maps = _vocabulary([s for s, _ in sources])
    keys, codes, rows, sizes, places, shapes = [], [], [], [], [], []
    doc_digits = (n_docs - 1).bit_length()
    for which, (s, _) in enumerate(sources):
        docs, code, other_at, other = s.everything()
        frequency = np.zeros((len(docs), counts.N_FIELDS), np.uint32)
        frequency[other_at] = other
        size = counts.OCCURRENCES[code].astype(np.int64)
        size[other_at] = other.sum(axis=1)
        old = np.repeat(np.arange(s.n_terms), s.df())
        terms, first_shape, new_shapes = maps[which]
        new = ranks[which][docs]
        keep = new >= 0
        position, shape = s.all_places()
        shape = new_shapes[np.repeat(first_shape[old], size) + shape]
        kept_places = np.repeat(keep, size)
        keys.append((terms[old] << doc_digits | new)[keep])
        codes.append(code[keep])
        rows.append(frequency[keep])
        sizes.append(size[keep])
        places.append(position[kept_places])
        shapes.append(shape[kept_places])
    key = np.concatenate(keys)
    df = np.bincount(key >> doc_digits, minlength=len(words))
    by_df = np.argsort(-df, kind="stable")
    by_df = by_df[df[by_df] > 0]
    rank = np.zeros(len(words), np.int64)
    rank[by_df] = np.arange(len(by_df))
    key = rank[key >> doc_digits] << doc_digits | key & (1 << doc_digits) - 1
    order = np.argsort(key, kind="stable")
    key, code = key[order], np.concatenate(codes)[order]
    odd = np.flatnonzero(code == counts.OTHER)
    moved = _run_order(np.concatenate(sizes), order)
    return Inverted(
        words=[words[term] for term in by_df.tolist()],
        posting_ends=np.cumsum(df[by_df]),
        docs=(key & (1 << doc_digits) - 1).astype(np.uint32),
        codes=code,
        other_at=odd,
        other=np.concatenate(rows)[order][odd],
        positions=np.concatenate(places)[moved].astype(np.uint32),
        shapes=np.concatenate(shapes)[moved].astype(np.uint16),
    )


def _run_order(sizes: NDArray[np.int64], order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the order of places when their postings, `sizes` places each, are taken in `order`."""
    starts = np.cumsum(sizes) - sizes
    moved = sizes[order]
    return np.repeat(starts[order] - (np.cumsum(moved) - moved), moved) + np.arange(int(sizes.sum()))


Renumbering = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


def _vocabulary(segments: Sequence[Segment]) -> tuple[list[bytes], list[Renumbering]]:
    """Return the entries of all terms; per segment, terms anew, each one's first form, forms anew."""
    numbers: dict[bytes, int] = {}
    forms: list[dict[bytes, int]] = []
    maps = []
    for s in segments:
        terms: list[int] = []
        first: list[int] = []
        shapes: list[int] = []
        for term in range(s.n_terms):
            stem, *own = s.entry(term).split(b" ")
            number = numbers.setdefault(stem, len(numbers))
            if number == len(forms):
                forms.append({})
            known = forms[number]
            terms.append(number)
            first.append(len(shapes))
            for form in own[:-1]:
                shapes.append(known.setdefault(stem + form[1:] if form[:1] == b"~" else form, len(known)))
        maps.append((np.array(terms, np.int64), np.array(first, np.int64), np.array(shapes, np.int64)))
    return [b" ".join([stem, *own]) for stem, own in zip(numbers, forms, strict=True)], maps
