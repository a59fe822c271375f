"""`search quotes` and `search numbers`: what articles claim."""

import sys
import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from search.cli.options import (
    AllOption,
    DebugOption,
    IndexOption,
    JsonOption,
    NoVariantsOption,
    NowOption,
    SinceOption,
    StatedOption,
    UntilOption,
    dates,
    filters,
    opened,
)

if TYPE_CHECKING:
    from search.reports import Figure, Quote, Tally, Value

_FEW = 5  # articles that are named
_MOST = 10  # numbers of one count,
_COLUMN = 16  # characters of their column
_LONG = 150  # of a sentence


def quotes(
    query: Annotated[str, typer.Argument(help='What is said, or who says it; also quote:"not much" by:kirby.')],
    limit: Annotated[int, typer.Option("--limit", "-n", help="Most quotations.")] = 20,
    since: SinceOption = None,
    until: UntilOption = None,
    every: AllOption = False,
    no_variants: NoVariantsOption = False,
    stated: StatedOption = False,
    now: NowOption = None,
    as_json: JsonOption = False,
    index: IndexOption = None,
    debug: DebugOption = False,
) -> int:
    """List quotations with who says them. The same words are listed once, with the articles that have them."""
    told = filters(dates(since, until, now, stated=stated), every=every, no_variants=no_variants)
    with opened(index, debug=debug) as searched:
        found = searched.quotes(query, limit=limit, **told)
    from search.cli.printing import amount, asked, plain, print_json

    if as_json:
        listed = [
            quote._asdict() | {"utterances": [utterance._asdict() for utterance in quote.utterances]}
            for quote in found.quotes
        ]
        print_json({"query": found.query, "reading": found.reading, "notes": found.notes, "quotes": listed})
    else:
        for quote in found.quotes:
            _print(quote)
        print(f"{amount(len(found.quotes), 'quotation')}{asked(found.reading)}")
        for note in found.notes:
            print(f"search: {plain(note)}", file=sys.stderr)
    return 0 if found.quotes else 1


def _print(quote: "Quote") -> None:
    from search.cli.printing import amount, place, plain, styled, wrapped
    from search.model import is_inferred
    from search.text.moments import DAY

    print(wrapped(f"\u201c{quote.text}\u201d", ""))
    first, last = (quote.first or "undated")[:DAY], (quote.last or "undated")[:DAY]
    period = first if first == last else f"{first} to {last}"
    if quote.first and all(is_inferred(each.date_source) for each in quote.utterances if each.date):
        period += " (inferred)"
    n = len({utterance.id for utterance in quote.utterances})
    articles = amount(n, "article") if n > 1 else ""
    about = [quote.speaker or "speaker not known", period, ", ".join(quote.outlets), articles]
    print(f"    {styled(plain(about[0]), '1')}{plain(''.join(f' · {each}' for each in about[1:] if each))}")
    for each in quote.utterances[:_FEW]:
        print(styled(f"    {plain(place(each.id, each.path, each.line))}", "2"))
    if len(quote.utterances) > _FEW:
        print(styled(f"    and {len(quote.utterances) - _FEW} more", "2"))
    print()


def numbers(
    query: Annotated[str, typer.Argument(help="What is counted, such as: provincial capitals.")],
    limit: Annotated[int, typer.Option("--limit", "-n", help="Most counts.")] = 20,
    since: SinceOption = None,
    until: UntilOption = None,
    every: AllOption = False,
    no_variants: NoVariantsOption = False,
    stated: StatedOption = False,
    now: NowOption = None,
    as_json: JsonOption = False,
    index: IndexOption = None,
    debug: DebugOption = False,
) -> int:
    """Compare how many of something articles say there are. First come the counts on which they disagree."""
    told = filters(dates(since, until, now, stated=stated), every=every, no_variants=no_variants)
    with opened(index, debug=debug) as searched:
        found = searched.numbers(query, limit=limit, **told)
    from search.cli.printing import amount, asked, plain, print_json

    if as_json:
        tallies = [
            tally._asdict()
            | {
                "values": [
                    value._asdict() | {"figures": [figure._asdict() for figure in value.figures]}
                    for value in tally.values
                ]
            }
            for tally in found.tallies
        ]
        print_json({"query": found.query, "reading": found.reading, "notes": found.notes, "tallies": tallies})
    else:
        for tally in found.tallies:
            _print_tally(tally)
        n_disagree = sum(tally.disagree for tally in found.tallies)
        print(f"{amount(len(found.tallies), 'count')}{asked(found.reading)}, {n_disagree} in dispute")
        for note in found.notes:
            print(f"search: {plain(note)}", file=sys.stderr)
    return 0 if found.tallies else 1


def _print_tally(tally: "Tally") -> None:
    from search.cli.printing import amount, place, plain, styled, wrapped
    from search.model import dated
    from search.text.moments import DAY

    about = [tally.what, tally.said, *tally.which]
    label = plain(" \u00b7 ".join(filter(None, about)))
    print(f"{styled(label, '1')}{'  articles disagree' if tally.disagree else ''}")
    for value in tally.values[:_MOST]:
        sentence = ""
        for at, figure in enumerate(value.figures[:_FEW]):
            about = [
                dated(figure.date and figure.date[:DAY], figure.date_source),
                figure.source or "",
                place(figure.id, figure.path, figure.line),
            ]
            if not at and value.stories < len(value.figures):
                about.append(f"{len(value.figures)} articles, {amount(value.stories, 'story', 'stories')}")
            number = _number(value, tally.unit) if not at else ""
            print(f"{number:>{_COLUMN}}  {styled(plain(' · '.join(filter(None, about))), '2')}")
            if figure.sentence != sentence:
                sentence = figure.sentence
                print(wrapped(_around(figure), " " * (_COLUMN + 2)))
        if len(value.figures) > _FEW:
            print(styled(f"{'':{_COLUMN}}  and {len(value.figures) - _FEW} more", "2"))
    if len(tally.values) > _MOST:
        print(styled(f"{'':{_COLUMN}}  and {amount(len(tally.values) - _MOST, 'other number')}", "2"))
    print()


def _around(figure: "Figure") -> str:
    """Return the sentence of a number, cut between words to `_LONG` characters around it."""
    text = " ".join(figure.sentence.split())
    if len(text) <= _LONG:
        return text
    begin = text.rfind(" ", 0, max(text.find(figure.text) - _LONG // 2, 0)) + 1
    return ("… " if begin else "") + textwrap.shorten(text[begin:], _LONG, placeholder=" …")


def _number(value: "Value", unit: str) -> str:
    """Return a number as it is compared."""
    least, most = f"{value.least:,.10g}", "" if value.most is None else f"{value.most:,.10g}"
    if value.most is None:
        said = f">= {least}"
    elif value.least == value.most:
        said = least
    else:
        said = f"{least}-{most}" if value.least else f"<= {most}"
    return f"{said}{unit}" if unit == "%" else f"{said} {unit}".strip()
