-- What get_health tells of the server, on a connection of its own.

-- name: server
SELECT
    current_setting('server_version') AS version,
    pg_is_in_recovery() AS is_standby,
    (SELECT sum(numbackends)::integer FROM pg_stat_database) AS connections,
    current_setting('max_connections')::integer AS max_connections,
    (
        SELECT coalesce(extract(epoch FROM clock_timestamp() - min(xact_start)), 0)::integer
        FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    ) AS oldest_transaction_seconds;

-- name: revision
SELECT version_num FROM twinbase.alembic_version;

-- name: queue
SELECT
    (SELECT count(*) FROM twinbase_queue.pgqueuer WHERE status = 'queued') AS waiting,
    (
        SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created)), 0)::integer
        FROM twinbase_queue.pgqueuer WHERE status = 'queued' AND execute_after <= now()
    ) AS oldest_seconds,
    (SELECT count(*) FROM twinbase.operation WHERE status = 'running') AS running,
    (SELECT count(*) FROM twinbase.operation WHERE status = 'pending') AS pending;
