"""Numbers as news writes them: `1,200`, `3.5%`, `$5 million`, `twenty-three`, `a sixth`, `more than 20`, `20 to 25`."""

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<number>(?<![\w.,:/-])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?P<suffix>st|nd|rd|th|bn|mln|m|k|tn)?(?![\w:/-]|[.,]\d))
      | (?P<junk>\S*\d\S*)
      | (?P<money>(?:US|A|C)?[$\u20ac\u00a3\u00a5])
      | (?P<word>[^\W\d_]+(?:[-'\u2019][^\W\d_]+)*)
      | (?P<mark>\S)""",
    re.VERBOSE,
)
_YEAR = re.compile(r"[0-9]{4}")
_MONEY_BEFORE = re.compile(r"((?:US|A|C)?[$\u20ac\u00a3\u00a5])(?=\d)")
_UNITS = {
    word: value
    for value, word in enumerate(
        """
        zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
        eighteen nineteen
        """.split()
    )
}
_TENS = {word: 10 * at for at, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_SCALES = {
    "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12,
    "mln": 10**6, "bln": 10**9,
}  # fmt: skip
_SUFFIXES = {"bn": 1e9, "m": 1e6, "mln": 1e6, "k": 1e3, "tn": 1e12}
_ORDINALS = {
    word: value
    for value, word in enumerate(
        """
        second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
        sixteenth seventeenth eighteenth nineteenth twentieth
        """.split(),
        2,
    )
}
_CURRENCIES = {"$": "USD", "US$": "USD", "\u20ac": "EUR", "\u00a3": "GBP", "\u00a5": "JPY", "A$": "AUD", "C$": "CAD"}
_NAMED_UNITS = {
    "%": "%", "percent": "%", "pct": "%", "dollars": "USD", "dlrs": "USD", "euros": "EUR", "pounds": "GBP",
}  # fmt: skip
_LEAST: tuple[tuple[str, ...], ...] = (
    ("at", "least"),
    ("more", "than"),
    ("no", "fewer", "than"),
    ("no", "less", "than"),
    ("over",),
    ("above",),
)
_MOST: tuple[tuple[str, ...], ...] = (
    *(("at", "most"), ("up", "to"), ("fewer", "than"), ("less", "than"), ("under",), ("as", "many", "as")),
    *(("no", "more", "than"), ("below",)),
)
_ABOUT: tuple[tuple[str, ...], ...] = (
    *(("about",), ("around",), ("some",), ("roughly",), ("approximately",), ("an", "estimated"), ("estimated",)),
    *(("nearly",), ("almost",), ("close", "to")),
)
_PLAIN: tuple[tuple[str, ...], ...] = (
    ("only",),
    ("just",),
    ("another",),
    ("all",),
    ("a", "total", "of"),
    ("the",),
    ("a",),
    ("an",),
)
_BELOW = frozenset({"nearly", "almost", "to"})
LONGEST = 3  # words of a modifier
ABOUT = 0.1  # by which a number that is said to be about so much may differ,
NEARLY = 0.05  # or be less


class Token(NamedTuple):
    """A word, a number or a mark, `kind` says which."""

    text: str
    start: int
    end: int
    kind: str

    @property
    def low(self) -> str:
        """The text in small letters."""
        return self.text.lower()


class Numeral(NamedTuple):
    """A number in tokens `first` up to `last`, modifiers before it included; `at` is where the number itself begins.

    `least` and `most` are its bounds, the same if it is exact. `unit` is `%`, a currency or empty. `words` are what
    stands before it and says how it is meant (`at least`).
    """

    first: int
    at: int
    last: int
    least: float
    most: float
    unit: str
    is_ordinal: bool
    words: tuple[str, ...]


def tokens(text: str, start: int, end: int) -> list[Token]:
    """Return words, numbers and marks of a stretch of a text."""
    found = []
    for match in _TOKEN.finditer(text, start, end):
        kind = match.lastgroup or "mark"
        kind = "number" if kind == "suffix" else kind
        if kind == "junk" and (money := _MONEY_BEFORE.match(match.group())):
            found.append(Token(money[1], match.start(), match.start() + len(money[1]), "money"))
            rest = _TOKEN.match(text[match.start() + len(money[1]) : match.end()].rstrip(".,;:)"))
            if rest and rest["number"]:
                begin = match.start() + len(money[1])
                found.append(Token(rest.group(), begin, begin + rest.end(), "number"))
                continue
        if kind == "junk":
            whole = match.group().strip(".,;:()'\"\u201c\u201d\u2019?!")
            percent = whole.removesuffix("%")
            number = _TOKEN.fullmatch(percent)
            if number and number["number"]:
                begin = match.start() + match.group().index(whole)
                found.append(Token(percent, begin, begin + len(percent), "number"))
                if whole != percent:
                    found.append(Token("%", begin + len(percent), begin + len(whole), "mark"))
                if match.group().endswith((",", ";", ".", ":")):
                    found.append(Token(match.group()[-1], match.end() - 1, match.end(), "mark"))
                continue
        found.append(Token(match.group(), match.start(), match.end(), kind))
    return found


def numerals(words: Sequence[Token]) -> list[Numeral]:
    """Return the numbers in some tokens, in order, whatever they number."""
    found: list[Numeral] = []
    at = 0
    while at < len(words):
        read = _number(words, at)
        if read is None:
            at += 1
            continue
        value, end, is_ordinal = read
        if math.isinf(value):  # more digits than a number of anything has
            at = end
            continue
        least = most = value
        if end + 1 < len(words) and words[end].low in ("to", "and", "or", "-", "\u2013") and not is_ordinal:
            other = _number(words, end + 1)
            is_range = words[end].low not in ("and", "or") or (at and words[at - 1].low == "between")
            is_range = is_range or bool(words[end].low == "or" and other and other[0] < 1000)  # but for years
            # `in first quarter 1987 to 35.9 mln`
            is_range = is_range and not (_is_year(words, at) and not _YEAR.fullmatch(words[end + 1].text))
            if other and is_range and not other[2] and value < other[0] < math.inf:
                most = other[0]
                if end == at + 1 and value < 1000:  # `1.1 to 1.5 million`
                    least = value * _scale(words[end + 2 : other[1]])
                end = other[1]
        unit = ""
        first = at
        if at and words[at - 1].kind == "money":
            first, unit = at - 1, _CURRENCIES.get(words[at - 1].text, words[at - 1].text)
        if end < len(words) and words[end].low in _NAMED_UNITS:
            unit, end = _NAMED_UNITS[words[end].low], end + 1
        elif end + 1 < len(words) and words[end].low == "per" and words[end + 1].low == "cent":
            unit, end = "%", end + 2
        first, least, most, said = _modified(words, first, least, most)
        found.append(Numeral(first, at, end, least, most, unit, is_ordinal, said))
        at = end
    return found


def _is_year(words: Sequence[Token], at: int) -> bool:
    """Return whether a token is written as a year is, no sum of money, nor one end of what is `between` two."""
    is_amount = at > 0 and (words[at - 1].kind == "money" or words[at - 1].low == "between")
    return bool(_YEAR.fullmatch(words[at].text)) and 1900 <= int(words[at].text) < 2100 and not is_amount


def _number(words: Sequence[Token], at: int) -> tuple[float, int, bool] | None:
    """Return the number that begins at a token, where it ends, and whether it is an ordinal; None if none does."""
    word = words[at]
    low = word.low
    if low in _ORDINALS:
        return float(_ORDINALS[low]), at + 1, True
    if word.kind == "number":
        digits = word.text.rstrip("abcdefghijklmnopqrstuvwxyz")
        value, suffix = float(digits.replace(",", "")), word.text[len(digits) :]
        if suffix in ("st", "nd", "rd", "th"):
            return value, at + 1, True
        value *= _SUFFIXES.get(suffix, 1.0)
        return _scaled(words, at + 1, value)
    small = _small(low)
    if low == "half" and at + 2 < len(words) and words[at + 1].low == "a" and words[at + 2].low in _SCALES:
        return _scaled(words, at + 2, 0.5)
    if small is None and low in ("a", "an") and at + 1 < len(words) and words[at + 1].low in _SCALES:
        return _scaled(words, at + 1, 1.0)
    if small is None:
        return None
    if low in _TENS and at + 1 < len(words) and 0 < (ones := _UNITS.get(words[at + 1].low, 0)) < 10:
        return _scaled(words, at + 2, float(small + ones))  # `fifty nine`
    return _scaled(words, at + 1, float(small))


def _scale(words: Sequence[Token]) -> int:
    """Return what multiplies a number, given the words behind its digits: thousand, million or more, else 1."""
    scale = math.prod(_SCALES.get(word.low, 0) for word in words)
    return scale if scale >= 1000 else 1


def _small(low: str) -> int | None:
    """Return the number below 100 that a word says; None if it says none."""
    if low in _UNITS:
        return _UNITS[low]
    tens, dash, units = low.partition("-")
    if tens not in _TENS:
        return None
    if not dash:
        return _TENS[tens]
    return _TENS[tens] + _UNITS[units] if units in _UNITS else None


def _scaled(words: Sequence[Token], at: int, value: float) -> tuple[float, int, bool]:
    """Return a number with what multiplies it and what is added, `two hundred and fifty`."""
    total = 0.0
    while at < len(words):
        low = words[at].low
        if low in _SCALES:
            value *= _SCALES[low]
            at += 1
            if _SCALES[low] >= 1000:
                total, value = total + value, 0.0
            continue
        step = at + 1 if low == "and" and (total or value >= 100) else at
        small = _small(words[step].low) if step < len(words) else None
        if small is None or not ((total and not value) or (value >= 100 and value % 100 == 0)):
            break
        if words[at - 1].kind == "number":
            break
        value, at = value + small, step + 1
    return total + value, at, False


def _modified(
    words: Sequence[Token], first: int, least: float, most: float
) -> tuple[int, float, float, tuple[str, ...]]:
    """Return where a number begins with what stands before it, its bounds, and these words."""
    said: list[str] = []
    while first:
        for kind, phrases in (("least", _LEAST), ("most", _MOST), ("about", _ABOUT), ("", _PLAIN)):
            phrase = next(
                (p for p in phrases if tuple(w.low for w in words[max(first - len(p), 0) : first]) == p), None
            )
            if phrase is None:
                continue
            first -= len(phrase)
            said = [*phrase, *said]
            if kind == "least":
                most = math.inf
            elif kind == "most":
                least = 0.0
            elif kind == "about" and least == most:
                most = least if phrase[-1] in _BELOW else least * (1 + ABOUT)
                least = least * (1 - (NEARLY if phrase[-1] in _BELOW else ABOUT))
            break
        else:
            break
    if first and words[first - 1].low == "between" and least < most:
        first -= 1
    return first, round(least, 6), round(most, 6), tuple(said)
