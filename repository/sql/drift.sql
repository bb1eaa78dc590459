-- Whether what is in tenants' schemas is as settling leaves it. All of it through catalogs by oid;
-- nothing here waits for a table, or reads one. What guarding makes is not written down a second
-- time: it is made on a table that nobody ever sees (pattern), read, and rolled back.

-- name: pattern
-- A batch; ``guard_table`` and ``guard_view`` follow it.
CREATE TABLE {schema}.{table} (id bigint NOT NULL, uid varchar NOT NULL);
ALTER TABLE {schema}.{table} OWNER TO {owner};

-- name: pattern_of
SELECT
    c.oid,
    c.relacl::text AS rights,
    n.nspacl::text AS rights_of_schema,
    array_agg(p.polname::text ORDER BY p.polname) AS policies,
    array_agg(
        regexp_replace(p.polqual::text, ':location -?[0-9]+', ':location -1', 'g')
        ORDER BY p.polname
    ) AS trees,
    array_agg(pg_get_expr(p.polqual, c.oid) ORDER BY p.polname) AS texts
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_policy AS p ON p.polrelid = c.oid
WHERE n.nspname = $1 AND c.relname = $2
GROUP BY c.oid, n.oid;

-- name: schemas
-- Of the next $2 databases behind $1 that are ready; ``oid`` NULL: another finding.
SELECT d.id, s.schema_name AS name, n.oid
FROM (
    SELECT id FROM twinbase.database_meta
    WHERE deleted_at IS NULL AND status = 'ready' AND id > $1
    ORDER BY id LIMIT $2
) AS d
JOIN twinbase.schema_meta AS s ON s.database_id = d.id AND s.deleted_at IS NULL
LEFT JOIN pg_namespace AS n ON n.nspname = s.schema_name AND n.nspowner = 'twinbase_owner'::regrole
ORDER BY d.id, s.schema_name;

-- name: schemas_of_one
SELECT s.database_id AS id, s.schema_name AS name, n.oid
FROM twinbase.schema_meta AS s
JOIN pg_namespace AS n ON n.nspname = s.schema_name AND n.nspowner = 'twinbase_owner'::regrole
WHERE s.database_id = $1 AND s.deleted_at IS NULL;

-- name: relations
-- Tables, views and sequences in the schemas $1.
SELECT c.oid, c.relnamespace AS schema, c.relkind::text AS kind
FROM pg_depend AS d
JOIN pg_class AS c ON c.oid = d.objid
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = ANY ($1::oid[])
  AND d.classid = 'pg_class'::regclass
  AND d.deptype = 'n'
  AND c.relkind IN ('r', 'v', 'S');

-- name: policies
-- Of the tables $1, those that are not word for word what guarding makes of schema and column:
-- $2 schemas, and $3 how a constant of the name of each is written in a tree. $4 the tree of own rows,
-- $5 of all rows, with marks for the constant and for the column's number.
SELECT
    p.polrelid AS oid,
    p.oid AS policy,
    p.polname::text AS name,
    p.polname IN ('twinbase_rows', 'twinbase_all_rows') AS is_ours,
    p.polcmd = '*' AND p.polpermissive AND CASE p.polname
        WHEN 'twinbase_rows' THEN p.polroles = ARRAY['twinbase_dml'::regrole]::oid[]
        ELSE p.polroles @> ARRAY['twinbase_space'::regrole, 'twinbase_reader'::regrole]::oid[]
            AND p.polroles <@ ARRAY['twinbase_space'::regrole, 'twinbase_reader'::regrole]::oid[]
    END AS is_for_ours
FROM pg_policy AS p
JOIN pg_class AS t ON t.oid = p.polrelid
JOIN unnest($2::oid[], $3::text[]) AS s (oid, constant) ON s.oid = t.relnamespace
LEFT JOIN pg_attribute AS u
    ON u.attrelid = t.oid AND u.attname = 'uid' AND NOT u.attisdropped
