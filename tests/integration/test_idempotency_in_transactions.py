"""A key in the transaction of what it stands for: claimed, waited for, kept, and out of reach."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from domain.database import NewDatabase
from domain.gate import admit_dml
from domain.once import AnsweredBefore, Once
from domain.ports import TenantSession
from domain.timeouts import Timeouts
from exceptions.errors import DatabaseBusy, NoAuthority
from repository.engine import create_engine
from repository.tenant_connections import TenantConnections
from repository.tenant_transaction import AnswerCaps, PostgresTenantTransactionFactory
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.settings import Settings
from tests.client import Client
from tests.http.verbs import accepted
from tests.keyed import count, dml, keys, once_of, sent
from tests.patience import PATIENCE
from tests.sessions import session_of

TIMEOUTS = Timeouts(statement=10_000, lock=5_000)


@pytest.fixture
async def unit_of_work(settings: Settings) -> AsyncIterator[PostgresUnitOfWorkFactory]:
    assert settings.database_url is not None
    url = settings.database_url.get_secret_value()
    engine = create_engine(url, pool_size=25, connect_timeout=PATIENCE, pool_timeout=PATIENCE)
    yield PostgresUnitOfWorkFactory(engine, TIMEOUTS)
    await engine.dispose()


class Undone(Exception):
    pass


async def create(unit_of_work: PostgresUnitOfWorkFactory, name: str, *, fails: bool = False) -> str:
    """What each would answer by itself."""
    async with unit_of_work(once=once_of("k")) as work:
        await work.databases.create_database(NewDatabase(name, "u1", "", None))
        await asyncio.sleep(0.05)  # meanwhile the others come
        if fails:
            raise Undone
        await work.commit(name)
    return name


async def test_one_claims_it_and_the_others_find_its_answer(
    unit_of_work: PostgresUnitOfWorkFactory, admin: asyncpg.Connection
) -> None:
    undone = (create(unit_of_work, f"f{n}", fails=True) for n in range(3))
    tasks = [asyncio.create_task(work) for work in undone]
    await asyncio.sleep(0.02)
    tasks += [asyncio.create_task(create(unit_of_work, f"d{n}")) for n in range(20)]
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    (done,) = (outcome for outcome in outcomes if isinstance(outcome, str))
    again = [outcome for outcome in outcomes if isinstance(outcome, AnsweredBefore)]
    assert {before.answer.data for before in again} == {f'"{done}"'.encode()}
    assert len(again) + sum(isinstance(outcome, Undone) for outcome in outcomes) == 22
    assert await admin.fetchval("SELECT array_agg(name) FROM twinbase.database_meta") == [done]


async def test_who_waits_too_long_is_told_so(
    unit_of_work: PostgresUnitOfWorkFactory, admin: asyncpg.Connection
) -> None:
    async with unit_of_work(once=once_of("k")):
        impatient = Timeouts(statement=10_000, lock=50)
        with pytest.raises(DatabaseBusy, match="still under way"):
            async with unit_of_work(once=once_of("k"), timeouts=impatient):
                pytest.fail("claimed twice")
        async with unit_of_work(once=once_of("k", "u2")) as other:
            await other.commit()
    assert await keys(admin) == {("u2", "k"): 0}


@pytest.fixture
async def database_id(client: Client) -> int:
    database_id = await client.caller().create()
    await client.caller().ddl(
        database_id,
        "CREATE TABLE t (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED);"
        "CREATE TABLE c (t bigint REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)",
    )
    return database_id


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO t (n) VALUES (1), (1)",
        "INSERT INTO c (t) VALUES (5)",
        "INSERT INTO t (n) VALUES (1); INSERT INTO t (n) VALUES (1)",
        "INSERT INTO t (n) VALUES (1); INSERT INTO c (t) VALUES (5); SELECT * FROM c",
    ],
)
async def test_what_is_checked_at_the_end_fails_as_without_a_key(
    sql: str, client: Client, admin: asyncpg.Connection, database_id: int
) -> None:
    body = dml(database_id, sql)
    without, _ = await sent(client, "exec_dml", body)
    told, _ = await sent(client, "exec_dml", body, "k")
    assert without.code == 25051
    assert told == without
    assert await sent(client, "exec_dml", body, "k") == (told, True)
    assert [await count(admin, database_id, table) for table in "tc"] == [0, 0]


async def test_what_is_checked_at_the_end_runs_as_the_tenant(
    client: Client, admin: asyncpg.Connection, database_id: int
) -> None:
    """With a key, too: never as the service, which keeps the answer afterwards."""
    await admin.execute(
        f"""
        CREATE SCHEMA watch;
        CREATE TABLE watch.log (who text, role text, path text);
        CREATE FUNCTION watch.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO watch.log VALUES (
                current_setting('twinbase.app_uid'), current_user, current_setting('search_path')
            );
            RETURN NULL;
        END $$;
        GRANT USAGE ON SCHEMA watch TO PUBLIC;
        GRANT ALL ON watch.log TO PUBLIC;
        CREATE CONSTRAINT TRIGGER watched AFTER INSERT ON test_{database_id}.t
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION watch.note()
        """
    )
    body = dml(database_id, "INSERT INTO t (n) VALUES (1); INSERT INTO t (n) VALUES (2)")
    assert (await sent(client, "exec_dml", body, "k"))[0].code == 0
    noted = await admin.fetch("SELECT who, role, path FROM watch.log")
    tenant = ("app01:u1", "twinbase_dml", f'"test_{database_id}", pg_temp')
    assert [tuple(row) for row in noted] == [tenant, tenant]


async def test_nothing_of_a_tenants_stands_for_what_the_service_names(
    client: Client, admin: asyncpg.Connection, database_id: int
) -> None:
    """Not in his schema, and not with operators that only an administrator could have made."""
    ddl = "CREATE TABLE idempotency_key (key varchar, uid2 varchar)"
    await client.caller().ddl(database_id, ddl)
    for environment in ("prod", "test"):
        schema = f"{environment}_{database_id}"
        await admin.execute(
            f"""
            CREATE FUNCTION {schema}.never(varchar, varchar) RETURNS boolean LANGUAGE plpgsql
                AS $$ BEGIN RAISE 'shadowed'; END $$;
            CREATE OPERATOR {schema}.= (
                LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = {schema}.never
            );
            ALTER FUNCTION {schema}.never OWNER TO twinbase_owner;
            ALTER OPERATOR {schema}.= (varchar, varchar) OWNER TO twinbase_owner
            """
        )
    for verb, body in (
        ("exec_dml", dml(database_id, "INSERT INTO idempotency_key (key) VALUES ('k')")),
        ("exec_ddl", accepted("exec_ddl", database_id)),
        ("clone_database", accepted("clone_database", database_id)),
    ):
        told, _ = await sent(client, verb, body, verb)
        assert told.code == 0, told
        assert await sent(client, verb, body, verb) == (told, True)
    assert await count(admin, database_id, "idempotency_key") == 1


class Tenant:
    def __init__(self, connections: TenantConnections, session: TenantSession) -> None:
        caps = AnswerCaps(default_rows=100, rows=100, bytes=10_000)
        self._transaction = PostgresTenantTransactionFactory(connections, caps)
        self._session = session

    async def run(self, sql: str, once: Once) -> None:
        """Whatever the gate says of it."""
        (statement,) = admit_dml("SELECT 1 LIMIT 1", self._session.schema.name)
        async with self._transaction(self._session, alone=True, once=once) as work:
            await work.exec_dml(statement, 1, [])
            await work.exec_dml(replace(statement, text=sql), 2, [])
            await work.commit("done")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM twinbase.idempotency_key",
        "SELECT FROM twinbase.idempotency_key FOR UPDATE",
        "UPDATE twinbase.idempotency_key SET code = 0 RETURNING *",
        "DELETE FROM twinbase.idempotency_key RETURNING *",
        "INSERT INTO twinbase.idempotency_key VALUES ('u2', 'k', '', 0, 200, '', '') RETURNING *",
    ],
)
async def test_a_tenant_reaches_no_key(
    sql: str, client: Client, admin: asyncpg.Connection, database_url: str, database_id: int
) -> None:
    """Not his own either, in the transaction that has claimed it, where the gate is not asked."""
    connections = TenantConnections(database_url, connect_timeout=PATIENCE)
    tenant = Tenant(connections, session_of(database_id, "u1", TIMEOUTS))
    try:
        await tenant.run("SELECT 2 AS two", once_of("first"))
        with pytest.raises(NoAuthority):
            await tenant.run(sql, once_of("second"))
    finally:
        await connections.close()
    assert await keys(admin) == {("u1", "first"): 0}
