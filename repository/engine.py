"""The pool for all but tenants' DML: SQLAlchemy over asyncpg, and raw, for definitions."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, QueuePool
from sqlalchemy.util import greenlet_spawn

from domain.figures import PoolFigures
from repository.connection import PoolConnection, open_connection

_FIGURES = "twinbase_figures"


def create_engine(
    database_url: str, *, pool_size: int, connect_timeout: float, pool_timeout: float
) -> AsyncEngine:
    """``database_url`` as asyncpg reads it (sslmode and the like included)."""
    figures = PoolFigures(pool_size)

    async def opened() -> PoolConnection:
        connection = await open_connection(database_url, connect_timeout)
        figures.opened += 1
        return connection

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=opened,
        execution_options={_FIGURES: figures},
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
    with _waiting(_figures_of(engine)):
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            await asyncio.wait({taking})
            if not taking.cancelled() and taking.exception() is None:
                await greenlet_spawn(taking.result().close)
            raise


@contextmanager
def _waiting(figures: PoolFigures) -> Iterator[None]:
    figures.waiting += 1
    began = perf_counter()
    try:
        yield
    except PoolTimeoutError:
        figures.refused["none_free"] += 1
        raise
    except Exception:
        figures.refused["unreachable"] += 1
        raise
    finally:
        figures.waiting -= 1
    figures.wait.count(perf_counter() - began)


def pool_figures(engine: AsyncEngine) -> PoolFigures:
    """Of an engine of ``create_engine``'s, as they are now."""
    figures, pool = _figures_of(engine), engine.pool
    if isinstance(pool, QueuePool):
        figures.in_use, figures.idle = pool.checkedout(), pool.checkedin()
    return figures


def _figures_of(engine: AsyncEngine) -> PoolFigures:
    figures: PoolFigures = engine.get_execution_options()[_FIGURES]
    return figures


def driver_of(pooled: object) -> PoolConnection:
    """The asyncpg connection beneath what SQLAlchemy's pool hands out."""
    driver = getattr(pooled, "driver_connection", None)
    if not isinstance(driver, PoolConnection):
        raise TypeError("not a connection of this pool")
    return driver
