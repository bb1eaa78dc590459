-- Reads a schema's definitions as statements that make it again.
--
-- Every query here runs with search_path on the source and prints names relative to it (pg_get_expr,
-- pg_get_constraintdef, pg_get_indexdef and format's %I do), so that what it prints makes the
-- same thing in whichever schema is on the path when it runs. $1 is the source schema's name.

-- name: set_path
SET LOCAL search_path TO {schema}, pg_temp;

-- name: become_copier
-- twinbase_ddl may read every table whose schema it may enter: for this transaction, the source's.
GRANT USAGE ON SCHEMA {source} TO {ddl};
GRANT USAGE, CREATE ON SCHEMA {target} TO {ddl};
SET LOCAL ROLE {ddl};

-- name: stop_copying
SET LOCAL ROLE NONE;
REVOKE ALL ON SCHEMA {source} FROM {ddl};
REVOKE ALL ON SCHEMA {target} FROM {ddl};
SET LOCAL search_path TO DEFAULT;

-- name: obstacles
-- What a clone cannot carry yet, as «kind name: reason».
WITH members AS (
    SELECT d.classid, d.objid
    FROM pg_depend AS d
    WHERE d.refclassid = 'pg_namespace'::regclass
      AND d.refobjid = $1::text::regnamespace
      AND d.deptype = 'n'
), tables AS (
    SELECT c.*
    FROM members AS m
    JOIN pg_class AS c ON c.oid = m.objid
    WHERE m.classid = 'pg_class'::regclass AND c.relkind = 'r'
)
SELECT i.type || ' ' || i.identity || ': not carried yet' AS obstacle
FROM members AS m
CROSS JOIN LATERAL pg_identify_object(m.classid, m.objid, 0) AS i
LEFT JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
WHERE c.relkind IS NULL OR c.relkind NOT IN ('r', 'S', 'i')
UNION ALL
SELECT format('table %I: %s', t.relname, reason)
FROM tables AS t
CROSS JOIN LATERAL (
    VALUES
        (t.relpersistence <> 'p', 'is unlogged'),
        (t.relispartition, 'is a partition'),
        (t.reloftype <> 0, 'is typed'),
        (t.reltablespace <> 0, 'lies in a tablespace of its own'),
        (t.relreplident <> 'd', 'has a replica identity'),
        (t.relforcerowsecurity, 'forces row security'),
        (
            EXISTS (SELECT FROM pg_inherits AS i WHERE t.oid IN (i.inhrelid, i.inhparent)),
            'inherits or is inherited from'
        )
) AS findings (found, reason)
WHERE found
UNION ALL
SELECT format('rule %I on table %I: not carried yet', r.rulename, t.relname)
FROM tables AS t
JOIN pg_rewrite AS r ON r.ev_class = t.oid
UNION ALL
SELECT format('trigger %I on table %I: not carried yet', tg.tgname, t.relname)
FROM tables AS t
JOIN pg_trigger AS tg ON tg.tgrelid = t.oid
WHERE NOT tg.tgisinternal AND tg.tgname <> 'twinbase_stamp'
UNION ALL
SELECT format('policy %I on table %I: not carried yet', p.polname, t.relname)
FROM tables AS t
JOIN pg_policy AS p ON p.polrelid = t.oid
WHERE p.polname NOT IN ('twinbase_rows', 'twinbase_definition')
UNION ALL
SELECT format('column %I of table %I: %s', a.attname, t.relname, reason)
FROM tables AS t
JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type AS ty ON ty.oid = a.atttypid
CROSS JOIN LATERAL (
    VALUES
        (a.attstorage <> ty.typstorage, 'has a storage mode of its own'),
        (a.attcompression <> '', 'has a compression of its own'),
        (a.attoptions IS NOT NULL, 'has options of its own'),
        (a.attacl IS NOT NULL, 'has grants of its own'),
        (a.attgenerated NOT IN ('', 's'), 'is generated when read'),
        (coalesce(a.attstattarget, -1) <> -1, 'has a statistics target')
) AS findings (found, reason)
WHERE found
UNION ALL
SELECT format('constraint %I of table %I: refers to another schema', fk.conname, t.relname)
FROM tables AS t
JOIN pg_constraint AS fk ON fk.conrelid = t.oid AND fk.contype = 'f'
JOIN pg_class AS target ON target.oid = fk.confrelid
WHERE target.relnamespace <> t.relnamespace
UNION ALL
SELECT format('index %I of table %I: %s', c.relname, t.relname, reason)
FROM tables AS t
JOIN pg_index AS i ON i.indrelid = t.oid
JOIN pg_class AS c ON c.oid = i.indexrelid
CROSS JOIN LATERAL (
    VALUES
        (NOT i.indisvalid, 'is not valid'),
        (i.indisclustered, 'has a cluster mark'),
        (c.reltablespace <> 0, 'lies in a tablespace of its own')
) AS findings (found, reason)
WHERE found
ORDER BY 1;

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
                THEN coalesce('CONSTRAINT ' || quote_ident(nn.conname) || ' ', '') || 'NOT NULL'
            END
        ),
        ', ' ORDER BY a.attnum
    ),
    coalesce(' WITH (' || array_to_string(t.reloptions, ', ') || ')', '')
)
FROM pg_depend AS d
JOIN pg_class AS t ON t.oid = d.objid AND t.relkind = 'r'
JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type AS ty ON ty.oid = a.atttypid
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
GROUP BY t.oid, t.relname, t.reloptions
ORDER BY t.relname;

