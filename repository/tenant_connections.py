"""Connections for tenants' DML alone.

SQLAlchemy's pool would take as long to hand one out as PostgreSQL takes for the statement
(docs/performance.md). This one needs no queue: whoever takes a connection has a turn
(``domain.ports.Turns``), and turns bound how many there are.
"""

import asyncio
from functools import partial
from time import perf_counter

from domain.figures import CacheFigures, PoolFigures
from domain.ports import TenantSession
from repository.driver_errors import translated
from repository.tenant_connection import TenantConnection, open_tenant_connection


class TenantConnections:
    """``close`` belongs to the lifespan. ``most``: connections, as whoever gives turns says."""

    def __init__(
        self, database_url: str, *, connect_timeout: float, niceness: int = 0, most: int = 0
    ) -> None:
        self._open = partial(open_tenant_connection, database_url, connect_timeout, niceness)
        self._idle: list[TenantConnection] = []  # used last is last
        self._figures = PoolFigures(most)
        self._statements = CacheFigures()

    def taken_for(self, session: TenantSession) -> "_Taken":
        """Given back outside any transaction, or closed."""
        return _Taken(self, session)

    async def take(self, session: TenantSession) -> TenantConnection:
        connection = self._one_of(session)
        if connection is None:
            connection = await self._opened()
        else:
            self._figures.wait.count(0.0)  # or some microseconds
        self._figures.in_use += 1
        connection.begin_use(session)
        return connection

    async def _opened(self) -> TenantConnection:
        self._figures.waiting += 1
        began = perf_counter()
        try:
            with translated():
                connection = await self._open()
        except Exception:
            self._figures.refused["unreachable"] += 1
            raise
        finally:
            self._figures.waiting -= 1
        self._figures.opened += 1
        self._figures.wait.count(perf_counter() - began)
        return connection

    async def give_back(self, connection: TenantConnection, *, cancelled: bool) -> None:
        try:
            await connection.end_use(cancelled=cancelled)
        finally:
            self._figures.in_use -= 1
            self._statements.hits += connection.statements_found
            self._statements.misses += connection.statements_missed
            connection.statements_found = connection.statements_missed = 0
            if not connection.is_closed():
                self._idle.append(connection)

    def _one_of(self, session: TenantSession) -> TenantConnection | None:
        """That was used last in the session's schema, else last of all: caches are warm there."""
        idle = [connection for connection in self._idle if not connection.is_closed()]
        warm = [connection for connection in idle if connection.schema == session.schema]
        chosen = next(reversed(warm or idle), None)
        self._idle = [connection for connection in idle if connection is not chosen]
        return chosen

    @property
    def figures(self) -> PoolFigures:
        self._figures.idle = sum(not connection.is_closed() for connection in self._idle)
        return self._figures

    @property
    def statements(self) -> CacheFigures:
        """That are prepared on the idle ones, and how often one was."""
        self._statements.entries = sum(connection.statements for connection in self._idle)
        return self._statements

    async def close(self) -> None:
        idle, self._idle = self._idle, []
        await asyncio.gather(*(connection.close() for connection in idle))


class _Taken:
    __slots__ = ("_connection", "_connections", "_session")

    def __init__(self, connections: TenantConnections, session: TenantSession) -> None:
        self._connections = connections
        self._session = session

    async def __aenter__(self) -> TenantConnection:
        self._connection = await self._connections.take(self._session)
        return self._connection

    async def __aexit__(self, *raised: object) -> None:
        _, error, _ = raised
        cancelled = error is not None and not isinstance(error, Exception)
        await self._connections.give_back(self._connection, cancelled=cancelled)
