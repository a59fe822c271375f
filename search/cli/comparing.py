"""`search diff`, `search related` and `search variants`."""

from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from search.cli.options import ArticleArgument, DebugOption, IndexOption, JsonOption, opened, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from search.model import Passage
    from search.reports import Aligned, Diff, Related

NARROW = 60  # columns; in fewer, one article stands below the other
_FEW = 3  # words of a change that are shown in the list of changes
_ADDED, _REMOVED, _SPELLED = "32", "31", "36"  # green, red, cyan


def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="Id of an article, or part of its file's name.")],
    others: Annotated[list[str], typer.Argument(metavar="B...", help="The articles to compare with it.")],
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page for a browser instead.")] = None,
    as_json: JsonOption = False,
    index: IndexOption = None,
    debug: DebugOption = False,
) -> int:
    """Show two articles side by side. What only one says, what was changed, what was moved."""
    with opened(index, debug=debug) as searched:
        first = searched.resolve(a)
        found = [searched.diff(first, searched.resolve(other)) for other in others]
    if html:
        from search.present.side_by_side import page

        write(html, "--html", page(found))
    elif as_json:
        from search.cli.printing import print_json

        every = [_json(each) for each in found]
        print_json(every[0] if len(every) == 1 else {"diffs": every})
    else:
        for each in found:
            _print(each)
    return 0


def related(
    article: ArticleArgument,
    limit: Annotated[int, typer.Option("--limit", "-n", help="Most articles.")] = 10,
    as_json: JsonOption = False,
    index: IndexOption = None,
    debug: DebugOption = False,
) -> int:
    """List articles of other stories that seem to tell of the same event, and what says so."""
    with opened(index, debug=debug) as searched:
        found = searched.related(searched.resolve(article), limit=limit)
    from search.cli.printing import plain, print_json, styled, wrapped
    from search.model import dated
    from search.present.events import summary

    if as_json:
        print_json({"related": [account._asdict() | {"related": _related(account.related)} for account in found]})
        return 0 if found else 1
    for account in found:
        print(styled(plain(account.title or account.id), "1"))
        about = " · ".join(filter(None, [dated(account.date, account.date_source), account.source, account.id]))
        print(styled(f"  {plain(about)}", "2"))
        print(f"{wrapped(plain(summary(account.related.evidence)), '  ')}\n")
    print(
        f"{len(found)} {'article' if len(found) == 1 else 'articles'} of other stories, by inference on the same event"
    )
    return 0 if found else 1


def variants(
    word: Annotated[str | None, typer.Argument(help="Only other spellings of this word; else all.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", help="Most words.")] = 100,
    as_json: JsonOption = False,
    index: IndexOption = None,
    debug: DebugOption = False,
) -> int:
    """List words that copies spell in different ways. Each has a sentence of either."""
    with opened(index, debug=debug) as searched:
        found = searched.variants(word, limit=limit)
    from search.cli.printing import amount, passage_json, plain, print_json, print_passage, styled

    if as_json:
        evidence = [
            [[{"id": side.id} | passage_json(side) for side in pair] for pair in each.evidence] for each in found
        ]
        told = [{"forms": v.forms, "count": v.count, "evidence": e} for v, e in zip(found, evidence, strict=True)]
        print_json({"variants": told})
        return 0 if found else 1
    for each in found:
        print(f"{each.count:>5}  {styled(plain(' / '.join(each.forms)), '1')}")
        for side in each.evidence[0]:
            print_passage(side, "       ")
            print(styled(f"       {plain(side.id)}", "2"))
        print()
    print(f"{amount(len(found), 'word')} spelled in different ways")
    return 0 if found else 1


def _both(pairs: "Iterable[tuple[Passage, Passage]]") -> list[list[dict[str, Any]]]:
    from search.cli.printing import passage_json

    return [[passage_json(one), passage_json(other)] for one, other in pairs]


def _related(related: "Related") -> dict[str, Any]:
    evidence = [each._asdict() for each in related.evidence]
    return related._asdict() | {"passages": _both(related.passages), "evidence": evidence}


def _json(diff: "Diff") -> dict[str, Any]:
    from search.cli.printing import passage_json

    changed = [
        {"a": passage_json(row.a), "b": passage_json(row.b), "words": row.words, "spelling": row.spelling}
        for row in diff.changed
        if row.a and row.b
    ]
    return {
        "a": diff.a.id,
        "b": diff.b.id,
        **_related(diff.related),
        "only_a": list(map(passage_json, diff.only_a)),
        "only_b": list(map(passage_json, diff.only_b)),
        "changed": changed,
        "moved": _both(diff.moved),
    }


