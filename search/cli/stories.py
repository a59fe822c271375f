"""`search stories`."""

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
    from search.model import StoryListing


def stories(
    query: Annotated[
        str | None, typer.Argument(help="Only stories of which some article matches this; else all.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", "-n", help="Most stories; by default all.")] = None,
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
    """List what several articles tell in the same words. The largest story is first."""
    asked = filters(dates(since, until, now, stated=stated), every=every, no_variants=no_variants)
    with opened(index, debug=debug) as searched:
        found = searched.stories(query, limit=limit, **asked)
    from search.cli.printing import amount, print_json

    if as_json:
        members = [{"members": [member._asdict() for member in story.members]} for story in found]
        print_json({"stories": [story._asdict() | more for story, more in zip(found, members, strict=True)]})
    else:
        for story in found:
            _print(story)
        print(f"{amount(len(found), 'story', 'stories')} of two articles or more")
    return 0 if found else 1


def _print(story: "StoryListing") -> None:
    from search.cli.printing import amount, how, plain, styled

    print(f"{story.size:>3}  {styled(plain(story.title or story.id), '1')}")
    outlets = f"{len(story.outlets)} outlets" if len(story.outlets) > 1 else "".join(story.outlets)
    period = story.first or "undated"
    if story.days:
        period = f"{story.first} to {story.last}, {amount(story.days, 'day')}"
    print(styled(f"     {plain(' · '.join(filter(None, [period, outlets, story.id])))}", "2"))
    for member in story.members:
        told = filter(None, [member.source, member.id])
        print(f"     {how(member):>13}  {plain(' · '.join(told))}")
    print()
