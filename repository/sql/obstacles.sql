-- What keeps schemas from being cloned. $1 are their names; with search_path on one, its objects are
-- told of by their bare names.

-- name: plan_for_catalogs
-- From index to index, in the order in which a query names the catalogs: there is no better way,
-- however many schemas there are, and to look for one takes longer than to go this one.
SET LOCAL join_collapse_limit TO 1;
SET LOCAL enable_hashjoin TO off;
SET LOCAL enable_mergejoin TO off;
SET LOCAL jit TO off;

-- name: printing
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
        d.classid IN (
            'pg_constraint'::regclass, 'pg_type'::regclass, 'pg_opfamily'::regclass,
            -- Operators and functions may be members of a family elsewhere.
            'pg_opclass'::regclass, 'pg_operator'::regclass, 'pg_proc'::regclass
        ) OR coalesce(c.relkind NOT IN ('c', 't'), false)
    FROM belongings AS b
    JOIN pg_depend AS d ON d.refclassid = b.classid AND d.refobjid = b.objid
    LEFT JOIN pg_class AS c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
    WHERE b.has_parts
      AND (d.deptype IN ('a', 'i', 'P', 'S') OR b.classid = 'pg_namespace'::regclass)
      -- What a server publishes is its operator's choice, table by table.
      AND d.classid NOT IN ('pg_publication_rel'::regclass, 'pg_publication_namespace'::regclass)
), by_superuser (is_possible) AS (
    -- Whether somebody who may has left functions that make what only a superuser may make.
    SELECT EXISTS (
        SELECT FROM pg_namespace AS n
        JOIN pg_proc AS p ON p.pronamespace = n.oid
        JOIN pg_roles AS r ON r.oid = p.proowner
        WHERE n.nspname = 'twinbase_guard'
          AND p.proname = 'copy_operator_class'
          AND p.prosecdef
          AND r.rolsuper
          AND has_function_privilege(p.oid, 'EXECUTE')
    )
), carried AS (
    SELECT b.schema, b.classid, b.objid
    FROM belongings AS b
    LEFT JOIN pg_type AS ty ON b.classid = 'pg_type'::regclass AND ty.oid = b.objid
    LEFT JOIN pg_proc AS p ON b.classid = 'pg_proc'::regclass AND p.oid = b.objid
    LEFT JOIN pg_language AS l ON l.oid = p.prolang
    LEFT JOIN pg_aggregate AS a ON a.aggfnoid = p.oid
    LEFT JOIN pg_class AS c ON b.classid = 'pg_class'::regclass AND c.oid = b.objid
    LEFT JOIN pg_statistic_ext AS x ON b.classid = 'pg_statistic_ext'::regclass AND x.oid = b.objid
    CROSS JOIN by_superuser AS s
    WHERE CASE b.classid
        -- Parts may lie in another schema: partitions, statistics, a range's multirange.
        WHEN 'pg_class'::regclass THEN c.relnamespace = b.schema OR c.relkind = 't'
        WHEN 'pg_statistic_ext'::regclass THEN x.stxnamespace = b.schema
        -- A base type of one's own that is no array, or the mark of one that is to come.
        WHEN 'pg_type'::regclass
            THEN ty.typnamespace = b.schema AND (ty.typtype NOT IN ('b', 'p') OR ty.typelem <> 0)
                OR ty.typnamespace = 'pg_toast'::regnamespace
        -- What only a superuser may make, or his functions where he has left them.
        WHEN 'pg_opfamily'::regclass THEN s.is_possible AND EXISTS (
            SELECT FROM pg_opfamily AS f WHERE f.oid = b.objid AND f.opfnamespace = b.schema
        )
        WHEN 'pg_opclass'::regclass THEN s.is_possible AND EXISTS (
            SELECT FROM pg_opclass AS o
            JOIN pg_type AS of_class ON of_class.oid = o.opcintype
            WHERE o.oid = b.objid
              AND o.opcnamespace = b.schema
              -- There can be one default for a type.
              AND (NOT o.opcdefault OR of_class.typnamespace = b.schema)
        )
        WHEN 'pg_proc'::regclass THEN
            (l.lanpltrusted OR p.prokind = 'a' AND a.aggtranstype <> 'internal'::regtype)
            AND p.prosupport = 0 AND p.protrftypes IS NULL
            AND (
                NOT p.proleakproof
                -- See copy_leakproof in superuser.sql.
                OR s.is_possible
                    AND (NOT p.prosecdef OR pg_has_role('twinbase_service', p.proowner, 'MEMBER'))
                    AND (p.prosqlbody IS NULL OR NOT EXISTS (
                        SELECT FROM pg_depend AS o
                        JOIN pg_proc AS needed
                            ON o.refclassid = 'pg_proc'::regclass AND needed.oid = o.refobjid
                        WHERE o.classid = b.classid
                          AND o.objid = b.objid
                          AND needed.pronamespace = b.schema
                    ))
            )
            OR EXISTS (
                -- A range's constructors come with it.
                SELECT FROM pg_depend AS o
                WHERE o.classid = b.classid AND o.objid = b.objid AND o.deptype = 'i'
            )
        ELSE b.classid IN ('pg_amop'::regclass, 'pg_amproc'::regclass)
        -- Those of its own classes and families, not what its operators are to another's.
        AND s.is_possible
        AND EXISTS (
            SELECT FROM pg_depend AS o
            JOIN belongings AS whole ON whole.classid = o.refclassid AND whole.objid = o.refobjid
            WHERE o.classid = b.classid
              AND o.objid = b.objid
              AND whole.schema = b.schema
              AND whole.classid IN ('pg_opclass'::regclass, 'pg_opfamily'::regclass)
        )
        OR b.classid IN (
            'pg_namespace'::regclass, 'pg_attrdef'::regclass,
            'pg_constraint'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass,
            'pg_cast'::regclass, 'pg_rewrite'::regclass, 'pg_operator'::regclass, 'pg_collation'::regclass,
            'pg_conversion'::regclass, 'pg_ts_dict'::regclass, 'pg_ts_config'::regclass,
            'pg_default_acl'::regclass
        )
    END
), needs AS (
    -- What the carried objects rest on, and what is neither carried nor shared by all: another
    -- tenant's, or the service's own but for its trigger and functions of sequences. Of a source it
    -- is an obstacle; a copy must have none.
    SELECT
        format('%s.%s', d.classid, d.objid) AS part,
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
      AND (
          needed.schema IN ('twinbase', 'twinbase_guard')
          OR EXISTS (SELECT FROM twinbase.schema_meta AS s WHERE s.schema_name = needed.schema)
          -- The schema itself, as a constant of regnamespace.
          OR d.refclassid = 'pg_namespace'::regclass
              AND EXISTS (SELECT FROM twinbase.schema_meta AS s WHERE s.schema_name = needed.name)
      )
      AND NOT (
          d.classid = 'pg_trigger'::regclass
          AND d.refclassid = 'pg_proc'::regclass
          AND d.refobjid = 'twinbase.stamp_row()'::regprocedure
      )
    GROUP BY d.classid, d.objid, d.objsubid
)
-- name: obstacles
-- What a clone cannot carry, as «object: reason»; `part`: which object it is. Tables of $2 are guarded
-- in part: guarding them would make something else of the copy than the source is. $3, $4 and $5 are
-- the roles of DML: for own rows, for all rows, for reading. $6: rows are copied, too. $7 owns tenants'
-- tables.
SELECT
    format('%s.%s', b.classid, b.objid) AS part,
    pg_describe_object(b.classid, b.objid, 0) || ': is not carried' || CASE
        WHEN b.classid IN ('pg_opfamily'::regclass, 'pg_opclass'::regclass) OR leakproof.is_alone
            THEN CASE
                WHEN NOT s.is_possible THEN
                    ', since only a superuser may make it: if the service is started once with'
                    ' TWINBASE_ADMIN_URL naming one, it will be'
                WHEN leakproof.is_alone THEN ', since it runs as, or calls, what a copy cannot have of its source''s owner'
                ELSE ', since it is the default for, or with a family of, what is not its schema''s'
            END
        ELSE ''
    END AS obstacle
