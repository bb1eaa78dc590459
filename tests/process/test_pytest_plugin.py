"""The fixtures of service.pytest_plugin, as somebody uses them who tests an agent."""

import os
import subprocess
import sys
from pathlib import Path

from tests.pages import python_of

TESTS = """
import json
import urllib.request

from domain.schema import Environment


async def make(core):
    made = await core.create_database("ann", "shop")
    await core.exec_ddl("ann", made.id, "CREATE TABLE items (name TEXT)")
    return made.id


async def test_verbs(twinbase):
    made = await make(twinbase)
    await twinbase.exec_dml("ann", "app", made, "INSERT INTO items VALUES ('a')", Environment.PROD)
    assert len((await twinbase.list_databases("ann")).databases) == 1


async def test_nothing_is_left_of_another_test(twinbase):
    assert (await twinbase.list_databases("ann")).databases == ()
    await make(twinbase)


async def test_core_and_client_are_of_one_database(twinbase, twinbase_client):
    made = await make(twinbase)
    answer = await twinbase_client.post("list_databases", json={"uid": "ann"})
    assert [each["database_id"] for each in answer.json()["data"]["databases"]] == [made]


def test_over_http(twinbase_url):
    body = json.dumps({"uid": "ann", "database_name": "shop"}).encode()
    request = urllib.request.Request(
        f"{twinbase_url}/create_database", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["code"] == 0
"""


def test_fixtures(tmp_path: Path) -> None:
    """On an embedded server, which two workers share, and of which nothing is left.

    A service's settings beside them are not theirs: they would reach for its PostgreSQL.
    """
    (tmp_path / "test_agent.py").write_text(TESTS)
    (tmp_path / "test_page.py").write_text(python_of("scripts.md")[1])
    (tmp_path / ".env").write_text("TWINBASE_DIRECT_URL=postgresql://service@127.0.0.1:1/real\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\n")
    folder = tmp_path / "folder"
    folder.mkdir()
    plugins = ("pytest_asyncio.plugin", "xdist.plugin", "service.pytest_plugin")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider"]
        + [word for plugin in plugins for word in ("-p", plugin)],
        cwd=tmp_path,
        env={
            **{name: value for name, value in os.environ.items() if "TWINBASE" not in name},
            "TWINBASE_AUTH": "keys",
            "TWINBASE_ADMIN_URL": "postgresql://postgres@127.0.0.1:1/postgres",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": str(Path.cwd()),
            "TMPDIR": str(folder),
        },
        check=False,
        capture_output=True,
        text=True,
    )
    assert "6 passed" in ran.stdout, ran.stdout + ran.stderr
    assert not list(folder.glob("twinbase-*"))
