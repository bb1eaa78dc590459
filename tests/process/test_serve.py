"""Start, stop, share, refuse: the service as a process on its embedded PostgreSQL."""

import asyncio
import fcntl
import os
import pwd
import signal
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import httpx
import pytest

from service.embedded_server import embedded_server
from tests.catalog import until_waiting
from tests.folders import short_folder
from tests.forked_service import ForkedService, forked_run
from tests.patience import PATIENCE
from tests.service_process import REPOSITORY, command, environment, run, service, until

IS_ROOT = os.geteuid() == 0


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder("serve") as path:
        yield path


def postgres_of(data_dir: Path) -> list[int]:
    """Pids of the postmasters that serve this folder."""
    wanted = os.fsencode(data_dir / "postgresql-18")
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[0].endswith(b"/postgres") and wanted in words:
                found.append(int(entry.name))
    return found


def test_first_start_serves_and_says_where(folder: Path) -> None:
    with service(folder, data_dir=folder / "data") as started:
        line = started.wait_until_ready()
        assert line == f"Twinbase is ready at {started.url} (docs: {started.url}/docs)\n"
        assert started.get("/healthz").json()["code"] == 0
        assert started.get("/readyz").json()["code"] == 0
        assert "swagger" in started.get("/docs").text.lower()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_and_the_data_stays(folder: Path, number: int) -> None:
    data_dir = folder / "data"
    with service(folder, data_dir=data_dir) as first:
        first.wait_until_ready()
        made = first.done("create_database", uid="u1", database_name="kept")
        assert postgres_of(data_dir)
        assert first.end(number) == 0
    assert postgres_of(data_dir) == []
    with ForkedService(folder=folder, settings={"data_dir": data_dir}) as second:
        (found,) = second.done("list_databases", uid="u1")["databases"]
        assert found["database_id"] == made["database_id"]


def test_a_slow_request_is_told_of_the_stop(folder: Path) -> None:
    """It gets its time of grace, an answer, and no exception in the log."""
    data_dir = folder / "data"
    settings = {"data_dir": data_dir, "lock_timeout_ms": 60_000, "statement_timeout_ms": 60_000}
    with (
        embedded_server(data_dir) as server,
        ForkedService(folder=folder, settings=settings) as started,
        ThreadPoolExecutor(1) as pool,
        asyncio.Runner() as runner,
    ):
        database_id = started.done("create_database", uid="u1", database_name="d")["database_id"]
        body = {"uid": "u1", "database_id": database_id}
        started.done(
            "exec_ddl", ddl="CREATE TABLE t (n integer); CREATE TABLE u (n integer)", **body
        )
        admin = runner.run(asyncpg.connect(server.dsn(user=server.superuser, database="twinbase")))
        runner.run(admin.execute(f"BEGIN; LOCK TABLE test_{database_id}.t"))
        slow = {"app_id": "a", "env": "test", "dml": "SELECT n FROM u; SELECT n FROM t", **body}
        asked = pool.submit(started.post, "exec_dml", **slow)
        runner.run(until_waiting(admin, sessions=1))
        assert started.end() == 0
        runner.run(admin.close())
        answer = asked.result(PATIENCE)
        assert (answer.status_code, answer.json()["code"]) == (503, 25503)
        assert "is stopping" in answer.json()["message"]
        assert "Exception in ASGI" not in started.errors.read_text()


def test_ctrl_c_reaches_the_whole_process_group(folder: Path) -> None:
    """A terminal sends SIGINT to every process in the foreground, make and workers among them."""
    data_dir = folder / "data"
    with service(folder, data_dir=data_dir, workers=2) as started:
        started.wait_until_ready()
        os.killpg(started.process.pid, signal.SIGINT)
        assert started.process.wait(PATIENCE) == 0
    assert postgres_of(data_dir) == []


