"""A copy has exactly the rights that its source has, whatever an operator gives by default."""

import pytest
from asyncpg import Connection

from domain.schema import Environment
from tests.catalog import schemas
from tests.client import Caller, Client

# What twinbase_ddl, the owner and the service's login make from then on; somebody is pg_monitor.
DEFAULTS = {
    "granted to somebody": """
        ALTER DEFAULT PRIVILEGES FOR ROLE @roles@ GRANT SELECT, INSERT ON TABLES TO pg_monitor;
        ALTER DEFAULT PRIVILEGES FOR ROLE @roles@ GRANT USAGE ON SEQUENCES TO pg_monitor;
        ALTER DEFAULT PRIVILEGES FOR ROLE @roles@ GRANT EXECUTE ON FUNCTIONS TO pg_monitor;
        ALTER DEFAULT PRIVILEGES FOR ROLE @roles@ GRANT USAGE ON TYPES TO pg_monitor;
        ALTER DEFAULT PRIVILEGES FOR ROLE @roles@ GRANT USAGE ON SCHEMAS TO pg_monitor
    """,
    "granted to everybody, with the right to grant": """
        ALTER DEFAULT PRIVILEGES FOR ROLE @roles@ GRANT ALL ON TABLES TO PUBLIC, pg_monitor;
        ALTER DEFAULT PRIVILEGES FOR ROLE @roles@ GRANT ALL ON TABLES TO pg_monitor WITH GRANT OPTION;
        ALTER DEFAULT PRIVILEGES FOR ROLE @roles@ GRANT ALL ON SEQUENCES TO PUBLIC;
        ALTER DEFAULT PRIVILEGES FOR ROLE @roles@ GRANT ALL ON FUNCTIONS TO pg_monitor WITH GRANT OPTION;
        ALTER DEFAULT PRIVILEGES FOR ROLE @roles@ GRANT ALL ON TYPES TO pg_monitor WITH GRANT OPTION;
        ALTER DEFAULT PRIVILEGES FOR ROLE @roles@ GRANT ALL ON SCHEMAS TO PUBLIC
    """,
    "granted to the roles of tenants": """
        ALTER DEFAULT PRIVILEGES FOR ROLE @roles@ GRANT ALL ON TABLES TO twinbase_reader, twinbase_dml;
        ALTER DEFAULT PRIVILEGES FOR ROLE @roles@ GRANT ALL ON SEQUENCES TO twinbase_space;
        ALTER DEFAULT PRIVILEGES FOR ROLE @roles@ GRANT CREATE ON SCHEMAS TO twinbase_dml
    """,
    "taken from everybody": """
        ALTER DEFAULT PRIVILEGES FOR ROLE @roles@ REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
        ALTER DEFAULT PRIVILEGES FOR ROLE @roles@ REVOKE USAGE ON TYPES FROM PUBLIC
    """,
    "taken from who makes it": """
        ALTER DEFAULT PRIVILEGES FOR ROLE twinbase_ddl REVOKE ALL ON TABLES FROM twinbase_ddl;
        ALTER DEFAULT PRIVILEGES FOR ROLE twinbase_ddl REVOKE ALL ON SEQUENCES FROM twinbase_ddl;
        ALTER DEFAULT PRIVILEGES FOR ROLE twinbase_service REVOKE ALL ON FUNCTIONS FROM twinbase_service
    """,
}

