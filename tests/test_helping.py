"""What is said of a query that finds little, and how words are completed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import search
from search import ClauseCount, Spelt
from search.engine.spelling import Speller
from search.text.analysis import chunks

BODIES = {
    "ferry": "The ferry sank off Odell on Sunday. Divers looked for the hull, and the harbour was closed.",
    "tram": "A tram stopped in Odell. The Kharlizad line, and the ferry to Sar-i-Mund, were late.",
    "envoy": "The envoy Kharlizad spoke of a ceasefire in Sar-e-Mund. The ceasefire held on Sunday.",
    "talks": "Talks in Odell: Karlizad said the ceasefire holds, and the U.S. said that it cannot.",
    "dry": "No rain fell in Odell on Sunday, and none fell in the harbour.",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> search.Index:
    index = search.open(tmp_path_factory.mktemp("index"))
    bodies = list(BODIES.items())
    for some in (bodies[:2], bodies[2:]):  # two segments
        index.add([search.Article(id=name, body=text, path=f"odel/{name}.txt") for name, text in some])
    return index


def suggested(index: search.Index, query: str, **options: object) -> list[tuple[str, int]]:
    return [(text, n) for text, n, _ in index.search(query, **options).suggestions]  # type: ignore[arg-type]  # of search


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ceasfire", "ceasefire"),  # a letter too few
        ("ceasefiire", "ceasefire"),  # one too many
        ("ceasefyre", "ceasefire"),  # another
        ("cesaefire", "ceasefire"),  # two in the wrong order
        ("xeasefire", "ceasefire"),  # the first
        ("ceesfire", "ceasefire"),  # two mistakes
        ("frery", "ferry"),
        ("CEASFIRE", "CEASEFIRE"),
        ("Ceasfire’s", "Ceasefire’s"),
        ("+ceasfire -rain", "+ceasefire -rain"),
        ('title:rain OR "ceasfire hold"~2', 'title:rain OR "ceasefire hold"~2'),
        ("(ceasfire^2 OR talsk) w/9 =odlel", "(ceasefire^2 OR talks) w/9 =odell"),
        ("caps(odlel)", "caps(odell)"),
        ("“ceasfire holds”", "“ceasefire holds”"),
        ("cease-fyre", "cease-fire"),
        ("Sar-o-Mund", "Sar-e-Mund"),
        ("ferry odlel", "ferry odell"),  # something is found, but one word stands nowhere
        ("ferry AND ceasfire", None),  # no article has both
        ("zzyzx", None),
        ("NOT odlel", None),  # finds all, as wanted
        ("path:odell", None),
        ("ferry", None),
        ("odell OR ferry OR the", None),
        ("us", None),
        ("2021 98765 w/5", None),
        ("", None),
    ],
)
def test_words_are_replaced_and_all_else_stays(index: search.Index, query: str, expected: str | None) -> None:
    found = suggested(index, query)
    assert (found[0][0] if found else None) == expected
    assert all(index.search(text).total == n > 0 for text, n in found)


def test_other_spellings_of_a_name_are_offered(index: search.Index) -> None:
    assert suggested(index, "Karlizad") == [("Kharlizad", 2)]
    assert suggested(index, "Kharlizad") == [("Karlizad", 1)]
    assert suggested(index, "Sar-e-Mund") == [("Sar-i-Mund", 1)]
    assert suggested(index, "odell") == []  # found often enough
    assert [each.query for each in index.suggest("kharlizad AND odell")] == ["karlizad AND odell"]  # asked for


def test_another_word_is_no_other_spelling_of_one_that_stands_somewhere(tmp_path: Path) -> None:
    with search.open(tmp_path) as index:
        told = "It killed two. He called twice. They called. Taleban came. Taliban left. Taliban spoke.".split(". ")
        index.add([search.Article(id=f"{number}", body=body) for number, body in enumerate(told)])
        assert suggested(index, "killed") == []
        assert suggested(index, "Killed") == [("Called", 2)]  # it may be a name
        assert suggested(index, "taleban") == [("taliban", 2)]


def test_filters_hold_for_what_is_suggested(index: search.Index) -> None:
    assert suggested(index, "ceasfire rain", all=True) == []
    assert suggested(index, "ceasfire holds", all=True) == [("ceasefire holds", 1)]
    found = index.search("ceasefire", since="2020")
    assert found.suggestions == ()
    assert found.clauses == (ClauseCount('"ceasefire"', 2, 0), ClauseCount("since 2020", 0, 2))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ceasefire AND teleporter", [('"ceasefire"', 2, 0), ('"teleporter"', 0, 2)]),
        ("rain AND ferry AND sunday", [('"rain"', 1, 1), ('"ferry"', 2, 1), ('"sunday"', 3, 0)]),
        ("zzyzx OR teleporter", [('"zzyzx"', 0, None), ('"teleporter"', 0, None)]),
        ('rain w/3 "red alert"', [('"rain"', 1, 0), ('"red alert"', 0, 1), ('"red"', 0, None), ('"alert"', 0, None)]),
        ('"rain ferry"', [('"rain"', 1, 2), ('"ferry"', 2, 1)]),
        ("caps(rain AND odell)", [("caps(rain)", 0, 4), ("caps(odell)", 4, 0)]),
        ("zzyzx", [('"zzyzx"', 0, None)]),
        ("ferry", []),
    ],
)
def test_clauses_are_counted_where_nothing_is_found(
    index: search.Index, query: str, expected: list[tuple[str, int, int | None]]
) -> None:
    assert index.search(query).clauses == tuple(ClauseCount(*each) for each in expected)


def test_a_clause_that_is_spelt_wrong_is_named_where_no_spelling_finds_the_query(index: search.Index) -> None:
    found = index.search("ceasfire AND teleporter")
    assert not found.suggestions
    assert [(each.clause, each.near) for each in found.clauses] == [
        ('"ceasfire"', (Spelt("ceasefire", 2),)),
        ('"teleporter"', ()),
    ]
    [_, title, word, other, _] = index.search("rain AND (title:odlel w/5 Odlel) AND ferry").clauses
    assert (title.near, word.near) == ((), (Spelt("odell", 4),))
    assert other.near == (Spelt("Odell", 4),)


def test_a_word_that_stands_in_another_field_is_not_taken_for_a_mistake(index: search.Index) -> None:
    near = {each.clause: each.near for each in index.search("by:holds by:Odell by:Karlizad", all=True).clauses}
    assert near == {"by:holds": (), "by:Odell": (), "by:Karlizad": (Spelt("Kharlizad", 2),)}


def test_a_suggestion_is_searched_for_if_wanted(index: search.Index) -> None:
    found = index.search("ceasfire", fix=True)
    assert (found.query, found.reading, found.total) == ("ceasfire", "ceasefire", 2)
    assert found.notes == ("Searched for ceasefire in place of ceasfire.",)
    assert index.search("odell", fix=True).notes == ()
    assert index.search("zzyzx", fix=True).total == 0


_PIECES = (*"ceasfire odlel Karlizad sar-o-mund ferry the AND OR NOT ( ) caps( w/5 title: path: date: since:".split(),)
_PIECES += (
    *'" “ ” = ~ ~2 * ? + - ^2 [ ] TO 2021 us U.S. é 日本 ceasfire’s AND/OR odlel,ferry or'.split(),
    "date:'last week'",
)


@given(st.lists(st.tuples(st.sampled_from(_PIECES), st.sampled_from(("", " ", " "))), max_size=9))
@settings(deadline=None, max_examples=200)
def test_whatever_is_asked_a_suggestion_is_the_query_with_words_replaced(
    index: search.Index, parts: list[tuple[str, str]]
) -> None:
    query = "".join(part + glue for part, glue in parts)
    for text, n, changes in index.suggest(query):
        assert index.search(text).total == n > 0
        words = [query[start:end] for start, end in chunks(query)]
        assert [dict(changes).get(word, word) for word in words] == [text[start:end] for start, end in chunks(text)]


def test_words_are_completed_by_their_articles(index: search.Index) -> None:
    assert index.complete("kh") == [Spelt("kharlizad", 2)]
    assert index.complete("O", limit=1) == [Spelt("odell", 4)]
    assert index.complete("the harb") == [Spelt("harbour", 2)]
    assert index.complete("hol") == [Spelt("holds", 1)]
    assert [spelt.word for spelt in index.complete("sar")] == ["sar", "saremund", "sarimund"]
    assert index.complete("zz") == index.complete("od", limit=0) == []
    assert index.complete("path:") == []
    every = index.complete("", limit=1000)
    assert every == sorted(every, key=lambda spelt: (-spelt.articles, spelt.word))
    assert Spelt("odell", 4) in every
    with pytest.raises(search.QueryError, match="-1"):
        index.complete("a", limit=-1)


def test_only_living_articles_count(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add([search.Article(id=name, body="The ferries and the ferry sank.") for name in "abc"])
    index.add([search.Article(id="d", body="No ferries.")])
    index.delete(["a", "b"])
    assert index.complete("ferr") == [Spelt("ferries", 2), Spelt("ferry", 1)]
    index.delete(["c"])
    assert index.complete("ferr") == [Spelt("ferries", 1)]


def test_the_likeliest_word_is_first(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    words = ["form"] * 3 + ["from"] * 9 + ["fork"] * 20 + ["governemnt"] + ["government"] * 40
    index.add([search.Article(id=str(number), body=f"{word} x{number}") for number, word in enumerate(words)])
    speller = Speller(index._view.opened()[1])
    # Letters that change places before any other mistake, and one mistake before two.
    assert [spelt.word for spelt in speller.near("fomr", 3)] == ["form"]
    assert [spelt.word for spelt in speller.near("frok", 3)] == ["fork", "from"]
    assert [spelt.word for spelt in speller.near("frm", 3)] == ["from", "form"]
    assert speller.near("govermnent", 2) == [Spelt("government", 40), Spelt("governemnt", 1)]


@pytest.mark.parametrize(
    ("query", "unknown"),
    [
        ("ferry teleporter", ("teleporter",)),
        ("how is the ferry of Odell", ()),  # words that hold others together are not looked at
        ('"zzyzx ferry" OR Teleporters OR rain', ("zzyzx", "Teleporters")),
        ("ferry NOT teleporter", ()),
        ("ferry OR ceasfyre* OR 1999", ()),
        ("kharlizad ferry", ()),
    ],
)
def test_the_words_that_stand_in_no_article_are_named(
    index: search.Index, query: str, unknown: tuple[str, ...]
) -> None:
    assert index.search(query).unknown == unknown


def test_a_word_of_a_further_field_stands_in_an_article(tmp_path: Path) -> None:
    index = search.open(tmp_path)
    index.add([search.Article(id="turbines", body="Sixty turbines rise off Odell.", meta={"section": "Business"})])
    assert index.search("section:business").unknown == ()
    assert index.search("section:business busines").unknown == ("busines",)
    results = index.search("turbines section:buisness")
    assert (results.total, results.unknown) == (1, ("buisness",))


def test_the_commands_print_it(index: search.Index, capsys: pytest.CaptureFixture[str]) -> None:
    from search.cli import run

    place = ["--index", index.location]
    assert run(["find", "ferry AND ceasfire AND odell", *place]) == 1
    assert 'search: Found by each alone: "ferry" 2 · "ceasfire" 0 · "odell" 4\n' in capsys.readouterr().err
    assert run(["find", "rain AND ferry AND sunday", *place]) == 1
    assert 'search: Without "rain": 1 article\n' in capsys.readouterr().err
    assert run(["find", "ferry teleporter zzyzx", *place]) == 0
    assert "search: In no article: teleporter, zzyzx\n" in capsys.readouterr().err
    assert run(["find", "ceasfire", *place]) == 1
    assert "search:     ceasefire  (2 articles)\n" in capsys.readouterr().err
    assert run(["find", "ceasfire", "--fix", *place]) == 0
    assert "search: Searched for ceasefire in place of ceasfire.\n" in capsys.readouterr().err
    assert run(["find", "ceasfire", "--json", *place]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["suggestions"] == [{"query": "ceasefire", "total": 2, "changes": [["ceasfire", "ceasefire"]]}]
    assert found["unknown"] == ["ceasfire"]
    assert found["clauses"] == [
        {"clause": '"ceasfire"', "articles": 0, "others": None, "near": [{"word": "ceasefire", "articles": 2}]}
    ]
    assert run(["find", "ceasfire AND teleporter", *place]) == 1
    assert 'search: Instead of "ceasfire", found alone: ceasefire 2\n' in capsys.readouterr().err
    assert run(["complete", "KHAR", *place]) == 0
    assert capsys.readouterr().out == "kharlizad\t2\n"
    assert run(["complete", "khar", "--json", *place]) == 0
    assert json.loads(capsys.readouterr().out) == {"prefix": "khar", "words": [{"word": "kharlizad", "articles": 2}]}
    assert run(["complete", "zz", *place]) == 1


def test_a_query_that_finds_enough_loads_nothing_of_it(index: search.Index) -> None:
    asked = f"""
import sys, search
results = search.open({index.location!r}).search("odell")
assert len(results) == results.total and not results.suggestions
print("search.present.helping" in sys.modules, "search.engine.spelling" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
