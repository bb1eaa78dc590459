"""Quotas of bytes around one request that writes: before it, while it runs, and at its end."""

import asyncio
from dataclasses import replace
from types import TracebackType
from typing import Self

from domain.database import Database
from domain.quota import Limits
from domain.quota_ports import Storage
from domain.storage import LOOKED_AT_EVERY, Room
from exceptions.errors import TwinbaseError
from exceptions.quotas import QuotaError


class WithinBytes:
    """Raises QuotaExceeded, also in place of what it has stopped."""

    def __init__(
        self, database: Database, limits: Limits, storage: Storage, *, only_deletes: bool
    ) -> None:
        self._database = database
        self._limits = limits
        self._storage = storage
        self._only_deletes = only_deletes
        self._watching: asyncio.Task[None] | None = None
        self._exceeded: QuotaError | None = None

    @property
    def room(self) -> Room | None:
        """For the transaction to check before it commits; None: one write cannot use it up."""
        if not self._room.is_near:
            return None
        return replace(self._room, only_deletes=self._only_deletes)

    def lift(self) -> None:
        """For the commit, which is not to be stopped."""
        self._timer.cancel()
        if self._watching is not None:
            self._watching.cancel()

    async def __aenter__(self) -> Self:
        self._room = await self._storage.room(self._database, self._limits)
        if not self._only_deletes:
            try:
                self._room.check_before()
            except QuotaError:
                self._storage.reclaim(self._database)
                raise
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("not in a task")
        self._task = task
        self._cancelling = task.cancelling()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(LOOKED_AT_EVERY, self._begin_to_watch)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.lift()
        self._storage.written(self._database)
        made_room = self._only_deletes and self._room.is_near
        if made_room or isinstance(error, QuotaError) or self._exceeded is not None:
            self._storage.reclaim(self._database)
        if self._exceeded is not None:
            is_ours = self._task.uncancel() <= self._cancelling
            if is_ours and isinstance(error, asyncio.CancelledError):
                raise self._exceeded from error

    def _begin_to_watch(self) -> None:
        self._watching = asyncio.create_task(self._watch(), name="watching bytes")

    async def _watch(self) -> None:
        while True:
            try:
                self._room.check_while(await self._storage.measure(self._database))
            except QuotaError as error:
                self._exceeded = error
                self._task.cancel()
                return
            except TwinbaseError:
                pass  # PostgreSQL may tell it the next time
            await asyncio.sleep(LOOKED_AT_EVERY)


class WithoutQuota:
    """The same where there is none, or nothing is written."""

    room = None

    def lift(self) -> None:
        pass

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, *_: object) -> None:
        pass


WITHOUT_QUOTA = WithoutQuota()
