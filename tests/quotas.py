"""Collaborators of use cases, for tests that put them together themselves."""

from collections.abc import Sequence

from domain.identifiers import Identifier
from domain.ports import UnitOfWorkFactory
from repository.limits import CachedLimits
from repository.own_session import OwnSession
from repository.statement_quota import PostgresStatementQuota
from service.storage import MeasuredStorage
from service.use_cases.within_quota import QuotaTools
from tests.patience import PATIENCE


class NoVacuum:
    async def vacuum(self, schemas: Sequence[Identifier]) -> None:
        """Autovacuum may do it."""


def quota_tools(unit_of_work: UnitOfWorkFactory, database_url: str) -> QuotaTools:
    """Which remember nothing."""
    session = OwnSession(database_url, connect_timeout=PATIENCE)
    return QuotaTools(
        limits=CachedLimits(unit_of_work, session, {}, most=0),
        statements=PostgresStatementQuota(unit_of_work, session),
        storage=MeasuredStorage(unit_of_work, NoVacuum()),
    )
