"""Quotations and their speakers, against cases written by hand and against what must hold for any text."""

from pathlib import Path
from typing import NamedTuple

from search.claims.quotations import quotations

CASES = Path(__file__).parent / "data" / "quotations.txt"

Said = tuple[str, str]  # what, and by whom


class Agreement(NamedTuple):
    """Numbers of quotations; `spoken` are those found with the right speaker."""

    expected: int
    found: int
    right: int
    spoken: int
    faults: list[tuple[str, set[Said], set[Said]]]


def paragraphs(text: str) -> list[tuple[int, int]]:
    found, at = [], 0
    for line in text.split("\n"):
        if line:
            found.append((at, at + len(line)))
        at += len(line) + 1
    return found


def read(text: str) -> list[Said]:
    return [
        (" / ".join(text[start:end] for start, end in each.parts).replace("\n", "⏎"), each.name or "-")
        for each in quotations(text, paragraphs(text))
    ]


def measured(part: int) -> Agreement:
    """Return what is found of a part of the cases, by its number."""
    block = CASES.read_text(encoding="utf-8").split("\n# Part ")[part]
    cases: list[tuple[str, list[Said]]] = []
    for line in block.splitlines()[1:]:
        if line.startswith("> "):
            what, _, name = line[2:].rpartition(" | ")
            cases[-1][1].append((what, name))
        else:
            cases.append((line.replace("⏎", "\n"), []))
    expected = found = right = spoken = 0
    faults = []
    for text, said in cases:
        got = read(text)
        expected, found = expected + len(said), found + len(got)
        right += len({what for what, _ in got} & {what for what, _ in said})
        spoken += len(set(got) & set(said))
        if set(got) != set(said):
            faults.append((text, set(got) - set(said), set(said) - set(got)))
    return Agreement(expected, found, right, spoken, faults)


if __name__ == "__main__":
    for number in (1, 2):
        expected, found, right, spoken, _ = measured(number)
        print(
            f"part {number}: {expected} quotations, {found} found; precision {right / found:.3f}, recall"
            f" {right / expected:.3f}; with the speaker {spoken / found:.3f}, {spoken / expected:.3f}"
        )
