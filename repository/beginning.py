"""How the service's own transactions begin: in one message, with what holds until their end."""

from domain.timeouts import Timeouts


def begin(
    timeouts: Timeouts,
    label: str | None = None,
    *,
    snapshot: bool = False,
    exported: str | None = None,
) -> str:
    """One message; the snapshot is taken by the first statement that reads.

    ``exported``: the snapshot of another transaction, which is still running.
    """
    level = " ISOLATION LEVEL REPEATABLE READ" if snapshot or exported else ""
    adopted = f";SET TRANSACTION SNAPSHOT {_constant(exported)}" if exported else ""
    named = "" if label is None else f";SET LOCAL application_name TO {_constant(label)}"
    return (
        f"BEGIN{level}{adopted};"
        f"SET LOCAL statement_timeout TO {timeouts.statement:d};"
        f"SET LOCAL lock_timeout TO {timeouts.lock:d}{named}"
    )


def _constant(value: str) -> str:
    """Any text as an SQL string constant made of hexadecimal digits only.

    SET takes no bound parameter, and what cannot contain a quote cannot end a constant.
    """
    digits = value.encode().hex(" ")
    return "E'\\x" + digits.replace(" ", "\\x") + "'" if digits else "''"
