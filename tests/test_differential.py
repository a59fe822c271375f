"""The engine against the oracle: the same articles, scores, order and highlights for any tree over any articles."""

import datetime
import math
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import oracle
import pytest
from hostile import look_at
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import CORE, corpora, corpus_changes, queries, rankings, trees

import search
from search.engine import layout, nearness, scoring, segment
from search.engine.matching import Matcher
from search.engine.nearness import best
from search.engine.scoring import Scorer
from search.model import Article, Hit, Passage, Zone
from search.present.hits import Presenter
from search.query import parse, tree
from search.query.analyse import analyse
from search.query.variants import spread
from search.reading import find_zones
from search.text.analysis import COUNTRY, PRONOUN, analyzer
from search.text.sentences import sentence_ends
from search.text.stream import SHOWN, further_field

LONGEST = 400  # characters of a sentence shown whole
NOW = datetime.datetime(2021, 8, 12, 9)
N_TREES = int(os.environ.get("TREES", "5000"))  # about how many random trees the slow test asks
Changes = tuple[list[Article], list[Article], set[str]]


def examples(n: int) -> settings:
    return settings(max_examples=n, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(autouse=True)
def _without_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What survives a loss of power is not what is tested here."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    # So that lists of a few articles are pruned.
    monkeypatch.setattr(scoring, "MANY", 1)
    monkeypatch.setattr(scoring, "BOUND_PAYS", 1)
    # So that some articles are not among the first.
    monkeypatch.setattr(nearness, "FIRST", 3)
    monkeypatch.setattr(nearness, "WINDOW", 4)
    monkeypatch.setattr(oracle, "FIRST", 3)
    monkeypatch.setattr(oracle, "WINDOW", 4)
    monkeypatch.setattr(layout, "BOUNDED", 1)
    monkeypatch.setattr(segment, "BOUNDED", 1)


@contextmanager
def indexed(
    changes: Changes, ranking: dict[str, float], *, compact: bool = False, language: str = "english"
) -> Iterator[tuple[search.Index, oracle.Oracle]]:
    """Yield an index made in several commits, with updates and deletions, and the oracle for what is left."""
    first, second, gone = changes
    with tempfile.TemporaryDirectory() as folder, search.open(Path(folder) / "index") as index:
        index.add(first, language=language)
        for article in second:
            index.add([article])
        left = {article.id: article for article in [*first, *second]}
        if found := sorted(gone & left.keys()):
            index.delete(found)
        left = {article_id: article for article_id, article in left.items() if article_id not in gone}
        if ranking:
            index.set(**ranking)
        if compact and left:
            index.compact()
        told = {name: value for name, value in index.settings().items() if isinstance(value, float)}
        yield index, oracle.Oracle([(article, zones_of(article)) for article in left.values()], told, language)
        assert index.check() == []


def zones_of(article: Article) -> tuple[Zone, ...]:
    return article.zones if article.zones is not None else find_zones(article.body, title=article.title)


def compare(index: search.Index, truth: oracle.Oracle, node: tree.Node) -> None:
    """Assert that both answer a tree alike."""
    _, snapshot = index._view.opened()
    clause = spread(analyse(node, truth.language), lambda term: truth.spellings.get(term, ()))
    matcher = Matcher(snapshot, truth.language)
    ranked = best(clause, Scorer(matcher), matcher, 100)
    hits = Presenter(truth.language, clause, matcher, 3).hits(ranked)
    expected = truth.ranked(node)
    assert [hit.id for hit in hits] == [article_id for article_id, _ in expected]
    for k in range(1, len(ranked) + 2):
        matcher = Matcher(snapshot, truth.language)
        assert best(clause, Scorer(matcher), matcher, k) == ranked[:k]
    compare_hits(hits, expected, truth, node)


def compare_hits(hits: Sequence[Hit], expected: list[tuple[str, float]], truth: oracle.Oracle, node: tree.Node) -> None:
    """Assert that hits show what the oracle says."""
    for hit, (article_id, score) in zip(hits, expected, strict=True):
        assert hit.id == article_id
        assert math.isclose(hit.score, score, rel_tol=1e-9, abs_tol=1e-12)
        in_text, in_title = truth.highlights(node, hit.id)
        assert list(hit.title_highlights) == in_title
        text = truth.articles[hit.id].text
        shown = [zone for zone in truth.zones[hit.id] if zone.kind in SHOWN]
        assert hit.passages or not shown
        marked = [span for span in in_text if any(zone.start < span[1] and span[0] < zone.end for zone in shown)]
        below = truth.below_headings(node, hit.id)
        if below and not marked:
            assert hit.passages[0].start in below
        for passage in hit.passages:
            assert passage.highlights or passage.start in below or not (marked or below)
            assert_whole(passage, text, shown)
            clipped = [(max(a, passage.start), min(b, passage.end)) for a, b in in_text]
            assert list(passage.highlights) == [(a, b) for a, b in clipped if a < b]
        ordered = sorted((passage.start, passage.end) for passage in hit.passages)
        assert all(end <= start for (_, end), (start, _) in pairwise(ordered))


@examples(60)
@given(corpora(4, zoned=True), st.lists(trees, min_size=3, max_size=8), st.sampled_from([8, 40, 200]))
def test_what_is_shown_of_an_article_too_long_to_look_at_is_marked_as_if_it_were_not(
    articles: list[Article], nodes: list[tree.Node], whole: int
) -> None:
    with indexed((articles, [], set()), {}) as (index, truth), pytest.MonkeyPatch.context() as patch:
        look_at(patch, whole=whole, most=2, margin=2000)  # more than a paragraph
        _, snapshot = index._view.opened()
        for node in nodes:
            matcher = Matcher(snapshot, truth.language)
            clause = analyse(node, truth.language)
            ranked = best(clause, Scorer(matcher), matcher, 100)
            for hit in Presenter(truth.language, clause, matcher, 3).hits(ranked):
                in_text, in_title = truth.highlights(node, hit.id)
                assert list(hit.title_highlights) == in_title
                assert hit.passages or not any(zone.kind in SHOWN for zone in truth.zones[hit.id])
                for passage in hit.passages:
                    assert truth.articles[hit.id].text[passage.start : passage.end] == passage.text
                    clipped = [(max(a, passage.start), min(b, passage.end)) for a, b in in_text]
                    assert list(passage.highlights) == [(a, b) for a, b in clipped if a < b]


def assert_explained(hit: Hit) -> None:
    """Assert that a hit's score is the sum of what explains it, and each part that of its own."""
    whole = hit.explain()
    assert math.isclose(whole.value, hit.score, rel_tol=1e-9, abs_tol=1e-9)
    todo = [whole]
    while todo:
        part = todo.pop()
        todo += part.parts
        if part.parts:
            assert math.isclose(part.value, sum(inner.value for inner in part.parts), rel_tol=1e-9, abs_tol=1e-9)


def assert_whole(passage: Passage, text: str, shown: Sequence[Zone]) -> None:
    """Assert that a passage is whole sentences of one zone, or part of one too long to show."""
    assert text[passage.start : passage.end] == passage.text == passage.text.strip()
    assert passage.line == text.count("\n", 0, passage.start) + 1
    [zone] = [zone for zone in shown if zone.start <= passage.start and passage.end <= zone.end]
    starts, ends = [], []
    at = 0
    for end in sentence_ends(text[zone.start : zone.end]):
        sentence = text[zone.start + at : zone.start + end]
        starts.append(zone.start + at + len(sentence) - len(sentence.lstrip()))
        ends.append(zone.start + at + len(sentence.rstrip()))
        at = end
    if passage.start in starts and passage.end in ends:
        return
    assert len(passage.text) <= LONGEST
    assert any(a <= passage.start and passage.end <= b and b - a > LONGEST for a, b in zip(starts, ends, strict=True))


several = st.lists(trees, min_size=3, max_size=8)
languages = st.sampled_from(["english", "english", "english", "french"])


def run(changes: Changes, nodes: list[tree.Node], ranking: dict[str, float], *, compact: bool, language: str) -> None:
    with indexed(changes, ranking, compact=compact, language=language) as (index, truth):
        for node in nodes:
            compare(index, truth, node)


@given(corpus_changes, several, rankings, st.booleans(), languages)
@examples(60)
def test_any_tree_is_answered_as_the_oracle_does(
    changes: Changes, nodes: list[tree.Node], ranking: dict[str, float], compact: bool, language: str
) -> None:
    run(changes, nodes, ranking, compact=compact, language=language)


TERMS = sorted({token.term for word in CORE for token in analyzer("english").words(word)} - {COUNTRY, PRONOUN})
OTHERS = [term for term in TERMS if term != "airstrik"]  # no copy spells a part of a word as the whole of it
spellings = st.dictionaries(
    st.sampled_from(TERMS), st.lists(st.sampled_from(OTHERS), min_size=1, max_size=3, unique=True), max_size=4
).map(lambda found: {term: [other for other in others if other != term] for term, others in found.items()})


@given(corpus_changes, several, rankings, spellings)
@examples(30)
def test_a_word_of_several_spellings_is_one_word(
    changes: Changes, nodes: list[tree.Node], ranking: dict[str, float], others: dict[str, list[str]]
) -> None:
    with indexed(changes, ranking) as (index, truth):
        truth.spellings = others
        for node in nodes:
            compare(index, truth, node)


many = st.lists(trees, min_size=10, max_size=16)  # of one index, as making it takes longer than asking a tree


@pytest.mark.slow
@given(corpus_changes, many, rankings, st.booleans(), languages)
@examples(N_TREES // 11)
def test_many_trees_are_answered_as_the_oracle_does(
    changes: Changes, nodes: list[tree.Node], ranking: dict[str, float], compact: bool, language: str
) -> None:
    run(changes, nodes, ranking, compact=compact, language=language)


def run_queries(
    given_articles: list[Article], asked: list[str], ranking: dict[str, float], *, every: bool, offset: int
) -> None:
    further = frozenset(further_field(name) for article in given_articles for name in article.meta)
    with indexed((given_articles, [], set()), ranking) as (index, truth):
        for query in asked:
            options: Any = {"all": every, "offset": offset, "now": NOW, "stated_dates_only": True}  # as the oracle does
            results = index.search(query, limit=10, passages=2, group=False, **options)
            node = parse(query, all=every, now=NOW, further=further).tree
            expected = truth.ranked(node)
            assert results.total == len(expected)
            compare_hits(results, expected[offset : offset + 10], truth, node)
            fresh = index.search(query, all=every, recency="30d", now=NOW)
            for hit in [*results, *fresh, *index.search(query, sort="oldest", since="2021", now=NOW)]:
                assert_explained(hit)


several_queries = st.lists(queries, min_size=3, max_size=8)
offsets = st.sampled_from([0, 0, 1, 3])


@given(corpora(), several_queries, rankings, st.booleans(), offsets)
@examples(50)
def test_any_query_is_answered_as_its_tree(
    given_articles: list[Article], asked: list[str], ranking: dict[str, float], every: bool, offset: int
) -> None:
    run_queries(given_articles, asked, ranking, every=every, offset=offset)


@pytest.mark.slow
@given(corpora(), several_queries, rankings, st.booleans(), offsets)
@examples(240)
def test_many_queries_are_answered_as_their_trees(
    given_articles: list[Article], asked: list[str], ranking: dict[str, float], every: bool, offset: int
) -> None:
    run_queries(given_articles, asked, ranking, every=every, offset=offset)


def test_many_equal_articles_come_page_by_page_in_the_order_of_their_ids() -> None:
    ids = [f"{'é😀zA'[n % 4]}{n}" for n in range(43)]
    dates = [None, "2021-08-10", "2021-08", "2021-08-10T23:30:00-05:00"]
    made = [Article(id=name, body="The ferry sank.", date=dates[n % 4]) for n, name in enumerate(ids)]
    with indexed((made[:20], made[20:], {ids[7]}), {"weight_date": 0.0}) as (index, truth):
        expected = truth.ranked(tree.Word("ferry"))
        assert len({score for _, score in expected}) == 1
        pages = [index.search("ferry", limit=10, offset=offset, group=False) for offset in range(0, 50, 10)]
        assert [hit.id for page in pages for hit in page] == [article_id for article_id, _ in expected]
        assert {page.total for page in pages} == {42}
        assert [len(page) for page in pages] == [10, 10, 10, 10, 2]


TWICE = "Odell harbour\n\nFerry sinks\n\nA ferry sank."
LATE = "A ferry sank in Odell.\n\nFerry sinks"


@pytest.mark.parametrize(
    "article",
    [
        pytest.param(
            Article(
                id="a",
                title="Ferry sinks",
                body=TWICE,
                zones=(Zone("title", 0, 13), Zone("title", 15, 26), Zone("body", 28, len(TWICE))),
            ),
            id="two zones of titles",
        ),
        pytest.param(
            Article(id="a", title="Ferry sinks", body=LATE, zones=(Zone("body", 0, 22), Zone("title", 24, len(LATE)))),
            id="a title below the body",
        ),
        pytest.param(
            Article(id="a", body=LATE, zones=(Zone("body", 0, 22), Zone("deck", 24, len(LATE)))),
            id="a deck below the body",
        ),
    ],
)
def test_zones_in_an_unusual_order_are_marked_where_they_stand(article: Article) -> None:
    with indexed(([article], [], set()), {}) as (index, truth):
        compare(index, truth, tree.Word("ferry"))
        [hit] = index.search("ferry", passages=9)
        shown = [zone for zone in truth.zones["a"] if zone.kind in SHOWN]
        in_text, _ = truth.highlights(tree.Word("ferry"), "a")
        expected = [(a, b) for a, b in in_text if any(zone.start <= a and b <= zone.end for zone in shown)]
        assert sorted(span for passage in hit.passages for span in passage.highlights) == expected
