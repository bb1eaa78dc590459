"""Every verb × every bad field: 25000, the field's name, what was expected; nothing changed."""

import json
from typing import Any

import asyncpg
import pytest

from domain.quota import Resource
from tests.client import Client, Row
from tests.http.verbs import (
    OF_CALLERS,
    OF_NO_UID,
    ON_AN_OPERATION,
    VERBS,
    accepted,
    envelope_of,
    everything,
)

Bad = dict[str, tuple[Any, str]]  # what is wrong with it: the value, what the answer says of it

NOT_JSON = "not valid JSON"
LONE_SURROGATE: Bad = {"lone surrogate": ("a\ud800b", NOT_JSON)}
NO_TEXT: Bad = {
    "number": (5, "valid string"),
    "boolean": (True, "valid string"),
    "array": (["a"], "valid string"),
    "object": ({"a": "b"}, "valid string"),
}
NULL: Bad = {"null": (None, "valid string")}
NUL: Bad = {"NUL": ("a\0b", "NUL character")}
CONTROL: Bad = {
    name: (f"a{character}b", "control characters")
    for name, character in {
        "NUL": "\0",
        "newline": "\n",
        "delete": "\x7f",
        "escape": "\x1b",
    }.items()
}
FORBIDDEN: Bad = {
    f"forbidden {character}": (f"user{character}1", "must not contain")
    for character in "！@#￥%…&*()中龥:"
}
PLAIN_NAME = NO_TEXT | NULL | CONTROL | FORBIDDEN | LONE_SURROGATE

UID = PLAIN_NAME | {
    "empty": ("", "at least 1 character"),
    "65 characters": ("u" * 65, "at most 64 characters"),
}
APP_ID = PLAIN_NAME | {"65 characters": ("a" * 65, "at most 64 characters")}
SPACE_ID = (
    {name: bad for name, bad in NO_TEXT.items() if name != "number"}
    | CONTROL
    | LONE_SURROGATE
    | {
        "fraction": (1.5, "valid string"),
        "65 characters": ("7" * 65, "at most 64 characters"),
    }
)
DESCRIPTION = (
    NO_TEXT | NUL | LONE_SURROGATE | {"201 characters": ("d" * 201, "at most 200 characters")}
)
NAME_FILTER = (
    NO_TEXT | NUL | LONE_SURROGATE | {"65 characters": ("n" * 65, "at most 64 characters")}
)
SQL = NO_TEXT | NULL | NUL | LONE_SURROGATE | {"empty": ("", "at least 1 character")}
DATABASE_NAME = (
    NO_TEXT
    | NULL
    | LONE_SURROGATE
    | {
        name: (value, "match pattern")
        for name, value in {
            "empty": "",
            "21 characters": "n" * 21,
            "digit first": "1orders",
            "underscore first": "_orders",
            "blank": "my orders",
            "hyphen": "my-orders",
            "Chinese": "orders订单",
            "quote": "orders'",
            "NUL": "orders\0",
            "newline at its end": "orders\n",
        }.items()
    }
)
COPY_NAME = (
    NO_TEXT
    | NULL
    | LONE_SURROGATE
    | {
        "empty": ("", "at least 1 character"),
        "65 characters": ("副" * 65, "at most 64 characters"),
    }
    | {
        name: (value, "letters, digits, _ and - only")
        for name, value in {
            "blank": "my orders",
            "dot": "public.orders",
            "quote": 'orders"',
            "semicolon": "orders;",
            "NUL": "orders\0",
            "newline at its end": "orders\n",
            "emoji": "orders😀",
        }.items()
    }
)
AN_INTEGER = "must be an integer, or an integer in a decimal string"
NO_INTEGER: Bad = {
    name: (value, AN_INTEGER)
    for name, value in {
        "boolean": True,
        "fraction": 1.5,
        "whole float": 1.0,
        "exponent": 1e3,
        "beyond 64 bits": 10**30,
        "empty": "",
        "words": "abcd",
        "float in a string": "1.0",
        "negative in a string": "-1",
        "hexadecimal": "0x10",
        "blank before": " 1",
        "newline behind": "1\n",
        "full-width digits": "１２",
        "30 digits": "9" * 30,
        "array": [1],
        "object": {"id": 1},
    }.items()
}
IDENTITY = NO_INTEGER | {
    "0": (0, "greater than or equal to 1"),
    "0 in a string": ("0", "greater than or equal to 1"),
    "-1": (-1, "greater than or equal to 1"),
    "2^63": (2**63, "less than or equal to"),
    "2^63 in a string": (str(2**63), "less than or equal to"),
    "2^64 - 1": (2**64 - 1, "less than or equal to"),
}
NULL_INTEGER: Bad = {"null": (None, AN_INTEGER)}
LIMIT = (
    NO_INTEGER
    | NULL_INTEGER
    | {
        "0": (0, "greater than or equal to 1"),
        "201": (201, "less than or equal to 200"),
    }
)
ENVIRONMENT: Bad = {
    name: (value, "'prod' or 'test'")
    for name, value in {
        "null": None,
        "empty": "",
        "capitals": "PROD",
        "longer": "production",
        "NUL": "prod\0",
        "number": 1,
        "array": ["prod"],
    }.items()
}
ONE_ENVIRONMENT: Bad = {
    kind: bad for kind, bad in ENVIRONMENT.items() if kind not in {"null", "empty"}
}

