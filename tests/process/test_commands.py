"""The commands about databases, SQL, operations, settings and the whole, as an operator types them."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from typer.main import get_command

from docs.commands_page import leaves
from service.command_line import program
from service.commands.tables import as_table
from service.embedded_server import embedded_server
from service.version import VERSION
from tests.folders import short_folder
from tests.forked_service import ForkedService, forked_run
from tests.service_process import REPOSITORY, command, environment

SCRIPT = """\
-- what a shop needs
CREATE TABLE items (name TEXT NOT NULL, price NUMERIC(10,2));
INSERT INTO items (name, price) VALUES (:name, 1.10);
SELECT name, price FROM items ORDER BY id
"""


class Commands:
    """``json``: what a command that succeeds tells a program."""

    def __init__(self, **settings: object) -> None:
        self.settings = settings

    def run(self, *arguments: object) -> tuple[int, str, str]:
        ended = forked_run(*map(str, arguments), **self.settings)
        return ended.returncode, ended.stdout, ended.stderr

    def json(self, *arguments: object) -> Any:
        code, told, errors = self.run(*arguments, "--json")
        assert (code, errors) == (0, ""), (arguments, errors)
        return json.loads(told)

    def refused(self, *arguments: object) -> tuple[int, Any]:
        """The exit code, and the error as a program is told it."""
        code, told, errors = self.run(*arguments, "--json")
        assert (code != 0, told) == (True, "")
        return code, json.loads(errors)["error"]


@pytest.fixture
def commands(direct_url: str) -> Commands:
    return Commands(database_url=direct_url, database_connections=12)


def test_a_database_from_its_creation_to_its_end(commands: Commands, tmp_path: Path) -> None:
    script = tmp_path / "shop.sql"
    script.write_text(SCRIPT)
    made = commands.json("databases", "create", "shop", "--uid", "ann", "--description", "of Ann")
    shop = made["database_id"]
    code, told, errors = commands.run("sql", shop, "-f", script, "--param", "name=pen", "--json")
    assert code == 0, errors
    ddl, inserted, selected = map(json.loads, told.splitlines())
    assert (ddl, inserted["affected_rows"]) == ({"kind": "DDL", "line": 2}, 1)
    assert (selected["columns"], selected["rows"]) == (["name", "price"], [["pen", 1.10]])
    assert '"pen",1.10' in told  # as exact as it is
    code, told, _ = commands.run("sql", shop, "-c", "SELECT 1 AS a, 2 AS a")
    assert told.split() == ["A", "A", "1", "2", "SELECT", "1"]
    code, told, _ = commands.run("sql", shop, "-c", "SELECT name, price FROM items")
    assert told.split() == ["NAME", "PRICE", "pen", "1.10", "SELECT", "1"]

    cloned = commands.json("databases", "clone", shop, "shop-copy", "--environment", "test")
    copy = cloned["database_id"]
    assert (cloned["status"], cloned["report"]["rows"]) == ("succeeded", 1)
    listed = commands.json("databases", "list", "--name", "SHOP")
    assert [each["database_id"] for each in listed] == [copy, shop]
    assert commands.json("databases", "list", "--uid", "bob") == []
    shown = commands.json("databases", "show", copy)
    assert shown["database_name"] == "shop-copy"
    tables = {each["environment"]: len(each["tables"]) for each in shown["schemas"]}
    assert tables == {"prod": 0, "test": 1}

    (operation,) = commands.json("operations", "list", "--database-id", copy)
    assert commands.json("operations", "show", cloned["operation_id"]) == operation
    watched = commands.json("operations", "watch", cloned["operation_id"])
    assert watched == operation
    code, error = commands.refused("operations", "cancel", cloned["operation_id"])
    assert (code, error["code"]) == (1, 25061)

    for database_id in (shop, copy):
        commands.json("databases", "drop", database_id, "--yes")
    assert commands.json("databases", "list") == []
    audited = commands.json("audit", "list", "--database-id", shop)
    assert {each["verb"] for each in audited} == {
        "create_database",
        "exec_ddl",
        "clone_database",
        "drop_database",
    }
    assert {each["app_id"].partition(":")[0] for each in audited} == {"command-line"}


def test_errors_lead_somewhere(commands: Commands) -> None:
    shop = commands.json("databases", "create", "shop", "--uid", "ann")["database_id"]
    assert commands.refused("databases", "show", 7) == (
        1,
        {"code": 25013, "message": "There is no such database for this uid and space."},
    )
    code, error = commands.refused("databases", "create", "no space", "--uid", "ann")
    assert (code, error["code"]) == (1, 25000)
    code, error = commands.refused("sql", shop, "-c", "SELECT 1;\nSELEC 1")
    assert (code, error["code"]) == (1, 25030)
    assert "line 2" in error["message"]
    # What has failed does not go on.
    _, error = commands.refused("databases", "clone", shop, "shop2", "--table", "nope")
    assert error["code"] == 25016
    # What comes before a part that fails is kept, what comes after is not run.
    script = "CREATE TABLE t (a INT);\nINSERT INTO nowhere VALUES (1);\nCREATE TABLE u (a INT)"
    code, told, errors = commands.run("sql", shop, "-c", script)
    assert (code, told) == (1, "DDL: done\n")
    assert "nowhere" in errors
    assert "from line 2 on" in errors
    tables = commands.json("databases", "show", shop)["schemas"][0]["tables"]
    assert [table["name"] for table in tables] == ["t"]
    code, _, errors = commands.run("databases", "list", "--platform", "flows")
    assert (code, "--platform: needs --uid" in errors) == (2, True)


@pytest.mark.parametrize(
    "words",
    [
        ("databases", "show", "-5"),
        ("databases", "show", str(2**63)),
        ("operations", "list", "--cursor", str(2**63)),
        ("databases", "drop"),
        ("quotas", "set", "default", "databases=-9"),
        ("nonsense",),
        ("health", "--key", "tb_secret\nmore"),
    ],
    ids=str,
)
def test_wrong_words_are_told_to_programs_as_json(words: tuple[str, ...]) -> None:
    code, error = Commands().refused(*words)
    assert (code, "secret" in error["message"]) == (2, False)


def test_a_health_that_nobody_tells_is_told_as_json() -> None:
    code, error = Commands().refused("health", "--url", "http://127.0.0.1:1")
    assert (code, "nothing answers" in error["message"]) == (2, True)


def test_scripts_that_are_no_text(commands: Commands, tmp_path: Path) -> None:
    """Nothing of them is run, and not only what comes before a NUL."""
    script = tmp_path / "script.sql"
    shop = commands.json("databases", "create", "shop", "--uid", "ann")["database_id"]
    script.write_bytes(b"CREATE TABLE t (a INT);\0 CREATE TABLE u (a INT)")
    code, error = commands.refused("sql", shop, "-f", script)
    assert (code, error["code"], "NUL (line 1" in error["message"]) == (1, 25030, True)
    script.write_bytes(b"SELECT '\xff'")
    words = command("sql", str(shop), "--json")
    with script.open() as given:
        ended = subprocess.run(
            words,
            cwd=REPOSITORY,
            env=environment(commands.settings),
            stdin=given,
            capture_output=True,
            check=False,
        )
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert "standard input" in json.loads(ended.stderr)["error"]["message"]
    assert commands.json("databases", "show", shop)["schemas"][0]["tables"] == []


def test_an_answer_that_nobody_takes(commands: Commands) -> None:
    """A full disk is told; who has read enough needs no word."""
    reading, writing = os.pipe()
    os.close(reading)
    for place, told in ((os.open("/dev/full", os.O_WRONLY), "cannot be written"), (writing, "")):
        ended = subprocess.run(
            command("databases", "list"),
            cwd=REPOSITORY,
            env=environment(commands.settings),
            stdout=place,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        os.close(place)
        assert (ended.returncode, told in ended.stderr) == (1, True)
        assert "Traceback" not in ended.stderr
        assert "PostgreSQL" not in ended.stderr


def test_an_unreadable_file_of_settings_is_one_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"TWINBASE_HOST=\xff")
    ended = subprocess.run(
        command("env"),
        cwd=tmp_path,
        env=environment({}) | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)


def test_what_others_have_chosen_does_not_move_the_cursor() -> None:
    assert as_table([{"a": "x\x1b[31m\ny"}]).splitlines() == ["A", r"x\x1b[31m\ny"]


def test_env_tells_where_settings_come_from_and_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "postgresql://service:s3cret@db:5432/twinbase?password=s3cret&application_name=x"
    spelt = "postgresql://db/twinbase?pass%77ord=s3cret&SSLPASSWORD=s3cret"
    told = Commands(
        database_url=url, direct_url=spelt, metrics_token="t0ken", statement_timeout_ms=""
    )
    code, text, _ = told.run("env", "--json")
    by_name = {each["setting"]: each for each in json.loads(text)}
    assert code == 0
    assert "s3cret" not in text
    assert by_name["TWINBASE_DATABASE_URL"] == {
        "setting": "TWINBASE_DATABASE_URL",
        "value": "postgresql://service:***@db:5432/twinbase?password=***&application_name=x",
        "from": "environment",
    }
    assert by_name["TWINBASE_METRICS_TOKEN"]["value"] == "***"
    assert by_name["TWINBASE_STATEMENT_TIMEOUT_MS"]["from"] == "default"
    assert by_name["TWINBASE_METRICS_TOKEN"]["value"] == "***"
    assert not {"s3cret", "t0ken"} & set(re.findall(r"\w+", told.run("env")[1]))


def test_init_and_by_force() -> None:
    with short_folder("init") as folder, embedded_server(folder / "data"):
        commands = Commands(data_dir=folder / "data", log_level="error")
        first = commands.json("init")
        assert (first["revision_before"], first["first_key"][:3]) == (None, "tb_")
        again = commands.json("init")
        assert (again["revision_before"], again["first_key"]) == (first["revision"], None)
        assert commands.json("migrate", "check")["code"] == first["revision"]
        commands.json("databases", "create", "shop", "--uid", "ann")

        code, _, errors = commands.run("init", "--force")  # and nobody types its name
        assert (code, "1 databases of tenants" in errors) == (1, True)
        assert len(commands.json("databases", "list")) == 1
        with ForkedService(folder=folder, settings=commands.settings) as started:
            rebuilt = commands.json("init", "--force", "--yes")
            assert rebuilt["first_key"] not in {None, first["first_key"]}
            assert commands.json("databases", "list") == []
            assert started.done("create_database", uid="ann", database_name="shop")


async def test_status_tells_whichever_version(
    commands: Commands, admin: asyncpg.Connection
) -> None:
    now = commands.json("migrate", "status")
    assert now["database"] == now["code"]
    await admin.execute("UPDATE twinbase.alembic_version SET version_num = '9999'")
    assert commands.json("migrate", "status") == {"database": "9999", "code": now["code"]}
    _, error = commands.refused("databases", "list")
    assert "a newer Twinbase has migrated the database" in error["message"]
    assert commands.run("--version") == (0, f"twinbase {VERSION}\n", "")


def test_what_is_no_setting_is_told(commands: Commands) -> None:
    told = Commands(**commands.settings, prt=9).json("env")
    assert [each for each in told if each["setting"] == "TWINBASE_PRT"] == [
        {"setting": "TWINBASE_PRT", "value": None, "from": "environment, and is no setting"}
    ]


def test_every_command_speaks_json() -> None:
    silent = [
        name
        for name, command in leaves(get_command(program()), "")
        if not any("--json" in parameter.opts for parameter in command.params)
    ]
    assert {each.partition(" ")[0] for each in silent} <= {"serve", "migrate"}
