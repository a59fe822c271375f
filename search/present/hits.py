"""From ranked articles to hits: read the record, mark what matched, choose passages.

What matched is found in three ways, each of which the index can refute, as it knows how often a word stands in the
article: by looking for the surface forms, by looking at joined words as well, and by analysing all of the text.
"""

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from search.engine import record
from search.engine.layout import UNDATED
from search.engine.matching import Matcher
from search.model import ALONE, Explanation, Hit, Story
from search.present.finding import Finder, Mark
from search.present.marks import Marker, Marks, heard
from search.present.page import Page
from search.present.passages import Shown, best, lead, merged
from search.present.questions import Answers, answering, asked_speaker
from search.query import clauses
from search.query.analyse import FUNCTION_WORD
from search.query.clauses import Clause, Leaf, Long, Slot, Terms, Times, Voice, Written
from search.text.analysis import Analyzer, Token
from search.text.stream import WRITTEN, Field, Place, as_written, stream

if TYPE_CHECKING:
    from search.engine.dating import Dating
    from search.engine.folding import Folding

AT_ONCE = 16  # articles searched as one text
LIGHT_SHARE = 0.5  # of another leaf's share of the query
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
        explainer: Of the scores.
        dating: What dates can be inferred; None if those that are stated are to be shown alone.
        distinct: Whether no two hits may show the same sentence.
    """

    def __init__(
        self,
        analyzer: Analyzer,
        clause: Clause,
        matcher: Matcher,
        passages: int,
        query: str = "",
        stories: "Folding | None" = None,
        explainer: Callable[[str], Explanation] | None = None,
        *,
        dating: "Dating | None" = None,
        distinct: bool = False,
    ) -> None:
        self._dating = dating
        self._stories = stories
        self._shown = Shown() if distinct else None
        self._explainer = explainer
        self._analyzer = analyzer
        self._clause = clause
        self._matcher = matcher
        self._snapshot = matcher.snapshot
        self._n_passages = passages
        self._leaves = list(dict.fromkeys(clauses.leaves(clause)))
        self._numbers = {leaf: number for number, leaf in enumerate(self._leaves)}
        self._shares = shares(clause, self._leaves)
        self._answers = answering(query, analyzer.language)
        self._speaker = asked_speaker(query, analyzer.language)
        self._is_plain = is_plain(clause)
        self._asks_where = clauses.asks_where(clause)
        slots: dict[Slot, int] = {}  # each with its number
        self._runs = [
            tuple([slots.setdefault(slot, len(slots)) for run in leaf.runs for slot in run.slots])
            for leaf in self._leaves
        ]
        self._has_phrases = len(slots) > 1 and any(len(run) > 1 for run in self._runs)
        self._of_term: dict[str, list[int]] = {}
        self._of_form: dict[str, list[int]] = {}
        slots_of: dict[str, list[int]] = {}
        for slot, number in slots.items():
            forms = matcher.forms(slot)
            for form in forms:
                slots_of.setdefault(form, []).append(number)
            if isinstance(slot, Terms):
                for term in slot.terms:
                    self._of_term.setdefault(term, []).append(number)
            else:
                for form in forms:
                    self._of_form.setdefault(form, []).append(number)
        self._finder = Finder(analyzer, slots_of)

    def hits(self, ranked: Sequence[tuple[int, float]]) -> list[Hit]:
        """Return articles with their scores as hits."""
        if not ranked:
            return []
        docs = [doc for doc, _ in ranked]
        # Where it matters which clauses an article fits, the words of its other fields matter; they are not looked for.
        fields = _IN_TEXT if self._is_plain else frozenset(Field)
        expected = list(zip(*(self._matcher.occurrences(leaf, docs, fields) for leaf in self._leaves), strict=True))
        expected = expected or [()] * len(docs)
        hits: list[Hit] = []
        for first in range(0, len(ranked), AT_ONCE):
            some = docs[first : first + AT_ONCE]
            pages = [Page(self._snapshot.record(doc), self._analyzer) for doc in some]
            words = self._finder.marks([page.whole for page in pages], self._filled) if self._is_plain else None
            for at, page in enumerate(pages):
                doc, score = ranked[first + at]
                if words:
                    marks = self._fulfilled(page, words[at], expected[first + at])
                else:
                    marks = self._evaluated(page, doc, expected[first + at], joined=False)
                hits.append(self._hit(doc, page, score, marks or self._searched(page, doc, expected[first + at])))
        return hits

    def _filled(self, token: Token) -> list[int]:
        """Return the slots that a token fills."""
        return self._of_term.get(token.term, []) + self._of_form.get(token.form, [])

    def _hit(self, doc: int, page: Page, score: float, marks: Marks) -> Hit:
        stored, title = page.stored, page.title
        date, date_source = stored.date or None, stored.date_source or None
        if self._dating:
            date, date_source = self._dating.published(doc, date, date_source)
        return Hit(
            stored.id,
            stored.path or None,
            title,
            merged(marks.title) if marks.title else (),
            "" if title else lead(page.text, page.units),
            date,
            date_source,
            stored.source or None,
            score,
            best(
                stored.id,
                page.text,
                page.units,
                marks.text,
                self._shares,
                self._n_passages,
                self._answers_in(page),
                self._shown,
            ),
            self._story(doc),
            self._explainer,
        )

    def _answers_in(self, page: Page) -> Answers | None:
        """Return what tells how well a sentence of an article has what the query asks for, if it asks for something."""
        if self._speaker is None:
            return self._answers
        from search.present.sayings import sayings  # few queries ask what somebody said

        return sayings(page.text, page.units, self._speaker)

    def _story(self, doc: int) -> Story:
        if self._stories is None or self._stories.is_alone(doc):
            return ALONE
        from search.present.stories import story  # an index without copies needs none of it

        return story(self._stories, doc)

    def _searched(self, page: Page, doc: int, expected: tuple[int, ...]) -> Marks:
        """Return what fulfils the query where a quick look did not find all of it."""
        if self._is_plain:
            (words,) = self._finder.marks([page.whole], self._filled, joined=True)
            marks = self._fulfilled(page, words, expected)
        else:
            marks = self._evaluated(page, doc, expected, joined=True)
        return marks or self._analysed(page, doc)

    def _evaluated(self, page: Page, doc: int, expected: tuple[int, ...], *, joined: bool) -> Marks | None:
        """Return what fulfils the query, found by its words; None if that is not all of it, or they do not tell."""
        if self._asks_where:
            return None
        in_text = self._finder.chunks(page.text, joined=joined)
        in_title = self._finder.chunks(page.title, joined=joined) if page.title and page.title_at < 0 else []
        places = page.sparse(in_text, in_title, clauses.reach(self._clause))
        marker = Marker(places, self._numbers, self._matcher.forms, self._fits(doc), page.as_written, _unheard)
        marks = marker.marks(self._clause, page.title_at)
        return marks if all(expected[leaf] == n for leaf, n in marker.counts().items()) else None

    def _fulfilled(self, page: Page, words: list[Mark], expected: tuple[int, ...]) -> Marks | None:
        """Return what fulfils a query of nothing but words and phrases; None if the words found are not all there are.

        Args:
            page: The article.
            words: Marks of slots in `page.whole`, in order.
            expected: How often each leaf stands there.
        """
        text = page.whole
        marks = page.phrases(text, words, self._runs) if self._has_phrases else words
        if marks is None:
            return None
        if "date" in page.units.kinds:
            marks = page.indexed(marks)
        found: Collection[Mark] = marks
        if self._has_phrases and ("-" in text or not text.isascii()):
            # The joined form of a hyphenated word and its first part stand at one position.
            is_word = [leaf.is_word for leaf in self._leaves]
            found = {(start, end if is_word[leaf] else 0, leaf) for start, end, leaf in marks}
        if len(expected) == 1:
            if len(found) != expected[0]:
                return None
        else:
            counted = [0] * len(expected)
            for mark in found:
                counted[mark[-1]] += 1
            if tuple(counted) != expected:
                return None
        title = page.titled(marks) if page.title_at >= 0 else []
        n = len(page.text)
        while marks and marks[-1][0] > n:
            start, end, _ = marks.pop()
            title.append((start - n - 1, end - n - 1))
        return Marks(marks, title)

    def _analysed(self, page: Page, doc: int) -> Marks:
        """Return what fulfils the query, for certain."""
        article = record.article(page.stored, page.units)
        zones = article.zones or ()
        places = stream(article, zones, self._analyzer, record.stops(page.units, page.text))
        told = as_written(article, zones), heard(article, self._analyzer)
        marker = Marker(places, self._numbers, self._matcher.forms, self._fits(doc), *told)
        marks = marker.marks(self._clause, page.title_at)
        return marks or Marks([], [])

    def _fits(self, doc: int) -> Callable[[Times | Long], bool]:
        """Return what tells whether an article was published in a period, and is long enough."""
        local = int(self._snapshot.local[doc])

        def fits(times: Times | Long) -> bool:
            if isinstance(times, Long):
                n = sum(int(self._snapshot.lengths(field)[doc]) for field in WRITTEN)
                return (times.least or 0) <= n and (times.most is None or n <= times.most)
            if local == UNDATED or not times.dated:
                return (local == UNDATED) is not times.dated
            return (times.start is None or local >= times.start) and (times.end is None or local < times.end)

        return fits


def _unheard(voice: Voice) -> Callable[[Place, Place], bool]:
    """Stand in where no query asks for a voice."""
    raise AssertionError(voice)


def shares(clause: Clause, leaves: Sequence[Leaf]) -> list[float]:
    """Return what each leaf is of a query, all together 1; one that weighs little is half of another."""
    few = light(clause)
    counted = [LIGHT_SHARE if leaf in few else 1.0 for leaf in leaves]
    total = sum(counted)
    return [each / total for each in counted]


def light(clause: Clause) -> set[Leaf]:
    """Return the leaves that weigh no more than a word that only holds others together."""
    match clause:
        case clauses.Weighted(Leaf() as leaf, factor) if factor <= FUNCTION_WORD:
            return {leaf}
        case clauses.All(parts) | clauses.Any(parts):
            return set().union(*[light(part) for part in parts])
        case clauses.Weighted(part, _) | clauses.Preferred(part, _) | clauses.Often(part, _):
            return light(part)
        case _:
            return set()


def is_plain(clause: Clause, *, every: bool = True) -> bool:
    """Tell whether a query is words and phrases, each of which counts in whatever article the query finds.

    The words of `a AND b` do; those of `(a AND b) OR c` may not, and `every` is then False for the part in parentheses.
    """
    match clause:
        case Leaf(runs, None):
            return len(runs) == 1 and runs[0].slop == 1 and not any(isinstance(s, Written) for s in runs[0].slots)
        case clauses.Weighted(part, _):
            return is_plain(part, every=every)
        case Times() | Long() | clauses.Everything():
            return every
        case clauses.All(parts):
            return every and all(is_plain(part) for part in parts)
        case clauses.Any(parts):
            return all(is_plain(part, every=False) for part in parts)
        case _:
            return False
