"""Parameters: what is one and what is not, their numbers, and where they were in the SQL as sent."""

import postgast
import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st
from postgast import pg_query_pb2 as tree

from domain.gate import DmlKind, DmlStatement, RowLimit, admission, admit_dml, source
from exceptions.errors import DmlNotAllowed, InvalidParameter, NoAuthority, SqlParseFailed
from tests.unit.test_gate_text import POSITIONS

NAMES = frozenset({"a", "b", "n", "select", "中文", "Key"})

# With names: the SQL, what PostgreSQL gets, and the names in the order of their numbers.
NAMED = {
    "one": ("SELECT :a", "SELECT $1", ("a",)),
    "none": ("SELECT 1", "SELECT 1", ()),
    "twice": ("SELECT :b, :a, :b", "SELECT $1, $2, $1", ("b", "a")),
    "case matters": ("SELECT :Key", "SELECT $1", ("Key",)),
    "a keyword": ("SELECT :select", "SELECT $1", ("select",)),
    "letters of three bytes": ("SELECT :中文, 'x'", "SELECT $1, 'x'", ("中文",)),
    "cast": ("SELECT :a::int, b::a", "SELECT $1::int, b::a", ("a",)),
    "cast without a blank": ("SELECT 1::int, 2:::a", None, ()),
    "literals": (
        "SELECT ':a', E'\\':a', $$:a$$, $t$ :a $t$, U&'\\003aa', B'1', ' '':a'",
        "SELECT ':a', E'\\':a', $$:a$$, $t$ :a $t$, U&'\\003aa', B'1', ' '':a'",
        (),
    ),
    "quoted names": ('SELECT ":a" FROM t ":b"', 'SELECT ":a" FROM t ":b"', ()),
    "comments": (
        "SELECT 1 -- :a\n /* :a /* :b */ :n */ + :a",
        "SELECT 1 -- :a\n /* :a /* :b */ :n */ + $1",
        ("a",),
    ),
    "named argument": (
        "SELECT make_interval(days := :a, hours=>:b)",
        "SELECT make_interval(days := $1, hours=>$2)",
        ("a", "b"),
    ),
    "after operators": (
        "SELECT -:a, @ :a, 1 +:a, 2<:b, 3 OPERATOR(pg_catalog.+) :n",
        "SELECT -$1, @ $1, 1 +$1, 2<$2, 3 OPERATOR(pg_catalog.+) $3",
        ("a", "b", "n"),
    ),
    "in brackets": (
        "SELECT ARRAY[:a, :b], c[:n], (c)[1 + :n]",
        "SELECT ARRAY[$1, $2], c[$3], (c)[1 + $3]",
        ("a", "b", "n"),
    ),
    "slices": (
        "SELECT c[1:n], c[a:b], c[(a):n], c[lower(a):n], c[value:n], c[:a], c[1: :n], c[1:x]",
        "SELECT c[1:n], c[a:b], c[(a):n], c[lower(a):n], c[value:n], c[$1], c[1: $2], c[1:x]",
        ("a", "n"),
    ),
    "slice of a column": ("SELECT c[:x]", "SELECT c[:x]", ()),
    "keys of JSON": (
        "SELECT JSON_OBJECT('k':a, k:b, 'l' : :n)",
        "SELECT JSON_OBJECT('k':a, k:b, 'l' : $1)",
        ("n",),
    ),
    "DISTINCT ON": ("SELECT DISTINCT ON (a) :a AS x", "SELECT DISTINCT ON (a) $1 AS x", ("a",)),
    "subscript": ("SELECT :a[1]", "SELECT $1[1]", ("a",)),
    "one source, two targets": (
        "UPDATE t SET (a, b) = (:a, :b) WHERE c = :a",
        "UPDATE t SET (a, b) = ($1, $2) WHERE c = $1",
        ("a", "b"),
    ),
    "MERGE": (
        "MERGE INTO t USING u ON t.a = :a WHEN MATCHED THEN UPDATE SET b = :b",
        "MERGE INTO t USING u ON t.a = $1 WHEN MATCHED THEN UPDATE SET b = $2",
        ("a", "b"),
    ),
}

