from dataclasses import dataclass

from domain.audit import AuditFilter, AuditPage
from domain.ports import UnitOfWorkFactory
from exceptions.errors import InvalidParameter


@dataclass(frozen=True, slots=True)
class ListAudit:
    """``cursor`` from the page before."""

    asked: AuditFilter
    cursor: int | None
    limit: int


async def list_audit(command: ListAudit, unit_of_work: UnitOfWorkFactory) -> AuditPage:
    since, until = command.asked.since, command.asked.until
    if since is not None and until is not None and until <= since:
        raise InvalidParameter("to: must be later than from")
    async with unit_of_work() as work:
        return await work.audit.list_audit(command.asked, command.cursor, command.limit)
