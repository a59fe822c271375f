"""Which sentences of two articles are the same, which were changed, and which were moved; and what words were changed.

A sentence is the keys of its words (see `spelling`), so one that is spelled otherwise is the same. Sentences with some
three words in common are compared, the most similar are paired first, and one that was split in two, or joined, is
paired as a whole. What is left and still lies within a sentence of the other article is paired with that, which then
stands in two pairs. The pairs that keep their order and have the most words stay in place, the others were *moved*.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

ALIKE = 0.5  # share of the words of two sentences, in the same order, from which they are versions of one
WITHIN = 0.8  # share of the words of a sentence that lie in another, from which it says nothing of its own

_GRAM = 3  # words
_HOLDERS = 16  # sentences of the other article with the same three words that are looked at
_CANDIDATES = 4  # sentences of the other article that one is compared with

Keys = Sequence[int]
Change = tuple[
    int, int, int, int
]  # words `[first, last)` of the one, in whose place those of the other stand; either may be none


class Pair(NamedTuple):
    """Sentences `[a, a_end)` of the one article and `[b, b_end)` of the other that are versions of each other.

    `likeness` is the share of the words of both that they have in common, in the same order.
    """

    a: int
    a_end: int
    b: int
    b_end: int
    likeness: float
    moved: bool = False


def align(a: Sequence[Keys], b: Sequence[Keys]) -> list[Pair]:
    """Return the sentences of two articles that are versions of each other, in the order of `a`.

    No sentence is in two pairs, unless one of the two lies within the other. The time taken grows with the number of
    sentences, and with the square of the length of one.
    """
    near = _candidates(a, b)
    ratios = {(i, j): likeness(a[i], b[j]) for i, others in enumerate(near) for j in others}
    best = sorted((-ratio, abs(i * len(b) - j * len(a)), i, j) for (i, j), ratio in ratios.items() if ratio >= ALIKE)
    of_a: dict[int, int] = {}
    of_b: dict[int, int] = {}
    for _, _, i, j in best:
        if i not in of_a and j not in of_b:
            of_a[i], of_b[j] = j, i
    pairs = {i: Pair(i, i + 1, j, j + 1, ratios[i, j]) for i, j in of_a.items()}
    _join(a, b, pairs)
    in_a = {i for pair in pairs.values() for i in range(pair.a, pair.a_end)}
    in_b = {j for pair in pairs.values() for j in range(pair.b, pair.b_end)}
    found = _in_place(list(pairs.values()), a)
    for (i, j), ratio in sorted(ratios.items(), key=lambda item: (-item[1], item[0])):
        if (i not in in_a and j in in_b and _share(a[i], b[j]) >= WITHIN) or (
            j not in in_b and i in in_a and _share(b[j], a[i]) >= WITHIN
        ):
            found.append(Pair(i, i + 1, j, j + 1, ratio))
            in_a.add(i)
            in_b.add(j)
    return sorted(found)


def differences(a: Keys, b: Keys) -> tuple[list[Change], list[tuple[int, int]]]:
    """Return what must be replaced to make `b` of `a`, and the places in both of the words that stay; in order."""
    codes = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    changes = [(i, i_end, j, j_end) for tag, i, i_end, j, j_end in codes if tag != "equal"]
    same = ((range(i, i_end), range(j, j_end)) for tag, i, i_end, j, j_end in codes if tag == "equal")
    return changes, [both for one, other in same for both in zip(one, other, strict=True)]


def _candidates(a: Sequence[Keys], b: Sequence[Keys]) -> list[list[int]]:
    """Return for each sentence of `a` those of `b` that are worth a comparison."""
    holders: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for j, sentence in enumerate(b):
        for gram in _grams(sentence):
            if len(holders[gram]) < _HOLDERS:
                holders[gram].append(j)
    found = []
    for i, sentence in enumerate(a):
        shared = Counter(j for gram in _grams(sentence) for j in holders.get(gram, ()))
        # Of sentences that share as much, the one that stands where this one does.
        ranked = sorted(shared, key=lambda j: (-shared[j], abs(i * len(b) - j * len(a))))
        found.append(ranked[:_CANDIDATES])
    return found


def _grams(keys: Keys) -> set[tuple[int, ...]]:
    """Return the runs of three words, or all words if there are fewer."""
    return {tuple(keys[at : at + _GRAM]) for at in range(max(1, len(keys) - _GRAM + 1))} if keys else set()


def _common(a: Keys, b: Keys) -> int:
    """Return how many words two sentences have in common, in the same order.

    Source: Hyyrö, Bit-Parallel LCS-length Computation Revisited, AWOCA 2004; a bit for each word of `a`.
    """
    where: dict[int, int] = {}
    for at, key in enumerate(a):
        where[key] = where.get(key, 0) | 1 << at
    full = left = (1 << len(a)) - 1
    for key in b:
        matched = left & where.get(key, 0)
        left = (left + matched | left - matched) & full
    return len(a) - left.bit_count()


def likeness(a: Keys, b: Keys) -> float:
    """Return the share of the words of two sentences that they have in common, in the same order."""
    return 2 * _common(a, b) / max(1, len(a) + len(b))


def _share(part: Keys, whole: Keys) -> float:
    return _common(part, whole) / max(1, len(part))


def _join(a: Sequence[Keys], b: Sequence[Keys], pairs: dict[int, Pair]) -> None:
    """Add to pairs what stands beside them, in no pair yet, and makes them more alike."""
    free_a = set(range(len(a))) - {pair.a for pair in pairs.values()}
    free_b = set(range(len(b))) - {pair.b for pair in pairs.values()}
    for at, pair in pairs.items():
        grown = pair
        while True:
            i, i_end, j, j_end, _, _ = grown
            longer = [Pair(*bounds, 0.0) for bounds in ((i - 1, i_end, j, j_end), (i, i_end + 1, j, j_end))]
            longer = [one for one in longer if one.a in free_a or one.a_end - 1 in free_a]
            wider = [Pair(*bounds, 0.0) for bounds in ((i, i_end, j - 1, j_end), (i, i_end, j, j_end + 1))]
            longer += [one for one in wider if one.b in free_b or one.b_end - 1 in free_b]
            tried = [one._replace(likeness=likeness(*_words(a, b, one))) for one in longer]
            better = max(tried, key=lambda one: one.likeness, default=grown)
            if better.likeness <= grown.likeness:
                break
            grown = better
            free_a -= set(range(grown.a, grown.a_end))
            free_b -= set(range(grown.b, grown.b_end))
        pairs[at] = grown


def _words(a: Sequence[Keys], b: Sequence[Keys], pair: Pair) -> tuple[list[int], list[int]]:
    """Return the words of both sides of a pair."""
    one = [key for sentence in a[pair.a : pair.a_end] for key in sentence]
    return one, [key for sentence in b[pair.b : pair.b_end] for key in sentence]


def _in_place(pairs: list[Pair], a: Sequence[Keys]) -> list[Pair]:
    """Return the pairs, marked as moved but for those in order in both articles that have the most words together.

    Source: the heaviest increasing subsequence, Jacobson & Vo 1992, on a list of the best ends there are.
    """
    pairs.sort()
    ends: list[int] = []  # by where a chain of pairs ends in the other article,
    weights: list[int] = []  # what the heaviest one weighs that ends there or before; both rise
    heads: list[int] = []  # and the pair it ends with
    before: list[int] = []
    for at, pair in enumerate(pairs):
        place = bisect_right(ends, pair.b)
        before.append(heads[place - 1] if place else -1)
        n_words = sum(len(sentence) for sentence in a[pair.a : pair.a_end])
        weight = (weights[place - 1] if place else 0) + n_words + 1
        upto = bisect_left(weights, weight + 1)
        first = bisect_left(ends, pair.b_end)
        if first < len(ends) and ends[first] == pair.b_end and weights[first] >= weight:
            continue
        if upto < first:
            continue  # one that ends before weighs more
        ends[first:upto], weights[first:upto], heads[first:upto] = [pair.b_end], [weight], [at]
    at = heads[-1] if heads else -1
    staying = set()
    while at >= 0:
        staying.add(at)
        at = before[at]
    return [pair._replace(moved=number not in staying) for number, pair in enumerate(pairs)]
