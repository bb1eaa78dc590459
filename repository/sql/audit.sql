-- Audit. Rows are added with what they tell of, in its transaction.

-- name: add
INSERT INTO twinbase.audit (
    platform_id, platform_name, key_prefix, uid, app_id, sid, verb,
    database_id, new_database_id, target, operation_id, code, outcome, count
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: list_audit
-- Each condition only where there is a value for it. A clone is of both its databases.
SELECT
    a.id, to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') AS at, a.platform_id, a.platform_name, a.key_prefix, a.uid, a.app_id, a.sid, a.verb,
    a.database_id, a.new_database_id, a.target, a.operation_id, a.code, a.outcome, a.count
FROM twinbase.audit AS a
WHERE ($1::text IS NULL OR a.platform_name = $1)
  AND ($2::text IS NULL OR a.uid = $2)
  AND ($3::bigint IS NULL OR a.database_id = $3 OR a.new_database_id = $3)
  AND ($4::text IS NULL OR a.verb = $4)
  AND ($5::text IS NULL OR a.sid = $5)
  AND ($6::text IS NULL OR a.target = $6)
  AND ($7::text IS NULL OR a.at >= $7::text::timestamptz)
  AND ($8::text IS NULL OR a.at < $8::text::timestamptz)
  AND ($9::bigint IS NULL OR a.id < $9)
ORDER BY a.id DESC
LIMIT $10;

-- name: forget
-- The only way in which PostgreSQL lets rows be removed.
SELECT twinbase.forget_audit($1, $2) AS forgotten;
