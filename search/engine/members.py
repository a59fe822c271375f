"""Which texts are one story, on disk: part of a file of relations, told anew wherever a commit may have changed it.

    members    texts, ascending; what an older file says of them is void
    ring       for each the place of the next one of its story, the first one's for the last; its own if it is alone

All texts of a story stand in one file. A text that stands in none is a story of its own, of one article.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.engine.sections import Sections, SectionWriter
from search.stories.membership import components

Ints = NDArray[np.int64]


class Members(NamedTuple):
    """The content of such a part in memory.

    Args:
        texts: int64 (texts,), ascending.
        first: The least text of the story of each; int64 (texts,).
    """

    texts: Ints
    first: Ints

    @classmethod
    def none(cls) -> "Members":
        """Return those of no texts."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64))

    @property
    def are_alone(self) -> NDArray[np.bool_]:
        """Whether each text is the only one of its story; bool (texts,)."""
        least = self.texts.searchsorted(self.first)
        found: NDArray[np.bool_] = np.bincount(least, minlength=len(least))[least] == 1
        return found

    def where(self, which: NDArray[np.bool_]) -> "Members":
        """Return some texts: all of a story, or none."""
        return Members(self.texts[which], self.first[which])

    def over(self, older: "Members") -> "Members":
        """Return what these and those of an older file are together."""
        rest = older.where(~runs.are_among(older.texts, self.texts))
        texts = np.concatenate([self.texts, rest.texts])
        order = texts.argsort()
        return Members(texts[order], np.concatenate([self.first, rest.first])[order])

    def write(self, writer: SectionWriter) -> None:
        """Write the sections."""
        order = np.lexsort((self.texts, self.first))
        begins = runs.begins(self.first[order])
        following = np.roll(order, -1)
        following[begins - 1] = np.roll(order[begins], 1)  # behind the last of each story its first
        ring = np.empty(len(order), np.min_scalar_type(len(order)))
        ring[order] = following
        writer.add("members", self.texts.astype(np.uint64))
        writer.add("ring", ring)


class MembersFile:
    """Such a part, opened.

    Raises:
        CorruptionError: Bytes are not what was written.
    """

    def __init__(self, file: Sections) -> None:
        self._texts, self._ring = file["members"], file["ring"]
        n = len(self._texts)
        file.expect("ring", f"{n} numbers", len(self._ring) == n, len(self._ring))

    def __len__(self) -> int:
        return len(self._texts)

    @property
    def texts(self) -> NDArray[np.uint64]:
        """The texts, ascending."""
        return self._texts.all().astype(np.uint64, copy=False)

    def __contains__(self, text: int) -> bool:
        """Return whether the story of a text is told here."""
        return self._texts.find(text) is not None

    def among(self, texts: Ints) -> NDArray[np.bool_]:
        """Return the story of which texts is told here; bool (texts,)."""
        return runs.are_among(texts.astype(np.uint64), self.texts)

    def story(self, text: int) -> frozenset[int] | None:
        """Return the texts of the story of a text; None if it is not told here."""
        first = self._texts.find(text)
        if first is None:
            return None
        found = [text]
        at = self._ring[first]
        while at != first:
            if len(found) == len(self._texts):
                raise ValueError("expected texts in a ring, found no end")
            found.append(self._texts[at])
            at = self._ring[at]
        return frozenset(found)

    def all(self) -> Members:
        """Return everything."""
        texts, ring = self._texts.all().astype(np.int64), self._ring.all()
        if not np.array_equal(np.sort(ring), np.arange(len(ring))):
            raise ValueError("expected rings of texts, found others")
        return Members(texts, texts[components(np.arange(len(ring)), ring.astype(np.int64), len(ring))])
