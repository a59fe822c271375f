"""How well articles fit a clause: exact scores in float64, and estimates in float32 that say which are worth it.

A score is the sum over its leaves of `ranking.bm25f` times the leaf's weight, added in the order of the clause. An
estimate is off by less than `SLACK`, so that whoever is within it of the k-th best estimate is scored exactly, and
nobody else.
"""

from collections.abc import Callable, Sequence
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from search.engine import counts, ranking
from search.engine.docsets import NO_DOCS, Docs
from search.engine.layout import LENGTHS, UNBOUNDED
from search.engine.matching import Matcher
from search.engine.postings import Postings
from search.query import clauses
from search.query.clauses import Clause, Leaf
from search.text.stream import Field

Floats = NDArray[np.float64]
Estimates = NDArray[np.float32]

SLACK = 1e-5  # relative; float32 has 24 binary digits, and a score few operations
BOUND_PAYS = 1 << 14  # articles in a list from which it pays to bound what it can add
AT_ONCE = 1 << 18  # leaves times articles that are scored in one go; of more, one leaf after the other
MANY = 64  # articles from which estimating first pays
_BODY = frozenset({Field.BODY})
_ROWS = 8  # maxima of this many numbers stand for a list when its k-th largest is bounded


class Scorer:
    """Scores the articles that match a query.

    Args:
        matcher: Of the query.
    """

    def __init__(self, matcher: Matcher) -> None:
        self.matcher = matcher
        self._settings = matcher.snapshot.ranking
        self._weights = self._settings.weights()
        self._constant = matcher.snapshot.constant
        self.found: dict[Leaf, NDArray[np.bool_]] = {}  # whether each stands in the articles scored last, if few

    def scores(self, clause: Clause, docs: Docs) -> Floats:
        """Return the exact scores of articles, float64 (docs,).

        Args:
            clause: The query.
            docs: Ascending; all match.
        """
        leaves = adding(clause)
        self.found = {}
        if not leaves:
            return np.zeros(len(docs))
        if len(leaves) * len(docs) > AT_ONCE:
            return self._combined(clause, docs, partial(self._score, docs), matches=True)
        matcher = self.matcher
        codes = np.empty((len(leaves), len(docs)), np.uint8)
        others = []
        for row, leaf in enumerate(leaves):
            postings = matcher.postings(leaf)
            codes[row] = counts.OTHER
            self.found[leaf] = here = np.zeros(len(docs), np.bool_)
            if len(postings):
                at, here = postings.find(docs, matcher.scratch.numbers)
                self.found[leaf] = here
                np.copyto(codes[row], postings.codes[at], where=here)
            if len(postings.other_at):
                which = (here & (codes[row] == counts.OTHER)).nonzero()[0]
                others.append((row, which, postings.frequencies(at[which])))
        frequencies = counts.COUNTS.take(codes, axis=0)
        for row, which, found in others:
            frequencies[row, which] = found
        weight = ranking.bm25f(frequencies, matcher.snapshot.norms(docs), self._weights, self._settings.k1)
        of = {leaf: matcher.weight[leaf] * weight[row] for row, leaf in enumerate(leaves)}
        return self._combined(clause, docs, of.__getitem__, matches=True)

    def _score(self, docs: Docs, leaf: Leaf) -> Floats:
        """Return the exact scores of one leaf."""
        matcher = self.matcher
        postings = matcher.postings(leaf)
        scores = np.zeros(len(docs))
        if not len(postings):
            return scores
        at, here = postings.find(docs, matcher.scratch.numbers)
        found = here.nonzero()[0]
        norms = matcher.snapshot.norms(docs[found])
        weight = ranking.bm25f(postings.frequencies(at[found]), norms, self._weights, self._settings.k1)
        scores[found] = matcher.weight[leaf] * weight
        return scores

    def _combined(self, clause: Clause, docs: Docs, of: Callable[[Leaf], Floats], *, matches: bool) -> Floats:
        """Return the scores of `docs` from those of the leaves. `matches`: all of them fit the clause."""
        match clause:
            case Leaf():
                return of(clause)
            case clauses.Any(parts) | clauses.All(parts):
                is_all = isinstance(clause, clauses.All)
                total = np.zeros(len(docs))
                for part in parts:
                    total = total + self._combined(part, docs, of, matches=is_all)
            case clauses.Close(left, right, apart=apart):
                is_all = True
                total = self._combined(left, docs, of, matches=True)
                if not apart:
                    total = total + self._combined(right, docs, of, matches=True)
            case clauses.Often(part):
                is_all = True
                total = self._combined(part, docs, of, matches=True)
            case clauses.Weighted(part, factor):
                return self._combined(part, docs, of, matches=matches) * factor
            case clauses.Preferred(must, may):
                more = self._combined(may, docs, of, matches=False)
                is_all = True
                total = self._combined(must, docs, of, matches=True) + more
            case _:
                return np.zeros(len(docs))
        if is_all and not matches:
            total = np.where(np.isin(docs, self.matcher.docs(clause), assume_unique=True), total, 0.0)
        return total

    def listed(self, clause: Clause, docs: Docs) -> list[tuple[int, float]]:
        """Return articles in the order given, with their exact scores."""
        order = np.argsort(docs)
        scores = np.zeros(len(docs))
        scores[order] = self.scores(clause, docs[order])
        return list(zip(docs.tolist(), scores.tolist(), strict=True))

    def best(self, clause: Clause, k: int) -> tuple[Docs, Floats]:
        """Return articles among which the best `k` are, all that equal the last of them included, and their scores.

        Args:
            clause: The query.
            k: > 0.
        """
        terms = _sum(clause, matches=False)
        if terms:
            docs = self._best_of_sum(terms, k)
        else:
            docs = self.matcher.docs(clause)
            terms = _sum(clause, matches=True) if len(docs) > max(MANY, k) else None
            if terms:
                docs = self._best_of_all(terms, docs, k)
        return docs, self.scores(clause, docs)

    def _best_of_all(self, terms: "list[Term]", docs: Docs, k: int) -> Docs:
        """Return the articles of `docs` that may be among the best `k` by the sum of some leaves."""
        total = np.zeros(len(docs), np.float32)
        for leaf, factor in terms:
            postings = self.matcher.postings(leaf)
            at, here = postings.find(docs, self.matcher.scratch.numbers)
            if here.all():
                total += self._estimate(leaf, factor, postings, at)
            else:
                found = here.nonzero()[0]
                total[found] += self._estimate(leaf, factor, postings, at[found])
        return _above(docs, total, k)

    def _best_of_sum(self, terms: "list[Term]", k: int) -> Docs:
        """Return the articles that may be among the best `k` by the sum of some leaves.

        Lists go from the one that may add most to the one that may add least. Once what is left cannot lift a new
        article to the k-th best, the rest of the lists are only looked up for the articles that still can get there.

        Source: MaxScore, Turtle & Flood 1995, a list at a time.
        """
        lists = []
        for leaf, factor in terms:
            postings = self.matcher.postings(leaf)
            if len(postings) and factor:
                most = self.matcher.weight[leaf] * factor * self._bound(leaf, len(postings))
                lists.append((most, leaf, factor, postings))
        if not lists:
            return self.matcher.union([self.matcher.docs(leaf) for leaf, _ in terms])
        lists.sort(key=lambda each: -each[0])
        if len(lists) == 1:
            _, leaf, factor, postings = lists[0]
            if len(postings) <= max(k, MANY) or len(terms) > 1:
                return self.matcher.union([self.matcher.docs(leaf) for leaf, _ in terms])
            return _above(postings.docs, self._weighted(postings), k)
        left = [sum(each[0] for each in lists[at:]) for at in range(len(lists))] + [0.0]
        sums = self.matcher.scratch.sums
        touched: list[Docs] = []
        threshold = 0.0
        done = 0
        try:
            for _, leaf, factor, postings in lists:
                if left[done] < threshold * (1 - SLACK):
                    break
                share = self._estimate(leaf, factor, postings, None)
                if touched:
                    share += sums[postings.docs]
                touched.append(postings.docs)
                sums[postings.docs] = share
                if len(share) >= k:
                    threshold = max(threshold, _kth(share, k))
                done += 1
            least = threshold * (1 - SLACK) - left[done]
            docs = self.matcher.union([each[sums[each] >= least] for each in touched] if least > 0 else touched)
            total = sums[docs]
        finally:
            for each in touched:
                sums[each] = 0
        for at in range(done, len(lists)):
            kept = total >= threshold * (1 - SLACK) - left[at]
            docs, total = docs[kept], total[kept]
            _, leaf, factor, postings = lists[at]
            where, here = postings.find(docs, self.matcher.scratch.numbers)
            found = here.nonzero()[0]
            total[found] += self._estimate(leaf, factor, postings, where[found])
            if len(total) >= k:
                threshold = max(threshold, _kth(total, k))
        if len(docs) < k:
            return self.matcher.union([self.matcher.docs(leaf) for leaf, _ in terms])
        return _above(docs, total, k)

    def _bound(self, leaf: Leaf, n: int) -> float:
        """Return what the saturated weight of a leaf in any article is at most."""
        if n < BOUND_PAYS:
            return 1.0
        rows = self.matcher.bounds(leaf)
        if rows is None:
            return 1.0
        body, fields = rows[: len(LENGTHS)].astype(np.float64), rows[len(LENGTHS) :].astype(np.float64)
        if (rows == UNBOUNDED).any():
            return 1.0
        fields[Field.BODY] = 0
        in_body, in_shortest = self._worths
        total = float((body * in_body).max() + fields @ in_shortest) * (1 + SLACK)
        return total / (self._settings.k1 + total)

    @cached_property
    def _worths(self) -> tuple[Estimates, Floats]:
        """What an occurrence is worth in bodies of `LENGTHS`, and in each field of one word."""
        worth_at = self.matcher.snapshot.worth_at
        return worth_at(Field.BODY, LENGTHS), np.array([worth_at(field, np.ones(1))[0] for field in Field])

    def _estimate(self, leaf: Leaf, factor: float, postings: Postings, at: NDArray[np.int64] | None) -> Estimates:
        """Return about what a leaf adds to the scores of its postings `at`; None for all."""
        found = self._weighted(postings, at)
        found /= found + np.float32(self._settings.k1)
        found *= np.float32(self.matcher.weight[leaf] * factor)
        return found

    def _weighted(self, postings: Postings, at: NDArray[np.int64] | None = None) -> Estimates:
        """Return about what a leaf's occurrences in the postings `at` weigh before saturation; None for all."""
        docs, codes = (postings.docs, postings.codes) if at is None else (postings.docs[at], postings.codes[at])
        snapshot = self.matcher.snapshot
        found = counts.times(codes, _BODY).astype(np.float32)
        found *= snapshot.worth(Field.BODY)[docs]
        more = (codes >= counts.BODY_ONLY).nonzero()[0]  # what is not in the body alone
        if len(more):
            docs, codes = docs[more], codes[more]
            added = self._constant.take(codes)
            for field in (Field.TITLE, Field.DECK):
                added += counts.SHARES[field].take(codes) * snapshot.worth(field)[docs]
            others = (codes == counts.OTHER).nonzero()[0] if len(postings.other_at) else NO_DOCS
            if len(others):
                frequencies = postings.frequencies(more[others] if at is None else at[more[others]])
                added[others] = (frequencies * (self._weights / snapshot.norms(docs[others]))).sum(axis=-1)
            found[more] += added
        return found


