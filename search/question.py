"""A query with its filters, put to an index: what fits, in which order, and how it is shown."""

import datetime
import re
import time

from search.engine import record
from search.engine.docsets import Docs
from search.engine.explaining import Explainer
from search.engine.matching import Matcher
from search.engine.nearness import best
from search.engine.scoring import Scorer
from search.engine.top import Ranked, by_date
from search.errors import ArticleError, QueryError
from search.model import Miss, Results
from search.present.hits import Presenter
from search.query import parse, tree
from search.query.analyse import analyse, times
from search.query.clauses import All, Everything
from search.view import View

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
        self.text = query
        _, self.snapshot = view.opened()
        self.clock = clock(now)
        self.analyzer = view.analyzer()
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

    @property
    def said(self) -> tuple[str, str, list[str]]:
        """The query as typed and as read, and notes on it."""
        return self.text, self.read.reading, self.notes

    def best(self, k: int) -> Ranked:
        """Return the best `k` articles, whatever story they are of; a note says if there are more."""
        ranked = best(self.clause, Scorer(self.matcher), self.matcher, k)
        n = len(self.docs()) if len(ranked) == k else 0
        if n > k:
            self.notes.append(f"Only the best {k} of {n} articles were looked at.")
        return ranked

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

        snapshot = self.snapshot
        doc = snapshot.find(article)
        if doc is None:
            doc = next((doc for doc in snapshot if record.decode(snapshot.record(doc)).path == article), None)
        if doc is None:
            raise ArticleError(f"no article has the id or path {article!r}; list them with: search export")
        critic = Critic(self.analyzer, self.matcher, doc)
        found = critic.misses(self.read.tree, self.meant) if self.text.strip() else []
        if self._period:
            bounds = (("since", self._since), ("until", self._until))
            label = " ".join(f"{name} {value}" for name, value in bounds if value)
            found += [Miss(label, miss.reason) for miss in critic.misses(tree.Every(), self._period)]
        return found

    def results(
        self,
        *,
        limit: int,
        offset: int,
        passages: int,
        sort: str,
        recency: str | datetime.timedelta | None,
        group: bool,
        expand: bool,
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
        snapshot, matcher = self.snapshot, self.matcher
        node, meant, clause = self.read.tree, self.meant, self.clause
        if expand and sort == "relevance" and not self._is_filter:
            node = self._expanded()
            meant = analyse(node, self.analyzer)
            clause = meant if self._period is None else All((meant, self._period))
        scorer = Scorer(matcher)
        half_life = None if recency is None else _half_life(recency)
        stories = self.view.stories()

        def first(k: int) -> Ranked:
            if sort != "relevance":
                return scorer.listed(clause, by_date(snapshot, matcher.docs(clause), k, newest=sort == "newest"))
            return best(clause, scorer, matcher, k, half_life, self.clock.timestamp())

        ranked: Ranked = []
        if limit:
            ranked = stories.best(first, offset + limit) if stories and group else first(offset + limit)
        explainer = Explainer(
            snapshot,
            self.analyzer,
            *(node, meant, clause),
            by_relevance=sort == "relevance",
            half_life=half_life,
            now=self.clock.timestamp(),
        )
        presenter = Presenter(
            *(self.analyzer, self.clause, matcher, passages, self.text, stories, explainer), distinct=group
        )
        hits = tuple(presenter.hits(ranked[offset:]))
        took_ms = (time.perf_counter() - self._began) * 1000
        notes = (*self.notes, *dict.fromkeys(matcher.notes))

        def count_stories() -> int:
            docs = self.docs()
            return stories.count(docs) if stories else len(docs)

        return Results(*(self.text, self.read.reading, notes, hits, lambda: len(self.docs()), count_stories, took_ms))

    def _expanded(self) -> tree.Node:
        """Return the query with words of the articles that fit it best; a note says which."""
        from search.engine.feedback import FEEDBACK, expanded, more_words  # few ask for it

        ranked = best(self.clause, Scorer(self.matcher), self.matcher, FEEDBACK)
        words = more_words(self.clause, self.matcher, self.analyzer, ranked)
        if words:
            added = ", ".join(f"{form}^{factor:g}" for form, factor in words)
            self.notes.append(f"Added to the scores, from the best {len(ranked)} articles: {added}.")
        return expanded(self.read.tree, words)


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
