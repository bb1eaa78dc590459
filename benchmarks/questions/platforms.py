"""What keys, figures and quotas add to a request, in process.

Keys and figures are timed by themselves; a quota by the same statement of a uid that has it and of
one that has none, in turn.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from time import perf_counter

from pydantic import SecretStr

from api.authentication import authenticated, check_allowed
from api.state import AppState
from benchmarks.http_connection import http_connection
from benchmarks.in_turn import in_turn, medians, timed
from benchmarks.judging import WITHIN, Row, Series, constant
from benchmarks.pace import Pace
from benchmarks.question import Question
from benchmarks.stack import Stack, stack
from benchmarks.tenant import APP_ID, Tenant
from domain.audit import of_no_request
from domain.ownership import Caller
from domain.platform import DEFAULT_PLATFORM, Scope
from domain.quota import Resource
from domain.schema import Environment
from service.lifespan import open_state
from service.settings import Auth, Settings
from service.use_cases.create_key import CreateKey, create_key
from service.use_cases.exec_dml import exec_dml
from service.use_cases.set_quota import SetQuota, set_quota
from service.use_cases.statements import DmlRequest

_MOST_FOR_A_KEY = constant("allowed", 20)  # microseconds
_CALLS_AT_A_TIME = 2_000
_TABLE = "CREATE TABLE items (number INT UNIQUE, name TEXT)"
_READ = "SELECT number, name FROM items WHERE number = 7"
_WRITE = "UPDATE items SET name = 'another' WHERE number = 7"
_FAR, _NEAR = 10**12, 50 * 1024 * 1024  # bytes
_MORE_CALLS = 3  # they are short

# By uid: which quota it has, and what it runs.
_QUOTAS: Mapping[str, tuple[dict[Resource, int | None], str]] = {
    "statements per second": ({Resource.STATEMENTS_PER_SECOND: 1_000_000}, _READ),
    "statements at a time": ({Resource.CONCURRENT_STATEMENTS: 100}, _READ),
    "bytes, far from it": ({Resource.BYTES_PER_DATABASE: _FAR}, _WRITE),
    "bytes, near it": ({Resource.BYTES_PER_DATABASE: _NEAR}, _WRITE),
}


@dataclass(frozen=True, slots=True)
class Opened:
    state: AppState
    tenant: Callable[[str], Tenant]


async def measure(pace: Pace) -> list[Row]:
    async with stack() as started, _opened(started) as opened:
        return [*await _alone(opened, pace), *await _of_quotas(opened, pace)]


@asynccontextmanager
async def _opened(started: Stack) -> AsyncIterator[Opened]:
    settings = Settings(_env_file=None, database_url=SecretStr(started.url()), auth=Auth.KEYS)
    async with (
        http_connection(started.service.url) as requests,
        open_state(settings) as state,
    ):
        yield Opened(state, partial(Tenant, requests))


async def _alone(opened: Opened, pace: Pace) -> list[Row]:
    key, figures = "a key", "figures"
    found = await in_turn(
        {key: await _authentication(opened.state), figures: _counting(opened.state)}, pace.rounds
    )
    return [
        Row("a request's key", "µs", Series(key, tuple(found[key])), _MOST_FOR_A_KEY, WITHIN),
        Row("a request's figures", "µs", Series(figures, tuple(found[figures]))),
    ]


async def _authentication(state: AppState) -> Callable[[], Awaitable[float]]:
    change = of_no_request("create_key", by="benchmark")
    _, new = await create_key(
        CreateKey(DEFAULT_PLATFORM), state["unit_of_work"], state["key_ring"], change
    )
    headers = [
        (b"host", b"127.0.0.1"),
        (b"content-type", b"application/json"),
        (b"content-length", b"130"),
        (b"authorization", b"Bearer " + new.text.encode()),
    ]
    connection = {"headers": headers}

    async def microseconds() -> float:
        started = perf_counter()
        for _ in range(_CALLS_AT_A_TIME):
            identity = await authenticated(connection, state["key_ring"])
            check_allowed(identity, Scope.DML_READ, connection)
        return (perf_counter() - started) / _CALLS_AT_A_TIME * 1e6

    return microseconds


def _counting(state: AppState) -> Callable[[], Awaitable[float]]:
    async def microseconds() -> float:
        tally, key = state["tally"], (1, "exec_dml", 0)
        started = perf_counter()
        for _ in range(_CALLS_AT_A_TIME):
            tally.count(key, 0.0012, rows_in=0, rows_out=1, bytes_in=130, bytes_out=220)
        return (perf_counter() - started) / _CALLS_AT_A_TIME * 1e6

    return microseconds


async def _of_quotas(opened: Opened, pace: Pace) -> list[Row]:
    rows = []
    for number, (what, (changes, dml)) in enumerate(_QUOTAS.items()):
        free, bound = f"free-{number}", f"bound-{number}"
        sides = {
            bound: timed(await _run(opened, bound, dml, changes)),
            free: timed(await _run(opened, free, dml, {})),
        }
        found = await medians(sides, rounds=pace.rounds, calls=pace.calls * _MORE_CALLS)
        rows.append(Row(what, "ms", Series("with", found[bound]), Series("without", found[free])))
    return rows


async def _run(
    opened: Opened, uid: str, dml: str, changes: Mapping[Resource, int | None]
) -> Callable[[], Awaitable[object]]:
    tenant = opened.tenant(uid)
    database_id = await tenant.create("light")
    await tenant.ddl(database_id, _TABLE)
    await tenant.dml(database_id, "INSERT INTO items SELECT i, 'x' FROM generate_series(1, 100) i")
    state = opened.state
    change = of_no_request("set_quota", by="benchmark")
    command = SetQuota(DEFAULT_PLATFORM, None, uid, changes)
    await set_quota(command, state["unit_of_work"], state["limits"], change)
    request = DmlRequest(database_id, Caller(uid), APP_ID, dml, Environment.PROD, "benchmark")
    return partial(exec_dml, request, state["statement_tools"])


QUESTION = Question(
    name="platforms",
    title="What keys, figures and quotas add to a request, in process",
    measure=measure,
    longest=180,
)
