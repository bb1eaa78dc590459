"""What the service itself writes to PostgreSQL beside asyncpg: messages of protocol version 3."""

from collections.abc import Sequence
from struct import Struct

_LENGTH = Struct("!i")  # counts itself
_COUNT = Struct("!h")
_NONE = _COUNT.pack(0)

SYNC = b"S" + _LENGTH.pack(4)
_EXECUTE_ALL = b"E" + _LENGTH.pack(9) + b"\0" + _LENGTH.pack(0)


def bind_and_execute(statement_name: str, values: Sequence[str] = ()) -> bytes:
    """Of a prepared statement, with its values as text; without a Sync, so more may follow."""
    parts = [b"\0", statement_name.encode(), b"\0", _NONE, _COUNT.pack(len(values))]
    for value in values:
        encoded = value.encode()
        parts += (_LENGTH.pack(len(encoded)), encoded)
    parts.append(_NONE)
    body = b"".join(parts)
    return b"B" + _LENGTH.pack(len(body) + _LENGTH.size) + body + _EXECUTE_ALL


def parse(query: str) -> bytes:
    """As the statement without a name, which lives until the next one of its kind."""
    body = b"\0" + query.encode() + b"\0" + _NONE
    return b"P" + _LENGTH.pack(len(body) + _LENGTH.size) + body


def close_statement(statement_name: str) -> bytes:
    body = b"S" + statement_name.encode() + b"\0"
    return b"C" + _LENGTH.pack(len(body) + _LENGTH.size) + body
