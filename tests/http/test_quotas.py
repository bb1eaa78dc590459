"""Quotas hold at the moment of writing; what is told is what there is."""

import asyncio
from collections.abc import Sequence

import pytest
from asyncpg import Connection

from repository.usage import DatabaseUsages
from tests.client import Caller, Client, Row
from tests.patience import PATIENCE, eventually

EXCEEDED, TOO_FAST, TOO_MANY_AT_ONCE = 25070, 25071, 25072
TABLE = "CREATE TABLE t (n integer, text text)"
FILL = "INSERT INTO t (n, text) SELECT n, repeat('x', 1000) FROM generate_series(1, %d) AS n"


async def quota(client: Client, **most: object) -> Row:
    told = await client.call("set_quota", **{"platform_name": "default", **most})
    assert told["code"] == 0, told
    return dict(told["data"])


def refused(told: Row, code: int, **details: object) -> Row:
    assert told["code"] == code, told
    error = dict(told["data"]["error"])
    assert {name: error[name] for name in details} == details
    return error


async def usage(client: Client, **asked: object) -> Row:
    told = await client.call("get_usage", **asked)
    assert told["code"] == 0, told
    return dict(told["data"])


async def test_databases(client: Client) -> None:
    await quota(client, databases=2)
    one, other = client.caller("u1"), client.caller("u2")
    first = await one.create("a")
    await other.create("b")
    for verb, body in (
        ("create_database", {"database_name": "c"}),
        ("clone_database", {"database_id": first, "new_database_name": "c"}),
    ):
        told = await one.call(verb, **body)
        refused(told, EXCEEDED, resource="databases", limit=2, used=2, of="platform")
    await one.done("drop_database", database_id=first)
    await one.create("c")


@pytest.mark.parametrize(
    ("of_uid", "of_space", "expected"),
    [(3, None, 3), (None, 2, 2), (3, 2, 3), (None, None, 1), (0, 5, 0)],
)
async def test_the_most_specific_holds(
    client: Client, of_uid: int | None, of_space: int | None, expected: int
) -> None:
    await quota(client, databases=1)
    await quota(client, uid="u1", databases=of_uid)
    await quota(client, space_id="77", databases=of_space)
    caller = client.caller("u1", space_id="77")
    codes = [
        (await caller.call("create_database", database_name=f"d{number}"))["code"]
        for number in range(4)
    ]
    assert codes == [0] * expected + [EXCEEDED] * (4 - expected)


async def test_no_two_at_once_are_one_too_many(client: Client) -> None:
    await quota(client, databases=3)
    names = [f"d{number}" for number in range(9)]
    told = await asyncio.gather(
        *(client.caller(f"u{name}").call("create_database", database_name=name) for name in names)
    )
    assert sorted(each["code"] for each in told) == [0] * 3 + [EXCEEDED] * 6


async def test_tables_of_each_database(client: Client, admin: Connection) -> None:
    await quota(client, tables_per_database=2)
    caller = client.caller()
    database = await caller.create()
    await caller.ddl(database, "CREATE TABLE a (n integer); CREATE TABLE b (n integer)")
    told = await caller.refused_ddl(database, "CREATE TABLE c (n integer)")
    refused(told, EXCEEDED, resource="tables_per_database", limit=2, used=2)
    await caller.ddl(
        database, "ALTER TABLE a ADD COLUMN m integer; CREATE VIEW v AS SELECT n FROM a"
    )
    await caller.ddl(database, "DROP TABLE b; CREATE TABLE c (n integer)")
    await quota(client, tables_per_database=1)
    await caller.ddl(database, "ALTER TABLE a DROP COLUMN m CASCADE")
    told = await caller.call("clone_database", database_id=database, new_database_name="copy")
    refused(told, EXCEEDED, resource="tables_per_database", limit=1)
    assert await admin.fetchval("SELECT count(*) FROM twinbase.database_meta") == 1


