"""`search index`, `delete`, `compact`, `backup` and `repair`."""

import contextlib
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from search.cli.options import DebugOption, IndexOption, opened, setting
from search.errors import QueryError, ReadError

LEAST_MEMORY = 64 << 20
_FEW = 3  # articles that are named

if TYPE_CHECKING:
    from search.model import Article

    Advance = Callable[[Article, str], None]
    Tell = Callable[[str], None]


def index(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files and folders; - reads JSON lines.")],
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove articles from under PATH that are no longer there.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Let an article replace one of another file with its id.")
    ] = False,
    language: Annotated[str | None, typer.Option(help="Of a new index, for stemming.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Keep a setting of ranking, e.g. k1=1.2.")
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes that tokenize; by default one a core.")] = None,
    memory: Annotated[str, typer.Option(metavar="SIZE", help="How much indexing may take, about.")] = "512M",
    index: IndexOption = None,
    debug: DebugOption = False,
) -> int:
    """Index articles. New ones are added, changed ones replaced, the same ones skipped."""
    from search.cli.printing import amount, first_of, plain
    from search.reading import read, read_records
    from search.reading.walking import name_of

    chosen = dict(setting(text) for text in settings or ())
    _check_language(language)
    most = _bytes(memory)
    failed: list[ReadError] = []

    def fail(error: ReadError) -> None:
        failed.append(error)
        tell(f"search: {plain(str(error))}")

    def refuse(article: "Article", path: str) -> None:
        tell(
            f"search: {plain(article.path or article.id)}: its id {plain(article.id)} belongs to an article of "
            f"{plain(path or 'no file')}, which stays; use --replace to replace it"
        )

    unread: list[str] = []  # articles, and what is written there for a date
    again: list[str] = []  # articles that came under an id that another one has

    def articles() -> "Iterator[Article]":
        for path in paths:
            some = read_records(sys.stdin.buffer, "-", errors=fail) if path == "-" else read([path], errors=fail)
            for article in some:
                if not article.date and "date" in article.meta:
                    unread.append(f"{article.meta['date']!r} in {article.id}")
                yield article

    def follow(article: "Article", outcome: str) -> None:
        if outcome == "repeated":
            again.append(article.id)
        if advance:
            advance(article, outcome)

    missing = [path for path in paths if path != "-" and not os.path.lexists(path)]
    if missing and prune:
        raise ReadError(name_of(missing[0]), "is not there, so nothing is removed: check the path")
    began = time.perf_counter()
    with opened(index, debug=debug) as written, _progress(paths) as (advance, stage, tell):
        added = written.add(
            articles(),
            progress=follow,
            refuse=None if replace else refuse,
            prune=[name_of(path) for path in paths if path != "-"] if prune else [],
            language=language,
            jobs=jobs or os.cpu_count() or 1,
            memory=most,
            settings=chosen,
            tell=stage,
        )
        total = len(written)
    took = time.perf_counter() - began
    if unread:
        dates = f"{amount(len(unread), 'date')} cannot be read: {plain(first_of(unread, _FEW))}"
        print(f"search: {dates}; write them as 2021-08-10; until then the articles are undated", file=sys.stderr)
    if again:
        print(
            f"search: {amount(len(again), 'article')} came in the place of others with the same id, which are gone: "
            f"{plain(first_of(again, _FEW))}; give each an id of its own to keep both",
            file=sys.stderr,
        )
    counts = [f"{n} {what}" for what, n in (*added._asdict().items(), ("failed", len(failed))) if n]
    there = f"{amount(total, 'article')} in {plain(written.location)}"
    print(f"{', '.join(counts) or 'nothing to do'}; {there} ({took:.1f} s)")
    return 1 if failed or added.refused else 0


def delete(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Articles to delete, all or none.")],
    index: IndexOption = None,
    debug: DebugOption = False,
) -> int:
    """Delete articles by id."""
    from search.cli.printing import amount

    with opened(index, debug=debug) as written:
        written.delete(ids)
        print(f"{len(set(ids))} deleted; {amount(len(written), 'article')} left")
    return 0


