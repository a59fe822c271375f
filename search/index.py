"""The face of the engine: open an index, change it, search it. It glues what is below; no algorithm here."""

import builtins
import datetime
import functools
import itertools
import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar, Unpack

from search.engine import commit as commits
from search.engine.sections import CONTRADICTIONS
from search.engine.storage import Folder
from search.errors import IndexMissingError, QueryError, StorageError
from search.listing import Listing
from search.model import Article, Miss, Results, Spelt, Standing, StoryListing, Suggestion
from search.question import DateFilters, Filters, Question
from search.text.analysis import fold
from search.view import View, chain_of

if TYPE_CHECKING:
    from search.bridge.reader import Reader
    from search.engine.cursors import Cursor
    from search.engine.repair import Repaired
    from search.engine.stats import Stats
    from search.present.comparing import Comparer
    from search.reports import Account, Diff, Numbers, Quotes, Related, Timeline, Variant
    from search.writing import Added, Writer

DEFAULT_LOCATION = "index"

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")

Progress = Callable[[Article, str], None]

_P = ParamSpec("_P")
_R = TypeVar("_R")


def _doubted(method: Callable[Concatenate["Index", _P], _R]) -> Callable[Concatenate["Index", _P], _R]:
    """Let an error that comes of damage to the index be raised as such."""

    @functools.wraps(method)
    def doubted(self: "Index", /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        view = self._view
        try:
            return method(self, *args, **kwargs)
        except CONTRADICTIONS as error:
            view.doubt(error)
            raise

    return doubted


def open(location: str | os.PathLike[str] | None = None, *, verify: bool | None = None) -> "Index":
    """Open the index at a location; nothing is created before something is written.

    Args:
        location: A folder. By default what the environment variable `SEARCH_INDEX` says, else `index`.
        verify: Whether searching holds each block of a file to its checksum when it is first touched; writing always
            does. By default, unless the environment variable `SEARCH_VERIFY` is 0.

    Raises:
        CorruptionError: The commit file is damaged.
        StorageError: The location is no folder but an address.
    """
    if verify is None:
        verify = os.environ.get("SEARCH_VERIFY") != "0"
    return Index(_folder(location), verify=verify)


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

    folder = _folder(location)
    if not any(name == commits.NAME or name.endswith(".segment") for name in folder.names()):
        raise IndexMissingError(f"{folder.path}: no index here; make one with: search index PATH")
    with folder.lock():
        return repair(folder, lambda known: chain_of(str(folder.path), known, language))


def _check_limit(limit: int | None) -> None:
    if limit is not None and (not isinstance(limit, int) or limit < 0):
        raise QueryError(f"limit {limit}: give a whole number from 0")


def _comparer(view: View) -> "Comparer":
    from search.present.comparing import Comparer  # a search needs none of it

    return Comparer(view.opened()[1], view.stories, view.dating, view.analyzer())


def _folder(location: str | os.PathLike[str] | None) -> Folder:
    folder = os.fspath(location or os.environ.get("SEARCH_INDEX") or DEFAULT_LOCATION)
    if _SCHEME.match(folder):
        raise StorageError(f"{folder}: is an address, and an index is a folder: give its path")
    return Folder(folder)


class Index:
    """An index of articles in a folder. Reads see the commit that was newest when it was opened or refreshed.

    It may be searched from several threads. One writer at a time, of any process, may change it.
    """

    def __init__(self, folder: Folder, *, verify: bool = True, trial: Mapping[str, float] | None = None) -> None:
        self._view = View(folder, verify=verify, trial=trial).refreshed()  # each method looks at it once
        self.location = self._view.location

    def __repr__(self) -> str:
        return f"Index({self.location!r}, {'closed' if self._view.is_closed else f'articles={len(self)}'})"

    # Reading

    def refresh(self) -> None:
        """Move to the newest commit, of whatever process."""
        self._refreshed()

    def _refreshed(self) -> View:
        self._view = self._view.refreshed()
        return self._view

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
        all: bool = False,
        group: bool = True,
        variants: bool = True,
        stated_dates_only: bool = False,
        fix: bool = False,
        now: str | datetime.datetime | None = None,
        expand: bool = False,
        after: str | None = None,
    ) -> Results:
        """Search, and return the hits in order.

        Args:
            query: In the query language; any text is answered. Empty, the filters alone select, newest first; an order
                other than relevance alone lists all articles.
            limit: Most hits to return, >= 0.
            offset: Hits to leave out first, >= 0.
            passages: Most passages a hit, > 0.
            since, until: Publication dates, both included whole; `2021-08` is the month. The undated are left out. Of
                a time, the zone does not count: it is by the clock of each outlet.
            sort: `relevance`, `newest`, `oldest`, `title`, `source` or `length` (the longest first); what has no date,
                title or source comes last, and equal ones newest first.
            recency: Half-life of a boost for newer articles, such as `30d`; h, d, w, m (months), y or the words.
            all: Whether every word must match; by default one is enough.
            group: Whether to show each story once, by the article that fits best, and no sentence twice.
            variants: Whether to look for words in the other spellings that copies have taught, too.
            stated_dates_only: Whether to infer no dates. Else an undated copy of a dated article is of the same day,
                but for words of the query and the order of equal scores.
            fix: Whether to search for the first of `suggestions` instead, if there are any; `notes` says so.
            now: The time that recency and relative dates count from; by default the clock's.
            expand: Whether words of the best articles add to the scores; `notes` says which.
            after: `Results.cursor` of the page before, for the same query and options but `limit` and `passages`. `now`
                is then that of the first page.

        Raises:
            IndexMissingError: There is no index at the location.
            QueryError: An option is impossible, or the cursor is damaged or that of another query.
        """
        cursor: Cursor | None = None
        if after is not None:
            from search.engine.cursors import decode  # a first page needs none of it

            cursor = decode(after)
            now = cursor.now or now
        asked = Question(
            self._view,
            query,
            since=since,
            until=until,
            all=all,
            now=now,
            variants=variants,
            stated_dates_only=stated_dates_only,
            lists=sort != "relevance",
        )
        if fix:
            asked = asked.fixed()
        listing = Listing(asked, sort=sort, recency=recency, group=group, expand=expand, after=cursor)
        return listing.results(limit=limit, offset=offset, passages=passages)

    @_doubted
    def why_not(self, query: str, article: str, **filters: Unpack[Filters]) -> list[Miss]:
        """Return the clauses of a query that an article does not fit, and what came nearest; none if it is found.

        Args:
            query: As of `search`.
            article: As of `resolve`.
            filters: `since`, `until`, `all`, `variants`, `stated_dates_only` and `now`, as of `search`.

        Raises:
            ArticleError: There is none with this id or path.
        """
        return Question(self._view, query, **filters).misses(article)

    @_doubted
    def standing(
        self,
        query: str,
        article: str,
        *,
        recency: str | datetime.timedelta | None = None,
        **filters: Unpack[Filters],
    ) -> Standing | None:
        """Return the rank of an article among those that a query finds, by relevance; None if it is not found.

        Args:
            query, recency: As of `search`.
            article: As of `resolve`.
            filters: As of `why_not`.

        Raises:
            ArticleError: There is none with this id or path.
        """
        return Question(self._view, query, **filters).standing(article, recency=recency)

    @_doubted
    def suggest(self, query: str, *, all: bool = False) -> tuple[Suggestion, ...]:
        """Return a query with words replaced that may be misspelt, or names spelt otherwise, the likeliest first.

        Unlike `Results.suggestions` they are looked for however much the query finds.

        Args:
            query, all: As of `search`.
        """
        return Question(self._view, query, all=all).suggestions()

    @_doubted
    def complete(self, prefix: str, *, limit: int = 10) -> builtins.list[Spelt]:
        """Return the words that begin so, as folded, those of the most articles first.

        Args:
            prefix: Of a word; of several words, the last is completed.
            limit: Most words, >= 0.

        Raises:
            IndexMissingError: There is no index at the location.
            QueryError: `limit` is impossible.
        """
        from search.engine.spelling import Speller  # a search needs none of it

        _check_limit(limit)
        _, snapshot = self._view.opened()
        return Speller(snapshot).beginning(fold(prefix.split()[-1] if prefix.split() else ""), limit)

    @_doubted
    def stories(
        self, query: str | None = None, *, limit: int | None = None, **filters: Unpack[Filters]
    ) -> builtins.list[StoryListing]:
        """Return the stories of two articles or more, the largest first.

        Args:
            query: Only stories of which some article matches this.
            limit: Most to return, >= 0; all by default.
            filters: As of `why_not`, for some article of the story.

        Raises:
            IndexMissingError: There is no index at the location.
            QueryError: An option is impossible.
        """
        _check_limit(limit)
        asked = Question(self._view, query or "", **filters)
        stories = asked.stories
        if stories is None:
            return []
        from search.present.stories import listing  # a search needs none of it

        docs = asked.docs() if query is not None or asked.period else None
        found = (listing(stories, articles) for articles in stories.all(docs, limit))
        return sorted(found, key=lambda story: (-story.size, story.id))[:limit]

    @_doubted
    def similar(
        self,
        text: str | None = None,
        *,
        id: str | None = None,
        copies: bool = True,
        limit: int = 10,
        offset: int = 0,
        passages: int = 1,
        sort: str = "relevance",
        recency: str | datetime.timedelta | None = None,
        group: bool = True,
        **filters: Unpack[DateFilters],
    ) -> Results:
        """Return articles like a text, or like an article of the index, which is not among them.

        They are found by the words that say most of it; `Results.reading` is the query. There is no cursor.

        Args:
            text: As it would stand in an article.
            id: Of an article, in place of a text.
            copies: Whether other articles of its story may be found, too; of a text, those that are copies of it.
            limit, offset, passages, sort, recency, group: As of `search`.
            filters: `since`, `until`, `stated_dates_only` and `now`, as of `search`.

        Raises:
            IndexMissingError: There is no index at the location.
            ArticleError: There is no article with this id.
            QueryError: Neither a text nor an id is given, or both; or an option is impossible.
        """
        from search.similar import similar  # a search needs none of it

        asked = similar(self._view, text, id, copies=copies, **filters)
        listing = Listing(asked, sort=sort, recency=recency, group=group)
        return listing.results(limit=limit, offset=offset, passages=passages)

    @_doubted
    def timeline(self, query: str = "", unit: str | None = None, **filters: Unpack[Filters]) -> "Timeline":
        """Return when the articles that match were published, and the words that tell each peak from the rest.

        Args:
            query: As of `search`.
            unit: `day`, `week`, `month` or `year`; by default the smallest of which there are not too many to look at.
            filters: As of `why_not`.

        Raises:
            IndexMissingError: There is no index at the location.
            QueryError: An option is impossible.
        """
        return Question(self._view, query, **filters).timeline(unit)

    @_doubted
    def relation(self, a: str, b: str) -> "Related":
        """Return how two articles relate, with what proves it: the same words at their places in both.

        Of independent texts that tell of the same event it says so, with what that is inferred from.

        Raises:
            ArticleError: There is none with this id.
        """
        view = self._view
        return _comparer(view).related(view.number(a), view.number(b))

    @_doubted
    def related(self, id: str, *, limit: int = 10) -> "builtins.list[Account]":
        """Return articles of other stories that tell of the same event, the likest first, one of each story.

        Raises:
            ArticleError: There is none with this id.
            QueryError: `limit` is impossible.
        """
        from search.similar import alike  # a search needs none of it

        _check_limit(limit)
        view = self._view
        found = _comparer(view).accounts(view.number(id), alike(view, id))
        return list(itertools.islice(found, min(limit, view.n_docs)))

    @_doubted
    def diff(self, a: str, b: str) -> "Diff":
        """Return two articles side by side: what only one says, what was changed, what was moved.

        Raises:
            ArticleError: There is none with this id.
        """
        view = self._view
        return _comparer(view).diff(view.number(a), view.number(b))

    @_doubted
    def variants(self, word: str | None = None, *, limit: int | None = None) -> "builtins.list[Variant]":
        """Return the spellings of words that copies have taught, those with the most evidence first.

        Args:
            word: Only other spellings of this one.
            limit: Most to return, >= 0; all by default.

        Raises:
            IndexMissingError: There is no index at the location.
        """
        _check_limit(limit)
        view = self._view
        if view.stories is None:
            return []
        from search.present.variants import learned  # a search needs none of it

        return learned(view.stories, view.analyzer(), word, limit)

    @_doubted
    def quotes(self, query: str, *, limit: int = 20, **filters: Unpack[Filters]) -> "Quotes":
        """Return what is said in articles that a query finds, in quotation marks: the same words once.

        Of a query with `quote:` or `by:` what these find, of another the quotations with some of its words, or by a
        speaker of that name.

        Args:
            query: In the query language.
            limit: Most quotations to return, >= 0.
            filters: As of `why_not`.

        Raises:
            IndexMissingError: There is no index at the location.
            QueryError: An option is impossible.
        """
        from search.present.quotes import MOST, quotes  # a search needs none of it

        _check_limit(limit)
        asked = Question(self._view, query, **filters)
        ranked = asked.looked_at(MOST)
        return quotes(asked.said, asked.clause, asked.matcher, asked.analyzer, ranked, asked.dating, limit)

    @_doubted
    def numbers(self, query: str, *, limit: int = 20, **filters: Unpack[Filters]) -> "Numbers":
        """Return how many of something there are, as articles that a query finds say it, and where they disagree.

        Args:
            query: What is counted, and perhaps what is said of it: `people killed`.
            limit: Most counts to return, >= 0.
            filters: As of `why_not`.

        Raises:
            IndexMissingError: There is no index at the location.
            QueryError: An option is impossible.
        """
        from search.present.numbers import MOST, numbers  # a search needs none of it

        _check_limit(limit)
        asked = Question(self._view, query, **filters)
        ranked, stories = asked.looked_at(MOST), asked.stories
        return numbers(asked.said, asked.clause, asked.matcher, asked.analyzer, ranked, stories, asked.dating, limit)

    def search_many(self, queries: Iterable[str], *, threads: int = 1, **options: Any) -> Iterator[Results]:
        """Search for several queries, and yield their results in the order of the queries.

        Args:
            queries: As for `search`; may be without end.
            threads: How many search at once. They take turns, unless the interpreter is a free-threaded one; processes
                that each open the index share its pages, too.
            options: Those of `search`, for all queries.
        """
        if isinstance(queries, str):
            raise TypeError(f"queries are several queries, not one query: search_many([{queries!r}])")
        if threads < 2:
            yield from (self.search(query, **options) for query in queries)
            return
        from concurrent.futures import ThreadPoolExecutor  # most callers search for one thing at a time

        with ThreadPoolExecutor(threads) as pool:
            asked = (pool.submit(self.search, query, **options) for query in queries)
            ahead = deque(itertools.islice(asked, 2 * threads))
            while ahead:
                found = ahead.popleft().result()
                ahead.extend(itertools.islice(asked, 1))
                yield found

    @_doubted
    def get(self, id: str) -> Article:
        """Return an article.

        Raises:
            ArticleError: There is none with this id.
        """
        return self._view.article(id)

    @_doubted
    def published(self, id: str) -> tuple[str | None, str | None]:
        """Return when an article was published, ISO 8601, and where that is stated or what it is inferred from.

        Both are None if nobody knows. `get` returns the article as it is, with a date that is stated alone.

        Raises:
            ArticleError: There is none with this id.
        """
        view = self._view
        article = view.article(id)
        stated = article.iso_date, article.date_source
        return view.dating.published(view.number(id), *stated) if view.dating else stated

    @_doubted
    def resolve(self, name: str) -> str:
        """Return the id of an article.

        Args:
            name: The id, or the path of its file, or the end of that or the beginning of the file's name, if it fits no
                other.

        Raises:
            ArticleError: There is none, or there are several.
        """
        view = self._view
        return view.opened()[1].id(view.named(name))

    @_doubted
    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._view.find(key) is not None

    def __len__(self) -> int:
        return self._view.n_docs

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Article]:
        """Yield all articles of the snapshot."""
        return self._view.articles()

    def settings(self, *, unusual: bool = False) -> dict[str, float | str]:
        """Return the settings of the index: the language, and what ranking can be told.

        Args:
            unusual: Only those that a new index would not have.
        """
        return self._view.settings(unusual=unusual)

    @_doubted
    def stats(self) -> "Stats":
        """Return what the index holds."""
        from search.engine.stats import stats  # a search needs none of it

        view = self._view
        return stats(*view.opened(), view.settings())

    def check(self, progress: Callable[[int, int], None] | None = None) -> builtins.list[str]:
        """Verify every byte and every invariant of the index; return what is broken, a line each.

        Args:
            progress: Called with (articles checked, articles).
        """
        return self._view.problems(progress)

    # Writing

    def writer(self) -> "Writer":
        """Return a transaction to use in a `with` statement: leaving it commits, leaving it by an exception does not.

        Raises:
            LockedError: Another writer holds the index.
        """
        from search.writing import Writer  # a search needs none of it

        return Writer(self._view, self._refreshed)

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
        tell: Callable[[str], None] | None = None,
    ) -> "Added":
        """Add articles in one durable commit; one whose id is known replaces the old one, unless it is the same.

        Args:
            articles: May be without end to its memory, such as `search.read(paths)`.
            progress: Called after each with what was done: `added`, `updated`, `repeated` (updated, and the old one
                came in the same call), `unchanged` or `refused`.
            refuse: Called with an article whose id belongs to one of another path, and that path; the old one stays.
                Without it, the old one is replaced.
            prune: Files and folders; articles that came from under them, and came no more now, are removed.
            language: Of a new index, a Snowball name; `english` by default.
            jobs: Processes that tokenize, if there are articles enough to be worth starting them.
            memory: Bytes that indexing may take, about; by default 512 MB.
            settings: Of ranking, to be changed by the same commit, as `set` does.
            tell: Called with what is being done when all articles have come: such as `looking for copies`.

        Raises:
            LockedError: Another writer holds the index.
            ArticleError: An article cannot be stored; nothing is changed.
        """
        if isinstance(articles, Article):
            raise TypeError("articles are several articles, not one: add([article])")
        from search.writing import Added, Writer, checked

        done = dict.fromkeys(("added", "updated", "unchanged", "refused"), 0)
        seen: set[str] = set()
        came: set[str] = set()
        told = checked(settings or {})
        with Writer(self._view, self._refreshed, language, memory) as writer:
            writer.settings.update(told)
            writer.tell = tell
            for article, outcome in writer.put_all(articles, refuse, jobs):
                done["updated" if outcome == "repeated" else outcome] += 1
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
        if isinstance(ids, str):
            raise TypeError(f"ids are several ids, not one id: delete([{ids!r}])")
        self._view.opened()
        with self.writer() as writer:
            for article_id in dict.fromkeys(ids):
                writer.delete(article_id)

    def set(self, **settings: float) -> None:
        """Change settings of ranking, in one commit; nothing is indexed again.

        Raises:
            QueryError: There is no such setting, or the value is impossible.
        """
        from search.writing import checked

        told = checked(settings)
        with self.writer() as writer:
            writer.settings.update(told)

    def under(self, **settings: float) -> "Index":
        """Return the index as it would rank under other settings, to compare them; for reading alone.

        Raises:
            QueryError: There is no such setting, or the value is impossible.
        """
        from search.writing import checked

        view = self._view
        return Index(view.folder, verify=view.verify, trial=checked(settings))

    def compact(self, progress: Callable[[str], None] | None = None) -> None:
        """Merge everything into one segment, without what was deleted."""
        self._view.opened()
        with self.writer() as writer:
            writer.compact = True
            writer.tell = progress

    def backup(self, target: str | os.PathLike[str]) -> None:
        """Make a copy of the index in another folder: links to the same files where possible. A writer may go on.

        Raises:
            StorageError: The folder is not empty, or the file system refuses.
            CorruptionError: The index is damaged.
        """
        view = self._view
        from search.engine.backup import backup  # a search needs none of it

        backup(view.folder, *view.opened(), view.folder.beside(target))

    def whoosh_reader(self) -> "Reader":
        """Return the index as Whoosh's `IndexReader`, for `whoosh.searching.Searcher` and all that works on it.

        It reads the commit that the index shows now, until the index is closed.

        Raises:
            IndexMissingError: There is no index at the location.
        """
        from search.bridge.reader import Reader  # a search needs none of it

        view = self._view
        commit, snapshot = view.opened()
        return Reader(snapshot, view.analyzer(), commit.generation)

    def close(self) -> None:
        """Let go of the files: reading is an error until `refresh`. Results that are kept can be asked on."""
        self._view = self._view.closed()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
