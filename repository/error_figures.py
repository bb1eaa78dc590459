"""How often PostgreSQL has refused what, in this process, by SQLSTATE."""

from collections import Counter
from itertools import product

import asyncpg

ERRORS: Counter[tuple[str, str]] = Counter()
"""By SQLSTATE, and whose statement it was: a ``tenant``'s or the ``service``'s."""

DENIALS: Counter[tuple[str, str]] = Counter(
    dict.fromkeys(product(("row_security", "privilege"), ("tenant", "service")), 0)
)
"""By what denied it, ``row_security`` or a missing ``privilege``, and whose statement it was."""

# PostgreSQL has one SQLSTATE for both; this function of its own raises what policies forbid.
_CHECKS_POLICIES = "ExecWithCheckOptions"


def count_error(error: asyncpg.PostgresError, *, of_a_tenant: bool) -> None:
    """A SQLSTATE that asyncpg does not know counts as its class does: there are few."""
    whose = "tenant" if of_a_tenant else "service"
    ERRORS[type(error).sqlstate or "unknown", whose] += 1
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        function = getattr(error, "server_source_function", None)
        denied_by = "row_security" if function == _CHECKS_POLICIES else "privilege"
        DENIALS[denied_by, whose] += 1
