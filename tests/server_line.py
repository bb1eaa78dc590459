"""The first line alone: hostile SQL where the service would run it, with no gate in between."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import asyncpg

from domain.database import RowAccess
from domain.gate import DdlKind, DdlStatement
from domain.identifiers import Identifier
from domain.ownership import RowOwner
from domain.ports import TenantSession
from domain.timeouts import Timeouts
from exceptions.errors import (
    DdlFailed,
    DdlNotAllowed,
    NoAuthority,
    TwinbaseError,
)
from repository import tenant_ddl
from repository.engine import create_engine, driver_of
from repository.lending import lend
from repository.queries import queries
from repository.tenant_connection import settings_of
from tests.attacks import Attacks, Effect, Outcome
from tests.observed import STANDING, Observed, effects_between, shown, statements_in, told_by
from tests.patience import PATIENCE
from tests.two_tenants import ROWS, TwoTenants

LOCK_TIMEOUT = 1_000  # milliseconds

# What DDL is lent, where the gate would tell what the statements name.
LENT = (*ROWS, "names", "mood", "reach", "told", "missing")

Look = Callable[[asyncpg.Connection, str], Awaitable[list[str]]]
"""Asks something of a schema, as the service's login."""


def definitions_in(sql: str) -> list[DdlStatement]:
    """With the kinds that they have by their first words, and so lent what is lent to those."""
    return [
        DdlStatement(
            text=text,
            offset=0,
            kind=next(
                (kind for kind in DdlKind if text.strip().upper().startswith(kind)),
                DdlKind.RENAME,  # lends all that is named
            ),
            relations=frozenset(LENT),
        )
        for text in statements_in(sql)
    ]


