"""Quotations and who speaks them.

    "Not much," Karimov said.  Karimov said: "Not much."     an attribution behind or before
    "The gates," she said, "were shut."                      one quotation in two parts
    "We shout," said Brandt. "The listening is the worst."   a second one, of the same speaker
    Brandt shook his head. "Nobody told us."                 of the one person whom the sentence before is about
    He was a "danger to the valley", she said                pieces count if a verb of speech governs them
    the so-called "green valley", "The Long Night"           ironies and titles do not

Precision comes before recall: a pronoun that may stand for two persons stands for nobody, and what may be a title, an
irony or a term is left out.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from search.claims.quoted import Quoted, quoted
from search.claims.speakers import Who, before, behind, is_person, protagonist, tokens, trailing
from search.claims.words import GOING_ON, INVERTED
from search.model import Span
from search.text.sentences import sentence_ends

MOST = 2_000  # stretches in marks of one text that are looked at: half a millisecond each
MIN_WORDS = 3  # of a sentence in quotation marks that nobody is named for
REACH = 800  # characters around a quotation in which its speaker is looked for
NAMING = 80  # characters before a mark in which stands what announces a title, a name or a term
LONGEST_NAME = 60  # characters
MAX_NAMES = 200  # that are looked for in full
MAX_TERM = 3  # words in quotation marks that may be a term
MAX_PIECES = 5  # behind one in the same sentence whose attribution may count for it, too
_ATTRIBUTED = frozenset(",?!\u2026\u2014\u2013-")  # a quotation ends so before its attribution
_ENDS = frozenset(".?!\u2026")
_SPACED = re.compile(r"\s*[,\u2014\u2013-]")

# What stands right before the marks of a title, a name or a term.
_NAMING = re.compile(
    r"""(?: \b (?: so-called | known\ as | entitled | titled | named | dubbed | nicknamed | billed\ as | meaning | means
        | (?: words? | terms? | phrase | film | movie | book | novel | song | album | single | play | opera | poem
            | show | series | programme | program | magazine | newspaper | exhibition | essay | article | paper
            | heading | headline | slogan | motto | title | number | letters? | painting | hashtag | game | episode )
            ,? (?: \ of )? )
      | (?<! he ) (?<! she ) (?<! they ) (?<! it ) \ called ) \s* \W? \Z""",
    re.VERBOSE | re.IGNORECASE,
)
_WORD = re.compile(r"\s+([a-z][\w-]*)")
# What may stand behind words that somebody is quoted with, as no noun can.
_AFTER = frozenset(
    """
    a about after against all among and an are as at be because been before between but by can could did do does during
    for from had has have he her his if in into is it its may might not of on or over said says she should since so than
    that the their they this those through to told under until was were what when where which while who will with would
    according adding saying
    """.split()
)
_LIGHT = frozenset("a an and as at but by for from in into of on or over the to under up with".split())
_NAME = re.compile(
    r"[^\W\d_a-z][\w'\u2019-]*(?:\s(?:[^\W\d_a-z]\.?|[^\W\d_a-z][\w'\u2019-]*|de|da|van|von|der|bin|ibn|al|el))*"
    r"\s[^\W\d_a-z][\w-]+"
)


class Quotation(NamedTuple):
    """Words that an article puts into somebody's mouth. All ranges are of the text.

    `parts` are what stands between the marks, several where an attribution divides them; `speaker` is where the speaker
    is named, `cue` the verb, each None if not known; `name` is the fullest name the article has for the speaker, or
    what it says instead of one (`a spokeswoman for Lune Hydro`), and empty if it is not known.
    """

    parts: tuple[Span, ...]
    speaker: Span | None
    name: str
    cue: Span | None

    @property
    def start(self) -> int:
        """Where the first part begins."""
        return self.parts[0][0]

    @property
    def end(self) -> int:
        """Where the last part ends."""
        return self.parts[-1][1]

    def words(self, text: str) -> str:
        """Return what is said, white space as one blank."""
        return " ".join(" ".join(text[start:end] for start, end in self.parts).split())


def quotations(text: str, paragraphs: Sequence[Span]) -> list[Quotation]:
    """Return the quotations in some paragraphs of a text, in order, none inside another; those among the first `MOST`.

    Args:
        text: Of an article.
        paragraphs: In order, none overlapping.
    """
    stretches = quoted(text, paragraphs)[:MOST]
    return _Reader(text, paragraphs, stretches).read() if stretches else []


class _Reader:
    """Reads the quotations of one text; `blank` has blanks for what is quoted."""

    def __init__(self, text: str, paragraphs: Sequence[Span], stretches: Sequence[Quoted]) -> None:
        self.text = text
        self.paragraphs = paragraphs
        self.stretches = stretches
        outside, masked, at = [], [], 0
        for each in stretches:
            start, end = each.start, each.end
            outside += [text[at : each.opened], " " * (each.closed - each.opened)]
            # To tell where sentences end, a quotation is one word, as it begins and ends.
            last = text[end - 1] if text[end - 1] in _ENDS else "x"
            word = f"{text[start]}{'x' * (end - start - 2)}{last}" if end - start > 1 else text[start]
            masked += [text[at:start], word, text[end : each.closed]]
            at = each.closed
        self.blank = "".join([*outside, text[at:]])
        self._masked = "".join([*masked, text[at:]])
        self._ends: dict[int, list[int]] = {}
        self._found: list[tuple[Quotation, Quoted]] = []
        self._full_names: dict[str, set[str]] = {}

    def read(self) -> list[Quotation]:
        """Return the quotations, in order."""
        at = 0
        while at < len(self.stretches):
            group = [self.stretches[at]]
            at += 1
            while group[-1].is_open and at < len(self.stretches) and self._goes_on(group[-1], self.stretches[at]):
                group.append(self.stretches[at])
                at += 1
            at = self._add(group, at)
        return [quotation for quotation, _ in self._found]

    def _goes_on(self, one: Quoted, other: Quoted) -> bool:
        return other.paragraph == one.paragraph + 1 and other.opened == self.paragraphs[other.paragraph][0]

    # Sentences

    def _sentence(self, number: int, at: int) -> Span:
        """Return the sentence of a paragraph in which a place is, quotations being one word each."""
        start, end = self.paragraphs[number]
        ends = self._ends.get(number)
        if ends is None:
            ends = self._ends[number] = [start + stop for stop in sentence_ends(self._masked[start:end])]
        which = bisect_right(ends, at)
        return (ends[which - 1] if which else start, ends[which] if which < len(ends) else end)

    def _sentence_before(self, number: int, at: int) -> tuple[int, Span] | None:
        """Return the paragraph and range of the sentence before the one in which a place is; None at the beginning."""
        start, _ = self._sentence(number, at)
        if start == self.paragraphs[number][0]:
            number -= 1
            if number < 0 or self.paragraphs[number][1] <= self.paragraphs[number][0]:
                return None
            start = self.paragraphs[number][1]
        begin, end = self._sentence(number, start - 1)
        return number, (max(begin, end - REACH), end)

    # One quotation

    def _add(self, group: list[Quoted], following: int) -> int:
        """Add a stretch if it is a quotation; return the number of the first stretch that is not part of it."""
        first, last = group[0], group[-1]
        inside = self.text[first.start : last.end]
        begin, _ = self._sentence(first.paragraph, first.opened)
        begin = max(begin, first.opened - REACH)
        own_end = self.paragraphs[last.paragraph][1]
        closed = last.closed
        after = self.stretches[following] if following < len(self.stretches) else None
        upto = min(own_end, after.opened if after else own_end)
        _, limit = self._sentence(last.paragraph, min(closed + 1, max(own_end - 1, 0)))
        limit = min(limit, closed + REACH)
        upto = min(upto, limit) if limit > closed else min(upto, closed + REACH)
        lead = self.blank[begin : first.opened]
        opens = not any(map(str.isalnum, lead))
        is_attributed = inside[-1] in _ATTRIBUTED or _SPACED.match(self.text, closed) is not None
        is_title = self._is_title(inside)
        if is_title or self._is_named(begin, first.opened) or self._is_term(inside, closed):
            return following
        who = behind(self.blank, closed, upto) if is_attributed else None
        told_behind = who is not None
        if who is None and not opens:
            who = before(self.blank, begin, first.opened)
        if who is None and not opens and len(inside.split()) > 1:
            who = self._later(following, closed, limit)
        if who is None and not self._is_whole(group, opens=opens):
            return following
        speaker, name = self._named(who, group, opens=opens)
        parts = [(each.start, each.end) for each in group]
        if told_behind and after and after.paragraph == last.paragraph and self._is_split(closed, after):
            parts.append((after.start, after.end))
            following += 1
            last = after
        cue = who.verb if who and who.verb[1] > who.verb[0] else None
        self._found.append((Quotation(tuple(parts), speaker, name, cue), last))
        return following

    def _later(self, following: int, closed: int, limit: int) -> Who | None:
        """Return who is named at the end of a sentence of several pieces, be it by the attribution of the last."""
        for stretch in self.stretches[following : following + MAX_PIECES]:
            if stretch.closed > limit:
                break
            if self.text[stretch.end - 1] in _ATTRIBUTED and (who := behind(self.blank, stretch.closed, limit)):
                return who
        return trailing(self.blank, closed, max(limit, closed))

    def _is_title(self, inside: str) -> bool:
        """Return whether words are written as those of a title are."""
        words = inside.split()
        if len(words) < 2 or inside[-1] in ".?!,":
            return False
        heavy = [word for word in words if word.lower() not in _LIGHT]
        return len(heavy) > 1 and all(word[0].isupper() or word[0].isdigit() for word in heavy) and not inside.isupper()

    def _is_named(self, begin: int, opened: int) -> bool:
        """Return whether what stands right before the marks, not before `begin`, says that a name or term follows."""
        return _NAMING.search(self.blank, max(begin, opened - NAMING), opened) is not None

    def _is_term(self, inside: str, closed: int) -> bool:
        """Return whether a few words in marks say what the noun behind them is like: `the "big board" listing`."""
        if len(inside.split()) > MAX_TERM or not inside[-1].isalnum():
            return False
        word = _WORD.match(self.text, closed)
        return word is not None and word[1] not in _AFTER

    def _is_whole(self, group: list[Quoted], *, opens: bool) -> bool:
        """Return whether a quotation for which nobody is named is a sentence of its own."""
        first, last = group[0], group[-1]
        inside = self.text[first.start : last.end]
        n = len(inside.split())
        start, end = self.paragraphs[first.paragraph]
        closed = last.closed
        own_end = self.paragraphs[last.paragraph][1]
        if not opens:
            return False
        rest = self.blank[closed:own_end].lstrip()
        if inside[-1] in _ENDS:
            return n >= MIN_WORDS or self._follows_another(first) or self._carried(group) is not None
        is_headline = not rest and first.opened <= start and end - start < 200
        if is_headline or (rest[:1] == ":" and first.opened <= start):
            return n > MIN_WORDS
        return False

    def _follows_another(self, first: Quoted) -> bool:
        """Return whether the sentence before has a quotation, too."""
        earlier = self._sentence_before(first.paragraph, first.opened)
        if not earlier or not self._found or earlier[0] != first.paragraph:
            return False
        quotation, stretch = self._found[-1]
        return stretch.paragraph == first.paragraph and quotation.end > earlier[1][0]

    def _is_split(self, closed: int, after: Quoted) -> bool:
        """Return whether an attribution between two stretches in marks divides one quotation."""
        between = self.blank[closed : after.opened].rstrip()
        words = tokens(self.blank, closed, after.opened)
        last = next((word.low for word in reversed(words) if word.is_word), "")
        return between.endswith(",") and last not in GOING_ON and last not in ("and", "but")

    # Who

    def _named(self, who: Who | None, group: list[Quoted], *, opens: bool) -> tuple[Span | None, str]:
        """Return where the speaker is named, and the fullest name."""
        if who is None:
            if not opens:
                return None, ""
            return self._carried(group) or (None, "")
        if who.kind == "pronoun":
            return self._meant(who, group[0]) or (None, "")
        return (who.start, who.end), self._full(self.text[who.start : who.end], who.kind)

    def _carried(self, group: list[Quoted]) -> tuple[Span, str] | None:
        """Return the speaker of a quotation without attribution, from the sentence before."""
        first, last = group[0], group[-1]
        earlier = self._sentence_before(first.paragraph, first.opened)
        if earlier is None:
            return None
        number, (start, end) = earlier
        known = self._last_in(number, start, end)
        if number == first.paragraph:
            if known:
                return known
            who = protagonist(self.blank, start, end, self)
            return ((who.start, who.end), self._full(self.text[who.start : who.end], who.kind)) if who else None
        # A paragraph of nothing else goes on with what the one before ended with.
        own_start, own_end = self.paragraphs[last.paragraph]
        is_alone = not any(map(str.isalnum, self.blank[own_start:own_end]))
        if known and is_alone and self._found[-1][0].end <= end and not self._asks():
            return known
        return None

    def _asks(self) -> bool:
        return self.text[self._found[-1][0].end - 1] == "?"

    def _last_in(self, number: int, start: int, end: int) -> tuple[Span, str] | None:
        """Return the speaker of the last quotation, if it is known and stands in a sentence, or is attributed there."""
        if not self._found:
            return None
        quotation, stretch = self._found[-1]
        if stretch.paragraph != number or quotation.speaker is None:
            return None
        at = quotation.cue[0] if quotation.cue else quotation.end - 1
        return (quotation.speaker, quotation.name) if start <= max(at, quotation.end - 1) and at < end else None

    def _meant(self, who: Who, first: Quoted) -> tuple[Span, str] | None:
        """Return whom a pronoun stands for: the one person of the sentence before."""
        pronoun = self.text[who.start : who.end].lower()
        earlier = self._sentence_before(first.paragraph, min(first.opened, who.start))
        if earlier is None or pronoun not in ("he", "she", "it"):
            return None
        number, (start, end) = earlier
        known = self._last_in(number, start, end)
        said = " ".join(self.text[first.start : first.end].split())
        if known and known[1].split()[-1] in said:
            known = None
        if pronoun == "it":
            return known if known and not may_be_person(known[1]) else None
        other = protagonist(self.blank, start, end, self, alone=True)
        if known and may_be_person(known[1]):
            if other is None or self.text[other.start : other.end].split()[-1] in known[1].split():
                return known
            return None
        if other is None or self.text[other.start : other.end].split()[-1] in said:
            return None  # nobody calls himself by his name
        return (other.start, other.end), self._full(self.text[other.start : other.end], "name")

    def _full(self, name: str, kind: str) -> str:
        """Return the fullest name of somebody, if it is the only one that ends so."""
        name = " ".join(name.split())
        if kind != "name" or " " in name:
            return name
        found = self._names_in_full(name)
        return next(iter(found)) if len(found) == 1 else name

    def _names_in_full(self, last: str) -> set[str]:
        """Return the names of several words, which may be those of persons, that end with a word."""
        known = self._full_names.get(last)
        if known is not None:
            return known
        known = self._full_names[last] = set()
        if len(self._full_names) > MAX_NAMES:
            return known
        ends = re.compile(rf"(?<=\s){re.escape(last)}\b")
        for start, end in self.paragraphs:
            for match in ends.finditer(self.text, start, end):
                for name in _NAME.finditer(self.text, max(start, match.start() - LONGEST_NAME), match.end()):
                    who = protagonist(f"{name.group()} is", 0, len(name.group()) + 3)
                    words = name.group()[who.start : who.end].split() if who else []
                    is_inverted = (
                        name.group().split()[0].lower() in INVERTED and self.text[name.end() : name.end() + 1] == ":"
                    )
                    if len(words) > 1 and words[-1] == last and not is_inverted:
                        known.add(" ".join(words))
        return known

    def __contains__(self, last: object) -> bool:
        """Return whether somebody's name of several words ends with a word."""
        return isinstance(last, str) and bool(self._names_in_full(last))


def may_be_person(name: str) -> bool:
    """Return whether what a speaker is called is the name of a person."""
    return name[:1].isupper() and is_person(name) and name.split()[0].lower() not in ("the", "a", "an")
