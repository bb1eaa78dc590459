"""create_database and drop_database against the SQL that they send, by itself."""

from collections.abc import Mapping

from asyncpg import Connection

from benchmarks import bare
from benchmarks.against_bare import BARE, bench
from benchmarks.http_connection import http_connection
from benchmarks.in_turn import medians, timed
from benchmarks.judging import WITHIN, Row, Series
from benchmarks.pace import Pace
from benchmarks.question import Question
from benchmarks.recording import Replay, ServerLog, logged_service
from benchmarks.stack import Stack, connected
from benchmarks.tenant import Tenant
from benchmarks.verbs import CreateAndDrop

_WARM_UP = 3  # requests, after which the service's connection has nothing left to learn
_ALLOWED = 1.5
_CREATE, _DROP = "create_database", "drop_database"


async def measure(pace: Pace) -> list[Row]:
    async with (
        bench() as opened,
        connected(opened.stack.url()) as connection,
        http_connection(opened.bare.url) as bare_connection,
    ):
        verbs = CreateAndDrop(opened.tenant)
        alone = await _recorded(opened.stack, connection)
        body = opened.tenant.body(1, "SELECT 1")
        found = await medians(
            {
                _CREATE: timed(verbs.create),
                _alone(_CREATE): timed(alone.create),
                _DROP: timed(verbs.drop),
                _alone(_DROP): timed(alone.drop),
                BARE: timed(lambda: bare_connection.data(bare.PATH, body)),
            },
            rounds=pace.rounds,
            calls=pace.calls,
        )
    told = (_alone(_CREATE), _alone(_DROP), BARE)
    return [
        *(_judged(verb, found) for verb in (_CREATE, _DROP)),
        *(Row(side, "ms", Series(side, found[side])) for side in told),
    ]


class Statements:
    """The same, by the SQL alone."""

    def __init__(self, creating: Replay, dropping: Replay, recorded_id: int) -> None:
        self._creating, self._dropping = creating, dropping
        self._recorded_id = str(recorded_id)
        self._id = 0

    async def create(self) -> None:
        self._id = await self._creating.run({"recorded": "by_statements"})

    async def drop(self) -> None:
        await self._dropping.run({self._recorded_id: str(self._id)})


async def _recorded(stack: Stack, connection: Connection) -> Statements:
    async with logged_service(stack) as service, http_connection(service.url) as requests:
        tenant, log = Tenant(requests), ServerLog(stack.server_log)
        for _ in range(_WARM_UP):
            await tenant.drop(await tenant.create("warming_up"))
        log.news()
        database_id = await tenant.create("recorded")
        creating = Replay(connection, log.news(), database_id)
        await tenant.drop(database_id)
        dropping = Replay(connection, log.news(), database_id)
    await creating.prepare()
    await dropping.prepare()
    return Statements(creating, dropping, database_id)


def _judged(verb: str, found: Mapping[str, tuple[float, ...]]) -> Row:
    allowed = tuple(
        _ALLOWED * alone + bare_p50
        for alone, bare_p50 in zip(found[_alone(verb)], found[BARE], strict=True)
    )
    bound = Series(f"{_ALLOWED} × its SQL + {BARE}", allowed)
    return Row(verb, "ms", Series(verb, found[verb]), bound, WITHIN)


def _alone(verb: str) -> str:
    return f"{verb}: its SQL alone"


QUESTION = Question(
    name="create_drop",
    title="create_database and drop_database, p50, against the SQL that they send",
    measure=measure,
    longest=300,
)
