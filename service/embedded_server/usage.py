"""One service's use of a data folder's server: enter, share or start, leave, stop."""

import atexit
import fcntl
import hashlib
import os
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import structlog

from service.embedded_server.account import CLUSTER, account_of_server, prepare_folder
from service.embedded_server.errors import EmbeddedServerError
from service.embedded_server.postmaster import Postmaster, open_lock, try_lock
from service.embedded_server.programs import (
    binaries,
    capture,
    child_settings,
    reason_in,
    with_bounded_memory,
)
from service.embedded_server.signals import exit_by_signal, patience, signals_go_to
from service.embedded_server.upgrade import older_cluster, upgrade

_LONGEST_SOCKET_PATH = 103  # bytes; macOS's limit, Linux would take 107
_LOG_LIMIT = 10 * 1024 * 1024
_POLL_SECONDS, _REMINDER_SECONDS = 0.02, 10.0
_STOP_SECONDS = 60.0
_WATCH_SECONDS = 0.5
# PostgreSQL's own C.UTF-8: Unicode upper and lower case, the same order on every machine.
_LOCALE = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
_ACCESS = ("--username=postgres", "--auth-local=trust", "--auth-host=reject")

_log: Any = structlog.get_logger(__name__)


@dataclass(frozen=True)
class EmbeddedServer:
    """A running server, reachable only through a socket in a folder closed to other accounts."""

    socket_dir: Path
    port: int
    pid: int
    superuser: str = "postgres"

    def dsn(self, *, user: str, database: str, password: str | None = None) -> str:
        """For libpq and asyncpg, and with ``postgresql+asyncpg`` in front for SQLAlchemy."""
        secret = "" if password is None else ":" + quote(password, safe="")
        place = f"host={quote(str(self.socket_dir))}&port={self.port}"
        return f"postgresql://{quote(user, safe='')}{secret}@/{quote(database, safe='')}?{place}"


@contextmanager
def embedded_server(data_dir: Path, *, options: Mapping[str, str] = {}) -> Iterator[EmbeddedServer]:
    """Starts the folder's server or shares the running one; stops it when the last user leaves.

    ``options`` are server settings; they count only for the one who starts the server. SIGTERM and
    SIGHUP become SystemExit meanwhile, unless somebody else handles them.
    """
    usage = _Usage(data_dir.resolve(), options)
    atexit.register(usage.leave)  # for an interruption in the few steps around the with block
    with signals_go_to(exit_by_signal, signal.SIGTERM, signal.SIGHUP):
        try:
            yield usage.enter()
        finally:
            usage.leave()
            atexit.unregister(usage.leave)


