"""exec_dml: what else than a table in FROM may name what is another's, and texts that become names."""

from tests.attacks.attack import (
    Attacks,
    Effect,
    anything,
    denied,
    fails,
    gate_only,
    nothing,
)

# Not a table in FROM.
NAMED_OTHERWISE: Attacks = {
    "column with its schema": fails("SELECT @foreign@.items.name FROM items"),
    "column with its schema and FROM": nothing("SELECT @foreign@.items.name FROM @foreign@.items"),
    "column with its database": nothing(
        "SELECT @database@.@foreign@.items.name FROM @foreign@.items"
    ),
    "row with its schema": fails("SELECT @foreign@.items FROM items"),
    "all columns with a schema": nothing("SELECT @foreign@.items.* FROM @foreign@.items"),
    "column with its schema in ORDER BY": nothing(
        "SELECT 1 FROM @foreign@.items ORDER BY @foreign@.items.amount"
    ),
    "row type": gate_only(Effect.NAMES, "SELECT NULL::@foreign@.items"),
    "row type, made": gate_only(
        Effect.NAMES, "SELECT ('(a,1,,,1,b)'::@foreign@.items)::text AS found"
    ),
    "row type, array": gate_only(Effect.NAMES, "SELECT ARRAY[]::@foreign@.items[]"),
    "row type in JSON": gate_only(
        Effect.NAMES, "SELECT * FROM json_populate_record(NULL::@foreign@.items, '{}')"
    ),
    "row type of a column": gate_only(
        Effect.NAMES, "SELECT * FROM json_to_record('{}') AS r (a @foreign@.items)"
    ),
    "row type of JSON_VALUE": gate_only(
        Effect.NAMES, "SELECT JSON_VALUE('1', '$' RETURNING @foreign@.items)", since=17
    ),
    "type": gate_only(Effect.NAMES, "SELECT 'calm'::@foreign@.mood"),
    "type's values": gate_only(Effect.NAMES, "SELECT enum_range(NULL::@foreign@.mood)::text"),
    "type, cast to what only another has": gate_only(
        Effect.NAMES, "SELECT CAST(amount AS @foreign@.reach) FROM items WHERE false"
    ),
    "domain's check": gate_only(Effect.NAMES, "SELECT 1::@foreign@.reach"),
    "type in quotes": gate_only(Effect.NAMES, 'SELECT \'calm\'::U&"\\0070rod_@victim@"."mood"'),
    "type as a function": gate_only(Effect.NAMES, "SELECT @foreign@.mood('calm')"),
    "type of the pair": gate_only(Effect.NAMES, "SELECT 'calm'::@pair@.mood"),
    "function": fails("SELECT @foreign@.upper('a')"),
    "function in FROM": fails("SELECT * FROM @foreign@.generate_series(1, 2) AS n"),
    "operator": fails("SELECT 1 OPERATOR(@foreign@.+) 1"),
    "operator in ORDER BY": fails("SELECT 1 ORDER BY 1 USING OPERATOR(@foreign@.<)"),
    "collation": fails('SELECT name COLLATE @foreign@."C" FROM items'),
    "text search configuration": fails("SELECT to_tsvector('@foreign@.simple', 'a')"),
    "text search dictionary": fails("SELECT ts_lexize('@foreign@.simple', 'a')"),
    "sample method": fails("SELECT * FROM items TABLESAMPLE @foreign@.system (100)"),
    "conflict's constraint": fails(
        "INSERT INTO items (name) VALUES ('own') ON CONFLICT ON CONSTRAINT @foreign@.items_pkey"
        " DO NOTHING"
    ),
    "toast": denied("SELECT chunk_data FROM pg_toast.@toast@"),
    "index": fails("SELECT * FROM @foreign@.items_name_key"),
    "sequence": denied("SELECT last_value FROM @foreign@.lines_number_seq"),
    "temporary schema": fails("SELECT * FROM pg_temp.items"),
    "schema public": denied("SELECT * FROM public.items"),
    "the service's tables": denied("SELECT * FROM twinbase.database_meta"),
    "the service's schemas": denied("SELECT schema_name FROM twinbase.schema_meta"),
    "the service's sequence": denied("SELECT last_value FROM twinbase.id_low_bits"),
    "the service's function": denied("SELECT twinbase.next_id()"),
    "the version of the service": denied("SELECT * FROM twinbase.alembic_version"),
}

