"""Which articles of a snapshot are one story, and the best of each story among many matches."""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import chain, groupby

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.engine.docsets import Docs
from search.engine.graph import Graph
from search.engine.members import Members
from search.engine.snapshot import Snapshot
from search.engine.top import Ranked
from search.engine.variants import Variants
from search.engine.versions import age, versions
from search.stories.relation import SAME, Relation

SPARE = 4  # one article more is asked for at first for so many stories
MORE = 4  # times as many articles are asked for if too few stories were among the first
MANY = 256  # articles or texts from which it is faster to read all stories at once
ONE_BY_ONE = 512  # articles that are looked up by themselves, before all are


class Folding:
    """The stories of a snapshot.

    Args:
        snapshot: Of the index.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._docs: dict[int, list[int]] = {}  # by text
        self._graph = Graph(snapshot.relations)
        self._n_looked_up = 0

    @cached_property
    def variants(self) -> Variants | None:
        """The words that copies spell in different ways; None if there are none."""
        return self._graph.variants(self.docs_of, self._elsewhere)

    def _elsewhere(self, term: str, texts: Iterable[int]) -> int:
        """Return how many articles beside those of some texts have a term, at least."""
        key = term.encode("utf-8", "surrogatepass")
        n = sum(part.df(found) for part in self.snapshot.parts if (found := part.segment.find(key)))
        return n - sum(len(self.docs_of(text)) for text in texts)

    @cached_property
    def _alone(self) -> NDArray[np.bool_]:
        """For each article, whether it certainly has no others in its story; bool (articles,)."""
        return self._graph.are_alone(self.snapshot.texts(np.arange(self.snapshot.n_all)))

    def copies(self, text: int) -> Iterator[tuple[Relation, list[int]]]:
        """Yield the articles that have a text, and those of its copies, with how they relate; if it has any."""
        if text not in self._graph:
            return
        yield SAME, self.docs_of(text)
        for other, relation in self._graph.around(text).items():
            if relation.kind == "copy":
                yield relation, self.docs_of(other)

    def copied(self, texts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return some texts, ascending, and those of which they may be copies, or which may be theirs; ascending."""
        return self._graph.copied(texts)

    def best(self, ranked: Callable[[int], Ranked], n: int) -> Ranked:
        """Return the best `n` stories, each as its best article with its score.

        Args:
            ranked: Returns the best articles, as many as it is asked for.
            n: >= 0.
        """
        asked = n + n // SPARE + 1
        while True:
            found = ranked(asked)
            texts = {doc: self.snapshot.text(doc) for doc, _ in found if not self.is_alone(doc)}
            first: dict[frozenset[int] | int, tuple[int, float]] = {}
            for doc, score in found:
                first.setdefault(self._graph.story(texts[doc]) if doc in texts else doc, (doc, score))
            if len(first) >= n or len(found) < asked:
                return list(first.values())[:n]
            asked *= MORE

    def are_alone(self, docs: Docs) -> NDArray[np.bool_]:
        """Return which articles certainly have no others in their stories; bool (docs,)."""
        found: NDArray[np.bool_] = self._alone[docs]
        return found

    def docs_of(self, text: int) -> list[int]:
        """Return the articles of a text."""
        docs = self._docs.get(text)
        if docs is None:
            docs = self._docs[text] = list(self.snapshot.articles(text))
        return docs

    def versions(self, text: int) -> list[int]:
        """Return the articles of a text that say how it is spelled, the newest first."""
        docs = groupby(self.docs_of(text), self.snapshot.part_of)
        parts = [[((part.segment, doc - part.base), doc) for doc in some] for part, some in docs]
        numbers = dict(chain.from_iterable(parts))
        return [numbers[place] for place in sorted(versions([place for place, _ in part] for part in parts), key=age)]

    def is_alone(self, doc: int) -> bool:
        """Return whether an article certainly has no others in its story.

        Who asks once, as a command does, need not wait until all relations are read.
        """
        if self._n_looked_up < ONE_BY_ONE:
            self._n_looked_up += 1
            return self._graph.is_alone(self.snapshot.text(doc))
        return self._alone.item(doc)

    def story(self, doc: int) -> list[int]:
        """Return the articles of the story of an article, its own included."""
        if self.is_alone(doc):
            return [doc]
        return list(chain.from_iterable(map(self.docs_of, self._graph.story(self.snapshot.text(doc)))))

    def around(self, doc: int) -> dict[int, Relation]:
        """Return how the texts related to that of an article relate to it, itself included; others are only joined."""
        text = self.snapshot.text(doc)
        return self._graph.around(text) | {text: SAME}

    def count(self, docs: Docs) -> int:
        """Return to how many stories articles belong."""
        others = docs[~self._alone[docs]] if len(docs) > MANY else docs
        texts = self.snapshot.texts(others)
        told = self._graph.are_told(texts)
        some = runs.distinct(texts[told])
        n_alone = len(docs) - int(told.sum())
        if len(some) <= MANY:
            return n_alone + len(set(map(self._graph.story, some.tolist())))
        return n_alone + len(runs.distinct(self._members.first[self._members.texts.searchsorted(some)]))

    @cached_property
    def _members(self) -> Members:
        return self._graph.members()

    def all(self, docs: Docs | None = None, most: int | None = None) -> list[list[int]]:
        """Return the articles of every story of two or more.

        Args:
            docs: Only stories to which one of these belongs.
            most: How many are enough: the largest, and all that are as large as the last of them.
        """
        joined, first = self._members
        every = np.arange(self.snapshot.n_all) if self.snapshot.live is None else self.snapshot.live.nonzero()[0]
        texts = self.snapshot.texts(every)
        told = runs.are_among(texts, joined)
        every, story = every[told], first[joined.searchsorted(texts[told])]
        if docs is not None:
            chosen = runs.are_among(story, runs.distinct(story[runs.are_among(every, docs)]))
            every, story = every[chosen], story[chosen]
        groups = [group for group in runs.groups(story) if len(group) > 1]
        if most is not None and most < len(groups):
            least = sorted(map(len, groups), reverse=True)[max(most, 1) - 1]
            groups = [group for group in groups if len(group) >= least]
        return [every[group].tolist() for group in groups]
