"""What several commands take, and where they find the index."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from search.index import Index
    from search.question import DateFilters, Filters

IndexOption = Annotated[
    str | None,
    typer.Option("--index", metavar="LOCATION", help="Folder of the index; else $SEARCH_INDEX, else index/."),
]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show where an error comes from.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]

ArticleArgument = Annotated[
    str, typer.Argument(metavar="ID_OR_PATH", help="Of an article; part of its file's name will do.")
]
PassagesOption = Annotated[int, typer.Option("--passages", help="Most passages a hit.")]
OffsetOption = Annotated[int, typer.Option("--offset", help="Hits to leave out first.")]
SinceOption = Annotated[str | None, typer.Option("--since", metavar="DATE", help="Published on this day or later.")]
UntilOption = Annotated[str | None, typer.Option("--until", metavar="DATE", help="Published on this day or earlier.")]
NowOption = Annotated[
    str | None, typer.Option("--now", metavar="DATE", help="What recency and relative dates count from.")
]
RecencyOption = Annotated[
    str | None, typer.Option("--recency", metavar="HALF_LIFE", help="Prefer newer articles, e.g. 30d.")
]
SortOption = Annotated[
    str, typer.Option("--sort", metavar="ORDER", help="relevance, newest, oldest, title, source or length.")
]
AllOption = Annotated[bool, typer.Option("--all", help="Every word must match.")]
NoGroupOption = Annotated[bool, typer.Option("--no-group", help="List every article of a story.")]
NoVariantsOption = Annotated[bool, typer.Option("--no-variants", help="Look for words as they are spelled.")]
StatedOption = Annotated[bool, typer.Option("--stated-dates-only", help="Infer no date of an undated copy.")]
CountOption = Annotated[bool, typer.Option("--count", help="Print the number of matching articles alone.")]
IdsOption = Annotated[bool, typer.Option("--ids", help="Print the ids of the hits alone, one a line.")]
WhyOption = Annotated[bool, typer.Option("--why", help="Say what each score is made of.")]


@dataclass
class _Common:
    index: str | None = None
    debug: bool = False


common = _Common()


def set_common(index: str | None, *, debug: bool) -> None:
    """Keep the options that stand before a command; what stands behind it goes before."""
    common.index = index or common.index
    common.debug = debug or common.debug


def location(index: str | None, *, debug: bool) -> str:
    """Return where the index is, after the options of a command."""
    set_common(index, debug=debug)
    return common.index or os.environ.get("SEARCH_INDEX") or "index"


def opened(index: str | None, *, debug: bool) -> "Index":
    """Return the index that the options name."""
    from search.index import open as open_index

    return open_index(location(index, debug=debug))


def dates(since: str | None, until: str | None, now: str | None, *, stated: bool) -> "DateFilters":
    """Return the options of these names as what narrows a query by date."""
    return {"since": since, "until": until, "stated_dates_only": stated, "now": now}


def filters(dates: "DateFilters", *, every: bool, no_variants: bool) -> "Filters":
    """Return the options of these names as what narrows a query and says how it is read."""
    return {**dates, "all": every, "variants": not no_variants}


def write(file: Path, option: str, text: str) -> None:
    """Write a file that an option names; `-` is standard output.

    Raises:
        SearchError: The file system refuses.
    """
    if str(file) == "-":
        print(text)
        return
    try:
        file.write_text(text, encoding="utf-8", errors="xmlcharrefreplace")
    except OSError as error:
        from search.errors import SearchError

        raise SearchError(f"{file}: {error.strerror or error}; choose another {option} FILE") from error


def setting(text: str) -> tuple[str, float]:
    """Return the name and the value of a setting, `NAME=VALUE`."""
    name, equals, value = text.partition("=")
    try:
        return name.strip(), float(value if equals else "")
    except ValueError as error:
        from search.errors import QueryError

        raise QueryError(f"setting {text!r}: write NAME=NUMBER, such as k1=1.2") from error
