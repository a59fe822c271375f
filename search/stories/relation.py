"""How two articles relate, exactly: which words they share, and whether those are more than a quotation.

A word is shared if it lies in a run of at least `RUN` words that the other article has, too, wherever they stand.

    copy      at least .8 of the shorter article's words are shared
    partial   at least .2, quotations not counted
    quote     less than that, and a quotation of at least `QUOTE` words, which one of the two puts between marks
    none      everything else
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from search.model import Span
from search.stories.bodies import Body, Bools, Keys
from search.stories.sketching import run_hashes

RUN = 5  # words; fewer in a row are an accident
COPY, PARTIAL = 0.8, 0.2  # of the shorter article's words
QUOTE = 8  # words

Kind = Literal["copy", "partial", "quote", "none"]


@dataclass(frozen=True, slots=True)
class Relation:
    """How two articles relate; `shared_a` and `shared_b` are fractions of their words."""

    kind: Kind
    shared_a: float
    shared_b: float
    shared: float  # of the shorter one's words


class Passage(NamedTuple):
    """The same words in two articles: characters of either text."""

    a: Span
    b: Span


def relate(a: Body, b: Body) -> Relation:
    """Return how two articles relate. It is the same the other way round, sides exchanged."""
    in_a, in_b = _shared(a.keys, b.keys)
    n_a, n_b = int(in_a.sum()), int(in_b.sum())
    shared_a, shared_b = n_a / max(1, len(a)), n_b / max(1, len(b))
    # Of two of the same length the one that shares more, so that the order does not matter.
    shared = shared_a if len(a) < len(b) else shared_b if len(b) < len(a) else max(shared_a, shared_b)
    if shared >= COPY:
        return Relation("copy", shared_a, shared_b, shared)
    shorter = max(1, min(len(a), len(b)))
    outside = min(np.count_nonzero(in_a & ~a.quoted), np.count_nonzero(in_b & ~b.quoted))
    if outside >= PARTIAL * shorter:
        kind: Kind = "partial"
    elif max(_longest(in_a & a.quoted), _longest(in_b & b.quoted)) >= QUOTE:
        kind = "quote"
    else:
        kind = "partial" if shared >= PARTIAL else "none"
    return Relation(kind, shared_a, shared_b, shared)


def passages(a: Body, b: Body) -> list[Passage]:
    """Return what two articles share, in the order of `a`: every shared word of `a` is in exactly one passage.

    Where words of `a` stand more than once in `b`, the passage goes on rather than ends.
    """
    hashes_a, hashes_b = run_hashes(a.keys, RUN).tolist(), run_hashes(b.keys, RUN).tolist()
    where: dict[int, int] = {}
    for at in range(len(hashes_b) - 1, -1, -1):
        where[hashes_b[at]] = at
    blocks: list[list[int]] = []  # first word in a, behind the last, first word in b
    for at, found in enumerate(hashes_a):
        if blocks and blocks[-1][1] == at + RUN - 1:
            there = blocks[-1][2] + at - blocks[-1][0]
            if there < len(hashes_b) and hashes_b[there] == found:
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


def _shared(a: Keys, b: Keys) -> tuple[Bools, Bools]:
    """Return for each word of both whether it is shared."""
    hashes_a, hashes_b = run_hashes(a, RUN), run_hashes(b, RUN)
    return _covered(hashes_a, hashes_b, len(a)), _covered(hashes_b, hashes_a, len(b))


def _covered(hashes: Keys, others: Keys, n_words: int) -> Bools:
    """Return for each of `n_words` words whether it lies in a run that is among the others'."""
    known = np.sort(others)
    at = np.searchsorted(known, hashes)
    found = known[np.minimum(at, len(known) - 1)] == hashes if len(known) else np.zeros(len(hashes), np.bool_)
    inside = np.zeros(n_words, np.bool_)
    for offset in range(RUN):
        inside[offset : offset + len(found)] |= found
    return inside


def _longest(mask: Bools) -> int:
    """Return the length of the longest stretch that is set."""
    edges = np.flatnonzero(np.diff(mask.view(np.int8), prepend=0, append=0))
    return int((edges[1::2] - edges[::2]).max(initial=0))
