"""The generator of copies keeps what its labels rest on."""

import json
import lzma
import random
from collections import Counter
from pathlib import Path

import pytest
from newsroom import WAYS, Made, Word, keys_of, newsroom, paragraphs_of, respelt, styled, true_relation

from search.model import Article

TEXT = """The harbour board of Quillonburg said seven ferries
would be recognized as historic by 12 of its members.
    "We never doubted it, and neither did the people who row
out to them every single morning," Marta Hesseldine said.
    She put the cost at 3.5 mln dlrs.
 Reuter
"""


@pytest.fixture(scope="module")
def made(shared_data: Path) -> list[Made]:
    with lzma.open(shared_data / "corpora" / "reuters21578.jsonl.xz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    return newsroom(records, seed=3, families=20, distractors=50)


def test_paragraphs_are_read_without_the_agency_s_mark() -> None:
    paragraphs = paragraphs_of(TEXT)
    assert [len(paragraph) for paragraph in paragraphs] == [18, 20, 8]
    assert paragraphs[2][-1] == Word("dlrs.", ("dlrs",))


@pytest.mark.parametrize("seed", range(5))
def test_another_spelling_keeps_the_keys_and_changes_the_print(seed: int) -> None:
    paragraphs = paragraphs_of(TEXT)
    for way in (respelt, styled):
        changed = way(paragraphs, random.Random(seed))
        assert [[w.keys for w in p] for p in changed] == [[w.keys for w in p] for p in paragraphs]
    printed = " ".join(word.printed for paragraph in changed for word in paragraph)
    assert "harbor board" in printed
    assert "7 ferries" in printed
    assert "twelve of" not in printed  # only words become numerals
    assert "recognised" in printed
    assert "3.5 million dollars." in printed


def test_keys_are_words_without_what_stands_around_them() -> None:
    assert keys_of("\"Sar-i-Pul's,") == ("sar", "i", "pul")
    assert keys_of("harbour") == keys_of("Harbor") == ("harbor",)
    assert keys_of("--") == ()


def _made(article_id: str, text: str, taken: str = "", own: str = "") -> Made:
    words = [Word(w, keys_of(w)) for w in text.split()]
    words += [Word(w, keys_of(w), taken=True) for w in taken.split()]
    words += [Word(w, ()) for w in own.split()]
    return Made(Article(id=article_id, body=text), "", 0, words)


def test_the_share_is_of_the_shorter_one_and_counts_runs_of_five() -> None:
    letters = "a b c d e f g h i j".split()
    long = _made("1", " ".join([*letters, *"k l m n o p q r s t".split()]))
    assert true_relation(long, _made("2", " ".join(letters))) == ("copy", 1.0)
    assert true_relation(long, _made("2", "a b c d x y z")) == ("none", 0.0)
    assert true_relation(long, _made("2", "p q r s t x x x x x a b c d e")) == ("partial", 10 / 15)


def test_what_is_taken_over_is_a_quote_and_boilerplate_is_nothing() -> None:
    said = "we never doubted it and neither did they"
    assert true_relation(_made("1", f"x {said} y"), _made("2", "z z", taken=said)).relation == "quote"
    foot = "write to the desk and name the page and the line"
    assert true_relation(_made("1", "x y z", own=foot), _made("2", "a b c", own=foot)).relation == "none"


def test_every_kind_is_made(made: list[Made]) -> None:
    kinds = Counter(one.kind for one in made)
    assert set(kinds) == {*WAYS, "original", "mixed", "reworked", "quoting", "boilerplate", "distractor"}
    assert len({one.article.id for one in made}) == len(made)
    assert all(one.article.body.split() == [word.printed for word in one.words] for one in made)
    assert max(len(one.keys) for one in made) >= 2000
    assert 55 <= min(len(one.keys) for one in made if one.kind == "brief") <= 60
