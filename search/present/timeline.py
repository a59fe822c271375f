"""When it was written of: the articles and stories that match, by day, week, month or year, and what the peaks tell."""

from collections.abc import Collection, Sequence

from search.engine.calendar import UNITS, fitting, spread
from search.engine.docsets import Docs, without
from search.engine.folding import Folding
from search.engine.matching import Matcher
from search.engine.telling import telling
from search.errors import QueryError
from search.query import clauses
from search.query.clauses import Clause, Terms, bare
from search.reports import Bucket, Timeline
from search.text.analysis import Analyzer

MOST = 62  # buckets of a unit that is chosen; two months of days
LIMIT = 10_000  # buckets of a unit that is asked for
PEAKS = 6  # that are labelled
FEW = 8  # buckets, of which each may be a peak; of more, those of half as many again as the mean
WORDS = 3  # of a label


def timeline(
    query: str,
    reading: str,
    notes: Sequence[str],
    unit: str | None,
    docs: Docs,
    clause: Clause,
    matcher: Matcher,
    analyzer: Analyzer,
    stories: Folding | None,
) -> Timeline:
    """Return when articles were published.

    Args:
        query, reading, notes: Of the query.
        unit: `day`, `week`, `month` or `year`; None to choose the smallest of which there are not too many.
        docs: All that match, ascending.
        clause: The query.
        matcher: Of the query.
        analyzer: Of the index.
        stories: Of the index; None if every article is one of its own.

    Raises:
        QueryError: There is no such unit, or there are too many of them.
    """
    snapshot = matcher.snapshot
    if unit is None:
        found = spread(snapshot, docs, fitting(snapshot, docs, MOST), LIMIT)
    else:
        chosen = next((each for each in UNITS if each == unit), None)
        if chosen is None:
            raise QueryError(f"unit {unit!r}: use one of {', '.join(UNITS)}")
        found = spread(snapshot, docs, chosen, LIMIT)
    if isinstance(found, int):
        raise QueryError(f"{found} of unit {unit!r} are too many: use a larger unit, or a period")
    peaks = _peaks([len(part) for part in found.parts])
    asked = _terms(clause)
    buckets = []
    for at, (start, part) in enumerate(zip(found.starts, found.parts, strict=True)):
        n_stories = stories.count(part) if stories and len(part) else len(part)
        words: tuple[str, ...] = ()
        if at in peaks:
            others = without(docs, part.tolist())
            if not len(others):  # all of them at once: what tells them from all that does not match
                others = without(matcher.docs(clauses.Everything()), part.tolist())
            words = telling(part, others, matcher, analyzer, asked, WORDS)
        buckets.append(Bucket(start, len(part), n_stories, words))
    unknown = len(docs) - sum(map(len, found.parts))
    return Timeline(query, reading, tuple(notes), found.unit, tuple(buckets), unknown)


def _peaks(sizes: Sequence[int]) -> Collection[int]:
    """Return which sizes are peaks: the largest of those that no neighbour exceeds, if they are more than the usual."""
    least = max(3, 1.5 * sum(sizes) / max(1, len(sizes)) if len(sizes) > FEW else 0)
    around = [0, *sizes, 0]
    peaks = [at for at, n in enumerate(sizes) if n >= least and around[at] < n >= around[at + 2]]
    return set(sorted(peaks, key=lambda at: (-sizes[at], at))[:PEAKS])


def _terms(clause: Clause) -> set[str]:
    """Return the terms that a query asks for."""
    slots = [bare(slot) for leaf in clauses.leaves(clause) for run in leaf.runs for slot in run.slots]
    return {term for slot in slots if isinstance(slot, Terms) for term in slot.terms}
