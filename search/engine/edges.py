"""Relations between texts on disk: a file for each commit that changed some, and how several are read as one.

    replaced    texts all of whose relations in older files are void, ascending
    texts       texts that are related to others or have several articles, ascending
    ends        where those that each text is related to end in `related` and `pair`
    related     their numbers in `texts`, ascending; its own for a text of several articles
    pair        the number of the relation in the rest; each is there both ways round
    kind        number in `KINDS`, and `OF_B` more if `shared` is `shared_b`, else it is `shared_a`
    shared_a, shared_b    as in `Relation`, `a` being the lesser of the two texts, in `PARTS`
    entries and so on             words that copies spell otherwise, see `variants`
    members, ring                 which texts are one story, see `members`

A relation that an older file has is void as well if a newer one replaced the other text, or if that has no article any
more. So what is read is what was found last, and files merge into one without anything being looked at again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.engine.members import Members, MembersFile
from search.engine.sections import Sections, writing
from search.engine.storage import Folder
from search.engine.variants import Spellings, SpellingsFile
from search.stories.membership import Edge, Folds
from search.stories.relation import FOLDED, PARTS, Kind, Relation

KINDS: tuple[Kind, ...] = ("copy", "partial", "quote")  # on disk: never renumber
OF_B = 4
_COPY, _PARTIAL = KINDS.index("copy"), KINDS.index("partial")
_SHARES = ("shared_a", "shared_b", "shared")
_STORED = _SHARES[:2]
_IS_KIND = np.isin(np.arange(256), [number + more for number in range(len(KINDS)) for more in (0, OF_B)])
_EDGE = np.dtype([("a", "<i8"), ("b", "<i8"), ("kind", "u1"), *((name, "<i8") for name in _SHARES)])

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """The content of such a file in memory; each relation both ways round, by `a` and `b`.

    Args:
        replaced: int64 (texts,), ascending.
        a, b, kind: int64 (rows,).
        shares: `shared_a`, `shared_b` and `shared`, in `PARTS`; int64 (rows, 3).
        spelled: Words that these texts spell in different ways.
        members: Which texts are one story.
    """

    replaced: Ints
    a: Ints
    b: Ints
    kind: Ints
    shares: Ints
    spelled: Spellings
    members: Members

    @classmethod
    def of(cls, replaced: Ints, edges: Iterable[Edge], repeated: Ints) -> "Rows":
        """Return relations, and texts that several articles have, as rows; with no spellings or stories."""
        told = ((edge.a, edge.b, KINDS.index(edge.relation.kind), *_shares_of(edge.relation)) for edge in edges)
        found = np.fromiter(told, _EDGE)
        there = np.stack([found[name] for name in _SHARES], axis=1)
        a, b = np.concatenate([found["a"], found["b"], repeated]), np.concatenate([found["b"], found["a"], repeated])
        kind = np.concatenate([found["kind"], found["kind"], np.full(len(repeated), _COPY)])
        shares = np.concatenate([there, there[:, [1, 0, 2]], np.full((len(repeated), len(_SHARES)), PARTS)])
        order = np.lexsort((b, a))
        return cls(
            replaced, a[order], b[order], kind[order].astype(np.int64), shares[order], Spellings.of(()), Members.none()
        )

    def folds(self, texts: Ints) -> Folds:
        """Return the relations that make one story of one of some texts, `a`, which ascend, and another."""
        which = _fold(self.kind, self.shares[:, 2])
        which[which] = runs.are_among(self.a[which], texts)
        return Folds(self.a[which], self.b[which], *(self.shares[which, :2] / PARTS).T)

    def are_replaced(self, texts: Ints) -> NDArray[np.bool_]:
        """Return of which texts what older files say is void; bool (texts,)."""
        return runs.are_among(texts, self.replaced)

    def folding(self) -> Ints:
        """Return the pairs of texts that are one story as far as they alone are concerned, the lesser first.

        int64 (pairs, 2).
        """
        which = (self.a < self.b) & _fold(self.kind, self.shares[:, 2])
        return np.stack([self.a[which], self.b[which]], axis=1)

    def __len__(self) -> int:
        """Return how many texts, relations and spellings there are, and texts whose story is told."""
        return len(self.replaced) + len(self.a) + len(self.spelled) + len(self.members.texts)

    def told(self) -> list[tuple[int, ...]]:
        """Return each relation as numbers, to compare."""
        columns = (self.a, self.b, self.kind, *self.shares.T)
        return list(zip(*(column.tolist() for column in columns), strict=True))

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
            self.members.over(older.members),
        )

    def write(self, folder: Folder, name: str) -> int:
        """Write the new file `name`; return its size in bytes."""
        with writing(folder, name) as writer:
            texts, begin = np.unique(self.a, return_index=True)
            writer.add("replaced", self.replaced.astype(np.uint64))
            writer.add("texts", texts.astype(np.uint64))
            writer.add("ends", np.append(begin, len(self.a))[1:].astype(np.uint32))
            writer.add("related", np.searchsorted(texts, self.b).astype(np.min_scalar_type(len(texts))))
            writer.add("pair", self._pairs().astype(np.uint32))
            forwards = self.a <= self.b
            kind, shares = self.kind[forwards], self.shares[forwards]
            writer.add("kind", (kind + OF_B * (shares[:, 2] != shares[:, 0])).astype(np.uint8))
            for section, column in zip(_STORED, shares.T, strict=False):
                writer.add(section, column.astype(np.uint16))
            self.spelled.write(writer)
            self.members.write(writer)
            return writer.finish({})

    def _pairs(self) -> Ints:
        """Return the number of the relation in each row, counted where `a` is the lesser text; int64 (rows,)."""
        backwards = (self.a > self.b).nonzero()[0]
        found = np.cumsum(self.a <= self.b) - 1
        there = found[self.a < self.b]  # by `a` and `b`; the same relations the other way round are by `b` and `a`
        found[backwards[np.lexsort((self.a[backwards], self.b[backwards]))]] = there
        return found


def _fold(kind: NDArray[Any], shared: Ints) -> NDArray[np.bool_]:
    """Return which relations make one story of two texts, as far as they alone are concerned."""
    found: NDArray[np.bool_] = (kind == _COPY) | ((kind == _PARTIAL) & (shared >= FOLDED * PARTS))
    return found


def _shares_of(relation: Relation) -> Iterator[int]:
    return (round(share * PARTS) for share in (relation.shared_a, relation.shared_b, relation.shared))


class Relations:
    """Such a file, opened.

    Raises:
        CorruptionError: Bytes are not what was written.
    """

    def __init__(self, file: Sections) -> None:
        self.file = file
        self._replaced, self._texts, self._ends = (file[name] for name in ("replaced", "texts", "ends"))
        self._related, self._pair, self._kind = (file[name] for name in ("related", "pair", "kind"))
        self._shares = [file[name] for name in _STORED]
        for name, n in (
            ("ends", len(self._texts)),
            ("pair", len(self._related)),
            *((name, len(self._kind)) for name in _STORED),
        ):
            file.expect(name, f"{n} numbers", len(file[name]) == n, len(file[name]))
        self.spelled = SpellingsFile(file) if file.parts.get("entries") else None
        self.members = MembersFile(file)

    def __len__(self) -> int:
        """Return how many texts, relations and spellings there are, and texts whose story is told."""
        n_spelled = len(self.spelled) if self.spelled is not None else 0
        return len(self._replaced) + len(self._related) + n_spelled + len(self.members)

    def _told(self, pairs: NDArray[Any] | None) -> tuple[Ints, Ints]:
        """Return kind, (pairs,), and shares, (3, pairs), of some relations, given by their numbers, or of all."""
        kind = self._kind.at(pairs).astype(np.int64)
        if not _IS_KIND[kind].all():
            raise ValueError("expected kinds of relations, found others")
        a, b = (column.at(pairs).astype(np.int64) for column in self._shares)
        return kind & (OF_B - 1), np.stack([a, b, np.where(kind < OF_B, a, b)])

    def folds(self, texts: Ints) -> Folds:
        """Return the relations here that make one story of one of some texts, `a`, and another."""
        every = self._texts.all()
        wanted = texts.astype(np.uint64)
        at = every.searchsorted(wanted)
        at = at[runs.are_at(at, every, wanted)]
        starts, sizes = self._extents(at)
        at, rows = at.repeat(sizes), runs.numbers(starts, sizes)
        other, pair = self._related.at(rows), self._pair.at(rows)
        kind, (of_lesser, of_greater, shared) = self._told(pair)
        kept = _fold(kind, shared).nonzero()[0]
        at, other, of_lesser, of_greater = at[kept], other[kept], of_lesser[kept], of_greater[kept]
        forwards = at < other
        shares = np.where(forwards, of_lesser, of_greater), np.where(forwards, of_greater, of_lesser)
        return Folds(every[at].astype(np.int64), every[other].astype(np.int64), *(each / PARTS for each in shares))

    def copied(self, texts: Ints) -> Ints:
        """Return the texts that are copies of some texts, ascending, or of which those are copies; some repeatedly."""
        is_copy = (self._told(None)[0] == _COPY)[self._pair.all()]
        others = self._texts.all()[self._related.all()[is_copy]].astype(np.int64)
        found: Ints = self._owners()[is_copy][runs.are_among(others, texts)].astype(np.int64)
        return found

    def _owners(self) -> NDArray[Any]:
        """Return of which text each relation is."""
        found: NDArray[Any] = self._texts.all().repeat(self._extents(np.arange(len(self._texts)))[1])
        return found

    def _extents(self, at: Ints) -> tuple[Ints, Ints]:
        """Return where the relations of texts, given by their places, each once, begin, and how many each has."""
        ends = self._ends.all()
        starts = np.where(at > 0, ends[at - 1], 0).astype(np.int64)
        sizes = ends[at] - starts
        if sizes.sum() > len(self._related):  # a forged file could ask for any amount of memory
            raise ValueError("expected the relations of each text behind those of the one before")
        return starts, sizes

    def among(self, texts: Ints) -> NDArray[np.bool_]:
        """Return which texts are related to any here, or have several articles; bool (texts,)."""
        return runs.are_among(texts.astype(np.uint64), self._texts.all())

    def are_replaced(self, texts: Ints) -> NDArray[np.bool_]:
        """Return of which texts what older files say is void; bool (texts,)."""
        return runs.are_among(texts.astype(np.uint64), self._replaced.all())

    def replaces(self, text: int) -> bool:
        """Return whether what older files say of a text is void."""
        return self._replaced.find(text) is not None

    def around(self, text: int) -> list[tuple[int, Relation]]:
        """Return the texts that a text is related to here, and how."""
        at = self._texts.find(text)
        if at is None:
            return []
        first, last = self._ends.bounds(at)
        rows = zip(self._related.list(first, last), self._pair.list(first, last), strict=True)
        return [(self._texts[other], self._relation(pair, backwards=other < at)) for other, pair in rows]

    def __contains__(self, text: int) -> bool:
        """Return whether a text is related to any here, or has several articles."""
        return self._texts.find(text) is not None

    def _relation(self, pair: int, *, backwards: bool) -> Relation:
        """Return a relation; `backwards` is how the greater text relates to the lesser."""
        a, b = (column[pair] / PARTS for column in self._shares)
        kind = self._kind[pair]
        if not _IS_KIND[kind]:
            raise ValueError(f"expected the kind of a relation, found {kind}")
        found = Relation(KINDS[kind % OF_B], a, b, a if kind < OF_B else b)
        return found.backwards if backwards else found

    def all(self) -> Rows:
        """Return everything."""
        pair = self._pair.all()
        a, b = self._owners().astype(np.int64), self._texts.all()[self._related.all()].astype(np.int64)
        kind, told = self._told(None)
        kind, shares = kind[pair], told.T[pair]
        backwards = a > b
        shares[backwards, 0], shares[backwards, 1] = shares[backwards, 1], shares[backwards, 0]
        spelled = self.spelled.all() if self.spelled is not None else Spellings.of(())
        return Rows(self._replaced.all().astype(np.int64), a, b, kind, shares, spelled, self.members.all())


def merged(files: Iterable[Rows]) -> Rows:
    """Return what several files are together.

    Args:
        files: From the oldest to the newest.
    """
    none = np.zeros(0, np.int64)
    found = Rows.of(none, (), none)
    for rows in files:
        found = rows.over(found)
    return found
