"""What is seen of an attack where no gate was before the server: its answer and its effects."""

from dataclasses import dataclass

import asyncpg
import orjson
from postgast import PgQueryError, split

from tests.attacks import Effect, Outcome

_SETTINGS = (
    "role",
    "search_path",
    "row_security",
    "session_authorization",
    "statement_timeout",
    "lock_timeout",
    "twinbase.schema",
    "twinbase.uid",
    "twinbase.app_uid",
)

# Who one is, where, and what one holds.
STANDING = f"""
    SELECT
        concat_ws('|', session_user, current_user, {
    ", ".join(f"current_setting('{name}', true)" for name in _SETTINGS)
}) AS identity,
        concat_ws('|', current_setting('transaction_isolation'),
            current_setting('transaction_read_only'), now()) AS transaction,
        (
            SELECT count(*) FROM pg_prepared_statements WHERE name NOT LIKE '\\_\\_asyncpg%'
        ) + (SELECT count(*) FROM pg_cursors WHERE is_holdable)
          + (current_setting('default_transaction_read_only') = 'on')::integer AS left_behind,
        (
            SELECT count(*) FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
            WHERE l.pid = pg_backend_pid() AND c.relnamespace = ANY ($1::text[]::regnamespace[])
              AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')
        ) AS locks,
        pg_current_xact_id_if_assigned() IS NOT NULL AS writes
"""


@dataclass(frozen=True)
class Observed:
    """What came of an attack."""

    outcome: Outcome
    told: str
    """Rows, or all that an error says."""

    rows: str = ""
    effects: frozenset[Effect] = frozenset()
    changes: tuple[str, ...] = ()
    """Tables with rows of others that are not as they were."""


def shown(record: asyncpg.Record) -> dict[str, object]:
    """With JSON as its text, which the service's connections leave unread."""
    return {
        name: orjson.dumps(value).decode() if isinstance(value, orjson.Fragment) else value
        for name, value in record.items()
    }


def statements_in(sql: str) -> list[str]:
    """As the gate would send them on; what PostgreSQL's grammar refuses, as it is."""
    try:
        return split(sql) or [sql]
    except PgQueryError:
        return [sql]


def effects_between(before: asyncpg.Record, after: asyncpg.Record) -> set[Effect]:
    changed = {
        "identity": Effect.IDENTITY,
        "transaction": Effect.TRANSACTION,
        "left_behind": Effect.CONNECTION,
        "locks": Effect.LOCK,
    }
    found = {effect for name, effect in changed.items() if before[name] != after[name]}
    # The end of the transaction takes its settings along.
    return {Effect.TRANSACTION} if Effect.TRANSACTION in found else found


def told_by(error: BaseException) -> str:
    """All that a driver's error says, and that of its causes."""
    said = []
    step: BaseException | None = error
    while step is not None:
        said.append(f"{step} {getattr(step, 'detail', '')} {getattr(step, 'context', '')}")
        step = step.__cause__
    return " | ".join(said)
