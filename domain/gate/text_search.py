"""The configuration of text search functions, the one place where a text names an object.

`to_tsvector('english', body)`: the first argument is a regconfig, and a text that becomes
one is looked up. With a schema in it, as in 'other.x', the error tells whether that schema
exists. So it must be a literal without a schema, or such a literal cast to regconfig, and
nothing else in a statement may be a regconfig: beside one, a literal would become one too,
as in `coalesce('english'::regconfig, 'other.x')`.
"""

import re
from collections.abc import Sequence

from postgast import pg_query_pb2 as tree

from domain.gate.inspection import Inspection
from domain.gate.names import literal_of

# With at least so many arguments, the first one is, or may be, the configuration.
_ARGUMENTS_WITH_CONFIGURATION = {
    "to_tsvector": 2,
    "to_tsquery": 2,
    "plainto_tsquery": 2,
    "phraseto_tsquery": 2,
    "websearch_to_tsquery": 2,
    "json_to_tsvector": 3,
    "jsonb_to_tsvector": 3,
    "ts_headline": 3,
}

_CONFIGURATION = re.compile(r"(pg_catalog\.)?[a-z_][a-z0-9_]*", re.ASCII)

# ts_headline's first argument may also be the document. These have a type of their own,
# and nothing here can be a regconfig; a literal or $1 would take the parameter's type.
_TYPED = frozenset({"column_ref", "func_call", "type_cast"})


def nodes_beside_configuration(
    name: str,
    call: tree.FuncCall,
    inspection: Inspection,
) -> Sequence[tree.Node]:
    """The arguments left to walk, once the configuration is known to be harmless."""
    arguments: Sequence[tree.Node] = call.args
    needed = _ARGUMENTS_WITH_CONFIGURATION.get(name)
    if needed is None or len(arguments) < needed:
        return arguments
    first = arguments[0]
    if _is_configuration(first, inspection):
        return arguments[1:]
    if first.WhichOneof("node") in _TYPED:
        return arguments
    raise inspection.refused(
        f"the text search configuration of {name} must be a literal such as 'english'",
    )


def _is_configuration(node: tree.Node, inspection: Inspection) -> bool:
    text = literal_of(node, "regconfig", inspection)
    return text is not None and bool(_CONFIGURATION.fullmatch(text))
