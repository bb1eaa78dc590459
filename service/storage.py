"""Bytes of databases that have a quota of them: measured as often as it takes, and no more."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

import structlog

from domain.database import Database
from domain.ports import UnitOfWorkFactory
from domain.quota import Limits, Subject
from domain.quota_ports import Vacuum
from domain.storage import LONGEST_TRUST, Room, tightest
from domain.usage import Measurement, UsageScope
from exceptions.errors import DatabaseBusy, TwinbaseError
from service.use_cases.measure_usage import NEVER, PATIENCE, measure_usage

Remembered = TypeVar("Remembered")

_LOG = structlog.get_logger()
_MOST_REMEMBERED = 10_000
_MOST_MEASURED = 200  # at a time
_BETWEEN_VACUUMS = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class _Known:
    """``until``: by when nobody can have used it up."""

    room: Room
    limits: Limits
    until: float


def _remember(known: OrderedDict[int, Remembered], database_id: int, what: Remembered) -> None:
    known[database_id] = what
    known.move_to_end(database_id)
    if len(known) > _MOST_REMEMBERED:
        known.popitem(last=False)


class MeasuredStorage:
    """Of one worker. ``measure_written``, again and again, and ``stop`` belong to the lifespan."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, vacuum: Vacuum) -> None:
        self._unit_of_work = unit_of_work
        self._vacuum = vacuum
        self._known: OrderedDict[int, _Known] = OrderedDict()
        self._measured: OrderedDict[int, Measurement] = OrderedDict()
        # Since they were measured; and by when they are to be.
        self._written: dict[int, tuple[Database, float]] = {}
        # What is being measured, for whoever asks meanwhile.
        self._measuring: dict[int, tuple[Database, asyncio.Task[None]]] = {}
        self._reclaiming: dict[int, asyncio.Task[None]] = {}
        self._to_reclaim: set[int] = set()

    async def stop(self) -> None:
        """What is being reclaimed is left to autovacuum."""
        tasks = [*self._reclaiming.values(), *(task for _, task in self._measuring.values())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def room(self, database: Database, limits: Limits) -> Room:
        known = self._known.get(database.id)
        if known is not None and known.limits is not limits:
            known = None
        now = monotonic()  # what is written while it is measured may not be seen
        if known is not None and now < known.until:
            return known.room
        room = await self._measured_room(database, limits)
        _remember(self._known, database.id, _Known(room, limits, now + room.trusted_for))
        return room

    async def measure(self, database: Database) -> Measurement:
        try:
            measured = await self._measure(database)
        except DatabaseBusy:  # DDL has locked a table; who writes to another one counts, too
            measured = await self._measure(database, past_locks=True)
        _remember(self._measured, database.id, measured)
        return measured

    async def _measure(self, database: Database, *, past_locks: bool = False) -> Measurement:
        schemas = database.schemas.values()
        async with self._unit_of_work(timeouts=PATIENCE, lasting=False) as work:
            if past_locks:
                last = self._measured.get(database.id)
                known = {} if last is None else last.relations
                measured = await work.usage.measure_past_locks(schemas, known)
            else:
                measured = await work.usage.measure(schemas)
            await work.usage.save(database, measured)
            await work.commit()
        return measured

    def written(self, database: Database) -> None:
        now = monotonic()
        known = self._known.get(database.id)
        by = now + LONGEST_TRUST
        if known is None or known.limits.bytes is not None:  # which others share
            by = now if known is None else known.until
        self._written.setdefault(database.id, (database, by))

    async def measure_written(self) -> None:
        """It counts for other databases, and whoever is told of usage is told of it."""
        now = monotonic()
        due = [database for database, by in self._written.values() if by <= now]
        await self._measure_those(due[:_MOST_MEASURED])  # the others the next time

    def reclaim(self, database: Database) -> None:
        self._known.pop(database.id, None)
        self._to_reclaim.add(database.id)
        if database.id not in self._reclaiming:
            task = asyncio.create_task(self._reclaim(database), name="reclaiming")
            self._reclaiming[database.id] = task
            task.add_done_callback(lambda _task: self._reclaiming.pop(database.id, None))

    async def _measured_room(self, database: Database, limits: Limits) -> Room:
        measured = await self.measure(database)
        others = 0
        if limits.bytes is not None:
            others = await self._bytes_of(limits.bytes.subject, database)
        return tightest(database.id, limits, others, measured)

    async def _bytes_of(self, subject: Subject, but: Database) -> int:
        written_or_measured = (*self._written.values(), *self._measuring.values())
        those = {
            database.id: database
            for database, _ in written_or_measured
            if database.id != but.id and subject.has(database)
        }
        await self._measure_those(those.values())
        async with self._unit_of_work() as work:
            others, all_measured = await work.usage.bytes_of(subject, but)
        if all_measured:
            return others
        scope = UsageScope(*subject.values)
        await measure_usage(scope, NEVER, _MOST_MEASURED, self._unit_of_work)
        async with self._unit_of_work() as work:
            others, _ = await work.usage.bytes_of(subject, but)
        return others

    async def _measure_those(self, written: Iterable[Database]) -> None:
        for database in written:
            await self._end_of_measuring(database)  # which may not have seen the last write
            if database.id in self._measuring:  # since then, and so it has
                await self._end_of_measuring(database)
            elif self._written.pop(database.id, None) is not None:
                task = asyncio.create_task(self._try_to_measure(database), name="measuring")
                self._measuring[database.id] = (database, task)
                await self._end_of_measuring(database)

    async def _end_of_measuring(self, database: Database) -> None:
        """Of one that is under way; it goes on where who waits is cancelled."""
        if database.id in self._measuring:
            await asyncio.shield(self._measuring[database.id][1])

    async def _try_to_measure(self, database: Database) -> None:
        try:
            with suppress(TwinbaseError):
                await self.measure(database)
        finally:
            del self._measuring[database.id]

    async def _reclaim(self, database: Database) -> None:
        while database.id in self._to_reclaim:
            self._to_reclaim.discard(database.id)
            try:
                await self._vacuum.vacuum(list(database.schemas.values()))
            except TwinbaseError as error:
                _LOG.warning("not_vacuumed", error=type(error).__name__)
            await asyncio.sleep(_BETWEEN_VACUUMS)
