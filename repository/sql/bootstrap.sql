-- What only an administrator may do, once per database. Each statement may run again.

-- name: database_exists
SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1);

-- name: revision
SELECT version_num FROM twinbase.alembic_version;

-- name: create_database
CREATE DATABASE {database} ENCODING 'UTF8' TEMPLATE template0;

-- name: role_exists
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1);

-- name: create_role
CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;

-- name: is_superuser
SELECT rolsuper FROM pg_roles WHERE rolname = $1;

-- name: login_statement
-- A password cannot be bound in ALTER ROLE; PostgreSQL itself quotes it into the statement.
SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', $1::text, $2::text);

-- name: bound_temporary_files
-- Of one session at a time. A disk that one tenant's sort has filled is full for everybody.
ALTER ROLE {role} SET temp_file_limit = '8GB';

-- name: allow_login
ALTER ROLE {role} LOGIN;

-- name: grant_role
GRANT {role} TO {member};

-- name: grants
-- One batch. set_config could forge the settings that row security reads; large objects,
-- advisory locks and temporary tables would be places that tenants share; functions written by
-- a tenant could run as somebody else.
REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT, CREATE ON DATABASE {database} TO {service};
REVOKE ALL ON SCHEMA public FROM PUBLIC;
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
REVOKE USAGE ON LANGUAGE sql FROM PUBLIC;
GRANT USAGE ON LANGUAGE plpgsql TO {service};
GRANT USAGE ON LANGUAGE sql TO {service};

-- name: let_look_at_memory
-- Of its own sessions, so that one which a tenant has filled is closed.
GRANT EXECUTE ON FUNCTION pg_get_backend_memory_contexts() TO {service};

-- name: guard_commands
-- What tenants' roles may do to objects at all. Privileges alone would let them give away what they
-- own, set default privileges, or take every tenant's grants and policies down by DROP OWNED.
-- A serial column's own CREATE SEQUENCE is part of its CREATE TABLE and does not come by here.
-- In a schema of the administrator's, where nothing of the service's can be in its way.
CREATE SCHEMA IF NOT EXISTS twinbase_guard;
CREATE OR REPLACE FUNCTION twinbase_guard.refuse_commands_of_tenants() RETURNS event_trigger
LANGUAGE plpgsql SET search_path = pg_catalog
AS $$
BEGIN
    IF current_user IN ({dml_literal}, {space_literal}, {reader_literal})
        OR current_user = {ddl_literal} AND tg_tag NOT IN (
            'CREATE TABLE', 'CREATE TABLE AS', 'ALTER TABLE', 'DROP TABLE',
            'CREATE INDEX', 'ALTER INDEX', 'DROP INDEX',
            'CREATE SEQUENCE', 'ALTER SEQUENCE', 'DROP SEQUENCE',
            'CREATE VIEW', 'ALTER VIEW', 'DROP VIEW',
            'CREATE TYPE', 'ALTER TYPE', 'DROP TYPE',
            'CREATE DOMAIN', 'ALTER DOMAIN', 'DROP DOMAIN',
            'CREATE STATISTICS', 'ALTER STATISTICS', 'DROP STATISTICS',
            'COMMENT'
        ) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege',
            MESSAGE = format('tenants may not run %s', tg_tag);
    END IF;
END
$$;
DROP EVENT TRIGGER IF EXISTS twinbase_commands;
CREATE EVENT TRIGGER twinbase_commands ON ddl_command_start
    EXECUTE FUNCTION twinbase_guard.refuse_commands_of_tenants();

