"""PostgreSQL alone holds: tenants' DDL without the gate (DESIGN §3, first line).

Whatever is sent, other schemas and the server stay as they are, and the attacker's own schema is
as every tenant's must be: the command is denied, refused by settling, or mended by it.
"""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from exceptions.errors import DdlNotAllowed, ServerError, TwinbaseError
from tests.client import Client
from tests.server_line import ServerLine, server_line, told_by
from tests.state import changes, departures, state_of
from tests.two_tenants import TwoTenants, leaks, two_tenants

DENIED = "denied"  # by PostgreSQL, for want of a right
REFUSED = "refused"  # by settling
FAILS = "fails"  # for another reason
SETTLED = "settled"  # runs, and what must not be was mended

LENT = ("items", "parts", "lines", "missing")

Attacks = dict[str, tuple[str, str]]

FOREIGN: Attacks = {
    "select": ("SELECT * FROM @foreign@.items", DENIED),
    "select of the pair": ("SELECT * FROM @pair@.items", DENIED),
    "insert": ("INSERT INTO @foreign@.items (name) VALUES ('x')", DENIED),
    "create as": ("CREATE TABLE stolen AS SELECT * FROM @foreign@.items", DENIED),
    "create as, of the pair": ("CREATE TABLE stolen AS TABLE @pair@.items", DENIED),
    "like": ("CREATE TABLE stolen (LIKE @foreign@.items INCLUDING ALL)", DENIED),
    "inherits": ("CREATE TABLE stolen () INHERITS (@foreign@.items)", DENIED),
    "references": ("CREATE TABLE stolen (i bigint REFERENCES @foreign@.items(id))", DENIED),
    "references later": (
        "ALTER TABLE items ADD FOREIGN KEY (id) REFERENCES @foreign@.items",
        DENIED,
    ),
    "row type": ("CREATE TABLE stolen (i @foreign@.items)", DENIED),
    "create there": ("CREATE TABLE @foreign@.stolen (i integer)", DENIED),
    "create in the pair": ("CREATE TABLE @pair@.stolen (i integer)", DENIED),
    "create in public": ("CREATE TABLE public.stolen (i integer)", DENIED),
    "create in twinbase": ("CREATE TABLE twinbase.stolen (i integer)", DENIED),
    "create in pg_catalog": ("CREATE TABLE pg_catalog.stolen (i integer)", DENIED),
    "create in information_schema": ("CREATE TABLE information_schema.s (i integer)", DENIED),
    "temporary": ("CREATE TEMPORARY TABLE stolen (i integer)", DENIED),
    "alter": ("ALTER TABLE @foreign@.items ADD COLUMN stolen integer", DENIED),
    "rename": ("ALTER TABLE @foreign@.items RENAME TO stolen", DENIED),
    "drop": ("DROP TABLE @foreign@.items CASCADE", DENIED),
    "drop of the pair": ("DROP TABLE @pair@.items CASCADE", DENIED),
    "drop index": ("DROP INDEX @foreign@.items_pkey", DENIED),
    "index": ("CREATE INDEX ON @foreign@.items (amount)", DENIED),
    "comment": ("COMMENT ON TABLE @foreign@.items IS 'stolen'", DENIED),
    "truncate": ("TRUNCATE @foreign@.items CASCADE", DENIED),
    "lock": ("LOCK TABLE @foreign@.items", DENIED),
    "sequence": ("ALTER SEQUENCE @foreign@.lines_number_seq RESTART", DENIED),
    "draw from a sequence": ("SELECT nextval('@foreign@.lines_number_seq')", DENIED),
    "move here": ("ALTER TABLE @foreign@.items SET SCHEMA @own@", DENIED),
    "inherit": ("ALTER TABLE items INHERIT @foreign@.items", DENIED),
    "metadata": ("SELECT * FROM twinbase.database_meta", DENIED),
    "drop metadata": ("DROP TABLE twinbase.database_meta CASCADE", DENIED),
    "catalog": ("ALTER TABLE pg_catalog.pg_class ADD COLUMN stolen integer", DENIED),
    "drop from the catalog": ("DROP TABLE pg_catalog.pg_class CASCADE", DENIED),
    "passwords": ("CREATE TABLE stolen AS SELECT rolpassword FROM pg_authid", DENIED),
    "statistics": ("CREATE TABLE stolen AS SELECT stanullfrac FROM pg_statistic", DENIED),
}

