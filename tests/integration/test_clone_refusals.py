"""What a clone cannot carry it refuses before it starts; what fails later leaves nothing."""

import pytest
from asyncpg import Connection

from domain.schema import Environment
from tests.catalog import inventory, schemas
from tests.client import Client, Row
from tests.obstacles import KINDS, THINGS

NOT_POSSIBLE = 25016


async def clone(client: Client, source: int, **options: object) -> Row:
    return await client.caller().call(
        "clone_database", database_id=source, new_database_name=f"copy_{source}", **options
    )


@pytest.mark.parametrize("kind", KINDS)
async def test_what_cannot_be_carried_is_named(
    client: Client, admin: Connection, kind: str
) -> None:
    """In the test schema, so that a refusal after prod was copied would leave something."""
    caller = client.caller()
    another = await client.caller("another").create("another")
    await client.caller("another").ddl(another, THINGS)
    foreign = (await schemas(admin, another))[Environment.TEST]
    unexpected = {}
    for number, (case, obstacle) in enumerate(KINDS[kind].items()):
        source = await caller.create(f"source{number}")
        await caller.ddl(source, THINGS)
        schema = (await schemas(admin, source))[Environment.TEST]
        sql = obstacle.sql.replace("@schema@", schema).replace("@another@", foreign)
        await admin.execute(f"SET search_path TO {schema}; {sql}")
        before = await inventory(admin)
        answer = await clone(client, source)
        if (
            answer["code"] != NOT_POSSIBLE
            or obstacle.told not in answer["message"]
            or await inventory(admin) != before
        ):
            unexpected[case] = answer
        await admin.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    assert not unexpected


async def test_all_obstacles_of_both_environments_are_told_up_to_a_number(
    client: Client, admin: Connection
) -> None:
    source = await client.caller().create()
    for schema in (await schemas(admin, source)).values():
        for number in range(11):
            await admin.execute(
                f"CREATE FUNCTION {schema}.inside{number:02}() RETURNS integer"
                " LANGUAGE internal AS 'pg_backend_pid'"
            )
    message = (await clone(client, source))["message"]
    assert message.count("function inside") == 20
    assert "prod: function inside00(): is not" in message
    assert "test: function inside00(): is not" in message
    assert message.endswith("; and 2 more.")


async def test_obstacles_are_told_where_definitions_of_the_other_environment_cannot_be_read(
    client: Client, admin: Connection
) -> None:
    source = await client.caller().create()
    pair = await schemas(admin, source)
    test = pair[Environment.TEST]
    await admin.execute(
        f"CREATE FUNCTION {pair[Environment.PROD]}.inside() RETURNS integer"
        " LANGUAGE internal AS 'pg_backend_pid';"
        f"CREATE FUNCTION {test}.told() RETURNS text LANGUAGE sql AS $$ SELECT 'in {test} it is' $$"
    )
    answer = await clone(client, source)
    assert answer["code"] == NOT_POSSIBLE
    assert "prod: function inside(): is not" in answer["message"]


async def test_obstacles_are_told_where_the_other_environment_may_not_be_read(
    client: Client, admin: Connection
) -> None:
    source = await client.caller().create()
    pair = await schemas(admin, source)
    await admin.execute(
        "DROP SCHEMA twinbase_guard CASCADE;"
        f"CREATE FUNCTION {pair[Environment.PROD]}.inside() RETURNS integer"
        " LANGUAGE internal AS 'pg_backend_pid';"
        f"CREATE SEQUENCE {pair[Environment.TEST]}.of_a_superuser"
    )
    answer = await clone(client, source, schema_only=True)
    assert answer["code"] == NOT_POSSIBLE
    assert "prod: function inside(): is not" in answer["message"]


