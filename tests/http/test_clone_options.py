"""What a clone takes along, as its caller asks."""

from asyncpg import Connection

from domain.schema import Environment
from tests.catalog import differences, rows, schemas, structure
from tests.client import Caller, Client

TABLE = """
CREATE TABLE things (word text NOT NULL, number int GENERATED ALWAYS AS IDENTITY);
CREATE SEQUENCE loose;
CREATE VIEW words AS SELECT word FROM things
"""
INVALID, SPACE_NOT_FOUND, NOT_POSSIBLE = 25000, 25015, 25016


async def filled(caller: Caller) -> int:
    database_id = await caller.create()
    await caller.ddl(database_id, TABLE)
    for env in ("prod", "test"):
        await caller.dml(database_id, "INSERT INTO things (word) VALUES ('a'), ('b')", env)
        await caller.dml(database_id, "SELECT nextval('loose')", env)
    return database_id


async def clone(caller: Caller, source: int, **options: object) -> int:
    data = await caller.done(
        "clone_database", database_id=source, new_database_name="copy", **options
    )
    return int(data["database_id"])


async def test_schema_only_begins_anew(client: Client, admin: Connection) -> None:
    caller = client.caller()
    source = await filled(caller)
    copy = await clone(caller, source, schema_only=True)
    copies = await schemas(admin, copy)
    for environment, schema in (await schemas(admin, source)).items():
        of_copy, of_source = [
            await structure(admin, each) for each in (copies[environment], schema)
        ]
        for section in ("positions", "sequences", "rules and statistics"):
            of_copy.pop(section, None)
            of_source.pop(section, None)
        assert not differences(of_copy, of_source)
    for env in ("prod", "test"):
        assert await caller.dml(copy, "SELECT * FROM words", env) == []
        await caller.dml(copy, "INSERT INTO things (word) VALUES ('c')", env)
        drawn = await caller.dml(copy, "SELECT number, nextval('loose') FROM things", env)
        assert drawn == [{"number": 1, "nextval": 1}]


async def test_one_environment_leaves_the_other_empty(client: Client, admin: Connection) -> None:
    caller = client.caller()
    source = await filled(caller)
    copies = await schemas(admin, await clone(caller, source, environments=["test"]))
    sources = await schemas(admin, source)
    there = await rows(admin, copies[Environment.TEST])
    assert there == await rows(admin, sources[Environment.TEST])
    relations = "SELECT count(*) FROM pg_class WHERE relnamespace = $1::text::regnamespace"
    assert await admin.fetchval(relations, copies[Environment.PROD]) == 0


async def test_what_was_verified_is_told(client: Client) -> None:
    caller = client.caller()
    source = await filled(caller)
    for number, verify in enumerate(("counts", "checksums")):
        data = await caller.done(
            "clone_database",
            database_id=source,
            new_database_name=f"copy{number}",
            verify=verify,
        )
        report = data["report"]
        assert report.pop("objects") > 20
        assert report == {"tables": 2, "rows": 4, "verified": verify}


async def test_rows_that_came_out_otherwise_end_the_clone(
    client: Client, admin: Connection
) -> None:
    """As by a type whose values are not read back as they were written."""
    caller = client.caller()
    source = await filled(caller)
    for schema in (await schemas(admin, source)).values():
        await admin.execute(
            f"""
            CREATE FUNCTION {schema}.shifted(int) RETURNS int IMMUTABLE LANGUAGE plpgsql
            AS $$ BEGIN RETURN $1 + (now() > '2000-01-01')::int * (random() * 1e9)::int; END $$;
            ALTER TABLE {schema}.things
            ADD made int GENERATED ALWAYS AS ({schema}.shifted(number)) STORED;
            ALTER FUNCTION {schema}.shifted OWNER TO twinbase_owner
            """
        )
    await clone(caller, source)
    before = await admin.fetchval("SELECT count(*) FROM pg_namespace")
    answer = await caller.call(
        "clone_database", database_id=source, new_database_name="checked", verify="checksums"
    )
    assert answer["code"] == NOT_POSSIBLE
    assert "differ from its source's in things" in answer["message"]
    assert await admin.fetchval("SELECT count(*) FROM pg_namespace") == before


