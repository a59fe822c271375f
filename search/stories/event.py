"""Whether two independent texts tell of the same event: an inference, from names, numbers, words and days.

A mark is a name, a number or another word; it is rare if at most `FEW` articles of the index have it, or one in `PART`.
Two articles tell of one event if they have `MARKS` rare marks in common, `NAMES` of them names and `WORDS` other words;
if the names they share are the better part of those of one of them; if they are alike by all their marks; and if it
happened on the same day. That day is what the first `LEAD` sentences say (`on Monday`), else that of publication; of an
undated article the day of the week is known at best. Where they share a quotation, neither likeness nor the same day is
asked for: outlets tell of the same words on several days.

Names are words with a capital inside a sentence; those that stand beside each other in one of the articles are one. A
word that begins a sentence is a name if the other article has it as one. A name is shown with all the words that both
articles have beside it. A table of prices tells of no event.
"""

import datetime
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from search.reports import Evidence, EvidenceKind
from search.stories.spelling import is_same_word, key
from search.text.analysis import Token

FEW, PART = 10, 100  # articles that have a rare mark, at most; or one of so many of the index
MARKS, NAMES, WORDS = 7, 3, 3
NAMED = 0.55  # of the names of the article that has fewer, by weight
NAMED_IN_QUOTERS = 0.4  # the same where they share a quotation
ALIKE = 0.3  # cosine of their marks, weights as inverse document frequencies, names counting twice
LEAD = 3  # sentences
TABLE = 0.1  # of the words are numbers: prices and rates, which have the same names every day
NEAR = 3  # days between the publication of two that share a quotation
IN_LEADS = 2  # rare names that a few sentences of two have, if they are about the same matter,
NAMED_IN_LEADS = 0.5  # and so much of the names of each, by weight
PRIOR = 1000  # articles without a mark that are added to those of the index: what is new in a small one is not yet rare

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEK = len(_DAYS)
_CALENDAR = frozenset(
    (*_DAYS, *"january february march april may june july august september october november december".split())
)
_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_NUMBER = re.compile(r"\d[\d.,]+\Z")  # one digit says nothing
_SHOUTED = 4  # letters of words by which a sentence in capitals is known
_OPENING = "\"'\u201c\u2018\u201e\u00ab"
_BETWEEN = re.compile(r" |-|\. |-[a-z]-| [A-Z]\. ")  # what stands between two words of one name
_LONGEST = 5  # words of a name


class Mark(NamedTuple):
    """A word of an article: its stem, and as it is written there first; `at` is its place among the words."""

    term: str
    word: str
    at: int


@dataclass(frozen=True)
class Told:
    """What an article tells, each mark by a key that is the same for other spellings.

    `openings` are words that begin a sentence, or stand in the title, and may be names; `beside` words of names
    that stand beside each other in `text`; `days` those on which it happened, as ordinals, or as days of the week if
    `published` is None.
    """

    names: dict[int, Mark]
    numbers: dict[int, Mark]
    words: dict[int, Mark]
    openings: dict[int, Mark]
    beside: list[list[Token]]
    days: frozenset[int]
    published: int | None
    text: str

    @cached_property
    def links(self) -> dict[tuple[int, ...], Mark]:
        """Two to `_LONGEST` words that stand beside each other, by their keys, with their forms for a stem."""
        found: dict[tuple[int, ...], Mark] = {}
        for run in self.beside:
            for end in range(2, len(run) + 1):
                for begin in range(max(end - _LONGEST, 0), end - 1):
                    some = run[begin:end]
                    word = " ".join(self.text[some[0].start : some[-1].end].split())
                    mark = Mark(" ".join(each.form for each in some), word, some[0].start)
                    found.setdefault(tuple(key(each.form) for each in some), mark)
        return found