def _print(diff: "Diff") -> None:
    from search.cli.printing import amount, plain, styled, width
    from search.present.events import summary

    for letter, name, about in zip("AB", diff.names, diff.abouts, strict=True):
        print(f"{letter}  {styled(plain(name), '1')}")
        print(styled(f"   {plain(about)}", "2"))
    related = diff.related
    shares = f": {related.shared_a:.0%} of A, {related.shared_b:.0%} of B" if related.shared else ""
    if related.relation != "same event":
        print(f"{'unrelated' if related.relation == 'none' else related.relation}{shares}")
    if related.evidence:
        print(plain(f"same event, inferred from {summary(related.evidence)}"))
    spelled = Counter(change for row in diff.rows for change in row.spelling)
    changed = Counter(change for row in diff.rows for change in row.words if change not in spelled and is_short(change))
    for label, counted in (("changed", changed), ("spelled", spelled)):
        if counted:
            told = (f"{one} → {other}{f' ({n})' if n > 1 else ''}" for (one, other), n in counted.items())
            print(plain(f"{label}: {' · '.join(told)}"))
    print()
    columns = max(width(), 30)
    for is_same, rows in groupby(diff.rows, lambda row: bool(row.a and row.b and not row.words and not row.moved)):
        if is_same:
            n = sum(1 for _ in rows)
            print(styled(f"= {amount(n, 'sentence')} the same\n", "2"))
        else:
            for row in rows:
                _print_row(row, columns)


def is_short(change: tuple[str, str]) -> bool:
    """Return whether a change is short enough to be shown by itself, and no mere addition."""
    return all(side and len(side.split()) <= _FEW for side in change)


def _print_row(row: "Aligned", columns: int) -> None:
    """Print two versions of a sentence beside each other, or what only one article says in its column."""
    from search.cli.printing import styled

    sign = "|" if row.a and row.b and row.words else "=" if row.a and row.b else "<" if row.a else ">"
    sign += "~" if row.moved else " "
    narrow = columns < NARROW
    room = columns - 3 if narrow else (columns - 4) // 2
    one, other = (_column(side, row, style, room) for side, style in ((row.a, _REMOVED), (row.b, _ADDED)))
    if narrow:
        for name, lines in (("A", one), ("B", other)):
            for line, _ in lines:
                print(f"{name}{sign}{line}")
    else:
        for at in range(max(len(one), len(other))):
            here, length = one[at] if at < len(one) else ("", 0)
            there, _ = other[at] if at < len(other) else ("", 0)
            print(f"{here}{' ' * (room - length)} {styled(sign, '2') if at == 0 else '  '} {there}".rstrip())
    print()


def _column(passage: "Passage | None", row: "Aligned", style: str, room: int) -> list[tuple[str, int]]:
    """Return the lines of a sentence, each with the columns it takes; the words that differ are coloured.

    Where there are no colours, they stand in brackets, unless nothing stands beside them.
    """
    from search.cli.printing import is_terminal, marked, plain, styled

    if passage is None:
        return []
    alone = not (row.a and row.b)
    spelled = {side for change in row.spelling for side in change}
    words: list[list[tuple[str, str]]] = [[]]  # of stretches, each with its style
    for text, is_marked in marked(passage.text, passage.highlights, passage.start):
        how = style if alone else (_SPELLED if text in spelled else style) if is_marked else ""
        shown = text if not is_marked or is_terminal() else f"[{text}]"
        first, *others = plain(" ".join(shown.split())).split(" ") if shown.strip() else [""]
        if text[:1].isspace() and words[-1]:
            words.append([])
        if first:
            words[-1].append((first, how))
        words += [[(word, how)] for word in others]
        if text[-1:].isspace() and words[-1]:
            words.append([])
    return _filled([word for word in words if word], room, styled)


def _filled(words: "Sequence[Sequence[tuple[str, str]]]", room: int, styled: Any) -> list[tuple[str, int]]:
    """Return words on lines of at most `room` columns; one that is longer is cut."""
    lines: list[tuple[str, int]] = []
    line, length = "", 0
    for word in words:
        size = sum(len(text) for text, _ in word)
        if length and length + 1 + size > room:
            lines.append((line, length))
            line, length = "", 0
        if length:
            line, length = line + " ", length + 1
        for stretch, style in word:
            text = stretch
            while length + len(text) > room:
                cut = room - length
                lines.append((line + styled(text[:cut], style), room))
                line, length, text = "", 0, text[cut:]
            line, length = line + styled(text, style), length + len(text)
    return [*lines, (line, length)] if length else lines
