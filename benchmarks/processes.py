"""Processes as their users start them: a ready line, an address, an end."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.errors import BenchmarkError

_REPOSITORY = Path(__file__).parent.parent
_PATIENCE = 120  # seconds; only what hangs takes them


@dataclass(frozen=True, slots=True)
class Running:
    """``seconds``: how long it took from the start to the ready line."""

    url: str
    pid: int
    seconds: float

    async def resident_megabytes(self) -> float:
        kilobytes = await output_of("ps", "-o", "rss=", "-p", str(self.pid))
        return int(kilobytes) / 1024


@asynccontextmanager
async def running(
    module: str, *arguments: str, variables: Mapping[str, object], log: Path
) -> AsyncIterator[Running]:
    """``python -m module``; its ready line has its address behind the word ``at``.

    Beside its log, so that no ``.env`` of the developer's is read.
    """
    started = perf_counter()
    with log.open("a") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *arguments,
            cwd=log.parent,
            env=_environment(variables),
            stdout=PIPE,
            stderr=errors,
            start_new_session=True,  # Ctrl-C is ours; we end it
        )
    try:
        line = await _first_line(process)
        if not line:
            raise BenchmarkError(f"{module} did not start: {_last_line(log)}")
        url = line.split(" at ")[1].split()[0]
        yield Running(url, process.pid, perf_counter() - started)
    finally:
        await _end(process)


async def output_of(*command: str) -> str:
    """What a command that succeeds prints. Raises BenchmarkError with its last word."""
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
    try:
        printed, complaints = await process.communicate()
    finally:
        await _end(process)
    if process.returncode != 0:
        last = complaints.decode(errors="replace").strip().splitlines()[-1:]
        raise BenchmarkError(f"{command[0]} failed: {' '.join(last) or process.returncode}")
    return printed.decode()


def _environment(variables: Mapping[str, object]) -> dict[str, str]:
    """This process's without the service's settings, with these."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("TWINBASE_")}
    plain["PYTHONPATH"] = str(_REPOSITORY)
    return plain | {name: str(value) for name, value in variables.items()}


async def _first_line(process: Process) -> str:
    if process.stdout is None:
        raise BenchmarkError("a process without an output")
    async with asyncio.timeout(_PATIENCE):
        return (await process.stdout.readline()).decode()


def _last_line(log: Path) -> str:
    return log.read_text(errors="replace").strip().rpartition("\n")[2]


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(_PATIENCE):
            await process.wait()
    except TimeoutError:
        process.kill()
