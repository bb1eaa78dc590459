"""One kept-alive HTTP/1.1 connection, so light that it does not hide what it times."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import orjson

from benchmarks.errors import BenchmarkError

_LENGTH = b"content-length:"


class Refused(BenchmarkError):
    """An answer whose code is not 0."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class HttpConnection:
    """One request at a time. A server closes what was idle for long; then it is opened anew."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._streams: tuple[StreamReader, StreamWriter] | None = None

    async def data(self, path: str, body: dict[str, object]) -> Any:
        """Of the envelope; raises Refused."""
        envelope = orjson.loads(await self._post(path, orjson.dumps(body)))
        if envelope["code"] != 0:
            raise Refused(envelope["code"], envelope["message"])
        return envelope.get("data")

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _post(self, path: str, body: bytes) -> bytes:
        reader, writer = await self._open()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._parts.netloc}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        return await reader.readexactly(_length_in(answer))

    async def _open(self) -> tuple[StreamReader, StreamWriter]:
        if self._streams is not None and self._streams[0].at_eof():
            self.close()
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._parts.hostname, self._parts.port)
        return self._streams


@asynccontextmanager
async def http_connection(url: str) -> AsyncIterator[HttpConnection]:
    connection = HttpConnection(url)
    try:
        yield connection
    finally:
        connection.close()


def _length_in(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(_LENGTH):
            return int(line.removeprefix(_LENGTH))
    raise BenchmarkError("an answer that does not say its length")
