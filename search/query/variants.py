"""A query that finds words in whatever spelling the index has learned."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from search.query.analyse import FUNCTION_WORD
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
    Spelt,
    Terms,
    Weighted,
    Without,
    Written,
)

Others = Callable[[str], Sequence[str]]

AS_TYPED = 0.25  # of its score that a word or phrase adds once more where it stands as it was typed


def spread(clause: Clause, others: Others, *, typed: bool = True) -> Clause:
    """Return a clause that asks for words in other spellings as well; the spellings of a word are one term.

    What stands as it was typed scores more, by `AS_TYPED`; beside operators such as `w/5`, and where places are
    counted, all spellings are equal.

    Args:
        clause: Of a query. Words in one form, and patterns, stay as they are.
        others: Returns further terms for a term.
        typed: Whether the spelling that was typed may score more.
    """
    match clause:
        case Leaf(runs):
            wider = tuple([Run(tuple([_slot(slot, others) for slot in run.slots]), run.slop) for run in runs])
            if wider == runs:
                return clause
            wide = replace(clause, runs=wider)
            return Spelt((wide, Weighted(clause, AS_TYPED))) if typed else wide
        case Weighted(part, factor):
            typed = typed and not (isinstance(part, Leaf) and factor == FUNCTION_WORD)
            return Weighted(spread(part, others, typed=typed), factor)
        case All(parts) | Any(parts):
            return type(clause)(tuple(spread(part, others, typed=typed) for part in parts))
        case Without(part):
            return Without(spread(part, others, typed=False))
        case Often(part, n):
            return Often(spread(part, others, typed=False), n)
        case Preferred(must, may):
            return Preferred(spread(must, others, typed=typed), spread(may, others, typed=typed))
        case Close(left, right, distance, ordered, apart):
            one, other = (spread(side, others, typed=False) for side in (left, right))
            return Close(one, other, distance, ordered, apart)
        case _:
            return clause


def alike(clause: Clause) -> Clause:
    """Return a clause that was spread, all spellings of a word equal: what fits it, and what shows it."""
    match clause:
        case Spelt(parts):
            return parts[0]
        case Weighted(part, factor):
            return Weighted(alike(part), factor)
        case All(parts) | Any(parts):
            return type(clause)(tuple(map(alike, parts)))
        case Preferred(must, may):
            return Preferred(alike(must), alike(may))
        case _:
            return clause


def _slot(slot: Slot, others: Others) -> Slot:
    if isinstance(slot, Written):
        return Written(_slot(slot.slot, others), slot.case)
    if not isinstance(slot, Terms) or len(slot.terms) > 1:
        return slot
    more = others(slot.terms[0])
    return Terms((*slot.terms, *more)) if more else slot
