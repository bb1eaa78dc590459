"""Checks of what an expression may call and make: functions, values, parameters."""

from collections.abc import Iterable

from postgast import pg_query_pb2 as tree

from domain.gate.hints import about_function
from domain.gate.inspection import Inspection
from domain.gate.names import NOTHING, in_pg_catalog, strings_in
from domain.gate.sequences import SEQUENCE_FUNCTIONS, nodes_beside_sequence
from domain.gate.text_search import nodes_beside_configuration
from domain.gate.vocabulary import function_names

# The other SQL value functions tell who the service is on its server.
_MOMENTS = frozenset(
    {
        tree.SVFOP_CURRENT_DATE,
        tree.SVFOP_CURRENT_TIME,
        tree.SVFOP_CURRENT_TIME_N,
        tree.SVFOP_CURRENT_TIMESTAMP,
        tree.SVFOP_CURRENT_TIMESTAMP_N,
        tree.SVFOP_LOCALTIME,
        tree.SVFOP_LOCALTIME_N,
        tree.SVFOP_LOCALTIMESTAMP,
        tree.SVFOP_LOCALTIMESTAMP_N,
    },
)


def check_function(call: tree.FuncCall, inspection: Inspection) -> Iterable[tree.Node]:
    names = strings_in(call.funcname, inspection)
    name = in_pg_catalog(names)
    if name is not None and name in function_names():
        return nodes_beside_configuration(name, call, inspection)
    if len(names) == 1 and names[0] in SEQUENCE_FUNCTIONS:
        return nodes_beside_sequence(names[0], call, inspection)
    raise inspection.refused(
        f"function {'.'.join(names)} is not allowed{about_function(names[-1])}",
    )


def check_value_function(
    function: tree.SQLValueFunction,
    inspection: Inspection,
) -> Iterable[tree.Node]:
    if function.op not in _MOMENTS:
        words = tree.SQLValueFunctionOp.Name(function.op).removeprefix("SVFOP_")
        raise inspection.refused(f"{words} is not allowed")
    return NOTHING


def check_parameter(parameter: tree.ParamRef, inspection: Inspection) -> Iterable[tree.Node]:
    if not inspection.rules.takes_parameters:
        raise inspection.refused(f"{inspection.rules.verb} takes no parameters: write the value")
    if parameter.number < 1:
        raise inspection.refused("Parameters are counted from $1")
    inspection.parameters[parameter.location] = parameter.number
    return NOTHING
