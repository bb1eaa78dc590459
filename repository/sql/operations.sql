-- Operations: long work, what is known of it, and who runs it.

-- name: columns
    o.id, o.kind::text, o.status::text, o.database_id, o.request::text, o.platform_id, o.uid, o.space_id, o.sid,
    o.attempt, o.interruptions, o.cancel_requested, o.progress::text, o.result::text,
    o.error::text, o.create_at, o.started_at, o.finished_at,
    extract(
        epoch FROM coalesce(
            o.finished_at, CASE o.status WHEN 'running' THEN clock_timestamp() ELSE o.update_at END
        ) - o.started_at
    )::double precision AS seconds

-- name: begin_operation
INSERT INTO twinbase.operation AS o (kind, database_id, request, platform_id, uid, space_id, sid)
VALUES ($1::text::twinbase.operation_kind, $2, $3::text::jsonb, $4, $5, $6, $7)
RETURNING

-- name: claim_new
-- Running at once, where fewer than $8 of the same uid are unfinished.
WITH begun AS (
    INSERT INTO twinbase.operation AS o
        (kind, database_id, request, platform_id, uid, space_id, sid, status, attempt, started_at)
    SELECT
        $1::text::twinbase.operation_kind, $2::bigint, $3::text::jsonb,
        $4::bigint, $5::text, $6::text, $7::text,
        CASE WHEN may.run THEN 'running' ELSE 'pending' END::twinbase.operation_status,
        may.run::integer,
        CASE WHEN may.run THEN clock_timestamp() END
    FROM (
        SELECT count(*) < $8 FROM twinbase.operation AS earlier
        WHERE earlier.status IN ('pending', 'running')
          AND earlier.platform_id = $4::bigint
          AND earlier.uid = $5::text
    ) AS may (run)
    RETURNING o.*
), attempted AS (
    INSERT INTO twinbase.operation_attempt (operation_id, attempt)
    SELECT o.id, o.attempt FROM begun AS o WHERE o.status = 'running'
)
SELECT {columns}
FROM begun AS o;

-- name: still_alive
UPDATE twinbase.operation SET progress = progress
WHERE id = $1 AND attempt = $2 AND status = 'running'
RETURNING id;

-- name: operations
FROM twinbase.operation AS o

-- name: find
WHERE o.id = $1;

-- name: list_operations
-- Of the platform $7, of the space $6 or, where that is NULL, of the uid $5; of the database $1, in
-- the status $2.
WHERE o.platform_id = $7
  AND CASE WHEN $6::text IS NULL THEN o.uid = $5 ELSE o.space_id = $6 END
  AND ($1::bigint IS NULL OR o.database_id = $1)
  AND ($2::text IS NULL OR o.status = $2::text::twinbase.operation_status)
  AND ($3::bigint IS NULL OR o.id < $3)
ORDER BY o.id DESC
LIMIT $4;

-- name: list_every_operation
WHERE ($1::bigint IS NULL OR o.database_id = $1)
  AND ($2::text IS NULL OR o.status = $2::text::twinbase.operation_status)
  AND ($3::bigint IS NULL OR o.id < $3)
ORDER BY o.id DESC
LIMIT $4;

-- name: overtake
-- Waits for what an earlier attempt is doing at this moment: see ``still_mine``.
DELETE FROM twinbase.operation_attempt WHERE operation_id = $1;

-- name: overtake_others
-- Than the attempt $2, and waits for nobody: whoever has the operation's row would make others wait.
WITH other AS (
    SELECT a.operation_id, a.attempt
    FROM twinbase.operation_attempt AS a
    WHERE a.operation_id = $1 AND a.attempt <> $2
    FOR UPDATE NOWAIT
)
DELETE FROM twinbase.operation_attempt AS a
USING other
WHERE a.operation_id = other.operation_id AND a.attempt = other.attempt;

-- name: claim
-- For a new attempt, once fewer than $2 of the same uid are before it. One that is found running
-- was left without a word.
WITH claimed AS (
    UPDATE twinbase.operation AS o
    SET status = 'running',
        attempt = o.attempt + 1,
        interruptions = o.interruptions + CASE o.status WHEN 'running' THEN 1 ELSE 0 END,
        started_at = coalesce(o.started_at, clock_timestamp())
    WHERE o.id = $1
      AND o.status IN ('pending', 'running')
      AND (
          SELECT count(*) FROM twinbase.operation AS earlier
          WHERE earlier.status IN ('pending', 'running')
            AND earlier.platform_id = o.platform_id
            AND earlier.uid = o.uid
            AND earlier.id < o.id
      ) < $2
    RETURNING o.*
), attempted AS (
    INSERT INTO twinbase.operation_attempt (operation_id, attempt)
    SELECT o.id, o.attempt FROM claimed AS o
)
SELECT pg_notify($3, o.id::text),
{columns}
FROM claimed AS o;

