"""exec_dml: statements that are not SELECT, INSERT, UPDATE, DELETE or MERGE."""

from tests.attacks.attack import Attacks, Effect, denied, fails, gate_only, nothing

WHO_ONE_IS: Attacks = {
    "the schema that policies compare": gate_only(
        Effect.IDENTITY, "SET LOCAL twinbase.schema TO '@foreign@'; SELECT * FROM @foreign@.items"
    ),
    "the uid that policies compare": gate_only(
        Effect.IDENTITY, "SET LOCAL twinbase.uid TO 'app01:alice'; SELECT * FROM @foreign@.items"
    ),
    "the stamp of new rows": gate_only(
        Effect.IDENTITY, "SET LOCAL twinbase.app_uid TO 'app01:bob'; SELECT * FROM items"
    ),
    "a setting, in quotes": gate_only(
        Effect.IDENTITY, 'SET LOCAL "twinbase"."schema" = \'@foreign@\'; TABLE @foreign@.items'
    ),
    "a setting, for the session": gate_only(
        Effect.IDENTITY, "SET twinbase.schema TO '@foreign@'; SELECT * FROM @foreign@.items"
    ),
    "a setting, SET SESSION": gate_only(
        Effect.IDENTITY, "SET SESSION twinbase.uid = 'app01:alice'; TABLE @foreign@.items"
    ),
    "search_path": gate_only(
        Effect.IDENTITY, "SET LOCAL search_path TO @foreign@; SELECT * FROM items"
    ),
    "search_path, by SET SCHEMA": gate_only(
        Effect.IDENTITY, "SET SCHEMA '@foreign@'; SELECT * FROM items"
    ),
    "timeout": gate_only(Effect.IDENTITY, "SET LOCAL statement_timeout TO 0"),
    "timeout of locks": gate_only(Effect.IDENTITY, "SET LOCAL lock_timeout TO 0"),
    "a setting, FROM CURRENT": nothing("SET LOCAL twinbase.schema FROM CURRENT"),
    "a setting, RESET": gate_only(Effect.IDENTITY, "RESET search_path; SELECT * FROM items"),
    "all settings, RESET": gate_only(Effect.IDENTITY, "RESET ALL; SELECT * FROM items"),
    "row security off": gate_only(
        # SET itself runs; what it is for is refused.
        Effect.IDENTITY,
        "SET LOCAL row_security TO off; TABLE @foreign@.items",
    ),
    "role": gate_only(Effect.IDENTITY, "SET ROLE twinbase_service; SELECT * FROM @foreign@.items"),
    "role, LOCAL": gate_only(
        Effect.IDENTITY, "SET LOCAL ROLE twinbase_owner; SELECT * FROM @foreign@.items"
    ),
    "role, NONE": gate_only(Effect.IDENTITY, "SET ROLE NONE; SELECT * FROM @foreign@.items"),
    "role, RESET": gate_only(Effect.IDENTITY, "RESET ROLE; SELECT * FROM @foreign@.items"),
    "role, in quotes": gate_only(Effect.IDENTITY, 'SET ROLE "twinbase_service"; TABLE items'),
    "role, as a setting": gate_only(
        Effect.IDENTITY, "SET LOCAL role TO 'twinbase_ddl'; TABLE items"
    ),
    "role of all rows": gate_only(Effect.IDENTITY, "SET LOCAL ROLE twinbase_space; TABLE items"),
    "a superuser's role": denied("SET ROLE postgres"),
    "login": gate_only(Effect.IDENTITY, "SET SESSION AUTHORIZATION DEFAULT"),
    "another's login": denied("SET SESSION AUTHORIZATION 'postgres'"),
    "login, RESET": gate_only(Effect.IDENTITY, "RESET SESSION AUTHORIZATION"),
    "replication's role": denied("SET LOCAL session_replication_role TO replica"),
    "library": denied("LOAD 'auto_explain'"),
    "libraries of sessions": denied("SET session_preload_libraries TO 'auto_explain'"),
    "log": denied("SET LOCAL log_statement TO 'none'"),
    "password of the role": gate_only(Effect.SERVER, "ALTER ROLE CURRENT_USER PASSWORD NULL"),
    "settings of the role": gate_only(
        Effect.SERVER, "ALTER ROLE CURRENT_USER SET work_mem TO '4MB'"
    ),
    "settings told": gate_only(Effect.SERVER, "SHOW ALL"),
    "a setting told": gate_only(Effect.SERVER, "SHOW twinbase.schema"),
    "planner": gate_only(Effect.SERVER, "SET LOCAL enable_seqscan TO off"),
    "memory": gate_only(Effect.SERVER, "SET LOCAL work_mem TO '1GB'"),
}

