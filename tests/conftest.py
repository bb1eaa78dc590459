"""A real PostgreSQL for every run, a fresh database for every test.

TEST_DATABASE_URL (a superuser of any server), else a container where Docker answers, else the
embedded server. One template database per run is bootstrapped and migrated; a test's database
is a copy of it. pytest's workers share the server and the template.
"""

import asyncio
import gc
import os
import shutil
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, closing
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from pydantic import SecretStr

from repository.roles import SERVICE
from service.embedded_server import embedded_server
from service.logs import configure_logs
from service.settings import Settings
from service.testing import FAST, PASSWORD, fresh_database, make_template, url_with
from tests.client import Client, open_client
from tests.folders import new_folder
from tests.patience import PATIENCE
from tests.pgbouncer import pgbouncer, program, through

RUN_FOLDER = "TWINBASE_TEST_RUN_FOLDER"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pgbouncer", action="store_true", help="the service reaches PostgreSQL through PgBouncer"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """``direct`` tests cannot run through PgBouncer, and say why; ``pgbouncer`` tests only so."""
    pooled = config.getoption("pgbouncer")
    for item in items:
        for mark in item.iter_markers("direct" if pooled else "pgbouncer"):
            reason = mark.kwargs["reason"] if pooled else "run by make test-pgbouncer"
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_configure(config: pytest.Config) -> None:
    """The controlling process makes the folder that all workers share."""
    if config.getoption("pgbouncer") and program() is None:
        pytest.exit("skipped: PgBouncer is not installed (package pgbouncer)", returncode=0)
    config.addinivalue_line("markers", "direct(reason): not through PgBouncer")
    config.addinivalue_line("markers", "pgbouncer: through PgBouncer only")
    configure_logs("info", "json")
    for name in [name for name in os.environ if name.startswith("TWINBASE_")]:
        if name != RUN_FOLDER:
            del os.environ[name]
    if RUN_FOLDER not in os.environ:
        os.environ[RUN_FOLDER] = str(new_folder("tests"))
        config.add_cleanup(_remove_run_folder)


def _remove_run_folder() -> None:
    shutil.rmtree(os.environ.pop(RUN_FOLDER), ignore_errors=True)


@pytest.fixture(scope="session")
def admin_url() -> Iterator[str]:
    """A superuser's URL of the server that this run uses."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    with ExitStack() as started:
        yield _container_url(started) or _embedded_url(started)


def _container_url(started: ExitStack) -> str | None:
    """None where no Docker engine answers."""
    if not _docker_answers():
        return None
    from testcontainers.postgres import PostgresContainer  # noqa: PLC0415 - not always needed

    command = "postgres " + " ".join(f"-c {name}={value}" for name, value in FAST.items())
    container = PostgresContainer("postgres:18", driver=None).with_command(command)
    return str(started.enter_context(container).get_connection_url())


def _docker_answers() -> bool:
    import docker  # noqa: PLC0415 - slow to import, and not always needed

    # Its client leaves a socket open where nothing listens; collected here, that is no warning.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            with closing(docker.from_env()) as engine:
                return bool(engine.ping())
        except docker.errors.DockerException:
            return False
        finally:
            gc.collect()


def _embedded_url(started: ExitStack) -> str:
    folder = Path(os.environ[RUN_FOLDER]) / "server"
    server = started.enter_context(embedded_server(folder, options=FAST))
    return server.dsn(user=server.superuser, database="postgres")


@pytest.fixture(scope="session")
def template(admin_url: str) -> str:
    """The name of a bootstrapped and migrated database; whichever worker is first makes it."""
    name = f"twinbase_template_{Path(os.environ[RUN_FOLDER]).name[-8:]}"
    asyncio.run(make_template(admin_url, name))
    return name


@pytest.fixture(scope="session")
def pooler(request: pytest.FixtureRequest, admin_url: str) -> Iterator[Path | None]:
    """The folder of PgBouncer's socket, where the run has one."""
    if not request.config.getoption("pgbouncer"):
        yield None
        return
    with pgbouncer(admin_url, user=SERVICE.name, password=PASSWORD) as folder:
        yield folder


@pytest.fixture
async def direct_url(admin_url: str, template: str) -> AsyncIterator[str]:
    """The service's URL of a fresh, migrated database."""
    async with fresh_database(admin_url, template) as url:
        yield url


@pytest.fixture
def database_url(direct_url: str, pooler: Path | None) -> str:
    """As the service is given it: the same database, perhaps with PgBouncer between."""
    return direct_url if pooler is None else through(pooler, direct_url)


@pytest.fixture
async def admin(admin_url: str, database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A superuser inside the test's database: sees everything, bypasses row security."""
    connection = await asyncpg.connect(
        url_with(admin_url, database=urlsplit(database_url).path.lstrip("/"))
    )
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
def settings(database_url: str, direct_url: str) -> Settings:
    return Settings(
        database_url=SecretStr(database_url),
        direct_url=SecretStr(direct_url),
        database_connections=12,
        connect_timeout=PATIENCE,
        pool_timeout=PATIENCE,
        turn_timeout=PATIENCE,
        gate_timeout=PATIENCE,
        operation_patience=PATIENCE,
        statement_timeout_ms=int(PATIENCE * 1000),
    )


@asynccontextmanager
async def _nothing(*_args: object, **_options: object) -> AsyncIterator[None]:
    yield


@pytest.fixture
def nothing_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker does only what it is asked for: no sweep waits for a lock or takes a connection."""
    for name in ("lifespan.sweeping", "lifespan.repeating", "tally.repeating"):
        monkeypatch.setattr(f"service.{name}", _nothing)


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[Client]:
    async with open_client(settings) as opened:
        yield opened