@dataclass
class ServerLine:
    """One pooled connection of the service, in the attacker's prod schema."""

    driver: asyncpg.Connection
    schema: str
    others: Sequence[str]
    uid: str
    rows: RowAccess = RowAccess.OWN
    minds_colleague: bool = True
    """Whether rows of others in the own schema are others', too: not for DDL, not in a space."""

    of_others: dict[str, str] = field(default_factory=dict)
    """Per table a hash of the rows that are not the attacker's, as ``look`` found them."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.Connection]:
        """As exec_dml begins it, and undone."""
        await self.driver.execute("BEGIN")
        await self.become_tenant()
        try:
            yield self.driver
        finally:
            await self._undo()

    @property
    def _session(self) -> TenantSession:
        return TenantSession(
            schema=Identifier(self.schema),
            changed_at=datetime.now(UTC),
            row_owner=RowOwner(uid=self.uid, app_id="app01"),
            rows=self.rows,
            label="attack",
            timeouts=Timeouts(statement=30_000, lock=LOCK_TIMEOUT),
        )

    async def become_tenant(self) -> None:
        """For the rest of a transaction that has begun."""
        await self.driver.fetch(queries("tenant")["set_up"], *settings_of(self._session))

    async def _undo(self) -> None:
        """Where there is no transaction any more, its end is only a warning."""
        await self.driver.execute(
            "ROLLBACK; RESET SESSION AUTHORIZATION; RESET ALL; CLOSE ALL; UNLISTEN *;DEALLOCATE ALL"
        )

    async def dml(self, sql: str) -> Observed:
        async with self.transaction():
            return await self._observe(statements_in(sql))

    async def all_dml(self, attacks: Attacks, tenants: TwoTenants) -> dict[str, Observed]:
        await self.look()
        return {name: await self.dml(tenants.fill(one.sql)) for name, one in attacks.items()}

    async def definition(self, sql: str, look: Look) -> tuple[Observed, list[str]]:
        """As exec_ddl runs it, settling included; and what is found where it has run."""
        schemas, statements = [Identifier(self.schema)], definitions_in(sql)
        await self.driver.execute("BEGIN")
        try:
            await tenant_ddl.exec_ddl(self.driver, schemas, statements, self.uid, LOCK_TIMEOUT)
            observed = Observed(Outcome.OWN, "", changes=await self._changes())
            return observed, await look(self.driver, self.schema)
        except DdlNotAllowed as error:
            return Observed(Outcome.REFUSED, told_by(error)), []
        except TwinbaseError as error:
            denied = isinstance(error.__cause__, asyncpg.InsufficientPrivilegeError)
            return Observed(Outcome.DENIED if denied else Outcome.FAILS, told_by(error)), []
        finally:
            await self._undo()

    async def bare_definition(self, sql: str) -> Observed:
        """Only the part of exec_ddl that runs as ``twinbase_ddl``; its effects are observed."""
        async with self._as_ddl(sql):
            return await self._observe(statements_in(sql))

    async def all_dml_as_ddl(self, attacks: Attacks, tenants: TwoTenants) -> dict[str, Observed]:
        """Each undone before the next; none of them may end the transaction."""
        await self.look()
        found = {}
        async with self._as_ddl("TABLE items"):
            for name, attack in attacks.items():
                await self.driver.execute("SAVEPOINT attack")
                found[name] = await self._observe(statements_in(tenants.fill(attack.sql)))
                await self.driver.execute("ROLLBACK TO SAVEPOINT attack")
        return found

    @asynccontextmanager
    async def _as_ddl(self, sql: str) -> AsyncIterator[None]:
        schema = Identifier(self.schema)
        await self.driver.execute("BEGIN")
        try:
            await lend(self.driver, [schema], definitions_in(sql), LOCK_TIMEOUT)
            # Closing it takes another role, and a transaction that has not failed.
            with suppress(NoAuthority, DdlFailed):
                async with tenant_ddl.open_for_ddl(self.driver, schema):
                    yield
        finally:
            await self._undo()

    async def _observe(self, statements: Sequence[str]) -> Observed:
        """Up to the first statement after which somebody else would run the next one."""
        before = after = await self._stand()
        rows: list[object] = []
        effects: set[Effect] = set()
        for statement in statements:
            try:
                rows = [shown(row) for row in await self.driver.fetch(statement)]
            except asyncpg.InsufficientPrivilegeError as error:
                return Observed(Outcome.DENIED, told_by(error), effects=frozenset(effects))
            except (
                asyncpg.PostgresError,
                asyncpg.InterfaceError,
                asyncpg.InternalClientError,
            ) as error:
                return Observed(Outcome.FAILS, told_by(error), effects=frozenset(effects))
            after = await self._stand()
            effects |= effects_between(before, after)
            if effects & {Effect.IDENTITY, Effect.TRANSACTION}:
                break
        changes = await self._changes() if after["writes"] else ()
        outcome = Outcome.OWN if rows or after["writes"] else Outcome.NOTHING
        return Observed(outcome, repr(rows), repr(rows), frozenset(effects), changes)

    async def look(self) -> None:
        """What others have, before anybody attacks."""
        self.of_others = await self._rows_of_others()

    async def _changes(self) -> tuple[str, ...]:
        """As the transaction itself sees it, before it is undone."""
        found = await self._rows_of_others()
        return tuple(name for name, rows in found.items() if rows != self.of_others[name])

    async def _rows_of_others(self) -> dict[str, str]:
        """Read by the service's login, which row security does not hold."""
        conditions = {f"{schema}.{table}": "true" for schema in self.others for table in ROWS}
        if self.minds_colleague:
            conditions |= {f"{self.schema}.{table}": "uid <> $1" for table in ROWS}
        query = " UNION ALL ".join(
            f"SELECT '{table}', md5(string_agg(t::text, '|' ORDER BY t::text))"
            f" FROM {table} AS t WHERE {condition} AND $1::text <> ''"
            for table, condition in conditions.items()
        )
        await self.driver.execute("RESET ROLE")
        found = await self.driver.fetch(query, f"app01:{self.uid}")
        return {row[0]: row[1] for row in found}

    async def _stand(self) -> asyncpg.Record:
        standing = await self.driver.fetchrow(STANDING, list(self.others))
        assert standing is not None
        return standing


@asynccontextmanager
async def server_line(
    database_url: str, schema: str, others: Sequence[str], uid: str
) -> AsyncIterator[ServerLine]:
    engine = create_engine(
        database_url, pool_size=1, connect_timeout=PATIENCE, pool_timeout=PATIENCE
    )
    pooled = await engine.raw_connection()
    try:
        line = ServerLine(driver_of(pooled), schema, others, uid)
        await line.look()
        yield line
    finally:
        pooled.close()
        await engine.dispose()
