"""The face: what a program that embeds the index relies on."""

import datetime
import gc
import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import search
from search import Article, ArticleError, CorruptionError, IndexMissingError, LockedError, QueryError, SearchError
from search.engine.nearness import FIRST
from search.engine.snapshot import Snapshot
from search.model import Zone
from search.question import half_life
from search.view import View

SEEDS = Path(__file__).parents[1] / "seeds"
FERRY = Article(
    id="ferry",
    title="Ferry strikes quay in Odell",
    body="ODELL (Reuters) - A ferry struck the quay on Monday, injuring nine people, officials said.\n\n"
    "READ MORE: Odell harbour to close for repairs\n\n"
    "“We heard a long scrape,” said Mara Voss, a harbour pilot. She had warned of air-strikes of gulls.\n",
    date=datetime.date(2021, 8, 10),
    source="Reuters",
)
DAM = Article(
    id="dam", body="The Harrow dam held. Engineers opened the flood gates.", date="2021-08", author="Ivo Lindqvist"
)
PUMP = Article(
    id="pump",
    title="Pumps fail",
    body="Pumps failed in Harrow. The U.S. sent pumps.",
    url="http://x.example/1",
    meta={"topic": "water"},
)


@pytest.fixture
def index(tmp_path: Path) -> search.Index:
    opened = search.open(tmp_path / "index")
    opened.add([FERRY, DAM, PUMP])
    return opened


def ids(results: Sequence[search.Hit]) -> list[str]:
    return [hit.id for hit in results]


def test_articles_come_back_as_they_were_given(index: search.Index) -> None:
    assert len(index) == 3
    assert "dam" in index
    assert "nothing" not in index
    back = index.get("pump")
    assert (back.title, back.text, back.url, back.meta) == (PUMP.title, PUMP.body, PUMP.url, PUMP.meta)
    assert index.get("ferry").date == "2021-08-10"
    assert sorted(article.id for article in index) == ["dam", "ferry", "pump"]
    with pytest.raises(ArticleError, match="nothing"):
        index.get("nothing")


def test_a_hit_has_passages_with_exact_highlights(index: search.Index) -> None:
    [hit] = index.search("scrape").hits
    [passage] = hit.passages
    assert hit.title == FERRY.title
    assert FERRY.text[passage.start : passage.end] == passage.text
    assert [FERRY.text[a:b] for a, b in passage.highlights] == ["scrape"]
    assert passage.text.startswith("“We heard a long scrape,”")
    assert passage.line == 5
    assert passage.html() == passage.text.replace("scrape", "<mark>scrape</mark>")


def test_html_is_escaped(tmp_path: Path) -> None:
    index = search.open(tmp_path)
    index.add([Article(id="x", body='A <b>bold</b> & "quoted" claim.')])
    [hit] = index.search("bold claim").hits
    assert hit.passages[0].html() == (
        "A &lt;b&gt;<mark>bold</mark>&lt;/b&gt; &amp; &quot;quoted&quot; <mark>claim</mark>."
    )


def test_furniture_is_found_but_never_shown(index: search.Index) -> None:
    [hit] = index.search("repairs").hits
    assert hit.id == "ferry"
    assert "READ MORE" not in hit.passages[0].text
    assert hit.passages[0].highlights == ()


def test_all_words_of_a_loose_phrase_are_marked_however_they_are_joined(tmp_path: Path) -> None:
    with search.open(tmp_path) as index:
        index.add([Article(id="a", body="A ferry saw US air-strikes strik-ing it.")])
        [passage] = index.search('"US strike"~3').hits[0].passages
        assert [passage.text[slice(*each)] for each in passage.highlights] == ["US", "strikes", "strik-ing"]


def test_no_phrase_goes_from_the_text_into_a_title_beside_it(tmp_path: Path) -> None:
    with search.open(tmp_path) as index:
        index.add([Article(id="a", title="Strikes at sea", body="A ferry strik-ing ferry.")])
        index.add([Article(id="b", title="Strikes ferry US strik-ing", body="The US.")])
        [hit] = index.search('"ferry strike"')
        assert [hit.passages[0].text[slice(*each)] for each in hit.passages[0].highlights] == ["ferry strik-ing"]
        [hit] = index.search('"US strike"')
        assert [(hit.title or "")[slice(*each)] for each in hit.title_highlights] == ["US strik-ing"]


def test_a_phrase_is_marked_as_one_and_a_lone_word_is_not(index: search.Index) -> None:
    [hit] = index.search('"officials said"').hits
    assert [FERRY.text[a:b] for a, b in hit.passages[0].highlights] == ["officials said"]


