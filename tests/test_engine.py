"""The engine as a whole: what goes in comes out, whatever the order, the segments and the deletions."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import search
from search.engine import builder, counts, layout, merge, record, writer
from search.engine import commit as commits
from search.engine.check import problems
from search.engine.chunks import Vocabulary, expand, raw_chunks
from search.engine.commit import Commit
from search.engine.segment import Segment
from search.engine.snapshot import Snapshot, load
from search.engine.storage import Folder
from search.engine.writer import Transaction
from search.model import Article, Zone
from search.reading import find_zones
from search.text.analysis import analyzer
from search.text.stream import Field, Piece

ENGLISH = analyzer("english")
WORDS = [
    "harbour",
    "ferry",
    "ferries",
    "strike",
    "strikes",
    "air-strikes",
    "US",
    "U.S.",
    "us",
    "café",
    "naïve",
    "2021-08-10",
    "1,200",
    "don't",
    "Mayor's",
    "⚓",
    "東京",
    "x",
]
texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
bodies = st.lists(texts, max_size=4).map("\n\n".join) | st.text(max_size=40)
dates = st.none() | st.sampled_from(["2021", "2021-08", "2021-08-10", "2021-08-10T14:00:00+04:30", "1963-01-04"])


@st.composite
def articles(draw: st.DrawFn) -> Article:
    return Article(
        id=draw(st.sampled_from("abcdefgh") | st.text(min_size=1, max_size=3)),
        body=draw(bodies),
        title=draw(st.none() | texts),
        date=draw(dates),
        source=draw(st.none() | st.sampled_from(["Harbour News", "The \x1f\x1e Post"])),
        path=draw(st.none() | st.just("news/a b.txt")),
        meta=draw(st.dictionaries(st.sampled_from(["topic", "Ort"]), texts, max_size=2)),
    )


@pytest.fixture(scope="module", autouse=True)
def _without_waiting_for_the_disk() -> Iterator[None]:
    """What survives a loss of power is not what is tested here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


def put(
    folder: Folder, base: Commit, added: Sequence[Article], removed: Sequence[str] = (), *, compact: bool = False
) -> Commit:
    transaction = Transaction(folder, base, ENGLISH)
    try:
        for article in added:
            transaction.put(article)
        for article_id in removed:
            transaction.remove(article_id)
        return transaction.commit(compact=compact)
    finally:
        transaction.close()


def folder_at(path: Path) -> Folder:
    folder = Folder(path)
    folder.make()
    return folder


def held(snapshot: Snapshot) -> dict[str, Article]:
    return {(a := record.decode(snapshot.record(doc))).id: a for doc in snapshot}


