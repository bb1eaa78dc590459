"""The first line alone: hostile SQL where the service would run it, with no gate in between."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
from postgast import PgQueryError, split

from domain.database import RowAccess
from domain.gate import DdlKind, DdlStatement
from domain.identifiers import Identifier
from domain.ownership import RowOwner
from domain.ports import TenantSession
from domain.timeouts import Timeouts
from exceptions.errors import DdlNotAllowed, TwinbaseError
from repository import tenant_ddl
from repository.engine import create_engine, driver_of
from repository.lending import lend
from repository.tenant_transaction import begin
from tests.attacks import Attacks, Effect, Outcome
from tests.two_tenants import ROWS, TwoTenants

LOCK_TIMEOUT = 1_000  # milliseconds

# What DDL is lent, where the gate would tell what the statements name.
LENT = (*ROWS, "names", "mood", "reach", "told", "missing")

_SETTINGS = (
    "role",
    "search_path",
    "row_security",
    "session_authorization",
    "statement_timeout",
    "lock_timeout",
    "twinbase.schema",
    "twinbase.uid",
    "twinbase.app_uid",
)

# Who one is, where, and what one holds.
_STANDING = f"""
    SELECT
        concat_ws('|', session_user, current_user, {
    ", ".join(f"current_setting('{name}', true)" for name in _SETTINGS)
}) AS identity,
        concat_ws('|', current_setting('transaction_isolation'),
            current_setting('transaction_read_only'), now()) AS transaction,
        (
            SELECT count(*) FROM pg_prepared_statements WHERE name NOT LIKE '\\_\\_asyncpg%'
        ) + (SELECT count(*) FROM pg_cursors WHERE is_holdable)
          + (current_setting('default_transaction_read_only') = 'on')::integer AS left_behind,
        (
            SELECT count(*) FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
            WHERE l.pid = pg_backend_pid() AND c.relnamespace = ANY ($1::text[]::regnamespace[])
              AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')
        ) AS locks,
        pg_current_xact_id_if_assigned() IS NOT NULL AS writes
