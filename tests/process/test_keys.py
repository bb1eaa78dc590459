"""The first key, and the commands that manage platforms and keys beside a running service."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.prefix import PREFIX
from service.embedded_server import embedded_server
from tests.folders import short_folder
from tests.forked_service import forked_run
from tests.service_process import ServiceProcess, run, service

TOLD_ONCE = "The first key, told this once: "


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder("keys") as path:
        yield path


def first_line(started: ServiceProcess) -> str:
    assert started.process.stdout is not None
    return started.process.stdout.readline()


def called(started: ServiceProcess, key: str, verb: str, **body: object) -> int:
    with started.client() as client:
        headers = {"authorization": f"Bearer {key}"}
        answer = client.post(f"{PREFIX}/{verb}", json=body, headers=headers)
    return int(answer.json()["code"])


def told(*arguments: str, data_dir: Path) -> list[dict[str, Any]]:
    """By a command, for programs."""
    ended = forked_run(*arguments, "--json", data_dir=data_dir)
    assert ended.returncode == 0, ended.stderr
    rows: list[dict[str, Any]] = json.loads(ended.stdout)
    return rows


def test_from_the_first_key_to_a_revoked_one(folder: Path) -> None:
    data_dir = folder / "data"
    with service(folder, data_dir=data_dir, auth="keys", workers=2) as started:
        line = first_line(started)
        assert line.startswith(TOLD_ONCE)
        admin_key = line.removeprefix(TOLD_ONCE).strip()
        started.wait_until_ready()
        assert started.post("list_databases", uid="u1").json()["code"] == 25022
        assert called(started, admin_key, "list_databases", uid="u1") == 0
        assert admin_key not in started.errors.read_text()

        made = told(
            "platforms", "create", "readers", "--scope", "databases:read", data_dir=data_dir
        )
        assert (made[0]["platform_name"], made[0]["scopes"]) == ("readers", ["databases:read"])
        (key,) = told("keys", "create", "readers", data_dir=data_dir)
        for _ in range(10):  # both workers
            assert called(started, key["key"], "list_databases", uid="u1") == 0
        assert called(started, key["key"], "create_database", uid="u1", database_name="d") == 25023
        (revoked,) = told("keys", "revoke", key["prefix"], data_dir=data_dir)
        assert revoked["revoked_at"] is not None
        codes = {called(started, key["key"], "list_databases", uid="u1") for _ in range(10)}
        assert codes == {25022}

    with service(folder, data_dir=data_dir, auth="keys") as again:
        again.wait_until_ready()  # the first line: no other key is told
        assert called(again, admin_key, "list_platforms") == 0


def test_what_a_command_cannot_do_it_says(folder: Path) -> None:
    data_dir = folder / "data"
    with embedded_server(data_dir):  # for all of them
        assert forked_run("migrate", "up", data_dir=data_dir).returncode == 0
        for arguments, said in {
            ("keys", "create", "no-such"): "There is no such platform.",
            ("keys", "revoke", "tb_nosuch00"): "There is no such key.",
            ("platforms", "create", "default"): "There is a platform of this name already.",
        }.items():
            ended = forked_run(*arguments, data_dir=data_dir)
            assert (ended.returncode, ended.stderr.splitlines()[-1]) == (1, f"twinbase: {said}")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("platforms", "create", "Not A Name"), "platform_name: string should match"),
        (("platforms", "create", "batch", "--app", "a&b"), "app_ids.0: "),
        (("platforms", "modify", "default", "--app", "a&b"), "app_ids.0: "),
        (("keys", "create", "Not A Name"), "platform_name: string should match"),
    ],
)
def test_commands_take_what_the_verbs_take(
    folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    """Or else a platform would be made that no verb can name, or one that acts for nobody."""
    ended = forked_run(*arguments, data_dir=folder / "data")
    assert ended.returncode == 2
    assert said in " ".join(ended.stderr.replace("│", " ").split())


def test_where_others_reach_it_keys_are_asked_for(folder: Path) -> None:
    ended = run("serve", host="0.0.0.0", port=0, data_dir=folder / "data")
    assert ended.returncode == 2
    assert "TWINBASE_AUTH_OFF_ANYWHERE" in ended.stderr
    assert not (folder / "data").exists()
