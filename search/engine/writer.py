"""One transaction on the files of an index: articles in and out, then a commit that makes all of it visible at once.

Nothing that a reader can see changes before the commit file is replaced; what was written for a transaction that was
given up is removed by the next one.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.engine import commit as commits
from search.engine import record
from search.engine.bodies import Kept
from search.engine.builder import Builder
from search.engine.commit import Commit, FileEntry, SegmentEntry
from search.engine.compaction import Part, compacted, pending
from search.engine.incoming import Incoming, batches, checked, path_of, prepared
from search.engine.layout import AT_ONCE
from search.engine.relating import Archive, Source, changes, settled, texts_of
from search.engine.segment import Segment
from search.engine.snapshot import Deleted, Snapshot, load, open_relations
from search.engine.storage import Folder
from search.errors import ArticleError, StorageError
from search.model import Article
from search.text.analysis import Analyzer
from search.text.stream import stream

MEMORY = 512_000_000
# Characters, or bytes of segments to merge; starting processes takes as long as indexing a quarter or half of them.
WORTH_A_CREW = 4_000_000

Refuse = Callable[[Article, str], None]

BY_HAND = 50  # deleted articles whose terms are found by analysing them again; more, by reading all postings
_OURS = ("segment", "deleted", "relations", "bodies", "new")  # files of an index end so
MUCH_LARGER = 2  # times as many rows: then a file of relations stays as it is


class Transaction:
    """Changes to an index, visible to nobody before `commit`.

    REQUIRES: the caller holds the folder's lock.

    Args:
        folder: Of the index.
        base: The commit that it changes.
        analyzer: Of the index.
        memory: Bytes that tokenizing and merging may take, about.
        spared: Names of files to leave alone although no commit names them.
        doubting: Entered around what reads the articles that are there: tells errors that come of damage.
        anew: Whether relations are to be found anew, whatever the commit says.
    """

    def __init__(
        self,
        folder: Folder,
        base: Commit,
        analyzer: Analyzer,
        memory: int = MEMORY,
        spared: frozenset[str] = frozenset(),
        doubting: Callable[[], AbstractContextManager[None]] = nullcontext,
        *,
        anew: bool = False,
    ) -> None:
        self._doubting = doubting
        self._anew = anew
        self._folder = folder
        self._spared = spared
        self._base = base
        self._analyzer = analyzer
        self._memory = memory
        self._builder = Builder(analyzer, memory)
        self._bodies = Kept(folder, lambda: self._name("bodies"))
        self._pending: dict[str, int] = {}  # id → its number in the builder
        self._entries = list(base.segments)
        self._snapshot = load(folder, base)
        self._dead: list[set[int]] = [set() for _ in base.segments]  # in addition to those already deleted
        self._next = base.next_number
        self._changed = False
        self._has_begun = False
        self._jobs = 1  # processes that it was worth to start
        self._sweep(base)

    def _sweep(self, commit: Commit) -> None:
        """Remove the files that no commit names: what a reader still uses stays mapped until it lets go.

        The commit may be the work of a writer that died before it was durable. Were it lost after its forerunner's
        files are, nothing would be left. What cannot be removed now is left to the next writer.
        """
        keep = commit.names() | self._spared
        with contextlib.suppress(StorageError):
            gone = [name for name in self._folder.names() if name not in keep and name.rpartition(".")[2] in _OURS]
            if gone:
                self._folder.sync()
            for name in gone:
                self._folder.remove(name)

    def record(self, article_id: str) -> bytes | None:
        """Return the record of an article as the transaction sees it, or None if there is none."""
        if article_id in self._pending:
            return self._builder.record(self._pending[article_id])
        with self._doubting():
            place = self._find(article_id)
            return self._snapshot.parts[place[0]].segment.record(place[1]) if place else None

    def _find(self, article_id: str) -> tuple[int, int] | None:
        for number, (segment, _, deleted) in enumerate(self._snapshot.parts):
            for doc in segment.candidates(article_id):
                gone = doc in self._dead[number] or (deleted is not None and deleted.holds(doc))
                if not gone and record.id_of(segment.record(doc)) == article_id:
                    return number, doc
        return None

    def put(self, article: Article, refuse: Refuse | None = None) -> str:
        """Add an article, in the place of the one with its id if there is one.

        Args:
            article: To add.
            refuse: As `put_all` says.

        Returns:
            `added`, `updated`, `repeated` (updated, and the old one came in the same transaction), `unchanged` or
            `refused`.

        Raises:
            ArticleError: It cannot be stored.
        """
        (new,) = prepared([article])
        return self._put(new, refuse)

    def _put(self, new: Incoming, refuse: Refuse | None) -> str:
        article_id = new.article.id
        old = self.record(article_id)
        outcome = new.differs(old, is_careful=refuse is not None)
        if outcome == "refused" and refuse and old is not None:
            refuse(new.article, path_of(old))
        if outcome in ("added", "updated"):
            if old is not None and self.remove(article_id):
                outcome = "repeated"
            if not self._builder.has_room(len(new.stored)):
                self._flush()
            self._pending[article_id] = len(self._builder)
            self._builder.add(*new)
            self._changed = True
            if self._builder.is_full:
                self._flush()
        return outcome

    def put_all(
        self, articles: Iterable[Article], refuse: Refuse | None = None, jobs: int = 1
    ) -> Iterator[tuple[Article, str]]:
        """Put articles; yield each with what was done, in no particular order if there are several jobs.

        Args:
            articles: To add.
            refuse: Called with an article whose id belongs to one of another path, and that path; the old one stays.
                Without it, the old one is replaced.
            jobs: Processes that may tokenize; few articles are not worth them.

        Raises:
            ArticleError: One cannot be stored.
        """
        if jobs > 1 and not self._changed:  # processes know the commit, not what was done since
            articles = map(checked, articles)  # what is none cannot be handed on
            head: list[Article] = []
            size = 0
            while size < WORTH_A_CREW and (article := next(articles, None)):
                head.append(article)
                size += len(article.body)
            articles = chain(head, articles)
            if size >= WORTH_A_CREW:
                yield from self._put_by_crew(articles, refuse, jobs)
                return
        for some in batches(articles):
            for new in prepared(some):
                yield new.article, self._put(new, refuse)

    def _put_by_crew(
        self, articles: Iterator[Article], refuse: Refuse | None, jobs: int
    ) -> Iterator[tuple[Article, str]]:
        """Put articles by several processes. One whose id came before waits until those that came before are in."""
        from search.engine.crew import Batches, Crew  # few need it

        self._flush()
        self._begin()
        self._changed = True
        self._jobs = jobs
        shares = Batches(articles, self._number)
        with Crew(jobs, self._task(jobs, is_careful=refuse is not None)) as crew:
            while not shares.ended:
                for batch, done in crew.work(shares):
                    for doc in done["replaced"]:
                        number, own = self._snapshot.place(doc)
                        self._dead[number].add(own)
                    for article, (outcome, path) in zip(batch, done["outcomes"], strict=True):
                        if outcome == "refused" and refuse:
                            refuse(article, path)
                        yield article, outcome
                for done in crew.finish(self._number(2) for _ in range(jobs)):
                    for name, size, n_docs in done["runs"]:
                        self._append(SegmentEntry(FileEntry(name, size), n_docs))
                    for name, size in done["bodies"]:
                        self._bodies.take(name, size)
                for article in shares.waiting():
                    yield article, self.put(article, refuse)

    def _task(self, jobs: int, *, is_careful: bool = False) -> dict[str, Any]:
        """Return the task of each of several processes."""
        return {
            "folder": str(self._folder.path),
            "language": self._analyzer.language,
            "memory": self._memory // jobs,
            "is_careful": is_careful,
        }

    def remove(self, article_id: str) -> bool:
        """Delete an article; return whether it came in this transaction.

        Raises:
            ArticleError: There is none with this id.
        """
        place = None
        if article_id in self._pending:
            self._builder.drop(self._pending.pop(article_id))
        elif isinstance(article_id, str) and (place := self._find(article_id)):
            self._dead[place[0]].add(place[1])
        else:
            raise ArticleError(f"no article has the id {article_id!r}; find it with: search find WORDS --ids")
        self._changed = True
        return place is None or place[0] >= len(self._base.segments)

    def _begin(self) -> None:
        """Say of a new index that it has begun, before the first segment is there."""
        if not self._base.generation and not self._has_begun:
            commits.write(self._folder, self._base)
        self._has_begun = True

    def _flush(self) -> None:
        """Write what the builder holds as a segment."""
        n_docs = self._builder.n_live
        if n_docs:
            self._begin()
            name = self._new_segment()
            self._bodies.settle()
            size, read = self._builder.write(self._folder, name)
            self._append(SegmentEntry(FileEntry(name, size), n_docs))
            self._bodies.add(read)
        elif len(self._builder):
            self._builder = Builder(self._analyzer, self._memory)
        self._pending.clear()

    def _append(self, entry: SegmentEntry) -> None:
        parts = [(part.segment, part.deleted) for part in self._snapshot.parts]
        parts.append((Segment(self._folder, entry.file.name, entry.file.size), None))
        self._entries.append(entry)
        self._dead.append(set())
        self._snapshot = Snapshot(parts, self._snapshot.ranking)

    def _new_segment(self) -> str:
        """Return the name of a new segment."""
        return self._name("segment")

    def _name(self, kind: str) -> str:
        return f"{self._number()}.{kind}"

    def _number(self, n: int = 1) -> int:
        """Return the first of `n` numbers that no file has been named by."""
        self._next += n
        return self._next - n

    def commit(
        self,
        settings: Mapping[str, float] | None = None,
        *,
        compact: bool = False,
        progress: Callable[[str], None] | None = None,
    ) -> Commit:
        """Make every change durable and visible, and return the new commit; the old one if nothing changed.

        Args:
            settings: Of ranking, new; None leaves them.
            compact: Merge everything into one segment.
            progress: Called with what is being done, when it takes longer.
        """
        self._flush()
        settings = self._base.settings if settings is None else settings
        if not self._changed and not compact and not self._anew and settings == self._base.settings:
            return self._base
        tell = progress or (lambda _: None)
        with self._merging(tell, compact=compact) as merged:
            relations = self._relate(tell, compact=compact)
            self._bodies.forget()
            self._builder = Builder(self._analyzer, self._memory)  # merging needs the room of the old one's vocabulary
            self._take(merged())
        entries = []
        for number, entry in enumerate(self._entries):
            entries.append(self._with_deleted(number, entry))
        new = self._base._replace(
            generation=self._base.generation + 1,
            next_number=self._next,
            analysis=self._analyzer.id,
            settings=settings,
            segments=tuple(entries),
            relations=relations,
        )
        self._folder.sync()
        commits.write(self._folder, new)
        self._sweep(new)
        return new

    def _relate(self, tell: Callable[[str], None], *, compact: bool) -> tuple[FileEntry, ...]:
        """Write down how the articles that came relate to all others, and return the files that say so.

        A file is merged with the one before it unless that is much larger, so that there are few.
        """
        parts = self._snapshot.parts
        n_known = 0 if self._anew else len(self._base.segments)
        files = [] if self._anew else list(self._base.relations)
        sources = [(part.segment, self._all_dead(number)) for number, part in enumerate(parts)]
        known = self._snapshot.sources[:n_known]
        gone, dropped = self._gone(0, n_known), self._gone(n_known, len(parts))
        if not gone and not compact and len(parts) == n_known:
            return tuple(files)
        older = open_relations(self._folder, self._base._replace(relations=tuple(files)))
        vocabulary = self._builder.vocabulary
        archive = Archive(sources, vocabulary, self._bodies.at_hand(texts_of(dropped)))
        came, went = texts_of(sources[n_known:]), texts_of(gone)
        rows = changes(Archive(known, vocabulary), archive, came, went, older, tell)
        if not len(rows) and not compact:
            return tuple(files)
        while files and (compact or len(older[-1]) <= MUCH_LARGER * len(rows)):
            rows = rows.over(older.pop().all())
            files.pop()
        if not files:
            rows = settled(rows, archive)
        if len(rows):
            name = self._name("relations")
            files.append(FileEntry(name, rows.write(self._folder, name)))
        return tuple(files)

    def _gone(self, first: int, upto: int) -> list[Source]:
        """Return the articles of some segments that this transaction removes, as what else there is were deleted."""
        parts = zip(self._snapshot.parts[first:upto], self._dead[first:upto], strict=True)
        return [
            (part.segment, np.setdiff1d(np.arange(part.segment.n_docs), list(dead))) for part, dead in parts if dead
        ]

    @contextlib.contextmanager
    def _merging(self, tell: Callable[[str], None], *, compact: bool) -> Iterator[Callable[[], list[Part]]]:
        """Yield what returns the segments, merged. Where it is worth it, a process is at it from the beginning on."""
        parts = self._parts()
        wanted = pending(parts, self._memory, compact=compact, beside=True) if self._jobs > 1 else []
        if sum(part.size for part in wanted) >= WORTH_A_CREW:
            from search.engine.crew import Crew  # few need it

            with Crew(1, self._task(1)) as crew:
                order = crew.merge(parts, self._number(len(parts)), compact=compact)

                def wait() -> list[Part]:
                    tell("merging segments")
                    known = {part.entry.file.name: part for part in parts}
                    left = order.result()["parts"]
                    return [known.get(name) or Part.opened(self._folder, name, *sizes) for name, *sizes in left]

                yield wait
        else:
            yield lambda: compacted(self._folder, parts, self._memory, self._new_segment, tell, compact=compact)

    def _parts(self) -> list[Part]:
        """Return the segments with all their deleted articles."""
        parts = enumerate(zip(self._entries, self._snapshot.parts, strict=True))
        return [Part(entry, part.segment, self._all_dead(number)) for number, (entry, part) in parts]

    def _take(self, parts: Sequence[Part]) -> None:
        """Go on with other segments, made of those there are, or some of them."""
        numbers = {entry.file.name: number for number, entry in enumerate(self._entries)}
        entries, opened, dead = [], [], []
        for part in parts:
            number = numbers.get(part.entry.file.name)
            old = None if number is None else self._snapshot.parts[number]
            entries.append(part.entry)
            opened.append((old.segment, old.deleted) if old else (part.segment, None))
            dead.append(set() if number is None else self._dead[number])
        self._entries, self._dead = entries, dead
        self._snapshot = Snapshot(opened, self._snapshot.ranking)

    def _all_dead(self, number: int) -> NDArray[np.int64]:
        also = np.array(sorted(self._dead[number]), np.int64)
        return np.sort(np.concatenate([self._snapshot.parts[number].dead, also]))

    def _with_deleted(self, number: int, entry: SegmentEntry) -> SegmentEntry:
        """Return the entry with its deleted articles written down."""
        if not self._dead[number]:
            return entry
        part = self._snapshot.parts[number]
        docs = self._all_dead(number)
        terms, df = deleted_df(part.segment, docs, self._analyzer)
        name = self._name("deleted")
        size = Deleted.write(self._folder, name, docs, terms, df)
        return entry._replace(deleted=FileEntry(name, size), n_deleted=len(docs))

    def close(self) -> None:
        """Give up what was not committed."""
        if self._changed:
            self._sweep(commits.read(self._folder) or Commit())


def deleted_df(
    segment: Segment, docs: NDArray[np.int64], analyzer: Analyzer
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the terms of some articles of a segment, ascending, and in how many of these each stands."""
    if len(docs) > BY_HAND:
        df = df_among(segment, docs)
        terms = np.flatnonzero(df)
        return terms, df[terms]
    found: dict[int, int] = {}
    for doc in docs.tolist():
        article = record.decode(segment.record(doc))
        for term in {place.term for place in stream(article, article.zones or (), analyzer)}:
            entry = segment.find(term.encode("utf-8", "surrogatepass"))
            if entry is not None:
                found[entry.number] = found.get(entry.number, 0) + 1
    terms = np.array(sorted(found), np.int64)
    return terms, np.array([found[t] for t in terms.tolist()], np.int64)


def df_among(segment: Segment, docs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return, per term of a segment, in how many of the given articles it stands, by reading all postings."""
    chosen = np.zeros(segment.n_docs, np.int64)
    chosen[docs] = 1
    sizes = segment.df()
    found = [np.zeros(0, np.int64)]
    for first, last in runs.portions(sizes, AT_ONCE):
        some = segment.postings(np.arange(first, last))
        found.append(np.add.reduceat(chosen[some.docs], np.cumsum(some.sizes) - some.sizes))
    return np.concatenate(found)
