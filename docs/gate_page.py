"""`docs/gate.md`: what the gate admits and refuses, in its own answers."""

from collections.abc import Iterable, Iterator

from docs.gate_answers import SCHEMA, Verdict, ddl, dml
from docs.gate_forms import ALTERATIONS, OBJECTS, OPTIONS
from docs.gate_samples import STATEMENTS
from docs.gate_texts import EXPRESSIONS, NAMES, TEXTS
from domain.gate import DdlKind, DmlKind
from domain.gate.reviewed_statements import DDL_GRAMMAR, DML_GRAMMAR
from domain.gate.vocabulary import INDEX_METHODS, MANAGED_COLUMNS, SERIAL_TYPES
from domain.gate.word_lists import (
    Group,
    allowed_functions,
    allowed_types,
    refused_functions,
    refused_types,
)
from domain.gate.wording import words_for
from exceptions.errors import DdlNotAllowed, DmlNotAllowed, NoAuthority, SqlParseFailed

# Parts of statements whose name in the grammar is not SQL.
PARTS = {
    "ATAlterConstraint": "ALTER CONSTRAINT",
    "AlterTableCmd": "ALTER TABLE",
    "ColumnDef": "a column",
    "Constraint": "a constraint",
    "IndexElem": "a column of an index",
    "IntoClause": "CREATE TABLE AS",
    "TypeName": "a type",
}

# A group of refused functions that is longer than this is shown by its first few.
LONG_GROUP, FIRST_FEW = 60, 12

OPENING = f"""\
# What SQL is run

Made by `make docs`, which asks the gate (`domain/gate/`) about each line. The gate parses SQL with
PostgreSQL's own grammar and admits what is on its lists: kinds of statement, fields of the parse
tree, functions, types, names. Whatever is not on them is refused, so this page cannot name all that
is refused; it shows what one may want to know. Case, quotes, escapes, comments and nesting make no
difference: what is judged is what PostgreSQL would read.

* `exec_dml` runs {", ".join(DmlKind)}.
* `exec_ddl` runs {", ".join(DdlKind)}.

| code | when |
|---|---|
| {NoAuthority.code:d} | {NoAuthority.default_message()} Names that are not the tenant's. |
| {SqlParseFailed.code:d} | {SqlParseFailed.default_message()} |
| {DdlNotAllowed.code:d} | {DdlNotAllowed.default_message()} |
| {DmlNotAllowed.code:d} | {DmlNotAllowed.default_message()} |

What the gate admits may still fail in PostgreSQL, which then says why. In the tables, the schema
addressed by exec_dml is `{SCHEMA}`; exec_ddl runs on both schemas of a database and names none.
"""


def gate_page() -> str:
    sections = [
        OPENING,
        *_statements(),
        _alterations(),
        _objects(),
        _options(),
        _clauses(),
        _single("Names", NAMES),
        _single("Expressions", EXPRESSIONS),
        _types(),
        _functions(),
        _texts(),
    ]
    return "\n".join(sections)


def _statements() -> Iterator[str]:
    yield (
        "## Statements\n\n`yes`, or the code of the refusal; and what is told beyond that the verb"
        " does not run it.\n"
    )
    for theme, samples in STATEMENTS.items():
        rows = ((_sql(sql), *_words(dml(sql), ddl(sql))) for sql in samples)
        yield f"### {theme}\n\n" + _table(("statement", "exec_dml", "exec_ddl", "told"), rows)


def _words(*verdicts: Verdict) -> list[str]:
    """Each one's word, and all that they have to say."""
    reasons = dict.fromkeys(verdict.reason for verdict in verdicts if verdict.reason)
    return [*(verdict.word for verdict in verdicts), " ".join(reasons)]


def _alterations() -> str:
    rows, told = [], set()
    for form in ALTERATIONS:
        verdict = ddl(_alteration(form, "a"))
        managed = [ddl(_alteration(form, name)) for name in sorted(MANAGED_COLUMNS)]
        words = {answer.word for answer in managed} if "{column}" in form else set()
        if not verdict.code:
            told |= {answer.reason for answer in managed if answer.reason}
        rows.append(
            (_sql(form.format(column="a")), verdict.word, ", ".join(sorted(words)), verdict.reason)
        )
    names = ", ".join(sorted(MANAGED_COLUMNS))
    return (
        f"## ALTER TABLE\n\nEvery table has the columns {names}, which the service manages. What"
        " is not done to them is told:\n\n"
        + "\n".join(f"> {reason}\n" for reason in sorted(told))
        + "\n"
        + _table(("ALTER TABLE t …", "exec_ddl", f"of {names}", "told"), rows)
    )


