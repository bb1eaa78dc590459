"""Two instances on one PostgreSQL, restarted in turn under load: nothing is lost, nothing twice."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from service.embedded_server import embedded_server
from tests.balanced import Balancer
from tests.folders import short_folder
from tests.forked_service import ForkedService
from tests.process.test_serve import free_port
from tests.service_process import Served, until

CLIENTS = 3
PAUSE = 0.02  # seconds between two rounds of a client


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder("rolling") as path:
        yield path


@dataclass
class Client:
    """What it was told is done."""

    number: int
    balancer: Balancer
    database_id: int
    inserted: list[str] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    cloned: list[tuple[str, int]] = field(default_factory=list)

    def work(self, ended: threading.Event) -> None:
        try:
            round_number = 0
            while not ended.wait(PAUSE):
                self._round(round_number)
                round_number += 1
        finally:
            self.balancer.close()

    def _round(self, number: int) -> None:
        name = f"c{self.number}x{number}"
        body = {"uid": "u1", "database_id": self.database_id, "app_id": "a", "env": "prod"}
        for value in (f"{name}-1", f"{name}-2"):
            dml = f"INSERT INTO t (v) VALUES ('{value}')"
            self.balancer.done("exec_dml", {**body, "dml": dml})
            self.inserted.append(value)
        if number % 4 == 0:
            self.balancer.done("create_database", {"uid": "u1", "database_name": name})
            self.created.append(name)
        if number % 8 == 0:
            asked = {"uid": "u1", "database_id": self.database_id, "new_database_name": f"{name}k"}
            told = self.balancer.done("clone_database", {**asked, "wait": number % 16 == 0})
            self.cloned.append((f"{name}k", told["operation_id"]))


def ended_operation(served: Served, operation_id: int) -> Any:
    def ended() -> Any:
        operation = served.done("get_operation", uid="u1", operation_id=operation_id)
        return operation if operation["status"] not in {"pending", "running"} else None

    return until(ended, "the operation has ended")


def test_a_rolling_restart_loses_no_request(folder: Path) -> None:
    """Each instance is given back its port."""
    with ExitStack() as opened:
        server = opened.enter_context(embedded_server(folder / "data", options={"fsync": "off"}))
        common = {
            "database_url": server.dsn(user="twinbase_service", database="twinbase"),
            "admin_url": server.dsn(user=server.superuser, database="postgres"),
            "instances": 2,
            "drain_seconds": 2,
            "operation_heartbeat": 2,
        }
        services = [
            ForkedService(folder=folder, settings=common | {"port": free_port()}) for _ in range(2)
        ]
        for service in services:
            opened.enter_context(service)
        first = services[0]
        database_id = first.done("create_database", uid="u1", database_name="d")["database_id"]
        first.done("exec_ddl", uid="u1", database_id=database_id, ddl="CREATE TABLE t (v text)")
        balancer = Balancer([service.url for service in services])
        clients = [Client(number, balancer, database_id) for number in range(CLIENTS)]
        restart_in_turn(services, balancer, clients)
        assert balancer.refused == 0, "they drained for long enough"
        holds_what_was_acknowledged(first, clients)


def restart_in_turn(
    services: list[ForkedService], balancer: Balancer, clients: list[Client]
) -> None:
    ended = threading.Event()
    with balancer.watching(), ThreadPoolExecutor(len(clients)) as pool:
        for service in services:
            balancer.wait_for(service.url)
        working = [pool.submit(client.work, ended) for client in clients]
        try:
            for service in services:
                before = sum(len(client.inserted) for client in clients)
                assert service.end() == 0
                service.start()
                balancer.wait_for(service.url)
                assert sum(len(client.inserted) for client in clients) > before
        finally:
            ended.set()
        for work in working:
            work.result()


def holds_what_was_acknowledged(served: Served, clients: list[Client]) -> None:
    body = {"uid": "u1", "database_id": clients[0].database_id, "app_id": "a", "env": "prod"}
    rows = served.done("exec_dml", **body, dml="SELECT v FROM t LIMIT 10000")["exec_success"]
    told = [value for client in clients for value in client.inserted]
    assert sorted(row["v"] for row in rows) == sorted(told)
    cloned = dict(clone for client in clients for clone in client.cloned)
    for operation_id in cloned.values():
        assert ended_operation(served, operation_id)["status"] == "succeeded"
    names = {"d", *cloned, *(name for client in clients for name in client.created)}
    found: list[str] = []
    cursor = None
    while cursor is not None or not found:
        page = served.done("list_databases", uid="u1", limit=100, cursor=cursor)
        found += [database["database_name"] for database in page["databases"]]
        cursor = page["next_cursor"]
    assert sorted(found) == sorted(names)
    assert cloned
