"""What operations need of the outside, and the verbs that begin and follow them."""

from dataclasses import dataclass

from domain.ports import Background, Cloning, DatabaseDirectory, OperationNews, UnitOfWorkFactory
from domain.quota_ports import QuotaLimits


@dataclass(frozen=True, slots=True)
class OperationTools:
    """``patience``: seconds that a request waits for the operation that it has begun.

    ``at_once_of_uid``: operations of one uid that run at a time. ``heartbeat``: seconds without a
    sign of life after which what runs in the background is taken for dead.
    """

    unit_of_work: UnitOfWorkFactory
    directory: DatabaseDirectory
    cloning: Cloning
    news: OperationNews
    background: Background
    limits: QuotaLimits
    patience: float
    at_once_of_uid: int
    heartbeat: float
