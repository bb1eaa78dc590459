"""The steps of a clone: each in a transaction of its own, on whichever connection is free.

So no more locks are held at a time than PostgreSQL has room for however much there is, and several
connections work at a time; all of them read the source as of one moment. Nobody can reach what they
have made before all of it is there.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

from asyncpg import Connection, Record

from domain.identifiers import Identifier
from domain.observation import ObservedStep, Observers
from repository.queries import queries, with_identifiers
from repository.roles import DDL

_SQL = queries("clone")

Item = TypeVar("Item")
Result = TypeVar("Result")


_AT_ONCE = 100  # statements; one takes some five locks, and there is room for thousands
_TABLES_AT_ONCE = 50
_BYTES = 16 * 1024 * 1024


class Stages:
    """``read`` opens a transaction that changes nothing, with settings of its own; ``begin`` one
    of whoever may still change something. Given a snapshot, REPEATABLE READ from it on.

    ``commit`` sends what ends it. ``snapshot``: exported by the transaction that keeps the source
    as it is meanwhile. ``streams``: as many as there may be at a time.
    """

    def __init__(
        self,
        read: Callable[[str, Sequence[str]], AbstractAsyncContextManager[Connection]],
        begin: Callable[[str | None], AbstractAsyncContextManager[Connection]],
        commit: Callable[[Connection, str], Awaitable[None]],
        snapshot: str,
        streams: asyncio.Semaphore,
        *,
        observers: Observers,
    ) -> None:
        self._read = read
        self._begin = begin
        self._commit = commit
        self._snapshot = snapshot
        self._streams = streams
        self._observers = observers
        self._opening: dict[str, asyncio.Lock] = {}

    def step(self, name: str, copy: Identifier | None = None) -> ObservedStep:
        """Around all transactions of one, which others may run beside."""
        return self._observers.step(name, copy)

    @asynccontextmanager
    async def on_source(self, *settings: str) -> AsyncIterator[Connection]:
        """As of the clone's moment. ``settings``: statements, in force until its end."""
        async with self._streams, self._read(self._snapshot, settings) as driver:
            yield driver

    @asynccontextmanager
    async def on_copy(
        self,
        copy: Identifier,
        *settings: str,
        opened: bool = False,
        of_source: bool = False,
    ) -> AsyncIterator[Connection]:
        """With the copy on search_path, and ``settings`` as for ``on_source``.

        ``opened``: twinbase_ddl may enter it. ``of_source``: the source's rows are read, as of the
        clone's moment; what other transactions have made since is not to be seen then.
        """
        snapshot = self._snapshot if of_source else None
        if not opened:
            async with self._streams, self._begin(snapshot) as driver:
                await driver.execute(";".join((_entering(copy), *settings)))
                yield driver
                await self._commit(driver, "COMMIT")
            return
        # Who grants on a schema what somebody else is granting there fails.
        lock = self._opening.setdefault(copy.name, asyncio.Lock())
        async with lock, self._streams, self._begin(snapshot) as driver:
            await driver.execute(";".join((_opening(copy), *settings)))
            yield driver
            await self._commit(driver, f"{_closing(copy)};COMMIT")

    def batches(self, items: Sequence[Item]) -> Iterable[Sequence[Item]]:
        """Of what takes some locks each."""
        return [items[first : first + _AT_ONCE] for first in range(0, len(items), _AT_ONCE)]

    def batches_of_rows(self, tables: Sequence[Record]) -> Iterable[Sequence[Record]]:
        """``tables``: with their ``bytes``, the largest first."""
        batch: list[Record] = []
        for table in tables:
            batch.append(table)
            if len(batch) == _TABLES_AT_ONCE or sum(each["bytes"] for each in batch) >= _BYTES:
                yield batch
                batch = []
        if batch:
            yield batch

    async def together(self, work: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
        """Begun in the given order; where one fails, none goes on."""
        tasks = [asyncio.ensure_future(each) for each in work]
        try:
            return await asyncio.gather(*tasks)
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
