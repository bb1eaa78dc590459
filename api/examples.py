"""The examples of /docs: a story from the first database to its end. Tests send all of them."""

from typing import Any

from api.examples_of_administration import (
    DATA_OF_ADMINISTRATION,
    REQUESTS_ABOUT_FIGURES,
    REQUESTS_OF_ADMINISTRATION,
)

SID = "tb5f0c8a1e6d7b42f19c3e0a8d4b6f1c27"
DATABASE_ID = 245133529153536
OPERATION_ID = 245133529161729

_CALLER = {"uid": "u-1001"}
_ON_DATABASE = _CALLER | {"database_id": DATABASE_ID}
_ON_OPERATION = _CALLER | {"operation_id": OPERATION_ID}
_DML = _ON_DATABASE | {"app_id": "app01", "env": "test"}
_ROW = {
    "id": 245133529157633,
    "uid": "app01:u-1001",
    "Item": "pen",
    "price": 1.5,
    "create_time": "2026-01-31 09:30:00",
}
_ROW_TYPES = {
    "id": "bigint",
    "uid": "character varying",
    "Item": "character varying",
    "price": "numeric",
    "create_time": "timestamp without time zone",
}

REQUESTS: dict[str, dict[str, dict[str, Any]]] = {
    **REQUESTS_OF_ADMINISTRATION,
    "create_database": {
        "of one's own": _CALLER | {"database_name": "orders", "description": "What we sold"},
        "in a space": _CALLER | {"database_name": "orders", "space_id": "77"},
    },
    "exec_ddl": {
        "a table": _ON_DATABASE
        | {
            "ddl": 'CREATE TABLE "Orders" ("Item" VARCHAR NOT NULL, price NUMERIC(10,2),'
            " create_time TIMESTAMP); COMMENT ON TABLE \"Orders\" IS 'One line per sale'"
        },
        "a column": _ON_DATABASE | {"ddl": 'ALTER TABLE "Orders" ADD COLUMN amount INT DEFAULT 1'},
        "a sequence": _ON_DATABASE
        | {
            "ddl": "CREATE SEQUENCE invoice_numbers START 1000;"
            " ALTER TABLE \"Orders\" ADD COLUMN invoice BIGINT DEFAULT nextval('invoice_numbers')"
        },
        "in test only": _ON_DATABASE
        | {"ddl": 'CREATE INDEX ON "Orders" (lower("Item"))', "env": "test"},
        "what it would change": _ON_DATABASE
        | {
            "ddl": "CREATE TYPE state AS ENUM ('new', 'paid');"
            " ALTER TABLE \"Orders\" ADD COLUMN state state DEFAULT 'new';"
            ' CREATE VIEW cheap AS SELECT "Item", price FROM "Orders" WHERE price < 5',
            "dry_run": True,
        },
    },
    "list_ddl": {
        "the newest": _ON_DATABASE,
        "in pages": _ON_DATABASE | {"limit": 20},
    },
    "exec_dml": {
        "new rows": _DML
        | {"dml": "INSERT INTO \"Orders\" (\"Item\", price) VALUES ('pen', 1.50), ('ink', 4)"},
        "rows": _DML | {"dml": 'SELECT * FROM "Orders" ORDER BY create_time DESC LIMIT 20'},
        "values beside the SQL": _DML
        | {"dml": 'SELECT * FROM "Orders" WHERE "Item" = $1', "params": ["pen"]},
        "once, however often it is sent": _DML
        | {"dml": 'INSERT INTO "Orders" ("Item") VALUES (\'cap\')', "idempotency_key": "sale-17"},
        "few tokens": _DML | {"dml": 'SELECT "Item", price FROM "Orders"', "compact": True},
        "several statements": _DML
        | {
            "dml": 'UPDATE "Orders" SET amount = 2 WHERE "Item" = \'pen\';'
            ' SELECT "Item", amount FROM "Orders"'
        },
    },
    "explain_dml": {
        "one statement": _DML
        | {"dml": 'SELECT * FROM "Orders" WHERE price > :least', "params": {"least": 2}}
    },
    "cancel_statement": {"a request that runs": _ON_DATABASE | {"sid": SID}},
    "set_row_access": {"nobody writes": _ON_DATABASE | {"row_access": "read_only"}},
    "share_database": {"with one": _ON_DATABASE | {"platform_names": ["workflows"]}},
    "get_database": {"its tables": _ON_DATABASE},
    "list_databases": {
        "one's own": _CALLER,
        "by name, in pages": _CALLER | {"name_contains": "order", "limit": 20},
        "of a space": _CALLER | {"space_id": "77"},
    },
    "modify_db_description": {"a new one": _ON_DATABASE | {"description": "What we sold in May"}},
    "clone_database": {
        "a copy": _ON_DATABASE | {"new_database_name": "orders_副本"},
        "some tables": _ON_DATABASE | {"new_database_name": "orders_only", "tables": ["Orders"]},
    },
    "list_operations": {"one's own": _CALLER, "done": _CALLER | {"status": "succeeded"}},
    "get_operation": {"the clone above": _ON_OPERATION},
    "watch_operation": {"to its end": _ON_OPERATION},
    "cancel_operation": {"what is not yet done": _ON_OPERATION},
    "drop_database": {"for good": _ON_DATABASE},
    **REQUESTS_ABOUT_FIGURES,
}

