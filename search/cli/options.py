"""What several commands take, and where they find the index."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from search.index import Index

IndexOption = Annotated[
    str | None,
    typer.Option("--index", metavar="LOCATION", help="Folder of the index; else $SEARCH_INDEX, else index/."),
]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show where an error comes from.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


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


def setting(text: str) -> tuple[str, float]:
    """Return the name and the value of a setting, `NAME=VALUE`."""
    name, equals, value = text.partition("=")
    try:
        return name.strip(), float(value if equals else "")
    except ValueError as error:
        from search.errors import QueryError

        raise QueryError(f"setting {text!r}: write NAME=NUMBER, such as k1=1.2") from error
