"""The forms of a segment by order and by letters: never one less than looking at all of them finds."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import search
from search.engine.lexicon import Lexicon
from search.query.clauses import Forms, Similar

WORDS = (
    "ferry ferries ferried ferrying harbour harbours harbor zebra colon café cafés naïve Straße дом дома 東京 us U.S. "
    "air-strikes AT&T o'neill 1,200 3.5m a ab abc x~y path path:news it's run runs running runner"
).split()
letters = st.text("abcefhirnostuyz:~'дом1é", max_size=6)


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    index = search.open(tmp_path_factory.mktemp("index"))
    index.add([search.Article(id="a", body=" ".join(WORDS), path="news/ferry.txt", meta={"topic": "harbour"})])
    _, snapshot = index._view.opened()
    return snapshot.parts[0].segment.lexicon


def test_forms_come_in_order_with_their_terms(lexicon: Lexicon) -> None:
    forms = list(lexicon.beginning(""))
    assert [form for form, _ in forms] == sorted((form for form, _ in forms), key=str.encode)
    assert len(forms) == len(lexicon)
    entries = list(lexicon.entries())
    assert all(entries[term] == lexicon.entry(term) for _, term in forms)
    for form, term in forms:
        stem, *own = entries[term].decode().split(" ")
        assert form in {short.replace("~", stem, 1) if short.startswith("~") else short for short in own[:-1]}
    assert [form for form, _ in lexicon.beginning("ferr")] == ["ferried", "ferries", "ferry", "ferrying"]


@given(wanted=letters | st.sampled_from(WORDS), distance=st.integers(0, 3))
@settings(deadline=None)
def test_what_is_near_is_among_what_may_be(lexicon: Lexicon, wanted: str, distance: int) -> None:
    slot = Similar(wanted.lower(), distance, "")
    every = {(form, term) for form, term in lexicon.beginning("") if slot.fits(form)}
    assert every == {(form, term) for form, term in lexicon.near(slot.form, distance) if slot.fits(form)}


@given(parts=st.lists(letters | st.sampled_from(["*", "?"]), max_size=4))
@settings(deadline=None)
def test_what_fits_a_pattern_is_among_what_has_its_letters(lexicon: Lexicon, parts: list[str]) -> None:
    slot = Forms("".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in parts), "")
    every = {(form, term) for form, term in lexicon.beginning("") if slot.fits(form)}
    assert every == {(form, term) for form, term in lexicon.having(slot.letters) if slot.fits(form)}


def test_few_forms_are_looked_at(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add([search.Article(id="a", body=" ".join(f"w{n:x}" for n in range(5000)))])
    _, snapshot = index._view.opened()
    lexicon = snapshot.parts[0].segment.lexicon
    assert len(list(lexicon.near("harbour", 1))) == 0
    assert len(list(lexicon.having("fed"))) < 200


def test_forms_of_any_length_hide_none_that_is_near(tmp_path: Path) -> None:
    index = search.open(tmp_path)
    meta = {"k" * (1 << 16): " ".join(f"n{n}" for n in range(40))}  # names are parts of forms
    index.add([search.Article(id="a", body=" ".join(f"harbou{n}" for n in range(9)), meta=meta)])
    assert index.search("harboux~1").total == 1
    lexicon = index._view.opened()[1].parts[0].segment.lexicon
    assert {f"harbou{n}" for n in range(9)} <= {form for form, _ in lexicon.near("harboux", 1)}
