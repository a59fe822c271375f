"""What safety costs a query, and what the worst query costs.

    python tests/bench/safety.py [--corpus reuters]

Every block of a file is held to its checksum when it is first touched. `warm`: the same queries again and again, asked
in turn of an index opened as usual, of one opened with `verify=False`, and of one whose blocks are not even looked at.
`cold`: one query in an index just opened, from files the system has forgotten, and from files it has in memory.
Then each hostile query of `hostile.py`: the processor time of the fastest of three, and the most memory that the
process took so far.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median

from engines import Ours
from texts import CORPORA, Sample, corpus, percentile

import search
from search.engine.sections import Blocks

sys.path.insert(0, str(Path(__file__).parents[1]))
from hostile import queries

KINDS = ["term common", "term mid", "term rare", "union 2", "union 3", "inter 2", "phrase 2"]


def timed(call: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Return how many milliseconds a call takes."""
    began = clock()
    call()
    return (clock() - began) * 1000


def warm(place: str, asked: list[str], rounds: int) -> None:
    """Print what verifying costs queries whose blocks have been verified: medians over queries of the fastest round."""
    verified, trusting, blind = (search.open(place, verify=verify) for verify in (True, False, False))
    touch = Blocks.touch
    best: dict[str, list[float]] = {name: [float("inf")] * len(asked) for name in ("verified", "off", "no look")}
    contestants = [("verified", verified), ("off", trusting), ("no look", blind)]
    for turn in range(rounds):
        for at, query in enumerate(asked):
            first = (turn + at) % 3  # the first finds the processor's caches as another query left them
            for name, index in contestants[first:] + contestants[:first]:
                if name == "no look":
                    Blocks.touch = lambda self, start, stop: None  # type: ignore[method-assign]  # taken out, and put back
                best[name][at] = min(best[name][at], timed(lambda index=index, query=query: index.search(query)))  # type: ignore[misc]  # the defaults
                Blocks.touch = touch  # type: ignore[method-assign]  # taken out, and put back
    for name in best:
        ratios = [a / b for a, b in zip(best[name], best["no look"], strict=True)]
        print(f"  warm, {name:9} {median(best[name]):8.3f} ms  {median(ratios) - 1:+7.1%}")


def cold(place: str, asked: list[str]) -> None:
    """Print what opening an index and one query take, with and without verifying."""

    def forget() -> None:
        for path in Path(place).iterdir():
            handle = os.open(path, os.O_RDONLY)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(handle)

    for where in ("on disk", "in memory"):
        times: dict[bool, list[float]] = {True: [], False: []}
        for query in asked:
            for verify in times:
                if where == "on disk":
                    forget()
                times[verify].append(timed(lambda v=verify, q=query: search.open(place, verify=v).search(q)))  # type: ignore[misc]  # the defaults
        for verify, own in times.items():
            more = median(own) / median(times[False]) - 1
            name = "verified" if verify else "off"
            print(f"  cold {where:9}, {name:8} {median(own):8.3f} ms ({percentile(own, 0.99):.3f})  {more:+7.1%}")


def hostile(place: str) -> None:
    """Print what hostile queries take."""
    index = search.open(place)
    df = Counter[str]()
    for part in index._view.snapshot.parts if index._view.snapshot else ():
        for number, size in enumerate(part.segment.df().tolist()):
            df[part.segment.term(number).forms[0]] += size
    words = [word for word, _ in df.most_common(10_000) if word.isalpha()]
    worst = 0.0
    for name, query in queries(words).items():
        ms = min(timed(lambda query=query: index.search(query), time.process_time) for _ in range(3))  # type: ignore[misc]  # the default
        worst = max(worst, ms)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"  {name:32} {ms:7.0f} ms  {peak:4.0f} MiB")
    print(f"  the worst: {worst:.0f} ms, {peak:.0f} MiB with the interpreter, the index and all queries before")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", choices=CORPORA, default="reuters")
    parser.add_argument("--queries", type=int, default=30, help="of each kind")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    print(f"{options.corpus}; {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        # By a process of its own, that its memory is not counted.
        if not (child := os.fork()):
            Ours(os.cpu_count() or 1).build(corpus(options.corpus), Path(place))
            os._exit(0)
        os.waitpid(child, 0)
        hostile(place)
        sample = Sample(lambda: corpus(options.corpus), len(search.open(place)))
        asked = [
            f'"{" ".join(query.words)}"' if query.kind.startswith("phrase") else " ".join(query.words)
            for query in sample.queries(KINDS, options.queries, seed=1)
        ]
        warm(place, asked, options.rounds)
        cold(place, asked)


if __name__ == "__main__":
    main()
