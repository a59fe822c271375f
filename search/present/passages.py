"""The best sentences of an article for a query.

A passage is a sentence of body or deck, with a neighbour taken in if both are short. A sentence scores by the share of
the query's leaves in it, a little for standing early, and for having what a question asks for. How rare a word is does
not count here: the article is found already. So passages of different articles compare.

Measured on 999 questions whose article is known (WikiQA), first passage right: .671; by the weight of the leaves with
up to two sentences that follow, .568; without the neighbour before, .640.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

from search.engine.record import Units
from search.model import Passage, Span
from search.present.finding import Mark
from search.text.stream import SHOWN

LONGEST = 400  # characters; a longer sentence is cut, between words
SHORT = 200  # characters; a shorter sentence takes a neighbour in,
ROOM = 320  # if both have no more
EARLY = 0.05  # of a score, for standing first

Answers = Callable[[str], float]

# A sentence with marks: its unit, and which marks, from one number up to another. A mark that reaches into several
# sentences is in the first.
_Sentence = tuple[int, int, int]


def best(
    article_id: str,
    text: str,
    units: Units,
    marks: Sequence[Mark],
    shares: Sequence[float],
    n: int,
    answers: Answers | None = None,
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

    Returns:
        At least one, if the article has a sentence that can be shown: without a mark in any, its lead.
    """
    sentences = _sentences(units, marks)
    if not sentences:
        first = _lead(units)
        if first < 0:
            return ()
        first, last = _joined(text, units, [(first, 0, 0)], 0, marks, shares, None, set())
        return (_passage(article_id, text, units, first, last, 0.0, marks),)
    scored = _scored(text, units, sentences, marks, shares, answers)
    chosen = [min(scored)] if n == 1 else sorted(scored)
    taken: set[int] = set()
    passages = []
    for score, at in chosen:
        unit = sentences[at][0]
        if unit in taken:
            continue
        first, last = _joined(text, units, sentences, at, marks, shares, answers, taken)
        taken.update((first, last))
        passages.append(_passage(article_id, text, units, first, last, -score, marks))
        if len(passages) == n:
            break
    return tuple(passages)


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


def _sentences(units: Units, marks: Sequence[Mark]) -> list[_Sentence]:
    """Return the sentences with marks that can be shown."""
    ends, kinds, _ = units
    found = []
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
            found.append((unit, at, stop))
        at = stop
    return found


def _scored(
    text: str,
    units: Units,
    sentences: Sequence[_Sentence],
    marks: Sequence[Mark],
    shares: Sequence[float],
    answers: Answers | None,
) -> list[tuple[float, int]]:
    """Return the scores of sentences, negative, with their numbers."""
    kinds = units.kinds
    found = []
    counted = ordinal = 0  # units, sentences among them that can be shown
    for at, (unit, begin, stop) in enumerate(sentences):
        between = kinds[counted:unit]
        ordinal += between.count("body") + between.count("deck")
        counted = unit
        score = _share(marks[begin:stop], shares) + EARLY / (1 + ordinal)
        if answers:
            score += answers(text[units.start(unit) : units.ends[unit]][:LONGEST])
        found.append((-score, at))
    return found


def _share(marks: Sequence[Mark], shares: Sequence[float]) -> float:
    """Return what of the query marks are: each leaf once."""
    if len(marks) == 1:
        return shares[marks[0][2]]
    return sum([shares[leaf] for leaf in {leaf for _, _, leaf in marks}])


def _joined(
    text: str,
    units: Units,
    sentences: Sequence[_Sentence],
    at: int,
    marks: Sequence[Mark],
    shares: Sequence[float],
    answers: Answers | None,
    taken: set[int],
) -> tuple[int, int]:
    """Return first and last unit of a sentence and, if it is short, of the better neighbour that fits."""
    unit = sentences[at][0]
    start, end = _trim(text, units.start(unit), units.ends[unit])
    if end - start >= SHORT:
        return unit, unit
    zone = units.zones[unit]
    found = []
    for neighbour, other in ((unit - 1, at - 1), (unit + 1, at + 1)):
        if not 0 <= neighbour < len(units.zones) or units.zones[neighbour] != zone or neighbour in taken:
            continue
        begin, stop = _trim(text, units.start(min(unit, neighbour)), units.ends[max(unit, neighbour)])
        if stop - begin > ROOM:
            continue
        score = EARLY / (2 + neighbour)
        if 0 <= other < len(sentences) and sentences[other][0] == neighbour:
            score += _share(marks[sentences[other][1] : sentences[other][2]], shares)
        if answers:
            score += answers(text[units.start(neighbour) : units.ends[neighbour]])
        found.append((score, neighbour))
    if not found:
        return unit, unit
    _, neighbour = max(found)
    return min(unit, neighbour), max(unit, neighbour)


def _passage(
    article_id: str, text: str, units: Units, first: int, last: int, score: float, marks: Sequence[Mark]
) -> Passage:
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
