"""What somebody changes past the service is found by the doctor; --fix mends what is safe.

On a server of its own, since roles are of the whole server, and everybody's.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

import asyncpg
import pytest
from pydantic import SecretStr

from domain.consistency import OF_METADATA, Finding, FindingKind, Mender
from exceptions.errors import DatabaseBusy
from repository.engine import create_engine
from repository.examination import BOUNDS, Bounds
from service.commands.invocation import by_command
from service.embedded_server import embedded_server
from service.examination import Examination, Examined
from service.settings import Settings
from service.start_up import prepare
from tests.client import open_client
from tests.folders import short_folder
from tests.patience import PATIENCE

DDL = """
CREATE TABLE orders (name text, create_time timestamptz, uid varchar COLLATE "C");
CREATE TABLE lines (n integer, order_id bigint REFERENCES orders (id));
CREATE VIEW names AS SELECT name FROM orders;
CREATE SEQUENCE numbers;
"""

# By name of the case: what somebody does, as a superuser, and how it is told. PROD is the schema.
FIXED: dict[str, tuple[str, FindingKind, str]] = {
    "row security off": (
        "ALTER TABLE PROD.orders DISABLE ROW LEVEL SECURITY",
        FindingKind.NO_ROW_SECURITY,
        "PROD.orders",
    ),
    "row security for the owner": (
        "ALTER TABLE PROD.orders FORCE ROW LEVEL SECURITY",
        FindingKind.NO_ROW_SECURITY,
        "PROD.orders",
    ),
    "a policy gone": (
        "DROP POLICY twinbase_rows ON PROD.orders",
        FindingKind.WRONG_POLICY,
        "no policy twinbase_rows",
    ),
    "both policies gone": (
        "DROP POLICY twinbase_rows ON PROD.lines; DROP POLICY twinbase_all_rows ON PROD.lines",
        FindingKind.WRONG_POLICY,
        "no policy twinbase_rows nor twinbase_all_rows",
    ),
    "a policy that lets all read": (
        "ALTER POLICY twinbase_rows ON PROD.orders USING (uid IS NOT NULL)",
        FindingKind.WRONG_POLICY,
        "twinbase_rows says other",
    ),
    "a policy that lets all write": (
        "ALTER POLICY twinbase_all_rows ON PROD.orders WITH CHECK (true)",
        FindingKind.WRONG_POLICY,
        "twinbase_all_rows says other",
    ),
    "a policy of another schema": (
        (
            "ALTER POLICY twinbase_all_rows ON PROD.orders"
            " USING (current_setting('twinbase.schema', true) = 'TEST')"
        ),
        FindingKind.WRONG_POLICY,
        "twinbase_all_rows says other",
    ),
    "a policy of everybody's": (
        "ALTER POLICY twinbase_all_rows ON PROD.orders TO PUBLIC",
        FindingKind.WRONG_POLICY,
        "twinbase_all_rows says other",
    ),
    "a policy that only restricts": (
        (
            "DROP POLICY twinbase_all_rows ON PROD.lines; CREATE POLICY twinbase_all_rows ON PROD.lines"
            " AS RESTRICTIVE TO twinbase_space, twinbase_reader"
            " USING (current_setting('twinbase.schema', true) = 'PROD')"
            " WITH CHECK (current_setting('twinbase.schema', true) = 'PROD')"
        ),
        FindingKind.WRONG_POLICY,
        "twinbase_all_rows says other",
    ),
    "the stamp gone": (
        "DROP TRIGGER twinbase_stamp ON PROD.orders",
        FindingKind.NO_STAMP,
        "missing or off",
    ),
    "the stamp off": (
        "ALTER TABLE PROD.lines DISABLE TRIGGER twinbase_stamp",
        FindingKind.NO_STAMP,
        "missing or off",
    ),
    "the stamp at times": (
        (
            "DROP TRIGGER twinbase_stamp ON PROD.lines; CREATE TRIGGER twinbase_stamp BEFORE INSERT"
            " ON PROD.lines FOR EACH ROW EXECUTE FUNCTION twinbase.stamp_row('none', 'none')"
        ),
        FindingKind.NO_STAMP,
        "something else",
    ),
    "rows of nobody": (
        "ALTER TABLE PROD.orders ALTER uid DROP NOT NULL",
        FindingKind.UNMANAGED_COLUMN,
        "column uid may be NULL",
    ),
    "an id of the caller's": (
        "ALTER TABLE PROD.orders ALTER id SET DEFAULT 7",
        FindingKind.UNMANAGED_COLUMN,
        "column id may be NULL or has a default",
    ),
    "an index gone": (
        "DROP INDEX PROD.orders_uid_idx",
        FindingKind.UNMANAGED_COLUMN,
        "column uid has no index",
    ),
    "another owner": (
        "ALTER TABLE PROD.orders OWNER TO postgres",
        FindingKind.WRONG_OWNER,
        "PROD.orders belongs to postgres",
    ),
    "rows for everybody": (
        "GRANT SELECT ON PROD.orders TO PUBLIC",
        FindingKind.EXTRA_RIGHT,
        "SELECT of PUBLIC",
    ),
    "a column for who reads only": (
        "GRANT UPDATE (name) ON PROD.orders TO twinbase_reader",
        FindingKind.EXTRA_RIGHT,
        "UPDATE (name) of twinbase_reader",
    ),
    "tables to be emptied": (
        "GRANT TRUNCATE ON PROD.lines TO twinbase_dml",
        FindingKind.EXTRA_RIGHT,
        "TRUNCATE of twinbase_dml",
    ),
    "rights to give away": (
        "GRANT SELECT ON PROD.lines TO twinbase_space WITH GRANT OPTION",
        FindingKind.EXTRA_RIGHT,
        "WITH GRANT OPTION of twinbase_space",
    ),
    "a sequence for everybody": (
        "GRANT USAGE ON SEQUENCE PROD.numbers TO twinbase_dml",
        FindingKind.EXTRA_RIGHT,
        "USAGE of twinbase_dml",
    ),
    "a schema for everybody": (
        "GRANT CREATE ON SCHEMA PROD TO PUBLIC",
        FindingKind.EXTRA_RIGHT,
        "CREATE of PUBLIC",
    ),
    "a right on a table gone": (
        "REVOKE DELETE ON PROD.orders FROM twinbase_space",
        FindingKind.MISSING_RIGHT,
        "DELETE for twinbase_space",
    ),
    "all rights on a view gone": (
        "REVOKE ALL ON PROD.names FROM twinbase_reader",
        FindingKind.MISSING_RIGHT,
        "SELECT for twinbase_reader",
    ),
    "a right on a schema gone": (
        "REVOKE USAGE ON SCHEMA PROD FROM twinbase_dml",
        FindingKind.MISSING_RIGHT,
        "USAGE for twinbase_dml",
    ),
    "a view of its owner's": (
        "ALTER VIEW PROD.names RESET (security_invoker)",
        FindingKind.UNGUARDED_VIEW,
        "PROD.names",
    ),
    "a right left over": (
        "GRANT USAGE ON SCHEMA PROD TO twinbase_ddl",
        FindingKind.LEFT_RIGHT,
        "USAGE on schema PROD",
    ),
    "a role above row security": (
        "ALTER ROLE twinbase_dml BYPASSRLS",
        FindingKind.SHORTCOMING,
        "bypasses row security",
    ),
    "a role of another": (
        "GRANT pg_read_all_data TO twinbase_space",
        FindingKind.SHORTCOMING,
        "is a member of another role",
    ),
    "a login above all": (
        "ALTER ROLE twinbase_service SUPERUSER",
        FindingKind.SHORTCOMING,
        "the login is a superuser",
    ),
    "a membership gone": (
        "REVOKE twinbase_reader FROM twinbase_service",
        FindingKind.SHORTCOMING,
        "may not become",
    ),
    "settings for everybody": (
        "GRANT EXECUTE ON FUNCTION set_config(text, text, boolean) TO PUBLIC",
        FindingKind.SHORTCOMING,
        "everybody may execute pg_catalog.set_config",
    ),
    "locks for one role": (
        "GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint) TO twinbase_dml",
        FindingKind.SHORTCOMING,
        "twinbase_dml may execute pg_catalog.pg_advisory_lock",
    ),
    "schemas of tenants": (
        "GRANT CREATE ON DATABASE twinbase TO twinbase_ddl",
        FindingKind.SHORTCOMING,
        "tenants may create schemas",
    ),
    "functions of tenants": (
        "GRANT USAGE ON LANGUAGE sql TO twinbase_ddl",
        FindingKind.SHORTCOMING,
        "tenants may write functions",
    ),
    "a superuser's functions for tenants": (
        "GRANT EXECUTE ON FUNCTION twinbase_guard.copy_leakproof(oid, name) TO twinbase_ddl",
        FindingKind.SHORTCOMING,
        "twinbase_guard",
    ),
    "no event trigger": (
        "DROP EVENT TRIGGER twinbase_commands",
        FindingKind.SHORTCOMING,
        "twinbase_commands is missing",
    ),
    "another event trigger": (
        (
            "CREATE OR REPLACE FUNCTION twinbase_guard.refuse_commands_of_tenants()"
            " RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'"
        ),
        FindingKind.OUTDATED_GUARD,
        "twinbase_commands",
    ),
    "a role that makes databases": (
        "ALTER ROLE twinbase_owner CREATEDB",
        FindingKind.LOOSE_ROLE,
        "twinbase_owner has CREATEDB",
    ),
    "a role that logs in": (
        "ALTER ROLE twinbase_space LOGIN",
        FindingKind.LOOSE_ROLE,
        "twinbase_space has LOGIN",
    ),
    "membership to give away": (
        "GRANT twinbase_dml TO twinbase_service WITH ADMIN OPTION",
        FindingKind.LOOSE_ROLE,
        "membership in twinbase_dml",
    ),
    "everybody's schema": (
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
        FindingKind.LOOSE_RIGHT,
        "PUBLIC has CREATE on schema public",
    ),
    "metadata for tenants": (
        "GRANT SELECT ON twinbase.api_key TO twinbase_reader",
        FindingKind.LOOSE_RIGHT,
        "twinbase_reader has SELECT on table twinbase.api_key",
    ),
    "a parameter for tenants": (
        "GRANT SET ON PARAMETER session_replication_role TO twinbase_dml",
        FindingKind.LOOSE_RIGHT,
        "twinbase_dml has SET on parameter session_replication_role",
    ),
    "sequences' functions gone": (
        "REVOKE EXECUTE ON FUNCTION twinbase_functions.nextval(regclass) FROM twinbase_dml",
        FindingKind.LACKING_RIGHT,
        "twinbase_dml lacks EXECUTE",
    ),
    "settings of the service gone": (
        "REVOKE EXECUTE ON FUNCTION set_config(text, text, boolean) FROM twinbase_service",
        FindingKind.LACKING_RIGHT,
        "twinbase_service lacks EXECUTE",
    ),
    "metadata out of reach": (
        "REVOKE SELECT ON twinbase.database_meta FROM twinbase_service",
        FindingKind.LACKING_RIGHT,
        "twinbase_service lacks SELECT",
    ),
    "the queue out of reach": (
        "REVOKE USAGE ON SCHEMA twinbase_queue FROM twinbase_service",
        FindingKind.LACKING_RIGHT,
        "twinbase_service lacks USAGE",
    ),
    "ids out of reach": (
        "REVOKE ALL ON SEQUENCE twinbase.id_low_bits FROM twinbase_service",
        FindingKind.LACKING_RIGHT,
        "twinbase_service lacks USAGE",
    ),
    "a trigger's function out of reach": (
        "REVOKE EXECUTE ON FUNCTION twinbase.next_id() FROM twinbase_service",
        FindingKind.LACKING_RIGHT,
        "twinbase_service lacks EXECUTE",
    ),
    "metadata of somebody else": (
        "ALTER TABLE twinbase.quota OWNER TO postgres",
        FindingKind.LACKING_RIGHT,
        "twinbase.quota",
    ),
    "new tables for everybody": (
        "ALTER DEFAULT PRIVILEGES FOR ROLE twinbase_owner GRANT SELECT ON TABLES TO PUBLIC",
        FindingKind.DEFAULT_RIGHT,
        "PUBLIC SELECT",
    ),
}

# What only somebody who knows why it is so may undo: told with the SQL for it.
ONLY_TOLD: dict[str, tuple[str, FindingKind, str]] = {
    "a policy more": (
        "CREATE POLICY audit ON PROD.orders USING (true)",
        FindingKind.EXTRA_POLICY,
        "audit",
    ),
    "a view past row security": (
        ("CREATE VIEW PROD.seen AS SELECT 1 AS n; GRANT SELECT ON PROD.seen TO twinbase_dml"),
        FindingKind.OPEN_RELATION,
        "view PROD.seen",
    ),
    "a copy of rows": (
        (
            "CREATE MATERIALIZED VIEW PROD.copied AS SELECT 1 AS n;"
            " GRANT SELECT (n) ON PROD.copied TO twinbase_space"
        ),
        FindingKind.OPEN_RELATION,
        "materialized view PROD.copied",
    ),
    "a table of somebody's for everybody": (
        "CREATE TABLE PROD.shared (n integer); GRANT ALL ON PROD.shared TO PUBLIC",
        FindingKind.OPEN_RELATION,
        "table PROD.shared",
    ),
    "what slows the log and fills it": (
        "ALTER ROLE twinbase_service SET log_statement TO 'all'",
        FindingKind.SERVER_SETTING,
        "log_statement",
    ),
    "files without end": (
        "ALTER ROLE twinbase_service RESET temp_file_limit",
        FindingKind.SERVER_SETTING,
        "temp_file_limit",
    ),
    "an old transaction": (
        "BEGIN; INSERT INTO public.t VALUES (1); PREPARE TRANSACTION 'left'",
        FindingKind.PREPARED_TRANSACTION,
        "'left'",
    ),
    "a slot that nobody reads": (
        "SELECT pg_create_physical_replication_slot('left_over', true)",
        FindingKind.REPLICATION_SLOT,
        "left_over is read by nobody",
    ),
    "dead rows": (
        (
            "INSERT INTO public.t SELECT generate_series(1, 500); DELETE FROM public.t;"
            " SELECT pg_stat_force_next_flush()"
        ),
        FindingKind.DEAD_ROWS,
        "public.t holds 500 dead rows",
    ),
}


@dataclass(frozen=True)
class Place:
    settings: Settings
    admin: asyncpg.Connection
    database_id: int

    def named(self, text: str) -> str:
        prod, test = (f"{name}_{self.database_id}" for name in ("prod", "test"))
        return text.replace("PROD", prod).replace("TEST", test)

    def examination(self, bounds: Bounds = BOUNDS, **changes: object) -> "Opened":
        return Opened(self.settings.model_copy(update=changes), bounds)


@dataclass(frozen=True)
class Opened:
    settings: Settings
    bounds: Bounds

    async def look(self) -> list[Finding]:
        return (await self._examined(fix=False)).findings

    async def fix(self) -> Examined:
        return await self._examined(fix=True)

    async def _examined(self, *, fix: bool) -> Examined:
        url = self.settings.database_url
        assert url is not None
        engine = create_engine(
            url.get_secret_value(), pool_size=2, connect_timeout=PATIENCE, pool_timeout=PATIENCE
        )
        examination = Examination(self.settings, engine, is_embedded=True, bounds=self.bounds)
        try:
            if fix:
                return await examination.fix(lambda id_: by_command("doctor", str(id_)))
            return await examination.look()
        finally:
            await engine.dispose()


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Settings, int]]:
    """The settings, and a database that has something of each kind."""
    with short_folder("doctor") as folder:
        options = {"max_prepared_transactions": "5"}
        with embedded_server(folder / "data", options=options) as server:
            settings = Settings(
                data_dir=folder / "data",
                database_url=SecretStr(server.dsn(user="twinbase_service", database="twinbase")),
                admin_url=SecretStr(server.dsn(user="postgres", database="postgres")),
                operation_heartbeat=60,
            )
            yield settings, asyncio.run(_filled(settings))


async def _filled(settings: Settings) -> int:
    await prepare(settings)
    async with open_client(settings) as client:
        caller = client.caller("u1")
        database_id = await caller.create()
        await caller.ddl(database_id, DDL)
        await caller.dml(database_id, "INSERT INTO orders (name) VALUES ('kept')", env="prod")
        await caller.create("another")
    return database_id


@pytest.fixture
async def place(served: tuple[Settings, int]) -> AsyncIterator[Place]:
    settings, database_id = served
    url = settings.admin_url
    assert url is not None
    admin = await asyncpg.connect(url.get_secret_value().replace("/postgres?", "/twinbase?"))
    try:
        yield Place(settings, admin, database_id)
    finally:
        await admin.close()


def test_each_kind_is_made_somewhere() -> None:
    made = {kind for _, kind, _ in (*FIXED.values(), *ONLY_TOLD.values())}
    by_settings = {
        FindingKind.UNREACHABLE,
        FindingKind.TOO_FEW_CONNECTIONS,
        FindingKind.CONNECTIONS_USED_UP,
        FindingKind.FULL_DISK,
        FindingKind.BLOATED_CATALOG,
        FindingKind.OLD_ROWS,
        FindingKind.LONG_TRANSACTION,
        FindingKind.SERVICE_SETTING,
        FindingKind.DEAF,
        FindingKind.CLOCK_DIFFERS,
    }
    of_themselves = {FindingKind.UNSETTLED_TABLE, FindingKind.NOT_EXAMINED}
    not_here = {FindingKind.UNKNOWN_VERSION}  # the wheel has no such server
    all_of_them = made | by_settings | of_themselves | not_here | set(OF_METADATA)
    assert all_of_them == set(FindingKind)


@pytest.mark.parametrize("name", FIXED)
async def test_it_is_found_and_mended(name: str, place: Place) -> None:
    change, kind, told = FIXED[name]
    await place.admin.execute(place.named(change))
    assert kind.mended_by is Mender.FIX
    fixed = await place.examination().fix()
    of_kind = [each.what for each in fixed.mended if each.kind is kind]
    assert place.named(told) in " ".join(of_kind), (fixed.mended, fixed.findings)
    assert fixed.findings == []
    rows = await place.admin.fetch(place.named("SELECT uid, name FROM PROD.orders"))
    assert [tuple(row) for row in rows] == [("app01:u1", "kept")]


@pytest.mark.parametrize("name", ONLY_TOLD)
async def test_it_is_told_with_what_mends_it(name: str, place: Place) -> None:
    await place.admin.execute(
        "CREATE TABLE public.t (n integer) WITH (autovacuum_enabled = false);"
        " REVOKE ALL ON public.t FROM PUBLIC"
    )
    small = Bounds(dead_rows=400, prepared_seconds=0, kept_log=-1)
    change, kind, told = ONLY_TOLD[name]
    for statement in place.named(change).split("; "):
        await place.admin.execute(statement)
    left = (await place.examination(small).fix()).findings
    (finding,) = [each for each in left if each.kind is kind]
    assert place.named(told) in finding.what
    assert kind.mended_by is Mender.YOU
    assert finding.remedy is not None
    if kind is FindingKind.SERVER_SETTING:
        # The SQL is for the whole server; here one role's setting is what hurts.
        await place.admin.execute("ALTER ROLE twinbase_service RESET log_statement")
        await place.admin.execute("ALTER ROLE twinbase_service SET temp_file_limit TO '8GB'")
    else:
        await place.admin.execute(finding.remedy)
    await place.admin.execute("DROP TABLE public.t")
    assert await place.examination(replace(small, dead_rows=10**6)).look() == []


async def test_a_policy_of_the_operators_own_role_is_his(place: Place) -> None:
    await place.admin.execute(
        place.named(
            "CREATE ROLE analyst; GRANT SELECT ON PROD.orders TO analyst;"
            " CREATE POLICY analyst ON PROD.orders TO analyst USING (true)"
        )
    )
    assert await place.examination().look() == []
    await place.admin.execute(
        place.named("DROP POLICY analyst ON PROD.orders; DROP OWNED BY analyst; DROP ROLE analyst")
    )


async def test_a_table_that_was_made_past_the_service(place: Place) -> None:
    """A superuser's own is his; what he gave to the service's owner nobody reaches yet."""
    await place.admin.execute(place.named("CREATE TABLE PROD.made (n integer)"))
    assert await place.examination().look() == []
    await place.admin.execute(place.named("ALTER TABLE PROD.made OWNER TO twinbase_owner"))
    (finding,) = (await place.examination().fix()).findings
    assert finding.kind is FindingKind.UNSETTLED_TABLE
    async with open_client(place.settings) as client:
        caller = client.caller("u1")
        answer = await caller.call(
            "exec_ddl",
            database_id=place.database_id,
            ddl="COMMENT ON TABLE made IS 'settled'",
            env="prod",
        )
        assert answer["code"] == 0, answer
    assert await place.examination().look() == []
    await place.admin.execute(place.named("DROP TABLE PROD.made"))


async def test_what_no_policy_can_be_made_for_keeps_nothing_else_open(place: Place) -> None:
    """A table without ``uid``, or with one of another type, is left as it is."""
    await place.admin.execute(
        place.named(
            "ALTER TABLE PROD.lines DROP COLUMN uid CASCADE;"
            " ALTER POLICY twinbase_rows ON PROD.orders USING (true);"
            " GRANT SELECT ON PROD.orders TO PUBLIC"
        )
    )
    for meanwhile in ("SELECT 1", "ALTER TABLE PROD.lines ADD COLUMN uid integer"):
        await place.admin.execute(place.named(meanwhile))
        left = (await place.examination().fix()).findings
        assert {each.subject for each in left} == {place.named("PROD.lines")}, left
    await place.admin.execute(place.named("ALTER TABLE PROD.lines DROP COLUMN uid"))
    await place.admin.execute(
        place.named("ALTER TABLE PROD.lines ADD COLUMN uid varchar NOT NULL DEFAULT 'app01:u1'")
    )
    await place.admin.execute(place.named("ALTER TABLE PROD.lines ALTER COLUMN uid DROP DEFAULT"))
    assert (await place.examination().fix()).findings == []


async def test_rows_are_not_changed_by_a_fix(place: Place) -> None:
    """Whose a row is, and which id it has, is for somebody who knows."""
    await place.admin.execute(
        place.named(
            "ALTER TABLE PROD.orders ALTER uid DROP NOT NULL;"
            "ALTER TABLE PROD.orders DISABLE TRIGGER ALL; UPDATE PROD.orders SET uid = NULL;"
            "ALTER TABLE PROD.orders ENABLE TRIGGER ALL"
        )
    )
    left = (await place.examination().fix()).findings
    assert [each.kind for each in left] == [FindingKind.UNMANAGED_COLUMN]
    await place.admin.execute(
        place.named(
            "ALTER TABLE PROD.orders DISABLE TRIGGER ALL; UPDATE PROD.orders SET uid = 'app01:u1';"
            "ALTER TABLE PROD.orders ENABLE TRIGGER ALL"
        )
    )
    assert (await place.examination().fix()).findings == []


async def test_what_somebody_works_with_is_left_and_the_rest_is_mended(place: Place) -> None:
    await place.admin.execute(
        place.named(
            "ALTER TABLE PROD.orders DISABLE ROW LEVEL SECURITY;"
            "GRANT CREATE ON SCHEMA public TO PUBLIC"
        )
    )
    async with place.admin.transaction():
        await place.admin.execute(place.named("SELECT FROM PROD.orders"))
        fixed = await place.examination(lock_timeout_ms=200, ddl_lock_timeout_ms=200).fix()
    assert [each.kind for each in fixed.mended] == [FindingKind.LOOSE_RIGHT]
    (left,) = fixed.findings
    assert left.kind is FindingKind.NO_ROW_SECURITY
    assert fixed.reasons == {left: DatabaseBusy.default_message()}
    assert (await place.examination().fix()).findings == []


async def test_without_an_administrator_it_mends_what_the_service_may(place: Place) -> None:
    await place.admin.execute(
        place.named(
            "ALTER TABLE PROD.orders OWNER TO postgres; GRANT SELECT ON PROD.lines TO PUBLIC;"
            "REVOKE EXECUTE ON FUNCTION twinbase_functions.currval(regclass) FROM twinbase_dml;"
            "ALTER ROLE twinbase_reader CREATEDB"
        )
    )
    fixed = await place.examination(admin_url=None).fix()
    assert {each.kind for each in fixed.mended} == {
        FindingKind.EXTRA_RIGHT,
        FindingKind.LACKING_RIGHT,
    }
    left = {each.kind: fixed.reasons[each] for each in fixed.findings}
    assert left.keys() == {FindingKind.WRONG_OWNER, FindingKind.LOOSE_ROLE}
    assert all("administrator" in reason for reason in left.values())
    assert (await place.examination().fix()).findings == []


async def test_what_was_mended_in_a_database_is_in_the_audit(place: Place) -> None:
    before = await place.admin.fetchval("SELECT count(*) FROM twinbase.audit")
    await place.admin.execute(place.named("GRANT SELECT ON PROD.lines TO PUBLIC"))
    await place.examination().fix()
    rows = await place.admin.fetch(
        "SELECT verb, app_id, database_id, outcome FROM twinbase.audit ORDER BY id"
    )
    assert [tuple(row) for row in rows[before:]] == [
        ("doctor", "command-line", place.database_id, "done")
    ]


async def test_where_one_thing_cannot_be_looked_at_all_else_is(place: Place) -> None:
    """As where an administrator keeps a view to himself."""
    await place.admin.execute("REVOKE SELECT ON pg_prepared_xacts FROM PUBLIC")
    found = await place.examination().look()
    await place.admin.execute("GRANT SELECT ON pg_prepared_xacts TO PUBLIC")
    assert [(each.kind, each.subject) for each in found] == [
        (FindingKind.NOT_EXAMINED, "prepared_transaction")
    ]


async def test_settings_and_what_grows(place: Place) -> None:
    """By bounds below what is there; nothing of it is the server's fault."""
    nothing = Bounds(age=0, idle_seconds=0, catalog_bytes=0, connections=0, seconds_apart=-1)
    found = await place.examination(
        nothing,
        direct_url=SecretStr("postgresql://twinbase_service@127.0.0.1:1/twinbase"),
        database_connections=500,
        least_free_bytes=2**62,
        lock_timeout_ms=60_000,
        host="0.0.0.0",
        auth_off_anywhere=True,
    ).look()
    assert {each.kind for each in found} >= {
        FindingKind.UNREACHABLE,
        FindingKind.TOO_FEW_CONNECTIONS,
        FindingKind.CONNECTIONS_USED_UP,
        FindingKind.FULL_DISK,
        FindingKind.SERVICE_SETTING,
        FindingKind.OLD_ROWS,
        FindingKind.CLOCK_DIFFERS,
    }
    hurting = {each.subject for each in found if each.kind is FindingKind.SERVICE_SETTING}
    assert hurting == {"TWINBASE_AUTH", "TWINBASE_LOCK_TIMEOUT_MS"}
    assert not any("None" in each.what for each in found)


