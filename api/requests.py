"""How a body becomes Python: by orjson, which refuses lone surrogates, bad UTF-8 and depth."""

import json
import re
from collections.abc import Mapping

import orjson
from starlette.requests import Request
from starlette.types import Receive, Scope

from api.headers import header
from exceptions.errors import InvalidParameter, UnsupportedMediaType

_MOST_FIELDS = 100  # no verb has so many; an answer about a million of them would take seconds
_MOST_OF_A_NAME = 64
_SURELY_NOT_DEEP = 100

_GIVEN_TWICE = "{}: must be given once"
_NO_OBJECT = "The body must be a JSON object with the verb's fields"

# A million values in a body of two megabytes would hold up all other requests for seconds.
_MOST_VALUES = 50_000
_STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


async def fields_of(request: Request) -> dict[str, object]:
    """The fields of the JSON object that the body is. Raises what is wrong with it otherwise."""
    _refuse_other_types(request.scope)
    body = await _body(request.receive)
    _refuse_too_many_values(body)
    fields = _parsed(body) if body else None
    if not isinstance(fields, dict):
        raise InvalidParameter(_NO_OBJECT)
    if len(fields) > _MOST_FIELDS:
        raise InvalidParameter(f"The body has more than {_MOST_FIELDS} fields")
    _refuse_repeated_fields(body, fields)
    return fields


async def query_fields_of(request: Request) -> dict[str, object]:
    """Of a URL, all of them text. Raises InvalidParameter for a field that is given twice."""
    fields: dict[str, object] = {}
    for name, value in request.query_params.multi_items():
        if name in fields:
            raise InvalidParameter(_GIVEN_TWICE.format(name[:_MOST_OF_A_NAME]))
        fields[name] = value
    return fields


def _refuse_other_types(scope: Scope) -> None:
    """Absent is taken for JSON, any other type is refused before it is read."""
    kind = "application"
    sent = header(scope, b"content-type")
    if sent is not None and sent != b"application/json":
        media_type = sent.decode("latin-1").partition(";")[0].strip().lower()
        kind, _, subtype = media_type.rpartition("/")
        if subtype.rpartition("+")[2] != "json":
            raise UnsupportedMediaType
    encoding = header(scope, b"content-encoding")
    if encoding is not None and encoding.lower() != b"identity":
        raise UnsupportedMediaType("The request body must be sent without Content-Encoding.")
    if kind != "application":  # text/json
        raise InvalidParameter(_NO_OBJECT)


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise InvalidParameter("The caller hung up before the whole body was sent")
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _refuse_too_many_values(body: bytes) -> None:
    if len(body) <= _MOST_VALUES:
        return
    structure = _STRINGS.sub(b"", body)
    if sum(structure.count(mark) for mark in (b",", b"[", b"{")) > _MOST_VALUES:
        raise InvalidParameter(
            f"The body holds more than {_MOST_VALUES} values: send a large array as one string,"
            " as in '{1,2,3}', which PostgreSQL reads as an array"
        )


def _parsed(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except json.JSONDecodeError as error:
        raise _no_json(error.msg) from error


def _no_json(why: str) -> InvalidParameter:
    return InvalidParameter(f"The body is not valid JSON: {why}")


def _without_repetition(pairs: list[tuple[str, object]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise InvalidParameter(_GIVEN_TWICE.format(name[:_MOST_OF_A_NAME]))
        seen.add(name)


_PAIRS = json.JSONDecoder(object_pairs_hook=_without_repetition)


def _refuse_repeated_fields(body: bytes, fields: Mapping[str, object]) -> None:
    """Orjson keeps the last of two equal names; a proxy before us may have judged the first."""
    # Each name has a colon behind it, also a repeated one and one further in. And few brackets are
    # not deep.
    if body.count(b":") == len(fields) and body.count(b"[") <= _SURELY_NOT_DEEP:
        return
    try:
        _PAIRS.decode(body.decode())
    except RecursionError as error:
        raise _no_json("Recursion limit reached") from error
