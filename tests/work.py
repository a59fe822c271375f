"""Commits to make and to recognise, and the processes that make them: run this file to be one of those.

Commit n is the same whoever makes it, so that whoever reads an index knows from its number what must be in it.
"""

import os
import random
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import search
from search import Article

TORTURE = float(os.environ.get("TORTURE", "1"))  # how many times as much as usual the slow tests do


def seed_of_run() -> int:
    """Return a seed: the same in CI each time, another one elsewhere."""
    return 1 if os.environ.get("CI") and TORTURE == 1 else random.randrange(1 << 30)


State = dict[str, str]  # id → body: what an index holds

_BOATS = ("ferry", "barge", "tug", "trawler", "yawl", "canoe", "raft")
_IDS = [f"{boat}-{number}" for boat in _BOATS for number in range(9)]


@dataclass(frozen=True)
class Step:
    """One commit: what it puts in, takes out, and how."""

    put: State
    gone: tuple[str, ...] = ()
    compact: bool = False
    k1: float = 0.0

    def take(self, index: search.Index) -> None:
        if self.compact:
            index.compact()
        elif self.k1:
            index.set(k1=self.k1)
        else:
            with index.writer() as writer:
                for article_id, body in self.put.items():
                    writer.add(Article(id=article_id, body=body, date="2021-08-10"))
                for article_id in self.gone:
                    writer.delete(article_id)

    def after(self, state: State) -> State:
        return {article_id: body for article_id, body in (state | self.put).items() if article_id not in self.gone}


def some(letters: str, word: str) -> State:
    return {letter: f"The {word} {letter} left. " * (1 + number) for number, letter in enumerate(letters)}


def held(index: search.Index) -> State:
    return {article.id: article.body for article in index}


def step_of(n: int, state: State) -> Step:
    """Return commit `n`, which comes upon `state`."""
    rng = random.Random(n)
    if n % 13 == 0:
        return Step({}, compact=True)
    put = {key: f"Boat {key} left on day {n}. " * rng.randint(1, 5) for key in rng.sample(_IDS, rng.randint(1, 6))}
    old = sorted(state.keys() - put.keys())
    return Step(put, tuple(rng.sample(old, min(len(old), rng.randint(0, 4)))))


class History:
    """What the index holds after each commit."""

    def __init__(self) -> None:
        self._states: list[State] = [{}]

    def __getitem__(self, n: int) -> State:
        while len(self._states) <= n:
            last = self._states[-1]
            self._states.append(step_of(len(self._states), last).after(last))
        return self._states[n]


def generation(index: search.Index) -> int:
    return index._view.commit.generation if index._view.commit else 0


def write(location: str, done: Callable[[int], None]) -> None:
    """Make one commit after the other, for ever; `done` is told the number of each that was acknowledged."""
    index = search.open(location)
    while True:
        number = generation(index) + 1
        step_of(number, held(index)).take(index)
        done(number)


def say(number: int) -> None:
    os.write(1, b"%d\n" % number)


def fork_writers(location: str) -> None:
    """For each line read, start a writer; end it when another comes, and say which commits it acknowledged."""
    search.open(location).refresh()
    for _ in sys.stdin:
        child = os.fork()
        if not child:
            write(location, say)
        os.write(1, b"writer %d\n" % child)
        sys.stdin.readline()
        os.waitpid(child, 0)
        os.write(1, b"dead\n")


def fill(location: str) -> None:
    """Write until there is no room; then see that what was acknowledged is there, and that it can be made smaller."""
    index = search.open(location)
    rng = random.Random(1)
    state: State = {}
    refused = ""
    while not refused:
        step = Step({f"{len(state)}-{n}": " ".join(rng.choices(_IDS, k=700)) for n in range(4)})
        try:
            step.take(index)
        except search.StorageError as error:
            refused = str(error)
        else:
            state = step.after(state)
    print(refused)
    again = search.open(location)
    for each in (index, again):
        assert held(each) == state
        assert each.check() == []
    Path(location, "room").unlink(missing_ok=True)
    again.delete(list(state)[: len(state) * 3 // 4])
    assert again.check() == []
    print(f"{len(state)} articles, then {len(again)}")


def look(location: str, seconds: float) -> None:
    """Read while others write: threads share an index, one of them moves on, one stays where it began."""
    history = History()
    shared, first = search.open(location), search.open(location)
    began = generation(first)
    until = time.monotonic() + seconds
    wrong: list[str] = []

    def see(index: search.Index) -> None:
        for query in ("boat", _BOATS[0], f"{_BOATS[1]} OR {_BOATS[2]}", f'"boat {_BOATS[3]}"', f"{_BOATS[4][:2]}*"):
            for hit in index.search(query, limit=20):
                for passage in hit.passages:
                    if "Boat" not in passage.text:
                        wrong.append(f"{query}: {hit}")

    def share() -> None:
        try:
            while time.monotonic() < until:
                see(shared)
        except BaseException as error:
            wrong.append(f"{type(error).__name__}: {error}")
            raise

    thread = threading.Thread(target=share)
    thread.start()
    while (time.monotonic() < until or generation(shared) < began + 3) and not wrong:
        assert time.monotonic() < until + 60, "nobody writes"
        shared.refresh()
        number = generation(shared)
        assert held(shared) == history[number], f"commit {number} is not what was written"
        own = search.open(location)
        see(own)
        assert own.search("boat", limit=0).total == len(history[generation(own)])
        see(first)
        assert held(first) == history[began], f"commit {began} has changed"
        assert (left := len([*Path(location).iterdir()])) < 60, f"{left} files"
        assert (opened := len([*Path("/dev/fd").iterdir()])) < 200, f"{opened} open files"
    thread.join()
    assert not wrong, wrong[0]
    print(began, generation(shared))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["fork", place]:
            fork_writers(place)
        case ["write", place]:
            write(place, say)
        case ["fill", place]:
            fill(place)
        case ["look", place, duration]:
            look(place, float(duration))
