"""What a request is called: in its answer, the log, the audit and PostgreSQL's list of sessions."""

import os


def new_sid() -> str:
    return f"tb{os.urandom(16).hex()}"
