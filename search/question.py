"""A query with its filters, put to an index: what fits, in which order, and how it is shown."""

import datetime
import re
import time
import zlib
from collections.abc import Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypedDict

from search.engine.docsets import Docs, without
from search.engine.explaining import Explainer
from search.engine.matching import Matcher
from search.engine.nearness import best, statistics
from search.engine.scoring import Scorer, adding
from search.engine.top import Ranked
from search.engine.vocabulary import further_fields
from search.errors import QueryError
from search.model import Help, Hit, Miss, Results, Standing, Suggestion, Timeline
from search.present.hits import Presenter
from search.query import Query, names, parse, tree
from search.query.analyse import analyse, is_function_word, times
from search.query.clauses import All, Clause, Everything, asks_when
from search.view import View

if TYPE_CHECKING:
    from search.engine.cursors import Cursor
    from search.engine.orders import Order
    from search.engine.values import Values
    from search.engine.variants import Variants
    from search.present.helping import Helper

FEW = 3  # articles; where fewer are found, help is offered
LONG = 16  # words; in a longer query that finds enough, one that stands nowhere matters little
TENTH = 10  # as many as are shown if nobody says how many
_TIMELESS = re.compile(r"[^:\[{]*")
MOST_SPELLED = 5  # words whose other spellings are noted
SORTS = ("relevance", "newest", "oldest", "title", "source", "length")


class Filters(TypedDict, total=False):
    """What narrows a query and says how it is read: as of `Index.search`."""

    since: str | datetime.date | None
    until: str | datetime.date | None
    all: bool
    variants: bool
    stated_dates_only: bool
    now: str | datetime.datetime | None


