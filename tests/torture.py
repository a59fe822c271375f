"""Try to break an index for some minutes; print what was tried, how often, from which seed, and what came of it.

    python tests/torture.py --minutes 10 [--seed N] [--mutations] [PART...]

Every part gets its share of the time, at least one round. Ends with status 1 if one failed: the seed it prints, given
with `--seed` and the name of the part, does the same again. With `--mutations`, one safeguard after the other is taken
out of the package, and the tests that should notice are run (see `mutations.py`; half an hour).
"""

import argparse
import atexit
import contextlib
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import fuzz
import mutations
import pytest
import test_crashes
import test_damage
import test_fuzz
import test_processes
from disk import Call

import search

Counts = dict[str, int]


@cache
def _log() -> list[Call]:
    return test_crashes.logged()


@cache
def _asked() -> search.Index:
    place = Path(tempfile.mkdtemp(prefix="torture-"))
    atexit.register(shutil.rmtree, place)
    return fuzz.asked(place)


@contextlib.contextmanager
def _small_runs() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        test_crashes.write_small_runs(patch)
        yield


def crashes(seed: int, _: Path) -> Counts:
    """Cut the power, kill and then cut the power, refuse."""
    with _small_runs():
        return {
            "crash pictures": test_crashes.cut_everywhere(_log(), every=40, most=40, seed=seed)
            + test_crashes.kill_everywhere(_log(), every=60, most=2, seed=seed),
            "refused calls": test_crashes.refuse_everywhere(_log(), every=400, seed=seed),
        }


def kills(seed: int, place: Path) -> Counts:
    """Kill writers."""
    test_processes.killed(place / "index", 10, seed)
    return {"kill -9 rounds": 10}


def bytes_(seed: int, _: Path) -> Counts:
    """Spoil bytes, and cut files off."""
    n = test_damage.spoil(test_damage.made(1 + seed % 2), 499, seed) // 2
    n += test_damage.spoil_large(500, seed)
    return {"flipped bytes": n, "truncations": n}


def forgeries(seed: int, _: Path) -> Counts:
    """Write what matches its checksums and is impossible."""
    with test_damage.bounded():
        test_damage.forge(test_damage.made(2), 20, seed)
        test_damage.forge_records(10, seed)
    return {"forged files": 30}


def queries(seed: int, _: Path) -> Counts:
    """Ask what nobody asks."""
    test_fuzz.ask(_asked(), 500, seed)
    return {"fuzzed queries": 500}


def files(seed: int, place: Path) -> Counts:
    """Read what nobody writes."""
    test_fuzz.read(place, 200, seed)
    return {"mutated files": 200}


def together(seed: int, place: Path) -> Counts:
    """Let eight readers and a writer work at once."""
    seconds = 10
    n = test_processes.together(place / "index", seconds)
    return {"commits under eight readers": n, "seconds of many at once": seconds}


PARTS: dict[str, tuple[float, Callable[[int, Path], Counts]]] = {  # with their shares of the time
    "crashes": (0.3, crashes),
    "kills": (0.1, kills),
    "bytes": (0.15, bytes_),
    "forgeries": (0.1, forgeries),
    "queries": (0.15, queries),
    "files": (0.1, files),
    "together": (0.1, together),
}


def tortured(name: str, seconds: float, seed: int) -> bool:
    """Go through one part for some time; print what was done; return whether all went well."""
    counts: Counter[str] = Counter()
    until = time.monotonic() + seconds
    turn, failed = seed, ""
    while not failed and (turn == seed or time.monotonic() < until):
        with tempfile.TemporaryDirectory(prefix="torture-") as place:
            try:
                counts.update(PARTS[name][1](turn, Path(place)))
                turn += 1000  # a part may use the seeds that follow
            except Exception:  # noqa: BLE001  # whatever broke is told below
                failed = traceback.format_exc()
    for what, n in counts.items():
        print(f"{name:10} {n:>9,} {what:28} seeds {seed} to {turn}: {'FAILED' if failed else 'held'}", flush=True)
    if failed:
        print(f"{name:10} FAILED: python tests/torture.py --minutes 0 --seed {turn} {name}\n{failed}", flush=True)
    return not failed


def main() -> int:
    """Torture and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--mutations", action="store_true")
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART", help=", ".join(PARTS))
    options = parser.parse_args()
    chosen = options.parts or list(PARTS)
    whole = sum(PARTS[name][0] for name in chosen)
    well = [tortured(name, options.minutes * 60 * PARTS[name][0] / whole, options.seed) for name in chosen]
    if options.mutations:
        well.append(not mutations.main([]))
    print("all held" if all(well) else "something broke")
    return int(not all(well))


if __name__ == "__main__":
    sys.exit(main())
