"""Indexing and queries side by side with other engines, in one run: a table of ratios, kept as JSON.

    python tests/bench/compare.py --corpus reuters --queries 100 --keep

Every index is built, then a hundredth of its articles is replaced in ten commits, so that what is asked is an index in
use. One query of each kind is asked before, for which code is loaded and tables are made; the slowest of these stands
by itself, as `first_ms`. Each query goes from its words to ten hits with a passage and its highlights, to each engine
in turn, none twice; nothing is kept from one query for the next. Those of this package are compared, after the clock
has stopped, with the order of all matches scored one by one.

Fair: same articles, same machine, same minute, English stems on all sides, default settings. Not fair: tantivy and
SQLite cut a window of text where this package chooses sentences; Whoosh tokenizes each hit again; SQLite's dates are a
column without an index; bm25s makes no passages. This package alone shows one hit of each story; which others there are
nobody asks, and is not looked up.
"""

import argparse
import datetime
import gc
import itertools
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from engines import CONTESTANTS, Contestant, Ours, name_of
from texts import CORPORA, Query, Record, Sample, corpus, game, mixed, percentile

HERE = Path(__file__).parent
KINDS = [
    *("term common", "term mid", "term rare", "union 2", "union 3", "union 5", "inter 2", "inter 3"),
    *("phrase 2", "phrase 3", "prefix", "fuzzy", "near", "nested", "dates", "newest", "count 2", "top 2"),
]
MORE = "\n\nThis version takes the place of an earlier one."  # what does not change is no change
PACKAGES = ("numpy", "zstandard", "PyStemmer", "tantivy", "whoosh", "bm25s")


def main() -> None:
    """Run the contest and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", choices=CORPORA, default="reuters")
    parser.add_argument("--synthetic", type=int, metavar="N", help="N mixed articles instead")
    parser.add_argument("--queries", type=int, default=100, help="of each kind")
    parser.add_argument("--kinds", help=f"separated by commas; by default all: {', '.join(KINDS)}, and those of a game")
    parser.add_argument("--peers", default="tantivy,fts5,whoosh")
    parser.add_argument("--jobs", type=int, default=1, help="processes that index, of this package")
    parser.add_argument("--cold", action="store_true", help="open the index anew for each query, out of the page cache")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="write the run into tests/bench/runs")
    options = parser.parse_args()
    warnings.simplefilter("ignore")

    def records() -> Iterator[Record]:
        return mixed(options.synthetic) if options.synthetic else corpus(options.corpus)

    name = f"mixed-{options.synthetic}" if options.synthetic else options.corpus
    n = size = 0
    for record in records():
        n, size = n + 1, size + len(record.title.encode()) + len(record.body.encode())
    run: dict[str, Any] = {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "versions": {package: _version(package) for package in PACKAGES},
        "corpus": name,
        "articles": n,
        "text_bytes": size,
        "jobs": options.jobs,
        "cold": options.cold,
    }
    print(f"{name}: {n} articles, {size / 1e6:.1f} MB of text; {run['machine']}")
    ours = Ours(options.jobs)
    contestants: list[Contestant] = [ours, *(CONTESTANTS[peer]() for peer in options.peers.split(",") if peer)]
    place = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        run["build"] = {c.name: _built(c, records, size, place / c.name) for c in contestants}
        sample = Sample(records, n)
        kinds = options.kinds.split(",") if options.kinds else KINDS
        queries = [*sample.queries(kinds, options.queries, options.seed), *(() if options.kinds else game())]
        first = [*sample.queries(kinds, 1, options.seed + 1)]
        del sample
        gc.collect()
        gc.freeze()  # what the benchmark holds is none of the engines' garbage
        run["first_ms"] = {c.name: _started(c, first) for c in contestants}
        run["queries"] = _asked(contestants, ours, queries, place, cold=options.cold)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    if options.keep:
        path = HERE / "runs" / f"{run['date'][:10]}-{name}{'-cold' * options.cold}-{run['commit']}.json"
        path.write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")
        print(f"kept as {path.name}", file=sys.stderr)


def _built(
    contestant: Contestant, records: Callable[[], Iterator[Record]], size: int, folder: Path
) -> dict[str, float]:
    """Build an index, change it and open it; return and print how fast and how large."""
    folder.mkdir()
    began = time.perf_counter()
    contestant.build(records(), folder)
    took = time.perf_counter() - began
    compact = _size(folder) / size
    began = time.perf_counter()
    contestant.change((r._replace(body=f"{r.body}{MORE}") for r in itertools.islice(records(), 0, None, 100)), folder)
    changed = time.perf_counter() - began
    contestant.open(folder)
    found = {
        "mb_per_s": size / 1e6 / took,
        "size": compact,
        "change_s": changed,
        "changed_size": _size(folder) / size,
    }
    print(
        f"  {contestant.name:8} {found['mb_per_s']:6.2f} MB/s, index {compact:.3f} x text, "
        f"a hundredth replaced in {changed:.2f} s, then {found['changed_size']:.3f} x",
        flush=True,
    )
    return found


def _started(contestant: Contestant, first: list[Query]) -> float:
    """Ask the first queries of the process; print and return how many milliseconds the slowest takes."""
    times = []
    for query in first:
        if name_of(query) not in contestant.lacks:
            began = time.perf_counter()
            contestant.query(query)
            times.append((time.perf_counter() - began) * 1000)
    print(f"  {contestant.name:8} first queries: up to {max(times):.1f} ms", flush=True)
    return max(times)


def _asked(
    contestants: list[Contestant], ours: Ours, queries: list[Query], place: Path, *, cold: bool
) -> dict[str, dict[str, dict[str, float]]]:
    """Ask everything of everybody; print and return medians and 99th percentiles by kind."""
    times: dict[str, dict[str, list[float]]] = {query.kind: {} for query in queries}
    chance = random.Random(0)
    for query in queries:
        able = [c for c in contestants if name_of(query) not in c.lacks]
        chance.shuffle(able)  # in turn, each kind of query would be asked of the same one first
        for contestant in able:
            if cold:
                _forget(place / contestant.name)
            began = time.perf_counter()
            if cold:
                contestant.open(place / contestant.name)
            contestant.query(query)
            times[query.kind].setdefault(contestant.name, []).append((time.perf_counter() - began) * 1000)
        ours.check(query)
    print(f"{'p50 ms (p99)':14}{ours.name:>16}" + "".join(f"{c.name:>24}" for c in contestants[1:]))
    found = {}
    for kind, by_name in times.items():
        row = {
            name: {"p50_ms": statistics.median(t), "p99_ms": percentile(t, 0.99), "n": len(t)}
            for name, t in by_name.items()
        }
        found[kind] = row
        own = row[ours.name]
        cells = [f"{own['p50_ms']:.3f} ({own['p99_ms']:.2f})".rjust(16)]
        for c in contestants[1:]:
            peer = row.get(c.name)
            ratios = (
                f"{peer['p50_ms']:.3f} x{peer['p50_ms'] / own['p50_ms']:.2f} ({peer['p99_ms'] / own['p99_ms']:.2f})"
                if peer
                else "-"
            )
            cells.append(ratios.rjust(24))
        print(f"{kind:14}" + "".join(cells))
    return found


def _forget(folder: Path) -> None:
    """Drop the files of a folder from the page cache."""
    for path in folder.rglob("*"):
        if path.is_file():
            handle = os.open(path, os.O_RDONLY)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(handle)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False).stdout.strip()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    main()
