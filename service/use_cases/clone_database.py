from dataclasses import dataclass

from domain.copies import EVERYTHING, Clone, WhatToCopy
from domain.once import Once
from domain.ownership import Caller
from domain.ports import UnitOfWorkFactory
from service.use_cases.authority import locked_to_read


@dataclass(frozen=True, slots=True)
class CloneDatabase:
    database_id: int
    caller: Caller
    new_name: str
    space_id: str | None = None  # None: the source's
    what: WhatToCopy = EVERYTHING


async def clone_database(
    command: CloneDatabase, unit_of_work: UnitOfWorkFactory, once: Once | None = None
) -> Clone:
    async with unit_of_work(snapshot=True, once=once) as work:
        source = await locked_to_read(work, command.database_id, command.caller)
        copy = await work.databases.create_database(
            source.plan_copy(command.new_name, command.caller, command.space_id)
        )
        await work.schemas.create_database(copy)
        report = await work.schemas.clone_database(source, copy, command.what)
        clone = Clone(copy, report)
        await work.commit(clone)
    return clone
