"""Real processes on a real disk: killed at any moment, out of room, and many at once."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from work import TORTURE, History, generation, held, seed_of_run

import search
from search.engine.storage import LOCK

WORK = [sys.executable, "-X", "dev", "-W", "error", str(Path(__file__).with_name("work.py"))]


def killed(location: Path, rounds: int, seed: int) -> None:
    """Kill a writer `rounds` times, each time after a moment, and hold what it leaves to what it acknowledged."""
    rng = random.Random(seed)
    history = History()
    number = 0
    command = [*WORK, "fork", str(location)]
    with subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-3, text=True, bufsize=1) as parent:
        assert parent.stdin
        assert parent.stdout
        for turn in range(rounds):
            parent.stdin.write("start\n")
            child = int(parent.stdout.readline().split()[1])
            time.sleep(rng.random() * 0.06)
            os.kill(child, signal.SIGKILL)
            parent.stdin.write("next\n")
            acknowledged = number
            while (line := parent.stdout.readline()) != "dead\n":
                acknowledged = int(line)
            index = search.open(location)
            number = generation(index)
            what = f"seed {seed}, round {turn}: {acknowledged} acknowledged, {number} found"
            assert acknowledged <= number <= acknowledged + 1, what
            assert held(index) == history[number], what
            assert not number or index.check() == [], what
        parent.stdin.close()
    index.add([search.Article(id="last", body="The last one left.")])
    commit = index._view.commit
    assert commit
    assert {path.name for path in location.iterdir()} == commit.names() | {LOCK}


def test_a_killed_writer_leaves_what_it_acknowledged(tmp_path: Path) -> None:
    killed(tmp_path / "index", 8, seed_of_run())


@pytest.mark.slow
def test_many_killed_writers_leave_what_they_acknowledged(tmp_path: Path) -> None:
    killed(tmp_path / "index", int(200 * TORTURE), seed_of_run())


FULL = "ulimit -f 60; exec "  # blocks of 512 or 1024 bytes a file
SMALL = "mkdir -p $0 && mount -t tmpfs -o size=300k tmpfs $0 && head -c 50000 /dev/zero > $0/room; exec "


def test_a_limit_is_an_error_that_changes_nothing(tmp_path: Path) -> None:
    told, left = filled(["sh", "-c", f'{FULL} "$@"', str(tmp_path)], tmp_path)
    assert "limit" in told
    assert left


def test_a_full_disk_is_an_error_that_changes_nothing(tmp_path: Path) -> None:
    in_namespace = ["unshare", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None or subprocess.run([*in_namespace, "true"], check=False, stderr=-3).returncode:
        pytest.skip("needs leave to mount a small file system in a namespace of its own")
    told, left = filled([*in_namespace, "sh", "-c", f'{SMALL} "$@"', str(tmp_path)], tmp_path)
    assert "free some space" in told
    assert left


def filled(prefix: list[str], location: Path) -> tuple[str, str]:
    """Fill what the command `prefix` makes of a location; return what was said and what is left."""
    done = subprocess.run([*prefix, *WORK, "fill", str(location)], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    told, left = done.stdout.splitlines()
    return told, left


def together(location: Path, seconds: float) -> int:
    """Let eight threads in four processes read while another writes. Return how many commits the last one saw pass."""
    index = search.open(location)
    index.add([])
    with subprocess.Popen([*WORK, "write", str(location)], stdout=-1) as writer:
        assert writer.stdout
        for _ in range(5):
            writer.stdout.readline()
        readers = [
            subprocess.Popen([*WORK, "look", str(location), str(seconds)], stdout=-1, stderr=-1, text=True)
            for _ in range(4)
        ]
        results = [(*reader.communicate(), reader.returncode) for reader in readers]
        writer.kill()
    for _, error, status in results:
        assert not status, error
    index.refresh()
    assert index.check() == []
    size = sum(path.stat().st_size for path in location.iterdir())
    assert size < 1_000_000, "files have grown without bound"
    first, last = map(int, results[-1][0].split())
    return last - first


def test_a_reader_opened_before_a_hundred_merges_answers(tmp_path: Path) -> None:
    index = search.open(tmp_path)
    index.add([search.Article(id="first", body="The ferry left."), search.Article(id="gone", body="The ferry sank.")])
    reader = search.open(tmp_path)
    before = held(reader)
    index.delete(["gone"])
    for number in range(100):
        index.add([search.Article(id=str(number), body=f"Boat {number} left.")])
        index.compact()
        assert index.stats().segments == 1
        assert len([*tmp_path.iterdir()]) == 3, "commit, lock and one segment"
    assert held(reader) == before
    assert reader.check() == []
    assert {hit.id for hit in reader.search("ferry")} == {"first", "gone"}
    reader.refresh()
    assert len(reader) == 101
    assert reader.check() == []


def test_readers_and_a_writer_work_at_once(tmp_path: Path) -> None:
    assert together(tmp_path, 0.5)


@pytest.mark.slow
def test_readers_and_a_writer_work_at_once_for_long(tmp_path: Path) -> None:
    assert together(tmp_path, 60 * TORTURE) > 100
