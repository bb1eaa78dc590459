"""Where in a statement a query or an expression may stand: a ``?`` in its place."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where a ``?`` may stand; it takes a query or an expression and makes one."""

    makes_query: bool
    text: str


OF_A_QUERY = (
    Place(True, "SELECT * FROM (?) AS y"),
    Place(True, "SELECT y.* FROM items, LATERAL (?) AS y"),
    Place(True, "WITH y AS (?) SELECT * FROM y"),
    Place(True, "WITH y AS MATERIALIZED (?), z AS (SELECT 1) TABLE z"),
    Place(True, "WITH RECURSIVE y AS (SELECT 1 UNION ALL (?)) TABLE y"),
    Place(True, "(SELECT 1) UNION ALL (?)"),
    Place(True, "(?) EXCEPT (SELECT 1) ORDER BY 1 LIMIT 9"),
    Place(False, "(?)"),
    Place(False, "EXISTS (?)"),
    Place(False, "'1' IN (SELECT y::text FROM (?) AS y)"),
    Place(False, "'1' < ANY (SELECT y::text FROM (?) AS y)"),
    Place(False, "ARRAY(?)"),
    Place(False, "JSON_ARRAY(?)"),
)
OF_AN_EXPRESSION = (
    Place(True, "SELECT ?"),
    Place(True, "SELECT name AS a, ? AS b FROM items"),
    Place(True, "SELECT 1 FROM items WHERE NOT ((?) IS NULL)"),
    Place(True, "SELECT i.name FROM items AS i JOIN items AS j ON (?)::text <> '1'"),
    Place(True, "SELECT count(*) FROM items GROUP BY ROLLUP ((?))"),
    Place(True, "SELECT count(*) FROM items HAVING (?)::text <> '1'"),
    Place(True, "SELECT 1 ORDER BY (?) NULLS FIRST"),
    Place(True, "SELECT 1 LIMIT length((?)::text)"),
    Place(True, "SELECT DISTINCT ON ((?)) 1"),
    Place(True, "VALUES ('1', 2), ((?)::text, 3)"),
    Place(True, "SELECT * FROM unnest(ARRAY[(?)::text]) WITH ORDINALITY AS x (a, b)"),
    Place(True, "SELECT * FROM ROWS FROM (lower((?)::text), upper('a')) AS x"),
    Place(False, "(?)::text"),
    Place(False, "lower((?)::text)"),
    Place(False, "concat(VARIADIC ARRAY[(?)::text])"),
    Place(False, "make_interval(days => length((?)::text))"),
    Place(False, "COALESCE(NULL, (?))"),
    Place(False, "GREATEST((?)::text, '1')"),
    Place(False, "NULLIF((?)::text, '1')"),
    Place(False, "CASE WHEN (?)::text <> '1' THEN 2 END"),
    Place(False, "CASE (?)::text WHEN '1' THEN '2' ELSE (?)::text END"),
    Place(False, "(ARRAY[1, 2])[length((?)::text)]"),
    Place(False, "ARRAY['1', (?)::text]"),
    Place(False, "ROW(1, (?))"),
    Place(False, "(1, (?)::text) < (2, '3')"),
    Place(False, "(?)::text BETWEEN '1' AND '2'"),
    Place(False, "(?)::text IS DISTINCT FROM '1'"),
    Place(False, "'a' LIKE 'b' ESCAPE left((?)::text, 1)"),
    Place(False, "now() AT TIME ZONE left((?)::text, 0)"),
    Place(False, "EXTRACT(day FROM make_interval(days => length((?)::text)))"),
    Place(False, "OVERLAY('a' PLACING (?)::text FROM 1)"),
    Place(False, "JSON_OBJECT('a': (?))"),
    Place(False, "JSON_VALUE(jsonb '{}', '$x' PASSING (?)::text AS x)"),
    Place(False, "(SELECT count(*) FILTER (WHERE (?)::text <> '1'))"),
    Place(False, "(SELECT array_agg((?)::text ORDER BY (?)::text))"),
    Place(False, "(SELECT max((?)::text) OVER (PARTITION BY (?)::text ORDER BY 1))"),
    Place(False, "- length((?)::text) + 1"),
    Place(False, "((?)) IS NULL"),
)

