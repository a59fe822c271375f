"""Any text is read, and its reading read again is the same; both readers agree; nothing grows beyond its limit."""

import datetime
import os
import random
import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from search.query import MAX_NAMES, common, names, parse, syntax, tree
from search.query.cleaning import MAX_CHARACTERS, MAX_DEPTH, MAX_NEAR, MAX_TEXT, MAX_WORDS, clean

NOW = datetime.datetime(2021, 8, 12, 12)  # by the outlet's clock

ATOMS = (
    *"a b cat AND OR NOT and ANDMAYBE REQUIRE ANDNOT w/5 pre/2 W/3 adj/0 near/9 TO to monday none 2021 2021-08".split(),
    *'( ) " "x y" title: date: since: until: foo: * ? ~ ~2 /3 ^2 ^0.5 ^ [ ] { } = + -'.split(),
    *"! > < >= ' : . , & | \\ @ #".split(),
    *"/s /p w/s not pre/p /5 w/0 hlead: first50: first0: length>300 length:9..3 length<=0 length:x WAR PEACE".split(),
    *"atleast3( ATLEAST0( caps( allcaps( nocaps( -caps( title:caps( caps() (caps (".split(),
    *"“ ” ’ « » é 日本 ß ² ٣ http:// C++ 😀 $5 % a-b U.S. o'clock [2021 [a } 2021-08]".split(),
    " TO ", "\n", "\t", "\x00", "\x1c", "\u2028", "\u200b", "date:[2021 TO *]", "date:'last week'", "'", "[* TO *]",
)  # fmt: skip
_GLUE = ("", " ", " ", " ")
_EXPRESSIONS = st.lists(st.tuples(st.sampled_from(ATOMS), st.sampled_from(_GLUE)), max_size=14).map(
    lambda pairs: "".join(atom + glue for atom, glue in pairs)
)
_COMMON_ATOMS = (*"a b cat dam's AND OR NOT ( ) (a b) -( +( -b +c".split(), '"x y"', '-"z"', "and", "9/11", "C++")
_COMMON_ATOMS += (*'w/5 pre/3 /s w/5 cat* -dog* d~ do~2 fish~ and* "or" AND~'.split(),)
_COMMON = st.lists(st.sampled_from(_COMMON_ATOMS), min_size=1, max_size=12).map(" ".join)


def _check(text: str) -> int:
    """Check what holds for every text; return how often both readers could be compared."""
    compared = 0
    for every in (False, True):
        found = parse(text, all=every, now=NOW)
        assert parse(found.reading, all=every, now=NOW).tree == found.tree, text
        assert parse(found.reading, all=not every, now=NOW).tree == found.tree, text
        assert isinstance(found.tree, tree.Nothing) == (not found.reading)
        assert bool(found.reading) or found.notes
        tokens = clean(text).tokens
        node = common.read(tokens, every=every) if tokens else None
        if node is not None:
            compared += 1
            assert syntax.Reader(every=every, now=NOW).read(" ".join(tokens)) == node, text
            assert found.tree == node
    return compared


@settings(max_examples=500, deadline=None)
@given(text=st.text(max_size=60))
def test_any_text(text: str) -> None:
    _check(text)


@settings(max_examples=1500, deadline=None)
@given(text=_EXPRESSIONS)
@example("http:// since: pre/2 (“ -b")
@example("a w/5 -b")
@example("&^2٣")
@example(f"a w/{'9' * 5000} b")
@example(f"a~{'9' * 5000} a~1/{'9' * 5000}")
@example(f'"a b"~{"9" * 5000} a^{"9" * 5000} (a b)^{"9" * 400}')
@example(f"date:{'9' * 5000} since:{'2021-' * 500}")
@example("a w/5 +b")
@example("NOT a w/5 NOT b")
@example("since:date:2021")
@example("since:>none b")
@example("NOT { TO ”|} * : <")
@example("a REQUIRE date:2021 b")
@example("( NOT ANDNOT")
@example("title:”” 2021 }")
@example("b date:'+*a")
def test_any_expression(text: str) -> None:
    _check(text)


@settings(max_examples=2000, deadline=None)
@given(text=_COMMON)
def test_both_readers_agree(text: str) -> None:
    _check(text)


