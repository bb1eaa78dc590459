"""Names of schemas within a function's body, which PostgreSQL keeps as a text.

Found by PostgreSQL's own scanner: before a dot, in a search_path, after the word SCHEMA. A constant
is SQL that the function will run, or the name itself, or a list of names, as of a search_path;
whatever else it holds, nobody can know what the function makes of it. Of other statements only the
constants that PostgreSQL will look up as an object's name are renamed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from postgast import PgQueryError, scan
from postgast import pg_query_pb2 as tree

from domain.identifiers import Identifier
from domain.schema import NAME_OF_A_SCHEMA
from exceptions.errors import CloneNotPossible

_DOT, _COMMA, _EQUALS = tree.ASCII_46, tree.ASCII_44, tree.ASCII_61
_CLOSING = tree.ASCII_41
_COMMENTS = frozenset({tree.SQL_COMMENT, tree.C_COMMENT})
_OTHER_CONSTANTS = frozenset({tree.USCONST, tree.XCONST, tree.BCONST})
_PLAIN = re.compile("[a-z_][a-z0-9_]*")
_NAME = re.compile(r'"(?:[^"]|"")+"|[\w$]+')
_LIST_OF_NAMES = re.compile(rf"\s*(?:{_NAME.pattern})(?:\s*,\s*(?:{_NAME.pattern}))*\s*,?\s*")

_UNIT = re.compile(r"\\.|''|.", re.DOTALL)  # of what stands in a constant
_ESCAPED = {
    r"\n": "\n",
    r"\t": "\t",
    r"\r": "\r",
    r"\b": "\b",
    r"\f": "\f",
    r"\'": "'",
    r"\\": "\\",
}

_KINDS_OF_NAMES = frozenset(
    {
        "regclass",
        "regcollation",
        "regconfig",
        "regdictionary",
        "regoper",
        "regoperator",
        "regproc",
        "regprocedure",
        "regtype",
    }
)
_LOOK_UP_NAMES = frozenset({f"to_{kind}" for kind in _KINDS_OF_NAMES} | {"pg_get_serial_sequence"})


class _Token(NamedTuple):
    kind: int
    text: str
    begin: int  # in bytes
    end: int


class _Edit(NamedTuple):
    begin: int
    end: int
    text: str


def renamed(body: str, new_names: Mapping[str, Identifier]) -> str:
    """Raises CloneNotPossible where it names a schema of a pair that is not among them, too."""
    if NAME_OF_A_SCHEMA.search(body) is None and not any(name in body for name in new_names):
        return body
    return _edited(body, _edits(_scanned(body), new_names))


def with_names_renamed(statement: str, new_names: Mapping[str, Identifier]) -> str:
    """Of a definition, what is looked up by its name: where a constant becomes one, or an argument
    of a trigger. Raises CloneNotPossible where nobody can tell what the trigger makes of it.
    """
    if not any(name in statement for name in new_names):
        return statement
    return _edited(statement, _edits_of_lookups(_scanned(statement), new_names))


def _scanned(text: str) -> list[_Token]:
    try:
        found = scan(text).tokens
    except PgQueryError as error:
        raise _unknown(text) from error
    encoded = text.encode()
    return [
        _Token(each.token, encoded[each.start : each.end].decode(), each.start, each.end)
        for each in found
        if each.token not in _COMMENTS
    ]


def _edited(text: str, edits: Iterable[_Edit]) -> str:
    encoded = text.encode()
    pieces = []
    copied = 0
    for edit in edits:
        pieces += [encoded[copied : edit.begin], edit.text.encode()]
        copied = edit.end
    return b"".join([*pieces, encoded[copied:]]).decode()


def _edits(tokens: Sequence[_Token], new_names: Mapping[str, Identifier]) -> Iterator[_Edit]:
    paths = frozenset(_names_in_paths(tokens))
    for position, token in enumerate(tokens):
        before = [each.kind for each in tokens[max(position - 2, 0) : position]]
        after = tokens[position + 1].kind if position + 1 < len(tokens) else None
        if token.kind == tree.SCONST:
            if _is_message(tokens, position):
                continue
            constant = _renamed_constant(token.text, new_names)
            if constant != token.text:
                yield _Edit(token.begin, token.end, constant)
        elif token.kind in _OTHER_CONSTANTS and _is_told_of(token.text, new_names):
            raise _unknown(token.text)
        elif (after == _DOT and before[-1:] != [_DOT]) or (
            after != _DOT and (position in paths or before[-1:] == [tree.SCHEMA])
        ):
            name = _name(token.text)
            if name in new_names:
                yield _Edit(token.begin, token.end, _written(token.text, new_names[name]))
            elif NAME_OF_A_SCHEMA.fullmatch(name):
                raise _unknown(token.text)


def _is_message(tokens: Sequence[_Token], position: int) -> bool:
    """Which is told to somebody, and never run: RAISE NOTICE '…'."""
    before = [_name(each.text) for each in tokens[max(position - 2, 0) : position]]
    return before[-1:] == ["raise"] or (
        before[:1] == ["raise"]
        and before[1:] in (["exception"], ["warning"], ["notice"], ["info"], ["log"], ["debug"])
    )


def _names_in_paths(tokens: Sequence[_Token]) -> Iterator[int]:
    """Where ``SET search_path TO a, b`` has its names."""
    for position, token in enumerate(tokens):
        if _name(token.text) != "search_path" or position + 1 == len(tokens):
            continue
        if tokens[position + 1].kind not in {tree.TO, _EQUALS}:
            continue
        for number in range(position + 2, len(tokens), 2):
            yield number
            if number + 1 == len(tokens) or tokens[number + 1].kind != _COMMA:
                break


def _edits_of_lookups(
    tokens: Sequence[_Token], new_names: Mapping[str, Identifier]
) -> Iterator[_Edit]:
    arguments_from = max(
        (
            number
            for number in range(1, len(tokens))
            if (tokens[number - 1].kind, tokens[number].kind) == (tree.EXECUTE, tree.FUNCTION)
        ),
        default=len(tokens),
    )
    for position, token in enumerate(tokens):
        if token.kind != tree.SCONST or not _may_tell_of(token.text, new_names):
            continue
        kind = _kind_looked_up(tokens, position)
        if kind == "regnamespace" or position > arguments_from:
            text = _renamed_constant(token.text, new_names)
        elif kind is not None:  # an object may bear the schema's name
            text = _within(token.text, lambda inside: renamed(inside, new_names))
        else:
            continue
        if text != token.text:
            yield _Edit(token.begin, token.end, text)


def _kind_looked_up(tokens: Sequence[_Token], position: int) -> str | None:
    """Of what kind of object the constant is the name, as the server will see it."""
    after = list(tokens[position + 1 : position + 7])
    if [each.kind for each in after[:3]] == [tree.TYPECAST, tree.TEXT_P, _CLOSING]:
        after = after[3:]  # ('name'::text)::regclass
    if len(after) > 1 and after[0].kind == tree.TYPECAST:
        kind = _name(after[1].text)
        if kind in _KINDS_OF_NAMES or kind == "regnamespace":
            return kind
    before = [_name(each.text) for each in tokens[max(position - 2, 0) : position]]
    if before[1:] == ["("] and before[0] in _LOOK_UP_NAMES:
        return before[0]
    if before == ["to_regnamespace", "("]:
        return "regnamespace"
    return "regdictionary" if before == ["dictionary", "="] else None


def _may_tell_of(constant: str, names: Mapping[str, Identifier]) -> bool:
    if constant[0] in "eE":  # an escape before a name would look as if it were a part of it
        return any(name in constant for name in names)
    return _is_told_of(constant, names)


def _is_told_of(text: str, names: Mapping[str, Identifier]) -> bool:
    return any(re.search(rf"\b{re.escape(name)}\b", text) for name in names)


def _renamed_constant(constant: str, new_names: Mapping[str, Identifier]) -> str:
    if not _may_tell_of(constant, new_names):
        return constant

    def new(inside: str) -> str:
        if inside in new_names:
            return new_names[inside].name
        if _LIST_OF_NAMES.fullmatch(inside):
            return _NAME.sub(_renamed_in_list, inside)
        return renamed(inside, new_names)

    def _renamed_in_list(found: re.Match[str]) -> str:
        new = new_names.get(_name(found[0]))
        return _written(found[0], new) if new else found[0]

    return _within(constant, new, new_names)


def _within(
    constant: str, change: Callable[[str], str], not_left: Mapping[str, Identifier] | None = None
) -> str:
    """``not_left``: names that nobody may be able to read from it afterwards."""
    opening = re.match(r"[eE]?'|\$[^$]*\$", constant)
    if opening is None:
        raise _unknown(constant)
    mark = opening[0]
    end = "'" if mark.endswith("'") else mark
    inside = constant[len(mark) : -len(end)]
    escapes = {"'": "''"} if mark == "'" else {}
    if mark in {"E'", "e'"}:
        escapes = _escapes_in(inside, constant)
    written = {escape: plain for plain, escape in escapes.items()}
    text = _UNIT.sub(lambda unit: written.get(unit[0], unit[0]), inside) if escapes else inside
    changed = change(text)
    if not_left and _is_told_of(changed, not_left):
        raise _unknown(constant)
    return mark + "".join(escapes.get(each, each) for each in changed) + end


def _escapes_in(inside: str, constant: str) -> dict[str, str]:
    """How the characters are written that it escapes."""
    escapes = {"\\": "\\\\", "'": "''"}
    for unit in _UNIT.findall(inside):
        if unit not in _ESCAPED and len(unit) > 1 and unit != "''":
            raise _unknown(constant)  # by a number
        if unit in _ESCAPED and (unit != "\\'" or "''" not in inside):
            escapes[_ESCAPED[unit]] = unit
    return escapes


def _name(text: str) -> str:
    if text.startswith('"'):
        return text[1:-1].replace('""', '"')
    return text.lower()


def _written(text: str, new: Identifier) -> str:
    is_plain = not text.startswith('"') and _PLAIN.fullmatch(new.name)
    return new.name if is_plain else str(new)


def _unknown(text: str) -> CloneNotPossible:
    return CloneNotPossible(
        "Nothing was copied. A function holds the name of its schema, or of another tenant's, where"
        f" nobody can tell what it makes of it, and its copy might reach there: {text[:100]}"
    )
