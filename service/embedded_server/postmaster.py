"""What a running server tells of itself, and the locks that tell whether one runs."""

import fcntl
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from service.embedded_server.programs import capture


@dataclass(frozen=True)
class Postmaster:
    """What PostgreSQL wrote about itself into postmaster.pid."""

    pid: int
    port: int = 0
    socket_dir: Path = Path()
    ready: bool = False

    @classmethod
    def read(cls, cluster: Path) -> "Postmaster | None":
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
        shown = capture("/bin/ps", "-ww", "-o", "args=", "-p", str(self.pid)).stdout  # macOS
        return b"/postgres -D " + os.fsencode(cluster) + b" " in shown


def open_lock(path: Path, flags: int = 0) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | flags, 0o600)


def try_lock(lock: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
