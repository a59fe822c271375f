"""Which texts are one story: derived from the set of verified relations alone, whatever order they were found in.

Copies, and partial copies that share half, are one story if they appeared at most `NEAR` days apart, and so is what is
joined by them, with two exceptions. (What a wire sends again later is a form, filled in anew: of Reuters' pairs that
share so much 945 are up to three days apart, 124 in the next three, and on the seventh there are more than on the
second.) So a story may lead over more than `NEAR` days, step by step. Articles of the very same words are one text,
which is near all that appeared between its first and its last: if one reprint years later took it out of its story,
what only it joins would fall apart. Copies that contain each other are taken together first:

- What joins two such groups must be what they have in common: relations of more than half of their pairs. One copy
  with a paragraph from elsewhere does not join its whole group to that.
- A group that nothing but itself joins to two others, with room for what it shares with one beside what it shares with
  the other (a digest, a page of briefs), belongs to neither.

The story of a text depends on what is joined to it and on nothing beyond: a part of the relations that is closed under
being joined gives the same stories as all of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from search import runs
from search.stories.relation import COPY, Relation

NEAR = 3  # days

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

Days = tuple[int, int]  # the first and the last on which the articles of a text may have appeared, counted from 1970
ManyDays = Ints  # the same of many texts: shape (2, texts)
ALWAYS: Days = (-(1 << 40), 1 << 40)  # of a text with an article of which nobody knows the day
GONE: Days = (1 << 41, -(1 << 41))  # of a text without articles; near no other


class Edge(NamedTuple):
    """A verified relation of text `a` to text `b`."""

    a: int
    b: int
    relation: Relation


class Folds(NamedTuple):
    """Pairs of texts that fold, either way round.

    Args:
        a, b: int64, shape (pairs,).
        shared_a, shared_b: float64, shape (pairs,); as of `Relation`.
    """

    a: Ints
    b: Ints
    shared_a: Floats
    shared_b: Floats

    @classmethod
    def none(cls) -> "Folds":
        """Return none."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0))

    def where(self, which: NDArray[np.bool_]) -> "Folds":
        """Return some of them."""
        return Folds._make(column[which] for column in self)

    @classmethod
    def joined(cls, some: "Iterable[Folds]") -> "Folds":
        """Return the pairs of several, those of the one behind those of the other."""
        return cls._make(map(np.concatenate, zip(*some, strict=True)))


@overload
def are_near(a: Days, b: Days) -> bool: ...
@overload
def are_near(a: ManyDays, b: ManyDays) -> NDArray[np.bool_]: ...
def are_near(a: Any, b: Any) -> Any:
    """Return whether two texts appeared so near each other that they may be one story; of many pairs, which did."""
    return (a[0] - b[1] <= NEAR) & (b[0] - a[1] <= NEAR)


def stories(folds: Folds, n: int) -> Ints:
    """Return of each of `n` texts the least text of its story; of one that is alone that is itself. int64 (texts,).

    Args:
        folds: Each pair of those that are near once; texts are numbered from 0.
        n: > all of them.
    """
    mutual = np.minimum(folds.shared_a, folds.shared_b) >= COPY
    a, b = folds.a[mutual], folds.b[mutual]
    group = components(a, b, n)
    if mutual.all():
        return group
    links = _links(folds, group)
    around: dict[int, dict[int, float]] = defaultdict(dict)  # group → neighbour → share of its words
    for one, other, shared_one, shared_other in zip(*(column.tolist() for column in links), strict=True):
        around[one][other], around[other][one] = shared_one, shared_other
    apart = np.array(sorted(_digests(around)), np.int64)
    kept = ~(runs.are_among(links.a, apart) | runs.are_among(links.b, apart))
    return components(np.concatenate([a, links.a[kept]]), np.concatenate([b, links.b[kept]]), n)


def _links(folds: Folds, group: Ints) -> Folds:
    """Return the pairs of groups that are joined by more than half of their pairs, with the largest shares of those.

    Args:
        folds: Of texts.
        group: That of each text, int64 (texts,).
    """
    one, other = group[folds.a], group[folds.b]
    turned = one > other
    one, other = np.where(turned, other, one), np.where(turned, one, other)
    shares = [
        np.where(turned, *shares) for shares in ((folds.shared_b, folds.shared_a), (folds.shared_a, folds.shared_b))
    ]
    order = np.lexsort((other, one))
    order = order[(one != other)[order]]
    one, other = one[order], other[order]
    first = runs.begins(one, other)
    n_pairs = runs.sizes(first, len(order))
    one, other = one[first], other[first]
    size = np.bincount(group, minlength=len(group))
    joined = 2 * n_pairs > size[one] * size[other]
    largest = [np.maximum.reduceat(share[order], first)[joined] if len(first) else share[:0] for share in shares]
    return Folds(one[joined], other[joined], largest[0], largest[1])


def components(a: Ints, b: Ints, n: int) -> Ints:
    """Return of each of `n` nodes the least node that it is joined to, directly or through others. int64 (nodes,).

    Args:
        a, b: Pairs of nodes that are joined; int64 (pairs,).

    Source: Shiloach & Vishkin, An O(log n) Parallel Connectivity Algorithm, Journal of Algorithms 1982.
    """
    top = np.arange(n)
    while True:
        one, other = top[a], top[b]
        apart = one != other
        if not apart.any():
            return top
        a, b, one, other = a[apart], b[apart], one[apart], other[apart]
        np.minimum.at(top, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(above := top[top], top):
            top = above


def _digests(around: Mapping[int, Mapping[int, float]]) -> set[int]:
    """Return the groups that hold two parts of the graph together alone, and have room for both side by side.

    One walk, depth first. What a group holds together is, for each group below it, the part from which no link leads
    above it; and all else, which is one part.

    Args:
        around: Group → neighbour → share of its words; a neighbour's neighbour is the group.

    Source: Hopcroft & Tarjan, Algorithm 447: Efficient Algorithms for Graph Manipulation, CACM 1973.
    """
    depth: dict[int, int] = {}
    low: dict[int, int] = {}  # the least depth to which a link leads from here or from below
    inside: dict[int, float] = {}  # the largest share that the group above has with one from here down
    rest: dict[int, float] = {}  # the largest share with a group above, or one that leads there
    parts: dict[int, list[float]] = {}  # the largest share with a group of each part below
    found = set()
    for root in around:
        if root in depth:
            continue
        path = [root]
        depth[root] = low[root] = 0
        rest[root], parts[root] = 0.0, []
        walks = [iter(around[root])]
        while path:
            group = path[-1]
            for other in walks[-1]:
                if other not in depth:
                    depth[other] = low[other] = len(path)
                    inside[other], rest[other], parts[other] = around[group][other], around[other][group], []
                    path.append(other)
                    walks.append(iter(around[other]))
                    break
                if depth[other] < depth[group] - 1:
                    low[group] = min(low[group], depth[other])
                    below = path[depth[other] + 1]
                    inside[below] = max(inside[below], around[other][group])
                    rest[group] = max(rest[group], around[group][other])
            else:
                path.pop()
                walks.pop()
                if path:
                    above = path[-1]
                    low[above] = min(low[above], low[group])
                    if low[group] < depth[above]:
                        rest[above] = max(rest[above], inside[group])
                    else:
                        parts[above].append(inside[group])
                shares = sorted([*parts[group], *([rest[group]] if path else [])])
                if len(shares) > 1 and shares[-1] + shares[-2] <= 1:
                    found.add(group)
    return found
