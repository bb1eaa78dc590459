"""PostgreSQL alone holds: tenants' DML without the gate (DESIGN §3, first line).

After every attack: nothing of another schema was told, not even by an error, and nothing of
another schema or of the server has changed.
"""

import io
from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.client import Client
from tests.server_line import ServerLine, server_line, told_by
from tests.state import changes, departures, state_of
from tests.two_tenants import TwoTenants, leaks, two_tenants

# What has to come of an attack, besides that it tells and changes nothing.
DENIED = "denied"  # for want of a right
NOTHING = "nothing"  # runs, and finds no rows
ANYTHING = "anything"

Attacks = dict[str, tuple[str, str]]

READS: Attacks = {
    "table by its qualified name": ("SELECT * FROM @foreign@.items", NOTHING),
    "the pair's other schema": ("SELECT * FROM @pair@.items", NOTHING),
    "TABLE": ("TABLE @foreign@.items", NOTHING),
    "ONLY": ("SELECT * FROM ONLY @foreign@.items", NOTHING),
    "UNION": ("SELECT name FROM items UNION ALL SELECT name FROM @foreign@.items", ANYTHING),
    "EXCEPT": ("SELECT name FROM @foreign@.items EXCEPT SELECT name FROM items", NOTHING),
    "count": ("SELECT 1 FROM @foreign@.items HAVING count(*) > 0", NOTHING),
    "EXISTS": ("SELECT 1 WHERE EXISTS (SELECT FROM @foreign@.items)", NOTHING),
    "scalar subquery": ("SELECT (SELECT max(amount) FROM @foreign@.items)", ANYTHING),
    "join": ("SELECT f.* FROM items JOIN @foreign@.items AS f ON true", NOTHING),
    "lateral": ("SELECT f.* FROM items, LATERAL (SELECT * FROM @foreign@.items) f", NOTHING),
    "left join": ("SELECT f.name FROM items LEFT JOIN @foreign@.items AS f ON true", ANYTHING),
    "CTE": ("WITH f AS MATERIALIZED (SELECT * FROM @foreign@.items) TABLE f", NOTHING),
    "whole row": ("SELECT f::text FROM @foreign@.items AS f", NOTHING),
    "row as JSON": ("SELECT to_jsonb(f) FROM @foreign@.items AS f", NOTHING),
    "system columns": ("SELECT ctid, xmin, tableoid FROM @foreign@.items", NOTHING),
    "for update": ("SELECT * FROM @foreign@.items FOR UPDATE", NOTHING),
    "sample": ("SELECT * FROM @foreign@.items TABLESAMPLE SYSTEM (100)", NOTHING),
    "by index": ("SELECT * FROM @foreign@.items WHERE name = 'secret of alice in prod'", NOTHING),
    "recursive": (
        "WITH RECURSIVE r AS (SELECT name FROM @foreign@.items UNION SELECT name FROM r) TABLE r",
        NOTHING,
    ),
    "prepared": ("PREPARE p AS SELECT * FROM @foreign@.items; EXECUTE p", NOTHING),
    "cursor": ("DECLARE c CURSOR FOR SELECT * FROM @foreign@.items; FETCH ALL FROM c", NOTHING),
    "error of a cast": ("SELECT * FROM @foreign@.items WHERE name::integer = 0", NOTHING),
    "error of a division": ("SELECT * FROM @foreign@.items WHERE 1/(amount-424242) = 0", NOTHING),
    "error in CASE": (
        (
            "SELECT 1 FROM @foreign@.items WHERE CASE WHEN name LIKE 's%' THEN"
            " 1/(amount-424242) END = 1"
        ),
        NOTHING,
    ),
    "error in the target list": ("SELECT name::integer FROM @foreign@.items", NOTHING),
    "error in an aggregate": ("SELECT max(name::integer) FROM @foreign@.items", ANYTHING),
    "error in ORDER BY": ("SELECT 1 FROM @foreign@.items ORDER BY name::integer", NOTHING),
    "error in RETURNING": ("DELETE FROM @foreign@.items RETURNING name::integer", NOTHING),
    "own rows of another": ("SELECT * FROM items WHERE name LIKE 'secret%'", NOTHING),
    "row security off": ("SET LOCAL row_security TO off; TABLE @foreign@.items", DENIED),
    "statistics of values": (
        (
            "SELECT most_common_vals::text, histogram_bounds::text FROM pg_stats"
            " WHERE schemaname LIKE 'prod%' OR schemaname LIKE 'test%'"
        ),
        NOTHING,
    ),
    "statistics themselves": ("SELECT stanullfrac FROM pg_statistic", DENIED),
    "extended statistics": ("SELECT stxoid FROM pg_statistic_ext_data", DENIED),
    "position of a sequence": ("SELECT last_value FROM @foreign@.lines_number_seq", DENIED),
    "positions of all": ("SELECT 1 FROM pg_sequences WHERE last_value IS NOT NULL", NOTHING),
    "running SQL": (
        "SELECT query FROM pg_stat_activity WHERE query NOT IN ('', '<insufficient privilege>')",
        NOTHING,
    ),
    "SQL prepared before": ("SELECT statement FROM pg_prepared_statements", ANYTHING),
    "databases": ("SELECT * FROM twinbase.database_meta", DENIED),
    "schemas of databases": ("SELECT * FROM twinbase.schema_meta", DENIED),
    "passwords": ("SELECT * FROM pg_authid", DENIED),
    "large objects": ("SELECT * FROM pg_largeobject", DENIED),
    "COPY TO a file": ("COPY items TO '/tmp/twinbase-attack'", DENIED),
    "COPY TO a program": ("COPY items TO PROGRAM 'cat >/tmp/twinbase-attack'", DENIED),
}

