"""On real articles: the five the project began with, and Reuters."""

import json
import lzma
import random
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

import search
from search.present.hits import Presenter

INDEX_REUTERS = """
import resource, sys, search
index = search.open(sys.argv[1])
print(index.add(search.read([sys.argv[2]])).added, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.fixture(scope="module")
def five(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> search.Index:
    index = search.open(tmp_path_factory.mktemp("five"))
    index.add(search.read([shared_data / "seeds"]))
    return index


@pytest.mark.parametrize(
    ("query", "number", "answer", "highlights"),
    [
        ("Taliban provincial capitals", None, "provincial capitals", {"Taliban", "provincial", "capitals"}),
        ('"Kirby said"', None, "Kirby said", {"Kirby said"}),
        ("military's offensive", None, "military offensive", {"military", "offensive"}),
        ("Sar-e-Pul", "003", "Sar-e-Pul, in the northern province", {"Sar-e-Pul"}),
        ("UNICEF children Kandahar", "003", "20 children were killed", {"UNICEF", "children", "Kandahar"}),
        ("air-strikes", "004", "stepped up airstrikes", {"airstrikes"}),
        ("air strikes", "001", "air strikes cannot win the war", {"air", "strikes"}),
        ("2021-08-10", "002", "The US negotiator on Afghanistan", set()),
        ("decamp", "004", "significant gains on the battlefield", set()),
    ],
)
def test_the_first_passage_answers(
    five: search.Index, query: str, number: str | None, answer: str, highlights: set[str]
) -> None:
    results = five.search(query)
    passage = results[0].passages[0]
    assert number is None or Path(results[0].id).name.startswith(number)
    assert answer in passage.text
    start = passage.start
    assert {passage.text[a - start : b - start] for a, b in passage.highlights} == highlights
    for hit in results:
        for shown in hit.passages:
            assert "READ MORE" not in shown.text
            assert "flatfooted" not in shown.text
            assert five.get(hit.id).text[shown.start : shown.end] == shown.text


def test_hyphens_and_blanks_find_each_other(five: search.Index) -> None:
    assert {Path(hit.id).name[:3] for hit in five.search("air-strikes")} == {"001", "004"}


def test_the_five_are_sound(five: search.Index) -> None:
    assert five.check() == []


@pytest.mark.slow
@pytest.mark.parametrize("corpus", ["reuters21578", "bbc", "msdocs"])
def test_what_is_found_in_a_hit_is_what_analysing_it_finds(
    shared_data: Path, tmp_path: Path, corpus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lzma.open(shared_data / "corpora" / f"{corpus}.jsonl.xz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in islice(lines, 2000)]
    index = search.open(tmp_path / "index")
    index.add(search.Article(id=r["id"], title=r["title"] or None, body=r["body"]) for r in records)
    chance = random.Random(1)
    found = [(query, index.search(query).hits) for query in asked(records, chance, 120)]
    for quick in ("_fulfilled", "_evaluated"):
        monkeypatch.setattr(Presenter, quick, lambda *_, **__: None)
    for query, hits in found:
        assert index.search(query).hits == hits, query
    assert sum(len(hits) for _, hits in found) > 100


def asked(records: list[dict[str, str]], chance: random.Random, n: int) -> Iterator[str]:
    """Yield queries of several kinds, of words that stand side by side in some record."""
    for turn in range(n):
        words = [word for word in chance.choice(records)["body"].split() if any(map(str.isalnum, word))]
        if len(words) < 3:
            continue
        at = chance.randrange(len(words) - 2)
        a, b, c = (word.replace('"', "") for word in words[at : at + 3])
        kinds = (f"{a} {b}", f'"{a} {b}"', f"{a} AND {c}", f"{a} w/5 {c}", f'"{a} {c}"~3', f"{a[:5]}*", f"{a} -{b}")
        yield kinds[turn % len(kinds)]


@pytest.mark.slow
def test_reuters_is_indexed_within_two_gigabytes_and_answers(shared_data: Path, tmp_path: Path) -> None:
    corpus = shared_data / "corpora" / "reuters21578.jsonl.xz"
    command = [sys.executable, "-c", INDEX_REUTERS, str(tmp_path / "index"), str(corpus)]
    added, kilobytes = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert int(added) == 21_578
    assert int(kilobytes) < 2 << 20
    index = search.open(tmp_path / "index")
    chance = random.Random(1)
    articles = list(index)
    texts = {article.id: article.text for article in articles}
    for _ in range(200):
        words = [word for word in chance.choice(articles).text.split() if word.isalpha()]
        if len(words) < 3:
            continue
        at = chance.randrange(len(words) - 2)
        for query in (
            " ".join(words[at : at + 3]),
            f'"{words[at]} {words[at + 1]}"',
            f"{words[at]} AND {words[at + 2]}",
        ):
            for hit in index.search(query, passages=2):
                for passage in hit.passages:
                    assert texts[hit.id][passage.start : passage.end] == passage.text
    with index.writer() as writer:
        for article in chance.sample(articles, 200):
            writer.delete(article.id)
    assert index.check() == []
