"""Findings as a table for people and as JSON for programs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from benchmarks.judging import Row, Series, Verdict
from benchmarks.pace import Pace

_HEAD = ("", "", "ours", "against", "", "ratio", "goal", "")
_LEFT = frozenset({0, 1, 4, 6, 7})


@dataclass(frozen=True, slots=True)
class Findings:
    """``problem``: why there are no rows."""

    name: str
    title: str
    rows: Sequence[Row]
    seconds: float
    load_before: float
    load_after: float
    problem: str = ""


def table(findings: Findings) -> str:
    """The medians of the rounds, the median of their ratios, and what was to be reached."""
    head = (
        f"{findings.name}: {findings.title} ({findings.seconds:.0f} s; load average"
        f" {findings.load_before:g} before, {findings.load_after:g} after)"
    )
    if findings.problem:
        return f"{head}\n  no figures: {findings.problem}\n"
    lines = _aligned([_HEAD, *(_cells(row) for row in findings.rows)])
    told: list[str] = [head, lines[0]]
    for row, line in zip(findings.rows, lines[1:], strict=True):
        told.append(line)
        told += [f"      {remark}" for remark in _remarks(row)]
    return "\n".join(told) + "\n"


def summary(findings: Sequence[Findings]) -> str:
    verdicts = [row.verdict for one in findings for row in one.rows]
    without = [one.name for one in findings if one.problem]
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in Verdict)
    return counts + (f"; without figures: {', '.join(without)}" if without else "")


def as_json(findings: Findings, pace: Pace, machine: dict[str, object]) -> dict[str, object]:
    return {
        "question": findings.name,
        "title": findings.title,
        "problem": findings.problem or None,
        "seconds": round(findings.seconds, 1),
        "load_average": [findings.load_before, findings.load_after],
        "pace": asdict(pace),
        "machine": machine,
        "rows": [_row_as_json(row) for row in findings.rows],
    }


def number(value: float) -> str:
    """As many digits as mean something."""
    for least, digits in ((100, 0), (10, 1), (1, 2)):
        if abs(value) >= least:
            return f"{value:,.{digits}f}"
    return f"{value:.3f}"


def _row_as_json(row: Row) -> dict[str, object]:
    return {
        "what": row.what,
        "unit": row.unit,
        "ours": _series_as_json(row.ours),
        "against": None if row.against is None else _series_as_json(row.against),
        "ratio": None if row.ratio is None else round(row.ratio, 3),
        "goal": None if row.goal is None else str(row.goal),
        "verdict": row.verdict,
        "errors": row.errors,
        "note": row.note,
    }


def _series_as_json(series: Series) -> dict[str, object]:
    values = [round(value, 3) for value in series.values]
    return {"of": series.of, "median": round(series.median, 3), "values": values}


def _cells(row: Row) -> tuple[str, ...]:
    against = row.against
    return (
        row.what,
        row.unit,
        number(row.ours.median),
        "" if against is None else number(against.median),
        "" if against is None else against.of,
        "" if row.ratio is None else f"{row.ratio:.2f}",
        "" if row.goal is None else str(row.goal),
        "" if row.verdict is Verdict.TOLD else row.verdict,
    )


def _remarks(row: Row) -> list[str]:
    errors = [f"errors: {row.errors}"] if row.errors else []
    return errors + ([row.note] if row.note else [])


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  "
        + "  ".join(
            cell.ljust(width) if position in _LEFT else cell.rjust(width)
            for position, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
