"""Articles with labelled zones, in the format of `tests/data/zones/*.txt`, and how well zones that were found agree.

== layout NUMBER        begins an article
B<tab>text              a line of a zone: T title, K deck, D date, L dateline, B body, H sub-heading, C caption,
                        R reference, S source, A author
L+<tab>KABUL - ␠        the next line of the file goes on in the same line of the article
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from search.model import Zone

KINDS = {
    "T": "title", "K": "deck", "D": "date", "L": "dateline", "B": "body", "H": "subheading", "C": "caption",
    "R": "reference", "S": "source", "A": "author",
}  # fmt: skip


class Labelled(NamedTuple):
    """An article's text and the kind of each stretch of a line; white space at its ends is left out."""

    name: str
    text: str
    labels: tuple[tuple[str, int, int], ...]


def labelled(path: Path) -> Iterator[Labelled]:
    """Yield the articles of a file."""
    for block in path.read_text("utf-8").removeprefix("== ").split("\n== "):
        name, _, lines = block.partition("\n")
        text = ""
        labels = []
        for line in lines.rstrip("\n").split("\n"):
            mark, _, words = line.partition("\t")
            if mark:
                start = len(text) + len(words) - len(words.lstrip())
                labels.append((KINDS[mark[0]], start, len(text) + len(words.rstrip())))
            text += words if mark.endswith("+") else words + "\n"
        yield Labelled(name, text, tuple(labels))


class Agreement(NamedTuple):
    """Characters of labelled body, and those of them found to be body; stretches of furniture, and those found.

    `faults` says what was taken for what.
    """

    body: int
    body_kept: int
    furniture: int
    furniture_found: int
    faults: tuple[str, ...]


def agreement(article: Labelled, zones: tuple[Zone, ...]) -> Agreement:
    """Compare the zones of an article with its labels; furniture is found if nine tenths of it have its kind."""
    found = [""] * len(article.text)
    for zone in zones:
        found[zone.start : zone.end] = [zone.kind] * (zone.end - zone.start)
    body = body_kept = furniture = furniture_found = 0
    faults = []
    for kind, start, end in article.labels:
        chars = [i for i in range(start, end) if not article.text[i].isspace()]
        right = sum(found[i] == kind for i in chars)
        if kind == "body":
            body += len(chars)
            body_kept += right
        else:
            furniture += 1
            furniture_found += right >= 0.9 * len(chars)
        if right < 0.9 * len(chars):
            kinds = "/".join(sorted({found[i] for i in chars}))
            faults.append(f"{article.name}: {kind} taken for {kinds}: {article.text[start:end][:90]!r}")
    return Agreement(body, body_kept, furniture, furniture_found, tuple(faults))
