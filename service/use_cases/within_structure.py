"""Quotas of tables and bytes around DDL, which only its own transaction sees."""

from domain.database import Database
from domain.ports import UnitOfWork
from domain.quota import Limits
from domain.quota_ports import QuotaLimits, Storage
from domain.storage import Room
from domain.usage import Measurement
from service.use_cases.within_quota import limits_of_database


class StructureBound:
    """Nothing where there is no such quota."""

    def __init__(
        self, database: Database, limits: Limits, storage: Storage, room: Room | None
    ) -> None:
        self._database = database
        self._storage = storage
        self._schemas = list(database.schemas.values())
        self._limits = limits
        self._room = room
        self._before: Measurement | None = None

    @classmethod
    async def of(
        cls, database: Database, limits: QuotaLimits, storage: Storage
    ) -> "StructureBound":
        """Before there is a transaction: no request is to hold two connections."""
        held = await limits_of_database(limits, database)
        room = await storage.room(database, held) if held.of_bytes else None
        return cls(database, held, storage, room)

    async def begin(self, work: UnitOfWork) -> None:
        """Before the DDL."""
        if self._limits.tables_per_database is not None or self._room is not None:
            self._before = await work.usage.measure(self._schemas)

    async def check(self, work: UnitOfWork) -> None:
        """After it. What drops something, or makes it smaller, is within. Raises QuotaExceeded."""
        before = self._before
        if before is None:
            return
        after = await work.usage.measure(self._schemas)
        tables = self._limits.tables_per_database
        if tables is not None and after.tables > before.tables:
            tables.check(before.tables, after.tables - before.tables)
        if self._room is not None:
            own = before.bytes_by(after, await work.usage.changed_relations())
            if own > before.bytes:  # and not because others have written meanwhile
                self._room.check_after(own)

    def ended(self) -> None:
        """Once it is committed."""
        if self._room is not None:
            self._storage.written(self._database)
