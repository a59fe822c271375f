"""The face of the engine: open an index, change it, search it. It glues what is below; no algorithm here."""

import builtins
import contextlib
import datetime
import functools
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, NamedTuple, ParamSpec, Self, TypeVar

from search.engine import commit as commits
from search.engine import record
from search.engine.commit import Commit
from search.engine.explaining import Explainer
from search.engine.layout import UNDATED
from search.engine.matching import Matcher
from search.engine.nearness import best
from search.engine.ranking import Ranking
from search.engine.scoring import Scorer
from search.engine.sections import CONTRADICTIONS
from search.engine.snapshot import Snapshot, load
from search.engine.storage import Folder, Lock
from search.engine.top import Ranked, by_date
from search.errors import ArticleError, CorruptionError, IndexMissingError, QueryError
from search.model import Article, Miss, Results, StoryListing
from search.present.hits import Presenter
from search.query import parse, tree
from search.query.analyse import analyse, times
from search.query.clauses import All, Everything
from search.text.analysis import Analyzer, analyzer

if TYPE_CHECKING:
    from search.engine.folding import Folding
    from search.engine.repair import Repaired

DEFAULT_LOCATION = "index"
SORTS = ("relevance", "newest", "oldest")

Progress = Callable[[Article, str], None]


_P = ParamSpec("_P")
_R = TypeVar("_R")


@contextlib.contextmanager
def _doubting(index: "Index") -> Iterator[None]:
    """Raise an error that comes of damage to the index as such, whatever it was.

    Checksums tell accidents. What matches them and still was never written shows only when it is used.
    """
    try:
        yield
    except CONTRADICTIONS as error:
        for problem in index.check() if index._snapshot else ():  # noqa: SLF001
            raise CorruptionError(problem) from error
        raise


