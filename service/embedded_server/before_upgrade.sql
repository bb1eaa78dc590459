-- PostgreSQL's own functions, executable again by whom PostgreSQL lets: before an upgrade to another
-- major version, as a superuser, in each database. pg_upgrade carries over every right that differs
-- and fails on those of functions that the newer version has not, or with other arguments. The next
-- start of Twinbase that is told of an administrator takes from tenants what they must not have.
DO $$
DECLARE
    changed record;
BEGIN
    FOR changed IN
        SELECT p.oid::regprocedure AS signature,
               EXISTS (SELECT FROM aclexplode(made.rights) WHERE grantee = 0) AS is_public,
               ARRAY(
                   SELECT DISTINCT quote_ident(r.rolname) FROM aclexplode(p.proacl) AS a
                   JOIN pg_roles AS r ON r.oid = a.grantee
                   WHERE a.grantee <> p.proowner
                     AND a.grantee NOT IN (SELECT grantee FROM aclexplode(made.rights))
               ) AS others
        FROM pg_proc AS p
        CROSS JOIN LATERAL (
            SELECT coalesce(
                (SELECT initprivs FROM pg_init_privs
                 WHERE objoid = p.oid AND classoid = 'pg_proc'::regclass),
                acldefault('f', p.proowner)
            ) AS rights
        ) AS made
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proacl IS NOT NULL
    LOOP
        IF changed.is_public THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO PUBLIC', changed.signature);
        END IF;
        IF cardinality(changed.others) > 0 THEN
            EXECUTE format(
                'REVOKE ALL ON FUNCTION %s FROM %s',
                changed.signature, array_to_string(changed.others, ', ')
            );
        END IF;
    END LOOP;
END
$$;
