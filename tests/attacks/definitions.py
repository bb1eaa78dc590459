"""exec_ddl: ways to name what is another's in a definition."""

from tests.attacks.attack import Attacks, Effect, denied, fails, gate_only, own

CREATED: Attacks = {
    "table there": denied("CREATE TABLE @foreign@.stolen (a integer)"),
    "table in the pair": denied("CREATE TABLE @pair@.stolen (a integer)"),
    "table there, in disguise": denied(
        'CREATE/**/TABLE IF NOT EXISTS U&"\\0070rod_@victim@" . "stolen" (a integer)'
    ),
    "table in twinbase": denied("CREATE TABLE twinbase.stolen (a integer)"),
    "table in public": denied("CREATE TABLE public.stolen (a integer)"),
    "table in pg_catalog": denied("CREATE TABLE pg_catalog.stolen (a integer)"),
    "table in information_schema": denied("CREATE TABLE information_schema.stolen (a integer)"),
    "table in pg_temp": denied("CREATE TABLE pg_temp.stolen (a integer)"),
    "temporary table": denied("CREATE TEMPORARY TABLE stolen (a integer)"),
    "global temporary table": denied("CREATE GLOBAL TEMP TABLE stolen (a integer)"),
    "table of a query": denied("CREATE TABLE stolen AS SELECT * FROM @foreign@.items"),
    "table of the pair": denied("CREATE TABLE stolen AS TABLE @pair@.items"),
    "table of a sub-select": denied(
        "CREATE TABLE stolen AS SELECT (SELECT max(name) FROM @foreign@.items)"
    ),
    "table of a CTE": denied(
        "CREATE TABLE stolen AS WITH items AS (TABLE @foreign@.items) SELECT * FROM items"
    ),
    "table of VALUES": denied("CREATE TABLE stolen AS VALUES ((SELECT 1 FROM @foreign@.items))"),
    "table of a query without data": denied(
        "CREATE TABLE stolen AS SELECT * FROM @foreign@.items WITH NO DATA"
    ),
    "table of a query, in quotes": denied('CREATE TABLE stolen AS TABLE "@foreign@"."items"'),
    "table of metadata": denied("CREATE TABLE stolen AS SELECT * FROM twinbase.database_meta"),
    "table of a catalog": gate_only(
        Effect.NAMES, "CREATE TABLE stolen AS SELECT relname FROM pg_class"
    ),
    "table of passwords": denied("CREATE TABLE stolen AS SELECT rolpassword FROM pg_authid"),
    "table of statistics": denied("CREATE TABLE stolen AS SELECT stanullfrac FROM pg_statistic"),
    "table of what EXECUTE gives": fails("CREATE TABLE stolen AS EXECUTE p"),
    "table of a function": denied(
        "CREATE TABLE stolen AS SELECT query_to_xml('SELECT 1', true, true, '')"
    ),
    "table of a change": gate_only(
        Effect.OWN_DATABASE,
        "CREATE TABLE stolen AS WITH d AS (DELETE FROM items RETURNING *) TABLE d",
    ),
    "table like another": denied("CREATE TABLE stolen (LIKE @foreign@.items INCLUDING ALL)"),
    "table like a catalog": gate_only(Effect.SERVER, "CREATE TABLE stolen (LIKE pg_tables)"),
    "table that inherits": denied("CREATE TABLE stolen () INHERITS (@foreign@.items)"),
    "table that is a partition": denied("CREATE TABLE stolen PARTITION OF @foreign@.items DEFAULT"),
    "table of a type": denied("CREATE TABLE stolen OF @foreign@.items"),
    "column of a row type": denied("CREATE TABLE stolen (a @foreign@.items)"),
    "column of an array of rows": denied("CREATE TABLE stolen (a @foreign@.items[])"),
    "column of a type": denied("CREATE TABLE stolen (a @foreign@.mood)"),
    "column of a domain": denied("CREATE TABLE stolen (a @foreign@.reach)"),
    "column with a collation": denied('CREATE TABLE stolen (a text COLLATE @foreign@."C")'),
    "references": denied("CREATE TABLE stolen (a bigint REFERENCES @foreign@.items(id))"),
    "references of a table": denied(
        "CREATE TABLE stolen (a bigint, FOREIGN KEY (a) REFERENCES @foreign@.items ON DELETE CASCADE)"
    ),
    "references of the pair": denied("CREATE TABLE stolen (a bigint REFERENCES @pair@.items(id))"),
    "default of a query": fails("CREATE TABLE stolen (a text DEFAULT (SELECT 'a'))"),
    "default of another's sequence": denied(
        "CREATE TABLE stolen (a bigint DEFAULT nextval('@foreign@.lines_number_seq'))"
    ),
    "default of another's sequence, by number": denied(
        "CREATE TABLE stolen (a bigint DEFAULT nextval('@sequence_oid@'), b integer);"
        "INSERT INTO stolen (b) VALUES (1)"
    ),
    "default of the service's sequence": denied(
        "CREATE TABLE stolen (a bigint DEFAULT nextval('twinbase.id_low_bits'))"
    ),
    "default with another's function": denied(
        "CREATE TABLE stolen (a text DEFAULT @foreign@.upper('a'))"
    ),
    "default with another's type": denied(
        "CREATE TABLE stolen (a text DEFAULT ('calm'::@foreign@.mood)::text)"
    ),
    "check with a query": fails("CREATE TABLE stolen (a text CHECK (EXISTS (TABLE items)))"),
    "check with another's function": denied(
        "CREATE TABLE stolen (a text CHECK (@foreign@.upper(a) = a))"
    ),
    "check with another's table": denied(
        "CREATE TABLE stolen (a oid CHECK (a <> '@foreign@.items'::regclass))"
    ),
    "check with another's operator": denied(
        "CREATE TABLE stolen (a text CHECK (a OPERATOR(@foreign@.=) 'b'))"
    ),
    "generated by another's function": denied(
        "CREATE TABLE stolen (a text, b text GENERATED ALWAYS AS (@foreign@.upper(a)) STORED)"
    ),
    "identity of another's sequence": denied(
        "CREATE TABLE stolen (a bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME @foreign@.s))"
    ),
    "identity owned by another": denied(
        "CREATE TABLE stolen (a bigint GENERATED ALWAYS AS IDENTITY (OWNED BY @foreign@.items.id))"
    ),
    "exclusion by another's operator": denied(
        "CREATE TABLE stolen (a text, EXCLUDE USING btree (a WITH OPERATOR(@foreign@.=)))"
    ),
    "tablespace": denied("CREATE TABLE stolen (a integer) TABLESPACE pg_global"),
    "access method": fails("CREATE TABLE stolen (a integer) USING @foreign@"),
    "index there": denied("CREATE INDEX ON @foreign@.items (amount)"),
    "index there, on an expression": denied(
        "CREATE INDEX ON @foreign@.items ((1/(amount - 424242)))"
    ),
    "index by another's function": denied("CREATE INDEX ON items (@foreign@.upper(name))"),
    "index by another's class": denied("CREATE INDEX ON items (name @foreign@.text_ops)"),
    "index by another's collation": denied('CREATE INDEX ON items (name COLLATE @foreign@."C")'),
    "index's condition by another's function": denied(
        "CREATE INDEX ON items (name) WHERE @foreign@.upper(name) = 'A'"
    ),
    "index's condition of a query": fails(
        "CREATE INDEX ON items (name) WHERE EXISTS (SELECT FROM items)"
    ),
    "index of a catalog": denied("CREATE INDEX ON pg_class (relname)"),
    "index concurrently": fails("CREATE INDEX CONCURRENTLY ON items (amount)"),
    "view there": denied("CREATE VIEW @foreign@.stolen AS SELECT 1 AS a"),
    "view of another's": denied("CREATE VIEW stolen AS SELECT * FROM @foreign@.items"),
    "view of the pair": denied("CREATE VIEW stolen AS SELECT * FROM @pair@.items"),
    "view of a sub-select": denied(
        "CREATE VIEW stolen AS SELECT a.name, (SELECT max(name) FROM @foreign@.items) AS b FROM items a"
    ),
    "view with a CTE": denied("CREATE VIEW stolen AS WITH f AS (TABLE @foreign@.items) TABLE f"),
    "view, recursive": denied(
        "CREATE RECURSIVE VIEW stolen (a) AS SELECT name FROM @foreign@.items UNION SELECT a FROM stolen"
    ),
    "view, replaced": denied("CREATE OR REPLACE VIEW @foreign@.names AS SELECT 'x'::text AS name"),
    "view of another's view": denied("CREATE VIEW stolen AS SELECT * FROM @foreign@.names"),
    "view of a function's SQL": denied(
        "CREATE VIEW stolen AS SELECT query_to_xml('TABLE @foreign@.items', true, true, '') AS a;"
        "SELECT * FROM stolen"
    ),
    "view, temporary": denied("CREATE TEMP VIEW stolen AS SELECT * FROM items"),
    "sequence there": denied("CREATE SEQUENCE @foreign@.stolen"),
    "sequence of another's table": denied("CREATE SEQUENCE stolen OWNED BY @foreign@.lines.number"),
    "sequence of a type": denied("CREATE SEQUENCE stolen AS @foreign@.reach"),
    "type there": denied("CREATE TYPE @foreign@.stolen AS ENUM ('a')"),
    "type of another's columns": denied("CREATE TYPE stolen AS (a @foreign@.items)"),
    "domain there": denied("CREATE DOMAIN @foreign@.stolen AS integer"),
    "domain of another's": denied("CREATE DOMAIN stolen AS @foreign@.reach"),
    "domain of another's rows": denied("CREATE DOMAIN stolen AS @foreign@.items"),
    "domain's default of another's sequence": denied(
        "CREATE DOMAIN stolen AS bigint DEFAULT nextval('@foreign@.lines_number_seq')"
    ),
    "domain's check by a function": denied(
        "CREATE DOMAIN stolen AS text CHECK (@foreign@.upper(VALUE) = VALUE)"
    ),
    "domain's check by SQL from text": denied(
        "CREATE DOMAIN stolen AS text"
        " CHECK (query_to_xml('TABLE @foreign@.items', true, true, '') IS NULL);"
        "SELECT 'a'::stolen"
    ),
    "domain's collation": denied('CREATE DOMAIN stolen AS text COLLATE @foreign@."C"'),
    "statistics of another's": denied(
        "CREATE STATISTICS stolen ON name, amount FROM @foreign@.items"
    ),
    "statistics there": denied("CREATE STATISTICS @foreign@.stolen ON name, amount FROM items"),
    "statistics of SQL from text": denied(
        "CREATE STATISTICS stolen ON name,"
        " (query_to_xml('TABLE @foreign@.items', true, true, '')::text) FROM items; ANALYZE items"
    ),
    "materialized view": denied("CREATE MATERIALIZED VIEW stolen AS SELECT * FROM @foreign@.items"),
    "after what is good": denied(
        "CREATE TABLE fine (a integer); DROP TABLE @foreign@.items CASCADE"
    ),
    "in a schema of its own": denied("CREATE SCHEMA stolen CREATE VIEW s AS TABLE @foreign@.items"),
}

