"""The one shape of every answer, and the only place that writes it."""

import orjson
from starlette.responses import Response

from exceptions.codes import ErrorCode
from exceptions.errors import SqlDetails, TwinbaseError


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
    if error.sql is not None:
        content["data"] = {"error": _details(error.sql)}
    return JsonAnswer(orjson.dumps(content), status_code=error.http_status)


def _details(sql: SqlDetails) -> dict[str, object]:
    """For programs: what the message says to people."""
    named = {
        "sqlstate": sql.sqlstate,
        "statement": sql.statement,
        "line": sql.line,
        "column": sql.column,
        "detail": sql.detail,
        "hint": sql.hint,
    }
    return {name: value for name, value in named.items() if value is not None}
