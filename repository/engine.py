"""The pool for all but tenants' DML: SQLAlchemy over asyncpg, and raw, for definitions."""

import asyncio
from functools import partial

from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.util import greenlet_spawn

from repository.connection import PoolConnection, open_connection


def create_engine(
    database_url: str, *, pool_size: int, connect_timeout: float, pool_timeout: float
) -> AsyncEngine:
    """``database_url`` as asyncpg reads it (sslmode and the like included)."""
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=partial(open_connection, database_url, connect_timeout),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_timeout,
        pool_use_lifo=True,
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(
    dbapi_connection: object, _entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection
) -> None:
    """After a restart of PostgreSQL the pool replaces what it lost, without a ping per checkout."""
    if driver_of(dbapi_connection).is_closed():
        raise DisconnectionError("the server closed this connection")


async def taken_from(engine: AsyncEngine) -> PoolProxiedConnection:
    """A connection of its pool, which is to be closed.

    Who is cancelled meanwhile gives it back when it is there: SQLAlchemy, cancelled while it
    replaces a closed one, loses its place in the pool.
    """
    taking = asyncio.ensure_future(engine.raw_connection())
    try:
        return await asyncio.shield(taking)
    except asyncio.CancelledError:
        await asyncio.wait({taking})
        if not taking.cancelled() and taking.exception() is None:
            await greenlet_spawn(taking.result().close)
        raise


def driver_of(pooled: object) -> PoolConnection:
    """The asyncpg connection beneath what SQLAlchemy's pool hands out."""
    driver = getattr(pooled, "driver_connection", None)
    if not isinstance(driver, PoolConnection):
        raise TypeError("not a connection of this pool")
    return driver
