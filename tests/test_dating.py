"""Dates that are inferred: an undated copy is of the day of the article that it copies, and no more is inferred."""

import itertools
import random
from pathlib import Path

import pytest

import search
from search import Article
from search.engine.dating import Dating
from search.engine.folding import Folding
from search.text.moments import moment

WIRE = (
    "The ferry left the north quay of Odell at six in the morning, the office of harbours said. "
    "Forty men and two lorries were aboard, and nobody was hurt when the prow struck the wall of the lock. "
    "The harbours of the coast have had pilots of their own since the spring of the year before."
)
PART = (
    "The mayor of Odell wept. A bell rang out over the bay for an hour, and the shops stayed closed until the evening. "
)
ARTICLES = (
    Article(id="wire", body=WIRE, date="2021-08-10T23:30:00-05:00"),
    Article(id="later", body=f"Again: {WIRE}", date="2021-08-12"),
    Article(id="copy", body=f"{WIRE} The fog stayed."),
    Article(id="same", body=WIRE),
    Article(id="partial", body=f"{PART * 1}{WIRE[: len(WIRE) // 2]}"),
    Article(
        id="copy of a copy", body=f"{PART}{PART.replace('bell', 'horn').replace('bay', 'town')}{WIRE} The fog stayed."
    ),
    Article(id="rain", body="Rain fell on the ferry in the lock.", date="2021-08-11T12:00"),
    Article(id="snow", body="Snow fell on the ferry in the lock."),
)


@pytest.fixture
def index(tmp_path: Path) -> search.Index:
    index = search.open(tmp_path / "index")
    index.add(ARTICLES)
    return index


def dates(index: search.Index, **options: bool) -> dict[str, tuple[str | None, str | None]]:
    hits = index.search("ferry", group=False, limit=99, **options)  # type: ignore[arg-type]  # one option
    return {hit.id: (hit.date, hit.date_source) for hit in hits}


def test_an_undated_copy_is_of_the_day_of_its_original(index: search.Index) -> None:
    found = dates(index)
    assert found["same"] == ("2021-08-10", "inferred from wire")
    assert found["copy"] == ("2021-08-10", "inferred from wire")
    for name in ("partial", "snow"):
        assert found[name] == (None, None)
    assert found["wire"] == ("2021-08-10T23:30:00-05:00", "stated: field")
    stated = dates(index, stated_dates_only=True)
    assert {name for name, (date, _) in stated.items() if date} == {"wire", "later", "rain"}
    assert index.get("same").date is None


def ids(index: search.Index, query: str = "ferry", **options: object) -> list[str]:
    return [hit.id for hit in index.search(query, group=False, limit=99, **options)]  # type: ignore[arg-type]  # any


def test_ranges_and_orders_heed_what_is_inferred(index: search.Index) -> None:
    day = {"wire", "same", "copy"} | {name for name in ("copy of a copy",) if dates(index)[name][0]}
    assert set(ids(index, since="2021-08-10", until="2021-08-10")) == day
    assert set(ids(index, "ferry date:2021-08-10")) == day
    assert set(ids(index, "", since="2021-08-10", until="2021-08-10")) == day
    assert not set(ids(index, "ferry date:none")) & day
    assert ids(index, since="2021-08-10", until="2021-08-10", stated_dates_only=True) == ["wire"]
    assert {"same", "copy"} <= set(ids(index, "ferry date:none", stated_dates_only=True))
    newest = ids(index, sort="newest")
    assert newest[:2] == ["later", "rain"]
    assert newest[2] == "wire"
    assert set(newest[2 : 2 + len(day)]) == day
    assert set(ids(index, sort="oldest")[: len(day)]) == day
    assert ids(index, sort="newest", stated_dates_only=True)[:3] == ["later", "rain", "wire"]
    assert index.why_not("ferry", "same", since="2021-08-10") == []
    assert index.why_not("ferry", "same", since="2021-08-10", stated_dates_only=True)
    # Only what is stated is among the words.
    assert set(ids(index, "2021-08-10")) == {"wire"}
    [fresh] = [hit for hit in index.search("ferry", recency="1d", now="2021-08-12", group=False) if hit.id == "same"]
    assert fresh.explain().value == pytest.approx(fresh.score)


def test_facets_and_timelines_heed_what_is_inferred(index: search.Index) -> None:
    day = sum(date is not None and date[:10] == "2021-08-10" for date, _ in dates(index).values())
    assert day >= 3
    inferred = {"2021-08-10": day, "2021-08-11": 1, "2021-08-12": 1}
    stated = dict.fromkeys(inferred, 1)
    for only, expected in ((False, inferred), (True, stated)):
        results = index.search("ferry", stated_dates_only=only)
        assert results.facets("day", "month", "source") == {
            "day": expected,
            "month": {"2021-08": sum(expected.values())},
            "source": {},
        }
        found = index.timeline("ferry", "day", stated_dates_only=only)
        assert {bucket.start: bucket.articles for bucket in found.buckets} == expected
        assert found.unknown == results.total - sum(expected.values())
        [first, *_] = index.similar(id="wire", sort="oldest", group=False, stated_dates_only=only)
        assert (first.date == "2021-08-10") is not only
    # As precise as the date that is stated.
    index.delete(["wire", "later"])
    index.add([Article(id="first", body=WIRE, date="2021-08")])
    assert index.search("ferry").facets("day", "month") == {"day": {"2021-08-11": 1}, "month": {"2021-08": day + 1}}


