"""Publication dates: what is written → ISO 8601 text of the precision that is known.

    2021            2021-08         2021-08-10      2021-08-10T14:05:00+02:00       ISO 8601; also 20210810, 2021-W32-2
    Tue, 10 Aug 2021 14:05:00 +0200                                                 RFC 2822
    10 August 2021  August 10, 2021  Aug. 10 2021   Tuesday, 10th August, 2021      in words, also with a time
    26-FEB-1987 15:01:01.79         August 2021     2021/08/10      10.08.2021

What is impossible (30 February), ambiguous (08/10/2021) or relative (yesterday) is no date. A time is kept to the
second; its zone if it is an offset, `Z`, `GMT` or `UTC`. Other names of zones mean different things in different
places: the time is then local, as without one.
"""

import datetime
import re

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
WEEKDAY = r"(?:Mon|Tue(?:s)?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\b\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_TIME = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:\.\d+)?)?(?:\s?[ap]\.?m\.?)?(?:\s?(?:Z|[+-]\d{2}:?\d{2}|[A-Z]{2,4}))?\b"
ISO_DAY = r"\d{4}-\d{2}-\d{2}"
ISO = rf"{ISO_DAY}(?:[T ]\d{{2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d+)?)?\s?(?:Z|[+-]\d{{2}}:?\d{{2}})?)?(?![\w-])"
# A full date in words, for patterns of text that contain one; no groups.
WRITTEN = rf"(?:{WEEKDAY},?\s+)?(?:{_DAY}[ -]{MONTH},?[ -]\d{{4}}|{MONTH}\s+{_DAY},?\s+\d{{4}})\b"
WRITTEN_TIME = rf"(?:{_TIME},?\s+(?:on\s+)?)?{WRITTEN}(?:(?:,|\s+at|\s*[|–-])?\s+{_TIME})?"

_FORMS = tuple(
    re.compile(form + r"\Z", re.IGNORECASE)
    for form in (
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+(?P<m>{MONTH}),?[\s-]+(?P<y>\d{{4}})",
        rf"(?P<m>{MONTH})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})",
        rf"(?P<m>{MONTH}),?\s+(?P<y>\d{{4}})",
        r"(?P<y>\d{4})[/.](?P<m>\d{1,2})[/.](?P<d>\d{1,2})",
        r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})",
    )
)
_WEEKDAY = re.compile(rf"{WEEKDAY},?\s+", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?P<h>\d{1,2})[:.](?P<min>\d{2})(?:[:.](?P<s>\d{2})(?:\.\d+)?)?\s?(?P<half>[ap])?\.?(?:m\b\.?)?"
    r"\s?(?P<zone>Z\b|GMT\b|UTC\b|[+-]\d{2}:?\d{2})?(?:\s?\(?[A-Z]{2,5}\)?)?\Z",
    re.IGNORECASE,
)
_CLOCK_FIRST = re.compile(rf"(?P<clock>{_TIME}),?\s+(?:on\s+)?(?P<date>\S.*)", re.IGNORECASE | re.DOTALL)
_CLOCK_LAST = re.compile(
    r"(?P<date>.*\d{4})(?:\s*,|\s+at|\s*[|–-])?\s+(?P<clock>\d{1,2}[:.]\d{2}.*)", re.IGNORECASE | re.DOTALL
)
_FRACTION = re.compile(r"[.,]\d+")
_YEAR = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2]))?\Z", re.ASCII)
MAX_LENGTH = 80  # characters; a longer text is no date


def parse_date(text: str) -> str | None:
    """Return the date that `text` states and nothing else, as ISO 8601, or None.

    The result has the precision known: year, month, day, or day and time to the second with or without an offset.
    """
    text = " ".join(text.split())
    if not text or len(text) > MAX_LENGTH or not text.isprintable():
        return None
    if _YEAR.match(text):
        return text if text[:4] != "0000" else None
    return _iso(text) or _written(text)


def _iso(text: str) -> str | None:
    if not text[:4].isdecimal():
        return None
    try:
        if len(text) <= 10:
            return datetime.date.fromisoformat(text).isoformat()
        time = datetime.datetime.fromisoformat(_FRACTION.sub("", text.replace(" ", "T", 1).replace(" ", "")))
    except ValueError:
        return None
    return time.isoformat()


def _written(text: str) -> str | None:
    clock = None
    if match := _CLOCK_FIRST.match(text) or _CLOCK_LAST.match(text):
        text, clock = match["date"], match["clock"]
    text = _WEEKDAY.sub("", text, count=1) if _WEEKDAY.match(text) else text
    for form in _FORMS:
        if match := form.match(text):
            parts = match.groupdict()
            month = parts["m"] if parts["m"].isdecimal() else _month(parts["m"])
            try:
                if "d" not in parts:
                    return None if clock else f"{int(parts['y']):04}-{int(month):02}"
                day = datetime.date(int(parts["y"]), int(month), int(parts["d"]))
            except ValueError:
                return None
            return day.isoformat() if clock is None else _timed(day, clock)
    return None


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def _timed(day: datetime.date, clock: str) -> str | None:
    """Return day and time; None if the clock cannot be read, as the text is then something else."""
    if not (match := _CLOCK.match(clock.strip())):
        return None
    hour = int(match["h"])
    if half := match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (half in "pP")
    zone = match["zone"] or ""
    offset = "" if not zone else "+00:00" if zone[0] not in "+-" else f"{zone[:3]}:{zone[-2:]}"
    try:
        time = datetime.datetime.fromisoformat(f"{day}T{hour:02}:{match['min']}:{match['s'] or '00'}{offset}")
    except ValueError:
        return None
    return time.isoformat()
