"""A copy of a commit elsewhere, whole and consistent whatever a writer does meanwhile."""

from search.engine import commit as commits
from search.engine.commit import Commit
from search.engine.sections import Sections
from search.engine.snapshot import Snapshot
from search.engine.storage import LOCK, Folder
from search.errors import CorruptionError, StorageError


def backup(folder: Folder, commit: Commit, snapshot: Snapshot, target: Folder) -> None:
    """Make `target` the same index: linked to the same files where that is possible, else copied from what is mapped.

    Raises:
        StorageError: The target is not empty, or the file system refuses.
        CorruptionError: The index is damaged; the target is not an index then.
    """
    target.make()
    _expect_nothing(target)  # before the file of the lock is written there
    with target.lock():
        _expect_nothing(target)
        try:
            for part in snapshot.parts:
                for file in (part.segment.file, *([part.deleted.file] if part.deleted else [])):
                    _copy(folder, file, target)
            for relations in snapshot.relations:
                _copy(folder, relations.file, target)
        except BaseException:
            for name in _content(target):  # so that it is empty when this is tried again
                target.remove(name)
            raise
        target.sync()
        target.settle()
        commits.write(target, commit)


def _content(target: Folder) -> list[str]:
    return [name for name in target.names() if name != LOCK]


def _expect_nothing(target: Folder) -> None:
    if _content(target):
        raise StorageError(f"{target.path}: is not empty; name a folder that is, or is not there yet")


def _copy(folder: Folder, file: Sections, target: Folder) -> None:
    for problem in file.verify():
        raise CorruptionError(problem)
    if folder.link(file.short_name, target):
        return
    sink = target.create(file.short_name)
    try:
        sink.write(file.data)
        sink.finish()
    except BaseException:
        sink.discard()
        raise
