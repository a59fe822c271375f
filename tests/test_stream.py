"""An article as one stream of tokens: order, gaps, fields."""

import pytest

from search.model import Article, Zone, ZoneKind
from search.text.analysis import analyzer
from search.text.moments import Moment, moment
from search.text.stream import BOUNDARY, PARAGRAPH, Field, Place, date_words, pieces, stream

ENGLISH = analyzer("english")


def spelled(article: Article, zones: tuple[Zone, ...]) -> list[tuple[int, str, str]]:
    places = [place for place in stream(article, zones, ENGLISH) if place.term != BOUNDARY]
    return [(place.position, place.form, place.field.name) for place in places]


def bounded(text: str, *zones: Zone) -> str:
    """Return the words of a text with its boundaries."""
    return " ".join(place.form for place in stream(Article(id="a", body=text), zones, ENGLISH))


def test_fields_follow_each_other_with_a_gap() -> None:
    article = Article(
        id="a", title="Dam breaks", body="The dam broke.", date="2021-08", source="Wire", author="Ada Quill"
    )
    assert spelled(article, (Zone("body", 0, 14),)) == [
        (0, "2021-08", "DATE"),
        (1, "august", "DATE"),
        (2, "2021", "DATE"),
        (4, "dam", "TITLE"),
        (5, "breaks", "TITLE"),
        (7, "the", "BODY"),
        (8, "dam", "BODY"),
        (9, "broke", "BODY"),
        (11, "wire", "SOURCE"),
        (13, "ada", "AUTHOR"),
        (14, "quill", "AUTHOR"),
    ]


def test_what_is_taken_out_of_the_body_leaves_no_hole() -> None:
    text = "One two\nREAD MORE: x\nthree\nA caption\nfour"
    zones = (
        Zone("body", 0, 7),
        Zone("reference", 8, 20),
        Zone("body", 21, 26),
        Zone("caption", 27, 36),
        Zone("body", 37, 41),
    )
    assert [(form, position) for position, form, _ in spelled(Article(id="a", body=text), zones)] == [
        ("one", 0),
        ("two", 1),
        ("three", 2),
        ("four", 3),
        ("read", 5),
        ("more", 6),
        ("x", 7),
        ("a", 9),
        ("caption", 10),
    ]


def test_a_title_that_stands_in_the_text_is_counted_once() -> None:
    article = Article(id="a", title="Dam breaks", body="Dam breaks\nIt broke.")
    zones = (Zone("title", 0, 10), Zone("body", 11, 20))
    places = stream(article, zones, ENGLISH)
    assert [place.form for place in places if place.field is Field.TITLE] == ["dam", "breaks"]
    assert all(place.in_text for place in places)
    other = stream(Article(id="a", title="Flood", body=article.body), zones, ENGLISH)
    assert [place.form for place in other if place.field is Field.TITLE] == ["flood"]
    assert [place.form for place in other if place.field is Field.LOW] == ["dam", "breaks", PARAGRAPH]


def test_named_fields_are_terms_of_their_own() -> None:
    article = Article(id="a", body="", path="news/dam.txt", meta={"Topic": "water levels"})
    assert {place.form for place in stream(article, (), ENGLISH)} == {
        "path:news",
        "path:dam",
        "path:txt",
        "topic:water",
        "topic:levels",
    }


def test_offsets_name_the_words() -> None:
    article = Article(id="a", title="Dam", body="Kabul - The U.S. dam’s gates")
    zones = (Zone("dateline", 0, 7), Zone("body", 8, 28))
    for place in stream(article, zones, ENGLISH):
        source = article.body if place.in_text else article.title or ""
        assert place.term == BOUNDARY or source[place.start : place.end].casefold()[:2] == place.form[:2]


def test_an_article_without_words_has_an_empty_stream() -> None:
    empty: list[Place] = []
    assert stream(Article(id="a", body="… !"), (Zone("body", 0, 3),), ENGLISH) == empty
    assert pieces(Article(id="a", body=""), ()) == []


@pytest.mark.parametrize(
    ("iso", "words"),
    [
        ("2021", "2021"),
        ("2021-08", "2021-08 august 2021"),
        ("2021-08-05", "2021-08-05 2021-08 august 5 august 2021"),
        ("2021-08-10T14:00:00+02:00", "2021-08-10 2021-08 august 10 august 2021"),
    ],
)
def test_date_words(iso: str, words: str) -> None:
    assert date_words(iso) == words.split()


@pytest.mark.parametrize(
    ("iso", "expected"),
    [
        ("1970", Moment(0, 0, 4)),
        ("1970-01-02", Moment(86_400, 0, 10)),
        ("1970-01-01T01:00:00+01:00", Moment(0, 4, 10)),
        ("1970-01-01T00:00:00-03:30", Moment(12_600, -14, 10)),
        ("1969-12", Moment(-31 * 86_400, 0, 7)),
        ("0001-01-01", Moment(-62_135_596_800, 0, 10)),
    ],
)
def test_moments(iso: str, expected: Moment) -> None:
    assert moment(iso) == expected


@pytest.mark.parametrize(
    "iso", ["", "2021-13", "2021-02-30", "yesterday", "2021-8", "20210810", "2021-W32", "2021-08-10T99:00"]
)
def test_impossible_dates(iso: str) -> None:
    with pytest.raises(ValueError, match=r"date|iso|month|day|hour"):
        moment(iso)


@pytest.mark.parametrize(
    ("text", "kinds", "expected"),
    [
        ("The dam broke. Nobody died.", ["body"], "the dam broke :s nobody died :p"),
        ("It broke.\nNobody.", ["body", "body"], "it broke :p nobody :p"),
        ("ODELL -\nIt broke.", ["dateline", "body"], "odell it broke :p"),
        ("A dam\nIt broke.", ["subheading", "body"], "a dam :p it broke :p"),
        ("It broke.\nA dam. A wall.", ["body", "caption"], "it broke :p a dam a wall :p"),
        ("Why?\n...\nIt broke.", ["body", "body", "body"], "why :p :p it broke :p"),
        ("...\nIt broke.", ["body", "body"], "it broke :p"),
        ("東京。大阪", ["body"], "東 京 :s 大 阪 :p"),
    ],
)
def test_sentences_and_paragraphs_end_beside_their_last_word(text: str, kinds: list[ZoneKind], expected: str) -> None:
    starts = [0, *(at + 1 for at, char in enumerate(text) if char == "\n"), len(text) + 1]
    zones = [Zone(kind, start, end - 1) for kind, start, end in zip(kinds, starts, starts[1:], strict=False)]
    assert bounded(text, *zones) == expected


def test_a_boundary_takes_no_position() -> None:
    places = stream(Article(id="a", body="It broke. Nobody died."), (Zone("body", 0, 22),), ENGLISH)
    assert [place.position for place in places] == [0, 1, 1, 2, 3, 3]


def test_zones_that_part_a_word_part_no_sentence() -> None:
    assert bounded("ferryboat", Zone("body", 0, 5), Zone("body", 5, 9)) == "ferryboat :p"
