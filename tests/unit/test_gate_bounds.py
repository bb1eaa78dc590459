"""Too much SQL, and SQL made to take long: a clear answer, soon, and the process lives on."""

from time import process_time

import postgast
import pytest
from google.protobuf.message import Message

from domain.gate import admit_ddl, admit_dml
from domain.gate.admission import MAX_STATEMENTS
from domain.gate.source import MAX_COPIES, MAX_SQL_BYTES
from domain.gate.tokens import copies_bound
from exceptions.errors import DdlNotAllowed, DmlNotAllowed, SqlParseFailed

# Far more than it takes, and far less than it took without the bounds.
SECONDS = 10

DEEP = 10_000

# At most, where nothing is copied.
MESSAGES_OF_A_TOKEN = 6

ADMITTED = {
    "a long literal": "SELECT '" + "x" * (MAX_SQL_BYTES - 9) + "'",
    "many blanks": "SELECT 1" + " " * 1_000_000,
    "a long comment": "SELECT 1 --" + "x" * 1_000_000,
    "many comments": "-- a remark\n" * 10_000 + "SELECT 1",
    "many rows": "INSERT INTO t VALUES " + ", ".join(f"({n}, 'abc')" for n in range(4_000)),
    "many parameters": "SELECT " + ", ".join(f"${n}" for n in range(1, 3_000)),
    "as many statements as may be": "SELECT 1;" * MAX_STATEMENTS,
    "a rule of a comment": f"/*{'*' * 1_200}*/ SELECT 1",
    "many rules": f"-- {'=' * 76}\n" * 2_000 + "SELECT 1",
    "many columns set": f"UPDATE t SET ({'a, ' * 90}a) = (SELECT {'b, ' * 90}b FROM u)",
    "many columns set, often": "; ".join(["UPDATE t SET (a, b) = (1, 2) WHERE c = 3"] * 200),
}

TOO_MUCH = {
    "too long": ("SELECT '" + "x" * (MAX_SQL_BYTES - 8) + "'", "longer than 1048576 bytes"),
    "too long in bytes": ("SELECT '" + "中" * 400_000 + "'", "longer than 1048576 bytes"),
    "operators": ("SELECT " + "+" * 1_000_000 + "1", "characters of operators in a row"),
    "operators, few": ("SELECT " + "+" * 1_500 + "1", "characters of operators in a row"),
    "operators, mixed": ("SELECT " + "+-" * 100_000 + "1", "characters of operators in a row"),
    "operators, in lines": ("SELECT " + ("+" * 999 + "\n") * 900, "characters of operators"),
    "comments in comments": ("SELECT 1" + "/*" * 9_000 + "*/" * 9_000, "characters of operators"),
    "empty comments": ("SELECT 1" + "/**/" * 200_000, "characters of operators in a row"),
    "columns set": (
        f"UPDATE t SET ({'a, ' * 4_000}a) = ({'1, ' * 4_000}1)",
        "sets too many columns at once",
    ),
    "columns set, few": (
        f"UPDATE t SET ({'a, ' * 180}a) = ({'1, ' * 180}1)",
        "sets too many columns at once",
    ),
    "columns set, a comment between": (
        f"UPDATE t SET /**/ ({'a, ' * 4_000}a) /**/ = /**/ ({'1, ' * 4_000}1)",
        "sets too many columns at once",
    ),
    "brackets": ("SELECT " + "(" * DEEP + "1" + ")" * DEEP, "nested too deeply"),
    "CASE": ("SELECT " + "CASE WHEN true THEN " * DEEP + "1" + " END" * DEEP, "nested too deeply"),
    "NOT": ("SELECT " + "NOT " * DEEP + "true", "nested too deeply"),
    "arrays": ("SELECT " + "ARRAY[" * DEEP + "1" + "]" * DEEP, "nested too deeply"),
    "sub-selects": ("SELECT " + "(SELECT " * DEEP + "1" + ")" * DEEP, "nested too deeply"),
    "casts": ("SELECT 1" + "::int" * DEEP, "nested too deeply"),
    "JSON": ("SELECT " + "JSON_OBJECT('a':" * DEEP + "1" + ")" * DEEP, "nested too deeply"),
    "joins": ("SELECT FROM t" + " CROSS JOIN t" * DEEP, "nested too deeply"),
    "WITH": ("WITH x AS (" * DEEP + "SELECT 1" + ") TABLE x" * DEEP, "nested too deeply"),
    "flat OR": ("SELECT 1 WHERE " + " OR ".join(["a=1"] * 100_000), "nested too deeply"),
    "empty": ("", "holds no statement"),
    "semicolons": (";" * 50_000, "holds no statement"),
    "comments": ("/* a */ -- b\n" * 2_000, "holds no statement"),
}