FROM belongings AS b
CROSS JOIN by_superuser AS s
LEFT JOIN LATERAL (
    SELECT l.lanpltrusted AND p.proleakproof AND p.prosupport = 0 AND p.protrftypes IS NULL
    FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
    WHERE b.classid = 'pg_proc'::regclass AND p.oid = b.objid
) AS leakproof (is_alone) ON true
WHERE (b.classid, b.objid) NOT IN (SELECT m.classid, m.objid FROM carried AS m)
  -- Those of a family that is told of.
  AND NOT (b.classid IN ('pg_amop'::regclass, 'pg_amproc'::regclass) AND NOT s.is_possible)
UNION
SELECT
    format('%s.%s', m.classid, m.objid),
    pg_describe_object('pg_class'::regclass, m.objid, 0) || ': is not as exec_ddl leaves a table'
FROM carried AS m
WHERE m.classid = 'pg_class'::regclass AND m.objid = ANY ($2::oid[])
UNION
-- Of a table of somebody else's, row security would show the service some rows only.
SELECT
    format('%s.%s', m.classid, m.objid),
    format(
        '%s: belongs to %s, and the service may not read all of it (ALTER … OWNER TO %s)',
        pg_describe_object('pg_class'::regclass, c.oid, 0), c.relowner::regrole, $7::text
    )