CROSS JOIN LATERAL (
    SELECT replace(
        replace(
            CASE p.polname WHEN 'twinbase_rows' THEN $4::text ELSE $5::text END,
            '@column', u.attnum::text
        ),
        '@constant', s.constant
    )
) AS wanted (tree)
CROSS JOIN LATERAL (
    -- Before 17 a tree also knows where in the statement its parts stood.
    SELECT
        CASE WHEN current_setting('server_version_num')::integer < 170000
            THEN regexp_replace(p.polqual::text, ':location -?[0-9]+', ':location -1', 'g')
            ELSE p.polqual::text
        END AS tree,
        CASE WHEN current_setting('server_version_num')::integer < 170000
            THEN regexp_replace(p.polwithcheck::text, ':location -?[0-9]+', ':location -1', 'g')
            ELSE p.polwithcheck::text
        END AS check_tree
) AS written
WHERE p.polrelid = ANY ($1::oid[])
  AND CASE WHEN p.polname IN ('twinbase_rows', 'twinbase_all_rows') THEN
      (
          written.tree = wanted.tree
          AND written.check_tree = wanted.tree
          AND p.polcmd = '*'
          AND p.polpermissive
          AND CASE p.polname
              WHEN 'twinbase_rows' THEN p.polroles = ARRAY['twinbase_dml'::regrole]::oid[]
              ELSE p.polroles @> ARRAY['twinbase_space'::regrole, 'twinbase_reader'::regrole]::oid[]
                  AND p.polroles
                      <@ ARRAY['twinbase_space'::regrole, 'twinbase_reader'::regrole]::oid[]
          END
      ) IS NOT TRUE
      ELSE p.polroles && ARRAY[
          0,
          'twinbase_owner'::regrole, 'twinbase_ddl'::regrole, 'twinbase_dml'::regrole,
          'twinbase_space'::regrole, 'twinbase_reader'::regrole
      ]::oid[]
  END;

-- name: policy_texts
-- For the few of which the trees told nothing: a uid of another collation means the same.
SELECT p.oid, pg_get_expr(p.polqual, p.polrelid) AS text,
    pg_get_expr(p.polwithcheck, p.polrelid) AS check_text
FROM pg_policy AS p
WHERE p.oid = ANY ($1::oid[]);

-- name: policies_there
SELECT p.polrelid AS oid, array_agg(p.polname::text) AS names
FROM pg_policy AS p
WHERE p.polrelid = ANY ($1::oid[])
GROUP BY p.polrelid;

-- name: stamps
-- Of the tables $1, those whose trigger does not do what its name says.
SELECT tg.tgrelid AS oid
FROM pg_trigger AS tg
WHERE tg.tgrelid = ANY ($1::oid[])
  AND tg.tgname = 'twinbase_stamp'
  AND (
      tg.tgfoid <> 'twinbase.stamp_row'::regproc
      OR tg.tgtype <> 23  -- before INSERT or UPDATE, for each row
      OR tg.tgqual IS NOT NULL
      OR tg.tgattr <> ''::int2vector
  );

-- name: rights_of_relations
-- What PUBLIC and tenants' roles may do with the tables, views and sequences $1, and what they should.
-- $2: as guarding gives it; where it is just so, nothing more is asked. Then rights on single columns.
WITH held AS (
    SELECT c.oid, c.relkind, a.grantee, a.privilege_type || suffix.of AS privilege
    FROM pg_class AS c
    CROSS JOIN LATERAL aclexplode(c.relacl) AS a
    CROSS JOIN LATERAL (
        SELECT CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
    ) AS suffix (of)
    WHERE c.oid = ANY ($1::oid[]) AND c.relacl <> $2::text::aclitem[]
    UNION ALL
    SELECT t.attrelid, 'r', a.grantee, format('%s (%I)', a.privilege_type, t.attname)
    FROM pg_attribute AS t
    CROSS JOIN LATERAL aclexplode(t.attacl) AS a
    WHERE t.attrelid = ANY ($1::oid[]) AND t.attacl IS NOT NULL
), needed AS (
    SELECT c.oid, c.relkind, r.role::regrole::oid AS grantee, p.privilege
    FROM pg_class AS c
    CROSS JOIN (VALUES ('twinbase_dml'), ('twinbase_space'), ('twinbase_reader')) AS r (role)
    CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) AS p (privilege)
    WHERE c.oid = ANY ($1::oid[])
      AND c.relkind IN ('r', 'v')
      AND c.relacl IS DISTINCT FROM $2::text::aclitem[]
      AND (r.role <> 'twinbase_reader' OR p.privilege = 'SELECT')
);

-- name: rights_of_schemas
-- As ``rights_of_relations``, of the schemas $1; what twinbase_ddl has there is another finding.
WITH held AS (
    SELECT n.oid, a.grantee, a.privilege_type || CASE WHEN a.is_grantable
        THEN ' WITH GRANT OPTION' ELSE '' END AS privilege
    FROM pg_namespace AS n
    CROSS JOIN LATERAL aclexplode(n.nspacl) AS a
    WHERE n.oid = ANY ($1::oid[]) AND a.grantee <> 'twinbase_ddl'::regrole
), needed AS (
    SELECT n.oid, r.role::regrole::oid AS grantee, 'USAGE' AS privilege
    FROM pg_namespace AS n
    CROSS JOIN (VALUES ('twinbase_dml'), ('twinbase_space'), ('twinbase_reader')) AS r (role)
    WHERE n.oid = ANY ($1::oid[])
);

