"""Of the verbs for those who administer the service, for ``api/examples.py``."""

from typing import Any

_PLATFORM = {"platform_name": "workflows"}
_KEY_PREFIX = "tb_k3m9x2pq"

_LIST_AUDIT: dict[str, dict[str, Any]] = {
    "the newest": {},
    "what was done to a platform": {
        "target": "workflows",
        "from": "2026-01-01T00:00:00Z",
        "to": "2999-12-31T00:00:00Z",
        "limit": 200,
    },
}

REQUESTS_OF_ADMINISTRATION: dict[str, dict[str, dict[str, Any]]] = {
    "create_platform": {
        "of one application": _PLATFORM
        | {"app_ids": ["app01"], "scopes": ["databases:read", "dml:read", "dml:write"]}
    },
    "list_platforms": {"all": {}},
    "modify_platform": {
        "one scope more": _PLATFORM
        | {"scopes": ["databases:read", "databases:write", "dml:read", "dml:write"]},
    },
    "create_key": {
        "for all that it may do": _PLATFORM,
        "for reading, until it expires": _PLATFORM
        | {"scopes": ["databases:read", "dml:read"], "expires_at": "2999-12-31T00:00:00Z"},
    },
    "list_keys": {"of a platform": _PLATFORM},
    "revoke_key": {"for good": {"prefix": _KEY_PREFIX}},
    "set_quota": {
        "of a platform": _PLATFORM | {"databases": 500, "statements_per_second": 200},
    },
    "list_quotas": {"all": {}, "of a platform": _PLATFORM},
    "list_audit": _LIST_AUDIT,
}

# Asked when there is something to tell of.
REQUESTS_ABOUT_FIGURES: dict[str, dict[str, dict[str, Any]]] = {
    "get_usage": {"by uid": {"by": "uid"}},
    "get_statistics": {
        "of the last hour": {},
        "of one verb, in points": {"verb": "exec_dml", "step": 300},
        "of one platform": {"platform_name": "workflows"},
    },
    "get_health": {"of all parts": {}},
}

_PLATFORM_VIEW = {
    "platform_id": 245133529149440,
    "platform_name": "workflows",
    "app_ids": ["app01"],
    "scopes": ["databases:read", "dml:read", "dml:write"],
    "is_active": True,
    "create_at": "2026-01-31T09:29:59+00:00",
    "update_at": "2026-01-31T09:29:59+00:00",
}
_KEY_VIEW = {
    "prefix": _KEY_PREFIX,
    "scopes": ["databases:read", "dml:read"],
    "create_at": "2026-01-31T09:29:59+00:00",
    "expires_at": "2999-12-31T00:00:00+00:00",
    "last_used_at": "2026-01-31T09:30:02+00:00",
    "revoked_at": "2026-02-28T09:30:02+00:00",
}

_FIGURES = {
    "requests": 1200,
    "successes": 1188,
    "failures": [{"code": 25050, "requests": 12}],
    "success_rate": 0.99,
    "mean_ms": 4.182,
    "p50_ms": 2.532,
    "p95_ms": 12.043,
    "p99_ms": 28.641,
    "rows_in": 310,
    "rows_out": 10_466,
    "bytes_in": 214_800,
    "bytes_out": 1_830_210,
}

_HEALTH = {
    "status": "degraded",
    "parts": [
        {
            "part": "worker",
            "status": "ok",
            "advice": "",
            "facts": {
                "version": "0.1.0",
                "pid": 4711,
                "uptime_seconds": 86_400,
                "workers": 2,
                "instances": 1,
            },
        },
        {
            "part": "postgresql",
            "status": "ok",
            "advice": "",
            "facts": {
                "version": "18.4",
                "is_standby": False,
                "connections": 19,
                "max_connections": 100,
                "oldest_transaction_seconds": 0,
                "milliseconds": 6.2,
            },
        },
        {
            "part": "sweeps",
            "status": "degraded",
            "advice": "python -m service doctor",
            "facts": {
                "last_at": "2026-01-31T09:29:59+00:00",
                "failed": {"mend": 0, "tell": 0},
                "found": {"unknown_schema": 1},
            },
        },
    ],
}

_QUOTA_VIEW = {"platform_name": "workflows", "databases": 500, "statements_per_second": 200}
_USAGE = {
    "databases": 12,
    "tables": 31,
    "rows": 4_710,
    "bytes": 1_884_160,
    "measured_at": "2026-05-04T09:15:00.000000+00:00",
}

_AUDIT_LISTED: dict[str, Any] = {
    "entries": [
        {
            "id": 245133529165825,
            "at": "2026-01-31T09:29:59.153834+00:00",
            "platform_id": 245133529149440,
            "platform_name": "workflows",
            "key_prefix": "tb_k3m9x2pq",
            "uid": "u-1001",
            "app_id": "app01",
            "sid": "tb5f0c8a1e6d7b42f19c3e0a8d4b6f1c27",
            "verb": "clone_database",
            "database_id": 245133529153536,
            "new_database_id": 245133529161728,
            "target": "orders_副本",
            "operation_id": 245133529161729,
            "outcome": "succeeded",
            "code": 0,
            "count": 1,
        }
    ],
    "next_cursor": 245133529165825,
}

DATA_OF_ADMINISTRATION: dict[str, Any] = {
    "get_health": _HEALTH,
    "create_platform": _PLATFORM_VIEW,
    "list_platforms": {"platforms": [_PLATFORM_VIEW]},
    "modify_platform": _PLATFORM_VIEW,
    "create_key": _KEY_VIEW | {"key": f"{_KEY_PREFIX}_VbK0o3pR7cYh1mXw9qZt5sLd8uJf2nEa6gTi4yQ0x_M"},
    "list_keys": {"keys": [_KEY_VIEW]},
    "revoke_key": _KEY_VIEW,
    "set_quota": {
        "quota": _QUOTA_VIEW,
        "used": {
            "databases": 12,
            "tables_per_database": 4,
            "bytes_per_database": 409_600,
            "bytes": 1_884_160,
        },
        "follows": {},
    },
    "list_quotas": {"quotas": [_QUOTA_VIEW], "defaults": {}},
    "get_usage": {
        "total": _USAGE,
        "usage": [{"platform_name": "workflows", "uid": "u-1001"} | _USAGE],
        "truncated": False,
    },
    "list_audit": _AUDIT_LISTED,
    "get_statistics": {
        "from": "2026-01-31T09:00:00+00:00",
        "to": "2026-01-31T10:00:00+00:00",
        "step": 300,
        "totals": _FIGURES,
        "verbs": [{"verb": "exec_dml"} | _FIGURES],
        "platforms": [{"platform_name": "workflows"} | _FIGURES],
        "operations": [
            {
                "kind": "clone_database",
                "status": "succeeded",
                "number": 3,
                "mean_seconds": 0.214,
            }
        ],
        "points": [
            {"at": "2026-01-31T09:00:00+00:00"}
            | _FIGURES
            | {"verbs": [{"verb": "exec_dml"} | _FIGURES]}
        ],
    },
}
