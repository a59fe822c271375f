"""An article on its way into the index: checked, divided into zones, encoded."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, get_args

from search.engine import record
from search.errors import ArticleError
from search.model import Article, Zone, ZoneKind
from search.reading.zones import find_zones
from search.text.moments import moment

BATCH = 200_000  # characters
MAX_BATCH = 64  # articles

_KINDS = get_args(ZoneKind)
_TEXTS = ("title", "source", "author", "path", "url")


class Incoming(NamedTuple):
    """An article, its zones, and the record that is stored of it."""

    article: Article
    zones: tuple[Zone, ...]
    stored: bytes

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


def prepared(articles: Sequence[Article]) -> list[Incoming]:
    """Prepare some articles, step by step all of them: that is a fifth faster than one after the other.

    Raises:
        ArticleError: One cannot be stored as it is: as of `checked`, or it is too long.
    """
    articles = list(map(checked, articles))
    zones = [_zones(article) for article in articles]
    articles = [replace(a, date_source="stated: field") if a.date and not a.date_source else a for a in articles]
    stored = map(record.encode, articles, zones)
    return list(map(Incoming, articles, zones, stored))


def _zones(article: Article) -> tuple[Zone, ...]:
    try:
        return find_zones(article.body, title=article.title) if article.zones is None else article.zones
    except ValueError as error:
        raise ArticleError(f"{article.id}: {error}") from error


def batches(articles: Iterable[Article]) -> Iterator[list[Article]]:
    """Divide articles into batches that are worth being prepared together."""
    batch: list[Article] = []
    size = 0
    for article in articles:
        batch.append(article)
        size += len(article.body) if isinstance(article, Article) and isinstance(article.body, str) else 0
        if size >= BATCH or len(batch) >= MAX_BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def path_of(stored: bytes) -> str:
    """Return the path in a record; `` if it has none."""
    return record.split(stored).path


def checked(article: Article) -> Article:
    """Return an article.

    Raises:
        ArticleError: It is none, or cannot be stored: no id, no text, a date that is none, zones that do not fit.
    """
    if not isinstance(article, Article):
        raise ArticleError(f"{article!r:.60}: is no Article; make one of it: Article(id=…, body=…)")
    if not article.id or not isinstance(article.id, str):
        raise ArticleError(f"{article.path or 'an article'}: has no id; give it one")
    if not isinstance(article.body, str):
        raise ArticleError(f"{article.id}: the body is {type(article.body).__name__}, not text")
    for name in _TEXTS:
        value = getattr(article, name)
        if value is not None and not isinstance(value, str):
            raise ArticleError(f"{article.id}: the {name} is {type(value).__name__}, not text")
    if not isinstance(article.meta, Mapping):
        raise ArticleError(f"{article.id}: the meta is {type(article.meta).__name__}, not a mapping of text to text")
    for name, value in article.meta.items():
        if not (isinstance(name, str) and isinstance(value, str)):
            raise ArticleError(f"{article.id}: meta has {name!r}: {value!r}, and both are to be text")
    if article.iso_date:
        try:
            moment(article.iso_date)
        except (ValueError, TypeError) as error:
            raise ArticleError(f"{article.id}: {article.iso_date!r} is no date; write it as 2021-08-10") from error
    at = 0
    for zone in article.zones or ():
        if not isinstance(zone, Zone):
            raise ArticleError(f"{article.id}: {zone!r:.60} is no Zone; make one of it: Zone(kind, start, end)")
        stretch = article.body[zone.start : zone.end]
        if (
            zone.kind not in _KINDS
            or zone.start < at
            or zone.end > len(article.body)
            or not stretch
            or stretch != stretch.strip()
            or article.body[at : zone.start].strip()
        ):
            raise ArticleError(f"{article.id}: zone {zone.kind} {zone.start}:{zone.end} does not fit the text")
        at = zone.end
    if article.zones is not None and article.body[at:].strip():
        raise ArticleError(f"{article.id}: the zones end at {at}, before the text; give None to have them found")
    return article