DML_OF_A_QUERY = (
    "?",
    "SELECT 1; ?",
    "INSERT INTO lines (label) SELECT y::text FROM (?) AS y RETURNING label",
    "UPDATE lines SET (label) = ROW((SELECT max(y::text) FROM (?) AS y)) RETURNING label",
    "DELETE FROM items USING (?) AS x RETURNING x::text",
    "MERGE INTO items AS t USING (?) AS x ON true WHEN MATCHED THEN DO NOTHING",
    "WITH x AS (?) DELETE FROM items",
)
DML_OF_AN_EXPRESSION = (
    "SELECT ?",
    "INSERT INTO items (name) VALUES ((?)::text) RETURNING name",
    "INSERT INTO items (name) VALUES ('a') RETURNING ?",
    "INSERT INTO items (name) VALUES ('a') ON CONFLICT (name) DO UPDATE SET amount = length((?)::text)",
    "INSERT INTO items (name) VALUES ('a') ON CONFLICT (name) DO UPDATE SET amount = 1 WHERE (?)::text <> '1'",
    "UPDATE lines SET label = (?)::text RETURNING label",
    "UPDATE items SET amount = 1 WHERE (?)::text <> '1' RETURNING *",
    "DELETE FROM lines WHERE (?)::text <> '1' RETURNING label",
    "DELETE FROM lines RETURNING ?",
    "WITH x AS (UPDATE lines SET label = (?)::text RETURNING *) TABLE x",
    "MERGE INTO items AS t USING parts AS x ON (?) = 1 WHEN MATCHED THEN DELETE",
    "MERGE INTO items AS t USING parts AS x ON true WHEN MATCHED AND (?) = 1 THEN DELETE",
    "MERGE INTO items AS t USING parts AS x ON true WHEN MATCHED THEN UPDATE SET amount = (?)",
    "MERGE INTO items AS t USING parts AS x ON true WHEN NOT MATCHED THEN INSERT (name) VALUES (?)",
)
DDL_OF_A_QUERY = (
    "CREATE TABLE a AS ?",
    "CREATE TABLE fine (a integer); CREATE TABLE IF NOT EXISTS a AS ?",
    "CREATE VIEW a AS ?",
    "CREATE OR REPLACE VIEW names AS ?",
)
DDL_OF_AN_EXPRESSION = (
    "CREATE TABLE a (b text DEFAULT (?))",
    "CREATE TABLE a (b text CHECK ((?) = 1))",
    "CREATE TABLE a (b text, CONSTRAINT c CHECK (b IS NULL OR (?) = 1))",
    "CREATE TABLE a (b text GENERATED ALWAYS AS (?) STORED)",
    "CREATE TABLE a (EXCLUDE USING gist ((?) WITH =) WHERE ((?) = 1))",
    "ALTER TABLE items ADD COLUMN b text DEFAULT (?)",
    "ALTER TABLE items ALTER COLUMN amount SET DEFAULT (?)",
    "ALTER TABLE items ALTER COLUMN amount TYPE text USING (?)",
    "ALTER TABLE items ADD CHECK ((?) = 1) NOT VALID",
    "CREATE INDEX ON items ((?))",
    "CREATE UNIQUE INDEX ON items (name, (?)) WHERE (?) = 1",
    "CREATE DOMAIN a AS text DEFAULT (?) CHECK ((?) = 1)",
    "ALTER DOMAIN reach ADD CHECK (VALUE > (?))",
    "CREATE STATISTICS a ON name, (?) FROM items",
    "CREATE VIEW a AS SELECT ? AS b",
)
