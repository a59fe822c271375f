"""From ranked articles to hits: read the record, mark what matched, choose passages.

What matched is found in three ways, each of which the index can refute, as it knows how often a word stands in the
article: by looking for the surface forms, by looking at joined words as well, and by analysing all of the text.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from search.engine import record
from search.engine.layout import UNDATED
from search.engine.matching import Matcher
from search.engine.snapshot import Part
from search.model import ALONE, Hit, Story
from search.present.finding import Finder
from search.present.marks import Marker, Marks
from search.present.page import Page
from search.present.passages import best, lead, merged
from search.present.questions import answering
from search.query import clauses
from search.query.analyse import FUNCTION_WORD
from search.query.clauses import Clause, Leaf, Slot, Terms, Times
from search.text.analysis import Analyzer, Token
from search.text.stream import Field, stream

if TYPE_CHECKING:
    from search.engine.folding import Folding

FUNCTION_SHARE = 0.5  # of a word's share of the query
_IN_TEXT = frozenset({Field.TITLE, Field.DECK, Field.BODY, Field.LOW})  # the title may stand beside the text


class Presenter:
    """Shows the articles of one result list.

    Args:
        analyzer: Of the index.
        clause: The query.
        matcher: That evaluated it.
        passages: Most passages a hit.
        query: As it was typed; a question has answers.
        stories: Of the index; None if every article is one of its own.
    """

    def __init__(
        self,
        analyzer: Analyzer,
        clause: Clause,
        matcher: Matcher,
        passages: int,
        query: str = "",
        stories: "Folding | None" = None,
    ) -> None:
        self._stories = stories
        self._analyzer = analyzer
        self._clause = clause
        self._matcher = matcher
        self._snapshot = matcher.snapshot
        self._n_passages = passages
        self._leaves = list(dict.fromkeys(clauses.leaves(clause)))
        self._numbers = {leaf: number for number, leaf in enumerate(self._leaves)}
        self._shares = shares(clause, self._leaves)
        self._answers = answering(query, analyzer.language)
        self._reach = clauses.reach(clause)
        self._slots = list(dict.fromkeys(slot for leaf in self._leaves for run in leaf.runs for slot in run.slots))
        self._is_plain = is_plain(clause)
        if self._is_plain:
            numbers = {slot: number for number, slot in enumerate(self._slots)}
            self._runs = [tuple(numbers[slot] for slot in leaf.runs[0].slots) for leaf in self._leaves]
            self._of_term: dict[str, list[int]] = {}
            self._of_form: dict[str, list[int]] = {}
            for number, slot in enumerate(self._slots):
                if isinstance(slot, Terms):
                    for term in slot.terms:
                        self._of_term.setdefault(term, []).append(number)
                else:
                    for form in self._forms(slot):
                        self._of_form.setdefault(form, []).append(number)
        self._finders: dict[int, Finder] = {}

    def hits(self, ranked: Sequence[tuple[int, float]]) -> list[Hit]:
        """Return articles with their scores as hits."""
        if not ranked:
            return []
        docs = [doc for doc, _ in ranked]
        # Where it matters which clauses an article fits, the words of its other fields matter; they are not looked for.
        fields = _IN_TEXT if self._is_plain else frozenset(Field)
        columns = [self._matcher.occurrences(leaf, docs, fields) for leaf in self._leaves]
        return [self._hit(*ranked[row], [column[row] for column in columns]) for row in range(len(ranked))]

    def _finder(self, part: Part) -> Finder:
        finder = self._finders.get(part.base)
        if finder is None:
            slots_of: dict[str, list[int]] = {}
            for number, slot in enumerate(self._slots):
                for form in self._matcher.forms(part, slot):
                    slots_of.setdefault(form, []).append(number)
            finder = self._finders[part.base] = Finder(self._analyzer, slots_of)
        return finder

    def _forms(self, slot: Slot) -> set[str]:
        """Return the surface forms that a slot stands for."""
        return {form for part in self._snapshot.parts for form in self._matcher.forms(part, slot)}

    def _filled(self, token: Token) -> list[int]:
        """Return the slots that a token fills."""
        return self._of_term.get(token.term, []) + self._of_form.get(token.form, [])

    def _hit(self, doc: int, score: float, expected: list[int]) -> Hit:
        part = self._snapshot.part_of(doc)
        data = part.segment.record(doc - part.base)
        page = Page(data, self._analyzer)
        marks = (
            self._found(page, doc, expected, joined=False)
            or self._found(page, doc, expected, joined=True)
            or self._analysed(data, page, doc)
        )
        stored = page.stored
        article_id = stored.id.decode("utf-8", "surrogatepass")
        return Hit(
            article_id,
            article_id if stored.path == stored.id else _text(stored.path),
            page.title,
            merged(marks.title) if marks.title else (),
            "" if page.title else lead(page.text, page.units),
            _text(stored.date),
            _text(stored.date_source),
            _text(stored.source),
            score,
            best(article_id, page.text, page.units, marks.text, self._shares, self._n_passages, self._answers),
            self._story(doc),
        )

    def _story(self, doc: int) -> Story:
        if self._stories is None:
            return ALONE
        from search.present.stories import story  # an index without copies needs none of it

        return story(self._stories, doc)

    def _found(self, page: Page, doc: int, expected: list[int], *, joined: bool) -> Marks | None:
        """Return what fulfils the query, found by its words; None if that is not all of it."""
        finder = self._finder(self._snapshot.part_of(doc))
        beside = page.title if page.title and page.title_at < 0 else ""
        if self._is_plain:
            return self._words(page, beside, finder, expected, joined=joined)
        in_text = finder.chunks(page.text, joined=joined)
        in_title = finder.chunks(beside, joined=joined) if beside else []
        marker = Marker(page.sparse(in_text, in_title, self._reach), self._numbers, self._forms, self._fits(doc))
        marks = marker.marks(self._clause, page.title_at)
        return marks if all(expected[leaf] == n for leaf, n in marker.counts().items()) else None

    def _words(self, page: Page, beside: str, finder: Finder, expected: list[int], *, joined: bool) -> Marks | None:
        """Return what fulfils a query of nothing but words and phrases: all of them."""
        text = f"{page.text}\n{beside}" if beside else page.text
        words = finder.marks(text, self._filled, joined=joined)
        has_phrases = any(len(run) > 1 for run in self._runs)
        marks = page.phrases(text, words, self._runs) if has_phrases else words
        if marks is None:
            return None
        if "date" in page.units.kinds:
            marks = page.indexed(marks)
        # The joined form of a hyphenated word and its first part stand at one position.
        found = {(start, leaf) for start, _, leaf in marks} if "-" in text or not text.isascii() else marks
        if len(expected) == 1:
            if len(found) != expected[0]:
                return None
        else:
            counted = [0] * len(expected)
            for mark in found:
                counted[mark[-1]] += 1
            if counted != expected:
                return None
        title = page.titled(marks) if page.title_at >= 0 else []
        n = len(page.text)
        while marks and marks[-1][0] > n:
            start, end, _ = marks.pop()
            title.append((start - n - 1, end - n - 1))
        return Marks(marks, title)

    def _analysed(self, data: bytes, page: Page, doc: int) -> Marks:
        """Return what fulfils the query, for certain."""
        article = record.decode(data)
        places = stream(article, article.zones or (), self._analyzer)
        return Marker(places, self._numbers, self._forms, self._fits(doc)).marks(self._clause, page.title_at)

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


def shares(clause: Clause, leaves: Sequence[Leaf]) -> list[float]:
    """Return what each leaf is of a query, all together 1; words that only hold others together are half of one."""
    held = function_words(clause)
    counted = [FUNCTION_SHARE if leaf in held else 1.0 for leaf in leaves]
    total = sum(counted)
    return [each / total for each in counted]


def function_words(clause: Clause) -> set[Leaf]:
    """Return the leaves of words that only hold others together."""
    match clause:
        case clauses.Weighted(Leaf() as leaf, factor) if factor == FUNCTION_WORD:
            return {leaf}
        case clauses.All(parts) | clauses.Any(parts):
            return set().union(*(function_words(part) for part in parts))
        case clauses.Weighted(part, _) | clauses.Preferred(part, _):
            return function_words(part)
        case _:
            return set()


def is_plain(clause: Clause, *, every: bool = True) -> bool:
    """Tell whether a query is words and phrases, each of which counts in whatever article the query finds.

    The words of `a AND b` do; those of `(a AND b) OR c` may not, and `every` is then False for the part in parentheses.
    """
    match clause:
        case Leaf(runs, None):
            return len(runs) == 1 and runs[0].slop == 1
        case clauses.Weighted(part, _):
            return is_plain(part, every=every)
        case Times() | clauses.Everything():
            return every
        case clauses.All(parts):
            return every and all(is_plain(part) for part in parts)
        case clauses.Any(parts):
            return all(is_plain(part, every=False) for part in parts)
        case _:
            return False
