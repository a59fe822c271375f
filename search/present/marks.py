"""Where in one article a query is fulfilled: clauses against the article's own tokens.

The plain form: it looks at every token of the article. What it marks is what took part: of a phrase its words where
they stand as the phrase, of `near` the words that are near, of a part that the article does not fit nothing.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from search.query import clauses
from search.query.clauses import Clause, Leaf, Run, Slot, Terms
from search.text.stream import Field, Place


class Mark(NamedTuple):
    """A stretch that fulfils a leaf.

    `start` and `end` are offsets in the article's text if `in_text`, else in the value of `field`.
    """

    start: int
    end: int
    field: Field
    in_text: bool
    leaf: Leaf


class _Span(NamedTuple):
    """Ordinals of the first and last token of what fulfils a leaf."""

    first: int
    last: int
    leaf: Leaf
    tokens: tuple[int, ...]


class Marker:
    """Evaluates clauses on the tokens of one article.

    Args:
        places: The article's stream.
        fits: Whether the article fits a clause about something other than its words, such as its date.
    """

    def __init__(self, places: Sequence[Place], fits: Callable[[clauses.Times], bool]) -> None:
        self._places = places
        self._fits = fits
        self._at: dict[int, list[int]] = {}  # position → ordinals of the tokens there
        self._of: dict[str, list[int]] = {}  # term → ordinals
        for ordinal, place in enumerate(places):
            self._at.setdefault(place.position, []).append(ordinal)
            self._of.setdefault(place.term, []).append(ordinal)

    def marks(self, clause: Clause) -> list[Mark]:
        """Return the marks of all that fulfils `clause`, in order of their fields and offsets."""
        _, spans = self._evaluate(clause)
        found = {mark for span in spans for mark in self._marks(span)}
        return sorted(found, key=lambda mark: (not mark.in_text, mark.field, mark.start, mark.end))

    def _evaluate(self, clause: Clause) -> tuple[bool, list[_Span]]:
        """Return whether the article fits, and what of it took part."""
        match clause:
            case Leaf():
                spans = self._leaf(clause)
                return bool(spans), spans
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
                spans = self._close(clause)
                fits = bool(spans) and self._evaluate(clause.left)[0] and self._evaluate(clause.right)[0]
                return fits, spans if fits else []
            case clauses.Times():
                return self._fits(clause), []
            case clauses.Everything(none):
                return not none, []

    def _leaf(self, leaf: Leaf) -> list[_Span]:
        spans = [_Span(run[0], run[-1], leaf, run) for wanted in leaf.runs for run in self._run(wanted)]
        if leaf.fields is not None:
            spans = [span for span in spans if self._places[span.first].field in leaf.fields]
        return spans

    def _run(self, run: Run) -> list[tuple[int, ...]]:
        found: list[tuple[int, ...]] = [(ordinal,) for ordinal in self._filling(run.slots[0])]
        for slot in run.slots[1:]:
            longer: list[tuple[int, ...]] = []
            for tokens in found:
                place = self._places[tokens[-1]]
                for position in range(place.position + 1, place.position + run.slop + 1):
                    for ordinal in self._at.get(position, ()):
                        if self._fills(ordinal, slot) and self._places[ordinal].field == place.field:
                            longer.append((*tokens, ordinal))
            found = longer
        return found

    def _filling(self, slot: Slot) -> list[int]:
        if isinstance(slot, Terms):
            return sorted(ordinal for term in slot.terms for ordinal in self._of.get(term, ()))
        return [ordinal for ordinal in range(len(self._places)) if self._fills(ordinal, slot)]

    def _fills(self, ordinal: int, slot: Slot) -> bool:
        place = self._places[ordinal]
        if isinstance(slot, Terms):
            return place.term in slot.terms
        return (place.field is not Field.NAMED or ":" in slot.prefix) and slot.fits(place.form)

    def _spans(self, clause: Clause) -> list[_Span]:
        match clause:
            case Leaf():
                return self._leaf(clause)
            case clauses.All(parts) | clauses.Any(parts):
                return [span for part in parts for span in self._spans(part)]
            case clauses.Weighted(part, _):
                return self._spans(part)
            case clauses.Close():
                return self._close(clause)
            case _:
                return []

    def _close(self, clause: clauses.Close) -> list[_Span]:
        """Return the spans of both sides that have one of the other side near."""
        left, right = self._spans(clause.left), self._spans(clause.right)
        found = []
        for a in left:
            for b in right:
                near = self._gap(a, b) <= clause.distance if self._before(a, b) else False
                if not near and not clause.ordered and self._before(b, a):
                    near = self._gap(b, a) <= clause.distance
                if near and self._places[a.last].field == self._places[b.first].field:
                    found += [a, b]
        return list(dict.fromkeys(found))

    def _before(self, a: _Span, b: _Span) -> bool:
        return self._places[a.last].position < self._places[b.first].position

    def _gap(self, a: _Span, b: _Span) -> int:
        return self._places[b.first].position - self._places[a.last].position

    def _marks(self, span: _Span) -> list[Mark]:
        """Return one mark for words that stand side by side, else one for each."""
        places = [self._places[ordinal] for ordinal in span.tokens]
        adjacent = all(b.position - a.position == 1 and b.piece == a.piece for a, b in pairwise(places))
        if adjacent:
            ends = [(places[0].start, max(place.end for place in places))]
        else:
            ends = [(place.start, place.end) for place in places]
        return [Mark(start, end, places[0].field, places[0].in_text, span.leaf) for start, end in ends]
