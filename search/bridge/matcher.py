"""The postings of one term, article by article, as Whoosh walks through them."""

from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from whoosh import formats
from whoosh.matching.mcore import LeafMatcher, NullMatcher, ReadTooFar

from search.engine.fieldwise import Listing

BLOCK = 128  # articles whose positions are read, and whose best score is bounded, at once


class Postings(LeafMatcher):
    """Where a term stands.

    Args:
        listing: The articles.
        term: Field and bytes.
        format_: Of the field, as Whoosh calls what is known of a posting.
        scorer: Whoosh's, for this term; None where no score is asked for.
    """

    def __init__(self, listing: Listing, term: tuple[str, bytes], format_: Any, scorer: Any = None) -> None:
        self._listing = listing
        self._term = term
        self.format = format_
        self.scorer = scorer
        self._ids: list[int] = listing.docs.tolist()
        self._i = 0
        self._block = -1
        self._places: list[list[int]] = []

    def is_active(self) -> bool:
        """Return whether it stands at an article."""
        return self._i < len(self._ids)

    def id(self) -> int:
        """Return the article it stands at."""
        return self._ids[self._i]

    def all_ids(self) -> Iterator[int]:
        """Yield the articles from here on."""
        return iter(self._ids[self._i :])

    def next(self) -> None:
        """Go on to the next article."""
        if self._i >= len(self._ids):
            raise ReadTooFar
        self._i += 1

    def skip_to(self, id: int) -> None:
        """Go on to the first article from `id` on."""
        if self._i >= len(self._ids):
            raise ReadTooFar
        self._i = bisect_left(self._ids, id, self._i)

    def reset(self) -> None:
        """Go back to the first article."""
        self._i = 0

    def copy(self) -> "Postings":
        """Return another that stands where this one does."""
        other = type(self)(self._listing, self._term, self.format, self.scorer)
        other._i = self._i  # noqa: SLF001  # its own
        return other

    def replace(self, minquality: float = 0) -> Any:
        """Return what does the same where only scores above `minquality` matter."""
        if not self.is_active() or (minquality and self.supports_block_quality() and self.max_quality() < minquality):
            return NullMatcher()
        return self

    # What stands there

    def supports(self, astype: str) -> bool:
        """Return whether `value_as` can tell: all that the format has but offsets in the text."""
        return not astype.startswith("character") and bool(super().supports(astype))

    @cached_property
    def _weights(self) -> list[int]:
        found: list[int] = self._listing.weights.tolist()
        return found

    def weight(self) -> float:
        """Return how often the term stands in the article."""
        if isinstance(self.format, formats.Existence):
            return 1.0
        return float(self._weights[self._i])

    def positions(self) -> list[int]:
        """Return the positions of the term in the field."""
        block = self._i // BLOCK
        if block != self._block:
            first = block * BLOCK
            self._places = self._listing.positions(first, min(first + BLOCK, len(self._ids)))
            self._block = block
        return self._places[self._i % BLOCK]

    def value(self) -> bytes:
        """Return what is known of the posting in Whoosh's encoding; `value_as` costs less."""
        if isinstance(self.format, formats.Positions):
            return self.format.encode(self.positions())  # type: ignore[no-any-return]  # Whoosh is untyped
        if isinstance(self.format, formats.Frequency):
            return formats.pack_uint(self._weights[self._i])  # type: ignore[no-any-return]  # Whoosh is untyped
        return b""

    def value_as(self, astype: str) -> Any:
        """Return what is known of the posting: `positions`, `frequency` and whatever else the format has."""
        if astype == "positions" and self.supports(astype):
            return list(self.positions())
        return super().value_as(astype)

    # How good it may be

    @cached_property
    def _blocks(self) -> tuple[list[int], list[int], list[int]]:
        return self._listing.blocks(BLOCK)

    def block_max_weight(self) -> float:
        """Return the largest weight near here."""
        return 1.0 if isinstance(self.format, formats.Existence) else float(self._blocks[0][self._i // BLOCK])

    def block_min_length(self) -> int:
        """Return the length of the shortest field near here."""
        return self._blocks[1][self._i // BLOCK]

    def block_max_length(self) -> int:
        """Return the length of the longest field near here."""
        return self._blocks[2][self._i // BLOCK]

    def skip_to_quality(self, minquality: float) -> int:
        """Leave out blocks in which no score can be above `minquality`; return how many."""
        n = 0
        while self.is_active() and self.block_quality() <= minquality:
            self._i = min((self._i // BLOCK + 1) * BLOCK, len(self._ids))
            n += 1
        return n
