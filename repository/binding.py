"""Describes a statement to PostgreSQL and brings the caller's values into the form that it asks."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import asyncpg
from asyncpg import Attribute, Connection, Record
from asyncpg.prepared_stmt import PreparedStatement

from domain.answers import ResultColumn
from domain.gate import DmlStatement
from domain.parameters import (
    Placeholder,
    as_itself,
    as_text,
    is_bound_as_itself,
    is_literal_bound_as_itself,
)
from exceptions.errors import InvalidParameter
from repository.driver_errors import Place
from repository.type_names import Convert, columns_of, converters_of, names_for_casts

# What a value costs us beside its own bytes; and the longest row where a value has parts, each of
# which the driver makes while nobody else has a turn.
_BYTES_OF_A_VALUE = 8
_MOST_OF_A_ROW_WITH_PARTS = 128 * 1024
_MOST_OF_A_ROW = 2**31  # PostgreSQL knows no longer one

# What a statement that was prepared earlier may say where DDL has come between, by hand or in
# another worker a moment ago: its result or its parameters are of other types today.
PERHAPS_OUTDATED = (
    asyncpg.InvalidCachedStatementError,
    asyncpg.InvalidSQLStatementNameError,
    asyncpg.SyntaxOrAccessError,
    InvalidParameter,
)

Bring = Callable[[object, Placeholder], object]
Prepare = Callable[[str], Awaitable["PreparedStatement[Record]"]]


@dataclass(frozen=True, slots=True)
class DescribedStatement:
    """What PostgreSQL has told of a statement, and asyncpg made of it.

    ``casts``: by number, the types as which parameters are read from text. ``converters``: by
    position, of values that JSON does not carry as they are. ``bytes_beside``: what a row costs
    beside its own.
    """

    query: "PreparedStatement[Record]"
    casts: Mapping[int, str]
    placeholders: tuple[tuple[Bring, Placeholder], ...]
    columns: tuple[ResultColumn, ...]
    converters: tuple[tuple[int, Convert], ...]
    most_of_a_row: int
    bytes_beside: int

    def means_the_same_as(self, other: "DescribedStatement") -> bool:
        return (self.placeholders, self.columns) == (other.placeholders, other.columns)

    def arguments(self, values: Sequence[object]) -> list[object]:
        """Raises InvalidParameter where a value cannot be what its placeholder is."""
        return [
            bring(value, placeholder)
            for value, (bring, placeholder) in zip(values, self.placeholders, strict=True)
        ]


async def describe(
    driver: Connection,
    prepare: Prepare,
    place: Place[DmlStatement],
    *,
    before: str = "",
    behind: str = "",
) -> DescribedStatement:
    """The statement between ``before`` and ``behind``; ``place`` is kept true."""
    statement = place.statement
    place.before = len(before)
    query = await prepare(f"{before}{statement.text}{behind}")
    types = query.get_parameters()
    is_bound = is_literal_bound_as_itself if statement.of_literals else is_bound_as_itself
    read_from_text = {
        number: type_ for number, type_ in enumerate(types, start=1) if not is_bound(type_.name)
    }
    casts: dict[int, str] = {}
    if read_from_text:
        names = await names_for_casts(driver, read_from_text.values())
        casts = {number: names[type_.oid] for number, type_ in read_from_text.items()}
        place.statement = statement.with_types(casts)
        query = await prepare(f"{before}{place.statement.text}{behind}")
    attributes = query.get_attributes()
    return DescribedStatement(
        query=query,
        casts=casts,
        placeholders=tuple(
            (as_text if number in read_from_text else as_itself, Placeholder(key, type_.name))
            for number, (key, type_) in enumerate(
                zip(statement.parameters, types, strict=True), start=1
            )
        ),
        columns=columns_of(attributes),
        converters=converters_of(attributes),
        most_of_a_row=_most_of_a_row(attributes),
        bytes_beside=len(attributes) * _BYTES_OF_A_VALUE,
    )


def was_not_outdated(anew: DescribedStatement, kept: DescribedStatement, error: Exception) -> bool:
    """Whether the kept statement's error is the caller's own, and would only come again."""
    return isinstance(error, asyncpg.SyntaxOrAccessError) and anew.means_the_same_as(kept)


def _most_of_a_row(attributes: Sequence[Attribute]) -> int:
    types = [attribute.type for attribute in attributes]
    has_parts = any(type_.kind != "scalar" or type_.name == "record" for type_ in types)
    return _MOST_OF_A_ROW_WITH_PARTS if has_parts else _MOST_OF_A_ROW
