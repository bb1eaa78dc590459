"""Brings the tables of a schema to the state that every tenant table has.

``id`` bigint and ``uid`` varchar, both NOT NULL and without defaults of their own; a key and an
index on them; row security with our one policy; the trigger that stamps rows; the rights of
``twinbase_dml``; owned by ``twinbase_service``. What is found, not what a statement said,
decides what is done, so it does not matter how a table came to be as it is.
"""

from asyncpg import Connection, Record

from domain.identifiers import Identifier
from exceptions.errors import DdlNotAllowed, ServerError
from repository.queries import queries, with_identifiers
from repository.roles import DDL, DML, SERVICE

_SQL = queries("schemas")

_WIDENED = frozenset({"smallint", "integer"})
_OWNER_TYPES = frozenset({"character varying", "text"})


async def settle(driver: Connection, schema: Identifier, run_by: str) -> None:
    """Called as ``twinbase_ddl`` within a DDL's transaction; returns as ``twinbase_service``.

    Raises DdlNotAllowed where a table declares a managed column in a way that cannot be kept.
    """
    unsettled = await _unsettled(driver, schema)
    for facts in unsettled:
        table = Identifier(facts["name"])
        _refuse_unusable_columns(facts)
        await _make_id_managed(driver, table, facts)
        await _make_uid_managed(driver, table, facts, run_by)
        await _index_managed_columns(driver, table, facts)
    await _widen_references(driver, schema, [facts["name"] for facts in unsettled])
    await driver.execute(with_identifiers(_SQL["become_service"]))
    await guard(driver, schema, unsettled)
    if await _unsettled(driver, schema):
        raise ServerError


async def guard(driver: Connection, schema: Identifier, unsettled: list[Record]) -> None:
    """Policy, trigger, rights and owner; as ``twinbase_service``, which runs no tenant's code."""
    batch = []
    for facts in unsettled:
        table = Identifier(facts["name"])
        batch.append(
            with_identifiers(
                _SQL["take_table_back"], schema=schema, table=table, service=SERVICE, ddl=DDL
            )
        )
        if not facts["is_guarded"]:
            batch.append(
                with_identifiers(
                    _SQL["guard_table"],
                    schema=schema,
                    table=table,
                    dml=DML,
                    ddl=DDL,
                    create_time=Identifier(facts["create_time"]),
                    update_time=Identifier(facts["update_time"]),
                )
            )
    for row in await driver.fetch(_SQL["ungranted_sequences"], schema.name, DML.name):
        batch.append(
            with_identifiers(
                _SQL["grant_sequence"], schema=schema, sequence=Identifier(row[0]), dml=DML
            )
        )
    if batch:
        await driver.execute(";".join(batch))


async def _unsettled(driver: Connection, schema: Identifier) -> list[Record]:
    return list(await driver.fetch(_SQL["unsettled_tables"], schema.name, DML.name, SERVICE.name))


def _refuse_unusable_columns(facts: Record) -> None:
    table = facts["name"]
    if facts["id_type"] not in _WIDENED | {None, "bigint"}:
        raise DdlNotAllowed(
            f'Column "id" of table "{table}" is given out by the service: '
            f"declare it as BIGINT or leave it out, not as {facts['id_type']}."
        )
    if facts["uid_type"] not in _OWNER_TYPES | {None}:
        raise DdlNotAllowed(
            f'Column "uid" of table "{table}" holds the row\'s owner: '
            f"declare it as VARCHAR or leave it out, not as {facts['uid_type']}."
        )


async def _make_id_managed(driver: Connection, table: Identifier, facts: Record) -> None:
    if facts["id_type"] == "bigint" and facts["id_is_plain"] and facts["id_sequence"] is None:
        return
    if facts["id_type"] is None:
        await driver.execute(f"ALTER TABLE {table} ADD COLUMN id bigint")
    else:
        await driver.execute(
            f"ALTER TABLE {table} ALTER COLUMN id DROP IDENTITY IF EXISTS;"
            f"ALTER TABLE {table} ALTER COLUMN id DROP DEFAULT, ALTER COLUMN id TYPE bigint"
        )
    sequence = facts["id_sequence"]
    if sequence is not None:
        await driver.execute(f"DROP SEQUENCE IF EXISTS {Identifier(sequence)}")
    if await driver.fetchval(with_identifiers(_SQL["needs_new_ids"], table=table)):
        first = await _next_id(driver)
        await driver.execute(with_identifiers(_SQL["give_new_ids"], table=table), first)
    await driver.execute(f"ALTER TABLE {table} ALTER COLUMN id SET NOT NULL")


async def _next_id(driver: Connection) -> int:
    """Ids upward from here are of the past before the transaction can end: nobody gets them."""
    await driver.execute(f"SET LOCAL ROLE {SERVICE}")
    try:
        first: int = await driver.fetchval("SELECT twinbase.next_id()")
    finally:
        await driver.execute(f"SET LOCAL ROLE {DDL}")
    return first


async def _make_uid_managed(
    driver: Connection, table: Identifier, facts: Record, run_by: str
) -> None:
    if facts["uid_type"] is None:
        await driver.execute(f"ALTER TABLE {table} ADD COLUMN uid varchar")
    elif not facts["is_guarded"]:
        # An owner is as long as app_id:uid, whatever length the table's author thought of.
        await driver.execute(
            f"ALTER TABLE {table} ALTER COLUMN uid DROP DEFAULT, ALTER COLUMN uid TYPE varchar"
        )
    if not facts["uid_is_plain"]:
        await driver.execute(with_identifiers(_SQL["give_owner"], table=table), run_by)
        await driver.execute(f"ALTER TABLE {table} ALTER COLUMN uid SET NOT NULL")


async def _index_managed_columns(driver: Connection, table: Identifier, facts: Record) -> None:
    if facts["is_guarded"]:
        return
    if not facts["has_key"]:
        await driver.execute(f"ALTER TABLE {table} ADD PRIMARY KEY (id)")
    elif not facts["id_is_indexed"]:
        await driver.execute(f"CREATE UNIQUE INDEX ON {table} (id)")
    if not facts["uid_is_indexed"]:
        await driver.execute(f"CREATE INDEX ON {table} (uid)")


async def _widen_references(driver: Connection, schema: Identifier, tables: list[str]) -> None:
    """Who writes ``user_id INTEGER REFERENCES users(id)`` means the id, which is a bigint."""
    for row in await driver.fetch(_SQL["narrow_references"], schema.name, tables):
        await driver.execute(
            f"ALTER TABLE {Identifier(row['table'])} "
            f"ALTER COLUMN {Identifier(row['column'])} TYPE bigint"
        )
