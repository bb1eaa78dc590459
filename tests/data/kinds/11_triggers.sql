-- kind: trigger
-- ask: INSERT INTO fired VALUES (5, 'new') RETURNING *;; SELECT * FROM fired_log ORDER BY n
CREATE TABLE fired (a integer, b text);
CREATE TABLE fired_log (n serial, told text);
CREATE FUNCTION fired_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO fired_log (told) VALUES (concat_ws(' ', tg_name, tg_when, tg_op, tg_level, tg_nargs, tg_argv[0], tg_argv[1]));
    IF tg_when = 'BEFORE' AND tg_op = 'INSERT' AND tg_level = 'ROW' THEN
        NEW.b := NEW.b || '+';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER before_row BEFORE INSERT OR UPDATE ON fired FOR EACH ROW EXECUTE FUNCTION fired_note();
CREATE TRIGGER after_row AFTER INSERT OR DELETE ON fired FOR EACH ROW EXECUTE FUNCTION fired_note('one', E'it''s \\ "two"');
CREATE TRIGGER before_statement BEFORE INSERT OR TRUNCATE ON fired FOR EACH STATEMENT EXECUTE FUNCTION fired_note('');
CREATE TRIGGER "after; statement" AFTER UPDATE OF b, a ON fired FOR EACH STATEMENT EXECUTE FUNCTION fired_note();
INSERT INTO fired VALUES (1, 'a'), (2, 'b');
UPDATE fired SET b = 'c' WHERE a = 2;

-- kind: trigger with conditions
-- ask: INSERT INTO fired_when VALUES (5, 'low'), (-5, 'high');; SELECT * FROM fired_when ORDER BY a
CREATE TYPE when_mood AS ENUM ('low', 'high');
CREATE TABLE fired_when (a integer, m when_mood);
CREATE FUNCTION when_positive(integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 0';
CREATE FUNCTION when_raise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.a := NEW.a * 10; RETURN NEW; END $$;
CREATE TRIGGER only_when BEFORE INSERT ON fired_when FOR EACH ROW WHEN (NEW.m = 'low'::when_mood AND when_positive(NEW.a)) EXECUTE FUNCTION when_raise();
CREATE TRIGGER only_changed BEFORE UPDATE OF m ON fired_when FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION suppress_redundant_updates_trigger();
INSERT INTO fired_when VALUES (1, 'high');

-- kind: trigger of a constraint
-- refused: SET CONSTRAINTS ALL IMMEDIATE;; INSERT INTO fired_at_end VALUES (-1) RETURNING 1
CREATE TABLE fired_at_end_other (a integer);
CREATE TABLE fired_at_end (a integer);
CREATE FUNCTION refuse_negative() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.a < 0 THEN RAISE check_violation; END IF; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER at_the_end AFTER INSERT OR UPDATE OF a ON fired_at_end DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.a IS NOT NULL) EXECUTE FUNCTION refuse_negative();
CREATE CONSTRAINT TRIGGER "if asked" AFTER DELETE ON fired_at_end FROM fired_at_end_other NOT DEFERRABLE FOR EACH ROW EXECUTE FUNCTION refuse_negative('arg');
INSERT INTO fired_at_end VALUES (1);

-- kind: trigger with transition tables
-- ask: INSERT INTO fired_tables VALUES (3), (4); UPDATE fired_tables SET a = a + 1;; SELECT * FROM fired_sums ORDER BY 1, 2
CREATE TABLE fired_tables (a integer);
CREATE TABLE fired_sums (told text, total bigint);
CREATE FUNCTION sum_new() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO fired_sums SELECT tg_op, sum(a) FROM came; RETURN NULL; END';
CREATE FUNCTION sum_both() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO fired_sums SELECT tg_op, sum(a) FROM (TABLE came UNION ALL TABLE "went; away") AS of_both; RETURN NULL; END';
CREATE TRIGGER with_new AFTER INSERT ON fired_tables REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION sum_new();
CREATE TRIGGER with_both AFTER UPDATE ON fired_tables REFERENCING OLD TABLE AS "went; away" NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION sum_both();
INSERT INTO fired_tables VALUES (1), (2);

-- kind: trigger switched off, on a replica, always
-- ask: INSERT INTO fired_hardly VALUES (1) RETURNING *
CREATE TABLE fired_hardly (a integer);
CREATE FUNCTION raise_by_ten() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.a := NEW.a + 10; RETURN NEW; END';
CREATE TRIGGER switched_off BEFORE INSERT ON fired_hardly FOR EACH ROW EXECUTE FUNCTION raise_by_ten();
CREATE TRIGGER on_replica BEFORE INSERT ON fired_hardly FOR EACH ROW EXECUTE FUNCTION raise_by_ten();
CREATE TRIGGER ever BEFORE INSERT ON fired_hardly FOR EACH ROW EXECUTE FUNCTION raise_by_ten();
ALTER TABLE fired_hardly DISABLE TRIGGER switched_off, ENABLE REPLICA TRIGGER on_replica, ENABLE ALWAYS TRIGGER ever;
INSERT INTO fired_hardly VALUES (1);

