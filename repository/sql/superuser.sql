-- What only a superuser may make, made for clones: operator families and classes, LEAKPROOF.
--
-- Made where the administrator who bootstraps is a superuser. His are the functions, and what they
-- run they run as him; so they take no SQL and no name but the copy's schema, read nothing but
-- PostgreSQL's own catalogs (a table of the service's could be replaced by a view, whose functions
-- would run as him), and put together from these what they run. docs/decisions/roles.md says what
-- they must hold against a service that is not itself any more.

-- name: replace_the_guard
-- Before it is made. Who owns the schema could put other functions in the place of those that call
-- one another, and whoever may create schemas could have made one of this name.
DO $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_namespace AS n
        JOIN pg_roles AS r ON r.oid = n.nspowner
        WHERE n.nspname = 'twinbase_guard' AND NOT r.rolsuper
    ) THEN
        DROP SCHEMA twinbase_guard CASCADE;
    END IF;
END
$$;

-- name: refusal
CREATE OR REPLACE FUNCTION twinbase_guard.refuse(reason text) RETURNS void LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = reason;
END
$$;

-- name: copy_of
-- The copy's schema, where it and the original's are tenants' schemas, of one environment, and not
-- one and the same.
CREATE OR REPLACE FUNCTION twinbase_guard.copy_of(original oid, copy name) RETURNS oid
LANGUAGE plpgsql
AS $$
DECLARE
    counterpart oid;
BEGIN
    SELECT n.oid INTO counterpart
    FROM pg_namespace AS n
    JOIN pg_namespace AS o ON o.oid = original AND o.oid <> n.oid AND o.nspowner = n.nspowner
    WHERE n.nspname = copy
      AND n.nspowner = {owner_literal}::regrole
      AND n.nspname ~ '^(prod|test)_[0-9]+$'
      AND o.nspname ~ '^(prod|test)_[0-9]+$'
      AND split_part(n.nspname, '_', 1) = split_part(o.nspname, '_', 1);
    IF NOT FOUND THEN
        PERFORM twinbase_guard.refuse('a copy is made of one tenant''s schema in another one');
    END IF;
    RETURN counterpart;
END
$$;

-- name: refuse_unless_shared
CREATE OR REPLACE FUNCTION twinbase_guard.refuse_unless_shared(schema oid) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_namespace AS n
        WHERE n.oid = schema
          AND (
              n.nspowner = {owner_literal}::regrole
              OR n.nspname ~ '^(twinbase|pg_temp_|pg_toast)'
          )
    ) THEN
        PERFORM twinbase_guard.refuse('what it refers to is another''s');
    END IF;
END
$$;

-- name: type_in
-- What stands for a type of the original's schema in the copy's: of the same name, and such that
-- whoever takes a value of the one for a value of the other finds it where he looks for it. A row,
-- an array and a range tell by themselves of which type they are.
CREATE OR REPLACE FUNCTION twinbase_guard.type_in(original oid, source oid, copy oid) RETURNS oid
LANGUAGE plpgsql
AS $$
DECLARE
    it pg_type;
    counterpart pg_type;
    element oid;
    is_alike boolean;
