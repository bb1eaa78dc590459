"""How many rows an answer has: a hundred, what LIMIT says, or the service's cap; and said so."""

import pytest

from service.settings import Settings
from tests.client import Client, Row, open_client

N = "SELECT n FROM generate_series(1, 500) AS n(n)"
ENDLESS = "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c"

# SQL → how many rows, and whether the answer says that it was cut; default 100, cap 10,000.
LIMITS: dict[str, tuple[str, int, bool]] = {
    "no limit, fewer": ("SELECT n FROM generate_series(1, 99) AS n(n)", 99, False),
    "no limit, as many": ("SELECT n FROM generate_series(1, 100) AS n(n)", 100, False),
    "no limit, one more": ("SELECT n FROM generate_series(1, 101) AS n(n)", 100, True),
    "no limit, a comment behind": (f"{N} -- all of them", 100, True),
    "no limit, a comment and a semicolon": (f"{N} /* all */; -- of them", 100, True),
    "no limit, ordered": (f"{N} ORDER BY n DESC", 100, True),
    "no limit, locked": (f"{N} WHERE n = 1", 1, False),
    "no limit, in brackets": (f"(({N}))", 100, True),
    "no limit, CTE": (f"WITH c AS ({N}) SELECT * FROM c", 100, True),
    "no limit, endless": (ENDLESS, 100, True),
    "no limit, UNION": (f"{N} UNION SELECT -n FROM generate_series(1, 500) n(n)", 100, True),
    "no limit, VALUES": ("VALUES " + ", ".join(["(1)"] * 150), 100, True),
    "limit inside only": (f"SELECT * FROM ({N} LIMIT 5) AS few", 5, False),
    "limit inside a CTE only": (f"WITH c AS ({N} LIMIT 250) SELECT * FROM c", 100, True),
    "the word in a literal": (f"{N} WHERE 'LIMIT 400' <> ''", 100, True),
    "limit 0": (f"{N} LIMIT 0", 0, False),
    "limit below": (f"{N} LIMIT 7", 7, False),
    "limit above the default": (f"{N} LIMIT 150", 150, False),
    "limit that all rows fit": (f"{N} LIMIT 1000 OFFSET 0", 500, False),
    "limit and offset": (f"{N} LIMIT 150 OFFSET 400", 100, False),
    "offset before limit": (f"{N} OFFSET 10 LIMIT 150", 150, False),
    "limit, a comment behind": (f"{N} LIMIT 150 -- pages", 150, False),
    "limit in brackets": (f"({N} LIMIT 150)", 150, False),
    "limit of a UNION": (f"{N} UNION ALL {N} LIMIT 600", 600, False),
    "limit of VALUES": ("VALUES " + ", ".join(["(1)"] * 150) + " LIMIT 140", 140, False),
    "limit ALL": (f"{N} LIMIT ALL", 500, False),
    "limit NULL": (f"{N} LIMIT NULL", 500, False),
    "computed limit": (f"{N} LIMIT 100 + 50", 150, False),
    "limit by a query": (f"{N} LIMIT (SELECT 150)", 150, False),
    "limit in a string": (f"{N} LIMIT '150'", 150, False),
    "limit beyond 31 bits": (f"{N} LIMIT 9999999999", 500, False),
    "offset only": (f"{N} OFFSET 450", 50, False),
    "offset only, more than fit": (f"{N} OFFSET 50 ROWS", 100, True),
    "fetch first": (f"{N} FETCH FIRST 150 ROWS ONLY", 150, False),
    "fetch first row": (f"{N} FETCH FIRST ROW ONLY", 1, False),
    "fetch with ties": (f"{N} ORDER BY n / 150 FETCH FIRST 3 ROWS WITH TIES", 149, False),
    "two statements": (f"{N} LIMIT 3; {N}", 103, True),
    "a cut one before a whole one": (f"{N}; {N} LIMIT 3", 103, True),
}


async def answer(client: Client, database_id: int, dml: str) -> tuple[int, bool]:
    caller = client.caller()
    statement = {"app_id": caller.app_id, "database_id": database_id, "dml": dml, "env": "test"}
    data = await caller.done("exec_dml", **statement)
    assert data.get("truncated") in {None, True}, "it is absent where nothing was cut"
    return len(data["exec_success"]), data.get("truncated", False)


async def test_limits(client: Client) -> None:
    database_id = await client.caller().create()
    wrong = {}
    for case, (dml, rows, truncated) in LIMITS.items():
        found = await answer(client, database_id, dml)
        if found != (rows, truncated):
            wrong[case] = found
    assert wrong == {}


# With a default of 3 rows and a cap of 5.
CAPS: dict[str, tuple[str, int, bool]] = {
    "no limit": (N, 3, True),
    "limit below the cap": (f"{N} LIMIT 4", 4, False),
    "limit at the cap": (f"{N} LIMIT 5", 5, False),
    "limit above the cap": (f"{N} LIMIT 6", 5, True),
    "limit above the cap, fewer rows": (f"{N} WHERE n <= 4 LIMIT 6", 4, False),
    "limit above the cap, as many rows": (f"{N} WHERE n <= 5 LIMIT 6", 5, False),
    "limit ALL": (f"{N} LIMIT ALL", 5, True),
    "computed limit": (f"{N} LIMIT 2 * 3", 5, True),
    "limit beyond 64 bits' half": (f"{N} LIMIT 9223372036854775807", 5, True),
    "endless, limit ALL": (f"{ENDLESS} LIMIT ALL", 5, True),
    "inserted": ("INSERT INTO t (n) SELECT n FROM generate_series(1, 7) n(n)", 5, True),
    "returned": ("UPDATE t SET n = n + 1 RETURNING n", 5, True),
    "returned by a CTE": (
        "WITH u AS (UPDATE t SET n = n + 1 RETURNING n) SELECT n FROM u LIMIT 100",
        5,
        True,
    ),
    "all were counted": ("SELECT count(*) FROM t", 1, False),
    "returned, as many as fit": ("DELETE FROM t WHERE n < 8 RETURNING n", 5, False),
}


async def test_caps(settings: Settings) -> None:
    small = settings.model_copy(update={"default_rows": 3, "max_rows": 5})
    async with open_client(small) as client:
        database_id = await client.caller().create()
        await client.caller().ddl(database_id, "CREATE TABLE t (n integer)")
        wrong = {}
        for case, (dml, rows, truncated) in CAPS.items():
            found = await answer(client, database_id, dml)
            if found != (rows, truncated):
                wrong[case] = found
        assert wrong == {}
        # A cut answer changed all the same: 7 rows, incremented twice, 2..8 and 3..9.
        left = await client.caller().dml(database_id, "SELECT n FROM t ORDER BY n")
        assert left == [{"n": 8}, {"n": 9}]


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        pytest.param("LIMIT -1", "LIMIT must not be negative", id="negative limit"),
        pytest.param("OFFSET -1", "OFFSET must not be negative", id="negative offset"),
        pytest.param("LIMIT n", "LIMIT must not contain variables", id="column"),
        pytest.param("LIMIT 'many'", "invalid input syntax", id="words"),
    ],
)
async def test_limits_that_postgresql_refuses(client: Client, limit: str, said: str) -> None:
    caller = client.caller()
    refused: Row = await caller.refused_dml(await caller.create(), f"{N} {limit}")
    assert refused["code"] == 25051
    assert said in refused["message"].replace("argument of LIMIT", "LIMIT")
