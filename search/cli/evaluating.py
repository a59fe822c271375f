"""`search eval`."""

import contextlib
import sys
import textwrap
from statistics import fmean
from typing import TYPE_CHECKING, Annotated, Any

import typer

from search.cli.options import DebugOption, IndexOption, JsonOption, opened, setting

if TYPE_CHECKING:
    from search.evaluation import Difference, Judged, Run, Values
    from search.index import Index


def eval(  # noqa: A001  # the command's name
    queries: Annotated[
        str, typer.Argument(metavar="QUERIES", help="Lines of ID, tab, words; or JSON or YAML: query, expected.")
    ],
    qrels: Annotated[str | None, typer.Argument(metavar="[QRELS]", help="TREC judgments of the queries.")] = None,
    answers: Annotated[
        str | None, typer.Option(metavar="FILE", help="Lines of query, article, start, end of what answers.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Search under this setting; not kept.")
    ] = None,
    against: Annotated[
        list[str] | None,
        typer.Option("--against", metavar="NAME=VALUE|RUN", help="Compare with this setting, or with a TREC run."),
    ] = None,
    run: Annotated[
        str | None, typer.Option("--run", metavar="FILE", help="Judge this TREC run instead of searching.")
    ] = None,
    write: Annotated[str | None, typer.Option("--write", metavar="FILE", help="Keep the hits as a TREC run.")] = None,
    worst: Annotated[int, typer.Option(min=0, help="Queries to show, those with the lowest value first.")] = 5,
    as_json: JsonOption = False,
    index: IndexOption = None,
    debug: DebugOption = False,
) -> int:
    """Measure how good the answers are to queries whose answers you know, and compare settings."""
    from search import evaluation
    from search.cli.printing import plain, print_json

    with opened(index, debug=debug) as searched:
        if not run:
            searched.stats()  # an index that is not there is an error
        if qrels is None:
            judged = evaluation.read_expected(queries, searched)
        else:
            judged = evaluation.read_judged(queries, qrels, answers)
        unknown = [] if run else evaluation.unknown(judged, searched)
        found = evaluation.read_run(run) if run else _search(searched, judged, settings)
        values = evaluation.measure(found, judged)
        others: Values = {}
        if against:
            is_run = len(against) == 1 and "=" not in against[0]
            other = evaluation.read_run(against[0]) if is_run else _search(searched, judged, against)
            others = evaluation.measure(other, judged)
    if write:
        evaluation.write_run(write, found)
    differences = {name: evaluation.compare(values[name], others[name]) for name in values if name in others}
    if as_json:
        print_json(_document(judged, values, others, differences))
    else:
        print(f"{len(judged.texts)} queries")
        _print_means(values, others, differences)
        _print_worst(found, judged, values, worst)
        if others:
            _print_changed(judged, values, others, worst)
    if unknown:
        print(
            f"search: {len(unknown)} relevant articles are not in the index, such as {plain(unknown[0])}",
            file=sys.stderr,
        )
    return 0 if any(found.values()) else 1


COMMANDS = (eval,)


def _search(index: "Index", judged: "Judged", settings: list[str] | None) -> "Run":
    """Return what the index finds under settings, `NAME=VALUE`."""
    from search.evaluation import search

    def tell(done: int, total: int) -> None:
        print(f"\r{done:,} of {total:,} queries", end="\n" if done == total else "", file=sys.stderr)

    with contextlib.ExitStack() as stack:
        if settings:
            index = stack.enter_context(index.under(**dict(map(setting, settings))))
        return search(index, judged.texts, tell if sys.stderr.isatty() else None)


def _print_means(values: "Values", others: "Values", differences: "dict[str, Difference]") -> None:
    """Print the mean of each measure, and how it compares."""
    width = max(map(len, values))
    if others:
        print(f"{'':{width}}   here  against  difference   95 % between         p    better  worse")
    for name, each in values.items():
        line = f"{name:{width}}  {fmean(each.values()):.4f}"
        if name in differences:
            mean, low, high, p, better, worse = differences[name]
            against = fmean(others[name].values())
            line += f"   {against:.4f}     {mean:+.4f}   {low:+.4f} {high:+.4f}  {p:7.4f}  {better:8} {worse:6}"
        print(line)


def _print_worst(run: "Run", judged: "Judged", values: "Values", n: int) -> None:
    """Print the queries with the lowest values, and what stood in the way of the right articles."""
    from search.cli.printing import plain

    name, each = next(iter(values.items()))
    lowest = sorted((value, at, query) for at, (query, value) in enumerate(each.items()))[:n]
    if lowest:
        print(f"\nLowest {name}:")
    for value, _, query in lowest:
        ranked = run.get(query, [])
        grades = judged.grades[query]
        print(f"{value:.4f}  {_short(f'{query}: {judged.texts[query]}')}")
        rank, right = next(
            ((rank, hit.article) for rank, hit in enumerate(ranked, 1) if grades.get(hit.article, 0) > 0), (0, "")
        )
        n_relevant = sum(grade > 0 for grade in grades.values())
        if rank:
            said = f"first of {n_relevant} relevant at {rank}: {right}"
        else:
            said = f"none of {n_relevant} relevant in {len(ranked)} hits"
        if ranked and rank != 1:
            said += f"; best hit {ranked[0].article} {_short(ranked[0].title, 60)}"
        print(f"        {plain(said)}")


def _print_changed(judged: "Judged", values: "Values", others: "Values", n: int) -> None:
    """Print the queries whose values differ most."""
    name, each = next(iter(values.items()))
    changes = sorted(((value - others[name][query], query) for query, value in each.items()), key=lambda c: -abs(c[0]))
    changed = [change for change in changes[:n] if change[0]]
    if changed:
        print(f"\nChanged most in {name}:")
    for change, query in changed:
        print(f"{change:+.4f}  {_short(f'{query}: {judged.texts[query]}')}")


def _short(text: str, width: int = 100) -> str:
    from search.cli.printing import plain

    return plain(textwrap.shorten(text, width, placeholder=" …"))


def _document(
    judged: "Judged", values: "Values", others: "Values", differences: "dict[str, Difference]"
) -> dict[str, Any]:
    """Return the outcome as JSON has it."""
    document: dict[str, Any] = {
        "measures": {name: fmean(each.values()) for name, each in values.items()},
        "queries": [
            {
                "id": query,
                "query": text,
                "values": {name: each[query] for name, each in values.items() if query in each},
                **(
                    {"against": {name: each[query] for name, each in others.items() if query in each}} if others else {}
                ),
            }
            for query, text in judged.texts.items()
        ],
    }
    if others:
        document["against"] = {name: fmean(each.values()) for name, each in others.items()}
        document["differences"] = {name: each._asdict() for name, each in differences.items()}
    return document
