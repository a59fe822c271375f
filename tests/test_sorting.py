"""Sorting, counting and paging, against plain loops over the articles."""

import datetime
import json
import os
import random
import tempfile
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import IDS, articles, corpora

import search
from search import Article, QueryError
from search.engine import nearness
from search.engine.snapshot import Snapshot
from search.text.moments import moment

NOW = "2021-08-12T09:00"
SORTS = ("newest", "oldest", "title", "source", "length", "relevance")
QUERIES = ("ferry OR strikes OR harbour", "the", "ferry harbour", "*", "ferry w/5 harbour OR strikes", "US -ferry")
WIRE = (
    "The harbour ferry struck a quay on Monday night, and nine people were hurt before the strikes ended, they said. "
)


def examples(n: int) -> settings:
    return settings(max_examples=n, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    # So that the second stage ends in the midst of the pages.
    monkeypatch.setattr(nearness, "FIRST", 3)


@contextmanager
def indexed(*commits: Sequence[Article]) -> Iterator[search.Index]:
    with tempfile.TemporaryDirectory() as folder, search.open(Path(folder) / "index") as index:
        for some in commits:
            index.add(some)
        yield index


# Sorting


def plain_key(text: str) -> str:
    letters = [c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c)]
    return " ".join("".join(c if c.isalnum() else " " for c in letters).split())


def sorted_plainly(
    found: Sequence[Article], sort: str, lengths: dict[str, int], dates: dict[str, str | None]
) -> list[str]:
    """Return the ids of articles in order, by the definition of each sort."""

    def age(article: Article) -> tuple[bool, int]:
        date = dates[article.id]
        return (False, -moment(date)[0]) if date else (True, 0)

    def key(article: Article) -> tuple[Any, ...]:
        own: tuple[Any, ...] = ()
        if sort == "oldest":
            own = age(article)[0], -age(article)[1]
        elif sort in ("title", "source"):
            text = getattr(article, sort)
            own = not text, plain_key(text or "")
        elif sort == "length":
            own = (-lengths[article.id],)
        return *own, age(article), article.id.encode()

    return [article.id for article in sorted(found, key=key)]


def lengths_of(index: search.Index) -> dict[str, int]:
    """Return how many words each article has, by asking for every length."""
    found: dict[str, int] = {}
    n = 0
    while len(found) < len(index):
        found |= {hit.id: n for hit in index.search(f"length:{n}..{n}", limit=99, group=False)}
        n += 1
    return found


@given(st.lists(corpora(), min_size=1, max_size=3), st.sampled_from(SORTS[:-1]), st.sampled_from(QUERIES))
@examples(40)
def test_articles_come_in_the_order_asked_for(commits: list[list[Article]], sort: str, query: str) -> None:
    with indexed(*commits) as index:
        matching = {hit.id: hit.date for hit in index.search(query, limit=99, group=False)}
        # As they are stored: a title may have been found in the text.
        expected = sorted_plainly([a for a in index if a.id in matching], sort, lengths_of(index), matching)
        found = index.search(query, sort=sort, limit=99, group=False)
        assert [hit.id for hit in found] == expected
        for offset in range(len(expected)):
            part = index.search(query, sort=sort, limit=2, offset=offset, group=False)
            assert list(part) == list(found[offset : offset + 2])
            assert all(abs(hit.score - hit.explain().value) < 1e-9 for hit in part)


def test_what_does_nothing_in_an_order_is_noted() -> None:
    with indexed([Article(id="a", body="Rain.", date="2021-08-10")]) as index:
        assert index.search("rain", recency="30d").notes == ()
        for options in ({"sort": "oldest", "recency": "30d"}, {"sort": "title", "expand": True}):
            [note] = index.search("rain", **options).notes
            assert note.startswith("Ignored ")


