"""A tenant's session as the use case would open it, for tests that begin below it."""

from datetime import UTC, datetime

from domain.database import RowAccess
from domain.identifiers import Identifier
from domain.ownership import RowOwner
from domain.ports import TenantSession
from domain.timeouts import Timeouts


def session_of(database_id: int, uid: str, timeouts: Timeouts) -> TenantSession:
    """In the test schema of a database that nobody changes meanwhile."""
    return TenantSession(
        schema=Identifier(f"test_{database_id}"),
        changed_at=datetime(2026, 1, 1, tzinfo=UTC),
        row_owner=RowOwner(uid, "app01"),
        rows=RowAccess.OWN,
        label="of-this-test 1",
        timeouts=timeouts,
    )
