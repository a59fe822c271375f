"""Where sentences end, by the marks and by what stands around them.

A mark ends a sentence if white space and something that can begin one follow. Most are that plain, and one pattern
accepts them: a mark behind four small letters, before a capital. The others are looked at one by one:

    Gen. Horvath  e.g. the  Jan. 5       not behind a title, nor between an abbreviation and its number
    in the U.S. He  Brandt Inc. Shares   behind what may end a sentence or not: if what follows begins one
    9 a.m. Monday  9 a.m. Nobody         likewise: days, months and zones belong to the time
    George W. Tann  Plan B. The          behind one letter: if a word follows that begins sentences, not names
    3.5  harrow.example  end.Next        no white space, no end
    waited ... Tann  waited... Then      an ellipsis with a blank before it rarely ends a sentence
    "No. We won't," he said.             each sentence of a quotation counts
    "Why?" he asked. "Why?" Tann asked.  the attribution belongs to the question
    "Why?" Tann said: "Why not?"         unless it introduces what follows
    (It was not.) The  (who?) Tann       a parenthesis is a sentence of its own where it begins one
    1. Pay 2. Hours                      a number alone is no sentence
    THE U.S . ENVOY  the wing . results  blanks before marks; texts in capitals or in small letters throughout

Line ends are blanks, as in hard-wrapped text, unless a blank line, an item of a list, or the text under a headline in
capitals follows.
"""

import re
from bisect import bisect_right
from collections import Counter

_MARKS = ".!?\u2026\u203d\u061f\u06d4\u0589\u0964\u0965\u1362\u104b\u17d4"
_ASKING = frozenset("!?\u203d\u061f")
_QUOTES = frozenset("\"'\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb")
_EDGES = "\"'\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb<([-\u2013\u2014*_`"  # may stand around a word, marks aside
_GOING_ON = frozenset(",;:)]}?!%")  # no sentence begins so

# Marks of scripts without blanks, unless an attribution follows the quotation that they end.
_WIDE = re.compile(
    """[\u3002\uff01\uff1f\uff61]++
    (?: [\u300d\u300f\u201d\u2019\uff09]++
        (?! \u3068 | [^\\s\u3002\uff0c\u3001\uff01\uff1f]{0,8}[\u8bf4\u8aaa\u9053\u95ee\u554f\u79f0\u7a31] )
      | (?! [\u300d\u300f\u201d\u2019\uff09] ) ) \\s*+""",
    re.VERBOSE,
)
# A blank line; an item of a list. Its first character is literal, which makes the search for it fast.
_BREAK = re.compile(
    r"""\n [^\S\n]*+ (?: \n\s*+
                       | (?= (?: (?P<dash>[-\u2013\u2014]) | (?P<number>\d{1,3}[.)]) | [*\u2022\u2023\u25aa\u25e6] )
                             [^\S\n] ) )""",
    re.VERBOSE,
)
_SEPARATOR = re.compile(r"[\u2029\f]\s*+")
_BEFORE_ITEMS = frozenset('.:;!?"\u201d)')
_HEADLINE = re.compile(r"\s*+([^\na-z]{10,200}+)\n\s*+(?=[^\na-z]?[A-Z][^\n]*[a-z])")

_SPACED_QUOTE = re.compile('["\u00bb](?:\\s++|\\Z)')
_NEXT = re.compile(rf"[\s.#\u00bf\u00a1{re.escape(_EDGES)}]{{0,12}}+(\w[\w'\u2019.-]*+)")
_GLUED = re.compile(r"[^\W\d_A-Z]{1,3}['\u2019-]?[A-Z]")  # al-Amin, d'Arc, iPhone: as good as a capital
_HYPHEN = re.compile(r"[-\u2010-\u2015/(]")
_DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.)+(?:[^\W\d_]{1,2}|sc|phil)\Z")
_LABEL = re.compile(r"\W*(?:\d{1,3}|[^\W\d_]|[ivxIVX]+)\s*\Z")
_WORD = re.compile(r"(?![ivxIVX]+\Z)[A-Za-z]{2,}\Z")
_ROMAN = re.compile(r"(?:[IVXLC]{2,}|[B-HJ-Z])\Z")
_ZONE = re.compile(r"(?:[A-Z]{2,4}|Eastern|Central|Mountain|Pacific|Greenwich)\b|\w+\s+[Tt]ime\b")
_GOES_ON = re.compile(r"\S+\s+(?!(?:and|of|for|de)\b)[a-z]")  # a word, and then a small letter: no name