FROM carried AS m
JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
WHERE $6::boolean
  AND c.relkind IN ('r', 'S')
  AND NOT pg_has_role(c.relowner, 'USAGE')
  AND (NOT has_table_privilege(c.oid, 'SELECT') OR c.relrowsecurity)
UNION
SELECT
    format('%s.%s', m.classid, m.objid),
    pg_describe_object('pg_constraint'::regclass, tg.tgconstraint, 0) || ': is switched off'
FROM carried AS m
JOIN pg_trigger AS tg ON m.classid = 'pg_trigger'::regclass AND tg.oid = m.objid
WHERE tg.tgisinternal AND tg.tgconstraint <> 0 AND tg.tgenabled <> 'O'
UNION
SELECT
    format('%s.%s', m.classid, m.objid),
    pg_describe_object('pg_policy'::regclass, p.oid, 0) || ': is not as exec_ddl leaves it'
FROM carried AS m
JOIN pg_policy AS p ON m.classid = 'pg_policy'::regclass AND p.oid = m.objid
JOIN pg_namespace AS n ON n.oid = m.schema
CROSS JOIN LATERAL (
    SELECT pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
    OFFSET 0  -- so that each is printed once
) AS printed (of_rows, of_new_rows)
-- However PostgreSQL writes the expression, with its casts and parentheses.
CROSS JOIN LATERAL regexp_replace(
    printed.of_rows, '::(text|character varying)(\[\])?|[() ]', '', 'g'
) AS told
WHERE p.polname IN ('twinbase_rows', 'twinbase_all_rows')
  AND (
      NOT p.polpermissive
      OR p.polcmd <> '*'
      OR printed.of_rows IS DISTINCT FROM printed.of_new_rows
      OR (p.polroles, told) IS DISTINCT FROM CASE p.polname
          WHEN 'twinbase_rows' THEN (
              ARRAY[$3::text::regrole::oid],
              format(
                  'current_setting''twinbase.schema'',true=%LANDuid=ANYARRAY['
                  'current_setting''twinbase.uid'',true,current_setting''twinbase.app_uid'',true]',
                  n.nspname
              )
          )
          ELSE (
              ARRAY[$4::text::regrole::oid, $5::text::regrole::oid],
              format('current_setting''twinbase.schema'',true=%L', n.nspname)
          )
      END
  )
UNION
SELECT
    format('%s.%s', m.classid, m.objid),
    pg_describe_object(l.classoid, l.objoid, l.objsubid) || ': has a security label'
FROM carried AS m
JOIN pg_seclabel AS l ON l.classoid = m.classid AND l.objoid = m.objid
UNION
SELECT n.part, n.obstacle FROM needs AS n
ORDER BY obstacle;

-- name: stands_alone
SELECT NOT EXISTS (SELECT FROM needs) AS alone;
