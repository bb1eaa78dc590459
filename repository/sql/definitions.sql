-- A schema's objects as statements that make them again, each with its place in the order.
--
-- They are read with search_path on the source and print names relative to it, so that what they
-- print makes the same thing in whichever schema is on the path when it runs. $1 is the schema's
-- name. Of each: node, which edges name; phase (see repository/definitions.py); whether it is the
-- service that runs it, since twinbase_ddl may not; and the statement.
-- What is in a schema is found along pg_depend, which has an index for it; pg_class and pg_type have
-- none.

-- name: chosen
-- Begins each query. Of what is in the schema, the objects $3 of the catalogs $2 are read; or all of
-- it, where both are NULL.
WITH RECURSIVE chosen (classid, objid) AS NOT MATERIALIZED (
    SELECT s.classid, s.objid FROM unnest($2::oid[], $3::oid[]) AS s (classid, objid)
)
-- name: members_all
, members (classid, objid) AS NOT MATERIALIZED (
    SELECT d.classid, d.objid
    FROM pg_depend AS d
    WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = $1::text::regnamespace
)
-- name: members_chosen
, members (classid, objid) AS NOT MATERIALIZED (
    SELECT s.classid, s.objid FROM chosen AS s
    WHERE $1::text IS NOT NULL  -- so that its type is known where nothing else names it
)
-- name: indexes
-- Those that are carried: as pg_dump, without one of which PostgreSQL says that its making failed.
, indexes (oid, of) AS NOT MATERIALIZED (
    SELECT i.indexrelid, i.indrelid
    FROM pg_index AS i
    JOIN pg_class AS t ON t.oid = i.indrelid
    WHERE i.indisvalid OR t.relkind = 'p'
)
-- name: called
-- The functions as they are called there (not as regproc prints them: of an overloaded one, with its
-- schema).
, called (oid, name) AS NOT MATERIALIZED (
    SELECT
        p.oid,
        CASE
            WHEN p.pronamespace = $1::text::regnamespace THEN quote_ident(p.proname)
            ELSE format('%s.%I', p.pronamespace::regnamespace, p.proname)
        END
    FROM pg_proc AS p
)

-- name: kinds
-- Which of the following there is anything for.
SELECT DISTINCT
    CASE d.classid
        WHEN 'pg_class'::regclass THEN 'class ' || c.relkind::text
        WHEN 'pg_type'::regclass THEN 'type ' || ty.typtype::text
        WHEN 'pg_proc'::regclass THEN CASE p.prokind WHEN 'a' THEN 'aggregate' ELSE 'function' END
        ELSE d.classid::regclass::text
    END AS kind
FROM members AS d
LEFT JOIN pg_class AS c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
LEFT JOIN pg_type AS ty ON d.classid = 'pg_type'::regclass AND ty.oid = d.objid
LEFT JOIN pg_proc AS p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid

UNION ALL
-- What is made gets rights that nobody has told of it.
SELECT 'default privileges'
WHERE EXISTS (SELECT FROM pg_default_acl AS d WHERE d.defaclnamespace = 0)

UNION ALL
-- A table that needs another one to be made.
SELECT 'tables in order'
WHERE EXISTS (
    SELECT
    FROM pg_class AS c
    JOIN pg_inherits AS i ON i.inhrelid = c.oid
    WHERE c.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_class'::regclass))
      AND c.relkind = 'r'
)
OR EXISTS (
    SELECT
    FROM members AS d
    JOIN pg_attribute AS a ON a.attrelid = d.objid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type AS ty ON ty.oid = a.atttypid AND ty.typnamespace = $1::text::regnamespace
    WHERE d.classid = 'pg_class'::regclass
);

-- name: parts
-- All that belongs to the schema, the node that it is a part of, and what it rests on.
, belongings (classid, objid) AS (
    SELECT d.classid, d.objid
    FROM members AS d

    UNION
    SELECT d.classid, d.objid
    FROM belongings AS b
    JOIN pg_depend AS d
        ON d.refclassid = b.classid AND d.refobjid = b.objid
        AND (d.deptype IN ('a', 'i', 'P', 'S') OR d.classid = 'pg_cast'::regclass)
), part (classid, objid, node) AS (
    SELECT
        b.classid,
        b.objid,
        CASE
            WHEN b.classid = 'pg_type'::regclass THEN
                CASE
                    WHEN whole.typrelid <> 0 AND row_of.relkind <> 'c'
                        THEN format('%s.%s', 'pg_class'::regclass::oid, whole.typrelid)
                    ELSE format('%s.%s', b.classid, coalesce(of_range.rngtypid, whole.oid))
                END
            WHEN b.classid = 'pg_class'::regclass THEN
                CASE
                    WHEN c.relkind = 'c' THEN format('%s.%s', 'pg_type'::regclass::oid, c.reltype)
                    WHEN identity.refobjid IS NOT NULL
                        THEN format('%s.%s', b.classid, identity.refobjid)
                    ELSE format('%s.%s', b.classid, b.objid)
                END
            WHEN b.classid = 'pg_constraint'::regclass THEN
                CASE
                    WHEN k.contype IN ('p', 'u', 'x')
                        THEN format('%s.%s', 'pg_class'::regclass::oid, k.conindid)
                    WHEN k.contypid <> 0 AND k.convalidated AND NOT EXISTS (
                        SELECT FROM pg_depend AS o JOIN pg_proc AS p ON p.oid = o.refobjid
                        WHERE o.classid = b.classid AND o.objid = b.objid
                          AND o.refclassid = 'pg_proc'::regclass
                          AND p.pronamespace = $1::text::regnamespace
                    ) THEN format('%s.%s', 'pg_type'::regclass::oid, k.contypid)
                    WHEN k.contype = 'n' AND k.convalidated
                        THEN format('%s.%s', 'pg_class'::regclass::oid, k.conrelid)
                    WHEN k.contype IN ('c', 'n') AND k.conrelid <> 0
                        THEN format('checks.%s', k.conrelid)
                    ELSE format('%s.%s', b.classid, b.objid)
                END
            WHEN b.classid = 'pg_rewrite'::regclass AND r.rulename = '_RETURN'
                THEN format('%s.%s', 'pg_class'::regclass::oid, r.ev_class)
            WHEN b.classid = 'pg_attrdef'::regclass THEN
                CASE
                    WHEN a.attgenerated <> ''
                        THEN format('%s.%s', 'pg_class'::regclass::oid, ad.adrelid)
                    ELSE format('%s.%s', b.classid, b.objid)
                END
            WHEN b.classid IN ('pg_amop'::regclass, 'pg_amproc'::regclass) THEN coalesce(
                (
                    SELECT format('%s.%s', d.refclassid, d.refobjid)
                    FROM pg_depend AS d
                    WHERE d.classid = b.classid AND d.objid = b.objid
                      AND d.refclassid = 'pg_opclass'::regclass
                ),
                format('members.%s', coalesce(
                    (SELECT a.amopfamily FROM pg_amop AS a WHERE b.classid = 'pg_amop'::regclass AND a.oid = b.objid),
                    (SELECT a.amprocfamily FROM pg_amproc AS a WHERE a.oid = b.objid)
                ))
            )
            ELSE format('%s.%s', b.classid, b.objid)
        END
    FROM belongings AS b
    LEFT JOIN pg_type AS ty ON b.classid = 'pg_type'::regclass AND ty.oid = b.objid
    LEFT JOIN pg_type AS whole
        ON whole.oid = CASE WHEN ty.typcategory = 'A' AND ty.typelem <> 0 THEN ty.typelem ELSE ty.oid END
    LEFT JOIN pg_range AS of_range ON of_range.rngmultitypid = whole.oid
    LEFT JOIN pg_class AS row_of ON row_of.oid = whole.typrelid
    LEFT JOIN pg_class AS c ON b.classid = 'pg_class'::regclass AND c.oid = b.objid
    LEFT JOIN pg_depend AS identity
        ON c.relkind = 'S' AND identity.classid = 'pg_class'::regclass AND identity.objid = c.oid
        AND identity.refclassid = 'pg_class'::regclass AND identity.deptype = 'i'
    LEFT JOIN pg_constraint AS k ON b.classid = 'pg_constraint'::regclass AND k.oid = b.objid
    LEFT JOIN pg_rewrite AS r ON b.classid = 'pg_rewrite'::regclass AND r.oid = b.objid
    LEFT JOIN pg_attrdef AS ad ON b.classid = 'pg_attrdef'::regclass AND ad.oid = b.objid
    LEFT JOIN pg_attribute AS a ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum
)
SELECT
    format('%s.%s', part.classid, part.objid) AS part,
    part.node,
    ARRAY(
        SELECT DISTINCT format('%s.%s', d.refclassid, d.refobjid)
        FROM pg_depend AS d
        WHERE d.classid = part.classid
          AND d.objid = part.objid
          -- A sequence is made before the table whose column owns it.
          AND NOT (
              d.deptype = 'a'
              AND d.classid = 'pg_class'::regclass
              AND EXISTS (SELECT FROM pg_sequence AS s WHERE s.seqrelid = d.objid)
          )
          -- And a domain before the functions that its default calls.
          AND NOT (
              d.classid = 'pg_type'::regclass
              AND d.refclassid = 'pg_proc'::regclass
              AND EXISTS (
                  SELECT FROM pg_type AS ty
                  WHERE ty.oid = d.objid AND ty.typtype = 'd' AND ty.typnamespace = $1::text::regnamespace
              )
          )
    )
    -- That a function of a family is for a type is written elsewhere.
    || CASE part.classid WHEN 'pg_amproc'::regclass THEN ARRAY(
        SELECT format('%s.%s', 'pg_type'::regclass::oid, type)
        FROM pg_amproc AS a CROSS JOIN unnest(ARRAY[a.amproclefttype, a.amprocrighttype]) AS type
        WHERE a.oid = part.objid
    ) ELSE '{}' END AS rests_on
FROM part;

-- name: collations
SELECT
    format('%s.%s', 'pg_collation'::regclass::oid, c.oid) AS node,
    10 AS phase,
    true AS by_service,
    format(
        'CREATE COLLATION %I (%s)',
        c.collname,
        concat_ws(
            ', ',
            'PROVIDER = ' || CASE c.collprovider
                WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc'
            END,
            'LC_COLLATE = ' || quote_literal(c.collcollate),
            'LC_CTYPE = ' || quote_literal(c.collctype),
            -- The column has had two names, and the rules are younger than 15.
            'LOCALE = ' || quote_literal(coalesce(more.of ->> 'colllocale', more.of ->> 'colliculocale')),
            'RULES = ' || quote_literal(more.of ->> 'collicurules'),
            CASE WHEN NOT c.collisdeterministic THEN 'DETERMINISTIC = false' END
        )
    ) AS statement
FROM pg_collation AS c
CROSS JOIN LATERAL to_jsonb(c) AS more (of)
WHERE c.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_collation'::regclass))
ORDER BY c.oid;

-- name: enums
SELECT
    format('%s.%s', 'pg_type'::regclass::oid, ty.oid) AS node,
    10 AS phase,
    false AS by_service,
    format(
        'CREATE TYPE %I AS ENUM (%s)',
        ty.typname,
        string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
    ) AS statement
FROM pg_type AS ty
LEFT JOIN pg_enum AS e ON e.enumtypid = ty.oid
WHERE ty.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_type'::regclass))
  AND ty.typtype = 'e'
GROUP BY ty.oid
ORDER BY ty.oid;

