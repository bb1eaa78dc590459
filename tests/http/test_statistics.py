"""get_statistics: figures are of what was really sent, and each platform sees its own."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import asyncpg
import pytest

from api.prefix import PREFIX
from service.settings import Settings
from tests.client import Client, Row, open_client
from tests.http.keys import Keys
from tests.http.verbs import VERBS, accepted
from tests.patience import PATIENCE

EMPTY = {
    "requests": 0,
    "successes": 0,
    "failures": [],
    "success_rate": None,
    "mean_ms": None,
    "p50_ms": None,
    "p95_ms": None,
    "p99_ms": None,
    "rows_in": 0,
    "rows_out": 0,
    "bytes_in": 0,
    "bytes_out": 0,
}


@dataclass
class Sent:
    """What one platform has sent, by verb, and what came of it."""

    keys: Keys
    key: str | None
    codes: dict[str, Counter[int]] = field(default_factory=dict)
    sizes: Counter[tuple[str, str]] = field(default_factory=Counter)

    async def send(
        self, verb: str, *, known: bool = True, again: bool = False, **body: object
    ) -> Row:
        """``again``: nothing is done, and the answer is an earlier one's."""
        headers = {} if self.key is None else {"authorization": f"Bearer {self.key}"}
        answer = await self.keys.client.post(verb, json=body, headers=headers)
        envelope = answer.json()
        label = verb if known else "unknown"
        self.codes.setdefault(label, Counter())[envelope["code"]] += 1
        if envelope["code"] not in {25022, 25023, 25001}:  # refused before the body is read
            self.sizes[label, "bytes_in"] += len(answer.request.content)
        self.sizes[label, "bytes_out"] += len(answer.content)
        for result in [] if again else envelope.get("data", {}).get("results", []):
            self.sizes[label, "rows_in"] += result["affected_rows"]
            self.sizes[label, "rows_out"] += len(result["rows"])
        return dict(envelope)

    def expected(self) -> dict[str, Row]:
        """Of each verb."""
        return {
            verb: {
                "requests": codes.total(),
                "successes": codes[0],
                "failures": [
                    {"code": code, "requests": number}
                    for code, number in sorted(codes.items(), key=lambda each: (-each[1], each[0]))
                    if code
                ],
                "success_rate": round(codes[0] / codes.total(), 6),
                **{
                    name: self.sizes[verb, name]
                    for name in ("rows_in", "rows_out", "bytes_in", "bytes_out")
                },
            }
            for verb, codes in self.codes.items()
        }


def without_times(figures: Row) -> Row:
    """And without what they are of."""
    assert (figures["mean_ms"] is None) == (figures["requests"] == 0)
    times = [figures[name] for name in ("p50_ms", "p95_ms", "p99_ms")]
    if figures["requests"]:
        assert 0 < times[0] <= times[1] <= times[2] < PATIENCE * 1000
    named = {"mean_ms", "p50_ms", "p95_ms", "p99_ms", "verb", "platform_name", "at", "verbs"}
    return {name: value for name, value in figures.items() if name not in named}


def by(name: str, groups: list[Row]) -> dict[str, Row]:
    return {group[name]: without_times(group) for group in groups}


async def busy(sent: Sent, times: int, name: str = "orders") -> None:
    """Of each kind something."""
    made = await sent.send("create_database", uid="u1", database_name=name)
    owner = {"uid": "u1", "database_id": made["data"]["database_id"]}
    rows = owner | {"app_id": "a", "env": "test"}
    await sent.send("exec_ddl", **owner, ddl="CREATE TABLE t (n integer)")
    for number in range(times):
        await sent.send("exec_dml", **rows, dml=f"INSERT INTO t (n) VALUES ({number}), (7), (8)")
        await sent.send("exec_dml", **rows, dml="UPDATE t SET n = n + 1; SELECT n FROM t")
        await sent.send("exec_dml", **rows, dml="SELECT n FROM t WHERE n > $1", params=[5])
        await sent.send("exec_dml", **rows, dml="SELECT pg_sleep(1)")
        await sent.send("exec_dml", **rows, dml="SELECT nothing FROM t", compact=True)
        keyed = f"{name}-{number}"
        delete = rows | {"dml": "DELETE FROM t WHERE n = 9", "idempotency_key": keyed}
        await sent.send("exec_dml", **delete)
        await sent.send("exec_dml", again=True, **delete)
        await sent.send("exec_dml", **rows)
    await sent.send("list_databases", uid="u1")
    await sent.send("get_database", uid="u2", database_id=owner["database_id"])
    await sent.send("list_platforms")


