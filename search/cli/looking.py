"""`search show`, `search complete`, `search stats`, `search check` and `search export`."""

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from search.cli.options import ArticleArgument, DebugOption, IndexOption, JsonOption, opened

if TYPE_CHECKING:
    from search.model import Article

_FAINT = frozenset({"date", "caption", "reference", "source", "author"})
_BOLD = frozenset({"title", "subheading"})


def show(
    article: ArticleArgument,
    as_json: JsonOption = False,
    index: IndexOption = None,
    debug: DebugOption = False,
) -> int:
    """Print an article, its furniture faint on a terminal."""
    from search.cli.printing import plain, print_json, styled

    with opened(index, debug=debug) as searched:
        found = searched.get(searched.resolve(article))
        date, date_source = searched.published(found.id)
    if as_json:
        print_json(_record(found) | ({"date": date, "date_source": date_source} if date else {}))
        return 0
    stated = [date and f"{date} ({date_source})", found.source, found.author, found.url]
    about = " · ".join(filter(None, [found.id, *stated]))
    print(styled(plain(about), "2"))
    zones = found.zones or ()
    if found.title and not any(zone.kind == "title" for zone in zones):
        print(f"\n{styled(plain(found.title), '1')}")
    print()
    at = 0
    for kind, start, end in zones:
        style = "1" if kind in _BOLD else "2" if kind in _FAINT else "3" if kind == "deck" else ""
        between = plain(found.text[at:start], lines=True)
        text = plain(found.text[start:end], lines=True)
        print(between + (styled(text, style) if style else text), end="")
        at = end
    print(plain(found.text[at:], lines=True).rstrip("\n"))
    return 0


def complete(
    prefix: Annotated[str, typer.Argument(help="How the word begins; of several, the last.")],
    limit: Annotated[int, typer.Option("--limit", "-n", help="Most words.")] = 10,
    as_json: JsonOption = False,
    index: IndexOption = None,
    debug: DebugOption = False,
) -> int:
    """Print the words of the index that begin so. The most frequent is first; each has the number of its articles."""
    from search.cli.printing import plain, print_json

    with opened(index, debug=debug) as searched:
        found = searched.complete(prefix, limit=limit)
    if as_json:
        print_json({"prefix": prefix, "words": [{"word": word, "articles": n} for word, n in found]})
    else:
        for word, n in found:
            print(f"{plain(word)}\t{n}")
    return 0 if found else 1


def stats(as_json: JsonOption = False, index: IndexOption = None, debug: DebugOption = False) -> int:
    """Print what the index holds, and what takes how much room."""
    from search.cli.printing import amount, plain, print_json

    with opened(index, debug=debug) as searched:
        found = searched.stats()
    if as_json:
        print_json(found._asdict())
        return 0
    period = f", {found.first} to {found.last}" if found.first else ""
    print(f"{amount(found.articles, 'article')} in {plain(searched.location)}; {found.dated:,} dated{period}")
    print(
        f"{found.terms:,} terms, {found.tokens:,} tokens, {amount(found.segments, 'segment')}, {found.deleted} deleted"
    )
    print(
        ", ".join(
            f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
            for name, value in found.settings.items()
        )
    )
    print(f"{found.bytes:,} bytes:")
    for name, size in found.parts.items():
        if size:
            print(f"  {name:16} {size:>14,}  {size / found.bytes:6.1%}  {'█' * round(40 * size / found.bytes)}")
    return 0


def check(index: IndexOption = None, debug: DebugOption = False) -> int:
    """Verify every checksum and every invariant of the index."""
    from search.cli.printing import amount, plain

    def tell(done: int, total: int) -> None:
        if sys.stderr.isatty() and (done % 500 == 0 or done == total):
            print(f"\r{done:,} of {total:,} articles", end="\n" if done == total else "", file=sys.stderr)

    with opened(index, debug=debug) as searched:
        problems = searched.check(tell)
        for problem in problems:
            print(plain(problem))
        if not problems:
            print(f"{amount(len(searched), 'article')}, all sound")
    return 1 if problems else 0


def export(index: IndexOption = None, debug: DebugOption = False) -> int:
    """Print all articles as JSON lines, of which `search index -` makes the same index.

    Where the index has a language or settings of its own, the last line on stderr is the command that does.
    """
    with opened(index, debug=debug) as searched:
        searched.stats()  # an index that is not there is an error
        unusual = searched.settings(unusual=True)
        for article in searched:
            print(json.dumps(_record(article), ensure_ascii=sys.stdout.isatty()))
    if unusual:
        told = [
            f"--{name} {value}" if name == "language" else f"--set {name}={value}" for name, value in unusual.items()
        ]
        print("make the same index of it with: search index -", *told, file=sys.stderr)
    return 0


def _record(article: "Article") -> dict[str, Any]:
    """Return an article as `export` writes it: what it does not have is left out."""
    fields = {
        "id": article.id,
        "title": article.title,
        "date": article.iso_date,
        "date_source": article.date_source,
        "source": article.source,
        "author": article.author,
        "url": article.url,
        "path": article.path,
        "encoding": article.encoding,
        "zones": article.zones,
        "text": article.text,
    }
    # An article without a path would get that of the file with its record.
    known = {name: value for name, value in fields.items() if value is not None or name == "path"}
    # A reader takes further keys for `meta`; what has a name of its own stays apart.
    own = fields.keys() | {"body", "meta"}
    apart = {name: value for name, value in article.meta.items() if name in own}
    further = {name: value for name, value in article.meta.items() if name not in own}
    return {**known, **further, **({"meta": apart} if apart else {})}
