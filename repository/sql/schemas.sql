-- Tenants' schemas: making, dropping, and bringing tables to the state they must be in.

-- name: create_schema
CREATE SCHEMA {schema} AUTHORIZATION {service};
GRANT USAGE ON SCHEMA {schema} TO {dml};

-- name: drop_schema
DROP SCHEMA {schema} CASCADE;

-- name: open_for_ddl
-- Until the same transaction takes it back; nobody else ever sees it granted.
GRANT USAGE, CREATE ON SCHEMA {schema} TO {ddl};

-- name: become_ddl
SET LOCAL ROLE {ddl};
SET LOCAL search_path TO {schema}, pg_temp;

-- name: become_service
SET LOCAL ROLE NONE;
SET LOCAL search_path TO DEFAULT;

-- name: close_for_ddl
REVOKE ALL ON SCHEMA {schema} FROM {ddl};

-- name: tables_named
-- The tables of a schema among these names, or that carry an index of such a name.
SELECT DISTINCT t.relname
FROM pg_class AS c
LEFT JOIN pg_index AS i ON i.indexrelid = c.oid
JOIN pg_class AS t ON t.oid = coalesce(i.indrelid, c.oid)
WHERE c.relnamespace = $1::text::regnamespace AND c.relname = ANY ($2::text[]) AND t.relkind = 'r';

-- name: lend_table
ALTER TABLE {schema}.{table} OWNER TO {ddl};

-- name: take_table_back
-- A change of owner merges the rights of the old one into the new one's: grant only after it.
ALTER TABLE {schema}.{table} OWNER TO {service};
GRANT SELECT ON {schema}.{table} TO {ddl};

-- name: unsettled_tables
-- Tables that are not yet as every tenant table has to be, with what settling must know.
-- Found through pg_depend, whose index leads from a schema to what is in it; pg_class has none.
WITH tables AS (
    SELECT c.oid, c.relname, c.relowner, c.relrowsecurity
    FROM pg_depend AS d
    JOIN pg_class AS c ON c.oid = d.objid
    WHERE d.refclassid = 'pg_namespace'::regclass
      AND d.refobjid = $1::text::regnamespace
      AND d.classid = 'pg_class'::regclass
      AND c.relkind = 'r'
), facts AS (
    SELECT
        t.oid,
        t.relname AS name,
        id.atttypid::regtype::text AS id_type,
        coalesce(id.attnotnull AND NOT id.atthasdef AND id.attidentity = '', false) AS id_is_plain,
        (
            SELECT s.relname
            FROM pg_depend AS d
            JOIN pg_class AS s ON s.oid = d.objid AND s.relkind = 'S'
            WHERE d.classid = 'pg_class'::regclass
              AND d.refclassid = 'pg_class'::regclass
              AND d.refobjid = t.oid
              AND d.refobjsubid = id.attnum
              AND d.deptype = 'a'
        ) AS id_sequence,
        EXISTS (
            SELECT FROM pg_index AS i WHERE i.indrelid = t.oid AND i.indkey[0] = id.attnum
        ) AS id_is_indexed,
        uid.atttypid::regtype::text AS uid_type,
        uid.atttypmod AS uid_typmod,
        coalesce(uid.attnotnull AND NOT uid.atthasdef, false) AS uid_is_plain,
        EXISTS (
            SELECT FROM pg_index AS i WHERE i.indrelid = t.oid AND i.indkey[0] = uid.attnum
        ) AS uid_is_indexed,
        EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = t.oid AND i.indisprimary) AS has_key,
        (
            SELECT array_agg(a.attname::text)
            FROM pg_attribute AS a
            WHERE a.attrelid = t.oid
              AND a.attname IN ('create_time', 'update_time')
              AND a.atttypid IN ('timestamp'::regtype, 'timestamptz'::regtype)
              AND a.attgenerated = ''
              AND NOT a.attisdropped
        ) AS time_columns,
        t.relrowsecurity AND EXISTS (
            SELECT FROM pg_policy AS p WHERE p.polrelid = t.oid AND p.polname = 'twinbase_rows'
        ) AS has_policy,
        has_table_privilege($2::name, t.oid, 'INSERT') AS is_granted,
        t.relowner = $3::text::regrole AS is_owned
    FROM tables AS t
    LEFT JOIN pg_attribute AS id
        ON id.attrelid = t.oid AND id.attname = 'id' AND NOT id.attisdropped
    LEFT JOIN pg_attribute AS uid
        ON uid.attrelid = t.oid AND uid.attname = 'uid' AND NOT uid.attisdropped
)
SELECT
    f.name,
    f.id_type,
    f.id_is_plain,
    f.id_sequence,
    f.id_is_indexed,
    f.uid_type,
    f.uid_is_plain,
    f.uid_is_indexed,
    f.has_key,
    f.has_policy AND f.is_granted AND tg.tgargs IS NOT NULL AS is_guarded,
    arguments.create_time,
    arguments.update_time
