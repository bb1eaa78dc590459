"""SELECT of 100 rows of 10 mixed columns, as it is and with ``compact``, and the bytes of both.

exec_dml tells rows twice, in ``exec_success`` for its clients of old and in ``results``; with
``compact`` once. The bare endpoint tells them once, as objects.
"""

from benchmarks.against_bare import BARE, OURS, Statement, bench, compared, in_rounds
from benchmarks.judging import Row, at_least
from benchmarks.pace import Pace
from benchmarks.question import Question

_CONNECTIONS = 16
_COMPACT = "exec_dml, compact"
_COLUMNS = """
    code UUID NOT NULL, name VARCHAR(80) NOT NULL, note TEXT, amount NUMERIC(12,2), share FLOAT8,
    pieces INT, active BOOLEAN, day DATE, happened TIMESTAMP, details JSONB
"""
_NAMES = "code, name, note, amount, share, pieces, active, day, happened, details"
_FILL = f"""
INSERT INTO mixed ({_NAMES})
SELECT md5(i::text)::uuid, 'name ' || i, repeat('word ', i % 20), i / 7.0, i / 3.0::float8, i,
    i % 2 = 0, date '2026-01-01' + i, timestamp '2026-01-01' + i * interval '1 hour',
    jsonb_build_object('key', i, 'tags', jsonb_build_array('a', 'b'))
FROM generate_series(1, 1000) AS i
"""
_SELECT = Statement(f"SELECT {_NAMES} FROM mixed LIMIT 100")


async def measure(pace: Pace) -> list[Row]:
    async with bench() as opened:
        database_id = await opened.tenant.create("mixed")
        await opened.tenant.ddl(database_id, f"CREATE TABLE mixed ({_COLUMNS})")
        await opened.tenant.dml(database_id, _FILL)
        await opened.tables.execute(f"CREATE TABLE mixed ({_COLUMNS}); {_FILL}; ANALYZE mixed")
        sides = {
            OURS: opened.ours("mixed", database_id, [_SELECT]),
            BARE: opened.bare_load("mixed", [_SELECT]),
            _COMPACT: opened.ours("compact", database_id, [_SELECT], compact=True),
        }
        found = await in_rounds(sides, pace, _CONNECTIONS)
    return [
        compared("100 rows", "requests/s", found, lambda one: one.per_second, at_least(0.85)),
        compared("100 rows: p50", "ms", found, lambda one: one.p50),
        compared("100 rows: p99", "ms", found, lambda one: one.p99),
        compared("100 rows: an answer", "bytes", found, lambda one: one.answer_bytes),
        compared(
            "100 rows, compact", "requests/s", found, lambda one: one.per_second, ours=_COMPACT
        ),
        compared(
            "100 rows, compact: an answer",
            "bytes",
            found,
            lambda one: one.answer_bytes,
            ours=_COMPACT,
        ),
    ]


QUESTION = Question(
    name="rows",
    title="100 rows of 10 mixed columns, 16 connections",
    measure=measure,
    longest=300,
    needs_wrk=True,
)
