"""Which articles match: clauses against a snapshot."""

from collections.abc import Sequence
from weakref import proxy

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.engine import counts, ranking
from search.engine.docsets import NO_DOCS, Docs, common, less, numbers, union
from search.engine.layout import UNBOUNDED
from search.engine.phrases import side_by_side
from search.engine.places import Locator
from search.engine.postings import NOWHERE, Postings, find
from search.engine.segment import Term
from search.engine.snapshot import Part, Snapshot
from search.engine.spans import NONE, Places, articles, counted
from search.engine.top import ages, by_keys
from search.engine.vocabulary import Filling, Vocabulary
from search.engine.written import Texts
from search.query import clauses
from search.query.clauses import Clause, Leaf, Run, Slot, Terms, Written
from search.text.analysis import Analyzer
from search.text.stream import WRITTEN, Field

MOST_SPOKEN = 2000  # articles in which a word is looked for in quotations, .5 ms each;
ALL_SPOKEN = 8000  # for all words of a query
LISTS = 16  # of articles, held at once
MAX_KEPT = 32  # articles kept for clauses met again, for each article of the index


class Matcher:
    """Evaluates the clauses of one query.

    Args:
        snapshot: Of the index.
        analyzer: Of the index.

    `notes` collects what was left out, a sentence each; `weight` that of each leaf met, and `frequency`
    in how many articles it stands and how often in their texts; `listed`, by the first article
    of a part and the stem, terms with the articles they stand in, those that are deleted among them.
    """

    def __init__(self, snapshot: Snapshot, analyzer: Analyzer) -> None:
        self.snapshot = snapshot
        self.scratch = snapshot.scratch
        self._postings: dict[Leaf, Postings] = {}
        self._docs: dict[Clause, Docs] = {}
        self._n_kept = 0
        self._n_spoken = 0
        self.listed: dict[tuple[int, str], tuple[Term, Docs]] = {}
        self.notes: list[str] = []
        self._vocabulary = Vocabulary(snapshot, self.notes)
        texts, me = Texts(analyzer), proxy(self)  # what a query has read goes with it, not when cycles are looked for
        self.locator = Locator(snapshot, self._vocabulary, texts, lambda each: me.docs(each), self.notes)
        self.weight: dict[Leaf, float] = {}
        self.frequency: dict[Leaf, tuple[int, int]] = {}

    def docs(self, clause: Clause) -> Docs:
        """Return the articles that fit a clause, ascending."""
        if isinstance(clause, Leaf):
            return self.postings(clause).docs
        known = self._docs.get(clause)
        if known is None:
            known = self._evaluate(clause)
            self._n_kept += len(known)
            if self._n_kept <= MAX_KEPT * self.snapshot.n_all:
                self._docs[clause] = known
        return known

    def _evaluate(self, clause: Clause) -> Docs:
        match clause:
            case clauses.All(parts):
                return self._all(parts)
            case clauses.Spelt(parts):
                return self.docs(parts[0])
            case clauses.Any(parts):
                found = NO_DOCS
                for at in range(0, len(parts), LISTS):
                    found = self.union([found, *map(self.docs, parts[at : at + LISTS])])
                return found
            case clauses.Without(part):
                return less(self._everything(), self.docs(part), self.scratch)
            case clauses.Preferred(must, _):
                return self.docs(must)
            case clauses.Weighted(part, _):
                return self.docs(part)
            case clauses.Close():
                return self._close(clause)
            case clauses.Often(part, n):
                return self._often(part, n)
            case clauses.Times():
                from search.engine.calendar import published  # few queries ask for dates

                return self._living(published(self.snapshot, clause))
            case clauses.Long(least, most):
                return self._long(least, most)
            case clauses.Everything(none):
                return NO_DOCS if none else self._everything()
        raise AssertionError(clause)

    def union(self, lists: list[Docs]) -> Docs:
        """Return the articles that are in some of the lists."""
        return union(lists, self.scratch)

    def forms(self, slot: Slot) -> set[str]:
        """Return the surface forms in the index that can fill a slot."""
        return self._vocabulary.forms(self.snapshot.parts, slot)

    def _everything(self) -> Docs:
        live = self.snapshot.live
        return np.arange(self.snapshot.n_all) if live is None else numbers(live)

    def _living(self, docs: Docs) -> Docs:
        live = self.snapshot.live
        return docs if live is None else docs[live[docs]]

    def _all(self, parts: tuple[Clause, ...]) -> Docs:
        wanted = [part for part in parts if not isinstance(part, clauses.Without)]
        if len(wanted) > 1:  # of what else is wanted, less is to be looked at than all that was published in a period
            wanted = [part for part in wanted if not isinstance(part, clauses.Times)] or wanted
        found = common([*map(self.docs, wanted[:LISTS])], self.scratch) if wanted else self._everything()
        for at in range(LISTS, len(wanted), LISTS):
            found = common([found, *map(self.docs, wanted[at : at + LISTS])], self.scratch)
        for part in parts:
            if isinstance(part, clauses.Times) and part not in wanted:
                from search.engine.calendar import during  # few queries ask for dates

                found = during(self.snapshot, found, part)
            elif isinstance(part, clauses.Without) and len(found):
                found = less(found, self.docs(part.part), self.scratch)
        return found

    def _long(self, least: int | None, most: int | None) -> Docs:
        n = np.sum([self.snapshot.lengths(field) for field in WRITTEN], axis=0)
        fits = n >= (least or 0)
        if most is not None:
            fits &= n <= most
        return self._living(numbers(fits))

    # Leaves

    def postings(self, leaf: Leaf) -> Postings:
        """Return the articles in which a leaf stands, and how often."""
        known = self._postings.get(leaf)
        if known is None:
            known = Postings.joined([self._part_postings(part, leaf) for part in self.snapshot.parts])
            df, occurrences = self.frequency[leaf] = len(known), known.total(WRITTEN)
            often = ranking.burst(occurrences, df) if df else 1.0
            fixed = self.snapshot.statistics
            own = fixed.weights.get(leaf) if fixed else None
            self.weight[leaf] = self._idf(leaf, df) * often if own is None else own
            if leaf.voice is not None:
                known = self._spoken_postings(leaf, known)
            elif leaf.top is not None:
                known = Postings.joined([self._top_postings(part, leaf) for part in self.snapshot.parts])
            elif leaf.fields is not None:
                known = known.within(leaf.fields)
            self._postings[leaf] = known
        return known

    def bounds(self, leaf: Leaf) -> NDArray[np.uint32] | None:
        """Return the largest frequencies of a leaf that is one word, as `layout.bounds` says; None if not known."""
        slots = [slot for run in leaf.runs for slot in run.slots]
        if len(slots) != 1 or not isinstance(slots[0], Terms):
            return None
        found = []
        for part in self.snapshot.parts:
            terms = (self._vocabulary.term(part, stem) for stem in slots[0].terms)
            rows = []
            for term in filter(None, terms):
                row = part.segment.bound(term)
                if row is None:
                    return None
                rows.append(row)
            if rows:
                found.append(np.minimum(np.sum(rows, axis=0, dtype=np.uint32), UNBOUNDED))
        return np.max(found, axis=0) if found else None

    def occurrences(self, leaf: Leaf, docs: Sequence[int], fields: frozenset[Field]) -> list[int]:
        """Return how often a leaf stands in some fields of each of `docs`, in any order."""
        postings = self.postings(leaf)
        if not len(postings):
            return [0] * len(docs)
        at, here = postings.find(np.array(docs), self.scratch.numbers)
        codes = postings.codes[at]
        found = counts.totals(fields).take(codes) * here
        if len(postings.other_at):
            others = (here & (codes == counts.OTHER)).nonzero()[0]
            found[others] = postings.frequencies(at[others])[:, sorted(fields)].sum(axis=1)
        listed: list[int] = found.tolist()
        return listed

    def _idf(self, leaf: Leaf, n_matches: int) -> float:
        """Return how rare a leaf is: a phrase as all of its words together, else by the articles in which it stands."""
        n = self.snapshot.n_docs
        if len(leaf.runs) == 1 and len(leaf.runs[0].slots) > 1:
            return sum((ranking.idf(self.df(slot), n) for slot in leaf.runs[0].slots), 0.0)
        return ranking.idf(n_matches, n)

    def df(self, slot: Slot) -> int:
        """Return the number of living articles in which a slot is filled."""
        parts = self.snapshot.parts
        if isinstance(slot, Terms) and len(slot.terms) == 1:
            return sum(part.df(term) for part in parts if (term := self._vocabulary.term(part, slot.terms[0])))
        return sum(len(self._part_postings(part, Leaf((Run((slot,)),)))) for part in parts)

    def _part_postings(self, part: Part, leaf: Leaf) -> Postings:
        """Return the living articles of a part in which a leaf stands in any field, and how often in each field."""
        if len(leaf.runs) == 1 and len(leaf.runs[0].slots) == 1:
            slot = leaf.runs[0].slots[0]
            if isinstance(slot, Terms) and len(slot.terms) == 1:
                return self._term_postings(part, self._vocabulary.term(part, slot.terms[0]))
            if not isinstance(slot, Written):
                return self._slot_postings(part, self._vocabulary.filling(part, slot))
        if len(leaf.runs) == 1 and leaf.runs[0].slop == 1:
            slots = leaf.runs[0].slots
            stems = [slot.terms[0] for slot in slots if isinstance(slot, Terms) and len(slot.terms) == 1]
            if len(stems) == len(slots):
                return self._phrase_postings(part, stems)
        return self._counted(part, self._begins(part, leaf))

    def _spoken_postings(self, leaf: Leaf, found: Postings) -> Postings:
        """Return the same of where the leaf stands in quotations, in the newest articles of those it stands in."""
        docs = found.within(leaf.fields or frozenset(Field)).docs
        if leaf.voice and leaf.voice.by:
            docs = common([docs, self.docs(leaf.voice.by)], self.scratch)  # a name stands in the article
        most = min(MOST_SPOKEN, ALL_SPOKEN - self._n_spoken)
        if len(docs) > most:
            self.notes.append(f"Who speaks was looked up in the newest {most} of {len(docs)} articles.")
            docs = np.sort(by_keys(self.snapshot, docs, ages(self.snapshot, docs), most))
        self._n_spoken += len(docs)
        parts = self.snapshot.parts
        return Postings.joined([self._top_postings(part, leaf, self.locator.of(part, docs)) for part in parts])

    def _top_postings(self, part: Part, leaf: Leaf, some: Docs | None = None) -> Postings:
        """Return the same of where the leaf stands as near to the top as it asks, or in the voice."""
        places = self._begins(part, leaf, some)
        return self._counted(part, places[self.locator.within(part, places, leaf)])

    def _begins(self, part: Part, leaf: Leaf, some: Docs | None = None) -> Places:
        begins = [self.locator.begins(part, run, some) for run in leaf.runs]
        return begins[0] if len(begins) == 1 else runs.distinct(np.concatenate([NONE, *begins]))

    def _counted(self, part: Part, starts: Places) -> Postings:
        """Return articles with places in them, and how many are in each field."""
        if not len(starts):
            return NOWHERE
        docs, row = articles(starts)
        field = self.locator.field(part, starts)
        found = np.bincount(row * counts.N_FIELDS + field, minlength=len(docs) * counts.N_FIELDS)
        frequencies = found.reshape(-1, counts.N_FIELDS).astype(np.uint32)
        return Postings.of(docs + part.base, frequencies)

    def _slot_postings(self, part: Part, filling: Filling) -> Postings:
        """Return the living articles of a part with tokens that fill a slot, and how many are in each field."""
        found = [
            self._listed(part, term) if shapes is None else self._shaped_postings(part, term, shapes)
            for term, shapes in filling
        ]
        return self._alive(part, Postings.summed(found, self.scratch))

    def _shaped_postings(self, part: Part, term: Term, shapes: frozenset[int]) -> Postings:
        """Return the articles of a part in which a term stands in some of its forms, and how often."""
        docs = part.segment.docs(term)
        posting, where = part.segment.numbered(term, np.arange(len(docs)), shapes)
        first = runs.begins(posting)
        found = posting[first]
        elsewhere = part.segment.codes(term)[found] >= counts.BODY_ONLY
        return self._placed(part, docs[found], runs.sizes(first, len(posting)), where, elsewhere)

    def _placed(
        self, part: Part, docs: Docs, n: NDArray[np.int64], where: NDArray[np.int64], elsewhere: NDArray[np.bool_]
    ) -> Postings:
        """Return the postings of what stands at some places of a part.

        Args:
            part: That holds them.
            docs: Its articles with places, ascending.
            n: How many places each has.
            where: The numbers of the places, article by article.
            elsewhere: Of which articles places may be in another field than the body; bool (docs,).
        """
        docs = docs + part.base
        elsewhere = elsewhere | (n > counts.BODY_ONLY)
        odd = elsewhere.nonzero()[0]
        frequencies = np.zeros((len(odd), counts.N_FIELDS), np.uint32)
        if len(odd):
            which = np.arange(len(odd)).repeat(n[odd])
            starts = counts.field_starts(self.snapshot.extents(docs[odd]))[which]
            position = part.segment.positions(where[elsewhere.repeat(n)])
            np.add.at(frequencies, (which, counts.fields_at(position, starts)), 1)
        return Postings.in_body(docs, n, odd, frequencies)

    def _phrase_postings(self, part: Part, stems: Sequence[str]) -> Postings:
        """Return the living articles of a part in which terms stand side by side, and how often."""
        terms = [term for stem in stems if (term := self._vocabulary.term(part, stem))]
        if len(terms) < len(stems):
            return NOWHERE
        docs, at = self._common_postings(part, sorted(terms, key=lambda term: term.end - term.start))
        chosen = [at[term.number] for term in terms]
        row, where = side_by_side(part.segment, terms, chosen, self.snapshot.room[docs + part.base])
        first = runs.begins(row)
        found = row[first]
        # A term that stands in the body alone says that the phrase does, too.
        elsewhere = np.ones(len(found), np.bool_)
        for term, postings in zip(terms, chosen, strict=True):
            elsewhere &= part.segment.codes(term)[postings[found]] >= counts.BODY_ONLY
        return self._placed(part, docs[found], runs.sizes(first, len(row)), where, elsewhere)

    def _common_postings(self, part: Part, terms: Sequence[Term]) -> tuple[Docs, dict[int, NDArray[np.int64]]]:
        """Return the living articles in which all of some terms stand, and by term number which postings those are."""
        docs = part.segment.docs(terms[0])
        live = self.snapshot.live
        kept = np.arange(len(docs)) if live is None else live[docs + part.base].nonzero()[0]
        docs = docs[kept]
        at = {terms[0].number: kept}
        for term in terms[1:]:
            if term.number not in at:
                where, here = find(part.segment.docs(term), docs, self.scratch.numbers)
                docs = docs[here]
                at = {number: postings[here] for number, postings in at.items()}
                at[term.number] = where[here]
        return docs, at

    def _term_postings(self, part: Part, term: Term | None) -> Postings:
        return self._alive(part, self._listed(part, term)) if term else NOWHERE

    def _listed(self, part: Part, term: Term) -> Postings:
        """Return the articles of a term, those that are deleted among them."""
        segment = part.segment
        docs = segment.docs(term)
        if part.base:
            docs += part.base
        self.listed[part.base, term.stem] = term, docs
        return Postings(docs, segment.codes(term), *segment.others(term))

    def _alive(self, part: Part, found: Postings) -> Postings:
        live = self.snapshot.live if part.deleted else None
        return found if live is None else found.only(live[found.docs])

    def _close(self, clause: clauses.Close) -> Docs:
        some = self.docs(clause.left) if clause.apart else self._all((clause.left, clause.right))
        if not len(some):
            return some
        found = [NO_DOCS]
        for part in self.snapshot.parts:
            left, _ = self.locator.meeting(part, clause, self.locator.of(part, some), only_left=True)
            found.append(counted(left.starts)[0] + part.base)
        return np.concatenate(found)

    def _often(self, clause: Clause, n: int) -> Docs:
        some = self.docs(clause)
        found = [NO_DOCS]
        for part in self.snapshot.parts:
            spans = self.locator.spans(part, clause, self.locator.of(part, some))
            docs, times = counted(spans.starts)
            found.append(docs[times >= n] + part.base)
        return np.concatenate(found)
