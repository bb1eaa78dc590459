"""Many databases, fast: made by the service's own repository, some in each transaction.

Their tables are copies of a sample's, which the service made by its verbs; what a tenant's table
has and LIKE does not carry is given by the service's own SQL.
"""

import asyncio
from collections.abc import Iterator

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from benchmarks.errors import BenchmarkError
from benchmarks.guarding import guard
from benchmarks.stack import Stack
from benchmarks.tenant import Tenant
from domain.database import Database, NewDatabase
from domain.schema import schema_name_of
from repository.databases import Databases
from repository.engine import create_engine, driver_of
from repository.schemas import Schemas

TABLES = ("customers", "orders", "payments")
DEFINITIONS = ";".join(
    f"CREATE TABLE {table} (name TEXT NOT NULL, amount NUMERIC(10,2))" for table in TABLES
)
_OF_ONE_UID = 10
_IN_ONE_TRANSACTION = 10
_AT_ONCE = 3


def owner_of(number: int) -> str:
    """Of the database of this number: a uid's list is as long whether there are few or many."""
    return f"owner{number // _OF_ONE_UID}"


async def fill(stack: Stack, tenant: Tenant, sample_id: int, numbers: range) -> dict[int, int]:
    """The id of each database by its number."""
    some = _IN_ONE_TRANSACTION
    turns = iter([numbers[begin : begin + some] for begin in range(0, len(numbers), some)])
    made: dict[int, int] = {}
    await asyncio.gather(*(_work(stack, sample_id, turns, made) for _ in range(_AT_ONCE)))
    await _check(tenant, sample_id, numbers[-1], made[numbers[-1]])
    return made


async def _work(stack: Stack, sample_id: int, turns: Iterator[range], made: dict[int, int]) -> None:
    """A new session for every turn: PostgreSQL's sessions remember all that they made."""
    for numbers in turns:
        engine = create_engine(stack.url(), pool_size=1, connect_timeout=60, pool_timeout=60)
        try:
            made |= await _make(engine, sample_id, numbers)
        finally:
            await engine.dispose()


async def _make(engine: AsyncEngine, sample_id: int, numbers: range) -> dict[int, int]:
    made = {}
    pooled = await engine.raw_connection()
    driver = driver_of(pooled)
    try:
        async with driver.transaction():
            for number in numbers:
                new = NewDatabase(f"filled{number}", owner_of(number), "", None)
                database = await Databases(driver).create_database(new)
                await Schemas(driver).create_database(database)
                await driver.execute(_tables(sample_id, database))
                made[number] = database.id
    finally:
        await greenlet_spawn(pooled.close)
    return made


def _tables(sample_id: int, database: Database) -> str:
    return ";".join(
        f"CREATE TABLE {schema}.{table} (LIKE {schema_name_of(environment, sample_id)}.{table}"
        f" INCLUDING ALL); {guard(schema, table)}"
        for environment, schema in database.schemas.items()
        for table in TABLES
    )


async def _check(tenant: Tenant, sample_id: int, number: int, database_id: int) -> None:
    """What was filled in is what the verbs would have made."""
    owner = Tenant(tenant.connection, owner_of(number))
    if await owner.schemas(database_id) != await tenant.schemas(sample_id):
        raise BenchmarkError("a database that was filled in differs from one made by the verbs")