@settings(max_examples=500, deadline=None)
@given(
    words=st.lists(st.text("abcé日'’.,&%$@#_", min_size=1, max_size=8), min_size=1, max_size=10), every=st.booleans()
)
def test_plain_words_are_read_as_all_others(words: list[str], every: bool) -> None:
    text = " ".join(words)
    tokens = clean(text).tokens
    read = syntax.Reader(every=every, now=NOW).read(" ".join(tokens)) if tokens else tree.Nothing()
    assert parse(text, all=every).tree == read


@pytest.mark.slow
def test_many_expressions() -> None:
    """5,000 texts; the environment variable `FUZZ` asks for others, and how many."""
    n = int(os.environ.get("FUZZ", "0"))
    chance = random.Random(n or 20210812)
    compared = 0
    for _ in range(n or 5_000):
        n_atoms = chance.randint(1, 14)
        compared += _check("".join(chance.choice(ATOMS) + chance.choice(_GLUE) for _ in range(n_atoms)))
    assert compared > (n or 5_000) * 0.3


_SEVERAL = "(a ANDMAYBE b OR c AND d w/5 "  # a group that is several deep
_DEEP = f"Only {MAX_DEPTH} parentheses deep were read."
_LONG = f"Only the first {MAX_WORDS} words were read."
_LOOKED = f"Only the first {MAX_TEXT} characters were looked at."
_LARGE = f"Only the first {MAX_CHARACTERS} characters were read."
_LIMITS = {
    "parentheses": ("(" * 2000 + "a" + ")" * 2000, _DEEP),
    "parentheses with words": ("(a OR " * 2000 + "a" + ")" * 2000, _DEEP),
    "opened only": ("(" * 2000, _DEEP),
    "closed only": (")" * 2000, "A parenthesis without its partner was ignored."),
    "groups": (_SEVERAL * 100 + "x" + ")" * 100, "Only 3 parentheses deep were read."),
    "groups that fit": (_SEVERAL.replace(" d w/5", "") * 30 + "x" + ")" * 30, "Only 10 parentheses deep were read."),
    "NOT": ("NOT " * 10_001 + "a", None),
    "NOT (": ("NOT (" * 2000 + "a b" + ")" * 2000, _DEEP),
    "-(": ("-(" * 2001 + "a b" + ")" * 2001, _DEEP),
    "words": (" ".join(f"w{n}" for n in range(10_000)), _LONG),
    "five hundred words": (" ".join(f"w{n}" for n in range(500)), None),
    "field": (f"title:({' '.join(f'w{n}' for n in range(500))})", None),
    "one word": ("x" * 100_000, _LARGE),
    "one word in a field": ("title:" + "x" * 100_000, _LARGE),
    "1 MB": ("lorem ipsum " * 90_000, _LOOKED),
    "phrase": ('"' + "a b " * 20_000 + '"', _LONG),
    "only operators": ("AND " * 10_000, "Read as plain words: AND."),
    "AND": ("a AND " * 10_000, _LONG),
    "w/2": ("a w/2 " * 10_000, f"Only the first {MAX_NEAR} operators like w/5 were read."),
    "several operators": ("AND OR NOT w/3 " * 2500, "Read as plain words: AND, OR, NOT w/3."),
    "ANDMAYBE": ("a ANDMAYBE " * 3000, "Only the first 50 operators like ANDNOT were read."),
    "ANDNOT": ("a ANDNOT b REQUIRE c ANDMAYBE " * 1000, "Only the first 50 operators like ANDNOT were read."),
    "brackets": ("[" * 100_000, "A stray [ was ignored."),
    "ranges": ("[a to " * 20_000, _LONG),
    "range of blanks": ("[" + " " * 150_000 + "to", "A stray [ was ignored."),
    "exclamation": ("!" * 50_000 + "a", _LARGE),
    "quotation marks": ('"' * 50_001, "A quotation mark without its partner was ignored."),
    "stars": ("a*" * 5000, None),
    "boosts": ("a^2 " * 5000, _LONG),
    "groups without a word": ("(OR " * 3000, "Read as plain words: OR."),
    "periods": ("date:2021 " * 3000, _LONG),
    "no period": ("date:'" * 5000, _LONG),
    "emoji": ("😀" * 100_000, "The query has no letter and no digit."),
}