_VERBS = "said|says|asked|asks|replied|wrote|writes|shouted|cried|added|wondered|demanded|insisted|yelled|called"
_WHEN = r"\w+ly|in|on|at|to|as|when|during|after|before|from|later|again|today|yesterday|[A-Z]\w+day"
_SAID = rf"(?:asked\b(?!:)|(?:{_VERBS})(?:\W*\Z|\s*[.,;]|\s+(?:{_WHEN})\b))"
_NAME = r"[^\W\d_a-z][\w.'\u2019-]*+"
_NAMED_SAID = re.compile(
    rf"{_NAME}(?:\s+(?:{_NAME}|de|van|von|al|bin)){{0,4}}(?:,[^.?!\"\u201c\u201d]{{1,80}},)?\s+{_SAID}"
)
_ANY_SAID = re.compile(rf"(?:{_VERBS})\b|(?:[\w.'\u2019-]++\s+){{0,4}}?{_SAID}", re.IGNORECASE)

_NEVER = frozenset("eg ie e.g i.e a.k.a viz vs v cf ca approx messrs incl".split())
_TITLES = frozenset(
    """
    adm amb atty brig capt cdr cmdr cmdt col comdr cpl cllr det dr drs fr ft gen gens gov govs hon insp lieut lt maj
    mlle mme mr mrs ms msgr mt mx pfc pres prof profs pte pvt rep reps rev sec sen sens sgt st supt ald wm
    chas geo thos sts
    """.split()
)
_NUMBERED = frozenset(
    "no nos art arts fig figs vol vols pp ch chap para paras pt pts eq op ref refs apt bldg hwy rte tel".split()
)
_MONTHS = frozenset("jan feb mar apr jun jul aug sep sept oct nov dec".split())
_DAYS = frozenset("mon tue tues wed thu thur thurs fri sat sun".split())
_CALENDAR = (
    _MONTHS
    | _DAYS
    | frozenset(
        """
        january february march april may june july august september october november december
        monday tuesday wednesday thursday friday saturday sunday
        """.split()
    )
)
_UNITS = frozenset("ft in lb lbs oz mi yd yds mm cm km kg min sec hr hrs mph".split())
_COMPANIES = frozenset("inc corp co cos ltd plc llc mfg bhd sdn pty cie".split())
_OFFICES = frozenset(
    """
    chairman chairwoman chair president chief vice executive ceo cfo coo director directors founder co-founder managing
    senior general treasurer secretary spokesman spokeswoman class
    """.split()
)
_EITHER = frozenset("jr sr al bros dept est assn assoc univ ave blvd rd sq esq ed eds dist ext".split())
_STATES = frozenset("ala ariz ark calif colo conn fla ky mich minn neb nev okla ont tenn vt wis wyo".split())
_COMMA_STATES = frozenset("del ga ill ind kan la md mass miss mo mont ore pa penn que tex va wash".split())
_ABBREVIATIONS = (*(_NEVER, _TITLES, _NUMBERED, _MONTHS, _DAYS, _UNITS, _COMPANIES, _EITHER, _STATES, _COMMA_STATES),)
_KNOWN = frozenset().union(*_ABBREVIATIONS)
# A plain end matches without a group. The group of a doubtful one: further marks, and what closes behind them.
_SHORT_ENDS = "|".join(rf"{end}\." for end in sorted({word[-4:] for word in _KNOWN if len(word) > 3}) if end.isalpha())
_DOUBTFUL = rf"""(?<![{_MARKS}][{_MARKS}])
    ([{_MARKS}]*+ (?:[ ]\.++(?=\s))* ["'\u2019\u201c\u201d\u00bb)\]*_`]*+) \s++"""
_MARK = re.compile(
    rf"""[{_MARKS}]
    (?: (?: (?<=[a-z]{{4}}\.) (?<!{_SHORT_ENDS}) ["\u201d]?+ | (?<=[\d,.]\d\d\.) | (?<=[a-z]{{5}}[!?]) )
        \s++ (?=["\u201c(]?[A-Z])
      | {_DOUBTFUL} )""",
    re.VERBOSE,
)
# Words that begin sentences, and no names.
_STARTERS = frozenset(
    """
    a about according after all also although among an and another any are as asked at because before both but by
    can despite did do does during each earlier either even every everyone few for from had has have he her here his
    how however i if in instead is it its just last later many meanwhile more most much my neither never no nobody none
    nor not nothing now of officials on once one only or other others our over people perhaps police she since so some
    soon still such than that the their then there these they this those though three through thus to today two under
    unless unlike until was we were what when where whether which while who whose why will with without would yes yet
    you your
    """.split()
)
# The same where capitals tell nothing: words that do not go on a sentence either.
_STRICT_STARTERS = frozenset(
    "but he her here his however i it its meanwhile she the their then there these they this we".split()
)


