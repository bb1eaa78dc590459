"""What is under way when the plug is pulled, and what must have come of it afterwards."""

from dataclasses import dataclass
from typing import Any, Protocol

import asyncpg
import httpx

from tests.catalog import differences
from tests.crash_world import UID, World, fresh_name, made

TAKEN, NOT_FOUND, NOT_POSSIBLE = 25010, 25013, 25016

Answer = dict[str, Any]

_MANY = 1010  # more than one transaction drops


@dataclass(frozen=True)
class Subject:
    """``database_id``: of what there was before; ``name``: of what is made or dropped."""

    name: str
    database_id: int


class Scenario(Protocol):
    def prepare(self, world: World) -> Subject: ...

    def ask(self, world: World, subject: Subject) -> httpx.Response: ...

    def check(self, world: World, subject: Subject, answer: Answer | None) -> None:
        """``answer`` None: there was none. Leaves nothing of the subject."""


class Create:
    def prepare(self, world: World) -> Subject:
        return Subject(fresh_name(), 0)

    def ask(self, world: World, subject: Subject) -> httpx.Response:
        return world.service.post("create_database", uid=UID, database_name=subject.name)

    def check(self, world: World, subject: Subject, answer: Answer | None) -> None:
        found = world.database_named(subject.name)
        if answer is not None and answer["code"] == 0:
            assert found == answer["data"]["database_id"]
        if found is not None:
            assert self.ask(world, subject).json()["code"] == TAKEN
            drop(world, found)
        drop(world, made(world.service, subject.name))


@dataclass(frozen=True)
class Clone:
    wait: bool

    def prepare(self, world: World) -> Subject:
        return Subject(fresh_name(), world.source)

    def ask(self, world: World, subject: Subject) -> httpx.Response:
        asked = {"database_id": subject.database_id, "new_database_name": subject.name}
        return world.service.post("clone_database", uid=UID, wait=self.wait, **asked)

    def check(self, world: World, subject: Subject, answer: Answer | None) -> None:
        found = world.database_named(subject.name)
        operations = [] if found is None else operations_of(world, found)
        if answer is not None and answer["code"] == 0:
            assert found == answer["data"]["database_id"]
        for copy in (found, None):
            if copy is not None:
                check_copy(world, copy)
                drop(world, copy)
        assert [each["status"] for each in operations] in ([], ["succeeded"])
        again = Clone(wait=True).ask(world, subject).json()
        assert again["code"] == 0, again
        check_copy(world, again["data"]["database_id"])
        drop(world, again["data"]["database_id"])


class FailingClone:
    """Its rows were let in once, and are not today; that turns out when some of it is there."""

    def prepare(self, world: World) -> Subject:
        name = fresh_name()
        source = made(world.service, f"{name}_source")
        ddl = "CREATE TABLE a (n integer); CREATE TABLE z (until timestamptz)"
        world.service.done("exec_ddl", uid=UID, database_id=source, ddl=ddl)
        insert = {"database_id": source, "app_id": "a", "env": "test"}
        dml = "INSERT INTO z (until) VALUES (now()); INSERT INTO a (n) VALUES (1)"
        world.service.done("exec_dml", uid=UID, dml=dml, **insert)

        async def check_from_now_on(admin: asyncpg.Connection) -> str:
            return await admin.execute(
                f'ALTER TABLE "test_{source}".z ADD CHECK (until > clock_timestamp()) NOT VALID;'
                "UPDATE pg_constraint SET convalidated = true WHERE conname = 'z_until_check'"
            )

        world.look(check_from_now_on)
        return Subject(name, source)

    def ask(self, world: World, subject: Subject) -> httpx.Response:
        return Clone(wait=False).ask(world, subject)

    def check(self, world: World, subject: Subject, answer: Answer | None) -> None:
        assert world.database_named(subject.name) is None
        if answer is not None and answer["code"] == 0:
            (operation,) = operations_of(world, answer["data"]["database_id"])
            assert operation["status"] == "failed"
            assert operation["error"]["code"] == NOT_POSSIBLE, operation["error"]
        again = Clone(wait=True).ask(world, subject).json()
        assert again["code"] == NOT_POSSIBLE, again
        drop(world, made(world.service, subject.name))
        drop(world, subject.database_id)


class Drop:
    def prepare(self, world: World) -> Subject:
        name = fresh_name()
        victim = made(world.service, name)
        ddl = "CREATE TABLE t (n integer); CREATE VIEW v AS SELECT n FROM t"
        world.service.done("exec_ddl", uid=UID, database_id=victim, ddl=ddl)
        return Subject(name, victim)

    def ask(self, world: World, subject: Subject) -> httpx.Response:
        return world.service.post("drop_database", uid=UID, database_id=subject.database_id)

    def check(self, world: World, subject: Subject, answer: Answer | None) -> None:
        found = world.database_named(subject.name)
        if answer is not None and answer["code"] == 0:
            assert found is None
        if found is not None:
            drop(world, found)
        assert self.ask(world, subject).json()["code"] == NOT_FOUND
        assert [each["status"] for each in operations_of(world, subject.database_id)] in (
            [],
            ["succeeded"],
        )
        drop(world, made(world.service, subject.name))


class DropInSteps(Drop):
    def prepare(self, world: World) -> Subject:
        subject = super().prepare(world)

        async def grow(admin: asyncpg.Connection) -> None:
            schema = f"test_{subject.database_id}"
            views = [f"CREATE VIEW {schema}.v{n} AS SELECT 1 AS one" for n in range(_MANY)]
            await admin.execute(";".join(["SET LOCAL ROLE twinbase_owner", *views]))

        world.look(grow)
        return subject

    def ask(self, world: World, subject: Subject) -> httpx.Response:
        asked = {"uid": UID, "database_id": subject.database_id, "wait": False}
        return world.service.post("drop_database", **asked)


def check_copy(world: World, copy: int) -> None:
    """Everything of the source is there, and the report says so."""
    here = world.schemas(copy)
    for environment, (facts, rows) in world.before.items():
        assert differences(here[environment][0], facts) == []
        assert here[environment][1] == rows
    (operation,) = operations_of(world, copy)
    assert operation["status"] == "succeeded"
    report = operation["result"]
    assert (report["tables"], report["rows"], report["verified"]) == (4, 64, "counts")


def operations_of(world: World, database_id: int) -> list[Answer]:
    listed = world.service.done("list_operations", uid=UID, database_id=database_id)
    found: list[Answer] = listed["operations"]
    return found


def drop(world: World, database_id: int) -> None:
    world.service.done("drop_database", uid=UID, database_id=database_id)