-- name: insertable_columns
SELECT t.relname AS "table", array_agg(a.attname::text ORDER BY a.attnum) AS columns
FROM pg_depend AS d
JOIN pg_class AS t ON t.oid = d.objid AND t.relkind = 'r'
JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = $1::text::regnamespace
  AND d.classid = 'pg_class'::regclass
  AND a.attgenerated = ''
GROUP BY t.relname
ORDER BY t.relname;

-- name: copy_rows
INSERT INTO {target}.{table} ({columns}) OVERRIDING SYSTEM VALUE
SELECT {columns} FROM {source}.{table};

-- name: constraints
-- Keys first, since foreign keys rest on them; names of ours need no schema.
SELECT format('ALTER TABLE %I ADD CONSTRAINT %I %s', t.relname, k.conname, pg_get_constraintdef(k.oid))
FROM pg_depend AS d
JOIN pg_class AS t ON t.oid = d.objid AND t.relkind = 'r'
JOIN pg_constraint AS k ON k.conrelid = t.oid
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = $1::text::regnamespace
  AND d.classid = 'pg_class'::regclass
  AND (k.contype IN ('p', 'u', 'x', 'c', 'f') OR (k.contype = 'n' AND NOT k.convalidated))
ORDER BY array_position(ARRAY['p', 'u', 'x', 'c', 'n', 'f'], k.contype::text), k.conname, t.relname;

-- name: indexes
-- Those that no constraint makes by itself.
-- Only the pretty form leaves out a schema that is on the path; the server that prints it reads it.
SELECT pg_get_indexdef(i.indexrelid, 0, true)
FROM pg_depend AS d
JOIN pg_class AS t ON t.oid = d.objid AND t.relkind = 'r'
JOIN pg_index AS i ON i.indrelid = t.oid
JOIN pg_class AS c ON c.oid = i.indexrelid
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = $1::text::regnamespace
  AND d.classid = 'pg_class'::regclass
  AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY c.relname;

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

-- name: sequence_names
SELECT c.relname
FROM pg_depend AS d
JOIN pg_class AS c ON c.oid = d.objid AND c.relkind = 'S'
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = $1::text::regnamespace
  AND d.classid = 'pg_class'::regclass
ORDER BY c.relname;

-- name: sequence_position
SELECT last_value, is_called FROM {source}.{sequence};

-- name: set_sequence_position
SELECT setval({target_sequence_literal}::regclass, $1, $2);

-- name: comments
SELECT format(
    'COMMENT ON %s IS %L',
    CASE
        WHEN o.classoid = 'pg_constraint'::regclass
            THEN format('CONSTRAINT %I ON %I', k.conname, kt.relname)
        WHEN o.objsubid > 0 THEN format('COLUMN %I.%I', c.relname, a.attname)
        WHEN c.relkind = 'r' THEN format('TABLE %I', c.relname)
        WHEN c.relkind = 'i' THEN format('INDEX %I', c.relname)
        WHEN c.relkind = 'S' THEN format('SEQUENCE %I', c.relname)
    END,
    o.description
)
FROM pg_description AS o
LEFT JOIN pg_class AS c ON o.classoid = 'pg_class'::regclass AND c.oid = o.objoid
LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = o.objsubid
LEFT JOIN pg_constraint AS k ON o.classoid = 'pg_constraint'::regclass AND k.oid = o.objoid
LEFT JOIN pg_class AS kt ON kt.oid = k.conrelid
WHERE o.objoid IN (
    SELECT d.objid
    FROM pg_depend AS d
    WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = $1::text::regnamespace
    UNION ALL
    SELECT i.indexrelid
    FROM pg_depend AS d
    JOIN pg_index AS i ON i.indrelid = d.objid
    WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = $1::text::regnamespace
    UNION ALL
    SELECT con.oid
    FROM pg_depend AS d
    JOIN pg_constraint AS con ON con.conrelid = d.objid
    WHERE d.refclassid = 'pg_namespace'::regclass
      AND d.refobjid = $1::text::regnamespace
      AND d.classid = 'pg_class'::regclass
)
  AND coalesce(c.relnamespace, k.connamespace) = $1::text::regnamespace
ORDER BY 1;

-- name: ties
-- How many objects of the copy depend on a relation of the source. There must be none.
SELECT count(*)
FROM pg_depend AS member
JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = member.objid
LEFT JOIN pg_attrdef AS ad ON d.classid = 'pg_attrdef'::regclass AND ad.oid = d.objid
LEFT JOIN pg_constraint AS k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
LEFT JOIN pg_policy AS p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid
LEFT JOIN pg_trigger AS tg ON d.classid = 'pg_trigger'::regclass AND tg.oid = d.objid
JOIN pg_class AS dependent
    ON dependent.oid = coalesce(ad.adrelid, k.conrelid, p.polrelid, tg.tgrelid, d.objid)
WHERE member.refclassid = 'pg_namespace'::regclass
  AND member.refobjid = $1::text::regnamespace
  AND member.classid = 'pg_class'::regclass
  AND dependent.relnamespace = $2::text::regnamespace;