BEGIN
    IF original = 0 THEN
        RETURN original;
    END IF;
    SELECT * INTO STRICT it FROM pg_type AS ty WHERE ty.oid = original;
    IF it.typnamespace <> source THEN
        PERFORM twinbase_guard.refuse_unless_shared(it.typnamespace);
        RETURN original;
    END IF;
    -- The name of an array is PostgreSQL's choice.
    SELECT ty.oid INTO element
    FROM pg_type AS ty
    WHERE ty.oid = it.typelem AND ty.typarray = original;
    IF FOUND THEN
        element := twinbase_guard.type_in(element, source, copy);
        RETURN (SELECT ty.typarray FROM pg_type AS ty WHERE ty.oid = element);
    END IF;
    SELECT * INTO counterpart
    FROM pg_type AS ty
    WHERE ty.typnamespace = copy AND ty.typname = it.typname AND ty.typtype = it.typtype;
    IF FOUND THEN
        is_alike := CASE it.typtype
            WHEN 'c' THEN true
            WHEN 'e' THEN true
            WHEN 'd' THEN counterpart.typbasetype = twinbase_guard.type_in(it.typbasetype, source, copy)
            WHEN 'r' THEN (
                SELECT f.rngsubtype = twinbase_guard.type_in(o.rngsubtype, source, copy)
                FROM pg_range AS o CROSS JOIN pg_range AS f
                WHERE o.rngtypid = it.oid AND f.rngtypid = counterpart.oid
            )
            WHEN 'm' THEN (
                SELECT f.rngtypid = twinbase_guard.type_in(o.rngtypid, source, copy)
                FROM pg_range AS o CROSS JOIN pg_range AS f
                WHERE o.rngmultitypid = it.oid AND f.rngmultitypid = counterpart.oid
            )
            ELSE false
        END;
    END IF;
    IF is_alike IS NOT TRUE THEN
        PERFORM twinbase_guard.refuse(format('type %I is not the same in the copy', it.typname));
    END IF;
    RETURN counterpart.oid;
END
$$;

-- name: types_in
CREATE OR REPLACE FUNCTION twinbase_guard.types_in(originals oidvector, source oid, copy oid)
RETURNS oidvector LANGUAGE plpgsql
AS $$
BEGIN
    RETURN (
        SELECT coalesce(
            string_agg(twinbase_guard.type_in(one, source, copy)::text, ' ' ORDER BY position), ''
        )::oidvector
        FROM unnest(originals) WITH ORDINALITY AS told (one, position)
    );
END
$$;

-- name: function_in
-- Of a trusted language: who takes what from memory must not be the copy's choice.
CREATE OR REPLACE FUNCTION twinbase_guard.function_in(original oid, source oid, copy oid)
RETURNS oid LANGUAGE plpgsql
AS $$
DECLARE
    it pg_proc;
    counterpart oid;
BEGIN
    SELECT * INTO STRICT it FROM pg_proc AS p WHERE p.oid = original;
    IF it.pronamespace <> source THEN
        PERFORM twinbase_guard.refuse_unless_shared(it.pronamespace);
        RETURN original;
    END IF;
    SELECT p.oid INTO counterpart
    FROM pg_proc AS p
    JOIN pg_language AS l ON l.oid = p.prolang AND l.lanpltrusted
    WHERE p.pronamespace = copy
      AND p.proname = it.proname
      AND p.prokind = 'f'
      AND it.prokind = 'f'
      AND p.prolang = it.prolang
      AND p.proretset = it.proretset
      AND p.proargtypes = twinbase_guard.types_in(it.proargtypes, source, copy)
      AND p.prorettype = twinbase_guard.type_in(it.prorettype, source, copy);
    IF NOT FOUND THEN
        PERFORM twinbase_guard.refuse(
            format('function %I is not the same in the copy', it.proname)
        );
    END IF;
    RETURN counterpart;
END
$$;

-- name: operator_in
CREATE OR REPLACE FUNCTION twinbase_guard.operator_in(original oid, source oid, copy oid)
RETURNS oid LANGUAGE plpgsql
AS $$
DECLARE
    it pg_operator;
    counterpart oid;
BEGIN
    SELECT * INTO STRICT it FROM pg_operator AS o WHERE o.oid = original;
    IF it.oprnamespace <> source THEN
        PERFORM twinbase_guard.refuse_unless_shared(it.oprnamespace);
        RETURN original;
    END IF;
    SELECT o.oid INTO counterpart
    FROM pg_operator AS o
    WHERE o.oprnamespace = copy
      AND o.oprname = it.oprname
      AND o.oprleft = twinbase_guard.type_in(it.oprleft, source, copy)
      AND o.oprright = twinbase_guard.type_in(it.oprright, source, copy)
      AND o.oprresult = twinbase_guard.type_in(it.oprresult, source, copy)
      AND o.oprcode = twinbase_guard.function_in(it.oprcode, source, copy);
    IF NOT FOUND THEN
        PERFORM twinbase_guard.refuse(
            format('operator %s is not the same in the copy', it.oprname)
        );
    END IF;
    RETURN counterpart;
