"""W3C Trace Context, level 1: which headers are a context, and what becomes of it."""

import pytest

from domain.trace_context import TraceContext

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SENT = f"00-{TRACE}-{SPAN}-01"


@pytest.mark.parametrize("state", ["", "vendor=1,other=2"])
def test_it_is_passed_on_and_kept_as_it_came(state: str) -> None:
    context = TraceContext.read(SENT, state)
    assert context == (TRACE, SPAN, 1, state)
    assert context.traceparent == SENT
    assert TraceContext.from_json(context.as_json()) == context


def test_a_later_version_is_read_as_far_as_it_is_known() -> None:
    for later in (f"01-{TRACE}-{SPAN}-09", f"cc-{TRACE}-{SPAN}-09-what-comes-then"):
        assert TraceContext.read(later) == (TRACE, SPAN, 9, "")


@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        TRACE,
        f"ff-{TRACE}-{SPAN}-01",
        f"{SENT}-more",
        f"{SENT}more",
        f" {SENT}",
        f"{SENT}\n",
        f"00-{TRACE[1:]}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-1",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{SPAN}-0١",
    ],
)
def test_anything_else_is_none(traceparent: str) -> None:
    assert TraceContext.read(traceparent) is None


@pytest.mark.parametrize("state", ["a=" + "b" * 511, "é=1"])
def test_a_state_that_is_none_costs_only_the_state(state: str) -> None:
    assert TraceContext.read(SENT, state) == (TRACE, SPAN, 1, "")
