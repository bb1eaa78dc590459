-- Tenants' schemas: making, dropping, and bringing tables to the state they must be in.

-- name: create_schema
CREATE SCHEMA {schema} AUTHORIZATION {owner};
GRANT USAGE ON SCHEMA {schema} TO {dml}, {space}, {reader};

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
ALTER TABLE {schema}.{table} OWNER TO {owner};

-- name: take_sequence_back
-- Only a sequence that belongs to no column; others follow their table.
ALTER SEQUENCE {schema}.{sequence} OWNER TO {owner};

-- name: relations_of_ddl
-- What twinbase_ddl owns in a schema: what it was lent and what it made; $3: of these names, or
-- NULL. Nothing else can have changed. Found through pg_depend, whose index leads from a schema to
-- what is in it; pg_class has none.
SELECT c.oid, c.relname AS name, c.relkind::text AS kind
FROM pg_depend AS d
JOIN pg_class AS c ON c.oid = d.objid
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = $1::text::regnamespace
  AND d.classid = 'pg_class'::regclass
  AND c.relowner = $2::text::regrole
  AND ($3::text[] IS NULL OR c.relname = ANY ($3::text[]))
  AND NOT EXISTS (
      SELECT FROM pg_depend AS o
      WHERE c.relkind = 'S'
        AND o.classid = 'pg_class'::regclass
        AND o.objid = c.oid
        AND o.refclassid = 'pg_class'::regclass
        AND o.deptype IN ('a', 'i')
  )
ORDER BY c.relname;

-- name: tables_of_schema
SELECT c.oid
FROM pg_depend AS d
JOIN pg_class AS c ON c.oid = d.objid AND c.relkind = 'r'
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = $1::text::regnamespace
  AND d.classid = 'pg_class'::regclass;

-- name: facts
-- Of each of these tables, what settling must know. Planning takes longer than running: each
-- catalog is asked once for all that it knows.
SELECT
    t.oid,
    t.relname AS name,
    c.id_type::regtype::text AS id_type,
    c.id_is_plain,
    c.uid_type::regtype::text AS uid_type,
    c.uid_length,
    c.uid_is_plain,
    c.has_defaults,
    CASE WHEN c.has_create_time THEN 'create_time' ELSE 'none' END AS create_time,
    CASE WHEN c.has_update_time THEN 'update_time' ELSE 'none' END AS update_time,
    i.has_key,
    i.id_is_unique,
    i.uid_is_indexed,
    t.relrowsecurity AND NOT t.relforcerowsecurity AS has_row_security,
    -- The uid of the policy of own rows: a policy follows its column through a RENAME.
    EXISTS (
        SELECT FROM pg_policy AS p
        JOIN pg_depend AS d ON d.classid = 'pg_policy'::regclass AND d.objid = p.oid
        WHERE p.polrelid = t.oid
          AND p.polname = 'twinbase_rows'
          AND d.refclassid = 'pg_class'::regclass
          AND d.refobjid = t.oid
          AND d.refobjsubid = c.uid_number
    ) AND EXISTS (
        SELECT FROM pg_policy AS p WHERE p.polrelid = t.oid AND p.polname = 'twinbase_all_rows'
    ) AS has_policies,
    EXISTS (
        SELECT FROM pg_trigger AS tg
        WHERE tg.tgrelid = t.oid
          AND tg.tgname = 'twinbase_stamp'
          AND tg.tgenabled = 'O'
          -- pg_trigger keeps the arguments as text with a NUL behind each
          AND encode(tg.tgargs, 'escape') = concat(
              CASE WHEN c.has_create_time THEN 'create_time' ELSE 'none' END, '\000',
              CASE WHEN c.has_update_time THEN 'update_time' ELSE 'none' END, '\000'
          )
    ) AS has_trigger,
    EXISTS (
        SELECT FROM pg_constraint AS fk WHERE fk.conrelid = t.oid AND fk.contype = 'f'
    ) AS has_references,
    has_table_privilege($2::name, t.oid, 'INSERT')
        AND has_table_privilege($3::name, t.oid, 'INSERT')
        AND has_table_privilege($4::name, t.oid, 'SELECT') AS is_granted,
    t.relowner = $5::text::regrole AS is_owned
