"""What the author of a statement may have meant by a name that PostgreSQL did not find."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from domain.gate.words import name_at, names_in
from domain.identifiers import Identifier
from domain.schema import Environment
from exceptions.errors import SqlDetails

PairNames = Mapping[Environment, Mapping[str, Sequence[str]]]
"""Of each schema of a pair, the tables and views with their columns."""

_UNDEFINED_TABLE = "42P01"
_UNDEFINED_COLUMN = "42703"
_MOST_TOLD = 20
_MOST_COMPARED = 2_000
_NAMES_ROWS = frozenset({"with", "as", "lateral", "values"})


def is_of_a_name(details: SqlDetails) -> bool:
    """Whether a suggestion is possible, and PostgreSQL has made none itself."""
    return (
        details.sqlstate in {_UNDEFINED_TABLE, _UNDEFINED_COLUMN}
        and details.offset is not None
        and details.hint is None
    )


def suggestion(
    details: SqlDetails, sql: str, environment: Environment, names: PairNames
) -> str | None:
    """For details of which ``is_of_a_name`` is true; ``sql`` as it was sent."""
    missing = name_at(sql, details.offset or 0)
    if not missing:
        return None
    tables = names.get(environment, {})
    if details.sqlstate == _UNDEFINED_TABLE:
        return _of_a_table(missing[-1], environment, names)
    return _of_a_column(missing, sql, tables)


def _of_a_table(missing: str, environment: Environment, names: PairNames) -> str:
    here = names.get(environment, {})
    near = _nearest(missing, here)
    if near:
        return f"Perhaps you mean {near}."
    elsewhere = [other for other, tables in names.items() if missing in tables]
    if elsewhere:
        return f"It is in {elsewhere[0]}, not in {environment}."
    if not here:
        return f"There are no tables in {environment} yet: exec_ddl creates them."
    return f"The tables of {environment} are {_listed(here)}."


def _of_a_column(
    missing: Sequence[str], sql: str, tables: Mapping[str, Sequence[str]]
) -> str | None:
    mentioned = names_in(sql)
    columns = {
        column: table
        for table, of_table in tables.items()
        if table in mentioned
        for column in of_table
    }
    near = _nearest(missing[-1], columns)
    if near:
        return f"Perhaps you mean {near}."
    if missing[-1] in columns or _NAMES_ROWS & mentioned:  # the columns may be of another source
        return None
    return f"The columns are {_listed(columns)}." if columns else None


def _nearest(missing: str, known: Iterable[str]) -> str | None:
    """In quotes, which PostgreSQL needs where a name is not all in lower case."""
    names = list(known)[:_MOST_COMPARED]
    if missing in names:  # it is there, and means something else where it stands
        return None
    in_other_case = [name for name in names if name.lower() == missing.lower()]
    if in_other_case:
        found = in_other_case[0]
        if found == found.lower():
            return f"{found}: a name in double quotes keeps its capitals"
        return f"{Identifier(found)}, which must be written in double quotes"
    close = get_close_matches(missing, names, n=1, cutoff=0.6)
    return str(Identifier(close[0])) if close else None


def _listed(names: Iterable[str]) -> str:
    told = sorted(names)
    more = f" and {len(told) - _MOST_TOLD} more" if len(told) > _MOST_TOLD else ""
    return ", ".join(str(Identifier(name)) for name in told[:_MOST_TOLD]) + more
