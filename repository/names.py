"""The names in a pair's schemas, for hints to whoever misspelt one."""

from asyncpg import Connection

from domain.database import Database
from domain.schema import Environment
from domain.suggestions import PairNames
from repository.driver_errors import translated

_NAMES = """
SELECT c.relname AS relation, array_agg(a.attname::text ORDER BY a.attnum) AS columns
FROM pg_depend AS d
JOIN pg_class AS c ON c.oid = d.objid AND c.relkind IN ('r', 'v')
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = to_regnamespace(quote_ident($1))
  AND d.classid = 'pg_class'::regclass
GROUP BY c.relname
"""


async def names(driver: Connection, database: Database) -> PairNames:
    found: dict[Environment, dict[str, list[str]]] = {}
    with translated():
        for environment, schema in database.schemas.items():
            rows = await driver.fetch(_NAMES, schema.name)
            found[environment] = {row["relation"]: row["columns"] for row in rows}
    return found
