"""What a change adds, held against the quotas of whose it will be."""

from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass

from domain.database import Database
from domain.ownership import Caller
from domain.ports import UnitOfWork
from domain.quota import Limit, Limits
from domain.quota_ports import QuotaLimits, StatementQuota, Storage


@dataclass(frozen=True, slots=True)
class QuotaTools:
    """``storage``: for databases with a quota of bytes."""

    limits: QuotaLimits
    statements: StatementQuota
    storage: Storage


async def limits_of_caller(limits: QuotaLimits, caller: Caller, space_id: str | None) -> Limits:
    """``space_id``: of the database; who owns none acts within it all the same."""
    return await limits.of(caller.platform_id, caller.space_id or space_id, caller.uid)


async def limits_of_database(limits: QuotaLimits, database: Database) -> Limits:
    """What it holds counts for its owner, whoever has put it there."""
    return await limits.of(database.platform_id, database.space_id, database.uid)


_NO_QUOTA = nullcontext()


async def quota_of_statements(
    tools: QuotaTools, caller: Caller, database: Database
) -> AbstractAsyncContextManager[None]:
    """Around one request. Entering it raises RateExceeded, ConcurrencyExceeded."""
    limits = await limits_of_caller(tools.limits, caller, database.space_id)
    return tools.statements(limits) if limits.of_statements else _NO_QUOTA


async def charge_statements(
    tools: QuotaTools, caller: Caller, database: Database, statements: int
) -> None:
    """So many in one request, which was let in as if it had one."""
    if statements > 1:
        limits = await limits_of_caller(tools.limits, caller, database.space_id)
        tools.statements.charge(limits, statements - 1)


async def one_more(work: UnitOfWork, *limits: Limit | None) -> None:
    """Nobody else adds one until the transaction ends. Raises QuotaExceeded, ConcurrencyExceeded.

    In one order whoever asks, so that no two wait for each other.
    """
    held = [limit for limit in limits if limit is not None]
    for limit in sorted(held, key=lambda limit: limit.resource):
        limit.check(await work.quotas.hold(limit))