-- name: composites
SELECT
    format('%s.%s', 'pg_type'::regclass::oid, c.reltype) AS node,
    10 AS phase,
    false AS by_service,
    format(
        'CREATE TYPE %I AS (%s)',
        c.relname,
        string_agg(
            concat_ws(
                ' ',
                quote_ident(a.attname),
                format_type(a.atttypid, a.atttypmod),
                CASE WHEN a.attcollation <> ty.typcollation THEN 'COLLATE ' || a.attcollation::regcollation END
            ),
            ', ' ORDER BY a.attnum
        )
    ) AS statement
FROM pg_class AS c
LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_type AS ty ON ty.oid = a.atttypid
WHERE c.oid = ANY (ARRAY(
    SELECT ty.typrelid FROM members AS m JOIN pg_type AS ty ON ty.oid = m.objid
    WHERE m.classid = 'pg_type'::regclass
)) AND c.relkind = 'c'
GROUP BY c.oid
ORDER BY c.oid;

-- name: domains
-- Constraints that are not validated come after the rows; and constraints and defaults that call
-- functions of the schema's own by themselves, since those may take the domain.
SELECT
    format('%s.%s', 'pg_type'::regclass::oid, ty.oid) AS node,
    10 AS phase,
    false AS by_service,
    concat_ws(
        ' ',
        format('CREATE DOMAIN %I AS %s', ty.typname, format_type(ty.typbasetype, ty.typtypmod)),
        CASE
            WHEN ty.typcollation <> base.typcollation
                THEN 'COLLATE ' || ty.typcollation::regcollation
        END,
        CASE WHEN NOT calls.own THEN
            'DEFAULT ' || pg_get_expr(ty.typdefaultbin, 'pg_type'::regclass)
        END,
        -- Named from 17 on.
        CASE
            WHEN ty.typnotnull THEN coalesce(
                (
                    SELECT format('CONSTRAINT %I NOT NULL', k.conname)
                    FROM pg_constraint AS k WHERE k.contypid = ty.oid AND k.contype = 'n'
                ),
                'NOT NULL'
            )
        END,
        (
            SELECT string_agg(
                format('CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)),
                ' ' ORDER BY k.conname
            )
            FROM pg_constraint AS k
            WHERE k.contypid = ty.oid AND k.contype = 'c' AND k.convalidated AND NOT EXISTS (
                SELECT FROM pg_depend AS o JOIN pg_proc AS p ON p.oid = o.refobjid
                WHERE o.classid = 'pg_constraint'::regclass AND o.objid = k.oid
                  AND o.refclassid = 'pg_proc'::regclass AND p.pronamespace = ty.typnamespace
            )
        )
    ) AS statement
FROM pg_type AS ty
JOIN pg_type AS base ON base.oid = ty.typbasetype
CROSS JOIN LATERAL (
    SELECT EXISTS (
        SELECT FROM pg_depend AS o JOIN pg_proc AS p ON p.oid = o.refobjid
        WHERE o.classid = 'pg_type'::regclass AND o.objid = ty.oid
          AND o.refclassid = 'pg_proc'::regclass AND p.pronamespace = ty.typnamespace
    )
) AS calls (own)
WHERE ty.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_type'::regclass))
  AND ty.typtype = 'd'
ORDER BY ty.oid;

-- name: domain_defaults
SELECT
    format('default.%s', ty.oid) AS node,
    12 AS phase,
    false AS by_service,
    format(
        'ALTER DOMAIN %I SET DEFAULT %s',
        ty.typname, pg_get_expr(ty.typdefaultbin, 'pg_type'::regclass)
    ) AS statement
FROM pg_type AS ty
WHERE ty.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_type'::regclass))
  AND ty.typtype = 'd'
  AND ty.typdefaultbin IS NOT NULL
  AND EXISTS (
      SELECT FROM pg_depend AS o JOIN pg_proc AS p ON p.oid = o.refobjid
      WHERE o.classid = 'pg_type'::regclass AND o.objid = ty.oid
        AND o.refclassid = 'pg_proc'::regclass AND p.pronamespace = ty.typnamespace
  )
ORDER BY ty.oid;

-- name: domain_checks
SELECT
    format('%s.%s', 'pg_constraint'::regclass::oid, k.oid) AS node,
    CASE WHEN k.convalidated THEN 8 ELSE 35 END AS phase,
    false AS by_service,
    format(
        'ALTER DOMAIN %I ADD CONSTRAINT %I %s', ty.typname, k.conname, pg_get_constraintdef(k.oid)
    ) AS statement
FROM pg_type AS ty
JOIN pg_constraint AS k ON k.contypid = ty.oid AND k.contype = 'c'
WHERE ty.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_type'::regclass))
  AND (
      NOT k.convalidated
      OR EXISTS (
          SELECT FROM pg_depend AS o JOIN pg_proc AS p ON p.oid = o.refobjid
          WHERE o.classid = 'pg_constraint'::regclass AND o.objid = k.oid
            AND o.refclassid = 'pg_proc'::regclass AND p.pronamespace = ty.typnamespace
      )
  )
ORDER BY k.oid;

-- name: casts
-- As early as they can: where an expression casts without saying so, nothing tells that it needs one.
SELECT
    format('%s.%s', 'pg_cast'::regclass::oid, c.oid) AS node,
    -- Tables alone are in no other order.
    CASE WHEN c.castfunc = 0 AND 'c' IN (source.typtype, target.typtype) THEN 18 ELSE 9 END AS phase,
    true AS by_service,
    concat_ws(
        ' ',
        format('CREATE CAST (%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)),
        CASE c.castmethod
            WHEN 'f' THEN 'WITH FUNCTION ' || c.castfunc::regprocedure
            WHEN 'i' THEN 'WITH INOUT'
            ELSE 'WITHOUT FUNCTION'
        END,
        CASE c.castcontext WHEN 'a' THEN 'AS ASSIGNMENT' WHEN 'i' THEN 'AS IMPLICIT' END
    ) AS statement
FROM pg_cast AS c
JOIN pg_type AS source ON source.oid = c.castsource
JOIN pg_type AS target ON target.oid = c.casttarget
WHERE $1::text::regnamespace IN (source.typnamespace, target.typnamespace)
  AND ($2::oid[] IS NULL OR ('pg_cast'::regclass, c.oid) IN (SELECT s.classid, s.objid FROM chosen AS s))
  AND NOT EXISTS (
      -- A range's come with it.
      SELECT FROM pg_depend AS o
      WHERE o.classid = 'pg_cast'::regclass AND o.objid = c.oid AND o.deptype = 'i'
  )
ORDER BY c.oid;

-- name: ranges
SELECT
    format('%s.%s', 'pg_type'::regclass::oid, ty.oid) AS node,
    10 AS phase,
    false AS by_service,
    format(
        'CREATE TYPE %I AS RANGE (%s)',
        ty.typname,
        concat_ws(
            ', ',
            'SUBTYPE = ' || format_type(r.rngsubtype, NULL),
            (
                SELECT 'SUBTYPE_OPCLASS = ' || CASE
                    WHEN n.nspname = $1::text THEN quote_ident(o.opcname)
                    ELSE format('%I.%I', n.nspname, o.opcname)
                END
                FROM pg_opclass AS o JOIN pg_namespace AS n ON n.oid = o.opcnamespace
                WHERE o.oid = r.rngsubopc AND NOT o.opcdefault
            ),
            CASE
                WHEN r.rngcollation <> subtype.typcollation
                    THEN 'COLLATION = ' || r.rngcollation::regcollation
            END,
            'SUBTYPE_DIFF = ' || (SELECT f.name FROM called AS f WHERE f.oid = r.rngsubdiff),
            'MULTIRANGE_TYPE_NAME = ' || quote_ident(multirange.typname)
        )
    ) AS statement
FROM pg_type AS ty
JOIN pg_range AS r ON r.rngtypid = ty.oid
JOIN pg_type AS subtype ON subtype.oid = r.rngsubtype
JOIN pg_type AS multirange ON multirange.oid = r.rngmultitypid
WHERE ty.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_type'::regclass))
ORDER BY ty.oid;

-- name: functions
-- `body`: of those whose body is a text, and so may name the schema itself; it is appended.
-- $4 is the schema of the copy, $5 the other one of the source's pair, $6 that of the copy's.
SELECT
    format('%s.%s', 'pg_proc'::regclass::oid, p.oid) AS node,
    10 AS phase,
    true AS by_service,
    concat_ws(
        ' ',
        format(
            'CREATE %s %I(%s)',
            CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END,
            p.proname,
            pg_get_function_arguments(p.oid)
        ),
        CASE WHEN p.prokind <> 'p' THEN 'RETURNS ' || pg_get_function_result(p.oid) END,
        'LANGUAGE ' || quote_ident(l.lanname),
        CASE p.prokind WHEN 'w' THEN 'WINDOW' END,
        CASE p.provolatile WHEN 'i' THEN 'IMMUTABLE' WHEN 's' THEN 'STABLE' END,
        CASE WHEN p.proisstrict THEN 'STRICT' END,
        CASE WHEN p.prosecdef THEN 'SECURITY DEFINER' END,
        CASE p.proparallel WHEN 's' THEN 'PARALLEL SAFE' WHEN 'r' THEN 'PARALLEL RESTRICTED' END,
        CASE WHEN p.procost <> 100 THEN 'COST ' || p.procost END,
        CASE WHEN p.proretset AND p.prorows <> 1000 THEN 'ROWS ' || p.prorows END,
        (
            SELECT string_agg(format('SET %I TO %s', set.name, set.value), ' ' ORDER BY c.position)
            FROM unnest(p.proconfig) WITH ORDINALITY AS c (setting, position)
            CROSS JOIN LATERAL (
                SELECT split_part(c.setting, '=', 1), substr(c.setting, strpos(c.setting, '=') + 1)
            ) AS told (name, value)
            CROSS JOIN LATERAL (
                SELECT
                    told.name,
                    -- A list of names is kept as such, and may hold the schema's own.
                    CASE WHEN told.name IN ('search_path', 'temp_tablespaces') THEN (
                        SELECT string_agg(
                            CASE
                                WHEN name.quoted = '""' THEN ''''''
                                WHEN name.quoted = quote_ident($1::text) THEN quote_ident($4::text)
                                WHEN name.quoted = quote_ident($5::text) THEN quote_ident($6::text)
                                ELSE name.quoted
                            END,
                            ', ' ORDER BY name.position
                        )
                        FROM regexp_matches(told.value, '"(?:[^"]|"")*"|[^,[:space:]]+', 'g')
                            WITH ORDINALITY AS found (matched, position)
                        CROSS JOIN LATERAL (
                            SELECT found.matched[1], found.position
                        ) AS name (quoted, position)
                    ) ELSE quote_literal(told.value) END
            ) AS set (name, value)
        ),
        pg_get_function_sqlbody(p.oid)
    ) AS statement,
    CASE WHEN p.prosqlbody IS NULL THEN p.prosrc END AS body,
    l.lanname AS language
FROM pg_proc AS p
JOIN pg_language AS l ON l.oid = p.prolang
WHERE p.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_proc'::regclass))
  AND p.prokind <> 'a'
  AND NOT EXISTS (
      -- A range's constructors come with it.
      SELECT FROM pg_depend AS o
      WHERE o.classid = 'pg_proc'::regclass AND o.objid = p.oid AND o.deptype = 'i'
  )
ORDER BY p.oid;

-- name: leakproof
-- Last of all: they may become another's. $4: the copy.
SELECT format('SELECT twinbase_guard.carry(''leakproof'', %s, %L)', p.oid, $4::text) AS statement
FROM members AS d
JOIN pg_proc AS p ON p.oid = d.objid AND p.proleakproof
WHERE d.classid = 'pg_proc'::regclass
ORDER BY p.oid;

-- name: aggregates
SELECT
    format('%s.%s', 'pg_proc'::regclass::oid, p.oid) AS node,
    10 AS phase,
    true AS by_service,
    format(
        'CREATE AGGREGATE %I(%s) (%s)',
        p.proname,
        coalesce(nullif(pg_get_function_arguments(p.oid), ''), '*'),
        concat_ws(
            ', ',
            'SFUNC = ' || (SELECT f.name FROM called AS f WHERE f.oid = a.aggtransfn),
            'STYPE = ' || format_type(a.aggtranstype, NULL),
            'SSPACE = ' || nullif(a.aggtransspace, 0),
            'FINALFUNC = ' || (SELECT f.name FROM called AS f WHERE f.oid = a.aggfinalfn),
            CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
            CASE WHEN a.aggfinalfn <> 0 THEN 'FINALFUNC_MODIFY = ' || CASE a.aggfinalmodify
                WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE'
            END END,
            'COMBINEFUNC = ' || (SELECT f.name FROM called AS f WHERE f.oid = a.aggcombinefn),
            'SERIALFUNC = ' || (SELECT f.name FROM called AS f WHERE f.oid = a.aggserialfn),
            'DESERIALFUNC = ' || (SELECT f.name FROM called AS f WHERE f.oid = a.aggdeserialfn),
            'INITCOND = ' || quote_literal(a.agginitval),
            'MSFUNC = ' || (SELECT f.name FROM called AS f WHERE f.oid = a.aggmtransfn),
            'MINVFUNC = ' || (SELECT f.name FROM called AS f WHERE f.oid = a.aggminvtransfn),
            'MSTYPE = ' || CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END,
            'MSSPACE = ' || nullif(a.aggmtransspace, 0),
            'MFINALFUNC = ' || (SELECT f.name FROM called AS f WHERE f.oid = a.aggmfinalfn),
            CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
            CASE WHEN a.aggmfinalfn <> 0 THEN 'MFINALFUNC_MODIFY = ' || CASE a.aggmfinalmodify
                WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE'
            END END,
            'MINITCOND = ' || quote_literal(a.aggminitval),
            (
                SELECT 'SORTOP = ' || CASE
                    WHEN o.oprnamespace = p.pronamespace THEN o.oprname
                    ELSE format('OPERATOR(%s.%s)', o.oprnamespace::regnamespace, o.oprname)
                END
                FROM pg_operator AS o WHERE o.oid = a.aggsortop
            ),
            'PARALLEL = ' || CASE p.proparallel
                WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' ELSE 'UNSAFE'
            END,
            CASE a.aggkind WHEN 'h' THEN 'HYPOTHETICAL' END
        )
    ) AS statement
FROM pg_proc AS p
JOIN pg_aggregate AS a ON a.aggfnoid = p.oid
WHERE p.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_proc'::regclass))
ORDER BY p.oid;

-- name: operators
-- Without a function it is a mark that another one has left for its commutator or negator.
SELECT
    format('%s.%s', 'pg_operator'::regclass::oid, o.oid) AS node,
    10 AS phase,
    true AS by_service,
    format(
        'CREATE OPERATOR %s (%s)',
        o.oprname,
        concat_ws(
            ', ',
            'FUNCTION = ' || (SELECT f.name FROM called AS f WHERE f.oid = o.oprcode),
            'LEFTARG = ' || CASE WHEN o.oprleft <> 0 THEN format_type(o.oprleft, NULL) END,
            'RIGHTARG = ' || CASE WHEN o.oprright <> 0 THEN format_type(o.oprright, NULL) END,
            'COMMUTATOR = ' || CASE
                WHEN commutator.oprnamespace = o.oprnamespace THEN commutator.oprname
                WHEN commutator.oid IS NOT NULL
                    THEN format('OPERATOR(%s.%s)', commutator.oprnamespace::regnamespace, commutator.oprname)
            END,
            'NEGATOR = ' || CASE
                WHEN negator.oprnamespace = o.oprnamespace THEN negator.oprname
                WHEN negator.oid IS NOT NULL
                    THEN format('OPERATOR(%s.%s)', negator.oprnamespace::regnamespace, negator.oprname)
            END,
            'RESTRICT = ' || (SELECT f.name FROM called AS f WHERE f.oid = o.oprrest),
            'JOIN = ' || (SELECT f.name FROM called AS f WHERE f.oid = o.oprjoin),
            CASE WHEN o.oprcanhash THEN 'HASHES' END,
            CASE WHEN o.oprcanmerge THEN 'MERGES' END
        )
    ) AS statement
FROM pg_operator AS o
LEFT JOIN pg_operator AS commutator ON commutator.oid = o.oprcom
LEFT JOIN pg_operator AS negator ON negator.oid = o.oprnegate
WHERE o.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_operator'::regclass)) AND o.oprcode <> 0
ORDER BY o.oid;

-- name: operator_families
-- A superuser's functions make them (superuser.sql). Before all else, since what a type is sorted and
-- compared by is needed by much that pg_depend knows nothing of. First the members that belong to no
-- class, as pg_dump has it: were there a class that they could belong to, they would. $4: the copy.
SELECT
    format('%s.%s', 'pg_opfamily'::regclass::oid, f.oid) AS node,
    6 AS phase,
    true AS by_service,
    format('SELECT twinbase_guard.carry(''operator family'', %s, %L)', f.oid, $4::text) AS statement
FROM members AS d
JOIN pg_opfamily AS f ON f.oid = d.objid
WHERE d.classid = 'pg_opfamily'::regclass
UNION ALL
SELECT
    format('members.%s', f.oid),
    7,
    true,
    format('SELECT twinbase_guard.carry(''loose members'', %s, %L)', f.oid, $4::text)
FROM members AS d
JOIN pg_opfamily AS f ON f.oid = d.objid
WHERE d.classid = 'pg_opfamily'::regclass
  AND EXISTS (
      SELECT
      FROM (
          SELECT 'pg_amop'::regclass, a.oid FROM pg_amop AS a WHERE a.amopfamily = f.oid
          UNION ALL
          SELECT 'pg_amproc'::regclass, a.oid FROM pg_amproc AS a WHERE a.amprocfamily = f.oid
      ) AS m (classid, oid)
      WHERE NOT EXISTS (
          SELECT FROM pg_depend AS o
          WHERE o.classid = m.classid AND o.objid = m.oid AND o.refclassid = 'pg_opclass'::regclass
      )
  )
ORDER BY phase, node;

-- name: operator_classes
SELECT
    format('%s.%s', 'pg_opclass'::regclass::oid, c.oid) AS node,
    8 AS phase,
    true AS by_service,
    format('SELECT twinbase_guard.carry(''operator class'', %s, %L)', c.oid, $4::text) AS statement
FROM members AS d
JOIN pg_opclass AS c ON c.oid = d.objid
WHERE d.classid = 'pg_opclass'::regclass
ORDER BY c.oid;

-- name: conversions
SELECT
    format('%s.%s', 'pg_conversion'::regclass::oid, c.oid) AS node,
    10 AS phase,
    true AS by_service,
    format(
        'CREATE %sCONVERSION %I FOR %L TO %L FROM %s',
        CASE WHEN c.condefault THEN 'DEFAULT ' END,
        c.conname,
        pg_encoding_to_char(c.conforencoding),
        pg_encoding_to_char(c.contoencoding),
        (SELECT f.name FROM called AS f WHERE f.oid = c.conproc)
    ) AS statement
FROM pg_conversion AS c
WHERE c.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_conversion'::regclass))
ORDER BY c.oid;

-- name: dictionaries
SELECT
    format('%s.%s', 'pg_ts_dict'::regclass::oid, d.oid) AS node,
    10 AS phase,
    true AS by_service,
    format(
        'CREATE TEXT SEARCH DICTIONARY %I (TEMPLATE = %I.%I%s)',
        d.dictname, n.nspname, t.tmplname, ', ' || d.dictinitoption
    ) AS statement
FROM pg_ts_dict AS d
JOIN pg_ts_template AS t ON t.oid = d.dicttemplate
JOIN pg_namespace AS n ON n.oid = t.tmplnamespace
WHERE d.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_ts_dict'::regclass))
ORDER BY d.oid;

-- name: configurations
SELECT
    format('%s.%s', 'pg_ts_config'::regclass::oid, c.oid) AS node,
    10 AS phase,
    true AS by_service,
    format('CREATE TEXT SEARCH CONFIGURATION %I (PARSER = %I.%I)', c.cfgname, n.nspname, p.prsname)
    || coalesce(
        (
            SELECT string_agg(
                format(
                    ';ALTER TEXT SEARCH CONFIGURATION %I ADD MAPPING FOR %I WITH %s',
                    c.cfgname, token.alias, mapped.dictionaries
                ),
                '' ORDER BY token.tokid
            )
            FROM ts_token_type(c.cfgparser) AS token
            CROSS JOIN LATERAL (
                SELECT string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno)
                FROM pg_ts_config_map AS m
                WHERE m.mapcfg = c.oid AND m.maptokentype = token.tokid
            ) AS mapped (dictionaries)
            WHERE mapped.dictionaries IS NOT NULL
        ),
        ''
    ) AS statement
FROM pg_ts_config AS c
JOIN pg_ts_parser AS p ON p.oid = c.cfgparser
JOIN pg_namespace AS n ON n.oid = p.prsnamespace
WHERE c.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_ts_config'::regclass))
ORDER BY c.oid;

-- name: sequences
-- Those that no identity column makes by itself.
SELECT
    format('%s.%s', 'pg_class'::regclass::oid, c.oid) AS node,
    5 AS phase,
    false AS by_service,
    format(
        'CREATE %sSEQUENCE %I AS %s INCREMENT %s MINVALUE %s MAXVALUE %s START %s CACHE %s %s',
        CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED ' END,
        c.relname, format_type(s.seqtypid, NULL), s.seqincrement, s.seqmin, s.seqmax, s.seqstart,
        s.seqcache, CASE WHEN s.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END
    ) AS statement
FROM members AS d
JOIN pg_class AS c ON c.oid = d.objid
JOIN pg_sequence AS s ON s.seqrelid = c.oid
WHERE d.classid = 'pg_class'::regclass
  AND NOT EXISTS (
      SELECT FROM pg_depend AS o
      WHERE o.classid = 'pg_class'::regclass AND o.objid = c.oid AND o.deptype = 'i'
  )
ORDER BY c.oid;

-- name: tables
-- Columns with types, collations, generation, identity, NOT NULL; a partition is made by itself and
-- attached, since its columns may have another order; of a table that inherits, its own columns. $4:
-- twinbase_ddl.
SELECT
    format('%s.%s', 'pg_class'::regclass::oid, t.oid) AS node,
    10 AS phase,
    t.relkind = 'f' AS by_service,
    concat(
        CASE
            WHEN t.relkind = 'f' THEN 'CREATE FOREIGN TABLE '
            WHEN t.relpersistence = 'u' THEN 'CREATE UNLOGGED TABLE '
            ELSE 'CREATE TABLE '
        END,
        quote_ident(t.relname),
        ' OF ' || nullif(t.reloftype, 0)::regtype,
        CASE WHEN t.reloftype = 0 OR columns.told IS NOT NULL THEN format(' (%s)', columns.told) END,
        ' INHERITS (' || CASE WHEN inherits.as_made THEN parents.names END || ')',
        ' PARTITION BY ' || CASE t.relkind WHEN 'p' THEN pg_get_partkeydef(t.oid) END,
        ' USING ' || CASE WHEN t.relam <> 0 AND am.amname <> 'heap' THEN quote_ident(am.amname) END,
        ' WITH (' || nullif(
            concat_ws(
                ', ',
                (SELECT string_agg(split_part(o, '=', 1) || '=' || quote_literal(substr(o, strpos(o, '=') + 1)), ', ') FROM unnest(t.reloptions) AS o),
                (SELECT string_agg('toast.' || split_part(o, '=', 1) || '=' || quote_literal(substr(o, strpos(o, '=') + 1)), ', ') FROM unnest(toast.reloptions) AS o)
            ),
            ''
        ) || ')',
        ' SERVER ' || quote_ident(foreign_table.server) || foreign_table.options
            || format(';ALTER FOREIGN TABLE %I OWNER TO %I', t.relname, $4::text),
        format(
            ';ALTER TABLE ONLY %s ATTACH PARTITION %I ',
            CASE WHEN t.relispartition THEN parents.names END, t.relname
        ) || pg_get_expr(t.relpartbound, t.oid),
        CASE WHEN NOT inherits.as_made AND NOT t.relispartition THEN parents.statements END
    ) AS statement
FROM members AS d
JOIN pg_class AS t ON t.oid = d.objid AND t.relkind IN ('r', 'p', 'f')
LEFT JOIN pg_class AS toast ON toast.oid = t.reltoastrelid
LEFT JOIN pg_am AS am ON am.oid = t.relam
LEFT JOIN LATERAL (
    SELECT
        string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) AS names,
        string_agg(
            format(';ALTER TABLE %I INHERIT %s', t.relname, i.inhparent::regclass),
            '' ORDER BY i.inhseqno
        ) AS statements
    FROM pg_inherits AS i WHERE i.inhrelid = t.oid
) AS parents ON true
-- A table that began to inherit later has all its columns of its own, perhaps in an order of its own.
CROSS JOIN LATERAL (
    SELECT NOT t.relispartition AND (
        NOT bool_and(own.attislocal)
        OR array_agg(own.attname ORDER BY own.attnum) FILTER (WHERE own.position <= own.inherited) = (
            SELECT array_agg(once.attname ORDER BY once.position)
            FROM (
                SELECT p.attname, min(i.inhseqno * 2000 + p.attnum) AS position
                FROM pg_inherits AS i
                JOIN pg_attribute AS p
                    ON p.attrelid = i.inhparent AND p.attnum > 0 AND NOT p.attisdropped
                WHERE i.inhrelid = t.oid
                GROUP BY p.attname
            ) AS once
        )
    )
    FROM (
        SELECT
            a.*,
            row_number() OVER (ORDER BY a.attnum) AS position,
            count(*) FILTER (WHERE a.attinhcount > 0) OVER () AS inherited
        FROM pg_attribute AS a
        WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    ) AS own
) AS inherits (as_made)
LEFT JOIN LATERAL (
    SELECT
        s.srvname AS server,
        coalesce(' OPTIONS (' || nullif(options.told, '') || ')', '') AS options
    FROM pg_foreign_table AS f
    JOIN pg_foreign_server AS s ON s.oid = f.ftserver
    CROSS JOIN LATERAL (
        SELECT string_agg(format('%I %L', o.option_name, o.option_value), ', ')
        FROM pg_options_to_table(f.ftoptions) AS o
    ) AS options (told)
    WHERE f.ftrelid = t.oid
) AS foreign_table ON true
CROSS JOIN LATERAL (
    SELECT string_agg(
        concat_ws(
            ' ',
            quote_ident(a.attname),
            CASE WHEN t.reloftype = 0 THEN format_type(a.atttypid, a.atttypmod) ELSE 'WITH OPTIONS' END,
            CASE WHEN t.relkind = 'f' AND a.attfdwoptions IS NOT NULL THEN (
                SELECT format('OPTIONS (%s)', string_agg(format('%I %L', o.option_name, o.option_value), ', '))
                FROM pg_options_to_table(a.attfdwoptions) AS o
            ) END,
            CASE a.attcompression WHEN 'p' THEN 'COMPRESSION pglz' WHEN 'l' THEN 'COMPRESSION lz4' END,
            CASE WHEN a.attcollation <> ty.typcollation AND t.reloftype = 0
                THEN 'COLLATE ' || a.attcollation::regcollation
            END,
            CASE
                WHEN a.attgenerated <> '' THEN format(
                    'GENERATED ALWAYS AS (%s) %s',
                    pg_get_expr(ad.adbin, ad.adrelid),
                    CASE a.attgenerated WHEN 's' THEN 'STORED' ELSE 'VIRTUAL' END
                )
                WHEN a.attidentity <> '' AND isc.oid IS NOT NULL THEN format(
                    'GENERATED %s AS IDENTITY (SEQUENCE NAME %I INCREMENT %s MINVALUE %s '
                    'MAXVALUE %s START %s CACHE %s %s)',
                    CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END,
                    isc.relname, s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache,
                    CASE WHEN s.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END
                )
            END,
            CASE WHEN a.attnotnull AND coalesce(nn.convalidated, true)
                -- An inherited one has its parent's name, and comes to be by itself.
                AND (a.attinhcount = 0 OR NOT inherits.as_made OR nn.conislocal) THEN concat_ws(
                    ' ',
                    'CONSTRAINT ' || quote_ident(nn.conname),
                    'NOT NULL',
                    CASE WHEN nn.connoinherit THEN 'NO INHERIT' END
                )
            END
        ),
        ', ' ORDER BY a.attnum
    ) AS told
    FROM pg_attribute AS a
    JOIN pg_type AS ty ON ty.oid = a.atttypid
    LEFT JOIN pg_attrdef AS ad
        ON a.attgenerated <> '' AND ad.adrelid = a.attrelid AND ad.adnum = a.attnum
    LEFT JOIN pg_depend AS ido
        ON a.attidentity <> ''
        AND ido.refclassid = 'pg_class'::regclass AND ido.refobjid = t.oid
        AND ido.refobjsubid = a.attnum AND ido.classid = 'pg_class'::regclass AND ido.deptype = 'i'
    LEFT JOIN pg_class AS isc ON isc.oid = ido.objid AND isc.relkind = 'S'
    LEFT JOIN pg_sequence AS s ON s.seqrelid = isc.oid
    -- PostgreSQL 18 names its NOT NULL constraints; before, there are none of this kind.
    LEFT JOIN pg_constraint AS nn
        ON nn.conrelid = t.oid AND nn.contype = 'n' AND nn.conkey = ARRAY[a.attnum]
    WHERE a.attrelid = t.oid
      AND a.attnum > 0
      AND NOT a.attisdropped
      AND (a.attislocal OR t.relispartition)
      -- Of a typed table only what it adds to its type.
      AND (t.reloftype = 0 OR a.attnotnull)
) AS columns
WHERE d.classid = 'pg_class'::regclass
ORDER BY t.oid;

