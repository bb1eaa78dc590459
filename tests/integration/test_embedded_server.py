"""Real servers and real processes. The folders' names are short, so that socket paths are."""

import asyncio
import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from service.embedded_server import (
    EmbeddedServer,
    EmbeddedServerError,
    EmbeddedServerVersionError,
    embedded_server,
)
from tests.folders import new_folder
from tests.patience import PATIENCE

REPOSITORY = Path(__file__).parents[2]
QUICK = {"fsync": "off", "full_page_writes": "off"}  # commits must survive a kill -9
IS_ROOT = os.geteuid() == 0
root_only = pytest.mark.skipif(not IS_ROOT, reason="only root can become another user")
linux_only = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="reads Linux's /proc")

# The account changes only when all is imported: another account may be unable to read this
# Python. The end of the standard input asks the service to leave. SIGINT is as a terminal's shell
# leaves it: who runs the tests in the background of a script may have it ignored.
SERVICE = f"""
import os, signal, sys, structlog
from pathlib import Path
from service.embedded_server import embedded_server
signal.signal(signal.SIGINT, signal.default_int_handler)
structlog.get_logger().info("begin")
if len(sys.argv) > 2:
    os.setgroups([]), os.setgid(int(sys.argv[2])), os.setuid(int(sys.argv[2]))
with embedded_server(Path(sys.argv[1]), options={QUICK!r}) as server:
    print("ENTERED", server.pid, server.dsn(user="postgres", database="postgres"), flush=True)
    sys.stdin.read()
print("LEFT", flush=True)
"""


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """A process that ended and was not collected yet counts as ended."""
    with suppress(OSError):
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat")
        return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def query(dsn: str, sql: str) -> object:
    async def run() -> object:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(run())


def dsn_of(server: EmbeddedServer) -> str:
    return server.dsn(user=server.superuser, database="postgres")


class Service:
    """A process that uses the server until told to leave."""

    def __init__(self, data_dir: Path, *arguments: str, **environment: str) -> None:
        self.output_file = data_dir.parent / f"output-{os.urandom(4).hex()}"
        with self.output_file.open("wb") as output:
            path = os.pathsep.join([str(REPOSITORY), *sys.path])
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVICE, str(data_dir), *arguments],
                cwd=REPOSITORY,
                env={**os.environ, "PYTHONPATH": path, **environment},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def output(self) -> str:
        return self.output_file.read_text()

    def entered(self) -> tuple[int, str]:
        """The server's process and DSN."""
        until(lambda: "ENTERED" in self.output() or self.process.poll() is not None, "it entered")
        assert "ENTERED" in self.output(), self.output()
        pid, dsn = self.output().partition("ENTERED")[2].split()[:2]
        return int(pid), dsn

    def leave(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(PATIENCE) == 0, self.output()
        assert "LEFT" in self.output()

    def end(self, number: signal.Signals = signal.SIGKILL) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


Start = Callable[..., Service]


def server_pid(data_dir: Path) -> int | None:
    with suppress(FileNotFoundError):
        return int((data_dir / "postgresql-18" / "postmaster.pid").read_text().split("\n")[0])
    return None


def is_held(lock: Path) -> bool:
    with lock.open("rb+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@pytest.fixture
def data_dir() -> Iterator[Path]:
    folder = new_folder("test")
    folder.chmod(0o755)
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
def start(data_dir: Path) -> Iterator[Start]:
    services: list[Service] = []

    def starter(*arguments: str, **environment: str) -> Service:
        services.append(Service(data_dir, *arguments, **environment))
        return services[-1]

    yield starter
    for service in services:
        service.end()
        if service.process.stdin is not None:
            service.process.stdin.close()
    if (pid := server_pid(data_dir)) is not None and alive(pid):  # after a failed test
        os.kill(pid, signal.SIGINT)
        until(lambda: not alive(pid), "the left-over server stopped")


def test_the_first_start_creates_and_the_second_finds_the_data(data_dir: Path) -> None:
    with embedded_server(data_dir, options=QUICK) as server:
        query(dsn_of(server), "create table kept as select 'Ärger' as word")
        first = server.pid
        assert query(dsn_of(server), "show fsync") == "off"
        assert query(dsn_of(server), "select lower('ÄŽШ') || upper('äžш')") == "äžшÄŽШ"
    assert not alive(first)
    with embedded_server(data_dir, options=QUICK) as server:
        assert server.pid != first
        assert query(dsn_of(server), "select word from kept") == "Ärger"
    assert not alive(server.pid)


def test_two_processes_share_and_the_last_one_stops_it(start: Start) -> None:
    first, second = start(), start()  # at the same moment, in an empty folder
    pid, _ = first.entered()
    assert second.entered()[0] == pid
    first.leave()
    assert alive(pid)
    assert query(second.entered()[1], "select 1") == 1
    second.leave()
    assert not alive(pid)


def test_many_entering_and_leaving_at_once_leave_nothing(data_dir: Path, start: Start) -> None:
    services = [start() for _ in range(4)]
    pids = {service.entered()[0] for service in services}
    assert len(pids) == 1
    for service in services:
        service.process.send_signal(signal.SIGTERM)
    assert {service.process.wait(PATIENCE) for service in services} == {128 + signal.SIGTERM}
    assert not alive(pids.pop())
    assert server_pid(data_dir) is None


def test_after_kill_9_of_the_service_the_next_one_adopts_and_stops(start: Start) -> None:
    killed = start()
    pid, _ = killed.entered()
    killed.end(signal.SIGKILL)
    assert alive(pid)
    heir = start()
    assert heir.entered()[0] == pid
    heir.leave()
    assert not alive(pid)


def test_after_kill_9_of_postgresql_the_next_one_recovers(start: Start) -> None:
    # Its service lives on, so the killed process stays in the table, uncollected.
    orphaned = start()
    pid, dsn = orphaned.entered()
    query(dsn, "create table kept as select 7 as number")
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid), "PostgreSQL is dead")
    successor = start()
    new_pid, dsn = successor.entered()
    assert new_pid != pid
    assert query(dsn, "select number from kept") == 7
    orphaned.leave()
    assert alive(new_pid)
    successor.leave()
    assert not alive(new_pid)


