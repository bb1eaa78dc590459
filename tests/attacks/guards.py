"""exec_ddl: against what guards the caller's own tables, and commands that are nobody's."""

from tests.attacks.attack import Attacks, Effect, denied, fails, gate_only, own, refused

_COMMANDS = (
    "DROP OWNED BY twinbase_ddl",
    "DROP OWNED BY twinbase_dml",
    "DROP OWNED BY CURRENT_USER CASCADE",
    "REASSIGN OWNED BY twinbase_owner TO twinbase_ddl",
    "REASSIGN OWNED BY twinbase_ddl TO twinbase_dml",
    "DROP SCHEMA @own@ CASCADE",
    "DROP SCHEMA @foreign@ CASCADE",
    "DROP SCHEMA @foreign@, @own@ CASCADE",
    "DROP SCHEMA twinbase CASCADE",
    "DROP SCHEMA twinbase_guard CASCADE",
    "DROP SCHEMA twinbase_functions CASCADE",
    "CREATE SCHEMA stolen",
    "CREATE SCHEMA AUTHORIZATION twinbase_ddl",
    "ALTER SCHEMA @own@ RENAME TO stolen",
    "ALTER SCHEMA @foreign@ RENAME TO stolen",
    "ALTER SCHEMA @own@ OWNER TO twinbase_ddl",
    "GRANT ALL ON items TO PUBLIC",
    "GRANT SELECT (name) ON items TO twinbase_dml",
    "GRANT TRUNCATE ON items TO twinbase_dml WITH GRANT OPTION",
    "GRANT ALL ON ALL TABLES IN SCHEMA @own@ TO PUBLIC",
    "GRANT USAGE ON TYPE mood TO PUBLIC",
    "REVOKE ALL ON items FROM twinbase_dml",
    "GRANT USAGE ON SCHEMA @own@ TO PUBLIC",
    "GRANT USAGE ON SCHEMA @foreign@ TO twinbase_ddl",
    "GRANT CREATE ON SCHEMA @own@ TO twinbase_dml",
    "GRANT USAGE ON SCHEMA @own@ TO twinbase_ddl WITH GRANT OPTION",
    "GRANT twinbase_ddl TO twinbase_dml",
    "GRANT twinbase_owner TO twinbase_ddl",
    "GRANT pg_write_all_data TO twinbase_ddl",
    "GRANT pg_execute_server_program TO CURRENT_USER",
    "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA @own@ GRANT SELECT ON TABLES TO PUBLIC",
    "ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM twinbase_ddl",
    "CREATE FUNCTION stolen() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION stolen() RETURNS integer LANGUAGE plpgsql AS 'BEGIN END'",
    "CREATE FUNCTION stolen() RETURNS integer LANGUAGE internal AS 'pg_backend_pid'",
    "CREATE FUNCTION stolen() RETURNS integer LANGUAGE c AS 'libc', 'system'",
    "CREATE FUNCTION stolen() RETURNS integer RETURN 1",
    (
        "CREATE OR REPLACE FUNCTION stolen() RETURNS SETOF items LANGUAGE sql SECURITY DEFINER"
        " BEGIN ATOMIC SELECT * FROM items; END"
    ),
    "CREATE PROCEDURE stolen() LANGUAGE sql AS 'SELECT 1'",
    "CREATE AGGREGATE stolen (integer) (SFUNC = int4pl, STYPE = integer)",
    "ALTER FUNCTION twinbase.stamp_row() RENAME TO stolen",
    "DROP FUNCTION twinbase.stamp_row() CASCADE",
    "DROP ROUTINE twinbase.next_id()",
    "DO $$BEGIN END$$",
    (
        "CREATE TRIGGER stolen BEFORE INSERT ON items"
        " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    ),
    (
        "CREATE TRIGGER stolen BEFORE INSERT ON items FOR EACH ROW"
        " EXECUTE FUNCTION twinbase.stamp_row()"
    ),
    (
        "CREATE CONSTRAINT TRIGGER stolen AFTER INSERT ON items FOR EACH ROW"
        " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    ),
    "DROP TRIGGER twinbase_stamp ON items",
    "ALTER TRIGGER twinbase_stamp ON items RENAME TO stolen",
    "CREATE RULE stolen AS ON INSERT TO items DO INSTEAD NOTHING",
    'CREATE RULE "_RETURN" AS ON SELECT TO lines DO INSTEAD SELECT * FROM lines',
    "CREATE POLICY stolen ON items USING (true)",
    "CREATE POLICY twinbase_rows ON items AS PERMISSIVE FOR SELECT TO PUBLIC USING (true)",
    "ALTER POLICY twinbase_rows ON items USING (true)",
    "ALTER POLICY twinbase_rows ON items TO PUBLIC",
    "ALTER POLICY twinbase_rows ON items RENAME TO stolen",
    "ALTER POLICY twinbase_all_rows ON items TO twinbase_dml",
    "DROP POLICY twinbase_rows ON items",
    "DROP POLICY IF EXISTS twinbase_rows ON @foreign@.items",
    "CREATE MATERIALIZED VIEW stolen AS SELECT * FROM items",
    "CREATE CAST (text AS integer) WITH INOUT AS IMPLICIT",
    "CREATE OPERATOR = (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
    "CREATE OPERATOR CLASS stolen FOR TYPE text USING btree AS OPERATOR 1 <",
    "CREATE OPERATOR FAMILY stolen USING btree",
    'CREATE COLLATION stolen FROM "C"',
    "CREATE CONVERSION stolen FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8",
    "CREATE TRANSFORM FOR integer LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal))",
    "CREATE ACCESS METHOD stolen TYPE TABLE HANDLER heap_tableam_handler",
    "CREATE TEXT SEARCH CONFIGURATION stolen (COPY = simple)",
    "CREATE TEXT SEARCH DICTIONARY stolen (TEMPLATE = simple, STOPWORDS = '../../../etc/passwd')",
    "CREATE TEXT SEARCH TEMPLATE stolen (LEXIZE = dsimple_lexize)",
    "CREATE LANGUAGE stolen HANDLER plpgsql_call_handler",
    "CREATE EVENT TRIGGER stolen ON sql_drop EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "ALTER EVENT TRIGGER twinbase_commands DISABLE",
    "DROP EVENT TRIGGER twinbase_commands",
    "DROP FUNCTION twinbase_guard.refuse_commands_of_tenants() CASCADE",
    (
        "CREATE OR REPLACE FUNCTION twinbase.stamp_row() RETURNS trigger LANGUAGE"
        " plpgsql AS 'BEGIN END'"
    ),
    "CREATE EXTENSION plpgsql",
    "CREATE EXTENSION dblink",
    "ALTER EXTENSION plpgsql ADD TABLE items",
    "DROP EXTENSION plpgsql CASCADE",
    "CREATE PUBLICATION stolen FOR TABLE items",
    "CREATE PUBLICATION stolen FOR ALL TABLES",
    "CREATE SUBSCRIPTION stolen CONNECTION '' PUBLICATION stolen WITH (connect = false)",
    "CREATE FOREIGN DATA WRAPPER stolen",
    "CREATE SERVER stolen FOREIGN DATA WRAPPER stolen",
    "CREATE FOREIGN TABLE stolen (a integer) SERVER stolen",
    "IMPORT FOREIGN SCHEMA public FROM SERVER stolen INTO @own@",
    "CREATE USER MAPPING FOR CURRENT_USER SERVER stolen",
    "CREATE ROLE stolen",
    "CREATE USER stolen SUPERUSER",
    "DROP ROLE twinbase_dml",
    "ALTER ROLE twinbase_service SUPERUSER",
    "ALTER ROLE twinbase_ddl BYPASSRLS",
    "ALTER ROLE ALL SET row_security TO off",
    "ALTER GROUP twinbase_owner ADD USER twinbase_ddl",
    "ALTER DATABASE @database@ OWNER TO twinbase_ddl",
    "ALTER DATABASE @database@ SET search_path TO @foreign@",
    "ALTER DATABASE @database@ CONNECTION LIMIT 0",
    "ALTER TABLESPACE pg_default RENAME TO stolen",
    "SECURITY LABEL ON TABLE items IS 'stolen'",
    "ALTER LARGE OBJECT 1 OWNER TO twinbase_ddl",
    "COMMENT ON ROLE twinbase_dml IS 'stolen'",
    "SET LOCAL session_replication_role TO replica",
    "SELECT set_config('role', 'none', true)",
    "SELECT query_to_xml('SELECT 1', true, true, '')",
    "SELECT lo_create(0)",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_sleep(1)",
    "ALTER TABLE items OWNER TO twinbase_dml",
    "ALTER TABLE items OWNER TO twinbase_owner",
    "ALTER TABLE items OWNER TO twinbase_service",
    "ALTER TABLE parts DISABLE TRIGGER ALL",  # the foreign key's own among them
)

# PostgreSQL asks for a right only where there is no transaction.
_NOT_IN_A_TRANSACTION = (
    "CREATE DATABASE stolen",
    "DROP DATABASE postgres",
    "DROP DATABASE @database@ WITH (FORCE)",
    "CREATE TABLESPACE stolen LOCATION '/tmp'",
    "ALTER SYSTEM SET row_security TO off",
    "ALTER DATABASE @database@ SET TABLESPACE pg_default",
    "VACUUM FULL @foreign@.items",
)

COMMANDS: Attacks = {command: denied(command) for command in _COMMANDS} | {
    command: fails(command) for command in _NOT_IN_A_TRANSACTION
}

# What each leaves behind must be as every tenant's tables are.
GUARDS: Attacks = {
    "row security off": own("ALTER TABLE items DISABLE ROW LEVEL SECURITY"),
    "row security forced": own("ALTER TABLE items FORCE ROW LEVEL SECURITY"),
    "trigger off": own("ALTER TABLE items DISABLE TRIGGER twinbase_stamp"),
    "user's triggers off": own("ALTER TABLE items DISABLE TRIGGER USER"),
    "trigger on replicas only": own("ALTER TABLE items ENABLE REPLICA TRIGGER twinbase_stamp"),
    "trigger always": own("ALTER TABLE items ENABLE ALWAYS TRIGGER twinbase_stamp"),
    "uid dropped": fails("ALTER TABLE items DROP COLUMN uid CASCADE"),
    "uid dropped from an empty table": own(
        "DELETE FROM parts; ALTER TABLE parts DROP COLUMN uid CASCADE"
    ),
    "uid renamed": fails("ALTER TABLE lines RENAME COLUMN uid TO mine"),
    "uid renamed in an empty table": own(
        "DELETE FROM parts; ALTER TABLE parts RENAME COLUMN uid TO mine;"
        "ALTER TABLE parts ALTER COLUMN mine DROP NOT NULL"
    ),
    "uid replaced": fails("ALTER TABLE items RENAME uid TO mine; ALTER TABLE items ADD uid text"),
    "uid retyped": fails("ALTER TABLE items ALTER COLUMN uid TYPE varchar(9)"),
    "uid without NOT NULL": own("ALTER TABLE items ALTER COLUMN uid DROP NOT NULL"),
    "uid with a default": own("ALTER TABLE items ALTER COLUMN uid SET DEFAULT 'alice'"),
    "uid generated": fails(
        "CREATE TABLE stolen_1 (a text, uid text GENERATED ALWAYS AS (a) STORED)"
    ),
    "uid of another type": refused("CREATE TABLE stolen_2 (uid integer)"),
    "uid of its own domain": refused("CREATE DOMAIN d AS text; CREATE TABLE stolen_3 (uid d)"),
    "uid with a check": own("CREATE TABLE stolen_4 (uid varchar CHECK (uid = 'app01:alice'))"),
    "uid in capitals": own('CREATE TABLE stolen_5 ("UID" text, "Id" text)'),
    "id dropped": fails("ALTER TABLE lines DROP COLUMN id"),
    "id renamed": fails("ALTER TABLE lines RENAME COLUMN id TO mine"),
    "id retyped": refused("ALTER TABLE lines ALTER COLUMN id TYPE text"),
    "id narrowed": fails("ALTER TABLE lines ALTER COLUMN id TYPE smallint USING 1"),
    "id as identity": own("ALTER TABLE lines ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY"),
    "id generated": fails(
        "CREATE TABLE stolen_6 (a bigint, id bigint GENERATED ALWAYS AS (a) STORED)"
    ),
    "key dropped": own("ALTER TABLE lines DROP CONSTRAINT lines_pkey"),
    "index of uid dropped": own("DROP INDEX lines_uid_idx"),
    "partial index of id": own(
        "ALTER TABLE parts DROP CONSTRAINT parts_pkey; CREATE UNIQUE INDEX ON parts (id) WHERE false"
    ),
    "partitioned table": refused("CREATE TABLE stolen_7 (a integer) PARTITION BY LIST (a)"),
    "inheritance": gate_only(Effect.OWN_DATABASE, "CREATE TABLE heir () INHERITS (items)"),
    "unlogged table": gate_only(Effect.OWN_DATABASE, "ALTER TABLE lines SET UNLOGGED"),
    "constraint that cannot be evaluated": gate_only(
        Effect.OWN_DATABASE,
        "ALTER TABLE items ADD CHECK (set_config('a', 'b', true) IS NULL) NOT VALID",
    ),
    "loose sequence": own("CREATE SEQUENCE loose"),
    "default from a sequence": own(
        "CREATE SEQUENCE drawn; CREATE TABLE drawing (i integer DEFAULT nextval('drawn'))"
    ),
    "view": own("CREATE VIEW stolen_8 AS SELECT * FROM items"),
    "view that runs as its owner": own(
        "CREATE VIEW stolen_9 WITH (security_invoker = false) AS SELECT * FROM items"
    ),
    "view that runs as its caller, and no more": own(
        "CREATE VIEW stolen_10 WITH (security_invoker) AS SELECT * FROM items;"
        "ALTER VIEW stolen_10 RESET (security_invoker)"
    ),
    "view changed as a table": own(
        "CREATE VIEW stolen_11 AS SELECT * FROM items; ALTER TABLE stolen_11 SET (security_invoker = false)"
    ),
    "view replaced": own("CREATE OR REPLACE VIEW names AS SELECT name FROM items"),
    "view on a view": own(
        "CREATE VIEW stolen_12 AS TABLE names; CREATE VIEW stolen_13 AS SELECT * FROM stolen_12"
    ),
    "view of a table's name": fails("CREATE VIEW items AS SELECT 1 AS a"),
    "view instead of a table": own(
        "ALTER TABLE lines RENAME TO lines_before; CREATE VIEW lines AS SELECT * FROM lines_before"
    ),
    "type of the catalog's name": own("CREATE TYPE text AS ENUM ('a')"),
    "type of values": own("CREATE TYPE stolen_14 AS ENUM ('a')"),
    "type of columns": refused("CREATE TYPE stolen_15 AS (a integer)"),
    "type of a range": refused("CREATE TYPE stolen_16 AS RANGE (SUBTYPE = integer)"),
    "shell type": denied("CREATE TYPE stolen_17"),
    "domain": own("CREATE DOMAIN stolen_18 AS integer CHECK (VALUE > 0)"),
    "table that is called as the service's": own("CREATE TABLE database_meta (a integer)"),
    "replica identity": own("ALTER TABLE items REPLICA IDENTITY FULL"),
    "storage option of catalogs": own(
        "CREATE TABLE stolen_19 (a integer) WITH (user_catalog_table)"
    ),
}

# Names that would be SQL, were they pasted into a statement.
NAMES: Attacks = {
    "quotation mark": own('CREATE TABLE "a""; DROP SCHEMA twinbase CASCADE; --" (i integer)'),
    "apostrophe": own('CREATE TABLE "a\'; DROP SCHEMA twinbase CASCADE; --" (i integer)'),
    "dollars": own('CREATE TABLE "$$; DROP SCHEMA twinbase; $$" ("$1" integer)'),
    "percent": own('CREATE TABLE "%I %s %% {table}" ("{schema}" integer, "%(a)s" integer)'),
    "backslash": own('CREATE TABLE "a\\" ("\\" integer)'),
    "colon": own('CREATE TABLE ":a" (":b" integer, "::c" integer)'),
    "qualified": own('CREATE TABLE "@foreign@.items" ("@foreign@.items.name" text)'),
    "of a schema": own('CREATE TABLE "@foreign@" (i integer)'),
    "of a role": own('CREATE TABLE "twinbase_dml" ("twinbase_owner" integer)'),
    "of a key word": own('CREATE TABLE "select" ("from" integer, "user" text, "default" text)'),
    "of 63 bytes": own(f'CREATE TABLE "{"a" * 63}" ("{"b" * 63}" serial UNIQUE)'),
    "of another script": own('CREATE TABLE "таблица" ("名" text, "\U0001f511" integer)'),
    "serial's": own('CREATE TABLE "a""b" ("c""; DROP TABLE items; --" serial)'),
    "sequence's": own('CREATE SEQUENCE "a""; DROP SCHEMA twinbase CASCADE; --"'),
    "serial id's": own('CREATE TABLE "x\'y" (id serial PRIMARY KEY, "z""" integer)'),
    "reference's": own(
        'CREATE TABLE "r""1" (id integer PRIMARY KEY); CREATE TABLE "r\'2" ("i""d" integer'
        ' REFERENCES "r""1"(id))'
    ),
    "constraint's": own('CREATE TABLE stolen_20 (a integer CONSTRAINT "c""; DROP" CHECK (a > 0))'),
    "comment's": own("COMMENT ON TABLE items IS '''; DROP SCHEMA twinbase CASCADE; --'"),
    "type's": own("CREATE TYPE \"t\"\"; DROP\" AS ENUM ('a''; DROP', 'b\"')"),
    "view's": own('CREATE VIEW "v""; DROP" AS SELECT name AS "n""; DROP" FROM items'),
    "system's": gate_only(Effect.OWN_DATABASE, "CREATE TABLE pg_class (a integer)"),
    "managed column's twin": own('CREATE TABLE stolen_21 ("id " integer, " uid" text)'),
    "time stamps'": own("CREATE TABLE stolen_22 (create_time timestamp, update_time timestamptz)"),
    "time stamps' twins": own("CREATE TABLE stolen_23 (create_time text, update_time date)"),
}
