"""What guarding makes of a table, as PostgreSQL keeps it: the truth that tables are compared with.

Made by the very statements of ``settling``, on a table that is rolled back before anybody sees it.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from asyncpg import Connection

from domain.identifiers import Identifier
from repository.queries import queries, with_identifiers
from repository.roles import DML_ROLES, OWNER

_SQL = queries("drift")
_SCHEMAS_SQL = queries("schemas")
_TABLE = Identifier("t")
_COLUMN = "2"  # the number of uid there
_LENGTH_OF_HEADER = 4


@dataclass(frozen=True, slots=True)
class Pattern:
    """``trees`` with marks for what differs between tables, ``texts`` with one for the schema.

    In both the policy of all rows is first, and that of own rows second.
    """

    rights: str
    trees: tuple[str, str]
    texts: tuple[str, str]
    writing: "_Writing"

    def constant(self, schema: str) -> str:
        """As a tree writes the schema's name."""
        return self.writing.constant(schema)

    def text(self, policy: str, schema: str) -> str:
        wanted = self.texts[policy == "twinbase_rows"]
        return wanted.replace("@constant", Identifier(schema).literal)


async def pattern(driver: Connection) -> Pattern:
    """Within a transaction, of which nothing is left by it."""
    async with _undone(driver):
        schema = Identifier(f"twinbase_pattern_{uuid4().hex}")
        names = {"schema": schema, "owner": OWNER, **DML_ROLES}
        none = {"create_time": Identifier("none"), "update_time": Identifier("none")}
        await driver.execute(
            ";".join(
                (
                    with_identifiers(_SCHEMAS_SQL["create_schema"], **names),
                    with_identifiers(_SQL["pattern"], table=_TABLE, **names),
                    with_identifiers(_SCHEMAS_SQL["guard_table"], table=_TABLE, **names, **none),
                )
            )
        )
        row = await driver.fetchrow(_SQL["pattern_of"], schema.name, _TABLE.name)
    if row is None or row["policies"] != ["twinbase_all_rows", "twinbase_rows"]:
        raise RuntimeError("guarding a table makes other policies than those that are looked for")
    writing = _writing_of(row["trees"][0], schema.name)
    constant = writing.constant(schema.name)
    all_rows, own_rows = (
        re.sub(rf":(varattno|varattnosyn) {_COLUMN}\b", r":\1 @column", tree).replace(
            constant, "@constant"
        )
        for tree in row["trees"]
    )
    all_text, own_text = (text.replace(schema.literal, "@constant") for text in row["texts"])
    return Pattern(row["rights"], (all_rows, own_rows), (all_text, own_text), writing)


@asynccontextmanager
async def _undone(driver: Connection) -> AsyncIterator[None]:
    await driver.execute("SAVEPOINT pattern")
    try:
        yield
    finally:
        await driver.execute("ROLLBACK TO SAVEPOINT pattern; RELEASE SAVEPOINT pattern")


@dataclass(frozen=True, slots=True)
class _Writing:
    """How this machine's PostgreSQL writes a value of text: byte by byte, its length before it."""

    order: Literal["little", "big"]
    is_signed: bool

    def constant(self, value: str) -> str:
        content = value.encode()
        total = len(content) + _LENGTH_OF_HEADER
        header = (total << 2 if self.order == "little" else total).to_bytes(4, self.order)
        written = " ".join(
            str(byte - 256 if self.is_signed and byte > 127 else byte)  # noqa: PLR2004 - a byte
            for byte in header + content
        )
        return f":constvalue {total} [ {written} ]"


def _writing_of(tree: str, schema: str) -> _Writing:
    """Where it is none of these, no tree is ever found equal, and texts decide: slow, and right."""
    ways = (_Writing("little", is_signed=True), _Writing("little", is_signed=False))
    others = (_Writing("big", is_signed=True), _Writing("big", is_signed=False))
    return next((way for way in (*ways, *others) if way.constant(schema) in tree), ways[0])
