-- Tenants' schemas: making, dropping, and bringing tables to the state they must be in.

-- name: create_schema
CREATE SCHEMA {schema} AUTHORIZATION {owner};
GRANT USAGE ON SCHEMA {schema} TO {dml}, {space}, {reader};

-- name: drop_schema
-- Or what is left of it. Where somebody has dropped it past us, its database can go all the same.
DROP SCHEMA IF EXISTS {schema} CASCADE;

-- name: size
-- Of the schemas $1 that are there; bytes as of the last ANALYZE or VACUUM, since to measure them one
-- would have to wait for whoever has locked a table.
SELECT
    count(*) AS relations,
    coalesce(
        sum((c.relpages + coalesce(toast.relpages, 0))::bigint)
            FILTER (WHERE c.relkind IN ('r', 'm')),
        0
    )::bigint * current_setting('block_size')::bigint AS bytes
FROM pg_depend AS d
JOIN pg_class AS c ON c.oid = d.objid
LEFT JOIN pg_class AS toast ON toast.oid = c.reltoastrelid
WHERE d.classid = 'pg_class'::regclass
  AND d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid IN (SELECT oid FROM pg_namespace WHERE nspname = ANY ($1::text[]));

-- name: relations
-- How many tables, views and sequences there are in the schemas $1. Of those that are only to be
-- dropped: planning ``size`` takes twice as long.
SELECT count(*) AS relations
FROM pg_namespace AS n
JOIN pg_depend AS d
    ON d.refclassid = 'pg_namespace'::regclass
    AND d.refobjid = n.oid
    AND d.classid = 'pg_class'::regclass
WHERE n.nspname = ANY ($1::text[]);

-- name: size_of_some
-- Of the tables and views $2 in the schemas $1, with their partitions and sequences.
WITH RECURSIVE some_of_them (oid) AS (
    SELECT c.oid
    FROM pg_namespace AS n
    JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
    WHERE n.nspname = ANY ($1::text[]) AND c.relname = ANY ($2::text[])
    UNION
    SELECT c.oid
    FROM some_of_them AS s
    JOIN pg_depend AS d
        ON d.refclassid = 'pg_class'::regclass AND d.refobjid = s.oid
        AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    JOIN pg_class AS c ON c.oid = d.objid AND c.relkind IN ('r', 'p', 'f', 'S')
)
SELECT
    count(*) AS relations,
    coalesce(
        sum((c.relpages + coalesce(toast.relpages, 0))::bigint)
            FILTER (WHERE c.relkind IN ('r', 'm')),
        0
    )::bigint * current_setting('block_size')::bigint AS bytes
FROM some_of_them AS s
JOIN pg_class AS c ON c.oid = s.oid
LEFT JOIN pg_class AS toast ON toast.oid = c.reltoastrelid;

-- name: lock_dropped_schema
-- Who drops it, too, waits here and not for tables, one of which the other may hold.
SELECT FROM twinbase.schema_meta WHERE schema_name = $1 FOR UPDATE;

-- name: drop_some
-- What lies in the schema $1 and holds rows or takes them from elsewhere, at most $2, as statements.
SELECT format(
    'DROP %s IF EXISTS %I.%I CASCADE',
    CASE c.relkind
        WHEN 'v' THEN 'VIEW'
        WHEN 'm' THEN 'MATERIALIZED VIEW'
        WHEN 'S' THEN 'SEQUENCE'
        WHEN 'f' THEN 'FOREIGN TABLE'
        ELSE 'TABLE'
    END,
    n.nspname,
    c.relname
) AS statement
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = $1
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  -- A sequence of a column goes with its table.
  AND NOT EXISTS (
      SELECT FROM pg_depend AS d
      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
        AND d.refclassid = 'pg_class'::regclass
  )
ORDER BY c.oid
LIMIT $2;

-- name: open_for_ddl
-- Until the same transaction takes it back; nobody else ever sees it granted. What twinbase_ddl
-- draws from a sequence, it may draw from this schema's.
GRANT USAGE, CREATE ON SCHEMA {schema} TO {ddl};
SET LOCAL twinbase.schema TO {schema_literal};

-- name: open_for_lending
-- An object is given only to who may create in its schema.
GRANT CREATE ON SCHEMA {schema} TO {ddl};

-- name: become_ddl
SET LOCAL ROLE {ddl};
SET LOCAL search_path TO {schema}, pg_temp;

-- name: become_service
SET LOCAL ROLE NONE;
SET LOCAL search_path TO DEFAULT;

-- name: close_for_ddl
REVOKE ALL ON SCHEMA {schema} FROM {ddl};