def test_dates_are_found_as_words_and_as_periods(index: search.Index) -> None:
    assert ids(index.search("2021-08-10")) == ["ferry"]
    assert ids(index.search('"10 August 2021"')) == ["ferry"]
    assert set(ids(index.search("August 2021"))) == {"ferry", "dam"}
    assert ids(index.search("date:2021-08-10")) == ["ferry"]
    assert ids(index.search(since="2021-08-02")) == ["ferry"]
    assert ids(index.search(until="2021-08")) == ["ferry", "dam"]
    assert ids(index.search("date:none")) == ["pump"]
    assert ids(index.search("harrow", since="2021")) == ["dam"]
    for query in ("harrow", ""):
        assert index.search(query, since="2022", until="2021").notes == ("No day is in both: since 2022 until 2021.",)
        assert index.search(query, since="2021-08", until="2021-08").notes == ()


def test_an_article_is_in_a_period_that_has_all_that_is_known_of_its_date(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    dates = {"year": "2021", "month": "2021-08", "day": "2021-08-01", "time": "2021-08-01T14:00", "january": "2021-01"}
    index.add([search.Article(id=name, body="Rain.", date=date) for name, date in dates.items()])

    def found(query: str) -> str:
        return " ".join(sorted(ids(index.search(query, group=False))))

    assert found("date:2021") == "day january month time year"
    assert found("date:2021-08") == "day month time"
    assert found("date:2021-08-01") == found("date:[2021-08-01 to 2021-08-30]") == "day time"
    assert found("date:[2021-08-01 to 2021-08-31]") == "day month time"
    assert found("date:2021-01") == "january"
    assert found("date:2021-01-01") == ""
    assert found("until:2021-08-10") == "day january time"
    assert found("until:2021-08") == "day january month time"
    assert found("date:<2022") == found("since:2021") == "day january month time year"
    assert found("since:2021-08-01") == "day month time"
    assert ids(index.search(since="2021-08-01", until="2021-08-01", sort="oldest", group=False)) == ["day", "time"]
    assert index.search(until="2021-08-10").facets("day") == {"day": {"2021-08-01": 2}}
    assert [miss.reason for miss in index.why_not("date:2021-08-01", "month")] == ["published 2021-08"]
    # What is highlighted fits, too.
    [hit] = [hit for hit in index.search("(rain AND date:2021-08-01) OR *", group=False) if hit.id == "month"]
    assert not any(passage.highlights for passage in hit.passages)


def test_the_country_and_the_pronoun(index: search.Index) -> None:
    assert ids(index.search("US")) == ids(index.search("U.S.")) == ids(index.search("us")) == ["pump"]


def test_hyphens_match_whole_and_in_parts(index: search.Index) -> None:
    for query in ("air-strikes", '"air strikes"', "airstrikes", "airstrike"):
        assert ids(index.search(query)) == ["ferry"], query


def test_fields_narrow_a_search(index: search.Index) -> None:
    assert ids(index.search("title:pumps")) == ["pump"]
    assert ids(index.search("source:reuters")) == ["ferry"]
    assert ids(index.search("author:lindqvist")) == ["dam"]
    assert ids(index.search("title:harrow")) == []


def test_order_and_paging(index: search.Index) -> None:
    every = ids(index.search("*"))
    assert every == ["ferry", "dam", "pump"]
    assert ids(index.search("*", limit=1, offset=1)) == every[1:2]
    assert ids(index.search("*", sort="oldest")) == ["dam", "ferry", "pump"]
    assert ids(index.search("*", sort="newest", limit=2)) == ["ferry", "dam"]
    assert index.search("*", limit=0).total == 3


def test_all_asks_for_every_word(index: search.Index) -> None:
    assert set(ids(index.search("harrow pumps"))) == {"dam", "pump"}
    assert ids(index.search("harrow pumps", all=True)) == ["pump"]


def test_a_half_life_is_a_number_and_a_unit_or_its_word() -> None:
    for texts, days in (
        (("12h", "12 hours"), 0.5),
        (("30d", " 30 days ", "30 D", "30.0d"), 30),
        (("1w", "1 week"), 7),
        (("2m", "2months"), 60.875),
        (("1y", "1 year"), 365.25),
    ):
        assert {half_life(text) for text in texts} == {days * 86_400}
    for wrong in ("30min", "30 minutes", "2 decades", "1 yard", "30", "d", "-1d", "1d2h", "0 days", "٣d"):
        with pytest.raises(QueryError, match=r"^recency .*[;:] (write|give)[^\n]*$"):
            half_life(wrong)


def test_recency_lifts_the_newer_and_drowns_nothing(tmp_path: Path) -> None:
    index = search.open(tmp_path)
    index.add(
        [
            Article(id="old", body="harbour", date="2001-01-01"),
            Article(id="new", body="harbour", date="2021-01-01"),
            Article(id="best", body="harbour harbour harbour harbour harbour ferry", date="1990-01-01"),
            Article(id="none", body="nothing of the kind"),
        ]
    )
    now = "2021-01-02"
    assert ids(index.search("harbour ferry", recency="30d", now=now)) == ["best", "new", "old"]


def test_undated_articles_are_as_fresh_as_the_median(tmp_path: Path) -> None:
    index = search.open(tmp_path)
    dates = ("2021-01-01", "2021-01-11", "2021-01-21", None)
    index.add([Article(id=date or "undated", body="harbour", date=date) for date in dates])
    scores = {hit.id: hit.score for hit in index.search("harbour", recency="10d", now="2021-01-21")}
    assert scores["undated"] == scores["2021-01-11"]
    assert scores["2021-01-21"] / 1.9 == pytest.approx(scores["2021-01-11"] / 1.45)


def test_twice_as_relevant_is_never_overtaken_by_age_alone(tmp_path: Path) -> None:
    index = search.open(tmp_path)
    words = ["harbour", "ferry", "bridge", "tunnel"]
    index.add(
        [Article(id=f"{n} old", body=" ".join(words[:n]), date="1990-01-01") for n in (2, 4)]
        + [Article(id=f"{n} new", body=" ".join(words[:n]), date="2021-01-01") for n in (1, 2)]
    )
    index.set(b_body=0.0)
    query = " ".join(words)
    plain = {hit.id: hit.score for hit in index.search(query)}
    for recency in ("1h", "1d", "30d", "10y"):
        fresh = {hit.id: hit.score for hit in index.search(query, recency=recency, now="2021-01-01")}
        for one, other in [(a, b) for a in plain for b in plain if plain[a] >= 2 * plain[b]]:
            assert fresh[one] > fresh[other], (half_life, one, other)


def test_age_multiplies_what_the_score_would_be_without_it(tmp_path: Path) -> None:
    """The articles that nearness is looked at in are chosen without regard to age."""
    index = search.open(tmp_path)
    words = ["harbour", "ferry", "bridge", "tunnel"]
    filler = " ".join(f"word{n}" for n in range(400))
    brief = " ".join(f"other{n}" for n in range(60))
    index.add([Article(id="old", body=f"{' '.join(words)} {filler}", date="1990-01-01")])
    index.add([Article(id=f"{n}", body=f"{words[n % 4]} {brief}", date="2021-01-01") for n in range(2 * FIRST)])
    query = " ".join(words)
    plain = {hit.id: hit.score for hit in index.search(query, limit=99, group=False)}
    assert plain["old"] > 2 * max(score for name, score in plain.items() if name != "old")
    for limit in (1, FIRST, 99):
        hits = index.search(query, limit=limit, group=False, recency="30d", now="2021-01-01")
        assert hits[0].id == "old"
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        for hit in hits:
            assert hit.score == pytest.approx(plain[hit.id] * (1.0 if hit.id == "old" else 1.9))
            assert hit.explain().value == pytest.approx(hit.score)


def test_impossible_options_are_errors(index: search.Index) -> None:
    impossible: list[dict[str, Any]] = [
        {"limit": -1},
        {"passages": 0},
        {"sort": "random"},
        {"recency": "soon"},
        {"since": "2021-02-30"},
        {"now": "noon"},
    ]
    for options in impossible:
        with pytest.raises(QueryError):
            index.search("x", **options)


def test_odd_queries_are_answered(index: search.Index) -> None:
    for query in ("military's offensive", '"unclosed', "((", ":", "😀", "", "   ", "C++", "a" * 100_000, "\x00"):
        results = index.search(query)
        assert isinstance(results.reading, str)
    assert index.search("😀").notes
    assert index.search("").total == 0


def test_writing_is_incremental(index: search.Index) -> None:
    assert index.add([FERRY, DAM]) == search.Added(0, 0, 2, 0, 0)
    changed = Article(id="dam", body="The Harrow dam broke.")
    assert index.add([changed]) == search.Added(0, 1, 0, 0, 0)
    assert index.get("dam").text == changed.body
    assert len(index) == 3
    assert index.search("gates").total == 0
    assert index.check() == []


def test_an_article_is_named_by_part_of_its_path(tmp_path: Path) -> None:
    index = search.open(tmp_path)
    paths = {"a": "in/001_wire.txt", "b": "in/002_wire.txt", "c": "out/0021.txt", "d": "001/003_wire.txt"}
    index.add([Article(id=id, body="Snow.", path=path) for id, path in paths.items()])
    named = {"a": "a", "in/002_wire.txt": "b", "1_wire.txt": "a", "001": "a", "002_": "b", "0021": "c", "003_wire": "d"}
    for name, id in named.items():
        assert index.resolve(name) == id
    for name, said in (
        ("wire.txt", "3 articles have a path that ends in 'wire.txt'; name one, such as a, b, d"),
        ("002", "2 articles have a file whose name begins with '002'; name one, such as b, c"),
        ("in/001", "no article has the id or path 'in/001'"),
        ("", "no article has the id or path ''"),
        ("\ud800", r"no article has the id or path '\ud800'"),
    ):
        with pytest.raises(search.ArticleError, match=re.escape(said)):
            index.resolve(name)


def test_the_last_of_the_same_id_wins(tmp_path: Path) -> None:
    index = search.open(tmp_path)
    index.add([Article(id="a", body="one"), Article(id="a", body="two"), Article(id="a", body="three")])
    assert len(index) == 1
    assert index.get("a").text == "three"
    assert index.search("one two").total == 0
    assert index.check() == []


def test_an_id_of_another_path_is_refused_on_request(tmp_path: Path) -> None:
    index = search.open(tmp_path)
    refused: list[tuple[str, str]] = []
    added = index.add(
        [Article(id="1", body="one", path="a.jsonl"), Article(id="1", body="two", path="b.jsonl")],
        refuse=lambda article, path: refused.append((article.path or "", path)),
    )
    assert added == search.Added(1, 0, 0, 1, 0)
    assert refused == [("b.jsonl", "a.jsonl")]
    assert index.get("1").text == "one"


def test_prune_removes_what_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    news = tmp_path / "news"
    news.mkdir()
    (news / "a.txt").write_text("The ferry left.")
    (news / "b.txt").write_text("The ferry came.")
    (tmp_path / "other.txt").write_text("The ferry sank.")
    index = search.open("index")
    index.add(search.read(["news", "other.txt"]))
    (news / "b.txt").unlink()
    assert index.add(search.read(["news"]), prune=["news"]).removed == 1
    assert sorted(article.id for article in index) == ["news/a.txt", "other.txt"]


def test_a_writer_is_all_or_nothing(index: search.Index) -> None:
    def fail_at_last(writer: search.Writer) -> None:
        with writer:
            writer.add(Article(id="new", body="New."))
            writer.delete("dam")
            writer.delete("nothing")

    with pytest.raises(ArticleError):
        fail_at_last(index.writer())
    assert "new" not in index
    assert "dam" in index
    with pytest.raises(ArticleError), index.writer() as writer:
        writer.update(Article(id="nothing", body="x"))
    with index.writer() as writer:
        writer.update(Article(id="dam", body="Gone."))
        writer.delete("ferry")
    assert len(index) == 2
    assert index.check() == []


def test_a_writer_that_was_left_says_that_nothing_is_changed_any_more(index: search.Index) -> None:
    writer = index.writer()
    for _ in range(2):
        with pytest.raises(ValueError, match="inside its `with` block"):
            writer.add(Article(id="late", body="The dam of Odell holds."))
        with writer:
            writer.add(Article(id="new", body="The dam of Odell broke."))
        for change in (writer.delete, lambda id: writer.update(Article(id=id, body="No dam."))):
            with pytest.raises(ValueError, match="inside its `with` block"):
                change("new")
    assert "new" in index
    assert "late" not in index


def test_bad_articles_are_named(index: search.Index) -> None:
    for article in (
        Article(id="", body="x"),
        Article(id="x", body="x", date="2021-02-30"),
        Article(id="x", body="abc", zones=(search.Zone("body", 0, 9),)),
        Article(id="x", body=None),  # type: ignore[arg-type]  # wrong on purpose
        Article(id="x", body="abc", zones=(("body", 0, 3),)),  # type: ignore[arg-type]
        Article(id="x", body="abc", zones=(search.Zone("lead", 0, 3),)),  # type: ignore[arg-type]
        {"id": "x", "body": "abc"},
        "x",
    ):
        for jobs in (1, 2):
            with pytest.raises(ArticleError):
                index.add([article], jobs=jobs)  # type: ignore[list-item]
        with pytest.raises(ArticleError), index.writer() as writer:
            writer.add(article)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"add\(\[article\]\)"):
        index.add(FERRY)  # type: ignore[arg-type]
    assert len(index) == 3


