"""Stories as they are shown: what is told of the other articles of a hit's story, and of a story by itself."""

from collections.abc import Iterable

from search.engine import record
from search.engine.folding import Folding
from search.engine.layout import UNDATED
from search.model import Member, StoryListing
from search.text.moments import SECONDS_A_DAY

About = tuple[int, str, str | None, str | None]  # text, id, path and source of an article


def members(folding: Folding, doc: int, known: dict[int, About]) -> tuple[Member, ...]:
    """Return the other articles of the story of an article.

    Args:
        known: What has been read of articles: those of a large story may each be a hit. Is added to.
    """
    return _members(folding, doc, [other for other in folding.story(doc) if other != doc], known)


def _members(folding: Folding, doc: int, others: Iterable[int], known: dict[int, About]) -> tuple[Member, ...]:
    """Return articles as they relate to one of them, those that share most first."""
    related = folding.around(doc)
    found = []
    for other in others:
        if (about := known.get(other)) is None:
            about = known[other] = _about(folding, other, record.split(folding.snapshot.record(other)))
        relation = related.get(about[0])
        how = (relation.kind, relation.shared) if relation else ("indirect", 0.0)
        found.append(Member(*about[1:], *how))
    return tuple(sorted(found, key=lambda member: (-member.shared, member.id)))


def listing(folding: Folding, docs: Iterable[int]) -> StoryListing:
    """Return a story, given its articles, by itself."""
    snapshot = folding.snapshot
    stored = {doc: record.split(snapshot.record(doc)) for doc in docs}
    when = {doc: int(snapshot.when[doc]) for doc in stored}
    ordered = sorted(stored, key=lambda doc: (when[doc] == UNDATED, when[doc], stored[doc].id))
    head = stored[ordered[0]]
    dated = [doc for doc in ordered if when[doc] != UNDATED]
    known = {doc: _about(folding, doc, found) for doc, found in stored.items()}
    return StoryListing(
        id=head.id,
        path=head.path or None,
        title=record.title_of(head, record.units(head.marks))[0],
        source=head.source or None,
        size=len(ordered),
        first=stored[dated[0]].date if dated else None,
        last=stored[dated[-1]].date if dated else None,
        days=(when[dated[-1]] - when[dated[0]]) // SECONDS_A_DAY if dated else None,
        outlets=tuple(sorted({found.source for found in stored.values() if found.source})),
        members=_members(folding, ordered[0], ordered[1:], known),
    )


def _about(folding: Folding, doc: int, stored: record.Record) -> About:
    return folding.snapshot.text(doc), stored.id, stored.path or None, stored.source or None
