"""The two clients in the field, as far as their requests and what they read of the answers.

The console: Java, one statement per request, its own quoting. The workflow node: Python, free of
quotes. Both look at the body only.
"""

import json
from dataclasses import dataclass
from typing import Any

from tests.client import Client, Row
from tests.http.verbs import envelope_of

JAVA_INT_MAX = 2**31 - 1


class RefusedError(Exception):
    """What a client throws where the code is not 0."""


@dataclass(frozen=True)
class Console:
    client: Client
    uid: str
    space: int | None = None

    async def _post(self, verb: str, body: Row) -> Row:
        """Members that are null are left out; the space is sent as a string."""
        present = {name: value for name, value in body.items() if value is not None}
        answer = await self.client.post(
            verb,
            content=json.dumps(present, ensure_ascii=False, separators=(",", ":")).encode(),
            headers={
                "X-Consumer-Username": "tenant-7",
                "Content-Type": "application/json;charset=utf-8",
                "Accept-Encoding": "gzip",
                "User-Agent": "okhttp/4.12.0",
            },
        )
        envelope = envelope_of(answer)
        if envelope["code"] != 0:
            raise RefusedError(envelope["message"])
        return envelope

    def _space(self) -> str | None:
        return None if self.space is None else str(self.space)

    @staticmethod
    def _long(envelope: Row) -> int:
        """It casts to a 64-bit type, which fails for a number that its JSON keeps in 32."""
        database_id = envelope["data"]["database_id"]
        assert type(database_id) is int
        assert JAVA_INT_MAX < database_id < 2**63
        return database_id

    async def create(self, name: str, description: str | None = None) -> int:
        body = {"database_name": name, "uid": self.uid, "description": description}
        return self._long(await self._post("create_database", body | {"space_id": self._space()}))

    async def copy(self, database_id: int, name: str) -> int:
        body = {"database_id": database_id, "uid": self.uid, "new_database_name": name}
        return self._long(await self._post("clone_database", body))

    async def drop(self, database_id: int) -> None:
        await self._post("drop_database", {"database_id": database_id, "uid": self.uid})

    async def describe(self, database_id: int, description: str) -> None:
        body = {"database_id": database_id, "uid": self.uid, "description": description}
        await self._post("modify_db_description", body)

    async def ddl(self, database_id: int, *statements: str) -> None:
        for ddl in statements:
            body = {"database_id": database_id, "uid": self.uid, "ddl": ddl}
            await self._post("exec_ddl", body | {"space_id": self._space()})

    async def _dml(self, database_id: int, dml: str, env: str) -> list[Row]:
        body = {
            "app_id": "680ab54f",
            "database_id": database_id,
            "uid": self.uid,
            "dml": dml,
            "env": env,
        }
        envelope = await self._post("exec_dml", body | {"space_id": self._space()})
        return list(envelope["data"]["exec_success"])

    async def change(self, database_id: int, dml: str, env: str = "test") -> None:
        await self._dml(database_id, dml, env)

    async def select(self, database_id: int, dml: str, env: str = "test") -> list[Row]:
        """Every row must have an id and a uid; only what is behind the last colon is shown."""
        rows = await self._dml(database_id, dml, env)
        return [row | {"uid": str(row["uid"]).split(":")[-1], "id": str(row["id"])} for row in rows]

    async def count(self, database_id: int, dml: str, env: str = "test") -> int:
        rows = await self._dml(database_id, dml, env)
        return int(str(rows[0]["count"]))


@dataclass(frozen=True)
class WorkflowNode:
    client: Client
    database_id: int
    uid: str
    space: int | str | None = None
    env: str = "test"

    async def run(self, dml: str) -> list[Row]:
        body: dict[str, Any] = {
            "app_id": "680ab54f",
            "database_id": self.database_id,
            "uid": self.uid,
            "dml": dml,
            "env": self.env,
        }
        if self.space:
            body["space_id"] = str(self.space)
        answer = await self.client.post(
            "exec_dml",
            content=json.dumps(body).encode(),
            headers={
                "Content-Type": "application/json",
                "Authorization": "Bearer $7b709739e8da44536127a333c7603a83",
                "X-Consumer-Username": "680ab54f",
                "Accept": "*/*",
                "Accept-Encoding": "gzip, deflate, br",
            },
        )
        envelope = envelope_of(answer)
        if envelope.get("code") != 0:
            raise RefusedError(envelope.get("message"))
        return list(envelope.get("data", {}).get("exec_success", []))
