"""What articles are sorted and grouped by, as Whoosh's columns: a value an article, read when it is asked for."""

from collections.abc import Callable, Iterator
from typing import Any

from whoosh.columns import ColumnReader


class Values(ColumnReader):
    """A column.

    Args:
        n: Number of articles, those that are deleted among them.
        value: The value of an article, None if it has none.
        default: In place of None. A number comes last in every order.
    """

    def __init__(self, n: int, value: Callable[[int], Any], default: Any) -> None:
        self._n = n
        self._value = value
        self._default = default
        self._reversed = False

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, docnum: int) -> Any:
        value = self._value(docnum)
        return self._default if value is None else value

    def __iter__(self) -> Iterator[Any]:
        return (self[docnum] for docnum in range(self._n))

    def sort_key(self, docnum: int) -> Any:
        """Return what orders an article."""
        value = self[docnum]
        return value if not self._reversed or value == self._default else -value

    def set_reverse(self) -> None:
        """Turn the order round; of numbers alone."""
        self._reversed = True
