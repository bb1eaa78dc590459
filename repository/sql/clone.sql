-- Reads a schema's definitions as statements that make it again.
--
-- Definitions are read with search_path on the source and print names relative to it
-- (pg_get_expr, pg_get_constraintdef, pg_get_indexdef do), so that what they print makes the same
-- thing in whichever schema is on the path when it runs. $1 is the schema's name.

-- name: open_copy
-- twinbase_ddl makes the copy, since defaults, checks and the like are its tenant's expressions.
-- Rows are read in the order in which they lie, also where somebody else reads the same table.
GRANT USAGE, CREATE ON SCHEMA {target} TO {ddl};
SET LOCAL twinbase.schema TO {target_literal};
SET LOCAL search_path TO {target}, pg_temp;
SET LOCAL synchronize_seqscans TO off;

-- name: become_ddl
SET LOCAL ROLE {ddl};

-- name: become_service
SET LOCAL ROLE NONE;

-- name: close_copy
REVOKE ALL ON SCHEMA {target} FROM {ddl};
SET LOCAL search_path TO DEFAULT;

-- name: sequences
-- Those that no identity column makes by itself.
SELECT format(
    'CREATE SEQUENCE %I AS %s INCREMENT %s MINVALUE %s MAXVALUE %s START %s CACHE %s %s',
    c.relname, format_type(s.seqtypid, NULL), s.seqincrement, s.seqmin, s.seqmax, s.seqstart,
    s.seqcache, CASE WHEN s.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END
)
FROM pg_depend AS d
JOIN pg_class AS c ON c.oid = d.objid
JOIN pg_sequence AS s ON s.seqrelid = c.oid
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = $1::text::regnamespace
  AND d.classid = 'pg_class'::regclass
  AND NOT EXISTS (
      SELECT FROM pg_depend AS o
      WHERE o.classid = 'pg_class'::regclass AND o.objid = c.oid AND o.deptype = 'i'
  )
ORDER BY c.relname;

-- name: tables
-- Columns with types, collations, defaults, generation, identity, NOT NULL; no other constraint.
SELECT format(
    'CREATE TABLE %I (%s)%s',
    t.relname,
    string_agg(
        concat_ws(
            ' ',
            quote_ident(a.attname),
            format_type(a.atttypid, a.atttypmod),
            CASE WHEN a.attcollation <> ty.typcollation
                THEN format('COLLATE %I.%I', cn.nspname, co.collname)
            END,
            CASE
                WHEN a.attgenerated = 's'
                    THEN format('GENERATED ALWAYS AS (%s) STORED', pg_get_expr(ad.adbin, ad.adrelid))
                WHEN a.attidentity <> ''
                    THEN format(
                        'GENERATED %s AS IDENTITY (SEQUENCE NAME %I INCREMENT %s MINVALUE %s '
                        'MAXVALUE %s START %s CACHE %s %s)',
                        CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END,
                        isc.relname, s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache,
                        CASE WHEN s.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END
                    )
                WHEN ad.adbin IS NOT NULL
                    THEN 'DEFAULT ' || pg_get_expr(ad.adbin, ad.adrelid)
            END,
            CASE WHEN a.attnotnull AND coalesce(nn.convalidated, true)
                THEN concat_ws(
                    ' ',
                    'CONSTRAINT ' || quote_ident(nn.conname),
                    'NOT NULL',
                    CASE WHEN nn.connoinherit THEN 'NO INHERIT' END
                )
            END
        ),
        ', ' ORDER BY a.attnum
    ),
    ' WITH (' || nullif(
        concat_ws(
            ', ',
            array_to_string(t.reloptions, ', '),
            'toast.' || array_to_string(toast.reloptions, ', toast.')
        ),
        ''
    ) || ')'
)
FROM pg_depend AS d
JOIN pg_class AS t ON t.oid = d.objid AND t.relkind = 'r'
JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type AS ty ON ty.oid = a.atttypid
LEFT JOIN pg_class AS toast ON toast.oid = t.reltoastrelid
LEFT JOIN pg_collation AS co ON co.oid = a.attcollation
LEFT JOIN pg_namespace AS cn ON cn.oid = co.collnamespace
LEFT JOIN pg_attrdef AS ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
LEFT JOIN pg_depend AS ido
    ON ido.refclassid = 'pg_class'::regclass AND ido.refobjid = t.oid
    AND ido.refobjsubid = a.attnum AND ido.classid = 'pg_class'::regclass AND ido.deptype = 'i'