-- name: identities
-- What only ALTER SEQUENCE can say of the sequence of an identity.
SELECT
    format('identity.%s', c.oid) AS node,
    16 AS phase,
    false AS by_service,
    concat_ws(
        ';',
        CASE WHEN s.seqtypid <> a.atttypid THEN format(
            'ALTER SEQUENCE %I AS %s MINVALUE %s MAXVALUE %s',
            c.relname, format_type(s.seqtypid, NULL), s.seqmin, s.seqmax
        ) END,
        CASE WHEN c.relpersistence <> t.relpersistence THEN format(
            'ALTER SEQUENCE %I SET %s',
            c.relname, CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED' ELSE 'LOGGED' END
        ) END
    ) AS statement
FROM pg_class AS c
JOIN pg_sequence AS s ON s.seqrelid = c.oid
JOIN pg_depend AS d
    ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i'
    AND d.refclassid = 'pg_class'::regclass
JOIN pg_class AS t ON t.oid = d.refobjid
JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE c.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_class'::regclass))
  AND (s.seqtypid <> a.atttypid OR c.relpersistence <> t.relpersistence)
ORDER BY c.oid;

-- name: defaults
-- By themselves, since they may call functions that take the table's rows; views have them, too.
SELECT
    format('%s.%s', 'pg_attrdef'::regclass::oid, ad.oid) AS node,
    CASE c.relkind WHEN 'v' THEN 60 ELSE 15 END AS phase,
    false AS by_service,
    format(
        'ALTER %s %I ALTER COLUMN %I SET DEFAULT %s',
        CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE ONLY' END,
        c.relname,
        a.attname,
        pg_get_expr(ad.adbin, ad.adrelid)
    ) AS statement
