"""What a subset of tables needs, by kind: other tables, which must be named, and all else, which comes."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import pytest
from asyncpg import Connection

from domain.schema import Environment
from repository.roles import OWNER
from tests.catalog import inventory, schemas, ties
from tests.client import Caller, Client
from tests.subset_cases import COMES, NEEDS

NOT_POSSIBLE = 25016


RELATIONS = """
    SELECT relname FROM pg_class
    WHERE relnamespace = $1::text::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1
"""
OTHERS = """
    WITH own (oid) AS (SELECT $1::text::regnamespace)
    SELECT proname::text FROM pg_proc JOIN own ON pronamespace = own.oid
    WHERE NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'i')
    UNION ALL
    SELECT 'type ' || typname FROM pg_type JOIN own ON typnamespace = own.oid
    WHERE typtype IN ('e', 'd', 'r', 'm')
        OR typtype = 'c' AND EXISTS (SELECT FROM pg_class WHERE oid = typrelid AND relkind = 'c')
    UNION ALL
    SELECT 'operator ' || oprname FROM pg_operator JOIN own ON oprnamespace = own.oid
    UNION ALL
    SELECT 'class ' || opcname FROM pg_opclass JOIN own ON opcnamespace = own.oid
    UNION ALL
    SELECT 'family ' || opfname FROM pg_opfamily JOIN own ON opfnamespace = own.oid
    UNION ALL
    SELECT 'collation ' || collname FROM pg_collation JOIN own ON collnamespace = own.oid
    UNION ALL
    SELECT 'configuration ' || cfgname FROM pg_ts_config JOIN own ON cfgnamespace = own.oid
    UNION ALL
    SELECT 'dictionary ' || dictname FROM pg_ts_dict JOIN own ON dictnamespace = own.oid
    UNION ALL
    SELECT 'statistics ' || stxname FROM pg_statistic_ext JOIN own ON stxnamespace = own.oid
    UNION ALL
    SELECT 'sequence ' || relname FROM pg_class JOIN own ON relnamespace = own.oid AND relkind = 'S'
    UNION ALL
    SELECT 'cast to ' || casttarget::regtype FROM pg_cast
    JOIN pg_type ON pg_type.oid = castsource JOIN own ON typnamespace = own.oid AND typtype = 'e'
    ORDER BY 1
