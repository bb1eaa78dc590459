"""Which figures answer a question about a time, and which questions are refused."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.period import MOST_POINTS, period_of
from domain.statistics import HOUR, MINUTE, Kept
from exceptions.errors import InvalidParameter

NOW = datetime(2026, 11, 22, 10, 20, 30, 500_000, tzinfo=UTC)
KEPT = Kept(
    now=NOW,
    minutes_since=datetime(2026, 11, 15, 10, tzinfo=UTC),
    hours_since=datetime(2025, 10, 18, 10, tzinfo=UTC),
)
EAST = timezone(timedelta(hours=5, minutes=45))
EARLIEST = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
LATEST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=-14)))

moments = st.integers(0, int((NOW - KEPT.hours_since) / timedelta(seconds=1))).map(
    lambda seconds: NOW - timedelta(seconds=seconds)
)
steps = st.integers(1, 10_000).map(lambda minutes: minutes * MINUTE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}+00:00")


def refusal(since: datetime | None, until: datetime | None, step: timedelta | None = None) -> str:
    with pytest.raises(InvalidParameter) as caught:
        period_of(since, until, step, KEPT)
    return caught.value.message


def test_the_last_hour_is_the_default() -> None:
    """With the minute that is not over."""
    period = period_of(None, None, MINUTE, KEPT)
    assert (period.since, period.until) == (at("22T09:21"), at("22T10:21"))
    assert period.points == 60
    assert period_of(None, at("20T08:00"), None, KEPT).since == at("20T07:00")
    assert period_of(at("22T10:20:10"), None, None, KEPT).until == at("22T10:21")
    assert period_of(None, LATEST, None, KEPT).until == at("22T10:21")


def test_times_are_widened_to_whole_minutes_or_where_there_are_none_to_hours() -> None:
    period = period_of(at("21T08:00:59"), at("21T09:00:01"), None, KEPT)
    assert (period.since, period.until) == (at("21T08:00"), at("21T09:01"))
    period = period_of(at("14T08:30"), at("14T09:30"), None, KEPT)
    assert (period.since, period.until) == (at("14T08:00"), at("14T10:00"))
    period = period_of(at("14T08:30"), at("21T09:30"), None, KEPT)
    assert (period.since, period.until) == (at("14T08:00"), at("21T09:30"))
    assert (period.hours_since, period.hours_until) == (at("14T08:00"), at("21T09:00"))


def test_points_begin_where_the_period_does() -> None:
    """So that days are those of whoever asks, whatever his time zone."""
    midnight = datetime(2026, 11, 20, tzinfo=EAST)
    period = period_of(midnight, midnight + timedelta(days=2), timedelta(days=1), KEPT)
    assert (period.since, period.points) == (midnight, 2)
    assert period.hours_since == period.until  # hours are of UTC, and would be in two points
    assert period_of(at("21T08:30"), at("21T09:50"), HOUR, KEPT).points == 2


@given(moments, moments, st.none() | steps)
def test_whatever_is_answered_is_made_of_what_is_kept(
    since: datetime, until: datetime, step: timedelta | None
) -> None:
    assume(since < until)
    try:
        period = period_of(since, until, step, KEPT)
    except InvalidParameter:
        assert step is not None
        return
    assert period.since <= since < until <= period.until
    assert period.since <= period.hours_since <= period.hours_until <= period.until
    assert not {period.since.second, period.until.second, period.since.microsecond} - {0}
    by_minute = [(period.since, period.hours_since), (period.hours_until, period.until)]
    for first, last in by_minute:
        assert first == last or first >= KEPT.minutes_since
    if period.hours_since < period.hours_until:
        assert period.hours_since.minute == period.hours_until.minute == 0
        if step is not None:  # each hour is in one point
            assert (period.hours_since - period.since) % HOUR == step % HOUR == timedelta()
    if step is not None:
        assert 0 < period.points <= MOST_POINTS
        assert (period.points - 1) * step < period.until - period.since <= period.points * step


def test_what_is_refused_says_what_would_be_right() -> None:
    assert refusal(at("22T10:21"), None) == (
        "from: lies in the future; it is 2026-11-22T10:20:30+00:00"
    )
    for until in (at("21T08:00"), at("21T07:59"), EARLIEST):
        assert refusal(at("21T08:00"), until) == "to: must be after from"
    kept = (
        "figures are kept since 2025-10-18T10:00:00+00:00, and by the minute since"
        " 2026-11-15T10:00:00+00:00"
    )
    assert refusal(EARLIEST, None) == f"from: {kept}"
    assert refusal(None, EARLIEST) == f"to: {kept}"
    assert refusal(LATEST, None).startswith("from: lies in the future")
    assert refusal(at("14T08:00"), None, MINUTE) == (
        "step: before 2026-11-15T10:00:00+00:00 figures are kept by the hour only: take a multiple"
        " of 3600 seconds, or a later from"
    )


@pytest.mark.parametrize("days", [2, 5, 7, 100, 400])
def test_a_step_that_is_told_fits(days: int) -> None:
    since = max(NOW - timedelta(days=days), KEPT.hours_since)
    smallest = MINUTE if since >= KEPT.minutes_since else HOUR
    if days == 7:
        since = KEPT.minutes_since
        smallest = MINUTE
    told = refusal(since, None, smallest)
    assert f"and at most {MOST_POINTS} are answered" in told
    fitting = timedelta(seconds=int(told.rpartition("take ")[2].split()[0]))
    assert period_of(since, None, fitting, KEPT).points <= MOST_POINTS
    assert refusal(since, None, fitting - smallest)
