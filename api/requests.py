"""How a body becomes Python: by orjson, which refuses lone surrogates, bad UTF-8 and depth."""

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.routing import APIRoute

from exceptions.errors import UnsupportedMediaType


class JsonRequest(Request):
    async def body(self) -> bytes:
        """Absent is taken for JSON, any other type is refused before it is read."""
        sent = self.headers.get("content-type", "application/json")
        subtype = sent.partition(";")[0].strip().lower().rpartition("/")[2]
        if subtype.rpartition("+")[2] != "json":
            raise UnsupportedMediaType
        return await super().body()

    async def json(self) -> object:
        return orjson.loads(await self.body())


class JsonRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_json(request: Request) -> Response:
            return await handle(JsonRequest(request.scope, request.receive))

        return handle_json