SPACE: dict[str, Bad] = {"space_id": SPACE_ID}
DATABASE_ID = IDENTITY | NULL_INTEGER
TRUTH: Bad = {
    name: (value, "should be a valid boolean")
    for name, value in {"null": None, "word": "true", "number": 1, "array": [True]}.items()
}
MILLISECONDS = NO_INTEGER | {
    "0": (0, "greater than or equal to 1"),
    "too many": (10**9, "less than or equal to 86400000"),
}
PARAMS: Bad = {
    name: (value, "must be a list of values for $1")
    for name, value in {"text": "a", "number": 1}.items()
}
ROW_ACCESS: Bad = {
    name: (value, "'own', 'space' or 'read_only'")
    for name, value in {"null": None, "empty": "", "capitals": "OWN", "other": "all"}.items()
}
STATUS: Bad = {
    name: (value, "'pending', 'running', 'succeeded', 'failed' or 'cancelled'")
    for name, value in {"empty": "", "capitals": "RUNNING", "other": "done"}.items()
}
SID_OF_REQUEST = (
    NO_TEXT
    | NULL
    | LONE_SURROGATE
    | {"empty": ("", "at least 8 characters"), "41 characters": ("s" * 41, "at most 40 characters")}
)
PLATFORM_NAME = (
    NO_TEXT
    | NULL
    | LONE_SURROGATE
    | {
        name: (value, "match pattern")
        for name, value in {
            "empty": "",
            "65 characters": "p" * 65,
            "capitals": "Workflows",
            "blank": "my platform",
            "Chinese": "平台",
            "newline at its end": "workflows\n",
        }.items()
    }
)
NO_ARRAY: Bad = {
    name: (value, "valid frozenset") for name, value in {"text": "a", "number": 1}.items()
}
APP_IDS = NO_ARRAY | {
    "a colon": (["a:b"], "colon"),
    "numbers": ([1], "valid string"),
    "too many": ([f"app{number}" for number in range(1001)], "at most 1000"),
}
SCOPES = NO_ARRAY | {
    "null": (None, "valid frozenset"),
    "unknown": (["dml:all"], "'databases:read', 'databases:write'"),
    "capitals": (["ADMIN"], "'admin'"),
}
EXPIRES_AT: Bad = {
    "words": ("soon", "valid datetime"),
    "without a time zone": ("2999-12-31T00:00:00", "timezone"),
    "no such day": ("2999-02-30T00:00:00Z", "valid datetime"),
    "beyond PostgreSQL's years": ("9999999-01-01T00:00:00Z", "valid datetime"),
}
STEP: Bad = {
    kind: (value, "whole minutes in seconds")
    for kind, value in {
        "zero": 0,
        "negative": -60,
        "half a minute": 30,
        "a part of a second": 60.5,
        "boolean": True,
        "a word": "fortnight",
        "array": [60],
        "years beyond all": 60 * 10**18,
    }.items()
}
KEY_PREFIX = (
    NO_TEXT
    | NULL
    | LONE_SURROGATE
    | {"empty": ("", "at least 1 character"), "17 characters": ("p" * 17, "at most 16 characters")}
)
MOST: Bad = {
    "negative": (-1, "greater than or equal to 0"),
    "text": ("5", "valid integer"),
    "fraction": (1.5, "valid integer"),
    "boolean": (True, "valid integer"),
    "beyond all bytes": (2**62 + 1, "less than or equal to"),
}
USAGE_BY: Bad = {"unknown": ("table", "'platform', 'space', 'uid' or 'database'")}
USAGE_LIMIT: Bad = {
    "none": (0, "greater than or equal to 1"),
    "too many": (1001, "less than or equal to 1000"),
}
ONE_UID = {kind: bad for kind, bad in UID.items() if kind != "null"}
AUDIT_FILTER = (
    NO_TEXT
    | LONE_SURROGATE
    | {"empty": ("", "at least 1 character"), "65 characters": ("n" * 65, "at most 64 characters")}
)
PLATFORM_NAMES = NO_ARRAY | {
    "null": (None, "valid frozenset"),
    "no name": (["No name"], "match pattern"),
}
ON_ROWS: dict[str, Bad] = {
    "database_id": DATABASE_ID,
    "app_id": APP_ID,
    "dml": SQL,
    "env": ENVIRONMENT,
    "params": PARAMS,
    "timeout_ms": MILLISECONDS,
    "lock_timeout_ms": MILLISECONDS,
}
FIELDS: dict[str, dict[str, Bad]] = {
    "create_database": {"database_name": DATABASE_NAME, "description": DESCRIPTION},
    "list_databases": {"name_contains": NAME_FILTER, "cursor": IDENTITY, "limit": LIMIT},
    "clone_database": {
        "database_id": DATABASE_ID,
        "new_database_name": COPY_NAME,
        "wait": TRUTH,
        "schema_only": TRUTH,
    },
    "drop_database": {"database_id": DATABASE_ID, "wait": TRUTH},
    "list_operations": {
        "database_id": IDENTITY,
        "status": STATUS,
        "cursor": IDENTITY,
        "limit": LIMIT,
    },
    **{verb: {"operation_id": DATABASE_ID} for verb in ON_AN_OPERATION},
    "modify_db_description": {"database_id": DATABASE_ID, "description": DESCRIPTION},
    "exec_ddl": {
        "database_id": DATABASE_ID,
        "ddl": SQL,
        "env": ONE_ENVIRONMENT,
        "dry_run": TRUTH,
        "timeout_ms": MILLISECONDS,
        "lock_timeout_ms": MILLISECONDS,
    },
    "list_ddl": {"database_id": DATABASE_ID, "cursor": IDENTITY, "limit": LIMIT},
    "exec_dml": ON_ROWS | {"read_only": TRUTH, "compact": TRUTH},
    "explain_dml": ON_ROWS,
    "cancel_statement": {"database_id": DATABASE_ID, "sid": SID_OF_REQUEST},
    "set_row_access": {"database_id": DATABASE_ID, "row_access": ROW_ACCESS},
    "share_database": {"database_id": DATABASE_ID, "platform_names": PLATFORM_NAMES},
    "get_database": {"database_id": DATABASE_ID},
    "create_platform": {"platform_name": PLATFORM_NAME, "app_ids": APP_IDS, "scopes": SCOPES},
    "list_platforms": {},
    "get_health": {},
    "modify_platform": {
        "platform_name": PLATFORM_NAME,
        "app_ids": APP_IDS,
        "scopes": SCOPES,
        "is_active": TRUTH,
    },
    "create_key": {"platform_name": PLATFORM_NAME, "expires_at": EXPIRES_AT},
    "list_keys": {"platform_name": PLATFORM_NAME},
    "revoke_key": {"prefix": KEY_PREFIX},
    "set_quota": {
        "platform_name": PLATFORM_NAME,
        "space_id": SPACE_ID,
        "uid": ONE_UID,
        **dict.fromkeys(map(str, Resource), MOST),
    },
    "list_quotas": {"platform_name": NO_TEXT},
    "get_usage": {
        "space_id": SPACE_ID,
        "uid": ONE_UID,
        "by": USAGE_BY,
        "limit": USAGE_LIMIT,
    },
    "get_statistics": {
        "from": EXPIRES_AT,
        "to": EXPIRES_AT,
        "step": STEP,
        "platform_name": {kind: bad for kind, bad in PLATFORM_NAME.items() if kind != "null"},
        "verb": NO_TEXT | LONE_SURROGATE | {"none": ("explode_database", "no verb")},
    },
    "list_audit": {
        **dict.fromkeys(("platform_name", "uid", "verb", "sid"), AUDIT_FILTER),
        **dict.fromkeys(("from", "to"), EXPIRES_AT),
        "database_id": IDENTITY,
        "cursor": IDENTITY,
        "limit": LIMIT,
    },
}
OPTIONAL = frozenset(
    {
        "description",
        "space_id",
        "name_contains",
        "cursor",
        "limit",
        "params",
        "timeout_ms",
        "lock_timeout_ms",
        "read_only",
        "compact",
        "dry_run",
        "wait",
        "schema_only",
        "status",
        "is_active",
        *Resource,
    }
)
UNKNOWN = ("databaseId", "UID", "params ", "", "a[b]", "a(b)", "__proto__", "名", "x" * 5000)


