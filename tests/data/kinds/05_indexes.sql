-- kind: index partial
CREATE TABLE indexed_partly (a integer, state text);
CREATE INDEX "part of; indexed_partly" ON indexed_partly (a) WHERE state <> 'x;y' AND a IS NOT NULL;
CREATE UNIQUE INDEX indexed_partly_open ON indexed_partly (a) WHERE state = 'open';
INSERT INTO indexed_partly VALUES (1, 'open'), (1, 'closed'), (2, NULL);

-- kind: index of expressions
-- refused: INSERT INTO indexed_expression VALUES ('ALPHA', 9) RETURNING 1
CREATE TABLE indexed_expression (a text, b integer);
CREATE INDEX indexed_expression_many ON indexed_expression (lower(a), (b + 1) DESC NULLS LAST, (a || '-' || b));
CREATE UNIQUE INDEX indexed_expression_once ON indexed_expression ((lower(a)));
ALTER INDEX indexed_expression_many ALTER COLUMN 1 SET STATISTICS 77;
ALTER INDEX indexed_expression_many ALTER COLUMN 3 SET STATISTICS 88;
INSERT INTO indexed_expression VALUES ('Alpha', 1), ('beta', 2);

-- kind: index by a function of its own
-- refused: INSERT INTO indexed_by_function VALUES ('aB') RETURNING 1
CREATE FUNCTION indexed_folded(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT lower($1)';
CREATE TABLE indexed_by_function (a text);
CREATE UNIQUE INDEX indexed_by_function_folded ON indexed_by_function (indexed_folded(a)) WHERE indexed_folded(a) <> '';
INSERT INTO indexed_by_function VALUES ('Ab'), ('c');

-- kind: index order, collation, operator class
CREATE TABLE indexed_in_order (a integer, b text, c varchar(9));
CREATE INDEX indexed_in_order_down ON indexed_in_order (a DESC NULLS LAST, b ASC NULLS FIRST, c DESC);
CREATE INDEX indexed_in_order_collated ON indexed_in_order (b COLLATE "C" DESC, c COLLATE "POSIX");
CREATE INDEX indexed_in_order_pattern ON indexed_in_order (b text_pattern_ops, c varchar_pattern_ops DESC);
INSERT INTO indexed_in_order VALUES (1, 'a', 'b');

-- kind: index that covers
-- refused: INSERT INTO indexed_covering VALUES (NULL, 'd', 9) RETURNING 1
CREATE TABLE indexed_covering (a integer, b text, c integer);
CREATE INDEX indexed_covering_more ON indexed_covering (a) INCLUDE (b, c);
CREATE UNIQUE INDEX indexed_covering_null ON indexed_covering (a) INCLUDE (c) NULLS NOT DISTINCT;
INSERT INTO indexed_covering VALUES (NULL, 'x', 1), (1, 'y', 2);

-- kind: index gin
CREATE TABLE indexed_gin (a jsonb, b integer[], c tsvector, d text);
CREATE INDEX indexed_gin_a ON indexed_gin USING gin (a);
CREATE INDEX indexed_gin_path ON indexed_gin USING gin (a jsonb_path_ops) WITH (fastupdate = off, gin_pending_list_limit = 128);
CREATE INDEX indexed_gin_many ON indexed_gin USING gin (b, c);
CREATE INDEX indexed_gin_words ON indexed_gin USING gin (to_tsvector('english', d));
INSERT INTO indexed_gin VALUES ('{"a": 1}', '{1,2}', 'a b', 'two words');

-- kind: index gist
CREATE TABLE indexed_gist (a point, b int4range, c inet, d tsvector);
CREATE INDEX indexed_gist_a ON indexed_gist USING gist (a) WITH (buffering = on, fillfactor = 80);
CREATE INDEX indexed_gist_many ON indexed_gist USING gist (b, c inet_ops) INCLUDE (a) WHERE b <> 'empty';
CREATE INDEX indexed_gist_words ON indexed_gist USING gist (d tsvector_ops (siglen = 100));
INSERT INTO indexed_gist VALUES ('(1,2)', '[1,2)', '10.0.0.1', 'a');

-- kind: index spgist
CREATE TABLE indexed_spgist (a point, b text, c int4range);
CREATE INDEX indexed_spgist_a ON indexed_spgist USING spgist (a);
CREATE INDEX indexed_spgist_kd ON indexed_spgist USING spgist (a kd_point_ops);
CREATE INDEX indexed_spgist_b ON indexed_spgist USING spgist (b) INCLUDE (c) WITH (fillfactor = 60);
INSERT INTO indexed_spgist VALUES ('(1,2)', 'x', '[1,2)');

-- kind: index brin
CREATE TABLE indexed_brin (a timestamp, b integer, c text);
CREATE INDEX indexed_brin_a ON indexed_brin USING brin (a) WITH (pages_per_range = 8, autosummarize = on);
CREATE INDEX indexed_brin_multi ON indexed_brin USING brin (b int4_minmax_multi_ops (values_per_range = 16), c text_bloom_ops (n_distinct_per_range = 50, false_positive_rate = 0.02));
INSERT INTO indexed_brin VALUES ('2024-01-01', 1, 'x');

-- kind: index hash
CREATE TABLE indexed_hash (a uuid);
CREATE INDEX indexed_hash_a ON indexed_hash USING hash (a) WITH (fillfactor = 90);
INSERT INTO indexed_hash VALUES ('00000000-0000-0000-0000-000000000001');

-- kind: index options
CREATE TABLE indexed_with_options (a integer);
CREATE INDEX indexed_with_options_a ON indexed_with_options (a) WITH (fillfactor = 65, deduplicate_items = off);
COMMENT ON INDEX indexed_with_options_a IS 'not deduplicated';

-- kind: index of rows and types of its own
CREATE TYPE indexed_mood AS ENUM ('low', 'high');
CREATE TYPE indexed_pair AS (a integer, b text);
CREATE TABLE indexed_own (mood indexed_mood, pair indexed_pair, moods indexed_mood[]);
CREATE INDEX indexed_own_mood ON indexed_own (mood, pair) WHERE mood > 'low'::indexed_mood;
CREATE INDEX indexed_own_pair ON indexed_own (((pair).b)) WHERE (pair).a = ANY (ARRAY[1, 2]);
CREATE INDEX indexed_own_moods ON indexed_own USING gin (moods);
CREATE INDEX indexed_own_cast ON indexed_own USING hash ((ROW(1, 'x')::indexed_pair = pair));
INSERT INTO indexed_own VALUES ('high', (1, 'x'), '{low,high}');

-- kind: key with options of a partitioned table
CREATE TABLE pf (a integer, b text, CONSTRAINT pf_pk PRIMARY KEY (a) WITH (fillfactor = 70)) PARTITION BY RANGE (a);
CREATE TABLE pf1 PARTITION OF pf FOR VALUES FROM (0) TO (10);
CREATE INDEX pf_b ON pf (b) WITH (fillfactor = 60);
INSERT INTO pf VALUES (1, 'x');

-- kind: exclusion of a partitioned table
-- least: 17
CREATE TABLE xp (a integer, r int4range, CONSTRAINT xp_x EXCLUDE USING btree (a WITH =) WITH (fillfactor = 70) WHERE (a > 0) DEFERRABLE INITIALLY DEFERRED) PARTITION BY LIST (a);
CREATE TABLE xp1 PARTITION OF xp FOR VALUES IN (1); CREATE TABLE xp2 PARTITION OF xp DEFAULT;
CREATE TABLE xpn (a integer, CONSTRAINT xpn_d UNIQUE (a) WITH (fillfactor = 71) DEFERRABLE) PARTITION BY LIST (a);
CREATE TABLE xpn1 PARTITION OF xpn FOR VALUES IN (1);
INSERT INTO xp VALUES (1), (2);

-- kind: keys without overlaps of partitioned tables
-- least: 18
CREATE TABLE tpp (id int4range, valid daterange, PRIMARY KEY (id, valid WITHOUT OVERLAPS)) PARTITION BY LIST (id);
CREATE TABLE tpp1 PARTITION OF tpp FOR VALUES IN ('[1,2)');
CREATE TABLE tpp2 PARTITION OF tpp DEFAULT;
CREATE TABLE tpr (id int4range, at daterange, ref int4range, FOREIGN KEY (ref, PERIOD at) REFERENCES tpp (id, PERIOD valid)) PARTITION BY LIST (id);
CREATE TABLE tpr1 PARTITION OF tpr DEFAULT;
INSERT INTO tpp VALUES ('[1,2)', '[2020-01-01,2021-01-01)'), ('[3,4)', '[2020-01-01,2021-01-01)');
INSERT INTO tpr VALUES ('[1,2)', '[2020-02-01,2020-03-01)', '[3,4)');
