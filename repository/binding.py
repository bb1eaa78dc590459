"""Describes a statement to PostgreSQL and brings the caller's values into the form that it asks."""

from collections.abc import Sequence

from asyncpg import Connection, Record
from asyncpg.prepared_stmt import PreparedStatement

from domain.gate import DmlStatement
from domain.parameters import Placeholder, as_itself, as_text, is_bound_as_itself
from repository.driver_errors import Place
from repository.type_names import names_for_casts

Query = tuple["PreparedStatement[Record]", list[object]]  # generic in its stubs only


async def bound(
    driver: Connection,
    place: Place,
    statement: DmlStatement,
    values: Sequence[object],
    *,
    before: str = "",
    behind: str = "",
) -> Query:
    """The statement between ``before`` and ``behind``, and its values; ``place`` is kept true.

    Raises InvalidParameter where a value cannot be what its placeholder is to PostgreSQL.
    """
    place.before = len(before)
    query = await driver.prepare(f"{before}{statement.text}{behind}")
    if not values:
        return query, []
    types = query.get_parameters()
    read_from_text = {
        number: type_
        for number, type_ in enumerate(types, start=1)
        if not is_bound_as_itself(type_.name)
    }
    if read_from_text:
        names = await names_for_casts(driver, read_from_text.values())
        place.statement = statement.with_types(
            {number: names[type_.oid] for number, type_ in read_from_text.items()}
        )
        query = await driver.prepare(f"{before}{place.statement.text}{behind}")
    arguments = []
    for number, (key, type_) in enumerate(zip(statement.parameters, types, strict=True), start=1):
        bring = as_text if number in read_from_text else as_itself
        arguments.append(bring(values[number - 1], Placeholder(key, type_.name)))
    return query, arguments
