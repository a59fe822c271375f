"""A query that finds words in whatever spelling the index has learned."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from search.query.clauses import Clause, Leaf, Run, Slot, Terms, Written, mapped

Others = Callable[[str], Sequence[str]]


def spread(clause: Clause, others: Others) -> Clause:
    """Return a clause that asks for words in other spellings as well; the spellings of a word are one term.

    Args:
        clause: Of a query. Words in one form, and patterns, stay as they are.
        others: Returns further terms for a term.
    """

    def wider(leaf: Leaf) -> Leaf:
        runs = tuple([Run(tuple([_slot(slot, others) for slot in run.slots]), run.slop) for run in leaf.runs])
        return leaf if runs == leaf.runs else replace(leaf, runs=runs)

    return mapped(clause, wider)


def _slot(slot: Slot, others: Others) -> Slot:
    if isinstance(slot, Written):
        return Written(_slot(slot.slot, others), slot.case)
    if not isinstance(slot, Terms) or len(slot.terms) > 1:
        return slot
    more = others(slot.terms[0])
    return Terms((*slot.terms, *more)) if more else slot
