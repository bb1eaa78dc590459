"""Settings of the service that contradict each other or the machine: for doctor and health."""

from domain.consistency import Finding, FindingKind
from service.embedded_server.room import room_of
from service.settings import PREFIX, Auth, Settings


def settings_that_hurt(settings: Settings) -> list[Finding]:
    """Each alone is a value that may be meant."""
    found = []
    if settings.auth is Auth.OFF and not settings.is_loopback:
        found.append(("AUTH", f"off, and whoever reaches {settings.host} may claim any uid"))
    if settings.lock_timeout_ms >= settings.statement_timeout_ms:
        found.append(
            (
                "LOCK_TIMEOUT_MS",
                (
                    "not shorter than TWINBASE_STATEMENT_TIMEOUT_MS: a wait for a lock is told as"
                    " a slow statement (25031)"
                ),
            )
        )
    if settings.ddl_lock_timeout_ms > settings.lock_timeout_ms:
        found.append(("DDL_LOCK_TIMEOUT_MS", "longer than TWINBASE_LOCK_TIMEOUT_MS, which holds"))
    if settings.operation_heartbeat <= settings.connect_timeout:
        found.append(
            (
                "OPERATION_HEARTBEAT",
                (
                    "not longer than TWINBASE_CONNECT_TIMEOUT: whoever only connects anew loses his"
                    " operations to another worker"
                ),
            )
        )
    if settings.direct_url is not None and settings.database_url is None:
        found.append(("DIRECT_URL", "set without TWINBASE_DATABASE_URL"))
    return [
        Finding(FindingKind.SERVICE_SETTING, f"{PREFIX}{name}", detail=why) for name, why in found
    ]


def full_disk(settings: Settings) -> list[Finding]:
    """Of the embedded server."""
    room = room_of(settings.data_dir)
    if room.free >= settings.least_free_bytes:
        return []
    told = f"where {settings.data_dir} is, {room}: fewer than {PREFIX}LEAST_FREE_BYTES"
    return [Finding(FindingKind.FULL_DISK, str(settings.data_dir), detail=told)]
