"""What an index holds, in numbers."""

from typing import NamedTuple

import numpy as np

from search.engine.commit import Commit
from search.engine.layout import UNDATED
from search.engine.snapshot import Snapshot
from search.text.moments import SECONDS_A_DAY


class Stats(NamedTuple):
    """What an index holds. `parts` are bytes by kind of section; `first` and `last` ISO 8601 dates or None."""

    articles: int
    dated: int
    first: str | None
    last: str | None
    segments: int
    deleted: int
    terms: int
    tokens: int
    bytes: int
    parts: dict[str, int]
    settings: dict[str, float | str]


def stats(commit: Commit, snapshot: Snapshot, settings: dict[str, float | str]) -> Stats:
    """Return what an index holds; `settings` are those of the index."""
    parts: dict[str, int] = {}
    tokens = 0
    for segment, _, _ in snapshot.parts:
        tokens += len(segment.file["low8"])
        for name, size in segment.file.parts.items():
            parts[name] = parts.get(name, 0) + size
    if commit.relations:
        parts["relations"] = sum(file.size for file in commit.relations)
    live = snapshot.local if snapshot.live is None else snapshot.local[snapshot.live]
    dated = live[live != UNDATED]
    size = sum(s.file.size + (s.deleted.size if s.deleted else 0) for s in commit.segments)
    size += sum(file.size for file in commit.relations)
    first, last = (_day(int(dated.min())), _day(int(dated.max()))) if len(dated) else (None, None)
    return Stats(
        articles=snapshot.n_docs,
        dated=len(dated),
        first=first,
        last=last,
        segments=len(snapshot.parts),
        deleted=snapshot.n_all - snapshot.n_docs,
        terms=sum(segment.n_terms for segment, _, _ in snapshot.parts),
        tokens=tokens,
        bytes=size,
        parts=dict(sorted(parts.items(), key=lambda item: -item[1])),
        settings=settings,
    )


def _day(seconds: int) -> str:
    return str(np.datetime64(seconds // SECONDS_A_DAY, "D"))
