"""More like this, against plain loops over the articles."""

import math
import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import Oracle
from strategies import corpora
from test_differential import zones_of
from test_sorting import WIRE, indexed

import search
from search import Article, ArticleError, QueryError
from search.engine.keyterms import LOOKED_AT, key_terms, said
from search.engine.matching import Matcher
from search.query import parse, tree
from search.query.analyse import is_function_word
from search.similar import TERMS
from search.text.analysis import analyzer
from search.text.stream import Field, pieces

CHAIN = analyzer("english")
DAM = "Engineers in Harrow opened the spillway of the dam after the envoy warned of a flood. The spillway holds. "
FLOOD = "The flood below the Harrow dam reached the spillway gates, and engineers closed the valley road. "
VOTE = "Voters in Odell elected a mayor who promised trams, lower rents and a second library by autumn. "
TRAM = "The mayor of Odell opened a tram line; rents near the library have doubled since voters elected him. "


def examples(n: int) -> settings:
    return settings(max_examples=n, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def news() -> list[Article]:
    bodies = {"dam": DAM, "flood": FLOOD, "vote": VOTE, "tram": TRAM}
    return [Article(id=name, body=body, title=name.title(), date="2021-08-10") for name, body in bodies.items()]


def test_like_an_article_are_those_of_its_subject_and_not_itself(news: list[Article]) -> None:
    with indexed(news) as index:
        for one, other in (("dam", "flood"), ("flood", "dam"), ("vote", "tram"), ("tram", "vote")):
            found = index.similar(id=one)
            assert found[0].id == other
            assert one not in [hit.id for hit in found]
            assert found.query == one
            assert found.total == len(found) < 4
            assert found[0].passages[0].highlights
            assert abs(found[0].explain().value - found[0].score) < 1e-9
            by_text = index.similar(index.get(one).text, limit=2)
            assert [hit.id for hit in by_text] == [one, other]
        assert index.similar(id="dam", limit=1, offset=1).cursor is None
        assert [hit.id for hit in index.similar(id="dam", since="2021-08-11")] == []


def test_the_reading_is_a_query_that_finds_the_same(news: list[Article]) -> None:
    with indexed(
        [*news, Article(id="caps", body="NATO AND OPEC. AT&T OR O'Neill REQUIRE U.S. C++ and air-strikes, 9/11.")]
    ) as index:
        for article in index:
            found = index.similar(id=article.id, group=False)
            again = index.search(found.reading, limit=99, group=False)
            assert [(hit.id, hit.score) for hit in again if hit.id != article.id] == [
                (hit.id, hit.score) for hit in found
            ]
            assert again.reading == found.reading


def test_copies_of_the_story_are_left_out_on_request(news: list[Article]) -> None:
    own = Article(id="own", body=WIRE * 2)
    copies = [Article(id=f"copy{n}", body=WIRE * 2 + "It sails again. " * n, source=f"S{n}") for n in range(3)]
    other = Article(id="other", body="A ferry struck a quay; nine people were hurt in the harbour. " + VOTE)
    with indexed([own, *copies, other, *news]) as index:
        told = index.similar(id="own")
        assert len(told) == 2  # the copies, as one story, and the other
        assert told[0].story.size == 4
        assert told.total == 4
        every = index.similar(id="own", group=False)
        assert {hit.id for hit in every} == {"copy0", "copy1", "copy2", "other"}
        assert [hit.id for hit in index.similar(id="own", copies=False)] == ["other"]
        assert index.similar(id="own", copies=False).total == 1
        assert index.similar(id="own", copies=False).total_stories == 1
        for text in (WIRE * 2, WIRE * 2 + VOTE * 3):
            assert "own" in [hit.id for hit in index.similar(text, group=False)]
        assert "other" in [hit.id for hit in index.similar(WIRE * 2, copies=False)]
        assert not {"own", "copy0", "copy1", "copy2"} & {hit.id for hit in index.similar(WIRE * 2, copies=False)}


def test_what_there_is_nothing_like() -> None:
    with indexed(
        [Article(id="a", body="Rain."), Article(id="b", body=""), Article(id="c", body="The 1 and the 2.")]
    ) as index:
        assert list(index.similar(id="a")) == []
        for article_id in "bc":
            found = index.similar(id=article_id)
            assert (list(found), found.total, found.reading) == ([], 0, "")
            assert found.notes == ("The text has no word by which to look for others.",)
        assert list(index.similar("")) == []
        assert list(index.similar("", since="2021")) == []
        assert list(index.similar("zebra")) == []
        with pytest.raises(ArticleError, match="no article has the id 'x'"):
            index.similar(id="x")
        with pytest.raises(QueryError, match="a text or the id"):
            index.similar()
        with pytest.raises(QueryError, match="a text or the id"):
            index.similar("x", id="a")


words = st.lists(
    st.sampled_from("ferry ferries strike Strikes harbour the said US air-strikes mayor's 10 café x".split())
)


@given(corpora(), words, words)
@examples(40)
def test_key_terms_are_those_that_add_most(made: list[Article], title: list[str], body: list[str]) -> None:
    with indexed(made) as index:
        told = {name: value for name, value in index.settings().items() if isinstance(value, float)}
        truth = Oracle([(article, zones_of(article)) for article in made], told)
        matcher = Matcher(index._view.opened()[1], CHAIN)
        text = [*said(" ".join(title), Field.TITLE, CHAIN), *said(" ".join(body), Field.BODY, CHAIN)]
        found = key_terms(text, matcher, 4 * TERMS)
        frequency = Counter((term, field) for term, _, field in text)
        lengths = Counter(field for _, _, field in text)
        expected = {}
        for term in {term for term, _, _ in text}:
            if not any(place.term == term for places in truth.places.values() for place in places):
                continue
            total = 0.0
            for field in (Field.TITLE, Field.BODY):
                b = told[f"b_{field.name.lower()}"]
                own = [n for article in made if (n := truth.lengths[field, article.id])]
                average = sum(own) / len(own) if own else 1.0
                norm = 1 - b + b * max(lengths[field], 1) / average
                total += truth.weight(field) * frequency[term, field] / norm
            idf = _weight(truth, term)
            expected[term] = idf * total / (told["k1"] + total)
        assert {each.term for each in found} == set(expected)
        for each in found:
            assert math.isclose(each.weight, expected[each.term], rel_tol=1e-9)
            assert 0 < each.share < 1
        assert [each.weight for each in found] == sorted((each.weight for each in found), reverse=True)
        assert key_terms(text, matcher, 2) == found[:2] or len(expected) > 2 * LOOKED_AT


def _weight(truth: Oracle, term: str) -> float:
    """Return how much a term says, by counting."""
    places = {i: [p for p in own if p.term == term] for i, own in truth.places.items()}
    df = sum(1 for own in places.values() if own)
    n = sum(
        1 for own in places.values() for p in {(p.position, p.field): p for p in own}.values() if p.field in range(1, 4)
    )
    return truth.idf(df) * (1 + math.log(max(1.0, (n + 0.5) / df)))


def test_words_that_only_hold_others_together_are_no_key_terms() -> None:
    found = [
        word for _, word, _ in said("The U.S. and O'Neill's 10 air-strikes of 2021, a B-2 was said", Field.BODY, CHAIN)
    ]
    assert found == ["U.S.", "O'Neill", "air", "strikes", "said"]
    assert not any(is_function_word(word, "english") for word in found)
    article = Article(id="a", body=DAM, zones=zones_of(Article(id="a", body=DAM)))
    assert sum(len(said(p.text, p.field, CHAIN)) for p in pieces(article, article.zones or ())) == 10


def test_the_query_is_bounded() -> None:
    # Words that no other article has are of no use, however rare they are.
    body = " ".join(f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(500))
    with indexed([Article(id="a", body=body), Article(id="b", body=body[: len(body) // 2] + VOTE)]) as index:
        found = index.similar(id="a")
        node = parse(found.reading).tree
        assert isinstance(node, tree.Or)
        assert len(node.parts) == TERMS
        assert isinstance(found[0], search.Hit)
