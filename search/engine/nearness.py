"""The second stage of ranking: how much of the query stands close together, for the first hits of the first stage.

Where a window is best cannot be bounded from what postings say of an article, so it is looked at for the first `FIRST`
articles by `scoring` alone, which is part of the definition: those behind them keep their order. As nearness only adds
to a score, none of them can come before one of the first.

Measured, nDCG@10 without and with: time .679 .697, cranfield .538 .541, cisi .415 .435, scifact .705 .708; the first 50
give the same (.698 .541 .433 .708).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.engine.docsets import Docs
from search.engine.matching import Matcher
from search.engine.phrases import SHORT
from search.engine.scoring import Scorer, adding
from search.engine.snapshot import Snapshot
from search.engine.spans import HIGH, NONE, Places
from search.engine.statistics import COUNTED, Last, Statistics
from search.engine.top import Matches, Ranked, ages, by_score, fresher, undated_age
from search.query import clauses
from search.query.analyse import FUNCTION_WORD
from search.query.clauses import Clause, Leaf, Terms

FIRST = 20  # articles that are looked at
WINDOW = 10  # positions
_GRID = 2.0**40  # weights are multiples of its inverse: sums of them are exact, in whatever order words stand

Floats = NDArray[np.float64]


def counted(clause: Clause, factor: float = 1.0, *, surely: bool = True) -> dict[Leaf, float]:
    """Return the leaves whose nearness counts, with the sum of their factors.

    They are words and phrases with a meaning, of stems, that add to the score of each article they stand in: not those
    of `(a AND b)` in `(a AND b) OR c`.

    Args:
        clause: The query, or a part of it.
        factor: On its scores.
        surely: Whether every article found fits it.
    """
    inner: list[dict[Leaf, float]] = []
    match clause:
        case Leaf(runs):
            if factor and all(isinstance(slot, Terms) for run in runs for slot in run.slots):
                inner = [{clause: factor}]
        case clauses.Weighted(part, own) if not (isinstance(part, Leaf) and own == FUNCTION_WORD):
            inner = [counted(part, factor * own, surely=surely)]
        case clauses.Spelt(parts):
            return counted(parts[0], factor, surely=surely)
        case clauses.Any(parts):
            inner = [counted(part, factor, surely=False) for part in parts]
        case clauses.All(parts) if surely:
            inner = [counted(part, factor) for part in parts]
        case clauses.Often(part, _) | clauses.Close(part, apart=True) if surely:
            inner = [counted(part, factor)]
        case clauses.Close(one, other) if surely:
            inner = [counted(one, factor), counted(other, factor)]
        case clauses.Preferred(must, may) if surely:
            inner = [counted(must, factor), counted(may, factor, surely=False)]
    found: dict[Leaf, float] = {}
    for each in inner:
        for leaf, own in each.items():
            found[leaf] = found.get(leaf, 0.0) + own
    return found


class Nearness:
    """Looks at how near the words of a query stand; false if it has less than two that count.

    Args:
        clause: The query.
        scorer: Of the query.
        matcher: Of the query.
    """

    def __init__(self, clause: Clause, scorer: Scorer, matcher: Matcher) -> None:
        self._clause = clause
        self._scorer = scorer
        self._matcher = matcher
        self._share = matcher.snapshot.ranking.nearness
        self._factors = counted(clause) if self._share else {}

    def __bool__(self) -> bool:
        return len(self._factors) > 1

    def depth(self, k: int) -> int:
        """Return how many of the best articles by the first stage are needed for the best `k`, > 0."""
        return max(k, FIRST) if self else k

    def best(self, found: Matches, k: int, factor: Floats | None = None) -> Ranked:
        """Return the best `k` articles by both stages.

        Args:
            found: Those scored last, the best by the first stage among them: as many as `k` and `FIRST`, if there are.
            k: > 0.
            factor: On the score of each by both stages.
        """
        snapshot = self._matcher.snapshot
        head = self.first(found)
        if not len(head):
            return by_score(snapshot, _times(found, factor), k)
        raised = self._raised(Matches(found.docs[head], found.scores[head]), head, k, factor)
        if factor is None:
            ranked = by_score(snapshot, raised, k)
            return ranked if k <= len(head) else ranked + by_score(snapshot, found, k)[len(head) :]
        # What is fresh enough comes before what is only near.
        scores = found.scores * factor
        scores[found.docs.searchsorted(raised.docs)] = raised.scores
        return by_score(snapshot, Matches(found.docs, scores), k)

    def first(self, found: Matches) -> NDArray[np.int64]:
        """Return which matches are the first `FIRST`, ascending; where statistics are fixed, those up to their last."""
        fixed = self._matcher.snapshot.statistics
        if fixed:
            return up_to(self._matcher.snapshot, found, fixed.last)
        if len(found.docs) <= FIRST:
            return np.arange(len(found.docs))
        ranked = by_score(self._matcher.snapshot, found, FIRST)
        return found.docs.searchsorted(np.array(sorted(doc for doc, _ in ranked)))

    def weights(self) -> dict[Leaf, float]:
        """Return what each leaf that counts is worth in a window."""
        matcher = self._matcher
        return {leaf: round(matcher.weight[leaf] * factor * _GRID) / _GRID for leaf, factor in self._factors.items()}

    def _raised(self, found: Matches, rows: NDArray[np.int64], k: int, factor: Floats | None) -> Matches:
        """Return the matches that may be among the best `k`, with what nearness adds to their scores.

        Args:
            found: The first by the first stage, ascending.
            rows: Which they are among the articles scored last.
            k: > 0.
            factor: On the score by both stages of each of those scored last.

        Returns:
            Their scores by both stages, the factor in them.
        """
        docs, scores = found
        leaves = self.weights()
        weights = np.array(list(leaves.values()))
        here = np.array([self._here(leaf, docs, rows) for leaf in leaves])
        worth = here * weights[:, None]
        least, most = worth.max(axis=0), worth.sum(axis=0)
        share = np.full(len(docs), self._share)
        if factor is not None:
            scores, share = scores * factor[rows], share * factor[rows]
        if len(docs) > k:
            # Nobody below the k-th best of what is certain can reach it.
            certain = np.partition(scores + share * least, len(docs) - k)[len(docs) - k]
            kept = (scores + share * most >= certain).nonzero()[0]
            docs, scores, here, least, most = docs[kept], scores[kept], here[:, kept], least[kept], most[kept]
            share = share[kept]
        some = (most > least).nonzero()[0]
        if len(some):
            least[some] = self._windows(list(leaves), weights, docs[some], here[:, some])
        return Matches(docs, scores + share * least)

    def _here(self, leaf: Leaf, docs: Docs, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return in which articles a leaf stands; `rows` are they among those scored last."""
        known = self._scorer.found.get(leaf)
        if known is not None:
            return known[rows]
        _, here = self._matcher.postings(leaf).find(docs, self._matcher.scratch.numbers)
        return here

    def _windows(self, leaves: list[Leaf], weights: Floats, docs: Docs, here: NDArray[np.bool_]) -> Floats:
        stems = [stem for leaf in leaves if (stem := _stem(leaf)) is not None]
        if len(stems) == len(leaves):
            places, leaf = _of_terms(stems, docs, here, self._matcher)
        else:
            places, leaf = places_of(leaves, docs, self._matcher)
        return best_windows(docs, places, leaf, weights)


