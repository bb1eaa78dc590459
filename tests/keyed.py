"""Requests with an idempotency key, and what PostgreSQL has of them."""

from dataclasses import dataclass

import asyncpg

from domain.once import KeptAnswer, Once, OnceKey
from tests.client import Client, Row
from tests.http.verbs import envelope_of


@dataclass(frozen=True)
class Told:
    """An answer without its sid, which is another one each time."""

    status: int
    code: int
    message: str
    data: object

    def __post_init__(self) -> None:
        assert (self.status == 200) == (self.code == 0)


async def sent(client: Client, verb: str, body: Row, key: str | None = None) -> tuple[Told, bool]:
    """The answer, and whether it was given before."""
    keyed = body if key is None else body | {"idempotency_key": key}
    answer = await client.post(verb, json=keyed)
    envelope = envelope_of(answer)
    replayed = answer.headers.get("idempotent-replayed")
    assert replayed in {None, "true"}
    told = Told(answer.status_code, envelope["code"], envelope["message"], envelope.get("data"))
    return told, replayed == "true"


async def keys(admin: asyncpg.Connection) -> dict[tuple[str, str], int]:
    """The code that is kept for each uid and key."""
    rows = await admin.fetch("SELECT uid, key, code FROM twinbase.idempotency_key")
    return {(row["uid"], row["key"]): row["code"] for row in rows}


def dml(database_id: int, sql: str, uid: str = "u1", **more: object) -> Row:
    own = {"uid": uid, "app_id": "app01", "env": "test"}
    return own | {"database_id": database_id, "dml": sql, **more}


async def count(admin: asyncpg.Connection, database_id: int, table: str = "t") -> int:
    return int(await admin.fetchval(f"SELECT count(*) FROM test_{database_id}.{table}"))


def once_of(key: str, uid: str = "u1") -> Once:
    """For tests that begin below the API; every answer is one word."""

    async def encode(result: object) -> KeptAnswer:
        return KeptAnswer(0, 200, "success", f'"{result}"'.encode())

    return Once(OnceKey((1, uid), key, b"of this test"), encode)
