"""From settings to a serving process: PostgreSQL, bootstrap, migrations, HTTP; and back."""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from time import sleep
from types import FrameType

import orjson
import structlog

from service.changed_settings import telling_of_changes
from service.settings import PREFIX, Auth, Settings
from service.start_up import StartError, prepare, reachable_database
from service.telemetry.sharing import shared_folder
from service.workers import Config, Server, Workers

_LOG = structlog.get_logger()
_APP = "service.main:create_app_from_environment"
_BACKLOG = 2048


def serve(settings: Settings, *, for_programs: bool = False) -> None:
    """Returns when the service was asked to stop and everything it started has ended.

    Tells the first key and that it is ready, in a line each; ``for_programs``: as JSON.
    """
    with (
        _signals_end_the_block(),
        _listening(settings) as listener,
        telling_of_changes(),
        _metrics_of_workers(settings),
        reachable_database(settings) as reachable,
    ):
        key = asyncio.run(prepare(reachable))
        if key is not None:
            line = f"The first key, told this once: {key.text}"
            _tell(line, {"first_key": key.text}, for_programs=for_programs)
        if settings.auth is Auth.OFF and not settings.is_loopback:
            _LOG.warning("open_to_the_network", host=settings.host, auth=settings.auth)
        # Workers need no administrator, so they are not told of one.
        os.environ.pop(f"{PREFIX}ADMIN_URL", None)
        os.environ.update(reachable.model_copy(update={"admin_url": None}).to_environment())
        host, port = _url_host(settings.host), listener.getsockname()[1]
        _announce(host, port, for_programs=for_programs)
        _run_http(settings, listener)


def _run_http(settings: Settings, listener: socket.socket) -> None:
    config = Config(
        _APP,
        factory=True,
        workers=settings.workers,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # nothing depends on the caller's address
        timeout_keep_alive=settings.keep_alive_seconds,
        drain_seconds=settings.drain_seconds,
        stop_timeout=settings.stop_timeout,
    )
    serving: Server | Workers
    if settings.workers == 1:
        serving = Server(config)
        serving.run(sockets=[listener])
    else:
        serving = Workers(config, sockets=[listener])
        serving.run()
    if not serving.started:
        raise StartError("the worker did not start; the log says why")


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """Taken before anything else is started: a port in use must not cost a database start.

    Listens at once, since two sockets may be bound to one port as long as neither listens.
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
def _metrics_of_workers(settings: Settings) -> Iterator[None]:
    with ExitStack() as opened:
        try:
            opened.enter_context(shared_folder(settings.workers if settings.metrics else 1))
        except OSError as error:
            raise StartError(
                f"the workers' metrics find no folder to be shared in: {error.strerror}; name one"
                f" with TMPDIR, or say {PREFIX}METRICS=false"
            ) from error
        yield


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


def _tell(line: str, facts: Mapping[str, object], *, for_programs: bool) -> None:
    sys.stdout.write(f"{orjson.dumps(facts).decode() if for_programs else line}\n")
    sys.stdout.flush()


def _announce(host: str, port: int, *, for_programs: bool) -> None:
    """Prints the ready line once a worker answers; in the background, since serving blocks.

    The port is ours, so nobody else can answer; no proxy is asked, whatever the environment says.
    """

    def wait() -> None:
        while not _is_ready(host.strip("[]"), port):
            sleep(0.05)
        url = f"http://{host}:{port}"
        line = f"Twinbase is ready at {url} (docs: {url}/docs)"
        _tell(line, {"ready": url, "docs": f"{url}/docs"}, for_programs=for_programs)
        _LOG.info("ready", url=url)

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
