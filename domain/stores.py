"""What a transaction of the service's own offers; ``repository`` implements it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from domain.audit import AuditFilter, AuditPage, NewAuditEntry
from domain.consistency import DriftSlice, Finding
from domain.database import Database, DatabasePage, NewDatabase, RowAccess, SizeOfPair
from domain.description import SchemaDescription
from domain.gate import DdlStatement
from domain.history import DdlPage
from domain.identifiers import Identifier
from domain.once import KeptAnswer, OnceKey
from domain.operation import (
    Json,
    NewOperation,
    Operation,
    OperationPage,
    OperationStatus,
    Progress,
)
from domain.ownership import Caller
from domain.platform import ApiKey, KnownKey, NewApiKey, Platform, Scope
from domain.schema import Environment
from domain.suggestions import PairNames


class DatabaseStore(Protocol):
    """Rows of ``database_meta`` with their ``schema_meta``; dropped databases do not exist here."""

    async def find(self, database_id: int) -> Database | None: ...

    async def lock(self, database_id: int) -> Database | None:
        """As ``find``, and nobody else changes, drops or clones it until the transaction ends."""

    async def lock_to_read(self, database_id: int) -> Database | None:
        """As ``find``, and nobody changes its structure or drops it; readers share the lock."""

    async def create_database(self, new: NewDatabase) -> Database:
        """Raises DatabaseNameTaken."""

    async def set_ready(self, database: Database) -> bool:
        """What was being cloned into is there for everybody; False where it has been dropped."""

    async def drop_database(self, database: Database, dropped_by: str) -> Database | None:
        """Locks it as ``lock`` does; None where somebody else has dropped it meanwhile."""

    async def modify_db_description(
        self, database: Database, description: str, modified_by: str
    ) -> None: ...

    async def share_database(
        self, database: Database, platform_ids: frozenset[int], shared_by: str
    ) -> None:
        """With these platforms and no others."""

    async def set_row_access(
        self, database: Database, row_access: RowAccess, set_by: str
    ) -> None: ...

    async def list_databases(
        self,
        caller: Caller | None,
        *,
        name_contains: str,
        before_id: int | None,
        limit: int,
    ) -> DatabasePage:
        """Newest first; of the space where one is named, else of the uid; None: everybody's.

        Also those that are shared with the caller's platform.
        """


class SchemaStore(Protocol):
    """The PostgreSQL schemas themselves."""

    async def create_database(self, database: Database) -> None: ...

    async def drop_database(self, database: Database) -> bool:
        """False where it holds more than one transaction may lock; then nothing was dropped."""

    async def drop_some(self, schema: Identifier) -> bool:
        """As many relations as one transaction may lock, of a schema that nobody can reach.

        False: there was none; what is left can be dropped at once. Raises DatabaseBusy.
        """

    async def drop_rest(self, schema: Identifier) -> None:
        """The schema with what drop_some has left of it; nothing where it is gone."""

    async def relations(self, schemas: Iterable[Identifier]) -> int:
        """How many tables, views and sequences there are."""

    async def size(
        self, schemas: Iterable[Identifier], tables: frozenset[str] | None = None
    ) -> SizeOfPair:
        """``tables``: those of these names, without what they need; None: all."""

    async def exec_ddl(
        self,
        schemas: Sequence[Identifier],
        statements: Sequence[DdlStatement],
        run_by: str,
        lock_timeout: int,
        *,
        rehearsal: bool = False,
    ) -> None:
        """New rows that have no owner are given to ``run_by``; ``lock_timeout`` in milliseconds.

        ``rehearsal``: all of it can be rolled back, positions of sequences, too.
        Raises DdlFailed, DdlNotAllowed, DatabaseBusy, StatementTimeout.
        """

    async def get_database(
        self, environment: Environment, schema: Identifier
    ) -> SchemaDescription: ...

    async def names(self, database: Database) -> PairNames:
        """Of tables and views with their columns, in both schemas."""


class HistoryStore(Protocol):
    """What exec_ddl has run, statement by statement."""

    async def add_ddl(
        self,
        database_id: int,
        environments: Sequence[Environment],
        statements: Sequence[str],
        caller: Caller,
        sid: str,
    ) -> None: ...

    async def list_ddl(self, database_id: int, before_id: int | None, limit: int) -> DdlPage:
        """Newest first; a page ends before its limit where its texts are long."""


class OperationStore(Protocol):
    """What an attempt changes, it changes only as long as no later one has begun."""

    async def begin_operation(self, new: NewOperation) -> Operation:
        """Somebody will run it once this transaction is committed."""

    async def claim_new(self, new: NewOperation, at_once_of_uid: int) -> Operation:
        """As ``begin_operation``, and claimed by whoever asks; pending where that cannot be."""

    async def still_alive(self, operation: Operation) -> bool:
        """A sign of life, of one that is in nobody's queue."""

    async def find(self, operation_id: int) -> Operation | None: ...

    async def list_operations(
        self,
        caller: Caller | None,
        *,
        database_id: int | None,
        status: OperationStatus | None,
        before_id: int | None,
        limit: int,
    ) -> OperationPage:
        """Newest first; of the space where one is named, else of the uid."""

    async def claim(self, operation_id: int, at_once_of_uid: int) -> Operation | None:
        """Begins an attempt; None where it has ended, or its uid has as many before it.

        Raises DatabaseBusy while an earlier attempt is in the middle of something.
        """

    async def still_mine(self, operation: Operation) -> bool:
        """Whether this is the latest attempt, and then until this transaction ends."""

    async def put_back(self, operation: Operation) -> bool:
        """Another attempt is to follow."""

    async def end_operation(
        self,
        operation: Operation,
        status: OperationStatus,
        *,
        result: Json | None = None,
        error: Json | None = None,
    ) -> bool: ...

    async def tell_progress(self, operation: Operation, progress: Progress) -> bool: ...

    async def cancel_operation(self, operation: Operation) -> Operation | None:
        """Whoever runs it hears of it; None where it has ended."""

    async def enqueue(self, operation_id: int) -> None:
        """Of an unfinished one that is in the queue no more; somebody will come to it now."""

    async def forget_ended(self, before: timedelta, most: int) -> int:
        """Of those that ended so long ago, at most so many; how many there were."""


