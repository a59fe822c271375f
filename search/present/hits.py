"""From ranked articles to hits: read the record, mark what matched, choose passages.

What matched is found in three ways, each of which the index can refute, as it knows how often a word stands in the
article: by looking for the surface forms, by looking at joined words as well, and by analysing all of the text.
"""

from collections.abc import Callable, Mapping, Sequence

from search.engine import record
from search.engine.layout import UNDATED
from search.engine.matching import Matcher
from search.engine.record import Units
from search.engine.snapshot import Part
from search.model import ALONE, Hit, Span
from search.present.finding import Finder
from search.present.marks import Mark, Marker
from search.present.passages import best, lead, merged
from search.present.places import Places
from search.query import clauses
from search.query.clauses import Clause, Leaf, Terms, Times
from search.text.analysis import Analyzer
from search.text.stream import Field, stream

_IN_TEXT = frozenset({Field.TITLE, Field.DECK, Field.BODY, Field.LOW})  # the title may stand beside the text


class Presenter:
    """Shows the articles of one result list.

    Args:
        analyzer: Of the index.
        clause: The query.
        matcher: That evaluated it.
        passages: Most passages a hit.
    """

    def __init__(self, analyzer: Analyzer, clause: Clause, matcher: Matcher, passages: int) -> None:
        self._analyzer = analyzer
        self._clause = clause
        self._matcher = matcher
        self._snapshot = matcher.snapshot
        self._n_passages = passages
        self._leaves = list(dict.fromkeys(clauses.leaves(clause)))
        self._numbers = {leaf: number for number, leaf in enumerate(self._leaves)}
        self._idf = [matcher.idf.get(leaf, 0.0) for leaf in self._leaves]
        self._reach = clauses.reach(clause)
        self._leaves_of = _by_term(clause, self._numbers)
        self._finders: dict[int, Finder] = {}

    def hits(self, ranked: Sequence[tuple[int, float]]) -> list[Hit]:
        """Return articles with their scores as hits."""
        if not ranked:
            return []
        docs = [doc for doc, _ in ranked]
        # Where it matters which clauses an article fits, the words of its other fields matter; they are not looked for.
        fields = _IN_TEXT if self._leaves_of is not None else frozenset(Field)
        columns = [self._matcher.occurrences(leaf, docs, fields) for leaf in self._leaves]
        return [self._hit(*ranked[row], [column[row] for column in columns]) for row in range(len(ranked))]

    def _finder(self, part: Part) -> Finder:
        finder = self._finders.get(part.base)
        if finder is None:
            slots = {slot for leaf in self._leaves for run in leaf.runs for slot in run.slots}
            forms = {form for slot in slots for form in self._matcher.forms(part, slot)}
            finder = self._finders[part.base] = Finder(self._analyzer, forms)
        return finder

    def _hit(self, doc: int, score: float, expected: list[int]) -> Hit:
        part = self._snapshot.part_of(doc)
        data = part.segment.record(doc - part.base)
        stored = record.split(data)
        text = stored.text.decode("utf-8", "surrogatepass")
        units = record.units(stored.marks)
        title, title_at = record.title_of(stored, text, units)
        marks = self._marks(doc, part, data, text, units, title, title_at, expected)
        article_id = stored.id.decode("utf-8", "surrogatepass")
        return Hit(
            article_id,
            _text(stored.path),
            title,
            _titled(marks, max(title_at, 0)) if title else (),
            "" if title else lead(text, units),
            _text(stored.date),
            _text(stored.date_source),
            _text(stored.source),
            score,
            best(article_id, text, units, marks, self._idf, self._n_passages),
            ALONE,
        )

    def _marks(
        self,
        doc: int,
        part: Part,
        data: bytes,
        text: str,
        units: Units,
        title: str | None,
        title_at: int,
        expected: list[int],
    ) -> list[Mark]:
        """Return what fulfils the query, what stands in the text in order."""
        finder = self._finder(part)
        for joined in (False, True):
            in_text = finder.chunks(text, joined=joined)
            in_title = finder.chunks(title, joined=joined) if title and title_at < 0 else []
            places = Places(text, units, title, title_at, self._analyzer)
            if self._leaves_of is not None:
                marks = places.marks(in_text, in_title, self._leaves_of)
                found = [0] * len(expected)
                for mark in marks:
                    found[mark.leaf] += 1
                if found == expected:
                    return marks
            else:
                marker = Marker(places.sparse(in_text, in_title, self._reach), self._numbers, self._fits(doc))
                marks = marker.marks(self._clause)
                if all(expected[leaf] == n for leaf, n in marker.counts().items()):
                    return marks
        article = record.decode(data)
        whole = stream(article, article.zones or (), self._analyzer)
        return Marker(whole, self._numbers, self._fits(doc)).marks(self._clause)

    def _fits(self, doc: int) -> Callable[[Times], bool]:
        """Return what tells whether an article was published in a period."""
        local = int(self._snapshot.local[doc])

        def fits(times: Times) -> bool:
            if local == UNDATED or not times.dated:
                return (local == UNDATED) is not times.dated
            return (times.start is None or local >= times.start) and (times.end is None or local < times.end)

        return fits


def _text(field: bytes) -> str | None:
    return field.decode("utf-8", "surrogatepass") or None


def _titled(marks: Sequence[Mark], title_at: int) -> tuple[Span, ...]:
    """Return what is marked in a title that stands at an offset, as offsets in the title."""
    return merged([(mark.start - title_at, mark.end - title_at) for mark in marks if mark.field is Field.TITLE])


def _by_term(clause: Clause, numbers: Mapping[Leaf, int]) -> dict[str, list[int]] | None:
    """Return the numbers of the leaves that each term of a query fulfils; None if there is more to it than words.

    Every word counts in whatever article the query finds: the words of `a AND b` do, those of `(a AND b) OR c` may not.
    """
    words = _words(clause, every=True)
    if words is None:
        return None
    found: dict[str, list[int]] = {}
    for leaf in dict.fromkeys(words):
        slot = leaf.runs[0].slots[0]
        for term in slot.terms if isinstance(slot, Terms) else ():
            found.setdefault(term, []).append(numbers[leaf])
    return found


def _words(clause: Clause, *, every: bool) -> list[Leaf] | None:
    match clause:
        case Leaf(runs, None) if len(runs) == 1 and len(runs[0].slots) == 1 and isinstance(runs[0].slots[0], Terms):
            return [clause]
        case clauses.Weighted(part, _):
            return _words(part, every=every)
        case Times() | clauses.Everything() if every:
            return []
        case clauses.All(parts) if every:
            found = [_words(part, every=True) for part in parts]
        case clauses.Any(parts):
            found = [_words(part, every=False) for part in parts]
        case _:
            return None
    return None if None in found else [leaf for part in found for leaf in part or ()]
