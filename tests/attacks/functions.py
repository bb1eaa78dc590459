"""exec_dml: functions that reach beyond the statement."""

from tests.attacks.attack import Attacks, Effect, anything, denied, fails, gate_only

ANOTHER_SESSION = (
    "(SELECT min(pid) FROM pg_stat_activity WHERE usename = 'twinbase_service'"
    " AND pid <> pg_backend_pid())"
)

# One expression each, of which nothing may be executed at all.
_CALLS = {
    "SQL from text": "query_to_xml('TABLE @foreign@.items', true, true, '')",
    "SQL from text, its schema": "query_to_xmlschema('TABLE @foreign@.items', true, true, '')",
    "SQL from text, both": "query_to_xml_and_xmlschema('SELECT 1', true, true, '')",
    "SQL from text, that deletes": (
        "query_to_xml('DELETE FROM @foreign@.items RETURNING *', true, true, '')"
    ),
    "SQL from text, changed role": "query_to_xml('RESET ROLE', true, true, '')",
    "SQL from text, named arguments": (
        "query_to_xml(query => 'SELECT 1', nulls => true, tableforest => true, targetns => '')"
    ),
    "SQL from text, in quotes": "\"query_to_xml\"('SELECT 1', true, true, '')",
    "SQL from text, escaped": "U&\"query\\005fto_xml\"('SELECT 1', true, true, '')",
    "SQL from text, with its schema": "pg_catalog.query_to_xml('SELECT 1', true, true, '')",
    "table from text": "table_to_xml('@foreign@.items', true, true, '')",
    "table from text, its schema": "table_to_xmlschema('@foreign@.items', true, true, '')",
    "table from text, both": "table_to_xml_and_xmlschema('@foreign@.items', true, true, '')",
    "table by its number": "table_to_xml(@oid@, true, true, '')",
    "schema from text": "schema_to_xml('@foreign@', true, true, '')",
    "schema from text, its schema": "schema_to_xmlschema('@foreign@', true, true, '')",
    "schema from text, both": "schema_to_xml_and_xmlschema('@foreign@', true, true, '')",
    "whole database": "database_to_xml(true, true, '')",
    "whole database, its schema": "database_to_xmlschema(true, true, '')",
    "whole database, both": "database_to_xml_and_xmlschema(true, true, '')",
    "cursor as XML": "cursor_to_xml('c', 1, true, true, '')",
    "SQL from text, search": "ts_stat('SELECT to_tsvector(name) FROM @foreign@.items')",
    "SQL from text, search by weight": "ts_stat('SELECT 1', 'a')",
    "SQL from text, rewriting": (
        "ts_rewrite('a', 'SELECT ''a''::tsquery, plainto_tsquery(name) FROM @foreign@.items')"
    ),
    "SQL from text, as a column": "('SELECT to_tsvector(name) FROM @foreign@.items').ts_stat",
    "setting of the schema": "set_config('twinbase.schema', '@foreign@', true)",
    "setting of the uid": "set_config('twinbase.uid', 'app01:alice', true)",
    "setting of the role": "set_config('role', 'twinbase_service', true)",
    "setting of the path": "set_config('search_path', '@foreign@', false)",
    "setting of the session's role": "set_config('session_authorization', 'postgres', true)",
    "setting of row security": "set_config('row_security', 'off', true)",
    "setting of the timeout": "set_config('statement_timeout', '0', true)",
    "seed": "setseed(0)",
    "position of another's sequence": "nextval('@foreign@.lines_number_seq')",
    "position, in capitals": "NEXTVAL('PROD_@victim@.LINES_NUMBER_SEQ')",
    "position, in quotes": 'nextval(\'"@foreign@"."lines_number_seq"\')',
    "position, escaped": "nextval(E'@foreign@\\x2elines_number_seq')",
    "position, unicode": "nextval(U&'@foreign@\\002elines_number_seq')",
    "position, dollars": "nextval($$@foreign@.lines_number_seq$$)",
    "position, of two lines": "nextval('@foreign@'\n'.lines_number_seq')",
    "position, joined": "nextval('@foreign@' || '.lines_number_seq')",
    "position, blanks": "nextval('  @foreign@ . lines_number_seq ')",
    "position, as text": "nextval('@foreign@.lines_number_seq'::text)",
    "position, as a name": "nextval('@foreign@.lines_number_seq'::regclass)",
    "position, by its number": "nextval(@sequence_oid@)",
    "position, by its number as text": "nextval('@sequence_oid@')",
    "position, by its number as a name": "nextval(@sequence_oid@::oid::regclass)",
    "position, of a sub-select": (
        "nextval((SELECT min(oid)::regclass FROM pg_class WHERE relname = 'lines_number_seq'))"
    ),
    "position set": "setval('@foreign@.lines_number_seq', 9)",
    "position set, three arguments": "setval('@foreign@.lines_number_seq', 9, false)",
    "position set, by its number": "setval(@sequence_oid@::regclass, 9)",
    "position told": "currval('@foreign@.lines_number_seq')",
    "last position told": "lastval()",
    "position of the service's sequence": "nextval('twinbase.id_low_bits')",
    "newest version of a row": "currtid2('@foreign@.items', '(0,1)'::tid)",
    "large object": "lo_create(0)",
    "large object of bytes": "lo_from_bytea(0, 'x')",
    "large object read": "lo_get(1)",
    "large object written": "lo_put(1, 0, 'x')",
    "large object opened": "lo_open(1, 131072)",
    "large object read on": "loread(0, 1)",
    "large object removed": "lo_unlink(1)",
    "large object from a file": "lo_import('/etc/passwd')",
    "large object to a file": "lo_export(1, '/tmp/twinbase-attack')",
    "advisory lock": "pg_advisory_lock(1)",
    "advisory lock of migrations": "pg_advisory_xact_lock(7990001)",
    "advisory lock, shared": "pg_advisory_xact_lock_shared(1, 2)",
    "advisory lock, tried": "pg_try_advisory_lock(1)",
    "advisory lock, released": "pg_advisory_unlock_all()",
    "message to the workers": "pg_notify('twinbase_databases', '1')",
    "sleep": "pg_sleep(1)",
    "sleep in capitals": "PG_SLEEP(1)",
    "sleep for": "pg_sleep_for('1 s')",
    "sleep until": "pg_sleep_until('tomorrow')",
    "sleep in a condition": (
        "(SELECT CASE WHEN count(*) > 0 THEN pg_sleep(1) END FROM @foreign@.items)"
    ),
    "message into the log of changes": "pg_logical_emit_message(true, 'a', 'b')",
    "file": "pg_read_file('PG_VERSION')",
    "file, somewhere": "pg_read_file('/etc/passwd', 0, 9, true)",
    "file as bytes": "pg_read_binary_file('PG_VERSION')",
    "folder": "pg_ls_dir('.')",
    "folder of changes": "pg_ls_waldir()",
    "folder of logs": "pg_ls_logdir()",
    "folder of temporary files": "pg_ls_tmpdir()",
    "file's size": "pg_stat_file('PG_VERSION')",
    "the log's name": "pg_current_logfile()",
    "configuration": "pg_reload_conf()",
    "rules of login": "pg_hba_file_rules()",
    "configuration's files": "pg_show_all_file_settings()",
    "log": "pg_rotate_logfile()",
    "counters": "pg_stat_reset()",
    "counters of a table": "pg_stat_reset_single_table_counters(@oid@)",
    "log of changes": "pg_switch_wal()",
    "restore point": "pg_create_restore_point('attack')",
    "backup": "pg_backup_start('attack')",
    "promotion": "pg_promote()",
    "replication slot": "pg_create_physical_replication_slot('attack')",
    "replication origin": "pg_replication_origin_create('attack')",
    "replication slot dropped": "pg_drop_replication_slot('attack')",
    "replication slot read": "pg_logical_slot_get_changes('attack', NULL, NULL)",
    "replication slot moved": "pg_replication_slot_advance('attack', '0/0')",
    "memory of a session": "pg_log_backend_memory_contexts(pg_backend_pid())",
    "collations": "pg_import_system_collations('public'::regnamespace)",
    "another's session ended": f"pg_terminate_backend({ANOTHER_SESSION})",
    "another's statement cancelled": f"pg_cancel_backend({ANOTHER_SESSION})",
}