FROM facts AS f
CROSS JOIN LATERAL (
    SELECT
        CASE WHEN 'create_time' = ANY (f.time_columns) THEN 'create_time' ELSE 'none' END,
        CASE WHEN 'update_time' = ANY (f.time_columns) THEN 'update_time' ELSE 'none' END
) AS arguments (create_time, update_time)
LEFT JOIN pg_trigger AS tg
    ON tg.tgrelid = f.oid
    AND tg.tgname = 'twinbase_stamp'
    AND tg.tgenabled = 'O'
    -- pg_trigger keeps the arguments as text with a NUL behind each
    AND tg.tgargs = convert_to(arguments.create_time, 'UTF8') || '\x00'::bytea
        || convert_to(arguments.update_time, 'UTF8') || '\x00'::bytea
WHERE NOT (
    f.id_type IS NOT DISTINCT FROM 'bigint'
    AND f.id_is_plain
    AND f.id_sequence IS NULL
    AND f.uid_type IS NOT DISTINCT FROM 'character varying'
    AND f.uid_typmod = -1
    AND f.uid_is_plain
    AND f.has_policy
    AND f.is_granted
    AND f.is_owned
    AND tg.tgargs IS NOT NULL
)
ORDER BY f.name;

-- name: narrow_references
-- Foreign keys onto a managed id from a column too small for it.
SELECT c.relname AS "table", a.attname AS "column"
FROM pg_constraint AS fk
JOIN pg_class AS c ON c.oid = fk.conrelid AND c.relnamespace = $1::text::regnamespace
CROSS JOIN LATERAL unnest(fk.conkey, fk.confkey) AS pair (own, referenced)
JOIN pg_attribute AS a
    ON a.attrelid = fk.conrelid AND a.attnum = pair.own
    AND a.atttypid IN ('smallint'::regtype, 'integer'::regtype)
JOIN pg_attribute AS target
    ON target.attrelid = fk.confrelid AND target.attnum = pair.referenced AND target.attname = 'id'
WHERE fk.contype = 'f' AND c.relname = ANY ($2::text[]);

-- name: needs_new_ids
SELECT count(*) <> count(DISTINCT id) FROM {table};

-- name: give_new_ids
UPDATE {table} AS t
SET id = $1 + numbered.n
FROM (SELECT ctid, row_number() OVER () AS n FROM {table}) AS numbered
WHERE t.ctid = numbered.ctid;

-- name: give_owner
UPDATE {table} SET uid = $1 WHERE uid IS NULL;

-- name: ungranted_sequences
-- Sequences of serial columns that twinbase_dml may not draw from yet.
SELECT s.relname
FROM pg_depend AS d
JOIN pg_class AS s ON s.oid = d.objid
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = $1::text::regnamespace
  AND d.classid = 'pg_class'::regclass
  -- CASE, because PostgreSQL may ask the second question first, and it is an error of a table.
  AND CASE s.relkind WHEN 'S' THEN NOT has_sequence_privilege($2::name, s.oid, 'USAGE') END;

-- name: grant_sequence
GRANT USAGE ON SEQUENCE {schema}.{sequence} TO {dml};

-- name: guard_table
-- twinbase_ddl copies whole tables, but only of schemas that its transaction may enter.
ALTER TABLE {schema}.{table} ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS twinbase_rows ON {schema}.{table};
CREATE POLICY twinbase_rows ON {schema}.{table} TO {dml}
    USING (
        current_setting('twinbase.schema', true) = {schema_literal}
        AND uid IN (current_setting('twinbase.uid', true), current_setting('twinbase.app_uid', true))
    )
    WITH CHECK (
        current_setting('twinbase.schema', true) = {schema_literal}
        AND uid IN (current_setting('twinbase.uid', true), current_setting('twinbase.app_uid', true))
    );
DROP POLICY IF EXISTS twinbase_definition ON {schema}.{table};
CREATE POLICY twinbase_definition ON {schema}.{table} FOR SELECT TO {ddl} USING (true);
DROP TRIGGER IF EXISTS twinbase_stamp ON {schema}.{table};
CREATE TRIGGER twinbase_stamp BEFORE INSERT OR UPDATE ON {schema}.{table}
    FOR EACH ROW EXECUTE FUNCTION twinbase.stamp_row({create_time_literal}, {update_time_literal});
GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.{table} TO {dml};
