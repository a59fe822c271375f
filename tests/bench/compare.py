"""Indexing and queries side by side with tantivy, SQLite FTS5 and Whoosh, in one run: a table of ratios, kept as JSON.

    python tests/bench/compare.py --corpus reuters --queries 100

Each query goes from text to ten hits with a passage and its highlights, to each contestant in turn, none twice. Fair:
same articles, same machine, same minute, English stems on all sides, default settings. Not fair: tantivy and SQLite cut
a window of text where we choose sentences, and Whoosh tokenizes each hit again.
"""

import argparse
import datetime
import json
import lzma
import os
import platform
import random
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

import search

Record = dict[str, str]
HERE = Path(__file__).parent
DATA = Path(os.environ.get("SHARED_DATA", HERE.parents[2] / "shared" / "data")) / "corpora"
CORPORA = {"reuters": "reuters21578.jsonl.xz", "bbc": "bbc.jsonl.xz", "msdocs": "msdocs.jsonl.xz"}
KINDS = ("term common", "term mid", "term rare", "union 2", "union 3", "union 5", "inter 2", "inter 3", "phrase 2")


class Contestant(Protocol):
    """An engine with its index in a folder."""

    name: str

    def build(self, records: list[Record], folder: Path) -> None:
        """Index the records."""
        ...

    def open(self, folder: Path) -> None:
        """Open the index for queries."""
        ...

    def query(self, kind: str, words: list[str]) -> int:
        """Search, make ten hits with passages and highlights, and return how many there are."""
        ...


class Ours:
    """This package."""

    name = "search"

    def build(self, records: list[Record], folder: Path) -> None:
        search.open(folder).add(
            search.Article(id=r["id"], title=r["title"] or None, date=r["date"][:10] or None, body=r["body"])
            for r in records
        )

    def open(self, folder: Path) -> None:
        self._index = search.open(folder)

    def query(self, kind: str, words: list[str]) -> int:
        return len(self._index.search(_typed(kind, words)).hits)


class Tantivy:
    """tantivy-py with its snippets; without counting all matches."""

    name = "tantivy"

    def _schema(self) -> Any:
        import tantivy

        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw")
        builder.add_text_field("title", stored=True, tokenizer_name="en_stem")
        builder.add_text_field("body", stored=True, tokenizer_name="en_stem")
        return builder.build()

    def build(self, records: list[Record], folder: Path) -> None:
        import tantivy

        index = tantivy.Index(self._schema(), path=str(folder))
        writer = index.writer(heap_size=256_000_000, num_threads=1)
        for r in records:
            writer.add_document(tantivy.Document(id=r["id"], title=r["title"], body=r["body"]))
        writer.commit()
        writer.wait_merging_threads()

    def open(self, folder: Path) -> None:
        import tantivy

        self._schema_ = self._schema()
        self._index = tantivy.Index(self._schema_, path=str(folder))
        self._searcher = self._index.searcher()
        self._snippets = tantivy.SnippetGenerator

    def query(self, kind: str, words: list[str]) -> int:
        text = f"+{' +'.join(words)}" if kind.startswith("inter") else _typed(kind, words)
        query = self._index.parse_query(text, ["title", "body"])
        hits = self._searcher.search(query, 10, count=False).hits
        snippets = self._snippets.create(self._searcher, query, self._schema_, "body")
        for _, address in hits:
            document = self._searcher.doc(address)
            snippet = snippets.snippet_from_doc(document)
            (document["id"], document["title"], snippet.fragment(), [(h.start, h.end) for h in snippet.highlighted()])
        return len(hits)


