"""The verbs of those who administer the service."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from api.audit import ListAuditRequest
from api.platforms import (
    CreateKeyRequest,
    CreatePlatformRequest,
    ListKeysRequest,
    ModifyPlatformRequest,
    RevokeKeyRequest,
)
from api.quotas import ListQuotasRequest, SetQuotaRequest
from api.statistics import GetStatisticsRequest
from api.usage import GetUsageRequest
from domain.audit import AuditPage
from domain.health import Health
from domain.platform import ApiKey, NewApiKey, Platform, Scope
from domain.quota import QuotaOfPlatform, Resource, SetQuotaResult
from domain.usage import UsageBy, UsageReport
from service.core.asking import Asking
from service.use_cases.create_key import create_key
from service.use_cases.create_platform import create_platform
from service.use_cases.get_health import get_health
from service.use_cases.get_statistics import Statistics, get_statistics
from service.use_cases.get_usage import get_usage
from service.use_cases.list_audit import list_audit
from service.use_cases.list_keys import list_keys
from service.use_cases.list_platforms import list_platforms
from service.use_cases.list_quotas import list_quotas
from service.use_cases.modify_platform import modify_platform
from service.use_cases.revoke_key import revoke_key
from service.use_cases.set_quota import set_quota


class AdministrationVerbs(Asking):
    async def create_platform(
        self, platform_name: str, scopes: Iterable[Scope], *, app_ids: Iterable[str] | None = None
    ) -> Platform:
        """``app_ids``: the applications that it acts for; None: all."""
        async with self._changing(
            "create_platform",
            CreatePlatformRequest,
            platform_name=platform_name,
            scopes=list(scopes),
            app_ids=None if app_ids is None else list(app_ids),
        ) as asked:
            state = asked.state
            return await create_platform(asked.body.command, state["unit_of_work"], asked.change)

    async def list_platforms(self) -> Sequence[Platform]:
        return await list_platforms(self._opened["unit_of_work"])

    async def modify_platform(self, platform_name: str, **changes: object) -> Platform:
        """``changes``: of ``scopes``, ``app_ids``, ``is_active``; the others stay as they are."""
        async with self._changing(
            "modify_platform", ModifyPlatformRequest, platform_name=platform_name, **changes
        ) as asked:
            state = asked.state
            return await modify_platform(
                asked.body.command, state["unit_of_work"], state["key_ring"], asked.change
            )

    async def create_key(
        self,
        platform_name: str,
        *,
        scopes: Iterable[Scope] | None = None,
        expires_at: datetime | None = None,
    ) -> tuple[ApiKey, NewApiKey]:
        """The second is the key itself, which nobody can tell again."""
        async with self._changing(
            "create_key",
            CreateKeyRequest,
            platform_name=platform_name,
            scopes=None if scopes is None else list(scopes),
            expires_at=expires_at,
        ) as asked:
            state = asked.state
            return await create_key(
                asked.body.command, state["unit_of_work"], state["key_ring"], asked.change
            )

    async def list_keys(self, platform_name: str) -> Sequence[ApiKey]:
        asked = self._ask(ListKeysRequest, platform_name=platform_name)
        return await list_keys(asked.body.platform_name, asked.state["unit_of_work"])

    async def revoke_key(self, prefix: str) -> ApiKey:
        async with self._changing("revoke_key", RevokeKeyRequest, prefix=prefix) as asked:
            state = asked.state
            return await revoke_key(
                asked.body.prefix, state["unit_of_work"], state["key_ring"], asked.change
            )

    async def set_quota(
        self,
        platform_name: str,
        most: Mapping[Resource, int | None],
        *,
        space_id: str | None = None,
        uid: str | None = None,
    ) -> SetQuotaResult:
        """``most``: of each resource that is to change; None: as above it again."""
        fields = {str(resource): number for resource, number in most.items()}
        async with self._changing(
            "set_quota",
            SetQuotaRequest,
            platform_name=platform_name,
            space_id=space_id,
            uid=uid,
            **fields,
        ) as asked:
            state = asked.state
            return await set_quota(
                asked.body.command, state["unit_of_work"], state["limits"], asked.change
            )

    async def list_quotas(self, platform_name: str | None = None) -> Sequence[QuotaOfPlatform]:
        asked = self._ask(ListQuotasRequest, platform_name=platform_name)
        return await list_quotas(asked.body.platform_name, asked.state["unit_of_work"])

    async def get_usage(
        self,
        *,
        platform_name: str | None = None,
        space_id: str | None = None,
        uid: str | None = None,
        database_id: int | None = None,
        by: UsageBy = UsageBy.DATABASE,
        limit: int = 100,
    ) -> UsageReport:
        asked = self._ask(
            GetUsageRequest,
            platform_name=platform_name,
            space_id=space_id,
            uid=uid,
            database_id=database_id,
            by=by,
            limit=limit,
        )
        return await get_usage(asked.body.command(platform_name), asked.state["unit_of_work"])

    async def get_statistics(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        step: timedelta | None = None,
        platform_name: str | None = None,
        verb: str | None = None,
    ) -> Statistics:
        """Of requests over HTTP: a core's own are not counted."""
        asked = self._ask(
            GetStatisticsRequest,
            **{"from": since, "to": until},
            step=None if step is None else int(step.total_seconds()),
            platform_name=platform_name,
            verb=verb,
        )
        state = asked.state
        return await get_statistics(
            asked.body.command(platform_name),
            state["unit_of_work"],
            state["tally"],
            state["keeping"],
        )

    async def get_health(self) -> Health:
        """Of this core, as of a worker of the service."""
        return await get_health(self._opened["health"])

    async def list_audit(
        self,
        *,
        platform_name: str | None = None,
        uid: str | None = None,
        database_id: int | None = None,
        verb: str | None = None,
        sid: str | None = None,
        target: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        cursor: int | None = None,
        limit: int = 50,
    ) -> AuditPage:
        asked = self._ask(
            ListAuditRequest,
            platform_name=platform_name,
            uid=uid,
            database_id=database_id,
            verb=verb,
            sid=sid,
            target=target,
            **{"from": since, "to": until},
            cursor=cursor,
            limit=limit,
        )
        return await list_audit(asked.body.command, asked.state["unit_of_work"])
