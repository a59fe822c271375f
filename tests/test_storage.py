"""The door for bytes: replacing, locking, refusing; and sections that know when they are damaged."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import search
from search.engine import commit as commits
from search.engine.sections import ALIGN, BLOCK, FEW, Column, Sections, SectionWriter
from search.engine.spool import Aside
from search.engine.storage import Folder, System
from search.errors import CorruptionError, LockedError, StorageError


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.replace("x", b"one")
    folder.replace("x", b"two")
    assert folder.read("x") == b"two"
    assert folder.names() == ["x"]


def test_what_a_writer_that_died_left_beside_a_file_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "x.new").write_bytes(b"half of what")
    folder = Folder(tmp_path)
    folder.replace("x", b"one")
    assert folder.read("x") == b"one"
    assert folder.names() == ["x"]


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
def test_a_name_that_no_folder_can_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageError, match="no folder can have this name"):
        search.open(name)
    with pytest.raises(StorageError, match="no folder can have this name"):
        Folder(tmp_path).beside(name)


def test_a_new_file_must_be_new(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.create("x").finish()
    with pytest.raises(StorageError, match="x"):
        folder.create("x")


def test_links_and_folders_are_not_files_of_an_index(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "index")
    folder.make()
    (tmp_path / "elsewhere").write_text("secret")
    (tmp_path / "index" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "index" / "folder").mkdir()
    os.mkfifo(tmp_path / "index" / "pipe")
    for name in ("link", "folder", "pipe"):
        with pytest.raises(StorageError, match=name):
            folder.read(name)
        with pytest.raises(StorageError, match=name):
            folder.map(name)


@pytest.mark.parametrize("name", ["lock", "commit.json", "commit.json.new", "3.segment"])
def test_writing_follows_no_link(tmp_path: Path, name: str) -> None:
    secret = tmp_path / "elsewhere"
    secret.write_text("secret")
    (tmp_path / "index").mkdir()
    if name == "3.segment":
        search.open(tmp_path / "index").add([search.Article(id="b", body="x")])
    link = tmp_path / "index" / name
    link.symlink_to(secret)
    try:
        search.open(tmp_path / "index").add([search.Article(id="a", body="x")])
    except search.StorageError as error:
        assert "symbolic link" in str(error)  # noqa: PT017  # or it goes well
        assert str(link) in str(error)  # noqa: PT017  # or it goes well
        assert link.is_symlink()
        link.unlink()
        search.open(tmp_path / "index").add([search.Article(id="a", body="x")])
    assert secret.read_text() == "secret"
    assert not link.is_symlink()
    assert search.open(tmp_path / "index").check() == []


def test_nobody_else_may_write_what_is_written(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        index = search.open(tmp_path / "index")
        index.add([search.Article(id="a", body="x")])
        index.add([search.Article(id="b", body="x"), search.Article(id="a", body="y")])
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "index").iterdir()} == {0o644}
    assert {path.name for path in tmp_path.iterdir()} == {"index"}


def test_a_file_in_the_folders_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("x")
    with pytest.raises(StorageError, match="index"):
        Folder(tmp_path / "index").make()
    with pytest.raises(search.SearchError, match="index"):
        search.open(tmp_path / "index")


def test_a_folder_below_a_link_to_nowhere_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    with pytest.raises(StorageError, match="link"):
        Folder(tmp_path / "link" / "a" / "index").make()
    assert [path.name for path in tmp_path.iterdir()] == ["link"]


def test_what_is_made_durable_is_synced_by_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = []
    monkeypatch.setattr("os.fsync", lambda handle: synced.append(os.fstat(handle).st_ino))
    folder = Folder(tmp_path / "a" / "b")
    folder.make()
    folder.replace("x", b"content")
    assert synced == [(tmp_path / "a/b/x").stat().st_ino, (tmp_path / "a/b").stat().st_ino]
    folder.settle()
    assert {(tmp_path / "a").stat().st_ino, tmp_path.stat().st_ino} <= set(synced)


def test_scratch_is_for_its_owner_alone_and_is_not_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr("os.fsync", synced.append)
    before = os.umask(0)
    try:
        for name, scratch in (("segment", False), ("bodies", True)):
            sink = Folder(tmp_path).create(name, scratch=scratch)
            sink.write(b"content")
            sink.finish()
    finally:
        os.umask(before)
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("segment", "bodies")]
    assert modes == [0o644, 0o600]
    assert len(synced) == 1


def test_a_mapped_file_stays_readable_when_removed(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.replace("x", b"content")
    mapped = folder.map("x")
    folder.remove("x")
    assert mapped[:] == b"content"


def test_a_living_holder_is_named_and_a_dead_one_succeeded(tmp_path: Path) -> None:
    script = (
        "import sys, time; from search.engine.storage import Folder\n"
        "lock = Folder(sys.argv[1]).lock(); print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    with holder.stdout:
        holder.stdout.readline()
        folder = Folder(tmp_path)
        with pytest.raises(LockedError, match=str(holder.pid)):
            folder.lock()
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with folder.lock() as lock:
        assert lock.left_by == holder.pid
    with folder.lock() as lock:
        assert lock.left_by is None


def test_a_copy_of_the_process_neither_frees_the_lock_nor_keeps_it(tmp_path: Path) -> None:
    script = """
