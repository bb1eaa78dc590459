"""The audit of commands and of the start, and what an end of the process leaves of it."""

import json
import os
import pwd
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.refusals import MOST_TOLD
from tests.folders import short_folder
from tests.forked_service import ForkedService, forked_run
from tests.process.test_keys import TOLD_ONCE, first_line
from tests.service_process import Served, service

NOT_FOUND = 25013
ALIKE = 50


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder("audit") as path:
        yield path


def told(*arguments: str, **settings: object) -> list[dict[str, Any]]:
    ended = forked_run(*arguments, "--json", **settings)
    assert ended.returncode == 0, ended.stderr
    rows: list[dict[str, Any]] = json.loads(ended.stdout)
    return rows


def test_commands_and_the_first_key_are_changes_too(folder: Path) -> None:
    """Without their refusals: nobody calls."""
    data_dir = folder / "data"
    with service(folder, data_dir=data_dir, auth="keys") as started:
        first_key = first_line(started).removeprefix(TOLD_ONCE).strip()
        started.wait_until_ready()
        told("platforms", "create", "readers", data_dir=data_dir)
        told("platforms", "modify", "readers", "--no-active", data_dir=data_dir)
        (key,) = told("keys", "create", "readers", data_dir=data_dir)
        told("keys", "revoke", key["prefix"], data_dir=data_dir)
        assert forked_run("keys", "revoke", "tb_nosuch00", data_dir=data_dir).returncode == 1

        rows = told("audit", "list", data_dir=data_dir)
        account = pwd.getpwuid(os.getuid()).pw_name
        by_hand = ("default", None, account, "command-line", "done")
        who = ("platform_name", "key_prefix", "uid", "app_id", "outcome", "verb", "target")
        assert [tuple(row[name] for name in who) for row in reversed(rows)] == [
            ("default", None, None, "start-up", "done", "create_key", first_key[:11]),
            (*by_hand, "create_platform", "readers"),
            (*by_hand, "modify_platform", "readers"),
            (*by_hand, "create_key", key["prefix"]),
            (*by_hand, "revoke_key", key["prefix"]),
        ]
        assert len({row["sid"] for row in rows}) == len(rows)

        of_key = ("audit", "list", "--target", key["prefix"])
        assert [row["id"] for row in told(*of_key, data_dir=data_dir)] == [
            row["id"] for row in rows[:2]
        ]
        since = rows[1]["at"][:26]
        assert len(told("audit", "list", "--from", since, data_dir=data_dir)) == 2
        assert len(told("audit", "list", "--to", since, data_dir=data_dir)) == 3
        page = forked_run("audit", "list", "--limit", "2", data_dir=data_dir).stdout.splitlines()
        assert page[0].split()[:4] == ["AT", "PLATFORM", "KEY", "APP_ID"]
        assert page[3] == f"There is more: --cursor {rows[1]['id']}"
        rest = told("audit", "list", "--cursor", str(rows[1]["id"]), data_dir=data_dir)
        assert rest == rows[2:]
        wrong = forked_run("audit", "list", "--from", since, "--to", since, data_dir=data_dir)
        assert wrong.returncode == 1
        assert wrong.stderr.splitlines()[-1] == "twinbase: to: must be later than from"


def refused(started: Served) -> None:
    for _ in range(ALIKE):
        answer = started.post("drop_database", uid="u1", database_id=1)
        assert answer.json()["code"] == NOT_FOUND


@pytest.mark.parametrize(
    ("number", "counts"), [(signal.SIGTERM, [ALIKE - 1, 1]), (signal.SIGKILL, [1])]
)
def test_what_was_counted_is_told_at_the_end(
    folder: Path, direct_url: str, number: int, counts: list[int]
) -> None:
    """A crash loses how often a refusal was repeated in the minute before, and no first one."""
    settings: dict[str, object] = {"database_url": direct_url, "database_connections": 12}
    with ForkedService(folder=folder, settings=settings) as started:
        refused(started)
        started.end(number)
    rows = told("audit", "list", "--uid", "u1", **settings)
    assert [row["count"] for row in rows] == counts


def test_each_worker_counts_for_itself(folder: Path, direct_url: str) -> None:
    """So there are at most so many times the rows, and all are counted."""
    settings: dict[str, object] = {"database_url": direct_url, "database_connections": 24}
    with service(folder, database_url=direct_url, database_connections=24, workers=2) as started:
        started.wait_until_ready()
        refused(started)
        for number in range(2, 2 + 2 * MOST_TOLD):
            started.post("drop_database", uid="u1", database_id=number)
        started.end()
    rows = told("audit", "list", "--verb", "drop_database", "--limit", "1000", **settings)
    assert sum(row["count"] for row in rows) == ALIKE + 2 * MOST_TOLD
    assert len(rows) <= 2 * (MOST_TOLD + 2)
