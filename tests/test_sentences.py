"""Sentence ends, against cases written by hand and against what must hold for any text."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from search.text.sentences import sentence_ends

CASES = Path(__file__).parent / "data" / "sentences.txt"


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
    f1 = 2 * found / (2 * found + missed + extra)
    assert f1 >= 0.99, (f1, wrong)


@given(
    st.text()
    | st.lists(
        st.sampled_from(["U.S.", "a.", "The", "he", '"', "”", "...", "\n", "\n\n", "- ", "1. ", " ", "。", "?!"])
    ).map("".join)
)
def test_ends_cover_any_text(text: str) -> None:
    ends = sentence_ends(text)
    assert ends == sorted(set(ends))
    assert (ends[-1] == len(text)) if text else not ends
    assert 0 not in ends


def test_a_long_run_of_marks_takes_no_time_to_speak_of() -> None:
    for text in ("." * 200_000, ". " * 100_000, "\n" * 100_000, "a" * 300_000 + ".", '"' * 100_000):
        assert sentence_ends(text)[-1] == len(text)
