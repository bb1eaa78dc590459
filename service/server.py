"""From settings to a serving process: PostgreSQL, bootstrap, migrations, HTTP; and back."""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from time import sleep
from types import FrameType

import structlog
import uvicorn
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine
from uvicorn.supervisors import Multiprocess

from domain.platform import NewApiKey
from repository.bootstrap import bootstrap, shortcomings
from repository.engine import create_engine
from repository.migrations import migrate_up
from repository.own_session import is_heard
from repository.roles import SERVICE
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.embedded_server import embedded_server
from service.settings import PREFIX, Auth, Settings
from service.use_cases.first_key import first_key

_LOG = structlog.get_logger()
_APP = "service.main:create_app_from_environment"
_BACKLOG = 2048
_NICENESS = 10  # of slow statements in the embedded server: a tenth of a core where all are busy
_GRACE = 10  # seconds that running requests get when the service is asked to stop


class StartError(Exception):
    """One line for the operator: what kept the service from starting."""


@contextmanager
def reachable_database(settings: Settings) -> Iterator[Settings]:
    """The same settings with a ``database_url``: an embedded server's where none was set."""
    if settings.database_url is not None:
        yield settings
        return
    with embedded_server(settings.data_dir) as server:
        yield settings.model_copy(
            update={
                "database_url": SecretStr(server.dsn(user=SERVICE.name, database="twinbase")),
                "admin_url": SecretStr(server.dsn(user=server.superuser, database="postgres")),
                "slow_statement_niceness": max(_NICENESS, settings.slow_statement_niceness),
            }
        )


@asynccontextmanager
async def prepared_engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """One connection to a database that is bootstrapped and safe to serve, migrated or not.

    Raises StartError, BootstrapError and the driver's errors.
    """
    if settings.database_url is None:
        raise StartError("no database to prepare")
    database_url = settings.database_url.get_secret_value()
    if settings.admin_url is not None:
        await bootstrap(settings.admin_url.get_secret_value(), database_url)
    missing = await shortcomings(database_url)
    if missing:
        raise StartError(
            f"isolation would not hold: {'; '.join(missing)}. "
            "Start once with TWINBASE_ADMIN_URL naming a superuser"
        )
    await _refuse_deafness(settings, database_url)
    engine = create_engine(
        database_url,
        pool_size=1,
        connect_timeout=settings.connect_timeout,
        pool_timeout=settings.pool_timeout,
    )
    try:
        yield engine
    finally:
        await engine.dispose()


async def _refuse_deafness(settings: Settings, told_by: str) -> None:
    """A pooler in transaction mode takes LISTEN without a word, and nothing ever arrives."""
    heard_by = settings.direct_url.get_secret_value() if settings.direct_url else told_by
    if not await is_heard(told_by, heard_by, longest_wait=settings.connect_timeout):
        raise StartError(
            "what other workers change would go unnoticed: NOTIFY by TWINBASE_DATABASE_URL is not "
            f"heard by LISTEN at {'that URL' if heard_by == told_by else 'TWINBASE_DIRECT_URL'}. "
            "TWINBASE_DIRECT_URL must name the same database with no pooler between"
        )


async def prepare(settings: Settings) -> NewApiKey | None:
    """A key, where keys are asked for and nobody has one to administer the service with."""
    async with prepared_engine(settings) as engine:
        await migrate_up(engine)
        if settings.auth is Auth.OFF:
            return None
        return await first_key(PostgresUnitOfWorkFactory(engine, settings.timeouts))


def serve(settings: Settings) -> None:
    """Returns when the service was asked to stop and everything it started has ended."""
    with (
        _signals_end_the_block(),
        _listening(settings) as listener,
        reachable_database(settings) as reachable,
    ):
        key = asyncio.run(prepare(reachable))
        if key is not None:
            sys.stdout.write(f"The first key, told this once: {key.text}\n")
        if settings.auth is Auth.OFF and not settings.is_loopback:
            _LOG.warning("open_to_the_network", host=settings.host, auth=settings.auth)
        # Workers need no administrator, so they are not told of one.
        os.environ.pop(f"{PREFIX}ADMIN_URL", None)
        os.environ.update(reachable.model_copy(update={"admin_url": None}).to_environment())
        _announce(_url_host(settings.host), listener.getsockname()[1])
        _run_http(settings, listener)


def _run_http(settings: Settings, listener: socket.socket) -> None:
    config = uvicorn.Config(
        _APP,
        factory=True,
        workers=settings.workers,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
    )
    if settings.workers == 1:
        server = uvicorn.Server(config)
        server.run(sockets=[listener])
        if not server.started:
            raise StartError("the worker did not start; the log says why")
    else:
        _Workers(config, sockets=[listener]).run()


class _Workers(Multiprocess):
    """uvicorn's, but a closed terminal ends it instead of restarting its workers."""

    def handle_hup(self) -> None:
        self.handle_term()


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """Taken before anything else is started: a port in use must not cost a database start.

    OwnSession at once, since two sockets may be bound to one port as long as neither listens.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise StartError(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror}; "
            "choose another with TWINBASE_PORT or --port"
        ) from error
    try:
        yield listener
    finally:
        listener.close()


@contextmanager
def _signals_end_the_block() -> Iterator[None]:
    """SIGTERM and SIGHUP unwind the stack as Ctrl-C does, so that what was started is stopped.

    uvicorn takes the signals while it runs, ends gracefully, and raises them again for us.
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    def end_as_asked(_number: int, _frame: FrameType | None) -> None:
        signal.raise_signal(signal.SIGTERM)  # which is uvicorn's while it runs, and then ours

    handlers = {signal.SIGTERM: end, signal.SIGHUP: end_as_asked}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    except KeyboardInterrupt:
        _LOG.info("stopped")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _announce(host: str, port: int) -> None:
    """Prints the ready line once a worker answers; in the background, since serving blocks.

    The port is ours, so nobody else can answer; no proxy is asked, whatever the environment says.
    """

    def wait() -> None:
        while not _is_ready(host.strip("[]"), port):
            sleep(0.05)
        url = f"http://{host}:{port}"
        sys.stdout.write(f"Twinbase is ready at {url} (docs: {url}/docs)\n")
        sys.stdout.flush()

    threading.Thread(target=wait, name="announce", daemon=True).start()


def _is_ready(host: str, port: int) -> bool:
    connection = HTTPConnection(host, port, timeout=60)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _url_host(host: str) -> str:
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        return "127.0.0.1" if host == "0.0.0.0" else "[::1]"  # noqa: S104 - as above
    return f"[{host}]" if ":" in host else host
