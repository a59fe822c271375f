"""`search quotes`."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from search.cli.options import DebugOption, IndexOption, JsonOption, opened

if TYPE_CHECKING:
    from search.model import Quote

_FEW = 5  # articles that are named


def quotes(
    query: Annotated[str, typer.Argument(help='What is said, or who says it; also quote:"not much" by:kirby.')],
    limit: Annotated[int, typer.Option("--limit", "-n", help="Most quotations.")] = 20,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Published on this day or later.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Published on this day or earlier.")] = None,
    as_json: JsonOption = False,
    index: IndexOption = None,
    debug: DebugOption = False,
) -> int:
    """List quotations with who says them: the same words once, with the articles that have them."""
    with opened(index, debug=debug) as searched:
        found = searched.quotes(query, limit=limit, since=since, until=until)
    from search.cli.printing import plain, print_json

    if as_json:
        listed = [
            quote._asdict() | {"utterances": [utterance._asdict() for utterance in quote.utterances]}
            for quote in found.quotes
        ]
        print_json({"query": found.query, "reading": found.reading, "notes": found.notes, "quotes": listed})
    else:
        for quote in found.quotes:
            _print(quote)
        n = len(found.quotes)
        print(f"{n} {'quotation' if n == 1 else 'quotations'} for {plain(found.reading) or 'nothing'}")
        for note in found.notes:
            print(f"search: {plain(note)}", file=sys.stderr)
    return 0 if found.quotes else 1


def _print(quote: "Quote") -> None:
    from search.cli.printing import plain, styled, wrapped

    print(wrapped(f"\u201c{quote.text}\u201d", ""))
    period = quote.first or "undated"
    if quote.last != quote.first:
        period = f"{quote.first} to {quote.last}"
    n = len({utterance.id for utterance in quote.utterances})
    articles = f"{n} articles" if n > 1 else ""
    about = [quote.speaker or "speaker not known", period, ", ".join(quote.outlets), articles]
    print(f"    {styled(plain(about[0]), '1')}{plain(''.join(f' · {each}' for each in about[1:] if each))}")
    for each in quote.utterances[:_FEW]:
        line = f":{each.line}" if each.path == each.id else ""
        print(styled(f"    {plain(each.path or each.id)}{line}", "2"))
    if len(quote.utterances) > _FEW:
        print(styled(f"    and {len(quote.utterances) - _FEW} more", "2"))
    print()


COMMANDS = (quotes,)
