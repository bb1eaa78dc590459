"""Reads from the catalogs what a schema holds."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from asyncpg import Connection, Record

from domain.description import (
    ColumnDescription,
    ConstraintDescription,
    IndexDescription,
    KeyDescription,
    SchemaDescription,
    SequenceDescription,
    StatisticsDescription,
    TableDescription,
    TypeDescription,
    ViewColumnDescription,
    ViewDescription,
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
        tables = await _tables(driver, schema)
        views = await _views(driver, schema)
        sequences = await driver.fetch(_SQL["sequences"], schema.name)
        types = await _types(driver, schema)
    return SchemaDescription(
        environment=environment,
        bytes=sum(table.bytes for table in tables),
        tables=tables,
        views=views,
        sequences=tuple(SequenceDescription(**dict(row)) for row in sequences),
        types=types,
    )


async def _tables(driver: Connection, schema: Identifier) -> tuple[TableDescription, ...]:
    tables = await driver.fetch(_SQL["tables"], schema.name)
    oids = [table["oid"] for table in tables]
    columns, keys, indexes, statistics = [
        _by_owner(await driver.fetch(_SQL[part], oids))
        for part in ("columns", "keys", "indexes", "statistics")
    ]
    return tuple(
        TableDescription(
            **dict(table),
            columns=tuple(ColumnDescription(**fields) for fields in columns[oid]),
            keys=tuple(KeyDescription(**fields) for fields in keys[oid]),
            indexes=tuple(IndexDescription(**fields) for fields in indexes[oid]),
            statistics=tuple(StatisticsDescription(**fields) for fields in statistics[oid]),
        )
        for oid, table in zip(oids, tables, strict=True)
    )


async def _views(driver: Connection, schema: Identifier) -> tuple[ViewDescription, ...]:
    views = await driver.fetch(_SQL["views"], schema.name)
    oids = [view["oid"] for view in views]
    columns = _by_owner(await driver.fetch(_SQL["view_columns"], oids))
    return tuple(
        ViewDescription(
            **dict(view),
            columns=tuple(ViewColumnDescription(**fields) for fields in columns[view["oid"]]),
        )
        for view in views
    )


async def _types(driver: Connection, schema: Identifier) -> tuple[TypeDescription, ...]:
    types = await driver.fetch(_SQL["types"], schema.name)
    oids = [row["oid"] for row in types]
    labels = _by_owner(await driver.fetch(_SQL["labels"], oids))
    constraints = _by_owner(await driver.fetch(_SQL["constraints_of_domains"], oids))
    return tuple(
        TypeDescription(
            **dict(row),
            labels=tuple(label["label"] for label in labels[row["oid"]]),
            constraints=tuple(
                ConstraintDescription(**fields) for fields in constraints[row["oid"]]
            ),
        )
        for row in types
    )


def _by_owner(records: Sequence[Record]) -> dict[int, list[dict[str, Any]]]:
    """By the table, view or type that they are part of."""
    fields: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        named = dict(record)
        fields[named.pop("owner")].append(named)
    return fields
