"""What ``doctor --fix`` does about what was found: what is safe, and nothing else."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TypeAlias

from pydantic import SecretStr

from domain.audit import AuditedChange
from domain.consistency import OF_RIGHTS, OF_TABLES, Finding, FindingKind, Mender
from domain.ports import UnitOfWorkFactory
from exceptions.errors import TwinbaseError
from repository.bootstrap import BootstrapError, bootstrap
from repository.driver_errors import DRIVER_ERRORS
from repository.examination import inside, remedy
from service.settings import Settings
from service.use_cases.doctor import MendedElsewhere
from service.use_cases.mend import mend
from service.use_cases.settle_again import settle_again, tell_of_remedy

_OF_A_DATABASE = OF_TABLES | {FindingKind.WRONG_OWNER}
_NEEDS_ADMINISTRATOR = "only an administrator may: TWINBASE_ADMIN_URL"

Place: TypeAlias = tuple[FindingKind, str, str | None]


class Mending:
    """``change``: what the audit tells of a database in which something was mended."""

    def __init__(
        self,
        settings: Settings,
        unit_of_work: UnitOfWorkFactory,
        change: Callable[[int], AuditedChange],
    ) -> None:
        self._unit_of_work = unit_of_work
        self._change = change
        self._heartbeat = settings.operation_heartbeat
        self._database_url = plain(settings.database_url) or ""
        self._admin_url = plain(settings.admin_url)
        self.reasons: dict[Place, str] = {}
        """Why something was not mended."""

    async def mend(self, findings: Sequence[Finding]) -> None:
        to_mend = [each for each in findings if each.kind.mended_by is Mender.FIX]
        if self._admin_url is not None and any(each.kind in OF_RIGHTS for each in to_mend):
            await self._bootstrap(self._admin_url, to_mend)
        await self._run_remedies([each for each in to_mend if each.remedy is not None])
        if any(each.kind.is_mended for each in findings):
            with suppress(MendedElsewhere):  # what it leaves is found again
                await mend(self._unit_of_work, self._heartbeat)
        await self._settle(to_mend)

    async def _bootstrap(self, admin_url: str, to_mend: Iterable[Finding]) -> None:
        try:
            await bootstrap(admin_url, self._database_url)
        except (BootstrapError, *DRIVER_ERRORS) as error:
            of_rights = (each for each in to_mend if each.kind in OF_RIGHTS)
            self.reasons.update({place_of(each): str(error) for each in of_rights})

    async def _run_remedies(self, to_mend: Sequence[Finding]) -> None:
        """As an administrator, where one is named; else as the service, as far as it may."""
        if not to_mend:
            return
        login = self._admin_url or self._database_url
        async with inside(login, self._database_url) as connection:
            for each in to_mend:
                reason = await remedy(connection, each)
                if reason is None and each.database_id is not None:
                    change = self._change(each.database_id)
                    await tell_of_remedy(each.database_id, self._unit_of_work, change)
                if self._admin_url is None:  # of a REVOKE that does nothing PostgreSQL only warns
                    reason = _NEEDS_ADMINISTRATOR
                if reason is not None:
                    self.reasons[place_of(each)] = reason

    async def _settle(self, to_mend: Iterable[Finding]) -> None:
        drifted: dict[int, list[Finding]] = {}
        for each in to_mend:
            if each.database_id is not None and each.kind in _OF_A_DATABASE:
                drifted.setdefault(each.database_id, []).append(each)
        for database_id, findings in drifted.items():
            try:
                await settle_again(database_id, self._unit_of_work, self._change(database_id))
            except TwinbaseError as error:
                self.reasons.update({place_of(each): error.message for each in findings})


def place_of(finding: Finding) -> Place:
    return finding.kind, finding.subject, finding.detail


def plain(url: SecretStr | None) -> str | None:
    return None if url is None else url.get_secret_value()