ANOTHER_SESSION = (
    "(SELECT min(pid) FROM pg_stat_activity WHERE usename = 'twinbase_service'"
    " AND pid <> pg_backend_pid())"
)

# Each is one expression; none of them may be executed at all.
CALLS = (
    "query_to_xml('SELECT 1', true, true, '')",
    "query_to_xml_and_xmlschema('SELECT 1', true, true, '')",
    "table_to_xml('@foreign@.items'::regclass, true, true, '')",
    "schema_to_xml('@foreign@', true, true, '')",
    "database_to_xml(true, true, '')",
    "cursor_to_xml('c', 1, true, true, '')",
    "ts_stat('SELECT 1')",
    "ts_rewrite('a'::tsquery, 'SELECT 1')",
    "set_config('twinbase.schema', '@foreign@', true)",
    "set_config('role', 'twinbase_service', true)",
    "nextval('@foreign@.lines_number_seq')",
    "setval('@foreign@.lines_number_seq', 9)",
    "currval('@foreign@.lines_number_seq')",
    "lastval()",
    "currtid2('@foreign@.items', '(0,1)'::tid)",
    "lo_create(0)",
    "lo_from_bytea(0, 'x')",
    "lo_get(1)",
    "lo_import('/etc/passwd')",
    "lo_export(1, '/tmp/twinbase-attack')",
    "loread(0, 1)",
    "pg_advisory_lock(1)",
    "pg_advisory_xact_lock_shared(1, 2)",
    "pg_try_advisory_lock(1)",
    "pg_advisory_unlock_all()",
    "pg_notify('twinbase_databases', '1')",
    "pg_sleep(1)",
    "setseed(0)",
    "pg_logical_emit_message(true, 'a', 'b')",
    "pg_read_file('PG_VERSION')",
    "pg_read_binary_file('PG_VERSION')",
    "pg_ls_dir('.')",
    "pg_stat_file('PG_VERSION')",
    "pg_ls_waldir()",
    "pg_reload_conf()",
    "pg_rotate_logfile()",
    "pg_stat_reset()",
    "pg_switch_wal()",
    "pg_create_physical_replication_slot('attack')",
    "pg_log_backend_memory_contexts(pg_backend_pid())",
    "pg_import_system_collations('public'::regnamespace)",
    f"pg_terminate_backend({ANOTHER_SESSION})",
    f"pg_cancel_backend({ANOTHER_SESSION})",
)

