"""What is told where a quota is used up; one class per code, as in ``errors``."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from exceptions.codes import ErrorCode
from exceptions.errors import TwinbaseError


@dataclass(frozen=True, slots=True)
class QuotaDetails:
    """``of``: platform, space or uid, whose quota it is. ``used`` without what was asked for.

    ``retry_after``: seconds; None where waiting alone does not help.
    """

    resource: str
    limit: int
    used: int
    of: str
    retry_after: float | None = None


class QuotaError(TwinbaseError):
    """A quota is used up."""

    def __init__(self, message: str | None = None, quota: QuotaDetails | None = None) -> None:
        super().__init__(message)
        self.quota = quota
        self.retry_after = None if quota is None else quota.retry_after

    @property
    def details(self) -> Mapping[str, object] | None:
        if self.quota is None:
            return None
        told = asdict(self.quota)
        return {name: value for name, value in told.items() if value is not None}


class QuotaExceeded(QuotaError):
    """The quota of this platform, space or uid is used up; nothing was changed."""

    code = ErrorCode.QUOTA_EXCEEDED
    http_status = 403


class RateExceeded(QuotaError):
    """More statements came than this platform, space or uid may send in a second."""

    code = ErrorCode.RATE_EXCEEDED
    http_status = 429


class ConcurrencyExceeded(QuotaError):
    """As much of this platform, space or uid is under way as may be at a time."""

    code = ErrorCode.CONCURRENCY_EXCEEDED
    http_status = 429
