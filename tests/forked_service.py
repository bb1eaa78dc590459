"""The program as a process of its own, forked from one that has imported it: it starts in no time.

For tests that start it again and again. ``tests/service_process.py`` starts it as its users do.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic_ns
from typing import Self

import httpx

from api.prefix import PREFIX
from tests.patience import PATIENCE
from tests.service_process import REPOSITORY, Served, command, environment, until

_LINES_TOLD = 40
_PRELOADED = [
    "__main__",
    "tests.forked_service",
    "service.command_line",
    *(f"service.commands.{file.stem}" for file in (REPOSITORY / "service/commands").glob("[a-z]*")),
    "service.main",
    "uvicorn.lifespan.on",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl",
]


@dataclass
class ForkedService(Served):
    folder: Path
    settings: Mapping[str, object]
    _process: ForkServerProcess | None = field(default=None, init=False)
    _output: Path = field(init=False)
    _is_killed: bool = field(default=False, init=False)
    _client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self._client = self.client()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        self._client.close()

    def start(self) -> None:
        """Returns when it is ready."""
        number = monotonic_ns()
        self.errors = self.folder / f"errors-{number}.log"
        self._output = self.folder / f"output-{number}.log"
        self._is_killed = False
        variables = environment({"port": 0, **self.settings})
        self._process = _forked(["serve"], variables, self._output, self.errors)
        line = until(self._ready_line, "the service is ready")
        self.url = line.split(" at ")[1].split()[0]

    def post(self, verb: str, /, **body: object) -> httpx.Response:
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

    def end(self, number: int = signal.SIGTERM) -> int | None:
        """The exit code, where it had not been ended before."""
        if self._process is None:
            return None
        if self.is_alive:
            os.kill(self.pid, number)
        code = _ended(self._process)
        self._process = None
        return code

    def told(self) -> str:
        """The end of its log, without the requests."""
        lines = [
            line for line in self.errors.read_text().splitlines() if '"event":"request"' not in line
        ]
        return "\n".join(lines[-_LINES_TOLD:])

    def _ready_line(self) -> str:
        assert self.is_alive, self.errors.read_text()
        line = self._output.read_text() if self._output.exists() else ""
        return line if line.endswith("\n") else ""


def forked_run(*arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    with TemporaryDirectory(prefix="twinbase-command-") as folder:
        output, errors = Path(folder, "output"), Path(folder, "errors")
        code = _ended(_forked(list(arguments), environment(settings), output, errors))
        told = output.read_text(), errors.read_text()
    return subprocess.CompletedProcess(command(*arguments), code, *told)


def _forked(
    arguments: list[str], variables: dict[str, str], output: Path, errors: Path
) -> ForkServerProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    process = context.Process(target=_execute, args=(arguments, variables, output, errors))
    process.start()
    return process


def _ended(process: ForkServerProcess) -> int:
    process.join(PATIENCE)
    assert not process.is_alive()
    code = process.exitcode
    assert code is not None
    process.close()
    return code


def _execute(arguments: list[str], variables: dict[str, str], output: Path, errors: Path) -> None:
    """In the child."""
    os.setsid()
    os.chdir(REPOSITORY)
    os.environ.clear()
    os.environ.update(variables)
    for stream, path in ((sys.stdout, output), (sys.stderr, errors)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), stream.fileno())
    from service.command_line import program  # noqa: PLC0415 - in the process that it is for

    program()(arguments, prog_name="twinbase")
