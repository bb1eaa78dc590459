"""One envelope for everything that the service answers, whatever it was asked."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.prefix import PREFIX
from exceptions.errors import ServiceUnavailable, TwinbaseError
from service.settings import Settings
from tests.client import Client, open_client
from tests.http.verbs import (
    OF_CALLERS,
    SILENT,
    VERBS,
    WITHOUT_WHAT_IT_NAMES,
    accepted,
    envelope_of,
)

JSON = {"content-type": "application/json"}

# What was asked → HTTP status and code of the refusal.
REFUSED: dict[str, tuple[str, str, dict[str, Any], int, int]] = {
    "unknown path": ("POST", "/nowhere", {"json": {}}, 404, 25001),
    "unknown path, GET": ("GET", "/", {}, 404, 25001),
    "unknown verb": ("POST", f"{PREFIX}/explode_database", {"json": {}}, 404, 25001),
    "slash behind a verb": ("POST", f"{PREFIX}/create_database/", {"json": {}}, 404, 25001),
    "verb in capitals": ("POST", f"{PREFIX}/CREATE_DATABASE", {"json": {}}, 404, 25001),
    "path with escapes": ("POST", f"{PREFIX}/%00%ff", {"json": {}}, 404, 25001),
    "GET": ("GET", f"{PREFIX}/create_database", {}, 405, 25002),
    "PUT": ("PUT", f"{PREFIX}/exec_dml", {"json": {}}, 405, 25002),
    "DELETE": ("DELETE", f"{PREFIX}/drop_database", {}, 405, 25002),
    "OPTIONS": ("OPTIONS", f"{PREFIX}/exec_dml", {}, 405, 25002),
    "POST to health": ("POST", "/healthz", {}, 405, 25002),
    "not JSON": (
        "POST",
        f"{PREFIX}/create_database",
        {"content": b"uid=u1", "headers": JSON},
        400,
        25000,
    ),
    "a form": ("POST", f"{PREFIX}/create_database", {"data": {"uid": "u1"}}, 415, 25004),
    "plain text": (
        "POST",
        f"{PREFIX}/exec_dml",
        {"content": b"{}", "headers": {"content-type": "text/plain"}},
        415,
        25004,
    ),
    "JSON as text": (
        "POST",
        f"{PREFIX}/exec_dml",
        {"content": b"{}", "headers": {"content-type": "text/json"}},
        400,
        25000,
    ),
    "compressed": (
        "POST",
        f"{PREFIX}/exec_dml",
        {"content": b"{}", "headers": JSON | {"content-encoding": "gzip"}},
        415,
        25004,
    ),
    "empty content type": (
        "POST",
        f"{PREFIX}/exec_dml",
        {"content": b"{}", "headers": {"content-type": ""}},
        415,
        25004,
    ),
    "a field is missing": ("POST", f"{PREFIX}/create_database", {"json": {}}, 400, 25000),
    "no such database": (
        "POST",
        f"{PREFIX}/get_database",
        {"json": accepted("get_database", 1)},
        404,
        25013,
    ),
}


async def test_refusals(client: Client) -> None:
    wrong = {}
    for case, (method, path, options, status, code) in REFUSED.items():
        answer = await client.http.request(method, path, **options)
        envelope = envelope_of(answer)
        if (answer.status_code, envelope["code"]) != (status, code):
            wrong[case] = envelope
    assert wrong == {}


async def test_a_wrong_method_is_told_the_right_one(client: Client) -> None:
    answer = await client.http.get(f"{PREFIX}/exec_dml")
    assert answer.headers["allow"] == "POST"


async def test_behind_a_prefix_verbs_are_served_all_the_same(settings: Settings) -> None:
    """By FastAPI's routes, which know how to take it off."""
    async with open_client(settings, root_path="/behind") as client:
        for verb in OF_CALLERS:
            answer = await client.http.post(f"/behind{PREFIX}/{verb}", json={})
            envelope = envelope_of(answer)
            assert (answer.status_code, envelope["code"]) == (400, 25000), verb
            assert "uid: is required" in envelope["message"], verb


async def test_success_of_every_verb(client: Client) -> None:
    database_id = await client.caller().create("others")
    last = "drop_database"
    for verb in [*(verb for verb in VERBS if verb != last), last]:
        answer = await client.post(verb, json=accepted(verb, database_id))
        envelope = envelope_of(answer)
        if verb in WITHOUT_WHAT_IT_NAMES:
            assert envelope["code"] == WITHOUT_WHAT_IT_NAMES[verb], envelope
            continue
        assert envelope["code"] == 0, (verb, envelope)
        assert ("data" in envelope) == (verb not in SILENT), verb


async def test_health(client: Client) -> None:
    for path in ("/healthz", "/readyz"):
        assert "data" not in envelope_of(await client.http.get(path)), path


