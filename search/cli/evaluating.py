"""`search eval`."""

import contextlib
import itertools
import math
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from search.cli.options import DebugOption, IndexOption, JsonOption, opened, setting
from search.errors import QueryError, ReadError

if TYPE_CHECKING:
    from search.evaluation import Difference, Judged, Run, Values
    from search.index import Index
    from search.model import Explanation

    Explained = dict[str, dict[str, Explanation]]  # query → article → what its score is made of

SHOWN = 6  # parts of a score


def eval(
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
    """Measure how good the answers to known questions are. Settings can be compared."""
    from search import evaluation
    from search.cli.printing import plain, print_json

    if answers is not None and qrels is None:
        raise QueryError("--answers goes with QRELS; without it, write the sentences that are expected into QUERIES")
    if run and settings:
        raise QueryError("--set says how to search, and --run judges what was found; give one of them")
    with opened(index, debug=debug) as searched:
        if not run:
            searched.stats()  # an index that is not there is an error
        if qrels is None:
            judged = evaluation.read_expected(queries, searched)
        else:
            judged = evaluation.read_judged(queries, qrels, answers)
        notes = [*judged.notes]
        if not run and (unknown := evaluation.unknown(judged, searched)):
            notes.append(f"{len(unknown)} relevant articles are not in the index, such as {unknown[0]}")
        found = _read(run, judged, notes) if run else _search(searched, judged, settings)
        values = evaluation.measure(found, judged)
        lowest = _lowest(values, worst)
        explained = {} if run else _explained(searched, settings, judged, lowest)
        others: Values = {}
        if against:
            is_run = len(against) == 1 and "=" not in against[0]
            other = _read(against[0], judged, notes) if is_run else _search(searched, judged, against)
            others = evaluation.measure(other, judged)
    if write:
        evaluation.write_run(write, found)
    differences = {name: evaluation.compare(values[name], others[name]) for name in values if name in others}
    if as_json:
        print_json(_document(judged, values, others, differences, explained))
    else:
        print(f"{len(judged.texts)} queries")
        _print_means(values, others, differences)
        _print_worst(found, judged, values, lowest, explained)
        if others:
            _print_changed(judged, values, others, worst)
    for note in notes:
        print(f"search: {plain(note)}", file=sys.stderr)
    return 0 if any(found.values()) else 1


def _mean(values: Mapping[str, float]) -> float:
    return math.fsum(values.values()) / len(values)  # `statistics` would slow the start of every command


def _read(path: str, judged: "Judged", notes: list[str]) -> "Run":
    """Return a TREC run; `notes` gets what it does not answer.

    Raises:
        ReadError: It cannot be read, or is of other queries.
    """
    from search.evaluation import read_run

    run = read_run(path)
    left_out = [query for query in judged.texts if query not in run]
    if len(left_out) == len(judged.texts):
        raise ReadError(
            path,
            f"has other queries, such as {next(iter(run))!r}, none of these, such as {left_out[0]!r}; give theirs",
        )
    if left_out:
        n = f"{len(left_out)} of {len(judged.texts)} queries"
        notes.append(f"{path} has nothing for {n}, such as {left_out[0]}, which count as 0")
    return run


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
        line = f"{name:{width}}  {_mean(each):.4f}"
        if name in differences:
            mean, low, high, p, better, worse = differences[name]
            against = _mean(others[name])
            line += f"   {against:.4f}     {mean:+.4f}   {low:+.4f} {high:+.4f}  {p:7.4f}  {better:8} {worse:6}"
        if len(each) < len(next(iter(values.values()))):
            line += f"   ({len(each)} queries)"
        print(line)


def _lowest(values: "Values", n: int) -> list[str]:
    """Return the queries with the lowest values of the first measure; none that cannot be better."""
    each = next(iter(values.values()))
    return sorted((query for query, value in each.items() if value < 1), key=each.__getitem__)[:n]


def _explained(index: "Index", settings: list[str] | None, judged: "Judged", queries: Sequence[str]) -> "Explained":
    """Return, by query and article, what the scores of the best hit and of the first relevant one are made of."""
    from search.evaluation import DEPTH

    found: Explained = {}
    with contextlib.ExitStack() as stack:
        if settings:
            index = stack.enter_context(index.under(**dict(map(setting, settings))))
        for query in queries:
            hits = index.search(judged.texts[query], limit=DEPTH, group=False)
            relevant = (hit for hit in hits if judged.grades[query].get(hit.id, 0) > 0)
            found[query] = {hit.id: hit.explain() for hit in [*hits[:1], *itertools.islice(relevant, 1)]}
    return found


def _summary(explanation: "Explanation") -> str:
    """Return a score as a sum, the largest parts first."""
    clause, *others = explanation.parts or (explanation,)
    parts = sorted(
        [*(clause.parts if others or clause.parts else [clause]), *others], key=lambda part: -abs(part.value)
    )
    shown = " + ".join(f"{part.label} {part.value:.2f}" for part in parts[:SHOWN])
    return f"{explanation.value:.2f} = {shown}{' + …' if len(parts) > SHOWN else ''}"


def _print_worst(run: "Run", judged: "Judged", values: "Values", lowest: Sequence[str], explained: "Explained") -> None:
    """Print the queries with the lowest values, and what stood in the way of the right articles."""
    from search.cli.printing import plain

    name, each = next(iter(values.items()))
    if lowest:
        print(f"\nLowest {name}:")
    for query in lowest:
        value = each[query]
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
        for article, explanation in explained.get(query, {}).items():
            print(f"        {plain(f'{article}: {_summary(explanation)}')}")


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
    judged: "Judged",
    values: "Values",
    others: "Values",
    differences: "dict[str, Difference]",
    explained: "Explained",
) -> dict[str, Any]:
    """Return the outcome as JSON has it."""
    from search.cli.printing import explanation_json

    document: dict[str, Any] = {
        "measures": {name: _mean(each) for name, each in values.items()},
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
        "worst": [
            {
                "id": query,
                "why": [{"id": article, **explanation_json(each)} for article, each in articles.items()],
            }
            for query, articles in explained.items()
        ],
    }
    if others:
        document["against"] = {name: _mean(each) for name, each in others.items()}
        document["differences"] = {name: each._asdict() for name, each in differences.items()}
    return document
