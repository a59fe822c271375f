"""The choice of sentences, and what may be shown."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import search
from search.engine import record
from search.engine.record import Units
from search.model import Article, Passage
from search.present.finding import Finder
from search.present.hits import Presenter
from search.present.marks import Marker, heard
from search.present.page import _words as words_between
from search.present.passages import EARLY, HEADED, LONGEST, Shown, best, lead, merged
from search.present.questions import asked_speaker
from search.query import parse
from search.query.analyse import analyse
from search.query.clauses import Leaf, leaves
from search.reading import find_zones
from search.text.analysis import Token, analyzer
from search.text.stream import SHOWN, stream

ENGLISH = analyzer("english")
TEXT = """Harrow dam gives way

HARROW (OPA) - A wall of water ran down the Lune valley on Sunday. Nobody had opened the gates. "We rang twice," the
miller said.

The gates of the Harrow dam stand shut. (OPA)

READ MORE: Who shut the Harrow gates?

Engineers reached the dam at dawn. They found the gates rusted shut, the pumps under water and the log book gone.

Source: OPA
"""


def shown(query: str, text: str = TEXT, n: int = 1) -> tuple[Passage, ...]:
    zones = find_zones(text)
    article = Article(id="x", body=text, zones=zones)
    clause = analyse(parse(query).tree, ENGLISH)
    numbers = {leaf: number for number, leaf in enumerate(dict.fromkeys(leaves(clause)))}
    places, told = stream(article, zones, ENGLISH), heard(article, ENGLISH)
    marks = Marker(places, numbers, lambda _: (), lambda _: True, str, told).marks(clause, -1)
    shares = [1 / max(1, len(numbers))] * len(numbers)
    units = record.units(record.split(record.encode(article, zones)).marks)
    return best("x", text, units, marks.text if marks else [], shares, n)


def test_the_sentence_with_most_of_the_query_is_shown() -> None:
    [passage] = shown("rusted pumps log")
    assert "They found the gates rusted shut" in passage.text
    assert [TEXT[a:b] for a, b in passage.highlights] == ["rusted", "pumps", "log"]


def test_captions_and_references_are_never_shown() -> None:
    for query in ("who shut harrow gates", "stand", "read more", "OPA", "source"):
        for passage in shown(query, n=5):
            assert "READ MORE" not in passage.text
            assert "stand shut" not in passage.text
            assert "Source:" not in passage.text


def test_without_a_mark_the_lead_is_shown() -> None:
    [passage] = shown("nothing of the kind here whatsoever".split()[4] + "zzz")
    assert passage.text.startswith("A wall of water")
    assert passage.highlights == ()
    assert passage.score == 0


def test_passages_do_not_overlap_and_come_best_first() -> None:
    passages = shown("gates dam shut miller", n=10)
    spans = sorted((passage.start, passage.end) for passage in passages)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert [p.score for p in passages] == sorted((p.score for p in passages), reverse=True)


def test_a_long_sentence_is_cut_around_what_matched() -> None:
    text = f"{'word ' * 200}needle {'word ' * 200}end."
    [passage] = shown("needle", text)
    assert len(passage.text) <= LONGEST
    assert "needle" in passage.text
    assert passage.text.split() == [w for w in passage.text.split() if w in ("word", "needle", "end.")]


def test_an_article_without_sentences_has_no_passage() -> None:
    assert shown("x", "") == ()
    assert lead("", record.units(b"")) == ""


def test_overlapping_spans_become_one() -> None:
    assert merged([(5, 9), (0, 3), (2, 4), (9, 9), (8, 12)]) == ((0, 4), (5, 12))


words = st.sampled_from(
    [
        "dam",
        "gates",
        "Gates",
        "the",
        "U.S.",
        "he said.",
        "No.",
        "\n\n",
        "\r\n",
        "READ MORE: dam",
        "“quote”",
        "é",
        "e\u0301",
        "😀",
        "\u2028",
        "\x00",
        "שלום",
        "x" * 50,
    ]
)


@given(
    st.lists(words, max_size=60).map(" ".join),
    st.sampled_from(["dam", '"the gates"', "gates w/3 dam", "ga*", "NOT dam", "dam AND gates"]),
)
def test_offsets_hold_for_any_text(text: str, query: str) -> None:
    zones = find_zones(text)
    visible = [(zone.start, zone.end) for zone in zones if zone.kind in SHOWN]
    for passage in shown(query, text, 3):
        assert text[passage.start : passage.end] == passage.text
        assert passage.text == passage.text.strip()
        assert any(a <= passage.start and passage.end <= b for a, b in visible)
        assert passage.line == text.count("\n", 0, passage.start) + 1
        at = passage.start
        for start, end in passage.highlights:
            assert at <= start < end <= passage.end
            at = end


def test_leaves_are_comparable() -> None:
    clause = analyse(parse("dam").tree, ENGLISH)
    assert isinstance(clause, Leaf)
    assert clause == analyse(parse("dams").tree, ENGLISH)


@st.composite
def laid_out(draw: st.DrawFn) -> tuple[str, Units, list[tuple[int, int, int]]]:
    """A text of many sentences in zones, and marks of up to three leaves."""
    text = ""
    ends: list[int] = []
    kinds: list[str] = []
    zones: list[int] = []
    for _ in range(draw(st.integers(1, 12))):
        if not zones or draw(st.booleans()):
            kind = draw(st.sampled_from(["body", "body", "deck", "caption", "title", "subheading"]))
        text += "w" * draw(st.sampled_from([3, 10, 40, 120, 130])) + ". "
        ends.append(len(text))
        zones.append(zones[-1] + (kind != kinds[-1]) if zones else 1)
        kinds.append(kind)
    marks = draw(st.sets(st.tuples(st.integers(0, (len(text) - 3) // 7), st.integers(0, 2)), max_size=30))
    return text, Units(ends, kinds, zones), sorted((7 * at, 7 * at + 2, leaf) for at, leaf in marks)


@given(laid_out(), st.lists(st.sampled_from([0.3, 1.0, 2.5]), min_size=3, max_size=3))
def test_the_one_passage_asked_for_is_the_first_of_many(
    case: tuple[str, Units, list[tuple[int, int, int]]], shares: list[float]
) -> None:
    text, units, marks = case
    one, many = best("x", text, units, marks, shares, 1), best("x", text, units, marks, shares, 50)
    assert one == many[:1]


@given(laid_out(), st.lists(st.sampled_from([0.3, 1.0, 2.5]), min_size=3, max_size=3))
def test_a_sentence_scores_by_its_leaves_and_less_by_those_of_the_heading_above(
    case: tuple[str, Units, list[tuple[int, int, int]]], shares: list[float]
) -> None:
    text, units, marks = case
    inside_of: dict[int, set[int]] = {unit: set() for unit in range(len(units.kinds))}
    for begin, stop, leaf in marks:  # one that reaches into several is in the first that can be shown
        reached = [unit for unit in inside_of if units.start(unit) < stop and begin < units.ends[unit]]
        inside_of[next((unit for unit in reached if units.kinds[unit] in SHOWN), reached[-1])].add(leaf)
    scores: dict[int, float] = {}  # of sentences with a reason to be shown, by where they begin
    headed: set[int] = set()
    for unit, kind in enumerate(units.kinds):
        start, leaves = units.start(unit), inside_of[unit]
        if kind in SHOWN:
            score = EARLY / (1 + unit) + sum(shares[leaf] for leaf in leaves)
            if leaves | headed:
                scores[start] = score + HEADED * sum(shares[leaf] for leaf in headed - leaves)
            headed = set()
        elif kind == "subheading":
            headed |= leaves
    passages = best("x", text, units, marks, shares, 50)
    if not scores:
        assert [passage.score for passage in passages] == [0] * any(kind in SHOWN for kind in units.kinds)
    for passage in passages if scores else ():
        inside = [score for start, score in scores.items() if passage.start <= start < passage.end]
        assert any(passage.score == pytest.approx(score) for score in inside)
    if scores:
        assert passages[0].score == pytest.approx(max(scores.values()))


COUNCIL = """The council met on Thursday. It spoke of the park for an hour.

