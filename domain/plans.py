"""PostgreSQL's plan of a caller's statement, without what the service added to the statement.

Row security puts its conditions among the caller's own, and the plan names the schema. What is the
service's is known by its calls of current_setting, which no tenant's SQL may call.
"""

import re
from collections.abc import Mapping
from typing import Any

from google.protobuf.message import DecodeError
from postgast import PgQueryError, deparse, parse
from postgast import pg_query_pb2 as tree

_OF_THE_SERVICE = "current_setting"
_CALLS_IT = re.compile(r'funcname \{\s*string \{\s*sval: "current_setting"')
_NAMES_OF_SCHEMAS = frozenset({"Schema"})


def without_internals(plan: Any) -> Any:
    """A copy: conditions of ours taken out of the caller's, names of schemas left out."""
    if isinstance(plan, Mapping):
        kept = {key: without_internals(value) for key, value in plan.items()}
        return {
            key: value
            for key, value in kept.items()
            if key not in _NAMES_OF_SCHEMAS and value is not None
        }
    if isinstance(plan, list):
        return [value for value in map(without_internals, plan) if value is not None]
    if isinstance(plan, str) and _OF_THE_SERVICE in plan:
        return _callers_part(plan)
    return plan


def _callers_part(condition: str) -> str | None:
    """None where nothing is left, or where it cannot be told apart."""
    try:
        parsed = parse(f"SELECT {condition}")
    except (PgQueryError, DecodeError):
        return None
    if not _CALLS_IT.search(str(parsed)):
        return condition
    target = parsed.stmts[0].stmt.select_stmt.target_list[0].res_target
    joined = target.val.bool_expr
    if not (target.val.HasField("bool_expr") and joined.boolop == tree.AND_EXPR):
        return None
    callers = [part for part in joined.args if not _CALLS_IT.search(str(part))]
    if not callers:
        return None
    if len(callers) == 1:
        target.val.CopyFrom(callers[0])
    else:
        del joined.args[:]
        joined.args.extend(callers)
    return f"({deparse(parsed).removeprefix('SELECT ')})"
