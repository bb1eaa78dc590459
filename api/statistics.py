"""Body and answer of get_statistics."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    Field,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from api.examples import REQUESTS
from api.platforms import PlatformName
from api.schemas import Answer, Request
from domain.histogram import percentiles
from domain.operation import OperationKind, OperationStatus
from domain.slices import in_slices
from domain.statistics import UNKNOWN_VERB, Figures, FiguresByGroup, Period
from service.use_cases.get_statistics import GetStatistics, Statistics

_STEPS = {"minute": 60, "hour": 3_600, "day": 86_400}
_LONGEST_STEP = 36_600 * 86_400
_PERCENTS = (50, 95, 99)
_COST_OF_A_POINT = 1_000  # as many values to copy take as long
_LABELS = frozenset(REQUESTS) | {UNKNOWN_VERB}


def _seconds(value: object) -> object:
    """Of a name, or whole minutes of seconds."""
    seconds = value
    if isinstance(value, str):
        seconds = int(value) if value.isascii() and value.isdecimal() else _STEPS.get(value)
    if type(seconds) is int and seconds % 60 == 0 and 0 < seconds <= _LONGEST_STEP:
        return seconds
    raise PydanticCustomError(
        "step", "must be minute, hour, day, or whole minutes in seconds, as 60 or 300"
    )


def _known_verb(value: str) -> str:
    if value not in _LABELS:
        raise PydanticCustomError("verb", "is no verb of this service, nor unknown")
    return value


class GetStatisticsRequest(Request):
    since: Annotated[
        AwareDatetime | None,
        Field(
            alias="from",
            description="From then on, with a time zone; absent or null: an hour before `to`.",
            examples=["2026-11-22T09:00:00Z"],
        ),
    ] = None
    until: Annotated[
        AwareDatetime | None,
        Field(
            alias="to",
            description="Until just before then, with a time zone; absent or null: now.",
            examples=["2026-11-22T10:00:00Z"],
        ),
    ] = None
    step: Annotated[
        Annotated[int, BeforeValidator(_seconds)] | None,
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "integer", "multipleOf": 60, "minimum": 60},
                    {"type": "string"},
                    {"type": "null"},
                ]
            }
        ),
        Field(
            description="How long each point is: `minute`, `hour`, `day`, or whole minutes in"
            " seconds. The first begins at `from`; at most 1,500. Absent or null: no points.",
            examples=[300],
        ),
    ] = None
    platform_name: Annotated[
        PlatformName | None,
        Field(
            description="Only this platform's; absent or null: all of them for those who have the"
            " scope `admin`, and their own for others."
        ),
    ] = None
    verb: Annotated[
        Annotated[str, AfterValidator(_known_verb)] | None,
        Field(
            description="Only this verb's; `unknown`: of paths that are no verb's. Absent or null:"
            " all.",
            examples=["exec_dml"],
        ),
    ] = None

    def command(self, platform_name: str | None) -> GetStatistics:
        """``platform_name``: that the caller may ask about."""
        return GetStatistics(
            platform_name=platform_name,
            verb=self.verb,
            since=self.since,
            until=self.until,
            step=None if self.step is None else timedelta(seconds=self.step),
        )


class FailuresView(BaseModel):
    code: int
    requests: int


class FiguresView(BaseModel):
    requests: int
    successes: int = Field(description="Those that were answered with code 0.")
    failures: list[FailuresView] = Field(description="The others, by code; the most first.")
    success_rate: float | None = Field(description="From 0 to 1; null: there were no requests.")
    mean_ms: float | None
    p50_ms: float | None = Field(description="So long took half of them at most; within 9.1 %.")
    p95_ms: float | None
    p99_ms: float | None
    rows_in: int = Field(description="Rows that exec_dml inserted, updated, deleted or merged.")
    rows_out: int = Field(description="Rows that its statements answered.")
    bytes_in: int = Field(description="Of requests' bodies.")
    bytes_out: int = Field(description="Of answers' bodies.")


class FiguresOfVerb(FiguresView):
    verb: str


class FiguresOfPlatform(FiguresView):
    platform_name: str | None = Field(description="null: no key told which.")


class PointView(FiguresView):
    at: datetime = Field(description="Where the point begins.")
    verbs: list[FiguresOfVerb] = Field(description="Those that were called.")


class EndedOperationsView(BaseModel):
    kind: OperationKind
    status: OperationStatus
    number: int
    mean_seconds: float | None = Field(description="From start to end; null: none was started.")


class StatisticsView(BaseModel):
    since: datetime = Field(alias="from", description="As asked, or a little before.")
    until: datetime = Field(alias="to", description="As asked, or a little after; at most now.")
    step: int | None = Field(description="Seconds.")
    totals: FiguresView
    verbs: list[FiguresOfVerb]
    platforms: list[FiguresOfPlatform]
    operations: list[EndedOperationsView] = Field(description="That ended in this time.")
    points: list[PointView] = Field(description="All, also those without requests.")


class StatisticsAnswer(Answer):
    data: StatisticsView


async def told(statistics: Statistics) -> dict[str, object]:
    period = statistics.period
    return {
        "from": period.since,
        "to": period.until,
        "step": None if period.step is None else int(period.step.total_seconds()),
        "totals": _figures(statistics.by_verb.whole),
        "verbs": _groups("verb", statistics.by_verb),
        "platforms": _groups("platform_name", statistics.by_platform),
        "operations": [
            {
                "kind": each.kind,
                "status": each.status,
                "number": each.number,
                "mean_seconds": _rounded(each.mean_seconds),
            }
            for each in statistics.operations
        ],
        "points": await _points(period, statistics.points),
    }


async def _points(period: Period, known: dict[int, FiguresByGroup]) -> list[dict[str, object]]:
    if period.step is None:
        return []
    nothing = FiguresByGroup()
    points = []
    async for some in in_slices(range(period.points), _COST_OF_A_POINT):
        for number in some:
            point = known.get(number, nothing)
            at = {"at": period.since + number * period.step}
            points.append(at | _figures(point.whole) | {"verbs": _groups("verb", point)})
    return points


def _groups(name: str, figures: FiguresByGroup) -> list[dict[str, object]]:
    """The most used first."""
    by_use = sorted(
        figures.groups.items(), key=lambda group: (-group[1].counted.requests, group[0] or "")
    )
    return [{name: group} | _figures(of_group) for group, of_group in by_use]


def _figures(figures: Figures) -> dict[str, object]:
    counted = figures.counted
    mean: float | None = None
    times: list[float] | list[None] = [None for _ in _PERCENTS]
    if counted.requests:
        mean = counted.seconds / counted.requests
        times = percentiles(counted.histogram, _PERCENTS)
    return {
        "requests": counted.requests,
        "successes": figures.successes,
        "failures": [
            {"code": code, "requests": number}
            for code, number in sorted(
                figures.failures.items(), key=lambda failed: (-failed[1], failed[0])
            )
        ],
        "success_rate": (
            round(figures.successes / counted.requests, 6) if counted.requests else None
        ),
        "mean_ms": _milliseconds(mean),
        **{
            f"p{percent}_ms": _milliseconds(time)
            for percent, time in zip(_PERCENTS, times, strict=True)
        },
        "rows_in": counted.rows_in,
        "rows_out": counted.rows_out,
        "bytes_in": counted.bytes_in,
        "bytes_out": counted.bytes_out,
    }


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
