"""What costs time and memory is loaded where it is needed."""

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


def told_by(program: str) -> list[str]:
    """In an interpreter of its own."""
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, env={}, capture_output=True, check=True
    )
    return told.stdout.decode().splitlines()


def test_without_a_collector_opentelemetrys_sdk_is_not_loaded() -> None:
    """It takes 0.2 seconds and 7 MB. Only its interface is, which pgqueuer loads in any case."""
    loads = (
        "import asyncio, sys, service.main\n"
        "from service.observing import observing\n"
        "from service.settings import Settings\n"
        "from service.telemetry.metrics import Metrics\n"
        "async def loaded(**chosen):\n"
        "    async with observing(Settings(_env_file=None, **chosen), Metrics()) as seen:\n"
        "        print(seen.tracing is not None, 'opentelemetry.sdk' in sys.modules)\n"
        "asyncio.run(loaded())\n"
        "asyncio.run(loaded(otlp_endpoint='http://127.0.0.1:9'))\n"
    )
    assert told_by(loads) == ["False False", "True True"]


@pytest.mark.parametrize("words", [["--version"], ["health", "--help"], ["env", "--help"]])
def test_a_command_loads_no_others_code(words: list[str]) -> None:
    """Of all together there is more than a second of it."""
    loads = (
        "import sys\n"
        "from service.command_line import main\n"
        f"sys.argv[1:] = {words}\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    print(sorted({'alembic', 'asyncpg', 'fastapi', 'postgast'} & sys.modules.keys()))\n"
    )
    assert told_by(loads)[-1] == "[]"
