"""What queries are read as: tests/data/readings.tsv, each row judged as the person who typed it would.

A tree is written as `Or(a And(b c))`: words as they are, phrases in quotation marks, `=exact`, `prefix*`,
`Wildcard(p?t*n)`, `fuzzy~distance/prefix`, `[start end)` for a period, `Near5(a b)` and `Pre5(a b)`, `node^factor`.
"""

import datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from search.query import parse, tree

NOW = datetime.datetime(2021, 8, 12, 12)  # by the outlet's clock


class Row(NamedTuple):
    every: bool
    query: str
    tree: str
    notes: tuple[str, ...]


def _rows() -> list[Row]:
    rows = []
    for line in (Path(__file__).parent / "data/readings.tsv").read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith("#"):
            mode, query, shown, *notes = line.split("\t")
            rows.append(Row(mode == "all", query, shown, tuple(notes[0].split(" | ")) if notes else ()))
    return rows


def show(node: tree.Node) -> str:
    """Return a tree in the notation of the rows."""
    match node:
        case tree.Word(text, field, exact):
            return f"{_field(field)}{'=' if exact else ''}{text}"
        case tree.Phrase(text, field, slop, exact):
            return f'{_field(field)}{"=" if exact else ""}"{text}"' + (f"~{slop}" if slop != 1 else "")
        case tree.Prefix(text, field):
            return f"{_field(field)}{text}*"
        case tree.Wildcard(pattern, field):
            return f"{_field(field)}Wildcard({pattern})"
        case tree.Fuzzy(text, distance, prefix_length, field):
            return f"{_field(field)}{text}~{distance}/{prefix_length}"
        case tree.DateRange(start, end):
            return f"[{_time(start)} {_time(end)})"
        case tree.Near(left, right, distance, ordered, apart):
            name = f"{'Not' if apart else ''}{'Pre' if ordered else 'Near'}"
            return f"{name}{str(distance).upper()}({show(left)} {show(right)})"
        case tree.AtLeast(part, n):
            return f"AtLeast{n}({show(part)})"
        case tree.Cased(part, case):
            return f"{case.capitalize()}({show(part)})"
        case tree.Length(least, most):
            return f"Length({'*' if least is None else least} {'*' if most is None else most})"
        case tree.Boost(part, factor):
            return f"{show(part)}^{factor:g}"
        case tree.AndMaybe(must, may):
            return f"AndMaybe({show(must)} {show(may)})"
        case tree.Not(part):
            return f"Not({show(part)})"
        case tree.And(parts) | tree.Or(parts):
            return f"{type(node).__name__}({' '.join(map(show, parts))})"
    return type(node).__name__


def _field(field: str | None) -> str:
    return f"{field}:" if field else ""


def _time(time: datetime.datetime | None) -> str:
    return time.isoformat().removesuffix("T00:00:00") if time else "*"


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row.query)
def test_reading(row: Row) -> None:
    found = parse(row.query, all=row.every, now=NOW)
    assert show(found.tree) == row.tree
    assert found.notes == row.notes


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row.query)
def test_reading_read_again(row: Row) -> None:
    found = parse(row.query, all=row.every, now=NOW)
    for every in (False, True):
        assert parse(found.reading, all=every, now=NOW).tree == found.tree


def test_rows_are_many() -> None:
    assert len(_rows()) >= 250
