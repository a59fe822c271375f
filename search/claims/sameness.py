"""Which quotations are the same words of one speaker, spelt otherwise or cut by some: alike by the consonants of words.

"Not much," Karimov said       "Not much," Yussuf Kerimov said        one: few words, a speaker of the same name
"It is up to the Taleban now"  "... is up to the Taliban now, ..."    one: the whole stands in the other
"No comment," Holm said        "No comment," Varga said               two, however long they are
"""

from collections.abc import Iterable, Sequence
from itertools import combinations, product
from typing import NamedTuple

from search.stories.spelling import spelling

HEAD = 4  # words by which one that stands in another is looked for
MANY = 6  # words that two do not say alike by chance
MOST_ALIKE = 100  # that are held against each other
_SHORT = 2  # letters of words in names that say nothing, as initials

Words = tuple[str, ...]


class Speaker(NamedTuple):
    """The words of a speaker's name, spelled alike; none if it is not known. `is_person`: it is that of a person."""

    words: Words
    is_person: bool

    def may_be(self, other: "Speaker") -> bool:
        """Return whether two persons may be one: the name of one is part of the other's, or begins alike."""
        one, two = set(self.words), set(other.words)
        alike = self.words[-1] == other.words[-1] and self.words[0][0] == other.words[0][0]
        return alike or one <= two or two <= one


def groups(said: Sequence[Sequence[str]], names: Sequence[Sequence[str]], persons: Sequence[bool]) -> list[list[int]]:
    """Return which quotations are the same, as their numbers, ascending.

    Of long ones whose speaker is not known, or is not named, those go with a person who is the only one that says so.

    Args:
        said: The folded words of each.
        names: Those of each speaker's name; none if it is not known.
        persons: Whether that is the name of a person.
    """
    words = [tuple(map(spelling, each)) for each in said]
    speakers = []
    for name, is_person in zip(names, persons, strict=True):
        parts = tuple(spelling(word) for word in name if len(word) > _SHORT)
        speakers.append(Speaker(parts, is_person and bool(parts)))
    found = []
    for group in _alike(range(len(words)), words, speakers):
        by_speaker = _by_speaker(group, speakers)
        # What only words of another speaker held together falls apart.
        if len(by_speaker) > 1:
            by_speaker = [some for own in by_speaker for some in _alike(own, words, speakers)]
        found += by_speaker
    return sorted(found)


def _by_speaker(group: Sequence[int], speakers: Sequence[Speaker]) -> list[list[int]]:
    """Return quotations of the same words by the persons who say them; whoever may be several persons is apart."""
    every = {speakers[number] for number in group}
    persons = [speaker for speaker in every if speaker.is_person]
    if len(persons) <= MOST_ALIKE and all(one.may_be(other) for one, other in combinations(persons, 2)):
        return [list(group)]
    # Who has a part of another's name is that one, if there is only one.
    looked = persons if len(persons) <= MOST_ALIKE else []
    full = [one for one in looked if not any(set(one.words) < set(other.words) for other in looked)]
    of: dict[Speaker, Words] = {}
    for speaker in every:
        of_whom = {_person(other) for other in full if not speaker.is_person or speaker.may_be(other)}
        of[speaker] = next(iter(of_whom)) if len(of_whom) == 1 else speaker.words
    found: dict[Words, list[int]] = {}
    for number in group:
        found.setdefault(of[speakers[number]], []).append(number)
    return list(found.values())


def _person(speaker: Speaker) -> Words:
    """Return what is the same of full names of one person: the last, and how the first begins."""
    return speaker.words[0][0], speaker.words[-1]


def _alike(numbers: Iterable[int], words: Sequence[Words], speakers: Sequence[Speaker]) -> list[list[int]]:
    """Return which of some quotations have the same words; of few words, if the names of their speakers share one."""
    numbers = list(numbers)
    parent = {number: number for number in numbers}

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    def join(one: int, other: int) -> None:
        first, second = sorted((root(one), root(other)))
        parent[second] = first

    alike: dict[Words, list[int]] = {}
    for number in numbers:
        alike.setdefault(words[number], []).append(number)
    heads: dict[Words, list[Words]] = {}
    for each, some in alike.items():
        first_of: dict[str, int] = {}
        for number in some:
            if len(each) >= MANY:
                join(some[0], number)
            for name in speakers[number].words:
                join(first_of.setdefault(name, number), number)
        if len(each) >= HEAD:
            heads.setdefault(each[:HEAD], []).append(each)
    for each, some in alike.items():
        for at in range(len(each) - HEAD + 1):
            for short in heads.get(each[at : at + HEAD], ())[:MOST_ALIKE]:
                if len(short) < len(each) and each[at : at + len(short)] == short:
                    for number, other in product(some[:MOST_ALIKE], alike[short][:MOST_ALIKE]):
                        if len(short) >= MANY or set(speakers[number].words) & set(speakers[other].words):
                            join(number, other)
    found: dict[int, list[int]] = {}
    for number in numbers:
        found.setdefault(root(number), []).append(number)
    return list(found.values())
