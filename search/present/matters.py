"""Which numbers of different articles are of the same matter: what says so, as far as articles tell.

Articles of a few days of which one is made of the other, that share a quotation, or that tell of the same event; and
those whose first sentences, with that of the number, share their names and the day. Anything else may be about another
fire, war or match.
"""

from collections.abc import Hashable
from typing import TYPE_CHECKING

from search.engine.snapshot import Snapshot
from search.model import Span
from search.present.comparing import Opened, opened
from search.present.events import Accounts
from search.stories.event import LEAD, NEAR, Told
from search.stories.relation import Relation
from search.text.analysis import Analyzer
from search.text.moments import day_of

if TYPE_CHECKING:
    from search.engine.folding import Folding


class Matters:
    """Tells whether places in two articles are about the same.

    Args:
        snapshot: Of the index.
        stories: Of the snapshot; None if every article is a story of its own.
        analyzer: Of the index.
    """

    def __init__(self, snapshot: Snapshot, stories: "Folding | None", analyzer: Analyzer) -> None:
        self._snapshot = snapshot
        self._stories = stories
        self._analyzer = analyzer
        self._accounts = Accounts(snapshot, analyzer)
        self._opened: dict[int, Opened] = {}
        self._whole: dict[int, Told] = {}
        self._first: dict[tuple[int, int], Told] = {}
        self._relations: dict[int, dict[int, Relation]] = {}

    def story(self, doc: int) -> Hashable:
        """Return the same for all articles of a story."""
        return min(self._stories.story(doc)) if self._stories else doc

    def are_one(self, a: tuple[int, Span], b: tuple[int, Span]) -> bool:
        """Return whether two places, each in the article of a number, are about the same."""
        (one, _), (other, _) = a, b
        days = [day_of(self._article(doc).article.iso_date) for doc in (one, other)]
        if days[0] and days[1] and abs((days[0] - days[1]).days) > NEAR:
            return False
        relation = self._around(one).get(self._snapshot.text(other))
        if relation and (relation.kind == "quote" or self.story(one) == self.story(other)):
            return True
        first = self._lead(*a), self._lead(*b)
        if not _names(first[0]) & _names(first[1]):
            return False
        return self._accounts.same_matter(*first) or bool(
            self._accounts.evidence(self._told(one), self._told(other), is_quoted=False)
        )

    def _around(self, doc: int) -> dict[int, Relation]:
        if doc not in self._relations:
            self._relations[doc] = self._stories.around(doc) if self._stories else {}
        return self._relations[doc]

    def _article(self, doc: int) -> Opened:
        if doc not in self._opened:
            self._opened[doc] = opened(doc, self._snapshot.record(doc), self._analyzer)
        return self._opened[doc]

    def _told(self, doc: int) -> Told:
        if doc not in self._whole:
            of = self._article(doc)
            self._whole[doc] = self._accounts.told(of.article, [sentence.words for sentence in of.sentences])
        return self._whole[doc]

    def _lead(self, doc: int, place: Span) -> Told:
        """Return what the first sentences of an article tell, and the one in which a place is."""
        key = doc, place[0]
        if key not in self._first:
            of = self._article(doc)
            start, end = place
            some = [
                sentence.words
                for number, sentence in enumerate(of.sentences)
                if number < LEAD or (sentence.start < end and start < sentence.end)
            ]
            self._first[key] = self._accounts.told(of.article, some)
        return self._first[key]


def _names(told: Told) -> set[int]:
    return {*told.names, *told.openings}
