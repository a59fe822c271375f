"""Stories in the index: the same whatever the order, the batches, the processes, the merges and what was deleted."""

import json
import pickle
import random
import re
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from archive import Archive
from hypothesis import given
from hypothesis import strategies as st

import search
from search import Article, runs
from search.engine import crew, folding, record, relating, writer
from search.engine.builder import Builder
from search.engine.chunks import Vocabulary
from search.engine.edges import Relations, Rows
from search.engine.graph import Graph
from search.engine.incoming import prepared
from search.engine.members import Members, MembersFile
from search.engine.planes import Planes
from search.engine.sections import Sections, SectionWriter
from search.engine.segment import Segment
from search.engine.sketches import Prints, Sketches, holders_of, packed, prints_of
from search.engine.storage import Folder
from search.stories.bodies import join, read_body
from search.stories.membership import Edge
from search.stories.relation import Relation
from search.text.analysis import analyzer

WORDS = (
    "harbour ferry minister talks ceasefire border snow bridge council flood school engine market valley orchard "
    "lantern copper river signal garden winter harvest canal captain letter mountain paper window station village "
    "doctor teacher farmer sailor painter baker driver singer miller tailor"
).split()


def prose(seed: int, n_words: int) -> str:
    """Return words that nobody else has in this order."""
    chance = random.Random(seed)
    sentences = []
    while n_words > 0:
        n = min(n_words, chance.randint(6, 14))
        sentences.append(" ".join(chance.choices(WORDS, k=n)).capitalize() + ".")
        n_words -= n
    return " ".join(sentences)


def article(name: str, body: str, source: str | None = None, date: str | None = None) -> Article:
    return Article(id=name, body=body, title=f"Title of {name}", source=source, date=date)


def newsroom(seed: int) -> list[Article]:
    """Return copies, cuts, bridges between stories, a digest, boilerplate and quotations."""
    chance = random.Random(seed)
    found = []
    for n in range(12):
        own = prose(100 * seed + n, 120)
        day = f"2021-08-{n + 1:02}"
        found.append(article(f"{n}-wire", own, "Wire", day))
        words = own.split()
        if n % 2:
            found.append(article(f"{n}-cut", " ".join(words[: chance.randint(50, 110)]), f"Post {n % 3}", day))
        if n % 3 == 0:
            found += [article(f"{n}-same-{at}", own, f"Echo {at}") for at in range(2)]
        if n % 4 == 0:
            half = prose(9000 + 100 * seed + n, 60)
            found.append(article(f"{n}-mixed", f"{half} {' '.join(words[:60])}", "Gazette", day))
            found.append(article(f"{n}-bridge", f"{half} {prose(5000 + 100 * seed + n, 40)}", "Gazette"))
        if n % 3 == 1:
            later = chance.randint(9, 30)
            found.append(article(f"{n}-again", " ".join(words[20:90]), "Wire", f"2021-09-{later:02}"))
            found.append(article(f"{n}-late", own, "Echo", f"2021-09-{later - chance.randint(1, 8):02}"))
        if n % 5 == 0:
            quotation = f'The mayor said: "{" ".join(words[30:44])}"'
            found.append(article(f"{n}-quote", f"{prose(7000 + 100 * seed + n, 80)}\n\n{quotation}", "Herald"))
    digest = "\n\n".join(" ".join(found[at].body.split()[:40]) for at in (0, 3, 6))
    found.append(article("digest", digest, "Digest", "2021-09-01"))
    # So much is common to one outlet, as soon as it has printed it under nine articles, that it is nobody's.
    foot = prose(77, 45)
    found += [
        article(f"foot-{n}", f"{prose(3000 + n + seed, 30)}\n\n{foot}", "Bugle")
        for n in range(chance.choice([8, 9, 12]))
    ]
    found += [
        article("short", "Snow."),
        article("empty", ""),
        article("six", " ".join(WORDS[:6])),
        article("six2", " ".join(WORDS[:6])),
    ]
    return found


def told(index: search.Index) -> str:
    """Return what `search stories --json` prints, and the story of each article."""
    assert not index.check()
    every = index.search("*", limit=len(index), group=False)
    by_hit = [frozenset({hit.id, *(member.id for member in hit.story.members)}) for hit in every if hit.story.members]
    assert set(by_hit) == held(index)
    return json.dumps([index.stories(), sorted((hit.id, hit.story.members) for hit in every)])