-- name: still_mine
-- Holds off whoever would overtake, until the transaction ends. Not the operation's own row: that
-- changes with its progress, and a transaction of an earlier moment may not lock it then.
SELECT FROM twinbase.operation_attempt
WHERE operation_id = $1 AND attempt = $2
FOR KEY SHARE;

-- name: tell_progress
UPDATE twinbase.operation SET progress = $3::text::jsonb
WHERE id = $1 AND attempt = $2 AND status = 'running'
RETURNING pg_notify($4, id::text);

-- name: put_back
-- Another attempt follows.
UPDATE twinbase.operation SET status = 'pending'
WHERE id = $1 AND attempt = $2 AND status = 'running'
RETURNING pg_notify($3, id::text);

-- name: end_operation
WITH ended AS (
    UPDATE twinbase.operation
    SET status = $3::text::twinbase.operation_status,
        result = $4::text::jsonb,
        error = $5::text::jsonb,
        finished_at = clock_timestamp()
    WHERE id = $1 AND attempt = $2 AND status IN ('pending', 'running')
    RETURNING *
), unattempted AS (
    DELETE FROM twinbase.operation_attempt WHERE operation_id = $1 AND attempt = $2
), audited AS (
    -- By whom it was begun, the row of its beginning tells; where there was no audit yet, what the
    -- operation itself knows.
    INSERT INTO twinbase.audit (
        platform_id, platform_name, key_prefix, uid, app_id, sid, verb,
        database_id, new_database_id, target, operation_id, code, outcome
    )
    SELECT
        o.platform_id, p.name, begun.key_prefix, o.uid, begun.app_id, o.sid, o.kind::text,
        coalesce(begun.database_id, o.database_id), begun.new_database_id, begun.target, o.id,
        coalesce((o.error ->> 'code')::integer, 0), o.status::text
    FROM ended AS o
    JOIN twinbase.platform AS p ON p.id = o.platform_id
    LEFT JOIN LATERAL (
        SELECT a.key_prefix, a.app_id, a.database_id, a.new_database_id, a.target
        FROM twinbase.audit AS a
        WHERE a.operation_id = o.id AND a.verb = o.kind::text
        ORDER BY a.id
        LIMIT 1
    ) AS begun ON true
)
SELECT pg_notify($6, o.id::text) FROM ended AS o;

-- name: request_cancel
UPDATE twinbase.operation AS o SET cancel_requested = true
WHERE o.id = $1 AND o.status IN ('pending', 'running')
RETURNING pg_notify($2, o.id::text),

-- name: job_of
-- Where the operation waits or is worked at; the key is of one job at a time.
SELECT id FROM twinbase_queue.pgqueuer WHERE dedupe_key = $1 AND status IN ('queued', 'picked');

-- name: held_jobs
-- Those of the jobs $1 that their workers, $2, still have.
SELECT job.id
FROM unnest($1::bigint[], $2::uuid[]) AS mine (id, worker)
JOIN twinbase_queue.pgqueuer AS job ON job.id = mine.id AND job.queue_manager_id = mine.worker;

-- name: forget_ended
-- With what the queue has written about them; at most $2. Their number and their time stay.
WITH old AS (
    SELECT o.id FROM twinbase.operation AS o
    WHERE o.finished_at < now() - $1::double precision * interval '1 second'
    ORDER BY o.id
    LIMIT $2
), gone AS (
    DELETE FROM twinbase.operation AS o USING old WHERE o.id = old.id
    RETURNING o.platform_id, o.kind, o.status, o.started_at, o.finished_at
), counted AS (
    INSERT INTO twinbase.operation_statistics AS s
        (moment, platform_id, kind, status, number, started, seconds)
    SELECT
        date_trunc('hour', o.finished_at, 'UTC'), o.platform_id, o.kind, o.status,
        count(*), count(o.started_at),
        coalesce(extract(epoch FROM sum(o.finished_at - o.started_at)), 0)
    FROM gone AS o
    GROUP BY 1, 2, 3, 4
    ORDER BY 1, 2, 3, 4
    ON CONFLICT (moment, platform_id, kind, status) DO UPDATE SET
        number = s.number + excluded.number,
        started = s.started + excluded.started,
        seconds = s.seconds + excluded.seconds
), unwritten AS (
    DELETE FROM twinbase_queue.pgqueuer_log
    WHERE created < now() - $1::double precision * interval '1 second'
), uncounted AS (
    DELETE FROM twinbase_queue.pgqueuer_statistics
    WHERE created < now() - $1::double precision * interval '1 second'
)
SELECT count(*) AS forgotten FROM gone;

-- name: queue
SELECT to_regclass('twinbase_queue.pgqueuer');
