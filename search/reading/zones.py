"""The zones of an article's text."""

import re
from typing import NamedTuple

from search.model import Zone


class Stated(NamedTuple):
    """What an article's zones say about it."""

    title: str | None = None
    date: str | None = None
    source: str | None = None
    author: str | None = None


def find_zones(text: str, *, title: str | None = None) -> tuple[Zone, ...]:
    """Return the zones of a text."""
    return tuple(Zone("body", *match.span()) for match in re.finditer(r"\S(?:[^\n]*\S)?", text))


def stated(text: str, zones: tuple[Zone, ...]) -> Stated:
    """Return what the zones state."""
    return Stated()
