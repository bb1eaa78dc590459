-- What is not as it must be in the server, its rights and settings: one query for each kind of
-- finding, named as the kind. Columns: subject, detail, remedy, since. A remedy is SQL made here of
-- the catalogs, or NULL. ``ours``: the roles that this service has made.

-- name: loose_role
-- What a role of ours may beyond what start-up refuses (bootstrap.sql, shortcomings).
SELECT r.rolname::text AS subject, 'has ' || held.attribute AS detail,
    format('ALTER ROLE %I NO%s', r.rolname, held.attribute) AS remedy,
    NULL::timestamptz AS since
FROM pg_roles AS r
CROSS JOIN LATERAL (
    VALUES
        ('SUPERUSER', r.rolsuper AND r.rolname = 'twinbase_service' AND r.rolname <> current_user),
        ('BYPASSRLS', r.rolbypassrls AND r.rolname = 'twinbase_service'
            AND r.rolname <> current_user),
        ('CREATEROLE', r.rolcreaterole),
        ('CREATEDB', r.rolcreatedb),
        ('REPLICATION', r.rolreplication),
        ('LOGIN', r.rolcanlogin AND r.rolname NOT IN ('twinbase_service', current_user))
) AS held (attribute, has)
WHERE held.has
  AND (
      r.rolname IN (
          'twinbase_service', 'twinbase_owner', 'twinbase_ddl', 'twinbase_dml', 'twinbase_space',
          'twinbase_reader'
      )
      OR r.rolname = current_user
  )
UNION ALL
SELECT r.rolname::text, format('may give membership in %s away', granted.rolname),
    format('REVOKE ADMIN OPTION FOR %I FROM %I', granted.rolname, r.rolname), NULL
FROM pg_auth_members AS m
JOIN pg_roles AS r ON r.oid = m.member
JOIN pg_roles AS granted ON granted.oid = m.roleid
WHERE m.admin_option
  AND r.rolname IN ('twinbase_service', current_user)
  AND granted.rolname IN (
      'twinbase_service', 'twinbase_owner', 'twinbase_ddl', 'twinbase_dml', 'twinbase_space',
      'twinbase_reader'
  );

-- name: loose_right
-- Of PUBLIC and of the roles that tenants' SQL runs as, or is checked as, on what is not tenants'.
WITH tenants (role) AS (
    SELECT 0::oid
    UNION ALL
    SELECT oid FROM pg_roles WHERE rolname IN (
        'twinbase_owner', 'twinbase_ddl', 'twinbase_dml', 'twinbase_space', 'twinbase_reader'
    )
), held (subject, target, grantee, privilege) AS (
    SELECT format('schema %I', n.nspname), format('SCHEMA %I', n.nspname), a.grantee,
        a.privilege_type
    FROM pg_namespace AS n
    CROSS JOIN LATERAL aclexplode(n.nspacl) AS a
    WHERE n.nspname IN ('public', 'twinbase', 'twinbase_queue', 'twinbase_guard')
       OR n.nspname = 'twinbase_functions' AND NOT (
           a.privilege_type = 'USAGE'
           AND a.grantee IN (
               SELECT oid FROM pg_roles
               WHERE rolname IN ('twinbase_ddl', 'twinbase_dml', 'twinbase_space')
           )
       )
    UNION ALL
    SELECT format('table %I.%I', n.nspname, c.relname), format('%I.%I', n.nspname, c.relname),
        a.grantee, a.privilege_type
    FROM pg_namespace AS n
    JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm')
    CROSS JOIN LATERAL aclexplode(c.relacl) AS a
    WHERE n.nspname IN ('twinbase', 'twinbase_queue')
    UNION ALL
    SELECT 'function ' || p.oid::regprocedure, 'FUNCTION ' || p.oid::regprocedure, a.grantee,
        a.privilege_type
    FROM pg_namespace AS n
    JOIN pg_proc AS p ON p.pronamespace = n.oid AND p.prokind = 'f'
    CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
    WHERE n.nspname IN ('twinbase', 'twinbase_functions')
      AND NOT (
          n.nspname = 'twinbase_functions'
          AND p.proname IN ('nextval', 'currval', 'setval')
          AND a.grantee IN (
              SELECT oid FROM pg_roles
              WHERE rolname IN ('twinbase_ddl', 'twinbase_dml', 'twinbase_space')
          )
      )
    UNION ALL
    SELECT 'parameter ' || pa.parname, 'PARAMETER ' || quote_ident(pa.parname), a.grantee,
        a.privilege_type
    FROM pg_parameter_acl AS pa
    CROSS JOIN LATERAL aclexplode(pa.paracl) AS a
)
SELECT h.subject AS subject,
    format('%s has %s', coalesce(r.rolname, 'PUBLIC'), string_agg(h.privilege, ', ')) AS detail,
    format(
        'REVOKE ALL ON %s FROM %s', h.target,
        CASE WHEN r.oid IS NULL THEN 'PUBLIC' ELSE quote_ident(r.rolname) END
    ) AS remedy,
    NULL::timestamptz AS since
