-- kind: view
-- ask: SELECT * FROM seen ORDER BY a
CREATE TABLE seen_rows (a integer, b text, c jsonb);
INSERT INTO seen_rows VALUES (1, 'x', '{"k": 1}'), (2, 'it''s', NULL);
CREATE VIEW seen AS SELECT a, upper(b) AS "B b", c -> 'k' AS k, '@schema@' AS told FROM seen_rows WHERE a > 0 OR b = '@schema@.x';

-- kind: views in a chain
-- ask: SELECT * FROM chain_a_last ORDER BY a
CREATE TABLE chain_rows (a integer);
INSERT INTO chain_rows VALUES (1), (2);
CREATE VIEW chain_z_first AS SELECT a FROM chain_rows;
CREATE VIEW chain_m_middle AS SELECT f.a, r.a AS other FROM chain_z_first AS f JOIN chain_rows AS r ON r.a = f.a;
CREATE VIEW chain_a_last AS SELECT * FROM chain_m_middle UNION ALL SELECT a, 0 FROM chain_z_first;

-- kind: view options
-- refused: INSERT INTO view_local VALUES (-1) RETURNING 1
-- refused: INSERT INTO view_cascaded VALUES (-1) RETURNING 1
CREATE TABLE view_options_rows (a integer, b text);
INSERT INTO view_options_rows VALUES (1, 'x');
CREATE VIEW view_barrier WITH (security_barrier) AS SELECT a FROM view_options_rows;
CREATE VIEW view_invoker WITH (security_invoker = true, security_barrier = false) AS SELECT a FROM view_options_rows;
CREATE VIEW view_local AS SELECT a FROM view_options_rows WHERE a > 0 WITH LOCAL CHECK OPTION;
CREATE VIEW view_unchecked AS SELECT a FROM view_options_rows WHERE a > 0;
CREATE VIEW view_cascaded WITH (security_barrier = true) AS SELECT a FROM view_unchecked WITH CASCADED CHECK OPTION;

-- kind: view with defaults
-- ask: INSERT INTO view_given (a) VALUES (9) RETURNING *
CREATE TABLE view_given_rows (a integer, b text DEFAULT 'of table', n serial);
CREATE VIEW view_given AS SELECT a, b, n FROM view_given_rows;
ALTER VIEW view_given ALTER b SET DEFAULT 'of view', ALTER n SET DEFAULT 55;

-- kind: view grouped by a primary key
-- ask: SELECT * FROM grouped_seen ORDER BY a
CREATE TABLE grouped (a integer PRIMARY KEY, b text, c text);
INSERT INTO grouped VALUES (1, 'x', 'p'), (2, 'y', 'q');
CREATE VIEW grouped_seen AS SELECT a, b, c, count(*) AS n FROM grouped GROUP BY a;
CREATE VIEW grouped_seen_again AS SELECT b || n AS bn FROM grouped_seen;
CREATE MATERIALIZED VIEW grouped_kept AS SELECT a, b, max(c) AS c FROM grouped GROUP BY a;
CREATE FUNCTION grouped_told(grouped_seen) RETURNS text LANGUAGE sql AS 'SELECT $1.b';
CREATE VIEW grouped_seen_last AS SELECT grouped_told(s) AS told FROM grouped_seen AS s;

