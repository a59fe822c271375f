"""Why an article has its score: a tree of parts that add up to it, computed when somebody asks."""

import numpy as np

from search.engine import nearness, ranking
from search.engine.docsets import Docs
from search.engine.layout import UNDATED
from search.engine.matching import Matcher
from search.engine.nearness import Nearness, first_stage, places_of
from search.engine.scoring import Scorer
from search.engine.snapshot import Snapshot
from search.errors import ArticleError
from search.model import Explanation
from search.query import clauses, tree
from search.query.clauses import Clause, Leaf
from search.text.analysis import Analyzer
from search.text.moments import SECONDS_A_DAY
from search.text.stream import Field


class Explainer:
    """Explains the scores of one result list. It is equal to any other: what it says is in the hits already.

    Args:
        snapshot: That was searched.
        analyzer: Of the index.
        node: The query as read.
        clause: What it means.
        asked: That and what else was asked for, such as a period.
        by_relevance: Whether hits are sorted by score; else there is no second stage, and age does not count.
        half_life, now: As of `nearness.best`.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        analyzer: Analyzer,
        node: tree.Node,
        clause: Clause,
        asked: Clause,
        *,
        by_relevance: bool,
        half_life: float | None,
        now: float,
    ) -> None:
        self._snapshot = snapshot
        self._analyzer = analyzer
        self._node = node
        self._clause = clause
        self._asked = asked
        self._by_relevance = by_relevance
        self._half_life = half_life
        self._now = now

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Explainer)

    def __hash__(self) -> int:
        return hash(Explainer)

    def __repr__(self) -> str:
        return "Explainer"

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        return type(None), ()  # a pickled hit cannot look into the index any more

    def __call__(self, article_id: str) -> Explanation:
        """Return why an article of the result list has its score.

        Raises:
            ArticleError: There is no such article.
        """
        snapshot = self._snapshot
        doc = snapshot.find(article_id)
        if doc is None:
            raise ArticleError(f"no article has the id {article_id!r}; ids are what search find --ids prints")
        matcher = Matcher(snapshot, self._analyzer)
        scorer = Scorer(matcher)
        docs = np.array([doc])
        part = self._part(self._node, self._clause, docs, matcher)
        parts = [part] if part else []
        base = part.value if part else 0.0
        if self._by_relevance:
            near = Nearness(self._asked, scorer, matcher)
            found, factor = first_stage(self._asked, scorer, matcher, near.depth(1), self._half_life, self._now)
            if near and doc in found.docs[near.first(found)]:
                parts.append(self._near(near, docs, matcher))
                base += parts[-1].value
            if self._half_life is not None and factor is not None:
                own = float(factor[found.docs.searchsorted(doc)])
                when = int(snapshot.when[doc])
                age = "median" if when == UNDATED else max(self._now - when, 0.0) / SECONDS_A_DAY
                detail: dict[str, float | str] = {
                    "factor": own,
                    "base": base,
                    "half_life_days": self._half_life / SECONDS_A_DAY,
                    "age_days": age,
                }
                parts.append(Explanation("recency", base * (own - 1), (), detail))
        return Explanation(tree.write(self._node), sum([part.value for part in parts]), tuple(parts), {})

    def _part(self, node: tree.Node, clause: Clause, docs: Docs, matcher: Matcher) -> Explanation | None:
        """Return what a part of the query adds to the score of an article; None if it adds nothing."""
        label = tree.write(node)
        inner: list[Explanation | None] = []
        match clause:
            case Leaf():
                return _leaf(label, clause, docs, matcher)
            case clauses.Spelt((Leaf() as wide, clauses.Weighted(Leaf() as typed, factor))):
                inner = [_leaf(label, wide, docs, matcher)]
                if as_typed := _leaf(label, typed, docs, matcher):
                    detail: dict[str, float | str] = {"factor": factor, "base": as_typed.value}
                    inner.append(Explanation("as it was typed", as_typed.value * factor, (), detail))
            case clauses.Any(parts):
                inner = [self._part(n, c, docs, matcher) for n, c in zip(tree.parts(node), parts, strict=True)]
            case clauses.All(parts):
                if docs[0] in matcher.docs(clause):
                    inner = [self._part(n, c, docs, matcher) for n, c in zip(tree.parts(node), parts, strict=True)]
            case clauses.Often(part, _) | clauses.Close(part, apart=True):
                if docs[0] in matcher.docs(clause):
                    inner = [self._part(tree.parts(node)[0], part, docs, matcher)]
            case clauses.Preferred(one, other) | clauses.Close(one, other):
                if docs[0] in matcher.docs(clause):
                    inner = [
                        self._part(n, c, docs, matcher) for n, c in zip(tree.parts(node), (one, other), strict=True)
                    ]
            case clauses.Weighted(part, factor):
                plain = tree.uncased(node)
                is_boost = isinstance(plain, tree.Boost)
                base = self._part(plain.part if isinstance(plain, tree.Boost) else node, part, docs, matcher)
                if base is None:
                    return None
                name = f"^{factor:g}" if is_boost else "only holds others together"
                change = Explanation(name, base.value * (factor - 1), (), {"factor": factor, "base": base.value})
                return Explanation(label, base.value + change.value, (base, change), {})
        found = tuple(each for each in inner if each)
        return Explanation(label, sum([each.value for each in found]), found, {}) if found else None

    def _near(self, near: Nearness, docs: Docs, matcher: Matcher) -> Explanation:
        """Return what the second stage adds."""
        worth = near.weights()
        leaves = list(worth)
        places, leaf = places_of(leaves, docs, matcher)
        order = places.argsort(kind="stable")
        places, leaf = places[order], leaf[order]
        share = self._snapshot.ranking.nearness
        ends = places.searchsorted(places + nearness.WINDOW).tolist()
        inside = {tuple(sorted(set(leaf[start:end].tolist()))): None for start, end in enumerate(ends)}
        best = max(inside, key=lambda numbers: sum(worth[leaves[number]] for number in numbers), default=())
        labels = _labels(self._node, self._clause)
        parts = [
            Explanation(labels[leaves[number]], share * worth[leaves[number]], (), {"weight": worth[leaves[number]]})
            for number in best
        ]
        detail = {"nearness": share, "positions": nearness.WINDOW}
        return Explanation("near each other", sum([part.value for part in parts]), tuple(parts), detail)


def _labels(node: tree.Node, clause: Clause) -> dict[Leaf, str]:
    """Return how each leaf is written; of several ways the first."""
    match clause:
        case Leaf():
            return {clause: tree.write(node)}
        case clauses.Weighted(part, _):
            plain = tree.uncased(node)
            return _labels(plain.part if isinstance(plain, tree.Boost) else node, part)
        case clauses.Spelt((wide, _)):
            return _labels(node, wide)
        case clauses.Often(part, _) | clauses.Close(part, apart=True):
            return _labels(tree.parts(node)[0], part)
        case clauses.All(parts) | clauses.Any(parts):
            inner = list(parts)
        case clauses.Preferred(one, other) | clauses.Close(one, other):
            inner = [one, other]
        case _:
            return {}
    found: dict[Leaf, str] = {}
    for n, c in zip(tree.parts(node), inner, strict=True):
        found = {**_labels(n, c), **found}
    return found


def _leaf(label: str, leaf: Leaf, docs: Docs, matcher: Matcher) -> Explanation | None:
    """Return what a leaf adds to the score of an article, field by field; None if it does not stand there."""
    postings = matcher.postings(leaf)
    at, here = postings.find(docs, matcher.scratch.numbers)
    if not here[0]:
        return None
    snapshot, settings = matcher.snapshot, matcher.snapshot.ranking
    frequencies = postings.frequencies(at)
    norms, weights = snapshot.norms(docs)[0], settings.weights()
    weighted = (frequencies[0] * weights / norms).tolist()
    total = sum(weighted)
    weight = matcher.weight[leaf]
    value = weight * float(ranking.bm25f(frequencies, norms[None, :], weights, settings.k1)[0])
    b = settings.b()
    parts = []
    for field, own in zip(Field, weighted, strict=True):
        if frequencies[0, field]:
            detail = {"tf": int(frequencies[0, field]), "weight": float(weights[field]), "norm": float(norms[field])}
            if b[field]:
                length = int(snapshot.lengths(field)[docs[0]])
                detail |= {"b": float(b[field]), "length": length, "average_length": snapshot.average(field)}
            parts.append(Explanation(field.name.lower(), value * own / total if total else 0.0, (), detail))
    df, occurrences = matcher.frequency[leaf]
    burst = ranking.burst(occurrences, df)
    detail = {
        "idf": weight / burst,
        "repeated": burst,
        "articles": df,
        "occurrences": occurrences,
        "tf": total,
        "k1": settings.k1,
    }
    return Explanation(label, value, tuple(parts), detail)
