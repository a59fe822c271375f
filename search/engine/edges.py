"""Relations between texts on disk: a file for each commit that changed some, and how several are read as one.

    replaced    texts all of whose relations in older files are void, ascending
    texts       texts that are related to others or have several articles, ascending
    ends        where those that each text is related to end in `related` and `pair`
    related     their numbers in `texts`, ascending; its own for a text of several articles
    pair        the number of the relation in the rest; each is there both ways round
    kind        number in `KINDS`
    shared_a, shared_b, shared    as in `Relation`, `a` being the lesser of the two texts; the digits of a float64
    entries and so on             words that copies spell otherwise, see `variants`

A relation that an older file has is void as well if a newer one replaced the other text, or if that has no article any
more. So what is read is what was found last, and files merge into one without anything being looked at again.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from struct import Struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.engine.sections import Sections, writing
from search.engine.storage import Folder
from search.engine.variants import Spellings, SpellingsFile, Variants
from search.stories.membership import FOLDED, Days, Edge, are_near, stories
from search.stories.relation import Kind, Relation

KINDS: tuple[Kind, ...] = ("copy", "partial", "quote")  # on disk: never renumber
_SPARSE = 8  # places of a filter for each relation: one in so many unrelated texts is looked up
_COPY, _PARTIAL = KINDS.index("copy"), KINDS.index("partial")
_SHARES = ("shared_a", "shared_b", "shared")
_EDGE = np.dtype([("a", "<i8"), ("b", "<i8"), ("kind", "u1"), *((name, "<f8") for name in _SHARES)])
_THREE_NUMBERS, _THREE_FLOATS = Struct("<3Q"), Struct("<3d")

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """The content of such a file in memory; each relation both ways round, by `a` and `b`.

    Args:
        replaced: int64 (texts,), ascending.
        a, b, kind: int64 (rows,).
        shares: float64 (rows, 3).
        spelled: Words that these texts spell in different ways.
    """

    replaced: Ints
    a: Ints
    b: Ints
    kind: Ints
    shares: NDArray[np.float64]
    spelled: Spellings

    @classmethod
    def of(cls, replaced: Ints, edges: Iterable[Edge[int]], repeated: Ints) -> "Rows":
        """Return relations, and texts that several articles have, as rows; nothing is spelled in different ways."""
        told = ((edge.a, edge.b, KINDS.index(edge.relation.kind), *_shares_of(edge.relation)) for edge in edges)
        found = np.fromiter(told, _EDGE)
        there = np.stack([found[name] for name in _SHARES], axis=1)
        a, b = np.concatenate([found["a"], found["b"], repeated]), np.concatenate([found["b"], found["a"], repeated])
        kind = np.concatenate([found["kind"], found["kind"], np.full(len(repeated), _COPY)])
        shares = np.concatenate([there, there[:, [1, 0, 2]], np.ones((len(repeated), len(_SHARES)))])
        order = np.lexsort((b, a))
        return cls(replaced, a[order], b[order], kind[order].astype(np.int64), shares[order], Spellings.of(()))

    def folding(self) -> Ints:
        """Return the pairs of texts that are one story as far as they alone are concerned, the lesser first.

        int64 (pairs, 2).
        """
        which = (self.a < self.b) & _fold(self.kind, self.shares[:, 2])
        return np.stack([self.a[which], self.b[which]], axis=1)

    def __len__(self) -> int:
        """Return how many texts, relations and spellings there are."""
        return len(self.replaced) + len(self.a) + len(self.spelled)

    def told(self) -> list[tuple[int, ...]]:
        """Return each relation as numbers, to compare."""
        digits = np.ascontiguousarray(self.shares).view(np.int64)
        rows: list[tuple[int, ...]] = [
            (a, b, kind, *row)
            for a, b, kind, row in zip(
                self.a.tolist(), self.b.tolist(), self.kind.tolist(), digits.tolist(), strict=True
            )
        ]
        return rows

    def kept(self, which: NDArray[np.bool_]) -> "Rows":
        """Return some of the rows, bool (rows,), and all spellings."""
        return replace(self, a=self.a[which], b=self.b[which], kind=self.kind[which], shares=self.shares[which])

    def without(self, texts: Ints) -> "Rows":
        """Return the rows in which none of some texts is."""
        a, b = self.spelled.rows[:, 2:].T
        spelled = self.spelled.kept(~np.isin(a, texts) & ~np.isin(b, texts))
        return replace(self.kept(~np.isin(self.a, texts) & ~np.isin(self.b, texts)), spelled=spelled)

    def over(self, older: "Rows") -> "Rows":
        """Return what these and those of an older file are together."""
        rest = older.without(self.replaced)
        a, b = np.concatenate([self.a, rest.a]), np.concatenate([self.b, rest.b])
        order = np.lexsort((b, a))
        order = order[(np.diff(a[order], prepend=-1) != 0) | (np.diff(b[order], prepend=-1) != 0)]
        return Rows(
            np.union1d(self.replaced, older.replaced),
            a[order],
            b[order],
            np.concatenate([self.kind, rest.kind])[order],
            np.concatenate([self.shares, rest.shares])[order],
            self.spelled.joined(rest.spelled),
        )

    def write(self, folder: Folder, name: str) -> int:
        """Write the new file `name`; return its size in bytes."""
        with writing(folder, name) as writer:
            texts, begin = np.unique(self.a, return_index=True)
            writer.add("replaced", self.replaced.astype(np.uint64))
            writer.add("texts", texts.astype(np.uint64))
            writer.add("ends", np.append(begin, len(self.a))[1:].astype(np.uint32))
            writer.add("related", np.searchsorted(texts, self.b).astype(np.uint32))
            writer.add("pair", self._pairs().astype(np.uint32))
            forwards = self.a <= self.b
            writer.add("kind", self.kind[forwards].astype(np.uint8))
            for section, column in zip(_SHARES, self.shares[forwards].T, strict=True):
                writer.add(section, np.ascontiguousarray(column).view(np.uint64))
            self.spelled.write(writer)
            return writer.finish({})

    def _pairs(self) -> Ints:
        """Return the number of the relation in each row, counted where `a` is the lesser text; int64 (rows,)."""
        backwards = (self.a > self.b).nonzero()[0]
        found = np.cumsum(self.a <= self.b) - 1
        there = found[self.a < self.b]  # by `a` and `b`; the same relations the other way round are by `b` and `a`
        found[backwards[np.lexsort((self.a[backwards], self.b[backwards]))]] = there
        return found


def _fold(kind: NDArray[Any], shared: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which relations make one story of two texts, as far as they alone are concerned."""
    found: NDArray[np.bool_] = (kind == _COPY) | ((kind == _PARTIAL) & (shared >= FOLDED))
    return found


