"""When an undated article was published, as far as a copy of it tells: on the day of the dated copy that shares most.

Of several that share as much it is the one of the earliest day, then that with the least id. A partial copy tells
nothing: it may be a later version. Nor does an article of which the undated one is not made for the better part, as a
brief that a later article has in it. An inference goes no further: what is inferred tells nothing of others.
"""

import dataclasses
from typing import NamedTuple

from search import runs
from search.engine import record
from search.engine.folding import Folding
from search.engine.layout import UNDATED
from search.engine.snapshot import Snapshot
from search.model import Article
from search.stories.relation import FOLDED
from search.text.moments import DAY, moment


class Inferred(NamedTuple):
    """A publication date, ISO 8601 with no more than the day, and the id of the article that it was stated in."""

    date: str
    source: str


class Dating:
    """The dates that can be inferred in a snapshot.

    Args:
        stories: Of the snapshot.
    """

    def __init__(self, stories: Folding) -> None:
        self.stories = stories
        self._known: dict[int, Inferred | None] = {}  # by text
        self._dated: Snapshot | None = None

    def date(self, doc: int) -> Inferred | None:
        """Return the date that is inferred for an article; None if its own is known, or nobody knows."""
        snapshot = self.stories.snapshot
        if snapshot.when[doc] != UNDATED:
            return None
        text = snapshot.text(doc)
        if text not in self._known:
            self._known[text] = self._of_text(text)
        return self._known[text]

    def published(self, doc: int, date: str | None, source: str | None) -> tuple[str | None, str | None]:
        """Return when an article was published and where that is stated, or what it is inferred from.

        Args:
            doc: The article.
            date, source: What it says itself.
        """
        if date is None and (inferred := self.date(doc)):
            return inferred.date, f"inferred from {inferred.source}"
        return date, source

    def dated(self, doc: int, article: Article) -> Article:
        """Return an article with the date that is inferred for it, if it has none."""
        date, source = self.published(doc, article.iso_date, article.date_source)
        return article if date == article.iso_date else dataclasses.replace(article, date=date, date_source=source)

    def _of_text(self, text: int) -> Inferred | None:
        snapshot = self.stories.snapshot
        best: tuple[float, str, str] | None = None
        for relation, docs in self.stories.copies(text):
            if relation.shared_a < FOLDED or (best and -relation.shared > best[0]):
                continue
            for doc in docs:
                if snapshot.when[doc] != UNDATED:
                    stored = record.split(snapshot.record(doc))
                    found = (-relation.shared, stored.date[:DAY], stored.id)
                    best = min(best, found) if best else found
        return Inferred(*best[1:]) if best else None

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot, inferred dates in place."""
        if self._dated is None:
            snapshot = self.stories.snapshot
            when, local, precision = snapshot.when.copy(), snapshot.local.copy(), snapshot.precision.copy()
            for doc in self._undated():
                if found := self.date(doc):
                    when[doc], _, precision[doc] = moment(found.date)
                    local[doc] = when[doc]
            self._dated = snapshot.dated(when, local, precision)
        return self._dated

    def _undated(self) -> list[int]:
        """Return the undated articles that may be copies of dated ones."""
        snapshot = self.stories.snapshot
        undated, dated = (which.nonzero()[0] for which in (snapshot.when == UNDATED, snapshot.when != UNDATED))
        if not len(undated) or not len(dated):
            return []
        texts = runs.distinct(snapshot.texts(dated))
        copied = self.stories.copied(texts[texts > 0])
        found: list[int] = undated[runs.are_among(snapshot.texts(undated), copied)].tolist()
        return found