@pytest.mark.parametrize("name", _LIMITS)
@pytest.mark.parametrize("every", [False, True])
def test_limits(name: str, every: bool) -> None:
    text, note = _LIMITS[name]
    found = parse(text, all=every, now=NOW)
    n_nodes, n_characters = _size(found.tree)
    assert tree.depth(found.tree) <= MAX_DEPTH
    assert n_nodes <= 3 * MAX_WORDS
    assert n_characters <= MAX_CHARACTERS
    assert (note is None and not found.notes) or note in found.notes
    assert all(len(note) < 400 for note in found.notes)
    assert parse(found.reading, all=every, now=NOW).tree == found.tree


def _size(node: tree.Node) -> tuple[int, int]:
    """Return the nodes of a tree, each word of a phrase one, and the characters of its words."""
    match node:
        case tree.Word(text) | tree.Phrase(text) | tree.Prefix(text) | tree.Wildcard(text) | tree.Fuzzy(text):
            return len(text.split()), len(text)
        case tree.And(parts) | tree.Or(parts):
            sizes = [_size(part) for part in parts]
        case tree.AndMaybe(left, right) | tree.Near(left, right):
            sizes = [_size(left), _size(right)]
        case tree.Not(part) | tree.Boost(part) | tree.AtLeast(part) | tree.Cased(part):
            sizes = [_size(part)]
        case _:
            sizes = []
    return 1 + sum(n for n, _ in sizes), sum(n for _, n in sizes)


def test_limits_leave_room_on_the_stack() -> None:
    script = f"""
import sys
from search.query import parse
parse("a w/5 b")
sys.setrecursionlimit(500)
for text in ({(_SEVERAL * 100)!r}, {("(a ANDMAYBE b OR c AND " * 30)!r}, "a ANDMAYBE " * 3000, "a w/5 " * 3000):
    parse(text)
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_star_beside_words_finds_no_more_than_they_do() -> None:
    note = ("* beside words stands for no word and was left out.",)
    for text, reading, notes in (
        ("flood * dam", "flood OR dam", note),
        ("* flood -dam", "flood AND NOT dam", note),
        ("flood OR *", "flood OR *", ()),
        ("* -dam", "* AND NOT dam", ()),
        ("* date:2021", "* AND date:[2021-01-01 TO 2022-01-01}", ()),
        ("*", "*", ()),
    ):
        found = parse(text, now=NOW)
        assert (found.reading, found.notes) == (reading, notes)
        assert parse(found.reading, now=NOW).tree == found.tree


def test_whoosh_is_imported_only_when_needed() -> None:
    script = """
import sys
from search.query import parse
for text in ("climate", "climate carbon tax", "a AND b", '"carbon tax" -dam', "+a (b OR c)", "NOT a", "", "((", "9/11",
    "flo* w/5 dam~"):
    parse(text)
    parse(text, all=True)
assert not [name for name in sys.modules if name.startswith("whoosh")]
parse("a ANDNOT b")
assert "whoosh" in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_names_of_further_fields_are_fields_where_articles_have_them() -> None:
    text = 'Section:Sport OR -section:"local news" OR news_desk:city* OR http://x.example'
    plain = parse(text)
    assert plain.notes
    read = parse(text, further=frozenset({"section", "news_desk"}))
    assert read.reading == 'section:Sport OR NOT section:"local news" OR news_desk:city* OR "http://x.example"'
    assert parse(read.reading, further=frozenset({"section", "news_desk"})).tree == read.tree
    assert names(text) == {"section", "news_desk", "http"}
    assert names("no field: here") == frozenset()
    assert len(names(" ".join(f"n{n}:x" for n in range(500)))) == MAX_NAMES


def test_nodes_equal_only_their_like() -> None:
    word = tree.Word("ferry")
    both: object = tree.And((word,))
    alike: list[object] = [tree.And((tree.Word("ferry"),)), tree.Or((word,)), (word,), ((word,),)]
    assert [both == other for other in alike] == [True, False, False, False]
    assert [both != other for other in alike] == [False, True, True, True]
    assert len({both, *alike}) == 4
    every, nothing = tree.Every(), tree.Nothing()
    assert every  # a tuple of nothing, and still something
    assert len({every, nothing, ()}) == 3