def _alteration(form: str, column: str) -> str:
    return f"ALTER TABLE t {form.format(column=column)}"


def _objects() -> str:
    rows = (
        (kind, *(ddl(sql).word if sql else "" for sql in samples))
        for kind, samples in OBJECTS.items()
    )
    heading = "## Objects\n\nWhich exec_ddl renames, drops and comments on.\n\n"
    return heading + _table(("object", "RENAME", "DROP", "COMMENT"), rows)


def _options() -> str:
    rows = []
    for place, (template, options) in OPTIONS.items():
        allowed = [option for option in options if not ddl(template.format(option)).code]
        refused = [option for option in options if option not in allowed]
        rows.append((place, _list(allowed), _list(refused)))
    methods = _list(sorted(INDEX_METHODS))
    heading = "## Options\n\nWhat is not named here is refused.\n\n"
    return (
        heading + _table(("of", "allowed", "refused"), rows) + f"\nMethods of indexes: {methods}.\n"
    )


def _clauses() -> str:
    """Fields of reviewed messages that are refused when they are set."""
    codes: dict[tuple[str, str], list[str]] = {}
    for refusal, grammar in ((DmlNotAllowed, DML_GRAMMAR), (DdlNotAllowed, DDL_GRAMMAR)):
        for message_type, reviewed in grammar.items():
            part = PARTS.get(message_type) or words_for(message_type)
            for answer in reviewed.refused.values():
                codes.setdefault((part, answer), []).append(f"{refusal.code:d}")
    rows = (
        (part, ", ".join(dict.fromkeys(of_part)), f"{answer}.")
        for (part, answer), of_part in codes.items()
    )
    return "## Clauses\n\nRefused wherever their part of a statement occurs.\n\n" + _table(
        ("part", "code", "told"), rows
    )


def _single(title: str, samples: Iterable[str]) -> str:
    rows = ((_sql(sql), *_words(dml(sql))) for sql in samples)
    return f"## {title}\n\n" + _table(("statement", "exec_dml", "told"), rows)


def _types() -> str:
    allowed = ((group.title, _list(group.entries)) for group in allowed_types())
    refused = ((_heading(group), _list(group.entries)) for group in refused_types())
    return (
        "## Types\n\nBy PostgreSQL's own names (integer is int4); also as arrays. In columns of a"
        f" new table also\n{_list(sorted(SERIAL_TYPES))}.\n\n"
        + _table(("allowed", "types"), allowed)
        + "\n"
        + _table(("refused", "types"), refused)
    )


def _heading(group: Group) -> str:
    return f"{group.title}: {group.reason}" if group.reason else group.title


def _functions() -> str:
    allowed, refused = allowed_functions(), refused_functions()
    count = sum(len(group.entries) for group in allowed)
    return (
        f"## Functions\n\n{count} functions may be called, each with all of its overloads.\n\n"
        + _table(("group", "functions"), ((group.title, _list(group.entries)) for group in allowed))
        + "\nOf PostgreSQL 15 to 18, all others have been read too, and are refused (`*` stands for"
        " any\ncharacters). A function that no list knows is refused as well.\n\n"
        + _table(
            ("group", "why", "functions"),
            ((group.title, group.reason, _shown(group)) for group in refused),
        )
    )


def _shown(group: Group) -> str:
    entries = (*group.patterns, *group.names)
    if len(entries) <= LONG_GROUP:
        return _list(entries)
    return f"{_list(entries[:FIRST_FEW])} and {len(entries) - FIRST_FEW} more"


def _texts() -> str:
    rows = ((what, *_words(dml(sql))) for what, sql in TEXTS.items())
    return "## Text and bounds\n\n" + _table(("the SQL is", "exec_dml", "told"), rows)


def _table(heads: tuple[str, ...], rows: Iterable[Iterable[str]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _sql(text: str) -> str:
    return f"`{text}`"


def _list(words: Iterable[str]) -> str:
    return " ".join(f"`{word}`" for word in words)
