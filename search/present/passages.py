"""The best sentences of an article for a query.

A passage is one to three whole sentences of body or deck that follow each other. Its score is the weight of the
distinct leaves of the query in it, a little for repetitions, a little for standing early; weights are those of the
whole index, so that passages of different articles compare.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from search.engine.record import Units
from search.model import Passage, Span
from search.present.finding import Mark
from search.text.stream import SHOWN

LONGEST = 400  # characters; a longer sentence is cut, between words
SHORT = 120  # characters; a shorter passage takes the next sentence in, if that keeps it
ROOM = 300  # characters; and so may a neighbour that adds a leaf
REPEATED = 0.1  # of a leaf's weight, for each further occurrence
MOST_REPEATED = 3
EARLY = 0.05  # of a passage's score, for standing first


# A sentence with marks: its unit, what they are worth, and which they are, from one number up to another. A mark that
# reaches into several sentences is in the first.
_Sentence = tuple[int, float, int, int]


class _Window(NamedTuple):
    first: int  # units
    last: int
    score: float


def best(
    article_id: str, text: str, units: Units, marks: Sequence[Mark], weights: Sequence[float], n: int
) -> tuple[Passage, ...]:
    """Return up to `n` passages of an article, best first, none overlapping another.

    Args:
        article_id: Of the article.
        text: Its text.
        units: Its zones and sentences.
        marks: What fulfils the query in the text, in order.
        weights: Weight of each leaf, by its number.
        n: > 0.

    Returns:
        At least one, if the article has a sentence that can be shown: without a mark in any, its lead.
    """
    sentences = _sentences(units, marks, weights)
    if not sentences:
        first = _lead(units)
        if first < 0:
            return ()
        return (_passage(article_id, text, units, _prolonged(text, units, _Window(first, first, 0.0)), marks),)
    windows = _windows(text, units, sentences, marks, weights, n)
    if n == 1:
        window = min(windows, key=_rank) if len(windows) > 1 else windows[0]
        return (_passage(article_id, text, units, _prolonged(text, units, window), marks),)
    chosen: list[_Window] = []
    for window in sorted([_prolonged(text, units, window) for window in windows], key=_rank):
        if all(window.last < other.first or other.last < window.first for other in chosen):
            chosen.append(window)
            if len(chosen) == n:
                break
    return tuple(_passage(article_id, text, units, window, marks) for window in chosen)


def _rank(window: _Window) -> tuple[float, int, int]:
    return -window.score, window.first, window.last


def lead(text: str, units: Units) -> str:
    """Return the first sentence that can be shown, of the body if there is one; else ``."""
    first = units.kinds.index("body") if "body" in units.kinds else _lead(units)
    if first < 0:
        return ""
    start, end = _cut(text, *_trim(text, units.start(first), units.ends[first]), units.start(first))
    return " ".join(text[start:end].split())


def _lead(units: Units) -> int:
    """Return the first unit that can be shown, or -1."""
    return next((unit for unit, kind in enumerate(units.kinds) if kind in SHOWN), -1)


def _sentences(units: Units, marks: Sequence[Mark], weights: Sequence[float]) -> list[_Sentence]:
    """Return the sentences with marks that can be shown."""
    ends, kinds, _ = units
    found = []
    at, n = 0, len(marks)
    while at < n:
        start, end, leaf = marks[at]
        unit = bisect_right(ends, start)
        while end > ends[unit] and kinds[unit] not in SHOWN:
            unit += 1
        limit = ends[unit]
        stop = at + 1
        while stop < n and marks[stop][0] < limit:
            stop += 1
        if kinds[unit] in SHOWN:
            found.append((unit, weights[leaf] if stop == at + 1 else _weight(marks[at:stop], weights), at, stop))
        at = stop
    return found


def _windows(
    text: str, units: Units, sentences: Sequence[_Sentence], marks: Sequence[Mark], weights: Sequence[float], n: int
) -> list[_Window]:
    """Return the candidates for the best `n`: sentences, alone or with up to two that follow and add something.

    If one is wanted alone, those that cannot be it are left out.
    """
    _, kinds, zones = units
    found = []
    top = max([weight for _, weight, _, _ in sentences])
    last = len(sentences) - 1
    most = sum(weights) * (1 + REPEATED * MOST_REPEATED)
    counted = ordinal = seen = 0  # units, sentences among them that can be shown, those of them with marks
    for at, (first, weight, begin, _) in enumerate(sentences):
        grouped = at < last and zones[sentences[at + 1][0]] == zones[first]
        if n == 1:
            upper = weight
            if grouped:
                more = sentences[at + 1][1] + (sentences[at + 2][1] if at + 2 <= last else 0.0)
                upper = max(weight, min(weight + more, most) - 2 * REPEATED * weight)
            if upper * (1 + EARLY / (1 + ordinal + at - seen)) < top:
                continue
        between = kinds[counted:first]
        ordinal += between.count("body") + between.count("deck")
        counted, seen = first, at
        early = 1 + EARLY / (1 + ordinal)
        alone = weight * early
        top = max(top, alone)
        found.append(_Window(first, first, alone))
        if not grouped:
            continue
        for unit, _, _, stop in sentences[at + 1 : at + 3]:
            if unit > first + 2 or zones[unit] != zones[first] or _end(text, units, unit) - units.start(first) > ROOM:
                break
            # A longer passage must add a leaf to be worth its length.
            cost = 2 * REPEATED * alone * (unit - first)
            score = _weight(marks[begin:stop], weights) * early - cost
            top = max(top, score)
            found.append(_Window(first, unit, score))
    return found


def _weight(marks: Sequence[Mark], weights: Sequence[float]) -> float:
    """Return what marks are worth together: each leaf once, and a little for its repetitions."""
    if len(weights) == 1:
        return weights[0] * (1 + REPEATED * min(len(marks) - 1, MOST_REPEATED))
    times: dict[int, int] = {}
    for _, _, leaf in marks:
        times[leaf] = times.get(leaf, 0) + 1
    return sum([weights[leaf] * (1 + REPEATED * min(n - 1, MOST_REPEATED)) for leaf, n in times.items()])


def _prolonged(text: str, units: Units, window: _Window) -> _Window:
    """Return a window; if it is one short sentence, with the next taken in, if there is room."""
    first, last, _ = window
    after = last + 1
    if first < last or units.zones[after : after + 1] != [units.zones[first]]:
        return window
    start = units.start(first)
    if _end(text, units, first) - start >= SHORT or _end(text, units, after) - start > ROOM:
        return window
    return window._replace(last=after)


def _end(text: str, units: Units, unit: int) -> int:
    """Return where a sentence ends, without the white space behind it."""
    start = units.start(unit)
    return start + len(text[start : units.ends[unit]].rstrip())


def _passage(article_id: str, text: str, units: Units, window: _Window, marks: Sequence[Mark]) -> Passage:
    first, last, score = window
    start, end = _trim(text, units.start(first), units.ends[last])
    inside = [mark for mark in marks if mark[0] < end and mark[1] > start]
    if end - start > LONGEST:
        start, end = _cut(text, start, end, max(start, inside[0][0]) if inside else start)
    highlights = merged([(max(begin, start), min(stop, end)) for begin, stop, _ in inside])
    line = text.count("\n", 0, start) + 1
    return Passage(text[start:end], start, end, line, score, highlights, article_id)


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