def sentence_ends(text: str) -> list[int]:
    """Return where the sentences of a text end, white space behind them included.

    Args:
        text: Usually a paragraph. Without capitals or without small letters it is read as such a text.

    Returns:
        Offsets, ascending: each but the last is where the next sentence begins, which is no white space; the last is
        `len(text)`. None for an empty text. No sentence is white space alone unless the text is.
    """
    breaks = _breaks(text) if "\n" in text or "\f" in text or not text.isascii() else []
    ends: list[int] = []
    doubts: _Doubts | None = None
    for match in _MARK.finditer(text):
        if match.lastindex is None:
            ends.append(match.end())
            continue
        if doubts is None:
            doubts = _Doubts(text, breaks)
        end = doubts.end(match, ends[-1] if ends else 0)
        if end:
            ends.append(end)
    if breaks:
        first = len(text) - len(text.lstrip())
        ends = sorted({end for end in ends + breaks if end > first})
    if text and (not ends or ends[-1] != len(text)):
        ends.append(len(text))
    return ends


def _breaks(text: str) -> list[int]:
    """Return where sentences begin that no mark and white space need to precede; ascending."""
    found = []
    items = []
    for match in _BREAK.finditer(text):
        if match.lastgroup:
            items.append(match)
        else:
            found.append(match.end())
    for block in (0, *found):
        headline = _HEADLINE.match(text, block)
        if headline and headline[1].isupper() and len(headline[1].split()) > 1:
            found.append(headline.end())
    often = Counter(match.lastgroup for match in items) if items else {}
    for match in items:
        # A dash or a number may stand at the beginning of a wrapped line by chance, but hardly twice.
        before = text[max(0, match.start() - 8) : match.start()].rstrip()
        if often[match.lastgroup] > 1 or before[-1:] in _BEFORE_ITEMS:
            found.append(match.end())
    for pattern in () if text.isascii() and "\f" not in text else (_WIDE, _SEPARATOR):
        found += [match.end() for match in pattern.finditer(text)]
    return sorted(found)


