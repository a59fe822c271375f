"""Words that feedback adds to a query: a pure model, and scores that still add up."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import Oracle

import search
from search.engine.feedback import WORDS, relevance_model
from search.query import parse

COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 9), min_size=1)
TEXTS = (
    "The dam broke at night and the spillway was shut.",
    "The spillway of the dam had rusted. Engineers warned of the spillway for years.",
    "Engineers repaired the spillway.",
    "A dam holds water back. Engineers build it.",
    "The choir sang in the market hall.",
    "The market opens at dawn; the choir came home.",
)


@given(st.lists(st.tuples(COUNTS, st.floats(0.01, 100)), min_size=1, max_size=5))
def test_the_model_is_a_distribution_over_words(
    articles: list[tuple[dict[str, int], float]],
) -> None:
    model = relevance_model(articles)
    assert set(model) == {word for counts, _ in articles for word in counts}
    assert sum(model.values()) == pytest.approx(1)
    assert all(share > 0 for share in model.values())
    again = relevance_model([(counts, score * 3) for counts, score in articles])
    assert again == pytest.approx(model)


def test_no_articles_give_no_words() -> None:
    assert relevance_model([]) == {}


@pytest.fixture
def index(tmp_path: Path) -> search.Index:
    found = search.open(tmp_path / "index")
    articles = [search.Article(id=str(number), body=text) for number, text in enumerate(TEXTS)]
    found.add(articles[:3])
    found.add(articles[3:])
    return found


def test_words_add_to_scores_and_find_nothing_more(index: search.Index) -> None:
    plain, more = index.search("dam"), index.search("dam", expand=True)
    assert {hit.id for hit in more} == {hit.id for hit in plain} == {"0", "1", "3"}
    assert more.total == plain.total == 3
    assert more.reading == plain.reading == "dam"
    assert not plain.notes
    [note] = more.notes
    assert "spillway^" in note
    assert "engineers^" in note
    assert len(re.findall(r"\^", note)) <= WORDS
    assert {hit.id: hit.passages[0].highlights for hit in more} == {hit.id: hit.passages[0].highlights for hit in plain}
    gained = {hit.id: hit.score for hit in more}
    assert all(gained[hit.id] >= hit.score for hit in plain)


def test_scores_are_those_of_the_query_with_the_words_written_out(index: search.Index) -> None:
    for query in ("dam", "dam choir", "dam -choir", '"the dam" OR market', "title:dam", "engin*"):
        more = index.search(query, expand=True, group=False)
        words = [note.partition(": ")[2].rstrip(".") for note in more.notes if note.startswith("Added")]
        written = f"({more.reading}) ANDMAYBE ({' OR '.join(words[0].split(', '))})" if words else more.reading
        told = {name: value for name, value in index.settings().items() if isinstance(value, float)}
        oracle = Oracle([(article, article.zones or ()) for article in index], told)
        expected = oracle.ranked(parse(written).tree)
        assert [hit.id for hit in more] == [each for each, _ in expected], query
        assert [hit.score for hit in more] == pytest.approx([score for _, score in expected]), query
        for hit in more:
            why = hit.explain()
            assert why.value == pytest.approx(hit.score)
            assert sum(part.value for part in why.parts) == pytest.approx(hit.score)


def test_nothing_is_added_where_scores_do_not_count(index: search.Index) -> None:
    assert not index.search("lighthouse", expand=True).notes
    for results in (index.search("dam", expand=True, sort="newest"), index.search(expand=True, since="2021")):
        assert results.notes == ("Ignored expand: the order is newest, not relevance.",)
