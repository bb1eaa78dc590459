"""The six fixed roles; docs/decisions/roles.md says why so many and why fixed."""

from domain.database import RowAccess
from domain.identifiers import Identifier

SERVICE = Identifier("twinbase_service")
"""Does the service's own work; never the current role while tenants' SQL runs."""

OWNER = Identifier("twinbase_owner")
"""Owns tenants' schemas and tables, and may do nothing else; nobody ever becomes it."""

DDL = Identifier("twinbase_ddl")
"""Runs tenants' DDL; reaches a schema only inside the transaction that grants it."""

DML = Identifier("twinbase_dml")
"""Runs tenants' DML, held by row security to the caller's own rows."""

SPACE = Identifier("twinbase_space")
"""Runs tenants' DML, held by row security to the addressed schema: all of its rows."""

READER = Identifier("twinbase_reader")
"""As ``twinbase_space``, and may only read."""

ROLE_OF_ROWS = {RowAccess.OWN: DML, RowAccess.SPACE: SPACE, RowAccess.READ_ONLY: READER}
"""Who runs a statement that reaches these rows."""

DML_ROLES = {"dml": DML, "space": SPACE, "reader": READER}
"""By the names that they have in ``sql/``."""

DML_ROLE_NAMES = tuple(role.name for role in DML_ROLES.values())
"""As queries take them: for own rows, for all rows, for reading."""
