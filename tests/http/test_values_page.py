"""docs/values.md: each line of its table is true, and its JSON is a parameter that means the same."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg

from tests.client import Client, Row

PAGE = Path(__file__).parent.parent.parent / "docs" / "values.md"
LINE = re.compile(r"^\| (?P<type>[^|]+) \| `(?P<sql>[^`]+)` \| `(?P<json>[^`]+)` \|$", re.MULTILINE)
TABLES = """
    CREATE TYPE mood AS ENUM ('happy');
    CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
    CREATE TABLE t (n integer, label text)
"""

# PostgreSQL reads no rows of unknown composition from text.
NOT_A_PARAMETER = re.compile(r"^(ROW\(|t$|NULL)")


def lines() -> list[tuple[str, str, Any]]:
    text = PAGE.read_text(encoding="utf-8")
    found = [
        (line["type"], line["sql"], json.loads(line["json"], parse_float=Decimal))
        for line in LINE.finditer(text)
    ]
    assert len(found) == text.count("\n|") - 2, "a line of the table has another form"
    return found


async def value_of(client: Client, database_id: int, sql: str, **more: object) -> Any:
    body: Row = {"uid": "u1", "app_id": "a", "database_id": database_id, "env": "test", "dml": sql}
    content = (await client.post("exec_dml", json=body | more)).content
    envelope = json.loads(content, parse_float=Decimal)
    assert envelope["code"] == 0, (sql, envelope)
    (row,) = envelope["data"]["exec_success"]
    return row["value"]


async def test_the_page_is_true(client: Client, admin: asyncpg.Connection) -> None:
    caller = client.caller(app_id="a")
    database_id = await caller.create()
    await caller.ddl(database_id, TABLES)
    await caller.dml(database_id, "INSERT INTO t (n, label) VALUES (1, 'a')")
    has_vectors = await admin.fetchval(
        "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector')"
    )
    if has_vectors:
        await admin.execute(f"CREATE EXTENSION vector SCHEMA test_{database_id}")
    for type_, sql, expected in lines():
        if "vector" in sql and not has_vectors:
            continue
        source = " FROM t" if sql == "t" else ""
        value = await value_of(client, database_id, f"SELECT {sql} AS value{source}")
        if sql == "t":
            value = {name: value[name] for name in expected}
        assert repr(value) == repr(expected), type_
        (inside,) = await value_of(client, database_id, f"SELECT ROW({sql}) AS value{source}")
        if sql == "t":
            inside = {name: inside[name] for name in expected}
        assert repr(inside) == repr(expected), f"{type_}, inside a row"
        if not NOT_A_PARAMETER.search(sql):
            same = f"SELECT ({sql})::text = ({bound(sql)})::text AS value"
            params = [as_sent(expected)]
            assert await value_of(client, database_id, same, params=params) is True, type_


def as_sent(value: Any) -> Any:
    """Numbers as strings, which keep every digit; the numbers of a vector as numbers."""
    if isinstance(value, list):
        return [float(part) if isinstance(part, Decimal) else part for part in value]
    return str(value) if isinstance(value, Decimal) else value


def bound(sql: str) -> str:
    """``$1`` in the type of the expression."""
    cast = re.search(r"::([\w\[\]]+)$", sql)
    of_others = {"B'": "bit(4)", "AR": "integer[]", "tr": "boolean"}
    return f"$1::{cast[1] if cast else of_others[sql[:2]]}"


def test_the_table_is_read() -> None:
    assert len(lines()) > 25
