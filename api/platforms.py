"""Bodies of the verbs about platforms and their keys."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, StrictBool

from api.fields import AppId, DatabaseId, without_control_characters
from api.schemas import Answer, ChangingRequest, FromDomain, KeyedRequest, Request
from api.state import State
from domain.platform import ApiKey, NewApiKey, Platform, Scope
from service.use_cases.create_key import CreateKey
from service.use_cases.create_platform import CreatePlatform
from service.use_cases.modify_platform import ModifyPlatform
from service.use_cases.share_database import ShareDatabase

PlatformName = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$",
        description="1–64 small letters, digits, `_` and `-`.",
        examples=["workflows"],
    ),
]

AppIds = Annotated[
    frozenset[AppId] | None,
    Field(
        max_length=1000,
        description="The applications (`app_id`, X-Consumer-Username) that it acts for; null: all.",
        examples=[["app01", "app02"]],
    ),
]

Scopes = Annotated[
    frozenset[Scope],
    Field(description="What its keys may be used for.", examples=[["databases:read", "dml:read"]]),
]

ScopesOfKey = Annotated[
    frozenset[Scope] | None,
    Field(description="Only these of the platform's; absent or null: all that it has."),
]

KeyPrefix = Annotated[
    str,
    Field(
        min_length=1,
        max_length=16,
        description="What the key begins with, by which it is known.",
        examples=["tb_k3m9x2pq"],
    ),
    AfterValidator(without_control_characters),
]

ExpiresAt = Annotated[
    AwareDatetime | None,
    Field(
        description="From then on the key is refused, by PostgreSQL's clock; with a time zone;"
        " absent or null: never.",
        examples=["2027-01-31T00:00:00Z"],
    ),
]


class CreatePlatformRequest(KeyedRequest):
    platform_name: PlatformName
    app_ids: AppIds = None
    scopes: Scopes

    @property
    def command(self) -> CreatePlatform:
        return CreatePlatform(self.platform_name, self.app_ids, self.scopes)


class ListPlatformsRequest(Request):
    pass


class ModifyPlatformRequest(KeyedRequest):
    """What is absent stays as it is."""

    platform_name: PlatformName
    app_ids: AppIds = None
    scopes: Scopes = frozenset()
    is_active: Annotated[
        StrictBool, Field(description="false: its keys are refused until it is true again.")
    ] = True

    @property
    def command(self) -> ModifyPlatform:
        told = self.model_fields_set - {"platform_name", "idempotency_key"}
        return ModifyPlatform(self.platform_name, {name: getattr(self, name) for name in told})


class CreateKeyRequest(Request):
    platform_name: PlatformName
    scopes: ScopesOfKey = None
    expires_at: ExpiresAt = None

    @property
    def command(self) -> CreateKey:
        return CreateKey(self.platform_name, self.scopes, self.expires_at)


class ListKeysRequest(Request):
    platform_name: PlatformName


class RevokeKeyRequest(KeyedRequest):
    prefix: KeyPrefix


class ShareDatabaseRequest(ChangingRequest):
    database_id: DatabaseId
    platform_names: Annotated[
        frozenset[PlatformName],
        Field(
            max_length=100,
            description="These platforms and no others reach it beside its own; empty: none.",
        ),
    ]

    def command(self, state: State) -> ShareDatabase:
        return ShareDatabase(self.database_id, state["caller"], self.platform_names)


class PlatformView(FromDomain):
    platform_id: int = Field(validation_alias="id")
    platform_name: str = Field(validation_alias="name")
    app_ids: list[str] | None
    scopes: list[Scope]
    is_active: bool
    create_at: datetime
    update_at: datetime

    @classmethod
    def told(cls, platform: Platform) -> dict[str, object]:
        view = cls.model_validate(platform)
        view.scopes.sort()
        if view.app_ids is not None:
            view.app_ids.sort()
        return view.model_dump()


class PlatformAnswer(Answer):
    data: PlatformView


class PlatformList(FromDomain):
    platforms: list[PlatformView]


class PlatformListAnswer(Answer):
    data: PlatformList


class KeyView(FromDomain):
    prefix: str
    scopes: list[Scope] | None
    create_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="Some seconds late.")
    revoked_at: datetime | None

    @classmethod
    def told(cls, key: ApiKey) -> dict[str, object]:
        view = cls.model_validate(key)
        if view.scopes is not None:
            view.scopes.sort()
        return view.model_dump()


class KeyAnswer(Answer):
    data: KeyView


class NewKeyView(KeyView):
    key: str = Field(description="Told this once: only its hash is kept.")


class NewKeyAnswer(Answer):
    data: NewKeyView


class KeyList(FromDomain):
    keys: list[KeyView]


class KeyListAnswer(Answer):
    data: KeyList


def new_key_told(made: tuple[ApiKey, NewApiKey]) -> dict[str, object]:
    key, new = made
    return KeyView.told(key) | {"key": new.text}