def _doubted(method: Callable[Concatenate["Index", _P], _R]) -> Callable[Concatenate["Index", _P], _R]:
    @functools.wraps(method)
    def doubted(self: "Index", /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        with _doubting(self):
            return method(self, *args, **kwargs)

    return doubted


class Added(NamedTuple):
    """What `Index.add` did: numbers of articles."""

    added: int
    updated: int
    unchanged: int
    refused: int
    removed: int


class Stats(NamedTuple):
    """What an index holds. `parts` are bytes by kind of section; `first` and `last` ISO 8601 dates or None."""

    articles: int
    dated: int
    first: str | None
    last: str | None
    segments: int
    deleted: int
    terms: int
    tokens: int
    bytes: int
    parts: dict[str, int]
    settings: dict[str, float | str]


def open(  # noqa: A001  # search.open reads as it should
    location: str | os.PathLike[str] | None = None, *, verify: bool | None = None
) -> "Index":
    """Open the index at a location; nothing is created before something is written.

    Args:
        location: A folder. By default what the environment variable `SEARCH_INDEX` says, else `index`.
        verify: Whether searching holds each block of a file to its checksum when it is first touched; writing always
            does. By default, unless the environment variable `SEARCH_VERIFY` is 0.

    Raises:
        CorruptionError: The commit file is damaged.
    """
    if verify is None:
        verify = os.environ.get("SEARCH_VERIFY") != "0"
    return Index(Folder(location or os.environ.get("SEARCH_INDEX") or DEFAULT_LOCATION), verify=verify)


def repair(location: str | os.PathLike[str] | None = None, *, language: str | None = None) -> "Repaired":
    """Make an index of what is left of a damaged one: sound segments stay, sound articles of others are indexed again.

    What is damaged is set aside, under names that end in `.damaged`. Nothing is changed if all is sound.

    Args:
        location: A folder, as of `open`.
        language: Of the index, needed where the commit file is lost.

    Raises:
        IndexMissingError: There is no index at the location.
        LockedError: A writer holds the index.
    """
    from search.engine.repair import repair  # a search needs none of it

    folder = Folder(location or os.environ.get("SEARCH_INDEX") or DEFAULT_LOCATION)
    if not any(name == commits.NAME or name.endswith(".segment") for name in folder.names()):
        raise IndexMissingError(f"{folder.path}: no index here; make one with: search index PATH")
    with folder.lock():
        return repair(folder, lambda known: _chain(str(folder.path), known, language))


class Index:
    """An index of articles in a folder. Reads see the commit that was newest when it was opened or refreshed.

    It may be searched from several threads. One writer at a time, of any process, may change it.
    """

    def __init__(self, folder: Folder, *, verify: bool = True) -> None:
        self.location = str(folder.path)
        self._folder = folder
        self._verify = verify
        self._trial: dict[str, float] = {}
        self._commit: Commit | None = None
        self._snapshot: Snapshot | None = None
        self._folding: Folding | None = None
        self.refresh()

    # Reading

    def refresh(self) -> None:
        """Move to the newest commit, of whatever process."""
        while True:
            found = commits.read(self._folder)
            commit = found and replace(found, settings={**found.settings, **self._trial})
            if commit == self._commit:
                return
            try:
                snapshot = load(self._folder, commit, verify=self._verify) if commit else None
            except FileNotFoundError as error:
                if commits.read(self._folder) == found:
                    raise CorruptionError.at(error.filename, "expected a file of the index, found none") from error
                continue  # a writer was faster; its commit names the files that are there now
            self._commit, self._snapshot = commit, snapshot
            return

    def _opened(self) -> tuple[Commit, Snapshot]:
        if self._commit is None or self._snapshot is None or not self._commit.generation:
            raise IndexMissingError(f"{self.location}: no index here; make one with: search index PATH")
        return self._commit, self._snapshot

    def _analyzer(self, language: str | None = None) -> Analyzer:
        return _chain(self.location, self._commit.analysis if self._commit else None, language)

    @_doubted
    def search(
        self,
        query: str = "",
        *,
        limit: int = 10,
        offset: int = 0,
        passages: int = 1,
        since: str | datetime.date | None = None,
        until: str | datetime.date | None = None,
        sort: str = "relevance",
        recency: str | datetime.timedelta | None = None,
        all: bool = False,  # noqa: A002  # the word of the command line
        group: bool = True,
        now: str | datetime.datetime | None = None,
    ) -> Results:
        """Search, and return the hits in order.

        Args:
            query: In the query language; any text is answered. Empty, the filters alone select, newest first.
            limit: Most hits to return, >= 0.
            offset: Hits to leave out first, >= 0.
            passages: Most passages a hit, > 0.
            since, until: Publication dates, both included whole; `2021-08` is the month. The undated are left out.
            sort: `relevance`, `newest` or `oldest`; the undated come last.
            recency: Half-life of a boost for newer articles, such as `30d`.
            all: Whether every word must match; by default one is enough.
            group: Whether to show each story once, by the article that fits best, and no sentence twice.
            now: The time that recency and relative dates count from; by default the clock's.

        Raises:
            IndexMissingError: There is no index at the location.
            QueryError: An option is impossible.
        """
        began = time.perf_counter()
        _, snapshot = self._opened()
        if limit < 0 or offset < 0 or passages < 1:
            raise QueryError(
                f"limit {limit}, offset {offset}, passages {passages}: give numbers from 0, passages from 1"
            )
        if sort not in SORTS:
            raise QueryError(f"sort {sort!r}: use one of {', '.join(SORTS)}")
        clock = _clock(now)
        chain = self._analyzer()
        read = parse(query, all=all, now=clock)
        notes = builtins.list(read.notes)
        clause = meant = analyse(read.tree, chain)
        if since is not None or until is not None:
            period = times(since, until, clock)
            if not query.strip():
                clause, sort = Everything(), "newest" if sort == "relevance" else sort
                notes.clear()
            clause = All((clause, period))
        matcher = Matcher(snapshot, chain)
        scorer = Scorer(matcher)
        half_life = None if recency is None else _half_life(recency)
        stories = self._stories()

        def first(k: int) -> Ranked:
            if sort != "relevance":
                return scorer.listed(clause, by_date(snapshot, matcher.docs(clause), k, newest=sort == "newest"))
            return best(clause, scorer, matcher, k, half_life, clock.timestamp())

        ranked: Ranked = []
        if limit:
            ranked = stories.best(first, offset + limit) if stories and group else first(offset + limit)
        explainer = Explainer(
            snapshot,
            chain,
            *(read.tree, meant, clause),
            by_relevance=sort == "relevance",
            half_life=half_life,
            now=clock.timestamp(),
        )
        presenter = Presenter(chain, clause, matcher, passages, query, stories, explainer, distinct=group)
        hits = tuple(presenter.hits(ranked[offset:]))
        took_ms = (time.perf_counter() - began) * 1000
        notes += dict.fromkeys(matcher.notes)

        def count() -> int:
            with _doubting(self):
                return len(matcher.docs(clause))

        def count_stories() -> int:
            with _doubting(self):
                docs = matcher.docs(clause)
                return stories.count(docs) if stories else len(docs)

        return Results(query, read.reading, tuple(notes), hits, count, count_stories, took_ms)

    @_doubted
    def why_not(
        self,
        query: str,
        article: str,
        *,
        since: str | datetime.date | None = None,
        until: str | datetime.date | None = None,
        all: bool = False,  # noqa: A002
        now: str | datetime.datetime | None = None,
    ) -> list[Miss]:
        """Return the clauses of a query that an article does not fit, and what came nearest; none if it is found.

        Args:
            query, since, until, all, now: As of `search`.
            article: Its id, or the path of its file.

        Raises:
            ArticleError: There is none with this id or path.
        """
        _, snapshot = self._opened()
        from search.present.missing import Critic  # a search needs none of it

        doc = snapshot.find(article)
        if doc is None:
            doc = next((doc for doc in snapshot if record.decode(snapshot.record(doc)).path == article), None)
        if doc is None:
            raise ArticleError(f"no article has the id or path {article!r}; list them with: search export")
        chain, clock = self._analyzer(), _clock(now)
        node = parse(query, all=all, now=clock).tree
        critic = Critic(chain, Matcher(snapshot, chain), doc)
        found = critic.misses(node, analyse(node, chain)) if query.strip() else []
        if since is not None or until is not None:
            bounds = " ".join(f"{name} {value}" for name, value in (("since", since), ("until", until)) if value)
            found += [Miss(bounds, miss.reason) for miss in critic.misses(tree.Every(), times(since, until, clock))]
        return found

    def _stories(self) -> "Folding | None":
        """Return the stories of the snapshot; None if every article is a story of its own."""
        _, snapshot = self._opened()
        if not snapshot.relations:
            return None
        if self._folding is None or self._folding.snapshot is not snapshot:
            from search.engine.folding import Folding  # an index without copies needs none of it

            self._folding = Folding(snapshot)
        return self._folding

    @_doubted
    def stories(self, query: str | None = None) -> builtins.list[StoryListing]:
        """Return the stories of two articles or more, the largest first.

        Args:
            query: Only stories of which some article matches this.

        Raises:
            IndexMissingError: There is no index at the location.
        """
        stories = self._stories()
        if stories is None:
            return []
        from search.present.stories import listing  # a search needs none of it

        docs = None
        if query is not None:
            chain = self._analyzer()
            clause = analyse(parse(query, all=False, now=_clock(None)).tree, chain)
            docs = Matcher(stories.snapshot, chain).docs(clause)
        found = (listing(stories, articles) for articles in stories.all(docs))
        return sorted(found, key=lambda story: (-story.size, story.id))

    def search_many(self, queries: Iterable[str], *, threads: int = 1, **options: Any) -> Iterator[Results]:
        """Search for several queries, and yield their results in the order of the queries.

        Args:
            queries: As for `search`.
            threads: How many search at once. They take turns, unless the interpreter is a free-threaded one; processes
                that each open the index share its pages, too.
            options: Those of `search`, for all queries.
        """
        if threads < 2:
            yield from (self.search(query, **options) for query in queries)
            return
        from concurrent.futures import ThreadPoolExecutor  # most callers search for one thing at a time

        with ThreadPoolExecutor(threads) as pool:
            yield from pool.map(lambda query: self.search(query, **options), queries)

    @_doubted
    def get(self, id: str) -> Article:  # noqa: A002  # the article's own word
        """Return an article.

        Raises:
            ArticleError: There is none with this id.
        """
        _, snapshot = self._opened()
        doc = snapshot.find(id)
        if doc is None:
            raise ArticleError(f"no article has the id {id!r}; list them with: search export")
        return record.decode(snapshot.record(doc))

    @_doubted
    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._snapshot is not None and self._snapshot.find(key) is not None

    def __len__(self) -> int:
        return self._snapshot.n_docs if self._snapshot else 0

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Article]:
        """Yield all articles of the snapshot."""
        snapshot = self._snapshot
        if snapshot is None:
            return
        for doc in snapshot:
            with _doubting(self):
                article = record.decode(snapshot.record(doc))
            yield article

    def settings(self) -> dict[str, float | str]:
        """Return the settings of the index: the language, and what ranking can be told."""
        commit = self._commit or Commit()
        return {"language": self._analyzer().language, **Ranking(**commit.settings)._asdict()}

    @_doubted
    def stats(self) -> Stats:
        """Return what the index holds."""
        commit, snapshot = self._opened()
        parts: dict[str, int] = {}
        tokens = 0
        for segment, _, _ in snapshot.parts:
            tokens += len(segment.file["low8"])
            for name, size in segment.file.parts.items():
                parts[name] = parts.get(name, 0) + size
        if commit.relations:
            parts["relations"] = sum(file.size for file in commit.relations)
        live = snapshot.when if snapshot.live is None else snapshot.when[snapshot.live]
        dated = live[live != UNDATED]
        size = sum(s.file.size + (s.deleted.size if s.deleted else 0) for s in commit.segments)
        size += sum(file.size for file in commit.relations)
        first, last = (_day(int(dated.min())), _day(int(dated.max()))) if len(dated) else (None, None)
        return Stats(
            articles=snapshot.n_docs,
            dated=len(dated),
            first=first,
            last=last,
            segments=len(snapshot.parts),
            deleted=snapshot.n_all - snapshot.n_docs,
            terms=sum(segment.n_terms for segment, _, _ in snapshot.parts),
            tokens=tokens,
            bytes=size,
            parts=dict(sorted(parts.items(), key=lambda item: -item[1])),
            settings=self.settings(),
        )

    def check(self, progress: Callable[[int, int], None] | None = None) -> list[str]:
        """Verify every byte and every invariant of the index; return what is broken, a line each.

        Args:
            progress: Called with (articles checked, articles).
        """
        _, snapshot = self._opened()
        from search.engine.check import problems, relations  # a search needs none of it

        return problems(snapshot, self._analyzer(), progress) or relations(snapshot, self._analyzer())

    # Writing

    def writer(self) -> "Writer":
        """Return a transaction to use in a `with` statement: leaving it commits, leaving it by an exception does not.

        Raises:
            LockedError: Another writer holds the index.
        """
        return Writer(self)

    def add(
        self,
        articles: Iterable[Article],
        *,
        progress: Progress | None = None,
        refuse: Callable[[Article, str], None] | None = None,
        prune: Sequence[str] = (),
        language: str | None = None,
        jobs: int = 1,
        memory: int | None = None,
        settings: Mapping[str, float] | None = None,
    ) -> Added:
        """Add articles in one durable commit; one whose id is known replaces the old one, unless it is the same.

        Args:
            articles: May be without end to its memory, such as `search.read(paths)`.
            progress: Called after each with what was done: `added`, `updated`, `unchanged` or `refused`.
            refuse: Called with an article whose id belongs to one of another path, and that path; the old one stays.
                Without it, the old one is replaced.
            prune: Files and folders; articles that came from under them, and came no more now, are removed.
            language: Of a new index, a Snowball name; `english` by default.
            jobs: Processes that tokenize, if there are articles enough to be worth starting them.
            memory: Bytes that indexing may take, about; by default 512 MB.
            settings: Of ranking, to be changed by the same commit, as `set` does.

        Raises:
            LockedError: Another writer holds the index.
            ArticleError: An article cannot be stored; nothing is changed.
        """
        done = dict.fromkeys(("added", "updated", "unchanged", "refused"), 0)
        seen: set[str] = set()
        came: set[str] = set()
        checked = _checked(settings or {})
        with Writer(self, language, memory) as writer:
            writer.settings.update(checked)
            for article, outcome in writer.put_all(articles, refuse, jobs):
                done[outcome] += 1
                if prune:
                    seen.add(article.id)
                    came.add(article.path or "")
                if progress:
                    progress(article, outcome)
            removed = writer.prune(prune, seen, came) if prune else 0
        return Added(**done, removed=removed)

    def delete(self, ids: Sequence[str]) -> None:
        """Delete articles in one commit, all or none.

        Raises:
            ArticleError: Some id is unknown; the message names it.
        """
        self._opened()
        with self.writer() as writer:
            for article_id in ids:
                writer.delete(article_id)

    def set(self, **settings: float) -> None:
        """Change settings of ranking, in one commit; nothing is indexed again.

        Raises:
            QueryError: There is no such setting, or the value is impossible.
        """
        checked = _checked(settings)
        with Writer(self) as writer:
            writer.settings.update(checked)

    def under(self, **settings: float) -> "Index":
        """Return the index as it would rank under other settings, to compare them; for reading alone.

        Raises:
            QueryError: There is no such setting, or the value is impossible.
        """
        tried = Index(self._folder, verify=self._verify)
        tried._trial = _checked(settings)
        tried.refresh()
        return tried

    def compact(self, progress: Callable[[str], None] | None = None) -> None:
        """Merge everything into one segment, without what was deleted."""
        self._opened()
        with Writer(self) as writer:
            writer.compact = True
            writer.tell = progress

    def backup(self, target: str | os.PathLike[str]) -> None:
        """Make a copy of the index in another folder: links to the same files where possible. A writer may go on.

        Raises:
            StorageError: The folder is not empty, or the file system refuses.
            CorruptionError: The index is damaged.
        """
        commit, snapshot = self._opened()
        from search.engine.backup import backup  # a search needs none of it

        backup(self._folder, commit, snapshot, self._folder.beside(target))

    def close(self) -> None:
        """Let go of the files."""
        if self._snapshot:
            self._snapshot.close()
        self._commit = self._snapshot = self._folding = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Writer:
    """One transaction. Nothing is visible before it is left; then all of it is, at once and durably."""

    def __init__(self, index: Index, language: str | None = None, memory: int | None = None) -> None:
        self._index = index
        self._language = language
        self._memory = memory
        self._lock: Lock | None = None
        self.compact = False
        self.tell: Callable[[str], None] | None = None

    def __enter__(self) -> Self:
        from search.engine.writer import MEMORY, Transaction  # a search needs none of it

        index = self._index
        if index._trial:  # noqa: SLF001
            raise QueryError(f"{index.location}: opened to try settings; open it again to change it")
        index._folder.make()  # noqa: SLF001  # two halves of one thing
        self._lock = index._folder.lock()  # noqa: SLF001
        try:
            if self._lock.left_by:
                import logging  # nothing else needs it

                logging.getLogger("search").warning(
                    "%s: process %d died while it wrote; what it had committed is there, the rest is removed",
                    *(self._index.location, self._lock.left_by),
                )
            index.refresh()
            base = index._commit or Commit()  # noqa: SLF001
            self.settings = dict(base.settings)
            self._base = base
            chain = index._analyzer(self._language)  # noqa: SLF001
            self._transaction = Transaction(
                index._folder,  # noqa: SLF001
                *(base, chain, self._memory or MEMORY),
                doubting=functools.partial(_doubting, index),
            )
            self.put_all = self._transaction.put_all
        except BaseException:
            self._lock.release()
            raise
        return self

    def add(self, article: Article) -> None:
        """Add an article, in the place of the one with its id if there is one.

        Raises:
            ArticleError: It cannot be stored: no id, or a date that is none.
        """
        self._transaction.put(article)

    def update(self, article: Article) -> None:
        """Replace the article with the same id.

        Raises:
            ArticleError: There is none, or it cannot be stored.
        """
        if self._transaction.record(article.id) is None:
            raise ArticleError(f"no article has the id {article.id!r}; add it instead")
        self._transaction.put(article)

    def delete(self, id: str) -> None:  # noqa: A002
        """Delete an article.

        Raises:
            ArticleError: There is none with this id.
        """
        with _doubting(self._index):
            self._transaction.remove(id)

    def prune(self, paths: Sequence[str], seen: "set[str]", came: "set[str]") -> int:
        """Remove the articles from under `paths` that were not seen now; return their number.

        Args:
            paths: Normalised files and folders.
            seen: Ids that came now.
            came: Paths they came from. What came from a file that is there but gave nothing now is left alone.
        """
        under = tuple(f"{path.rstrip('/')}/" for path in paths if path != ".")
        gone = []
        for article in self._index:
            path = article.path
            if path is None or article.id in seen:
                continue
            inside = "." in paths or path in paths or path.startswith(under)
            if inside and (path in came or not os.path.lexists(path)):
                gone.append(article.id)
        for article_id in gone:
            self._transaction.remove(article_id)
        return len(gone)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                with _doubting(self._index):
                    self._transaction.commit(self.settings, compact=self.compact, progress=self.tell)
        finally:
            try:
                self._transaction.close()
            finally:
                if self._lock:
                    self._lock.release()
        if kind is None:
            self._index.refresh()


