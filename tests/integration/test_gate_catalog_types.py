"""What the gate believes of names, against the server that the tests run on."""

from contextlib import suppress

import asyncpg
import pytest

from domain.gate.vocabulary import catalog_type_names, type_names
from domain.identifiers import Identifier
from tests.unit.test_gate_sequences import FOREIGN, OWN, UNCERTAIN

# In all of them the types are the same ones.
MAJORS = {15, 16, 17, 18}

NAMES_TO_POSTGRESQL = {"number behind a blank", "begins as a number", "hyphen", "operator"}


async def test_every_type_of_this_server_is_on_one_of_the_lists(admin: asyncpg.Connection) -> None:
    """Or begins as no tenant's type may; else a name taken for a tenant's could be PostgreSQL's."""
    rows = await admin.fetch(
        "SELECT typname FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace"
        " AND NOT starts_with(typname, 'pg_') AND NOT starts_with(typname, '_')"
    )
    found = {row["typname"] for row in rows}
    listed = type_names() | catalog_type_names()
    assert sorted(found - listed) == []
    if admin.get_server_version().major in MAJORS:
        assert sorted(listed - found) == []


async def test_a_catalogs_type_comes_before_a_tenants(admin: asyncpg.Connection) -> None:
    """What the lists rest upon, also of a schema that comes first in the path."""
    await admin.execute("CREATE SCHEMA s CREATE TABLE regclass (a int)")
    await admin.execute("SET search_path TO s")
    with pytest.raises((asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError)):
        await admin.fetchval("SELECT 'nowhere.t'::regclass")


async def test_the_sequence_that_the_gate_reads_is_the_one_that_is_drawn_from(
    admin: asyncpg.Connection,
) -> None:
    await admin.execute("CREATE SCHEMA s")
    await admin.execute("SET search_path TO s")
    drawn = {}
    for name, (argument, sequence) in OWN.items():
        await admin.execute(f"CREATE SEQUENCE {Identifier(sequence)} START 77")
        drawn[name] = await admin.fetchval(f"SELECT nextval({argument})")
        await admin.execute(f"DROP SEQUENCE {Identifier(sequence)}")
    assert drawn == dict.fromkeys(OWN, 77)


async def test_what_is_foreign_to_the_gate_is_not_in_the_schema(admin: asyncpg.Connection) -> None:
    await admin.execute("CREATE SCHEMA s CREATE SEQUENCE q CREATE SEQUENCE other")
    await admin.execute("CREATE SCHEMA other CREATE SEQUENCE q")
    await admin.execute("SET search_path TO s")
    for argument in FOREIGN.values():
        with suppress(asyncpg.PostgresError):
            await admin.fetchval(f"SELECT nextval({argument})")
    own = "SELECT q.is_called OR other.is_called FROM s.q, s.other"
    assert await admin.fetchval(own) is False
    assert await admin.fetchval("SELECT is_called FROM other.q") is True


async def test_some_texts_are_refused_though_they_are_names(admin: asyncpg.Connection) -> None:
    """To PostgreSQL; whoever has sequences called so puts them in double quotes."""
    for name in NAMES_TO_POSTGRESQL:
        with pytest.raises(asyncpg.UndefinedTableError):
            await admin.fetchval(f"SELECT nextval({UNCERTAIN[name]})")
