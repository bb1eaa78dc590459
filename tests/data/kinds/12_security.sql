-- kind: row security enabled
CREATE TABLE guarded (a integer);
INSERT INTO guarded VALUES (1), (2);
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;

-- kind: row security forced
-- ask: SELECT * FROM guarded_by_force ORDER BY a
CREATE TABLE guarded_by_force (a integer);
INSERT INTO guarded_by_force VALUES (1), (2);
ALTER TABLE guarded_by_force ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY nobody ON guarded_by_force USING (false);

-- kind: row security forced, not enabled
CREATE TABLE guarded_hardly (a integer);
ALTER TABLE guarded_hardly FORCE ROW LEVEL SECURITY;
CREATE POLICY idle ON guarded_hardly USING (a > 0);

-- kind: policies
CREATE TABLE policed (a integer, owner text DEFAULT CURRENT_USER);
INSERT INTO policed VALUES (1, 'x');
ALTER TABLE policed ENABLE ROW LEVEL SECURITY;
CREATE POLICY "all; of them" ON policed USING (a > 0) WITH CHECK (a > 1);
CREATE POLICY of_select ON policed FOR SELECT TO @role@, @other@ USING (owner = CURRENT_USER);
CREATE POLICY of_insert ON policed FOR INSERT TO twinbase_dml WITH CHECK (a BETWEEN 1 AND 9);
CREATE POLICY of_update ON policed AS RESTRICTIVE FOR UPDATE TO PUBLIC USING (true) WITH CHECK (owner <> '@schema@');
CREATE POLICY of_delete ON policed AS RESTRICTIVE FOR DELETE TO @role@ USING (false);
CREATE POLICY of_setting ON policed FOR SELECT USING (owner = current_setting('twinbase.uid', true));

-- kind: policies that ask other tables
CREATE TABLE police_members (who text, a integer);
CREATE TYPE police_mood AS ENUM ('low', 'high');
CREATE TABLE policed_by_others (a integer, m police_mood);
INSERT INTO policed_by_others VALUES (1, 'low');
CREATE FUNCTION police_allowed(integer) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT $1 > 0';
ALTER TABLE policed_by_others ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_subquery ON policed_by_others USING (a IN (SELECT m.a FROM police_members AS m WHERE m.who = CURRENT_USER));
CREATE POLICY by_function ON policed_by_others FOR UPDATE USING (police_allowed(a)) WITH CHECK (m > 'low'::police_mood);
CREATE POLICY by_itself ON policed_by_others FOR DELETE USING (EXISTS (SELECT FROM policed_by_others AS o WHERE o.a > policed_by_others.a));

-- kind: row security of partitions
CREATE TABLE guarded_parts (a integer) PARTITION BY LIST (a);
CREATE TABLE guarded_part PARTITION OF guarded_parts FOR VALUES IN (1);
ALTER TABLE guarded_parts ENABLE ROW LEVEL SECURITY;
ALTER TABLE guarded_part ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY of_parent ON guarded_parts USING (a > 0);
CREATE POLICY of_part ON guarded_part FOR SELECT USING (a > 0);
INSERT INTO guarded_parts VALUES (1);

-- kind: statistics
CREATE TABLE told (a integer, b integer, c text);
INSERT INTO told SELECT n, n % 3, 'x' FROM generate_series(1, 30) AS n;
CREATE STATISTICS told_all ON a, b, c FROM told;
CREATE STATISTICS told_ndistinct (ndistinct) ON a, b FROM told;
CREATE STATISTICS told_dependencies (dependencies) ON b, c FROM told;
CREATE STATISTICS "told; mcv" (mcv, ndistinct) ON a, c FROM told;
CREATE STATISTICS told_expression ON (a % 7), (lower(c)), b FROM told;
CREATE STATISTICS told_one_expression ON (a + b) FROM told;
ALTER STATISTICS told_dependencies SET STATISTICS 66;
ALTER STATISTICS told_all SET STATISTICS 0;
COMMENT ON STATISTICS told_all IS 'of all';

