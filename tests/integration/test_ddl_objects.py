"""Sequences, enumerations, domains and statistics: made, changed, dropped, and given back."""

import asyncpg
import pytest

from domain.gate import DdlKind
from exceptions.errors import DdlNotAllowed, NoAuthority, TwinbaseError
from tests.client import Caller, Client
from tests.direct_ddl import DirectDdl
from tests.state import changes, departed, state_of

MADE = """
    CREATE TYPE mood AS ENUM ('calm', 'wild');
    CREATE DOMAIN price AS numeric(9, 2) DEFAULT 1 NOT NULL CHECK (VALUE >= 0);
    CREATE DOMAIN moods AS mood[] CHECK (cardinality(VALUE) < 3);
    CREATE SEQUENCE loose START 10 INCREMENT 5;
    CREATE TABLE t (name text, feeling mood, cost price, felt moods, n integer, number serial);
    CREATE SEQUENCE of_t OWNED BY t.n;
    CREATE STATISTICS told (ndistinct, dependencies) ON name, feeling FROM t;
    CREATE INDEX by_feeling ON t (uid, feeling);
    CREATE UNIQUE INDEX unique_id ON t (id) INCLUDE (feeling);
    CREATE VIEW felt AS SELECT name, feeling FROM t
"""

# Each is one request, in order; all are kept.
REQUESTS = (
    "ALTER TYPE mood ADD VALUE 'glad' BEFORE 'wild'; ALTER TYPE mood RENAME VALUE 'calm' TO 'quiet'",
    "COMMENT ON TYPE mood IS 'how one feels'; COMMENT ON DOMAIN price IS 'in money'",
    "ALTER TYPE mood RENAME TO feeling; ALTER TYPE feeling RENAME TO mood",
    "ALTER DOMAIN price ADD CONSTRAINT not_dear CHECK (VALUE < 1000) NOT VALID",
    "ALTER DOMAIN price VALIDATE CONSTRAINT not_dear",
    "ALTER DOMAIN price RENAME CONSTRAINT not_dear TO cheap; ALTER DOMAIN price DROP CONSTRAINT cheap",
    "ALTER DOMAIN price SET DEFAULT 2; ALTER DOMAIN price DROP NOT NULL; ALTER DOMAIN price RENAME TO cost",
    "CREATE DOMAIN dear AS cost CHECK (VALUE > 0); ALTER TABLE t ALTER COLUMN cost TYPE dear",
    "ALTER SEQUENCE loose RESTART 70 INCREMENT -1 MAXVALUE 90 CYCLE; ALTER SEQUENCE loose OWNED BY t.name",
    "ALTER SEQUENCE of_t OWNED BY NONE; ALTER SEQUENCE loose OWNED BY NONE",
    "ALTER SEQUENCE t_number_seq RESTART WITH 41; COMMENT ON SEQUENCE t_number_seq IS 'of an identity'",
    "ALTER SEQUENCE of_t RENAME TO of_nobody; COMMENT ON SEQUENCE of_nobody IS 'x'",
    "ALTER STATISTICS told SET STATISTICS 50; COMMENT ON STATISTICS told IS 'x'",
    "ALTER STATISTICS told RENAME TO known; CREATE STATISTICS lower ON (lower(name)) FROM t",
    "COMMENT ON VIEW felt IS 'x'; COMMENT ON COLUMN felt.name IS 'x'; ALTER VIEW felt RENAME TO seen",
    "ALTER TABLE t ALTER name SET STATISTICS 9, ALTER name SET STORAGE EXTERNAL, SET (fillfactor = 60)",
    "ALTER TABLE t ALTER name SET COMPRESSION pglz, ALTER name SET (n_distinct = 5)",
    "ALTER TABLE t CLUSTER ON unique_id; ALTER TABLE t SET WITHOUT CLUSTER",
    "ALTER INDEX by_feeling SET (fillfactor = 50); ALTER INDEX by_feeling RENAME TO by_mood",
    "ALTER TABLE t ALTER uid SET STATISTICS 9, ALTER id SET STORAGE PLAIN",
    "CREATE TABLE likes (LIKE t INCLUDING ALL); CREATE TABLE copied AS SELECT * FROM seen",
    "DROP VIEW seen; DROP STATISTICS known, lower; DROP SEQUENCE of_nobody, loose",
    "DROP TABLE likes, copied; DROP INDEX by_mood, unique_id; ALTER TABLE t DROP COLUMN felt",
    "DROP DOMAIN moods; DROP DOMAIN dear CASCADE; DROP DOMAIN cost; DROP TYPE mood CASCADE",
)


