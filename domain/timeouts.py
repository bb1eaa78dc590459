"""How long a request may take, and how long it may wait for what others hold."""

from dataclasses import dataclass

from exceptions.errors import InvalidParameter


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In milliseconds; 0 means none."""

    statement: int
    lock: int

    def within(self, timeout_ms: int | None, lock_timeout_ms: int | None) -> "Timeouts":
        """What a request asks for, None: nothing. Raises InvalidParameter for more than these."""
        return Timeouts(
            statement=_within("timeout_ms", timeout_ms, self.statement),
            lock=_within("lock_timeout_ms", lock_timeout_ms, self.lock),
        )


def _within(field: str, asked: int | None, most: int) -> int:
    if asked is None:
        return most
    if asked > most:
        raise InvalidParameter(f"{field}: must be at most {most}.")
    return asked
