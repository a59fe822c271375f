"""From trees to clauses: what the words of a query mean for the tokens of articles."""

import datetime
import re
import time
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from search.errors import QueryError
from search.query import parse, tree
from search.query.analyse import FIELDS, FUNCTION_WORD, analyse, times
from search.query.clauses import (
    LEAD,
    All,
    Any,
    Clause,
    Close,
    Everything,
    Forms,
    Leaf,
    Preferred,
    Run,
    Similar,
    Terms,
    Times,
    Weighted,
    Without,
)
from search.text.analysis import COUNTRY, EITHER, PRONOUN, analyzer
from search.text.edits import within
from search.text.stream import Field

NOW = datetime.datetime(2021, 8, 12, 12)  # by the outlet's clock
TITLE = frozenset({Field.TITLE})
NONE = Everything(none=True)


def _clause(query: str, language: str = "english") -> Clause:
    return analyse(parse(query, now=NOW).tree, analyzer(language))


def _run(*words: str, slop: int = 1) -> Run:
    return Run(tuple(Terms((word,)) for word in words), slop)


def _leaf(*words: str, slop: int = 1) -> Leaf:
    return Leaf((_run(*words, slop=slop),))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # words
        ("dams", _leaf("dam")),
        ("DAMS", _leaf("dam")),
        ("Café", _leaf("cafe")),
        ("military's", _leaf("militari")),
        ("military’s", _leaf("militari")),
        ("flooded", _leaf("flood")),
        ("1,200", _leaf("1200")),
        ("$1,200", _leaf("1200")),
        ("AT&T", _leaf("at&t")),
        ("C++", _leaf("c++")),
        ("U.N.", _leaf("un")),
        ("#tag", _leaf("tag")),
        # words of several tokens are phrases
        ("9/11", _leaf("9", "11")),
        ("A/B", _leaf("a", "b")),
        ("a@b.com", _leaf("a", "b", "com")),
        ("http://example.com/dams", _leaf("http", "exampl", "com", "dam")),
        ("日本", _leaf("日", "本")),
        # hyphens
        ("air-strikes", Leaf((_run("air", "strike"), _run("airstrik")))),
        ("2021-08-10", Leaf((_run("2021", "08", "10"), _run("2021-08-10")))),
        ("title:air-strikes", Leaf((_run("air", "strike"), _run("airstrik")), TITLE)),
        ('"air-strikes"', _leaf("air", "strike")),
        ('"air-strikes on dams"', _leaf("air", "strike", "on", "dam")),
        # phrases
        ('"carbon taxes"', _leaf("carbon", "tax")),
        ('"carbon taxes"~3', _leaf("carbon", "tax", slop=3)),
        ('title:"carbon taxes"', Leaf((_run("carbon", "tax"),), TITLE)),
        ('"the"', _leaf("the")),
        # the country and the pronoun
        ("US", Leaf((Run((Terms((COUNTRY, EITHER)),)),))),
        ("U.S.", Leaf((Run((Terms((COUNTRY, EITHER)),)),))),
        ("=US", Leaf((Run((Terms((COUNTRY, EITHER)),)),))),
        ("us", Leaf((Run((Terms((PRONOUN, COUNTRY, EITHER)),)),))),
        ("Us", Leaf((Run((Terms((PRONOUN, COUNTRY, EITHER)),)),))),
        ('"US Army"', Leaf((Run((Terms((COUNTRY, EITHER)), Terms(("armi",)))),))),
        ('"us both"', Leaf((Run((Terms((PRONOUN, COUNTRY, EITHER)), Terms(("both",)))),))),
        # words that hold others together weigh little, alone; not if asked for as they are
        ("the", Weighted(_leaf("the"), FUNCTION_WORD)),
        ("The", Weighted(_leaf("the"), FUNCTION_WORD)),
        ("title:of", Weighted(Leaf((_run("of"),), TITLE), FUNCTION_WORD)),
        ("the dam", Any((Weighted(_leaf("the"), FUNCTION_WORD), _leaf("dam")))),
        ("=the", Leaf((Run((Forms("the", "the"),)),))),
        # as they are
        ("=Dams", Leaf((Run((Forms("dams", "dams"),)),))),
        ('="Dams broke"', Leaf((Run((Forms("dams", "dams"), Forms("broke", "broke"))),))),
        ("title:=Dams", Leaf((Run((Forms("dams", "dams"),)),), TITLE)),
        ("=AT&T", Leaf((Run((Forms(re.escape("at&t"), "at&t"),)),))),
        ("=air-strikes", Leaf((
            Run((Forms("air", "air"), Forms("strikes", "strikes"))),
            Run((Forms("airstrikes", "airstrikes"),)),
        ))),
        # prefixes
        ("Dam*", Leaf((Run((Forms("dam.*", "dam"),)),))),
        ("dam!", Leaf((Run((Forms("dam.*", "dam"),)),))),
        ("title:dam*", Leaf((Run((Forms("dam.*", "dam"),)),), TITLE)),
        ("Élys*", Leaf((Run((Forms("elys.*", "elys"),)),))),
        ("dams/floo*", Leaf((Run((Terms(("dam",)), Forms("floo.*", "floo"))),))),
        ("C++*", Leaf((Run((Forms(r"c\+\+.*", "c++"),)),))),
        # patterns
        ("d?m", Leaf((Run((Forms("d.m", "d"),)),))),
        ("*dam", Leaf((Run((Forms(".*dam", ""),)),))),
        ("D?m*S", Leaf((Run((Forms("d.m.*s", "d"),)),))),
        ("title:d?m", Leaf((Run((Forms("d.m", "d"),)),), TITLE)),
        ("a.b?c", Leaf((Run((Forms(r"a\.b.c", "a.b"),)),))),
        # fuzzy words
        ("color~", Leaf((Run((Similar("color", 1, "c"),)),))),
        ("Colours~2/3", Leaf((Run((Similar("colours", 2, "col"),)),))),
        ("title:color~", Leaf((Run((Similar("color", 1, "c"),)),), TITLE)),
        ("US~", _clause("US")),
        ("9/11~", _leaf("9", "11")),
        # combinations
        ("dam AND flood", All((_leaf("dam"), _leaf("flood")))),
        ("dam OR flood", Any((_leaf("dam"), _leaf("flood")))),
        ("NOT dam", Without(_leaf("dam"))),
        ("+dam flood", Preferred(_leaf("dam"), _leaf("flood"))),
        ("dam^2", Weighted(_leaf("dam"), 2.0)),
        ("the^2", Weighted(Weighted(_leaf("the"), FUNCTION_WORD), 2.0)),
        ("dam w/5 flood", Close(_leaf("dam"), _leaf("flood"), 5, ordered=False)),
        ("dam pre/5 flood", Close(_leaf("dam"), _leaf("flood"), 5, ordered=True)),
        ("*", Everything()),
        ("", NONE),
        # time
        ("date:1970-01-02", Times(86_400, 172_800)),
        ("date:>=1970-01-02", Times(86_400, None)),
        ("date:<1970-01-02", Times(None, 86_400)),
        ("date:1969-12-31", Times(-86_400, 0)),
        ("date:none", Times(None, None, dated=False)),
    ],
)  # fmt: skip
def test_clause(query: str, expected: Clause) -> None:
    assert _clause(query) == expected