-- name: compared
-- Of those of PUBLIC and of tenants' roles: what is held and not needed, or needed and not held.
SELECT
    coalesce(held.oid, needed.oid) AS oid,
    held.oid IS NULL AS is_missing,
    string_agg(
        format(
            '%s %s %s',
            coalesce(held.privilege, needed.privilege),
            CASE WHEN held.oid IS NULL THEN 'for' ELSE 'of' END,
            CASE coalesce(held.grantee, needed.grantee) WHEN 0 THEN 'PUBLIC'
                ELSE coalesce(held.grantee, needed.grantee)::regrole::text
            END
        ),
        ', '
        ORDER BY coalesce(held.grantee, needed.grantee), coalesce(held.privilege, needed.privilege)
    ) AS rights
FROM held
FULL JOIN needed USING (oid, grantee, privilege)
WHERE (held.oid IS NULL) <> (needed.oid IS NULL)
  AND coalesce(held.grantee, needed.grantee) IN (
      0, 'twinbase_ddl'::regrole, 'twinbase_dml'::regrole, 'twinbase_space'::regrole,
      'twinbase_reader'::regrole
  )
GROUP BY 1, 2;

-- name: relation_named
SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind,
    format('%I.%I', n.nspname, c.relname) AS subject
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.oid = ANY ($1::oid[]);

-- name: views
-- Of the views $1 that are the service's, those that are not read with their caller's rights.
SELECT c.oid
FROM pg_class AS c
WHERE c.oid = ANY ($1::oid[])
  AND c.relkind = 'v'
  AND c.relowner = 'twinbase_owner'::regrole
  AND NOT coalesce(
      (
          SELECT o.option_value::boolean FROM pg_options_to_table(c.reloptions) AS o
          WHERE o.option_name = 'security_invoker'
      ),
      false
  );

-- name: open
-- What PUBLIC or tenants' roles reach in the schemas $1 and no policy of ours keeps apart: of somebody
-- else's, or of a kind that has no row security. $2: the tables that have ours.
SELECT c.oid, c.relnamespace AS schema, CASE c.relkind
    WHEN 'v' THEN 'view'
    WHEN 'm' THEN 'materialized view'
    WHEN 'p' THEN 'partitioned table'
    WHEN 'f' THEN 'foreign table'
    ELSE 'table'
END AS kind
FROM pg_depend AS d
JOIN pg_class AS c ON c.oid = d.objid
WHERE d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = ANY ($1::oid[])
  AND d.classid = 'pg_class'::regclass
  AND d.deptype = 'n'
  AND (
      c.relkind IN ('m', 'p', 'f')
      OR c.relkind IN ('r', 'v') AND c.relowner <> 'twinbase_owner'::regrole
  )
  AND c.oid <> ALL ($2::oid[])
  AND NOT (
      c.relkind = 'v'
      AND coalesce(
          (
              SELECT o.option_value::boolean FROM pg_options_to_table(c.reloptions) AS o
              WHERE o.option_name = 'security_invoker'
          ),
          false
      )
  )
  AND EXISTS (
      SELECT FROM (
          SELECT a.grantee FROM aclexplode(c.relacl) AS a
          UNION ALL
          SELECT a.grantee FROM pg_attribute AS t CROSS JOIN LATERAL aclexplode(t.attacl) AS a
          WHERE t.attrelid = c.oid
      ) AS held
      WHERE held.grantee IN (
          0, 'twinbase_ddl'::regrole, 'twinbase_dml'::regrole, 'twinbase_space'::regrole,
          'twinbase_reader'::regrole
      )
  );

-- name: owners
-- Of the relations $1, those that are not the service's.
SELECT c.oid, c.relowner::regrole::text AS owner, c.relowner = 'twinbase_ddl'::regrole AS is_lent
FROM pg_class AS c
WHERE c.oid = ANY ($1::oid[]) AND c.relowner <> 'twinbase_owner'::regrole;

-- name: revoke_all_on_table
REVOKE ALL ON {schema}.{name} FROM PUBLIC, {ddl}, {dml}, {space}, {reader};

-- name: revoke_all_on_sequence
REVOKE ALL ON SEQUENCE {schema}.{name} FROM PUBLIC, {ddl}, {dml}, {space}, {reader};

-- name: guard_schema
REVOKE ALL ON SCHEMA {schema} FROM PUBLIC, {ddl}, {dml}, {space}, {reader};
GRANT USAGE ON SCHEMA {schema} TO {dml}, {space}, {reader};

-- name: has_rows_to_change
-- Whether managing its columns would write into rows.
SELECT EXISTS (SELECT FROM {schema}.{table} WHERE uid IS NULL OR id IS NULL)
    OR (SELECT count(*) <> count(DISTINCT id) FROM {schema}.{table});