# A text that becomes a name tells whether there is one.
NAMES_IN_TEXTS: Attacks = {
    "table": gate_only(Effect.NAMES, "SELECT '@foreign@.items'::regclass"),
    "table, capitals and blanks": gate_only(
        Effect.NAMES, "SELECT ' PROD_@victim@ . Items '::regclass"
    ),
    "table, CAST": gate_only(Effect.NAMES, "SELECT CAST('@foreign@.items' AS pg_catalog.regclass)"),
    "table, type first": gate_only(Effect.NAMES, "SELECT regclass '@foreign@.items'"),
    "table, as a function": gate_only(Effect.NAMES, "SELECT regclass('@foreign@.items')"),
    "table, in quotes": gate_only(Effect.NAMES, "SELECT '@foreign@.items'::\"regclass\""),
    "table, escaped": gate_only(Effect.NAMES, "SELECT '@foreign@.items'::U&\"reg\\0063lass\""),
    "table, array": gate_only(Effect.NAMES, "SELECT '{@foreign@.items}'::regclass[]"),
    "table, joined": gate_only(Effect.NAMES, "SELECT ('prod_' || @victim@ || '.items')::regclass"),
    "table, by its number": gate_only(Effect.NAMES, "SELECT @oid@::regclass"),
    "table, by its number as text": gate_only(Effect.NAMES, "SELECT '@oid@'::regclass"),
    "table, compared": gate_only(
        Effect.NAMES, "SELECT tableoid = '@foreign@.items'::regclass FROM items"
    ),
    "table, by COALESCE": gate_only(
        Effect.NAMES, "SELECT COALESCE(pg_typeof(1), '@foreign@.items')"
    ),
    "table, by a record": gate_only(
        Effect.NAMES, 'SELECT * FROM json_to_record(\'{"a": "@foreign@.items"}\') AS r (a regclass)'
    ),
    "table, by JSON_VALUE": gate_only(
        Effect.NAMES,
        "SELECT JSON_VALUE('\"@foreign@.items\"', '$' RETURNING regclass)",
        since=17,
    ),
    "table, by CASE": gate_only(
        Effect.NAMES, "SELECT CASE WHEN false THEN 1::regclass ELSE '@foreign@.items' END"
    ),
    "table, by UNION": gate_only(
        Effect.NAMES, "SELECT 1::regclass UNION ALL SELECT '@foreign@.items'"
    ),
    "table, to_regclass": gate_only(Effect.NAMES, "SELECT to_regclass('@foreign@.items')"),
    "type": gate_only(Effect.NAMES, "SELECT '@foreign@.mood'::regtype"),
    "type, to_regtype": gate_only(Effect.NAMES, "SELECT to_regtype('@foreign@.mood[]')"),
    "type, format_type": gate_only(Effect.NAMES, "SELECT format_type(@oid@ + 2, NULL)"),
    "schema": gate_only(Effect.NAMES, "SELECT '@foreign@'::regnamespace"),
    "schema, to_regnamespace": gate_only(Effect.NAMES, "SELECT to_regnamespace('@foreign@')"),
    "function": fails("SELECT '@foreign@.upper'::regproc"),
    "function with arguments": fails("SELECT '@foreign@.upper(@foreign@.items)'::regprocedure"),
    "operator": fails("SELECT '@foreign@.+'::regoper"),
    "configuration": fails("SELECT '@foreign@.simple'::regconfig"),
    "dictionary": fails("SELECT '@foreign@.simple'::regdictionary"),
    "collation": fails("SELECT '@foreign@.\"C\"'::regcollation"),
    "role": gate_only(Effect.SERVER, "SELECT 'twinbase_service'::regrole"),
    "right on a table": gate_only(
        Effect.NAMES, "SELECT has_table_privilege('@foreign@.items', 'SELECT')"
    ),
    "right on a column": gate_only(
        Effect.NAMES, "SELECT has_column_privilege('@foreign@.items', 'name', 'SELECT')"
    ),
    "right on a schema": gate_only(
        Effect.NAMES, "SELECT has_schema_privilege('@foreign@', 'USAGE')"
    ),
    "right on a sequence": gate_only(
        Effect.NAMES, "SELECT has_sequence_privilege('@foreign@.lines_number_seq', 'USAGE')"
    ),
    "membership": gate_only(Effect.SERVER, "SELECT pg_has_role('twinbase_service', 'MEMBER')"),
    "size": gate_only(Effect.NUMBERS, "SELECT pg_total_relation_size('@foreign@.items')"),
    "size of all": gate_only(Effect.NUMBERS, "SELECT pg_table_size(@oid@)"),
    "size of a database": gate_only(
        Effect.SERVER, "SELECT pg_database_size(current_database()) > 0"
    ),
    "file of a table": gate_only(
        Effect.NAMES, "SELECT pg_relation_filepath('@foreign@.items') IS NULL"
    ),
    "row security of a table": gate_only(
        Effect.NAMES, "SELECT row_security_active('@foreign@.items')"
    ),
    "name of a serial's sequence": gate_only(
        Effect.NAMES, "SELECT pg_get_serial_sequence('@foreign@.lines', 'number')"
    ),
    "comment": gate_only(Effect.NAMES, "SELECT obj_description('@foreign@.items'::regclass)"),
    "comment of a column": gate_only(Effect.NAMES, "SELECT col_description(@oid@, 1)"),
    "definition of a view": gate_only(Effect.NAMES, "SELECT pg_get_viewdef('@foreign@.names')"),
    "definition of an index": gate_only(
        Effect.NAMES, "SELECT pg_get_indexdef('@foreign@.items_pkey'::regclass)"
    ),
    "definitions of constraints": gate_only(
        Effect.NAMES, "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = @oid@"
    ),
    "what an object is": gate_only(
        Effect.NAMES,
        "SELECT pg_describe_object(1259, @oid@, 0), pg_identify_object(1259, @oid@, 0)::text",
    ),
    "whether it is visible": gate_only(Effect.NAMES, "SELECT pg_table_is_visible(@oid@)"),
    "rows inserted": gate_only(Effect.SERVER, "SELECT pg_stat_get_tuples_inserted(@oid@) >= 0"),
    "rows alive": gate_only(Effect.SERVER, "SELECT pg_stat_get_live_tuples(@oid@) >= 0"),
    "partition by a table's number": fails("SELECT satisfies_hash_partition(@oid@, 1, 0, 1)"),
    "position of a sequence, by its row": nothing(
        "SELECT 1 FROM pg_get_sequence_data(@sequence_oid@) WHERE last_value IS NOT NULL", since=18
    ),
    "position of a sequence": anything(
        "SELECT 1 WHERE pg_sequence_last_value('@foreign@.lines_number_seq') IS NOT NULL"
    ),
}
