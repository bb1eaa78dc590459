"""exec_dml: where in a query another's table may stand, and a colleague's rows in the own one."""

from tests.attacks.attack import (
    Attacks,
    Effect,
    anything,
    fails,
    gate_only,
    nothing,
    own,
)

QUERIES: Attacks = {
    "TABLE": nothing("TABLE @foreign@.items"),
    "TABLE ONLY": nothing("TABLE ONLY @foreign@.items"),
    "ONLY": nothing("SELECT * FROM ONLY @foreign@.items"),
    "star of descendants": nothing("SELECT * FROM @foreign@.items *"),
    "UNION": own("SELECT name FROM items UNION SELECT name FROM @foreign@.items ORDER BY 1"),
    "UNION ALL": own("SELECT name FROM items UNION ALL SELECT name FROM @foreign@.items"),
    "INTERSECT": nothing("SELECT 1 INTERSECT SELECT 1 FROM @foreign@.items"),
    "EXCEPT": nothing("SELECT name FROM @foreign@.items EXCEPT SELECT name FROM items"),
    "UNION within UNION": own(
        "(SELECT 'a' UNION (SELECT 'b' UNION SELECT name FROM @pair@.items)) ORDER BY 1"
    ),
    "VALUES": own("VALUES ((SELECT max(name) FROM @foreign@.items)), ('b')"),
    "join": nothing("SELECT f.* FROM items CROSS JOIN @foreign@.items AS f"),
    "left join": own("SELECT f.name FROM items LEFT JOIN @foreign@.items AS f ON true"),
    "natural join": nothing("SELECT * FROM parts NATURAL RIGHT JOIN @foreign@.parts"),
    "join USING": nothing("SELECT * FROM items RIGHT JOIN @foreign@.items USING (name)"),
    "nested join": nothing(
        "SELECT * FROM (items AS a CROSS JOIN (items AS b CROSS JOIN @foreign@.items AS c))"
    ),
    "join with an alias of its columns": nothing(
        "SELECT j.* FROM @foreign@.items AS f JOIN items AS o ON f.amount > o.amount,"
        " LATERAL (SELECT f.name) AS j"
    ),
    "from list": nothing("SELECT f.name FROM items, @foreign@.items AS f"),
    "lateral": nothing("SELECT f.* FROM items, LATERAL (SELECT * FROM @foreign@.items) AS f"),
    "derived table": nothing("SELECT * FROM (SELECT * FROM @foreign@.items) AS f"),
    "derived table with names": nothing(
        "SELECT a FROM (SELECT name FROM @foreign@.items OFFSET 0) AS f (a)"
    ),
    "CTE": nothing("WITH f AS (SELECT * FROM @foreign@.items) SELECT * FROM f"),
    "CTE, materialized": nothing("WITH f AS MATERIALIZED (TABLE @foreign@.items) TABLE f"),
    "CTE within CTE": nothing("WITH a AS (WITH b AS (TABLE @foreign@.items) TABLE b) TABLE a"),
    "recursive CTE": nothing(
        "WITH RECURSIVE f AS (SELECT name FROM @foreign@.items UNION SELECT name FROM f) TABLE f"
    ),
    "recursive CTE with SEARCH and CYCLE": nothing(
        "WITH RECURSIVE f AS (SELECT name, 1 AS n FROM @foreign@.items UNION ALL"
        " SELECT name, n + 1 FROM f WHERE n < 2) SEARCH DEPTH FIRST BY n SET o"
        " CYCLE n SET c USING p SELECT name FROM f"
    ),
    "IN": nothing("SELECT 1 WHERE 'secret of alice in prod' IN (SELECT name FROM @foreign@.items)"),
    "NOT IN": own(
        "SELECT max(name) FROM items WHERE 424242 NOT IN (SELECT amount FROM @foreign@.items)"
    ),
    "EXISTS": nothing("SELECT 1 AS one WHERE EXISTS (SELECT FROM @foreign@.items)"),
    "NOT EXISTS": own("SELECT 1 AS one WHERE NOT EXISTS (TABLE @foreign@.items)"),
    "ANY": own("SELECT 'x' > ANY (SELECT name FROM @foreign@.items) AS found"),
    "ALL": own("SELECT 'a' > ALL (SELECT name FROM @foreign@.items) AS found"),
    "row compared": own("SELECT ('a', 1) < (SELECT name, amount FROM @foreign@.items) AS found"),
    "ARRAY": own("SELECT ARRAY(SELECT name FROM @foreign@.items) AS found"),
    "array of rows": own("SELECT ARRAY(SELECT f::text FROM @foreign@.items AS f) AS found"),
    "target list": own("SELECT (SELECT max(name) FROM @foreign@.items) AS found"),
    "CASE": own("SELECT CASE WHEN true THEN (SELECT max(name) FROM @foreign@.items) END AS found"),
    "CASE's test": own(
        "SELECT CASE (SELECT max(amount) FROM @foreign@.items) WHEN 424242 THEN 'b' END AS found"
    ),
    "COALESCE": own("SELECT COALESCE((SELECT max(name) FROM @foreign@.items), 'none') AS found"),
    "NULLIF": own("SELECT NULLIF((SELECT max(name) FROM @foreign@.items), 'a') AS found"),
    "GREATEST": own("SELECT GREATEST(0, (SELECT max(amount) FROM @foreign@.items)) AS found"),
    "IS NULL": own("SELECT (SELECT max(name) FROM @foreign@.items) IS NULL AS found"),
    "IS DISTINCT FROM": own(
        "SELECT 1 IS DISTINCT FROM (SELECT count(*) FROM @foreign@.items) AS f"
    ),
    "IS TRUE": own("SELECT (SELECT max(amount) = 424242 FROM @foreign@.items) IS TRUE AS found"),
    "BETWEEN": own("SELECT 9 BETWEEN 1 AND (SELECT max(amount) FROM @foreign@.items) AS found"),
    "LIKE ESCAPE": own(
        "SELECT 'a' LIKE 'b' ESCAPE (SELECT left(max(name), 1) FROM @foreign@.items)"
    ),
    "SIMILAR TO": own("SELECT 'a' SIMILAR TO (SELECT max(name) FROM @foreign@.items) AS found"),
    "row": own("SELECT ROW((SELECT max(name) FROM @foreign@.items))::text AS found"),
    "cast": own("SELECT (SELECT max(amount) FROM @foreign@.items)::text AS found"),
    "collation": own('SELECT (SELECT max(name) FROM @foreign@.items) COLLATE "C" AS found'),
    "AT TIME ZONE": own(
        "SELECT now() AT TIME ZONE (SELECT min(left(name, 0) || 'UTC') FROM @foreign@.items) IS NULL"
    ),
    "EXTRACT": own(
        "SELECT EXTRACT(day FROM (SELECT make_interval(days => max(amount)) FROM @foreign@.items))"
    ),
    "SUBSTRING": own("SELECT SUBSTRING((SELECT max(name) FROM @foreign@.items) FROM 1 FOR 9) AS f"),
    "OVERLAY": own(
        "SELECT OVERLAY('a' PLACING (SELECT max(name) FROM @foreign@.items) FROM 1) AS f"
    ),
    "TRIM": own("SELECT TRIM(BOTH 'x' FROM (SELECT max(name) FROM @foreign@.items)) AS found"),
    "POSITION": own("SELECT POSITION('s' IN (SELECT max(name) FROM @foreign@.items)) AS found"),
    "function's argument": own("SELECT upper((SELECT max(name) FROM @foreign@.items)) AS found"),
    "named argument": own(
        "SELECT make_interval(days => (SELECT max(amount) FROM @foreign@.items))::text AS found"
    ),
    "variadic argument": own(
        "SELECT concat(VARIADIC ARRAY(SELECT name FROM @foreign@.items)) AS found"
    ),
    "aggregate": own("SELECT string_agg(name, ',') AS found FROM @foreign@.items"),
    "aggregate's filter": own("SELECT count(*) FILTER (WHERE EXISTS (TABLE @foreign@.items)) AS n"),
    "aggregate's order": own(
        "SELECT array_agg(a ORDER BY a * (SELECT sign(-max(amount)) FROM @foreign@.items)) AS found"
        " FROM (VALUES (1), (2)) AS v (a)"
    ),
    "ordered set": own(
        "SELECT percentile_disc((SELECT min(amount) / 424242.0 FROM @foreign@.items))"
        " WITHIN GROUP (ORDER BY a) AS found FROM (VALUES (1), (2)) AS v (a)"
    ),
    "hypothetical set": own("SELECT rank('z') WITHIN GROUP (ORDER BY name) AS n FROM @pair@.items"),
    "window": own(
        "SELECT count(*) OVER (PARTITION BY (SELECT max(name) FROM @foreign@.items)) AS found,"
        " first_value((SELECT max(name) FROM @foreign@.items)) OVER () AS told FROM items"
    ),
    "named window": own(
        "SELECT max((SELECT max(name) FROM @foreign@.items)) OVER w AS found FROM items"
        " WINDOW w AS (ORDER BY (SELECT max(name) FROM @foreign@.items))"
    ),
    "frame": own(
        "SELECT count(*) OVER (ORDER BY a ROWS COALESCE((SELECT max(amount) FROM @foreign@.items), 0)"
        " PRECEDING) AS found FROM (VALUES (1), (2), (3)) AS v (a)"
    ),
    "GROUP BY": own(
        "SELECT count(*) AS n FROM items GROUP BY amount < (SELECT max(amount) FROM @foreign@.items)"
        " ORDER BY 1"
    ),
    "GROUPING SETS": own(
        "SELECT n, count(*) FROM (SELECT name AS n FROM @foreign@.items) AS f GROUP BY ROLLUP (n)"
    ),
    "HAVING": nothing("SELECT 1 AS one HAVING EXISTS (SELECT FROM @foreign@.items)"),
    "ORDER BY": own(
        "SELECT a FROM (VALUES (1), (2)) AS v (a)"
        " ORDER BY a * COALESCE((SELECT -max(amount) FROM @foreign@.items), 1)"
    ),
    "DISTINCT ON": own(
        "SELECT DISTINCT ON (a < (SELECT max(amount) FROM @foreign@.items)) a"
        " FROM (VALUES (1), (999999)) AS v (a)"
    ),
    "LIMIT": own("SELECT generate_series(1, 9) LIMIT (SELECT 1 + count(*) FROM @foreign@.items)"),
    "FETCH FIRST": own(
        "SELECT generate_series(1, 9) FETCH FIRST (SELECT 1 + count(*) FROM @foreign@.items) ROWS ONLY"
    ),
    "OFFSET": own("SELECT generate_series(1, 9) OFFSET (SELECT count(*) FROM @foreign@.items)"),
    "join condition": nothing(
        "SELECT 1 FROM items AS a JOIN items AS b ON EXISTS (SELECT FROM @foreign@.items)"
    ),
    "function in FROM": nothing(
        "SELECT * FROM generate_series(1, (SELECT count(*) FROM @foreign@.items)) AS n"
    ),
    "ROWS FROM": own(
        "SELECT * FROM ROWS FROM (upper('x'),"
        " unnest(ARRAY(SELECT name FROM @foreign@.items))) WITH ORDINALITY AS x (a, b, c)"
    ),
    "set in the target list": nothing("SELECT unnest(ARRAY(SELECT name FROM @foreign@.items))"),
    "JSON array of a query": own(
        "SELECT JSON_ARRAY(SELECT name FROM @foreign@.items) AS f", since=16
    ),
    "JSON object": own(
        "SELECT JSON_OBJECT('a': (SELECT max(name) FROM @foreign@.items)) AS found", since=16
    ),
    "JSON aggregate": own(
        "SELECT JSON_OBJECTAGG(name: amount) AS f FROM @foreign@.items", since=16
    ),
    "JSON value's variable": own(
        "SELECT JSON_VALUE(jsonb '{}', '$x' PASSING (SELECT max(name) FROM @foreign@.items) AS x)",
        since=17,
    ),
    "JSON value's default": fails(
        "SELECT JSON_VALUE(jsonb '{}', 'strict $.a'"
        " DEFAULT (SELECT max(name) FROM @foreign@.items) ON ERROR)",
        since=17,
    ),
    "JSON table": nothing(
        "SELECT * FROM @foreign@.items AS f, JSON_TABLE(to_jsonb(f), '$' COLUMNS (a text PATH '$.name'))",
        since=17,
    ),
    "XML table": anything(
        "SELECT x.* FROM @foreign@.items AS f, XMLTABLE('/a' PASSING"
        " xmlelement(name a, f.name) COLUMNS b text PATH '.') AS x"
    ),
    "XML": anything(
        "SELECT xmlforest((SELECT max(name) FROM @foreign@.items) AS a)::text AS found"
    ),
    "subscript": own("SELECT (ARRAY[1, 2])[(SELECT count(*) + 1 FROM @foreign@.items)] AS found"),
    "slice": own("SELECT (ARRAY[1, 2])[1:(SELECT 1 + count(*) FROM @foreign@.items)] AS found"),
    "field of a row": own("SELECT (SELECT f FROM @foreign@.items AS f LIMIT 1).name AS found"),
    "all fields of a row": own("SELECT ((SELECT f FROM @foreign@.items AS f LIMIT 1)).*"),
    "whole row": nothing("SELECT f FROM @foreign@.items AS f"),
    "whole row as text": nothing("SELECT f::text FROM @foreign@.items AS f"),
    "whole row as JSON": nothing("SELECT to_jsonb(f) FROM @foreign@.items AS f"),
    "row as a function's argument": nothing("SELECT row_to_json(f.*) FROM @foreign@.items AS f"),
    "system columns": nothing("SELECT ctid, xmin, tableoid FROM @foreign@.items"),
    "FOR UPDATE": nothing("SELECT * FROM @foreign@.items FOR UPDATE"),
    "FOR SHARE OF": nothing("SELECT f.* FROM items, @foreign@.items AS f FOR KEY SHARE OF f"),
    "TABLESAMPLE": nothing("SELECT * FROM @foreign@.items TABLESAMPLE SYSTEM (100)"),
    "TABLESAMPLE's argument": own(
        "SELECT name FROM items TABLESAMPLE BERNOULLI"
        " ((SELECT 100 - 100 * count(*) FROM @foreign@.items)) REPEATABLE (1)"
    ),
    "correlated": own(
        "SELECT name, (SELECT count(*) FROM @foreign@.items AS f WHERE f.name > o.name) AS n"
        " FROM items AS o"
    ),
    "by index": nothing("SELECT * FROM @foreign@.items WHERE name = 'secret of alice in prod'"),
    "a view": nothing("SELECT * FROM @foreign@.names"),
    "a column of a type of its own": nothing("SELECT feeling, reach FROM @foreign@.items"),
    "the other columns of the own table's CTE": nothing(
        "WITH items AS (SELECT * FROM @foreign@.items WHERE false UNION ALL TABLE @foreign@.items)"
        " SELECT items.* FROM items, LATERAL (SELECT items.name) AS n"
    ),
    "prepared": gate_only(
        Effect.CONNECTION, "PREPARE p AS SELECT * FROM @foreign@.items; EXECUTE p"
    ),
    "cursor": nothing("DECLARE c CURSOR FOR SELECT * FROM @foreign@.items; FETCH ALL FROM c"),
}

