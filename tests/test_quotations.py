"""Quotations and their speakers, against cases written by hand and against what must hold for any text."""

import json
import time
from itertools import pairwise, product
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import Oracle

import search
from search.claims.quotations import quotations
from search.claims.sameness import groups
from search.cli import run
from search.query import parse

CASES = Path(__file__).parent / "data" / "quotations.txt"

Said = tuple[str, str]  # what, and by whom


class Agreement(NamedTuple):
    """Numbers of quotations; `spoken` are those found with the right speaker."""

    expected: int
    found: int
    right: int
    spoken: int
    faults: list[tuple[str, set[Said], set[Said]]]


def paragraphs(text: str) -> list[tuple[int, int]]:
    found, at = [], 0
    for line in text.split("\n"):
        if line:
            found.append((at, at + len(line)))
        at += len(line) + 1
    return found


def read(text: str) -> list[Said]:
    return [
        (" / ".join(text[start:end] for start, end in each.parts).replace("\n", "⏎"), each.name or "-")
        for each in quotations(text, paragraphs(text))
    ]


def measured(part: int) -> Agreement:
    """Return what is found of a part of the cases, by its number."""
    block = CASES.read_text(encoding="utf-8").split("\n# Part ")[part]
    cases: list[tuple[str, list[Said]]] = []
    for line in block.splitlines()[1:]:
        if line.startswith("> "):
            what, _, name = line[2:].rpartition(" | ")
            cases[-1][1].append((what, name))
        else:
            cases.append((line.replace("⏎", "\n"), []))
    expected = found = right = spoken = 0
    faults = []
    for text, said in cases:
        got = read(text)
        expected, found = expected + len(said), found + len(got)
        right += len({what for what, _ in got} & {what for what, _ in said})
        spoken += len(set(got) & set(said))
        if set(got) != set(said):
            faults.append((text, set(got) - set(said), set(said) - set(got)))
    return Agreement(expected, found, right, spoken, faults)


PIECES = st.lists(
    st.sampled_from(
        """Holm said. said, " ' “ ” ‘ ’ « » „ told Ragna Ragna's The the minister, she he adding, asked: according to
        dam dams (AP) Dr. — who "We "The gates," rock 'n' 5'10" … ? !""".split()
    )
    | st.sampled_from(["\n", "\n\n"]),
    max_size=25,
).map(" ".join)


@given(st.text() | PIECES)
def test_any_text_has_quotations_in_order_that_stand_in_it(text: str) -> None:
    spans = paragraphs(text)
    found = quotations(text, spans)
    parts = [part for each in found for part in each.parts]
    assert all(start < end for start, end in parts)
    assert all(one[1] < other[0] for one, other in pairwise(parts))
    for each in found:
        assert all(any(start <= a and b <= end for start, end in spans) for a, b in each.parts)
        assert (each.speaker is None) is (each.name == "")
        for span in filter(None, (each.speaker, each.cue)):
            assert text[slice(*span)].strip()


@pytest.mark.parametrize("part", [1, 2])
def test_quotations_and_speakers_are_found(part: int) -> None:
    expected, found, right, spoken, faults = measured(part)
    assert expected >= 40
    assert right / found >= 0.98, faults
    assert spoken / found >= 0.96, faults
    assert spoken / expected >= 0.92, faults


@pytest.mark.parametrize(
    "text",
    [
        "'a " * 30_000,
        '"a said" b, ' * 9_000,
        '"A b," he said. ' * 9_000,
        'Holm said "a b" ' * 4_000,
        '"' * 200_000,
        "Tann was here. " + '"It rained," he said, ' * 9_000,
        " ".join(f'"It rained a lot," Name{number} said.' for number in range(4_000)),
    ],
    ids=range(7),
)
def test_a_text_of_nothing_but_marks_is_read_in_time_that_grows_with_it(text: str) -> None:
    began = time.process_time()
    quotations(text, [(0, len(text))])
    assert time.process_time() - began < 15


