"""What a worker knows of bytes, while it measures them."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from domain.database import Database
from domain.quota import Limit, Limits, Resource, Subject
from domain.usage import Measurement
from repository.engine import create_engine
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.settings import Settings
from service.storage import MeasuredStorage
from tests.client import Client
from tests.http.test_quotas_of_bytes import FILL, MIB
from tests.patience import PATIENCE
from tests.quotas import NoVacuum

pytestmark = pytest.mark.usefixtures("nothing_by_itself")

TABLE = "CREATE TABLE t (n integer, text text)"


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
async def storage(settings: Settings) -> AsyncIterator[HeldStorage]:
    assert settings.database_url is not None
    engine = create_engine(
        settings.database_url.get_secret_value(),
        pool_size=5,
        connect_timeout=PATIENCE,
        pool_timeout=PATIENCE,
    )
    yield HeldStorage(PostgresUnitOfWorkFactory(engine, settings.timeouts))
    await engine.dispose()


async def written(client: Client, storage: HeldStorage) -> tuple[Database, Database, Limits]:
    """Two databases of one quota; the first was written to since it was measured."""
    caller = client.caller()
    found = []
    for name in ("first", "second"):
        database_id = await caller.create(name)
        await caller.ddl(database_id, TABLE)
        async with storage._unit_of_work() as work:  # noqa: SLF001 - what it was made with
            database = await work.databases.find(database_id)
        assert database is not None
        await storage.measure(database)
        found.append(database)
    first, second = found
    await caller.dml(first.id, FILL % 2_000)
    storage.written(first)
    storage.held = first
    subject = Subject(first.platform_id, uid=first.uid)
    return first, second, Limits(bytes=Limit(Resource.BYTES, 80 * MIB, subject))


async def test_who_asks_while_another_is_measured_waits_for_it(
    client: Client, storage: HeldStorage
) -> None:
    first, second, limits = await written(client, storage)
    measuring = asyncio.create_task(storage.measure_written())
    await asyncio.sleep(0)
    asking = asyncio.create_task(storage.room(second, limits))
    await asyncio.sleep(0.1)
    assert not asking.done()
    storage.may_measure.set()
    await measuring
    room = await asking
    assert room.others == (await storage.measure(first)).bytes
    assert room.others > 2 * MIB


async def test_what_nobody_has_measured_is_measured_by_the_next_one(
    client: Client, storage: HeldStorage
) -> None:
    """Whoever began has hung up."""
    first, second, limits = await written(client, storage)
    measuring = asyncio.create_task(storage.measure_written())
    await asyncio.sleep(0)
    measuring.cancel()
    with pytest.raises(asyncio.CancelledError):
        await measuring
    storage.may_measure.set()
    room = await storage.room(second, limits)
    assert room.others == (await storage.measure(first)).bytes


async def test_however_many_ask_they_wait_for_two_at_most(
    client: Client, storage: HeldStorage
) -> None:
    """One that is under way, and for what is written meanwhile one more that all of them share."""
    first, second, limits = await written(client, storage)
    measuring = asyncio.create_task(storage.measure_written())
    await asyncio.sleep(0)
    await client.caller().dml(first.id, FILL % 2_000)
    storage.written(first)
    asking = [asyncio.create_task(storage.room(second, limits)) for _ in range(6)]
    await asyncio.sleep(0.1)
    assert storage.times_held == 1
    storage.may_measure.set()
    rooms = await asyncio.gather(*asking)
    await measuring
    assert storage.times_held == 2
    storage.held = None
    assert {room.others for room in rooms} == {(await storage.measure(first)).bytes}
