from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domain.copies import WhatToCopy
from domain.database import Database
from domain.operation import Operation, OperationStatus, Overtaken, Progress
from domain.ports import UnitOfWork
from exceptions.errors import DatabaseNotFound
from service.use_cases.drop_in_steps import drop_relations
from service.use_cases.operation_tools import OperationTools

_COPY_IS_GONE = "The database that was being made has been dropped."


async def run_clone(operation: Operation, tools: OperationTools) -> None:
    """The copy becomes ready in the transaction that ends the operation."""
    copy = await _empty_copy(operation, tools)

    async def tell(progress: Progress) -> None:
        async with tools.unit_of_work(lasting=False) as work:
            await work.operations.tell_progress(operation, progress)
            await work.commit()

    report = await tools.cloning.clone_database(
        operation,
        operation.request["source_id"],
        copy,
        WhatToCopy.from_json(operation.request),
        tell,
    )
    async with tools.unit_of_work() as work:
        is_ready = await work.databases.set_ready(copy)
        has_ended = await work.operations.end_operation(
            operation, OperationStatus.SUCCEEDED, result=report.as_json()
        )
        if not has_ended:
            raise Overtaken
        if not is_ready:
            raise DatabaseNotFound(_COPY_IS_GONE)
        await work.commit()
    tools.directory.forget(copy.id)


async def _empty_copy(operation: Operation, tools: OperationTools) -> Database:
    """Without what an earlier attempt has put into it; a later one's it leaves alone."""

    @asynccontextmanager
    async def mine() -> AsyncIterator[UnitOfWork]:
        async with tools.unit_of_work() as work:
            if not await work.operations.still_mine(operation):
                raise Overtaken
            yield work

    async with mine() as work:
        copy = await work.databases.find(operation.database_id)
    if copy is None:
        raise DatabaseNotFound(_COPY_IS_GONE)
    if operation.attempt > 1:
        schemas = list(copy.schemas.values())
        for schema in schemas:
            await drop_relations(schema, mine)
        async with mine() as work:
            for schema in schemas:
                await work.schemas.drop_rest(schema)
            await work.schemas.create_database(copy)
            await work.commit()
    return copy
