"""What one commit holds, seen as a single row of articles.

Articles of all segments are numbered through: article d of segment s is `bases[s] + d`. Statistics are those of the
living articles of the whole index, so that scores do not depend on how articles fell into segments, nor on what was
deleted and not yet merged away.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.engine import counts, record
from search.engine.commit import NAME, Commit
from search.engine.docsets import Scratch
from search.engine.layout import Times
from search.engine.ranking import Ranking, norms
from search.engine.sections import Sections, writing
from search.engine.segment import Segment, Term
from search.engine.storage import Folder
from search.errors import CorruptionError
from search.text.stream import Field

if TYPE_CHECKING:
    from search.engine.edges import Relations
    from search.engine.statistics import Statistics

_TABLE = 1 << 16  # lengths whose norms are looked up
_NO_DOCS = np.zeros(0, np.int32)


class Deleted:
    """The deleted articles of a segment, and what statistics lose by them.

    A file of sections: `docs` ascending; `terms` ascending, and in how many deleted articles each stands, `df`.

    Raises:
        CorruptionError: Bytes are not what was written.
    """

    def __init__(self, file: Sections, segment: Segment) -> None:
        self.file = file
        self.docs: NDArray[Any] = file["docs"].all()
        self.terms: NDArray[Any] = file["terms"].all()
        self.df: NDArray[Any] = file["df"].all()
        for name, numbers, end in (("docs", self.docs, segment.n_docs), ("terms", self.terms, segment.n_terms)):
            rising = not len(numbers) or (int(numbers[-1]) < end and bool((numbers[1:] > numbers[:-1]).all()))
            file.expect(name, f"rising numbers below {end}", rising, "others")
        file.expect("docs", "some articles", len(self.docs), "none")
        file.expect("df", f"{len(self.terms)} numbers", len(self.df) == len(self.terms), len(self.df))

    def holds(self, doc: int) -> bool:
        """Return whether an article of the segment is deleted."""
        at = int(np.searchsorted(self.docs, doc))
        return at < len(self.docs) and int(self.docs[at]) == doc

    @staticmethod
    def write(folder: Folder, name: str, docs: NDArray[Any], terms: NDArray[Any], df: NDArray[Any]) -> int:
        """Write the new file `name`; return its size in bytes."""
        with writing(folder, name) as writer:
            writer.add("docs", docs.astype(np.uint32))
            writer.add("terms", terms.astype(np.uint32))
            writer.add("df", df.astype(np.uint32))
            return writer.finish({})

    def df_of(self, term: int) -> int:
        """Return in how many deleted articles a term stands."""
        at = int(np.searchsorted(self.terms, term))
        return int(self.df[at]) if at < len(self.terms) and self.terms[at] == term else 0


class Part(NamedTuple):
    """A segment in a snapshot. `base` is the number of its first article."""

    segment: Segment
    base: int
    deleted: Deleted | None

    @property
    def dead(self) -> NDArray[np.int64]:
        """The numbers of its deleted articles, ascending."""
        return self.deleted.docs.astype(np.int64) if self.deleted else np.zeros(0, np.int64)

    def df(self, term: Term) -> int:
        """Return in how many living articles a term of the segment stands."""
        return term.end - term.start - (self.deleted.df_of(term.number) if self.deleted else 0)


class Snapshot:
    """The articles of one commit.

    Args:
        segments: With their deleted articles.
        ranking: Settings of the index.
        relations: Files of relations between articles, from the oldest.
    """

    def __init__(
        self,
        segments: list[tuple[Segment, Deleted | None]],
        ranking: Ranking,
        relations: "Sequence[Relations]" = (),
    ) -> None:
        self.relations = relations
        self.parts: list[Part] = []
        base = 0
        for segment, deleted in segments:
            self.parts.append(Part(segment, base, deleted))
            base += segment.n_docs
        self.moved: NDArray[np.bool_] | None = None  # articles that do not stand where their dates say, if any
        self._bases = [part.base for part in self.parts]
        self.n_all = base
        self.scratch = Scratch(base)
        self.n_docs = base - sum(len(deleted.docs) for _, deleted in segments if deleted)
        self.ranking = ranking
        self.statistics: Statistics | None = None  # in place of its own
        self._lengths: dict[Field, NDArray[np.int32]] = {}
        self._norms: dict[Field, NDArray[np.float64]] = {}
        self._worth: dict[Field, NDArray[np.float32]] = {}

    @property
    def sources(self) -> list[tuple[Segment, NDArray[np.int64]]]:
        """The segments, with the numbers of their deleted articles."""
        return [(part.segment, part.dead) for part in self.parts]

    def as_of(self, statistics: "Statistics") -> "Snapshot":
        """Return the same articles, scored by other statistics."""
        other = copy(self)
        other.__dict__.pop("_averages", None)
        other.statistics, other._norms, other._worth = statistics, {}, {}  # noqa: SLF001  # its own
        return other

    def part_of(self, doc: int) -> Part:
        """Return the part that holds article `doc`."""
        return self.parts[bisect_right(self._bases, doc) - 1]

    def record(self, doc: int) -> bytes:
        """Return the record of an article."""
        segment, base, _ = self.parts[bisect_right(self._bases, doc) - 1]
        return segment.record(doc - base)

    def place(self, doc: int) -> tuple[int, int]:
        """Return the number of the part that holds an article, and the article's number there."""
        number = bisect_right(self._bases, doc) - 1
        return number, doc - self._bases[number]

    def id(self, doc: int) -> str:
        """Return the id of an article."""
        return record.id_of(self.record(doc))

    def find(self, article_id: str) -> int | None:
        """Return the number of the living article with this id, or None."""
        for part in self.parts:
            for doc in part.segment.candidates(article_id):
                if record.id_of(part.segment.record(doc)) == article_id and self.is_live(part.base + doc):
                    return part.base + doc
        return None

    def text(self, doc: int) -> int:
        """Return the text of an article, the same for articles of the same words; 0 if they are too few."""
        part = self.part_of(doc)
        return part.segment.sketches.text(doc - part.base)

    def texts(self, docs: NDArray[Any]) -> NDArray[np.int64]:
        """Return the texts of articles; int64 (docs,)."""
        if len(self.parts) == 1:
            return self.parts[0].segment.sketches.texts(docs)
        found = np.zeros(len(docs), np.int64)
        for part in self.parts:
            inside = (docs >= part.base) & (docs < part.base + part.segment.n_docs)
            if inside.any():
                found[inside] = part.segment.sketches.texts(docs[inside] - part.base)
        return found

    def articles(self, text: int) -> Iterator[int]:
        """Yield the living articles of a text."""
        for part in self.parts:
            for doc in part.segment.sketches.docs(text):
                if part.deleted is None or not part.deleted.holds(doc):
                    yield part.base + doc

    def is_live(self, doc: int) -> bool:
        """Return whether an article has not been deleted."""
        part = self.part_of(doc)
        return part.deleted is None or not part.deleted.holds(doc - part.base)

    def __iter__(self) -> Iterator[int]:
        """Yield the living articles."""
        for part in self.parts:
            dead = set(part.deleted.docs.tolist()) if part.deleted else set()
            yield from (part.base + doc for doc in range(part.segment.n_docs) if doc not in dead)

    @cached_property
    def live(self) -> NDArray[np.bool_] | None:
        """Whether each article lives, bool (articles,); None if all do."""
        if self.n_docs == self.n_all:
            return None
        live = np.ones(self.n_all, np.bool_)
        for part in self.parts:
            if part.deleted:
                live[part.base + part.deleted.docs.astype(np.int64)] = False
        return live

    @cached_property
    def when(self) -> Times:
        """Publication in seconds since 1970, `UNDATED` where unknown. int64 (articles,)."""
        return np.concatenate([np.zeros(0, np.int64), *(part.segment.when() for part in self.parts)])

    @cached_property
    def local(self) -> Times:
        """Publication by the clock of its outlet, as if that were UTC; `when` itself if all are. int64 (articles,)."""
        if all(part.segment.is_utc for part in self.parts):
            return self.when
        return np.concatenate([part.segment.local() for part in self.parts])

    @cached_property
    def precision(self) -> NDArray[np.int8]:
        """How many characters of the date of each article are known, as of `Moment`. int8 (articles,)."""
        return np.concatenate([np.zeros(0, np.int8), *(part.segment.precision() for part in self.parts)])

    def dated(self, when: Times, local: Times, precision: NDArray[np.int8]) -> "Snapshot":
        """Return the same articles with other times of publication, as the properties of these names."""
        other = copy(self)
        vars(other).update(when=when, local=local, precision=precision, moved=when != self.when)
        return other

    def lengths(self, field: Field) -> NDArray[np.int32]:
        """Return how many positions `field` takes in each article. int32 (articles,)."""
        known = self._lengths.get(field)
        if known is None:
            parts = [part.segment.extent(field) for part in self.parts]
            known = self._lengths[field] = parts[0] if len(parts) == 1 else np.concatenate([_NO_DOCS, *parts])
        return known

    def extents(self, docs: NDArray[Any]) -> NDArray[np.int64]:
        """Return how many positions each field takes in some articles. int64 (docs, fields)."""
        return np.stack([self.lengths(field)[docs] for field in Field], axis=1).astype(np.int64)

    @cached_property
    def room(self) -> NDArray[np.int32]:
        """At most how many positions each article takes. int32 (articles,)."""
        found = np.full(self.n_all, counts.N_FIELDS, np.int32)
        for field in Field:
            found += self.lengths(field)
        return found

    def average(self, field: Field) -> float:
        """Return the mean length of a field over the living articles that have it; 1 if none has."""
        if self.statistics and field in self.statistics.averages:
            return self.statistics.averages[field]
        having = total = 0
        for part in self.parts:
            n, length = part.segment.length_of(field)
            having, total = having + n, total + length
            if part.deleted:
                gone = part.segment.extent(field)[part.deleted.docs]
                having, total = having - int(np.count_nonzero(gone)), total - int(gone.sum(dtype=np.int64))
        return total / having if having > 0 < total else 1.0

    @cached_property
    def _averages(self) -> list[tuple[Field, float, float]]:
        """Fields whose length counts, with b and mean length."""
        return [(field, b, self.average(field)) for field, b in zip(Field, self.ranking.b().tolist(), strict=True) if b]

    def norms(self, docs: NDArray[Any]) -> NDArray[np.float64]:
        """Return what the frequencies in some articles are divided by. float64 (docs, fields)."""
        found = np.ones((len(docs), counts.N_FIELDS))
        for field, b, average in self._averages:
            table = self._norms.get(field)
            if table is None:
                longest = min(int(self.lengths(field).max(initial=0)), _TABLE)
                table = self._norms[field] = norms(np.arange(longest + 1), average, b)
            lengths = self.lengths(field).take(docs)
            found[:, field] = table.take(lengths) if len(table) <= _TABLE else norms(lengths, average, b)
        return found

    def worth_at(self, field: Field, lengths: NDArray[Any]) -> NDArray[np.float32]:
        """Return what one occurrence in a field of some length is worth before saturation. float32 (lengths,)."""
        b, average = next(((b, average) for each, b, average in self._averages if each is field), (0.0, 1.0))
        found: NDArray[np.float32] = np.maximum(lengths, 1).astype(np.float32)
        found *= np.float32(b / average)
        found += np.float32(1 - b)
        np.divide(np.float32(self.ranking.weights()[field]), found, out=found)
        return found

    def worth(self, field: Field) -> NDArray[np.float32]:
        """Return what one occurrence in a field is worth in each article, before saturation. float32 (articles,)."""
        known = self._worth.get(field)
        if known is None:
            known = self._worth[field] = self.worth_at(field, self.lengths(field))
        return known

    @cached_property
    def constant(self) -> NDArray[np.float32]:
        """What the occurrences that each code of `counts` stands for are worth in fields whose length is no matter."""
        fields = [field for field in Field if field not in (Field.TITLE, Field.DECK, Field.BODY)]
        found: NDArray[np.float32] = self.ranking.weights()[fields].astype(np.float32) @ counts.SHARES[fields]
        return found


