"""What PostgreSQL's own catalogs say of a schema, in a form in which a copy equals its source.

Written without a look at how the product reads them: these queries are to find what it forgets.
"""

import asyncio
import time

from asyncpg import Connection

from domain.schema import Environment
from tests.patience import PATIENCE

Facts = dict[str, list[str]]

_SECTIONS = {
    "schema": """
        SELECT n.nspowner::regrole, n.nspacl, obj_description(n.oid, 'pg_namespace')
        FROM pg_namespace n WHERE n.oid = $1
    """,
    "members": """
        SELECT d.classid::regclass, d.deptype::text, count(*)
        FROM pg_depend d WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = $1
        GROUP BY 1, 2
    """,
    "tables": """
        SELECT c.relname, c.relkind::text, c.relpersistence::text, c.relowner::regrole, am.amname,
            c.reloptions, toast.reloptions, c.relrowsecurity, c.relforcerowsecurity,
            c.relreplident::text, c.reltablespace, c.relhassubclass, c.relispartition,
            c.reloftype::regtype, obj_description(c.oid, 'pg_class')
        FROM pg_class c
        LEFT JOIN pg_am am ON am.oid = c.relam
        LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid
        WHERE c.relnamespace = $1
    """,
    "grants": """
        SELECT c.relname, a.grantor::regrole, a.grantee::regrole, a.privilege_type, a.is_grantable
        FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = $1
    """,
    "columns": """
        SELECT c.relname, row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), a.attname,
            format_type(a.atttypid, a.atttypmod), a.attcollation::regcollation, a.attnotnull,
            pg_get_expr(ad.adbin, ad.adrelid), a.attidentity::text, a.attgenerated::text,
            a.attstorage::text, a.attcompression::text, coalesce(a.attstattarget, -1),
            a.attoptions, a.attacl,
            col_description(c.oid, a.attnum)
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef ad ON ad.adrelid = c.oid AND ad.adnum = a.attnum
        WHERE c.relnamespace = $1 AND c.relkind NOT IN ('S', 'i')
    """,
    # Columns that only newer servers have are told where they are.
    "constraints": """
        SELECT k.conrelid::regclass, k.conname, k.contype::text, pg_get_constraintdef(k.oid),
            k.condeferrable, k.condeferred, k.convalidated, k.connoinherit, k.conislocal,
            to_jsonb(k) ->> 'conenforced', to_jsonb(k) ->> 'conperiod',
            CASE WHEN k.conindid <> 0 THEN k.conindid::regclass END,
            obj_description(k.oid, 'pg_constraint')
        FROM pg_constraint k WHERE k.connamespace = $1
    """,
    "indexes": """
        SELECT i.indrelid::regclass, c.relname, pg_get_indexdef(c.oid, 0, true), i.indisunique,
            i.indisprimary, i.indisexclusion, i.indimmediate, i.indisclustered, i.indisvalid,
            i.indisready, i.indisreplident, i.indnullsnotdistinct, i.indnkeyatts, c.reloptions,
            c.reltablespace,
            rank() OVER (PARTITION BY i.indrelid ORDER BY c.oid),
            (SELECT array_agg(coalesce(a.attstattarget, -1)) FROM pg_attribute a
             WHERE a.attrelid = c.oid),
            obj_description(c.oid, 'pg_class')
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = $1
    """,
    # The policy compares with its own schema's name, the one text that must differ.
    "policies": """
        SELECT p.polrelid::regclass, p.polname, p.polcmd::text, p.polpermissive,
            p.polroles::regrole[],
            replace(pg_get_expr(p.polqual, p.polrelid), quote_literal(n.nspname), ':schema'),
            replace(pg_get_expr(p.polwithcheck, p.polrelid), quote_literal(n.nspname), ':schema'),
            obj_description(p.oid, 'pg_policy')
        FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.oid = $1
    """,
    "triggers": """
        SELECT t.tgrelid::regclass, CASE WHEN NOT t.tgisinternal THEN t.tgname END,
            k.conname, t.tgfoid::regprocedure, t.tgtype, t.tgenabled::text, t.tgdeferrable,
            t.tginitdeferred, t.tgargs, pg_get_expr(t.tgqual, t.tgrelid),
            obj_description(t.oid, 'pg_trigger')
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        LEFT JOIN pg_constraint k ON k.oid = t.tgconstraint WHERE c.relnamespace = $1
    """,
    "rules and statistics": """
        SELECT pg_get_ruledef(r.oid) FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
        WHERE c.relnamespace = $1
        UNION ALL
        SELECT pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s
        JOIN pg_class c ON c.oid = s.stxrelid WHERE c.relnamespace = $1
    """,
    "sequences": """
        SELECT c.relname, s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax,
            s.seqcache, s.seqcycle, d.deptype::text, d.refobjid::regclass, a.attname
        FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
        LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
            AND d.refclassid = 'pg_class'::regclass
        LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE c.relnamespace = $1
    """,
}

