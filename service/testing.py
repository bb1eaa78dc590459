"""Fresh, isolated databases for tests: each is a copy of one that was made ready once."""

import threading
from collections.abc import AsyncIterator, Iterator, MutableMapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import httpx
import uvicorn
from pydantic import SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from api.prefix import PREFIX
from repository.roles import SERVICE
from service.main import create_app
from service.settings import Settings
from service.start_up import prepare

PASSWORD = "only-for-tests"  # noqa: S105 - of servers that end with the tests
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "max_wal_size": "256MB",  # the folder may be in memory
}
"""Options of a server whose data nobody misses."""

_TEMPLATE_LOCK = 7_990_003


class IsolatedSettings(Settings):
    """What the environment and ``.env`` say is meant for another service than the tests'."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - named by the class it overrides
        init_settings: PydanticBaseSettingsSource,
        *_others: PydanticBaseSettingsSource,
        **_more: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def url_with(url: str, *, database: str, user: str | None = None, password: str = PASSWORD) -> str:
    parts = urlsplit(url)
    netloc = parts.netloc
    if user is not None:
        netloc = f"{user}:{password}@{netloc.rpartition('@')[2]}"
    return urlunsplit(parts._replace(netloc=netloc, path=f"/{database}"))


async def make_template(admin_url: str, name: str) -> None:
    """A bootstrapped and migrated database, unless there is one: whoever comes first makes it."""
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _TEMPLATE_LOCK)
        if await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            return
        await prepare(
            IsolatedSettings(
                admin_url=SecretStr(admin_url),
                database_url=SecretStr(url_with(admin_url, database=name, user=SERVICE.name)),
            )
        )
    finally:
        await connection.close()


@asynccontextmanager
async def fresh_database(admin_url: str, template: str) -> AsyncIterator[str]:
    """The service's URL of a copy of the template, which is dropped at the end."""
    name = f"test_{uuid4().hex}"
    connection = await asyncpg.connect(admin_url)
    try:
        # By files: with the caches of the catalogs, which the first session would have to make.
        await connection.execute(
            f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY'
        )
        await connection.execute(
            f'REVOKE CREATE, TEMPORARY ON DATABASE "{name}" FROM PUBLIC;'
            f'GRANT CREATE ON DATABASE "{name}" TO {SERVICE}'
        )
        yield url_with(admin_url, database=name, user=SERVICE.name)
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await connection.close()


@asynccontextmanager
async def open_http(settings: Settings, *, root_path: str = "") -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service through ASGI: everything but the socket is as in production."""
    app = create_app(settings)
    async with app.router.lifespan_context(app) as state:
        opened: dict[str, Any] = dict(state or {})

        async def with_state(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
            scope["state"] = dict(opened)
            await app(scope, receive, send)

        transport = httpx.ASGITransport(
            app=with_state, raise_app_exceptions=False, root_path=root_path
        )
        async with httpx.AsyncClient(transport=transport, base_url="http://twinbase") as client:
            yield client


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """The URL of the service on a free port of this machine, from a thread of its own."""
    config = uvicorn.Config(
        create_app(settings), host="127.0.0.1", port=0, access_log=False, log_config=None
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="twinbase", daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("the service did not start; its log says why")
            thread.join(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}{PREFIX}"
    finally:
        server.should_exit = True
        thread.join()
