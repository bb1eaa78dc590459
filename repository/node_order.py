"""In what order the statements of a schema's objects run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from exceptions.errors import CloneNotPossible


@dataclass(frozen=True, slots=True)
class Node:
    """``by_service``: twinbase_ddl may not run it. Nothing of it is evaluated as it is made.

    But for a constant of an array or a row with a domain inside, whose checks PostgreSQL asks while
    it parses; a tenant makes no object of these kinds.

    ``stand_in``: what is to be there for those who need it, where it needs one of them.
    """

    key: str
    phase: int
    by_service: bool
    statement: str
    stand_in: str | None = None


def in_order(nodes: Iterable[Node], edges: Iterable[tuple[str, str]]) -> list[Node]:
    """Each after all that it needs, otherwise by phase and as they are given.

    Raises CloneNotPossible where they need each other.
    """
    by_key = {node.key: node for node in sorted(nodes, key=lambda node: node.phase)}
    needs: dict[str, list[str]] = {}
    for key, needed in edges:
        if key in by_key and needed in by_key:
            needs.setdefault(key, []).append(needed)
    ordered: dict[str, Node] = {}
    while missing := [key for key in by_key if key not in ordered]:
        for key in missing:
            _visit(key, by_key, needs, ordered)
    return list(ordered.values())


def _visit(
    first: str,
    by_key: Mapping[str, Node],
    needs: Mapping[str, Sequence[str]],
    ordered: dict[str, Node],
) -> None:
    """Not by recursion: views may stand on each other in their thousands."""
    path = [first]
    on_path = {first}
    while path:
        key = path[-1]
        missing = next(
            (
                each
                for each in needs.get(key, ())
                if each not in ordered and _stand_in_of(each) not in ordered
            ),
            None,
        )
        if missing is None:
            ordered.setdefault(key, by_key[key])
            on_path.discard(path.pop())
        elif missing in on_path:
            circle = path[path.index(missing) :]
            stood_for, stand_in = _stand_in([by_key[each] for each in circle])
            ordered[stand_in.key] = stand_in
            if stood_for != missing:  # its turn comes once those are there that need it
                del path[path.index(stood_for) :]
                on_path = set(path)
        else:
            path.append(missing)
            on_path.add(missing)


def _stand_in_of(key: str) -> str:
    return f"stand-in for {key}"


def _stand_in(circle: Sequence[Node]) -> tuple[str, Node]:
    """For which of them, and it. Raises CloneNotPossible where none of them can have one."""
    for node in circle:
        if node.stand_in is not None:
            stand_in = Node(_stand_in_of(node.key), node.phase, node.by_service, node.stand_in)
            return node.key, stand_in
    raise CloneNotPossible(
        "Nothing was copied. Objects that need each other cannot be made one by one: "
        + "; ".join(node.statement[:100] for node in circle)
    )
