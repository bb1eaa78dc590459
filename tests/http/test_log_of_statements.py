"""What the log tells of slow statements, of operations and of failures; and never SQL or values."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text

from repository.engine import create_engine
from service.settings import Settings
from tests.catalog import until_running
from tests.client import Caller, Client, Row, open_client
from tests.http.verbs import accepted
from tests.patience import eventually

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SENT = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
FIELDS = {
    "event",
    "level",
    "timestamp",
    "sid",
    "kind",
    "fingerprint",
    "number",
    "ms",
    "turn_ms",
    "connection_ms",
    "rows",
    "database_id",
    "env",
}
# Some milliseconds of PostgreSQL's time.
SLOW = "SELECT count(*) AS canarycount FROM generate_series(1, 20000) WHERE 'canary' <> '{}'"


class Log:
    """What the service has written so far."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd
        self.text = ""

    def events(self, *names: str) -> list[Row]:
        self.text += self._capfd.readouterr().err
        lines = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in lines if line["event"] in names]

    async def eventually(self, name: str, **fields: object) -> Row:
        """What another thread writes, or a worker."""

        async def ask() -> list[Row]:
            return [line for line in self.events(name) if fields.items() <= line.items()]

        return (await eventually(ask))[0]


@pytest.fixture
def log(capfd: pytest.CaptureFixture[str]) -> Log:
    return Log(capfd)


@pytest.fixture
async def slow(settings: Settings) -> AsyncIterator[Client]:
    """Whatever takes a millisecond is slow."""
    narrow = {"slow_statement_ms": 1, "statements_per_database": 1}
    async with open_client(settings.model_copy(update=narrow)) as opened:
        yield opened


async def filled(client: Client) -> tuple[Caller, int]:
    caller = client.caller("canaryuid")
    database_id = await caller.create("canaryname")
    await caller.ddl(database_id, "CREATE TABLE canarytable (a int)")
    return caller, database_id


async def test_a_slow_statement_is_told_by_its_fingerprint(slow: Client, log: Log) -> None:
    caller, database_id = await filled(slow)
    # As sent, normalised, and as a statement that is kept.
    for value in ("canary1", "canary2", "canary3"):
        await caller.dml(database_id, SLOW.format(value))
    await caller.dml(database_id, f"{SLOW}; SELECT 1 AS one")
    told = [line for line in log.events("slow_statement") if line["kind"] == "SELECT"]
    assert all(set(line) == FIELDS for line in told)
    assert len({line["fingerprint"] for line in told[:3]}) == 1
    assert len(told[0]["fingerprint"]) == 16
    for line in told[:4]:
        assert (line["database_id"], line["env"]) == (database_id, "test")
        assert (line["number"], line["rows"], line["level"]) == (1, 1, "warning")
        assert line["ms"] >= 1
    assert "canary" not in log.text


async def test_integers_as_parameters_change_no_fingerprint(slow: Client, log: Log) -> None:
    caller, database_id = await filled(slow)
    await caller.dml(database_id, "INSERT INTO canarytable SELECT generate_series(1, 50000)")
    for number in range(4):  # the first as it is sent, the others normalised
        await caller.dml(database_id, f"SELECT count(*) FROM canarytable WHERE a <> {number}")
    told = [line for line in log.events("slow_statement") if line["kind"] == "SELECT"]
    assert (len(told), len({line["fingerprint"] for line in told})) == (4, 1)
    assert "canary" not in log.text


async def test_ddl_plans_and_long_sql_are_told_too(slow: Client, log: Log) -> None:
    caller, database_id = await filled(slow)
    await caller.ddl(database_id, f"CREATE TABLE canaryother AS {SLOW}")
    joined = " JOIN ".join(
        ["canarytable a0", *(f"canarytable a{n} USING (a)" for n in range(1, 9))]
    )
    explained = await caller.call(
        "explain_dml",
        app_id="a",
        database_id=database_id,
        env="test",
        dml=f"SELECT 1 FROM {joined}",
    )
    assert explained["code"] == 0
    assert {line["kind"] for line in log.events("slow_statement")} >= {
        "CREATE TABLE AS",
        "EXPLAIN",
    }
    numbers = ", ".join(f"'canary{n}'" for n in range(20_000))
    await caller.dml(database_id, f"SELECT count(*) FROM canarytable WHERE a::text IN ({numbers})")
    long = await log.eventually("slow_statement", kind="SELECT")
    assert len(long["fingerprint"]) == 16
    assert long["sid"]
    assert "canary" not in log.text


