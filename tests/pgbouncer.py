"""PgBouncer between service and PostgreSQL, for ``make test-pgbouncer``."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from configparser import ConfigParser
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

from service.embedded_server.account import account_of_server
from service.embedded_server.programs import child_settings
from tests.patience import PATIENCE

EXAMPLE = Path(__file__).parent.parent / "docs" / "pgbouncer.ini"
PORT = 6432  # of its socket, which is in a folder of its own

# Sessions change hands as often as they can: with each transaction, and there are always several.
OF_TESTS = {"min_pool_size": "3", "server_round_robin": "1"}


def program() -> str | None:
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@contextmanager
def pgbouncer(server_url: str, *, user: str, password: str) -> Iterator[Path]:
    """Yields the folder of its socket; ``user`` alone can come through."""
    with TemporaryDirectory(prefix="twinbase-bouncer-", dir="/tmp") as name:
        folder = Path(name)
        configuration, users = folder / "pgbouncer.ini", folder / "users.txt"
        _write_configuration(configuration, server_url, users)
        users.write_text(f'"{user}" "{password}"\n')
        account = account_of_server()  # PgBouncer refuses to run as root, too
        for path in (folder, configuration, users):
            os.chown(path, account.pw_uid, account.pw_gid)
        with _running([program() or "pgbouncer", configuration], account, folder):
            yield folder


@contextmanager
def _running(
    command: Sequence[str | Path], account: "pwd.struct_passwd", folder: Path
) -> Iterator[None]:
    output = folder / "output"
    with output.open("wb") as opened:
        started = subprocess.Popen(command, stdout=opened, stderr=opened, **child_settings(account))
    try:
        _wait_until_it_listens(started, folder)
        yield
    finally:
        started.kill()  # it has nothing to lose; asked to end, later versions wait for clients
        started.wait()


def _write_configuration(file: Path, server_url: str, users: Path) -> None:
    """The documented one, in places of its own."""
    written = ConfigParser(interpolation=None, delimiters=["="])
    written.read(EXAMPLE)
    written["databases"] = {"*": _keywords(server_url)}
    places = {
        "listen_addr": "",
        "listen_port": f"{PORT}",
        "unix_socket_dir": f"{file.parent}",
        "auth_file": f"{users}",
        "logfile": f"{file.with_suffix('.log')}",
        "pidfile": f"{file.with_suffix('.pid')}",
    }
    written["pgbouncer"].update(OF_TESTS | places)
    with file.open("w") as opened:
        written.write(opened)


def through(folder: Path, url: str) -> str:
    """The URL's login and database by way of PgBouncer."""
    parts = urlsplit(url)
    login = f"{parts.netloc.rpartition('@')[0]}@"
    return urlunsplit(parts._replace(netloc=login, query=f"host={quote(str(folder))}&port={PORT}"))


def _keywords(url: str) -> str:
    """Where the server is, as PgBouncer wants to be told."""
    parts = urlsplit(url)
    given = {name: values[0] for name, values in parse_qs(parts.query).items()}
    host = parts.hostname or given.get("host", "localhost")
    return f"host='{host}' port={parts.port or given.get('port', 5432)}"


def _wait_until_it_listens(started: "subprocess.Popen[bytes]", folder: Path) -> None:
    end = time.monotonic() + PATIENCE
    with socket.socket(socket.AF_UNIX) as client:
        while client.connect_ex(str(folder / f".s.PGSQL.{PORT}")):
            if started.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"PgBouncer: {(folder / 'output').read_text()}")
            time.sleep(0.02)
