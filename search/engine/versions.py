"""Which articles of a text say how it is spelled: articles of the same words may spell them in different ways."""

from collections.abc import Iterable, Sequence

import numpy as np

from search.engine import record
from search.engine.segment import Segment

VERSIONS = 8  # articles of a text, the newest, and as many of the oldest, that are looked at for how they spell

Place = tuple[Segment, int]  # of an article


def versions(parts: Iterable[Sequence[Place]]) -> list[Place]:
    """Return the `VERSIONS` newest and oldest articles of a text, however they lie in segments; all if they are few.

    Args:
        parts: Its articles in each segment, ascending.
    """
    every = list(parts)
    if sum(map(len, every)) <= 2 * VERSIONS:
        return [place for part in every for place in part]
    ends = [place for part in every for place in (*part[:VERSIONS], *part[max(VERSIONS, len(part) - VERSIONS) :])]
    ends.sort(key=age)
    return ends[:VERSIONS] + ends[-VERSIONS:]


def age(place: Place) -> tuple[int, str]:
    """Return what the articles of a segment are in order by, the newest first."""
    segment, doc = place
    return -int(segment.when(np.array([doc]))[0]), record.id_of(segment.record(doc))
