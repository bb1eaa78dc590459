"""What the use cases need of the outside, as protocols; ``repository`` implements them."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from domain.answers import StatementResult
from domain.consistency import Finding
from domain.copies import CloneReport, WhatToCopy
from domain.database import Database, DatabasePage, NewDatabase, RowAccess, SizeOfPair
from domain.description import SchemaDescription
from domain.gate import DdlStatement, DmlStatement, Normalised
from domain.history import DdlPage
from domain.identifiers import Identifier
from domain.once import KeptAnswer, Once, OnceKey
from domain.operation import (
    Json,
    NewOperation,
    Operation,
    OperationPage,
    OperationStatus,
    Progress,
)
from domain.ownership import Caller, Owner, RowOwner
from domain.platform import ApiKey, Identity, KnownKey, NewApiKey, Platform, Scope
from domain.schema import Environment
from domain.suggestions import PairNames
from domain.timeouts import Timeouts


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
        caller: Caller,
        *,
        name_contains: str,
        before_id: int | None,
        limit: int,
    ) -> DatabasePage:
        """Newest first; of the space where one is named, else of the uid."""


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
        caller: Caller,
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


class UnitOfWork(Protocol):
    """One transaction; leaving without ``commit`` rolls everything back."""

    @property
    def databases(self) -> DatabaseStore: ...
    @property
    def schemas(self) -> SchemaStore: ...
    @property
    def history(self) -> HistoryStore: ...
    @property
    def operations(self) -> OperationStore: ...
    @property
    def consistency(self) -> ConsistencyStore: ...
    @property
    def answers(self) -> AnswerStore: ...
    @property
    def platforms(self) -> PlatformStore: ...

    async def commit(self, result: object = None) -> None:
        """``result``: what the answer is made of that ``once`` keeps."""


class UnitOfWorkFactory(Protocol):
    def __call__(
        self,
        *,
        lasting: bool = True,
        timeouts: Timeouts | None = None,
        label: str | None = None,
        once: Once | None = None,
    ) -> AbstractAsyncContextManager[UnitOfWork]:
        """``lasting`` False: for what may be lost where the server crashes a moment later.

        ``timeouts`` None: the service's own. ``label`` as in TenantSession. ``once``: its key is
        claimed first, and kept with the answer by ``commit``; raises AnsweredBefore,
        IdempotencyKeyReused, and DatabaseBusy where the same request stays under way.
        """


class Cloning(Protocol):
    async def clone_database(
        self,
        operation: Operation,
        source_id: int,
        copy: Database,
        what: WhatToCopy,
        tell: Callable[[Progress], Awaitable[object]],
    ) -> CloneReport:
        """Into the empty schemas of ``copy``, in many transactions.

        Raises DatabaseNotFound, CloneNotPossible, Overtaken.
        """


class KeyRing(Protocol):
    async def identity(self, key: bytes | None) -> Identity:
        """Whose key it is; None: the request has none. Raises Unauthenticated."""

    def forget(self) -> None:
        """What it knows: a platform or a key has been changed here."""


class Background(Protocol):
    """What goes on in this worker, also when the request that began it has been answered."""

    async def take_turn(self) -> bool:
        """False: as much is going on as there may be. Then ``run`` or ``give_back`` follows."""

    def give_back(self) -> None: ...

    def run(self, work: Coroutine[Any, Any, None]) -> None: ...


class OperationNews(Protocol):
    def tell(self, operation_id: int) -> None:
        """Those in this worker, before PostgreSQL does."""

    def of(self, operation_id: int) -> AbstractContextManager[asyncio.Event]:
        """Set with each change. News may be lost where the connection is: look now and then."""


class DatabaseDirectory(Protocol):
    """Databases seen before, without asking PostgreSQL; told of drops and changes elsewhere."""

    async def find(self, database_id: int) -> Database | None: ...

    def forget(self, database_id: int) -> None: ...


@dataclass(frozen=True, slots=True)
class TenantSession:
    """For whom, where and how one request's statements run.

    ``label`` names the request to PostgreSQL, where ``cancel`` finds it. ``changed_at``: when the
    database was last changed, so that what is remembered of it is not older.
    """

    schema: Identifier
    changed_at: datetime
    row_owner: RowOwner
    rows: RowAccess
    label: str
    timeouts: Timeouts
    read_only: bool = False


class TenantTransaction(Protocol):
    """One transaction in one schema; leaving without ``commit`` rolls back."""

    async def exec_dml(
        self, statement: DmlStatement, number: int, values: Sequence[object]
    ) -> StatementResult:
        """``number`` counts from 1; ``values``: one for each of ``statement.parameters``.

        Raises DmlFailed, NoAuthority, InvalidParameter, StatementTimeout.
        """

    async def explain_dml(
        self, statement: DmlStatement, number: int, values: Sequence[object]
    ) -> object:
        """PostgreSQL's plan, as JSON; nothing is run. Raises as ``exec_dml``."""

    async def commit(self, result: object = None) -> None:
        """As a UnitOfWork's."""


class TenantTransactionFactory(Protocol):
    def __call__(
        self, session: TenantSession, *, alone: bool, once: Once | None = None
    ) -> AbstractAsyncContextManager[TenantTransaction]:
        """``alone``: for one statement, which may then be committed as it ends, but never ``once``.

        ``once``: as a UnitOfWorkFactory's, from the first statement on.
        """


class RunningStatements(Protocol):
    async def cancel(self, label: str) -> None:
        """Raises StatementNotFound where no statement of this label runs, in whatever worker."""


class Turns(Protocol):
    """A bound on how many requests do something at a time: of one database, one owner, in all."""

    def __call__(
        self, database_id: int, owner: Owner, label: str
    ) -> AbstractAsyncContextManager[None]:
        """Waits for its turn. ``label`` as in TenantSession.

        Raises TooManyStatements when that takes too long, StatementCancelled when it is cancelled.
        """

    def cancel(self, label: str) -> bool:
        """Whether any request of this label was waiting; none that has its turn is cancelled."""


class KeysUnderWay(Protocol):
    """One request at a time of those with the same idempotency key."""

    def __call__(self, key: OnceKey) -> AbstractAsyncContextManager[None]:
        """Waits for those before it. Raises DatabaseBusy when that takes too long."""


class Gate(Protocol):
    """``domain.gate`` for whoever must not wait for it: large SQL is judged elsewhere."""

    async def admit_dml(
        self,
        sql: str,
        schema_name: str,
        parameter_names: frozenset[str] | None,
        *,
        of_literals: bool = False,
    ) -> tuple[DmlStatement, ...]: ...

    def normalised(self, sql: str) -> Normalised | None:
        """None: it is to be run as it was sent."""

    def leave_as_sent(self, sql: str) -> None:
        """Whatever is of its shape."""

    async def admit_ddl(self, sql: str) -> tuple[DdlStatement, ...]: ...


class Readiness(Protocol):
    async def check(self) -> None:
        """Raises ServiceUnavailable when PostgreSQL cannot be reached or is not migrated."""
