"""Where in one article a query is fulfilled: clauses against the article's own tokens.

The plain form: it looks at every token of the article. What it marks is what took part: of a phrase its words where
they stand as the phrase, of `near` the words that are near, of a part that the article does not fit nothing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Mapping, Sequence
from typing import NamedTuple

from search.model import Article, Span
from search.present.finding import Mark
from search.query import clauses
from search.query.clauses import LEAD, Clause, Leaf, Run, Slot, Terms, Voice, Written, bare
from search.query.tree import Unit
from search.text.analysis import Analyzer
from search.text.stream import BOUNDARY, PARAGRAPH, WRITTEN, Field, Place, in_one_zone

Heard = Callable[[Voice], Callable[[Place, Place], bool]]


def heard(article: Article, analyzer: Analyzer) -> Heard:
    """Return what tells of a voice whether the tokens between two places of an article are spoken in it."""

    def of(voice: Voice) -> Callable[[Place, Place], bool]:
        from search.engine.speaking import Speakers, spoken  # few queries ask who speaks

        kept = Speakers(analyzer).kept(voice, spoken(article))
        return lambda first, last: first.in_text and kept((first.start, first.end), (last.start, last.end))

    return of


class Marks(NamedTuple):
    """What fulfils a query: in the text by offset, and in the title as offsets in it."""

    text: list[Mark]
    title: list[Span]


class _Span(NamedTuple):
    """Ordinals of the first and last token of what fulfils a leaf, and of all tokens that take part."""

    first: int
    last: int
    leaf: Leaf
    tokens: tuple[int, ...]
    slop: int


class Marker:
    """Evaluates clauses on the tokens of one article.

    Args:
        places: The article's stream.
        numbers: Of the leaves.
        forms: Of a slot that asks for surface forms: those that the query stands for.
        fits: Whether the article fits a clause about something other than its words, such as its date.
        written: Returns how a token stands in the text.
        heard: As of `heard`.
        holds: Returns whether the article fits a clause, if the stream is not all of it.
    """

    def __init__(
        self,
        places: Sequence[Place],
        numbers: Mapping[Leaf, int],
        forms: Callable[[Slot], Container[str]],
        fits: Callable[[clauses.Times | clauses.Long], bool],
        written: Callable[[Place], str],
        heard: "Heard",
        holds: Callable[[Clause], bool] | None = None,
    ) -> None:
        self._holds = holds
        self._heard = heard
        self._written = written
        self._forms = forms
        self._places = places
        self._numbers = numbers
        self._fits = fits
        self._known: dict[Leaf, list[_Span]] = {}
        self._borders: dict[Unit, list[int]] = {}
        self._of: dict[str, list[int]] = {}  # term → ordinals
        for ordinal, place in enumerate(places):
            self._of.setdefault(place.term, []).append(ordinal)

    def marks(self, clause: Clause, title_at: int) -> Marks | None:
        """Return the marks of all that fulfils `clause`, in an article whose title begins in its text at `title_at`.

        Returns:
            None if the article does not fit.
        """
        fits, spans = self._evaluate(clause)
        if not fits:
            return None
        text: set[Mark] = set()
        title = []
        for span in spans:
            place = self._places[span.first]
            stretches = self._stretches(span)
            if place.in_text:
                text.update([(start, end, self._numbers[span.leaf]) for start, end in stretches])
            if place.field is Field.TITLE:
                at = title_at if place.in_text else 0
                title += [(start - at, end - at) for start, end in stretches]
        return Marks(sorted(text), title)

    def _evaluate(self, clause: Clause) -> tuple[bool, list[_Span]]:
        """Return whether the article fits, and what of it took part."""
        match clause:
            case Leaf():
                spans = self._leaf(clause)
                return self._fulfilled(clause, here=bool(spans)), spans
            case clauses.All(parts):
                results = [self._evaluate(part) for part in parts]
                fits = all(fit for fit, _ in results)
                return fits, [span for _, spans in results for span in spans] if fits else []
            case clauses.Any(parts):
                results = [self._evaluate(part) for part in parts]
                return any(fit for fit, _ in results), [span for fit, spans in results if fit for span in spans]
            case clauses.Without(part):
                return not self._evaluate(part)[0], []
            case clauses.Preferred(must, may):
                fits, spans = self._evaluate(must)
                return fits, spans + self._evaluate(may)[1] if fits else []
            case clauses.Weighted(part, _):
                return self._evaluate(part)
            case clauses.Close():
                fits = self._evaluate(clause.left)[0] and (clause.apart or self._evaluate(clause.right)[0])
                spans = self._close(clause) if fits else []
                return self._fulfilled(clause, here=bool(spans)), spans
            case clauses.Often(part, n):
                fits, _ = self._evaluate(part)
                spans = self._spans(part) if fits else []
                n_here = len({self._places[span.first].position for span in spans})
                fits = self._fulfilled(clause, here=n_here >= n)
                return fits, spans if fits else []
            case clauses.Times() | clauses.Long():
                return self._fits(clause), []
            case clauses.Everything(none):
                return not none, []

    def _fulfilled(self, clause: Clause, *, here: bool) -> bool:
        """Return whether the article fits a clause, given whether the tokens at hand do."""
        return here if self._holds is None else self._holds(clause)

    def stands(self, clause: Clause) -> list[tuple[Place, Place]]:
        """Return the first and the last token of each place where a clause stands, whether the article fits or not."""
        return [(self._places[span.first], self._places[span.last]) for span in self._spans(clause)]

    def counts(self) -> dict[int, int]:
        """Return at how many places each leaf that was looked at begins; of one word, how many tokens there are."""
        places, numbers = self._places, self._numbers
        return {
            numbers[leaf]: len(spans) if leaf.is_word else len({places[span.first].position for span in spans})
            for leaf, spans in self._known.items()
        }

    def numbers(self, words: Sequence[Leaf]) -> tuple[int, ...]:
        """Return how many tokens there are of each of some leaves of one word."""
        return tuple(len(self._filling(leaf.runs[0].slots[0])) for leaf in words)

    def _leaf(self, leaf: Leaf) -> list[_Span]:
        known = self._known.get(leaf)
        if known is not None:
            return known
        spans = []
        for run in leaf.runs:
            spans += self._ways(leaf, run) if run.slop == 1 else self._loose(leaf, run)
        spans = self._within(leaf, spans)
        self._known[leaf] = spans
        return spans

    def _loose(self, leaf: Leaf, run: Run) -> list[_Span]:
        """Return a span for each first token of the run; the other tokens that take part are in one of them.

        Words that may stand apart can be combined in very many ways. A token takes part if the words before it can be
        reached backwards and those behind it forwards, which takes two passes.
        """
        filling = [self._filling(slot) for slot in run.slots]
        starts = self._within(leaf, [_Span(o, o, leaf, (o,), run.slop) for o in filling[0]])
        forwards, backwards = [[span.first for span in starts]], [filling[-1]]
        for slot in filling[1:]:
            forwards.append(self._reached(forwards[-1], slot, run.slop))
        for slot in reversed(filling[:-1]):
            backwards.append(self._reached(backwards[-1], slot, run.slop, backwards=True))
        taking_part = [set(some) & set(others) for some, others in zip(forwards, reversed(backwards), strict=True)]
        spans: list[_Span] = []
        for field in sorted({self._places[o].field for o in taking_part[0]}):
            own = [[o for o in some if self._places[o].field is field] for some in taking_part]
            first = sorted(own[0])
            others = tuple(sorted({o for some in own[1:] for o in some}))
            spans += [_Span(o, o, leaf, (o, *others) if o == first[0] else (o,), run.slop) for o in first]
        return spans

    def _reached(self, ordinals: list[int], slot: list[int], slop: int, *, backwards: bool = False) -> list[int]:
        """Return the tokens of a slot that stand near behind (or before) one of some tokens, in the same zone."""
        places = self._places
        positions = [places[o].position for o in ordinals]
        found = []
        for ordinal in slot:
            here = places[ordinal]
            at = bisect_right(positions, here.position) if backwards else bisect_left(positions, here.position) - 1
            if 0 <= at < len(ordinals):
                other = places[ordinals[at]]
                if abs(other.position - here.position) <= slop and in_one_zone(other, here):
                    found.append(ordinal)
        return found

    def _ways(self, leaf: Leaf, run: Run) -> list[_Span]:
        """Return each first and last token between which the run stands, with all tokens of all ways it does."""
        filling = [self._filling(slot) for slot in run.slots]
        # first and last token so far → the tokens of each slot that lie on a way between them
        ways: dict[tuple[int, int], list[set[int]]] = {(o, o): [{o}] for o in filling[0]}
        for slot in filling[1:]:
            positions = [self._places[ordinal].position for ordinal in slot]
            longer: dict[tuple[int, int], list[set[int]]] = {}
            for (first, last), way in ways.items():
                end = self._places[last]
                low, high = bisect_right(positions, end.position), bisect_right(positions, end.position + run.slop)
                for ordinal in slot[low:high]:
                    if in_one_zone(self._places[ordinal], end):
                        known = longer.setdefault((first, ordinal), [set() for _ in way] + [{ordinal}])
                        for mine, theirs in zip(known, way, strict=False):
                            mine |= theirs
            ways = longer
        return [
            _Span(first, last, leaf, tuple(sorted(set().union(*way))), run.slop) for (first, last), way in ways.items()
        ]

    def _filling(self, slot: Slot) -> list[int]:
        """Return the tokens that fill a slot, in order of position."""
        if isinstance(slot, Written):
            places, written = self._places, self._written
            return [ordinal for ordinal in self._filling(bare(slot)) if slot.fits(written(places[ordinal]))]
        if isinstance(slot, Terms):
            return sorted(ordinal for term in slot.terms for ordinal in self._of.get(term, ()))
        forms = self._forms(slot)
        return [ordinal for ordinal, place in enumerate(self._places) if place.form in forms]

    def _within(self, leaf: Leaf, spans: list[_Span]) -> list[_Span]:
        """Return the spans in the fields of a leaf, and as near to the top as it asks."""
        if leaf.fields is None:
            return spans
        places = self._places
        spans = [span for span in spans if places[span.first].field in leaf.fields]
        if leaf.voice is not None:
            is_heard = self._heard(leaf.voice)
            spans = [span for span in spans if is_heard(places[span.first], places[self._end(span)])]
        if leaf.top is None:
            return spans
        if leaf.top == LEAD:
            body = next((place.position for place in places if place.field is Field.BODY), 0)
            lead = self._cell(body, "p")
            own = [(span, places[span.first]) for span in spans]
            return [
                span for span, place in own if place.field is not Field.BODY or self._cell(place.position, "p") == lead
            ]
        word = self._word_numbers()
        return [span for span in spans if word[places[span.first].position] < leaf.top]

    def _end(self, span: _Span) -> int:
        return span.last if span.slop == 1 else span.first

    def _word_numbers(self) -> dict[int, int]:
        """Return the numbers of the words at positions of title, deck and body, from 0."""
        found: dict[int, int] = {}
        number, last, before = -1, -1, None
        for place in self._places:
            if place.field in WRITTEN:
                number += 1 if place.field is not before else place.position - last
                found[place.position] = number
                last, before = place.position, place.field
        return found

    def _cell(self, position: int, unit: Unit) -> int:
        """Return how many sentences or paragraphs end before a position."""
        borders = self._borders.get(unit)
        if borders is None:
            ends = [place for place in self._places if place.term == BOUNDARY]
            borders = [place.position for place in ends if unit == "s" or place.form == PARAGRAPH]
            self._borders[unit] = borders
        return bisect_left(borders, position)

    def _spans(self, clause: Clause) -> list[_Span]:
        """Return where a clause that the article fits stands."""
        match clause:
            case Leaf(runs):
                return self._within(clause, [span for run in runs for span in self._ways(clause, run)])
            case clauses.All(parts) | clauses.Any(parts):
                return [span for part in parts if self._evaluate(part)[0] for span in self._spans(part)]
            case clauses.Preferred(one, other):
                return [span for part in (one, other) if self._evaluate(part)[0] for span in self._spans(part)]
            case clauses.Weighted(part, _) | clauses.Often(part, _):
                return self._spans(part)
            case clauses.Close():
                return self._close(clause)
            case _:
                return []

    def _close(self, clause: clauses.Close) -> list[_Span]:
        """Return the spans that fulfil a proximity."""
        left = self._spans(clause.left)
        right = self._spans(clause.right) if not clause.apart or self._evaluate(clause.right)[0] else []
        inside = left
        if not isinstance(clause.distance, int):  # a phrase that goes from one sentence to the next is in neither
            inside, right = (
                [span for span in spans if self._is_inside(span, clause.distance)] for spans in (left, right)
            )
        one, other = self._before(inside, right, clause.distance)
        if not clause.ordered:
            behind, before = self._before(right, inside, clause.distance)
            one, other = one | before, other | behind
        found = set(left) - one if clause.apart else one | other
        return sorted(found, key=lambda span: (span.first, span.last))

    def _is_inside(self, span: _Span, unit: Unit) -> bool:
        first, last = self._places[span.first].position, self._places[span.last].position
        return self._cell(first, unit) == self._cell(last, unit)

    def _together(self, first: Place, second: Place, distance: int | Unit) -> bool:
        """Return whether two places, one behind the other, are near enough, and in the same zone."""
        if not in_one_zone(first, second):
            return False
        if isinstance(distance, int):
            return second.position - first.position <= distance
        return self._cell(first.position, distance) == self._cell(second.position, distance)

    def _before(self, left: list[_Span], right: list[_Span], distance: int | Unit) -> tuple[set[_Span], set[_Span]]:
        """Return the spans of `left` with one of `right` behind them, near and in the same zone, and the reverse."""
        place = self._places
        left = sorted(left, key=lambda span: place[span.last].position)
        right = sorted(right, key=lambda span: place[span.first].position)
        ends = [place[span.last].position for span in left]
        starts = [place[span.first].position for span in right]
        one, other = set(), set()
        for span, end in zip(left, ends, strict=True):
            at = bisect_right(starts, end)
            if at < len(right) and self._together(place[span.last], place[right[at].first], distance):
                one.add(span)
        for span, start in zip(right, starts, strict=True):
            at = bisect_left(ends, start) - 1
            if at >= 0 and self._together(place[left[at].last], place[span.first], distance):
                other.add(span)
        return one, other

    def _stretches(self, span: _Span) -> list[Span]:
        """Return one stretch for words that stand side by side, one for each of a phrase with slop."""
        places = [self._places[ordinal] for ordinal in span.tokens]
        if span.slop == 1 and all(place.piece == places[0].piece for place in places):
            return [(places[0].start, max(place.end for place in places))]
        return [(place.start, place.end) for place in places]
