"""The whole query language, read by Whoosh's parser with plugins of our own. Nothing else in the package knows Whoosh.

Whoosh finds the tokens, the groups and the operators; the tree of its syntax nodes becomes ours. Its own query classes
are not used: it would fold `-word` into a union, and scores of groups into their parts.
"""

import datetime
import re
import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from search.query.cleaning import NEAR, near
from search.query.dates import Period, date_bounds, mended, yearless
from search.query.tree import (
    FIELDS,
    INFIX,
    And,
    AndMaybe,
    AtLeast,
    Boost,
    Case,
    Cased,
    DateRange,
    Every,
    Fuzzy,
    Length,
    Must,
    Near,
    Node,
    Not,
    Nothing,
    Or,
    Phrase,
    Prefix,
    Undated,
    Unit,
    Wildcard,
    Word,
    both,
    either,
    excluded,
    has_place,
    plain,
    preferring,
    side_by_side,
    without,
    write,
)

with warnings.catch_warnings():  # written for older Pythons; nothing in it is our user's to mend
    warnings.simplefilter("ignore")
    from whoosh import qparser
    from whoosh.qparser import plugins, syntax

MAX_SLOP = 100
MAX_BOOST = 1e6
MAX_DISTANCE = 3  # of a fuzzy word
_TIMES = ("date", "since", "until")
_OPENED = re.compile(r"\A(=?)'['+-]*")  # before a word of a date; it must find no partner in the reading


class SideBySide(syntax.GroupNode):
    """What stands without an operator between."""


class MustGroup(syntax.NotGroup):
    """`+part`."""


class NearGroup(syntax.GroupNode):
    """`left w/5 right`: its `operator` is as `cleaning.near` says."""

    merging = False
    has_boost = True
    operator: tuple[int | Unit, bool, bool] = (1, False, False)


class NearOperator(syntax.Operator):
    """Nearness; binds tighter than AND, from left to right.

    near = ["NOT "] ("w" | "near" | "pre" | "adj") "/" (digits | "s" | "p")

    `w/n`, `near/n`: within n positions, in any order; `pre/n`, `adj/n`: in this order; `/s`, `/p`: in one sentence, one
    paragraph. With NOT: the left part, where the right one is not so near.
    """

    def replace_self(self, parser: Any, group: Any, position: int) -> int:  # noqa: ARG002  # Whoosh's signature
        """Put a group of the neighbours in the operator's place."""
        if not 0 < position < len(group) - 1:
            del group[position]
            return position
        joined = NearGroup([group[position - 1], group[position + 1]])
        joined.operator = near(self.text) or joined.operator
        group[position - 1 : position + 2] = [joined]
        return position


class NearTagger(plugins.OperatorsPlugin.OpTagger):
    """Finds `w/5` and its relatives between blanks."""

    def __init__(self) -> None:
        super().__init__(rf"(?i:(?<=\s){NEAR}(?=\s))", NearGroup, NearOperator, memo="near")


class CalledGroup(syntax.GroupNode):
    """`name(...)`, one of `Calls`; `kwargs`, which Whoosh copies, has the name."""

    merging = False
    has_boost = True


class Calls(plugins.GroupPlugin):
    """Parentheses, with or without a name before them.

    group = [ "atleast" digits | "caps" | "allcaps" | "nocaps" ] "(" ... ")"

    `atleast3(x)`: where x stands at three places or more. `caps(x)`, `allcaps(x)`, `nocaps(x)`: where the words of x
    have some capital, nothing but capitals, no capital.
    """

    class OpenBracket(syntax.SyntaxNode):
        """What opens a group."""

        def __init__(self, name: str | None) -> None:
            self.name = name or ""

    def __init__(self) -> None:
        super().__init__(openexpr=r"(?P<name>atleast[0-9]+|allcaps|nocaps|caps)?[(]")

    def do_groups(self, parser: Any, group: Any) -> Any:
        """Return the flat nodes as groups in each other. REQUIRES: parentheses are in pairs."""
        stack = [(parser.group(), "")]
        for node in group:
            if isinstance(node, self.OpenBracket):
                stack.append((parser.group(), node.name))
            elif isinstance(node, self.CloseBracket):
                inner, name = stack.pop()
                if name:
                    inner = CalledGroup([inner], name=name)
                stack[-1][0].append(inner)
            else:
                stack[-1][0].append(node)
        return stack[0][0]


class LeafNode(syntax.TextNode):
    """A leaf as it was typed, without its field and boost."""

    has_fieldname = True
    has_boost = True

    def r(self) -> str:
        """Return what Whoosh shows of a node."""
        return repr(self.text)


