-- Metadata: which databases there are, whose they are, and which schemas they have.
-- Enumerations and lists of ids travel as text: the driver would have to ask the server what else they
-- are, which takes each new connection some ten milliseconds.

-- name: columns
-- Of a database, for the queries that follow. ``schemas``: pairs of an environment and a schema.
    d.id, d.platform_id, d.shared_with::text[], d.name, d.uid, d.description, d.space_id, d.status::text, d.row_access::text,
    d.create_at, d.update_at,
    ARRAY(
        SELECT ARRAY[s.environment::text, s.schema_name]
        FROM twinbase.schema_meta AS s
        WHERE s.database_id = d.id
        ORDER BY s.environment
    ) AS schemas

-- name: databases
FROM twinbase.database_meta AS d
WHERE d.deleted_at IS NULL

-- name: find
AND d.id = $1;

-- name: lock_to_read
AND d.id = $1 FOR SHARE OF d;

-- name: list_databases
-- Of the platform $6 and, in the second part, those that are shared with it: of the space $5 or, where
-- that is NULL, of the uid $4; before the id $2.
FROM (
    (
        SELECT d.*
        FROM twinbase.database_meta AS d
        WHERE d.deleted_at IS NULL
          AND d.platform_id = $6
          AND CASE WHEN $5::text IS NULL THEN d.uid = $4 ELSE d.space_id = $5 END
          AND ($1::text = '' OR strpos(lower(d.name), lower($1)) > 0)
          AND ($2::bigint IS NULL OR d.id < $2)
        ORDER BY d.id DESC
        LIMIT $3
    )
    UNION ALL
    (
        SELECT d.*
        FROM twinbase.database_meta AS d
        WHERE d.deleted_at IS NULL
          AND d.shared_with <> '{}'
          AND d.shared_with @> ARRAY[$6::bigint]
          AND CASE WHEN $5::text IS NULL THEN d.uid = $4 ELSE d.space_id = $5 END
          AND ($1::text = '' OR strpos(lower(d.name), lower($1)) > 0)
          AND ($2::bigint IS NULL OR d.id < $2)
        ORDER BY d.id DESC
        LIMIT $3
    )
) AS d
ORDER BY d.id DESC
LIMIT $3;

-- name: list_every_database
FROM twinbase.database_meta AS d
WHERE d.deleted_at IS NULL
  AND ($1::text = '' OR strpos(lower(d.name), lower($1)) > 0)
  AND ($2::bigint IS NULL OR d.id < $2)
ORDER BY d.id DESC
LIMIT $3;

-- name: lock
-- Whoever locks it changes it: what other workers remember of it is older.
UPDATE twinbase.database_meta AS d
SET update_at = now()
WHERE d.id = $1 AND d.deleted_at IS NULL
RETURNING pg_notify($2, d.id::text),

-- name: add_database
INSERT INTO twinbase.database_meta
    (uid, name, description, space_id, row_access, status, create_by, update_by, platform_id)
VALUES
    ($1, $2, $3, $4, $5::text::twinbase.row_access, $6::text::twinbase.database_status, $1, $1, $7)
RETURNING id, create_at, update_at;

-- name: add_schemas
INSERT INTO twinbase.schema_meta (database_id, environment, schema_name, create_by, update_by)
VALUES ($1, 'prod', $2, $4, $4), ($1, 'test', $3, $4, $4);

-- name: drop_database
-- pg_notify reaches the other workers when, and only if, this transaction commits.
WITH schemas AS (
    UPDATE twinbase.schema_meta SET deleted_at = now(), update_by = $2 WHERE database_id = $1
)
UPDATE twinbase.database_meta
SET status = 'dropped', deleted_at = now(), update_by = $2
WHERE id = $1 AND deleted_at IS NULL
RETURNING pg_notify($3, id::text);

-- name: modify_db_description
UPDATE twinbase.database_meta SET description = $3, update_by = $2
WHERE id = $1
RETURNING pg_notify($4, id::text);

-- name: set_row_access
UPDATE twinbase.database_meta SET row_access = $3::text::twinbase.row_access, update_by = $2
WHERE id = $1
RETURNING pg_notify($4, id::text);

-- name: share_database
UPDATE twinbase.database_meta SET shared_with = $3, update_by = $2
WHERE id = $1
RETURNING pg_notify($4, id::text);

-- name: set_ready
UPDATE twinbase.database_meta SET status = 'ready'
WHERE id = $1 AND status = 'cloning' AND deleted_at IS NULL
RETURNING pg_notify($2, id::text);