import os, sys
from search.engine.storage import Folder
from search.errors import LockedError
folder = Folder(sys.argv[1])
lock = folder.lock()
if not (copy := os.fork()):
    lock.release()
    os._exit(0)
os.waitpid(copy, 0)
try:
    folder.lock()
except LockedError as error:
    assert str(os.getpid()) in str(error)
else:
    sys.exit("freed")
end, other = os.pipe()
if not (copy := os.fork()):
    os.close(other)
    os.read(end, 1)  # until the first one ends
    os._exit(0)
lock.release()
with folder.lock() as again:
    assert again.left_by is None
"""
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr


def test_a_writer_says_that_the_one_before_died(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    index = search.open(tmp_path)
    (tmp_path / "lock").write_text("4000001")
    index.add([search.Article(id="a", body="x")])
    assert "4000001 died" in caplog.text
    caplog.clear()
    index.add([search.Article(id="b", body="x")])
    assert not caplog.text


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which Linux has")
def test_a_full_disk_is_an_error_that_names_the_cure(tmp_path: Path) -> None:
    class Full(System):
        def create(self, path: Path, mode: int = 0o644) -> io.RawIOBase:
            return Path("/dev/full").open("wb", 0)

    sink = Folder(tmp_path, Full()).create("x")
    with pytest.raises(StorageError, match="free some space"):
        sink.write(b"x" * 10_000_000)
    sink.discard()


def written(folder: Folder, arrays: dict[str, np.ndarray[tuple[int], np.dtype[np.uint32]]]) -> int:
    writer = SectionWriter(folder.create("file"))
    for name, array in arrays.items():
        writer.add(name, array)
    return writer.finish({"a": 1})


def test_sections_come_back(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    long = np.arange(100_000, dtype=np.uint32)
    size = written(folder, {"empty": long[:0], "long": long, "short": long[:3]})
    file = Sections(folder, "file", size)
    assert file.meta == {"a": 1}
    assert file["long"].span(70_000, 70_003).tolist() == [70_000, 70_001, 70_002]
    assert file["long"][99_999] == 99_999
    assert file["long"].at(np.array([99_999, 0, 7, 7])).tolist() == [99_999, 0, 7, 7]
    assert file["long"].at(np.arange(99_999, 0, -1)).tolist() == [*range(99_999, 0, -1)]
    assert file["long"].at(np.zeros(0, np.int64)).tolist() == []
    assert len(file["long"].at(None)) == 100_000
    assert file["short"].all().tolist() == [0, 1, 2]
    assert len(file["empty"]) == 0
    assert file["empty"].all().tolist() == []
    with pytest.raises(CorruptionError, match="other"):
        file["other"]


def test_every_flipped_byte_and_truncation_is_found(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    size = written(folder, {"a": np.arange(50, dtype=np.uint32), "b": np.arange(7, dtype=np.uint32)})
    good = (tmp_path / "file").read_bytes()
    for at in range(len(good)):
        for bad in (good[:at] + bytes([good[at] ^ 0x40]) + good[at + 1 :], good[:at]):
            (tmp_path / "file").write_bytes(bad)
            try:
                problems = Sections(folder, "file", size).verify()
            except (CorruptionError, StorageError) as error:
                problems = [str(error)]
            assert problems, at
            assert str(tmp_path / "file") in problems[0]


def test_only_touched_blocks_are_verified(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    size = written(folder, {"a": np.arange(100_000, dtype=np.uint32)})
    data = bytearray((tmp_path / "file").read_bytes())
    data[5 << BLOCK] ^= 1
    (tmp_path / "file").write_bytes(data)
    column = Sections(folder, "file", size)["a"]
    assert column[3] == 3
    with pytest.raises(CorruptionError, match="checksum"):
        column[(5 << BLOCK) // 4]
    with pytest.raises(CorruptionError, match="restore"):
        column.all()
    assert column.at(np.array([3, 99_999])).tolist() == [3, 99_999]


@pytest.mark.parametrize(
    ("width", "ask", "places"),
    [
        (4, lambda column, n: column[n], [0]),
        (4, lambda column, n: column.bounds(n), [-1, 0]),
        (4, lambda column, n: column.span(n - 1, n + 1), [-1, 0]),
        (4, lambda column, n: column.list(n - 1, n + 1), [-1, 0]),
        (4, lambda column, n: column.numbers(), [-1, 0]),
        (1, lambda column, n: column.bytes(n - 1, n + 1), [-1, 0]),
        (4, lambda column, n: column.all(), [-1, 0]),
        (4, lambda column, n: column.at(np.array([n, n - 1])), [-1, 0]),
        (4, lambda column, n: column.at(np.arange(FEW + 1)), [-1, 0]),
    ],
    ids=["item", "bounds", "span", "list", "numbers", "bytes", "all", "few", "many"],
)
def test_nothing_is_handed_out_that_was_not_verified(
    tmp_path: Path, width: int, ask: Callable[[Column, int], object], places: list[int]
) -> None:
    folder = Folder(tmp_path)
    writer = SectionWriter(folder.create("file"))
    first_of_block = ((1 << BLOCK) - ALIGN) // width  # the first section begins behind one line of `ALIGN`
    writer.add("a", np.zeros(2 * first_of_block, f"u{width}"))
    size = writer.finish({})
    good = (tmp_path / "file").read_bytes()
    ask(Sections(folder, "file", size)["a"], first_of_block)
    for place in places:
        data = bytearray(good)
        data[(1 << BLOCK) + place * width] ^= 1
        (tmp_path / "file").write_bytes(data)
        with pytest.raises(CorruptionError, match="checksum"):
            ask(Sections(folder, "file", size)["a"], first_of_block)


def test_bytes_of_a_section_never_reach_into_the_next(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    size = written(folder, {"a": np.full(8, 1, np.uint8), "b": np.full(8, 2, np.uint8)})
    column = Sections(folder, "file", size)["a"]
    assert column.bytes(6, 2 * ALIGN) == b"\1\1"
    assert column.bytes(9, 2 * ALIGN) == column.bytes(5, 4) == b""


def test_paths_in_a_commit_lead_nowhere_else(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add([search.Article(id="a", body="x")])
    commit = tmp_path / "index" / "commit.json"
    content = json.loads(commit.read_text().replace('"1.segment"', '"../1.segment"'))
    del content["crc32"]
    content["crc32"] = zlib.crc32(commits._canonical(content))
    commit.write_bytes(commits._written(content))
    (tmp_path / "index" / "1.segment").rename(tmp_path / "1.segment")
    with pytest.raises(CorruptionError, match=r"commit\.json: expected a commit, found b"):
        search.open(tmp_path / "index")


@pytest.mark.parametrize("few", [0, 100, 1 << 24])
def test_what_is_put_aside_comes_back(few: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.engine.spool.FEW", few)
    some = [np.arange(start, start * 3, dtype=np.uint32) for start in range(20)]
    for folder in (None, Folder(tmp_path)):
        with Aside(folder, "file") as aside:
            spool = aside.spool("numbers")
            for each in some:
                spool.add(each)
            there = [path.name for path in tmp_path.iterdir()]
            assert there == (["file.numbers.new"] if folder and few < 1000 else [])
            found = spool.all(np.uint32)
            assert not [*tmp_path.iterdir()]
            assert found.tolist() == np.concatenate(some).tolist()
            assert aside.spool("nothing").all(np.uint8).tolist() == []


def test_what_is_put_aside_goes_with_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.engine.spool.FEW", 0)
    with contextlib.suppress(ZeroDivisionError), Aside(Folder(tmp_path), "file") as aside:
        for what in ("one", "other"):
            aside.spool(what).add(np.arange(10))
        assert len([*tmp_path.iterdir()]) == 2
        raise ZeroDivisionError
    assert not [*tmp_path.iterdir()]
