"""The best sentences of an article for a query.

A passage is a sentence of body or deck, with a neighbour taken in if both are short, and the one before where it begins
with a pronoun. A sentence scores by the share of the query's leaves in it, a little for standing early, and for having
what a question asks for. No heading is shown, but the leaves in it count a little for the first sentence below. How
rare a word is does not count here: the article is found already. So passages of different articles compare.

Measured on 999 questions (WikiQA), of which the first passage is right, with its mean length in characters:

    of the article that answers / of the first hit    .662 / .589    233
    without what a question asks for                  .634 / .565    232
    without the neighbour before                      .651 / .578    228
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from search.engine.record import Units
from search.model import Passage, Span
from search.present.finding import Mark
from search.present.questions import Answers
from search.text.stream import SHOWN

LONGEST = 400  # characters; a longer sentence is cut, between words
SHORT = 200  # characters; a shorter sentence takes a neighbour in,
ROOM = 320  # if both have no more
EARLY = 0.05  # of a score, for standing first
HEADED = 0.25  # of the share of a leaf, for standing in the heading: three in it are less than one in a sentence

_SIGNS = re.compile(r"[\W_]+")
_NO_LETTERS = bytes(byte for byte in range(256) if not chr(byte).isalnum())
_PRONOUN = re.compile("\\s*[\"'\u2018\u201c]?(?:He|She|It|They|His|Her|Its|Their)\\b")


class Shown:
    """The sentences that stand in passages, by their words.

    Quotation marks, dashes, capitals and line ends do not make another sentence.
    """

    def __init__(self) -> None:
        self._raw: dict[bytes, list[str]] = {}  # by their letters; most are never compared
        self._known: dict[bytes, set[str]] = {}

    def __contains__(self, sentence: str) -> bool:
        letters = _letters(sentence)
        return letters in self._raw and self._has(letters, sentence)

    def take(self, sentence: str) -> bool:
        """Add a sentence; return whether it was not there."""
        letters = _letters(sentence)
        if letters not in self._raw:
            self._raw[letters] = [sentence]
        elif self._has(letters, sentence):
            return False
        else:
            self._raw[letters].append(sentence)
        return True

    def _has(self, letters: bytes, sentence: str) -> bool:
        raw = self._raw[letters]
        known = self._known.setdefault(letters, set())
        while raw:
            known.add(_words(raw.pop()))
        return _words(sentence) in known


class _Article(NamedTuple):
    """An article with what fulfils the query in it: the parameters of `best`."""

    id: str
    text: str
    units: Units
    marks: Sequence[Mark]
    shares: Sequence[float]
    answers: Answers | None
    shown: Shown | None
    headed: Mapping[int, set[int]] = MappingProxyType({})  # sentence → the leaves in the heading right above it

    def take(self, unit: int) -> bool:
        """Let a sentence stand in a passage; return whether it stands in no other."""
        return self.shown is None or self.shown.take(self._stretch(unit))

    def _stretch(self, unit: int) -> str:
        return self.text[self.units.start(unit) : self.units.ends[unit]]

    def sentences(self) -> tuple[dict[int, tuple[int, int]], dict[int, set[int]]]:
        """Return the sentences with marks that can be shown: unit → which marks, from one number up to another.

        A mark that reaches into several sentences is in the first that can be shown. A heading with marks gives the
        first sentence below it a part, and what leaves stand in it is returned as well.
        """
        (ends, kinds, _), marks = self.units, self.marks
        found = {}
        headed: dict[int, set[int]] = {}
        below = -1
        at, n = 0, len(marks)
        while at < n:
            start, end, _ = marks[at]
            unit = bisect_right(ends, start)
            while end > ends[unit] and kinds[unit] not in SHOWN:
                unit += 1
            limit = ends[unit]
            stop = at + 1
            while stop < n and marks[stop][0] < limit:
                stop += 1
            if kinds[unit] in SHOWN:
                found[unit] = at, stop
            elif kinds[unit] == "subheading":
                if below < unit:
                    below = next((each for each in range(unit, len(kinds)) if kinds[each] in SHOWN), len(kinds))
                headed.setdefault(below, set()).update([leaf for _, _, leaf in marks[at:stop]])
            at = stop
        headed.pop(len(kinds), None)  # nothing stands below
        for unit in headed:
            found.setdefault(unit, (0, 0))
        return found, headed

    def score(self, unit: int, begin: int, stop: int) -> float:
        """Return the score of a sentence that has the marks from `begin` up to `stop`; each leaf counts once."""
        score = EARLY / (1 + unit)
        if stop - begin == 1:
            score += self.shares[self.marks[begin][2]]
        elif stop > begin:
            score += sum([self.shares[leaf] for leaf in {leaf for _, _, leaf in self.marks[begin:stop]}])
        if unit in self.headed:
            above = self.headed[unit] - {leaf for _, _, leaf in self.marks[begin:stop]}
            score += HEADED * sum([self.shares[leaf] for leaf in above])
        if self.answers:
            score += self.answers(self._stretch(unit)[:LONGEST], self.units.start(unit))
        return score

    def passage(self, unit: int, score: float, sentences: dict[int, tuple[int, int]], taken: set[int]) -> Passage:
        """Return the passage of a sentence and, if it is short, of the better neighbour that fits; add it to `taken`.

        What begins with a pronoun takes in the sentences before, whatever they say, up to one that does not.
        """
        first, last = self._resolved(unit, unit, taken)
        start, end = self._trimmed(first, last)
        if first == unit and end - start < SHORT:
            found = [
                (self.score(neighbour, *sentences.get(neighbour, (0, 0))), neighbour)
                for neighbour in (unit - 1, unit + 1)
                if self._fits(neighbour, unit, unit, taken)
            ]
            if found:
                _, neighbour = max(found)
                first, last = self._resolved(min(unit, neighbour), max(unit, neighbour), taken)
                start, end = self._trimmed(first, last)
        for each in range(first, last + 1):
            taken.add(each)
            if each != unit:
                self.take(each)
        inside = [mark for mark in self.marks if mark[0] < end and mark[1] > start]
        if end - start > LONGEST:
            start, end = cut(self.text, start, end, max(start, inside[0][0]) if inside else start)
        highlights = merged([(max(begin, start), min(stop, end)) for begin, stop, _ in inside])
        line = self.text.count("\n", 0, start) + 1
        return Passage(self.text[start:end], start, end, line, score, highlights, self.id)

    def _resolved(self, first: int, last: int, taken: set[int]) -> tuple[int, int]:
        """Return first and last unit of a stretch, the first being one that begins with no pronoun if that fits."""
        while _PRONOUN.match(self.text, self.units.start(first)) and self._fits(first - 1, first, last, taken):
            first -= 1
        return first, last

    def _trimmed(self, first: int, last: int) -> Span:
        """Return where the words of some units begin and end."""
        return _trim(self.text, self.units.start(first), self.units.ends[last])

    def _fits(self, neighbour: int, first: int, last: int, taken: set[int]) -> bool:
        """Return whether a passage has room for the unit beside it, which nothing shows yet."""
        zones = self.units.zones
        if not 0 <= neighbour < len(zones) or zones[neighbour] != zones[first] or neighbour in taken:
            return False
        start, end = self._trimmed(min(first, neighbour), max(last, neighbour))
        return end - start <= ROOM and (self.shown is None or self._stretch(neighbour) not in self.shown)


def best(
    article_id: str,
    text: str,
    units: Units,
    marks: Sequence[Mark],
    shares: Sequence[float],
    n: int,
    answers: Answers | None = None,
    shown: Shown | None = None,
) -> tuple[Passage, ...]:
    """Return up to `n` passages of an article, best first, none overlapping another.

    Args:
        article_id: Of the article.
        text: Its text.
        units: Its zones and sentences.
        marks: What fulfils the query in the text, in order.
        shares: What each leaf is of the query, by its number; all together 1.
        n: > 0.
        answers: How well a sentence has what the query asks for.
        shown: Sentences that stand in passages of other articles, to which those of this one are added. They are not
            chosen again as long as the article has others with marks.

    Returns:
        At least one, if the article has a sentence that can be shown: without a mark in any, its lead.
    """
    article = _Article(article_id, text, units, marks, shares, answers, shown)
    sentences, headed = article.sentences()
    if headed:
        article = article._replace(headed=headed)
    if sentences:
        ranked = [(-article.score(unit, *which), unit) for unit, which in sentences.items()]
        ranked.sort()
    else:
        ranked = [(-0.0, unit) for unit, kind in enumerate(units.kinds) if kind in SHOWN]
        n = 1
    taken: set[int] = set()
    passages: list[Passage] = []
    for is_repeated in (False, True):
        for negative, unit in ranked:
            if unit not in taken and (is_repeated or article.take(unit)):
                passages.append(article.passage(unit, -negative, sentences, taken))
                if len(passages) == n:
                    return tuple(passages)
        if passages:
            break
    return tuple(passages)


def lead(text: str, units: Units) -> str:
    """Return the first sentence that can be shown, of the body if there is one; else ``."""
    first = units.kinds.index("body") if "body" in units.kinds else _lead(units)
    if first < 0:
        return ""
    start, end = cut(text, *_trim(text, units.start(first), units.ends[first]), units.start(first))
    return " ".join(text[start:end].split())


def _lead(units: Units) -> int:
    """Return the first unit that can be shown, or -1."""
    return next((unit for unit, kind in enumerate(units.kinds) if kind in SHOWN), -1)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans in order, those that overlap as one, empty ones left out."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def _letters(sentence: str) -> bytes:
    """Return what two sentences of the same words have in common, quickly: their Latin letters and digits."""
    return sentence.casefold().encode("latin-1", "replace").translate(None, _NO_LETTERS)


def _words(sentence: str) -> str:
    """Return the words of a sentence without its signs; one of signs alone is itself."""
    return _SIGNS.sub(" ", sentence).strip().casefold() or sentence.strip()


def _trim(text: str, start: int, end: int) -> Span:
    """Return the stretch without white space at its ends."""
    stretch = text[start:end].rstrip()
    end = start + len(stretch)
    return end - len(stretch.lstrip()), end


def cut(text: str, start: int, end: int, mark: int) -> Span:
    """Return a stretch of at most `LONGEST` characters that holds `mark`, cut between words if it can be."""
    if end - start <= LONGEST:
        return start, end
    begin = max(start, min(mark - LONGEST // 4, end - LONGEST))
    if begin > start:
        blank = next((i for i in range(begin, min(mark, begin + 40)) if text[i - 1].isspace()), begin)
        begin = blank
    stop = min(end, begin + LONGEST)
    if stop < end:
        stop = next((i for i in range(stop, max(begin, stop - 60), -1) if text[i].isspace()), stop)
    return _trim(text, begin, stop)