def compact(index: IndexOption = None, debug: DebugOption = False) -> int:
    """Merge the index into one segment, without what was deleted."""
    from search.cli.printing import amount

    with opened(index, debug=debug) as written:
        written.compact(lambda what: print(f"search: {what}", file=sys.stderr) if sys.stderr.isatty() else None)
        print(f"{amount(len(written), 'article')} in one segment")
    return 0


def repair(
    language: Annotated[str | None, typer.Option(help="Of the index, if its commit file is lost.")] = None,
    index: IndexOption = None,
    debug: DebugOption = False,
) -> int:
    """Make an index of what is left of a damaged one. Articles that are lost are named."""
    from search.cli.options import location
    from search.cli.printing import amount, plain
    from search.index import repair as repair_index

    done = repair_index(location(index, debug=debug), language=language)
    for note in done.notes:
        print(f"search: {plain(note)}", file=sys.stderr)
    for article_id, path in done.lost:
        print(f"lost: {plain(article_id or 'an article whose name is lost, too')}{f' ({plain(path)})' if path else ''}")
    print(f"{amount(done.kept, 'article')} kept, {done.rescued} indexed again, {len(done.lost)} lost")
    return 1 if done.lost else 0


def backup(
    target: Annotated[str, typer.Argument(metavar="DEST", help="A folder that is empty or not there yet.")],
    index: IndexOption = None,
    debug: DebugOption = False,
) -> int:
    """Copy the index to another folder. Others may read and write it meanwhile.

    On the same disk the copy has links to the same files: it guards against mistakes, not against damage to the disk.
    """
    from search.cli.printing import amount, plain

    with opened(index, debug=debug) as copied:
        copied.backup(target)
        print(f"{amount(len(copied), 'article')} copied to {plain(target)}")
    return 0


def _bytes(size: str) -> int:
    match = re.fullmatch(r"(\d{1,6})\s*([KMG])I?B?", size.strip().upper())
    n = int(match[1]) << 10 * " KMG".index(match[2]) if match else 0
    if n < LEAST_MEMORY:
        raise QueryError(f"--memory {size}: write a number and M or G, at least 64M")
    return n


def _check_language(language: str | None) -> None:
    from search.text.analysis import USUAL, analyzer

    try:
        analyzer(language or USUAL)
    except ValueError as error:
        raise QueryError(f"--language {language}: {error}") from error


@contextlib.contextmanager
def _progress(paths: list[str]) -> "Iterator[tuple[Advance | None, Tell | None, Tell]]":
    """Yield what to call after each article, with what is done after them, and with each message.

    Where standard error is no terminal, only messages are shown.
    """
    if not sys.stderr.isatty():
        yield None, None, lambda message: print(message, file=sys.stderr)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading", total=_bytes_in(paths), rate="")
        n = n_bytes = 0
        began = time.perf_counter()

        def advance(article: "Article", outcome: str) -> None:  # noqa: ARG001  # every outcome is progress
            nonlocal n, n_bytes
            n += 1
            n_bytes += len(article.body) + len(article.title or "")
            if n % 64 == 0:
                rate = f"{n_bytes / 1e6 / (time.perf_counter() - began):.1f} MB/s"
                bar.update(task, completed=n_bytes, description=f"{n:,} articles", rate=rate)

        after = bar.add_task("", total=None, rate="", visible=False)  # nobody knows how long that takes

        def stage(what: str) -> None:
            bar.update(task, visible=False)
            bar.update(after, visible=True, description=what)

        yield advance, stage, lambda message: console.print(message, markup=False, highlight=False)


def _bytes_in(paths: list[str]) -> int | None:
    """Return how many bytes there are to read; None if that cannot be known beforehand."""
    from search.reading.walking import find_files

    total = 0
    for path in paths:
        if path == "-":
            return None
        for found in find_files(path):
            if isinstance(found, ReadError):
                continue
            if found.path.endswith((".xz", ".gz", ".zst")):
                return None
            with contextlib.suppress(OSError):
                total += os.stat(found.path).st_size  # noqa: PTH116  # a path that cannot be encoded stays as it is
    return total
