"""What of an article is compared: the words of its body, in order, each with its key and its place in the text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.model import Span, Zone
from search.stories.spelling import key
from search.text.analysis import Analyzer

Keys = NDArray[np.uint64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

COMPARED = frozenset({"deck", "body", "subheading"})

# A quotation ends with its paragraph at the latest: a mark that is missing must not turn the rest of the article.
_QUOTED = re.compile(
    r"""  "(?P<straight>[^"\u201c\u201d]{2,}?)(?:"|\n\s*\n|\Z)
        | [\u201c\u201e](?P<curly>[^\u201c\u201d]{2,}?)(?:[\u201d\u201c]|\n\s*\n|\Z)
        | (?<!\w)\u2018(?P<single>[^\u2018]{2,}?)(?:\u2019(?!\w)|\n\s*\n|\Z)
        | \u00ab(?P<angle>[^\u00ab\u00bb]{2,}?)(?:\u00bb|\n\s*\n|\Z)""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Body:
    """The words of an article that are compared.

    Args:
        keys: uint64, shape (tokens,); of `spelling.key`.
        starts, ends: int64, shape (tokens,); characters in the article's text.
        quoted: bool, shape (tokens,); whether the token stands between quotation marks.
    """

    keys: Keys
    starts: Ints
    ends: Ints
    quoted: Bools

    def __len__(self) -> int:
        return len(self.keys)


def body(text: str, zones: Iterable[Zone], analyzer: Analyzer) -> Body:
    """Return the words of a text that are compared: those of `COMPARED` zones, joined forms left out.

    Args:
        text: Of an article.
        zones: Of the text, in order.
        analyzer: The chain of the index.
    """
    keys: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    for zone in zones:
        if zone.kind not in COMPARED:
            continue
        for token in analyzer.tokens(text[zone.start : zone.end]):
            if token.step:
                keys.append(key(token.form))
                starts.append(zone.start + token.start)
                ends.append(zone.start + token.end)
    spans = quotations(text)
    opens = [start for start, _ in spans]
    found = np.array(starts, np.int64)
    quoted = np.zeros(len(keys), np.bool_)
    if spans:
        which = np.searchsorted(opens, found, side="right") - 1
        quoted = (which >= 0) & (found < np.array([end for _, end in spans])[which])
    return Body(np.array(keys, np.uint64), found, np.array(ends, np.int64), quoted)


def quotations(text: str) -> list[Span]:
    """Return what stands between quotation marks, in order, without the marks; none reaches over a paragraph's end."""
    if not any(mark in text for mark in '"\u201c\u201e\u2018\u00ab'):
        return []
    return [match.span(match.lastgroup) for match in _QUOTED.finditer(text) if match.lastgroup]
