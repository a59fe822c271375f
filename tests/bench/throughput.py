"""Queries a second by 1, 2 and more threads or processes, over one index: what searching at once gains.

    python tests/bench/throughput.py --corpus reuters

Processes share the pages of the index; threads share everything and, unless the interpreter is a free-threaded one,
take turns.
"""

import argparse
import os
import sys
import sysconfig
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from engines import Ours
from texts import CORPORA, Sample, corpus

import search

KINDS = ["term common", "term mid", "union 2", "union 3", "inter 2"]


def _searched(location: str, queries: list[str]) -> int:
    return sum(len(results.hits) for results in search.open(location).search_many(queries))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", choices=CORPORA, default="reuters")
    parser.add_argument("--queries", type=int, default=200, help="of each kind")
    options = parser.parse_args()
    free = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    print(f"{options.corpus}; {os.cpu_count()} cores, Python {sys.version.split()[0]}{' free-threaded' * free}")
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        Ours(os.cpu_count() or 1).build(corpus(options.corpus), Path(place))
        index = search.open(place)
        sample = Sample(lambda: corpus(options.corpus), len(index))
        queries = [" ".join(query.words) for query in sample.queries(KINDS, options.queries, seed=1)]
        _searched(place, queries[:50])
        for n in (1, 2, 4):
            began = time.perf_counter()
            list(index.search_many(queries, threads=n))
            print(f"  {n} threads   {len(queries) / (time.perf_counter() - began):8.0f} a second")
            parts = [queries[at::n] for at in range(n)]
            with ProcessPoolExecutor(n) as pool:
                list(pool.map(_searched, [place] * n, [part[:20] for part in parts]))
                began = time.perf_counter()
                list(pool.map(_searched, [place] * n, parts))
                print(f"  {n} processes {len(queries) / (time.perf_counter() - began):8.0f} a second")


if __name__ == "__main__":
    main()
