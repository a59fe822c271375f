"""All relations of an index, read as one; and the stories they come to."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.engine.edges import Relations
from search.engine.members import Members
from search.engine.variants import Variants
from search.stories.relation import Relation

_SPARSE = 8  # places of a filter for each text: one in so many unrelated texts is looked up

Ints = NDArray[np.int64]


class Graph:
    """All relations of an index.

    Args:
        files: From the oldest to the newest.
    """

    def __init__(self, files: Sequence[Relations]) -> None:
        self._files = files[::-1]
        self._stories: dict[int, frozenset[int]] = {}  # by text
        self._around: dict[int, dict[int, Relation]] = {}

    def are_alone(self, texts: Ints) -> NDArray[np.bool_]:
        """Return which texts certainly are a story of their own, of one article; bool (texts,).

        Looking a text up in a file takes as long as looking dozens up by their last digits, and most stand alone. Those
        of text 0 always do: it is that of all articles of hardly any words.
        """
        size = 1 << (_SPARSE * sum(len(file.members) for file in self._files)).bit_length()
        told = np.zeros(size, np.bool_)  # whether the story of a text that ends so is told
        for file in self._files:
            told[file.members.texts & np.uint64(size - 1)] = True
        found: NDArray[np.bool_] = ~told[texts & (size - 1)] | (texts == 0)
        return found

    def are_told(self, texts: Ints) -> NDArray[np.bool_]:
        """Return the story of which texts a file tells: all but those that are one of one article; bool (texts,)."""
        found = np.zeros(len(texts), np.bool_)
        for file in self._files:
            found |= file.members.among(texts)
        return found

    def is_alone(self, text: int) -> bool:
        """Return whether a text certainly is a story of its own, of one article."""
        return not any(text in file.members for file in self._files)

    def __contains__(self, text: int) -> bool:
        """Return whether a file has a text as related to others, or as that of several articles."""
        return any(text in file for file in self._files)

    def among(self, texts: Ints) -> NDArray[np.bool_]:
        """Return which texts a file has as related to others, or as those of several articles. bool (texts,)."""
        found = np.zeros(len(texts), np.bool_)
        for file in self._files:
            found |= file.among(texts)
        return found

    def copied(self, texts: Ints) -> Ints:
        """Return some texts, ascending, and those of which a file says that one is a copy of the other; ascending."""
        return runs.distinct(np.concatenate([texts, *(file.copied(texts) for file in self._files)]))

    def repeats(self, text: int) -> bool:
        """Return whether it is written down that a text has several articles."""
        for file in self._files:
            if any(other == text for other, _ in file.around(text)):
                return True
            if file.replaces(text):
                break
        return False

    def around(self, text: int) -> dict[int, Relation]:
        """Return the texts that a text is related to, and how; some may have no article any more."""
        if text in self._around:
            return self._around[text]
        found: dict[int, Relation] = {}
        for at, file in enumerate(self._files):
            found |= {o: relation for o, relation in file.around(text) if o != text and not self._is_void(o, at)}
            if file.replaces(text):
                break
        self._around[text] = found
        return found

    def _is_void(self, text: int, n_newer: int) -> bool:
        """Return whether what a file says of a text is void, given how many files are newer."""
        return any(newer.replaces(text) for newer in self._files[:n_newer])

    def variants(
        self, exists: Callable[[int], object], elsewhere: Callable[[str, AbstractSet[int]], int]
    ) -> Variants | None:
        """Return the words that related texts spell in different ways; None if there are none.

        Args:
            exists: Returns whether a text has an article.
            elsewhere: As of `Variants`.
        """

        def is_valid(a: int, b: int, n_newer: int) -> bool:
            return all(exists(text) and not self._is_void(text, n_newer) for text in (a, b))

        files = [(at, file.spelled) for at, file in enumerate(self._files) if file.spelled is not None]
        return Variants(files, is_valid, elsewhere) if files else None

    def story(self, text: int) -> frozenset[int]:
        """Return the texts of the story of a text, its own included."""
        found = self._stories.get(text)
        if found is None:
            told = (story for file in self._files if (story := file.members.story(text)))
            found = next(told, frozenset([text]))
            self._stories |= dict.fromkeys(found, found)
        return found

    def members(self) -> Members:
        """Return all texts of which a file tells the story."""
        found = Members.none()
        for file in self._files:
            found = found.over(file.members.all())
        return found
