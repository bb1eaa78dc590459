"""What PostgreSQL says of a caller's own objects is passed on; of ours it says nothing."""

import re

import asyncpg
import pytest

from tests.client import Caller, Client
from tests.state import changes, state_of

SETUP = """
    CREATE TYPE mood AS ENUM ('calm');
    CREATE DOMAIN price AS int CHECK (VALUE >= 0);
    CREATE SEQUENCE loose;
    CREATE TABLE people (name text);
    CREATE TABLE items (
        name text NOT NULL, amount int, cost price, m mood, create_time timestamp, number serial,
        person_id bigint REFERENCES people (id)
    );
    CREATE VIEW seen AS SELECT name, amount, uid FROM items;
    CREATE VIEW more AS SELECT name FROM seen;
    CREATE INDEX by_name ON items (name);
    CREATE STATISTICS known ON name, amount FROM items
"""

# Code, and what the answer says.
ERRORS: dict[str, tuple[int, str]] = {
    "DROP TABLE people": (25041, "constraint items_person_id_fkey on table items depends on table"),
    "DROP TABLE items": (25041, "view seen depends on table items; view more depends on view seen"),
    "DROP VIEW seen": (25041, "view more depends on view seen. Use DROP ... CASCADE to drop"),
    "DROP TYPE mood": (25041, "column m of table items depends on type mood"),
    "DROP DOMAIN price": (25041, "column cost of table items depends on type price"),
    "DROP TABLE seen": (25041, '"seen" is not a table'),
    "DROP VIEW items": (25041, '"items" is not a view'),
    "DROP SEQUENCE items": (25041, '"items" is not a sequence'),
    "DROP SEQUENCE items_number_seq": (25041, "column number of table items requires it"),
    "DROP INDEX people_pkey": (25041, "constraint people_pkey on table people requires it"),
    "DROP INDEX nope": (25041, 'index "nope" does not exist'),
    "DROP STATISTICS nope": (25041, '"nope" does not exist'),
    "ALTER TABLE items DROP COLUMN name": (
        25041,
        "view seen depends on column name of table items",
    ),
    "ALTER TABLE items DROP COLUMN uid CASCADE": (25040, "managed"),
    "ALTER TABLE items ALTER name TYPE int": (25041, 'specify "USING name::integer"'),
    "ALTER TABLE items ALTER amount TYPE bigint": (25041, "column used by a view"),
    "ALTER TABLE people DROP CONSTRAINT people_pkey": (25041, "depends on index people_pkey"),
    "ALTER TABLE people DROP CONSTRAINT nope": (25041, 'constraint "nope" of relation "people"'),
    "ALTER TABLE items ADD CHECK (amount > 10)": (25041, 'check constraint "items_amount_check"'),
    "ALTER TABLE items ADD UNIQUE (amount)": (25041, 'unique index "items_amount_key"'),
    "ALTER TABLE items ADD x mood NOT NULL": (
        25041,
        'column "x" of relation "items" contains null',
    ),
    "ALTER TABLE items ADD PRIMARY KEY (name)": (25041, "multiple primary keys"),
    "ALTER TABLE items RENAME TO people": (25041, 'relation "people" already exists'),
    "ALTER TABLE items RENAME create_time TO amount": (
        25041,
        'column "amount" of relation "items"',
    ),
    "ALTER TABLE items CLUSTER ON nope": (25041, 'index "nope" for table "items"'),
    "ALTER TABLE items SET (fillfactor = 5)": (
        25041,
        'value 5 out of bounds for option "fillfactor"',
    ),
    "ALTER TABLE items ALTER amount SET STORAGE EXTERNAL": (25041, "can only have storage PLAIN"),
    "ALTER TABLE seen ADD COLUMN x int": (
        25041,
        'ADD COLUMN cannot be performed on relation "seen"',
    ),
    "ALTER SEQUENCE items_number_seq OWNED BY people.name": (
        25041,
        "ownership of identity sequence",
    ),
    "ALTER SEQUENCE loose MAXVALUE 0": (25041, "MINVALUE (1) must be less than MAXVALUE (0)"),
    "ALTER SEQUENCE loose OWNED BY people.nope": (25041, 'column "nope" of relation "people"'),
    "ALTER TYPE mood ADD VALUE 'calm'": (25041, 'enum label "calm" already exists'),
    "ALTER TYPE mood ADD VALUE 'x'; ALTER TABLE people ADD x mood DEFAULT 'x'": (
        25041,
        'unsafe use of new value "x" of enum type mood',
    ),
    "ALTER TYPE nope ADD VALUE 'x'": (25041, 'type "nope" does not exist'),
    "ALTER DOMAIN price ADD CHECK (VALUE > 100)": (
        25041,
        'column "cost" of table "items" contains',
    ),
    "ALTER DOMAIN price DROP CONSTRAINT nope": (25041, 'constraint "nope" of domain "price"'),
    "CREATE TYPE items AS ENUM ('a')": (25041, 'type "items" already exists'),
    "CREATE VIEW v AS SELECT nope FROM items": (25041, "line 1, column 25"),
    "CREATE VIEW v AS SELECT * FROM itens": (25020, 'Perhaps you mean "items".'),
    "CREATE OR REPLACE VIEW seen AS SELECT 1 AS x": (25041, "cannot drop columns from view"),
    "CREATE VIEW items AS SELECT 1": (25041, 'relation "items" already exists'),
    "CREATE INDEX ON seen (name)": (25041, 'cannot create index on relation "seen"'),
    "CREATE STATISTICS s ON name, amount FROM seen": (25041, '"seen"'),
    "CREATE STATISTICS known ON name, amount FROM items": (25041, '"known" already exists'),
    "CREATE SEQUENCE loose": (25041, 'relation "loose" already exists'),
    "CREATE TABLE mood (a int)": (25041, 'type "mood" already exists'),
    "CREATE TABLE x (a nope)": (25041, 'type "nope" does not exist'),
    "CREATE TABLE x (id mood)": (25040, 'Column "id" of table "x"'),
    "CREATE TABLE x (uid price)": (25040, 'Column "uid" of table "x"'),
    "CREATE TABLE x (a int DEFAULT nextval('nope'))": (25020, 'relation "nope" does not exist'),
    "CREATE TABLE x (a int DEFAULT nextval('loose', 'loose'))": (25041, "nextval"),
    "CREATE TABLE x AS SELECT nextval('items') AS n": (25041, '"items"'),
    "CREATE TABLE x AS SELECT currval('loose') AS n": (25041, 'currval of sequence "loose"'),
    "CREATE TABLE x AS SELECT setval('loose', 0) AS n": (25041, "setval: value 0 is out of bounds"),
    "CREATE TABLE x (n bigint DEFAULT nextval('loose')); DROP SEQUENCE loose": (
        25041,
        "default value for column n of table x depends on sequence loose",
    ),
    "COMMENT ON COLUMN items.nope IS 'x'": (25041, 'column "nope" of relation "items"'),
}

OURS = re.compile(
    r"twinbase|polic|trigger|\brole\b|stamp_row|\b(prod|test)_\d|pg_|permission", re.IGNORECASE
)


@pytest.fixture
async def caller(client: Client) -> Caller:
    return client.caller()


@pytest.fixture
async def database(caller: Caller) -> int:
    database_id = await caller.create()
    await caller.ddl(database_id, SETUP)
    await caller.dml(
        database_id, "INSERT INTO items (name, amount, cost) VALUES ('a', 1, 2), ('b', 1, 3)"
    )
    return database_id


async def test_errors_speak_of_the_callers_own(
    caller: Caller, database: int, admin: asyncpg.Connection
) -> None:
    before = await state_of(admin, f"prod_{database}", f"test_{database}")
    failures = {}
    for ddl, (code, said) in ERRORS.items():
        answer = await caller.refused_ddl(database, ddl)
        if (
            answer["code"] != code
            or said not in answer["message"]
            or OURS.search(answer["message"])
        ):
            failures[ddl] = answer
    assert failures == {}
    assert changes(before, await state_of(admin, f"prod_{database}", f"test_{database}")) == []
