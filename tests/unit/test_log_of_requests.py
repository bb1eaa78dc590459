"""The line of a request, which does not go structlog's way: it is the same line."""

import json
from collections.abc import Iterator

import pytest
import structlog
from structlog.testing import capture_logs

from service.logs import Form, configure_events, configure_logs, log_of_requests

Output = pytest.CaptureFixture[str]

FIELDS = {"verb": "exec_dml", "code": 0, "status": 200, "ms": 1.25}


@pytest.fixture(autouse=True)
def configured_afterwards() -> Iterator[None]:
    yield
    configure_logs("info", "json")


def written(capsys: Output) -> str:
    return capsys.readouterr().err


def test_it_is_the_line_that_structlog_would_write(capsys: Output) -> None:
    configure_events("info", "json")
    log_of_requests()("request", **FIELDS)
    ours = json.loads(written(capsys))
    structlog.get_logger("twinbase.requests").info("request", **FIELDS)
    by_structlog = json.loads(written(capsys))
    assert list(ours) == list(by_structlog)
    assert ours | {"timestamp": ""} == by_structlog | {"timestamp": ""}


@pytest.mark.parametrize("form", ["json", "console"])
def test_it_is_not_written_where_only_warnings_are(form: Form, capsys: Output) -> None:
    configure_events("warning", form)
    log_of_requests()("request", **FIELDS)
    assert written(capsys) == ""


def test_for_a_console_it_is_written_as_all_others(capsys: Output) -> None:
    configure_events("info", "console")
    log_of_requests()("request", **FIELDS)
    line = written(capsys)
    assert "exec_dml" in line
    assert not line.startswith("{")


def test_whoever_has_taken_the_events_gets_it() -> None:
    configure_events("info", "json")
    with capture_logs() as events:
        log_of_requests()("request", **FIELDS)
    assert events == [{**FIELDS, "event": "request", "log_level": "info"}]
