"""Relations that are not the tenant's, in every place and disguise: always NoAuthority.

`other` stands for another tenant's schema, `s_test` for the pair's other half.
"""

import pytest

from domain.gate import admit_ddl, admit_dml
from exceptions.errors import NoAuthority

IN_DML = {
    # disguises of the name
    "another schema": "SELECT * FROM other.orders",
    "the other half of the pair": "SELECT * FROM s_test.orders",
    "own schema, other case": 'SELECT * FROM "S".orders',
    "capitals": "SELECT * FROM OTHER.Orders",
    "quotes": 'SELECT * FROM "other"."orders"',
    "unicode escape": 'SELECT * FROM U&"\\006fther".orders',
    "own escape character": "SELECT * FROM U&\"!006fther\" UESCAPE '!'.orders",
    "comment inside": "SELECT * FROM other/* s */./**/orders",
    "line comment inside": "SELECT * FROM other -- s\n . orders",
    "dot in quotes": 'SELECT * FROM "s.orders".x',
    "catalog part": "SELECT * FROM postgres.s.orders",
    "catalog pg_class": "SELECT * FROM pg_class",
    "catalog in capitals": "SELECT * FROM PG_CLASS",
    "catalog qualified": "SELECT * FROM pg_catalog.pg_class",
    "catalog by unicode": 'SELECT * FROM U&"\\0070g_class"',
    "catalog as own": "SELECT * FROM s.pg_class",
    "information schema": "SELECT * FROM information_schema.tables",
    "temporary schema": "SELECT * FROM pg_temp.x",
    "toast": "SELECT * FROM pg_toast.pg_toast_1262",
    "service's tables": "SELECT * FROM twinbase.database_meta",
    # places in a query
    "TABLE": "TABLE pg_class",
    "TABLE ONLY": "TABLE ONLY other.orders",
    "ONLY": "SELECT * FROM ONLY (other.orders)",
    "star of a name": "SELECT (pg_class).* FROM pg_class",
    "join": "SELECT * FROM t JOIN other.orders USING (id)",
    "nested join": "SELECT * FROM (t CROSS JOIN (u CROSS JOIN other.orders)) AS j",
    "comma": "SELECT * FROM t, u, other.orders",
    "second statement": "SELECT 1; SELECT * FROM other.orders",
    "union": "SELECT 1 UNION (SELECT 2 UNION SELECT a FROM other.orders)",
    "WITH": "WITH a AS (WITH b AS (TABLE other.orders) TABLE b) TABLE a",
    "WITH unused": "WITH a AS (TABLE other.orders) SELECT 1",
    "WITH that writes": "WITH a AS (INSERT INTO other.orders DEFAULT VALUES) SELECT 1",
    "sub-select": "SELECT (SELECT a FROM other.orders)",
    "EXISTS": "SELECT 1 WHERE NOT EXISTS (SELECT FROM other.orders)",
    "IN": "SELECT 1 IN (SELECT a FROM other.orders)",
    "ANY": "SELECT 1 = ANY (SELECT a FROM other.orders)",
    "ARRAY": "SELECT ARRAY (SELECT a FROM other.orders)",
    "row": "SELECT ROW (1, (SELECT a FROM other.orders))",
    "function argument": "SELECT upper((SELECT a FROM other.orders))",
    "named argument": "SELECT make_interval(days => (SELECT a FROM other.orders))",
    "aggregate order": "SELECT array_agg(a ORDER BY (SELECT b FROM other.orders)) FROM t",
    "FILTER": "SELECT count(*) FILTER (WHERE (SELECT b FROM other.orders)) FROM t",
    "window": "SELECT sum(a) OVER (PARTITION BY (SELECT b FROM other.orders)) FROM t",
    "named window": "SELECT 1 FROM t WINDOW w AS (ORDER BY (SELECT b FROM other.orders))",
    "frame": "SELECT sum(a) OVER (ROWS (SELECT b FROM other.orders) PRECEDING) FROM t",
    "cast": "SELECT (SELECT a FROM other.orders)::text",
    "collation": 'SELECT (SELECT a FROM other.orders) COLLATE "C"',
    "case": "SELECT CASE WHEN a THEN b ELSE (SELECT a FROM other.orders) END FROM t",
    "case test": "SELECT CASE (SELECT a FROM other.orders) WHEN 1 THEN 2 END",
    "coalesce": "SELECT COALESCE(a, GREATEST(1, (SELECT a FROM other.orders))) FROM t",
    "null test": "SELECT (SELECT a FROM other.orders) IS NULL",
    "truth test": "SELECT (SELECT a FROM other.orders) IS TRUE",
    "subscript": "SELECT a[(SELECT b FROM other.orders)] FROM t",
    "slice": "SELECT (a)[1:(SELECT b FROM other.orders)] FROM t",
    "WHERE": "SELECT 1 FROM t WHERE a BETWEEN 1 AND (SELECT b FROM other.orders)",
    "GROUP BY": "SELECT 1 FROM t GROUP BY ROLLUP ((SELECT b FROM other.orders))",
    "HAVING": "SELECT 1 FROM t HAVING (SELECT b FROM other.orders)",
    "ORDER BY": "SELECT 1 FROM t ORDER BY (SELECT b FROM other.orders)",
    "DISTINCT ON": "SELECT DISTINCT ON ((SELECT b FROM other.orders)) a FROM t",
    "LIMIT": "SELECT 1 LIMIT (SELECT b FROM other.orders)",
    "OFFSET": "SELECT 1 OFFSET (SELECT b FROM other.orders)",
    "VALUES": "VALUES (1), ((SELECT b FROM other.orders))",
    "LATERAL": "SELECT * FROM t, LATERAL (SELECT * FROM other.orders) AS o",
    "join condition": "SELECT * FROM t JOIN u ON (SELECT b FROM other.orders)",
    "function in FROM": "SELECT * FROM unnest((SELECT b FROM other.orders)) AS x",
    "ROWS FROM": "SELECT * FROM ROWS FROM (upper('x'), lower((SELECT b FROM other.orders))) AS x",
    "FOR UPDATE OF": "SELECT * FROM t FOR UPDATE OF other.orders",
    "FOR UPDATE OF catalog": "SELECT * FROM t FOR UPDATE OF pg_class",
    "JSON_OBJECT": "SELECT JSON_OBJECT('a': (SELECT b FROM other.orders))",
    "JSON_ARRAY of a query": "SELECT JSON_ARRAY(SELECT b FROM other.orders)",
    "JSON_VALUE passing": "SELECT JSON_VALUE('{}', '$' PASSING (SELECT b FROM other.orders) AS x)",
    "JSON_VALUE default": "SELECT JSON_VALUE('{}', '$' DEFAULT (TABLE other.orders) ON EMPTY)",
    "JSON_ARRAYAGG": "SELECT JSON_ARRAYAGG(a ORDER BY (SELECT b FROM other.orders)) FROM t",
    "IS JSON": "SELECT (SELECT b FROM other.orders) IS JSON",
    # places in a change
    "INSERT": "INSERT INTO other.orders VALUES (1)",
    "INSERT into the catalog": "INSERT INTO pg_authid VALUES (1)",
    "INSERT SELECT": "INSERT INTO t SELECT * FROM other.orders",
    "INSERT VALUES": "INSERT INTO t VALUES ((SELECT b FROM other.orders))",
    "INSERT subscript": "INSERT INTO t (a[(SELECT b FROM other.orders)]) VALUES (1)",
    "INSERT RETURNING": "INSERT INTO t VALUES (1) RETURNING (SELECT b FROM other.orders)",
    "ON CONFLICT target": "INSERT INTO t VALUES (1) ON CONFLICT (((SELECT b FROM other.orders)))"
    " DO NOTHING",
    "ON CONFLICT target WHERE": "INSERT INTO t VALUES (1) ON CONFLICT (a) WHERE (SELECT b FROM"
    " other.orders) DO NOTHING",
    "ON CONFLICT SET": "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET a = (SELECT b FROM"
    " other.orders)",
    "ON CONFLICT WHERE": "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 1 WHERE"
    " (SELECT b FROM other.orders)",
    "INSERT WITH": "WITH x AS (TABLE other.orders) INSERT INTO t TABLE x",
    "UPDATE": "UPDATE other.orders SET a = 1",
    "UPDATE ONLY": "UPDATE ONLY pg_class SET relname = 'x'",
    "UPDATE SET": "UPDATE t SET a = (SELECT b FROM other.orders)",
    "UPDATE SET several": "UPDATE t SET (a, b) = (SELECT a, b FROM other.orders)",
    "UPDATE SET row": "UPDATE t SET (a, b) = ROW (1, (SELECT b FROM other.orders))",
    "UPDATE FROM": "UPDATE t SET a = 1 FROM other.orders",
    "UPDATE WHERE": "UPDATE t SET a = 1 WHERE b IN (SELECT b FROM other.orders)",
    "UPDATE RETURNING": "UPDATE t SET a = 1 RETURNING (SELECT b FROM other.orders)",
    "DELETE": "DELETE FROM other.orders",
    "DELETE USING": "DELETE FROM t USING other.orders",
    "DELETE WHERE": "DELETE FROM t WHERE EXISTS (TABLE other.orders)",
    "DELETE RETURNING": "DELETE FROM t RETURNING (SELECT b FROM other.orders)",
    # columns that name a relation
    "three parts": "SELECT other.orders.id FROM orders",
    "three parts and a star": "SELECT other.orders.* FROM orders",
    "four parts": "SELECT postgres.s.orders.id FROM orders",
    "five parts": "SELECT a.b.c.d.e FROM orders",
    "three parts in SET": "UPDATE t SET a = other.orders.a",
    "three parts in ORDER BY": "SELECT 1 FROM t ORDER BY other.orders.id",
    "catalog's column": "SELECT pg_class.oid FROM t",
    "catalog's row": "SELECT pg_class FROM t",
    "function of a row": "SELECT t.pg_typeof FROM t",
    "function of a row, own schema": "SELECT s.t.pg_column_size FROM s.t",
}

