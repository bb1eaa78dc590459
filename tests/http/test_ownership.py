"""Who may act on which database: every verb × every caller who may not, and those who may."""

import asyncio
from dataclasses import dataclass

import asyncpg
import pytest

from tests.client import Caller, Client, Row
from tests.http.verbs import (
    NEEDS_A_RUNNING_REQUEST,
    ON_A_DATABASE,
    accepted,
    envelope_of,
    everything,
)

# The last one leaves nothing to act on.
IN_ORDER = [*(verb for verb in ON_A_DATABASE if verb != "drop_database"), "drop_database"]


@dataclass(frozen=True)
class Databases:
    """Of alice: one of her own, one in space 77, one that she dropped, an id that none has."""

    plain: int
    shared: int
    dropped: int
    missing: int = 2**52


async def databases_of_alice(client: Client) -> Databases:
    alice = client.caller("alice")
    dropped = await alice.create("dropped")
    await alice.done("drop_database", database_id=dropped)
    shared = await client.caller("alice", space_id="77").create("shared")
    return Databases(plain=await alice.create("plain"), shared=shared, dropped=dropped)


# Which database, which uid, which space → the code.
STRANGERS: dict[str, tuple[str, str, str | None, int]] = {
    "wrong owner": ("plain", "bob", None, 25013),
    "owner in other letters": ("plain", "Alice", None, 25013),
    "owner with a blank": ("plain", "alice ", None, 25013),
    "missing id": ("missing", "alice", None, 25013),
    "dropped id": ("dropped", "alice", None, 25013),
    "member who names no space": ("shared", "bob", None, 25013),
    "another space": ("shared", "bob", "78", 25015),
    "another space, by the owner": ("shared", "alice", "78", 25015),
    "space with a blank": ("shared", "bob", "77 ", 25015),
    "space with leading zeros": ("shared", "bob", "077", 25015),
    "a space for a database without one": ("plain", "bob", "77", 25015),
    "a space for a database without one, by the owner": ("plain", "alice", "77", 25015),
    "a space for a missing id": ("missing", "bob", "77", 25015),
    "a space for a dropped id": ("dropped", "alice", "77", 25015),
}


async def test_strangers(client: Client, admin: asyncpg.Connection) -> None:
    databases = await databases_of_alice(client)
    before = await everything(admin)
    answers: dict[int, set[tuple[int, str]]] = {25013: set(), 25015: set()}
    wrong = {}
    for case, (database, uid, space_id, code) in STRANGERS.items():
        for verb in ON_A_DATABASE:
            body = accepted(verb, getattr(databases, database), uid)
            answer = await client.post(verb, json=body | {"space_id": space_id})
            envelope = envelope_of(answer)
            if envelope["code"] == code:
                answers[code].add((answer.status_code, envelope["message"]))
            else:
                wrong[f"{verb}: {case}"] = envelope
    assert wrong == {}
    # Foreign and missing cannot be told apart, not even by their words.
    assert {code: len(told) for code, told in answers.items()} == {25013: 1, 25015: 1}
    assert {status for told in answers.values() for status, _ in told} == {404}
    assert await everything(admin) == before


async def test_a_stranger_learns_nothing_from_broken_sql(client: Client) -> None:
    """What is wrong with SQL that names nothing is said before, alike for all."""
    databases = await databases_of_alice(client)
    for verb, field in (("exec_ddl", "ddl"), ("exec_dml", "dml")):
        for sql in ("SELEC", "SELECT * FROM pg_class", "DROP TABLE IF EXISTS t"):
            told = {
                (await client.call(verb, **accepted(verb, database, "bob") | {field: sql}))["code"]
                for database in (databases.plain, databases.missing, databases.dropped)
            }
            assert len(told) == 1, (verb, sql, told)


MEMBERS: dict[str, tuple[str, str | int | None]] = {
    "the owner, naming the space": ("alice", "77"),
    "the owner, naming none": ("alice", None),
    "the owner, with an empty space": ("alice", ""),
    "a member": ("bob", "77"),
    "a member, with a number": ("bob", 77),
}


@pytest.mark.parametrize("case", MEMBERS)
async def test_members(client: Client, case: str) -> None:
    """Who names the space acts for it; the owner reaches his database anyway."""
    uid, space_id = MEMBERS[case]
    shared = await client.caller("alice", space_id="77").create("shared")
    for verb in IN_ORDER:
        envelope = await client.call(verb, **accepted(verb, shared, uid) | {"space_id": space_id})
        expected = 25033 if verb == NEEDS_A_RUNNING_REQUEST else 0
        assert envelope["code"] == expected, (verb, envelope)


