"""How words stand in the texts of articles: what the index does not keep, and the texts tell."""

import numpy as np

from search.engine import record
from search.engine.snapshot import Part
from search.engine.spans import HIGH, POSITION, Places
from search.query.clauses import Terms, Written, bare
from search.text.analysis import Analyzer
from search.text.stream import as_written, stream


class Texts:
    """Analyses articles again, one by one: 0.1 ms for each thousand characters.

    Args:
        analyzer: Of the index.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer

    def only(self, part: Part, slot: Written, forms: set[str], places: Places) -> Places:
        """Return the places at which a slot is filled by a word in the case that it asks for.

        Args:
            part: Of a snapshot.
            slot: That asks for a case.
            forms: That fill it.
            places: At which it is filled, whatever the case; ascending.
        """
        inner = bare(slot)
        terms = frozenset(inner.terms) if isinstance(inner, Terms) else None
        docs, first = np.unique(places >> HIGH, return_index=True)
        kept = np.zeros(len(places), np.bool_)
        positions = (places & POSITION).tolist()
        ends = np.append(first, len(places))[1:].tolist()
        for doc, start, end in zip(docs.tolist(), first.tolist(), ends, strict=True):
            stored = part.segment.record(doc)
            article = record.decode(stored)
            zones = article.zones or ()
            wanted = {position: at for at, position in enumerate(positions[start:end], start)}
            written = as_written(article, zones)
            for place in stream(article, zones, self._analyzer, ([], [])):
                at = wanted.get(place.position)
                if at is None or kept[at]:
                    continue
                if place.form in forms if terms is None else place.term in terms:
                    kept[at] = slot.fits(written(place))
        return places[kept]
