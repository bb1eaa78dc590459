"""Where settings come from, what they may be, and what is said of wrong ones."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from service.settings import Auth, Settings, explain

EXTERNAL = "postgresql://service:secret@db/twinbase"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No ``.env`` of the developer's is read."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_defaults_need_nothing() -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 7990, 1)
    assert settings.database_url is None
    assert settings.is_loopback


def test_precedence(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / ".env").write_text("TWINBASE_PORT=1\nTWINBASE_WORKERS=2\nTWINBASE_MAX_ROWS=300\n")
    monkeypatch.setenv("TWINBASE_PORT", "11")
    monkeypatch.setenv("TWINBASE_WORKERS", "6")
    settings = Settings(port=21)
    assert (settings.port, settings.workers, settings.max_rows) == (21, 6, 300)


def test_an_empty_variable_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWINBASE_DATABASE_URL", "")
    assert Settings().database_url is None


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_urls_are_spelt_as_asyncpg_reads_them(scheme: str) -> None:
    settings = Settings(database_url=SecretStr(f"{scheme}://u:p@h:5433/d?sslmode=require"))
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://u:p@h:5433/d?sslmode=require"


def test_workers_are_given_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(database_url=SecretStr(EXTERNAL), workers=3, port=8000, max_rows=500)
    for name, value in settings.to_environment().items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings


def test_connections_are_a_budget_for_all_workers_and_instances() -> None:
    settings = Settings(workers=4, instances=2, database_connections=48)
    assert settings.connections_per_worker == 6


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"port": 65536}, "TWINBASE_PORT: Input should be less than or equal to 65535"),
        ({"port": "http"}, "TWINBASE_PORT: Input should be a valid integer"),
        ({"workers": 0}, "TWINBASE_WORKERS: Input should be greater than or equal to 1"),
        ({"host": ""}, "TWINBASE_HOST"),
        ({"log_format": "xml"}, "TWINBASE_LOG_FORMAT"),
        ({"database_url": "mysql://u:secret@h/d"}, "must be a URL that begins with postgresql://"),
        ({"database_url": "secret"}, "must be a URL that begins with postgresql://"),
        ({"database_url": "postgresql://u:secret@h:port/d"}, "TWINBASE_DATABASE_URL"),
        ({"database_url": "postgresql://u:secret/more@h/d"}, "in a password, write / ? #"),
        ({"direct_url": "postgresql://u:sec[secret@h/d"}, "in a password, write / ? #"),
        ({"otlp_endpoint": "http://me:secret@collector"}, "TWINBASE_OTLP_ENDPOINT"),
        ({"metrics_token": b"secret\xff"}, "TWINBASE_METRICS_TOKEN"),
        ({"admin_url": EXTERNAL}, "TWINBASE_ADMIN_URL needs TWINBASE_DATABASE_URL"),
        ({"database_connections": 5}, "TWINBASE_DATABASE_CONNECTIONS"),
        ({"workers": 20}, "too few for 20 workers"),
        ({"default_rows": 200, "max_rows": 100}, "TWINBASE_DEFAULT_ROWS"),
    ],
    ids=str,
)
def test_wrong_values_are_explained_in_one_line(values: dict[str, object], expected: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(**values)  # type: ignore[arg-type]  # wrong on purpose
    said = explain(caught.value)
    assert expected in said
    assert "\n" not in said
    assert "secret" not in said


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("db", False)],
)
def test_loopback(host: str, loopback: bool) -> None:  # noqa: FBT001 - a table of cases
    assert Settings(host=host, auth=Auth.KEYS).is_loopback is loopback


def test_off_is_said_twice_where_others_reach_it() -> None:
    for host in ("0.0.0.0", "::", "db"):
        with pytest.raises(ValidationError, match="TWINBASE_AUTH_OFF_ANYWHERE"):
            Settings(host=host)
        assert Settings(host=host, auth_off_anywhere=True).auth is Auth.OFF
        assert Settings(host=host, auth=Auth.KEYS).auth is Auth.KEYS


@pytest.mark.parametrize("endpoint", ["collector:4318", "http://", "ftp://c", "http://me:key@c"])
def test_a_collector_is_named_by_an_http_url_without_a_key(endpoint: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(otlp_endpoint=endpoint)
    assert explain(caught.value).startswith("TWINBASE_OTLP_ENDPOINT: ")
