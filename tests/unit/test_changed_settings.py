"""Who changes ``.env`` under a running service is told what takes effect at its next start."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from service.changed_settings import telling_of_changes
from tests.service_process import until


@contextmanager
def watched(file: Path) -> Iterator[list[EventDict]]:
    with capture_logs() as logs, telling_of_changes(file, pause=0.01):
        yield logs


def test_a_change_is_told_once_by_name_and_without_its_value(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("TWINBASE_WORKERS=2\nTWINBASE_POSTGRES_PASSWORD=geheim\n")
    with watched(file) as logs:
        file.write_text(
            "TWINBASE_WORKERS=4\nTWINBASE_POSTGRES_PASSWORD=anders\n"
            "TWINBASE_DATABASE_URL=postgresql://u:geheim@h/d\n"
        )
        until(lambda: logs, "it is told")
        (event,) = logs
        assert event["event"] == "settings_changed"
        assert event["names"] == ["TWINBASE_DATABASE_URL", "TWINBASE_WORKERS"]
        assert event["takes_effect"] == "at the next start"
        assert "geheim" not in str(event)
        file.write_text("TWINBASE_WORKERS=lots\n")
        until(lambda: len(logs) > 1, "the next one is told")
        assert "TWINBASE_WORKERS: " in logs[1]["would_be_refused"]
        file.unlink()
        until(lambda: len(logs) > 2, "a missing file is told")
        assert logs[2]["names"] == ["TWINBASE_WORKERS"]
    assert len(logs) == 3


def test_what_the_environment_says_is_not_the_files_to_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWINBASE_WORKERS", "3")
    file = tmp_path / ".env"
    with watched(file) as logs:
        file.write_text("TWINBASE_WORKERS=5\nTWINBASE_PORT=8000\n")
        until(lambda: logs, "the other is told")
    assert [event["names"] for event in logs] == [["TWINBASE_PORT"]]
