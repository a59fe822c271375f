"""The best of many matches in a total order: by score, then newest first, undated last, then by id.

Articles of a segment are numbered in the order of ties, so ids are only compared between segments, and only of the
first that tie.
"""

from collections.abc import Iterator
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.engine import ranking
from search.engine.docsets import NO_DOCS, Docs
from search.engine.layout import UNDATED
from search.engine.snapshot import Snapshot

FEW = 32  # matches that are sorted without choosing among them first
LAST = np.iinfo(np.int64).max  # in place of a number, of what has none
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
    return [(doc, -key) for key, doc in islice(_in_order(snapshot, docs, keys), k)]


def by_keys(snapshot: Snapshot, docs: Docs, keys: NDArray[np.int64], k: int) -> Docs:
    """Return the `k` articles with the least keys, int64 (docs,), in that order."""
    if k <= 0 or not len(docs):
        return NO_DOCS
    docs, keys = _first(snapshot, docs, keys, k)
    return np.array([doc for _, doc in islice(_in_order(snapshot, docs, keys), k)], np.int64)


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
    if not dated.all():
        age[~dated] = undated_age(snapshot, found.docs, now)
    return Matches(found.docs, found.scores * ranking.recency(age, half_life))


def undated_age(snapshot: Snapshot, docs: Docs, now: float) -> float:
    """Return the age in seconds that undated articles of those found count as: the median of the others."""
    if snapshot.statistics:
        return snapshot.statistics.undated_age
    when = snapshot.when[docs]
    when = when[when != UNDATED]
    return float(np.median(np.maximum(now - when, 0.0))) if len(when) else 0.0


def ages(snapshot: Snapshot, docs: Docs) -> NDArray[np.int64]:
    """Return numbers in whose order articles are from the newest on, undated last. int64 (docs,)."""
    when = snapshot.when[docs]
    return np.where(when == UNDATED, LAST, -when)


def _first(snapshot: Snapshot, docs: Docs, keys: NDArray[Any], k: int) -> tuple[Docs, NDArray[Any]]:
    """Return the articles that may be among the `k` with the least keys, and those: few that tie with the last."""
    if len(docs) <= max(k, FEW):
        return docs, keys
    ordered = keys.copy()
    ordered.partition(k - 1)
    threshold = ordered[k - 1]
    below, ties = (keys < threshold).nonzero()[0], (keys == threshold).nonzero()[0]
    moved = ties[:0]
    if snapshot.moved is not None:
        is_moved = snapshot.moved[docs[ties]]
        moved, ties = ties[is_moved], ties[~is_moved]
    # The others of a segment are in the order of ties: no more of each can be needed than there is room.
    rank = runs.ranks(_part(snapshot, docs[ties]))
    chosen = np.concatenate([below, moved, ties[rank < k - len(below)]])
    return docs[chosen], keys[chosen]


def _part(snapshot: Snapshot, docs: Docs) -> NDArray[np.int64]:
    """Return a number for the segment that each article is in."""
    return np.searchsorted([part.base for part in snapshot.parts], docs, side="right")


def _in_order(snapshot: Snapshot, docs: Docs, keys: NDArray[Any]) -> Iterator[tuple[Any, int]]:
    """Return (key, article) of some articles in the total order."""
    ranked = sorted(zip(keys.tolist(), docs.tolist(), strict=True))
    if (len(snapshot.parts) == 1 and snapshot.moved is None) or len({key for key, _ in ranked}) == len(ranked):
        return iter(ranked)
    when = snapshot.when
    aged = sorted([(key, LAST if (at := when.item(doc)) == UNDATED else -at, doc) for key, doc in ranked])
    tied = groupby(aged, itemgetter(0, 1))
    return ((key, doc) for (key, _), same in tied for doc in _by_id([doc for *_, doc in same], snapshot))


def _by_id(docs: list[int], snapshot: Snapshot) -> Iterator[int]:
    """Yield articles of one age, ascending numbers, by id; those of a segment stand in this order, if not moved."""
    if len(docs) == 1:
        yield from docs
        return
    part = _part(snapshot, np.array(docs))
    if snapshot.moved is not None:
        moved = snapshot.moved[docs]
        part = np.where(moved, -1 - np.arange(len(docs)), part)
    in_order = [[doc for _, doc in own] for _, own in groupby(zip(part.tolist(), docs, strict=True), itemgetter(0))]
    yield from merge(*in_order, key=snapshot.id)
