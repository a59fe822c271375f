"""Which texts are one story: derived from the set of verified relations alone, whatever order they were found in.

Copies, and partial copies that share half, are one story if they appeared at most `NEAR` days apart, and so is what is
joined by them, with two exceptions. (What a wire sends again later is a form, filled in anew: of Reuters' pairs that
share so much 945 are up to three days apart, 124 in the next three, and on the seventh there are more than on the
second.) Copies that contain each other are taken together first:

- What joins two such groups must be what they have in common: relations of more than half of their pairs. One copy
  with a paragraph from elsewhere does not join its whole group to that.
- A group that nothing but itself joins to two others, with room for what it shares with one beside what it shares with
  the other (a digest, a page of briefs), belongs to neither.

The story of a text depends on what is joined to it and on nothing beyond: a part of the relations that is closed under
being joined gives the same stories as all of them.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from search.stories.relation import COPY, Relation

FOLDED = 0.5  # share from which on a partial copy is the same story
NEAR = 3  # days

Days = tuple[int, int]  # the first and the last on which the articles of a text may have appeared, counted from 1970
ManyDays = NDArray[np.int64]  # the same of many texts: shape (2, texts)
ALWAYS: Days = (-(1 << 40), 1 << 40)  # of a text with an article of which nobody knows the day

Node = TypeVar("Node", bound=Hashable)


class Edge(NamedTuple, Generic[Node]):
    """A verified relation of `a` to `b`."""

    a: Node
    b: Node
    relation: Relation

    @property
    def folds(self) -> bool:
        """Whether the two are one story, as far as they alone are concerned."""
        return self.relation.kind == "copy" or (self.relation.kind == "partial" and self.relation.shared >= FOLDED)


@overload
def are_near(a: Days, b: Days) -> bool: ...
@overload
def are_near(a: ManyDays, b: ManyDays) -> NDArray[np.bool_]: ...
def are_near(a: Any, b: Any) -> Any:
    """Return whether two texts appeared so near each other that they may be one story; of many pairs, which did."""
    return (a[0] - b[1] <= NEAR) & (b[0] - a[1] <= NEAR)


def stories(edges: Iterable[Edge[Node]]) -> list[frozenset[Node]]:
    """Return the stories of two texts or more. The order of the list says nothing.

    Args:
        edges: One for each related pair of texts that are near, in any order, either way round.
    """
    folding = [edge for edge in edges if edge.folds]
    same = Union[Node]()
    for edge in folding:
        if min(edge.relation.shared_a, edge.relation.shared_b) >= COPY:
            same.join(edge.a, edge.b)
    sizes = Counter(same.find(node) for node in {node for edge in folding for node in (edge.a, edge.b)})
    links: dict[frozenset[Node], list[Edge[Node]]] = defaultdict(list)
    for edge in folding:
        links[frozenset({same.find(edge.a), same.find(edge.b)})].append(edge)
    around: dict[Node, dict[Node, float]] = defaultdict(dict)  # group → neighbour → share of its words
    for pair, between in links.items():
        if len(pair) == 2 and 2 * len(between) > math.prod(sizes[group] for group in pair):
            for edge in between:
                a, b = same.find(edge.a), same.find(edge.b)
                around[a][b] = max(around[a].get(b, 0.0), edge.relation.shared_a)
                around[b][a] = max(around[b].get(a, 0.0), edge.relation.shared_b)
    apart = _digests(around)
    for a in around.keys() - apart:
        for b in around[a].keys() - apart:
            same.join(a, b)
    members: dict[Node, set[Node]] = defaultdict(set)
    for edge in folding:
        for node in (edge.a, edge.b):
            members[same.find(node)].add(node)
    return [frozenset(story) for story in members.values() if len(story) > 1]


class Union(Generic[Node]):
    """Sets that grow by being joined."""

    def __init__(self) -> None:
        self._above: dict[Node, Node] = {}

    def find(self, node: Node) -> Node:
        """Return the node that stands for the set of a node."""
        top = node
        while (above := self._above.get(top, top)) != top:
            top = above
        while node != top:
            node, self._above[node] = self._above.get(node, node), top
        return top

    def join(self, a: Node, b: Node) -> None:
        """Make one set of the sets of two nodes."""
        a, b = self.find(a), self.find(b)
        if a != b:
            self._above[a] = b


def _digests(around: Mapping[Node, Mapping[Node, float]]) -> set[Node]:
    """Return the groups that hold two parts of the graph together alone, and have room for both side by side.

    One walk, depth first. What a group holds together is, for each group below it, the part from which no link leads
    above it; and all else, which is one part.

    Args:
        around: Group → neighbour → share of its words; a neighbour's neighbour is the group.

    Source: Hopcroft & Tarjan, Algorithm 447: Efficient Algorithms for Graph Manipulation, CACM 1973.
    """
    depth: dict[Node, int] = {}
    low: dict[Node, int] = {}  # the least depth to which a link leads from here or from below
    inside: dict[Node, float] = {}  # the largest share that the group above has with one from here down
    rest: dict[Node, float] = {}  # the largest share with a group above, or one that leads there
    parts: dict[Node, list[float]] = {}  # the largest share with a group of each part below
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
