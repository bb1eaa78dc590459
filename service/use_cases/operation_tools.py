"""What operations need of the outside, and the verbs that begin and follow them."""

from dataclasses import dataclass

from domain.ports import Cloning, DatabaseDirectory, OperationNews, UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class OperationTools:
    """``patience``: seconds that a request waits for the operation that it has begun.

    ``at_once_of_uid``: operations of one uid that run at a time.
    """

    unit_of_work: UnitOfWorkFactory
    directory: DatabaseDirectory
    cloning: Cloning
    news: OperationNews
    patience: float
    at_once_of_uid: int
