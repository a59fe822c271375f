"""Where clauses stand: spans of the articles of one segment."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.engine import counts
from search.engine.docsets import Docs, common, union
from search.engine.segment import Segment
from search.engine.snapshot import Part, Snapshot
from search.engine.spans import (
    FAR,
    HIGH,
    NONE,
    POSITION,
    Marks,
    Places,
    Spans,
    articles,
    cells,
    distinct,
    following,
    join,
    preceding,
    prolonged,
)
from search.engine.vocabulary import Filling, Vocabulary
from search.engine.written import Texts
from search.query import clauses
from search.query.clauses import LEAD, Clause, Leaf, Run, Slot, Written
from search.query.tree import Unit
from search.text.stream import BOUNDARY, PARAGRAPH, WRITTEN, Field

if TYPE_CHECKING:
    from search.engine.speaking import Speakers

MAX_PLACED = 128  # words and phrases whose places operators like w/5 hold against each other
AT_ONCE = 1 << 16  # spans prolonged in one go, so that those to come fit into memory
_NOWHERE = Spans(NONE, NONE)


class Locator:
    """Finds the places of one query. Articles are numbered as in their segment.

    Args:
        snapshot: Of the index.
        vocabulary: That fills the query's slots.
        texts: Of the articles.
        fitting: Returns the articles of the snapshot that fit a clause.
        notes: Gets a sentence for what was left out.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        vocabulary: Vocabulary,
        texts: Texts,
        fitting: Callable[[Clause], Docs],
        notes: list[str],
    ) -> None:
        self._snapshot = snapshot
        self._vocabulary = vocabulary
        self._texts = texts
        self._scratch = snapshot.scratch
        self._fitting = fitting
        self._notes = notes
        self._placed: set[Leaf] = set()
        self._speakers: Speakers | None = None

    def of(self, part: Part, docs: Docs) -> Docs:
        """Return those of some articles of the snapshot that are in a part, numbered as there."""
        first, last = np.searchsorted(docs, [part.base, part.base + part.segment.n_docs])
        return docs[first:last] - part.base

    # Clauses

    def spans(self, part: Part, clause: Clause, docs: Docs) -> Spans:
        """Return where a clause stands in some articles, all of which fit it; of one without a place, nowhere."""
        match clause:
            case Leaf(runs):
                if len(self._placed) == MAX_PLACED and clause not in self._placed:
                    self._notes.append(f"Only the first {MAX_PLACED} words beside operators like w/5 were looked for.")
                    return _NOWHERE
                self._placed.add(clause)
                spans = join([self._run(part, run, docs) for run in runs])
                return spans if clause.fields is None else spans.only(self.within(part, spans.starts, clause))
            case clauses.All(parts) | clauses.Any(parts):
                return self._several(part, parts, docs)
            case clauses.Preferred(one, other):
                return self._several(part, (one, other), docs)
            case clauses.Weighted(inner, _) | clauses.Often(inner, _):
                return self.spans(part, inner, docs)
            case clauses.Close():
                return join([*self.meeting(part, clause, docs)])
            case _:
                return _NOWHERE

    def _several(self, part: Part, parts: tuple[Clause, ...], docs: Docs) -> Spans:
        spans = [_NOWHERE]
        for each in parts:
            if not isinstance(each, clauses.Without):
                own = common([docs, self.of(part, self._fitting(each))], self._scratch)
                spans.append(self.spans(part, each, own))
        return join(spans)

    def meeting(self, part: Part, clause: clauses.Close, docs: Docs, *, only_left: bool = False) -> tuple[Spans, Spans]:
        """Return the spans of both sides that fulfil a proximity.

        Args:
            part: Of the snapshot.
            clause: Its right spans do not count if they must be apart.
            docs: All fit the left side; both, if they need not be apart.
            only_left: Leave out those of the right side, which are in the same articles.
        """
        left = self.spans(part, clause.left, docs)
        near = clause.distance if isinstance(clause.distance, int) else int(FAR)
        borders = None if isinstance(clause.distance, int) else self.borders(part, docs, clause.distance)
        if clause.apart:
            docs = common([docs, self.of(part, self._fitting(clause.right))], self._scratch)
        right = self.spans(part, clause.right, docs)
        kept = np.arange(len(left.starts))
        if borders is not None:  # a phrase that goes from one sentence to the next is in neither
            kept = np.flatnonzero(self._together(part, left.starts, left.ends, near, borders))
            right = right.only(self._together(part, right.starts, right.ends, near, borders))
        inside = left.only(kept)
        one = self._together(part, inside.ends, following(inside, right), near, borders)
        if not clause.ordered:
            one |= self._together(part, preceding(inside, right), inside.starts, near, borders)
        if clause.apart:
            alone = np.ones(len(left.starts), np.bool_)
            alone[kept[one]] = False
            return left.only(alone), _NOWHERE
        if only_left:
            return inside.only(one), _NOWHERE
        other = self._together(part, preceding(right, inside), right.starts, near, borders)
        if not clause.ordered:
            other |= self._together(part, right.ends, following(right, inside), near, borders)
        return inside.only(one), right.only(other)

    def _together(self, part: Part, first: Places, second: Places, near: int, borders: Places | None) -> Marks:
        """Return whether places stand near enough in one zone, between the same borders."""
        found = second - first <= near
        if near > POSITION >> 1:  # else it does not reach into another article
            found &= first >> HIGH == second >> HIGH
        at = found.nonzero()[0]
        if len(at):
            found[at] = self._in_one_zone(part, first[at], second[at])
        if borders is not None:
            found &= cells(first, borders) == cells(second, borders)
        return found

    def _in_one_zone(self, part: Part, first: Places, second: Places) -> Marks:
        """Return whether places of the same articles stand in one field; of low zones, in the same one."""
        starts = self._field_starts(part, first)
        field = counts.fields_at(first & POSITION, starts)
        found: Marks = field == counts.fields_at(second & POSITION, starts)
        low = found & (field == Field.LOW)
        if low.any():  # each is a paragraph
            borders = self.borders(part, runs.distinct(first[low] >> HIGH), "p")
            found[low] = cells(first[low], borders) == cells(second[low], borders)
        return found

    def borders(self, part: Part, docs: Docs, unit: Unit) -> Places:
        """Return where sentences or paragraphs of some articles end; in fields that have several."""
        term = self._vocabulary.term(part, BOUNDARY)
        if term is None:
            return NONE
        shapes = frozenset({term.forms.index(PARAGRAPH)}) if unit == "p" and PARAGRAPH in term.forms else None
        return self._slot_places(part.segment, [(term, shapes)], docs)

    def within(self, part: Part, places: Places, leaf: Leaf) -> Marks:
        """Return which places are in the fields of a leaf, and as near to the top as it asks."""
        field = self.field(part, places)
        found = np.isin(field, [int(each) for each in leaf.fields or Field])
        if leaf.voice is not None:
            found[found] = self._spoken(part, leaf, places[found])
        if leaf.top is None:
            return found
        docs, row = articles(places)
        extents = self._snapshot.extents(docs + part.base)
        starts = counts.field_starts(extents)
        if leaf.top == LEAD:
            body = docs << HIGH | starts[:, Field.BODY]
            borders = self.borders(part, docs, "p")
            found &= (field != Field.BODY) | (cells(places, borders) == cells(body, borders)[row])
        else:
            extents[:, [each for each in Field if each not in WRITTEN]] = 0
            before = np.cumsum(extents, axis=1) - extents  # words
            found &= (places & POSITION) - starts[row, field] + before[row, field] < leaf.top
        return found

    def _spoken(self, part: Part, leaf: Leaf, places: Places) -> Marks:
        """Return which places are in quotations of a speaker that a leaf asks for."""
        if self._speakers is None:
            from search.engine.speaking import Speakers  # few queries ask who speaks

            self._speakers = Speakers(self._texts.analyzer)
        return self._speakers.only(part, leaf, places)

    # Runs

    def begins(self, part: Part, run: Run, some: Docs | None = None) -> Places:
        """Return where a run begins: from its last slot on, the places behind which one of the next stands near.

        A run of one slot begins with each token that fills it, of which a place may have two (`air-strikes`).

        Args:
            part: To look at.
            run: To look for.
            some: Articles of the part, ascending; None for all.
        """
        *before, going_on = self._run_places(part, run, some)
        if before:
            before[0] = before[0][runs.begins(before[0])]
        for places in reversed(before):
            if not len(going_on):
                break
            # Of all that follow, the nearest in the same zone is enough.
            after = following(Spans(places, places), Spans(going_on, going_on))
            near = after - places <= run.slop
            if run.slop > 1 and near.any():  # at 1 the gap between two zones keeps them apart
                near[near] = self._in_one_zone(part, places[near], after[near])
            going_on = places[near]
        return going_on

    def _run(self, part: Part, run: Run, docs: Docs) -> Spans:
        """Return where a run begins and ends in some articles of a part."""
        first, *others = self._run_places(part, run, docs)
        first = first[runs.begins(first)]
        spans = Spans(first, first)
        for places in others:
            slices = [slice(at, at + AT_ONCE) for at in range(0, len(spans.starts), AT_ONCE)]
            some = [Spans(spans.starts[one], spans.ends[one]) for one in slices]
            spans = join([_NOWHERE, *(self._follow(part, each, places, run.slop) for each in some)])
        return spans

    def _follow(self, part: Part, spans: Spans, places: Places, slop: int) -> Spans:
        """Return the spans prolonged by each place in the same zone at most `slop` positions behind their end."""
        spans = prolonged(spans, places, slop)
        if slop > 1 and len(spans.starts):  # at 1 the gap between two zones keeps them apart
            spans = spans.only(self._in_one_zone(part, spans.starts, spans.ends))
        return distinct(*spans)

    def _run_places(self, part: Part, run: Run, docs: Docs | None) -> list[Places]:
        """Return where each slot of a run is filled in those of some living articles that have all of them."""
        terms = {slot: self._vocabulary.filling(part, slot) for slot in run.slots}  # a word may come a thousand times
        lists = {slot: self._slot_docs(part.segment, filling) for slot, filling in terms.items()}
        docs = common([*lists.values()] if docs is None else [docs, *lists.values()], self._scratch)
        if (live := self._snapshot.live) is not None:
            docs = docs[live[docs + part.base]]
        places = {
            slot: self._as_written(part, slot, self._slot_places(part.segment, filling, docs, lists[slot]))
            for slot, filling in terms.items()
        }
        return [places[slot] for slot in run.slots]

    def _as_written(self, part: Part, slot: Slot, places: Places) -> Places:
        """Return the places at which a slot is filled by a word in the case that it asks for, if it does."""
        return (
            self._texts.only(part, slot, self._vocabulary.forms([part], slot), places)
            if isinstance(slot, Written)
            else places
        )

    def _slot_docs(self, segment: Segment, terms: Filling) -> Docs:
        """Return the articles in which one of the terms stands, be it in another form."""
        docs = [segment.docs(term) for term, _ in terms]
        return union(docs, self._scratch)

    def _slot_places(self, segment: Segment, terms: Filling, docs: Docs, listed: Docs | None = None) -> Places:
        """Return the places of the terms in some articles; `listed` are all that they stand in, if known."""
        found = [NONE]
        marks = self._scratch.marks
        marks[docs] = True
        each = [listed] if listed is not None and len(terms) == 1 else (segment.docs(term) for term, _ in terms)
        lists = [(own, marks[own].nonzero()[0]) for own in each]
        marks[docs] = False
        for (term, shapes), (own, chosen) in zip(terms, lists, strict=True):
            posting, position = segment.places(term, chosen, shapes)
            found.append(own[chosen][posting] << HIGH | position)
        return found[1] if len(found) == 2 else np.sort(np.concatenate(found))

    def field(self, part: Part, places: Places) -> NDArray[np.int64]:
        """Return the field of each place."""
        return counts.fields_at(places & POSITION, self._field_starts(part, places))

    def _field_starts(self, part: Part, places: Places) -> NDArray[np.int64]:
        """Return where the fields begin in the article of each place; see `counts.field_starts`."""
        docs, row = articles(places)
        return counts.field_starts(self._snapshot.extents(docs + part.base))[row]
