"""Statements that are large, slow or abandoned, against the service as a process."""

import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.prefix import PREFIX
from tests.folders import short_folder
from tests.patience import PATIENCE
from tests.service_process import ServiceProcess, service, until

MEGABYTE = 1024 * 1024
MOST_GROWTH = 64 * MEGABYTE
MOST_MILLISECONDS = int(PATIENCE * 1000)
SLOW = "SELECT count(*) FROM generate_series(1, 1000000000) AS n"


@pytest.fixture(scope="module")
def started() -> Iterator[ServiceProcess]:
    with (
        short_folder("statements") as folder,
        service(
            folder,
            data_dir=folder / "data",
            database_connections=12,
            statement_timeout_ms=MOST_MILLISECONDS,
        ) as process,
    ):
        process.wait_until_ready()
        yield process


@pytest.fixture
def database(started: ServiceProcess) -> int:
    name = f"d{uuid4().hex[:12]}"
    made = started.done("create_database", uid="u1", database_name=name)
    return int(made["database_id"])


def exec_dml(started: ServiceProcess, database: int, dml: str, **more: object) -> dict[str, Any]:
    answer = started.post(
        "exec_dml", uid="u1", app_id="a", database_id=database, env="test", dml=dml, **more
    )
    envelope: dict[str, Any] = answer.json()
    return envelope


def peak_growth(started: ServiceProcess, work: Any) -> int:
    """Bytes by which the process's resident memory grew at most, while this ran."""
    process = Path("/proc") / str(started.process.pid)

    def memory(field: str) -> int:
        (line,) = [line for line in (process / "status").read_text().splitlines() if field in line]
        return int(line.split()[1]) * 1024

    (process / "clear_refs").write_text("5")
    before = memory("VmRSS")
    work()
    return memory("VmHWM") - before


LARGE = {
    "a million rows": "SELECT n, 'row ' || n AS t FROM generate_series(1, 1000000) AS n LIMIT 1000000",
    "a hundred rows of a megabyte": (
        "SELECT repeat('x', 1000000) AS t FROM generate_series(1, 100) AS n"
    ),
    "a gigabyte in a thousand rows": (
        "SELECT repeat('x', 1000000) AS t FROM generate_series(1, 1000) AS n LIMIT 1000"
    ),
    "one value of a fifth of a gigabyte": "SELECT repeat('x', 200000000) AS t",
    "what JSON writes six times as long": "SELECT repeat(E'\\x01', 4000000) AS t",
    "a million empty values": "SELECT "
    + ", ".join(f"NULL::integer AS c{number}" for number in range(1_000))
    + " FROM generate_series(1, 1000) LIMIT 1000",
    "an array of moments": "SELECT array_agg(now()) AS a FROM generate_series(1, 300000)",
    "wide rows": "SELECT "
    + ", ".join(f"n::text AS c{number}" for number in range(1_000))
    + " FROM generate_series(1, 100000) AS n LIMIT 10000",
}


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="memory is read from /proc")
@pytest.mark.parametrize("name", LARGE)
def test_a_large_answer_costs_bounded_memory(
    name: str, started: ServiceProcess, database: int
) -> None:
    answers: list[dict[str, Any]] = []
    growth = peak_growth(
        started, lambda: answers.append(exec_dml(started, database, LARGE[name], compact=True))
    )
    (answer,) = answers
    assert answer["code"] == 0, answer
    assert answer["data"]["truncated"] is True
    assert growth < MOST_GROWTH, f"{growth / MEGABYTE:.0f} MB"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems cannot bound it")
def test_memory_of_one_statement_ends_before_the_machines(
    started: ServiceProcess, database: int
) -> None:
    """PostgreSQL would take some gigabytes; the system then ends every session."""
    answer = exec_dml(
        started,
        database,
        "SELECT count(*) FROM (SELECT array_agg(repeat('x', 1000000)) AS a"
        " FROM generate_series(1, 2000)) AS t WHERE a IS NOT NULL",
    )
    assert (answer["code"], answer["data"]["error"]["sqlstate"]) == (25051, "53200")
    assert exec_dml(started, database, "SELECT 1 AS one")["code"] == 0


def test_a_large_write_that_returns_rows_is_whole(started: ServiceProcess, database: int) -> None:
    started.done("exec_ddl", uid="u1", database_id=database, ddl="CREATE TABLE t (n integer)")
    answer = exec_dml(started, database, "INSERT INTO t (n) SELECT generate_series(1, 200000)")
    (result,) = answer["data"]["results"]
    assert result["affected_rows"] == 200_000
    assert result["truncated"] is True
    counted = exec_dml(started, database, "SELECT count(*) FROM t")
    assert counted["data"]["exec_success"] == [{"count": 200_000}]


def slow_request(database: int) -> dict[str, object]:
    return {"uid": "u1", "app_id": "a", "database_id": database, "env": "test", "dml": SLOW}


def running(started: ServiceProcess, database: int, sid: str) -> threading.Thread:
    """A slow statement, begun in a thread of its own."""

    def work() -> None:
        with started.client() as client:
            client.post(
                f"{PREFIX}/exec_dml", json=slow_request(database), headers={"X-Request-Id": sid}
            )

    thread = threading.Thread(target=work, name=sid)
    thread.start()
    return thread


