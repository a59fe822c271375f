"""How two articles may relate."""

from typing import Literal, NamedTuple

COPY, PARTIAL = 0.8, 0.2  # of the shorter article's words

Kind = Literal["copy", "partial", "quote", "none"]


class Relation(NamedTuple):
    """How two articles relate; `shared_a` and `shared_b` are fractions of their words."""

    kind: Kind
    shared_a: float
    shared_b: float
    shared: float  # of the shorter one's words


UNRELATED = Relation("none", 0.0, 0.0, 0.0)
