"""Rows that are too many bytes are dropped whole; everything else goes on, byte for byte."""

import asyncio
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository.answer_meter import AnswerMeter

READY = b"Z" + pack("!I", 5) + b"I"


class Inner(asyncio.Protocol):
    def __init__(self) -> None:
        self.received = b""
        self.longest = 0

    def data_received(self, data: bytes) -> None:
        self.received += data
        self.longest = max(self.longest, len(data))


def message(kind: bytes, body: bytes) -> bytes:
    return kind + pack("!I", len(body) + 4) + body


def row(body: bytes) -> bytes:
    return message(b"D", body)


def chunks(data: bytes, sizes: list[int]) -> list[bytes]:
    cut = []
    for size in sizes:
        cut.append(data[:size])
        data = data[size:]
    return [*cut, data]


answers = st.lists(
    st.tuples(st.sampled_from([b"D", b"D", b"D", b"N", b"T"]), st.binary(max_size=40)), max_size=20
)
sizes = st.lists(st.integers(min_value=0, max_value=30), max_size=40)


@given(answer=answers, sizes=sizes, most=st.integers(min_value=0, max_value=400))
def test_what_passes_is_the_longest_beginning_of_the_rows(
    answer: list[tuple[bytes, bytes]], sizes: list[int], most: int
) -> None:
    expected, left, dropped = b"", most, False
    for kind, body in answer:
        length = len(body) + 4
        if kind == b"D" and (dropped or length > left):
            dropped = True
            continue
        if kind == b"D":
            left -= length
        expected += message(kind, body)
    inner = Inner()
    meter = AnswerMeter(inner)
    meter.start(most, 10**9, 0)
    for chunk in chunks(b"".join(message(*part) for part in answer) + READY, sizes):
        meter.data_received(chunk)
    assert inner.received == expected + READY
    told_left, told_dropped = meter.stop()
    assert told_dropped is dropped
    assert dropped or told_left == left


@given(answer=answers, sizes=sizes)
def test_without_metering_everything_passes(
    answer: list[tuple[bytes, bytes]], sizes: list[int]
) -> None:
    inner = Inner()
    meter = AnswerMeter(inner)
    data = b"".join(message(*part) for part in answer)
    for chunk in chunks(data, sizes):
        meter.data_received(chunk)
    assert inner.received == data


@pytest.mark.parametrize("stopped_after", [3, 7, 60])
def test_a_row_that_is_being_dropped_is_dropped_to_its_end(stopped_after: int) -> None:
    """The request may be cancelled in the middle of it."""
    inner = Inner()
    meter = AnswerMeter(inner)
    meter.start(10, 10**9, 0)
    data = row(b"x" * 100) + READY
    meter.data_received(data[:stopped_after])
    meter.stop()
    meter.data_received(data[stopped_after:])
    assert inner.received in (READY, data)
    meter.start(1_000, 10**9, 0)
    meter.data_received(row(b"y") + READY)
    assert inner.received.endswith(row(b"y") + READY)


def test_a_row_may_be_too_long_by_itself() -> None:
    inner = Inner()
    meter = AnswerMeter(inner)
    meter.start(1_000, 50, 0)
    meter.data_received(row(b"a" * 40) + row(b"b" * 60) + row(b"c") + READY)
    assert inner.received == row(b"a" * 40) + READY
    assert meter.stop() == (0, True)


def test_a_row_counts_for_more_than_its_bytes() -> None:
    inner = Inner()
    meter = AnswerMeter(inner)
    meter.start(100, 50, 40)
    meter.data_received(row(b"a") + row(b"b") + row(b"c") + READY)
    assert inner.received == row(b"a") + row(b"b") + READY


def test_a_long_row_is_never_kept() -> None:
    inner = Inner()
    meter = AnswerMeter(inner)
    meter.start(1_000, 10**9, 0)
    meter.data_received(row(b"a")[:4])
    meter.data_received(row(b"a")[4:] + b"D" + pack("!I", 1_000_004))
    for _ in range(1_000):
        meter.data_received(b"x" * 1_000)
    meter.data_received(READY)
    assert inner.received == row(b"a") + READY
    assert meter.stop() == (0, True)


def message_of_command(kind: bytes) -> bytes:
    return message(kind, b"of the command")


@given(
    told_of_command=st.lists(st.sampled_from([b"2", b"3", b"D", b"N", b"S"]), max_size=6),
    ending=st.sampled_from([b"C", b"E"]),
    sizes=sizes,
    most=st.integers(min_value=0, max_value=60),
)
def test_the_answer_of_a_command_in_front_is_not_seen(
    told_of_command: list[bytes], ending: bytes, sizes: list[int], most: int
) -> None:
    """Only notices and parameters that come with it; and its error, which ends everything."""
    inner = Inner()
    meter = AnswerMeter(inner)
    meter.drop_command()
    meter.start(most, 10**9, 0)
    before = b"".join(message_of_command(kind) for kind in told_of_command)
    seen = b"".join(message_of_command(kind) for kind in told_of_command if kind in b"NS")
    if ending == b"E":
        before += message(b"E", b"why") + READY
        seen += message(b"E", b"why") + READY
    else:
        before += message_of_command(b"C")
        before += message(b"2", b"") + row(b"abc") + message(b"C", b"SELECT 1") + READY
        seen += message(b"2", b"") + (row(b"abc") if most >= 7 else b"")
        seen += message(b"C", b"SELECT 1") + READY
    for chunk in chunks(before, sizes):
        meter.data_received(chunk)
    assert inner.received == seen
    assert meter.command_failed is (ending == b"E")
    meter.stop()
    meter.data_received(row(b"of the next") + READY)
    assert inner.received == seen + row(b"of the next") + READY


@given(sizes=sizes)
def test_what_nobody_waits_for_ends_with_its_sync(sizes: list[int]) -> None:
    """Also where the next command has been sent before it came."""
    inner = Inner()
    meter = AnswerMeter(inner)
    meter.drop_command()
    meter.drop_until_ready()
    meter.drop_command()
    forgotten = message(b"2", b"") + row(b"a") + message(b"C", b"SELECT 1") + READY
    answer = message(b"2", b"") + row(b"b") + message(b"C", b"SELECT 1")
    for chunk in chunks(forgotten + answer + answer + READY, sizes):
        meter.data_received(chunk)
    assert inner.received == answer + READY
    assert not meter.command_failed
