"""Events as JSON lines (or for a console) on standard error, our own and uvicorn's alike."""

import logging
import sys
import traceback
from contextlib import suppress
from contextvars import ContextVar
from typing import Literal

import orjson
import structlog

SID: ContextVar[str] = ContextVar("sid")
"""Of the request that is served: every event carries it."""


def configure_logs(level: str, form: Literal["json", "console"]) -> None:
    shared: list[structlog.types.Processor] = [
        _with_sid,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_values,
    ]
    rendering: list[structlog.types.Processor] = (
        [_with_exception_as_text, structlog.dev.ConsoleRenderer()]
        if form == "console"
        else [structlog.processors.JSONRenderer(_dumps)]
    )
    # Ours do not go through the standard library's logging: an event takes four times as long.
    lines = _Lines()
    structlog.configure(
        processors=[*shared, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=lambda *_name: lines,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # Its start-up banner is our ready line.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


class _Lines:
    def write(self, line: str) -> None:
        """A full disk or a closed pipe costs the line, and not the request."""
        with suppress(OSError, ValueError):
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = write


def _with_sid(
    _logger: object, _method: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    sid = SID.get(None)
    if sid is not None:
        event["sid"] = sid
    return event


def _dumps(event: object, **_options: object) -> str:
    return orjson.dumps(event, default=str).decode()


def _without_values(
    _logger: object, _method: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    """An exception as its types and places: messages and locals may hold SQL, values or rows."""
    given = event.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else given
    if error is True:
        error = sys.exception()
    chain = []
    while isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        chain.append(
            {
                "type": type(error).__qualname__,
                "sqlstate": getattr(error, "sqlstate", None),
                "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
            }
        )
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if chain:
        event["exception"] = chain
    return event


def _with_exception_as_text(
    _logger: object, _method: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    """As lines, which is all that the console takes."""
    if "exception" in event:
        event["exception"] = "\n".join(
            "\n  ".join((f"{error['type']} {error['sqlstate'] or ''}".rstrip(), *error["at"]))
            for error in event["exception"]
        )
    return event