FROM members AS d
JOIN pg_class AS c ON c.oid = d.objid
JOIN pg_attrdef AS ad ON ad.adrelid = c.oid
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = ad.adnum AND a.attgenerated = ''
WHERE d.classid = 'pg_class'::regclass
ORDER BY ad.oid;

-- name: columns
-- What ALTER TABLE alone can say of a column, before there are rows.
SELECT
    format('columns.%s', c.oid) AS node,
    CASE WHEN c.relkind = 'm' THEN 52 WHEN c.relkind IN ('i', 'I') THEN 32 ELSE 16 END AS phase,
    c.relkind = 'm' AS by_service,
    format(
        'ALTER %s %I %s',
        CASE c.relkind
            WHEN 'm' THEN 'MATERIALIZED VIEW'
            WHEN 'i' THEN 'INDEX' WHEN 'I' THEN 'INDEX'
            ELSE 'TABLE ONLY'
        END,
        c.relname,
        string_agg(
            concat_ws(
                ', ',
                CASE WHEN a.attstorage <> ty.typstorage AND c.relkind NOT IN ('i', 'I') THEN format(
                    'ALTER COLUMN %I SET STORAGE %s',
                    a.attname,
                    CASE a.attstorage
                        WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN'
                        ELSE 'EXTENDED'
                    END
                ) END,
                CASE WHEN coalesce(a.attstattarget, -1) <> -1 THEN format(
                    'ALTER COLUMN %s SET STATISTICS %s',
                    CASE WHEN c.relkind IN ('i', 'I') THEN a.attnum::text ELSE quote_ident(a.attname) END,
                    a.attstattarget
                ) END,
                CASE WHEN a.attoptions IS NOT NULL AND c.relkind NOT IN ('i', 'I') THEN format(
                    'ALTER COLUMN %I SET (%s)', a.attname, (SELECT string_agg(split_part(o, '=', 1) || '=' || quote_literal(substr(o, strpos(o, '=') + 1)), ', ') FROM unnest(a.attoptions) AS o)
                ) END,
                CASE WHEN c.relkind = 'm' AND a.attcompression <> '' OR parent.is_compressed_otherwise THEN format(
                    'ALTER COLUMN %I SET COMPRESSION %s',
                    a.attname,
                    CASE a.attcompression WHEN 'l' THEN 'lz4' WHEN 'p' THEN 'pglz' ELSE 'DEFAULT' END
                ) END,
                -- Of an inherited column, what is the table's own.
                CASE WHEN parent.attnotnull = false AND a.attnotnull AND nn.oid IS NULL
                    THEN format('ALTER COLUMN %I SET NOT NULL', a.attname)
                END,
                CASE WHEN parent.attnotnull = false AND a.attnotnull AND nn.conislocal AND nn.convalidated AND NOT a.attislocal
                    THEN format('ADD CONSTRAINT %I NOT NULL %I', nn.conname, a.attname)
                END,
                CASE WHEN parent.atthasdef AND NOT a.atthasdef
                    THEN format('ALTER COLUMN %I DROP DEFAULT', a.attname)
                END
            ),
            ', ' ORDER BY a.attnum
        )
    ) AS statement
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type AS ty ON ty.oid = a.atttypid
LEFT JOIN pg_constraint AS nn
    ON nn.conrelid = c.oid AND nn.contype = 'n' AND nn.conkey = ARRAY[a.attnum]
