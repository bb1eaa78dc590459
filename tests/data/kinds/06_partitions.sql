-- kind: partitions by range
-- ask: INSERT INTO by_range VALUES ('2024-07-01', 9) RETURNING tableoid::regclass::text
CREATE TABLE by_range (d date NOT NULL, v integer) PARTITION BY RANGE (d);
CREATE TABLE by_range_old PARTITION OF by_range FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
CREATE TABLE by_range_2024 PARTITION OF by_range FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') WITH (fillfactor = 60);
CREATE TABLE by_range_new PARTITION OF by_range FOR VALUES FROM ('2025-01-01') TO (MAXVALUE);
INSERT INTO by_range VALUES ('2000-01-01', 1), ('2024-05-05', 2), ('2030-01-01', 3), ('2024-05-06', 4);

-- kind: partitions by list with default
-- ask: INSERT INTO by_list VALUES ('other', 9) RETURNING tableoid::regclass::text
CREATE TABLE by_list (a text, v integer) PARTITION BY LIST (a);
CREATE TABLE by_list_ab PARTITION OF by_list FOR VALUES IN ('a', 'it''s');
CREATE TABLE by_list_null PARTITION OF by_list FOR VALUES IN (NULL);
CREATE TABLE by_list_default PARTITION OF by_list DEFAULT;
INSERT INTO by_list VALUES ('a', 1), (NULL, 2), ('z', 3);

-- kind: partitions by hash
CREATE TABLE by_hash (a integer, b text) PARTITION BY HASH (a, b);
CREATE TABLE by_hash_0 PARTITION OF by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE by_hash_1 PARTITION OF by_hash FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE by_hash_3 PARTITION OF by_hash FOR VALUES WITH (MODULUS 4, REMAINDER 3);
INSERT INTO by_hash SELECT n, n::text FROM generate_series(1, 20) AS n;

-- kind: partitions of partitions
-- ask: INSERT INTO levels VALUES (1, 'x', 500, 'w') RETURNING tableoid::regclass::text
CREATE TABLE levels (a integer, b text, c integer, v text, PRIMARY KEY (a, b, c)) PARTITION BY LIST (a);
CREATE TABLE levels_1 PARTITION OF levels FOR VALUES IN (1) PARTITION BY RANGE (b, c);
CREATE TABLE levels_1_low PARTITION OF levels_1 FOR VALUES FROM ('a', MINVALUE) TO ('m', 100);
CREATE TABLE levels_1_high PARTITION OF levels_1 FOR VALUES FROM ('m', 100) TO ('z', MAXVALUE) PARTITION BY HASH (c);
CREATE TABLE levels_1_high_0 PARTITION OF levels_1_high FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE levels_rest PARTITION OF levels DEFAULT PARTITION BY LIST (b);
CREATE TABLE levels_rest_default PARTITION OF levels_rest DEFAULT;
CREATE INDEX levels_v ON levels (v);
INSERT INTO levels VALUES (1, 'b', 1, 'p'), (1, 'n', 7, 'q'), (2, 'b', 1, 'r');

-- kind: partitioned table without partitions
CREATE TABLE no_parts (a integer PRIMARY KEY, b text) PARTITION BY RANGE (a);
CREATE INDEX no_parts_b ON no_parts (b);

-- kind: partitions by expressions
CREATE FUNCTION part_of_text(text) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT length($1)';
CREATE TABLE by_expression (a text, d timestamp) PARTITION BY RANGE (part_of_text(a), (date_trunc('day', d)), a COLLATE "C" text_pattern_ops);
CREATE TABLE by_expression_1 PARTITION OF by_expression
    FOR VALUES FROM (0, '2024-01-01', 'a') TO (10, '2024-01-01', 'a');
INSERT INTO by_expression VALUES ('abc', '2024-01-01 12:00');

