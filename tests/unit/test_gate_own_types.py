"""Types by name: pg_catalog's that are listed, the tenant's own, and nobody else's."""

import pytest

from domain.gate import admit_ddl, admit_dml
from domain.gate.vocabulary import SERIAL_TYPES, catalog_type_names, type_names
from exceptions.errors import DdlNotAllowed, DmlNotAllowed, NoAuthority

# As it is written, and the type that is meant.
OWN = {
    "plain": ("mood", "mood"),
    "capitals become small": ("MOOD", "mood"),
    "quotes keep capitals": ('"Mood"', "Mood"),
    "unicode escape": ('U&"\\006d\\006fod"', "mood"),
    "letters of any script": ("心情", "心情"),
    "array": ("mood[]", "mood"),
    "array of arrays": ("mood[][3]", "mood"),
    "array, in words": ("mood ARRAY", "mood"),
    "brackets in quotes": ('"mood[]"', "mood[]"),
    "resembling the catalog's": ("region", "region"),
    "resembling a text": ("text2", "text2"),
    "catalog's in capitals": ('"REGCLASS"', "REGCLASS"),
    "catalog's with a blank": ('"regclass "', "regclass "),
    "catalog's with a dot": ('"pg_catalog.regclass"', None),
    "own schema": ("s.mood", "mood"),
    "own schema, quoted": ('"s"."Mood"', "Mood"),
    "row type": ("orders", "orders"),
}

REFUSED = {
    "another schema": "other.mood",
    "another schema, quoted": '"other"."mood"',
    "another schema, unicode escape": 'U&"\\006fther".mood',
    "another schema, array": "other.mood[]",
    "another schema's text": "other.text",
    "own schema, other case": '"S".mood',
    "with the database": "postgres.s.mood",
    "information_schema": "information_schema.sql_identifier",
    "temporary": "pg_temp.mood",
    "regclass": "regclass",
    "regclass, capitals": "RegClass",
    "regclass, quoted": '"regclass"',
    "regclass, unicode escape": 'U&"\\0072egclass"',
    "regclass, own escape character": "U&\"!0072egclass\" UESCAPE '!'",
    "regclass, comment": "regclass/**/",
    "regclass, array": "regclass[]",
    "regclass, modifier": "regclass(3)",
    "regclass, qualified": "pg_catalog.regclass",
    "regclass, qualified, quoted": '"pg_catalog"."regclass"',
    "regclass, own schema": "s.regclass",
    "regclass, array's own name": "_regclass",
    "text, array's own name": "_text",
    "own array's own name": "_mood",
    "own array's own name, own schema": "s._mood",
    "row type of a catalog": "pg_class",
    "row type of a catalog, array's name": "_pg_class",
    "row type of a catalog, own schema": "s.pg_class",
    "long name that would be cut": None,
    "pseudo type": "record",
    "pseudo type any": '"any"',
    "text of the catalog, own schema": "s.text",
    "unknown type of pg_catalog": "pg_catalog.mood",
}

# A name that PostgreSQL would take for its own type can be given to none of a tenant's.
CREATING = {
    "enum": "CREATE TYPE {} AS ENUM ('a')",
    "domain": "CREATE DOMAIN {} AS int",
    "enum, renamed": "ALTER TYPE mood RENAME TO {}",
    "domain, renamed": "ALTER DOMAIN mood RENAME TO {}",
}

CHANGING = [
    "ALTER TYPE {} ADD VALUE 'a'",
    "ALTER TYPE {} RENAME VALUE 'a' TO 'b'",
    "ALTER TYPE {} RENAME TO mood",
    "ALTER DOMAIN {} DROP NOT NULL",
    "ALTER DOMAIN {} RENAME TO mood",
    "ALTER DOMAIN {} RENAME CONSTRAINT k TO l",
    "DROP TYPE {}",
    "DROP DOMAIN mood, {}",
    "COMMENT ON TYPE {} IS 'x'",
    "COMMENT ON DOMAIN {} IS 'x'",
    "COMMENT ON CONSTRAINT k ON DOMAIN {} IS 'x'",
]

