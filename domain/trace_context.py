"""W3C Trace Context: of which trace a request is, and whose span caused it."""

import re
from collections.abc import Mapping
from contextvars import ContextVar
from typing import NamedTuple, Self

# A later version may have more behind it, which is left unread.
_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_MOST_OF_STATE = 512  # characters, which must be passed on; what is longer may be left out
_NO_TRACE = "0" * 32
_NO_SPAN = "0" * 16


class TraceContext(NamedTuple):
    """Ids in hexadecimal digits; ``state``: of the tracing systems that it came through."""

    trace_id: str
    span_id: str
    flags: int
    state: str = ""

    @classmethod
    def read(cls, traceparent: str, tracestate: str = "") -> Self | None:
        """None where it is none: then the trace begins here, as the standard asks."""
        parts = _TRACEPARENT.fullmatch(traceparent)
        if parts is None:
            return None
        version, trace_id, span_id, flags, more = parts.groups()
        if trace_id == _NO_TRACE or span_id == _NO_SPAN:
            return None
        if version == "ff" or (version == "00" and more):
            return None
        is_passed_on = len(tracestate) <= _MOST_OF_STATE and tracestate.isascii()
        return cls(trace_id, span_id, int(flags, 16), tracestate if is_passed_on else "")

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags:02x}"

    def as_json(self) -> Mapping[str, str]:
        return {"traceparent": self.traceparent, "tracestate": self.state}

    @classmethod
    def from_json(cls, fields: Mapping[str, str]) -> Self | None:
        return cls.read(fields["traceparent"], fields["tracestate"])


TRACE: ContextVar[TraceContext | None] = ContextVar("trace", default=None)
"""What is done now belongs to it: every event of the log tells its id."""
