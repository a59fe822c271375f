"""Why a query does not find an article: the clauses that fail, and what came nearest."""

from collections.abc import Iterable
from itertools import product

from search.engine import record
from search.engine.dating import Dating
from search.engine.matching import Matcher
from search.model import Miss
from search.present.marks import Marker, heard
from search.present.page import Page
from search.query import clauses, tree
from search.query.clauses import Clause, Leaf, Run, bare
from search.text.analysis import Analyzer
from search.text.stream import SHOWN, WRITTEN, Field, Place, as_written, in_one_zone, stream

_FAR = 1 << 30  # positions


class Critic:
    """Says what of a query an article lacks.

    Args:
        analyzer: Of the index.
        matcher: Of the query.
        doc: The article.
        dating: What dates are inferred, if any.
    """

    def __init__(self, analyzer: Analyzer, matcher: Matcher, doc: int, dating: Dating | None) -> None:
        self._matcher = matcher
        self._doc = doc
        data = matcher.snapshot.record(doc)
        self._page = Page(data, analyzer)
        article = record.decode(data)
        inferred = dating.date(doc) if dating else None
        self._date = f"{inferred.date} (inferred)" if inferred else article.iso_date
        self._n_words = sum(int(matcher.snapshot.lengths(field)[doc]) for field in WRITTEN)
        places = stream(article, article.zones or (), analyzer)
        told = as_written(article, article.zones or ()), heard(article, analyzer)
        self._marker = Marker(places, {}, matcher.forms, lambda _: True, *told)

    def fits(self, clause: Clause) -> bool:
        """Return whether the article fits a clause."""
        return self._doc in self._matcher.docs(clause)

    def misses(self, node: tree.Node, clause: Clause) -> list[Miss]:
        """Return the innermost clauses that fail, in the order of the query; none if the article fits.

        Args:
            node: The query, or a part of it, as read.
            clause: What it means.
        """
        if self.fits(clause):
            return []
        label = tree.write(node)
        inner = tree.parts(node)
        match clause:
            case Leaf():
                return [Miss(label, *self._leaf(clause))]
            case clauses.Weighted(part, _):
                return self.misses(inner[0] if isinstance(tree.uncased(node), tree.Boost) else node, part)
            case clauses.Spelt(parts):
                return self.misses(node, parts[0])
            case clauses.All(parts) | clauses.Any(parts):
                return [miss for n, c in zip(inner, parts, strict=True) for miss in self.misses(n, c)]
            case clauses.Preferred(must, _):
                return self.misses(inner[0], must)
            case clauses.Without(part):
                return [Miss(label, "the article has it", self._where(part))]
            case clauses.Often(part, _):
                times = len({first.position for first, _ in self._marker.stands(part)})
                return self.misses(inner[0], part) or [Miss(label, f"stands {times} times")]
            case clauses.Close(left, apart=True):
                return self.misses(inner[0], left) or [Miss(label, "the other is near wherever it stands")]
            case clauses.Close(left, right):
                failing = self.misses(inner[0], left) + self.misses(inner[1], right)
                return failing or [Miss(label, *self._apart(clause))]
            case clauses.Times():
                return [Miss(label, f"published {self._date}" if self._date else "the article has no date")]
            case clauses.Long():
                return [Miss(label, f"the article has {self._n_words} words")]
            case _:
                return [Miss(label, "finds nothing")]

    def lacking(self, node: tree.Node, clause: Clause) -> list[Miss]:
        """Return what an article that fits lacks nevertheless, and would score more with."""
        if not self.fits(clause):
            return self.misses(node, clause)
        match clause:
            case clauses.Spelt():
                return []
            case clauses.Any(parts) | clauses.All(parts):
                return [miss for n, c in zip(tree.parts(node), parts, strict=True) for miss in self.lacking(n, c)]
            case clauses.Preferred(_, may):
                return self.lacking(tree.parts(node)[1], may)
            case _:
                return []

    def _leaf(self, leaf: Leaf) -> tuple[str, str]:
        anywhere = self._marker.stands(Leaf(leaf.runs))
        if anywhere and leaf.voice is not None:
            who = "nobody of this name is quoted" if leaf.voice.is_name else "nobody is quoted with it"
            return who if leaf.voice.by is None or leaf.voice.is_name else "not said by them", _stands(anywhere)
        if anywhere:
            fields = " or ".join(sorted(field.name.lower() for field in leaf.fields or ()))
            where = f"in {fields}" if leaf.top is None else "as near to the top"
            return f"is not {where}", _stands(anywhere)
        in_any_case = Leaf(tuple(Run(tuple(map(bare, run.slots)), run.slop) for run in leaf.runs))
        if found := self._marker.stands(in_any_case):
            return "is written otherwise", _stands(found)
        run = leaf.runs[0]
        if len(run.slots) == 1:
            return "does not stand in the article", ""
        words = [self._marker.stands(Leaf((Run((slot,)),))) for slot in run.slots]
        if not all(words):
            number = next(at for at, places in enumerate(words) if not places) + 1
            return f"word {number} of the phrase does not stand in the article", ""
        # The shortest way from the first word to the last, each behind the one before as near as can be.
        best: tuple[int, Place | None] = (_FAR, None)
        for first, _ in words[0]:
            at, widest = first, 0
            for places in words[1:]:
                behind = [place for place, _ in places if place.position > at.position and in_one_zone(place, at)]
                if not behind:
                    widest = _FAR
                    break
                step = min(behind, key=lambda place: place.position)
                widest, at = max(widest, step.position - at.position), step
            if widest < best[0]:
                best = widest, first
        if best[1] is None:
            return "its words stand in another order or in different parts", ""
        return f"its words stand further apart than {run.slop}", f"distance {best[0]}{self._place(best[1])}"

    def _apart(self, clause: clauses.Close) -> tuple[str, str]:
        """Return how near both sides of a proximity come."""
        within = clause.distance if isinstance(clause.distance, int) else _FAR
        best: tuple[int, Place | None, bool] = (_FAR, None, False)
        left, right = self._marker.stands(clause.left), self._marker.stands(clause.right)
        for (a, a_end), (b, b_end) in product(left, right):
            if in_one_zone(a, b):
                for distance, reverse in ((b.position - a_end.position, False), (a.position - b_end.position, True)):
                    if 0 < distance < best[0] and (not reverse or distance <= within or not clause.ordered):
                        best = distance, a, reverse
        unit = {"s": "in one sentence", "p": "in one paragraph"}
        reason = f"no two {unit.get(str(clause.distance), f'within {clause.distance}')}"
        if best[1] is None:
            return reason, "they stand in different parts of the article"
        order = " in the other order" if clause.ordered and best[2] else ""
        return reason, f"nearest distance {best[0]}{order}{self._place(best[1])}"

    def _where(self, clause: Clause) -> str:
        """Return where a clause stands first."""
        places = [first for first, _ in self._marker.stands(clause)]
        return f"stands in {_named(places)}{self._place(places[0])}" if places else ""

    def _place(self, place: Place) -> str:
        """Return in which sentence a token stands, counted among those that can be shown."""
        if place.field is not Field.BODY or not place.in_text:
            return f", {place.field.name.lower()}"
        units = self._page.units
        number = sum(end <= place.start for end, kind in zip(units.ends, units.kinds, strict=True) if kind in SHOWN)
        return f", sentence {number + 1}"


def _stands(found: Iterable[tuple[Place, Place]]) -> str:
    return f"stands in {_named(place for place, _ in found)}"


def _named(places: Iterable[Place]) -> str:
    return " and ".join(sorted({place.field.name.lower() for place in places}))
