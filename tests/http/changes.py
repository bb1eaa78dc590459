"""Each verb with what it needs to do what it is for, and all that a verb may change."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import asyncpg

from tests.client import Caller, Row
from tests.http.keys import Keys
from tests.http.verbs import accepted, envelope_of
from tests.operations import locked, until


@dataclass(frozen=True)
class KeyedCaller(Caller):
    """A caller who sends a key."""

    key: str = ""

    async def call(self, verb: str, **body: object) -> Row:
        headers = {"authorization": f"Bearer {self.key}"}
        return envelope_of(
            await self.client.post(verb, json={"uid": self.uid, **body}, headers=headers)
        )


async def state_of_everything(admin: asyncpg.Connection) -> Row:
    """All that anybody but exec_dml may change; of rows, what says that they are others."""
    tables = await admin.fetch(
        "SELECT c.oid::regclass::text AS name FROM pg_class AS c"
        " WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text LIKE 'twinbase%'"
        " AND c.relname NOT IN ('audit', 'idempotency_key', 'pgqueuer_log', 'pgqueuer_statistics',"
        " 'database_usage', 'request_statistics', 'operation_statistics', 'statistics_writer',"
        " 'statistics_kept')"
    )
    state: Row = {
        name: await admin.fetch(f"SELECT t::text FROM {name} AS t ORDER BY 1") for (name,) in tables
    }
    relations = "SELECT relnamespace::regnamespace::text, relname FROM pg_class WHERE oid > 16384"
    return state | {"relations": await admin.fetch(f"{relations} ORDER BY 1, 2")}


@asynccontextmanager
async def to_succeed(
    verb: str, keys: Keys, admin: asyncpg.Connection, source: int
) -> AsyncIterator[Row]:
    """A body with which the verb does what it is for."""
    body = accepted(verb, source)
    async with AsyncExitStack() as held:
        match verb:
            case "exec_dml":
                body["dml"] = "INSERT INTO customers (name) VALUES ('Cy')"
            case "revoke_key":
                body = {
                    "prefix": (await keys.done("create_key", platform_name="default"))["prefix"]
                }
            case "modify_platform":
                body["app_ids"] = ["app01"]
            case "set_row_access":
                body["row_access"] = "read_only"
            case "share_database":
                await keys.platform("workflows")
                await keys.platform("readers")
                body["platform_names"] = ["workflows", "readers"]
            case "get_operation" | "watch_operation" | "cancel_operation":
                await held.enter_async_context(locked(admin, f"test_{source}.orders"))
                named: Row = {"uid": "u1", "database_id": source, "new_database_name": "copy"}
                begun = await keys.done("clone_database", **named, wait=False)
                body["operation_id"] = begun["operation_id"]
                caller = KeyedCaller(keys.client, "u1", key=keys.admin_key)
                await until(caller, begun["operation_id"], "running")
        yield body
