"""A clone in steps: each in a transaction of its own, all reading the source as of one moment.

One transaction more, the holder, is open all the while: it exported the snapshot, and keeps the
source's metadata row locked, so that nobody changes its structure or drops it.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from functools import partial

from asyncpg import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.copies import CloneReport, WhatToCopy
from domain.database import Database
from domain.observation import NOBODY, Observers
from domain.operation import Operation, Overtaken
from domain.timeouts import Timeouts
from exceptions.errors import CloneNotPossible, DatabaseNotFound, ServiceUnavailable, TwinbaseError
from repository.beginning import begin
from repository.clone import clone_database
from repository.clone_progress import CloneProgress, Tell
from repository.connection import PoolConnection
from repository.databases import Databases
from repository.driver_errors import perhaps_committed, translated
from repository.known_statements import fetch
from repository.operations import Operations
from repository.queries import queries
from repository.stages import Stages
from repository.transactions import transaction

_SQL = queries("cloning")


class PostgresCloning:
    """``engine``: of connections for as many holders as there may be, and for ``streams``.

    Nobody who has one of the latter waits for another one.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        timeouts: Timeouts,
        *,
        streams: int,
        observers: Observers = NOBODY,
    ) -> None:
        self._engine = engine
        self._observers = observers
        # It copies rows; how long that takes is for the rows to say.
        self._timeouts = replace(timeouts, statement=0)
        self._streams = asyncio.Semaphore(streams)

    async def clone_database(
        self, operation: Operation, source_id: int, copy: Database, what: WhatToCopy, tell: Tell
    ) -> CloneReport:
        progress = CloneProgress(tell)
        try:
            return await self._cloned(operation, source_id, copy, what, progress)
        except CloneNotPossible:
            if progress.has_begun or not await self._adopted(operation, source_id):
                raise
        return await self._cloned(operation, source_id, copy, what, progress)

    async def _adopted(self, operation: Operation, source_id: int) -> bool:
        """Whether there was something of a superuser's in the source, which can be read now."""
        async with self._begun(operation, None) as driver:
            source = await Databases(driver).find(source_id)
            names = [schema.name for schema in source.schemas.values()] if source else []
            with translated():
                found = await fetch(driver, _SQL["left_by_superusers"], names)
                for row in found:
                    await fetch(driver, _SQL["adopt"], row["schema"])
            await _commit(driver)
        return bool(found)

    async def _cloned(
        self,
        operation: Operation,
        source_id: int,
        copy: Database,
        what: WhatToCopy,
        progress: CloneProgress,
    ) -> CloneReport:
        beginning = f"{begin(self._timeouts, snapshot=True)};{_SQL['stay']}"
        async with transaction(self._engine, beginning) as holder:
            source = await Databases(holder).lock_to_read(source_id)
            if source is None:
                raise DatabaseNotFound("The database that was to be cloned has been dropped.")
            with translated():
                snapshot = await holder.fetchval(_SQL["export_snapshot"])
            stages = Stages(
                self._reading,
                partial(self._begun, operation),
                _commit,
                snapshot,
                self._streams,
                observers=self._observers,
            )
            try:
                return await clone_database(stages, source, copy, what, progress)
            except TwinbaseError as error:
                if holder.is_closed():  # and with it the snapshot that the others are to adopt
                    raise ServiceUnavailable from error
                raise

    def _reading(
        self, snapshot: str, settings: Sequence[str]
    ) -> AbstractAsyncContextManager[PoolConnection]:
        """Also of who has been overtaken: he can do no harm."""
        beginning = (begin(self._timeouts, exported=snapshot), _SQL["only_read"], *settings)
        return transaction(self._engine, ";".join(beginning))

    @asynccontextmanager
    async def _begun(
        self, operation: Operation, snapshot: str | None
    ) -> AsyncIterator[PoolConnection]:
        """Raises Overtaken where it is somebody else's by now.

        The transaction that ends the clone waits for the disk, and with it for all that was before.
        """
        beginning = begin(self._timeouts, exported=snapshot, lasting=False)
        async with transaction(self._engine, beginning) as driver:
            if not await Operations(driver).still_mine(operation):
                raise Overtaken
            yield driver


async def _commit(driver: Connection, ending: str = "COMMIT") -> None:
    with translated(), perhaps_committed():
        await driver.execute(ending)
