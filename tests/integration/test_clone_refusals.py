"""What a clone cannot carry it refuses before it starts; what fails later leaves nothing."""

import pytest
from asyncpg import Connection

from tests.catalog import inventory, schemas
from tests.client import Client, Row

NOT_POSSIBLE = 25016

# By kind: what an operator does in a tenant's schema, and what the refusal must say of it.
# All begins with table things (word varchar, number integer) with an index words on word.
KINDS: dict[str, dict[str, tuple[str, str]]] = {
    "objects": {
        "view": ("CREATE VIEW seen AS SELECT word FROM things", "view seen: is not carried"),
        "materialized view": (
            "CREATE MATERIALIZED VIEW kept AS SELECT word FROM things",
            "materialized view kept: is not carried",
        ),
        "function": (
            "CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql AS 'SELECT 2 * $1'",
            "function twice(integer): is not carried",
        ),
        "procedure": (
            "CREATE PROCEDURE go() LANGUAGE sql AS 'SELECT 1'",
            "function go(): is not carried",
        ),
        "aggregate": (
            "CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer)",
            "function total(integer): is not carried",
        ),
        "operator": (
            "CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
            "operator ===(text,text): is not carried",
        ),
        "operator class": (
            "CREATE OPERATOR CLASS own_ops FOR TYPE text USING btree AS FUNCTION 1 bttextcmp",
            "operator class own_ops for access method btree: is not carried",
        ),
        "collation": ('CREATE COLLATION own FROM "C"', "collation own: is not carried"),
        "conversion": (
            "CREATE CONVERSION own FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1",
            "conversion own: is not carried",
        ),
        "text search configuration": (
            "CREATE TEXT SEARCH CONFIGURATION own (COPY = simple)",
            "text search configuration own: is not carried",
        ),
        "text search dictionary": (
            "CREATE TEXT SEARCH DICTIONARY own (TEMPLATE = simple)",
            "text search dictionary own: is not carried",
        ),
        "extended statistics": (
            "CREATE STATISTICS own ON word, number FROM things",
            "statistics object own: is not carried",
        ),
        "extended statistics elsewhere": (
            "CREATE STATISTICS public.own ON word, number FROM things",
            "statistics object public.own: is not carried",
        ),
        "sequence of nobody": ("CREATE SEQUENCE loose", "sequence loose: belongs to no column"),
        "foreign table": (
            "CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing;"
            "CREATE FOREIGN TABLE far (v integer) SERVER nowhere",
            "foreign table far: is not carried",
        ),
        "default privileges": (
            "ALTER DEFAULT PRIVILEGES IN SCHEMA @schema@ GRANT SELECT ON TABLES TO PUBLIC",
            "default privileges",
        ),
        "extension": (
            """DO $$ BEGIN EXECUTE format('CREATE EXTENSION %I SCHEMA @schema@', (
                SELECT min(name) FROM pg_available_extensions WHERE name IN ('citext', 'vector')
            )); END $$""",
            "extension ",
        ),
    },
    "types": {
        "enumeration": ("CREATE TYPE mood AS ENUM ('good')", "type mood: is not carried"),
        "domain": ("CREATE DOMAIN positive AS integer CHECK (value > 0)", "type positive: is not"),
        "composite": ("CREATE TYPE pair AS (a integer, b integer)", "type pair: is not carried"),
        "range": ("CREATE TYPE floats AS RANGE (SUBTYPE = float8)", "type floats: is not carried"),
        "column of an enumeration": (
            "CREATE TYPE mood AS ENUM ('good'); ALTER TABLE things ADD COLUMN m mood",
            "column m of table things: has a type that is not",
        ),
        "column of an array of a domain": (
            "CREATE DOMAIN positive AS integer; ALTER TABLE things ADD COLUMN list positive[]",
            "column list of table things: has a type that is not",
        ),
        "column of a type elsewhere": (
            "CREATE TYPE public.size AS ENUM ('big'); ALTER TABLE things ADD COLUMN s public.size",
            "column s of table things: has a type that is not",
        ),
        "column of a table's row": (
            "CREATE TABLE public.other (); ALTER TABLE things ADD COLUMN r public.other",
            "column r of table things: has a type that is not",
        ),
        "column of a row of the same schema": (
            "CREATE TABLE another (); ALTER TABLE things ADD COLUMN r another",
            "column r of table things: has a type that is not",
        ),
    },
    "tables": {
        "unlogged": ("ALTER TABLE things SET UNLOGGED", "table things: is unlogged"),
        "made by somebody else": ("CREATE TABLE strange (v integer)", "table strange: is not as"),
        "without guard": ("DROP TRIGGER twinbase_stamp ON things", "table things: is not as"),
        "without row security": (
            "ALTER TABLE things DISABLE ROW LEVEL SECURITY",
            "table things: is not as",
        ),
        "forced row security": (
            "ALTER TABLE things FORCE ROW LEVEL SECURITY",
            "table things: forces row security",
        ),
        "partitioned": (
            "CREATE TABLE parted (v integer) PARTITION BY LIST (v);"
            "CREATE TABLE part PARTITION OF parted FOR VALUES IN (1)",
            "table parted: is not carried yet",
        ),
        "partition": (
            "CREATE TABLE public.parted (v integer) PARTITION BY LIST (v);"
            "CREATE TABLE part PARTITION OF public.parted FOR VALUES IN (1)",
            "table part: is a partition",
        ),
        "parent": ("CREATE TABLE child () INHERITS (things)", "table things: inherits or is"),
        "child": (
            "CREATE TABLE public.elder (); ALTER TABLE things INHERIT public.elder",
            "table things: inherits or is inherited from",
        ),
        "typed": (
            "CREATE TYPE public.shape AS (v integer); CREATE TABLE shaped OF public.shape",
            "table shaped: is typed",
        ),
        "replica identity": (
            "ALTER TABLE things REPLICA IDENTITY FULL",
            "table things: has a replica identity",
        ),
        "rule": (
            "CREATE RULE deaf AS ON DELETE TO things DO INSTEAD NOTHING",
            "rule deaf on table things: is not carried",
        ),
        "trigger": (
            "CREATE TRIGGER own BEFORE UPDATE ON things FOR EACH ROW"
            " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "trigger own on table things: is not carried",
        ),
        "policy": (
            "CREATE POLICY own ON things USING (true)",
            "policy own on table things: is not carried",
        ),
        "grant": ("GRANT SELECT ON things TO PUBLIC", "table things: has other grants"),
        "right to grant": (
            "GRANT SELECT ON things TO twinbase_dml WITH GRANT OPTION",
            "table things: has other grants",
        ),
        "grant taken": (
            "REVOKE DELETE ON things FROM twinbase_dml",
            "table things: has other grants",
        ),
        "comment on its policy": (
            "COMMENT ON POLICY twinbase_rows ON things IS 'x'",
            "policy twinbase_rows on table things: has a comment",
        ),
        "comment on its row type": ("COMMENT ON TYPE things IS 'x'", "type things: has a comment"),
        "security label": (
            "INSERT INTO pg_seclabel VALUES ('things'::regclass, 'pg_class'::regclass, 0, 'p', 'l')",
            "table things: has a security label",
        ),
    },
    "columns": {
        "storage": ("ALTER TABLE things ALTER word SET STORAGE EXTERNAL", "column word of table things: has a storage mode"),
        "compression": ("ALTER TABLE things ALTER word SET COMPRESSION pglz", "column word of table things: has a compression"),
        "statistics target": ("ALTER TABLE things ALTER word SET STATISTICS 7", "column word of table things: has a statistics target"),
        "options": ("ALTER TABLE things ALTER word SET (n_distinct = 5)", "column word of table things: has options"),
        "grants": ("GRANT SELECT (word) ON things TO PUBLIC", "column word of table things: has grants of its own"),
    },
    "indexes": {
        "cluster mark": ("ALTER TABLE things CLUSTER ON words", "index words: has a cluster mark"),
        "not valid": (
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'words'::regclass",
            "index words: is not valid",
        ),
        "statistics target": (
            "CREATE INDEX told ON things (lower(word)); ALTER INDEX told ALTER 1 SET STATISTICS 9",
            "index told: has a statistics target",
        ),
        "function of one's own": (
            "CREATE FUNCTION public.f(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1';"
            "CREATE INDEX made ON things (public.f(word))",
            "index made: needs what a clone does not carry (function)",
        ),
        "collation of one's own": (
            'CREATE COLLATION public.own FROM "C"; CREATE INDEX made ON things (word COLLATE public.own)',
            "index made: needs what a clone does not carry (collation)",
        ),
    },
    "constraints": {
        "key to another schema": (
            "CREATE TABLE public.far (v integer PRIMARY KEY);"
            "ALTER TABLE things ADD CONSTRAINT out FOREIGN KEY (number) REFERENCES public.far",
            "constraint out on table things: needs what a clone does not carry (index, table)",
        ),
        "switched off": (
            "ALTER TABLE things ADD UNIQUE (number), ADD CONSTRAINT self FOREIGN KEY (number)"
            " REFERENCES things (number); ALTER TABLE things DISABLE TRIGGER ALL;"
            "ALTER TABLE things ENABLE TRIGGER twinbase_stamp",
            "constraint self on table things: is switched off",
        ),
        "check by a function": (
            "CREATE FUNCTION public.f(text) RETURNS boolean LANGUAGE sql AS 'SELECT true';"
            "ALTER TABLE things ADD CONSTRAINT made CHECK (public.f(word))",
            "constraint made on table things: needs what a clone does not carry (function)",
        ),
        "default by a function": (
            "CREATE FUNCTION public.f() RETURNS text LANGUAGE sql AS 'SELECT 1';"
            "ALTER TABLE things ALTER word SET DEFAULT public.f()",
            "default value for column word of table things: needs what a clone does not carry (function)",
        ),
        "sequence elsewhere": (
            "CREATE SEQUENCE public.far;"
            "ALTER TABLE things ALTER number SET DEFAULT nextval('public.far')",
            "default value for column number of table things: needs what a clone does not carry (sequence)",
        ),
    },
    "sequences": {
        "unlogged": (
            "ALTER TABLE things ADD n integer GENERATED ALWAYS AS IDENTITY;"
            "ALTER SEQUENCE things_n_seq SET UNLOGGED",
            "sequence things_n_seq: is unlogged",
        ),
        "grant": (
            "ALTER TABLE things ADD n integer GENERATED ALWAYS AS IDENTITY;"
            "GRANT SELECT ON things_n_seq TO PUBLIC",
            "sequence things_n_seq: has other grants",
        ),
    },
    "schema": {
        "comment": ("COMMENT ON SCHEMA @schema@ IS 'x'", "schema @schema@: has a comment"),
        "grant": ("GRANT USAGE ON SCHEMA @schema@ TO PUBLIC", "schema @schema@: has other grants"),
    },
}