-- name: relations_named
-- The tables, views and sequences of the schemas $1 that the names $2 stand for: an index for its
-- table, and so does a sequence that belongs to a column.
SELECT DISTINCT
    t.oid,
    t.relnamespace::regnamespace::text AS schema,
    t.relname AS name,
    CASE t.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' ELSE 'sequence' END AS kind,
    c.relname AS named
FROM pg_class AS c
LEFT JOIN pg_index AS i ON i.indexrelid = c.oid
LEFT JOIN pg_depend AS o
    ON c.relkind = 'S'
    AND o.classid = 'pg_class'::regclass AND o.objid = c.oid
    AND o.refclassid = 'pg_class'::regclass AND o.deptype IN ('a', 'i')
JOIN pg_class AS t ON t.oid = coalesce(i.indrelid, o.refobjid, c.oid)
WHERE c.relnamespace = ANY ($1::text[]::regnamespace[])
  AND c.relname = ANY ($2::text[])
  AND t.relkind IN ('r', 'v', 'S');

-- name: relations_behind_views
-- What the views of these names read, and the views among that, in their turn.
WITH RECURSIVE behind (oid) AS (
    SELECT c.oid
    FROM pg_class AS c
    WHERE c.relnamespace = ANY ($1::text[]::regnamespace[])
      AND c.relname = ANY ($2::text[])
      AND c.relkind = 'v'
    UNION
    SELECT d.refobjid
    FROM behind AS b
    JOIN pg_rewrite AS r ON r.ev_class = b.oid
    JOIN pg_depend AS d
        ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
        AND d.refclassid = 'pg_class'::regclass
)
SELECT
    c.relnamespace::regnamespace::text AS schema,
    c.relname AS name,
    CASE c.relkind WHEN 'r' THEN 'table' ELSE 'view' END AS kind
FROM behind AS b
JOIN pg_class AS c ON c.oid = b.oid
WHERE c.relnamespace = ANY ($1::text[]::regnamespace[]) AND c.relkind IN ('r', 'v');

-- name: others_named
-- Enumerations and domains named $2, statistics objects named $3.
SELECT ty.typnamespace::regnamespace::text AS schema, ty.typname AS name, 'type' AS kind
FROM pg_type AS ty
WHERE ty.typnamespace = ANY ($1::text[]::regnamespace[])
  AND ty.typname = ANY ($2::text[])
  AND ty.typtype IN ('e', 'd')
UNION ALL
SELECT x.stxnamespace::regnamespace::text, x.stxname, 'statistics'
FROM pg_statistic_ext AS x
WHERE x.stxnamespace = ANY ($1::text[]::regnamespace[]) AND x.stxname = ANY ($3::text[]);

-- name: give_table
-- With its indexes, and the sequences of its columns.
ALTER TABLE {schema}.{name} OWNER TO {owner};

-- name: give_view
ALTER VIEW {schema}.{name} OWNER TO {owner};

-- name: give_sequence
ALTER SEQUENCE {schema}.{name} OWNER TO {owner};

-- name: give_type
-- A domain, too.
ALTER TYPE {schema}.{name} OWNER TO {owner};

-- name: give_statistics
ALTER STATISTICS {schema}.{name} OWNER TO {owner};

-- name: sequences_drawn_from
-- Those that a default may draw from, and which of identities the names $2 may mean.
SELECT c.relnamespace::regnamespace::text AS schema, c.relname AS name, s.seqcache AS cache
FROM pg_depend AS d
JOIN pg_class AS c ON c.oid = d.objid
JOIN pg_sequence AS s ON s.seqrelid = c.oid
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = ANY ($1::text[]::regnamespace[])
  AND d.classid = 'pg_class'::regclass
  AND (
      c.relname = ANY ($2::text[])
      OR NOT EXISTS (
          SELECT FROM pg_depend AS o
          WHERE o.classid = 'pg_class'::regclass AND o.objid = c.oid AND o.deptype = 'i'
      )
  );

-- name: alter_sequence
ALTER SEQUENCE {schema}.{name}

-- name: objects_of_ddl
-- What twinbase_ddl, $2, owns in a schema: what it was lent and what it made; nothing else can have
-- changed. Without sequences of columns, which follow their tables. ``kind`` NULL: none that a tenant
-- may have. Found through pg_depend, whose index leads from a schema to what is in it; pg_class has
-- none.
SELECT
    d.objid AS oid,
    coalesce(c.relname, ty.typname, x.stxname) AS name,
    CASE
        WHEN c.relkind = 'r' THEN 'table'
        WHEN c.relkind = 'v' THEN 'view'
        WHEN c.relkind = 'S' THEN 'sequence'
        WHEN ty.typtype IN ('e', 'd') THEN 'type'
        WHEN x.oid IS NOT NULL THEN 'statistics'
    END AS kind