def test_a_stale_pid_of_another_process_does_not_hinder(data_dir: Path, start: Start) -> None:
    service = start()
    pid, _ = service.entered()
    os.kill(pid, signal.SIGKILL)
    service.end(signal.SIGKILL)
    owner = (data_dir / "postgresql-18").stat()
    as_owner = {"user": owner.st_uid, "group": owner.st_gid} if IS_ROOT else {}
    other = subprocess.Popen(["sleep", "60"], cwd="/", **as_owner)  # type: ignore[call-overload]
    for stale in (
        data_dir / "postgresql-18/postmaster.pid",
        data_dir / "socket/.s.PGSQL.5432.lock",
    ):
        stale.write_text(stale.read_text().replace(str(pid), str(other.pid)))
    try:
        with embedded_server(data_dir, options=QUICK) as server:
            assert query(dsn_of(server), "select 1") == 1
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_copy_of_a_living_folder_gets_its_own_server(data_dir: Path) -> None:
    with embedded_server(data_dir, options=QUICK) as server:
        query(dsn_of(server), "checkpoint")
        copy = data_dir.with_name("copy")
        subprocess.run(["cp", "-a", str(data_dir), str(copy)], check=True)
        with embedded_server(copy, options=QUICK) as other:
            assert other.pid != server.pid
            data_directory = query(dsn_of(other), "show data_directory")
            assert data_directory == str(copy / "postgresql-18")


def test_a_server_that_is_not_ready_yet_is_waited_for(data_dir: Path, start: Start) -> None:
    first = start()
    pid, _ = first.entered()
    os.kill(pid, signal.SIGSTOP)
    try:
        second = start()
        until(lambda: is_held(data_dir / "start.lock"), "the second one is at it")
        assert "ENTERED" not in second.output()
    finally:
        os.kill(pid, signal.SIGCONT)
    assert second.entered()[0] == pid


def test_an_interrupted_initdb_leaves_nothing(data_dir: Path, start: Start) -> None:
    service = start()
    until(lambda: [*data_dir.glob("postgresql-18.new-*/base")], "initdb is at work")
    service.end(signal.SIGKILL)
    assert not (data_dir / "postgresql-18").exists()
    successor = start()
    assert query(successor.entered()[1], "select 1") == 1
    assert not [*data_dir.glob("*.new-*")]
    successor.leave()


@pytest.mark.parametrize("name", ["long-" * 30, "a, b: c@d%20 'ä\"", "a b ä"])
def test_any_folder_name_gives_a_usable_dsn(data_dir: Path, name: str) -> None:
    async def ask(dsn: str) -> object:
        engine = create_async_engine(dsn.replace("postgresql://", "postgresql+asyncpg://"))
        async with engine.connect() as connection:
            found = (await connection.execute(text("select current_user"))).scalar()
        await engine.dispose()
        return found

    with embedded_server(data_dir / name, options=QUICK) as server:
        role = "o'w:n/e@r ü%41"
        query(dsn_of(server), f'create role "{role}" login')
        dsn = server.dsn(user=role, database="postgres", password="p/w@:%")
        assert query(dsn, "select current_user") == role
        assert asyncio.run(ask(dsn)) == role


