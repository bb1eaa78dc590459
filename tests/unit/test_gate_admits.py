"""What agents and consoles write, and the gate lets through."""

import pytest

from domain.gate import DdlKind, DmlKind, admit_ddl, admit_dml

QUERIES = {
    "plain": "SELECT id, name FROM orders WHERE status = 'open' ORDER BY id DESC LIMIT 20",
    "everything of it": 'SELECT DISTINCT "T".*, o.* FROM "T", orders AS o',
    "own schema": "SELECT s.orders.id, s.orders.* FROM s.orders JOIN ONLY s.items i USING (id)",
    "values": "VALUES (1, 'a'), (2, NULL)",
    "table": "TABLE orders",
    "no columns": "SELECT FROM orders",
    "in brackets": "((SELECT 1) UNION ALL (SELECT 2 LIMIT 1)) ORDER BY 1",
    "set operations": "SELECT 1 UNION SELECT 2 INTERSECT ALL SELECT 3 EXCEPT TABLE orders",
    "recursive": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9)"
    " SELECT * FROM n",
    "search and cycle": "WITH RECURSIVE n AS (SELECT id, up FROM t UNION ALL SELECT t.id, t.up"
    " FROM t JOIN n ON t.up = n.id) SEARCH DEPTH FIRST BY id SET o CYCLE id SET c USING p"
    " SELECT * FROM n",
    "materialized": "WITH a AS MATERIALIZED (SELECT 1), b AS NOT MATERIALIZED (SELECT 2) TABLE a",
    "writes in WITH": "WITH gone AS (DELETE FROM orders RETURNING *) SELECT count(*) FROM gone",
    "lateral": "SELECT * FROM orders o LEFT JOIN LATERAL (SELECT * FROM items i"
    " WHERE i.order_id = o.id ORDER BY price DESC LIMIT 1) best ON true",
    "join alias": "SELECT j.id FROM (orders o NATURAL FULL JOIN items) AS j",
    "sub-queries": "SELECT (SELECT max(a) FROM t), ARRAY(SELECT a FROM t), a IN (SELECT b FROM u),"
    " a > ALL (SELECT 1), (a, b) = ANY (SELECT a, b FROM u), EXISTS (SELECT FROM u) FROM t",
    "grouping": "SELECT a, b, GROUPING(a, b), count(*) FROM t"
    " GROUP BY DISTINCT ROLLUP (a), CUBE (b), GROUPING SETS ((a), ()) HAVING count(*) > 1",
    "aggregates": "SELECT count(DISTINCT a) FILTER (WHERE b > 0), string_agg(n, ',' ORDER BY n),"
    " percentile_cont(0.5) WITHIN GROUP (ORDER BY a), json_object_agg(k, v) FROM t",
    "windows": "SELECT rank() OVER w, lag(a, 1) OVER (w ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)"
    " FROM t WINDOW w AS (PARTITION BY b ORDER BY a NULLS LAST)",
    "distinct on": "SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, b DESC",
    "locking": "SELECT * FROM orders o FOR UPDATE OF o NOWAIT FOR KEY SHARE SKIP LOCKED",
    "tests": "SELECT a IS NULL, a IS NOT TRUE, a IS UNKNOWN, a IS DISTINCT FROM b,"
    " a BETWEEN SYMMETRIC 1 AND 2, a LIKE 'x!%' ESCAPE '!', a ILIKE 'x%', a NOT SIMILAR TO 'x',"
    " a ~* 'x', a = ANY ('{1,2}'), (a, b) < (1, 2), a IN (1, 2), a IS JSON OBJECT FROM t",
    "choices": "SELECT CASE a WHEN 1 THEN 'x' ELSE 'y' END, COALESCE(a, 0), GREATEST(a, b),"
    " LEAST(a, b), NULLIF(a, 0) FROM t",
    "casts": "SELECT a::int, CAST(b AS varchar(3)[]), numeric(5, 2) '1.25', date '2024-01-01',"
    " interval '1' day, 'x'::\"char\", '[1,2]'::int4range, pg_catalog.date(a),"
    " b::pg_catalog.text FROM t",
    "moments": "SELECT now(), CURRENT_DATE, CURRENT_TIMESTAMP(3), LOCALTIME, clock_timestamp(),"
    " a AT TIME ZONE 'UTC', a AT LOCAL, EXTRACT(epoch FROM a), date_trunc('day', a),"
    " (a, b) OVERLAPS (c, d) FROM t",
    "strings": "SELECT OVERLAY(a PLACING 'x' FROM 2 FOR 1), POSITION('x' IN a), TRIM(BOTH FROM a),"
    " SUBSTRING(a FROM 1 FOR 2), SUBSTRING(a SIMILAR 'x' ESCAPE '#'), NORMALIZE(a, NFC),"
    " a IS NFC NORMALIZED, a COLLATE \"C\", format('%I', a), regexp_replace(a, '.', '') FROM t",
    "jsonb": "SELECT c->>'a', c#>'{a,b}', c @> '{}'::jsonb, c ? 'a', c['a'][0], c @@ '$.a > 1',"
    " jsonb_path_query(c, '$.a'), jsonb_set(c, '{a}', '1') FROM t",
    "sql/json": "SELECT JSON_OBJECT('a': 1 ABSENT ON NULL), JSON_ARRAY(1, 2 RETURNING jsonb),"
    " JSON_ARRAY(SELECT a FROM t), JSON_OBJECTAGG('k': a), JSON_ARRAYAGG(a ORDER BY a),"
    " JSON_VALUE(c, '$.a' RETURNING int DEFAULT 0 ON EMPTY), JSON_EXISTS(c, '$.a'),"
    " JSON_QUERY(c, '$.a' PASSING 1 AS x WITH WRAPPER), JSON('{}'), JSON_SCALAR(1),"
    " JSON_SERIALIZE('{}') FROM t",
    "functions in FROM": "SELECT g.n, d.d, e.key, e.value, x.a, v, w.ordinality"
    " FROM generate_series(1, 3) AS g(n), unnest(c) AS d, jsonb_each('{}') AS e, lower('x') AS v,"
    " jsonb_to_record('{}') AS x(a int, b text), ROWS FROM (upper('x'), lower('y')) WITH"
    " ORDINALITY AS w",
    "fields": "SELECT (jsonb_each(c)).key, (jsonb_each(c)).*, (ARRAY[1, 2])[1:2] FROM t",
    "text search": "SELECT to_tsvector('english', a) @@ websearch_to_tsquery('english', $1),"
    " ts_headline('pg_catalog.simple'::regconfig, a, to_tsquery('x')), to_tsvector(a),"
    " ts_headline(a, to_tsquery('x'), 'MaxWords=5') FROM t",
    "operators": "SELECT a OPERATOR(pg_catalog.+) 1, -a, |/ 4 FROM t ORDER BY a USING <",
    "named arguments": "SELECT make_interval(days => 3), concat(VARIADIC ARRAY['a'])",
    "parameters": "SELECT * FROM t WHERE a = $1 AND b = ANY ($2::int[]) LIMIT $3",
    "escapes": "SELECT U&'\\4E2D', E'\\n', $tag$ ; $tag$, 'it''s', \"select\" FROM \"from\"",
    "sample": "SELECT * FROM ONLY t TABLESAMPLE bernoulli (10) REPEATABLE (5), u"
    " TABLESAMPLE SYSTEM ($1)",
    "JSON_TABLE": "SELECT j.* FROM t, JSON_TABLE(t.doc, '$[*]' AS p PASSING 1 AS x COLUMNS (n FOR"
    " ORDINALITY, a int PATH '$.a' DEFAULT 5 ON EMPTY NULL ON ERROR, b jsonb FORMAT JSON WITH"
    " WRAPPER OMIT QUOTES, c bool EXISTS, NESTED PATH '$.k[*]' AS q COLUMNS (d text)) ERROR ON"
    " ERROR) AS j",
    "own types": "SELECT 'ok'::mood, CAST('{a}' AS \"Mood\"[]), s.mood 'x', NULL::s.items, region 'x'",
    "rows of own types": "SELECT * FROM json_populate_record(NULL::items, '{}'), json_to_record('{}')"
    " AS x(a mood, b items[])",
    "own sequences": "SELECT nextval('orders_seq'), currval('\"Q\"'::regclass), setval('s.q', 5, false)",
    "a name that holds pg_": 'SELECT "PG_CLASS", my_pg_column FROM "PG_CLASS", not_pg_class',
}

