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
            asked_how_it_is(started, data_dir)
            by_hand(server, UNKNOWN)
            ill = forked_run("doctor", data_dir=data_dir)
            assert ill.returncode == 1
            heading, finding = ill.stdout.splitlines()
            assert heading.split() == ["KIND", "SEVERITY", "WHAT", "SINCE", "MENDED"]
            assert finding.split("  ")[0] == "unknown_schema"
            assert "schema test_7 is of no database" in finding
            assert finding.endswith("by you")
        by_hand(server, ABANDONED)

    ended = forked_run("doctor", "--json", data_dir=data_dir)  # and starts the server for it
    assert ended.returncode == 1
    unknown, abandoned = json.loads(ended.stdout)["findings"]
    assert unknown == {
        "kind": "unknown_schema",
        "severity": "error",
        "what": "schema test_7 is of no database",
        "subject": "test_7",
        "detail": None,
        "database_id": None,
        "operation_id": None,
        "since": None,
        "mended_by": "you",
        "remedy": None,
        "reason": None,
    }
    assert (abandoned["kind"], abandoned["mended_by"]) == ("abandoned_clone", "the service")
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


def asked_how_it_is(started: ForkedService, data_dir: Path) -> None:
    """By the command, as a person at the machine would."""
    well = forked_run("health", "--url", started.url, "--json")
    told = json.loads(well.stdout)
    assert (well.returncode, told["ready"], told["refused"]) == (0, True, None)
    disk = [each for each in told["parts"] if each["part"] == "disk"]
    assert disk[0]["facts"]["total_bytes"] > 0
    port = started.url.rpartition(":")[2]
    for_people = forked_run("health", port=port)
    assert for_people.stdout.startswith("ready\nstatus: ")
    assert "turns statements" in for_people.stdout
    nobody = forked_run("health", "--url", "http://127.0.0.1:1")
    assert (nobody.returncode, nobody.stdout) == (2, "")
    assert "nothing answers as a service at http://127.0.0.1:1" in nobody.stderr


def test_it_mends_what_is_safe_and_tells_the_rest(folder: Path) -> None:
    """Of what a start with an administrator would have mended before anybody had seen it."""
    data_dir = folder / "data"
    with embedded_server(data_dir) as server:
        with ForkedService(folder=folder, settings={"data_dir": data_dir}) as started:
            made = started.done("create_database", uid="u1", database_name="d")["database_id"]
            started.done("exec_ddl", uid="u1", database_id=made, ddl="CREATE TABLE t (n integer)")
        by_hand(server, f"DROP POLICY twinbase_rows ON prod_{made}.t")
        by_hand(server, "ALTER ROLE twinbase_dml BYPASSRLS")
        by_hand(server, f"CREATE POLICY mine ON prod_{made}.t USING (true)")
        seen = json.loads(forked_run("doctor", "--json", data_dir=data_dir).stdout)["findings"]
        assert [each["kind"] for each in seen] == ["shortcoming", "wrong_policy", "extra_policy"]
        fixed = forked_run("doctor", "--fix", data_dir=data_dir)
        assert fixed.returncode == 1
        assert "mended: isolation does not hold" in fixed.stdout
        assert f"mended: table prod_{made}.t: no policy twinbase_rows" in fixed.stdout
        remedy = f'DROP POLICY "mine" ON prod_{made}.t'
        assert f"{remedy};" in fixed.stdout
        by_hand(server, remedy)
        healthy = forked_run("doctor", "--fix", "--json", data_dir=data_dir)
        assert healthy.returncode == 0
        told = json.loads(healthy.stdout)
        assert (told["findings"], told["mended"]) == ([], [])
        assert (told["examined"]["databases"], told["examined"]["tables"]) == (1, 2)


def test_where_it_cannot_look_it_says_why(folder: Path) -> None:
    unreachable = forked_run(
        "doctor", database_url="postgresql://twinbase_service@127.0.0.1:1/twinbase"
    )
    assert (unreachable.returncode, unreachable.stdout) == (2, "")
    said = "twinbase: TWINBASE_DATABASE_URL: PostgreSQL does not answer at 127.0.0.1 port 1: "
    assert unreachable.stderr.startswith(said)
    fresh = forked_run("doctor", data_dir=folder / "data", log_level="error")
    assert (fresh.returncode, fresh.stdout) == (2, "")
    (line,) = fresh.stderr.splitlines()
    assert line.startswith("twinbase: schema twinbase is at nothing, this code at ")
