"""`index.diff` and `index.relation`: two articles side by side, with offsets into both texts."""

import html.parser
import itertools
import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import search
from search import Article, Diff, Passage
from search.engine.record import encode
from search.present.comparing import WORDS, opened, rows
from search.present.side_by_side import page
from search.reading.zones import find_zones
from search.text.analysis import analyzer

WIRE = (
    "Rescuers in the valley of Harrow freed nine fighters from the Sar-i-Dam tunnel late on Monday night. "
    "The Talisman river rose by three metres within a day, the office of waters said. "
    'Governor Ilse Brandt said the organisations would not recognise the loss: "We stay." '
    "Nobody lives in the tunnel house any more. "
    "A second tunnel further up the valley stayed open the whole time."
)
COPY = (
    "The Talesman river rose by three metres within a day, the office of waters said. "
    "Rescuers in the valley of Harrow freed nine militants from the Sar-e-Dam tunnel late on Monday night. "
    'Governor Ilse Brandt said the organizations would not recognize the loss: "We stay." '
    "Insurers do not expect to pay before the summer of next year. "
    "A second tunnel further up the valley stayed open the whole time."
)


@pytest.fixture
def index(tmp_path: Path) -> search.Index:
    index = search.open(tmp_path / "index")
    index.add(
        [
            Article(id="wire", title="Harrow <tunnel>", body=WIRE, source="Wire", date="2021-08-10"),
            Article(id="copy", body=COPY),
            Article(id="same", body=WIRE),
            Article(id="other", body="Snow fell on the pass, and the school bus turned round before noon."),
            Article(id="empty", body=""),
        ]
    )
    return index


def told(passages: list[Passage]) -> list[str]:
    return [passage.text for passage in passages]


def parts(diff: Diff) -> list[Passage]:
    every = [side for row in diff.rows for side in (row.a, row.b) if side]
    return every + [side for both in diff.related.passages for side in both]


def test_diff_says_what_only_one_says_what_changed_and_what_moved(index: search.Index) -> None:
    diff = index.diff("wire", "copy")
    assert told(diff.only_a) == ["Nobody lives in the tunnel house any more."]
    assert told(diff.only_b) == ["Insurers do not expect to pay before the summer of next year."]
    assert [row.words for row in diff.changed] == [
        (("fighters", "militants"), ("Sar-i-Dam", "Sar-e-Dam")),
        (("Talisman", "Talesman"),),
        (("organisations", "organizations"), ("recognise", "recognize")),
    ]
    assert [row.spelling for row in diff.changed] == [
        (("Sar-i-Dam", "Sar-e-Dam"),),
        (("Talisman", "Talesman"),),
        (("organisations", "organizations"), ("recognise", "recognize")),
    ]
    assert [a.text[:9] for a, _ in diff.moved] == ["The Talis"]
    assert (diff.related.relation, diff.a.id, diff.b.id) == ("copy", "wire", "copy")


def test_articles_go_by_their_title_or_by_how_they_begin(index: search.Index) -> None:
    assert index.diff("wire", "copy").names == (
        "Harrow <tunnel>",
        "The Talesman river rose by three metres within a day, the office of waters said.",
    )
    assert index.diff("same", "empty").names == (
        "Rescuers in the valley of Harrow freed nine fighters from the Sar-i-Dam tunnel late on …",
        "empty",
    )


