"""The core in scripts: the verbs without HTTP, and without what HTTP needs."""

import asyncio
import inspect
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal

import asyncpg
import pytest

from api.once_key import FIELD
from api.prefix import PREFIX
from api.router import VERBS
from domain.audit import AuditEntry
from domain.operation import OperationStatus
from domain.platform import Scope
from domain.quota import Resource
from domain.schema import Environment
from exceptions.errors import (
    DatabaseNotFound,
    DmlNotAllowed,
    InvalidParameter,
    PlatformNotFound,
)
from exceptions.quotas import QuotaExceeded
from service.core import Core, twinbase_core
from service.main import create_app
from service.settings import Settings
from service.start_up import StartError
from tests.client import Client
from tests.patience import eventually

TEST = Environment.TEST

# Of HTTP only: how rows are written, and what a lost answer needs.
ONLY_OVER_HTTP = {"compact", FIELD}
RENAMED = {"from": "since", "to": "until"}


@pytest.fixture
async def core(settings: Settings) -> AsyncIterator[Core]:
    async with twinbase_core(settings) as opened:
        yield opened


async def test_the_main_job(core: Core) -> None:
    shop = await core.create_database("ann", "shop", description="of Ann")
    await core.exec_ddl("ann", shop.id, "CREATE TABLE items (name TEXT, price NUMERIC)")
    written = await core.exec_dml(
        "ann", "app", shop.id, "INSERT INTO items VALUES (:n, 1.5)", TEST, params={"n": "pen"}
    )
    assert written.results[0].affected_rows == 1

    cloned = await core.clone_database("ann", shop.id, "shop-copy")
    assert cloned.status is OperationStatus.SUCCEEDED
    assert await core.drop_database("ann", shop.id) is None

    left = await core.list_databases("ann")
    assert [each.id for each in left.databases] == [cloned.database_id]
    read = await core.exec_dml(
        "ann", "app", cloned.database_id, "SELECT name, price FROM items", TEST, read_only=True
    )
    assert read.rows == [{"name": "pen", "price": Decimal("1.5")}]
    seen = [each async for each in core.watch_operation("ann", cloned.id)]
    assert seen[-1].status is OperationStatus.SUCCEEDED
    described = await core.get_database("ann", cloned.database_id)
    assert described.database.name == "shop-copy"


async def test_rules_are_those_of_the_verbs(core: Core) -> None:
    shop = await core.create_database("ann", "shop")
    with pytest.raises(InvalidParameter, match="database_name: "):
        await core.create_database("ann", "no spaces")
    with pytest.raises(InvalidParameter, match="uid: "):
        await core.list_databases("an&n")
    with pytest.raises(DatabaseNotFound):
        await core.get_database("eve", shop.id)
    with pytest.raises(DmlNotAllowed):
        await core.exec_dml("ann", "app", shop.id, "SELECT pg_sleep(9)", TEST)
    with pytest.raises(PlatformNotFound):
        await core.of_platform("nobodys")


async def test_changes_and_their_refusals_are_audited(core: Core) -> None:
    await core.set_quota("default", {Resource.DATABASES: 1}, uid="ann")
    await core.create_database("ann", "shop")
    with pytest.raises(QuotaExceeded):
        await core.create_database("ann", "second")

    async def audited() -> Sequence[AuditEntry]:
        entries = (await core.list_audit(uid="ann")).entries
        return entries if len(entries) > 1 else ()

    entries = await eventually(audited)
    assert [(each.verb, each.outcome, each.app_id, each.target) for each in entries] == [
        ("create_database", "refused", "core", "second"),
        ("create_database", "done", "core", "shop"),
    ]


async def test_a_platform_has_its_own_databases(core: Core) -> None:
    await core.create_platform("flows", [Scope.DATABASES_READ])
    flows = await core.of_platform("flows")
    shop = await flows.create_database("ann", "shop")
    with pytest.raises(DatabaseNotFound):
        await core.get_database("ann", shop.id)
    assert (await flows.get_database("ann", shop.id)).database.id == shop.id


async def test_a_core_beside_the_service(core: Core, client: Client) -> None:
    """What one of them changes, the other one knows."""
    ann = client.caller("ann")
    made = await ann.create("shop")
    await core.exec_ddl("ann", made, "CREATE TABLE items (name TEXT)")
    await ann.dml(made, "INSERT INTO items VALUES ('pen')")
    assert (await core.exec_dml("ann", "app01", made, "SELECT name FROM items", TEST)).rows == [
        {"name": "pen"}
    ]
    await core.drop_database("ann", made)

    async def is_gone() -> bool:
        answer = await ann.refused_dml(made, "SELECT name FROM items")
        return bool(answer["code"] == DatabaseNotFound.code)

    assert await eventually(is_gone)


def test_each_verb_is_a_method_with_its_fields() -> None:
    documented = create_app(Settings()).openapi()
    verbs = 0
    for path, methods in documented["paths"].items():
        if not path.startswith(PREFIX):
            continue
        verb = path.rpartition("/")[2]
        body = methods["post"]["requestBody"]["content"]["application/json"]["schema"]
        model = documented["components"]["schemas"][body["$ref"].rpartition("/")[2]]
        fields = {RENAMED.get(name, name) for name in model.get("properties", {})}
        if verb == "set_quota":  # one argument for all resources
            fields = (fields - set(Resource)) | {"most"}
        if verb == "modify_platform":  # of which what is absent stays as it is
            fields = {"platform_name", "changes"}
        method = inspect.signature(getattr(Core, verb)).parameters
        assert set(method) - {"self"} == fields - ONLY_OVER_HTTP, verb
        verbs += 1
    assert verbs == len(VERBS)


async def test_an_empty_database_is_made_ready_another_version_refused(
    settings: Settings, admin: asyncpg.Connection
) -> None:
    await admin.execute("UPDATE twinbase.alembic_version SET version_num = '0001'")
    with pytest.raises(StartError, match="is at 0001, this needs"):
        async with twinbase_core(settings):
            pass


SCRIPT = """
import asyncio, sys
from pydantic import SecretStr
from domain.schema import Environment
from service.core import twinbase_core
from service.settings import Settings

async def main():
    async with twinbase_core(Settings(database_url=SecretStr(sys.argv[1]))) as core:
        made = await core.create_database("ann", "shop")
        await core.exec_ddl("ann", made.id, "CREATE TABLE items (name TEXT)")
        dml = "INSERT INTO items VALUES ('pen'); SELECT name FROM items"
        print((await core.exec_dml("ann", "app", made.id, dml, Environment.PROD)).rows[-1])
        await core.clone_database("ann", made.id, "copy")
        await core.drop_database("ann", made.id)

asyncio.run(main())
web = {"fastapi", "starlette", "uvicorn", "sse_starlette", "httptools"} & set(sys.modules)
print("loaded:", sorted(web))
"""


async def test_no_web_framework_is_loaded(direct_url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SCRIPT, direct_url, stdout=subprocess.PIPE
    )
    printed, _ = await process.communicate()
    assert printed.decode().splitlines() == ["{'name': 'pen'}", "loaded: []"]