TRANSACTIONS: Attacks = {
    "COMMIT": gate_only(Effect.TRANSACTION, "COMMIT; SELECT * FROM @foreign@.items"),
    "COMMIT, in disguise": gate_only(Effect.TRANSACTION, "/* SELECT */ coMMit\t; TABLE items"),
    "COMMIT and a drop": gate_only(Effect.TRANSACTION, "COMMIT; DROP SCHEMA @foreign@ CASCADE"),
    "COMMIT AND CHAIN": gate_only(Effect.TRANSACTION, "COMMIT AND CHAIN; TABLE @foreign@.items"),
    "END": gate_only(Effect.TRANSACTION, "END; SELECT * FROM @foreign@.items"),
    "ROLLBACK": gate_only(Effect.TRANSACTION, "ROLLBACK; BEGIN; SELECT * FROM @foreign@.items"),
    "ABORT": gate_only(Effect.TRANSACTION, "ABORT; SELECT * FROM @foreign@.items"),
    "PREPARE TRANSACTION": fails("PREPARE TRANSACTION 'attack'"),
    "COMMIT PREPARED": fails("COMMIT PREPARED 'attack'"),
    "BEGIN": gate_only(Effect.SERVER, "BEGIN; SELECT 1"),
    "START TRANSACTION": gate_only(Effect.TRANSACTION, "START TRANSACTION READ ONLY"),
    "SAVEPOINT": gate_only(Effect.SERVER, "SAVEPOINT a; SELECT 1; ROLLBACK TO a; RELEASE a"),
    "ROLLBACK TO": fails("ROLLBACK TO SAVEPOINT a"),
    "SET TRANSACTION": gate_only(Effect.TRANSACTION, "SET TRANSACTION READ ONLY"),
    "SET TRANSACTION READ WRITE": nothing("SET TRANSACTION READ WRITE"),
    "SET TRANSACTION SNAPSHOT": fails("SET TRANSACTION SNAPSHOT '00000003-0000001B-1'"),
    "SET SESSION CHARACTERISTICS": gate_only(
        Effect.CONNECTION, "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
    ),
    "SET CONSTRAINTS": nothing("SET CONSTRAINTS ALL DEFERRED"),
}

LEFT_BEHIND: Attacks = {
    "prepared statement": gate_only(Effect.CONNECTION, "PREPARE stolen AS SELECT 1"),
    "prepared statement of a change": gate_only(
        Effect.CONNECTION, "PREPARE stolen (text) AS DELETE FROM items WHERE name = $1"
    ),
    "prepared statement, executed": fails("EXECUTE stolen('x')"),
    "prepared statements, gone": gate_only(Effect.SERVER, "DEALLOCATE ALL"),
    "cursor that stays": gate_only(
        Effect.CONNECTION, "DECLARE stolen CURSOR WITH HOLD FOR SELECT 1"
    ),
    "cursor of nobody": fails("FETCH ALL FROM stolen"),
    "cursor moved": fails("MOVE ALL IN stolen"),
    "cursors closed": nothing("CLOSE ALL"),
    "listening": gate_only(Effect.SERVER, "LISTEN twinbase_databases"),
    "deaf": gate_only(Effect.SERVER, "UNLISTEN *"),
    "all thrown away": fails("DISCARD ALL"),
    "plans thrown away": gate_only(Effect.SERVER, "DISCARD PLANS"),
    "message to the workers": gate_only(Effect.SERVER, "NOTIFY twinbase_databases, '@victim@'"),
    "temporary table": denied("CREATE TEMPORARY TABLE stolen (a integer)"),
    "temporary table of a query": denied("CREATE TEMP TABLE stolen AS SELECT 1"),
    "temporary view": denied("CREATE TEMP VIEW stolen AS SELECT 1"),
}

