"""``request_statistics`` and ``operation_statistics``: figures, and nothing of any one request."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import orjson
from asyncpg import Connection, Record

from domain.operation import OperationKind, OperationStatus
from domain.statistics import (
    HOUR,
    MINUTE,
    Counted,
    EndedOperations,
    Keeping,
    Kept,
    Line,
    Period,
    RequestKey,
)
from repository.driver_errors import translated
from repository.known_statements import fetch
from repository.queries import queries

_SQL = queries("statistics")
_LOCK = 7_990_008
_NO_BOUND = 2**31 - 1
_A_MINUTE, _AN_HOUR = (int(span.total_seconds()) for span in (MINUTE, HOUR))


class Statistics:
    """``driver`` is the connection of a running transaction; nothing here commits."""

    def __init__(self, driver: Connection) -> None:
        self._driver = driver

    async def add(self, writer: UUID, batch: int, counted: Mapping[RequestKey, Counted]) -> None:
        rows = orjson.dumps([_row(key, numbers) for key, numbers in counted.items()]).decode()
        with translated():
            await fetch(self._driver, _SQL["add"], writer, batch, rows)

    async def kept(self, keeping: Keeping) -> Kept:
        spans = (keeping.minutes.total_seconds(), keeping.hours.total_seconds())
        with translated():
            (row,) = await fetch(self._driver, _SQL["kept"], *spans)
        moments = (row[name] for name in ("now", "minutes_since", "hours_since"))
        return Kept(*map(datetime.fromisoformat, moments))

    async def by_verb(
        self, period: Period, platform_id: int | None, verb: str | None, most: int
    ) -> Sequence[Line]:
        step = None if period.step is None else int(period.step.total_seconds())
        return await self._lines(period, step, platform_id, verb, False, most)

    async def by_platform(self, period: Period, verb: str | None) -> Sequence[Line]:
        return await self._lines(period, None, None, verb, True, _NO_BOUND)

    async def operations(
        self, period: Period, platform_id: int | None, kind: str | None
    ) -> Sequence[EndedOperations]:
        ends = (period.since.isoformat(), period.until.isoformat())
        with translated():
            rows = await fetch(self._driver, _SQL["operations"], *ends, platform_id, kind)
        return [
            EndedOperations(
                kind=OperationKind(row["kind"]),
                status=OperationStatus(row["status"]),
                number=row["number"],
                mean_seconds=row["mean_seconds"],
            )
            for row in rows
        ]

    async def forget(self, keeping: Keeping, most: int) -> int:
        with translated():
            ((alone,),) = await fetch(self._driver, _SQL["is_alone"], _LOCK)
        if not alone:
            return 0
        hours = keeping.hours.total_seconds()
        forgotten = 0
        for query, values in (
            ("forget", (_A_MINUTE, keeping.minutes.total_seconds(), most)),
            ("forget", (_AN_HOUR, hours, most)),
            ("forget_operations", (hours, most)),
        ):
            with translated():
                ((number,),) = await fetch(self._driver, _SQL[query], *values)
            forgotten += number
        with translated():
            await fetch(self._driver, _SQL["forget_writers"])
        return forgotten

    async def _lines(self, period: Period, *asked: object) -> list[Line]:
        """``asked``: the query's values from the step on."""
        ends = (period.since, period.hours_since, period.hours_until, period.until)
        values = (*(end.isoformat() for end in ends), *asked)
        with translated():
            return [_line(row) for row in await fetch(self._driver, _SQL["lines"], *values)]


def _row(key: RequestKey, counted: Counted) -> dict[str, object]:
    platform_id, verb, code = key
    return {
        "platform_id": platform_id,
        "verb": verb,
        "code": code,
        "requests": counted.requests,
        "seconds": counted.seconds,
        "rows_in": counted.rows_in,
        "rows_out": counted.rows_out,
        "bytes_in": counted.bytes_in,
        "bytes_out": counted.bytes_out,
        "buckets": list(counted.histogram),
        "numbers": list(counted.histogram.values()),
    }


def _line(row: Record) -> Line:
    counted = Counted()
    counted.requests = row["requests"]
    counted.seconds = row["seconds"]
    counted.rows_in = row["rows_in"]
    counted.rows_out = row["rows_out"]
    counted.bytes_in = row["bytes_in"]
    counted.bytes_out = row["bytes_out"]
    counted.histogram = dict(zip(row["buckets"], row["numbers"], strict=True))
    return Line(row["point"], row["group"], row["code"], counted)
