"""get_statistics: what cannot be answered says what can; what nobody knows takes no room."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from api.prefix import PREFIX
from tests.client import Client, Row
from tests.http.verbs import envelope_of

WRONG: dict[str, tuple[Row, str]] = {
    "to before from": (
        {"from": "2026-11-22T10:00Z", "to": "2026-11-22T09:00Z"},
        "to: must be after",
    ),
    "an empty time": (
        {"from": "2026-11-22T10:00Z", "to": "2026-11-22T10:00Z"},
        "to: must be after",
    ),
    "no time zone": ({"from": "2026-11-22T10:00"}, "from: input should have timezone"),
    "no time": ({"to": "yesterday"}, "to: input should be"),
    "in the future": ({"from": "2999-01-01T00:00Z"}, "from: lies in the future"),
    "before all": ({"from": "1999-01-01T00:00Z"}, "from: figures are kept since"),
    "no step": ({"step": 0}, "step: must be minute, hour, day, or whole minutes"),
    "backwards": ({"step": -60}, "step: must be minute"),
    "half a minute": ({"step": 30}, "step: must be minute"),
    "a minute and a half": ({"step": 90}, "step: must be minute"),
    "a part": ({"step": 60.5}, "step: must be minute"),
    "true": ({"step": True}, "step: must be minute"),
    "a word": ({"step": "fortnight"}, "step: must be minute"),
    "other digits": ({"step": "６０"}, "step: must be minute"),
    "too long a step": ({"step": 60 * 10**18}, "step: must be minute"),
    "no platform's name": ({"platform_name": "A B"}, "platform_name: string should match"),
    "no verb": ({"verb": "explode_database"}, "verb: is no verb of this service"),
    "no field": ({"until": "2026-11-22T10:00Z"}, "until: is not a field of this verb"),
}


@pytest.mark.parametrize("case", WRONG)
async def test_what_is_wrong_is_told(client: Client, case: str) -> None:
    body, said = WRONG[case]
    answer = await client.post("get_statistics", json=body)
    envelope = envelope_of(answer)
    assert (answer.status_code, envelope["code"]) == (400, 25000)
    assert envelope["message"].startswith(said), envelope


async def test_steps_that_are_too_many_name_one_that_fits(client: Client) -> None:
    since = (datetime.now(UTC) - timedelta(days=6)).isoformat()
    refused = await client.call("get_statistics", **{"from": since, "step": 60})
    assert refused["code"] == 25000
    fitting = refused["message"].rpartition("take ")[2].split()[0]
    told = await client.call("get_statistics", **{"from": since, "step": fitting})
    assert told["code"] == 0
    assert 1000 < len(told["data"]["points"]) <= 1500


async def test_what_nobody_knows_adds_one_row_a_minute(
    client: Client, admin: asyncpg.Connection
) -> None:
    """Whatever paths, methods and identifiers of requests are sent."""
    for number in range(200):
        await client.http.post(f"{PREFIX}/verb_{number}", json={"uid": "u1"})
        await client.http.get(f"/page/{number}")
        await client.post("list_databases", headers={"x-request-id": f"flooding-{number}"})
    for method in ("GET", "PUT", "DELETE", "OPTIONS"):
        await client.http.request(method, f"{PREFIX}/exec_dml")
    for _ in range(50):
        await client.http.get("/healthz")
        await client.http.get("/readyz")
    told = (await client.call("get_statistics"))["data"]
    assert {each["verb"]: each["failures"] for each in told["verbs"]} == {
        "unknown": [{"code": 25001, "requests": 400}],
        "list_databases": [{"code": 25000, "requests": 200}],
        "exec_dml": [{"code": 25002, "requests": 4}],
    }
    minutes = await admin.fetchval(
        "SELECT max(number) FROM (SELECT count(*) AS number FROM twinbase.request_statistics"
        " WHERE span = 60 GROUP BY moment) AS m"
    )
    assert minutes <= 3