OTHER_STATEMENTS: Attacks = {
    "COPY TO a file": denied("COPY items TO '/tmp/twinbase-attack'"),
    "COPY TO a program": denied("COPY items TO PROGRAM 'cat >/tmp/twinbase-attack'"),
    "COPY FROM a file": denied("COPY items (name) FROM '/etc/passwd'"),
    "COPY FROM a program": denied("COPY items (name) FROM PROGRAM 'id'"),
    "COPY of a query to a file": denied("COPY (TABLE @foreign@.items) TO '/tmp/twinbase-attack'"),
    "COPY of a change to a program": denied(
        "COPY (DELETE FROM @foreign@.items RETURNING *) TO PROGRAM 'cat'"
    ),
    "COPY of a catalog": denied("COPY pg_authid TO STDOUT"),
    "DO": denied("DO $$BEGIN DELETE FROM @foreign@.items; END$$"),
    "DO, in a language": denied("DO LANGUAGE plpgsql 'BEGIN EXECUTE ''RESET ROLE''; END'"),
    "CALL": fails("CALL p('ALTER TABLE')"),
    "LOCK": gate_only(Effect.LOCK, "LOCK TABLE @foreign@.items"),
    "LOCK, shared": gate_only(Effect.LOCK, "LOCK TABLE @foreign@.items IN SHARE MODE NOWAIT"),
    "LOCK of the own": nothing("LOCK TABLE items IN ROW EXCLUSIVE MODE"),
    "EXPLAIN": gate_only(Effect.NAMES, "EXPLAIN VERBOSE SELECT * FROM @foreign@.items"),
    "EXPLAIN ANALYZE": gate_only(
        Effect.NUMBERS, "EXPLAIN (ANALYZE, TIMING off, COSTS off) SELECT * FROM @foreign@.items"
    ),
    "EXPLAIN of a change": gate_only(
        Effect.SERVER, "EXPLAIN (ANALYZE, TIMING off, COSTS off) UPDATE items SET amount = 7"
    ),
    "EXPLAIN of a guess": gate_only(
        Effect.NUMBERS, "EXPLAIN SELECT * FROM @foreign@.items WHERE amount > 400000"
    ),
    "EXPLAIN of a policy": gate_only(Effect.SERVER, "EXPLAIN VERBOSE SELECT * FROM items"),
    "EXPLAIN of CREATE AS": denied("EXPLAIN ANALYZE CREATE TABLE stolen AS TABLE @foreign@.items"),
    "EXPLAIN of EXECUTE": fails("EXPLAIN EXECUTE stolen"),
    "SELECT INTO": denied("SELECT * INTO stolen FROM @foreign@.items"),
    "SELECT INTO in a CTE": fails("WITH s AS (SELECT 1 INTO stolen) TABLE s"),
    "VACUUM": fails("VACUUM @foreign@.items"),
    "ANALYZE": gate_only(Effect.SERVER, "ANALYZE @foreign@.items"),
    "CLUSTER": denied("CLUSTER @foreign@.items USING items_pkey"),
    "REINDEX": denied("REINDEX TABLE @foreign@.items"),
    "REINDEX of all": denied("REINDEX SCHEMA @foreign@", since=17),
    "CHECKPOINT": denied("CHECKPOINT"),
    "REFRESH": denied("REFRESH MATERIALIZED VIEW @foreign@.items"),
    "ALTER SYSTEM": fails("ALTER SYSTEM SET work_mem TO '4MB'"),
    "WITH and a definition": fails("WITH a AS (DROP TABLE items RETURNING 1) TABLE a"),
    "unknown statement": fails("GET ALL ROWS FROM @foreign@.items"),
    "another dialect's batch": fails("SELECT 1\nGO\nDROP TABLE @foreign@.items"),
    "another dialect's USE": fails("USE @foreign@; SELECT * FROM items"),
    "another dialect's SHOW": fails("SHOW TABLES FROM @foreign@"),
    "psql's command": fails("\\c @foreign@"),
    "cursor with its own name for ours": nothing(
        'DECLARE "<unnamed portal 1>" CURSOR FOR TABLE @foreign@.items;'
        ' FETCH ALL FROM "<unnamed portal 1>"'
    ),
}

