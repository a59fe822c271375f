"""Copies as newsrooms make them, of real articles, and what is true of every pair.

An article is made of printed words, each with its *keys*: what the word is, however it is spelt. Whoever re-spells a
name, changes the house style or writes a numeral keeps the keys; whoever writes another word gives it others. What two
articles share is then counted on keys alone (`true_relations`), with a dictionary of runs of five: the share is known
by construction, and nothing here knows how copies are found.

    cut          some of the end is gone                    styled       British or American, numerals, units
    reordered    the paragraphs after the first are moved   edited       words replaced and left out
    headlined    another title, another first sentence      mixed        a paragraph of another outlet's article in it
    respelt      names in another spelling                  rewritten    several of these at once
    brief        sixty words out of a long article          reworked     about half of it, between paragraphs of others
    quoting      an unrelated article takes a quotation over
    boilerplate  every article of an outlet carries the same words, which are nobody's story
"""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Literal, NamedTuple

from search.model import Article

RUN = 5  # tokens from which on the same words are no accident
COPY, PARTIAL = 0.8, 0.2  # of the shorter body
QUOTE = 8  # tokens of a quotation that make a relation
OUTLETS = 40
BRIEF = 60  # words
SHORTEST = 60  # words of an article that is taken

Relation = Literal["copy", "partial", "quote", "none"]
Pair = tuple[str, str]


class Word(NamedTuple):
    """A word as printed, with what stands around it. `keys` are empty for words that are not the article's own."""

    printed: str
    keys: tuple[str, ...]
    taken: bool = False  # stands in a quotation taken over from elsewhere


Paragraph = list[Word]


class Made(NamedTuple):
    """An article, how it was made, and of whose: `family` is the same for all that were made of one article."""

    article: Article
    kind: str
    family: int
    words: list[Word]

    @property
    def keys(self) -> list[str]:
        """What the article itself says, key by key."""
        return [key for word in self.words for key in word.keys]

    @property
    def taken(self) -> list[bool]:
        """For each key: whether it was taken over as a quotation."""
        return [word.taken for word in self.words for _ in word.keys]


class Truth(NamedTuple):
    """What is true of two articles: their relation, and the share of the shorter one's keys."""

    relation: Relation
    shared: float


# American, British. Keys are the American forms, and numbers as words.
_SPELLINGS = dict(
    pair.split("/")
    for pair in """
    organization/organisation organizations/organisations recognize/recognise recognized/recognised
    realize/realise emphasize/emphasise emphasized/emphasised criticized/criticised authorized/authorised
    organized/organised analyze/analyse center/centre centers/centres defense/defence license/licence
    labor/labour color/colour favor/favour favorable/favourable favored/favoured harbor/harbour honor/honour
    neighboring/neighbouring program/programme programs/programmes traveled/travelled canceled/cancelled
    modernization/modernisation stabilization/stabilisation stabilize/stabilise liberalization/liberalisation
    nationalized/nationalised privatization/privatisation specialized/specialised utilization/utilisation
    fiber/fibre theater/theatre behavior/behaviour rumors/rumours rumor/rumour aluminum/aluminium
    skeptical/sceptical totaling/totalling totaled/totalled catalog/catalogue check/cheque labeled/labelled
    """.split()
)
_NUMERALS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "twelve": "12",
}  # fmt: skip
_UNITS = {"pct": "percent", "mln": "million", "bln": "billion", "dlrs": "dollars"}
_STYLE = _SPELLINGS | {british: american for american, british in _SPELLINGS.items()} | _UNITS | _NUMERALS
_KEY_OF = {british: american for american, british in _SPELLINGS.items()}
_AROUND = re.compile(r"(\W*)(.*?)(\W*)\Z", re.DOTALL)
_RESPELLINGS = (
    *(("i", "e"), ("e", "i"), ("o", "u"), ("u", "o"), ("a", "e"), ("y", "i"), ("i", "y")),
    *(("q", "k"), ("k", "q"), ("c", "k"), ("ph", "f"), ("ss", "s"), ("ll", "l"), ("mm", "m"), ("nn", "n")),
    *(("s", "ss"), ("m", "mm"), ("n", "nn"), ("z", "s"), ("s", "z"), ("th", "t"), ("kh", "k"), ("dh", "d")),
)
_OTHER_WORDS = (
    "officials analysts government reported announced earlier meanwhile however figures people trend moved decided "
    "roughly nearly further quickly largely added explained told expected small large new recent"
).split()
_OPENINGS = (
    "In a development first reported elsewhere,",
    "Our correspondent has learnt that, according to people familiar with it,",
    "It emerged this morning that,",
    "As this paper reported in its early edition,",
)
_ATTRIBUTIONS = (
    "Asked about it later in the day, one of those present answered,",
    "A statement read out to the waiting cameras went as follows:",
    "Somebody else had put it differently the week before:",
)
_BOILERPLATE = (
    "Readers who subscribe to {0} receive every edition before breakfast, on paper or on any screen they like.",
    "To correct an error, write to the readers' desk of {0} and name the page, the day and the line.",
    "{0} is printed on paper from managed woods and delivered by people who are paid for their time.",
    "Nothing on this page may be copied, kept or passed on without written leave from the owners of {0}.",
    "Prices and times are given as they were when we went to press, and nobody at {0} promises that they still hold.",
    "Letters to {0} should be short, signed, and free of insults; the editors may shorten them further.",
    "The crossword, the tide table and the chess problem of {0} are on the last page but one.",
    "Members of the friends of {0} may visit the presses on the first Saturday of each month, children included.",
    "If you saw something that others should know, ring the night desk of {0}; your name stays with us.",
    "Adverts in {0} are accepted until noon on the day before, and earlier before a holiday.",
    "The archive of {0} is open to schools at no charge, and to everybody else against a small fee.",
    "Shares, funds and coins mentioned by {0} may fall in value, and what they did last year says little.",
    "Some of what {0} prints was sent in by agencies, which answer for their own words and their own pictures.",
    "Weather, roads and trains: the pages of {0} that are read most are renewed every quarter of an hour.",
    "With {0} in your letter box you also get the supplement on gardens, boats and second-hand furniture.",
)


