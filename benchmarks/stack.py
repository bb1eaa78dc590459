"""What a question runs on: an embedded PostgreSQL, the service on it and, beside it, ``bare``."""

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from benchmarks.processes import Running, running
from repository.roles import SERVICE
from service.embedded_server import EmbeddedServer, embedded_server
from service.settings import PREFIX

DATABASE = "twinbase"
_DISK = "/var/tmp"  # noqa: S108 -- kept over a restart, and so on a disk: /tmp may be memory


@dataclass(frozen=True, slots=True)
class Stack:
    """``service`` is one worker with the settings that it is shipped with."""

    server: EmbeddedServer
    service: Running
    folder: Path

    def url(self, *, user: str = SERVICE.name, database: str = DATABASE) -> str:
        return self.server.dsn(user=user, database=database)

    @property
    def superuser_url(self) -> str:
        return self.url(user=self.server.superuser)

    @property
    def server_log(self) -> Path:
        return self.folder / "server.log"

    def another_service(self) -> AbstractAsyncContextManager[Running]:
        return _service(self.folder)

    @asynccontextmanager
    async def bare_endpoint(self) -> AsyncIterator[Running]:
        """With a schema of its own, ``bare``, in which its tables are."""
        async with connected(self.superuser_url) as superuser:
            await superuser.execute(f"CREATE SCHEMA IF NOT EXISTS bare AUTHORIZATION {SERVICE}")
        variables = {"BARE_DATABASE_URL": self.url(), "BARE_SCHEMA": "bare"}
        log = self.folder / "bare.log"
        async with running("benchmarks.bare", variables=variables, log=log) as bare:
            yield bare


@asynccontextmanager
async def stack(options: Mapping[str, str] = {}) -> AsyncIterator[Stack]:
    """Fresh, and gone afterwards. ``options`` of the server, where it is not to be as shipped."""
    with (
        tempfile.TemporaryDirectory(prefix="twinbase-benchmark-", dir=_DISK) as name,
        embedded_server(folder := Path(name) / "data", options=options) as server,
    ):
        async with _service(folder) as service:
            yield Stack(server, service, folder)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


def _service(folder: Path) -> AbstractAsyncContextManager[Running]:
    """It finds the server that runs in its data folder and shares it."""
    variables = {f"{PREFIX}DATA_DIR": folder, f"{PREFIX}PORT": 0}
    return running("service", "serve", variables=variables, log=folder / "service.log")