NUMBERED = {
    "as counted": ("SELECT $2, $1", ["SELECT $2, $1"], [(1, 2)]),
    "gap": ("SELECT $3", ["SELECT $1"], [(3,)]),
    "leading zero": ("SELECT $02, $2", ["SELECT $1, $1"], [(2,)]),
    "several statements": (
        "SELECT '中', $2; SELECT 1; DELETE FROM t WHERE a = $11 OR b = $4",
        ["SELECT '中', $1", "SELECT 1", "DELETE FROM t WHERE a = $2 OR b = $1"],
        [(2,), (), (4, 11)],
    ),
    "no placeholder": ("SELECT '$1', $$ $1 $$, \"$1\"", ["SELECT '$1', $$ $1 $$, \"$1\""], [()]),
    "one source, two targets": (
        "UPDATE t SET (a, b) = (SELECT $7, $8)",
        ["UPDATE t SET (a, b) = (SELECT $1, $2)"],
        [(7, 8)],
    ),
}

REFUSED = {
    "not given": ("SELECT :x", r"params: :x is not given \(line 1, column 8\)\.$"),
    "nearly given": ("SELECT\n :Kye", r'line 2, column 2\); perhaps you mean ":Key"'),
    "not given, behind letters": ("SELECT '中文', :x", r"\(line 1, column 14\)"),
    "a number": (
        "SELECT :a, $1",
        r"params: \$1 is not given \(line 1, column 12\): .* write :name",
    ),
    "not given, though JSON": ("SELECT JSON_OBJECT((k):v)", r":v is not given"),
}

# Syntax errors are told as of the SQL as sent.
FAILURES = {
    "after one": ("SELECT :Key FROM WHERE", 'at or near "WHERE" (line 1, column 18)'),
    "after one of three bytes": ("SELECT :中文 FROM WHERE", 'near "WHERE" (line 1, column 17)'),
    "at one": ("SELECT 1 FROM :Key", 'syntax error at or near ":Key" (line 1, column 15)'),
    "at the end": ("SELECT :中文,", "syntax error at end of input (line 1, column 12)"),
    "glued to a word": ("SELECT 1 LIMIT:n", 'syntax error at or near ":" (line 1, column 15)'),
    "after an operand": ("SELECT a :n", 'syntax error at or near ":" (line 1, column 10)'),
    "in no literal": (
        "SELECT ':a",
        'unterminated quoted string at or near "\':a" (line 1, column 8)',
    ),
}


@pytest.mark.parametrize(("sql", "text", "names"), NAMED.values(), ids=NAMED)
def test_names_become_numbers(sql: str, text: str | None, names: tuple[str, ...]) -> None:
    if text is None:
        with pytest.raises(SqlParseFailed):
            admit_dml(sql, "s", NAMES)
        return
    (statement,) = admit_dml(sql, "s", NAMES)
    assert (statement.text, statement.parameters) == (text, names)


@pytest.mark.parametrize(("sql", "texts", "numbers"), NUMBERED.values(), ids=NUMBERED)
def test_numbers_are_counted_anew(
    sql: str, texts: list[str], numbers: list[tuple[int, ...]]
) -> None:
    statements = admit_dml(sql, "s")
    assert [each.text for each in statements] == texts
    assert [each.parameters for each in statements] == numbers


@pytest.mark.parametrize(("sql", "fragment"), REFUSED.values(), ids=REFUSED)
def test_a_parameter_that_is_not_given_is_refused(sql: str, fragment: str) -> None:
    with pytest.raises(InvalidParameter, match=fragment):
        admit_dml(sql, "s", NAMES)


@pytest.mark.parametrize(("sql", "message"), FAILURES.values(), ids=FAILURES)
def test_a_failure_is_where_it_is_in_the_sql_as_sent(sql: str, message: str) -> None:
    with pytest.raises(SqlParseFailed) as failure:
        admit_dml(sql, "s", NAMES)
    assert failure.value.message.endswith(message)


def test_without_names_a_colon_is_as_postgresql_has_it() -> None:
    assert admit_dml("SELECT c[1:n], JSON_OBJECT('a':b)", "s")
    with pytest.raises(SqlParseFailed, match=r'near ":" \(line 1, column 8\)'):
        admit_dml("SELECT :a", "s")
    with pytest.raises(DmlNotAllowed, match=r"counted from \$1"):
        admit_dml("SELECT $0", "s")


def test_a_verdict_is_one_for_the_same_names_only() -> None:
    sql = "SELECT c[:n]"
    assert admit_dml(sql, "s")[0].parameters == ()
    assert admit_dml(sql, "s", frozenset())[0].parameters == ()
    assert admit_dml(sql, "s", frozenset({"n"}))[0].parameters == ("n",)