# Headers that clients in the field send, and some that differ from them in writing only.
HARMLESS_HEADERS = {
    "charset": {"content-type": "application/json;charset=utf-8"},
    "charset in capitals": {"content-type": "Application/JSON; Charset=UTF-8"},
    "a JSON subtype": {"content-type": "application/vnd.api+json"},
    "bearer key with its dollar": JSON | {"authorization": "Bearer $sk-0123456789abcdef"},
    "consumer": JSON | {"x-consumer-username": "680ab54f"},
    "gzip": JSON | {"accept-encoding": "gzip"},
    "gzip and all else": JSON | {"accept-encoding": "gzip, deflate, br, zstd, *;q=0.1"},
    "wants HTML": JSON | {"accept": "text/html"},
    "a sid that is none": JSON | {"x-request-id": "not one; of ours"},
}


async def test_harmless_headers(client: Client) -> None:
    content = b'{"uid": "u1"}'
    for case, headers in HARMLESS_HEADERS.items():
        answer = await client.post("list_databases", content=content, headers=headers)
        assert envelope_of(answer)["code"] == 0, case
        assert "content-encoding" not in answer.headers, case
    bare = await client.http.post(f"{PREFIX}/list_databases", content=content)
    assert "content-type" not in bare.request.headers
    assert envelope_of(bare)["code"] == 0


async def test_a_caller_may_choose_the_sid(client: Client) -> None:
    """To cancel a request one must know its sid before it is answered."""
    for sid, is_taken in {
        "0b1b6a5e-4f0e-4b7e-9c53-0e6d1f8a7c11": True,
        "job_17.step-2": True,
        "x" * 40: True,
        "x" * 41: False,
        "short": False,
        "with blank": False,
        "quote'quote": False,
        "": False,
    }.items():
        answer = await client.post(
            "list_databases", json={"uid": "u1"}, headers={"x-request-id": sid}
        )
        assert (answer.json()["sid"] == sid) is is_taken, sid
        assert answer.headers["x-request-id"] == answer.json()["sid"]


async def test_every_answer_has_its_own_sid(client: Client) -> None:
    answers = [await client.post("list_databases", json={"uid": "u1"}) for _ in range(5)]
    assert len({envelope_of(answer)["sid"] for answer in answers}) == 5


class Gone:
    """Stands where the lifespan's state should be: any use of it is a crash."""


def raising(error: BaseException) -> Any:
    async def raise_it(*_arguments: object) -> None:
        raise error

    return raise_it


CRASHES: dict[str, tuple[Exception, int, int]] = {
    "a bug": (RuntimeError("SELECT secret FROM prod_1.t"), 500, 25500),
    "a group": (ExceptionGroup("secret", [ValueError("secret")]), 500, 25500),
    "one of ours": (ServiceUnavailable(), 503, 25503),
    "the root of ours": (TwinbaseError(), 500, 25500),
}


async def test_crash(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for case, (raised, status, code) in CRASHES.items():
        monkeypatch.setattr("api.routes.databases.create_database", raising(raised))
        answer = await client.post("create_database", json=accepted("create_database"))
        envelope = envelope_of(answer)
        assert (answer.status_code, envelope["code"]) == (status, code), case
        assert "secret" not in answer.text, case


def kinds_of(error: type[TwinbaseError]) -> list[type[TwinbaseError]]:
    return [error, *(kind for child in error.__subclasses__() for kind in kinds_of(child))]


async def test_every_error_is_rendered_as_its_class_says(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in kinds_of(TwinbaseError):
        monkeypatch.setattr("api.routes.databases.create_database", raising(kind()))
        answer = await client.post("create_database", json=accepted("create_database"))
        envelope = envelope_of(answer)
        assert envelope["code"] == kind.code, kind
        assert envelope["message"] == kind.default_message(), kind
        assert answer.status_code == kind.http_status, kind
        assert kind.http_status in {400, 401, 403, 404, 405, 409, 413, 415, 429, 500, 503, 504}


async def test_crash_while_the_answer_is_rendered(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unspeakable:
        id = Gone()

    async def created(*_arguments: object) -> Unspeakable:
        return Unspeakable()

    monkeypatch.setattr("api.routes.databases.create_database", created)
    answer = await client.post("create_database", json=accepted("create_database"))
    assert envelope_of(answer)["code"] == 25500


async def test_broken_dependency(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("repository.directory.CachedDirectory.find", Gone)
    answer = await client.post("exec_dml", json=accepted("exec_dml", 1))
    assert envelope_of(answer)["code"] == 25500


async def too_much(sent: list[int]) -> AsyncIterator[bytes]:
    """Chunked: nothing tells its length beforehand."""
    for number in range(1000):
        sent.append(number)
        yield b" " * 1000


async def test_body_too_large(settings: Settings) -> None:
    small = settings.model_copy(update={"max_body_bytes": 2048})
    async with open_client(small) as client:
        told = await client.post("exec_dml", content=b" " * 2049, headers=JSON)
        assert (told.status_code, envelope_of(told)["code"]) == (413, 25003)
        sent: list[int] = []
        chunked = await client.post("exec_dml", content=too_much(sent), headers=JSON)
        assert "content-length" not in chunked.request.headers
        assert (chunked.status_code, envelope_of(chunked)["code"]) == (413, 25003)
        assert len(sent) < 10
        fits = await client.post("list_databases", json={"uid": "u1", "name_contains": ""})
        assert envelope_of(fits)["code"] == 0
