"""What the use cases need of the outside, as protocols; ``repository`` implements them."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from domain.answers import StatementResult
from domain.audit import NOTHING_MORE, Affected, AuditedChange, NewAuditEntry
from domain.copies import CloneReport, WhatToCopy
from domain.database import Database, RowAccess
from domain.gate import DdlStatement, DmlStatement, Normalised
from domain.identifiers import Identifier
from domain.once import Once, OnceKey
from domain.operation import (
    Operation,
    Progress,
)
from domain.ownership import Owner, RowOwner
from domain.platform import Identity
from domain.quota_store import QuotaStore, UsageStore
from domain.statistics import RequestKey
from domain.statistics_store import StatisticsStore
from domain.storage import Room
from domain.stores import (
    AnswerStore,
    AuditStore,
    ConsistencyStore,
    DatabaseStore,
    HistoryStore,
    OperationStore,
    PlatformStore,
    SchemaStore,
)
from domain.timeouts import Timeouts


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
    @property
    def quotas(self) -> QuotaStore: ...
    @property
    def usage(self) -> UsageStore: ...
    @property
    def statistics(self) -> StatisticsStore: ...
    @property
    def audit(self) -> AuditStore: ...

    async def commit(self, result: object = None, about: Affected = NOTHING_MORE) -> None:
        """``result``: what the answer is made of that ``once`` keeps.

        ``about``: what the audit's row tells beside what the request has said.
        """


class UnitOfWorkFactory(Protocol):
    def __call__(
        self,
        *,
        lasting: bool = True,
        timeouts: Timeouts | None = None,
        label: str | None = None,
        once: Once | None = None,
        change: AuditedChange | None = None,
    ) -> AbstractAsyncContextManager[UnitOfWork]:
        """``lasting`` False: for what may be lost where the server crashes a moment later.

        ``timeouts`` None: the service's own. ``label`` as in TenantSession. ``once``: its key is
        claimed first, and kept with the answer by ``commit``; raises AnsweredBefore,
        IdempotencyKeyReused, and DatabaseBusy where the same request stays under way.
        ``change``: its row of the audit is added by ``commit``; its ``once`` counts as one given.
        """


class Refusals(Protocol):
    """Changes that were asked for, and were not made."""

    async def tell(self, refused: NewAuditEntry) -> None:
        """Raises nothing: it is added to the audit, now or within a minute, or the log says so."""


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


class Tally(Protocol):
    """Requests that this worker has answered, and that PostgreSQL does not know of yet."""

    def begin(self, verb: str) -> None:
        """It is in flight until ``end``, and counted beside."""

    def end(self, verb: str) -> None: ...

    def count(
        self,
        key: RequestKey,
        seconds: float,
        *,
        rows_in: int,
        rows_out: int,
        bytes_in: int,
        bytes_out: int,
    ) -> None: ...

    async def write(self) -> None:
        """All that has been counted so far; raises where PostgreSQL cannot take it now."""


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
        self,
        session: TenantSession,
        *,
        alone: bool,
        once: Once | None = None,
        room: Room | None = None,
    ) -> AbstractAsyncContextManager[TenantTransaction]:
        """``alone``: for one statement, which may then be committed as it ends; never with others.

        ``once``: as a UnitOfWorkFactory's, from the first statement on. ``room``: for what it
        writes; ``commit`` raises QuotaExceeded.
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
        """Raises NotReady, which says what keeps it from serving; within seconds in any case."""
