"""exec_dml: PostgreSQL's own tables, which tell of everybody's; never of a row of theirs."""

from tests.attacks.attack import Attacks, Effect, denied, fails, gate_only, nothing

CATALOGS: Attacks = {
    "tables": gate_only(Effect.NAMES, "SELECT oid::regclass FROM pg_catalog.pg_class"),
    "tables, in capitals": gate_only(Effect.NAMES, "SELECT oid::regclass FROM PG_CLASS"),
    "tables, in quotes": gate_only(Effect.NAMES, 'SELECT oid::regclass FROM "pg_class"'),
    "tables, escaped": gate_only(Effect.NAMES, 'SELECT oid::regclass FROM U&"pg\\005fclass"'),
    "tables, through a CTE": gate_only(
        Effect.NAMES, "WITH c AS (TABLE pg_class) SELECT c.oid::regclass FROM c"
    ),
    "tables, with columns renamed": gate_only(
        Effect.NAMES, "SELECT i::regclass FROM pg_class AS items (i)"
    ),
    "schemas": gate_only(Effect.NAMES, "SELECT nspname FROM pg_namespace"),
    "columns": gate_only(Effect.NAMES, "SELECT attrelid::regclass, attname FROM pg_attribute"),
    "defaults": gate_only(
        Effect.NAMES, "SELECT adrelid::regclass, pg_get_expr(adbin, adrelid) FROM pg_attrdef"
    ),
    "constraints": gate_only(
        Effect.NAMES, "SELECT conrelid::regclass, pg_get_constraintdef(oid) FROM pg_constraint"
    ),
    "indexes": gate_only(Effect.NAMES, "SELECT schemaname, indexdef FROM pg_indexes"),
    "views": gate_only(Effect.NAMES, "SELECT schemaname, definition FROM pg_views"),
    "policies": gate_only(Effect.NAMES, "SELECT schemaname, qual FROM pg_policies"),
    "policies themselves": gate_only(Effect.NAMES, "SELECT polrelid::regclass FROM pg_policy"),
    "triggers": gate_only(Effect.NAMES, "SELECT tgrelid::regclass, tgname FROM pg_trigger"),
    "types": gate_only(Effect.NAMES, "SELECT oid::regtype FROM pg_type"),
    "values of types": gate_only(Effect.NAMES, "SELECT enumtypid::regtype, enumlabel FROM pg_enum"),
    "sequences": gate_only(Effect.NAMES, "SELECT schemaname, sequencename FROM pg_sequences"),
    "positions of sequences": nothing("SELECT 1 FROM pg_sequences WHERE last_value IS NOT NULL"),
    "comments": gate_only(Effect.NAMES, "SELECT description FROM pg_description"),
    "dependencies": gate_only(
        Effect.NAMES, "SELECT pg_describe_object(refclassid, refobjid, 0) FROM pg_depend"
    ),
    "rights": gate_only(Effect.NAMES, "SELECT relacl, oid::regclass FROM pg_class"),
    "tables by their view": gate_only(Effect.NAMES, "SELECT schemaname, tablename FROM pg_tables"),
    "use of tables": gate_only(
        Effect.NUMBERS, "SELECT n_live_tup, n_tup_del FROM pg_stat_user_tables"
    ),
    "use of indexes": gate_only(Effect.NAMES, "SELECT schemaname FROM pg_stat_user_indexes"),
    "reading of tables": gate_only(Effect.NAMES, "SELECT schemaname FROM pg_statio_user_tables"),
    "numbers of rows": gate_only(
        Effect.NUMBERS, "SELECT reltuples, relpages FROM pg_class WHERE relname = 'items'"
    ),
    "information_schema's tables": gate_only(
        Effect.NAMES, "SELECT table_schema FROM information_schema.tables"
    ),
    "information_schema's columns": gate_only(
        Effect.NAMES, "SELECT table_schema, column_name FROM information_schema.columns"
    ),
    "information_schema's rights": gate_only(
        Effect.NAMES, "SELECT table_schema FROM information_schema.table_privileges"
    ),
    "information_schema's types": gate_only(
        Effect.NAMES,
        "SELECT domain_schema FROM information_schema.column_domain_usage"
        " UNION ALL SELECT udt_schema FROM information_schema.columns",
    ),
    "information_schema, in disguise": gate_only(
        Effect.NAMES, 'SELECT table_schema FROM "information_schema" /**/ . U&"t\\0061bles"'
    ),
    "statistics of values": nothing(
        "SELECT most_common_vals::text, histogram_bounds::text FROM pg_stats"
        " WHERE schemaname LIKE 'prod%' OR schemaname LIKE 'test%'"
    ),
    "statistics of a foreign index": nothing(
        "SELECT most_common_vals::text, histogram_bounds::text FROM pg_stats"
        " WHERE tablename LIKE 'items%'"
    ),
    "statistics of several columns": nothing(
        "SELECT most_common_vals::text FROM pg_stats_ext WHERE schemaname <> 'pg_catalog'"
    ),
    "statistics of expressions": nothing(
        "SELECT most_common_vals::text FROM pg_stats_ext_exprs WHERE schemaname <> 'pg_catalog'"
    ),
    "statistics themselves": denied("SELECT stavalues1::text FROM pg_statistic"),
    "statistics of several columns themselves": denied("SELECT stxdmcv FROM pg_statistic_ext_data"),
    "running SQL": nothing(
        "SELECT query FROM pg_stat_activity WHERE query NOT IN ('', '<insufficient privilege>')"
        " AND pid <> pg_backend_pid()"
    ),
    "running SQL, by number": nothing(
        "SELECT q FROM (SELECT pg_stat_get_backend_activity(i) AS q"
        " FROM pg_stat_get_backend_idset() AS i) AS a"
        " WHERE q <> '<insufficient privilege>' AND q NOT LIKE '%insufficient%'"
    ),
    "SQL prepared before": nothing(
        "SELECT statement FROM pg_prepared_statements"
        " WHERE statement NOT LIKE '%pg_prepared_statements%'"
    ),
    "cursors of others": nothing(
        "SELECT statement FROM pg_cursors WHERE statement NOT LIKE '%pg_cursors%'"
    ),
    "who else is there": gate_only(
        Effect.SERVER, "SELECT usename, application_name FROM pg_stat_activity"
    ),
    "locks": gate_only(Effect.SERVER, "SELECT locktype, relation FROM pg_locks"),
    "roles": gate_only(Effect.SERVER, "SELECT rolname FROM pg_roles"),
    "members": gate_only(Effect.SERVER, "SELECT member::regrole FROM pg_auth_members"),
    "databases": gate_only(Effect.SERVER, "SELECT datname FROM pg_database"),
    "functions": gate_only(Effect.SERVER, "SELECT prosrc FROM pg_proc WHERE pronamespace <> 11"),
    "settings": gate_only(Effect.SERVER, "SELECT name, setting FROM pg_settings"),
    "extensions": gate_only(Effect.SERVER, "SELECT * FROM pg_available_extensions"),
    "event triggers": gate_only(Effect.SERVER, "SELECT evtname FROM pg_event_trigger"),
    "use of the database": gate_only(Effect.SERVER, "SELECT xact_commit FROM pg_stat_database"),
    "passwords": denied("SELECT rolpassword FROM pg_authid"),
    "passwords by their view": denied("SELECT passwd FROM pg_shadow"),
    "large objects": denied("SELECT data FROM pg_largeobject"),
    "rules of login": denied("SELECT * FROM pg_hba_file_rules"),
    "configuration": denied("SELECT * FROM pg_file_settings"),
    "memory": denied("SELECT * FROM pg_backend_memory_contexts"),
    "shared memory": denied("SELECT * FROM pg_shmem_allocations"),
    "subscriptions": denied("SELECT subconninfo FROM pg_subscription"),
    "passwords of other servers": denied("SELECT umoptions FROM pg_user_mapping"),
    "toast of a catalog": denied("SELECT * FROM pg_toast.pg_toast_1262"),
    "statements, by the extension": fails("SELECT query FROM pg_stat_statements"),
    "the catalog, joined with the own": gate_only(
        Effect.NAMES,
        "SELECT c.oid::regclass FROM items JOIN pg_class AS c ON c.oid <> items.tableoid",
    ),
    "the catalog, in a change": gate_only(
        Effect.NAMES,
        "INSERT INTO lines (label) SELECT nspname FROM pg_namespace RETURNING label",
    ),
    "the catalog, in DELETE": gate_only(
        Effect.NAMES, "DELETE FROM items USING pg_namespace AS n RETURNING n.nspname"
    ),
    "the catalog, in a merge": gate_only(
        Effect.NAMES,
        "MERGE INTO items USING pg_namespace AS n ON n.nspname = '@foreign@' AND amount > 0"
        " WHEN MATCHED THEN DELETE",
    ),
    "the catalog's row type": gate_only(
        Effect.SERVER, "SELECT (NULL::pg_catalog.pg_class) IS NULL AS found"
    ),
    "the catalog's columns": fails("SELECT pg_class.oid FROM items"),
}
