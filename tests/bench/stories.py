"""Which copies are found on Reuters and on msdocs, which is full of templates; what that costs, and how it grows.

    python tests/bench/stories.py [--corpus msdocs] [--articles 9385] [--samples 56]

Pairs of texts are counted by level of Jaccard similarity (of runs of five words) and by what an index says of them.
With `--samples` pairs of each level and as many stories are printed, to be read by eye.
With `--cost` articles are indexed, with and without stories, and the CPU time of both is printed; with `--growth`, what
of it is relating, and what of that is finding the pairs to compare, for the first tenth of the articles and for all.
"""

import argparse
import json
import lzma
import math
import os
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, islice
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

import search
from search.engine import bodies, builder, relating, writer
from search.engine.chunks import Vocabulary
from search.engine.edges import KINDS, merged
from search.engine.folding import Folding
from search.engine.record import decode
from search.engine.relating import Archive, texts_of
from search.engine.sketches import Sketched
from search.model import Article
from search.runs import groups
from search.stories import upkeep
from search.stories.bodies import Bodies
from search.text.analysis import analyzer

SHARED = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
CORPORA = {"reuters": "reuters21578", "bbc": "bbc", "msdocs": "msdocs"}
SEED = 1
TEXTS = 4096  # whose words are in memory together
MANY_HOLDERS = 500  # texts that have a run, from which on it says nothing
MANY = 5  # texts
TRIES = 3
LEVELS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95)


def levels(articles: list[Article], n_samples: int) -> None:
    """Print how many pairs of texts there are at each level of Jaccard similarity, what is found, and samples."""
    with tempfile.TemporaryDirectory() as folder, search.open(folder) as index:
        index.add(articles)
        told(index, n_samples)