def test_what_is_read_is_bounded_and_a_note_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = search.open(tmp_path / "index")
    body = '"The dam has burst," Holm said. It is gone.'
    index.add([search.Article(id=str(n), body=body, date=f"2021-08-0{n}") for n in range(1, 8)])
    assert len(index.search("quote:dam", group=False)) == 7
    monkeypatch.setattr("search.engine.matching.MOST_SPOKEN", 3)
    results = index.search("quote:dam", group=False)
    assert {hit.id for hit in results} == {"5", "6", "7"}
    assert results.notes == ("Who speaks was looked up in the newest 3 of 7 articles.",)
    monkeypatch.setattr("search.engine.matching.ALL_SPOKEN", 4)
    assert index.search("quote:dam quote:burst", group=False).notes[1] == (
        "Who speaks was looked up in the newest 1 of 7 articles."
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Holm denied saying "the dam is lost".', []),
        ('Holm denied having ever said "the dam is lost".', []),
        ('Holm denied that she said: "The dam is lost."', []),
        ('If Holm had said "the dam is lost", nobody would have stayed.', []),
        ('Had Holm said "the dam is lost", nobody would have stayed.', []),
        ('Holm, if asked, said: "The dam is lost."', [("The dam is lost.", "Holm")]),
        ('Asked if it was over, Holm said: "The dam is lost."', [("The dam is lost.", "Holm")]),
        ('Said Holm: "The dam is lost."', [("The dam is lost.", "Holm")]),
        ('Varga left. Added Ragna Holm: "The dam is lost."', [("The dam is lost.", "Ragna Holm")]),
        ('Said the mayor, Ragna Holm: "The dam is lost."', [("The dam is lost.", "Ragna Holm")]),
        ('Varga met Holm. "The dam is lost," she said.', [("The dam is lost,", "-")]),
        ('Holm came. "The dam is lost," she said.', [("The dam is lost,", "Holm")]),
    ],
)
def test_nobody_rather_than_the_wrong_one_is_named(text: str, expected: list[Said]) -> None:
    assert read(text) == expected


def grouped(said: list[tuple[str, str]]) -> list[list[int]]:
    """Return which of some quotations are the same; names of persons have capitals."""
    names = [name.lower().split() for _, name in said]
    return groups([text.split() for text, _ in said], names, [name.istitle() for _, name in said])


def test_the_same_words_are_one_quotation() -> None:
    said = [
        ("not much", "Karimov"),
        ("not much", "Yussuf Kerimov"),
        ("not much", "Varga"),
        ("it is up to the taleban now", ""),
        ("he said it is up to the taliban now my friends", "Holm"),
        ("it is up to the dam", "Holm"),
    ]
    assert grouped(said) == [[0, 1], [2], [3, 4], [5]]


LONG = "we have the right to mend our own dam"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Ragna Holm", "Ivo Varga"], [[0], [1]]),
        (["Ragna Holm", "Ivo Holm"], [[0], [1]]),
        (["Holm", "Ragna Holm", "Ragna M Holm"], [[0, 1, 2]]),
        (["Joe Holm", "Joseph Holm"], [[0, 1]]),
        (["", "Holm", "a spokesman for the dam", "Ragna Holm"], [[0, 1, 2, 3]]),
        (["", "Ragna Holm", "Ivo Varga", ""], [[0, 3], [1], [2]]),
        (["Holm", "Ragna Holm", "Ivo Holm"], [[0], [1], [2]]),
        (["Holm", "Ragna Holm", "Ivo Varga"], [[0, 1], [2]]),
    ],
)
def test_the_same_words_of_two_persons_are_two_quotations(names: list[str], expected: list[list[int]]) -> None:
    assert grouped([(LONG, name) for name in names]) == expected
    assert grouped([(f"{'so ' * at}{LONG}", name) for at, name in enumerate(names)]) == expected


def test_what_the_words_of_another_speaker_hold_together_is_apart_without_them() -> None:
    said = [(f"{LONG} and yours", "Holm"), (LONG, "Varga"), (f"no {LONG}", "Holm")]
    assert grouped(said) == [[0], [1], [2]]


def test_many_speakers_of_the_same_words_are_told_apart_in_time_that_grows_with_them() -> None:
    said = [(LONG, f"N{at:x} Holm{at:x}z") for at in range(4000)]
    began = time.process_time()
    groups([text.split() for text, _ in said], [name.lower().split() for _, name in said], [True] * len(said))
    assert time.process_time() - began < 5


ARTICLES = {
    "a": 'Ragna Holm came.\n\n"The dam may breach," Holm said. "Not much is left."',
    "b": 'Holm left. "Not much," Varga told reporters, "can be done about the dam." Nobody answered.',
    "c": "Not much is left of the dam, Holm said.",
    "d": '"The gates," said Holm, "were shut." Ivo Tann said: "Not much."',
    "e": 'He called it "not much of a dam". She said so.',
}