class Question:
    """What is asked for, and the part of the index that is asked.

    Args:
        view: Of the index; what is asked is asked of the commit that it is at now.
        query, since, until, all, now, variants, stated_dates_only, after: As of `Index.search`.
        read: What the query says, if it is not to be read.
        left_out: Articles that are not to be found.

    Raises:
        IndexMissingError: There is no index.
        QueryError: A filter is impossible, or the cursor is damaged.
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
        variants: bool = True,
        stated_dates_only: bool = False,
        after: str | None = None,
        read: Query | None = None,
        left_out: Collection[int] = (),
    ) -> None:
        self._began = time.perf_counter()
        self.view = view
        self.text = self.typed = query
        _, self.snapshot = view.opened()
        self._after: Cursor | None = None
        if after is not None:
            from search.engine.cursors import decode  # a first page needs none of it

            self._after = decode(after)
            now = self._after.now or now
        self.clock = clock(now)
        self.analyzer = view.analyzer()
        self._all, self._variants, self._stated_dates_only, self._cursor_given = all, variants, stated_dates_only, after
        self._left_out = frozenset(left_out)
        self._is_given = read is not None
        self.read = read or parse(query, all=all, now=self.clock, further=self._further(query))
        self.notes = list(self.read.notes)
        self._n_spelled = 0  # words that are looked for as others spell them, too
        self.clause = self.meant = self._meaning(self.read.tree)
        self._since, self._until = since, until
        self._period = None if since is None and until is None else times(since, until, self.clock)
        self._is_filter = self._period is not None and not query.strip() and not self._is_given
        if self._is_filter:
            self.clause = Everything()
            self.notes.clear()
        if self._period is not None:
            self.clause = All((self.clause, self._period))
        self.dating = None if stated_dates_only else view.dating()
        if self.dating and asks_when(self.clause):
            self.snapshot = self.dating.snapshot
        self.matcher = Matcher(self.snapshot, self.analyzer)

    def _meaning(self, node: tree.Node) -> Clause:
        """Return what a query means, in all spellings of its words if it is asked for."""
        meant = analyse(node, self.analyzer)
        if self._variants and not self._is_given and (stories := self.view.stories()) and stories.variants:
            from search.query.variants import spread  # an index without copies needs none of it

            meant = spread(meant, partial(self._others, stories.variants))
        return meant

    def _further(self, query: str) -> frozenset[str]:
        """Return the names in a query by which articles have further fields."""
        found = names(query)
        return further_fields(self.snapshot, found) if found else found

    def _others(self, variants: "Variants", term: str) -> Sequence[str]:
        """Return the terms of other spellings of a term, and note them."""
        others = variants.others(term)
        if not others:
            return ()
        parts = self.snapshot.parts
        keys = [(other, form, other.encode("utf-8", "surrogatepass")) for other, form in others]
        found = [(other, form) for other, form, key in keys if any(part.segment.find(key) for part in parts)]
        tokens = self.analyzer.words(self.text)
        typed = next((self.text[token.start : token.end] for token in tokens if token.term == term), term)
        if not found or is_function_word(typed, self.analyzer.language):
            return ()
        forms = ", ".join(form for _, form in found)
        self._n_spelled += 1
        if self._n_spelled <= MOST_SPELLED:
            self.notes.append(f"{typed} is also looked for as {forms}; ={typed} finds it as it is written.")
        elif self._n_spelled == MOST_SPELLED + 1:
            self.notes.append("More words are looked for in other spellings; --no-variants finds them as written.")
        return [other for other, _ in found]

    @property
    def has_period(self) -> bool:
        """Whether articles of some days alone are asked for."""
        return self._period is not None

    @property
    def said(self) -> tuple[str, str, list[str]]:
        """The query as typed and as read, and notes on it."""
        return self.text, self.read.reading, self.notes

    def best(self, k: int, recency: str | datetime.timedelta | None = None) -> Ranked:
        """Return the best `k` articles, whatever story they are of; a note says if there are more."""
        half_life = None if recency is None else _half_life(recency)
        ranked = best(self.clause, Scorer(self.matcher), self.matcher, k, half_life, self.clock.timestamp())
        n = len(self.docs()) if len(ranked) == k else 0
        if n > k:
            self.notes.append(f"Only the best {k} of {n} articles were looked at.")
        return ranked

    def docs(self) -> Docs:
        """Return all articles that fit, in ascending order."""
        with self.view.doubting():
            docs = self.matcher.docs(self.clause)
        return without(docs, self._left_out) if self._left_out else docs

    def misses(self, article: str) -> list[Miss]:
        """Return the clauses that an article does not fit, and what came nearest; none if it is found.

        Args:
            article: As of `View.named`.

        Raises:
            ArticleError: There is none with this id or path.
        """
        from search.present.missing import Critic  # a search needs none of it

        critic = Critic(self.analyzer, self.matcher, self.view.named(article))
        found = critic.misses(self.read.tree, self.meant) if self.text.strip() else []
        if self._period:
            found += [Miss(self._bounds(), miss.reason) for miss in critic.misses(tree.Every(), self._period)]
        return found

    def _bounds(self) -> str:
        """Return the period as it was asked for."""
        bounds = (("since", self._since), ("until", self._until))
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
            if self._is_filter or self._is_given or (found >= FEW and not unknown):
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
            *(self.matcher, self.analyzer, self.text, self.clause),
            lambda text: parse(text, all=self._all, now=self.clock, further=self._further(text)),
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
            variants=self._variants,
            stated_dates_only=self._stated_dates_only,
            after=self._cursor_given,
        )
        fixed.typed, fixed._began = self.typed, self._began
        fixed.notes.insert(0, f"Searched for {suggested[0].query} in place of {self.text}.")
        return fixed

    def results(
        self,
        *,
        limit: int,
        offset: int,
        passages: int,
        sort: str,
        recency: str | datetime.timedelta | None,
        group: bool,
        expand: bool = False,
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
        if sort != "relevance":
            ignored = [name for name, given in (("recency", recency is not None), ("expand", expand)) if given]
            self.notes += [f"Ignored {name}: the order is {sort}, not relevance." for name in ignored]
        if sort != "relevance" or recency is not None:
            self._infer_dates()
        node, meant, clause = self.read.tree, self.meant, self.clause
        if expand and sort == "relevance" and not self._is_filter:
            node = self._expanded()
            meant = self._meaning(node)
            clause = meant if self._period is None else All((meant, self._period))
        half_life = None if recency is None else _half_life(recency)
        matcher = self._ranked_by(sort, half_life, group=group)
        scorer = Scorer(matcher)
        stories = self.view.stories()
        order = self._order(sort) if sort != "relevance" else None

        def every(k: int) -> Ranked:
            if order:
                return scorer.listed(clause, order.first(matcher.docs(clause), k))
            return best(clause, scorer, matcher, k, half_life, self.clock.timestamp())

        left_out = self._left_out

        def first(k: int) -> Ranked:
            found = every(k + len(left_out))
            return [each for each in found if each[0] not in left_out][:k] if left_out else found

        def told(k: int) -> Ranked:
            return stories.best(first, k) if stories and group else first(k)

        ranked: Ranked = []
        if limit and self._after:
            ranked = self._after.behind(told, offset + limit, self._order(sort).position)
        elif limit:
            ranked = told(offset + limit)
        explainer = Explainer(
            matcher.snapshot,
            self.analyzer,
            *(node, meant, clause),
            by_relevance=sort == "relevance",
            half_life=half_life,
            now=self.clock.timestamp(),
        )
        typed = "" if self._is_given else self.text
        shown = ranked[offset:]
        hits: tuple[Hit, ...] = ()
        if shown:
            sought = self.clause
            if self._n_spelled:
                from search.query.variants import alike

                sought = alike(sought)
            told_by = (self.analyzer, sought, matcher, passages, typed, stories, explainer)
            hits = tuple(Presenter(*told_by, dating=self.dating, distinct=group).hits(shown))
        took_ms = (time.perf_counter() - self._began) * 1000
        notes = tuple(dict.fromkeys((*self.notes, *matcher.notes)))

        def count_stories() -> int:
            docs = self.docs()
            return stories.count(docs) if stories else len(docs)

        def cursor() -> str | None:
            """Return the cursor behind the last hit; None if there was no room for more, or more room than hits."""
            if not shown or len(shown) < limit or self._is_given or expand:
                return None
            with self.view.doubting():
                asked = self._number(sort, half_life, group=group)
                return self._cursor(asked, sort, shown[-1], offset + len(shown), scorer, half_life)

        return Results(
            *(self.typed, self.read.reading, notes, hits, lambda: len(self.docs()), count_stories, took_ms),
            help=self.help,
            facet=self.facet,
            cursor=cursor,
        )

    def _infer_dates(self) -> None:
        """Let inferred dates count, too, unless only stated ones may."""
        if self.dating and self.snapshot is not self.dating.snapshot:
            self.snapshot = self.dating.snapshot
            self.matcher = Matcher(self.snapshot, self.analyzer)

    def facet(self, field: str) -> dict[str, int]:
        """Return how many of all articles that fit have each value of a field, the most first."""
        from search.engine.facets import PERIODS, facet  # a search needs none of it

        with self.view.doubting():
            docs = self.docs()
            snapshot = self.dating.snapshot if self.dating and field in PERIODS else self.snapshot
            return facet(snapshot, self._values, field, docs)

    def timeline(self, unit: str | None) -> Timeline:
        """Return when the articles that fit were published; `unit` is that of `Index.timeline`."""
        from search.present.timeline import timeline  # a search needs none of it

        self._infer_dates()
        told = (self.text, self.read.reading, self.notes, unit)
        return timeline(*told, self.docs(), self.clause, self.matcher, self.analyzer, self.view.stories())

    def _values(self) -> "Values":
        return self.view.values(self.snapshot)

    def _order(self, sort: str) -> "Order":
        from search.engine.orders import Order  # a search by relevance needs none of it

        return Order(sort, self.snapshot, self._values)

    def _number(self, sort: str, half_life: float | None, *, group: bool) -> int:
        """Return a number that no other question is likely to have, nor this one under other settings of ranking."""
        settings = self.snapshot.ranking if sort == "relevance" else None
        options = (sort, half_life, group, self._variants, self._stated_dates_only)
        told = (self.read.reading, self._is_filter, self._period, *options, settings)
        return zlib.crc32(repr(told).encode("utf-8", "surrogatepass"))

    def _ranked_by(self, sort: str, half_life: float | None, *, group: bool) -> Matcher:
        """Return what ranks articles: those of a page after a cursor by the statistics of the first page."""
        if self._after:
            from search.engine.orders import BY_TEXT

            self._after.expect(self._number(sort, half_life, group=group), by_text=sort in BY_TEXT)
            if fixed := self._after.statistics(adding(self.clause)):
                return Matcher(self.snapshot.as_of(fixed), self.analyzer)
        return self.matcher

    def _cursor(
        self, asked: int, sort: str, hit: tuple[int, float], n: int, scorer: Scorer, half_life: float | None
    ) -> str:
        """Return the cursor behind a hit, the `n`th of the page or of those after the cursor."""
        from search.engine.cursors import Cursor, encode

        n += self._after.n_before if self._after else 0
        # Where nothing depends on the time, the cursor does not either; a date in a query needs one of the signs.
        is_timed = self._period is not None or half_life is not None or not _TIMELESS.fullmatch(self.text)
        now = self.clock.isoformat() if is_timed else ""
        found = Cursor(asked, now, n, self._order(sort).position(*hit))
        if sort == "relevance":
            fixed = statistics(self.clause, scorer, half_life, self.clock.timestamp())
            found = found.ranked_by(fixed, adding(self.clause))
        return encode(found)

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
