"""Dates in queries: what is written becomes a period, by the clock of the outlets.

2021  2021-08  2021-08-10  2021-08-10T14:00      ISO 8601, each its whole period
10 August 2021  August 10, 2021  August 2021     written out
today  yesterday  tomorrow  monday  3 days ago   counted from now; a weekday is the last one, not today
this|last week|month|year  last monday           weeks begin on Monday
last|past 7 days|weeks|months|years              up to now, today included
10 August  August                                the last that has begun

An article's date counts by its outlet's clock, and so do these: one of 2021-08-10T23:30-05:00 is of the tenth.
"""

import calendar
import datetime
import re

Period = tuple[datetime.datetime, datetime.datetime]

_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ](\d{1,2}):(\d\d)(?::(\d\d))?)?)?)?\Z")
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
_WRITTEN = (
    re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th)? (?P<month>[a-z]+)\.?,? (?P<year>\d{4})\Z"),
    re.compile(r"(?P<month>[a-z]+)\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})\Z"),
    re.compile(r"(?P<month>[a-z]+)\.? (?P<year>\d{4})\Z"),
)
_AGO = re.compile(r"(\d{1,5}) (day|week|month|year)s? ago\Z")
_AROUND = re.compile(r"(this|last) (week|month|year)\Z")
_PAST = re.compile(r"(?:last|past) (\d{1,5}) (day|week|month|year)s?\Z")
_YEARLESS = (
    re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th)? (?P<month>[a-z]+)\.?\Z"),
    re.compile(r"(?P<month>[a-z]+)\.?(?: (?P<day>\d{1,2})(?:st|nd|rd|th)?)?\Z"),
)
_ZONE = re.compile(r"(?<=\d\d:\d\d)(?::\d\d)?(?P<zone>z|[+-]\d\d(?::?\d\d)?)\Z", re.IGNORECASE)
_DAY_OF_MONTH = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)(?P<time>[t ].*)?\Z")
_COMMON_YEAR = 2021  # no leap year
_NO_DAY = 40  # a number that is no slip for the end of a month
_DAY = datetime.timedelta(days=1)


def date_bounds(text: str, now: datetime.datetime) -> Period | None:
    """Return the period that a date or a relative word stands for, start included, end not; None if it is no date.

    Args:
        text: As written.
        now: What relative words count from.
    """
    text = " ".join(text.split()).lower()
    try:
        return _iso(text) or _written(text) or _relative(text, now.replace(tzinfo=None))
    except (ValueError, OverflowError):
        return None


def yearless(text: str, now: datetime.datetime) -> Period | None:
    """Return the last day or month, begun by now, that a date without a year stands for; None if it is none."""
    text = " ".join(text.split()).lower()
    for pattern in _YEARLESS:
        if (match := pattern.match(text)) and match["month"] in _MONTHS:
            month, day = _MONTHS[match["month"]], match["day"] and int(match["day"])
            for year in range(now.year, max(now.year - 9, 0), -1):  # a leap year may be eight years ago
                try:
                    period = _period(year, month, day or None)
                except ValueError:
                    continue
                if period[0] <= now.replace(tzinfo=None):
                    return period
    return None


def mended(text: str) -> str | None:
    """Return a date that is not there as the nearest before it that is: the last of its month; None if it is none.

    Without a year that of February is the 28th. A time zone is left out.
    """
    if zone := _ZONE.search(text):
        local = text[: zone.start("zone")]
        return mended(local) or local
    text = " ".join(text.split()).lower()
    for pattern in (_DAY_OF_MONTH, *_WRITTEN, *_YEARLESS):
        said = match.groupdict() if (match := pattern.match(text)) else {}
        name, day, year = said.get("month") or "", int(said.get("day") or 0), said.get("year")
        month = int(name) if name.isdigit() else _MONTHS.get(name, 0)
        if not 28 < day < _NO_DAY or not 1 <= month <= 12 or year == "0000":
            continue
        last = calendar.monthrange(int(year) if year else _COMMON_YEAR, month)[1]
        if name.isdigit():
            return f"{year}-{month:02}-{last}{(said['time'] or '').upper()}"
        return " ".join(filter(None, (str(last), calendar.month_name[month], year)))
    return None


def _iso(text: str) -> Period | None:
    match = _ISO.match(text.upper())
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part) if part else None for part in match.groups())
    if month is None:
        return _period(year or 0)
    if day is None:
        return _period(year or 0, month)
    if hour is None or minute is None:
        return _period(year or 0, month, day)
    start = datetime.datetime(year or 0, month, day, hour, minute, second or 0)  # noqa: DTZ001  # dates of articles are local to the outlet
    return _lasting(start, datetime.timedelta(seconds=60 if second is None else 1))


def _written(text: str) -> Period | None:
    for pattern in _WRITTEN:
        if (match := pattern.match(text)) and match["month"] in _MONTHS:
            day = match.groupdict().get("day")
            return _period(int(match["year"]), _MONTHS[match["month"]], int(day) if day else None)
    return None


def _relative(text: str, now: datetime.datetime) -> Period | None:
    today = now.date()
    if text in ("today", "now"):
        return _day(today)
    if text == "tomorrow":
        return _day(today + _DAY)
    if text.startswith("last ") and text[5:] in _WEEKDAYS:
        text = text[5:]
    if text == "yesterday":
        return _day(today - _DAY)
    if text in _WEEKDAYS:
        return _day(today - _DAY * ((today.weekday() - _WEEKDAYS[text] - 1) % 7 + 1))
    if match := _AGO.match(text):
        n, unit = int(match[1]), match[2]
        if unit in ("day", "week"):
            return _day(today - _DAY * n * (7 if unit == "week" else 1))
        months = today.year * 12 + today.month - 1 - n * (12 if unit == "year" else 1)
        last = calendar.monthrange(months // 12, months % 12 + 1)[1]
        return _day(datetime.date(months // 12, months % 12 + 1, min(today.day, last)))
    if match := _PAST.match(text):
        first = _relative(f"{match[1]} {match[2]}s ago", now)
        return first and (first[0] + _DAY * (match[2] == "day"), _midnight(today + _DAY))
    if match := _AROUND.match(text):
        back = match[1] == "last"
        if match[2] == "week":
            monday = today - _DAY * (today.weekday() + 7 * back)
            return _lasting(_midnight(monday), _DAY * 7)
        if match[2] == "month":
            months = today.year * 12 + today.month - 1 - back
            return _period(months // 12, months % 12 + 1)
        return _period(today.year - back)
    return None


def _period(year: int, month: int | None = None, day: int | None = None) -> Period:
    if day is not None:
        return _day(datetime.date(year, 1 if month is None else month, day))
    if month is not None:
        days = calendar.monthrange(year, month)[1]
        return _lasting(_midnight(datetime.date(year, month, 1)), _DAY * days)
    return _lasting(_midnight(datetime.date(year, 1, 1)), _DAY * (366 if calendar.isleap(year) else 365))


def _day(day: datetime.date) -> Period:
    return _lasting(_midnight(day), _DAY)


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time())


def _lasting(start: datetime.datetime, length: datetime.timedelta) -> Period:
    """Return a period, which ends with the calendar at the latest: people write 9999 for a year to come."""
    last = datetime.datetime.max.replace(microsecond=0)  # noqa: DTZ901  # by the outlet's clock
    return start, start + min(length, last - start)
