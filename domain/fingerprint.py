"""Of SQL, which of all statements it is: the same for whatever values and blanks are in it."""

import re

import postgast

from domain.gate import DdlStatement, DmlStatement

# As domain/gate/normalised.py writes parameters in the place of integers.
_OF_AN_INTEGER = re.compile(r"(\$[0-9]+)::int[48] ")


def fingerprint_of(statement: DmlStatement | DdlStatement) -> str | None:
    """libpg_query's, 16 hexadecimal digits: a hash of the tree without its constants.

    Of a megabyte it takes an eighth of a second, in which others may run. None: it has none.
    """
    text = statement.text
    if isinstance(statement, DmlStatement) and statement.of_literals:
        text = _OF_AN_INTEGER.sub(r"\1", text)
    try:
        return postgast.fingerprint(text).hex
    except postgast.PgQueryError:
        return None
