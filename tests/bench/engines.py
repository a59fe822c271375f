"""The contestants: each builds an index in a folder, changes a hundredth of it, and answers queries in its own syntax.

A query goes from its words to ten hits with a passage and highlights, as each engine makes them.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from texts import Query, Record

import search
from search.engine.nearness import Nearness
from search.engine.scoring import Scorer
from search.engine.top import Matches, by_score
from search.question import Question

LIMIT = 10


class Contestant(Protocol):
    """An engine with its index in a folder. `lacks` are kinds of queries it does not have, or takes seconds for."""

    name: str
    lacks: frozenset[str]

    def build(self, records: Iterable[Record], folder: Path) -> None:
        """Index the records."""
        ...

    def change(self, records: Iterable[Record], folder: Path) -> None:
        """Replace the records, ten commits."""
        ...

    def open(self, folder: Path) -> None:
        """Open the index for queries."""
        ...

    def query(self, query: Query) -> int:
        """Search, make hits with passages and highlights, and return how many there are."""
        ...


def name_of(query: Query) -> str:
    """Return the kind of a query without its size."""
    name, _, which = query.kind.partition(" ")
    return which if name == "game" else name


def _tenths(records: Iterable[Record]) -> list[list[Record]]:
    every = list(records)
    return [every[at::10] for at in range(10)]


class Ours:
    """This package, with default settings.

    Args:
        jobs: Processes that index.
    """

    name = "search"
    lacks: frozenset[str] = frozenset()

    def __init__(self, jobs: int = 1) -> None:
        self._jobs = jobs

    def build(self, records: Iterable[Record], folder: Path) -> None:
        """Index the records."""
        search.open(folder).add(map(self._article, records), jobs=self._jobs)

    def change(self, records: Iterable[Record], folder: Path) -> None:
        """Replace the records."""
        for some in _tenths(records):
            search.open(folder).add(map(self._article, some))

    def _article(self, r: Record) -> search.Article:
        return search.Article(id=r.id, title=r.title or None, date=r.date or None, body=r.body)

    def open(self, folder: Path) -> None:
        """Open the index; what is told of its stories to check the hits comes of another one."""
        self._index = search.open(folder)
        self._story_of = {
            article_id: story.id
            for story in search.open(folder).stories()
            for article_id in (story.id, *(member.id for member in story.members))
        }

    def query(self, query: Query) -> int:
        """Search."""
        text, options = self._typed(query)
        results = self._index.search(text, **options)
        if name_of(query) == "count":
            return results.total
        return len(results.hits)

    def _typed(self, query: Query) -> tuple[str, dict[str, Any]]:
        words = query.words
        match name_of(query):
            case "phrase":
                return f'"{" ".join(words)}"', {}
            case "inter":
                return " AND ".join(words), {}
            case "prefix":
                return f"{words[0]}*", {}
            case "fuzzy":
                return f"{words[0]}~", {}
            case "near":
                return f"{words[0]} w/5 {words[1]}", {}
            case "nested":
                return "({} OR {}) AND ({} OR {}) NOT {}".format(*words), {}
            case "dates":
                return words[0], {"since": words[1], "until": words[2]}
            case "newest":
                return words[0], {"sort": "newest"}
            case "count":
                return " ".join(words), {"limit": 0}
            case "top":
                return " ".join(words), {"limit": 100}
            case _:
                return " ".join(words), {}

    def check(self, query: Query) -> None:
        """Hold the hits to the first of each story among all matches scored one by one; a difference is an error."""
        text, options = self._typed(query)
        if options:
            return
        found = [(hit.id, hit.score) for hit in self._index.search(text)]
        asked = Question(self._index._view, text)
        clause, snapshot, matcher = asked.clause, asked.snapshot, asked.matcher
        scorer = Scorer(matcher)
        docs = matcher.docs(clause)
        every, near = Matches(docs, scorer.scores(clause, docs)), Nearness(clause, scorer, matcher)
        expected: dict[str, tuple[str, float]] = {}
        for k in (20 * LIMIT, len(docs)):  # among the first there are enough stories, as a rule
            for doc, score in near.best(every, k) if near else by_score(snapshot, every, k):
                article_id = snapshot.id(doc)
                expected.setdefault(self._story_of.get(article_id, article_id), (article_id, score))
            if len(expected) >= LIMIT:
                break
        if found != list(expected.values())[:LIMIT]:
            raise AssertionError(f"{text}: {found} is not {list(expected.values())[:LIMIT]}")


class Tantivy:
    """tantivy-py with its snippets; without counting all matches, except where they are asked for."""

    name = "tantivy"
    lacks = frozenset({"near"})

    def _schema(self) -> Any:
        import tantivy

        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw")
        builder.add_text_field("title", stored=True, tokenizer_name="en_stem")
        builder.add_text_field("body", stored=True, tokenizer_name="en_stem")
        builder.add_date_field("date", stored=True, indexed=True, fast=True)
        return builder.build()

    def _document(self, r: Record) -> Any:
        import datetime

        import tantivy

        document = tantivy.Document(id=r.id, title=r.title, body=r.body)
        if r.date:
            document.add_date("date", datetime.datetime.fromisoformat(f"{r.date}T00:00:00+00:00"))
        return document

    def build(self, records: Iterable[Record], folder: Path) -> None:
        """Index the records."""
        import tantivy

        writer = tantivy.Index(self._schema(), path=str(folder)).writer(heap_size=256_000_000, num_threads=1)
        for r in records:
            writer.add_document(self._document(r))
        writer.commit()
        writer.wait_merging_threads()

    def change(self, records: Iterable[Record], folder: Path) -> None:
        """Replace the records."""
        import tantivy

        for some in _tenths(records):
            writer = tantivy.Index(self._schema(), path=str(folder)).writer(heap_size=64_000_000, num_threads=1)
            for r in some:
                writer.delete_documents("id", r.id)
                writer.add_document(self._document(r))
            writer.commit()
            writer.wait_merging_threads()

    def open(self, folder: Path) -> None:
        """Open the index."""
        import tantivy

        self._tantivy = tantivy
        self._schema_ = self._schema()
        self._index = tantivy.Index(self._schema_, path=str(folder))
        self._searcher = self._index.searcher()

    def query(self, query: Query) -> int:
        """Search."""
        words, kind = query.words, name_of(query)
        options: dict[str, Any] = {"limit": 100 if kind == "top" else LIMIT, "count": kind == "count"}
        if kind == "newest":
            options["order_by_field"] = "date"
        parsed = self._parsed(kind, words)
        found: Any = self._searcher.search(parsed, **options)
        if kind == "count":
            return int(found.count)
        snippets = self._tantivy.SnippetGenerator.create(self._searcher, parsed, self._schema_, "body")
        for _, address in found.hits:
            document = self._searcher.doc(address)
            snippet = snippets.snippet_from_doc(document)
            (document["id"], document["title"], snippet.fragment(), [(h.start, h.end) for h in snippet.highlighted()])
        return len(found.hits)

    def _parsed(self, kind: str, words: tuple[str, ...]) -> Any:
        if kind in ("prefix", "fuzzy"):
            query: Any = self._tantivy.Query
            make = query.regex_query if kind == "prefix" else query.fuzzy_term_query
            text = f"{words[0]}.*" if kind == "prefix" else words[0]
            occur = self._tantivy.Occur.Should
            return query.boolean_query([(occur, make(self._schema_, field, text)) for field in ("title", "body")])
        text = {
            "phrase": lambda: f'"{" ".join(words)}"',
            "inter": lambda: f"+{' +'.join(words)}",
            "nested": lambda: "+({} {}) +({} {}) -{}".format(*words),
            "dates": lambda: f"+{words[0]} +date:[{words[1]}T00:00:00Z TO {words[2]}T23:59:59Z]",
        }.get(kind, lambda: " ".join(words))()
        return self._index.parse_query(text, ["title", "body"])


class Sqlite:
    """SQLite FTS5 with bm25 and snippet()."""

    name = "fts5"
    lacks = frozenset({"fuzzy"})

    def build(self, records: Iterable[Record], folder: Path) -> None:
        """Index the records."""
        connection = sqlite3.connect(folder / "fts.db")
        connection.execute(
            "create virtual table a using fts5(id unindexed, title, body, date unindexed, tokenize='porter unicode61')"
        )
        connection.executemany("insert into a values (?, ?, ?, ?)", ((r.id, r.title, r.body, r.date) for r in records))
        connection.execute("insert into a(a) values ('optimize')")
        connection.commit()
        connection.close()

    def change(self, records: Iterable[Record], folder: Path) -> None:
        """Replace the records."""
        connection = sqlite3.connect(folder / "fts.db")
        for some in _tenths(records):
            marks = ", ".join("?" * len(some))
            connection.execute(f"delete from a where id in ({marks})", [r.id for r in some])  # noqa: S608  # marks
            connection.executemany("insert into a values (?, ?, ?, ?)", ((r.id, r.title, r.body, r.date) for r in some))
            connection.commit()
        connection.close()

    def open(self, folder: Path) -> None:
        """Open the index."""
        self._connection = sqlite3.connect(folder / "fts.db")

    def query(self, query: Query) -> int:
        """Search."""
        kind, words = name_of(query), query.words
        quoted = [f'"{word}"' for word in words]
        match = {
            "phrase": lambda: f'"{" ".join(words)}"',
            "inter": lambda: " ".join(quoted),
            "prefix": lambda: f"{words[0]}*",
            "near": lambda: f"NEAR({' '.join(quoted)}, 4)",
            "nested": lambda: "({} OR {}) AND ({} OR {}) NOT {}".format(*quoted),
            "dates": lambda: quoted[0],
        }.get(kind, lambda: " OR ".join(quoted))()
        if kind == "count":
            return int(self._connection.execute("select count(*) from a where a match ?", (match,)).fetchone()[0])
        where, values = "", [match]
        if kind == "dates":
            where, values = "and date between ? and ?", [match, words[1], words[2]]
        order = "date desc" if kind == "newest" else "bm25(a)"
        rows = self._connection.execute(
            "select id, title, snippet(a, 2, '<b>', '</b>', '…', 32) from a "  # noqa: S608  # two words of ours
            f"where a match ? {where} order by {order} limit {100 if kind == 'top' else LIMIT}",
            values,
        )
        return len(rows.fetchall())


class Whoosh:
    """Whoosh 2.7 with its highlights."""

    name = "whoosh"
    lacks = frozenset({"dates", "newest", "fuzzy"})

    def build(self, records: Iterable[Record], folder: Path) -> None:
        """Index the records."""
        from whoosh import fields, index
        from whoosh.analysis import StemmingAnalyzer

        schema = fields.Schema(
            id=fields.ID(stored=True, unique=True),
            title=fields.TEXT(stored=True, analyzer=StemmingAnalyzer()),
            body=fields.TEXT(stored=True, analyzer=StemmingAnalyzer()),
        )
        writer = index.create_in(folder, schema).writer(limitmb=256)
        for r in records:
            writer.add_document(id=r.id, title=r.title, body=r.body)
        writer.commit()

    def change(self, records: Iterable[Record], folder: Path) -> None:
        """Replace the records."""
        from whoosh import index

        for some in _tenths(records):
            writer = index.open_dir(folder).writer()
            for r in some:
                writer.update_document(id=r.id, title=r.title, body=r.body)
            writer.commit()

    def open(self, folder: Path) -> None:
        """Open the index."""
        from whoosh import index, qparser

        opened = index.open_dir(folder)
        self._searcher = opened.searcher()
        self._either = qparser.QueryParser("body", opened.schema, group=qparser.OrGroup)
        self._either.add_plugin(qparser.FuzzyTermPlugin())

    def query(self, query: Query) -> int:
        """Search."""
        kind, words = name_of(query), query.words
        text = {
            "phrase": lambda: f'"{" ".join(words)}"',
            "inter": lambda: " AND ".join(words),
            "prefix": lambda: f"{words[0]}*",
            "fuzzy": lambda: f"{words[0]}~",
            "near": lambda: f'"{" ".join(words)}"~5',
            "nested": lambda: "({} OR {}) AND ({} OR {}) NOT {}".format(*words),
        }.get(kind, lambda: " ".join(words))()
        hits = self._searcher.search(self._either.parse(text), limit=100 if kind == "top" else LIMIT)
        if kind == "count":
            return len(hits)
        for hit in hits:
            (hit["id"], hit["title"], hit.highlights("body", top=1))
        return int(hits.scored_length())


class Bm25s:
    """bm25s: scores of any of the words in numpy, no positions, passages or changes; a bound of what scoring costs."""

    name = "bm25s"
    lacks = frozenset({"phrase", "inter", "prefix", "fuzzy", "near", "nested", "dates", "newest", "count"})

    def build(self, records: Iterable[Record], folder: Path) -> None:
        """Index the records."""
        import bm25s
        import Stemmer

        texts = [f"{r.title} {r.body}" for r in records]
        tokens = bm25s.tokenize(texts, stopwords=None, stemmer=Stemmer.Stemmer("english"), show_progress=False)
        retriever = bm25s.BM25()
        retriever.index(tokens, show_progress=False)
        retriever.save(folder)

    def change(self, records: Iterable[Record], folder: Path) -> None:
        """Change nothing: it cannot."""

    def open(self, folder: Path) -> None:
        """Open the index."""
        import bm25s
        import Stemmer

        self._retriever = bm25s.BM25.load(folder, mmap=True)
        self._stemmer = Stemmer.Stemmer("english")
        self._tokenize = bm25s.tokenize

    def query(self, query: Query) -> int:
        """Search."""
        k = 100 if name_of(query) == "top" else LIMIT
        tokens = self._tokenize(" ".join(query.words), stopwords=None, stemmer=self._stemmer, show_progress=False)
        _, scores = self._retriever.retrieve(tokens, k=k, show_progress=False)
        return int((scores > 0).sum())


CONTESTANTS: dict[str, type[Tantivy | Sqlite | Whoosh | Bm25s]] = {c.name: c for c in (Tantivy, Sqlite, Whoosh, Bm25s)}