def keys_of(printed: str) -> tuple[str, ...]:
    """Return the keys of a word as it stands in a text."""
    parts = []
    for part in re.split(r"[-/\u2013\u2014]|\.\.+", printed.casefold()):
        core = re.sub(r"^\W+|\W+$", "", part)
        core = re.sub(r"['\u2019]s$", "", core)
        if core:
            parts.append(_KEY_OF.get(core, core))
    return tuple(parts)


def paragraphs_of(body: str) -> list[Paragraph]:
    """Return the paragraphs of a Reuters body: an indented line begins one."""
    found = []
    for block in re.split(r"\n\s{2,}|\n\s*\n", body.strip()):
        words = [Word(printed, keys_of(printed)) for printed in block.split()]
        if words and not re.fullmatch(r"\W*reuters?\W*\d*\W*", " ".join(word.printed for word in words), re.IGNORECASE):
            found.append(words)
    if found and found[-1] and re.fullmatch(r"reuter\W*", found[-1][-1].printed, re.IGNORECASE):
        found[-1] = found[-1][:-1]
    return [paragraph for paragraph in found if paragraph]


def plain(text: str) -> Paragraph:
    """Return words of one's own."""
    return [Word(printed, keys_of(printed)) for printed in text.split()]


# Ways to make a copy: paragraphs in, paragraphs out; what comes in is not changed.
Way = Callable[[list[Paragraph], random.Random], list[Paragraph]]


def cut(paragraphs: list[Paragraph], chance: random.Random) -> list[Paragraph]:
    """Leave out some of the end, in the middle of a paragraph if need be."""
    left = int(sum(map(len, paragraphs)) * chance.uniform(0.3, 0.9))
    kept = []
    for paragraph in paragraphs:
        kept.append(paragraph[:left])
        left -= len(paragraph)
        if left <= 0:
            break
    return kept


def reordered(paragraphs: list[Paragraph], chance: random.Random) -> list[Paragraph]:
    """Move the paragraphs after the first."""
    return [*paragraphs[:1], *chance.sample(paragraphs[1:], len(paragraphs) - 1)]


def headlined(paragraphs: list[Paragraph], chance: random.Random) -> list[Paragraph]:
    """Begin in one's own words."""
    return [plain(chance.choice(_OPENINGS)) + paragraphs[0], *paragraphs[1:]]


def respelt(paragraphs: list[Paragraph], chance: random.Random) -> list[Paragraph]:
    """Spell half of the names otherwise, each the same way wherever it stands."""
    small = {word.printed for paragraph in paragraphs for word in paragraph if word.printed.islower()}
    spellings: dict[str, str] = {}

    def spell(word: Word) -> Word:
        before, name, after = _around(word.printed)
        if not (len(name) > 4 and name.isalpha() and name[0].isupper() and name.lower() not in small):
            return word
        if name not in spellings:
            ways = [(a, b) for a, b in _RESPELLINGS if a in name[1:]]
            a, b = chance.choice(ways) if ways and chance.random() < 0.5 else ("", "")
            at = chance.choice([m.start() for m in re.finditer(a, name) if m.start()]) if a else 0
            spellings[name] = name[:at] + b + name[at + len(a) :]
        return word._replace(printed=before + spellings[name] + after)

    return [[spell(word) for word in paragraph] for paragraph in paragraphs]