def known(index: search.Index) -> set[frozenset[str]]:
    """Return what dictionaries in memory say of the same articles."""
    archive = Archive({a.id: date.fromisoformat(a.iso_date).toordinal() for a in index if a.iso_date})
    chain = analyzer("english")
    archive.change((a.id, read_body(a.text, a.zones or (), chain), a.source) for a in index)
    return archive.stories()


def held(index: search.Index) -> set[frozenset[str]]:
    return {frozenset({story.id, *(member.id for member in story.members)}) for story in index.stories()}


def test_words_are_read_alike_from_articles_as_they_come_as_they_are_stored_and_one_by_one(tmp_path: Path) -> None:
    chain = analyzer("english")
    folder = Folder(tmp_path)
    builder = Builder(chain, 1 << 24)
    texts = [
        "The air-strikes of Sar-i-Pul.",
        "He said: \u201cAir strikes, AT&T\u2019s well-known line.\u201d So it was.",
        # Behind the deck stand blanks, which a quotation mark at its end may be taken to be one before.
        'Grain\n\nThirty hours in the loft of a mill: a girl remember"s\n\nBy Sona Petrosian\n\nShe hid there.',
    ]
    texts += [
        *(path.read_text(encoding="utf-8") for path in sorted((Path(__file__).parents[1] / "seeds").glob("*.txt"))),
        "",
    ]
    found = prepared([article(f"{n:02}", text) for n, text in enumerate(texts)])
    for each in found:
        builder.add(*each)
    _, (_, came) = builder.write(folder, "1.segment")
    segment = Segment(folder, "1.segment", (tmp_path / "1.segment").stat().st_size)
    records = [segment.record(doc) for doc in range(segment.n_docs)]
    stored = relating.read(records, Vocabulary(chain))
    articles = map(record.decode, records)
    one_by_one = join([read_body(each.text, each.zones or (), chain) for each in articles])
    for name in ("keys", "quoted", "forms", "ends"):
        assert getattr(came, name).tolist() == getattr(stored, name).tolist() == getattr(one_by_one, name).tolist()