_OBJECTS = """
    SET search_path TO @schema@;
    CREATE FUNCTION positive(integer) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT $1 > 0';
    CREATE FUNCTION "of; many"(a text, VARIADIC b integer[]) RETURNS void LANGUAGE sql AS '';
    CREATE PROCEDURE done(integer) LANGUAGE sql AS '';
    CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer);
    CREATE AGGREGATE counted(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '0');
    CREATE TYPE pair AS (a integer);
    CREATE TYPE span AS RANGE (SUBTYPE = integer);
    CREATE TABLE parted (a integer CHECK (positive(a)), n integer GENERATED ALWAYS AS IDENTITY)
        PARTITION BY LIST (a);
    CREATE TABLE part PARTITION OF parted DEFAULT;
    CREATE TABLE "granted; table" (a integer, b text);
    CREATE MATERIALIZED VIEW kept AS SELECT a FROM parted;
    INSERT INTO parted VALUES (1);
    GRANT SELECT ON parted TO pg_monitor WITH GRANT OPTION;
    GRANT UPDATE (a) ON parted TO PUBLIC;
    REVOKE EXECUTE ON FUNCTION "of; many"(text, integer[]) FROM PUBLIC;
    GRANT USAGE ON TYPE span TO pg_monitor;
    RESET search_path;
    DO $$ DECLARE found record; BEGIN
        FOR found IN
            SELECT oid::regclass AS name FROM pg_class
            WHERE relnamespace = '@schema@'::regnamespace AND relkind IN ('r', 'p', 'm')
              AND relowner <> 'twinbase_owner'::regrole
        LOOP EXECUTE format('ALTER TABLE %s OWNER TO twinbase_owner', found.name); END LOOP;
    END $$
"""

_RIGHTS = """
    WITH objects (name, owner, acl, kind) AS (
        SELECT relname::text, relowner, relacl, CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char"
        FROM pg_class
        WHERE relnamespace = $1::text::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
        UNION ALL
        SELECT replace(oid::regprocedure::text, $1 || '.', ''), proowner, proacl, 'f'
        FROM pg_proc WHERE pronamespace = $1::text::regnamespace
        UNION ALL
        SELECT 'type ' || typname, typowner, typacl, 'T'
        FROM pg_type WHERE typnamespace = $1::text::regnamespace
        UNION ALL
        SELECT 'schema', nspowner, nspacl, 'n' FROM pg_namespace WHERE nspname = $1
        UNION ALL
        SELECT 'column ' || attname || ' of ' || relname, relowner, attacl, 'c'
        FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
        WHERE relnamespace = $1::text::regnamespace
    )
    SELECT format(
        '%s: %s %s to %s', name, privilege_type, is_grantable,
        CASE grantee
            WHEN 0 THEN 'everybody' WHEN owner THEN 'its owner' ELSE grantee::regrole::text
        END
    )
    FROM objects CROSS JOIN LATERAL aclexplode(coalesce(acl, acldefault(kind, owner)))
    ORDER BY 1
"""


@pytest.fixture
async def caller(client: Client, admin: Connection) -> Caller:
    """Who has a database ``source``, with what he and an operator have made."""
    caller = client.caller()
    database_id = await caller.create("source")
    await caller.ddl(
        database_id,
        "CREATE TABLE things (word text, number serial); CREATE VIEW seen AS SELECT word FROM things;"
        "CREATE SEQUENCE drawn; CREATE TYPE mood AS ENUM ('low'); CREATE DOMAIN few AS integer",
    )
    for schema in (await schemas(admin, database_id)).values():
        await admin.execute(_OBJECTS.replace("@schema@", schema))
    return caller


async def rights(admin: Connection, schema: str) -> list[str]:
    return [row[0] for row in await admin.fetch(_RIGHTS, schema)]


async def assert_same_rights(caller: Caller, admin: Connection) -> None:
    source = await admin.fetchval("SELECT id FROM twinbase.database_meta WHERE name = 'source'")
    of_source = {
        environment: await rights(admin, schema)
        for environment, schema in (await schemas(admin, source)).items()
    }
    for in_steps in (False, True):
        copy = await caller.clone(source, f"copy_{in_steps}", in_steps=in_steps)
        for environment, schema in (await schemas(admin, copy)).items():
            assert await rights(admin, schema) == of_source[environment]
        for env in Environment:
            assert await caller.dml(copy, "SELECT word FROM things", env) == []


