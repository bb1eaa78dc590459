"""SQL text to parse trees: the only place where what a tenant sends is parsed to be judged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from google.protobuf.message import DecodeError
from postgast import PgQueryError, parse, scan
from postgast import pg_query_pb2 as tree

from domain.gate.placeholders import Mark, named_marks, without_names
from domain.gate.tokens import (
    copies_bound,
    long_names,
    may_hold_copies,
    may_hold_long_name,
    nesting_bound,
    steps_in_runs,
)
from domain.gate.wording import words_for_place
from exceptions.errors import SqlParseFailed

MAX_SQL_BYTES = 1_048_576

# libpg_query writes a tree out recursively, 385 bytes of C stack for a level, and does not
# look where the stack ends: `1+1+1+…`, 44 kB long, kills the process (8 MB of stack). A
# level takes two bytes of text at least, so a short text is harmless; a longer one is
# scanned, which is not recursive, and its nesting bounded. Either way protobuf then
# refuses a tree deeper than 100 messages: some 45 operators in a chain.
SHORT_TEXT_BYTES = 8 * 1024
MAX_NESTING_BOUND = 8_000

# Two bounds on time, see steps_in_runs and copies_bound: so much for a short text, which is
# judged while others wait; and for a longer one so much for each of its bytes.
MAX_STEPS, MAX_STEPS_PER_BYTE = 2_000_000, 100  # 10 ns each, and again in the parser
MAX_COPIES, MAX_COPIES_PER_BYTE, MAX_COPIES_OF_ALL = 20_000, 5, 200_000  # 3 µs each

TOO_LONG = f"The SQL is longer than {MAX_SQL_BYTES} bytes; send it in several requests."
TOO_DEEP = (
    "The SQL is nested too deeply: about 45 levels, or operators in a chain, are possible;"
    " split it up, or use IN (…), concat(…), VALUES"
)
TOO_MANY_COPIES = (
    "The SQL sets too many columns at once in SET (a, b, …) = …: set them one by one, as in"
    " SET a = …, b = …, or from a row of FROM"
)

TOO_MANY_OPERATORS = (
    "The SQL holds too many characters of operators in a row, such as +++… or ===…; write a"
    " long line of them in a comment shorter, or send it as a parameter"
)

# What PostgreSQL's scanner takes for a blank. Python's own strip() takes more, such as
# U+00A0, which is a letter to PostgreSQL.
BLANKS = " \t\n\r\f\v"

MAX_MESSAGE = 300


class SourceStatement(NamedTuple):
    tree: tree.Node
    text: str
    offset: int  # in characters
    begin: int  # the same in bytes


class Source(NamedTuple):
    statements: list[SourceStatement]
    cut_name: str | None  # the first name that is too long, as written
    encoded: bytes
    named: Mapping[int, Mark]


def read(sql: str, parameter_names: frozenset[str] | None) -> Source:
    """The statements of a request, unjudged.

    Raises SqlParseFailed for what PostgreSQL would not parse, and InvalidParameter for
    parameters that are not among the names, or are numbered where there are names.
    """
    encoded = _encoded(sql)
    text = _Text(sql, encoded)
    try:
        text.scan(parameter_names)
        parsed = parse(text.to_parse)
        cut_name = text.cut_name()
    except PgQueryError as error:
        raise SqlParseFailed(text.explained(error)) from error
    except (DecodeError, RecursionError) as error:
        raise SqlParseFailed(TOO_DEEP) from error
    except UnicodeDecodeError as error:  # of a message that was cut within a character
        raise SqlParseFailed from error
    if not parsed.stmts:
        raise SqlParseFailed("The SQL holds no statement.")
    return Source(list(_slices(parsed, encoded)), cut_name, encoded, text.named)


@dataclass(slots=True)
class _Text:
    """The SQL, and what is parsed in its place where it has parameters with names."""

    sql: str
    encoded: bytes
    to_parse: str = field(init=False)
    named: dict[int, Mark] = field(default_factory=dict)
    _tokens: tree.ScanResult | None = None

    def __post_init__(self) -> None:
        self.to_parse = self.sql

    def scan(self, parameter_names: frozenset[str] | None) -> None:
        """Before the parser, which is not to see what it could not bear."""
        is_long, may_copy = len(self.encoded) > SHORT_TEXT_BYTES, may_hold_copies(self.encoded)
        if not is_long and not may_copy and parameter_names is None:
            return
        tokens = self._tokens = scan(self.sql)
        if is_long and nesting_bound(tokens) > MAX_NESTING_BOUND:
            raise SqlParseFailed(TOO_DEEP)
        if may_copy and copies_bound(tokens) > _allowed_copies(len(self.encoded)):
            raise SqlParseFailed(TOO_MANY_COPIES)
        if parameter_names is not None:
            self.named = named_marks(self.sql, self.encoded, tokens, parameter_names)
        if self.named:
            self.to_parse = without_names(self.encoded, self.named).decode()
            self._tokens = None

    def cut_name(self) -> str | None:
        text = self.to_parse.encode() if self.named else self.encoded
        if not may_hold_long_name(text):
            return None
        return next(long_names(text, self._tokens or scan(self.to_parse)), None)

    def explained(self, error: PgQueryError) -> str:
        message = error.message
        if message.startswith(("memory exhausted", "stack depth limit exceeded")):
            return TOO_DEEP
        if len(message) > MAX_MESSAGE:
            message = message[:MAX_MESSAGE] + '…"'
        if not error.cursorpos:
            return message
        # Despite what postgast says of it, the position counts characters.
        position = error.cursorpos - 1
        if self.named:
            in_bytes = len(self.to_parse[:position].encode())
            position = len(self.encoded[:in_bytes].decode(errors="ignore"))
            mark = self.named.get(in_bytes)
            message = message.replace('"$1"', f'":{mark.key}"') if mark else message
        return f"{message} {words_for_place(self.sql, position)}"


def _allowed_copies(length: int) -> int:
    return min(max(MAX_COPIES, MAX_COPIES_PER_BYTE * length), MAX_COPIES_OF_ALL)


def _encoded(sql: str) -> bytes:
    try:
        encoded = sql.encode()
    except UnicodeEncodeError as error:
        place = words_for_place(sql, error.start)
        raise SqlParseFailed(f"The SQL holds half of a surrogate pair {place}.") from error
    if len(encoded) > MAX_SQL_BYTES:
        raise SqlParseFailed(TOO_LONG)
    steps = max(MAX_STEPS, MAX_STEPS_PER_BYTE * len(encoded))
    if len(encoded) ** 2 > steps and steps_in_runs(encoded) > steps:
        raise SqlParseFailed(TOO_MANY_OPERATORS)
    position = sql.find("\0")
    if position >= 0:
        raise SqlParseFailed(f"The SQL holds a NUL {words_for_place(sql, position)}.")
    return encoded


def _slices(parsed: tree.ParseResult, encoded: bytes) -> Iterator[SourceStatement]:
    """libpg_query counts in bytes; a length of 0 reaches to the end."""
    characters = bytes_counted = 0
    for raw in parsed.stmts:
        begin = raw.stmt_location
        end = begin + raw.stmt_len if raw.stmt_len else len(encoded)
        if begin > bytes_counted:
            characters += len(encoded[bytes_counted:begin].decode())
            bytes_counted = begin
        whole = encoded[begin:end].decode()
        text = whole.lstrip(BLANKS)
        blanks = len(whole) - len(text)
        yield SourceStatement(
            tree=raw.stmt,
            text=text.rstrip(BLANKS),
            offset=characters + blanks,
            begin=begin + blanks,
        )
