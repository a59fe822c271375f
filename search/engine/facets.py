"""How many of some articles have which value of a field."""

from collections.abc import Callable

import numpy as np

from search.engine.calendar import known, labels
from search.engine.docsets import Docs
from search.engine.snapshot import Snapshot
from search.engine.values import NONE, Values

PERIODS = ("year", "month", "week", "day")


def facet(snapshot: Snapshot, values: Callable[[], Values], field: str, docs: Docs) -> dict[str, int]:
    """Return the values of a field with the number of articles that have each: the most first, then by name.

    Args:
        snapshot: Of the index, with the dates that count.
        values: Gives what stands in records; not asked for dates.
        field: `year`, `month`, `week` or `day` (its first) of publication by the clock of the outlet; `source` or
            `author`; or the name of a further field. Articles of which it is not known are in no number.
        docs: Living articles.
    """
    if field in PERIODS:
        numbers, counts = np.unique(known(snapshot, docs, field)[1], return_counts=True)
        names = labels(numbers, field)
    else:
        codes, every = values().of(field, docs)
        numbers, counts = np.unique(codes[codes != NONE], return_counts=True)
        names = [every[number] for number in numbers.tolist()]
    found = zip(names, counts.tolist(), strict=True)
    return dict(sorted(found, key=lambda each: (-each[1], each[0])))
