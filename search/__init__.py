"""Full-text search for news articles: ranked passages with exact highlights.

    import search

    index = search.open("index")
    index.add(search.read(["seeds"]))
    for hit in index.search("ceasefire w/5 talks", limit=10):
        for passage in hit.passages:
            print(hit.title, passage.text, passage.highlights)

Names are loaded when they are first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from search.engine.repair import Repaired
    from search.engine.stats import Stats
    from search.errors import (
        ArticleError,
        CorruptionError,
        IndexMissingError,
        LockedError,
        QueryError,
        ReadError,
        SearchError,
        StorageError,
    )
    from search.index import Index, open, repair
    from search.model import (
        Article,
        ClauseCount,
        Explanation,
        Hit,
        Member,
        Miss,
        Passage,
        Results,
        Spelt,
        Standing,
        Story,
        StoryListing,
        Suggestion,
        Zone,
    )
    from search.reading import read, read_records
    from search.reports import (
        Account,
        Aligned,
        Bucket,
        Diff,
        Evidence,
        Figure,
        Numbers,
        Quote,
        Quotes,
        Related,
        Tally,
        Timeline,
        Utterance,
        Value,
        Variant,
    )
    from search.writing import Added, Writer

__all__ = [
    "Account",
    "Added",
    "Aligned",
    "Article",
    "ArticleError",
    "Bucket",
    "ClauseCount",
    "CorruptionError",
    "Diff",
    "Evidence",
    "Explanation",
    "Figure",
    "Hit",
    "Index",
    "IndexMissingError",
    "LockedError",
    "Member",
    "Miss",
    "Numbers",
    "Passage",
    "QueryError",
    "Quote",
    "Quotes",
    "ReadError",
    "Related",
    "Repaired",
    "Results",
    "SearchError",
    "Spelt",
    "Standing",
    "Stats",
    "StorageError",
    "Story",
    "StoryListing",
    "Suggestion",
    "Tally",
    "Timeline",
    "Utterance",
    "Value",
    "Variant",
    "Writer",
    "Zone",
    "open",
    "read",
    "read_records",
    "repair",
]
__version__ = "0.1.0"

_HOMES = {
    "search.errors": (
        "ArticleError CorruptionError IndexMissingError LockedError QueryError ReadError SearchError StorageError"
    ),
    "search.engine.repair": "Repaired",
    "search.engine.stats": "Stats",
    "search.index": "Index open repair",
    "search.model": (
        "Article ClauseCount Explanation Hit Member Miss Passage Results Spelt Standing Story StoryListing Suggestion "
        "Zone"
    ),
    "search.reading": "read read_records",
    "search.reports": (
        "Account Aligned Bucket Diff Evidence Figure Numbers Quote Quotes Related Tally Timeline "
        "Utterance Value Variant"
    ),
    "search.writing": "Added Writer",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'search' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value
