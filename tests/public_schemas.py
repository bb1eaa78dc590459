"""Other people's schemas, as tests/data/schemas keeps them, and questions that a copy must answer."""

from dataclasses import dataclass
from pathlib import Path

from asyncpg import Connection

from repository.roles import OWNER

_FOLDER = Path(__file__).parent / "data" / "schemas"
_MARK = "@schema@"

# What the server's bootstrap has taken from every tenant, and these schemas' functions call.
_LENT = (
    "USAGE ON LANGUAGE sql, plpgsql",
    "EXECUTE ON FUNCTION nextval, pg_notify(text, text), pg_advisory_xact_lock(bigint)",
)


@dataclass(frozen=True, slots=True)
class PublicSchema:
    """Questions are asked one after the other, and what they change is seen by the next."""

    name: str
    questions: tuple[str, ...]
    names_itself: bool = True

    def sql(self, schema: str) -> str:
        text = (_FOLDER / f"{self.name}.sql").read_text(encoding="utf-8")
        return text.replace(_MARK, schema) if self.names_itself else text.replace(f"{_MARK}.", "")


PUBLIC_SCHEMAS = (
    PublicSchema(
        "graphile_worker",
        (
            "SELECT id, queue_name, task_identifier, attempts, last_error, flags FROM jobs ORDER BY id",
            "SELECT id, payload, key, is_available FROM add_job('new', queue_name => 'fresh')",
            "SELECT id, revision FROM add_job('charge', job_key => 'key 3', job_key_mode => 'unsafe_dedupe')",
            "SELECT key, attempts FROM remove_job('key 4')",
            "SELECT id, priority FROM reschedule_jobs(ARRAY[10, 11], priority => 9)",
            "SELECT id, queue_name FROM jobs WHERE priority = 9 OR id > 47 ORDER BY id",
        ),
    ),
    PublicSchema(
        # Its functions build their SQL as text, where no parser sees the schema's name.
        "pg_boss",
        (
            "SELECT name, state, count(*) FROM job GROUP BY name, state ORDER BY name, state",
            """SELECT create_queue('new "one"', '{"policy": "short", "deadLetter": "failed"}')""",
            "SELECT name, policy, partition_name FROM queue ORDER BY name",
            "SELECT relid, parentrelid, isleaf FROM pg_partition_tree('job') ORDER BY relid::text",
            """SELECT delete_queue('new "one"')""",
            "SELECT relid, parentrelid, isleaf FROM pg_partition_tree('job') ORDER BY relid::text",
        ),
        names_itself=False,
    ),
    PublicSchema(
        "message_db",
        (
            "SELECT * FROM category_type_summary",
            "SELECT * FROM stream_summary",
            "SELECT * FROM type_stream_summary",
            "SELECT id, type, position, data FROM get_stream_messages('account-3', 2, 4)",
            "SELECT id, stream_name, global_position, metadata FROM get_category_messages('account', correlation => 'order', consumer_group_member => 1, consumer_group_size => 2)",
            "SELECT write_message(gen_random_uuid()::text, 'account-3', 'Closed', '{}', expected_version => 8)",
            "SELECT type, position, global_position FROM get_last_stream_message('account-3')",
            "SELECT stream_version('account-3'), message_store_version()",
        ),
    ),
    PublicSchema(
        "procrastinate",
        (
            "SELECT status, count(*), max(attempts) FROM procrastinate_jobs GROUP BY status ORDER BY status",
            "SELECT type, count(*) FROM procrastinate_events GROUP BY type ORDER BY type",
            "SELECT id, task_name, status FROM procrastinate_fetch_job_v2(ARRAY['default'], 1)",
            "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('late', 'new', 7, NULL, NULL, '{}', NULL)::procrastinate_job_to_defer_v1])",
            "SELECT procrastinate_cancel_job_v1(9, false, true)",
            "SELECT id, job_id, type FROM procrastinate_events ORDER BY id DESC LIMIT 5",
            "SELECT * FROM procrastinate_register_worker_v1()",
        ),
    ),
    PublicSchema(
        "information_schema",
        (
            "SELECT feature_id, is_supported FROM sql_features ORDER BY feature_id, sub_feature_id",
            "SELECT * FROM sql_sizing ORDER BY sizing_id",
            "SELECT _pg_char_octet_length(1043, 24), _pg_interval_type(1186, 458751), _pg_expandarray(ARRAY['x', 'y'])",
            "SELECT count(*) FROM attributes",
            "SELECT table_name, table_type FROM tables WHERE table_schema = current_schema() ORDER BY 1, 2",
            "SELECT column_name, domain_name, data_type, collation_name FROM columns WHERE table_schema = current_schema() AND table_name = 'sql_features' ORDER BY ordinal_position",
            "SELECT object_name, collection_type_identifier FROM element_types WHERE object_schema = current_schema() ORDER BY 1, 2",
        ),
    ),
)


async def load_as_superuser(admin: Connection, schema: str, public: PublicSchema) -> None:
    """As somebody does it who is sent a file."""
    async with admin.transaction():
        await admin.execute(f"SET LOCAL search_path TO {schema}")
        await admin.execute(public.sql(schema))


async def load(admin: Connection, schema: str, public: PublicSchema) -> None:
    """As a tenant's owner makes it, who for this transaction may write functions."""
    async with admin.transaction():
        for right in _LENT:
            await admin.execute(f"GRANT {right} TO {OWNER}")
        await admin.execute(f"SET LOCAL search_path TO {schema}; SET LOCAL ROLE {OWNER}")
        await admin.execute(public.sql(schema))
        await admin.execute("RESET ROLE")
        for right in _LENT:
            await admin.execute(f"REVOKE {right} FROM {OWNER}")


async def answers(admin: Connection, schema: str, public: PublicSchema) -> list[list[str]]:
    """Each answer's rows, printed; nothing is kept of it but the sequences' positions."""
    transaction = admin.transaction()
    await transaction.start()
    try:
        await admin.execute(f"SET LOCAL search_path TO {schema}")
        return [
            [
                row[0]
                for row in await admin.fetch(f"SELECT answer::text FROM ({question}) AS answer")
            ]
            for question in public.questions
        ]
    finally:
        await transaction.rollback()
