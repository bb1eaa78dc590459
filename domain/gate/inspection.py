"""What one statement is judged by, and what is remembered of it until its walk is over."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from google.protobuf.message import Message

from domain.gate.vocabulary import FIELD_NAMES
from exceptions.errors import NoAuthority, TwinbaseError


@dataclass(frozen=True, slots=True)
class Rules:
    """What differs between the verbs."""

    verb: str
    refusal: type[TwinbaseError]
    runs: str
    types: frozenset[str]
    schema_name: str | None  # None: no schema may be named at all
    takes_parameters: bool


@dataclass(slots=True)
class Inspection:
    """The walk over one statement.

    Checks raise as soon as they can; whether `alias.name` is a column or a function
    call is known only when all of FROM has been seen, so `finish` says that.
    """

    rules: Rules
    parameters: dict[int, int] = field(default_factory=dict)  # by position: one may be met twice
    relations: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)  # types of the messages that change rows
    sequence_functions: set[int] = field(default_factory=set)  # by position, as parameters
    _columns_of_function: dict[str, frozenset[str]] = field(default_factory=dict)
    _qualified_columns: list[tuple[str, str]] = field(default_factory=list)

    def refused(self, message: str) -> TwinbaseError:
        return self.rules.refusal(f"{message}.")

    def foreign(self, names: Iterable[str]) -> NoAuthority:
        """The answer to every name that is not the tenant's, whether it exists or not."""
        parts = list(names)
        name = ".".join(f'"{part}"' if part else "*" for part in parts)
        message = f"There is no {name} in this database, or it is not yours to use."
        if len(parts) == 1:
            message += " Names that start with pg_ belong to PostgreSQL."
        elif self.rules.schema_name is None:
            message += f" {self.rules.verb} runs on both schemas of the database:"
            message += " name its tables without a schema."
        else:
            message += " Name its tables without a schema."
        return NoAuthority(message)

    def add_qualified_column(self, qualifier: str, name: str) -> None:
        self._qualified_columns.append((qualifier, name))

    def add_function_in_from(self, alias: str, columns: frozenset[str]) -> None:
        """Two functions may bear one alias in different scopes: a name must suit both."""
        known = self._columns_of_function.get(alias, columns)
        self._columns_of_function[alias] = known & columns

    def finish(self) -> None:
        if not self._columns_of_function:
            return
        for qualifier, name in self._qualified_columns:
            columns = self._columns_of_function.get(qualifier)
            if columns is not None and name not in columns and name not in FIELD_NAMES:
                raise self.refused(
                    f'"{qualifier}"."{name}" is not allowed, since it may call the function'
                    f' "{name}": name the columns in FROM, as in AS "{qualifier}"("{name}")',
                )


def remember_change(change: Message, inspection: Inspection) -> tuple[()]:
    """Wherever it stands: a query may change rows in its WITH."""
    inspection.changes.add(change.DESCRIPTOR.name)
    return ()
