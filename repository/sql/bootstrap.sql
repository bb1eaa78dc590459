-- What only an administrator may do, once per database. Each statement may run again.

-- name: database_exists
SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1);

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

-- name: functions_to_keep_from_tenants
-- The functions of pg_catalog that tenants may still execute but must not, as signatures.
SELECT format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
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
          'database_to_xml_and_xmlschema'
      )
  )
  AND p.prokind IN ('f', 'p')
  AND has_function_privilege('twinbase_dml', p.oid, 'EXECUTE')
ORDER BY 1;

-- name: shortcomings
-- What would leave isolation open if the service started now; no row: nothing.
SELECT shortcoming
FROM (
    VALUES
        (
            'the login is a superuser or bypasses row security',
            (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user)
        ),
        (
            'role twinbase_service, twinbase_ddl or twinbase_dml is missing',
            (
                SELECT count(*) < 3 FROM pg_roles
                WHERE rolname IN ('twinbase_service', 'twinbase_ddl', 'twinbase_dml')
            )
        ),
        (
            'the login is not a member of twinbase_service',
            NOT EXISTS (
                SELECT FROM pg_roles
                WHERE rolname = 'twinbase_service' AND pg_has_role(current_user, oid, 'USAGE')
            )
        ),
        (
            'twinbase_service may not become twinbase_ddl and twinbase_dml',
            EXISTS (
                SELECT FROM pg_roles
                WHERE rolname IN ('twinbase_ddl', 'twinbase_dml')
                  AND NOT pg_has_role(current_user, oid, 'MEMBER')
            )
        ),
        (
            'tenants may execute set_config',
            EXISTS (
                SELECT FROM pg_roles
                WHERE rolname IN ('twinbase_ddl', 'twinbase_dml')
                  AND has_function_privilege(
                      oid, 'pg_catalog.set_config(text, text, boolean)', 'EXECUTE'
                  )
            )
        ),
        (
            'the service may not create schemas in this database',
            NOT has_database_privilege(current_user, current_database(), 'CREATE')
        ),
        (
            'tenants may create schemas or temporary tables in this database',
            EXISTS (
                SELECT FROM pg_roles
                WHERE rolname IN ('twinbase_ddl', 'twinbase_dml')
                  AND has_database_privilege(oid, current_database(), 'CREATE, TEMPORARY')
            )
        ),
        (
            'tenants may write functions',
            EXISTS (
                SELECT FROM pg_roles
                WHERE rolname IN ('twinbase_ddl', 'twinbase_dml')
                  AND (
                      has_language_privilege(oid, 'sql', 'USAGE')
                      OR has_language_privilege(oid, 'plpgsql', 'USAGE')
                  )
            )
        ),
        (
            'this is not PostgreSQL 15 or newer',
            current_setting('server_version_num')::integer < 150000
        ),
        (
            'the database is not encoded in UTF8',
            current_setting('server_encoding') <> 'UTF8'
        )
) AS findings (shortcoming, found)
WHERE found;
