"""What articles say how many there are: numbers of the same count in the same matter beside each other, others apart.

Two numbers count the same if the words of what is counted have the same stems, the same is said of it (`killed`), and
the same time picks it out. Places may be left unsaid, but do not differ. They are of the same matter if there is reason
to think so, see `matters`, or if the same number stands with the same time or place; articles that appeared too far
apart are not compared. So what stands above numbers holds for all of them. They disagree if none can be all of them.
An article that has several such numbers tells of several matters, and what is measured (days, tonnes, per cent) is not
set against each other: of these only copies stand together.
"""

import datetime
import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, islice
from typing import TYPE_CHECKING, NamedTuple

from search.claims.counts import Count, counted, counts, is_place, is_told, verb
from search.engine import record
from search.engine.speaking import Words, fits
from search.model import Span
from search.present.matters import Matters
from search.present.passages import cut
from search.present.roles import light
from search.query import clauses
from search.query.clauses import Clause, Leaf
from search.reports import Figure, Numbers, Tally, Value
from search.stories.event import NEAR
from search.text.analysis import fold
from search.text.moments import day_of
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
    """A number, the article that has it, and its rank among those that were found."""

    doc: int
    rank: int
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
    for rank, (doc, _) in enumerate(ranked):
        stored = record.split(matcher.snapshot.record(doc))
        at, line = 0, 1
        units = record.units(stored.marks)
        spans = [(units.start(at), end) for at, end in enumerate(units.ends) if units.kinds[at] in SHOWN]
        if forms:
            spans = [(start, end) for start, end in spans if _has(forms, stored.text[start:end])]
        for count in counts(stored.text, spans):
            words = _words(f"{counted(count)} {count.said}", analyzer)
            worth = sum(fits(leaf, words) for leaf in leaves)
            if not worth:
                continue
            at, line = count.start, line + stored.text.count("\n", at, count.start)
            sentence = spans[bisect_right(spans, (count.start, math.inf)) - 1]
            start, end = cut(stored.text, *sentence, count.start)
            date, date_source = stored.date or None, stored.date_source or None
            if dating:
                date, date_source = dating.published(doc, date, date_source)
            figure = Figure(
                *(stored.id, stored.path or None, stored.source or None, date),
                " ".join(stored.text[count.start : count.end].split()),
                *(count.start, count.end, line, date_source),
                sentence=stored.text[start:end].strip(),
            )
            found.setdefault(_key(count, analyzer), []).append(_Found(doc, rank, figure, count, worth))
    most = max((each.worth for group in found.values() for each in group), default=0)
    matters = Matters(matcher.snapshot, stories, analyzer)
    groups = [
        (some, disagree)
        for group in found.values()
        for same in _by_place([each for each in group if each.worth == most])
        for some, disagree in _by_matter(same, matters)
    ]
    groups.sort(key=lambda group: (not group[1], -len({each.doc for each in group[0]}), _first(group[0])))
    tallies = tuple(_tally(some, matters, disagree=disagree) for some, disagree in groups[:limit])
    noted = (*notes, *dict.fromkeys(matcher.notes))
    return Numbers(text, reading, noted, tallies)


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
    stems = tuple(token.term for token in analyzer.words(counted(count)) if token.step)
    said = tuple(token.term for token in analyzer.words(verb(count.said)) if token.step)
    return count.unit, stems, said, tuple(each.lower() for each in count.which if not is_place(each))


def _first(group: Sequence[_Found]) -> tuple[int, int]:
    return min((each.rank, each.said.start) for each in group)


def _place(found: _Found) -> str:
    return next((each for each in found.said.which if is_place(each)), "")


def _by_place(group: Sequence[_Found]) -> list[list[_Found]]:
    """Return numbers in groups that do not differ in place: one without goes with the only one there is."""
    places = {place for each in group if (place := _place(each))}
    if len(places) < 2:
        return [list(group)] if group else []
    return [some for place in ["", *sorted(places)] if (some := [each for each in group if _place(each) == place])]


def _by_matter(group: Sequence[_Found], matters: Matters) -> list[tuple[list[_Found], bool]]:
    """Return the numbers of one count that are of the same matter, and whether articles disagree on them."""
    is_compared = is_told(group[0].said)
    told: dict[int, set[tuple[float, float]]] = {}
    for each in group:
        told.setdefault(each.doc, set()).add(each.bounds)
    sure = {doc for doc, every in told.items() if _fit(every)}
    joined = _Union(len(group))
    own: dict[tuple[int, str], int] = {}  # the first number of an article; of one that has several, in each place
    for number, each in enumerate(group):
        joined.join(number, own.setdefault((each.doc, "" if each.doc in sure else _place(each)), number))
    disputed = set()
    for one, other in islice(_pairs([day_of(each.figure.date) for each in group]), MOST_PAIRS):
        a, b = group[one], group[other]
        if a.doc == b.doc:
            continue
        is_same = bool(a.said.which) and (a.bounds, a.said.which) == (b.bounds, b.said.which)
        if not is_compared:
            if is_same or matters.story(a.doc) == matters.story(b.doc):
                joined.join(one, other)
        elif a.doc in sure and b.doc in sure and matters.are_one((a.doc, a.span), (b.doc, b.span)):
            joined.join(one, other)
            if not _fit(told[a.doc] | told[b.doc]):
                disputed.add(one)
        elif is_same:
            joined.join(one, other)
    of: dict[int, list[int]] = {}
    for number in range(len(group)):
        of.setdefault(joined.find(number), []).append(number)
    return [([group[number] for number in some], not disputed.isdisjoint(some)) for some in of.values()]


def _pairs(days: Sequence[datetime.date | None]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of numbers whose articles may have appeared near each other, given the day of each."""
    dated = sorted((day, number) for number, day in enumerate(days) if day)
    undated = [number for number, day in enumerate(days) if not day]
    for at, (day, one) in enumerate(dated):
        for later, other in islice(dated, at + 1, None):
            if (later - day).days > NEAR:
                break
            yield one, other
        for other in undated:
            yield one, other
    yield from combinations(undated, 2)


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
    shown = Counter(counted(each.said) for each in group if not each.said.is_ordinal) or Counter([group[0].said.what])
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
