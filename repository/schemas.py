"""The PostgreSQL schemas of a pair: made, dropped, cloned, changed and described together."""

from collections.abc import Iterable, Sequence

from asyncpg import Connection

from domain.database import Database, SizeOfPair
from domain.description import SchemaDescription
from domain.gate import DdlStatement
from domain.identifiers import Identifier
from domain.observation import NOBODY, Observers
from domain.schema import Environment
from domain.suggestions import PairNames
from exceptions.errors import CreateFailed, DropFailed
from repository import describe, names, tenant_ddl
from repository.driver_errors import translated
from repository.known_statements import fetch
from repository.queries import queries, with_identifiers
from repository.roles import DML_ROLES, OWNER

_SQL = queries("schemas")

# Dropping one takes a lock of it and two or three more. PostgreSQL as it comes has room for 6,400
# locks of all sessions together.
_MOST_AT_ONCE = 1_000
_SOME = 100


class Schemas:
    """``driver`` is the connection of a running transaction; nothing here commits."""

    def __init__(self, driver: Connection, observers: Observers = NOBODY) -> None:
        self._driver = driver
        self._observers = observers

    async def create_database(self, database: Database) -> None:
        """An existing schema of that name is a bug, not a success: no IF NOT EXISTS."""
        batch = ";".join(
            with_identifiers(_SQL["create_schema"], schema=schema, owner=OWNER, **DML_ROLES)
            for schema in database.schemas.values()
        )
        with translated(CreateFailed):
            await self._driver.execute(batch)

    async def drop_database(self, database: Database) -> bool:
        if await self.relations(database.schemas.values()) > _MOST_AT_ONCE:
            return False
        batch = ";".join(
            with_identifiers(_SQL["drop_schema"], schema=schema)
            for schema in database.schemas.values()
        )
        with translated(DropFailed):
            await self._driver.execute(batch)
        return True

    async def drop_some(self, schema: Identifier) -> bool:
        with self._observers.step("drop some", schema), translated(DropFailed):
            await self._driver.execute(_SQL["lock_dropped_schema"], schema.name)
            some = await self._driver.fetch(_SQL["drop_some"], schema.name, _SOME)
            if some:
                await self._driver.execute(";".join(row["statement"] for row in some))
        return bool(some)

    async def drop_rest(self, schema: Identifier) -> None:
        with self._observers.step("drop the rest", schema), translated(DropFailed):
            await self._driver.execute(_SQL["lock_dropped_schema"], schema.name)
            await self._driver.execute(with_identifiers(_SQL["drop_schema"], schema=schema))

    async def relations(self, schemas: Iterable[Identifier]) -> int:
        with translated():
            (row,) = await fetch(self._driver, _SQL["relations"], [each.name for each in schemas])
        return int(row["relations"])

    async def size(
        self, schemas: Iterable[Identifier], tables: frozenset[str] | None = None
    ) -> SizeOfPair:
        names = [schema.name for schema in schemas]
        with translated():
            if tables is None:
                (row,) = await fetch(self._driver, _SQL["size"], names)
            else:
                (row,) = await fetch(self._driver, _SQL["size_of_some"], names, sorted(tables))
        return SizeOfPair(relations=row["relations"], bytes=row["bytes"])

    async def exec_ddl(
        self,
        schemas: Sequence[Identifier],
        statements: Sequence[DdlStatement],
        run_by: str,
        lock_timeout: int,
        *,
        rehearsal: bool = False,
    ) -> None:
        await tenant_ddl.exec_ddl(
            self._driver,
            schemas,
            statements,
            run_by,
            lock_timeout,
            rehearsal=rehearsal,
            observers=self._observers,
        )

    async def names(self, database: Database) -> PairNames:
        return await names.names(self._driver, database)

    async def get_database(self, environment: Environment, schema: Identifier) -> SchemaDescription:
        return await describe.get_database(self._driver, environment, schema)
