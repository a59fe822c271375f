"""What is said of a score, and of an article that is not found."""

import json
import pickle
from pathlib import Path

import pytest

import search
from search import Explanation, Miss

FERRY = (
    "The ferry sank off Odell on Sunday. Nobody was hurt. Divers looked for the hull, and found the bell of the ferry."
)
TRAM = "A tram stopped in Odell. The mayor was late for the ferry, and the crew of the second boat had to wait for him."


@pytest.fixture
def index(tmp_path: Path) -> search.Index:
    index = search.open(tmp_path / "index")
    index.add(
        [
            search.Article(id="ferry", title="Ferry sinks", body=FERRY, date="2021-08-10", path="news/ferry.txt"),
            search.Article(id="tram", title="Tram stops", body=TRAM),
            search.Article(id="dry", title="No rain", body="Odell had no rain in July.", date="2020-07-31"),
        ]
    )
    return index


def labels(explanation: Explanation) -> list[str]:
    return [explanation.label, *(label for part in explanation.parts for label in labels(part))]


@pytest.mark.parametrize("query", ["ferry", "ferry the odell^2", "ferry AND odell"])
def test_what_is_told_of_a_score_can_be_kept(query: str, index: search.Index) -> None:
    why = index.search(query, recency="30d")[0].explain()
    assert pickle.loads(pickle.dumps(why)) == why  # noqa: S301  # our own
    label, value, *_ = json.loads(json.dumps(why))
    assert (label, value) == (why.label, why.value)


def test_a_score_is_told_clause_by_clause_and_field_by_field(index: search.Index) -> None:
    hit = index.search("ferry odell^2")[0]
    why = hit.explain()
    assert why.value == pytest.approx(hit.score, abs=1e-9)
    clause, near = why.parts
    ferry, odell = clause.parts
    assert [part.label for part in ferry.parts] == ["title", "body"]
    assert ferry.parts[1].detail["tf"] == 2
    assert ferry.detail["articles"] == 2
    assert ferry.detail["idf"] == pytest.approx(0.47, abs=0.01)
    assert [part.label for part in odell.parts] == ["odell", "^2"]
    assert odell.parts[0].value == pytest.approx(odell.parts[1].value)
    assert near.label == "near each other"
    assert [part.label for part in near.parts] == ["ferry", "odell"]


def test_a_word_that_holds_others_together_takes_away(index: search.Index) -> None:
    the = index.search("the ferry")[0].explain().parts[0].parts[0]
    assert [part.value < 0 for part in the.parts] == [False, True]


def test_age_is_a_part_by_itself(index: search.Index) -> None:
    hits = index.search("odell", recency="30d", now="2021-08-10")
    recency = {hit.id: hit.explain().parts[-1] for hit in hits}
    assert recency["ferry"].detail["factor"] == pytest.approx(1.9)
    assert recency["tram"].detail["age_days"] == "median"
    assert index.search("odell", sort="newest")[0].explain().parts[-1].label == "odell"


def test_hits_are_equal_whoever_explains_them(index: search.Index) -> None:
    hit, again = index.search("ferry")[0], index.search("ferry")[0]
    assert hit == again
    assert hash(hit) == hash(again)
    away = pickle.loads(pickle.dumps(hit))  # noqa: S301  # made here
    assert away[:-1] == hit[:-1]
    with pytest.raises(search.QueryError, match="search again"):
        away.explain()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ferry", []),
        ("ferry zebra", []),
        ("zebra", [Miss("zebra", "does not stand in the article")]),
        (
            "ferry AND zebra AND lynx",
            [Miss("zebra", "does not stand in the article"), Miss("lynx", "does not stand in the article")],
        ),
        ("ferry w/5 zebra", [Miss("zebra", "does not stand in the article")]),
        ("sank w/5 divers", [Miss("sank w/5 divers", "no two within 5", "nearest distance 8, sentence 1")]),
        (
            "divers pre/3 nobody",
            [Miss("divers pre/3 nobody", "no two within 3", "nearest distance 3 in the other order, sentence 3")],
        ),
        (
            "sinks w/5 divers",
            [Miss("sinks w/5 divers", "no two within 5", "they stand in different parts of the article")],
        ),
        ("sank /s divers", [Miss("sank w/s divers", "no two in one sentence", "nearest distance 8, sentence 1")]),
        (
            "hurt pre/s sunday",
            [Miss("hurt pre/s sunday", "no two in one sentence", "nearest distance 3 in the other order, sentence 2")],
        ),
        ("allcaps(odell)", [Miss("allcaps(odell)", "is written otherwise", "stands in body")]),
        ('caps("the hull")', [Miss('caps("the hull")', "is written otherwise", "stands in body")]),
        ('"ferry odell"', [Miss('"ferry odell"', "its words stand further apart than 1", "distance 3, sentence 1")]),
        ('"divers ferry zebra"', [Miss('"divers ferry zebra"', "word 3 of the phrase does not stand in the article")]),
        ("title:divers", [Miss("title:divers", "is not in title", "stands in body")]),
        ("ferry NOT bell", [Miss("NOT bell", "the article has it", "stands in body, sentence 3")]),
        ("ferry date:2020", [Miss("date:[2020-01-01 TO 2021-01-01}", "published 2021-08-10")]),
        ("", []),
        ("...", [Miss("", "finds nothing")]),
    ],
)
def test_what_is_missing_is_named(index: search.Index, query: str, expected: list[Miss]) -> None:
    assert index.why_not(query, "ferry", all="date" in query) == expected
    found = [hit.id for hit in index.search(query, all="date" in query)]
    assert ("ferry" in found) == (not expected and query != "")