def bad_bodies(verb: str, good: Row) -> dict[str, tuple[Row, str]]:
    """Bodies with one thing wrong, and what the answer has to say."""
    bodies: dict[str, tuple[Row, str]] = {}
    whose = {} if verb in OF_NO_UID else {"uid": UID} | SPACE
    for field, kinds in (whose | FIELDS[verb]).items():
        for kind, (value, said) in kinds.items():
            told = said if said == NOT_JSON else field
            bodies[f"{field}: {kind}"] = (good | {field: value}, f"{told}|{said}")
        if field in good and field not in OPTIONAL:
            without = {name: value for name, value in good.items() if name != field}
            bodies[f"{field}: missing"] = (without, f"{field}: is required")
    for name in UNKNOWN:
        bodies[f"unknown field {name[:12]!r}"] = (
            good | {name: 1},
            f"{name[:64]}: is not a field of this verb",
        )
    return bodies


@pytest.mark.parametrize("verb", VERBS)
async def test_bad_field(client: Client, admin: asyncpg.Connection, verb: str) -> None:
    good = accepted(verb, await client.caller().create())
    before = await everything(admin)
    wrong = {}
    for case, (body, said) in bad_bodies(verb, good).items():
        answer = await client.post(verb, content=json.dumps(body))
        envelope = envelope_of(answer)
        message = envelope["message"]
        complete = all(part in message for part in said.split("|"))
        if (answer.status_code, envelope["code"]) != (400, 25000) or not complete:
            wrong[case] = envelope
        assert len(message) < 500, case
    assert wrong == {}
    assert await everything(admin) == before


