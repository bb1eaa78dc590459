"""The body of get_usage, and what it answers."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StrictInt

from api.fields import OneDatabase, OneUid, SpaceId
from api.platforms import PlatformName
from api.schemas import Answer, FromDomain, Request
from domain.usage import Usage, UsageBy, UsageReport
from service.use_cases.get_usage import GetUsage


class GetUsageRequest(Request):
    platform_name: Annotated[
        PlatformName | None,
        Field(description="Absent or null: all; without scope admin the key's own."),
    ] = None
    space_id: SpaceId = None
    uid: OneUid = None
    database_id: OneDatabase = None
    by: Annotated[UsageBy, Field(description="What it is told by.")] = UsageBy.DATABASE
    limit: Annotated[
        StrictInt, Field(ge=1, le=1000, description="So many at most, the largest first.")
    ] = 100

    def command(self, platform_name: str | None) -> GetUsage:
        """``platform_name``: that the caller may ask about."""
        asked = (self.space_id, self.uid, self.database_id)
        return GetUsage(platform_name, *asked, self.by, self.limit)


class UsageView(FromDomain):
    """``tables``: of one schema of each pair; ``bytes``: of both, with indexes and dead rows."""

    databases: int
    tables: int
    rows: Annotated[
        int, Field(description="Counted in small databases, else as PostgreSQL estimates.")
    ]
    bytes: int
    measured_at: Annotated[
        datetime | None, Field(description="Of what was measured longest ago; null: nothing was.")
    ]


class UsageOfView(UsageView):
    platform_name: str
    space_id: str | None = None
    uid: str | None = None
    database_id: int | None = None
    database_name: str | None = None

    @classmethod
    def told(cls, usage: Usage) -> dict[str, object]:
        """Of what it was told by, and of no more."""
        return dict(usage.of) | _told(usage)


class UsageReportView(FromDomain):
    total: UsageView
    usage: list[UsageOfView]
    truncated: Annotated[bool, Field(description="Whether there are more than `limit`.")]

    @classmethod
    def told(cls, report: UsageReport) -> dict[str, object]:
        return {
            "total": _told(report.total),
            "usage": [UsageOfView.told(each) for each in report.usage],
            "truncated": report.truncated,
        }


class UsageAnswer(Answer):
    data: UsageReportView


def _told(usage: Usage) -> dict[str, object]:
    return UsageView.model_validate(usage).model_dump()
