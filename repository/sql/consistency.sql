-- What is not as it must be, one query for each kind of finding, named as the kind. All of them
-- are run as one, so that nothing is seen half-way. Columns: subject, database_id, operation_id,
-- since. What passes within a moment while somebody is at work must have lasted for $1 seconds.

-- name: missing_schema
SELECT
    coalesce('schema ' || s.schema_name, 'the schema for ' || wanted.environment) AS subject,
    d.id AS database_id,
    NULL::bigint AS operation_id,
    NULL::timestamptz AS since
FROM twinbase.database_meta AS d
CROSS JOIN unnest(enum_range(NULL::twinbase.environment)) AS wanted (environment)
LEFT JOIN twinbase.schema_meta AS s
    ON s.database_id = d.id AND s.environment = wanted.environment
LEFT JOIN pg_namespace AS n ON n.nspname = s.schema_name
WHERE d.deleted_at IS NULL AND n.oid IS NULL

-- name: unknown_schema
-- Somebody else may have made it: with the owner of tenants' schemas, or under the name of one that
-- has been dropped.
SELECT n.nspname::text, NULL::bigint, NULL::bigint, NULL::timestamptz
FROM pg_namespace AS n
LEFT JOIN twinbase.schema_meta AS s ON s.schema_name = n.nspname
WHERE CASE n.nspowner = 'twinbase_owner'::regrole
    WHEN true THEN s.id IS NULL
    ELSE s.deleted_at IS NOT NULL
END

-- name: contradictory_rows
SELECT s.schema_name, d.id, NULL::bigint, coalesce(d.deleted_at, s.deleted_at)
FROM twinbase.database_meta AS d
JOIN twinbase.schema_meta AS s ON s.database_id = d.id
WHERE (d.deleted_at IS NULL) <> (s.deleted_at IS NULL)

-- name: unfinished_drop
-- Of what was too large for one transaction. Its operation goes on with it, where there is one.
SELECT s.schema_name, d.id, NULL::bigint, d.deleted_at
FROM twinbase.schema_meta AS s
JOIN twinbase.database_meta AS d ON d.id = s.database_id
JOIN pg_namespace AS n ON n.nspname = s.schema_name
WHERE s.deleted_at IS NOT NULL
  AND d.deleted_at IS NOT NULL
  AND n.nspowner = 'twinbase_owner'::regrole
  AND NOT EXISTS (
      SELECT FROM twinbase.operation AS o
      WHERE o.database_id = d.id AND o.status IN ('pending', 'running')
  )

-- name: abandoned_clone
SELECT d.name, d.id, NULL::bigint, d.update_at
FROM twinbase.database_meta AS d
WHERE d.status = 'cloning'
  AND d.deleted_at IS NULL
  AND NOT EXISTS (
      SELECT FROM twinbase.operation AS o
      WHERE o.database_id = d.id AND o.status IN ('pending', 'running')
  )

-- name: operation_without_database
SELECT o.kind::text, d.id, o.id, d.deleted_at
FROM twinbase.operation AS o
JOIN twinbase.database_meta AS d ON d.id = o.database_id
WHERE o.status IN ('pending', 'running')
  AND o.kind = 'clone_database'
  AND d.deleted_at IS NOT NULL

-- name: operation_without_job
-- What its own worker runs past the queue gives signs of life; while an operation is cancelled, it
-- has no job for a moment.
SELECT o.kind::text, o.database_id, o.id, o.update_at
FROM twinbase.operation AS o
WHERE o.status IN ('pending', 'running')
  AND o.update_at < now() - $1::double precision * interval '1 second'
  AND NOT EXISTS (
      SELECT FROM twinbase_queue.pgqueuer AS job
      WHERE job.dedupe_key = o.id::text AND job.status IN ('queued', 'picked')
  )

-- name: job_without_operation
-- It outlives its operation by a moment; where its worker has died, until another one takes it.
SELECT job.id::text, o.database_id, o.id, coalesce(o.finished_at, job.created)
FROM twinbase_queue.pgqueuer AS job
LEFT JOIN twinbase.operation AS o
    ON o.id = CASE WHEN job.dedupe_key ~ '^[0-9]{1,18}$' THEN job.dedupe_key::bigint END
WHERE coalesce(o.status NOT IN ('pending', 'running'), true)
  AND coalesce(o.finished_at, job.created) < now() - $1::double precision * interval '1 second'

-- name: left_attempt
SELECT a.attempt::text, o.database_id, o.id, o.finished_at
FROM twinbase.operation_attempt AS a
JOIN twinbase.operation AS o ON o.id = a.operation_id
WHERE o.status NOT IN ('pending', 'running')

-- name: left_right
-- What a transaction grants and takes back, nobody else ever sees.
SELECT format('%s on schema %I', own.privilege_type, n.nspname), s.database_id, NULL::bigint,
    NULL::timestamptz
FROM pg_namespace AS n
CROSS JOIN LATERAL aclexplode(n.nspacl) AS own
LEFT JOIN twinbase.schema_meta AS s ON s.schema_name = n.nspname
WHERE own.grantee = 'twinbase_ddl'::regrole
  AND n.nspname <> 'twinbase_functions'

-- name: alone
-- Until the transaction ends.
SELECT pg_try_advisory_xact_lock($1);

-- name: forget_attempts
DELETE FROM twinbase.operation_attempt AS a
USING twinbase.operation AS o
WHERE o.id = a.operation_id AND o.status NOT IN ('pending', 'running');