def test_words_without_a_letter_mean_nothing() -> None:
    chain = analyzer("english")
    for node in (tree.Word("…"), tree.Phrase("- -"), tree.Prefix("&"), tree.Word("\u00ad", exact=True)):
        assert analyse(node, chain) == NONE


def test_a_field_outside_the_text_has_terms_of_its_own() -> None:
    assert _clause("path:seeds") == Leaf((_run("path:seed"),))
    assert _clause("path:=seeds") == Leaf((Run((Forms(re.escape("path:seeds"), "path:seeds"),)),))
    assert _clause("path:seed*") == Leaf((Run((Forms(re.escape("path:seed") + ".*", "path:seed"),)),))
    assert _clause("path:s?ed") == Leaf((Run((Forms("path:s.ed", "path:s"),)),))
    assert _clause("path:seed~") == Leaf((Run((Similar("path:seed", 1, "path:s"),)),))


@pytest.mark.parametrize("field", FIELDS)
def test_fields_are_places(field: str) -> None:
    clause = analyse(tree.Word("dam", field), analyzer("english"))
    assert clause == Leaf((_run("dam"),), FIELDS[field], LEAD if field == "hlead" else None)


def test_other_languages_have_no_function_words_of_english() -> None:
    assert _clause("die", "german") == _leaf("die")
    assert _clause("Häuser", "german") == _leaf("haus")


@pytest.mark.parametrize(
    ("pattern", "fitting", "others"),
    [
        ("d?m", ["dam", "dim"], ["dm", "daam", "dams", "adam"]),
        ("d*m", ["dm", "dam", "datum"], ["dams", "adam"]),
        ("*dam*", ["dam", "adams", "rotterdam"], ["dim"]),
        ("a.c*", ["a.c", "a.cd"], ["abc"]),
        ("É*e", ["elysee"], ["élysée"]),
    ],
)
def test_patterns(pattern: str, fitting: list[str], others: list[str]) -> None:
    slot = _slot(pattern)
    assert [form for form in fitting if not slot.fits(form)] == []
    assert [form for form in others if slot.fits(form)] == []
    assert all(form.startswith(slot.prefix) for form in fitting)


