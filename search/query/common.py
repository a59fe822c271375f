"""The operators that most queries have, read without Whoosh: words, phrases, AND, OR, NOT, + and -, parentheses, w/5,
`flood*` and `flod~`.

Whoosh takes 60-200 µs to parse what this reads in a few, and 80 ms to import. The tree is the one that `syntax` gives.
"""

import re

from search.query.cleaning import PAIRS, near
from search.query.tree import Fuzzy, Must, Near, Node, Phrase, Prefix, Word, both, either, excluded, plain, side_by_side

_WORDS = r"[A-Za-z0-9]+(?:\*|~[12]?)"  # several, by their beginning or spelt alike
_COMMON = re.compile(
    rf"""[+-]?(?:"[^"]*"|[^\s"()\[\]{{}}:*?~^=<>!|\\']+(?:'[^\s"()\[\]{{}}:*?~^=<>!|\\']+)*'?|{_WORDS}|\()|\)|NOT"""
)
_SIDE = re.compile(rf'"[^"]*"|(?!(?i:and|or|not)\Z)[A-Za-z0-9]+|{_WORDS}')  # of w/5


def read(tokens: list[str], *, every: bool) -> Node | None:
    """Return the tree of a cleaned query, or None if it has anything that is not common.

    Args:
        tokens: Of `cleaning.clean`; not empty.
        every: Whether words that stand side by side must all match.
    """
    if not all(map(_COMMON.fullmatch, tokens)) or not PAIRS.isdisjoint(tokens):
        return None
    for at, token in enumerate(tokens):
        if near(token) and not (_is_side(tokens, at - 1) and _is_side(tokens, at + 1)):
            return None
    node, _ = _group(tokens, 0, every=every)
    return node


def _is_side(tokens: list[str], at: int) -> bool:
    """Return whether a token may be a side of `w/5` here: it is no group, and nothing binds it tighter."""
    return 0 <= at < len(tokens) and _SIDE.fullmatch(tokens[at]) is not None and tokens[max(at - 1, 0)] != "NOT"


def _group(tokens: list[str], at: int, *, every: bool) -> tuple[Node, int]:
    """Read up to the parenthesis that closes the group, or the end; return the node and where to go on."""
    parts: list[Node | Must] = []  # what stands side by side
    joins: list[str] = []  # the operator before each part but the first, empty for none
    join = ""
    while at < len(tokens) and tokens[at] != ")":
        token = tokens[at]
        if token in ("AND", "OR") or near(token):
            join = token
            at += 1
            continue
        part, at = _operand(tokens, at, every=every)
        if closeness := near(join):  # binds tighter than AND, from left to right
            parts[-1] = Near(plain(parts[-1]), plain(part), *closeness)
        else:
            joins += [join] if parts else []
            parts.append(part)
        join = ""
    for operator in ("AND", "OR"):
        parts, joins = _collapse(parts, joins, operator)
    return side_by_side(parts, every=every), at + 1


def _operand(tokens: list[str], at: int, *, every: bool) -> tuple[Node | Must, int]:
    token = tokens[at]
    if token == "NOT":
        part, at = _operand(tokens, at + 1, every=every)
        return excluded(part), at
    sign = token[0] if token[0] in "+-" else ""
    token = token[len(sign) :]
    if token == "(":
        part, at = _group(tokens, at + 1, every=every)
    else:
        part, at = _leaf(token), at + 1
    if sign:
        return Must(plain(part)) if sign == "+" else excluded(part), at
    return part, at


def _leaf(token: str) -> Node:
    if token[0] == '"':
        return Phrase(token[1:-1])
    if token[-1] == "*":
        return Prefix(token[:-1])
    word, is_fuzzy, distance = token.partition("~")
    return Fuzzy(word, int(distance or 1)) if is_fuzzy else Word(token)


def _collapse(parts: list[Node | Must], joins: list[str], operator: str) -> tuple[list[Node | Must], list[str]]:
    """Return the parts with runs joined by `operator` made one."""
    found: list[Node | Must] = parts[:1]
    left: list[str] = []
    run: list[Node] = []
    for join, part in zip(joins, parts[1:], strict=True):
        if join == operator:
            run = run or [plain(found[-1])]
            run.append(plain(part))
            found[-1] = (both if operator == "AND" else either)(run)
        else:
            run = []
            found.append(part)
            left.append(join)
    return found, left