CALLS: Attacks = {call: denied(f"SELECT {text}") for call, text in _CALLS.items()} | {
    "SQL from text in FROM": denied("SELECT * FROM ts_stat('TABLE @foreign@.items')"),
    "SQL from text in ROWS FROM": denied(
        "SELECT * FROM ROWS FROM (query_to_xml('SELECT 1', true, true, '')) AS x"
    ),
    "SQL from text in WHERE": denied(
        "SELECT 1 FROM items WHERE query_to_xml('SELECT 1', true, true, '') IS NULL"
    ),
    "SQL from text in RETURNING": denied(
        "UPDATE items SET amount = 1 RETURNING ts_rewrite('a', 'SELECT 1')"
    ),
    "SQL from text in VALUES": denied(
        "INSERT INTO lines (label) VALUES (table_to_xml('@foreign@.items', true, true, '')::text)"
    ),
    "SQL from text in ORDER BY": denied(
        "SELECT name FROM items ORDER BY database_to_xml(true, true, '')::text"
    ),
    "setting in LIMIT": denied("SELECT 1 LIMIT length(set_config('a.b', 'c', true))"),
    "setting in a CTE": denied(
        "WITH s AS MATERIALIZED (SELECT set_config('twinbase.schema', '@foreign@', true))"
        " SELECT f.* FROM s, @foreign@.items AS f"
    ),
    "setting in ON CONFLICT": denied(
        "INSERT INTO items (name) VALUES ('own') ON CONFLICT (name)"
        " DO UPDATE SET name = set_config('a.b', 'c', true)"
    ),
    "another connection": fails("SELECT * FROM dblink('', 'TABLE @foreign@.items') AS t (a text)"),
    "another connection, executing": fails("SELECT dblink_exec('', 'DELETE FROM @foreign@.items')"),
    "SQL of another dialect": fails("EXEC('DELETE FROM @foreign@.items')"),
    "file of another dialect": fails("SELECT LOAD_FILE('/etc/passwd')"),
    "statement of another dialect": fails("SELECT * FROM OPENQUERY(a, 'TABLE @foreign@.items')"),
    "program of another dialect": fails("SELECT sys_exec('id')"),
    "entity of XML": anything(
        "SELECT xmlparse(DOCUMENT '<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>')"
        "::text LIKE '%root%' AS found"
    ),
    "a setting of the server's files": denied("SELECT current_setting('data_directory')"),
    "statistics made up": denied(
        "SELECT pg_restore_relation_stats('schemaname', '@foreign@', 'relname', 'items')", since=18
    ),
    "statistics cleared": denied("SELECT pg_clear_relation_stats('@foreign@', 'items')", since=18),
    "the service's nextval": denied(
        "SELECT twinbase_functions.nextval('@foreign@.lines_number_seq')"
    ),
    "the service's nextval by number": denied("SELECT twinbase_functions.nextval(@sequence_oid@)"),
    "the service's setval": denied(
        "SELECT twinbase_functions.setval('@foreign@.lines_number_seq', 9, true)"
    ),
    "the service's currval": denied("SELECT twinbase_functions.currval(@sequence_oid@::regclass)"),
    "the service's own": denied("SELECT twinbase_functions.own('@foreign@.lines_number_seq')"),
}

