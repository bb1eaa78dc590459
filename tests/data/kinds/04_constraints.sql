-- kind: check
-- refused: INSERT INTO checked VALUES (0, 1) RETURNING 1
CREATE TABLE checked (
    a integer CHECK (a > 0), b integer, state text DEFAULT 'new' CHECK (state IN ('new', 'done')),
    CONSTRAINT "a pair;" CHECK (b > a), CONSTRAINT whole_row CHECK (checked IS NOT NULL OR a IS NULL),
    CHECK (a BETWEEN 1 AND 99), CHECK (b % 7 <> 6 AND (a IS DISTINCT FROM b))
);
INSERT INTO checked VALUES (1, 2, 'new'), (NULL, 4, NULL);

-- kind: check not valid
-- refused: INSERT INTO checked_since VALUES (-2) RETURNING 1
CREATE TABLE checked_since (a integer);
INSERT INTO checked_since VALUES (-1), (1);
ALTER TABLE checked_since ADD CONSTRAINT since CHECK (a > 0) NOT VALID;

-- kind: check not inherited
-- refused: INSERT INTO checked_here VALUES (-2) RETURNING 1
CREATE TABLE checked_here (a integer, CONSTRAINT here CHECK (a > 0) NO INHERIT);
CREATE TABLE checked_not_there () INHERITS (checked_here);
INSERT INTO checked_not_there VALUES (-1);

-- kind: check not enforced
-- least: 18
-- ask: INSERT INTO checked_hardly VALUES (-2) RETURNING 1
CREATE TABLE checked_hardly (a integer, CONSTRAINT hardly CHECK (a > 0) NOT ENFORCED);
INSERT INTO checked_hardly VALUES (-1);

