"""Brings what is in a schema to the state in which a tenant's objects must be.

Tables: with managed columns (``managed_columns``), row security with our two policies, the trigger
that stamps rows, the rights of the roles that run DML. Views: with their caller's rights, and the
same rights on them. Sequences, types and statistics: without any. All owned by ``twinbase_owner``.
What is found, not what a statement said, decides what is done, so it does not matter how an object
came to be as it is.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from asyncpg import Connection, Record

from domain.identifiers import Identifier
from exceptions.errors import DdlNotAllowed, ServerError
from repository.known_statements import fetch
from repository.lending import Kind
from repository.managed_columns import are_managed, facts_of, manage
from repository.one_message import in_one_message
from repository.queries import queries, with_identifiers
from repository.roles import DDL, DML_ROLES, OWNER

_SQL = queries("schemas")


async def settle(driver: Connection, schema: Identifier, run_by: str) -> list[int]:
    """The tables, which ``prove_settled`` is to be asked about.

    Called as ``twinbase_ddl`` within a DDL's transaction; returns as ``twinbase_service``.
    Only what ``twinbase_ddl`` owns can have changed. Raises DdlNotAllowed where that is of no kind
    that a tenant may have, or declares a managed column in a way that cannot be kept.
    """
    objects = await _objects_of_ddl(driver, schema)
    _refuse_unusable(objects)
    tables = [row["oid"] for row in objects if row["kind"] == Kind.TABLE]
    found = await manage(driver, tables, run_by)
    # Asked anew: with a serial, a sequence may be gone.
    others = await _objects_of_ddl(driver, schema) if len(tables) < len(objects) else []
    batch = [_SQL["become_service"], *_take_others_back(schema, others), *_guard(schema, found)]
    await in_one_message(driver, batch)
    return tables


async def prove_settled(driver: Connection, tables: list[int]) -> None:
    if unsettled(await facts_of(driver, tables)):
        raise ServerError


async def settle_what_was_not_lent(
    driver: Connection, schema: Identifier, run_by: str
) -> list[int]:
    """As ``settle``, called after it: CASCADE takes columns of any table along.

    And with a column the index that held it beside a managed one. What somebody else put into the
    schema is left alone.
    """
    found = unsettled(await facts_of_schema(driver, schema))
    lost = [facts for facts in found if facts["is_owned"]]
    return await lend_and_settle(driver, schema, lost, run_by) if lost else []


async def lend_and_settle(
    driver: Connection, schema: Identifier, tables: Sequence[Record], run_by: str
) -> list[int]:
    """What was not lent is lent now. Called as the service, which it is again at the end."""
    lend = (
        with_identifiers(
            _SQL["give_table"], schema=schema, name=Identifier(facts["name"]), owner=DDL
        )
        for facts in tables
    )
    become_ddl = with_identifiers(_SQL["become_ddl"], schema=schema, ddl=DDL)
    await in_one_message(driver, (*lend, become_ddl))
    return await settle(driver, schema, run_by)


async def manage_columns(
    driver: Connection,
    schema: Identifier,
    run_by: str,
    named: Collection[str],
    *,
    with_indexes: bool,
) -> None:
    """For a DDL's next statement, which names tables made just before: those have ids by now."""
    relations = await driver.fetch(_SQL["relations_named"], [schema.name], sorted(named))
    of_ddl = {row["oid"] for row in await _objects_of_ddl(driver, schema)}
    await manage(
        driver,
        sorted({row["oid"] for row in relations if row["kind"] == Kind.TABLE} & of_ddl),
        run_by,
        with_indexes=with_indexes,
    )


async def _objects_of_ddl(driver: Connection, schema: Identifier) -> list[Record]:
    return await fetch(driver, _SQL["objects_of_ddl"], schema.name, DDL.name)


def _take_others_back(schema: Identifier, objects: Iterable[Record]) -> Iterator[str]:
    """All but tables, which ``_guard`` takes back.

    As ``twinbase_service``, as is ``_guard``: it runs no tenant's code.
    """
    for row in objects:
        if row["kind"] == Kind.TABLE:
            continue
        name = Identifier(row["name"])
        give = _SQL[f"give_{row['kind']}"]
        yield with_identifiers(give, schema=schema, name=name, owner=OWNER)
        if row["kind"] == Kind.VIEW:
            yield with_identifiers(_SQL["guard_view"], schema=schema, name=name, **DML_ROLES)


async def guard_anew(driver: Connection, schema: Identifier, tables: Sequence[Record]) -> None:
    """Policies, trigger, rights and owner of tables, whatever they had."""
    await in_one_message(driver, _guard(schema, tables, anew=True))


async def guard_copies(driver: Connection, schema: Identifier, tables: Sequence[Record]) -> None:
    """Of tables that have nothing of that yet; the facts are of those they copy."""
    batch = (
        statement
        for facts in tables
        for statement in (_give(schema, facts), _protect(schema, facts))
    )
    await in_one_message(driver, batch)


def _guard(schema: Identifier, tables: Iterable[Record], *, anew: bool = False) -> Iterator[str]:
    for facts in tables:
        yield _give(schema, facts)
        if anew or not _is_guarded(facts):
            table = Identifier(facts["name"])
            yield with_identifiers(_SQL["unguard_table"], schema=schema, table=table)
            yield _protect(schema, facts)


def _give(schema: Identifier, facts: Record) -> str:
    table = Identifier(facts["name"])
    return with_identifiers(_SQL["give_table"], schema=schema, name=table, owner=OWNER)


def _protect(schema: Identifier, facts: Record) -> str:
    return with_identifiers(
        _SQL["guard_table"],
        schema=schema,
        table=Identifier(facts["name"]),
        **DML_ROLES,
        create_time=Identifier(facts["create_time"]),
        update_time=Identifier(facts["update_time"]),
    )


async def facts_of_schema(driver: Connection, schema: Identifier) -> list[Record]:
    """Of all its tables."""
    tables = await fetch(driver, _SQL["tables_of_schema"], schema.name)
    return await facts_of(driver, [row["oid"] for row in tables])


def unsettled(tables: Iterable[Record]) -> list[Record]:
    """Those that are not as every tenant table must be."""
    return [
        facts
        for facts in tables
        if not (are_managed(facts) and _is_guarded(facts) and facts["is_owned"])
    ]


def has_marks(facts: Record) -> bool:
    """Whether any part of the guard is on the table."""
    return bool(facts["has_policies"] or facts["has_trigger"] or facts["is_granted"])


def _is_guarded(facts: Record) -> bool:
    return bool(
        facts["has_row_security"]
        and facts["has_policies"]
        and facts["has_trigger"]
        and facts["is_granted"]
    )


def _refuse_unusable(objects: Sequence[Record]) -> None:
    for found in objects:
        if found["kind"] is None:
            raise DdlNotAllowed(
                f'"{found["name"]}" is of a kind that a database cannot have: there are plain'
                " tables, views, sequences, enumerations, domains and statistics."
            )
