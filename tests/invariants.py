"""What must be true of PostgreSQL whenever nobody is at work, whatever was killed before.

Written without a look at how the product finds out.
"""

from asyncpg import Connection

_VIOLATIONS = """
    SELECT format('database %s (%s) without schema %s', d.id, d.status, wanted.name)
    FROM twinbase.database_meta AS d
    CROSS JOIN LATERAL (VALUES (format('prod_%s', d.id)), (format('test_%s', d.id))) AS wanted (name)
    WHERE d.deleted_at IS NULL AND to_regnamespace(wanted.name) IS NULL
    UNION ALL
    SELECT format('schema %s without a database', n.nspname)
    FROM pg_namespace AS n
    WHERE (n.nspowner = 'twinbase_owner'::regrole OR n.nspname ~ '^(prod|test)_[0-9]+$')
        AND NOT EXISTS (
            SELECT FROM twinbase.schema_meta AS s JOIN twinbase.database_meta AS d
                ON d.id = s.database_id
            WHERE s.schema_name = n.nspname AND s.deleted_at IS NULL AND d.deleted_at IS NULL
        )
    UNION ALL
    SELECT format('database %s is deleted by half', d.id)
    FROM twinbase.database_meta AS d JOIN twinbase.schema_meta AS s ON s.database_id = d.id
    WHERE (d.deleted_at IS NULL) <> (s.deleted_at IS NULL)
        OR (d.deleted_at IS NULL) <> (d.status <> 'dropped')
    UNION ALL
    SELECT format('database %s is being cloned into by nobody', d.id)
    FROM twinbase.database_meta AS d
    WHERE d.status = 'cloning' AND NOT EXISTS (
        SELECT FROM twinbase.operation AS o
        WHERE o.database_id = d.id AND o.status IN ('pending', 'running')
    )
    UNION ALL
    SELECT format('operation %s, %s, is %s', o.id, o.kind, o.status)
    FROM twinbase.operation AS o WHERE o.status IN ('pending', 'running')
    UNION ALL
    SELECT format('operation %s is %s and has no end', o.id, o.status)
    FROM twinbase.operation AS o
    WHERE o.status NOT IN ('pending', 'running') AND o.finished_at IS NULL
    UNION ALL
    SELECT format('job %s of operation %s', j.id, j.dedupe_key) FROM twinbase_queue.pgqueuer AS j
    UNION ALL
    SELECT format('attempt %s of operation %s', a.attempt, a.operation_id)
    FROM twinbase.operation_attempt AS a
    UNION ALL
    SELECT format('twinbase_ddl has %s on schema %s', a.privilege_type, n.nspname)
    FROM pg_namespace AS n CROSS JOIN LATERAL aclexplode(n.nspacl) AS a
    WHERE a.grantee = 'twinbase_ddl'::regrole AND n.nspname <> 'twinbase_functions'
    UNION ALL
    SELECT format('twinbase_ddl owns %s', c.oid::regclass)
    FROM pg_class AS c WHERE c.relowner = 'twinbase_ddl'::regrole
    UNION ALL
    SELECT format('nobody has made database %s', d.id) FROM twinbase.database_meta AS d
    WHERE NOT EXISTS (
        SELECT FROM twinbase.audit AS a
        WHERE a.outcome = 'done' AND d.id IN (a.database_id, a.new_database_id)
            AND a.verb = CASE WHEN d.id = a.database_id THEN 'create_database' ELSE 'clone_database' END
    )
    UNION ALL
    SELECT format('nobody has dropped database %s', d.id) FROM twinbase.database_meta AS d
    WHERE d.deleted_at IS NOT NULL AND NOT EXISTS (
        SELECT FROM twinbase.audit AS a
        WHERE (a.database_id = d.id AND a.verb = 'drop_database' AND a.outcome = 'done')
            OR (a.new_database_id = d.id AND a.outcome IN ('failed', 'cancelled'))
    )
    UNION ALL
    SELECT format('database %s is there, and %s was done on it', d.id, a.verb)
    FROM twinbase.database_meta AS d JOIN twinbase.audit AS a ON a.database_id = d.id
    WHERE d.deleted_at IS NULL AND a.verb = 'drop_database' AND a.outcome = 'done'
    UNION ALL
    SELECT format('%s made database %s, which is not there', a.sid, made.id)
    FROM twinbase.audit AS a
    CROSS JOIN LATERAL (
        VALUES (CASE a.verb WHEN 'create_database' THEN a.database_id ELSE a.new_database_id END)
    ) AS made (id)
    WHERE a.outcome = 'done' AND a.verb IN ('create_database', 'clone_database')
        AND NOT EXISTS (SELECT FROM twinbase.database_meta AS d WHERE d.id = made.id)
    UNION ALL
    SELECT format('%s ends of operation %s are told, which is %s', ends.number, o.id, o.status)
    FROM twinbase.operation AS o
    CROSS JOIN LATERAL (
        SELECT count(*) AS number FROM twinbase.audit AS a
        WHERE a.operation_id = o.id AND a.verb = o.kind::text AND a.outcome = o.status::text
    ) AS ends
    WHERE ends.number <> 1 AND o.status NOT IN ('pending', 'running')
    ORDER BY 1
"""


async def violations(admin: Connection) -> list[str]:
    """While somebody is at work there are some that pass."""
    return [row[0] for row in await admin.fetch(_VIOLATIONS)]
