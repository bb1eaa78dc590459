-- kind: serial
-- ask: INSERT INTO serials (v) VALUES ('next') RETURNING *
CREATE TABLE serials (small smallserial, usual serial PRIMARY KEY, big bigserial, v text);
INSERT INTO serials (v) VALUES ('a'), ('b');
ALTER SEQUENCE serials_big_seq INCREMENT 10 CACHE 5;

-- kind: serial of another name
-- ask: INSERT INTO serial_renamed (v) VALUES ('next') RETURNING *
CREATE TABLE serial_renamed (n serial, v text);
INSERT INTO serial_renamed (v) VALUES ('a');
ALTER SEQUENCE serial_renamed_n_seq RENAME TO serial_by_another_name;

-- kind: serial that lost its owner
-- ask: INSERT INTO serial_loose (v) VALUES ('next') RETURNING *
CREATE TABLE serial_loose (n serial, v text);
INSERT INTO serial_loose (v) VALUES ('a');
ALTER SEQUENCE serial_loose_n_seq OWNED BY NONE;

-- kind: sequence owned by a column of another table
-- ask: INSERT INTO sequence_used (v) VALUES ('next') RETURNING *
CREATE TABLE sequence_owner (a integer, b integer);
CREATE SEQUENCE sequence_of_other OWNED BY sequence_owner.b;
CREATE TABLE sequence_used (n bigint NOT NULL DEFAULT nextval('sequence_of_other'), v text);
INSERT INTO sequence_used (v) VALUES ('a');

-- kind: sequence owned by a column that does not draw
CREATE TABLE sequence_idle (a integer);
CREATE SEQUENCE sequence_idle_owned OWNED BY sequence_idle.a;

-- kind: sequence shared
-- ask: INSERT INTO sequence_shared_b (v) VALUES ('next') RETURNING *
CREATE SEQUENCE sequence_shared AS integer START 100;
CREATE TABLE sequence_shared_a (n integer DEFAULT nextval('sequence_shared'), v text);
CREATE TABLE sequence_shared_b (
    n integer DEFAULT nextval('sequence_shared'), v text,
    label text DEFAULT 'n-' || to_char(nextval('sequence_shared'), 'FM0000')
);
INSERT INTO sequence_shared_a (v) VALUES ('a');
INSERT INTO sequence_shared_b (v) VALUES ('b');

-- kind: default that draws from a sequence of another table
-- ask: INSERT INTO sequence_borrower (v) VALUES ('next') RETURNING *
CREATE TABLE sequence_lender (n serial, v text);
CREATE TABLE sequence_borrower (n integer DEFAULT nextval('sequence_lender_n_seq') + 1000, v text);
INSERT INTO sequence_lender (v) VALUES ('a');
INSERT INTO sequence_borrower (v) VALUES ('b');

-- kind: default that finds its sequence when it draws
-- ask: INSERT INTO sequence_late (v) VALUES ('next') RETURNING *
CREATE SEQUENCE sequence_found_late;
CREATE TABLE sequence_late (n bigint DEFAULT nextval('sequence_found_late'::text), v text);
INSERT INTO sequence_late (v) VALUES ('a');

-- kind: loose sequence smallint
CREATE SEQUENCE loose_small AS smallint INCREMENT BY -3 MINVALUE -90 MAXVALUE 60 START 50 CACHE 2 CYCLE;
SELECT nextval('loose_small');

-- kind: loose sequence integer
-- ask: SELECT nextval('loose_integer'), nextval('loose_integer')
CREATE SEQUENCE loose_integer AS integer MINVALUE 5 MAXVALUE 6 CYCLE;
SELECT nextval('loose_integer'), nextval('loose_integer');

-- kind: loose sequence bigint at its end
CREATE SEQUENCE loose_big START 9223372036854775806;
SELECT nextval('loose_big'), nextval('loose_big');

-- kind: loose sequence descending
-- ask: SELECT nextval('loose_descending')
CREATE SEQUENCE loose_descending INCREMENT -1;
SELECT nextval('loose_descending');

-- kind: loose sequence not called
-- ask: SELECT nextval('loose_untouched')
CREATE SEQUENCE loose_untouched START 7 MINVALUE 0;

-- kind: loose sequence set, not called
-- ask: SELECT nextval('loose_set')
CREATE SEQUENCE loose_set;
SELECT setval('loose_set', 33, false);
COMMENT ON SEQUENCE loose_set IS 'set';

-- kind: loose sequence changed in type
CREATE SEQUENCE loose_changed AS smallint;
ALTER SEQUENCE loose_changed AS bigint INCREMENT 7 RESTART 70;

-- kind: unlogged sequence
-- ask: SELECT nextval('loose_unlogged')
CREATE UNLOGGED SEQUENCE loose_unlogged START 3;
SELECT nextval('loose_unlogged');

-- kind: view of a sequence
-- ask: SELECT * FROM loose_seen
CREATE SEQUENCE loose_watched START 12;
CREATE VIEW loose_seen AS SELECT last_value, is_called FROM loose_watched;

-- kind: default that has its sequence's name as a text
-- ask: INSERT INTO old_style (b) VALUES ('y') RETURNING a
CREATE SEQUENCE old_seq;
CREATE TABLE old_style (a integer DEFAULT nextval(('@own@.old_seq'::text)::regclass), b text);
INSERT INTO old_style (b) VALUES ('x');