async def test_values_of_own_types_stay_as_they_are(client: Client, admin: Connection) -> None:
    """A cast of char(n) to text loses its blanks; text is no way to carry a domain's values."""
    caller = client.caller()
    source = await caller.create()
    await caller.ddl(
        source,
        "CREATE DOMAIN padded AS char(5); CREATE DOMAIN over_padded AS padded;"
        "CREATE DOMAIN open AS bpchar; CREATE TYPE mood AS ENUM ('NULL', '', 'a\"b');"
        "CREATE TABLE t (a padded, b over_padded, c open, d open[], e mood, f mood[])",
    )
    for env in ("prod", "test"):
        await caller.dml(
            source,
            "INSERT INTO t (a, b, c, d, e, f) VALUES ('ab', 'ab', 'ab   ', '{\"ab   \",NULL}', 'NULL',"
            " '{\"NULL\",\"\",NULL}'), (NULL, NULL, '', '{}', '', NULL), ('', '', NULL, NULL, 'a\"b', '{}')",
            env,
        )
    await clone(caller, source, verify="checksums")
    (copy,) = [
        database["database_id"]
        for database in (await caller.done("list_databases"))["databases"]
        if database["database_name"] == "copy"
    ]
    copies = await schemas(admin, int(copy))
    query = (
        "SELECT octet_length(a), octet_length(b), octet_length(c), d::text, e, f::text FROM {}.t"
    )
    for environment, schema in (await schemas(admin, source)).items():
        told = [await admin.fetch(query.format(each)) for each in (copies[environment], schema)]
        assert told[0] == told[1]


async def test_a_row_that_a_domain_would_not_let_in_today_is_not_told(
    client: Client, admin: Connection
) -> None:
    caller = client.caller()
    source = await caller.create()
    await caller.ddl(source, "CREATE DOMAIN fleeting AS text; CREATE TABLE t (a fleeting)")
    await caller.dml(source, "INSERT INTO t (a) VALUES ('somebodys secret')")
    for schema in (await schemas(admin, source)).values():
        await admin.execute(
            f"ALTER DOMAIN {schema}.fleeting ADD CHECK (VALUE::int > 0) NOT VALID;"
            "UPDATE pg_constraint SET convalidated = true WHERE conname = 'fleeting_check'"
        )
    answer = await caller.call(
        "clone_database", database_id=source, new_database_name="copy", verify="checksums"
    )
    assert answer["code"] == NOT_POSSIBLE
    assert "secret" not in str(answer)


async def test_into_another_space(client: Client) -> None:
    source = await filled(client.caller("u1", "77"))
    copy = await clone(client.caller("u1", "77"), source, target_space_id=78)
    assert await client.caller("u2", "78").dml(copy, "SELECT count(*) FROM things") == [
        {"count": 0}
    ]
    answer = await client.caller("u1", "77").refused_dml(copy, "SELECT 1")
    assert answer["code"] == SPACE_NOT_FOUND


async def test_bad_options_are_told(client: Client, admin: Connection) -> None:
    caller = client.caller()
    source = await filled(caller)
    before = await admin.fetchval("SELECT count(*) FROM pg_namespace")
    cases: list[tuple[dict[str, object], str]] = [
        ({"environments": []}, "environments"),
        ({"environments": ["stage"]}, "environments"),
        ({"environments": "prod"}, "environments"),
        ({"schema_only": "yes"}, "schema_only"),
        ({"target_space_id": "x" * 65}, "target_space_id"),
        ({"verify": "nothing"}, "verify"),
    ]
    for options, told in cases:
        answer = await caller.call(
            "clone_database", database_id=source, new_database_name="copy", **options
        )
        assert answer["code"] == INVALID, options
        assert told in answer["message"]
    assert await admin.fetchval("SELECT count(*) FROM pg_namespace") == before
