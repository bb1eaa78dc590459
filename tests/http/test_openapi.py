"""/docs: served from ourselves, complete, and true — its examples are sent, its answers checked."""

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from api.answers import documented
from api.examples import DATABASE_ID, DRY_RUN, OPERATION_ID, REQUESTS
from api.prefix import PREFIX
from domain.platform import Scope
from exceptions.codes import ErrorCode
from tests.client import Client, Row
from tests.http.verbs import KEYED, SILENT, VERBS, envelope_of

Operation = dict[str, Any]


@pytest.fixture
async def openapi(client: Client) -> Row:
    answer = await client.http.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    document: Row = answer.json()
    return document


def operation(openapi: Row, verb: str) -> Operation:
    found: Operation = openapi["paths"][f"{PREFIX}/{verb}"]["post"]
    return found


def content(part: Row) -> Row:
    """As JSON; events are none."""
    found: Row = part["content"].get("application/json", {})
    return found


def problems(openapi: Row, schema: Row, value: object) -> list[str]:
    """Against a schema of the document, with what it refers to."""
    whole = schema | {"components": openapi["components"]}
    Draft202012Validator.check_schema(whole)
    return [error.message for error in Draft202012Validator(whole).iter_errors(value)]


async def test_the_page_needs_nothing_from_elsewhere(client: Client) -> None:
    page = await client.http.get("/docs")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert not re.search(r"(?:https?:)?//[\w-]+\.\w", page.text)
    assets = re.findall(r"""(?:src|href)=["']([^"']+)["']""", page.text)
    assert {asset.rpartition(".")[2] for asset in assets} >= {"js", "css"}
    for asset in assets:
        assert asset.startswith("/")
        served = await client.http.get(asset)
        assert served.status_code == 200, asset
        assert served.content, asset
    assert "/openapi.json" in page.text


async def test_every_verb_is_there_under_its_name(openapi: Row) -> None:
    paths = {path.removeprefix(f"{PREFIX}/") for path in openapi["paths"] if PREFIX in path}
    assert paths == set(VERBS) == set(REQUESTS)
    assert {operation(openapi, verb)["operationId"] for verb in VERBS} == set(VERBS)
    assert "HTTPValidationError" not in openapi["components"]["schemas"]
    assert not any("422" in operation(openapi, verb)["responses"] for verb in VERBS)


async def test_every_field_is_explained(openapi: Row) -> None:
    for verb in VERBS:
        reference = content(operation(openapi, verb)["requestBody"])["schema"]["$ref"]
        schema = openapi["components"]["schemas"][reference.rpartition("/")[2]]
        assert schema["additionalProperties"] is False, verb
        for field, described in schema["properties"].items():
            assert described.get("description"), (verb, field)
            assert not {"ge", "le", "pattern_"} & described.keys(), (verb, field)


async def test_every_code_is_told_with_its_status(openapi: Row) -> None:
    told = set()
    for verb in VERBS:
        for status, response in operation(openapi, verb)["responses"].items():
            for name, example in content(response).get("examples", {}).items():
                assert not problems(openapi, content(response)["schema"], example["value"])
                code = example["value"]["code"]
                assert name.startswith(f"{code} ")
                assert status.isdecimal()
                told.add(code)
    of_any_path = {ErrorCode.SUCCESS, ErrorCode.UNKNOWN_PATH, ErrorCode.METHOD_NOT_ALLOWED}
    assert told == {int(code) for code in ErrorCode} - of_any_path


async def test_which_verbs_take_an_idempotency_key(openapi: Row) -> None:
    """In the field and in the header, and then all that belongs to it is told."""
    for verb in VERBS:
        described = operation(openapi, verb)
        reference = content(described["requestBody"])["schema"]["$ref"]
        fields = openapi["components"]["schemas"][reference.rpartition("/")[2]]["properties"]
        takes_key = verb in KEYED
        assert ("idempotency_key" in fields) == takes_key, verb
        headers = [parameter["name"] for parameter in described.get("parameters", [])]
        assert headers == (["Idempotency-Key"] if takes_key else []), verb
        assert ((409, ErrorCode.IDEMPOTENCY_KEY_REUSED) in codes(openapi, verb)) == takes_key
        assert ("Idempotent-Replayed" in described["responses"]["200"].get("headers", {})) == (
            takes_key
        )
        assert "headers" not in described["responses"]["503"]


