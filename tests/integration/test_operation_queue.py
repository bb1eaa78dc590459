"""Who has a job of the queue: one worker at a time, and no worker more than it has hands for."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import pytest
from asyncpg import Connection

from domain.database import NewDatabase
from domain.operation import NewOperation, OperationKind
from domain.ownership import Caller as Owner
from domain.timeouts import Timeouts
from repository.engine import create_engine
from repository.operation_news import OperationNews
from repository.operation_queue import OperationQueue
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.settings import Settings
from tests.catalog import until_waiting
from tests.client import Caller, Row, open_client
from tests.patience import PATIENCE

LONG = 600.0  # seconds between signs of life: none is given in this test

JOBS = "SELECT id, status::text, queue_manager_id, attempts FROM twinbase_queue.pgqueuer"
TAKE_OVER = "UPDATE twinbase_queue.pgqueuer SET queue_manager_id = gen_random_uuid()"


class Held:
    """Runs an operation until it is told what has come of it."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.end: asyncio.Future[timedelta | None] = asyncio.get_running_loop().create_future()

    async def run(self, operation_id: int) -> timedelta | None:
        self.begun.set()
        return await self.end

    async def undo(self, operation_id: int) -> None:
        raise AssertionError

    async def put_back(self, operation_id: int) -> None:
        """By the end of the test."""


@asynccontextmanager
async def worker(url: str, runner: Held) -> AsyncIterator[None]:
    turns = asyncio.Semaphore(2)
    queue = OperationQueue(
        url, OperationNews(), connect_timeout=PATIENCE, at_once=4, turns=turns, heartbeat=LONG
    )
    queue.start(runner)
    try:
        yield
    finally:
        await queue.stop()


@pytest.mark.parametrize("ends", [None, timedelta(0)], ids=["ended", "to be tried again"])
async def test_a_job_that_was_taken_over_is_left_alone(
    ends: timedelta | None, direct_url: str, admin: Connection
) -> None:
    """By a worker that was only slow."""
    engine = create_engine(direct_url, pool_size=1, connect_timeout=PATIENCE, pool_timeout=PATIENCE)
    unit_of_work = PostgresUnitOfWorkFactory(engine, Timeouts(9_000, 9_000))
    slow = Held()
    async with AsyncExitStack() as opened:
        opened.push_async_callback(engine.dispose)
        async with unit_of_work() as work:
            made = await work.databases.create_database(NewDatabase("d", "u1", "", None))
            await work.operations.begin_operation(
                NewOperation(OperationKind.DROP_DATABASE, made.id, {}, Owner("u1"), "sid")
            )
            await work.commit()
        await opened.enter_async_context(worker(direct_url, slow))
        await slow.begun.wait()
        (before,) = await admin.fetch(JOBS)
        await admin.execute(TAKE_OVER)
        (taken_over,) = await admin.fetch(JOBS)
        assert taken_over["queue_manager_id"] != before["queue_manager_id"]
        slow.end.set_result(ends)
        await asyncio.sleep(0.5)
        assert await admin.fetch(JOBS) == [taken_over]


async def test_no_more_run_than_have_connections(settings: Settings) -> None:
    """Two that share the connections of one would wait for each other's second."""
    few = settings.model_copy(update={"database_connections": 12, "pool_timeout": 2})
    async with open_client(few) as client:
        caller = client.caller()
        source = await caller.create()
        await caller.ddl(source, "CREATE TABLE t (n integer)")
        begun = [
            await caller.done(
                "clone_database", database_id=source, new_database_name=name, wait=False
            )
            for name in ("one", "two")
        ]
        ended = [await end_of(caller, each["operation_id"]) for each in begun]
    assert [(each["status"], each["attempt"]) for each in ended] == [("succeeded", 1)] * 2


async def test_a_worker_that_stops_puts_back_what_it_runs(
    settings: Settings, admin: Connection
) -> None:
    async with admin.transaction(), open_client(settings) as client:
        caller = client.caller()
        source = await caller.create("source")
        await caller.ddl(source, "CREATE TABLE t (n integer)")
        await admin.execute(f"LOCK TABLE test_{source}.t IN ACCESS EXCLUSIVE MODE")
        begun = await caller.done(
            "clone_database", database_id=source, new_database_name="copy", wait=False
        )
        await until_waiting(admin, 1)
        copy = await caller.call("get_database", database_id=begun["database_id"])
        assert copy["code"] == 25019
        taken = await caller.call("create_database", database_name="copy")
        assert taken["code"] == 25010
    (job,) = await admin.fetch(JOBS)
    assert job["status"] == "queued"
    async with open_client(settings) as client:
        ended = await end_of(client.caller(), begun["operation_id"])
    assert (ended["status"], ended["attempt"]) == ("succeeded", 2)
    assert await admin.fetchval("SELECT interruptions FROM twinbase.operation") == 0


async def end_of(caller: Caller, operation_id: int) -> Row:
    deadline = time.monotonic() + PATIENCE
    while True:
        now: Row = await caller.done("get_operation", operation_id=operation_id)
        if now["finished_at"]:
            return now
        assert time.monotonic() < deadline, now
        await asyncio.sleep(0.02)
