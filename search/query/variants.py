"""A query that finds words in whatever spelling the index has learned."""

from collections.abc import Callable, Sequence

from search.query.clauses import (
    All,
    Any,
    Clause,
    Close,
    Leaf,
    Often,
    Preferred,
    Run,
    Slot,
    Terms,
    Weighted,
    Without,
    Written,
)

Others = Callable[[str], Sequence[str]]


def spread(clause: Clause, others: Others) -> Clause:
    """Return a clause that asks for words in other spellings as well; the spellings of a word are one term.

    Args:
        clause: Of a query. Words in one form, and patterns, stay as they are.
        others: Returns further terms for a term.
    """
    match clause:
        case Leaf(runs, fields, top):
            wider = tuple([Run(tuple([_slot(slot, others) for slot in run.slots]), run.slop) for run in runs])
            return clause if wider == runs else Leaf(wider, fields, top)
        case Weighted(part, factor):
            return Weighted(spread(part, others), factor)
        case All(parts) | Any(parts):
            return type(clause)(tuple(spread(part, others) for part in parts))
        case Without(part):
            return Without(spread(part, others))
        case Often(part, n):
            return Often(spread(part, others), n)
        case Preferred(must, may):
            return Preferred(spread(must, others), spread(may, others))
        case Close(left, right, distance, ordered, apart):
            return Close(spread(left, others), spread(right, others), distance, ordered, apart)
        case _:
            return clause


def _slot(slot: Slot, others: Others) -> Slot:
    if isinstance(slot, Written):
        return Written(_slot(slot.slot, others), slot.case)
    if not isinstance(slot, Terms) or len(slot.terms) > 1:
        return slot
    more = others(slot.terms[0])
    return Terms((*slot.terms, *more)) if more else slot