LEFT JOIN LATERAL (
    SELECT
        bool_or(p.attnotnull AND NOT coalesce(pn.connoinherit, false)) AS attnotnull,
        bool_or(p.atthasdef AND p.attgenerated = '') AS atthasdef,
        NOT a.attislocal AND bool_or(p.attcompression <> a.attcompression) AS is_compressed_otherwise
    FROM pg_inherits AS i
    JOIN pg_attribute AS p
        ON p.attrelid = i.inhparent AND p.attname = a.attname AND NOT p.attisdropped
    LEFT JOIN pg_constraint AS pn
        ON pn.conrelid = p.attrelid AND pn.contype = 'n' AND pn.conkey = ARRAY[p.attnum]
    WHERE i.inhrelid = c.oid AND a.attinhcount > 0 AND NOT c.relispartition
) AS parent ON true
WHERE c.oid = ANY (ARRAY(
    SELECT unnest(m.objid || ARRAY(SELECT x.oid FROM indexes AS x WHERE x.of = m.objid))
    FROM members AS m
    WHERE m.classid = 'pg_class'::regclass
))
  AND c.relkind IN ('r', 'p', 'm', 'i', 'I', 'f')
  AND (
      a.attstorage <> ty.typstorage AND c.relkind NOT IN ('i', 'I')
      OR coalesce(a.attstattarget, -1) <> -1
      OR a.attoptions IS NOT NULL AND c.relkind NOT IN ('i', 'I')
      OR c.relkind = 'm' AND a.attcompression <> ''
      OR parent.is_compressed_otherwise
      OR parent.attnotnull = false AND a.attnotnull
          AND (nn.oid IS NULL OR nn.conislocal AND nn.convalidated AND NOT a.attislocal)
      OR parent.atthasdef AND NOT a.atthasdef
  )
GROUP BY c.oid
ORDER BY c.oid;

-- name: tablespaces
SELECT
    format('tablespace.%s', c.oid) AS node,
    CASE WHEN c.relkind IN ('i', 'I') THEN 32 WHEN c.relkind = 'm' THEN 52 ELSE 16 END AS phase,
    true AS by_service,
    format(
        'ALTER %s %I SET TABLESPACE %I',
        CASE
            WHEN c.relkind IN ('i', 'I') THEN 'INDEX'
            WHEN c.relkind = 'm' THEN 'MATERIALIZED VIEW'
            ELSE 'TABLE'
        END,
        c.relname,
        s.spcname
    ) AS statement
FROM pg_class AS c
JOIN pg_tablespace AS s ON s.oid = c.reltablespace
WHERE c.oid = ANY (ARRAY(
    SELECT unnest(m.objid || ARRAY(SELECT x.oid FROM indexes AS x WHERE x.of = m.objid))
    FROM members AS m
    WHERE m.classid = 'pg_class'::regclass
)) AND c.relkind IN ('r', 'p', 'm', 'i', 'I')
ORDER BY c.oid;

-- name: keys
-- Indexes, and the constraints that rest on one, in the order of their making: among equal ones
-- PostgreSQL chooses by it. Foreign keys come later, as they may rest on any unique index.
-- Only the pretty form of an index leaves out a schema that is on the path; the server that prints
-- it reads it. A key's definition leaves out the options of its index, which stand in the middle of
-- it; a partitioned one cannot be given them later. An index of a partitioned table is made
-- alone, and its parts are attached to it one by one; but PostgreSQL attaches none that excludes, so
-- those are made with their table's.
SELECT
    format('%s.%s', 'pg_class'::regclass::oid, c.oid) AS node,
    CASE t.relkind WHEN 'm' THEN 57 ELSE 30 END AS phase,
    false AS by_service,
    concat(
        CASE
            WHEN k.oid IS NULL THEN pg_get_indexdef(i.indexrelid, 0, true)
            ELSE
                concat(
                    format(
                        'ALTER TABLE %s%I ADD CONSTRAINT %I ',
                        CASE WHEN NOT i.indisexclusion THEN 'ONLY ' END, t.relname, k.conname
                    ),
                    left(told.definition, length(told.definition) - length(told.ending)),
                    CASE t.relkind WHEN 'p' THEN ' WITH (' || told.options || ')' END,
                    told.ending,
                    CASE WHEN t.relkind <> 'p' THEN
                        format(';ALTER INDEX %I', c.relname) || ' SET (' || told.options || ')'
                    END
                )
        END,
        CASE WHEN h.inhparent IS NOT NULL
            THEN format(';ALTER INDEX %s ATTACH PARTITION %I', h.inhparent::regclass, c.relname)
        END
    ) AS statement
FROM members AS d
JOIN pg_class AS t ON t.oid = d.objid AND t.relkind IN ('r', 'p', 'm')
JOIN pg_index AS i ON i.indrelid = t.oid AND (i.indisvalid OR t.relkind = 'p')
JOIN pg_class AS c ON c.oid = i.indexrelid
LEFT JOIN pg_inherits AS h ON h.inhrelid = c.oid
LEFT JOIN pg_constraint AS k
    ON k.conrelid = t.oid AND k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
CROSS JOIN LATERAL (
    SELECT
        pg_get_constraintdef(k.oid),
        concat(
            CASE WHEN k.condeferrable THEN ' DEFERRABLE' END,
            CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' END
        ),
        (
            SELECT string_agg(split_part(o, '=', 1) || '=' || quote_literal(substr(o, strpos(o, '=') + 1)), ', ')
            FROM unnest(c.reloptions) AS o WHERE k.contype <> 'x'
        )
) AS told (definition, ending, options)
WHERE d.classid = 'pg_class'::regclass
  AND NOT (i.indisexclusion AND h.inhparent IS NOT NULL)
ORDER BY i.indexrelid;

-- name: checks
-- All of a table at once, so that it is read once; of who inherits before who is inherited from, so
-- that a constraint which both have of their own remains so.
, depth (oid, of) AS (
    SELECT d.objid, 0
    FROM members AS d
    WHERE d.classid = 'pg_class'::regclass
    UNION
    SELECT i.inhrelid, depth.of + 1
    FROM depth JOIN pg_inherits AS i ON i.inhparent = depth.oid
)
SELECT
    format('checks.%s', t.oid) AS node,
    35 AS phase,
    false AS by_service,
    format(
        'ALTER TABLE %I %s',
        t.relname,
        string_agg(
            format('ADD CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)),
            ', ' ORDER BY k.conname
        )
    ) AS statement
FROM (SELECT oid, max(of) AS of FROM depth GROUP BY oid) AS level
JOIN pg_class AS t ON t.oid = level.oid AND t.relkind IN ('r', 'p', 'f')
JOIN pg_constraint AS k ON k.conrelid = t.oid
WHERE (k.contype = 'c' OR (k.contype = 'n' AND NOT k.convalidated))
  AND (
      k.conislocal
      -- More may be known of the rows of a partition than of its table's.
      OR t.relispartition AND k.contype = 'c' AND EXISTS (
          SELECT
          FROM pg_inherits AS i
          JOIN pg_constraint AS above ON above.conrelid = i.inhparent AND above.conname = k.conname
          WHERE i.inhrelid = t.oid
            AND (above.convalidated, to_jsonb(above) -> 'conenforced')
                IS DISTINCT FROM (k.convalidated, to_jsonb(k) -> 'conenforced')
      )
  )
  -- Who inherits may be none of them.
  AND t.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_class'::regclass))
GROUP BY t.oid, t.relname, level.of
ORDER BY level.of DESC, t.oid;

-- name: foreign_keys
-- In the order of their making, in which PostgreSQL runs their actions. Those of partitions come
-- with their table's; one of another name, which was there when the partition was attached, comes
-- right before it, and is found to be the same.
SELECT
    format('%s.%s', 'pg_constraint'::regclass::oid, k.oid) AS node,
    40 AS phase,
    false AS by_service,
    concat(
        CASE t.relkind WHEN 'p' THEN (
            WITH RECURSIVE below (oid, depth, is_renamed) AS (
                SELECT k.oid, 0, false
                UNION ALL
                SELECT part.oid, below.depth + 1, part.conname <> whole.conname
                FROM below
                JOIN pg_constraint AS whole ON whole.oid = below.oid
                JOIN pg_inherits AS i ON i.inhparent = whole.conrelid
                JOIN pg_constraint AS part
                    ON part.conrelid = i.inhrelid AND part.conparentid = whole.oid
            )
            SELECT string_agg(
                format(
                    'ALTER TABLE %s ADD CONSTRAINT %I %s;',
                    part.conrelid::regclass, part.conname, pg_get_constraintdef(part.oid)
                ),
                '' ORDER BY below.depth DESC, part.oid
            )
            FROM below
            JOIN pg_constraint AS part ON part.oid = below.oid
            WHERE below.is_renamed
        ) END,
        format(
            'ALTER TABLE %I ADD CONSTRAINT %I %s', t.relname, k.conname, pg_get_constraintdef(k.oid)
        )
    ) AS statement
FROM members AS d
JOIN pg_class AS t ON t.oid = d.objid AND t.relkind IN ('r', 'p')
JOIN pg_constraint AS k ON k.conrelid = t.oid AND k.contype = 'f' AND k.conparentid = 0
WHERE d.classid = 'pg_class'::regclass
ORDER BY k.oid;

-- name: marks
-- The index that a table is clustered on, and its replica identity.
SELECT
    format('marks.%s', t.oid) AS node,
    CASE t.relkind WHEN 'm' THEN 58 ELSE 45 END AS phase,
    true AS by_service,
    concat_ws(
        ';',
        (
            SELECT format(
                'ALTER %s %I CLUSTER ON %I',
                CASE t.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END, t.relname, c.relname
            )
            FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
            WHERE i.indrelid = t.oid AND i.indisclustered
        ),
        CASE t.relreplident
            WHEN 'f' THEN format('ALTER TABLE ONLY %I REPLICA IDENTITY FULL', t.relname)
            WHEN 'n' THEN format('ALTER TABLE ONLY %I REPLICA IDENTITY NOTHING', t.relname)
            WHEN 'i' THEN (
                SELECT format(
                    'ALTER TABLE ONLY %I REPLICA IDENTITY USING INDEX %I', t.relname, c.relname
                )
                FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
                WHERE i.indrelid = t.oid AND i.indisreplident
            )
        END
    ) AS statement
FROM pg_class AS t
WHERE t.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_class'::regclass))
  AND t.relkind IN ('r', 'p', 'm')
  AND (
      t.relreplident NOT IN ('d', CASE t.relkind WHEN 'm' THEN 'n' ELSE 'd' END)
      OR EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = t.oid AND i.indisclustered)
  )
ORDER BY t.oid;

