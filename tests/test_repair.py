"""What is left of a damaged index, and copies of a sound one."""

import io
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from disk import Disk, Picture, Remains
from test_damage import ARTICLES, HOME, at, disk_files, found, made
from work import State, held

import search
from search import Article, Repaired
from search.cli import run
from search.engine.repair import repair
from search.engine.storage import Folder, System
from search.text.analysis import analyzer


def repaired(files: Picture) -> tuple[Repaired, search.Index]:
    folder = Folder(HOME, Disk.showing(files))
    with folder.lock():
        done = repair(folder, lambda known: analyzer("english"))
    return done, search.Index(folder)


@pytest.fixture(scope="module")
def files() -> Picture:
    return made(2)


@pytest.fixture(scope="module")
def state(files: Picture) -> State:
    return held(at(files))


def spoilt(files: Picture, name: str, place: int) -> Picture:
    content = bytearray(files[HOME / name] or b"")
    content[place] ^= 0x55
    return files | {HOME / name: bytes(content)}


def names(files: Picture, kind: str) -> list[str]:
    return sorted((path.name for path in files if path.name.endswith(kind)), key=lambda name: int(name.split(".")[0]))


def test_nothing_is_done_to_a_sound_index(files: Picture, state: State) -> None:
    done, index = repaired(files)
    assert done == Repaired(len(state), 0, (), ())
    assert held(index) == state


def test_articles_whose_bytes_are_sound_are_rescued(files: Picture, state: State) -> None:
    [name, _] = names(files, ".segment")
    size = len(files[HOME / name] or b"")
    broken = spoilt(files, name, size - 20)  # where its sections begin: nothing of it can be opened
    done, index = repaired(broken)
    assert len(done.lost) == len(state) - len(index) > 0
    assert str(HOME / name) in done.notes[0]
    assert held(index) == {key: body for key, body in state.items() if key in index}
    assert index.check() == []
    index.add([ARTICLES[11]])
    assert f"{name}.damaged" in index._view.folder.names()


def large() -> Picture:
    """Return the files of an index whose segment has several blocks: articles that do not get smaller."""
    rng = random.Random(1)
    disk = Disk()
    index = search.Index(Folder(HOME, disk))
    bodies = {f"n{n}": " ".join(f"{rng.randrange(16**60):x}" for _ in range(600)) for n in range(9)}
    index.add([Article(id=key, body=body, path=f"news/{key}.txt") for key, body in bodies.items()])
    index.delete(["n3"])
    return disk_files(disk)


def test_what_is_set_aside_stays_aside_after_a_power_cut(files: Picture) -> None:
    name = names(files, ".segment")[0]
    _, index = repaired(spoilt(files, name, len(files[HOME / name] or b"") - 20))
    disk = index._view.folder._system
    assert isinstance(disk, Disk)
    for picture in Remains(disk.log).pictures(99, random.Random(1)):
        assert HOME / f"{name}.damaged" in picture
        assert HOME / name not in picture


@pytest.mark.parametrize("is_readable", [True, False])
def test_the_lost_are_named_with_their_paths_if_anything_of_them_can_be_read(is_readable: bool) -> None:
    files = large()
    state = held(at(files))
    [name] = names(files, ".segment")
    _, snapshot = at(files)._view.opened()
    segment = snapshot.parts[0].segment
    begin, end = segment.file["frame_ends"].bounds(4)
    frames = (files[HOME / name] or b"").index(segment.frame(4)) - begin
    done, index = repaired(spoilt(files, name, frames + (end - 1 if is_readable else begin)))  # checksum, or mark
    assert len(done.lost) == 1
    assert done.rescued == len(index) == len(state) - len(done.lost)
    assert held(index) == {key: body for key, body in state.items() if key in index}
    [lost] = state.keys() - held(index).keys()
    assert done.lost == ((lost, f"news/{lost}.txt") if is_readable else (None, None),)
    assert index.check() == []
    assert "n3" not in index


def test_what_was_deleted_stays_so_as_far_as_it_is_known(files: Picture, state: State) -> None:
    [name] = names(files, ".deleted")
    done, index = repaired(spoilt(files, name, 70))
    assert done.lost == ()
    assert held(index) == state | {"1": ARTICLES[1].body}
    assert index.check() == []