async def test_what_others_say_is_not_heard(place: Place) -> None:
    """As behind a pooler: NOTIFY is of the database that it is said in."""
    url = place.settings.database_url
    assert url is not None
    elsewhere = SecretStr(url.get_secret_value().replace("/twinbase?", "/postgres?"))
    found = await place.examination(direct_url=elsewhere, connect_timeout=0.5).look()
    assert [(each.kind, each.subject) for each in found] == [
        (FindingKind.DEAF, "TWINBASE_DIRECT_URL")
    ]


async def test_a_session_that_does_nothing_in_its_transaction(place: Place) -> None:
    url = place.settings.database_url
    assert url is not None
    async with AsyncExitStack() as opened:
        session = await asyncpg.connect(url.get_secret_value())
        opened.push_async_callback(session.close)
        opened.push_async_callback(session.execute, "ROLLBACK")
        await session.execute("BEGIN; SELECT 1")
        found = await place.examination(Bounds(idle_seconds=0)).look()
        pid = session.get_server_pid()
        told = [each for each in found if each.kind is FindingKind.LONG_TRANSACTION]
        assert [each.remedy for each in told] == [f"SELECT pg_terminate_backend({pid})"]


async def test_a_catalog_that_has_grown(place: Place) -> None:
    await place.admin.execute(
        "CREATE TABLE public.wide (n integer); SELECT pg_stat_force_next_flush()"
    )
    for number in range(40):
        columns = ", ".join(f"c{number}_{each} integer" for each in range(30))
        await place.admin.execute(f"CREATE TABLE public.w ({columns}); DROP TABLE public.w")
    await place.admin.execute("DROP TABLE public.wide; SELECT pg_stat_force_next_flush()")
    found = await place.examination(Bounds(dead_rows=10)).look()
    assert FindingKind.BLOATED_CATALOG in {each.kind for each in found} or (
        # Where autovacuum has just been there: its room is counted instead.
        FindingKind.BLOATED_CATALOG
        in {each.kind for each in await place.examination(Bounds(catalog_bytes=0)).look()}
    )


async def test_a_full_disk_is_not_ready(place: Place) -> None:
    """By a bound above what is free; where the server is somebody else's, nobody looks."""
    settings = place.settings.model_copy(update={"least_free_bytes": 2**62})
    async with open_client(settings) as client:
        answer = await client.http.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["data"] == {"error": {"part": "disk"}}
        assert "TWINBASE_LEAST_FREE_BYTES" in answer.json()["message"]
        told = (await client.post("get_health", json={})).json()["data"]
        assert told["status"] == "failing"
        assert [each["part"] for each in told["parts"] if each["status"] == "failing"] == ["disk"]
    elsewhere = settings.model_copy(update={"data_dir": settings.data_dir / "another"})
    async with open_client(elsewhere) as client:
        assert (await client.http.get("/readyz")).status_code == 200
