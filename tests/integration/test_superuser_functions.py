"""What a superuser has left for clones does nothing else, whatever the service were made to ask of it.

Each misuse runs as the service's own login, past the service: as whoever had taken it over.
"""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from asyncpg import Connection

from domain.schema import Environment
from repository.bootstrap import bootstrap, shortcomings
from tests.catalog import schemas
from tests.client import Client
from tests.superuser_misuses import (
    CLASS,
    CLASSES,
    COPY,
    FAMILY,
    LEAKPROOF,
    LOOSE,
    MISUSES,
    OIDS,
    PLACE,
    SOURCE,
    Misuse,
)

DENIED = "42501"


@pytest.fixture
async def service(direct_url: str, admin: Connection, client: Client) -> AsyncIterator[Connection]:
    """Its login, with two tenants' schemas; ``client``, so that migrations have been looked at."""
    await admin.execute(SOURCE)
    connection = await asyncpg.connect(direct_url)
    try:
        await connection.execute(COPY)
        yield connection
    finally:
        await connection.close()


async def call(service: Connection, misuse: Misuse) -> None:
    oid = await service.fetchval(OIDS[misuse.function], misuse.name)
    assert oid is not None
    await service.execute(f"SELECT twinbase_guard.{misuse.function}({oid}, $1)", misuse.copy)


async def test_what_is_meant_works(service: Connection, admin: Connection) -> None:
    """So that the misuses below fail for the reason that they are about."""
    for name in ("of_places", "of_ranges", "of_numbers", "of_operator", "loose_family"):
        await call(service, Misuse("", FAMILY, name))
    await call(service, Misuse("", LOOSE, "loose_family"))
    for name in CLASSES:
        await call(service, Misuse("", CLASS, name))
    for name in ("tight", "tight_tree", "tight_path"):
        await call(service, Misuse("", LEAKPROOF, name))
    made = await admin.fetch(
        "SELECT opcname, opcowner::regrole::text FROM pg_opclass"
        " WHERE opcnamespace = 'prod_2'::regnamespace ORDER BY 1"
    )
    assert [tuple(row) for row in made] == [(name, "twinbase_owner") for name in sorted(CLASSES)]


@pytest.mark.parametrize("name", MISUSES)
async def test_misuse_is_refused(service: Connection, admin: Connection, name: str) -> None:
    misuse = MISUSES[name]
    for family in ("of_places", "of_ranges", "of_numbers", "of_operator", "of_another", "of_c",
                   "of_everybody", "loose_family"):  # fmt: skip
        if misuse.function != FAMILY:
            await call(service, Misuse("", FAMILY, family))
    if misuse.before:
        await service.execute(misuse.before)
    before = await state(admin)
    with pytest.raises(asyncpg.PostgresError) as caught:
        await call(service, misuse)
    assert caught.value.sqlstate == DENIED, caught.value
    assert await state(admin) == before


async def state(admin: Connection) -> list[tuple[object, ...]]:
    rows = await admin.fetch(
        """
        SELECT 'class', count(*) FROM pg_opclass UNION ALL SELECT 'family', count(*) FROM pg_opfamily
        UNION ALL SELECT 'operators', count(*) FROM pg_amop
        UNION ALL SELECT 'functions', count(*) FROM pg_amproc
        UNION ALL SELECT 'leakproof', count(*) FROM pg_proc WHERE proleakproof
        UNION ALL SELECT nspname, nspowner FROM pg_namespace
        """
    )
    return [tuple(row) for row in rows]


async def test_names_that_come_to_mean_something_else_are_noticed(
    service: Connection, admin: Connection, direct_url: str
) -> None:
    """A snapshot that is older than the type which PostgreSQL finds by its name."""
    await call(service, Misuse("", FAMILY, "of_places"))
    other = await asyncpg.connect(direct_url)
    await service.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM pg_type LIMIT 1")
    await other.execute(PLACE + "CREATE DOMAIN prod_2.place AS text")
    await other.close()
    with pytest.raises(asyncpg.PostgresError) as caught:
        await call(service, Misuse("", CLASS, "of_places"))
    assert caught.value.sqlstate == DENIED
    await service.execute("ROLLBACK")
    assert not await admin.fetchval(
        "SELECT EXISTS (SELECT FROM pg_opclass WHERE opcnamespace = 'prod_2'::regnamespace)"
    )


_TRAP = """
    CREATE TABLE public.caught (as_whom name);
    GRANT USAGE ON SCHEMA public TO PUBLIC; GRANT ALL ON public.caught TO PUBLIC;
"""
# Whoever runs it tells who he is.
_BAIT = """
    CREATE SCHEMA bait;
    CREATE FUNCTION bait.told() RETURNS boolean LANGUAGE plpgsql
    AS $$ BEGIN INSERT INTO public.caught VALUES (current_user); RETURN true; END $$;
    CREATE FUNCTION bait.format(text, VARIADIC text[]) RETURNS text LANGUAGE sql
    AS $$ SELECT bait.told()::text $$;
    CREATE FUNCTION bait.equal(oid, oid) RETURNS boolean LANGUAGE sql AS 'SELECT bait.told()';
    CREATE OPERATOR bait.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = bait.equal);
"""


