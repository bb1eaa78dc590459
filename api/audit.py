"""The body of list_audit, and what it answers."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from api.fields import Cursor, DatabaseId, PageSize, without_control_characters
from api.schemas import Answer, FromDomain, Request
from domain.audit import LONGEST_TARGET, AuditFilter, Outcome
from service.use_cases.list_audit import ListAudit

_Text = Annotated[
    Annotated[str, Field(min_length=1, max_length=64), AfterValidator(without_control_characters)]
    | None,
    Field(description="Only of this one; absent or null: whichever."),
]

_FROM = "No earlier than this, by PostgreSQL's clock; with a time zone."
_TO = "Earlier than this; with a time zone."


class ListAuditRequest(Request):
    platform_name: _Text = None
    uid: _Text = None
    database_id: Annotated[
        DatabaseId | None, Field(description="Only of this one; a clone is of both its databases.")
    ] = None
    verb: _Text = None
    sid: _Text = None
    target: Annotated[
        Annotated[
            str,
            Field(min_length=1, max_length=LONGEST_TARGET),
            AfterValidator(without_control_characters),
        ]
        | None,
        Field(description="What was changed, by a name: as the answers tell it."),
    ] = None
    since: Annotated[
        AwareDatetime | None,
        Field(alias="from", description=_FROM, examples=["2026-01-31T00:00:00Z"]),
    ] = None
    until: Annotated[
        AwareDatetime | None,
        Field(alias="to", description=_TO, examples=["2026-02-01T00:00:00Z"]),
    ] = None
    cursor: Cursor = None
    limit: PageSize = 50

    @property
    def command(self) -> ListAudit:
        asked = AuditFilter(
            platform_name=self.platform_name,
            uid=self.uid,
            database_id=self.database_id,
            verb=self.verb,
            sid=self.sid,
            target=self.target,
            since=self.since,
            until=self.until,
        )
        return ListAudit(asked, self.cursor, self.limit)


class AuditEntryView(FromDomain):
    id: int
    at: datetime = Field(description="By PostgreSQL's clock.")
    platform_id: int
    platform_name: str = Field(description="Whose key it was; `default` where there was none.")
    key_prefix: str | None = Field(description="What the key begins with; null: there was none.")
    uid: str | None = Field(description="Of a command: the account that ran it.")
    app_id: str | None = Field(
        description="X-Consumer-Username; command-line, start-up, mend: what nobody's request was."
    )
    sid: str
    verb: str
    database_id: int | None = Field(description="What was changed; of a clone, the source.")
    new_database_id: int | None = Field(description="What a clone has made.")
    target: str | None = Field(
        description="What was changed, by a name: a platform, a new database, the prefix of a key;"
        " the platforms of a share; the new row access."
    )
    operation_id: int | None
    outcome: Outcome = Field(
        description="done or refused; how the operation ended that was begun: succeeded, failed,"
        " cancelled."
    )
    code: int = Field(description="What the caller was told, or the operation failed with.")
    count: int = Field(description="Refusals that this row tells of; see docs/audit.md.")


class AuditList(FromDomain):
    entries: list[AuditEntryView]
    next_cursor: int | None = Field(description="For the next page; null: this was the last one.")


class AuditListAnswer(Answer):
    data: AuditList
