"""What a worker knows of bytes, while it measures them."""

import asyncio
from typing import NamedTuple

import pytest

from domain.database import Database
from domain.quota import Limit, Limits, Resource, Subject
from domain.usage import Measurement
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.storage import MeasuredStorage
from tests.client import Client
from tests.http.test_quotas_of_bytes import FILL, MIB
from tests.quotas import NoVacuum

pytestmark = pytest.mark.usefixtures("nothing_by_itself")

TABLE = "CREATE TABLE t (n integer, text text)"
NOT_WITHIN = 0.1  # seconds: an answer that did not wait would be there


class HeldStorage(MeasuredStorage):
    """Measures one database only when it may."""

    held: Database | None = None

    def __init__(self, unit_of_work: PostgresUnitOfWorkFactory) -> None:
        super().__init__(unit_of_work, NoVacuum())
        self.may_measure = asyncio.Event()
        self.times_held = 0

    async def measure(self, database: Database) -> Measurement:
        if self.held is not None and database.id == self.held.id:
            self.times_held += 1
            await self.may_measure.wait()
        return await super().measure(database)


@pytest.fixture
def storage(unit_of_work: PostgresUnitOfWorkFactory) -> HeldStorage:
    return HeldStorage(unit_of_work)


class Measuring(NamedTuple):
    """Two databases of one quota. The first, written to, is being measured, and that is held."""

    first: Database
    second: Database
    limits: Limits
    task: asyncio.Task[None]


@pytest.fixture
async def measuring(
    client: Client, unit_of_work: PostgresUnitOfWorkFactory, storage: HeldStorage
) -> Measuring:
    caller = client.caller()
    found = []
    for name in ("first", "second"):
        database_id = await caller.create(name)
        await caller.ddl(database_id, TABLE)
        async with unit_of_work() as work:
            database = await work.databases.find(database_id)
        assert database is not None
        await storage.measure(database)
        found.append(database)
    first, second = found
    await caller.dml(first.id, FILL % 2_000)
    storage.written(first)
    storage.held = first
    subject = Subject(first.platform_id, uid=first.uid)
    limits = Limits(bytes=Limit(Resource.BYTES, 80 * MIB, subject))
    task = asyncio.create_task(storage.measure_written())
    await asyncio.sleep(0)
    return Measuring(first, second, limits, task)


async def test_who_asks_while_another_is_measured_waits_for_it(
    storage: HeldStorage, measuring: Measuring
) -> None:
    asking = asyncio.create_task(storage.room(measuring.second, measuring.limits))
    assert not (await asyncio.wait({asking}, timeout=NOT_WITHIN))[0]
    storage.may_measure.set()
    await measuring.task
    room = await asking
    assert room.others == (await storage.measure(measuring.first)).bytes
    assert room.others > 2 * MIB


async def test_what_nobody_has_measured_is_measured_by_the_next_one(
    storage: HeldStorage, measuring: Measuring
) -> None:
    """Whoever began has hung up."""
    measuring.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await measuring.task
    storage.may_measure.set()
    room = await storage.room(measuring.second, measuring.limits)
    assert room.others == (await storage.measure(measuring.first)).bytes


async def test_however_many_ask_they_wait_for_two_at_most(
    client: Client, storage: HeldStorage, measuring: Measuring
) -> None:
    """One that is under way, and for what is written meanwhile one more that all of them share."""
    first, second, limits, task = measuring
    await client.caller().dml(first.id, FILL % 2_000)
    storage.written(first)
    asking = [asyncio.create_task(storage.room(second, limits)) for _ in range(6)]
    assert not (await asyncio.wait(asking, timeout=NOT_WITHIN))[0]
    assert storage.times_held == 1
    storage.may_measure.set()
    rooms = await asyncio.gather(*asking)
    await task
    assert storage.times_held == 2
    storage.held = None
    assert {room.others for room in rooms} == {(await storage.measure(first)).bytes}
