"""Power cuts and killed processes: what was acknowledged is there, what was not is there whole or not at all."""

import contextlib
import errno
import io
import os
import random
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

import pytest
from disk import ROOT, Call, Disk, Picture, Remains
from work import State, Step, held, seed_of_run, some

import search
from search.engine import builder, spool
from search.engine import commit as commits
from search.engine.storage import LOCK, Folder, System

HOME = ROOT / "news" / "index"
BEGUN = 2  # calls before the first step: the folder above is there

STEPS = (
    Step(some("abc", "ferry")),
    Step(some("dea", "barge")),
    Step({}, ("b",)),
    Step(some("fc", "tug"), ("d",)),
    Step({}, k1=1.5),
    Step(some("ghijklmno", "trawler")),
    Step(some("p", "yawl"), ("g", "h")),
    Step({}, compact=True),
    Step(some("qa", "canoe"), tuple("ijklm")),
)
NOTHING: State = {}
STATES = list(accumulate(STEPS, lambda state, step: step.after(state), initial=NOTHING))


def write_small_runs(patch: pytest.MonkeyPatch) -> None:
    """Let a transaction of a few articles write several segments and put bytes aside, as one of many does."""
    patch.setattr(builder, "RUN_ARTICLES", 4)
    patch.setattr(spool, "FEW", 0)


@pytest.fixture(autouse=True)
def small_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    write_small_runs(monkeypatch)


def at(disk: Disk) -> search.Index:
    return search.Index(Folder(HOME, disk))


def work(disk: Disk, first: int = 0) -> None:
    for step in STEPS[first:]:
        step.take(at(disk))
        disk.mark()


def logged() -> list[Call]:
    """Return what the storage is asked by all steps."""
    disk = Disk()
    disk.make(HOME.parent)
    disk.sync_folder(ROOT)
    work(disk)
    return disk.log


@pytest.fixture(scope="module")
def log() -> list[Call]:
    with pytest.MonkeyPatch.context() as patch:
        write_small_runs(patch)
        return logged()


def acknowledged(log: list[Call]) -> int:
    return sum(call.kind == "mark" for call in log)


NEXT = some("z", "raft")


class Judge:
    """Holds what is on a disk to what may be there, and to working from now on. The same files are checked once."""

    def __init__(self) -> None:
        self._sound: set[frozenset[tuple[str, bytes]]] = set()
        self.n = 0

    def check(self, index: search.Index, disk: Disk) -> set[str]:
        """Check every byte and invariant. Return the names of the files of the index."""
        commit = commits.read(Folder(HOME, disk))
        if commit is None or not commit.generation:
            return commit.names() if commit else set()
        files = frozenset((name, disk.content(HOME / name)) for name in commit.names())
        if files not in self._sound:
            assert index.check() == []
            for body in held(index).values():
                word = body.split()[1]
                assert index.search(word, limit=1).total == sum(word in other for other in held(index).values())
            self._sound.add(files)
        return commit.names()

    def judge(self, disk: Disk, allowed: Sequence[State]) -> None:
        self.n += 1
        index = at(disk)
        state = held(index)
        assert state in allowed
        self.check(index, disk)
        step = Step(NEXT, tuple(state)[:1])
        step.take(index)
        assert held(index) == held(at(disk)) == step.after(state)
        assert set(disk.names(HOME)) == self.check(index, disk) | {LOCK}, "files are left that no commit names"


def pictures(log: list[Call], most: int, rng: random.Random) -> Iterator[Picture]:
    """Yield what a power cut after `log` may leave, each picture once."""
    seen = set()
    for picture in Remains(log).pictures(most, rng):
        key = frozenset(picture.items())
        if key not in seen:
            seen.add(key)
            yield picture


@contextlib.contextmanager
def told(seed: int, calls: Sequence[Call], picture: Picture) -> Iterator[None]:
    """Add to an error what led to it."""
    try:
        yield
    except Exception as error:
        sizes = {str(path): content if content is None else len(content) for path, content in picture.items()}
        error.add_note(f"seed {seed}: power cut after {len(calls)} calls, the last {calls[-1]}; left: {sizes}")
        raise


