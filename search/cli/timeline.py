"""`search timeline`."""

import sys
from pathlib import Path
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
    write,
)

if TYPE_CHECKING:
    from search.reports import Timeline

_BAR = 40  # columns
_SHOWN = 2  # empty buckets in a row that are printed; of more, how many


def timeline(
    query: Annotated[
        str, typer.Argument(help="What to look for; any text. May be left out with --since or --until.")
    ] = "",
    unit: Annotated[
        str | None, typer.Option(metavar="UNIT", help="day, week, month or year; by default one that fits.")
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    every: AllOption = False,
    no_variants: NoVariantsOption = False,
    stated: StatedOption = False,
    now: NowOption = None,
    svg: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a picture of it, too; - prints that alone.")
    ] = None,
    as_json: JsonOption = False,
    index: IndexOption = None,
    debug: DebugOption = False,
) -> int:
    """Show when what matches was published. Words tell each peak from the rest."""
    told = filters(dates(since, until, now, stated=stated), every=every, no_variants=no_variants)
    with opened(index, debug=debug) as searched:
        found = searched.timeline(query, unit, **told)
    from search.cli.printing import plain, print_json

    if svg is not None:
        from search.present.picture import svg as drawn

        write(svg, "--svg", drawn(found))
    is_alone = str(svg) == "-"  # neither bars nor JSON belong into a picture
    if as_json and not is_alone:
        print_json(found._asdict() | {"buckets": [bucket._asdict() for bucket in found.buckets]})
    else:
        if not is_alone:
            _print(found)
        for note in found.notes:
            print(f"search: {plain(note)}", file=sys.stderr)
    return 0 if found.buckets or found.unknown else 1


def _print(timeline: "Timeline") -> None:
    """Print a line for each bucket: its beginning, a bar of its articles, those of its stories full, and its words."""
    from search.cli.printing import amount, asked, plain, styled, width

    most = max((bucket.articles for bucket in timeline.buckets), default=0)
    room = min(_BAR, max(8, width() - 40))
    empty = 0
    for bucket in timeline.buckets:
        if not bucket.articles:
            empty += 1
            continue
        if empty > _SHOWN:
            print(styled(f"{'⋮':^{len(bucket.start)}}  {empty} without any", "2"))
        else:
            for _ in range(empty):
                print(styled(f"{'·':^{len(bucket.start)}}", "2"))
        empty = 0
        length = max(1, round(room * bucket.articles / most))
        full = max(1, round(length * bucket.stories / bucket.articles))
        bar = "█" * full + "░" * (length - full)
        n = f"{bucket.articles:,}"
        if bucket.stories != bucket.articles:
            n += f" ({amount(bucket.stories, 'story', 'stories')})"
        print(f"{bucket.start}  {bar} {n}{'  ' if bucket.words else ''}{styled(plain(', '.join(bucket.words)), '1')}")
    n_articles = sum(bucket.articles for bucket in timeline.buckets)
    told = f"{amount(n_articles, 'article')} by {timeline.unit}"
    if timeline.unknown:
        told += f"; {timeline.unknown:,} more of unknown {timeline.unit}"
    print(f"{told}{',' if timeline.reading else ''}{asked(timeline.reading)}")