@pytest.mark.parametrize("sort", ["newest", "oldest", "relevance"])
def test_of_many_articles_of_one_day_the_ids_of_few_are_read(sort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    every = [Article(id=f"{number:03}", body="Ferry.", date="2021-08-10") for number in range(400)]
    first = [article.id for article in every[:15]]
    random.Random(4).shuffle(every)
    batches = every[:250], every[250:340], every[340:]
    with indexed(*batches) as index:
        assert index.stats().segments == len(batches)
        read: list[int] = []
        plain = Snapshot.id

        def noted(own: Snapshot, doc: int) -> str:
            read.append(doc)
            return plain(own, doc)

        monkeypatch.setattr(Snapshot, "id", noted)
        assert [hit.id for hit in index.search("ferry", sort=sort, limit=15, group=False)] == first
    assert 0 < len(read) <= 15 + len(batches)


def test_titles_are_sorted_by_their_letters_and_those_without_come_last() -> None:
    titles = ["“Zebra” found", "apple falls", "Éclair sold", "eagle seen", "'Bear' seen", "éclair, sold", None]
    made = [Article(id=str(n), title=title, body="It rained.", date="2021") for n, title in enumerate(titles)]
    with indexed(made) as index:
        found = [hit.title for hit in index.search("rained", sort="title", group=False)]
    assert found == ["apple falls", "'Bear' seen", "eagle seen", "Éclair sold", "éclair, sold", "“Zebra” found", None]


def test_the_longest_articles_come_first_and_a_story_stands_where_its_first_does() -> None:
    brief = Article(id="brief", body="A ferry struck.", source="A")
    long = Article(id="long", body="A ferry struck. " + "It rained for days on end there. " * 9, source="B")
    copy = Article(id="copy", body=WIRE * 2, source="C")
    longer = Article(id="longer", body=WIRE * 2 + "It will not sail again this week.", source="D")
    with indexed([brief, long, copy, longer]) as index:
        assert [hit.id for hit in index.search("ferry", sort="length", group=False)] == [
            "long",
            "longer",
            "copy",
            "brief",
        ]
        assert [hit.id for hit in index.search("ferry", sort="length")] == ["long", "longer", "brief"]
        assert [hit.id for hit in index.search("ferry", sort="source")] == ["brief", "long", "copy"]
        assert [hit.id for hit in index.search("ferry", sort="length", limit=1, offset=1)] == ["longer"]
        assert [hit.id for hit in index.search("ferry", sort="length", limit=1, offset=2)] == ["brief"]
        with pytest.raises(QueryError, match="sort 'best': use one of relevance, newest"):
            index.search("ferry", sort="best")


# Facets


def counted(values: Sequence[str | None]) -> dict[str, int]:
    found = Counter(value for value in values if value)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def monday(day: str) -> str:
    date = datetime.date.fromisoformat(day)
    return (date - datetime.timedelta(days=date.weekday())).isoformat()


@given(st.lists(corpora(), min_size=1, max_size=3), st.sampled_from(QUERIES), st.sampled_from([None, "2021-08-10"]))
@examples(30)
def test_facets_count_every_matching_article(commits: list[list[Article]], query: str, since: str | None) -> None:
    with indexed(*commits) as index:
        results = index.search(query, limit=1, since=since, now=NOW)
        matching = {hit.id for hit in index.search(query, limit=99, group=False, since=since, now=NOW)}
        found = [article for article in index if article.id in matching]
        dates = [index.published(article.id)[0] or "" for article in found]
        months, days = ([d[:n] for d in dates if len(d) >= n] for n in (7, 10))
        fields = ("source", "author", "year", "month", "day", "week", "topic", "ort", "nothing")
        assert results.facets(*fields) == {
            "source": counted([article.source for article in found]),
            "author": counted([article.author for article in found]),
            "year": counted([date[:4] for date in dates]),
            "month": counted(months),
            "day": counted(days),
            "week": counted(list(map(monday, days))),
            "topic": counted([article.meta.get("topic") for article in found]),
            "ort": counted([article.meta.get("Ort") for article in found]),
            "nothing": {},
        }
        for facet in results.facets(*fields).values():
            assert list(facet.items()) == sorted(facet.items(), key=lambda item: (-item[1], item[0]))


def test_a_further_field_is_a_facet_and_a_filter_by_the_same_name() -> None:
    made = [
        Article(id=str(n), body="Rain.", meta={"News desk": desk}) for n, desk in enumerate(["City", "World", "City"])
    ]
    with indexed(made) as index:
        assert index.search("rain").facets("News desk") == {"News desk": {"City": 2, "World": 1}}
        assert index.search("news_desk:city").total == 2
        assert index.search("rain news_desk:world", all=True).facets("news_desk") == {"news_desk": {"World": 1}}


def test_a_further_field_is_read_as_one_as_long_as_an_article_has_it() -> None:
    others = [Article(id=f"o{n}", body="Rain.") for n in range(9)]
    made = [Article(id=name, body="Rain.", meta={"desk": name}) for name in ("City", "World")]
    with indexed([*others, *made]) as index:
        assert index.search("desk:city").notes == ()
        index.delete(["City"])
        assert [hit.id for hit in index.search("desk:world")] == ["World"]
        index.delete(["World"])
        [note] = index.search("desk:world").notes
        assert note.startswith("Read as plain words")


# Paging


def pages(
    index: search.Index, ask: Callable[..., search.Results], between: Sequence[Sequence[Article]], limit: int
) -> list[search.Hit]:
    """Return all hits page by page; articles are added after each page as long as there are some."""
    found: list[search.Hit] = []
    coming = list(between)
    cursor: str | None = None
    while True:
        page = ask(limit=limit, after=cursor)
        found += page
        cursor = page.cursor
        if cursor is None:
            return found
        assert cursor.replace("-", "").replace("_", "").isalnum()
        assert len(page) == limit
        if coming:
            index.add(coming.pop(0))


# Ids that no article has from the beginning.
NEW = tuple(f"{name}{n}" for n in range(3) for name in IDS)
added = st.lists(st.sampled_from(NEW), max_size=9, unique=True).flatmap(
    lambda ids: st.tuples(*(st.tuples(*map(articles, ids[at : at + 3])) for at in range(0, len(ids), 3)))
)


@given(
    st.lists(corpora(), min_size=1, max_size=2),
    added,
    st.sampled_from(SORTS),
    st.sampled_from(QUERIES),
    st.sampled_from([None, None, "30d"]),
    st.integers(1, 3),
)
@examples(60)
def test_no_article_comes_twice_and_none_is_left_out_while_others_are_added(
    commits: list[list[Article]],
    between: Sequence[Sequence[Article]],
    sort: str,
    query: str,
    recency: str | None,
    limit: int,
) -> None:
    with indexed(*commits) as index:

        def ask(**options: Any) -> search.Results:
            return index.search(
                query, sort=sort, recency=recency, group=False, now=NOW, stated_dates_only=True, **options
            )

        before = {hit.id: hit.score for hit in ask(limit=99)}
        found = pages(index, ask, between, limit)
        ids = [hit.id for hit in found]
        assert len(ids) == len(set(ids))
        assert [name for name in ids if name in before] == list(before)
        for hit in found:
            if hit.id in before and sort == "relevance":
                assert hit.score == before[hit.id]
            assert abs(hit.explain().value - hit.score) < 1e-9


@given(
    st.lists(st.sampled_from(range(4)), min_size=4, max_size=9),
    st.lists(st.lists(st.sampled_from(range(4)), min_size=1, max_size=3), max_size=3),
    st.sampled_from(SORTS),
    st.integers(1, 3),
    st.randoms(use_true_random=False),
)
@examples(30)
def test_no_story_comes_twice_while_copies_are_added(
    begun: list[int], coming: list[list[int]], sort: str, limit: int, random: Any
) -> None:
    texts = [WIRE.replace("Monday", day).replace("quay", f"{day} quay wall of {day}town") * 2 for day in "pqrs"]
    texts = [f"{text} " + " ".join(f"ferry{n}{at}" for at in range(40)) for n, text in enumerate(texts)]

    def copy(story: int, name: str) -> Article:
        date = random.choice([None, "2021", "2021-08-10", "2021-08-12"])
        return Article(
            id=name, body=texts[story] + " Ferry." * random.randrange(3), date=date, title=random.choice("xy")
        )

    story_of = {f"a{n}": story for n, story in enumerate(begun)}
    with indexed([copy(story, name) for name, story in story_of.items()]) as index:

        def ask(**options: Any) -> search.Results:
            return index.search("ferry OR quay", sort=sort, now=NOW, stated_dates_only=True, **options)

        between = []
        for at, stories in enumerate(coming):
            names = {f"{random.choice('Abz')}{at}{n}": story for n, story in enumerate(stories)}
            story_of |= names
            between.append([copy(story, name) for name, story in names.items()])
        found = [hit.id for hit in pages(index, ask, between, limit)]
        told = [story_of[name] for name in found]
        assert len(told) == len(set(told))
        # What is not told is the story of an article that came in later, and stands before where the page ended.
        late = {story for stories in coming for story in stories}
        assert set(begun) - set(told) <= late


@pytest.mark.parametrize("limit", [1, 2, 4])
@pytest.mark.parametrize("recency", [None, "30d"])
def test_who_was_among_the_first_by_nearness_stays_so_whoever_comes_before(limit: int, recency: str | None) -> None:
    filler = "rain fell on town and nobody minded it at all that day "
    made = [
        Article(
            id=f"{n}", body=f"{filler * n} ferry harbour" if n % 2 else f"Ferry {filler * n} harbour", date="2021-08-01"
        )
        for n in range(1, 8)
    ]
    strong = [Article(id=f"new{n}", body="ferry harbour " * 3 + "pier " * n, date="2021-08-02") for n in range(12)]
    with indexed(made) as index:

        def ask(**options: Any) -> search.Results:
            return index.search(
                "ferry harbour", group=False, recency=recency, now=NOW, stated_dates_only=True, **options
            )

        before = {hit.id: hit.score for hit in ask(limit=99)}
        found = pages(index, ask, [strong[:2], strong[2:]], limit)
        assert {hit.id: hit.score for hit in found if hit.id in before} == before
        assert [hit.id for hit in found if hit.id in before] == list(before)
        assert all(abs(hit.explain().value - hit.score) < 1e-9 for hit in found)
        assert [hit.score for hit in ask(limit=99) if hit.id in before] != list(before.values())


def test_a_cursor_goes_on_from_where_it_was_given() -> None:
    made = [Article(id=f"{n:02}", body="Ferry news. " + "Rain. " * n, date=f"2021-08-{n + 1:02}") for n in range(9)]
    with indexed(made) as index:

        def ask(query: str = "ferry", **options: Any) -> search.Results:
            return index.search(query, group=False, **options)

        first = ask(limit=4)
        second = ask(limit=4, after=first.cursor)
        third = ask(limit=4, after=second.cursor)
        assert [hit.id for page in (first, second, third) for hit in page] == [hit.id for hit in ask()]
        assert third.cursor is None
        assert (first.total, third.total) == (9, 9)
        assert list(ask(limit=2, offset=1, after=first.cursor)) == list(second[1:3])
        assert list(ask(after=ask(limit=9).cursor)) == []
        assert ask(limit=0).cursor is None
        # The filters alone, without a query.
        newest = ask("", since="2021-08-03", limit=5)
        rest = ask("", since="2021-08-03", limit=5, after=newest.cursor)
        assert [hit.id for hit in [*newest, *rest]] == ["08", "07", "06", "05", "04", "03", "02"]


def test_relative_dates_count_from_the_first_page() -> None:
    made = [Article(id=f"{n}", body="Ferry.", date=f"2021-08-{n + 1:02}") for n in range(9)]
    with indexed(made) as index:
        first = index.search("ferry", since="3 days ago", sort="newest", limit=1, now="2021-08-09T23:59")
        rest = index.search("ferry", since="3 days ago", sort="newest", after=first.cursor, now="2021-08-10T00:01")
        assert [hit.id for hit in [*first, *rest]] == ["8", "7", "6", "5"]


def remade(content: list[Any]) -> str:
    """Return a cursor of any content, its checksum right."""
    data = json.dumps(content).encode()
    return urlsafe_b64encode(crc32(data).to_bytes(4, "little") + data).decode().rstrip("=")


def test_a_cursor_that_is_damaged_or_of_another_query_is_one_clear_error() -> None:
    made = [Article(id=f"{n}", body="Ferry in the harbour.") for n in range(5)]
    with indexed(made) as index:
        cursor = index.search("ferry harbour", limit=2).cursor
        assert cursor
        flipped = [
            cursor[:at] + ("B" if cursor[at] == "A" else "A") + cursor[at + 1 :] for at in range(len(cursor) - 1)
        ]
        broken = ["", "x", "é", "a b", "../..", cursor[:-3], cursor + "A", cursor[5:], "A" * 300_000, *flipped]
        for text in broken:
            with pytest.raises(QueryError, match="is damaged"):
                index.search("ferry harbour", after=text)
        other: list[dict[str, Any]] = [
            {"query": "ferry quay"},
            {"sort": "newest"},
            {"all": True},
            {"group": False},
            {"recency": "3d"},
        ]
        for options in (*other, {"since": "2020"}):
            with pytest.raises(QueryError, match="of another query"):
                index.search(**({"query": "ferry harbour", "after": cursor} | options))
        listed = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[4:])
        for at in range(len(listed)):
            value: Any
            for value in (None, "x", -1, 1e999, [], {}, [1], True, [None] * 4, [[]] * 3, 1 << 80, 10**400, "2021"):
                forged = remade([*listed[:at], value, *listed[at + 1 :]])
                try:
                    index.search("ferry harbour", after=forged)
                except QueryError:
                    continue
        index.set(k1=0.5)
        with pytest.raises(QueryError, match="other settings"):
            index.search("ferry harbour", after=cursor)
