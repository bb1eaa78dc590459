"""All settings: environment variables TWINBASE_*, a ``.env`` beside them, or the command line."""

import os
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from platformdirs import PlatformDirs
from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.quota import Resource
from domain.statistics import Keeping
from domain.timeouts import Timeouts
from service.postgres_url import PostgresUrl

PREFIX = "TWINBASE_"
LEAST_CONNECTIONS = 6  # per worker: two listen, two are of operations, two serve


def variable_of(name: str) -> str:
    """Of a setting of that name."""
    return f"{PREFIX}{name}".upper()


def default_data_dir() -> Path:
    """The user's data folder; for root the system's, which PostgreSQL's own account can reach."""
    folders = PlatformDirs("twinbase", appauthor=False, use_site_for_root=True)
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return folders.user_state_path if is_root else folders.user_data_path


# How settings end that are a secret, or may hold one: a URL's password, or what was taken for one.
_SECRET = ("_URL", "_TOKEN", "_ENDPOINT")

Quota = Annotated[int | None, Field(ge=0, le=2**62)]


def _quota(what: str) -> Any:
    """Of all who have none of their own (docs/quotas.md)."""
    return Field(None, description=f"{what} Where no quota is set; none: as many as there are.")


class Auth(StrEnum):
    """Whether requests need a key."""

    KEYS = "keys"
    OFF = "off"


