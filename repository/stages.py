"""Where the steps of a clone run: all in one transaction, or each in a transaction of its own.

In one transaction everything is there at once or not at all, and no other one is needed. In many,
no more locks are held at a time than PostgreSQL has room for however much there is, and several
connections copy at a time; all of them read the source as of the moment of the first.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol, TypeVar

from asyncpg import Connection, Record

from domain.identifiers import Identifier
from repository.queries import queries, with_identifiers
from repository.roles import DDL

_SQL = queries("clone")

Item = TypeVar("Item")


class Stages(Protocol):
    def on_source(self) -> AbstractAsyncContextManager[Connection]:
        """As of the clone's moment."""

    def on_copy(
        self, copy: Identifier, *, opened: bool = False, of_source: bool = False
    ) -> AbstractAsyncContextManager[Connection]:
        """With the copy on search_path.

        ``opened``: twinbase_ddl may enter it. ``of_source``: the source's rows are read, as of the
        clone's moment; what other transactions have made since is not to be seen then.
        """

    def batches(self, items: Sequence[Item]) -> Iterable[Sequence[Item]]:
        """Of what takes some locks each."""

    def batches_of_rows(self, tables: Sequence[Record]) -> Iterable[Sequence[Record]]:
        """``tables``: with their ``bytes``, the largest first."""

    async def together(self, work: Iterable[Coroutine[Any, Any, None]]) -> None:
        """In the given order at least; where one fails, none goes on."""


class OneTransaction:
    """``driver`` is in it, REPEATABLE READ."""

    def __init__(self, driver: Connection) -> None:
        self._driver = driver
        self._opened: Identifier | None = None

    @asynccontextmanager
    async def on_source(self) -> AsyncIterator[Connection]:
        await self._close()
        yield self._driver
        await self._driver.execute(_SQL["leave_copy"])

    @asynccontextmanager
    async def on_copy(
        self, copy: Identifier, *, opened: bool = False, of_source: bool = False
    ) -> AsyncIterator[Connection]:
        if self._opened != copy or not (opened or of_source):
            await self._close()
            entering = _opening(copy) if opened else _entering(copy)
            await self._driver.execute(entering)
            self._opened = copy if opened else None
        yield self._driver

    def batches(self, items: Sequence[Item]) -> Iterable[Sequence[Item]]:
        return [items] if items else []

    def batches_of_rows(self, tables: Sequence[Record]) -> Iterable[Sequence[Record]]:
        return self.batches(tables)

    async def together(self, work: Iterable[Coroutine[Any, Any, None]]) -> None:
        for each in work:
            await each

    async def _close(self) -> None:
        if self._opened is not None:
            await self._driver.execute(_closing(self._opened))
            self._opened = None


_AT_ONCE = 100  # statements; one takes some five locks, and there is room for thousands
_TABLES_AT_ONCE = 50
_BYTES = 16 * 1024 * 1024


class ManyTransactions:
    """``begin`` opens one on another connection; given a snapshot, REPEATABLE READ from it on.

    ``snapshot``: exported by the transaction that keeps the source as it is meanwhile.
    ``streams``: as many as there may be at a time.
    """

    def __init__(
        self,
        begin: Callable[[str | None], AbstractAsyncContextManager[Connection]],
        commit: Callable[[Connection], Awaitable[None]],
        snapshot: str,
        streams: asyncio.Semaphore,
    ) -> None:
        self._begin = begin
        self._commit = commit
        self._snapshot = snapshot
        self._streams = streams
        self._opening: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def on_source(self) -> AsyncIterator[Connection]:
        async with self._streams, self._begin(self._snapshot) as driver:
            yield driver

    @asynccontextmanager
    async def on_copy(
        self, copy: Identifier, *, opened: bool = False, of_source: bool = False
    ) -> AsyncIterator[Connection]:
        snapshot = self._snapshot if of_source else None
        if not opened:
            async with self._streams, self._begin(snapshot) as driver:
                await driver.execute(_entering(copy))
                yield driver
                await self._commit(driver)
            return
        # Who grants on a schema what somebody else is granting there fails.
        lock = self._opening.setdefault(copy.name, asyncio.Lock())
        async with lock, self._streams, self._begin(snapshot) as driver:
            await driver.execute(_opening(copy))
            yield driver
            await driver.execute(_closing(copy))
            await self._commit(driver)

    def batches(self, items: Sequence[Item]) -> Iterable[Sequence[Item]]:
        return [items[first : first + _AT_ONCE] for first in range(0, len(items), _AT_ONCE)]

    def batches_of_rows(self, tables: Sequence[Record]) -> Iterable[Sequence[Record]]:
        batch: list[Record] = []
        for table in tables:
            batch.append(table)
            if len(batch) == _TABLES_AT_ONCE or sum(each["bytes"] for each in batch) >= _BYTES:
                yield batch
                batch = []
        if batch:
            yield batch

    async def together(self, work: Iterable[Coroutine[Any, Any, None]]) -> None:
        tasks = [asyncio.ensure_future(each) for each in work]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _entering(copy: Identifier) -> str:
    return with_identifiers(_SQL["enter_copy"], target=copy)


def _opening(copy: Identifier) -> str:
    return with_identifiers(f"{_SQL['open_copy']};{_SQL['enter_copy']}", target=copy, ddl=DDL)


def _closing(copy: Identifier) -> str:
    return with_identifiers(_SQL["close_copy"], target=copy, ddl=DDL)
