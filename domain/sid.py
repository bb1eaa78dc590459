"""What a request is called: in its answer, the log, the audit and PostgreSQL's list of sessions."""

from random import getrandbits

_BITS = 128


def new_sid() -> str:
    """No secret, so that it need not cost a system call."""
    return f"tb{getrandbits(_BITS):032x}"
