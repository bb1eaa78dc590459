"""The names of types: as PostgreSQL prints them, and as it reads them in a cast."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from asyncpg import Attribute, Connection, Type

from domain.answers import ResultColumn
from domain.values import CONVERTERS_OF_TYPES, TYPES_AS_THEY_ARE, numbers_of_vector, to_json
from repository.binary_values import VECTORS
from repository.queries import queries

# asyncpg knows types by pg_type.typname; people read them as format_type prints them.
_PRINTED = {
    "bit": "bit",
    "bool": "boolean",
    "bpchar": "character",
    "char": '"char"',
    "float4": "real",
    "float8": "double precision",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "time": "time without time zone",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "timetz": "time with time zone",
    "varbit": "bit varying",
    "varchar": "character varying",
}
_ARRAY = "[]"
FIRST_OID_OF_USERS = 16_384
"""FirstNormalObjectId: below it, a type is PostgreSQL's own for good."""

Convert = Callable[[Any], object]

_READ: dict[int, str] = {}
"""Of PostgreSQL's own types, whose names never change: what has been asked once."""

_SQL = queries("values")


def columns_of(attributes: Sequence[Attribute]) -> tuple[ResultColumn, ...]:
    return tuple(
        ResultColumn(attribute.name, _printed(attribute.type.name)) for attribute in attributes
    )


def converters_of(attributes: Sequence[Attribute]) -> tuple[tuple[int, Convert], ...]:
    """By position: how values but NULL become JSON, where they are not what JSON carries."""
    converters = ((position, _converter(column)) for position, column in enumerate(attributes))
    return tuple((position, convert) for position, convert in converters if convert is not None)


def _converter(column: Attribute) -> Convert | None:
    name = column.type.name
    if column.type.oid < FIRST_OID_OF_USERS:
        return None if name in TYPES_AS_THEY_ARE else CONVERTERS_OF_TYPES.get(name, to_json)
    return numbers_of_vector if name in VECTORS else to_json


def _printed(name: str) -> str:
    element = name.removesuffix(_ARRAY)
    return _PRINTED.get(element, element) + (_ARRAY if element != name else "")


async def names_for_casts(driver: Connection, types: Iterable[Type]) -> Mapping[int, str]:
    """By OID; quoted and qualified as the transaction's search_path needs it."""
    oids = {type_.oid for type_ in types}
    unknown = [oid for oid in oids if oid not in _READ]
    found = (
        {row["oid"]: row["name"] for row in await driver.fetch(_SQL["names_of_types"], unknown)}
        if unknown
        else {}
    )
    _READ.update({oid: name for oid, name in found.items() if oid < FIRST_OID_OF_USERS})
    return {oid: found.get(oid) or _READ[oid] for oid in oids}