CHANGED: Attacks = {
    "drop": denied("DROP TABLE @foreign@.items"),
    "drop, quoted": denied('DROP TABLE "@foreign@"."items" CASCADE'),
    "drop, in capitals": denied("drop TABLE if EXISTS PROD_@victim@.ITEMS cascade"),
    "drop of two": denied("DROP TABLE parts, @foreign@.items CASCADE"),
    "drop of the pair": denied("DROP TABLE @pair@.items CASCADE"),
    "drop of a named own schema": own("DROP TABLE @own@.lines CASCADE"),
    "drop of an index": denied("DROP INDEX @foreign@.items_pkey"),
    "drop of a view": denied("DROP VIEW @foreign@.names"),
    "drop of a sequence": denied("DROP SEQUENCE @foreign@.lines_number_seq"),
    "drop of a type": denied("DROP TYPE @foreign@.mood CASCADE"),
    "drop of a domain": denied("DROP DOMAIN @foreign@.reach CASCADE"),
    "drop of a row's type": denied("DROP TYPE @foreign@.items"),
    "drop of metadata": denied("DROP TABLE twinbase.database_meta CASCADE"),
    "drop from the catalog": denied("DROP TABLE pg_catalog.pg_class CASCADE"),
    "add a column": denied("ALTER TABLE @foreign@.items ADD COLUMN stolen integer"),
    "add a column, ONLY": denied("ALTER TABLE ONLY @foreign@.items ADD stolen integer"),
    "add a column, IF EXISTS": denied("ALTER TABLE IF EXISTS @foreign@.items DROP COLUMN amount"),
    "add a column to metadata": denied("ALTER TABLE twinbase.database_meta ADD stolen integer"),
    "add a column to the catalog": denied("ALTER TABLE pg_catalog.pg_class ADD stolen integer"),
    "add a column to a catalog without its schema": denied(
        "ALTER TABLE pg_class ADD stolen integer"
    ),
    "add a column of a row type": denied("ALTER TABLE items ADD COLUMN stolen @foreign@.items"),
    "add a reference": denied(
        "ALTER TABLE items ADD FOREIGN KEY (id) REFERENCES @foreign@.items(id)"
    ),
    "add a reference to metadata": denied(
        "ALTER TABLE items ADD FOREIGN KEY (id) REFERENCES twinbase.database_meta(id)"
    ),
    "add a key by another's index": fails(
        'ALTER TABLE items ADD CONSTRAINT k UNIQUE USING INDEX "@foreign@.i"'
    ),
    "add a check of a query": fails("ALTER TABLE items ADD CHECK (id IN (SELECT id FROM parts))"),
    "change a default": denied(
        "ALTER TABLE items ALTER COLUMN amount SET DEFAULT nextval('@foreign@.lines_number_seq')"
    ),
    "change a type": denied("ALTER TABLE items ALTER COLUMN name TYPE @foreign@.mood USING NULL"),
    "change a type by a function": denied(
        "ALTER TABLE items ALTER COLUMN name TYPE text USING @foreign@.upper(name)"
    ),
    "change a type by a query": fails(
        "ALTER TABLE items ALTER COLUMN name TYPE text USING (SELECT 'a')"
    ),
    "change a type by SQL from text": denied(
        "ALTER TABLE lines ALTER COLUMN label TYPE text"
        " USING query_to_xml('TABLE @foreign@.items', true, true, '')::text"
    ),
    "rename": denied("ALTER TABLE @foreign@.items RENAME TO stolen"),
    "rename a column": denied("ALTER TABLE @foreign@.items RENAME COLUMN name TO stolen"),
    "rename a constraint": denied("ALTER TABLE @foreign@.items RENAME CONSTRAINT items_pkey TO a"),
    "rename an index": denied("ALTER INDEX @foreign@.items_pkey RENAME TO stolen"),
    "rename a view": denied("ALTER VIEW @foreign@.names RENAME TO stolen"),
    "rename a type": denied("ALTER TYPE @foreign@.mood RENAME TO stolen"),
    "rename a type's value": denied("ALTER TYPE @foreign@.mood RENAME VALUE 'calm' TO 'stolen'"),
    "add a type's value": denied("ALTER TYPE @foreign@.mood ADD VALUE 'stolen'"),
    "rename a domain": denied("ALTER DOMAIN @foreign@.reach RENAME TO stolen"),
    "loosen a domain": denied("ALTER DOMAIN @foreign@.reach DROP CONSTRAINT reach_check"),
    "tighten a domain": denied("ALTER DOMAIN @foreign@.reach ADD CHECK (1/(VALUE - 424242) = 0)"),
    "rename a sequence": denied("ALTER SEQUENCE @foreign@.lines_number_seq RENAME TO stolen"),
    "restart a sequence": denied("ALTER SEQUENCE @foreign@.lines_number_seq RESTART WITH 1"),
    "own a sequence": denied("ALTER SEQUENCE @foreign@.lines_number_seq OWNED BY items.amount"),
    "move away": denied("ALTER TABLE items SET SCHEMA @foreign@"),
    "move to the pair": denied("ALTER TABLE items SET SCHEMA @pair@"),
    "move to public": denied("ALTER TABLE items SET SCHEMA public"),
    "move to pg_catalog": denied("ALTER TABLE items SET SCHEMA pg_catalog"),
    "move here": denied("ALTER TABLE @foreign@.items SET SCHEMA @own@"),
    "move a sequence": denied("ALTER SEQUENCE @foreign@.lines_number_seq SET SCHEMA @own@"),
    "move a type": denied("ALTER TYPE @foreign@.mood SET SCHEMA @own@"),
    "inherit": denied("ALTER TABLE items INHERIT @foreign@.items"),
    "attach": fails("ALTER TABLE items ATTACH PARTITION @foreign@.items DEFAULT"),
    "be of a type": denied("ALTER TABLE items OF @foreign@.items"),
    "comment": denied("COMMENT ON TABLE @foreign@.items IS 'stolen'"),
    "comment on a column": denied("COMMENT ON COLUMN @foreign@.items.name IS 'stolen'"),
    "comment on a constraint": denied("COMMENT ON CONSTRAINT items_pkey ON @foreign@.items IS 'a'"),
    "comment on a type": denied("COMMENT ON TYPE @foreign@.mood IS 'stolen'"),
    "comment on a schema": denied("COMMENT ON SCHEMA @foreign@ IS 'stolen'"),
    "comment on the database": denied("COMMENT ON DATABASE @database@ IS 'stolen'"),
    "statistics' target": denied("ALTER TABLE @foreign@.items ALTER COLUMN name SET STATISTICS 0"),
    "storage": denied("ALTER TABLE @foreign@.items SET (autovacuum_enabled = false)"),
    "view's options": denied("ALTER VIEW @foreign@.names SET (security_invoker = false)"),
    "trigger": denied("ALTER TABLE @foreign@.items DISABLE TRIGGER ALL"),
    "row security": denied("ALTER TABLE @foreign@.items DISABLE ROW LEVEL SECURITY"),
    "owner": denied("ALTER TABLE @foreign@.items OWNER TO twinbase_ddl"),
    "all tables of a tablespace": own(
        "ALTER TABLE ALL IN TABLESPACE pg_default OWNED BY twinbase_owner SET TABLESPACE pg_default"
    ),
}

