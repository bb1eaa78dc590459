"""A copy equals its source, by the catalogs, by its rows and by pg_dump, and lives without it."""

from urllib.parse import urlsplit

import pytest
from asyncpg import Connection, UniqueViolationError

from domain.schema import Environment
from service.settings import Settings
from service.testing import url_with
from tests.catalog import differences, inventory, rows, schemas, structure, ties
from tests.client import Caller, Client, open_client
from tests.dump import dumps
from tests.kitchen_sink import make_kitchen_sink

SPACE = "7001"
TAKEN, NOT_FOUND, SPACE_NOT_FOUND = 25010, 25013, 25015
DML_FAILED = 25051


@pytest.fixture
def owner(client: Client) -> Caller:
    return client.caller("u1", SPACE)


@pytest.fixture
def member(client: Client) -> Caller:
    return client.caller("u2", SPACE, "app02")


@pytest.fixture
async def sink(owner: Caller, member: Caller, admin: Connection) -> int:
    database_id = await owner.create()
    await make_kitchen_sink(owner, member, database_id, admin.get_server_version().major)
    return database_id


async def clone(caller: Caller, source: int, name: str = "copy") -> int:
    data = await caller.done("clone_database", database_id=source, new_database_name=name)
    return int(data["database_id"])


async def assert_equal(admin: Connection, copy: int, source: int) -> None:
    copies = await schemas(admin, copy)
    for environment, schema in (await schemas(admin, source)).items():
        target = copies[environment]
        assert not differences(await structure(admin, target), await structure(admin, schema))
        assert await rows(admin, target) == await rows(admin, schema)
        assert not await ties(admin, target)


async def kept_of(admin: Connection, database_id: int) -> tuple[object, ...]:
    (row,) = await admin.fetch(
        "SELECT name, uid, space_id, description, row_access::text FROM twinbase.database_meta"
        " WHERE id = $1",
        database_id,
    )
    return tuple(row)


async def test_copy_equals_source(owner: Caller, admin: Connection, sink: int) -> None:
    before = [await structure(admin, schema) for schema in (await schemas(admin, sink)).values()]
    copy = await clone(owner, sink)
    await assert_equal(admin, copy, sink)
    after = [await structure(admin, schema) for schema in (await schemas(admin, sink)).values()]
    assert after == before
    again = await clone(owner, copy, "copy_of_copy")
    await assert_equal(admin, again, sink)


async def test_pg_dump_sees_no_difference(
    owner: Caller, admin: Connection, admin_url: str, database_url: str, sink: int
) -> None:
    copies = await schemas(admin, await clone(owner, sink))
    url = url_with(admin_url, database=urlsplit(database_url).path.lstrip("/"))
    for environment, schema in (await schemas(admin, sink)).items():
        of_source, of_copy = await dumps(admin, url, [schema, copies[environment]])
        assert len(of_source) > 1000
        assert of_copy == of_source


async def test_each_environment_is_copied_from_its_own(owner: Caller, admin: Connection) -> None:
    """An operator has made test differ, in ways that exec_ddl does not offer but a clone carries."""
    source = await owner.create()
    await owner.ddl(source, "CREATE TABLE kept (v text); CREATE TABLE gone (v text)")
    schema = (await schemas(admin, source))[Environment.TEST]
    await admin.execute(
        f"""
        SET search_path TO {schema};
        DROP TABLE gone;
        ALTER TABLE kept SET (autovacuum_enabled = off, toast.autovacuum_vacuum_threshold = 77);
        ALTER TABLE kept ADD COLUMN old_serial smallserial, ADD COLUMN drawn integer;
        ALTER SEQUENCE kept_old_serial_seq INCREMENT 3 RESTART 40 CYCLE;
        COMMENT ON SEQUENCE kept_old_serial_seq IS 'of old';
        ALTER TABLE kept ALTER COLUMN drawn SET DEFAULT nextval('kept_old_serial_seq');
        CREATE SEQUENCE drawn_from START 30 INCREMENT 7;
        ALTER SEQUENCE drawn_from OWNER TO twinbase_owner;
        SELECT nextval('drawn_from');
        ALTER TABLE kept ADD COLUMN numbered bigint DEFAULT twinbase_functions.nextval('drawn_from');
        ALTER TABLE kept ADD CHECK (numbered < 1000 + twinbase_functions.nextval('drawn_from'));
        CREATE INDEX only_here ON kept (v);
        COMMENT ON TABLE kept IS 'in test';
        SET search_path TO DEFAULT
        """
    )
    row = "INSERT INTO kept (old_serial, drawn) VALUES (1, 1) RETURNING numbered"
    assert await owner.dml(source, row) == [{"numbered": 37}]
    copy = await clone(owner, source)
    await assert_equal(admin, copy, source)
    await owner.done("drop_database", database_id=source)
    assert await owner.dml(copy, row) == [{"numbered": 51}]


