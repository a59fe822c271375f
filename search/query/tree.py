"""The query tree: small frozen nodes, words as they were typed. Neither parser nor executor, and all that both share.

`write` shows a tree in the query language; reading that again gives the same tree.
"""

import datetime
from collections.abc import Sequence
from typing import Literal, NamedTuple

from search.query.node import node

FIELDS = ("title", "deck", "body", "source", "author", "path", "date", "low", "hlead", "quote", "by")  # and `first50`
INFIX = frozenset({"AND", "OR", "ANDNOT", "ANDMAYBE", "REQUIRE"})  # operators between two parts; so is `w/5`
Unit = Literal["s", "p"]  # sentence, paragraph
Case = Literal["caps", "allcaps", "nocaps"]


@node
class Word(NamedTuple):
    """A word. `exact`: only this surface form, without stemming."""

    text: str
    field: str | None = None
    exact: bool = False


@node
class Phrase(NamedTuple):
    """Words in this order, each at most `slop` positions behind the one before; 1 is adjacent."""

    text: str
    field: str | None = None
    slop: int = 1
    exact: bool = False


@node
class Prefix(NamedTuple):
    """Words that begin so."""

    text: str
    field: str | None = None


@node
class Wildcard(NamedTuple):
    """Words that fit a pattern: `?` is one character, `*` any number."""

    pattern: str
    field: str | None = None


@node
class Fuzzy(NamedTuple):
    """Words within an edit distance that begin with the same `prefix_length` characters."""

    text: str
    distance: int = 1
    prefix_length: int = 1
    field: str | None = None


@node
class DateRange(NamedTuple):
    """Publication from `start` up to, not including, `end`, by the outlet's clock; None is open."""

    start: datetime.datetime | None
    end: datetime.datetime | None


@node
class Undated(NamedTuple):
    """Articles without a publication date."""


@node
class Length(NamedTuple):
    """Articles whose title, deck and body together have at least `least` words, and at most `most`; None is open."""

    least: int | None
    most: int | None = None


@node
class Every(NamedTuple):
    """All articles."""


@node
class Nothing(NamedTuple):
    """No article."""


@node
class And(NamedTuple):
    """Every part."""

    parts: "tuple[Node, ...]"


@node
class Or(NamedTuple):
    """Some part."""

    parts: "tuple[Node, ...]"


@node
class Not(NamedTuple):
    """What does not match the part."""

    part: "Node"


@node
class AndMaybe(NamedTuple):
    """What matches `must`; `may` adds to the score."""

    must: "Node"
    may: "Node"


@node
class Boost(NamedTuple):
    """The part, its scores times `factor`."""

    part: "Node"
    factor: float


@node
class Near(NamedTuple):
    """Both parts within `distance` positions, neighbours being at 1, or within one sentence or paragraph.

    `ordered`: left first. `apart`: the left part, where the right one is not so near.
    """

    left: "Node"
    right: "Node"
    distance: int | Unit
    ordered: bool = False
    apart: bool = False


@node
class AtLeast(NamedTuple):
    """The part, in articles in which it stands at `n` places or more."""

    part: "Node"
    n: int


@node
class Cased(NamedTuple):
    """The part, its words being written with some capital, in capitals throughout, or without any."""

    part: "Node"
    case: Case


Leaf = Word | Phrase | Prefix | Wildcard | Fuzzy | DateRange | Undated | Length | Every | Nothing
Node = Leaf | And | Or | Not | AndMaybe | Boost | Near | AtLeast | Cased


def parts(node: Node) -> "tuple[Node, ...]":
    """Return the nodes that a node joins, in order; none of one that joins none."""
    match node:
        case And(inner) | Or(inner):
            return inner
        case AndMaybe(one, other) | Near(one, other, _, _):
            return one, other
        case Not(part) | Boost(part, _) | AtLeast(part, _):
            return (part,)
        case Cased(part, _):
            return parts(part)
        case _:
            return ()


def has_place(node: Node) -> bool:
    """Return whether what a node asks for stands somewhere in an article, be it in some alternative."""
    match node:
        case DateRange() | Undated() | Length() | Every() | Nothing() | Not():
            return False
        case Word() | Phrase() | Prefix() | Wildcard() | Fuzzy():
            return True
        case Cased(part, _):
            return has_place(part)
    return any(map(has_place, parts(node)))


def uncased(node: Node) -> Node:
    """Return a node without the case that is asked of its words."""
    return uncased(node.part) if isinstance(node, Cased) else node


def both(parts: "Sequence[Node]") -> Node:
    """Return the parts joined by AND, nested ones taken in."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,))]
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def either(parts: "Sequence[Node]") -> Node:
    """Return the parts joined by OR, nested ones taken in."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,))]
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def without(part: "Node") -> Node:
    """Return what does not match the part; twice is the part itself."""
    return part.part if isinstance(part, Not) else Not(part)


def preferring(must: "Node", may: "Node") -> Node:
    """Return `must` with its scores raised by `may`, nested ones taken in."""
    return AndMaybe(must.must, either([must.may, may])) if isinstance(must, AndMaybe) else AndMaybe(must, may)


