"""Events as JSON lines (or for a console) on standard error, our own and uvicorn's alike."""

import logging
import sys
import traceback
from asyncio import Future
from collections import Counter
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from typing import Literal, cast

import orjson
import structlog

from domain.trace_context import TRACE

SID: ContextVar[str] = ContextVar("sid")
"""Of the request that is served, or that began what is being done: every event carries it."""
OPERATION_ID: ContextVar[int] = ContextVar("operation_id")
"""Of the operation that is being run: every event of it carries it."""

TOLD: Counter[tuple[str, str]] = Counter()
"""Events of our own from warning on, by level and name, in this process: metrics tell of them."""

_COUNTED = frozenset({"warning", "error", "critical"})
_OFFSET = len("+00:00")


Processors = list[structlog.types.Processor]
Form = Literal["json", "console"]


def configure_logs(level: str, form: Form) -> None:
    """Of a process that is ours: events, and what libraries log by the standard library."""
    configure_events(level, form)
    handler = logging.StreamHandler()
    handler.addFilter(_WithoutTexts())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendering(form),
            ],
            foreign_pre_chain=_SHARED,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # Its start-up banner is our ready line.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # repository.migrations tells more


def configure_events(level: str, form: Form) -> None:
    """Ours do not go through the standard library's logging: an event takes four times as long."""
    structlog.configure(
        processors=[_counted, *_SHARED, *_rendering(form)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=_Lines,
        cache_logger_on_first_use=True,
    )


def _rendering(form: Form) -> Processors:
    if form == "console":
        return [_with_exception_as_text, structlog.dev.ConsoleRenderer()]
    return [_AS_JSON]


def log_of_requests() -> Callable[..., object]:
    """``info`` of a logger, as events are configured now.

    As JSON it is written straight, in half of structlog's time.
    """
    config = structlog.get_config()
    logger = structlog.get_logger("twinbase.requests").bind()
    as_json = config["processors"] == [_counted, *_SHARED, _AS_JSON]
    if as_json and config["logger_factory"] is _Lines and logger.is_enabled_for(logging.INFO):
        return partial(_write_info, _Lines())
    return cast("Callable[..., object]", logger.info)


def _write_info(lines: "_Lines", event: str, **fields: object) -> None:
    lines.write(_dumps(_completed(None, "info", fields | {"event": event})))


class _Lines:
    def __init__(self, *_name: object) -> None:
        """As structlog makes them."""

    def write(self, line: str) -> None:
        """A full disk or a closed pipe costs the line, and not the request."""
        try:
            sys.stderr.write(line + "\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            pass

    debug = info = warning = error = critical = write


def _completed(
    _logger: object, method: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    """Of what it is a part, how grave it is and when it was: in one go, for each request's line."""
    operation_id = OPERATION_ID.get(None)
    if operation_id is not None:
        event["operation_id"] = operation_id
    sid = SID.get(None)
    if sid is not None:
        event["sid"] = sid
    trace = TRACE.get()
    if trace is not None:
        event["trace_id"] = trace.trace_id
    event["level"] = method
    event["timestamp"] = f"{datetime.now(UTC).isoformat()[:-_OFFSET]}Z"
    return event


class _WithoutTexts(logging.Filter):
    """Of what libraries log: without what exceptions say, and without all below the first line.

    Both may hold SQL, values or rows. asyncio writes there what a task was and has failed with.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, Mapping):
            record.args = {name: _named(each) for name, each in record.args.items()}
        elif record.args:
            record.args = tuple(_named(each) for each in record.args)
        record.msg, record.args = record.getMessage().partition("\n")[0], None
        return True


def _named(value: object) -> object:
    """An exception, or a task that may have failed with one, as its type."""
    return type(value).__qualname__ if isinstance(value, BaseException | Future) else value


def _counted(
    _logger: object, method: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    if method in _COUNTED:
        TOLD[method, event["event"]] += 1
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


_AS_JSON = structlog.processors.JSONRenderer(_dumps)
_SHARED: Processors = [_completed, _without_values]