def test_a_long_name_of_a_parameter_is_never_cut() -> None:
    name = "n" * 70
    assert admit_dml(f"SELECT :{name}", "s", frozenset({name}))[0].parameters == (name,)
    with pytest.raises(DmlNotAllowed, match="longer than 63 bytes"):
        admit_dml(f"SELECT :{name}, {name}", "s", frozenset({name}))


def test_a_hint_holds_nothing_that_cannot_be_answered() -> None:
    names = frozenset({"ab\ud83d", "ab\n", "ab" + "x" * 5_000, *(f"y{n}" for n in range(50_000))})
    with pytest.raises(
        InvalidParameter, match=r"params: :abc is not given \(line 1, column 8\)\.$"
    ):
        admit_dml("SELECT :abc", "s", names)


def test_many_names_are_not_kept() -> None:
    """A verdict is kept with the names that it is about."""
    for number in range(5):
        names = frozenset({"a", f"{number}{'x' * admission.CACHED_LENGTH}"})
        kept = admission._admit_dml_again.cache_info().currsize  # noqa: SLF001 -- its size is told nowhere else
        assert admit_dml("SELECT :a", "s", names)
        assert admission._admit_dml_again.cache_info().currsize == kept  # noqa: SLF001 -- the same


def test_a_limit_by_parameter_is_computed() -> None:
    (statement,) = admit_dml("SELECT 1 LIMIT :n", "s", NAMES)
    assert (statement.kind, statement.limit) == (DmlKind.SELECT, RowLimit(explicit=True, rows=None))


def test_values_read_by_postgresql_itself() -> None:
    sql = "SELECT 1; SELECT :a, '中', :b, :a LIMIT :n"
    statement = admit_dml(sql, "s", NAMES)[1]
    typed = statement.with_types({1: "numeric(5,2)", 3: "bigint"})
    assert typed.text == (
        "SELECT ($1::text::numeric(5,2)), '中', $2, ($1::text::numeric(5,2))"
        " LIMIT ($3::text::bigint)"
    )
    assert typed.parameters == ("a", "b", "n")
    assert [sql[each.sent_start : each.sent_end] for each in typed.placeholders] == [
        ":a", ":b", ":a", ":n",
    ]  # fmt: skip
    assert typed.position_as_sent(typed.text.index("LIMIT")) == sql.index("LIMIT")
    assert typed.with_types({}) == statement


# Where a value may stand, in statements that are otherwise of the same form.
PLACES = [
    "SELECT {}",
    "SELECT {}::int",
    "SELECT {}[1]",
    "SELECT a FROM t WHERE a BETWEEN {} AND {} OR a LIKE {} ESCAPE {}",
    "SELECT a FROM t WHERE a IN ({}, {}) AND NOT {} AND a = ANY ({})",
    "SELECT DISTINCT {} AS x, CASE {} WHEN {} THEN {} ELSE {} END",
    "SELECT a AT TIME ZONE {} FROM t ORDER BY {} LIMIT {} OFFSET {}",
    "SELECT a FROM t ORDER BY a FETCH FIRST {} ROWS ONLY",
    "SELECT sum(a) OVER (ORDER BY b ROWS {} PRECEDING) FROM t",
    "SELECT substring({} FROM {} FOR {}), EXTRACT(year FROM {}), position({} IN {})",
    "SELECT JSON_OBJECT('a': {}), JSON_VALUE({}, '$.a' PASSING {} AS x)",
    "SELECT * FROM t TABLESAMPLE system ({}) REPEATABLE ({})",
    "VALUES ({}, {}), ({}, DEFAULT)",
    "INSERT INTO t VALUES ({}) ON CONFLICT (a) DO UPDATE SET a = {} RETURNING {}",
    "UPDATE t SET (a, b) = ({}, {}), c[{}] = {} WHERE d IS DISTINCT FROM {}",
]


@pytest.mark.parametrize("form", PLACES)
def test_a_type_may_be_added_wherever_a_value_stands(form: str) -> None:
    count = form.count("{}")
    sql = form.format(*(f"${number}" for number in range(1, count + 1)))
    (statement,) = admit_dml(sql, "s")
    assert statement.text == sql
    typed = statement.with_types(dict.fromkeys(range(1, count + 1), "text"))
    written = form.format(*(f"(${number}::text::text)" for number in range(1, count + 1)))
    assert typed.text == written
    assert admit_dml(written, "s")[0].kind == statement.kind


