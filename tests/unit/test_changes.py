"""What a dry run tells of two descriptions of one schema."""

from dataclasses import replace

from domain.changes import Change, ChangeKind, ObjectKind, changes_between
from domain.description import (
    ColumnDescription,
    IndexDescription,
    KeyDescription,
    SchemaDescription,
    SequenceDescription,
    TableDescription,
    TypeDescription,
    ViewColumnDescription,
    ViewDescription,
)
from domain.schema import Environment

NAME = ColumnDescription(1, "name", "text", True, None, False, False, None, False)
PRICE = ColumnDescription(2, "price", "integer", True, "0", False, False, None, False)
KEY = KeyDescription(21, "items_pkey", "PRIMARY KEY", "PRIMARY KEY (id)")
INDEX = IndexDescription(22, "by_name", "CREATE INDEX by_name ON items USING btree (name)")
ITEMS = TableDescription(20, "items", None, 5, 8192, (NAME, PRICE), (KEY,), (INDEX,), ())
VIEW = ViewDescription(
    30, "cheap", None, "SELECT name FROM items;", (ViewColumnDescription("name", "text", None),)
)
SEQUENCE = SequenceDescription(40, "s", None, "bigint", 1, 1, 1, 99, False, None, 7)
MOOD = TypeDescription(50, "mood", "ENUM", None, ("good",), None, True, None, ())
BEFORE = SchemaDescription(Environment.TEST, 8192, (ITEMS,), (VIEW,), (SEQUENCE,), (MOOD,))
EMPTY = SchemaDescription(Environment.TEST, 0, (), (), (), ())


def told(after: SchemaDescription, before: SchemaDescription = BEFORE) -> list[tuple[object, ...]]:
    return [
        (
            str(change.change),
            str(change.object),
            change.table,
            change.name,
            change.before,
            change.after,
        )
        for change in changes_between(before, after)
    ]


def with_items(items: TableDescription) -> SchemaDescription:
    return replace(BEFORE, tables=(items,))


def test_nothing_changes_where_nothing_did() -> None:
    assert told(BEFORE) == []


def test_what_rows_bring_about_is_no_change() -> None:
    after = replace(
        BEFORE,
        bytes=99999,
        tables=(replace(ITEMS, rows=7, bytes=99999),),
        sequences=(replace(SEQUENCE, last_value=8),),
    )
    assert told(after) == []


def test_a_change_says_where() -> None:
    (change,) = changes_between(BEFORE, replace(BEFORE, views=()))
    assert change == Change(
        environment=Environment.TEST,
        change=ChangeKind.DROPPED,
        object=ObjectKind.VIEW,
        table=None,
        name="cheap",
        before={
            "name": "cheap",
            "comment": None,
            "definition": "SELECT name FROM items;",
            "columns": [{"name": "name", "type": "text", "comment": None}],
        },
        after=None,
    )


def test_only_what_differs_is_told() -> None:
    price = replace(PRICE, type="bigint", default=None)
    assert told(with_items(replace(ITEMS, columns=(NAME, price)))) == [
        (
            "changed",
            "column",
            "items",
            "price",
            {"type": "integer", "default": "0"},
            {"type": "bigint", "default": None},
        )
    ]


def test_a_new_name_is_no_new_object() -> None:
    after = with_items(replace(ITEMS, name="things", columns=(replace(NAME, name="title"), PRICE)))
    assert told(after) == [
        ("changed", "table", None, "things", {"name": "items"}, {"name": "things"}),
        ("changed", "column", "things", "title", {"name": "name"}, {"name": "title"}),
    ]


def test_an_old_name_may_be_a_new_object() -> None:
    again = replace(ITEMS, columns=(NAME, replace(PRICE, number=3)))
    assert [line[:4] for line in told(with_items(again))] == [
        ("dropped", "column", "items", "price"),
        ("added", "column", "items", "price"),
    ]


def test_an_index_made_anew_is_the_old_one() -> None:
    rebuilt = replace(INDEX, oid=23)
    assert told(with_items(replace(ITEMS, indexes=(rebuilt,)))) == []
    exchanged = replace(INDEX, name="other"), replace(INDEX, oid=24)
    assert told(with_items(replace(ITEMS, indexes=exchanged))) == [
        ("changed", "index", "items", "other", {"name": "by_name"}, {"name": "other"}),
        (
            "added",
            "index",
            "items",
            "by_name",
            None,
            {"name": "by_name", "definition": INDEX.definition},
        ),
    ]


def test_a_table_brings_and_takes_its_parts() -> None:
    ((*place, before, after),) = told(replace(BEFORE, tables=()))
    assert place == ["dropped", "table", None, "items"]
    assert after is None
    assert before == {
        "name": "items",
        "comment": None,
        "columns": [
            {
                "name": name,
                "type": type_,
                "nullable": True,
                "default": default,
                "generated": False,
                "identity": False,
                "comment": None,
                "managed": False,
            }
            for name, type_, default in (("name", "text", None), ("price", "integer", "0"))
        ],
        "keys": [{"name": KEY.name, "kind": KEY.kind, "definition": KEY.definition}],
        "indexes": [{"name": INDEX.name, "definition": INDEX.definition}],
        "statistics": [],
    }


def test_types_come_first_and_views_last() -> None:
    """As they rest on one another."""
    order = ["type", "sequence", "table", "view"]
    assert [line[:2] for line in told(BEFORE, EMPTY)] == [("added", kind) for kind in order]
    assert [line[:2] for line in told(EMPTY)] == [("dropped", kind) for kind in order]


def test_labels_of_an_enumeration() -> None:
    after = replace(BEFORE, types=(replace(MOOD, labels=("good", "bad")),))
    assert told(after) == [
        ("changed", "type", None, "mood", {"labels": ["good"]}, {"labels": ["good", "bad"]})
    ]