"""


Departures = Callable[[asyncpg.Connection, str], Awaitable[list[str]]]


@dataclass(frozen=True)
class Observed:
    """What came of an attack."""

    outcome: Outcome
    told: str
    """Rows, or all that an error says."""

    rows: str = ""
    effects: frozenset[Effect] = frozenset()
    changes: tuple[str, ...] = ()
    """Tables with rows of others that are not as they were."""


def statements_in(sql: str) -> list[str]:
    """As the gate would send them on; what PostgreSQL's grammar refuses, as it is."""
    try:
        return split(sql) or [sql]
    except PgQueryError:
        return [sql]


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
        session = TenantSession(
            schema=Identifier(self.schema),
            row_owner=RowOwner(uid=self.uid, app_id="app01"),
            rows=self.rows,
            label="attack",
            timeouts=Timeouts(statement=5_000, lock=1_000),
        )
        await self.driver.execute(begin(session))
        try:
            yield self.driver
        finally:
            await self._undo()

    async def _undo(self) -> None:
        if self.driver.is_in_transaction():
            await self.driver.execute("ROLLBACK")
        await self.driver.execute(
            "RESET SESSION AUTHORIZATION; RESET ALL; CLOSE ALL; UNLISTEN *; DEALLOCATE ALL"
        )

    async def dml(self, sql: str) -> Observed:
        async with self.transaction():
            return await self._observe(statements_in(sql))

    async def all_dml(self, attacks: Attacks, tenants: TwoTenants) -> dict[str, Observed]:
        self.of_others = await self._rows_of_others()
        return {name: await self.dml(tenants.fill(one.sql)) for name, one in attacks.items()}

    async def definition(self, sql: str, departures: Departures) -> tuple[Observed, list[str]]:
        """As exec_ddl runs it, settling included; and what is not as it must be afterwards."""
        schemas, statements = [Identifier(self.schema)], definitions_in(sql)
        await self.driver.execute("BEGIN")
        try:
            await tenant_ddl.exec_ddl_in_all(
                self.driver, schemas, statements, self.uid, LOCK_TIMEOUT
            )
            observed = Observed(Outcome.OWN, "", changes=await self._changes())
            return observed, await departures(self.driver, self.schema)
        except DdlNotAllowed as error:
            return Observed(Outcome.REFUSED, told_by(error)), []
        except TwinbaseError as error:
            denied = isinstance(error.__cause__, asyncpg.InsufficientPrivilegeError)
            return Observed(Outcome.DENIED if denied else Outcome.FAILS, told_by(error)), []
        finally:
            await self._undo()

    async def bare_definition(self, sql: str) -> Observed:
        """Only the part of exec_ddl that runs as ``twinbase_ddl``; its effects are observed."""
        schema = Identifier(self.schema)
        await self.driver.execute("BEGIN")
        try:
            await lend(self.driver, [schema], definitions_in(sql), LOCK_TIMEOUT)
            async with tenant_ddl.open_for_ddl(self.driver, schema):
                return await self._observe(statements_in(sql))
        except TwinbaseError as error:  # where the attack left nothing to close
            return Observed(Outcome.OWN, told_by(error))
        finally:
            await self._undo()

    async def all_dml_as_ddl(self, attacks: Attacks, tenants: TwoTenants) -> dict[str, Observed]:
        """Each undone before the next; none of them may end the transaction."""
        await self.look()
        schema = Identifier(self.schema)
        found = {}
        await self.driver.execute("BEGIN")
        try:
            await lend(self.driver, [schema], definitions_in("TABLE items"), LOCK_TIMEOUT)
            async with tenant_ddl.open_for_ddl(self.driver, schema):
                for name, attack in attacks.items():
                    await self.driver.execute("SAVEPOINT attack")
                    found[name] = await self._observe(statements_in(tenants.fill(attack.sql)))
                    await self.driver.execute("ROLLBACK TO SAVEPOINT attack")
        finally:
            await self._undo()
        return found

    async def _observe(self, statements: Sequence[str]) -> Observed:
        """Up to the first statement after which somebody else would run the next one."""
        before = after = await self._stand()
        rows: list[object] = []
        effects: set[Effect] = set()
        for statement in statements:
            try:
                rows = [dict(row) for row in await self.driver.fetch(statement)]
            except asyncpg.InsufficientPrivilegeError as error:
                return Observed(Outcome.DENIED, told_by(error), effects=frozenset(effects))
            except (
                asyncpg.PostgresError,
                asyncpg.InterfaceError,
                asyncpg.InternalClientError,
            ) as error:
                return Observed(Outcome.FAILS, told_by(error), effects=frozenset(effects))
            after = await self._stand()
            effects |= _effects(before, after)
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
        return dict(found)

    async def _stand(self) -> asyncpg.Record:
        standing = await self.driver.fetchrow(_STANDING, list(self.others))
        assert standing is not None
        return standing


def _effects(before: asyncpg.Record, after: asyncpg.Record) -> set[Effect]:
    changed = {
        "identity": Effect.IDENTITY,
        "transaction": Effect.TRANSACTION,
        "left_behind": Effect.CONNECTION,
        "locks": Effect.LOCK,
    }
    found = {effect for name, effect in changed.items() if before[name] != after[name]}
    # The end of the transaction takes its settings along.
    return {Effect.TRANSACTION} if Effect.TRANSACTION in found else found


@asynccontextmanager
async def server_line(
    database_url: str, schema: str, others: Sequence[str], uid: str
) -> AsyncIterator[ServerLine]:
    engine = create_engine(database_url, pool_size=1, connect_timeout=5, pool_timeout=5)
    pooled = await engine.raw_connection()
    try:
        yield ServerLine(driver_of(pooled), schema, others, uid)
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
