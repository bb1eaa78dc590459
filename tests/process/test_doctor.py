"""``doctor`` as a command, beside a running service and without one."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from service.embedded_server import EmbeddedServer, embedded_server
from tests.folders import short_folder
from tests.forked_service import ForkedService, forked_run
from tests.service_process import run, until

UNKNOWN = "CREATE SCHEMA test_7 AUTHORIZATION twinbase_owner"
ABANDONED = "UPDATE twinbase.database_meta SET status = 'cloning'"


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder("doctor") as path:
        yield path


def by_hand(server: EmbeddedServer, statement: str) -> None:
    """As an administrator."""

    async def execute() -> None:
        url = server.dsn(user=server.superuser, database="twinbase")
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(execute())


def test_it_tells_and_the_service_mends(folder: Path) -> None:
    data_dir = folder / "data"
    settings = {"data_dir": data_dir}
    with embedded_server(data_dir) as server:
        with ForkedService(folder=folder, settings=settings) as started:
            made = started.done("create_database", uid="u1", database_name="d")
            healthy = run("doctor", data_dir=data_dir)
            assert (healthy.returncode, healthy.stdout) == (0, "Nothing found.\n")
            by_hand(server, UNKNOWN)
            ill = forked_run("doctor", data_dir=data_dir)
            assert ill.returncode == 1
            heading, finding = ill.stdout.splitlines()
            assert heading.split() == ["KIND", "WHAT", "SINCE", "MENDED"]
            assert finding.split("  ")[0] == "unknown_schema"
            assert "schema test_7 is of no database" in finding
            assert finding.endswith("by you")
        by_hand(server, ABANDONED)

    ended = forked_run("doctor", "--json", data_dir=data_dir)  # and starts the server for it
    assert ended.returncode == 1
    unknown, abandoned = json.loads(ended.stdout)["findings"]
    assert unknown == {
        "kind": "unknown_schema",
        "what": "schema test_7 is of no database",
        "subject": "test_7",
        "database_id": None,
        "operation_id": None,
        "since": None,
        "mended": False,
    }
    assert (abandoned["kind"], abandoned["mended"]) == ("abandoned_clone", True)
    assert abandoned["database_id"] == made["database_id"]
    assert abandoned["since"] is not None

    with ForkedService(folder=folder, settings=settings) as again:
        (mended,) = until(lambda: again.events("mended"), "it was mended")
        assert mended["what"] == abandoned["what"]
        (told,) = until(lambda: again.events("inconsistent"), "it was told")
        assert told["what"] == unknown["what"]
        assert again.done("list_databases", uid="u1")["databases"] == []
        left = json.loads(forked_run("doctor", "--json", data_dir=data_dir).stdout)
        assert left["findings"] == [unknown]


def test_where_it_cannot_look_it_says_why(folder: Path) -> None:
    unreachable = forked_run(
        "doctor", database_url="postgresql://twinbase_service@127.0.0.1:1/twinbase"
    )
    assert (unreachable.returncode, unreachable.stdout) == (2, "")
    assert unreachable.stderr.startswith("twinbase: PostgreSQL refuses: ")
    fresh = forked_run("doctor", data_dir=folder / "data", log_level="error")
    assert (fresh.returncode, fresh.stdout) == (2, "")
    (line,) = fresh.stderr.splitlines()
    assert line.startswith("twinbase: schema twinbase is at nothing, this code at ")
