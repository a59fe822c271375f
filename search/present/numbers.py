"""What articles say how many there are: numbers of the same count beside each other, those of others apart.

Two numbers count the same if the words of what is counted have the same stems, the same is said of it (`killed`), and
the same time picks it out. Places may be left unsaid, but do not differ. They disagree if none can be all of them, and
there is reason to think that they are of the same matter; see `matters`. An article that has several such numbers tells
of several matters, and what is measured (days, tonnes, per cent) is not set against each other.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import combinations, islice
from typing import TYPE_CHECKING, NamedTuple

from search.claims.counts import Count, counts, is_place, is_told, verb
from search.engine import record
from search.engine.speaking import Words, fits
from search.model import Span
from search.present.matters import Matters
from search.present.roles import light
from search.query import clauses
from search.query.clauses import Clause, Leaf
from search.reports import Figure, Numbers, Tally, Value
from search.text.analysis import fold
from search.text.stream import SHOWN

if TYPE_CHECKING:
    from search.engine.dating import Dating
    from search.engine.folding import Folding
    from search.engine.matching import Matcher
    from search.engine.top import Ranked
    from search.text.analysis import Analyzer

MOST_FORMS = 64  # of words, that are looked for before a sentence is read
MOST = 500  # articles whose numbers are looked at
MOST_PAIRS = 5000  # of numbers of one count that are held against each other


class _Found(NamedTuple):
    doc: int
    figure: Figure
    said: Count
    worth: int

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the most that the number may be."""
        return self.said.least, self.said.most

    @property
    def span(self) -> Span:
        """Where the number stands."""
        return self.said.start, self.said.end


def numbers(
    query: tuple[str, str, Sequence[str]],
    clause: Clause,
    matcher: "Matcher",
    analyzer: "Analyzer",
    ranked: "Ranked",
    stories: "Folding | None",
    dating: "Dating | None",
    limit: int,
) -> Numbers:
    """Return what some articles count of what a query asks for.

    Args:
        query: As typed and as read, and notes on it.
        clause: What it means.
        matcher: That evaluated it.
        analyzer: Of the index.
        ranked: The articles.
        stories: Of the index; None if every article is one of its own.
        dating: What dates can be inferred; None if stated ones alone count.
        limit: Most counts to return.
    """
    text, reading, notes = query
    few = light(clause)
    leaves = [Leaf(leaf.runs) for leaf in dict.fromkeys(clauses.leaves(clause)) if leaf not in few]
    forms = _forms(leaves, matcher)
    found: dict[tuple[object, ...], list[_Found]] = {}
    for doc, _ in ranked:
        stored = record.split(matcher.snapshot.record(doc))
        units = record.units(stored.marks)
        spans = [(units.start(at), end) for at, end in enumerate(units.ends) if units.kinds[at] in SHOWN]
        if forms:
            spans = [(start, end) for start, end in spans if _has(forms, stored.text[start:end])]
        for count in counts(stored.text, spans):
            words = _words(f"{count.what} {count.said}", analyzer)
            worth = sum(fits(leaf, words) for leaf in leaves)
            if not worth:
                continue
            line = stored.text.count("\n", 0, count.start) + 1
            what = stored.text[count.start : count.end]
            date, date_source = stored.date or None, stored.date_source or None
            if dating:
                date, date_source = dating.published(doc, date, date_source)
            about = stored.id, stored.path or None, stored.source or None, date
            figure = Figure(*about, " ".join(what.split()), count.start, count.end, line, date_source)
            found.setdefault(_key(count, analyzer), []).append(_Found(doc, figure, count, worth))
    most = max((each.worth for group in found.values() for each in group), default=0)
    matters = Matters(matcher.snapshot, stories, analyzer)
    tallies = [
        (_tally(some, matters, disagree=disagree), len({each.doc for each in some}))
        for group in found.values()
        for same in _by_place([each for each in group if each.worth == most])
        for some, disagree in _by_matter(same, matters)
    ]
    tallies.sort(key=lambda each: (not each[0].disagree, -each[1], each[0].what, each[0].said, each[0].which))
    noted = (*notes, *dict.fromkeys(matcher.notes))
    return Numbers(text, reading, noted, tuple(tally for tally, _ in tallies[:limit]))


def _forms(leaves: Sequence[Leaf], matcher: "Matcher") -> re.Pattern[str] | None:
    """Return what finds words of a query in a folded text; None if they are too many to look for."""
    slots = {slot for leaf in leaves for run in leaf.runs for slot in run.slots}
    forms = set().union(*map(matcher.forms, slots))
    if not forms or len(forms) > MOST_FORMS or not all(form.isascii() and form.isalpha() for form in forms):
        return None
    return re.compile("|".join(sorted(forms)))


