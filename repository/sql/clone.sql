-- Copies a schema's rows, and what surrounds the running of its definitions (definitions.sql).

-- name: open_copy
-- twinbase_ddl makes the copy, since defaults, checks and the like are its tenant's expressions.
GRANT USAGE, CREATE ON SCHEMA {target} TO {ddl}

-- name: enter_copy
-- Rows are read in the order in which they lie, also where somebody else reads the same table.
SET LOCAL twinbase.schema TO {target_literal};
SET LOCAL search_path TO {target}, pg_temp;
SET LOCAL synchronize_seqscans TO off;
SET LOCAL check_function_bodies TO off;

-- name: become_ddl
SET LOCAL ROLE {ddl};

-- name: become_service
SET LOCAL ROLE NONE;

-- name: close_copy
REVOKE ALL ON SCHEMA {target} FROM {ddl};

-- name: leave_copy
SET LOCAL search_path TO DEFAULT;

-- name: populate
-- Its owner runs the query: twinbase_ddl, which owns what that reads.
REFRESH MATERIALIZED VIEW {view};

-- name: rows
-- Of each of the tables $4 of the schema $1 the statement that copies its rows into the schema $2; the largest first, so that none
-- is left over when others have ended.
-- Rows of plain columns come from the service, which owns both tables. Where the copy computes
-- something of a row (a generated column, a value of a type of its own, what belongs into a
-- partition), the computing is the tenant's: twinbase_ddl does it, and reads through a view of ours,
-- since it may not enter the source. (A GRANT on the source would fail where two clones meet.)
-- A type of the schema's own is another one in the copy: its values travel as text, and may belong
-- into another partition where that is told by a hash. By way of an array, which is written and read
-- by the types' own functions; a cast may do something else (char(n) loses its blanks). So do names
-- of objects (regclass …), written while the source is on search_path, and so without its name.
WITH columns AS (
    SELECT
        a.attrelid,
        a.attnum,
        a.attname,
        a.attgenerated <> '' AS is_generated,
        ty.typnamespace = t.relnamespace AS is_own,
        -- Or holds one, within a type that somebody has made.
        CASE WHEN ty.typnamespace = 'pg_catalog'::regnamespace THEN coalesce(array_of.type, ty.oid) = ANY (names.types)
        ELSE EXISTS (
            WITH RECURSIVE inside (oid) AS (
                SELECT ty.oid
                UNION
                SELECT part.oid
                FROM inside
                JOIN pg_type AS whole ON whole.oid = inside.oid
                CROSS JOIN LATERAL (
                    VALUES (whole.typbasetype), (whole.typelem)
                    UNION ALL
                    SELECT r.rngsubtype FROM pg_range AS r
                    WHERE whole.oid IN (r.rngtypid, r.rngmultitypid)
                    UNION ALL
                    SELECT attribute.atttypid FROM pg_attribute AS attribute
                    WHERE attribute.attrelid = whole.typrelid AND attribute.attnum > 0
                ) AS part (oid)
                WHERE part.oid <> 0
                  AND (whole.typnamespace <> 'pg_catalog'::regnamespace OR whole.typcategory = 'A')
            )
            SELECT FROM inside WHERE inside.oid = ANY (names.types)
        ) END AS is_name,
        array_of.type IS NOT NULL AS is_array,
        format_type(a.atttypid, a.atttypmod) AS type
    FROM pg_class AS t
    JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type AS ty ON ty.oid = a.atttypid
    -- A domain over an array is of that category, too, and no array.
    CROSS JOIN LATERAL (
        SELECT CASE ty.typcategory WHEN 'A' THEN nullif(ty.typelem, 0) END
    ) AS array_of (type)
    CROSS JOIN (
        SELECT ARRAY[
            'regclass', 'regcollation', 'regconfig', 'regdictionary', 'regoper', 'regoperator',
            'regproc', 'regprocedure', 'regtype'
        ]::regtype[]::oid[]
    ) AS names (types)
    WHERE t.oid = ANY ($4::oid[])
), travelling AS (
    SELECT c.*, c.is_own OR c.is_name AS travels FROM columns AS c
)
SELECT
    t.relname AS name,
    t.relispartition OR coalesce(bool_or(c.is_generated OR c.is_own OR c.is_name), false) AS is_computed,
    pg_table_size(t.oid) AS bytes,
    greatest(pg_stat_get_live_tuples(t.oid), t.reltuples::bigint, 0) AS rows,
    format(
        -- Who owns a table reads all of it but where it forces row security.
        CASE
            WHEN t.relforcerowsecurity THEN 'ALTER TABLE %1$I.%2$I NO FORCE ROW LEVEL SECURITY;'
            ELSE ''
        END
        || CASE
            WHEN bool_or(c.is_name) THEN
                'SET LOCAL search_path TO %1$I, pg_temp;'
                'CREATE TABLE %3$I.pg_rows_of_source AS SELECT %6$s FROM ONLY %1$I.%2$I;'
                'SET LOCAL search_path TO %3$I, pg_temp;'
            WHEN t.relispartition OR bool_or(c.is_generated OR c.is_own) THEN
                'CREATE VIEW %3$I.pg_rows_of_source AS SELECT %6$s FROM ONLY %1$I.%2$I;'
            WHEN count(c.attname) = 0 THEN 'INSERT INTO %3$I.%2$I SELECT FROM ONLY %1$I.%2$I'
            ELSE
                'INSERT INTO %3$I.%2$I (%4$s) OVERRIDING SYSTEM VALUE SELECT %4$s FROM ONLY %1$I.%2$I'
        END
        || CASE
            WHEN t.relispartition OR bool_or(c.is_generated OR c.is_own OR c.is_name) THEN
                'GRANT SELECT ON %3$I.pg_rows_of_source TO %5$I;'
                'SET LOCAL ROLE %5$I;'
                'INSERT INTO %3$I.%8$I %9$s OVERRIDING SYSTEM VALUE SELECT %7$s FROM %3$I.pg_rows_of_source;'
                'SET LOCAL ROLE NONE;'
                'DROP ' || CASE WHEN bool_or(c.is_name) THEN 'TABLE' ELSE 'VIEW' END || ' %3$I.pg_rows_of_source'
            ELSE ''
        END
        || CASE
            WHEN t.relforcerowsecurity THEN ';ALTER TABLE %1$I.%2$I FORCE ROW LEVEL SECURITY'
            ELSE ''
        END,
        $1::text,
        t.relname,
        $2::text,
        string_agg(quote_ident(c.attname), ', ' ORDER BY c.attnum) FILTER (WHERE NOT c.is_generated),
        $3::text,
        string_agg(
            format(
                CASE
                    WHEN c.travels AND c.is_array THEN '%1$I::text AS %1$I'
                    WHEN c.travels THEN 'ARRAY[%1$I]::text AS %1$I'
                    ELSE '%1$I'
                END,
                c.attname
            ),
            ', ' ORDER BY c.attnum
        ) FILTER (WHERE NOT c.is_generated),
        string_agg(
            format(
                CASE
                    WHEN c.travels AND c.is_array THEN '%1$I::%2$s'
                    WHEN c.travels THEN '(%1$I::%2$s[])[1]'
                    ELSE '%1$I'
                END,
                c.attname,
                c.type
            ),
            ', ' ORDER BY c.attnum
        ) FILTER (WHERE NOT c.is_generated),
        (
            SELECT r.relname FROM pg_class AS r
            WHERE r.oid = CASE
                WHEN bool_or(c.is_own) AND EXISTS (
                    SELECT FROM pg_partition_ancestors(t.oid) AS above
                    JOIN pg_partitioned_table AS p ON p.partrelid = above.relid AND p.partstrat = 'h'
                )
                THEN pg_partition_root(t.oid)::oid
                ELSE t.oid
            END
        ),
        -- No list, where all that it has is generated.
        '(' || string_agg(quote_ident(c.attname), ', ' ORDER BY c.attnum) FILTER (WHERE NOT c.is_generated) || ')'
    ) AS statement
