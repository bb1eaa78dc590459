"""A data folder of an older PostgreSQL is taken over, where the wheel has that one's programs too.

pg_upgrade copies the old cluster into a new one, which gets its name last: an interruption leaves
the old one and nothing else. The old one stays, under another name, as the backup.
"""

import os
import pwd
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import structlog

from service.embedded_server.errors import EmbeddedServerError
from service.embedded_server.postmaster import Postmaster
from service.embedded_server.programs import (
    OLDER,
    VERSION,
    binaries,
    capture,
    child_settings,
    has_binaries,
    reason_in,
)

_log: Any = structlog.get_logger(__name__)
_SUPERUSER = "--username=postgres"
_PORT = 5432
_DATABASES = "SELECT datname FROM pg_database WHERE datallowconn"
_BEFORE = Path(__file__).with_name("before_upgrade.sql")


def older_cluster(data_dir: Path) -> Path | None:
    """The newest one that can be taken over."""
    clusters = (data_dir / f"postgresql-{version}" for version in OLDER)
    return next((cluster for cluster in clusters if can_be_taken_over(cluster)), None)


def can_be_taken_over(cluster: Path) -> bool:
    file = cluster / "PG_VERSION"
    if not file.exists():
        return False
    version = file.read_text().strip()
    named = cluster.name == f"postgresql-{version}"
    return named and version in OLDER and has_binaries(version)


def upgrade(old: Path, cluster: Path, account: "pwd.struct_passwd", lock: int) -> None:
    """Makes ``cluster`` of ``old``. ``lock`` is inherited by all that runs for it.

    Raises EmbeddedServerError, and ``old`` holds what it held then.
    """
    begin = time.monotonic()
    version = (old / "PG_VERSION").read_text().strip()
    _log.warning("embedded_server_upgrade", of=str(old), to=VERSION)
    with tempfile.TemporaryDirectory(prefix="twinbase-upgrade-") as place:
        os.chown(place, account.pw_uid, account.pw_gid)
        run = _Programs(old, version, account, lock, place)
        run.make_ready()
        fresh = Path(tempfile.mkdtemp(prefix=f"{cluster.name}.new-", dir=cluster.parent))
        os.chown(fresh, account.pw_uid, account.pw_gid)
        try:
            run.upgrade_into(fresh)
        except EmbeddedServerError:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        fresh.rename(cluster)
    # An older Twinbase would go on with it as if nothing had been written since.
    backup = old.rename(old.with_name(f"{old.name}.backup"))
    seconds = round(time.monotonic() - begin, 1)
    _log.warning("embedded_server_upgraded", backup=str(backup), to=VERSION, seconds=seconds)


class _Programs:
    def __init__(
        self, old: Path, version: str, account: "pwd.struct_passwd", lock: int, place: str
    ) -> None:
        self._old, self._version = old, version
        self._settings = child_settings(account) | {"pass_fds": (lock,), "cwd": place}
        self._place = place

    def make_ready(self) -> None:
        """One that was killed recovers; what bootstrap took from everybody is given back."""
        alive = Postmaster.read(self._old)
        if alive is not None and alive.serves(self._old):
            raise EmbeddedServerError(f"{self._old} is served by process {alive.pid}: stop it")
        (self._old / "postmaster.pid").unlink(missing_ok=True)
        of_it = (f"--pgdata={self._old}", "--wait", "--silent")
        quiet = f"-c listen_addresses='' -c unix_socket_directories='{self._place}' -c port={_PORT}"
        log = f"--log={self._place}/server.log"
        self._run(self._version, "pg_ctl", "start", *of_it, log, f"--options={quiet}")
        try:
            for database in self._sql("postgres", f"--command={_DATABASES}").decode().splitlines():
                self._sql(database, f"--command={_BEFORE.read_text()}")
        finally:
            self._run(self._version, "pg_ctl", "stop", *of_it)

    def _sql(self, database: str, what: str) -> bytes:
        where = (f"--host={self._place}", f"--port={_PORT}", f"--dbname={database}", _SUPERUSER)
        how = ("--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1")
        return self._run(self._version, "psql", *where, *how, what)

    def upgrade_into(self, fresh: Path) -> None:
        told = self._run(self._version, "pg_controldata", str(self._old))
        checksums = b"Data page checksum version:           0" not in told
        self._run(
            VERSION,
            "initdb",
            f"--pgdata={fresh}",
            _SUPERUSER,
            *("--auth-local=trust", "--auth-host=reject"),
            *("--encoding=UTF8", "--locale=C"),  # databases keep theirs, template0 among them
            "--data-checksums" if checksums else "--no-data-checksums",
        )
        self._run(
            VERSION,
            "pg_upgrade",
            _SUPERUSER,
            f"--old-bindir={binaries(self._version)}",
            f"--new-bindir={binaries(VERSION)}",
            f"--old-datadir={self._old}",
            f"--new-datadir={fresh}",
            f"--socketdir={self._place}",
        )

    def _run(self, version: str, program: str, *arguments: str) -> bytes:
        result = capture(str(binaries(version) / program), *arguments, **self._settings)
        if result.returncode != 0:
            why = reason_in(result.stderr + result.stdout)
            raise EmbeddedServerError(
                f"{self._old} is of PostgreSQL {self._version} and could not be taken over by"
                f" {VERSION}; its data are as they were. {program} failed: {why}"
            )
        return result.stdout
