"""Which figures answer a question about a time: what is asked, what is kept, what can be told."""

from datetime import UTC, datetime, timedelta

from domain.statistics import HOUR, MINUTE, Kept, Period
from exceptions.errors import InvalidParameter

MOST_POINTS = 1_500

_BY_DEFAULT = timedelta(hours=1)


def period_of(
    since: datetime | None, until: datetime | None, step: timedelta | None, kept: Kept
) -> Period:
    """``until`` None: now; ``since`` None: an hour before. ``step``: whole minutes.

    Widened to whole minutes, and to whole hours where no minutes are kept any more; cut off after
    the minute that is not over yet. Raises InvalidParameter.
    """
    _refuse_other_times(since, until, kept)
    until = kept.now if until is None else min(until, kept.now)
    until = _after(until.astimezone(UTC), HOUR if until <= kept.minutes_since else MINUTE)
    since = max(until - _BY_DEFAULT, kept.hours_since) if since is None else since.astimezone(UTC)
    needs_hours = since < kept.minutes_since
    since = _before(since, HOUR if needs_hours else MINUTE)
    if step is not None:
        _refuse_other_steps(step, until - since, kept if needs_hours else None)
    by_hour = step is None or not (step % HOUR or since != _before(since, HOUR))
    return Period(since, *_hours(since, until, by_hour=by_hour), until, step)


def _refuse_other_times(since: datetime | None, until: datetime | None, kept: Kept) -> None:
    if since is not None and since > kept.now:
        raise InvalidParameter(f"from: lies in the future; it is {_told(kept.now)}")
    if since is not None and until is not None and until <= since:
        raise InvalidParameter("to: must be after from")
    for field, moment in (("from", since), ("to", until)):
        if moment is not None and moment < kept.hours_since:
            raise InvalidParameter(
                f"{field}: figures are kept since {_told(kept.hours_since)}, and by the minute"
                f" since {_told(kept.minutes_since)}"
            )


def _refuse_other_steps(step: timedelta, length: timedelta, needs_hours: Kept | None) -> None:
    if needs_hours is not None and step % HOUR:
        raise InvalidParameter(
            f"step: before {_told(needs_hours.minutes_since)} figures are kept by the hour only:"
            f" take a multiple of {HOUR.total_seconds():.0f} seconds, or a later from"
        )
    points = -(-length // step)
    if points > MOST_POINTS:
        fitting = _rounded_up(length / MOST_POINTS, MINUTE if needs_hours is None else HOUR)
        raise InvalidParameter(
            f"step: makes {points} points, and at most {MOST_POINTS} are answered:"
            f" take {fitting.total_seconds():.0f} seconds or more"
        )


def _hours(since: datetime, until: datetime, *, by_hour: bool) -> tuple[datetime, datetime]:
    """Those within: there are sixty times fewer of them to add."""
    first, last = _after(since, HOUR), _before(until, HOUR)
    return (first, last) if by_hour and first < last else (until, until)


_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def _before(moment: datetime, span: timedelta) -> datetime:
    """The last whole hour or minute, of UTC."""
    return moment - (moment - _BEGINNING) % span


def _after(moment: datetime, span: timedelta) -> datetime:
    return moment + (_BEGINNING - moment) % span


def _rounded_up(length: timedelta, span: timedelta) -> timedelta:
    return -(-length // span) * span


def _told(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