def test_the_newer_version_of_an_article_stays(files: Picture, state: State) -> None:
    disk = Disk.showing(files)
    search.Index(Folder(HOME, disk)).add([Article(id="5", body="The ferry sank.")])
    changed = disk_files(disk)
    assert len(names(changed, ".segment")) > 1
    for name in (*names(changed, ".deleted"), *names(changed, ".segment")):
        _, index = repaired(spoilt(changed, name, 70))
        assert "5" not in index or index.get("5").body == "The ferry sank."
        assert index.check() == []


def test_a_lost_commit_file_is_made_again(files: Picture, state: State) -> None:
    for broken in (
        spoilt(files, "commit.json", 9),
        {path: c for path, c in files.items() if path.name != "commit.json"},
    ):
        done, index = repaired(broken)
        assert done.lost == ()
        assert "deleted articles may be back" in " ".join(done.notes)
        assert held(index) == state | {"1": ARTICLES[1].body}
        assert index.check() == []


def test_nothing_is_removed_where_the_commit_file_was(files: Picture) -> None:
    left = {path: content for path, content in files.items() if path.name != "commit.json"}
    disk = Disk.showing(left)
    with pytest.raises(search.CorruptionError, match=r"commit\.json: expected .* found none; .*search repair"):
        search.Index(Folder(HOME, disk))
    fresh = search.Index(Folder(HOME, Disk.showing({HOME: None})))
    fresh._view.folder = Folder(HOME, disk)  # the file goes while the index is open
    with pytest.raises(search.CorruptionError, match="search repair"):
        fresh.add(ARTICLES)
    with pytest.raises(search.CorruptionError, match="search repair"):
        at(left).add(ARTICLES)
    assert disk_files(disk) == left


def test_a_first_writer_that_died_leaves_no_index_and_no_files(tmp_path: Path) -> None:
    index = search.open(tmp_path)
    with pytest.raises(ZeroDivisionError), index.writer() as writer:  # noqa: PT012  # it raises at the end
        writer._transaction._begin()
        (tmp_path / "7.segment").write_bytes(b"half a segment")
        raise ZeroDivisionError
    with pytest.raises(search.IndexMissingError):
        search.open(tmp_path).stats()
    index.add(ARTICLES)
    assert not (tmp_path / "7.segment").exists()
    assert len(search.open(tmp_path)) == len(ARTICLES)


def test_a_missing_file_is_lost(files: Picture, state: State) -> None:
    [_, name] = names(files, ".segment")
    left = {path: content for path, content in files.items() if path.name != name}
    assert "found none" in found(left)[0]
    done, index = repaired(left)
    assert len(done.lost) == len(state) - len(index)
    assert index.check() == []


def test_any_flipped_byte_can_be_repaired(files: Picture, state: State) -> None:
    rng = random.Random(7)
    for path, content in files.items():
        for place in rng.sample(range(len(content or b"")), min(3, len(content or b""))):
            done, index = repaired(spoilt(files, path.name, place))
            assert held(index).items() <= (state | {"1": ARTICLES[1].body}).items()
            assert len(held(index)) >= len(state) - len(done.lost)
            assert not len(index) or index.check() == []


def test_repair_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    location = tmp_path / "index"
    search.open(location).add(ARTICLES)
    [path] = location.glob("*.segment")
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    assert run(["repair", "--index", str(location)]) == 1
    told = capsys.readouterr()
    assert re.search(r"lost: (an article whose name is lost, too|(\d+) \(news/\2\.txt\))\n", told.out)
    assert "11 indexed again, 1 lost" in told.out
    assert str(path) in told.err
    assert run(["repair", "--index", str(location)]) == 0
    assert "0 lost" in capsys.readouterr().out
    assert run(["repair", "--index", str(tmp_path)]) == 2
    assert "no index here" in capsys.readouterr().err