def tell(
    text: str,
    sentences: Iterable[Sequence[Token]],
    title: Mapping[int, Mark],
    published: datetime.date | None,
    is_function_word: Callable[[str], bool],
) -> Told:
    """Return what an article tells.

    Args:
        text: Of the article.
        sentences: The words of each sentence that is compared; offsets are of `text`.
        title: The words of its title, by their keys.
        published: Its day.
        is_function_word: Whether a folded word only holds others together.
    """
    names: dict[int, Mark] = {}
    numbers: dict[int, Mark] = {}
    words: dict[int, Mark] = {}
    openings = dict(title)
    beside: list[list[Token]] = []
    days, lower = set(), set()
    n = n_numbers = 0
    for number, tokens in enumerate(sentences):
        long = [token for token in tokens if token.end - token.start >= _SHOUTED]
        is_shouted = sum(text[token.start].isupper() for token in long) * 2 > len(long) >= _SHOUTED
        before: list[Token] = []  # the words before, if they may be part of a name
        for at, token in enumerate(tokens):
            n += 1
            form, word = token.form, text[token.start : token.end]
            previous, before = before, []
            if number < LEAD:
                days.update(_days(form, published))
            if form in _CALENDAR or is_function_word(form):
                continue
            mark = Mark(token.term, word, n)
            if form[0].isdigit():
                n_numbers += 1
                if _NUMBER.match(form) and not _YEAR.match(form):
                    numbers.setdefault(key(form), mark)
            elif len(form) < 2:
                before = previous  # `Kest-i-Mar`
            elif not word[0].isupper():
                lower.add(key(form))
                words.setdefault(key(token.term), mark)
            elif not is_shouted:
                is_first = at == 0 or text[token.start - 1] in _OPENING
                (openings if is_first else names).setdefault(key(form), mark)
                if previous and _BETWEEN.fullmatch(text, previous[-1].end, token.start):
                    if len(previous) == 1:
                        beside.append(previous)
                    previous.append(token)
                    before = previous
                else:
                    before = [token]
    if n_numbers > n * TABLE:
        names, openings = {}, {}
    for each in names.keys() & lower:
        words.setdefault(key(names[each].term), names.pop(each))
    openings = {each: mark for each, mark in openings.items() if each not in names and each not in lower}
    if not days and published:
        days.add(published.toordinal())
    ordinal = published.toordinal() if published else None
    return Told(names, numbers, words, openings, beside, frozenset(days), ordinal, text)


def _days(form: str, published: datetime.date | None) -> list[int]:
    """Return the day that a word names: the last one up to publication."""
    if form in _DAYS:
        weekday = _DAYS.index(form)
        return [published.toordinal() - (published.weekday() - weekday) % _WEEK] if published else [weekday]
    if published and form in ("today", "yesterday"):
        return [published.toordinal() - (form == "yesterday")]
    return []


def same_event(
    a: Told, b: Told, frequency: Callable[[str], int], n_docs: int, *, is_quoted: bool = False
) -> list[Evidence]:
    """Return the rare marks that two articles have in common if they tell of the same event, and the day; else nothing.

    It is the same the other way round, sides exchanged. Names that stand beside each other are one mark, and
    stand first; what few articles have comes before what more have.

    Args:
        a, b: What they tell.
        frequency: Returns how many articles of the index have a stem.
        n_docs: Articles of the index.
        is_quoted: Whether they share a quotation.
    """
    if not (_near(a, b) if is_quoted else _on_one_day(a, b)):
        return []
    in_a, in_b = a.names | a.openings, b.names | b.openings
    names = [each for each in _shared(in_a, in_b) if each in a.names or each in b.names]
    if len(names) < NAMES:
        return []
    known: dict[str, int] = {}

    def articles(mark: Mark) -> int:
        if mark.term not in known:
            known[mark.term] = frequency(mark.term)
        return known[mark.term]

    def weight(marks: Iterable[Mark], power: int = 2) -> float:
        return sum(math.log((n_docs + PRIOR) / (articles(mark) + 0.5)) ** power for mark in marks)

    numbers, words = _shared(a.numbers, b.numbers), _shared(a.words, b.words)
    fewer = min(weight(told.names.values(), 1) for told in (a, b))
    if min(weight([side[each] for each in names], 1) for side in (in_a, in_b)) < fewer * (
        NAMED_IN_QUOTERS if is_quoted else NAMED
    ):
        return []
    if not is_quoted:
        both, every = [], []
        for told, own in ((a, in_a), (b, in_b)):
            both.append(
                2 * weight(own[each] for each in names)
                + weight(told.numbers[each] for each in numbers)
                + weight(told.words[each] for each in words)
            )
            every.append(2 * weight(told.names.values()) + weight([*told.numbers.values(), *told.words.values()]))
        if min(both) < ALIKE * math.sqrt(every[0] * every[1]):
            return []
    most = max(FEW, n_docs / PART)
    rare = [each for each in names if max(articles(in_a[each]), articles(in_b[each])) <= most]
    links = a.links, b.links
    n_names = len(_joined(rare, {**links[0], **links[1]}))
    if n_names < NAMES:
        return []
    found: list[Evidence] = []
    kinds: tuple[tuple[EvidenceKind, list[int], dict[int, Mark], dict[int, Mark]], ...] = (
        ("number", numbers, a.numbers, b.numbers),
        ("word", words, a.words, b.words),
    )
    for kind, keys, in_one, in_other in kinds:
        marks = [(max(articles(in_one[each]), articles(in_other[each])), each) for each in keys]
        some = sorted((n, in_one[each].at, each) for n, each in marks if n <= most)
        found += [Evidence(kind, in_one[each].word, in_other[each].word, n) for n, _, each in some]
    if n_names + len(found) < MARKS or sum(each.kind == "word" for each in found) < WORDS:
        return []
    shown = []
    for name in _whole(rare, *links):
        n = min(articles(own[each]) for each in name if each in rare for own in (in_a, in_b))
        first, other = (of.get(name) or own[name[0]] for of, own in zip(links, (in_a, in_b), strict=True))
        shown.append(Evidence("name", first.word, other.word, n))
    found = [*shown, *found]
    if a.published and b.published and (days := sorted(a.days & b.days)):
        day = datetime.date.fromordinal(days[-1]).isoformat()
        found.append(Evidence("day", day, day, None))
    return found