def test_a_path_is_as_good_as_an_id_and_a_period_may_be_missed(index: search.Index) -> None:
    assert index.why_not("ferry", "news/ferry.txt", until="2020") == [Miss("until 2020", "published 2021-08-10")]
    assert index.why_not("ferry", "tram", since="2020") == [Miss("since 2020", "the article has no date")]
    with pytest.raises(search.ArticleError, match="nowhere"):
        index.why_not("ferry", "nowhere")


def test_an_inferred_date_is_one(tmp_path: Path) -> None:
    with search.open(tmp_path) as index:
        index.add([search.Article(id="dated", body=FERRY, date="2021-08-10"), search.Article(id="copy", body=FERRY)])
        assert index.why_not("date:none", "copy") == [Miss("date:none", "published 2021-08-10 (inferred)")]
        assert index.why_not("ferry", "copy", since="2022") == [Miss("since 2022", "published 2021-08-10 (inferred)")]
        [miss] = index.why_not("date:2021", "copy", stated_dates_only=True)
        assert miss.reason == "the article has no date"


def test_the_end_of_a_path_will_do_if_no_other_ends_so(index: search.Index) -> None:
    assert index.why_not("ferry", "ferry.txt", until="2020") == [Miss("until 2020", "published 2021-08-10")]
    index.add([search.Article(id="other", body="Rain.", path="old/ferry.txt")])
    assert index.why_not("ferry", "old/ferry.txt") == [Miss("ferry", "does not stand in the article")]
    with pytest.raises(search.ArticleError, match=r"2 articles .* ferry, other"):
        index.why_not("ferry", "ferry.txt")
    with pytest.raises(search.ArticleError):
        index.why_not("ferry", "")


def test_the_rank_of_what_is_found_is_told(index: search.Index) -> None:
    for recency in (None, "30d"):
        hits = index.search("odell ferry", group=False, recency=recency)
        for rank, hit in enumerate(hits, 1):
            assert index.standing("odell ferry", hit.id, recency=recency) == (rank, 3, hit.score, None, None)
    assert index.standing("zebra", "ferry") is None
    index.add([search.Article(id=f"copy-{n}", body=FERRY) for n in range(9)])
    hits = index.search("ferry bell", group=False, limit=20)
    assert len(hits) == 11
    tenth = hits[9]
    standing = index.standing("ferry bell", tenth.id)
    assert standing == (10, 11, tenth.score, tenth.score, index.search("ferry bell")[0].id)


def test_the_command_prints_it(index: search.Index, capsys: pytest.CaptureFixture[str]) -> None:
    from search.cli import run

    place = ["--index", index.location]
    assert run(["find", "ferry odell", "--why", *place]) == 0
    assert "near each other" in capsys.readouterr().out
    assert run(["find", "ferry odell", "--why", "--json", *place]) == 0
    [hit, *_] = json.loads(capsys.readouterr().out)["hits"]
    assert hit["why"]["value"] == pytest.approx(hit["score"], abs=1e-9)
    assert set(hit["why"]) == {"label", "value", "parts", "detail"}
    assert run(["find", "zebra", "--why-not", "ferry", *place]) == 0
    assert capsys.readouterr().out == "zebra: does not stand in the article\n"
    assert run(["find", "ferry", "--why-not", "ry.txt", *place]) == 0
    assert capsys.readouterr().out.startswith("ferry is found: rank 1 of 2, score 0.")
    assert run(["find", "ferry", "--why-not", "ferry", "--json", *place]) == 0
    assert json.loads(capsys.readouterr().out)["standing"]["rank"] == 1
    assert run(["find", "zebra", "--why-not", "nowhere", *place]) == 2