def test_an_id_that_is_no_text_is_that_of_no_article(index: search.Index) -> None:
    wrong: Any
    for wrong in (None, 5, b"dam"):
        why_not = partial(index.why_not, "dam")
        for ask in (index.get, index.published, index.resolve, index.related, why_not, lambda id: index.delete([id])):
            with pytest.raises(ArticleError, match=f"no article has the id .*{wrong!r}"):
                ask(wrong)
    assert len(index) == 3


def test_one_writer_at_a_time(index: search.Index) -> None:
    with index.writer(), pytest.raises(LockedError, match=str(os.getpid())):
        search.open(index.location).add([FERRY])
    index.add([Article(id="later", body="x")])


@pytest.mark.parametrize("month", ["January", "February", "July", "August"])
def test_the_date_is_found_by_its_words(tmp_path: Path, month: str) -> None:
    number = ["January", "February", "", "", "", "", "July", "August"].index(month) + 1
    index = search.open(tmp_path / "new")
    index.add([search.Article(id="1", body="Rain.", date=f"2021-{number:02}-03"), search.Article(id="2", body="Sun.")])
    for query in (month, month.lower(), f'"3 {month}"', f'"{month} 2021"', f"={month.lower()}", f"date:{month[:3]}*"):
        assert [hit.id for hit in index.search(query)] == ["1"], query


