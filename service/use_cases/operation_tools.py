"""What operations need of the outside, and the verbs that begin and follow them."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from domain.operation import Operation
from domain.ports import Background, Cloning, DatabaseDirectory, OperationNews, UnitOfWorkFactory
from domain.quota_ports import QuotaLimits

Attempt = Callable[[Operation], AbstractContextManager[Callable[[Exception], None]]]
"""Around an attempt: what is logged meanwhile is the operation's; told what it has failed with."""


def unwatched(_operation: Operation) -> AbstractContextManager[Callable[[Exception], None]]:
    return nullcontext(lambda _error: None)


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
    attempt: Attempt = unwatched