COMMANDS = (
    "DROP OWNED BY twinbase_ddl",
    "DROP OWNED BY twinbase_dml",
    "DROP OWNED BY CURRENT_USER CASCADE",
    "REASSIGN OWNED BY twinbase_owner TO twinbase_ddl",
    "REASSIGN OWNED BY twinbase_ddl TO twinbase_dml",
    "DROP SCHEMA @own@ CASCADE",
    "DROP SCHEMA @foreign@ CASCADE",
    "DROP SCHEMA twinbase CASCADE",
    "CREATE SCHEMA stolen",
    "ALTER SCHEMA @own@ RENAME TO stolen",
    "ALTER SCHEMA @own@ OWNER TO twinbase_ddl",
    "GRANT ALL ON items TO PUBLIC",
    "GRANT SELECT (name) ON items TO twinbase_dml",
    "GRANT TRUNCATE ON items TO twinbase_dml WITH GRANT OPTION",
    "REVOKE ALL ON items FROM twinbase_dml",
    "GRANT USAGE ON SCHEMA @own@ TO PUBLIC",
    "GRANT CREATE ON SCHEMA @own@ TO twinbase_dml",
    "GRANT USAGE ON SCHEMA @own@ TO twinbase_ddl WITH GRANT OPTION",
    "GRANT twinbase_ddl TO twinbase_dml",
    "GRANT twinbase_owner TO twinbase_ddl",
    "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC",
    "ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM twinbase_ddl",
    "CREATE FUNCTION stolen() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION stolen() RETURNS integer LANGUAGE plpgsql AS 'BEGIN END'",
    "CREATE FUNCTION stolen() RETURNS integer LANGUAGE internal AS 'pg_backend_pid'",
    "CREATE FUNCTION stolen() RETURNS integer RETURN 1",
    "CREATE PROCEDURE stolen() LANGUAGE sql AS 'SELECT 1'",
    "CREATE AGGREGATE stolen (integer) (SFUNC = int4pl, STYPE = integer)",
    "DO $$BEGIN END$$",
    (
        "CREATE TRIGGER stolen BEFORE INSERT ON items"
        " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    ),
    (
        "CREATE TRIGGER stolen BEFORE INSERT ON items FOR EACH ROW"
        " EXECUTE FUNCTION twinbase.stamp_row()"
    ),
    "DROP TRIGGER twinbase_stamp ON items",
    "ALTER TRIGGER twinbase_stamp ON items RENAME TO stolen",
    "CREATE RULE stolen AS ON INSERT TO items DO INSTEAD NOTHING",
    "CREATE POLICY stolen ON items USING (true)",
    "ALTER POLICY twinbase_rows ON items USING (true)",
    "ALTER POLICY twinbase_rows ON items TO PUBLIC",
    "DROP POLICY twinbase_rows ON items",
    "CREATE VIEW stolen AS SELECT * FROM items",
    "CREATE MATERIALIZED VIEW stolen AS SELECT * FROM items",
    "CREATE TYPE stolen AS ENUM ('a')",
    "CREATE TYPE stolen AS (a integer)",
    "CREATE DOMAIN stolen AS integer CHECK (VALUE > 0)",
    "CREATE CAST (text AS integer) WITH INOUT AS IMPLICIT",
    "CREATE OPERATOR = (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
    'CREATE COLLATION stolen FROM "C"',
    "CREATE STATISTICS stolen ON name, amount FROM items",
    "CREATE TEXT SEARCH CONFIGURATION stolen (COPY = simple)",
    "CREATE EVENT TRIGGER stolen ON sql_drop EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "ALTER EVENT TRIGGER twinbase_commands DISABLE",
    "DROP EVENT TRIGGER twinbase_commands",
    "DROP FUNCTION twinbase_guard.refuse_commands_of_tenants() CASCADE",
    (
        "CREATE OR REPLACE FUNCTION twinbase.stamp_row() RETURNS trigger LANGUAGE"
        " plpgsql AS 'BEGIN END'"
    ),
    "CREATE EXTENSION plpgsql",
    "CREATE PUBLICATION stolen FOR TABLE items",
    "CREATE SUBSCRIPTION stolen CONNECTION '' PUBLICATION stolen WITH (connect = false)",
    "CREATE FOREIGN DATA WRAPPER stolen",
    "CREATE ROLE stolen",
    "ALTER ROLE twinbase_service SUPERUSER",
    "ALTER DATABASE @database@ OWNER TO twinbase_ddl",
    "SECURITY LABEL ON TABLE items IS 'stolen'",
    "COPY items TO '/tmp/twinbase-attack'",
    "COPY items FROM PROGRAM 'id'",
    "SET LOCAL session_replication_role TO replica",
    "SELECT set_config('role', 'none', true)",
    "SELECT query_to_xml('SELECT 1', true, true, '')",
    "SELECT lo_create(0)",
    "SELECT pg_advisory_lock(1)",
    "ALTER TABLE items OWNER TO twinbase_dml",
    "ALTER TABLE items OWNER TO twinbase_owner",
    "ALTER TABLE items SET SCHEMA @foreign@",
    "ALTER TABLE items SET SCHEMA @pair@",
    "ALTER TABLE items SET SCHEMA public",
    "ALTER TABLE parts DISABLE TRIGGER ALL",  # the foreign key's own among them
)

OWN: Attacks = {
    "row security off": ("ALTER TABLE items DISABLE ROW LEVEL SECURITY", SETTLED),
    "row security forced": ("ALTER TABLE items FORCE ROW LEVEL SECURITY", SETTLED),
    "trigger off": ("ALTER TABLE items DISABLE TRIGGER twinbase_stamp", SETTLED),
    "user's triggers off": ("ALTER TABLE items DISABLE TRIGGER USER", SETTLED),
    "trigger on replicas only": (
        "ALTER TABLE items ENABLE REPLICA TRIGGER twinbase_stamp",
        SETTLED,
    ),
    "uid dropped": ("ALTER TABLE items DROP COLUMN uid CASCADE", FAILS),
    "uid dropped from an empty table": (
        "DELETE FROM parts; ALTER TABLE parts DROP COLUMN uid CASCADE",
        SETTLED,
    ),
    "uid renamed": ("ALTER TABLE lines RENAME COLUMN uid TO mine", FAILS),
    "uid renamed in an empty table": (
        (
            "ALTER TABLE parts RENAME COLUMN uid TO mine;"
            "ALTER TABLE parts ALTER COLUMN mine DROP NOT NULL"
        ),
        SETTLED,
    ),
    "uid retyped": ("ALTER TABLE items ALTER COLUMN uid TYPE varchar(9)", FAILS),
    "uid without NOT NULL": ("ALTER TABLE items ALTER COLUMN uid DROP NOT NULL", SETTLED),
    "uid with a default": ("ALTER TABLE items ALTER COLUMN uid SET DEFAULT 'alice'", SETTLED),
    "id dropped": ("ALTER TABLE lines DROP COLUMN id", FAILS),
    "id renamed": ("ALTER TABLE lines RENAME COLUMN id TO mine", FAILS),
    "id retyped": ("ALTER TABLE lines ALTER COLUMN id TYPE text", REFUSED),
    "id narrowed": ("ALTER TABLE lines ALTER COLUMN id TYPE smallint USING 1", SETTLED),
    "id as identity": (
        "ALTER TABLE lines ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY",
        SETTLED,
    ),
    "key dropped": ("ALTER TABLE lines DROP CONSTRAINT lines_pkey", SETTLED),
    "index of uid dropped": ("DROP INDEX lines_uid_idx", SETTLED),
    "partial index of id": (
        (
            "ALTER TABLE parts DROP CONSTRAINT parts_pkey;"
            "CREATE UNIQUE INDEX ON parts (id) WHERE false"
        ),
        SETTLED,
    ),
    "partitioned table": ("CREATE TABLE stolen (i integer) PARTITION BY LIST (i)", REFUSED),
    "inheritance": ("CREATE TABLE heir () INHERITS (items)", SETTLED),
    "loose sequence": ("CREATE SEQUENCE loose", SETTLED),
    "default from the loose sequence": (
        "CREATE TABLE drawing (i integer DEFAULT nextval('loose'))",
        DENIED,
    ),
    "default from a sequence": (
        "CREATE SEQUENCE drawn; CREATE TABLE drawing (i integer DEFAULT nextval('drawn'))",
        SETTLED,
    ),
}


@pytest.fixture
async def tenants(client: Client, admin: asyncpg.Connection) -> TwoTenants:
    made = await two_tenants(client)
    await admin.execute("ANALYZE")
    return made


@pytest.fixture
async def line(database_url: str, tenants: TwoTenants) -> AsyncIterator[ServerLine]:
    async with server_line(database_url, tenants.own, tenants.attacker.uid) as opened:
        yield opened


async def outcome_of(line: ServerLine, sql: str) -> tuple[str, str]:
    try:
        await line.ddl([part for part in sql.split(";") if part.strip()], LENT)
    except DdlNotAllowed as error:
        return REFUSED, str(error)
    except ServerError as error:
        return "not settled", str(error)
    except TwinbaseError as error:
        denied = isinstance(error.__cause__, asyncpg.InsufficientPrivilegeError)
        return DENIED if denied else FAILS, told_by(error)
    return SETTLED, ""


@pytest.mark.parametrize(
    "attacks",
    [
        pytest.param(FOREIGN, id="foreign"),
        pytest.param({command: (command, DENIED) for command in COMMANDS}, id="commands"),
        pytest.param(OWN, id="own"),
    ],
)
async def test_ddl_role(
    attacks: Attacks, line: ServerLine, tenants: TwoTenants, admin: asyncpg.Connection
) -> None:
    failures = []
    before = await state_of(admin, *tenants.others)
    database = await admin.fetchval("SELECT quote_ident(current_database())")
    for attack, (sql, wanted) in attacks.items():
        outcome, told = await outcome_of(line, tenants.fill(sql).replace("@database@", database))
        if outcome != wanted or leaks(told):
            failures.append(f"{attack}: {outcome} {told}")
        if outcome != DENIED:
            after = await state_of(admin, *tenants.others)
            failures += [f"{attack}: {change}" for change in changes(before, after)]
            failures += [f"{attack}: {found}" for found in await departures(admin, tenants.own)]
            before = after
    failures += changes(before, await state_of(admin, *tenants.others))
    assert failures + await departures(admin, tenants.own) == []


# Expressions that a CHECK may hold; a foreign key's cascade evaluates it as the table's owner.
AS_THE_OWNER = {
    "rows of another, by a query": "ts_rewrite('a', 'SELECT ''a''::tsquery, (name::integer)::text"
    "::tsquery FROM @foreign@.items') IS NULL",
    "rows of another, as XML": (
        "query_to_xml('TABLE @foreign@.items', true, true, '')::text::integer > 0"
    ),
    "setting of row security": "set_config('twinbase.schema', '@foreign@', true) IS NULL",
    "role": "set_config('role', 'twinbase_service', true) IS NULL",
    "sequence of another": "nextval(@sequence@::regclass) < 0",
    "position of a sequence": "setval(@sequence@::regclass, 99) < 0",
    "another's session": "pg_terminate_backend(@session@)",
    "large object": "lo_create(0) > 0",
    "notice to the workers": "pg_notify('twinbase_databases', '1') IS NULL",
}


async def test_a_cascade_gives_nobody_the_owners_rights(
    line: ServerLine, tenants: TwoTenants, admin: asyncpg.Connection
) -> None:
    _, foreign, _ = tenants.others
    sequence = await admin.fetchval("SELECT $1::text::regclass::oid", f"{foreign}.lines_number_seq")
    session = await admin.fetchval("SELECT pg_backend_pid()")
    failures = []
    before = await state_of(admin, *tenants.others)
    for attack, text in AS_THE_OWNER.items():
        check = tenants.fill(text).replace("@sequence@", f"'{sequence}'")
        check = check.replace("@session@", str(session))
        await line.ddl(
            [
                "DROP TABLE IF EXISTS child, parent",
                "CREATE TABLE parent (k integer UNIQUE, id bigint, uid varchar)",
                (
                    "CREATE TABLE child (k integer REFERENCES parent (k) ON UPDATE CASCADE,"
                    " id bigint NOT NULL, uid varchar NOT NULL)"
                ),
                "INSERT INTO parent VALUES (1, 1, 'app01:mallory')",
                "INSERT INTO child VALUES (1, 1, 'app01:mallory')",
                f"ALTER TABLE child ADD CHECK (k = 1 OR {check}) NOT VALID",
            ],
            ("child", "parent"),
        )
        try:
            told = repr(await line.dml(["UPDATE parent SET k = 2 RETURNING k", "TABLE child"]))
            failures.append(f"{attack}: ran, {told}")
        except asyncpg.InsufficientPrivilegeError as error:
            told = told_by(error)
        if leaks(told):
            failures.append(f"{attack}: {told}")
    assert failures + changes(before, await state_of(admin, *tenants.others)) == []
