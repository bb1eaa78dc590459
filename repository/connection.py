"""One connection: asyncpg's, with values as ``repository.readings`` says.

Its answers are metered (``repository.answer_meter``), and a command may travel in front of a
statement. What asyncpg must ask the server about a type, it can ask while a tenant's role is set. A
transaction that answers a row reads some types in another way from then on.
"""

import asyncio
import re
from collections.abc import Iterable
from typing import Any

import asyncpg
from asyncpg import Record
from asyncpg.prepared_stmt import PreparedStatement
from asyncpg.protocol.protocol import ConnectionSettings

from repository.answer_meter import AnswerMeter
from repository.driver_errors import translated
from repository.messages import SYNC, close_statement
from repository.queries import queries
from repository.readings import (
    INSIDE_ROWS,
    RECORD,
    Reading,
    prepare_values,
    read_reals_as_text,
    reading_of,
)
from repository.type_names import FIRST_OID_OF_USERS

_ROWS_OF_NO_TABLE = frozenset({RECORD, 2287})  # and arrays of them
_LONGEST_ROLLBACK = 5.0  # seconds
_WORD = re.compile(r"\w+")

# The same text means the same to libpg_query and to the server, and values come back in one form,
# whatever the server's configuration says.
_SESSION = {
    "application_name": "twinbase",
    "standard_conforming_strings": "on",
    "DateStyle": "ISO, MDY",
    "client_encoding": "UTF8",
}

_SQL = queries("values")


async def open_connection(database_url: str, connect_timeout: float) -> "PoolConnection":
    """``database_url`` as asyncpg reads it (sslmode and the like included)."""
    connection = await asyncpg.connect(
        database_url,
        timeout=connect_timeout,
        server_settings=_SESSION,
        # A cached plan belongs to one schema's tables; the same text runs in all of them.
        statement_cache_size=0,
        connection_class=PoolConnection,
    )
    await prepare_values(connection)
    return connection


class NotPlain(Exception):
    """A statement's types are not all of PostgreSQL's own, or unknown to asyncpg.

    What is inside such a type may be another thing in the next transaction.
    """