FROM held AS h
JOIN tenants AS t ON t.role = h.grantee
LEFT JOIN pg_roles AS r ON r.oid = h.grantee
GROUP BY h.subject, h.target, r.oid, r.rolname;

-- name: lacking_right
-- What the service, or what tenants run as, needs beyond what start-up refuses to do without.
WITH needed (role, subject, privilege, target, has) AS (
    SELECT r.role, 'schema twinbase_functions', 'USAGE', 'SCHEMA twinbase_functions',
        has_schema_privilege(r.role::name, n.oid, 'USAGE')
    FROM (VALUES ('twinbase_ddl'), ('twinbase_dml'), ('twinbase_space')) AS r (role)
    CROSS JOIN pg_namespace AS n
    WHERE n.nspname = 'twinbase_functions'
    UNION ALL
    SELECT r.role, 'function ' || p.oid::regprocedure, 'EXECUTE', 'FUNCTION ' || p.oid::regprocedure,
        has_function_privilege(r.role::name, p.oid, 'EXECUTE')
    FROM (VALUES ('twinbase_ddl'), ('twinbase_dml'), ('twinbase_space')) AS r (role)
    CROSS JOIN pg_proc AS p
    JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.nspname = 'twinbase_functions' AND p.proname IN ('nextval', 'currval', 'setval')
    UNION ALL
    SELECT 'twinbase_service', 'language ' || l.lanname, 'USAGE', format('LANGUAGE %I', l.lanname),
        has_language_privilege('twinbase_service', l.oid, 'USAGE')
    FROM pg_language AS l
    WHERE l.lanname IN ('sql', 'plpgsql')
    UNION ALL
    SELECT 'twinbase_service', format('database %I', current_database()), 'CONNECT',
        format('DATABASE %I', current_database()),
        has_database_privilege('twinbase_service', current_database(), 'CONNECT')
    UNION ALL
    SELECT 'twinbase_service', 'schema twinbase_guard', 'USAGE', 'SCHEMA twinbase_guard',
        has_schema_privilege('twinbase_service', n.oid, 'USAGE')
    FROM pg_namespace AS n
    JOIN pg_proc AS p ON p.pronamespace = n.oid AND p.proname = 'adopt'
    WHERE n.nspname = 'twinbase_guard'
    UNION ALL
    SELECT 'twinbase_service', 'function ' || p.oid::regprocedure, 'EXECUTE',
        'FUNCTION ' || p.oid::regprocedure,
        has_function_privilege('twinbase_service', p.oid, 'EXECUTE')
    FROM pg_proc AS p
    JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.nspname = 'twinbase_guard'
      AND p.proname IN (
          'adopt', 'copy_default_privileges', 'carry', 'copy_operator_family',
          'copy_loose_members', 'copy_operator_class', 'copy_leakproof'
      )
    UNION ALL
    SELECT 'twinbase_service', 'function ' || p.oid::regprocedure, 'EXECUTE',
        'FUNCTION ' || p.oid::regprocedure,
        has_function_privilege('twinbase_service', p.oid, 'EXECUTE')
    FROM pg_proc AS p
    WHERE p.oid IN (
        'pg_catalog.set_config(text, text, boolean)'::regprocedure,
        'pg_catalog.pg_notify(text, text)'::regprocedure,
        'pg_catalog.pg_advisory_lock(bigint)'::regprocedure,
        'pg_catalog.pg_advisory_xact_lock(bigint)'::regprocedure,
        'pg_catalog.pg_try_advisory_lock(bigint)'::regprocedure,
        'pg_catalog.pg_try_advisory_xact_lock(bigint)'::regprocedure
    )
    UNION ALL
    -- An owner may do without, too, where somebody revoked it.
    SELECT 'twinbase_service', 'schema ' || n.nspname, p.privilege, 'SCHEMA ' || n.nspname,
        has_schema_privilege('twinbase_service', n.oid, p.privilege)
    FROM pg_namespace AS n
    CROSS JOIN (VALUES ('USAGE'), ('CREATE')) AS p (privilege)
    WHERE n.nspname IN ('twinbase', 'twinbase_queue')
    UNION ALL
    SELECT 'twinbase_service', format('table %I.%I', n.nspname, c.relname), p.privilege,
        format('TABLE %I.%I', n.nspname, c.relname),
        has_table_privilege('twinbase_service', c.oid, p.privilege)
    FROM pg_namespace AS n
    JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relkind = 'r'
    CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) AS p (privilege)
    WHERE n.nspname IN ('twinbase', 'twinbase_queue')
      AND pg_has_role('twinbase_service', c.relowner, 'USAGE')
    UNION ALL
    SELECT 'twinbase_service', format('sequence %I.%I', n.nspname, c.relname), 'USAGE',
        format('SEQUENCE %I.%I', n.nspname, c.relname),
        -- PostgreSQL may ask this of what the join leaves out.
        has_sequence_privilege(
            'twinbase_service', CASE c.relkind WHEN 'S' THEN c.oid END, 'USAGE'
        )
    FROM pg_namespace AS n
    JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relkind = 'S'
    WHERE n.nspname IN ('twinbase', 'twinbase_queue')
      AND pg_has_role('twinbase_service', c.relowner, 'USAGE')
    UNION ALL
    SELECT 'twinbase_service', 'function ' || p.oid::regprocedure, 'EXECUTE',
        'FUNCTION ' || p.oid::regprocedure,
        has_function_privilege('twinbase_service', p.oid, 'EXECUTE')
    FROM pg_namespace AS n
    JOIN pg_proc AS p ON p.pronamespace = n.oid AND p.prokind = 'f'
    WHERE n.nspname IN ('twinbase', 'twinbase_queue')
)
SELECT subject, format('%s lacks %s', role, privilege) AS detail,
    format('GRANT %s ON %s TO %I', privilege, target, role) AS remedy,
    NULL::timestamptz AS since