def test_each_token_counts_of_a_word_broken_by_a_hyphen(tmp_path: Path) -> None:
    index = search.open(tmp_path / "new")
    index.add(
        [
            search.Article(id="1", body="Walk-ing home, she met nobody. Air-strikes; airlines."),
            search.Article(id="2", body="No."),
        ]
    )

    def frequency(query: str) -> object:
        (hit,) = index.search(query).hits
        part = hit.explain().parts[0].parts[0]
        return part.detail["tf"], hit.passages[0].highlights

    assert frequency("walk") == (2, ((0, 8),)) == frequency("walk*")  # the word and its first part
    assert frequency("air*") == (3, ((31, 42), (44, 52)))
    assert frequency("caps(walk)") == (1, ((0, 8),))  # a word in some case counts once where it stands
    assert frequency("caps(air*)") == (1, ((31, 42),))
    assert frequency('"walk ing home"') == (1, ((0, 13),))
    assert frequency('"walk home"~2') == (1, ((0, 8), (9, 13)))


def test_a_reader_keeps_its_snapshot(index: search.Index) -> None:
    reader = search.open(index.location)
    index.add([Article(id="new", body="A harbour.")])
    index.delete(["ferry"])
    index.compact()
    assert len(reader) == 3
    assert ids(reader.search("harbour")) == ["ferry"]
    reader.refresh()
    assert ids(reader.search("harbour")) == ["new"]


