-- What get_database tells of one schema. $1 is the schema's name; search_path is on it, so that
-- types and definitions are printed as its owner would write them.

-- name: set_path
-- Our functions of sequences come before PostgreSQL's, so that they are told of as nextval and so
-- on; nothing else in their schema could hide anything.
SET LOCAL search_path TO twinbase_functions, pg_catalog, {schema}, pg_temp;

-- name: tables
SELECT
    t.oid,
    t.relname AS name,
    obj_description(t.oid, 'pg_class') AS comment,
    -- Rows counted since the last statistics, or the planner's estimate.
    greatest(pg_stat_get_live_tuples(t.oid), t.reltuples::bigint, 0) AS rows,
    pg_total_relation_size(t.oid) AS bytes
FROM pg_depend AS d
JOIN pg_class AS t ON t.oid = d.objid AND t.relkind = 'r'
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = $1::text::regnamespace
  AND d.classid = 'pg_class'::regclass
ORDER BY t.relname;

-- name: columns
SELECT
    a.attrelid AS owner,
    a.attnum AS number,
    a.attname AS name,
    format_type(a.atttypid, a.atttypmod) AS type,
    NOT a.attnotnull AS nullable,
    CASE WHEN a.attgenerated = '' THEN pg_get_expr(ad.adbin, ad.adrelid) END AS default,
    a.attgenerated <> '' AS generated,
    a.attidentity <> '' AS identity,
    col_description(a.attrelid, a.attnum) AS comment,
    a.attname IN ('id', 'uid') AS managed
FROM pg_attribute AS a
LEFT JOIN pg_attrdef AS ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum;

-- name: keys
SELECT
    k.conrelid AS owner,
    k.oid,
    k.conname AS name,
    CASE k.contype
        WHEN 'p' THEN 'PRIMARY KEY'
        WHEN 'u' THEN 'UNIQUE'
        WHEN 'f' THEN 'FOREIGN KEY'
        WHEN 'c' THEN 'CHECK'
        WHEN 'x' THEN 'EXCLUDE'
    END AS kind,
    pg_get_constraintdef(k.oid) AS definition
FROM pg_constraint AS k
WHERE k.conrelid = ANY ($1::oid[]) AND k.contype IN ('p', 'u', 'f', 'c', 'x')
ORDER BY k.conrelid, array_position(ARRAY['p', 'u', 'f', 'c', 'x'], k.contype::text), k.conname;

-- name: indexes
SELECT
    i.indrelid AS owner,
    c.oid,
    c.relname AS name,
    pg_get_indexdef(i.indexrelid, 0, true) AS definition
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indexrelid
WHERE i.indrelid = ANY ($1::oid[])
ORDER BY i.indrelid, c.relname;

-- name: statistics
-- PostgreSQL prints a whole definition with the schema only.
SELECT
    x.stxrelid AS owner,
    x.oid,
    x.stxname AS name,
    concat_ws(' ON ', kinds.list, pg_get_statisticsobjdef_columns(x.oid)) AS definition
FROM pg_statistic_ext AS x
CROSS JOIN LATERAL (
    SELECT string_agg(named.kind, ', ' ORDER BY named.kind) AS list
    FROM (VALUES ('d', 'ndistinct'), ('f', 'dependencies'), ('m', 'mcv')) AS named (letter, kind)
    WHERE named.letter = ANY (x.stxkind::text[])
) AS kinds
WHERE x.stxrelid = ANY ($1::oid[])
ORDER BY x.stxrelid, x.stxname;

-- name: views
SELECT
    v.oid,
    v.relname AS name,
    obj_description(v.oid, 'pg_class') AS comment,
    pg_get_viewdef(v.oid, true) AS definition
FROM pg_depend AS d
JOIN pg_class AS v ON v.oid = d.objid AND v.relkind = 'v'
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = $1::text::regnamespace
  AND d.classid = 'pg_class'::regclass
ORDER BY v.relname;

-- name: view_columns
SELECT
    a.attrelid AS owner,
    a.attname AS name,
    format_type(a.atttypid, a.atttypmod) AS type,
    col_description(a.attrelid, a.attnum) AS comment
FROM pg_attribute AS a
WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0
ORDER BY a.attrelid, a.attnum;

-- name: sequences
-- Those of identity columns are told of there.
SELECT
    c.oid,
    c.relname AS name,
    obj_description(c.oid, 'pg_class') AS comment,
    format_type(s.seqtypid, NULL) AS type,
    s.seqstart AS start,
    s.seqincrement AS increment,
    s.seqmin AS minimum,
    s.seqmax AS maximum,
    s.seqcycle AS cycles,
    CASE WHEN t.oid IS NOT NULL THEN format('%I.%I', t.relname, a.attname) END AS owned_by,
    pg_sequence_last_value(c.oid) AS last_value
FROM pg_depend AS d
JOIN pg_class AS c ON c.oid = d.objid
JOIN pg_sequence AS s ON s.seqrelid = c.oid
LEFT JOIN pg_depend AS o
    ON o.classid = 'pg_class'::regclass AND o.objid = c.oid
    AND o.refclassid = 'pg_class'::regclass AND o.deptype IN ('a', 'i')
LEFT JOIN pg_class AS t ON t.oid = o.refobjid
LEFT JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = o.refobjsubid
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = $1::text::regnamespace
  AND d.classid = 'pg_class'::regclass
  AND o.deptype IS DISTINCT FROM 'i'
ORDER BY c.relname;

-- name: types
SELECT
    ty.oid,
    ty.typname AS name,
    CASE ty.typtype WHEN 'e' THEN 'ENUM' ELSE 'DOMAIN' END AS kind,
    obj_description(ty.oid, 'pg_type') AS comment,
    CASE WHEN ty.typtype = 'd' THEN format_type(ty.typbasetype, ty.typtypmod) END AS base_type,
    NOT ty.typnotnull AS nullable,
    pg_get_expr(ty.typdefaultbin, 0) AS default
FROM pg_depend AS d
JOIN pg_type AS ty ON ty.oid = d.objid AND ty.typtype IN ('e', 'd')
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = $1::text::regnamespace
  AND d.classid = 'pg_type'::regclass
ORDER BY ty.typname;

-- name: labels
SELECT e.enumtypid AS owner, e.enumlabel AS label
FROM pg_enum AS e
WHERE e.enumtypid = ANY ($1::oid[])
ORDER BY e.enumtypid, e.enumsortorder;

-- name: constraints_of_domains
-- NOT NULL is told of as nullable.
SELECT k.contypid AS owner, k.conname AS name, pg_get_constraintdef(k.oid) AS definition
FROM pg_constraint AS k
WHERE k.contypid = ANY ($1::oid[]) AND k.contype = 'c'
ORDER BY k.contypid, k.conname;
