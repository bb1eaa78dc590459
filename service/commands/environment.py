"""The command ``env``: the settings in force, and where each of them came from."""

import re
from urllib.parse import unquote, urlsplit, urlunsplit

from pydantic import SecretStr

from service.commands.given_settings import settings_of
from service.commands.tables import ForPrograms, tell
from service.origins import no_settings, origin_of
from service.settings import Settings, variable_of

_MASK = "***"


def env(*, json: ForPrograms = False) -> None:
    """Tell the settings that a start would use here, and where each came from; no secrets."""
    settings = settings_of()
    rows = [_row(name, settings, json=json) for name in Settings.model_fields]
    rows += [
        {"setting": name, "value": None, "from": f"{origin}, and is no setting"}
        for name, origin in no_settings()
    ]
    tell(rows, json=json)


def _row(name: str, settings: Settings, *, json: bool) -> dict[str, object]:
    value = _shown(getattr(settings, name))
    return {
        "setting": variable_of(name),
        "value": value if json or value is not None else "(none)",
        "from": origin_of(variable_of(name)),
    }


def _shown(value: object) -> object:
    if isinstance(value, SecretStr) and "://" not in value.get_secret_value():
        return _MASK
    if value is None or isinstance(value, bool | int | float):
        return value
    text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    return _without_password(text) if "://" in text else text


def _without_password(url: str) -> str:
    """Nor one that is a parameter, as libpq takes it, in whatever spelling."""
    parts = urlsplit(url)
    netloc = re.sub(r"^([^:@]*):.*@", rf"\1:{_MASK}@", parts.netloc)
    query = "&".join(map(_masked, parts.query.split("&")))
    return urlunsplit(parts._replace(netloc=netloc, query=query))


def _masked(parameter: str) -> str:
    name, equals, _ = parameter.partition("=")
    is_secret = unquote(name).lower().endswith("password")
    return f"{name}{equals}{_MASK}" if is_secret else parameter