@linux_only
def test_nothing_listens_on_tcp_and_no_foreign_lock_is_inherited(data_dir: Path) -> None:
    with embedded_server(data_dir, options=QUICK | {"listen_addresses": "*"}) as server:
        opened = {str(file.readlink()) for file in Path(f"/proc/{server.pid}/fd").iterdir()}
        assert query(dsn_of(server), "show listen_addresses") == ""
    listening = {line.split()[9] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]}
    assert not {f"socket:[{inode}]" for inode in listening} & opened
    locks = {Path(file).name for file in opened if file.endswith(".lock")}
    assert locks == {"running.lock"}  # PostgreSQL's own sign of life


def test_variables_of_the_caller_do_not_reach_postgresql(start: Start) -> None:
    misleading = {"PGDATA": "/nowhere", "PGPORT": "1", "PGOPTIONS": "-c x", "PGHOST": "example.org"}
    service = start(**misleading, PGUSER="nobody", LC_ALL="xx_XX")
    assert query(service.entered()[1], "show port") == "5432"
    service.leave()


@root_only
def test_another_user_can_enter_neither_data_nor_socket(data_dir: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    with embedded_server(data_dir, options=QUICK) as server:
        for folder in (data_dir / "postgresql-18", server.socket_dir):
            command = ["ls", str(folder)]
            result = subprocess.run(
                command, user=nobody.pw_uid, extra_groups=[], capture_output=True, check=False
            )
            assert b"Permission denied" in result.stderr
            assert folder.stat().st_uid == pwd.getpwnam("pgserver").pw_uid


@root_only
def test_as_root_only_entering_is_granted_and_only_where_needed(data_dir: Path) -> None:
    data_dir.parent.chmod(0o700)
    with embedded_server(data_dir, options=QUICK) as server:
        assert query(dsn_of(server), "select 1") == 1
    assert data_dir.parent.stat().st_mode & 0o777 == 0o701


@root_only
def test_an_ordinary_user_has_a_server_of_its_own(data_dir: Path, start: Start) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    data_dir.mkdir()
    os.chown(data_dir, nobody, -1)
    service = start(str(nobody))
    pid, dsn = service.entered()
    assert Path(f"/proc/{pid}").stat().st_uid == nobody
    assert query(dsn, "select 1") == 1
    service.leave()
    assert not alive(pid)
    with pytest.raises(EmbeddedServerError, match="belongs to user"), embedded_server(data_dir):
        pass


@pytest.mark.parametrize("folder", ["postgresql-18", "postgresql-17", "."])
def test_data_of_another_version_is_refused(data_dir: Path, folder: str) -> None:
    (data_dir / folder).mkdir(parents=True)
    (data_dir / folder / "PG_VERSION").write_text("17\n")
    if IS_ROOT:
        with suppress(KeyError):
            os.chown(data_dir / folder, pwd.getpwnam("pgserver").pw_uid, -1)
    with pytest.raises(EmbeddedServerVersionError, match=r"PostgreSQL 17 and this is 18: dump"):  # noqa: SIM117
        with embedded_server(data_dir):
            pass


def test_what_is_wrong_is_said_in_one_line(data_dir: Path) -> None:
    def problem(folder: Path, **options: str) -> str:
        with pytest.raises(EmbeddedServerError) as caught, embedded_server(folder, options=options):
            pass
        assert "\n" not in str(caught.value)
        return str(caught.value)

    (data_dir.parent / "file").touch()
    assert "Not a directory" in problem(data_dir.parent / "file")
    assert "Not a directory" in problem(data_dir.parent / "file" / "below")
    assert 'invalid value for parameter "wal_level": "no"' in problem(data_dir, wal_level="no")
    assert not is_held(data_dir / "running.lock")


def test_a_big_log_makes_room(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o711)
    log = data_dir / "server.log"
    with log.open("wb") as file:
        file.truncate(11 * 1024 * 1024)
    with embedded_server(data_dir, options=QUICK):
        assert b"ready to accept connections" in log.read_bytes()[:10_000]
        assert log.with_name("server.log.1").stat().st_size == 11 * 1024 * 1024


@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c_stops_everything(start: Start, presses: int) -> None:
    service = start()
    pid, _ = service.entered()
    for _ in range(presses):
        with suppress(ProcessLookupError):
            os.killpg(service.process.pid, signal.SIGINT)
    assert service.process.wait(PATIENCE) == -signal.SIGINT
    until(lambda: not alive(pid), "the server is stopped")
