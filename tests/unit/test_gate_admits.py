"""What agents and consoles write, and the gate lets through."""

import pytest

from domain.gate import DmlKind, admit_dml

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
    assert (statement.kind, set(statement.relations)) == (kind, relations)


@pytest.mark.parametrize(
    ("sql", "writes"),
    [
        ("SELECT 1", set()),
        ("INSERT INTO t SELECT 1", {DmlKind.INSERT}),
        ("WITH w AS (INSERT INTO t SELECT 1 RETURNING id) SELECT * FROM w", {DmlKind.INSERT}),
        (
            "WITH w AS (UPDATE t SET a = 1), g AS (DELETE FROM t) INSERT INTO t SELECT 1",
            {DmlKind.UPDATE, DmlKind.DELETE, DmlKind.INSERT},
        ),
        ("MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE", {DmlKind.MERGE}),
    ],
)
def test_a_statement_says_what_it_writes_wherever_that_stands(
    sql: str, writes: set[DmlKind]
) -> None:
    (statement,) = admit_dml(sql, "s")
    assert set(statement.writes) == writes
