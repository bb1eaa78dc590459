-- name: sessions
SELECT count(*) FROM pg_stat_activity WHERE datname = $1;

-- name: has_metadata
SELECT to_regclass('twinbase.database_meta') IS NOT NULL;

-- name: databases
SELECT count(*) FROM twinbase.database_meta WHERE deleted_at IS NULL;

-- name: tables_of_others
-- In schemas that neither the service owns nor PostgreSQL has made; what an extension brings is its.
SELECT count(*)
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm')
  AND (n.oid >= 16384 OR n.nspname = 'public')
  AND NOT pg_has_role('twinbase_service', n.nspowner, 'USAGE')
  AND NOT EXISTS (
      SELECT FROM pg_depend AS d
      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
  );

-- name: drop_database
DROP DATABASE IF EXISTS {database} WITH (FORCE)
