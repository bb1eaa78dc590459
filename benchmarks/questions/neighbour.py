"""A tenant's light query while another tenant runs 50 slow ones, against the same while idle."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from benchmarks.http_connection import Refused, http_connection
from benchmarks.in_turn import in_turn, timed
from benchmarks.judging import Row, Series, at_most
from benchmarks.load import Load, LoadFigures, load_of
from benchmarks.pace import Pace
from benchmarks.question import Question
from benchmarks.stack import Stack, stack
from benchmarks.tenant import EXEC_DML, Tenant

_SLOW_ONES = 50
_SLOW = """
SELECT count(*) FROM generate_series(1, 10000) AS a, generate_series(1, 10000) AS b
WHERE a % 7 = b % 11
"""
_ROWS = 1000
_SETTLING = 1.0  # seconds, in which the slow ones begin or end
_IDLE, _BUSY = "idle", f"{_SLOW_ONES} slow queries of another"


async def measure(pace: Pace) -> list[Row]:
    async with stack() as started, http_connection(started.service.url) as connection:
        quiet, busy = Tenant(connection, "quiet"), Tenant(connection, "busy")
        load = await _light_load(started, quiet)
        slow_id = await busy.create("slow")
        alone = [await timed(lambda: busy.dml(slow_id, _SLOW))() for _ in range(pace.rounds)]
        await load.warm_up(connections=1, seconds=pace.seconds)

        async def while_busy() -> LoadFigures:
            async with _slow_ones(started, slow_id):
                return await load.run(connections=1, seconds=pace.seconds)

        sides = {_IDLE: load.runs(connections=1, seconds=pace.seconds), _BUSY: while_busy}
        found = await in_turn(sides, pace.rounds)
    return [
        Row(
            "light query: p50",
            "ms",
            Series(_BUSY, tuple(one.p50 for one in found[_BUSY])),
            Series(_IDLE, tuple(one.p50 for one in found[_IDLE])),
            at_most(2),
            errors=sum(one.errors for one in found[_BUSY]),
        ),
        Row(
            "light query: p99",
            "ms",
            Series(_BUSY, tuple(one.p99 for one in found[_BUSY])),
            Series(_IDLE, tuple(one.p99 for one in found[_IDLE])),
        ),
        Row("a slow query by itself", "ms", Series("exec_dml", tuple(alone))),
    ]


async def _light_load(started: Stack, tenant: Tenant) -> Load:
    database_id = await tenant.create("light")
    await tenant.ddl(database_id, "CREATE TABLE items (number INT UNIQUE, name TEXT)")
    await tenant.dml(
        database_id,
        f"INSERT INTO items SELECT i, 'item ' || i FROM generate_series(1, {_ROWS}) AS i",
    )
    bodies = [
        tenant.body(database_id, f"SELECT number, name FROM items WHERE number = {number}")
        for number in range(1, _ROWS + 1)
    ]
    return load_of(started.service.url + EXEC_DML, bodies, started.folder / "light.bodies")


@asynccontextmanager
async def _slow_ones(started: Stack, database_id: int) -> AsyncIterator[None]:
    """So many at every moment of the block. At its end their callers hang up: nothing is left."""

    async def again_and_again(tenant: Tenant) -> None:
        while True:
            with suppress(Refused):  # who waits too long for his turn is told so
                await tenant.dml(database_id, _SLOW)

    async with AsyncExitStack() as opened:
        tenants = [
            Tenant(await opened.enter_async_context(http_connection(started.service.url)), "busy")
            for _ in range(_SLOW_ONES)
        ]
        running = [asyncio.create_task(again_and_again(tenant)) for tenant in tenants]
        await asyncio.sleep(_SETTLING)
        try:
            yield
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
    await asyncio.sleep(_SETTLING)


QUESTION = Question(
    name="neighbour",
    title=f"A light query while another tenant runs {_SLOW_ONES} slow ones",
    measure=measure,
    longest=300,
    needs_wrk=True,
)
