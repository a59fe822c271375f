"""`search similar`."""

from typing import Annotated

import typer

from search.cli.finding import show
from search.cli.options import (
    ArticleArgument,
    CountOption,
    DebugOption,
    IdsOption,
    IndexOption,
    JsonOption,
    NoGroupOption,
    NowOption,
    OffsetOption,
    PassagesOption,
    RecencyOption,
    SinceOption,
    SortOption,
    StatedOption,
    UntilOption,
    WhyOption,
    dates,
    opened,
)


def similar(
    article: ArticleArgument,
    limit: Annotated[int, typer.Option("--limit", "-n", help="Most hits.")] = 10,
    passages: PassagesOption = 1,
    since: SinceOption = None,
    until: UntilOption = None,
    sort: SortOption = "relevance",
    recency: RecencyOption = None,
    no_copies: Annotated[bool, typer.Option("--no-copies", help="Leave out the other articles of its story.")] = False,
    no_group: NoGroupOption = False,
    stated: StatedOption = False,
    count: CountOption = False,
    ids: IdsOption = False,
    offset: OffsetOption = 0,
    now: NowOption = None,
    why: WhyOption = False,
    as_json: JsonOption = False,
    index: IndexOption = None,
    debug: DebugOption = False,
) -> int:
    """Search for articles like one, by the words that say most of it."""
    with opened(index, debug=debug) as searched:
        results = searched.similar(
            id=searched.resolve(article),
            copies=not no_copies,
            limit=0 if count else limit,
            offset=offset,
            passages=passages,
            sort=sort,
            recency=recency,
            group=not no_group,
            **dates(since, until, now, stated=stated),
        )
        return show(results, (), rank=offset + 1, count=count, ids=ids, why=why, as_json=as_json)