# Rows of a colleague in the very table that the caller may use.
COLLEAGUES: Attacks = {
    "a colleague's rows": nothing("SELECT * FROM items WHERE name LIKE 'hidden%'"),
    "by his uid": nothing("SELECT * FROM items WHERE uid LIKE '%bob%'"),
    "by what is not mine": nothing("SELECT * FROM items WHERE uid <> 'app01:mallory'"),
    "by OR true": own("SELECT name FROM items WHERE uid = 'app01:mallory' OR true"),
    "by UNION": own("SELECT name FROM items UNION ALL SELECT name FROM items"),
    "by his key": own("SELECT count(*) AS n FROM items WHERE name = 'hidden of bob'"),
    "by a join": own("SELECT label FROM lines FULL JOIN items ON lines.label = items.name"),
    "by an error": nothing(
        "SELECT 1 FROM items WHERE name LIKE 'hidden%' AND 1/(amount - 515151) = 0"
    ),
    "by an error of a cast": own("SELECT max(amount::text::smallint) AS n FROM items"),
    "by an aggregate": own("SELECT max(name) AS a, sum(amount) AS b, count(*) AS c FROM items"),
    "by a view": own("SELECT * FROM names"),
    "by FOR UPDATE": own("SELECT name FROM items FOR UPDATE"),
    "by a cursor": own("DECLARE c SCROLL CURSOR FOR TABLE lines; FETCH LAST FROM c"),
    "by JSON": own("SELECT jsonb_agg(i) - 0 AS found FROM items AS i"),
    "by a window": own("SELECT lag(name) OVER (), lead(name) OVER (), ntile(9) OVER () FROM items"),
}
