"""How words stand in the texts of articles: what the index does not keep, and the texts tell.

Words are looked for by their forms. Where one stands between blanks, that is the word; where a sign touches it
(`oil-rich`), what stands between the blanks around is analysed. If as many are found as the index knows, these are all;
else one is spelt as cannot be foreseen, and the article is analysed again, which takes a hundred times as long.
"""

from collections.abc import Sequence

import numpy as np

from search.engine import record
from search.engine.snapshot import Part
from search.engine.spans import HIGH, POSITION, Places
from search.query.clauses import Terms, Written, bare
from search.text.analysis import COUNTRY, EITHER, PRONOUN, Analyzer, kinds
from search.text.stream import Field, as_written, pieces, stream

MANY = 64  # forms, of which fewer are looked for one by one
LONGEST = 1000  # characters without a blank that are analysed

_GLUE = frozenset(".,'\u2019-&")


class Texts:
    """Looks at the texts of articles, one by one: 40 µs for each thousand characters.

    Args:
        analyzer: Of the index.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self.analyzer = analyzer

    def only(self, part: Part, slot: Written, forms: set[str], places: Places) -> Places:
        """Return the places at which a slot is filled by a word in the case that it asks for.

        Args:
            part: Of a snapshot.
            slot: That asks for a case.
            forms: That fill it.
            places: At which it is filled, whatever the case; ascending.
        """
        wanted = _Wanted(self.analyzer, slot, forms)
        docs, first = np.unique(places >> HIGH, return_index=True)
        kept = np.zeros(len(places), np.bool_)
        ends = np.append(first, len(places))[1:].tolist()
        for doc, start, end in zip(docs.tolist(), first.tolist(), ends, strict=True):
            stored = part.segment.record(doc)
            fits = wanted.fits(stored, end - start)
            if fits is None:
                fits = wanted.fits_again(stored, (places[start:end] & POSITION).tolist())
            kept[start:end] = fits
        return places[kept]


class _Wanted:
    """What a slot that asks for a case is looked for by."""

    def __init__(self, analyzer: Analyzer, slot: Written, forms: set[str]) -> None:
        self._analyzer, self._slot, self._forms = analyzer, slot, forms
        inner = bare(slot)
        self._terms = frozenset(inner.terms) if isinstance(inner, Terms) else None
        # Which of the words US stands in a line is only asked of forms, and seen when all is analysed.
        us = forms & {COUNTRY, EITHER, PRONOUN}
        plain = forms - us
        known = len(forms) <= MANY and all(form.isascii() and form.isalnum() for form in plain)
        self._looked = sorted(plain | ({"us", COUNTRY} if us else set())) if known and (not us or self._terms) else []
        self._sure = plain if analyzer.form_decides else frozenset()

    def fits(self, stored: bytes, n: int) -> list[bool] | None:
        """Return whether each of `n` words of an article has the case, by the stream; None if not all are found."""
        if not self._looked:
            return None
        parts = record.split(stored)
        in_order = record.is_running(parts.marks)
        fits = self._fits("\n".join((parts.title, parts.text, parts.source, parts.author)), n)
        if fits is None or in_order or (not record.has_date(parts.marks) and len(set(fits)) < 2):
            return fits
        article = record.decode(stored)
        own = [p.text for p in pieces(article, article.zones or ()) if not p.prefix and p.field is not Field.DATE]
        return self._fits("\n".join(own), n)

    def fits_again(self, stored: bytes, positions: Sequence[int]) -> list[bool]:
        """Return the same of an article that is analysed again, for the places at some positions."""
        article = record.decode(stored)
        zones = article.zones or ()
        written = as_written(article, zones)
        at = {position: number for number, position in enumerate(positions)}
        fits = [False] * len(positions)
        for place in stream(article, zones, self._analyzer, ([], [])):
            number = at.get(place.position)
            if number is not None and not fits[number] and self._fills(place.term, place.form):
                fits[number] = self._slot.fits(written(place))
        return fits

    def _fills(self, term: str, form: str) -> bool:
        return form in self._forms if self._terms is None else term in self._terms

    def _fits(self, text: str, n: int) -> list[bool] | None:
        """Return whether each word of a text that fills the slot has the case, in order; None if they are not `n`."""
        small = text.lower()
        if len(small) != len(text):
            return None
        found: dict[int, bool] = {}  # by where they begin; a joined form stands at its first part
        for form in self._looked:
            at = small.find(form)
            while at >= 0:
                end = at + len(form)
                before, after = text[at - 1 : at], text[end : end + 1]
                if not (before.isalnum() or after.isalnum()):
                    # Glue with nothing behind it joins nothing.
                    alone = _parts(before) and (_parts(after) or (after in _GLUE and _parts(text[end + 1 : end + 2])))
                    if alone and form in self._sure:
                        found[at] = self._slot.fits(text[at:end])
                    else:
                        found.update(self._around(text, at, end))
                at = small.find(form, end)
        return [found[key] for key in sorted(found)] if len(found) == n else None

    def _around(self, text: str, at: int, end: int) -> dict[int, bool]:
        """Return the same of the words between the blanks around a stretch of a text, by where they begin."""
        found: dict[int, bool] = {}
        start = max(text.rfind(" ", 0, at), text.rfind("\n", 0, at)) + 1
        stops = [stop for stop in (text.find(" ", end), text.find("\n", end)) if stop >= 0]
        stretch = text[start : min(stops, default=len(text))]
        if len(stretch) > LONGEST:
            return found
        for token in self._analyzer.words(stretch):
            if self._fills(token.term, token.form):
                place = start + token.start
                found[place] = self._slot.fits(stretch[token.start : token.end]) or found.get(place, False)
        return found


def _parts(char: str) -> bool:
    """Return whether a character, if there is one, belongs to no word."""
    return kinds(char) in ("", " ")
