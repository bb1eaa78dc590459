"""Spans of real workers: what a stop leaves of them, and what a collector that hangs costs it."""

import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.collector import collecting
from tests.folders import short_folder
from tests.patience import PATIENCE
from tests.service_process import REPOSITORY, service


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder("traces") as path:
        yield path


def test_workers_that_are_stopped_have_sent_all(
    folder: Path, direct_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "of-this-test")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20collectors")
    of_database: Mapping[str, Any] = {"database_url": direct_url, "database_connections": 24}
    with collecting() as collector:
        with service(folder, workers=2, otlp_endpoint=collector.endpoint, **of_database) as started:
            started.wait_until_ready()
            for _ in range(40):
                started.done("list_databases", uid="u1")
            started.end()
        assert len(collector.named("list_databases")) == 40
    assert {resource["service.name"] for resource in collector.resources} == {"of-this-test"}
    assert {headers["authorization"] for headers in collector.headers} == {"Bearer collectors"}
    assert started.events("traces_not_sent") == []


def test_a_collector_that_hangs_holds_up_no_stop() -> None:
    """It takes connections, and never answers; one answer may take a thousand seconds."""
    runs = (
        "import asyncio, sys\n"
        "from service.telemetry.otlp import tracing\n"
        "async def run():\n"
        "    async with tracing(sys.argv[1]) as traces:\n"
        "        traces.begin_request('a', None, {}).end(200, {})\n"
        "asyncio.run(run())\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        endpoint = f"http://127.0.0.1:{hanging.getsockname()[1]}"
        ended = subprocess.run(
            [sys.executable, "-c", runs, endpoint],
            cwd=REPOSITORY,
            env={"OTEL_EXPORTER_OTLP_TIMEOUT": "1000"},
            timeout=PATIENCE,
            capture_output=True,
            check=True,
        )
        hanging.settimeout(PATIENCE)
        hanging.accept()[0].close()  # it was asked
    assert ended.stderr == b""
