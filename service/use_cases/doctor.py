from domain.consistency import Finding
from domain.ports import UnitOfWorkFactory


async def doctor(unit_of_work: UnitOfWorkFactory) -> list[Finding]:
    """As of one moment; looks only."""
    async with unit_of_work() as work:
        return await work.consistency.findings()