IN_DDL = {
    "CREATE TABLE": "CREATE TABLE other.t (a int)",
    "CREATE TABLE in own schema": "CREATE TABLE s.t (a int)",
    "CREATE TABLE with catalog": "CREATE TABLE x.s.t (a int)",
    "CREATE TABLE pg_": "CREATE TABLE pg_t (a int)",
    "CREATE TABLE, column pg_": "CREATE TABLE t (pg_a int)",
    "CREATE TABLE pg_temp": "CREATE TABLE pg_temp.t (a int)",
    "CREATE TABLE AS": "CREATE TABLE other.t AS SELECT 1",
    "CREATE TABLE AS SELECT": "CREATE TABLE t AS SELECT * FROM other.orders",
    "CREATE TABLE AS TABLE": "CREATE TABLE t AS TABLE pg_authid",
    "CREATE TABLE AS WITH": "CREATE TABLE t AS WITH x AS (TABLE other.orders) TABLE x",
    "LIKE": "CREATE TABLE t (LIKE other.orders INCLUDING ALL)",
    "LIKE the catalog": "CREATE TABLE t (LIKE pg_class)",
    "column REFERENCES": "CREATE TABLE t (a int REFERENCES other.orders)",
    "FOREIGN KEY": "CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES other.orders (id))",
    "ADD FOREIGN KEY": "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES other.orders",
    "ADD COLUMN REFERENCES": "ALTER TABLE t ADD a int REFERENCES other.orders",
    "DEFAULT": "CREATE TABLE t (a int DEFAULT (SELECT b FROM other.orders))",
    "CHECK": "CREATE TABLE t (a int CHECK (a IN (SELECT b FROM other.orders)))",
    "table CHECK": "CREATE TABLE t (a int, CHECK (EXISTS (TABLE other.orders)))",
    "GENERATED": "CREATE TABLE t (a int GENERATED ALWAYS AS ((SELECT b FROM other.orders)) STORED)",
    "CHECK by column": "CREATE TABLE t (a int CHECK (other.orders.a > 0))",
    "EXCLUDE expression": "CREATE TABLE t (EXCLUDE (((SELECT b FROM other.orders)) WITH =))",
    "EXCLUDE WHERE": "CREATE TABLE t (EXCLUDE (a WITH =) WHERE (EXISTS (TABLE other.orders)))",
    "ALTER TABLE": "ALTER TABLE other.orders ADD a int",
    "ALTER own schema": "ALTER TABLE s.orders DROP a",
    "ALTER the catalog": "ALTER TABLE pg_class ADD a int",
    "SET DEFAULT": "ALTER TABLE t ALTER a SET DEFAULT (SELECT b FROM other.orders)",
    "SET EXPRESSION": "ALTER TABLE t ALTER a SET EXPRESSION AS ((SELECT b FROM other.orders))",
    "TYPE USING": "ALTER TABLE t ALTER a TYPE int USING (SELECT b FROM other.orders)",
    "RENAME": "ALTER TABLE other.orders RENAME TO t",
    "RENAME to pg_": "ALTER TABLE t RENAME TO pg_t",
    "RENAME COLUMN": "ALTER TABLE other.orders RENAME a TO b",
    "RENAME COLUMN to pg_": "ALTER TABLE t RENAME a TO pg_b",
    "RENAME INDEX": "ALTER INDEX other.i RENAME TO j",
    "DROP TABLE": "DROP TABLE other.orders",
    "DROP one of several": "DROP TABLE t, u, other.orders CASCADE",
    "DROP with catalog": "DROP TABLE x.other.orders",
    "DROP the catalog": "DROP TABLE pg_class",
    "DROP INDEX": "DROP INDEX IF EXISTS other.i",
    "CREATE INDEX": "CREATE INDEX ON other.orders (a)",
    "CREATE INDEX on the catalog": "CREATE INDEX ON pg_class (relname)",
    "CREATE INDEX pg_": "CREATE INDEX pg_i ON t (a)",
    "index expression": "CREATE INDEX ON t (((SELECT b FROM other.orders)))",
    "index column pg_": "CREATE INDEX ON t (pg_a)",
    "index predicate": "CREATE INDEX ON t (a) WHERE b = (SELECT b FROM other.orders)",
    "COMMENT ON TABLE": "COMMENT ON TABLE other.orders IS 'x'",
    "COMMENT ON COLUMN": "COMMENT ON COLUMN other.orders.a IS 'x'",
    "COMMENT ON COLUMN with catalog": "COMMENT ON COLUMN x.other.orders.a IS 'x'",
    "COMMENT ON COLUMN of the catalog": "COMMENT ON COLUMN pg_class.relname IS 'x'",
    "COMMENT ON INDEX": "COMMENT ON INDEX other.i IS 'x'",
    "COMMENT ON CONSTRAINT": "COMMENT ON CONSTRAINT c ON other.orders IS 'x'",
}


@pytest.mark.parametrize("sql", IN_DML.values(), ids=IN_DML)
def test_dml_names_only_its_own_schema(sql: str) -> None:
    with pytest.raises(NoAuthority, match="or it is not yours to use"):
        admit_dml(sql, "s")


@pytest.mark.parametrize("sql", IN_DDL.values(), ids=IN_DDL)
def test_ddl_names_no_schema(sql: str) -> None:
    with pytest.raises(NoAuthority, match="or it is not yours to use"):
        admit_ddl(sql)


def test_the_answer_says_what_would_have_been_right() -> None:
    with pytest.raises(NoAuthority, match=r'no "other"\."orders" .* without a schema'):
        admit_dml("SELECT * FROM other.orders", "s")
    with pytest.raises(NoAuthority, match="exec_ddl runs on both schemas"):
        admit_ddl("DROP TABLE s.t")