@given(batches=st.lists(st.tuples(st.lists(articles(), max_size=6), st.sets(st.sampled_from("abcdefgh"))), max_size=5))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_index_holds_what_was_put_in_it(
    batches: list[tuple[list[Article], set[str]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = folder_at(tmp_path_factory.mktemp("index"))
    commit = Commit()
    model: dict[str, Article] = {}
    for added, removed in batches:
        model |= {article.id: article for article in added}
        gone = [article_id for article_id in sorted(removed) if article_id in model]
        commit = put(folder, commit, added, gone)
        for article_id in gone:
            del model[article_id]
        snapshot = load(folder, commit)
        assert problems(snapshot, ENGLISH) == []
        assert set(folder.names()) <= commit.names()
        found = held(snapshot)
        assert set(found) == set(model)
        for article_id, article in model.items():
            assert found[article_id].text == article.text
            assert found[article_id].title == (article.title or None)
            assert found[article_id].iso_date == article.iso_date
            assert found[article_id].source == article.source
            assert found[article_id].path == article.path
            assert found[article_id].meta == article.meta
            assert found[article_id].zones == find_zones(article.body, title=article.title)
            assert snapshot.find(article_id) is not None


@given(added=st.lists(articles(), min_size=1, max_size=10, unique_by=lambda a: a.id))
@settings(max_examples=30, deadline=None)
def test_one_batch_and_one_by_one_compacted_hold_the_same(
    added: list[Article], tmp_path_factory: pytest.TempPathFactory
) -> None:
    one, many = folder_at(tmp_path_factory.mktemp("one")), folder_at(tmp_path_factory.mktemp("many"))
    batch = put(one, Commit(), added)
    commit = Commit()
    for article in reversed(added):
        commit = put(many, commit, [article])
    commit = put(many, commit, [], compact=True)
    [a], [b] = load(one, batch).parts, load(many, commit).parts
    assert a.segment.n_docs == b.segment.n_docs
    for doc in range(a.segment.n_docs):
        assert a.segment.record(doc) == b.segment.record(doc)
    for number in range(a.segment.n_terms):
        term = a.segment.term(number)
        other = b.segment.find(a.segment.stem(number).encode())
        assert other is not None
        assert set(term.forms) == set(other.forms)
        assert a.segment.docs(term).tolist() == b.segment.docs(other).tolist()
        assert a.segment.codes(term).tolist() == b.segment.codes(other).tolist()
        every = np.arange(term.end - term.start)
        for got, expected in zip(a.segment.places(term, every), b.segment.places(other, every), strict=True):
            assert got.tolist() == expected.tolist()


def test_a_large_segment_keeps_its_numbers(tmp_path: Path) -> None:
    """More than 65,536 articles: frequent terms in 16 bits with steps, others whole."""
    folder = folder_at(tmp_path)
    commit = Commit()
    n = 70_000
    added = [
        Article(
            id=f"{i:06}",
            body=f"common {'every third' if i % 3 == 0 else ''} {'late' if i > 69_000 else ''} rare{i % 5000}",
            zones=(
                Zone(
                    "body",
                    0,
                    len(f"common {'every third' if i % 3 == 0 else ''} {'late' if i > 69_000 else ''} rare{i % 5000}"),
                ),
            ),
        )
        for i in range(n)
    ]
    transaction = Transaction(folder, commit, ENGLISH)
    for article in added:
        transaction.put(replace(article, zones=(Zone("body", 0, len(article.body)),)))
    commit = transaction.commit(compact=True)
    transaction.close()
    [part] = load(folder, commit).parts
    segment = part.segment
    assert segment.n_docs == n
    everything = segment.postings(np.arange(segment.n_terms)).docs
    some = np.arange(1, segment.n_terms, 2)
    assert np.array_equal(
        segment.postings(some).docs, np.concatenate([segment.docs(segment.term(term)) for term in some.tolist()])
    )
    for word, expected in [
        ("common", np.arange(n)),
        ("third", np.arange(0, n, 3)),
        ("late", np.arange(69_001, n)),
        ("rare4999", np.arange(4999, n, 5000)),
    ]:
        term = segment.find(ENGLISH.chunk(word)[0].term.encode())
        assert term is not None
        assert segment.docs(term).tolist() == expected.tolist()
        assert everything[term.start : term.end].tolist() == expected.tolist()


def test_places_are_numbered_alike_however_few_articles_are_asked_for(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    n_said = np.append(chance.integers(1, 5, 400), [300, 1, 200])  # more than a code stands for
    bodies = [" ".join(["word"] * n) for n in n_said.tolist()]
    articles = [Article(id=f"{n:03}", body=body, zones=(Zone("body", 0, len(body)),)) for n, body in enumerate(bodies)]
    [part] = load(folder_at(tmp_path), put(folder_at(tmp_path), Commit(), articles)).parts
    term = part.segment.find(b"word")
    assert term is not None
    ends = np.cumsum(n_said) + part.segment.numbered(term, np.array([0]))[1][0]
    for n in (0, 1, 2, 30, 300, len(n_said)):
        for _ in range(10):
            chosen = np.sort(chance.choice(len(n_said), n, replace=False))
            posting, where = part.segment.numbered(term, chosen)
            assert posting.tolist() == np.repeat(np.arange(n), n_said[chosen]).tolist()
            expected = [place for at in chosen.tolist() for place in range(ends[at] - n_said[at], ends[at])]
            assert where.tolist() == expected


def test_long_articles_keep_their_positions(tmp_path: Path) -> None:
    folder = folder_at(tmp_path)
    body = " ".join(f"word{i}" if i % 1000 == 0 else "filler" for i in range(200_000))
    commit = put(folder, Commit(), [Article(id="long", body=body, zones=(Zone("body", 0, len(body)),))])
    [part] = load(folder, commit).parts
    for i in (0, 1000, 65_000, 66_000, 199_000):
        term = part.segment.find(ENGLISH.chunk(f"word{i}")[0].term.encode())
        assert term is not None
        assert part.segment.places(term, np.array([0]))[1].tolist() == [i]


def test_frequencies_survive_their_code() -> None:
    rows = counts.COUNTS[: counts.OTHER]
    rows = rows[rows.any(axis=1)]
    assert (counts.COUNTS[counts.encode(rows)] == rows).all()
    odd = np.array([[0, 0, 0, 500, 0, 0, 0, 0], [1] * 8, [0, 128, 0, 0, 0, 0, 0, 0]], np.uint32)
    assert counts.encode(odd).tolist() == [counts.OTHER] * 3


@given(article=articles())
def test_a_record_comes_back_whole(article: Article) -> None:
    zones = find_zones(article.body, title=article.title)
    back = record.decode(record.encode(article, zones))
    assert back.text == article.text
    assert back.zones == zones
    assert (back.id, back.path, back.source, back.meta) == (article.id, article.path, article.source, article.meta)


def test_a_commit_that_changes_nothing_writes_nothing(tmp_path: Path) -> None:
    folder = folder_at(tmp_path)
    commit = put(folder, Commit(), [Article(id="a", body="One.")])
    before = folder.names()
    assert put(folder, commit, []) == commit
    assert folder.names() == before


def test_what_a_given_up_transaction_wrote_is_swept(tmp_path: Path) -> None:
    folder = folder_at(tmp_path)
    commit = put(folder, Commit(), [Article(id="a", body="One.")])
    transaction = Transaction(folder, commit, ENGLISH)
    article = Article(id="b", body="Two.")
    transaction.put(article)
    transaction._flush()
    assert set(folder.names()) > commit.names()
    transaction.close()
    assert set(folder.names()) == commit.names()
    assert commits.read(folder) == commit


@pytest.mark.parametrize(("ahead", "few"), [(1, 10), (4, 4)])
def test_many_small_commits_leave_few_segments(
    ahead: int, few: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.engine.compaction.AHEAD", ahead)
    folder = folder_at(tmp_path)
    commit = Commit()
    most = 0
    for i in range(100):
        commit = put(folder, commit, [Article(id=str(i), body=f"Ferry number {i} left the harbour.")])
        most = max(most, len(commit.segments))
    assert most <= few
    snapshot = load(folder, commit)
    assert snapshot.n_docs == 100
    assert problems(snapshot, ENGLISH) == []


def test_little_memory_for_merging_leaves_few_segments_and_large_ones_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder, "RUN_ARTICLES", 4)
    held = []

    def n_docs(segments: Sequence[Segment]) -> int:
        return sum(segment.n_docs for segment in segments)

    def merged(*args: Any) -> int:
        held.append(n_docs([segment for segment, _ in args[2]]))
        return merge_all(*args)

    merge_all = merge.merge
    monkeypatch.setattr(merge, "cost", n_docs)
    monkeypatch.setattr(merge, "merge", merged)
    folder, commit, kept = folder_at(tmp_path), Commit(), set[str]()
    for first, last in ((0, 200), (200, 201), (201, 202), (202, 203)):
        transaction = Transaction(folder, commit, ENGLISH)
        for number in range(first, last):
            transaction.put(Article(id=f"{number}", body=f"Ferry number {number} left."))
        transaction._memory = 32
        commit = transaction.commit()
        names = {entry.file.name for entry in commit.segments if entry.n_docs == 32}
        assert kept <= names
        kept = names
    assert len(held) > 200 / 32 - 1
    assert max(held) <= 32
    assert len(commit.segments) <= 200 / 32 + 3
    assert problems(load(folder, commit), ENGLISH) == []


def test_merging_reports_the_terms_of_all_sources(tmp_path: Path) -> None:
    folder = folder_at(tmp_path)
    commit = Commit()
    for name, body in (("a", "Happy harbours."), ("b", "Happiness in the harbour.")):
        folder_commit = put(folder_at(tmp_path / name), Commit(), [Article(id=name, body=body)])
        assert folder_commit.segments
    sources = []
    for name in "ab":
        own = folder_at(tmp_path / name)
        entry = (commits.read(own) or commit).segments[0]
        sources.append((Segment(own, entry.file.name, entry.file.size), np.zeros(0, np.int64)))
    size = merge.merge(folder, "merged.segment", sources)
    merged = Segment(folder, "merged.segment", size)
    term = merged.find(b"happi")
    assert term is not None
    assert set(term.forms) == {"happy", "happiness"}


@given(st.text("aZUS09.,'-&+#_ué ", max_size=12), st.sampled_from(["english", "french"]))
def test_a_chunk_met_first_is_analysed_as_the_chain_does(text: str, language: str) -> None:
    chain = analyzer(language)
    vocabulary = Vocabulary(chain)
    for raw in raw_chunks(Piece(Field.BODY, f"a {text}", 0)):  # not set in capitals
        numbers, _, _ = expand(np.array([vocabulary[raw]], np.uint32), np.array([1]), vocabulary)
        terms = [vocabulary.words[vocabulary.terms[n]].split(" ")[0] for n in numbers.tolist()]
        assert terms == [token.term for token in chain.words(raw.decode())]


@settings(max_examples=15, deadline=None)
@given(added=st.lists(articles(), min_size=2, max_size=6), removed=st.integers(0, 3), most=st.integers(1, 40))
def test_merging_in_portions_gives_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, added: list[Article], removed: int, most: int
) -> None:
    written = []
    for portion in (merge.AT_ONCE, most):
        folder = folder_at(tmp_path_factory.mktemp("index"))
        with pytest.MonkeyPatch.context() as patch:
            for module in (merge, layout, writer):
                patch.setattr(module, "AT_ONCE", portion)
            commit = Commit()
            for article in added:
                commit = put(folder, commit, [article])
            commit = put(folder, commit, (), list(dict.fromkeys(a.id for a in added))[:removed], compact=True)
        written.append([(folder.path / entry.file.name).read_bytes() for entry in commit.segments])
    assert written[0] == written[1]


def test_nothing_crosses_from_one_caption_into_the_next(tmp_path: Path) -> None:
    captions, body = ["A ferry at the quay", "Divers look for it"], ["The ferry sank.", "Divers look for the hull."]
    text = "\n".join([body[0], *captions, body[1]])
    zones, at = [], 0
    for kind, part in zip(("body", "caption", "caption", "body"), text.split("\n"), strict=True):
        zones.append(search.Zone(kind, at, at + len(part)))  # type: ignore[arg-type]  # one of them
        at += len(part) + 1
    index = search.open(tmp_path / "index")
    index.add([search.Article(id="a", body=text, zones=tuple(zones))])
    apart = ("quay w/9 divers", "divers w/9 quay", "quay pre/9 divers", '"quay divers"~9', '"ferry at divers"~9')
    for query in (*apart, '"quay divers"', "quay /p divers", "at w/9 look"):
        assert index.search(query).total == 0, query
        assert index.why_not(query, "a"), query
    # In one caption, and from one paragraph of the body into the next.
    for query in ("ferry w/3 quay", '"ferry quay"~3', "quay not w/9 divers", "sank w/1 divers", '"sank divers look"'):
        assert index.search(query).total == 1, query
    [hit] = index.search("ferry w/9 divers")
    assert [text[start:end] for start, end in hit.passages[0].highlights] == ["ferry"]