async def test_bytes_as_they_are_written(client: Client) -> None:
    caller = client.caller()
    database = await caller.create()
    await caller.ddl(database, TABLE)
    most = 400_000
    await quota(client, bytes_per_database=most)
    written = 0
    while True:
        told = await caller.refused_dml(database, FILL % 20)
        if told["code"]:
            break
        written += 20
    refused(told, EXCEEDED, resource="bytes_per_database", limit=most, of="platform")
    found = await usage(client, database_id=database)
    assert found["total"]["rows"] == written
    assert most * 0.6 < written * 1000 < most
    # What reads or frees goes on; what adds nothing, too.
    assert len(await caller.dml(database, "SELECT n FROM t LIMIT 1000")) == written
    refused(await caller.refused_ddl(database, "CREATE TABLE u AS SELECT * FROM t"), EXCEEDED)
    await caller.dml(database, "DELETE FROM t")
    await until_it_fits(caller, database)


async def until_it_fits(caller: Caller, database: int) -> None:
    async def fits() -> bool:
        return not (await caller.refused_dml(database, FILL % 20))["code"]

    await eventually(fits)


async def test_what_was_deleted_is_room_again(client: Client) -> None:
    """Also in the middle of a table, where no file becomes shorter."""
    caller = client.caller()
    database = await filled(client, caller)
    await caller.dml(database, "DELETE FROM t WHERE n % 2 = 0")
    await until_it_fits(caller, database)
    told = await caller.refused_dml(database, FILL % 1000)
    refused(told, EXCEEDED)


async def filled(client: Client, caller: Caller, most: int = 400_000, env: str = "test") -> int:
    """A database whose quota is used up."""
    database = await caller.create()
    await caller.ddl(database, TABLE)
    await quota(client, uid=caller.uid, bytes_per_database=most)
    while not (await caller.refused_dml(database, FILL % 10, env))["code"]:
        pass
    return database


async def test_bytes_of_all_databases_together(client: Client) -> None:
    caller, other = client.caller("u1"), client.caller("u2")
    first = await caller.create("a")
    second = await caller.create("b")
    for database in (first, second):
        await caller.ddl(database, TABLE)
    await quota(client, uid="u1", bytes=600_000)
    await caller.dml(first, FILL % 300)
    told = await caller.refused_dml(second, FILL % 300, "prod")
    refused(told, EXCEEDED, resource="bytes", limit=600_000, of="uid")
    told = await caller.call("clone_database", database_id=first, new_database_name="copy")
    refused(told, EXCEEDED, resource="bytes")
    theirs = await other.create("a")
    await other.ddl(theirs, TABLE)
    await other.dml(theirs, FILL % 1000)
    await caller.done("drop_database", database_id=first)
    await caller.dml(second, FILL % 300, "prod")


async def test_a_write_is_stopped_as_it_runs(client: Client, admin: Connection) -> None:
    """Long before its end, and with an overshoot that is bounded."""
    caller = client.caller()
    database = await caller.create()
    await caller.ddl(database, TABLE)
    await quota(client, bytes_per_database=200_000_000)
    started = asyncio.get_running_loop().time()
    endless = "generate_series(1, 100000) AS n, generate_series(1, 100000) AS m"
    insert = f"INSERT INTO t (n, text) SELECT n, repeat('x', 1000) FROM {endless}"
    refused(await caller.refused_dml(database, insert), EXCEEDED, resource="bytes_per_database")
    assert asyncio.get_running_loop().time() - started < PATIENCE
    assert await admin.fetchval(f"SELECT count(*) FROM test_{database}.t") == 0
    assert await size_of(admin, database) < 400_000_000
    # What it left behind is taken away, and there is room for what fits.
    await until_it_fits(caller, database)


async def size_of(admin: Connection, database: int) -> int:
    return int(
        await admin.fetchval(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace::regnamespace::text = ANY ($1)",
            [f"{env}_{database}" for env in ("prod", "test")],
        )
    )


