"""The service as its users start it: a process, a port, a ready line, signals."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from api.prefix import PREFIX
from tests.patience import PATIENCE

REPOSITORY = Path(__file__).parent.parent


Found = TypeVar("Found")


def until(condition: Callable[[], Found], what: str) -> Found:
    """What the condition gives as soon as it is true."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.02)
    return found


@dataclass(kw_only=True)
class Served:
    """A service that listens at ``url`` and writes its log to ``errors``."""

    url: str = ""
    errors: Path = Path()

    def client(self, timeout: float = PATIENCE) -> httpx.Client:
        """That reads no certificates: it would take longer than most requests."""
        return httpx.Client(base_url=self.url, timeout=timeout, verify=False)  # noqa: S501 - it speaks HTTP

    def get(self, path: str) -> httpx.Response:
        with self.client() as client:
            return client.get(path)

    def post(self, verb: str, /, **body: object) -> httpx.Response:
        """On a connection of its own."""
        with self.client() as client:
            return client.post(f"{PREFIX}/{verb}", json=body)

    def done(self, verb: str, /, **body: object) -> Any:
        envelope = self.post(verb, **body).json()
        assert envelope["code"] == 0, envelope
        return envelope.get("data")

    def events(self, name: str) -> list[dict[str, Any]]:
        """The log's events of this name so far."""
        lines = self.errors.read_text().splitlines()
        events = [json.loads(line) for line in lines if line.startswith("{")]
        return [event for event in events if event.get("event") == name]


@dataclass(kw_only=True)
class ServiceProcess(Served):
    process: subprocess.Popen[str]

    def wait_until_ready(self) -> str:
        """The ready line."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"ended with {self.process.wait()}: {self.errors.read_text()}"
        self.url = line.split(" at ")[1].split()[0]
        return line

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "service", *arguments]


def environment(settings: Mapping[str, object]) -> dict[str, str]:
    """This process's environment without its own settings, with these."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("TWINBASE_")}
    return plain | {f"TWINBASE_{name.upper()}": str(value) for name, value in settings.items()}


@contextmanager
def service(folder: Path, *, proxies: str = "", **settings: object) -> Iterator[ServiceProcess]:
    """Started on a free port; ended, if it still runs, when the block is left."""
    proxied = {"http_proxy": proxies, "HTTP_PROXY": proxies} if proxies else {}
    folder.mkdir(parents=True, exist_ok=True)
    errors = folder / f"errors-{time.monotonic_ns()}.log"
    with errors.open("w") as log:
        process = subprocess.Popen(
            command("serve"),
            cwd=REPOSITORY,
            env=environment({"port": 0, **settings}) | proxied,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    started = ServiceProcess(process=process, errors=errors)
    try:
        yield started
    finally:
        if process.poll() is None:
            started.end()
        assert process.stdout is not None
        process.stdout.close()


def run(*arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    return subprocess.run(
        command(*arguments),
        cwd=REPOSITORY,
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
