"""The processes that judge long SQL end with the service, also when nobody lets it say goodbye."""

import os
import signal
from pathlib import Path

import pytest

from tests.folders import short_folder
from tests.service_process import service, until


def children_of(pid: int) -> set[int]:
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            state, parent = stat.rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found.add(int(entry.name))
    return found


def is_alive(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are found in /proc")
def test_a_killed_service_leaves_no_judge() -> None:
    with (
        short_folder("judge") as folder,
        service(folder, data_dir=folder / "data") as started,
    ):
        started.wait_until_ready()
        made = started.done("create_database", uid="u1", database_name="d")
        before = children_of(started.process.pid)
        long = f"/* {'x' * 5_000} */ SELECT 1 AS one"
        rows = started.done("exec_dml", uid="u1", app_id="a", env="test", dml=long, **made)
        assert rows["exec_success"] == [{"one": 1}]
        judges = children_of(started.process.pid) - before
        assert judges
        os.kill(started.process.pid, signal.SIGKILL)
        started.process.wait()
        until(lambda: not any(map(is_alive, judges)), "they have ended")
