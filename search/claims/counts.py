"""How many there are of something: numbers with what they count.

    took three river ports over the weekend     3 river ports, took, over the weekend
    captured five out of 34 river ports         5 river ports, captured; 34 river ports, all
    36 people were killed and 220 wounded       36 people, killed; 220 people, wounded
    river ports, taking eight in five days      8 river ports, taking

A named time or place picks some out of many, and so does what is said of them: only numbers that agree in all of it
count the same. A duration picks none. Numbers that count nothing (dates, ages, times, scores) are left out, and where
it is in doubt what is counted, so is the number.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from search.claims.numerals import Numeral, Token, numerals, tokens
from search.claims.words import PAST, SPEECH
from search.model import Span

REACH = 40  # words around a number that are looked at
MOST_WORDS = 5  # of what is counted
_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec"
)
_DAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_DAY = frozenset(_DAYS.split("|"))
_MONTH = frozenset(_MONTHS.split("|"))
_PERIOD = r"week|weekend|month|year|night|morning|afternoon|evening|day|spring|summer|autumn|fall|winter|decade|quarter"
_WHEN = re.compile(
    rf"""\b(?:
        (?:over|during|at|on)\ the\ (?:past\ |last\ )?weekend
      | (?:in|over|during|within|for)\ the\ (?:past|last|first)\ [\w-]+(?:\ (?:{_PERIOD}|hour|minute)s?)?
      | (?:on|since|by|until|before|after|late\ on)\ (?:{_DAYS})(?:\ (?:morning|afternoon|evening|night))?
      | (?:on|since|by|until|before|after)\ (?:(?:{_MONTHS})\.?\ \d\d?|\d\d?\ (?:{_MONTHS}))\b(?:,?\ \d{{4}})?
      | (?:in|since|by|until|before|after|during)\ (?:early\ |late\ |mid-)?(?:(?:{_MONTHS})\b(?:\ \d{{4}})?|\d{{4}}\b)
      | (?:last|this|next)\ (?:{_PERIOD}|{_DAYS}|{_MONTHS})\b
      | yesterday | today | overnight | so\ far\ this\ year
      | (?:{_DAYS})\ (?:morning|afternoon|evening|night)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_WHERE = re.compile(
    r"\s*(?:in|near|at|outside)\s+(?:(?:the|southern|northern|eastern|western|central)\s+)*"
    r"[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+)*"
)
_STOPS = frozenset(
    """
    a about after all also although among an and are as at be because been before behind between but by can could did
    do does during each for from had has have he her his how if in into is it its may might more most must near no not
    of off on onto or our out over per said says she should since so some such than that the their them then there these
    they this those through to under until up upon was we were what when where which while who whose will with within
    without would yet you away across against along around down
    """.split()
)
_AUXILIARIES = frozenset("had has have were was are is been being be will would also since already still".split())
# Forms of verbs that no stemmer brings together.
_VERBS = {
    form: forms.split()[0]
    for forms in (
        "take took taken taking",
        "lose lost losing",
        "fall fell fallen falling",
        "win won winning",
        "hold held holding",
        "rise rose risen rising",
        "sink sank sunk sinking",
        "shoot shot shooting",
        "find found finding",
        "leave left leaving",
        "break broke broken breaking",
        "steal stole stolen stealing",
        "sell sold selling",
        "buy bought buying",
        "pay paid paying",
        "build built building",
        "die dead died dying",
        "send sent sending",
        "overrun overran",
        "flee fled fleeing",
    )
    for form in forms.split()
}
_STATES = frozenset(
    """
    dead missing injured wounded killed hurt alive safe gone lost left held shot found homeless trapped displaced unhurt
    unaccounted hospitalised hospitalized burnt sunk hit born flooded cut detained arrested taken closed open
    """.split()
)
_OF_PEOPLE = frozenset(
    "killed dead died injured wounded hurt arrested detained missing hospitalised hospitalized".split()
)
_COPULAS = frozenset("was were is are".split())
_PLURALS = frozenset(
    "people children men women police troops feet teeth mice cattle personnel crew fish sheep aircraft dead".split()
)
_HEAD, _GROUP = re.compile(r"\d{1,3}"), re.compile(r"\d{3}")  # of a number that is written with blanks
_NOT_PLURAL = ("ss", "us", "is", "'s", "\u2019s")
_NUMBERED = frozenset(
    """
    no number room page chapter route highway flight gate gates section article act phase level area day grade type
    class boeing airbus aged age
    """.split()
)
_FRACTIONS = frozenset("half third thirds quarter quarters fifth tenth tens hundreds thousands millions".split())
_DURATIONS = frozenset("seconds minutes hours days weeks months years decades centuries".split())
_MEASURES = _DURATIONS | frozenset(
    """
    tonnes tons pounds ounces kilos kilograms grams barrels bushels bales litres liters gallons miles metres meters
    kilometres kilometers km feet yards inches acres hectares degrees points percent megawatts watts dollars euros
    pesos yen marks francs lire rupees roubles crowns cents pence
    """.split()
)
_TIMES = frozenset("time century day anniversary year floor birthday round place quarter week half party".split())
_PARTICLES = frozenset("after out off down up over away".split())


def verb(said: str) -> str:
    """Return a verb in the form that others are compared with."""
    return _VERBS.get(said, said)


def is_told(count: "Count") -> bool:
    """Return whether it is told what is counted and what was done with it, so that others may count the same.

    `five days`, `3,000 tonnes` and `a third of 12 %` measure something that is not named; `nine people` may be any.
    """
    measured = count.what.lower().rpartition(" ")[2].rstrip("'\u2019") in _MEASURES or (count.unit and not count.what)
    return bool(count.said) and count.said not in _AUXILIARIES and not measured


def counted(count: "Count") -> str:
    """Return what is counted: people, if nothing is named, and they were killed, arrested and so on."""
    return count.what or ("people" if count.said in _OF_PEOPLE and not count.unit else "")


def is_place(which: str) -> bool:
    """Return whether what picks some out is a place, and no time; see `Count`."""
    return bool(_WHERE.fullmatch(which)) and which.split()[-1].lower() not in _MONTH | _DAY


class Count(NamedTuple):
    """A number and what it counts. Offsets are of the text; `start` and `end` are of the number with its modifiers.

    `least` and `most` are the bounds of the number, the same if it is exact, `most` infinite if there is none. `unit`
    is `%`, a currency, or empty. `what` is what is counted, `said` the verb or participle, `which` the times and places
    that pick some out; each empty if there is none. `is_ordinal`: the number is a rank, `a sixth port`.
    """

    start: int
    end: int
    least: float
    most: float
    unit: str
    what: str
    said: str
    which: tuple[str, ...]
    is_ordinal: bool


def counts(text: str, sentences: Sequence[Span]) -> list[Count]:
    """Return what is counted in some sentences of a text, in order."""
    found: list[Count] = []
    for start, end in sentences:
        if any(char.isdigit() for char in text[start:end]) or _has_number_word(text[start:end]):
            found += _Sentence(text, start, end).counts()
    return found


_NUMBER_WORD = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|seventy"
    r"|eighty|ninety|hundred|thousand|million|billion|dozen|second|third|fourth|fifth|\w+th)\b|ty-",
    re.IGNORECASE,
)


