"""What is left of a damaged index, made an index again.

A segment that is sound, and of which it is known what was deleted, stays as it is. Of another one, each article that
matches a checksum, its blocks' or its own, is indexed again. A newer file has the newer version of an article:
whatever was written later has a higher number.
"""

from collections.abc import Callable
from typing import NamedTuple

import zstandard

from search.engine import check, record
from search.engine import commit as commits
from search.engine.commit import Commit, FileEntry, SegmentEntry
from search.engine.ranking import Ranking
from search.engine.sections import CONTRADICTIONS, Sections
from search.engine.segment import Segment
from search.engine.snapshot import Deleted, Snapshot, load
from search.engine.storage import Folder
from search.engine.writer import Transaction
from search.errors import CorruptionError
from search.text.analysis import Analyzer

BROKEN = (CorruptionError, FileNotFoundError, zstandard.ZstdError, *CONTRADICTIONS)


class Repaired(NamedTuple):
    """What `repair` found and did.

    Args:
        kept: Articles of segments that are sound.
        rescued: Articles of other segments, indexed again.
        lost: Id and path of articles that cannot be read; both None where even that is lost.
        notes: What else there is to know, a line each; the first ones say what was damaged.
    """

    kept: int
    rescued: int
    lost: tuple[tuple[str | None, str | None], ...]
    notes: tuple[str, ...]


class _Wreck(NamedTuple):
    """A segment to rescue articles from. `deleted` is None if nobody knows which."""

    segment: Segment
    unverified: Segment
    deleted: frozenset[int] | None


def repair(folder: Folder, analyzer: Callable[[str | None], Analyzer]) -> Repaired:
    """Make an index of what is left of one. Nothing is changed if all is sound.

    REQUIRES: the caller holds the folder's lock.

    Args:
        folder: Of the index.
        analyzer: Returns the chain with an id; of None, the one to use if nobody knows.
    """
    notes: list[str] = []
    try:
        base = commits.read(folder)
    except CorruptionError as error:
        base = None
        notes.append(str(error))
    known = base is not None
    if base is None:
        base = _commit_of(folder)
        notes.append(f"{folder.path}: no commit says what was deleted and set; deleted articles may be back")
    chain = analyzer(base.analysis)
    kept: list[SegmentEntry] = []
    sound: list[Segment] = []
    wrecks: list[_Wreck] = []
    lost: list[tuple[str | None, str | None]] = []
    damaged: set[str] = set()
    for entry in sorted(base.segments, key=lambda entry: commits.number_of(entry.file.name), reverse=True):
        segment, deleted, told = _judged(folder, entry, chain)
        if segment and not told and not (not known and _repeats(segment, sound)):
            kept.append(entry)
            sound.append(segment)
            continue
        notes += told
        damaged |= {file.name for file in (entry.file, entry.deleted) if file}
        if segment is None:
            lost += [(None, None)] * (entry.n_docs - entry.n_deleted)
        else:
            unverified = Segment(folder, entry.file.name, entry.file.size, verify=False)
            gone = frozenset(deleted.docs.tolist()) if deleted else None if entry.deleted or not known else frozenset()
            wrecks.append(_Wreck(segment, unverified, gone))
    n_kept = sum(entry.n_docs - entry.n_deleted for entry in kept)
    if known and not damaged:
        notes += _unrelated(folder, base, chain)
        if not notes:
            return Repaired(n_kept, 0, (), ())
    rest = base._replace(analysis=chain.id, segments=tuple(reversed(kept)), relations=())
    transaction = Transaction(folder, rest, chain, spared=frozenset(damaged), anew=True)
    rescued = 0
    try:
        for wreck in wrecks:
            rescued += _rescue(wreck, transaction, lost)
        transaction.commit()
    finally:
        transaction.close()
    for name in sorted(damaged):
        if folder.set_aside(name, f"{name}.damaged"):
            notes.append(f"{folder.path / name}.damaged: kept for whoever wants to look; remove it when nobody does")
    return Repaired(n_kept, rescued, tuple(lost), tuple(notes))


def _unrelated(folder: Folder, commit: Commit, analyzer: Analyzer) -> list[str]:
    """Return what is wrong with the relations between articles that are sound."""
    try:
        return check.relations(load(folder, commit), analyzer)
    except FileNotFoundError as error:
        return [str(CorruptionError.at(error.filename, "expected a file of the index, found none"))]
    except CorruptionError as error:
        return [str(error)]


def _commit_of(folder: Folder) -> Commit:
    """Return a commit of all segments in a folder."""
    names = folder.names()
    entries = []
    for name in names:
        if name.endswith(".segment"):
            try:
                size = len(folder.map(name))
                n_docs = Segment(folder, name, size).n_docs
            except BROKEN:
                size = n_docs = 0
            entries.append(SegmentEntry(FileEntry(name, size), n_docs))
    return Commit(1, max(map(commits.number_of, names), default=0) + 1, segments=tuple(entries))


def _judged(
    folder: Folder, entry: SegmentEntry, analyzer: Analyzer
) -> tuple[Segment | None, Deleted | None, list[str]]:
    """Return a segment, what is deleted of it, as far as either can be opened, and what is wrong with them."""
    segment = deleted = None
    try:
        segment = Segment(folder, entry.file.name, entry.file.size)
        segment.file.expect("contents", f"{entry.n_docs} articles", segment.n_docs == entry.n_docs, segment.n_docs)
        if entry.deleted:
            deleted = Deleted(Sections(folder, entry.deleted.name, entry.deleted.size), segment)
    except FileNotFoundError as error:
        return segment, deleted, [str(CorruptionError.at(error.filename, "expected a file of the index, found none"))]
    except CorruptionError as error:
        return segment, deleted, [str(error)]
    return segment, deleted, check.problems(Snapshot([(segment, deleted)], Ranking()), analyzer)


def _repeats(segment: Segment, others: list[Segment]) -> bool:
    """Tell whether some article of a sound segment is also in another one."""
    ids = (record.id_of(segment.record(doc)) for doc in range(segment.n_docs))
    return any(
        record.id_of(other.record(doc)) == key for key in ids for other in others for doc in other.candidates(key)
    )


def _rescue(wreck: _Wreck, transaction: Transaction, lost: list[tuple[str | None, str | None]]) -> int:
    """Index again what can be read of a segment, unless a newer version is there; return how many articles."""
    n = 0
    for doc in range(wreck.segment.n_docs):
        if wreck.deleted and doc in wreck.deleted:
            continue
        try:
            stored = _stored(wreck, doc)
            article = record.decode(stored)
            if transaction.record(article.id) is None:
                transaction.put(article)
                n += 1
        except BROKEN:
            lost.append(_name(wreck.unverified, doc))
    return n


def _stored(wreck: _Wreck, doc: int) -> bytes:
    """Return the record of an article, from sound blocks or with a sound checksum of its own."""
    try:
        return wreck.segment.record(doc)
    except CorruptionError:
        if not zstandard.get_frame_parameters(wreck.unverified.frame(doc)).has_checksum:
            raise
        return wreck.unverified.record(doc)


def _name(segment: Segment, doc: int) -> tuple[str | None, str | None]:
    """Return id and path of an article whose bytes are damaged, if they happen not to be."""
    try:
        found = record.split(segment.glimpse(doc), "replace")
        if doc in segment.candidates(found.id):
            return found.id, found.path or None
    except BROKEN:
        pass
    return None, None
