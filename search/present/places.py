"""Tokens found in an article, at the places that its whole stream would give them, as far as a query can tell.

A query asks how near two words are only up to some distance, its reach. So words between two tokens are counted up to
there; where there are more, it does not matter how many.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

from search.engine.record import Units
from search.present.finding import Chunk
from search.present.marks import Mark
from search.text.analysis import Analyzer
from search.text.stream import FIELD_OF_ZONE, Field, Place

_WORD = 24  # characters a word takes with what stands around it; a longer stretch is first counted roughly


class Places:
    """The fields of one article's text.

    Args:
        text: Of the article.
        units: Its zones and sentences.
        title: If there is one.
        title_at: Where in the text the title begins; -1 if it stands beside it.
        analyzer: Of the index.
    """

    def __init__(self, text: str, units: Units, title: str | None, title_at: int, analyzer: Analyzer) -> None:
        self._text = text
        self._units = units
        self._title = title or ""
        self._title_at = title_at
        self._analyzer = analyzer

    def _field(self, unit: int) -> Field | None:
        kind = self._units.kinds[unit]
        if kind == "title" and self._units.start(unit) == self._title_at:
            return Field.TITLE
        return FIELD_OF_ZONE.get(kind)

    def marks(
        self, in_text: Iterable[Chunk], in_title: Iterable[Chunk], leaves_of: Mapping[str, Sequence[int]]
    ) -> list[Mark]:
        """Return the marks of a query that any of its words fulfils, in the text by offset, then in the title.

        Args:
            in_text: Chunks of the text, in order.
            in_title: Chunks of the title, if that stands beside the text.
            leaves_of: The numbers of the leaves that a term fulfils.
        """
        ends = self._units.ends
        found = []
        for at, tokens in in_text:
            for term, _, start, end, _ in tokens:
                if term in leaves_of:
                    field = self._field(bisect_right(ends, at + start))
                    if field is not None:
                        found += [Mark(at + start, at + end, field, leaf, in_text=True) for leaf in leaves_of[term]]
        for at, tokens in in_title:
            for term, _, start, end, _ in tokens:
                if term in leaves_of:
                    found += [Mark(at + start, at + end, Field.TITLE, leaf, in_text=False) for leaf in leaves_of[term]]
        return found

    def sparse(self, in_text: Iterable[Chunk], in_title: Iterable[Chunk], reach: int) -> list[Place]:
        """Return tokens as places in the order of the stream, right about which are within `reach` of each other."""
        entries = [(Field.TITLE, -1, at, token) for at, tokens in in_title for token in tokens]
        for at, tokens in in_text:
            for token in tokens:
                unit = bisect_right(self._units.ends, at + token.start)
                field = self._field(unit)
                if field is not None:
                    entries.append((field, unit, at, token))
        entries.sort(key=lambda entry: entry[0])  # stable: within a field as they stand
        found: list[Place] = []
        position = 0
        before: tuple[Field, int, int] | None = None
        for field, unit, at, token in entries:
            start, end = at + token.start, at + token.end
            if before is None or before[0] is not field or (field is Field.LOW and before[1] != self._piece(unit)):
                position += reach + 1
            elif token.step:
                position += 1 + self._between(before[2], start, unit, reach)
            piece = self._piece(unit)
            found.append(Place(token.term, token.form, position, field, start, end, unit >= 0, piece))
            if token.step or before is None:
                before = field, piece, end
        return found

    def _piece(self, unit: int) -> int:
        """Return a number for the stretch that is analysed as a whole: a run of body zones, or one zone."""
        if unit < 0:
            return -1
        zones = self._units.zones
        if self._field(unit) is Field.BODY:
            while unit and self._field(unit - 1) is Field.BODY:
                unit -= 1
        return zones[unit]

    def _between(self, start: int, end: int, unit: int, reach: int) -> int:
        """Return how many words stand in a field between two offsets, or `reach` if there are more.

        Args:
            start, end: In the text, or both in the title beside it.
            unit: In which `end` is; -1 is the title.
            reach: > 0.
        """
        if unit < 0 or self._units.start(unit) <= start:
            return self._words(self._text[start:end] if unit >= 0 else self._title[start:end], reach)
        field = self._field(unit)
        total = 0
        at = bisect_right(self._units.ends, start)
        while at <= unit and total < reach:
            if self._field(at) is field:
                stretch = self._text[max(start, self._units.start(at)) : min(end, self._units.ends[at])]
                total += self._words(stretch, reach)
            at += 1
        return min(total, reach)

    def _words(self, stretch: str, reach: int) -> int:
        if stretch.isspace() or not stretch:
            return 0
        if len(stretch) > _WORD and sum(map(str.isalnum, stretch[: _WORD * (reach + 2)].split())) >= reach:
            return reach
        return min(sum(token.step for token in self._analyzer.words(stretch)), reach)