def test_what_is_inferred_is_told_apart(index: search.Index) -> None:
    assert index.published("same") == ("2021-08-10", "inferred from wire")
    assert index.published("wire") == ("2021-08-10T23:30:00-05:00", "stated: field")
    assert index.published("snow") == (None, None)
    with pytest.raises(search.ArticleError):
        index.published("nowhere")


def test_orders_are_the_same_whatever_the_segments(tmp_path: Path) -> None:
    chance = random.Random(1)
    made = [Article(id=f"{n:02}", body="The ferry sank.", date=f"2021-08-{n % 3 + 10}") for n in range(12)]
    made += [Article(id=f"{'zyx'[n % 3]}{n}", body=WIRE, date="2021-08-11" if n == 3 else None) for n in range(9)]
    expected: dict[str, list[str]] = {}
    for number in range(4):
        chance.shuffle(made)
        index = search.open(tmp_path / str(number))
        for at in range(0, len(made), 5 + 5 * number):
            index.add(made[at : at + 5 + 5 * number])
        if number % 2:
            index.compact()
        for sort, limit in itertools.product(("newest", "oldest"), (3, 7, 99)):
            found = [hit.id for hit in index.search("ferry", sort=sort, limit=limit, group=False)]
            whole = expected.setdefault(
                sort, [hit.id for hit in index.search("ferry", sort=sort, limit=99, group=False)]
            )
            assert found == whole[:limit]


def test_a_date_goes_with_the_article_that_states_it(index: search.Index) -> None:
    index.delete(["wire"])
    assert dates(index)["same"] == ("2021-08-12", "inferred from later")
    index.delete(["later"])
    assert dates(index)["same"] == (None, None)
    index.add([Article(id="first", body=WIRE, date="2021-08")])
    assert dates(index)["copy"] == ("2021-08", "inferred from first")


def test_what_an_article_only_contains_tells_nothing_of_its_day(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    briefs = [f"{PART}In ward {name} the {name} lamps of the {name} quay went out at {name} o'clock." for name in "abc"]
    briefs[1:] = [WIRE, WIRE.replace("the", "some").replace("ferry", "barge").replace("of", "in")]
    index.add(Article(id=f"{n}", body=body, date=f"201{n}-03-01") for n, body in enumerate(briefs))
    index.add([Article(id="digest", body="\n\n".join(briefs)), Article(id="one", body=f"{WIRE} Nobody knows why.")])
    assert index.relation("0", "digest").relation == "copy"
    assert index.published("digest") == (None, None)
    assert index.published("one") == ("2011-03-01", "inferred from 1")


def test_of_the_five_one_is_dated_by_its_copy(tmp_path: Path, shared_data: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add(search.read([shared_data / "seeds"]))
    found = {
        hit.id.rpartition("/")[2][:3]: (hit.date, hit.date_source) for hit in index.search("kabul OR us", group=False)
    }
    second = next(article.id for article in index if "002_" in article.id)
    assert found == {
        "000": (None, None),
        "001": ("2021-08-10", f"inferred from {second}"),
        "002": ("2021-08-10", "stated: prefix"),
        "003": (None, None),
        "004": (None, None),
    }


@pytest.mark.parametrize("share", [0.05, 0.3, 0.7, 0.95])
def test_the_same_dates_are_inferred_whether_dated_or_undated_articles_are_fewer(tmp_path: Path, share: float) -> None:
    chance = random.Random(int(100 * share))
    words = "harbour ferry minister talks border snow bridge council flood school engine market valley orchard".split()
    texts = [" ".join(chance.choices(words, k=60)) for _ in range(25)]
    made = []
    for n in range(120):
        text = chance.choice(texts)
        body = chance.choice([text, f"{text} snow", f"Ferry: {text}", text[: chance.randint(60, 300)]])
        day = f"2021-08-{chance.randint(1, 28):02}" if chance.random() < share else None
        made.append(Article(id=f"{n:03}", body=body, date=day))
    index = search.open(tmp_path)
    index.add(made)
    snapshot = index._view.opened()[1]
    each, whole = Dating(Folding(snapshot)), Dating(Folding(snapshot)).snapshot
    inferred = 0
    for doc in snapshot:
        stated, found = snapshot.when[doc], each.date(doc)
        inferred += found is not None
        assert whole.when[doc] == (moment(found.date).seconds if found else stated)
    assert inferred > 3


def test_where_no_article_has_a_date_no_copy_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = search.open(tmp_path)
    index.add([Article(id=str(n), body=WIRE) for n in range(3)])
    monkeypatch.setattr("search.engine.dating.Dating.date", None)  # cannot be called
    assert not index.search("ferry", since="2021", limit=0).total