def test_a_commit_tells_how_far_it_is(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    told: list[str] = []
    index.add(newsroom(1), tell=told.append)
    n = len(story_texts(index))
    assert told[0] == "looking for copies"
    assert f"looking for copies: {n} of {n} texts" in told
    assert any(re.fullmatch(r"comparing spellings: 0 of \d+ pairs", what) for what in told)
    told.clear()
    index.compact(told.append)
    index.add([article("another", prose(5, 30))], tell=told.append)
    index.compact(told.append)
    assert "merging 2 segments" in told


def test_articles_looked_up_one_by_one_or_all_at_once_are_in_the_same_stories(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add(newsroom(2)[::2])
    index.add(newsroom(2)[1::2])
    found = []
    for n in (0, 1 << 20):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(folding, "ONE_BY_ONE", n)
            reopened = search.open(index.location)
            found.append([(hit.id, hit.story) for hit in reopened.search("*", limit=99)])
    assert found[0] == found[1]
    assert max(story.size for _, story in found[0]) > 1
    graph = folding.Folding(index._view.opened()[1])._graph
    texts = sorted(story_texts(index))
    alone = [text for text in texts if graph.is_alone(text)]
    surely = np.array(texts)[graph.are_alone(np.array(texts, np.int64))].tolist()
    assert alone
    assert all(graph.story(text) == {text} for text in [*alone, *surely])


@pytest.mark.parametrize("much_larger", [0, 2])
def test_a_story_is_the_same_looked_up_by_itself_and_with_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, much_larger: int
) -> None:
    monkeypatch.setattr("search.engine.writer.MUCH_LARGER", much_larger)  # 0: each commit has a file of its own
    index = search.open(tmp_path / "index")
    in_batches(index, newsroom(3), random.Random(much_larger))
    index.delete(["3-wire", "1-late"])
    snapshot = index._view.opened()[1]
    assert len(snapshot.relations) > 1
    texts, first = Graph(snapshot.relations).members()
    expected = {text: frozenset(texts[some].tolist()) for some in runs.groups(first) for text in texts[some].tolist()}
    assert max(map(len, expected.values())) > 2
    docs = ([doc for text in story for doc in snapshot.articles(text)] for story in expected.values())
    assert {frozenset(map(snapshot.id, story)) for story in docs if len(story) > 1} == known(index)
    for text, story in expected.items():
        assert Graph(snapshot.relations).story(text) == story


def story_texts(index: search.Index) -> set[int]:
    """Return the texts that are compared: of articles with words enough."""
    snapshot = index._view.opened()[1]
    return {text for doc in snapshot if (text := snapshot.text(doc))}


def one_by_one(index: search.Index, articles: list[Article], chance: random.Random) -> None:
    for each in articles:
        index.add([each])


def in_batches(index: search.Index, articles: list[Article], chance: random.Random) -> None:
    at = 0
    while at < len(articles):
        n = chance.randint(1, 12)
        index.add(articles[at : at + n])
        at += n


def with_detours(index: search.Index, articles: list[Article], chance: random.Random) -> None:
    """Add others first and remove them again, replace some, and compact now and then."""
    others = [
        article(f"other-{n}", f"{prose(50 + n, 30)} {articles[n].body}", "Other") for n in range(len(articles) // 2)
    ]
    index.add(others)
    for at in range(0, len(articles), 9):
        early = [article(each.id, prose(chance.randint(0, 9), 60)) for each in articles[at : at + 9]]
        index.add([*early[:4], *articles[at + 4 : at + 9]])
        index.add(articles[at : at + 4])
        if others:
            index.delete([others.pop().id, *([others.pop().id] if others else [])])
        if chance.random() < 0.3:
            index.compact()
    if others:
        index.delete([other.id for other in others])


def by_two(index: search.Index, articles: list[Article], chance: random.Random) -> None:
    half = len(articles) // 2
    index.add(articles[:half], jobs=2)
    index.add([*articles[half - 20 :], *articles[half : half + 5]], jobs=2)


WAYS: list[Callable[[search.Index, list[Article], random.Random], None]] = [
    one_by_one,
    in_batches,
    with_detours,
    by_two,
]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("way", WAYS)
def test_stories_do_not_depend_on_how_articles_came(
    tmp_path: Path, way: Callable[..., None], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "WORTH_A_CREW", 2000)
    monkeypatch.setattr(crew, "BATCH", 1000)
    articles = newsroom(seed)
    whole = search.open(tmp_path / "whole")
    whole.add(articles)
    expected = told(whole)
    assert held(whole) == known(whole)
    assert len(held(whole)) > 8
    chance = random.Random(seed)
    chance.shuffle(articles)
    index = search.open(tmp_path / "index")
    way(index, articles, chance)
    assert told(index) == expected
    index.compact()
    assert told(index) == expected
    assert search.open(index.location).stats().parts["relations"] == whole.stats().parts["relations"]


# Results


@pytest.fixture
def five(tmp_path: Path) -> search.Index:
    """A wire story, a copy that says more, a cut one, a quotation of it, and another story that matches less."""
    index = search.open(tmp_path / "index")
    wire, other = prose(1, 80), prose(2, 80)
    index.add(
        [
            article("wire", wire, "Wire", "2021-08-10"),
            article("copy", f"{wire}\n\nThe zeppelin landed.", "Post", "2021-08-11"),
            article("cut", f"{' '.join(wire.split()[:60])} {prose(3, 50)}", "Echo", "2021-08-12"),
            article("quote", f'{prose(4, 70)}\n\nShe said: "{" ".join(wire.split()[20:32])}"', "Herald"),
            article("other", f"{other} Zeppelin.", "Herald"),
            article("same", f"{other} Zeppelin.", None, "2020"),
        ]
    )
    return index


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("2021-08-10", "2021-08-13", True),
        ("2021-08-10", "2021-08-14", False),
        ("2021-08-10T23:30:00+02:00", "2021-08-13T01:00:00-05:00", True),  # each by the clock of its outlet
        ("2021-08-10", None, True),
        ("2021-08-28", "2021-08", True),
        ("2021-09-03", "2021-08", True),
        ("2021-09-04", "2021-08", False),
        ("2021-08-01", "2021-08-28", False),  # the first of a month is a day like others
        ("2021", "2022-01-03", True),
        ("2021", "2022-01-04", False),
        ("2020-12-28", "2021", False),
    ],
)
def test_what_is_sent_again_later_is_another_story(
    tmp_path: Path, one: str, other: str | None, *, together: bool
) -> None:
    index = search.open(tmp_path)
    report = prose(1, 80)
    index.add([article("a", report, date=one), article("b", f"{report} {prose(2, 6)}", date=other)])
    found = index.search("*", sort="title").hits
    assert [hit.story.size for hit in found] == ([2] if together else [1, 1])
    assert held(index) == ({frozenset("ab")} if together else set())
    # An article of the same words joins what is between them.
    index.add([article("c", report, date=other)])
    assert {story.size for story in (hit.story for hit in index.search("*").hits)} == {3}