LEFT JOIN pg_class AS isc ON isc.oid = ido.objid AND isc.relkind = 'S'
LEFT JOIN pg_sequence AS s ON s.seqrelid = isc.oid
-- PostgreSQL 18 names its NOT NULL constraints; before, there are none of this kind.
LEFT JOIN pg_constraint AS nn
    ON nn.conrelid = t.oid AND nn.contype = 'n' AND nn.conkey = ARRAY[a.attnum]
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = $1::text::regnamespace
  AND d.classid = 'pg_class'::regclass
GROUP BY t.oid, t.relname, t.reloptions, toast.reloptions
ORDER BY t.relname;

-- name: rows
-- Statements that copy the rows of each table into the schema $2.
-- Rows of plain columns come from the service, which owns both tables. Where the copy computes a
-- column, the computing is the tenant's: twinbase_ddl does it, and reads through a view of ours,
-- since it may not enter the source. (A GRANT on the source would fail where two clones meet.)
SELECT format(
    CASE
        WHEN bool_or(a.attgenerated <> '') THEN
            'CREATE VIEW %3$I.pg_rows AS SELECT %4$s FROM %1$I.%2$I;'
            'GRANT SELECT ON %3$I.pg_rows TO %5$I;'
            'SET LOCAL ROLE %5$I;'
            'INSERT INTO %3$I.%2$I (%4$s) OVERRIDING SYSTEM VALUE SELECT %4$s FROM %3$I.pg_rows;'
            'SET LOCAL ROLE NONE;'
            'DROP VIEW %3$I.pg_rows'
        ELSE
            'INSERT INTO %3$I.%2$I (%4$s) OVERRIDING SYSTEM VALUE SELECT %4$s FROM %1$I.%2$I'
    END,
    $1::text,
    t.relname,
    $2::text,
    string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FILTER (WHERE a.attgenerated = ''),
    $3::text
)
FROM pg_depend AS d
JOIN pg_class AS t ON t.oid = d.objid AND t.relkind = 'r'
JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = $1::text::regnamespace
  AND d.classid = 'pg_class'::regclass
GROUP BY t.relname
ORDER BY t.relname;

-- name: keys
-- Indexes, and the constraints that rest on one, in the order of their making: among equal ones
-- PostgreSQL chooses by it. Foreign keys come later, as they may rest on any unique index.
-- Only the pretty form of an index leaves out a schema that is on the path; the server that prints
-- it reads it. A constraint's definition leaves out the options of its index.
SELECT
    CASE
        WHEN k.oid IS NULL THEN pg_get_indexdef(i.indexrelid, 0, true)
        ELSE
            format(
                'ALTER TABLE %I ADD CONSTRAINT %I %s',
                t.relname, k.conname, pg_get_constraintdef(k.oid)
            )
            || coalesce(
                ';ALTER INDEX ' || quote_ident(k.conname)
                || ' SET (' || array_to_string(c.reloptions, ', ') || ')',
                ''
            )
    END
FROM pg_depend AS d
JOIN pg_class AS t ON t.oid = d.objid AND t.relkind = 'r'
JOIN pg_index AS i ON i.indrelid = t.oid
JOIN pg_class AS c ON c.oid = i.indexrelid
LEFT JOIN pg_constraint AS k
    ON k.conrelid = t.oid AND k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = $1::text::regnamespace
  AND d.classid = 'pg_class'::regclass
ORDER BY i.indexrelid;

