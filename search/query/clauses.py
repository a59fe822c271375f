"""What a query means in terms of an article's tokens: the tree with its words analysed.

The leaves say which tokens they want and where; the nodes above combine articles. Both the engine, which looks the
tokens up, and the presentation, which marks them in a text, work from this.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from search.text.stream import Field

Fields = frozenset[Field] | None  # where a token must stand; None is anywhere


class Terms(NamedTuple):
    """A token whose term is one of these."""

    terms: tuple[str, ...]


@dataclass(frozen=True)
class Forms:
    """A token whose surface form fits.

    Args:
        pattern: A regular expression that a form must match from end to end.
        prefix: What every fitting form begins with; the vocabulary is looked through from there.
    """

    pattern: str
    prefix: str

    @cached_property
    def letters(self) -> str:
        """What every fitting form has, in no order."""
        return "".join(escaped or plain for escaped, plain in re.findall(r"\\(.)|([^.*\\])", self.pattern, re.DOTALL))

    @cached_property
    def fits(self) -> Callable[[str], object]:
        """What tells whether a folded surface form fits: something true if it does."""
        return re.compile(self.pattern, re.DOTALL).fullmatch


@dataclass(frozen=True)
class Similar:
    """A token whose surface form is within an edit distance.

    Args:
        form: Folded.
        distance: Largest number of insertions, deletions, replacements and swaps of neighbours.
        prefix: What the form must begin with, unchanged.
    """

    form: str
    distance: int
    prefix: str

    def fits(self, form: str) -> bool:
        """Return whether a folded surface form fits."""
        return form.startswith(self.prefix) and within(self.form, form, self.distance)


Slot = Terms | Forms | Similar


@dataclass(frozen=True)
class Run:
    """Tokens in this order, each at most `slop` positions behind the end of the one before; 1 is adjacent."""

    slots: tuple[Slot, ...]
    slop: int = 1


@dataclass(frozen=True)
class Leaf:
    """An article fits if one of `runs` stands in it, within one of `fields`. A place is where one begins."""

    runs: tuple[Run, ...]
    fields: Fields = None

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:  # asked for again and again in one query
        return hash((self.runs, self.fields))


@dataclass(frozen=True)
class Times:
    """Articles published from `start` up to, not including, `end`: seconds by the outlet's clock; None is open.

    `dated` False asks for the undated instead.
    """

    start: int | None
    end: int | None
    dated: bool = True


@dataclass(frozen=True)
class All:
    """Articles that fit every part."""

    parts: "tuple[Clause, ...]"


@dataclass(frozen=True)
class Any:
    """Articles that fit some part."""

    parts: "tuple[Clause, ...]"


@dataclass(frozen=True)
class Without:
    """Articles that do not fit the part."""

    part: "Clause"


@dataclass(frozen=True)
class Preferred:
    """Articles that fit `must`; those that fit `may` as well score more."""

    must: "Clause"
    may: "Clause"


@dataclass(frozen=True)
class Weighted:
    """The part, its scores times `factor`."""

    part: "Clause"
    factor: float


@dataclass(frozen=True)
class Close:
    """Articles in which `left` and `right` stand within `distance` positions of each other, in one field.

    Neighbours are at distance 1. `ordered`: left first. Scored as `All` of both.
    """

    left: "Clause"
    right: "Clause"
    distance: int
    ordered: bool


@dataclass(frozen=True)
class Everything:
    """All articles, if `none` is False; else none."""

    none: bool = False


Clause = Leaf | Times | All | Any | Without | Preferred | Weighted | Close | Everything


def leaves(clause: Clause) -> list[Leaf]:
    """Return all leaves of a clause, those of what must not be included."""
    match clause:
        case Leaf():
            return [clause]
        case All(parts) | Any(parts):
            return [leaf for part in parts for leaf in leaves(part)]
        case Without(part) | Weighted(part, _):
            return leaves(part)
        case Preferred(one, other) | Close(one, other):
            return leaves(one) + leaves(other)
        case _:
            return []


def reach(clause: Clause) -> int:
    """Return the largest distance in positions that a clause asks about, at least 1."""
    match clause:
        case Leaf(runs):
            return max(run.slop for run in runs)
        case All(parts) | Any(parts):
            return max(map(reach, parts), default=1)
        case Without(part) | Weighted(part, _):
            return reach(part)
        case Preferred(one, other):
            return max(reach(one), reach(other))
        case Close(one, other, distance):
            return max(reach(one), reach(other), distance)
        case _:
            return 1


def within(a: str, b: str, most: int) -> bool:
    """Return whether two words are within an edit distance; a swap of neighbours counts once.

    Source: Damerau 1964, restricted to swaps that nothing else touches (optimal string alignment).
    """
    if abs(len(a) - len(b)) > most:
        return False
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if last and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most and (not before or min(before) > most):
            return False
    return row[-1] <= most
