"""Light statements: one row by its key, one row more, with the values beside the SQL or in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.against_bare import BARE, OURS, Bench, Statement
from benchmarks.load import Load

_ROWS = 10_000
_TABLES = """
CREATE TABLE items ({id}name TEXT NOT NULL, price NUMERIC(10,2));
CREATE TABLE notes ({id}name TEXT NOT NULL, price NUMERIC(10,2))
"""
_FILL = (
    f"INSERT INTO items (name, price) SELECT 'item ' || i, i FROM generate_series(1, {_ROWS}) AS i"
)
_BARE_ID = "id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "


@dataclass(frozen=True, slots=True)
class Form:
    """``bare_ending``: what makes the bare endpoint answer what exec_dml answers by itself."""

    name: str
    statement: Callable[[int], Statement]
    bare_ending: str = ""

    def bare(self, key: int) -> Statement:
        statement = self.statement(key)
        return Statement(statement.dml + self.bare_ending, statement.params)


SELECT = Form(
    "select by key",
    lambda key: Statement(f"SELECT id, name, price FROM items WHERE id = {key}"),
)
INSERT = Form(
    "insert",
    lambda key: Statement(f"INSERT INTO notes (name, price) VALUES ('note {key}', {key % 1000})"),
    " RETURNING id",
)
SELECT_PARAMS = Form(
    "select by key, params",
    lambda key: Statement("SELECT id, name, price FROM items WHERE id = $1", (key,)),
)
INSERT_PARAMS = Form(
    "insert, params",
    lambda key: Statement(
        "INSERT INTO notes (name, price) VALUES ($1, $2)", (f"note {key}", key % 1000)
    ),
    " RETURNING id",
)
FORMS = (SELECT, INSERT, SELECT_PARAMS, INSERT_PARAMS)


async def light_loads(bench: Bench, forms: Sequence[Form]) -> dict[Form, dict[str, Load]]:
    """Of each form one load on the service and one on the bare endpoint."""
    database_id = await bench.tenant.create("light")
    await bench.tenant.ddl(database_id, _TABLES.format(id=""))
    await bench.tenant.dml(database_id, _FILL)
    found = await bench.tenant.dml(database_id, f"SELECT id FROM items LIMIT {_ROWS}")
    our_keys = [row["id"] for row in found["exec_success"]]
    await bench.tables.execute(f"{_TABLES.format(id=_BARE_ID)}; {_FILL}; ANALYZE items")
    return {
        form: {
            OURS: bench.ours(form.name, database_id, [form.statement(key) for key in our_keys]),
            BARE: bench.bare_load(form.name, [form.bare(key + 1) for key in range(_ROWS)]),
        }
        for form in forms
    }
