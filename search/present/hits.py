"""From ranked articles to hits: read the record, mark what matched, choose passages.

What matched is found in three ways, each of which the index can refute, as it knows how often a word stands in the
article: by looking for the surface forms, by looking at joined words as well, and by analysing all of the text.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING

from search.engine import record
from search.engine.matching import Matcher
from search.engine.record import Units
from search.model import ALONE, Explanation, Hit, Member, Story
from search.present.finding import MOST, WHOLE, Finder, Mark
from search.present.marks import Marker, Marks, heard
from search.present.page import Page
from search.present.passages import Shown, best, lead, merged
from search.present.questions import Answers, answering, asked_speaker
from search.present.roles import is_certain, is_of_words, shares, taking_part
from search.query import clauses
from search.query.clauses import Clause, Leaf, Long, Run, Slot, Terms, Times, Voice
from search.text.analysis import Analyzer, Token
from search.text.stream import WRITTEN, Field, Place, as_written, stream

if TYPE_CHECKING:
    from search.engine.dating import Dating
    from search.engine.folding import Folding
    from search.present.stories import About

AT_ONCE = 16  # articles searched as one text
_highlights = attrgetter("highlights")
_ANYWHERE = frozenset(Field)
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
        doubting: Entered around what is read later: tells errors that come of damage.
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
        doubting: Callable[[], AbstractContextManager[None]] = nullcontext,
        dating: "Dating | None" = None,
        distinct: bool = False,
    ) -> None:
        self._doubting = doubting
        self._dating = dating
        self._stories = stories
        self._about: dict[int, About] = {}  # of articles of stories
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
        self._is_of_words = is_of_words(clause)
        self._is_certain = self._is_of_words and is_certain(clause)
        self._asks_where = clauses.asks_where(clause)
        slots: dict[Slot, int] = {}  # each with its number
        self._runs = [
            tuple([slots.setdefault(slot, len(slots)) for run in leaf.runs for slot in run.slots])
            for leaf in self._leaves
        ]
        # How often a loose phrase begins does not tell how many words it may go on with.
        loose = {slot for leaf in self._leaves for run in leaf.runs if run.slop > 1 for slot in run.slots}
        self._loose = [Leaf((Run((slot,)),)) for slot in loose]
        self._has_phrases = any(len(run) > 1 for run in self._runs)
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
        expected = self._occurrences(self._leaves, docs, _IN_TEXT if self._is_of_words else _ANYWHERE)
        loose = self._occurrences(self._loose, docs, _ANYWHERE)
        # Where it matters which clauses an article fits, the words of its other fields matter; they are not looked for.
        anywhere = (
            None if self._is_certain or not self._is_of_words else self._occurrences(self._leaves, docs, _ANYWHERE)
        )
        hits: list[Hit] = []
        for first in range(0, len(ranked), AT_ONCE):
            some = docs[first : first + AT_ONCE]
            pages = [Page(self._snapshot.record(doc), self._analyzer) for doc in some]
            words = self._finder.marks([page.whole for page in pages], self._filled) if self._is_of_words else None
            for at, page in enumerate(pages, first):
                doc, score = ranked[at]
                taking = self._taking_part(doc, anywhere[at]) if anywhere else None
                if words:
                    marks = self._fulfilled(page, words[at - first], expected[at], taking)
                else:
                    marks = self._evaluated(page, doc, (*expected[at], *loose[at]), joined=False)
                if not marks:
                    marks = self._searched(page, doc, expected[at], loose[at], taking)
                hits.append(self._hit(doc, page, score, marks))
        return hits

    def _occurrences(self, leaves: Sequence[Leaf], docs: list[int], fields: frozenset[Field]) -> list[tuple[int, ...]]:
        """Return how often each of some leaves stands in some fields of each of some articles."""
        found = [self._matcher.occurrences(leaf, docs, fields) for leaf in leaves]
        return list(zip(*found, strict=True)) if found else [()] * len(docs)

    def _taking_part(self, doc: int, occurrences: tuple[int, ...]) -> set[int]:
        """Return the leaves by which an article fits the query, given how often each stands anywhere in it."""
        leaves = taking_part(self._clause, lambda leaf: occurrences[self._numbers[leaf]] > 0, self._fits(doc))
        return {self._numbers[leaf] for leaf in leaves or ()}

    def _filled(self, token: Token) -> list[int]:
        """Return the slots that a token fills."""
        return self._of_term.get(token.term, []) + self._of_form.get(token.form, [])

    def _hit(self, doc: int, page: Page, score: float, marks: Marks) -> Hit:
        stored, title = page.stored, page.title
        date, date_source = stored.date or None, stored.date_source or None
        if self._dating:
            date, date_source = self._dating.published(doc, date, date_source)
        passages = best(
            stored.id,
            page.text,
            page.shown,
            marks.text,
            self._shares,
            self._n_passages,
            self._answers_in(page),
            self._shown,
        )
        is_seen = marks.title or not marks.text or any(map(_highlights, passages))
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
            passages,
            self._story(doc),
            stored.author or None,
            stored.further,
            () if is_seen else page.hidden(marks.text),
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
        return Story(partial(_members, self._stories, doc, self._about, self._doubting))

    def _searched(
        self, page: Page, doc: int, expected: tuple[int, ...], loose: tuple[int, ...], taking: set[int] | None
    ) -> Marks:
        """Return what fulfils the query where a quick look did not find all of it."""
        if sum(expected) > MOST and len(page.whole) > WHOLE:
            marks = None
        elif self._is_of_words:
            (words,) = self._finder.marks([page.whole], self._filled, joined=True)
            marks = self._fulfilled(page, words, expected, taking)
        else:
            marks = self._evaluated(page, doc, (*expected, *loose), joined=True)
        return marks or self._analysed(page, doc)

    def _evaluated(self, page: Page, doc: int, expected: tuple[int, ...], *, joined: bool) -> Marks | None:
        """Return what fulfils the query, found by its words; None if that is not all of it, or they do not tell.

        Args:
            page, doc: The article.
            expected: How often each leaf stands anywhere in it, and the words of loose phrases.
            joined: Whether all chunks of several words are looked at.
        """
        if self._asks_where:
            return None
        in_text = self._finder.chunks(page.text, joined=joined)
        in_title = self._finder.chunks(page.title, joined=joined) if page.title and page.title_at < 0 else []
        places = page.sparse(in_text, in_title, clauses.reach(self._clause))
        marker = Marker(places, self._numbers, self._matcher.forms, self._fits(doc), page.as_written, _unheard)
        marks = marker.marks(self._clause, page.title_at)
        n = len(self._leaves)
        if any(expected[leaf] != found for leaf, found in marker.counts().items()):
            return None
        return marks if marker.numbers(self._loose) == expected[n:] else None

    def _fulfilled(
        self, page: Page, words: list[Mark], expected: tuple[int, ...], taking: set[int] | None
    ) -> Marks | None:
        """Return what fulfils a query of nothing but words and phrases; None if the words found are not all there are.

        Args:
            page: The article.
            words: Marks of slots in `page.whole`, in order.
            expected: How often each leaf stands there.
            taking: The leaves that take part; None if all do.
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
        if taking is not None:
            marks = [mark for mark in marks if mark[-1] in taking]
        title = page.titled(marks) if page.title_at >= 0 else []
        n = len(page.text)
        while marks and marks[-1][0] > n:
            start, end, _ = marks.pop()
            title.append((start - n - 1, end - n - 1))
        return Marks(marks, title)

    def _analysed(self, page: Page, doc: int) -> Marks:
        """Return what fulfils the query, for certain: of a very long text, in an excerpt, from which passages come."""
        if len(page.text) <= WHOLE:
            return self._marked(page, doc, page.units)
        for at in self._likely(page):
            marks = self._marked(page, doc, page.excerpt(at), lambda clause: doc in self._matcher.docs(clause))
            if marks.text:
                break
        return marks

    def _likely(self, page: Page) -> list[int]:
        """Return where to begin an excerpt: at the passage that is best for all that a quick look tells, at the lead.

        Which words are among the first of an article is told from its lead on.
        """
        of_slot = {slot: leaf for leaf, slots in enumerate(self._runs) for slot in slots}
        found: list[Mark] = []
        if not any(leaf.top for leaf in self._leaves):
            [words] = self._finder.marks([page.text], self._filled)
            found = [(start, end, of_slot[slot]) for start, end, slot in words if slot in of_slot]
        times = Counter(leaf for _, _, leaf in found)  # what is rare was found wherever it is, and counts more
        worth = [share * (1 + 1 / (1 + times[leaf])) for leaf, share in enumerate(self._shares)]
        first = [best("", page.text, page.units, marks, worth, 1) for marks in (found, [])]
        return list(dict.fromkeys(passage.start for [passage] in first)) if all(first) else [0]

    def _marked(self, page: Page, doc: int, units: Units, holds: Callable[[Clause], bool] | None = None) -> Marks:
        """Return what fulfils the query in some units of an article; `holds` is as of `Marker`."""
        article = record.article(page.stored, units)
        zones = article.zones or ()
        places = stream(article, zones, self._analyzer, record.stops(units, page.text))
        is_part = units is not page.units and any(leaf.voice for leaf in self._leaves)
        speaking = record.article(page.stored, page.units) if is_part else article
        told = as_written(article, zones), heard(speaking, self._analyzer)
        marker = Marker(places, self._numbers, self._matcher.forms, self._fits(doc), *told, holds)
        marks = marker.marks(self._clause, page.title_at)
        return marks or Marks([], [])

    def _fits(self, doc: int) -> Callable[[Times | Long], bool]:
        """Return what tells whether an article was published in a period, and is long enough."""

        def fits(times: Times | Long) -> bool:
            if isinstance(times, Long):
                n = sum(int(self._snapshot.lengths(field)[doc]) for field in WRITTEN)
                return (times.least or 0) <= n and (times.most is None or n <= times.most)
            from search.engine.calendar import is_during  # few queries ask for dates

            return is_during(self._snapshot, doc, times)

        return fits


def _members(
    stories: "Folding", doc: int, known: "dict[int, About]", doubting: Callable[[], AbstractContextManager[None]]
) -> tuple[Member, ...]:
    from search.present.stories import members  # who does not look at them needs none of it

    with doubting():
        return members(stories, doc, known)


def _unheard(voice: Voice) -> Callable[[Place, Place], bool]:
    """Stand in where no query asks for a voice."""
    raise AssertionError(voice)
