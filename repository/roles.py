"""The four fixed roles; docs/decisions/roles.md says why four and why fixed."""

from domain.identifiers import Identifier

SERVICE = Identifier("twinbase_service")
"""Does the service's own work; never the current role while tenants' SQL runs."""

OWNER = Identifier("twinbase_owner")
"""Owns tenants' schemas and tables, and may do nothing else; nobody ever becomes it."""

DDL = Identifier("twinbase_ddl")
"""Runs tenants' DDL; reaches a schema only inside the transaction that grants it."""

DML = Identifier("twinbase_dml")
"""Runs tenants' DML, held by row security on every table."""