def nested_updates(levels: int, columns: int) -> str:
    """Each level holds the next one once for each of its columns."""
    sql = "1"
    for _ in range(levels):
        sql = f"(WITH x AS (UPDATE t SET ({'a, ' * (columns - 1)}a) = ({sql}) RETURNING 1) TABLE x)"
    return f"SELECT {sql}"


def count_messages(message: Message) -> int:
    counted, pending = 0, [message]
    while pending:
        each = pending.pop()
        counted += 1
        for field, value in each.ListFields():
            if field.message_type is not None:
                pending.extend(value if field.is_repeated else [value])
    return counted


@pytest.mark.parametrize("sql", ADMITTED.values(), ids=ADMITTED)
def test_much_is_admitted(sql: str) -> None:
    started = process_time()
    assert admit_dml(sql, "s")
    assert process_time() - started < SECONDS


@pytest.mark.parametrize(("sql", "words"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_too_much_is_refused_soon(sql: str, words: str) -> None:
    started = process_time()
    with pytest.raises(SqlParseFailed, match=words):
        admit_dml(sql, "s")
    assert process_time() - started < SECONDS


def test_the_bounds_are_every_verbs() -> None:
    sql = "SELECT " + "+" * 5_000 + "1"
    for admit in (lambda: admit_ddl(sql), lambda: admit_dml(sql, "s", frozenset())):
        with pytest.raises(SqlParseFailed, match="characters of operators in a row"):
            admit()


def test_too_many_statements_are_refused() -> None:
    words = f"holds 5000 statements: at most {MAX_STATEMENTS} run in one request"
    with pytest.raises(DmlNotAllowed, match=words):
        admit_dml("SELECT 1;" * 5_000, "s")
    with pytest.raises(DdlNotAllowed, match=words):
        admit_ddl("DROP TABLE t;" * 5_000)


def test_as_many_columns_as_postgresql_takes_are_admitted() -> None:
    columns = ", ".join(f"c{number} int" for number in range(1_600))
    assert admit_ddl(f"CREATE TABLE t ({columns})")


def test_updates_in_updates_do_not_multiply() -> None:
    """Twelve levels of four columns are 800 bytes, and would be 16 million copies."""
    assert admit_dml(nested_updates(3, 4), "s")
    with pytest.raises(SqlParseFailed, match="sets too many columns at once"):
        admit_dml(nested_updates(12, 4), "s")


@pytest.mark.parametrize(
    "sql",
    [
        nested_updates(1, 40),
        nested_updates(4, 3),
        nested_updates(3, 4),
        f"UPDATE t SET (a, b[f(1, 2)], c) = (SELECT {'1, ' * 50}1)",
        f"UPDATE t SET x = 1, (a, b) /* */ = ROW ({'1, ' * 50}1), (c, d, e) = ({'2, ' * 50}2)",
        f"MERGE INTO t USING u ON true WHEN MATCHED THEN UPDATE SET (a, b) = ({'1, ' * 50}1)",
        f"INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET (a, b) = ({'1, ' * 50}1)",
    ],
)
def test_the_bound_on_copies_is_no_less_than_the_copies(sql: str) -> None:
    tokens = postgast.scan(sql)
    bound = copies_bound(tokens)
    assert count_messages(postgast.parse(sql)) <= MESSAGES_OF_A_TOKEN * (len(tokens.tokens) + bound)
    assert 0 < bound < MAX_COPIES


def test_the_bound_on_copies_is_needed() -> None:
    sql = nested_updates(5, 4)
    tokens = postgast.scan(sql).tokens
    assert count_messages(postgast.parse(sql)) > MESSAGES_OF_A_TOKEN * len(tokens)


def test_what_only_looks_like_copies_is_not_counted() -> None:
    for sql in (
        "SELECT 1 FROM t WHERE (a, b, c) = (1, 2, 3) AND d = 4",
        "SELECT lower(a) = b, coalesce(a, b, c) = d FROM t",
        "UPDATE t SET a = 1, b = f(1, 2, 3) WHERE (a, b) = (1, 2)",
    ):
        assert copies_bound(postgast.scan(sql)) == 0