-- kind: statistics by a function, of other relations
CREATE FUNCTION told_folded(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
CREATE TABLE told_parts (a integer, b text) PARTITION BY LIST (a);
CREATE TABLE told_part PARTITION OF told_parts FOR VALUES IN (1);
CREATE MATERIALIZED VIEW told_kept AS SELECT a, b FROM told_parts;
CREATE STATISTICS told_of_parent ON (told_folded(b)), a FROM told_parts;
CREATE STATISTICS told_of_part (mcv) ON a, b FROM told_part;
CREATE STATISTICS told_of_kept ON a, b FROM told_kept;

-- kind: comments on relations
CREATE TABLE spoken (a integer, "b b" text);
COMMENT ON TABLE spoken IS E'of "spoken"; it''s\n\\ in @schema@ and @schema@.spoken 中文';
COMMENT ON COLUMN spoken."b b" IS 'a column; of @schema@';
CREATE VIEW spoken_seen AS SELECT a FROM spoken;
COMMENT ON VIEW spoken_seen IS 'a view';
COMMENT ON COLUMN spoken_seen.a IS 'of a view';
CREATE MATERIALIZED VIEW spoken_kept AS SELECT a FROM spoken;
COMMENT ON MATERIALIZED VIEW spoken_kept IS 'kept';
COMMENT ON COLUMN spoken_kept.a IS 'of it';
CREATE SEQUENCE spoken_sequence;
COMMENT ON SEQUENCE spoken_sequence IS 'a sequence';
CREATE INDEX spoken_index ON spoken (a);
COMMENT ON INDEX spoken_index IS 'an index';
CREATE INDEX spoken_columns ON spoken (lower("b b"));
CREATE TABLE spoken_parts (a integer) PARTITION BY LIST (a);
COMMENT ON TABLE spoken_parts IS 'parts';

-- kind: comments on constraints
CREATE TABLE spoken_keys (
    a integer CONSTRAINT spoken_pkey PRIMARY KEY, b integer CONSTRAINT spoken_unique UNIQUE, c integer CONSTRAINT spoken_check CHECK (c > 0),
    d integer CONSTRAINT spoken_foreign REFERENCES spoken_keys, CONSTRAINT spoken_exclusion EXCLUDE (b WITH =)
);
COMMENT ON CONSTRAINT spoken_pkey ON spoken_keys IS 'primary';
COMMENT ON CONSTRAINT spoken_unique ON spoken_keys IS 'unique';
COMMENT ON INDEX spoken_unique IS 'its index';
COMMENT ON CONSTRAINT spoken_check ON spoken_keys IS 'check';
COMMENT ON CONSTRAINT spoken_foreign ON spoken_keys IS 'foreign';
COMMENT ON CONSTRAINT spoken_exclusion ON spoken_keys IS 'exclusion';

-- kind: comments on types
CREATE TYPE spoken_mood AS ENUM ('low');
CREATE TYPE spoken_pair AS (a integer, "b b" text);
CREATE TYPE spoken_range AS RANGE (SUBTYPE = integer);
CREATE DOMAIN spoken_domain AS integer CONSTRAINT spoken_domain_check CHECK (VALUE > 0);
CREATE COLLATION spoken_collation (LOCALE = 'C');
COMMENT ON TYPE spoken_mood IS 'enum';
COMMENT ON TYPE spoken_pair IS 'composite';
COMMENT ON COLUMN spoken_pair."b b" IS 'attribute';
COMMENT ON TYPE spoken_range IS 'range';
COMMENT ON DOMAIN spoken_domain IS 'domain';
COMMENT ON CONSTRAINT spoken_domain_check ON DOMAIN spoken_domain IS 'check of a domain';
COMMENT ON COLLATION spoken_collation IS 'collation';

-- kind: comments on routines
CREATE FUNCTION spoken_function(integer, OUT a text) LANGUAGE sql AS 'SELECT $1::text';
CREATE PROCEDURE spoken_procedure(INOUT a integer) LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE spoken_aggregate(integer) (SFUNC = int4pl, STYPE = integer);
CREATE OPERATOR <#> (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4pl);
CREATE OPERATOR <##> (RIGHTARG = integer, FUNCTION = int4um);
COMMENT ON FUNCTION spoken_function(integer) IS 'function';
COMMENT ON PROCEDURE spoken_procedure(integer) IS 'procedure';
COMMENT ON AGGREGATE spoken_aggregate(integer) IS 'aggregate';
COMMENT ON OPERATOR <#> (integer, integer) IS 'operator';
COMMENT ON OPERATOR <##> (NONE, integer) IS 'prefix operator';

-- kind: comments on operator classes and parsers
-- superuser
-- refusable
CREATE OPERATOR FAMILY spoken_family USING btree;
CREATE OPERATOR CLASS spoken_class FOR TYPE integer USING btree FAMILY spoken_family AS OPERATOR 1 <, OPERATOR 3 =, OPERATOR 5 >, FUNCTION 1 btint4cmp(integer, integer);
CREATE TEXT SEARCH PARSER spoken_parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
CREATE TEXT SEARCH TEMPLATE spoken_template (LEXIZE = dsimple_lexize, INIT = dsimple_init);
COMMENT ON OPERATOR FAMILY spoken_family USING btree IS 'family';
COMMENT ON OPERATOR CLASS spoken_class USING btree IS 'class';
COMMENT ON TEXT SEARCH PARSER spoken_parser IS 'parser';
COMMENT ON TEXT SEARCH TEMPLATE spoken_template IS 'template';

-- kind: comments on triggers, rules, policies, statistics
CREATE TABLE spoken_events (a integer, b integer);
CREATE TRIGGER spoken_trigger BEFORE UPDATE ON spoken_events FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE RULE spoken_rule AS ON DELETE TO spoken_events DO ALSO NOTHING;
CREATE POLICY spoken_policy ON spoken_events USING (true);
CREATE STATISTICS spoken_statistics ON a, b FROM spoken_events;
COMMENT ON TRIGGER spoken_trigger ON spoken_events IS 'trigger';
COMMENT ON RULE spoken_rule ON spoken_events IS 'rule';
COMMENT ON POLICY spoken_policy ON spoken_events IS 'policy';
COMMENT ON STATISTICS spoken_statistics IS 'statistics';

-- kind: comments on text search and conversions
CREATE TEXT SEARCH DICTIONARY spoken_dictionary (TEMPLATE = simple);
CREATE TEXT SEARCH CONFIGURATION spoken_configuration (COPY = simple);
CREATE CONVERSION spoken_conversion FOR 'UTF8' TO 'LATIN2' FROM utf8_to_iso8859;
COMMENT ON TEXT SEARCH DICTIONARY spoken_dictionary IS 'dictionary';
COMMENT ON TEXT SEARCH CONFIGURATION spoken_configuration IS 'configuration';
COMMENT ON CONVERSION spoken_conversion IS 'conversion';

-- kind: comment on the schema
COMMENT ON SCHEMA @own@ IS 'it''s the schema @schema@';

-- kind: grants on tables
CREATE TABLE granted (a integer, b text);
GRANT SELECT ON granted TO PUBLIC;
GRANT INSERT, UPDATE ON granted TO @role@ WITH GRANT OPTION;
GRANT ALL ON granted TO @other@;
GRANT TRUNCATE, REFERENCES, TRIGGER ON granted TO twinbase_dml;
CREATE TABLE granted_twice (a integer);
GRANT SELECT ON granted_twice TO @role@ WITH GRANT OPTION;
GRANT SELECT ON granted_twice TO @other@;
REVOKE GRANT OPTION FOR SELECT ON granted_twice FROM @role@;

-- kind: grant of maintenance
-- least: 17
CREATE TABLE granted_maintenance (a integer);
GRANT MAINTAIN ON granted_maintenance TO @role@;
CREATE TABLE granted_to_all_but_maintenance (a integer);
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON granted_to_all_but_maintenance TO @role@;

-- kind: grants on columns
CREATE TABLE granted_columns (a integer, "b b" text, c text);
GRANT SELECT (a, "b b"), UPDATE (c) ON granted_columns TO @role@;
GRANT SELECT (c) ON granted_columns TO @other@ WITH GRANT OPTION;
GRANT REFERENCES (a) ON granted_columns TO PUBLIC;
GRANT SELECT ON granted_columns TO twinbase_reader;
CREATE VIEW granted_columns_seen AS SELECT a FROM granted_columns;
GRANT SELECT (a) ON granted_columns_seen TO @role@;

-- kind: rights taken from the owner
CREATE TABLE taken_some (a integer);
INSERT INTO taken_some VALUES (1);
REVOKE INSERT, DELETE, TRIGGER, REFERENCES ON taken_some FROM twinbase_owner;
GRANT SELECT ON taken_some TO @role@;
CREATE SEQUENCE taken_sequence;
REVOKE UPDATE ON taken_sequence FROM twinbase_owner;

-- kind: right to read taken from the owner
-- refusable
-- ask: SELECT * FROM taken_all
CREATE TABLE taken_all (a integer);
INSERT INTO taken_all VALUES (1);
REVOKE ALL ON taken_all FROM twinbase_owner;

-- kind: grants on sequences
CREATE SEQUENCE granted_sequence;
GRANT USAGE ON granted_sequence TO @role@;
GRANT SELECT, UPDATE ON granted_sequence TO @other@ WITH GRANT OPTION;
CREATE TABLE granted_serial (a serial);
GRANT USAGE ON SEQUENCE granted_serial_a_seq TO PUBLIC;

-- kind: grants on views
CREATE VIEW granted_seen AS SELECT 1 AS a;
CREATE MATERIALIZED VIEW granted_kept AS SELECT 1 AS a;
GRANT SELECT, INSERT ON granted_seen TO @role@;
GRANT SELECT ON granted_kept TO PUBLIC;

-- kind: grants on routines
CREATE FUNCTION granted_function(integer DEFAULT 1) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION granted_function(text) RETURNS integer LANGUAGE sql AS 'SELECT 2';
CREATE PROCEDURE granted_procedure() LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE granted_aggregate(integer) (SFUNC = int4pl, STYPE = integer);
REVOKE ALL ON FUNCTION granted_function(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION granted_function(integer) TO @role@ WITH GRANT OPTION;
GRANT EXECUTE ON FUNCTION granted_function(text) TO @other@;
REVOKE ALL ON PROCEDURE granted_procedure() FROM PUBLIC, twinbase_owner;
REVOKE EXECUTE ON FUNCTION granted_aggregate(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION granted_aggregate(integer) TO @role@;

-- kind: grants on types
CREATE TYPE granted_mood AS ENUM ('low');
CREATE DOMAIN granted_domain AS integer;
CREATE TYPE granted_range AS RANGE (SUBTYPE = integer);
CREATE TYPE granted_pair AS (a integer);
REVOKE USAGE ON TYPE granted_mood FROM PUBLIC;
GRANT USAGE ON TYPE granted_mood TO @role@ WITH GRANT OPTION;
REVOKE ALL ON DOMAIN granted_domain FROM PUBLIC;
GRANT USAGE ON TYPE granted_range TO @other@;
REVOKE USAGE ON TYPE granted_pair FROM PUBLIC, twinbase_owner;

-- kind: grants on the schema
GRANT USAGE ON SCHEMA @own@ TO @role@;
GRANT CREATE ON SCHEMA @own@ TO @other@ WITH GRANT OPTION;
