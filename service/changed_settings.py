"""Settings are read at the start: whoever changes ``.env`` afterwards is told so."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from pydantic import ValidationError
from pydantic_settings import DotEnvSettingsSource

from service.settings import Settings, explain, variable_of

_LOG = structlog.get_logger()
_PAUSE = 5.0  # seconds
_FILE = Path(".env")


@contextmanager
def telling_of_changes(file: Path = _FILE, pause: float = _PAUSE) -> Iterator[None]:
    """As long as the context lasts. What the environment says is not the file's to change."""
    given = {name for name in Settings.model_fields if variable_of(name) in os.environ}
    at_start = _read(file, given)
    ended = threading.Event()

    def watch() -> None:
        told = seen = at_start
        while not ended.wait(pause):
            now = _read(file, given)
            if now == seen:  # else it is perhaps just being written
                if now not in (told, at_start):
                    _tell(at_start, now)
                told = now
            seen = now

    watcher = threading.Thread(target=watch, name="settings", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _read(file: Path, given: set[str]) -> Mapping[str, Any]:
    try:
        found = DotEnvSettingsSource(Settings, env_file=file)()
    except (OSError, ValueError):  # just being written, or no text
        return {}
    return {name: found[name] for name in Settings.model_fields if name in found.keys() - given}


def _tell(before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Names and no values, which may be secrets."""
    changed = sorted(
        name for name in before.keys() | now.keys() if before.get(name) != now.get(name)
    )
    refused = {}
    try:
        Settings(_env_file=None, **{name: now[name] for name in changed if name in now})
    except ValidationError as error:
        refused = {"would_be_refused": explain(error)}
    names = [variable_of(name) for name in changed]
    _LOG.warning("settings_changed", names=names, takes_effect="at the next start", **refused)
