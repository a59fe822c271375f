"""Timelines, against plain loops, and the picture of one, against what an XML parser reads in it."""

import datetime
import math
import os
import random
import re
from collections import Counter
from itertools import product
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import corpora
from test_sorting import QUERIES, WIRE, indexed, monday

from search import Article, Bucket, QueryError, Timeline
from search.engine.telling import MOST_READ, likelihood_ratio
from search.present.picture import HEIGHT, WIDTH, svg

UNITS = ("day", "week", "month", "year")
LETTERS = {"day": 10, "week": 10, "month": 7, "year": 4}


def examples(n: int) -> settings:
    return settings(max_examples=n, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


def unit_of(date: str | None, unit: str) -> str | None:
    """Return the beginning of the unit a date is in; None if it does not say."""
    if not date or len(date) < LETTERS[unit]:
        return None
    return monday(date[:10]) if unit == "week" else date[: LETTERS[unit]]


def following(start: str, unit: str) -> str:
    year, month, day = (int(part) for part in f"{start}-01-01"[:10].split("-"))
    if unit == "year":
        return f"{year + 1:04}"
    if unit == "month":
        return f"{year + month // 12:04}-{month % 12 + 1:02}"
    return (datetime.date(year, month, day) + datetime.timedelta(days=7 if unit == "week" else 1)).isoformat()


near = st.lists(corpora(), min_size=1, max_size=2).map(
    lambda commits: [
        [a if not a.date or str(a.date) > "2" else Article(id=a.id, body=a.body, date="2020-12-30") for a in some]
        for some in commits
    ]
)


@given(near, st.sampled_from(QUERIES), st.sampled_from(UNITS))
@examples(30)
def test_every_article_is_in_the_unit_of_its_date(commits: list[list[Article]], query: str, unit: str) -> None:
    with indexed(*commits) as index:
        found = index.timeline(query, unit)
        matching = {hit.id for hit in index.search(query, limit=99, group=False)}
        starts = [unit_of(index.published(article.id)[0], unit) for article in index if article.id in matching]
        counted = Counter(start for start in starts if start)
        assert {bucket.start: bucket.articles for bucket in found.buckets if bucket.articles} == counted
        assert found.unknown == starts.count(None)
        for bucket, after in zip(found.buckets, found.buckets[1:], strict=False):
            assert after.start == following(bucket.start, unit)
        if found.buckets:
            assert found.buckets[0].articles
            assert found.buckets[-1].articles
        fitting = index.timeline(query)
        assert len(fitting.buckets) <= 62 or fitting.unit == "year"
        assert fitting.reading == index.search(query).reading


def test_stories_are_counted_once_in_each_unit() -> None:
    days = ["2021-08-09", "2021-08-09", "2021-08-09", "2021-08-11"]
    copies = [Article(id=f"{n}", body=WIRE * 2, date=day, source=f"S{n}") for n, day in enumerate(days)]
    other = Article(id="x", body="A ferry sank in the harbour without anybody on board.", date="2021-08-09")
    with indexed([*copies, other]) as index:
        buckets = index.timeline("ferry").buckets
        assert [(b.start, b.articles, b.stories) for b in buckets] == [
            ("2021-08-09", 4, 2),
            ("2021-08-10", 0, 0),
            ("2021-08-11", 1, 1),
        ]


def test_a_date_counts_by_the_clock_of_its_outlet_and_the_undated_in_no_unit() -> None:
    dates = ["2021-08-10T23:30:00-05:00", "2021-08-10T00:10:00+09:00", "2021-08", "2021", None, "2021-08-01"]
    with indexed([Article(id=f"{n}", body="Rain.", date=date) for n, date in enumerate(dates)]) as index:
        days = index.timeline("rain", "day")
        assert {b.start: b.articles for b in days.buckets if b.articles} == {"2021-08-10": 2, "2021-08-01": 1}
        assert days.unknown == 3
        assert index.timeline("rain", "month").unknown == 2
        assert index.timeline("rain", "year").buckets == (
            Bucket("2021", 5, 5, index.timeline("rain", "year").buckets[0].words),
        )
        assert [b.articles for b in index.timeline("", since="2021-08-10").buckets] == [2]
        assert index.timeline("snow").buckets == ()


def test_the_unit_is_the_smallest_of_which_there_are_not_too_many() -> None:
    spans = {
        "2021-03-02": "day",
        "2021-03-04": "week",
        "2022-02-01": "week",
        "2022-05-01": "month",
        "2030-01-01": "year",
    }
    for last, unit in spans.items():
        with indexed([Article(id=day, body="Rain.", date=day) for day in ("2021-01-01", last)]) as index:
            assert index.timeline("rain").unit == unit, last
    with indexed([Article(id=day, body="Rain.", date=day) for day in ("0001-01-01", "9999-12-31")]) as index:
        assert index.timeline("rain").unit == "year"
        assert len(index.timeline("rain").buckets) == 9999
        with pytest.raises(QueryError, match="too many: use a larger unit"):
            index.timeline("rain", "day")
        with pytest.raises(QueryError, match="use one of day, week, month, year"):
            index.timeline("rain", "hour")


def made_of(words: str, day: str, n: int) -> list[Article]:
    filler = "harbour council market school bridge mayor train budget weather court hospital road".split()
    return [
        Article(
            id=f"{day}-{at}", title=f"Ferry {words}", body=f"The ferry and the {filler[at % 12]}: {words}.", date=day
        )
        for at in range(n)
    ]


def test_a_peak_is_told_by_the_words_it_has_and_others_have_not() -> None:
    quiet = [made_of("sails on time", f"2021-08-{day:02}", 1) for day in range(1, 21)]
    loud = [
        made_of("collides with Orrin’s tanker on Monday", "2021-08-07", 6),
        made_of("strike begins", "2021-08-15", 9),
    ]
    with indexed([article for some in [*quiet, *loud] for article in some if article.date]) as index:
        found = {bucket.start: bucket.words for bucket in index.timeline("ferry").buckets}
        assert set(found["2021-08-07"]) == {"collides", "Orrin", "tanker"}
        assert set(found["2021-08-15"]) <= {"strike", "begins"}
        assert not any(words for day, words in found.items() if day not in ("2021-08-07", "2021-08-15"))


@pytest.mark.parametrize("seed", range(4))
def test_the_words_of_a_peak_are_the_same_however_articles_lie_in_segments(seed: int) -> None:
    chance = random.Random(seed)
    words = ["".join(letters) for letters in product("bdfglmnprt", "aeiou", "kvzcx")]  # few stand in many articles
    days = chance.choices(["2021-08-01", "2021-08-02", "2021-08-03", None], [99, 5, 5, 50], k=160)
    bodies = ["Ferry."] * 40 + [f"Ferry of the {' '.join(chance.sample(words, 6))}." for _ in range(60)]
    chosen = [chance.choice(bodies) for _ in days]  # copies among them, some of them dated by others
    titles = [chance.choice(words) for _ in days]
    articles = [
        Article(id=str(n), title=title, body=body, date=day)
        for n, (title, body, day) in enumerate(zip(titles, chosen, days, strict=True))
    ]
    with indexed(articles) as whole, indexed(articles[::2], articles[1::2]) as parts:
        expected = whole.timeline("ferry").buckets
        assert any(len(bucket.words) == 3 and bucket.articles > 2 * MOST_READ for bucket in expected)
        assert parts.timeline("ferry").buckets == expected


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_the_likelihood_ratio_is_that_of_the_four_cells(a: int, more_a: int, b: int, more_b: int) -> None:
    n_a, n_b = a + more_a, b + more_b
    cells = [(a, n_a, a + b), (more_a, n_a, more_a + more_b), (b, n_b, a + b), (more_b, n_b, more_a + more_b)]
    n = n_a + n_b
    expected = 2 * sum(k * math.log(k * n / (row * column)) for k, row, column in cells if k) if n_a and n_b else 0.0
    assert math.isclose(likelihood_ratio(a, n_a, b, n_b), expected, abs_tol=1e-9)


# The picture


def timeline(sizes: list[int], unit: str = "day", query: str = "flood") -> Timeline:
    start = "2021-08-09" if unit in ("day", "week") else "2021-08" if unit == "month" else "2021"
    buckets = []
    for n in sizes:
        buckets.append(Bucket(start, n, (n + 1) // 2, ("<b>", "R&D", "Söder") if n > 5 else ()))
        start = following(start, unit)
    return Timeline(query, query, (), unit, tuple(buckets), 2)


def read(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314  # our own


NUMBERS = re.compile(r"-?\d+(?:\.\d+)?")


@given(
    st.lists(st.integers(0, 5) | st.integers(0, 10**6), min_size=0, max_size=400),
    st.sampled_from(UNITS),
    st.text(max_size=200),
)
@examples(30)
def test_a_picture_is_sound_xml_and_everything_is_inside(sizes: list[int], unit: str, query: str) -> None:
    text = svg(timeline(sizes, unit, query))
    root = read(text)
    assert root.attrib["viewBox"] == f"0 0 {WIDTH} {HEIGHT}"
    assert "href" not in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "").replace(query, "")
    bars = [e for e in root.iter() if e.tag.endswith("path") and e.attrib["class"] == "articles"]
    assert len(bars) == sum(1 for n in sizes if n)
    heights = []
    for bar in bars:
        x, y, up, _, round_by, *_ = map(float, NUMBERS.findall(bar.attrib["d"]))
        assert 0 <= x <= WIDTH
        assert 66 < y + up + round_by <= HEIGHT
        heights.append(-(up + round_by))
    for (height, n), (other, m) in zip(
        zip(heights, filter(None, sizes), strict=True),
        list(zip(heights, filter(None, sizes), strict=True))[1:],
        strict=False,
    ):
        assert n == m or (height >= other - 0.2) is (n > m) or abs(height - other) < 0.25  # drawn to a tenth
    for element in root.iter():
        if element.tag.endswith("text"):
            assert 0 < float(element.attrib["y"]) < HEIGHT
            assert 0 < float(element.attrib["x"]) < WIDTH


def test_a_picture_has_its_title_labels_and_dates() -> None:
    root = read(svg(timeline([1, 9, 0, 3], query='</text><script>"x"&\x00')))
    told = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert '</text><script>"x"&\ufffd' in told
    assert "<b>, R&D, Söder" in told
    assert "13 articles by day · 2 more of unknown day" in told
    assert [text for text in told if text and text.endswith("2021")] == [
        "9 Aug 2021",
        "10 Aug 2021",
        "11 Aug 2021",
        "12 Aug 2021",
    ]
    assert "prefers-color-scheme: dark" in svg(timeline([1]))
    assert "nothing found" in svg(timeline([]))


def test_labels_cover_neither_bars_nor_each_other() -> None:
    root = read(svg(timeline([n % 9 for n in range(60)])))
    labels = [e for e in root.iter() if e.tag.endswith("text") and e.attrib.get("class") == "label"]
    assert len(labels) > 3
    boxes = [(float(e.attrib["x"]), float(e.attrib["y"]), len(e.text or "") * 6.4) for e in labels]
    for at, (x, y, width) in enumerate(boxes):
        for other_x, other_y, other_width in boxes[:at]:
            assert abs(y - other_y) >= 15 or abs(x - other_x) >= (width + other_width) / 2