async def test_what_a_member_did(client: Client) -> None:
    alice, bob = client.caller("alice", "77"), client.caller("bob", "77")
    shared = await alice.create("shared")
    await bob.ddl(shared, "CREATE TABLE t (name text)")
    await bob.dml(shared, "INSERT INTO t (name) VALUES ('of bob')")
    await bob.done("modify_db_description", database_id=shared, description="by bob")
    assert await alice.dml(shared, "SELECT name FROM t") == []  # rows stay their owners'
    described = await alice.done("get_database", database_id=shared)
    assert (described["uid"], described["description"]) == ("alice", "by bob")
    copy = await bob.done("clone_database", database_id=shared, new_database_name="shared")
    own = await bob.done("get_database", database_id=copy["database_id"])
    assert (own["uid"], own["space_id"], own["description"]) == ("bob", "77", "by bob")
    copied = await bob.dml(copy["database_id"], "SELECT name FROM t")
    assert copied == [{"name": "of bob"}]


def ids(page: Row) -> list[int]:
    return [line["database_id"] for line in page["databases"]]


async def test_lists(client: Client) -> None:
    databases = await databases_of_alice(client)
    alice, bob = client.caller("alice"), client.caller("bob")
    mine = await bob.create("mine")
    assert ids(await alice.done("list_databases")) == [databases.plain, databases.shared]
    assert ids(await bob.done("list_databases")) == [mine]
    assert ids(await bob.done("list_databases", space_id="77")) == [databases.shared]
    assert ids(await bob.done("list_databases", space_id="78")) == []


async def taken(caller: Caller, name: str) -> bool:
    answer = await caller.client.post(
        "create_database",
        json={"uid": caller.uid, "space_id": caller.space_id, "database_name": name},
    )
    code = envelope_of(answer)["code"]
    assert (code, answer.status_code) in {(0, 200), (25010, 409)}, answer.text
    return bool(code)


async def test_names(client: Client, admin: asyncpg.Connection) -> None:
    alice, in_77 = client.caller("alice"), client.caller("alice", "77")
    database_id = await alice.create("orders")
    before = await everything(admin)
    assert await taken(alice, "orders")
    assert await taken(client.caller("alice", ""), "orders")
    assert await everything(admin) == before
    assert not await taken(alice, "Orders")
    assert not await taken(client.caller("bob"), "orders")
    assert not await taken(in_77, "orders")
    assert await taken(in_77, "orders")
    assert not await taken(client.caller("alice", "78"), "orders")
    assert not await taken(client.caller("bob", "77"), "orders")
    await alice.done("drop_database", database_id=database_id)
    assert not await taken(alice, "orders")
    assert await taken(alice, "orders")


async def test_names_of_copies(client: Client, admin: asyncpg.Connection) -> None:
    alice = client.caller("alice")
    source = await alice.create("orders")
    await alice.create("taken")
    before = await everything(admin)
    for name in ("taken", "orders"):
        answer = await alice.call("clone_database", database_id=source, new_database_name=name)
        assert answer["code"] == 25010, answer
    assert await everything(admin) == before
    for name in ("orders_副本", "заказы-2", "副" * 64, "1", "-", "prod_1"):
        await alice.done("clone_database", database_id=source, new_database_name=name)
    names = [line["database_name"] for line in (await alice.done("list_databases"))["databases"]]
    assert {"orders_副本", "заказы-2", "副" * 64, "1", "-", "prod_1"} < set(names)


async def test_one_name_at_once(client: Client, admin: asyncpg.Connection) -> None:
    alice = client.caller("alice")
    source = await alice.create("source")
    creates = [alice.call("create_database", database_name="orders") for _ in range(6)]
    clones = [
        alice.call("clone_database", database_id=source, new_database_name="orders")
        for _ in range(6)
    ]
    answers = await asyncio.gather(*creates, *clones)
    codes = sorted(answer["code"] for answer in answers)
    assert codes == [0] + [25010] * 11
    state = await everything(admin)
    tenants = [row for row in state["schemas"] if row[0].startswith(("prod_", "test_"))]
    assert len(state["databases"]) * 2 == len(tenants) == 4


async def test_one_database_dropped_at_once(client: Client) -> None:
    alice = client.caller("alice")
    database_id = await alice.create("orders")
    drops = [alice.call("drop_database", database_id=database_id) for _ in range(6)]
    codes = sorted(answer["code"] for answer in await asyncio.gather(*drops))
    assert codes == [0] + [25013] * 5
