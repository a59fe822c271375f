"""Statistics of an index as they were: what makes scores of one day comparable with those of another.

The score of an article depends on the others: on how rare words are, on average lengths, on which articles the second
stage looks at, on the median age. Where all of that is held fixed, an article has the score it had, and one that came
since has the score it would have had.
"""

from collections.abc import Mapping
from typing import NamedTuple

from search.query.clauses import Leaf
from search.text.stream import Field

COUNTED = (Field.TITLE, Field.DECK, Field.BODY)  # fields whose length counts


class Last(NamedTuple):
    """Where the articles that the second stage looks at end: score, age and id of the last, in the order of `top`."""

    score: float
    age: int
    id: str


class Statistics(NamedTuple):
    """What scores depend on beside the article and the settings.

    `averages` are the mean lengths of the fields `COUNTED`, `weights` those of leaves, `undated_age` the seconds that
    an article without a date counts as. `last` is None if there is no second stage.
    """

    averages: Mapping[Field, float]
    weights: Mapping[Leaf, float]
    undated_age: float = 0.0
    last: Last | None = None
