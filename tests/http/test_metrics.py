"""/metrics: who may ask, in which form it answers, and that it counts what was done."""

from typing import Any

import pytest
from pydantic import SecretStr

from service.settings import Settings
from service.use_cases.judging import SHORT_SQL
from tests.client import Client, open_client
from tests.http.keys import Keys
from tests.http.verbs import envelope_of
from tests.patience import eventually
from tests.scraped import PATH, Scraped, read, scraped

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


async def test_it_answers_in_prometheus_form(client: Client) -> None:
    plain = await client.http.get(PATH)
    assert plain.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert read(plain).undefined() == set()
    asked = await client.http.get(PATH, headers={"accept": OPENMETRICS})
    assert asked.headers["content-type"].startswith(OPENMETRICS)
    assert asked.text.endswith("# EOF\n")
    refused = await client.http.post(PATH)
    assert (refused.status_code, envelope_of(refused)["code"]) == (405, 25002)


async def test_who_scrapes_is_no_caller(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    capfd.readouterr()
    for path in (PATH, "/healthz", "/readyz", PATH):
        assert (await client.http.get(path)).status_code == 200
    seen = await scraped(client)
    assert seen.labels("requests_total") == seen.labels("requests_in_flight") == []
    assert '"event":"request"' not in capfd.readouterr().err
    assert (await client.call("get_statistics"))["data"]["totals"]["requests"] == 0


async def test_it_needs_no_key_where_verbs_do(keys: Keys) -> None:
    await scraped(keys.client)


async def test_a_token(settings: Settings) -> None:
    with_token = settings.model_copy(update={"metrics_token": SecretStr("sesame")})
    async with open_client(with_token) as client:
        for wrong in ({}, {"authorization": "Bearer sesam"}, {"authorization": "Basic sesame"}):
            refused = await client.http.get(PATH, headers=wrong)
            assert (refused.status_code, envelope_of(refused)["code"]) == (401, 25022)
            assert refused.headers["www-authenticate"] == "Bearer"
        read(await client.http.get(PATH, headers={"authorization": "bearer sesame"}))


async def test_off(settings: Settings) -> None:
    async with open_client(settings.model_copy(update={"metrics": False})) as client:
        refused = await client.http.get(PATH)
        assert (refused.status_code, envelope_of(refused)["code"]) == (404, 25001)


async def test_requests_are_counted_whether_written_or_not(client: Client) -> None:
    """As often as the statistics tell, and no uid of theirs is a label."""
    caller = client.caller("a-uid")
    database_id = await caller.create()
    before = await scraped(client)
    for number in range(5):
        assert (await client.call("list_databases", uid=f"a-uid-{number}"))["code"] == 0
        assert (await client.call("list_databases"))["code"] == 25000
        assert (await client.post("no_verb", json={})).status_code == 404
        await caller.dml(database_id, "SELECT generate_series(1, 3) AS n")
        after = await scraped(client)
        counted = after.grown(before, "requests_total", verb="list_databases", code="0")
        assert counted == number + 1
    totals = (await client.call("get_statistics"))["data"]["verbs"]  # it writes them first
    after = await scraped(client)
    for told in totals:
        assert after("request_seconds_count", verb=told["verb"]) == told["requests"]
        for failure in told["failures"]:
            labels = {"verb": told["verb"], "code": str(failure["code"])}
            assert after("requests_total", **labels) == failure["requests"]
    assert {told["verb"] for told in totals} >= {"list_databases", "exec_dml", "unknown"}
    assert after.grown(before, "rows_total", direction="out") == 15
    assert after("requests_in_flight", verb="list_databases") == 0
    assert all("a-uid" not in str(key) for key in after.values)


@pytest.mark.direct(reason="PgBouncer is given each statement anew")
async def test_caches(client: Client) -> None:
    caller = client.caller()
    database_id = await caller.create()
    await caller.ddl(database_id, "CREATE TABLE t (n integer)")

    async def known() -> bool:
        """What PostgreSQL tells of the DDL comes a moment after it."""
        before = await scraped(client)
        await caller.dml(database_id, "SELECT n FROM t")
        after = await scraped(client)
        return after.grown(before, "cache_lookups_total", cache="directory", result="hit") == 1

    await eventually(known)
    await eventually(known)
    before = await scraped(client)
    for _ in range(7):
        await caller.dml(database_id, "SELECT n FROM t")
    after = await scraped(client)
    for cache in ("directory", "verdicts", "statements"):
        assert after.grown(before, "cache_lookups_total", cache=cache, result="hit") == 7, cache
        assert after.grown(before, "cache_lookups_total", cache=cache, result="miss") == 0, cache
        assert (after("cache_entries", cache=cache) or 0) >= 1
    await caller.refused_dml(database_id + 1, "SELECT n FROM t")
    unknown = await scraped(client)
    assert unknown.grown(after, "cache_lookups_total", cache="directory", result="miss") == 1


async def test_keys_are_found_in_memory(keys: Keys) -> None:
    before = await scraped(keys.client)
    for _ in range(4):
        await keys.done("list_platforms")
    after = await scraped(keys.client)
    hits = after.grown(before, "cache_lookups_total", cache="keys", result="hit")
    misses = after.grown(before, "cache_lookups_total", cache="keys", result="miss")
    assert (hits >= 3, hits + misses) == (True, 4)


async def test_verdicts_of_the_gate(client: Client) -> None:
    caller = client.caller()
    database_id = await caller.create()
    before = await scraped(client)
    await caller.dml(database_id, "SELECT 1 AS n")
    await caller.dml(database_id, "SELECT 2 AS n".ljust(SHORT_SQL + 1))
    await caller.refused_dml(database_id, "SELECT FROM WHERE")
    await caller.refused_dml(database_id, "TRUNCATE t")
    await caller.refused_dml(database_id, "TRUNCATE t".ljust(SHORT_SQL + 1))
    await caller.refused_ddl(database_id, "CREATE ROLE r")
    await caller.ddl(database_id, "CREATE TABLE t (n integer)")
    after = await scraped(client)
    for language, where, verdict, number in (
        ("dml", "here", "admitted", 1),
        ("dml", "elsewhere", "admitted", 1),
        ("dml", "here", "25030", 1),
        ("dml", "here", "25050", 1),
        ("dml", "elsewhere", "25050", 1),
        ("ddl", "here", "25040", 1),
        ("ddl", "here", "admitted", 1),
    ):
        labels = {"language": language, "where": where, "verdict": verdict}
        assert after.grown(before, "gate_verdicts_total", **labels) == number, labels
    assert after.grown(before, "gate_elsewhere_seconds_count") == 2
    assert after("gate_given_up_total") == 0


async def test_quotas_that_refuse(client: Client) -> None:
    await client.call("set_quota", platform_name="default", uid="u1", databases=1)
    caller = client.caller("u1")
    await caller.create("first")
    before = await scraped(client)
    assert (await caller.call("create_database", database_name="second"))["code"] == 25070
    after = await scraped(client)
    assert after.grown(before, "quota_refusals_total", resource="databases", of="uid") == 1


async def test_databases_and_operations(client: Client, settings: Settings) -> None:
    """By status; their bytes as they were last measured. Another service of theirs tells alike."""
    caller = client.caller()
    database_id = await caller.create()
    copies = [await caller.clone(database_id, f"copy{number}") for number in range(2)]
    await caller.done("drop_database", database_id=copies[0])
    used = (await client.call("get_usage"))["data"]["total"]

    async def measured() -> Scraped | None:
        async with open_client(settings) as another:
            seen = await scraped(another)
        done = ("clone_database", "succeeded")
        return seen if _operations(seen, *done) == 2 else None

    seen = await eventually(measured)
    assert seen is not None
    assert seen("databases", status="ready") == 2
    assert seen("databases", status="cloning") == 0
    assert seen("databases_bytes") == used["bytes"]
    assert seen("databases_unmeasured") == 0
    assert _operations(seen, "clone_database", "failed") == 0
    assert seen("queue_jobs", state="waiting") == 0
    assert seen("oldest_operation_seconds") == seen("queue_oldest_seconds") == 0
    assert seen("migration_state", state="current") == 1
    assert (seen("server_connections") or 0) > 1
    assert seen("workers") == seen("workers_started_total") == 1


def _operations(seen: Scraped, kind: str, status: str) -> float | None:
    return seen("operations", kind=kind, status=status)


async def test_events_of_the_log(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_arguments: object) -> Any:
        raise RuntimeError

    before = await scraped(client)
    monkeypatch.setattr("api.routes.databases.create_database", broken)
    await client.call("create_database", uid="u1", database_name="d")
    after = await scraped(client)
    labels = {"level": "error", "event": "request_failed"}
    assert after.grown(before, "log_events_total", **labels) == 1
