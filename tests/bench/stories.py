"""What finding copies costs on Reuters and on msdocs, which is full of templates, and how it grows; pairs to judge.

    python tests/bench/stories.py [--corpus msdocs] [--articles 9385] [--samples 56]

Articles come in batches, as they do when a collection is indexed. `looked at` are texts whose relations were looked at
because they are new or because boilerplate was recognised; `loaded` are texts whose words were needed. The words of all
texts are in memory here: reading a text again from an index is not part of the time.
With `--cost` they are indexed, with and without stories, and the CPU time of both is printed; with `--growth`, what of
it is relating, for the first tenth of the articles and for all of them.
With `--samples` pairs of each level of Jaccard similarity (of runs of five words) and as many stories are printed, to
be read by eye.
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
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray

import search
from search.engine import bodies, builder, writer
from search.engine.sketches import Sketched
from search.model import Article
from search.reading import find_zones
from search.stories import upkeep
from search.stories.bodies import Bodies, Body, join, read_body
from search.stories.boilerplate import MAX_HOLDERS
from search.stories.membership import Days, Edge, are_near, stories
from search.stories.sketching import sketches
from search.stories.upkeep import Entries, affected, edges
from search.text.analysis import analyzer

SHARED = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
CORPORA = {"reuters": "reuters21578", "bbc": "bbc", "msdocs": "msdocs"}
BATCH = 4096
ENOUGH = 4 * MAX_HOLDERS  # holders of a fingerprint that are looked up; it is common anyway
SEED = 1
MANY = 5  # texts
LEVELS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95)

Ints = NDArray[np.int64]


class Archive:
    """Implements `search.stories.Archive` with one sorted array for each batch, as segments would."""

    def __init__(self) -> None:
        self._batches: list[Entries] = []
        self._sizes = np.zeros(0, np.int64)
        self._texts: list[Body] = []
        self._numbers: dict[bytes, int] = {}
        self.n_loaded = self.n_entries = 0
        self.took: dict[str, float] = defaultdict(float)

    def entries(self, fingerprints: NDArray[np.uint32]) -> Entries:
        began = time.perf_counter()
        found = []
        n_found = np.zeros(len(fingerprints), np.int64)
        for batch in self._batches:
            left = np.flatnonzero(n_found <= ENOUGH)
            first = np.searchsorted(batch.fingerprints, fingerprints[left])
            sizes = np.searchsorted(batch.fingerprints, fingerprints[left], side="right") - first
            n_found[left] += sizes
            found.append(batch.where(np.repeat(first - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())))
        every = Entries._make(map(np.concatenate, zip(*found, strict=True))).by_fingerprint()
        self.took["entries"] += time.perf_counter() - began
        return every

    def sizes(self, texts: Ints) -> Ints:
        return self._sizes[texts]

    def fingerprints(self, texts: Ints) -> NDArray[np.uint32]:
        return np.unique(sketches(self.bodies(texts)).fingerprints)

    def bodies(self, texts: Ints) -> Bodies:
        self.n_loaded += len(texts)
        return join([self._texts[text] for text in texts.tolist()])

    def add(self, bodies: Bodies) -> Ints:
        """Add a batch and return the texts that are affected."""
        began = time.perf_counter()
        sketched = sketches(bodies)
        self.took["sketches"] += time.perf_counter() - began
        numbers = []
        for number in range(len(bodies)):
            body = bodies.body(number)
            text = self._numbers.setdefault(body.digest, len(self._numbers))
            numbers.append(text)
            if text == len(self._texts):
                self._texts.append(body)
        n_held = np.diff(sketched.ends, prepend=0)
        self._sizes = np.append(self._sizes, np.zeros(len(self._texts) - len(self._sizes), np.int64))
        self._sizes[numbers] = n_held
        texts = np.repeat(np.array(numbers, np.int64), n_held)
        touched = np.unique(sketched.fingerprints)
        some = n_held > 0
        leasts = np.minimum.reduceat(sketched.fingerprints, (sketched.ends - n_held)[some]).astype(np.int64)
        nobody = np.full(len(texts), -1, np.int64)
        columns = sketched.fingerprints, texts, nobody, sketched.quoted, np.repeat(leasts, n_held[some])
        entries = Entries(*columns).by_fingerprint()
        before = self.entries(touched) if self._batches else entries.where(np.zeros(0, np.int64))
        self._batches.append(entries)
        self.n_entries += len(texts)
        return affected(before, self.entries(touched))


def measure(articles: list[Article]) -> tuple[dict[tuple[int, int], Edge[int]], Archive, Ints]:
    """Add articles batch by batch, print what it costs, and return edges, archive and each article's text."""
    english = analyzer("english")
    size = sum(len(a.text.encode()) for a in articles)
    bodies = [read_body(a.text, find_zones(a.text, title=a.title), english) for a in articles]
    archive = Archive()
    kept: dict[tuple[int, int], Edge[int]] = {}
    n_affected = 0
    began = time.perf_counter()
    for at in range(0, len(bodies), BATCH):
        texts = archive.add(join(bodies[at : at + BATCH]))
        n_affected += len(texts)
        stale = set(texts.tolist())
        kept = {pair: edge for pair, edge in kept.items() if stale.isdisjoint(pair)}
        kept |= {(edge.a, edge.b): edge for edge in edges(archive, texts)}
    took = time.perf_counter() - began
    began = time.perf_counter()
    found = stories(kept.values())
    grouping = time.perf_counter() - began
    kinds = Counter(edge.relation.kind for edge in kept.values())
    n = len(articles)
    sketching = archive.took["sketches"]
    speed, each_us = size / took / 1e6, took / n * 1e6
    print(f"{n:,} articles, {size / 1e6:.1f} MB; {took:.2f} s = {speed:.1f} MB/s, {each_us:.0f} us each")
    look_ups = archive.took["entries"]
    print(f"  sketches {size / sketching / 1e6:.0f} MB/s; look-ups {look_ups:.2f} s; stories {grouping:.2f} s")
    print(f"  {archive.n_entries / n:.1f} fingerprints each; at 6 bytes {6 * archive.n_entries / size:.1%} of the text")
    print(f"  looked at {n_affected / n:.2f}, loaded {archive.n_loaded / n:.2f} texts an article; {dict(kinds)}")
    print(f"  {len(found):,} stories of {sum(map(len, found)):,} texts, the largest {max(map(len, found), default=0)}")
    return kept, archive, np.array([archive._numbers[body.digest] for body in bodies])


