"""Articles in memory whose relations are kept up to date, as an index has to; and the same from scratch."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from search.stories.bodies import Bodies, Body, join
from search.stories.membership import ALWAYS, GONE, Days, Edge, Folds, are_near, stories
from search.stories.relation import Relation
from search.stories.sketching import sketches
from search.stories.upkeep import Entries, edges, turned

Ints = NDArray[np.int64]


def stories_of(edges: Iterable[Edge]) -> set[frozenset[int]]:
    """Return the stories of two texts or more, given how those that are near relate."""
    folding = [edge for edge in edges if edge.relation.folds]
    texts = sorted({text for edge in folding for text in (edge.a, edge.b)})
    place = {text: at for at, text in enumerate(texts)}
    a, b = np.array([(place[edge.a], place[edge.b]) for edge in folding], np.int64).reshape(-1, 2).T
    told = [(edge.relation.shared_a, edge.relation.shared_b) for edge in folding]
    shares = np.array(told, np.float64).reshape(-1, 2).T
    members: dict[int, set[int]] = defaultdict(set)
    for text, first in zip(texts, stories(Folds(a, b, *shares), len(texts)).tolist(), strict=True):
        members[first].add(text)
    return {frozenset(story) for story in members.values() if len(story) > 1}


class Archive:
    """Implements `search.stories.Archive` with dictionaries. `n_affected` counts texts looked at again.

    Args:
        days: On which articles appeared, by id, as far as that is known.
    """

    def __init__(self, days: Mapping[str, int] | None = None) -> None:
        self._days = days or {}
        self._numbers: dict[bytes, int] = {}
        self._texts: dict[int, Body] = {}
        self._outlets: dict[str, int] = {}
        self._entries: dict[int, list[tuple[int, int, int, bool, int]]] = defaultdict(list)
        self._holders: Counter[int] = Counter()  # articles of a text
        self._sizes: dict[int, int] = {}
        self._articles: dict[str, tuple[int, list[int]]] = {}  # text, fingerprints
        self.edges: dict[tuple[int, int], Edge] = {}
        self.n_affected = 0

    def entries(self, fingerprints: NDArray[np.uint32]) -> Entries:
        found = [(f, *entry[1:]) for f in fingerprints.tolist() for entry in self._entries.get(f, ())]
        columns = zip(*found, strict=True) if found else [()] * 5
        kinds = (np.uint32, np.int64, np.int64, np.bool_, np.int64)
        return Entries(*(np.array(column, kind) for column, kind in zip(columns, kinds, strict=True)))

    def sizes(self, texts: Ints) -> Ints:
        return np.array([self._sizes[text] for text in texts.tolist()], np.int64)

    def days(self, texts: Ints) -> Ints:
        names = self._names()
        return np.array([self._span(names.get(text, [])) for text in texts.tolist()], np.int64).reshape(-1, 2)

    def _span(self, names: Iterable[str]) -> Days:
        """Return when articles appeared."""
        found = [self._days.get(name) for name in names]
        known = [day for day in found if day is not None]
        if len(known) < len(found):
            return ALWAYS
        return (min(known), max(known)) if known else GONE

    def fingerprints(self, texts: Ints) -> NDArray[np.uint32]:
        return np.unique(sketches(self.bodies(texts)).fingerprints)

    def bodies(self, texts: Ints) -> Bodies:
        return join([self._texts[text] for text in texts.tolist()])

    def change(self, added: Iterable[tuple[str, Body, str | None]] = (), removed: Iterable[str] = ()) -> None:
        """Add articles (id, body, outlet) and remove others, as one commit."""
        added, removed = list(added), list(removed)
        sketched = sketches(join([body for _, body, _ in added]))
        gone = [f for name in removed for f in self._articles[name][1]]
        touched = np.unique(np.concatenate([sketched.fingerprints, np.array(gone, np.uint32)])).astype(np.uint32)
        before, were = self.entries(touched), {text: self._span(names) for text, names in self._names().items()}
        for name in removed:
            text, fingerprints = self._articles.pop(name)
            for f in set(fingerprints):
                self._entries[f] = [entry for entry in self._entries[f] if entry[0] != hash(name)]
            self._holders[text] -= 1
            if not self._holders[text]:
                del self._texts[text]
        begin = 0
        for (name, body, outlet), end in zip(added, sketched.ends.tolist(), strict=True):
            fingerprints = sketched.fingerprints[begin:end].tolist()
            text = self._numbers.setdefault(body.digest, len(self._numbers))
            self._texts[text] = body
            self._holders[text] += 1
            self._sizes[text] = len(fingerprints)
            self._articles[name] = (text, fingerprints)
            number = -1 if outlet is None else self._outlets.setdefault(outlet, len(self._outlets))
            for f, quoted in zip(fingerprints, sketched.quoted[begin:end].tolist(), strict=True):
                self._entries[f].append((hash(name), text, number, quoted, min(fingerprints)))
            begin = end
        moved = [text for text, names in self._names().items() if self._span(names) != were.get(text)]
        changed = np.union1d(turned(before, self.entries(touched)), np.array(moved, np.int64))
        changed = changed[np.isin(changed, [*self._texts])]
        self.n_affected += len(changed)
        stale = {*changed.tolist()}
        alive = self._texts.keys() - stale
        self.edges = {pair: edge for pair, edge in self.edges.items() if alive.issuperset(pair)}
        self.edges |= {(edge.a, edge.b): edge for edge in edges(self, changed)}

    def related(self) -> dict[tuple[str, str], Relation]:
        """Return how articles relate, both ways round; those of the same words are left out."""
        names = self._names()
        found = {}
        for edge in self.edges.values():
            there = edge.relation
            back = Relation(there.kind, there.shared_b, there.shared_a, there.shared)
            for a in names[edge.a]:
                for b in names[edge.b]:
                    found[a, b], found[b, a] = there, back
        return found

    def identical(self) -> list[list[str]]:
        """Return the ids of articles of the same words, for each text that has two or more."""
        return [ids for ids in self._names().values() if len(ids) > 1]

    def stories(self) -> set[frozenset[str]]:
        """Return the stories of two articles or more."""
        names = self._names()
        span = {text: self._span(some) for text, some in names.items()}
        found = stories_of(edge for edge in self.edges.values() if are_near(span[edge.a], span[edge.b]))
        alone = names.keys() - {text for story in found for text in story}
        groups = [*found, *({text} for text in alone)]
        articles = (frozenset(name for text in group for name in names[text]) for group in groups)
        return {story for story in articles if len(story) > 1}

    def _names(self) -> dict[int, list[str]]:
        names: dict[int, list[str]] = defaultdict(list)
        for name, (text, _) in self._articles.items():
            if self._texts[text].digest:
                names[text].append(name)
        return names