-- kind: check by a function of its own
-- refused: INSERT INTO checked_by_function VALUES ('') RETURNING 1
CREATE FUNCTION checked_long(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN length($1) > 1; END';
CREATE TABLE checked_by_function (a text CONSTRAINT long_enough CHECK (checked_long(a)));
INSERT INTO checked_by_function VALUES ('ab');

-- kind: check by a function that takes the table's row
-- refused: INSERT INTO checked_by_row VALUES (3, 2) RETURNING 1
CREATE TABLE checked_by_row (a integer, b integer);
CREATE FUNCTION checked_row(checked_by_row) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.a < $1.b';
ALTER TABLE checked_by_row ADD CONSTRAINT in_order CHECK (checked_row(checked_by_row));
INSERT INTO checked_by_row VALUES (1, 2);

-- kind: unique
-- refused: INSERT INTO singles VALUES (1, 9, 9, 9) RETURNING 1
-- refused: INSERT INTO singles VALUES (8, 8, NULL, 8) RETURNING 1
CREATE TABLE singles (
    a integer UNIQUE, b integer, c integer, d integer,
    CONSTRAINT "singles; b and d" UNIQUE (b, d), CONSTRAINT one_null UNIQUE NULLS NOT DISTINCT (c),
    CONSTRAINT covering UNIQUE (d) INCLUDE (a, b) WITH (fillfactor = 70)
);
INSERT INTO singles VALUES (1, 1, NULL, 1), (2, 2, 2, 2);

-- kind: unique deferrable
-- refused: SET CONSTRAINTS only_at_end IMMEDIATE;; INSERT INTO only_later VALUES (1, 3) RETURNING 1
CREATE TABLE only_later (
    a integer, b integer, CONSTRAINT only_at_end UNIQUE (a) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT only_if_asked UNIQUE (b) DEFERRABLE
);
INSERT INTO only_later VALUES (1, 1), (2, 2);

-- kind: unique from an index
CREATE TABLE promoted (a integer NOT NULL, b text);
CREATE UNIQUE INDEX promoted_a ON promoted (a) WITH (fillfactor = 55);
CREATE UNIQUE INDEX promoted_b ON promoted (b);
ALTER TABLE promoted ADD CONSTRAINT promoted_key PRIMARY KEY USING INDEX promoted_a;
ALTER TABLE promoted ADD CONSTRAINT promoted_unique UNIQUE USING INDEX promoted_b;

-- kind: primary key of many columns
-- refused: INSERT INTO keyed VALUES (1, 'a', 3) RETURNING 1
CREATE TABLE keyed (a integer, b text, c integer, CONSTRAINT "the key" PRIMARY KEY (b, a) INCLUDE (c));
INSERT INTO keyed VALUES (1, 'a', 1), (2, 'a', 2);

-- kind: primary key deferrable
CREATE TABLE keyed_later (a integer PRIMARY KEY DEFERRABLE INITIALLY DEFERRED);
INSERT INTO keyed_later VALUES (1), (2);

-- kind: keys without overlaps
-- least: 18
-- refused: INSERT INTO keyed_in_time VALUES ('[1,2)', '[2024-01-20,2024-01-21)') RETURNING 1
CREATE TABLE keyed_in_time (
    a int4range, during daterange, b int4range,
    CONSTRAINT in_time PRIMARY KEY (a, during WITHOUT OVERLAPS), UNIQUE (b, during WITHOUT OVERLAPS)
);
CREATE TABLE keyed_in_time_child (
    a int4range, during daterange, FOREIGN KEY (a, PERIOD during) REFERENCES keyed_in_time (a, PERIOD during)
);
INSERT INTO keyed_in_time VALUES ('[1,2)', '[2024-01-01,2024-02-01)', '[1,5)'), ('[1,2)', '[2024-02-01,2024-03-01)', '[1,5)');
INSERT INTO keyed_in_time_child VALUES ('[1,2)', '[2024-01-15,2024-02-15)');

-- kind: exclusion
-- refused: INSERT INTO excluding VALUES (2, '[2024-01-01 12:00,2024-01-01 13:00)', true, 5) RETURNING 1
CREATE TABLE excluding (
    room integer, during tsrange, active boolean, n integer,
    EXCLUDE USING gist (during WITH &&) WHERE (active),
    CONSTRAINT "no same n" EXCLUDE USING btree (n WITH =) INCLUDE (room) WITH (fillfactor = 80) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT apart EXCLUDE USING gist (int4range(room, room + 1) WITH =, during WITH -|-)
);
INSERT INTO excluding VALUES (1, '[2024-01-01,2024-01-02)', true, 1), (1, '[2024-01-01,2024-01-02)', false, 2);

-- kind: foreign key to itself
-- refused: INSERT INTO tree VALUES (4, 99) RETURNING 1
-- ask: WITH cut AS (DELETE FROM tree WHERE a = 2 RETURNING a) SELECT count(*) FROM cut
CREATE TABLE tree (a integer PRIMARY KEY, parent integer REFERENCES tree ON DELETE CASCADE);
INSERT INTO tree VALUES (3, 2), (2, 1), (1, NULL);

-- kind: foreign keys in a circle
-- refused: INSERT INTO circle_heads VALUES (2, 99) RETURNING 1
CREATE TABLE circle_heads (a integer PRIMARY KEY, member integer NOT NULL);
CREATE TABLE circle_members (a integer PRIMARY KEY, head integer NOT NULL REFERENCES circle_heads DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE circle_heads ADD CONSTRAINT "of the circle" FOREIGN KEY (member) REFERENCES circle_members;
INSERT INTO circle_members VALUES (10, 1);
INSERT INTO circle_heads VALUES (1, 10);

-- kind: foreign key of many columns
-- refused: INSERT INTO composite_child VALUES (1, NULL, 5, 'y') RETURNING 1
-- refused: INSERT INTO composite_child VALUES (1, 'a', 5, 'z') RETURNING 1
CREATE TABLE composite_parent (a integer, b text, c text UNIQUE, PRIMARY KEY (a, b));
CREATE TABLE composite_child (
    a integer, b text, n integer, c text,
    CONSTRAINT in_full FOREIGN KEY (a, b) REFERENCES composite_parent MATCH FULL,
    FOREIGN KEY (b, a) REFERENCES composite_parent (b, a), FOREIGN KEY (c) REFERENCES composite_parent (c)
);
INSERT INTO composite_parent VALUES (1, 'a', 'x'), (2, 'b', 'y');
INSERT INTO composite_child VALUES (1, 'a', 1, 'y'), (NULL, NULL, 2, NULL);

-- kind: foreign keys that act
-- ask: DELETE FROM acting_parent WHERE a = 1;; SELECT * FROM acting_child ORDER BY n
-- ask: UPDATE acting_parent SET a = 20, b = 'bb' WHERE a = 2;; SELECT * FROM acting_child ORDER BY n
CREATE TABLE acting_parent (a integer PRIMARY KEY, b text UNIQUE, c integer, UNIQUE (c, a));
CREATE TABLE acting_child (
    n integer, cascading integer REFERENCES acting_parent ON DELETE CASCADE ON UPDATE CASCADE,
    nulled text REFERENCES acting_parent (b) ON DELETE SET NULL ON UPDATE SET NULL,
    defaulted integer DEFAULT 3 REFERENCES acting_parent ON DELETE SET DEFAULT ON UPDATE SET DEFAULT,
    of_two integer, part integer, FOREIGN KEY (of_two, part) REFERENCES acting_parent (c, a) ON DELETE SET NULL (part) ON UPDATE CASCADE
);
INSERT INTO acting_parent VALUES (1, 'a', 100), (2, 'b', 200), (3, 'c', 300);
INSERT INTO acting_child VALUES (1, 1, 'a', 1, 100, 1), (2, NULL, 'b', 2, 200, 2), (3, NULL, 'a', 1, 100, 1);

-- kind: foreign key restricting
-- refused: DELETE FROM restricting_parent RETURNING 1
CREATE TABLE restricting_parent (a integer PRIMARY KEY);
CREATE TABLE restricting_child (a integer REFERENCES restricting_parent ON DELETE RESTRICT ON UPDATE RESTRICT);
INSERT INTO restricting_parent VALUES (1);
INSERT INTO restricting_child VALUES (1);

-- kind: foreign key deferrable
-- ask: INSERT INTO deferring_child VALUES (9, NULL) RETURNING *
-- refused: SET CONSTRAINTS ALL IMMEDIATE;; INSERT INTO deferring_child VALUES (9, NULL) RETURNING 1
CREATE TABLE deferring_parent (a integer PRIMARY KEY);
CREATE TABLE deferring_child (
    a integer CONSTRAINT at_end REFERENCES deferring_parent DEFERRABLE INITIALLY DEFERRED,
    b integer CONSTRAINT if_asked REFERENCES deferring_parent DEFERRABLE INITIALLY IMMEDIATE
);
INSERT INTO deferring_parent VALUES (1);
INSERT INTO deferring_child VALUES (1, 1);

-- kind: foreign key not valid
-- refused: INSERT INTO orphans VALUES (98) RETURNING 1
CREATE TABLE orphans_parent (a integer PRIMARY KEY);
CREATE TABLE orphans (a integer);
INSERT INTO orphans VALUES (99);
ALTER TABLE orphans ADD CONSTRAINT parentless FOREIGN KEY (a) REFERENCES orphans_parent NOT VALID;

-- kind: foreign key not valid of a partitioned table
-- least: 18
CREATE TABLE parted_orphans_parent (a integer PRIMARY KEY);
CREATE TABLE parted_orphans (a integer) PARTITION BY LIST (a);
CREATE TABLE parted_orphans_1 PARTITION OF parted_orphans FOR VALUES IN (1);
CREATE TABLE parted_orphans_2 PARTITION OF parted_orphans FOR VALUES IN (2);
INSERT INTO parted_orphans_parent VALUES (2);
INSERT INTO parted_orphans VALUES (1), (2);
ALTER TABLE parted_orphans ADD CONSTRAINT parentless FOREIGN KEY (a) REFERENCES parted_orphans_parent NOT VALID;
ALTER TABLE parted_orphans_2 VALIDATE CONSTRAINT parentless;

-- kind: foreign key not enforced
-- least: 18
-- ask: INSERT INTO hardly_child VALUES (98) RETURNING *
CREATE TABLE hardly_parent (a integer PRIMARY KEY);
CREATE TABLE hardly_child (a integer REFERENCES hardly_parent NOT ENFORCED);
INSERT INTO hardly_child VALUES (99);

-- kind: foreign key to a unique index
CREATE TABLE indexed_parent (a integer, b integer);
CREATE UNIQUE INDEX indexed_parent_first ON indexed_parent (a);
ALTER TABLE indexed_parent ADD CONSTRAINT indexed_parent_second UNIQUE (a);
CREATE UNIQUE INDEX indexed_parent_b ON indexed_parent (b) INCLUDE (a);
CREATE TABLE indexed_child (a integer REFERENCES indexed_parent (a), b integer REFERENCES indexed_parent (b));

-- kind: foreign keys of partitioned tables
-- refused: INSERT INTO parted_child VALUES (1, 1, 77) RETURNING 1
-- refused: INSERT INTO parted_outer VALUES (1, 77) RETURNING 1
-- refused: DELETE FROM parted_parent WHERE b = 5 RETURNING 1
CREATE TABLE parted_parent (a integer, b integer, PRIMARY KEY (a, b)) PARTITION BY RANGE (b);
CREATE TABLE parted_parent_low PARTITION OF parted_parent FOR VALUES FROM (0) TO (10);
CREATE TABLE parted_parent_high PARTITION OF parted_parent FOR VALUES FROM (10) TO (100);
CREATE TABLE parted_child (n integer, a integer, b integer, CONSTRAINT "to the parts" FOREIGN KEY (a, b) REFERENCES parted_parent ON DELETE RESTRICT)
    PARTITION BY LIST (n);
CREATE TABLE parted_child_one PARTITION OF parted_child FOR VALUES IN (1);
CREATE TABLE parted_child_rest PARTITION OF parted_child DEFAULT;
CREATE TABLE parted_outer (a integer, b integer, FOREIGN KEY (a, b) REFERENCES parted_parent DEFERRABLE);
ALTER TABLE parted_child_one ADD CONSTRAINT to_one_part FOREIGN KEY (a, b) REFERENCES parted_parent_high;
INSERT INTO parted_parent VALUES (1, 5), (1, 15);
INSERT INTO parted_child VALUES (1, 1, 15), (2, 1, 5);
INSERT INTO parted_outer VALUES (1, 15);

-- kind: foreign key of a partitioned table to itself
-- refused: INSERT INTO parted_tree VALUES (1, 3, 9) RETURNING 1
CREATE TABLE parted_tree (part integer, a integer, parent integer, PRIMARY KEY (part, a),
    FOREIGN KEY (part, parent) REFERENCES parted_tree (part, a)) PARTITION BY HASH (part);
CREATE TABLE parted_tree_0 PARTITION OF parted_tree FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_tree_1 PARTITION OF parted_tree FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parted_tree VALUES (1, 1, NULL), (1, 2, 1), (2, 1, NULL);

-- kind: foreign key of a column made by another
CREATE TABLE made_key_parent (a integer PRIMARY KEY);
CREATE TABLE made_key (a integer, b integer GENERATED ALWAYS AS (a + 1) STORED REFERENCES made_key_parent);
INSERT INTO made_key_parent VALUES (2);
INSERT INTO made_key (a) VALUES (1);
