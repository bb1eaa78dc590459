"""The hot path: a tenant's DML in one transaction, in one schema, as the role of its rows.

One round trip for a statement that this connection has met: what holds for its transaction, and
the statement. Two for one that it has not, four for what needs a transaction of several steps
(docs/decisions/transaction-setup.md).
"""

from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Self

import asyncpg
import orjson
from asyncpg import Record

from domain.answers import StatementResult
from domain.gate import DmlKind, DmlStatement
from domain.observation import NOBODY, ObservedStatement, ObservedTransaction, Observers
from domain.once import Once
from domain.plans import without_internals
from domain.ports import TenantSession
from domain.storage import Room
from exceptions.errors import DmlFailed, DmlNotAllowed
from repository.answers import keep
from repository.batches import in_batches, may_be_long
from repository.binding import (
    PERHAPS_OUTDATED,
    DescribedStatement,
    describe,
    was_not_outdated,
)
from repository.connection import NotPlain
from repository.driver_errors import Place, helped_with_ids, perhaps_committed, translated
from repository.results import affected_rows, rows_of
from repository.tenant_connection import is_kept
from repository.tenant_connections import TenantConnections
from repository.usage import keep_within


@dataclass(frozen=True, slots=True)
class AnswerCaps:
    """``default_rows`` where a SELECT has no LIMIT; of one request never more than the others."""

    default_rows: int
    rows: int
    bytes: int