def _chain(location: str, used: str | None, language: str | None) -> Analyzer:
    """Return the analyzer of an index: with the id that it was made with, in the language asked for."""
    known = used.rpartition("/")[2] if used else None
    if known and language and language != known:
        raise QueryError(f"{location}: the index is {known}; index again into another folder for {language}")
    try:
        chain = analyzer(language or known or "english")
    except ValueError as error:
        raise QueryError(str(error)) from error
    if used and used != chain.id:
        raise QueryError(f"{location}: made with {used}, this version has {chain.id}; index again")
    return chain


def _checked(settings: Mapping[str, float]) -> dict[str, float]:
    """Return settings of ranking; raise `QueryError` if they are impossible."""
    for name, value in settings.items():
        if name not in Ranking._fields:
            raise QueryError(f"no setting is called {name!r}: use one of {', '.join(Ranking._fields)}")
        if not 0 <= value <= (1 if name.startswith("b_") else 1000) or (name == "k1" and value == 0):
            raise QueryError(f"{name} cannot be {value}: b_… is from 0 to 1, k1 and weights are above 0")
    return {name: float(value) for name, value in settings.items()}


def _day(seconds: int) -> str:
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=seconds // 86400)).isoformat()


def _clock(now: str | datetime.datetime | None) -> datetime.datetime:
    if now is None:
        return datetime.datetime.now().astimezone()
    if isinstance(now, str):
        try:
            now = datetime.datetime.fromisoformat(now)
        except ValueError as error:
            raise QueryError(f"now {now!r} is no time; write it as 2021-08-10T14:00") from error
    return now


def _half_life(recency: str | datetime.timedelta) -> float:
    """Return a half-life in seconds."""
    if isinstance(recency, datetime.timedelta):
        seconds = recency.total_seconds()
    else:
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([hdwmy])\w*\s*", recency)
        if not match:
            raise QueryError(f"recency {recency!r}: write a number and h, d, w, m or y, such as 30d")
        hours = {"h": 1, "d": 24, "w": 168, "m": 730.5, "y": 8766}[match[2]]
        seconds = float(match[1]) * hours * 3600
    if seconds <= 0:
        raise QueryError(f"recency {recency!r}: give a time above 0")
    return seconds
