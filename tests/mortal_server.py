"""A PostgreSQL of a test's own that can be killed, with all its processes, and started again."""

import os
import signal
from contextlib import ExitStack
from pathlib import Path

from service.embedded_server import EmbeddedServer, embedded_server

# What was committed has left PostgreSQL's own memory, and outlives its processes.
_OPTIONS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "on"}


class MortalServer:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._use = ExitStack()
        self._server: EmbeddedServer | None = None
        self._is_killed = False

    def start(self) -> None:
        """Returns when it has recovered."""
        former, self._use = self._use, ExitStack()
        self._server = self._use.enter_context(embedded_server(self._folder, options=_OPTIONS))
        former.close()
        self._is_killed = False

    def stop(self) -> None:
        self._use.close()

    def kill(self) -> None:
        """No process of it lives to say goodbye, or to end what it has begun."""
        assert self._server is not None
        self._is_killed = True
        os.kill(self._server.pid, signal.SIGSTOP)  # it is to have no more children
        for pid in (*children_of(self._server.pid), self._server.pid):
            os.kill(pid, signal.SIGKILL)

    @property
    def is_alive(self) -> bool:
        return self._server is not None and not self._is_killed

    def url(self, user: str, database: str) -> str:
        assert self._server is not None
        return self._server.dsn(user=user, database=database)


def children_of(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has ended meanwhile
                continue
            if int(fields[1]) == pid:
                found.append(int(entry.name))
    return found
