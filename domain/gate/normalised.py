"""SQL that differs from other SQL in its literals only: the same text for all, and its values.

Language models and templates write values into the SQL, so that each text is new to the gate and
to PostgreSQL. Normalised (PostgreSQL's word, of pg_stat_statements) it is judged once, and its
plan is kept. Two things hold whatever this module does:

- PostgreSQL gets a text that the gate has admitted as it stands, and values beside it.
- Where the normalised text fails, the caller's own is run, so that errors are of that one.

What is left to this module is that a text that succeeds means what the caller's did. So a literal
becomes a parameter only where PostgreSQL finds the type of both in one way: beside a column in
WHERE, in VALUES of INSERT, in SET; integers say of which type they are, as PostgreSQL would. All
that is out of the ordinary stays as it is.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from postgast import pg_query_pb2 as tree

from domain.gate.source import SourceStatement, read
from exceptions.errors import TwinbaseError

LONGEST = 1_024  # characters: it is parsed while others wait
MOST_LITERALS = 100
REMEMBERED = 1_024

# No comments, dollars, backslashes, prefixes of strings or strings in parts, so that literals are
# found as PostgreSQL's scanner would find them.
_ORDINARY = re.compile(
    r"""(?:
      [ \t\n\r(),;.*+<>=%!|]++
    | [A-Za-z_][A-Za-z0-9_]*+ (?!['"$])
    | [0-9]++ (?:\.[0-9]++)?+ (?![\w.$])
    | '(?:[^'\\\0\ud800-\udfff]|'')*+' (?!\s*+')
    | "[^'"\\\0\ud800-\udfff]++" (?!['"])
    | -(?!-) | /(?!\*) | ::
    )*+""",
    re.VERBOSE,
)
_LITERAL = re.compile(r"""'((?:[^']|'')*)'|(?<![\w.$])([1-9][0-9]{0,17}|0)(?![\w.])""")

_COMPARISONS = frozenset({"=", "<>", "!=", "<", ">", "<=", ">=", "~~", "!~~", "~~*", "!~~*"})
_LISTED = (tree.AEXPR_IN, tree.AEXPR_BETWEEN, tree.AEXPR_NOT_BETWEEN)
_COMPARED = (tree.AEXPR_OP, tree.AEXPR_LIKE, tree.AEXPR_ILIKE)

_BEYOND_INT4 = 2**31
_OF_LITERALS = frozenset({"sval", "ival", "fval"})  # an integer beyond int4 is an fval

# Of a shape that was seen once: most of what is sent once is never sent again.
_NOT_KNOWN_YET: tuple[bool, ...] = ()
_NONE = (False,)


class Normalised(NamedTuple):
    """``values``: of `$1`, `$2` … in ``text``, digits and strings as they were between quotes."""

    text: str
    values: tuple[str, ...]


class _Pieces(NamedTuple):
    """``gaps``: what is around the literals, one more than those; ``casts``: "" of a string."""

    gaps: tuple[str, ...]
    literals: tuple[str, ...]
    casts: tuple[str, ...]

    def written(self, position: int) -> str:
        literal = self.literals[position]
        return literal if self.casts[position] else f"'{literal}'"


class Normaliser:
    """Remembers of each shape of SQL which of its literals may be parameters."""

    def __init__(self) -> None:
        self._shapes: OrderedDict[object, tuple[bool, ...]] = OrderedDict()

    def normalised(self, sql: str) -> Normalised | None:
        """None: run it as it is. From the second text of a shape on."""
        pieces = _pieces(sql)
        if pieces is None:
            return None
        shape = _shape(pieces)
        known = self._shapes.get(shape)
        if known is None:
            self._remember(shape, _NOT_KNOWN_YET)
            return None
        known = known or _replaceable(sql, pieces)
        self._remember(shape, known)
        return _with_parameters(pieces, known) if any(known) else None

    def leave_as_sent(self, sql: str) -> None:
        """From now on: what failed normalised, and succeeded as it was sent."""
        pieces = _pieces(sql)
        if pieces is not None:
            self._remember(_shape(pieces), _NONE)

    def _remember(self, shape: object, replaceable: tuple[bool, ...]) -> None:
        self._shapes[shape] = replaceable
        self._shapes.move_to_end(shape)
        if len(self._shapes) > REMEMBERED:
            self._shapes.popitem(last=False)


