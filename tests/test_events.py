"""Independent texts on the same event."""

import datetime
import json
import lzma
import re
from collections.abc import Iterator
from itertools import combinations, islice
from pathlib import Path

import pytest

import search
from search.stories.event import Told, same_event, tell
from search.text.analysis import analyzer

LABELLED = Path(__file__).parent / "data" / "events.txt"
ENGLISH = analyzer("english")
FALL = """The footbridge at Marrow Quay fell into the Tessel on Monday, and 14 people were thrown into the water, the
fire chief of Orlen, Ilse Brandow, said. A rusty cable had snapped. A ferry came to help."""


def labelled() -> Iterator[tuple[search.Article, str]]:
    """Yield the invented articles, and what event each tells of."""
    for block in LABELLED.read_text("utf-8").split("\n== ")[1:]:
        head, title, body = block.split("\n", 2)
        article_id, date, source, event = head.split(" | ")
        dated = None if date == "-" else date
        yield search.Article(id=article_id, title=title, body=body.strip(), date=dated, source=source), event


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> search.Index:
    index = search.open(tmp_path_factory.mktemp("events"))
    index.add(article for article, _ in labelled())
    return index


def test_of_the_labelled_articles_those_on_one_event_are_found_and_no_others(index: search.Index) -> None:
    events = {article.id: event for article, event in labelled()}
    pairs = list(combinations(events, 2))
    found = {pair for pair in pairs if index.relation(*pair).relation == "same event"}
    same = {(a, b) for a, b in pairs if events[a] == events[b]}
    # The one pair has names and numbers in common, and hardly a word; the other is not like enough.
    assert same - found == {("quake-1", "quake-2"), ("bridge-1", "bridge-3")}
    assert found < same
    assert (len(pairs), len(same)) == (465, 8)
    for a, b in pairs:
        one, other = index.relation(a, b), index.relation(b, a)
        assert one.relation == other.relation
        assert sorted((e.kind, e.a, e.b, e.articles) for e in one.evidence) == sorted(
            (e.kind, e.b, e.a, e.articles) for e in other.evidence
        )


def test_the_evidence_stands_in_both_articles(index: search.Index) -> None:
    related = index.relation("merger-1", "merger-2")
    texts = [f"{article.title} {article.text}" for article in map(index.get, ("merger-1", "merger-2"))]
    names = [each.a for each in related.evidence if each.kind == "name"]
    assert names == ["Halvorsen Mills", "Pennick Foods", "Sunfield", "Lindqvist"]
    assert {each.a for each in related.evidence if each.kind == "number"} == {"2.3", "140"}
    assert ("day", "2018-06-12", "2018-06-12", None) in related.evidence
    for each in related.evidence:
        if each.kind != "day":
            assert each.a in texts[0]
            assert each.b in texts[1]
            assert each.articles


