"""Body and answer of get_health."""

from typing import Annotated, Any

from pydantic import Field

from api.schemas import Answer, FromDomain, Request
from domain.health import Health, Status


class GetHealthRequest(Request):
    pass


class PartView(FromDomain):
    part: Annotated[str, Field(validation_alias="name")]
    status: Status
    advice: Annotated[str, Field(description="What to do; empty: nothing.")]
    facts: Annotated[
        dict[str, Any], Field(description="Numbers and words; which, depends on the part.")
    ]


class HealthView(FromDomain):
    status: Annotated[Status, Field(description="The worst of the parts.")]
    parts: list[PartView]

    @classmethod
    def told(cls, health: Health) -> dict[str, object]:
        return cls.model_validate(health).model_dump(mode="json")


class HealthAnswer(Answer):
    data: HealthView
