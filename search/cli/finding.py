"""`search find`."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from search.cli.options import DebugOption, IndexOption, JsonOption, opened

if TYPE_CHECKING:
    from search.model import Miss


def find(
    query: Annotated[
        str, typer.Argument(help="What to look for; any text. May be left out with --since or --until.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", help="Most hits.")] = 10,
    passages: Annotated[int, typer.Option(help="Most passages a hit.")] = 1,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Published on this day or later.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Published on this day or earlier.")] = None,
    sort: Annotated[str, typer.Option(metavar="ORDER", help="relevance, newest or oldest.")] = "relevance",
    recency: Annotated[str | None, typer.Option(metavar="HALF_LIFE", help="Prefer newer articles, e.g. 30d.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every word must match.")] = False,
    no_group: Annotated[bool, typer.Option("--no-group", help="List every article of a story.")] = False,
    count: Annotated[bool, typer.Option("--count", help="Print the number of matching articles alone.")] = False,
    ids: Annotated[bool, typer.Option("--ids", help="Print the ids of the hits alone, one a line.")] = False,
    offset: Annotated[int, typer.Option(help="Hits to leave out first.")] = 0,
    now: Annotated[str | None, typer.Option(metavar="DATE", help="What recency and relative dates count from.")] = None,
    expand: Annotated[bool, typer.Option("--expand", help="Let words of the best articles add to the scores.")] = False,
    why: Annotated[bool, typer.Option("--why", help="Say what each score is made of.")] = False,
    why_not: Annotated[
        str | None, typer.Option(metavar="ID_OR_PATH", help="Say why this article is not found, and nothing else.")
    ] = None,
    as_json: JsonOption = False,
    index: IndexOption = None,
    debug: DebugOption = False,
) -> int:
    """Search, and print ranked passages with what matched in bold."""
    if why_not is not None:
        with opened(index, debug=debug) as searched:
            misses = searched.why_not(query, why_not, since=since, until=until, all=every, now=now)
        return _print_misses(misses, why_not, as_json=as_json)
    with opened(index, debug=debug) as searched:
        results = searched.search(
            query,
            limit=0 if count else limit,
            offset=offset,
            passages=passages,
            since=since,
            until=until,
            sort=sort,
            recency=recency,
            all=every,
            group=not no_group,
            now=now,
            expand=expand,
        )
    from search.cli.printing import hit_json, plain, print_hit, print_json

    if count:
        print(results.total)
        return 0 if results.total else 1
    if as_json:
        print_json(
            {
                "query": results.query,
                "reading": results.reading,
                "notes": results.notes,
                "total": results.total,
                "total_stories": results.total_stories,
                "took_ms": round(results.took_ms, 3),
                "hits": [hit_json(hit, why=why) for hit in results],
            }
        )
    elif ids:
        for hit in results:
            print(plain(hit.id))
    else:
        best = max((hit.score for hit in results), default=0.0)
        for rank, hit in enumerate(results, offset + 1):
            print_hit(rank, hit, best, why=why)
        articles = "article" if results.total == 1 else "articles"
        print(f"{results.total} {articles} for {plain(results.reading) or 'nothing'} in {results.took_ms:.0f} ms")
    if not as_json:
        for note in results.notes:
            print(f"search: {plain(note)}", file=sys.stderr)
    return 0 if len(results) or results.total else 1


def _print_misses(misses: "Sequence[Miss]", article: str, *, as_json: bool) -> int:
    """Print the clauses that an article does not fit."""
    from search.cli.printing import plain, print_json

    if as_json:
        print_json({"id": article, "misses": [miss._asdict() for miss in misses]})
        return 0
    if not misses:
        print(f"{plain(article)} is found")
    for clause, reason, nearest in misses:
        print(plain(f"{clause}: {reason}{f'; {nearest}' if nearest else ''}"))
    return 0


COMMANDS = (find,)
