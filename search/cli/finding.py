"""`search find`."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from search.cli.options import (
    AllOption,
    CountOption,
    DebugOption,
    IdsOption,
    IndexOption,
    JsonOption,
    NoGroupOption,
    NoVariantsOption,
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
    filters,
    opened,
)

if TYPE_CHECKING:
    from search.model import Miss, Results, Standing

MANY = 500  # articles of which counting the stories takes longer than the search


def find(
    query: Annotated[
        str, typer.Argument(help="What to look for; any text. May be left out with --since, --until or --sort.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", help="Most hits.")] = 10,
    passages: PassagesOption = 1,
    since: SinceOption = None,
    until: UntilOption = None,
    sort: SortOption = "relevance",
    recency: RecencyOption = None,
    every: AllOption = False,
    no_group: NoGroupOption = False,
    no_variants: NoVariantsOption = False,
    stated: StatedOption = False,
    count: CountOption = False,
    ids: IdsOption = False,
    fix: Annotated[bool, typer.Option("--fix", help="Search for what is suggested where little is found.")] = False,
    offset: OffsetOption = 0,
    after: Annotated[
        str | None, typer.Option(metavar="CURSOR", help="Begin behind the page whose JSON has this `cursor`.")
    ] = None,
    facets: Annotated[
        str | None,
        typer.Option(metavar="FIELDS", help="Count what matches by source, author, year, month …; commas between."),
    ] = None,
    now: NowOption = None,
    expand: Annotated[bool, typer.Option("--expand", help="Let words of the best articles add to the scores.")] = False,
    why: WhyOption = False,
    why_not: Annotated[
        str | None,
        typer.Option(metavar="ID_OR_PATH", help="Say why this article is not found, or its rank, and nothing else."),
    ] = None,
    as_json: JsonOption = False,
    index: IndexOption = None,
    debug: DebugOption = False,
) -> int:
    """Search, and print ranked passages with what matched in bold."""
    asked = filters(dates(since, until, now, stated=stated), every=every, no_variants=no_variants)
    with opened(index, debug=debug) as searched:
        if why_not is not None:
            article = searched.resolve(why_not)
            misses = searched.why_not(query, article, **asked)
            standing = None if misses else searched.standing(query, article, recency=recency, **asked)
            return _print_misses(misses, standing, article, as_json=as_json)
        results = searched.search(
            query,
            limit=0 if count else limit,
            offset=offset,
            passages=passages,
            sort=sort,
            recency=recency,
            group=not no_group,
            fix=fix,
            after=after,
            expand=expand,
            **asked,
        )
        fields = [name.strip() for name in (facets or "").split(",") if name.strip()]
        return show(results, fields, rank=offset + 1, count=count, ids=ids, why=why, as_json=as_json)


def show(
    results: "Results", fields: "Sequence[str]", *, rank: int, count: bool, ids: bool, why: bool, as_json: bool
) -> int:
    """Print the hits of a search, and how many articles have what in some fields; return the exit status.

    Args:
        results: Of the search.
        fields: Whose values are counted.
        rank: Of the first hit.
        count, ids, why, as_json: The options of `find`.
    """
    from search.cli.printing import amount, asked, facets_json, hit_json, plain, print_facets, print_hit, print_json

    if as_json:
        print_json(
            {
                "query": results.query,
                "reading": results.reading,
                "notes": results.notes,
                "total": results.total,
                "total_stories": results.total_stories,
                "took_ms": round(results.took_ms, 3),
                "cursor": results.cursor,
                "hits": [hit_json(hit, why=why) for hit in results],
                "suggestions": [
                    {"query": text, "total": n, "changes": changes} for text, n, changes in results.suggestions
                ],
                "clauses": [
                    {**each._asdict(), "near": [spelt._asdict() for spelt in each.near]} for each in results.clauses
                ],
                "unknown": results.unknown,
            }
            | ({"facets": facets_json(results.facets(*fields))} if fields else {})
        )
    elif count:
        print(results.total)
        return 0 if results.total else 1
    elif ids:
        for hit in results:
            print(plain(hit.id))
    else:
        best = max((hit.score for hit in results), default=0.0)
        for number, hit in enumerate(results, rank):
            print_hit(number, hit, best, why=why)
        if fields:
            print_facets(results.facets(*fields))
        n_stories = results.total_stories if results.total <= MANY else results.total
        folded = f" ({amount(n_stories, 'story', 'stories')})" if n_stories != results.total else ""
        print(f"{amount(results.total, 'article')}{folded}{asked(results.reading)} in {results.took_ms:.0f} ms")
    if not as_json:
        for note in [*results.notes, *_help(results)]:
            print(f"search: {plain(note)}", file=sys.stderr)
    return 0 if len(results) or results.total else 1


def _help(results: "Results") -> Iterator[str]:
    """Yield what is said of a query that finds little."""
    from search.cli.printing import amount

    clauses = results.clauses
    if len(clauses) > 1:
        yield f"Found by each alone: {' · '.join(f'{each.clause} {each.articles}' for each in clauses)}"
        for each in clauses if not results.suggestions else ():
            if each.near:
                spelt = " · ".join(f"{word} {n}" for word, n in each.near)
                yield f"Instead of {each.clause}, found alone: {spelt}"
    if clauses and all(each.articles for each in clauses):  # none is to blame by itself
        yield from (f"Without {each.clause}: {amount(each.others, 'article')}" for each in clauses if each.others)
    if results and results.unknown:
        yield f"In no article: {', '.join(results.unknown)}"
    if suggestions := results.suggestions:
        yield "Did you mean (--fix searches for the first):"
        yield from (f"    {text}  ({amount(n, 'article')})" for text, n, _ in suggestions)


def _print_misses(misses: "Sequence[Miss]", standing: "Standing | None", article: str, *, as_json: bool) -> int:
    """Print the clauses that an article does not fit, or where it stands."""
    from search.cli.printing import plain, print_json

    if as_json:
        found = {} if standing is None else {"standing": standing._asdict()}
        print_json({"id": article, "misses": [miss._asdict() for miss in misses], **found})
        return 0
    if standing:
        tenth = f"; the tenth has {standing.tenth:.3f}" if standing.tenth is not None else ""
        print(f"{plain(article)} is found: rank {standing.rank} of {standing.total}, score {standing.score:.3f}{tenth}")
        if standing.under is not None:
            print(f"its story is shown under {plain(standing.under)}; --no-group shows it by itself")
    for clause, reason, nearest in misses:
        print(plain(f"{clause}: {reason}{f'; {nearest}' if nearest else ''}"))
    if standing or misses:
        return 0
    print(
        "search: the query asks for nothing, so nothing is found: say what the article should be found by",
        file=sys.stderr,
    )
    return 1
