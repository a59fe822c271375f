"""Arrays of numbers: ascending ones, runs of equal ones, and runs of consecutive ones by their beginnings and sizes."""

from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Number = TypeVar("Number", bound=np.integer[Any])


def numbers(starts: NDArray[Any], sizes: NDArray[Any]) -> Numbers:
    """Return the numbers of all runs, one run after the other. int64 (sum of sizes,)."""
    sizes = sizes.astype(np.int64, copy=False)
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    found: Numbers = np.arange(total) + np.repeat(starts - (ends - sizes), sizes)
    return found


def portions(sizes: NDArray[Any], most: int) -> Iterator[tuple[int, int]]:
    """Yield first and last number + 1 of runs that follow each other and have up to `most` numbers, or are one run."""
    ends = np.cumsum(sizes.astype(np.int64, copy=False))
    first = 0
    while first < len(ends):
        upto = int(ends[first - 1] if first else 0) + most
        last = max(int(np.searchsorted(ends, upto, side="right")), first + 1)
        yield first, last
        first = last


def begins(values: NDArray[Any], *further: NDArray[Any]) -> NDArray[np.int64]:
    """Return where in some values, or in rows of several, one stands that is not the one before."""
    new = np.empty(len(values), np.bool_)
    new[:1] = True
    np.not_equal(values[1:], values[:-1], out=new[1:])
    for column in further:
        new[1:] |= column[1:] != column[:-1]
    return new.nonzero()[0]


def distinct(values: NDArray[Number]) -> NDArray[Number]:
    """Return some values, ascending, each once: as `np.unique`, which loads numpy.ma for it, a tenth of a command."""
    values = np.sort(values)
    return values[begins(values)]


def nonzero(data: bytes) -> memoryview:
    """Return where bytes that are not 0 stand, ascending, as Python numbers."""
    return np.frombuffer(data, np.uint8).nonzero()[0].data


def sizes(first: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """Return how many values the runs that begin at `first` have, of `total` values in all."""
    found = np.empty(len(first), np.int64)
    np.subtract(first[1:], first[:-1], out=found[:-1])
    found[-1:] = total - first[-1:]
    return found


def ranks(values: NDArray[Any]) -> NDArray[np.int64]:
    """Return how many values of the same run stand before each."""
    first = begins(values)
    return np.arange(len(values)) - first.repeat(sizes(first, len(values)))


def groups(keys: NDArray[Any]) -> list[Numbers]:
    """Return where each distinct key stands, ascending, the least key first; one group of none if there is none."""
    order = keys.argsort(kind="stable")
    return np.split(order, begins(keys[order])[1:])


def are_among(values: NDArray[Any], some: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which values are among some that ascend, of the same type: bool, shape (values,)."""
    return are_at(some.searchsorted(values), some, values)


def without(values: NDArray[Number], some: NDArray[Number]) -> NDArray[Number]:
    """Return the values that are not among some that ascend."""
    return values[~are_among(values, some)]


def are_at(at: NDArray[np.int64], some: NDArray[Any], values: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which values stand at some places among others; no value stands behind the last."""
    if not len(some):
        return np.zeros(len(values), np.bool_)
    found: NDArray[np.bool_] = some[np.minimum(at, len(some) - 1)] == values
    return found
