"""The text of a request: its statements, where they are, and what is wrong with it."""

import postgast
import pytest
from google.protobuf.message import Message
from postgast import pg_query_pb2 as tree

from domain.gate import DmlKind, RowLimit, admit_ddl, admit_dml
from domain.gate.source import MAX_NESTING_BOUND
from domain.gate.tokens import nesting_bound
from exceptions.errors import SqlParseFailed

POSITIONS = {"location", "list_start", "list_end", "rexpr_list_start", "rexpr_list_end"}

NOT_LIMITED = [
    "SELECT a FROM t -- the last words",
    "SELECT a FROM t /* LIMIT 5 */",
    "SELECT",
    "SELECT a AS b FROM t ORDER BY a OFFSET 5 ROWS",
    "SELECT a FROM t WINDOW w AS ()",
    "SELECT a FROM t FOR UPDATE",
    "SELECT a FROM t FOR NO KEY UPDATE OF t SKIP LOCKED",
    "SELECT 'a'",
    "SELECT 1",
    "SELECT 1::interval",
    "SELECT U&'a'",
    "SELECT 1 UNION SELECT 2",
    "SELECT 1 UNION (SELECT 2 LIMIT 1)",
    "SELECT 1 UNION ALL VALUES (2) ORDER BY 1",
    "(SELECT 1)",
    "((SELECT 1 ORDER BY 1))",
    "(SELECT 1 FOR UPDATE)",
    "(TABLE t) EXCEPT (TABLE u)",
    "VALUES (1), (2)",
    "VALUES (1) ORDER BY 1 OFFSET 1",
    "TABLE t",
    "TABLE ONLY t",
    "WITH a AS (SELECT 1 LIMIT 1) SELECT * FROM a",
    "WITH a AS (SELECT 1) (SELECT * FROM a)",
    "SELECT * FROM t GROUP BY a HAVING true",
    "SELECT * FROM (SELECT 1 LIMIT 5) x",
]

NOT_RETURNING = [
    "INSERT INTO t VALUES (1), (2) -- the last words",
    "INSERT INTO t DEFAULT VALUES",
    "INSERT INTO t (a) SELECT a FROM u",
    "INSERT INTO t SELECT a FROM u WHERE b ORDER BY c LIMIT 5 FOR UPDATE",
    "INSERT INTO t (SELECT 1)",
    "INSERT INTO t TABLE u",
    "INSERT INTO t SELECT 1 UNION SELECT 2",
    "INSERT INTO t AS x WITH y AS (DELETE FROM u RETURNING *) SELECT * FROM y",
    "INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING",
    "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 1 WHERE t.b",
    "WITH x AS (SELECT 1) INSERT INTO t TABLE x",
]

LIMITS = {
    "SELECT 1 LIMIT 5": 5,
    "SELECT 1 LIMIT 0": 0,
    "SELECT 1 OFFSET 2 LIMIT 5": 5,
    "SELECT 1 LIMIT 5000000000": 5_000_000_000,
    "SELECT 1 FETCH FIRST 5 ROWS ONLY": 5,
    "SELECT 1 FETCH NEXT ROW ONLY": 1,
    "(SELECT 1 LIMIT 5)": 5,
    "(SELECT 1) LIMIT 5": 5,
    "SELECT 1 UNION SELECT 2 LIMIT 5": 5,
    "TABLE t LIMIT 5": 5,
    "SELECT 1 LIMIT ALL": None,
    "SELECT 1 LIMIT NULL": None,
    "SELECT 1 LIMIT $1": None,
    "SELECT 1 LIMIT 1 + 1": None,
    "SELECT 1 LIMIT -1": None,
    "SELECT 1 LIMIT 2.5": None,
    "SELECT 1 LIMIT (SELECT 1 LIMIT 1)": None,
    "SELECT 1 ORDER BY 1 FETCH FIRST 5 ROWS WITH TIES": None,
}

FAILURES = {
    "grammar": ("SELECT * FORM t", 'syntax error at or near "FORM" (line 1, column 10)'),
    "line": ("SELECT 1;\n\n  SELEC", 'syntax error at or near "SELEC" (line 3, column 3)'),
    "characters": ("SELECT '中文𝔘' x y", 'syntax error at or near "y" (line 1, column 16)'),
    "end": ("SELECT (", "syntax error at end of input (line 1, column 9)"),
    "string": ("SELECT 'a", 'unterminated quoted string at or near "\'a" (line 1, column 8)'),
    "empty": ("", "The SQL holds no statement."),
    "comments": (" -- SELECT 1\n/* SELECT 2 */", "The SQL holds no statement."),
    "semicolons": (" ; ;;", "The SQL holds no statement."),
    "NUL": ("SELECT '\n\0'", "The SQL holds a NUL (line 2, column 1)."),
    "surrogate": ("SELECT '\ud83d'", "The SQL holds half of a surrogate pair (line 1, column 9)."),
    "no position": ("SELECT E'\\xff'", 'invalid byte sequence for encoding "UTF8": 0xff'),
}

TOO_DEEP = {
    "chain": "SELECT 1" + "+1" * 100,
    "long chain": "SELECT 1" + "+1" * 5_000,
    "chain that would end the process": "SELECT 1" + "+1" * 25_000,
    "casts that would": "SELECT 1" + "::a" * 25_000,
    "a set operation that would": "SELECT 1" + " UNION SELECT 1, 2" * 45_000,
    "brackets": "SELECT " + "(" * 15_000 + "1" + ")" * 15_000,
    "sub-queries": "SELECT " + "(SELECT " * 100 + "1" + ")" * 100,
    "brackets left of a chain": "SELECT (1" + "+1" * 5_000 + ")" + "+1" * 5_000,
    "prefixes": "SELECT " + "- " * 15_000 + "1",
}


