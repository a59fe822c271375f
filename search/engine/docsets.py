"""Sets of articles, as ascending numbers: joined, cut and subtracted through marks, one byte an article."""

from collections.abc import Iterable
from threading import local

import numpy as np
from numpy.typing import NDArray

from search import runs

Docs = NDArray[np.int64]  # as numpy indexes: no copy is made where they choose rows

SPARSE = 4  # times as many articles as the lists have, so that it is faster to sort them than to look at all marks
NO_DOCS: Docs = np.zeros(0, np.int64)


class Scratch(local):
    """Room for one number or mark of each article of a snapshot, which each thread has for itself.

    `numbers` int64 holds anything that is not negative. `sums` float32 and `marks` bool are zeros, and whoever writes
    there zeroes again.
    """

    def __init__(self, n: int) -> None:
        self.numbers = np.zeros(n, np.int64)
        self.sums = np.zeros(n, np.float32)
        self.marks = np.zeros(n, np.bool_)


def numbers(marks: NDArray[np.bool_]) -> Docs:
    """Return the articles that are marked."""
    return marks.nonzero()[0]


def union(lists: list[Docs], scratch: Scratch) -> Docs:
    """Return the articles that are in some of the lists."""
    lists = [docs for docs in lists if len(docs)]
    if len(lists) < 2:
        return lists[0] if lists else NO_DOCS
    marks = scratch.marks
    if sum(map(len, lists)) * SPARSE < len(marks):
        return runs.distinct(np.concatenate(lists).astype(np.int32)).astype(np.int64)
    for docs in lists:
        marks[docs] = True
    found = numbers(marks)
    marks[found] = False
    return found


def less(docs: Docs, gone: Docs, scratch: Scratch) -> Docs:
    """Return the articles of one list that are not in another."""
    marks = scratch.marks
    marks[gone] = True
    found = docs[~marks[docs]]
    marks[gone] = False
    return found


def without(docs: Docs, gone: Iterable[int]) -> Docs:
    """Return the articles of a list that are not among others."""
    return docs[~np.isin(docs, list(gone))]


def common(lists: list[Docs], scratch: Scratch) -> Docs:
    """Return the articles that are in every one of some lists, at least one."""
    lists = sorted(lists, key=len)
    found = lists[0]
    marks = scratch.marks
    for docs in lists[1:]:
        if len(found) * 16 < len(docs):
            found = found[runs.are_among(found, docs)]
        else:
            marks[docs] = True
            here = marks[found]
            marks[docs] = False
            found = found[here]
    return found
