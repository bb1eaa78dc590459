"""Keys: what needs one, what each may be used for, and when it no longer counts."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from api.prefix import PREFIX
from domain.platform import Scope
from service.settings import Auth, Settings
from tests.client import Row, open_client
from tests.http.keys import Keys
from tests.http.verbs import CHANGING, ON_PLATFORMS, ON_QUOTAS, VERBS, accepted, envelope_of
from tests.patience import eventually

UNAUTHENTICATED = (401, 25022)
SCOPE_MISSING = (403, 25023)
APP_NOT_ALLOWED = (403, 25024)
SLACK = timedelta(milliseconds=50)  # how well a worker knows PostgreSQL's clock

NEEDED = {
    **dict.fromkeys(VERBS, Scope.DATABASES_READ),
    **dict.fromkeys(CHANGING, Scope.DATABASES_WRITE),
    "cancel_operation": Scope.DATABASES_WRITE,
    "exec_ddl": Scope.DDL,
    **dict.fromkeys(("exec_dml", "explain_dml", "cancel_statement"), Scope.DML_READ),
    **dict.fromkeys((*ON_PLATFORMS, *ON_QUOTAS), Scope.ADMIN),
}


async def refusal(keys: Keys, verb: str, key: str | None, database_id: int = 0) -> tuple[int, int]:
    told = await keys.call(verb, key, **accepted(verb, database_id))
    return told["status"], told["code"]


@pytest.fixture
async def database_id(keys: Keys) -> int:
    made = await keys.done("create_database", uid="u1", database_name="orders")
    return int(made["database_id"])


async def test_no_verb_without_a_key_that_counts(keys: Keys, admin: asyncpg.Connection) -> None:
    """Before anything of the body is looked at."""
    platform = await keys.platform("workflows")
    revoked = (await keys.done("create_key", platform_name="workflows"))["key"]
    await keys.done("revoke_key", prefix=revoked[:11])
    expired = (await keys.done("create_key", platform_name="workflows"))["key"]
    await admin.execute(
        "UPDATE twinbase.api_key SET expires_at = now() WHERE prefix = $1", expired[:11]
    )
    bad = {
        "none": None,
        "empty": "",
        "another": "tb_k3m9x2pq_VbK0o3pR7cYh1mXw9qZt5sLd8uJf2nEa6gTi4yQ0x_M",
        "one letter off": platform[:-1] + ("A" if platform[-1] != "A" else "B"),
        "cut off": platform[:-1],
        "its prefix": platform[:11],
        "a blank within": platform[:20] + " " + platform[20:],
        "revoked": revoked,
        "expired": expired,
    }
    before = await admin.fetchval("SELECT count(*) FROM twinbase.database_meta")
    wrong = {}
    for verb in VERBS:
        for kind, key in bad.items():
            told = await keys.call(verb, key)
            if (told["status"], told["code"]) != UNAUTHENTICATED:
                wrong[verb, kind] = told
    assert wrong == {}
    assert await admin.fetchval("SELECT count(*) FROM twinbase.database_meta") == before


async def test_each_verb_needs_its_scope_and_no_other(keys: Keys, database_id: int) -> None:
    every = [str(scope) for scope in Scope]
    for number, scope in enumerate(every):
        without = await keys.platform(f"without{number}", *(set(every) - {scope}))
        only = await keys.platform(f"only{number}", scope)
        for verb in VERBS:
            is_needed = NEEDED[verb] == scope
            told = await refusal(keys, verb, without, database_id)
            assert (told == SCOPE_MISSING) == is_needed, (verb, scope, told)
            told = await refusal(keys, verb, only, database_id)
            assert (told == SCOPE_MISSING) == (not is_needed), (verb, scope, told)


async def test_reading_rows_is_not_writing_them(keys: Keys, database_id: int) -> None:
    owner: Row = {"uid": "u1", "database_id": database_id}
    rows = owner | {"app_id": "a", "env": "test"}
    await keys.done("exec_ddl", **owner, ddl="CREATE TABLE t (n integer)")
    reader = await keys.done("create_key", platform_name="default", scopes=["dml:read"])
    for writing in (
        "INSERT INTO t (n) VALUES (1)",
        "SELECT 1; DELETE FROM t",
        "WITH w AS (INSERT INTO t (n) VALUES (1) RETURNING n) SELECT n FROM w",
    ):
        told = await keys.call("exec_dml", reader["key"], **rows, dml=writing)
        assert told["code"] != 0, writing
        if not writing.startswith("WITH"):  # what the gate refuses to anybody
            assert (told["status"], told["code"]) == SCOPE_MISSING, told
    assert (await keys.done("exec_dml", reader["key"], **rows, dml="SELECT * FROM t"))[
        "exec_success"
    ] == []


WAYS = {
    "bearer": {"authorization": "Bearer {}"},
    "bearer in small letters": {"authorization": "bearer {}"},
    "with a dollar sign": {"authorization": "Bearer ${}"},
    "as an API key": {"x-api-key": "{}"},
    "both alike": {"authorization": "Bearer {}", "x-api-key": "{}"},
}
WRONG_WAYS = {
    "basic": {"authorization": "Basic {}"},
    "no scheme": {"authorization": "{}"},
    "two keys": {"authorization": "Bearer {}", "x-api-key": "tb_other"},
    "two dollars": {"authorization": "Bearer $${}"},
}


async def test_how_a_key_is_sent(keys: Keys) -> None:
    for way, headers in WAYS.items():
        filled = {name: value.format(keys.admin_key) for name, value in headers.items()}
        assert (await keys.sent("list_databases", filled, uid="u1"))["code"] == 0, way
    for way, headers in WRONG_WAYS.items():
        filled = {name: value.format(keys.admin_key) for name, value in headers.items()}
        told = await keys.sent("list_databases", filled, uid="u1")
        assert (told["status"], told["code"]) == UNAUTHENTICATED, way
        assert keys.admin_key not in str(told)
    answer = await keys.client.post("list_databases", json={"uid": "u1"})
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_what_needs_no_key(keys: Keys) -> None:
    for path in ("/healthz", "/readyz", "/openapi.json", "/docs"):
        assert (await keys.client.http.get(path)).status_code == 200, path
    unknown = await keys.client.http.post(f"{PREFIX}/no_such_verb", json={})
    assert envelope_of(unknown)["code"] == 25001


async def test_a_platform_acts_for_its_applications_only(keys: Keys, database_id: int) -> None:
    key = await keys.platform("workflows", app_ids=["app01", "app02"])
    made = await keys.done("create_database", key, uid="u1", database_name="mine")
    rows = {"uid": "u1", "database_id": made["database_id"], "env": "test", "dml": "SELECT 1"}
    for app_id, expected in {"app01": 0, "app02": 0, "app03": 25024, "": 25024}.items():
        assert (await keys.call("exec_dml", key, **rows, app_id=app_id))["code"] == expected
        headers = {"authorization": f"Bearer {key}", "x-consumer-username": app_id}
        told = await keys.sent("list_databases", headers, uid="u1")
        assert told["code"] == expected, app_id
    assert (await keys.call("exec_dml", keys.admin_key, **rows, app_id="app03"))["code"] == 25013


async def test_a_key_expires_at_its_second(keys: Keys, admin: asyncpg.Connection) -> None:
    """By PostgreSQL's clock: never before, and from then on for whoever asks."""
    until = await admin.fetchval("SELECT clock_timestamp() + interval '2 seconds'")
    made = await keys.done("create_key", platform_name="default", expires_at=until.isoformat())
    code = 0
    while code == 0:
        asked_at = await admin.fetchval("SELECT clock_timestamp()")
        told = await keys.call("list_databases", made["key"], uid="u1")
        code = told["code"]
        assert code == 0 or await admin.fetchval("SELECT clock_timestamp()") >= until
        assert code != 0 or asked_at < until + SLACK
    assert (told["status"], code) == UNAUTHENTICATED
    assert "expired" in told["message"]


