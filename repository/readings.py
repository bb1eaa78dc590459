"""How asyncpg is to read PostgreSQL's types, so that values are as ``domain.values`` wants them.

Moments arrive as text for every year that PostgreSQL knows. Some types are read as text, which
costs least; inside a row there is no text, so there ``Reading`` says how they are read instead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import NoReturn

import asyncpg
import orjson
from asyncpg import Record

from domain import moments
from repository import binary_values
from repository.type_names import FIRST_OID_OF_USERS

RECORD = 2249
"""The type of rows that are of no table."""


async def prepare_values(connection: asyncpg.Connection) -> None:
    """Asyncpg knows these types by heart, so nothing is asked of the server."""
    for name, version in _VERSION_OF_JSON.items():
        await connection.set_type_codec(
            name,
            schema="pg_catalog",
            encoder=partial(_json_in_binary, version),
            decoder=partial(_json_as_it_came, version),
            format="binary",
        )
    for name, decoder in _MOMENTS.items():
        encoder = _span_parts if name == "interval" else _refuse_to_bind
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=encoder, decoder=decoder, format="tuple"
        )
    await read_reals_as_text(connection)


async def read_reals_as_text(connection: asyncpg.Connection) -> None:
    """PostgreSQL writes 1.1::real as 1.1; widened to a double it would be 1.100000023841858."""
    await connection.set_type_codec(
        "float4", schema="pg_catalog", encoder=str, decoder=float, format="text"
    )


def _json_in_binary(version: bytes, text: str) -> bytes:
    return version + text.encode()


def _json_as_it_came(version: bytes, value: bytes) -> orjson.Fragment:
    return orjson.Fragment(value[len(version) :])


def _refuse_to_bind(_value: object) -> NoReturn:
    raise TypeError("PostgreSQL reads this type from text: see domain.parameters")


def _span_parts(value: object) -> tuple[int, int, int]:
    """Months, days, microseconds; the queue's own statements bind such, tenants' never."""
    if not isinstance(value, timedelta):
        _refuse_to_bind(value)
    return 0, value.days, value.seconds * 1_000_000 + value.microseconds


_VERSION_OF_JSON = {"json": b"", "jsonb": b"\x01"}
"""What PostgreSQL sends before the text."""

_MOMENTS: dict[str, Callable[[tuple[int, ...]], str]] = {
    "date": lambda parts: moments.date_text(*parts),
    "time": lambda parts: moments.time_text(*parts),
    "timetz": lambda parts: moments.timetz_text(*parts),
    "timestamp": lambda parts: moments.timestamp_text(parts[0]),
    "timestamptz": lambda parts: moments.timestamptz_text(*parts),
    "interval": lambda parts: moments.interval_text(*parts),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """Of one type, in asyncpg's words."""

    oid: int
    name: str
    decoder: Callable[..., object]
    schema: str = "pg_catalog"
    kind: str = "scalar"
    format: str = "binary"
    encoder: Callable[..., object] = _refuse_to_bind


INSIDE_ROWS = (
    Reading(700, "float4", binary_values.real, encoder=binary_values.real_of),
    Reading(829, "macaddr", binary_values.hardware_address),
    Reading(774, "macaddr8", binary_values.hardware_address),
    Reading(3614, "tsvector", binary_values.text_vector),
    Reading(3615, "tsquery", binary_values.text_query),
    # How it is written is known to the server's locale only.
    Reading(790, "money", binary_values.TextOnly, format="text"),
    Reading(RECORD, "record", binary_values.refuse_text_inside, kind="composite", format="tuple"),
)


def reading_of(type_: Record) -> Reading | None:
    """Of a type that an extension brought."""
    oid, name, schema = type_["oid"], type_["name"], type_["ns"]
    if oid < FIRST_OID_OF_USERS or type_["kind"] != b"b" or type_["elemtype"]:
        return None
    if name in binary_values.VECTORS:
        return Reading(oid, name, binary_values.VECTORS[name], schema)
    return Reading(oid, name, binary_values.TextOnly, schema, format="text")
