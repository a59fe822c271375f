"""An article on its way into the index: checked, divided into zones, encoded."""

from dataclasses import replace
from typing import NamedTuple, Self

from search.engine import record
from search.errors import ArticleError
from search.model import Article, Zone
from search.reading.zones import find_zones
from search.text.moments import moment


class Incoming(NamedTuple):
    """An article, its zones, and the record that is stored of it."""

    article: Article
    zones: tuple[Zone, ...]
    stored: bytes

    @classmethod
    def of(cls, article: Article) -> Self:
        """Prepare an article.

        Raises:
            ArticleError: It cannot be stored as it is: no id, a date that is none, zones that do not fit.
        """
        _check(article)
        zones = article.zones
        if zones is None:
            zones = find_zones(article.body, title=article.title)
        if article.date and not article.date_source:
            article = replace(article, date_source="stated: field")
        return cls(article, zones, record.encode(article, zones))

    def differs(self, old: bytes | None, *, is_careful: bool) -> str:
        """Return what putting it in the place of `old`, the record with its id, does.

        Returns:
            `added`, `updated` or `unchanged`; if it is careful and the old one came from another path, `refused`.
        """
        if old is None:
            return "added"
        if old == self.stored:
            return "unchanged"
        return "refused" if is_careful and path_of(old) != (self.article.path or "") else "updated"


def path_of(stored: bytes) -> str:
    """Return the path in a record; `` if it has none."""
    return record.split(stored).path


def _check(article: Article) -> None:
    if not article.id or not isinstance(article.id, str):
        raise ArticleError(f"{article.path or 'an article'}: has no id; give it one")
    if not isinstance(article.body, str):
        raise ArticleError(f"{article.id}: the body is {type(article.body).__name__}, not text")
    if article.iso_date:
        try:
            moment(article.iso_date)
        except ValueError as error:
            raise ArticleError(f"{article.id}: {article.iso_date!r} is no date; write it as 2021-08-10") from error
    at = 0
    for zone in article.zones or ():
        stretch = article.body[zone.start : zone.end]
        if zone.start < at or zone.end > len(article.body) or not stretch or stretch != stretch.strip():
            raise ArticleError(f"{article.id}: zone {zone.kind} {zone.start}:{zone.end} does not fit the text")
        at = zone.end