class _Usage:
    """One service's use of the server of one data folder."""

    def __init__(self, data_dir: Path, options: Mapping[str, str]) -> None:
        self._data_dir, self._cluster, self._options = data_dir, data_dir / CLUSTER, options
        self._locks: dict[str, int] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._server: EmbeddedServer | None = None
        self._log_start = 0
        self._counts_as_user = False
        self._owner = os.getpid()
        self._left = threading.Event()
        self._watch = threading.Thread(target=self._revive, name="embedded server", daemon=True)

    def enter(self) -> EmbeddedServer:
        try:
            self._account = account_of_server()
            prepare_folder(self._data_dir, self._account)
            for name in ("start", "in-use", "running"):
                self._locks[name] = open_lock(self._data_dir / f"{name}.lock")
            with self._turn():
                self._counts_as_user = True
                fcntl.flock(self._locks["in-use"], fcntl.LOCK_SH)
                server = self._share_or_start()
            self._watch.start()
        except OSError as error:
            place = error.filename2 or error.filename or "no file named"
            message = f"data folder {self._data_dir}: {error.strerror or error}: {place}"
            raise EmbeddedServerError(message) from error
        return server

    def leave(self) -> None:
        """Can be repeated. A first signal meanwhile changes nothing, a second ends the waiting."""
        if self._owner != os.getpid():  # the fork of a user is not a user
            return
        with signals_go_to(patience(), signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            try:
                self._left.set()
                if self._watch.is_alive():
                    self._watch.join()
                if self._counts_as_user and self._locks:
                    with self._turn():
                        if try_lock(self._locks["in-use"]):
                            self._stop()
            finally:
                if self._process is not None and self._process.poll() is None:
                    self._process.returncode = 0  # left to others: no complaint that it still runs
                while self._locks:
                    os.close(self._locks.popitem()[1])

    def _revive(self) -> None:
        """Starts a server that was killed, or that the system ended for the memory it took."""
        while not self._left.wait(_WATCH_SECONDS):
            if self._any_process_left():
                continue
            _log.error("embedded_server_died", data_dir=str(self._data_dir))
            try:
                with self._turn():
                    if self._process is not None and self._process.poll() is not None:
                        self._process = None
                    self._share_or_start()
            except (EmbeddedServerError, OSError) as error:
                _log.error("embedded_server_not_started", error=str(error))
                self._left.wait(_REMINDER_SECONDS)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        lock = self._locks["start"]
        if not try_lock(lock):
            _log.info("embedded_server_awaits_other_process", data_dir=str(self._data_dir))
            fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)

    def _share_or_start(self) -> EmbeddedServer:
        """Waits as long as a server lives and is not ready: recovery after a crash may be long."""
        begin = reminded = time.monotonic()
        while True:
            found = Postmaster.read(self._cluster)
            if found is not None and found.ready and self._answers(found):
                shared, seconds = self._process is None, round(time.monotonic() - begin, 3)
                _log.info("embedded_server_ready", pid=found.pid, shared=shared, seconds=seconds)
                self._server = EmbeddedServer(found.socket_dir, found.port, found.pid)
                return self._server
            if self._process is not None:
                if self._process.poll() is not None:
                    log = (self._data_dir / "server.log").read_bytes()[self._log_start :]
                    message = f"PostgreSQL in {self._cluster} did not start: {reason_in(log)}"
                    raise EmbeddedServerError(message)
            elif not self._any_process_left() and not (found and found.serves(self._cluster)):
                self._process = self._start()
            if time.monotonic() - reminded > _REMINDER_SECONDS:
                reminded = time.monotonic()
                _log.warning("embedded_server_not_ready_yet", data_dir=str(self._data_dir))
            time.sleep(_POLL_SECONDS)

    def _answers(self, found: "Postmaster") -> bool:
        where = (f"--host={found.socket_dir}", f"--port={found.port}")
        who = ("--username=postgres", "--dbname=postgres")
        return self._run("pg_isready", *where, *who).returncode == 0

    def _any_process_left(self) -> bool:
        free = try_lock(self._locks["running"])
        if free:
            fcntl.flock(self._locks["running"], fcntl.LOCK_UN)
        return not free

    def _start(self) -> subprocess.Popen[bytes]:
        lock = open_lock(self._data_dir / "running.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for unfinished in self._data_dir.glob(f"{CLUSTER}.new-*"):
                shutil.rmtree(unfinished)
            if not (self._cluster / "PG_VERSION").exists():
                if (old := older_cluster(self._data_dir)) is not None:
                    upgrade(old, self._cluster, self._account, lock)
                else:
                    self._create(lock)
            return self._spawn(lock)
        finally:
            os.close(lock)

    def _create(self, lock: int) -> None:
        """In a folder of another name first, so that an interruption leaves nothing half made."""
        fresh = Path(tempfile.mkdtemp(prefix=f"{CLUSTER}.new-", dir=self._data_dir))
        os.chown(fresh, self._account.pw_uid, self._account.pw_gid)
        # It holds the lock like the server: should we be killed, the next one waits for its end.
        result = self._run("initdb", f"--pgdata={fresh}", *_LOCALE, *_ACCESS, pass_fds=(lock,))
        if result.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            message = f"initdb failed in {self._data_dir}: {reason_in(result.stderr)}"
            raise EmbeddedServerError(message)
        fresh.rename(self._cluster)
        folder = os.open(self._data_dir, os.O_RDONLY)
        os.fsync(folder)  # else a power failure could take the new name back
        os.close(folder)

    def _spawn(self, lock: int) -> subprocess.Popen[bytes]:
        socket_dir = self._private_socket_dir()
        # No process of the old server is left, but its number may by now be another process's:
        # PostgreSQL would take these files for those of a living server and refuse to start.
        for stale in (self._cluster / "postmaster.pid", *socket_dir.glob(".s.PGSQL.*")):
            stale.unlink(missing_ok=True)
        defaults = {
            "max_locks_per_transaction": "512",  # a clone locks all that a pair holds
            "max_parallel_workers_per_gather": "0",  # one statement, one core
            # Tenants' SQL and values stay out of the log: errors of statements repeat both.
            "log_min_error_statement": "panic",
            "log_min_messages": "log",  # above errors, as PostgreSQL ranks them
        }
        ours = {"port": "5432", "listen_addresses": "", "unix_socket_permissions": "0700"}
        settings = {**defaults, **self._options, **ours, "unix_socket_directories": str(socket_dir)}
        arguments = [part for name in settings for part in ("-c", f"{name}={settings[name]}")]
        log_path = self._data_dir / "server.log"
        if log_path.exists() and log_path.stat().st_size > _LOG_LIMIT:
            log_path.replace(log_path.with_suffix(".log.1"))
        with os.fdopen(open_lock(log_path, os.O_APPEND), "r+b", buffering=0) as log:
            self._log_start = os.fstat(log.fileno()).st_size
            return subprocess.Popen(  # noqa: S603 -- our own program
                with_bounded_memory(binaries() / "postgres", "-D", self._cluster, *arguments),
                stdout=log,
                stderr=log,
                pass_fds=(lock,),
                **child_settings(self._account),
            )

    def _private_socket_dir(self) -> Path:
        """A socket's path must be short, and a comma or colon in it would split a DSN's host."""
        folder, account = self._data_dir / "socket", self._account
        too_long = len(os.fsencode(folder / ".s.PGSQL.5432")) > _LONGEST_SOCKET_PATH
        if too_long or not re.fullmatch(r"[\w /.+-]+", str(folder)):
            identity = os.fsencode(self._data_dir) + f":{account.pw_uid}".encode()
            name = f"twinbase-{hashlib.sha256(identity).hexdigest()[:16]}"
            folder = Path("/tmp", name)  # noqa: S108 -- whose it is, is checked below
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), account.pw_uid}:
            message = f"{folder}, for PostgreSQL's socket, is not {account.pw_name}'s: remove it"
            raise EmbeddedServerError(message)
        folder.chmod(0o700)
        os.chown(folder, account.pw_uid, account.pw_gid)
        return folder

    def _stop(self) -> None:
        """Asks politely, after a minute firmly; the data is safe either way."""
        begin, sent = time.monotonic(), set[tuple[int, int]]()
        last = Postmaster(pid=self._server.pid if self._server else 0)
        while self._any_process_left():
            waited = time.monotonic() - begin
            found = Postmaster.read(self._cluster) or last
            request = signal.SIGINT if waited < _STOP_SECONDS else signal.SIGQUIT
            if (found.pid, request) not in sent and found.serves(self._cluster):
                os.kill(found.pid, request)
                sent.add((found.pid, request))
            if waited > _REMINDER_SECONDS + (_STOP_SECONDS if sent else 0):
                _log.error("embedded_server_not_stopped", data_dir=str(self._data_dir))
                return
            time.sleep(_POLL_SECONDS)
        if sent:  # else there was nothing to stop, or only a server that somebody started by hand
            if self._server is not None:
                with suppress(OSError):  # of no more use, and perhaps in /tmp
                    self._server.socket_dir.rmdir()
            _log.info("embedded_server_stopped", seconds=round(time.monotonic() - begin, 3))

    def _run(
        self, program: str, *arguments: str, **settings: Any
    ) -> subprocess.CompletedProcess[bytes]:
        settings |= child_settings(self._account)
        return capture(str(binaries() / program), *arguments, **settings)
