"""A caller of the service through ASGI: everything but the socket is as in production."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from api.prefix import PREFIX
from service.settings import Settings
from service.testing import open_http
from tests.patience import PATIENCE

Row = dict[str, Any]


@dataclass(frozen=True)
class Caller:
    """One uid, perhaps acting for a space, as an application sends it."""

    client: "Client"
    uid: str
    space_id: str | None = None
    app_id: str = "app01"

    def _owner(self) -> Row:
        return {"uid": self.uid} | ({"space_id": self.space_id} if self.space_id else {})

    async def call(self, verb: str, **body: object) -> Row:
        return await self.client.call(verb, **self._owner(), **body)

    async def done(self, verb: str, **body: object) -> Any:
        """The answer's data; fails the test where the code is not 0."""
        answer = await self.call(verb, **body)
        assert answer["code"] == 0, answer
        return answer.get("data")

    async def create(self, name: str = "orders") -> int:
        return int((await self.done("create_database", database_name=name))["database_id"])

    async def ddl(self, database_id: int, ddl: str) -> None:
        await self.done("exec_ddl", database_id=database_id, ddl=ddl)

    async def dml(self, database_id: int, dml: str, env: str = "test", **more: object) -> list[Row]:
        return list((await self.exec(database_id, dml, env, **more))["exec_success"])

    async def exec(self, database_id: int, dml: str, env: str = "test", **more: object) -> Row:
        """All of the answer's data."""
        data: Row = await self.done(
            "exec_dml", app_id=self.app_id, database_id=database_id, dml=dml, env=env, **more
        )
        return data

    async def clone(
        self, source: int, name: str = "copy", *, in_steps: bool = False, **options: object
    ) -> int:
        """Its id, once it is ready; in steps as what is large is cloned."""
        cloned: Row = await self.done(
            "clone_database",
            database_id=source,
            new_database_name=name,
            wait=not in_steps,
            **options,
        )
        operation = await self.ended(cloned["operation_id"])
        assert operation["status"] == "succeeded", operation
        return int(cloned["database_id"])

    async def ended(self, operation_id: int) -> Row:
        """The operation once it has ended, however."""
        async with asyncio.timeout(PATIENCE):
            while True:
                operation: Row = await self.done("get_operation", operation_id=operation_id)
                if operation["status"] not in {"pending", "running"}:
                    return operation
                await asyncio.sleep(0.02)

    async def refused_ddl(self, database_id: int, ddl: str) -> Row:
        return await self.call("exec_ddl", database_id=database_id, ddl=ddl)

    async def refused_dml(
        self, database_id: int, dml: str, env: str = "test", **more: object
    ) -> Row:
        return await self.call(
            "exec_dml", app_id=self.app_id, database_id=database_id, dml=dml, env=env, **more
        )

    async def describe(self, database_id: int) -> dict[str, dict[str, Row]]:
        """Tables by environment and name."""
        data = await self.done("get_database", database_id=database_id)
        return {
            schema["environment"]: {table["name"]: table for table in schema["tables"]}
            for schema in data["schemas"]
        }


class Client:
    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def post(self, verb: str, **options: Any) -> httpx.Response:
        return await self.http.post(f"{PREFIX}/{verb}", **options)

    async def call(self, verb: str, /, **body: object) -> Row:
        """The envelope; every answer has one."""
        answer = await self.post(verb, json=body)
        assert answer.headers["content-type"] == "application/json"
        envelope: Row = answer.json()
        assert envelope["sid"] == answer.headers["x-request-id"]
        return envelope

    def caller(self, uid: str = "u1", space_id: str | None = None, app_id: str = "app01") -> Caller:
        return Caller(self, uid, space_id, app_id)


@asynccontextmanager
async def open_client(settings: Settings, root_path: str = "") -> AsyncIterator[Client]:
    async with open_http(settings, root_path=root_path) as http:
        yield Client(http)
