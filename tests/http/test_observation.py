"""Every statement and every transaction of a tenant is observed, once, however it ends."""

from collections.abc import AsyncIterator

import pytest

from domain.observation import ObservedStatement, ObservedTransaction, Observers
from service.settings import Settings
from tests.client import Client, open_client

SLOW = "SELECT count(*) FROM generate_series(1, 1000000000)"


class Seen:
    def __init__(self) -> None:
        self.statements: list[ObservedStatement] = []
        self.transactions: list[ObservedTransaction] = []

    def told(self) -> tuple[list[object], list[object]]:
        """Since the last time; each statement's kind, rows, SQLSTATE; each transaction's kind."""
        assert all(each.seconds > 0 <= each.waited for each in self.statements)
        assert all(each.seconds > 0 <= each.waited for each in self.transactions)
        told: tuple[list[object], list[object]] = (
            [(each.kind, each.rows, each.sqlstate) for each in self.statements],
            [(each.kind, type(each.error).__name__) for each in self.transactions],
        )
        self.statements.clear()
        self.transactions.clear()
        return told


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """In the place of the service's own observers."""
    seen = Seen()
    observers = Observers((seen.statements.append,), (seen.transactions.append,))
    monkeypatch.setattr("service.observing._observers", lambda *_: observers)
    return seen


@pytest.fixture
async def client(seen: Seen, settings: Settings) -> AsyncIterator[Client]:
    async with open_client(settings) as opened:
        yield opened


@pytest.mark.direct(reason="behind PgBouncer no statement is a transaction of its own")
async def test_dml(client: Client, seen: Seen) -> None:
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(database_id, "CREATE TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    seen.told()
    done = [("dml", "NoneType")]
    await caller.dml(database_id, "INSERT INTO t (a) VALUES (1), (2)")
    assert seen.told() == ([("INSERT", 2, None)], done)
    await caller.dml(
        database_id, "UPDATE t SET a = a + 2; SELECT a FROM t; DELETE FROM t WHERE a = 9"
    )
    statements = [("UPDATE", 2, None), ("SELECT", 2, None), ("DELETE", 0, None)]
    assert seen.told() == ([*statements, ("COMMIT", None, None)], done)
    await caller.refused_dml(database_id, "SELECT a / 0 FROM t")
    assert seen.told() == ([("SELECT", None, "22012")], [("dml", "DmlFailed")])
    twice = "INSERT INTO t (a) VALUES (3); SELECT 1"  # found out at the end
    await caller.refused_dml(database_id, twice)
    statements = [("INSERT", 1, None), ("SELECT", 1, None)]
    assert seen.told() == ([*statements, ("COMMIT", None, "23505")], [("dml", "DmlFailed")])
    await caller.refused_dml(database_id, SLOW, timeout_ms=50)
    assert seen.told() == ([("SELECT", None, "57014")], [("dml", "StatementTimeout")])
    await caller.refused_dml(database_id, "SELECT pg_sleep(1)")
    assert seen.told() == ([], [])  # PostgreSQL was not asked


async def test_ddl(client: Client, seen: Seen) -> None:
    caller = client.caller()
    database_id = await caller.create()
    assert seen.told() == ([], [])
    await caller.ddl(database_id, "CREATE TABLE t (a int); CREATE INDEX ON t (a)")
    made = [("CREATE TABLE", None, None), ("CREATE INDEX", None, None)]
    assert seen.told() == ([("LOCK TABLE", None, None), *made, *made], [("ddl", "NoneType")])
    await caller.refused_ddl(database_id, "CREATE TABLE t (a int)")
    failed = [("LOCK TABLE", None, None), ("CREATE TABLE", None, "42P07")]
    assert seen.told() == (failed, [("ddl", "DdlFailed")])
