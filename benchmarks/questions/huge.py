"""Clone and drop of a database with 2,000 tables where PostgreSQL has its default lock table.

The embedded server is shipped with a larger one; any other server has this, until told otherwise.
"""

from collections.abc import Awaitable, Callable

from benchmarks.http_connection import Refused, http_connection
from benchmarks.in_turn import timed
from benchmarks.judging import WORKS, Row, Series
from benchmarks.pace import Pace
from benchmarks.question import Question
from benchmarks.stack import stack
from benchmarks.tenant import Tenant

_AS_POSTGRESQL_HAS_IT = {"max_locks_per_transaction": "64"}
_TABLES = 2000  # in each of both schemas
_AT_A_TIME = 20


async def measure(_pace: Pace) -> list[Row]:
    async with (
        stack(_AS_POSTGRESQL_HAS_IT) as started,
        http_connection(started.service.url) as connection,
    ):
        tenant = Tenant(connection)
        database_id = await tenant.create("huge")
        making = await timed(lambda: _make_tables(tenant, database_id))()
        return [
            Row(f"2 × {_TABLES} tables made", "ms", Series("exec_ddl", (making,))),
            await _tried("clone", lambda: tenant.clone(database_id, "copy"), tenant),
            await _tried("drop", lambda: tenant.drop(database_id), tenant),
        ]


async def _make_tables(tenant: Tenant, database_id: int) -> None:
    for first in range(0, _TABLES, _AT_A_TIME):
        statements = (
            f"CREATE TABLE t{number} (name TEXT, amount NUMERIC)"
            for number in range(first, first + _AT_A_TIME)
        )
        await tenant.ddl(database_id, ";".join(statements))


async def _tried(what: str, call: Callable[[], Awaitable[object]], tenant: Tenant) -> Row:
    refusal = ""

    async def call_that_may_fail() -> None:
        nonlocal refusal
        try:
            await call()
        except Refused as error:
            refusal = str(error)

    milliseconds = await timed(call_that_may_fail)()
    await tenant.list()  # raises where the service has not survived
    name = f"{what} of a database of 2 × {_TABLES} tables"
    ours = Series(f"{what}_database", (milliseconds,))
    return Row(name, "ms", ours, goal=WORKS, errors=1 if refusal else 0, note=refusal)


QUESTION = Question(
    name="huge",
    title="2,000 tables with PostgreSQL's default max_locks_per_transaction",
    measure=measure,
    longest=1800,
)