FROM needed
WHERE NOT has
UNION ALL
SELECT format('%s %I.%I', CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, n.nspname,
        c.relname),
    format('twinbase_service lacks what its owner has, since it is %s''s,', c.relowner::regrole),
    format(
        'ALTER %s %I.%I OWNER TO twinbase_service',
        CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname
    ),
    NULL
FROM pg_namespace AS n
JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'S')
WHERE n.nspname IN ('twinbase', 'twinbase_queue')
  AND NOT pg_has_role('twinbase_service', c.relowner, 'USAGE')
  AND NOT EXISTS (
      SELECT FROM pg_depend AS d
      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND c.relkind = 'S'
        AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
  )
UNION ALL
-- From PostgreSQL 16 on a membership may be one that gives nothing.
SELECT 'role ' || granted.rolname,
    format('%s is a member without its rights (INHERIT, SET)', r.rolname),
    format('GRANT %I TO %I WITH INHERIT TRUE, SET TRUE', granted.rolname, r.rolname),
    NULL
FROM pg_auth_members AS m
JOIN pg_roles AS r ON r.oid = m.member
JOIN pg_roles AS granted ON granted.oid = m.roleid
WHERE r.rolname IN ('twinbase_service', current_user)
  AND granted.rolname IN (
      'twinbase_service', 'twinbase_owner', 'twinbase_ddl', 'twinbase_dml', 'twinbase_space',
      'twinbase_reader'
  )
