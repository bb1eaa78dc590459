"""Signals while the server is in use, so that it is stopped whatever ends the service."""

import itertools
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def signals_go_to(handler: Callable[[int, object], None], *numbers: int) -> Iterator[None]:
    """Only those that nobody has taken, and only in the main thread: Python allows no other."""
    untaken = (signal.SIG_DFL, signal.default_int_handler, exit_by_signal)
    is_main = threading.current_thread() is threading.main_thread()
    before = {number: signal.getsignal(number) for number in numbers if is_main}
    before = {number: taken for number, taken in before.items() if taken in untaken}
    for number in before:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


def exit_by_signal(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def patience() -> Callable[[int, object], None]:
    asked = itertools.count()

    def handler(_number: int, _frame: object) -> None:
        if next(asked) > 0:
            raise KeyboardInterrupt

    return handler