def test_two_services_share_one_folder(folder: Path) -> None:
    data_dir = folder / "data"
    with service(folder, data_dir=data_dir) as first, service(folder, data_dir=data_dir) as second:
        first.wait_until_ready()
        second.wait_until_ready()
        assert len(postgres_of(data_dir)) == 1
        database_id = first.done("create_database", uid="u1", database_name="shared")["database_id"]
        assert first.end() == 0
        second.done("exec_ddl", uid="u1", database_id=database_id, ddl="CREATE TABLE t (a int)")
        assert second.end() == 0
    assert postgres_of(data_dir) == []


def test_a_port_in_use_is_one_line_and_starts_nothing(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = run("serve", port=port, data_dir=folder / "data")
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert str(port) in ended.stderr
    assert "TWINBASE_PORT" in ended.stderr
    assert not (folder / "data").exists()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_of_two_starts_on_one_port_exactly_one_serves(folder: Path) -> None:
    """Both at once: a port that is bound but not yet listened on is free for the other."""
    port = free_port()
    with (
        service(folder / "a", port=port, data_dir=folder / "a") as first,
        service(folder / "b", port=port, data_dir=folder / "b") as second,
    ):
        ended = until(
            lambda: [one for one in (first, second) if one.process.poll() is not None],
            "one of them has given up",
        )
        (loser,) = ended
        assert loser.process.returncode == 1
        assert "TWINBASE_PORT" in loser.errors.read_text()
        winner = second if loser is first else first
        winner.wait_until_ready()
        assert winner.get("/healthz").status_code == 200


def test_postgresql_that_does_not_answer_is_not_blamed_on_the_port() -> None:
    port = free_port()
    url = f"postgresql://twinbase_service:geheim@127.0.0.1:{port}/twinbase"
    ended = forked_run("serve", port=0, database_url=url, start_patience=0.5)
    assert ended.returncode == 1
    waiting, line = ended.stderr.splitlines()
    assert '"event":"awaiting_postgresql"' in waiting
    place = f"TWINBASE_DATABASE_URL: PostgreSQL does not answer at 127.0.0.1 port {port}"
    assert line.startswith(f"twinbase: {place} within 0.5 seconds: ")
    assert "geheim" not in ended.stderr


def test_no_proxy_stands_between_the_service_and_its_ready_line(folder: Path) -> None:
    proxy = f"http://127.0.0.1:{free_port()}"
    with service(folder, data_dir=folder / "data", proxies=proxy) as started:
        assert "ready" in started.wait_until_ready()


WRONG_SETTINGS = {
    "port too large": ({"port": 70000}, "TWINBASE_PORT"),
    "port not a number": ({"port": "http"}, "TWINBASE_PORT"),
    "no workers": ({"workers": 0}, "TWINBASE_WORKERS"),
    "not a PostgreSQL URL": ({"database_url": "mysql://u:geheim@h/d"}, "TWINBASE_DATABASE_URL"),
    "administrator alone": ({"admin_url": "postgresql://a:geheim@h/d"}, "TWINBASE_DATABASE_URL"),
    "too few connections": ({"workers": 20, "database_connections": 40}, "DATABASE_CONNECTIONS"),
    "unknown level": ({"log_level": "loud"}, "TWINBASE_LOG_LEVEL"),
}


@pytest.mark.parametrize(
    ("settings", "named"),
    WRONG_SETTINGS.values(),
    ids=[name.replace(" ", "-") for name in WRONG_SETTINGS],
)
def test_a_wrong_setting_is_one_line_and_exit_code_2(
    settings: dict[str, object], named: str
) -> None:
    ended = forked_run("serve", **settings)
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1, ended.stderr
    assert named in ended.stderr
    assert "geheim" not in ended.stderr


def test_the_command_line_wins_over_the_environment(folder: Path) -> None:
    ended = subprocess.run(
        command("serve", "--port", "99999"),
        cwd=REPOSITORY,
        env=environment({"port": 0, "data_dir": folder}),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ended.returncode == 2
    assert "99999" in ended.stderr


def test_workers_tell_each_other_of_drops_and_drain_together(folder: Path) -> None:
    """Each worker remembers the database; after the drop none may answer from memory.

    Asked to stop, both say so and serve on for their time.
    """
    with service(folder, data_dir=folder / "data", workers=2, drain_seconds=2) as started:
        started.wait_until_ready()
        database_id = started.done("create_database", uid="u1", database_name="gone")["database_id"]

        def select() -> int:
            """On a new connection, so that the kernel chooses a worker anew."""
            body = {"database_id": database_id, "app_id": "a", "env": "test", "dml": "SELECT 1"}
            return int(started.post("exec_dml", uid="u1", **body).json()["code"])

        assert {select() for _ in range(20)} == {0}

        def ready() -> int:
            return started.get("/readyz").status_code

        started.done("drop_database", uid="u1", database_id=database_id)
        until(lambda: {select() for _ in range(20)} == {25013}, "both workers have forgotten")

        started.process.send_signal(signal.SIGTERM)
        until(lambda: {ready() for _ in range(10)} == {503}, "both workers drain")
        answer = started.post("list_databases", uid="u1")
        assert (answer.status_code, answer.headers["connection"]) == (200, "close")
        assert started.process.wait(PATIENCE) == 0
        assert len(started.events("draining")) == 2
        with pytest.raises(httpx.ConnectError):
            ready()


def test_workers_end_when_their_parent_is_killed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They would keep the port, and nobody could stop them."""
    monkeypatch.setenv("TMPDIR", str(folder))  # nobody is left to remove what the parent made
    with service(folder, data_dir=folder / "data", workers=2) as started:
        started.wait_until_ready()
        started.process.kill()
        assert started.process.wait(PATIENCE) == -signal.SIGKILL
        # The other one may be about to start, and has no log yet.
        until(lambda: started.events("parent_died"), "a worker has noticed")
        port = int(started.url.rpartition(":")[2])

        def is_free() -> bool:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                    probe.listen()
                except OSError:
                    return False
                return True

        until(is_free, "neither has the port")
    # Who starts next uses the server that was left, and stops it.
    with service(folder, data_dir=folder / "data", port=port) as again:
        again.wait_until_ready()
        assert again.end() == 0
    assert postgres_of(folder / "data") == []


def test_postgresql_may_crash_and_come_back(folder: Path) -> None:
    data_dir = folder / "data"
    settings = {"data_dir": data_dir}
    with ForkedService(folder=folder, settings=settings) as started:
        made = started.done("create_database", uid="u1", database_name="survivor")
        (postmaster,) = postgres_of(data_dir)
        with (data_dir / "start.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # nobody starts it again
            os.kill(postmaster, signal.SIGKILL)
            until(lambda: not postgres_of(data_dir), "PostgreSQL is dead")
            answer = started.post("list_databases", uid="u1")
            assert (answer.status_code, answer.json()["code"]) == (503, 25503)
            assert started.get("/readyz").status_code == 503
            assert started.get("/healthz").status_code == 200

        until(lambda: started.get("/readyz").status_code == 200, "the service has started it again")
        (found,) = started.done("list_databases", uid="u1")["databases"]
        assert found["database_id"] == made["database_id"]
        assert len(started.events("embedded_server_died")) == 1
    assert postgres_of(data_dir) == []


@pytest.mark.skipif(not IS_ROOT, reason="only root can become an ordinary user")
def test_an_ordinary_user_can_run_it(folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    home = folder / "home"
    home.mkdir()
    os.chown(home, nobody.pw_uid, nobody.pw_gid)

    def as_nobody(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(*arguments),
            cwd=REPOSITORY,
            env=environment({"data_dir": home / "data"}) | {"HOME": str(home)},
            user=nobody.pw_uid,
            group=nobody.pw_gid,
            extra_groups=[],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    try:
        as_nobody("--help").check_returncode()
    except (PermissionError, subprocess.CalledProcessError) as error:
        pytest.skip(f"the account nobody cannot run this Python: {error}")
    ended = as_nobody("migrate", "up")
    assert ended.returncode == 0, ended.stderr
    assert (home / "data" / "postgresql-18").stat().st_uid == nobody.pw_uid