async def test_what_is_stopped_is_told_with_its_wait(
    slow: Client, admin: asyncpg.Connection, log: Log
) -> None:
    """One runs until its time is over; the other waits for its turn as long."""
    caller, database_id = await filled(slow)
    endless = "SELECT count(*) AS canarycount FROM generate_series(1, 1000000000)"
    first = asyncio.create_task(caller.refused_dml(database_id, endless, timeout_ms=2_000))
    await until_running(admin, "SELECT count(*) AS canarycount")
    waited = await caller.refused_dml(database_id, f"{SLOW}; SELECT 1")
    stopped = await first
    assert (stopped["code"], waited["code"]) == (25031, 0)
    lines = {line["sid"]: line for line in reversed(log.events("slow_statement"))}
    line = lines[stopped["sid"]]
    assert (line["sqlstate"], line["error"], line["rows"]) == ("57014", "StatementTimeout", None)
    assert line["ms"] >= 2_000
    assert lines[waited["sid"]]["turn_ms"] > 100  # as long as it began before the other's end
    assert "canary" not in log.text


async def test_none_is_slow_where_that_is_off(settings: Settings, log: Log) -> None:
    async with open_client(settings.model_copy(update={"slow_statement_ms": 0})) as client:
        caller, database_id = await filled(client)
        await caller.dml(database_id, SLOW)
    assert log.events("slow_statement") == []


async def test_the_callers_trace_is_in_each_line_without_a_collector(
    client: Client, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    async def broken(*_arguments: object) -> None:
        logging.getLogger("some.library").warning("from a library")
        raise RuntimeError

    monkeypatch.setattr("api.routes.databases.create_database", broken)
    answer = await client.post("create_database", json=accepted("create_database"), headers=SENT)
    assert "traceresponse" not in answer.headers
    await client.call("list_databases", uid="u1")
    *of_it, other = log.events("from a library", "request_failed", "request")
    assert [line["event"] for line in of_it] == ["from a library", "request_failed", "request"]
    assert {(line["trace_id"], line["sid"]) for line in of_it} == {(TRACE, answer.json()["sid"])}
    assert "trace_id" not in other


@pytest.mark.parametrize("wait", [True, False], ids=["here", "by the queue"])
async def test_an_operations_lines_name_it_and_who_asked(
    client: Client, log: Log, *, wait: bool
) -> None:
    caller, database_id = await filled(client)
    client.http.headers.update(SENT)
    cloned = await caller.call(
        "clone_database", database_id=database_id, new_database_name="copy", wait=wait
    )
    del client.http.headers["traceparent"]
    operation_id = cloned["data"]["operation_id"]
    await caller.ended(operation_id)
    line = await log.eventually("operation_succeeded")
    assert (line["operation_id"], line["sid"]) == (operation_id, cloned["sid"])
    assert line["trace_id"] == TRACE


async def test_no_driver_error_tells_sql_or_values(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    """Real ones, whose texts hold both, where nobody has foreseen them."""
    assert settings.database_url is not None
    url = settings.database_url.get_secret_value()

    async def asyncpgs(*_arguments: object) -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute("SELECT 'canaryvalue'::int AS canarycolumn")
        finally:
            await connection.close()

    async def sqlalchemys(*_arguments: object) -> None:
        engine = create_engine(url, pool_size=1, connect_timeout=9, pool_timeout=9)
        try:
            async with engine.connect() as connection:
                await connection.execute(
                    text("SELECT CAST(CAST(:v AS text) AS int) AS canary"), {"v": "canaryparam"}
                )
        finally:
            await engine.dispose()

    async def argument(*_arguments: object) -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.fetch("SELECT $1::int AS canarycolumn", "canaryargument")
        finally:
            await connection.close()

    for fails in (asyncpgs, sqlalchemys, argument):
        monkeypatch.setattr("api.routes.databases.create_database", fails)
        answer = await client.post("create_database", json=accepted("create_database"))
        assert answer.json()["code"] == 25500
        assert "canary" not in answer.text
    told = log.events("request_failed")
    assert [line["exception"][0]["type"] for line in told] == [
        "InvalidTextRepresentationError",
        "DBAPIError",
        "DataError",
    ]
    assert told[0]["exception"][0]["sqlstate"] == "22P02"
    assert "canary" not in log.text


async def test_no_library_tells_what_an_exception_says(client: Client, log: Log) -> None:
    """As PgQueuer, asyncio and uvicorn log them."""

    async def fail() -> None:
        raise ValueError("canary")

    task = asyncio.ensure_future(fail())
    await asyncio.wait({task})
    library = logging.getLogger("some.library")
    error = task.exception()
    library.error("Failed to send: %s", error, exc_info=error)
    library.error("Unhandled in task: %s of %d", task, 3)
    library.error("Broken %(error)s", {"error": error})
    library.error("Traceback (most recent call last):\n canary")
    del task
    asyncio.get_running_loop().call_exception_handler(
        {"message": "Task exception was never retrieved", "future": fail, "exception": error}
    )
    told = {
        "Failed to send: ValueError",
        "Unhandled in task: Task of 3",
        "Broken ValueError",
        "Traceback (most recent call last):",
        "Task exception was never retrieved",
    }
    assert {line["event"] for line in log.events(*told)} == told
    assert "canary" not in log.text