-- name: checks
-- All of a table at once, so that it is read once.
SELECT format(
    'ALTER TABLE %I %s',
    t.relname,
    string_agg(
        format('ADD CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)),
        ', ' ORDER BY k.conname
    )
)
FROM pg_depend AS d
JOIN pg_class AS t ON t.oid = d.objid AND t.relkind = 'r'
JOIN pg_constraint AS k ON k.conrelid = t.oid
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = $1::text::regnamespace
  AND d.classid = 'pg_class'::regclass
  AND (k.contype = 'c' OR (k.contype = 'n' AND NOT k.convalidated))
GROUP BY t.relname
ORDER BY t.relname;

-- name: foreign_keys
-- In the order of their making, in which PostgreSQL runs their actions.
SELECT format('ALTER TABLE %I ADD CONSTRAINT %I %s', t.relname, k.conname, pg_get_constraintdef(k.oid))
FROM pg_depend AS d
JOIN pg_class AS t ON t.oid = d.objid AND t.relkind = 'r'
JOIN pg_constraint AS k ON k.conrelid = t.oid AND k.contype = 'f'
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = $1::text::regnamespace
  AND d.classid = 'pg_class'::regclass
ORDER BY k.oid;

-- name: sequence_owners
SELECT format('ALTER SEQUENCE %I OWNED BY %I.%I', c.relname, t.relname, a.attname)
FROM pg_depend AS d
JOIN pg_class AS c ON c.oid = d.objid AND c.relkind = 'S'
JOIN pg_depend AS o
    ON o.classid = 'pg_class'::regclass AND o.objid = c.oid
    AND o.refclassid = 'pg_class'::regclass AND o.deptype = 'a'
JOIN pg_class AS t ON t.oid = o.refobjid
JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = o.refobjsubid
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = $1::text::regnamespace
  AND d.classid = 'pg_class'::regclass
ORDER BY c.relname;

-- name: read_positions
-- The statement that reads where each sequence stands; NULL where there is none.
SELECT string_agg(
    format('SELECT %L AS name, last_value, is_called FROM %I.%I', c.relname, $1::text, c.relname),
    ' UNION ALL '
)
FROM pg_depend AS d
JOIN pg_class AS c ON c.oid = d.objid AND c.relkind = 'S'
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = $1::text::regnamespace
  AND d.classid = 'pg_class'::regclass;

-- name: set_positions
SELECT setval(format('%I.%I', $1::text, p.name)::regclass, p.last_value, p.is_called)
FROM unnest($2::text[], $3::bigint[], $4::boolean[]) AS p (name, last_value, is_called);

-- name: comments
WITH relations AS (
    SELECT c.oid, c.relname, c.relkind
    FROM pg_depend AS d
    JOIN pg_class AS c ON c.oid = d.objid
    WHERE d.refclassid = 'pg_namespace'::regclass
      AND d.refobjid = $1::text::regnamespace
      AND d.classid = 'pg_class'::regclass
)
SELECT format('COMMENT ON %s IS %L', noted.what, noted.description)
FROM (
    SELECT
        CASE
            WHEN o.objsubid > 0 THEN format('COLUMN %I.%I', c.relname, a.attname)
            WHEN c.relkind = 'r' THEN format('TABLE %I', c.relname)
            WHEN c.relkind = 'S' THEN format('SEQUENCE %I', c.relname)
        END AS what,
        o.description
    FROM relations AS c
    JOIN pg_description AS o ON o.objoid = c.oid AND o.classoid = 'pg_class'::regclass
    LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = o.objsubid
    UNION ALL
    SELECT format('INDEX %I', c.relname), o.description
    FROM relations AS t
    JOIN pg_index AS i ON i.indrelid = t.oid
    JOIN pg_description AS o ON o.objoid = i.indexrelid AND o.classoid = 'pg_class'::regclass
    JOIN pg_class AS c ON c.oid = i.indexrelid
    UNION ALL
    SELECT format('CONSTRAINT %I ON %I', k.conname, t.relname), o.description
    FROM relations AS t
    JOIN pg_constraint AS k ON k.conrelid = t.oid
    JOIN pg_description AS o ON o.objoid = k.oid AND o.classoid = 'pg_constraint'::regclass
) AS noted
ORDER BY 1;
