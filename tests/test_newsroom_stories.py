"""What is found of copies whose making is known, on Reuters, and on the five articles the project began with."""

import json
import lzma
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import pytest
from archive import Archive
from newsroom import Made, Truth, newsroom, true_relations

import search
from search.reading.zones import find_zones
from search.stories.bodies import read_body
from search.stories.comparison import passages, relate
from search.stories.relation import FOLDED, Relation
from search.text.analysis import analyzer

ENGLISH = analyzer("english")


@pytest.fixture(scope="module")
def reuters(shared_data: Path) -> list[dict[str, str]]:
    with lzma.open(shared_data / "corpora" / "reuters21578.jsonl.xz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def archive_of(articles: list[search.Article]) -> Archive:
    archive = Archive()
    archive.change((a.id, read_body(a.text, find_zones(a.text, title=a.title), ENGLISH), a.source) for a in articles)
    return archive


# The five


def test_the_five_relate_as_reading_them_says(shared_data: Path) -> None:
    articles = sorted(search.read([shared_data / "seeds"]), key=lambda article: article.id)
    bodies = [read_body(a.text, a.zones or find_zones(a.text, title=a.title), ENGLISH) for a in articles]
    found = {(a, b): relate(bodies[a], bodies[b]) for a, b in combinations(range(5), 2)}
    expected = {(1, 2): ("copy", 1.0), (2, 3): ("partial", 0.73), (1, 3): ("partial", 0.60)}
    for pair, relation in found.items():
        if pair in expected:
            kind, shared = expected[pair]
            assert relation.kind == kind
            assert relation.shared == pytest.approx(shared, abs=0.05)
        else:
            assert relation.kind == "quote"
    proof = [articles[3].text[slice(*passage.a)] for passage in passages(bodies[3], bodies[4])]
    assert "to stop their military offensive and to negotiate a political settlement" in "|".join(proof)


def test_the_five_give_the_story_of_three(shared_data: Path) -> None:
    articles = sorted(search.read([shared_data / "seeds"]), key=lambda article: article.id)
    archive = archive_of(articles)
    assert archive.stories() == {frozenset(article.id for article in articles[1:4])}
    assert len(archive.related()) == 20  # all ten pairs, both ways round: every one is a candidate


# Copies whose making is known


def folds(kind: str, shared: float) -> bool:
    return kind == "copy" or (kind == "partial" and shared >= FOLDED)


def natural(a: Made, b: Made) -> bool:
    """Whether what the two share, if anything, was there before copies were made."""
    return a.family != b.family and "quoting" not in (a.kind, b.kind)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_copies_are_found_and_told_apart(reuters: list[dict[str, str]], seed: int) -> None:
    made = newsroom(reuters, seed=seed)
    by_id = {one.article.id: one for one in made}
    true = true_relations(made)
    archive = archive_of([one.article for one in made])
    related = archive.related()
    same_words = {pair for ids in archive.identical() for pair in combinations(sorted(ids), 2)}
    folding: Counter[tuple[bool, bool]] = Counter()
    relations: Counter[tuple[str, str]] = Counter()
    recall: dict[str, Counter[bool]] = defaultdict(Counter)
    for pair in true.keys() | {pair for pair in related if pair[0] < pair[1]} | same_words:
        truth = true.get(pair, Truth("none", 0.0))
        found = Relation("copy", 1, 1, 1) if pair in same_words else related.get(pair, Relation("none", 0, 0, 0))
        folding[folds(*truth), folds(found.kind, found.shared)] += 1
        a, b = by_id[pair[0]], by_id[pair[1]]
        if not natural(a, b):
            relations[truth.relation, found.kind] += 1
        if a.family == b.family and folds(*truth):
            for kind in {a.kind, b.kind}:
                recall[kind][folds(found.kind, found.shared)] += 1
    right, wrong, missed = folding[True, True], folding[False, True], folding[True, False]
    assert 2 * right / (2 * right + wrong + missed) >= 0.95, folding
    told = sum(n for pair, n in relations.items() if pair != ("none", "none"))
    assert sum(n for (truth, found), n in relations.items() if truth == found != "none") >= 0.9 * told, relations
    for kind, counts in recall.items():
        assert counts[True] >= 0.9 * counts.total(), (kind, counts)
    # Stories against families; distractors may be copies of each other, and are of no family.
    family = {one.article.id: one.family for one in made if one.kind != "distractor"}
    expected = {pair for pair in combinations(sorted(family), 2) if family[pair[0]] == family[pair[1]]}
    folded = {pair for story in archive.stories() for pair in combinations(sorted(story & family.keys()), 2)}
    assert 2 * len(expected & folded) / (len(expected) + len(folded)) >= 0.95


# Reuters


@pytest.mark.slow
def test_every_pair_of_reuters_with_identical_bodies_is_found(reuters: list[dict[str, str]]) -> None:
    articles = [search.Article(id=r["id"], title=r["title"] or None, body=r["body"]) for r in reuters]
    archive = archive_of(articles)
    same: dict[str, list[str]] = defaultdict(list)
    for article in articles:
        same[" ".join(article.body.split())].append(article.id)
    pairs = [pair for text, ids in same.items() if len(text.split()) >= 8 for pair in combinations(ids, 2)]
    assert len(pairs) > 200
    related = archive.related()
    identical = {pair for ids in archive.identical() for pair in combinations(sorted(ids), 2)}
    for a, b in pairs:
        assert tuple(sorted((a, b))) in identical or related[a, b].kind == "copy", (a, b)