GROUP BY granted.rolname, r.rolname
HAVING NOT bool_or(
    coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true)
    AND coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)
);

-- name: default_right
-- What the service's roles make would be everybody's, or a tenants' role's.
SELECT d.defaclrole::regrole::text || coalesce(' in schema ' || n.nspname, '') AS subject,
    format('%s %s', coalesce(r.rolname, 'PUBLIC'), a.privilege_type) AS detail,
    format(
        'ALTER DEFAULT PRIVILEGES FOR ROLE %s%s REVOKE %s ON %s FROM %s',
        d.defaclrole::regrole,
        ' IN SCHEMA ' || quote_ident(n.nspname),
        a.privilege_type,
        CASE d.defaclobjtype
            WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
            WHEN 'T' THEN 'TYPES' ELSE 'SCHEMAS'
        END,
        CASE WHEN r.oid IS NULL THEN 'PUBLIC' ELSE quote_ident(r.rolname) END
    ) AS remedy,
    NULL::timestamptz AS since
FROM pg_default_acl AS d
LEFT JOIN pg_namespace AS n ON n.oid = d.defaclnamespace
CROSS JOIN LATERAL aclexplode(d.defaclacl) AS a
LEFT JOIN pg_roles AS r ON r.oid = a.grantee
JOIN pg_roles AS maker ON maker.oid = d.defaclrole
WHERE maker.rolname IN (
        'twinbase_service', 'twinbase_owner', 'twinbase_ddl', 'twinbase_dml', 'twinbase_space',
        'twinbase_reader', current_user
    )
  AND (
      r.rolname IN ('twinbase_ddl', 'twinbase_dml', 'twinbase_space', 'twinbase_reader')
      OR a.grantee = 0 AND d.defaclobjtype NOT IN ('f', 'T')
  );

-- name: outdated_guard
-- $1: the event trigger's function as bootstrap makes it.
SELECT e.evtname::text AS subject, NULL::text AS detail, NULL::text AS remedy,
    NULL::timestamptz AS since
FROM pg_event_trigger AS e
JOIN pg_proc AS p ON p.oid = e.evtfoid
WHERE e.evtname = 'twinbase_commands'
  AND e.evtenabled IN ('O', 'A')
  AND (p.prosrc <> $1::text OR e.evtevent <> 'ddl_command_start' OR e.evttags IS NOT NULL);

-- name: too_few_connections
-- $1: as many as the settings ask for.
SELECT 'connections' AS subject,
    format(
        'TWINBASE_DATABASE_CONNECTIONS=%s, and PostgreSQL has %s for who is no superuser'
        ' (max_connections)', $1::integer, usable.number
    ) AS detail,
    format('ALTER SYSTEM SET max_connections = %s', current_setting('max_connections')::integer
        + $1::integer - usable.number + 10) AS remedy,
    NULL::timestamptz AS since
FROM (
    SELECT current_setting('max_connections')::integer
        - current_setting('superuser_reserved_connections')::integer
        - coalesce(current_setting('reserved_connections', true)::integer, 0)
) AS usable (number)
WHERE $1::integer > usable.number;

