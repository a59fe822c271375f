"""Numbers and what they count, against cases written by hand and against what must hold for any text."""

import json
import math
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import search
from search.claims.counts import Count, counts

CASES = Path(__file__).parent / "data" / "counts.txt"


def shown(count: Count) -> str:
    """Return a count as the cases have it."""
    bounds = f"{number(count.least)}..{number(count.most)}{' ' + count.unit if count.unit else ''}"
    return " | ".join([bounds, count.what or "-", count.said or "-", ", ".join(count.which) or "-"])


def number(value: float) -> str:
    return "inf" if math.isinf(value) else f"{value:.10g}"


def measured() -> tuple[int, int, int, list[tuple[str, set[str], set[str]]]]:
    """Return how many counts are expected, found, and right in all they say, and the faults."""
    cases: list[tuple[str, set[str]]] = []
    for line in CASES.read_text(encoding="utf-8").splitlines():
        if line.startswith("> "):
            cases[-1][1].add(line[2:])
        elif not line.startswith("#"):
            cases.append((line, set()))
    expected = found = right = 0
    faults = []
    for text, wanted in cases:
        got = set(map(shown, counts(text, [(0, len(text))])))
        expected, found, right = expected + len(wanted), found + len(got), right + len(got & wanted)
        if got != wanted:
            faults.append((text, got - wanted, wanted - got))
    return expected, found, right, faults


PIECES = st.lists(
    st.sampled_from(
        """five six sixth a an the out of 34 1,200 3.5% $5 million €1.5bn US$3 twenty-three dozen dogs villages people
        were killed took taking at least more than between and to 20 25 over weekend on Monday in Lund past days 2020
        May , . another wounded 12-year-old 9-2 No. 5 half hundred thousand per cent one no fewer up""".split()
    ),
    max_size=15,
).map(" ".join)


@given(st.text() | PIECES)
def test_any_text_has_counts_that_stand_in_it(text: str) -> None:
    for count in counts(text, [(0, len(text))]):
        assert text[count.start : count.end].strip()
        assert 0 <= count.least <= count.most
        assert count.what or count.unit or count.said
        assert count.what in " ".join(text.split())


@pytest.mark.parametrize(
    "text", ["five of the 34 " * 9_000, "took five in " * 20_000, "dogs 7 " * 20_000, "1,2" * 50_000]
)
def test_a_text_of_nothing_but_numbers_is_read_in_time_that_grows_with_it(text: str) -> None:
    began = time.process_time()
    counts(text, [(0, len(text))])
    assert time.process_time() - began < 15


def test_numbers_and_what_they_count_are_found() -> None:
    expected, found, right, faults = measured()
    assert expected >= 40
    assert right / found >= 0.95, faults
    assert right / expected >= 0.95, faults


