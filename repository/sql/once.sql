-- Idempotency keys.

-- name: claim
-- Waits for whoever has claimed the key and has not ended; no row: he has committed, and his row is
-- locked now. A key whose time is over is claimed as if it were new.
INSERT INTO twinbase.idempotency_key AS known (uid, key, fingerprint, expires_at)
VALUES ($1, $2, $3, now() + interval '24 hours')
ON CONFLICT (uid, key) DO UPDATE
SET fingerprint = excluded.fingerprint, code = NULL, http_status = NULL, message = NULL,
    data = NULL, create_at = excluded.create_at, expires_at = excluded.expires_at
WHERE known.expires_at <= now()
RETURNING true AS claimed;

-- name: find
SELECT fingerprint, code, http_status, message, data
FROM twinbase.idempotency_key
WHERE uid = $1 AND key = $2 AND expires_at > now();

-- name: keep
-- At the end of transactions that have a tenant's schema as search_path.
UPDATE twinbase.idempotency_key
SET code = $3, http_status = $4, message = $5, data = $6
WHERE uid OPERATOR(pg_catalog.=) $1 AND key OPERATOR(pg_catalog.=) $2;

-- name: forget_expired
-- At most $1; those that another worker is forgetting are left to it.
WITH expired AS (
    SELECT uid, key
    FROM twinbase.idempotency_key
    WHERE expires_at <= now()
    ORDER BY expires_at
    LIMIT $1
    FOR UPDATE SKIP LOCKED
), forgotten AS (
    DELETE FROM twinbase.idempotency_key AS known
    USING expired
    WHERE known.uid = expired.uid AND known.key = expired.key
    RETURNING true
)
SELECT count(*) AS forgotten FROM forgotten;
