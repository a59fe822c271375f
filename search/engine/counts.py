"""How often a term stands in each field of an article: one byte, for all but a few.

The code of a posting stands for a row of `COUNTS`, the frequencies in the fields of `text.stream.Field`. The rows are
those that news articles have; what has no row is written out beside, under the code `OTHER`. On Reuters .06 % of the
postings are. Codes below `BODY_ONLY` stand for the body alone, so that the common case is one look-up.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.text.stream import Field

N_FIELDS = len(Field)
BODY_ONLY = 120
OTHER = 255

Counts = NDArray[np.uint32]  # shape (postings, fields)


def _rows() -> list[tuple[int, ...]]:
    """Return the frequencies for each code, in order. On disk: never change."""
    rows = [{Field.BODY: n} for n in range(1, BODY_ONLY + 1)]
    rows += [{Field.TITLE: 1, Field.BODY: n} for n in range(32)]
    rows += [{Field.TITLE: 2, Field.BODY: n} for n in range(12)]
    rows += [{Field.DECK: 1, Field.BODY: n} for n in range(16)]
    rows += [{Field.TITLE: 1, Field.DECK: 1, Field.BODY: n} for n in range(16)]
    rows += [{Field.DATE: 1, Field.BODY: n} for n in range(8)]
    rows += [{Field.DATE: 2, Field.BODY: n} for n in range(4)]
    rows += [{Field.LOW: 1, Field.BODY: n} for n in range(16)]
    rows += [{Field.LOW: 2, Field.BODY: n} for n in range(8)]
    rows += [{Field.TITLE: 1, Field.LOW: 1, Field.BODY: n} for n in range(8)]
    rows += [{Field.SOURCE: 1}, {Field.SOURCE: 1, Field.LOW: 1}, {Field.AUTHOR: 1}, {Field.AUTHOR: 1, Field.LOW: 1}]
    rows += [{Field.NAMED: 1}, {Field.NAMED: 2}]
    rows += [{Field.TITLE: 3, Field.BODY: n} for n in range(3)]
    rows += [{Field.DECK: 2, Field.BODY: n} for n in range(4)]
    return [tuple(row.get(field, 0) for field in Field) for row in rows]


_ROWS = _rows()
_KEY = np.uint64(7)  # binary digits of a frequency in the key of a row; larger ones have no row
COUNTS: Counts = np.zeros((256, N_FIELDS), np.uint32)
COUNTS[: len(_ROWS)] = _ROWS
SHARES: NDArray[np.float32] = np.ascontiguousarray(COUNTS.T, np.float32)  # shape (fields, 256)
OCCURRENCES: NDArray[np.int64] = COUNTS.sum(axis=1, dtype=np.int64)


def _keys(counts: NDArray[Any]) -> NDArray[np.uint64]:
    key = np.zeros(len(counts), np.uint64)
    for field in Field:
        key = key << _KEY | counts[:, field].astype(np.uint64)
    return key


_ORDER = np.argsort(_keys(COUNTS[: len(_ROWS)]))
_SORTED = _keys(COUNTS[: len(_ROWS)])[_ORDER]


@cache
def totals(fields: frozenset[Field]) -> NDArray[np.uint32]:
    """Return the sum of the frequencies in some fields for each code. Shape (256,)."""
    found: NDArray[np.uint32] = COUNTS[:, sorted(fields)].sum(axis=1, dtype=np.uint32)
    return found


@cache
def _table(fields: frozenset[Field]) -> bytes:
    return totals(fields).astype(np.uint8).tobytes()


def times(codes: NDArray[np.uint8], fields: frozenset[Field]) -> NDArray[np.uint8]:
    """Return `totals` for each of many codes, in a third of the time that indexing takes. uint8 (codes,)."""
    return np.frombuffer(codes.tobytes().translate(_table(fields)), np.uint8)


def field_starts(extents: NDArray[Any]) -> NDArray[np.int64]:
    """Return where each field begins in the stream, and, last, where the stream ends.

    Args:
        extents: (articles, fields), positions taken.

    Returns:
        int64 (articles, fields + 1). An empty field begins where the next one does.
    """
    room = extents.astype(np.int64)
    room += room > 0  # the position that stays empty behind it
    return np.concatenate([np.zeros((len(room), 1), np.int64), np.cumsum(room, axis=1)], axis=1)


def fields_at(positions: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the field of each position, given where the fields of its article begin: a row of `field_starts` each."""
    found: NDArray[np.int64] = (positions[:, None] >= starts[:, 1:-1]).sum(axis=1)
    return found


def encode(counts: Counts) -> NDArray[np.uint8]:
    """Return the code of each row of frequencies, `OTHER` where there is none. Shape (postings,)."""
    small: NDArray[np.bool_] = np.all(counts < 1 << int(_KEY), axis=1)
    key = _keys(np.where(small[:, None], counts, 0))
    at = np.minimum(np.searchsorted(_SORTED, key), len(_SORTED) - 1)
    codes = np.full(len(counts), OTHER, np.uint8)
    found = small & (_SORTED[at] == key)
    codes[found] = _ORDER[at[found]]
    return codes