def without_positions(message: Message) -> Message:
    pending = [message]
    while pending:
        each = pending.pop()
        for field, value in each.ListFields():
            if field.name in POSITIONS:
                each.ClearField(field.name)
            elif field.message_type is not None:
                pending.extend(value if field.is_repeated else [value])
    return message


def parsed(sql: str) -> tree.Node:
    return postgast.parse(sql).stmts[0].stmt


def test_statements_are_given_back_as_sent() -> None:
    sql = (
        "-- ünï\n;; SELECT ';', $$;$$ AS \"a;中\" /* ; */ -- ;\n ;\t;\u000b"
        "INSERT INTO t VALUES ('𝔘')  ; /* ; */ DELETE FROM t -- end"
    )
    statements = admit_dml(sql, "s")
    assert [statement.text for statement in statements] == [
        "SELECT ';', $$;$$ AS \"a;中\" /* ; */ -- ;",
        "INSERT INTO t VALUES ('𝔘')",
        "DELETE FROM t -- end",
    ]
    assert [sql.index(statement.text) for statement in statements] == [
        statement.offset for statement in statements
    ]
    assert [statement.kind for statement in statements] == [
        DmlKind.SELECT,
        DmlKind.INSERT,
        DmlKind.DELETE,
    ]


def test_only_blanks_of_sql_are_taken_off() -> None:
    (statement,) = admit_dml(" SELECT 1 AS \u00a0 ;", "s")
    assert statement.text == "SELECT 1 AS \u00a0"


def test_definitions_are_given_back_as_sent() -> None:
    sql = "COMMENT ON TABLE t IS '中;文'; ; DROP TABLE t;"
    assert [(each.text, each.offset) for each in admit_ddl(sql)] == [
        ("COMMENT ON TABLE t IS '中;文'", 0),
        ("DROP TABLE t", 31),
    ]


@pytest.mark.parametrize("sql", NOT_LIMITED)
def test_a_limit_can_be_appended(sql: str) -> None:
    (statement,) = admit_dml(sql, "s")
    assert statement.limit == RowLimit(explicit=False, rows=None)
    limited, expected = parsed(sql + "\nLIMIT 101"), parsed(sql)
    assert limited.select_stmt.limit_count.a_const.ival.ival == 101
    expected.select_stmt.limit_count.CopyFrom(limited.select_stmt.limit_count)
    expected.select_stmt.limit_option = tree.LIMIT_OPTION_COUNT
    assert without_positions(limited) == without_positions(expected)


@pytest.mark.parametrize("sql", NOT_RETURNING)
def test_a_returning_can_be_appended(sql: str) -> None:
    (statement,) = admit_dml(sql, "s")
    assert not statement.returns_rows
    returning, expected = parsed(sql + '\nRETURNING "id"'), parsed(sql)
    clause = returning.insert_stmt.returning_clause
    assert len(clause.exprs) == 1
    expected.insert_stmt.returning_clause.CopyFrom(clause)
    assert without_positions(returning) == without_positions(expected)


@pytest.mark.parametrize(("sql", "rows"), LIMITS.items(), ids=LIMITS)
def test_the_outermost_limit_counts(sql: str, rows: int | None) -> None:
    assert admit_dml(sql, "s")[0].limit == RowLimit(explicit=True, rows=rows)


@pytest.mark.parametrize(("sql", "message"), FAILURES.values(), ids=FAILURES)
def test_a_failure_to_parse_says_what_and_where(sql: str, message: str) -> None:
    with pytest.raises(SqlParseFailed) as dml:
        admit_dml(sql, "s")
    with pytest.raises(SqlParseFailed) as ddl:
        admit_ddl(sql)
    assert dml.value.message == ddl.value.message == message


def test_a_message_does_not_repeat_a_long_text() -> None:
    with pytest.raises(SqlParseFailed) as failure:
        admit_dml("SELECT '" + "x" * 5_000, "s")
    assert len(failure.value.message) < 400


@pytest.mark.parametrize("sql", TOO_DEEP.values(), ids=TOO_DEEP)
def test_deep_nesting_is_refused_and_harmless(sql: str) -> None:
    with pytest.raises(SqlParseFailed, match="nested too deeply"):
        admit_dml(sql, "s")


def test_long_lists_are_not_deep() -> None:
    rows = ", ".join(f"({number}, 'a', now())" for number in range(1_000))
    assert admit_dml(f"INSERT INTO t VALUES {rows}", "s")
    conditions = " AND ".join(f"a <> {number}" for number in range(1_000))
    assert admit_dml(f"SELECT 1 FROM t WHERE {conditions} OR b IN ({rows})", "s")


def test_the_bound_on_nesting_is_no_less_than_the_nesting() -> None:
    brackets_then_chain = "SELECT (1" + "+1" * 50 + ")" + "+1" * 50
    assert nesting_bound(postgast.scan(brackets_then_chain)) >= 100
    assert nesting_bound(postgast.scan(" UNION ".join(["SELECT 1, 2"] * 100))) >= 100
    assert nesting_bound(postgast.scan("SELECT " + ", ".join("1" * 100))) < 10
    assert nesting_bound(postgast.scan(")))" + "+1" * 9)) < MAX_NESTING_BOUND