def test_an_index_that_is_not_there(tmp_path: Path) -> None:
    index = search.open(tmp_path / "none")
    assert len(index) == 0
    for call in (lambda: index.search("x"), index.stats, index.check, lambda: index.delete(["x"])):
        with pytest.raises(IndexMissingError):
            call()
    assert not (tmp_path / "none").exists()


def test_articles_and_settings_change_in_one_commit(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add([search.Article(id="a", body="One.")], settings={"k1": 2.0})
    assert index._view.commit is not None
    assert (index._view.commit.generation, index.settings()["k1"], len(index)) == (1, 2.0, 1)
    with pytest.raises(QueryError, match="k2"):
        index.add([search.Article(id="b", body="Two.")], settings={"k2": 2.0})
    assert len(index) == 1


def test_settings_change_scores_without_indexing_again(index: search.Index) -> None:
    before = index.search("pumps")[0].score
    names = sorted(Path(index.location).iterdir())
    index.set(weight_title=0.0, k1=2.0)
    assert index.settings()["k1"] == 2.0
    assert index.search("pumps")[0].score != before
    assert sorted(Path(index.location).iterdir()) == names
    assert search.open(index.location).settings()["weight_title"] == 0.0
    with pytest.raises(QueryError, match="k2"):
        index.set(k2=1.0)
    with pytest.raises(QueryError, match="b_body"):
        index.set(b_body=2.0)


def test_the_language_is_kept(tmp_path: Path) -> None:
    index = search.open(tmp_path)
    index.add([Article(id="a", body="Les élections municipales")], language="french")
    assert index.settings()["language"] == "french"
    assert ids(search.open(tmp_path).search("election municipale")) == ["a"]
    with pytest.raises(SearchError, match="french"):
        index.add([], language="english")


def test_damage_is_found(index: search.Index) -> None:
    [segment] = Path(index.location).glob("*.segment")
    data = bytearray(segment.read_bytes())
    data[100] ^= 1
    segment.write_bytes(data)
    assert any(str(segment) in problem for problem in search.open(index.location).check())
    commit = Path(index.location) / "commit.json"
    commit.write_text(commit.read_text().replace('"generation": 1', '"generation": 2'))
    with pytest.raises(CorruptionError, match=r"commit\.json"):
        search.open(index.location)


def test_one_id_or_query_in_place_of_several_is_the_callers_mistake(index: search.Index) -> None:
    n = len(index)
    with pytest.raises(TypeError, match=r"not one id: delete\(\['12'\]\)"):
        index.delete("12")
    with pytest.raises(TypeError, match="not one query"):
        next(index.search_many("ab"))
    assert len(index) == n


def test_stats_count_days_by_the_clock_of_the_outlet(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add([search.Article(id="late", body="Snow fell.", date="2021-08-10T23:30:00-05:00")])
    assert (index.stats().first, index.stats().last) == ("2021-08-10", "2021-08-10")


def test_stats(index: search.Index) -> None:
    stats = index.stats()
    assert (stats.articles, stats.dated, stats.first, stats.last, stats.deleted) == (
        3,
        2,
        "2021-08-01",
        "2021-08-10",
        0,
    )
    assert sum(stats.parts.values()) <= stats.bytes


def test_results_are_a_sequence(index: search.Index) -> None:
    results = index.search("harrow pumps ferry", passages=3)
    assert len(results) == 3
    assert results[:1] == (results[0],)
    scores = [passage.score for passage in results.passages]
    assert scores == sorted(scores, reverse=True)
    assert {passage.id for passage in results.passages} == {"ferry", "dam", "pump"}


def test_another_process_sees_the_commit(index: search.Index) -> None:
    script = f"import search; print([h.id for h in search.open({index.location!r}).search('ferry')])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.replace("'", '"')) == ["ferry"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"title": 5}, "a: the title is int, not text"),
        ({"source": ["NNA"]}, "a: the source is list, not text"),
        ({"meta": None}, "a: the meta is NoneType, not a mapping of text to text"),
        ({"meta": {"k": 1}}, "a: meta has 'k': 1, and both are to be text"),
        ({"meta": {1: "k"}}, "a: meta has 1: 'k', and both are to be text"),
        ({"date": 5}, "a: 5 is no date"),
        ({"body": None}, "a: the body is NoneType, not text"),
        ({"id": ["a"]}, "an article: has no id"),
    ],
)
@pytest.mark.parametrize("jobs", [1, 2])
def test_what_is_no_text_is_named(wrong: dict[str, Any], says: str, jobs: int, index: search.Index) -> None:
    with pytest.raises(ArticleError) as error:
        index.add([Article(**({"id": "a", "body": "Fog."} | wrong))], jobs=jobs)
    assert str(error.value).startswith(says)
    assert len(index) == 3


