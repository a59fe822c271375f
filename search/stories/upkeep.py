"""Relations kept up to date while articles come and go, at a cost of what came and went.

Whether two texts relate, and how, depends on their words, on when they appeared, and on which of their fingerprints are
common, and nothing else. After a change only *affected* texts need another look: those that are new or have appeared on
other days, and those that hold a fingerprint that has become common or ceased to be. All relations of an affected text
are replaced; so what is kept is always what all articles in one batch would give, in whatever order they came.

    articles before, articles after the change  →  affected  →  their relations anew
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol

import numpy as np

from search import runs
from search.stories.bodies import Bodies, Bools, Ints
from search.stories.boilerplate import common, own
from search.stories.comparison import Overlap
from search.stories.membership import Edge
from search.stories.pairs import Pairs, candidates, n_pairs, together
from search.stories.relation import SAME, UNRELATED, Relation
from search.stories.sketching import Fingerprints, Sketches, sketches

AT_A_TIME = 8192  # pairs whose words are in memory together
ENTRIES_AT_A_TIME = 1 << 21  # entries, or pairs of them, that are in memory together; some 100 bytes each
TEXTS_AT_A_TIME = 1 << 16  # texts whose candidates are looked for together, if they do not hold more than so much;
FIRST_TEXTS = 1 << 11  # of the first nobody knows yet
PRINTS_AT_A_TIME = 1 << 18  # fingerprints that are looked up together, if they are not held by more than so many;
FIRST_PRINTS = 1 << 13  # of the first nobody knows yet


class Entries(NamedTuple):
    """Who holds which fingerprints: an entry for each fingerprint of each article, ascending by fingerprint.

    Args:
        fingerprints: uint32, shape (entries,).
        texts: int64, shape (entries,), ≥ 0; the same for articles of the same words, and for ever.
        outlets: int64, shape (entries,); a number ≥ 0 for each outlet, -1 where it is unknown.
        quoted: bool, shape (entries,); see `Sketches`.
        leasts: int64, shape (entries,); the least fingerprint of the text.
    """

    fingerprints: Fingerprints
    texts: Ints
    outlets: Ints
    quoted: Bools
    leasts: Ints

    @property
    def common(self) -> Bools:
        """Whether the fingerprint of each is common."""
        return common(self.fingerprints, self.texts, self.outlets, self.leasts)

    @property
    def common_ones(self) -> Fingerprints:
        """The fingerprints that are common, ascending, each once."""
        return runs.distinct(self.fingerprints[self.common])

    def where(self, which: Bools | Ints) -> "Entries":
        """Return some of them."""
        return Entries._make(column[which] for column in self)

    def by_fingerprint(self) -> "Entries":
        """Return them in ascending order."""
        return self.where(np.argsort(self.fingerprints, kind="stable"))


def joined(some: Iterable[Entries]) -> Entries:
    """Return the entries of several, those of the one behind those of the other."""
    return Entries._make(map(np.concatenate, zip(*some, strict=True)))


class Archive(Protocol):
    """All articles there are, as far as stories need them."""

    def entries(self, fingerprints: Fingerprints) -> Entries:
        """Return all entries of fingerprints: uint32, ascending, each once.

        Of a fingerprint that more than `MAX_HOLDERS` texts hold, those of so many and one more do.
        """

    def sizes(self, texts: Ints) -> Ints:
        """Return how many fingerprints texts have: int64."""

    def days(self, texts: Ints) -> Ints:
        """Return when texts appeared, as of `Days`: int64 (texts, 2)."""

    def fingerprints(self, texts: Ints) -> Fingerprints:
        """Return the fingerprints that texts have, ascending, each once."""

    def bodies(self, texts: Ints) -> Bodies:
        """Return the words of texts: int64, each once, in this order."""


def turned(before: Entries, after: Entries) -> Ints:
    """Return the texts with a fingerprint that a change made common, or no longer common; int64, some may have gone.

    Args:
        before, after: All entries of the fingerprints of the articles that came and went.
    """
    changed = np.setxor1d(before.common_ones, after.common_ones)
    return np.union1d(*(entries.texts[np.isin(entries.fingerprints, changed)] for entries in (before, after)))


def edges(
    archive: Archive,
    texts: Ints,
    progress: Callable[[int, int], None] | None = None,
    respelled: Callable[[int, int], None] | None = None,
) -> Iterator[Edge]:
    """Yield the relations of texts, to each other and to all others in the archive, each once; the smaller number `a`.

    Args:
        archive: With the change.
        texts: int64, ascending, each once. Texts without words are related to none.
        progress: Called with (texts looked at, texts).
        respelled: Called with two texts that fold and do not spell all words that they share alike.
    """
    looked_up = _LookedUp.of(archive, texts)
    begin, size = 0, FIRST_TEXTS if looked_up.free is None else len(texts)
    while begin < len(texts):
        some = texts[begin : begin + size]
        free = looked_up.free_of(some)
        numbers, texts_of = np.unique(free.texts, return_inverse=True)
        is_fresh = runs.are_among(numbers, some)
        n = max(len(free.texts), n_pairs(free.fingerprints, is_fresh[texts_of]))
        if n > 2 * ENTRIES_AT_A_TIME and len(some) > 1:
            size = len(some) // 2
            continue
        about = archive.sizes(numbers), archive.days(numbers)
        pairs = candidates(free.fingerprints, texts_of, free.quoted, *about, is_fresh)
        is_done = runs.are_among(numbers, texts[:begin])
        pairs = numbers[together(pairs[~is_done[pairs].any(axis=1)])]
        for at in range(0, len(pairs), AT_A_TIME):
            yield from _related(archive, pairs[at : at + AT_A_TIME], looked_up, respelled)
        begin += len(some)
        if progress:
            progress(begin, len(texts))
        size = _next(len(some), n, TEXTS_AT_A_TIME)


def relation(archive: Archive, a: int, b: int) -> Relation:
    """Return how two texts relate, whenever they appeared and however little they share."""
    if a == b:
        return SAME
    texts = np.unique(np.array([a, b], np.int64))
    for edge in _related(archive, texts[np.newaxis], _LookedUp.of(archive, texts), None):
        return edge.relation if edge.a == a else edge.relation.backwards
    return UNRELATED


def _next(size: int, n: int, most: int) -> int:
    """Return how many to take together after `size` of them that took `n` entries."""
    return max(1, min(most, 4 * size, size * ENTRIES_AT_A_TIME // max(n, 1)))


class _LookedUp(NamedTuple):
    """Texts, their fingerprints, which have been looked up in an archive, and those that are common; all ascending.

    `free` are the entries of the others, if they are few.
    """

    archive: Archive
    texts: Ints
    fingerprints: Fingerprints
    common_ones: Fingerprints
    free: Entries | None

    @classmethod
    def of(cls, archive: Archive, texts: Ints) -> "_LookedUp":
        """Look up the fingerprints of texts: int64, ascending, each once."""
        fingerprints = archive.fingerprints(texts)
        common_ones = [fingerprints[:0]]
        free: list[Entries] = []
        n_free = 0
        for entries in cls._entries(archive, fingerprints):
            is_common = entries.common
            common_ones.append(runs.distinct(entries.fingerprints[is_common]))
            n_free += len(is_common) - int(is_common.sum())
            free = [*free, entries.where(~is_common)] if n_free <= ENTRIES_AT_A_TIME else []
        return cls(archive, texts, fingerprints, np.concatenate(common_ones), joined(free) if free else None)

    @staticmethod
    def _entries(archive: Archive, fingerprints: Fingerprints) -> Iterator[Entries]:
        """Yield the entries of fingerprints, some at a time."""
        begin, size = 0, FIRST_PRINTS
        while begin < len(fingerprints):
            some = fingerprints[begin : begin + size]
            entries = archive.entries(some)
            yield entries
            begin += len(some)
            size = _next(len(some), len(entries.texts), PRINTS_AT_A_TIME)

    def free_of(self, texts: Ints) -> Entries:
        """Return the entries of the fingerprints that some of the texts have, but for those that are common."""
        if self.free is not None and len(texts) == len(self.texts):
            return self.free
        fingerprints = self.archive.fingerprints(texts)
        return self.archive.entries(runs.without(fingerprints, self.common_ones))

    def are_common(self, sketched: Sketches, texts: Ints) -> Bools:
        """Return which fingerprints of texts, ascending, are common; those not looked up before are now.

        bool, shape (fingerprints,).
        """
        common_ones = self.common_ones
        is_other = ~runs.are_among(texts, self.texts)
        if is_other.any():
            others = runs.distinct(sketched.fingerprints[is_other.repeat(np.diff(sketched.ends, prepend=0))])
            further = runs.without(others, self.fingerprints)
            found = (entries.common_ones for entries in self._entries(self.archive, further))
            common_ones = np.sort(np.concatenate([common_ones, *found]))
        return runs.are_among(sketched.fingerprints, common_ones)


def _related(
    archive: Archive, pairs: Pairs, looked_up: _LookedUp, respelled: Callable[[int, int], None] | None
) -> Iterator[Edge]:
    """Compare pairs of texts and yield those that are related."""
    texts = np.unique(pairs)
    bodies = archive.bodies(texts)
    sketched = sketches(bodies)
    bodies = own(bodies, sketched, looked_up.are_common(sketched, texts))
    each = dict(zip(texts.tolist(), bodies.each(), strict=True))
    for a, b in pairs.tolist():
        overlap = Overlap(each[a], each[b])
        edge = Edge(a, b, overlap.relation)
        if edge.relation.kind != "none":
            yield edge
        if respelled and edge.relation.folds and not overlap.is_spelled_alike:
            respelled(a, b)
