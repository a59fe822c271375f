"""What stands in the records of articles beside their text: title, source, author and further fields, of many articles.

No column has it, as indexing would pay for what few ask. A record is read in about 10 µs (articles of 3 KB), once for a
snapshot: what was found is kept, 4 bytes an article and field, and each different value once.
"""

import threading
import unicodedata

import numpy as np
from numpy.typing import NDArray

from search.engine import record
from search.engine.docsets import Docs
from search.engine.snapshot import Snapshot
from search.engine.top import LAST
from search.text.stream import further_field

FIELDS = ("title", "source", "author")  # that every article may have
NONE = -1  # an article without the field
_UNKNOWN = -2  # not read yet
LONGEST = 200  # characters by which texts are put in order

Codes = NDArray[np.int32]


class Values:
    """The values of fields in the articles of a snapshot. Several threads may ask.

    Args:
        snapshot: Of the index.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._codes: dict[str, Codes] = {}
        self._numbers: dict[str, dict[str, int]] = {}
        self._values: dict[str, list[str]] = {}
        self._ranks: dict[str, NDArray[np.int64]] = {}
        self._lock = threading.Lock()

    def of(self, field: str, docs: Docs) -> tuple[Codes, list[str]]:
        """Return the number of each article's value, `NONE` where it has none, and the values numbered.

        Args:
            field: One of `FIELDS`, or the name of a further field.
            docs: Any.

        Returns:
            int32 (docs,), and values, some of which may be those of other articles alone. It grows; not to be changed.
        """
        field = field if field in FIELDS else further_field(field)
        with self._lock:
            if field not in self._codes:
                self._codes[field] = np.full(self.snapshot.n_all, _UNKNOWN, np.int32)
                self._numbers[field], self._values[field] = {}, []
            codes, numbers, values = self._codes[field], self._numbers[field], self._values[field]
            for doc in docs[codes[docs] == _UNKNOWN].tolist():
                value = _read(self.snapshot.record(doc), field)
                codes[doc] = numbers.setdefault(value, len(numbers)) if value else NONE
                if len(numbers) > len(values):
                    values.append(value)
            return codes[docs], values

    def ranks(self, field: str, docs: Docs) -> NDArray[np.int64]:
        """Return numbers in whose order articles come by the `sort_key` of a field, those without it last.

        int64 (docs,); those of one call alone compare.
        """
        codes, values = self.of(field, docs)
        known = self._ranks.get(field)
        if known is None or len(known) <= len(values):
            keys = list(map(sort_key, values))
            numbers = {key: number for number, key in enumerate(sorted(set(keys)))}
            known = self._ranks[field] = np.array([*(numbers[key] for key in keys), LAST], np.int64)
        return known[codes]  # REQUIRES: NONE is -1, the last


def _read(data: bytes, field: str) -> str:
    """Return the value of a field of a stored article; empty if it has none."""
    head = record.head(data)
    if field == "title":
        if head.title or not record.has_title(data):
            return head.title
        stored = record.split(data)
        return record.title_of(stored, record.units(stored.marks))[0] or ""
    if field in FIELDS:
        return head.source if field == "source" else head.author
    meta = record.further_of(head).get("meta", {})
    return next((str(meta[name]) for name in sorted(meta) if further_field(name) == field), "")


def sort_key(text: str) -> str:
    """Return what texts are put in order by: their words without case, accents and signs.

    So a headline that begins with a quotation stands under its first letter.
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text[:LONGEST]).casefold())
    kept = "".join(char if char.isalnum() else " " for char in plain if not unicodedata.combining(char))
    return " ".join(kept.split())
