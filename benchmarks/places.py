"""A service with so many databases, and what is measured there."""

from random import Random

from benchmarks.filling import DEFINITIONS, TABLES, fill, owner_of
from benchmarks.http_connection import HttpConnection
from benchmarks.in_turn import Timer, timed
from benchmarks.stack import Stack, connected
from benchmarks.tenant import Tenant
from benchmarks.verbs import CreateAndDrop

CREATE, LIST = "create_database", "list_databases"
EXEC_DML, EXEC_DML_ANYWHERE = "exec_dml, on one of 100", "exec_dml, on any"

# What autovacuum does in time to a server that got its databases one by one.
_CATALOGS = """
SELECT oid::regclass::text FROM pg_class
WHERE relkind = 'r' AND NOT relisshared
  AND relnamespace IN ('pg_catalog'::regnamespace, 'twinbase'::regnamespace)
"""
_FEW = 100
_STATEMENT = f"SELECT name, amount FROM {TABLES[0]} WHERE id = 1"


class Place:
    def __init__(self, stack: Stack, connection: HttpConnection) -> None:
        self.stack = stack
        self._connection = connection
        self._tenant = Tenant(connection)
        self._sample_id = 0
        self._ids: list[int] = []
        self._random = Random(4)  # noqa: S311 -- no secret; the same databases in every run
        self._verbs = CreateAndDrop(self._tenant)

    async def make_sample(self) -> None:
        self._sample_id = await self._tenant.create("sample")
        await self._tenant.ddl(self._sample_id, DEFINITIONS)

    async def fill_up_to(self, count: int) -> None:
        numbers = range(len(self._ids), count)
        made = await fill(self.stack, self._tenant, self._sample_id, numbers)
        self._ids += [made[number] for number in numbers]
        async with connected(self.stack.superuser_url) as superuser:
            for row in await superuser.fetch(_CATALOGS):
                await superuser.execute(f"VACUUM (ANALYZE) {row[0]}")
            await superuser.execute("CHECKPOINT")

    def timers(self) -> dict[str, Timer]:
        return {
            CREATE: self._create_and_drop,
            EXEC_DML: timed(lambda: self._exec_dml(_FEW)),
            EXEC_DML_ANYWHERE: timed(lambda: self._exec_dml(len(self._ids))),
            LIST: timed(Tenant(self._connection, owner_of(0)).list),
        }

    async def start_up(self) -> float:
        """Milliseconds to the ready line of one more service on the same server."""
        async with self.stack.another_service() as another:
            return another.seconds * 1000

    async def megabytes(self) -> float:
        return await self.stack.service.resident_megabytes()

    async def _create_and_drop(self) -> float:
        milliseconds = await timed(self._verbs.create)()
        await self._verbs.drop()
        return milliseconds

    async def _exec_dml(self, among: int) -> None:
        """On one of the first so many databases."""
        number = self._random.randrange(among)
        owner = Tenant(self._connection, owner_of(number))
        await owner.dml(self._ids[number], _STATEMENT)
