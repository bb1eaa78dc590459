"""Brings the tables of a schema to the state that every tenant table has.

``id`` bigint and ``uid`` varchar, both NOT NULL and without defaults of their own; a unique index
on ``id`` and an index on ``uid``; row security with our two policies; the trigger that stamps
rows; the rights of the roles that run DML; owned by ``twinbase_owner``. What is found, not what a
statement said, decides what is done, so it does not matter how a table came to be as it is.
"""

from collections.abc import Collection, Sequence

from asyncpg import Connection, Record

from domain.identifiers import Identifier
from exceptions.errors import DdlNotAllowed, ServerError
from repository.queries import queries, with_identifiers
from repository.roles import DDL, DML, DML_ROLES, OWNER, READER, SERVICE, SPACE

_SQL = queries("schemas")

_INTEGERS = frozenset({"smallint", "integer", "bigint"})
_TEXTS = frozenset({"character varying", "text"})
_WITHOUT_LENGTH = -1


async def settle(driver: Connection, schema: Identifier, run_by: str) -> None:
    """Called as ``twinbase_ddl`` within a DDL's transaction; returns as ``twinbase_service``.

    Only what ``twinbase_ddl`` owns can have changed. Raises DdlNotAllowed where a table declares
    a managed column in a way that cannot be kept.
    """
    relations = await _relations_of_ddl(driver, schema, None)
    _refuse_unusable_relations(relations)
    tables = [row["oid"] for row in relations if row["kind"] == "r"]
    found = await _manage_columns(driver, tables, run_by)
    await driver.execute(_SQL["become_service"])
    if len(tables) < len(relations):
        await _take_sequences_back(driver, schema)
    await guard(driver, schema, found)
    if _unsettled(await _facts(driver, tables)):
        raise ServerError


async def manage_columns(
    driver: Connection, schema: Identifier, run_by: str, named: Collection[str]
) -> None:
    """For a DDL's next statement, which names tables made just before: those have ids by now."""
    relations = await _relations_of_ddl(driver, schema, sorted(named))
    await _manage_columns(driver, [row["oid"] for row in relations if row["kind"] == "r"], run_by)


async def _manage_columns(driver: Connection, tables: list[int], run_by: str) -> list[Record]:
    """What was found before; guarding asks about nothing that is changed here."""
    found = await _facts(driver, tables)
    _refuse_unusable_columns(found)
    if any(facts["has_defaults"] for facts in found):
        await _make_serials_identities(driver, tables)
    for facts in found:
        await _make_id_managed(driver, facts)
        await _make_uid_managed(driver, facts, run_by)
        await _index_managed_columns(driver, facts)
    if any(facts["has_references"] for facts in found):
        await _widen_references(driver, tables)
    return found


async def _relations_of_ddl(
    driver: Connection, schema: Identifier, named: list[str] | None
) -> list[Record]:
    return list(await driver.fetch(_SQL["relations_of_ddl"], schema.name, DDL.name, named))


async def guard(driver: Connection, schema: Identifier, tables: Sequence[Record]) -> None:
    """Policy, trigger, rights and owner; as ``twinbase_service``, which runs no tenant's code."""
    batch = []
    for facts in tables:
        table = Identifier(facts["name"])
        batch.append(
            with_identifiers(_SQL["take_table_back"], schema=schema, table=table, owner=OWNER)
        )
        if not _is_guarded(facts):
            batch.append(
                with_identifiers(
                    _SQL["guard_table"],
                    schema=schema,
                    table=table,
                    **DML_ROLES,
                    create_time=Identifier(facts["create_time"]),
                    update_time=Identifier(facts["update_time"]),
                )
            )
    if batch:
        await driver.execute(";".join(batch))


async def unsettled_tables(driver: Connection, schema: Identifier) -> list[Record]:
    """Those of a whole schema that are not as every tenant table must be; for ``guard``."""
    tables = await driver.fetch(_SQL["tables_of_schema"], schema.name)
    return _unsettled(await _facts(driver, [row["oid"] for row in tables]))


async def _facts(driver: Connection, tables: list[int]) -> list[Record]:
    if not tables:
        return []
    roles = (DML.name, SPACE.name, READER.name, OWNER.name)
    return list(await driver.fetch(_SQL["facts"], tables, *roles))


def _unsettled(tables: list[Record]) -> list[Record]:
    return [
        facts
        for facts in tables
        if not (
            facts["id_type"] == "bigint"
            and facts["id_is_plain"]
            and facts["id_is_unique"]
            and _is_varchar(facts)
            and facts["uid_is_plain"]
            and facts["uid_is_indexed"]
            and _is_guarded(facts)
            and facts["is_owned"]
        )
    ]


def _is_guarded(facts: Record) -> bool:
    return bool(
        facts["has_row_security"]
        and facts["has_policies"]
        and facts["has_trigger"]
        and facts["is_granted"]
    )


