"""One line of the log for each request, and the request's sid in all lines that it causes."""

import json
import sys
from io import StringIO
from typing import Any

import pytest
import structlog

from api.prefix import PREFIX
from exceptions.errors import ServiceUnavailable
from tests.client import Client, Row
from tests.http.verbs import accepted

FIELDS = ["verb", "code", "status", "ms", "event", "sid", "level", "timestamp"]


class Log:
    """What the service has written since it was last read."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd

    def events(self, *names: str) -> list[Row]:
        lines = self._capfd.readouterr().err.splitlines()
        events = [json.loads(line) for line in lines if line.startswith("{")]
        return [event for event in events if event["event"] in names]


@pytest.fixture
def log(capfd: pytest.CaptureFixture[str]) -> Log:
    return Log(capfd)


async def test_a_line_for_each_request(client: Client, log: Log) -> None:
    for verb, body, said in (
        ("list_databases", {"uid": "u1"}, ("list_databases", 0, 200)),
        ("list_databases", {}, ("list_databases", 25000, 400)),
        ("exec_dml", accepted("exec_dml", 1), ("exec_dml", 25013, 404)),
        ("explode_database", {}, ("unknown", 25001, 404)),
    ):
        answer = await client.post(verb, json=body)
        (line,) = log.events("request")
        assert list(line) == FIELDS
        assert (line["verb"], line["code"], line["status"]) == said
        assert (line["sid"], line["level"]) == (answer.json()["sid"], "info")
        assert 0 < line["ms"] < 60_000
    wrong_method = await client.http.get(f"{PREFIX}/exec_dml")
    assert wrong_method.status_code == 405
    assert log.events("request")[0]["verb"] == "exec_dml"


async def test_health_is_asked_too_often_to_be_told(client: Client, log: Log) -> None:
    assert (await client.http.get("/healthz")).status_code == 200
    assert log.events("request") == []


async def test_whatever_a_request_causes_has_its_sid(
    client: Client, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    async def unavailable(*_arguments: object) -> None:
        raise ServiceUnavailable from OSError("secret")

    async def broken(*_arguments: object) -> None:
        raise RuntimeError("secret")

    for create, event in (
        (unavailable, "postgresql_unavailable"),
        (broken, "request_failed"),
    ):
        monkeypatch.setattr("api.routes.databases.create_database", create)
        answer = await client.post("create_database", json=accepted("create_database"))
        lines = log.events(event, "request")
        assert [line["event"] for line in lines] == [event, "request"]
        assert {line["sid"] for line in lines} == {answer.json()["sid"]}
        assert "secret" not in str(lines)


async def test_no_line_after_a_request_has_its_sid(client: Client, log: Log) -> None:
    """The client here runs in the task that served it, which in production nobody does."""
    await client.call("list_databases", uid="u1")
    structlog.get_logger().warning("afterwards")
    during, after = log.events("request", "afterwards")
    assert during["sid"]
    assert "sid" not in after


class Full(StringIO):
    """As a disk without space."""

    def write(self, *_arguments: Any) -> int:
        raise OSError(28, "No space left on device")


async def test_a_log_that_cannot_be_written_costs_no_request(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", Full())
    assert (await client.call("list_databases", uid="u1"))["code"] == 0
