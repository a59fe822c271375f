"""Where clauses stand: spans of the articles of one segment."""

import numpy as np
from numpy.typing import NDArray

from search.engine import counts
from search.engine.docsets import Scratch, common
from search.engine.postings import NO_DOCS, Docs
from search.engine.segment import Segment
from search.engine.snapshot import Part, Snapshot
from search.engine.spans import HIGH, NONE, POSITION, Places, Spans, distinct, join
from search.engine.vocabulary import Filling, Vocabulary
from search.query import clauses
from search.query.clauses import Clause, Leaf, Run

AT_ONCE = 1 << 16  # spans prolonged in one go, so that those to come fit into memory


class Locator:
    """Finds the places of one query.

    Args:
        snapshot: Of the index.
        vocabulary: That fills the query's slots.
        scratch: Room for the articles of the snapshot.
    """

    def __init__(self, snapshot: Snapshot, vocabulary: Vocabulary, scratch: Scratch) -> None:
        self._snapshot = snapshot
        self._vocabulary = vocabulary
        self._scratch = scratch

    def field(self, part: Part, places: Places) -> NDArray[np.int64]:
        """Return the field of each place."""
        docs, row = np.unique(places >> HIGH, return_inverse=True)
        starts = counts.field_starts(self._snapshot.extents(docs + part.base))[row]
        found: NDArray[np.int64] = ((places & POSITION)[:, None] >= starts[:, 1:-1]).sum(axis=1)
        return found

    def _run_places(self, part: Part, run: Run) -> list[Places]:
        """Return where each slot of a run is filled, in the living articles of a part that have all of them."""
        terms = [self._vocabulary.filling(part, slot) for slot in run.slots]
        docs = common([self._slot_docs(part.segment, found) for found in terms], self._scratch)
        if (live := self._snapshot.live) is not None:
            docs = docs[live[docs + np.int32(part.base)]]
        return [self._slot_places(part.segment, found, docs) for found in terms]

    def begins(self, part: Part, run: Run) -> Places:
        """Return where a run begins: from its last slot on, the places behind which one of the next stands near."""
        *before, going_on = self._run_places(part, run)
        for places in reversed(before):
            # Of all that follow, the nearest in the same field is enough.
            following = np.searchsorted(going_on, places + 1)
            kept = np.flatnonzero(following < len(going_on))
            places, following = places[kept], going_on[following[kept]]
            near = following - places <= run.slop
            if run.slop > 1 and near.any():  # at 1 the gap between two fields keeps them apart
                near[near] = self.field(part, places[near]) == self.field(part, following[near])
            going_on = places[near]
        return going_on

    def _run(self, part: Part, run: Run) -> Spans:
        """Return where a run begins and ends in the living articles of a part."""
        first, *others = self._run_places(part, run)
        spans = Spans(first, first)
        for places in others:
            slices = [slice(at, at + AT_ONCE) for at in range(0, len(spans.starts), AT_ONCE)]
            some = [Spans(spans.starts[one], spans.ends[one]) for one in slices]
            spans = join([self._follow(part, each, places, run.slop) for each in some])
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
            same = self.field(part, starts) == self.field(part, ends)
            starts, ends = starts[same], ends[same]
        return distinct(starts, ends)

    def _slot_docs(self, segment: Segment, terms: Filling) -> Docs:
        """Return the articles in which one of the terms stands, be it in another form."""
        docs = [segment.docs(term) for term, _ in terms]
        return docs[0] if len(docs) == 1 else np.unique(np.concatenate([NO_DOCS, *docs]))

    def _slot_places(self, segment: Segment, terms: Filling, docs: Docs) -> Places:
        """Return the places of the terms in some articles."""
        found = [NONE]
        for term, shapes in terms:
            own = segment.docs(term)
            chosen = np.flatnonzero(np.isin(own, docs, assume_unique=True))
            posting, position = segment.places(term, chosen, shapes)
            found.append(own[chosen].astype(np.int64)[posting] << HIGH | position)
        return found[1] if len(found) == 2 else np.unique(np.concatenate(found))

    def spans(self, part: Part, clause: Clause) -> Spans:
        """Return where a clause stands; of a clause without a place, nowhere."""
        match clause:
            case Leaf(runs, fields):
                spans = join([self._run(part, run) for run in runs])
                if fields is not None:
                    kept = np.isin(self.field(part, spans.starts), [int(field) for field in fields])
                    spans = Spans(spans.starts[kept], spans.ends[kept])
                return spans
            case clauses.All(parts) | clauses.Any(parts):
                return join([self.spans(part, inner) for inner in parts])
            case clauses.Weighted(inner, _):
                return self.spans(part, inner)
            case clauses.Close():
                left, right = self.meeting(part, clause)
                return join([left, right])
            case _:
                return Spans(NONE, NONE)

    def meeting(self, part: Part, clause: clauses.Close) -> tuple[Spans, Spans]:
        """Return the spans of both sides that have one of the other side near."""
        left, right = self.spans(part, clause.left), self.spans(part, clause.right)
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
        distance = min(distance, POSITION >> 1)
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
        near &= first >> HIGH == second >> HIGH
        if near.any():
            near[near] = self.field(part, first[near]) == self.field(part, second[near])
        return near
