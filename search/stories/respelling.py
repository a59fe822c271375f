"""Words that two articles spell in different ways: the same key at the same place of words that both have.

An article spells a word in one way. So a form counts only if the other article does not have it as well, which leaves
few to look at, and keeps apart words that happen to have one key (`prison`, `person`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.stories.bodies import RUN, Ints, Keys

_PLACES = 8  # of a form that are looked at


@dataclass(frozen=True)
class Spelled:
    """The tokens of one article that are compared, joined forms of hyphenated words among them.

    Args:
        forms: int64, shape (tokens,); the same number for the same form.
        keys: uint64, shape (tokens,).
        steps: uint8, shape (tokens,); 0 for a joined form, which stands behind the first of its words.
    """

    forms: Ints
    keys: Keys
    steps: NDArray[np.uint8]

    def keys_of(self, forms: Ints) -> dict[int, int]:
        """Return the keys of those of some forms, ascending, that it has."""
        which = runs.are_among(self.forms, forms)
        return dict(zip(self.forms[which].tolist(), self.keys[which].tolist(), strict=True))

    @cached_property
    def body(self) -> list[int]:
        """The key of each word."""
        found: list[int] = self.keys[self.steps > 0].tolist()
        return found

    @cached_property
    def words(self) -> list[int]:
        """The word that each token is, or begins with."""
        found: list[int] = (np.cumsum(self.steps > 0) - 1).tolist()
        return found

    def is_joined(self, form: int) -> bool:
        """Return whether a form of the article joins the parts of a hyphenated word."""
        return not self.steps[self.places(form)[0]]

    def places(self, form: int) -> list[int]:
        """Return the tokens of a form, the first few."""
        found: list[int] = (self.forms == form).nonzero()[0][:_PLACES].tolist()
        return found


def respelled(a: Spelled, b: Spelled, of_a: Mapping[int, int], of_b: Mapping[int, int]) -> list[tuple[int, int]]:
    """Return the forms that one article has in the place of one of the other, with the same key; ascending.

    Args:
        a, b: The articles.
        of_a, of_b: Their forms that are looked at, with their keys.
    """
    only_a, only_b = of_a.keys() - of_b.keys(), of_b.keys() - of_a.keys()
    keys = {of_a[form] for form in only_a} & {of_b[form] for form in only_b}
    if not keys:
        return []
    others: dict[int, list[int]] = {}
    for form in only_b:
        others.setdefault(of_b[form], []).append(form)
    return sorted(
        (form, other)
        for form in only_a
        if of_a[form] in keys
        for other in others[of_a[form]]
        if any(_stand_alike(a, b, i, j) for i in a.places(form) for j in b.places(other))
    )


def _stand_alike(a: Spelled, b: Spelled, i: int, j: int) -> bool:
    """Return whether two tokens stand at the same place of a run of words that both articles have."""
    if a.steps[i] != b.steps[j]:
        return False
    i, j = a.words[i], b.words[j]
    before = after = 0
    while before < RUN and min(i, j) > before and a.body[i - before - 1] == b.body[j - before - 1]:
        before += 1
    while after < RUN and max(i - len(a.body), j - len(b.body)) + after + 1 < 0:
        if a.body[i + after + 1] != b.body[j + after + 1]:
            break
        after += 1
    return before + 1 + after >= RUN
