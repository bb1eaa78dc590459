"""Services before a PostgreSQL that can be killed, and a database to clone; all of it to be hurt."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg
from pydantic import SecretStr

from domain.timeouts import Timeouts
from repository.engine import create_engine
from repository.roles import SERVICE
from repository.unit_of_work import PostgresUnitOfWorkFactory
from service.settings import Settings
from service.start_up import prepare
from service.use_cases.doctor import doctor
from tests.catalog import Facts, rows, structure
from tests.faulty_wire import FaultyWire
from tests.folders import short_folder
from tests.forked_service import ForkedService
from tests.invariants import violations
from tests.mortal_server import MortalServer
from tests.patience import PATIENCE
from tests.service_process import until

DATABASE = "twinbase"
UID = "u1"
BUSY, UNAVAILABLE = 25017, 25503
HEARTBEAT = 1

_SETTINGS: dict[str, object] = {
    "operation_heartbeat": HEARTBEAT,
    "database_connections": 12,
    "connect_timeout": 2,
    "log_level": "info",
}
_SOURCE = """
    CREATE TYPE mood AS ENUM ('glad', 'sad');
    CREATE SEQUENCE numbers START 7;
    CREATE TABLE customers (name text UNIQUE, mood mood DEFAULT 'glad');
    CREATE TABLE orders (
        customer text REFERENCES customers (name), n integer DEFAULT nextval('numbers'),
        price numeric CHECK (price > 0), twice numeric GENERATED ALWAYS AS (price * 2) STORED
    );
    CREATE INDEX dear ON orders (price) WHERE price > 10;
    COMMENT ON TABLE orders IS 'what was bought'
"""
_ROWS = """
    INSERT INTO customers (name) VALUES ('ann'), ('bob');
    INSERT INTO orders (customer, price) SELECT 'ann', n FROM generate_series(1, 30) AS n
"""

_SESSIONS = """
    SELECT application_name, state, wait_event, pg_blocking_pids(pid), now() - state_change,
        left(query, 100)
    FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

Found = TypeVar("Found")
Schemas = dict[str, tuple[Facts, dict[str, str]]]


@dataclass
class Worker:
    """A service and the wire that it hangs on."""

    service: ForkedService
    wire: FaultyWire

    def kill(self) -> None:
        self.service.kill()
        self.wire.cut_all()


