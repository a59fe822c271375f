"""Publication dates as numbers: ISO 8601 of any precision to a point in time.

A date without a zone is taken as it stands (local to its outlet) and counted as if it were UTC; one with a zone is
converted. A date of less precision stands for the beginning of its period.
"""

import datetime
import re
from functools import lru_cache
from typing import NamedTuple

MONTH = len("2021-08")
DAY = len("2021-08-10")
SECONDS_A_DAY = 86400

_ISO = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:[T ]\S+)?)?)?")
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


class Moment(NamedTuple):
    """A publication date.

    Args:
        seconds: Since 1970, UTC.
        zone: Quarter hours that the stated zone is ahead of UTC; 0 without one.
        precision: Characters of the date that are known, up to those of the day: 4, 7 or `DAY`.
    """

    seconds: int
    zone: int
    precision: int


@lru_cache(maxsize=4096)  # many articles of one day
def moment(iso: str) -> Moment:
    """Return when a date is.

    Raises:
        ValueError: It is no ISO 8601 date, or one that does not exist.
    """
    if not _ISO.fullmatch(iso):
        raise ValueError(f"{iso!r} is no ISO 8601 date")
    precision = min(len(iso), DAY)
    if len(iso) <= MONTH:
        iso = f"{iso}-01-01"[:10]
    when = datetime.datetime.fromisoformat(iso)
    offset = when.utcoffset() or datetime.timedelta(0)
    if when.tzinfo is None:
        when = when.replace(tzinfo=datetime.UTC)
    seconds = (when - _EPOCH) // datetime.timedelta(seconds=1)
    return Moment(seconds, round(offset / datetime.timedelta(minutes=15)), precision)


def day_of(iso: str | None) -> datetime.date | None:
    """Return the day of a date; None if it is not known."""
    return datetime.date.fromisoformat(iso[:DAY]) if iso and len(iso) >= DAY else None