@pytest.fixture
def caller(client: Client) -> Caller:
    return client.caller()


@pytest.fixture
async def database(caller: Caller) -> int:
    database_id = await caller.create()
    await caller.ddl(database_id, MADE)
    return database_id


async def test_everything_is_made_changed_and_dropped(
    caller: Caller, database: int, admin: asyncpg.Connection
) -> None:
    assert await departed(admin, database) == []
    for request in REQUESTS:
        answer = await caller.refused_ddl(database, request)
        assert answer["code"] == 0, (request, answer)
        assert await departed(admin, database) == [], request
        assert await caller.dml(database, "INSERT INTO t (name) VALUES ('x')"), request
    described = await caller.done("get_database", database_id=database)
    for schema in described["schemas"]:
        assert (schema["views"], schema["sequences"], schema["types"]) == ([], [], [])
        (table,) = schema["tables"]
        columns = [column["name"] for column in table["columns"]]
        assert columns == ["name", "n", "number", "id", "uid"]
    numbers = await caller.dml(database, "SELECT number FROM t ORDER BY number")
    assert {"number": 41} in numbers


# What may take the index of uid or id along, though its statement does not name the table.
TAKING = {
    "a type": (
        "CREATE TYPE kind AS ENUM ('a'); CREATE TABLE u (kind kind)",
        "DROP TYPE kind CASCADE",
    ),
    "a domain": (
        "CREATE DOMAIN kind AS integer; CREATE TABLE u (kind kind)",
        "DROP DOMAIN kind CASCADE",
    ),
    "a table": (
        "CREATE TABLE other (a integer); CREATE TABLE u (kind other)",
        "DROP TABLE other CASCADE",
    ),
    "a view": (
        "CREATE VIEW other AS SELECT 1 AS a; CREATE TABLE u (kind other)",
        "DROP VIEW other CASCADE",
    ),
    "a column of a view": (
        "CREATE TABLE t (a integer); CREATE VIEW other AS SELECT a FROM t; CREATE TABLE u (kind other)",
        "ALTER TABLE t DROP COLUMN a CASCADE",
    ),
}


@pytest.mark.parametrize("case", TAKING)
async def test_what_cascade_takes_is_put_back(
    caller: Caller, admin: asyncpg.Connection, case: str
) -> None:
    made, dropped = TAKING[case]
    database_id = await caller.create()
    await caller.ddl(database_id, made)
    await caller.ddl(
        database_id,
        "CREATE INDEX shared ON u (uid, kind); CREATE UNIQUE INDEX first ON u (id) INCLUDE (kind);"
        "DROP INDEX u_uid_idx; ALTER TABLE u DROP CONSTRAINT u_pkey",
    )
    indexes = (await caller.describe(database_id))["test"]["u"]["indexes"]
    assert [index["name"] for index in indexes] == ["first", "shared"]
    await caller.ddl(database_id, dropped)
    assert await departed(admin, database_id) == []
    columns = (await caller.describe(database_id))["test"]["u"]["columns"]
    assert [column["name"] for column in columns] == ["id", "uid"]


async def test_what_an_operator_put_there_is_left_alone(
    caller: Caller, database: int, admin: asyncpg.Connection
) -> None:
    schema = f"test_{database}"
    await admin.execute(
        f"CREATE TABLE {schema}.strange (v integer); CREATE VIEW {schema}.odd AS SELECT 1"
    )
    await caller.ddl(database, "DROP TYPE mood CASCADE; CREATE TABLE more (n serial)")
    found = await admin.fetch(
        "SELECT relname, relowner::regrole::text, reloptions FROM pg_class"
        " WHERE relname IN ('strange', 'odd') AND relnamespace = $1::text::regnamespace",
        schema,
    )
    superuser = await admin.fetchval("SELECT current_user::text")
    assert sorted(map(tuple, found)) == [("odd", superuser, None), ("strange", superuser, None)]