def styled(paragraphs: list[Paragraph], chance: random.Random) -> list[Paragraph]:
    """Print what has two spellings in the other."""
    return [[_other_style(word) for word in paragraph] for paragraph in paragraphs]


def edited(paragraphs: list[Paragraph], chance: random.Random) -> list[Paragraph]:
    """Replace a word or leave one out, once in thirty words."""

    def edit(paragraph: Paragraph) -> Paragraph:
        found = []
        for word in paragraph:
            dice = chance.random()
            if dice > 1 / 30:
                found.append(word)
            elif dice > 1 / 90:
                found += plain(chance.choice(_OTHER_WORDS))
        return found

    return [edit(paragraph) for paragraph in paragraphs]


def rewritten(paragraphs: list[Paragraph], chance: random.Random) -> list[Paragraph]:
    """Do several things at once."""
    for way in chance.sample([cut, reordered, headlined, respelt, styled, edited], 3):
        paragraphs = way(paragraphs, chance)
    return paragraphs


def brief(paragraphs: list[Paragraph], chance: random.Random) -> list[Paragraph]:
    """Make a brief: its first sentences, and one from further on."""
    first = [word for paragraph in paragraphs for word in paragraph][: BRIEF * 2 // 3]
    later = chance.choice([p for p in paragraphs[len(paragraphs) // 3 :] if len(p) >= BRIEF // 3] or paragraphs[-1:])
    return [first + later[: BRIEF - len(first)]]


WAYS: Mapping[str, Way] = {
    w.__name__: w for w in (cut, reordered, headlined, respelt, styled, edited, rewritten, brief)
}


def _around(printed: str) -> tuple[str, str, str]:
    match = _AROUND.match(printed)
    assert match
    return match[1], match[2], match[3]


def _other_style(word: Word) -> Word:
    before, core, after = _around(word.printed)
    other = _STYLE.get(core)
    return word._replace(printed=before + other + after) if other else word


def quotation(paragraphs: Sequence[Paragraph]) -> Paragraph:
    """Return the first quotation of 12 to 45 words, without its marks, or nothing."""
    for paragraph in paragraphs:
        opened = -1
        for at, word in enumerate(paragraph):
            if opened < 0 and word.printed.startswith('"'):
                opened = at
            if opened >= 0 and word.printed.rstrip(".,").endswith('"'):
                if 12 <= at + 1 - opened <= 45:
                    inside = paragraph[opened : at + 1]
                    return [Word(w.printed.replace('"', ""), w.keys, taken=True) for w in inside]
                opened = -1
    return []


class _Desk:
    """Makes the articles of one newsroom, one after the other."""

    def __init__(self, records: Sequence[Mapping[str, str]], chance: random.Random) -> None:
        self._chance = chance
        self._records = chance.sample(records, len(records))
        self._passed_over: list[tuple[str, list[Paragraph], int]] = []
        self.made: list[Made] = []
        self.families = 0

    def fresh(self, least: int = SHORTEST) -> tuple[str, list[Paragraph]]:
        """Take an article of at least so many words that was not taken before: its title and paragraphs."""
        for at, (title, paragraphs, n_words) in enumerate(self._passed_over):
            if n_words >= least:
                del self._passed_over[at]
                return title, paragraphs
        while self._records:
            record = self._records.pop()
            paragraphs = paragraphs_of(record["body"])
            n_words = sum(map(len, paragraphs))
            if n_words >= least:
                return record["title"], paragraphs
            if n_words >= SHORTEST:
                self._passed_over.append((record["title"], paragraphs, n_words))
        raise ValueError(f"no article of {least} words is left")

    def print(
        self, title: str, paragraphs: Sequence[Paragraph], kind: str, family: int, outlet: str | None = None
    ) -> None:
        """Publish an article."""
        body = "\n\n".join(" ".join(word.printed for word in paragraph) for paragraph in paragraphs if paragraph)
        source = outlet or f"Outlet {self._chance.randrange(OUTLETS)}"
        article = Article(id=f"{len(self.made):05}", title=title, body=body, source=source)
        self.made.append(Made(article, kind, family, [word for p in paragraphs for word in p]))

    def family(self) -> int:
        """Begin a family."""
        self.families += 1
        return self.families


def newsroom(
    records: Sequence[Mapping[str, str]], *, seed: int, families: int = 100, distractors: int = 3000
) -> list[Made]:
    """Return articles, in a random order, some of which are copies of others.

    Args:
        records: Of Reuters: `title` and `body`.
        seed: Of everything random.
        families: Articles that copies are made of: of each a few kinds of copies. There are a tenth as many long ones
            with briefs, and half as many whose quotation is taken over.
        distractors: Articles of which no copy is made.
    """
    chance = random.Random(seed)
    desk = _Desk(records, chance)
    for _ in range(families):
        title, paragraphs = desk.fresh(120)
        family = desk.family()
        desk.print(title, paragraphs, "original", family)
        for kind in chance.sample([kind for kind in WAYS if kind != "brief"], 4):
            heading = f"{chance.choice(_OTHER_WORDS)} {title.title()}" if kind == "headlined" else title
            desk.print(heading, WAYS[kind](paragraphs, chance), kind, family)
        if chance.random() < 0.3:
            other_title, others = desk.fresh(100)
            other = desk.family()
            desk.print(other_title, others, "original", other)
            at = chance.randrange(len(paragraphs) + 1)
            longest = max(others, key=len)
            desk.print(title, [*paragraphs[:at], longest, *paragraphs[at:]], "mixed", family)
        if chance.random() < 0.5:
            parts = cut(reordered(paragraphs, chance), chance)
            others = cut(desk.fresh(120)[1], chance)
            desk.print(title, chance.sample(parts + others, len(parts) + len(others)), "reworked", family)
    for _ in range(families // 10):
        title, paragraphs = desk.fresh(400)
        while sum(map(len, paragraphs)) < 2000:
            paragraphs = paragraphs + desk.fresh(300)[1]
        family = desk.family()
        desk.print(title, paragraphs, "original", family)
        for _ in range(2):
            desk.print(title, brief(paragraphs, chance), "brief", family)
        desk.print(title, styled(respelt(brief(paragraphs, chance), chance), chance), "brief", family)
    for _ in range(families // 2):
        title, paragraphs = desk.fresh(120)
        while not (quoted := quotation(paragraphs)):
            title, paragraphs = desk.fresh(120)
        family = desk.family()
        desk.print(title, paragraphs, "original", family)
        host_title, host = desk.fresh()
        words = [
            quoted[0]._replace(printed='"' + quoted[0].printed),
            *quoted[1:-1],
            quoted[-1]._replace(printed=quoted[-1].printed + '"'),
        ]
        at = chance.randrange(1, len(host) + 1)
        said = plain(chance.choice(_ATTRIBUTIONS)) + words
        desk.print(host_title, [*host[:at], said, *host[at:]], "quoting", desk.family())
    for number, (n_articles, n_sentences) in enumerate([(60, 4), (40, 15), (25, 8)]):
        outlet = f"Paper {number}"
        lines = chance.sample(_BOILERPLATE, n_sentences)
        foot = [[Word(printed, ()) for printed in line.format(outlet).split()] for line in lines]
        for turn in range(n_articles):
            if turn % 8:
                title, paragraphs = desk.fresh()
                family = desk.family()
            else:  # a copy of somebody else's article, with one's own boilerplate
                copied = chance.choice([made for made in desk.made if made.kind == "original"])
                title, paragraphs, family = str(copied.article.title), [copied.words], copied.family
            parts = [*paragraphs, *foot] if number != 1 else [*foot[:5], *paragraphs, *foot[5:]]
            desk.print(title, parts, "boilerplate", family, outlet)
    for _ in range(distractors):
        desk.print(*desk.fresh(), "distractor", desk.family())
    chance.shuffle(desk.made)
    return desk.made


def runs(keys: Sequence[str]) -> list[tuple[str, ...]]:
    """Return every run of five, one for each place where one begins."""
    return [tuple(keys[i : i + RUN]) for i in range(len(keys) - RUN + 1)]


def covered(keys: Sequence[str], other: Iterable[tuple[str, ...]]) -> list[bool]:
    """Return for each key whether it lies in a run of five that the other has."""
    known = set(other)
    inside = [False] * len(keys)
    for i, run in enumerate(runs(keys)):
        if run in known:
            inside[i : i + RUN] = [True] * RUN
    return inside


def true_relation(a: Made, b: Made) -> Truth:
    """Return what is true of two articles, counted out."""
    short, long = sorted((a, b), key=lambda made: (len(made.keys), made.article.id))
    here = covered(short.keys, runs(long.keys))
    there = covered(long.keys, runs(short.keys))
    shared = sum(here) / len(short.keys) if short.keys else 0.0
    if any(here):
        for made, inside in ((short, here), (long, there)):
            if sum(inside) >= QUOTE and all(taken for taken, yes in zip(made.taken, inside, strict=True) if yes):
                return Truth("quote", shared)
    return Truth("copy" if shared >= COPY else "partial" if shared >= PARTIAL else "none", shared)


def true_relations(made: Sequence[Made]) -> dict[Pair, Truth]:
    """Return what is true of every pair that has a run of five in common; pairs in the order of their ids."""
    holders = defaultdict(set)
    for one in made:
        for run in runs(one.keys):
            holders[run].add(one.article.id)
    pairs = {pair for ids in holders.values() for pair in combinations(sorted(ids), 2)}
    by_id = {one.article.id: one for one in made}
    return {(a, b): true_relation(by_id[a], by_id[b]) for a, b in sorted(pairs)}