class _Doubts:
    """Decides about the doubtful marks of one text, which are asked for in order."""

    def __init__(self, text: str, breaks: list[int]) -> None:
        self._text = text
        self._breaks = breaks
        self._small = text.islower()
        self._counted = 0  # up to where quotation marks are counted,
        self._quoted = False  # and whether one is open there

    def end(self, match: re.Match[str], begin: int) -> int:
        """Return where the sentence ends that a mark ends, or 0 if it ends none.

        Args:
            match: Of `_MARK`, with its group.
            begin: Where the sentence begins, as far as marks tell.
        """
        text = self._text
        at, after = match.span()
        mark, tail = text[at], match[1]
        if not tail and mark == "." and text[after : after + 1].isupper():
            # Quick way for most: an ordinary word, too long to be the number of a list's item.
            last = text[max(0, at - 16) : at].rpartition(" ")[2]
            if last.lower() not in _KNOWN and (last.isalnum() if len(last) > 3 else _WORD.match(last)):
                return after
        spaced = _SPACED_QUOTE.match(text, after) if text.startswith(('"', "\u00bb"), after) else None
        if spaced and (text[after] == "\u00bb" or self._is_quoted(at)):
            tail += text[after]
            after = spaced.end()
        if after == len(text):
            return after
        following = _NEXT.match(text, after)
        if text[after] in _GOING_ON or (text[after] == "." and text[after + 1 : after + 2].strip() == ""):
            return 0
        if following is None:  # a symbol
            return 0 if _is_short(text[max(0, at - 24) : at]) else after
        word = following[1]
        apart = text[at - 1 : at].isspace()
        if word[0].islower() and not self._small and (tail or not apart) and not _GLUED.match(word):
            return 0
        before = text[max(0, at - 24) : at].rsplit(None, 2)
        last = before[-1].strip(_EDGES) if before else ""
        untold = self._small or (len(word) > 1 and word.isupper() and last.isupper())
        closers = tail.lstrip(_MARKS + " ") if tail else ""
        if ")" in closers and self._is_aside(at, begin):
            return after if mark == "." and _begins(word, untold=untold) else 0
        if mark == "." and (not tail or tail == closers):
            if closers:
                return after if _is_end_of_quotation(last, word, untold=untold) else 0
            return after if self._is_end(before, last, following, begin, at, untold=untold) else 0
        if mark in _ASKING or not _ASKING.isdisjoint(tail):
            if closers and not _QUOTES.isdisjoint(closers):
                said = _ANY_SAID if untold else _NAMED_SAID
                return 0 if said.match(text, following.start(1)) else after
            return after if last != "Yahoo" or _begins(word, untold=untold) else 0
        if mark in ".\u2026":
            plain = word != "I" and not (untold or apart)
            return after if plain or (word != "I" and _begins(word, untold=untold)) else 0
        return after

    def _is_end(
        self, before: list[str], last: str, following: re.Match[str], begin: int, at: int, *, untold: bool
    ) -> bool:
        """Return whether a single stop that nothing closes ends a sentence.

        Args:
            before: Up to two words before the stop, and what stands before them.
            last: The nearest, without what surrounds it.
            following: Of `_NEXT`.
            begin: As in `end`.
            at: Of the stop.
            untold: Whether capitals tell nothing.
        """
        plain = last.lower()
        if not plain.isalnum():
            plain = _HYPHEN.split(plain)[-1]
        if len(plain) <= 3 and _LABEL.match(self._text, self._begin(begin, at), at):
            return False
        word = following[1]
        if len(plain) == 1 and plain.isalpha():
            return last != "v" and _begins(word, untold=untold)
        acronym = len(last) > 1 and last.isupper() and word[1:2].islower()  # SEC, IE, MS: not short for anything
        if plain not in _KNOWN or acronym:
            return not _DOTTED.match(plain) or _is_end_of_dotted(plain, following, untold=untold)
        number = word[0].isdigit()
        capital = last[0].isupper() or self._small
        if plain in _UNITS and len(before) > 1 and before[-2][-1].isdigit():
            return not number
        if plain in _NEVER:
            return False
        if plain in _TITLES:
            return (plain == "st" or not capital) and _begins(word, untold=untold)
        if plain in _NUMBERED:
            return not number and not _ROMAN.match(word)
        if plain in _MONTHS:
            return not number
        if plain in _DAYS:
            return not number and word.lower().rstrip(".") not in _CALENDAR
        if _begins(word, untold=untold):
            return True
        if plain in _COMPANIES:
            goes_on = (
                not untold and self._text[following.start()] != "(" and _GOES_ON.match(self._text, following.start(1))
            )
            return bool(goes_on) and word.lower().rstrip(".") not in _OFFICES | _COMPANIES
        if plain in _COMMA_STATES:
            return not capital or len(before) < 2 or not before[-2].endswith(",")
        return plain in _UNITS

    def _begin(self, begin: int, at: int) -> int:
        """Return where the sentence of `at` begins, breaks regarded."""
        upto = bisect_right(self._breaks, at)
        return max(begin, self._breaks[upto - 1]) if upto else begin

    def _is_quoted(self, at: int) -> bool:
        """Return whether a quotation in straight marks is open at `at`. REQUIRES: `at` does not fall."""
        paragraph = self._begin(0, at)
        if paragraph > self._counted:
            self._counted, self._quoted = paragraph, False
        opened = self._text.rfind(': "', self._counted, at)  # surely; one mark too few must not turn all that follow
        if opened >= 0:
            self._counted, self._quoted = opened, False
        self._quoted ^= self._text.count('"', self._counted, at) % 2 == 1
        self._counted = at
        return self._quoted

    def _is_aside(self, at: int, begin: int) -> bool:
        """Return whether the parenthesis that is open at `at` began inside the sentence."""
        begin = max(self._begin(begin, at), at - 400)
        opened = self._text.rfind("(", begin, at)
        return opened > begin and any(char.isalnum() for char in self._text[max(begin, opened - 40) : opened])


def _is_end_of_quotation(last: str, word: str, *, untold: bool) -> bool:
    """Return whether a stop ends a sentence that a quotation mark or a bracket closes behind."""
    plain = last.lower()
    if plain in _NEVER or (plain in _TITLES and last[:1].isupper()) or (len(plain) == 1 and plain.isalpha()):
        return _begins(word, untold=untold)
    return True


def _is_end_of_dotted(plain: str, following: re.Match[str], *, untold: bool) -> bool:
    """Return whether the last stop of an abbreviation with stops inside ends a sentence."""
    word = following[1]
    if _begins(word, untold=untold):
        return True
    if plain not in ("a.m", "p.m") or untold or not word[0].isalpha():
        return False
    return word.lower().rstrip(".") not in _CALENDAR and not _ZONE.match(following.string, following.start(1))


def _is_short(before: str) -> bool:
    """Return whether the last word of a text is an abbreviation."""
    last = before.rsplit(None, 1)[-1].strip(_EDGES).lower() if before.strip() else ""
    return last in _KNOWN or bool(_DOTTED.match(last))


def _begins(word: str, *, untold: bool) -> bool:
    """Return whether a word begins a sentence rather than a name."""
    if len(word) == 2 and word[1] == ".":
        return False  # an initial
    plain = word.lower().replace("\u2019", "'").partition("'")[0].rstrip(".")
    return plain in (_STRICT_STARTERS if untold else _STARTERS)
