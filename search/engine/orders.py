"""In which order articles are listed: by date, title, source or length; and where one stands in any order.

Equal ones come newest first, undated last, then by id, as equal scores do. What has no date, title or source is last.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.engine.docsets import Docs
from search.engine.snapshot import Snapshot
from search.engine.top import LAST, ages, by_keys
from search.engine.values import NONE, Values, sort_key
from search.text.stream import WRITTEN

BY_TEXT = ("title", "source")


class Position(NamedTuple):
    """Where an article stands: positions compare as the articles are listed. `value` is what they are sorted by."""

    is_last: bool
    value: float | str
    age: int
    id: str


class Order:
    """The order of a sort, `relevance` included only for `position`.

    Args:
        sort: `relevance`, `newest`, `oldest`, `title`, `source` or `length`: words of
            title, deck and body, the most first.
        snapshot: Of the index.
        values: Gives what stands in records; asked for titles and sources alone.
    """

    def __init__(self, sort: str, snapshot: Snapshot, values: Callable[[], Values]) -> None:
        self._sort = sort
        self._snapshot = snapshot
        self._values = values
        self._known: tuple[Docs, NDArray[np.int64]] | None = None

    def first(self, docs: Docs, k: int) -> Docs:
        """Return the first `k` of some articles, ascending numbers, in order."""
        if self._known is None or self._known[0] is not docs:
            self._known = docs, self._keys(docs)
        return by_keys(self._snapshot, docs, self._known[1], k)

    def _keys(self, docs: Docs) -> NDArray[np.int64]:
        """Return numbers in whose order articles come. int64 (docs,)."""
        found: NDArray[np.int64]
        if self._sort in BY_TEXT:
            found = self._values().ranks(self._sort, docs)
        elif self._sort == "length":
            lengths = np.stack([self._snapshot.lengths(field)[docs] for field in WRITTEN])
            found = -lengths.sum(axis=0, dtype=np.int64)
        else:
            found = ages(self._snapshot, docs)
            if self._sort == "oldest":
                found = np.where(found == LAST, LAST, -found)
        return found

    def position(self, doc: int, score: float) -> Position:
        """Return where an article stands, given its score."""
        value: float | str | None
        docs = np.array([doc])
        if self._sort == "relevance":
            value = -score
        elif self._sort in BY_TEXT:
            codes, values = self._values().of(self._sort, docs)
            value = None if codes[0] == NONE else sort_key(values[codes[0]])
        else:
            value = int(self._keys(docs)[0])
        return Position(
            value is None, "" if value is None else value, int(ages(self._snapshot, docs)[0]), self._snapshot.id(doc)
        )
