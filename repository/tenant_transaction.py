"""The hot path: a tenant's DML as ``twinbase_dml``, in one transaction, in one schema.

Four round trips for one statement: the transaction's beginning with all its settings, the
statement's description, the statement, the commit (docs/decisions/transaction-setup.md).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from asyncpg import Connection, Record
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from domain.gate import DmlKind, DmlStatement
from domain.identifiers import Identifier
from domain.ownership import RowOwner
from domain.ports import StatementResult
from domain.values import row_to_json
from exceptions.errors import DmlFailed
from repository.connection import PoolConnection
from repository.driver_errors import statement_position, translated
from repository.engine import driver_of
from repository.roles import DML
from repository.unit_of_work import Timeouts


@dataclass(frozen=True, slots=True)
class RowCaps:
    """``default`` rows where a SELECT has no LIMIT, never more than ``most``."""

    default: int
    most: int


def constant(value: str) -> str:
    """Any text as an SQL string constant made of hexadecimal digits only.

    SET takes no bound parameter, and what cannot contain a quote cannot end a constant.
    """
    return "E'" + "".join(f"\\x{byte:02x}" for byte in value.encode()) + "'"


class PostgresTenantTransaction:
    def __init__(self, driver: Connection, caps: RowCaps) -> None:
        self._driver = driver
        self._caps = caps

    async def exec_dml(self, statement: DmlStatement, number: int) -> StatementResult:
        if statement.parameters:
            raise DmlFailed(
                f"there is no parameter ${statement.parameters} (statement {number}). "
                "Write the value itself."
            )
        with translated(DmlFailed, statement_position(statement, number)):
            if statement.kind is DmlKind.SELECT:
                return await self._select(statement)
            returns = statement.kind is DmlKind.INSERT and not statement.returns_rows
            text = f'{statement.text}\nRETURNING "id"' if returns else statement.text
            return _result(await self._driver.fetch(text), self._caps.most)

    async def _select(self, statement: DmlStatement) -> StatementResult:
        """One row more than may be shown tells whether the answer was cut."""
        if not statement.limit.explicit:
            most = self._caps.default
            return _result(await self._driver.fetch(f"{statement.text}\nLIMIT {most + 1}"), most)
        most = self._caps.most
        if statement.limit.rows is not None and statement.limit.rows <= most:
            return _result(await self._driver.fetch(statement.text), most)
        cursor = await self._driver.cursor(statement.text)
        return _result(await cursor.fetch(most + 1), most)

    async def commit(self) -> None:
        with translated(DmlFailed):
            await self._driver.execute("COMMIT")


class PostgresTenantTransactionFactory:
    def __init__(self, engine: AsyncEngine, timeouts: Timeouts, caps: RowCaps) -> None:
        self._engine = engine
        self._timeouts = timeouts
        self._caps = caps

    @asynccontextmanager
    async def __call__(
        self, schema: Identifier, row_owner: RowOwner
    ) -> AsyncIterator[PostgresTenantTransaction]:
        with translated():
            pooled = await self._engine.raw_connection()
        driver = driver_of(pooled)
        try:
            with translated():
                await driver.execute(self._begin(schema, row_owner))
            yield PostgresTenantTransaction(driver, self._caps)
        finally:
            try:
                await self._leave(driver)
            finally:
                await greenlet_spawn(pooled.close)

    def _begin(self, schema: Identifier, row_owner: RowOwner) -> str:
        return (
            "BEGIN;"
            f"SET LOCAL statement_timeout TO {self._timeouts.statement:d};"
            f"SET LOCAL lock_timeout TO {self._timeouts.lock:d};"
            f"SET LOCAL search_path TO {schema}, pg_temp;"
            f"SET LOCAL twinbase.schema TO {schema.literal};"
            f"SET LOCAL twinbase.uid TO {constant(row_owner.uid)};"
            f"SET LOCAL twinbase.app_uid TO {constant(row_owner.stamp)};"
            f"SET LOCAL ROLE {DML}"
        )

    async def _leave(self, driver: Connection) -> None:
        """A connection goes back to the pool outside any transaction, or closed."""
        if driver.is_closed():
            return
        try:
            if driver.is_in_transaction():
                await driver.execute("ROLLBACK")
            if isinstance(driver, PoolConnection):
                await driver.forget_types_of_tenants()
        except BaseException as error:
            driver.terminate()
            if not isinstance(error, Exception):
                raise


def _result(records: list[Record], most: int) -> StatementResult:
    return StatementResult(
        rows=[row_to_json(record.items()) for record in records[:most]],
        truncated=len(records) > most,
    )
