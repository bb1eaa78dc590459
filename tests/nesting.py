"""A foreign name, disguised at random, somewhere deep inside a statement: strategies of hypothesis.

Each statement comes with its twin: the same, but for something innocent in the foreign name's place.
Whatever is refused in the one and not in the other is refused for the name.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.nesting_places import (
    DDL_OF_A_QUERY,
    DDL_OF_AN_EXPRESSION,
    DML_OF_A_QUERY,
    DML_OF_AN_EXPRESSION,
    OF_A_QUERY,
    OF_AN_EXPRESSION,
    Place,
)

# One database for all examples: each is undone or refused.
on_the_server = settings(
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "100")),
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@dataclass(frozen=True)
class Nested:
    verb: str
    sql: str
    twin: str


@dataclass(frozen=True)
class _Term:
    """An expression or a query that names what is foreign, and one that does not."""

    is_query: bool
    foreign: str
    innocent: str

    def within(self, place: Place) -> "_Term":
        return _Term(
            place.makes_query,
            place.text.replace("?", self.foreign),
            place.text.replace("?", self.innocent),
        )


# Names and literals in disguise.


def _random_case(name: str) -> st.SearchStrategy[str]:
    return st.lists(st.booleans(), min_size=len(name), max_size=len(name)).map(
        lambda uppers: "".join(
            letter.upper() if upper else letter for letter, upper in zip(name, uppers, strict=True)
        )
    )


def _escaped(name: str, escape: str) -> st.SearchStrategy[str]:
    def spell(how: list[int]) -> str:
        forms = ("{0}", f"{escape}{{1:04x}}", f"{escape}+{{1:06x}}")
        return "".join(
            forms[form].format(letter, ord(letter)) for letter, form in zip(name, how, strict=True)
        )

    how = st.lists(st.integers(0, 2), min_size=len(name), max_size=len(name))
    tail = "" if escape == "\\" else f" UESCAPE '{escape}'"
    return how.map(spell).map(lambda spelt: f'U&"{spelt}"{tail}')


def disguised_name(name: str) -> st.SearchStrategy[str]:
    return st.one_of(
        st.just(name),
        _random_case(name),
        st.just(f'"{name}"'),
        _escaped(name, "\\"),
        _escaped(name, "!"),
    )


BLANKS = st.sampled_from(
    ("", "", "", " ", "\t", "\n", "\r\f", "/**/", "/* . */", "/* /* */ ' */", "-- .\n", " --\n\t")
)
DOTS = st.tuples(BLANKS, st.just("."), BLANKS).map("".join)


@st.composite
def _qualified(draw: st.DrawFn, schema: str, name: str) -> str:
    return draw(disguised_name(schema)) + draw(DOTS) + draw(disguised_name(name))


@st.composite
def literals(draw: st.DrawFn, text: str) -> str:
    """A constant of this text, as PostgreSQL would read it."""
    half = draw(st.integers(0, len(text)))
    escaped = "".join(
        f"\\x{ord(letter):02x}" if draw(st.booleans()) and letter.isascii() else letter
        for letter in text
    )
    return draw(
        st.sampled_from(
            (
                f"'{text}'",
                f"$${text}$$",
                f"$a${text}$a$",
                f"E'{escaped}'",
                "U&'" + "".join(f"\\{ord(letter):04x}" for letter in text) + "'",
                f"'{text[:half]}'\n  '{text[half:]}'",
            )
        )
    )


@st.composite
def texts(draw: st.DrawFn, text: str) -> str:
    """An expression of this text; PostgreSQL casts it to regclass where one is wanted."""
    half = draw(st.integers(0, len(text)))
    literal = draw(literals(text))
    return draw(
        st.sampled_from(
            (
                literal,
                literal,
                f"{literal}::text",
                f"CAST({literal} AS pg_catalog.text)",
                f"('{text[:half]}' || '{text[half:]}')",
                f"(SELECT {literal})",
                f"lower({literal})",
            )
        )
    )


# What is named, and how.

_QUERIES = (
    "TABLE {}",
    "SELECT name FROM {}",
    "SELECT name FROM {} AS items WHERE items.amount > 0",
    "SELECT max(name) FROM {}",
    "SELECT string_agg(name, ',' ORDER BY amount) FROM {}",
    "SELECT x.* FROM ONLY {} AS x",
    "SELECT * FROM items, {} AS x (a, b)",
    "SELECT 1 FROM items JOIN {} AS x ON true",
    "SELECT name FROM items NATURAL LEFT JOIN {} AS x",
    "SELECT 1 FROM items FOR UPDATE OF {}",
)
_RELATIONS = (
    ("", "pg_class"),
    ("", "pg_authid"),
    ("pg_catalog", "pg_class"),
    ("information_schema", "tables"),
    ("twinbase", "database_meta"),
    ("pg_toast", "pg_toast_1262"),
    *[("@foreign@", "items")] * 12,
    *[("@pair@", "items")] * 4,
    ("@foreign@", "names"),
    ("@foreign@", "lines_number_seq"),
)


@st.composite
def _relations(draw: st.DrawFn, foreign: str, pair: str) -> str:
    schema, name = draw(st.sampled_from(_RELATIONS))
    schema = schema.replace("@foreign@", foreign).replace("@pair@", pair)
    return draw(_qualified(schema, name) if schema else disguised_name(name))


@st.composite
def _queries(draw: st.DrawFn, foreign: str, pair: str) -> _Term:
    form = draw(st.sampled_from(_QUERIES))
    relation = draw(_relations(foreign, pair))
    return _Term(is_query=True, foreign=form.format(relation), innocent=form.format("items"))


@st.composite
def _expressions(draw: st.DrawFn, foreign: str) -> _Term:
    def name(of: str) -> str:
        return draw(_qualified(foreign, of))

    def text(of: str) -> str:
        return draw(texts(of))

    makers: tuple[Callable[[], str], ...] = (
        lambda: f"{name('items')}{draw(DOTS)}name",
        lambda: f"NULL::{name('items')}",
        lambda: f"CAST(NULL AS {name('items')}[])",
        lambda: f"'calm'::{name('mood')}",
        lambda: f"{name('reach')} '1'",
        lambda: f"{name('upper')}('a')",
        lambda: f"1 OPERATOR({draw(disguised_name(foreign))}.+) 1",
        lambda: f"'a' COLLATE {draw(disguised_name(foreign))}.\"C\"",
        lambda: f"{text(f'{foreign}.items')}::{draw(disguised_name('regclass'))}",
        lambda: f"{draw(disguised_name('to_regclass'))}({text(f'{foreign}.items')})",
        lambda: f"{draw(disguised_name('nextval'))}({text(f'{foreign}.lines_number_seq')})",
        lambda: f"setval({text(f'{foreign}.lines_number_seq')}::regclass, 9)",
        lambda: (
            f"{draw(disguised_name('query_to_xml'))}({text(f'TABLE {foreign}.items')}, true, true, '')"
        ),
        lambda: f"table_to_xml({text(f'{foreign}.items')}, true, true, '')",
        lambda: (
            f"{draw(disguised_name('set_config'))}('twinbase.schema', {text(f'{foreign}')}, true)"
        ),
        lambda: f"{draw(disguised_name('pg_sleep'))}(0)",
        lambda: f"pg_catalog{draw(DOTS)}{draw(disguised_name('pg_read_file'))}('PG_VERSION')",
        lambda: f"to_tsvector({draw(literals(f'{foreign}.simple'))}, 'a')",
        lambda: f"({text(f'TABLE {foreign}.items')}){draw(DOTS)}{draw(disguised_name('ts_stat'))}",
    )
    return _Term(is_query=False, foreign=draw(st.sampled_from(makers))(), innocent="1")


@st.composite
def nested_statements(draw: st.DrawFn, foreign: str, pair: str) -> Nested:
    """``foreign``: another tenant's schema; ``pair``: the own other one."""
    term = draw(st.one_of(_queries(foreign, pair), _expressions(foreign)))
    for _ in range(draw(st.integers(0, 4))):
        places = OF_A_QUERY if term.is_query else OF_AN_EXPRESSION
        term = term.within(draw(st.sampled_from(places)))
    forms = {
        ("exec_dml", True): DML_OF_A_QUERY,
        ("exec_dml", False): DML_OF_AN_EXPRESSION,
        ("exec_ddl", True): DDL_OF_A_QUERY,
        ("exec_ddl", False): DDL_OF_AN_EXPRESSION,
    }
    verb = draw(st.sampled_from(("exec_dml", "exec_dml", "exec_ddl")))
    whole = Place(True, draw(st.sampled_from(forms[verb, term.is_query])))
    statement = term.within(whole)
    return Nested(verb, statement.foreign, statement.innocent)
