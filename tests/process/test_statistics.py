"""Figures of real workers: what a stop, a kill and an absent PostgreSQL leave of them."""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from repository.roles import SERVICE
from tests.folders import short_folder
from tests.forked_service import ForkedService, forked_run
from tests.mortal_server import MortalServer
from tests.service_process import Served, service, until

MOST_LOST = 3.0  # seconds


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder("figures") as path:
        yield path


def asked(started: Served, *, unknown: bool = False) -> int:
    """One request, on a connection of its own, so that whichever worker takes it; its code."""
    verb, body = ("no_verb", {}) if unknown else ("list_databases", {"uid": "u1"})
    code: int = started.post(verb, **body).json()["code"]
    return code


async def counted(admin: asyncpg.Connection, span: int) -> dict[tuple[str, int], int]:
    rows = await admin.fetch(
        "SELECT verb, code, sum(requests)::int FROM twinbase.request_statistics"
        " WHERE span = $1 GROUP BY verb, code",
        span,
    )
    return {(verb, code): requests for verb, code, requests in rows}


async def test_workers_that_are_stopped_have_counted_all(
    folder: Path, direct_url: str, admin: asyncpg.Connection
) -> None:
    settings: Mapping[str, Any] = {"database_url": direct_url, "database_connections": 24}
    with service(folder, workers=2, **settings) as started:
        started.wait_until_ready()
        for number in range(200):
            assert asked(started, unknown=number % 4 == 0) in {0, 25001}
        started.end()
    expected = {("unknown", 25001): 50, ("list_databases", 0): 150}
    for span in (60, 3600):
        assert await counted(admin, span) == expected
    assert await admin.fetchval("SELECT count(*) FROM twinbase.statistics_writer") == 2


async def test_a_killed_worker_loses_the_last_seconds_at_most(
    folder: Path, direct_url: str, admin: asyncpg.Connection
) -> None:
    settings = {"database_url": direct_url, "database_connections": 12}
    with ForkedService(folder=folder, settings=settings) as started:
        sent = []
        until_then = time.monotonic() + 6
        while time.monotonic() < until_then:
            assert asked(started) == 0
            sent.append(time.monotonic())
        started.kill()
        killed = time.monotonic()
    lasting = sum(at < killed - MOST_LOST for at in sent)
    assert lasting > 0
    for span in (60, 3600):
        found = (await counted(admin, span))["list_databases", 0]
        assert lasting <= found <= len(sent)


def test_nothing_is_lost_while_postgresql_is_away(folder: Path) -> None:
    """Nor counted twice; what was answered meanwhile is counted when it is back."""
    server = MortalServer(folder / "server")
    server.start()
    try:
        settings = {
            "database_url": server.url(SERVICE.name, "twinbase"),
            "admin_url": server.url("postgres", "postgres"),
            "database_connections": 12,
            "connect_timeout": 2,
        }
        with ForkedService(folder=folder, settings=settings) as started:
            codes = Counter(asked(started) for _ in range(20))
            server.stop()
            for _ in range(3):
                codes.update(asked(started) for _ in range(10))
                time.sleep(1.5)  # a write is tried in between
            codes.update(asked(started, unknown=True) for _ in range(7))
            server.start()
            until(started.is_ready, "the service is ready")
            codes.update(asked(started) for _ in range(20))
            told = started.done("get_statistics")["totals"]
            assert started.events("tally_not_written")
        assert codes == {0: 40, 25503: 30, 25001: 7}
        assert (told["requests"], told["successes"]) == (77, 40)
        assert {each["code"]: each["requests"] for each in told["failures"]} == {
            25503: 30,
            25001: 7,
        }
    finally:
        server.stop()


def test_the_command_tells_what_the_verb_tells(folder: Path, direct_url: str) -> None:
    settings: dict[str, Any] = {"database_url": direct_url, "database_connections": 12}
    with ForkedService(folder=folder, settings=settings) as started:
        for number in range(10):
            asked(started, unknown=number % 5 == 0)
        now = started.done("get_statistics")
        period = {"from": now["from"], "to": now["to"]}
        told = started.done("get_statistics", **period, step=86_400, verb="list_databases")
        options = ("--from", period["from"], "--to", period["to"], "--step", "day")
        ended = forked_run("statistics", *options, "--verb", "list_databases", "--json", **settings)
        assert ended.returncode == 0, ended.stderr
        assert json.loads(ended.stdout) == told
        assert told["totals"]["requests"] == 8
        shown = forked_run("statistics", *options, "--platform", "default", **settings)
        lines = shown.stdout.splitlines()
        assert lines[0] == f"{period['from']} – {period['to']}"
        assert any(line.split()[:3] == ["list_databases", "8", "1.0"] for line in lines)
        empty = forked_run("statistics", "--verb", "exec_ddl", **settings)
        assert empty.stdout.splitlines()[-1] == "Nothing found."
        for wrong, said in {
            ("--step", "0"): "twinbase: step: must be minute, hour, day, or whole minutes",
            ("--from", "2026-11-22"): "twinbase: from: input should have timezone info",
            ("--verb", "no_verb"): "twinbase: verb: is no verb of this service",
            ("--platform", "nobody"): "twinbase: There is no such platform.",
        }.items():
            refused = forked_run("statistics", *wrong, **settings)
            assert refused.returncode == 1
            assert refused.stderr.splitlines()[-1].startswith(said)
