"""Fixtures for those who test agents against Twinbase; pytest finds them where it is installed.

Each test has a PostgreSQL database of its own, of which nothing is left. The server is that of
TWINBASE_TEST_DATABASE_URL (a superuser), else an embedded one, which all workers of a run share.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr

from api.prefix import PREFIX
from service.core import Core, twinbase_core
from service.embedded_server import embedded_server
from service.settings import Settings
from service.testing import (
    FAST,
    IsolatedSettings,
    fresh_database,
    make_template,
    open_http,
    served,
)

_SERVER = "TWINBASE_TEST_DATABASE_URL"
_FOLDER = "TWINBASE_TEST_FOLDER"


def pytest_configure(config: pytest.Config) -> None:
    """The name of a folder that workers share; nothing is made where no test needs it."""
    if _FOLDER not in os.environ:
        folder = Path(tempfile.gettempdir()) / f"twinbase-{uuid4().hex[:8]}"
        os.environ[_FOLDER] = str(folder)
        config.add_cleanup(_forget_folder)


def _forget_folder() -> None:
    shutil.rmtree(os.environ.pop(_FOLDER), ignore_errors=True)


@pytest.fixture(scope="session")
def twinbase_server() -> Iterator[str]:
    """The URL of a superuser of the tests' PostgreSQL."""
    given = os.environ.get(_SERVER)
    if given:
        yield given
        return
    with embedded_server(Path(os.environ[_FOLDER]), options=FAST) as server:
        yield server.dsn(user=server.superuser, database="postgres")


@pytest.fixture(scope="session")
def twinbase_template(twinbase_server: str) -> str:
    name = f"twinbase_template_{os.environ[_FOLDER][-8:]}"
    asyncio.run(make_template(twinbase_server, name))
    return name


@pytest_asyncio.fixture
async def twinbase_settings(
    twinbase_server: str, twinbase_template: str
) -> AsyncIterator[Settings]:
    """Of a fresh database, and nothing else; override it for other settings (``model_copy``)."""
    async with fresh_database(twinbase_server, twinbase_template) as url:
        yield IsolatedSettings(database_url=SecretStr(url), database_connections=12)


@pytest_asyncio.fixture
async def twinbase(twinbase_settings: Settings) -> AsyncIterator[Core]:
    """The verbs as methods."""
    async with twinbase_core(twinbase_settings) as core:
        yield core


@pytest_asyncio.fixture
async def twinbase_client(twinbase_settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The verbs as requests, without a socket: ``client.post("create_database", json={…})``."""
    async with open_http(twinbase_settings) as client:
        client.base_url = httpx.URL(f"http://twinbase{PREFIX}")
        yield client


@pytest.fixture
def twinbase_url(twinbase_settings: Settings) -> Iterator[str]:
    """Where the verbs are, over HTTP: for what runs in another thread or process."""
    with served(twinbase_settings) as url:
        yield url