# Definitions, and what concerns roles or the server: none of it is for whoever runs DML.
_COMMANDS = (
    "CREATE TABLE stolen (a integer)",
    "CREATE TABLE public.stolen (a integer)",
    "CREATE TABLE stolen AS SELECT * FROM @foreign@.items",
    "CREATE TABLE stolen AS SELECT 1",
    "CREATE VIEW stolen AS SELECT * FROM @foreign@.items",
    "CREATE MATERIALIZED VIEW stolen AS SELECT 1",
    "CREATE SEQUENCE stolen",
    "CREATE TYPE stolen AS (a integer)",
    "CREATE TYPE stolen AS ENUM ('a')",
    "CREATE DOMAIN stolen AS integer",
    "CREATE SCHEMA stolen",
    "CREATE FUNCTION stolen() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION public.stolen() RETURNS integer RETURN 1",
    "CREATE PROCEDURE stolen() LANGUAGE sql AS 'SELECT 1'",
    "CREATE EXTENSION plpgsql",
    "CREATE PUBLICATION stolen",
    "CREATE EVENT TRIGGER stolen ON sql_drop EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    (
        "CREATE TRIGGER stolen BEFORE INSERT ON items"
        " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    ),
    "CREATE RULE stolen AS ON INSERT TO items DO ALSO NOTHING",
    "CREATE POLICY stolen ON items USING (true)",
    "CREATE INDEX ON @foreign@.items (amount)",
    "CREATE INDEX ON items (amount)",
    "CREATE STATISTICS stolen ON name, amount FROM @foreign@.items",
    "CREATE ROLE stolen SUPERUSER",
    "ALTER POLICY twinbase_rows ON items USING (true)",
    "ALTER TABLE @foreign@.items DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE items OWNER TO twinbase_dml",
    "ALTER TABLE items ADD COLUMN stolen integer",
    "ALTER VIEW @foreign@.names SET (security_invoker = false)",
    "ALTER SEQUENCE @foreign@.lines_number_seq RESTART",
    "ALTER TYPE @foreign@.mood ADD VALUE 'stolen'",
    "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC",
    "ALTER ROLE twinbase_service SUPERUSER",
    "ALTER ROLE twinbase_service SET row_security TO off",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER ROLE CURRENT_USER LOGIN",
    "ALTER DATABASE @database@ SET row_security TO off",
    "DROP POLICY twinbase_rows ON @foreign@.items",
    "DROP TABLE @foreign@.items CASCADE",
    "DROP TABLE items CASCADE",
    "DROP SCHEMA @foreign@ CASCADE",
    "DROP OWNED BY twinbase_dml",
    "DROP OWNED BY CURRENT_USER CASCADE",
    "REASSIGN OWNED BY twinbase_owner TO twinbase_dml",
    "GRANT ALL ON @foreign@.items TO PUBLIC",
    "GRANT SELECT ON items TO PUBLIC",
    "GRANT USAGE ON SCHEMA @foreign@ TO PUBLIC",
    "GRANT twinbase_service TO twinbase_dml",
    "GRANT pg_read_all_data TO CURRENT_USER",
    "GRANT SET ON PARAMETER session_replication_role TO PUBLIC",
    "REVOKE ALL ON @foreign@.items FROM twinbase_dml",
    "COMMENT ON TABLE @foreign@.items IS 'stolen'",
    "COMMENT ON TABLE items IS 'stolen'",
)

COMMANDS: Attacks = {command: denied(command) for command in _COMMANDS}