def cut_everywhere(log: list[Call], every: int, most: int, seed: int) -> int:
    """Cut the power after `every` so many calls; return how many pictures were looked at."""
    rng = random.Random(seed)
    judge = Judge()
    for stop in range(BEGUN + rng.randrange(every), len(log) + 1, every):
        before = acknowledged(log[:stop])
        for picture in pictures(log[:stop], most, rng):
            with told(seed, log[:stop], picture):
                judge.judge(Disk.showing(picture), STATES[before : before + 2])
    return judge.n


def kill_everywhere(log: list[Call], every: int, most: int, seed: int) -> int:
    """Kill the process after some calls, let another one work, and cut the power after `every` so many calls of it."""
    rng = random.Random(seed)
    judge = Judge()
    for stop in range(BEGUN + rng.randrange(every), len(log) + 1, 1 + every // 4):
        disk = Disk(log[:stop])
        before = acknowledged(log[:stop])
        state = held(at(disk))
        assert state in STATES[before : before + 2]
        step = Step(NEXT, tuple(state)[:1])
        step.take(at(disk))
        disk.mark()
        for cut in range(stop + rng.randrange(every), len(disk.log) + 1, every):
            done = acknowledged(disk.log[stop:cut])
            allowed = [step.after(state)] if done else [STATES[before], state, step.after(state)]
            for picture in pictures(disk.log[:cut], most, rng):
                with told(seed, disk.log[:cut], picture):
                    judge.judge(Disk.showing(picture), allowed)
    return judge.n


def test_the_double_keeps_what_was_synced() -> None:
    disk = Disk()
    path = ROOT / "x"
    with disk.create(path) as file:
        file.write(b"ab")
        disk.sync(file)
        disk.sync_folder(ROOT)
        file.write(b"cd")
    left = {picture[path] for picture in Remains(disk.log).pictures(99, random.Random(1))}
    assert left == {b"ab", b"abc", b"abcd", b"ab\0\0"}
    disk.rename(path, ROOT / "y")
    shown = {frozenset(path.name for path in p) for p in Remains(disk.log).pictures(99, random.Random(1))}
    assert shown == {frozenset(names) for names in ("", "x", "y", "xy")}


def test_a_power_cut_leaves_what_was_acknowledged(log: list[Call]) -> None:
    assert cut_everywhere(log, every=3, most=1, seed=seed_of_run()) > 40


def test_a_power_cut_after_a_kill_leaves_what_was_acknowledged(log: list[Call]) -> None:
    assert kill_everywhere(log, every=16, most=1, seed=seed_of_run()) > 25


# Refusals: the calls they befall, and a word of the cure.
REFUSALS: dict[int, tuple[frozenset[str], str]] = {
    errno.ENOSPC: (frozenset({"make", "create", "write", "sync", "rename"}), "free some space"),
    errno.EDQUOT: (frozenset({"make", "create", "write", "sync"}), "free some space"),
    errno.EACCES: (frozenset({"make", "create", "rename", "remove", "lock", "open", "names"}), "change the owner"),
    errno.EROFS: (frozenset({"make", "create", "rename", "remove", "lock"}), "mount it writable"),
    errno.EMFILE: (frozenset({"create", "lock", "open", "names", "sync_folder"}), "ulimit -n"),
    errno.EIO: (frozenset({"write", "sync", "sync_folder", "open", "map", "rename", "remove"}), "the disk fails"),
    errno.EXDEV: (frozenset({"rename"}), "on one"),
    errno.EBUSY: (frozenset({"rename", "remove"}), "unmount it"),
    errno.EISDIR: (frozenset({"rename", "remove", "lock", "create"}), "move it away"),
}


class Refusing:
    """Refuses calls of some kinds, from the `first` on: all of them, or that one alone."""

    def __init__(self, number: int, first: int, *, once: bool) -> None:
        self._error = OSError(number, os.strerror(number))
        self._kinds, self.cure = REFUSALS[number]
        self._wait = first
        self._once = once
        self.n = 0

    def __call__(self, kind: str, path: Path) -> OSError | None:
        if kind not in self._kinds or (self._once and self.n):
            return None
        self._wait -= 1
        if self._wait >= 0:
            return None
        self.n += 1
        return self._error


def refuse_everywhere(log: list[Call], every: int, seed: int) -> int:
    """Refuse calls, one after the other, in each step; return how many."""
    rng = random.Random(seed)
    judge = Judge()
    marks = [BEGUN, *(at + 1 for at, call in enumerate(log) if call.kind == "mark")]
    for number, step in enumerate(STEPS):
        for error in REFUSALS:
            first = rng.randrange(every)
            while True:
                disk = Disk(log[: marks[number]])
                disk.refuse = refusing = Refusing(error, first, once=rng.random() < 0.3)
                told = ""
                try:
                    step.take(at(disk))
                except search.SearchError as refused:
                    told = str(refused)
                    assert refusing.cure in told
                    assert told.startswith("/")
                if not refusing.n:
                    break
                disk.refuse = lambda kind, path: None
                # A refusal of what is done for tidiness alone may be passed over, and the folder's last sync is late.
                allowed = STATES[number : number + 2] if told else STATES[number + 1 : number + 2]
                for picture in pictures(disk.log, 1, rng):
                    judge.judge(Disk.showing(picture), allowed)
                judge.judge(disk, allowed)
                first += every
    return judge.n


def test_a_refusal_names_its_cure_and_changes_nothing(log: list[Call]) -> None:
    assert refuse_everywhere(log, every=48, seed=seed_of_run()) > 20


def test_what_cannot_be_removed_now_waits() -> None:
    disk = Disk()
    disk.refuse = lambda kind, path: (
        PermissionError(errno.EACCES, "no") if kind == "remove" and path.suffix != ".new" else None
    )
    disk.make(HOME.parent)
    work(disk)
    disk.refuse = lambda kind, path: None
    Judge().judge(disk, STATES[-1:])


def test_compaction_takes_no_more_room_than_twice_the_new_segment(log: list[Call]) -> None:
    disk = Disk(log)
    before = room(disk)
    most = 0

    def look(kind: str, path: Path) -> None:
        nonlocal most
        most = max(most, room(disk))

    disk.refuse = look
    at(disk).compact()
    after = room(disk)
    assert before > after
    assert most <= before + 2 * after  # what is put aside has no name while it is read


def room(disk: Disk) -> int:
    return sum(len(disk.contents[number]) for number in disk.names_.values() if number)


def test_compaction_may_be_interrupted_anywhere(log: list[Call]) -> None:
    judge = Judge()
    first = 0
    while True:
        disk = Disk(log)
        disk.refuse = interrupted = Interrupting(first)
        with contextlib.suppress(KeyboardInterrupt):
            at(disk).compact()
        if not interrupted.n:
            break
        disk.refuse = lambda kind, path: None
        judge.judge(disk, STATES[-1:])
        first += 1
    assert judge.n > 10


class Interrupting:
    """Interrupts one call, as ctrl-C does."""

    def __init__(self, number: int) -> None:
        self._wait = number
        self.n = 0

    def __call__(self, kind: str, path: Path) -> None:
        self._wait -= 1
        if self._wait == -1:
            self.n += 1
            raise KeyboardInterrupt


@pytest.mark.slow
def test_every_refusal_names_its_cure_and_changes_nothing(log: list[Call]) -> None:
    assert refuse_everywhere(log, every=1, seed=seed_of_run()) > 2_000


def test_only_what_is_kept_can_be_read_by_others(tmp_path: Path) -> None:
    class Watched(System):
        def create(self, path: Path, mode: int = 0o644) -> io.RawIOBase:
            modes.add((path.suffix, mode))
            return super().create(path, mode)

    modes: set[tuple[str, int]] = set()
    with search.Index(Folder(tmp_path / "index", Watched())) as index:
        index.add(search.Article(id=str(n), body=f"Boat {n} left. " * 9) for n in range(40))
    assert {suffix for suffix, mode in modes if mode == 0o600} == {".bodies", ".new"}
    assert ".bodies" not in {suffix for suffix, mode in modes if mode != 0o600}


# Ten thousand pictures of the disk, in two tests that two processes can run.


@pytest.mark.slow
def test_a_power_cut_anywhere_leaves_what_was_acknowledged(log: list[Call]) -> None:
    assert cut_everywhere(log, every=1, most=250, seed=seed_of_run()) > 5_000


@pytest.mark.slow
def test_a_power_cut_after_a_kill_anywhere_leaves_what_was_acknowledged(log: list[Call]) -> None:
    assert kill_everywhere(log, every=4, most=4, seed=seed_of_run()) > 4_000
