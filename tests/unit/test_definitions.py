"""The order in which a copy's objects are made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exceptions.errors import CloneNotPossible
from repository.node_order import Node, in_order

Edges = list[tuple[str, str]]


def node(key: str, phase: int = 10, stand_in: str | None = None) -> Node:
    return Node(key, phase, by_service=False, statement=f"make {key}", stand_in=stand_in)


def keys(nodes: list[Node], edges: Edges) -> list[str]:
    return [each.key for each in in_order(nodes, edges)]


def test_phases_come_one_after_the_other_and_otherwise_as_given() -> None:
    assert keys([node("view", 50), node("b"), node("a"), node("key", 30)], []) == [
        "b",
        "a",
        "key",
        "view",
    ]


def test_what_is_needed_comes_before_also_out_of_its_phase() -> None:
    nodes = [node("table"), node("key", 30), node("view", 50), node("other")]
    edges = [("table", "view"), ("view", "key"), ("table", "of no node"), ("nothing", "table")]
    assert keys(nodes, edges) == ["key", "view", "table", "other"]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=120))
def test_each_comes_after_all_that_it_needs(pairs: list[tuple[int, int]]) -> None:
    edges = [(str(max(pair)), str(min(pair))) for pair in pairs if pair[0] != pair[1]]
    ordered = keys([node(str(number), number % 7) for number in range(31)], edges)
    assert sorted(ordered) == sorted(str(number) for number in range(31))
    assert all(ordered.index(key) > ordered.index(needed) for key, needed in edges)


@pytest.mark.parametrize("first", ["function", "view"])
def test_a_stand_in_breaks_a_circle(first: str) -> None:
    nodes = sorted(
        [node("function"), node("view", stand_in="a stand-in"), node("table", 20)],
        key=lambda each: each.key != first,
    )
    edges = [("function", "view"), ("view", "function"), ("view", "table")]
    ordered = in_order(nodes, edges)
    assert [each.statement for each in ordered if each.key in {"function", "view"}] == [
        "make function",
        "make view",
    ]
    statements = [each.statement for each in ordered]
    assert statements.index("a stand-in") < statements.index("make function")
    assert statements.index("make table") < statements.index("make view")


def test_a_circle_that_nothing_breaks_is_told() -> None:
    with pytest.raises(CloneNotPossible, match="make a; make b"):
        in_order([node("a"), node("b")], [("a", "b"), ("b", "a")])


def test_a_chain_may_be_long() -> None:
    edges = [(str(number), str(number + 1)) for number in range(5_000)]
    ordered = keys([node(str(number)) for number in range(5_001)], edges)
    assert ordered == [str(number) for number in reversed(range(5_001))]
