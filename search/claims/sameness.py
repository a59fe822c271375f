"""Which quotations are the same words, spelt otherwise or cut by some: the same by the consonants of their words.

"Not much," Karimov said       "Not much," Yussuf Kerimov said        one: few words, a speaker of the same name
"It is up to the Taleban now"  "... is up to the Taliban now, ..."    one: the whole stands in the other
"No comment," Holm said        "No comment," Varga said               two
"""

from collections.abc import Sequence
from itertools import product

from search.stories.spelling import spelling

HEAD = 4  # words by which one that stands in another is looked for
MANY = 6  # words that two do not say alike by chance
MOST_ALIKE = 100  # that are held against each other
_SHORT = 2  # letters of words in names that say nothing, as initials


def groups(said: Sequence[Sequence[str]], names: Sequence[Sequence[str]]) -> list[list[int]]:
    """Return which quotations are the same, as their numbers, ascending.

    Args:
        said: The folded words of each.
        names: Those of each speaker's name; none if it is not known.
    """
    words = [tuple(map(spelling, each)) for each in said]
    speakers = [{spelling(word) for word in name if len(word) > _SHORT} for name in names]
    parent = list(range(len(words)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    def join(one: int, other: int) -> None:
        first, second = sorted((root(one), root(other)))
        parent[second] = first

    alike: dict[tuple[str, ...], list[int]] = {}
    for number, each in enumerate(words):
        alike.setdefault(each, []).append(number)
    heads: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for each, numbers in alike.items():
        first_of: dict[str, int] = {}
        for number in numbers:
            if len(each) >= MANY:
                join(numbers[0], number)
            for name in speakers[number]:
                join(first_of.setdefault(name, number), number)
        if len(each) >= HEAD:
            heads.setdefault(each[:HEAD], []).append(each)
    for each, numbers in alike.items():
        for at in range(len(each) - HEAD + 1):
            for short in heads.get(each[at : at + HEAD], ())[:MOST_ALIKE]:
                if len(short) < len(each) and each[at : at + len(short)] == short:
                    for number, other in product(numbers[:MOST_ALIKE], alike[short][:MOST_ALIKE]):
                        if len(short) >= MANY or speakers[number] & speakers[other]:
                            join(number, other)
    found: dict[int, list[int]] = {}
    for number in range(len(words)):
        found.setdefault(root(number), []).append(number)
    return list(found.values())
