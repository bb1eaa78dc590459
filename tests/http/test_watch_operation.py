"""Server-sent events of an operation, asked for by POST and by GET."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from asyncpg import Connection
from sse_starlette import ServerSentEvent

from api.prefix import PREFIX
from service.settings import Settings
from tests.client import Client, Row
from tests.operations import (
    INVALID,
    NOT_FOUND,
    begin_clone,
    make_source,
    nobody_claims,
    with_short_waits,
)
from tests.patience import PATIENCE


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return with_short_waits(settings)


@pytest.fixture
async def source(client: Client) -> int:
    return await make_source(client.caller())


def events_of(text: str) -> list[tuple[str, Row]]:
    events = []
    for block in text.replace("\r\n", "\n").strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        if fields:
            events.append((fields["event"], json.loads(fields["data"])))
    return events


async def watch(client: Client, method: str, operation_id: int) -> httpx.Response:
    body: Row = {"uid": "u1", "operation_id": operation_id}
    if method == "GET":
        return await client.http.get(f"{PREFIX}/watch_operation", params=body)
    return await client.post("watch_operation", json=body)


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_who_watches_sees_it_to_its_end(
    client: Client, admin: Connection, source: int, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = asyncio.Event()

    def event_told(**fields: Any) -> ServerSentEvent:
        told.set()
        return ServerSentEvent(**fields)

    monkeypatch.setattr("api.routes.operations.ServerSentEvent", event_told)
    caller = client.caller()
    async with asyncio.timeout(PATIENCE):
        async with nobody_claims(admin):
            cloned = await begin_clone(caller, source)
            watching = asyncio.create_task(watch(client, method, cloned["operation_id"]))
            await told.wait()
        answer = await watching
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = events_of(answer.text)
    statuses = [status for status, _ in events]
    assert statuses[0] == "pending"
    assert statuses[-1] == "succeeded"
    assert all(data["status"] == status for status, data in events)
    final = await caller.done("get_operation", operation_id=cloned["operation_id"])
    assert events[-1][1] == final
    again = await watch(client, method, cloned["operation_id"])
    assert [status for status, _ in events_of(again.text)] == ["succeeded"]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"uid": "u1"}, INVALID),
        ({"uid": "u1", "operation_id": "x"}, INVALID),
        ({"uid": "u1", "operation_id": 1, "more": 1}, INVALID),
        ({"uid": "u1", "operation_id": ["1", "2"]}, INVALID),
        ({"uid": "u1", "operation_id": 1}, NOT_FOUND),
    ],
    ids=str,
)
async def test_a_url_that_asks_for_nothing_is_answered_as_any_verb(
    client: Client, params: dict[str, str], code: int
) -> None:
    answer = await client.http.get(f"{PREFIX}/watch_operation", params=params)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["code"] == code
