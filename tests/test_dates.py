"""Written dates become ISO 8601 text, or nothing."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.reading.dates import parse_date


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2021", "2021"),
        ("2021-08", "2021-08"),
        ("2021-08-10", "2021-08-10"),
        ("20210810", "2021-08-10"),
        ("2021-W32-2", "2021-08-10"),
        ("2021/8/10", "2021-08-10"),
        ("10.08.2021", "2021-08-10"),
        ("2021-08-10T14:05", "2021-08-10T14:05:00"),
        ("2021-08-10 14:05:09", "2021-08-10T14:05:09"),
        ("2021-08-10T14:05:09.123456789Z", "2021-08-10T14:05:09+00:00"),
        ("2021-08-10T14:05:09+0530", "2021-08-10T14:05:09+05:30"),
        ("2021-08-10T14:05:09-08:00", "2021-08-10T14:05:09-08:00"),
        ("Tue, 10 Aug 2021 14:05:00 +0200", "2021-08-10T14:05:00+02:00"),
        ("Tue, 10 Aug 2021 14:05:00 GMT", "2021-08-10T14:05:00+00:00"),
        ("10 August 2021", "2021-08-10"),
        ("10th August, 2021", "2021-08-10"),
        ("August 10, 2021", "2021-08-10"),
        ("AUGUST 10 2021", "2021-08-10"),
        ("Aug. 10th, 2021", "2021-08-10"),
        ("Tuesday, August 10, 2021", "2021-08-10"),
        ("Sept 1 2021", "2021-09-01"),
        ("August 2021", "2021-08"),
        ("26-FEB-1987 15:01:01.79", "1987-02-26T15:01:01"),
        ("August 10, 2021 at 3:15 PM EDT", "2021-08-10T15:15:00"),
        ("August 10, 2021, 12:05 a.m. ET", "2021-08-10T00:05:00"),
        ("14.05 BST, Tuesday 10 August 2021", "2021-08-10T14:05:00"),
        ("10\u00a0August\n2021", "2021-08-10"),
        ("29 February 2024", "2024-02-29"),
    ],
)
def test_a_full_date_is_read(written: str, iso: str) -> None:
    assert parse_date(written) == iso


@pytest.mark.parametrize(
    "written",
    [
        "",
        "   ",
        "0000",
        "2021-13",
        "2021-00-10",
        "2021-02-30",
        "30 February 2021",
        "29 February 2023",
        "2021-08-10T25:00",
        "10 August 2021 at 13:15 pm",
        "08/10/2021",
        "10 August",
        "August",
        "10 Aug 21",
        "yesterday",
        "on Monday",
        "two hours ago",
        "Published 10 August 2021",
        "10 August 2021 and later",
        "1628604300",
        "٢٠٢١",
        "\x00",
        "2021" * 1000,
    ],
)
def test_what_is_no_certain_date_is_none(written: str) -> None:
    assert parse_date(written) is None


@given(st.text() | st.from_regex(r"[0-9 :T.+/-]{4,30}") | st.from_regex(r"[0-9]{1,2} (Aug|May|June) [0-9]{4}.{0,10}"))
def test_any_text_is_a_valid_date_or_none(text: str) -> None:
    iso = parse_date(text)
    if iso is not None:
        full = iso + "0001-01-01"[len(iso) :] if len(iso) < 10 else iso
        datetime.datetime.fromisoformat(full)
        assert parse_date(iso) == iso


@given(st.dates(min_value=datetime.date(1000, 1, 1)))
def test_every_day_is_read_in_every_order(day: datetime.date) -> None:
    for form in ("%d %B %Y", "%B %d, %Y", "%d-%b-%Y", "%A, %d %b %Y"):
        assert parse_date(day.strftime(form)) == day.isoformat()
