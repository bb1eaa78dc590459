"""Spans as a collector gets them: whose they are, what they tell, and what they never tell."""

import asyncio
import json
from collections.abc import Iterator

import asyncpg
import pytest

from api.prefix import PREFIX
from service.settings import Auth, Settings
from tests.client import Client, Row, open_client
from tests.collector import Collector, collecting
from tests.http.keys import Keys
from tests.operations import nobody_claims, with_short_waits
from tests.patience import eventually

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SENT = {"traceparent": f"00-{TRACE}-{SPAN}-01", "tracestate": "vendor=1,other=2"}
UNSAMPLED = {"traceparent": f"00-{TRACE}-{SPAN}-00"}
DIVIDES = "SELECT a / 0 FROM t"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with collecting() as opened:
        yield opened


@pytest.fixture
def traced(settings: Settings, collector: Collector) -> Settings:
    return settings.model_copy(update={"otlp_endpoint": collector.endpoint})


async def filled(client: Client) -> int:
    database_id = await client.caller().create()
    await client.caller().ddl(database_id, "CREATE TABLE t (a int)")
    return database_id


async def dml(client: Client, database_id: int, sql: str, headers: dict[str, str]) -> Row:
    answer = await client.post(
        "exec_dml",
        json={
            "uid": "u1",
            "app_id": "app01",
            "database_id": database_id,
            "env": "test",
            "dml": sql,
        },
        headers=headers,
    )
    envelope: Row = answer.json()
    return {"traceresponse": answer.headers.get("traceresponse"), **envelope}


@pytest.mark.direct(reason="behind PgBouncer no statement is a transaction of its own")
async def test_a_request_and_its_statements_belong_to_the_callers_trace(
    traced: Settings, collector: Collector
) -> None:
    async with open_client(traced) as client:
        database_id = await filled(client)
        sql = "INSERT INTO t (a) VALUES (1), (2); SELECT a FROM t"
        answer = await dml(client, database_id, sql, SENT)
        await dml(client, database_id, "SELECT a FROM t", SENT)
    several, single = collector.named("exec_dml")
    assert several.attributes == {
        "http.request.method": "POST",
        "http.route": f"{PREFIX}/exec_dml",
        "url.path": f"{PREFIX}/exec_dml",
        "url.scheme": "http",
        "http.response.status_code": 200,
        "twinbase.code": 0,
        "twinbase.sid": answer["sid"],
        "twinbase.database_id": database_id,
    }
    assert (several.kind, several.trace_id, several.parent) == ("SERVER", TRACE, SPAN)
    assert several.state == SENT["tracestate"]
    assert answer["traceresponse"] == f"00-{TRACE}-{several.span_id}-01"
    statements = [span for span in collector.spans if span.parent == several.span_id]
    place = {
        "db.system.name": "postgresql",
        "twinbase.database_id": database_id,
        "twinbase.env": "test",
    }
    assert [span.attributes for span in statements] == [
        place | {"db.operation.name": "INSERT", "twinbase.statement": 1, "twinbase.rows": 2},
        place | {"db.operation.name": "SELECT", "twinbase.statement": 2, "twinbase.rows": 2},
        place | {"db.operation.name": "COMMIT"},
    ]
    assert {(span.kind, span.trace_id, span.failed) for span in statements} == {
        ("CLIENT", TRACE, False)
    }
    assert 0 < sum(span.seconds for span in statements) < several.seconds
    (alone,) = [span for span in collector.spans if span.parent == single.span_id]
    assert (alone.name, alone.attributes["twinbase.rows"]) == ("SELECT", 2)
    assert {resource["service.name"] for resource in collector.resources} == {"twinbase"}
    assert {headers["path"] for headers in collector.headers} == {"/v1/traces"}


