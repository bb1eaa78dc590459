"""The settings of a command, apart from what it needs of PostgreSQL: some need nothing of it."""

from typing import Any

import typer
from pydantic import ValidationError

from service.commands.tables import complain
from service.logs import configure_logs
from service.settings import Settings, explain

WRONG_SETTING = 2


def settings_of(*, quiet: bool = True, **given: Any) -> Settings:
    """Options that were given win over the environment. Exits with 2 where one is wrong.

    ``quiet``: what goes right is not logged, unless the settings say so.
    """
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        complain(explain(error))
        raise typer.Exit(WRONG_SETTING) from None
    except (OSError, UnicodeDecodeError) as error:
        complain(f".env: cannot be read: {error}")
        raise typer.Exit(WRONG_SETTING) from None
    is_quiet = quiet and "log_level" not in settings.model_fields_set
    configure_logs("warning" if is_quiet else settings.log_level, settings.log_format)
    return settings
