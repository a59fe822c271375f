"""A query with its filters, put to an index: what fits, in which order, and how it is shown."""

import datetime
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from search.engine import record
from search.engine.docsets import Docs
from search.engine.explaining import Explainer
from search.engine.matching import Matcher
from search.engine.nearness import best
from search.engine.scoring import Scorer
from search.engine.top import Ranked, by_date
from search.errors import ArticleError, QueryError
from search.model import Help, Miss, Results, Standing, Suggestion
from search.present.hits import Presenter
from search.query import parse, tree
from search.query.analyse import analyse, times
from search.query.clauses import All, Everything
from search.view import View

if TYPE_CHECKING:
    from search.present.helping import Helper

FEW = 3  # articles; where fewer are found, help is offered
LONG = 16  # words; in a longer query that finds enough, one that stands nowhere matters little
TENTH = 10  # as many as are shown if nobody says how many
SORTS = ("relevance", "newest", "oldest")


class Question:
    """What is asked for, and the part of the index that is asked.

    Args:
        view: Of the index; what is asked is asked of the commit that it is at now.
        query, since, until, all, now: As of `Index.search`.

    Raises:
        IndexMissingError: There is no index.
        QueryError: A filter is impossible.
    """

    def __init__(
        self,
        view: View,
        query: str,
        *,
        since: str | datetime.date | None = None,
        until: str | datetime.date | None = None,
        all: bool = False,  # noqa: A002  # the word of the command line
        now: str | datetime.datetime | None = None,
    ) -> None:
        self._began = time.perf_counter()
        self.view = view
        self.text = self.typed = query
        _, self.snapshot = view.opened()
        self.clock = clock(now)
        self.analyzer = view.analyzer()
        self._all = all
        self.read = parse(query, all=all, now=self.clock)
        self.notes = list(self.read.notes)
        self.clause = self.meant = analyse(self.read.tree, self.analyzer)
        self._since, self._until = since, until
        self._period = None if since is None and until is None else times(since, until, self.clock)
        self._is_filter = self._period is not None and not query.strip()
        if self._is_filter:
            self.clause = Everything()
            self.notes.clear()
        if self._period is not None:
            self.clause = All((self.clause, self._period))
        self.matcher = Matcher(self.snapshot, self.analyzer)

    def docs(self) -> Docs:
        """Return all articles that fit, in ascending order."""
        with self.view.doubting():
            return self.matcher.docs(self.clause)

    def misses(self, article: str) -> list[Miss]:
        """Return the clauses that an article does not fit, and what came nearest; none if it is found.

        Args:
            article: Its id, or the path of its file.

        Raises:
            ArticleError: There is none with this id or path.
        """
        from search.present.missing import Critic  # a search needs none of it

        critic = Critic(self.analyzer, self.matcher, self._doc(article))
        found = critic.misses(self.read.tree, self.meant) if self.text.strip() else []
        if self._period:
            found += [Miss(self._bounds(), miss.reason) for miss in critic.misses(tree.Every(), self._period)]
        return found

    def _bounds(self) -> str:
        """Return the period as it was asked for."""
        bounds = (("since", self._since), ("until", self._until))
        return " ".join(f"{name} {value}" for name, value in bounds if value)

    def _doc(self, article: str) -> int:
        """Return the number of an article by its id, its path, or the end of its path if no other ends so."""
        snapshot = self.snapshot
        doc = snapshot.find(article)
        if doc is not None:
            return doc
        ending: dict[int, str] = {}
        for doc in snapshot:
            stored = record.decode(snapshot.record(doc))
            if stored.path == article:
                return doc
            if article and (stored.path or "").endswith(article):
                ending[doc] = stored.id
        if len(ending) == 1:
            return next(iter(ending))
        if ending:
            some = ", ".join(sorted(ending.values())[:3])
            raise ArticleError(f"{len(ending)} articles have a path that ends in {article!r}; name one, such as {some}")
        raise ArticleError(f"no article has the id or path {article!r}; list them with: search export")

    def standing(self, article: str, *, recency: str | datetime.timedelta | None = None) -> Standing | None:
        """Return where an article stands among those that fit; None if it does not.

        Args:
            article: As of `misses`.
            recency: As of `Index.search`.

        Raises:
            ArticleError: There is none with this id or path.
        """
        doc = self._doc(article)
        ranked = self._best(None if recency is None else _half_life(recency))(len(self.docs()))
        at = next((at for at, (other, _) in enumerate(ranked) if other == doc), None)
        if at is None:
            return None
        stories = self.view.stories()
        story = set(stories.story(doc)) if stories else {doc}
        shown = next(other for other, _ in ranked if other in story)
        tenth = ranked[TENTH - 1][1] if len(ranked) >= TENTH else None
        under = None if shown == doc else self.snapshot.id(shown)
        return Standing(at + 1, len(ranked), ranked[at][1], tenth, under)

    def help(self) -> Help:
        """Return what helps, if few articles fit or a word stands nowhere; counted clauses, if none fits."""
        with self.view.doubting():
            found = len(self.docs())
            known = self.matcher.frequency
            unknown = len(known) <= LONG and any(not n for n, _ in known.values())
            if self._is_filter or (found >= FEW and not unknown):
                return Help()
            helper = self._helper()
            return Help(helper.suggestions(), () if found else helper.clauses())

    def suggestions(self) -> tuple[Suggestion, ...]:
        """Return the query with words replaced, however much it finds."""
        return self._helper().suggestions()

    def _helper(self) -> "Helper":
        from search.present.helping import Helper  # a search that finds enough needs none of it

        period = (self._period, self._bounds()) if self._period else None
        return Helper(
            *(self.matcher, self.analyzer, self.text),
            lambda text: parse(text, all=self._all, now=self.clock),
            period,
        )

    def fixed(self) -> "Question":
        """Return the first suggestion in place of the question, if there is one."""
        suggested = self.help().suggestions
        if not suggested:
            return self
        fixed = Question(
            *(self.view, suggested[0].query),
            since=self._since,
            until=self._until,
            all=self._all,
            now=self.clock,
        )
        fixed.typed, fixed._began = self.typed, self._began
        fixed.notes.insert(0, f"Searched for {suggested[0].query} in place of {self.text}.")
        return fixed

    def _best(self, half_life: float | None) -> Callable[[int], Ranked]:
        """Return what returns the best articles, as many as it is asked for."""
        scorer = Scorer(self.matcher)
        return lambda k: best(self.clause, scorer, self.matcher, k, half_life, self.clock.timestamp())

    def results(
        self,
        *,
        limit: int,
        offset: int,
        passages: int,
        sort: str,
        recency: str | datetime.timedelta | None,
        group: bool,
    ) -> Results:
        """Return some of them in order, to be shown; the arguments are those of `Index.search`."""
        if limit < 0 or offset < 0 or passages < 1:
            raise QueryError(
                f"limit {limit}, offset {offset}, passages {passages}: give numbers from 0, passages from 1"
            )
        if sort not in SORTS:
            raise QueryError(f"sort {sort!r}: use one of {', '.join(SORTS)}")
        if self._is_filter and sort == "relevance":
            sort = "newest"
        snapshot, clause, matcher = self.snapshot, self.clause, self.matcher
        half_life = None if recency is None else _half_life(recency)
        stories = self.view.stories()

        def by_time(k: int) -> Ranked:
            docs = by_date(snapshot, matcher.docs(clause), k, newest=sort == "newest")
            return Scorer(matcher).listed(clause, docs)

        first = self._best(half_life) if sort == "relevance" else by_time
        ranked: Ranked = []
        if limit:
            ranked = stories.best(first, offset + limit) if stories and group else first(offset + limit)
        explainer = Explainer(
            snapshot,
            self.analyzer,
            *(self.read.tree, self.meant, clause),
            by_relevance=sort == "relevance",
            half_life=half_life,
            now=self.clock.timestamp(),
        )
        presenter = Presenter(
            *(self.analyzer, clause, matcher, passages, self.text, stories, explainer), distinct=group
        )
        hits = tuple(presenter.hits(ranked[offset:]))
        took_ms = (time.perf_counter() - self._began) * 1000
        notes = (*self.notes, *dict.fromkeys(matcher.notes))

        def count_stories() -> int:
            docs = self.docs()
            return stories.count(docs) if stories else len(docs)

        return Results(
            *(self.typed, self.read.reading, notes, hits, lambda: len(self.docs()), count_stories, took_ms, self.help)
        )


def clock(now: str | datetime.datetime | None) -> datetime.datetime:
    """Return the time that relative dates count from; by default the clock's.

    Raises:
        QueryError: The text is no time.
    """
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