def _slot(pattern: str) -> Forms:
    clause = analyse(tree.Wildcard(pattern), analyzer("english"))
    assert isinstance(clause, Leaf)
    slot = clause.runs[0].slots[0]
    assert isinstance(slot, Forms)
    return slot


def test_any_number_of_stars_takes_no_time() -> None:
    assert _slot("a***b").pattern == "a.*b"
    slot = _slot("a*" * 500 + "b")
    assert slot.letters == "a" * 500 + "b"
    assert slot.fits("a" * 500 + "cb")
    assert not slot.fits("a" * 499 + "cb")
    began = time.process_time()
    assert not _slot("*a" * 30 + "*b").fits("a" * 80)  # 10 ** 21 ways to divide it
    assert time.process_time() - began < 1


@settings(deadline=None)
@given(
    pattern=st.lists(st.sampled_from(["a", "b", "ab", "?", "*"]), min_size=1, max_size=8).map("".join),
    form=st.text("ab", max_size=8),
)
def test_patterns_mean_what_they_say(pattern: str, form: str) -> None:
    assert bool(_slot(pattern).fits(form)) == _fits(pattern, form)
    assert not _fits(pattern, form) or set(_slot(pattern).letters) <= set(form)


def _fits(pattern: str, form: str) -> bool:
    if not pattern:
        return not form
    if pattern[0] == "*":
        return _fits(pattern[1:], form) or (form != "" and _fits(pattern, form[1:]))
    return form != "" and pattern[0] in ("?", form[0]) and _fits(pattern[1:], form[1:])


@cache
def _distance(a: str, b: str) -> int:
    """Return the optimal string alignment distance, as it is defined: from the ends, by recursion."""
    if not a or not b:
        return len(a) + len(b)
    found = min(_distance(a[:-1], b) + 1, _distance(a, b[:-1]) + 1, _distance(a[:-1], b[:-1]) + (a[-1] != b[-1]))
    if len(a) > 1 and len(b) > 1 and a[-1] == b[-2] and a[-2] == b[-1]:
        found = min(found, _distance(a[:-2], b[:-2]) + 1)
    return found


@settings(max_examples=2000, deadline=None)
@given(a=st.text("abcd", max_size=9), b=st.text("abcd", max_size=9), most=st.integers(0, 5))
@example("ca", "abc", 2)  # three by this measure, two where a swapped pair may be edited again
@example("", "", 0)
@example("ab", "ba", 1)
@example("abcd", "badc", 2)
def test_within(a: str, b: str, most: int) -> None:
    assert within(a, b, most) == (_distance(a, b) <= most)
    assert within(b, a, most) == within(a, b, most)


@settings(max_examples=500, deadline=None)
@given(word=st.text("abc", min_size=1, max_size=10), edits=st.lists(st.integers(0, 10**6), max_size=3))
def test_within_its_edits(word: str, edits: list[int]) -> None:
    edited = word
    for edit in edits:
        at, kind = edit % (len(edited) + 1), edit % 3
        edited = edited[:at] + ("", "x", "x")[kind] + edited[at + (kind != 1) :]
    assert within(word, edited, len(edits))


def test_similar_words_begin_alike() -> None:
    slot = Similar("color", 1, "co")
    assert [form for form in ("color", "colour", "colr", "cloor", "dolor", "colours", "oclor") if slot.fits(form)] == [
        "color", "colour", "colr",
    ]  # fmt: skip


def test_times_of_options() -> None:
    day = 86_400
    assert times(None, None, NOW) == Times(None, None)
    assert times("1970-01-02", None, NOW) == Times(day, None)
    assert times(None, "1970-01-02", NOW) == Times(None, 2 * day)
    assert times("1970", "1970", NOW) == Times(0, 365 * day)
    assert times(datetime.date(1970, 1, 2), datetime.date(1970, 1, 3), NOW) == Times(day, 3 * day)
    with pytest.raises(QueryError, match="since 'soon' is no date"):
        times("soon", None, NOW)
    with pytest.raises(QueryError, match="until '2021-02-30' is no date"):
        times(None, "2021-02-30", NOW)
    with pytest.raises(QueryError, match="since '' is no date"):
        times("", None, NOW)


@settings(max_examples=500, deadline=None)
@given(text=st.one_of(st.text(max_size=40), st.text("aé-.'&/*?~\"=: US", max_size=20)))
def test_every_query_has_a_meaning(text: str) -> None:
    for every in (False, True):
        assert analyse(parse(text, all=every, now=NOW).tree, analyzer("english")) is not None
