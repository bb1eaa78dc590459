"""What PostgreSQL refuses while a pair is copied, in words about the source."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from domain.copies import WhatToCopy
from exceptions.errors import CloneNotPossible


@contextmanager
def rights_of_the_service() -> Iterator[None]:
    """An operator may have put something there of which the service may not make another."""
    try:
        yield
    except asyncpg.InsufficientPrivilegeError as error:
        raise CloneNotPossible(
            f"Nothing was copied. The service lacks a right that a copy needs: {error.args[0]}."
        ) from error


@contextmanager
def rows_that_hold() -> Iterator[None]:
    """A check may have been true of a row when it came, and not be today: CHECK (day >= now())."""
    try:
        yield
    except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError) as error:
        # Not PostgreSQL's own words: they may tell a value of somebody's row.
        whose = f" of table {error.table_name}" if error.table_name else ""
        named = error.constraint_name
        constraint = f"{named}{whose}" if named else "one of its constraints"
        raise CloneNotPossible(
            f"Nothing was copied. There are rows that {constraint} would not let in today."
        ) from error


@contextmanager
def all_that_rows_need(what: WhatToCopy) -> Iterator[None]:
    """PostgreSQL knows what rests on what, but for texts: functions' bodies, names among values."""
    try:
        yield
    except (
        asyncpg.UndefinedTableError,
        asyncpg.UndefinedFunctionError,
        asyncpg.UndefinedObjectError,
    ) as error:
        if what.tables is None:
            raise
        # Not PostgreSQL's own words: what is not there may be a value of somebody's row.
        raise CloneNotPossible(
            "Nothing was copied. The rows need something that would not be in the copy: a function"
            " that they are checked, computed or indexed by names it in its text, or a value does"
            " that is an object's name (regclass …)."
        ) from error
