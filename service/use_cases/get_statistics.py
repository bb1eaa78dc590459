from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.period import period_of
from domain.platform import Identity, Scope
from domain.ports import Tally, UnitOfWork, UnitOfWorkFactory
from domain.slices import in_slices
from domain.statistics import EndedOperations, FiguresByGroup, Keeping, Line, Period
from exceptions.errors import InvalidParameter, ScopeMissing

MOST_LINES = 10_000  # of one verb and one code in one point; a tenth of a second of work


@dataclass(frozen=True, slots=True)
class GetStatistics:
    """``platform_name``, ``verb`` None: all that there are; ``step`` None: no points are asked for.

    ``since`` and ``until`` None: the last hour, or the hour before the other.
    """

    identity: Identity
    platform_name: str | None
    verb: str | None
    since: datetime | None
    until: datetime | None
    step: timedelta | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """``points``: of verbs, by the number of the point; of one without requests there is none."""

    period: Period
    by_verb: FiguresByGroup
    by_platform: FiguresByGroup
    operations: Sequence[EndedOperations]
    points: dict[int, FiguresByGroup]


async def get_statistics(
    command: GetStatistics, unit_of_work: UnitOfWorkFactory, tally: Tally, keeping: Keeping
) -> Statistics:
    """With all that this worker has counted so far.

    Raises InvalidParameter, ScopeMissing, PlatformNotFound.
    """
    _refuse_others_figures(command)
    await tally.write()
    async with unit_of_work() as work:
        platform_id = await _platform_id(command, work)
        kept = await work.statistics.kept(keeping)
        period = period_of(command.since, command.until, command.step, kept)
        whose = (platform_id, command.verb)
        lines = await work.statistics.by_verb(period, *whose, MOST_LINES + 1)
        of_platforms = await work.statistics.by_platform(period, *whose)
        operations = await work.statistics.operations(period, *whose)
    if len(lines) > MOST_LINES:
        raise InvalidParameter(
            f"step: the points of this would hold more than {MOST_LINES} figures: take a longer"
            " step, or one verb"
        )
    by_platform = FiguresByGroup()
    by_platform.add(of_platforms)
    by_verb, points = await _together(lines)
    return Statistics(period, by_verb, by_platform, operations, points)


def _refuse_others_figures(command: GetStatistics) -> None:
    identity = command.identity
    if Scope.ADMIN in identity.scopes:
        return
    if command.platform_name not in {None, identity.platform_name}:
        raise ScopeMissing(
            f"The figures of another platform need the scope {Scope.ADMIN}, which the key has not"
            " got."
        )


async def _platform_id(command: GetStatistics, work: UnitOfWork) -> int | None:
    if Scope.ADMIN not in command.identity.scopes:
        return command.identity.platform_id
    if command.platform_name is None:
        return None
    return (await work.platforms.find_platform(command.platform_name)).id


async def _together(lines: Sequence[Line]) -> tuple[FiguresByGroup, dict[int, FiguresByGroup]]:
    whole = FiguresByGroup()
    points: dict[int, FiguresByGroup] = {}
    async for some in in_slices(lines, _COST_OF_A_LINE):
        whole.add(some)
        for line in some:
            points.setdefault(line.point, FiguresByGroup()).add((line,))
    return whole, points


_COST_OF_A_LINE = 100  # as many values to copy take as long
