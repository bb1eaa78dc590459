"""What makes figures of measurements: nothing is measured here."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from xml.etree.ElementTree import fromstring

import orjson
import pytest

from benchmarks.chart import chart
from benchmarks.errors import BenchmarkError
from benchmarks.in_turn import in_turn, medians, timed
from benchmarks.judging import (
    WITHIN,
    WORKS,
    Goal,
    Row,
    Series,
    Verdict,
    at_least,
    at_most,
    constant,
    times_faster,
)
from benchmarks.light import FORMS, Form
from benchmarks.load import LoadFigures, figures_in
from benchmarks.pace import FULL
from benchmarks.questions import QUESTIONS
from benchmarks.questions.dml import worst_beyond_peak
from benchmarks.recording import Sent, in_text, in_value, sent_in
from benchmarks.report import Findings, as_json, number, summary, table

SVG = "{http://www.w3.org/2000/svg}"

WRK = """Running 4s test @ http://127.0.0.1:8000/exec_dml
  1 threads and 16 connections
Requests/sec:   1000.00
{"requests":4000,"microseconds":4000000,"bytes":800000,"p50":1500,"p99":9250,"refused":1,"status":2,"connect":3,"read":4,"write":5,"timeout":6}
"""


def row(
    ours: tuple[float, ...] = (1,),
    against: tuple[float, ...] = (1,),
    goal: Goal | None = None,
    errors: int = 0,
) -> Row:
    return Row("what", "ms", Series("ours", ours), Series("theirs", against), goal, errors)


def findings(*rows: Row, problem: str = "") -> Findings:
    return Findings("dml", "One statement", rows, 12.3, 0.5, 1.25, problem)


def test_figures_are_those_of_the_scripts_line() -> None:
    assert figures_in(WRK) == LoadFigures(1000, 1.5, 9.25, 200, errors=21)


@pytest.mark.parametrize(
    ("output", "complaint"),
    [
        ("", "no figures"),
        ("unable to connect to 127.0.0.1:1 Connection refused\n", "no figures: unable to connect"),
        (WRK.replace('"requests":4000', '"requests":0'), "nothing was answered"),
    ],
)
def test_no_figures_are_no_zeros(output: str, complaint: str) -> None:
    with pytest.raises(BenchmarkError, match=complaint):
        figures_in(output)


def test_a_ratio_is_of_each_round() -> None:
    """The machine was ten times slower in the second round, for both."""
    slow_round = row((100, 1000, 100), (50, 500, 40))
    assert slow_round.ratio == 2
    assert row((100, 1000, 100), (50, 500, 40), times_faster(3)).ratio == 0.5


def test_one_value_stands_for_all_rounds() -> None:
    beside = Row("what", "ms", Series("ours", (1, 2, 3)), constant("bound", 4), WITHIN)
    assert beside.ratio == 0.5


def test_rounds_that_do_not_match_are_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        _ = row((1, 2), (1, 2, 3)).ratio


@pytest.mark.parametrize(
    ("judged", "verdict"),
    [
        (row((9,), (10,), at_least(0.9)), Verdict.REACHED),
        (row((8,), (10,), at_least(0.9)), Verdict.MISSED),
        (row((15,), (10,), at_most(1.5)), Verdict.REACHED),
        (row((16,), (10,), at_most(1.5)), Verdict.MISSED),
        (row((10,), (30,), times_faster(3)), Verdict.REACHED),
        (row((10,), (29,), times_faster(3)), Verdict.MISSED),
        (row((1,), (0,), at_most(1)), Verdict.MISSED),
        (row((9,), (10,), at_least(0.9), errors=1), Verdict.MISSED),
        (row(), Verdict.TOLD),
        (row(errors=1), Verdict.MISSED),
        (row((1,), (0,), WORKS), Verdict.REACHED),
        (row(goal=WORKS, errors=1), Verdict.MISSED),
    ],
)
def test_verdicts(judged: Row, verdict: Verdict) -> None:
    assert judged.verdict is verdict


def test_goals_say_what_they_ask() -> None:
    assert [str(goal) for goal in (at_least(0.85), at_most(1.5), times_faster(3), WORKS)] == [
        "≥ 0.85",
        "≤ 1.5",
        "≥ 3 × faster",
        "works",
    ]


def load(per_second: float, errors: int = 0) -> LoadFigures:
    return LoadFigures(per_second, 1, 1, 1, errors)


def test_throughput_may_rise_to_its_peak_and_not_fall_behind_it() -> None:
    sweep = {1: [load(10)], 4: [load(100)], 16: [load(95)], 64: [load(80, 2)], 256: [load(85)]}
    found = worst_beyond_peak("select", sweep)
    assert (found.what, found.ratio, found.errors) == (
        "select: 64 connections, the least beyond the peak",
        0.8,
        2,
    )


def test_a_peak_at_the_end_is_compared_with_itself() -> None:
    assert worst_beyond_peak("select", {1: [load(10)], 4: [load(11)]}).ratio == 1


async def test_sides_take_turns() -> None:
    order: list[str] = []

    def side(name: str) -> Callable[[], Awaitable[float]]:
        async def measure() -> float:
            order.append(name)
            return float(len(order))

        return measure

    found = await in_turn({"a": side("a"), "b": side("b")}, rounds=3)
    assert "".join(order) == "ababab"
    assert found == {"a": [1, 3, 5], "b": [2, 4, 6]}


async def test_the_first_round_does_not_count() -> None:
    answers = iter([1000.0, 1000.0, 1000.0, 1.0, 3.0, 2.0, 4.0, 9.0, 5.0])

    async def timer() -> float:
        return next(answers)

    assert await medians({"a": timer}, rounds=2, calls=3) == {"a": (2.0, 5.0)}


async def test_a_call_that_fails_is_no_time() -> None:
    async def fail() -> None:
        raise BenchmarkError("refused")

    with pytest.raises(BenchmarkError, match="refused"):
        await timed(fail)()


LOG = """\
2026-11-22 02:45:33.866 UTC [26183] LOG:  statement: BEGIN;
2026-11-22 02:45:33.867 UTC [26183] LOG:  execute <unnamed>: SELECT a
\tFROM t
\tWHERE b = $1 AND c = $2 AND d = $3: int
2026-11-22 02:45:33.867 UTC [26183] DETAIL:  Parameters: $1 = 'it''s, $4 = ''x''', $2 = NULL, $3 = '7'
2026-11-22 02:45:33.868 UTC [26183] ERROR:  relation "t" does not exist at character 15
2026-11-22 02:45:33.868 UTC [26183] STATEMENT:  SELECT a FROM t
2026-11-22 02:45:33.869 UTC [26183] LOG:  execute __asyncpg_stmt_1__: CREATE SCHEMA "prod_1"
2026-11-22 02:45:33.871 UTC [26183] LOG:  checkpoint starting: time
2026-11-22 02:45:33.871 UTC [26183] LOG:  statement: COMMIT;
"""


def test_the_log_tells_what_was_sent() -> None:
    assert sent_in(LOG) == [
        Sent("BEGIN;"),
        Sent(
            "SELECT a\nFROM t\nWHERE b = $1 AND c = $2 AND d = $3: int",
            ("'it''s, $4 = ''x'''", "NULL", "'7'"),
        ),
        Sent('CREATE SCHEMA "prod_1"'),
        Sent("COMMIT;"),
    ]


def test_another_id_takes_the_place_of_the_recorded_one() -> None:
    known = {"12": "99", "recorded": "other"}
    assert in_text('DROP SCHEMA "prod_12" CASCADE', known) == 'DROP SCHEMA "prod_99" CASCADE'
    assert [in_value(value, known) for value in (12, 120, "test_12", "recorded", None, True)] == [
        99,
        120,
        "test_99",
        "other",
        None,
        True,
    ]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_both_sides_get_the_same_statement_and_give_the_same_answer(form: Form) -> None:
    ours, theirs = form.statement(7), form.bare(7)
    assert theirs.params == ours.params
    ending = theirs.dml.removeprefix(ours.dml)
    assert ending == (" RETURNING id" if ours.dml.startswith("INSERT") else "")


def test_a_form_sends_other_statements_for_other_keys() -> None:
    assert all(form.statement(1) != form.statement(2) for form in FORMS)


def test_numbers_have_the_digits_that_mean_something() -> None:
    assert [number(value) for value in (12345.6, 99.94, 9.994, 0.12345, 0)] == [
        "12,346",
        "99.9",
        "9.99",
        "0.123",
        "0.000",
    ]


def test_the_table_tells_medians_ratio_goal_and_what_went_wrong() -> None:
    missed = Row(
        "select", "ms", Series("ours", (2, 9, 4)), constant("bare", 5), at_most(0.5), 3, "why"
    )
    told = Row("memory", "MB", Series("ours", (120.4,)))
    lines = table(findings(missed, told)).splitlines()
    assert lines[0] == "dml: One statement (12 s; load average 0.5 before, 1.25 after)"
    assert lines[2].split() == [
        "select",
        "ms",
        "4.00",
        "5.00",
        "bare",
        "0.80",
        "≤",
        "0.5",
        "missed",
    ]
    assert [line.strip() for line in lines[3:5]] == ["errors: 3", "why"]
    assert lines[5].split() == ["memory", "MB", "120"]


def test_a_question_without_figures_says_why() -> None:
    assert "no figures: given up after 9 s" in table(findings(problem="given up after 9 s"))


def test_the_summary_counts_verdicts() -> None:
    found = [findings(row(goal=at_most(1)), row(goal=at_least(2)), row()), findings(problem="x")]
    assert summary(found) == "1 reached, 1 missed, 1 told; without figures: dml"


def test_json_has_every_round() -> None:
    written = orjson.loads(
        orjson.dumps(as_json(findings(row((1, 2), (4, 4), at_most(1))), FULL, {"processors": 2}))
    )
    assert written["machine"] == {"processors": 2}
    assert written["pace"]["rounds"] == FULL.rounds
    (found,) = written["rows"]
    assert found["ours"] == {"of": "ours", "median": 1.5, "values": [1, 2]}
    assert (found["ratio"], found["goal"], found["verdict"]) == (0.375, "≤ 1", "reached")


def test_the_chart_has_a_dot_for_each_round_within_its_lane() -> None:
    svg = fromstring(  # noqa: S314 -- our own
        chart(findings(row((1, 2, 4), (-1, 3, 2)), Row("a<b", "&", Series("o", (0,)))))
    )
    dots = svg.findall(f"{SVG}circle")
    places = [float(dot.attrib["cx"]) for dot in dots]
    assert len(dots) == 7
    assert min(places) >= 330
    assert max(places) == 740
    assert "a<b, &" in [text.text for text in svg.findall(f"{SVG}text")]


def test_the_page_tells_of_every_question() -> None:
    page = Path(__file__).parents[2] / "docs" / "performance.md"
    told = page.read_text()
    assert [name for name in QUESTIONS if f"| `{name}` |" not in told] == []
