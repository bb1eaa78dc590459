-- Platforms and their keys. Whoever changes one tells all workers, once it is committed.

-- name: columns
-- Of a platform, for the queries that follow.
    p.id, p.name, p.app_ids, p.scopes, p.is_active, p.create_at, p.update_at

-- name: create_platform
INSERT INTO twinbase.platform AS p (name, app_ids, scopes)
VALUES ($1, $2, $3)
RETURNING

-- name: list_platforms
FROM twinbase.platform AS p
ORDER BY p.id;

-- name: find_platform
FROM twinbase.platform AS p
WHERE p.name = $1;

-- name: lock_platform
FROM twinbase.platform AS p
WHERE p.name = $1
FOR NO KEY UPDATE OF p;

-- name: modify_platform
UPDATE twinbase.platform AS p
SET app_ids = $2, scopes = $3, is_active = $4
WHERE p.id = $1
RETURNING

-- name: create_key
INSERT INTO twinbase.api_key AS k (platform_id, prefix, hash, scopes, expires_at)
VALUES ($1, $2, $3, $4, $5::text::timestamptz)
RETURNING

-- name: key_columns
-- Of a key, for the queries before and after.
    k.id, k.platform_id, k.prefix, k.scopes, k.create_at, k.expires_at, k.last_used_at, k.revoked_at

-- name: list_keys
FROM twinbase.api_key AS k
WHERE k.platform_id = $1
ORDER BY k.id;

-- name: revoke_key
-- Once revoked, it stays so since then.
UPDATE twinbase.api_key AS k
SET revoked_at = coalesce(k.revoked_at, now())
WHERE k.prefix = $1
RETURNING

-- name: identities
-- Of all keys, also of those that count no longer: their users are told why.
SELECT
    k.hash, k.id, k.prefix, p.id AS platform_id, p.name, p.app_ids, p.scopes,
    k.scopes AS scopes_of_key, p.is_active, k.revoked_at IS NOT NULL AS is_revoked,
    extract(epoch FROM k.expires_at)::double precision AS expires_at
FROM twinbase.api_key AS k
JOIN twinbase.platform AS p ON p.id = k.platform_id;

-- name: clock
-- Which alone says what has expired.
SELECT extract(epoch FROM clock_timestamp())::double precision;

-- name: has_key_for
-- Whether some key, of whichever platform, could still be used for the scope $1.
SELECT EXISTS (
    SELECT
    FROM twinbase.api_key AS k
    JOIN twinbase.platform AS p ON p.id = k.platform_id
    WHERE $1 = ANY (p.scopes)
      AND ($1 = ANY (k.scopes) OR k.scopes IS NULL)
      AND p.is_active
      AND k.revoked_at IS NULL
      AND (k.expires_at > now() OR k.expires_at IS NULL)
) AS found;

-- name: mark_used
UPDATE twinbase.api_key AS k
SET last_used_at = greatest(k.last_used_at, to_timestamp(used.at))
FROM unnest($1::bigint[], $2::double precision[]) AS used (id, at)
WHERE k.id = used.id;

-- name: tell
SELECT pg_notify($1, '');
