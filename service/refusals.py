"""Refused changes on their way into the audit; nobody fills the disk by being refused."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import structlog

from domain.audit import NOTHING_MORE, NewAuditEntry
from domain.ports import UnitOfWorkFactory
from exceptions.codes import ErrorCode
from exceptions.errors import TwinbaseError
from service.repeating import repeating

_LOG = structlog.get_logger()

MOST_TOLD = 30
"""Of one key in one minute, each by a row of its own."""

_MINUTE = 60.0  # seconds


class RefusalsOfThisWorker:
    """The first of a kind is added at once; those like it are counted, and added with the minute.

    Alike are those that differ in their sids only. Where a key has had its rows, the others of
    its minute are one row for each verb and code, which names nobody and nothing. The minute lasts
    until what was counted is added; so while PostgreSQL is away, no more is remembered either.
    """

    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self._unit_of_work = unit_of_work
        self._told: set[NewAuditEntry] = set()
        self._rows: Counter[tuple[int, str | None]] = Counter()
        self._counted: dict[NewAuditEntry, NewAuditEntry] = {}

    async def tell(self, refused: NewAuditEntry) -> None:
        alike = replace(refused, sid="")
        whose = refused.actor.platform_id, refused.actor.key_prefix
        if alike in self._told:
            self._count(alike, refused)
        elif self._rows[whose] >= MOST_TOLD:
            nobody = replace(alike.actor, uid=None, app_id=None)
            self._count(replace(alike, actor=nobody, subject=NOTHING_MORE), refused)
        else:
            self._told.add(alike)
            self._rows[whose] += 1
            # Where PostgreSQL could not serve the change, it is not asked for more at once.
            is_away = refused.code == ErrorCode.SERVICE_UNAVAILABLE
            if is_away or not await self._are_added([refused]):
                self._count(alike, refused)

    async def end_minute(self) -> None:
        counted, self._counted = self._counted, {}
        if counted and not await self._are_added(list(counted.values())):
            for alike, entry in counted.items():
                self._count(alike, entry)
            return
        self._told.clear()
        self._rows.clear()

    def _count(self, alike: NewAuditEntry, refused: NewAuditEntry) -> None:
        before = self._counted.get(alike)
        count = refused.count + (before.count if before else 0)
        self._counted[alike] = replace(alike, sid=refused.sid, count=count)

    async def _are_added(self, entries: Sequence[NewAuditEntry]) -> bool:
        try:
            async with self._unit_of_work() as work:
                for entry in entries:
                    await work.audit.add(entry)
                await work.commit()
        except TwinbaseError as error:
            sids = [entry.sid for entry in entries]
            _LOG.warning("refusals_not_audited", sids=sids, error=type(error).__name__)
            return False
        except Exception:  # noqa: BLE001 - whoever was refused is told why, and not of this
            _LOG.exception("refusals_not_audited")
            return False
        return True


@asynccontextmanager
async def refusals(unit_of_work: UnitOfWorkFactory) -> AsyncIterator[RefusalsOfThisWorker]:
    told = RefusalsOfThisWorker(unit_of_work)
    try:
        async with repeating(told.end_minute, _MINUTE, "refusals"):
            yield told
    finally:
        await told.end_minute()
