"""When it was written of: the articles and stories that match, by day, week, month or year, and what the peaks tell."""

from collections.abc import Collection, Sequence

import numpy as np

from search.engine.calendar import UNITS, known, labels, numbers
from search.engine.folding import Folding
from search.engine.layout import UNDATED
from search.engine.matching import Matcher
from search.engine.postings import Docs
from search.engine.telling import telling
from search.errors import QueryError
from search.model import Bucket, Timeline
from search.query import clauses
from search.query.clauses import Clause, Terms, bare
from search.text.analysis import Analyzer

MOST = 62  # buckets of a unit that is chosen; two months of days
LIMIT = 10_000  # buckets of a unit that is asked for
PEAKS = 6  # that are labelled
WORDS = 3  # of a label
_DAY = 86400  # seconds


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
    if unit is not None and unit not in UNITS:
        raise QueryError(f"unit {unit!r}: use one of {', '.join(UNITS)}")
    unit = unit or _fitting(docs, matcher)
    found, when = known(matcher.snapshot, docs, unit)
    unknown = len(docs) - len(found)
    if not len(found):
        return Timeline(query, reading, tuple(notes), unit, (), unknown)
    first, last = int(when.min()), int(when.max())
    if last - first >= LIMIT:
        raise QueryError(f"{last - first + 1} of unit {unit!r} are too many: use a larger unit, or --since and --until")
    order = np.argsort(when, kind="stable")
    found = found[order]
    ends = np.searchsorted(when[order], np.arange(first, last + 1), side="right").tolist()
    parts = [found[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    peaks = _peaks([len(part) for part in parts])
    asked = _terms(clause)
    buckets = []
    for at, (start, part) in enumerate(zip(labels(np.arange(first, last + 1), unit), parts, strict=True)):
        n_stories = stories.count(part) if stories and len(part) else len(part)
        words: tuple[str, ...] = ()
        if at in peaks:
            others = np.setdiff1d(docs, part)
            if not len(others):  # all of them at once: what tells them from all that does not match
                others = np.setdiff1d(matcher.docs(clauses.Everything()), part)
            words = telling(np.sort(part), others, matcher, analyzer, asked, WORDS)
        buckets.append(Bucket(start, len(part), n_stories, words))
    return Timeline(query, reading, tuple(notes), unit, tuple(buckets), unknown)


def _fitting(docs: Docs, matcher: Matcher) -> str:
    """Return the smallest unit of which there are not too many."""
    local = matcher.snapshot.local[docs]
    days = local[local != UNDATED] // _DAY
    if not len(days):
        return "day"
    ends = np.array([days.min(), days.max()])
    return next((unit for unit in UNITS if int(np.diff(numbers(ends, unit))[0]) < MOST), UNITS[-1])


def _peaks(sizes: Sequence[int]) -> Collection[int]:
    """Return which sizes are peaks: the largest of those that no neighbour exceeds, and above the mean."""
    mean = sum(sizes) / len(sizes)
    around = [0, *sizes, 0]
    peaks = [at for at, n in enumerate(sizes) if n >= mean and n > 1 and around[at] < n >= around[at + 2]]
    return set(sorted(peaks, key=lambda at: (-sizes[at], at))[:PEAKS])


def _terms(clause: Clause) -> set[str]:
    """Return the terms that a query asks for."""
    slots = [bare(slot) for leaf in clauses.leaves(clause) for run in leaf.runs for slot in run.slots]
    return {term for slot in slots if isinstance(slot, Terms) for term in slot.terms}