CHANGES = {
    "insert": "INSERT INTO orders (name, price) VALUES ('a', DEFAULT), ('b', 2.5)",
    "insert nothing": "INSERT INTO orders DEFAULT VALUES",
    "insert select": "INSERT INTO orders AS o OVERRIDING USER VALUE SELECT * FROM items",
    "upsert": 'INSERT INTO t (a) VALUES (1) ON CONFLICT (lower(a) COLLATE "C" text_ops) WHERE b'
    " DO UPDATE SET a = excluded.a, (b, c) = (1, 2) WHERE t.a <> excluded.a RETURNING t.*",
    "upsert on constraint": "INSERT INTO t VALUES (1) ON CONFLICT ON CONSTRAINT k DO NOTHING",
    "returning old": "UPDATE t SET a = 1 RETURNING WITH (OLD AS o, NEW AS n) o.a, n.a",
    "update": "UPDATE orders o SET price = price * 1.1, tags[1] = 'x', c['a'] = '1', b = DEFAULT"
    " FROM items i WHERE i.order_id = o.id",
    "update many": "UPDATE t SET (a, b) = (SELECT 1, 2), (c, d) = ROW (1, 2)",
    "delete": "WITH x AS (SELECT 1) DELETE FROM orders USING x, items WHERE orders.id = items.id",
    "merge": "WITH x AS (SELECT 1 AS a) MERGE INTO ONLY t AS q USING (SELECT * FROM x) AS u ON q.a ="
    " u.a WHEN MATCHED AND u.b > 0 THEN UPDATE SET b = u.b, (c, d) = (1, 2) WHEN MATCHED THEN DELETE"
    " WHEN NOT MATCHED BY SOURCE THEN DO NOTHING WHEN NOT MATCHED THEN INSERT (a) OVERRIDING USER"
    " VALUE VALUES (u.a)",
    "merge, returning": "MERGE INTO s.t USING s.u ON true WHEN NOT MATCHED THEN INSERT DEFAULT VALUES"
    " RETURNING merge_action(), t.*",
    "merge in WITH": "WITH x AS (MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE RETURNING"
    " t.a) INSERT INTO v SELECT * FROM x",
    "own schema": "INSERT INTO s.orders (a) SELECT s.items.a FROM s.items",
}