def _is_varchar(facts: Record) -> bool:
    return (facts["uid_type"], facts["uid_length"]) == ("character varying", _WITHOUT_LENGTH)


def _refuse_unusable_relations(relations: Sequence[Record]) -> None:
    for relation in relations:
        if relation["kind"] not in {"r", "S"}:
            raise DdlNotAllowed(f'"{relation["name"]}" is neither a plain table nor a sequence.')


def _refuse_unusable_columns(tables: Sequence[Record]) -> None:
    for facts in tables:
        if facts["id_type"] not in _INTEGERS | {None}:
            raise DdlNotAllowed(
                f'Column "id" of table "{facts["name"]}" is given out by the service: '
                f"declare it as BIGINT or leave it out, not as {facts['id_type']}."
            )
        if facts["uid_type"] not in _TEXTS | {None}:
            raise DdlNotAllowed(
                f'Column "uid" of table "{facts["name"]}" holds the row\'s owner: '
                f"declare it as VARCHAR or leave it out, not as {facts['uid_type']}."
            )


async def _make_serials_identities(driver: Connection, tables: list[int]) -> None:
    """A right to draw from one tenant's sequence would be one to draw from all tenants'."""
    serials = await driver.fetch(_SQL["serial_columns"], tables)
    if not serials:
        return
    following = {}
    for name in sorted({row["sequence"] for row in serials}):
        query = with_identifiers(_SQL["next_of_sequence"], sequence=Identifier(name))
        following[name] = await driver.fetchval(query)
    batch = [f"{_alter_column(row)} DROP DEFAULT" for row in serials]
    batch += [f"DROP SEQUENCE {Identifier(name)}" for name in following]
    for row in serials:
        if row["column"] != "id":
            start = following[row["sequence"]]
            batch.append(f"{_alter_column(row)} SET NOT NULL")
            batch.append(f"{_alter_column(row)} ADD GENERATED BY DEFAULT AS IDENTITY")
            batch.append(f"{_alter_column(row)} RESTART WITH {start:d}")
    await driver.execute(";".join(batch))


def _alter_column(row: Record) -> str:
    return f"ALTER TABLE {Identifier(row['table'])} ALTER COLUMN {Identifier(row['column'])}"


async def _make_id_managed(driver: Connection, facts: Record) -> None:
    if facts["id_type"] == "bigint" and facts["id_is_plain"]:
        return
    table = Identifier(facts["name"])
    if facts["id_type"] is None:
        await driver.execute(f"ALTER TABLE {table} ADD COLUMN id bigint")
    else:
        await driver.execute(
            f"ALTER TABLE {table} ALTER COLUMN id DROP IDENTITY IF EXISTS;"
            f"ALTER TABLE {table} ALTER COLUMN id DROP DEFAULT, ALTER COLUMN id TYPE bigint"
        )
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


async def _make_uid_managed(driver: Connection, facts: Record, run_by: str) -> None:
    table = Identifier(facts["name"])
    if facts["uid_type"] is None:
        await driver.execute(f"ALTER TABLE {table} ADD COLUMN uid varchar")
    elif not _is_varchar(facts):
        # An owner is as long as app_id:uid, whatever length the table's author thought of.
        await driver.execute(f"ALTER TABLE {table} ALTER COLUMN uid TYPE varchar")
    if not facts["uid_is_plain"]:
        await driver.execute(f"ALTER TABLE {table} ALTER COLUMN uid DROP DEFAULT")
        await driver.execute(with_identifiers(_SQL["give_owner"], table=table), run_by)
        await driver.execute(f"ALTER TABLE {table} ALTER COLUMN uid SET NOT NULL")


async def _index_managed_columns(driver: Connection, facts: Record) -> None:
    """A table that never had a key gets one; whoever drops it later means to choose another."""
    table = Identifier(facts["name"])
    if not facts["has_key"] and not facts["has_policies"]:
        await driver.execute(f"ALTER TABLE {table} ADD PRIMARY KEY (id)")
    elif not facts["id_is_unique"]:
        await driver.execute(f"CREATE UNIQUE INDEX ON {table} (id)")
    if not facts["uid_is_indexed"]:
        await driver.execute(f"CREATE INDEX ON {table} (uid)")


async def _widen_references(driver: Connection, tables: list[int]) -> None:
    """Who writes ``user_id INTEGER REFERENCES users(id)`` means the id, which is a bigint."""
    for row in await driver.fetch(_SQL["narrow_references"], tables):
        await driver.execute(f"{_alter_column(row)} TYPE bigint")


async def _take_sequences_back(driver: Connection, schema: Identifier) -> None:
    """Those of no column, which no table takes along; some may be gone since they were found."""
    for row in await _relations_of_ddl(driver, schema, None):
        if row["kind"] == "S":
            sequence = Identifier(row["name"])
            await driver.execute(
                with_identifiers(
                    _SQL["take_sequence_back"], schema=schema, sequence=sequence, owner=OWNER
                )
            )