_LINE = {
    "database_id": DATABASE_ID,
    "database_name": "orders",
    "description": "What we sold",
    "uid": "u-1001",
    "space_id": "77",
    "status": "ready",
    "row_access": "own",
    "create_at": "2026-01-31T09:29:59+00:00",
    "update_at": "2026-01-31T09:29:59+00:00",
}
_COLUMN = {
    "name": "Item",
    "type": "character varying",
    "nullable": False,
    "default": "'pen'::character varying",
    "generated": False,
    "identity": False,
    "comment": "What was sold",
    "managed": False,
}
_TABLE = {
    "name": "Orders",
    "comment": "One line per sale",
    "rows": 0,
    "bytes": 49152,
    "columns": [_COLUMN],
    "keys": [{"name": "Orders_pkey", "kind": "PRIMARY KEY", "definition": "PRIMARY KEY (id)"}],
    "indexes": [{"name": "Orders_uid_idx", "definition": 'btree (uid) ON "Orders"'}],
    "statistics": [],
}

_SEQUENCE = {
    "name": "invoice_numbers",
    "comment": "Never twice",
    "type": "bigint",
    "start": 1000,
    "increment": 1,
    "minimum": 1,
    "maximum": 9223372036854775807,
    "cycles": False,
    "owned_by": '"Orders".invoice',
    "last_value": 1001,
}

_REPORT = {"objects": 18, "tables": 2, "rows": 2, "verified": "counts"}
_OPERATION = {
    "operation_id": OPERATION_ID,
    "kind": "clone_database",
    "status": "running",
    "database_id": DATABASE_ID,
    "uid": "u-1001",
    "space_id": "77",
    "sid": SID,
    "attempt": 1,
    "cancel_requested": False,
    "progress": {
        "step": "rows",
        "steps_done": 24,
        "steps": 61,
        "tables_done": 3,
        "tables": 12,
        "rows": 105_200,
        "bytes_done": 44_040_192,
        "bytes": 130_023_424,
        "percent": 34.0,
    },
    "result": _REPORT,
    "error": {"code": 25063, "message": "The operation was cancelled; nothing of it was kept."},
    "create_at": "2026-01-31T09:29:59+00:00",
    "started_at": "2026-01-31T09:29:59+00:00",
    "finished_at": "2026-01-31T09:30:02+00:00",
    "seconds": 3.1,
    "seconds_left": 5.9,
}

DRY_RUN: dict[str, Any] = {
    "dry_run": True,
    "changes": [
        {
            "environment": "prod",
            "change": "changed",
            "object": "column",
            "table": "Orders",
            "name": "price",
            "before": {"type": "numeric(10,2)"},
            "after": {"type": "numeric(12,2)"},
        }
    ],
}

# What success carries as ``data``; a verb that is not here answers without it. FastAPI leaves
# out what is null, so nothing is.
DATA: dict[str, Any] = {
    **DATA_OF_ADMINISTRATION,
    "create_database": {"database_id": DATABASE_ID},
    "clone_database": {
        "database_id": DATABASE_ID,
        "operation_id": OPERATION_ID,
        "status": "succeeded",
        "report": _REPORT,
    },
    "list_operations": {"operations": [_OPERATION], "next_cursor": OPERATION_ID},
    "get_operation": _OPERATION,
    "cancel_operation": _OPERATION,
    "watch_operation": 'event: running\ndata: {"operation_id": 245133529161729, …}\n\n',
    "exec_dml": {
        "exec_success": [_ROW],
        "exec_failure": [],
        "exec_time": 0.0012,
        "results": [
            {
                "kind": "SELECT",
                "affected_rows": 0,
                "columns": [{"name": name, "type": type_} for name, type_ in _ROW_TYPES.items()],
                "rows": [_ROW],
                "truncated": False,
            }
        ],
    },
    "explain_dml": {"plans": [[{"Plan": {"Node Type": "Seq Scan", "Relation Name": "Orders"}}]]},
    "list_ddl": {
        "statements": [
            {
                "id": DATABASE_ID,
                "statement": 'ALTER TABLE "Orders" ADD COLUMN amount INT DEFAULT 1',
                "environments": ["prod", "test"],
                "uid": "u-1001",
                "space_id": "77",
                "sid": SID,
                "create_at": "2026-01-31T09:29:59+00:00",
            }
        ],
        "next_cursor": DATABASE_ID,
    },
    "list_databases": {"databases": [_LINE], "next_cursor": DATABASE_ID},
    "get_database": _LINE
    | {
        "schemas": [
            {
                "environment": environment,
                "bytes": 49152,
                "tables": [_TABLE],
                "views": [],
                "sequences": [_SEQUENCE],
                "types": [],
            }
            for environment in ("prod", "test")
        ]
    },
}
