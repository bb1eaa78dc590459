"""The three fixed roles; docs/decisions/roles.md says why three and why fixed."""

from domain.identifiers import Identifier

SERVICE = Identifier("twinbase_service")
"""Owns tenants' schemas and tables; never the current role while tenants' SQL runs."""

DDL = Identifier("twinbase_ddl")
"""Runs tenants' DDL; reaches a schema only inside the transaction that grants it."""

DML = Identifier("twinbase_dml")
"""Runs tenants' DML, held by row security on every table."""