-- name: connections_used_up
-- $1: this part of them.
SELECT 'connections' AS subject,
    format('%s of %s connections to PostgreSQL are in use', used.number, most.number) AS detail,
    NULL::text AS remedy, NULL::timestamptz AS since
FROM (SELECT sum(numbackends)::integer FROM pg_stat_database) AS used (number)
CROSS JOIN (SELECT current_setting('max_connections')::integer) AS most (number)
WHERE used.number > $1::double precision * most.number;

-- name: unknown_version
SELECT current_setting('server_version') AS subject, NULL::text AS detail, NULL::text AS remedy,
    NULL::timestamptz AS since
WHERE current_setting('server_version_num')::integer / 10000 NOT BETWEEN 15 AND 18;

-- name: dead_rows
-- $1: so many in a table are nothing to speak of.
SELECT format('%I.%I', s.schemaname, s.relname) AS subject,
    format(
        '%s dead rows beside %s living ones, %s', s.n_dead_tup, s.n_live_tup,
        coalesce('vacuumed last ' || to_char(greatest(s.last_vacuum, s.last_autovacuum)
            AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI UTC'), 'never vacuumed')
    ) AS detail,
    format('VACUUM %I.%I', s.schemaname, s.relname) AS remedy,
    NULL::timestamptz AS since
FROM pg_stat_user_tables AS s
WHERE s.n_dead_tup > $1::bigint AND s.n_dead_tup > s.n_live_tup;

-- name: bloated_catalog
-- $1 as of dead_rows; $2: bytes.
SELECT s.relname::text AS subject,
    format('%s dead rows beside %s living ones', s.n_dead_tup, s.n_live_tup) AS detail,
    format('VACUUM pg_catalog.%I', s.relname) AS remedy,
    NULL::timestamptz AS since
FROM pg_stat_sys_tables AS s
WHERE s.schemaname = 'pg_catalog'
  AND s.n_dead_tup > $1::bigint
  AND s.n_dead_tup > s.n_live_tup
UNION ALL
-- Room that was needed once: only FULL gives it back, and nobody can work meanwhile.
SELECT c.relname::text,
    format('%s for %s rows', pg_size_pretty(pg_relation_size(c.oid)), c.reltuples::bigint),
    format('VACUUM FULL pg_catalog.%I', c.relname),
    NULL
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'pg_catalog'
  AND c.relname IN (
      'pg_attribute', 'pg_class', 'pg_depend', 'pg_shdepend', 'pg_type', 'pg_index', 'pg_policy',
      'pg_trigger', 'pg_constraint', 'pg_statistic', 'pg_attrdef'
  )
  AND c.reltuples >= 0
  AND pg_relation_size(c.oid) > $2::bigint
  AND pg_relation_size(c.oid) > 2000 * greatest(c.reltuples, 100);

-- name: old_rows
-- Autovacuum begins to freeze at autovacuum_freeze_max_age; at 2,000,000,000 PostgreSQL stops writing.
-- $1: so many times that age.
SELECT format('database %I', d.datname) AS subject,
    format(
        '%s transactions old, and at 2,000,000,000 nothing can be written: something keeps VACUUM'
        ' from freezing rows (long_transaction, replication_slot, prepared_transaction)',
        greatest(age(d.datfrozenxid), mxid_age(d.datminmxid))
    ) AS detail,
    'VACUUM (FREEZE)' AS remedy,
    NULL::timestamptz AS since
FROM pg_database AS d
WHERE d.datallowconn
  AND (
      age(d.datfrozenxid) > $1::double precision
          * current_setting('autovacuum_freeze_max_age')::bigint
      OR mxid_age(d.datminmxid)
          > $1::double precision
          * current_setting('autovacuum_multixact_freeze_max_age')::bigint
  );

-- name: long_transaction
-- Of others the service is told no more than how old what they see is. $1: seconds in which nothing
-- is done, $2: seconds, $3: transactions that have ended meanwhile.
SELECT a.pid::text AS subject,
    CASE
        WHEN a.state LIKE 'idle in transaction%' THEN format(
            'of %s (%s) does nothing in a transaction', a.usename, a.application_name)
        WHEN a.xact_start IS NOT NULL THEN format(
            'of %s (%s) has been in one transaction for long', a.usename, a.application_name)
        ELSE format('keeps what %s transactions have left from VACUUM', age(a.backend_xmin))
    END AS detail,
    format('SELECT pg_terminate_backend(%s)', a.pid) AS remedy,
    a.xact_start AS since
FROM pg_stat_activity AS a
WHERE a.pid <> pg_backend_pid()
  AND a.backend_type = 'client backend'
  AND (
      a.state LIKE 'idle in transaction%' AND a.state_change < now() - $1::double precision * interval '1 second'
      OR a.xact_start < now() - $2::double precision * interval '1 second'
      OR age(a.backend_xmin) > $3::integer
  );

-- name: replication_slot
-- $1: bytes, $2: transactions.
SELECT s.slot_name::text AS subject,
    format(
        '%s and holds %s of the write-ahead log', CASE WHEN s.active THEN 'is read' ELSE
        'is read by nobody' END,
        pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn))
    ) AS detail,
    format('SELECT pg_drop_replication_slot(%L)', s.slot_name) AS remedy,
    NULL::timestamptz AS since