async def test_what_is_revoked_or_switched_off_ends_at_once(keys: Keys, settings: Settings) -> None:
    """Also at another worker, which had found the key to be good."""
    key = await keys.platform("workflows")
    with_keys = settings.model_copy(update={"auth": Auth.KEYS})
    async with open_client(with_keys) as other:
        elsewhere = Keys(other, keys.admin_key)
        for client in (keys, elsewhere):
            assert (await client.call("list_databases", key, uid="u1"))["code"] == 0
        changes: list[tuple[str, Row, tuple[int, int]]] = [
            (
                "modify_platform",
                {"platform_name": "workflows", "is_active": False},
                UNAUTHENTICATED,
            ),
            ("modify_platform", {"platform_name": "workflows", "is_active": True}, (200, 0)),
            ("modify_platform", {"platform_name": "workflows", "scopes": ["ddl"]}, SCOPE_MISSING),
            ("revoke_key", {"prefix": key[:11]}, UNAUTHENTICATED),
        ]
        for verb, body, expected in changes:
            await keys.done(verb, **body)
            assert await refusal(keys, "list_databases", key) == expected
            await until_refused(elsewhere, key, expected)


async def until_refused(keys: Keys, key: str, expected: tuple[int, int]) -> None:
    async def is_refused() -> bool:
        return await refusal(keys, "list_databases", key) == expected

    await eventually(is_refused)