def levels(articles: list[Article], n_samples: int) -> None:
    """Print how many pairs of articles there are at each level of Jaccard similarity, what is found, and samples."""
    kept, archive, texts = measure(articles)
    holders: dict[int, list[int]] = defaultdict(list)
    every = [frozenset(body.runs) for body in archive._texts]
    for number, runs in enumerate(every):
        for run in runs:
            holders[run].append(number)
    common: dict[tuple[int, int], int] = defaultdict(int)
    for held in holders.values():
        for i, a in enumerate(held if len(held) <= 500 else ()):
            for b in held[i + 1 :]:
                common[a, b] += 1
    shares: dict[float, list[tuple[int, int]]] = defaultdict(list)
    for (a, b), n in common.items():
        if n >= 4:
            level = n / (len(every[a]) + len(every[b]) - n)
            shares[max(step for step in LEVELS if step <= level)].append((a, b))
    days: dict[int, Days] = {}
    for text, article in zip(texts.tolist(), articles, strict=True):
        day = date.fromisoformat(article.iso_date or "").toordinal()  # all of Reuters are dated
        first, last = days.get(text, (day, day))
        days[text] = min(first, day), max(last, day)
    found = stories(edge for edge in kept.values() if are_near(days[edge.a], days[edge.b]))
    story = {text: n for n, members in enumerate(found) for text in members}
    article_of = {text: at for at, text in enumerate(texts.tolist())}

    def show(texts: Iterable[int]) -> None:
        for text in texts:
            article = articles[article_of[text]]
            told = " ".join(article.text.split())[:500]
            print(f"  {article.id} {article.iso_date} {article.title!r}: {told}")

    print(f"{'Jaccard from':>12}{'pairs':>9}{'copy':>8}{'partial':>8}{'quote':>8}{'none':>8}{'one story':>10}")
    chance = random.Random(SEED)
    for level in LEVELS:
        pairs = sorted(shares[level])
        kinds = [kept[pair].relation.kind if pair in kept else "none" for pair in pairs]
        together = sum(a in story and story[a] == story.get(b) for a, b in pairs)
        row = "".join(f"{kinds.count(kind):>8}" for kind in ("copy", "partial", "quote", "none"))
        print(f"{level:>12}{len(pairs):>9}{row}{together:>10}")
        for a, b in chance.sample(pairs, min(len(pairs), -(-n_samples // len(LEVELS)))):
            edge = kept.get((a, b))
            same = a in story and story[a] == story.get(b)
            print(f"\n--- {level} {edge.relation if edge else 'none'} one story: {same}")
            show((a, b))
    for members in chance.sample(sorted(map(sorted, found)), n_samples):
        print(f"\n--- story of {len(members)} texts, {days_between(days[text] for text in members)} days")
        show(members[:4])
    big = [members for members in found if len(members) >= MANY]
    print(
        f"\n{len(found)} stories of several texts; of {MANY} or more {len(big)}, the largest of {max(map(len, found))}"
    )


def days_between(every: Iterable[Days]) -> int:
    first, last = zip(*every, strict=True)
    return int(max(last) - min(first))


def indexed(articles: list[Article]) -> float:
    """Index articles in one process and return how many seconds of it that takes."""
    with tempfile.TemporaryDirectory() as folder, search.open(folder) as index:
        began = time.process_time()
        index.add(articles, jobs=1)
        return time.process_time() - began


def growth(articles: list[Article]) -> None:
    """Print what relating costs for the first tenth of the articles and for all, and how many pairs are compared."""
    spent, n_pairs = 0.0, 0
    relate, compare = writer.Transaction._relate, upkeep._related

    def timed(*args: Any, **options: Any) -> Any:
        nonlocal spent
        began = time.process_time()
        found = relate(*args, **options)
        spent = time.process_time() - began
        return found

    def counted(archive: Any, pairs: Ints, *args: Any) -> Iterator[Edge[int]]:
        nonlocal n_pairs
        n_pairs += len(pairs)
        return compare(archive, pairs, *args)

    rows = []
    with mock.patch.object(writer.Transaction, "_relate", timed), mock.patch.object(upkeep, "_related", counted):
        for n in (len(articles) // 10, len(articles)):
            n_pairs = 0
            rows.append((n, indexed(articles[:n]), spent, n_pairs))
    for n, whole, relating, pairs in rows:
        print(f"{n:,} articles: {whole:.1f} s, {relating:.2f} of them for relating {pairs:,} pairs")
    print("times {:.1f}, {:.1f} and {:.1f}".format(*[more / less for less, more in zip(*rows, strict=True)][1:]))


def cost(articles: list[Article]) -> None:
    """Print what stories cost on top of indexing, in one process: the least of three times, in turn."""

    def unrelated(found: Bodies, _: Sequence[str | None]) -> Sketched:
        none = np.zeros(len(found), np.int64)
        return Sketched(none, none, none, none, np.zeros(0, np.uint64))

    both = alone = math.inf
    for _ in range(3):
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
    elif options.samples:
        levels(articles, options.samples)
    else:
        measure(articles)


def records(path: Path, n_articles: int | None) -> Iterator[Article]:
    """Yield the first articles of a collection."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in islice(lines, n_articles):
            record = json.loads(line)
            day = record.get("date", "")[:10] or None
            yield Article(id=record["id"], title=record["title"] or None, body=record["body"], date=day)


if __name__ == "__main__":
    main()
