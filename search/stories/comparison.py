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

from search import runs
from search.model import Span
from search.stories.bodies import RUN, Body, Ints, PlacedBody, as_number
from search.stories.relation import COPY, PARTIAL, UNRELATED, Kind, Relation, share

QUOTE = 8  # words
FEW = 3 * RUN  # words; less is a phrase of the trade (`Qtly div 20 cts vs 20 cts prior`)
HOLE = 4  # words from what is replaced to the nearest shared one before, and behind
REPLACED = 2  # figures


class Passage(NamedTuple):
    """The same words in two articles: characters of either text."""

    a: Span
    b: Span


class Overlap:
    """The runs of words that two articles share."""

    def __init__(self, a: Body, b: Body) -> None:
        self._a, self._b = a, b
        sought, known = a.sorted_runs, b.sorted_runs
        at = known.searchsorted(sought)
        found = runs.are_at(at, known, sought).nonzero()[0]
        self._hashes = sought[found]
        self._in_a: Ints = a.order[found]
        self._in_b: Ints = b.order[at[found]]  # of those that repeat the first in order

    @property
    def relation(self) -> Relation:
        """How the two relate."""
        a, b = self._a, self._b
        in_a = _words(a, self._in_a)
        in_b = _words(b, b.order[runs.are_among(b.sorted_runs, self._hashes)])
        n_a, n_b = in_a.bit_count(), in_b.bit_count()
        shared_a, shared_b = share(n_a, len(a)), share(n_b, len(b))
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

    @property
    def is_spelled_alike(self) -> bool:
        """Whether both spell the words that they share alike, by the hashes of how they do."""
        return bool((self._a.run_forms[self._in_a] == self._b.run_forms[self._in_b]).all())


def relate(a: Body, b: Body) -> Relation:
    """Return how two articles relate. It is the same the other way round, sides exchanged."""
    return Overlap(a, b).relation


def _words(body: Body, at: Ints) -> int:
    """Return the words of a body that are in the runs which begin at some of them; see `as_number`."""
    begins = np.zeros(len(body), np.bool_)
    begins[at] = True
    first = as_number(begins)
    inside = first
    for further in range(1, RUN):
        inside |= first << 8 * further
    return inside


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
    known: list[int] = b.runs.tolist()
    where: dict[int, int] = {}
    for at in range(len(known) - 1, -1, -1):
        where[known[at]] = at
    blocks: list[list[int]] = []  # first word in a, behind the last, first word in b
    for at, found in enumerate(a.runs.tolist()):
        if blocks and blocks[-1][1] == at + RUN - 1:
            there = blocks[-1][2] + at - blocks[-1][0]
            if there < len(known) and known[there] == found:
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
