"""`search similar`."""

from typing import Annotated

import typer

from search.cli.finding import show
from search.cli.options import DebugOption, IndexOption, JsonOption, opened


def similar(
    article: Annotated[str, typer.Argument(metavar="ID", help="Of the article.")],
    limit: Annotated[int, typer.Option("--limit", "-n", help="Most hits.")] = 10,
    passages: Annotated[int, typer.Option(help="Most passages a hit.")] = 1,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Published on this day or later.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Published on this day or earlier.")] = None,
    sort: Annotated[str, typer.Option(metavar="ORDER", help="As of find.")] = "relevance",
    no_copies: Annotated[bool, typer.Option("--no-copies", help="Leave out the other articles of its story.")] = False,
    no_group: Annotated[bool, typer.Option("--no-group", help="List every article of a story.")] = False,
    stated: Annotated[bool, typer.Option("--stated-dates-only", help="Infer no date of an undated copy.")] = False,
    count: Annotated[bool, typer.Option("--count", help="Print the number of matching articles alone.")] = False,
    ids: Annotated[bool, typer.Option("--ids", help="Print the ids of the hits alone, one a line.")] = False,
    offset: Annotated[int, typer.Option(help="Hits to leave out first.")] = 0,
    why: Annotated[bool, typer.Option("--why", help="Say what each score is made of.")] = False,
    as_json: JsonOption = False,
    index: IndexOption = None,
    debug: DebugOption = False,
) -> int:
    """Search for articles like one, by the words that say most of it."""
    with opened(index, debug=debug) as searched:
        results = searched.similar(
            id=article,
            copies=not no_copies,
            limit=0 if count else limit,
            offset=offset,
            passages=passages,
            since=since,
            until=until,
            sort=sort,
            group=not no_group,
            stated_dates_only=stated,
        )
        return show(results, (), rank=offset + 1, count=count, ids=ids, why=why, as_json=as_json)


COMMANDS = (similar,)