FROM pg_replication_slots AS s
WHERE NOT pg_is_in_recovery()
  AND (
      pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn) > $1::bigint
      OR s.wal_status IN ('unreserved', 'lost')
      OR NOT s.active AND greatest(age(s.xmin), age(s.catalog_xmin)) > $2::integer
  );

-- name: prepared_transaction
-- $1: seconds.
SELECT quote_literal(p.gid) AS subject, format('of %s is not ended', p.owner) AS detail,
    format('ROLLBACK PREPARED %L', p.gid) AS remedy, p.prepared AS since
FROM pg_prepared_xacts AS p
WHERE p.prepared < now() - $1::double precision * interval '1 second';

-- name: server_setting
WITH hurting (name, hurts, wanted, because) AS (
    VALUES
        ('fsync', ARRAY['off'], 'on', 'a crash of the machine destroys the data'),
        ('full_page_writes', ARRAY['off'], 'on', 'a crash of the machine destroys the data'),
        ('autovacuum', ARRAY['off'], 'on', 'dead rows stay, and one day nothing can be written'),
        ('track_counts', ARRAY['off'], 'on', 'autovacuum does nothing'),
        ('synchronous_commit', ARRAY['off'], 'on',
            'what was answered as done may be lost in a crash'),
        ('row_security', ARRAY['off'], 'on', 'statements of tenants fail'),
        ('log_statement', ARRAY['all', 'mod', 'ddl'], 'none',
            'tenants'' SQL and values stand in PostgreSQL''s log'),
        ('log_min_error_statement', ARRAY['debug5', 'debug4', 'debug3', 'debug2', 'debug1', 'info',
            'notice', 'warning', 'error', 'log', 'fatal'], 'panic',
            'tenants'' SQL stands in PostgreSQL''s log where it fails'),
        ('log_min_messages', ARRAY['debug5', 'debug4', 'debug3', 'debug2', 'debug1', 'info',
            'notice', 'warning', 'error'], 'log',
            'messages of errors stand in PostgreSQL''s log, which may repeat tenants'' values'),
        ('log_duration', ARRAY['on'], 'off', 'the log grows with every statement'),
        ('debug_print_parse', ARRAY['on'], 'off', 'tenants'' SQL stands in PostgreSQL''s log'),
        ('debug_print_rewritten', ARRAY['on'], 'off', 'tenants'' SQL stands in PostgreSQL''s log'),
        ('debug_print_plan', ARRAY['on'], 'off', 'tenants'' SQL stands in PostgreSQL''s log')
)
SELECT s.name AS subject, format('%s: %s', s.setting, h.because) AS detail,
    format('ALTER SYSTEM SET %s = %s', s.name, h.wanted) AS remedy, NULL::timestamptz AS since
