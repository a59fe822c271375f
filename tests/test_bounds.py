"""What a query may cost: whatever is asked, the work that is counted stays within what the index holds."""

import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
from hostile import look_at, queries

import search
from search import Article
from search.claims import quotations
from search.engine.matching import Matcher
from search.engine.segment import Segment
from search.engine.vocabulary import MAX_ALL_FORMS
from search.query.cleaning import MAX_WORDS

NAMES = list(queries([f"w{n}" for n in range(1000)]))
FAST = (
    *("1 MB of words", "10,000 clauses", "nested 10,000 deep", "*", "?*?*?*", "a*b*c*d*", "thirty stars"),
    *("fuzzy on everything", "all dates", "ranges over all dates", "every beginning", "many near"),
)
CUT = {"1 MB of words", "10,000 clauses", "fuzzy on everything", "nested 10,000 deep"}  # among others
SIMPLE = {"*", "a*b*c*d*", "all dates"}


class Work(NamedTuple):
    """What a query cost: postings and places decoded, forms that its patterns stood for, bytes of memory."""

    postings: int
    places: int
    forms: int
    memory: int


def measured(index: search.Index, query: str, patch: pytest.MonkeyPatch) -> tuple[Work, search.Results]:
    """Search, and count."""
    n = {"docs": 0, "numbered": 0}
    matchers: list[Matcher] = []

    def counted(name: str) -> Callable[..., Any]:
        plain = getattr(Segment, name)

        def call(self: Segment, *arguments: Any) -> Any:
            found = plain(self, *arguments)
            n[name] += len(found if name == "docs" else found[0])
            return found

        return call

    def begin(self: Matcher, *arguments: Any) -> None:
        start(self, *arguments)
        matchers.append(self)

    start = Matcher.__init__
    with patch.context() as own:
        for name in n:
            own.setattr(Segment, name, counted(name))
        own.setattr(Matcher, "__init__", begin)
        tracemalloc.start()
        try:
            results = index.search(query, now="2021-09-01")
            assert results.total >= len(results)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    return Work(n["docs"], n["numbered"], max(matcher._vocabulary.n_forms for matcher in matchers), peak), results


def hold(index: search.Index, words: list[str], names: list[str], patch: pytest.MonkeyPatch, memory: int) -> None:
    """Hold queries to what the index holds: a list for each word, all places a few times."""
    parts = index._view.snapshot.parts if index._view.snapshot else []
    n_postings = sum(len(part.segment.counts) for part in parts)
    n_places = sum(len(part.segment.file["low8"]) for part in parts)
    n_docs = sum(part.segment.n_docs for part in parts)
    asked = queries(words)
    for name in names:
        work, results = measured(index, asked[name], patch)
        assert work.postings <= 4 * n_postings + MAX_WORDS * n_docs, (name, work)
        assert work.places <= 8 * n_places, (name, work)
        assert work.forms <= MAX_ALL_FORMS, (name, work)
        assert work.memory <= memory, (name, work)
        assert all(len(note) < 400 for note in results.notes), name
        assert len(results.notes) < 20, name
        assert results.notes or name not in CUT, name
        assert not results.notes or name not in SIMPLE, name


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[search.Index, list[str]]:
    """An index of a vocabulary that patterns and edits meet often, and its words by frequency."""
    chance = Random(1)
    words = ["".join(chance.choices("abcdestr", k=chance.randint(2, 9))) for _ in range(6000)]
    weights = [1 / (1 + rank) for rank in range(len(words))]
    index = search.open(tmp_path_factory.mktemp("bounds"))
    index.add(
        Article(id=str(n), body=" ".join(chance.choices(words, weights, k=80)), date=f"{1990 + n % 30}")
        for n in range(600)
    )
    return index, words


