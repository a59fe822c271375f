"""From the text of a query to its tree, whatever the text.

cleaning   any text to one that can be read       tree, node        what a query says
common     the usual operators                    dates             when is `last week`
syntax     all of them, by Whoosh                 clauses, analyse  what it means for tokens
"""

import datetime
import re
from typing import NamedTuple

from search.query.tree import INFIX, And, Node, Nothing, Or, Phrase, Word, depth, write

__all__ = ["Query", "names", "parse"]

_SIGNS = re.compile(
    r"""["()\[\]{}:*?~^=<>!|\\/+\-\u2018\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02]"""
)  # of operators
_NAME = re.compile(r"\b(\w{1,99}):(?=\S)")
MAX_NAMES = 100
_PHRASE = re.compile(r'"([A-Za-z]+(?: [A-Za-z]+)+)"')
_OPERATORS = INFIX | {"NOT"}
_SHORT = 1000  # characters; a query of no more is not too long, whatever its words are


class Query(NamedTuple):
    """A query as read: its tree, the tree in the query language, and what was ignored or replaced, a sentence each."""

    tree: Node
    reading: str
    notes: tuple[str, ...]


def parse(
    text: str,
    *,
    all: bool = False,
    now: datetime.datetime | None = None,
    further: frozenset[str] = frozenset(),
) -> Query:
    """Read a query. Every text is answered; signs without a meaning are words, operators without a side are ignored.

    Args:
        text: As typed.
        all: Whether words side by side must all match; by default one is enough.
        now: What relative dates count from; by default the clock's.
        further: Names of fields that articles have beside the usual ones, in small letters; others are plain words.
    """
    return _simple(text, every=all) or _expression(text, every=all, now=now, further=further)


def names(text: str) -> frozenset[str]:
    """Return what may be names of further fields in a query, in small letters."""
    if ":" not in text:
        return frozenset()
    found = [name.lower() for name in _NAME.findall(text)[:MAX_NAMES]]
    return frozenset(name for name in found if _NAME.match(f"{name}:x"))  # small letters may come with a mark


def _simple(text: str, *, every: bool) -> Query | None:
    """Read a query that is nothing but words, words joined by one operator, or one phrase; None if it may be more.

    Most are, and this takes a few microseconds.
    """
    if len(text) > _SHORT:
        return None
    if text[:1] == '"' and (phrase := _PHRASE.fullmatch(text)):
        return Query(Phrase(phrase[1]), text, ())
    if _SIGNS.search(text):
        return None
    words = text.split()
    notes: tuple[str, ...] = ()
    if not _OPERATORS.isdisjoint(words):
        joins = set(words[1::2])
        words = words[::2]
        if len(joins) > 1 or joins.isdisjoint(("AND", "OR")) or not all(map(str.isalnum, words)):
            return None
        if len(words) * 2 - 1 != len(text.split()) or not _OPERATORS.isdisjoint(words):
            return None
        every = joins == {"AND"}
        if text.isupper():
            from search.query.cleaning import IN_CAPITALS, reads_capitals_as_words

            notes = (IN_CAPITALS[False],) if reads_capitals_as_words(text) is False else ()
    words = [word for word in words if word.isalnum() or any(map(str.isalnum, word))]
    if len(words) > 1:
        nodes = tuple(map(Word, words))
        return Query(And(nodes), " AND ".join(words), notes) if every else Query(Or(nodes), " OR ".join(words), notes)
    return Query(Word(words[0]), words[0], ()) if words else None


def _expression(text: str, *, every: bool, now: datetime.datetime | None, further: frozenset[str]) -> Query:
    """Read any query."""
    # Most queries need neither, and importing them takes 9 ms.
    from search.query import common
    from search.query.cleaning import MAX_DEPTH, clean, reads_capitals_as_words

    for deepest in (MAX_DEPTH, MAX_DEPTH // 3, MAX_DEPTH // 10):  # one parenthesis may hold several operators' groups
        tokens, notes = clean(text, deepest, further)
        if not tokens:
            said = "The query has no letter and no digit." if text.strip() else "The query is empty."
            return Query(Nothing(), "", (*dict.fromkeys(notes), said))
        node = common.read(tokens, every=every) or _by_whoosh(
            " ".join(tokens), notes, every=every, now=now, further=further
        )
        reading = write(node)
        if reads_capitals_as_words(reading):
            reading = f"({reading})"  # in which it has no doubt
        if reading.count("(") <= MAX_DEPTH or depth(node) <= MAX_DEPTH:
            break
    return Query(node, reading, tuple(dict.fromkeys(notes)))


def _by_whoosh(
    text: str, notes: list[str], *, every: bool, now: datetime.datetime | None, further: frozenset[str]
) -> Node:
    from search.query import syntax  # importing Whoosh takes 80 ms; few queries need it

    reader = syntax.Reader(every=every, now=now or datetime.datetime.now(), further=further)  # noqa: DTZ005  # the reader's own clock
    node = reader.read(text)
    notes += reader.notes
    return node