def _has_number_word(sentence: str) -> bool:
    return _NUMBER_WORD.search(sentence) is not None


class _Sentence:
    """Reads one sentence."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._text = text
        self._start, self._end = start, end
        self._words = tokens(text, start, end)

    def counts(self) -> list[Count]:
        """Return what is counted, in order."""
        found: list[Count] = []
        every = numerals(self._words)
        shares = {numeral for pair in pairwise(every) if self._is_share(*pair) for numeral in pair}
        for numeral in every:
            if self._is_name(numeral) or numeral in shares:
                continue
            found += self._counted(numeral, found)
        return sorted(found)

    def _low(self, at: int) -> str:
        return self._words[at].low if 0 <= at < len(self._words) else ""

    def _is_name(self, numeral: Numeral) -> bool:
        """Return whether a number is a date, a time, an age or the name of something."""
        before, after = self._low(numeral.first - 1), self._low(numeral.last)
        word = self._words[numeral.at]
        if self._is_part(numeral):
            return True
        if before == "of" and self._low(numeral.first - 2) in _FRACTIONS:
            return True
        if before in _MONTH or (after in _MONTH and not numeral.unit) or before.rstrip(".") in _NUMBERED:
            return True
        if numeral.is_ordinal:
            is_new = bool({"a", "an"} & set(numeral.words))
            return not (is_new or ("the" in numeral.words and numeral.least > 2)) or after in _TIMES
        if before in ("past", "last", "first", "next") or (before == "." and self._low(numeral.first - 2) in _NUMBERED):
            return True
        is_year = word.kind == "number" and len(word.text) == 4 and 1900 <= numeral.least < 2100
        return is_year and not numeral.unit and numeral.least == numeral.most and word.text.isdigit()

    def _is_share(self, one: Numeral, other: Numeral) -> bool:
        """Return whether two numbers are a share, as of `one in five`: neither is how many there are."""
        is_in = one.last + 1 == other.at and self._low(one.last) == "in"
        return is_in and one.most < other.least and self._low(other.last) not in _DURATIONS

    def _is_part(self, numeral: Numeral) -> bool:
        """Return whether digits stand beside others (`10 000`), which may be one number or two."""
        words = self._words
        beside = ((numeral.at - 1, numeral.at), (numeral.last - 1, numeral.last))
        return any(
            one >= 0 and other < len(words) and _HEAD.fullmatch(words[one].text) and _GROUP.fullmatch(words[other].text)
            for one, other in beside
        )

    def _counted(self, numeral: Numeral, found: Sequence[Count]) -> list[Count]:
        """Return what a number counts: nothing, or one thing, or some of all there are."""
        at = numeral.last
        if at and self._low(numeral.first - 1) == "of" and self._low(numeral.first - 2) == "out":
            return []  # with the number before
        if self._low(numeral.first - 1) == "of" and self._low(numeral.first - 2) in ("none", "neither"):
            head = self._noun(at, numeral)
            return [self._made(numeral, head[0], "", ("all",))] if head else []
        total = self._total(numeral)
        if total is not None:
            head = self._noun(total.last, total)
            if head is None:
                return []
            what, end = head
            said, _ = self._said(numeral, end)
            whole = self._made(total, what, "", ("all",))
            return [self._made(numeral, what, said, self._which(numeral, end)), whole]
        if found and found[-1].which == ("all",) and self._words[numeral.at].start <= found[-1].start:
            return []
        if numeral.unit:
            if self._low(at) not in ("of", "in") or (self._low(at) == "in" and numeral.unit == "%"):
                said, _ = self._said(numeral, at)
                return [self._made(numeral, "", said, self._which(numeral, at))]
            at += 1
            at += self._low(at) in ("the", "all", "its", "their")
        head = self._noun(at, numeral)
        if head is None:
            return self._elided(numeral, found)
        what, end = head
        said, is_behind = self._said(numeral, end)
        if numeral.least == numeral.most == 1 and not is_behind:
            return []  # `one official said`
        return [self._made(numeral, what, said, self._which(numeral, end))]

    def _made(self, numeral: Numeral, what: str, said: str, which: tuple[str, ...]) -> Count:
        first, last = self._words[numeral.first], self._words[numeral.last - 1]
        if "another" in numeral.words:
            which = ("another", *which)
        bounds = numeral.least, numeral.most
        if "over" in numeral.words and what.lower() in _DURATIONS:
            bounds = numeral.least, numeral.least  # `over three days` is as long as they are
        return Count(first.start, last.end, *bounds, numeral.unit, what, said, which, numeral.is_ordinal)

    def _total(self, numeral: Numeral) -> Numeral | None:
        """Return the number of all, of `five out of 34`, `seven of the 12` or `seven of 12`."""
        at = numeral.last
        if self._low(at) == "out" and self._low(at + 1) == "of":
            at += 2
        elif self._low(at) == "of" and not numeral.unit and not numeral.is_ordinal:
            at += 1 + (self._low(at + 1) in ("the", "its", "their", "his", "her"))
        else:
            return None
        at += self._low(at) in ("the", "its", "their", "all")
        other = next((each for each in numerals(self._words[at : at + MOST_WORDS]) if each.at == 0), None)
        if other is None:
            return None
        return other._replace(first=at + max(other.first, 0), at=at, last=at + other.last)

    def _noun(self, at: int, numeral: Numeral) -> tuple[str, int] | None:
        """Return what stands behind a number and is counted, and where it ends; None if that is not clear."""
        run: list[Token] = []
        words = self._words
        is_one = numeral.is_ordinal or numeral.least == numeral.most == 1
        head = 0
        while at + len(run) < len(words) and len(run) < MOST_WORDS:
            word = words[at + len(run)]
            if word.kind != "word" or word.low in _STOPS or word.low in _MONTH:
                break
            if head and not _is_plural(word):
                break
            is_verb = word.low in PAST or (word.low.endswith("ed") and (is_one or bool(head)))
            if run and is_verb and not (word.low.endswith("ed") and self._is_plural_at(at + len(run) + 1)):
                break
            if word.text[0].isupper() and not self._goes_on(at + len(run)):
                return None
            run.append(word)
            if not is_one and _is_plural(word):
                head = len(run)
        if is_one or (numeral.unit and not head):
            head = len(run)
            if numeral.unit and run and run[0].low in _STATES | PAST:
                head = 0
        if not head:
            return ("", at) if numeral.unit else None
        if run[0].low in _STATES and head == 1:
            return None
        stretch = self._text[run[0].start : run[head - 1].end]
        return " ".join(stretch.split()), at + head

    def _is_plural_at(self, at: int) -> bool:
        return at < len(self._words) and self._words[at].kind == "word" and _is_plural(self._words[at])

    def _goes_on(self, at: int) -> bool:
        """Return whether a word in capitals is only part of what is counted: `five Afghan soldiers`."""
        after = self._words[at + 1] if at + 1 < len(self._words) else None
        return after is not None and after.kind == "word" and after.low not in _STOPS and after.text[0].islower()

    def _said(self, numeral: Numeral, end: int) -> tuple[str, bool]:
        """Return what is said of what is counted, and whether that stands behind it."""
        at = end
        while self._low(at) in _AUXILIARIES:
            at += 1
        word = self._low(at)
        is_participle = word.endswith(("ed", "en")) or word in _STATES or (word in PAST and word not in _AUXILIARIES)
        if is_participle and word not in SPEECH and word not in _STOPS:
            return word, True
        return self._verb_before(numeral), False

    def _verb_before(self, numeral: Numeral) -> str:
        at = numeral.first - 1
        if self._low(at) in ("by", "to", "of") and numeral.unit:
            at -= 1
        particle = self._low(at) if self._low(at) in _PARTICLES else ""
        if particle:
            at -= 1
        word = self._low(at)
        if word in SPEECH or word in ("including", "during", "according", "being", "having"):
            return ""
        if not (word in PAST or word in _COPULAS or word in _VERBS or (word.endswith(("ed", "ing")) and len(word) > 4)):
            return ""
        return f"{word} {particle}" if particle else word

    def _elided(self, numeral: Numeral, found: Sequence[Count]) -> list[Count]:
        """Return what a number counts that no noun follows: what the sentence has counted or named before."""
        if numeral.unit or numeral.is_ordinal:
            return []
        said, is_behind = self._said(numeral, numeral.last)
        what = found[-1].what if found and not found[-1].unit else ""
        if is_behind and (said in _STATES or self._low(numeral.last) in _AUXILIARIES):
            return [self._made(numeral, what, said, self._which(numeral, numeral.last))]
        if said and self._low(numeral.last) in ("in", "on", "over", "since", "so", ".", ",", ""):
            if self._low(numeral.last) in (",", ".", "") and not said.endswith("ing"):
                return []
            if named := self._plural_before(numeral.first - 1):
                return [self._made(numeral, named, said, self._which(numeral, numeral.last))]
        return []

    def _plural_before(self, end: int) -> str:
        """Return the last plural noun before a verb, with the words before it."""
        for at in range(end - 1, max(end - REACH, -1), -1):
            word = self._words[at]
            if word.kind == "word" and word.text.islower() and _is_plural(word):
                first = at
                while first and self._words[first - 1].kind == "word" and self._words[first - 1].text.islower():
                    before = self._words[first - 1].low
                    if before in _STOPS or before in PAST or before.endswith(("ed", "ing", "ly")):
                        break
                    first -= 1
                return " ".join(self._text[self._words[first].start : word.end].split())
        return ""

    def _which(self, numeral: Numeral, end: int) -> tuple[str, ...]:
        """Return the times and places that pick out what is counted."""
        if numeral.is_ordinal and "the" not in numeral.words:
            return ()  # when it became so many, not which they are
        words = self._words
        at = words[end - 1].end if end else self._start
        stop = next(
            (word.start for word in words[end : end + REACH] if word.text in (",", ";", "\u2014", "\u2013")),
            min(self._end, at + 8 * REACH),
        )
        found = []
        rest = self._text[at:stop]
        if when := _WHEN.search(rest):
            found.append(" ".join(when.group().split()))
        elif (lead := _WHEN.match(self._text, self._start, words[numeral.first].start)) and self._text[
            lead.end() : lead.end() + 1
        ] == ",":
            found.append(" ".join(lead.group().split()))
        behind = end
        while self._low(behind) in _AUXILIARIES or (behind > end - 1 and self._low(behind) in _STATES):
            behind += 1
        place_at = words[behind - 1].end if behind else at
        where = _WHERE.match(self._text, place_at, stop)
        if where and where.group().split()[-1].lower() not in _MONTH | _DAY:
            found.append(" ".join(where.group().split()))
        return tuple(found)


def _is_plural(word: Token) -> bool:
    low = word.low
    return low in _PLURALS or (low.endswith("s") and len(low) > 3 and not low.endswith(_NOT_PLURAL))
