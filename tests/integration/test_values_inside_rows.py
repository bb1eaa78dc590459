"""What values inside a row need: PostgreSQL's binary forms, and the types of the schema."""

import json
import math
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from random import Random
from struct import pack, unpack

import asyncpg
import pytest

from domain.gate import admit_dml
from domain.identifiers import Identifier
from domain.timeouts import Timeouts
from exceptions.errors import DatabaseBusy, DmlFailed
from repository.binary_values import (
    half_vector,
    hardware_address,
    real,
    text_query,
    text_vector,
    vector,
)
from repository.tenant_connections import TenantConnections
from repository.tenant_transaction import (
    AnswerCaps,
    PostgresTenantTransaction,
    PostgresTenantTransactionFactory,
)
from tests.client import Client
from tests.patience import PATIENCE
from tests.sessions import session_of

WORDS = ("a", "it''s", r"back\\slash", "a b", "中文", "x:*", "y:AB", "z:*D", "w:ABCD")


def queries() -> list[str]:
    random = Random(3)  # noqa: S311 - examples, not secrets

    def query(depth: int) -> str:
        if depth == 0 or random.random() < 0.2:
            word, _, marks = random.choice(WORDS).partition(":")
            return f"'{word}'" + (f":{marks}" if marks else "")
        if random.random() < 0.2:
            return f"!({query(depth - 1)})"
        operator = random.choice(["&", "|", "<->", "<2>", "<0>"])
        return f"({query(depth - 1)} {operator} {query(depth - 1)})"

    return ["", *(query(depth) for depth in range(6) for _ in range(40))]


def reals() -> list[float]:
    random = Random(4)  # noqa: S311 - examples, not secrets
    of_bits = [unpack("!f", pack("!I", random.getrandbits(32)))[0] for _ in range(3_000)]
    edges = [0.0, -0.0, 1.1, 1e-45, 3.4028235e38, 1.17549435e-38, math.inf, -math.inf, 16777216.0]
    short = [round(random.uniform(-1000, 1000), 2) for _ in range(1_000)]
    return [*edges, *short, *(number for number in of_bits if not math.isnan(number))]


async def test_text_search(admin: asyncpg.Connection) -> None:
    query = (
        "SELECT q::tsquery::text AS text, tsquerysend(q::tsquery) AS data FROM unnest($1::text[]) q"
    )
    told = await admin.fetch(query, queries())
    assert [text_query(row["data"]) for row in told] == [row["text"] for row in told]
    vectors = ["", "a", "b:1 b:2A c:16383D,7B,9C", r"'it''s' 'back\\slash' 中文:3", "'a b':1"]
    query = query.replace("tsquery", "tsvector")
    told = await admin.fetch(query, vectors)
    assert [text_vector(row["data"]) for row in told] == [row["text"] for row in told]


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("a" + " & a" * 2_000, "'a'" + " & 'a'" * 2_000),
        ("!(" * 2_000 + "a" + ")" * 2_000, "!" * 2_000 + "'a'"),
    ],
)
async def test_a_query_as_deep_as_it_is_long(
    sent: str, written: str, admin: asyncpg.Connection
) -> None:
    assert (
        text_query(await admin.fetchval("SELECT tsquerysend($1::text::tsquery)", sent)) == written
    )


async def test_reals_are_as_short_as_postgresql_writes_them(admin: asyncpg.Connection) -> None:
    query = "SELECT v::text AS text, float4send(v) AS data FROM unnest($1::float4[]) AS v"
    told = await admin.fetch(query, reals())
    assert len(told) > 3_000
    assert [repr(real(row["data"])) for row in told] == [repr(float(row["text"])) for row in told]
    assert math.isnan(real(await admin.fetchval("SELECT float4send('NaN')")))


def test_a_power_of_two_is_the_same_number() -> None:
    """PostgreSQL may write one digit less, since the reals around it are not equally far."""
    for data in (pack("!f", 2.0**exponent) for exponent in range(-149, 128)):
        assert pack("!f", real(data)) == data


async def with_vectors(admin: asyncpg.Connection, schema: Identifier) -> None:
    try:
        await admin.execute(f"CREATE EXTENSION vector SCHEMA {schema}")
    except asyncpg.FeatureNotSupportedError:
        pytest.skip("this server has no pgvector")


@pytest.mark.parametrize(
    ("type_", "read", "numbers"),
    [("vector", vector, [1, 2.5, -0.1, 1e20]), ("halfvec", half_vector, [1, 2.5, -0.25, 2048])],
)
async def test_vectors(
    type_: str, read: Callable[[bytes], object], numbers: list[float], admin: asyncpg.Connection
) -> None:
    await with_vectors(admin, Identifier("public"))
    query = "SELECT v::text AS text, send(v) AS data FROM (SELECT $1::text::vector) AS s(v)"
    told = await admin.fetch(
        query.replace("send", f"{type_}_send").replace("::vector", f"::{type_}"),
        json.dumps(numbers),
    )
    assert [read(row["data"]) for row in told] == [json.loads(row["text"]) for row in told]
    assert told != []