def load(folder: Folder, commit: Commit, *, verify: bool = True) -> Snapshot:
    """Open the files of a commit.

    Args:
        folder: Of the index.
        commit: To open.
        verify: Whether a block is held to its checksum when it is first touched.

    Raises:
        FileNotFoundError: A file is gone: a writer has replaced this commit meanwhile, read the newest and try again.
    """
    segments = []
    for entry in commit.segments:
        segment = Segment(folder, entry.file.name, entry.file.size, verify=verify)
        segment.file.expect("contents", f"{entry.n_docs} articles", segment.n_docs == entry.n_docs, segment.n_docs)
        deleted = None
        if entry.deleted:
            deleted = Deleted(Sections(folder, entry.deleted.name, entry.deleted.size), segment)
            n = len(deleted.docs)
            deleted.file.expect("docs", f"{entry.n_deleted} articles", n == entry.n_deleted, n)
        segments.append((segment, deleted))
    try:
        ranking = Ranking(**commit.settings)
    except TypeError as error:
        raise CorruptionError.at(folder.path / NAME, f"settings: {error}") from error
    return Snapshot(segments, ranking, open_relations(folder, commit))


def open_relations(folder: Folder, commit: Commit) -> "list[Relations]":
    """Open the files of relations of a commit, from the oldest."""
    if not commit.relations:
        return []
    from search.engine.edges import Relations  # an index without copies needs none of it

    return [Relations(Sections(folder, file.name, file.size)) for file in commit.relations]
