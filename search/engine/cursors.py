"""A cursor: where a page ended, and by what it was ranked, as text that goes into an address.

The page after a cursor begins behind the last hit of the page before, by the place of that hit in the order and not by
a number of hits. For this to hold while articles are added, an article must keep its place:

- By date, title, source or length the place is the article's own.
- By relevance it depends on all others. So the cursor carries what was said of them when the first page was made
  (`Statistics`, and the time that age counts from), and all pages are ranked by that.
- A story stands where its best matching article does.

So, as long as articles are only added, no article comes on two pages, nor does a story that is told once, and none that
was there from the beginning is left out. Where an added one belongs before the cursor, it is not shown, nor is a story
of which it has become the best article: they are on the pages before, when these are asked for again. An article that
is replaced, or whose date is inferred anew, stands where it now belongs.

    base64url(CRC-32 of the rest, JSON)
"""

import base64
import json
import math
import zlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from search.engine.orders import Position
from search.engine.statistics import COUNTED, Last, Statistics
from search.engine.top import Ranked
from search.errors import QueryError
from search.query.clauses import Leaf

LONGEST = 1 << 18  # characters; the longest query and two of the longest ids take fewer
MORE = 4  # times as many hits are looked at if too few stand behind the cursor


class Cursor(NamedTuple):
    """Where a page ended.

    `asked` is a number for the question, `now` the time it counts from, empty if it does not, `n_before` how many hits
    the pages before had. Weights are those of the leaves of the question that add to a score, in order; they and the
    averages are None by another order than relevance.
    """

    asked: int
    now: str
    n_before: int
    position: Position
    averages: tuple[float, ...] | None = None
    weights: tuple[float, ...] | None = None
    undated_age: float = 0.0
    last: Last | None = None

    def statistics(self, leaves: Sequence[Leaf]) -> Statistics | None:
        """Return what the pages before were ranked by; None by another order than relevance.

        Raises:
            QueryError: The cursor is of another question.
        """
        if self.averages is None or self.weights is None:
            return None
        if len(leaves) != len(self.weights):
            raise _another()
        averages = dict(zip(COUNTED, self.averages, strict=True))
        return Statistics(averages, dict(zip(leaves, self.weights, strict=True)), self.undated_age, self.last)

    def expect(self, asked: int, *, by_text: bool) -> None:
        """Raise `QueryError` if the cursor is of another question. `by_text`: articles are sorted by some text."""
        if asked != self.asked or isinstance(self.position.value, str) is not (by_text or self.position.is_last):
            raise _another()

    def ranked_by(self, statistics: Statistics, leaves: Sequence[Leaf]) -> "Cursor":
        """Return the cursor with what pages are ranked by."""
        return self._replace(
            averages=tuple(statistics.averages[field] for field in COUNTED),
            weights=tuple(statistics.weights[leaf] for leaf in leaves),
            undated_age=statistics.undated_age,
            last=statistics.last,
        )

    def behind(self, ranked: Callable[[int], Ranked], n: int, position: Callable[[int, float], Position]) -> Ranked:
        """Return the first `n` hits that stand behind the cursor.

        Args:
            ranked: Returns the first hits of all, as many as it is asked for.
            n: > 0.
            position: Of a hit.
        """
        asked = self.n_before + n
        while True:
            found = ranked(asked)
            first, last = 0, len(found)
            while first < last:
                middle = (first + last) // 2
                if position(*found[middle]) > self.position:
                    last = middle
                else:
                    first = middle + 1
            if len(found) - first >= n or len(found) < asked:
                return found[first : first + n]
            asked *= MORE


def _another() -> QueryError:
    return QueryError("this cursor is of another query, other options or other settings: ask for the first page again")


def encode(cursor: Cursor) -> str:
    """Return a cursor as text of letters, digits, `-` and `_`."""
    data = json.dumps(cursor, separators=(",", ":"), allow_nan=False).encode()
    return base64.urlsafe_b64encode(zlib.crc32(data).to_bytes(4, "little") + data).decode().rstrip("=")


def decode(text: str) -> Cursor:
    """Return the cursor that a text stands for.

    Raises:
        QueryError: It is none.
    """
    if not isinstance(text, str):
        raise QueryError(f"cursor {text!r:.20} is no text: pass on the `cursor` of the page before as it is")
    try:
        if len(text) > LONGEST or not text.isascii() or not text.replace("-", "").replace("_", "").isalnum():
            raise ValueError(text)
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if zlib.crc32(data[4:]) != int.from_bytes(data[:4], "little"):
            raise ValueError(text)
        return _read(json.loads(data[4:]))
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        shown = text if len(text) <= 20 else f"{text[:20]}…"
        raise QueryError(f"cursor {shown!r} is damaged: pass on the `cursor` of the page before as it is") from error


def _read(values: Any) -> Cursor:
    """Return a cursor from its JSON.

    Raises:
        ValueError, TypeError, OverflowError: It is that of something else.
    """
    asked, now, n_before, (is_last, value, age, article_id), averages, weights, undated_age, last = values
    for each in (asked, n_before, age):
        _hold(isinstance(each, int) and abs(each) < 1 << 63)
    _hold(0 <= n_before < 1 << 40)
    _hold(isinstance(now, str) and isinstance(article_id, str) and isinstance(is_last, bool))
    _hold(isinstance(value, str) or _is_number(value))
    _hold(_is_number(undated_age) and undated_age >= 0)
    if averages is not None:
        _hold(len(averages) == len(COUNTED) and all(_is_number(each) and each > 0 for each in averages))
        _hold(all(_is_number(each) and each >= 0 for each in weights))
        averages, weights = tuple(averages), tuple(weights)
    if last is not None:
        score, last_age, last_id = last
        _hold(_is_number(score) and isinstance(last_age, int) and abs(last_age) < 1 << 63 and isinstance(last_id, str))
        last = Last(score, last_age, last_id)
    position = Position(is_last, value, age, article_id)
    return Cursor(asked, now, n_before, position, averages, weights, undated_age, last)


def _hold(is_right: bool) -> None:  # noqa: FBT001  # the one thing it takes
    if not is_right:
        raise ValueError


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