END
$$;

-- name: family_in
CREATE OR REPLACE FUNCTION twinbase_guard.family_in(original oid, source oid, copy oid)
RETURNS oid LANGUAGE plpgsql
AS $$
DECLARE
    it pg_opfamily;
    counterpart oid;
BEGIN
    IF original = 0 THEN
        RETURN original;
    END IF;
    SELECT * INTO STRICT it FROM pg_opfamily AS f WHERE f.oid = original;
    IF it.opfnamespace <> source THEN
        PERFORM twinbase_guard.refuse_unless_shared(it.opfnamespace);
        RETURN original;
    END IF;
    SELECT f.oid INTO counterpart
    FROM pg_opfamily AS f
    WHERE f.opfnamespace = copy AND f.opfname = it.opfname AND f.opfmethod = it.opfmethod;
    IF NOT FOUND THEN
        PERFORM twinbase_guard.refuse(
            format('operator family %I is not in the copy', it.opfname)
        );
    END IF;
    RETURN counterpart;
END
$$;

-- name: members_of
-- Of an operator family those that belong to one of its classes; or, with 0, to none of them.
CREATE OR REPLACE FUNCTION twinbase_guard.members_of(family oid, class oid)
RETURNS TABLE (
    is_operator boolean, number smallint, lefttype oid, righttype oid, object oid,
    purpose "char", sortfamily oid
)
LANGUAGE sql
AS $$
    SELECT true, a.amopstrategy, a.amoplefttype, a.amoprighttype, a.amopopr, a.amoppurpose,
        a.amopsortfamily
    FROM pg_amop AS a
    LEFT JOIN pg_depend AS d
        ON d.classid = 'pg_amop'::regclass AND d.objid = a.oid AND d.refclassid = 'pg_opclass'::regclass
    WHERE a.amopfamily = family AND coalesce(d.refobjid, 0) = class
    UNION ALL
    SELECT false, a.amprocnum, a.amproclefttype, a.amprocrighttype, a.amproc::oid, 's'::"char", 0
    FROM pg_amproc AS a
    LEFT JOIN pg_depend AS d
        ON d.classid = 'pg_amproc'::regclass AND d.objid = a.oid AND d.refclassid = 'pg_opclass'::regclass
    WHERE a.amprocfamily = family AND coalesce(d.refobjid, 0) = class
$$;

-- name: members_in
-- What stands for these members in the copy.
CREATE OR REPLACE FUNCTION twinbase_guard.members_in(family oid, class oid, source oid, copy oid)
RETURNS TABLE (
    is_operator boolean, number smallint, lefttype oid, righttype oid, object oid,
    purpose "char", sortfamily oid
)
LANGUAGE sql
AS $$
    SELECT
        m.is_operator,
        m.number,
        twinbase_guard.type_in(m.lefttype, source, copy),
        twinbase_guard.type_in(m.righttype, source, copy),
        CASE
            WHEN m.is_operator THEN twinbase_guard.operator_in(m.object, source, copy)
            ELSE twinbase_guard.function_in(m.object, source, copy)
        END,
        m.purpose,
        twinbase_guard.family_in(m.sortfamily, source, copy)
    FROM twinbase_guard.members_of(family, class) AS m
$$;

-- name: type_name
CREATE OR REPLACE FUNCTION twinbase_guard.type_name(type oid) RETURNS text LANGUAGE sql
AS $$
    SELECT format('%I.%I', n.nspname, ty.typname)
    FROM pg_type AS ty JOIN pg_namespace AS n ON n.oid = ty.typnamespace
    WHERE ty.oid = type
$$;

