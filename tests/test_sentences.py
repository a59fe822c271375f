"""Sentence ends, against cases written by hand and against what must hold for any text."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.text import sentences
from search.text.sentences import sentence_ends

CASES = Path(__file__).parent / "data" / "sentences.txt"
PIECES = st.lists(
    st.sampled_from(
        """U.S. a. The he Gen. Thurs. Sept. 5 No. Inc. Ltd. Calif. dept. p.m. said Tann asked Brandt J. WATER river
        3.5 12. 1987. (then (The this.) that) word. words! words? ... … 。 ？ 」 « » ' " ” “ - * 1. - , a A I""".split()
    )
    | st.sampled_from(
        ["\n", "\n\n", " ", "\r\n\r\n", '." ', "?” ", '" ', ' . " ', " . ", "\n- ", "\n1. ", "\u2029", "\u00a0"]
    ),
    max_size=14,
)
TEXTS = st.text() | PIECES.map("".join) | PIECES.map(" ".join)


def _case(line: str) -> tuple[str, set[int]]:
    """Return the text of a case, and the last offset (without white space) of each sentence in it but the last."""
    parts = line.rstrip("\n").replace("⏎", "\n").split("‖")
    text = "".join(parts)
    ends = set()
    at = 0
    for part in parts[:-1]:
        at += len(part)
        ends.add(len(text[:at].rstrip()))
    return text, ends


def _split(text: str) -> list[str]:
    """Return the sentences of a text without the white space around them."""
    ends = sentence_ends(text)
    return [text[start:end].strip() for start, end in zip([0, *ends], ends, strict=False)]


def test_hand_made_boundaries_are_found() -> None:
    found = missed = extra = 0
    wrong = []
    for line in CASES.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        text, expected = _case(line)
        got = {len(text[:end].rstrip()) for end in sentence_ends(text)[:-1]}
        found += len(got & expected)
        missed += len(expected - got)
        extra += len(got - expected)
        if got != expected:
            wrong.append((text, sorted(got - expected), sorted(expected - got)))
    assert found + missed >= 300
    f1 = 2 * found / (2 * found + missed + extra)
    assert f1 >= 0.99, (f1, wrong)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Calif. Gov. Tann left Thurs. Sept. 5 with Lieut. Cole.", 1),  # four small letters before the stop
        ("The report went to the SEC. The mass was said. He left.", 3),  # words that look like abbreviations
        ("He joined Warner Bros. Pictures in May. Wm. Tann did not.", 2),
        ("Brandt Inc. (BRN) fell. Ostrand Co. & Sons rose.", 2),
        ("She said: 'Go.' They went.", 2),
        ('He said: "Why?" She said: "Why not?"', 2),
        ('"Why?" Tann said. "Why not?" Tann asked: "Who rang?"', 3),
        ("", 0),
        (" \n", 1),
    ],
)
def test_a_text_has_so_many_sentences(text: str, expected: int) -> None:
    assert len(_split(text)) == expected, _split(text)


def test_hard_wrapped_lines_and_a_blank_line() -> None:
    text = "  One river\nrose. Two\r\nfell.\r\n\r\nno stop\n \n\n- Three"
    assert _split(text) == ["One river\nrose.", "Two\r\nfell.", "no stop", "- Three"]


@given(TEXTS)
def test_ends_cover_any_text(text: str) -> None:
    ends = sentence_ends(text)
    assert ends == sorted(set(ends))
    assert (ends[-1] == len(text)) if text else not ends
    assert 0 not in ends
    assert not any(text[end].isspace() for end in ends[:-1])
    assert not text.strip() or all(_split(text))


@given(TEXTS, TEXTS)
def test_a_blank_line_always_ends_a_sentence(before: str, after: str) -> None:
    text = f"{before}x\n\ny{after}"
    assert len(before) + 3 in sentence_ends(text)


@given(TEXTS)
def test_the_quick_way_finds_what_the_slow_one_finds(text: str) -> None:
    doubtful = re.compile(rf"[{sentences._MARKS}]{sentences._DOUBTFUL}", re.VERBOSE)
    quick = sentence_ends(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sentences, "_MARK", doubtful)
        assert sentence_ends(text) == quick


def test_a_long_run_of_marks_takes_no_time_to_speak_of() -> None:
    for text in (
        *("." * 200_000, ". " * 100_000, "\n" * 100_000, "a" * 300_000 + ".", '"' * 100_000, "...\n" * 50_000),
        *(' . " ' * 50_000, "(x.) b" * 50_000, "\n- " * 50_000, "A B C D E F\n" * 20_000, "。」" * 50_000),
    ):
        assert sentence_ends(text)[-1] == len(text)
