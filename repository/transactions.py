"""A transaction on a connection of a pool, and that it ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from repository.connection import PoolConnection
from repository.driver_errors import translated
from repository.engine import driver_of, taken_from


@asynccontextmanager
async def transaction(engine: AsyncEngine, begin: str) -> AsyncIterator[PoolConnection]:
    """``begin``: the statements that open it. Whoever leaves without a COMMIT rolls back."""
    with translated():
        pooled = await taken_from(engine)
    driver = driver_of(pooled)
    cancelled = True
    try:
        with translated():
            await driver.execute(begin)
        yield driver
        cancelled = False
    except Exception:
        cancelled = False
        raise
    finally:
        try:
            await driver.leave_transaction(cancelled=cancelled)
        finally:
            await greenlet_spawn(pooled.close)