class LeafPlugin(plugins.TaggingPlugin):
    """Every leaf, as it is written: runs without blanks, and what quotes and brackets hold together.

    leaf = ["="] word | word ("*" | "!" | "~" [digits] ["/" digits]) | pattern | ["="] quoted ["~" digits]
         | ("[" | "{") [date] "TO" [date] ("]" | "}") | [("<" | ">") ["="]] (date | quoted)
         | "length" (">=" | "<=") digits | "length:" digits ".." digits

    Before it a field: `title:`, `deck:`, ... `hlead:` (title, deck and lead paragraph), `first50:` (the first words).
    """

    priority = 0
    expr = re.compile(
        r"""(?P<text>=?"[^"]*"(?:~[0-9]+)?|[\[{][^\]}]*[\]}]|[<>]=?"[^"]*"|(?!(?:AND|OR|NOT|ANDNOT|ANDMAYBE|REQUIRE)\s)"""
        r"""[^\s()"^+-][^\s()"^]*)"""
    )
    nodetype = LeafNode


def _make_parser(further: frozenset[str]) -> Any:
    """Return Whoosh's parser with the plugins that make up the language; `further` are names of fields."""
    operator = plugins.OperatorsPlugin.OpTagger
    before = r"(?:^|(?<=[\s(]))"
    operators = plugins.OperatorsPlugin(
        ops=[
            (NearTagger(), -20),
            (operator(before + r"(?:NOT(?=\s)|-(?=[^\s]))", syntax.NotGroup, syntax.PrefixOperator, memo="not"), -20),
            (operator(before + r"\+(?=[^\s])", MustGroup, syntax.PrefixOperator, memo="must"), -20),
            (operator(r"(?<=\s)AND(?=\s)", syntax.AndGroup, memo="and"), -20),
            (operator(r"(?<=\s)OR(?=\s)", syntax.OrGroup, memo="or"), -20),
            (operator(r"(?<=\s)ANDNOT(?=\s)", syntax.AndNotGroup, memo="and not"), -20),
            (operator(r"(?<=\s)ANDMAYBE(?=\s)", syntax.AndMaybeGroup, memo="and maybe"), -20),
            (operator(r"(?<=\s)REQUIRE(?=\s)", syntax.RequireGroup, memo="require"), -20),
        ],
        clean=True,
    )
    names = "|".join((*FIELDS, "since", "until", "first[0-9]+", *sorted(map(re.escape, further))))
    fields = plugins.FieldsPlugin(expr=rf"(?P<text>{names}):", remove_unknown=False)
    fields.priority = -10
    chosen = [
        plugins.WhitespacePlugin(),
        Calls(),
        plugins.BoostPlugin(),
        fields,
        operators,
        LeafPlugin(),
    ]
    return qparser.QueryParser("text", None, plugins=chosen, group=SideBySide)


@lru_cache(maxsize=8)
def _parser(further: frozenset[str]) -> Any:
    return _make_parser(further)


