"""The engine against the oracle: the same articles, scores, order and highlights for any tree over any articles."""

import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from oracle import Oracle
from strategies import articles, corpora, rankings, trees

import search
from search.engine.matching import Matcher
from search.engine.top import by_score
from search.model import Article
from search.present.hits import Presenter
from search.query import parse, tree
from search.query.analyse import analyse
from search.reading import find_zones
from search.text.analysis import analyzer
from search.text.stream import SHOWN

ENGLISH = analyzer("english")
SLOW = settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
FAST = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


@contextmanager
def indexed(
    first: list[Article], second: list[Article], gone: set[str], ranking: dict[str, float], *, compact: bool
) -> Iterator[tuple[search.Index, Oracle]]:
    """Yield an index made in several commits, with updates and deletions, and the oracle for what is left."""
    with tempfile.TemporaryDirectory() as folder, search.open(Path(folder) / "index") as index:
        index.add(first)
        for article in second:
            index.add([article])
        left = {article.id: article for article in [*first, *second]}
        index.delete([article_id for article_id in sorted(gone) if article_id in left])
        left = {article_id: article for article_id, article in left.items() if article_id not in gone}
        index.set(**ranking)
        if compact and left:
            index.compact()
        zoned = [(article, find_zones(article.body, title=article.title)) for article in left.values()]
        yield index, Oracle(zoned, {k: float(v) for k, v in index.settings().items() if k != "language"})
        assert index.check() == []


def compare(index: search.Index, oracle: Oracle, node: tree.Node) -> None:
    """Assert that both answer alike."""
    _, snapshot = index._opened()
    clause = analyse(node, ENGLISH)
    matcher = Matcher(snapshot)
    found = matcher.matches(clause)
    ranked = by_score(snapshot, found, 100)
    presenter = Presenter(ENGLISH, clause, matcher.idf, snapshot, 3)
    hits = [presenter.hit(doc, score) for doc, score in ranked]
    expected = oracle.ranked(node)
    assert [hit.id for hit in hits] == [article_id for article_id, _ in expected]
    for hit, (_, score) in zip(hits, expected, strict=True):
        assert math.isclose(hit.score, score, rel_tol=1e-9, abs_tol=1e-12)
    for k in (1, 2):
        assert by_score(snapshot, found, k) == ranked[:k]
    for hit in hits:
        in_text, in_title = oracle.highlights(node, hit.id)
        assert list(hit.title_highlights) == in_title
        article = index.get(hit.id)
        shown = [(zone.start, zone.end) for zone in article.zones or () if zone.kind in SHOWN]
        assert hit.passages or not shown
        marked = [span for span in in_text if any(a < span[1] and span[0] < b for a, b in shown)]
        assert bool(marked) == any(passage.highlights for passage in hit.passages)
        for passage in hit.passages:
            assert article.text[passage.start : passage.end] == passage.text
            assert any(a <= passage.start and passage.end <= b for a, b in shown)
            clipped = [(max(a, passage.start), min(b, passage.end)) for a, b in in_text]
            assert list(passage.highlights) == [(a, b) for a, b in clipped if a < b]


corpus = st.tuples(
    corpora(),
    st.lists(st.sampled_from("abcdefghij").flatmap(articles), max_size=3),
    st.sets(st.sampled_from("abcdefghij"), max_size=3),
)


def run(
    given_corpus: tuple[list[Article], list[Article], set[str]],
    nodes: list[tree.Node],
    ranking: dict[str, float],
    *,
    compact: bool,
) -> None:
    with indexed(*given_corpus, ranking, compact=compact) as (index, oracle):
        for node in nodes:
            compare(index, oracle, node)


several = st.lists(trees, min_size=1, max_size=6)


@given(corpus, several, rankings, st.booleans())
@FAST
def test_any_tree_is_answered_as_the_oracle_does(
    given_corpus: tuple[list[Article], list[Article], set[str]],
    nodes: list[tree.Node],
    ranking: dict[str, float],
    compact: bool,
) -> None:
    run(given_corpus, nodes, ranking, compact=compact)


@pytest.mark.slow
@given(corpus, several, rankings, st.booleans())
@SLOW
def test_many_trees_are_answered_as_the_oracle_does(
    given_corpus: tuple[list[Article], list[Article], set[str]],
    nodes: list[tree.Node],
    ranking: dict[str, float],
    compact: bool,
) -> None:
    run(given_corpus, nodes, ranking, compact=compact)


queries = st.lists(
    st.sampled_from(
        [
            "ferry",
            "strikes",
            "-the",
            "+harbour",
            "AND",
            "OR",
            "NOT",
            "(",
            ")",
            '"air strikes"',
            "w/3",
            "US",
            "title:ferry",
            "caf*",
            "fery~",
            "date:2021-08",
            "happ?",
            "=ferry",
            "^2",
        ]
    ),
    min_size=1,
    max_size=7,
).map(" ".join)


@given(corpora(), queries, st.booleans(), st.sampled_from([0, 1, 3]))
@example([Article(id="a", body="")], "", False, 0)
@FAST
def test_any_query_is_answered_as_its_tree(given_articles: list[Article], query: str, every: bool, offset: int) -> None:
    with indexed(given_articles, [], set(), {}, compact=False) as (index, oracle):
        results = index.search(query, all=every, offset=offset, limit=3)
        expected = oracle.ranked(parse(query, all=every).tree)
        assert [hit.id for hit in results] == [article_id for article_id, _ in expected[offset : offset + 3]]
        assert results.total == len(expected)