# Functions without arguments and the like, which tell where the SQL is run.
_OF_THE_SERVER = {
    "a setting": "current_setting('twinbase.schema')",
    "a setting, as JSON": "to_json(current_setting('search_path', true))",
    "role": "CURRENT_USER",
    "role as a function": "current_role",
    "login": "SESSION_USER",
    "database": "current_database()",
    "catalog": "CURRENT_CATALOG",
    "schema": "CURRENT_SCHEMA",
    "schemas": "current_schemas(true)",
    "version": "version()",
    "address": "inet_server_addr() IS NULL",
    "statement": "current_query()",
    "process": "pg_backend_pid() > 0",
    "start": "pg_postmaster_start_time() IS NULL",
    "transaction": "txid_current() > 0",
    "snapshot": "pg_current_snapshot() IS NULL",
    "snapshot for others": "pg_export_snapshot() IS NULL",
    "position in the log of changes": "pg_current_wal_lsn() IS NULL",
    "recovery": "pg_is_in_recovery()",
    "keywords": "(SELECT count(*) > 0 FROM pg_get_keywords())",
    "settings": "(SELECT count(*) > 0 FROM pg_show_all_settings())",
    "sessions": "(SELECT count(*) > 0 FROM pg_stat_get_activity(NULL))",
    "locks": "(SELECT count(*) > 0 FROM pg_lock_status())",
    "channels": "(SELECT count(*) = 0 FROM pg_listening_channels())",
    "who blocks": "pg_blocking_pids(1)::text",
    "control data": "(SELECT count(*) > 0 FROM pg_control_system())",
    "time zones": "(SELECT count(*) > 0 FROM pg_timezone_names())",
}

OF_THE_SERVER: Attacks = {
    name: gate_only(Effect.SERVER, f"SELECT {text} AS found")
    for name, text in _OF_THE_SERVER.items()
}
