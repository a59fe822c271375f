"""Which articles match, and what each leaf of the query adds to their score: clauses against a snapshot.

Places are packed as `article << 32 | position` in int64 arrays, ascending, so that neighbours are one apart and a sort
or search sees both at once. This is the plain form, exhaustive over all matches.
"""

from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.engine import counts, ranking
from search.engine.layout import UNDATED
from search.engine.segment import Segment, Term
from search.engine.snapshot import Part, Snapshot
from search.query import clauses
from search.query.clauses import Clause, Forms, Leaf, Run, Similar, Slot, Terms
from search.text.stream import Field

MAX_FORMS = 1024  # surface forms that a pattern may stand for in one segment

Places = NDArray[np.int64]
Docs = NDArray[np.int64]
Floats = NDArray[np.float64]

_HIGH = 32
_POSITION = (1 << _HIGH) - 1
_NONE: Docs = np.zeros(0, np.int64)


class Matches(NamedTuple):
    """Matching articles by number, ascending, and their scores."""

    docs: Docs
    scores: Floats


class Spans(NamedTuple):
    """Where something stands: first and last place, ascending by the first."""

    starts: Places
    ends: Places


class Matcher:
    """Evaluates the clauses of one query.

    `notes` collects what was left out, a sentence each; `idf` the weight of each leaf met.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._forms: dict[Forms | Similar, list[dict[str, int]]] = {}
        self.notes: list[str] = []
        self.idf: dict[Leaf, float] = {}

    def matches(self, clause: Clause) -> Matches:
        """Return the articles that fit a clause. The scores of a filter are 0."""
        match clause:
            case Leaf():
                return self._leaf(clause)
            case clauses.All(parts):
                return self._all(parts)
            case clauses.Any(parts):
                return _union([self.matches(part) for part in parts])
            case clauses.Without(part):
                rest = np.setdiff1d(self._everything(), self.matches(part).docs, assume_unique=True)
                return Matches(rest, np.zeros(len(rest)))
            case clauses.Preferred(must, may):
                kept = self.matches(must)
                return Matches(kept.docs, kept.scores + _scores_at(self.matches(may), kept.docs))
            case clauses.Weighted(part, factor):
                found = self.matches(part)
                return Matches(found.docs, found.scores * factor)
            case clauses.Close():
                return self._close(clause)
            case clauses.Times():
                docs = self._times(clause)
                return Matches(docs, np.zeros(len(docs)))
            case clauses.Everything(none):
                docs = _NONE if none else self._everything()
                return Matches(docs, np.zeros(len(docs)))

    def _everything(self) -> Docs:
        live = self._snapshot.live
        return np.arange(self._snapshot.n_all) if live is None else np.flatnonzero(live)

    def _living(self, docs: Docs) -> Docs:
        live = self._snapshot.live
        return docs if live is None else docs[live[docs]]

    def _all(self, parts: tuple[Clause, ...]) -> Matches:
        wanted = [self.matches(part) for part in parts if not isinstance(part, clauses.Without)]
        docs = reduce(_intersect, (found.docs for found in wanted)) if wanted else self._everything()
        for part in parts:
            if isinstance(part, clauses.Without):
                docs = np.setdiff1d(docs, self.matches(part.part).docs, assume_unique=True)
        scores = np.zeros(len(docs))
        for found in wanted:
            scores += _scores_at(found, docs)
        return Matches(docs, scores)

    def _times(self, clause: clauses.Times) -> Docs:
        local = self._snapshot.local
        fits = local != UNDATED
        if not clause.dated:
            fits = ~fits
        if clause.start is not None:
            fits &= local >= clause.start
        if clause.end is not None:
            fits &= local < clause.end
        return self._living(np.flatnonzero(fits))

    # Leaves

    def _leaf(self, leaf: Leaf) -> Matches:
        snapshot = self._snapshot
        rows = []
        docs = []
        for part in snapshot.parts:
            found, frequency = self._frequencies(part, leaf)
            docs.append(found + part.base)
            rows.append(frequency)
        everywhere = np.concatenate([_NONE, *docs])
        frequencies = np.concatenate([np.zeros((0, counts.N_FIELDS), np.uint32), *rows])
        idf = self.idf[leaf] = self._idf(leaf, len(everywhere))
        if leaf.fields is not None:
            frequencies[:, [f for f in Field if f not in leaf.fields]] = 0
            kept = frequencies.any(axis=1)
            everywhere, frequencies = everywhere[kept], frequencies[kept]
        settings = snapshot.ranking
        weight = ranking.bm25f(frequencies, snapshot.norms[everywhere], settings.weights(), settings.k1)
        return Matches(everywhere, idf * weight)

    def _idf(self, leaf: Leaf, n_matches: int) -> float:
        """Return the weight of a leaf: of a phrase the sum of its words', else by the articles in which it stands."""
        n = self._snapshot.n_docs
        if len(leaf.runs) == 1 and len(leaf.runs[0].slots) > 1:
            return sum((ranking.idf(self._df(slot), n) for slot in leaf.runs[0].slots), 0.0)
        return ranking.idf(n_matches, n)

    def _df(self, slot: Slot) -> int:
        """Return the number of living articles in which a slot is filled."""
        parts = self._snapshot.parts
        if isinstance(slot, Terms) and len(slot.terms) == 1:
            total = 0
            for part in parts:
                if term := part.segment.find(slot.terms[0].encode("utf-8", "surrogatepass")):
                    total += term.end - term.start - (part.deleted.df_of(term.number) if part.deleted else 0)
            return total
        return sum(len(self._frequencies(part, Leaf((Run((slot,)),)))[0]) for part in parts)

    def _frequencies(self, part: Part, leaf: Leaf) -> tuple[Docs, NDArray[np.uint32]]:
        """Return the living articles of a part in which a leaf stands in any field, and how often in each field."""
        if len(leaf.runs) == 1 and len(leaf.runs[0].slots) == 1:
            slot = leaf.runs[0].slots[0]
            if isinstance(slot, Terms) and len(slot.terms) == 1:
                return self._term_frequencies(part, slot.terms[0])
        starts = np.unique(np.concatenate([_NONE, *(self._run(part, run).starts for run in leaf.runs)]))
        docs, row = np.unique(starts >> _HIGH, return_inverse=True)
        field = self._field(part, starts)
        found = np.bincount(row * counts.N_FIELDS + field, minlength=len(docs) * counts.N_FIELDS)
        return docs, found.reshape(-1, counts.N_FIELDS).astype(np.uint32)

    def _term_frequencies(self, part: Part, stem: str) -> tuple[Docs, NDArray[np.uint32]]:
        segment = part.segment
        term = segment.find(stem.encode("utf-8", "surrogatepass"))
        if term is None:
            return _NONE, np.zeros((0, counts.N_FIELDS), np.uint32)
        frequencies = counts.COUNTS[segment.codes(term)]
        at, rows = segment.others(term)
        frequencies[at] = rows
        docs = segment.docs(term).astype(np.int64)
        if self._snapshot.live is not None:
            kept = self._snapshot.live[docs + part.base]
            docs, frequencies = docs[kept], frequencies[kept]
        return docs, frequencies

    # Places

    def _field(self, part: Part, places: Places) -> NDArray[np.int64]:
        """Return the field of each place."""
        docs, row = np.unique(places >> _HIGH, return_inverse=True)
        starts = counts.field_starts(self._snapshot.extents[docs + part.base])[row]
        found: NDArray[np.int64] = ((places & _POSITION)[:, None] >= starts[:, 1:-1]).sum(axis=1)
        return found

    def _run(self, part: Part, run: Run) -> Spans:
        """Return where a run stands in the living articles of a part."""
        terms = [self._terms(part, slot) for slot in run.slots]
        docs = [self._slot_docs(part.segment, found) for found in terms]
        common = reduce(_intersect, docs)
        common = self._living(common + part.base) - part.base
        spans: Spans | None = None
        for found in terms:
            places = self._slot_places(part.segment, found, common)
            spans = Spans(places, places) if spans is None else self._follow(part, spans, places, run.slop)
        return spans or Spans(_NONE, _NONE)

    def _follow(self, part: Part, spans: Spans, places: Places, slop: int) -> Spans:
        """Return the spans prolonged by each place that stands at most `slop` positions behind their end."""
        low = np.searchsorted(places, spans.ends + 1)
        high = np.searchsorted(places, spans.ends + slop, side="right")
        n = high - low
        which = np.repeat(np.arange(len(n)), n)
        starts = spans.starts[which]
        ends = places[np.arange(len(which)) - (np.cumsum(n) - n)[which] + low[which]]
        if slop > 1 and len(starts):  # at 1 the gap between two fields keeps them apart
            same = self._field(part, starts) == self._field(part, ends)
            starts, ends = starts[same], ends[same]
        return _distinct(starts, ends)

    def _terms(self, part: Part, slot: Slot) -> list[tuple[Term, frozenset[int] | None]]:
        """Return the terms of a part that can fill a slot, and which of their forms do; None is all."""
        segment = part.segment
        if isinstance(slot, Terms):
            found = [segment.find(stem.encode("utf-8", "surrogatepass")) for stem in slot.terms]
            return [(term, None) for term in found if term]
        numbers: dict[int, set[str]] = {}
        for form, number in self._fitting(slot)[self._snapshot.parts.index(part)].items():
            numbers.setdefault(number, set()).add(form)
        terms = []
        for number in sorted(numbers):
            term = segment.term(number)
            shapes = frozenset(shape for shape, form in enumerate(term.forms) if form in numbers[number])
            terms.append((term, None if len(shapes) == len(term.forms) else shapes))
        return terms

    def _fitting(self, slot: Forms | Similar) -> list[dict[str, int]]:
        """Return, per part, the forms that fill a slot with their terms: the first `MAX_FORMS` of the whole index."""
        known = self._forms.get(slot)
        if known is not None:
            return known
        found = []
        for part in self._snapshot.parts:
            own: dict[str, int] = {}
            for form, number in part.segment.forms_from(slot.prefix):
                if not form.startswith(slot.prefix) or len(own) > MAX_FORMS:
                    break
                if (":" not in form or ":" in slot.prefix) and slot.fits(form):
                    own[form] = number
            found.append(own)
        chosen = set(sorted(set().union(*found))[:MAX_FORMS])
        if any(len(own) > len(chosen & own.keys()) for own in found):
            self.notes.append(f"Only the first {MAX_FORMS} forms of {_shown(slot)} were looked for.")
            found = [{form: number for form, number in own.items() if form in chosen} for own in found]
        self._forms[slot] = found
        return found

    def _slot_docs(self, segment: Segment, terms: list[tuple[Term, frozenset[int] | None]]) -> Docs:
        """Return the articles in which one of the terms stands, be it in another form."""
        docs = [segment.docs(term).astype(np.int64) for term, _ in terms]
        return docs[0] if len(docs) == 1 else np.unique(np.concatenate([_NONE, *docs]))

    def _slot_places(self, segment: Segment, terms: list[tuple[Term, frozenset[int] | None]], docs: Docs) -> Places:
        """Return the places of the terms in some articles."""
        found = [_NONE]
        for term, shapes in terms:
            own = segment.docs(term).astype(np.int64)
            chosen = np.flatnonzero(np.isin(own, docs, assume_unique=True))
            posting, position = segment.places(term, chosen, shapes)
            found.append(own[chosen][posting] << _HIGH | position)
        return found[1] if len(found) == 2 else np.unique(np.concatenate(found))

    def _spans(self, part: Part, clause: Clause) -> Spans:
        """Return where a clause stands; of a clause without a place, nowhere."""
        match clause:
            case Leaf(runs, fields):
                spans = _join([self._run(part, run) for run in runs])
                if fields is not None:
                    kept = np.isin(self._field(part, spans.starts), [int(field) for field in fields])
                    spans = Spans(spans.starts[kept], spans.ends[kept])
                return spans
            case clauses.All(parts) | clauses.Any(parts):
                return _join([self._spans(part, inner) for inner in parts])
            case clauses.Weighted(inner, _):
                return self._spans(part, inner)
            case clauses.Close():
                left, right = self._meeting(part, clause)
                return _join([left, right])
            case _:
                return Spans(_NONE, _NONE)

    def _meeting(self, part: Part, clause: clauses.Close) -> tuple[Spans, Spans]:
        """Return the spans of both sides that have one of the other side near."""
        left, right = self._spans(part, clause.left), self._spans(part, clause.right)
        one, other = self._near(part, left, right, clause.distance)
        if clause.ordered:
            return Spans(left.starts[one], left.ends[one]), Spans(right.starts[other], right.ends[other])
        back, forth = self._near(part, right, left, clause.distance)
        one, other = one | forth, other | back
        return Spans(left.starts[one], left.ends[one]), Spans(right.starts[other], right.ends[other])

    def _near(
        self, part: Part, left: Spans, right: Spans, distance: int
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return which spans of `left` have one of `right` behind them, near and in the same field, and the reverse."""
        distance = min(distance, _POSITION >> 1)
        following = np.searchsorted(right.starts, left.ends + 1)
        order = np.argsort(left.ends, kind="stable")
        ends = left.ends[order]
        preceding = np.searchsorted(ends, right.starts) - 1
        found_left, found_right = np.zeros(len(left.starts), np.bool_), np.zeros(len(right.starts), np.bool_)
        some = np.flatnonzero(following < len(right.starts))
        found_left[some] = self._together(part, left.ends[some], right.starts[following[some]], distance)
        some = np.flatnonzero(preceding >= 0)
        found_right[some] = self._together(part, ends[preceding[some]], right.starts[some], distance)
        return found_left, found_right

    def _together(self, part: Part, first: Places, second: Places, distance: int) -> NDArray[np.bool_]:
        near = second - first <= distance
        near &= first >> _HIGH == second >> _HIGH
        if near.any():
            near[near] = self._field(part, first[near]) == self._field(part, second[near])
        return near

    def _close(self, clause: clauses.Close) -> Matches:
        both = self._all((clause.left, clause.right))
        docs = [_NONE]
        for part in self._snapshot.parts:
            left, _ = self._meeting(part, clause)
            docs.append(np.unique(left.starts >> _HIGH) + part.base)
        kept = np.isin(both.docs, np.concatenate(docs), assume_unique=True)
        return Matches(both.docs[kept], both.scores[kept])


def _shown(slot: Forms | Similar) -> str:
    return f"{slot.prefix}…" if isinstance(slot, Forms) else f"{slot.form}~"


def _intersect(a: Docs, b: Docs) -> Docs:
    found: Docs = np.intersect1d(a, b, assume_unique=True)
    return found


def _union(found: list[Matches]) -> Matches:
    docs = np.unique(np.concatenate([_NONE, *(each.docs for each in found)]))
    scores = np.zeros(len(docs))
    for each in found:
        scores[np.searchsorted(docs, each.docs)] += each.scores
    return Matches(docs, scores)


def _scores_at(found: Matches, docs: Docs) -> Floats:
    """Return the scores of `docs`, 0 where they do not match."""
    scores = np.zeros(len(docs))
    if len(found.docs):
        at = np.minimum(np.searchsorted(found.docs, docs), len(found.docs) - 1)
        here = found.docs[at] == docs
        scores[here] = found.scores[at[here]]
    return scores


def _join(spans: list[Spans]) -> Spans:
    """Return spans of several kinds as one, each once."""
    starts = np.concatenate([_NONE, *(each.starts for each in spans)])
    ends = np.concatenate([_NONE, *(each.ends for each in spans)])
    return _distinct(starts, ends)


def _distinct(starts: Places, ends: Places) -> Spans:
    """Return spans in order, each once."""
    order = np.lexsort((ends, starts))
    starts, ends = starts[order], ends[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (starts[1:] != starts[:-1]) | (ends[1:] != ends[:-1])
    return Spans(starts[new], ends[new])