def same_matter(a: Told, b: Told, frequency: Callable[[str], int], n_docs: int) -> bool:
    """Return whether a few sentences of two articles are about the same: the day, rare names, and most of all.

    Args:
        a, b: What these sentences tell.
        frequency: Returns how many articles of the index have a stem.
        n_docs: Articles of the index.
    """
    if not (a.days and b.days and _on_one_day(a, b)):
        return False
    in_a, in_b = a.names | a.openings, b.names | b.openings
    names = [each for each in _shared(in_a, in_b) if each in a.names or each in b.names]
    if len(names) < IN_LEADS:
        return False

    def weight(marks: Iterable[Mark]) -> float:
        return sum(math.log((n_docs + PRIOR) / (frequency(mark.term) + 0.5)) for mark in marks)

    shared = weight(in_a[each] for each in names)
    if shared < NAMED_IN_LEADS * max(weight(told.names.values()) for told in (a, b)):
        return False
    most = max(FEW, n_docs / PART)
    rare = [each for each in names if max(frequency(in_a[each].term), frequency(in_b[each].term)) <= most]
    return len(_joined(rare, {**a.links, **b.links})) >= IN_LEADS


def _shared(one: Mapping[int, Mark], other: Mapping[int, Mark]) -> list[int]:
    """Return the keys under which two articles have the same word, not two of one key (`placed`, `policy`)."""
    return [each for each in one if each in other and is_same_word(one[each].term, other[each].term)]


def _whole(names: Iterable[int], *links: Mapping[tuple[int, ...], Mark]) -> list[tuple[int, ...]]:
    """Return the longest that each word of some names is part of in two articles, each name once, in order."""
    longest: dict[int, tuple[int, ...]] = {}
    for name in sorted(links[0].keys() & links[1].keys()):
        if all(map(is_same_word, *(of[name].term.split() for of in links))):
            longest |= {each: name for each in name if len(name) > len(longest.get(each, ()))}
    return list(dict.fromkeys(longest.get(each, (each,)) for each in names))


def _joined(names: Sequence[int], links: Iterable[tuple[int, ...]]) -> list[list[int]]:
    """Return names, those beside each other as one, in order."""
    group = {each: each for each in names}

    def root(each: int) -> int:
        while group[each] != each:
            each = group[each]
        return each

    for one, other in (link for link in links if len(link) == 2):
        if one in group and other in group:
            group[root(other)] = root(one)
    found: dict[int, list[int]] = {}
    for each in names:
        found.setdefault(root(each), []).append(each)
    return list(found.values())


def _on_one_day(a: Told, b: Told) -> bool:
    """Return whether two articles tell of the same day, as far as is known."""
    if a.published and b.published:
        return not a.days.isdisjoint(b.days)
    weekdays = [{(day - 1) % _WEEK if told.published else day for day in told.days} for told in (a, b)]
    return not all(weekdays) or not weekdays[0].isdisjoint(weekdays[1])


def _near(a: Told, b: Told) -> bool:
    """Return whether two articles were published within a few days, as far as is known."""
    return not a.published or not b.published or abs(a.published - b.published) <= NEAR
