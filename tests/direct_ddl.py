"""DDL where the service runs it, with no gate before it: for what the gate does not let through."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from domain.gate import DdlKind, DdlStatement
from domain.identifiers import Identifier
from repository import tenant_ddl
from repository.connection import PoolConnection
from repository.engine import create_engine, driver_of
from tests.patience import PATIENCE

LOCK_TIMEOUT = 1_000  # milliseconds


@dataclass(frozen=True)
class DirectDdl:
    driver: PoolConnection

    async def run(
        self, schema: str, kind: DdlKind, text: str, *names: str, rehearsal: bool = False
    ) -> None:
        """One statement that mentions these names; settled and kept."""
        statement = DdlStatement(text=text, offset=0, kind=kind, relations=frozenset(names))
        await self.driver.execute("BEGIN")
        try:
            await tenant_ddl.exec_ddl(
                self.driver,
                [Identifier(schema)],
                [statement],
                "u1",
                LOCK_TIMEOUT,
                rehearsal=rehearsal,
            )
            await self.driver.execute("ROLLBACK" if rehearsal else "COMMIT")
        finally:
            if self.driver.is_in_transaction():
                await self.driver.execute("ROLLBACK")


@asynccontextmanager
async def direct_ddl(database_url: str) -> AsyncIterator[DirectDdl]:
    engine = create_engine(
        database_url, pool_size=1, connect_timeout=PATIENCE, pool_timeout=PATIENCE
    )
    pooled = await engine.raw_connection()
    try:
        yield DirectDdl(driver_of(pooled))
    finally:
        pooled.close()
        await engine.dispose()
