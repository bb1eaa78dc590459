"""How the service's own transactions begin: in one message, with what holds until their end."""

from domain.timeouts import Timeouts


def begin(
    timeouts: Timeouts,
    label: str | None = None,
    *,
    snapshot: bool = False,
    exported: str | None = None,
    lasting: bool = True,
) -> str:
    """One message; the snapshot is taken by the first statement that reads.

    ``exported``: the snapshot of another transaction, which is still running. ``lasting`` False: a
    COMMIT does not wait for the disk; what is lost with the server is made anew.
    """
    level = " ISOLATION LEVEL REPEATABLE READ" if snapshot or exported else ""
    adopted = f";SET TRANSACTION SNAPSHOT {_constant(exported)}" if exported else ""
    named = "" if label is None else f";SET LOCAL application_name TO {_constant(label)}"
    hurried = "" if lasting else ";SET LOCAL synchronous_commit TO off"
    return (
        f"BEGIN{level}{adopted};"
        f"SET LOCAL statement_timeout TO {timeouts.statement:d};"
        f"SET LOCAL lock_timeout TO {timeouts.lock:d}{named}{hurried}"
    )


def _constant(value: str) -> str:
    """Any text as an SQL string constant made of hexadecimal digits only.

    SET takes no bound parameter, and what cannot contain a quote cannot end a constant.
    """
    digits = value.encode().hex(" ")
    return "E'\\x" + digits.replace(" ", "\\x") + "'" if digits else "''"