async def test_ddl_and_plans_have_spans_too(traced: Settings, collector: Collector) -> None:
    async with open_client(traced) as client:
        database_id = await filled(client)
        asked = {
            "app_id": "app01",
            "database_id": database_id,
            "env": "test",
            "dml": "SELECT a FROM t",
        }
        await client.caller().done("explain_dml", **asked)
    request = collector.one("exec_ddl")
    assert (request.parent, len(request.trace_id)) == ("", 32)
    told = [
        (span.name, span.attributes.get("twinbase.statement"), span.attributes["twinbase.env"])
        for span in collector.spans
        if span.parent == request.span_id
    ]
    assert told == [
        ("LOCK TABLE", None, "prod"),
        ("CREATE TABLE", 1, "prod"),
        ("CREATE TABLE", 1, "test"),
    ]
    assert collector.one("EXPLAIN").parent == collector.one("explain_dml").span_id


async def test_what_fails_says_how_and_whose_fault_it_is(
    traced: Settings, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_arguments: object) -> None:
        raise RuntimeError("canary")

    async with open_client(traced) as client:
        database_id = await filled(client)
        await client.caller().dml(database_id, "INSERT INTO t (a) VALUES (1)")
        assert (await dml(client, database_id, DIVIDES, SENT))["code"] == 25051
        monkeypatch.setattr("api.routes.databases.create_database", broken)
        await client.caller().call("create_database", database_name="other")
        await client.post("explode_database?canary", json={})
        await client.http.get("/healthz")
    request = next(span for span in collector.named("exec_dml") if span.trace_id == TRACE)
    (statement,) = [span for span in collector.spans if span.parent == request.span_id]
    assert (request.failed, request.attributes["http.response.status_code"]) == (False, 400)
    assert statement.failed
    assert statement.attributes["db.response.status_code"] == "22012"
    assert statement.attributes["error.type"] == "22012"
    failed = collector.named("create_database")[-1]
    assert (failed.failed, failed.attributes["error.type"]) == (True, "500")
    assert failed.attributes["twinbase.code"] == 25500
    unknown = collector.one("POST")
    assert (unknown.failed, unknown.attributes["http.response.status_code"]) == (False, 404)
    assert "http.route" not in unknown.attributes
    assert not [span for span in collector.spans if "healthz" in str(span)]
    assert b"canary" not in collector.sent


async def test_what_the_caller_does_not_sample_is_not_sent(
    traced: Settings, collector: Collector
) -> None:
    async with open_client(traced) as client:
        database_id = await filled(client)
        answer = await dml(client, database_id, "SELECT a FROM t", UNSAMPLED)
    assert answer["traceresponse"].startswith(f"00-{TRACE}-")
    assert answer["traceresponse"].endswith("-00")
    assert collector.spans
    assert TRACE not in {span.trace_id for span in collector.spans}


@pytest.mark.parametrize(
    "traceparent",
    [
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-01-more",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        "",
        "é",
    ],
)
async def test_what_is_no_traceparent_begins_a_trace(
    traced: Settings, collector: Collector, traceparent: str
) -> None:
    async with open_client(traced) as client:
        sent = [(b"traceparent", traceparent.encode("latin-1"))]
        answer = await client.http.post(f"{PREFIX}/list_databases", json={"uid": "u"}, headers=sent)
        assert answer.status_code == 200
    span = collector.one("list_databases")
    assert (span.parent, TRACE in span.trace_id) == ("", False)


