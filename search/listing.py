"""What fits a question in an order, a page at a time."""

import re
import time
import zlib
from functools import cached_property
from typing import TYPE_CHECKING

from search.engine.explaining import Explainer
from search.engine.matching import Matcher
from search.engine.nearness import best, statistics
from search.engine.scoring import Scorer, adding
from search.engine.top import Ranked
from search.errors import QueryError
from search.model import Results
from search.present.hits import Presenter
from search.query import tree
from search.question import Question, half_life

if TYPE_CHECKING:
    import datetime

    from search.engine.cursors import Cursor
    from search.engine.orders import Order

SORTS = ("relevance", "newest", "oldest", "title", "source", "length")
REMEMBERED = 100  # hits before a page, whose sentences are not shown again

_TIMELESS = re.compile(r"[^:\[{]*")


class Listing:
    """The articles that fit a question, in an order.

    Args:
        asked: The question.
        sort, recency, group, expand: As of `Index.search`.
        after: Where the page before ended, if not at the beginning.

    Raises:
        QueryError: An option is impossible, or the cursor is of another question.
    """

    def __init__(
        self,
        asked: Question,
        *,
        sort: str,
        recency: "str | datetime.timedelta | None",
        group: bool,
        expand: bool = False,
        after: "Cursor | None" = None,
    ) -> None:
        if sort not in SORTS:
            raise QueryError(f"sort {sort!r}: use one of {', '.join(SORTS)}")
        if asked.is_filter and sort == "relevance":
            sort = "newest"
        if sort != "relevance":
            ignored = [name for name, given in (("recency", recency is not None), ("expand", expand)) if given]
            asked.notes += [f"Ignored {name}: the order is {sort}, not relevance." for name in ignored]
        if sort != "relevance" or recency is not None:
            asked.infer_dates()
        self._asked, self._sort, self._group, self._after = asked, sort, group, after
        self._half_life = half_life(recency)
        self._now = asked.clock.timestamp() if self._half_life else 0.0
        self._is_expanded = expand and sort == "relevance"
        self._node, self._meant, self._clause = asked.read.tree, asked.meant, asked.clause
        if self._is_expanded and after:
            raise QueryError("a cursor goes on with the words of the query alone: leave expand out, or use offset")
        if self._is_expanded:
            self._node = self._expanded()
            self._meant = asked.meaning(self._node)
            self._clause = asked.within_period(self._meant)
        self._matcher = self._ranked_by(after) if after else asked.matcher
        self._scorer = Scorer(self._matcher)
        self._stories = asked.stories

    def results(self, *, limit: int, offset: int, passages: int) -> Results:
        """Return some hits, in order; the arguments are those of `Index.search`.

        Raises:
            QueryError: One is impossible.
        """
        if not all(isinstance(n, int) for n in (limit, offset, passages)) or min(limit, offset, passages - 1) < 0:
            raise QueryError(
                f"limit {limit}, offset {offset}, passages {passages}: give whole numbers from 0, passages from 1"
            )
        asked = self._asked
        ranked: Ranked = []
        if limit and self._after:
            ranked = self._after.behind(self._first, offset + limit, self._order.position)
        elif limit:
            ranked = self._first(offset + limit)
        shown = ranked[offset:]
        before = ranked[max(0, offset - REMEMBERED) : offset] if self._group and shown else []
        hits = self._presenter(passages).hits(before + shown)[len(before) :] if shown else ()

        def cursor() -> str | None:
            """Return the cursor behind the last hit; None if there was no room for more, or more room than hits."""
            if not shown or len(shown) < limit or asked.is_given or self._is_expanded:
                return None
            with asked.view.doubting():
                return self._cursor(shown[-1], offset + len(shown))

        return Results(
            query=asked.typed,
            reading=asked.read.reading,
            notes=tuple(dict.fromkeys((*asked.notes, *self._matcher.notes))),
            hits=tuple(hits),
            count=lambda: len(asked.docs()),
            count_stories=self._count_stories,
            took_ms=(time.perf_counter() - asked.began) * 1000,
            help=asked.help,
            facet=asked.facet,
            cursor=cursor,
        )

    def _first(self, k: int) -> Ranked:
        """Return the first `k` hits: articles, or the best of each story."""
        k = min(k, self._asked.snapshot.n_all)
        return self._stories.best(self._articles, k) if self._stories and self._group else self._articles(k)

    def _articles(self, k: int) -> Ranked:
        """Return the first `k` articles, without those that are left out."""
        left_out = self._asked.left_out
        if self._sort == "relevance":
            n = k + len(left_out)
            ranked = best(self._clause, self._scorer, self._matcher, n, self._half_life, self._now)
        else:
            docs = self._order.first(self._matcher.docs(self._clause), k + len(left_out))
            ranked = self._scorer.listed(self._clause, docs)
        return [each for each in ranked if each[0] not in left_out][:k] if left_out else ranked

    @cached_property
    def _order(self) -> "Order":
        from search.engine.orders import Order  # a first page by relevance needs none of it

        view, snapshot = self._asked.view, self._asked.snapshot
        return Order(self._sort, snapshot, lambda: view.values)

    def _presenter(self, passages: int) -> Presenter:
        asked = self._asked
        explainer = Explainer(
            *(self._matcher.snapshot, asked.analyzer, self._node, self._meant, self._clause),
            by_relevance=self._sort == "relevance",
            half_life=self._half_life,
            now=self._now,
        )
        typed = "" if asked.is_given else asked.text
        shown = (asked.analyzer, asked.sought, self._matcher, passages, typed, self._stories, explainer)
        return Presenter(*shown, doubting=asked.view.doubting, dating=asked.dating, distinct=self._group)

    def _count_stories(self) -> int:
        docs = self._asked.docs()
        with self._asked.view.doubting():
            return self._stories.count(docs) if self._stories else len(docs)

    def _ranked_by(self, after: "Cursor") -> Matcher:
        """Return what ranks the articles of a page after a cursor: by the statistics of the first page."""
        from search.engine.orders import BY_TEXT

        asked = self._asked
        after.expect(self._number(), by_text=self._sort in BY_TEXT)
        fixed = after.statistics(adding(asked.clause))
        return Matcher(asked.snapshot.as_of(fixed), asked.analyzer) if fixed else asked.matcher

    def _cursor(self, hit: tuple[int, float], n: int) -> str:
        """Return the cursor behind a hit, the `n`th of the page or of those after the cursor."""
        from search.engine.cursors import Cursor, encode

        asked = self._asked
        n += self._after.n_before if self._after else 0
        # Where nothing depends on the time, the cursor does not either; a date in a query needs one of the signs.
        is_timed = asked.period is not None or self._half_life is not None or not _TIMELESS.fullmatch(asked.text)
        now = asked.clock.isoformat() if is_timed else ""
        found = Cursor(self._number(), now, n, self._order.position(*hit))
        if self._sort == "relevance":
            fixed = statistics(asked.clause, self._scorer, self._half_life, self._now)
            found = found.ranked_by(fixed, adding(asked.clause))
        return encode(found)

    def _number(self) -> int:
        """Return a number that no other listing is likely to have, nor this one under other settings of ranking."""
        asked, filters = self._asked, self._asked.filters
        settings = asked.snapshot.ranking if self._sort == "relevance" else None
        read = (filters.get("variants", True), filters.get("stated_dates_only", False))
        options = (self._sort, self._half_life, self._group, *read)
        told = (asked.read.reading, asked.is_filter, asked.period, *options, settings)
        return zlib.crc32(repr(told).encode("utf-8", "surrogatepass"))

    def _expanded(self) -> tree.Node:
        """Return the query with words of the articles that fit it best; a note says which."""
        from search.engine.feedback import FEEDBACK, expanded, more_words  # few ask for it

        asked = self._asked
        ranked = asked.best(FEEDBACK)
        words = more_words(asked.clause, asked.matcher, asked.analyzer, ranked)
        if words:
            added = ", ".join(f"{form}^{factor:g}" for form, factor in words)
            asked.notes.append(f"Added to the scores, from the best {len(ranked)} articles: {added}.")
        return expanded(asked.read.tree, words)
