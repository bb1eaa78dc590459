"""The hot path: a tenant's DML in one transaction, in one schema, as the role of its rows.

Four round trips for one statement: the transaction's beginning with all its settings, the
statement's description, the statement, the commit (docs/decisions/transaction-setup.md).
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from time import perf_counter

import asyncpg
import orjson
from asyncpg import Attribute, Record
from asyncpg.prepared_stmt import PreparedStatement
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from domain.answers import StatementResult
from domain.gate import DmlKind, DmlStatement
from domain.plans import without_internals
from domain.ports import TenantSession
from domain.slices import in_slices
from domain.values import numbers_of_vector, values_to_json
from exceptions.errors import DmlFailed, DmlNotAllowed, SqlDetails
from repository.binding import bound
from repository.connection import PoolConnection
from repository.driver_errors import Place, translated
from repository.engine import driver_of
from repository.roles import ROLE_OF_ROWS
from repository.type_names import columns_of, vectors_of

# Of an answer longer than this, a cursor fetches so many rows at a time, and stops where bytes do.
_BATCH = 1_000

# A session of PostgreSQL keeps what it once learned, above all 24 kB for each time zone that was
# named: 20,000 of them are half a gigabyte, in less than a second. So its life is short.
_WORN_OUT = 2.0  # seconds of tenants' transactions
_LAST_WORDS = 1.0  # seconds

# What a value costs us beside its own bytes; and the longest row where a value has parts, each of
# which the driver makes while nobody else has a turn.
_BYTES_OF_A_VALUE = 8
_MOST_OF_A_ROW_WITH_PARTS = 128 * 1024
_MOST_OF_A_ROW = 2**31  # PostgreSQL knows no longer one


@dataclass(frozen=True, slots=True)
class AnswerCaps:
    """``default_rows`` where a SELECT has no LIMIT; of one request never more than the others."""

    default_rows: int
    rows: int
    bytes: int


def constant(value: str) -> str:
    """Any text as an SQL string constant made of hexadecimal digits only.

    SET takes no bound parameter, and what cannot contain a quote cannot end a constant.
    """
    digits = value.encode().hex(" ")
    return "E'\\x" + digits.replace(" ", "\\x") + "'" if digits else "''"


def begin(session: TenantSession) -> str:
    """One message: the transaction's beginning and everything that holds within it."""
    return (
        f"BEGIN{' READ ONLY' if session.read_only else ''};"
        f"SET LOCAL statement_timeout TO {session.timeouts.statement:d};"
        f"SET LOCAL lock_timeout TO {session.timeouts.lock:d};"
        f"SET LOCAL application_name TO {constant(session.label)};"
        f"SET LOCAL search_path TO {session.schema}, pg_temp;"
        f"SET LOCAL twinbase.schema TO {session.schema.literal};"
        f"SET LOCAL twinbase.uid TO {constant(session.row_owner.uid)};"
        f"SET LOCAL twinbase.app_uid TO {constant(session.row_owner.stamp)};"
        f"SET LOCAL ROLE {ROLE_OF_ROWS[session.rows]}"
    )