@pytest.mark.parametrize(
    "change",
    [
        "DROP SCHEMA twinbase_guard CASCADE",
        "ALTER FUNCTION twinbase_guard.copy_operator_class(oid, name) OWNER TO twinbase_reader",
        "REVOKE ALL ON FUNCTION twinbase_guard.copy_operator_class FROM twinbase_service",
    ],
)
async def test_what_only_a_superuser_may_make_needs_what_he_has_left(
    client: Client, admin: Connection, change: str
) -> None:
    source = await client.caller().create()
    schema = (await schemas(admin, source))[Environment.TEST]
    await admin.execute(
        f"""
        SET search_path TO {schema};
        CREATE FUNCTION tight() RETURNS integer LEAKPROOF LANGUAGE sql AS 'SELECT 1';
        CREATE OPERATOR CLASS own FOR TYPE text USING btree AS
            OPERATOR 1 <, FUNCTION 1 bttextcmp, FUNCTION 1 (text, name) bttextnamecmp;
        RESET search_path;
        {change}
        """
    )
    before = await inventory(admin)
    answer = await clone(client, source)
    assert answer["code"] == NOT_POSSIBLE
    assert await inventory(admin) == before
    since = (
        ": is not carried, since only a superuser may make it: if the service is started once"
        " with TWINBASE_ADMIN_URL naming one, it will be"
    )
    assert answer["message"] == (
        "Nothing was copied. A clone cannot carry:"
        f" test: function tight(){since};"
        f" test: operator class own for access method btree{since};"
        f" test: operator family own for access method btree{since}."
    )


async def test_nothing_that_others_built_on_the_source_hinders(
    client: Client, admin: Connection
) -> None:
    caller = client.caller()
    source = await caller.create()
    await caller.ddl(source, THINGS)
    schema = (await schemas(admin, source))[Environment.PROD]
    await admin.execute(
        f"""
        CREATE VIEW public.seen AS SELECT word FROM {schema}.things;
        CREATE TABLE public.referring (id bigint REFERENCES {schema}.things (id));
        CREATE TABLE public.heir (CHECK (number > 0)) INHERITS ({schema}.things);
        CREATE PUBLICATION told FOR TABLE {schema}.things;
        CREATE PUBLICATION all_told FOR TABLES IN SCHEMA {schema};
        ANALYZE {schema}.things
        """
    )
    answer = await clone(client, source)
    assert answer["code"] == 0, answer


async def test_a_check_that_time_has_broken_is_named_and_nothing_left(
    client: Client, admin: Connection
) -> None:
    caller = client.caller()
    source = await caller.create()
    await caller.ddl(
        source,
        "CREATE TABLE offers (until timestamptz, CONSTRAINT open CHECK (until > clock_timestamp()));"
        "CREATE TABLE others (v integer)",
    )
    await caller.dml(
        source, "INSERT INTO offers VALUES (clock_timestamp() + interval '0.1 seconds')"
    )
    before = await inventory(admin)
    schema = (await schemas(admin, source))[Environment.TEST]
    while await admin.fetchval(f"SELECT until > clock_timestamp() FROM {schema}.offers"):
        pass
    answer = await clone(client, source)
    assert answer["code"] == NOT_POSSIBLE
    assert "open of table offers" in answer["message"]
    assert await inventory(admin) == before


@pytest.mark.parametrize(
    "command",
    [
        "CREATE SCHEMA",
        "GRANT",
        "CREATE TABLE",
        "CREATE VIEW",
        "DROP VIEW",
        "CREATE INDEX",
        "ALTER TABLE",
        "COMMENT",
        "REVOKE",
        "CREATE POLICY",
        "CREATE TRIGGER",
    ],
)
async def test_a_failure_at_any_step_leaves_nothing(
    client: Client, admin: Connection, command: str
) -> None:
    caller = client.caller()
    source = await caller.create()
    await caller.ddl(source, THINGS)
    await caller.ddl(
        source,
        "ALTER TABLE things ADD COLUMN twice integer GENERATED ALWAYS AS (number * 2) STORED;"
        "ALTER TABLE things ADD COLUMN n serial; COMMENT ON TABLE things IS 'x'",
    )
    await caller.dml(source, "INSERT INTO things (number) VALUES (1)")
    await admin.execute(
        f"""
        CREATE FUNCTION public.fail() RETURNS event_trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
        CREATE EVENT TRIGGER fail ON ddl_command_end WHEN TAG IN ('{command}')
        EXECUTE FUNCTION public.fail()
        """
    )
    before = await inventory(admin)
    answer = await clone(client, source)
    assert answer["code"] in {25010, 25011}
    assert "no" not in answer.get("message", "").split()
    assert await inventory(admin) == before
    await admin.execute("DROP EVENT TRIGGER fail")
    answer = await clone(client, source)
    assert answer["code"] == 0, answer
