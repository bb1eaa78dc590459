-- How large databases are.

-- name: measure
-- The tables in the schemas $1, their TOAST and their indexes, with their bytes; of tables also the
-- schema and about how many rows they have. Waits for whoever has locked one of them; of those in
-- $2 it does not ask how large they are.
WITH tables AS (
    SELECT d.refobjid AS schema, c.oid, c.reltoastrelid, c.reltuples, c.relkind
    FROM pg_depend AS d
    JOIN pg_class AS c ON c.oid = d.objid
    WHERE d.classid = 'pg_class'::regclass
      AND d.refclassid = 'pg_namespace'::regclass
      AND d.refobjid IN (SELECT oid FROM pg_namespace WHERE nspname = ANY ($1::text[]))
      AND c.relkind IN ('r', 'p', 'm')
), heaps AS (
    SELECT oid FROM tables WHERE relkind <> 'p'
    UNION ALL
    SELECT reltoastrelid FROM tables WHERE reltoastrelid <> 0
)
SELECT
    oid AS relation,
    CASE WHEN oid = ANY ($2::oid[]) THEN 0 ELSE coalesce(pg_relation_size(oid), 0) END AS bytes,
    schema,
    CASE relkind
        WHEN 'p' THEN 0
        ELSE greatest(0, coalesce(nullif(pg_stat_get_live_tuples(oid), 0), reltuples::bigint))
    END AS rows
FROM tables
UNION ALL
SELECT
    reltoastrelid,
    CASE
        WHEN reltoastrelid = ANY ($2::oid[]) THEN 0
        ELSE coalesce(pg_relation_size(reltoastrelid), 0)
    END,
    NULL,
    0
FROM tables
WHERE reltoastrelid <> 0
UNION ALL
SELECT
    i.indexrelid,
    CASE
        WHEN i.indexrelid = ANY ($2::oid[]) THEN 0
        ELSE coalesce(pg_relation_size(i.indexrelid), 0)
    END,
    NULL,
    0
FROM pg_index AS i
JOIN heaps ON heaps.oid = i.indrelid;

-- name: locked
-- Relations that others have locked, or are about to lock, against all; as large as VACUUM and
-- ANALYZE last found them.
SELECT l.relation, c.relpages * current_setting('block_size')::bigint AS bytes
FROM pg_locks AS l
JOIN pg_class AS c ON c.oid = l.relation
WHERE l.locktype = 'relation'
  AND l.mode = 'AccessExclusiveLock'
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.pid <> pg_backend_pid();

-- name: tables_to_count
-- Those that hold rows themselves, in the schemas $1; a materialized view cannot be locked.
SELECT n.nspname AS schema, c.relname AS name
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND c.relkind = 'r';

-- name: lock_to_count
LOCK TABLE ONLY {schema}.{table} IN ACCESS SHARE MODE

-- name: tables_to_vacuum
-- Of the schemas $1, at most $2, those first that have most to be taken away.
SELECT n.nspname AS schema, c.relname AS name
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'm')
ORDER BY pg_stat_get_dead_tuples(c.oid) DESC, c.relpages DESC
LIMIT $2;

-- name: vacuum
-- It evaluates nothing of the tenant's, as ANALYZE or FULL would, by the right of the tables' owner.
VACUUM (SKIP_LOCKED) {schema}.{table}

-- name: count_all_or_none
-- Where policies would leave rows out, there is an error instead.
SET LOCAL row_security TO off

-- name: count_rows
-- Without those of tables that inherit, which are counted themselves.
SELECT count(*) AS rows FROM ONLY {schema}.{table}

-- name: save
INSERT INTO twinbase.database_usage AS u (database_id, tables, rows, bytes, measured_at)
VALUES ($1, $2, $3, $4, clock_timestamp())
ON CONFLICT (database_id) DO UPDATE
SET tables = excluded.tables, rows = excluded.rows, bytes = excluded.bytes,
    measured_at = excluded.measured_at;

