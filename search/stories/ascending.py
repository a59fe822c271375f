"""Ascending numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def are_among(numbers: NDArray[Any], some: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which numbers are among some that ascend, of the same type: bool, shape (numbers,)."""
    if not len(some):
        return np.zeros(len(numbers), np.bool_)
    found: NDArray[np.bool_] = some[np.minimum(some.searchsorted(numbers), len(some) - 1)] == numbers
    return found
