"""Settles once more what somebody has changed past the service: what ``doctor --fix`` may do.

No row is changed and nothing is dropped; what would need that is left, and told again.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from asyncpg import Connection, Record

from domain.consistency import OF_TABLES, FindingKind
from domain.database import Database
from domain.identifiers import Identifier
from repository.drift import SEQUENCE, TABLE, VIEW, Drifted, drift_of
from repository.driver_errors import translated
from repository.managed_columns import can_be_guarded, can_be_managed, facts_of
from repository.one_message import in_one_message
from repository.queries import queries, with_identifiers
from repository.roles import DDL, DML_ROLES
from repository.settling import guard_anew, lend_and_settle, prove_settled
from repository.tenant_ddl import open_for_ddl

_SQL = queries("drift")
_SCHEMAS_SQL = queries("schemas")
_REVOKE = {
    TABLE: _SQL["revoke_all_on_table"],
    VIEW: _SQL["revoke_all_on_table"],
    SEQUENCE: _SQL["revoke_all_on_sequence"],
}


@dataclass(frozen=True, slots=True)
class _Relation:
    oid: int
    schema: Identifier
    name: Identifier
    kind: str


async def settle_again(driver: Connection, database: Database) -> bool:
    """Within a transaction that holds the lock of the database; whether there was anything to do.

    Raises what a DDL raises where somebody else holds a table.
    """
    with translated():
        drifted = [each for each in await drift_of(driver, database.id) if _is_settled(each)]
        await _guard_schemas(driver, drifted)
        unmanaged = {
            each.oid for each in drifted if each.finding.kind is FindingKind.UNMANAGED_COLUMN
        }
        relations = await _relations(driver, {each.oid for each in drifted})
        for schema in database.schemas.values():
            here = [relation for relation in relations if relation.schema == schema]
            await _guard_relations(driver, schema, here)
            columns = [relation for relation in here if relation.oid in unmanaged]
            await _manage(driver, schema, columns, database.uid)
    return bool(drifted)


def _is_settled(drifted: Drifted) -> bool:
    return drifted.finding.kind in OF_TABLES


async def _guard_schemas(driver: Connection, drifted: Iterable[Drifted]) -> None:
    for name in sorted({each.schema for each in drifted if each.oid is None}):
        await driver.execute(
            with_identifiers(_SQL["guard_schema"], schema=Identifier(name), ddl=DDL, **DML_ROLES)
        )


async def _relations(driver: Connection, oids: Iterable[int | None]) -> list[_Relation]:
    rows = await driver.fetch(_SQL["relation_named"], sorted(oid for oid in oids if oid))
    return [
        _Relation(row["oid"], Identifier(row["schema"]), Identifier(row["name"]), row["kind"])
        for row in rows
    ]


async def _guard_relations(
    driver: Connection, schema: Identifier, relations: list[_Relation]
) -> None:
    """What belongs to somebody else is left to whoever may give it back; what has no owner of rows,
    to a DDL, which gives it some.
    """
    tables = await facts_of(driver, [each.oid for each in relations if each.kind == TABLE])
    owned = [facts for facts in tables if facts["is_owned"] and can_be_guarded(facts)]
    names = {facts["name"] for facts in owned}
    reached = [each for each in relations if each.kind != TABLE or each.name.name in names]
    batch = [
        with_identifiers(_REVOKE[each.kind], schema=schema, name=each.name, ddl=DDL, **DML_ROLES)
        for each in reached
    ]
    batch += [
        with_identifiers(_SCHEMAS_SQL["guard_view"], schema=schema, name=each.name, **DML_ROLES)
        for each in reached
        if each.kind == VIEW
    ]
    await in_one_message(driver, batch)
    await guard_anew(driver, schema, owned)


async def _manage(
    driver: Connection, schema: Identifier, tables: list[_Relation], run_by: str
) -> None:
    """As a DDL on the tables would; not where it would give rows another id or owner."""
    facts = await facts_of(driver, [each.oid for each in tables])
    safe = [row for row in facts if await _keeps_rows(driver, schema, row)]
    if not safe:
        return
    async with open_for_ddl(driver, schema):
        await driver.execute(with_identifiers(_SCHEMAS_SQL["become_service"]))
        await prove_settled(driver, await lend_and_settle(driver, schema, safe, run_by))


async def _keeps_rows(driver: Connection, schema: Identifier, facts: Record) -> bool:
    if not can_be_managed(facts) or not facts["is_owned"]:
        return False
    query = with_identifiers(
        _SQL["has_rows_to_change"], schema=schema, table=Identifier(facts["name"])
    )
    return not await driver.fetchval(query)
