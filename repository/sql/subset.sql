-- What must be carried of a schema where only some of its tables are asked for.

-- name: objects
-- After obstacles.belongings, of one schema: all that belongs to it, each with the whole that it is a
-- part of, and what it rests on. `name`: of wholes that a caller asks for. `comes_with`: whoever has all
-- of that gets this, too, unasked: partitions with their table, casts and default operator classes with
-- their types (pg_depend knows nobody who needs a cast, or what ORDER BY needs).
, objects (classid, objid) AS (
    SELECT b.classid, b.objid
    FROM belongings AS b
    WHERE b.classid <> 'pg_namespace'::regclass

    UNION
    SELECT 'pg_cast'::regclass, c.oid
    FROM pg_cast AS c
    JOIN pg_type AS source ON source.oid = c.castsource
    JOIN pg_type AS target ON target.oid = c.casttarget
    JOIN pg_namespace AS n ON n.oid IN (source.typnamespace, target.typnamespace)
    WHERE n.nspname = ANY ($1::text[])
)
SELECT
    o.classid,
    o.objid,
    format('%s.%s', o.classid, o.objid) AS part,
    CASE
        WHEN relation.oid <> 0 THEN format('%s.%s', 'pg_class'::regclass::oid, relation.oid)
        WHEN type.oid <> 0 THEN format('%s.%s', 'pg_type'::regclass::oid, type.oid)
        WHEN o.classid IN ('pg_amop'::regclass, 'pg_amproc'::regclass) THEN coalesce(
            (
                SELECT format('%s.%s', d.refclassid, d.refobjid)
                FROM pg_depend AS d
                WHERE d.classid = o.classid AND d.objid = o.objid
                  AND d.refclassid = 'pg_opclass'::regclass
            ),
            format('%s.%s', 'pg_opfamily'::regclass::oid, coalesce(
                (SELECT a.amopfamily FROM pg_amop AS a WHERE o.classid = 'pg_amop'::regclass AND a.oid = o.objid),
                (SELECT a.amprocfamily FROM pg_amproc AS a WHERE a.oid = o.objid)
            ))
        )
        ELSE format('%s.%s', o.classid, o.objid)
    END AS whole,
    CASE
        WHEN c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relnamespace = schema.oid THEN c.relname
    END AS name,
    coalesce(c.relkind = 'r', false) AS is_plain_table,
    CASE
        WHEN c.relispartition THEN ARRAY(
            SELECT format('%s.%s', o.classid, h.inhparent) FROM pg_inherits AS h WHERE h.inhrelid = c.oid
        )
        WHEN o.classid = 'pg_cast'::regclass THEN ARRAY(
            SELECT format('%s.%s', d.refclassid, d.refobjid)
            FROM pg_depend AS d
            WHERE d.classid = o.classid AND d.objid = o.objid AND d.refclassid = 'pg_type'::regclass
        )
        WHEN o.classid = 'pg_opclass'::regclass THEN ARRAY(
            SELECT format('%s.%s', 'pg_type'::regclass::oid, k.opcintype)
            FROM pg_opclass AS k WHERE k.oid = o.objid AND k.opcdefault
        )
        ELSE '{}'
    END AS comes_with,
    -- What has a parent rests on nothing that the parent does not rest on, for its own table.
    CASE WHEN k.conparentid <> 0 OR tg.tgparentid <> 0 THEN '{}' ELSE rests.on_parts END AS rests_on,
    -- A cast lies in no schema.
    o.classid = 'pg_cast'::regclass OR rests.on_schema AS is_member
FROM objects AS o
CROSS JOIN (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname = ANY ($1::text[])) AS schema
-- A key that is NULL finds nothing without looking for it.
LEFT JOIN pg_class AS c ON c.oid = CASE o.classid WHEN 'pg_class'::regclass THEN o.objid END
LEFT JOIN pg_index AS i ON i.indexrelid = CASE WHEN c.relkind IN ('i', 'I') THEN c.oid END
LEFT JOIN pg_type AS ty ON ty.oid = CASE o.classid WHEN 'pg_type'::regclass THEN o.objid END
LEFT JOIN pg_type AS element ON element.oid = nullif(ty.typelem, 0) AND element.typarray = ty.oid
LEFT JOIN pg_range AS r
    ON r.rngmultitypid = CASE 'm' WHEN element.typtype THEN element.oid WHEN ty.typtype THEN ty.oid END
LEFT JOIN pg_class AS row_of ON row_of.oid = nullif(coalesce(element.typrelid, ty.typrelid), 0)
LEFT JOIN pg_constraint AS k
    ON k.oid = CASE o.classid WHEN 'pg_constraint'::regclass THEN o.objid END
LEFT JOIN pg_trigger AS tg ON tg.oid = CASE o.classid WHEN 'pg_trigger'::regclass THEN o.objid END
-- Of a foreign key's triggers those on the other table, too, are the key's.
LEFT JOIN pg_constraint AS of_key
    ON of_key.oid = CASE WHEN tg.tgisinternal THEN nullif(tg.tgconstraint, 0) END