async def test_nothing_of_the_services_runs_as_a_superuser(
    service: Connection, admin: Connection
) -> None:
    """Its own functions under PostgreSQL's names; and its tables made views that call one."""
    await admin.execute(_TRAP)
    await service.execute(_BAIT)
    oid = await service.fetchval(OIDS[FAMILY], "of_numbers")
    await service.execute("SET search_path TO bait, pg_catalog")
    await service.execute(f"SELECT twinbase_guard.copy_operator_family({oid}, 'prod_2')")
    await service.execute(
        """
        ALTER TABLE twinbase.schema_meta RENAME TO kept;
        CREATE VIEW twinbase.schema_meta AS SELECT * FROM twinbase.kept WHERE bait.told()
        """
    )
    with pytest.raises(asyncpg.PostgresError):
        await service.execute(f"SELECT twinbase_guard.carry('operator class', {oid}, 'prod_2')")
    await service.execute("SELECT twinbase_guard.copy_leakproof('prod_1.tight'::regproc, 'prod_2')")
    supers = "SELECT as_whom FROM public.caught JOIN pg_roles ON rolname = as_whom AND rolsuper"
    assert await admin.fetch(supers) == []


@pytest.mark.parametrize(
    "role", ["twinbase_owner", "twinbase_ddl", "twinbase_dml", "twinbase_space", "twinbase_reader"]
)
async def test_no_other_role_reaches_them(
    service: Connection, admin: Connection, role: str
) -> None:
    await service.execute(f"SET ROLE {role}")
    for function in (CLASS, FAMILY, LOOSE, LEAKPROOF):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="twinbase_guard"):
            await service.execute(f"SELECT twinbase_guard.{function}(1, 'prod_2')")
        may = "SELECT has_function_privilege($1, $2, 'EXECUTE')"
        assert not await admin.fetchval(may, role, f"twinbase_guard.{function}(oid, name)")


@pytest.mark.parametrize(
    "change",
    [
        "CREATE FUNCTION twinbase_guard.refuse(name) RETURNS void LANGUAGE sql AS ''",
        "CREATE OR REPLACE FUNCTION twinbase_guard.type_name(type oid) RETURNS text RETURN 'x'",
        "ALTER FUNCTION twinbase_guard.copy_leakproof(oid, name) RESET search_path",
        "DROP FUNCTION twinbase_guard.refuse(text)",
        "ALTER SCHEMA twinbase_guard RENAME TO mine",
        "SELECT twinbase_guard.type_in(1, 2, 3)",
    ],
)
async def test_the_service_cannot_change_them(service: Connection, change: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await service.execute(change)


async def test_bootstrap_trusts_no_schema_that_somebody_else_made(
    service: Connection, admin: Connection, admin_url: str, direct_url: str
) -> None:
    """Who may create schemas may have been there first, with functions that fit better."""
    await admin.execute("DROP SCHEMA twinbase_guard CASCADE")
    await service.execute(
        """
        CREATE SCHEMA twinbase_guard;
        CREATE FUNCTION twinbase_guard.members_of(oid, integer) RETURNS integer LANGUAGE sql
            AS 'SELECT 1';
        CREATE FUNCTION twinbase_guard.refuse(reason text) RETURNS void LANGUAGE sql
            AS ''
        """
    )
    await bootstrap(admin_url, direct_url)
    not_his = await admin.fetch(
        """
        SELECT p.oid::regprocedure::text
        FROM pg_proc AS p
        JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname = 'twinbase_guard'
          AND NOT ((n.nspowner, p.proowner) = (current_user::regrole, current_user::regrole))
        """
    )
    assert not_his == []
    assert await shortcomings(direct_url) == []
    misuse = Misuse("", LOOSE, "text_ops")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="one tenant's schema"):
        await call(service, misuse)


