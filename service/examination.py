"""What the command ``doctor`` looks at, and what ``--fix`` mends of it.

Whatever else it is to find is one more kind of finding (``domain/consistency.py``), and the query
of that name (``repository/sql/``: consistency, drift, examination).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.audit import AuditedChange
from domain.consistency import Finding, FindingKind, Mender, Severity
from domain.ports import UnitOfWorkFactory
from domain.timeouts import Timeouts
from exceptions.errors import TwinbaseError
from repository import examination
from repository.migrations import (
    MigrationError,
    current_revision,
    newest_revision,
    refuse_unknown,
)
from repository.reaching import said_of
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.mending import Mending, place_of, plain
from service.settings import PREFIX, Settings
from service.settings_that_hurt import full_disk, settings_that_hurt
from service.use_cases.doctor import doctor, drift

_MOST_ROUNDS = 2
_LONGEST_STATEMENT = 600_000  # milliseconds

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many databases have been looked at, and of how many."""


@dataclass(slots=True)
class Examined:
    """``reasons``: why something is left that was to be mended."""

    findings: list[Finding]
    mended: list[Finding] = field(default_factory=list)
    reasons: dict[Finding, str] = field(default_factory=dict)
    postgresql: str | None = None
    databases: int = 0
    tables: int = 0

    @property
    def has_errors(self) -> bool:
        return any(each.kind.severity is Severity.ERROR for each in self.findings)


class Examination:
    """``settings`` with a ``database_url``; ``is_embedded``: it is the embedded server's."""

    def __init__(
        self,
        settings: Settings,
        engine: AsyncEngine,
        *,
        is_embedded: bool,
        progress: Progress = lambda _done, _all: None,
        bounds: examination.Bounds = examination.BOUNDS,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._is_embedded = is_embedded
        self._progress = progress
        self._bounds = bounds
        self._unit_of_work: UnitOfWorkFactory = PostgresUnitOfWorkFactory(
            engine, Timeouts(_LONGEST_STATEMENT, settings.lock_timeout_ms)
        )
        self._database_url = plain(settings.database_url) or ""
        self._direct_url = plain(settings.direct_url)

    async def look(self) -> Examined:
        """Raises NotReached; MigrationError where the database is of another version than this."""
        with said_of(f"{PREFIX}DATABASE_URL", self._database_url):
            await examination.reached(
                self._database_url, longest_wait=self._settings.connect_timeout
            )
        found = Examined(await examination.rights(self._engine))
        found.findings += settings_that_hurt(self._settings)
        if self._is_embedded:
            found.findings += full_disk(self._settings)
        found.findings += await examination.connections(
            self._database_url, self._direct_url, longest_wait=self._settings.connect_timeout
        )
        found.findings += await examination.server(
            self._engine,
            connections_asked=self._settings.database_connections,
            is_shared=not self._is_embedded,
            bounds=self._bounds,
        )
        try:
            await self._look_at_databases(found)
        except (asyncpg.InsufficientPrivilegeError, TwinbaseError) as error:
            if not found.has_errors:
                raise
            found.findings.append(
                Finding(FindingKind.NOT_EXAMINED, "databases and tables", detail=str(error))
            )
        return found

    async def _look_at_databases(self, found: Examined) -> None:
        revision = await current_revision(self._engine)
        refuse_unknown(revision)
        if revision != newest_revision():
            raise MigrationError(
                f"schema twinbase is at {revision or 'nothing'}, this code at {newest_revision()}:"
                " the migration comes first"
            )
        versions = await examination.versions(self._engine)
        found.postgresql = versions.postgresql
        found.findings += await doctor(self._unit_of_work, self._settings.operation_heartbeat)
        async for part in drift(self._unit_of_work):
            found.findings += part.findings
            found.databases += part.databases
            found.tables += part.tables
            self._progress(found.databases, versions.databases)

    async def fix(self, change: Callable[[int], AuditedChange]) -> Examined:
        """Mends what is safe; then looks again, so that what is told is so.

        Twice at most: what was hidden by what is mended now, is found then.
        ``change``: what the audit tells of a database in which something was mended.
        """
        after = await self.look()
        mending = Mending(self._settings, self._unit_of_work, change)
        found: list[Finding] = []
        for _ in range(_MOST_ROUNDS):
            new = [each for each in after.findings if each not in found]
            if all(each.kind.mended_by is Mender.YOU for each in new):
                break
            found += new
            await mending.mend(new)
            after = await self.look()
        left = {place_of(each) for each in after.findings}
        after.mended = [
            each
            for each in found
            if place_of(each) not in left and each.kind is not FindingKind.NOT_EXAMINED
        ]
        after.reasons = {
            each: mending.reasons[place_of(each)]
            for each in after.findings
            if place_of(each) in mending.reasons
        }
        return after
