"""Long SQL is judged in another process as it would be here, and nobody pays for another's SQL."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from multiprocessing import active_children

import pytest

from domain.gate import admit_ddl, admit_dml
from exceptions.errors import SqlParseFailed, TwinbaseError
from service.gate_process import PROCESSES, GateProcess
from service.use_cases.judging import SHORT_SQL

SCHEMA = "test_1"
REMARK = f"/* {'x' * SHORT_SQL} */ "
LONG = f"{REMARK}SELECT 1"
# It takes seconds.
SLOW = "SELECT " + ", ".join(["lower(a)"] * 100_000)


@pytest.fixture
async def gate() -> AsyncIterator[GateProcess]:
    opened = GateProcess(longest=60)
    yield opened
    await opened.close()
    assert active_children() == []


def pids() -> set[int]:
    return {child.pid for child in active_children() if child.pid is not None}


@pytest.mark.parametrize("sql", ["SELECT :a", f"{REMARK}SELECT :a; DELETE FROM t"])
async def test_dml_as_judged_here(gate: GateProcess, sql: str) -> None:
    names = frozenset({"a"})
    assert await gate.admit_dml(sql, SCHEMA, names) == admit_dml(sql, SCHEMA, names)


@pytest.mark.parametrize("sql", ["DROP TABLE t", f"{REMARK}CREATE TABLE t (a int)"])
async def test_ddl_as_judged_here(gate: GateProcess, sql: str) -> None:
    assert await gate.admit_ddl(sql) == admit_ddl(sql)


REFUSED = {
    "syntax": f"{REMARK}SELECT FORM t t t",
    "not allowed": f"{REMARK}COPY t TO PROGRAM 'x'",
    "a foreign schema": f"{REMARK}SELECT * FROM other.t",
    "a placeholder": f"{REMARK}SELECT $1 + :a",
    "too deep": "SELECT " + "NOT " * SHORT_SQL + "true",
}


@pytest.mark.parametrize("case", REFUSED)
async def test_errors_come_through_as_they_are(gate: GateProcess, case: str) -> None:
    with pytest.raises(TwinbaseError) as here:
        admit_dml(REFUSED[case], SCHEMA, frozenset({"a"}))
    with pytest.raises(TwinbaseError) as elsewhere:
        await gate.admit_dml(REFUSED[case], SCHEMA, frozenset({"a"}))
    assert type(elsewhere.value) is type(here.value)
    assert elsewhere.value.message == here.value.message
    assert elsewhere.value.sql == here.value.sql


async def test_short_sql_needs_no_process(gate: GateProcess) -> None:
    await gate.admit_dml("SELECT 1".ljust(SHORT_SQL), SCHEMA, None)
    assert pids() == set()


async def test_one_after_the_other_needs_one_process(gate: GateProcess) -> None:
    for _ in range(3):
        await gate.admit_dml(LONG, SCHEMA, None)
    assert len(pids()) == 1


async def test_many_at_once_share_the_processes(gate: GateProcess) -> None:
    verdicts = await asyncio.gather(*(gate.admit_dml(LONG, SCHEMA, None) for _ in range(10)))
    assert verdicts == [admit_dml(LONG, SCHEMA)] * 10
    assert len(pids()) == PROCESSES


async def test_what_takes_too_long_is_refused_and_others_are_served() -> None:
    gate = GateProcess(longest=0.5)
    requests = [SLOW] * PROCESSES + [LONG] * 5
    try:
        verdicts = await asyncio.gather(
            *(gate.admit_dml(sql, SCHEMA, None) for sql in requests), return_exceptions=True
        )
    finally:
        await gate.close()
    assert [type(verdict) for verdict in verdicts[:PROCESSES]] == [SqlParseFailed] * PROCESSES
    assert verdicts[PROCESSES:] == [admit_dml(LONG, SCHEMA)] * 5


async def test_who_gives_up_ends_what_is_judged_for_him(gate: GateProcess) -> None:
    await gate.admit_dml(LONG, SCHEMA, None)
    before = pids()
    given_up = asyncio.create_task(gate.admit_dml(SLOW, SCHEMA, None))
    await asyncio.sleep(0.2)  # by then it is being judged
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    assert await gate.admit_dml(LONG, SCHEMA, None) == admit_dml(LONG, SCHEMA)
    assert pids().isdisjoint(before)


async def test_a_process_that_died_is_replaced(gate: GateProcess) -> None:
    await gate.admit_dml(LONG, SCHEMA, None)
    (process,) = active_children()
    process.kill()
    await asyncio.to_thread(process.join)
    assert await gate.admit_dml(LONG, SCHEMA, None) == admit_dml(LONG, SCHEMA)


async def test_sql_that_ends_its_process_is_refused(gate: GateProcess) -> None:
    await gate.admit_dml(LONG, SCHEMA, None)
    (pid,) = pids()
    deadly = asyncio.create_task(gate.admit_dml(SLOW, SCHEMA, None))
    await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(SqlParseFailed, match="too large or too complicated") as raised:
        await deadly
    assert raised.value.is_passing
    assert await gate.admit_dml(LONG, SCHEMA, None) == admit_dml(LONG, SCHEMA)


async def test_it_closes_while_it_judges() -> None:
    gate = GateProcess(longest=60)
    await gate.admit_dml(LONG, SCHEMA, None)
    judged = asyncio.create_task(gate.admit_dml(SLOW, SCHEMA, None))
    await asyncio.sleep(0)
    await gate.close()
    assert pids() == set()
    with pytest.raises((SqlParseFailed, asyncio.CancelledError)):
        await judged