-- name: members_as_sql
-- As items of CREATE OPERATOR CLASS and ALTER OPERATOR FAMILY; NULL where there are none.
CREATE OR REPLACE FUNCTION twinbase_guard.members_as_sql(
    family oid, class oid, source oid, copy oid
) RETURNS text LANGUAGE sql
AS $$
    SELECT string_agg(
        CASE
            WHEN m.is_operator THEN format(
                'OPERATOR %s %I.%s (%s, %s)', m.number, ons.nspname, o.oprname,
                twinbase_guard.type_name(o.oprleft), twinbase_guard.type_name(o.oprright)
            ) || CASE
                WHEN m.purpose = 'o' THEN format(' FOR ORDER BY %I.%I', fns.nspname, f.opfname)
                ELSE ''
            END
            ELSE format(
                'FUNCTION %s (%s, %s) %I.%I(%s)', m.number,
                twinbase_guard.type_name(m.lefttype), twinbase_guard.type_name(m.righttype),
                pns.nspname, p.proname, (
                    SELECT string_agg(twinbase_guard.type_name(one), ', ' ORDER BY position)
                    FROM unnest(p.proargtypes) WITH ORDINALITY AS told (one, position)
                )
            )
        END,
        ', '
        ORDER BY m.is_operator DESC, m.number, m.lefttype, m.righttype
    )
    FROM twinbase_guard.members_in(family, class, source, copy) AS m
    LEFT JOIN pg_operator AS o ON m.is_operator AND o.oid = m.object
    LEFT JOIN pg_namespace AS ons ON ons.oid = o.oprnamespace
    LEFT JOIN pg_opfamily AS f ON f.oid = m.sortfamily
    LEFT JOIN pg_namespace AS fns ON fns.oid = f.opfnamespace
    LEFT JOIN pg_proc AS p ON NOT m.is_operator AND p.oid = m.object
    LEFT JOIN pg_namespace AS pns ON pns.oid = p.pronamespace
$$;

-- name: refuse_unless_same
-- Names were told to PostgreSQL, and it may have found others than those that had been looked at:
-- what came of it is compared by number.
CREATE OR REPLACE FUNCTION twinbase_guard.refuse_unless_same(
    family oid, class oid, family_of_copy oid, class_of_copy oid, source oid, copy oid
) RETURNS void LANGUAGE plpgsql
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (
            SELECT * FROM twinbase_guard.members_in(family, class, source, copy)
            EXCEPT ALL
            SELECT * FROM twinbase_guard.members_of(family_of_copy, class_of_copy)
        ) AS missing
    ) OR EXISTS (
        SELECT FROM (
            SELECT * FROM twinbase_guard.members_of(family_of_copy, class_of_copy)
            EXCEPT ALL
            SELECT * FROM twinbase_guard.members_in(family, class, source, copy)
        ) AS others
    ) THEN
        PERFORM twinbase_guard.refuse('the copy has other members than its source');
    END IF;
END
$$;

-- name: copy_operator_family
-- Without its members.
CREATE OR REPLACE FUNCTION twinbase_guard.copy_operator_family(original oid, copy name)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    it pg_opfamily;
    method name;
BEGIN
    SELECT * INTO STRICT it FROM pg_opfamily AS f WHERE f.oid = original;
    SELECT am.amname INTO STRICT method FROM pg_am AS am WHERE am.oid = it.opfmethod;
    PERFORM twinbase_guard.copy_of(it.opfnamespace, copy);
    EXECUTE format('CREATE OPERATOR FAMILY %I.%I USING %I', copy, it.opfname, method);
    EXECUTE format(
        'ALTER OPERATOR FAMILY %I.%I USING %I OWNER TO %I', copy, it.opfname, method, {owner_literal}
    );
END
$$;

-- name: copy_loose_members
-- Those of a family that belong to none of its classes.
CREATE OR REPLACE FUNCTION twinbase_guard.copy_loose_members(original oid, copy name)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    it pg_opfamily;
    method name;
    copy_schema oid;
    counterpart oid;
BEGIN
    SELECT * INTO STRICT it FROM pg_opfamily AS f WHERE f.oid = original;
    SELECT am.amname INTO STRICT method FROM pg_am AS am WHERE am.oid = it.opfmethod;
    copy_schema := twinbase_guard.copy_of(it.opfnamespace, copy);
    counterpart := twinbase_guard.family_in(original, it.opfnamespace, copy_schema);
    EXECUTE format(
        'ALTER OPERATOR FAMILY %I.%I USING %I ADD %s', copy, it.opfname, method,
        twinbase_guard.members_as_sql(original, 0, it.opfnamespace, copy_schema)
    );
    PERFORM twinbase_guard.refuse_unless_same(
        original, 0, counterpart, 0, it.opfnamespace, copy_schema
    );
