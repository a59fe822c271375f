"""How words stand in the texts of articles: what the index does not keep, and the texts tell.

Words are looked for by their forms, with what surely ends a word around them. If as many are found as the index knows,
these are all; else the article is analysed again, which takes ten times as long.
"""

import re

import numpy as np

from search.engine import record
from search.engine.snapshot import Part
from search.engine.spans import HIGH, POSITION, Places
from search.model import Article
from search.query.clauses import Terms, Written, bare
from search.text.analysis import COUNTRY, EITHER, PRONOUN, Analyzer
from search.text.stream import Field, as_written, pieces, stream

_BEFORE = '(?<![^\\s"(\u201c])'
_AFTER = '(?:[\'\u2019]s)?(?=[\\s");:?!\u201d]|[.,](?:[\\s"\u201d]|\\Z)|\\Z)'


class Texts:
    """Analyses articles again, one by one: 0.1 ms for each thousand characters.

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
        inner = bare(slot)
        found = _pattern(forms)
        terms = frozenset(inner.terms) if isinstance(inner, Terms) else None
        docs, first = np.unique(places >> HIGH, return_index=True)
        kept = np.zeros(len(places), np.bool_)
        positions = (places & POSITION).tolist()
        ends = np.append(first, len(places))[1:].tolist()
        for doc, start, end in zip(docs.tolist(), first.tolist(), ends, strict=True):
            stored = part.segment.record(doc)
            article = record.decode(stored)
            words = _found(article, found) if found else []
            if len(words) == end - start:
                kept[start:end] = [slot.fits(word) for word in words]
                continue
            zones = article.zones or ()
            wanted = {position: at for at, position in enumerate(positions[start:end], start)}
            written = as_written(article, zones)
            for place in stream(article, zones, self.analyzer, ([], [])):
                at = wanted.get(place.position)
                if at is None or kept[at]:
                    continue
                if place.form in forms if terms is None else place.term in terms:
                    kept[at] = slot.fits(written(place))
        return places[kept]


def _pattern(forms: set[str]) -> re.Pattern[str] | None:
    """Return what finds words in some forms; None if their letters do not tell."""
    if not forms or not forms.isdisjoint((COUNTRY, EITHER, PRONOUN)):
        return None
    if not all(form.isascii() and form.isalnum() for form in forms):
        return None
    either = "|".join(sorted(forms, key=len, reverse=True))
    # By letter, as what ignores case takes in other alphabets.
    either = re.sub("[a-z]", lambda match: f"[{match[0]}{match[0].upper()}]", either)
    return re.compile(rf"{_BEFORE}(?:{either}){_AFTER}")


def _found(article: Article, pattern: re.Pattern[str]) -> list[str]:
    """Return the words of an article that are surely in some forms, in the order of the stream."""
    parts = pieces(article, article.zones or ())
    texts = [piece.text for piece in parts if not piece.prefix and piece.field is not Field.DATE]
    return [match.group() for text in texts for match in pattern.finditer(text)]
