"""The service as a process of its own, forked from one that has imported it: it starts in half a second.

For tests that kill it again and again. ``tests/service_process.py`` starts it as its users do.
"""

import multiprocessing
import os
import signal
import sys
from dataclasses import dataclass, field
from http import HTTPStatus
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from time import monotonic_ns
from typing import Self

import httpx

from api.router import PREFIX
from tests.service_process import PATIENCE, REPOSITORY, Served, environment, until

_LINES_TOLD = 40
_PRELOADED = [
    "__main__",
    "tests.forked_service",
    "service.command_line",
    "service.main",
    "uvicorn.lifespan.on",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl",
]


@dataclass
class ForkedService(Served):
    folder: Path
    settings: dict[str, object]
    _process: ForkServerProcess | None = field(default=None, init=False)
    _number: int = field(default=0, init=False)
    _is_killed: bool = field(default=False, init=False)
    _client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self._client = httpx.Client(timeout=PATIENCE, verify=False)  # noqa: S501 - it speaks HTTP

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        self._client.close()

    def start(self) -> None:
        """Returns when it is ready."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_PRELOADED)
        self._number = monotonic_ns()
        self._is_killed = False
        self._process = context.Process(
            target=_serve, args=(environment({"port": 0, **self.settings}), self._output, self.log)
        )
        self._process.start()
        line = until(self._ready_line, "the service is ready")
        self.url = line.split(" at ")[1].split()[0]

    def post(self, verb: str, **body: object) -> httpx.Response:
        return self._client.post(f"{self.url}{PREFIX}/{verb}", json=body)

    def is_ready(self) -> bool:
        return self._client.get(f"{self.url}/readyz").status_code == HTTPStatus.OK

    @property
    def pid(self) -> int:
        assert self._process is not None
        assert self._process.pid is not None
        return self._process.pid

    def kill(self) -> None:
        """From whichever thread; ``end`` then buries it."""
        self._is_killed = True
        os.kill(self.pid, signal.SIGKILL)

    @property
    def is_alive(self) -> bool:
        return self._process is not None and not self._is_killed and self._process.is_alive()

    @property
    def log(self) -> Path:
        return self.folder / f"errors-{self._number}.log"

    def end(self, number: int = signal.SIGTERM) -> None:
        if self._process is not None:
            if self.is_alive:
                os.kill(self.pid, number)
            self._process.join(PATIENCE)
            assert not self._process.is_alive()
            self._process.close()
            self._process = None

    def told(self) -> str:
        """The end of its log, without the requests."""
        lines = [
            line for line in self.log.read_text().splitlines() if '"event":"request"' not in line
        ]
        return "\n".join(lines[-_LINES_TOLD:])

    @property
    def _output(self) -> Path:
        return self.folder / f"output-{self._number}.log"

    def _ready_line(self) -> str:
        assert self.is_alive, self.log.read_text()
        line = self._output.read_text() if self._output.exists() else ""
        return line if line.endswith("\n") else ""


def _serve(variables: dict[str, str], output: Path, errors: Path) -> None:
    """In the child."""
    os.setsid()
    os.chdir(REPOSITORY)
    os.environ.clear()
    os.environ.update(variables)
    for stream, path in ((sys.stdout, output), (sys.stderr, errors)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), stream.fileno())
    from service.command_line import app  # noqa: PLC0415 - in the process that it is for

    app(["serve"])
