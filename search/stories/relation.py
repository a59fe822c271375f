"""How two articles may relate."""

from typing import Literal, NamedTuple

COPY, PARTIAL = 0.8, 0.2  # of the shorter article's words
FOLDED = 0.5  # share from which on a partial copy is the same story
PARTS = 10_000  # as exactly as shares are known; what is beyond is cut off

Kind = Literal["copy", "partial", "quote", "none"]


class Relation(NamedTuple):
    """How two articles relate; `shared_a` and `shared_b` are fractions of their words."""

    kind: Kind
    shared_a: float
    shared_b: float
    shared: float  # of the shorter one's words: one of the two

    @property
    def folds(self) -> bool:
        """Whether the two are one story, as far as they alone are concerned."""
        return self.kind == "copy" or (self.kind == "partial" and self.shared >= FOLDED)

    @property
    def backwards(self) -> "Relation":
        """How the second relates to the first."""
        return self._replace(shared_a=self.shared_b, shared_b=self.shared_a)


def share(n: int, of: int) -> float:
    """Return which share some words are of all, as far as it is known."""
    return PARTS * n // max(1, of) / PARTS


UNRELATED = Relation("none", 0.0, 0.0, 0.0)
SAME = Relation("copy", 1.0, 1.0, 1.0)
