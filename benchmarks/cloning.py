"""A database to clone, and the plain SQL that clone_database is compared with."""

from dataclasses import dataclass

from asyncpg import Connection

from benchmarks.guarding import guard, tenants_schema
from benchmarks.stack import Stack, connected
from benchmarks.tenant import APP_ID, Tenant
from domain.identifiers import Identifier
from domain.schema import Environment, schema_name_of

TABLES = 20
_EVERY_FIFTH = 5  # table has a foreign key, onto the table before
_COLUMNS = """
    name VARCHAR(80) NOT NULL, amount NUMERIC(12,2) CHECK (amount >= 0), pieces INT,
    active BOOLEAN NOT NULL DEFAULT true, happened TIMESTAMP, note TEXT
"""
_BYTES_OF_A_ROW = 460  # with its indexes; measured

_FILL = """
INSERT INTO {table} (name, amount, pieces, active, happened, note{column})
SELECT 'name ' || i, i / 100.0, i % 1000, i % 3 = 0,
    timestamp '2026-01-01' + i * interval '1 minute', repeat(md5(i::text), 9){value}
FROM generate_series(1, $1::int) AS i
"""

# As a person would write it who has the catalogs before him: names are printed relative to the
# path, on which the source is when they are read, and the copy when they are run.
_COPY = """
WITH tables AS (
    SELECT oid, relname FROM pg_class WHERE relnamespace = $1::text::regnamespace AND relkind = 'r'
)
SELECT statement FROM (
    SELECT 1 AS step, oid, format(
        'CREATE TABLE %2$I.%3$I (LIKE %1$I.%3$I INCLUDING ALL EXCLUDING INDEXES)',
        $1::text, $2::text, relname
    ) AS statement
    FROM tables
    UNION ALL
    SELECT 2, oid, format(
        'INSERT INTO %2$I.%3$I OVERRIDING SYSTEM VALUE SELECT * FROM %1$I.%3$I',
        $1::text, $2::text, relname
    )
    FROM tables
    UNION ALL
    SELECT 3, i.indexrelid, CASE
        WHEN k.oid IS NULL THEN pg_get_indexdef(i.indexrelid, 0, true)
        ELSE format('ALTER TABLE %I ADD CONSTRAINT %I ', t.relname, k.conname)
            || pg_get_constraintdef(k.oid)
    END
    FROM tables AS t
    JOIN pg_index AS i ON i.indrelid = t.oid
    LEFT JOIN pg_constraint AS k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u')
    UNION ALL
    SELECT 4, k.oid, format('ALTER TABLE %I ADD CONSTRAINT %I ', t.relname, k.conname)
        || pg_get_constraintdef(k.oid)
    FROM tables AS t
    JOIN pg_constraint AS k ON k.conrelid = t.oid AND k.contype = 'f'
) AS statements
ORDER BY step, oid
"""


@dataclass(frozen=True, slots=True)
class Source:
    database_id: int
    megabytes: float

    @property
    def schemas(self) -> list[Identifier]:
        return [schema_name_of(environment, self.database_id) for environment in Environment]


def rows_for(megabytes: int) -> int:
    """Of each table, in both schemas."""
    return megabytes * 1_000_000 // (len(Environment) * TABLES * _BYTES_OF_A_ROW)


async def make_source(stack: Stack, tenant: Tenant, name: str, rows: int) -> Source:
    """Vacuumed and analysed, so that whoever reads it first has no more to do than the next."""
    source = Source(await tenant.create(name), 0)
    for number in range(1, TABLES + 1):
        await tenant.ddl(source.database_id, _definition(number))
    async with connected(stack.url()) as connection:
        stamp = f"{APP_ID}:{tenant.uid}"
        await connection.execute("SELECT set_config('twinbase.app_uid', $1, false)", stamp)
        for schema in source.schemas:
            await connection.execute(f"SET search_path TO {schema}")
            for number in range(1, TABLES + 1):
                await connection.execute(_filling(number), rows)
        size = await connection.fetchval(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = ANY ($1::text[]::regnamespace[])",
            [schema.name for schema in source.schemas],
        )
    async with connected(stack.superuser_url) as superuser:
        for schema in source.schemas:
            for number in range(1, TABLES + 1):
                await superuser.execute(f"VACUUM (ANALYZE) {schema}.{_table(number)}")
    return Source(source.database_id, float(size) / 1_000_000)


class PlainCopy:
    """The pair copied in one transaction by one message of SQL.

    ``guarded``: with what makes a table a tenant's: owner, policies, trigger and rights.
    """

    def __init__(self, connection: Connection, source: Source, name: str) -> None:
        self._connection = connection
        self._source = source
        self._name = name
        self._script = ""

    async def prepare(self, *, guarded: bool = False) -> None:
        parts = ["BEGIN"]
        for schema, copy in zip(self._source.schemas, self._copies, strict=True):
            await self._connection.execute(f"SET search_path TO {schema}")
            copying = await self._connection.fetch(_COPY, schema.name, copy.name)
            parts += [tenants_schema(copy) if guarded else f"CREATE SCHEMA {copy}"]
            parts += [f"SET LOCAL search_path TO {copy}", *(row["statement"] for row in copying)]
            if guarded:
                parts += [guard(copy, _table(number)) for number in range(1, TABLES + 1)]
        await self._connection.execute("RESET search_path")
        self._script = ";".join((*parts, "COMMIT"))

    async def copy(self) -> None:
        await self._connection.execute(self._script)

    async def drop(self) -> None:
        for copy in self._copies:
            await self._connection.execute(f"DROP SCHEMA {copy} CASCADE")

    @property
    def _copies(self) -> list[Identifier]:
        return [Identifier(f"{self._name}_{schema.name}") for schema in self._source.schemas]


def _table(number: int) -> str:
    return f"t{number:02}"


def _definition(number: int) -> str:
    table, parent = _table(number), ""
    if number % _EVERY_FIFTH == 0:
        parent = f", parent BIGINT REFERENCES {_table(number - 1)} (id)"
    return f"CREATE TABLE {table} ({_COLUMNS}{parent}); CREATE INDEX ON {table} (happened)"


def _filling(number: int) -> str:
    column = value = ""
    if number % _EVERY_FIFTH == 0:
        column, value = ", parent", f", (SELECT min(id) FROM {_table(number - 1)})"
    return _FILL.format(table=_table(number), column=column, value=value)