-- name: functions_to_keep_from_tenants
-- The functions of pg_catalog that PUBLIC or a role of tenants may still execute but tenants must
-- not, as signatures, and whether twinbase_ddl needs them: for serial columns of tables with rows, and
-- for clones. twinbase_owner must not either: a foreign key's cascade evaluates a tenant's CHECK as
-- the owner.
SELECT
    format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
    p.proname IN ('nextval', 'setval') AS is_for_ddl,
    coalesce(quote_ident(r.rolname), 'PUBLIC') AS grantee
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS right_of
LEFT JOIN pg_roles AS r ON r.oid = right_of.grantee
WHERE n.nspname = 'pg_catalog'
  AND (
      p.proname = 'set_config'
      OR p.proname LIKE 'pg\_advisory\_%'
      OR p.proname LIKE 'pg\_try\_advisory\_%'
      OR p.proname LIKE 'lo\_%'
      OR p.proname IN (
          'loread', 'lowrite', 'pg_notify', 'pg_sleep', 'pg_sleep_for', 'pg_sleep_until',
          'query_to_xml', 'query_to_xmlschema', 'query_to_xml_and_xmlschema',
          'cursor_to_xml', 'cursor_to_xmlschema', 'table_to_xml', 'table_to_xmlschema',
          'table_to_xml_and_xmlschema', 'schema_to_xml', 'schema_to_xmlschema',
          'schema_to_xml_and_xmlschema', 'database_to_xml', 'database_to_xmlschema',
          'database_to_xml_and_xmlschema', 'ts_stat', 'ts_rewrite',
          'nextval', 'setval', 'currval', 'lastval', 'currtid2', 'setseed',
          'pg_logical_emit_message', 'pg_restore_relation_stats', 'pg_restore_attribute_stats',
          'pg_clear_relation_stats', 'pg_clear_attribute_stats'
      )
  )
  AND p.prokind IN ('f', 'p')
  AND (
      right_of.grantee = 0
      OR r.rolname IN ('twinbase_owner', 'twinbase_dml', 'twinbase_space', 'twinbase_reader')
      OR r.rolname = 'twinbase_ddl' AND p.proname NOT IN ('nextval', 'setval')
  )
ORDER BY right_of.grantee, 1;