FROM pg_depend AS d
LEFT JOIN pg_class AS c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
LEFT JOIN pg_type AS ty ON d.classid = 'pg_type'::regclass AND ty.oid = d.objid
LEFT JOIN pg_statistic_ext AS x ON d.classid = 'pg_statistic_ext'::regclass AND x.oid = d.objid
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = $1::text::regnamespace
  AND $2::text::regrole IN (c.relowner, ty.typowner, x.stxowner)
  AND NOT EXISTS (
      SELECT FROM pg_depend AS o
      WHERE c.relkind = 'S'
        AND o.classid = 'pg_class'::regclass
        AND o.objid = c.oid
        AND o.refclassid = 'pg_class'::regclass
        AND o.deptype IN ('a', 'i')
  );

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
-- Columns whose default draws from a sequence by PostgreSQL's own function, as a serial's does: who
-- inserts would need a right that reaches the sequences of all schemas. An identity column does
-- the same and needs none; nor do defaults by our functions of sequences. Of a function that is
-- not PostgreSQL's own, pg_depend knows.
SELECT
    t.relname AS "table",
    a.attname AS "column",
    s.relname AS sequence,
    -- A serial's sequence is of its column's type, which bounds what an identity may be told.
    CASE WHEN q.seqtypid = a.atttypid THEN format(
        '(INCREMENT %s MINVALUE %s MAXVALUE %s START %s CACHE %s %s)',
        q.seqincrement, q.seqmin, q.seqmax, q.seqstart, q.seqcache,
        CASE WHEN q.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END
    ) ELSE '' END AS options
FROM pg_attrdef AS ad
JOIN pg_depend AS d
    ON d.classid = 'pg_attrdef'::regclass AND d.objid = ad.oid
    AND d.refclassid = 'pg_class'::regclass
JOIN pg_class AS s ON s.oid = d.refobjid AND s.relkind = 'S'
JOIN pg_sequence AS q ON q.seqrelid = s.oid
JOIN pg_class AS t ON t.oid = ad.adrelid
JOIN pg_attribute AS a ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum
WHERE ad.adrelid = ANY ($1::oid[])
  AND NOT EXISTS (
      SELECT FROM pg_depend AS f
      WHERE f.classid = 'pg_attrdef'::regclass
        AND f.objid = ad.oid
        AND f.refclassid = 'pg_proc'::regclass
  )
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

-- name: tables_with_rows
-- Among these; perhaps with rows that are gone, too.
SELECT t.oid FROM unnest($1::oid[]) AS t (oid) WHERE pg_relation_size(t.oid) > 0;

-- name: needs_new_ids
SELECT count(*) <> count(DISTINCT id) FROM {table};

-- name: give_new_ids
UPDATE {table} AS t
SET id = $1 + numbered.n
FROM (SELECT ctid, row_number() OVER () AS n FROM {table}) AS numbered
WHERE t.ctid = numbered.ctid;

-- name: give_owner
UPDATE {table} SET uid = $1 WHERE uid IS NULL;

-- name: unguard_table
DROP POLICY IF EXISTS twinbase_rows ON {schema}.{table};
DROP POLICY IF EXISTS twinbase_all_rows ON {schema}.{table};
DROP TRIGGER IF EXISTS twinbase_stamp ON {schema}.{table};

-- name: guard_table
ALTER TABLE {schema}.{table} ENABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;
CREATE POLICY twinbase_rows ON {schema}.{table} TO {dml}
    USING (
        current_setting('twinbase.schema', true) = {schema_literal}
        AND uid IN (current_setting('twinbase.uid', true), current_setting('twinbase.app_uid', true))
    )
    WITH CHECK (
        current_setting('twinbase.schema', true) = {schema_literal}
        AND uid IN (current_setting('twinbase.uid', true), current_setting('twinbase.app_uid', true))
    );
CREATE POLICY twinbase_all_rows ON {schema}.{table} TO {space}, {reader}
    USING (current_setting('twinbase.schema', true) = {schema_literal})
    WITH CHECK (current_setting('twinbase.schema', true) = {schema_literal});
CREATE TRIGGER twinbase_stamp BEFORE INSERT OR UPDATE ON {schema}.{table}
    FOR EACH ROW EXECUTE FUNCTION twinbase.stamp_row({create_time_literal}, {update_time_literal});
GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.{table} TO {dml}, {space};
GRANT SELECT ON {schema}.{table} TO {reader};

-- name: guard_view
-- Rows are those that the caller reaches in the tables behind it, whatever its maker may see.
ALTER VIEW {schema}.{name} SET (security_invoker = true);
GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.{name} TO {dml}, {space};
GRANT SELECT ON {schema}.{name} TO {reader};
