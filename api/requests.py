"""How a body becomes Python: by orjson, which refuses lone surrogates, bad UTF-8 and depth."""

import json
import re
from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.routing import APIRoute

from exceptions.errors import InvalidParameter, UnsupportedMediaType

_MOST_FIELDS = 100  # no verb has so many; an answer about a million of them would take seconds
_MOST_OF_A_NAME = 64

# A million values in a body of two megabytes would hold up all other requests for seconds.
_MOST_VALUES = 50_000
_STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


class JsonRequest(Request):
    async def body(self) -> bytes:
        """Absent is taken for JSON, any other type is refused before it is read."""
        sent = self.headers.get("content-type", "application/json")
        subtype = sent.partition(";")[0].strip().lower().rpartition("/")[2]
        if subtype.rpartition("+")[2] != "json":
            raise UnsupportedMediaType
        if self.headers.get("content-encoding", "identity").lower() != "identity":
            raise UnsupportedMediaType("The request body must be sent without Content-Encoding.")
        return await super().body()

    async def json(self) -> object:
        body = await self.body()
        _refuse_too_many_values(body)
        parsed = orjson.loads(body)
        if isinstance(parsed, dict):
            if len(parsed) > _MOST_FIELDS:
                raise InvalidParameter(f"The body has more than {_MOST_FIELDS} fields")
            _refuse_repeated_fields(body)
        return parsed


class JsonRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_json(request: Request) -> Response:
            return await handle(JsonRequest(request.scope, request.receive))

        return handle_json


def _refuse_too_many_values(body: bytes) -> None:
    if len(body) <= _MOST_VALUES:
        return
    structure = _STRINGS.sub(b"", body)
    if sum(structure.count(mark) for mark in (b",", b"[", b"{")) > _MOST_VALUES:
        raise InvalidParameter(
            f"The body holds more than {_MOST_VALUES} values: send a large array as one string,"
            " as in '{1,2,3}', which PostgreSQL reads as an array"
        )


def _without_repetition(pairs: list[tuple[str, object]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise InvalidParameter(f"{name[:_MOST_OF_A_NAME]}: must be given once")
        seen.add(name)


_PAIRS = json.JSONDecoder(object_pairs_hook=_without_repetition)


def _refuse_repeated_fields(body: bytes) -> None:
    """Orjson keeps the last of two equal names; a proxy before us may have judged the first."""
    try:
        _PAIRS.decode(body.decode())
    except RecursionError:
        raise json.JSONDecodeError("Recursion limit reached", "", 0) from None
