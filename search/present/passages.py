"""The best sentences of an article for a query.

A passage is one to three whole sentences of body or deck that follow each other. Its score is the weight of the
distinct leaves of the query in it, a little for repetitions, a little for standing early; weights are those of the
whole index, so that passages of different articles compare.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from search.engine.record import Unit
from search.model import Passage, Span
from search.present.marks import Mark
from search.query.clauses import Leaf
from search.text.stream import SHOWN

LONGEST = 400  # characters; a longer sentence is cut, between words
SHORT = 120  # characters; a shorter passage takes the next sentence in, if that keeps it
ROOM = 300  # characters; and so may a neighbour that adds a leaf
REPEATED = 0.1  # of a leaf's weight, for each further occurrence
MOST_REPEATED = 3
EARLY = 0.05  # of a passage's score, for standing first


class _Window(NamedTuple):
    first: int  # ordinals of sentences
    last: int
    score: float


class _Sentence(NamedTuple):
    start: int
    end: int
    block: int  # sentences of one block follow each other in one zone
    marks: tuple[Mark, ...]


def best(
    article_id: str, text: str, units: Sequence[Unit], marks: Sequence[Mark], idf: Mapping[Leaf, float], n: int
) -> tuple[Passage, ...]:
    """Return up to `n` passages of an article, best first, none overlapping another.

    Args:
        article_id: Of the article.
        text: Its text.
        units: Its zones and sentences.
        marks: What fulfils the query, those in the text in order of offset.
        idf: Weight of each leaf.
        n: > 0.

    Returns:
        At least one, if the article has a sentence that can be shown: without a mark in any, its lead.
    """
    sentences = _sentences(text, units, [mark for mark in marks if mark.in_text])
    if not sentences:
        return ()
    windows = _windows(sentences, idf)
    if not windows:
        lead = next((i for i, s in enumerate(sentences) if s.block >= 0), 0)
        return (_passage(article_id, text, sentences, _Window(lead, _prolong(sentences, lead, lead), 0.0)),)
    chosen: list[_Window] = []
    for window in sorted(windows, key=lambda window: (-window.score, window.first, window.last)):
        if all(window.last < other.first or other.last < window.first for other in chosen):
            chosen.append(window)
            if len(chosen) == n:
                break
    return tuple(_passage(article_id, text, sentences, window) for window in chosen)


def lead(text: str, units: Sequence[Unit]) -> str:
    """Return the first sentence that can be shown, of the body if there is one; else ``."""
    sentences = [unit for unit in units if unit.kind in SHOWN]
    first = next((unit for unit in sentences if unit.kind == "body"), sentences[0] if sentences else None)
    if first is None:
        return ""
    start, end = _cut(text, *_trim(text, first.start, first.end), first.start)
    return " ".join(text[start:end].split())


def _sentences(text: str, units: Sequence[Unit], marks: Sequence[Mark]) -> list[_Sentence]:
    found = []
    block = 0
    at = 0
    for unit in units:
        if unit.opens or unit.kind not in SHOWN:
            block += 1
        if unit.kind not in SHOWN:
            continue
        while at < len(marks) and marks[at].end <= unit.start:
            at += 1
        inside = []
        upto = at
        while upto < len(marks) and marks[upto].start < unit.end:
            if marks[upto].end > unit.start:
                inside.append(marks[upto])
            upto += 1
        start, end = _trim(text, unit.start, unit.end)
        if start < end:
            found.append(_Sentence(start, end, block, tuple(inside)))
    return found


def _windows(sentences: Sequence[_Sentence], idf: Mapping[Leaf, float]) -> list[_Window]:
    """Return the candidates: each sentence with a mark, alone or with up to two neighbours that add something."""
    marked = [i for i, sentence in enumerate(sentences) if sentence.marks]
    found = []
    for first in marked:
        alone = _score(sentences, first, first, idf)
        found.append(_Window(first, _prolong(sentences, first, first), alone))
        for last in (first + 1, first + 2):
            if last >= len(sentences) or sentences[last].block != sentences[first].block:
                break
            if sentences[last].end - sentences[first].start > ROOM:
                break
            if sentences[last].marks:
                # A longer passage must add a leaf to be worth its length.
                score = _score(sentences, first, last, idf) - 2 * REPEATED * alone * (last - first)
                found.append(_Window(first, last, score))
    return found


def _score(sentences: Sequence[_Sentence], first: int, last: int, idf: Mapping[Leaf, float]) -> float:
    times: dict[Leaf, int] = {}
    for sentence in sentences[first : last + 1]:
        for mark in sentence.marks:
            times[mark.leaf] = times.get(mark.leaf, 0) + 1
    score = sum(idf.get(leaf, 0.0) * (1 + REPEATED * min(n - 1, MOST_REPEATED)) for leaf, n in times.items())
    return score * (1 + EARLY / (1 + first))


def _prolong(sentences: Sequence[_Sentence], first: int, last: int) -> int:
    """Return the last sentence of a short passage with the next one taken in, if there is room."""
    start, end = sentences[first].start, sentences[last].end
    if end - start >= SHORT or last + 1 >= len(sentences) or sentences[last + 1].block != sentences[last].block:
        return last
    return last + 1 if sentences[last + 1].end - start <= ROOM else last


def _passage(article_id: str, text: str, sentences: Sequence[_Sentence], window: _Window) -> Passage:
    start, end = sentences[window.first].start, sentences[window.last].end
    marks = [mark for sentence in sentences[window.first : window.last + 1] for mark in sentence.marks]
    start, end = _cut(text, start, end, min((mark.start for mark in marks), default=start))
    highlights = merged((max(mark.start, start), min(mark.end, end)) for mark in marks)
    line = text.count("\n", 0, start) + 1
    return Passage(text[start:end], start, end, line, window.score, highlights, article_id)


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


def _trim(text: str, start: int, end: int) -> Span:
    """Return the stretch without white space at its ends."""
    stretch = text[start:end]
    return start + len(stretch) - len(stretch.lstrip()), start + len(stretch.rstrip())


def _cut(text: str, start: int, end: int, mark: int) -> Span:
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
