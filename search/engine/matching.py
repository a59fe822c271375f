"""Which articles match: clauses against a snapshot.

Places are packed as `article << 32 | position` in int64 arrays, ascending, so that neighbours are one apart and a sort
or search sees both at once.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from threading import local
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.engine import counts, ranking
from search.engine.layout import UNDATED
from search.engine.phrases import side_by_side
from search.engine.postings import NO_DOCS, NO_OTHERS, Docs, Postings, find
from search.engine.segment import Segment, Term
from search.engine.snapshot import Part, Snapshot
from search.query import clauses
from search.query.clauses import Clause, Forms, Leaf, Run, Similar, Slot, Terms
from search.text.stream import Field

AT_ONCE = 1 << 16  # spans prolonged in one go, so that those to come fit into memory
MAX_FORMS = 1024  # surface forms that a pattern may stand for in one segment

Places = NDArray[np.int64]

_TEXT = frozenset({Field.TITLE, Field.DECK, Field.BODY})  # what the author wrote of the subject
_HIGH = 32
_POSITION = (1 << _HIGH) - 1
_NONE: Places = np.zeros(0, np.int64)


class Spans(NamedTuple):
    """Where something stands: first and last place, ascending by the first."""

    starts: Places
    ends: Places


class Scratch(local):
    """Room for one number or mark an article, kept by each thread from query to query.

    `numbers` int32 holds anything; `sums` float32 and `marks` bool are zeros, and whoever writes there zeroes again.
    """

    def __init__(self) -> None:
        self._n = -1

    def fit(self, n: int) -> "Scratch":
        """Return the room for `n` articles."""
        if n != self._n:
            self._n = n
            self.numbers = np.zeros(n, np.int32)
            self.sums = np.zeros(n, np.float32)
            self.marks = np.zeros(n, np.bool_)
        return self


_scratch = Scratch()


class Matcher:
    """Evaluates the clauses of one query.

    `notes` collects what was left out, a sentence each; `weight` that of each leaf met.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.scratch = _scratch.fit(snapshot.n_all)
        self._forms: dict[Forms | Similar, list[dict[str, int]]] = {}
        self._postings: dict[Leaf, Postings] = {}
        self._docs: dict[Clause, Docs] = {}
        self._known_terms: dict[tuple[int, str], Term | None] = {}
        self.notes: list[str] = []
        self.weight: dict[Leaf, float] = {}

    def docs(self, clause: Clause) -> Docs:
        """Return the articles that fit a clause, int32, ascending."""
        if isinstance(clause, Leaf):
            return self.postings(clause).docs
        known = self._docs.get(clause)
        if known is None:
            known = self._docs[clause] = self._evaluate(clause)
        return known

    def _evaluate(self, clause: Clause) -> Docs:
        match clause:
            case clauses.All(parts):
                return self._all(parts)
            case clauses.Any(parts):
                return self.union([self.docs(part) for part in parts])
            case clauses.Without(part):
                return self._less(self._everything(), self.docs(part))
            case clauses.Preferred(must, _):
                return self.docs(must)
            case clauses.Weighted(part, _):
                return self.docs(part)
            case clauses.Close():
                return self._close(clause)
            case clauses.Times():
                return self._times(clause)
            case clauses.Everything(none):
                return NO_DOCS if none else self._everything()
        raise AssertionError(clause)

    def _everything(self) -> Docs:
        live = self.snapshot.live
        return np.arange(self.snapshot.n_all, dtype=np.int32) if live is None else _numbers(live)

    def _living(self, docs: Docs) -> Docs:
        live = self.snapshot.live
        return docs if live is None else docs[live[docs]]

    def union(self, lists: list[Docs]) -> Docs:
        """Return the articles that are in some of the lists."""
        lists = [docs for docs in lists if len(docs)]
        if len(lists) < 2:
            return lists[0] if lists else NO_DOCS
        marks = self.scratch.marks
        for docs in lists:
            marks[docs] = True
        found = _numbers(marks)
        marks[found] = False
        return found

    def _less(self, docs: Docs, gone: Docs) -> Docs:
        marks = self.scratch.marks
        marks[gone] = True
        found = docs[~marks[docs]]
        marks[gone] = False
        return found

    def common(self, lists: list[Docs]) -> Docs:
        """Return the articles that are in every one of some lists, at least one."""
        lists = sorted(lists, key=len)
        found = lists[0]
        marks = self.scratch.marks
        for docs in lists[1:]:
            if len(found) * 16 < len(docs):
                at = np.searchsorted(docs, found)
                at[at == len(docs)] = 0
                found = found[docs[at] == found]
            else:
                marks[docs] = True
                here = marks[found]
                marks[docs] = False
                found = found[here]
        return found

    def _all(self, parts: tuple[Clause, ...]) -> Docs:
        lists = [self.docs(part) for part in parts if not isinstance(part, clauses.Without)]
        found = self.common(lists) if lists else self._everything()
        for part in parts:
            if isinstance(part, clauses.Without) and len(found):
                found = self._less(found, self.docs(part.part))
        return found

    def _times(self, clause: clauses.Times) -> Docs:
        local = self.snapshot.local
        fits = local != UNDATED
        if not clause.dated:
            fits = ~fits
        if clause.start is not None:
            fits &= local >= clause.start
        if clause.end is not None:
            fits &= local < clause.end
        return self._living(_numbers(fits))

    # Leaves

    def postings(self, leaf: Leaf) -> Postings:
        """Return the articles in which a leaf stands, and how often."""
        known = self._postings.get(leaf)
        if known is None:
            known = Postings.joined([self._part_postings(part, leaf) for part in self.snapshot.parts])
            often = ranking.burst(known.total(_TEXT), len(known)) if len(known) else 1.0
            self.weight[leaf] = self._idf(leaf, len(known)) * often
            if leaf.fields is not None:
                known = known.within(leaf.fields)
            self._postings[leaf] = known
        return known

    def bounds(self, leaf: Leaf) -> NDArray[np.uint8] | None:
        """Return the largest frequencies of a leaf that is one term, as `layout.bounds` says; None if not known."""
        slots = [slot for run in leaf.runs for slot in run.slots]
        if len(slots) != 1 or not isinstance(slots[0], Terms) or len(slots[0].terms) != 1:
            return None
        rows = []
        for part in self.snapshot.parts:
            if term := self._term(part, slots[0].terms[0]):
                row = part.segment.bound(term)
                if row is None:
                    return None
                rows.append(row)
        return np.max(rows, axis=0) if rows else None

    def occurrences(self, leaf: Leaf, docs: Sequence[int], fields: frozenset[Field]) -> list[int]:
        """Return how often a leaf stands in some fields of each of `docs`, in any order."""
        postings = self.postings(leaf)
        if not len(postings):
            return [0] * len(docs)
        at, here = postings.find(np.array(docs, np.int32), self.scratch.numbers)
        found = counts.totals(fields)[postings.codes[at]] * here
        others = np.flatnonzero(here & (postings.codes[at] == counts.OTHER)) if len(postings.other_at) else ()
        if len(others):
            found[others] = postings.frequencies(at[others])[:, sorted(fields)].sum(axis=1)
        numbers: list[int] = found.tolist()
        return numbers

    def _idf(self, leaf: Leaf, n_matches: int) -> float:
        """Return how rare a leaf is: a phrase as all of its words together, else by the articles in which it stands."""
        n = self.snapshot.n_docs
        if len(leaf.runs) == 1 and len(leaf.runs[0].slots) > 1:
            return sum((ranking.idf(self._df(slot), n) for slot in leaf.runs[0].slots), 0.0)
        return ranking.idf(n_matches, n)

    def _df(self, slot: Slot) -> int:
        """Return the number of living articles in which a slot is filled."""
        parts = self.snapshot.parts
        if isinstance(slot, Terms) and len(slot.terms) == 1:
            total = 0
            for part in parts:
                if term := self._term(part, slot.terms[0]):
                    total += term.end - term.start - (part.deleted.df_of(term.number) if part.deleted else 0)
            return total
        return sum(len(self._part_postings(part, Leaf((Run((slot,)),)))) for part in parts)

    def _part_postings(self, part: Part, leaf: Leaf) -> Postings:
        """Return the living articles of a part in which a leaf stands in any field, and how often in each field."""
        if len(leaf.runs) == 1 and len(leaf.runs[0].slots) == 1:
            slot = leaf.runs[0].slots[0]
            if isinstance(slot, Terms) and len(slot.terms) == 1:
                return self._term_postings(part, slot.terms[0])
        if len(leaf.runs) == 1 and leaf.runs[0].slop == 1:
            slots = leaf.runs[0].slots
            stems = [slot.terms[0] for slot in slots if isinstance(slot, Terms) and len(slot.terms) == 1]
            if len(stems) == len(slots):
                return self._phrase_postings(part, stems)
        starts = np.unique(np.concatenate([_NONE, *(self._begins(part, run) for run in leaf.runs)]))
        if not len(starts):
            return Postings.joined([])
        docs, row = np.unique(starts >> _HIGH, return_inverse=True)
        field = self._field(part, starts)
        found = np.bincount(row * counts.N_FIELDS + field, minlength=len(docs) * counts.N_FIELDS)
        frequencies = found.reshape(-1, counts.N_FIELDS).astype(np.uint32)
        return Postings.of((docs + part.base).astype(np.int32), frequencies)

    def _phrase_postings(self, part: Part, stems: Sequence[str]) -> Postings:
        """Return the living articles of a part in which terms stand side by side, and how often."""
        terms = [term for stem in stems if (term := self._term(part, stem))]
        if len(terms) < len(stems):
            return Postings.joined([])
        docs, at = self._common_postings(part, sorted(terms, key=lambda term: term.end - term.start))
        chosen = [at[term.number] for term in terms]
        row, where = side_by_side(part.segment, terms, chosen, self.snapshot.room[docs + part.base])
        first = np.flatnonzero(np.diff(row, prepend=-1))
        found = row[first]
        docs = (docs[found] + part.base).astype(np.int32)
        n = np.diff(first, append=len(row))
        # A term that stands in the body alone says that the phrase does, too.
        elsewhere = np.ones(len(found), np.bool_)
        for term, postings in zip(terms, chosen, strict=True):
            elsewhere &= part.segment.codes(term)[postings[found]] >= counts.BODY_ONLY
        elsewhere |= n > counts.BODY_ONLY
        if not elsewhere.any():
            return Postings(docs, (n - 1).astype(np.uint8), *NO_OTHERS)
        frequencies = np.zeros((len(found), counts.N_FIELDS), np.uint32)
        frequencies[:, Field.BODY] = n
        frequencies[elsewhere] = 0
        odd = np.repeat(elsewhere, n)
        which = np.repeat(np.arange(len(found)), n)[odd]
        starts = counts.field_starts(self.snapshot.extents(docs[which]))
        position = part.segment.positions(where[odd])
        field = (position[:, None] >= starts[:, 1:-1]).sum(axis=1)
        np.add.at(frequencies, (which, field), 1)
        return Postings.of(docs, frequencies)

    def _common_postings(self, part: Part, terms: Sequence[Term]) -> tuple[Docs, dict[int, NDArray[np.int64]]]:
        """Return the living articles in which all of some terms stand, and by term number which postings those are."""
        docs = part.segment.docs(terms[0])
        live = self.snapshot.live
        kept = np.arange(len(docs)) if live is None else np.flatnonzero(live[docs + part.base])
        docs = docs[kept]
        at = {terms[0].number: kept}
        for term in terms[1:]:
            if term.number not in at:
                where, here = find(part.segment.docs(term), docs, self.scratch.numbers)
                docs = docs[here]
                at = {number: postings[here] for number, postings in at.items()}
                at[term.number] = where[here]
        return docs, at

    def _term(self, part: Part, stem: str) -> Term | None:
        key = part.base, stem
        if key not in self._known_terms:
            self._known_terms[key] = part.segment.find(stem.encode("utf-8", "surrogatepass"))
        return self._known_terms[key]

    def _term_postings(self, part: Part, stem: str) -> Postings:
        segment = part.segment
        term = self._term(part, stem)
        if term is None:
            return Postings.joined([])
        docs = segment.docs(term)
        if part.base:
            docs += np.int32(part.base)
        found = Postings(docs, segment.codes(term), *segment.others(term))
        live = self.snapshot.live if part.deleted else None
        return found if live is None else found.only(live[docs])

    # Places

    def _field(self, part: Part, places: Places) -> NDArray[np.int64]:
        """Return the field of each place."""
        docs, row = np.unique(places >> _HIGH, return_inverse=True)
        starts = counts.field_starts(self.snapshot.extents(docs + part.base))[row]
        found: NDArray[np.int64] = ((places & _POSITION)[:, None] >= starts[:, 1:-1]).sum(axis=1)
        return found

    def _run_places(self, part: Part, run: Run) -> list[Places]:
        """Return where each slot of a run is filled, in the living articles of a part that have all of them."""
        terms = [self._terms(part, slot) for slot in run.slots]
        common = self.common([self._slot_docs(part.segment, found) for found in terms])
        common = self._living(common + np.int32(part.base)) - np.int32(part.base)
        return [self._slot_places(part.segment, found, common) for found in terms]

    def _begins(self, part: Part, run: Run) -> Places:
        """Return where a run begins: from its last slot on, the places behind which one of the next stands near."""
        *before, going_on = self._run_places(part, run)
        for places in reversed(before):
            # Of all that follow, the nearest in the same field is enough.
            following = np.searchsorted(going_on, places + 1)
            kept = np.flatnonzero(following < len(going_on))
            places, following = places[kept], going_on[following[kept]]
            near = following - places <= run.slop
            if run.slop > 1 and near.any():  # at 1 the gap between two fields keeps them apart
                near[near] = self._field(part, places[near]) == self._field(part, following[near])
            going_on = places[near]
        return going_on

    def _run(self, part: Part, run: Run) -> Spans:
        """Return where a run begins and ends in the living articles of a part."""
        first, *others = self._run_places(part, run)
        spans = Spans(first, first)
        for places in others:
            slices = [slice(at, at + AT_ONCE) for at in range(0, len(spans.starts), AT_ONCE)]
            some = [Spans(spans.starts[one], spans.ends[one]) for one in slices]
            spans = _join([self._follow(part, each, places, run.slop) for each in some])
        return spans

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
            found = [self._term(part, stem) for stem in slot.terms]
            return [(term, None) for term in found if term]
        numbers: dict[int, set[str]] = {}
        for form, number in self._fitting(slot)[self.snapshot.parts.index(part)].items():
            numbers.setdefault(number, set()).add(form)
        terms = []
        for number in sorted(numbers):
            term = segment.term(number)
            shapes = frozenset(shape for shape, form in enumerate(term.forms) if form in numbers[number])
            terms.append((term, None if len(shapes) == len(term.forms) else shapes))
        return terms

    def forms(self, part: Part, slot: Slot) -> Iterable[str]:
        """Return the surface forms in a part that can fill a slot."""
        if not isinstance(slot, Terms):
            return self._fitting(slot)[self.snapshot.parts.index(part)]
        found = (self._term(part, stem) for stem in slot.terms)
        return [form for term in found if term for form in term.forms]

    def _fitting(self, slot: Forms | Similar) -> list[dict[str, int]]:
        """Return, per part, the forms that fill a slot with their terms: the first `MAX_FORMS` of the whole index."""
        known = self._forms.get(slot)
        if known is not None:
            return known
        found = []
        for part in self.snapshot.parts:
            lexicon = part.segment.lexicon
            beside = ":" not in slot.prefix  # the words of the path and of further fields are named by their field only
            if isinstance(slot, Similar):
                forms = lexicon.near(slot.form, slot.distance)
            elif slot.prefix:
                forms = lexicon.beginning(slot.prefix)
            else:
                forms = lexicon.having(slot.letters)
            fitting = ((form, n) for form, n in forms if slot.fits(form) and not (beside and ":" in form))
            in_order = isinstance(slot, Forms) and slot.prefix
            found.append(dict(islice(fitting, MAX_FORMS + 1) if in_order else fitting))
        chosen = set(sorted(set().union(*found))[:MAX_FORMS])
        if any(len(own) > len(chosen & own.keys()) for own in found):
            self.notes.append(f"Only the first {MAX_FORMS} forms of {_shown(slot)} were looked for.")
            found = [{form: number for form, number in own.items() if form in chosen} for own in found]
        self._forms[slot] = found
        return found

    def _slot_docs(self, segment: Segment, terms: list[tuple[Term, frozenset[int] | None]]) -> Docs:
        """Return the articles in which one of the terms stands, be it in another form."""
        docs = [segment.docs(term) for term, _ in terms]
        return docs[0] if len(docs) == 1 else np.unique(np.concatenate([NO_DOCS, *docs]))

    def _slot_places(self, segment: Segment, terms: list[tuple[Term, frozenset[int] | None]], docs: Docs) -> Places:
        """Return the places of the terms in some articles."""
        found = [_NONE]
        for term, shapes in terms:
            own = segment.docs(term)
            chosen = np.flatnonzero(np.isin(own, docs, assume_unique=True))
            posting, position = segment.places(term, chosen, shapes)
            found.append(own[chosen].astype(np.int64)[posting] << _HIGH | position)
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

    def _close(self, clause: clauses.Close) -> Docs:
        both = self._all((clause.left, clause.right))
        docs = [_NONE]
        for part in self.snapshot.parts:
            left, _ = self._meeting(part, clause)
            docs.append(np.unique(left.starts >> _HIGH) + part.base)
        return self.common([both, np.concatenate(docs).astype(np.int32)])


def _numbers(marks: NDArray[np.bool_]) -> Docs:
    """Return the articles that are marked."""
    return np.flatnonzero(marks).astype(np.int32)


def _shown(slot: Forms | Similar) -> str:
    return f"{slot.prefix}…" if isinstance(slot, Forms) else f"{slot.form}~"


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
