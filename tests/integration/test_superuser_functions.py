"""What a superuser has left for clones does nothing else, whatever the service were made to ask of it.

Each misuse runs as the service's own login, past the service: as whoever had taken it over.
"""

from collections.abc import AsyncIterator
from typing import NamedTuple

import asyncpg
import pytest
from asyncpg import Connection

from domain.schema import Environment
from repository.bootstrap import bootstrap, shortcomings
from tests.catalog import schemas
from tests.client import Client

DENIED = "42501"

# What a superuser has put into a tenant's schema.
_SOURCE = """
    CREATE SCHEMA prod_1 AUTHORIZATION twinbase_owner;
    CREATE SCHEMA prod_2 AUTHORIZATION twinbase_owner;
    CREATE SCHEMA prod_3 AUTHORIZATION twinbase_owner;
    CREATE SCHEMA test_2 AUTHORIZATION twinbase_owner;
    SET search_path TO prod_1;
    CREATE DOMAIN place AS point;
    CREATE TYPE places AS RANGE (SUBTYPE = integer);
    CREATE FUNCTION compare(integer, integer) RETURNS integer LANGUAGE sql AS 'SELECT 0';
    CREATE FUNCTION less(integer, integer) RETURNS boolean LANGUAGE sql AS 'SELECT true';
    CREATE FUNCTION hash_of(places) RETURNS integer LANGUAGE sql AS 'SELECT 0';
    CREATE FUNCTION prod_3.compare(integer, integer) RETURNS integer LANGUAGE sql AS 'SELECT 0';
    CREATE FUNCTION compare_in_c(integer, integer) RETURNS integer LANGUAGE internal AS 'btint4cmp';
    CREATE FUNCTION tight(integer) RETURNS boolean LEAKPROOF LANGUAGE sql AS 'SELECT $1 > 0';
    CREATE FUNCTION tight_tree(integer) RETURNS boolean LEAKPROOF LANGUAGE sql RETURN $1 > 0;
    CREATE FUNCTION tight_path() RETURNS boolean LEAKPROOF LANGUAGE sql SET search_path = pg_catalog
        AS 'SELECT true';
    CREATE FUNCTION tight_definer() RETURNS boolean LEAKPROOF SECURITY DEFINER LANGUAGE sql
        AS 'SELECT true';
    CREATE FUNCTION loose(integer) RETURNS boolean LANGUAGE sql AS 'SELECT $1 > 0';
    CREATE OPERATOR <<<< (LEFTARG = integer, RIGHTARG = integer, FUNCTION = less);
    CREATE OPERATOR CLASS of_places FOR TYPE place USING gist AS
        FUNCTION 1 gist_point_consistent(internal, point, smallint, oid, internal),
        FUNCTION 2 gist_box_union(internal, internal), FUNCTION 3 gist_point_compress(internal),
        FUNCTION 5 gist_box_penalty(internal, internal, internal),
        FUNCTION 6 gist_box_picksplit(internal, internal),
        FUNCTION 7 gist_box_same(box, box, internal), STORAGE box;
    CREATE OPERATOR CLASS of_ranges FOR TYPE places USING hash AS FUNCTION 1 hash_of(places);
    CREATE OPERATOR CLASS of_numbers FOR TYPE integer USING btree AS FUNCTION 1 compare(integer, integer);
    CREATE OPERATOR CLASS of_operator FOR TYPE integer USING btree AS
        OPERATOR 1 <<<<, FUNCTION 1 btint4cmp(integer, integer);
    CREATE OPERATOR CLASS of_another FOR TYPE integer USING btree AS
        FUNCTION 1 prod_3.compare(integer, integer);
    CREATE OPERATOR CLASS of_c FOR TYPE integer USING btree AS FUNCTION 1 compare_in_c(integer, integer);
    CREATE OPERATOR CLASS of_everybody DEFAULT FOR TYPE json USING btree AS
        FUNCTION 1 (json, json) bttextcmp(text, text);
    CREATE OPERATOR CLASS in_shared_family FOR TYPE place USING hash FAMILY pg_catalog.integer_ops AS
        FUNCTION 1 (smallint, place) hashint4(integer);
    CREATE OPERATOR CLASS in_shared_family_alone FOR TYPE place USING gist FAMILY pg_catalog.range_ops
        AS FUNCTION 2 (integer, integer) gist_box_union(internal, internal);
    CREATE OPERATOR FAMILY loose_family USING btree;
    ALTER OPERATOR FAMILY loose_family USING btree ADD OPERATOR 1 <<<< (integer, integer);
    RESET search_path
"""