def requests_with(started: ServiceProcess, code: int) -> list[dict[str, Any]]:
    return [event for event in started.events("request") if event["code"] == code]


def test_who_hangs_up_cancels_his_statement(started: ServiceProcess, database: int) -> None:
    before = len(requests_with(started, 25032))

    def hung_up() -> bool:
        """Once more; whoever does so before the service has seen him does not count."""
        with started.client(timeout=0.2) as client, suppress(httpx.TimeoutException):
            client.post(f"{PREFIX}/exec_dml", json=slow_request(database))
        # As many as there are connections, and then some.
        return len(requests_with(started, 25032)) >= before + 12

    until(hung_up, "so many were cancelled")
    assert exec_dml(started, database, "SELECT 1 AS one")["data"]["exec_success"] == [{"one": 1}]


def test_cancel_statement(started: ServiceProcess, database: int) -> None:
    sid = f"mine-{uuid4().hex[:12]}"
    thread = running(started, database, sid)
    cancel = {"uid": "u1", "database_id": database, "sid": sid}
    strangers = cancel | {"uid": "eve"}
    assert started.post("cancel_statement", **strangers).json()["code"] == 25013
    until(
        lambda: started.post("cancel_statement", **cancel).json()["code"] == 0,
        "the statement was found and cancelled",
    )
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert [told["sid"] for told in requests_with(started, 25032)].count(sid) == 1
    gone = started.post("cancel_statement", **cancel).json()
    assert gone["code"] == 25033, gone


def test_nobody_cancels_by_a_sid_alone(started: ServiceProcess, database: int) -> None:
    """It has to be a request of the database that is named."""
    other = started.done("create_database", uid="u1", database_name=f"d{uuid4().hex[:12]}")
    sid = f"mine-{uuid4().hex[:12]}"
    thread = running(started, database, sid)
    elsewhere = {"uid": "u1", "database_id": other["database_id"], "sid": sid}
    assert started.post("cancel_statement", **elsewhere).json()["code"] == 25033
    own = elsewhere | {"database_id": database}
    until(lambda: started.post("cancel_statement", **own).json()["code"] == 0, "it was cancelled")
    thread.join(PATIENCE)


def test_timeouts_of_a_request(started: ServiceProcess, database: int) -> None:
    answer = exec_dml(started, database, SLOW, timeout_ms=100)
    assert answer["code"] == 25031, answer
    assert answer["data"]["error"]["statement"] == 1
    assert [told for told in started.events("request_not_served") if told["code"] == 25031] == []
    many = exec_dml(
        started, database, ";".join([SLOW.replace("1000000000", "3000000")] * 200), timeout_ms=500
    )
    assert many["code"] == 25031, many
    refused = exec_dml(started, database, "SELECT 1", timeout_ms=86_400_000)
    assert (refused["code"], f"at most {MOST_MILLISECONDS}" in refused["message"]) == (25000, True)


def test_large_sql_does_not_hold_up_others(started: ServiceProcess, database: int) -> None:
    """A flat condition of a megabyte takes seconds of a core; others are served meanwhile."""
    terms = " OR ".join(["a=1"] * 100_000)
    sql = f"SELECT 1 WHERE {terms}"[:1_000_000]
    with ThreadPoolExecutor(2) as pool:
        large = [pool.submit(exec_dml, started, database, sql) for _ in range(2)]
        served = 0
        while not all(each.done() for each in large):
            assert exec_dml(started, database, "SELECT 1 AS one")["code"] == 0
            served += 1
    assert served >= 5
    assert {each.result()["code"] for each in large} <= {25030, 25050, 25051}


def test_a_busy_database_leaves_connections_to_others(
    started: ServiceProcess, database: int
) -> None:
    """Fifty slow statements of one; as many run as one owner may, the others hold no connection."""
    other = started.done("create_database", uid="u2", database_name=f"d{uuid4().hex[:12]}")
    sids = [f"busy-{uuid4().hex[:12]}" for _ in range(50)]
    threads = [running(started, database, sid) for sid in sids]
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        answer = started.post(
            "exec_dml",
            uid="u2",
            app_id="a",
            database_id=other["database_id"],
            env="test",
            dml="SELECT 1 AS one",
        ).json()
        assert answer["code"] == 0, answer
    while any(thread.is_alive() for thread in threads):
        for sid in sids:
            started.post("cancel_statement", uid="u1", database_id=database, sid=sid)


def test_sql_and_values_are_in_no_log(started: ServiceProcess, database: int) -> None:
    """Neither in the service's nor in PostgreSQL's, which would repeat both with an error."""
    secret = f"secret-{uuid4().hex}"
    started.done("exec_ddl", uid="u1", database_id=database, ddl="CREATE TABLE s (a text UNIQUE)")
    for dml in (
        f"SELECT '{secret}'::integer",
        f"INSERT INTO s (a) VALUES ('{secret}'), ('{secret}')",
        f"SELECT '{secret}' AS a",
    ):
        exec_dml(started, database, dml)
    exec_dml(started, database, "SELECT $1::date", params=[secret])
    logs = [started.errors, *started.errors.parent.rglob("server.log*")]
    assert len(logs) >= 2
    assert not any(secret in path.read_text(errors="replace") for path in logs)
