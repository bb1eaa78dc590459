"""Metrics of real workers behind one port: sums, a killed worker, and a PostgreSQL that has gone."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from repository.roles import SERVICE
from tests.folders import short_folder
from tests.mortal_server import MortalServer, children_of
from tests.scraped import PATH, Scraped, read
from tests.service_process import ServiceProcess, service, until


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder("metrics") as path:
        yield path


def asked(started: ServiceProcess, times: int) -> None:
    """Each on a connection of its own, so that whichever worker takes it."""
    for _ in range(times):
        started.post("list_databases", uid="u1")


def seen_by(started: ServiceProcess) -> Scraped:
    return read(started.get(PATH))


def counted(seen: Scraped) -> float:
    """Requests, however they were answered."""
    return sum(
        seen("requests_total", **labels) or 0
        for labels in seen.labels("requests_total")
        if labels["verb"] == "list_databases"
    )


def workers_of(started: ServiceProcess) -> list[int]:
    """Without the process that cleans up after them."""
    return [
        pid
        for pid in children_of(started.process.pid)
        if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def test_two_workers_are_one_service(folder: Path) -> None:
    server = MortalServer(folder / "server")
    server.start()
    shared = folder / "shared"
    shared.mkdir()
    os.environ["TMPDIR"] = str(shared)
    try:
        settings: dict[str, Any] = {
            "database_url": server.url(SERVICE.name, "twinbase"),
            "admin_url": server.url("postgres", "postgres"),
            "database_connections": 24,
            "connect_timeout": 2,
        }
        with service(folder, workers=2, **settings) as started:
            started.wait_until_ready()
            until(lambda: seen_by(started)("workers") == 2, "both workers tell of themselves")
            whoever_is_asked_tells_of_all(started)
            a_killed_worker_leaves_its_counts(started)
            postgresql_goes_and_comes_back(started, server)
            assert started.end() == 0
        assert list(shared.glob("twinbase-metrics-*")) == []
    finally:
        del os.environ["TMPDIR"]
        server.stop()


def whoever_is_asked_tells_of_all(started: ServiceProcess) -> None:
    asked(started, 60)
    until(lambda: counted(seen_by(started)) == 60, "each worker's requests are told of")
    before = 60.0
    for _ in range(20):  # by either of them, and no less than what was told before
        asked(started, 1)
        now = counted(seen_by(started))
        assert before <= now <= 80
        before = now
    until(lambda: counted(seen_by(started)) == 80, "all are told of")
    seen = seen_by(started)
    assert seen("pool_connections_max", pool="metadata") == 6  # three of each
    assert seen("workers_listening") == 2
    assert seen("database_up") == 1


def a_killed_worker_leaves_its_counts(started: ServiceProcess) -> None:
    os.kill(workers_of(started)[0], signal.SIGKILL)

    def another_is_in_its_place() -> bool:
        seen = seen_by(started)
        is_there = seen("pool_connections_max", pool="metadata") == 6
        return is_there and seen("workers_started_total") == 3

    until(another_is_in_its_place, "another takes its place")
    seen = seen_by(started)
    assert seen("workers") == 2
    assert counted(seen) == 80
    asked(started, 10)
    until(lambda: counted(seen_by(started)) == 90, "what comes after is added")


def postgresql_goes_and_comes_back(started: ServiceProcess, server: MortalServer) -> None:
    server.stop()
    asked(started, 10)

    def it_is_told() -> bool:
        seen = seen_by(started)
        failed = seen("requests_total", verb="list_databases", code="25503")
        is_noticed = seen("workers_listening") == 0 and failed == 10
        if not is_noticed or seen("database_up"):
            return False
        assert seen("installation_read") == 0
        assert seen("migration_state", state="current") is None
        return True

    until(it_is_told, "both workers have noticed, and failed requests are counted")
    server.start()
    until(lambda: seen_by(started)("database_up") == 1, "PostgreSQL is back")
    until(lambda: seen_by(started)("workers_listening") == 2, "both listen again")
    assert counted(seen_by(started)) == 100