# What a copy of it needs, as a clone would have made it by then.
_COPY = """
    SET search_path TO prod_2;
    CREATE DOMAIN place AS point;
    CREATE TYPE places AS RANGE (SUBTYPE = integer);
    CREATE FUNCTION compare(integer, integer) RETURNS integer LANGUAGE sql AS 'SELECT 0';
    CREATE FUNCTION less(integer, integer) RETURNS boolean LANGUAGE sql AS 'SELECT true';
    CREATE FUNCTION hash_of(places) RETURNS integer LANGUAGE sql AS 'SELECT 0';
    CREATE FUNCTION tight(integer) RETURNS boolean LANGUAGE sql AS 'SELECT $1 > 0';
    CREATE FUNCTION tight_tree(integer) RETURNS boolean LANGUAGE sql RETURN $1 > 0;
    CREATE FUNCTION tight_path() RETURNS boolean LANGUAGE sql SET search_path = pg_catalog
        AS 'SELECT true';
    CREATE FUNCTION tight_definer() RETURNS boolean SECURITY DEFINER LANGUAGE sql AS 'SELECT true';
    CREATE FUNCTION loose(integer) RETURNS boolean LANGUAGE sql AS 'SELECT $1 > 0';
    CREATE OPERATOR <<<< (LEFTARG = integer, RIGHTARG = integer, FUNCTION = less);
    RESET search_path
"""

_CLASSES = ("of_places", "of_ranges", "of_numbers", "of_operator", "in_shared_family")
"""Those that there may be a copy of."""


class Misuse(NamedTuple):
    """``before`` runs as the service; then one of the functions is called for an object of prod_1."""

    before: str
    function: str
    name: str
    copy: str = "prod_2"


CLASS, FAMILY, LOOSE, LEAKPROOF = (
    "copy_operator_class",
    "copy_operator_family",
    "copy_loose_members",
    "copy_leakproof",
)

# The source's is the first one of its name.
_OIDS = {
    CLASS: "SELECT min(oid) FROM pg_opclass WHERE opcname = $1",
    FAMILY: "SELECT min(oid) FROM pg_opfamily WHERE opfname = $1",
    LOOSE: "SELECT min(oid) FROM pg_opfamily WHERE opfname = $1",
    LEAKPROOF: "SELECT min(oid) FROM pg_proc WHERE proname = $1",
}

_PLACE = "DROP DOMAIN prod_2.place CASCADE; "
_RANGE = "DROP TYPE prod_2.places CASCADE; "
_COMPARE = "DROP FUNCTION prod_2.compare; CREATE "

MISUSES = {
    "into the source": Misuse("", FAMILY, "of_numbers", "prod_1"),
    "into the other environment": Misuse("", FAMILY, "of_numbers", "test_2"),
    "into public": Misuse("", FAMILY, "of_numbers", "public"),
    "into pg_catalog": Misuse("", FAMILY, "of_numbers", "pg_catalog"),
    "into the service's schema": Misuse("", FAMILY, "of_numbers", "twinbase"),
    "into the schema of these functions": Misuse("", FAMILY, "of_numbers", "twinbase_guard"),
    "into nowhere": Misuse("", FAMILY, "of_numbers", 'x"; DROP SCHEMA prod_2 CASCADE; --'),
    "into a schema of the service's own": Misuse(
        "CREATE SCHEMA prod_9", FAMILY, "of_numbers", "prod_9"
    ),
    "into a schema of another name": Misuse(
        "ALTER SCHEMA prod_2 RENAME TO compare", FAMILY, "of_numbers", "compare"
    ),
    "from a schema that is not a tenant's": Misuse("", FAMILY, "text_ops"),
    "loose members of PostgreSQL's own": Misuse("", LOOSE, "text_ops"),
    "a domain of another layout": Misuse(
        _PLACE + "CREATE DOMAIN prod_2.place AS text", CLASS, "of_places"
    ),
    "a type of another kind": Misuse(
        _PLACE + "CREATE TYPE prod_2.place AS ENUM ('x')", CLASS, "of_places"
    ),
    "a range of others": Misuse(
        _RANGE + "CREATE TYPE prod_2.places AS RANGE (SUBTYPE = text);"
        "CREATE FUNCTION prod_2.hash_of(prod_2.places) RETURNS integer LANGUAGE sql AS 'SELECT 0'",
        CLASS,
        "of_ranges",
    ),
    "no type": Misuse(_PLACE, CLASS, "of_places"),
    "a function that answers otherwise": Misuse(
        _COMPARE + "FUNCTION prod_2.compare(integer, integer) RETURNS text LANGUAGE sql AS 'SELECT 1'",
        CLASS,
        "of_numbers",
    ),
    "a function that answers often": Misuse(
        _COMPARE + "FUNCTION prod_2.compare(integer, integer) RETURNS SETOF integer LANGUAGE sql"
        " AS 'SELECT 1'",
        CLASS,
        "of_numbers",
    ),
    "a procedure for a function": Misuse(
        _COMPARE + "PROCEDURE prod_2.compare(integer, integer) LANGUAGE sql AS 'SELECT 1'",
        CLASS,
        "of_numbers",
    ),
    "a function of other arguments": Misuse(
        _COMPARE + "FUNCTION prod_2.compare(integer, bigint) RETURNS integer LANGUAGE sql"
        " AS 'SELECT 1'",
        CLASS,
        "of_numbers",
    ),
    "a function of another language": Misuse(
        _COMPARE + "FUNCTION prod_2.compare(integer, integer) RETURNS integer LANGUAGE plpgsql"
        " AS 'BEGIN RETURN 1; END'",
        CLASS,
        "of_numbers",
    ),
    "a function in C": Misuse("", CLASS, "of_c"),
    "an operator that does something else": Misuse(
        "DROP OPERATOR prod_2.<<<< (integer, integer);"
        "CREATE OPERATOR prod_2.<<<< (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4gt)",
        CLASS,
        "of_operator",
    ),
    "an operator that does something else, in a family": Misuse(
        "DROP OPERATOR prod_2.<<<< (integer, integer);"
        "CREATE OPERATOR prod_2.<<<< (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4gt)",
        LOOSE,
        "loose_family",
    ),
    "what lies in another tenant's schema": Misuse("", CLASS, "of_another"),
    "the default of a type of everybody's": Misuse("", CLASS, "of_everybody"),
    "what everybody's family has for everybody's types": Misuse(
        "", CLASS, "in_shared_family_alone"
    ),
    "a function that is not leakproof": Misuse("", LEAKPROOF, "loose"),
    "a leakproof function of another text": Misuse(
        "CREATE OR REPLACE FUNCTION prod_2.tight(integer) RETURNS boolean LANGUAGE sql"
        " AS 'SELECT pg_notify(''x'', $1::text) IS NULL'",
        LEAKPROOF,
        "tight",
    ),
    "a leakproof function of another tree": Misuse(
        "CREATE OR REPLACE FUNCTION prod_2.tight_tree(integer) RETURNS boolean LANGUAGE sql"
        " RETURN $1 > 1",
        LEAKPROOF,
        "tight_tree",
    ),
    "a leakproof function that asks a function of the schema": Misuse(
        "CREATE FUNCTION prod_2.more(integer) RETURNS boolean LANGUAGE sql AS 'SELECT true';"
        "CREATE OR REPLACE FUNCTION prod_2.tight_tree(integer) RETURNS boolean LANGUAGE sql"
        " RETURN prod_2.more($1)",
        LEAKPROOF,
        "tight_tree",
    ),
    "a leakproof function with another path": Misuse(
        "ALTER FUNCTION prod_2.tight_path() SET search_path TO prod_2, pg_catalog",
        LEAKPROOF,
        "tight_path",
    ),
    "a leakproof function that would run as a superuser": Misuse("", LEAKPROOF, "tight_definer"),
    "a leakproof function under a name within its text": Misuse(
        "ALTER SCHEMA prod_1 RENAME TO \"prod_0'\"", LEAKPROOF, "tight"
    ),
}


