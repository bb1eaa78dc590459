"""The walk over a parse tree: every field that is set is either reviewed or refused.

A grammar is data: for each message type of libpg_query that may occur, a `Reviewed`
with a decision for each of its fields. What is in no grammar is refused, be it a
message type or a field, so a later libpg_query can add nothing unseen.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from postgast import pg_query_pb2 as tree

from domain.gate.inspection import Inspection
from domain.gate.wording import words_for

# Called with the message and the inspection; raises, or gives the nodes under the
# message's *checked* fields that are still to be walked.
Check = Callable[..., Iterable[tree.Node]]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The decision for each field of one message type, as blank-separated field names."""

    walk: str = ""  # nodes: walked
    checked: str = ""  # names and the like: judged by `check`
    labels: str = ""  # names that only label something of the statement's own tables
    plain: str = ""  # flags, numbers, literals, positions
    unset: str = ""  # filled in by later stages of PostgreSQL, never by its parser
    refused: Mapping[str, str] = field(default_factory=dict)  # field: what to answer
    check: Check | None = None
    leaf: bool = False  # nothing in `walk`: not even look at the fields


Grammar = Mapping[str, Reviewed]

# In too many messages to be repeated.
ALWAYS_PLAIN = "location"
ALWAYS_UNSET = "xpr"


class Plan:
    """A `Reviewed`, compiled: what to do with each field that is set."""

    __slots__ = ("check", "is_followed", "leaf", "name", "refused", "steps")

    def __init__(self, name: str, reviewed: Reviewed) -> None:
        self.name = name
        self.check = reviewed.check
        self.leaf = reviewed.leaf
        self.is_followed = reviewed.check is not None or not reviewed.leaf
        self.refused = reviewed.refused
        self.steps: dict[FieldDescriptor, Step] = {}

    def refusal_of(self, field_descriptor: FieldDescriptor) -> str:
        default = f"{words_for(self.name)} with {field_descriptor.name} is not allowed"
        return self.refused.get(field_descriptor.name, default)


class _Marker:
    pass


SKIP, LABELS, NODE, NODES = _Marker(), _Marker(), _Marker(), _Marker()
Step = Plan | _Marker

Plans = dict[str, Plan]


def compile_grammar(grammar: Grammar) -> Plans:
    """Plans by message type and, for what a Node can hold, by the field of Node too."""
    plans = {name: Plan(name, reviewed) for name, reviewed in grammar.items()}
    for name, reviewed in grammar.items():
        descriptor = tree.DESCRIPTOR.message_types_by_name[name]
        plans[name].steps = dict(_steps(descriptor, reviewed, plans))
    for node_field in tree.Node.DESCRIPTOR.fields:
        plan = plans.get(_message_type(node_field))
        if plan is not None:
            plans[node_field.name] = plan
    return plans


def _steps(
    descriptor: Descriptor,
    reviewed: Reviewed,
    plans: Plans,
) -> Iterable[tuple[FieldDescriptor, Step]]:
    fields = descriptor.fields_by_name
    for name in reviewed.walk.split():
        yield fields[name], _step_into(fields[name], plans)
    for name in reviewed.labels.split():
        yield fields[name], LABELS if fields[name].is_repeated else SKIP
    for name in f"{reviewed.plain} {reviewed.checked} {ALWAYS_PLAIN}".split():
        if name in fields:
            yield fields[name], SKIP


def _step_into(field_descriptor: FieldDescriptor, plans: Plans) -> Step:
    message_type = _message_type(field_descriptor)
    if message_type == "Node":
        return NODES if field_descriptor.is_repeated else NODE
    return plans[message_type]


def _message_type(field_descriptor: FieldDescriptor) -> str:
    if field_descriptor.message_type is None:
        raise TypeError(f"{field_descriptor.full_name} holds no message")
    return field_descriptor.message_type.name


def walk(statement: tree.Node, plans: Plans, inspection: Inspection) -> None:
    """Raise the refusal of the first thing that is not allowed, if there is one."""
    _Walk(plans, inspection).over(statement)
    inspection.finish()


class _Walk:
    """Iterative: what a tenant nests must not use up our stack."""

    __slots__ = ("inspection", "pending", "plans")

    def __init__(self, plans: Plans, inspection: Inspection) -> None:
        self.plans = plans
        self.inspection = inspection
        self.pending: list[tuple[Plan, Message]] = []

    def over(self, statement: tree.Node) -> None:
        self._add(statement)
        pending, inspection = self.pending, self.inspection
        while pending:
            plan, message = pending.pop()
            if plan.check is not None:
                for node in plan.check(message, inspection):
                    self._add(node)
            if not plan.leaf:
                self._over_fields(plan, message)

    def _over_fields(self, plan: Plan, message: Message) -> None:
        steps, add = plan.steps, self._add
        for field_descriptor, value in message.ListFields():
            step = steps.get(field_descriptor)
            if step is SKIP:
                continue
            if step is NODE:
                add(value)
            elif step is NODES:
                for node in value:
                    add(node)
            elif isinstance(step, Plan):
                self.pending.append((step, value))
            elif step is not LABELS or not all(node.HasField("string") for node in value):
                raise self.inspection.refused(plan.refusal_of(field_descriptor))

    def _add(self, node: tree.Node) -> None:
        kind = node.WhichOneof("node")
        plan = self.plans.get(kind)
        if plan is not None:
            if plan.is_followed:
                self.pending.append((plan, getattr(node, kind)))
        elif kind is not None:  # else an empty place in a list, as in plain DISTINCT
            words = words_for(_message_type(tree.Node.DESCRIPTOR.fields_by_name[kind]))
            raise self.inspection.refused(f"{words} is not allowed")