END
$$;

-- name: copy_operator_class
-- The default for a type, or a member of a family, that is not of the schema changes what everybody
-- gets who uses that type: then one of them must be the copy's own.
CREATE OR REPLACE FUNCTION twinbase_guard.copy_operator_class(original oid, copy name)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    it pg_opclass;
    counterpart pg_opclass;
    wanted pg_opclass;
    method name;
    source oid;
    members text;
BEGIN
    SELECT * INTO STRICT it FROM pg_opclass AS c WHERE c.oid = original;
    SELECT am.amname INTO STRICT method FROM pg_am AS am WHERE am.oid = it.opcmethod;
    source := it.opcnamespace;
    wanted := it;
    wanted.opcnamespace := twinbase_guard.copy_of(source, copy);
    wanted.opcowner := {owner_literal}::regrole;
    wanted.opcfamily := twinbase_guard.family_in(it.opcfamily, source, wanted.opcnamespace);
    wanted.opcintype := twinbase_guard.type_in(it.opcintype, source, wanted.opcnamespace);
    wanted.opckeytype := twinbase_guard.type_in(it.opckeytype, source, wanted.opcnamespace);
    IF it.opcdefault AND wanted.opcintype = it.opcintype THEN
        PERFORM twinbase_guard.refuse('it would be the default for a type of others');
    END IF;
    IF wanted.opcfamily = it.opcfamily AND EXISTS (
        SELECT FROM twinbase_guard.members_of(it.opcfamily, original) AS m
        WHERE NOT EXISTS (
            SELECT FROM pg_type AS ty
            WHERE ty.oid IN (m.lefttype, m.righttype) AND ty.typnamespace = source
        )
    ) THEN
        PERFORM twinbase_guard.refuse('it would change a family for types of others');
    END IF;
    members := twinbase_guard.members_as_sql(it.opcfamily, original, source, wanted.opcnamespace);
    EXECUTE (
        SELECT format(
            'CREATE OPERATOR CLASS %I.%I %s FOR TYPE %s USING %I FAMILY %I.%I AS %s',
            copy,
            it.opcname,
            CASE WHEN it.opcdefault THEN 'DEFAULT' END,
            twinbase_guard.type_name(wanted.opcintype),
            method,
            n.nspname,
            f.opfname,
            concat_ws(
                ', ',
                -- There must be something, and to store the type itself is to say nothing.
                CASE WHEN it.opckeytype <> 0 OR members IS NULL THEN
                    'STORAGE ' || twinbase_guard.type_name(
                        coalesce(nullif(wanted.opckeytype, 0), wanted.opcintype)
                    )
                END,
                members
            )
        )
        FROM pg_opfamily AS f JOIN pg_namespace AS n ON n.oid = f.opfnamespace
        WHERE f.oid = wanted.opcfamily
    );
    EXECUTE format(
        'ALTER OPERATOR CLASS %I.%I USING %I OWNER TO %I', copy, it.opcname, method, {owner_literal}
    );
    SELECT * INTO STRICT counterpart
    FROM pg_opclass AS c
    WHERE c.opcnamespace = wanted.opcnamespace
      AND c.opcname = it.opcname
      AND c.opcmethod = it.opcmethod;
    wanted.oid := counterpart.oid;
    IF wanted IS DISTINCT FROM counterpart THEN
        PERFORM twinbase_guard.refuse('the copy is another class than its source');
    END IF;
    PERFORM twinbase_guard.refuse_unless_same(
        it.opcfamily, original, wanted.opcfamily, counterpart.oid, source, wanted.opcnamespace
    );
END
$$;

