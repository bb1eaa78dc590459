"""What the service is compared with: FastAPI and asyncpg, and nothing that keeps tenants apart.

``python -m benchmarks.bare``. Whoever can reach it runs any SQL with all rights of its login; the
body and the envelope are those of exec_dml, the server's settings those of the service.
"""

import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from time import perf_counter
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import uvicorn
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel

PATH = "/exec_dml"
_BACKLOG = 2048


class Body(BaseModel):
    uid: str
    app_id: str
    database_id: int
    env: str
    dml: str
    params: list[Any] = []


async def exec_dml(body: Body, request: Request) -> Response:
    started = perf_counter()
    rows = await request.state.pool.fetch(body.dml, *body.params)
    data = {
        "exec_success": [dict(row) for row in rows],
        "exec_failure": [],
        "exec_time": round(perf_counter() - started, 6),
    }
    envelope = {"code": 0, "message": "success", "sid": uuid4().hex, "data": data}
    return Response(orjson.dumps(envelope, default=_json), media_type="application/json")


def create_app(database_url: str, schema: str) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, object]]:
        settings = {"search_path": schema}
        async with asyncpg.create_pool(database_url, server_settings=settings) as pool:
            yield {"pool": pool}

    app = FastAPI(lifespan=lifespan)
    app.post(PATH)(exec_dml)
    return app


def serve(database_url: str, schema: str) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG) as listener:
        config = uvicorn.Config(
            create_app(database_url, schema),
            loop="uvloop",
            http="httptools",
            lifespan="on",
            access_log=False,
            log_config=None,
            server_header=False,
        )
        sys.stdout.write(f"The bare endpoint is at http://127.0.0.1:{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        uvicorn.Server(config).run(sockets=[listener])


def _json(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else str(value)


if __name__ == "__main__":
    serve(os.environ["BARE_DATABASE_URL"], os.environ["BARE_SCHEMA"])