class Reader:
    """Reads cleaned queries.

    Args:
        every: Whether words that stand side by side must all match.
        now: What relative dates count from.
        further: Names of fields beside the usual ones.
    """

    def __init__(self, *, every: bool, now: datetime.datetime, further: frozenset[str] = frozenset()) -> None:
        self._further = further
        self._every = every
        self._now = now
        self.notes: list[str] = []

    def read(self, text: str) -> Node:
        """Return the tree of a cleaned query."""
        part = plain(self._node(_parser(self._further).process(text)))
        if isinstance(part, And):
            self._contradictions(part.parts)
        return part

    def _contradictions(self, parts: Sequence[Node]) -> None:
        """Note what no article fits because the limits of its date or its length leave nothing between."""
        dates = [part for part in parts if isinstance(part, DateRange)]
        starts, ends = ([time for part in dates if (time := part[at])] for at in (0, 1))
        lengths = [part for part in parts if isinstance(part, Length)]
        least, most = ([n for part in lengths if (n := part[at]) is not None] for at in (0, 1))
        if (starts and ends and max(starts) >= min(ends)) or (dates and Undated() in parts):
            self.notes.append("No date is in all the periods that are asked for.")
        if least and most and max(least) > min(most):
            self.notes.append("No length is within all the limits that are asked for.")

    def _node(self, node: Any) -> Node | Must:
        made = self._group(node) if isinstance(node, syntax.GroupNode) else self._leaf(node.text, node.fieldname)
        typed = getattr(node, "boost", 1.0)
        boost = round(min(typed, MAX_BOOST), 6)
        if typed > MAX_BOOST:
            self.notes.append(f"A weight above {MAX_BOOST:.0f} was read as ^{MAX_BOOST:.0f}.")
        if isinstance(made, Must):
            return Must(_boosted(made.part, boost))
        return _boosted(made, boost)

    def _group(self, group: Any) -> Node | Must:
        parts = [self._node(node) for node in group if not isinstance(node, syntax.Operator)]
        nodes = [plain(part) for part in parts]
        if isinstance(group, SideBySide) or not nodes:
            # `flood * dam` is hardly meant to find what has neither.
            if Every() in parts and any(map(has_place, nodes)):
                parts = [part for part in parts if part != Every()]
                self.notes.append("* beside words stands for no word and was left out.")
            return side_by_side(parts, every=self._every) if parts else Nothing()
        match group:
            case MustGroup():
                return Must(nodes[0])
            case syntax.NotGroup():
                return excluded(nodes[0])
            case syntax.AndGroup():
                return both(nodes)
            case syntax.OrGroup():
                return either(nodes)
            case NearGroup() if len(nodes) == 2:
                return self._near(nodes[0], nodes[1], group.operator)
            case CalledGroup():
                return self._called(group.kwargs["name"], nodes[0])
            case syntax.AndNotGroup() if len(nodes) == 2:
                return both([nodes[0], without(nodes[1])])
            case syntax.AndMaybeGroup() if len(nodes) == 2:
                return preferring(nodes[0], nodes[1])
            case syntax.RequireGroup() if len(nodes) == 2:
                return both([nodes[0], _boosted(nodes[1], 0.0)])
        return side_by_side(parts, every=self._every)

    def _near(self, left: Node, right: Node, operator: tuple[int | Unit, bool, bool]) -> Node:
        """Return what is near; of what stands nowhere, articles that fit both sides, or only the left."""
        if has_place(left) and has_place(right):
            return Near(_quoted(left), _quoted(right), *operator)
        distance, ordered, apart = operator
        typed = f"{'NOT ' if apart else ''}{'pre' if ordered else 'w'}/{distance}"
        told = write(left if has_place(right) else right)[:60]
        self.notes.append(f"{told} is no word in a place: {typed} was read as AND{' NOT' if apart else ''}.")
        return both([left, without(right) if apart else right])

    def _called(self, name: str, part: Node) -> Node:
        """Return what a name before a parenthesis makes of a part."""
        if isinstance(part, Nothing):
            return part
        if name.startswith("atleast"):
            if has_place(part):
                return AtLeast(_quoted(part), int(name.removeprefix("atleast")))
            self.notes.append(f"{write(part)[:60]} is no word in a place: {name} was left out.")
            return part
        case: Case = "caps" if name == "caps" else "allcaps" if name == "allcaps" else "nocaps"
        return Cased(_quoted(part), case)

    def _leaf(self, text: str, field: str | None) -> Node:
        if field in _TIMES or (field is None and text[0] in "[{"):
            if field:
                text = _OPENED.sub(r"\1", text)
                if text in INFIX or text == "NOT":  # as a word, which it is behind a field
                    text = text.lower()
            if dated := self._times(text, field):
                return dated
            if field:
                field = "date"
            if text[0] not in "[{<>":
                self.notes.append(f"{text} is no date and was read as a word in dates.")
        if match := _LENGTH.fullmatch(text):
            n = int(match["n"])
            if match["most"]:
                return self._between(n, int(match["most"]))
            return Length(n) if match["sign"] == ">=" else Length(None, n)
        exact = text.startswith("=")
        if match := _PHRASE.fullmatch(text):
            typed = int(match["slop"] or 1)
            slop = min(max(typed, 1), MAX_SLOP)
            if slop != typed:
                self.notes.append(f"~{typed} behind a phrase was read as ~{slop}.")
            return Phrase(match["text"], field, slop, exact)
        if exact:
            return Word(text[1:], field, exact=True)
        if text[0] in "[{<>":
            name = f"{field}:" if field else ""
            words = " ".join(re.findall(r"\w+", text.replace(" TO ", " ")))
            if not words:
                self.notes.append(f"{name}{text} was read as every article.")
                return Every()
            sign = text[: 1 + (text[1:2] == "=")] if text[0] in "<>" else ""
            if field == "date" and (dated := self._times(f'{sign}"{words}"', field)):
                self.notes.append(f"{name}{text} was read as {name}{sign}{words}.")
                return dated
            self.notes.append(f"{name}{text} is no range of dates and was read as words.")
            return Phrase(words, field)
        if text == "*":
            if field:
                self.notes.append(f"{field}:* was read as every article.")
            return Every()
        if match := _FUZZY.fullmatch(text):
            distance = int(match["distance"] or 1)
            if distance > MAX_DISTANCE:
                self.notes.append(f"{text}: words further than {MAX_DISTANCE} letters apart were not looked for.")
            prefix = int(match["prefix"] or 1)
            return Fuzzy(match["text"], min(distance, MAX_DISTANCE), min(prefix, len(match["text"])), field)
        if text[-1] in "*!" and not set(text[:-1]) & set("*?!"):
            return Prefix(text[:-1], field)
        if "*" in text or "?" in text:
            return Wildcard(text, field)
        return Word(text, field)

    def _between(self, least: int, most: int) -> Node:
        if least > most:
            self.notes.append(f"length:{least}..{most} was read as length:{most}..{least}.")
        return Length(min(least, most), max(least, most))

    def _period(self, text: str) -> Period | None:
        """Return the period of a date; one that is not quite one is mended, and a note says how."""
        text = self._mended(text)
        period = date_bounds(text, self._now)
        if period is None and (period := yearless(text, self._now)):
            self.notes.append(f"{text} was read as that of {period[0].year}.")
        return period

    def _mended(self, text: str) -> str:
        """Return a date that is not there, or has a time zone, as it is read; any other text as it is."""

        def is_date(text: str) -> bool:
            return bool(date_bounds(text, self._now) or yearless(text, self._now))

        other = None if is_date(text) else mended(text)
        if other is None or not is_date(other):
            return text
        self.notes.append(f"{text} was read as {other}, by the clock of each outlet.")
        return other

    def _times(self, text: str, field: str | None) -> Node | None:
        """Return what a leaf means in a date field, or as a range without one; None if it has no date."""
        named = f"{field or 'date'}:{text}"
        if text.strip('"<>=').lower() == "none":
            return Undated()
        if match := _RANGE.fullmatch(text):
            low, high = (_OPEN if side in ("", "*") else self._period(side) for side in match.group("low", "high"))
            if low is None or high is None:
                if field is None or (low or high or _OPEN) == _OPEN:
                    return None
                self.notes.append(f"{named}: {match['low' if low is None else 'high']} is no date and was left out.")
                low, high = low or _OPEN, high or _OPEN
            if low[0] and high[1] and low[0] >= high[1]:
                self.notes.append(f"{named} ends before it begins and was read the other way round.")
                low, high = high, low
            start = low[1] if match["open"] == "{" else low[0]
            end = high[0] if match["close"] == "}" else high[1]
            if start and end and start >= end:
                self.notes.append(f"{named} leaves no time between and was read with its ends.")
                start, end = low[0], high[1]
            return DateRange(start, end) if start or end else Every()
        match = _COMPARED.fullmatch(text)
        if match is None:
            return None
        sign = match["sign"] or {"since": ">=", "until": "<="}.get(field or "", "")
        said = self._mended(match["text"].strip('"'))
        if not sign and yearless(said, self._now):
            self.notes.append(f"{said} has no year and was read as that of every year.")
            return Phrase(said, "date") if " " in said else Word(said, "date")
        period = self._period(said)
        if period is None:
            return None
        start, end = period
        ends: dict[str, tuple[datetime.datetime | None, datetime.datetime | None]] = {
            ">": (end, None),
            ">=": (start, None),
            "<": (None, start),
            "<=": (None, end),
        }
        return DateRange(*ends.get(sign, (start, end)))