async def test_many_at_once_are_not_more(client: Client, admin: Connection) -> None:
    caller = client.caller()
    database = await caller.create()
    await caller.ddl(database, TABLE)
    await quota(client, bytes_per_database=1_000_000)
    told = await asyncio.gather(*(caller.refused_dml(database, FILL % 100) for _ in range(24)))
    assert {each["code"] for each in told} == {0, EXCEEDED}
    kept = await admin.fetchval(f"SELECT count(*) FROM test_{database}.t")
    assert kept == 100 * [each["code"] for each in told].count(0)
    assert kept * 1000 < 1_000_000 + 2**18  # as the page says: room that undone writes have left


async def test_an_error_is_no_answer_to_keep(client: Client) -> None:
    """Another try may find room, with the same idempotency key."""
    caller = client.caller()
    database = await filled(client, caller)
    insert = {"database_id": database, "env": "test", "app_id": "app01", "dml": FILL % 100}
    key = {"idempotency_key": "only-once"}
    refused(await caller.call("exec_dml", **insert, **key), EXCEEDED)
    await quota(client, uid="u1", bytes_per_database=None)
    await caller.done("exec_dml", **insert, **key)
    again = await client.post("exec_dml", json={"uid": "u1"} | insert | key)
    assert again.headers["idempotent-replayed"] == "true"


async def test_operations(client: Client) -> None:
    caller = client.caller()
    database = await caller.create()
    await quota(client, operations=0)
    told = await caller.call("clone_database", database_id=database, new_database_name="copy")
    refused(told, TOO_MANY_AT_ONCE, resource="operations", limit=0, used=0)
    await quota(client, operations=1)
    await caller.clone(database)


async def test_what_follows_is_told(client: Client) -> None:
    caller = client.caller()
    database = await caller.create()
    await caller.ddl(database, TABLE + "; CREATE TABLE u (n integer)")
    told = await quota(client, uid="u1", databases=0, tables_per_database=1, bytes=10**9)
    assert told["quota"] == {
        "platform_name": "default",
        "uid": "u1",
        "databases": 0,
        "tables_per_database": 1,
        "bytes": 10**9,
    }
    assert (told["used"]["databases"], told["used"]["tables_per_database"]) == (1, 2)
    assert told["follows"].keys() == {"databases", "tables_per_database"}
    assert "None is dropped" in told["follows"]["databases"]
    listed = await client.call("list_quotas", platform_name="default")
    assert listed["data"]["quotas"] == [told["quota"]]
    await quota(client, uid="u1", databases=None, tables_per_database=None, bytes=None)
    assert (await client.call("list_quotas"))["data"]["quotas"] == []


async def test_a_quota_says_whose_and_of_what(client: Client) -> None:
    for body, said in (
        ({"uid": "u1", "space_id": "77", "databases": 1}, "not of both"),
        ({"uid": "u1"}, "at least one of databases, tables_per_database"),
        ({"platform_name": "no-such", "databases": 1}, "no such platform"),
    ):
        told = await client.call("set_quota", **({"platform_name": "default"} | body))
        assert told["code"] in {25000, 25080}
        assert said in told["message"]
    assert (await client.call("list_quotas"))["data"]["quotas"] == []


async def test_usage_is_what_there_is(client: Client) -> None:
    first, second = client.caller("u1"), client.caller("u2", space_id="77")
    for caller, rows in ((first, 3), (second, 5)):
        database = await caller.create(f"of_{caller.uid}")
        await caller.ddl(database, "CREATE TABLE a (n integer); CREATE TABLE b (n integer)")
        await caller.dml(database, f"INSERT INTO a (n) SELECT generate_series(1, {rows})")
        await caller.dml(database, "INSERT INTO b (n) VALUES (1)", "prod")
    for by, names in (
        ("platform", {("default",)}),
        ("space", {(None,), ("77",)}),
        ("uid", {("u1",), ("u2",)}),
        ("database", {("of_u1",), ("of_u2",)}),
    ):
        found = await usage(client, by=by)
        total = found["total"]
        assert (total["databases"], total["tables"], total["rows"]) == (2, 4, 10)
        assert total["bytes"] == sum(each["bytes"] for each in found["usage"])
        key = {"platform": "platform_name", "space": "space_id", "uid": "uid"}.get(
            by, "database_name"
        )
        assert {(each[key],) for each in found["usage"]} == names
        assert not found["truncated"]
    assert (await usage(client, uid="u2"))["total"]["rows"] == 6
    assert (await usage(client, space_id="77", by="uid"))["usage"][0]["uid"] == "u2"
    one = await usage(client, limit=1)
    assert (len(one["usage"]), one["truncated"], one["total"]["rows"]) == (1, True, 10)
    nothing = await usage(client, uid="nobody")
    assert nothing["usage"] == []
    assert nothing["total"] == {
        "databases": 0,
        "tables": 0,
        "rows": 0,
        "bytes": 0,
        "measured_at": None,
    }


