-- What metrics tell of the whole installation: each row is a metric's name, its labels, a value.

-- name: server
-- Sessions of whomever are counted; what they do, PostgreSQL tells of the service's own only.
SELECT 'twinbase_server_connections' AS name, '{}'::text[] AS labels, sum(numbackends)::float8 AS value
FROM pg_stat_database
UNION ALL
SELECT 'twinbase_server_connections_max', '{}', current_setting('max_connections')::float8
UNION ALL
SELECT 'twinbase_server_lock_waiters', '{}', count(*) FILTER (WHERE wait_event_type = 'Lock')
FROM pg_stat_activity
WHERE datname = current_database()
UNION ALL
SELECT
    'twinbase_server_oldest_transaction_seconds',
    '{}',
    coalesce(extract(epoch FROM clock_timestamp() - min(xact_start)), 0)
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid();

-- name: installation
-- What is unfinished is found by an index, and so is what has ended in the last hour. Sums over all
-- databases read their rows in ``database_meta`` and ``database_usage``, and none of their files.
WITH databases AS (
    SELECT d.status, count(*) AS number, count(*) - count(u.database_id) AS unmeasured,
        sum(u.bytes) AS bytes
    FROM twinbase.database_meta AS d
    LEFT JOIN twinbase.database_usage AS u ON u.database_id = d.id
    WHERE d.deleted_at IS NULL
    GROUP BY d.status
), operations AS (
    SELECT o.kind, o.status, count(*) AS number, min(o.create_at) AS oldest
    FROM twinbase.operation AS o
    WHERE o.status IN ('pending', 'running')
    GROUP BY o.kind, o.status
    UNION ALL
    SELECT o.kind, o.status, count(*), NULL
    FROM twinbase.operation AS o
    WHERE o.finished_at > now() - interval '1 hour'
    GROUP BY o.kind, o.status
), jobs AS (
    SELECT j.status = 'queued' AS waiting, j.created
    FROM twinbase_queue.pgqueuer AS j
    WHERE j.status IN ('queued', 'picked')
)
SELECT 'twinbase_databases' AS name, ARRAY[s.status::text] AS labels, coalesce(d.number, 0)::float8 AS value
FROM unnest(ARRAY['ready', 'cloning']::twinbase.database_status[]) AS s (status)
LEFT JOIN databases AS d USING (status)
UNION ALL
SELECT 'twinbase_databases_bytes', '{}', coalesce(sum(bytes), 0) FROM databases
UNION ALL
SELECT 'twinbase_databases_unmeasured', '{}', coalesce(sum(unmeasured), 0) FROM databases
UNION ALL
SELECT 'twinbase_operations', ARRAY[k.kind::text, s.status::text], coalesce(o.number, 0)
FROM unnest(enum_range(NULL::twinbase.operation_kind)) AS k (kind)
CROSS JOIN unnest(enum_range(NULL::twinbase.operation_status)) AS s (status)
LEFT JOIN operations AS o ON o.kind = k.kind AND o.status = s.status
UNION ALL
SELECT
    'twinbase_oldest_operation_seconds',
    '{}',
    coalesce(extract(epoch FROM clock_timestamp() - min(oldest)), 0)
FROM operations
UNION ALL
SELECT 'twinbase_queue_jobs', ARRAY[s.state], count(j.waiting)
FROM (VALUES ('waiting', true), ('taken', false)) AS s (state, waiting)
LEFT JOIN jobs AS j USING (waiting)
GROUP BY s.state
UNION ALL
SELECT
    'twinbase_queue_oldest_seconds',
    '{}',
    coalesce(extract(epoch FROM clock_timestamp() - min(created)), 0)
FROM jobs
WHERE waiting;

-- name: has_revision
SELECT to_regclass('twinbase.alembic_version') IS NOT NULL AS has_revision;

-- name: revision
SELECT version_num FROM twinbase.alembic_version;
