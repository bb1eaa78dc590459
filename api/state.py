"""What a request is served with: collaborators from the lifespan, and what it is itself."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypedDict, cast

from domain.audit import AuditedChange
from domain.health import HealthProbe
from domain.once import OnceKey
from domain.ownership import Caller
from domain.platform import Identity
from domain.ports import (
    DatabaseDirectory,
    KeyRing,
    KeysUnderWay,
    Readiness,
    Refusals,
    RunningStatements,
    Tally,
    UnitOfWorkFactory,
)
from domain.quota_ports import QuotaLimits
from domain.statistics import Keeping
from domain.stopping import Stopping
from exceptions.codes import ErrorCode
from service.telemetry.metrics import Metrics
from service.telemetry.scraping import Scraping
from service.telemetry.tracing import Tracing
from service.use_cases.operation_tools import OperationTools
from service.use_cases.statements import StatementTools


class AppState(TypedDict):
    """What a worker's lifespan gives."""

    unit_of_work: UnitOfWorkFactory
    directory: DatabaseDirectory
    statement_tools: StatementTools
    running_statements: RunningStatements
    operation_tools: OperationTools
    keys_under_way: KeysUnderWay
    key_ring: KeyRing
    limits: QuotaLimits
    tally: Tally
    keeping: Keeping
    refusals: Refusals
    readiness: Readiness
    health: Sequence[HealthProbe]
    tracing: Tracing | None
    metrics: Metrics
    scrape: Scraping
    stopping: Stopping


class State(AppState):
    """``sid`` and ``code``, the request's own, come from the RequestBoundary.

    ``identity``: whose key it was sent with; ``caller``: of verbs that somebody asks for himself.

    ``once_key``: of verbs that take one, None where the request has none.

    ``bytes_in``: of the body so far; ``rows_in``, ``rows_out``: that exec_dml changed and answers.
    ``change``: of verbs that change something; None once that is done, or where nothing will be.
    ``database_id``: that the request names, if any.
    """

    sid: str
    code: ErrorCode
    identity: Identity
    caller: Caller
    once_key: OnceKey | None
    bytes_in: int
    rows_in: int
    rows_out: int
    change: AuditedChange | None
    database_id: int | None


class HasScope(Protocol):
    """A request, also where no web framework is loaded."""

    @property
    def scope(self) -> Mapping[str, Any]: ...


def state_of(request: HasScope) -> State:
    return cast(State, request.scope["state"])
