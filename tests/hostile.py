"""Queries that ask for as much work as they can, and less to look at, so that a short text is a long one."""

from collections.abc import Sequence
from itertools import cycle, islice, product
from string import ascii_lowercase

import pytest

from search.present import finding, hits, page

LONGEST = 1_000_000  # characters


def look_at(patch: pytest.MonkeyPatch, *, whole: int, most: int, margin: int) -> None:
    """Let less be looked at of a long article to show it: `WHOLE` and `MOST` of `finding`, `MARGIN` of `page`."""
    for module in (finding, page, hits):
        patch.setattr(module, "WHOLE", whole)
    for module in (finding, hits):
        patch.setattr(module, "MOST", most)
    patch.setattr(page, "MARGIN", margin)


def queries(words: Sequence[str]) -> dict[str, str]:
    """Return hostile queries by name.

    Args:
        words: At least a thousand that stand in the index asked, the most frequent first.
    """
    often, second = words[:2]
    thousand = words[:1000]
    ten_thousand = list(islice(cycle(words), 10_000))
    return {
        "1 MB of words": f"{often} {second} " * (LONGEST // (len(often) + len(second) + 2)),
        "1 MB of one word": "x" * LONGEST,
        "1 MB of blanks": " " * LONGEST,
        "1 MB of parentheses": "(" * LONGEST,
        "1 MB of quotation marks": '"' * LONGEST,
        "1 MB of stars": "*" * LONGEST,
        "1 MB in quotes": f'"{often} ' * (LONGEST // (len(often) + 2)),
        "10,000 clauses": " OR ".join(ten_thousand),
        "10,000 that must match": " AND ".join(ten_thousand),
        "10,000 that must not": " ".join(f"-{word}" for word in ten_thousand),
        "a thousand words": " ".join(thousand),
        "a thousand exact words": " ".join(f"={word}" for word in thousand),
        "a thousand phrases": " ".join(f'"{often} {word}"~1000' for word in thousand),
        "nested 10,000 deep": "(" * 10_000 + often + ")" * 10_000,
        "nested 10,000 deep with words": f"({often} OR " * 10_000 + second + ")" * 10_000,
        "denied 10,000 times": "NOT (" * 10_000 + f"{often} {second}" + ")" * 10_000,
        "*": "*",
        "?*?*?*": "?*?*?*",
        "a*b*c*d*": "a*b*c*d*",
        "stars between letters": "*e*e*e*e*",
        "thirty stars": "*a" * 30 + "*b",
        "every pattern of two letters": " ".join(f"*{a}*{b}*" for a, b in product(ascii_lowercase, ascii_lowercase)),
        "every beginning": " ".join(f"{a}{b}*" for a, b in product(ascii_lowercase, ascii_lowercase)),
        "every beginning in titles": " ".join(f"title:{a}*" for a in ascii_lowercase),
        "fuzzy on everything": " ".join(f"{word}~2" for word in thousand),
        "fuzzy on short words": " ".join(f"{word[:3]}~2" for word in thousand),
        "all dates": "date:[0001 TO 9999]",
        "ranges over all dates": " OR ".join(f"date:[{1000 + n} TO 9999]" for n in range(2_000)),
        "a phrase of one word": f'"{f"{often} " * 1000}"',
        "a loose phrase of one word": f'"{f"{often} " * 1000}"~1000',
        "a loose phrase of two words": f'"{often} {second} {often} {second}"~100000',
        "near and near": f"{often} w/1000 " * 1000 + second,
        "near of patterns": "a* w/100000 t* w/100000 s*",
        "near of many": f"({' OR '.join(thousand)}) w/1000 ({' OR '.join(reversed(thousand))})",
        "many near": " w/5 ".join(thousand),
        "boosts": " ".join(f"{word}^99999999999" for word in thousand),
    }
