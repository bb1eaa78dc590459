-- What keeps the source of a clone as it is while others copy it.

-- name: stay
-- However long the others take.
SET LOCAL idle_in_transaction_session_timeout TO 0

-- name: only_read
SET TRANSACTION READ ONLY

-- name: export_snapshot
SELECT pg_export_snapshot()

-- name: left_by_superusers
-- Of the schemas $1 those in which a superuser has a table or a sequence, where one has left what gives
-- them away.
SELECT n.nspname AS schema
FROM pg_namespace AS n
WHERE n.nspname = ANY ($1::text[])
  AND EXISTS (
      SELECT
      FROM pg_depend AS d
      JOIN pg_class AS c ON c.oid = d.objid AND c.relkind IN ('r', 'p', 'S')
      JOIN pg_roles AS r ON r.oid = c.relowner AND r.rolsuper
      WHERE d.refclassid = 'pg_namespace'::regclass
        AND d.refobjid = n.oid
        AND d.classid = 'pg_class'::regclass
  )
  AND EXISTS (
      SELECT
      FROM pg_proc AS p
      JOIN pg_roles AS r ON r.oid = p.proowner AND r.rolsuper
      WHERE p.oid = to_regprocedure('twinbase_guard.adopt(name)')
  );

-- name: adopt
SELECT twinbase_guard.adopt($1);