def assert_positions_are_exact(statement: DmlStatement, sql: str) -> None:
    """Outside placeholders, the same character; anywhere in one, where it begins as sent."""
    inside = {
        position: each.sent_start
        for each in statement.placeholders
        for position in range(each.start, each.end)
    }
    for position, character in enumerate(statement.text):
        as_sent = statement.position_as_sent(position)
        if position in inside:
            assert as_sent == inside[position]
        else:
            assert sql[as_sent] == character


WORDS = ("a", "b", "select", "中文", "Key")
HIDDEN = st.sampled_from(
    [
        "':a'", "''':b'", "E'\\':a'", "$$:a$$", "$x$ :b $$ :a $x$", 'c."中:a"', "-- :a\n1", "/*:a*/ 1",
        "/* /* :a */ :b */2", "1::int", "'1'::a", "c[1:n]", "x.a", "U&'\\003aa'", "'中𝔘'",
    ],
)  # fmt: skip
SHOWN = st.sampled_from(WORDS)
PARTS = st.lists(st.one_of(HIDDEN, SHOWN.map(lambda word: (word,))), min_size=1, max_size=8)


@given(st.lists(PARTS, min_size=1, max_size=3))
def test_what_is_hidden_stays_and_what_is_shown_is_found(
    statements: list[list[str | tuple[str]]],
) -> None:
    """Each `(word,)` is a parameter, each text is none, whatever it looks like."""
    sent = [
        "SELECT " + " , ".join(f":{part[0]}" if isinstance(part, tuple) else part for part in parts)
        for parts in statements
    ]
    sql = "\n; ".join(sent)
    admitted = admit_dml(sql, "s", NAMES)
    assert len(admitted) == len(statements)
    for parts, one_sent, one in zip(statements, sent, admitted, strict=True):
        shown = [part[0] for part in parts if isinstance(part, tuple)]
        assert one.parameters == tuple(dict.fromkeys(shown))
        assert [one.parameters[each.number - 1] for each in one.placeholders] == shown
        expected = "SELECT " + " , ".join(
            f"${one.parameters.index(part[0]) + 1}" if isinstance(part, tuple) else part
            for part in parts
        )
        assert one.text == expected
        assert sql[one.offset :].startswith(one_sent)
        for statement in (one, one.with_types({1: "int4"})):
            assert_positions_are_exact(statement, sql)


@given(st.lists(st.integers(min_value=1, max_value=40), min_size=1, max_size=12))
def test_numbers_keep_their_order_and_have_no_gaps(numbers: list[int]) -> None:
    (statement,) = admit_dml("SELECT " + ", ".join(f"${number}" for number in numbers), "s")
    assert statement.parameters == tuple(sorted(set(numbers)))
    written = [token for token in postgast.scan(statement.text).tokens if token.token == tree.PARAM]
    used = [int(statement.text[token.start + 1 : token.end]) for token in written]
    assert [statement.parameters[number - 1] for number in used] == numbers
    assert set(used) == set(range(1, len(set(numbers)) + 1))


GLUED = st.lists(
    st.sampled_from(
        [
            ":a", ":中文", ":Key", ":a", "$1", "a", "1", "'x'", '"q"', "$$x$$", "$t$", "E'x'", "U&", "B",
            ",", "+", "-", "@", "/", "*", "(", ")", "[", "]", "::int", "::", ":", ".", " ", "\n", "--\n",
            "/**/", "AND", "LIMIT", "IN", "LIKE ", "=", "1.", "e1", "_", "$", "AS x", " FROM t",
        ]
    ),
    max_size=9,
)  # fmt: skip


@given(GLUED)
def test_what_is_run_is_what_was_judged(pieces: list[str]) -> None:
    """A number in the place of a name makes no other token of what is around it."""
    sql = "SELECT " + "".join(pieces)
    try:
        (statement,) = admit_dml(sql, "s", NAMES)
    except (SqlParseFailed, InvalidParameter, DmlNotAllowed, NoAuthority):
        return
    (judged,) = source.read(sql, NAMES).statements
    for text in (statement.text, statement.with_types({}).text):
        (run,) = postgast.parse(text).stmts
        assert without_numbers(run.stmt) == without_numbers(judged.tree)


def without_numbers(message: Message) -> Message:
    pending = [message]
    while pending:
        each = pending.pop()
        for field, value in each.ListFields():
            if field.name in POSITIONS | {"number"}:
                each.ClearField(field.name)
            elif field.message_type is not None:
                pending.extend(value if field.is_repeated else [value])
    return message
