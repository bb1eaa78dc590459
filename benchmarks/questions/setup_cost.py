"""What the gate and the transaction's settings add to a light statement, without HTTP.

The use case exec_dml, in this process, against the same statement fetched by asyncpg, which keeps
it prepared where its text is the same each time.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle

from asyncpg import Connection
from pydantic import SecretStr

from benchmarks.http_connection import http_connection
from benchmarks.in_turn import medians, timed
from benchmarks.judging import WITHIN, Row, Series, constant
from benchmarks.pace import Pace
from benchmarks.question import Question
from benchmarks.stack import Stack, connected, stack
from benchmarks.tenant import APP_ID, Tenant
from domain.ownership import Caller
from domain.schema import Environment, schema_name_of
from service.lifespan import open_state
from service.settings import Settings
from service.use_cases.exec_dml import exec_dml
from service.use_cases.statements import DmlRequest, StatementTools

_ALLOWED = constant("allowed", 0.35)  # milliseconds
_ROWS = 1000
_TABLE = "CREATE TABLE items (number INT UNIQUE, name TEXT)"
_FILL = f"INSERT INTO items SELECT i, 'item ' || i FROM generate_series(1, {_ROWS}) AS i"
_SID = "benchmark"
_MORE_CALLS = 5  # they are short


@dataclass(frozen=True, slots=True)
class Opened:
    """``connection`` has the tenant's schema on its path, and all rights there."""

    database_id: int
    tenant: Tenant
    tools: StatementTools
    connection: Connection


async def measure(pace: Pace) -> list[Row]:
    async with stack() as started, _opened(started) as opened:
        same = await _added(opened, "the same text each time", lambda _number: 1, pace)
        other = await _added(opened, "another text each time", lambda number: number, pace)
    return [*same, *other]


async def _added(opened: Opened, what: str, key: Callable[[int], int], pace: Pace) -> list[Row]:
    texts = [f"SELECT number, name FROM items WHERE number = {key(n + 1)}" for n in range(_ROWS)]
    for_ours, for_bare = cycle(texts), cycle(texts)
    ours, alone = "exec_dml, the use case", "asyncpg, fetch"
    found = await medians(
        {
            ours: timed(lambda: exec_dml(_request(opened, next(for_ours)), opened.tools)),
            alone: timed(lambda: opened.connection.fetch(next(for_bare))),
        },
        rounds=pace.rounds,
        calls=pace.calls * _MORE_CALLS,
    )
    added = tuple(a - b for a, b in zip(found[ours], found[alone], strict=True))
    return [
        Row(f"added, {what}", "ms", Series("added at p50", added), _ALLOWED, WITHIN),
        Row(what, "ms", Series(ours, found[ours]), Series(alone, found[alone])),
    ]


@asynccontextmanager
async def _opened(started: Stack) -> AsyncIterator[Opened]:
    settings = Settings(_env_file=None, database_url=SecretStr(started.url()))
    async with (
        http_connection(started.service.url) as requests,
        connected(started.url()) as connection,
        open_state(settings) as state,
    ):
        tenant = Tenant(requests)
        database_id = await tenant.create("light")
        await tenant.ddl(database_id, _TABLE)
        await tenant.dml(database_id, _FILL)
        schema = schema_name_of(Environment.PROD, database_id)
        await connection.execute(f"SET search_path TO {schema}; ANALYZE items")
        yield Opened(database_id, tenant, state["statement_tools"], connection)


def _request(opened: Opened, dml: str) -> DmlRequest:
    caller = Caller(opened.tenant.uid)
    return DmlRequest(opened.database_id, caller, APP_ID, dml, Environment.PROD, _SID)


QUESTION = Question(
    name="setup_cost",
    title="What gate and transaction set-up add to a light statement, in process",
    measure=measure,
    longest=180,
)