-- name: text_of
-- What a function does and in which surroundings.
CREATE OR REPLACE FUNCTION twinbase_guard.text_of(function oid) RETURNS text LANGUAGE sql
AS $$
    SELECT concat_ws(
        E'\n', p.prosrc, p.proconfig::text, p.provolatile, p.proisstrict, p.prosecdef, p.proparallel
    )
    FROM pg_proc AS p
    WHERE p.oid = function
$$;

-- name: copy_leakproof
-- What is told of a function is true of what it does, so the copy must do the same, with its own
-- schema's objects. Whoever owns a function can bend it, by its search_path: so the copy is the
-- original's owner's, where that is none of the service's roles, and then must not run as him. What
-- a tree of SQL needs of the schema was nobody's to replace; in the copy it would be.
CREATE OR REPLACE FUNCTION twinbase_guard.copy_leakproof(original oid, copy name)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    it pg_proc;
    source name;
    copy_schema oid;
    counterpart oid;
    is_services boolean;
    signature text;
BEGIN
    SELECT * INTO STRICT it FROM pg_proc AS p WHERE p.oid = original;
    copy_schema := twinbase_guard.copy_of(it.pronamespace, copy);
    counterpart := twinbase_guard.function_in(original, it.pronamespace, copy_schema);
    SELECT n.nspname INTO STRICT source FROM pg_namespace AS n WHERE n.oid = it.pronamespace;
    is_services := pg_has_role({service_literal}, it.proowner, 'MEMBER');
    IF NOT it.proleakproof
        OR it.prosecdef AND NOT is_services
        OR pg_get_function_sqlbody(counterpart) IS DISTINCT FROM pg_get_function_sqlbody(original)
        -- A cast that nobody has written is not printed.
        OR pg_get_function_sqlbody(counterpart) IS NOT NULL AND EXISTS (
            SELECT FROM pg_depend AS d
            JOIN pg_proc AS p ON d.refclassid = 'pg_proc'::regclass AND p.oid = d.refobjid
            WHERE d.classid = 'pg_proc'::regclass
              AND d.objid = counterpart
              AND p.pronamespace = copy_schema
        )
        -- Of the two schemas of a pair, as of their copies', the names end alike.
        OR twinbase_guard.text_of(original) <> regexp_replace(
            twinbase_guard.text_of(counterpart),
            format('\m(prod|test)_%s\M', split_part(copy, '_', 2)),
            format('\1_%s', split_part(source, '_', 2)),
            'g'
        ) THEN
        PERFORM twinbase_guard.refuse(
            format('function %I of the copy cannot be said to be leakproof', it.proname)
        );
    END IF;
    SELECT format('%I.%I(%s)', copy, p.proname, (
        SELECT string_agg(twinbase_guard.type_name(one), ', ' ORDER BY position)
        FROM unnest(p.proargtypes) WITH ORDINALITY AS told (one, position)
    )) INTO signature
    FROM pg_proc AS p
    WHERE p.oid = counterpart;
    EXECUTE format('ALTER FUNCTION %s LEAKPROOF', signature);
    IF NOT is_services THEN
        EXECUTE format('ALTER FUNCTION %s OWNER TO %I', signature, pg_get_userbyid(it.proowner));
    END IF;
END
$$;

-- name: copy_default_privileges
-- What somebody whom the service may not speak for gives away in the schema as he makes it.
CREATE OR REPLACE FUNCTION twinbase_guard.copy_default_privileges(original oid, copy name)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    it pg_default_acl;
    given record;
BEGIN
    SELECT * INTO STRICT it FROM pg_default_acl AS d WHERE d.oid = original;
    PERFORM twinbase_guard.copy_of(it.defaclnamespace, copy);
    FOR given IN
        SELECT
            e.privilege_type AS privilege,
            CASE e.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(e.grantee)) END AS grantee,
            CASE WHEN e.is_grantable THEN ' WITH GRANT OPTION' END AS option
        FROM aclexplode(it.defaclacl) AS e
    LOOP
        EXECUTE format(
            'ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I GRANT %s ON %s TO %s%s',
            pg_get_userbyid(it.defaclrole), copy, given.privilege,
            CASE it.defaclobjtype
                WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' ELSE 'TYPES'
            END,
            given.grantee, given.option
        );
    END LOOP;
