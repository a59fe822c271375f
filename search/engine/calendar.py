"""Days, weeks, months and years of publication, as numbers: by the clock of the outlets, weeks from Monday on.

An article of which only the month is known is on no day, one of which only the year is known in no month; either is in
a period that has all of its month or year.
"""

from bisect import bisect_right
from operator import neg
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from search.engine.docsets import NO_DOCS, Docs
from search.engine.layout import UNDATED
from search.engine.snapshot import Snapshot
from search.engine.top import LAST
from search.query.clauses import Times
from search.text.moments import DAY, MONTH, SECONDS_A_DAY

Unit = Literal["day", "week", "month", "year"]
UNITS: tuple[Unit, ...] = get_args(Unit)
Ints = NDArray[np.int64]

_CLOCKS = SECONDS_A_DAY  # seconds; more than any is ahead of UTC or behind
_MONDAY = 4  # days from the first Monday of 1970 back to the first Thursday
_PRECISION = {"year": 4, "month": MONTH, "week": DAY, "day": DAY}  # of a date that says it
_BEGUN = (("Y", MONTH), ("M", DAY))  # where one begins, less may mean all of it


def known(snapshot: Snapshot, docs: Docs, unit: str) -> tuple[Docs, Ints]:
    """Return those of some articles of which the unit is known, and the number of their unit, from 1970 on.

    Args:
        snapshot: Of the index.
        docs: Any.
        unit: Of `UNITS`.
    """
    local = snapshot.local[docs]
    told = (local != UNDATED) & (snapshot.precision[docs] >= _PRECISION[unit])
    return docs[told], numbers(local[told] // SECONDS_A_DAY, unit)


def _cut(start: int | None, end: int) -> dict[int, int]:
    """Return the times of articles dated so coarsely that a period may cut theirs, with the precision that is enough.

    Args:
        start, end: Of the period, seconds by the clock of the outlets; at `start` None it is open.
    """
    ending = np.datetime64(end, "s")
    begun = [(ending.astype(f"datetime64[{unit}]").astype(ending.dtype).astype(np.int64), n) for unit, n in _BEGUN]
    times = {int(time): precision for time, precision in begun if time < end}
    return {time: precision for time, precision in times.items() if start is None or time >= start}


def published(snapshot: Snapshot, period: Times) -> Docs:
    """Return the articles published in a period, or all undated ones if it asks for them, deleted ones among them."""
    parts = [(0, snapshot.n_all)]
    if snapshot.moved is None and period.dated:
        parts = _around(snapshot, *_bounds(period))
    return during(snapshot, np.concatenate([NO_DOCS, *(np.arange(*part) for part in parts)]), period)


def during(snapshot: Snapshot, docs: Docs, period: Times) -> Docs:
    """Return those of some articles that were published in a period, or that are undated if it asks for them.

    One of which the month or year alone is known is, if the period has all of it.
    """
    local = snapshot.local[docs]
    start, end = _bounds(period)
    docs = docs[(local >= start) & (local < end) if period.dated else local == UNDATED]
    coarse = (snapshot.precision[docs] < DAY).nonzero()[0]
    if period.end is None or not len(coarse):
        return docs
    local, precision = snapshot.local[docs[coarse]], snapshot.precision[docs[coarse]]
    whole = np.ones(len(docs), np.bool_)
    for time, enough in _cut(period.start, period.end).items():
        whole[coarse] &= (local != time) | (precision >= enough)
    return docs[whole]


def is_during(snapshot: Snapshot, doc: int, period: Times) -> bool:
    """Return whether one article was published in a period; see `during`."""
    return len(during(snapshot, np.array([doc]), period)) > 0


def _bounds(period: Times) -> tuple[int, int]:
    return UNDATED + 1 if period.start is None else period.start, LAST if period.end is None else period.end


def _around(snapshot: Snapshot, start: int, end: int) -> list[tuple[int, int]]:
    """Return which articles of each segment, which stand by date, are of a period, and if clocks differ some around."""
    far = 0 if snapshot.local is snapshot.when else _CLOCKS
    when = snapshot.when.data
    found = []
    for part in snapshot.parts:
        first, last = part.base, part.base + part.segment.n_docs
        first = bisect_right(when, -(end + far), first, last, key=neg)
        found.append((first, bisect_right(when, -(start - far), first, last, key=neg)))
    return found


def numbers(days: Ints, unit: str) -> Ints:
    """Return in which unit days are, both numbered from 1970 on."""
    if unit == "day":
        return days
    if unit == "week":
        return (days + _MONDAY - 1) // 7
    dates: Any = days.astype("datetime64[D]").astype("datetime64[M]" if unit == "month" else "datetime64[Y]")
    found: Ints = dates.astype(np.int64)
    return found


class Spread(NamedTuple):
    """Articles by unit: the beginnings of all units from the first to the last, and the articles of each, ascending."""

    unit: Unit
    starts: list[str]
    parts: list[Docs]


def spread(snapshot: Snapshot, docs: Docs, unit: Unit, most: int) -> Spread | int:
    """Return articles by unit, those of which it is not known left out; if there are more than `most`, how many.

    Args:
        snapshot: Of the index.
        docs: Ascending.
        unit: Of `UNITS`.
        most: > 0.
    """
    docs, when = known(snapshot, docs, unit)
    if not len(docs):
        return Spread(unit, [], [])
    first, last = int(when.min()), int(when.max())
    if last - first >= most:
        return last - first + 1
    order = np.argsort(when, kind="stable")
    units = np.arange(first, last + 1)
    ends = np.searchsorted(when[order], units, side="right").tolist()
    docs = docs[order]
    parts = [docs[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    return Spread(unit, labels(units, unit), parts)


def fitting(snapshot: Snapshot, docs: Docs, most: int) -> Unit:
    """Return the smallest unit of which there are at most `most` from the first to the last; else the largest."""
    local = snapshot.local[docs]
    days = local[local != UNDATED] // SECONDS_A_DAY
    if not len(days):
        return UNITS[0]
    ends = np.array([days.min(), days.max()])
    return next((unit for unit in UNITS if int(np.diff(numbers(ends, unit))[0]) < most), UNITS[-1])


def labels(units: Ints, unit: str) -> list[str]:
    """Return units as ISO 8601 text: `2021`, `2021-08`, `2021-08-10`; of a week its Monday."""
    if unit == "week":
        units = units * 7 - (_MONDAY - 1)
    code = {"day": "D", "week": "D", "month": "M", "year": "Y"}[unit]
    return [str(each) for each in units.astype(f"datetime64[{code}]")]