DEFINITIONS = {
    DdlKind.CREATE_TABLE: {
        "console": 'CREATE TABLE "T" ("id" BIGSERIAL PRIMARY KEY, "uid" VARCHAR(64) NOT NULL,'
        ' "create_time" TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, "Name" VARCHAR,'
        ' "select" INTEGER, "价格" DECIMAL(10, 2) DEFAULT \'0\')',
        "every column": "CREATE TABLE IF NOT EXISTS t (LIKE u INCLUDING ALL"
        " EXCLUDING DEFAULTS, a int GENERATED BY DEFAULT AS IDENTITY"
        " (START 3 INCREMENT BY 2 NO MAXVALUE),"
        ' b text COLLATE "C" UNIQUE NULLS NOT DISTINCT, c int CONSTRAINT k CHECK (c > 0) NOT'
        " ENFORCED, d int GENERATED ALWAYS AS (a * 2) STORED, e int REFERENCES u ON"
        " UPDATE CASCADE, f text[] NULL, g tsvector GENERATED ALWAYS AS"
        " (to_tsvector('english'::regconfig, b)) STORED, UNIQUE (a) INCLUDE (b) WITH"
        " (fillfactor = 70), EXCLUDE USING gist (r WITH &&, a WITH =) WHERE (a > 0))"
        " WITH (fillfactor = 70)",
        "own types": "CREATE TABLE t (a mood DEFAULT 'ok'::mood, b \"D\"[] NOT NULL, c items)",
        "storage": "CREATE TABLE t (a text STORAGE EXTERNAL COMPRESSION lz4, b text STORAGE default)"
        " WITH (autovacuum_enabled = off, autovacuum_vacuum_scale_factor = 0.1, parallel_workers ="
        " 2, toast_tuple_target = 256)",
        "default from a sequence": "CREATE TABLE t (a int DEFAULT nextval(' \"S\" '::regclass))",
    },
    DdlKind.COMMENT: {
        "comment": "COMMENT ON TABLE \"T\" IS '中文; with :colons and ;'",
        "comment on column": 'COMMENT ON COLUMN "T"."Name" IS NULL',
        "comment on constraint": "COMMENT ON CONSTRAINT c ON t IS ':word'",
        "comment on index": "COMMENT ON INDEX i IS 'x'",
        "comment on view": "COMMENT ON VIEW v IS 'x'",
        "comment on sequence": "COMMENT ON SEQUENCE s IS 'x'",
        "comment on type": "COMMENT ON TYPE mood IS 'x'",
        "comment on domain": "COMMENT ON DOMAIN d IS 'x'",
        "comment on domain's constraint": "COMMENT ON CONSTRAINT k ON DOMAIN d IS 'x'",
        "comment on statistics": "COMMENT ON STATISTICS st IS 'x'",
    },
    DdlKind.CREATE_TABLE_AS: {
        "copy": 'CREATE TABLE "T_copy" AS SELECT * FROM "T"',
        "copy of nothing": "CREATE TABLE IF NOT EXISTS c (a, b) WITH (fillfactor = 80) AS"
        " VALUES (1, 2) WITH NO DATA",
    },
    DdlKind.RENAME: {
        "rename table": 'ALTER TABLE "T" RENAME TO "T2"',
        "rename column": 'ALTER TABLE IF EXISTS t RENAME COLUMN "a" TO "B"',
        "rename constraint": "ALTER TABLE t RENAME CONSTRAINT a TO b",
        "rename index": "ALTER INDEX IF EXISTS a RENAME TO b",
        "rename view": "ALTER VIEW IF EXISTS v RENAME TO w",
        "rename view's column": "ALTER VIEW v RENAME COLUMN a TO b",
        "rename sequence": "ALTER SEQUENCE s RENAME TO z",
        "rename type": "ALTER TYPE mood RENAME TO temper",
        "rename domain": 'ALTER DOMAIN d RENAME TO "E"',
        "rename domain's constraint": "ALTER DOMAIN d RENAME CONSTRAINT k TO l",
        "rename statistics": "ALTER STATISTICS st RENAME TO su",
    },
    DdlKind.ALTER_TABLE: {
        "add columns": 'ALTER TABLE "T" ADD COLUMN IF NOT EXISTS "Age" INTEGER NOT NULL'
        " DEFAULT 0, ADD COLUMN IF NOT EXISTS id bigint, DROP COLUMN IF EXISTS b CASCADE",
        "alter columns": 'ALTER TABLE "T" ALTER COLUMN "a" TYPE varchar(9) USING upper(a),'
        " ALTER COLUMN \"a\" SET DEFAULT 'x', ALTER a SET NOT NULL, ALTER b DROP NOT NULL,"
        " ALTER b DROP DEFAULT, ALTER c DROP EXPRESSION IF EXISTS, ALTER d SET EXPRESSION AS (a +"
        " 1), ALTER uid SET NOT NULL",
        "identity": "ALTER TABLE t ALTER a ADD GENERATED ALWAYS AS IDENTITY, ALTER a SET GENERATED"
        " BY DEFAULT SET START WITH 5 SET CYCLE RESTART, ALTER a DROP IDENTITY IF EXISTS",
        "constraints": "ALTER TABLE ONLY t ADD CONSTRAINT c CHECK (a > 0) NOT VALID, VALIDATE"
        " CONSTRAINT c, DROP CONSTRAINT IF EXISTS d CASCADE, ADD PRIMARY KEY USING INDEX"
        " i, ADD FOREIGN KEY (a) REFERENCES u (b) MATCH FULL ON DELETE SET NULL (a)"
        " DEFERRABLE INITIALLY DEFERRED, ALTER CONSTRAINT e NOT DEFERRABLE, ALTER CONSTRAINT f"
        " NOT ENFORCED",
        "storage": "ALTER TABLE t ALTER a SET STATISTICS 500, ALTER uid SET STATISTICS DEFAULT, ALTER b"
        " SET STORAGE EXTERNAL, ALTER c SET COMPRESSION pglz, ALTER id SET STORAGE default, ALTER d"
        " SET (n_distinct = -0.5), ALTER d RESET (n_distinct)",
        "options": "ALTER TABLE t SET (fillfactor = 50, autovacuum_enabled = false), RESET"
        " (toast_tuple_target), CLUSTER ON i, SET WITHOUT CLUSTER",
        "own types": "ALTER TABLE t ADD a mood, ALTER b TYPE d USING b::d",
    },
    DdlKind.CREATE_INDEX: {
        "index": 'CREATE UNIQUE INDEX IF NOT EXISTS i ON t USING btree (lower(a) COLLATE "C"'
        " text_ops DESC NULLS LAST, (b + 1)) INCLUDE (c) NULLS NOT DISTINCT WITH"
        " (fillfactor = 70, deduplicate_items = off) WHERE d IS NULL",
        "index without a name": "CREATE INDEX ON t USING gin (c jsonb_path_ops) WITH (fastupdate)",
    },
    DdlKind.ALTER_INDEX: {
        "options": "ALTER INDEX IF EXISTS i SET (fillfactor = 50, buffering = auto, fastupdate = off)",
        "default options": "ALTER INDEX i RESET (fillfactor)",
        "statistics": "ALTER INDEX i ALTER COLUMN 2 SET STATISTICS 100",
    },
    DdlKind.DROP_TABLE: {"drop tables": 'DROP TABLE IF EXISTS "T", u CASCADE'},
    DdlKind.DROP_INDEX: {"drop index": "DROP INDEX IF EXISTS i RESTRICT"},
    DdlKind.CREATE_VIEW: {
        "view": "CREATE VIEW v AS SELECT a, b FROM t JOIN u USING (c) WHERE a > 1",
        "every option": "CREATE OR REPLACE VIEW v (id, uid) WITH (security_invoker = true,"
        " security_barrier) AS SELECT a, b FROM t WITH LOCAL CHECK OPTION",
        "invoker": "CREATE VIEW v WITH (security_invoker, security_barrier = off) AS TABLE t",
        "invoker in quotes": "CREATE VIEW v WITH (security_invoker = 'On') AS VALUES (1)",
        "invoker as a number": "CREATE VIEW v WITH (security_invoker = 1) AS VALUES (1)",
        "recursive": "CREATE RECURSIVE VIEW v (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM v",
    },
    DdlKind.DROP_VIEW: {"drop views": 'DROP VIEW IF EXISTS v, "W" CASCADE'},
    DdlKind.CREATE_SEQUENCE: {
        "sequence": "CREATE SEQUENCE s",
        "every option": "CREATE SEQUENCE IF NOT EXISTS s AS smallint INCREMENT BY -2 MINVALUE -10 NO"
        " MAXVALUE START WITH 5 CACHE 3 NO CYCLE OWNED BY t.id",
        "nobody's": "CREATE SEQUENCE s AS bigint CYCLE OWNED BY NONE",
    },
    DdlKind.ALTER_SEQUENCE: {
        "restart": "ALTER SEQUENCE IF EXISTS s RESTART",
        "options": 'ALTER SEQUENCE s RESTART WITH 4 INCREMENT 2 MAXVALUE 9 OWNED BY "T"."A"',
    },
    DdlKind.DROP_SEQUENCE: {"drop sequences": "DROP SEQUENCE IF EXISTS s, z RESTRICT"},
    DdlKind.CREATE_TYPE: {
        "enum": "CREATE TYPE mood AS ENUM ('sad', 'it''s; ok')",
        "enum of nothing": 'CREATE TYPE "Mood" AS ENUM ()',
    },
    DdlKind.ALTER_TYPE: {
        "add": "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'x' BEFORE 'ok'",
        "rename": "ALTER TYPE mood RENAME VALUE 'x' TO 'y'",
    },
    DdlKind.DROP_TYPE: {"drop types": 'DROP TYPE IF EXISTS mood, "Mood" CASCADE'},
    DdlKind.CREATE_DOMAIN: {
        "domain": "CREATE DOMAIN d AS varchar(9) COLLATE \"C\" DEFAULT 'a' CONSTRAINT k CHECK (VALUE <>"
        " '') NOT NULL",
        "of an own type": "CREATE DOMAIN d AS mood[]",
    },
    DdlKind.ALTER_DOMAIN: {
        "default": "ALTER DOMAIN d SET DEFAULT 5",
        "no default": "ALTER DOMAIN d DROP DEFAULT",
        "not null": "ALTER DOMAIN d SET NOT NULL",
        "null": "ALTER DOMAIN d DROP NOT NULL",
        "constraint": "ALTER DOMAIN d ADD CONSTRAINT k CHECK (VALUE > 0) NOT VALID",
        "validate": "ALTER DOMAIN d VALIDATE CONSTRAINT k",
        "drop constraint": "ALTER DOMAIN d DROP CONSTRAINT IF EXISTS k CASCADE",
    },
    DdlKind.DROP_DOMAIN: {"drop domains": "DROP DOMAIN d, e"},
    DdlKind.CREATE_STATISTICS: {
        "statistics": "CREATE STATISTICS IF NOT EXISTS st (mcv, ndistinct) ON a, (b + 1) FROM t",
        "statistics without a name": "CREATE STATISTICS ON a, b FROM t",
    },
    DdlKind.ALTER_STATISTICS: {"target": "ALTER STATISTICS st SET STATISTICS 100"},
    DdlKind.DROP_STATISTICS: {"drop statistics": "DROP STATISTICS st"},
}


