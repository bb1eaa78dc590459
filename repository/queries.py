"""Loads the named statements of ``sql/*.sql``.

A statement begins at ``-- name: <name>``. ``{name}`` in it stands for an identifier, never for
a value: values are bound.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from domain.identifiers import Identifier

_MARK = "-- name: "


@cache
def queries(file: str) -> Mapping[str, str]:
    """The statements of ``sql/<file>.sql`` by name."""
    text = files("repository").joinpath("sql", f"{file}.sql").read_text(encoding="utf-8")
    blocks = text.split(_MARK)[1:]
    named = (block.partition("\n") for block in blocks)
    return {name.strip(): body.strip().removesuffix(";") for name, _, body in named}


def with_identifiers(query: str, **identifiers: Identifier) -> str:
    """``{name}`` becomes the identifier, ``{name_literal}`` a string constant of it.

    Raises KeyError for a name that is missing.
    """
    quoted = {name: str(identifier) for name, identifier in identifiers.items()}
    literals = {f"{name}_literal": identifier.literal for name, identifier in identifiers.items()}
    return query.format_map(quoted | literals)
