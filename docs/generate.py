"""Writes the pages that are made from the code: ``make docs``. A test holds them against it."""

from collections.abc import Iterator
from pathlib import Path

from pydantic_core import PydanticUndefined

from docs.api_page import api_page
from docs.commands_page import commands_page
from docs.dashboard import dashboard
from docs.gate_page import gate_page
from docs.metrics_page import metrics_page
from exceptions import errors, quotas
from exceptions.errors import ServerError, TwinbaseError
from service.settings import PREFIX, Settings

FOLDER = Path(__file__).parent


def error_classes() -> Iterator[type[TwinbaseError]]:
    for value in (*vars(errors).values(), *vars(quotas).values()):
        is_error = isinstance(value, type) and issubclass(value, TwinbaseError)
        if is_error and (value.code is not TwinbaseError.code or value is ServerError):
            yield value


def errors_page() -> str:
    rows = [
        f"| {kind.code:d} | {kind.http_status} | `{kind.__name__}` | {kind.default_message()} |"
        f" {'may help' if kind.is_passing else 'no'} |"
        for kind in sorted(error_classes(), key=lambda kind: (kind.code, kind.__name__))
    ]
    return "\n".join(
        [
            "# Codes",
            "",
            "Made from `exceptions/` by `make docs`. `code` 0 is success. The HTTP status says the",
            "same in HTTP's words. 25100, 25200 and 25300 are reserved for file upload. What",
            "another try cannot help is kept for the idempotency key of its request.",
            "",
            "| code | HTTP | class | message, where there is no better one | another try |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def settings_page() -> str:
    rows = []
    for name, field in Settings.model_fields.items():
        default = field.default
        if name == "data_dir":
            shown = "the user's data folder; for root `/var/lib/twinbase`"
        elif default is None or default is PydanticUndefined:
            shown = "none"
        else:
            shown = f"`{default}`"
        rows.append(f"| `{PREFIX}{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(
        [
            "# Settings",
            "",
            "Made from `service/settings.py` by `make docs`. Precedence: the command line over the",
            "environment over `.env` over the default. A wrong value is one line on standard error",
            "and exit code 2.",
            "",
            "| variable | default | what |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


PAGES = {
    "api.md": api_page,
    "commands.md": commands_page,
    "errors.md": errors_page,
    "gate.md": gate_page,
    "metrics.md": metrics_page,
    "monitoring/grafana-dashboard.json": dashboard,
    "settings.md": settings_page,
}


if __name__ == "__main__":
    for page, make in PAGES.items():
        (FOLDER / page).write_text(make(), encoding="utf-8")
