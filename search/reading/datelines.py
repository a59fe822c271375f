"""Dates and places that stand before the first sentence, and lines that are nothing but a date.

    date 2021-08-10 The envoy …           Published: 14 March 2019           KABUL, Aug 10 (Reuters) - The envoy …

A place is known by what goes with it: capitals, a day, an agency in parentheses, a dash. The first paragraph of a story
may also begin with a place and a dash alone (`Kabul - The envoy …`), or with a place in capitals and a colon.
"""

import re

from search.model import ZoneKind
from search.reading.dates import ISO, MONTH, WRITTEN, WRITTEN_TIME, parse_date

MAX_DATELINE = 100  # characters
MAX_DATE_LINE = 100

# For patterns that ignore case.
DATED = r"(?:(?:first|last|originally) )?(?:published|posted|updated|modified|dated?|created|issued|filed)(?: on| at)?"
DATE = rf"(?:{ISO}|{WRITTEN_TIME}|\d{{1,2}}\.\d{{1,2}}\.\d{{4}})"

_DATE_LINE = re.compile(
    rf"{DATE}(?:\s*[-–—|•,;/]?\s*(?:{DATED}\s?:?\s*)?(?:{DATE}|\d[\w:., ]{{1,25}}))?\s*[\])]?\Z", re.IGNORECASE
)
_DATE_PREFIX = re.compile(
    rf"(?:{DATED}\s?:?\s*{DATE}[\s:|,.–—-]*"
    rf"|(?:{ISO}|{WRITTEN})\s*(?:[:|–—-]\s+|\s)(?=[\"'“‘(]?(?-i:[^\W\d_a-zß-öø-ÿ]))"  # a capital begins it
    rf"|{WRITTEN_TIME}\s*(?:[:|–—]|\s-)\s+)(?=\S)",
    re.IGNORECASE,
)
_ANY_DATE = re.compile(DATE, re.IGNORECASE)
_DATE_STARTS = frozenset({
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon", "tue", "wed",
    "thu", "fri", "sat", "sun", "fir", "las", "ori", "pub", "pos", "upd", "mod", "dat", "cre", "iss", "fil",
})  # fmt: skip

# Words before a dash or colon that are no places.
_KICKER = (
    r"(?i:breaking|exclusive|opinion|analysis|updated?|live|watch|video|explainer|notes?|correction|comment|editorial"
    r"|review|interview|news|world|sports?|business|politics|yes|no)\b"
)
_UPPER = "A-ZÀ-ÖØ-Þ"
_CAPITALIZED = rf"[{_UPPER}][^\W\d_]*"
# The parts of a name and what joins them share no character: else a long run of them takes exponential time.
_JOINED = "[ '’./-]{1,2}"
_PARTICLE = r"(?:s|de|del|la|le|el|al|of|the|upon|on|sur|am|an|der|e|y|i)\b"
_PLACE = rf"(?!{_KICKER}){_CAPITALIZED}(?:{_JOINED}(?:{_CAPITALIZED}|{_PARTICLE})){{0,4}}\.?"
_CAPITALS = rf"(?!{_KICKER})(?=[{_UPPER}'’.]{{2}})[{_UPPER}]+(?:{_JOINED}[{_UPPER}]+){{0,6}}\.?"
_DAY = rf"(?:(?i:{MONTH})\s+\d{{1,2}}|\d{{1,2}}(?:st|nd|rd|th)?\s+(?i:{MONTH}))(?:,?\s+\d{{4}})?"
_AGENCY = rf"\((?=[{_UPPER}])[^()]{{2,40}}\)"
_DASH = r"(?:\s*[–—]+|\s*--+|\s+-|(?<=\))-)\s+"
_DATELINE = re.compile(  # KABUL, Aug 10 (AFP) -
    rf"{_CAPITALS}(?:,\s?{_PLACE})*(?:,\s*{_DAY})?\s*(?:{_AGENCY})?{_DASH}(?=\S)"
)
_FIRST_DATELINE = re.compile(
    rf"(?:{_PLACE}(?:\s[(\[][^()\[\]]{{2,30}}[)\]]){{0,2}}(?:,\s?{_PLACE})*,?\s*{_DAY}\.?\s*(?:{_AGENCY}"
    rf"|/[A-Z][\w ]{{1,20}}/)[:.]?"
    rf"(?:{_DASH}|\s+)"  # Bengara, Aug 9 (IANS); VELIKOGORSK, November 14. /TASS/.
    rf"|{_PLACE}(?:,\s?{_PLACE})*(?:,\s*{_DAY})?\s*(?:\([a-z]{{3,5}}\)|/[A-Z]\w{{2,20}}/){_DASH}"  # Altbruck (dpa) -
    rf"|\({_PLACE},\s{_DAY}\){_DASH}|{_PLACE}(?:,\s?{_PLACE})*(?:,?\s*{_DAY})?\s*{_AGENCY}\s*(?:{_DASH}"
    rf"|:\s+)"  # Kabul (Reuters) -
    rf"|{_PLACE}(?:,\s?{_PLACE})*,\s*{_DAY}{_DASH}"  # Kabul, Aug 10 -
    rf"|{_PLACE}(?:,\s?{_PLACE})?{_DASH}(?=[\"'“‘]?[{_UPPER}]))(?=\S)"  # Kabul -
)
_COLON_DATELINE = re.compile(rf"{_CAPITALS}:\s+(?=\S)")  # KABUL:
_SIGNS = frozenset("-–—:(/")  # without one of them nothing is a dateline
_SIGN = re.compile(r"[\d(]")


def cut_off(paragraph: str, *, first: bool = True, speakers: bool = False) -> list[tuple[ZoneKind, int]]:
    """Return what stands before the first sentence of a paragraph: kinds and lengths, blanks after them included.

    Args:
        paragraph: Of the body.
        first: It is the first one: a date, or a place without a further sign, stands only there.
        speakers: Other paragraphs begin with a name in capitals and a colon, so that this one names no place so.
    """
    found: list[tuple[ZoneKind, int]] = []
    start = 0
    if first and _may_be_date(paragraph) and (match := _DATE_PREFIX.match(paragraph)):
        found.append(("date", match.end()))
        start = match.end()
    head = paragraph[start : start + MAX_DATELINE]
    if _SIGNS.isdisjoint(head):
        return found
    match = _DATELINE.match(head)
    if not match and first:
        match = _FIRST_DATELINE.match(head) or (None if speakers else _COLON_DATELINE.match(head))
    # In a text set in capitals they are no sign of a place.
    if match and (_SIGN.search(match[0]) or not paragraph.isupper()):
        found.append(("dateline", match.end()))
    return found


def has_speaker(paragraph: str) -> bool:
    """Tell whether a paragraph begins with a name in capitals and a colon."""
    return ":" in paragraph[:MAX_DATELINE] and bool(_COLON_DATELINE.match(paragraph[:MAX_DATELINE]))


def is_date(paragraph: str) -> bool:
    """Tell whether a paragraph is a full date, perhaps two, and nothing else."""
    if len(paragraph) > MAX_DATE_LINE or not _may_be_date(paragraph) or not _DATE_LINE.match(paragraph):
        return False
    return stated_date(paragraph) is not None


def stated_date(text: str) -> str | None:
    """Return the first full date in a date or dateline zone, as ISO 8601."""
    match = _ANY_DATE.search(text)
    return parse_date(match[0]) if match else None


def _may_be_date(paragraph: str) -> bool:
    return paragraph[0].isdigit() or paragraph[:3].lower() in _DATE_STARTS