async def test_imported_collation_is_carried(owner: Caller, admin: Connection) -> None:
    """PostgreSQL's own, but made by initdb, so that pg_depend knows of it."""
    collation = await admin.fetchval(
        """
        SELECT min(collname) FROM pg_collation
        WHERE oid >= 12000 AND collprovider = 'c' AND collencoding IN (-1, 6)
            AND collnamespace = 'pg_catalog'::regnamespace
        """
    )
    if collation is None:
        pytest.skip("this server's operating system gave it no locale")
    source = await owner.create()
    await owner.ddl(source, f'CREATE TABLE words (word text COLLATE "{collation}")')
    await assert_equal(admin, await clone(owner, source), source)


async def test_constants_are_exact_whatever_the_server_prints_by_default(
    settings: Settings, admin: Connection
) -> None:
    await admin.execute(
        """
        DO $$ BEGIN
            EXECUTE format('ALTER DATABASE %I SET extra_float_digits TO -9', current_database());
            EXECUTE format('ALTER DATABASE %I SET IntervalStyle TO sql_standard', current_database());
            EXECUTE format('ALTER DATABASE %I SET quote_all_identifiers TO on', current_database());
        END $$
        """
    )
    async with open_client(settings) as client:
        owner = client.caller()
        source = await owner.create()
        await owner.ddl(
            source,
            """
            CREATE TABLE constants (
                f float8 DEFAULT (1.0 / 3.0)::float8 CHECK (f <> 0.1234567890123456::float8),
                span interval DEFAULT '-1 year +2 days -03:04:05'::interval
            )
            """,
        )
        copy = await clone(owner, source)
    await assert_equal(admin, copy, source)


async def test_a_check_that_postgresql_rewords_stays_the_same_check(
    owner: Caller, admin: Connection
) -> None:
    """What it prints of IN on a varchar it prints otherwise when it has read it back, once."""
    source = await owner.create()
    await owner.ddl(
        source,
        "CREATE TABLE jobs (state varchar(9) DEFAULT 'new' CHECK (state IN ('new', 'done')));"
        "CREATE INDEX done ON jobs (state) WHERE state IN ('done', 'new')",
    )
    await owner.dml(source, "INSERT INTO jobs (state) VALUES ('done')", "prod")
    copy = await clone(owner, source)
    await assert_equal(admin, await clone(owner, copy, "again"), copy)
    refused = await owner.refused_dml(copy, "INSERT INTO jobs VALUES ('lost')", "prod")
    assert refused["code"] == DML_FAILED
    assert await owner.dml(copy, "INSERT INTO jobs VALUES ('new')", "prod")


async def test_copy_lives_without_its_source(
    owner: Caller, member: Caller, admin: Connection, sink: int
) -> None:
    copy = await clone(owner, sink)
    copies = (await schemas(admin, copy)).values()
    before = [(await structure(admin, name), await rows(admin, name)) for name in copies]
    await owner.done("drop_database", database_id=sink)
    assert before == [(await structure(admin, name), await rows(admin, name)) for name in copies]

    (largest,) = await owner.dml(copy, "SELECT max(id) AS id FROM numbers", "prod")
    (new,) = await owner.dml(
        copy,
        "INSERT INTO numbers (i4) VALUES (4) RETURNING id, s4, always, by_default, doubled",
        "prod",
    )
    assert new["id"] > largest["id"]
    # Three rows of the one and three of the other caller have come before.
    assert (new["s4"], new["always"], new["by_default"], new["doubled"]) == (7, 80, -13, 8)
    assert [
        len(await caller.dml(copy, "SELECT 1 FROM numbers", "prod")) for caller in (owner, member)
    ] == [4, 3]
    assert await member.dml(copy, "DELETE FROM numbers WHERE i4 = 4 RETURNING id", "prod") == []

    assert await owner.dml(copy, "UPDATE parents SET code = 'moved' WHERE code = 'a'", "prod") == []
    assert {"code": "moved"} in await owner.dml(copy, "SELECT code FROM children", "prod")
    for broken in (
        "INSERT INTO children (parent_id) VALUES (1)",
        "INSERT INTO parents (code, part, slug) VALUES ('c', 3, NULL)",
        "INSERT INTO bookings VALUES (2, '[2024-01-01,2024-01-02)', true)",
        "INSERT INTO checked (a) VALUES (-1)",
        "INSERT INTO violated (a) VALUES (-1)",
        "UPDATE teams SET lead_id = 7",
    ):
        assert (await owner.refused_dml(copy, broken, "prod"))["code"] == DML_FAILED, broken
    await owner.ddl(
        copy,
        "ALTER TABLE numbers ADD COLUMN more text, DROP COLUMN doubled; DROP TABLE children;"
        "ALTER TABLE teams RENAME TO groups; CREATE TABLE further (v serial)",
    )
    await owner.done("drop_database", database_id=copy)
    assert not [
        line for line in await inventory(admin) if f"_{copy}" in line and "schema_meta" not in line
    ]