-- name: views
-- $4: twinbase_ddl.
SELECT
    format('%s.%s', 'pg_class'::regclass::oid, c.oid) AS node,
    50 AS phase,
    c.relkind = 'm' AS by_service,
    format(
        'CREATE %sVIEW %I%s%s AS %s%s',
        CASE c.relkind WHEN 'm' THEN 'MATERIALIZED ' ELSE 'OR REPLACE ' END,
        c.relname,
        ' USING ' || (SELECT quote_ident(am.amname) FROM pg_am AS am WHERE am.oid = c.relam),
        ' WITH (' || nullif(
            concat_ws(
                ', ',
                (SELECT string_agg(split_part(o, '=', 1) || '=' || quote_literal(substr(o, strpos(o, '=') + 1)), ', ') FROM unnest(c.reloptions) AS o),
                (SELECT string_agg('toast.' || split_part(o, '=', 1) || '=' || quote_literal(substr(o, strpos(o, '=') + 1)), ', ') FROM unnest(toast.reloptions) AS o)
            ),
            ''
        ) || ')',
        rtrim(pg_get_viewdef(c.oid), ';'),
        -- Its indexes and its rows are the tenant's to compute.
        CASE c.relkind
            WHEN 'm' THEN
                format(' WITH NO DATA;ALTER MATERIALIZED VIEW %I OWNER TO %I', c.relname, $4::text)
        END
    ) AS statement,
    -- Of the same columns, for what needs them and is needed for the view itself.
    CASE c.relkind WHEN 'v' THEN (
        SELECT format(
            'CREATE VIEW %I AS SELECT %s',
            c.relname,
            string_agg(
                format(
                    'NULL::%s%s AS %I',
                    format_type(a.atttypid, a.atttypmod),
                    CASE WHEN a.attcollation <> ty.typcollation
                        THEN ' COLLATE ' || a.attcollation::regcollation
                    END,
                    a.attname
                ),
                ', ' ORDER BY a.attnum
            )
        )
        FROM pg_attribute AS a JOIN pg_type AS ty ON ty.oid = a.atttypid
        WHERE a.attrelid = c.oid AND a.attnum > 0
    ) END AS stand_in
FROM pg_class AS c
LEFT JOIN pg_class AS toast ON toast.oid = c.reltoastrelid
WHERE c.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_class'::regclass))
  AND c.relkind IN ('v', 'm')
ORDER BY c.oid;

-- name: populated
-- In the order in which they are made.
SELECT format('%s.%s', 'pg_class'::regclass::oid, c.oid) AS node, c.relname AS name
FROM pg_class AS c
WHERE c.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_class'::regclass))
  AND c.relkind = 'm' AND c.relispopulated;

-- name: statistics
SELECT
    format('%s.%s', 'pg_statistic_ext'::regclass::oid, x.oid) AS node,
    60 AS phase,
    false AS by_service,
    concat(
        format(
            'CREATE STATISTICS %I%s ON %s FROM %s',
            x.stxname,
            ' (' || (
                SELECT string_agg(
                    CASE kind WHEN 'd' THEN 'ndistinct' WHEN 'f' THEN 'dependencies' ELSE 'mcv' END,
                    ', ' ORDER BY kind
                )
                FROM unnest(x.stxkind) AS kind WHERE kind <> 'e'
            ) || ')',
            pg_get_statisticsobjdef_columns(x.oid),
            x.stxrelid::regclass
        ),
        CASE WHEN coalesce(x.stxstattarget, -1) <> -1
            THEN format(';ALTER STATISTICS %I SET STATISTICS %s', x.stxname, x.stxstattarget)
        END
    ) AS statement
FROM pg_statistic_ext AS x
WHERE x.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_statistic_ext'::regclass))
ORDER BY x.oid;

-- name: rules
SELECT
    format('%s.%s', 'pg_rewrite'::regclass::oid, r.oid) AS node,
    62 AS phase,
    true AS by_service,
    concat(
        rtrim(pg_get_ruledef(r.oid, true), ';'),
        CASE WHEN r.ev_enabled <> 'O' THEN format(
            ';ALTER TABLE %I %s RULE %I',
            c.relname,
            CASE r.ev_enabled
                WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS'
            END,
            r.rulename
        ) END
    ) AS statement
FROM pg_class AS c
JOIN pg_rewrite AS r ON r.ev_class = c.oid AND r.rulename <> '_RETURN'
WHERE c.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_class'::regclass))
ORDER BY r.oid;

-- name: triggers
-- Those of partitions come with their table's, but may be switched by themselves.
SELECT
    format('%s.%s', 'pg_trigger'::regclass::oid, tg.oid) AS node,
    CASE tg.tgparentid WHEN 0 THEN 64 ELSE 66 END AS phase,
    true AS by_service,
    concat_ws(
        ';',
        CASE tg.tgparentid WHEN 0 THEN pg_get_triggerdef(tg.oid, true) END,
        CASE WHEN tg.tgenabled <> coalesce(parent.tgenabled, 'O') THEN format(
            'ALTER TABLE %I %s TRIGGER %I',
            c.relname,
            CASE tg.tgenabled
                WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA'
                WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE'
            END,
            tg.tgname
        ) END
    ) AS statement
FROM pg_class AS c
JOIN pg_trigger AS tg ON tg.tgrelid = c.oid AND NOT tg.tgisinternal
LEFT JOIN pg_trigger AS parent ON parent.oid = tg.tgparentid
WHERE c.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_class'::regclass))
  AND tg.tgname <> 'twinbase_stamp'
  AND (tg.tgparentid = 0 OR tg.tgenabled <> parent.tgenabled)
ORDER BY tg.oid;

-- name: row_security
-- $4 are the tables that are guarded as those of exec_ddl.
SELECT
    format('row_security.%s', c.oid) AS node,
    68 AS phase,
    true AS by_service,
    format(
        'ALTER TABLE %I %s',
        c.relname,
        concat_ws(
            ', ',
            CASE WHEN c.relrowsecurity THEN 'ENABLE ROW LEVEL SECURITY' END,
            CASE WHEN c.relforcerowsecurity THEN 'FORCE ROW LEVEL SECURITY' END
        )
    ) AS statement
FROM pg_class AS c
WHERE c.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_class'::regclass))
  AND (c.relrowsecurity OR c.relforcerowsecurity)
  AND c.oid <> ALL ($4::oid[])
ORDER BY c.oid;

-- name: policies
SELECT
    format('%s.%s', 'pg_policy'::regclass::oid, p.oid) AS node,
    68 AS phase,
    true AS by_service,
    concat_ws(
        ' ',
        format('CREATE POLICY %I ON %I', p.polname, c.relname),
        CASE WHEN NOT p.polpermissive THEN 'AS RESTRICTIVE' END,
        'FOR ' || CASE p.polcmd
            WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
            WHEN 'd' THEN 'DELETE' ELSE 'ALL'
        END,
        'TO ' || (
            SELECT string_agg(
                CASE role WHEN 0 THEN 'PUBLIC' ELSE role::regrole::text END, ', ' ORDER BY role
            )
            FROM unnest(p.polroles) AS role
        ),
        'USING (' || pg_get_expr(p.polqual, p.polrelid) || ')',
        'WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'
    ) AS statement
FROM pg_class AS c
JOIN pg_policy AS p ON p.polrelid = c.oid
WHERE c.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_class'::regclass))
  AND p.polname NOT IN ('twinbase_rows', 'twinbase_all_rows')
ORDER BY p.oid;

-- name: sequence_owners
SELECT
    format('owned.%s', c.oid) AS node,
    70 AS phase,
    false AS by_service,
    format('ALTER SEQUENCE %I OWNED BY %I.%I', c.relname, t.relname, a.attname) AS statement
FROM members AS d
JOIN pg_class AS c ON c.oid = d.objid AND c.relkind = 'S'
JOIN pg_depend AS o
    ON o.classid = 'pg_class'::regclass AND o.objid = c.oid
    AND o.refclassid = 'pg_class'::regclass AND o.deptype = 'a'
JOIN pg_class AS t ON t.oid = o.refobjid
JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = o.refobjsubid
WHERE d.classid = 'pg_class'::regclass
ORDER BY c.oid;

-- name: positions
-- The statement that reads where each sequence stands; NULL where there is none.
SELECT string_agg(
    format('SELECT %L AS name, last_value, is_called FROM %I.%I', c.relname, $1::text, c.relname),
    ' UNION ALL '
)
FROM members AS d
JOIN pg_class AS c ON c.oid = d.objid AND c.relkind = 'S'
WHERE d.classid = 'pg_class'::regclass;

-- name: relations
-- Follows ``indexes``: what is a relation, with its indexes.
, relations AS (
    SELECT c.*
    FROM pg_class AS c
    WHERE c.oid = ANY (ARRAY(
        SELECT unnest(
            ARRAY[CASE m.classid WHEN 'pg_type'::regclass THEN ty.typrelid ELSE m.objid END]
            || ARRAY(SELECT x.oid FROM indexes AS x WHERE x.of = m.objid)
        )
        FROM members AS m
        LEFT JOIN pg_type AS ty ON m.classid = 'pg_type'::regclass AND ty.oid = m.objid
        WHERE (m.classid = 'pg_class'::regclass OR ty.typtype = 'c')
    ))
)

