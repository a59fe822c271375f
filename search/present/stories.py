"""Stories as they are shown: what is told of the other articles of a hit's story, and of a story by itself."""

from collections.abc import Iterable

from search.engine import record
from search.engine.folding import Folding
from search.engine.layout import UNDATED
from search.model import ALONE, Member, Story, StoryListing
from search.text.moments import SECONDS_A_DAY

About = tuple[int, str, str | None, str | None]  # text, id, path and source of an article


def story(folding: Folding, doc: int, known: dict[int, About]) -> Story:
    """Return the story of an article.

    Args:
        known: What has been read of articles: those of a large story may each be a hit. Is added to.
    """
    others = [other for other in folding.story(doc) if other != doc]
    return Story(1 + len(others), _members(folding, doc, others, known)) if others else ALONE


def _members(folding: Folding, doc: int, others: Iterable[int], known: dict[int, About]) -> tuple[Member, ...]:
    """Return articles as they relate to one of them, those that share most first."""
    related = folding.around(doc)
    found = []
    for other in others:
        if (about := known.get(other)) is None:
            stored = record.split(folding.snapshot.record(other))
            about = folding.snapshot.text(other), stored.id, stored.path or None, stored.source or None
            known[other] = about
        relation = related.get(about[0])
        how = (relation.kind, relation.shared) if relation else ("indirect", 0.0)
        found.append(Member(*about[1:], *how))
    return tuple(sorted(found, key=lambda member: (-member.shared, member.id)))


def listing(folding: Folding, docs: Iterable[int]) -> StoryListing:
    """Return a story, given its articles, by itself."""
    articles = {doc: record.decode(folding.snapshot.record(doc)) for doc in docs}
    when = {doc: int(folding.snapshot.when[doc]) for doc in articles}
    ordered = sorted(articles, key=lambda doc: (when[doc] == UNDATED, when[doc], articles[doc].id))
    head = articles[ordered[0]]
    dated = [doc for doc in ordered if when[doc] != UNDATED]
    return StoryListing(
        id=head.id,
        path=head.path,
        title=head.title,
        source=head.source,
        size=len(ordered),
        first=articles[dated[0]].iso_date if dated else None,
        last=articles[dated[-1]].iso_date if dated else None,
        days=(when[dated[-1]] - when[dated[0]]) // SECONDS_A_DAY if dated else None,
        outlets=tuple(sorted({article.source for article in articles.values() if article.source})),
        members=_members(folding, ordered[0], ordered[1:], {}),
    )
