"""All that an attack could change, read by a superuser, and what a tenant's schema must be."""

from asyncpg import Connection

from tests.catalog import rows, structure

State = dict[str, object]

_ROLES = """(
    'twinbase_service', 'twinbase_owner', 'twinbase_ddl', 'twinbase_dml', 'twinbase_space',
    'twinbase_reader'
)"""

_SERVER = {
    "roles": f"""
        SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolbypassrls,
            rolreplication, rolconfig
        FROM pg_roles WHERE rolname IN {_ROLES}
    """,
    # Not of the service's login: another test's bootstrap may set it anew meanwhile.
    "passwords": f"""
        SELECT rolname, rolpassword FROM pg_authid
        WHERE rolname IN {_ROLES} AND rolname <> 'twinbase_service'
    """,
    "memberships": f"""
        SELECT roleid::regrole, member::regrole, admin_option FROM pg_auth_members
        WHERE member::regrole::text IN {_ROLES}
    """,
    "default privileges": "SELECT * FROM pg_default_acl",
    # Of ours only: another test's bootstrap may make a login meanwhile.
    "settings of roles": f"""
        SELECT * FROM pg_db_role_setting
        WHERE setrole <> 0 AND setrole::regrole::text IN {_ROLES}
    """,
    "database": "SELECT datacl FROM pg_database WHERE datname = current_database()",
    "schemas": """
        SELECT nspname, nspowner::regrole, nspacl FROM pg_namespace
        WHERE nspname NOT LIKE 'pg\\_t%'
    """,
    "event triggers": "SELECT evtname, evtevent, evtenabled, evttags FROM pg_event_trigger",
    "functions": "SELECT oid::regprocedure, proowner::regrole, proacl FROM pg_proc",
    "types": "SELECT oid::regtype FROM pg_type WHERE typrelid = 0 AND typelem = 0",
    "others": """
        SELECT 'operator', oid FROM pg_operator UNION ALL SELECT 'cast', oid FROM pg_cast
        UNION ALL SELECT 'collation', oid FROM pg_collation
        UNION ALL SELECT 'extension', oid FROM pg_extension
        UNION ALL SELECT 'publication', oid FROM pg_publication
        UNION ALL SELECT 'language', oid FROM pg_language
        UNION ALL SELECT 'configuration', oid FROM pg_ts_config
        UNION ALL SELECT 'large object', oid FROM pg_largeobject_metadata
        UNION ALL SELECT 'statistics', oid FROM pg_statistic_ext
        UNION ALL SELECT 'server', oid FROM pg_foreign_server
    """,
    "databases": "SELECT * FROM twinbase.database_meta",
    "schemas of databases": "SELECT * FROM twinbase.schema_meta",
}

_NAMESPACE = "$1::text::regnamespace"