def test_hardware_addresses() -> None:
    assert hardware_address(bytes.fromhex("08002b010203")) == "08:00:2b:01:02:03"


class Tenant:
    """A database with a table, and transactions in it on one connection."""

    def __init__(self, connections: TenantConnections, database_id: int, uid: str) -> None:
        self._connections = connections
        caps = AnswerCaps(default_rows=100, rows=10_000, bytes=10_000_000)
        self._transaction = PostgresTenantTransactionFactory(connections, caps)
        self._session = session_of(database_id, uid, Timeouts(statement=3_000, lock=300))
        self.schema = self._session.schema

    def transaction(self) -> AbstractAsyncContextManager[PostgresTenantTransaction]:
        return self._transaction(self._session, alone=False)

    async def dml(self, work: PostgresTenantTransaction, sql: str) -> list[list[object]]:
        (statement,) = admit_dml(sql, self.schema.name)
        return [list(row) for row in (await work.exec_dml(statement, 1, [])).rows]

    async def server_process(self) -> int:
        async with self._connections.taken_for(self._session) as connection:
            return connection.driver.get_server_pid()


@pytest.fixture
async def tenant(client: Client, database_url: str) -> AsyncIterator[Tenant]:
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(database_id, "CREATE TABLE t (n real, price money)")
    await caller.dml(database_id, "INSERT INTO t VALUES (1.1, '2')")
    connections = TenantConnections(database_url, connect_timeout=PATIENCE)
    try:
        yield Tenant(connections, database_id, caller.uid)
    finally:
        await connections.close()


@pytest.mark.parametrize(
    "unreadable",
    [
        "SELECT ROW(price) FROM t",
        "SELECT t FROM t",
        """SELECT ROW(g, CASE WHEN g > 5000 THEN price END, repeat('x', 99))
            FROM generate_series(1, 9000) AS g, t LIMIT ALL""",
    ],
)
async def test_the_connection_is_good_afterwards(unreadable: str, tenant: Tenant) -> None:
    before = await tenant.server_process()
    async with tenant.transaction() as work:
        with pytest.raises(DmlFailed, match="inside a row: cast it to text"):
            await tenant.dml(work, unreadable)
        # Nothing of the answer is left between asyncpg and the server.
        assert await tenant.dml(work, "SELECT n, price::text, ROW(n) FROM t") == [
            [1.1, "$2.00", [1.1]]
        ]
        await work.commit()
    async with tenant.transaction() as work:
        assert await tenant.dml(work, "SELECT n, price, ARRAY[n] FROM t") == [[1.1, "$2.00", [1.1]]]
    assert await tenant.server_process() == before


async def test_a_table_altered_after_its_row_was_learned(
    tenant: Tenant, admin: asyncpg.Connection
) -> None:
    await admin.execute(f"ALTER TABLE {tenant.schema}.t DROP COLUMN price")
    async with tenant.transaction() as work:
        # Names the table without reading it, which would keep others from altering it.
        assert await tenant.dml(work, "SELECT ROW('t')") == [[["t"]]]
        await admin.execute(f"ALTER TABLE {tenant.schema}.t ADD COLUMN more text")
        with pytest.raises(DatabaseBusy):
            await tenant.dml(work, "SELECT ROW(t) FROM t")
    async with tenant.transaction() as work:
        ((inside,),) = await tenant.dml(work, "SELECT ROW(t) FROM t")
    assert isinstance(inside, list)
    assert inside[0]["more"] is None


async def test_other_types_of_extensions(tenant: Tenant, admin: asyncpg.Connection) -> None:
    await with_vectors(admin, tenant.schema)
    sparse = "'{1:1.5}/3'::sparsevec"
    for _ in range(2):
        async with tenant.transaction() as work:
            assert await tenant.dml(work, f"SELECT {sparse}, '[1,2.5]'::vector") == [
                ["{1:1.5}/3", [1, 2.5]]
            ]
            with pytest.raises(DmlFailed, match="inside a row: cast it to text"):
                await tenant.dml(work, f"SELECT ROW({sparse})")
            assert await tenant.dml(
                work, f"SELECT {sparse}, '[1,2.5]'::vector, ROW('[1,2.5]'::vector, ARRAY[1])"
            ) == [["{1:1.5}/3", [1, 2.5], [[1, 2.5], [1]]]]
