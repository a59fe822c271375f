"""One article of a result list, opened: its text, zones and title, and tokens found in it at their places.

A query asks how near two words are only up to some distance, its reach. So words between two tokens are counted up to
there; where there are more, it does not matter how many.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from string import punctuation

from search.engine import record
from search.engine.record import Units
from search.model import Span
from search.present.finding import WHOLE, Chunk, Mark
from search.text.analysis import Analyzer
from search.text.stream import FIELD_OF_ZONE, SHOWN, Field, Place

_RUN = re.compile(r"\S+")
_NO_WORD = re.compile(r"\W*")
MARGIN = 1 << 14  # characters around an excerpt, whose words tell what those of the excerpt are part of
_SIGNS = punctuation.replace("_", "")  # none of which makes another word of what it stands around


class Page:
    """One article.

    Args:
        data: Its record.
        analyzer: Of the index.

    `text` is its text, `units` its zones and sentences, `title` its title or None, `title_at` where that begins in the
    text, -1 if it stands beside it, and `whole` the text with such a title behind it, on a line of its own.
    `shown` are the units of which passages are made: all of them, unless `excerpt` is called.
    """

    __slots__ = ("_analyzer", "shown", "stored", "text", "title", "title_at", "units", "whole")

    def __init__(self, data: bytes, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self.stored = stored = record.split(data)
        self.text = stored.text
        self.units = self.shown = record.units(stored.marks)
        self.title, self.title_at = record.title_of(stored, self.units)
        self.whole = f"{self.text}\n{self.title}" if self.title and self.title_at < 0 else self.text

    def _field(self, unit: int) -> Field | None:
        kind = self.units.kinds[unit]
        if kind == "title" and self.units.start(unit) == self.title_at:
            return Field.TITLE
        return FIELD_OF_ZONE.get(kind)

    def hidden(self, marks: Iterable[Mark]) -> tuple[str, ...]:
        """Return the kinds of zones that no passage is made of in which some marks begin, in the order of the text."""
        ends, kinds, _ = self.units
        found = dict.fromkeys(kinds[bisect_right(ends, start)] for start, _, _ in marks)
        return tuple(kind for kind in found if kind not in SHOWN)

    def excerpt(self, at: int) -> Units:
        """Let passages be made of the `WHOLE` characters from an offset on, where a sentence begins.

        Returns:
            What must be looked at to know all about their words: the units of that stretch, of `MARGIN` characters on
            both sides of it, and of the title. All else is blank.
        """
        text, ends = self.text, self.units.ends
        last = bisect_right(ends, at + WHOLE) - 1
        stop = ends[last] if last >= 0 and ends[last] > at else _blank_before(text, at, at + WHOLE)
        self.shown = self._part(at, stop)
        begin = max(at - MARGIN, 0)
        return self._part(begin and _blank_before(text, 0, begin), _blank_before(text, stop, stop + MARGIN))

    def _part(self, start: int, stop: int) -> Units:
        """Return the units in a stretch of the text, cut at its ends, and the title; all else is blank."""
        ends, kinds, zones = self.units
        numbers = set(range(bisect_right(ends, start), bisect_left(ends, stop) + 1))
        titled = bisect_right(ends, self.title_at) if self.title_at >= 0 else -1
        found = Units([], [], [])
        for unit in sorted(numbers | {titled} - {-1}):
            begin, end = self.units.start(unit), ends[unit]
            if unit != titled:
                begin, end = max(begin, start), min(end, stop)
            if begin > (found.ends[-1] if found.ends else 0):
                _add(found, begin, "blank", -1)
            _add(found, end, kinds[unit], zones[unit])
        if found.ends[-1] < len(self.text):
            _add(found, len(self.text), "blank", -1)
        return found

    def indexed(self, marks: list[Mark]) -> list[Mark]:
        """Return the marks of the text that are in zones whose words are indexed, and those behind the text."""
        ends, kinds, _ = self.units
        n = len(self.text)
        return [mark for mark in marks if mark[0] >= n or kinds[bisect_right(ends, mark[0])] != "date"]

    def phrases(self, text: str, words: Sequence[Mark], leaves: Sequence[tuple[int, ...]]) -> list[Mark] | None:
        """Return the marks of leaves from those of their slots, in order.

        Args:
            text: That of the article, perhaps with its title behind it.
            words: Marks of slots in it, in order.
            leaves: The slots of each leaf, which follow each other.

        Returns:
            None if a phrase goes from one zone to another, other than from body to body.
        """
        filling: dict[int, list[Span]] = {}
        for start, end, slot in words:
            filling.setdefault(slot, []).append((start, end))
        found = []
        for leaf, slots in enumerate(leaves):
            for start, end in filling.get(slots[0], ()):
                stop = end
                for slot in slots[1:]:
                    following = filling.get(slot, [])
                    at = bisect_left(following, (stop, 0))
                    if at == len(following) or not _NO_WORD.fullmatch(text, stop, following[at][0]):
                        break
                    stop = following[at][1]
                else:
                    if start < len(self.text) < stop:
                        continue  # from the text into the title behind it
                    if stop > end and stop <= len(self.text) and not self._is_whole(start, stop):
                        return None
                    found.append((start, stop, leaf))
        found.sort()
        return found

    def _is_whole(self, start: int, stop: int) -> bool:
        """Tell whether a stretch is in one zone, or goes from body to body."""
        first, last = bisect_right(self.units.ends, start), bisect_right(self.units.ends, stop - 1)
        return self.units.zones[first] == self.units.zones[last] or (
            self._field(first) is Field.BODY is self._field(last)
        )

    def titled(self, marks: Iterable[Mark]) -> list[Span]:
        """Return the marks of the text that are in the title, as offsets in it."""
        at = self.title_at
        end = at + len(self.title or "")
        return [(start - at, stop - at) for start, stop, _ in marks if at <= start < end]

    def sparse(self, in_text: Iterable[Chunk], in_title: Iterable[Chunk], reach: int) -> list[Place]:
        """Return tokens as places in the order of the stream, right about which are within `reach` of each other."""
        entries = [(Field.TITLE, -1, at, token) for at, tokens in in_title for token in tokens]
        for at, tokens in in_text:
            for token in tokens:
                unit = bisect_right(self.units.ends, at + token.start)
                field = self._field(unit)
                if field is not None:
                    entries.append((field, unit, at, token))
        entries.sort(key=lambda entry: entry[0])  # stable: within a field as they stand
        found: list[Place] = []
        position = 0
        before: tuple[Field, int] | None = None
        pieces = self._pieces()
        for field, unit, at, token in entries:
            start, end = at + token.start, at + token.end
            piece = pieces[unit] if unit >= 0 else -1
            if before is None or before[0] is not field:
                position += reach + 1
            elif token.step:
                position += 1 + self._between(before[1], start, unit, reach)
            found.append(Place(token.term, token.form, position, field, start, end, unit >= 0, piece))
            if token.step or before is None:
                before = field, end
        return found

    def as_written(self, place: Place) -> str:
        """Return how the token at a place of `sparse` stands in the text or title."""
        return (self.text if place.in_text else self.title or "")[place.start : place.end]

    def _pieces(self) -> list[int]:
        """Return, for each unit, a number for the stretch that is analysed as a whole: a run of body zones, or one."""
        found: list[int] = []
        run = -1
        for unit, zone in enumerate(self.units.zones):
            if self._field(unit) is Field.BODY:
                run = zone if run < 0 else run
                found.append(run)
            else:
                run = -1
                found.append(zone)
        return found

    def _between(self, start: int, end: int, unit: int, reach: int) -> int:
        """Return how many positions a field has between two offsets, or `reach` if there are more.

        Args:
            start, end: In the text, or both in the title beside it.
            unit: In which `end` is; -1 is the title.
            reach: > 0.
        """
        if unit < 0 or self.units.start(unit) <= start:
            return _words(self.text if unit >= 0 else self.title or "", start, end, reach, self._analyzer)
        field = self._field(unit)
        total = 0
        at = bisect_right(self.units.ends, start)
        while at <= unit and total < reach:
            if self._field(at) is field:
                first, last = max(start, self.units.start(at)), min(end, self.units.ends[at])
                total += _words(self.text, first, last, reach, self._analyzer)
            at += 1
        return min(total, reach)


def _add(units: Units, end: int, kind: str, zone: int) -> None:
    """Add a unit to some."""
    units.ends.append(end)
    units.kinds.append(kind)
    units.zones.append(zone)


def _blank_before(text: str, least: int, at: int) -> int:
    """Return where to cut a text so that no word is cut, not long before `at`, behind `least`; without blanks, `at`."""
    return text.rfind(" ", max(at - MARGIN // 2, least), at) + 1 or at if at < len(text) else len(text)


def _words(text: str, start: int, end: int, reach: int, analyzer: Analyzer) -> int:
    """Return how many words a stretch of a text has, or `reach` if there are more."""
    n = 0
    for match in _RUN.finditer(text, start, end):
        word = match[0].strip(_SIGNS)
        if word:
            n += 1 if word.isascii() and word.isalnum() else sum(token.step for token in analyzer.words(match[0]))
            if n >= reach:
                return reach
    return n
