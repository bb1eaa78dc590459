-- Around Alembic's own: one instance migrates, and going back is asked what it would take away.

-- name: try_lock
SELECT pg_try_advisory_xact_lock(:lock);

-- name: lock
SELECT pg_advisory_xact_lock(:lock);

-- name: version_table
SELECT to_regclass(:table);

-- name: columns
-- What is written by requests, and by nobody else: the rest is measured or counted anew.
SELECT c.relname, a.attname
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'twinbase'::regnamespace
  AND c.relkind IN ('r', 'p')
  AND a.attnum > 0
  AND NOT a.attisdropped
  AND c.relname NOT IN (
      'alembic_version', 'database_usage', 'operation_attempt', 'statement_bucket',
      'statistics_kept', 'statistics_writer'
  );

-- name: has_rows
-- ``put_in``: by the migration itself.
SELECT count(*) > :put_in FROM (SELECT FROM twinbase.{table} LIMIT :put_in + 1) AS rows;

-- name: default_of
-- PostgreSQL's own text of it.
SELECT coalesce(pg_get_expr(d.adbin, d.adrelid), 'NULL')
FROM pg_attribute AS a
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = to_regclass(format('twinbase.%I', CAST(:table AS text)))
  AND a.attname = :column;