async def test_only_its_hash_is_kept(keys: Keys, admin: asyncpg.Connection) -> None:
    made = await keys.done("create_key", platform_name="default")
    assert made["key"].startswith(made["prefix"] + "_")
    (listed,) = [
        key
        for key in (await keys.done("list_keys", platform_name="default"))["keys"]
        if key["prefix"] == made["prefix"]
    ]
    assert listed == {name: value for name, value in made.items() if name != "key"}
    secret = made["key"].removeprefix(made["prefix"] + "_")
    for row in await admin.fetch("SELECT row_to_json(k)::text AS kept FROM twinbase.api_key AS k"):
        assert secret not in row["kept"]


async def test_a_key_has_no_more_scopes_than_its_platform(keys: Keys) -> None:
    await keys.platform("readers", "databases:read", "dml:read")
    told = await keys.call(
        "create_key", keys.admin_key, platform_name="readers", scopes=["dml:read", "ddl"]
    )
    assert (told["code"], "lacks ddl" in told["message"]) == (25000, True)
    narrow = await keys.done("create_key", platform_name="readers", scopes=["dml:read"])
    assert await refusal(keys, "list_databases", narrow["key"]) == SCOPE_MISSING


async def test_last_use_is_written_down(keys: Keys, settings: Settings) -> None:
    key = await keys.platform("workflows")
    with_keys = settings.model_copy(update={"auth": Auth.KEYS})
    async with open_client(with_keys) as client:
        assert (await Keys(client, key).call("list_databases", key, uid="u1"))["code"] == 0
    (listed,) = (await keys.done("list_keys", platform_name="workflows"))["keys"]
    used = datetime.fromisoformat(listed["last_used_at"])
    assert abs(used - datetime.now(UTC)) < timedelta(seconds=60)


async def test_a_name_is_of_one_platform(keys: Keys) -> None:
    await keys.platform("workflows")
    told = await keys.call(
        "create_platform", keys.admin_key, platform_name="workflows", scopes=["ddl"]
    )
    assert (told["status"], told["code"]) == (409, 25082)
    for verb in ("modify_platform", "create_key", "list_keys"):
        told = await keys.call(verb, keys.admin_key, platform_name="no-such")
        assert (told["status"], told["code"]) == (404, 25080), verb


async def test_a_key_of_the_past_is_not_made(keys: Keys, admin: asyncpg.Connection) -> None:
    before = await admin.fetchval("SELECT count(*) FROM twinbase.api_key")
    now = await admin.fetchval("SELECT clock_timestamp()")
    for until in (now, now - timedelta(days=1)):
        told = await keys.call(
            "create_key", keys.admin_key, platform_name="default", expires_at=until.isoformat()
        )
        assert (told["code"], "expires_at: lies in the past" in told["message"]) == (25000, True)
    assert await admin.fetchval("SELECT count(*) FROM twinbase.api_key") == before
