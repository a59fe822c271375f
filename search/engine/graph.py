"""All relations of an index, read as one; and the stories they come to.

What most queries meet is a text that is related to no other or to one, and plain Python is fastest for it. Of what is
joined to many all is read at once, step by step outwards, however much that is.
"""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.engine.edges import Relations
from search.engine.variants import Variants
from search.stories.membership import Folds, are_near, stories
from search.stories.relation import Relation

FEW = 8  # relations of a text that are looked at one by one
_SPARSE = 8  # places of a filter for each relation: one in so many unrelated texts is looked up

Ints = NDArray[np.int64]


class Graph:
    """All relations of an index.

    Args:
        files: From the oldest to the newest.
        days: Returns when texts appeared, as `upkeep.Archive` does.
    """

    def __init__(self, files: Sequence[Relations], days: Callable[[Ints], Ints]) -> None:
        self._files = files[::-1]
        self._days = days
        self._known: dict[int, frozenset[int]] = {}  # stories by text
        self._around: dict[int, dict[int, Relation]] = {}

    def are_alone(self, texts: Ints) -> NDArray[np.bool_]:
        """Return which texts certainly are a story of their own, of one article at most; bool (texts,).

        Looking a text up in a file takes as long as looking dozens up by their last digits, and most stand alone.
        """
        size = 1 << (_SPARSE * sum(map(len, self._files))).bit_length()
        fold = np.zeros(size, np.bool_)  # whether a text that ends so folds with any
        for file in self._files:
            fold[file.folding() & np.uint64(size - 1)] = True
        found: NDArray[np.bool_] = ~fold[texts & (size - 1)]
        return found

    def is_alone(self, text: int) -> bool:
        """Return whether a text certainly is a story of its own, of one article at most."""
        return not any(text in file for file in self._files)

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
        if text not in self._known:
            self.look_up([text])
        return self._known[text]

    def look_up(self, texts: Iterable[int]) -> None:
        """Find the stories of several texts at once, which takes little longer than one."""
        pairs, left = [], []
        for text in texts:
            if text not in self._known:
                others = self._few_folds(text)
                if others == []:
                    self._know([text])
                elif others and len(others) == 1 and self._few_folds(others[0]) == [text]:
                    pairs.append((text, others[0]))
                else:
                    left.append(text)
        if pairs:  # most stories are: nothing else is joined to them
            days = self._days(np.array(pairs).ravel()).T
            for pair, near in zip(pairs, are_near(days[:, ::2], days[:, 1::2]).tolist(), strict=True):
                for story in [pair] if near else [pair[:1], pair[1:]]:
                    self._know(story)
        if left:
            joined, first = self.stories(np.array(left))
            for places in runs.groups(first):
                self._know(joined[places].tolist())

    def _know(self, texts: Iterable[int]) -> None:
        """Keep a story."""
        story = frozenset(texts)
        self._known |= dict.fromkeys(story, story)

    def _few_folds(self, text: int) -> list[int] | None:
        """Return the texts that are one story with a text, whenever they appeared; None if it has many relations."""
        if sum(file.n_related(text) for file in self._files) > FEW:
            return None
        return [other for other, relation in self.around(text).items() if relation.folds]

    def stories(self, texts: Ints | None = None) -> tuple[Ints, Ints]:
        """Return all that is joined to some texts, or to any, and for each the place of the first text of its story.

        Returns:
            Texts, those that were asked for among them, ascending, and places among these; int64 (texts,) each.
        """
        joined = self._texts() if texts is None else runs.distinct(texts)
        found = [self._folds(joined)]
        while len(left := runs.without(runs.distinct(found[-1].b), joined)):
            found.append(self._folds(left))
            joined = np.sort(np.concatenate([joined, left]))
        folds = Folds.joined(found)
        folds = folds.where(folds.a < folds.b)  # each was found from both sides
        folds = folds._replace(a=joined.searchsorted(folds.a), b=joined.searchsorted(folds.b))
        days = self._days(joined).T
        return joined, stories(folds.where(are_near(days[:, folds.a], days[:, folds.b])), len(joined))

    def _texts(self) -> Ints:
        """Return all texts that a file has, ascending."""
        return runs.distinct(np.concatenate([np.zeros(0, np.int64), *(file.texts for file in self._files)]))

    def _folds(self, texts: Ints) -> Folds:
        """Return the relations that make one story of one of some texts, `a`, and another, whenever they appeared."""
        found = []
        left = texts
        for at, file in enumerate(self._files):
            folds = file.folds(left)
            for newer in self._files[:at]:
                folds = folds.where(~newer.replaced(folds.b))
            found.append(folds)
            left = left[~file.replaced(left)]
        return Folds.joined(found)
