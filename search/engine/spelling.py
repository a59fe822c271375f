"""Words of an index that are spelt much like another, or begin like it: what somebody may have meant.

How likely a word was meant is the number of articles it stands in, divided for what it would have been mistaken for: a
second edit, or a wrong first letter, is rarer than other mistakes, and letters that need only change places are the
likeliest. Source of the idea: Kernighan, Church and Gale, A Spelling Correction Program Based on a Noisy Channel Model,
1990; the factors are round numbers.
"""

import re
from itertools import takewhile

import numpy as np

from search import runs
from search.engine.snapshot import Part, Snapshot
from search.model import Spelt
from search.stories.spelling import spelling
from search.text.analysis import COUNTRY, EITHER, PRONOUN
from search.text.edits import within

MAX_EDITS = 2
SECOND = 0.01  # how likely a second edit is
FIRST = 0.1  # how likely the first letter is wrong
SWAPPED = 10  # how likely it is that letters change places, if they can
LONG = 5  # letters from which two edits are thought of; in a shorter word they make any other
COUNTED = 32  # words whose articles are counted, beyond those asked for

_TWICE = re.compile(r"(.)\1+")

_Known = dict[str, tuple[int, int]]  # word → edits, and the most articles it can stand in


class Speller:
    """Looks for words by how they are spelt.

    Args:
        snapshot: Of the index.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._parts = snapshot.parts

    def articles(self, form: str) -> int:
        """Return the number of articles in which a word stands in a folded form."""
        return sum(self._articles(part, form) for part in self._parts)

    def _articles(self, part: Part, form: str) -> int:
        segment, live = part.segment, self._snapshot.live
        found = [np.zeros(0, np.int64)]
        for _, number in takewhile(lambda known: known[0] == form, segment.lexicon.beginning(form)):
            term = segment.term(number)
            docs = segment.docs(term)
            if len(term.forms) > 1:
                posting, _ = segment.places(term, np.arange(len(docs)), frozenset({term.forms.index(form)}))
                docs = docs[runs.distinct(posting)]
            found.append(docs)
        docs = found[1] if len(found) == 2 else runs.distinct(np.concatenate(found))
        return len(docs) if live is None else int(live[docs + part.base].sum())

    def near(self, form: str, limit: int) -> list[Spelt]:
        """Return the words that may have been meant by a folded form, the likeliest first.

        Two edits are only thought of where one leads to nothing, or to what is as rare as mistakes are.
        """
        one = self._edited(form, 1)
        found = self._best(one, form, limit)
        if len(form) < LONG or (found and found[0].articles * SECOND >= 1):
            return found
        return self._best({**self._edited(form, MAX_EDITS), **one}, form, limit)

    def variants(self, form: str, limit: int) -> list[Spelt]:
        """Return the words that may be another spelling of the name that a folded form is, the likeliest first."""
        sound = _sound(form)
        return self._best({o: n for o, n in self._edited(form, MAX_EDITS).items() if _sound(o) == sound}, form, limit)

    def beginning(self, prefix: str, limit: int) -> list[Spelt]:
        """Return the words that begin with a folded prefix, those of the most articles first."""
        known: _Known = {}
        for part in self._parts:
            df = part.segment.df()
            for form, term in part.segment.lexicon.commonest(prefix, df, limit + COUNTED):
                known[form] = 0, known.get(form, (0, 0))[1] + int(df[term])
        return self._best({form: n for form, n in known.items() if _is_word(form)}, prefix, limit)

    def _edited(self, form: str, edits: int) -> _Known:
        """Return the words within some edits."""
        found: _Known = {}
        for part in self._parts:
            for other, term in part.segment.lexicon.near(form, edits):
                if other != form and within(form, other, edits) and _is_word(other):
                    first, last = part.segment.posting_ends.bounds(term)
                    found[other] = edits, found.get(other, (0, 0))[1] + last - first
        return found

    def _best(self, known: _Known, form: str, limit: int) -> list[Spelt]:
        """Return the likeliest words, and count the articles of no more than that takes."""

        def chance(other: str, edits: int, articles: int) -> float:
            likely = SECOND ** max(edits - 1, 0) * (1.0 if other[:1] == form[:1] else FIRST)
            return articles * likely * (SWAPPED if sorted(other) == sorted(form) else 1)

        ranked = sorted((-chance(other, *n), other, n[0]) for other, n in known.items())
        found: list[tuple[float, Spelt]] = []
        for bound, other, edits in ranked[: limit + COUNTED]:
            if len(found) >= limit and (not limit or bound >= found[limit - 1][0]):
                break
            if articles := self.articles(other):
                found.append((-chance(other, edits, articles), Spelt(other, articles)))
                found.sort()
        return [spelt for _, spelt in found[:limit]]


def _sound(form: str) -> str:
    """Return what the spellings of one name share."""
    return _TWICE.sub(r"\1", spelling(form))


def _is_word(form: str) -> bool:
    """Return whether a form stands for itself: no number, no word of a path, none of what `us` may be."""
    return form[:1].isalpha() and ":" not in form and form not in (COUNTRY, EITHER, PRONOUN)