-- kind: partition attached with other columns
-- ask: INSERT INTO attached (v, k) VALUES ('later', 15) RETURNING *
CREATE TABLE attached (k integer NOT NULL, v text DEFAULT 'of parent', w integer) PARTITION BY RANGE (k);
CREATE TABLE attached_turned (dropped text, w integer, v text DEFAULT 'of part', k integer NOT NULL);
ALTER TABLE attached_turned DROP COLUMN dropped;
INSERT INTO attached_turned VALUES (1, 'one', 11);
ALTER TABLE attached ATTACH PARTITION attached_turned FOR VALUES FROM (10) TO (20);
CREATE TABLE attached_low PARTITION OF attached FOR VALUES FROM (0) TO (10);
ALTER TABLE attached ADD COLUMN late integer DEFAULT 3;
INSERT INTO attached (k, v, w) VALUES (5, 'five', 5), (12, 'twelve', 12);

-- kind: partition with what is its own
-- refused: INSERT INTO owning VALUES (1, -1) RETURNING 1
CREATE TABLE owning (k integer, v integer DEFAULT 1) PARTITION BY LIST (k);
CREATE TABLE owning_1 PARTITION OF owning (v DEFAULT 11 NOT NULL, CONSTRAINT own_check CHECK (v > 0), UNIQUE (v)) FOR VALUES IN (1)
    WITH (autovacuum_enabled = off);
CREATE INDEX owning_1_index ON owning_1 (v, k);
ALTER TABLE owning_1 ALTER v SET STATISTICS 55;
CREATE FUNCTION owning_trigger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.v := NEW.v + 0; RETURN NEW; END';
CREATE TRIGGER owning_1_trigger BEFORE INSERT ON owning_1 FOR EACH ROW EXECUTE FUNCTION owning_trigger();
CREATE TABLE owning_2 PARTITION OF owning FOR VALUES IN (2);
COMMENT ON TABLE owning_1 IS 'one part';
INSERT INTO owning VALUES (1, 5), (2, NULL);

-- kind: index and keys of a partitioned table
-- refused: INSERT INTO part_keys VALUES (1, 1, 'x') RETURNING 1
CREATE TABLE part_keys (k integer, n integer, v text, CONSTRAINT part_keys_key PRIMARY KEY (k, n), UNIQUE (v, k)) PARTITION BY RANGE (k);
CREATE TABLE part_keys_1 (k integer NOT NULL, n integer NOT NULL, v text, CONSTRAINT own_name PRIMARY KEY (k, n));
CREATE INDEX own_index ON part_keys_1 (n DESC);
ALTER TABLE part_keys ATTACH PARTITION part_keys_1 FOR VALUES FROM (0) TO (10);
CREATE TABLE part_keys_2 PARTITION OF part_keys FOR VALUES FROM (10) TO (20);
CREATE INDEX part_keys_n ON part_keys (n DESC);
CREATE INDEX part_keys_expression ON part_keys (upper(v)) WHERE n > 0;
COMMENT ON INDEX own_index IS 'attached';
INSERT INTO part_keys VALUES (1, 1, 'a'), (11, 1, 'b');

-- kind: index that only some partitions have
CREATE TABLE part_indexed (k integer) PARTITION BY RANGE (k);
CREATE TABLE part_indexed_1 PARTITION OF part_indexed FOR VALUES FROM (0) TO (10);
CREATE TABLE part_indexed_2 PARTITION OF part_indexed FOR VALUES FROM (10) TO (20);
CREATE INDEX part_indexed_k ON ONLY part_indexed (k);
CREATE INDEX part_indexed_1_k ON part_indexed_1 (k);
ALTER INDEX part_indexed_k ATTACH PARTITION part_indexed_1_k;
CREATE INDEX part_indexed_lonely ON ONLY part_indexed (k DESC);

-- kind: partitions by enum
CREATE TYPE part_mood AS ENUM ('low', 'high');
CREATE TABLE by_mood (mood part_mood, v integer) PARTITION BY LIST (mood);
CREATE TABLE by_mood_low PARTITION OF by_mood FOR VALUES IN ('low');
CREATE TABLE by_mood_high PARTITION OF by_mood FOR VALUES IN ('high', NULL);
INSERT INTO by_mood VALUES ('low', 1), ('high', 2), (NULL, 3);