-- name: addressed
-- Follows ``relations``: every object and part that has a name, and what statements call it: `what` it is
-- and its `name`, before which a schema may be named. `kind`: as acldefault calls it. Without a
-- catalog: what is told of an object, for the comparison.
, addressed (classid, objid, objsubid, what, name, owner, acl, kind) AS (
    SELECT
        'pg_class'::regclass, c.oid, 0,
        CASE c.relkind
            WHEN 'v' THEN 'VIEW '
            WHEN 'm' THEN 'MATERIALIZED VIEW '
            WHEN 'S' THEN 'SEQUENCE '
            WHEN 'f' THEN 'FOREIGN TABLE '
            WHEN 'i' THEN 'INDEX '
            WHEN 'I' THEN 'INDEX '
            WHEN 'c' THEN 'TYPE '
            ELSE 'TABLE '
        END,
        quote_ident(c.relname),
        CASE WHEN c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c') THEN c.relowner END,
        c.relacl,
        CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END
    FROM relations AS c
    WHERE c.relkind <> 't'
    UNION ALL
    SELECT
        'pg_class'::regclass, c.oid, a.attnum, 'COLUMN ', format('%I.%I', c.relname, a.attname),
        NULL, a.attacl, 'c'
    FROM relations AS c
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
    UNION ALL
    SELECT
        'pg_constraint'::regclass, k.oid, 0, format('CONSTRAINT %I ON ', k.conname), quote_ident(c.relname),
        NULL, NULL, NULL
    FROM relations AS c JOIN pg_constraint AS k ON k.conrelid = c.oid
    UNION ALL
    SELECT
        'pg_constraint'::regclass, k.oid, 0,
        format('CONSTRAINT %I ON DOMAIN ', k.conname), quote_ident(ty.typname), NULL, NULL, NULL
    FROM pg_type AS ty JOIN pg_constraint AS k ON k.contypid = ty.oid
    WHERE ty.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_type'::regclass))
    UNION ALL
    SELECT
        'pg_trigger'::regclass, tg.oid, 0, format('TRIGGER %I ON ', tg.tgname), quote_ident(c.relname),
        NULL, NULL, NULL
    FROM relations AS c JOIN pg_trigger AS tg ON tg.tgrelid = c.oid AND NOT tg.tgisinternal
    UNION ALL
    SELECT
        'pg_rewrite'::regclass, r.oid, 0, format('RULE %I ON ', r.rulename), quote_ident(c.relname),
        NULL, NULL, NULL
    FROM pg_rewrite AS r JOIN pg_class AS c ON c.oid = r.ev_class
    WHERE r.ev_class = ANY (ARRAY(SELECT of.oid FROM relations AS of))
    UNION ALL
    SELECT
        'pg_policy'::regclass, p.oid, 0, format('POLICY %I ON ', p.polname), quote_ident(c.relname),
        NULL, NULL, NULL
    FROM relations AS c JOIN pg_policy AS p ON p.polrelid = c.oid
    UNION ALL
    SELECT
        'pg_type'::regclass, ty.oid, 0,
        CASE ty.typtype WHEN 'd' THEN 'DOMAIN ' ELSE 'TYPE ' END, quote_ident(ty.typname),
        -- Of a row's type, its table's owner is the owner.
        CASE WHEN ty.typtype IN ('e', 'd', 'r') THEN ty.typowner END, ty.typacl, 'T'
    FROM pg_type AS ty
    WHERE ty.oid = ANY (ARRAY(
        SELECT t.oid
        FROM (
            SELECT m.objid AS oid FROM members AS m
            WHERE m.classid = 'pg_type'::regclass
            UNION
            SELECT c.reltype FROM relations AS c
        ) AS t
    ))
      AND ty.typtype IN ('e', 'd', 'r', 'm', 'c')
    UNION ALL
    SELECT
        'pg_proc'::regclass, p.oid, 0,
        CASE p.prokind WHEN 'a' THEN 'AGGREGATE ' WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END,
        format(
            '%I(%s)',
            p.proname,
            CASE
                WHEN p.prokind = 'a' AND p.pronargs = 0 THEN '*'
                ELSE pg_get_function_identity_arguments(p.oid)
            END
        ),
        p.proowner, p.proacl, 'f'
    FROM pg_proc AS p
    WHERE p.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_proc'::regclass))
      AND NOT EXISTS (
          SELECT FROM pg_depend AS o
          WHERE o.classid = 'pg_proc'::regclass AND o.objid = p.oid AND o.deptype = 'i'
      )
    UNION ALL
    SELECT
        'pg_operator'::regclass, o.oid, 0,
        'OPERATOR ',
        format(
            '%s (%s, %s)',
            o.oprname,
            CASE o.oprleft WHEN 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END,
            format_type(o.oprright, NULL)
        ),
        o.oprowner, NULL, NULL
    FROM pg_operator AS o
    WHERE o.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_operator'::regclass)) AND o.oprcode <> 0
    UNION ALL
    SELECT
        'pg_collation'::regclass, c.oid, 0, 'COLLATION ', quote_ident(c.collname),
        c.collowner, NULL, NULL
    FROM pg_collation AS c WHERE c.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_collation'::regclass))
    UNION ALL
    SELECT
        'pg_conversion'::regclass, c.oid, 0, 'CONVERSION ', quote_ident(c.conname),
        c.conowner, NULL, NULL
    FROM pg_conversion AS c WHERE c.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_conversion'::regclass))
    UNION ALL
    SELECT
        'pg_ts_dict'::regclass, d.oid, 0, 'TEXT SEARCH DICTIONARY ', quote_ident(d.dictname),
        d.dictowner, NULL, NULL
    FROM pg_ts_dict AS d WHERE d.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_ts_dict'::regclass))
    UNION ALL
    SELECT
        'pg_ts_config'::regclass, c.oid, 0, 'TEXT SEARCH CONFIGURATION ', quote_ident(c.cfgname),
        c.cfgowner, NULL, NULL
    FROM pg_ts_config AS c WHERE c.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_ts_config'::regclass))
    UNION ALL
    SELECT
        'pg_statistic_ext'::regclass, x.oid, 0, 'STATISTICS ', quote_ident(x.stxname),
        x.stxowner, NULL, NULL
    FROM pg_statistic_ext AS x
    WHERE x.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_statistic_ext'::regclass))
    UNION ALL
    -- Made with the owner that they are to have.
    SELECT
        'pg_opfamily'::regclass, f.oid, 0,
        'OPERATOR FAMILY ', format('%I USING %I', f.opfname, am.amname), NULL, NULL, NULL
    FROM pg_opfamily AS f
    JOIN pg_am AS am ON am.oid = f.opfmethod
    WHERE f.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_opfamily'::regclass))
    UNION ALL
    SELECT
        told.catalog, c.oid, 0, told.what, told.name, NULL, NULL, NULL
    FROM pg_opclass AS c
    JOIN pg_am AS am ON am.oid = c.opcmethod
    JOIN pg_opfamily AS f ON f.oid = c.opcfamily
    CROSS JOIN LATERAL (
        VALUES
            ('pg_opclass'::regclass::oid, 'OPERATOR CLASS ', format('%I USING %I', c.opcname, am.amname)),
            (0, 'operator class ', concat_ws(
                ' ', c.opcname, 'using', am.amname,
                CASE WHEN c.opcdefault THEN 'default' END,
                'for', format_type(c.opcintype, NULL),
                'storing', CASE WHEN c.opckeytype <> 0 THEN format_type(c.opckeytype, NULL) END,
                'in family', f.opfname
            ))
    ) AS told (catalog, what, name)
    WHERE c.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_opclass'::regclass))
    UNION ALL
    SELECT
        0, d.objid, 0, '',
        concat_ws(
            ' ', pg_describe_object(d.classid, d.objid, 0),
            CASE a.amoppurpose WHEN 'o' THEN 'for order by' END, s.opfname,
            'of', pg_describe_object(m.classid, m.objid, 0)
        ),
        NULL, NULL, NULL
    FROM members AS m
    JOIN pg_depend AS d
        ON d.refclassid = m.classid AND d.refobjid = m.objid
        AND d.classid IN ('pg_amop'::regclass, 'pg_amproc'::regclass)
    LEFT JOIN pg_amop AS a ON d.classid = 'pg_amop'::regclass AND a.oid = d.objid
    LEFT JOIN pg_opfamily AS s ON s.oid = a.amopsortfamily
    WHERE m.classid IN ('pg_opfamily'::regclass, 'pg_opclass'::regclass)
    UNION ALL
    SELECT 0, p.oid, 0, 'leakproof function ', p.oid::regprocedure::text, NULL, NULL, NULL
    FROM pg_proc AS p
    WHERE p.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_proc'::regclass))
      AND p.proleakproof
)

-- name: traits
-- Follows ``relations``: what the catalogs say of an object beside its name and its expressions; for the
-- comparison. A type of the schema's own is told by its name, also where that is one of PostgreSQL's.
SELECT concat_ws(
    ' ', 'relation', c.relname, c.relkind, c.relpersistence, c.relreplident,
    CASE WHEN c.relrowsecurity THEN 'row security' END,
    CASE WHEN c.relforcerowsecurity THEN 'forced' END,
    CASE WHEN c.relispartition THEN 'partition' END,
    (SELECT am.amname FROM pg_am AS am WHERE am.oid = c.relam),
    (SELECT ts.spcname FROM pg_tablespace AS ts WHERE ts.oid = c.reltablespace),
    (SELECT string_agg(o, ',' ORDER BY o) FROM unnest(c.reloptions) AS o),
    (
        SELECT 'toast ' || string_agg(o, ',' ORDER BY o)
        FROM pg_class AS toast CROSS JOIN unnest(toast.reloptions) AS o
        WHERE toast.oid = c.reltoastrelid
    ),
    (
        SELECT concat_ws(
            ',', i.indnkeyatts, i.indnatts, i.indisunique, i.indisprimary, i.indisexclusion,
            i.indimmediate, i.indisclustered, i.indisreplident, i.indnullsnotdistinct, i.indoption::text
        )
        FROM pg_index AS i WHERE i.indexrelid = c.oid
    ),
    (
        SELECT concat_ws(
            ',', format_type(q.seqtypid, NULL), q.seqstart, q.seqincrement, q.seqmin, q.seqmax,
            q.seqcache, q.seqcycle
        )
        FROM pg_sequence AS q WHERE q.seqrelid = c.oid
    )
) AS trait
FROM relations AS c
WHERE c.relkind <> 't'
UNION ALL
SELECT concat_ws(
    ' ', 'column', c.relname, a.attname,
    CASE
        WHEN ty.typnamespace = $1::text::regnamespace THEN coalesce(
            (SELECT e.typname || '[]' FROM pg_type AS e WHERE e.oid = ty.typelem AND e.typarray = ty.oid),
            ty.typname
        )
        ELSE format_type(a.atttypid, a.atttypmod)
    END,
    CASE WHEN a.attnotnull THEN 'not null' END,
    CASE WHEN a.atthasdef THEN 'default' END,
    nullif(a.attidentity, ''), nullif(a.attgenerated, ''), a.attstorage, nullif(a.attcompression, ''),
    nullif(a.attstattarget, -1),
    (SELECT o.collname FROM pg_collation AS o WHERE o.oid = a.attcollation),
    (SELECT string_agg(o, ',' ORDER BY o) FROM unnest(a.attoptions) AS o)
)
FROM relations AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type AS ty ON ty.oid = a.atttypid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
UNION ALL
SELECT concat_ws(
    ' ', 'constraint', c.relname, k.conname, k.contype,
    CASE WHEN k.condeferrable THEN 'deferrable' END,
    CASE WHEN k.condeferred THEN 'deferred' END,
    -- A part's is what its whole's says when it is restored.
    CASE WHEN NOT k.convalidated AND k.conparentid = 0 THEN 'not valid' END,
    CASE WHEN k.connoinherit AND k.contype IN ('c', 'n') THEN 'no inherit' END,
    CASE k.contype WHEN 'f' THEN concat(k.confupdtype, k.confdeltype, k.confmatchtype) END,
    (SELECT f.relname FROM pg_class AS f WHERE f.oid = k.confrelid)
)
FROM relations AS c JOIN pg_constraint AS k ON k.conrelid = c.oid
UNION ALL
SELECT concat_ws(
    ' ', 'trigger', c.relname, tg.tgname, tg.tgtype, tg.tgenabled, tg.tgdeferrable, tg.tginitdeferred,
    tg.tgnargs, tg.tgoldtable, tg.tgnewtable
)
FROM relations AS c JOIN pg_trigger AS tg ON tg.tgrelid = c.oid AND NOT tg.tgisinternal
UNION ALL
SELECT concat_ws(' ', 'rule', c.relname, r.rulename, r.ev_type, r.ev_enabled, r.is_instead)
FROM pg_rewrite AS r JOIN pg_class AS c ON c.oid = r.ev_class
WHERE r.ev_class = ANY (ARRAY(SELECT of.oid FROM relations AS of))
UNION ALL
SELECT concat_ws(' ', 'policy', c.relname, p.polname, p.polcmd, p.polpermissive)
FROM relations AS c JOIN pg_policy AS p ON p.polrelid = c.oid
UNION ALL
SELECT concat_ws(
    ' ', 'type', ty.typname, ty.typtype, CASE WHEN ty.typnotnull THEN 'not null' END,
    (
        SELECT string_agg(quote_literal(e.enumlabel), ',' ORDER BY e.enumsortorder)
        FROM pg_enum AS e WHERE e.enumtypid = ty.oid
    )
)
FROM pg_type AS ty
WHERE ty.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_type'::regclass))
  AND ty.typtype IN ('e', 'd', 'r')
UNION ALL
SELECT concat_ws(
    ' ', 'function', p.proname, pg_get_function_identity_arguments(p.oid), p.prokind, p.provolatile,
    p.proparallel, p.procost, p.prorows, p.pronargdefaults,
    CASE WHEN p.prosecdef THEN 'security definer' END,
    CASE WHEN p.proisstrict THEN 'strict' END,
    CASE WHEN p.proretset THEN 'set' END,
    (SELECT l.lanname FROM pg_language AS l WHERE l.oid = p.prolang)
)
FROM pg_proc AS p
WHERE p.oid = ANY (ARRAY(SELECT m.objid FROM members AS m WHERE m.classid = 'pg_proc'::regclass))
  AND NOT EXISTS (
      SELECT FROM pg_depend AS o
      WHERE o.classid = 'pg_proc'::regclass AND o.objid = p.oid AND o.deptype = 'i'
  );