_DEPARTURES = {
    "objects": f"""
        SELECT pg_describe_object(d.classid, d.objid, 0)
        FROM pg_depend d
        LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
        LEFT JOIN pg_type ty ON d.classid = 'pg_type'::regclass AND ty.oid = d.objid
        WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = {_NAMESPACE}
            AND d.classid <> 'pg_statistic_ext'::regclass
            AND coalesce(c.relkind, '-') NOT IN ('r', 'S', 'v')
            AND coalesce(ty.typtype, '-') NOT IN ('e', 'd')
    """,
    "owner": f"""
        SELECT name FROM (
            SELECT relname, relnamespace, relowner FROM pg_class
            UNION ALL SELECT typname, typnamespace, typowner FROM pg_type
            UNION ALL SELECT stxname, stxnamespace, stxowner FROM pg_statistic_ext
        ) owned (name, namespace, owner)
        WHERE namespace = {_NAMESPACE} AND owner <> 'twinbase_owner'::regrole
    """,
    "views": f"""
        SELECT relname FROM pg_class
        WHERE relnamespace = {_NAMESPACE} AND relkind = 'v'
            AND NOT 'security_invoker=true' = ANY (coalesce(reloptions, '{{}}'))
    """,
    "rights on types": f"""
        SELECT typname FROM pg_type WHERE typnamespace = {_NAMESPACE} AND typacl IS NOT NULL
    """,
    "schema": f"""
        SELECT nspowner::regrole::text || ' ' || nspacl::text FROM pg_namespace
        WHERE oid = {_NAMESPACE} AND (
            nspowner <> 'twinbase_owner'::regrole
            OR nspacl::text <> concat('{{twinbase_owner=UC/twinbase_owner',
                ',twinbase_dml=U/twinbase_owner,twinbase_space=U/twinbase_owner',
                ',twinbase_reader=U/twinbase_owner}}')
            OR has_schema_privilege('twinbase_ddl', oid, 'USAGE')
            OR has_schema_privilege('twinbase_ddl', oid, 'CREATE')
        )
    """,
    "rights": f"""
        SELECT concat(c.relname, ' ', granted.rights)
        FROM pg_class c
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(concat(a.grantee::regrole, ' ', a.privilege_type,
                CASE WHEN a.is_grantable THEN ' *' END)
                ORDER BY a.grantee::regrole::text, a.privilege_type), '{{}}')
            FROM aclexplode(c.relacl) a WHERE a.grantee <> c.relowner
        ) granted (rights)
        WHERE c.relnamespace = {_NAMESPACE} AND c.relkind IN ('r', 'S', 'v')
            AND granted.rights <> CASE c.relkind WHEN 'S' THEN '{{}}' ELSE
                ARRAY['twinbase_dml DELETE', 'twinbase_dml INSERT', 'twinbase_dml SELECT',
                    'twinbase_dml UPDATE', 'twinbase_reader SELECT', 'twinbase_space DELETE',
                    'twinbase_space INSERT', 'twinbase_space SELECT', 'twinbase_space UPDATE'] END
        UNION ALL
        SELECT concat(c.relname, '.', a.attname)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = {_NAMESPACE} AND a.attacl IS NOT NULL
    """,
    "columns": f"""
        SELECT c.relname || '.' || wanted.name
        FROM pg_class c
        CROSS JOIN (VALUES ('id', 'bigint'), ('uid', 'character varying')) wanted (name, type)
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = wanted.name
        WHERE c.relnamespace = {_NAMESPACE} AND c.relkind = 'r' AND NOT coalesce(
            format_type(a.atttypid, a.atttypmod) = wanted.type AND a.attnotnull
            AND NOT a.atthasdef AND a.attidentity = '' AND a.attgenerated = '', false)
    """,
    "index of id": f"""
        SELECT c.relname FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'id'
        WHERE c.relnamespace = {_NAMESPACE} AND c.relkind = 'r' AND NOT EXISTS (
            SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid
                AND i.indkey::text = a.attnum::text AND i.indpred IS NULL)
    """,
    "index of uid": f"""
        SELECT c.relname FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'uid'
        WHERE c.relnamespace = {_NAMESPACE} AND c.relkind = 'r' AND NOT EXISTS (
            SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indkey[0] = a.attnum
                AND i.indisvalid AND i.indpred IS NULL)
    """,
    "row security": f"""
        SELECT relname FROM pg_class
        WHERE relnamespace = {_NAMESPACE} AND relkind = 'r'
            AND (NOT relrowsecurity OR relforcerowsecurity OR relhasrules)
    """,
    "policies": f"""
        SELECT concat(c.relname, ' ', array_agg(concat_ws(' ', p.polname, p.polcmd::text,
            p.polroles::regrole[], pg_get_expr(p.polqual, c.oid),
            pg_get_expr(p.polwithcheck, c.oid))))
        FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid
        CROSS JOIN LATERAL format(
            '(current_setting(''twinbase.schema''::text, true) = %L::text)', $1::text) of_schema
        CROSS JOIN LATERAL format(
            '(%s AND '
            '((uid)::text = ANY ((ARRAY[(current_setting(''twinbase.uid''::text, true))::character '
            'varying, (current_setting(''twinbase.app_uid''::text, true))::character varying])'
            '::text[])))', of_schema) of_owner
        WHERE c.relnamespace = {_NAMESPACE} AND c.relkind = 'r'
        GROUP BY c.relname HAVING count(p.oid) <> 2 OR NOT bool_and(
            p.polcmd = '*' AND p.polpermissive
            AND pg_get_expr(p.polqual, c.oid) = pg_get_expr(p.polwithcheck, c.oid)
            AND CASE p.polname
                WHEN 'twinbase_rows' THEN pg_get_expr(p.polqual, c.oid) = of_owner
                    AND p.polroles = ARRAY['twinbase_dml'::regrole]::oid[]
                WHEN 'twinbase_all_rows' THEN pg_get_expr(p.polqual, c.oid) = of_schema
                    AND p.polroles::regrole[]::text = '{{twinbase_space,twinbase_reader}}'
                ELSE false END)
    """,
    "triggers": f"""
        SELECT concat(c.relname, ' ', array_agg(pg_get_triggerdef(t.oid)))
        FROM pg_class c LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
        LEFT JOIN pg_attribute made ON made.attrelid = c.oid AND made.attname = 'create_time'
            AND made.atttypid IN ('timestamp'::regtype, 'timestamptz'::regtype)
        LEFT JOIN pg_attribute changed ON changed.attrelid = c.oid
            AND changed.attname = 'update_time'
            AND changed.atttypid IN ('timestamp'::regtype, 'timestamptz'::regtype)
        WHERE c.relnamespace = {_NAMESPACE} AND c.relkind = 'r'
        GROUP BY c.relname HAVING count(t.oid) <> 1 OR NOT bool_and(
            t.tgenabled = 'O' AND pg_get_triggerdef(t.oid) = format(
                'CREATE TRIGGER twinbase_stamp BEFORE INSERT OR UPDATE ON %I.%I FOR EACH ROW '
                'EXECUTE FUNCTION twinbase.stamp_row(%L, %L)', $1::text, c.relname,
                coalesce(made.attname, 'none'), coalesce(changed.attname, 'none')))
    """,
    "sequences for defaults": f"""
        SELECT c.relname FROM pg_class c JOIN pg_attrdef ad ON ad.adrelid = c.oid
        WHERE c.relnamespace = {_NAMESPACE} AND replace(
            pg_get_expr(ad.adbin, ad.adrelid), 'twinbase_functions.nextval', '') LIKE '%nextval%'
    """,
}


async def state_of(admin: Connection, *schemas: str) -> State:
    """Structure, rights and rows of these schemas, and what is there once for all of them."""
    state: State = {
        section: sorted(
            row[0] for row in await admin.fetch(f"SELECT facts::text FROM ({query}) AS facts")
        )
        for section, query in _SERVER.items()
    }
    for schema in schemas:
        state |= {
            f"{schema}: {name}": facts for name, facts in (await structure(admin, schema)).items()
        }
        state[f"{schema}: rows"] = await rows(admin, schema)
    return state


def changes(before: State, after: State) -> list[str]:
    return [
        f"{section}: {before.get(section)} -> {after.get(section)}"
        for section in sorted(before.keys() | after.keys())
        if before.get(section) != after.get(section)
    ]


async def departed(admin: Connection, database_id: int) -> list[str]:
    """In either schema of a database."""
    return [
        found
        for env in ("prod", "test")
        for found in await departures(admin, f"{env}_{database_id}")
    ]


async def departures(admin: Connection, schema: str) -> list[str]:
    """What is not as it must be in every tenant's schema after every DDL."""
    return [
        f"{rule}: {row[0]}"
        for rule, query in _DEPARTURES.items()
        for row in await admin.fetch(query, schema)
    ]
