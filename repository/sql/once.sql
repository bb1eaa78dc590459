-- Idempotency keys.

-- name: claim
-- Waits for whoever has claimed the key and has not ended; no row: he has committed, and his row is
-- locked now. A key whose time is over is claimed as if it were new.
INSERT INTO twinbase.idempotency_key AS known (platform_id, uid, key, fingerprint, expires_at)
VALUES ($1, $2, $3, $4, now() + interval '24 hours')
ON CONFLICT (platform_id, uid, key) DO UPDATE
SET fingerprint = excluded.fingerprint, code = NULL, http_status = NULL, message = NULL,
    data = NULL, create_at = excluded.create_at, expires_at = excluded.expires_at
WHERE known.expires_at <= now()
RETURNING true AS claimed;

-- name: find
SELECT fingerprint, code, http_status, message, data
FROM twinbase.idempotency_key
WHERE platform_id = $1 AND uid = $2 AND key = $3 AND expires_at > now();

-- name: keep
-- At the end of transactions that have a tenant's schema as search_path.
UPDATE twinbase.idempotency_key
SET code = $4, http_status = $5, message = $6, data = $7
WHERE platform_id OPERATOR(pg_catalog.=) $1
  AND uid OPERATOR(pg_catalog.=) $2
  AND key OPERATOR(pg_catalog.=) $3;

-- name: forget_expired
-- At most $1; those that another worker is forgetting are left to it.
WITH expired AS (
    SELECT platform_id, uid, key
    FROM twinbase.idempotency_key
    WHERE expires_at <= now()
    ORDER BY expires_at
    LIMIT $1
    FOR UPDATE SKIP LOCKED
), forgotten AS (
    DELETE FROM twinbase.idempotency_key AS known
    USING expired
    WHERE known.platform_id = expired.platform_id
      AND known.uid = expired.uid
      AND known.key = expired.key
    RETURNING true
)
SELECT count(*) AS forgotten FROM forgotten;
