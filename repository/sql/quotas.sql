-- Quotas, and what they are held against. Whoever sets one tells all workers, once it is committed.

-- name: of_platform
-- All that hold for somebody of the platform $1 who acts for the space $2 and is the uid $3.
SELECT q.space_id, q.uid, q.resource, q.most
FROM twinbase.quota AS q
WHERE q.platform_id = $1
  AND (q.space_id IS NULL OR q.space_id = $2)
  AND (q.uid IS NULL OR q.uid = $3);

-- name: list_quotas
-- Of the platform $1, or of all; those of one space and uid stand together.
SELECT q.platform_id, q.space_id, q.uid, q.resource, q.most
FROM twinbase.quota AS q
WHERE q.platform_id = $1 OR $1::bigint IS NULL
ORDER BY q.platform_id, q.space_id NULLS FIRST, q.uid NULLS FIRST, q.resource;

-- name: set_quota
INSERT INTO twinbase.quota (platform_id, space_id, uid, resource, most)
SELECT $1, $2, $3, given.resource, given.most
FROM unnest($4::text[], $5::bigint[]) AS given (resource, most)
ON CONFLICT (platform_id, space_id, uid, resource) DO UPDATE SET most = excluded.most;

-- name: unset_quota
DELETE FROM twinbase.quota AS q
WHERE q.platform_id = $1
  AND q.space_id IS NOT DISTINCT FROM $2
  AND q.uid IS NOT DISTINCT FROM $3
  AND q.resource = ANY ($4::text[]);

-- name: hold
-- Nobody else adds to what $1 names until this transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended($1, 0));

-- name: databases
SELECT count(*) AS used
FROM twinbase.database_meta AS d
WHERE d.deleted_at IS NULL
  AND d.platform_id = $1
  AND ($2::text IS NULL OR d.space_id = $2)
  AND ($3::text IS NULL OR d.uid = $3);

-- name: bytes
SELECT coalesce(sum(u.bytes), 0)::bigint AS used
FROM twinbase.database_meta AS d
JOIN twinbase.database_usage AS u ON u.database_id = d.id
WHERE d.deleted_at IS NULL
  AND d.platform_id = $1
  AND ($2::text IS NULL OR d.space_id = $2)
  AND ($3::text IS NULL OR d.uid = $3);

-- name: operations
SELECT count(*) AS used
FROM twinbase.operation AS o
WHERE o.status IN ('pending', 'running')
  AND o.platform_id = $1
  AND ($2::text IS NULL OR o.space_id = $2)
  AND ($3::text IS NULL OR o.uid = $3);

-- name: take_statements
-- Of the bucket of $1, $2, $3, which $4 a second flow into and which holds $4: at most $5, after the
-- $6 that were taken in advance. A clock that was set back fills nothing, one set forward fills it.
INSERT INTO twinbase.statement_bucket AS b
    (platform_id, space_id, uid, tokens, granted, refilled_at)
VALUES (
    $1, $2, $3,
    $4::double precision - $6::integer - greatest(0, least($5::integer, $4 - $6)),
    greatest(0, least($5, $4 - $6)),
    clock_timestamp()
)
ON CONFLICT (platform_id, space_id, uid) DO UPDATE
SET (tokens, granted, refilled_at) = (
    SELECT there.tokens - taken.granted, taken.granted, there.at
    FROM (
        SELECT
            at,
            least(
                $4::double precision,
                b.tokens
                    + $4 * greatest(0, extract(epoch FROM at - b.refilled_at)::double precision)
            ) - $6 AS tokens
        FROM clock_timestamp() AS at
    ) AS there
    CROSS JOIN LATERAL (
        SELECT greatest(0, least($5, floor(there.tokens)))::integer AS granted
    ) AS taken
)
RETURNING granted, tokens;

-- name: forget_buckets
-- That are full again, since nobody has asked for so long.
DELETE FROM twinbase.statement_bucket AS b WHERE b.refilled_at < now() - interval '1 hour'
RETURNING b.id;

-- name: take_slot
-- The first that is free of the $2 that the hash of $1 has, from the $3rd on; never one of those that
-- this session has already, which it would be given again. In a list of columns the series goes no
-- further than LIMIT; in FROM all of it would be made first.
SELECT slot
FROM (
    SELECT mod(generate_series($3::bigint, $3 + $2::bigint - 1), $2)::integer AS slot
) AS each
WHERE CASE
    WHEN slot = ANY ($4::integer[]) THEN false
    ELSE pg_try_advisory_lock(hashtext($1), slot)
END
LIMIT 1;

-- name: give_slot_back
SELECT pg_advisory_unlock(hashtext($1), $2);