# Where a value's type is written.
PLACES = [
    "SELECT 'x'::{}",
    "SELECT CAST($1 AS {})",
    "SELECT * FROM json_to_record('{{}}') AS x(a {})",
    "SELECT JSON_VALUE('{{}}', '$' RETURNING {})",
    "SELECT * FROM JSON_TABLE('{{}}', '$' COLUMNS (a {})) AS x",
    "INSERT INTO t VALUES (1) ON CONFLICT ((a::{})) DO NOTHING",
    "MERGE INTO t USING u ON t.a::{} = u.a WHEN MATCHED THEN DELETE",
]

# A row of a tenant's own table is a value like any other; its columns are not calls.
ROWS = {
    "field of a row": "SELECT (NULL::orders).ts_stat",
    "field of a row, key": "SELECT (x::orders).regclass FROM t AS x",
    "field of a column": "SELECT (t.a).ts_stat FROM t",
    "row as a function in FROM": "SELECT x.ts_stat FROM json_populate_record(NULL::orders, '') AS x",
    "row as a cast in FROM": "SELECT x.ts_stat FROM CAST('(TABLE pg_class)' AS orders) AS x",
    "domain as a cast in FROM": "SELECT d.regclass FROM CAST('other.t' AS d) AS d",
    "type as a function": "SELECT orders('(1)')",
    "type as a function, qualified": "SELECT s.mood('a')",
}


@pytest.mark.parametrize(("written", "name"), OWN.values(), ids=OWN)
def test_an_own_type_is_taken_for_one(written: str, name: str | None) -> None:
    if name is None:  # a name that cannot be the system's, though it begins so
        with pytest.raises(DmlNotAllowed):
            admit_dml(f"SELECT NULL::{written}", "s")
        return
    assert admit_dml(f"SELECT NULL::{written}", "s")[0].relations == {name}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("written", REFUSED.values(), ids=REFUSED)
def test_another_type_is_refused_wherever_it_is(place: str, written: str | None) -> None:
    written = f'"{"m" * 64}"' if written is None else written
    with pytest.raises(DmlNotAllowed, match=r"is not allowed|63 bytes"):
        admit_dml(place.format(written), "s")


@pytest.mark.parametrize("written", REFUSED.values(), ids=REFUSED)
def test_another_type_is_refused_in_definitions(written: str | None) -> None:
    written = f'"{"m" * 64}"' if written is None else written
    for form in ("CREATE TABLE t (a {})", "CREATE DOMAIN d AS {}", "ALTER TABLE t ALTER a TYPE {}"):
        with pytest.raises(DdlNotAllowed, match=r"is not allowed|63 bytes"):
            admit_ddl(form.format(written))


@pytest.mark.parametrize("form", CREATING.values(), ids=CREATING)
def test_no_own_type_takes_a_name_of_postgresqls(form: str) -> None:
    taken = type_names() | catalog_type_names() | SERIAL_TYPES | {"_mood", "_"}
    for name in taken:
        with pytest.raises(DdlNotAllowed, match="cannot name a type of your own"):
            admit_ddl(form.format(f'"{name}"'))
    with pytest.raises(NoAuthority):
        admit_ddl(form.format("pg_mood"))
    assert admit_ddl(form.format("region"))


@pytest.mark.parametrize("form", CHANGING)
def test_only_own_types_are_changed(form: str) -> None:
    (statement,) = admit_ddl(form.format('"Temper"'))
    assert "Temper" in statement.relations
    for name in ("other.mood", "s.mood", "pg_lsn", "pg_temp.mood", "a.b.c"):
        with pytest.raises(NoAuthority):
            admit_ddl(form.format(name))
    for name in ("text", '"regclass"', "record", "serial", "pg_catalog.text"):
        with pytest.raises((DdlNotAllowed, NoAuthority), match=r"own, not yours|not yours to use"):
            admit_ddl(form.format(name))


@pytest.mark.parametrize("sql", ROWS.values(), ids=ROWS)
def test_a_row_type_opens_no_way_to_call_a_function(sql: str) -> None:
    with pytest.raises(DmlNotAllowed, match=r"may call|is not allowed"):
        admit_dml(sql, "s")