@pytest.mark.parametrize("zone", [None, datetime.UTC])
def test_a_time_with_fractions_of_a_second_bounds_a_search(zone: datetime.tzinfo | None, index: search.Index) -> None:
    time = datetime.datetime(2021, 8, 9, 14, 30, 5, 123456, zone)
    assert ids(index.search("ferry harrow", since=time)) == ["ferry"]
    assert ids(index.search("ferry harrow", until=time)) == []
    assert ids(index.search("ferry harrow", until=time.replace(day=11))) == ["ferry"]


@pytest.mark.parametrize("zone", ["", "Z", "+02:00", "-0500"])
def test_a_time_as_an_index_prints_it_bounds_a_search_by_the_clock_of_the_outlet(
    zone: str, index: search.Index
) -> None:
    index.add([Article(id="tide", body="A tide.", date="2021-08-12T09:30:00+07:00")])
    assert ids(index.search("tide", since=f"2021-08-12T09:30:00{zone}")) == ["tide"]
    assert ids(index.search("tide", until=f"2021-08-12T09:30:00{zone}")) == ["tide"]
    assert ids(index.search("tide", since=f"2021-08-12T09:30:01{zone}")) == []
    assert ids(index.search("tide", until=f"2021-08-12T09:29:59{zone}")) == []


