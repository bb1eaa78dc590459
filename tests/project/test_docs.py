"""What the pages say is what the code does."""

import re
from pathlib import Path

import pytest

from docs.generate import PAGES

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
    project = (REPOSITORY / "pyproject.toml").read_text()
    listed = re.findall(r'^    "([\w-]+)[^"]*",$', project, re.MULTILINE)
    page = (REPOSITORY / "docs" / "dependencies.md").read_text()
    declared = [name for name in listed if f'"{name}' in project.split("[tool.uv]")[0]]
    assert declared
    assert [name for name in declared if not re.search(rf"\b{re.escape(name)}\b", page)] == []


def test_the_locks_name_no_registry() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (REPOSITORY / name).read_text()
        assert "://" not in text
        assert not re.search(r"^--(?!hash)", text, re.MULTILINE)
        pinned = re.findall(r"^[\w.-]+==", text, re.MULTILINE)
        assert len(pinned) == len(re.findall(r"^\S+==\S+.*\\$", text, re.MULTILINE))
