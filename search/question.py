"""A query with its filters, put to an index: what it means there, and what fits."""

import datetime
import re
import time
from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING, TypedDict, Unpack

from search.engine.docsets import Docs, without
from search.engine.matching import Matcher
from search.engine.nearness import best
from search.engine.scoring import Scorer
from search.engine.top import Ranked
from search.engine.vocabulary import further_fields
from search.errors import QueryError
from search.model import Help, Miss, Standing, Suggestion
from search.query import Query, names, parse, tree
from search.query.analyse import analyse, times
from search.query.clauses import All, Clause, Everything, asks_when
from search.view import View

if TYPE_CHECKING:
    from search.present.helping import Helper
    from search.reports import Timeline
    from search.wording import Wording

FEW = 3  # articles; where fewer are found, help is offered
LONG = 16  # words; in a longer query that finds enough, one that stands nowhere matters little
TENTH = 10  # as many as are shown if nobody says how many

_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(h(?:ours?)?|d(?:ays?)?|w(?:eeks?)?|m(?:onths?)?|y(?:ears?)?)", re.ASCII)


class DateFilters(TypedDict, total=False):
    """What narrows a query by date: as of `Index.search`."""

    since: str | datetime.date | None
    until: str | datetime.date | None
    stated_dates_only: bool
    now: str | datetime.datetime | None


class Filters(DateFilters, total=False):
    """What narrows a query and says how it is read: as of `Index.search`."""

    all: bool
    variants: bool


