"""Whether a worker's PostgreSQL is the embedded one, and how much room its folder has left."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from service.embedded_server.account import CLUSTER
from service.embedded_server.postmaster import Postmaster


@dataclass(frozen=True, slots=True)
class RoomOnDisk:
    """Bytes, for whoever is no administrator of the machine."""

    free: int
    total: int

    def __str__(self) -> str:
        percent = 100 * self.free / self.total if self.total else 0
        return f"{self.free / 1024**3:.1f} GiB ({percent:.0f} %) are free"


def serves(data_dir: Path, database_url: str) -> bool:
    """Whether the URL leads into the socket of the server of this folder."""
    postmaster = Postmaster.read(data_dir.resolve() / CLUSTER)
    hosts = parse_qs(urlsplit(database_url).query).get("host", [])
    return postmaster is not None and hosts == [str(postmaster.socket_dir)]


def room_of(data_dir: Path) -> RoomOnDisk:
    """Raises OSError."""
    usage = shutil.disk_usage(data_dir)
    return RoomOnDisk(usage.free, usage.total)