async def test_figures_are_of_what_was_sent(keys: Keys) -> None:
    """By verb, code and platform, each row and each byte."""
    one = Sent(
        keys,
        await keys.platform(
            "one", "databases:read", "databases:write", "ddl", "dml:read", "dml:write"
        ),
    )
    two = Sent(keys, await keys.platform("two"))
    nobody = Sent(keys, "tb_nobodys0_key")
    await asyncio.gather(busy(one, 5), busy(two, 3))
    for _ in range(4):
        await nobody.send("list_databases", uid="u1")
        await nobody.send("explode_database", known=False)
    for name, sent in (("one", one), ("two", two)):
        expected = sent.expected()
        told = await keys.done("get_statistics", platform_name=name)
        assert by("verb", told["verbs"]) == expected
        whole = without_times(told["totals"])
        assert whole["requests"] == sum(each["requests"] for each in expected.values())
        assert by("platform_name", told["platforms"]) == {name: whole}
    everything = await keys.done("get_statistics")
    assert by("verb", everything["verbs"])["unknown"] == nobody.expected()["unknown"]
    platforms = by("platform_name", everything["platforms"])
    assert platforms[None]["requests"] == 8  # type: ignore[index]  # of no platform
    assert platforms["one"]["bytes_out"] == sum(
        each["bytes_out"] for each in one.expected().values()
    )
    assert everything["totals"]["requests"] == sum(each["requests"] for each in platforms.values())
    listed = by("verb", (await keys.done("get_statistics", verb="list_databases"))["verbs"])
    assert list(listed) == ["list_databases"]
    assert listed["list_databases"]["failures"] == [{"code": 25022, "requests": 4}]


async def test_points_add_up(keys: Keys, admin: asyncpg.Connection) -> None:
    """Each where it belongs; where there was nothing, zeros."""
    sent = Sent(keys, await keys.platform("one"))
    asked: Row = {"platform_name": "one", "step": "minute"}
    for minutes in (40, 25, 0):
        await busy(sent, 1, f"orders{minutes}")
        await keys.done("get_statistics")
        await admin.execute(
            "UPDATE twinbase.request_statistics SET moment = moment - $1::integer * interval '1 minute'"
            " WHERE span = 60 AND moment > now() - interval '2 minutes'",
            minutes,
        )
    told = await keys.done("get_statistics", **asked)
    points = told["points"]
    assert len(points) == 60
    starts = [datetime.fromisoformat(point["at"]) for point in points]
    assert starts[0].isoformat() == told["from"]
    assert {later - at for at, later in pairwise(starts)} == {timedelta(minutes=1)}
    filled = [point for point in points if point["requests"]]
    assert 3 <= len(filled) <= 6  # one more where a minute ended meanwhile
    for point in points:
        empty = EMPTY | {"at": point["at"], "verbs": []}
        assert point in filled or point == empty
    for name in ("requests", "successes", "rows_in", "rows_out", "bytes_in", "bytes_out"):
        assert sum(point[name] for point in points) == told["totals"][name], name
        of_verbs = [each[name] for point in points for each in point["verbs"]]
        assert sum(of_verbs) == told["totals"][name], name
    same = {"from": told["from"], "to": told["to"]}
    coarse = await keys.done("get_statistics", **asked | same | {"step": 1800})
    assert [without_times(each)["requests"] for each in coarse["points"]] == [
        sum(point["requests"] for point in points[:30]),
        sum(point["requests"] for point in points[30:]),
    ]
    nothing = await keys.done("get_statistics", **asked | {"verb": "drop_database"})
    assert nothing["totals"] == EMPTY
    assert [point["requests"] for point in nothing["points"]] == [0] * 60