@pytest.mark.parametrize(
    "name", ["orders_副本", "订单", "x", "a-b_C9", "заказы-копия", "n" * 64], ids=ascii
)
async def test_names_that_people_type(owner: Caller, admin: Connection, name: str) -> None:
    source = await owner.create()
    copy = await clone(owner, source, name)
    assert await kept_of(admin, copy) == (name, "u1", SPACE, "", "own")


async def test_space_is_kept_and_who_clones_owns(
    client: Client, owner: Caller, member: Caller, admin: Connection
) -> None:
    source = await owner.create()
    await owner.ddl(source, "CREATE TABLE notes (v text)")
    await owner.dml(source, "INSERT INTO notes VALUES ('mine')")
    copy = await clone(member, source)
    assert await kept_of(admin, copy) == ("copy", "u2", SPACE, "", "own")
    assert await member.dml(copy, "SELECT v FROM notes") == []
    assert await owner.dml(copy, "SELECT v FROM notes") == [{"v": "mine"}]
    by_owner_alone = await clone(client.caller("u1"), source, "mine")
    assert await kept_of(admin, by_owner_alone) == ("mine", "u1", SPACE, "", "own")


@pytest.mark.parametrize(
    ("uid", "space_id", "name", "code"),
    [
        ("u1", SPACE, "orders", TAKEN),
        ("u2", None, "copy", NOT_FOUND),
        ("u1", "7002", "copy", SPACE_NOT_FOUND),
    ],
    ids=["name taken", "not the owner", "another space"],
)
async def test_refused_clone_leaves_nothing(
    client: Client,
    owner: Caller,
    admin: Connection,
    uid: str,
    space_id: str | None,
    name: str,
    code: int,
) -> None:
    source = await owner.create("orders")
    await owner.ddl(source, "CREATE TABLE notes (v text)")
    before = await inventory(admin)
    answer = await client.caller(uid, space_id).call(
        "clone_database", database_id=source, new_database_name=name
    )
    assert answer["code"] == code
    assert await inventory(admin) == before


async def test_a_right_that_was_taken_is_not_given_back(owner: Caller, admin: Connection) -> None:
    source = await owner.create()
    await owner.ddl(source, "CREATE TABLE t (n int); CREATE VIEW v AS SELECT n FROM t")
    for schema in (await schemas(admin, source)).values():
        await admin.execute(
            f"REVOKE DELETE, UPDATE ON {schema}.t FROM twinbase_dml;"
            f"REVOKE ALL ON {schema}.v FROM twinbase_space"
        )
    for schema in (await schemas(admin, await clone(owner, source))).values():
        rights = await admin.fetchrow(
            "SELECT has_table_privilege('twinbase_dml', $1 || '.t', 'DELETE'),"
            " has_table_privilege('twinbase_dml', $1 || '.t', 'UPDATE'),"
            " has_table_privilege('twinbase_dml', $1 || '.t', 'INSERT'),"
            " has_table_privilege('twinbase_space', $1 || '.v', 'SELECT'),"
            " has_table_privilege('twinbase_dml', $1 || '.v', 'SELECT')",
            schema,
        )
        assert rights is not None
        assert tuple(rights) == (False, False, True, False, True)