@pytest.mark.parametrize(
    "wrong",
    [
        *({"limit": 1.5}, {"offset": float("nan")}, {"passages": None}, {"recency": 30}, {"now": "0001-01-01"}),
        *({"now": datetime.date(2021, 8, 10)}, {"now": 5}, {"since": 5}, {"until": b"2021"}, {"after": 5}),
    ],
)
def test_an_impossible_option_is_an_error_of_the_query(wrong: dict[str, Any], index: search.Index) -> None:
    with pytest.raises(QueryError):
        index.search("harrow", **({"recency": "3d"} | wrong))
    with pytest.raises(QueryError):
        index.search(None)  # type: ignore[arg-type]
    with pytest.raises(QueryError):
        index.set(k1="a")  # type: ignore[arg-type]


def test_any_number_of_hits_may_be_asked_for(index: search.Index) -> None:
    assert ids(index.search("harrow", limit=10**30)) == ids(index.search("harrow"))
    assert ids(index.search("harrow", offset=2**63)) == []
    assert index.related("ferry", limit=10**30) == []


def test_an_id_that_comes_twice_in_one_call_is_told(index: search.Index) -> None:
    done: list[tuple[str, str]] = []
    twice = [
        Article(id=id, body=body) for id, body in (("a", "Fog."), ("dam", "It broke."), ("a", "Sun."), ("a", "Sun."))
    ]
    added = index.add(twice, progress=lambda article, outcome: done.append((article.id, outcome)))
    assert done == [("a", "added"), ("dam", "updated"), ("a", "repeated"), ("a", "unchanged")]
    assert (added.added, added.updated, added.unchanged) == (1, 2, 1)
    assert index.get("a").text == "Sun."


def test_an_id_may_be_deleted_twice_in_one_call(index: search.Index) -> None:
    index.delete(["dam", "dam"])
    assert len(index) == 2


def test_threads_may_search_one_index(index: search.Index) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda query: ids(index.search(query)), ["harrow", "ferry", "pumps"] * 30))
    assert found == found[:3] * 30