"""


@asynccontextmanager
async def as_owner(admin: Connection, schema: str) -> AsyncIterator[None]:
    """With what an operator would have to lend it."""
    rights = (
        "USAGE ON LANGUAGE sql, plpgsql",
        "EXECUTE ON FUNCTION nextval(regclass)",
        "EXECUTE ON FUNCTION to_tsvector(regconfig, text)",
    )
    for right in rights:
        await admin.execute(f"GRANT {right} TO {OWNER}")
    await admin.execute(f"SET ROLE {OWNER}; SET search_path TO {schema}")
    try:
        yield
    finally:
        await admin.execute("RESET ROLE; RESET search_path")
    for right in rights:
        await admin.execute(f"REVOKE {right} FROM {OWNER}")


async def clone(caller: Caller, source: int, tables: Iterable[str]) -> dict[str, object]:
    return await caller.call(
        "clone_database",
        database_id=source,
        new_database_name="copy",
        tables=list(tables),
        environments=["test"],
        verify="checksums",
    )


@pytest.mark.parametrize("kind", NEEDS | COMES)
async def test_needs(client: Client, admin: Connection, kind: str) -> None:
    case = (NEEDS | COMES)[kind]
    caller = client.caller()
    source = await caller.create()
    schema = (await schemas(admin, source))[Environment.TEST]
    async with as_owner(admin, schema):
        await admin.execute(case.sql)
    tables = [case.asked]
    if case.told:
        before = await inventory(admin)
        answer = await clone(caller, source, tables)
        assert answer["code"] == NOT_POSSIBLE
        assert answer["message"] == (
            f"Nothing was copied. More is needed than was asked for: {case.told}."
            f" Name them, too: {case.names}."
        )
        assert await inventory(admin) == before
        tables += case.names.split(", ")
    answer = await clone(caller, source, tables)
    assert answer["code"] == 0, answer
    data = answer["data"]
    assert isinstance(data, dict)
    copy = (await schemas(admin, data["database_id"]))[Environment.TEST]
    partitions = await admin.fetch(
        "SELECT p.relid::regclass::text FROM unnest($2::text[]) AS name"
        " CROSS JOIN pg_partition_tree(format('%I.%I', $1::text, name)::regclass) AS p",
        schema,
        tables,
    )
    expected = sorted({*tables, *(row[0].removeprefix(f"{schema}.") for row in partitions)})
    assert [row[0] for row in await admin.fetch(RELATIONS, copy)] == expected
    others = [row[0] for row in await admin.fetch(OTHERS, copy)]
    of_tables = [other for other in others if other not in case.others.split(", ")]
    assert all(other.startswith("sequence b_") for other in of_tables), others
    assert set(case.others.split(", ")) - {""} <= set(others)
    assert not [tie for tie in await ties(admin, copy) if not tie.endswith(" -> plpgsql")]
    await admin.execute(f"DROP SCHEMA {schema} CASCADE")
    async with as_owner(admin, copy):
        await admin.execute(case.use)


async def test_an_obstacle_within_is_told(client: Client, admin: Connection) -> None:
    """Also where it is not the table itself, but what that needs."""
    caller = client.caller()
    source = await caller.create()
    schema = (await schemas(admin, source))[Environment.TEST]
    async with as_owner(admin, schema):
        await admin.execute(
            "CREATE TABLE a (v int); RESET ROLE;"
            "CREATE FUNCTION f() RETURNS int LANGUAGE internal AS 'pg_backend_pid';"
            "CREATE FUNCTION g() RETURNS int LANGUAGE sql RETURN f(); ALTER FUNCTION g OWNER TO twinbase_owner;"
            "ALTER TABLE a ADD CHECK (g() = v); CREATE TABLE c (v int PRIMARY KEY);"
            "ALTER TABLE c OWNER TO twinbase_owner; CREATE TABLE b (v int REFERENCES c);"
            "ALTER TABLE b OWNER TO twinbase_owner; ALTER TABLE b DISABLE TRIGGER ALL"
        )
    answer = await clone(caller, source, ["a", "c"])
    assert answer["code"] == NOT_POSSIBLE
    assert answer["message"] == (
        "Nothing was copied. A clone cannot carry: test: function f(): is not carried;"
        " test: function g(): needs what a clone does not carry (function)."
    )
    assert "is switched off" in str(await clone(caller, source, ["b", "c"]))
    assert (await clone(caller, source, ["c"]))["code"] == 0


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE a (v regclass, w regclass[]); INSERT INTO a VALUES ('{secret}', '{{a}}')",
        "CREATE TABLE a (v regtype); INSERT INTO a VALUES ('{secret}[]')",
        "CREATE TABLE a (v int CHECK (f(v) > 0)); INSERT INTO a VALUES (1)",
        "CREATE TABLE a (v int); INSERT INTO a VALUES (1); CREATE INDEX ON a (f(v))",
        "CREATE TABLE a (v int, w int GENERATED ALWAYS AS (f(v)) STORED); INSERT INTO a VALUES (1)",
        "CREATE MATERIALIZED VIEW a AS SELECT f(1) AS v",
    ],
)
async def test_what_nobody_can_know_before(client: Client, admin: Connection, sql: str) -> None:
    """What texts name is found when it is missing, and ends the clone; the text is not told."""
    caller = client.caller()
    source = await caller.create()
    schema = (await schemas(admin, source))[Environment.TEST]
    async with as_owner(admin, schema):
        await admin.execute(
            'CREATE TABLE "somebody\'s" (v int); INSERT INTO "somebody\'s" VALUES (1);'
            "CREATE FUNCTION f(int) RETURNS int LANGUAGE plpgsql IMMUTABLE"
            f" AS 'BEGIN RETURN 1 + 0 * (SELECT count(*) FROM {schema}.\"somebody''s\"); END';"
            + sql.format(secret="\"somebody''s\"")
        )
    before = await inventory(admin)
    answer = await clone(caller, source, ["a"])
    assert answer["code"] == NOT_POSSIBLE
    assert "The rows need something that would not be in the copy" in str(answer["message"])
    assert "somebody" not in str(answer)
    assert await inventory(admin) == before
    assert (await clone(caller, source, ["a", "somebody's"]))["code"] == 0
