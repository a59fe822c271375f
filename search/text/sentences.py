"""Where sentences end, by the marks and by what stands around them.

A mark ends a sentence if white space and something that can begin one follow. What makes news hard: stops of
abbreviations (`Gen. Milley`, `the U.S. He`, `No. 5`), of initials, of ellipses; marks inside quotations that a
lower-case attribution goes on from (`"Why?" he asked.`); texts all in capitals or all in small letters; marks with a
blank before them.
"""

import re

_CLOSERS = "\"'\u201d\u2019\u00bb)]"
_OPENERS = "\"'\u201c\u2018\u00ab([\u2013\u2014-"
# A mark that white space follows. `sure`: behind a long word in small letters, before one with a capital.
_MARK = re.compile(
    rf"""(?<![.!?\u2026])(?P<stops>[.!?\u2026\u203d\u061f\u0964]+)
        (?:(?P<sure>(?<=[a-z]{{5}}\.)[ ]?\s(?=[A-Z][a-z]))|(?P<closers>[{re.escape(_CLOSERS)}]*)\s+)""",
    re.VERBOSE,
)
_WIDE = re.compile("[\u3002\uff01\uff1f]+[\u300d\u300f\u201d\u2019)]*\\s*")
_BREAK = re.compile(r"\n[ \t\r]*\n\s*|\n\s*(?=(?:[-*\u2022\u2013]|\d{1,2}[.)])\s)")
_NEXT = re.compile(rf"[\s{re.escape(_OPENERS)}]*([\w']+)")

# Never the last word of a sentence, since a name or number follows.
_TITLES = frozenset(
    """
    adm atty brig capt cmdr col comdr cpl det dr fr ft gen gov hon insp lt maj messrs mlle mme mr mrs ms msgr mt pfc
    pres prof pvt rep reps rev sec sen sens sgt supt viz vs v cf eg ie st ald cllr ca op approx
    """.split()
)
# Abbreviations only before a number.
_NUMBERED = frozenset(
    "no nos art fig figs vol pp p ch sec para pt ed jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
# May end a sentence or not: they do if a word follows that begins sentences and not names.
_EITHER = frozenset(
    "inc corp co cos ltd plc bros jr sr etc al dept est assn univ ave blvd rd mfg dist bn mln pct bhd sdn".split()
)
_STARTERS = frozenset(
    """
    a about according after all also although among an and another as asked at because before both but by despite
    during each earlier even few for from he her here his how however i if in instead it its just last later many
    meanwhile more most my neither no nor not now of officials on once one only or other others our over people
    police she since so some still such that the their then there these they this those though three through to two
    under unlike until we what when where whether which while who why with without yet you
    """.split()
)


def sentence_ends(text: str) -> list[int]:
    """Return where the sentences of a text end, white space behind them included.

    Args:
        text: Usually a paragraph; line ends inside are blanks, but a blank line and a bullet begin a sentence.

    Returns:
        Offsets, ascending; the last is `len(text)`. None for an empty text.
    """
    small = text.islower()
    ends = [
        match.end() for match in _MARK.finditer(text) if match["sure"] is not None or _ends(text, match, small=small)
    ]
    if "\n" in text:
        ends += [match.end() for match in _BREAK.finditer(text)]
    if not text.isascii():
        ends += [match.end() for match in _WIDE.finditer(text)]
    if not ends or ends[-1] != len(text):
        ends.append(len(text))
    return sorted(set(ends) - {0})


def _ends(text: str, mark: re.Match[str], *, small: bool) -> bool:
    """Return whether a mark ends a sentence. `small`: the text has no capitals to go by."""
    at, after = mark.start(), mark.end()
    following = _NEXT.match(text, after)
    word = following[1] if following else ""
    apart = at > 0 and text[at - 1].isspace()
    if word[:1].islower() and not small and not (apart and len(mark["stops"]) == 1):
        return False
    if mark["stops"] != ".":
        return True
    low, high = max(0, at - 24), at - apart
    begin = max(text.rfind(" ", low, high), text.rfind("\n", low, high), low - 1) + 1
    before = text[begin:high].strip("\"'\u2019\u201c(-.")
    plain = before.casefold()
    if plain in _TITLES:
        return False
    if plain in _NUMBERED:
        return not word[:1].isdigit() and plain not in ("p", "pp")
    if plain.isdigit():
        return begin > 0 and text[begin - 1] != "\n"  # else the number of a list's item
    starter = word.casefold() in _STARTERS
    if mark["closers"]:
        return len(plain) > 1 or starter
    if len(plain) == 1 and plain.isalpha():
        return starter
    if ("." in plain and not plain[-1].isdigit()) or plain in _EITHER:
        return starter
    return True
