"""Which stories a commit changes, and what they come to: those of all that was joined to what changed, or is now."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.engine.edges import Relations, Rows
from search.engine.members import Members
from search.stories.membership import Folds, are_near, stories

Ints = NDArray[np.int64]


class Known(NamedTuple):
    """What the stories of an index follow from.

    Args:
        files: Relations, from the oldest to the newest; those on disk, and perhaps some on their way there.
        days: Returns when texts appeared, as `upkeep.Archive` does.
    """

    files: Sequence[Relations | Rows]
    days: Callable[[Ints], Ints]

    def stories(self, texts: Ints) -> Members:
        """Return the stories of some texts, ascending, and of all that is joined to them."""
        joined, folds = self.joined(texts)
        folds = folds.where(folds.a < folds.b)  # each was found from both sides
        folds = folds._replace(a=joined.searchsorted(folds.a), b=joined.searchsorted(folds.b))
        return Members(joined, joined[stories(folds, len(joined))])

    def joined(self, texts: Ints) -> tuple[Ints, Folds]:
        """Return some texts, ascending, with all that is joined to them; and what joins these, either way round."""
        joined = left = texts
        found = [Folds.none()]
        while len(left):
            folds = Folds.joined(self._folds(left))
            here = runs.distinct(np.concatenate([folds.a, folds.b]))
            days = self.days(here).T
            found.append(folds.where(are_near(*(days[:, here.searchsorted(side)] for side in folds[:2]))))
            left = runs.without(runs.distinct(found[-1].b), joined)
            joined = np.sort(np.concatenate([joined, left]))
        return joined, Folds.joined(found)

    def _folds(self, texts: Ints) -> Iterator[Folds]:
        """Yield the relations that make one story of one of some texts, `a`, and another, whenever they appeared."""
        yield Folds.none()
        newer: list[Relations | Rows] = []
        for file in reversed(self.files):
            folds = file.folds(texts)
            for each in newer:
                folds = folds.where(~each.are_replaced(folds.b))
            yield folds
            texts = texts[~file.are_replaced(texts)]
            newer.append(file)


def retold(before: Known, after: Known, texts: Ints) -> Members:
    """Return the stories that a change may have made others.

    Args:
        before, after: The change.
        texts: Of which relations, days or articles are others; int64, ascending, each once.
    """
    return after.stories(runs.distinct(np.concatenate([before.joined(texts)[0], texts])))
