"""What only the text's tokens tell: names that were cut, and bounds on the tree they make."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from postgast import pg_query_pb2 as tree

from domain.identifiers import MAX_IDENTIFIER_BYTES

_OPENING = frozenset({tree.ASCII_40, tree.ASCII_91})  # ( [
_CLOSING = frozenset({tree.ASCII_41, tree.ASCII_93})  # ) ]
_COMMA = tree.ASCII_44
_COMMENTS = frozenset({tree.SQL_COMMENT, tree.C_COMMENT})
_SEMICOLON = tree.ASCII_59
_SET_OPERATIONS = frozenset({tree.UNION, tree.INTERSECT, tree.EXCEPT})
_NAMES = frozenset({tree.IDENT, tree.UIDENT})

# A name that long without quotes, of the bytes that PostgreSQL's scanner takes for one. What
# stands before is looked at, so that each word is tried once.
_LONG_WORD = re.compile(
    rb"(?<![A-Za-z0-9_$\x80-\xff])[A-Za-z0-9_$\x80-\xff]{%d}" % (MAX_IDENTIFIER_BYTES + 1),
)

_OPERATORS = rb"~!@#^&|`?+\-*/%<>="
_RUN_LENGTH = 64
_LONG_RUN = re.compile(rb"(?<![%b])[%b]{%d,}" % (_OPERATORS, _OPERATORS, _RUN_LENGTH))


def steps_in_runs(text: bytes) -> int:
    """How often PostgreSQL's scanner looks at a byte of a run of operator characters.

    It takes the whole run for one operator, finds that all but a character of it are
    something else, gives them back, and begins anew: 64 kB of `+` or of `/**/` take it
    half a minute. What is in a literal or a comment is counted, too, before any scan.
    """
    return sum((run.end() - run.start()) ** 2 for run in _LONG_RUN.finditer(text))


def may_hold_long_name(text: bytes) -> bool:
    """Whether it is worth a scan."""
    if len(text) <= MAX_IDENTIFIER_BYTES:
        return False
    return b'"' in text or _LONG_WORD.search(text) is not None


def long_names(text: bytes, tokens: tree.ScanResult) -> Iterator[str]:
    """The names that PostgreSQL has cut, as they are written."""
    for position, token in enumerate(tokens.tokens):
        # No escape is shorter than what it stands for.
        if token.token not in _NAMES or token.end - token.start <= MAX_IDENTIFIER_BYTES:
            continue
        written = text[token.start : token.end].decode()
        name = written
        if token.token == tree.UIDENT:
            escape = _escape_character(text, tokens.tokens[position + 1 : position + 3])
            name = _unescaped(written[3:-1].replace('""', '"'), escape)
        elif written.startswith('"'):
            name = written[1:-1].replace('""', '"')
        if len(name.encode()) > MAX_IDENTIFIER_BYTES:
            yield written


def _escape_character(text: bytes, following: Sequence[tree.ScanToken]) -> str:
    r"""The backslash of U&"\0061", unless UESCAPE '!' follows."""
    match following:
        case [keyword, character] if keyword.token == tree.UESCAPE:
            return text[character.start : character.end].decode().strip("'")
    return "\\"


def _unescaped(content: str, escape: str) -> str:
    def character(match: re.Match[str]) -> str:
        digits = match[1].removeprefix("+")
        return escape if digits == escape else chr(int(digits, 16))

    mark = re.escape(escape)
    pattern = rf"{mark}({mark}|\+[0-9A-Fa-f]{{6}}|[0-9A-Fa-f]{{4}})"
    # A character beyond U+FFFF may be escaped as two surrogates.
    halves = re.sub(pattern, character, content).encode("utf-16", "surrogatepass")
    return halves.decode("utf-16", "replace")


@dataclass(slots=True)
class _Level:
    """The tokens between two brackets, or the text as a whole."""

    tokens: int = 0  # since the last comma
    deepest_inside: int = 0  # of the brackets since the last comma
    deepest_before: int = 0  # of the parts before the last comma
    set_operations: int = 0

    def next_part(self) -> None:
        self.deepest_before = max(self.deepest_before, self.tokens + self.deepest_inside)
        self.tokens = self.deepest_inside = 0

    def bound(self) -> int:
        return self.set_operations + max(self.deepest_before, self.tokens + self.deepest_inside)


def nesting_bound(tokens: tree.ScanResult) -> int:
    """At least the depth of any tree that the tokens can make.

    A token adds a level at most. What commas part lies side by side, except for what
    UNION and its like join: they nest across commas.
    """
    level = _Level()
    around: list[_Level] = []
    for token in tokens.tokens:
        kind = token.token
        if kind in _COMMENTS:
            continue
        level.tokens += 1
        if kind in _OPENING:
            around.append(level)
            level = _Level()
        elif kind in _CLOSING and around:
            inside = level.bound()
            level = around.pop()
            level.deepest_inside = max(level.deepest_inside, inside)
        elif kind in {_COMMA, _SEMICOLON}:
            level.next_part()
        elif kind in _SET_OPERATIONS:
            level.set_operations += 1
    return level.bound()


# Without a SET, nothing is copied; with one, a short text has no room for much.
_SET = re.compile(rb"\bset\b", re.IGNORECASE)
_SHORT_WITH_ONE_SET = 300

_BEFORE_TARGETS = frozenset({tree.SET, _COMMA})
_AFTER_EXPRESSION = frozenset({_COMMA, _SEMICOLON, tree.WHERE, tree.RETURNING})
_EQUALS = tree.ASCII_61

_MORE_THAN_ENOUGH = 1_000_000_000  # and no number that grows with the text


def may_hold_copies(text: bytes) -> bool:
    """Whether it is worth a scan."""
    enough = 1 if len(text) > _SHORT_WITH_ONE_SET else 2
    # The second look is for whole words.
    return text.lower().count(b"set") >= enough and len(_SET.findall(text)) >= enough


@dataclass(slots=True)
class _Bracket:
    """A bracket, or the text as a whole: how many times the tree holds it."""

    copies: int
    may_be_targets: bool
    commas: int = 0
    copies_here: int = 1  # of what stands in it just now

    def __post_init__(self) -> None:
        self.copies_here = self.copies


def copies_bound(tokens: tree.ScanResult) -> int:
    """At least the number of tokens that the tree holds once more than the text does.

    `SET (a, b, c) = expression` becomes three targets, each with the whole expression;
    where such ones are nested, the innermost is there 3 × 3 × 3 … times. Five hundred
    bytes can make gigabytes.
    """
    bracket = _Bracket(1, may_be_targets=False)
    around: list[_Bracket] = []
    copied = before = 0
    targets = 0  # in the bracket that was closed right before
    for token in tokens.tokens:
        kind = token.token
        if kind in _COMMENTS:
            continue
        copied += bracket.copies_here - 1
        if kind == _EQUALS and targets:
            bracket.copies_here = min(bracket.copies * targets, _MORE_THAN_ENOUGH)
        elif kind in _AFTER_EXPRESSION:
            bracket.copies_here = bracket.copies
            bracket.commas += 1
        targets = 0
        if kind in _OPENING:
            around.append(bracket)
            bracket = _Bracket(bracket.copies_here, before in _BEFORE_TARGETS)
        elif kind in _CLOSING and around:
            targets = bracket.commas + 1 if bracket.may_be_targets else 0
            bracket = around.pop()
        before = kind
    return copied
