"""From the text of a query to its tree, whatever the text.

cleaning   any text to one that can be read       tree      what a query says
common     the usual operators                    dates     when is `last week`
syntax     all of them, by Whoosh                 clauses, analyse   what it means for tokens
"""

import datetime
from typing import NamedTuple

from search.query import common
from search.query.cleaning import clean
from search.query.tree import Node, Nothing, write

__all__ = ["Query", "parse"]


class Query(NamedTuple):
    """A query as read: its tree, the tree in the query language, and what was ignored or replaced, a sentence each."""

    tree: Node
    reading: str
    notes: tuple[str, ...]


def parse(text: str, *, all: bool = False, now: datetime.datetime | None = None) -> Query:  # noqa: A002
    """Read a query. Every text is answered; what cannot be an operator is words.

    Args:
        text: As typed.
        all: Whether words side by side must all match; by default one is enough.
        now: What relative dates count from; by default the clock's.
    """
    tokens, notes = clean(text)
    if not tokens:
        said = "The query is empty." if not text.strip() else "The query has no letter and no digit."
        return Query(Nothing(), "", (*dict.fromkeys(notes), said))
    node = common.read(tokens, every=all)
    if node is None:
        from search.query import syntax  # importing Whoosh takes 80 ms; few queries need it

        reader = syntax.Reader(every=all, now=now or datetime.datetime.now())  # noqa: DTZ005  # the reader's own clock
        node = reader.read(" ".join(tokens))
        notes += reader.notes
    return Query(node, write(node), tuple(dict.fromkeys(notes)))
