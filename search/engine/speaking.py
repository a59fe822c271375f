"""Who says what in articles: quotations are not in the index, and are found in the texts of those that may fit.

That takes about half a millisecond an article of 2,000 characters.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from search.claims.quotations import Quotation, quotations
from search.engine import record
from search.engine.snapshot import Part
from search.engine.spans import HIGH, POSITION, Marks, Places
from search.model import Article, Span
from search.query import clauses
from search.query.clauses import Clause, Forms, Leaf, Run, Similar, Slot, Terms, Voice, Written, bare
from search.text.analysis import COUNTRY, EITHER, PRONOUN, Analyzer, Token
from search.text.stream import SHOWN, stream

COUNTRIES = frozenset({COUNTRY, EITHER, PRONOUN})
MARKS = tuple(mark.encode() for mark in ('"', "\u201c", "\u201e", "\u00ab", "'", "\u2018", "\u201a"))


class Words(NamedTuple):
    """A text and its tokens."""

    text: str
    tokens: Sequence[Token]


def spoken(article: Article) -> list[Quotation]:
    """Return the quotations of an article's deck and body, in order."""
    zones = article.zones or ()
    return quotations(article.body, [(zone.start, zone.end) for zone in zones if zone.kind in SHOWN])


class Speakers:
    """Knows which quotations are whose.

    Args:
        analyzer: Of the index.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._known: dict[int, list[Quotation]] = {}  # those of an article, by its number in the index

    def words(self, text: str) -> Words:
        """Return a text with its tokens."""
        return Words(text, self._analyzer.words(text))

    def names(self, quotation: Quotation, by: Clause | None) -> bool:
        """Return whether the name of a quotation's speaker fits."""
        return by is None or (bool(quotation.name) and fits(by, self.words(quotation.name)))

    def kept(self, voice: Voice, found: Sequence[Quotation]) -> Callable[[Span, Span], bool]:
        """Return what tells whether words may count: those between two stretches, of the first and the last of them.

        Args:
            voice: That is asked for.
            found: The quotations of an article, in order.
        """
        own = [quotation for quotation in found if self.names(quotation, voice.by)]
        if voice.is_name:
            speaks = bool(own)
            return lambda _first, _last: speaks
        parts = [part for quotation in own for part in quotation.parts]
        return lambda first, last: any(start <= first[0] and last[1] <= end for start, end in parts)

    def only(self, part: Part, leaf: Leaf, places: Places) -> Marks:
        """Return which places of a leaf stand in quotations of a speaker that it asks for.

        Args:
            part: Of a snapshot.
            leaf: With a voice.
            places: At which it begins, ascending.
        """
        voice = leaf.voice
        found = np.zeros(len(places), np.bool_)
        if voice is None or not len(places):
            return found
        length = min(len(run.slots) for run in leaf.runs) if all(run.slop == 1 for run in leaf.runs) else 1
        docs, first = np.unique(places >> HIGH, return_index=True)
        ends = np.append(first, len(places))[1:].tolist()
        positions = (places & POSITION).tolist()
        for doc, start, end in zip(docs.tolist(), first.tolist(), ends, strict=True):
            stored = part.segment.record(doc)
            own = [each for each in self._quotations(part.base + doc, stored) if self.names(each, voice.by)]
            if voice.is_name or not own:
                found[start:end] = bool(own)
                continue
            article = record.decode(stored)
            parts = [article.body[slice(*stretch)] for each in own for stretch in each.parts]
            if not any(_may_stand(leaf, self.words(text)) for text in parts):
                continue
            kept = self.kept(voice, own)
            stretches = self._stretches(article)
            for at in range(start, end):
                begin, stop = stretches.get(positions[at]), stretches.get(positions[at] + length - 1)
                found[at] = begin is not None and stop is not None and kept(begin, stop)
        return found

    def _quotations(self, doc: int, stored: bytes) -> list[Quotation]:
        """Return the quotations of an article, given its number in the index and its record."""
        known = self._known.get(doc)
        if known is None:
            is_any = any(mark in stored for mark in MARKS)
            known = self._known[doc] = spoken(record.decode(stored)) if is_any else []
        return known

    def _stretches(self, article: Article) -> dict[int, Span]:
        """Return where the tokens at the positions of an article stand in its text."""
        places = stream(article, article.zones or (), self._analyzer, ([], []))
        found: dict[int, Span] = {}
        for place in places:
            if place.in_text:
                found.setdefault(place.position, (place.start, place.end))
        return found


def _may_stand(leaf: Leaf, words: Words) -> bool:
    """Return whether a leaf may stand in words of an article: which country `US` is, all of the line decides."""
    slots = [bare(slot) for run in leaf.runs for slot in run.slots]
    is_country = any(isinstance(slot, Terms) and not COUNTRIES.isdisjoint(slot.terms) for slot in slots)
    return is_country or any(_stands(run, words) for run in leaf.runs)


def fits(clause: Clause, words: Words) -> bool:
    """Return whether some words, which are no article, fit a clause; of what is near, all of it must be there."""
    match clause:
        case Leaf(runs):
            return any(_stands(run, words) for run in runs)
        case clauses.All(parts):
            return all(fits(part, words) for part in parts)
        case clauses.Any(parts):
            return any(fits(part, words) for part in parts)
        case clauses.Weighted(part, _) | clauses.Often(part, _):
            return fits(part, words)
        case clauses.Close(one, other):
            return fits(one, words) and fits(other, words)
        case clauses.Preferred(must, _):
            return fits(must, words)
        case clauses.Without(part):
            return not fits(part, words)
        case _:
            return False


def _stands(run: Run, words: Words) -> bool:
    """Return whether a run stands in some words."""
    positions: list[int] = []
    position = -1
    for token in words.tokens:
        position += token.step
        positions.append(position)
    reached: set[int] | None = None
    for slot in run.slots:
        filled = {at for at, token in zip(positions, words.tokens, strict=True) if _fills(slot, token, words.text)}
        if reached is not None:
            filled = {at for at in filled if any(0 < at - before <= run.slop for before in reached)}
        if not filled:
            return False
        reached = filled
    return True


def _fills(slot: Slot, token: Token, text: str) -> bool:
    if isinstance(slot, Written) and not slot.fits(text[token.start : token.end]):
        return False
    match bare(slot):
        case Terms(terms):
            return token.term in terms
        case Forms() | Similar() as forms:
            return bool(forms.fits(token.form))
    raise AssertionError(slot)