-- kind: partitions by hash of enum
-- moved: by_mood_hash_0, by_mood_hash_1
-- ask: SELECT v FROM by_mood_hash WHERE mood = 'high' ORDER BY v
CREATE TYPE part_hash_mood AS ENUM ('low', 'middle', 'high', 'higher', 'highest');
CREATE TABLE by_mood_hash (mood part_hash_mood, v integer) PARTITION BY HASH (mood);
CREATE TABLE by_mood_hash_0 PARTITION OF by_mood_hash FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE by_mood_hash_1 PARTITION OF by_mood_hash FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO by_mood_hash VALUES ('low', 1), ('middle', 2), ('high', 3), ('higher', 4), ('highest', 5);

-- kind: partition renamed, detached, unlogged
CREATE TABLE shifting (k integer, v text) PARTITION BY RANGE (k);
CREATE TABLE shifting_1 PARTITION OF shifting FOR VALUES FROM (0) TO (10);
CREATE TABLE shifting_2 PARTITION OF shifting FOR VALUES FROM (10) TO (20);
CREATE UNLOGGED TABLE shifting_3 PARTITION OF shifting FOR VALUES FROM (20) TO (30);
CREATE INDEX shifting_k ON shifting (k);
INSERT INTO shifting VALUES (1, 'a'), (11, 'b'), (21, 'c');
ALTER TABLE shifting_1 RENAME TO "shifting; first";
ALTER TABLE shifting DETACH PARTITION shifting_2;
ALTER INDEX shifting_1_k_idx RENAME TO "its index";

-- kind: partitions with identity
-- least: 17
-- ask: INSERT INTO part_identity (k, v) VALUES (1, 'z') RETURNING id, v
CREATE TABLE part_identity (id integer GENERATED ALWAYS AS IDENTITY (START 100), k integer, v text) PARTITION BY LIST (k);
CREATE TABLE part_identity_1 PARTITION OF part_identity FOR VALUES IN (1);
CREATE TABLE part_identity_2 PARTITION OF part_identity DEFAULT;
INSERT INTO part_identity (k, v) VALUES (1, 'a'), (2, 'b');

-- kind: partitions with serial and generated columns
-- ask: INSERT INTO part_made (k) VALUES (1) RETURNING id, k, twice
CREATE TABLE part_made (id serial, k integer, twice integer GENERATED ALWAYS AS (k * 2) STORED) PARTITION BY LIST (k);
CREATE TABLE part_made_1 PARTITION OF part_made FOR VALUES IN (1);
CREATE TABLE part_made_2 PARTITION OF part_made DEFAULT;
INSERT INTO part_made (k) VALUES (1), (7);

-- kind: inheritance
-- ask: SELECT tableoid::regclass::text, a FROM ONLY breed UNION ALL SELECT tableoid::regclass::text, a FROM breed ORDER BY 1, 2
-- refused: INSERT INTO breed_dog (a) VALUES (-1) RETURNING 1
CREATE TABLE breed (a integer CONSTRAINT breed_check CHECK (a > 0), b text DEFAULT 'of parent');
CREATE TABLE breed_dog (c integer) INHERITS (breed);
CREATE TABLE breed_puppy (d integer, b text DEFAULT 'of grandchild') INHERITS (breed_dog);
INSERT INTO breed VALUES (1);
INSERT INTO breed_dog VALUES (2, 'two', 22);
INSERT INTO breed_puppy (a) VALUES (3);

-- kind: inheritance from many
CREATE TABLE mother (a integer NOT NULL, m text DEFAULT 'm', CONSTRAINT shared CHECK (a > 0));
CREATE TABLE father (a integer, f text, CONSTRAINT shared CHECK (a > 0));
CREATE TABLE offspring (own integer, a integer DEFAULT 5, CONSTRAINT shared CHECK (a > 0)) INHERITS (mother, father);
ALTER TABLE offspring ALTER m SET DEFAULT 'other', ALTER f SET STORAGE EXTERNAL, ALTER f SET STATISTICS 9;
INSERT INTO offspring (own) VALUES (1);