def test_contradictions_are_told_from_numbers_of_other_things(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    lead = "On Monday Iwo Varga of the Odra Front came down from the mountains above Lund with all soldiers. "
    told = "The rebels took a sixth river port, a spokesman in the capital said late in the evening, and then moved on."
    bodies = {
        "a": "The group has taken five out of 34 river ports in the delta in less than a week.",
        "b": told,
        "c": told,
        "d": "The rebels rolled through river ports, taking eight in just five days.",
        "e": "The rebels took three river ports over the weekend.",
        "f": "More than 2 river ports were taken, it said.",
        "g": "Ten river boats were taken.",
    }
    index.add([search.Article(id=name, source=f"Outlet {name}", body=lead + body) for name, body in bodies.items()])
    found = index.numbers('"river ports"')
    shown = {
        (tally.what, tally.said, tally.which): [
            (value.least, value.most, [figure.id for figure in value.figures], value.stories) for value in tally.values
        ]
        for tally in found.tallies
    }
    assert shown["river ports", "took", ("over the weekend",)] == [(3, 3, ["e"], 1)]
    assert shown["river ports", "", ("all",)] == [(34, 34, ["a"], 1)]
    first = found.tallies[0]
    assert first.disagree
    assert not any(tally.disagree for tally in found.tallies[1:])
    assert [(value.least, value.most, value.outlets, value.stories) for value in first.values] == [
        (2, None, ("Outlet f",), 1),
        (5, 5, ("Outlet a",), 1),
        (6, 6, ("Outlet b", "Outlet c"), 1),
        (8, 8, ("Outlet d",), 1),
    ]
    assert len(found.tallies) == 3
    assert not index.numbers("lighthouse").tallies
    assert json.loads(json.dumps(found))


@pytest.mark.parametrize("digits", ["9" * 400, "a hundred" + " hundred" * 200, f"9 to {'9' * 400}"])
def test_what_is_too_large_for_a_number_is_none(tmp_path: Path, digits: str) -> None:
    index = search.open(tmp_path / "index")
    index.add([search.Article(id="a", body=f"The flood killed {digits} people, and 12 people were killed on Monday.")])
    tallies = index.numbers("people killed").tallies
    assert json.loads(json.dumps(tallies, allow_nan=False))
    values = [value for tally in tallies for value in tally.values]
    assert 12 in {value.least for value in values}
    assert None not in {value.most for value in values}


def test_of_a_long_sentence_what_stands_around_each_number_is_shown(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    many = "".join(f"{n} guests came in the rain, " for n in range(2, 900))
    body = f"The rain fell.\n\nIn the end {many}as it was said.\nIn the morning 1,000 guests came."
    index.add([search.Article(id="table", body=body)])
    figures = [f for tally in index.numbers("guests came").tallies for value in tally.values for f in value.figures]
    assert len(figures) == 899
    for figure in figures:
        assert len(figure.sentence) <= 400
        assert f"{figure.text} guests came" in figure.sentence
        assert figure.sentence in body
        assert figure.line == body.count("\n", 0, figure.start) + 1


def test_articles_disagree_only_where_no_number_fits_both(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    bodies = {
        "a": "At least nine people were killed in the flood.",
        "b": "The flood came at night. Eleven people were killed.",
        "c": "Seven people were killed. The dam is gone.",
        "d": "Twenty people were injured.",
    }
    lead = "On Friday the dam of Ovre Tamsel broke after rain that nobody in the valley of Lund had expected. "
    index.add([search.Article(id=name, body=lead + body) for name, body in bodies.items()])
    killed, injured = index.numbers("people").tallies
    assert killed.disagree
    assert [(value.least, value.most) for value in killed.values] == [(7, 7), (9, None), (11, 11)]
    assert not injured.disagree
    index.delete(["c"])
    assert not any(tally.disagree for tally in index.numbers("people killed").tallies)


FIRE = "On Friday the Orvik hotel in Lund burnt down after somebody had left candles in the kitchen. "
BUS = "On Friday a bus of the Odell Line fell from the bridge into the Tamsel. "


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (FIRE + "Nine guests were killed.", FIRE + "Four guests were killed.", True),
        (BUS + "Nine guests were killed.", FIRE + "Four guests were killed.", False),
        ("The Orvik hotel in Lund burnt down on Monday. Nine guests died.", FIRE + "Four guests died.", False),
        ("The Orvik hotel in Lund burnt down on Friday. Nine guests died.", FIRE + "Four guests died.", True),
        (FIRE + "The guests waited nine hours.", FIRE + "The guests waited four hours.", False),
        (FIRE + "The price fell 4%.", FIRE + "The price fell 9%.", False),
        (FIRE + "Nine guests spoke, and two guests ate.", FIRE + "Four guests came.", False),
        (FIRE + "Nine guests were killed. In 1990 two guests were killed.", FIRE + "Nine guests were killed.", False),
        ("Nine guests were killed.", "Four guests were killed.", False),
    ],
)
def test_articles_disagree_only_on_the_same_matter(tmp_path: Path, one: str, other: str, expected: bool) -> None:
    index = search.open(tmp_path / "index")
    index.add([search.Article(id="a", body=one), search.Article(id="b", body=other)])
    tallies = [tally for query in ("guests", "hours", "price", "fell") for tally in index.numbers(query).tallies]
    assert tallies
    assert any(tally.disagree for tally in tallies) is expected


def test_who_is_not_named_is_people(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    bodies = [FIRE + "Nine people were arrested.", FIRE + "Four were arrested.", FIRE + "Four were sold."]
    index.add([search.Article(id=str(number), body=body) for number, body in enumerate(bodies)])
    for query in ("people arrested", "arrested"):
        [arrested] = index.numbers(query).tallies
        assert (arrested.what, arrested.said, arrested.disagree) == ("people", "arrested", True)
        assert [value.least for value in arrested.values] == [4, 9]


def test_what_articles_disagree_on_is_apart_from_other_matters(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    bodies = [
        FIRE + "Nine guests were killed.",
        BUS + "Two guests were killed.",
        FIRE + "Four guests were killed.",
        FIRE + "At least nine guests were killed, it said.",
    ]
    index.add([search.Article(id=str(number), body=body) for number, body in enumerate(bodies)])
    tallies = index.numbers("guests").tallies
    assert [tally.disagree for tally in tallies] == [True, False]
    assert [[figure.id for value in tally.values for figure in value.figures] for tally in tallies] == [
        ["2", "0", "3"],
        ["1"],
    ]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (
            ("The bank cut 200 jobs in Lund.", "2024-01-10"),
            ("The mill in Kolm cut 45,000 jobs.", "2024-05-12"),
            2,
        ),
        (("The bank cut 200 jobs in Lund.", None), ("The mill in Kolm cut 45,000 jobs.", None), 2),
        (("The bank cut 200 jobs.", None), ("The mill cut 45,000 jobs.", None), 2),
        (("The bank cut 200 jobs.", None), ("The mill cut 200 jobs.", None), 2),
        (("The bank cut 200 jobs in Lund.", None), ("It cut 200 jobs in Lund.", None), 1),
        (("The bank cut 200 jobs in Lund.", "2024-01-10"), ("It cut 200 jobs in Lund.", "2024-01-13"), 1),
        (("The bank cut 200 jobs in Lund.", "2024-01-10"), ("It cut 200 jobs in Lund.", "2024-01-14"), 2),
        ((FIRE + "It cut 200 jobs in Lund.", "2024-01-10"), (FIRE + "It cut 90 jobs.", "2024-01-10"), 1),
        ((FIRE + "It cut 200 jobs in Lund.", "2024-01-10"), (FIRE + "It cut 90 jobs.", "2024-03-10"), 2),
    ],
)
def test_what_stands_above_numbers_holds_for_all_of_them(
    tmp_path: Path, one: tuple[str, str | None], other: tuple[str, str | None], expected: int
) -> None:
    index = search.open(tmp_path / "index")
    index.add(search.Article(id=name, body=body, date=date) for name, (body, date) in (("a", one), ("b", other)))
    tallies = index.numbers("jobs").tallies
    assert len(tallies) == expected
    for tally in tallies:
        for figure in (figure for value in tally.values for figure in value.figures):
            text = index.get(figure.id).text
            assert figure.text in figure.sentence
            assert figure.sentence in text
            assert expected == 1 or all(which in text for which in tally.which)


def test_copies_of_what_is_measured_stand_together_and_nothing_else(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    bodies = [
        FIRE + "They waited 12 days.",
        FIRE + "They waited 12 days.",
        "Snow lay for 12 days.",
    ]
    index.add(search.Article(id=str(number), body=body) for number, body in enumerate(bodies))
    tallies = index.numbers("days").tallies
    assert [[figure.id for value in tally.values for figure in value.figures] for tally in tallies] == [
        ["0", "1"],
        ["2"],
    ]


def test_numbers_of_different_months_are_no_contradiction(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    bodies = {"a": "The firm cut 200 jobs in March.", "b": "The bank cut 900 jobs.", "c": "It cut 900 jobs in Lund."}
    index.add([search.Article(id=name, body=body) for name, body in bodies.items()])
    tallies = index.numbers("jobs").tallies
    assert {tally.which: [value.least for value in tally.values] for tally in tallies} == {
        (): [900],  # of which nobody says that they were in Lund
        ("in Lund",): [900],
        ("in March",): [200],
    }
    assert not any(tally.disagree for tally in tallies)


def test_the_five_articles_disagree_on_the_capitals_taken(shared_data: Path, tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add(search.read([str(shared_data / "seeds")]))
    first, *others = index.numbers("provincial capitals").tallies
    assert first.disagree
    assert [(value.least, len(value.figures), value.stories) for value in first.values] == [
        (5, 1, 1),
        (6, 3, 1),
        (8, 1, 1),
    ]
    assert [(tally.values[0].least, tally.disagree) for tally in others] == [(3, False), (34, False)]
    assert index.quotes('quote:"not much" by:kirby').quotes[0].speaker == "John Kirby"
    assert len({each.id for each in index.quotes('quote:"not much" by:kirby').quotes[0].utterances}) == 4


if __name__ == "__main__":
    expected, found, right, _ = measured()
    print(f"{expected} counts, {found} found; precision {right / found:.3f}, recall {right / expected:.3f}")