def places_of(leaves: Sequence[Leaf], docs: Docs, matcher: Matcher) -> tuple[Places, NDArray[np.int64]]:
    """Return where leaves begin, leaf by leaf, ascending, and the number of the leaf of each place.

    Args:
        leaves: Any.
        docs: Living articles, ascending.
        matcher: Of the query.
    """
    found = [NONE]
    sizes = []
    for leaf in leaves:
        before = len(found)
        for part in matcher.snapshot.parts:
            first, last = docs.searchsorted([part.base, part.base + part.segment.n_docs])
            if first == last:
                continue
            own = docs[first:last] - part.base
            places = runs.distinct(np.concatenate([matcher.locator.begins(part, run, own) for run in leaf.runs]))
            if leaf.fields is not None or leaf.top is not None:
                places = places[matcher.locator.within(part, places, leaf)]
            found.append(places + (part.base << HIGH))
        sizes.append(sum(map(len, found[before:])))
    return np.concatenate(found), np.repeat(np.arange(len(leaves)), sizes)


def _stem(leaf: Leaf) -> str | None:
    """Return the term of a leaf that is one, wherever it stands; None of another."""
    if len(leaf.runs) > 1 or leaf.fields is not None or leaf.top is not None or len(leaf.runs[0].slots) > 1:
        return None
    slot = leaf.runs[0].slots[0]
    return slot.terms[0] if isinstance(slot, Terms) and len(slot.terms) == 1 else None


