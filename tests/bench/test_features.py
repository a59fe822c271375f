"""Formulas that a reader would doubt, by other ways to the same numbers and on articles made for it."""

import math

import features
import numpy as np
import pytest
from features import Feature, Floats, Word

import search
from search.engine import nearness
from search.engine.docsets import Docs
from search.engine.matching import Matcher
from search.engine.scoring import Scorer
from search.query import parse
from search.query.analyse import analyse
from search.query.clauses import Clause

RARE = Word(df=3, occurrences=6, n_docs=100, average=50)

ARTICLES = (
    search.Article(id="side by side", title="Weather", body="Here a dam broke. Nobody knows why the wall gave way."),
    search.Article(id="turned round", title="Weather", body="It broke the dam. Nobody knows why the wall gave way."),
    search.Article(id="far apart", title="Weather", body="A dam stood here. Nobody knows why the wall broke."),
    search.Article(id="dam alone", title="Weather", body="A dam stood here. Nobody knows why the wall gave way."),
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> search.Index:
    index = search.open(tmp_path_factory.mktemp("features") / "index")
    index.add(ARTICLES)
    return index


def added(index: search.Index, query: str, feature: Feature) -> dict[str, float]:
    """Return what a feature adds to the score of each article that matches."""
    _, snapshot = index._view.opened()
    chain = index._view.analyzer()
    clause = analyse(parse(query).tree, chain)
    matcher = Matcher(snapshot, chain)
    docs = matcher.docs(clause)
    scores = Scorer(matcher).scores(clause, docs)
    more = feature(clause, matcher, docs, scores) - scores
    return {snapshot.id(doc): round(float(each), 9) for doc, each in zip(docs.tolist(), more, strict=True)}


def of(*numbers: float) -> Floats:
    return np.array(numbers)


def test_pl2_is_the_surprise_of_poisson_shared_by_the_occurrences() -> None:
    n, mean = 4, RARE.occurrences / RARE.n_docs
    surprise = -math.log2(math.exp(-mean) * mean**n / math.factorial(n))
    [found] = features.pl2(1)(of(n), of(RARE.average), RARE)  # of average length, normalization 2 leaves n as it is
    assert found == pytest.approx(surprise / (n + 1), rel=1e-4)
    [long] = features.pl2(1)(of(n), of(3 * RARE.average), RARE)
    assert long < found


def test_dph_is_what_the_hypergeometric_says_and_nothing_for_an_article_of_one_word() -> None:
    n, length = 5, 50
    share = n / length
    mean = RARE.occurrences / RARE.n_docs
    expected = (0.9**2 / 6) * (5 * math.log2(5 / mean) + math.log2(2 * math.pi * 5 * (1 - share)) / 2)
    assert features.dph(of(n), of(length), RARE) == pytest.approx([expected])
    assert features.dph(of(9), of(9), RARE) == pytest.approx([0])


def test_lgd_is_the_surprise_of_the_log_logistic() -> None:
    r = RARE.df / RARE.n_docs
    [found] = features.lgd(1)(of(3), of(RARE.average), RARE)
    assert found == pytest.approx(-math.log(r / (r + 3 * math.log(2))))


def test_dirichlet_is_the_likelihood_by_a_mixture_of_article_and_collection() -> None:
    mu, length = 1000, 200
    background = 6 / (100 * 50)
    for n in (0, 3):
        likelihood = (n + mu * background) / (length + mu)
        found = features.dirichlet(mu)(of(n), of(length), RARE)
        assert found == pytest.approx([math.log(likelihood / background)])


def test_dfi_is_nothing_for_a_word_that_comes_no_more_often_than_by_chance() -> None:
    by_chance = RARE.share * 500
    for model in (features.dfi_standardized, features.dfi_chi_squared):
        least, more, most = model(of(by_chance, by_chance + 1, by_chance + 2), of(500, 500, 500), RARE)
        assert least == 0 < more < most
    assert features.dfi_standardized(of(3 * by_chance), of(500), RARE) == pytest.approx(
        [math.log2(1 + 2 * by_chance**0.5)]
    )


def test_a_model_takes_all_words_and_is_spread_as_the_scores_are(index: search.Index) -> None:
    seen = {}

    def feature(clause: Clause, matcher: Matcher, docs: Docs, scores: Floats) -> Floats:
        found = features.modelled(features.dirichlet(1000), absent=True)(clause, matcher, docs, scores)
        seen["width"] = found.std() / scores.std()
        return found

    more = added(index, "broke wall", feature)
    assert seen["width"] == pytest.approx(1)
    assert len(more) == 4


def test_bigrams_are_in_order_and_windows_are_not(index: search.Index) -> None:
    in_order = added(index, "dam broke", features.pairs(0.2, 0))
    assert in_order["side by side"] > 0
    assert {name for name, more in in_order.items() if more} == {"side by side"}
    in_windows = added(index, "dam broke", features.pairs(0, 0.2))
    assert in_windows["side by side"] == in_windows["turned round"] > 0
    assert not in_windows["far apart"]


def test_pairs_are_counted_in_each_article() -> None:
    one, other = np.array([3, 9, 1 << 32 | 4]), np.array([4, 8, 1 << 32 | 1])
    docs = np.array([0, 1])
    assert features.times(one, other, -1, 1, docs).tolist() == [1, 0]
    assert features.times(one, other, 7, 7, docs).tolist() == [4, 1]


def test_bm25tp_falls_with_the_square_of_the_distance() -> None:
    places, words = np.array([2, 12, 1 << 32 | 7, 4, 1 << 32 | 8]), np.array([0, 0, 0, 1, 1])
    found = features.accumulated(np.array([0, 1]), places, words, np.array([3.0, 5.0]))
    assert found == pytest.approx(np.array([[5 / 4 + 5 / 64, 3 / 4 + 3 / 64], [5, 3]]))


def test_the_best_sentence_has_each_word_once(index: search.Index) -> None:
    one = added(index, "dam broke wall", features.sentences(1, 1.0))
    two = added(index, "dam broke wall", features.sentences(2, 1.0))
    assert one["side by side"] == one["turned round"]
    assert two["side by side"] == two["turned round"] == two["far apart"] > one["side by side"]
    assert two["dam alone"] > one["dam alone"]


def test_words_at_the_top_count_and_first_ones_count_more(index: search.Index) -> None:
    again = added(index, "broke", features.top(5, 1.0))
    assert again["side by side"] == again["turned round"] > 0 == again["far apart"]
    first = added(index, "broke", features.first_place(1.0))
    assert first["turned round"] > first["side by side"] > first["far apart"] > 0


def test_windows_applied_in_this_way_are_those_of_the_product(index: search.Index) -> None:
    """So that what differs between the rows is the feature, not how it is applied."""

    def windows(clause: Clause, matcher: Matcher, docs: Docs, scores: Floats) -> Floats:
        weights = features._weights(clause, matcher)
        places, leaf = nearness.places_of(list(weights), docs, matcher)
        return scores + 0.3 * nearness.best_windows(docs, places, leaf, np.array([*weights.values()]))

    with index.under(nearness=0) as without:
        first = {hit.id: hit.score for hit in without.search("dam broke wall", group=False)}
    more = added(index, "dam broke wall", features.for_nearness(windows))
    both = {hit.id: hit.score for hit in index.search("dam broke wall", group=False)}
    assert {name: score + more[name] for name, score in first.items()} == pytest.approx(both)
