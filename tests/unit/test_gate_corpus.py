"""Twenty thousand statements through the gate: each is judged, and none that is admitted reaches out.

What an admitted statement names is found here by another walk than the gate's own.
"""

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from google.protobuf.message import Message
from postgast import parse
from postgast import pg_query_pb2 as tree

from domain.gate import admit_ddl, admit_dml
from exceptions.codes import ErrorCode
from exceptions.errors import SqlParseFailed, TwinbaseError
from tests.corpus import STATEMENTS, Sample, corpus

pytestmark = pytest.mark.timeout(300)  # on a busy machine

OWN = "prod_1"
SUSPICIOUS = re.compile("prod_2|test_1|twinbase|information_schema|pg_", re.IGNORECASE)
MARKS = {"@own@": OWN, "@pair@": "test_1", "@foreign@": "prod_2"}


Verdict = list[str] | type[TwinbaseError]
"""The statements that would be run, or the refusal."""


def judged(sample: Sample) -> Verdict:
    sql = sample.sql
    for mark, name in MARKS.items():
        sql = sql.replace(mark, name)
    try:
        if sample.verb == "exec_ddl":
            return [statement.text for statement in admit_ddl(sql)]
        return [statement.text for statement in admit_dml(sql, OWN)]
    except TwinbaseError as error:
        return type(error)


Verdicts = list[tuple[Sample, Verdict]]


@pytest.fixture(scope="module")
def verdicts() -> Verdicts:
    return [(sample, judged(sample)) for sample in corpus()]


def test_each_is_judged(verdicts: Verdicts) -> None:
    """And the corpus is what it should be: much of it runs, and much of it is broken."""
    assert len(verdicts) == STATEMENTS
    assert len({sample.sql for sample, _ in verdicts}) == STATEMENTS
    counted = Counter(
        "admitted" if isinstance(verdict, list) else
        "no SQL" if verdict is SqlParseFailed else "refused"
        for _, verdict in verdicts
    )  # fmt: skip
    assert counted["admitted"] > STATEMENTS // 4
    assert counted["no SQL"] > STATEMENTS // 4
    assert counted["refused"] > STATEMENTS // 20
    codes = {verdict.code for _, verdict in verdicts if not isinstance(verdict, list)}
    assert ErrorCode.SERVER_ERROR not in codes


def test_none_that_is_admitted_reaches_out(
    verdicts: Verdicts,
) -> None:
    suspects = [
        text
        for _, verdict in verdicts
        if isinstance(verdict, list)
        for text in verdict
        if SUSPICIOUS.search(text)
    ]
    assert suspects
    assert [(text, name) for text in suspects for name in names_of_others(text)] == []


def names_of_others(text: str) -> Iterator[str]:
    """Of relations, columns, functions, types and operators; each as it is written."""
    for message in messages(parse(text)):
        for names in qualified_names(message):
            *qualifiers, name = names
            if name.startswith("pg_") or any(
                qualifier not in {OWN, "pg_catalog"} for qualifier in qualifiers
            ):
                yield ".".join(names)


def qualified_names(message: Message) -> Iterator[list[str]]:
    match message:
        case tree.RangeVar():
            parts = (message.catalogname, message.schemaname, message.relname)
            yield [part for part in parts if part]
        case tree.FuncCall():
            yield words(message.funcname)
        case tree.TypeName():
            yield words(message.names)
        case tree.A_Expr():
            yield words(message.name)
        case tree.CollateClause():
            yield words(message.collname)
        case tree.ColumnRef():
            # table.column, and schema.table.column
            yield words(message.fields)[:-2] + words(message.fields)[-1:]


def words(nodes: object) -> list[str]:
    return [node.string.sval for node in nodes]  # type: ignore[attr-defined]  # protobuf has no type for repeated fields


def messages(message: Message) -> Iterator[Message]:
    """Itself and all below it."""
    yield message
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        for below in value if field.is_repeated else (value,):
            yield from messages(below)