async def test_an_operation_belongs_to_the_request_that_began_it(
    traced: Settings, collector: Collector, admin: asyncpg.Connection
) -> None:
    """Whoever runs it: here another worker, when the first is gone."""
    traced = with_short_waits(traced)
    async with nobody_claims(admin):
        async with open_client(traced) as first:
            database_id = await filled(first)
            body = {
                "uid": "u1",
                "database_id": database_id,
                "new_database_name": "copy",
                "wait": False,
            }
            answer = await first.post("clone_database", json=body, headers=SENT)
            cloned = answer.json()
        assert collector.one("clone_database").kind == "SERVER"
    async with open_client(traced) as second:
        operation = await second.caller().ended(cloned["data"]["operation_id"])
        assert operation["status"] == "succeeded"
    request = next(span for span in collector.named("clone_database") if span.kind == "SERVER")
    attempt = next(
        span
        for span in collector.named("clone_database")
        if span.kind == "CONSUMER" and not span.failed
    )
    assert (attempt.trace_id, attempt.parent) == (TRACE, request.span_id)
    assert attempt.state == SENT["tracestate"]
    assert attempt.attributes["twinbase.sid"] == cloned["sid"]
    assert attempt.attributes["twinbase.operation_id"] == cloned["data"]["operation_id"]
    steps = [
        (span.name, span.attributes.get("twinbase.env"))
        for span in collector.spans
        if span.parent == attempt.span_id
    ]
    assert steps[0] == ("reading", None)
    assert sorted(map(str, steps[1:])) == sorted(
        str((step, env))
        for step in ("structure", "rows", "indexes and keys", "comments and rights", "comparing")
        for env in ("prod", "test")
    )
    assert {span.kind for span in collector.spans if span.parent == attempt.span_id} == {"INTERNAL"}


async def test_nothing_that_is_a_tenants_is_in_any_span(
    traced: Settings, collector: Collector, keys: Keys
) -> None:
    """Searched as bytes, in what is sent and what fails."""
    async with open_client(traced.model_copy(update={"auth": Auth.KEYS})) as client:
        client.http.headers["Authorization"] = f"Bearer {keys.admin_key}"
        caller = client.caller("canaryuid", app_id="canaryapp")
        database_id = await caller.create("canaryname")
        await caller.ddl(
            database_id, "CREATE TABLE canarytable (canarycolumn text CHECK (canarycolumn <> 'x'))"
        )
        insert = "INSERT INTO canarytable (canarycolumn) VALUES ($1)"
        await caller.dml(database_id, insert, params=["canaryparam"])
        await caller.dml(
            database_id, "SELECT canarycolumn FROM canarytable WHERE 'canarysql' = 'b'"
        )
        for wrong in (
            "SELECT canarycolumn::int FROM canarytable",
            "SELECT canarymissing FROM canarytable",
            "SELECT pg_sleep(1) AS canaryrefused",
            "INSERT INTO canarytable (canarycolumn) VALUES ('x')",
        ):
            assert (await caller.refused_dml(database_id, wrong))["code"] != 0
        await caller.clone(database_id, "canarycopy", in_steps=True)
        await caller.done("drop_database", database_id=database_id)
        await client.post("canaryverb?canary=query", json={"canary": "body"})
    assert len(collector.spans) > 20
    assert b"canary" not in collector.sent.lower()
    assert keys.admin_key.encode() not in collector.sent
    assert {span.said for span in collector.spans} == {"[][]"}


async def test_a_collector_that_is_away_costs_one_line(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1.5")  # one retry
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
    with collecting() as gone:
        port = int(gone.endpoint.rpartition(":")[2])
    lines: list[Row] = []

    def told(*names: str) -> list[Row]:
        lines.extend(map(json.loads, capfd.readouterr().err.splitlines()))
        return [line for line in lines if line["event"] in names]

    async with open_client(settings.model_copy(update={"otlp_endpoint": gone.endpoint})) as client:

        async def ask(event: str) -> bool:
            await client.caller().done("list_databases")
            return bool(told(event))

        await eventually(lambda: ask("traces_not_sent"))
        for _ in range(20):  # each is a batch of its own
            await client.caller().done("list_databases")
            await asyncio.sleep(0.02)
        with collecting(port) as collector:
            await eventually(lambda: ask("traces_sent_again"))
            assert collector.named("list_databases")
            (line,) = told("traces_not_sent")
    assert (line["why"], line["level"]) == ("ConnectionError", "warning")
    known = {"request", "traces_not_sent", "traces_sent_again"}
    told_by_others = {each["event"] for each in lines} - known
    assert not [event for event in told_by_others if not event.startswith("HTTP Request")]  # ours
