"""What going back would take away: found out by going back, and then not having done so."""

from collections.abc import Callable

from sqlalchemy import Connection, text

from domain.identifiers import Identifier
from repository.queries import queries, with_identifiers

_SQL = queries("migrations")
_PUT_IN = {"platform": 1}  # rows that migrations themselves put into a table


def taken_away(connection: Connection, step: Callable[[], None]) -> list[str]:
    """Tables, and columns of those that stay, of which something is written down."""
    before = _columns(connection)
    with connection.begin_nested() as attempt:
        step()
        after = _columns(connection)
        attempt.rollback()
    remaining = {table for table, _ in after}
    tables = sorted({table for table, _ in before} - remaining)
    lost = [table for table in tables if _has_rows(connection, table)]
    lost += [
        f"{table}.{column}"
        for table, column in sorted(before - after)
        if table in remaining and _differs(connection, table, column)
    ]
    return lost


def _columns(connection: Connection) -> set[tuple[str, str]]:
    return {(row[0], row[1]) for row in connection.execute(text(_SQL["columns"]))}


def _has_rows(connection: Connection, table: str) -> bool:
    query = with_identifiers(_SQL["has_rows"], table=Identifier(table))
    return bool(connection.scalar(text(query), {"put_in": _PUT_IN.get(table, 0)}))


def _differs(connection: Connection, table: str, column: str) -> bool:
    """Whether a row says something else than the column's default."""
    default = connection.scalar(text(_SQL["default_of"]), {"table": table, "column": column})
    differing = with_identifiers(
        "SELECT EXISTS (SELECT FROM twinbase.{table} WHERE {column} IS DISTINCT FROM",
        table=Identifier(table),
        column=Identifier(column),
    )
    return bool(connection.exec_driver_sql(f"{differing} ({default}))").scalar())