class Question:
    """What is asked for, and the part of the index that is asked.

    `text` is the query as it is asked, `typed` as it was typed; `read` what it says, `meant` what that means in this
    index, `clause` that with its period. `notes` tell what else is to be said.

    Args:
        view: Of the index; what is asked is asked of the commit that it is at.
        query: In the query language.
        read: What the query says, if it is not to be read.
        left_out: Articles that are not to be found.
        lists: Whether an empty query asks for all articles.
        filters: As of `Index.search`.

    Raises:
        IndexMissingError: There is no index.
        QueryError: A filter is impossible.
    """

    def __init__(
        self,
        view: View,
        query: str,
        *,
        read: Query | None = None,
        left_out: Collection[int] = (),
        lists: bool = False,
        **filters: Unpack[Filters],
    ) -> None:
        self.began = time.perf_counter()
        if not isinstance(query, str):
            raise QueryError(f"query {query!r}: give text")
        self.view = view
        self.text = self.typed = query
        self.filters = filters
        _, self.snapshot = view.opened()
        self.clock = clock(filters.get("now"))  # what relative dates and recency count from
        self.analyzer = view.analyzer()
        self.stories = view.stories
        self.left_out = frozenset(left_out)
        self.is_given = read is not None
        self.read = read or self._parsed(query)
        self.notes = list(self.read.notes)
        self.meant = self.meaning(self.read.tree)
        since, until = filters.get("since"), filters.get("until")
        self.period = None if since is None and until is None else times(since, until, self.clock)
        self.is_filter = (lists or self.period is not None) and not query.strip() and not self.is_given
        if self.is_filter:
            self.meant = Everything()
            self.notes.clear()
        if self.period and self.period.is_empty:
            self.notes.append(f"No day is in both: {self._bounds()}.")
        self.clause = self.within_period(self.meant)
        self.dating = None if filters.get("stated_dates_only") else view.dating
        if self.dating and asks_when(self.clause):
            self.snapshot = self.dating.snapshot
        self.matcher = Matcher(self.snapshot, self.analyzer)

    def _parsed(self, query: str) -> Query:
        """Return what a query says if it is read as this one is."""
        found = names(query)  # of fields that articles may have beside their own
        further = further_fields(self.snapshot, found) if found else found
        every = self.filters.get("all", False)
        return parse(query, all=every, now=self.clock, further=further)

    def meaning(self, node: tree.Node) -> Clause:
        """Return what a query means, in all spellings of its words if they are asked for; notes say which."""
        meant = analyse(node, self.analyzer)
        if self._wording is None:
            return meant
        spread = self._wording.spread(meant)
        self.notes += [note for note in self._wording.notes if note not in self.notes]
        return spread

    @cached_property
    def _wording(self) -> "Wording | None":
        """The words of the query; None if they are to be found as they are written."""
        return self._wording_of(self.text)

    def _wording_of(self, query: str) -> "Wording | None":
        if self.is_given or not self.filters.get("variants", True):
            return None
        if self.stories is None or not self.stories.variants:
            return None
        from search.wording import Wording  # an index without copies needs none of it

        return Wording(query, self.stories.variants, self.snapshot, self.analyzer)

    def within_period(self, clause: Clause) -> Clause:
        """Return a clause that asks for the days of the filters as well."""
        return clause if self.period is None else All((clause, self.period))

    @property
    def said(self) -> tuple[str, str, list[str]]:
        """The query as typed and as read, and notes on it."""
        return self.text, self.read.reading, self.notes

    @property
    def sought(self) -> Clause:
        """What fits and is shown, where no spelling counts for more than another."""
        if self._wording is None or not self._wording.notes:
            return self.clause
        from search.query.variants import alike

        return alike(self.clause)

    def docs(self) -> Docs:
        """Return all articles that fit, in ascending order."""
        with self.view.doubting():
            docs = self.matcher.docs(self.clause)
        return without(docs, self.left_out) if self.left_out else docs

    def best(self, k: int, recency: str | datetime.timedelta | None = None) -> Ranked:
        """Return the best `k` articles, whatever story they are of, those that are left out among them."""
        now = self.clock.timestamp()
        return best(self.clause, Scorer(self.matcher), self.matcher, k, half_life(recency), now)

    def looked_at(self, k: int) -> Ranked:
        """Return the best `k` articles; a note says if there are more."""
        ranked = self.best(k)
        n = len(self.docs()) if len(ranked) == k else 0
        if n > k:
            self.notes.append(f"Only the best {k} of {n} articles were looked at.")
        return ranked

    def infer_dates(self) -> None:
        """Let inferred dates count, too, unless only stated ones may."""
        if self.dating and self.snapshot is not self.dating.snapshot:
            self.snapshot = self.dating.snapshot
            self.matcher = Matcher(self.snapshot, self.analyzer)

    def misses(self, article: str) -> list[Miss]:
        """Return the clauses that an article does not fit, and what came nearest; none if it is found.

        Args:
            article: As of `View.named`.

        Raises:
            ArticleError: There is none with this id or path.
        """
        from search.present.missing import Critic  # a search needs none of it

        critic = Critic(self.analyzer, self.matcher, self.view.named(article), self.dating)
        found = critic.misses(self.read.tree, self.meant) if self.text.strip() else []
        if self.period:
            found += [Miss(self._bounds(), miss.reason) for miss in critic.misses(tree.Every(), self.period)]
        return found

    def _bounds(self) -> str:
        """Return the period as it was asked for."""
        bounds = (("since", self.filters.get("since")), ("until", self.filters.get("until")))
        return " ".join(f"{name} {value}" for name, value in bounds if value)

    def standing(self, article: str, *, recency: str | datetime.timedelta | None = None) -> Standing | None:
        """Return where an article stands among those that fit; None if it does not.

        Args:
            article: As of `misses`.
            recency: As of `Index.search`.

        Raises:
            ArticleError: There is none with this id or path.
        """
        doc = self.view.named(article)
        ranked = self.best(len(self.docs()), recency)
        at = next((at for at, (other, _) in enumerate(ranked) if other == doc), None)
        if at is None:
            return None
        story = set(self.stories.story(doc)) if self.stories else {doc}
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
            if self.is_filter or self.is_given or (found >= FEW and not unknown):
                return Help()
            helper = self._helper()
            return Help(helper.suggestions(), () if found else helper.clauses(), helper.unknown())

    def suggestions(self) -> tuple[Suggestion, ...]:
        """Return the query with words replaced, however much it finds."""
        return self._helper().suggestions()

    def _helper(self) -> "Helper":
        from search.present.helping import Helper  # a search that finds enough needs none of it

        period = (self.period, self._bounds()) if self.period else None
        return Helper(self.matcher, self.analyzer, self.text, self.clause, self._parsed, self._spread, period)

    def _spread(self, query: str, node: tree.Node) -> Clause:
        """Return what a part of a query means, in all spellings of its words if they are asked for."""
        meant, wording = analyse(node, self.analyzer), self._wording_of(query)
        return wording.spread(meant) if wording else meant

    def fixed(self) -> "Question":
        """Return the first suggestion in place of the question, if there is one."""
        suggested = self.help().suggestions
        if not suggested:
            return self
        filters: Filters = {**self.filters, "now": self.clock}
        fixed = Question(self.view, suggested[0].query, **filters)
        fixed.typed, fixed.began = self.typed, self.began
        fixed.notes.insert(0, f"Searched for {suggested[0].query} in place of {self.text}.")
        return fixed

    def facet(self, field: str) -> dict[str, int]:
        """Return how many of all articles that fit have each value of a field, the most first."""
        from search.engine.facets import PERIODS, facet  # a search needs none of it

        with self.view.doubting():
            docs = self.docs()
            snapshot = self.dating.snapshot if self.dating and field in PERIODS else self.snapshot
            return facet(snapshot, lambda: self.view.values, field, docs)

    def timeline(self, unit: str | None) -> "Timeline":
        """Return when the articles that fit were published; `unit` is that of `Index.timeline`."""
        from search.present.timeline import timeline  # a search needs none of it

        self.infer_dates()
        return timeline(*self.said, unit, self.docs(), self.clause, self.matcher, self.analyzer, self.stories)


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
    if not isinstance(now, datetime.datetime):
        raise QueryError(f"now {now!r} is no time; give a datetime")
    try:
        now.timestamp()
    except (ValueError, OverflowError) as error:  # in the first or last hours of the calendar
        raise QueryError(f"now {now.isoformat()} is beyond all clocks: give a time after year 1") from error
    return now


def half_life(recency: str | datetime.timedelta | None) -> float | None:
    """Return a half-life in seconds; None if there is none.

    Raises:
        QueryError: The text is no time, or it is not above 0.
    """
    if recency is None:
        return None
    if isinstance(recency, datetime.timedelta):
        seconds = recency.total_seconds()
    else:
        match = _TIME.fullmatch(str(recency).strip().lower())
        if not match:
            raise QueryError(f"recency {recency!r}: write a number and h, d, w, m (months) or y, such as 30d")
        hours = {"h": 1, "d": 24, "w": 168, "m": 730.5, "y": 8766}[match[2][0]]
        seconds = float(match[1]) * hours * 3600
    if seconds <= 0:
        raise QueryError(f"recency {recency!r}: give a time above 0")
    return seconds
