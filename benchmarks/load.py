"""Load from outside Python: wrk posts bodies through so many connections."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import randrange
from urllib.parse import urlsplit

import orjson

from benchmarks.errors import BenchmarkError
from benchmarks.http_connection import http_connection
from benchmarks.processes import output_of

_SCRIPT = Path(__file__).with_name("load.lua")
_LONGEST_ANSWER = 30  # seconds
_PAUSE = 0.2  # seconds
_PROBLEMS = ("refused", "status", "connect", "read", "write", "timeout")

HOW_TO_GET_IT = (
    "wrk, the load generator, is not installed: apt-get install wrk (Debian, Ubuntu), "
    "brew install wrk (macOS), or https://github.com/wg/wrk"
)


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """``p50`` and ``p99`` in milliseconds; ``answer_bytes`` with the headers."""

    per_second: float
    p50: float
    p99: float
    answer_bytes: float
    errors: int


@dataclass(frozen=True, slots=True)
class Load:
    """Bodies for one address, which every load sends from a random one on."""

    url: str
    bodies: Path

    async def run(self, *, connections: int, seconds: float, check: bool = False) -> LoadFigures:
        bodies = self.bodies.read_bytes().splitlines()
        await self._settle(bodies[0])
        command = (
            _wrk(),
            "--threads=1",
            f"--connections={connections}",
            f"--duration={max(1, round(seconds))}s",
            f"--timeout={_LONGEST_ANSWER}s",
            f"--script={_SCRIPT}",
            self.url,
            "--",
            str(self.bodies),
            str(randrange(len(bodies))),  # noqa: S311 -- no secret
        )
        return figures_in(await output_of(*command, *(["check"] if check else [])))

    def runs(self, *, connections: int, seconds: float) -> Callable[[], Awaitable[LoadFigures]]:
        return partial(self.run, connections=connections, seconds=seconds)

    async def warm_up(self, *, connections: int, seconds: float) -> None:
        """Every answer is looked at: a load of refusals measures nothing."""
        found = await self.run(connections=connections, seconds=seconds, check=True)
        if found.errors:
            raise BenchmarkError(f"{found.errors} answers of the warm-up of {self.url} failed")

    async def _settle(self, body: bytes) -> None:
        """One answer waits for all that a load before left unanswered; raises Refused."""
        async with http_connection(self.url) as connection:
            await connection.data(urlsplit(self.url).path, orjson.loads(body))
        await asyncio.sleep(_PAUSE)


def load_of(url: str, bodies: Sequence[dict[str, object]], file: Path) -> Load:
    file.write_bytes(b"\n".join(orjson.dumps(body) for body in bodies) + b"\n")
    file.chmod(0o644)
    return Load(url, file)


def figures_in(output: str) -> LoadFigures:
    """The script's line, behind what wrk itself prints."""
    line = output.strip().rpartition("\n")[2]
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BenchmarkError(f"wrk printed no figures: {line}") from error
    if not found["requests"]:
        raise BenchmarkError("nothing was answered while wrk ran")
    return LoadFigures(
        per_second=found["requests"] / found["microseconds"] * 1e6,
        p50=found["p50"] / 1000,
        p99=found["p99"] / 1000,
        answer_bytes=found["bytes"] / found["requests"],
        errors=sum(found[problem] for problem in _PROBLEMS),
    )


def is_installed() -> bool:
    return shutil.which("wrk") is not None


def _wrk() -> str:
    found = shutil.which("wrk")
    if found is None:
        raise BenchmarkError(HOW_TO_GET_IT)
    return found