DEEP = 40_000
TOO_MANY = "more than 50000 values"
UID_MISSING = "uid: is required"
NO_OBJECT = "must be a JSON object"
# Bodies that say nothing, whatever the verb.
RAW: dict[str, tuple[bytes, str]] = {
    "empty": (b"", NO_OBJECT),
    "null": (b"null", NO_OBJECT),
    "array": (b'[{"uid": "u1"}]', NO_OBJECT),
    "string": (b'"uid"', NO_OBJECT),
    "number": (b"5", NO_OBJECT),
    "true": (b"true", NO_OBJECT),
    "empty object": (b"{}", UID_MISSING),
    "blank": (b" \n ", NOT_JSON),
    "words": (b"uid=u1", NOT_JSON),
    "cut off": (b'{"uid": "u', NOT_JSON),
    "two objects": (b'{"uid": "u1"}{"uid": "u2"}', NOT_JSON),
    "trailing comma": (b'{"uid": "u1",}', NOT_JSON),
    "single quotes": (b"{'uid': 'u1'}", NOT_JSON),
    "comment": (b'{"uid": "u1"} // me', NOT_JSON),
    "byte order mark": (b'\xef\xbb\xbf{"uid": "u1"}', NOT_JSON),
    "UTF-16": ('{"uid": "u1"}'.encode("utf-16"), NOT_JSON),
    "invalid UTF-8": (b'{"uid": "\xff\xfe"}', NOT_JSON),
    "overlong UTF-8": (b'{"uid": "\xc0\x80"}', NOT_JSON),
    "surrogate in UTF-8": (b'{"uid": "\xed\xa0\x80"}', NOT_JSON),
    "lone surrogate": (b'{"uid": "\\ud800"}', NOT_JSON),
    "lone surrogate in a name": (b'{"\\udfff": 1}', NOT_JSON),
    "raw NUL": (b'{"uid": "a\0b"}', NOT_JSON),
    "NaN": (b'{"uid": NaN}', NOT_JSON),
    "Infinity": (b'{"database_id": Infinity}', NOT_JSON),
    "-Infinity": (b'{"database_id": -Infinity}', NOT_JSON),
    "endless exponent": (b'{"uid": "u1", "database_id": 1e999999}', "25000"),
    "number with leading zero": (b'{"database_id": 0123}', NOT_JSON),
    "deep array": (b"[" * DEEP + b"]" * DEEP, NOT_JSON),
    "deep array, open": (b"[" * DEEP, NOT_JSON),
    "deep object": (b'{"a":' * DEEP + b"1" + b"}" * DEEP, NOT_JSON),
    "deep value": (b'{"uid": ' + b"[" * DEEP + b"]" * DEEP + b"}", NOT_JSON),
    "deep value that orjson takes": (b'{"uid": ' + b"[" * 1000 + b"]" * 1000 + b"}", "25000"),
    "a field twice": (b'{"uid": "u1", "uid": "u2"}', "uid: must be given once"),
    "a field twice, alike": (b'{"uid": "u1", "uid": "u1"}', "uid: must be given once"),
    "a field twice, escaped": (b'{"uid": "u1", "u\\u0069d": "u2"}', "uid: must be given once"),
    "a field twice, with colons": (b'{"uid": "u:1", "dml": "::", "uid": "u:1"}', "given once"),
    "a field twice, and a colon escaped": (b'{"uid": "u1", "uid": "\\u003A"}', "given once"),
    "a field twice, further in": (b'{"uid": "u1", "params": {"a": 1, "a": 2}}', "a: must be given"),
    "deep values in values": (b'{"params": ' + b"[" * 1000 + b"]" * 1000 + b"}", NOT_JSON),
    "a million fields": (
        b"{" + b",".join(b'"field%d":1' % number for number in range(1_000_000 // 2)) + b"}",
        TOO_MANY,
    ),
    "a thousand fields": (
        b"{" + b",".join(b'"field%d":1' % number for number in range(1_000)) + b"}",
        "more than 100 fields",
    ),
    "a million values": (b'{"params": [' + b"[]," * 1_000_000 + b"1]}", TOO_MANY),
    "a million values, open": (b'{"params": [' + b"1," * 1_000_000, TOO_MANY),
    "a million names": (b'{"params": {' + b'"a": "\\\\", ' * 500_000, TOO_MANY),
}


async def test_bad_body(client: Client, admin: asyncpg.Connection) -> None:
    await client.caller().create()
    before = await everything(admin)
    wrong = {}
    for case, (content, said) in RAW.items():
        verbs = OF_CALLERS if said == UID_MISSING else VERBS
        for verb in verbs if len(content) < 1000 else ("exec_dml",):
            answer = await client.post(verb, content=content)
            envelope = envelope_of(answer)
            if envelope["code"] != 25000 or said not in answer.text:
                wrong[f"{verb}: {case}"] = envelope
    assert wrong == {}
    assert await everything(admin) == before


async def test_no_value_is_repeated(client: Client) -> None:
    """A refused value may be what somebody must not read in a log or a screenshot."""
    for field in ("uid", "database_name", "description", "space_id"):
        body = accepted("create_database") | {field: "my\0secret" * 50}
        answer = await client.post("create_database", json=body)
        assert envelope_of(answer)["code"] == 25000
        assert "secret" not in answer.text, field


async def test_all_that_is_wrong_is_told_at_once(client: Client) -> None:
    answer = await client.post("exec_dml", json={"env": "live", "database_id": 0})
    message = envelope_of(answer)["message"]
    for field in ("uid", "app_id", "database_id", "dml", "env"):
        assert f"{field}: " in message
    many = await client.post("exec_dml", json={f"field{number}": 1 for number in range(50)})
    assert envelope_of(many)["message"].endswith("; and 45 more")


async def test_a_quota_is_of_one(client: Client) -> None:
    told = await client.call("set_quota", platform_name="default", uid="u1", space_id="77", bytes=1)
    assert told["code"] == 25000
    assert told["message"] == "a quota is of a space or of a uid, not of both"