def _pieces(sql: str) -> _Pieces | None:
    if len(sql) > LONGEST or _ORDINARY.fullmatch(sql) is None:
        return None
    split = _LITERAL.split(sql)
    if not 1 < len(split) <= 3 * MOST_LITERALS + 1:
        return None
    strings, numbers = split[1::3], split[2::3]
    return _Pieces(
        gaps=tuple(split[::3]),
        literals=tuple([number or string for string, number in zip(strings, numbers, strict=True)]),
        casts=tuple([_cast(number) for number in numbers]),
    )


def _cast(digits: str | None) -> str:
    if digits is None:
        return ""
    return "::int4" if int(digits) < _BEYOND_INT4 else "::int8"


def _shape(pieces: _Pieces) -> object:
    return pieces.gaps, pieces.casts


def _with_parameters(pieces: _Pieces, replaceable: Sequence[bool]) -> Normalised:
    parts = [pieces.gaps[0]]
    values: list[str] = []
    for position, is_replaced in enumerate(replaceable):
        if is_replaced:
            values.append(pieces.literals[position].replace("''", "'"))
            parts.append(f" ${len(values)}{pieces.casts[position]} ")
        else:
            parts.append(pieces.written(position))
        parts.append(pieces.gaps[position + 1])
    return Normalised("".join(parts), tuple(values))


def _replaceable(sql: str, pieces: _Pieces) -> tuple[bool, ...]:
    """By literal, as PostgreSQL's parser has found it. The shape's other texts parse alike."""
    try:
        statements = read(sql, None).statements
    except TwinbaseError:
        return _NONE
    if len(statements) != 1:
        return _NONE
    places = {
        constant.location
        for constant in _constants(statements[0])
        if constant.WhichOneof("val") in _OF_LITERALS
    }
    return tuple(begin in places for begin in _begins(pieces))


def _begins(pieces: _Pieces) -> Iterator[int]:
    """Where the literals stand in the SQL, in bytes."""
    position = 0
    for number, gap in enumerate(pieces.gaps[:-1]):
        position += len(gap.encode())
        yield position
        position += len(pieces.written(number).encode())


def _constants(statement: SourceStatement) -> Iterator[tree.A_Const]:
    node = statement.tree
    match node.WhichOneof("node"):
        case "select_stmt":
            yield from _in_condition(node.select_stmt.where_clause)
        case "insert_stmt":
            insert = node.insert_stmt
            rows = insert.select_stmt.select_stmt.values_lists
            yield from _plain(chain.from_iterable(row.list.items for row in rows))
            yield from _in_targets(insert.on_conflict_clause.target_list)
        case "update_stmt":
            yield from _in_targets(node.update_stmt.target_list)
            yield from _in_condition(node.update_stmt.where_clause)
        case "delete_stmt":
            yield from _in_condition(node.delete_stmt.where_clause)


def _in_targets(targets: Iterable[tree.Node]) -> Iterator[tree.A_Const]:
    return _plain(target.res_target.val for target in targets)


def _in_condition(node: tree.Node) -> Iterator[tree.A_Const]:
    if node.HasField("bool_expr"):
        for argument in node.bool_expr.args:
            yield from _in_condition(argument)
    elif node.HasField("a_expr"):
        yield from _beside_a_column(node.a_expr)


def _beside_a_column(expression: tree.A_Expr) -> Iterator[tree.A_Const]:
    left, right = expression.lexpr, expression.rexpr
    if expression.kind in _LISTED and left.HasField("column_ref"):
        yield from _plain(right.list.items)
    elif expression.kind in _COMPARED and _operator(expression) in _COMPARISONS:
        if left.HasField("column_ref"):
            yield from _plain([right])
        elif right.HasField("column_ref"):
            yield from _plain([left])


def _operator(expression: tree.A_Expr) -> str | None:
    return expression.name[0].string.sval if len(expression.name) == 1 else None


def _plain(nodes: Iterable[tree.Node]) -> Iterator[tree.A_Const]:
    return (node.a_const for node in nodes if node.HasField("a_const"))