def _of_terms(
    terms: Sequence[str], docs: Docs, here: NDArray[np.bool_], matcher: Matcher
) -> tuple[Places, NDArray[np.int64]]:
    """Return what `places_of` does of leaves that are terms, in fewer steps.

    Args:
        terms: Stems.
        docs: As there.
        here: Whether each term stands in each article, bool (terms, docs).
        matcher: That has been asked for their postings.
    """
    parts = matcher.snapshot.parts
    bounds = [*docs.searchsorted([part.base for part in parts]).tolist(), len(docs)]
    rows, ordinals = here.nonzero()
    ends = rows.searchsorted(np.arange(1, len(terms) + 1)).tolist()
    starts, sizes = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    begin = 0
    stretches = []
    for stem, end in zip(terms, ends, strict=True):
        own = ordinals[begin:end]
        first = 0
        for part, upto in zip(parts, bounds[1:], strict=True):
            last = int(own.searchsorted(upto)) if upto < len(docs) else end - begin
            if first < last:
                term, listed = matcher.listed[part.base, stem]
                pairs = slice(begin + first, begin + last)
                at = listed.searchsorted(docs[own[first:last]])
                starts[pairs], sizes[pairs] = part.segment.extents(term, at)
                stretches.append((part.segment, pairs))
            first = last
        begin = end
    upto = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=upto[1:])
    where = np.arange(int(upto[-1])) + (starts - upto[:-1]).repeat(sizes)
    doc = docs[ordinals].repeat(sizes)
    long = (matcher.snapshot.room[docs] > SHORT)[ordinals]
    position = np.empty(len(where), np.int64)
    for segment, pairs in stretches:
        places = slice(int(upto[pairs.start]), int(upto[pairs.stop]))
        position[places] = segment.low(where[places])
        if np.count_nonzero(long[pairs]):
            more = long[pairs].repeat(sizes[pairs]).nonzero()[0] + places.start
            position[more] |= segment.high(where[more]) << 8
    return doc << HIGH | position, rows.repeat(sizes)


