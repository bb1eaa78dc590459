"""A data folder of the older PostgreSQL that the wheel holds is taken over, databases and all."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pydantic import SecretStr

from repository.roles import SERVICE
from service.embedded_server import EmbeddedServer, EmbeddedServerError, embedded_server
from service.embedded_server.account import account_of_server
from service.embedded_server.programs import OLDER, binaries, child_settings, has_binaries
from service.settings import Settings
from service.start_up import prepare
from tests.client import open_client
from tests.folders import short_folder
from tests.patience import PATIENCE
from tests.service_process import until

QUICK = {"fsync": "off"}
OLD = next((version for version in OLDER if has_binaries(version)), "none")
pytestmark = pytest.mark.skipif(OLD == "none", reason="this platform's wheel has no older one")


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """With an empty cluster of the older version in it."""
    with short_folder("old") as folder:
        account = account_of_server()
        if os.geteuid() == 0:
            os.chown(folder, account.pw_uid, account.pw_gid)
        ways = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        program("initdb", f"--pgdata={folder}/postgresql-{OLD}", *ways)
        yield folder


def program(name: str, *arguments: str) -> None:
    settings = child_settings(account_of_server())
    subprocess.run(
        [binaries(OLD) / name, *arguments], check=True, stdout=subprocess.DEVNULL, **settings
    )


def served_by_the_older(data_dir: Path) -> EmbeddedServer:
    cluster = data_dir / f"postgresql-{OLD}"
    options = f"--options=-c listen_addresses='' -c unix_socket_directories={data_dir} -c fsync=off"
    log = f"--log={data_dir}/old.log"
    program("pg_ctl", "start", "--wait", "--silent", f"--pgdata={cluster}", options, log)
    pid = int((cluster / "postmaster.pid").read_text().split("\n")[0])
    return EmbeddedServer(data_dir, 5432, pid)


def is_alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def settings_of(server: EmbeddedServer) -> Settings:
    return Settings(
        database_url=SecretStr(server.dsn(user=SERVICE.name, database="twinbase")),
        admin_url=SecretStr(server.dsn(user=server.superuser, database="postgres")),
        database_connections=12,
        statement_timeout_ms=int(PATIENCE * 1000),
    )


async def test_databases_are_carried_over_and_the_old_ones_are_kept(data_dir: Path) -> None:
    """The older server was killed, so it must first recover."""
    old = served_by_the_older(data_dir)
    await prepare(settings_of(old))
    async with open_client(settings_of(old)) as client:
        caller = client.caller()
        database_id = await caller.create("kept")
        await caller.ddl(database_id, "CREATE TABLE t (word text UNIQUE)")
        await caller.dml(database_id, "INSERT INTO t (word) VALUES ('Ärger')")
    with (
        pytest.raises(EmbeddedServerError, match=f"served by process {old.pid}: stop it"),
        embedded_server(data_dir, options=QUICK),
    ):
        pass
    os.kill(old.pid, signal.SIGQUIT)  # PostgreSQL's own way of dying at once
    until(lambda: not is_alive(old.pid), "the older server is dead")

    with embedded_server(data_dir, options=QUICK) as server:
        settings = settings_of(server)
        await prepare(settings)
        async with open_client(settings) as client:
            caller = client.caller()
            assert await caller.dml(database_id, "SELECT word FROM t") == [{"word": "Ärger"}]
            await caller.ddl(database_id, "ALTER TABLE t ADD COLUMN n integer")
            copy = await caller.clone(database_id)
            await caller.dml(copy, "UPDATE t SET n = 1")
    is_taken_over_once(data_dir)


def is_taken_over_once(data_dir: Path) -> None:
    assert (data_dir / "postgresql-18" / "PG_VERSION").read_text() == "18\n"
    assert (data_dir / f"postgresql-{OLD}.backup" / "PG_VERSION").read_text() == f"{OLD}\n"
    with embedded_server(data_dir, options=QUICK):
        assert not [*data_dir.glob("*.new-*")]


def test_what_cannot_be_taken_over_stays_as_it_was(data_dir: Path) -> None:
    control = data_dir / f"postgresql-{OLD}" / "global" / "pg_control"
    control.unlink()
    wanted = f"of PostgreSQL {OLD} and could not .* as they were"
    with (
        pytest.raises(EmbeddedServerError, match=wanted),
        embedded_server(data_dir, options=QUICK),
    ):
        pass
    assert (data_dir / f"postgresql-{OLD}").exists()
    assert not (data_dir / "postgresql-18").exists()
    assert not [*data_dir.glob("*.new-*")]