REFUSED: dict[str, tuple[str, type[TwinbaseError]]] = {
    "composite type": ("CREATE TYPE pair AS (a integer, b integer)", DdlNotAllowed),
    "range": ("CREATE TYPE floats AS RANGE (SUBTYPE = float8)", DdlNotAllowed),
    "partitioned table": ("CREATE TABLE p (a integer) PARTITION BY LIST (a)", DdlNotAllowed),
    "shell type": ("CREATE TYPE shell", NoAuthority),
    "base type": ("CREATE TYPE base (INPUT = int4in, OUTPUT = int4out)", NoAuthority),
    "materialized view": ("CREATE MATERIALIZED VIEW m AS SELECT name FROM t", NoAuthority),
    "foreign table": ("CREATE FOREIGN TABLE f (a integer) SERVER nowhere", NoAuthority),
    "function": ("CREATE FUNCTION f() RETURNS integer RETURN 1", NoAuthority),
    "rule": ("CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING", NoAuthority),
    "rule that makes a view": (
        'CREATE RULE "_RETURN" AS ON SELECT TO t DO INSTEAD SELECT * FROM t',
        NoAuthority,
    ),
    "trigger": (
        "CREATE TRIGGER r BEFORE INSERT ON t EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        NoAuthority,
    ),
    "grant on a type": ("GRANT USAGE ON TYPE mood TO twinbase_dml", NoAuthority),
    "grant on a view": ("GRANT ALL ON felt TO PUBLIC", NoAuthority),
    "grant on a sequence": ("GRANT USAGE ON SEQUENCE loose TO twinbase_dml", NoAuthority),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_other_kinds_are_refused_by_the_server_too(
    direct: DirectDdl, database: int, admin: asyncpg.Connection, case: str
) -> None:
    text, refusal = REFUSED[case]
    schema = f"test_{database}"
    before = await state_of(admin, schema)
    with pytest.raises(refusal) as raised:
        await direct.run(schema, DdlKind.COMMENT, text, "t", "felt", "mood", "loose")
    assert type(raised.value) is refusal
    assert changes(before, await state_of(admin, schema)) == []


async def test_a_dry_run_draws_from_no_sequence(
    caller: Caller, database: int, admin: asyncpg.Connection
) -> None:
    """What PostgreSQL itself would not roll back."""
    schema = f"test_{database}"
    await caller.dml(database, "INSERT INTO t (name) VALUES ('a'), ('b')")
    await caller.ddl(database, "CREATE DOMAIN drawn AS bigint DEFAULT nextval('loose')")
    before = await state_of(admin, schema)
    for ddl in (
        "ALTER TABLE t ADD COLUMN d bigint DEFAULT nextval('loose')",
        "ALTER TABLE t ADD COLUMN e drawn",
        "CREATE TABLE u AS SELECT setval('t_number_seq', 900)",
    ):
        await caller.done("exec_ddl", database_id=database, ddl=ddl, dry_run=True)
        assert changes(before, await state_of(admin, schema)) == [], ddl
        await caller.ddl(database, ddl)
        assert changes(before, before := await state_of(admin, schema)) != []
    assert await admin.fetchval(f"SELECT last_value FROM {schema}.loose") == 25
    assert await admin.fetchval(f"SELECT last_value FROM {schema}.t_number_seq") == 900
    assert await departed(admin, database) == []


async def test_defaults_that_draw_from_a_sequence(
    caller: Caller, database: int, admin: asyncpg.Connection
) -> None:
    """They stay what they are; a serial's becomes an identity."""
    for ddl in (
        "CREATE TABLE numbered (name text, n bigint DEFAULT nextval('loose'), s serial)",
        "ALTER TABLE numbered ADD COLUMN m bigint NOT NULL DEFAULT nextval('loose'::regclass) * 2",
        "ALTER SEQUENCE loose OWNED BY numbered.n",
    ):
        await caller.ddl(database, ddl)
        assert await departed(admin, database) == []
    rows = await caller.dml(database, "INSERT INTO numbered (name) VALUES ('a') RETURNING n, m, s")
    assert rows == [{"n": 10, "m": 30, "s": 1}]
    columns = (await caller.describe(database))["test"]["numbered"]["columns"]
    told = {column["name"]: (column["default"], column["identity"]) for column in columns}
    assert told["n"] == ("nextval('loose'::regclass)", False)
    assert told["m"] == ("(nextval('loose'::regclass) * 2)", False)
    assert told["s"] == (None, True)


async def test_a_serial_keeps_what_its_sequence_was_told(caller: Caller) -> None:
    database_id = await caller.create()
    await caller.ddl(
        database_id,
        "CREATE TABLE notes (n serial, v text);"
        "ALTER SEQUENCE notes_n_seq INCREMENT 5 MAXVALUE 60 CYCLE RESTART 50",
    )
    rows = "INSERT INTO notes (v) SELECT '' FROM generate_series(1, 4) RETURNING n"
    assert [row["n"] for row in await caller.dml(database_id, rows)] == [50, 55, 60, 1]


async def test_serials_of_a_dump(caller: Caller, admin: asyncpg.Connection) -> None:
    """As pg_dump writes them: a sequence of its own, given to the column afterwards."""
    database_id = await caller.create()
    await caller.ddl(
        database_id,
        "CREATE TABLE notes (id integer NOT NULL, number integer NOT NULL, v text);"
        "CREATE SEQUENCE notes_number_seq AS integer START WITH 8 INCREMENT BY 2"
        " NO MINVALUE NO MAXVALUE CACHE 1;"
        "ALTER SEQUENCE notes_number_seq OWNED BY notes.number;"
        "ALTER TABLE ONLY notes ALTER COLUMN number"
        " SET DEFAULT nextval('notes_number_seq'::regclass);"
        "CREATE VIEW seen AS SELECT notes.id, notes.number FROM notes;"
        "CREATE STATISTICS known ON id, number FROM notes;"
        "CREATE INDEX by_number ON notes (number, uid);"
        "ALTER TABLE ONLY notes ADD CONSTRAINT notes_pkey PRIMARY KEY (id)",
    )
    assert await departed(admin, database_id) == []
    rows = "INSERT INTO notes (v) VALUES ('a'), ('b') RETURNING number"
    assert await caller.dml(database_id, rows) == [{"number": 8}, {"number": 10}]
    assert [
        len(await caller.dml(database_id, f"SELECT id FROM {name}")) for name in ("seen", "notes")
    ] == [2, 2]
    await caller.ddl(database_id, "DROP TABLE notes CASCADE")
    described = await caller.done("get_database", database_id=database_id)
    assert [schema["sequences"] for schema in described["schemas"]] == [[], []]


async def test_a_sequence_of_another_schema_is_not_drawn_from(
    direct: DirectDdl, caller: Caller, database: int, admin: asyncpg.Connection
) -> None:
    await caller.dml(database, "INSERT INTO t (name) VALUES ('a row to compute it for')")
    before = await state_of(admin, f"prod_{database}", f"test_{database}")
    foreign = await admin.fetchval("SELECT $1::text::regclass::oid", f"prod_{database}.loose")
    for text in (
        f"CREATE TABLE u AS SELECT twinbase_functions.nextval({foreign})",
        f"ALTER TABLE t ADD COLUMN drawn bigint DEFAULT twinbase_functions.nextval({foreign})",
        f"CREATE TABLE u AS SELECT twinbase_functions.nextval('prod_{database}.loose')",
    ):
        with pytest.raises(TwinbaseError):
            await direct.run(f"test_{database}", DdlKind.COMMENT, text, "t")
    assert changes(before, await state_of(admin, f"prod_{database}", f"test_{database}")) == []