@pytest.mark.parametrize("name", FAST)
def test_a_hostile_query_costs_no_more_than_the_index_holds(
    small: tuple[search.Index, list[str]], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(*small, [name], monkeypatch, memory=25_000_000)


def test_a_loose_phrase_reads_the_list_of_each_word_for_its_places_and_to_count_them(
    small: tuple[search.Index, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    index, words = small
    (one, _), (other, _), (both, _) = (
        measured(index, query, monkeypatch) for query in (*words[:2], f'"{words[0]} {words[1]}"~9')
    )
    assert both.postings == 2 * (one.postings + other.postings)


CALLS: dict[str, Callable[[search.Index], object]] = {
    "quotes": lambda index: index.quotes("rain"),
    "numbers": lambda index: index.numbers("towns"),
    "by": lambda index: list(index.search("by:smith")),
    "quote": lambda index: list(index.search("quote:rained")),
    "similar": lambda index: list(index.similar(id="a")),
    "diff": lambda index: index.diff("a", "b"),
    "check": lambda index: index.check(),
}
# What an article is made of, and how long it is; one without blanks is looked at in windows of 2,000
# characters, and a speaker is looked for in 800.
PUMPS = {
    '"a ': 2000,
    "\u201ca\u201d said Mr ": 2000,
    "1\n": 1000,
    "5 towns ": 1000,
    "one in five towns ": 4000,
    "AA,": 3000,
}


def n_calls(call: Callable[[search.Index], object], index: search.Index) -> int:
    """Return how many functions are called, those of the interpreter included."""
    n = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal n
        n += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        call(index)
    finally:
        sys.setprofile(None)
    return n


@pytest.mark.parametrize("pump", PUMPS)
def test_a_hostile_article_costs_no_more_than_twice_for_twice_its_length(tmp_path: Path, pump: str) -> None:
    cost: dict[str, list[int]] = {name: [] for name in CALLS}
    for size in (300, PUMPS[pump], 2 * PUMPS[pump]):  # the first one imports, too
        index = search.open(tmp_path / f"{len(cost['diff'])}")
        middle = pump * (size // len(pump))
        body = f"The rain fell on 5 towns. \u201cIt rained,\u201d said Mr Smith.\n{middle}\nThe rain fell on 6 towns."
        index.add([Article(id="a", body=body), Article(id="b", body=body.replace("rain", "snow"))])
        for name, call in CALLS.items():
            cost[name].append(n_calls(call, index))
    assert all(twice < 2.4 * once for _, once, twice in cost.values()), cost


def test_an_explanation_takes_memory_in_proportion_to_the_article(tmp_path: Path) -> None:
    def memory(n: int) -> int:
        index = search.open(tmp_path / str(n))
        index.add([Article(id="a", body="flood dam, said Kirby. " * n)])
        (hit,) = index.search("flood dam")
        tracemalloc.start()
        try:
            hit.explain()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    memory(10)  # imports
    assert memory(8000) < 8 * memory(2000)


@pytest.mark.parametrize("pump", ["flood ", "flood's dam. ", "FLOOD DAM\n\n", '"flood dam" said Kirby. ', "flood,dam-"])
@pytest.mark.parametrize("query", ["flood", "flood dam zebra", '"flood dam"', "flood w/5 dam", "flood /s dam"])
def test_of_an_article_that_has_a_word_very_often_no_more_is_looked_at_than_of_a_shorter_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pump: str, query: str
) -> None:
    look_at(monkeypatch, whole=2000, most=100, margin=200)
    cost: list[int] = []
    for n in (500, 500, 2000):  # the first one imports, too
        index = search.open(tmp_path / f"{len(cost)}")
        index.add([Article(id="a", body=f"A zebra came. {pump * n}The rain fell.")])
        cost.append(n_calls(lambda index: list(index.search(query, passages=3)), index))
    assert cost[2] < 1.5 * cost[1], cost  # its sentences are divided, whatever is found


def test_rare_words_are_shown_wherever_they_stand_among_many_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_at(monkeypatch, whole=2000, most=100, margin=200)
    index = search.open(tmp_path)
    flood = "The flood came over the dam. " * 500
    index.add([Article(id="a", body=f"{flood}A zebra's flood came, too. {flood}")])
    [hit] = index.search("flood zebra")
    [passage] = hit.passages
    assert "A zebra's flood came, too." in passage.text
    marked = [passage.text[start - passage.start : end - passage.start] for start, end in passage.highlights]
    assert marked == ["flood", "zebra's", "flood"]


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("flood AND zebra AND lion", {"flood", "zebra"}),
        ("(flood AND tiger) OR zebra OR lion", {"zebra"}),
        ("zebra AND (flood w/3 dam) AND lion", {"flood", "dam", "lion"}),
        ("zebra NOT tiger", {"zebra"}),
        ("(flood NOT lion) OR zebra", {"zebra"}),
        ("by:ragna AND quote:gates", {"Ragna"}),
    ],
)
def test_whether_an_article_fits_is_known_whatever_part_of_it_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str, marked: set[str]
) -> None:
    look_at(monkeypatch, whole=2000, most=100, margin=200)
    flood = "Then the flood fell on the town for days. " * 200
    said = f"Ragna Holm rose. {flood}\u201cAll gates rust in a valley,\u201d Holm said. {flood}"
    index = search.open(tmp_path)
    index.add([Article(id="a", body=f"A zebra saw a flood. {said}A flood met a dam and a lion.")])
    [hit] = index.search(query)
    [passage] = hit.passages
    assert {passage.text[start - passage.start : end - passage.start] for start, end in passage.highlights} == marked


def test_as_many_words_as_there_are_phrases_are_not_the_phrases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_at(monkeypatch, whole=2000, most=100, margin=200)
    index = search.open(tmp_path)
    index.add([Article(id="a", body="One flood flood flood came. " * 100)])
    [hit] = index.search('"flood flood flood"')
    assert hit.passages[0].highlights[0] == (4, 21)


def test_of_an_article_full_of_quotation_marks_the_first_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotations, "MOST", 20)
    text = "\u201cThe rain fell on the town,\u201d said Mr Smith. " * 50
    assert len(quotations.quotations(text, [(0, len(text))])) == 20


@pytest.mark.slow
def test_no_hostile_query_costs_more_than_the_index_holds(
    small: tuple[search.Index, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(*small, NAMES, monkeypatch, memory=60_000_000)


@pytest.mark.slow
def test_hostile_queries_on_reuters(shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = search.open(tmp_path)
    index.add(search.read([shared_data / "corpora" / "reuters21578.jsonl.xz"]), jobs=2)
    assert index._view.snapshot
    df = Counter[str]()
    for part in index._view.snapshot.parts:
        for number, size in enumerate(part.segment.df().tolist()):
            df[part.segment.term(number).forms[0]] += size
    words = [word for word, _ in df.most_common(10_000) if word.isalpha()]
    hold(index, words, list(FAST), monkeypatch, memory=150_000_000)
