"""The examples of list_audit, for ``api/examples.py``."""

from typing import Any

LIST_AUDIT: dict[str, dict[str, Any]] = {
    "the newest": {},
    "what was done to a platform": {
        "target": "workflows",
        "from": "2026-01-01T00:00:00Z",
        "to": "2999-12-31T00:00:00Z",
        "limit": 200,
    },
}

AUDIT_LISTED: dict[str, Any] = {
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