-- kind: view recursive
-- ask: SELECT * FROM climbing ORDER BY n
CREATE RECURSIVE VIEW climbing (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM climbing WHERE n < 4;

-- kind: view of whole rows
-- ask: SELECT told, (r).a, as_json FROM whole_seen
CREATE TABLE whole_rows (a integer, b text);
INSERT INTO whole_rows VALUES (1, 'x');
CREATE FUNCTION whole_told(whole_rows) RETURNS text LANGUAGE sql AS 'SELECT $1.b';
CREATE VIEW whole_seen AS SELECT r, whole_told(r) AS told, row_to_json(r) AS as_json, r.*::text AS as_text, ROW(r.*, 1)::text AS more FROM whole_rows AS r;

-- kind: view with columns renamed
-- ask: SELECT * FROM view_renamed
CREATE TABLE view_renamed_rows (a integer, b text, gone integer, late integer);
INSERT INTO view_renamed_rows VALUES (1, 'x', 0, 3);
CREATE VIEW view_renamed (x, y) AS SELECT a, b FROM view_renamed_rows JOIN (SELECT a, 'j' AS joined FROM view_renamed_rows) AS other USING (a);
ALTER VIEW view_renamed RENAME COLUMN y TO "now; y";
ALTER TABLE view_renamed_rows DROP COLUMN gone;
ALTER TABLE view_renamed_rows RENAME COLUMN b TO joined;
ALTER TABLE view_renamed_rows RENAME TO "view renamed rows";

-- kind: view changed by a trigger
-- ask: INSERT INTO written_seen VALUES (5, 'five') RETURNING *;; SELECT * FROM written_rows ORDER BY a
CREATE TABLE written_rows (a integer, b text);
CREATE VIEW written_seen AS SELECT a, b || '!' AS b FROM written_rows;
CREATE FUNCTION write_through() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF tg_op = 'DELETE' THEN DELETE FROM written_rows WHERE a = OLD.a; RETURN OLD; END IF;
    INSERT INTO written_rows VALUES (NEW.a, NEW.b || tg_argv[0]);
    RETURN NEW;
END
$$;
CREATE TRIGGER write_through INSTEAD OF INSERT OR UPDATE OR DELETE ON written_seen FOR EACH ROW EXECUTE FUNCTION write_through('-by trigger');
CREATE TRIGGER written_statement BEFORE UPDATE ON written_seen FOR EACH STATEMENT EXECUTE FUNCTION write_through();

-- kind: view of many clauses
-- ask: SELECT * FROM clauses_seen
-- ask: SELECT * FROM clauses_expressions
CREATE TABLE clauses (a integer, b text, d timestamptz, n numeric, PRIMARY KEY (a));
INSERT INTO clauses VALUES (1, 'x', '2024-01-01 12:00+00', 1.5), (2, 'y', '2024-02-01 12:00+00', 2.5), (3, 'x', NULL, NULL);
CREATE TYPE clauses_mood AS ENUM ('low', 'high');
CREATE VIEW clauses_seen AS
    WITH RECURSIVE up (n) AS (SELECT 1 UNION SELECT n + 1 FROM up WHERE n < 3), kept AS MATERIALIZED (SELECT * FROM clauses)
    SELECT DISTINCT ON (k.b) k.b, row_number() OVER w AS number, sum(k.n) OVER (PARTITION BY k.b ORDER BY k.a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES) AS total,
        l.twice, u.n AS of_up, EXISTS (SELECT 1 FROM clauses AS c WHERE c.a = k.a) AS there, ARRAY(SELECT c.b FROM clauses AS c ORDER BY c.a) AS all_b
    FROM kept AS k
    CROSS JOIN LATERAL (SELECT k.a * 2 AS twice) AS l
    LEFT JOIN up AS u ON u.n = k.a
    NATURAL JOIN (SELECT a FROM clauses TABLESAMPLE bernoulli (100) REPEATABLE (3)) AS sampled
    WHERE (k.a, k.b) IN (SELECT a, b FROM clauses) AND k.b = ANY (ARRAY['x', 'y']) AND NOT k.a BETWEEN 7 AND 9
    WINDOW w AS (PARTITION BY k.b ORDER BY k.a DESC NULLS LAST)
    ORDER BY k.b, k.a DESC LIMIT 10 OFFSET 0;
CREATE VIEW clauses_expressions AS
    SELECT a, EXTRACT(YEAR FROM d) AS y, d AT TIME ZONE 'UTC' AS utc, substring(b FROM 1 FOR 1) AS s, position('x' IN b) AS p, trim(BOTH ' ' FROM b) AS t,
        overlay(b PLACING 'z' FROM 1) AS o, coalesce(n, 0) AS c, nullif(b, 'x') AS nul, greatest(a, 2) AS g, CASE b WHEN 'x' THEN 1 ELSE 2 END AS ca,
        d + INTERVAL '1 day 2 hours' AS later, DATE '2024-01-01' - 3 AS day, (ARRAY[1, 2, 3])[2:3] AS sliced, b COLLATE "C" AS collated,
        'high'::clauses_mood AS mood, NULL::clauses_mood[] AS moods, b IS NOT DISTINCT FROM 'x' AS same, (d, d) OVERLAPS (d, d) AS lapping, n::integer::text AS cast_twice,
        'clauses'::regclass AS named, 'clauses_mood'::regtype AS type_named, b SIMILAR TO '[xy]' AS similar, b ~~* 'X%' AS alike, CAST(a AS bit(4)) AS bits, -a AS negative, (SELECT max(a) FROM clauses) AS highest
    FROM clauses ORDER BY a;
CREATE VIEW clauses_sets AS
    (SELECT a FROM clauses EXCEPT ALL SELECT 1) UNION (SELECT 5 INTERSECT SELECT 5) ORDER BY 1 FETCH FIRST 2 ROWS ONLY;
CREATE VIEW clauses_grouped AS
    SELECT b, n, count(*) FILTER (WHERE a > 1) AS many, string_agg(b, ',' ORDER BY a DESC) AS together, grouping(b) AS g,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY n) AS middle
    FROM clauses GROUP BY GROUPING SETS ((b), (n, b), ()), ROLLUP (n) HAVING count(*) > 0;
