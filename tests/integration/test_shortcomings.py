"""The service refuses to start where isolation would not hold, and says why; bootstrap mends it."""

import asyncpg
import pytest

from repository.bootstrap import bootstrap, shortcomings

# What somebody loosened, a word of what is said of it, and whether bootstrap puts it right.
LOOSENED = {
    "event trigger gone": ("DROP EVENT TRIGGER twinbase_commands", "twinbase_commands", True),
    "event trigger off": (
        "ALTER EVENT TRIGGER twinbase_commands DISABLE",
        "twinbase_commands",
        True,
    ),
    "settings for everybody": (
        "GRANT EXECUTE ON FUNCTION set_config(text, text, boolean) TO PUBLIC",
        "set_config",
        True,
    ),
    "settings for the owner of tables": (
        "GRANT EXECUTE ON FUNCTION set_config(text, text, boolean) TO twinbase_owner",
        "set_config",
        True,
    ),
    "SQL from text for everybody": (
        "GRANT EXECUTE ON FUNCTION ts_rewrite(tsquery, text) TO PUBLIC",
        "ts_rewrite",
        True,
    ),
    "sequences for everybody": (
        "GRANT EXECUTE ON FUNCTION nextval(regclass) TO PUBLIC",
        "nextval",
        True,
    ),
    "temporary tables": ("GRANT TEMPORARY ON DATABASE @ TO PUBLIC", "temporary tables", True),
    "schemas": ("GRANT CREATE ON DATABASE @ TO twinbase_ddl", "schemas", False),
    "functions": ("GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC", "functions", True),
    "a superuser's functions for everybody": (
        "GRANT EXECUTE ON FUNCTION twinbase_guard.copy_leakproof(oid, name) TO PUBLIC",
        "twinbase_guard",
        True,
    ),
    "a superuser's functions for tenants": (
        "GRANT EXECUTE ON FUNCTION twinbase_guard.copy_leakproof(oid, name) TO twinbase_ddl",
        "twinbase_guard",
        False,
    ),
    "a superuser's functions in a schema of the service's": (
        "ALTER SCHEMA twinbase_guard OWNER TO twinbase_service",
        "twinbase_guard",
        True,
    ),
    "no schemas for the service": (
        "REVOKE CREATE ON DATABASE @ FROM twinbase_service",
        "may not create schemas",
        True,
    ),
}


@pytest.mark.parametrize("name", LOOSENED)
async def test_shortcomings(
    name: str, admin: asyncpg.Connection, admin_url: str, database_url: str
) -> None:
    loosening, word, is_mended = LOOSENED[name]
    assert await shortcomings(database_url) == []
    database = await admin.fetchval("SELECT quote_ident(current_database())")
    await admin.execute(loosening.replace("@", database))
    found = await shortcomings(database_url)
    assert found
    assert word in " ".join(found)
    await bootstrap(admin_url, database_url)
    assert (await shortcomings(database_url) == []) is is_mended
