"""Indexing by several processes: the same index as by one, whatever repeats, is refused, fails or dies."""

import errno
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_damage import Forged

import search
from search.engine import crew, writer
from search.errors import ArticleError, CorruptionError, IndexMissingError, SearchError

WORDS = "harbour ferry strike minister talks ceasefire border snow bridge council flood school".split()


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "WORTH_A_CREW", 2000)
    monkeypatch.setattr(crew, "BATCH", 1000)
    monkeypatch.setattr(crew, "MAX_WAITING", 500)


def article(n: int, *, text: str = "", path: str | None = None) -> search.Article:
    words = " ".join(WORDS[(n * step + n // 7) % len(WORDS)] for step in range(1, 40))
    body = f"{words.capitalize()}. Number {n} said so.{text}"
    return search.Article(id=f"a{n}", body=body, title=f"Article {n}", date=f"2021-08-{n % 28 + 1:02}", path=path)


def shown(index: search.Index) -> list[object]:
    found: list[object] = [len(index), sorted((a.id, a.body, a.path) for a in index)]
    for query in ("ferry", "harbour strike", '"number 17"', "title:article AND snow", "brid*", "2021-08-03"):
        results = index.search(query, limit=50)
        found.append((results.total, [(hit.id, hit.score, hit.passages) for hit in results]))
    return found


def test_several_processes_make_the_same_index_as_one(tmp_path: Path) -> None:
    one, two = search.open(tmp_path / "one"), search.open(tmp_path / "two")
    for index, jobs in ((one, 1), (two, 2)):
        assert index.add(map(article, range(120)), jobs=jobs) == (120, 0, 0, 0, 0)
        # Half are known, some changed; an id that comes again is taken in turn.
        again = [article(n, text=" Changed." if n % 3 == 0 else "") for n in range(60, 180)]
        again += [article(5, text=" Second."), article(5, text=" Third."), *(article(n) for n in range(100, 160))]
        added = index.add(again, jobs=jobs)
        assert added == (60, 20 + 2 + 20, 40 + 40, 0, 0)
        assert not index.check()
    assert shown(one) == shown(two)
    assert "Third." in two.get("a5").body


def test_progress_and_refusals_come_back(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add([article(n, path="first.jsonl") for n in range(60)], jobs=2)
    told: list[tuple[str, str]] = []
    refused: list[tuple[str, str]] = []
    added = index.add(
        [article(n, text=" Other.", path="second.jsonl") for n in range(50, 110)],
        jobs=2,
        progress=lambda article, outcome: told.append((article.id, outcome)),
        refuse=lambda article, path: refused.append((article.id, path)),
    )
    assert added == (50, 0, 0, 10, 0)
    assert sorted(refused) == [(f"a{n}", "first.jsonl") for n in range(50, 60)]
    assert sorted(told) == sorted((f"a{n}", "refused" if n < 60 else "added") for n in range(50, 110))
    assert "Other." not in index.get("a55").body


def test_an_article_that_cannot_be_stored_changes_nothing(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add([article(0)])
    before = sorted(path.name for path in (tmp_path / "index").iterdir())

    def articles() -> Iterator[search.Article]:
        yield from map(article, range(1, 90))
        yield search.Article(id="odd", body="No day.", date="2021-13-45")
        yield from map(article, range(90, 200))

    with pytest.raises(ArticleError, match="odd: '2021-13-45' is no date"):
        index.add(articles(), jobs=2)
    assert len(search.open(tmp_path / "index")) == 1
    assert sorted(path.name for path in (tmp_path / "index").iterdir()) == before


def test_an_error_of_the_caller_ends_the_processes(tmp_path: Path) -> None:
    def articles() -> Iterator[search.Article]:
        yield from map(article, range(90))
        raise RuntimeError("the reader broke")

    index = search.open(tmp_path / "index")
    with pytest.raises(RuntimeError, match="the reader broke"):
        index.add(articles(), jobs=2)
    assert index.add(map(article, range(90)), jobs=2).added == 90


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL")
def test_a_process_that_dies_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = crew._Process.__init__

    def killed(self: crew._Process, task: dict[str, Any]) -> None:
        start(self, task)
        os.kill(self._process.pid, signal.SIGKILL)

    monkeypatch.setattr(crew._Process, "__init__", killed)
    index = search.open(tmp_path / "index")
    with pytest.raises(SearchError, match=r"process \d+, which was helping, has ended: use fewer --jobs"):
        index.add(map(article, range(200)), jobs=2)
    with pytest.raises(IndexMissingError):
        search.open(tmp_path / "index").stats()


def test_where_no_process_can_be_started_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def refuse(*arguments: Any, **options: Any) -> "subprocess.Popen[bytes]":
        if started:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        started.append(start(*arguments, **options))
        return started[0]

    monkeypatch.setattr(subprocess, "Popen", refuse)
    index = search.open(tmp_path / "index")
    with pytest.raises(SearchError, match=r"no process can be started to help: .*; use fewer --jobs"):
        index.add(map(article, range(200)), jobs=2)
    assert started[0].returncode is not None
    assert len(index) == 0


def put(index: search.Index, numbers: range, jobs: int) -> None:
    """Put articles into an index of one segment."""
    with index.writer() as writer:
        writer.compact = True
        list(writer.put_all(map(article, numbers), jobs=jobs))


def test_several_processes_heed_what_the_transaction_did_before(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add(map(article, range(100)))
    with index.writer() as writer:
        writer.delete("a7")
        writer.add(article(200))
        list(writer.put_all(map(article, range(210)), jobs=2))
    assert sorted(a.id for a in index) == sorted(f"a{n}" for n in range(210))
    assert not index.check()


def test_segments_are_merged_by_a_process_of_its_own_while_copies_are_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders: list[list[Any]] = []
    asked = crew._Process.asked

    def noted(self: crew._Process, order: dict[str, Any]) -> crew.Answer:
        answer = asked(self, order)
        if "parts" in order:
            orders.append([order["parts"], answer["parts"]])
        return answer

    monkeypatch.setattr(crew._Process, "asked", noted)
    one, two = search.open(tmp_path / "one"), search.open(tmp_path / "two")
    for index, jobs in ((one, 1), (two, 2)):
        for first in (0, 100, 200):
            put(index, range(first, first + 120), jobs)
            assert index.stats().segments == 1
            index.delete([f"a{first + 7}"])
    assert [len(left) for _, left in orders] == [1, 1, 1]
    assert all(len(parts) > 1 for parts, _ in orders)
    assert not two.check()
    assert shown(one) == shown(two)


def test_a_process_that_dies_while_merging_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = search.open(tmp_path / "index")
    index.add(map(article, range(120)), jobs=2)
    before, asked = sorted(path.name for path in (tmp_path / "index").iterdir()), crew._Process.asked

    def killed(self: crew._Process, order: dict[str, Any]) -> crew.Answer:
        if "parts" in order:
            os.kill(self._process.pid, signal.SIGKILL)
        return asked(self, order)

    monkeypatch.setattr(crew._Process, "asked", killed)
    with pytest.raises(SearchError, match=r"process \d+, which was helping, has ended"):
        put(index, range(120, 240), jobs=2)
    assert sorted(path.name for path in (tmp_path / "index").iterdir()) == before
    assert len(search.open(tmp_path / "index")) == 120
    monkeypatch.setattr(crew._Process, "asked", asked)
    assert index.add(map(article, range(120, 240)), jobs=2).added == 120


def test_damage_that_a_process_meets_while_merging_is_told_as_such(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add(map(article, range(100)))
    [path] = (tmp_path / "index").glob("*.segment")
    file = Forged(path.read_bytes())
    start, n, _ = file.contents["sections"]["word_ends_steps"]
    file.body[start : start + n] = bytes(n)
    path.write_bytes(file.sealed())
    with pytest.raises(CorruptionError, match="word_ends"):
        put(index, range(100, 400), jobs=2)