_WAITING = """
    SELECT count(DISTINCT waiting.pid) FROM pg_locks waiting JOIN pg_locks held USING (pid)
    WHERE NOT waiting.granted AND held.granted
        AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_RUNNING = """
    SELECT application_name FROM pg_stat_activity
    WHERE state = 'active' AND starts_with(query, $1) AND datname = current_database()
"""
_POLL = 0.005  # seconds

_TIES = """
    SELECT DISTINCT own.identity || ' -> ' || other.identity
    FROM pg_depend d
    CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) own
    CROSS JOIN LATERAL pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid) other
    WHERE strpos(own.identity, $1::text) > 0
        AND strpos(other.identity, $1) = 0
        AND coalesce(other.schema, '') NOT IN ('pg_catalog', 'twinbase_functions')
        AND NOT (own.type = 'trigger' AND other.identity = 'twinbase.stamp_row()')
"""


async def structure(admin: Connection, schema: str) -> Facts:
    """Everything but the rows; names are printed relative to the schema."""
    async with admin.transaction():
        await admin.execute(f'SET LOCAL search_path TO "{schema}", pg_temp')
        namespace = await admin.fetchval("SELECT $1::text::regnamespace::oid", schema)
        facts = {
            section: sorted(
                row[0]
                for row in await admin.fetch(f"SELECT facts::text FROM ({body}) facts", namespace)
            )
            for section, body in _SECTIONS.items()
        }
        facts["positions"] = [
            f"{name} {await admin.fetchrow(f'SELECT last_value, is_called FROM {name}')}"
            for name in await _names(admin, namespace, "S")
        ]
    return facts


def differences(copy: Facts, source: Facts) -> list[str]:
    """Each line that only one of them has; nothing where they are equal."""
    return [
        f"{section}: only in the {name}: {line}"
        for section in copy | source
        for name, ours, others in (("copy", copy, source), ("source", source, copy))
        for line in ours[section]
        if line not in others[section]
    ]


async def rows(admin: Connection, schema: str) -> dict[str, str]:
    """Per table the number of its rows and a hash of all their texts, ids and uids included."""
    async with admin.transaction():
        await admin.execute(f'SET LOCAL search_path TO "{schema}", pg_temp')
        namespace = await admin.fetchval("SELECT $1::text::regnamespace::oid", schema)
        return {
            table: await admin.fetchval(
                "SELECT format('%s rows, %s', count(*), md5(string_agg(told, '|' ORDER BY told)))"
                f" FROM (SELECT t::text AS told FROM {table} AS t) AS texts"
            )
            for table in await _names(admin, namespace, "r")
        }


async def ties(admin: Connection, schema: str) -> list[str]:
    """What in the schema depends on anything outside it, but for PostgreSQL's and our functions."""
    return [row[0] for row in await admin.fetch(_TIES, schema)]


async def schemas(admin: Connection, database_id: int) -> dict[Environment, str]:
    found = await admin.fetch(
        "SELECT environment::text, schema_name FROM twinbase.schema_meta WHERE database_id = $1",
        database_id,
    )
    return {Environment(row["environment"]): row["schema_name"] for row in found}


async def _names(admin: Connection, namespace: int, kind: str) -> list[str]:
    """Quoted as SQL needs them."""
    found = await admin.fetch(
        "SELECT quote_ident(relname) FROM pg_class"
        " WHERE relnamespace = $1 AND relkind::text = $2 ORDER BY 1",
        namespace,
        kind,
    )
    return [row[0] for row in found]


async def inventory(admin: Connection) -> list[str]:
    """Whatever a database could leave behind: schemas, what is in them, rows about it.

    But for what tells that there was one.
    """
    found = await admin.fetch(
        """
        SELECT format('schema %s', nspname) FROM pg_namespace
        UNION ALL
        SELECT format('relation %s', oid::regclass) FROM pg_class
        UNION ALL
        SELECT format('database %s %s', id, status) FROM twinbase.database_meta
        WHERE deleted_at IS NULL
        UNION ALL
        SELECT format('schema_meta %s', schema_name) FROM twinbase.schema_meta
        WHERE deleted_at IS NULL
        UNION ALL
        SELECT format('attempt at %s', operation_id) FROM twinbase.operation_attempt
        UNION ALL
        SELECT format('grants of %s: %s', nspname, nspacl) FROM pg_namespace
        ORDER BY 1
        """
    )
    return [row[0] for row in found]


async def until_waiting(admin: Connection, sessions: int) -> None:
    """Returns when exactly so many sessions wait for a lock."""
    deadline = time.monotonic() + PATIENCE
    while await admin.fetchval(_WAITING) != sessions:
        assert time.monotonic() < deadline, f"waited in vain for {sessions} waiting sessions"
        await asyncio.sleep(_POLL)


async def until_running(admin: Connection, beginning: str) -> str:
    """The application_name of the session whose statement begins so."""
    deadline = time.monotonic() + PATIENCE
    while not (name := await admin.fetchval(_RUNNING, beginning)):
        assert time.monotonic() < deadline, f"waited in vain for {beginning} to run"
        await asyncio.sleep(_POLL)
    return str(name)