class PostgresTenantTransaction:
    """``alone``: one statement, which may be a transaction of its own, where nothing follows it."""

    def __init__(
        self,
        connections: TenantConnections,
        caps: AnswerCaps,
        session: TenantSession,
        observers: Observers,
        *,
        alone: bool,
        once: Once | None,
        room: Room | None,
    ) -> None:
        self._taken = connections.taken_for(session)
        self._observers = observers
        self._session = session
        self._alone = alone and once is None and room is None
        self._once = once
        self._room = room
        self._only: Place[DmlStatement] | None = None
        self._default_rows = caps.default_rows
        self._rows_left = caps.rows
        self._bytes_left = caps.bytes

    async def __aenter__(self) -> Self:
        asked_at = perf_counter()
        self._connection = await self._taken.__aenter__()
        self._observed = ObservedTransaction(self._observers.of_transactions, "dml", asked_at)
        self._driver = self._connection.driver
        self._alone &= self._connection.keeps_statements
        return self

    async def __aexit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        try:
            await self._taken.__aexit__(kind, error, traceback)
        finally:
            self._observed.__exit__(kind, error, traceback)

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
        place = Place(statement, number)
        self._only = place if number == 1 else None
        with self._seen(statement.kind, number, statement) as seen:
            # One row more than may be shown tells whether the answer was cut.
            fetched = await self._fetched(place, values, behind, most + 1)
            affected = affected_rows(statement.kind, fetched.statement.query.get_statusmsg())
            seen.rows = affected or min(len(fetched.records), most)
        self._rows_left -= min(len(fetched.records), most)
        return StatementResult(
            kind=statement.kind,
            affected_rows=affected,
            columns=fetched.statement.columns,
            rows=await rows_of(fetched.records[:most], fetched.statement.converters),
            truncated=fetched.cut or len(fetched.records) > most,
        )

    async def explain_dml(
        self, statement: DmlStatement, number: int, values: Sequence[object]
    ) -> object:
        explain = "EXPLAIN (FORMAT JSON) "
        await self._begin()
        with (
            self._seen("EXPLAIN", number, statement),
            self._told_of(Place(statement, number)) as place,
        ):
            described = await self._described(place, before=explain)
            plan: orjson.Fragment = await described.query.fetchval(*described.arguments(values))
        return without_internals(orjson.loads(orjson.dumps(plan)))

    async def commit(self, result: object = None) -> None:
        if not self._driver.is_in_transaction():
            return
        with self._seen("COMMIT"):
            await self._commit(result)

    async def _commit(self, result: object) -> None:
        # What is checked at the end is within the time of a statement; a COMMIT is not.
        ending = "SET CONSTRAINTS ALL IMMEDIATE; COMMIT"
        if self._once is not None or self._room is not None:
            with translated(DmlFailed, self._only):
                await self._connection.become_service()
            await self._end_as_service(result)
            ending = "COMMIT"
        with translated(DmlFailed, self._only), perhaps_committed():
            await self._driver.execute(ending)

    def _seen(
        self, kind: str, number: int | None = None, statement: DmlStatement | None = None
    ) -> ObservedStatement:
        of_statements, waited = self._observers.of_statements, self._observed.waited
        schema = self._session.schema
        return ObservedStatement(of_statements, kind, schema, number, statement, waited=waited)

    async def _end_as_service(self, result: object) -> None:
        if self._room is not None:
            await keep_within(self._driver, self._room)
        if self._once is not None:
            with translated():
                await keep(self._driver, self._once, result)

    async def _fetched(
        self, place: Place[DmlStatement], values: Sequence[object], behind: str, most: int
    ) -> "_Fetched":
        long = may_be_long(place.statement, most)
        if self._alone and not long and is_kept(place.statement.text):
            try:
                fetched = await self._fetch_alone(place, values, behind)
            except Exception:
                with self._told_of(place):
                    raise
            if fetched is not None:
                return fetched
        await self._begin()
        with self._told_of(place):
            described = await self._described(place, behind=behind)
            arguments = described.arguments(values)
            if long and place.statement.kind is DmlKind.SELECT:
                return await self._metered(described, in_batches(described, arguments, most))
            return await self._metered(described, described.query.fetch(*arguments))

    async def _fetch_alone(
        self, place: Place[DmlStatement], values: Sequence[object], behind: str
    ) -> "_Fetched | None":
        """None where the statement needs a transaction of several round trips."""
        connection, statement = self._connection, place.statement
        meant = (statement.parameters, statement.text, statement.of_literals)
        key = (*self._where, *meant, behind)
        outdated = None
        if connection.knows(key):
            kept = connection.find(key)
            if kept is None:
                return None
            try:
                return await self._fetch_kept(kept, place, values)
            except PERHAPS_OUTDATED as error:  # and so nothing was done
                connection.forget(key)
                place.statement = statement
                outdated = (kept, error.with_traceback(None))  # which holds what it is in
        prepare = partial(connection.prepare_plain, self._session)
        try:
            described = await describe(self._driver, prepare, place, behind=behind)
        except NotPlain:
            connection.keep(key, None)
            return None
        connection.keep(key, described)
        if outdated is not None and was_not_outdated(described, *outdated):
            raise outdated[1]
        return await self._fetch_kept(described, place, values)

    async def _fetch_kept(
        self, described: DescribedStatement, place: Place[DmlStatement], values: Sequence[object]
    ) -> "_Fetched":
        arguments = described.arguments(values)
        ending = perhaps_committed() if place.statement.writes else nullcontext()
        try:
            with ending, self._connection.alone(self._session):
                return await self._metered(described, described.query.fetch(*arguments))
        except asyncpg.PostgresError:
            if described.casts:
                place.statement = place.statement.with_types(described.casts)
            raise

    @property
    def _where(self) -> tuple[object, ...]:
        """What the meaning of a statement's text depends on."""
        session = self._session
        return session.schema.name, session.changed_at, session.rows

    async def _metered(
        self, described: DescribedStatement, rows: Awaitable[list[Record]]
    ) -> "_Fetched":
        meter = self._driver.meter
        meter.start(self._bytes_left, described.most_of_a_row, described.bytes_beside)
        try:
            records = await rows
        except Exception:
            meter.stop()  # and not where it is cancelled: the rest of the answer is still to come
            raise
        self._bytes_left, cut = meter.stop()
        return _Fetched(described, records, cut)

    async def _begin(self) -> None:
        if not self._driver.is_in_transaction():
            with translated():
                await self._connection.begin(self._session, self._once)

    async def _described(
        self, place: Place[DmlStatement], *, before: str = "", behind: str = ""
    ) -> DescribedStatement:
        """Within a transaction, where asyncpg may ask for the types that it does not know."""
        return await describe(
            self._driver, self._driver.prepare, place, before=before, behind=behind
        )

    @contextmanager
    def _told_of(self, place: Place[DmlStatement]) -> Iterator[Place[DmlStatement]]:
        with translated(DmlFailed, place), self._kept_from_writing(), helped_with_ids(place):
            yield place

    @contextmanager
    def _kept_from_writing(self) -> Iterator[None]:
        try:
            yield
        except asyncpg.ReadOnlySQLTransactionError as error:
            if not self._session.read_only:
                raise
            raise DmlNotAllowed("The request is read_only, and the statement writes.") from error


@dataclass(frozen=True, slots=True)
class _Fetched:
    """``cut``: whether bytes ended the answer."""

    statement: DescribedStatement
    records: list[Record]
    cut: bool


class PostgresTenantTransactionFactory:
    def __init__(
        self, connections: TenantConnections, caps: AnswerCaps, observers: Observers = NOBODY
    ) -> None:
        self._connections = connections
        self._caps = caps
        self._observers = observers

    def __call__(
        self,
        session: TenantSession,
        *,
        alone: bool,
        once: Once | None = None,
        room: Room | None = None,
    ) -> PostgresTenantTransaction:
        given = (self._connections, self._caps, session, self._observers)
        return PostgresTenantTransaction(*given, alone=alone, once=once, room=room)
