"""Every verb with a request that it accepts, and what every answer has to be."""

import re
from typing import Any

import asyncpg
import httpx

from tests.client import Row

SID = re.compile(r"tb[0-9a-f]{32}")

# Where a verb acts on a database; create_database and list_databases do not.
ON_A_DATABASE = (
    "clone_database",
    "drop_database",
    "modify_db_description",
    "exec_ddl",
    "list_ddl",
    "exec_dml",
    "explain_dml",
    "cancel_statement",
    "set_row_access",
    "share_database",
    "get_database",
)
NEEDS_A_RUNNING_REQUEST = "cancel_statement"
ON_AN_OPERATION = ("get_operation", "watch_operation", "cancel_operation")
ON_PLATFORMS = (
    "create_platform",
    "list_platforms",
    "modify_platform",
    "create_key",
    "list_keys",
    "revoke_key",
    "list_audit",
    "get_health",
)
ON_QUOTAS = ("set_quota", "list_quotas")
ON_FIGURES = ("get_usage", "get_statistics")
OF_NO_UID = (*ON_PLATFORMS, *ON_QUOTAS, *ON_FIGURES)
# What ``accepted`` names is no running request, no operation and no key.
WITHOUT_WHAT_IT_NAMES = {
    "cancel_statement": 25033,
    "revoke_key": 25081,
    **dict.fromkeys(ON_AN_OPERATION, 25060),
}
OF_CALLERS = (
    "create_database",
    "list_databases",
    "list_operations",
    *ON_A_DATABASE,
    *ON_AN_OPERATION,
)
VERBS = (*OF_CALLERS, *OF_NO_UID)

# The verbs that take an idempotency key; those of a caller, and all.
CHANGING = (
    "create_database",
    "clone_database",
    "modify_db_description",
    "set_row_access",
    "share_database",
    "exec_ddl",
    "exec_dml",
    "drop_database",
)

KEYED = (*CHANGING, "create_platform", "modify_platform", "revoke_key", "set_quota")

# The verbs whose requests the audit tells of; exec_dml changes rows only.
AUDITED = frozenset(KEYED) - {"exec_dml"} | {"create_key", "cancel_operation"}

# The verbs whose success carries no data.
SILENT = frozenset(
    {
        "drop_database",
        "modify_db_description",
        "exec_ddl",
        "cancel_statement",
        "set_row_access",
        "share_database",
    }
)


def accepted(verb: str, database_id: int = 0, uid: str = "u1") -> Row:
    """A body that the verb accepts for a database that has no table yet."""
    own: dict[str, Row] = {
        "create_database": {"database_name": "accepted"},
        "list_databases": {},
        "list_operations": {},
        **{each: {"operation_id": database_id} for each in ON_AN_OPERATION},
        "clone_database": {"database_id": database_id, "new_database_name": "accepted_副本"},
        "drop_database": {"database_id": database_id},
        "modify_db_description": {"database_id": database_id, "description": "accepted"},
        "exec_ddl": {"database_id": database_id, "ddl": "CREATE TABLE accepted (name text)"},
        "list_ddl": {"database_id": database_id},
        "exec_dml": {
            "database_id": database_id,
            "app_id": "app01",
            "dml": "SELECT 1 AS one",
            "env": "test",
        },
        "explain_dml": {
            "database_id": database_id,
            "app_id": "app01",
            "dml": "SELECT 1 AS one",
            "env": "test",
        },
        "cancel_statement": {"database_id": database_id, "sid": "of-no-request"},
        "set_row_access": {"database_id": database_id, "row_access": "own"},
        "share_database": {"database_id": database_id, "platform_names": []},
        "get_database": {"database_id": database_id},
        "create_platform": {"platform_name": "accepted", "scopes": ["dml:read"]},
        "list_platforms": {},
        "modify_platform": {"platform_name": "default", "is_active": True},
        "create_key": {"platform_name": "default"},
        "list_keys": {"platform_name": "default"},
        "revoke_key": {"prefix": "tb_no_such"},
        "set_quota": {"platform_name": "default", "databases": 10**9},
        "list_quotas": {},
        "get_usage": {},
        "get_statistics": {},
        "list_audit": {},
        "get_health": {},
    }
    return own[verb] if verb in OF_NO_UID else {"uid": uid} | own[verb]


def envelope_of(answer: httpx.Response) -> dict[str, Any]:
    """The envelope, after everything that holds for any answer was asserted."""
    assert answer.headers.get_list("content-type") == ["application/json"]
    envelope: dict[str, Any] = answer.json()
    assert envelope.keys() - {"data"} == {"code", "message", "sid"}
    assert type(envelope["code"]) is int
    assert isinstance(envelope["message"], str)
    assert envelope["message"]
    assert SID.fullmatch(envelope["sid"])
    assert answer.headers.get_list("x-request-id") == [envelope["sid"]]
    assert (envelope["code"] == 0) == (answer.status_code == 200)
    if envelope["code"] == 0:
        assert envelope["message"] == "success"
    else:
        assert envelope.get("data", {"error": {}}).keys() == {"error"}
    return envelope


async def everything(admin: asyncpg.Connection) -> Row:
    """What a refused request must leave as it is."""
    return {
        "databases": await admin.fetch(
            "SELECT id, uid, name, description, space_id, status, deleted_at"
            " FROM twinbase.database_meta ORDER BY id"
        ),
        "platforms": await admin.fetch("SELECT * FROM twinbase.platform ORDER BY id"),
        "keys": await admin.fetch("SELECT * FROM twinbase.api_key ORDER BY id"),
        "quotas": await admin.fetch("SELECT * FROM twinbase.quota ORDER BY id"),
        "schemas": await admin.fetch("SELECT nspname FROM pg_namespace ORDER BY nspname"),
        "relations": await admin.fetch(
            "SELECT relnamespace::regnamespace::text, relname FROM pg_class"
            " WHERE relkind <> 't' AND relname NOT LIKE 'pg_toast%' ORDER BY 1, 2"
        ),
    }
