"""How two articles relate, exactly: which words they share, and whether those are more than a quotation.

A word is shared if it lies in a run of at least `RUN` words that the other article has, too, wherever they stand.

    copy      at least .8 of the shorter article's words are shared
    partial   at least .2, quotations not counted, and at least `FEW` words; and it is no form
    quote     less than that, and a quotation of at least `QUOTE` words, which one of the two puts between marks
    none      everything else

A form is filled in with other figures: within what is shared as many figures are replaced as half of those that stay,
or more. (Of 3,276 pairs of Reuters that share .2 to .8 so are 643, nearly all bond issues, auctions, market reports.)
"""

from typing import NamedTuple

import numpy as np

from search.model import Span
from search.stories.bodies import RUN, Body, PlacedBody, as_number
from search.stories.relation import COPY, PARTIAL, UNRELATED, Kind, Relation

QUOTE = 8  # words
FEW = 3 * RUN  # words; less is a phrase of the trade (`Qtly div 20 cts vs 20 cts prior`)
HOLE = 4  # words from what is replaced to the nearest shared one before, and behind
REPLACED = 2  # figures


class Passage(NamedTuple):
    """The same words in two articles: characters of either text."""

    a: Span
    b: Span


def relate(a: Body, b: Body) -> Relation:
    """Return how two articles relate. It is the same the other way round, sides exchanged."""
    in_a, in_b = _shared(a, b), _shared(b, a)
    n_a, n_b = in_a.bit_count(), in_b.bit_count()
    shared_a, shared_b = n_a / max(1, len(a)), n_b / max(1, len(b))
    # Of two of the same length the one that shares more, so that the order does not matter.
    shared = shared_a if len(a) < len(b) else shared_b if len(b) < len(a) else max(shared_a, shared_b)
    if shared >= COPY:
        return Relation("copy", shared_a, shared_b, shared)
    if not in_a:
        return UNRELATED
    outside = min((in_a & ~a.quotations).bit_count(), (in_b & ~b.quotations).bit_count())
    is_partial = shared >= PARTIAL and min(n_a, n_b) >= FEW and not _is_form(in_a, in_b, a, b)
    if is_partial and outside >= PARTIAL * min(len(a), len(b)):
        kind: Kind = "partial"
    elif _has_quotation(in_a & a.quotations) or _has_quotation(in_b & b.quotations):
        kind = "quote"
    else:
        kind = "partial" if is_partial else "none"
    return Relation(kind, shared_a, shared_b, shared)


def _shared(body: Body, other: Body) -> int:
    """Return the words of a body that are shared; see `as_number`."""
    (sought, order), (known, _) = body.sorted_runs, other.sorted_runs
    sought = sought[:-1]
    found = np.empty(len(order), np.bool_)
    found[order] = known[known.searchsorted(sought)] == sought
    runs = as_number(found)
    inside = runs
    for at in range(1, RUN):
        inside |= runs << 8 * at
    return inside


def are_spelled_alike(a: Body, b: Body) -> bool:
    """Return whether two articles spell the words that they share alike, by the hashes of how they do."""
    (sought, _), (known, where) = a.sorted_runs, b.sorted_runs
    at = known.searchsorted(sought[:-1])
    found = ((known[at] == sought[:-1]) & (at < len(where))).nonzero()[0]
    return bool((a.run_forms[found] == b.run_forms[at[found]]).all())


def _is_form(in_a: int, in_b: int, a: Body, b: Body) -> bool:
    """Return whether the shared words of two articles are those of a form, filled in with other figures."""
    replaced = min(_replaced(in_a, a.figures), _replaced(in_b, b.figures))
    kept = min((in_a & a.figures).bit_count(), (in_b & b.figures).bit_count())
    return replaced >= REPLACED and 2 * replaced >= kept


def _replaced(shared: int, figures: int) -> int:
    """Return how many figures stand in holes of what is shared."""
    others = figures & ~shared
    if others.bit_count() < REPLACED:
        return 0
    before = behind = 0
    for at in range(1, HOLE + 1):
        before |= shared << 8 * at
        behind |= shared >> 8 * at
    return (others & before & behind).bit_count()


def _has_quotation(words: int) -> bool:
    """Return whether `QUOTE` words in a row are set."""
    for _ in range(QUOTE - 1):
        words &= words >> 8
    return words != 0


def passages(a: PlacedBody, b: PlacedBody) -> list[Passage]:
    """Return what two articles share, in the order of `a`: every shared word of `a` is in exactly one passage.

    Where words of `a` stand more than once in `b`, the passage goes on rather than ends.
    """
    runs = b.runs
    where: dict[int, int] = {}
    for at in range(len(runs) - 1, -1, -1):
        where[runs[at]] = at
    blocks: list[list[int]] = []  # first word in a, behind the last, first word in b
    for at, found in enumerate(a.runs):
        if blocks and blocks[-1][1] == at + RUN - 1:
            there = blocks[-1][2] + at - blocks[-1][0]
            if there < len(runs) and runs[there] == found:
                blocks[-1][1] += 1
                continue
        if found in where:
            begin = max(at, blocks[-1][1]) if blocks else at
            blocks.append([begin, at + RUN, where[found] + begin - at])
    return [
        Passage(
            (int(a.starts[first]), int(a.ends[last - 1])),
            (int(b.starts[there]), int(b.ends[there + last - 1 - first])),
        )
        for first, last, there in blocks
    ]
