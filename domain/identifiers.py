"""The only way in which a name gets into SQL text."""

from dataclasses import dataclass

MAX_IDENTIFIER_BYTES = 63  # NAMEDATALEN - 1; PostgreSQL cuts a longer name without an error


@dataclass(frozen=True, slots=True)
class Identifier:
    """A name, checked once and quoted in one place; ``str()`` of it is what SQL text takes.

    Raises ValueError for a name that PostgreSQL could not keep as it is; callers
    check what people send before they build one.
    """

    name: str

    def __post_init__(self) -> None:
        if not self.name or "\0" in self.name:
            raise ValueError("an identifier is empty or contains a NUL")
        if len(self.name.encode()) > MAX_IDENTIFIER_BYTES:
            raise ValueError(f"an identifier is longer than {MAX_IDENTIFIER_BYTES} bytes")

    def __str__(self) -> str:
        return '"' + self.name.replace('"', '""') + '"'

    @property
    def literal(self) -> str:
        """The name as a string constant, where SQL compares with a name and cannot bind one."""
        return "'" + self.name.replace("'", "''") + "'"
