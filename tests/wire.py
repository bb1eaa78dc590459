"""A proxy before PostgreSQL that counts round trips, as a network would have to make them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlencode, urlsplit, urlunsplit


class Wire:
    """``round_trips``: how often the client spoke after the server had, on all connections."""

    def __init__(self) -> None:
        self.connections = 0
        self.round_trips = 0

    def reset(self) -> None:
        self.connections = 0
        self.round_trips = 0


async def _pump(
    source: asyncio.StreamReader,
    target: asyncio.StreamWriter,
    turn: list[str],
    who: str,
    wire: Wire,
) -> None:
    with suppress(ConnectionError):
        while chunk := await source.read(65536):
            if turn[0] != who and who == "client":
                wire.round_trips += 1
            turn[0] = who
            target.write(chunk)
            await target.drain()
    target.close()


@asynccontextmanager
async def counted(url: str, folder: Path) -> AsyncIterator[tuple[str, Wire]]:
    """The URL of a proxy before the server of ``url``, and its count."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    socket_dir = query.get("host", [""])[0]
    wire = Wire()

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if socket_dir:
            port = query.get("port", ["5432"])[0]
            return await asyncio.open_unix_connection(f"{socket_dir}/.s.PGSQL.{port}")
        return await asyncio.open_connection(parts.hostname, parts.port or 5432)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire.connections += 1
        server_reader, server_writer = await connect()
        turn = ["server"]
        await asyncio.gather(
            _pump(reader, server_writer, turn, "client", wire),
            _pump(server_reader, writer, turn, "server", wire),
        )

    server = await asyncio.start_unix_server(serve, folder / ".s.PGSQL.5432")
    user = f"{unquote(parts.username or '')}:{parts.password or ''}@"
    place = urlencode({"host": str(folder), "port": "5432"})
    try:
        yield urlunsplit(parts._replace(netloc=user, query=place)), wire
    finally:
        server.close()
