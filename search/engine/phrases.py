"""Where terms stand side by side, the words of a phrase.

Of most places the last eight digits of the position tell that no other word follows: they are compared first, by marks
in a table. Only what is left is looked at in full; and in short articles those digits are all there is.
"""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.engine.segment import Segment, Term

SHORT = 1 << 8  # positions; in an article of no more, eight digits say all
_AT_ONCE = 1 << 14  # articles looked at in one go: the table has 256 marks for each

Ints = NDArray[np.int64]


def side_by_side(
    segment: Segment, terms: Sequence[Term], chosen: Sequence[Ints], room: NDArray[np.int32]
) -> tuple[Ints, Ints]:
    """Return where terms stand one behind the other.

    Args:
        segment: That holds them.
        terms: Two or more.
        chosen: Of each term, which of its postings are those of the articles looked at, ascending.
        room: How many positions each of these articles takes, (articles,).

    Returns:
        The places of one of the terms around which the others stand: articles, counted among those looked at,
        ascending; and the numbers of the places. No two are at one position.
    """
    docs, places = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    extents = cache(lambda at: segment.extents(terms[at], chosen[at]))  # of a term that is looked at
    for start in range(0, len(room), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        found = _in_some(segment, terms, extents, part, room[part] > SHORT - len(terms))
        docs.append(found[0] + start)
        places.append(found[1])
    return np.concatenate(docs), np.concatenate(places)


def _in_some(
    segment: Segment,
    terms: Sequence[Term],
    extents: Callable[[int], tuple[Ints, Ints]],
    part: slice,
    long: NDArray[np.bool_],
) -> tuple[Ints, Ints]:
    """Return the same of a part of the articles, given what tells of a term where its places are in all of them."""
    # From the rarest term on, so that of the others few articles are looked at.
    rarest, *others = sorted(range(len(terms)), key=lambda at: terms[at].end - terms[at].start)
    marks = np.zeros(len(long) << 8, np.bool_)
    starts, sizes = (each[part] for each in extents(rarest))
    doc, where = np.arange(len(long)).repeat(sizes), runs.numbers(starts, sizes)
    low = segment.low(where)
    left = np.arange(len(long))  # articles in which the terms so far stand
    some_long = bool(long.any())
    for at in others:
        if not len(doc):
            break
        step = at - rarest
        starts, sizes = (each[part][left] for each in extents(at))
        other_doc, other = left.repeat(sizes), runs.numbers(starts, sizes)
        other_low = segment.low(other)
        key, other_key = doc << 8 | low, other_doc << 8 | (other_low - np.uint8(step & 255))
        marks[key] = True
        there = marks[other_key].nonzero()[0]
        marks[key] = False
        marks[other_key[there]] = True
        here = marks[key].nonzero()[0]
        marks[other_key[there]] = False
        doc, where, low = doc[here], where[here], low[here]
        if some_long and len(here):
            full = doc << 32 | _positions(segment, where, low, long[doc])
            other_doc, other, other_low = other_doc[there], other[there], other_low[there]
            behind = (other_doc << 32 | _positions(segment, other, other_low, long[other_doc])) - step
            kept = runs.are_among(full, behind).nonzero()[0]
            doc, where, low = doc[kept], where[kept], low[kept]
        left = doc[runs.begins(doc)]
    if len(terms[rarest].forms) > 1 and len(doc) > 1:  # a place may have two of them (`walk-ing`)
        first = runs.begins(doc << 32 | _positions(segment, where, low, long[doc]))
        doc, where = doc[first], where[first]
    return doc, where


def _positions(segment: Segment, where: Ints, low: NDArray[np.uint8], long: NDArray[np.bool_]) -> Ints:
    """Return the positions of places whose last digits are known; `long` tells which have more."""
    found = low.astype(np.int64)
    more = long.nonzero()[0]
    if len(more):
        found[more] |= segment.high(where[more]) << 8
    return found