def test_other_words_of_the_same_consonants_are_changes(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    body = (
        "Two prison guards were killed by the former barge man of Odell on Monday, the organisation of harbours said."
    )
    changes = {"prison": "person", "killed": "called", "former": "farmer"}
    spellings = {"Two": "2", "organisation": "organization"}
    other = body
    for one, instead in (changes | spellings).items():
        other = other.replace(one, instead)
    index.add([Article(id="a", body=body), Article(id="b", body=other)])
    [row] = index.diff("a", "b").changed
    assert dict(row.words) == changes | spellings
    assert dict(row.spelling) == spellings


def test_the_other_way_round_sides_are_exchanged(index: search.Index) -> None:
    one, other = index.diff("wire", "copy"), index.diff("copy", "wire")
    assert told(one.only_a) == told(other.only_b)
    assert sorted(row.words for row in one.changed) == sorted(
        tuple((b, a) for a, b in row.words) for row in other.changed
    )
    assert (one.related.shared_a, one.related.shared_b) == (other.related.shared_b, other.related.shared_a)


def test_every_passage_stands_where_it_says(index: search.Index) -> None:
    for a, b in itertools.product(["wire", "copy", "same", "other", "empty"], repeat=2):
        for part in parts(index.diff(a, b)):
            text = index.get(part.id).text
            assert text[part.start : part.end] == part.text
            assert part.line == text.count("\n", 0, part.start) + 1
            assert all(part.start <= start < end <= part.end for start, end in part.highlights)


def test_the_lines_of_long_texts_are_counted(tmp_path: Path) -> None:
    chance = random.Random(1)
    words = "harbour ferry minister talks ceasefire border snow bridge council flood school engine market".split()
    lines = [" ".join(chance.choices(words, k=10)).capitalize() + "." for _ in range(1000)]
    index = search.open(tmp_path / "index")
    for name, body in (("a", lines), ("b", chance.sample(lines, len(lines)))):
        index.add([Article(id=name, body="\n\n\n".join(body))])
    for passage in parts(index.diff("a", "b"))[::97]:
        assert passage.line == index.get(passage.id).text.count("\n", 0, passage.start) + 1


def test_the_same_articles_do_not_differ(index: search.Index) -> None:
    for other in ("wire", "same"):
        diff = index.diff("wire", other)
        assert (diff.only_a, diff.only_b, diff.changed, diff.moved) == ([], [], [], [])
        assert diff.related[:4] == ("copy", 1.0, 1.0, 1.0)
        assert len(diff.rows) == 5


def test_unrelated_articles_have_nothing_beside_each_other(index: search.Index) -> None:
    diff = index.diff("wire", "other")
    assert (len(diff.only_a), len(diff.only_b), len(diff.rows)) == (5, 1, 6)
    assert diff.related == search.Related("none", 0.0, 0.0, 0.0, ())
    assert index.diff("empty", "empty").rows == ()


def test_relation_proves_what_it_says(index: search.Index) -> None:
    found = index.relation("wire", "copy")
    [story] = index.stories()
    assert found.relation == "copy"
    assert found.shared == next(member.shared for member in story.members if member.id == "copy")
    words = [len(re.findall(r"\w+", a.text)) for a, _ in found.passages]
    assert sum(words) / len(re.findall(r"\w+", WIRE)) == pytest.approx(found.shared_a, abs=0.02)
    assert all(a.id == "wire" and b.id == "copy" for a, b in found.passages)
    with pytest.raises(search.ArticleError, match="nowhere"):
        index.relation("wire", "nowhere")


def test_captions_and_cross_references_are_in_no_diff(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add([Article(id="a", body=f"{WIRE}\n\nREAD MORE: Tunnel vision"), Article(id="b", body=WIRE)])
    assert index.diff("a", "b").only_a == []


@settings(max_examples=50)
@given(st.text("ab. \n-", max_size=80), st.text("ab. \n-", max_size=80))
def test_any_texts_are_covered_by_their_sentences(one: str, other: str) -> None:
    made = []
    for doc, text in enumerate((one, other)):
        article = Article(id=text, body=text, zones=find_zones(text, title=None))
        made.append(opened(doc, encode(article, article.zones or ()), analyzer("english")))
    a, b = made
    aligned = rows(a, b)
    for (_, article, found, _), sides in ((a, [row.a for row in aligned]), (b, [row.b for row in aligned])):
        covered = {at for side in sides if side for at in range(side.start, side.end)}
        assert covered >= {at for sentence in found for word in sentence.words for at in range(word.start, word.end)}
        assert all(article.text[side.start : side.end] == side.text for side in sides if side)
        assert all(article.text.count("\n", 0, side.start) + 1 == side.line for side in sides if side)
    assert [row.a.start for row in aligned if row.a] == sorted(row.a.start for row in aligned if row.a)


def test_lines_are_not_counted_anew_for_each_sentence() -> None:
    counted = 0

    class Text(str):
        __slots__ = ()

        def count(self, *arguments: Any) -> int:
            nonlocal counted
            counted += 1
            return super().count(*arguments)

    text = Text("The ferry left.\n" * 50)
    article = Article(id="a", body=text, zones=find_zones(text, title=None))
    one = opened(0, encode(article, article.zones or ()), analyzer("english"))
    one = one._replace(article=replace(one.article, body=text))
    assert [row.a.line for row in rows(one, one) if row.a] == [*range(1, 51)]
    assert counted < 50


def test_a_sentence_without_end_is_compared_in_parts(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    endless = " ".join(f"w{n}" for n in range(3 * WORDS + 7))
    index.add([Article(id="a", body=endless), Article(id="b", body=endless.replace(" w700 ", " other "))])
    diff = index.diff("a", "b")
    assert [row.words for row in diff.changed] == [(("w700", "other"),)]
    assert len(diff.rows) == 4


class _Page(html.parser.HTMLParser):
    """What a page has: its tags, what they ask for, and its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.asks: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.asks += [
            f"{name}={value}" for name, value in attrs if name in ("src", "href", "style") or name[:2] == "on"
        ]

    def handle_data(self, data: str) -> None:
        if "body" in self.tags:
            self.words.append(data)


def test_the_page_shows_both_articles_and_asks_for_nothing(index: search.Index) -> None:
    made = page([index.diff("wire", "copy"), index.diff("wire", "other")])
    shown = _Page(made)
    assert not shown.asks
    assert not {"script", "img", "link", "iframe", "tunnel"} & set(shown.tags)
    assert "http" not in re.sub(r"http-equiv|<style>.*?</style>", "", made, flags=re.DOTALL)
    words = " ".join("".join(shown.words).split())
    assert "Harrow <tunnel>" in words
    for sentence in (WIRE + COPY).split(". "):
        assert sentence[:30] in words
    assert shown.tags.count("del") == 5
    assert shown.tags.count("section") == 2


def test_the_page_is_safe_whatever_articles_say(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    evil = "<script>alert(1)</script> & \x1b[2J \u202e \ud800 \x00 \"'> said the tunnel keeper."
    index.add([Article(id="<b>", title=evil, body=evil, source=evil), Article(id="&", body=f"{evil} Twice.")])
    made = page([index.diff("<b>", "&")])
    assert "<script" not in made
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", made)
    assert "script" not in _Page(made).tags