Term = tuple[Leaf, float]


def adding(clause: Clause) -> list[Leaf]:
    """Return the leaves that may add to a score, each once."""
    return list(dict.fromkeys(_leaves(clause)))


def _leaves(clause: Clause) -> list[Leaf]:
    match clause:
        case Leaf():
            return [clause]
        case clauses.Any(parts) | clauses.All(parts):
            return [leaf for part in parts for leaf in _leaves(part)]
        case clauses.Weighted(part, _) | clauses.Often(part, _) | clauses.Close(part, apart=True):
            return _leaves(part)
        case clauses.Preferred(one, other) | clauses.Close(one, other):
            return _leaves(one) + _leaves(other)
        case _:
            return []


def _sum(clause: Clause, *, matches: bool) -> list[Term] | None:
    """Return leaves, each with a factor, to the sum of which the score of any article comes; None if none does.

    Args:
        clause: In a query.
        matches: Whether the articles are those that fit the clause, not those in which one of the leaves stands.
    """
    match clause:
        case Leaf():
            return [(clause, 1.0)]
        case clauses.Any(parts):
            return _sums(parts, matches=False)
        case clauses.Weighted(part, factor):
            inner = _sum(part, matches=matches)
            return None if inner is None else [(leaf, f * factor) for leaf, f in inner]
    if not matches:
        return None
    match clause:
        case clauses.All(parts):
            return _sums(parts, matches=True)
        case clauses.Often(part) | clauses.Close(part, apart=True):
            return _sum(part, matches=True)
        case clauses.Close(left, right):
            return _sums((left, right), matches=True)
        case clauses.Preferred(must, may):
            one, other = _sum(must, matches=True), _sum(may, matches=False)
            return None if one is None or other is None else one + other
    return []


def _sums(parts: Sequence[Clause], *, matches: bool) -> list[Term] | None:
    found: list[Term] = []
    for part in parts:
        own = _sum(part, matches=matches)
        if own is None:
            return None
        found += own
    return found


def _kth(values: Estimates, k: int) -> float:
    """Return a number that at least `k` of `values` reach: the k-th largest, or a little less."""
    if len(values) >= k * _ROWS * _ROWS:
        values = values[: len(values) // _ROWS * _ROWS].reshape(_ROWS, -1).max(axis=0)
    else:
        values = values.copy()
    at = len(values) - k
    values.partition(at)
    return float(values[at])


def _above(docs: Docs, values: Estimates, k: int) -> Docs:
    """Return the articles whose estimate may be among the `k` largest."""
    if len(docs) <= k:
        return docs
    for _ in range(2):  # after the first, few are left, and their k-th largest is no bound but the number itself
        kept = (values >= np.float32(_kth(values, k) * (1 - SLACK))).nonzero()[0]
        docs, values = docs[kept], values[kept]
    return docs
