"""SQL text to parse trees: the only caller of libpg_query."""

from collections.abc import Iterator
from dataclasses import dataclass

from google.protobuf.message import DecodeError
from postgast import PgQueryError, parse, scan
from postgast import pg_query_pb2 as tree

from domain.gate.tokens import long_names, may_hold_long_name, nesting_bound
from exceptions.errors import SqlParseFailed

# libpg_query writes a tree out recursively, 385 bytes of C stack for a level, and does not
# look where the stack ends: `1+1+1+…`, 44 kB long, kills the process (8 MB of stack). A
# level takes two bytes of text at least, so a short text is harmless; a longer one is
# scanned, which is not recursive, and its nesting bounded. Either way protobuf then
# refuses a tree deeper than 100 messages: some 45 operators in a chain.
SHORT_TEXT_BYTES = 8 * 1024
MAX_NESTING_BOUND = 8_000

TOO_DEEP = (
    "The SQL is nested too deeply: about 45 levels, or operators in a chain, are possible;"
    " split it up, or use IN (…), concat(…), VALUES"
)

# What PostgreSQL's scanner takes for a blank. Python's own strip() takes more, such as
# U+00A0, which is a letter to PostgreSQL.
BLANKS = " \t\n\r\f\v"

MAX_MESSAGE = 300


@dataclass(frozen=True, slots=True)
class SourceStatement:
    tree: tree.Node
    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Source:
    statements: tuple[SourceStatement, ...]
    cut_name: str | None  # the first name that is too long, as written


def read(sql: str) -> Source:
    """Raises SqlParseFailed, and nothing else, for what PostgreSQL would not parse."""
    encoded = _encoded(sql)
    try:
        tokens = None
        if len(encoded) > SHORT_TEXT_BYTES:
            tokens = scan(sql)
            if nesting_bound(tokens) > MAX_NESTING_BOUND:
                raise SqlParseFailed(TOO_DEEP)
        parsed = parse(sql)
        if may_hold_long_name(encoded):
            tokens = scan(sql) if tokens is None else tokens
    except PgQueryError as error:
        raise SqlParseFailed(_explained(error, sql)) from error
    except (DecodeError, RecursionError) as error:
        raise SqlParseFailed(TOO_DEEP) from error
    except UnicodeDecodeError as error:  # of a message that was cut within a character
        raise SqlParseFailed from error
    if not parsed.stmts:
        raise SqlParseFailed("The SQL holds no statement.")
    cut_name = next(long_names(encoded, tokens), None) if tokens else None
    return Source(tuple(_slices(parsed, sql, encoded)), cut_name)


def _encoded(sql: str) -> bytes:
    position = sql.find("\0")
    if position >= 0:
        raise SqlParseFailed(f"The SQL holds a NUL {_place(sql, position)}.")
    try:
        return sql.encode()
    except UnicodeEncodeError as error:
        place = _place(sql, error.start)
        raise SqlParseFailed(f"The SQL holds half of a surrogate pair {place}.") from error


def _slices(parsed: tree.ParseResult, sql: str, encoded: bytes) -> Iterator[SourceStatement]:
    """libpg_query counts in bytes; a length of 0 reaches to the end."""
    characters = bytes_counted = 0
    for raw in parsed.stmts:
        begin = raw.stmt_location
        end = begin + raw.stmt_len if raw.stmt_len else len(encoded)
        characters += len(encoded[bytes_counted:begin].decode())
        bytes_counted = begin
        length = len(encoded[begin:end].decode())
        whole = sql[characters : characters + length]
        text = whole.lstrip(BLANKS)
        yield SourceStatement(
            tree=raw.stmt,
            text=text.rstrip(BLANKS),
            offset=characters + length - len(text),
        )


def _explained(error: PgQueryError, sql: str) -> str:
    message = error.message
    if message.startswith(("memory exhausted", "stack depth limit exceeded")):
        return TOO_DEEP
    if len(message) > MAX_MESSAGE:
        message = message[:MAX_MESSAGE] + '…"'
    # Despite what postgast says of it, the position counts characters.
    return f"{message} {_place(sql, error.cursorpos - 1)}" if error.cursorpos else message


def _place(sql: str, position: int) -> str:
    before = sql[:position]
    line_start = before.rfind("\n") + 1
    return f"(line {before.count(chr(10)) + 1}, column {position - line_start + 1})"
