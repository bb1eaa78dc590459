"""What holds for any text, and for any nesting."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.gate import admit_ddl, admit_dml
from exceptions.errors import NoAuthority, TwinbaseError

quick = settings(max_examples=100, deadline=None, database=None)

TOKENS = """
    SELECT INSERT INTO VALUES UPDATE SET DELETE FROM WHERE WITH AS RECURSIVE UNION ALL JOIN ON
    USING LATERAL ROWS GROUP BY ORDER LIMIT OFFSET FETCH FIRST ROW ONLY FOR OF CONFLICT DO NOTHING
    RETURNING CASE WHEN THEN ELSE END CAST COLLATE OVER PARTITION FILTER ARRAY ROW NULL DEFAULT
    CREATE TABLE ALTER ADD COLUMN DROP TYPE RENAME TO INDEX COMMENT IS CONSTRAINT CHECK PRIMARY
    KEY REFERENCES GENERATED ALWAYS STORED IDENTITY LIKE UNIQUE EXCLUDE GRANT COPY JSON_OBJECT
    VIEW SEQUENCE DOMAIN ENUM OWNED NONE VALUE OPTIONS STATISTICS MERGE MATCHED TABLESAMPLE JSON_TABLE
    COLUMNS NESTED PATH nextval('q') nextval( 'other.q' ::regclass ::mood mood :a :n
    OPERATOR(pg_catalog.+) EXTRACT(epoch FROM now()) 'a' 'it''s' $$b$$ E'\\n' U&"\\0061" "Q" 中 1
    2.5 $1 $0 t s.t other.t a.b.c a.b.c.d pg_class id uid lower( count( pg_sleep( ( ) [ ] ( ) , ,
    . ; ; :: * + - / = < || -> @> % -- /* */
"""

# Every kind of character that a scanner or a decoder may stumble over.
texts = st.text(
    "aZ_$09'\"\\;,.:()[]{}<>=+-*/%&|#@!?~^` \n\r\t\f\v\0é中𝔘\u00a0\u2028\ud83d\udc00", max_size=40
)
soups = st.lists(st.sampled_from([*TOKENS.split(), "\n", "\u00a0"]), max_size=25).map(" ".join)

# Ways to put one query into another.
NESTINGS = (
    "SELECT ({})",
    "SELECT * FROM ({}) AS x",
    "SELECT * FROM t, LATERAL ({}) AS x",
    "WITH x AS ({}) SELECT 1",
    "WITH RECURSIVE x AS (SELECT 1 UNION ALL ({})) TABLE x",
    "(SELECT 1) UNION ALL ({})",
    "({}) EXCEPT (SELECT 1)",
    "SELECT count(*) FILTER (WHERE EXISTS ({})) FROM t",
    "SELECT sum(a) OVER (PARTITION BY ({})) FROM t",
    "SELECT CASE WHEN a IN ({}) THEN 1 END FROM t",
    "SELECT a FROM t WHERE a = ANY ({}) OR NOT b",
    "SELECT (ARRAY({}))[1]::text || 'a'",
    "SELECT lower(COALESCE(({})::text, 'a'))",
    "SELECT JSON_OBJECT('a': ({}))",
    "SELECT 1 GROUP BY ROLLUP (({})) ORDER BY 1 LIMIT 5",
    "SELECT 1 FROM t JOIN u ON ({}) = 1",
    "SELECT 1 FROM ROWS FROM (lower(({}))) AS x",
    "SELECT 1 FROM t TABLESAMPLE system (({})) REPEATABLE (1)",
    "SELECT 1 FROM JSON_TABLE(({}), '$' COLUMNS (a int)) AS x",
    "SELECT 1 FROM JSON_TABLE('', '$' COLUMNS (NESTED '$' COLUMNS (a int DEFAULT ({}) ON EMPTY)))",
    "SELECT nextval('q') + setval('q', ({})) FROM t",
    "SELECT CAST(({}) AS mood[])",
)
OUTERMOST = (
    "{}",
    "SELECT 1; {}",
    "INSERT INTO t {}",
    "INSERT INTO t VALUES (({})) RETURNING *",
    "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET a = ({})",
    "UPDATE t SET (a, b) = ({})",
    "UPDATE t SET a = 1 WHERE b = ({}) RETURNING a",
    "DELETE FROM t USING ({}) AS x",
    "WITH x AS (DELETE FROM t WHERE a = ({}) RETURNING a) TABLE x",
    "MERGE INTO t USING ({}) AS x ON true WHEN MATCHED THEN DELETE",
    "MERGE INTO t USING u ON ({}) WHEN NOT MATCHED THEN INSERT (a) VALUES (1)",
    "MERGE INTO t USING u ON true WHEN MATCHED AND ({}) THEN UPDATE SET a = 1",
    "MERGE INTO t USING u ON true WHEN MATCHED THEN UPDATE SET (a, b) = ({})",
    "MERGE INTO t USING u ON true WHEN NOT MATCHED THEN INSERT VALUES (({})) RETURNING 1",
)
DEFINING = (
    "CREATE VIEW v AS {}",
    "CREATE OR REPLACE VIEW v AS SELECT 1 WHERE ({})",
    "CREATE RECURSIVE VIEW v (a) AS SELECT 1 UNION ALL ({})",
    "CREATE TABLE n AS {}",
    "CREATE TABLE n (a int DEFAULT ({}))",
    "CREATE TABLE n (a int CHECK (({}) > 0))",
    "CREATE TABLE n (a int GENERATED ALWAYS AS (({})) STORED)",
    "CREATE DOMAIN d AS int DEFAULT ({}) NOT NULL",
    "CREATE DOMAIN d AS int CHECK (VALUE > ({}))",
    "ALTER DOMAIN d SET DEFAULT ({})",
    "ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE IN ({}))",
    "ALTER TABLE t ALTER a TYPE int USING (({}))",
    "ALTER TABLE t ADD a int DEFAULT ({})",
    "CREATE INDEX ON t (a, (({}))) WHERE b",
    "CREATE INDEX ON t (a) WHERE ({})",
    "CREATE STATISTICS st ON a, (({})) FROM t",
    "DROP TABLE IF EXISTS t; CREATE VIEW v AS {}",
)
FOREIGN = (
    "TABLE other.t",
    "SELECT a FROM pg_class",
    "SELECT other.t.a FROM t",
    "SELECT pg_x FROM t",
    "SELECT nextval('other.q')",
    "SELECT nextval(' \"other\" . q '::regclass)",
)


def assert_answered(text: str) -> None:
    """Nothing but a TwinbaseError comes out of the gate."""
    names = frozenset("an")
    for admit in (
        lambda: admit_dml(text, "s"),
        lambda: admit_dml(text, "s", names),
        lambda: admit_ddl(text),
    ):
        with suppress(TwinbaseError):
            admit()


@quick
@given(texts)
def test_any_text_is_answered(text: str) -> None:
    assert_answered(text)


@settings(quick, max_examples=200)
@given(soups)
def test_any_soup_of_tokens_is_answered(soup: str) -> None:
    assert_answered(soup)


@quick
@given(
    st.sampled_from(FOREIGN),
    st.lists(st.sampled_from(NESTINGS), max_size=5),
    st.sampled_from(OUTERMOST),
)
def test_a_foreign_name_is_found_however_deep(
    foreign: str,
    nestings: list[str],
    outermost: str,
) -> None:
    sql, own = foreign, "SELECT a FROM t"
    for nesting in (*nestings, outermost):
        sql, own = nesting.format(sql), nesting.format(own)
    assert admit_dml(own, "s")
    with pytest.raises(NoAuthority):
        admit_dml(sql, "s")


@quick
@given(
    st.sampled_from(FOREIGN),
    st.lists(st.sampled_from(NESTINGS), max_size=5),
    st.sampled_from(DEFINING),
)
def test_a_foreign_name_is_found_in_any_definition(
    foreign: str,
    nestings: list[str],
    defining: str,
) -> None:
    sql, own = foreign, "SELECT a FROM t"
    for nesting in (*nestings, defining):
        sql, own = nesting.format(sql), nesting.format(own)
    assert admit_ddl(own)
    with pytest.raises(NoAuthority):
        admit_ddl(sql)


@quick
@given(texts, texts)
def test_a_statement_is_a_slice_of_what_was_sent(words: str, remark: str) -> None:
    for mark in ("\0", "\ud83d", "\udc00", "*", "\n", "\r"):
        words, remark = words.replace(mark, ""), remark.replace(mark, "")
    literal = words.replace("'", "''")
    first, second = f"SELECT '{literal}'", f"TABLE t -- {remark}".rstrip(" \t\f\v")
    sql = f" /*{remark} */ {first} ; ; {second} "
    assert [(each.text, each.offset) for each in admit_dml(sql, "s")] == [
        (first, len(remark) + 7),
        (second, len(remark) + 12 + len(first)),
    ]