class PoolConnection(asyncpg.Connection):
    """Asks the server about arrays, ranges and rows of tables when it first meets them."""

    def __init__(
        self, protocol: asyncio.Protocol, transport: asyncio.Transport, *rest: object
    ) -> None:
        super().__init__(protocol, transport, *rest)  # type: ignore[arg-type]  # asyncpg's own types
        self.meter = AnswerMeter(protocol)
        transport.set_protocol(self.meter)
        self._socket = transport
        self._asyncpg: Any = protocol  # its methods are private, and so not in the stubs
        self._met_types_of_tenants = False
        self._types_of_the_schema: list[Record] | None = None
        self._learned: set[int] = set()
        self._readings: dict[int, Reading] = {}
        self._types_of_postgresql: list[Record] = []
        self._to_close: list[str] = []
        self.known_statements: dict[str, PreparedStatement[Record]] = {}

    async def _prepare(self, query: str, **options: object) -> "PreparedStatement[Record]":
        """Asyncpg's own; before rows that are of no table, it learns what may be inside them.

        Their answer alone tells of which types their values are, and then it is too late to ask.
        """
        prepare = super()._prepare  # type: ignore[misc]  # private, and so not in the stubs
        statement: PreparedStatement[Record] = await prepare(query, **options)
        if all(column.type.oid not in _ROWS_OF_NO_TABLE for column in statement.get_attributes()):
            return statement
        await self._learn_types_inside_rows(query)
        again: PreparedStatement[Record] = await prepare(query, **options)
        return again

    def preceded_by(self, command: bytes) -> "_PrecededBy":
        """Around one prepared statement of asyncpg's: the command travels in front of it.

        Nothing of its answer is seen. Up to the statement's end they are one transaction, where
        none has begun; where the command fails, PostgreSQL skips the statement, and what is raised
        is no error of the statement.
        """
        return _PrecededBy(self, command)

    def send_in_front(self, command: bytes) -> None:
        closing = b"".join([close_statement(name) for name in self._to_close])
        self._to_close.clear()
        self.meter.drop_command()
        self._socket.write(closing + command)

    def statement_failed(self, error: Exception) -> None:
        """Of what had a command in front."""
        if self.meter.command_failed:
            try:
                with translated():
                    raise error
            finally:
                del error  # which holds this frame
        if self.meter.awaits_command and not self.is_closed():
            self._end_transaction()  # asyncpg has refused to send the statement

    async def prepare_plain(self, name: str, query: str) -> "PreparedStatement[Record]":
        """Kept by PostgreSQL under the name until nobody holds it; one flight, and no transaction.

        Raises NotPlain.
        """
        record_class = self._asyncpg.get_record_class()
        try:
            state = await self._asyncpg.prepare(name, query, None, record_class=record_class)
        except BaseException:
            self._to_close.append(name)  # PostgreSQL may have got that far
            raise
        self._end_transaction()
        if state._init_types():  # noqa: SLF001 - asyncpg's own way to ask
            self._to_close.append(name)
            raise NotPlain
        state._init_codecs()  # noqa: SLF001 - as above
        statement: PreparedStatement[Record] = PreparedStatement(self, query, state)
        types = [column.type for column in statement.get_attributes()]
        oids = {type_.oid for type_ in (*types, *statement.get_parameters())}
        if max(oids, default=0) >= FIRST_OID_OF_USERS or not oids.isdisjoint(_ROWS_OF_NO_TABLE):
            raise NotPlain
        return statement

    def _end_transaction(self) -> None:
        """Of what was sent without a Sync; nobody waits for the answer."""
        self.meter.drop_until_ready()
        self._socket.write(SYNC)

    async def leave_transaction(self, *, cancelled: bool) -> None:
        """Ends without an answer are ends, too: where PostgreSQL gives none, it is let go.

        ``cancelled``: somebody stopped waiting for it. Whether it is in a transaction is not known
        then, and the cancelling may still be on its way: it has arrived before the next answer.
        """
        try:
            if not self.is_closed() and (cancelled or self.is_in_transaction()):
                async with asyncio.timeout(_LONGEST_ROLLBACK):
                    await self.execute("ROLLBACK")
        except BaseException as error:
            self.terminate()
            if not isinstance(error, Exception):
                raise

    def _maybe_gc_stmt(self, stmt: Any) -> None:
        """In asyncpg's place, which would close it by a round trip of its own."""
        if stmt.refs == 0 and stmt.name and not stmt.closed:
            stmt.mark_closed()
            self._to_close.append(stmt.name)

    @property
    def _codecs(self) -> ConnectionSettings:
        settings: ConnectionSettings = self._asyncpg.get_settings()
        return settings

    async def _learn_types_inside_rows(self, query: str) -> None:
        """PostgreSQL's, the schema's own, and rows of the tables that the query names."""
        if not self._types_of_postgresql:
            oids = {row["oid"] for row in await self.fetch(_SQL["types_of_postgresql"])}
            self._types_of_postgresql, _ = await self._introspect_types(oids, None)
        if self._types_of_the_schema is None:
            self._types_of_the_schema = await self.fetch(_SQL["types_of_the_schema"])
        words = _words(query)
        unknown = {
            row["oid"]
            for row in self._types_of_the_schema
            if row["oid"] not in self._learned and _words(row["relation"] or "") <= words
        }
        types, _ = await self._introspect_types(unknown, None) if unknown else ([], None)
        self._read_rows(types)
        self._register([*self._types_of_postgresql, *types])
        self._learned |= unknown

    def _register(self, types: Iterable[Record]) -> None:
        """Those that can be read; what is answered may have none of the others."""
        unreadable: set[int] = set()
        for type_ in types:  # each after those that it is made of
            # Of an element that it does not know, asyncpg would read the binary form as text.
            if not unreadable.isdisjoint((type_["elemtype"], type_["basetype"])):
                unreadable.add(type_["oid"])
                continue
            try:
                self._codecs.register_data_types([type_])
            except (asyncpg.UnsupportedClientFeatureError, asyncpg.InternalClientError):
                unreadable.add(type_["oid"])

    async def _introspect_types(
        self,
        typeoids: set[int],
        timeout: float | None,  # noqa: ASYNC109 - asyncpg's signature
    ) -> tuple[list[Record], object]:
        """Asyncpg's own, but JIT is turned off by SET LOCAL.

        Asyncpg does it by set_config, which tenants' roles may not execute. Compiling this one
        query takes longer than anything else in it.
        """
        self._met_types_of_tenants |= any(oid >= FIRST_OID_OF_USERS for oid in typeoids)
        self._server_caps = self._server_caps._replace(jit=False)  # type: ignore[has-type]  # private, and so not in the stubs
        if self.is_in_transaction():
            await self.execute("SET LOCAL jit TO off")
        found: tuple[list[Record], object] = await super()._introspect_types(  # type: ignore[misc]  # as above
            typeoids, timeout
        )
        if self.is_in_transaction():
            await self.execute("SET LOCAL jit TO DEFAULT")
        if any(type_["kind"] == b"c" for type_ in found[0]):
            self._read_rows(found[0])
        return found

    def _read_rows(self, types: Iterable[Record]) -> None:
        """From now on; ``types``: those among them that are extensions' own, too."""
        for reading in [*INSIDE_ROWS, *filter(None, map(reading_of, types))]:
            # Asyncpg forgets what it knows of arrays and rows where it is told a new codec.
            if reading.oid not in self._readings:
                self._readings[reading.oid] = reading
                self._codecs.add_python_codec(
                    reading.oid,
                    reading.name,
                    reading.schema,
                    (),
                    reading.kind,
                    reading.encoder,
                    reading.decoder,
                    reading.format,
                )

    async def forget_types_of_tenants(self) -> None:
        """Between transactions a table's row may get other columns and remain the same type."""
        if self._met_types_of_tenants or self._readings:
            self._met_types_of_tenants = False
            self._types_of_the_schema = None
            self._learned.clear()
            for reading in self._readings.values():
                self._codecs.remove_python_codec(reading.oid, reading.name, reading.schema)
            self._readings.clear()
            await read_reals_as_text(self)
            await self.reload_schema_state()


class _PrecededBy:
    """A class, since a generator takes three times as long, and each statement has one."""

    __slots__ = ("_command", "_driver")

    def __init__(self, driver: PoolConnection, command: bytes) -> None:
        self._driver = driver
        self._command = command

    def __enter__(self) -> None:
        self._driver.send_in_front(self._command)

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        try:
            if isinstance(error, Exception):
                self._driver.statement_failed(error)
        finally:
            del error  # which may hold this frame now


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))