FROM pg_class AS t
CROSS JOIN LATERAL (
    SELECT
        max(a.attnum) FILTER (WHERE a.attname = 'id') AS id_number,
        max(a.atttypid::bigint) FILTER (WHERE a.attname = 'id') AS id_type,
        bool_and(a.attnotnull AND NOT a.atthasdef AND a.attidentity = '')
            FILTER (WHERE a.attname = 'id') AS id_is_plain,
        max(a.attnum) FILTER (WHERE a.attname = 'uid') AS uid_number,
        max(a.atttypid::bigint) FILTER (WHERE a.attname = 'uid') AS uid_type,
        max(a.atttypmod) FILTER (WHERE a.attname = 'uid') AS uid_length,
        bool_and(a.attnotnull AND NOT a.atthasdef) FILTER (WHERE a.attname = 'uid') AS uid_is_plain,
        bool_or(a.atthasdef) AS has_defaults,
        bool_or(a.attname = 'create_time' AND is_moment.plain) AS has_create_time,
        bool_or(a.attname = 'update_time' AND is_moment.plain) AS has_update_time
    FROM pg_attribute AS a
    CROSS JOIN LATERAL (
        SELECT
            a.atttypid IN ('timestamp'::regtype, 'timestamptz'::regtype) AND a.attgenerated = ''
    ) AS is_moment (plain)
    WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
) AS c
CROSS JOIN LATERAL (
    SELECT
        coalesce(bool_or(i.indisprimary), false) AS has_key,
        coalesce(
            bool_or(i.indkey[0] = c.id_number AND i.indnkeyatts = 1 AND i.indisunique)
                FILTER (WHERE i.indisvalid AND i.indpred IS NULL),
            false
        ) AS id_is_unique,
        coalesce(
            bool_or(i.indkey[0] = c.uid_number) FILTER (WHERE i.indisvalid AND i.indpred IS NULL),
            false
        ) AS uid_is_indexed
    FROM pg_index AS i
    WHERE i.indrelid = t.oid
) AS i
WHERE t.oid = ANY ($1::oid[])
ORDER BY t.relname;

-- name: serial_columns
-- Columns that draw their default from a sequence, which twinbase_dml could then draw from in
-- any schema. An identity column does the same and needs no right on its sequence.
SELECT t.relname AS "table", a.attname AS "column", s.relname AS sequence
FROM pg_attrdef AS ad
JOIN pg_depend AS d
    ON d.classid = 'pg_attrdef'::regclass AND d.objid = ad.oid
    AND d.refclassid = 'pg_class'::regclass
JOIN pg_class AS s ON s.oid = d.refobjid AND s.relkind = 'S'
JOIN pg_class AS t ON t.oid = ad.adrelid
JOIN pg_attribute AS a ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum
WHERE ad.adrelid = ANY ($1::oid[])
ORDER BY 1, 2;

-- name: next_of_sequence
SELECT CASE WHEN is_called THEN last_value + 1 ELSE last_value END FROM {sequence};

-- name: narrow_references
-- Foreign keys onto a managed id from a column too small for it.
SELECT c.relname AS "table", a.attname AS "column"
FROM pg_constraint AS fk
JOIN pg_class AS c ON c.oid = fk.conrelid
CROSS JOIN LATERAL unnest(fk.conkey, fk.confkey) AS pair (own, referenced)
JOIN pg_attribute AS a
    ON a.attrelid = fk.conrelid AND a.attnum = pair.own
    AND a.atttypid IN ('smallint'::regtype, 'integer'::regtype)
JOIN pg_attribute AS target
    ON target.attrelid = fk.confrelid AND target.attnum = pair.referenced AND target.attname = 'id'
WHERE fk.contype = 'f' AND fk.conrelid = ANY ($1::oid[]);

-- name: needs_new_ids
SELECT count(*) <> count(DISTINCT id) FROM {table};

-- name: give_new_ids
UPDATE {table} AS t
SET id = $1 + numbered.n
FROM (SELECT ctid, row_number() OVER () AS n FROM {table}) AS numbered
WHERE t.ctid = numbered.ctid;

-- name: give_owner
UPDATE {table} SET uid = $1 WHERE uid IS NULL;

-- name: guard_table
ALTER TABLE {schema}.{table} ENABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;
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
DROP POLICY IF EXISTS twinbase_all_rows ON {schema}.{table};
CREATE POLICY twinbase_all_rows ON {schema}.{table} TO {space}, {reader}
    USING (current_setting('twinbase.schema', true) = {schema_literal})
    WITH CHECK (current_setting('twinbase.schema', true) = {schema_literal});
DROP TRIGGER IF EXISTS twinbase_stamp ON {schema}.{table};
CREATE TRIGGER twinbase_stamp BEFORE INSERT OR UPDATE ON {schema}.{table}
    FOR EACH ROW EXECUTE FUNCTION twinbase.stamp_row({create_time_literal}, {update_time_literal});
GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.{table} TO {dml}, {space};
GRANT SELECT ON {schema}.{table} TO {reader};