FROM pg_settings AS s
JOIN hurting AS h ON h.name = s.name AND s.setting = ANY (h.hurts)
UNION ALL
SELECT s.name, format('%s: tenants'' slow statements stand in PostgreSQL''s log', s.setting),
    format('ALTER SYSTEM SET %s = -1', s.name), NULL
FROM pg_settings AS s
WHERE s.name IN ('log_min_duration_statement', 'log_min_duration_sample')
  AND s.setting <> '-1'
UNION ALL
SELECT s.name,
    format('%s: rows'' values stand in PostgreSQL''s log with what it logs', s.setting),
    format('ALTER SYSTEM SET %s = 0', s.name), NULL
FROM pg_settings AS s
WHERE s.name = 'log_parameter_max_length_on_error' AND s.setting <> '0'
UNION ALL
SELECT s.name, format('%s: %s', s.setting, small.because),
    format('ALTER SYSTEM SET %s = %s', s.name, small.wanted), NULL
FROM (
    VALUES
        ('max_locks_per_transaction', 128, '256',
            'cloning or dropping a large database runs out of locks'),
        ('track_activity_query_size', 100, '1024', 'running statements cannot be told apart'),
        ('wal_buffers', 8, '16MB', 'every writer waits for the log')
) AS small (name, least, wanted, because)
JOIN pg_settings AS s ON s.name = small.name AND s.setting::bigint < small.least
UNION ALL
SELECT s.name, 'none: one statement''s sort may fill the disk for everybody',
    format('ALTER ROLE %I SET temp_file_limit = ''8GB''', current_user), NULL
FROM pg_settings AS s
WHERE s.name = 'temp_file_limit' AND s.setting = '-1'
UNION ALL
SELECT s.name,
    format(
        '%s seconds: shorter than the service''s own transactions may wait', s.setting::bigint / 1000
    ),
    format('ALTER ROLE %I SET %s = 0', current_user, s.name), NULL
FROM pg_settings AS s
WHERE s.name IN ('idle_in_transaction_session_timeout', 'transaction_timeout')
  AND s.setting::bigint BETWEEN 1 AND 60000
UNION ALL
SELECT s.name, 'off: sessions of crashed clients stay until PostgreSQL notices by itself',
    format('ALTER SYSTEM SET %s = ''60s''', s.name), NULL
FROM pg_settings AS s
WHERE s.name = 'tcp_keepalives_idle' AND s.setting = '-1'
UNION ALL
-- Where passwords and rows cross a network. A socket of this machine has no address.
SELECT 'ssl', format('the connection from %s is not encrypted', a.client_addr),
    NULL, NULL
FROM pg_stat_ssl AS l
JOIN pg_stat_activity AS a ON a.pid = l.pid
WHERE l.pid = pg_backend_pid()
  AND NOT l.ssl
  AND a.client_addr IS NOT NULL
  AND NOT a.client_addr <<= '127.0.0.0/8'
  AND a.client_addr <> '::1';

-- name: small_memory
-- Of a server that serves many; the embedded one is for one machine, and is as it comes.
SELECT s.name AS subject,
    format('%s: as PostgreSQL comes; a quarter of the memory is usual', current_setting(s.name))
        AS detail,
    format('ALTER SYSTEM SET %s = ''2GB''', s.name) AS remedy, NULL::timestamptz AS since
FROM pg_settings AS s
WHERE s.name = 'shared_buffers' AND s.setting::bigint <= 16384;

-- name: versions
SELECT current_setting('server_version') AS postgresql,
    (SELECT count(*) FROM twinbase.database_meta WHERE deleted_at IS NULL) AS databases;

-- name: clock
SELECT extract(epoch FROM clock_timestamp())::double precision;