FROM pg_class AS t
LEFT JOIN travelling AS c ON c.attrelid = t.oid
WHERE t.oid = ANY ($4::oid[])
GROUP BY t.oid, t.relname, t.relispartition, t.relforcerowsecurity
ORDER BY bytes DESC, t.relname;

-- name: tallies
-- Of each table in the schema $1, or of its relations $3, the query that counts its rows and, with $2,
-- adds up their checksums.
-- Partitions are counted with their table. Of a table that forces row security even its owner does not
-- see all; foreign tables have rows of others'.
SELECT format(
    'SELECT %1$L AS name, count(*) AS rows, %3$s AS checksum FROM %4$s %2$I.%1$I AS own',
    t.relname,
    $1::text,
    CASE
        WHEN $2::boolean THEN 'sum(hashtextextended((own.*)::text, 0)::numeric)'
        ELSE 'NULL::numeric'
    END,
    CASE t.relkind WHEN 'r' THEN 'ONLY' ELSE '' END
) AS query
FROM pg_class AS t
WHERE t.oid = ANY (coalesce(
    $3::oid[],
    ARRAY(
        SELECT m.objid FROM pg_depend AS m
        WHERE m.refclassid = 'pg_namespace'::regclass
          AND m.refobjid = $1::text::regnamespace AND m.classid = 'pg_class'::regclass
    )
))
  AND t.relkind IN ('r', 'p')
  AND NOT t.relispartition
  AND NOT t.relforcerowsecurity
  AND (
      t.relkind = 'r'
      OR NOT EXISTS (
          SELECT FROM pg_partition_tree(t.oid) AS part JOIN pg_class AS c ON c.oid = part.relid
          WHERE c.relkind = 'f' OR c.relforcerowsecurity
      )
  )
ORDER BY t.relname;

-- name: set_positions
SELECT setval(format('%I.%I', $1::text, p.name)::regclass, p.last_value, p.is_called)
FROM unnest($2::text[], $3::bigint[], $4::boolean[]) AS p (name, last_value, is_called);
