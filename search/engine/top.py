"""The best of many matches in a total order: by score, then newest first, undated last, then by id.

Articles of a segment are numbered in the order of ties, so ids are only compared between segments.
"""

from functools import cmp_to_key
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.engine import ranking
from search.engine.layout import UNDATED
from search.engine.postings import Docs
from search.engine.snapshot import Snapshot

FEW = 256  # matches that are sorted in Python
Ranked = list[tuple[int, float]]


class Matches(NamedTuple):
    """Articles by number, ascending, and their scores."""

    docs: Docs
    scores: NDArray[np.float64]


def by_score(snapshot: Snapshot, found: Matches, k: int) -> Ranked:
    """Return the best `k` matches, (article, score) each."""
    docs, scores = found
    if k <= 0 or not len(docs):
        return []
    if len(snapshot.parts) == 1 and len(docs) <= FEW:  # articles are numbered in the order of ties
        ranked = sorted(zip((-scores).tolist(), docs.tolist(), strict=True))[:k]
        return [(doc, -negative) for negative, doc in ranked]
    if len(docs) > k:
        threshold = np.partition(scores, len(scores) - k)[len(scores) - k]
        above = np.flatnonzero(scores > threshold)
        ties = _first_of_each_part(snapshot, np.flatnonzero(scores == threshold), docs, k - len(above))
        chosen = np.concatenate([above, ties])
        docs, scores = docs[chosen], scores[chosen]
    return _sorted(snapshot, docs, scores, by_score_first=True, newest=True)[:k]


def by_date(snapshot: Snapshot, docs: Docs, k: int, *, newest: bool) -> Docs:
    """Return the newest or oldest `k` of some articles, undated last, in that order."""
    when = snapshot.when[docs]
    key = np.where(when == UNDATED, np.iinfo(np.int64).max, -when if newest else when)
    if len(docs) > k > 0:
        threshold = np.partition(key, k - 1)[k - 1]
        below = np.flatnonzero(key < threshold)
        ties = _first_of_each_part(snapshot, np.flatnonzero(key == threshold), docs, k - len(below))
        docs = docs[np.concatenate([below, ties])]
    ranked = _sorted(snapshot, docs, np.zeros(len(docs)), by_score_first=False, newest=newest)
    return np.array([doc for doc, _ in ranked[: max(k, 0)]], np.int32)


def fresher(snapshot: Snapshot, found: Matches, half_life: float, now: float) -> Matches:
    """Return the matches with scores raised for newer articles; an undated one counts as of the median age.

    Args:
        snapshot: Of the index.
        found: Of the query.
        half_life: In seconds, > 0.
        now: Seconds since 1970; what is newer counts as of now.
    """
    when = snapshot.when[found.docs]
    dated = when != UNDATED
    age = np.maximum(now - when, 0.0)
    age[~dated] = np.median(age[dated]) if dated.any() else 0.0
    return Matches(found.docs, found.scores * ranking.recency(age, half_life))


def _first_of_each_part(snapshot: Snapshot, ties: NDArray[np.int64], docs: Docs, k: int) -> NDArray[np.int64]:
    """Return the ties that may be among the first `k` in the total order: no more than `k` of each segment."""
    bases = np.array([part.base for part in snapshot.parts])
    part = np.searchsorted(bases, docs[ties], side="right")
    first = np.flatnonzero(np.diff(part, prepend=-1))
    rank = np.arange(len(ties)) - np.repeat(first, np.diff(first, append=len(ties)))
    return ties[rank < k]


def _sorted(
    snapshot: Snapshot, docs: Docs, scores: NDArray[np.float64], *, by_score_first: bool, newest: bool
) -> Ranked:
    if by_score_first and len(snapshot.parts) == 1:  # articles are numbered in the order of ties
        order = np.lexsort((docs, -scores))
        return list(zip(docs[order].tolist(), scores[order].tolist(), strict=True))
    when = snapshot.when[docs]
    sign = -1 if newest else 1
    key = np.where(when == UNDATED, np.iinfo(np.int64).max, sign * when)
    order = np.lexsort((docs, key, -scores)) if by_score_first else np.lexsort((docs, key))
    ranked = list(zip(docs[order].tolist(), scores[order].tolist(), key[order].tolist(), strict=True))

    def compare(a: tuple[int, float, int], b: tuple[int, float, int]) -> int:
        if by_score_first and a[1] != b[1]:
            return -1 if a[1] > b[1] else 1
        if a[2] != b[2]:
            return -1 if a[2] < b[2] else 1
        one, other = snapshot.id(a[0]), snapshot.id(b[0])
        return (one > other) - (one < other)

    if len(snapshot.parts) > 1 or not newest:
        ranked.sort(key=cmp_to_key(compare))
    return [(doc, score) for doc, score, _ in ranked]
