"""The processes that serve, uvicorn's; and how they stop: drain, finish, cancel, close."""

import asyncio
import os
import signal
import socket
import threading
from time import monotonic
from typing import Any

import structlog
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from domain.stopping import Stopping

_LOG = structlog.get_logger()
CLOSING = 15.0  # seconds for handing over operations and for closing pools
_TICK = 0.1  # seconds; uvicorn's own
_NOT_CLOSED = 70  # exit code of a worker that had to be ended


class Config(uvicorn.Config):
    """``drain_seconds``: requests are served that long after the stop was asked for."""

    def __init__(
        self, app: str, *, drain_seconds: float, stop_timeout: int, **options: Any
    ) -> None:
        super().__init__(app, timeout_graceful_shutdown=stop_timeout, **options)
        self.drain_seconds = drain_seconds
        self.longest_stop = stop_timeout + CLOSING


class Server(uvicorn.Server):
    """A worker."""

    config: Config

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        _LOG.info("stopping")
        await self._drain()
        last_resort = threading.Timer(self.config.longest_stop, _give_up)
        last_resort.daemon = True
        last_resort.start()
        await super().shutdown(sockets)
        last_resort.cancel()

    async def _drain(self) -> None:
        """Serves on, says that it stops, and ends each connection with its next answer."""
        stopping: Stopping = self.lifespan.state["stopping"]
        stopping.is_asked = True
        end = monotonic() + self.config.drain_seconds
        if self.config.drain_seconds:
            _LOG.info("draining", seconds=self.config.drain_seconds)
            self.config.encoded_headers.append((b"connection", b"close"))
        while monotonic() < end and not self.force_exit:
            await self.on_tick(0)  # which brings the headers up to date
            await asyncio.sleep(_TICK)


def _give_up() -> None:
    """PostgreSQL that neither answers nor hangs up must not keep the process for ever."""
    _LOG.error("not_closed_in_time", seconds=CLOSING)
    os._exit(_NOT_CLOSED)


class _Worker(Process):
    """In the parent, and in the process itself."""

    config: Config

    def always_pong(self) -> None:
        """As long as the parent lives. A worker without one would keep the port for ever, and
        nobody could stop it.
        """
        self.parent_conn.close()  # the parent's end: what is left of it here would hide its death
        try:
            super().always_pong()
        except (EOFError, OSError):
            if not self.server.should_exit:
                _LOG.error("parent_died")
                os.kill(os.getpid(), signal.SIGTERM)

    @property
    def server(self) -> Server:
        if not isinstance(self._server, Server):
            self._server = Server(self.config)
        return self._server


class Workers(Multiprocess):
    """uvicorn's, with servers that drain.

    A closed terminal ends it. Its workers are never restarted one by one: all of them have the
    settings and the code that the parent was started with.
    """

    config: Config

    def __init__(self, config: Config, sockets: list[socket.socket]) -> None:
        super().__init__(config, sockets)
        self.started = True
        """False: a worker could not even start."""

    def init_processes(self) -> None:
        self.processes.extend(self._new_worker() for _ in range(self.processes_num))

    def keep_subprocess_alive(self) -> None:
        for position, worker in enumerate(self.processes):
            if worker.is_alive(self.config.timeout_worker_healthcheck):
                continue
            worker.kill()  # it hangs
            worker.join()
            if worker.exitcode == STARTUP_FAILURE:
                self.started = False
                self.should_exit.set()
                return
            _LOG.error("worker_died", process=worker.pid, exit_code=worker.exitcode)
            self.processes[position] = self._new_worker()

    def terminate_all(self) -> None:
        super().terminate_all()
        # Each worker has the listener, too. If the parent kept it, clients would still be let in
        # when the last worker has gone, and nobody would answer them.
        for listener in self.sockets:
            listener.close()

    def handle_hup(self) -> None:
        self.handle_term()

    def handle_ttin(self) -> None:
        """The number of workers is a setting: connections are shared out by it."""

    def handle_ttou(self) -> None:
        """As above."""

    def _new_worker(self) -> Process:
        worker = _Worker(self.config, self.sockets)
        worker.start()
        return worker