-- name: addresses
-- Of columns, those of which ``attributes`` has something to say.
SELECT a.what || a.name AS address
FROM addressed AS a
WHERE a.objsubid = 0
   OR a.acl IS NOT NULL
   OR EXISTS (
       SELECT FROM pg_description AS o
       WHERE o.objoid = a.objid AND o.classoid = a.classid AND o.objsubid = a.objsubid
   );

-- name: attributes
-- Owners, comments and rights, which any object may have; of each kind a statement or NULL.
-- $4: who is to own the copies. $5: the tables of exec_ddl, which change hands as they are guarded,
-- and get the rights that the guard gives where they have others. $6, $7 and $8 are the roles of
-- DML: for own rows, for all rows, for reading. $9: the copy; named, since in its absence PostgreSQL's
-- own come first.
SELECT
    a.what || a.name AS address,
    CASE
        WHEN a.owner IS NOT NULL AND a.objid <> ALL ($5::oid[]) AND owned.by_column IS NULL
            THEN format('ALTER %s OWNER TO %I', called.there, $4::text)
    END AS owner,
    format('COMMENT ON %s IS %L', called.there, o.description) AS comment,
    o.description IS NOT NULL AS has_comment,
    (
        SELECT string_agg(format('ALTER %s DEPENDS ON EXTENSION %I', called.there, e.extname), ';')
        FROM pg_depend AS d
        JOIN pg_extension AS e ON e.oid = d.refobjid
        WHERE d.classid = a.classid AND d.objid = a.objid AND d.deptype = 'x' AND a.objsubid = 0
    ) AS extension,
    rights.statements AS rights
FROM addressed AS a
CROSS JOIN LATERAL (SELECT format('%s%I.%s', a.what, $9::text, a.name)) AS called (there)
LEFT JOIN pg_description AS o
    ON o.objoid = a.objid AND o.classoid = a.classid AND o.objsubid = a.objsubid
LEFT JOIN LATERAL (
    -- What belongs to a column follows its table.
    SELECT true AS by_column
    FROM pg_depend AS o
    WHERE a.classid = 'pg_class'::regclass
      AND a.kind = 's'
      AND o.classid = a.classid
      AND o.objid = a.objid
      AND o.refclassid = 'pg_class'::regclass
      AND o.deptype IN ('a', 'i')
    LIMIT 1
) AS owned ON true
LEFT JOIN LATERAL (
    SELECT string_agg(told.statement, ';' ORDER BY told.position) AS statements
    FROM (SELECT 1) AS once
    CROSS JOIN LATERAL (
        SELECT
            CASE
                WHEN a.kind IN ('r', 'c') THEN
                    (SELECT format('TABLE %I.%I', $9::text, c.relname) FROM pg_class AS c WHERE c.oid = a.objid)
                WHEN a.what = 'AGGREGATE '
                    THEN format('FUNCTION %I.%s', $9::text, replace(a.name, '(*)', '()'))
                ELSE called.there
            END,
            (
                SELECT ' (' || quote_ident(c.attname) || ')' FROM pg_attribute AS c
                WHERE a.objsubid > 0 AND c.attrelid = a.objid AND c.attnum = a.objsubid
            )
    ) AS target (object, columns)
    CROSS JOIN LATERAL (
        SELECT
            0::bigint AS position,
            format(
                'REVOKE ALL ON %s FROM PUBLIC, %I, %I, %I, %I',
                target.object, $4::text, $6::text, $7::text, $8::text
            ) AS statement
        WHERE a.objsubid = 0
        UNION ALL
        SELECT
            e.position,
            format(
                'GRANT %s%s ON %s TO %s%s',
                e.privilege_type,
                target.columns,
                target.object,
                CASE
                    WHEN e.grantee = 0 THEN 'PUBLIC'
                    WHEN e.grantee = owned.by THEN quote_ident($4::text)
                    ELSE e.grantee::regrole::text
                END,
                CASE WHEN e.is_grantable THEN ' WITH GRANT OPTION' END
            )
        FROM aclexplode(a.acl) WITH ORDINALITY
            AS e (grantor, grantee, privilege_type, is_grantable, position)
        CROSS JOIN LATERAL (
            SELECT coalesce(a.owner, (SELECT c.relowner FROM pg_class AS c WHERE c.oid = a.objid))
        ) AS owned (by)
    ) AS told
    WHERE a.acl IS NOT NULL
      AND a.classid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass)
      AND NOT (
          a.objid = ANY ($5::oid[])
          AND a.objsubid = 0
          AND ARRAY[
              $6::text || ' DELETE', $6::text || ' INSERT', $6::text || ' SELECT', $6::text || ' UPDATE',
              $8::text || ' SELECT',
              $7::text || ' DELETE', $7::text || ' INSERT', $7::text || ' SELECT', $7::text || ' UPDATE'
          ] = (
              SELECT array_agg(told ORDER BY told COLLATE "C")
              FROM aclexplode(a.acl) AS e
              CROSS JOIN LATERAL concat(
                  e.grantee::regrole, ' ', e.privilege_type, CASE WHEN e.is_grantable THEN ' *' END
              ) AS told
              WHERE e.grantee <> a.owner
          )
      )
) AS rights ON true
WHERE a.owner IS NOT NULL
   OR o.description IS NOT NULL
   OR a.acl IS NOT NULL
   OR a.objsubid = 0
ORDER BY a.objid, a.objsubid;

-- name: rights_by_default
-- Of a copy whose objects nobody has granted yet: the statements that leave of default privileges
-- nothing, as pg_dump does. $4: the schemas' owner; $5, $6 and $7 are the roles of DML, to which a
-- schema of a pair is open.
SELECT concat(
    'REVOKE ALL ON ' || target.object || ' FROM ' || (
        SELECT string_agg(DISTINCT grantee.name, ', ')
        FROM aclexplode(a.acl) AS e
        CROSS JOIN LATERAL (
            SELECT CASE e.grantee WHEN 0 THEN 'PUBLIC' ELSE e.grantee::regrole::text END
        ) AS grantee (name)
    ),
    (
        SELECT string_agg(
            format(
                ';GRANT %s ON %s TO %s', e.privilege_type, target.object,
                CASE e.grantee WHEN 0 THEN 'PUBLIC' ELSE e.grantee::regrole::text END
            ),
            ''
        )
        FROM aclexplode(acldefault(a.kind::"char", owned.by)) AS e
    )
) AS statement
FROM addressed AS a
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN a.kind = 'r' THEN format('TABLE %I.%s', $1::text, a.name)
        WHEN a.what = 'AGGREGATE '
            THEN format('FUNCTION %I.%s', $1::text, replace(a.name, '(*)', '()'))
        ELSE format('%s%I.%s', a.what, $1::text, a.name)
    END
) AS target (object)
CROSS JOIN LATERAL (
    SELECT coalesce(
        a.owner, (SELECT ty.typowner FROM pg_type AS ty WHERE a.kind = 'T' AND ty.oid = a.objid)
    )
) AS owned (by)
WHERE a.acl IS NOT NULL AND a.objsubid = 0
UNION ALL
SELECT format(
    'REVOKE ALL ON SCHEMA %1$I FROM %2$s;GRANT USAGE ON SCHEMA %1$I TO %3$I, %4$I, %5$I',
    n.nspname,
    string_agg(
        DISTINCT CASE e.grantee WHEN 0 THEN 'PUBLIC' ELSE e.grantee::regrole::text END, ', '
    ),
    $5::text, $6::text, $7::text
)
FROM pg_namespace AS n
CROSS JOIN LATERAL aclexplode(n.nspacl) AS e
WHERE n.nspname = $1::text AND e.grantee <> $4::text::regrole
GROUP BY n.nspname;

-- name: schema_itself
-- Its comment and the rights on it, where they are not those of every schema of a pair; then what is
-- to be granted on objects yet to be made. $4 is the copy, $5 its owner; $6, $7 and $8 as above.
SELECT format('COMMENT ON SCHEMA %I IS %L', $4::text, obj_description($1::text::regnamespace, 'pg_namespace'))
WHERE obj_description($1::text::regnamespace, 'pg_namespace') IS NOT NULL
UNION ALL
SELECT told.statement
FROM pg_namespace AS n
CROSS JOIN LATERAL (
    SELECT
        0::bigint AS position,
        format(
            'REVOKE ALL ON SCHEMA %I FROM PUBLIC, %I, %I, %I, %I',
            $4::text, $5::text, $6::text, $7::text, $8::text
        ) AS statement
    UNION ALL
    SELECT
        e.position,
        format(
            'GRANT %s ON SCHEMA %I TO %s%s',
            e.privilege_type,
            $4::text,
            CASE
                WHEN e.grantee = 0 THEN 'PUBLIC'
                WHEN e.grantee = n.nspowner THEN quote_ident($5::text)
                ELSE e.grantee::regrole::text
            END,
            CASE WHEN e.is_grantable THEN ' WITH GRANT OPTION' END
        )
    FROM aclexplode(n.nspacl) WITH ORDINALITY
        AS e (grantor, grantee, privilege_type, is_grantable, position)
) AS told
WHERE n.nspname = $1::text
  AND ARRAY[$6::text || ' USAGE', $8::text || ' USAGE', $7::text || ' USAGE'] IS DISTINCT FROM (
      SELECT array_agg(told ORDER BY told COLLATE "C")
      FROM aclexplode(n.nspacl) AS e
      CROSS JOIN LATERAL concat(
          e.grantee::regrole, ' ', e.privilege_type, CASE WHEN e.is_grantable THEN ' *' END
      ) AS told
      WHERE e.grantee <> n.nspowner
  )
UNION ALL
SELECT DISTINCT CASE
    WHEN by_superuser.may_be
        THEN format('SELECT twinbase_guard.carry(''default privileges'', %s, %L)', d.oid, $4::text)
    ELSE format(
        'ALTER DEFAULT PRIVILEGES FOR ROLE %s IN SCHEMA %I GRANT %s ON %s TO %s%s',
        d.defaclrole::regrole,
        $4::text,
        e.privilege_type,
        CASE d.defaclobjtype
            WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' ELSE 'TYPES'
        END,
        CASE e.grantee WHEN 0 THEN 'PUBLIC' ELSE e.grantee::regrole::text END,
        CASE WHEN e.is_grantable THEN ' WITH GRANT OPTION' END
    )
END
FROM pg_default_acl AS d
CROSS JOIN LATERAL aclexplode(d.defaclacl) AS e
CROSS JOIN LATERAL (
    -- Where the service may not speak for who gives, and a superuser has left what may.
    SELECT NOT pg_has_role(d.defaclrole, 'MEMBER') AND EXISTS (
        SELECT
        FROM pg_proc AS p
        JOIN pg_roles AS r ON r.oid = p.proowner AND r.rolsuper
        WHERE p.oid = to_regprocedure('twinbase_guard.copy_default_privileges(oid, name)')
    )
) AS by_superuser (may_be)
WHERE d.defaclnamespace = $1::text::regnamespace;

-- name: with_bodies
SELECT format('%s AS %L', told.statement, told.body) AS statement
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS told (statement, body, position)
ORDER BY told.position;