CREATE VIEW clauses_sources AS
    SELECT v.*, f.*, g.* FROM (VALUES (1, 'one'), (2, NULL)) AS v (n, t)
    CROSS JOIN ROWS FROM (generate_series(1, 2), unnest(ARRAY['a', 'b'])) WITH ORDINALITY AS f (x, y, z)
    CROSS JOIN json_to_record('{"a": 1}') AS g (a integer, c clauses_mood);
CREATE VIEW clauses_nothing AS SELECT;
CREATE VIEW clauses_locked AS SELECT a FROM clauses FOR UPDATE SKIP LOCKED;

-- kind: view of sql/json
-- least: 16
-- ask: SELECT * FROM json_seen
CREATE VIEW json_seen AS SELECT json_object('a': 1, 'b': NULL ABSENT ON NULL) AS o, json_array(1, 'x' RETURNING jsonb) AS a, '{}' IS JSON OBJECT AS is_object, json_arrayagg(v) AS agg FROM (VALUES (1), (2)) AS t (v);

-- kind: view of a table in json
-- least: 17
-- ask: SELECT * FROM json_table_seen
CREATE VIEW json_table_seen AS
    SELECT * FROM json_table('[{"a": 1, "b": [2, 3]}]'::jsonb, '$[*]' AS root COLUMNS (n FOR ORDINALITY, a integer PATH '$.a', NESTED PATH '$.b[*]' AS inside COLUMNS (b text PATH '$'))) AS j;

-- kind: view of old and new
-- least: 18
CREATE TABLE old_and_new (a integer);
CREATE FUNCTION changed_from(n integer) RETURNS TABLE (old_a integer, new_a integer) LANGUAGE sql
BEGIN ATOMIC
    UPDATE old_and_new SET a = n RETURNING WITH (OLD AS o, NEW AS n) o.a, n.a;
END;

-- kind: materialized view
-- ask: SELECT * FROM kept ORDER BY a
CREATE TABLE kept_rows (a integer, b text);
INSERT INTO kept_rows VALUES (1, 'x'), (2, 'y');
CREATE MATERIALIZED VIEW kept WITH (fillfactor = 60) AS SELECT a, upper(b) AS b FROM kept_rows;
CREATE UNIQUE INDEX kept_a ON kept (a);
CREATE INDEX kept_expression ON kept (lower(b)) WHERE a > 0;
ALTER MATERIALIZED VIEW kept CLUSTER ON kept_a;
ALTER MATERIALIZED VIEW kept ALTER b SET STATISTICS 44, ALTER b SET STORAGE EXTERNAL;

-- kind: materialized view without data
-- refused: SELECT * FROM kept_empty
CREATE TABLE kept_empty_rows (a integer);
INSERT INTO kept_empty_rows VALUES (1);
CREATE MATERIALIZED VIEW kept_empty AS SELECT a FROM kept_empty_rows WITH NO DATA;
CREATE INDEX kept_empty_a ON kept_empty (a);

-- kind: materialized views on each other
-- ask: SELECT * FROM kept_last, kept_view_on
CREATE TABLE kept_base (a integer);
INSERT INTO kept_base VALUES (1), (2);
CREATE VIEW kept_z_view AS SELECT a * 2 AS a FROM kept_base;
CREATE MATERIALIZED VIEW kept_y_first AS SELECT a FROM kept_z_view;
CREATE VIEW kept_view_on AS SELECT sum(a) AS total FROM kept_y_first;
CREATE MATERIALIZED VIEW kept_last AS SELECT v.total, f.a FROM kept_view_on AS v, kept_y_first AS f;
CREATE MATERIALIZED VIEW kept_on_empty AS SELECT a FROM kept_y_first WITH NO DATA;

-- kind: materialized view by functions of its own
-- ask: SELECT * FROM kept_by_function
CREATE TABLE kept_source (a integer);
INSERT INTO kept_source VALUES (1), (2);
CREATE FUNCTION kept_total() RETURNS bigint LANGUAGE sql SET search_path TO @own@ AS 'SELECT sum(a) FROM kept_source';
CREATE FUNCTION kept_total_named() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT sum(a) FROM @own@.kept_source); END';
CREATE MATERIALIZED VIEW kept_by_function AS SELECT kept_total() AS a, kept_total_named() AS b;

-- kind: materialized view with options of its toast
CREATE MATERIALIZED VIEW mvt WITH (fillfactor = 80, toast.autovacuum_enabled = false) AS SELECT repeat('x', 10) AS a;

-- kind: views that read each other
CREATE TABLE veo (a integer);
CREATE VIEW veo1 AS SELECT a FROM veo;
CREATE VIEW veo2 AS SELECT a FROM veo1;
CREATE OR REPLACE VIEW veo1 AS SELECT veo2.a FROM veo2;
