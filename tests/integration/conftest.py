"""What several of these tests are given."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
from pydantic import SecretStr

from repository.engine import create_engine
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.settings import Settings
from tests.client import Client, open_client
from tests.direct_ddl import DirectDdl, direct_ddl
from tests.folders import short_folder
from tests.patience import PATIENCE
from tests.wire import Scissors, losing


@pytest.fixture
async def empty(admin_url: str) -> AsyncIterator[str]:
    """The name of a database that does not exist yet; dropped afterwards."""
    name = f"empty_{uuid4().hex}"
    yield name
    connection = await asyncpg.connect(admin_url)
    await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await connection.close()


@pytest.fixture
async def direct(database_url: str) -> AsyncIterator[DirectDdl]:
    async with direct_ddl(database_url) as opened:
        yield opened


@pytest.fixture
async def cut(database_url: str, direct_url: str) -> AsyncIterator[tuple[Client, Scissors]]:
    """A service whose connections to PostgreSQL can be lost at a COMMIT."""
    with short_folder("cut") as folder:
        async with losing(database_url, folder) as (url, scissors):
            settings = Settings(
                database_url=SecretStr(url),
                direct_url=SecretStr(direct_url),
                database_connections=12,
                operation_heartbeat=60,  # nobody looks for what was left behind
            )
            async with open_client(settings) as client:
                yield client, scissors


@pytest.fixture
async def unit_of_work(settings: Settings) -> AsyncIterator[PostgresUnitOfWorkFactory]:
    assert settings.database_url is not None
    engine = create_engine(
        settings.database_url.get_secret_value(),
        pool_size=5,
        connect_timeout=PATIENCE,
        pool_timeout=PATIENCE,
    )
    yield PostgresUnitOfWorkFactory(engine, settings.timeouts)
    await engine.dispose()
