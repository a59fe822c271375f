"""The chain from text to tokens, rule by rule, and what must hold for any text."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.engine.chunks import Vocabulary, expand, raw_chunks
from search.text.analysis import COUNTRY, EITHER, PRONOUN, Analyzer, analyzer, chunks, fold
from search.text.stream import Field, Piece

ENGLISH = analyzer("english")


def forms(text: str) -> list[str]:
    return [token.form for token in ENGLISH.tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The mayor's dogs", "the mayor dogs"),
        ("the mayor’s dogs’ bowls", "the mayor dogs bowls"),
        ("air-strikes", "air airstrikes strikes"),
        ("Sar‑i‑Pul and Afghan–Pakistan", "sar saripul i pul and afghan afghanpakistan pakistan"),
        ("on 2021-08-10", "on 2021 2021-08-10 08 10"),
        ("1,200 3.5 $1.13bn 2.0.1", "1200 3.5 1.13bn 2.0.1"),
        ("1,2,3 and 10,20", "1 2 3 and 10 20"),
        ("the U.N. and the U.K.", "the un and the uk"),
        ("J.K. Rowling, e.g. a.m.", "jk rowling eg am"),
        ("AT&T R&D Q&A Smith&Wesson", "at&t r&d q&a smith wesson"),
        ("C++ and C# but f#x", "c++ and c# but f x"),
        ("end.Next one,two", "end next one two"),
        ("don't O'Neill's rock'n'roll", "don't o'neill rock'n'roll"),
        ("Hervé naïve CAFÉ ﬁre İstanbul straße", "herve naive cafe fire istanbul strasse"),
        ("cafe\u0301 air\u00adport", "cafe airport"),
        ("Łódź Møller Đoković Işık Æsir Œuvre Þór", "lodz moller dokovic isik aesir oeuvre thor"),
        ("東京 café カナ", "東 京 cafe カ ナ"),
        ("9/11 a@b.org #tag x_y", "9 11 a b org tag x_y"),
        ("“quoted” (bracketed) — dash – word…", "quoted bracketed dash word"),
        ("no\u00a0break\u2028line\x00nul\u200bzero", "no break line nul zero"),
        ("⚓ ... !? ''", ""),
    ],
)
def test_tokens(text: str, expected: str) -> None:
    assert forms(text) == expected.split()


def test_stems_join_inflections() -> None:
    terms = {token.term for token in ENGLISH.tokens("strike strikes striking Strikes'")}
    assert terms == {"strike"}


def test_joined_forms_take_no_position() -> None:
    steps = [(token.form, token.step) for token in ENGLISH.tokens("two air-strikes now")]
    assert steps == [("two", 1), ("air", 1), ("airstrikes", 0), ("strikes", 1), ("now", 1)]


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("the US said", COUNTRY),
        ("the U.S. said", COUNTRY),
        ("the US's said", COUNTRY),
        ("they told us so", PRONOUN),
        ("Us too", PRONOUN),
        ("TALKS IN US FAIL", EITHER),
        ("TALKS IN U.S. FAIL", COUNTRY),
        ("Mixed line\nTALKS IN US FAIL", EITHER),
        ("TALKS\nthe US here", COUNTRY),
    ],
)
def test_the_country_and_the_pronoun(text: str, term: str) -> None:
    assert term in {token.term for token in ENGLISH.tokens(text)}
    assert len({COUNTRY, PRONOUN, EITHER} & {token.term for token in ENGLISH.tokens(text)}) == 1


def test_the_last_stop_of_initials_belongs_to_them() -> None:
    [token] = [t for t in ENGLISH.tokens("In the U.S. He") if t.term == COUNTRY]
    assert (token.start, token.end) == (7, 11)


def test_accents_matter_to_other_languages_before_they_go() -> None:
    french = Analyzer("french")
    assert french.tokens("élections")[0].term == french.tokens("elections")[0].term
    assert french.tokens("élections")[0].form == "elections"


def test_an_unknown_language_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="german"):
        Analyzer("klingon")


texts = st.text() | st.lists(
    st.sampled_from(
        [
            "US",
            "us",
            "U.S.",
            "'s",
            "-",
            "’",
            ".",
            ",",
            "&",
            "é",
            "e\u0301",
            "ß",
            "東",
            "1",
            "a",
            "B",
            " ",
            "\n",
            "\u00a0",
            "++",
            "#",
            "😀",
        ]
    )
).map("".join)


@given(texts)
def test_tokens_stand_where_they_say(text: str) -> None:
    at = 0
    for token in ENGLISH.tokens(text):
        assert 0 <= token.start < token.end <= len(text)
        assert token.term
        assert token.form
        assert " " not in token.form
        assert token.start >= at or token.step == 0
        if token.step:
            at = token.start


@given(texts)
def test_chunks_do_not_overlap(text: str) -> None:
    spans = list(chunks(text))
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


@given(texts)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(texts)
def test_the_builder_sees_the_same_tokens(text: str) -> None:
    """Chunks cut by bytes and looked up give what the analyzer gives for the text."""
    vocabulary = Vocabulary(ENGLISH)
    numbers = np.array([vocabulary[raw] for raw in raw_chunks(Piece(Field.BODY, text))], np.uint32)
    tokens, steps, _ = expand(numbers, np.array([len(numbers)]), vocabulary)
    found = []
    for form, step in zip(tokens.tolist(), steps.tolist(), strict=True):
        stem, *forms = vocabulary.words[vocabulary.terms[form]].split(" ")
        found.append((stem, forms[vocabulary.shapes[form]].replace("~", stem), step))
    assert found == [(t.term, t.form, t.step) for t in ENGLISH.tokens(text)]


def test_hostile_words_take_no_time_to_speak_of() -> None:
    for text in (
        "1" * 100_000 + ",x",
        "a-" * 50_000,
        "a." * 50_000,
        "a&" * 50_000,
        "'" * 100_000,
        "e" + "\u0301" * 50_000,
    ):
        ENGLISH.tokens(text)