def test_a_backup_is_the_same_index(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    location, copy = tmp_path / "index", tmp_path / "far" / "copy"
    index = search.open(location)
    index.add(ARTICLES)
    index.delete(["1"])
    before = held(index)
    with index.writer() as writer:
        writer.delete("2")
        assert run(["backup", str(copy), "--index", str(location)]) == 0
    index.compact()
    assert held(search.open(copy)) == before
    assert search.open(copy).check() == []
    search.open(copy).add([ARTICLES[1]])
    assert "1" not in index
    assert run(["backup", str(copy), "--index", str(location)]) == 2
    assert "not empty" in capsys.readouterr().err


def test_a_folder_that_is_no_place_for_a_backup_stays_as_it_is(tmp_path: Path) -> None:
    index = search.open(tmp_path / "index")
    index.add(ARTICLES)
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "1.txt").touch()
    with pytest.raises(search.StorageError, match="not empty"):
        index.backup(tmp_path / "news")
    assert [path.name for path in (tmp_path / "news").iterdir()] == ["1.txt"]


def test_a_power_cut_leaves_a_whole_backup_or_none() -> None:
    disk = Disk()
    disk.make(HOME.parent / "far")
    index = search.Index(Folder(HOME, disk))
    index.add(ARTICLES)
    index.delete(["1"])
    began = len(disk.log)
    copy = HOME.parent / "far" / "away" / "copy"
    index.backup(copy)
    rng = random.Random(1)
    for stop in range(began, len(disk.log) + 1):
        for picture in Remains(disk.log[:stop]).pictures(40, rng):
            if copy / "commit.json" in picture:
                assert held(search.Index(Folder(copy, Disk.showing(picture)))) == held(index), disk.log[stop - 1]
            else:
                assert stop < len(disk.log), "what was acknowledged is not there"


@pytest.mark.parametrize("spoil", [lambda data: data[:100] + b"!" + data[101:]])
def test_damage_is_not_copied(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    index = search.open(tmp_path / "index")
    index.add(ARTICLES)
    [path] = (tmp_path / "index").glob("*.segment")
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(search.CorruptionError, match="segment"):
        search.open(tmp_path / "index").backup(tmp_path / "copy")
    with pytest.raises(search.IndexMissingError):
        search.open(tmp_path / "copy").stats()


def test_what_cannot_be_copied_whole_can_be_tried_again(tmp_path: Path) -> None:
    class Full(System):
        room = 1

        def link(self, old: Path, new: Path) -> None:
            raise PermissionError(1, "no links here")

        def create(self, path: Path, mode: int) -> io.RawIOBase:
            if path.parent.name == "copy" and path.suffix == ".segment":
                self.room -= 1
                if self.room < 0:
                    raise OSError(28, "No space left on device")
            return super().create(path, mode)

    index = search.Index(Folder(tmp_path / "index", system := Full()))
    index.add(ARTICLES[:1])
    index.add(ARTICLES[1:])
    with pytest.raises(search.StorageError, match="No space left"):
        index.backup(tmp_path / "copy")
    assert not [path for path in (tmp_path / "copy").iterdir() if path.stat().st_size > 20]
    system.room = 9
    index.backup(tmp_path / "copy")
    assert held(search.open(tmp_path / "copy")) == held(index)


def test_a_backup_without_links_is_a_copy(tmp_path: Path) -> None:
    class Linkless(System):
        def link(self, old: Path, new: Path) -> None:
            raise PermissionError(1, "no links here")

    index = search.Index(Folder(tmp_path / "index", Linkless()))
    index.add(ARTICLES)
    index.backup(tmp_path / "copy")
    assert held(search.open(tmp_path / "copy")) == held(index)
    assert all(path.stat().st_nlink == 1 for path in (tmp_path / "copy").iterdir())


def test_a_repair_that_is_cut_short_can_be_repeated(files: Picture) -> None:
    rng = random.Random()
    broken = spoilt(files, names(files, ".deleted")[0], 70)
    done, index = repaired(broken)
    assert done.rescued
    disk = index._view.folder._system
    assert isinstance(disk, Disk)
    began = len(Disk.showing(broken).log)
    for stop in range(began + rng.randrange(3), len(disk.log), 3):
        for picture in Remains(disk.log[:stop]).pictures(1, rng):
            assert held(repaired(picture)[1]) == held(index), disk.log[stop - 1]
