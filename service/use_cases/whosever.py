"""Databases and operations for those who administer the service, and then act as their owners."""

from domain.database import Database
from domain.operation import Operation
from domain.ports import UnitOfWorkFactory
from exceptions.errors import DatabaseNotFound, OperationNotFound


async def database_of_whosever(database_id: int, unit_of_work: UnitOfWorkFactory) -> Database:
    """Raises DatabaseNotFound."""
    async with unit_of_work() as work:
        database = await work.databases.find(database_id)
    if database is None:
        raise DatabaseNotFound
    return database


async def operation_of_whosever(operation_id: int, unit_of_work: UnitOfWorkFactory) -> Operation:
    """Raises OperationNotFound."""
    async with unit_of_work() as work:
        operation = await work.operations.find(operation_id)
    if operation is None:
        raise OperationNotFound
    return operation