def test_a_story_leads_over_more_days_by_steps_and_where_words_are_the_same(tmp_path: Path) -> None:
    index = search.open(tmp_path)
    report = prose(1, 80)
    steps = [article(f"{n}", f"{report} {prose(n, n)}", date=f"2024-06-{10 + 3 * n}") for n in range(2, 5)]
    index.add(steps[::2])
    assert held(index) == set()
    index.add(steps[1:2])
    assert held(index) == {frozenset("234")}
    notice = prose(9, 80)
    index.add([article("a", notice, date="2024-06-12"), article("b", notice, date="2025-06-12")])
    story = next(story for story in index.stories() if story.id in "ab")
    assert (story.first, story.last) == ("2024-06-12", "2025-06-12")


def test_what_is_sent_again_later_is_related_if_it_is_nearly_the_same(tmp_path: Path) -> None:
    index = search.open(tmp_path)
    report = prose(1, 80)
    part, most = " ".join(report.split()[:28]), " ".join(report.split()[:70])
    index.add(
        [article("report", report, date="2021-08-10"), article("part", f"{part} {prose(2, 60)}", date="2021-08-14")]
    )
    index.add(
        [article("most", f"{most} {prose(3, 10)}", date="2021-09-14"), article("other", prose(4, 80), date="2022")]
    )

    def stored(a: str, b: str) -> Relation | None:
        found = folding.Folding(index._view.opened()[1])
        return found.around(index._view.number(a)).get(found.snapshot.text(index._view.number(b)))

    assert stored("report", "most") == stored("most", "report")
    assert stored("report", "most") is not None
    assert stored("report", "part") is None
    # Who asks for two is told how they relate all the same.
    before = index.diff("report", "part").related
    assert before.relation == "partial"
    assert before.shared_a == pytest.approx(0.35)
    assert index.diff("part", "report").related.shared_b == before.shared_a
    assert index.diff("report", "other").related.relation == "none"
    # A copy of the report that comes nearer brings the two together, and without it they part.
    index.add([article("between", report, date="2021-08-12")])
    assert stored("report", "part") == (before.relation, before.shared_a, before.shared_b, before.shared)
    index.delete(["between"])
    assert stored("report", "part") is None


def test_an_article_is_a_copy_of_itself_where_nothing_else_is_related(tmp_path: Path) -> None:
    index = search.open(tmp_path)
    index.add([article("a", prose(1, 20)), article("b", prose(2, 20)), article("c", "Snow.")])
    for one, other, kind in (("a", "a", "copy"), ("a", "b", "none"), ("a", "c", "none"), ("c", "c", "none")):
        assert index.diff(one, other).related.relation == kind


def test_a_story_is_found_under_the_member_that_fits_best(five: search.Index) -> None:
    story = {"wire", "copy", "cut"}
    for query, best in (("zeppelin landed", "copy"), ("title:wire OR zeppelin", "wire"), ('"title of cut"', "cut")):
        results = five.search(query)
        [hit] = [hit for hit in results if hit.id in story]
        assert hit.id == best
        assert {member.id for member in hit.story.members} == story - {best}
        assert hit.story.size == 3
    [hit] = five.search('"title of wire"')
    assert [(member.id, member.source, member.relation) for member in hit.story.members] == [
        ("copy", "Post", "copy"),
        ("cut", "Echo", "partial"),
    ]
    assert hit.story.members[0].shared == 1.0
    assert hit.story.members[1].shared == pytest.approx(60 / 80, abs=0.05)
    [quote] = five.search('"title of quote"')
    assert quote.story == search.Story.of(())