class World:
    """``source``: what is cloned, and ``before``, what it was."""

    def __init__(self, server: MortalServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.workers: list[Worker] = []
        self.source = 0
        self.before: Schemas = {}
        self._runner = asyncio.Runner()
        self._admin: asyncpg.Connection | None = None
        self._engine = create_engine(
            server.url(SERVICE.name, DATABASE),
            pool_size=1,
            connect_timeout=PATIENCE,
            pool_timeout=PATIENCE,
        )
        self._unit_of_work = PostgresUnitOfWorkFactory(self._engine, Timeouts(9_000, 9_000))

    def close(self) -> None:
        if self._admin is not None:
            self._admin.terminate()
        self._runner.run(self._engine.dispose())
        self._runner.close()

    @property
    def service(self) -> ForkedService:
        return self.workers[0].service

    @contextmanager
    def worker(self) -> Iterator[Worker]:
        with FaultyWire(self.server.url(SERVICE.name, DATABASE)) as wire:
            settings = {**_SETTINGS, "database_url": wire.url}
            with ForkedService(folder=self.folder, settings=settings) as service:
                worker = Worker(service, wire)
                self.workers.append(worker)
                try:
                    yield worker
                finally:
                    self.workers.remove(worker)

    def revive(self) -> None:
        """Whatever was killed; returns when everything is ready."""
        if not self.server.is_alive:
            self.server.start()
        for worker in self.workers:
            if not worker.service.is_alive:
                worker.service.end()
                worker.service.start()
        until(self.is_ready, "the services are ready")

    def is_ready(self) -> bool:
        return all(worker.service.is_ready() for worker in self.workers)

    def look(self, ask: Callable[[asyncpg.Connection], Awaitable[Found]]) -> Found:
        """As a superuser, past all wires."""
        try:
            return self._runner.run(self._looked(ask))
        except (asyncpg.PostgresConnectionError, asyncpg.InterfaceError):  # PostgreSQL had died
            return self._runner.run(self._looked(ask))

    async def _looked(self, ask: Callable[[asyncpg.Connection], Awaitable[Found]]) -> Found:
        if self._admin is None or self._admin.is_closed():
            self._admin = await asyncpg.connect(self.server.url("postgres", DATABASE))
        try:
            return await ask(self._admin)
        except (asyncpg.PostgresConnectionError, asyncpg.InterfaceError):
            self._admin.terminate()
            raise

    def settle(self) -> None:
        """Waits until the invariants hold."""

        async def settled(admin: asyncpg.Connection) -> list[str]:
            deadline = time.monotonic() + PATIENCE
            while True:
                found = await violations(admin)
                if not found or time.monotonic() > deadline:
                    return found
                await asyncio.sleep(0.05)

        found = self.look(settled)
        assert not found, found
        told = self._runner.run(doctor(self._unit_of_work, HEARTBEAT))
        assert not told, told

    def told(self) -> str:
        """By everybody, for who wants to know why."""

        async def sessions(admin: asyncpg.Connection) -> list[str]:
            return [str(row) for row in await admin.fetch(_SESSIONS)]

        logs = [worker.service.told() for worker in self.workers]
        return "\n".join([*logs, *(self.look(sessions) if self.server.is_alive else [])])

    def schemas(self, database_id: int) -> Schemas:
        """Without sequences' positions: where PostgreSQL dies, it skips some numbers."""

        async def told(admin: asyncpg.Connection) -> Schemas:
            found: Schemas = {}
            for environment in ("prod", "test"):
                facts = await structure(admin, f"{environment}_{database_id}")
                del facts["positions"]
                found[environment] = (facts, await rows(admin, f"{environment}_{database_id}"))
            return found

        return self.look(told)

    def database_named(self, name: str) -> int | None:
        found = self.service.done("list_databases", uid=UID, name_contains=name)["databases"]
        ids = [each["database_id"] for each in found if each["database_name"] == name]
        assert all(each["status"] == "ready" for each in found), found
        return ids[0] if ids else None

    def use_source(self) -> None:
        """It is what it was, and whoever uses it is held up by nobody."""
        assert self.schemas(self.source) == self.before
        run = {"uid": UID, "database_id": self.source}
        changes = "UPDATE orders SET price = price; SELECT count(*) FROM orders"
        for env in ("prod", "test"):
            answer = self._not_busy("exec_dml", **run, app_id="a", env=env, dml=changes)
            assert answer["exec_success"] == [{"count": 30}]
        self._not_busy("exec_ddl", **run, ddl="COMMENT ON TABLE orders IS 'what was bought'")

    def _not_busy(self, verb: str, **body: object) -> Any:
        """PostgreSQL notices within a moment that a connection is gone."""

        def tried() -> dict[str, Any] | None:
            answer: dict[str, Any] = self.service.post(verb, **body).json()
            return None if answer["code"] in {BUSY, UNAVAILABLE} else answer

        answer = until(tried, f"{verb} is let through")
        assert answer is not None
        assert answer["code"] == 0, answer
        return answer.get("data")


@contextmanager
def crash_world() -> Iterator[World]:
    with ExitStack() as opened:
        folder = opened.enter_context(short_folder("crash"))
        server = MortalServer(folder / "server")
        server.start()
        opened.callback(server.stop)
        asyncio.run(
            prepare(
                Settings(
                    admin_url=SecretStr(server.url("postgres", "postgres")),
                    database_url=SecretStr(server.url(SERVICE.name, DATABASE)),
                )
            )
        )
        world = World(server, folder)
        opened.callback(world.close)
        opened.enter_context(world.worker())
        world.source = made(world.service, "source")
        world.service.done("exec_ddl", uid=UID, database_id=world.source, ddl=_SOURCE)
        for env in ("prod", "test"):
            insert = {"database_id": world.source, "app_id": "a", "env": env, "dml": _ROWS}
            world.service.done("exec_dml", uid=UID, **insert)
        world.before = world.schemas(world.source)
        yield world


def made(service: ForkedService, name: str) -> int:
    return int(service.done("create_database", uid=UID, database_name=name)["database_id"])


def fresh_name() -> str:
    return f"d{uuid4().hex[:12]}"