@node
class Must(NamedTuple):
    """Only while reading: `+part`."""

    part: Node


def side_by_side(parts: "Sequence[Node | Must]", *, every: bool) -> Node:
    """Return what parts mean that stand side by side without an operator.

    Some part must match; with `every`, all must. `-part` must not, `+part` must, and the others then only add. The time
    must be in one of the periods, after every `since` and before every `until`; so with lengths,
    and with who must speak.
    """
    if every:
        return both([plain(part) for part in parts])
    voices = [plain(part) for part in parts if names_speaker(plain(part))]
    if voices:
        parts = [part for part in parts if not names_speaker(plain(part))]
    must = [part.part for part in parts if isinstance(part, Must)]
    periods = [part for part in parts if isinstance(part, DateRange | Undated | Length)]
    negative = [part for part in parts if isinstance(part, Not)]
    rest = [part for part in parts if not isinstance(part, Must | DateRange | Undated | Length | Not)]
    positive: list[Node] = []
    if must and rest:
        positive = [preferring(both(must), either(rest))]
    elif must:
        positive = [both(must)]
    elif rest:
        positive = [either(rest)]
    ends = [part for part in periods if _is_open(part)]
    if whole := [part for part in periods if part not in ends]:
        positive.append(either(whole))
    return both([*positive, *voices, *ends, *negative])


def names_speaker(node: "Node") -> bool:
    """Return whether a node says who must speak (`by:`), which goes with what is quoted beside it."""
    match node:
        case Word(_, field) | Phrase(_, field) | Prefix(_, field) | Wildcard(_, field) | Fuzzy(_, _, _, field):
            return field == "by"
        case And(inner) | Or(inner):
            return all(map(names_speaker, inner))
        case Boost(part, _):
            return names_speaker(part)
    return False


def _is_open(part: "Node") -> bool:
    """Return whether a filter has one end."""
    match part:
        case DateRange(start, end):
            return None in (start, end)
        case Length(least, most):
            return None in (least, most)
    return False


def plain(part: "Node | Must") -> Node:
    """Return a part without its sign."""
    return part.part if isinstance(part, Must) else part


def excluded(part: "Node | Must") -> "Node | Must":
    """Return `-part` or `NOT part`, a part of what stands side by side; without what is not there, it must be."""
    node = plain(part)
    return Must(node.part) if isinstance(node, Not) else Not(node)


def depth(node: Node) -> int:
    """Return how many parentheses stand in each other when a tree is written, at most."""
    match node:
        case And(parts) | Or(parts):
            return 1 + max(map(depth, parts))
        case AndMaybe(left, right) | Near(left, right):
            return 1 + max(depth(left), depth(right))
        case AtLeast(part) | Cased(part):
            return 1 + depth(part)
        case Not(part) | Boost(part):
            return depth(part)
    return 0


def write(node: Node) -> str:
    """Return a tree in the query language."""
    return _write(node, top=True)


def _write(node: Node, *, top: bool = False) -> str:
    match node:
        case And(parts):
            text = " AND ".join(_write(part) for part in parts)
        case Or(parts):
            text = " OR ".join(_write(part) for part in parts)
        case Not(part):
            return f"NOT {_write(part)}"
        case AndMaybe(must, may):
            text = f"{_write(must)} ANDMAYBE {_write(may)}"
        case Near(left, right, distance, ordered, apart):
            sides = [f"({_write(part)})" if isinstance(part, Not) else _write(part) for part in (left, right)]
            text = f" {'NOT ' if apart else ''}{'pre' if ordered else 'w'}/{distance} ".join(sides)
        case AtLeast(part, n):
            return f"atleast{n}({_write(part, top=True)})"
        case Cased(part, case):
            return f"{case}({_write(part, top=True)})"
        case Boost(part, factor):
            return f"{_write(part)}^{f'{factor:.6f}'.rstrip('0').rstrip('.')}"
        case _:
            return _leaf(node)
    return text if top else f"({text})"


def _leaf(node: Leaf) -> str:
    match node:
        case Word(text, field, exact):
            return f"{_field(field)}{'=' if exact else ''}{text}"
        case Phrase(text, field, slop, exact):
            return f'{_field(field)}{"=" if exact else ""}"{text}"{f"~{slop}" if slop > 1 else ""}'
        case Prefix(text, field):
            return f"{_field(field)}{text}*"
        case Wildcard(pattern, field):
            return f"{_field(field)}{pattern}"
        case Fuzzy(text, distance, prefix_length, field):
            return f"{_field(field)}{text}~{distance}/{prefix_length}"
        case DateRange(start, end):
            if start is None or end is None:
                return f"date:<{_time(end)}" if end else f"date:>={_time(start)}" if start else "*"
            return f"date:[{_time(start)} TO {_time(end)}}}"
        case Undated():
            return "date:none"
        case Length(least, most):
            if least is None or most is None:
                return f"length<={most}" if least is None else f"length>={least}"
            return f"length:{least}..{most}"
        case Every():
            return "*"
        case Nothing():
            return ""


def _time(time: datetime.datetime) -> str:
    return time.isoformat().removesuffix("T00:00:00")


def _field(field: str | None) -> str:
    return f"{field}:" if field else ""
