-- The types that values inside a row may have: rows tell their types as OIDs, and asyncpg must know
-- them before an answer arrives.

-- name: types_of_postgresql
-- Its arrays, ranges and multiranges; the rest asyncpg knows by heart.
SELECT kind.oid
FROM pg_catalog.pg_type AS kind
LEFT JOIN pg_catalog.pg_type AS element
    ON element.oid = kind.typelem AND kind.typlen = -1
WHERE kind.oid < 16384
  AND kind.typnamespace = 'pg_catalog'::regnamespace
  AND (kind.typtype IN ('r', 'm') OR element.typtype IN ('b', 'r', 'm'));

-- name: types_of_the_schema
-- Of the one that is addressed: rows of its tables and views, its own types, and arrays of all.
SELECT
    CASE WHEN kind.typarray = 0 THEN kind.oid ELSE kind.typarray END AS oid,
    relation.relname AS relation
FROM pg_catalog.pg_depend AS within
LEFT JOIN pg_catalog.pg_class AS relation
    ON within.classid = 'pg_class'::regclass AND relation.oid = within.objid
JOIN pg_catalog.pg_type AS kind ON kind.oid = coalesce(relation.reltype, within.objid)
WHERE within.refclassid = 'pg_namespace'::regclass
  AND within.refobjid = current_schema()::regnamespace
  AND within.classid IN ('pg_class'::regclass, 'pg_type'::regclass);

-- name: names_of_types
-- As a cast of the transaction needs them. Without -1, which says that there is no length, bit and
-- character would be of length 1.
SELECT oid, format_type(oid, -1) AS name FROM unnest($1::oid[]) AS oid;