def _quoted(node: Node) -> Node:
    """Return a part with `and`, `or` and `not` in quotes: where it stands, they would be read as operators."""
    match node:
        case Word(text, None, False) if text.lower() in ("and", "or", "not"):
            return Phrase(text)
        case And(parts) | Or(parts):
            return type(node)(tuple(map(_quoted, parts)))
        case Not(part):
            return Not(_quoted(part))
        case Boost(part, factor):
            return Boost(_quoted(part), factor)
        case AndMaybe(one, other):
            return AndMaybe(_quoted(one), _quoted(other))
        case Near(one, other, distance, ordered, apart):
            return Near(_quoted(one), _quoted(other), distance, ordered, apart)
    return node


def _boosted(node: Node, factor: float) -> Node:
    """Return a node with its scores times `factor`; what is not there has none."""
    if factor == 1.0 or isinstance(node, Not):
        return node
    return Boost(node.part, round(node.factor * factor, 6)) if isinstance(node, Boost) else Boost(node, factor)


_OPEN = (None, None)
_LENGTH = re.compile(r"length(?:(?P<sign>[<>]=)|:)(?P<n>[0-9]+)(?:\.\.(?P<most>[0-9]+))?")
_PHRASE = re.compile(r'=?"(?P<text>[^"]*)"(?:~(?P<slop>[0-9]{1,9})[0-9]*)?')
_FUZZY = re.compile(r"(?P<text>[^~]+)~(?P<distance>[0-9]{1,9})?(?:/(?P<prefix>[0-9]{1,9}))?")
_RANGE = re.compile(r"(?P<open>[\[{])\s*(?P<low>.*?)\s*TO\s*(?P<high>.*?)\s*(?P<close>[\]}])")
_COMPARED = re.compile(r"(?P<sign>[<>]=?)?=?(?P<text>[^<>=]+)")