def _shares_of(relation: Relation) -> tuple[float, float, float]:
    return relation.shared_a, relation.shared_b, relation.shared


class Relations:
    """Such a file, opened.

    Raises:
        CorruptionError: Bytes are not what was written.
    """

    def __init__(self, file: Sections) -> None:
        self.file = file
        self._replaced, self._texts, self._ends = (file[name] for name in ("replaced", "texts", "ends"))
        self._related, self._pair, self._kind = (file[name] for name in ("related", "pair", "kind"))
        self._shares = [file[name] for name in _SHARES]
        for name, n in (
            ("ends", len(self._texts)),
            ("pair", len(self._related)),
            *((name, len(self._kind)) for name in _SHARES),
        ):
            file.expect(name, f"{n} numbers", len(file[name]) == n, len(file[name]))
        self.spelled = SpellingsFile(file) if file.parts.get("entries") else None

    def __len__(self) -> int:
        """Return how many texts, relations and spellings there are."""
        return len(self._replaced) + len(self._related) + (len(self.spelled) if self.spelled is not None else 0)

    def folding(self) -> NDArray[Any]:
        """Return the texts that are one story with another here, or have several articles; some repeatedly."""
        kind, shared = self._kind.all(), self._shares[-1].all().view(np.float64)
        found: NDArray[Any] = self._owners()[_fold(kind, shared)[self._pair.all()]]
        return found

    def copied(self, texts: Ints) -> Ints:
        """Return the texts that are copies of some texts, ascending, or of which those are copies; some repeatedly."""
        is_copy = (self._kind.all() == _COPY)[self._pair.all()]
        others = self._texts.all()[self._related.all()[is_copy]].astype(np.int64)
        found: Ints = self._owners()[is_copy][runs.are_among(others, texts)].astype(np.int64)
        return found

    def _owners(self) -> NDArray[Any]:
        """Return of which text each relation is."""
        found: NDArray[Any] = self._texts.all().repeat(np.diff(self._ends.all(), prepend=0))
        return found

    def among(self, texts: Ints) -> NDArray[np.bool_]:
        """Return which texts are related to any here, or have several articles; bool (texts,)."""
        return runs.are_among(texts.astype(np.uint64), self._texts.all())

    def replaces(self, text: int) -> bool:
        """Return whether what older files say of a text is void."""
        texts = self._replaced.numbers()
        at = bisect_left(texts, text)
        return at < len(texts) and texts[at] == text

    def around(self, text: int) -> list[tuple[int, Relation]]:
        """Return the texts that a text is related to here, and how."""
        at = self._find(text)
        if at is None:
            return []
        first, last = self._ends.bounds(at)
        rows = zip(self._related.list(first, last), self._pair.list(first, last), strict=True)
        return [(self._texts[other], self._relation(pair, backwards=other < at)) for other, pair in rows]

    def __contains__(self, text: int) -> bool:
        """Return whether a text is related to any here, or has several articles."""
        return self._find(text) is not None

    def _find(self, text: int) -> int | None:
        """Return the number of a text, if it is here; few blocks of the file are touched."""
        at = bisect_left(self._texts, text)
        return at if at < len(self._texts) and self._texts[at] == text else None

    def _relation(self, pair: int, *, backwards: bool) -> Relation:
        """Return a relation; `backwards` is how the greater text relates to the lesser."""
        a, b, shared = _THREE_FLOATS.unpack(_THREE_NUMBERS.pack(*[column[pair] for column in self._shares]))
        kind = KINDS[self._kind[pair]]
        found = Relation(kind, a, b, shared)
        return found.backwards if backwards else found

    def all(self) -> Rows:
        """Return everything."""
        pair = self._pair.all()
        a, b = self._owners().astype(np.int64), self._texts.all()[self._related.all()].astype(np.int64)
        shares = np.stack([column.all().view(np.float64)[pair] for column in self._shares], axis=1)
        backwards = a > b
        shares[backwards, 0], shares[backwards, 1] = shares[backwards, 1], shares[backwards, 0]
        kind = self._kind.all()[pair].astype(np.int64)
        spelled = self.spelled.all() if self.spelled is not None else Spellings.of(())
        return Rows(self._replaced.all().astype(np.int64), a, b, kind, shares, spelled)


