"""Two tenants with equally named tables; what must not be seen is marked in every value.

Marks in an attack, each the name of a thing of this run:

    @own@            the attacker's prod schema, which his requests address
    @pair@           his other one
    @foreign@        the victim's prod schema; @foreign_test@ his other one
    @victim@         the number in it
    @database@       the PostgreSQL database of all of them
    @oid@            the victim's table of items; @sequence_oid@ a sequence of his
    @toast@          the table where PostgreSQL keeps his long values
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from json import dumps

from asyncpg import Connection

from tests.client import Caller, Client

SPACE = "77"
TABLES = """
    CREATE TYPE mood AS ENUM ('calm', 'wild');
    CREATE DOMAIN reach AS integer CHECK (VALUE < 999999);
    CREATE TABLE items (name text UNIQUE, amount integer, feeling mood, reach reach);
    CREATE TABLE parts (item_id bigint REFERENCES items(id) ON DELETE CASCADE, label text);
    CREATE TABLE lines (number serial, label text);
    CREATE INDEX ON items (lower(name));
    CREATE STATISTICS told ON name, amount, (lower(name)) FROM items;
    CREATE VIEW names AS SELECT name FROM items
"""
ROWS = ("items", "parts", "lines")
"""The tables with rows."""

SECRET = "secret of"
SECRET_NUMBER = 424242
HIDDEN = "hidden of bob"
HIDDEN_NUMBER = 515151


@dataclass(frozen=True)
class TwoTenants:
    """The attacker's database belongs to a space, where a colleague has rows, too."""

    attacker: Caller
    attacker_id: int
    colleague: Caller
    victim: Caller
    victim_id: int
    numbers: dict[str, str]

    @property
    def own(self) -> str:
        return f"prod_{self.attacker_id}"

    @property
    def others(self) -> tuple[str, str, str]:
        """The schemas that a request for the attacker's prod must not reach."""
        return (
            f"test_{self.attacker_id}",
            f"prod_{self.victim_id}",
            f"test_{self.victim_id}",
        )

    def fill(self, sql: str) -> str:
        pair, foreign, foreign_test = self.others
        marks = {"own": self.own, "pair": pair, "foreign": foreign, "foreign_test": foreign_test}
        for mark, name in (marks | self.numbers).items():
            sql = sql.replace(f"@{mark}@", name)
        return sql


# Of a request, a database or a row: any number may be in them.
_BY_CHANCE = re.compile(r"tb[0-9a-f]{32}|[0-9]{12,}")


def leaks(answer: object) -> bool:
    """Whether anything in it comes from a schema that was not addressed."""
    told = _BY_CHANCE.sub("", dumps(answer, default=str, ensure_ascii=False))
    return SECRET in told or str(SECRET_NUMBER) in told


def leaks_of_colleague(answer: object) -> bool:
    """Whether anything in it comes from another's row of the attacker's own database."""
    told = _BY_CHANCE.sub("", dumps(answer, default=str, ensure_ascii=False))
    return HIDDEN in told or str(HIDDEN_NUMBER) in told


async def two_tenants(client: Client, admin: Connection) -> TwoTenants:
    attacker, colleague = client.caller("mallory", SPACE), client.caller("bob", SPACE)
    attacker_id = await open_shop(attacker, colleague, "shop")
    victim = client.caller("alice")
    victim_id = await victim.create("shop")
    await victim.ddl(victim_id, TABLES)
    for env in ("prod", "test"):
        await _sell(victim, victim_id, env, f"{SECRET} alice in {env}", SECRET_NUMBER)
    await admin.execute("ANALYZE")
    foreign = f"prod_{victim_id}"
    numbers = {
        "victim": str(victim_id),
        "database": await admin.fetchval("SELECT quote_ident(current_database())"),
        "oid": str(await admin.fetchval("SELECT $1::text::regclass::oid", f"{foreign}.items")),
        "sequence_oid": str(
            await admin.fetchval("SELECT $1::text::regclass::oid", f"{foreign}.lines_number_seq")
        ),
        "toast": await admin.fetchval(
            "SELECT c.relname FROM pg_class c JOIN pg_class t ON t.reltoastrelid = c.oid"
            " WHERE t.oid = $1::text::regclass",
            f"{foreign}.items",
        ),
    }
    return TwoTenants(attacker, attacker_id, colleague, victim, victim_id, numbers)


async def open_shop(attacker: Caller, colleague: Caller, name: str) -> int:
    database_id = await attacker.create(name)
    await attacker.ddl(database_id, TABLES)
    await _sell(attacker, database_id, "prod", "own", 1)
    await _sell(colleague, database_id, "prod", HIDDEN, HIDDEN_NUMBER)
    await _sell(attacker, database_id, "test", f"{SECRET} mallory in test", SECRET_NUMBER)
    return database_id


async def _sell(caller: Caller, database_id: int, env: str, name: str, amount: int) -> None:
    (item,) = await caller.dml(
        database_id, f"INSERT INTO items (name, amount) VALUES ('{name}', {amount})", env
    )
    await caller.dml(
        database_id,
        f"INSERT INTO parts (item_id, label) VALUES ({item['id']}, '{name}');"
        f"INSERT INTO lines (label) VALUES ('{name}')",
        env,
    )


async def without_rows_of_others(admin: Connection, tenants: TwoTenants) -> None:
    """Another world, in which an answer that differs has told something."""
    await without_rows(admin, tenants.others)
    await without_rows_of_colleague(admin, tenants)
    await admin.execute("ANALYZE")


async def without_rows(admin: Connection, schemas: Iterable[str]) -> None:
    tables = [f"{schema}.{table}" for schema in schemas for table in ROWS]
    await admin.execute(f"TRUNCATE {', '.join(tables)}")


async def without_rows_of_colleague(admin: Connection, tenants: TwoTenants) -> None:
    for table in reversed(ROWS):
        await admin.execute(f"DELETE FROM {tenants.own}.{table} WHERE uid = 'app01:bob'")