class Sqlite:
    """SQLite FTS5 with bm25 and snippet()."""

    name = "fts5"

    def build(self, records: list[Record], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(folder / "fts.db")
        connection.execute("create virtual table a using fts5(id unindexed, title, body, tokenize='porter unicode61')")
        connection.executemany("insert into a values (?, ?, ?)", ((r["id"], r["title"], r["body"]) for r in records))
        connection.execute("insert into a(a) values ('optimize')")
        connection.commit()
        connection.close()

    def open(self, folder: Path) -> None:
        self._connection = sqlite3.connect(folder / "fts.db")

    def query(self, kind: str, words: list[str]) -> int:
        quoted = [f'"{word}"' for word in words]
        match = (
            f'"{" ".join(words)}"'
            if kind.startswith("phrase")
            else (" OR " if kind.startswith("union") else " ").join(quoted)
        )
        rows = self._connection.execute(
            "select id, title, snippet(a, 2, '<b>', '</b>', '…', 32) from a where a match ? order by bm25(a) limit 10",
            (match,),
        )
        return len(rows.fetchall())


class Whoosh:
    """Whoosh 2.7 with its highlights."""

    name = "whoosh"

    def build(self, records: list[Record], folder: Path) -> None:
        from whoosh import fields, index
        from whoosh.analysis import StemmingAnalyzer

        folder.mkdir(parents=True, exist_ok=True)
        schema = fields.Schema(
            id=fields.ID(stored=True),
            title=fields.TEXT(stored=True, analyzer=StemmingAnalyzer()),
            body=fields.TEXT(stored=True, analyzer=StemmingAnalyzer()),
        )
        writer = index.create_in(folder, schema).writer(limitmb=256)
        for r in records:
            writer.add_document(id=r["id"], title=r["title"], body=r["body"])
        writer.commit()

    def open(self, folder: Path) -> None:
        from whoosh import index, qparser

        opened = index.open_dir(folder)
        self._searcher = opened.searcher()
        self._either = qparser.QueryParser("body", opened.schema, group=qparser.OrGroup)

    def query(self, kind: str, words: list[str]) -> int:
        hits = self._searcher.search(self._either.parse(_typed(kind, words)), limit=10)
        for hit in hits:
            (hit["id"], hit["title"], hit.highlights("body", top=1))
        return int(hits.scored_length())


CONTESTANTS: dict[str, Callable[[], Contestant]] = {c.name: c for c in (Ours, Tantivy, Sqlite, Whoosh)}


def _typed(kind: str, words: list[str]) -> str:
    if kind.startswith("phrase"):
        return f'"{" ".join(words)}"'
    return (" AND " if kind.startswith("inter") else " ").join(words)


def _records(corpus: str) -> list[Record]:
    with lzma.open(DATA / CORPORA[corpus], "rt", encoding="utf-8") as lines:
        return [{"date": "", **json.loads(line)} for line in lines]


def _queries(records: list[Record], n: int, seed: int) -> Iterator[tuple[str, list[str]]]:
    """Yield n queries of each kind, words by document frequency, none twice, kinds in turn."""
    chance = random.Random(seed)
    df: Counter[str] = Counter()
    texts = [re.findall(r"[a-z]{3,}", f"{r['title']} {r['body']}".lower()) for r in records]
    for words in texts:
        df.update(set(words))
    total = len(records)
    by_share = {
        "common": [w for w, k in df.items() if k > total * 0.05],
        "mid": [w for w, k in df.items() if total * 0.005 < k <= total * 0.05],
        "rare": [w for w, k in df.items() if 5 <= k <= max(10, total * 0.001)],
    }
    seen = set()
    for _ in range(n):
        for kind in KINDS:
            for _ in range(1000):
                if kind.startswith("term"):
                    words = [chance.choice(by_share[kind.split()[1]])]
                elif kind.startswith("phrase"):
                    text = chance.choice(texts)
                    at = chance.randrange(max(len(text) - 1, 1))
                    words = text[at : at + 2]
                elif kind.startswith("inter"):
                    words = chance.sample(sorted(set(chance.choice(texts))) or ["the"], 1)
                    text = chance.choice([t for t in chance.sample(texts, min(50, total)) if len(set(t)) > 5])
                    words = chance.sample(sorted(set(text)), int(kind[-1]))
                else:
                    words = [chance.choice(by_share["mid"] + by_share["common"]) for _ in range(int(kind[-1]))]
                if len(words) == (int(kind[-1]) if kind[-1].isdigit() else 1) and tuple(words) not in seen:
                    break
            seen.add(tuple(words))
            yield kind, words


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Run the contest and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", choices=CORPORA, default="reuters")
    parser.add_argument("--queries", type=int, default=100, help="of each kind")
    parser.add_argument("--peers", default="tantivy,fts5,whoosh")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="write the run into tests/bench/runs")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    records = _records(options.corpus)
    size = sum(len(r["title"].encode()) + len(r["body"].encode()) for r in records)
    names = ["search", *options.peers.split(",")]
    place = Path(tempfile.mkdtemp(prefix="bench-"))
    run: dict[str, Any] = {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True, check=False
        ).stdout.strip(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "versions": {name: _version(name) for name in ("numpy", "zstandard", "PyStemmer", "tantivy", "whoosh")},
        "corpus": options.corpus,
        "articles": len(records),
        "text_bytes": size,
        "build": {},
        "queries": {},
    }
    try:
        contestants = [CONTESTANTS[name]() for name in names]
        print(f"{options.corpus}: {len(records)} articles, {size / 1e6:.1f} MB of text; {run['machine']}")
        for contestant in contestants:
            folder = place / contestant.name
            folder.mkdir()
            began = time.perf_counter()
            contestant.build(records, folder)
            took = time.perf_counter() - began
            run["build"][contestant.name] = {"mb_per_s": size / 1e6 / took, "size": _size(folder) / size}
            contestant.open(folder)
            print(
                f"  {contestant.name:8} {size / 1e6 / took:6.2f} MB/s, index {_size(folder) / size:.3f} x text",
                flush=True,
            )
        times: dict[str, dict[str, list[float]]] = {kind: {name: [] for name in names} for kind in KINDS}
        for turn, (kind, words) in enumerate(_queries(records, options.queries, options.seed)):
            for shift in range(len(contestants)):
                contestant = contestants[(turn + shift) % len(contestants)]
                began = time.perf_counter()
                contestant.query(kind, words)
                times[kind][contestant.name].append((time.perf_counter() - began) * 1000)
        print(f"{'p50 ms (p99)':14}" + "".join(f"{name:>22}" for name in names))
        for kind in KINDS:
            row = {name: (statistics.median(t), sorted(t)[int(len(t) * 0.99)]) for name, t in times[kind].items()}
            run["queries"][kind] = {name: {"p50_ms": p50, "p99_ms": p99} for name, (p50, p99) in row.items()}
            ours50, ours99 = row["search"]
            cells = [f"{ours50:.3f} ({ours99:.2f})"]
            cells += [f"{row[n][0]:.3f} x{row[n][0] / ours50:.2f} ({row[n][1] / ours99:.2f})" for n in names[1:]]
            print(f"{kind:14}" + "".join(f"{cell:>22}" for cell in cells))
    finally:
        shutil.rmtree(place, ignore_errors=True)
    if options.keep:
        path = HERE / "runs" / f"{run['date'][:10]}-{options.corpus}-{run['commit']}.json"
        path.write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")
        print(f"kept as {path.name}", file=sys.stderr)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    main()
