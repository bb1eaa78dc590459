"""The commands of docs/quotas.md, beside a running service that heeds them at once."""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.folders import short_folder
from tests.forked_service import forked_run
from tests.service_process import ServiceProcess, service

PAGE = Path(__file__).parents[2] / "docs" / "quotas.md"
COMMAND = "python -m service "


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder("quotas") as path:
        yield path


def commands() -> list[list[str]]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [shlex.split(line.removeprefix(COMMAND)) for line in lines if line.startswith(COMMAND)]


def create(started: ServiceProcess, name: str, uid: str = "u-1001") -> int:
    return int(started.post("create_database", uid=uid, database_name=name).json()["code"])


def test_the_commands_of_the_page(folder: Path) -> None:
    data_dir = folder / "data"
    shown = commands()
    assert {arguments[0] for arguments in shown} == {"platforms", "quotas", "usage"}
    with service(folder, data_dir=data_dir, workers=2) as started:
        started.wait_until_ready()
        assert create(started, "orders") == 0
        for arguments in shown:
            ended = forked_run(*arguments, data_dir=data_dir)
            assert ended.returncode == 0, (arguments, ended.stderr)
        (used,) = told("usage", "--uid", "u-1001", data_dir=data_dir)
        assert (used["database_name"], used["rows"]) == ("orders", 0)
        (below_as_json,) = told("quotas", "set", "default", "databases=0", data_dir=data_dir)
        assert below_as_json["follows"].keys() == {"databases"}
        assert below_as_json["used"]["databases"] == 1
        below = forked_run("quotas", "set", "default", "databases=0", data_dir=data_dir)
        assert below.returncode == 0
        assert "databases: 1 are used, 0 may be." in below.stderr
        assert [create(started, "more") for _ in range(4)] == [25070] * 4  # in both workers
        listed = told("quotas", "list", "--platform", "default", data_dir=data_dir)
        assert [each["databases"] for each in listed] == [0, None, None]
        forked_run("quotas", "set", "default", "databases=none", data_dir=data_dir)
        assert create(started, "more") == 0


def told(*arguments: str, data_dir: Path) -> list[dict[str, Any]]:
    ended = forked_run(*arguments, "--json", data_dir=data_dir)
    assert ended.returncode == 0, ended.stderr
    rows: list[dict[str, Any]] = json.loads(ended.stdout)
    return rows


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("set", "default", "tables=5"), "databases, tables_per_database"),
        (("set", "default", "databases=-1"), "from 0 on"),
        (("set", "default", "databases"), "from 0 on"),
        (("set", "default", "bytes=1", "--uid", "a", "--space", "b"), "not of both"),
        (("set", "default", f"bytes={10**20}"), "bytes: input should be less than"),
        (("set", "default", "bytes=1", "--uid", "u" * 65), "uid: string should have at most 64"),
        (("set", "Not A Name", "bytes=1"), "platform_name: string should match"),
        (("set", "default", "bytes=1", "--uid", ""), "uid: string should have at least 1"),
        (("set", "default", "bytes=1", "--space", ""), "must not be empty"),
    ],
)
def test_wrong_words(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    ended = forked_run("quotas", *arguments, data_dir=folder / "data")
    assert ended.returncode == 2
    assert said in " ".join(ended.stderr.replace("│", " ").split())


def test_a_database_that_nobody_has_prepared(folder: Path) -> None:
    ended = forked_run("quotas", "list", data_dir=folder / "data")
    assert ended.returncode == 1
    assert "migrate up" in ended.stderr