def told(index: search.Index, n_samples: int) -> None:
    """Print the same of an index."""
    snapshot = index._view.opened()[1]
    archive = Archive(snapshot.sources, Vocabulary(analyzer("english")))
    texts = texts_of(snapshot.sources)
    rows = merged(each.all() for each in snapshot.relations)
    folding = Folding(snapshot)
    joined, first = folding._graph.members()
    found = [joined[story].tolist() for story in groups(first) if len(story) > 1]
    kinds = {
        (a, b): KINDS[kind] for a, b, kind in zip(rows.a.tolist(), rows.b.tolist(), rows.kind.tolist(), strict=True)
    }
    holders: dict[int, list[int]] = defaultdict(list)
    n_runs: dict[int, int] = {}
    for at in range(0, len(texts), TEXTS):
        some = texts[at : at + TEXTS]
        bodies = archive.bodies(some)
        for number, text in enumerate(some.tolist()):
            runs = frozenset(bodies.body(number).runs.tolist())
            n_runs[text] = len(runs)
            for run in runs:
                holders[run].append(text)
    common: Counter[tuple[int, int]] = Counter()
    for held in holders.values():
        if len(held) <= MANY_HOLDERS:
            common.update(combinations(held, 2))
    shares: dict[float, list[tuple[int, int]]] = defaultdict(list)
    for (a, b), n in common.items():
        if n >= 4:
            level = n / (n_runs[a] + n_runs[b] - n)
            shares[max(step for step in LEVELS if step <= level)].append((a, b))
    story = {text: n for n, members in enumerate(found) for text in members}

    def show(texts: Iterable[int]) -> None:
        for text in texts:
            article = decode(snapshot.record(folding.docs_of(text)[0]))
            print(f"  {article.id} {article.iso_date} {article.title!r}: {' '.join(article.text.split())[:500]}")

    print(f"{'Jaccard from':>12}{'pairs':>9}{'copy':>8}{'partial':>8}{'quote':>8}{'none':>8}{'one story':>10}")
    chance = random.Random(SEED)
    for level in LEVELS:
        pairs = sorted(shares[level])
        said = Counter(kinds.get(pair, "none") for pair in pairs)
        together = sum(a in story and story[a] == story.get(b) for a, b in pairs)
        row = "".join(f"{said[kind]:>8}" for kind in (*KINDS, "none"))
        print(f"{level:>12}{len(pairs):>9}{row}{together:>10}")
        for a, b in chance.sample(pairs, min(len(pairs), -(-n_samples // len(LEVELS)))):
            relation = folding._graph.around(a).get(b)
            print(f"\n--- {level} {relation or 'none'} one story: {a in story and story[a] == story.get(b)}")
            show((a, b))
    for members in chance.sample(sorted(map(sorted, found)), n_samples):
        first, last = archive.days(np.array(members)).T
        print(f"\n--- story of {len(members)} texts, {last.max() - first.min()} days")
        show(members[:4])
    big = sum(len(members) >= MANY for members in found)
    print(f"\n{len(found)} stories of several texts; of {MANY} or more {big}, the largest of {max(map(len, found))}")


def indexed(articles: list[Article]) -> float:
    """Index articles in one process and return how many seconds of it that takes."""
    with tempfile.TemporaryDirectory() as folder, search.open(folder) as index:
        began = time.process_time()
        index.add(articles, jobs=1)
        return time.process_time() - began


def growth(articles: list[Article]) -> None:
    """Print what relating costs for the first tenth of the articles and for all, and how many pairs are compared.

    Of each time the least of three.
    """
    spent: dict[str, float] = defaultdict(float)

    def timed(what: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **options: Any) -> Any:
            began = time.process_time()
            found = function(*args, **options)
            if isinstance(found, Iterator):
                found = [*found]
                spent["pairs"] += len(args[1])
            spent[what] += time.process_time() - began
            return found

        return run

    rows = []
    with (
        mock.patch.object(writer.Transaction, "_relate", timed("relating", writer.Transaction._relate)),
        mock.patch.object(upkeep, "_related", timed("comparing", upkeep._related)),
        mock.patch.object(relating, "spellings", timed("comparing", relating.spellings)),
    ):
        for n in (len(articles) // 10, len(articles)):
            tries = []
            for _ in range(TRIES):
                spent.clear()
                whole = indexed(articles[:n])
                finding = spent["relating"] - spent["comparing"]
                tries.append((n, whole, spent["relating"], finding, int(spent["pairs"])))
            rows.append(tuple(map(min, zip(*tries, strict=True))))
    for n, whole, all_of_it, finding, pairs in rows:
        print(f"{n:,} articles: {whole:.1f} s, {all_of_it:.2f} relating, {finding:.3f} finding {pairs:,} pairs")
    print("times {:.1f}, {:.1f}, {:.1f} and {:.1f}".format(*[b / a for a, b in zip(*rows, strict=True)][1:]))


def cost(articles: list[Article]) -> None:
    """Print what stories cost on top of indexing, in one process: the least of three times, in turn."""

    def unrelated(found: Bodies, _: Sequence[str | None]) -> Sketched:
        none = np.zeros(len(found), np.int64)
        return Sketched(none, none, none, none, ())

    both = alone = math.inf
    for _ in range(TRIES):
        both = min(both, indexed(articles))
        with (
            mock.patch.object(writer.Transaction, "_relate", return_value=()),
            mock.patch.object(builder, "quotations", return_value=[]),
            mock.patch.object(bodies, "sketched", unrelated),
        ):
            alone = min(alone, indexed(articles))
    print(f"{len(articles):,} articles: {both:.1f} s, without stories {alone:.1f} s: {both / alone - 1:.0%} on top")


def main() -> None:
    """Measure one collection."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", choices=CORPORA, default="reuters")
    parser.add_argument("--articles", type=int, default=None, help="the first so many; default: all")
    parser.add_argument("--samples", type=int, default=0, help="pairs to print")
    parser.add_argument("--cost", action="store_true", help="index with and without stories instead")
    parser.add_argument("--growth", action="store_true", help="index a tenth and all instead, and time relating")
    options = parser.parse_args()
    articles = list(records(SHARED / "corpora" / f"{CORPORA[options.corpus]}.jsonl.xz", options.articles))
    if options.cost:
        cost(articles)
    elif options.growth:
        growth(articles)
    else:
        levels(articles, options.samples)


def records(path: Path, n_articles: int | None) -> Iterator[Article]:
    """Yield the first articles of a collection."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in islice(lines, n_articles):
            record = json.loads(line)
            day = record.get("date", "")[:10] or None
            yield Article(id=record["id"], title=record["title"] or None, body=record["body"], date=day)


if __name__ == "__main__":
    main()
