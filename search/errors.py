"""Every error this package raises on purpose.

    SearchError               catch this one
    ├── ReadError             an input file or record cannot be read; the others are not affected
    ├── QueryError            a query or option is well formed but impossible (a date that is none, a negative limit)
    ├── ArticleError          an id is unknown, or an article cannot be stored
    ├── IndexMissingError     there is no index at the location
    ├── LockedError           another writer holds the index
    ├── CorruptionError       bytes of an index are not what was written
    └── StorageError          the file system refuses: full, read-only, no permission

A message is one line of three parts: what is wrong, where, and what to do; the middle of a very long one is left out.
Caller mistakes that no user input can cause (a wrong type, a negative size) are plain `TypeError` and `ValueError`.
"""

RESTORE = "restore the index from a backup, index again, or keep what is sound with: search repair"


LONGEST = 5_000  # characters of a message, such as one that names a path; an id may have a million


class SearchError(Exception):
    """Base of all errors raised on purpose by this package."""

    def __init__(self, message: str) -> None:
        half = LONGEST // 2
        super().__init__(message if len(message) <= LONGEST else f"{message[:half]} \u2026 {message[-half:]}")


class ReadError(SearchError):
    """An input file or record cannot be read. `path` names it (with `#LINE` for a record)."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


class QueryError(SearchError):
    """A query or an option of a search is impossible. Odd query text never raises; it is read as words."""


class ArticleError(SearchError):
    """An article id is unknown, or an article cannot be stored."""


class IndexMissingError(SearchError):
    """There is no index at the location."""


class LockedError(SearchError):
    """Another writer holds the index; the message names its process id."""


class CorruptionError(SearchError):
    """Bytes of an index are not what was written; the message names file, section, expected and found."""

    @classmethod
    def at(cls, where: object, what: str) -> "CorruptionError":
        """Return the error of something that is wrong in a file."""
        return cls(f"{where}: {what}; {RESTORE}")


class StorageError(SearchError):
    """The file system refuses: full, read-only, no permission, too many open files."""
