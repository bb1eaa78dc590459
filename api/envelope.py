"""The one shape of every answer, and the only place that writes it."""

import orjson
from starlette.responses import Response

from domain.once import KeptAnswer
from exceptions.codes import ErrorCode
from exceptions.errors import TwinbaseError


class JsonAnswer(Response):
    """Bytes that are JSON already; the header says so without a charset, as JSON has only one."""

    def __init__(self, body: bytes, status_code: int = 200) -> None:
        self.status_code = status_code
        self.background = None
        self.body = body
        self.raw_headers = [
            (b"content-length", b"%d" % len(body)),
            (b"content-type", b"application/json"),
        ]


def success(sid: str, data: object = None) -> Response:
    content: dict[str, object] = {"code": ErrorCode.SUCCESS, "message": "success", "sid": sid}
    if data is not None:
        content["data"] = data
    return JsonAnswer(orjson.dumps(content))


def failure(sid: str, error: TwinbaseError) -> Response:
    content: dict[str, object] = {"code": error.code, "message": error.message, "sid": sid}
    if error.details is not None:
        content["data"] = {"error": error.details}
    return JsonAnswer(orjson.dumps(content), status_code=error.http_status)


def kept_success(data: object) -> KeptAnswer:
    encoded = None if data is None else orjson.dumps(data)
    return KeptAnswer(ErrorCode.SUCCESS, 200, "success", encoded)


def kept_failure(error: TwinbaseError) -> KeptAnswer:
    data = None if error.details is None else orjson.dumps({"error": error.details})
    return KeptAnswer(error.code, error.http_status, error.message, data)


def again(sid: str, answer: KeptAnswer) -> Response:
    """As ``success`` or ``failure`` told it, but for the sid."""
    content: dict[str, object] = {"code": answer.code, "message": answer.message, "sid": sid}
    if answer.data is not None:
        content["data"] = orjson.Fragment(answer.data)
    return JsonAnswer(orjson.dumps(content), status_code=answer.http_status)