def codes(openapi: Row, verb: str) -> set[tuple[int, int]]:
    """The HTTP status and code of each answer that is told."""
    pairs = {(200, 0)}
    for status, response in operation(openapi, verb)["responses"].items():
        for example in content(response).get("examples", {}).values():
            pairs.add((int(status), example["value"]["code"]))
    return pairs


def shape(value: object) -> object:
    """Which fields there are, all the way down; of lists, their first element."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    return None


def is_alike(told: object, shown: object) -> bool:
    """Of two shapes; what is null in the one may be an object in the other."""
    if isinstance(told, dict) and isinstance(shown, dict):
        same = told.keys() == shown.keys()
        return same and all(is_alike(told[name], shown[name]) for name in told)
    if isinstance(told, list) and isinstance(shown, list):
        return len(told) == len(shown) and all(map(is_alike, told, shown))
    return told is None or shown is None


# What runs too briefly to be found.
_OVER = {
    "cancel_statement": ErrorCode.STATEMENT_NOT_FOUND,
    "cancel_operation": ErrorCode.OPERATION_FINISHED,
}


# There may be more of it, or less, than in the example.
_TELL_WHAT_WAS_SENT = {"exec_dml", "explain_dml", "get_statistics"}

# What the examples after it name.
GIVEN = {
    "create_key": "prefix",
    "create_database": "database_id",
    "clone_database": "operation_id",
}


async def test_the_examples_tell_a_true_story(client: Client, openapi: Row) -> None:
    """In their order, with the ids that were given; the answers are as documented."""
    ids: Row = {"database_id": DATABASE_ID, "operation_id": OPERATION_ID}
    wrong = {}
    for verb in REQUESTS:
        body_schema = content(operation(openapi, verb)["requestBody"])["schema"]
        if verb == "watch_operation":
            continue
        success = content(operation(openapi, verb)["responses"]["200"])
        assert not problems(openapi, success["schema"], success["example"]), verb
        assert ("data" in success["example"]) == (verb not in SILENT)
        examples = content(operation(openapi, verb)["requestBody"])["examples"]
        assert examples.keys() == REQUESTS[verb].keys()
        for summary, body in REQUESTS[verb].items():
            assert examples[summary]["value"] == body
            assert not problems(openapi, body_schema, body), (verb, summary)
            real = body | {name: given for name, given in ids.items() if name in body}
            answer = await client.post(verb, json=real)
            envelope = envelope_of(answer)
            if verb in _OVER:
                assert envelope["code"] == _OVER[verb]
                continue
            if envelope["code"] != 0:
                wrong[verb, summary] = envelope
                continue
            assert not problems(openapi, success["schema"], envelope), (verb, summary)
            if verb in GIVEN and "space_id" not in body:
                ids[GIVEN[verb]] = envelope["data"][GIVEN[verb]]
            if body.get("dry_run"):
                told, shown = (data["changes"][0] for data in (envelope["data"], DRY_RUN))
                assert told.keys() == shown.keys()
            elif verb not in _TELL_WHAT_WAS_SENT:
                assert is_alike(shape(envelope), shape(success["example"])), (verb, summary)
    assert wrong == {}


async def test_the_examples_for_a_database_that_is_gone(client: Client, openapi: Row) -> None:
    for verb, examples in REQUESTS.items():
        for summary, body in examples.items():
            answer = await client.post(verb, json=body)
            told = (answer.status_code, envelope_of(answer)["code"])
            assert told in codes(openapi, verb), (verb, summary, told)


def test_a_verb_without_examples_cannot_be_documented() -> None:
    with pytest.raises(KeyError):
        documented("explode_database", Scope.ADMIN)


async def test_how_a_key_is_sent_is_described(openapi: Row) -> None:
    schemes = openapi["components"]["securitySchemes"]
    assert {scheme.get("name", scheme.get("scheme")) for scheme in schemes.values()} == {
        "bearer",
        "X-Api-Key",
    }
    for verb in VERBS:
        assert operation(openapi, verb)["security"] == [{name: []} for name in schemes], verb
