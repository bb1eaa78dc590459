-- What keeps schemas from being cloned. $1 are their names; with search_path on one, its objects are
-- told of by their bare names.

-- name: plan_for_catalogs
-- From index to index, in the order in which a query names the catalogs: there is no better way,
-- however many schemas there are, and to look for one takes longer than to go this one.
SET LOCAL join_collapse_limit TO 1;
SET LOCAL enable_hashjoin TO off;
SET LOCAL enable_mergejoin TO off;
SET LOCAL jit TO off;

-- name: plan_as_ever
SET LOCAL join_collapse_limit TO DEFAULT;
SET LOCAL enable_hashjoin TO DEFAULT;
SET LOCAL enable_mergejoin TO DEFAULT;
SET LOCAL jit TO DEFAULT;

-- name: open_source
-- Names and constants are printed in one way, whatever the server is set to.
SET LOCAL search_path TO {schema}, pg_temp;
SET LOCAL quote_all_identifiers TO off;
SET LOCAL extra_float_digits TO 1;
SET LOCAL IntervalStyle TO postgres;

-- name: belongings
-- Begins the queries that follow: what belongs to a schema, itself or through a table of it, and
-- what of that a clone carries. Found along pg_depend, so kinds that nobody here has heard of are
-- found, too. Each schema by itself: what belongs to another one is outside.
WITH RECURSIVE belongings (schema, classid, objid, has_parts) AS (
    SELECT n.oid, 'pg_namespace'::regclass::oid, n.oid, true
    FROM pg_namespace AS n
    WHERE n.nspname = ANY ($1::text[])
    UNION
    SELECT
        b.schema,
        d.classid,
        d.objid,
        d.classid = 'pg_constraint'::regclass OR coalesce(c.relkind IN ('r', 'S', 'i'), false)
    FROM belongings AS b
    JOIN pg_depend AS d ON d.refclassid = b.classid AND d.refobjid = b.objid
    LEFT JOIN pg_class AS c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
    WHERE b.has_parts
      AND (d.deptype IN ('a', 'i') OR b.classid = 'pg_namespace'::regclass)
      -- What a server publishes is its operator's choice, table by table.
      AND d.classid NOT IN ('pg_publication_rel'::regclass, 'pg_publication_namespace'::regclass)
), carried AS (
    SELECT b.schema, b.classid, b.objid
    FROM belongings AS b
    LEFT JOIN pg_type AS ty ON b.classid = 'pg_type'::regclass AND ty.oid = b.objid
    LEFT JOIN pg_class AS c
        ON c.oid = CASE b.classid WHEN 'pg_class'::regclass THEN b.objid ELSE ty.typrelid END
    LEFT JOIN pg_trigger AS tg ON b.classid = 'pg_trigger'::regclass AND tg.oid = b.objid
    LEFT JOIN pg_policy AS p ON b.classid = 'pg_policy'::regclass AND p.oid = b.objid
    WHERE CASE b.classid
        WHEN 'pg_class'::regclass THEN c.relkind IN ('r', 'S', 'i', 't')
        WHEN 'pg_type'::regclass THEN c.relkind = 'r'
        WHEN 'pg_trigger'::regclass THEN tg.tgisinternal OR tg.tgname = 'twinbase_stamp'
        WHEN 'pg_policy'::regclass THEN p.polname IN ('twinbase_rows', 'twinbase_all_rows')
        ELSE b.classid IN (
            'pg_namespace'::regclass, 'pg_attrdef'::regclass, 'pg_constraint'::regclass
        )
    END
), needs AS (
    -- What the carried objects rest on and a clone does not carry, except for PostgreSQL's own, our
    -- functions of sequences and that of our trigger. Of a source it is an obstacle; a copy must
    -- have none.
    SELECT
        format(
            '%s: needs what a clone does not carry (%s)',
            pg_describe_object(d.classid, d.objid, d.objsubid),
            string_agg(DISTINCT needed.type, ', ')
        ) AS obstacle
    FROM carried AS m
    JOIN pg_depend AS d ON d.classid = m.classid AND d.objid = m.objid
    CROSS JOIN LATERAL pg_identify_object(d.refclassid, d.refobjid, 0) AS needed
    WHERE (m.schema, d.refclassid, d.refobjid) NOT IN (
        SELECT c.schema, c.classid, c.objid FROM carried AS c
    )
      AND coalesce(needed.schema, '') NOT IN ('pg_catalog', 'twinbase_functions')
      AND NOT (
          d.classid = 'pg_trigger'::regclass
          AND d.refclassid = 'pg_proc'::regclass
          AND d.refobjid = 'twinbase.stamp_row()'::regprocedure
      )
    GROUP BY d.classid, d.objid, d.objsubid
)
-- name: obstacles
-- What a clone cannot carry yet, as «object: reason». Tables of $2 are not
-- settled: guarding them would make something else of the copy than the source is. $3, $4 and $5
-- are the roles of DML: for own rows, for all rows, for reading.
, tables AS (
    SELECT c.*
    FROM carried AS m
    JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid AND c.relkind = 'r'
), sequences AS (
    SELECT c.*
    FROM carried AS m
    JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid AND c.relkind = 'S'
), granting (classid, objid, owner, acl, standard) AS (
    SELECT 'pg_namespace'::regclass, n.oid, n.nspowner, n.nspacl,
        ARRAY[$3::text || ' USAGE', $5::text || ' USAGE', $4::text || ' USAGE']
    FROM pg_namespace AS n
    WHERE n.nspname = ANY ($1::text[])
    UNION ALL
    SELECT
        'pg_class'::regclass, t.oid, t.relowner, t.relacl,
        ARRAY[
            $3 || ' DELETE', $3 || ' INSERT', $3 || ' SELECT', $3 || ' UPDATE',
            $5 || ' SELECT',
            $4 || ' DELETE', $4 || ' INSERT', $4 || ' SELECT', $4 || ' UPDATE'
        ]
    FROM tables AS t
    UNION ALL
    SELECT 'pg_class'::regclass, s.oid, s.relowner, s.relacl, NULL
    FROM sequences AS s
)
SELECT pg_describe_object(b.classid, b.objid, 0) || ': is not carried yet' AS obstacle
FROM belongings AS b
WHERE (b.classid, b.objid) NOT IN (SELECT m.classid, m.objid FROM carried AS m)
UNION
SELECT pg_describe_object('pg_class'::regclass, t.oid, 0) || ': ' || reason
FROM tables AS t
CROSS JOIN LATERAL (
    VALUES
        (t.relpersistence <> 'p', 'is unlogged'),
        (t.relispartition, 'is a partition'),
        (t.reloftype <> 0, 'is typed'),
        (t.reltablespace <> 0, 'lies in a tablespace of its own'),
        (t.relreplident <> 'd', 'has a replica identity'),
        (t.relforcerowsecurity, 'forces row security'),
        (t.oid = ANY ($2::oid[]), 'is not as exec_ddl leaves a table'),
        (
            EXISTS (SELECT FROM pg_inherits AS i WHERE t.oid IN (i.inhrelid, i.inhparent)),
            'inherits or is inherited from'
        )
) AS findings (found, reason)
WHERE found
UNION
SELECT pg_describe_object('pg_class'::regclass, s.oid, 0) || ': ' || reason
FROM sequences AS s
CROSS JOIN LATERAL (
    VALUES
        (s.relpersistence <> 'p', 'is unlogged')
) AS findings (found, reason)
WHERE found
UNION
SELECT pg_describe_object('pg_class'::regclass, a.attrelid, a.attnum) || ': ' || reason
FROM tables AS t
JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type AS ty ON ty.oid = a.atttypid
CROSS JOIN LATERAL (
    VALUES
        (ty.typnamespace <> 'pg_catalog'::regnamespace, 'has a type that is not one of PostgreSQL''s'),
        (a.attstorage <> ty.typstorage, 'has a storage mode of its own'),
        (a.attcompression <> '', 'has a compression of its own'),
        (a.attoptions IS NOT NULL, 'has options of its own'),
        (a.attacl IS NOT NULL, 'has grants of its own'),
        (a.attgenerated NOT IN ('', 's'), 'is generated when read'),
        (coalesce(a.attstattarget, -1) <> -1, 'has a statistics target')
) AS findings (found, reason)
WHERE found
UNION
SELECT pg_describe_object('pg_class'::regclass, c.oid, 0) || ': ' || reason
FROM tables AS t
JOIN pg_index AS i ON i.indrelid = t.oid
JOIN pg_class AS c ON c.oid = i.indexrelid
CROSS JOIN LATERAL (
    VALUES
        (NOT i.indisvalid, 'is not valid'),
        (i.indisclustered, 'has a cluster mark'),
        (c.reltablespace <> 0, 'lies in a tablespace of its own'),
        (
            EXISTS (
                SELECT FROM pg_attribute AS a
                WHERE a.attrelid = c.oid AND coalesce(a.attstattarget, -1) <> -1
            ),
            'has a statistics target'
        )
) AS findings (found, reason)
WHERE found
UNION
SELECT pg_describe_object('pg_constraint'::regclass, tg.tgconstraint, 0) || ': is switched off'
FROM tables AS t
JOIN pg_trigger AS tg ON tg.tgrelid = t.oid
WHERE tg.tgisinternal AND tg.tgenabled <> 'O'
UNION
SELECT pg_describe_object(g.classid, g.objid, 0) || ': has other grants than the service gives'
FROM granting AS g
WHERE g.standard IS DISTINCT FROM (
    SELECT array_agg(told ORDER BY told COLLATE "C")
    FROM aclexplode(g.acl) AS a
    CROSS JOIN LATERAL concat(
        a.grantee::regrole, ' ', a.privilege_type, CASE WHEN a.is_grantable THEN ' *' END
    ) AS told
    WHERE a.grantee <> g.owner
)
UNION
SELECT pg_describe_object(c.classoid, c.objoid, 0) || ': has a comment, which is not carried yet'
FROM carried AS m
JOIN pg_description AS c ON c.classoid = m.classid AND c.objoid = m.objid
WHERE m.classid NOT IN ('pg_class'::regclass, 'pg_constraint'::regclass)
UNION
SELECT pg_describe_object(l.classoid, l.objoid, l.objsubid) || ': has a security label'
FROM carried AS m
JOIN pg_seclabel AS l ON l.classoid = m.classid AND l.objoid = m.objid
UNION
SELECT n.obstacle FROM needs AS n
ORDER BY 1;

-- name: stand_alone
SELECT NOT EXISTS (SELECT FROM needs) AS alone;
