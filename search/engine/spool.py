"""Numbers put aside while a file is made of them: in memory as long as they are few, else in a scratch file."""

from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from search.engine.storage import Folder, Sink

FEW = 1 << 22  # bytes that are held in memory


class Spool:
    """Numbers of one type, added at the end, and read back when there are no more.

    Args:
        folder, name: For the scratch file; without them all is held in memory.
    """

    def __init__(self, folder: Folder | None = None, name: str = "") -> None:
        self._folder, self._name = folder, name
        self._sink: Sink | None = None
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, numbers: NDArray[Any]) -> None:
        """Take the next numbers."""
        self._parts.append(numbers.tobytes())
        self._size += numbers.nbytes
        if self._folder and self._size > FEW:
            self._sink = self._sink or self._folder.create(self._name, scratch=True)
            self._sink.write(b"".join(self._parts))
            self._parts, self._size = [], 0

    def all(self, dtype: type[Any]) -> NDArray[Any]:
        """Return all numbers, of the type they were of; none can be added any more."""
        if self._folder is None or self._sink is None:
            return np.frombuffer(b"".join(self._parts), dtype)
        self._sink.write(b"".join(self._parts))
        self._sink.finish()
        found = np.frombuffer(self._folder.map(self._name), dtype)
        self._folder.remove(self._name)  # stays mapped as long as it is used
        self._sink = None
        return found

    def discard(self) -> None:
        """Remove the scratch file, if there is one."""
        if self._sink:
            self._sink.discard()


class Aside:
    """What is put aside while one file is made; what is left of it goes when that ends.

    Args:
        folder, name: Of the file; without them all is held in memory.
    """

    def __init__(self, folder: Folder | None = None, name: str = "") -> None:
        self._folder, self._name = folder, name
        self._spools: list[Spool] = []

    def spool(self, what: str) -> Spool:
        """Return a new spool, by a name of its own."""
        self._spools.append(Spool(self._folder, f"{self._name}.{what}.new"))
        return self._spools[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for spool in self._spools:
            spool.discard()