def test_results_can_be_asked_on_in_another_thread_and_after_other_searches(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    index = search.open(tmp_path / "index")
    index.add(Article(id=f"a{n}", body="The flood reached the dam." if n % 2 else "River fire.") for n in range(60))
    with ThreadPoolExecutor(1) as pool:
        elsewhere = pool.submit(index.search, "flood fire").result()
    assert (elsewhere.total, elsewhere.facets("author")) == (60, {"author": {}})
    here = index.search("flood fire")
    index.delete([f"a{n}" for n in range(50)])
    index.compact()
    assert index.search("flood").total == 5
    assert (here.total, len(here.suggestions)) == (60, 0)


@pytest.mark.parametrize("ask", ["similar", "relation", "published", "related", "diff", "search", "why_not"])
def test_one_call_is_answered_by_one_commit(ask: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def copies(n: int, date: str | None) -> list[Article]:
        """Return an article and a copy of it, which stand in another place by their dates."""
        body = f"ODELL - Ferry number {n} struck the quay on Monday, and nine of its {n + 40} passengers were injured."
        return [Article(id=f"x{n}", body=body, date=date), Article(id=f"y{n}", body=body + " It sank later.")]

    index = search.open(tmp_path / "index")
    index.add([article for n in range(8) for article in copies(n, f"2021-08-{n + 10}")])
    asking: dict[str, Callable[[], object]] = {
        "similar": lambda: [hit.id for hit in index.similar(id="x3", copies=False)],
        "relation": lambda: index.relation("x3", "y3").relation,
        "published": lambda: index.published("y3"),
        "related": lambda: [account.id for account in index.related("x3")],
        "diff": lambda: str(index.diff("x3", "y3")),
        "search": lambda: [(hit.id, hit.date, hit.story.size) for hit in index.search("ferry number 3")],
        "why_not": lambda: index.why_not("sank", "x3"),
    }
    expected = asking[ask]()
    find, other = Snapshot.find, search.open(tmp_path / "index")
    opened, moves = View.opened, list[bool]()

    def between(self: Any, *args: Any) -> Any:
        """Let another process commit, and the index move there, in the midst of the call."""
        found = (find if isinstance(self, Snapshot) else opened)(self, *args)
        if not moves:
            moves.append(True)
            other.add([article for n in range(20, 30) for article in copies(n, f"2021-09-{n}")])
            other.compact()
            index.refresh()
        return found

    monkeypatch.setattr(Snapshot, "find", between)
    monkeypatch.setattr(View, "opened", between)
    found = asking[ask]()
    assert moves
    assert found == expected


def test_many_queries_are_answered_in_their_order(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add(search.Article(id=f"a{n}", body=f"Ferry number {n} left the harbour.") for n in range(30))
    queries = [f'"number {n}"' for n in range(30)] + ["ferry"]
    for threads in (1, 4):
        found = list(index.search_many(queries, threads=threads, limit=3))
        assert [results.query for results in found] == queries
        assert [[hit.id for hit in results] for results in found[:-1]] == [[f"a{n}"] for n in range(30)]
        assert len(found[-1].hits) == 3


@pytest.mark.parametrize("threads", [1, 2])
def test_of_many_queries_few_are_asked_before_they_are_wanted(index: search.Index, threads: int) -> None:
    queries = iter(["ferry"] * 1000)
    answers = index.search_many(queries, threads=threads)
    assert len(list(itertools.islice(answers, 10))) == 10
    assert len(list(queries)) > 900


def test_words_in_two_captions_are_not_near_each_other(tmp_path: Path) -> None:
    text = "Closed.\n\nA ferry\n\nOn strike\n\nThe end of the ferry."
    zones = (Zone("body", 0, 7), Zone("caption", 9, 16), Zone("caption", 18, 27), Zone("body", 29, 50))
    index = search.open(tmp_path / "index")
    index.add([Article(id="a", body=text, zones=zones)])
    assert index.search("ferry w/3 strike").total == 0
    (hit,) = index.search("(ferry w/3 strike) OR end").hits
    assert [text[a:b] for a, b in hit.passages[0].highlights] == ["end"]


def test_a_loose_phrase_further_down_is_not_marked_where_the_top_is_asked_for(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add([Article(id="a", body="The ferry never sank, and the ferry never will be found.")])
    (hit,) = index.search('first3:"ferry sank"~2 OR first3:"ferry never"~2').hits
    assert hit.passages[0].highlights == ((4, 9), (10, 15), (16, 20))


def test_a_form_of_two_terms_is_found_as_both(tmp_path: Path) -> None:
    # The month of a date stands as it is; the same word in a text has a stem.
    with search.open(tmp_path / "index") as index:
        index.add([Article(id="dated", body="It rose.", date="2021-02-03"), Article(id="told", body="February.")])
        for query in ("=february", "febr*", "f*ruary", "februry~"):
            assert set(ids(index.search(query))) == {"dated", "told"}, query


@pytest.mark.parametrize(
    "zones",
    [
        *((), (Zone("body", 0, 5),), (Zone("body", 6, 11),), (Zone("body", 0, 99),)),
        *((Zone(kind, 0, 11),) for kind in ("blank", "footer")),  # type: ignore[arg-type]  # there are none
    ],
)
def test_zones_that_leave_out_words_or_are_of_no_kind_are_refused(tmp_path: Path, zones: tuple[Zone, ...]) -> None:
    index = search.open(tmp_path)
    with pytest.raises(search.ArticleError, match=r"^a: .*zone"):
        index.add([Article(id="a", body="Rain. Snow.", zones=zones)])
    index.add([Article(id="a", body=" \n", zones=())])
    assert index.get("a").zones == ()


def test_a_closed_index_says_so_until_it_is_refreshed(index: search.Index) -> None:
    index.close()
    assert repr(index) == f"Index({index.location!r}, closed)"
    asked = (lambda: index.search("ferry"), lambda: index.get("ferry"), index.stats, index.check, index.settings)
    for ask in (*asked, lambda: len(index), lambda: "ferry" in index, lambda: list(index)):
        with pytest.raises(SearchError, match="was closed; open it again"):
            ask()
    index.refresh()
    assert len(index.search("ferry"))


def test_results_can_be_asked_when_the_index_is_closed(tmp_path: Path) -> None:
    def told(results: search.Results) -> object:
        facets = results.facets("source", "year")
        return results.total, results.total_stories, facets, results.cursor, [(h.story, h.explain()) for h in results]

    with search.open(tmp_path / "index") as index:
        index.add(search.read([SEEDS]))
        expected = told(index.search("dam flood", limit=3))
        results = index.search("dam flood", limit=3)
    assert told(results) == expected


@pytest.mark.parametrize(
    "query", ["dam", "dam flood", "dam AND flood", '"dam warning"', "dam w/5 gate", "gat*", "harow~", "NOT dam", ""]
)
def test_what_a_query_has_read_goes_with_its_results(query: str, tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add(search.read([SEEDS]))
    for sort in ("relevance", "newest"):
        index.search(query, sort=sort)
        gc.collect()
        index.search(query, sort=sort)
        assert gc.collect() == 0  # nothing was kept by a cycle


def test_a_message_is_short_however_long_what_it_names(index: search.Index) -> None:
    with pytest.raises(
        ArticleError, match=r"^no article has the id .* \u2026 .* find it with: search find WORDS --ids$"
    ) as raised:
        index.get("x" * 1_000_000)
    assert len(str(raised.value)) < 6_000
