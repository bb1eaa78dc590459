"""What the pages say is what the code does."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from docs.generate import PAGES
from service.command_line import program

REPOSITORY = Path(__file__).parents[2]
MARKDOWN = [
    path
    for path in [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]
    if ".venv" not in path.parts
]


@pytest.mark.parametrize("page", PAGES)
def test_generated_pages_are_of_this_code(page: str) -> None:
    assert (REPOSITORY / "docs" / page).read_text() == PAGES[page](), "run `make docs`"


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda path: path.name)
def test_links_and_named_files_exist(page: Path) -> None:
    text = page.read_text()
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    missing = [link for link in links if not (page.parent / link).exists()]
    named = re.findall(
        r"`((?:api|domain|repository|service|exceptions|migrations|tests|docs)/[\w/.]+)`", text
    )
    missing += [name for name in named if not _is_there(name)]
    assert missing == []


def _is_there(name: str) -> bool:
    """A file, a folder, a module, or something in a module."""
    module = name.rpartition(".")[0] or name
    candidates = (name, f"{name}.py", f"{module}.py", module)
    return any((REPOSITORY / candidate).exists() for candidate in candidates)


def test_every_dependency_has_its_line() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    groups = [project["project"]["dependencies"], *project["dependency-groups"].values()]
    listed = [each for group in groups for each in group if isinstance(each, str)]
    declared = [re.split(r"[^\w-]", each)[0] for each in listed]
    page = (REPOSITORY / "docs" / "dependencies.md").read_text()
    assert declared
    assert [name for name in declared if not re.search(rf"\b{re.escape(name)}\b", page)] == []


def test_the_locks_name_no_registry() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (REPOSITORY / name).read_text()
        assert "://" not in text
        assert not re.search(r"^--(?!hash)", text, re.MULTILINE)
        pinned = re.findall(r"^[\w.-]+==", text, re.MULTILINE)
        assert len(pinned) == len(re.findall(r"^\S+==\S+.*\\$", text, re.MULTILINE))


def shown_commands() -> list[tuple[str, str]]:
    """Of pages and the README: whatever stands at the beginning of a line, as one would type it."""
    found = []
    for page in MARKDOWN:
        for line in page.read_text().splitlines():
            typed = re.match(r"(?: {4}|\$ )?(?:python -m service|twinbase) (?=[a-z])(.*)", line)
            if typed:
                found.append((page.name, typed[1].partition(" | ")[0].partition(" # ")[0]))
    return found


@pytest.mark.parametrize(("page", "words"), shown_commands())
def test_each_command_that_is_shown_is_one(page: str, words: str) -> None:
    """All its words are taken; the pages' own tests run them."""
    if page == "commands.md":
        return  # made from the commands themselves, with placeholders
    arguments, command = shlex.split(words), get_command(program())
    while hasattr(command, "commands"):
        command = command.commands[arguments.pop(0)]
    with command.make_context("twinbase", arguments):
        pass