class PostgresTenantTransaction:
    def __init__(self, driver: PoolConnection, caps: AnswerCaps, session: TenantSession) -> None:
        self._driver = driver
        self._default_rows = caps.default_rows
        self._rows_left = caps.rows
        self._bytes_left = caps.bytes
        self._read_only = session.read_only

    async def exec_dml(
        self, statement: DmlStatement, number: int, values: Sequence[object]
    ) -> StatementResult:
        most = self._rows_left
        behind = ""
        if statement.kind is DmlKind.INSERT and not statement.returns_rows:
            behind = '\nRETURNING "id"'
        elif statement.kind is DmlKind.SELECT and not statement.limit.explicit:
            most = min(most, self._default_rows)
            behind = f"\nLIMIT {most + 1}"
        with self._told_of(statement, number) as place:
            query, arguments = await bound(self._driver, place, statement, values, behind=behind)
            # One row more than may be shown tells whether the answer was cut.
            records, cut = await self._fetch(statement, query, arguments, most + 1)
        self._rows_left -= min(len(records), most)
        return StatementResult(
            kind=statement.kind,
            affected_rows=_affected_rows(statement.kind, query.get_statusmsg()),
            columns=columns_of(query.get_attributes()),
            rows=await _rows(records[:most], vectors_of(query.get_attributes())),
            truncated=cut or len(records) > most,
        )

    async def explain_dml(
        self, statement: DmlStatement, number: int, values: Sequence[object]
    ) -> object:
        explain = "EXPLAIN (FORMAT JSON) "
        with self._told_of(statement, number) as place:
            query, arguments = await bound(self._driver, place, statement, values, before=explain)
            plan: orjson.Fragment = await query.fetchval(*arguments)
        return without_internals(orjson.loads(orjson.dumps(plan)))

    async def commit(self) -> None:
        with translated(DmlFailed):
            await self._driver.execute("COMMIT")

    async def _fetch(
        self,
        statement: DmlStatement,
        query: "PreparedStatement[Record]",
        arguments: Sequence[object],
        most: int,
    ) -> tuple[list[Record], bool]:
        """At most so many rows where that can be asked for, and whether bytes cut the answer."""
        meter = self._driver.meter
        attributes = query.get_attributes()
        added = len(attributes) * _BYTES_OF_A_VALUE
        meter.start(self._bytes_left, _most_of_a_row(attributes), added)
        if statement.kind is DmlKind.SELECT and _may_be_long(statement, most):
            records = await self._fetch_in_batches(query, arguments, most)
        else:
            records = await query.fetch(*arguments)
        self._bytes_left, cut = meter.stop()
        return records, cut

    async def _fetch_in_batches(
        self, query: "PreparedStatement[Record]", arguments: Sequence[object], most: int
    ) -> list[Record]:
        cursor = await query.cursor(*arguments)
        records: list[Record] = []
        while len(records) < most:
            wanted = min(_BATCH, most - len(records))
            batch = await cursor.fetch(wanted)
            records += batch
            if len(batch) < wanted:
                break
        return records

    @contextmanager
    def _told_of(self, statement: DmlStatement, number: int) -> Iterator[Place]:
        place = Place(statement, number)
        with translated(DmlFailed, place), self._kept_from_writing(), _helped_with_ids(place):
            yield place

    @contextmanager
    def _kept_from_writing(self) -> Iterator[None]:
        try:
            yield
        except asyncpg.ReadOnlySQLTransactionError as error:
            if not self._read_only:
                raise
            raise DmlNotAllowed("The request is read_only, and the statement writes.") from error


class PostgresTenantTransactionFactory:
    def __init__(self, engine: AsyncEngine, caps: AnswerCaps) -> None:
        self._engine = engine
        self._caps = caps

    @asynccontextmanager
    async def __call__(self, session: TenantSession) -> AsyncIterator[PostgresTenantTransaction]:
        with translated():
            pooled = await self._engine.raw_connection()
        driver = driver_of(pooled)
        started = perf_counter()
        try:
            with translated():
                await driver.execute(begin(session))
            yield PostgresTenantTransaction(driver, self._caps, session)
        finally:
            driver.seconds_of_tenants += perf_counter() - started
            try:
                await _leave(driver)
            finally:
                await greenlet_spawn(pooled.close)


@contextmanager
def _helped_with_ids(place: Place) -> Iterator[None]:
    try:
        yield
    except asyncpg.UndefinedColumnError as error:
        if not place.is_behind(error.position):
            raise
        raise DmlFailed(
            "An INSERT answers the ids of its rows, and this view has no column id: end the"
            " statement with RETURNING and what the view has.",
            SqlDetails(sqlstate=error.sqlstate, statement=place.number),
        ) from error


async def _leave(driver: PoolConnection) -> None:
    """A connection goes back to the pool outside any transaction, or closed."""
    if driver.is_closed():
        return
    try:
        if driver.is_in_transaction():
            await driver.execute("ROLLBACK")
        driver.meter.stop()
        await driver.forget_types_of_tenants()
        if driver.seconds_of_tenants > _WORN_OUT:
            await driver.close(timeout=_LAST_WORDS)
    except BaseException as error:
        driver.terminate()
        if not isinstance(error, Exception):
            raise


def _most_of_a_row(attributes: Sequence[Attribute]) -> int:
    types = [attribute.type for attribute in attributes]
    has_parts = any(type_.kind != "scalar" or type_.name == "record" for type_ in types)
    return _MOST_OF_A_ROW_WITH_PARTS if has_parts else _MOST_OF_A_ROW


def _may_be_long(statement: DmlStatement, most: int) -> bool:
    if not statement.limit.explicit:
        return False
    rows = statement.limit.rows
    return rows is None or rows > min(_BATCH, most)


async def _rows(records: Sequence[Record], vectors: Sequence[int]) -> list[list[object]]:
    if not records:
        return []
    rows: list[list[object]] = []
    async for some in in_slices(records, len(records[0])):
        rows += [values_to_json(record) for record in some]
    for position in vectors:
        for row in rows:
            row[position] = numbers_of_vector(row[position])
    return rows


def _affected_rows(kind: DmlKind, tag: str | None) -> int:
    """PostgreSQL's command tag ends in the number: ``INSERT 0 3``, ``UPDATE 2``."""
    if kind is DmlKind.SELECT or tag is None:
        return 0
    return int(tag.rpartition(" ")[2])