def test_related_lists_one_article_of_each_other_story(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    articles = [article for article, _ in labelled()]
    index.add(articles)
    first = index.get("bridge-1")
    index.add([search.Article(id="copy", body=first.text, date="2019-03-05")])
    found = [account.id for account in index.related("bridge-2")]
    assert sorted(found) in (["bridge-1", "bridge-3"], ["bridge-3", "copy"])
    assert [account.id for account in index.related("copy")] == ["bridge-2"]
    assert [account.id for account in index.related("bridge-2", limit=1)] == found[:1]
    assert index.related("bridge-6") == []
    account = index.related("bridge-2")[0]
    assert account.related == index.relation("bridge-2", account.id)
    with pytest.raises(search.ArticleError):
        index.related("nowhere")
    with pytest.raises(search.QueryError):
        index.related("copy", limit=-1)


def test_it_folds_nothing(index: search.Index) -> None:
    assert index.stories() == []
    results = index.search("footbridge OR ferry")
    assert {hit.story.size for hit in results} == {1}


def test_the_five_are_on_one_event_and_quote_each_other(shared_data: Path, tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add(search.read([shared_data / "seeds"]))
    ids = sorted(article.id for article in index)
    for a, b in combinations(range(5), 2):
        related = index.relation(ids[a], ids[b])
        if {a, b} & {0, 4}:
            assert related.relation == "quote", (a, b)
            assert [each.a for each in related.evidence if "Zalmay Khalilzad" in each.a], (a, b)
        else:
            assert related.relation in ("copy", "partial")
            assert related.evidence == ()


def told(text: str, date: str | None = "2019-03-05") -> Told:
    sentences = [
        [token._replace(start=at + token.start, end=at + token.end) for token in ENGLISH.tokens(sentence) if token.step]
        for sentence in re.split(r"(?<=\w\w)\. ", text)
        for at in [text.index(sentence)]
    ]
    day = datetime.date.fromisoformat(date) if date else None
    return tell(text, sentences, {}, day, lambda form: form in ("the", "and", "of", "a", "at", "on", "into", "to"))


@pytest.mark.parametrize(
    ("other", "date", "is_same"),
    [
        (FALL, "2019-03-05", True),
        (FALL, "2019-03-06", True),  # Monday is the same
        (FALL.replace("Monday", "Tuesday"), "2019-03-06", False),
        (FALL.replace("Monday", "Tuesday"), None, False),
        (FALL, None, True),
        (FALL.replace("on Monday", "early"), None, True),
        (FALL.replace("on Monday", "today"), "2019-03-04", True),
        (FALL.replace("on Monday", "yesterday"), "2019-03-05", True),
        (FALL.replace("on Monday", "early"), "2019-03-05", False),  # the day of publication
        (FALL, "2019-03-12", False),
        (FALL.upper(), "2019-03-05", False),  # in capitals no word is a name
        (FALL.lower(), "2019-03-05", False),
        (FALL.replace("Orlen", "Kolm").replace("Tessel", "Vire"), "2019-03-05", False),
        (FALL.replace("Marrow Quay", "marrow kay").replace("Orlen", "Orlyn"), "2019-03-05", True),
        ("Ilse Brandow is the fire chief of Orlen. Marrow Quay lies on the Tessel.", "2019-03-04", False),
        ("", "2019-03-05", False),
    ],
)
def test_names_numbers_words_and_days_decide(other: str, date: str | None, is_same: bool) -> None:
    a, b = told(FALL), told(other, date)
    assert bool(same_event(a, b, lambda _: 2, 1000)) is is_same
    assert bool(same_event(b, a, lambda _: 2, 1000)) is is_same


def test_words_of_one_key_are_no_evidence_unless_they_are_one_word() -> None:
    a, b = told(f"{FALL} It was placed there."), told(f"{FALL} It was a policy.")
    words = {(each.a, each.b) for each in same_event(a, b, lambda _: 2, 1000) if each.kind == "word"}
    assert ("snapped", "snapped") in words
    assert not [pair for pair in words if {"placed", "policy"} & {*pair}]
    renamed = told(FALL.replace("Brandow", "Person")), told(FALL.replace("Brandow", "Prison"))
    assert "Ilse" in {each.a for each in same_event(*renamed, lambda _: 2, 1000)}
    assert not [each for each in same_event(*renamed, lambda _: 2, 1000) if "Person" in each.a]


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        ("for the Kolm Press Bureau", "the Kolm Press Bureau", ("Kolm Press Bureau", "Kolm Press Bureau")),
        ("of Lune Hydro", "of the Lune Hydro", ("Lune Hydro", "Lune Hydro")),
        ("from Sarnen Zoran Halil", "Zoran Halil in Sarnen", ("Zoran Halil", "Zoran Halil")),
        ("from Sar-i-Pul", "from Sar-e-Pul", ("Sar-i-Pul", "Sar-e-Pul")),
        ("from Nadia R. Karimov", "from Nadia R. Kerimov", ("Nadia R. Karimov", "Nadia R. Kerimov")),
    ],
)
def test_names_are_shown_whole_and_apart(one: str, other: str, shown: tuple[str, str]) -> None:
    a, b = (told(f"{FALL} A word came {end} of it, and the press and the bureau saw it.") for end in (one, other))
    evidence = same_event(a, b, lambda term: 900 if term == "lune" else 2, 1000)
    assert shown in [(each.a, each.b) for each in evidence if each.kind == "name"]
    names = [each.a for each in evidence if each.kind == "name"]
    assert names.count(shown[0]) == 1
    assert not {"Kolm", "Hydro", "Sarnen Zoran Halil", "Sar", "Pul", "Nadia", "Karimov"} & {*names}


def test_a_table_tells_of_no_event() -> None:
    prices = (
        "Copper in Orlen on Monday: Tessel 311 up 4, Marrow 407 off 3, Brandow 122 up 1, and other metals hardly "
        "changed while trading was quiet."
    )
    a, b = told(prices), told(prices)
    assert not a.names
    assert not same_event(a, b, lambda _: 2, 1000)
    words = told(prices.replace(" 311 up 4", "").replace(" 407 off 3", "").replace(" 122 up 1", ""))
    assert len(words.names) == 4


@pytest.mark.slow
def test_of_pairs_of_one_day_few_are_said_to_tell_of_one_event(shared_data: Path, tmp_path: Path) -> None:
    with lzma.open(shared_data / "corpora" / "reuters21578.jsonl.xz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in islice(lines, 1500)]
    index = search.open(tmp_path / "index")
    index.add(
        search.Article(id=r["id"], title=r["title"] or None, body=r["body"], date=r["date"][:10]) for r in records
    )
    found = {
        frozenset((article.id, account.id))
        for article in islice(index, 100)
        for account in index.related(article.id, limit=99)
    }
    assert len(found) <= 10, found
    for a, b in map(sorted, found):
        assert len({index.get(a).date, index.get(b).date}) == 1 or index.relation(a, b).relation == "quote"


def test_what_many_articles_have_says_nothing() -> None:
    a, b = told(FALL), told(FALL)
    assert same_event(a, b, lambda _: 10, 500)
    assert not same_event(a, b, lambda _: 11, 500)
    assert same_event(a, b, lambda _: 200, 20_000)
    assert not same_event(a, b, lambda _: 201, 20_000)


def test_where_a_quotation_is_shared_days_may_differ_a_little() -> None:
    a = told(FALL)
    for date, is_same in (("2019-03-08", True), ("2019-03-09", False), (None, True)):
        b = told(FALL.replace("Monday", "Thursday"), date)
        assert not same_event(a, b, lambda _: 2, 1000)
        assert bool(same_event(a, b, lambda _: 2, 1000, is_quoted=True)) is is_same