@pytest.mark.parametrize("name", DEFAULTS)
async def test_default_privileges_reach_no_copy(
    caller: Caller, admin: Connection, name: str
) -> None:
    roles = "twinbase_ddl, twinbase_owner, twinbase_service"
    await admin.execute(DEFAULTS[name].replace("@roles@", roles))
    await assert_same_rights(caller, admin)


async def test_what_default_privileges_have_given_the_source_is_the_copys(
    client: Client, admin: Connection
) -> None:
    """Also where it was taken back in part."""
    roles = "twinbase_ddl, twinbase_owner, twinbase_service"
    granted = DEFAULTS["granted to somebody"].replace("@roles@", roles)
    await admin.execute(granted)
    caller = client.caller()
    database_id = await caller.create("source")
    await caller.ddl(database_id, "CREATE TABLE things (word text); CREATE TABLE more (a integer)")
    for schema in (await schemas(admin, database_id)).values():
        await admin.execute(f"REVOKE INSERT ON {schema}.things FROM pg_monitor")
        assert "things: SELECT f to pg_monitor" in await rights(admin, schema)
        assert "schema: USAGE f to pg_monitor" in await rights(admin, schema)
    await assert_same_rights(caller, admin)


async def test_a_leakproof_function_stays_its_owners(client: Client, admin: Connection) -> None:
    """Who owns it could bend it. What belongs to a role of the service's, the service bends anyhow."""
    caller = client.caller()
    source = await caller.create()
    schema = (await schemas(admin, source))[Environment.TEST]
    await admin.execute(
        f"""
        SET search_path TO {schema};
        CREATE FUNCTION tight(integer) RETURNS boolean LEAKPROOF LANGUAGE sql AS 'SELECT $1 > 0';
        CREATE FUNCTION own(integer) RETURNS boolean LEAKPROOF LANGUAGE sql AS 'SELECT $1 > 0';
        GRANT EXECUTE ON FUNCTION tight TO pg_monitor WITH GRANT OPTION;
        REVOKE EXECUTE ON FUNCTION tight FROM PUBLIC;
        COMMENT ON FUNCTION tight IS 'tells nothing';
        ALTER FUNCTION own OWNER TO twinbase_owner;
        RESET search_path
        """
    )
    copy = await caller.clone(source)
    again = await caller.clone(copy, "again")
    told = {
        database: [
            tuple(row)
            for row in await admin.fetch(
                """
                SELECT proname, proleakproof, proowner::regrole::text, proacl::text,
                    obj_description(oid, 'pg_proc')
                FROM pg_proc WHERE pronamespace = $1::text::regnamespace ORDER BY 1
                """,
                (await schemas(admin, database))[Environment.TEST],
            )
        ]
        for database in (source, copy, again)
    }
    assert told[copy] == told[source]
    assert told[again] == told[source]
    assert [row[:2] for row in told[source]] == [("own", True), ("tight", True)]
    assert told[source][1][2] != "twinbase_owner"
    await caller.done("drop_database", database_id=copy)


async def test_what_an_administrator_gives_by_default_there(
    client: Client, admin: Connection
) -> None:
    """What he makes in the copy, somebody may read as what he makes in the source."""
    caller = client.caller()
    source = await caller.create()
    await admin.execute(
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA prod_{source} GRANT SELECT ON TABLES TO pg_monitor;"
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA prod_{source} GRANT ALL ON SEQUENCES TO pg_monitor"
        " WITH GRANT OPTION; ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO pg_monitor"
    )
    copy = await caller.clone(source)
    told = (
        "SELECT defaclrole, defaclobjtype, defaclacl::text FROM pg_default_acl"
        " WHERE defaclnamespace = $1::text::regnamespace ORDER BY 2"
    )
    of_source, of_copy = [
        await admin.fetch(told, f"prod_{database_id}") for database_id in (source, copy)
    ]
    assert len(of_source) == 2
    assert of_copy == of_source