-- kind: trigger of a partitioned table
-- ask: INSERT INTO fired_parts VALUES (1), (11), (21);; SELECT * FROM fired_parts ORDER BY a
CREATE TABLE fired_parts (a integer) PARTITION BY RANGE (a);
CREATE TABLE fired_parts_1 PARTITION OF fired_parts FOR VALUES FROM (0) TO (10);
CREATE TABLE fired_parts_2 PARTITION OF fired_parts FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (a);
CREATE TABLE fired_parts_2_1 PARTITION OF fired_parts_2 FOR VALUES FROM (10) TO (20);
CREATE FUNCTION raise_by_one() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.a := NEW.a + 1; RETURN NEW; END';
CREATE TRIGGER of_parts BEFORE INSERT ON fired_parts FOR EACH ROW EXECUTE FUNCTION raise_by_one();
CREATE TRIGGER of_parts_more BEFORE INSERT ON fired_parts FOR EACH ROW EXECUTE FUNCTION raise_by_one();
CREATE TRIGGER of_statement AFTER INSERT ON fired_parts FOR EACH STATEMENT EXECUTE FUNCTION raise_by_one();
ALTER TABLE fired_parts_1 DISABLE TRIGGER of_parts;
ALTER TABLE ONLY fired_parts DISABLE TRIGGER of_parts_more;
CREATE TABLE fired_parts_3 PARTITION OF fired_parts FOR VALUES FROM (20) TO (30);
COMMENT ON TRIGGER of_parts ON fired_parts IS 'of all parts';
INSERT INTO fired_parts VALUES (3), (13), (23);

-- kind: trigger that refuses every row
-- ask: SELECT * FROM closed
CREATE TABLE closed (a integer);
INSERT INTO closed VALUES (1), (2);
CREATE FUNCTION refuse_all() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'closed'; END $$;
CREATE TRIGGER refuse_all BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON closed FOR EACH STATEMENT EXECUTE FUNCTION refuse_all();

-- kind: rule
-- ask: INSERT INTO ruled_also VALUES (5); DELETE FROM ruled;; INSERT INTO ruled VALUES (9); UPDATE ruled SET a = 3 WHERE a = 1;; SELECT (SELECT array_agg(a) FROM ruled), (SELECT array_agg(told ORDER BY told) FROM ruled_log)
CREATE TABLE ruled (a integer);
CREATE TABLE ruled_also (a integer);
CREATE TABLE ruled_log (told text);
CREATE RULE "no; deletes" AS ON DELETE TO ruled DO INSTEAD NOTHING;
CREATE RULE only_new AS ON UPDATE TO ruled WHERE OLD.a <> NEW.a DO ALSO (INSERT INTO ruled_log VALUES ('was ' || OLD.a); INSERT INTO ruled_log VALUES ('is ' || NEW.a));
CREATE RULE noted AS ON INSERT TO ruled_also DO ALSO INSERT INTO ruled_log VALUES ('@schema@ ' || NEW.a);
CREATE RULE told AS ON UPDATE TO ruled_also DO ALSO NOTIFY ruled_also;
CREATE RULE elsewhere AS ON INSERT TO ruled DO INSTEAD INSERT INTO ruled_also SELECT NEW.a + 100 RETURNING a;
INSERT INTO ruled_also VALUES (2);

-- kind: rule on a table with rows
-- ask: SELECT * FROM ruled_rows
CREATE TABLE ruled_rows (a integer);
INSERT INTO ruled_rows VALUES (1), (2);
CREATE RULE deaf AS ON INSERT TO ruled_rows DO INSTEAD NOTHING;

-- kind: rule on a view
-- ask: INSERT INTO ruled_seen VALUES (7);; SELECT * FROM ruled_behind
CREATE TABLE ruled_behind (a integer);
CREATE VIEW ruled_seen AS SELECT a FROM ruled_behind;
CREATE RULE into_view AS ON INSERT TO ruled_seen DO INSTEAD INSERT INTO ruled_behind VALUES (NEW.a * 2) RETURNING ruled_behind.a;
CREATE RULE of_update AS ON UPDATE TO ruled_seen DO INSTEAD UPDATE ruled_behind SET a = NEW.a WHERE a = OLD.a;

-- kind: rule switched off, on a replica, always
-- ask: INSERT INTO ruled_hardly VALUES (1);; SELECT * FROM ruled_hardly
CREATE TABLE ruled_hardly (a integer);
CREATE RULE off AS ON INSERT TO ruled_hardly DO INSTEAD NOTHING;
CREATE RULE replica AS ON UPDATE TO ruled_hardly DO INSTEAD NOTHING;
CREATE RULE ever AS ON DELETE TO ruled_hardly DO INSTEAD NOTHING;
ALTER TABLE ruled_hardly DISABLE RULE off;
ALTER TABLE ruled_hardly ENABLE REPLICA RULE replica;
ALTER TABLE ruled_hardly ENABLE ALWAYS RULE ever;
COMMENT ON RULE off ON ruled_hardly IS 'switched off';

-- kind: trigger whose argument names its schema
-- ask: INSERT INTO tst (body) VALUES ('the cats') RETURNING v
CREATE TEXT SEARCH CONFIGURATION mine (COPY = pg_catalog.english);
CREATE TABLE tst (body text, v tsvector);
CREATE TRIGGER tsv BEFORE INSERT OR UPDATE ON tst FOR EACH ROW EXECUTE FUNCTION tsvector_update_trigger('v', '@own@.mine', 'body');
INSERT INTO tst (body) VALUES ('the dogs');