LEFT JOIN pg_rewrite AS rule ON rule.oid = CASE o.classid WHEN 'pg_rewrite'::regclass THEN o.objid END
LEFT JOIN pg_policy AS p ON p.oid = CASE o.classid WHEN 'pg_policy'::regclass THEN o.objid END
LEFT JOIN pg_attrdef AS ad ON ad.oid = CASE o.classid WHEN 'pg_attrdef'::regclass THEN o.objid END
LEFT JOIN pg_statistic_ext AS x
    ON x.oid = CASE o.classid WHEN 'pg_statistic_ext'::regclass THEN o.objid END
LEFT JOIN pg_operator AS op ON op.oid = CASE o.classid WHEN 'pg_operator'::regclass THEN o.objid END
LEFT JOIN LATERAL (
    SELECT d.refobjid AS relation
    FROM pg_depend AS d
    WHERE d.classid = o.classid
      AND d.objid = CASE c.relkind WHEN 'S' THEN c.oid END
      AND d.refclassid = 'pg_class'::regclass
      AND d.deptype IN ('a', 'i')
) AS owner ON true
CROSS JOIN LATERAL (
    SELECT coalesce(
        i.indrelid,
        owner.relation,
        CASE WHEN c.relkind <> 'c' THEN c.oid END,
        CASE WHEN row_of.relkind <> 'c' THEN row_of.oid END,
        k.conrelid,
        of_key.conrelid,
        tg.tgrelid,
        rule.ev_class,
        p.polrelid,
        ad.adrelid,
        x.stxrelid
    )
) AS relation (oid)
CROSS JOIN LATERAL (
    SELECT coalesce(r.rngtypid, element.oid, ty.oid, c.reltype, k.contypid)
) AS type (oid)
CROSS JOIN LATERAL (
    SELECT
        coalesce(array_agg(format('%s.%s', d.refclassid, d.refobjid)), '{}')
        -- An operator names those that undo it or turn it round.
        || CASE
            WHEN op.oid IS NOT NULL THEN
                ARRAY[format('%s.%s', o.classid, op.oprcom), format('%s.%s', o.classid, op.oprnegate)]
            ELSE '{}'
        END
        -- That a function of a family is for a type is written elsewhere.
        || CASE o.classid WHEN 'pg_amproc'::regclass THEN ARRAY(
            SELECT format('%s.%s', 'pg_type'::regclass::oid, for_type)
            FROM pg_amproc AS f
            CROSS JOIN unnest(ARRAY[f.amproclefttype, f.amprocrighttype]) AS for_type
            WHERE f.oid = o.objid
        ) ELSE '{}' END,
        coalesce(bool_or(d.refclassid = 'pg_namespace'::regclass AND d.refobjid = schema.oid), false)
    FROM pg_depend AS d
    WHERE d.classid = o.classid AND d.objid = o.objid
) AS rests (on_parts, on_schema);

-- name: needs
-- Of parts (oids $2 of the catalogs $1) that rest on parts ($4 of $3) of the tables $5: who needs whom,
-- with search_path on the schema.
SELECT
    format(
        '%s needs %s%s',
        CASE
            WHEN k.contype = 'f' THEN format(
                'foreign key %I of %s', k.conname, pg_describe_object('pg_class'::regclass, k.conrelid, 0)
            )
            WHEN rule.rulename = '_RETURN' THEN pg_describe_object('pg_class'::regclass, rule.ev_class, 0)
            ELSE pg_describe_object(n.classid, n.objid, coalesce(part.number, 0))
        END,
        pg_describe_object('pg_class'::regclass, n.needed, 0),
        CASE WHEN s.seqrelid IS NOT NULL THEN
            format(' (for its %s)', pg_describe_object(n.refclassid, n.refobjid, 0))
        END
    ) AS told
FROM unnest($1::oid[], $2::oid[], $3::oid[], $4::oid[], $5::oid[]) WITH ORDINALITY
    AS n (classid, objid, refclassid, refobjid, needed, position)
LEFT JOIN pg_constraint AS k ON n.classid = 'pg_constraint'::regclass AND k.oid = n.objid
LEFT JOIN pg_rewrite AS rule ON n.classid = 'pg_rewrite'::regclass AND rule.oid = n.objid
LEFT JOIN pg_sequence AS s ON n.refclassid = 'pg_class'::regclass AND s.seqrelid = n.refobjid
CROSS JOIN LATERAL (
    SELECT min(d.objsubid)
    FROM pg_depend AS d
    WHERE d.classid = n.classid
      AND d.objid = n.objid
      AND d.refclassid = n.refclassid
      AND d.refobjid = n.refobjid
) AS part (number)
ORDER BY n.position;
