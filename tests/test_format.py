"""Indexes on the disks of users: one of each readable format is kept, opened, and holds what it held."""

import shutil
from pathlib import Path

import pytest
from fixture import ROOT, build, folder
from work import held

import search
from search.engine import commit as commits

QUERIES = (
    *("dam warning", '"the dam"', "harrow AND NOT envoy", "=Harrow", "gat*", "harow~1", "title:dam", "date:2022-03"),
    *("dam w/5 gate", "source:opa", "*", "spillway OR sluice"),
)


@pytest.fixture(params=range(commits.READABLE_FROM, commits.FORMAT + 1))
def old(request: pytest.FixtureRequest, tmp_path: Path) -> search.Index:
    """A copy of an index in a format that can be read."""
    source = folder(request.param)
    assert source.is_dir(), f"{source} is missing: run tests/fixture.py before the format changes again"
    return search.open(shutil.copytree(source, tmp_path / "old"))


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> search.Index:
    monkeypatch.chdir(ROOT)
    return build(tmp_path / "new")


def answers(index: search.Index) -> list[object]:
    """Return what queries find: articles, scores, passages with their offsets."""
    return [
        [(hit.id, hit.title, hit.date, round(hit.score, 9), hit.passages) for hit in index.search(query)]
        for query in QUERIES
    ]


def test_an_index_of_each_readable_format_answers_as_a_new_one(old: search.Index, new: search.Index) -> None:
    assert old.stats().segments > 1
    assert old.stats().deleted
    assert old.check() == []
    assert list(map(repr, sorted(old, key=lambda article: article.id))) == list(
        map(repr, sorted(new, key=lambda article: article.id))
    )
    assert all(answers(new))
    assert answers(old) == answers(new)
    assert old.settings() == new.settings()


def test_an_index_of_each_readable_format_can_be_changed(old: search.Index) -> None:
    state = held(old)
    old.add([search.Article(id="new", body="The dam was rebuilt.")])
    old.compact()
    assert held(old) == state | {"new": "The dam was rebuilt."}
    assert old.check() == []
    assert old.stats().segments == 1


def test_a_format_that_is_too_new_is_named(old: search.Index) -> None:
    folder = old._view.folder
    commit = commits.read(folder)
    assert commit
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(commits, "FORMAT", 99)
        patch.setattr(commits, "READABLE_FROM", 98)
        commits.write(folder, commit)
    with pytest.raises(search.CorruptionError, match="format 99 cannot be read by this version"):
        search.open(old.location)
