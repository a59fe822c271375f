"""What a query means in terms of an article's tokens: the tree with its words analysed.

The leaves say which tokens they want and where; the nodes above combine articles. Both the engine, which looks the
tokens up, and the presentation, which marks them in a text, work from this.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from search.query.node import node
from search.query.tree import Case, Unit
from search.text.edits import within
from search.text.stream import Field

APOSTROPHES = ("'", "\u2019")

Fields = frozenset[Field] | None  # where a token must stand; None is anywhere
LEAD = 0  # in place of a number of words: the lead paragraph, and title and deck above it


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

    @property
    def is_exact(self) -> bool:
        """Whether one form alone fits."""
        return self.pattern == re.escape(self.prefix)

    @cached_property
    def letters(self) -> str:
        """What every fitting form has, in no order."""
        signs = r"\\(.)|\(\?>\.\*\?|\)|([^.*\\])"  # an escaped letter, the signs of `analyse`, any other letter
        return "".join(escaped or plain for escaped, plain in re.findall(signs, self.pattern, re.DOTALL))

    @cached_property
    def fits(self) -> Callable[[str], object]:
        """What tells whether a folded surface form fits: something true if it does."""
        return re.compile(self.pattern, re.DOTALL).fullmatch


@node
class Similar(NamedTuple):
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


@node
class Written(NamedTuple):
    """A token that fills another slot and stands in the text in some case, the possessive not regarded."""

    slot: "Slot"
    case: Case

    def fits(self, word: str) -> bool:
        """Return whether a word as it stands in the text has the case, and that of the slot in it."""
        if isinstance(self.slot, Written) and not self.slot.fits(word):
            return False
        word = word[:-2] if word[-2:-1] in APOSTROPHES and word[-1:] in "sS" else word
        if self.case == "allcaps":
            return word.isupper()
        return any(map(str.isupper, word)) is (self.case == "caps")


Slot = Terms | Forms | Similar | Written


def bare(slot: Slot) -> Terms | Forms | Similar:
    """Return what a slot asks for, whatever the case."""
    while isinstance(slot, Written):
        slot = slot.slot
    return slot


@node
class Run(NamedTuple):
    """Tokens in this order, each at most `slop` positions behind the end of the one before; 1 is adjacent."""

    slots: tuple[Slot, ...]
    slop: int = 1


@node
class Voice(NamedTuple):
    """Who must say it: only what stands in a quotation fits.

    `by`: what must stand in the speaker's name; None for any speaker. `is_name`: the words are part of such a name
    themselves, wherever it stands in an article that quotes the speaker.
    """

    by: "Clause | None" = None
    is_name: bool = False


@dataclass(frozen=True)
class Leaf:
    """An article fits if one of `runs` stands in it, within one of `fields`. A place is where one begins.

    `top`: only among so many words of title, deck and body; or `LEAD`. `voice`: only what somebody says.
    """

    runs: tuple[Run, ...]
    fields: Fields = None
    top: int | None = None
    voice: Voice | None = None

    def __hash__(self) -> int:
        return self._hash

    @property
    def is_word(self) -> bool:
        """Whether one token is enough, in any case. Then each counts, also of two at one place (`air-strikes`)."""
        return len(self.runs) == len(self.runs[0].slots) == 1 and not isinstance(self.runs[0].slots[0], Written)

    @cached_property
    def _hash(self) -> int:  # asked for again and again in one query
        return hash((self.runs, self.fields, self.top, self.voice))


@node
class Times(NamedTuple):
    """Articles published from `start` up to, not including, `end`: seconds by the outlet's clock; None is open.

    `dated` False asks for the undated instead.
    """

    start: int | None
    end: int | None
    dated: bool = True

    @property
    def is_empty(self) -> bool:
        """Return whether no time is between start and end."""
        return self.start is not None and self.end is not None and self.start >= self.end


@node
class Long(NamedTuple):
    """Articles whose title, deck and body together have at least and at most so many words; None is open."""

    least: int | None
    most: int | None


@node
class All(NamedTuple):
    """Articles that fit every part."""

    parts: "tuple[Clause, ...]"


@node
class Any(NamedTuple):
    """Articles that fit some part."""

    parts: "tuple[Clause, ...]"


@node
class Without(NamedTuple):
    """Articles that do not fit the part."""

    part: "Clause"


@node
class Preferred(NamedTuple):
    """Articles that fit `must`; those that fit `may` as well score more."""

    must: "Clause"
    may: "Clause"


@node
class Weighted(NamedTuple):
    """The part, its scores times `factor`."""

    part: "Clause"
    factor: float


@node
class Spelt(Any):
    """A leaf in all spellings of its words and, weighted, as it was typed: two parts, one word or phrase of a query."""

    __slots__ = ()


@node
class Close(NamedTuple):
    """Articles in which `left` and `right` stand in one zone, within so many positions, a sentence, or a paragraph.

    Neighbours are at distance 1. `ordered`: left first. Scored as `All` of both. `apart`: articles in which `left`
    stands somewhere where `right` is not so near; scored as `left`.
    """

    left: "Clause"
    right: "Clause"
    distance: int | Unit
    ordered: bool
    apart: bool = False


@node
class Often(NamedTuple):
    """Articles in which the part stands at `n` places or more. Scored as the part."""

    part: "Clause"
    n: int


@node
class Everything(NamedTuple):
    """All articles, if `none` is False; else none."""

    none: bool = False


Clause = Leaf | Times | Long | All | Any | Without | Preferred | Weighted | Close | Often | Everything


def leaves(clause: Clause) -> list[Leaf]:
    """Return all leaves of a clause, those of what must not be included."""
    match clause:
        case Leaf():
            return [clause]
        case All(parts) | Any(parts):
            return [leaf for part in parts for leaf in leaves(part)]
        case Without(part) | Weighted(part, _) | Often(part, _):
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
        case Without(part) | Weighted(part, _) | Often(part, _):
            return reach(part)
        case Preferred(one, other):
            return max(reach(one), reach(other))
        case Close(one, other, distance):
            return max(reach(one), reach(other), distance if isinstance(distance, int) else 1)
        case _:
            return 1


def asks_where(clause: Clause) -> bool:
    """Return whether a clause asks in which sentence, paragraph or part of an article something stands."""
    match clause:
        case Leaf(_, _, top, voice):
            return top is not None or voice is not None
        case All(parts) | Any(parts):
            return any(map(asks_where, parts))
        case Without(part) | Weighted(part, _) | Often(part, _):
            return asks_where(part)
        case Preferred(one, other):
            return asks_where(one) or asks_where(other)
        case Close(one, other, distance):
            return not isinstance(distance, int) or asks_where(one) or asks_where(other)
        case _:
            return False


def asks_when(clause: Clause) -> bool:
    """Return whether a clause asks when an article was published."""
    match clause:
        case Times():
            return True
        case All(parts) | Any(parts):
            return any(map(asks_when, parts))
        case Without(part) | Weighted(part, _) | Often(part, _):
            return asks_when(part)
        case Preferred(one, other) | Close(one, other):
            return asks_when(one) or asks_when(other)
        case _:
            return False


def mapped(clause: "Clause", change: Callable[[Leaf], Leaf]) -> "Clause":
    """Return a clause with each leaf changed."""
    match clause:
        case Leaf():
            return change(clause)
        case All(parts) | Any(parts):
            return type(clause)(tuple(mapped(part, change) for part in parts))
        case Without(part):
            return Without(mapped(part, change))
        case Weighted(part, factor):
            return Weighted(mapped(part, change), factor)
        case Often(part, n):
            return Often(mapped(part, change), n)
        case Preferred(one, other):
            return Preferred(mapped(one, change), mapped(other, change))
        case Close(one, other, distance, ordered, apart):
            return Close(mapped(one, change), mapped(other, change), distance, ordered, apart)
        case _:
            return clause


def cased(clause: "Clause", case: Case) -> "Clause":
    """Return a clause whose words must stand in the text in some case."""

    def written(leaf: Leaf) -> Leaf:
        runs = [Run(tuple(Written(slot, case) for slot in run.slots), run.slop) for run in leaf.runs]
        return replace(leaf, runs=tuple(runs))

    return mapped(clause, written)