WRITES: Attacks = {
    "insert": ("INSERT INTO @foreign@.items (name) VALUES ('x')", DENIED),
    "insert of a default row": ("INSERT INTO @foreign@.items DEFAULT VALUES", DENIED),
    "insert with his uid": ("INSERT INTO @foreign@.items (uid) VALUES ('app01:alice')", DENIED),
    "insert of a query": ("INSERT INTO @foreign@.items (name) SELECT name FROM items", DENIED),
    "insert over a key": (
        (
            "INSERT INTO @foreign@.items (name) VALUES ('secret of alice in prod')"
            " ON CONFLICT (name) DO UPDATE SET amount = 0"
        ),
        DENIED,
    ),
    "insert beside a key": (  # the policy is asked first: no answer whether the key is there
        (
            "INSERT INTO @foreign@.items (name) VALUES ('secret of alice in prod')"
            " ON CONFLICT DO NOTHING"
        ),
        DENIED,
    ),
    "insert to learn of a key": (
        "INSERT INTO @foreign@.items (name) VALUES ('secret of alice in prod')",
        DENIED,
    ),
    "insert to learn of a referenced row": (
        "INSERT INTO @foreign@.parts (item_id) VALUES (1)",
        DENIED,
    ),
    "update": ("UPDATE @foreign@.items SET amount = 0 RETURNING *", NOTHING),
    "update of the owner": ("UPDATE @foreign@.items SET uid = 'mallory' RETURNING *", NOTHING),
    "update from own rows": (
        "UPDATE @foreign@.items SET amount = 0 FROM items AS o RETURNING *",
        NOTHING,
    ),
    "update of the pair": ("UPDATE @pair@.items SET amount = 0 RETURNING *", NOTHING),
    "delete": ("DELETE FROM @foreign@.items RETURNING *", NOTHING),
    "delete using own rows": ("DELETE FROM @foreign@.items USING items AS o RETURNING 1", NOTHING),
    "delete in a CTE": (
        "WITH gone AS (DELETE FROM @foreign@.items RETURNING *) SELECT * FROM gone",
        NOTHING,
    ),
    "merge": (
        "MERGE INTO @foreign@.items AS f USING items AS o ON f.amount > 0 WHEN MATCHED THEN DELETE",
        NOTHING,
    ),
    "merge that reads no column": (  # this error tells that there is a row, and nothing of it
        "MERGE INTO @foreign@.items AS f USING items AS o ON true WHEN MATCHED THEN DELETE",
        DENIED,
    ),
    "merge that inserts": (
        (
            "MERGE INTO @foreign@.items AS f USING items AS o ON false"
            " WHEN NOT MATCHED THEN INSERT (name) VALUES ('x')"
        ),
        DENIED,
    ),
    "truncate": ("TRUNCATE @foreign@.items CASCADE", DENIED),
    "truncate of his own": ("TRUNCATE items CASCADE", DENIED),
    "metadata": ("UPDATE twinbase.database_meta SET uid = 'mallory'", DENIED),
    "settings by their view": (
        "UPDATE pg_settings SET setting = '@foreign@' WHERE name LIKE 'work%'",
        DENIED,
    ),
    "catalog": ("UPDATE pg_class SET relrowsecurity = false", DENIED),
    "policies in the catalog": ("DELETE FROM pg_policy", DENIED),
    "roles in the catalog": ("UPDATE pg_authid SET rolsuper = true", DENIED),
    "COPY FROM a program": ("COPY items (name) FROM PROGRAM 'id'", DENIED),
    "COPY FROM a file": ("COPY items (name) FROM '/etc/passwd'", DENIED),
}