@pytest.mark.parametrize(
    "kind", ["operator class", "operator family", "loose members", "leakproof"]
)
@pytest.mark.parametrize("copy", ["ready", "dropped", "cloning", "of another environment"])
async def test_carry_asks_whether_the_copy_is_being_made(
    service: Connection, client: Client, admin: Connection, kind: str, copy: str
) -> None:
    caller = client.caller()
    source = (await schemas(admin, await caller.create("source")))[Environment.PROD]
    database_id = await caller.create("copy")
    target = (await schemas(admin, database_id))[
        Environment.TEST if copy == "of another environment" else Environment.PROD
    ]
    await admin.execute(
        f"""
        SET search_path TO {source};
        CREATE FUNCTION own() RETURNS integer LEAKPROOF LANGUAGE sql AS 'SELECT 1';
        CREATE OPERATOR CLASS own FOR TYPE text USING btree AS FUNCTION 1 bttextcmp;
        CREATE OPERATOR FAMILY empty USING btree;
        RESET search_path;
        CREATE FUNCTION {target}.own() RETURNS integer LANGUAGE sql AS 'SELECT 1';
        """
    )
    if copy in {"cloning", "of another environment"}:
        await admin.execute(
            "UPDATE twinbase.database_meta SET status = 'cloning' WHERE id = $1", database_id
        )
    if copy == "dropped":
        await admin.execute(
            "UPDATE twinbase.schema_meta SET deleted_at = now() WHERE database_id = $1", database_id
        )
    oid = await admin.fetchval(
        {
            "operator class": "SELECT oid FROM pg_opclass WHERE opcname = 'own'",
            "leakproof": f"SELECT '{source}.own'::regproc::oid",
        }.get(kind, "SELECT oid FROM pg_opfamily WHERE opfname = 'own'")
    )
    of_family = "SELECT oid FROM pg_opfamily WHERE opfname = 'own'"
    carry = "SELECT twinbase_guard.carry($1, $2, $3)"
    if copy != "cloning":
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="no copy that is being made"):
            await service.execute(carry, kind, oid, target)
        return
    if kind in {"operator class", "loose members"}:
        await service.execute(carry, "operator family", await admin.fetchval(of_family), target)
    if kind == "loose members":
        await admin.execute(
            f"ALTER OPERATOR FAMILY {source}.own USING btree ADD OPERATOR 1 < (text, name)"
        )
    await service.execute(carry, kind, oid, target)


_KEPT = """
    CREATE SCHEMA prod_9 AUTHORIZATION twinbase_service;
    CREATE TABLE prod_1.kept (a serial, b integer GENERATED ALWAYS AS IDENTITY);
    CREATE TABLE prod_1.whole (a integer) PARTITION BY LIST (a);
    CREATE TABLE prod_1.part PARTITION OF prod_1.whole DEFAULT;
    CREATE SEQUENCE prod_1.numbers;
    CREATE VIEW prod_1.seen AS SELECT a FROM prod_1.kept;
    CREATE MATERIALIZED VIEW prod_1.stored AS SELECT a FROM prod_1.kept;
    CREATE TABLE prod_1.of_somebody (a integer);
    ALTER TABLE prod_1.of_somebody OWNER TO pg_monitor;
    CREATE TABLE prod_9.elsewhere (a integer);
    CREATE TABLE public.elsewhere (a integer);
    CREATE TABLE twinbase.elsewhere (a integer)
"""
_OWNERS = """
    SELECT oid::regclass::text, relowner::regrole::text FROM pg_class
    WHERE relkind IN ('r', 'p', 'S', 'v', 'm') AND oid >= 16384
"""


async def owners(admin: Connection) -> dict[str, str]:
    return {row[0]: row[1] for row in await admin.fetch(_OWNERS)}


async def test_what_is_adopted(service: Connection, admin: Connection) -> None:
    """Tables and sequences that a superuser has left in a tenant's schema, and nothing else."""
    await admin.execute(_KEPT)
    before = await owners(admin)
    for schema in ("public", "twinbase", "twinbase_guard", "pg_catalog", "prod_9", "prod_77", "x'"):
        await service.execute("SELECT twinbase_guard.adopt($1)", schema)
    assert await owners(admin) == before
    await service.execute("SELECT twinbase_guard.adopt('prod_1')")
    after = await owners(admin)
    adopted = {name for name in after if after[name] != before[name]}
    assert adopted == {
        f"prod_1.{name}"
        for name in ("kept", "kept_a_seq", "kept_b_seq", "whole", "part", "numbers")
    }
    assert {after[name] for name in adopted} == {"twinbase_owner"}


async def test_default_privileges_of_a_superuser(service: Connection, admin: Connection) -> None:
    await admin.execute(
        "ALTER DEFAULT PRIVILEGES IN SCHEMA prod_1 GRANT SELECT ON TABLES TO pg_monitor"
    )
    oid = await admin.fetchval("SELECT oid FROM pg_default_acl")
    for copy in ("prod_1", "test_2", "public", "twinbase"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.execute(f"SELECT twinbase_guard.copy_default_privileges({oid}, $1)", copy)
    await service.execute(f"SELECT twinbase_guard.copy_default_privileges({oid}, 'prod_2')")
    told = await admin.fetch(
        "SELECT defaclnamespace::regnamespace::text, defaclacl FROM pg_default_acl"
    )
    assert len(told) == 2
    assert told[0]["defaclacl"] == told[1]["defaclacl"]
