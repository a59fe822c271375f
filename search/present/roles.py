"""What the leaves of a query are to the articles it finds: which take part, and what share of the query each is."""

from collections.abc import Callable, Sequence

from search.query import clauses
from search.query.analyse import FUNCTION_WORD
from search.query.clauses import Clause, Leaf, Long, Times, Written

LIGHT_SHARE = 0.5  # of another leaf's share of the query


def shares(clause: Clause, leaves: Sequence[Leaf]) -> list[float]:
    """Return what each leaf is of a query, all together 1; one that weighs little is half of another."""
    few = light(clause)
    counted = [LIGHT_SHARE if leaf in few else 1.0 for leaf in leaves]
    total = sum(counted)
    return [each / total for each in counted]


def light(clause: Clause) -> set[Leaf]:
    """Return the leaves that weigh no more than a word that only holds others together."""
    match clause:
        case clauses.Weighted(Leaf() as leaf, factor) if factor <= FUNCTION_WORD:
            return {leaf}
        case clauses.All(parts) | clauses.Any(parts):
            return set().union(*[light(part) for part in parts])
        case clauses.Weighted(part, _) | clauses.Preferred(part, _) | clauses.Often(part, _):
            return light(part)
        case _:
            return set()


def is_of_words(clause: Clause) -> bool:
    """Tell whether a query is words and phrases, joined by AND, OR and NOT: where they stand does not matter."""
    match clause:
        case Leaf(runs, None):
            return len(runs) == 1 and runs[0].slop == 1 and not any(isinstance(s, Written) for s in runs[0].slots)
        case clauses.Weighted(part, _) | clauses.Without(part):
            return is_of_words(part)
        case Times() | Long() | clauses.Everything():
            return True
        case clauses.All(parts) | clauses.Any(parts):
            return all(map(is_of_words, parts))
        case clauses.Preferred(must, may):
            return is_of_words(must) and is_of_words(may)
        case _:
            return False


def is_certain(clause: Clause, *, every: bool = True) -> bool:
    """Tell whether each word of such a query that stands in an article it finds takes part.

    The words of `a AND b` do; those of `(a AND b) OR c` may not, and `every` is then False for the part in parentheses.
    """
    match clause:
        case Leaf():
            return True
        case clauses.Weighted(part, _):
            return is_certain(part, every=every)
        case Times() | Long() | clauses.Everything():
            return every
        case clauses.All(parts):
            return every and all(map(is_certain, parts))
        case clauses.Any(parts):
            return all(is_certain(part, every=False) for part in parts)
        case _:
            return False


def taking_part(
    clause: Clause, stands: Callable[[Leaf], bool], fits: Callable[[Times | Long], bool]
) -> list[Leaf] | None:
    """Return the leaves of such a query by which an article fits it; None if it does not.

    Args:
        clause: The query.
        stands: Whether a leaf stands anywhere in the article.
        fits: Whether the article fits a clause about something other than its words.
    """
    match clause:
        case Leaf():
            return [clause] if stands(clause) else None
        case clauses.Weighted(part, _):
            return taking_part(part, stands, fits)
        case clauses.Without(part):
            return [] if taking_part(part, stands, fits) is None else None
        case Times() | Long():
            return [] if fits(clause) else None
        case clauses.Everything(none):
            return None if none else []
        case clauses.Preferred(must, may):
            found = taking_part(must, stands, fits)
            return None if found is None else found + (taking_part(may, stands, fits) or [])
        case clauses.All(parts) | clauses.Any(parts):
            each = [taking_part(part, stands, fits) for part in parts]
            some = [leaves for leaves in each if leaves is not None]
            if len(some) < (len(each) if isinstance(clause, clauses.All) else 1):
                return None
            return [leaf for leaves in some for leaf in leaves]
        case _:
            raise AssertionError(clause)