async def test_who_may_see_whose(keys: Keys) -> None:
    """Without the scope admin a platform sees its own, and hears of no other."""
    one = await keys.platform("one", "databases:read")
    await keys.platform("two", "databases:read")
    for _ in range(3):
        await keys.done("list_databases", one, uid="u1")
    told = await keys.done("get_statistics", one)
    assert [(each["verb"], each["requests"]) for each in told["verbs"]] == [("list_databases", 3)]
    assert [each["platform_name"] for each in told["platforms"]] == ["one"]
    again = await keys.done("get_statistics", one, platform_name="one")
    assert {each["verb"]: each["requests"] for each in again["verbs"]} == {
        "list_databases": 3,
        "get_statistics": 1,
    }
    for name in ("two", "default", "no-such"):
        refused = await keys.call("get_statistics", one, platform_name=name)
        assert (refused["status"], refused["code"]) == (403, 25023), name
        assert "scope admin" in refused["message"]
    assert (await keys.call("get_statistics", keys.admin_key, platform_name="no-such"))[
        "code"
    ] == 25080


async def test_whoever_may_not_is_counted_with_his_platform(keys: Keys) -> None:
    one = Sent(keys, await keys.platform("one", "ddl"))
    await one.send("list_databases", uid="u1")
    told = await keys.done("get_statistics", platform_name="one")
    assert by("verb", told["verbs"]) == one.expected()
    assert told["totals"]["failures"] == [{"code": 25023, "requests": 1}]


async def test_a_stream_counts_once_when_it_ends(client: Client) -> None:
    caller = client.caller()
    source = await caller.create()
    cloned = await caller.done("clone_database", database_id=source, new_database_name="copy")
    body = {"uid": "u1", "operation_id": cloned["operation_id"]}
    streamed = 0
    async with client.http.stream("POST", f"{PREFIX}/watch_operation", json=body) as events:
        async for some in events.aiter_raw():
            streamed += len(some)
    told = (await client.call("get_statistics", verb="watch_operation"))["data"]
    (watched,) = told["verbs"]
    assert (watched["requests"], watched["successes"], watched["bytes_out"]) == (1, 1, streamed)
    ended = (await client.call("get_statistics"))["data"]["operations"]
    assert [(each["kind"], each["status"], each["number"]) for each in ended] == [
        ("clone_database", "succeeded", 1)
    ]


async def test_operations_are_told_by_platform(keys: Keys) -> None:
    other = await keys.platform("one")
    for key, copies in ((keys.admin_key, 1), (other, 2)):
        made = await keys.done("create_database", key, uid="u1", database_name="orders")
        for number in range(copies):
            await keys.done(
                "clone_database",
                key,
                uid="u1",
                database_id=made["database_id"],
                new_database_name=f"copy{number}",
            )
    for name, number in {"default": 1, "one": 2, None: 3}.items():
        told = await keys.done("get_statistics", platform_name=name)
        assert [each["number"] for each in told["operations"]] == [number]
    assert (await keys.done("get_statistics", verb="exec_dml"))["operations"] == []


@pytest.fixture
async def three(settings: Settings) -> AsyncIterator[list[Client]]:
    """Workers of one service."""
    async with (
        open_client(settings) as one,
        open_client(settings) as two,
        open_client(settings) as last,
    ):
        yield [one, two, last]


async def test_every_verb_has_its_own_line(three: list[Client]) -> None:
    """From whichever worker, some seconds later at most."""
    for client in three:
        for verb in VERBS:
            await client.post(verb, json=accepted(verb, 1))
    expected = dict.fromkeys(VERBS, 3)
    async with asyncio.timeout(PATIENCE):
        while True:
            told = (await three[0].call("get_statistics"))["data"]["verbs"]
            found = {each["verb"]: each["requests"] for each in told}
            asked = found["get_statistics"] - 3
            if found | {"get_statistics": 3} == expected and asked >= 0:
                return
            await asyncio.sleep(0.2)
