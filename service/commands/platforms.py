"""The commands ``platforms`` and ``keys``: as the verbs of the same names, without a key."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer

from api.platforms import (
    CreateKeyRequest,
    CreatePlatformRequest,
    KeyView,
    ModifyPlatformRequest,
    PlatformView,
)
from domain.platform import Scope
from repository.key_ring import NoKeys
from service.commands.invocation import asked, by_command, with_work
from service.commands.tables import ForPrograms, tell
from service.use_cases.create_key import create_key
from service.use_cases.create_platform import create_platform
from service.use_cases.list_keys import list_keys
from service.use_cases.list_platforms import list_platforms
from service.use_cases.modify_platform import modify_platform
from service.use_cases.revoke_key import revoke_key

platforms = typer.Typer(help="The applications that call this service.", no_args_is_help=True)
keys = typer.Typer(help="The keys that they call it with.", no_args_is_help=True)

_NO_KEYS = NoKeys()  # of this process; all workers are told by PostgreSQL

Name = Annotated[str, typer.Argument(help="The platform's name.")]
Scopes = Annotated[
    list[Scope] | None, typer.Option("--scope", help="What keys may be used for; several times.")
]
Apps = Annotated[
    list[str] | None,
    typer.Option("--app", help="An application that it acts for; several times; none: all."),
]


@platforms.command("create")
def create(
    name: Name, scope: Scopes = None, app: Apps = None, *, json: ForPrograms = False
) -> None:
    """Make a platform; without --scope it may do all but administer the service."""
    scopes = scope or frozenset(Scope) - {Scope.ADMIN}
    body = asked(CreatePlatformRequest, platform_name=name, app_ids=app or None, scopes=scopes)
    change = by_command("create_platform", name)
    made = with_work(partial(create_platform, body.command, change=change))
    tell([PlatformView.told(made)], json=json)


@platforms.command("list")
def list_all(*, json: ForPrograms = False) -> None:
    """List all platforms."""
    tell([PlatformView.told(each) for each in with_work(list_platforms)], json=json)


@platforms.command("modify")
def modify(
    name: Name,
    scope: Scopes = None,
    app: Apps = None,
    *,
    every_app: Annotated[bool, typer.Option(help="It acts for all applications.")] = False,
    active: Annotated[bool | None, typer.Option(help="Whether its keys count.")] = None,
    json: ForPrograms = False,
) -> None:
    """Change what is said, and leave the rest as it is."""
    fields: dict[str, object] = {}
    if scope:
        fields["scopes"] = scope
    if app or every_app:
        fields["app_ids"] = app or None
    if active is not None:
        fields["is_active"] = active
    body = asked(ModifyPlatformRequest, platform_name=name, **fields)
    change = by_command("modify_platform", name)
    changed = with_work(partial(modify_platform, body.command, key_ring=_NO_KEYS, change=change))
    tell([PlatformView.told(changed)], json=json)


@keys.command("create")
def create_one(
    name: Name,
    scope: Scopes = None,
    expires_at: Annotated[
        datetime | None, typer.Option(help="UTC; without it the key never expires.")
    ] = None,
    *,
    json: ForPrograms = False,
) -> None:
    """Make one more key for a platform, and print it this once."""
    until = None if expires_at is None else expires_at.replace(tzinfo=UTC)
    body = asked(CreateKeyRequest, platform_name=name, scopes=scope or None, expires_at=until)
    change = by_command("create_key", name)
    key, new = with_work(partial(create_key, body.command, key_ring=_NO_KEYS, change=change))
    tell([{"key": new.text} | KeyView.told(key)], json=json)


@keys.command("list")
def list_of_platform(name: Name, *, json: ForPrograms = False) -> None:
    """List a platform's keys, by their prefixes."""
    tell([KeyView.told(key) for key in with_work(partial(list_keys, name))], json=json)


@keys.command("revoke")
def revoke(
    prefix: Annotated[str, typer.Argument(help="What the key begins with: tb_ and 8 letters.")],
    *,
    json: ForPrograms = False,
) -> None:
    """Revoke a key, for good."""
    change = by_command("revoke_key", prefix)
    revoked = with_work(partial(revoke_key, prefix, key_ring=_NO_KEYS, change=change))
    tell([KeyView.told(revoked)], json=json)
