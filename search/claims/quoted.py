"""What stands in quotation marks, whatever the marks.

    "..."  “...”  “..."  „...“  «...»    double marks, whichever closes
    '...'  ‘...’                         single ones, not apostrophes: they open before a word and close behind one
    "...  ¶  "..."                       a quotation of several paragraphs opens each of them and closes the last

A mark inside marks of the other kind belongs to what is quoted. A mark that nobody closes quotes nothing.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from search.model import Span

LONGEST = 5000  # characters between two marks
MOST_APOSTROPHES = 30  # behind a single mark, among which the one is that closes
_DOUBLE = frozenset('"\u201c\u201d\u201e\u201f\u00ab\u00bb')
_MARK = re.compile("[\"\u201c\u201d\u201e\u201f\u00ab\u00bb'\u2018\u2019\u201a]")
_CLOSING = {
    '"': '"\u201d',
    "\u201c": '"\u201d',
    "\u201f": '"\u201d',
    "\u201e": '\u201c\u201d"',
    "\u00ab": "\u00bb",
    "'": "'\u2019",
    "\u2018": "\u2019'",
    "\u201a": "\u2018\u2019'",
}
_SINGLE = {mark: re.compile(f"[{_CLOSING[mark]}]") for mark in ("'", "\u2018", "\u201a")}
_STOPS = frozenset(",.?!\u2026")


class Quoted(NamedTuple):
    """A stretch in quotation marks.

    `start` and `end` are of what stands between the marks, `opened` and `closed` of it with them; `paragraph` is the
    number of its own; `is_open` says that it goes on in the next paragraph.
    """

    start: int
    end: int
    opened: int
    closed: int
    paragraph: int
    is_open: bool = False


def quoted(text: str, paragraphs: Sequence[Span]) -> list[Quoted]:
    """Return what stands in quotation marks in some paragraphs of a text, in order, nothing inside another."""
    found: list[Quoted] = []
    for number, (start, end) in enumerate(paragraphs):
        upto = paragraphs[number + 1] if number + 1 < len(paragraphs) else (0, 0)
        goes_on = text[upto[0] : upto[0] + 1] in _DOUBLE if upto[1] > upto[0] else False
        found += _of_paragraph(text, start, end, number, goes_on=goes_on)
    return found


def _of_paragraph(text: str, start: int, end: int, number: int, *, goes_on: bool) -> Iterator[Quoted]:
    at = start
    while match := _MARK.search(text, at, end):
        opened = match.start()
        at = opened + 1
        if not _opens(text, opened, start, end):
            continue
        mark = text[opened]
        closed = _next(text, at, end, mark) if mark in _DOUBLE else _single_end(text, at, end, mark)
        if closed < 0:
            if mark in _DOUBLE and goes_on:
                yield Quoted(at, end, opened, end, number, is_open=True)
                return
            continue
        inside = text[at:closed]
        begin, stop = at + len(inside) - len(inside.lstrip()), at + len(inside.rstrip())
        if begin < stop:
            yield Quoted(begin, stop, opened, closed + 1, number)
        at = closed + 1


def _opens(text: str, at: int, start: int, end: int) -> bool:
    """Return whether a mark opens a quotation: nothing of a word before it, something of one behind."""
    mark = text[at]
    if mark in "\u201d\u00bb\u2019" or at + 1 >= end:
        return False
    if mark == "\u00ab":
        return True
    before = text[at - 1] if at > start else " "
    if before.isalnum() or before in ".,!?'\"\u2019\u201d":
        return False
    after = text[at + 1]
    if mark in "'\u2018":
        return after.isalpha() or after in '"\u201c'  # '98 is a year
    return not after.isspace()


def _next(text: str, at: int, end: int, mark: str) -> int:
    """Return where a mark stands next that closes what `mark` opened; -1 if none does."""
    end = min(end, at + LONGEST)
    return min((found for each in _CLOSING[mark] if (found := text.find(each, at, end)) >= 0), default=-1)


def _single_end(text: str, at: int, end: int, mark: str) -> int:
    """Return where a quotation in single marks ends; behind an `s` only if no mark comes that fits better."""
    doubtful = -1
    marks = _SINGLE[mark].finditer(text, at, min(end, at + LONGEST))
    for match in islice(marks, MOST_APOSTROPHES):
        found = match.start()
        before, after = text[found - 1], text[found + 1 : found + 2]
        if found == at or before.isspace() or after.isalnum():
            continue
        if before in _STOPS or before not in "sS":
            return found
        doubtful = found if doubtful < 0 else doubtful
        if not (after.isspace() and text[found + 2 : found + 3].islower()):
            return found
    return doubtful
