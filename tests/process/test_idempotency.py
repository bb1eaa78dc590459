"""Keys outlive the process that was asked: another one gives its answers."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from api.prefix import PREFIX
from tests.catalog import until_waiting
from tests.folders import short_folder
from tests.forked_service import ForkedService
from tests.keyed import count, dml, keys
from tests.patience import PATIENCE
from tests.service_process import Served

BOTH = "INSERT INTO u (n) VALUES (1); INSERT INTO t (n) VALUES (1)"


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder("keys") as path:
        yield path


async def insert(started: Served, database_id: int, key: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=PATIENCE, verify=False) as http:  # noqa: S501 - it speaks HTTP
        return await http.post(
            f"{started.url}{PREFIX}/exec_dml",
            json=dml(database_id, BOTH),
            headers={"Idempotency-Key": key},
        )


async def test_killed_and_started_again(
    folder: Path, direct_url: str, admin: asyncpg.Connection
) -> None:
    """What was done is answered again; what was not is done now."""
    settings = {"database_url": direct_url, "database_connections": 12}
    with ForkedService(folder=folder, settings=settings) as first:
        made = first.done("create_database", uid="u1", database_name="orders")
        database_id = int(made["database_id"])
        tables = "CREATE TABLE t (n integer); CREATE TABLE u (n integer)"
        first.done("exec_ddl", uid="u1", database_id=database_id, ddl=tables)
        done = await insert(first, database_id, "done")
        async with admin.transaction():
            await admin.execute(f"LOCK TABLE test_{database_id}.t")
            killed = asyncio.create_task(insert(first, database_id, "killed"))
            await until_waiting(admin, sessions=1)
            first.kill()
            with pytest.raises(httpx.TransportError):
                await killed
    with ForkedService(folder=folder, settings=settings) as second:
        again = await insert(second, database_id, "done")
        assert again.headers["idempotent-replayed"] == "true"
        assert again.json()["data"] == done.json()["data"]
        now = await insert(second, database_id, "killed")
        assert (now.json()["code"], "idempotent-replayed" in now.headers) == (0, False)
    assert await keys(admin) == {("u1", "done"): 0, ("u1", "killed"): 0}
    assert [await count(admin, database_id, table) for table in "tu"] == [2, 2]
