"""The text files beside this one in their groups: what may be used, what not, and why.

The gate itself asks `vocabulary`, which reads nothing but names.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

PATTERN = "*"


@dataclass(frozen=True, slots=True)
class Group:
    """`reason` ends the sentence "the function … is not allowed:"; what is allowed has none."""

    title: str
    reason: str
    entries: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(entry for entry in self.entries if PATTERN not in entry)

    @property
    def patterns(self) -> tuple[str, ...]:
        return tuple(entry for entry in self.entries if PATTERN in entry)


def allowed_types() -> tuple[Group, ...]:
    return _groups_in("types.txt")


def refused_types() -> tuple[Group, ...]:
    return _groups_in("catalog_types.txt")


def allowed_functions() -> tuple[Group, ...]:
    return _groups_in("functions.txt")


def refused_functions() -> tuple[Group, ...]:
    return _groups_in("refused_functions.txt")


def refusing_group(function: str) -> Group | None:
    """Where the function is written out, or else the first with a pattern that it fits."""
    groups = refused_functions()
    for group in groups:
        if function in group.names:
            return group
    for group in groups:
        if any(fnmatchcase(function, pattern) for pattern in group.patterns):
            return group
    return None


@cache
def _groups_in(file_name: str) -> tuple[Group, ...]:
    """A group is a block of lines: a comment, `title` or `title: reason`, and names under it."""
    text = files(__package__).joinpath(file_name).read_text(encoding="utf-8")
    groups = []
    for block in text.split("\n\n"):
        lines = block.splitlines()
        entries = [name for line in lines if not line.startswith("#") for name in line.split()]
        heading = " ".join(line.removeprefix("#").strip() for line in lines if line.startswith("#"))
        title, _, reason = heading.partition(": ")
        if entries:
            groups.append(Group(title, reason, tuple(entries)))
    return tuple(groups)
