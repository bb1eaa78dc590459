"""Attempts at an operation: the latest one counts, and each of them ends."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
from asyncpg import Connection

from domain.audit import of_no_request
from domain.operation import Operation, OperationStatus, Overtaken
from domain.ownership import Caller as Owner
from domain.timeouts import Timeouts
from repository.cloning import PostgresCloning
from repository.directory import CachedDirectory
from repository.engine import create_engine
from repository.operation_news import OperationNews
from repository.own_session import OwnSession
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.background import Background
from service.settings import Settings
from service.use_cases.clone_database import CloneDatabase, clone_database
from service.use_cases.operation_tools import OperationTools
from service.use_cases.run_clone import run_clone
from service.use_cases.run_operation import run_operation
from tests.catalog import until_waiting
from tests.client import open_client
from tests.faulty_wire import FaultyWire, Link, Watch
from tests.patience import PATIENCE
from tests.quotas import quota_tools


@dataclass
class Begun:
    """A clone that no worker has been given yet."""

    operation: Operation
    tools: OperationTools

    async def claimed(self) -> Operation:
        async with self.tools.unit_of_work() as work:
            claimed = await work.operations.claim(self.operation.id, 9)
            assert claimed is not None
            await work.commit()
        return claimed

    async def now(self) -> Operation:
        async with self.tools.unit_of_work() as work:
            found = await work.operations.find(self.operation.id)
        assert found is not None
        return found


@pytest.fixture
def wire(direct_url: str) -> Iterator[FaultyWire]:
    with FaultyWire(direct_url) as wire:
        yield wire


@pytest.fixture
async def begun(settings: Settings, wire: FaultyWire) -> AsyncIterator[Begun]:
    async with open_client(settings) as client:  # whose worker would run it
        caller = client.caller("u1")
        source = await caller.create()
        await caller.ddl(source, "CREATE TABLE t (n integer)")
    engine = create_engine(wire.url, pool_size=3, connect_timeout=PATIENCE, pool_timeout=PATIENCE)
    timeouts = Timeouts(9_000, 200)
    unit_of_work = PostgresUnitOfWorkFactory(engine, timeouts)
    tools = OperationTools(
        unit_of_work=unit_of_work,
        directory=CachedDirectory(
            unit_of_work, OwnSession(wire.url, connect_timeout=PATIENCE), most=0
        ),
        cloning=PostgresCloning(engine, timeouts, streams=1),
        limits=quota_tools(unit_of_work, wire.url).limits,
        news=OperationNews(),
        background=Background(asyncio.Semaphore(1)),
        patience=0,
        at_once_of_uid=9,
        heartbeat=10,
    )
    command = CloneDatabase(source, Owner("u1"), "copy", sid="of-this-test", wait=False)
    try:
        yield Begun(
            await clone_database(command, tools, of_no_request("clone_database", "test")), tools
        )
    finally:
        await engine.dispose()


async def tables_of(admin: Connection, database_id: int) -> list[str]:
    found = await admin.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY 1", f"test_{database_id}"
    )
    return [row["tablename"] for row in found]


async def test_who_was_overtaken_takes_nothing_away(begun: Begun, admin: Connection) -> None:
    """From the copy that a later attempt is filling."""
    await begun.claimed()
    overtaken = await begun.claimed()
    await begun.claimed()
    copy = begun.operation.database_id
    await admin.execute(f"CREATE TABLE test_{copy}.made_by_the_latest (n integer)")
    with pytest.raises(Overtaken):
        await run_clone(overtaken, begun.tools)
    assert await tables_of(admin, copy) == ["made_by_the_latest"]


async def test_of_two_who_claim_in_the_same_moment_one_may_go_on(
    begun: Begun, admin: Connection
) -> None:
    """As where a worker stands still while it claims, and another one thinks it gone."""
    patient = Timeouts(0, round(PATIENCE * 1000))

    async def claimed() -> Operation | None:
        async with begun.tools.unit_of_work(timeouts=patient) as work:
            found = await work.operations.claim(begun.operation.id, 9)
            await work.commit()
        return found

    async with begun.tools.unit_of_work() as work:
        first = await work.operations.claim(begun.operation.id, 9)
        other = asyncio.create_task(claimed())
        await until_waiting(admin, sessions=1)
        await work.commit()
    second = await other
    assert first is not None
    assert second is not None
    assert (first.attempt, second.attempt) == (1, 2)
    async with begun.tools.unit_of_work() as work:
        assert not await work.operations.still_mine(first)
        assert await work.operations.still_mine(second)


async def test_a_later_attempt_begins_with_an_empty_copy(begun: Begun, admin: Connection) -> None:
    await begun.claimed()
    copy = begun.operation.database_id
    await admin.execute(
        f"CREATE TABLE test_{copy}.half_made (n integer);"
        f"ALTER TABLE test_{copy}.half_made OWNER TO twinbase_owner"
    )
    assert await run_operation(begun.operation.id, begun.tools) is None
    assert await tables_of(admin, copy) == ["t"]
    now = await begun.now()
    assert (now.status, now.attempt, now.interruptions) == (OperationStatus.SUCCEEDED, 2, 1)


async def test_an_operation_whose_database_is_gone_ends(begun: Begun, admin: Connection) -> None:
    await admin.execute(
        "UPDATE twinbase.database_meta SET status = 'dropped', deleted_at = now() WHERE id = $1",
        begun.operation.database_id,
    )
    assert await run_operation(begun.operation.id, begun.tools) is None
    now = await begun.now()
    assert now.status is OperationStatus.FAILED
    assert now.error is not None
    assert now.error["error"] == "DatabaseNotFound"


async def test_what_may_pass_is_tried_six_times(begun: Begun, admin: Connection) -> None:
    """Here somebody changes the source all the while."""
    pauses = []
    async with admin.transaction():
        await admin.execute(
            "SELECT FROM twinbase.database_meta WHERE id = $1 FOR UPDATE",
            begun.operation.request["source_id"],
        )
        while (pause := await run_operation(begun.operation.id, begun.tools)) is not None:
            pauses.append(pause.total_seconds())
    assert pauses == [1, 2, 4, 8, 16]
    now = await begun.now()
    assert (now.status, now.attempt) == (OperationStatus.FAILED, 6)
    assert now.error is not None
    assert now.error["code"] == 25017


@pytest.mark.parametrize("interruptions", [3, 4])
async def test_what_was_interrupted_four_times_has_failed(
    interruptions: int, begun: Begun, admin: Connection
) -> None:
    await admin.execute("UPDATE twinbase.operation SET interruptions = $1", interruptions)
    assert await run_operation(begun.operation.id, begun.tools) is None
    now = await begun.now()
    if interruptions == 3:
        assert now.status is OperationStatus.SUCCEEDED
    else:
        assert now.error is not None
        assert now.error["code"] == 25064


async def test_a_drop_is_not_given_up(begun: Begun, admin: Connection) -> None:
    """Each attempt leaves less of it."""
    copy = begun.operation.database_id
    await admin.execute("UPDATE twinbase.operation SET kind = 'drop_database', interruptions = 99")
    await admin.execute(
        "UPDATE twinbase.operation SET request = jsonb_build_object('schemas', ARRAY[$1::text])",
        f"test_{copy}",
    )
    await admin.execute(f"CREATE TABLE test_{copy}.used (n integer)")
    await admin.execute(f"ALTER TABLE test_{copy}.used OWNER TO twinbase_owner")
    async with admin.transaction():
        await admin.execute(f"LOCK TABLE test_{copy}.used")
        for _ in range(8):
            assert await run_operation(begun.operation.id, begun.tools) is not None
    assert await run_operation(begun.operation.id, begun.tools) is None
    assert (await begun.now()).status is OperationStatus.SUCCEEDED
    assert await admin.fetchval("SELECT to_regnamespace($1)", f"test_{copy}") is None


async def test_an_end_that_is_not_written_is_written_later(
    begun: Begun, wire: FaultyWire, admin: Connection
) -> None:
    """Where the connection is lost at that moment."""
    async with begun.tools.unit_of_work() as work:
        source = await work.databases.find(begun.operation.request["source_id"])
        assert source is not None
        await work.databases.drop_database(source, "u1")
        await work.schemas.drop_database(source)
        await work.commit()
    with wire.watched(Watch(words="WITH ended", strike=Link.cut)) as watch:
        again = await run_operation(begun.operation.id, begun.tools)
    assert watch.struck.is_set()
    assert again is not None
    assert (await begun.now()).status is OperationStatus.RUNNING
    assert await run_operation(begun.operation.id, begun.tools) is None
    assert (await begun.now()).status is OperationStatus.FAILED
    schema = f"test_{begun.operation.database_id}"
    assert await admin.fetchval("SELECT to_regnamespace($1)", schema) is None