THINGS = (
    "CREATE TABLE things (word varchar, number integer); CREATE INDEX words ON things (word)"
)


async def clone(client: Client, source: int) -> Row:
    return await client.caller().call(
        "clone_database", database_id=source, new_database_name="copy"
    )


@pytest.mark.parametrize("kind", KINDS)
async def test_what_cannot_be_carried_is_named(
    client: Client, admin: Connection, kind: str
) -> None:
    """In the test schema, so that a refusal after prod was copied would leave something."""
    caller = client.caller()
    unexpected = {}
    for number, (case, (sql, expected)) in enumerate(KINDS[kind].items()):
        source = await caller.create(f"source{number}")
        await caller.ddl(source, THINGS)
        schema = (await schemas(admin, source))["test"]
        await admin.execute(f"SET search_path TO {schema}; {sql.replace('@schema@', schema)}")
        before = await inventory(admin)
        answer = await clone(client, source)
        if (
            answer["code"] != NOT_POSSIBLE
            or f"test: {expected.replace('@schema@', schema)}" not in answer["message"]
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
            await admin.execute(f"CREATE VIEW {schema}.seen{number:02} AS SELECT 1")
    message = (await clone(client, source))["message"]
    assert message.count("view seen") == 20
    assert "prod: view seen00: is not" in message
    assert "test: view seen00: is not" in message
    assert message.endswith("; and 2 more.")


async def test_nothing_that_others_built_on_the_source_hinders(
    client: Client, admin: Connection
) -> None:
    caller = client.caller()
    source = await caller.create()
    await caller.ddl(source, THINGS)
    schema = (await schemas(admin, source))["prod"]
    await admin.execute(
        f"""
        CREATE VIEW public.seen AS SELECT word FROM {schema}.things;
        CREATE TABLE public.referring (id bigint REFERENCES {schema}.things (id));
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
    schema = (await schemas(admin, source))["test"]
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
