"""Dates and times as text, against Python's calendar where it has one, else against known days."""

import re
from datetime import date, datetime, time, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.moments import (
    date_text,
    interval_text,
    time_text,
    timestamp_text,
    timestamptz_text,
    timetz_text,
)

EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - PostgreSQL's timestamp has no zone
MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
DAY = 86_400 * SECOND

FIRST_DAY, LAST_DAY = -2_451_545, 2_145_031_948  # the ends of PostgreSQL's calendar
FIRST_MOMENT, LAST_MOMENT = -211_813_488_000_000_000, 9_223_371_331_199_999_999


@given(st.dates())
def test_dates_as_python_writes_them(day: date) -> None:
    assert date_text((day - EPOCH.date()).days) == day.isoformat()


@given(st.datetimes())
def test_timestamps_as_python_writes_them(moment: datetime) -> None:
    microseconds = (moment - EPOCH) // MICROSECOND
    whole = moment.replace(microsecond=0).isoformat(sep=" ")
    assert timestamp_text(microseconds) == whole
    assert timestamptz_text(microseconds) == f"{whole}+00:00"


@given(st.times())
def test_times_as_python_writes_them(moment: time) -> None:
    microseconds = (datetime.combine(EPOCH, moment) - EPOCH) // MICROSECOND
    told = time_text(microseconds)
    assert time.fromisoformat(told) == moment
    assert not re.search(r"\.\d*0$", told)


@given(st.times(), st.integers(-57_599, 57_599))
def test_times_with_zone_read_back(moment: time, seconds_west: int) -> None:
    microseconds = (datetime.combine(EPOCH, moment) - EPOCH) // MICROSECOND
    told = time.fromisoformat(timetz_text(microseconds, seconds_west))
    assert told == moment.replace(tzinfo=timezone(timedelta(seconds=-seconds_west)))


@given(st.integers(FIRST_DAY, LAST_DAY - 1))
def test_a_day_later_is_the_next_day_of_the_calendar(days: int) -> None:
    year, month, day = civil(date_text(days))
    following = civil(date_text(days + 1))
    same_month, same_year = (year, month, day + 1), (year, month + 1, 1)
    assert following in {same_month, same_year, (year + 1, 1, 1)}
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    lengths = [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    assert (following == same_month) == (day < lengths[month - 1])


@given(st.integers(FIRST_MOMENT, LAST_MOMENT))
def test_a_timestamp_is_its_day_and_its_time(microseconds: int) -> None:
    days, rest = divmod(microseconds, DAY)
    day, era, _ = date_text(days).partition(" BC")
    whole_seconds = time_text(rest // SECOND * SECOND)
    assert timestamp_text(microseconds) == f"{day} {whole_seconds}{era}"
    assert timestamptz_text(microseconds) == f"{day} {whole_seconds}+00:00{era}"


def civil(text: str) -> tuple[int, int, int]:
    """Year (0 is 1 BC), month, day."""
    day, _, era = text.partition(" ")
    year, month, day_of_month = (int(part) for part in day.split("-"))
    return (1 - year if era == "BC" else year), month, day_of_month


KNOWN_DAYS = {
    0: "2000-01-01",
    59: "2000-02-29",
    60: "2000-03-01",
    -1: "1999-12-31",
    -730_119: "0001-01-01",
    -730_120: "0001-12-31 BC",
    -730_485: "0001-01-01 BC",
    2_921_939: "9999-12-31",
    2_921_940: "10000-01-01",
    FIRST_DAY: "4714-11-24 BC",
    LAST_DAY: "5874897-12-31",
    2**31 - 1: "infinity",
    -(2**31): "-infinity",
}


@pytest.mark.parametrize(("days", "text"), KNOWN_DAYS.items(), ids=KNOWN_DAYS.values())
def test_known_days(days: int, text: str) -> None:
    assert date_text(days) == text


KNOWN_MOMENTS = {
    0: "2000-01-01 00:00:00",
    -1: "1999-12-31 23:59:59",
    FIRST_MOMENT: "4714-11-24 00:00:00 BC",
    LAST_MOMENT: "294276-12-31 23:59:59",
    2**63 - 1: "infinity",
    -(2**63): "-infinity",
}


@pytest.mark.parametrize(("moment", "text"), KNOWN_MOMENTS.items(), ids=KNOWN_MOMENTS.values())
def test_known_moments(moment: int, text: str) -> None:
    assert timestamp_text(moment) == text
    if "infinity" in text:
        assert timestamptz_text(moment) == text


def test_the_last_moment_of_a_day() -> None:
    assert time_text(DAY) == "24:00:00"
    assert time_text(DAY - 1) == "23:59:59.999999"


# As PostgreSQL 18 itself prints them: months, days, microseconds.
INTERVALS = {
    (0, 0, 0): "00:00:00",
    (14, 3, 14_706_700_000): "1 year 2 mons 3 days 04:05:06.7",
    (12, 1, 1): "1 year 1 day 00:00:00.000001",
    (-14, 0, 0): "-1 years -2 mons",
    (0, -1, SECOND): "-1 days +00:00:01",
    (0, 1, -SECOND): "1 day -00:00:01",
    (-1, 3, -SECOND): "-1 mons +3 days -00:00:01",
    (-1, 3, SECOND): "-1 mons +3 days 00:00:01",
    (11, 0, 0): "11 mons",
    (0, 0, 100 * 3600 * SECOND): "100:00:00",
    (0, 0, -SECOND // 2): "-00:00:00.5",
    (2**31 - 1, 2**31 - 1, 2**63 - 1): "infinity",
    (-(2**31), -(2**31), -(2**63)): "-infinity",
    (2**31 - 1, 2**31 - 1, 2**63 - 2): "178956970 years 7 mons 2147483647 days"
    " 2562047788:00:54.775806",
}


@pytest.mark.parametrize(("parts", "text"), INTERVALS.items(), ids=INTERVALS.values())
def test_intervals(parts: tuple[int, int, int], text: str) -> None:
    assert interval_text(*parts) == text


FIELD = re.compile(r"([+-]?\d+) (year|mon|day)s?|([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?")


def parts_of(text: str) -> tuple[int, int, int]:
    months = days = microseconds = 0
    for field in FIELD.finditer(text):
        count, unit, sign, hours, minutes, seconds, fraction = field.groups()
        if unit == "day":
            days = int(count)
        elif unit:
            months += int(count) * (12 if unit == "year" else 1)
        else:
            whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
            microseconds = whole * SECOND + int((fraction or "").ljust(6, "0"))
            microseconds *= -1 if sign == "-" else 1
    assert not FIELD.sub("", text).strip()
    return months, days, microseconds


INT32, INT64 = st.integers(-(2**31) + 1, 2**31 - 2), st.integers(-(2**63) + 1, 2**63 - 2)


@given(INT32, INT32, INT64)
@example(-(2**31) + 1, -(2**31) + 1, -(2**63) + 1)  # the least that is finite
def test_intervals_read_back(months: int, days: int, microseconds: int) -> None:
    text = interval_text(months, days, microseconds)
    assert parts_of(text) == (months, days, microseconds)
