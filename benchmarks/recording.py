"""What the service sends to PostgreSQL for one request, as the server's log tells, sent again.

So the SQL by itself, on one connection, is the floor for the request; and whoever changes the
service need not keep a copy of its statements here.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from asyncpg import Connection, Record

from benchmarks.errors import BenchmarkError
from benchmarks.processes import Running
from benchmarks.stack import DATABASE, Stack, connected
from repository.roles import SERVICE

# The embedded server is shipped with less.
_LOGGED = {"log_statement": "all", "log_min_messages": "log"}
_ENTRY = re.compile(r"^\d{4}-\d\d-\d\d [^\[\n]*\[\d+\] (\w+):  ", re.MULTILINE)
_PARAMETER = re.compile(r"\$\d+ = (NULL|'(?:[^']|'')*')")
_SIMPLE, _EXTENDED, _VALUES = "statement: ", "execute ", "parameters: "
_LEAST_ID = 2**31


@dataclass(frozen=True, slots=True)
class Sent:
    """``values`` as SQL constants."""

    query: str
    values: tuple[str, ...] = ()


@asynccontextmanager
async def logged_service(stack: Stack) -> AsyncIterator[Running]:
    """A second service on the same server, all of whose statements are in the server's log."""
    role = f"ALTER ROLE {SERVICE} IN DATABASE {DATABASE}"
    async with connected(stack.superuser_url) as superuser:
        for name, value in _LOGGED.items():
            await superuser.execute(f"{role} SET {name} TO '{value}'")
        try:
            async with stack.another_service() as service:
                yield service
        finally:
            for name in _LOGGED:
                await superuser.execute(f"{role} RESET {name}")


class ServerLog:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = path.stat().st_size

    def news(self) -> list[Sent]:
        """What was sent since the last time. Only one may use the logged service meanwhile."""
        with self._path.open("rb") as log:
            log.seek(self._read)
            new = log.read()
        self._read += len(new)
        return sent_in(new.decode())


def sent_in(log: str) -> list[Sent]:
    marks = list(_ENTRY.finditer(log))
    ends = [mark.start() for mark in marks[1:]] + [len(log)]
    found: list[Sent] = []
    for mark, end in zip(marks, ends, strict=False):
        message = log[mark.end() : end].rstrip("\n").replace("\n\t", "\n")
        if mark[1] == "LOG" and message.startswith(_SIMPLE):
            found.append(Sent(message.removeprefix(_SIMPLE)))
        elif mark[1] == "LOG" and message.startswith(_EXTENDED):
            found.append(Sent(message.partition(": ")[2]))
        elif mark[1] == "DETAIL" and found and message.lower().startswith(_VALUES):
            found[-1] = Sent(found[-1].query, tuple(_PARAMETER.findall(message)))
    return found


class Replay:
    """The statements again and again, on one connection that keeps them prepared.

    ``recorded_id``: that of the database which they were about.
    """

    def __init__(self, connection: Connection, sent: Sequence[Sent], recorded_id: int) -> None:
        self._connection = connection
        self._sent = sent
        self._recorded_id = str(recorded_id)
        self._values: list[list[object]] = []

    async def prepare(self) -> None:
        for one in self._sent:
            query = await self._connection.prepare(one.query) if one.values else None
            types = query.get_parameters() if query else ()
            self._values.append(
                [
                    await self._connection.fetchval(f"SELECT {value}::{type_.schema}.{type_.name}")
                    for value, type_ in zip(one.values, types, strict=True)
                ]
            )

    async def run(self, stands_for: Mapping[str, str]) -> int:
        """``stands_for``: what is another name or id this time. The id of the database."""
        known = dict(stands_for)
        for one, values in zip(self._sent, self._values, strict=True):
            query = in_text(one.query, known)
            if not values:
                await self._connection.execute(query)
                continue
            rows = await self._connection.fetch(query, *(in_value(one, known) for one in values))
            if self._recorded_id not in known and (made := _id_in(rows)) is not None:
                known[self._recorded_id] = str(made)
        if self._recorded_id not in known:
            raise BenchmarkError("of the recorded statements none gave an id")
        return int(known[self._recorded_id])


def in_text(text: str, known: Mapping[str, str]) -> str:
    for old, new in known.items():
        text = text.replace(old, new)
    return text


def in_value(value: object, known: Mapping[str, str]) -> object:
    """A number only as a whole."""
    if isinstance(value, str):
        return in_text(value, known)
    if isinstance(value, int) and not isinstance(value, bool):
        return int(known.get(str(value), value))
    return value


def _id_in(rows: Sequence[Record]) -> int | None:
    """Ids are above all other numbers that the service's own statements answer."""
    numbers = (value for row in rows for value in row.values() if isinstance(value, int))
    return next((number for number in numbers if number > _LEAST_ID), None)
