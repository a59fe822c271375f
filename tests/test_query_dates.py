"""Dates in queries become periods."""

import calendar
import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.query.dates import date_bounds

NOW = datetime.datetime(2021, 8, 12, 12)  # a Thursday, by the outlet's clock


def _bounds(text: str, now: datetime.datetime = NOW) -> str | None:
    period = date_bounds(text, now)
    return period and " ".join(time.isoformat().removesuffix("T00:00:00") for time in period)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # ISO 8601
        ("2021", "2021-01-01 2022-01-01"),
        ("2020", "2020-01-01 2021-01-01"),
        ("2021-08", "2021-08-01 2021-09-01"),
        ("2021-8", "2021-08-01 2021-09-01"),
        ("2021-12", "2021-12-01 2022-01-01"),
        ("2021-02", "2021-02-01 2021-03-01"),
        ("2020-02", "2020-02-01 2020-03-01"),
        ("2021-08-10", "2021-08-10 2021-08-11"),
        ("2021-08-31", "2021-08-31 2021-09-01"),
        ("2021-12-31", "2021-12-31 2022-01-01"),
        ("2020-02-29", "2020-02-29 2020-03-01"),
        ("2000-02-29", "2000-02-29 2000-03-01"),
        ("2021-08-10T14:00", "2021-08-10T14:00:00 2021-08-10T14:01:00"),
        ("2021-08-10 14:00", "2021-08-10T14:00:00 2021-08-10T14:01:00"),
        ("2021-08-10t14:00:30", "2021-08-10T14:00:30 2021-08-10T14:00:31"),
        ("2021-12-31T23:59", "2021-12-31T23:59:00 2022-01-01"),
        # written out
        ("10 August 2021", "2021-08-10 2021-08-11"),
        ("10 aug 2021", "2021-08-10 2021-08-11"),
        ("10th Aug. 2021", "2021-08-10 2021-08-11"),
        ("1st September 2021", "2021-09-01 2021-09-02"),
        ("August 10, 2021", "2021-08-10 2021-08-11"),
        ("Sept. 3rd, 2021", "2021-09-03 2021-09-04"),
        ("  August \t 2021 ", "2021-08-01 2021-09-01"),
        ("may 2021", "2021-05-01 2021-06-01"),
        # counted from now
        ("today", "2021-08-12 2021-08-13"),
        ("now", "2021-08-12 2021-08-13"),
        ("Yesterday", "2021-08-11 2021-08-12"),
        ("wednesday", "2021-08-11 2021-08-12"),
        ("thursday", "2021-08-05 2021-08-06"),
        ("Friday", "2021-08-06 2021-08-07"),
        ("0 days ago", "2021-08-12 2021-08-13"),
        ("1 day ago", "2021-08-11 2021-08-12"),
        ("12 days ago", "2021-07-31 2021-08-01"),
        ("2 weeks ago", "2021-07-29 2021-07-30"),
        ("1 month ago", "2021-07-12 2021-07-13"),
        ("8 months ago", "2020-12-12 2020-12-13"),
        ("20 years ago", "2001-08-12 2001-08-13"),
        ("this week", "2021-08-09 2021-08-16"),
        ("last week", "2021-08-02 2021-08-09"),
        ("this month", "2021-08-01 2021-09-01"),
        ("last month", "2021-07-01 2021-08-01"),
        ("this year", "2021-01-01 2022-01-01"),
        ("last year", "2020-01-01 2021-01-01"),
        # the ends of time
        ("0001", "0001-01-01 0002-01-01"),
        ("9999", "9999-01-01 9999-12-31T23:59:59"),
        ("9999-12-31", "9999-12-31 9999-12-31T23:59:59"),
        ("9998-12-31", "9998-12-31 9999-01-01"),
    ],
)
def test_form(text: str, expected: str) -> None:
    assert _bounds(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "soon", "august", "10 august", "31", "2021-13", "2021-00", "2021-00-10", "2021-02-29", "1900-02-29",
        "2021-04-31", "2021-08-00", "2021-08-32", "0000", "20210810", "2021-08-10T24:00", "2021-08-10T14:60",
        "2021-08-10T14", "2021/08/10", "10.08.2021", "31 February 2021", "10 Augustus 2021", "99999 years ago",
        "next week", "last fortnight", "-1 days ago", "2021-08-10 2021-08-11",
    ],
)  # fmt: skip
def test_no_date(text: str) -> None:
    assert date_bounds(text, NOW) is None


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        ("1 month ago", "2021-03-31", "2021-02-28 2021-03-01"),
        ("1 month ago", "2020-03-31", "2020-02-29 2020-03-01"),
        ("1 month ago", "2021-01-15", "2020-12-15 2020-12-16"),
        ("1 year ago", "2020-02-29", "2019-02-28 2019-03-01"),
        ("4 years ago", "2020-02-29", "2016-02-29 2016-03-01"),
        ("last month", "2021-01-31", "2020-12-01 2021-01-01"),
        ("last month", "2020-03-31", "2020-02-01 2020-03-01"),
        ("last week", "2021-01-03", "2020-12-21 2020-12-28"),
        ("this week", "2021-01-03", "2020-12-28 2021-01-04"),
        ("this week", "2021-01-04", "2021-01-04 2021-01-11"),
        ("monday", "2021-01-04", "2020-12-28 2020-12-29"),
        ("yesterday", "2020-03-01", "2020-02-29 2020-03-01"),
        ("this year", "2020-12-31", "2020-01-01 2021-01-01"),
        ("yesterday", "0001-01-01", None),
    ],
)
def test_relative(text: str, now: str, expected: str | None) -> None:
    assert _bounds(text, datetime.datetime.fromisoformat(now)) == expected


