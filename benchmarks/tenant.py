"""A caller of the service, and the verbs that questions need."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from api.prefix import PREFIX
from benchmarks.http_connection import HttpConnection, Refused

APP_ID = "bench"

_LOOK_AGAIN = 0.05  # seconds

Body = dict[str, object]


def verb(name: str) -> str:
    return f"{PREFIX}/{name}"


EXEC_DML = verb("exec_dml")


@dataclass(frozen=True, slots=True)
class Tenant:
    connection: HttpConnection
    uid: str = "benchmark"

    async def create(self, name: str) -> int:
        return int((await self._done("create_database", database_name=name))["database_id"])

    async def clone(self, database_id: int, name: str) -> int:
        found = await self._done("clone_database", database_id=database_id, new_database_name=name)
        await self._ended(found)
        return int(found["database_id"])

    async def drop(self, database_id: int) -> None:
        await self._ended(await self._done("drop_database", database_id=database_id))

    async def _ended(self, begun: Any) -> None:
        """What took longer than a request waits. Raises Refused where it has failed."""
        while begun and begun["status"] != "succeeded":
            await asyncio.sleep(_LOOK_AGAIN)
            begun = await self._done("get_operation", operation_id=begun["operation_id"])
            if begun["error"]:
                raise Refused(**begun["error"])

    async def ddl(self, database_id: int, ddl: str) -> None:
        await self._done("exec_ddl", database_id=database_id, ddl=ddl)

    async def dml(self, database_id: int, dml: str) -> Any:
        return await self.connection.data(EXEC_DML, self.body(database_id, dml))

    async def list(self) -> Any:
        return await self._done("list_databases")

    async def schemas(self, database_id: int) -> Any:
        """Their tables, columns and keys."""
        return (await self._done("get_database", database_id=database_id))["schemas"]

    def body(
        self,
        database_id: int,
        dml: str,
        params: Sequence[object] = (),
        *,
        compact: bool = False,
    ) -> Body:
        """What says nothing is left out, as callers do."""
        body: Body = {"uid": self.uid, "app_id": APP_ID, "database_id": database_id, "env": "prod"}
        body["dml"] = dml
        if params:
            body["params"] = params
        if compact:
            body["compact"] = True
        return body

    async def _done(self, name: str, **fields: object) -> Any:
        return await self.connection.data(verb(name), {"uid": self.uid, **fields})
