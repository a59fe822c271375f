"""From a ranked article to a hit: read its record, mark what matched, choose passages."""

from collections.abc import Mapping

from search.engine import record
from search.engine.layout import UNDATED
from search.engine.snapshot import Snapshot
from search.model import ALONE, Hit
from search.present.marks import Marker
from search.present.passages import best, lead, merged
from search.query.clauses import Clause, Leaf, Times
from search.text.analysis import Analyzer
from search.text.stream import Field, stream


class Presenter:
    """Shows the articles of one result list.

    Args:
        analyzer: Of the index.
        clause: The query.
        idf: Weight of each leaf over the whole index.
        snapshot: Where the articles are.
        passages: Most passages a hit.
    """

    def __init__(
        self, analyzer: Analyzer, clause: Clause, idf: Mapping[Leaf, float], snapshot: Snapshot, passages: int
    ) -> None:
        self._analyzer = analyzer
        self._clause = clause
        self._idf = idf
        self._snapshot = snapshot
        self._n_passages = passages

    def hit(self, doc: int, score: float) -> Hit:
        """Return article `doc` as a hit."""
        data = self._snapshot.record(doc)
        article = record.decode(data)
        units = record.units(record.split(data).marks)
        local = int(self._snapshot.local[doc])

        def fits(times: Times) -> bool:
            if local == UNDATED or not times.dated:
                return (local == UNDATED) is not times.dated
            return (times.start is None or local >= times.start) and (times.end is None or local < times.end)

        places = stream(article, article.zones or (), self._analyzer)
        marks = Marker(places, fits).marks(self._clause)
        zones = [zone for zone in article.zones or () if zone.kind == "title"]
        titled = [zone.start for zone in zones if article.body[zone.start : zone.end] == article.title]
        titles = [mark for mark in marks if mark.field is Field.TITLE]
        return Hit(
            id=article.id,
            path=article.path,
            title=article.title,
            title_highlights=merged(
                (mark.start - titled[0], mark.end - titled[0]) if mark.in_text else (mark.start, mark.end)
                for mark in titles
            ),
            lead=lead(article.body, units),
            date=article.iso_date,
            date_source=article.date_source,
            source=article.source,
            score=score,
            passages=best(article.id, article.body, units, marks, self._idf, self._n_passages),
            story=ALONE,
        )