def test_zone_of_now_is_left_out() -> None:
    period = date_bounds("today", NOW.replace(tzinfo=datetime.UTC))
    assert period is not None
    assert period[0].tzinfo is None


def test_each_month_of_a_century() -> None:
    for year in range(1950, 2050):
        for month in range(1, 13):
            period = date_bounds(f"{year}-{month:02}", NOW)
            assert period is not None
            assert (period[1] - period[0]).days == calendar.monthrange(year, month)[1]
            assert period[1].day == 1


_WORDS = st.lists(
    st.sampled_from(
        "2021 2020 08 8 31 29 10 10th august aug. feb february, today monday last this week month year 3 days ago "
        "2021-08 2021-08-10 2021-02-29 T14:00 14:00 99999 0 , - :".split()
    ),
    max_size=5,
).map(" ".join)
_NOWS = st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 1, 1))


@settings(deadline=None)
@given(text=st.one_of(st.text(max_size=30), _WORDS, st.dates().map(str), st.datetimes().map(str)), now=_NOWS)
def test_periods_begin_before_they_end(text: str, now: datetime.datetime) -> None:
    period = date_bounds(text, now)
    assert period is None or period[0] < period[1]


@settings(deadline=None)
@given(day=st.dates(max_value=datetime.date(9999, 12, 30)))
def test_a_day_is_that_day(day: datetime.date) -> None:
    midnight = datetime.datetime.combine(day, datetime.time())
    for text in (day.isoformat(), f"{day.day} {day:%B} {day.year:04}", f"{day:%b} {day.day}, {day.year:04}"):
        assert date_bounds(text, NOW) == (midnight, midnight + datetime.timedelta(days=1))


@settings(deadline=None)
@given(now=_NOWS, name=st.sampled_from(list(calendar.day_name)))
def test_a_weekday_is_one_of_the_last_seven(now: datetime.datetime, name: str) -> None:
    period = date_bounds(name, now)
    assert period is not None
    assert 1 <= (now.date() - period[0].date()).days <= 7
    assert period[0].strftime("%A") == name