def test_who_says_what_is_answered_as_the_oracle_does(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    articles = [search.Article(id=name, body=body) for name, body in ARTICLES.items()]
    index.add(articles[:3])
    index.add(articles[3:])
    told = {name: value for name, value in index.settings().items() if isinstance(value, float)}
    oracle = Oracle([(article, article.zones or ()) for article in index], told)
    what = ("not", "much", '"not much"', '"dam may"', "gates", "(not w/3 dam)", "(dam OR gates)", "left*", "=shut")
    who = ("", " by:holm", " by:varga", " by:tann", ' by:"ragna holm"', " by:(holm OR tann)", " -by:holm", " by:h*")
    queries = [f"quote:{one}{other}" for one, other in product(what, who)]
    queries += ["by:holm", "by:nobody", "by:ragna by:holm", "by:ragna by:tann", "dam by:holm", "NOT quote:dam"]
    n_found = 0
    for query in [*queries, *(f"atleast2({query})" for query in queries[:20])]:
        results = index.search(query, group=False)
        expected = oracle.ranked(parse(query).tree)
        assert [hit.id for hit in results] == [each for each, _ in expected], query
        assert [hit.score for hit in results] == pytest.approx([score for _, score in expected]), query
        assert [hit.explain().value for hit in results] == pytest.approx([score for _, score in expected]), query
        assert [hit.id for hit in index.search(results.reading, group=False)] == [hit.id for hit in results], query
        n_found += len(results)
    assert n_found > 50
    assert {hit.id for hit in index.search('quote:"not much" by:holm')} == {"a"}
    assert {hit.id for hit in index.search("quote:dam by:varga")} == {"b"}


def test_highlights_of_a_quotation_are_what_is_said(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    text = 'Not much of the wall is left. "Not much," Holm said.'
    index.add([search.Article(id="a", body=text)])
    [hit] = index.search('quote:"not much"')
    assert [[text[slice(*span)] for span in passage.highlights] for passage in hit.passages] == [["Not much"]]
    assert hit.passages[0].highlights[0][0] > 20
    text = '"The dam holds," Varga said. "The dam has burst," Holm said.'
    index.add([search.Article(id="b", body=text)])
    [hit] = index.search("quote:dam by:holm")
    spans = [span for passage in hit.passages for span in passage.highlights]
    assert [text[slice(*span)] for span in spans] == ["dam", "Holm"]
    assert spans[0][0] > 28
    assert index.why_not("quote:wall", "a")[0].reason == "nobody is quoted with it"
    assert index.why_not("quote:much by:varga", "a")


def test_quotations_are_listed_once_with_their_outlets(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add(
        [
            search.Article(id="1", source="Ledger", date="2021-08-10", body='"Not much," Yusuf Karimov said.'),
            search.Article(id="2", source="Wire", date="2021-08-11", body='Kerimov, asked again, said: "Not much."'),
            search.Article(id="3", source="Post", body='"Not much," Varga said of the much-praised dam.'),
        ]
    )
    found = index.quotes("much")
    assert [(quote.text, quote.speaker, quote.outlets) for quote in found.quotes] == [
        ("Not much.", "Yusuf Karimov", ("Ledger", "Wire")),
        ("Not much", "Varga", ("Post",)),
    ]
    assert (found.quotes[0].first, found.quotes[0].last) == ("2021-08-10", "2021-08-11")
    assert [quote.speaker for quote in index.quotes("quote:much by:varga").quotes] == ["Varga"]
    assert [quote.speaker for quote in index.quotes("varga").quotes] == ["Varga"]
    assert not index.quotes("dam").quotes
    assert json.dumps(found.quotes)


def test_quotations_and_numbers_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = str(tmp_path / "index")
    body = '"Not much," Holm said. At least nine people were killed.\x1b'
    search.open(place).add([search.Article(id="a", source="Ledger", body=body)])
    assert run(["quotes", "much", "--index", place]) == 0
    shown = capsys.readouterr().out
    assert "\u201cNot much\u201d\n    Holm · undated · Ledger\n    a\n" in shown
    assert run(["quotes", "much", "--index", place, "--json"]) == 0
    [quote] = json.loads(capsys.readouterr().out)["quotes"]
    [utterance] = quote["utterances"]
    assert [body[start:end] for start, end in utterance["parts"]] == ["Not much,"]
    assert quote["speaker"] == utterance["speaker"] == "Holm"
    assert run(["numbers", "people", "--index", place]) == 0
    shown = capsys.readouterr().out
    assert ">= 9" in shown
    assert "people · killed" in shown
    assert run(["numbers", "people", "--index", place, "--json"]) == 0
    [tally] = json.loads(capsys.readouterr().out)["tallies"]
    [value] = tally["values"]
    assert (value["least"], value["most"], tally["disagree"]) == (9, None, False)
    assert body[value["figures"][0]["start"] : value["figures"][0]["end"]] == "At least nine"
    assert run(["quotes", "lighthouse", "--index", place]) == run(["numbers", "lighthouse", "--index", place]) == 1


if __name__ == "__main__":
    for number in (1, 2):
        expected, found, right, spoken, _ = measured(number)
        print(
            f"part {number}: {expected} quotations, {found} found; precision {right / found:.3f}, recall"
            f" {right / expected:.3f}; with the speaker {spoken / found:.3f}, {spoken / expected:.3f}"
        )
