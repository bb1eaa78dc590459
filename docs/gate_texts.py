"""Names, expressions and texts that `docs/gate.md` asks the gate about: see gate_samples.py."""

# Names and what may stand in an expression. exec_dml addresses the schema `s`.
NAMES = (
    "SELECT a FROM t",
    "SELECT a FROM s.t",
    "SELECT a FROM other.t",
    "SELECT a FROM db.s.t",
    "SELECT a FROM pg_class",
    "SELECT a FROM pg_catalog.pg_class",
    "SELECT a FROM information_schema.tables",
    "SELECT t.pg_x FROM t",
    "SELECT other.t.a FROM t",
    f"SELECT a AS {'x' * 64}",
)

EXPRESSIONS = (
    "SELECT lower(a) FROM t",
    "SELECT pg_catalog.lower(a) FROM t",
    "SELECT other.f(a) FROM t",
    "SELECT pg_sleep(1)",
    "SELECT 'other.t'::regclass",
    "SELECT '1'::e",
    "SELECT '1'::s.e",
    "SELECT '1'::other.e",
    "SELECT (a).lower FROM t",
    "SELECT x.lower FROM unnest(ARRAY['A']) AS x (a)",
    "SELECT 1 OPERATOR(pg_catalog.+) 2",
    "SELECT 1 OPERATOR(other.+) 2",
    'SELECT a COLLATE "C" FROM t',
    "SELECT a COLLATE other.x FROM t",
    "SELECT to_tsvector('english', a) FROM t",
    "SELECT to_tsvector(a, 'x') FROM t",
    "SELECT to_tsvector('other.x', a) FROM t",
    "SELECT $1",
    "SELECT CURRENT_TIMESTAMP, LOCALTIME",
    "SELECT CURRENT_USER",
    "SELECT CURRENT_SCHEMA",
    "SELECT XMLELEMENT(NAME a)",
    "SELECT JSON_VALUE('{}', '$.a')",
)

# What the parser says of a text, and how much of it there may be.
TEXTS = {
    "nothing": "",
    "a comment": "-- nothing",
    "`;`": ";;",
    "mistaken": "SELECT * FORM t",
    "cut off": "SELECT 'a",
    "holding a NUL": "SELECT '\0'",
    "10,000 brackets": f"SELECT {'(' * 10_000}1{')' * 10_000}",
    "100 additions": f"SELECT {'+'.join('1' * 100)}",
    "1,000 alternatives": f"SELECT {' OR '.join(['a = 1'] * 1_000)}",
    "1,000 values": f"SELECT a IN ({', '.join('1' * 1_000)})",
    "1,000 statements": "SELECT 1;" * 1_000,
    "1,001 statements": "SELECT 1;" * 1_001,
    "1 MiB": f"SELECT '{'x' * (1024 * 1024 - 9)}'",
    "1 MiB and a byte": f"SELECT '{'x' * (1024 * 1024 - 8)}'",
}