-- kind: inheritance made later
-- The child's columns keep their own order, which a restored dump of it loses.
CREATE TABLE later_parent (a integer, b text NOT NULL DEFAULT 'x', CONSTRAINT of_two CHECK (a <> 7));
CREATE TABLE later_child (z integer, b text NOT NULL, dropped integer, a integer, CONSTRAINT of_two CHECK (a <> 7));
ALTER TABLE later_child DROP COLUMN dropped;
ALTER TABLE later_child INHERIT later_parent;
CREATE TABLE once_child () INHERITS (later_parent);
ALTER TABLE once_child NO INHERIT later_parent;
ALTER TABLE once_child ADD COLUMN late integer DEFAULT 9;
INSERT INTO later_child (z, b, a) VALUES (1, 'b', 2);
INSERT INTO once_child (a) VALUES (1);

-- kind: foreign key of a partition by another name
CREATE TABLE fkp (id integer PRIMARY KEY);
CREATE TABLE fkt (a integer) PARTITION BY LIST (a);
CREATE TABLE fkt1 (a integer, CONSTRAINT other_name FOREIGN KEY (a) REFERENCES fkp (id));
ALTER TABLE fkt ADD CONSTRAINT parent_name FOREIGN KEY (a) REFERENCES fkp (id);
ALTER TABLE fkt ATTACH PARTITION fkt1 FOR VALUES IN (1);
INSERT INTO fkp VALUES (1); INSERT INTO fkt VALUES (1);

-- kind: foreign keys of partitions by other names, at any depth
CREATE TABLE fd_p (id integer PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE fd_p1 PARTITION OF fd_p DEFAULT;
CREATE TABLE fd_t (a integer, b integer) PARTITION BY LIST (a);
CREATE TABLE fd_t1 (a integer, b integer, CONSTRAINT fd_own FOREIGN KEY (a) REFERENCES fd_p (id)) PARTITION BY LIST (b);
CREATE TABLE fd_t11 (b integer, a integer, CONSTRAINT fd_leaf FOREIGN KEY (a) REFERENCES fd_p (id));
ALTER TABLE fd_t1 ATTACH PARTITION fd_t11 FOR VALUES IN (1);
CREATE TABLE fd_t12 PARTITION OF fd_t1 DEFAULT;
ALTER TABLE fd_t ADD CONSTRAINT fd_root FOREIGN KEY (a) REFERENCES fd_p (id);
ALTER TABLE fd_t ATTACH PARTITION fd_t1 FOR VALUES IN (1);
INSERT INTO fd_p VALUES (1); INSERT INTO fd_t VALUES (1, 1), (1, 2);

-- kind: check enforced for a partition only
-- least: 18
CREATE TABLE nep (a integer PRIMARY KEY);
CREATE TABLE nec (a integer CONSTRAINT c1 CHECK (a > 5) NOT ENFORCED, b integer CONSTRAINT fk1 REFERENCES nep (a) NOT ENFORCED) PARTITION BY RANGE (a);
CREATE TABLE nec1 PARTITION OF nec FOR VALUES FROM (0) TO (10);
CREATE TABLE nec2 (a integer CONSTRAINT c1 CHECK (a > 5), b integer CONSTRAINT fk1 REFERENCES nep (a) NOT ENFORCED);
ALTER TABLE nec ATTACH PARTITION nec2 FOR VALUES FROM (10) TO (20);
INSERT INTO nec VALUES (1, 77), (11, 78);

-- kind: not null not valid of partitions
-- least: 18
CREATE TABLE nnv (a integer, b integer) PARTITION BY RANGE (a);
CREATE TABLE nnv1 PARTITION OF nnv FOR VALUES FROM (0) TO (10);
INSERT INTO nnv VALUES (1, NULL);
ALTER TABLE nnv ADD CONSTRAINT nnv_b NOT NULL b NOT VALID;
CREATE TABLE nnv2 PARTITION OF nnv FOR VALUES FROM (10) TO (20);
COMMENT ON CONSTRAINT nnv_b ON nnv IS 'said';
