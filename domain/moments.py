"""Dates and times as PostgreSQL counts them → text, for every year that PostgreSQL knows.

PostgreSQL counts days and microseconds from 2000-01-01; the ends of its integers stand for
infinity. Timestamps are written ``YYYY-MM-DD HH:MM:SS`` (the contract has no fractions), with
``+00:00`` behind those that have a time zone.
"""

from datetime import date, timedelta
from functools import lru_cache

_EPOCH = date(2000, 1, 1)
_EPOCH_DAYS_FROM_CIVIL = 730_425  # days from 0000-03-01 to 2000-01-01
_DAYS_PER_ERA = 146_097  # 400 Gregorian years
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_FIRST_DAY = (date.min - _EPOCH).days
_LAST_DAY = (date.max - _EPOCH).days
_MINUTES = tuple(f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(24 * 60))
_INFINITY_64 = 2**63 - 1
_INFINITY_32 = 2**31 - 1
_INFINITE_INTERVALS = {
    (2**31 - 1, 2**31 - 1, 2**63 - 1): "infinity",
    (-(2**31), -(2**31), -(2**63)): "-infinity",
}


@lru_cache(maxsize=16_384)
def date_text(days: int) -> str:
    if days >= _INFINITY_32:
        return "infinity"
    if days <= -_INFINITY_32:
        return "-infinity"
    if _FIRST_DAY <= days <= _LAST_DAY:
        return (_EPOCH + timedelta(days=days)).isoformat()
    year, month, day = _civil(days)
    return _with_era(year, f"{month:02d}-{day:02d}")


def timestamp_text(microseconds: int, offset: str = "") -> str:
    if microseconds >= _INFINITY_64:
        return "infinity"
    if microseconds <= -_INFINITY_64:
        return "-infinity"
    days, rest = divmod(microseconds, _DAY)
    minutes, seconds = divmod(rest // _SECOND, 60)
    clock = f"{_MINUTES[minutes]}:{seconds:02d}{offset}"
    if _FIRST_DAY <= days <= _LAST_DAY:
        return f"{date_text(days)} {clock}"
    year, month, day = _civil(days)
    return _with_era(year, f"{month:02d}-{day:02d} {clock}")


def timestamptz_text(microseconds: int) -> str:
    return timestamp_text(microseconds, "+00:00")


def time_text(microseconds: int) -> str:
    return _clock(microseconds)


def timetz_text(microseconds: int, seconds_west: int) -> str:
    sign = "-" if seconds_west > 0 else "+"
    minutes, seconds = divmod(abs(seconds_west), 60)
    hours, minutes = divmod(minutes, 60)
    offset = f"{sign}{hours:02d}:{minutes:02d}" + (f":{seconds:02d}" if seconds else "")
    return _clock(microseconds) + offset


def interval_text(months: int, days: int, microseconds: int) -> str:
    """In the words of PostgreSQL's own output, which it reads back: ``1 year 2 mons 03:04:05``."""
    infinite = _INFINITE_INTERVALS.get((months, days, microseconds))
    if infinite is not None:
        return infinite
    years, months = _toward_zero(months, 12)
    parts = []
    plus = ""  # what is positive says so where the part before it was negative
    for count, unit in ((years, "year"), (months, "mon"), (days, "day")):
        if count:
            parts.append(f"{plus if count > 0 else ''}{count} {unit}{'' if count == 1 else 's'}")
            plus = "+" if count < 0 else ""
    if microseconds or not parts:
        sign_of_time = "-" if microseconds < 0 else plus
        parts.append(sign_of_time + _clock(abs(microseconds)))
    return " ".join(parts)


def _toward_zero(value: int, divisor: int) -> tuple[int, int]:
    quotient = abs(value) // divisor * (1 if value >= 0 else -1)
    return quotient, value - quotient * divisor


def _clock(microseconds: int) -> str:
    seconds, fraction = divmod(microseconds, _SECOND)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours:02d}:{minutes:02d}:{seconds:02d}"
    if fraction:
        text += f".{fraction:06d}".rstrip("0")
    return text


def _with_era(year: int, rest: str) -> str:
    return f"{year:04d}-{rest}" if year > 0 else f"{1 - year:04d}-{rest} BC"


def _civil(days: int) -> tuple[int, int, int]:
    """Proleptic Gregorian year (0 is 1 BC), month and day; years start in March for the sum."""
    era, day_of_era = divmod(days + _EPOCH_DAYS_FROM_CIVIL, _DAYS_PER_ERA)
    year_of_era = (
        day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted_month + 2) // 5 + 1
    month = shifted_month + 3 if shifted_month < 10 else shifted_month - 9  # noqa: PLR2004 - January is the eleventh
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)  # noqa: PLR2004 - as above
    return year, month, day
