"""The page of all commands, from the command line itself."""

from collections.abc import Iterator
from enum import Enum
from typing import Any

from typer.main import get_command

from service.command_line import program

_HEAD = """# Commands

Made from the command line by `make docs`. `twinbase` is in `.venv/bin`; `python -m service` is
the same program. Every command takes the service's [settings](settings.md) and talks to its
PostgreSQL, not to a running service; where the embedded server does not run, it is started for as
long as the command takes.

With `--json` a command speaks to programs: an object, a list, or a line for each of many, on
standard output; an error as `{"error": {"code", "message"}}` on standard error. **Exit codes**: 0
done; 1 refused or failed, or `doctor` has found something; 2 wrong words or settings, or `doctor`
could not look, or nothing answered `health`. Long work shows a bar where standard error is
a terminal.
A walk: [quickstart](quickstart.md).
"""


def commands_page() -> str:
    lines = [_HEAD]
    for name, command in leaves(get_command(program()), ""):
        arguments = [each for each in command.params if _is_argument(each)]
        words = " ".join([f"twinbase {name}", *map(_placeholder, arguments)])
        lines += [f"## {name}", "", f"    {words}", "", _one_line(command.help), ""]
        rows = [_row(each) for each in command.params if each.name != "help"]
        if rows:
            lines += ["| | | default |", "|---|---|---|", *rows, ""]
    return "\n".join(lines).rstrip() + "\n"


def leaves(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Commands that do something, by all their words."""
    if not hasattr(command, "commands"):
        yield name, command
        return
    for each, inner in command.commands.items():
        yield from leaves(inner, f"{name} {each}".strip())


def _row(parameter: Any) -> str:
    names = [_placeholder(parameter)] if _is_argument(parameter) else parameter.opts
    shown = ", ".join(f"`{name}`" for name in (*names, *parameter.secondary_opts))
    said = " ".join(filter(None, (parameter.help, _choices(parameter))))
    return f"| {shown} | {said} | {_default(parameter.default)} |"


def _choices(parameter: Any) -> str:
    kind = parameter.type_descriptor.annotation
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"One of {', '.join(f'`{choice.value}`' for choice in kind)}."
    return ""


def _default(value: Any) -> str:
    if value is None or value is False or value == "" or callable(value):
        return ""
    shown = "yes" if value is True else getattr(value, "value", value)
    return f"`{shown}`"


def _is_argument(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "argument")


def _placeholder(argument: Any) -> str:
    return str(argument.name.upper())


def _one_line(text: str | None) -> str:
    """Of each paragraph, as Markdown takes it."""
    return "\n\n".join(" ".join(part.split()) for part in (text or "").split("\n\n"))
