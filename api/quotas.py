"""Bodies of the verbs about quotas."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Self, TypeVar

from pydantic import Field, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from api.fields import OneUid, SpaceId
from api.platforms import PlatformName
from api.schemas import Answer, FromDomain, KeyedRequest, Request
from domain.quota import QuotaOfPlatform, Resource, SetQuotaResult
from service.use_cases.set_quota import SetQuota

Told = TypeVar("Told")

_MOST = 2**62


def _most(what: str) -> Any:
    return Field(
        ge=0,
        le=_MOST,
        description=f"{what} null: as above it again; absent: as it is.",
        examples=[],
    )


class SetQuotaRequest(KeyedRequest):
    """Of a platform or, where one is named, of a space or a uid of it."""

    platform_name: PlatformName
    space_id: SpaceId = None
    uid: OneUid = None
    databases: Annotated[StrictInt | None, _most("Databases.")] = None
    tables_per_database: Annotated[
        StrictInt | None, _most("Tables in each schema of a database.")
    ] = None
    bytes_per_database: Annotated[
        StrictInt | None, _most("Bytes of a database, in both schemas together.")
    ] = None
    bytes: Annotated[StrictInt | None, _most("Bytes of all databases together.")] = None
    statements_per_second: Annotated[
        StrictInt | None, _most("Statements in a second, in all workers together.")
    ] = None
    concurrent_statements: Annotated[
        StrictInt | None, _most("Requests that run SQL at a time, in all workers together.")
    ] = None
    operations: Annotated[StrictInt | None, _most("Operations that have not ended.")] = None

    @model_validator(mode="after")
    def _of_one(self) -> Self:
        if self.space_id is not None and self.uid is not None:
            raise PydanticCustomError("of_one", "a quota is of a space or of a uid, not of both")
        if self.model_fields_set.isdisjoint(Resource):
            raise PydanticCustomError("of_nothing", "name at least one of " + ", ".join(Resource))
        return self

    @property
    def command(self) -> SetQuota:
        told = {each: getattr(self, each) for each in Resource if each in self.model_fields_set}
        return SetQuota(self.platform_name, self.space_id, self.uid, told)

    @property
    def target(self) -> str:
        return self.command.target


class ListQuotasRequest(Request):
    platform_name: Annotated[
        PlatformName | None, Field(description="Absent or null: of all platforms.")
    ] = None


class QuotaView(FromDomain):
    """What was set; what is absent is as above it."""

    platform_name: str
    space_id: str | None = None
    uid: str | None = None
    databases: int | None = None
    tables_per_database: int | None = None
    bytes_per_database: int | None = None
    bytes: int | None = None
    statements_per_second: int | None = None
    concurrent_statements: int | None = None
    operations: int | None = None

    @classmethod
    def told(cls, quota: QuotaOfPlatform) -> dict[str, object]:
        return cls.of(quota).model_dump(exclude_none=True)

    @classmethod
    def of(cls, quota: QuotaOfPlatform) -> Self:
        subject = quota.subject
        return cls(
            platform_name=quota.platform_name,
            space_id=subject.space_id,
            uid=subject.uid,
            **_by_name(quota.most),
        )


class SetQuotaView(FromDomain):
    quota: QuotaView
    used: Annotated[
        dict[Resource, int],
        Field(description="Now; of what is per database, of that which has most."),
    ]
    follows: Annotated[
        dict[Resource, str], Field(description="What follows where more is used than may be.")
    ]

    @classmethod
    def told(cls, result: SetQuotaResult) -> dict[str, object]:
        return {
            "quota": QuotaView.told(result.quota),
            "used": _by_name(result.used),
            "follows": _by_name(result.follows),
        }


class SetQuotaAnswer(Answer):
    data: SetQuotaView


class QuotaList(FromDomain):
    quotas: list[QuotaView]
    defaults: Annotated[
        dict[Resource, int],
        Field(description="For each uid, where none of these holds (TWINBASE_QUOTA_*)."),
    ]

    @classmethod
    def told(
        cls, quotas: Iterable[QuotaOfPlatform], defaults: Mapping[Resource, int]
    ) -> dict[str, object]:
        return {"quotas": [QuotaView.told(each) for each in quotas], "defaults": _by_name(defaults)}


class QuotaListAnswer(Answer):
    data: QuotaList


def _by_name(known: Mapping[Resource, Told]) -> dict[str, Told]:
    """JSON's objects have names that are plain text."""
    return {resource.value: told for resource, told in known.items()}
