"""The best of many matches in a total order: by score, then newest first, undated last, then by id.

Articles of a segment are numbered in the order of ties, so ids are only compared between segments.
"""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.engine import ranking, runs
from search.engine.docsets import NO_DOCS, Docs
from search.engine.layout import UNDATED
from search.engine.snapshot import Snapshot

FEW = 32  # matches that are sorted without choosing among them first
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
    docs, keys = _first(snapshot, docs, -scores, k)
    return [(doc, -key) for key, _, doc in _in_order(snapshot, docs, keys, newest=True)[:k]]


def by_date(snapshot: Snapshot, docs: Docs, k: int, *, newest: bool) -> Docs:
    """Return the newest or oldest `k` of some articles, undated last, in that order."""
    if k <= 0 or not len(docs):
        return NO_DOCS
    docs, keys = _first(snapshot, docs, _ages(snapshot, docs, newest=newest), k)
    return np.array([doc for _, _, doc in _in_order(snapshot, docs, keys, newest=newest)[:k]], np.int64)


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


def _ages(snapshot: Snapshot, docs: Docs, *, newest: bool) -> NDArray[np.int64]:
    """Return numbers in whose order articles are from the newest (or oldest) on, undated last. int64 (docs,)."""
    when = snapshot.when[docs]
    return np.where(when == UNDATED, np.iinfo(np.int64).max, -when if newest else when)


def _first(snapshot: Snapshot, docs: Docs, keys: NDArray[Any], k: int) -> tuple[Docs, NDArray[Any]]:
    """Return the articles that may be among the `k` with the least keys, and those: few that tie with the last."""
    if len(docs) <= max(k, FEW):
        return docs, keys
    threshold = np.partition(keys, k - 1)[k - 1]
    below = np.flatnonzero(keys < threshold)
    ties = np.flatnonzero(keys == threshold)
    # Articles of a segment are in the order of ties: no more of each can be needed than there is room.
    part = np.searchsorted([part.base for part in snapshot.parts], docs[ties], side="right")
    first = runs.begins(part)
    rank = np.arange(len(ties)) - first.repeat(runs.sizes(first, len(ties)))
    chosen = np.concatenate([below, ties[rank < k - len(below)]])
    return docs[chosen], keys[chosen]


def _in_order(snapshot: Snapshot, docs: Docs, keys: NDArray[Any], *, newest: bool) -> list[tuple[Any, int, int]]:
    """Return (key, age, article) of some articles in the total order."""
    ages = _ages(snapshot, docs, newest=newest).tolist()
    ranked = sorted(zip(keys.tolist(), ages, docs.tolist(), strict=True))
    if len(snapshot.parts) == 1 or all(a[:2] != b[:2] for a, b in pairwise(ranked)):
        return ranked
    return sorted(ranked, key=lambda each: (each[0], each[1], snapshot.id(each[2])))