-- name: databases
-- Of the platform $1, the space $2, the uid $3, or the one of the id $4.
FROM twinbase.database_meta AS d
JOIN twinbase.platform AS p ON p.id = d.platform_id
LEFT JOIN twinbase.database_usage AS u ON u.database_id = d.id
WHERE d.deleted_at IS NULL
  AND ($1::bigint IS NULL OR d.platform_id = $1)
  AND ($2::text IS NULL OR d.space_id = $2)
  AND ($3::text IS NULL OR d.uid = $3)
  AND ($4::bigint IS NULL OR d.id = $4)

-- name: bytes_of
-- Of all but the database $5.
SELECT
    coalesce(sum(u.bytes), 0)::bigint AS bytes,
    count(*) FILTER (WHERE u.database_id IS NULL) AS unmeasured
{databases}
  AND ($5::bigint IS NULL OR d.id <> $5);

-- name: to_measure
-- At most $5, those first that were measured longest ago, or never; none of those that were
-- measured in the last $6 seconds. A copy under way counts as what it was begun for.
SELECT d.id
{databases}
  AND (u.measured_at IS NULL OR u.measured_at < now() - make_interval(secs => $6))
  AND (u.measured_at IS NULL OR d.status <> 'cloning')
ORDER BY u.measured_at NULLS FIRST
LIMIT $5;

-- name: by_platform
    p.name

-- name: by_space
    p.name, d.space_id

-- name: by_uid
    p.name, d.uid

-- name: by_database
    p.name, d.space_id, d.uid, d.id, d.name

-- name: get_usage
-- First of all together, then by what is put in here, the largest first; at most $5 rows.
SELECT
    {by},
    count(*) AS databases,
    coalesce(sum(u.tables), 0)::bigint AS tables,
    coalesce(sum(u.rows), 0)::bigint AS rows,
    coalesce(sum(u.bytes), 0)::bigint AS bytes,
    min(u.measured_at) AS measured_at
{databases}
GROUP BY GROUPING SETS (({by}), ())
ORDER BY grouping({by}) DESC, bytes DESC, {by}
LIMIT $5;

-- name: forget_dropped
DELETE FROM twinbase.database_usage AS u
USING twinbase.database_meta AS d
WHERE d.id = u.database_id AND d.deleted_at IS NOT NULL
RETURNING u.database_id;

-- name: written_relations
-- At the end of transactions that have a tenant's schema as search_path.
SELECT relation, bytes FROM twinbase.written_relations();

-- name: changed_relations
-- What this transaction has locked to change it.
SELECT DISTINCT l.relation
FROM pg_locks AS l
WHERE l.locktype = 'relation'
  AND l.pid = pg_backend_pid()
  AND l.mode NOT IN ('AccessShareLock', 'RowShareLock');

-- name: others
-- Bytes of the databases of $1, $2, $3 but $4, where a tenant's schema is search_path.
SELECT coalesce(pg_catalog.sum(u.bytes), 0)::pg_catalog.int8 AS bytes
FROM twinbase.database_meta AS d
JOIN twinbase.database_usage AS u ON u.database_id OPERATOR(pg_catalog.=) d.id
WHERE d.deleted_at IS NULL
  AND d.platform_id OPERATOR(pg_catalog.=) $1
  AND ($2::pg_catalog.text IS NULL OR d.space_id OPERATOR(pg_catalog.=) $2)
  AND ($3::pg_catalog.text IS NULL OR d.uid OPERATOR(pg_catalog.=) $3)
  AND d.id OPERATOR(pg_catalog.<>) $4;

-- name: save_bytes
-- For whoever writes to another database of the same quota, once this transaction is committed.
UPDATE twinbase.database_usage
SET bytes = $2, measured_at = pg_catalog.clock_timestamp()
WHERE database_id OPERATOR(pg_catalog.=) $1;
