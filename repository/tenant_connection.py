"""A connection that knows how tenants' transactions begin, and keeps their statements prepared."""

from collections import OrderedDict
from contextlib import AbstractContextManager
from itertools import count
from secrets import token_hex
from time import perf_counter

import asyncpg
from asyncpg import Record
from asyncpg.prepared_stmt import PreparedStatement

from domain.identifiers import Identifier
from domain.once import Once
from domain.ports import TenantSession
from repository.answers import claim
from repository.beginning import begin
from repository.binding import DescribedStatement
from repository.connection import PoolConnection, open_connection
from repository.messages import bind_and_execute, parse
from repository.niceness import Niceness
from repository.queries import queries
from repository.roles import ROLE_OF_ROWS

# A session of PostgreSQL keeps what it once learned, above all 24 kB for each time zone that was
# named: 20,000 of them are half a gigabyte, in less than a second.
_LOOKED_AT = 2.0  # seconds of tenants' time, after which its memory is looked at
_MOST_MEMORY = 64 * 1024 * 1024
_LAST_WORDS = 1.0  # seconds

# A kept statement takes some 50 kB of PostgreSQL's memory, and of a long text megabytes.
_MOST_KEPT = 100
_LONGEST_KEPT = 4_096  # characters

_SQL = queries("tenant")
_BEGIN = "begin"
_SET_UP = "set_up"


def settings_of(session: TenantSession) -> tuple[str, ...]:
    """The values of ``set_up``."""
    return (
        f"{session.timeouts.statement:d}",
        f"{session.timeouts.lock:d}",
        session.label,
        f"{session.schema}, pg_temp",
        session.schema.name,
        session.row_owner.uid,
        session.row_owner.stamp,
        "on" if session.read_only else "",
        ROLE_OF_ROWS[session.rows].name,
    )


def is_kept(query: str) -> bool:
    return len(query) <= _LONGEST_KEPT


class TenantConnection:
    def __init__(
        self,
        driver: PoolConnection,
        prepared: "dict[str, PreparedStatement[Record]]",
        *,
        keeps_statements: bool,
        niceness: int,
    ) -> None:
        self.driver = driver
        self.keeps_statements = keeps_statements
        """Else each is parsed anew, in the flight that runs it."""
        self._begin = bind_and_execute(_BEGIN if keeps_statements else "")
        if not keeps_statements:
            self._begin = parse(_SQL[_BEGIN]) + self._begin
        # A pooler tells no process of PostgreSQL's.
        self._niceness = Niceness(driver.get_server_pid(), niceness if keeps_statements else 0)
        self._used_since = 0.0
        self.schema: Identifier | None = None
        """Where it was used last."""
        self._prepared = prepared
        self.statements_found = self.statements_missed = 0
        self._kept: OrderedDict[tuple[object, ...], DescribedStatement | None] = OrderedDict()
        # Of no other connection: a pooler that went unnoticed must not find another's by this name.
        self._names = (f"tenant_{token_hex(8)}_{number}" for number in count())
        self.seconds_of_tenants = 0.0
        """Since its memory was looked at."""

    def is_closed(self) -> bool:
        return self.driver.is_closed()

    async def close(self) -> None:
        await self.driver.close(timeout=_LAST_WORDS)

    async def begin(self, session: TenantSession, once: Once | None = None) -> None:
        """A transaction of several statements, in one flight; ``once``: its key is claimed first.

        Raises AnsweredBefore, IdempotencyKeyReused, DatabaseBusy.
        """
        if once is None:
            with self.driver.preceded_by(self._begin):
                await self._set_up(session)
            return
        await self.driver.execute(begin(session.timeouts, session.label))
        await claim(self.driver, once.key)
        await self._set_up(session)

    async def _set_up(self, session: TenantSession) -> None:
        await self._prepared[_SET_UP].fetch(*settings_of(session))

    async def become_service(self) -> None:
        """What is checked at the end is checked before, by the right of the tenant who did it."""
        await self.driver.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL ROLE NONE")

    def alone(self, session: TenantSession) -> AbstractContextManager[None]:
        """Around one statement of ``kept``, which is a transaction of its own, in one flight."""
        return self.driver.preceded_by(bind_and_execute(_SET_UP, settings_of(session)))

    async def prepare_plain(
        self, session: TenantSession, query: str
    ) -> "PreparedStatement[Record]":
        """Of a statement that is to be run ``alone``. Raises NotPlain."""
        with self.alone(session):
            return await self.driver.prepare_plain(next(self._names), query)

    def knows(self, key: tuple[object, ...]) -> bool:
        if key in self._kept:
            self.statements_found += 1
            return True
        self.statements_missed += 1
        return False

    @property
    def statements(self) -> int:
        return len(self._kept)

    def find(self, key: tuple[object, ...]) -> DescribedStatement | None:
        """Of what it knows. None: it cannot be ``alone``."""
        self._kept.move_to_end(key)
        return self._kept[key]

    def keep(self, key: tuple[object, ...], statement: DescribedStatement | None) -> None:
        self._kept[key] = statement
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)

    def forget(self, key: tuple[object, ...]) -> None:
        self._kept.pop(key, None)

    def begin_use(self, session: TenantSession) -> None:
        self.schema = session.schema
        self._used_since = perf_counter()
        self._niceness.begin_statement()

    async def end_use(self, *, cancelled: bool) -> None:
        """Left outside any transaction, or closed. ``cancelled``: as for ``leave_transaction``."""
        self._niceness.end_statement()
        self.seconds_of_tenants += perf_counter() - self._used_since
        driver = self.driver
        await driver.leave_transaction(cancelled=cancelled)
        if driver.is_closed():
            return
        try:
            driver.meter.stop()
            await driver.forget_types_of_tenants()
            if driver.meter.command_failed or self._niceness.is_nice or await self._is_worn_out():
                await self.close()
        except BaseException as error:
            driver.terminate()
            if not isinstance(error, Exception):
                raise

    async def _is_worn_out(self) -> bool:
        if self.seconds_of_tenants < _LOOKED_AT:
            return False
        self.seconds_of_tenants = 0.0
        # Within a transaction: a pooler keeps the session of a client that leaves after one.
        await self.driver.execute("BEGIN")
        try:
            if await self.driver.fetchval(_SQL["memory"]) > _MOST_MEMORY:
                return True
        except asyncpg.InsufficientPrivilegeError:  # not granted: see sql/bootstrap.sql
            return True
        await self.driver.execute("ROLLBACK")
        return False


async def open_tenant_connection(
    database_url: str, connect_timeout: float, niceness: int
) -> TenantConnection:
    driver = await open_connection(database_url, connect_timeout)
    try:
        # A pooler tells a process id of its own, and has another session for each transaction: a
        # name would be unknown there or, in later versions of PgBouncer, another tenant's too.
        process_id = await driver.fetchval(_SQL["process_id"])
        keeps_statements = process_id == driver.get_server_pid()
        prepared = {
            name: await driver.prepare(_SQL[name], name=name if keeps_statements else "")
            for name in (_BEGIN, _SET_UP)
        }
    except BaseException:
        driver.terminate()
        raise
    return TenantConnection(driver, prepared, keeps_statements=keeps_statements, niceness=niceness)
