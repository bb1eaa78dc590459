-- kind: table of many types
-- ask: SELECT * FROM plain_types ORDER BY a
CREATE TABLE plain_types (
    a integer, b bigint NOT NULL, c smallint, d numeric(12, 4), e numeric, f real, g double precision,
    h varchar(20), i char(5), j text, k bytea, l boolean, m date, n time(3), o timetz, p timestamp(0),
    q timestamptz, r interval day to second(2), s uuid, t json, u jsonb, v inet, w cidr, x bit(4),
    y bit varying(9), z money, aa point, ab polygon, ac tsvector, ad tsquery, ae int4range,
    af datemultirange, ag jsonpath, ah macaddr8, ai "char", aj name
);
INSERT INTO plain_types (a, b, h, i, j, k, l, u, x, ae) VALUES
    (1, 10, 'ten', 'ab', 'text', '\x00ff', true, '{"a": [1, null]}', B'0101', '[1,5)'),
    (2, 20, '', '', '', '', false, '[]', B'1111', 'empty'),
    (3, 30, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

-- kind: empty table
CREATE TABLE nothing_inside (a integer DEFAULT 7, b text NOT NULL);

-- kind: table without columns
-- ask: SELECT count(*) FROM no_columns
CREATE TABLE no_columns ();
INSERT INTO no_columns DEFAULT VALUES;
INSERT INTO no_columns DEFAULT VALUES;
INSERT INTO no_columns DEFAULT VALUES;

-- kind: table all of whose columns were dropped
-- ask: SELECT count(*) FROM all_dropped
CREATE TABLE all_dropped (a integer, b text);
INSERT INTO all_dropped VALUES (1, 'x'), (2, 'y');
ALTER TABLE all_dropped DROP COLUMN a, DROP COLUMN b;

-- kind: dropped columns
-- ask: INSERT INTO some_dropped (kept, added) VALUES ('later', 5) RETURNING *
CREATE TABLE some_dropped (gone_first integer, kept text, gone_middle varchar(3)[], n integer NOT NULL, gone_last bytea);
INSERT INTO some_dropped VALUES (1, 'one', '{a}', 10, 'x'), (2, 'two', NULL, 20, NULL);
ALTER TABLE some_dropped DROP COLUMN gone_first, DROP COLUMN gone_middle, DROP COLUMN gone_last;
ALTER TABLE some_dropped ADD COLUMN added integer CHECK (added > 0);
ALTER TABLE some_dropped ALTER COLUMN n SET DEFAULT 30;
INSERT INTO some_dropped VALUES ('three', 30, 3);
CREATE INDEX some_dropped_n ON some_dropped (n, added);

-- kind: columns added to rows
-- ask: SELECT * FROM grown ORDER BY a
CREATE TABLE grown (a integer);
INSERT INTO grown VALUES (1), (2);
ALTER TABLE grown ADD COLUMN b text DEFAULT 'of old' NOT NULL, ADD COLUMN c integer[] DEFAULT '{1,2}';
ALTER TABLE grown ALTER COLUMN b SET DEFAULT 'of late', ALTER COLUMN c DROP DEFAULT;
INSERT INTO grown (a) VALUES (3);

-- kind: table of 500 columns
-- ask: SELECT column_1, column_250, column_500 FROM wide
DO $$
BEGIN
    EXECUTE (
        SELECT format(
            'CREATE TABLE wide (%s)',
            string_agg(format('column_%s %s', n, CASE WHEN n % 3 = 0 THEN 'text' ELSE 'integer DEFAULT ' || n END), ', ' ORDER BY n)
        )
        FROM generate_series(1, 500) AS n
    );
END
$$;
INSERT INTO wide (column_3) VALUES ('x'), (NULL);

-- kind: storage parameters
CREATE TABLE tuned (a integer, b text) WITH (
    fillfactor = 55, parallel_workers = 3, autovacuum_enabled = off, autovacuum_vacuum_scale_factor = 0.03,
    vacuum_truncate = off, toast_tuple_target = 1024, log_autovacuum_min_duration = 7,
    toast.autovacuum_enabled = off, toast.autovacuum_freeze_max_age = 200000000
);
INSERT INTO tuned VALUES (1, 'x');

-- kind: unlogged table
-- ask: INSERT INTO not_logged (v) VALUES ('more') RETURNING *
CREATE UNLOGGED TABLE not_logged (id integer GENERATED ALWAYS AS IDENTITY, n serial, v text);
INSERT INTO not_logged (v) VALUES ('a'), ('b');
CREATE INDEX not_logged_v ON not_logged (v);

-- kind: unlogged table with a logged sequence
CREATE UNLOGGED TABLE half_logged (id integer GENERATED ALWAYS AS IDENTITY, v text);
ALTER SEQUENCE half_logged_id_seq SET LOGGED;
INSERT INTO half_logged (v) VALUES ('a');

-- kind: replica identity full
CREATE TABLE replica_full (a integer, b text);
INSERT INTO replica_full VALUES (1, 'x');
ALTER TABLE replica_full REPLICA IDENTITY FULL;

-- kind: replica identity nothing
CREATE TABLE replica_nothing (a integer PRIMARY KEY);
ALTER TABLE replica_nothing REPLICA IDENTITY NOTHING;

-- kind: replica identity of an index
CREATE TABLE replica_index (a integer NOT NULL, b text);
CREATE UNIQUE INDEX replica_index_a ON replica_index (a);
ALTER TABLE replica_index REPLICA IDENTITY USING INDEX replica_index_a;

-- kind: replica identity of a key
CREATE TABLE replica_key (a integer PRIMARY KEY, b integer NOT NULL UNIQUE);
ALTER TABLE replica_key REPLICA IDENTITY USING INDEX replica_key_b_key;

-- kind: cluster mark
CREATE TABLE clustered (a integer, b text);
INSERT INTO clustered VALUES (3, 'c'), (1, 'a'), (2, 'b');
CREATE INDEX clustered_a ON clustered (a);
CLUSTER clustered USING clustered_a;
INSERT INTO clustered VALUES (0, 'after');

-- kind: cluster mark on a primary key
CREATE TABLE clustered_key (a integer PRIMARY KEY);
ALTER TABLE clustered_key CLUSTER ON clustered_key_pkey;

-- kind: tablespace
-- ask: SELECT relname, reltablespace <> 0 FROM pg_class WHERE relname LIKE 'placed%' AND relnamespace = '@own@'::regnamespace ORDER BY 1
CREATE TABLE placed (a integer PRIMARY KEY USING INDEX TABLESPACE @tablespace@, b text) TABLESPACE @tablespace@;
INSERT INTO placed VALUES (1, 'x');
CREATE INDEX placed_b ON placed (b) TABLESPACE @tablespace@;
CREATE INDEX placed_elsewhere ON placed (b);
CREATE MATERIALIZED VIEW placed_rows TABLESPACE @tablespace@ AS SELECT a FROM placed;
CREATE TABLE placed_parts (a integer) PARTITION BY LIST (a) TABLESPACE @tablespace@;
CREATE TABLE placed_part PARTITION OF placed_parts FOR VALUES IN (1) TABLESPACE pg_default;
CREATE INDEX placed_parts_a ON placed_parts (a) TABLESPACE @tablespace@;

-- kind: access method of a table
CREATE TABLE otherwise_accessed (a integer, b text) USING kinds_heap;
INSERT INTO otherwise_accessed VALUES (1, 'x');
CREATE MATERIALIZED VIEW otherwise_accessed_rows USING kinds_heap AS SELECT a FROM otherwise_accessed;

-- kind: access method of a partitioned table
-- least: 17
CREATE TABLE accessed_parts (a integer) PARTITION BY LIST (a) USING kinds_heap;
CREATE TABLE accessed_part PARTITION OF accessed_parts FOR VALUES IN (1);
CREATE TABLE accessed_part_as_ever PARTITION OF accessed_parts FOR VALUES IN (2) USING heap;
INSERT INTO accessed_parts VALUES (1), (2);

-- kind: column storage
-- ask: SELECT attname, attstorage::text FROM pg_attribute WHERE attrelid = 'stored'::regclass AND attnum > 0 ORDER BY attnum
CREATE TABLE stored (external text, main text, plain bytea, extended numeric, as_ever text);
ALTER TABLE stored ALTER external SET STORAGE EXTERNAL, ALTER main SET STORAGE MAIN,
    ALTER plain SET STORAGE PLAIN, ALTER extended SET STORAGE EXTENDED;
INSERT INTO stored VALUES (repeat('e', 9000), repeat('m', 100), 'p', 1.5, 'x');

-- kind: column compression
-- ask: SELECT attname, attcompression::text FROM pg_attribute WHERE attrelid = 'compressed'::regclass AND attnum > 0 ORDER BY attnum
CREATE TABLE compressed (a text COMPRESSION pglz, b text);
INSERT INTO compressed VALUES (repeat('a', 9000), 'b');

-- kind: column compression lz4
-- needs: lz4
CREATE TABLE compressed_by_lz4 (a text COMPRESSION lz4, b text COMPRESSION pglz);
INSERT INTO compressed_by_lz4 VALUES (repeat('a', 9000), repeat('b', 9000));
CREATE MATERIALIZED VIEW compressed_by_lz4_rows AS SELECT a FROM compressed_by_lz4;
ALTER MATERIALIZED VIEW compressed_by_lz4_rows ALTER a SET COMPRESSION lz4;

-- kind: statistics target of a column
CREATE TABLE counted (a integer, b text, c text);
ALTER TABLE counted ALTER a SET STATISTICS 333, ALTER b SET STATISTICS 0;

-- kind: options of a column
CREATE TABLE guessed (a integer, b text);
ALTER TABLE guessed ALTER a SET (n_distinct = -0.3, n_distinct_inherited = 55);
ALTER TABLE guessed ALTER b SET (n_distinct = 4);

-- kind: renamed table
-- ask: INSERT INTO renamed_now (text_now) VALUES ('z') RETURNING *
CREATE TABLE renamed_before (
    id serial PRIMARY KEY, text_before text UNIQUE CHECK (text_before <> ''),
    parent integer REFERENCES renamed_before
);
INSERT INTO renamed_before (text_before) VALUES ('x'), ('y');
ALTER TABLE renamed_before RENAME TO renamed_now;
ALTER TABLE renamed_now RENAME COLUMN text_before TO text_now;

-- kind: typed table
-- ask: SELECT reloftype::regtype::text FROM pg_class WHERE oid = 'typed'::regclass
CREATE TYPE typed_row AS (a integer, b text, c numeric(6, 2));
CREATE TABLE typed OF typed_row (PRIMARY KEY (a), b WITH OPTIONS NOT NULL DEFAULT 'given', CHECK (c > 0));
INSERT INTO typed VALUES (1, 'x', 2.5), (2, DEFAULT, NULL);
CREATE TABLE typed_plainly OF typed_row;
INSERT INTO typed_plainly VALUES (NULL, NULL, NULL);
CREATE TABLE typed_later (a integer, b text, c numeric(6, 2));
ALTER TABLE typed_later OF typed_row;

-- kind: table like another
CREATE TABLE likened_to (
    id integer PRIMARY KEY, v text DEFAULT 'v' CHECK (v <> 'w'),
    twice integer GENERATED ALWAYS AS (1 + 1) STORED
);
COMMENT ON COLUMN likened_to.v IS 'of the original';
CREATE INDEX likened_to_upper ON likened_to (upper(v));
CREATE STATISTICS likened_to_told ON id, v FROM likened_to;
CREATE TABLE likened (LIKE likened_to INCLUDING ALL);
INSERT INTO likened VALUES (1, 'x');

-- kind: row type of a table as a type
-- ask: SELECT (held).b, (many)[1].a, row_of_held(held) FROM held_rows
CREATE TABLE held_row (a integer, b text);
INSERT INTO held_row VALUES (1, 'one'), (2, 'two');
CREATE TABLE held_rows (held held_row, many held_row[]);
INSERT INTO held_rows SELECT (3, 'three')::held_row, array_agg(held_row ORDER BY a) FROM held_row;
CREATE FUNCTION row_of_held(held_row) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1.b';

-- kind: foreign table
CREATE FOREIGN TABLE far_rows (
    a integer OPTIONS (column_name 'one "two"') NOT NULL, b text COLLATE "C" DEFAULT 'x', CHECK (a > 0),
    c integer GENERATED ALWAYS AS (a * 2) STORED
) SERVER kinds_server OPTIONS (table_name 'it''s there', "other option" '');
ALTER FOREIGN TABLE far_rows ALTER b SET STATISTICS 20;
COMMENT ON FOREIGN TABLE far_rows IS 'elsewhere';
CREATE FUNCTION far_row_came() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER far_row_comes BEFORE INSERT ON far_rows FOR EACH ROW EXECUTE FUNCTION far_row_came();
CREATE VIEW far_seen AS SELECT a, b FROM far_rows;

-- kind: foreign table as a partition
CREATE TABLE far_parts (a integer, b text) PARTITION BY RANGE (a);
CREATE TABLE far_part_near PARTITION OF far_parts FOR VALUES FROM (0) TO (10);
CREATE FOREIGN TABLE far_part PARTITION OF far_parts FOR VALUES FROM (10) TO (20) SERVER kinds_server OPTIONS (of 'it');
INSERT INTO far_parts VALUES (1, 'near');

-- kind: foreign table that inherits
CREATE TABLE far_parent (a integer, b text);
CREATE FOREIGN TABLE far_child (c integer) INHERITS (far_parent) SERVER kinds_server;
INSERT INTO far_parent VALUES (1, 'near');

-- kind: column of a shared extension's type
-- needs: vector
-- ask: SELECT n FROM embedded ORDER BY place OPERATOR(public.<->) '[1,2,3]' LIMIT 1
-- ask: SELECT embedded_distance('[1,1,1]')
CREATE TABLE embedded (n integer, place public.vector(3), many public.vector[]);
INSERT INTO embedded VALUES (1, '[1,2,3]', '{"[1]"}'), (2, '[4,5,6]', NULL);
CREATE INDEX embedded_place ON embedded USING hnsw (place public.vector_l2_ops) WITH (m = 8);
CREATE VIEW embedded_far AS SELECT n, place OPERATOR(public.<->) '[0,0,0]'::public.vector AS distance FROM embedded;
CREATE FUNCTION embedded_distance(public.vector) RETURNS double precision LANGUAGE sql STABLE
    AS 'SELECT min(place OPERATOR(public.<->) $1) FROM embedded';