@pytest.fixture
async def service(
    database_url: str, admin: Connection, client: Client
) -> AsyncIterator[Connection]:
    """Its login, with two tenants' schemas; ``client``, so that migrations have been looked at."""
    await admin.execute(_SOURCE)
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(f"SET ROLE twinbase_owner; RESET ROLE; {_COPY}")
        yield connection
    finally:
        await connection.close()


async def call(service: Connection, misuse: Misuse) -> None:
    oid = await service.fetchval(_OIDS[misuse.function], misuse.name)
    assert oid is not None
    await service.execute(f"SELECT twinbase_guard.{misuse.function}({oid}, $1)", misuse.copy)


async def test_what_is_meant_works(service: Connection, admin: Connection) -> None:
    """So that the misuses below fail for the reason that they are about."""
    for name in ("of_places", "of_ranges", "of_numbers", "of_operator", "loose_family"):
        await call(service, Misuse("", FAMILY, name))
    await call(service, Misuse("", LOOSE, "loose_family"))
    for name in _CLASSES:
        await call(service, Misuse("", CLASS, name))
    for name in ("tight", "tight_tree", "tight_path"):
        await call(service, Misuse("", LEAKPROOF, name))
    made = await admin.fetch(
        "SELECT opcname, opcowner::regrole::text FROM pg_opclass"
        " WHERE opcnamespace = 'prod_2'::regnamespace ORDER BY 1"
    )
    assert [tuple(row) for row in made] == [(name, "twinbase_owner") for name in sorted(_CLASSES)]


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
    service: Connection, admin: Connection, database_url: str
) -> None:
    """A snapshot that is older than the type which PostgreSQL finds by its name."""
    await call(service, Misuse("", FAMILY, "of_places"))
    other = await asyncpg.connect(database_url)
    await service.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM pg_type LIMIT 1")
    await other.execute(_PLACE + "CREATE DOMAIN prod_2.place AS text")
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
    oid = await service.fetchval(_OIDS[FAMILY], "of_numbers")
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
    await service.execute(f"SELECT twinbase_guard.copy_leakproof('prod_1.tight'::regproc, 'prod_2')")
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
        "CREATE OR REPLACE FUNCTION twinbase_guard.refuse(reason text) RETURNS void LANGUAGE sql"
        " AS ''",
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
    service: Connection, admin: Connection, admin_url: str, database_url: str
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
    await bootstrap(admin_url, database_url)
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
    assert await shortcomings(database_url) == []
    misuse = Misuse("", LOOSE, "text_ops")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="one tenant's schema"):
        await call(service, misuse)


@pytest.mark.parametrize("kind", ["operator class", "operator family", "loose members", "leakproof"])
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
