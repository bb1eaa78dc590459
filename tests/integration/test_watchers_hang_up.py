"""Callers who hang up while they watch leave the pool as it was."""

import asyncio
import gc
from collections.abc import AsyncIterator

import anyio
from sqlalchemy.pool import QueuePool

from api.stepping import apart
from domain.timeouts import Timeouts
from repository.engine import create_engine
from repository.unit_of_work import PostgresUnitOfWorkFactory

CONNECTIONS = 3
WATCHERS = 30


async def test_no_connection_is_lost(database_url: str) -> None:
    """Cancelled as a stream is: by anyio, at whatever they wait for."""
    engine = create_engine(database_url, pool_size=CONNECTIONS, connect_timeout=30, pool_timeout=60)
    units = PostgresUnitOfWorkFactory(engine, Timeouts(statement=30_000, lock=30_000))
    seen = 0

    async def steps() -> AsyncIterator[bool]:
        nonlocal seen
        while True:
            async with units() as work:
                await work.operations.find(1)
            seen += 1
            yield True

    async def watch(patience: float) -> None:
        with anyio.move_on_after(patience):
            async for _ in apart(steps()):
                pass

    try:
        await asyncio.gather(*[watch(number / WATCHERS / 2) for number in range(WATCHERS)])
        assert isinstance(engine.pool, QueuePool)
        async with asyncio.timeout(20):
            while True:
                if not engine.pool.checkedout():
                    break
                await asyncio.sleep(0.01)
        async with units() as work:
            assert await work.operations.find(1) is None
    finally:
        await engine.dispose()
    assert seen
    gc.collect()  # SQLAlchemy warns of a connection that nobody has given back: that is an error