def _has(forms: re.Pattern[str], text: str) -> bool:
    folded = fold(text)
    return bool(forms.search(folded)) or ("-" in folded and bool(forms.search(folded.replace("-", ""))))


def _words(text: str, analyzer: "Analyzer") -> Words:
    return Words(text, analyzer.words(text))


def _key(count: Count, analyzer: "Analyzer") -> tuple[object, ...]:
    """Return what is the same of numbers that count the same, places aside."""
    stems = tuple(token.term for token in analyzer.words(count.what) if token.step)
    said = tuple(token.term for token in analyzer.words(verb(count.said)) if token.step)
    return count.unit, stems, said, tuple(each.lower() for each in count.which if not is_place(each))


def _place(found: _Found) -> str:
    return next((each for each in found.said.which if is_place(each)), "")


def _by_place(group: Sequence[_Found]) -> list[list[_Found]]:
    """Return numbers in groups that do not differ in place: one without goes with the only one there is."""
    places = {place for each in group if (place := _place(each))}
    if len(places) < 2:
        return [list(group)] if group else []
    return [some for place in ["", *sorted(places)] if (some := [each for each in group if _place(each) == place])]


def _by_matter(group: list[_Found], matters: Matters) -> list[tuple[list[_Found], bool]]:
    """Return the numbers of one count on which articles disagree, those of each matter, and all others together."""
    if not is_told(group[0].said):
        return [(group, False)]
    told: dict[int, set[tuple[float, float]]] = {}
    for each in group:
        told.setdefault(each.doc, set()).add(each.bounds)
    sure = [number for number, each in enumerate(group) if _fit(told[each.doc])]
    if _fit({group[number].bounds for number in sure}):
        return [(group, False)]
    joined = _Union(len(group))
    disputed = set()
    for one, other in islice(combinations(sure, 2), MOST_PAIRS):
        a, b = group[one], group[other]
        if a.doc != b.doc and matters.are_one((a.doc, a.span), (b.doc, b.span)):
            joined.join(one, other)
            if not _fit(told[a.doc] | told[b.doc]):
                disputed.add(one)
    of: dict[int, list[int]] = {}
    for number in range(len(group)):
        of.setdefault(joined.find(number), []).append(number)
    found = [numbers for numbers in of.values() if not disputed.isdisjoint(numbers)]
    apart = {number for numbers in found for number in numbers}
    rest = [each for number, each in enumerate(group) if number not in apart]
    split = [([group[number] for number in numbers], True) for numbers in found]
    return [*split, (rest, False)] if rest else split


def _fit(every: set[tuple[float, float]]) -> bool:
    """Return whether some number may be all that are said, each by its bounds."""
    return not every or max(least for least, _ in every) <= min(most for _, most in every)


def _tally(group: Sequence[_Found], matters: Matters, *, disagree: bool) -> Tally:
    """Return what articles say of one count."""
    story = {each.doc: matters.story(each.doc) for each in group}
    values: dict[tuple[float, float], list[_Found]] = {}
    for each in group:
        values.setdefault(each.bounds, []).append(each)
    listed = []
    for (least, most), some in sorted(values.items()):
        figures = sorted({each.figure for each in some}, key=lambda f: (f.date is None, f.date or "", f.id, f.start))
        outlets = tuple(sorted({figure.source for figure in figures if figure.source}))
        n_stories = len({story[each.doc] for each in some})
        listed.append(Value(least, None if math.isinf(most) else most, n_stories, outlets, tuple(figures)))
    shown = Counter(each.said.what for each in group if not each.said.is_ordinal) or Counter([group[0].said.what])
    what = max(shown, key=lambda words: (shown[words], len(words), words))
    said = Counter(each.said.said for each in group).most_common(1)[0][0]
    which = max((each.said.which for each in group), key=len)
    return Tally(what, said, which, group[0].said.unit, disagree, tuple(listed))


class _Union:
    """Numbers below `n` in sets that grow by being joined."""

    def __init__(self, n: int) -> None:
        self._above = list(range(n))

    def find(self, number: int) -> int:
        """Return the number that stands for the set of one."""
        while self._above[number] != number:
            number = self._above[number]
        return number

    def join(self, a: int, b: int) -> None:
        """Make one set of the sets of two numbers."""
        self._above[self.find(a)] = self.find(b)