def test_the_story_of_a_hit_is_that_of_its_commit_whenever_it_is_looked_at(five: search.Index) -> None:
    kept, early = (next(hit for hit in five.search("zeppelin landed") if hit.id == "copy").story for _ in range(2))
    assert early.size == 3
    five.delete(["wire"])
    [left] = [hit for hit in five.search("zeppelin landed") if hit.id == "copy"]
    assert left.story.size == 2
    five.close()
    assert kept == early == pickle.loads(pickle.dumps(kept))  # noqa: S301  # made here
    assert hash(kept) == hash(early)
    assert left.story != kept
    assert repr(left.story).startswith("Story(size=2, members=(Member(id='cut'")


def test_totals_count_articles_and_stories(five: search.Index) -> None:
    for group in (True, False):
        results = five.search("title", group=group)
        assert (results.total, results.total_stories) == (6, 3)
        assert len(results) == (3 if group else 6)
    assert (five.search("zeppelin").total, five.search("zeppelin").total_stories) == (3, 2)
    assert {hit.story.size for hit in five.search("zeppelin", group=False)} == {2, 3}


def test_pages_show_every_story_once(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    articles = newsroom(3)
    index.add(articles[:40])
    index.add(articles[40:])
    ways: list[dict[str, Any]] = [{}, {"sort": "newest"}, {"sort": "oldest"}, {"recency": "9d", "now": "2021-09-01"}]
    for options in ways:
        whole = index.search("title OR harbour", limit=len(articles), **options)
        assert len(whole) == whole.total_stories < whole.total
        every = index.search("title OR harbour", limit=len(articles), group=False, **options)
        assert len(every) == whole.total == every.total
        places = {hit.id: at for at, hit in enumerate(every)}
        assert [places[hit.id] for hit in whole] == sorted(places[hit.id] for hit in whole)
        seen: set[str] = set()
        for hit in whole:
            story = {hit.id, *(member.id for member in hit.story.members)}
            assert not story & seen
            seen |= story
            assert min(story & places.keys(), key=places.__getitem__) == hit.id
        pages = [index.search("title OR harbour", limit=7, offset=at, **options) for at in range(0, len(whole) + 7, 7)]
        assert [hit.id for page in pages for hit in page] == [hit.id for hit in whole]


def test_stories_of_a_query_are_those_of_which_some_article_matches(five: search.Index) -> None:
    assert [(story.id, story.size) for story in five.stories()] == [("wire", 3), ("same", 2)]
    [story] = five.stories("landed")
    assert (story.first, story.last, story.days, story.outlets) == (
        "2021-08-10",
        "2021-08-12",
        2,
        ("Echo", "Post", "Wire"),
    )
    assert [member.id for member in story.members] == ["copy", "cut"]
    assert five.stories("nowhere") == []


def test_the_largest_stories_are_the_first_of_all(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add(newsroom(2))
    every = index.stories()
    assert len({story.size for story in every}) > 2
    for limit in range(len(every) + 2):
        assert index.stories(limit=limit) == every[:limit]


def test_a_newer_article_may_bridge_two_stories_and_a_delete_split_one(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    one, two, three = prose(1, 60), prose(2, 60), prose(3, 60)
    index.add([article("a", f"{one} {two}"), article("b", f"{two} {three}")])
    bridged = [{"a", "b"}]
    assert [{s.id, *(m.id for m in s.members)} for s in index.stories()] == bridged
    index.add([article("c", f"{one} {two} {three}")])
    assert held(index) == {frozenset("abc")}
    index.add([article("d", f"{prose(4, 60)} {one}")])
    index.delete(["c", "a"])
    assert held(index) == set()
    assert not index.check()


# Bad input


def test_ten_thousand_equal_articles_are_one_story(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    body = prose(1, 60)
    index.add(article(f"{n:05}", body) for n in range(10_000))
    index.add([article("one more", body)])
    results = index.search("title")
    assert len(results) == 1
    assert (results.total, results.total_stories, results[0].story.size) == (10_001, 1, 10_001)
    [story] = index.stories()
    assert story.size == 10_001


def test_articles_of_a_story_are_read_once_however_many_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = search.open(tmp_path / "index")
    index.add(article(f"{n}", prose(1, 60)) for n in range(50))
    read = []
    split = record.split

    def counted(data: bytes) -> record.Record:
        read.append(data)
        return split(data)

    monkeypatch.setattr(record, "split", counted)
    hits = index.search("title", group=False, limit=50)
    assert [hit.story.size for hit in hits] == [50] * 50
    assert len(read) <= 3 * 50


def test_one_article_that_contains_all_others_joins_none(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    bodies = [prose(n, 50) for n in range(60)]
    index.add([article("all", "\n\n".join(bodies)), *(article(f"{n}", body) for n, body in enumerate(bodies))])
    assert index.stories() == []
    assert index.search("title of all")[0].story.size == 1


def test_boilerplate_of_an_outlet_makes_no_story(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    foot = prose(1, 300)
    for at in range(0, 40, 8):
        index.add(article(f"{n}", f"{prose(100 + n, 60)}\n\n{foot}", "Bugle") for n in range(at, at + 8))
    assert index.stories() == []
    index.delete([f"{n}" for n in range(33)])
    assert [story.size for story in index.stories()] == [7]  # so few may be versions of one article
    assert not index.check()


def test_articles_of_hardly_any_words_stand_alone(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add(
        [article(f"{n}", body) for n, body in enumerate(["", "", "Snow.", "Snow.", "Snow fell here today.", "\n"] * 3)]
    )
    assert index.stories() == []
    assert index.search("title", limit=30).total_stories == 18


def test_articles_of_hardly_any_words_stand_alone_whatever_the_others_last_digits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "ONE_BY_ONE", 0)
    monkeypatch.setattr("search.engine.graph._SPARSE", 0)  # all texts have the same last digits: none
    index = search.open(tmp_path / "index")
    briefs = [article(f"{n}", "Snow.") for n in range(5)]
    index.add([article("a", prose(1, 60)), article("b", prose(1, 60)), *briefs])
    results = index.search("snow")
    assert [hit.story.size for hit in results] == [1] * 5
    assert results.total_stories == 5
    assert [story.size for story in index.stories()] == [2]


numbers = st.integers(1, (1 << 62) - 1)
parts_of = st.integers(0, 10_000).map(lambda n: n / 10_000)
relations_of = st.builds(
    lambda kind, shares, of_b: Relation(kind, shares[0], shares[1], shares[of_b]),
    *(st.sampled_from(["copy", "partial", "quote"]), st.tuples(parts_of, parts_of), st.booleans()),
)


@given(st.dictionaries(st.tuples(numbers, numbers).filter(lambda pair: pair[0] != pair[1]), relations_of), st.data())
def test_relations_are_read_as_they_were_written(made: dict[tuple[int, int], Relation], data: st.DataObject) -> None:
    own = {(min(pair), max(pair)): (pair, relation) for pair, relation in made.items()}.values()
    texts = sorted({text for pair, _ in own for text in pair})
    repeated = data.draw(st.sets(st.sampled_from(texts))) if texts else set()
    rows = Rows.of(
        np.array(texts[:1], np.int64),
        (Edge(*pair, relation) for pair, relation in own),
        np.array([*repeated], np.int64),
    )
    with tempfile.TemporaryDirectory() as place:
        folder = Folder(place)
        found = Relations(Sections(folder, "1.relations", rows.write(folder, "1.relations")))
        assert found.all().told() == rows.told()
        assert found.replaces(texts[0]) if texts else not found.replaces(1)
        for text in texts:
            expected = [(b, relation) for (a, b), relation in own if a == text]
            expected += [(a, Relation(r.kind, r.shared_b, r.shared_a, r.shared)) for (a, b), r in own if b == text]
            expected += [(text, Relation("copy", 1.0, 1.0, 1.0))] if text in repeated else []
            assert found.around(text) == sorted(expected, key=lambda each: each[0])


@given(st.dictionaries(numbers, st.integers(0, 5), max_size=20), st.dictionaries(numbers, st.integers(0, 5)))
def test_stories_are_read_as_they_were_written(newer: dict[int, int], older: dict[int, int]) -> None:
    written = []
    expected: dict[int, frozenset[int]] = {}
    for numbered in (older, newer):
        stories = {text: frozenset(each for each in numbered if numbered[each] == numbered[text]) for text in numbered}
        expected |= stories
        texts = sorted(stories)
        members = Members(np.array(texts, np.int64), np.array([min(stories[text]) for text in texts], np.int64))
        written.append(members)
        with tempfile.TemporaryDirectory() as place:
            folder = Folder(place)
            writer = SectionWriter(folder.create("members"))
            members.write(writer)
            file = Sections(folder, "members", writer.finish({}))
            found = MembersFile(file)
            assert all(map(np.array_equal, found.all(), members))
            for text in [*older, *newer, 7]:
                assert found.story(text) == stories.get(text)
                assert (text in found) == (text in stories)
            assert found.among(members.texts).all()
            assert members.are_alone.tolist() == [len(stories[text]) == 1 for text in texts]
    together = written[1].over(written[0])
    assert together.texts.tolist() == sorted(expected)
    assert together.first.tolist() == [min(expected[text]) for text in sorted(expected)]


@pytest.mark.parametrize("ring", [[1, 2, 1], [0, 0, 0], [1, 2, 3]])
def test_a_forged_ring_has_no_story(tmp_path: Path, ring: list[int]) -> None:
    folder = Folder(tmp_path)
    writer = SectionWriter(folder.create("forged"))
    writer.add("members", np.array([5, 6, 7], np.uint64))
    writer.add("ring", np.array(ring, np.uint32))
    file = MembersFile(Sections(folder, "forged", writer.finish({})))
    with pytest.raises((ValueError, IndexError)):
        [file.story(text) for text in (5, 6, 7)]
    with pytest.raises(ValueError, match="expected rings"):
        file.all()


@given(st.lists(st.integers(0, (1 << 32) - 1), max_size=60), st.booleans())
def test_fingerprints_are_read_as_they_were_written(numbers: list[int], are_many: bool) -> None:
    prints = np.array(sorted(numbers), np.uint32)
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.setattr("search.engine.sketches.MANY", 0 if are_many else 1 << 18)
        folder = Folder(place)
        writer = SectionWriter(folder.create("prints"))
        Prints.write(writer, prints)
        file = Sections(folder, "prints", writer.finish({}))
        found = Prints(file)
        assert (len(found), found.all().tolist()) == (len(numbers), sorted(numbers))
        for number in [*numbers, 0, 7, 1 << 16, (1 << 32) - 1]:
            first, last = np.searchsorted(prints, number), np.searchsorted(prints, number, side="right")
            begin, end = found.find(number)
            assert end - begin == last - first
            assert begin in (first, end)
            for most in (number, min(number + (1 << 17), (1 << 32) - 1), (1 << 32) - 1):
                begin, some = found.between(number, most)
                assert some.tolist() == [each for each in sorted(numbers) if number <= each <= most]
                assert not len(some) or begin == first


@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 9), st.booleans()), max_size=60, unique_by=lambda e: e[:2]),
    st.sets(st.integers(0, 15)),
    st.sampled_from([1, 2, 3, None]),
    st.booleans(),
)
def test_who_holds_fingerprints_is_found_in_each_way_of_looking(
    entries: list[tuple[int, int, bool]], asked: set[int], most: int | None, one_by_one: bool
) -> None:
    entries = sorted(entries)
    numbers = np.array([(f, doc << 1 | quoted) for f, doc, quoted in entries], np.int64).reshape(-1, 2)
    made = packed(numbers[:, 0], numbers[:, 1])
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.setattr("search.engine.sketches.FAR", 0 if one_by_one else 1 << 40)
        folder = Folder(Path(place))
        writer = SectionWriter(folder.create("sketches"))
        for name in ("text", "outlet", "sketched", "least", "by_text"):
            writer.add(name, np.zeros(0, np.uint64))
        Prints.write(writer, prints_of(made))
        Planes.write(writer, "holders", holders_of(made))
        file = Sections(folder, "sketches", writer.finish({}))
        found = Sketches(file, 10, {}).holders(np.array(sorted(asked), np.uint32), most)
    of = [[(doc, quoted) for f, doc, quoted in entries if f == each][:most] for each in sorted(asked)]
    expected = [(which, doc, quoted) for which, some in enumerate(of) for doc, quoted in some]
    assert list(zip(*(column.tolist() for column in found), strict=True)) == expected
