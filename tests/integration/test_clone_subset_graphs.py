"""Over random graphs of tables and views: a subset is cloned if it is closed, and only then."""

import os
from itertools import count

from asyncpg import Connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.schema import Environment
from tests.catalog import schemas
from tests.client import Caller, Client, Row

NOT_POSSIBLE = 25016
_NUMBERS = count()
_MOST = 6

Keys = set[tuple[int, int]]
Sources = dict[int, set[int]]


@settings(
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "10")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    keys=st.sets(st.tuples(st.integers(0, _MOST - 1), st.integers(0, _MOST - 1)), max_size=6),
    views=st.dictionaries(
        st.integers(_MOST, _MOST + 3), st.sets(st.integers(0, _MOST + 2)), max_size=3
    ),
    asked=st.sets(st.integers(0, _MOST + 3), min_size=1),
)
async def test_closed_is_accepted(
    client: Client, admin: Connection, keys: Keys, views: Sources, asked: set[int]
) -> None:
    caller = client.caller(f"u{next(_NUMBERS)}")
    there = {*range(_MOST), *views}
    sources = {
        view: {each for each in of if each < view and each in there} for view, of in views.items()
    }
    edges = {*keys, *((view, each) for view, of in sources.items() for each in of)}
    database = await caller.create()
    await caller.ddl(database, ";".join(ddl(keys, sources)))
    chosen = (asked & there) or {0}
    needed = closure(chosen, edges)
    answer = await clone(caller, database, chosen)
    if needed == chosen:
        assert answer["code"] == 0, answer
    else:
        assert answer["code"] == NOT_POSSIBLE
        names = ", ".join(f"t{number}" for number in sorted(needed - chosen))
        assert answer["message"].endswith(f" Name them, too: {names}.")
        assert answer["message"].count(" needs ") == len(
            {
                (one, other)
                for one, other in edges - {(each, each) for each in needed}
                if one in needed and other not in chosen
            }
        )
        answer = await clone(caller, database, needed)
    copy = (await schemas(admin, answer["data"]["database_id"]))[Environment.TEST]
    found = await admin.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = $1::text::regnamespace AND relkind IN ('r', 'v')",
        copy,
    )
    assert {row[0] for row in found} == {f"t{number}" for number in needed}
    of_copy = await admin.fetchval(
        "SELECT count(*) FROM pg_constraint WHERE connamespace = $1::text::regnamespace AND contype = 'f'",
        copy,
    )
    assert of_copy == len({key for key in keys if key[0] in needed})


def ddl(keys: Keys, sources: Sources) -> list[str]:
    tables = [f"CREATE TABLE t{number} (v int UNIQUE)" for number in range(_MOST)]
    foreign = [
        f"ALTER TABLE t{each} ADD CONSTRAINT k{number} FOREIGN KEY (v) REFERENCES t{other} (v)"
        for number, (each, other) in enumerate(sorted(keys))
    ]
    views = [
        f"CREATE VIEW t{view} AS SELECT 1 AS v"
        + "".join(f" UNION ALL SELECT v FROM t{each}" for each in sorted(of))
        for view, of in sorted(sources.items())
    ]
    return [*tables, *foreign, *views]


def closure(chosen: set[int], edges: set[tuple[int, int]]) -> set[int]:
    found = set(chosen)
    while more := {other for each, other in edges if each in found} - found:
        found |= more
    return found


async def clone(caller: Caller, source: int, chosen: set[int]) -> Row:
    return await caller.call(
        "clone_database",
        database_id=source,
        new_database_name="copy",
        tables=[f"t{number}" for number in chosen],
        environments=["test"],
        schema_only=True,
    )