# What is no definition at all, sent where definitions are run.
NOT_DEFINITIONS: Attacks = {
    "select": denied("SELECT * FROM @foreign@.items"),
    "select of the pair": denied("SELECT * FROM @pair@.items"),
    "select of the own": gate_only(Effect.OWN_DATABASE, "SELECT * FROM items"),
    "insert": denied("INSERT INTO @foreign@.items (name) VALUES ('x')"),
    "delete": denied("DELETE FROM @foreign@.items"),
    "delete of the own": gate_only(Effect.OWN_DATABASE, "DELETE FROM parts"),
    "merge": denied("MERGE INTO @foreign@.items AS f USING items ON true WHEN MATCHED THEN DELETE"),
    "truncate": denied("TRUNCATE @foreign@.items CASCADE"),
    "truncate of the own": gate_only(Effect.OWN_DATABASE, "TRUNCATE items CASCADE"),
    "lock": denied("LOCK TABLE @foreign@.items"),
    "draw from a sequence": denied("SELECT nextval('@foreign@.lines_number_seq')"),
    "draw from a sequence by its number": denied("SELECT nextval(@sequence_oid@)"),
    "set a sequence by its number": denied("SELECT setval(@sequence_oid@, 9)"),
    "the service's sequences by number": denied(
        "SELECT twinbase_functions.nextval(@sequence_oid@)"
    ),
    "table by its number": denied("SELECT table_to_xml(@oid@, true, true, '')"),
    "metadata": denied("SELECT * FROM twinbase.database_meta"),
    "RESET ROLE": gate_only(Effect.IDENTITY, "RESET ROLE; DROP TABLE @foreign@.items CASCADE"),
    "SET ROLE": gate_only(
        Effect.IDENTITY, "SET LOCAL ROLE twinbase_service; DROP TABLE @foreign@.items CASCADE"
    ),
    "SET ROLE of the owner": gate_only(
        Effect.IDENTITY, "SET ROLE twinbase_owner; DROP SCHEMA @foreign@ CASCADE"
    ),
    "search_path": gate_only(
        Effect.IDENTITY, "SET LOCAL search_path TO @foreign@; DROP TABLE items CASCADE"
    ),
    "setting": gate_only(Effect.IDENTITY, "SET LOCAL twinbase.schema TO '@foreign@'"),
    "COMMIT": gate_only(Effect.TRANSACTION, "COMMIT; DROP TABLE @foreign@.items"),
    "COMMIT behind what is good": gate_only(
        Effect.TRANSACTION, "CREATE TABLE fine (a integer); COMMIT; DROP TABLE @foreign@.items"
    ),
    "ROLLBACK": gate_only(Effect.TRANSACTION, "ROLLBACK; DROP TABLE @foreign@.items"),
    "PREPARE": gate_only(Effect.CONNECTION, "PREPARE stolen AS SELECT 1"),
    "NOTIFY": gate_only(Effect.SERVER, "NOTIFY twinbase_databases, '@victim@'"),
    "LISTEN": gate_only(Effect.SERVER, "LISTEN twinbase_databases"),
    "COPY": denied("COPY items TO '/tmp/twinbase-attack'"),
    "COPY FROM a program": denied("COPY items FROM PROGRAM 'id'"),
    "DO": denied("DO $$BEGIN DROP TABLE items; END$$"),
    "CALL with an allowed word": fails("CALL p('ALTER TABLE')"),
    "EXPLAIN of a definition": gate_only(
        Effect.OWN_DATABASE, "EXPLAIN ANALYZE CREATE TABLE stolen AS SELECT * FROM items"
    ),
}