async def test_rights_that_others_granted_are_granted_by_the_owner(
    owner: Caller, admin: Connection
) -> None:
    source = await owner.create()
    await owner.ddl(source, "CREATE TABLE t (n int)")
    await admin.execute("CREATE ROLE one_of_many; CREATE ROLE another_of_many")
    try:
        for schema in (await schemas(admin, source)).values():
            await admin.execute(
                f"""
                GRANT USAGE ON SCHEMA {schema} TO one_of_many;
                GRANT SELECT ON {schema}.t TO one_of_many WITH GRANT OPTION;
                SET ROLE one_of_many;
                GRANT SELECT ON {schema}.t TO another_of_many;
                RESET ROLE
                """
            )
        for schema in (await schemas(admin, await clone(owner, source))).values():
            granted = await admin.fetch(
                "SELECT grantor::regrole::text, is_grantable FROM pg_class,"
                " aclexplode(relacl) AS e WHERE pg_class.oid = $1::text::regclass AND"
                " e.grantee::regrole::text LIKE '%_of_many' ORDER BY e.grantee::regrole::text",
                f"{schema}.t",
            )
            assert [tuple(row) for row in granted] == [
                ("twinbase_owner", False),
                ("twinbase_owner", True),
            ]
    finally:
        await admin.execute(
            "DROP OWNED BY one_of_many, another_of_many CASCADE;"
            "DROP ROLE one_of_many, another_of_many"
        )


async def test_an_index_whose_making_failed_stays_away(owner: Caller, admin: Connection) -> None:
    source = await owner.create("source")
    await owner.ddl(source, "CREATE TABLE t (n integer); CREATE INDEX good ON t (n)")
    await owner.dml(source, "INSERT INTO t (n) VALUES (1), (1)", "prod")
    with pytest.raises(UniqueViolationError):
        await admin.execute(f"CREATE UNIQUE INDEX CONCURRENTLY bad ON prod_{source}.t (n)")
    copy = await clone(owner, source)
    indexes = "SELECT array_agg(indexname::text) FROM pg_indexes WHERE schemaname = $1"
    of_source, of_copy = [
        set(await admin.fetchval(indexes, f"prod_{database_id}")) for database_id in (source, copy)
    ]
    assert of_source - of_copy == {"bad"}
    assert "good" in of_copy


async def test_values_of_a_domain_over_an_array_go_through_no_cast(
    owner: Caller, admin: Connection
) -> None:
    await admin.execute(
        """
        CREATE FUNCTION public.split(text) RETURNS text[] LANGUAGE sql IMMUTABLE
        AS $$ SELECT string_to_array($1, ',') $$;
        CREATE CAST (text AS text[]) WITH FUNCTION public.split(text)
        """
    )
    source = await owner.create("source")
    await owner.ddl(source, "CREATE DOMAIN tags AS text[]; CREATE TABLE t (v tags)")
    await owner.dml(source, "INSERT INTO t (v) VALUES (ARRAY['a', 'b'])", "prod")
    copy = await clone(owner, source)
    assert await admin.fetchval(f"SELECT v::text FROM prod_{copy}.t") == "{a,b}"


async def test_a_table_of_generated_columns_alone(owner: Caller, admin: Connection) -> None:
    source = await owner.create("source")
    table = f"prod_{source}.counted"
    await admin.execute(
        f"CREATE TABLE {table} (n integer GENERATED ALWAYS AS (1) STORED);"
        f"INSERT INTO {table} DEFAULT VALUES; INSERT INTO {table} DEFAULT VALUES"
    )
    copy = await clone(owner, source)
    assert await admin.fetchval(f"SELECT sum(n) FROM prod_{copy}.counted") == 2


@pytest.mark.parametrize("verify", ["counts", "checksums"])
async def test_names_of_objects_in_a_type_of_everybodys_are_the_copys(
    owner: Caller, admin: Connection, verify: str
) -> None:
    await admin.execute(
        "CREATE DOMAIN public.named AS regclass; CREATE DOMAIN public.several AS regclass[];"
        "CREATE TYPE public.pair AS (one regclass, another integer);"
        "GRANT USAGE ON SCHEMA public TO PUBLIC"
    )
    source = await owner.create("source")
    schema = f"prod_{source}"
    await admin.execute(
        f"CREATE TABLE {schema}.t (n integer); CREATE TABLE {schema}.names"
        " (one public.named, many public.several, arrays public.named[], pair public.pair);"
        f"INSERT INTO {schema}.names SELECT t, ARRAY[t], ARRAY[t], ROW(t, 1)::public.pair"
        f" FROM (VALUES ('{schema}.t'::regclass)) AS v (t)"
    )
    copy = (
        await clone(owner, source)
        if verify == "counts"
        else await owner.clone(source, verify=verify)
    )
    oid = await admin.fetchval(f"SELECT 'prod_{copy}.t'::regclass::oid")
    found = await admin.fetchrow(
        f"SELECT one::oid, many[1]::oid, arrays[1]::oid, (pair).one::oid FROM prod_{copy}.names"
    )
    assert set(found or ()) == {oid}
