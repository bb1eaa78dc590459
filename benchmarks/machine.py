"""Where figures come from, which goes into the file beside them."""

import os
import platform
import subprocess
from pathlib import Path

from service.embedded_server.programs import binaries

_PROCESSORS = Path("/proc/cpuinfo")


def facts() -> dict[str, object]:
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "postgresql": _says(str(binaries() / "postgres"), "--version"),
        "wrk": _says("wrk", "--version"),
    }


def load_average() -> float:
    """Of the last minute: what else the machine had to do, and the benchmark itself."""
    return round(os.getloadavg()[0], 2)


def _processor() -> str:
    if _PROCESSORS.exists():
        for line in _PROCESSORS.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(": ")[2]
    return platform.processor()


def _says(*command: str) -> str | None:
    """A program's first line, whatever it ends with; None where it is not installed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- our own words
    except OSError:
        return None
    return (done.stdout or done.stderr).partition("\n")[0].partition(" Copyright")[0]
