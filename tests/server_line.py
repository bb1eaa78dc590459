"""The first line alone: hostile SQL where the service would run it, with no gate in between."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

from domain.gate import DdlKind, DdlStatement
from domain.identifiers import Identifier
from domain.ownership import RowOwner
from repository import tenant_ddl
from repository.engine import create_engine, driver_of
from repository.tenant_transaction import PostgresTenantTransactionFactory, RowCaps
from repository.unit_of_work import Timeouts


class ServerLine:
    """One pooled connection of the service, in the attacker's prod schema."""

    def __init__(self, driver: asyncpg.Connection, begin: str, schema: str, uid: str) -> None:
        self.driver = driver
        self._begin = begin
        self._schema = Identifier(schema)
        self._uid = uid

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.Connection]:
        """As exec_dml begins it; commits what can be committed, so that it can be seen."""
        await self.driver.execute(self._begin)
        try:
            yield self.driver
            await self.driver.execute("COMMIT")
        finally:
            if self.driver.is_in_transaction():
                await self.driver.execute("ROLLBACK")

    async def dml(self, statements: Sequence[str]) -> list[asyncpg.Record]:
        """The last statement's rows."""
        found: list[asyncpg.Record] = []
        async with self.transaction() as driver:
            for statement in statements:
                found = await driver.fetch(statement)
        return found

    async def ddl(self, statements: Sequence[str], lent: Sequence[str]) -> None:
        """As exec_ddl does it, settling and commit included."""
        await self.driver.execute("BEGIN")
        try:
            await tenant_ddl.exec_ddl(
                self.driver,
                self._schema,
                [
                    DdlStatement(
                        text=text, offset=0, kind=DdlKind.ALTER_TABLE, relations=frozenset(lent)
                    )
                    for text in statements
                ],
                self._uid,
            )
            await self.driver.execute("COMMIT")
        finally:
            if self.driver.is_in_transaction():
                await self.driver.execute("ROLLBACK")


@asynccontextmanager
async def server_line(database_url: str, schema: str, uid: str) -> AsyncIterator[ServerLine]:
    engine = create_engine(database_url, pool_size=1, connect_timeout=5, pool_timeout=5)
    timeouts = Timeouts(statement=5_000, lock=1_000)
    factory = PostgresTenantTransactionFactory(engine, timeouts, RowCaps(default=100, most=1000))
    # The very text that the hot path sends: a copy of it here could stay behind.
    begin = factory._begin(Identifier(schema), RowOwner(uid=uid, app_id="app01"))  # noqa: SLF001
    pooled = await engine.raw_connection()
    try:
        yield ServerLine(driver_of(pooled), begin, schema, uid)
    finally:
        pooled.close()
        await engine.dispose()


def told_by(error: BaseException) -> str:
    """All that a driver's error says, and that of its causes."""
    said = []
    step: BaseException | None = error
    while step is not None:
        said.append(f"{step} {getattr(step, 'detail', '')} {getattr(step, 'context', '')}")
        step = step.__cause__
    return " | ".join(said)
