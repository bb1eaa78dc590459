"""Whom the server runs as, and the way for that account to its data and its programs."""

import errno
import os
import pwd
import shutil
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from service.embedded_server.errors import EmbeddedServerError, EmbeddedServerVersionError
from service.embedded_server.programs import VERSION, binaries, capture, reason_in
from service.embedded_server.upgrade import can_be_taken_over, older_cluster

CLUSTER = f"postgresql-{VERSION}"
ACCOUNT_INSTEAD_OF_ROOT = "pgserver"

_log: Any = structlog.get_logger(__name__)


def account_of_server() -> "pwd.struct_passwd":
    """Whom PostgreSQL runs as: never root, which it refuses."""
    if os.geteuid() != 0:
        with suppress(KeyError):
            return pwd.getpwuid(os.geteuid())
        raise EmbeddedServerError(f"PostgreSQL needs a name for user {os.geteuid()} in /etc/passwd")
    name, reason = ACCOUNT_INSTEAD_OF_ROOT, "useradd is missing"
    with suppress(KeyError):
        return pwd.getpwnam(name)
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd is not None:
        manner = ("--system", "--no-create-home", "--shell", "/usr/sbin/nologin")
        reason = reason_in(capture(useradd, *manner, name).stderr)
    with suppress(KeyError):  # also where another process was faster
        return pwd.getpwnam(name)
    advice = f"add the account {name} or start the service as an ordinary user"
    raise EmbeddedServerError(f"PostgreSQL refuses to run as root: {advice} ({reason})")


def prepare_folder(data_dir: Path, account: "pwd.struct_passwd") -> None:
    if "\n" in str(data_dir):
        raise EmbeddedServerError(f"data folder {str(data_dir)!r}: a line break in its name")
    cluster, is_root = data_dir / CLUSTER, os.geteuid() == 0
    with suppress(FileExistsError):
        data_dir.mkdir(mode=0o711 if is_root else 0o700, parents=True)
    if not data_dir.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(data_dir))
    if cluster.exists() and (owner := cluster.stat().st_uid) != account.pw_uid:
        advice = f"start as user {owner} (or, if that is {ACCOUNT_INSTEAD_OF_ROOT}, as root)"
        message = f"{cluster} belongs to user {owner}, not {account.pw_uid}: {advice}, or chown it"
        raise EmbeddedServerError(message)
    versions = [cluster / "PG_VERSION"]
    if not versions[0].exists():  # an older folder beside it must not look like lost data
        versions = [data_dir / "PG_VERSION", *data_dir.glob("postgresql-*/PG_VERSION")]
    for file in versions:
        if not file.exists() or can_be_taken_over(file.parent):
            continue
        if (version := file.read_text().strip()) != VERSION:
            message = f"{file.parent} is of PostgreSQL {version} and this is {VERSION}"
            advice = f"dump it with {version} and load it into a new data folder"
            raise EmbeddedServerVersionError(f"{message}: {advice}, or choose another data folder")
    if is_root:
        _open_to_others(data_dir, binaries().parent)
        if not cluster.exists() and (old := older_cluster(data_dir)) is not None:
            version = (old / "PG_VERSION").read_text().strip()
            _open_to_others(data_dir, binaries(version).parent)


def _open_to_others(data_dir: Path, install: Path) -> None:
    """Lets root's stand-in reach the binaries and the data folder, and read the binaries."""
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
