"""Where settings come from: which variables there are, and which are none."""

import os
from collections.abc import Iterator

from dotenv import dotenv_values

from service.settings import PREFIX, Settings, variable_of

# Of the commands, the compose file, the plugin of pytest, and serve's own.
_OTHERS = frozenset(
    f"{PREFIX}{name}"
    for name in (
        "KEY",
        "DATABASE_PLACE",
        "GRAFANA_PASSWORD",
        "POSTGRES_PASSWORD",
        "SERVICE_PASSWORD",
        "METRICS_FOLDER",
    )
)
_OF_TESTS = f"{PREFIX}TEST_"


def origin_of(variable: str) -> str:
    """As Settings looks: case does not matter, and what is empty does not count."""
    for origin, values in (("environment", os.environ), (".env", dotenv_values(".env"))):
        if any(value and name.upper() == variable for name, value in values.items()):
            return origin
    return "default"


def no_settings() -> Iterator[tuple[str, str]]:
    """What begins like one, misspelt perhaps, and where it stands."""
    known = {variable_of(name) for name in Settings.model_fields} | _OTHERS
    for origin, values in (("environment", os.environ), (".env", dotenv_values(".env"))):
        for name in sorted(values):
            is_ours = name.upper().startswith(PREFIX) and not name.upper().startswith(_OF_TESTS)
            if is_ours and name.upper() not in known:
                yield name, origin
