"""One connection of the pool: asyncpg's, with values as ``domain.values`` wants them.

Its answers are metered (``repository.answer_meter``). Moments arrive as text for every year that
PostgreSQL knows. What asyncpg must ask the server about a type, it can ask while a tenant's role is
set.
"""

import asyncio
from collections.abc import Callable

import asyncpg
from asyncpg import Record

from domain import moments
from repository.answer_meter import AnswerMeter

_FIRST_OID_OF_USERS = 16_384  # FirstNormalObjectId: below it, a type is PostgreSQL's own for good


class PoolConnection(asyncpg.Connection):
    """Asks the server about arrays, ranges and rows of tables when it first meets them."""

    met_types_of_tenants = False
    seconds_of_tenants = 0.0
    """How long tenants' transactions have had it."""

    def __init__(
        self, protocol: asyncio.Protocol, transport: asyncio.Transport, *rest: object
    ) -> None:
        super().__init__(protocol, transport, *rest)  # type: ignore[arg-type]  # asyncpg's own types
        self.meter = AnswerMeter(protocol)
        transport.set_protocol(self.meter)

    async def _introspect_types(
        self,
        typeoids: set[int],
        timeout: float,  # noqa: ASYNC109 - asyncpg's signature
    ) -> tuple[list[Record], object]:
        """Asyncpg's own, but JIT is turned off by SET LOCAL.

        Asyncpg does it by set_config, which tenants' roles may not execute. Compiling this one
        query takes longer than anything else in it.
        """
        self.met_types_of_tenants |= any(oid >= _FIRST_OID_OF_USERS for oid in typeoids)
        self._server_caps = self._server_caps._replace(jit=False)  # type: ignore[has-type]  # private, and so not in the stubs
        if self.is_in_transaction():
            await self.execute("SET LOCAL jit TO off")
        found: tuple[list[Record], object] = await super()._introspect_types(  # type: ignore[misc]  # as above
            typeoids, timeout
        )
        if self.is_in_transaction():
            await self.execute("SET LOCAL jit TO DEFAULT")
        return found

    async def forget_types_of_tenants(self) -> None:
        """Between transactions a table's row may get other columns and remain the same type."""
        if self.met_types_of_tenants:
            self.met_types_of_tenants = False
            await self.reload_schema_state()


async def prepare_values(connection: asyncpg.Connection) -> None:
    """Asyncpg knows these types by heart, so nothing is asked of the server."""
    for name, decoder in _MOMENTS.items():
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=_refuse_to_bind, decoder=decoder, format="tuple"
        )
    for name, from_text in _BY_TEXT.items():
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=str, decoder=from_text, format="text"
        )


def _refuse_to_bind(_value: object) -> tuple[int, ...]:
    raise TypeError("PostgreSQL reads moments from text: see domain.parameters")


_MOMENTS: dict[str, Callable[[tuple[int, ...]], str]] = {
    "date": lambda parts: moments.date_text(*parts),
    "time": lambda parts: moments.time_text(*parts),
    "timetz": lambda parts: moments.timetz_text(*parts),
    "timestamp": lambda parts: moments.timestamp_text(*parts),
    "timestamptz": lambda parts: moments.timestamptz_text(*parts),
    "interval": lambda parts: moments.interval_text(*parts),
}

# PostgreSQL writes 1.1::real as 1.1; widened to a double it would be 1.100000023841858.
_BY_TEXT: dict[str, Callable[[str], object]] = {"float4": float}
