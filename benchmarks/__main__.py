"""``python -m benchmarks``: asks the questions, prints what was found, and writes it down."""

import asyncio
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Annotated

import asyncpg
import orjson
import typer
import uvloop

from benchmarks import load
from benchmarks.chart import chart
from benchmarks.errors import BenchmarkError
from benchmarks.machine import facts, load_average
from benchmarks.pace import FULL, QUICK, Pace
from benchmarks.question import Question
from benchmarks.questions import QUESTIONS
from benchmarks.report import Findings, as_json, summary, table
from service.embedded_server import EmbeddedServerError
from service.logs import configure_logs

RESULTS = Path(__file__).with_name("results")
_NO_FIGURES, _WRONG_USE = 1, 2
_PROBLEMS = (
    BenchmarkError,
    EmbeddedServerError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    OSError,
    EOFError,  # a connection that ended within an answer
)

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def ask(
    only: Annotated[str, typer.Option(help=f"Some of {', '.join(QUESTIONS)}.")] = "",
    *,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer rounds, shorter, smaller.")] = False,
    rounds: Annotated[int | None, typer.Option(min=1, help="Instead of 5, or 2.")] = None,
    clone_megabytes: Annotated[
        int | None, typer.Option(min=1, help="Instead of 1000, or 100.")
    ] = None,
) -> None:
    """Measure the service, in turn with what it is compared with."""
    configure_logs("error", "console")
    pace = QUICK if quick else FULL
    pace = replace(
        pace,
        rounds=rounds or pace.rounds,
        clone_megabytes=clone_megabytes or pace.clone_megabytes,
    )
    questions = _chosen(only)
    RESULTS.mkdir(exist_ok=True)
    machine = facts()
    typer.echo(f"{machine['processors']} × {machine['processor']}, {machine['postgresql']}\n")
    found = []
    for question in questions:
        findings = uvloop.run(_asked(question, pace))
        typer.echo(table(findings))
        _write(findings, pace, machine)
        found.append(findings)
    typer.echo(f"{summary(found)}; written to {RESULTS}")
    raise typer.Exit(_NO_FIGURES if any(one.problem for one in found) else 0)


def _chosen(only: str) -> list[Question]:
    names = only.replace(",", " ").split() or list(QUESTIONS)
    unknown = [name for name in names if name not in QUESTIONS]
    if unknown:
        typer.echo(f"no question {', '.join(unknown)}: there are {', '.join(QUESTIONS)}", err=True)
        raise typer.Exit(_WRONG_USE)
    chosen = [QUESTIONS[name] for name in names]
    if any(question.needs_wrk for question in chosen) and not load.is_installed():
        typer.echo(load.HOW_TO_GET_IT, err=True)
        raise typer.Exit(_WRONG_USE)
    return chosen


async def _asked(question: Question, pace: Pace) -> Findings:
    rows, problem = [], ""
    before, started = load_average(), perf_counter()
    try:
        async with asyncio.timeout(question.longest) as bound:
            rows = await question.measure(pace)
    except _PROBLEMS as error:
        late = f"given up after {question.longest:.0f} s"
        problem = late if bound.expired() else f"{type(error).__name__}: {error}"
    seconds = perf_counter() - started
    return Findings(question.name, question.title, rows, seconds, before, load_average(), problem)


def _write(findings: Findings, pace: Pace, machine: dict[str, object]) -> None:
    """The JSON, and the chart where there is something to see."""
    content = as_json(findings, pace, machine)
    file = RESULTS / f"{findings.name}.json"
    file.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))
    if findings.rows:
        file.with_suffix(".svg").write_text(chart(findings))


if __name__ == "__main__":
    app()