class ConsistencyStore(Protocol):
    """Whether metadata, queue and schemas agree."""

    async def findings(self, silence: timedelta, *, mended: bool = False) -> list[Finding]:
        """What is not as it must be, as of one moment; ``mended``: only what the service mends.

        ``silence``: so long there was no sign of life from what somebody may be at work on.
        """

    async def is_alone(self) -> bool:
        """Whether nobody else is mending, and then until this transaction ends."""

    async def forget_attempts(self) -> None:
        """Of operations that have ended."""

    async def drift(self, after_id: int, most: int) -> DriftSlice:
        """What in the schemas of the next databases is not as settling leaves it; looks only."""

    async def settle_again(self, database: Database) -> bool:
        """Of a locked database; no row is changed. False: all was as it must be."""


class AnswerStore(Protocol):
    """Answers that are given again to requests with the same idempotency key."""

    async def find(self, key: OnceKey) -> KeptAnswer | None:
        """Raises IdempotencyKeyReused where it was another request's."""

    async def forget_expired(self, most: int) -> int:
        """How many were forgotten."""


class PlatformStore(Protocol):
    """Whoever changes a platform or a key, all workers know once it is committed."""

    async def create_platform(
        self, name: str, app_ids: frozenset[str] | None, scopes: frozenset[Scope]
    ) -> Platform:
        """Raises PlatformNameTaken."""

    async def list_platforms(self) -> Sequence[Platform]: ...

    async def find_platform(self, name: str) -> Platform:
        """Raises PlatformNotFound."""

    async def lock_platform(self, name: str) -> Platform:
        """As ``find_platform``, to change it."""

    async def modify_platform(self, changed: Platform) -> Platform: ...

    async def create_key(
        self,
        platform: Platform,
        new: NewApiKey,
        scopes: frozenset[Scope] | None,
        expires_at: datetime | None,
    ) -> ApiKey: ...

    async def list_keys(self, platform: Platform) -> Sequence[ApiKey]: ...

    async def revoke_key(self, prefix: str) -> ApiKey:
        """Raises ApiKeyNotFound."""

    async def known_keys(self) -> Sequence[KnownKey]: ...

    async def clock(self) -> float:
        """PostgreSQL's, in seconds since 1970."""

    async def has_key_for(self, scope: Scope) -> bool:
        """Whether some key could be used for it now."""

    async def mark_used(self, used: Mapping[int, float]) -> None:
        """When each key was used last, by PostgreSQL's clock."""


class AuditStore(Protocol):
    """Rows that are only ever added."""

    async def add(self, new: NewAuditEntry) -> None: ...

    async def list_audit(self, asked: AuditFilter, before_id: int | None, limit: int) -> AuditPage:
        """Newest first."""

    async def forget(self, days: int, most: int) -> int:
        """Of those that are older, at most so many; how many there were."""