def best_windows(docs: Docs, places: NDArray[np.int64], leaf: NDArray[np.int64], weights: Floats) -> Floats:
    """Return the largest weight of `WINDOW` positions in each article, each leaf in them counted once.

    Args:
        docs: Ascending; each has a place.
        places: Those of a leaf in an article one behind the other, ascending.
        leaf: What begins at each.
        weights: Of each leaf, multiples of the same small number.

    Source: passage evidence, Callan, SIGIR 1994; windows of fixed length that begin anywhere, Kaszkiel & Zobel,
    Effective Ranking with Arbitrary Passages, 2001.
    """
    order = places.argsort(kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = at = np.arange(len(order))
    before = np.full(len(order), -1)  # where the same leaf stands before, in the order of places
    before[1:] = np.where(leaf[1:] == leaf[:-1], rank[:-1], -1)
    before = before[order]
    places = places[order]
    worth = weights[leaf[order]]
    total = worth.copy()
    for step in range(1, len(places)):
        near = places[step:] - places[:-step] < WINDOW
        if not np.count_nonzero(near):  # a quarter of what `any` takes
            break
        near &= before[step:] < at[:-step]
        total[:-step] += near * worth[step:]
    return np.maximum.reduceat(total, places.searchsorted(docs << HIGH))


def up_to(snapshot: Snapshot, found: Matches, last: Last | None) -> NDArray[np.int64]:
    """Return which matches stand up to some place in the order of scores, ascending."""
    if last is None:
        return np.zeros(0, np.int64)
    inside = found.scores > last.score
    for at in (found.scores == last.score).nonzero()[0].tolist():
        doc = found.docs[at : at + 1]
        age = int(ages(snapshot, doc)[0])
        inside[at] = age < last.age or (age == last.age and snapshot.id(int(doc[0])) <= last.id)
    return inside.nonzero()[0]


def first_stage(
    clause: Clause, scorer: Scorer, matcher: Matcher, k: int, half_life: float | None, now: float
) -> tuple[Matches, Floats | None]:
    """Return articles among which the best `k` by the first stage are, and the factors of their age on final scores.

    With a half-life they are all that match: nearness is looked at in the same articles as without, so that age
    multiplies what the score would be, and nothing of twice that score is overtaken.

    Args:
        clause: The query.
        scorer, matcher: Of the query.
        k: > 0.
        half_life, now: As of `fresher`; None for the half-life if age does not count.
    """
    if half_life is None:
        found = Matches(*scorer.best(clause, k))
        fixed = matcher.snapshot.statistics
        last = fixed.last if fixed else None
        while last and len(found.docs) >= k and np.partition(found.scores, -k)[-k] >= last.score:
            k *= 4  # those that came since may stand before it, too
            found = Matches(*scorer.best(clause, k))
        return found, None
    docs = matcher.docs(clause)
    factor = fresher(matcher.snapshot, Matches(docs, np.ones(len(docs))), half_life, now).scores
    return Matches(docs, scorer.scores(clause, docs)), factor


def _times(found: Matches, factor: Floats | None) -> Matches:
    return found if factor is None else Matches(found.docs, found.scores * factor)


def best(
    clause: Clause, scorer: Scorer, matcher: Matcher, k: int, half_life: float | None = None, now: float = 0.0
) -> Ranked:
    """Return the best `k` articles for a query by both stages. Arguments as of `first_stage`."""
    nearness = Nearness(clause, scorer, matcher)
    found, factor = first_stage(clause, scorer, matcher, nearness.depth(k), half_life, now)
    return nearness.best(found, k, factor) if nearness else by_score(matcher.snapshot, _times(found, factor), k)


def statistics(clause: Clause, scorer: Scorer, half_life: float | None, now: float) -> Statistics:
    """Return what the scores of a query's articles depend on beside them. Arguments as of `first_stage`."""
    matcher = scorer.matcher
    snapshot = matcher.snapshot
    if snapshot.statistics:
        return snapshot.statistics
    leaves = adding(clause)
    for leaf in leaves:
        matcher.postings(leaf)
    near = Nearness(clause, scorer, matcher)
    last = None
    if near:
        found, _ = first_stage(clause, scorer, matcher, FIRST, half_life, now)
        for doc, score in by_score(snapshot, found, FIRST)[-1:]:
            last = Last(score, int(ages(snapshot, np.array([doc]))[0]), snapshot.id(doc))
    return Statistics(
        {field: snapshot.average(field) for field in COUNTED},
        {leaf: matcher.weight[leaf] for leaf in leaves},
        undated_age(snapshot, matcher.docs(clause), now) if half_life is not None else 0.0,
        last,
    )
