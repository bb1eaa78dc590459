-- What get_database tells of one schema. $1 is the schema's name; search_path is on it, so that
-- types and definitions are printed as its owner would write them.

-- name: set_path
SET LOCAL search_path TO {schema}, pg_temp;

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
    a.attrelid AS table_oid,
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
    k.conrelid AS table_oid,
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
SELECT i.indrelid AS table_oid, c.relname AS name, pg_get_indexdef(i.indexrelid, 0, true) AS definition
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indexrelid
WHERE i.indrelid = ANY ($1::oid[])
ORDER BY i.indrelid, c.relname;
