"""Reads from the catalogs what a schema holds."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from asyncpg import Connection, Record

from domain.description import (
    ColumnDescription,
    IndexDescription,
    KeyDescription,
    SchemaDescription,
    TableDescription,
)
from domain.identifiers import Identifier
from domain.schema import Environment
from repository.driver_errors import translated
from repository.queries import queries, with_identifiers

_SQL = queries("describe")


async def get_database(
    driver: Connection, environment: Environment, schema: Identifier
) -> SchemaDescription:
    with translated():
        await driver.execute(with_identifiers(_SQL["set_path"], schema=schema))
        tables = await driver.fetch(_SQL["tables"], schema.name)
        oids = [table["oid"] for table in tables]
        columns = _by_table(await driver.fetch(_SQL["columns"], oids))
        keys = _by_table(await driver.fetch(_SQL["keys"], oids))
        indexes = _by_table(await driver.fetch(_SQL["indexes"], oids))
    described = tuple(
        TableDescription(
            name=table["name"],
            comment=table["comment"],
            rows=table["rows"],
            bytes=table["bytes"],
            columns=tuple(ColumnDescription(**fields) for fields in columns[table["oid"]]),
            keys=tuple(KeyDescription(**fields) for fields in keys[table["oid"]]),
            indexes=tuple(IndexDescription(**fields) for fields in indexes[table["oid"]]),
        )
        for table in tables
    )
    return SchemaDescription(environment, sum(table.bytes for table in described), described)


def _by_table(records: Sequence[Record]) -> dict[int, list[dict[str, Any]]]:
    fields: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        named = dict(record.items())
        fields[named.pop("table_oid")].append(named)
    return fields
