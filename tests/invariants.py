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
    ORDER BY 1
"""


async def violations(admin: Connection) -> list[str]:
    """While somebody is at work there are some that pass."""
    return [row[0] for row in await admin.fetch(_VIOLATIONS)]