-- name: shortcomings
-- What would leave isolation open if the service started now; no row: nothing. ``remedy``: NULL where
-- it takes more than a statement, as a start with an administrator does.
SELECT shortcoming, remedy
FROM (
    SELECT
        of_tenants,
        ARRAY['twinbase_service', 'twinbase_owner'] || of_tenants AS all_of_ours
    FROM (
        VALUES (ARRAY['twinbase_ddl', 'twinbase_dml', 'twinbase_space', 'twinbase_reader'])
    ) AS named (of_tenants)
) AS roles
CROSS JOIN LATERAL (
    VALUES
        (
            'the login is a superuser or bypasses row security',
            (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user),
            format('ALTER ROLE %I NOSUPERUSER NOBYPASSRLS', current_user)
        ),
        (
            'one of the roles twinbase_service, twinbase_owner, twinbase_ddl, twinbase_dml, '
            'twinbase_space and twinbase_reader is missing',
            (SELECT count(*) < 6 FROM pg_roles WHERE rolname = ANY (roles.all_of_ours)),
            NULL
        ),
        (
            'the login is not a member of twinbase_service',
            NOT EXISTS (
                SELECT FROM pg_roles
                WHERE rolname = 'twinbase_service' AND pg_has_role(current_user, oid, 'USAGE')
            ),
            format('GRANT twinbase_service TO %I', current_user)
        ),
        (
            'twinbase_service may not become twinbase_owner or a role of tenants',
            EXISTS (
                SELECT FROM pg_roles
                WHERE rolname = ANY (roles.all_of_ours)
                  AND NOT pg_has_role(current_user, oid, 'MEMBER')
            ),
            'GRANT twinbase_owner, twinbase_ddl, twinbase_dml, twinbase_space, twinbase_reader '
            'TO twinbase_service'
        ),
        (
            'tenants may execute set_config',
            EXISTS (
                SELECT FROM pg_roles
                WHERE rolname = ANY (roles.of_tenants || 'twinbase_owner'::text)
                  AND has_function_privilege(
                      oid, 'pg_catalog.set_config(text, text, boolean)', 'EXECUTE'
                  )
            ),
            'REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC, '
            'twinbase_owner, twinbase_ddl, twinbase_dml, twinbase_space, twinbase_reader'
        ),
        (
            'event trigger twinbase_commands is missing or disabled',
            NOT EXISTS (
                SELECT FROM pg_event_trigger
                WHERE evtname = 'twinbase_commands' AND evtenabled IN ('O', 'A')
            ),
            (
                SELECT 'ALTER EVENT TRIGGER twinbase_commands ENABLE' FROM pg_event_trigger
                WHERE evtname = 'twinbase_commands'
            )
        ),
        (
            'twinbase_owner or a role of tenants is a superuser or bypasses row security',
            EXISTS (
                SELECT FROM pg_roles
                WHERE rolname = ANY (roles.of_tenants || 'twinbase_owner'::text)
                  AND (rolsuper OR rolbypassrls)
            ),
            (
                SELECT string_agg(
                    format('ALTER ROLE %I NOSUPERUSER NOBYPASSRLS', rolname), '; ' ORDER BY rolname
                )
                FROM pg_roles
                WHERE rolname = ANY (roles.of_tenants || 'twinbase_owner'::text)
                  AND (rolsuper OR rolbypassrls)
            )
        ),
        (
            'twinbase_owner or a role of tenants is a member of another role',
            EXISTS (
                SELECT FROM pg_auth_members AS m
                JOIN pg_roles AS r ON r.oid = m.member
                WHERE r.rolname = ANY (roles.of_tenants || 'twinbase_owner'::text)
            ),
            (
                SELECT string_agg(
                    format('REVOKE %I FROM %I', granted.rolname, r.rolname), '; '
                    ORDER BY r.rolname, granted.rolname
                )
                FROM pg_auth_members AS m
                JOIN pg_roles AS r ON r.oid = m.member
                JOIN pg_roles AS granted ON granted.oid = m.roleid
                WHERE r.rolname = ANY (roles.of_tenants || 'twinbase_owner'::text)
            )
        ),
        (
            'the service may not create schemas in this database',
            NOT has_database_privilege(current_user, current_database(), 'CREATE'),
            format('GRANT CREATE ON DATABASE %I TO twinbase_service', current_database())
        ),
        (
            'tenants may create schemas or temporary tables in this database',
            EXISTS (
                SELECT FROM pg_roles
                WHERE rolname = ANY (roles.of_tenants)
                  AND has_database_privilege(oid, current_database(), 'CREATE, TEMPORARY')
            ),
            format(
                'REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC, twinbase_ddl, twinbase_dml, '
                'twinbase_space, twinbase_reader', current_database()
            )
        ),
        (
            'tenants may write functions',
            EXISTS (
                SELECT FROM pg_roles
                WHERE rolname = ANY (roles.of_tenants)
                  AND (
                      has_language_privilege(oid, 'sql', 'USAGE')
                      OR has_language_privilege(oid, 'plpgsql', 'USAGE')
                  )
            ),
            'REVOKE USAGE ON LANGUAGE sql, plpgsql FROM PUBLIC, twinbase_ddl, twinbase_dml, '
            'twinbase_space, twinbase_reader'
        ),
        (
            'others than the service may run what a superuser has left in twinbase_guard',
            EXISTS (
                SELECT FROM pg_namespace AS n
                JOIN pg_roles AS o ON o.oid = n.nspowner
                JOIN pg_proc AS p ON p.pronamespace = n.oid AND p.prosecdef
                CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
                LEFT JOIN pg_roles AS r ON r.oid = a.grantee
                WHERE n.nspname = 'twinbase_guard'
                  AND (
                      NOT o.rolsuper
                      OR a.grantee <> p.proowner AND r.rolname IS DISTINCT FROM 'twinbase_service'
                  )
            ),
            (
                SELECT string_agg(
                    format(
                        'REVOKE ALL ON FUNCTION %s FROM %s', p.oid::regprocedure,
                        coalesce(quote_ident(r.rolname), 'PUBLIC')
                    ), '; ' ORDER BY p.oid
                )
                FROM pg_namespace AS n
                JOIN pg_proc AS p ON p.pronamespace = n.oid AND p.prosecdef
                CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
                LEFT JOIN pg_roles AS r ON r.oid = a.grantee
                WHERE n.nspname = 'twinbase_guard'
                  AND a.grantee <> p.proowner
                  AND r.rolname IS DISTINCT FROM 'twinbase_service'
            )
        ),
        (
            'this is not PostgreSQL 15 or newer',
            current_setting('server_version_num')::integer < 150000,
            NULL
        ),
        (
            'the database is not encoded in UTF8',
            current_setting('server_encoding') <> 'UTF8',
            NULL
        )
) AS findings (shortcoming, found, remedy)
WHERE found;