@pytest.mark.parametrize("reads", ["SELECT count(*) FROM w", "DELETE FROM t USING w WHERE false"])
async def test_what_is_written_in_with_counts(client: Client, reads: str) -> None:
    caller = client.caller()
    database = await caller.create()
    await caller.ddl(database, TABLE)
    most = 400_000
    await quota(client, bytes_per_database=most)
    sql = f"WITH w AS ({FILL % 4000} RETURNING n) {reads}"
    refused(await caller.refused_dml(database, sql), EXCEEDED, resource="bytes_per_database")
    for _ in range(3):  # and files do not grow from attempt to attempt
        refused(await caller.refused_dml(database, sql), EXCEEDED)
    assert await caller.dml(database, "SELECT count(*) AS n FROM t") == [{"n": 0}]


async def test_no_view_is_counted_in_place_of_a_table(
    client: Client, admin: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be run by the right of the service."""
    caller = client.caller()
    database = await caller.create()
    await caller.ddl(database, "CREATE TABLE t (n integer); CREATE TABLE u (n integer)")
    await caller.dml(database, "INSERT INTO u (n) VALUES (1), (2), (3)", "prod")
    told = DatabaseUsages._tables  # noqa: SLF001 - what comes between two questions

    async def replaced(self: DatabaseUsages, schemas: Sequence[str]) -> object:
        tables = await told(self, schemas)
        monkeypatch.setattr(DatabaseUsages, "_tables", told)
        await admin.execute(
            f"ALTER TABLE prod_{database}.t RENAME TO was;"
            f"CREATE VIEW prod_{database}.t AS SELECT 1 / 0 AS n"
        )
        return tables

    monkeypatch.setattr(DatabaseUsages, "_tables", replaced)
    assert (await usage(client, database_id=database))["total"]["tables"] == 2
    assert (await usage(client, database_id=database))["total"]["rows"] == 3


async def test_what_a_superuser_has_left_is_measured(client: Client, admin: Connection) -> None:
    database = await client.caller().create()
    await admin.execute(
        f"CREATE TABLE test_{database}.theirs AS SELECT n FROM generate_series(1, 50) AS n;"
        f"ANALYZE test_{database}.theirs"
    )
    total = (await usage(client, database_id=database))["total"]
    assert (total["tables"], total["rows"]) == (1, 50)
    assert total["bytes"] > 0


async def test_rows_are_counted_once_and_all_of_them(client: Client, admin: Connection) -> None:
    """Of tables that inherit, and not as policies let the service see them."""
    database = await client.caller().create()
    await client.caller().ddl(database, "CREATE TABLE t (n integer)")
    rows = "SELECT generate_series(1, 7)"
    await client.caller().dml(database, f"INSERT INTO t (n) {rows}")
    await admin.execute(
        f"CREATE TABLE test_{database}.heir () INHERITS (test_{database}.t);"
        f"ALTER TABLE test_{database}.heir OWNER TO twinbase_owner;"
        f"INSERT INTO test_{database}.heir (id, uid, n) SELECT n, 'x', n FROM ({rows}) AS r (n)"
    )
    assert (await usage(client, database_id=database))["total"]["rows"] == 14
    await admin.execute(
        f"ALTER TABLE test_{database}.t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
        f"ANALYZE test_{database}.t; ANALYZE test_{database}.heir"
    )
    assert (await usage(client, database_id=database))["total"]["rows"] == 14