class Settings(BaseSettings):
    """Precedence: arguments > environment > ``.env`` > default. Raises ValidationError."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    host: str = Field("127.0.0.1", min_length=1, description="Address to listen on.")
    port: int = Field(7990, ge=0, le=65535, description="Port to listen on; 0: any free one.")
    workers: int = Field(1, ge=1, le=64, description="Processes that serve.")
    instances: int = Field(
        1, ge=1, le=1000, description="Services like this one that share the PostgreSQL server."
    )
    data_dir: Path = Field(
        default_factory=default_data_dir, description="Folder of the embedded PostgreSQL."
    )
    least_free_bytes: int = Field(
        256 * 1024 * 1024,
        ge=0,
        le=2**62,
        description="Bytes that must be free where the embedded server's folder is; with fewer,"
        " `/readyz` answers 503, before PostgreSQL ends itself since it cannot write.",
    )
    database_url: PostgresUrl | None = Field(
        None,
        description="A PostgreSQL server and the service's own login; absent: the embedded one.",
    )
    direct_url: PostgresUrl | None = Field(
        None,
        description="The same database and login past the pooler that TWINBASE_DATABASE_URL names.",
    )
    admin_url: PostgresUrl | None = Field(
        None,
        description="An administrator of that server: start-up then creates all that is needed.",
    )
    database_connections: int = Field(
        40,
        ge=LEAST_CONNECTIONS,
        le=100_000,
        description="Connections to PostgreSQL of all workers of all instances together.",
    )
    start_patience: float = Field(
        30, ge=0, le=3600, description="Seconds that a start waits for PostgreSQL to answer."
    )
    drain_seconds: float = Field(
        0,
        ge=0,
        le=600,
        description="Seconds from being asked to stop until nothing is taken any more; meanwhile"
        " /readyz answers 503, so that load balancers send requests elsewhere.",
    )
    stop_timeout: int = Field(
        10,
        ge=0,
        le=3600,
        description="Seconds that requests under way are given then; what takes longer is"
        " cancelled.",
    )
    keep_alive_seconds: int = Field(
        75,
        ge=1,
        le=3600,
        description="Seconds that a connection without requests is kept: longer than clients and"
        " load balancers keep theirs, so that none is closed while a request is on its way.",
    )
    connect_timeout: float = Field(5.0, gt=0, le=300, description="Seconds to wait for PostgreSQL.")
    pool_timeout: float = Field(5.0, gt=0, le=300, description="Seconds to wait for a connection.")
    statement_timeout_ms: int = Field(
        30_000, ge=1, le=86_400_000, description="Longest time of one statement of a caller."
    )
    lock_timeout_ms: int = Field(
        5_000, ge=1, le=86_400_000, description="Longest wait for a lock that another caller holds."
    )
    ddl_lock_timeout_ms: int = Field(
        2_000,
        ge=1,
        le=86_400_000,
        description="As TWINBASE_LOCK_TIMEOUT_MS, of exec_ddl for tables, and at most that long.",
    )
    default_rows: int = Field(
        100, ge=1, le=1_000_000, description="Rows of a SELECT that has no LIMIT."
    )
    max_rows: int = Field(
        10_000,
        ge=1,
        le=1_000_000,
        description="Rows of one statement's answer, whatever its LIMIT.",
    )
    max_answer_bytes: int = Field(
        2 * 1024 * 1024,
        ge=1024,
        le=1024**3,
        description="Bytes of rows, as PostgreSQL sends them, of one request's answer.",
    )
    statements_per_database: int = Field(
        8,
        ge=1,
        le=10_000,
        description="Requests of one database that run SQL at the same time, in each worker.",
    )
    slow_statement_niceness: int = Field(
        0,
        ge=0,
        le=19,
        description="What the operating system adds to a session's niceness once its statement has"
        " kept a processor busy for some tenths of a second: only on Linux, where PostgreSQL is on"
        " this machine and of an account that may do it, with no pooler between. With the embedded"
        " one at least 10.",
    )
    turn_timeout: float = Field(
        10,
        gt=0,
        le=600,
        description="Seconds that a request that runs SQL waits for its turn.",
    )
    gate_timeout: float = Field(
        10, gt=0, le=600, description="Seconds for judging long SQL, which another process does."
    )
    operations_at_once: int = Field(
        4, ge=1, le=1000, description="Operations that run at a time, in all workers together."
    )
    operations_per_uid: int = Field(
        2, ge=1, le=1000, description="Operations of one uid that run at a time."
    )
    operation_patience: float = Field(
        30,
        ge=0,
        le=3600,
        description="Seconds that a request waits for the operation that it has begun; then it is"
        " answered with what is known of it.",
    )
    operation_heartbeat: float = Field(
        10,
        ge=1,
        le=600,
        description="Seconds without a sign of life after which another worker takes an operation"
        " over.",
    )
    quota_databases: Quota = _quota("Databases of one uid.")
    quota_tables_per_database: Quota = _quota("Tables in each schema of a database.")
    quota_bytes_per_database: Quota = _quota("Bytes of a database, both schemas together.")
    quota_bytes: Quota = _quota("Bytes of all databases of one uid.")
    quota_statements_per_second: Quota = _quota("Statements that one uid may run in a second.")
    quota_concurrent_statements: Quota = _quota("Requests of one uid that run SQL at a time.")
    quota_operations: Quota = _quota("Operations of one uid that have not ended.")
    max_body_bytes: int = Field(
        8 * 1024 * 1024, ge=1024, le=1024**3, description="Largest request body."
    )
    cached_databases: int = Field(
        10_000, ge=0, le=10_000_000, description="Databases that a worker remembers."
    )
    auth: Auth = Field(
        Auth.OFF,
        description="keys: every verb needs one (docs/platforms.md); off: none is asked for, on a"
        " loopback address only.",
    )
    auth_off_anywhere: bool = Field(
        default=False,
        description="Says once more that TWINBASE_AUTH=off is meant, on an address that others"
        " reach: whoever reaches it may claim any uid.",
    )
    statistics_minutes_kept: int = Field(
        Keeping().minutes.days,
        ge=1,
        le=366,
        description="Days that figures by the minute are kept.",
    )
    statistics_hours_kept: int = Field(
        Keeping().hours.days,
        ge=1,
        le=36_600,
        description="Days that figures by the hour are kept, and at least as long as those by the"
        " minute.",
    )
    audit_days: int = Field(
        0,
        ge=0,
        le=36_500,
        description="Days that rows of the audit are kept (docs/audit.md); 0: for ever.",
    )
    metrics: bool = Field(
        default=True, description="Whether /metrics answers (docs/metrics.md); it asks for no key."
    )
    metrics_token: SecretStr | None = Field(
        None, description="What /metrics asks for as Authorization: Bearer; none: it asks nothing."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least serious event that is logged."
    )
    log_format: Literal["json", "console"] = Field("json", description="How events are written.")
    slow_statement_ms: int = Field(
        1_000,
        ge=0,
        le=86_400_000,
        description="Statements of callers that take longer are logged, by a fingerprint instead of"
        " their text (docs/observability.md); 0: none.",
    )
    otlp_endpoint: str | None = Field(
        None,
        pattern=r"^https?://[^@\s]+$",
        description="Where traces are sent by OTLP/HTTP, such as `http://collector:4318`"
        " (docs/observability.md); absent: no traces.",
    )

    @property
    def timeouts(self) -> Timeouts:
        return Timeouts(self.statement_timeout_ms, self.lock_timeout_ms)

    @property
    def quotas(self) -> dict[Resource, int]:
        given = {resource: getattr(self, f"quota_{resource}") for resource in Resource}
        return {resource: most for resource, most in given.items() if most is not None}

    @property
    def keeping(self) -> Keeping:
        """Of figures."""
        return Keeping(
            timedelta(days=self.statistics_minutes_kept), timedelta(days=self.statistics_hours_kept)
        )

    @property
    def connections_per_worker(self) -> int:
        return self.database_connections // (self.workers * self.instances)

    @property
    def is_loopback(self) -> bool:
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.admin_url is not None and self.database_url is None:
            raise ValueError(
                f"{PREFIX}ADMIN_URL needs {PREFIX}DATABASE_URL, the login that it shall create"
            )
        if self.connections_per_worker < LEAST_CONNECTIONS:
            raise ValueError(
                f"{PREFIX}DATABASE_CONNECTIONS={self.database_connections} is too few for "
                f"{self.workers} workers × {self.instances} instances: "
                f"each worker needs {LEAST_CONNECTIONS}"
            )
        if self.auth is Auth.OFF and not self.is_loopback and not self.auth_off_anywhere:
            raise ValueError(
                f"{PREFIX}AUTH=off on {self.host}, which others reach, lets anybody claim any uid: "
                f"set {PREFIX}AUTH=keys, or say once more with {PREFIX}AUTH_OFF_ANYWHERE=true"
            )
        if self.statistics_minutes_kept > self.statistics_hours_kept:
            raise ValueError(
                f"{PREFIX}STATISTICS_MINUTES_KEPT must not be larger than"
                f" {PREFIX}STATISTICS_HOURS_KEPT"
            )
        if self.default_rows > self.max_rows:
            raise ValueError(f"{PREFIX}DEFAULT_ROWS must not be larger than {PREFIX}MAX_ROWS")
        return self

    def to_environment(self) -> dict[str, str]:
        """The same settings as variables, for worker processes."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return {
            variable_of(name): (
                value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            )
            for name, value in values.items()
            if value is not None
        }


def explain(error: ValidationError) -> str:
    """One line that names each wrong setting and what it should be; never what may be secret."""
    sentences = []
    for problem in error.errors():
        name = variable_of(str(problem["loc"][0])) if problem["loc"] else ""
        said = problem["msg"].removeprefix("Value error, ")
        given = "" if name.endswith(_SECRET) or not name else f" (given: {problem['input']!r})"
        sentences.append(f"{name}: {said}{given}" if name else said)
    return "; ".join(sentences)