END
$$;

-- name: adopt
-- What a superuser has made in a tenant's schema, and not given away, the service cannot read: tables
-- and sequences become those of whom all else there belongs to.
CREATE OR REPLACE FUNCTION twinbase_guard.adopt(schema name) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    relation record;
BEGIN
    FOR relation IN
        SELECT c.relname AS name, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
        FROM pg_namespace AS n
        JOIN pg_depend AS d
            ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid = n.oid
            AND d.classid = 'pg_class'::regclass
        JOIN pg_class AS c ON c.oid = d.objid AND c.relkind IN ('r', 'p', 'S')
        JOIN pg_roles AS r ON r.oid = c.relowner AND r.rolsuper
        WHERE n.nspname = adopt.schema
          AND n.nspowner = {owner_literal}::regrole
          AND n.nspname ~ '^(prod|test)_[0-9]+$'
          -- A column's sequence goes with its table.
          AND NOT (c.relkind = 'S' AND EXISTS (
              SELECT FROM pg_depend AS o
              WHERE o.classid = 'pg_class'::regclass
                AND o.objid = c.oid
                AND o.refclassid = 'pg_class'::regclass
                AND o.deptype IN ('a', 'i')
          ))
    LOOP
        EXECUTE format(
            'ALTER %s %I.%I OWNER TO %I', relation.kind, schema, relation.name, {owner_literal}
        );
    END LOOP;
END
$$;

-- name: carry
-- What a clone calls, and runs as its caller, so it may ask the service's tables: is this a copy that
-- is being made of that source?
CREATE OR REPLACE FUNCTION twinbase_guard.carry(what text, original oid, copy name)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT
        FROM pg_namespace AS n
        JOIN twinbase.schema_meta AS s ON s.schema_name = n.nspname AND s.deleted_at IS NULL
        JOIN twinbase.schema_meta AS c
            ON c.schema_name = copy AND c.environment = s.environment AND c.deleted_at IS NULL
        JOIN twinbase.database_meta AS d ON d.id = c.database_id
        WHERE d.status = 'cloning'
          AND d.deleted_at IS NULL
          AND n.oid = CASE what
              WHEN 'operator class'
                  THEN (SELECT o.opcnamespace FROM pg_opclass AS o WHERE o.oid = original)
              WHEN 'default privileges'
                  THEN (SELECT d.defaclnamespace FROM pg_default_acl AS d WHERE d.oid = original)
              WHEN 'leakproof'
                  THEN (SELECT p.pronamespace FROM pg_proc AS p WHERE p.oid = original)
              ELSE (SELECT f.opfnamespace FROM pg_opfamily AS f WHERE f.oid = original)
          END
    ) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege',
            MESSAGE = format('%s is no copy that is being made of its schema', copy);
    END IF;
    CASE what
        WHEN 'operator family' THEN PERFORM twinbase_guard.copy_operator_family(original, copy);
        WHEN 'loose members' THEN PERFORM twinbase_guard.copy_loose_members(original, copy);
        WHEN 'operator class' THEN PERFORM twinbase_guard.copy_operator_class(original, copy);
        WHEN 'default privileges' THEN
            PERFORM twinbase_guard.copy_default_privileges(original, copy);
        WHEN 'leakproof' THEN PERFORM twinbase_guard.copy_leakproof(original, copy);
    END CASE;
END
$$;

-- name: let_the_service_carry
-- And nobody else.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA twinbase_guard FROM PUBLIC;
GRANT USAGE ON SCHEMA twinbase_guard TO {service};
GRANT EXECUTE ON FUNCTION
    twinbase_guard.adopt(name),
    twinbase_guard.copy_default_privileges(oid, name),
    twinbase_guard.carry(text, oid, name),
    twinbase_guard.copy_operator_family(oid, name),
    twinbase_guard.copy_loose_members(oid, name),
    twinbase_guard.copy_operator_class(oid, name),
    twinbase_guard.copy_leakproof(oid, name)
    TO {service};
