"""Sequences: the functions that take one by name, and the options of CREATE SEQUENCE.

`nextval('orders')` names a relation by a text. So it must be a literal, or a literal cast
to regclass, which is read here as PostgreSQL would read it: capitals become small, unless
in double quotes. What the two might read differently is refused. PostgreSQL's own functions
are taken from tenants, since one role draws for all of them: before the function's name the
gate writes the schema of ours, which look whose sequence it is.
"""

import re
from collections.abc import Iterable, Sequence

from postgast import pg_query_pb2 as tree

from domain.gate.inspection import Inspection
from domain.gate.names import check_own_names, in_pg_catalog, literal_of, strings_in
from domain.gate.options import SEQUENCE_OPTIONS, check_option
from domain.gate.vocabulary import SYSTEM_PREFIX
from domain.identifiers import MAX_IDENTIFIER_BYTES

SEQUENCE_FUNCTIONS = frozenset({"nextval", "setval", "currval"})

SEQUENCE_TYPES = frozenset({"int2", "int4", "int8"})

_BLANKS = r"[ \t\n\r\f]*"
# PostgreSQL takes almost anything for a name here; a number would be an OID.
_PART = re.compile(r'[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*|"(?:[^"]|"")+"', re.ASCII)
_NAME = re.compile(
    rf"{_BLANKS}(?:{_PART.pattern})(?:{_BLANKS}\.{_BLANKS}(?:{_PART.pattern}))*{_BLANKS}",
    re.ASCII,
)


def nodes_beside_sequence(
    name: str,
    call: tree.FuncCall,
    inspection: Inspection,
) -> Sequence[tree.Node]:
    """The arguments left to walk, once the sequence is known to be the tenant's."""
    arguments: Sequence[tree.Node] = call.args
    text = literal_of(arguments[0], "regclass", inspection) if arguments else None
    names = _names_in(text) if text is not None else None
    if names is None:
        raise inspection.refused(
            f"the sequence of {name} must be a literal such as 'orders' or '\"Orders\"'",
        )
    match names:
        case [sequence]:
            pass
        case [schema, sequence] if schema == inspection.rules.schema_name:
            pass
        case _:
            raise inspection.foreign(names)
    if sequence.startswith(SYSTEM_PREFIX):
        raise inspection.foreign(names)
    inspection.relations.add(sequence)
    inspection.sequence_functions.add(call.location)
    return arguments[1:]


def _names_in(text: str) -> list[str] | None:
    """The names that regclass finds in a text; None where that is not certain."""
    if not _NAME.fullmatch(text):
        return None
    names = [_unquoted(part) for part in _PART.findall(text)]
    too_long = any(len(name.encode()) > MAX_IDENTIFIER_BYTES for name in names)
    return None if too_long else names


def _unquoted(part: str) -> str:
    if part.startswith('"'):
        return part[1:-1].replace('""', '"')
    return part.encode().lower().decode()  # only A to Z, as PostgreSQL does in UTF-8


def check_sequence(
    statement: tree.CreateSeqStmt | tree.AlterSeqStmt,
    inspection: Inspection,
) -> Iterable[tree.Node]:
    for node in statement.options:
        option = node.def_elem
        match option.defname:
            case "as":
                _check_type(option.arg.type_name, inspection)
                yield option.arg
            case "owned_by":
                _check_owner(option.arg.list.items, inspection)
            case _:
                check_option(option, SEQUENCE_OPTIONS, inspection)


def _check_type(type_name: tree.TypeName, inspection: Inspection) -> None:
    if in_pg_catalog(strings_in(type_name.names, inspection)) not in SEQUENCE_TYPES:
        raise inspection.refused("A sequence counts AS smallint, integer or bigint only")


def _check_owner(nodes: Iterable[tree.Node], inspection: Inspection) -> None:
    match strings_in(nodes, inspection):
        case ["none"]:
            pass
        case [_]:
            raise inspection.refused("OWNED BY takes a table.column, or NONE")
        case names:
            check_own_names(names, 2, inspection)