LIBRARY CUTS

Three of nine branches will shut in autumn. Nobody was asked.

PARK

The gates stay open all year.
"""


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("library cuts", "Three of nine branches"),
        ("zoo cuts", "Three of nine branches"),
        ("park", "The council met on Thursday. It spoke of the park"),  # said in a sentence
        ("park gates", "The gates stay open"),
        ("zoo", "The council met"),
    ],
)
def test_what_matches_in_a_heading_alone_leads_to_what_stands_below_it(query: str, first: str) -> None:
    [passage] = shown(query, COUNCIL)
    assert passage.text.startswith(first)
    for each in shown(query, COUNCIL, 5):
        assert "LIBRARY" not in each.text
        assert "PARK" not in each.text


def test_the_kinds_of_zones_that_match_are_named_where_nothing_is_highlighted(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add([search.Article(id="a", title="Harrow dam", body=TEXT), search.Article(id="b", body=COUNCIL)])
    for query, kinds in (
        ("stand", ("caption",)),
        ("low:gates", ("caption", "reference")),
        ("source", ("source",)),
        ("cuts", ("subheading",)),
        ("stand rusted", ()),
        ("stand harrow", ()),  # in the title
        ("NOT zebra", ()),
    ):
        assert index.search(query)[0].elsewhere == kinds, query


def test_a_joined_form_does_not_make_up_for_a_word_not_found(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add([search.Article(id="a", body="US.", title="sea-lanes")])
    [hit] = index.search("*s*")  # us, too
    assert hit.title_highlights == ((0, 9),)
    assert hit.passages[0].highlights == ((0, 2),)


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("airstrikes", ["Air-strikes", "air\u2013strikes"]),
        ("air*", ["Air-strikes", "air\u2013strikes"]),
        ("unhcr OR covid19", ["U.N.H.C.R.", "COVID-19"]),
        ("lookout", ["look-out"]),
        ("ete NOT zebra", ["é-té"]),
    ],
)
def test_words_with_signs_between_their_letters_are_found_without_analysing_the_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str, marked: list[str]
) -> None:
    monkeypatch.setattr(Presenter, "_analysed", None)
    text = "Air-strikes (air\u2013strikes) hit--look-out!--the U.N.H.C.R.\u2019s tents: COVID-19, é-té."
    index = search.open(tmp_path / "index")
    index.add([search.Article(id="a", body=text)])
    [hit] = index.search(query)
    assert [text[start:end] for start, end in hit.passages[0].highlights] == marked


@given(
    st.text(st.sampled_from("ab U S.,'-&+#_ \n1|()é\u2019\u2014\u00ad中\u0301\u00a0"), max_size=20), st.integers(1, 6)
)
def test_words_between_two_places_are_counted_as_the_analyzer_counts_them(text: str, reach: int) -> None:
    expected = sum(token.step for token in ENGLISH.words(text))
    assert words_between(f"x {text} x", 2, 2 + len(text), reach, ENGLISH) == min(expected, reach)


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("how many pumps", "Eleven pumps stood idle."),
        ("when did the pumps fail", "The pumps had failed in March."),
        ("who built the pumps", "The pumps, said Ada Quill and Tom Ferris, were Mr. Odell's."),
        ("where are the pumps", "The pumps came from Harrow."),
        ("what are pumps", "Good pumps are a machine to lift water."),
        ("pumps", "Old pumps break."),
    ],
)
def test_a_question_is_answered_by_a_sentence_that_has_what_it_asks_for(
    tmp_path: Path, query: str, answer: str
) -> None:
    sentences = (
        "Old pumps break.",
        "The pumps, said Ada Quill and Tom Ferris, were Mr. Odell's.",
        "Good pumps are a machine to lift water.",
        "Eleven pumps stood idle.",
        "The pumps came from Harrow.",
        "The pumps had failed in March.",
    )
    index = search.open(tmp_path / "index")
    index.add([search.Article(id="a", body="\n".join(sentences), title="Pumps")])
    [hit] = index.search(query)
    assert hit.passages[0].text == answer


def test_a_short_sentence_takes_in_the_better_neighbour() -> None:
    [passage] = shown("dam book", "Gates stood open. The dam broke. Nobody saw the book. Rain fell.")
    assert passage.text == "The dam broke. Nobody saw the book."
    [passage] = shown("book rain", "Gates stood open. The dam broke. Nobody saw the book. Rain fell.")
    assert passage.text == "Nobody saw the book. Rain fell."


def test_a_pronoun_brings_the_sentence_it_stands_for() -> None:
    long = f"He closed the sluice {'of the old mill ' * 12}by hand."
    text = f"The miller rose at dawn. {long} Rain fell on the sluice keeper."
    [passage] = shown("closed sluice hand", text)
    assert passage.text == f"The miller rose at dawn. {long}"
    [passage] = shown("closed sluice hand", text.replace("He closed", "Tann closed"))
    assert passage.text.startswith("Tann closed")
    apart = text.replace(" He closed", "\n\nHe closed")
    [passage] = shown("closed sluice hand", apart)
    assert passage.text == long
    far = f"The miller {'slept and ' * 30}rose. {long}"
    assert shown("closed sluice hand", far)[0].text == long


@pytest.mark.parametrize(
    ("query", "text", "passage"),
    [
        ("gates rusted", "Ivo Tann spoke. He rose. He knew why the gates had rusted. Rain fell.", slice(0, 3)),
        ("gates rusted", "Ivo Tann spoke. He knew of the gates. Gates rusted. Rain fell.", slice(0, 3)),
        ("gates rusted", "Ivo Tann spoke. Rain fell. She knew. Gates rusted. It rained on gates.", slice(3, 5)),
        ("gates rusted", f"Ivo Tann {'spoke and ' * 30}sat. He rose. He saw rusted gates. Rain fell.", slice(1, 3)),
    ],
)
def test_no_passage_begins_with_a_pronoun_if_the_sentence_before_fits(query: str, text: str, passage: slice) -> None:
    sentences = text.replace(". ", ".|").split("|")
    assert [each.text for each in shown(query, text)] == [" ".join(sentences[passage])]


WIRE = "Bridge fell at noon."  # too short to make a story of its own
REST = (
    "Nobody stood near when the eastern half of the bridge gave way, as traffic had been stopped before.",
    "Engineers who measured cracks in the bridge had warned the council of this twice in writing, papers show.",
    "A ferry will carry schoolchildren over from Monday, and lorries go round until another bridge is built.",
)


def test_a_sentence_is_the_same_wherever_its_lines_end_and_is_sought_in_time_that_does_not_grow() -> None:
    shown = Shown()
    assert "A dam broke." not in shown
    n = 3000
    for number in range(n):
        shown.take(f"A dam\n broke {number}.")
        assert f"A dam broke {number}." in shown
        assert f"A dam broke {number + 1}." not in shown
    assert "dam broke 1." not in shown


@pytest.mark.parametrize(
    ("sentence", "other"),
    [
        ("“It fell - at once,” Ada Quill said.", '"It fell — at once," Ada Quill said.'),
        ("'It fell at once,' said Ada.", "‘It fell at once,’ said Ada."),
        ("THE DAM BROKE AT NIGHT.", "The dam broke at night."),
        ("Nobody slept‑in – Odell.", "Nobody slept-in—Odell."),
    ],
)
def test_marks_capitals_and_dashes_do_not_make_another_sentence(sentence: str, other: str) -> None:
    shown = Shown()
    shown.take(sentence)
    assert other in shown
    shown.take(f"{other} 1.5")
    assert f"{other} 15" not in shown


@pytest.mark.parametrize("word", ["dam,", "dam-", "dam—", "1,"])
def test_a_text_without_blanks_is_looked_at_a_few_times_alone(word: str) -> None:
    n = 3_000
    looked_at = 0

    def fills(token: Token) -> tuple[int, ...]:
        nonlocal looked_at
        looked_at += 1
        return (0,) if token.form == word[:-1] else ()

    [marks] = Finder(ENGLISH, {word[:-1]: [0]}).marks([word * n], fills)
    assert {start for start, _, _ in marks} >= {at * len(word) for at in range(n)}
    assert looked_at <= 4 * n


def test_no_two_hits_show_the_same_sentence(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add(
        [
            search.Article(id="a", body=f"{WIRE}\n\n{REST[0]}"),
            search.Article(id="b", body=f"{WIRE}\n\n{REST[1]}"),
            search.Article(id="c", body=f"Bridge  fell at\u00a0noon.\n\n{REST[2]}"),
            search.Article(id="d", body=WIRE),
        ]
    )
    hits = index.search("bridge fell noon")
    texts = [" ".join(hit.passages[0].text.split()) for hit in hits]
    assert min(texts, key=len) == WIRE
    assert len(set(texts)) == 4
    index.add([search.Article(id="e", body=WIRE)])
    texts = [hit.passages[0].text for hit in index.search("bridge fell noon")]
    assert texts.count(WIRE) == 2  # there is nothing else to show
    alone = [" ".join(hit.passages[0].text.split()) for hit in index.search("bridge fell noon", group=False)]
    assert [text.startswith(WIRE) for text in alone] == [True] * 5
    leads = [hit.passages[0].text for hit in index.search("NOT zebra", sort="oldest")]
    assert len(set(leads)) == 3


@pytest.mark.parametrize("passages", [1, 2])
def test_a_page_goes_on_as_a_longer_one_would(tmp_path: Path, passages: int) -> None:
    index = search.open(tmp_path / "index")
    index.add([search.Article(id=f"{n}", body=f"{WIRE}\n\n{REST[n % 3]} Number {n}.") for n in range(9)])
    query = "bridge fell noon"
    shown = [hit.passages for hit in index.search(query, limit=9, passages=passages)]
    assert len({passage.text for [passage, *_] in shown}) > 1
    for offset in (1, 3, 8):
        later = index.search(query, limit=3, offset=offset, passages=passages)
        assert [hit.passages for hit in later] == shown[offset : offset + 3]


def test_what_somebody_said_is_shown_before_what_others_said(tmp_path: Path) -> None:
    body = (
        "Ragna Holm said that flood gates cannot save a valley. The flood gates rusted, a spokesman for Holm's office"
        ' said.\n\nIvo Tann, the engineer, saw it. "A valley is no bath tub," he said. "Gates rust."\n\n'
        "Tann told reporters that the flood had come at night."
    )
    index = search.open(tmp_path / "index")
    index.add([search.Article(id="a", body=body)])
    for query, first in (
        ("what did Tann say about rusting gates", "Gates rust."),
        ("what did Tann say about the flood", "Tann told reporters"),
        ("what did Holm say about flood gates", "Ragna Holm said"),
        ("tann said valley", "no bath tub"),
    ):
        [hit] = index.search(query)
        assert first in hit.passages[0].text, query


@pytest.mark.parametrize(
    ("query", "speaker"),
    [
        ("what did Ivo Tann say about gates", "ivo tann"),
        ("What has the ministry told reporters", "ministry"),
        ("tann said gates", "tann"),
        ("he said she said", None),
        ("what do you call a flood gate", None),
        ("flood gates", None),
        ("who said gates rust", None),
        ("for AND told", None),
        ("tann and said", "tann"),
    ],
)
def test_whose_words_a_query_asks_for(query: str, speaker: str | None) -> None:
    assert asked_speaker(query, "english") == speaker
    assert asked_speaker(query, "german") is None
