"""Numbers and what they count, against cases written by hand and against what must hold for any text."""

import math
from pathlib import Path

from search.claims.counts import Count, counts

CASES = Path(__file__).parent / "data" / "counts.txt"


def shown(count: Count) -> str:
    """Return a count as the cases have it."""
    bounds = f"{number(count.least)}..{number(count.most)}{' ' + count.unit if count.unit else ''}"
    return " | ".join([bounds, count.what or "-", count.said or "-", ", ".join(count.which) or "-"])


def number(value: float) -> str:
    return "inf" if math.isinf(value) else f"{value:.10g}"


def measured() -> tuple[int, int, int, list[tuple[str, set[str], set[str]]]]:
    """Return how many counts are expected, found, and right in all they say, and the faults."""
    cases: list[tuple[str, set[str]]] = []
    for line in CASES.read_text(encoding="utf-8").splitlines():
        if line.startswith("> "):
            cases[-1][1].add(line[2:])
        elif not line.startswith("#"):
            cases.append((line, set()))
    expected = found = right = 0
    faults = []
    for text, wanted in cases:
        got = set(map(shown, counts(text, [(0, len(text))])))
        expected, found, right = expected + len(wanted), found + len(got), right + len(got & wanted)
        if got != wanted:
            faults.append((text, got - wanted, wanted - got))
    return expected, found, right, faults


if __name__ == "__main__":
    expected, found, right, _ = measured()
    print(f"{expected} counts, {found} found; precision {right / found:.3f}, recall {right / expected:.3f}")