def merged(files: Iterable[Rows]) -> Rows:
    """Return what several files are together.

    Args:
        files: From the oldest to the newest.
    """
    none = np.zeros(0, np.int64)
    found = Rows(none, none, none, none, np.zeros((0, len(_SHARES))), Spellings.of(()))
    for rows in files:
        found = rows.over(found)
    return found


class Graph:
    """All relations of an index.

    Args:
        files: From the oldest to the newest.
        days: Returns when the articles of a text appeared; None if it has none.
    """

    def __init__(self, files: Sequence[Relations], days: Callable[[int], Days | None]) -> None:
        self._files = files[::-1]
        self._days = days
        self._known: dict[int, frozenset[int]] = {}  # stories by text
        self._around: dict[int, dict[int, Relation]] = {}

    def are_alone(self, texts: Ints) -> NDArray[np.bool_]:
        """Return which texts certainly are a story of their own, of one article at most; bool (texts,).

        Looking a text up in a file takes as long as looking dozens up by their last digits, and most stand alone.
        """
        size = 1 << (_SPARSE * sum(map(len, self._files))).bit_length()
        fold = np.zeros(size, np.bool_)  # whether a text that ends so folds with any
        for file in self._files:
            fold[file.folding() & np.uint64(size - 1)] = True
        found: NDArray[np.bool_] = ~fold[texts & (size - 1)]
        return found

    def is_alone(self, text: int) -> bool:
        """Return whether a text certainly is a story of its own, of one article at most."""
        return not any(text in file for file in self._files)

    def among(self, texts: Ints) -> NDArray[np.bool_]:
        """Return which texts a file has as related to others, or as those of several articles. bool (texts,)."""
        found = np.zeros(len(texts), np.bool_)
        for file in self._files:
            found |= file.among(texts)
        return found

    def copied(self, texts: Ints) -> Ints:
        """Return some texts, ascending, and those of which a file says that one is a copy of the other; ascending."""
        return runs.distinct(np.concatenate([texts, *(file.copied(texts) for file in self._files)]))

    def repeats(self, text: int) -> bool:
        """Return whether it is written down that a text has several articles."""
        for file in self._files:
            if any(other == text for other, _ in file.around(text)):
                return True
            if file.replaces(text):
                break
        return False

    def around(self, text: int) -> dict[int, Relation]:
        """Return the texts that a text is related to, and how; some may have no article any more."""
        if text in self._around:
            return self._around[text]
        found: dict[int, Relation] = {}
        for at, file in enumerate(self._files):
            found |= {o: relation for o, relation in file.around(text) if o != text and not self._is_void(o, at)}
            if file.replaces(text):
                break
        self._around[text] = found
        return found

    def _is_void(self, text: int, n_newer: int) -> bool:
        """Return whether what a file says of a text is void, given how many files are newer."""
        return any(newer.replaces(text) for newer in self._files[:n_newer])

    def variants(self, elsewhere: Callable[[str, AbstractSet[int]], int]) -> Variants | None:
        """Return the words that related texts spell in different ways; None if there are none. See `Variants`."""

        def is_valid(a: int, b: int, n_newer: int) -> bool:
            return not any(self._is_void(text, n_newer) or self._days(text) is None for text in (a, b))

        files = [(at, file.spelled) for at, file in enumerate(self._files) if file.spelled is not None]
        return Variants(files, is_valid, elsewhere) if files else None

    def story(self, text: int) -> frozenset[int]:
        """Return the texts of the story of a text, its own included."""
        if text not in self._known:
            edges: list[Edge[int]] = []
            seen = {text}
            left = [text]
            while left:
                one = left.pop()
                for other, relation in self.around(one).items():
                    edge = Edge(one, other, relation)
                    if edge.folds and self._are_near(one, other):
                        edges.append(edge)
                        if other not in seen:
                            seen.add(other)
                            left.append(other)
            if len(seen) <= 2:  # as most stories are: nothing is between the two that could part them
                self._known |= dict.fromkeys(seen, frozenset(seen))
                return self._known[text]
            self._known |= {one: frozenset({one}) for one in seen}
            for story in stories(edges):
                self._known |= dict.fromkeys(story, story)
        return self._known[text]

    def _are_near(self, a: int, b: int) -> bool:
        """Return whether two texts have articles that appeared near each other."""
        of_a, of_b = self._days(a), self._days(b)
        return of_a is not None and of_b is not None and are_near(of_a, of_b)

    def stories(self) -> set[frozenset[int]]:
        """Return the stories of all texts that are related to others or have several articles; some have one text."""
        rows = merged(file.all() for file in reversed(self._files))
        there = {text for text in runs.distinct(rows.a).tolist() if self._days(text) is not None}
        columns = (rows.a.tolist(), rows.b.tolist(), rows.kind.tolist(), rows.shares.tolist())
        edges = [
            Edge(a, b, Relation(KINDS[kind], *shares))
            for a, b, kind, shares in zip(*columns, strict=True)
            if a < b and self._are_near(a, b)
        ]
        self._known |= {text: frozenset({text}) for text in there}
        for story in stories(edges):
            self._known |= dict.fromkeys(story, story)
        return {self._known[text] for text in there}
