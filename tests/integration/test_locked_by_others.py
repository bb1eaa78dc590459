"""Whoever may not act on a database is told so at once, also while others have it locked."""

import asyncio

import asyncpg
import pytest

from service.settings import Settings
from tests.client import Client
from tests.patience import PATIENCE

VERBS = {
    "drop_database": {},
    "modify_db_description": {"description": "mine now"},
    "exec_ddl": {"ddl": "CREATE TABLE t (a int)"},
    "clone_database": {"new_database_name": "stolen"},
    "get_database": {},
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Who waited for a lock would do so longer than the test waits for him."""
    return settings.model_copy(
        update={"lock_timeout_ms": 86_400_000, "ddl_lock_timeout_ms": 86_400_000}
    )


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("space_id", "code"), [(None, 25013), ("77", 25015)])
async def test_a_stranger_does_not_learn_that_a_database_is_busy(
    client: Client, admin: asyncpg.Connection, verb: str, space_id: str | None, code: int
) -> None:
    """He would wait for the lock, and then be told *busy* of a database that is not there for him."""
    database_id = await client.caller("ann").create()
    stranger = client.caller("eve", space_id)
    async with admin.transaction():
        await admin.execute(
            "SELECT FROM twinbase.database_meta WHERE id = $1 FOR UPDATE", database_id
        )
        body = {"database_id": database_id, **VERBS[verb]}
        answer = await asyncio.wait_for(stranger.call(verb, **body), timeout=PATIENCE / 5)
    missing = await stranger.call(verb, **body | {"database_id": database_id + 1})
    assert (answer["code"], answer["message"]) == (missing["code"], missing["message"])
    assert answer["code"] == code