@pytest.mark.parametrize("sql", QUERIES.values(), ids=QUERIES)
def test_a_query_is_admitted(sql: str) -> None:
    (statement,) = admit_dml(sql, "s")
    assert (statement.text, statement.kind, statement.returns_rows) == (sql, DmlKind.SELECT, True)


@pytest.mark.parametrize("sql", CHANGES.values(), ids=CHANGES)
def test_a_change_is_admitted(sql: str) -> None:
    (statement,) = admit_dml(sql, "s")
    assert statement.text == sql
    assert statement.returns_rows == ("RETURNING" in sql and not sql.startswith("WITH x AS (MERGE"))


@pytest.mark.parametrize(
    ("kind", "sql"),
    [
        pytest.param(kind, sql, id=name)
        for kind, definitions in DEFINITIONS.items()
        for name, sql in definitions.items()
    ],
)
def test_a_definition_is_admitted(kind: DdlKind, sql: str) -> None:
    (statement,) = admit_ddl(sql)
    assert (statement.text, statement.kind) == (sql, kind)


@pytest.mark.parametrize(
    ("sql", "relations"),
    [
        ("CREATE TABLE t (LIKE u, a int REFERENCES v)", {"t", "u", "v"}),
        ('CREATE TABLE "T" AS SELECT * FROM u WHERE a IN (TABLE v)', {"T", "u", "v"}),
        ("ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u", {"t", "u"}),
        ("ALTER TABLE t RENAME TO u", {"t"}),
        ("ALTER INDEX i RENAME TO j", {"i"}),
        ("CREATE INDEX i ON t (a)", {"t"}),
        ("DROP TABLE t, u", {"t", "u"}),
        ("DROP INDEX i", {"i"}),
        ("COMMENT ON TABLE t IS 'x'", {"t"}),
        ("COMMENT ON COLUMN t.a IS 'x'", {"t"}),
        (
            "CREATE TABLE t (a mood, b d[] DEFAULT '{}'::e[], c int DEFAULT nextval('\"S\"'))",
            {"t", "mood", "d", "e", "S"},
        ),
        ("ALTER TABLE t ALTER a TYPE mood USING a::temper", {"t", "mood", "temper"}),
        (
            "CREATE VIEW v AS SELECT a::mood FROM t JOIN w ON nextval('s') > 1",
            {"v", "t", "w", "mood", "s"},
        ),
        ("DROP VIEW v, w", {"v", "w"}),
        ("ALTER VIEW v RENAME a TO b", {"v"}),
        ("CREATE SEQUENCE s OWNED BY t.a", {"s", "t"}),
        ("ALTER SEQUENCE s OWNED BY NONE", {"s"}),
        ("DROP SEQUENCE s, z", {"s", "z"}),
        ("CREATE TYPE mood AS ENUM ('t')", {"mood"}),
        ("ALTER TYPE mood ADD VALUE 'x'", {"mood"}),
        ("ALTER TYPE mood RENAME TO temper", {"mood"}),
        ("DROP TYPE mood, temper", {"mood", "temper"}),
        ("COMMENT ON TYPE mood IS 'x'", {"mood"}),
        ("CREATE DOMAIN d AS mood CHECK (VALUE <> 'a'::temper)", {"d", "mood", "temper"}),
        ("ALTER DOMAIN d SET DEFAULT nextval('s')", {"d", "s"}),
        ("ALTER DOMAIN d RENAME CONSTRAINT k TO l", {"d"}),
        ("COMMENT ON CONSTRAINT k ON DOMAIN d IS 'x'", {"d"}),
        ("DROP DOMAIN d", {"d"}),
        ("ALTER INDEX i SET (fillfactor = 50)", {"i"}),
        ("CREATE STATISTICS st ON a, b FROM t", {"st", "t"}),
        ("ALTER STATISTICS st RENAME TO su", {"st"}),
        ("DROP STATISTICS st", {"st"}),
    ],
)
def test_a_definition_says_which_relations_it_names(sql: str, relations: set[str]) -> None:
    (statement,) = admit_ddl(sql)
    assert statement.relations == relations


@pytest.mark.parametrize(
    ("sql", "kind", "relations"),
    [
        ("SELECT 1", DmlKind.SELECT, set()),
        ('SELECT * FROM "T" JOIN s.u ON (SELECT true FROM v)', DmlKind.SELECT, {"T", "u", "v"}),
        ("INSERT INTO t SELECT 'a'::mood, nextval('s.q')", DmlKind.INSERT, {"t", "mood", "q"}),
        ("UPDATE t SET a = 1 FROM u", DmlKind.UPDATE, {"t", "u"}),
        ("DELETE FROM t USING u", DmlKind.DELETE, {"t", "u"}),
        ("MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE", DmlKind.MERGE, {"t", "u"}),
    ],
)
def test_a_statement_says_what_it_is_and_names(
    sql: str, kind: DmlKind, relations: set[str]
) -> None:
    (statement,) = admit_dml(sql, "s")
    assert (statement.kind, statement.relations) == (kind, relations)


def test_every_kind_of_statement_is_here() -> None:
    assert set(DEFINITIONS) == set(DdlKind)