COMMANDS = (
    "CREATE TABLE stolen (a integer)",
    "CREATE TABLE public.stolen (a integer)",
    "CREATE TEMPORARY TABLE stolen (a integer)",
    "CREATE TABLE stolen AS SELECT 1",
    "SELECT 1 INTO stolen",
    "CREATE VIEW stolen AS SELECT 1",
    "CREATE SEQUENCE stolen",
    "CREATE TYPE stolen AS (a integer)",
    "CREATE SCHEMA stolen",
    "CREATE FUNCTION stolen() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION public.stolen() RETURNS integer RETURN 1",
    "DO $$BEGIN END$$",
    "CREATE EXTENSION plpgsql",
    "CREATE PUBLICATION stolen",
    "CREATE EVENT TRIGGER stolen ON sql_drop EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    (
        "CREATE TRIGGER stolen BEFORE INSERT ON items"
        " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    ),
    "CREATE RULE stolen AS ON INSERT TO items DO ALSO NOTHING",
    "CREATE POLICY stolen ON items USING (true)",
    "ALTER POLICY twinbase_rows ON items USING (true)",
    "DROP POLICY twinbase_rows ON @foreign@.items",
    "CREATE INDEX ON @foreign@.items (amount)",
    "ALTER TABLE @foreign@.items DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE items OWNER TO twinbase_dml",
    "DROP TABLE @foreign@.items CASCADE",
    "DROP TABLE items CASCADE",
    "DROP SCHEMA @foreign@ CASCADE",
    "DROP OWNED BY twinbase_dml",
    "REASSIGN OWNED BY twinbase_owner TO twinbase_dml",
    "GRANT ALL ON @foreign@.items TO PUBLIC",
    "GRANT twinbase_service TO twinbase_dml",
    "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC",
    "ALTER ROLE twinbase_service SUPERUSER",
    "ALTER ROLE twinbase_service SET row_security TO off",
    "CREATE ROLE stolen SUPERUSER",
    "ALTER DATABASE @database@ SET row_security TO off",
    "COMMENT ON TABLE @foreign@.items IS 'stolen'",
    "SET LOCAL session_replication_role TO replica",
    "LOAD 'auto_explain'",
    "CHECKPOINT",
    "REINDEX TABLE @foreign@.items",
    "CLUSTER @foreign@.items USING items_pkey",
    "REFRESH MATERIALIZED VIEW @foreign@.items",
)


@pytest.fixture
async def tenants(client: Client, admin: asyncpg.Connection) -> TwoTenants:
    made = await two_tenants(client)
    await admin.execute("ANALYZE")
    return made


@pytest.fixture
async def line(database_url: str, tenants: TwoTenants) -> AsyncIterator[ServerLine]:
    async with server_line(database_url, tenants.own, tenants.attacker.uid) as opened:
        yield opened


async def failures_of(
    attacks: Attacks, line: ServerLine, tenants: TwoTenants, admin: asyncpg.Connection
) -> list[str]:
    failures = []
    before = await state_of(admin, *tenants.others)
    database = await admin.fetchval("SELECT quote_ident(current_database())")
    for attack, (sql, wanted) in attacks.items():
        statements = tenants.fill(sql).replace("@database@", database).split("; ")
        try:
            rows = [dict(row) for row in await line.dml(statements)]
            outcome, told = (NOTHING if not rows else "rows"), repr(rows)
        except asyncpg.InsufficientPrivilegeError as error:
            outcome, told = DENIED, told_by(error)
        except (
            asyncpg.PostgresError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,
        ) as error:
            outcome, told = "error", told_by(error)
        if wanted not in {ANYTHING, outcome} or leaks(told):
            failures.append(f"{attack}: {outcome} {told}")
        if outcome != DENIED:
            after = await state_of(admin, *tenants.others)
            failures += [f"{attack}: {change}" for change in changes(before, after)]
            before = after
    failures += changes(before, await state_of(admin, *tenants.others))
    return failures + await departures(admin, tenants.own)


@pytest.mark.parametrize(
    "attacks",
    [
        pytest.param(READS, id="reads"),
        pytest.param(WRITES, id="writes"),
        pytest.param({call: (f"SELECT {call}", DENIED) for call in CALLS}, id="calls"),
        pytest.param({command: (command, DENIED) for command in COMMANDS}, id="commands"),
    ],
)
async def test_dml_role(
    attacks: Attacks, line: ServerLine, tenants: TwoTenants, admin: asyncpg.Connection
) -> None:
    assert await failures_of(attacks, line, tenants, admin) == []


async def test_copy(line: ServerLine, tenants: TwoTenants, admin: asyncpg.Connection) -> None:
    """COPY reads what SELECT reads; it does not write where there is row security."""
    _, foreign, _ = tenants.others
    before = await state_of(admin, *tenants.others)
    output = io.BytesIO()
    async with line.transaction() as driver:
        await driver.copy_from_table("items", schema_name=foreign, output=output)
        await driver.copy_from_query(f'TABLE "{foreign}".items', output=output)
    assert output.getvalue() == b""
    for table in (foreign, tenants.own):
        with pytest.raises(asyncpg.FeatureNotSupportedError):
            async with line.transaction() as driver:
                await driver.copy_records_to_table(
                    "items", schema_name=table, columns=["name"], records=[("x",)]
                )
    assert changes(before, await state_of(admin, *tenants.others)) == []
